/* SPDX-License-Identifier: MIT */
/* How this works: slots[] holds all values. A counter or gauge owns one slot; a histogram owns one per bucket (not cumulative, the
 * open one last) and one for its sum. A line refers to its slot and says how to read it: as it is, as a running total of buckets,
 * or as that total itself (_count). */
#include "sim/page.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "sim/number.h"

enum {
    FAMILIES_MAX = 128,
    SLOTS_MAX = 1 << 20,
    PREFIX_MAX = 4096, /* bytes of one line before its value */
    TEXT_MAX = 64 << 20
};

enum reading { READ_VALUE, READ_BUCKET_FIRST, READ_BUCKET, READ_RUNNING };

struct line {
    const char *prefix;
    uint32_t prefix_len, slot;
    int64_t shown; /* the value that text holds */
    uint8_t reading, decimals, text_len;
    char text[NUMBER_MAX];
};

struct lines {
    struct line *at;
    size_t count, cap;
};

struct family {
    const struct page_family *def;
    struct lines lines, created;
    char *created_name; /* NULL: the family has none */
};

struct child {
    uint32_t slot;
    uint16_t family;
};

struct page {
    enum page_style style;
    enum err err;
    struct arena text;
    struct family family[FAMILIES_MAX];
    uint32_t family_count;
    struct child *child;
    size_t child_count, child_cap;
    int64_t *slots;
    size_t slot_count, slot_cap;
    size_t bytes_max; /* no rendering is longer */
};

struct page *page_new(enum page_style style)
{
    struct page *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    p->style = style;
    arena_init(&p->text, TEXT_MAX);
    p->child_count = 1; /* child 0 is "not there yet" */
    return p;
}

void page_free(struct page *p)
{
    if (p == NULL)
        return;
    for (uint32_t i = 0; i < p->family_count; i++) {
        free(p->family[i].lines.at);
        free(p->family[i].created.at);
    }
    free(p->child);
    free(p->slots);
    arena_fini(&p->text);
    free(p);
}

static void fail(struct page *p, enum err e)
{
    if (p->err == ERR_OK)
        p->err = e;
}

static bool has_created(const struct page *p, const struct page_family *def)
{
    return p->style == PAGE_PYTHON && def->type != PAGE_GAUGE && !def->no_created;
}

uint32_t page_declare(struct page *p, const struct page_family *def)
{
    assert(p->family_count < FAMILIES_MAX && def->bound_count <= PAGE_BOUNDS_MAX);
    struct family *f = &p->family[p->family_count];
    *f = (struct family){.def = def};
    size_t stem = strlen(def->name);
    if (def->type == PAGE_COUNTER && stem > 6 && strcmp(def->name + stem - 6, "_total") == 0)
        stem -= 6;
    if (has_created(p, def)) {
        f->created_name = arena_printf(&p->text, "%.*s_created", (int)stem, def->name);
        if (f->created_name == NULL)
            fail(p, ERR_NOMEM);
    }
    p->bytes_max += 2 * (2 * strlen(def->name) + strlen(def->help) + 64);
    return p->family_count++;
}

/* Room for one more element of size bytes; false (and the page failed) when there is none. */
static bool grow(struct page *p, void **at, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return true;
    size_t want = *cap == 0 ? 16 : *cap * 2;
    want = want < need ? need : want;
    void *more = want <= SLOTS_MAX ? realloc(*at, want * size) : NULL;
    if (more == NULL) {
        fail(p, want <= SLOTS_MAX ? ERR_NOMEM : ERR_LIMIT);
        return false;
    }
    *at = more;
    *cap = want;
    return true;
}

/* A line's text before its value, built in a fixed room; too long a text sticks as cut. */
struct prefix {
    char at[PREFIX_MAX];
    size_t len;
    bool labels, cut;
};

static void put(struct prefix *x, const char *z, size_t n)
{
    if (n > sizeof x->at - x->len) {
        x->cut = true;
        return;
    }
    memcpy(x->at + x->len, z, n);
    x->len += n;
}

static void put_z(struct prefix *x, const char *z)
{
    put(x, z, strlen(z));
}

static void put_label(struct prefix *x, const char *name, const char *value)
{
    put(x, x->labels ? "," : "{", 1);
    x->labels = true;
    put_z(x, name);
    put(x, "=\"", 2);
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '\\' || *c == '"')
            put(x, "\\", 1);
        if (*c == '\n')
            put(x, "\\n", 2);
        else
            put(x, c, 1);
    }
    put(x, "\"", 1);
}

static void add_line(struct page *p, struct lines *to, const struct prefix *x, uint32_t slot, enum reading reading, unsigned decimals)
{
    char *text = arena_strdup(&p->text, (struct str){x->at, x->len});
    void *at = to->at;
    if (text == NULL || x->cut) {
        fail(p, x->cut ? ERR_LIMIT : ERR_NOMEM);
        return;
    }
    if (!grow(p, &at, &to->cap, to->count + 1, sizeof *to->at))
        return;
    to->at = at;
    to->at[to->count++] = (struct line){.prefix = text,
                                        .prefix_len = (uint32_t)x->len,
                                        .slot = slot,
                                        .shown = -1,
                                        .reading = (uint8_t)reading,
                                        .decimals = (uint8_t)decimals};
    p->bytes_max += x->len + NUMBER_MAX + 1;
}

struct series_text {
    const struct page_family *def;
    const char *const *values;
};

/* name{labels} with `le` (NULL: none) where the style puts it. */
static struct prefix series_prefix(const struct page *p, const struct series_text *s, const char *name, const char *suffix, const char *le)
{
    struct prefix x = {.len = 0};
    bool alphabetical = p->style == PAGE_PYTHON;
    put_z(&x, name);
    put_z(&x, suffix);
    for (size_t i = 0; s->def->labels != NULL && s->def->labels[i] != NULL; i++) {
        if (le != NULL && alphabetical && strcmp(s->def->labels[i], "le") > 0) {
            put_label(&x, "le", le);
            le = NULL;
        }
        put_label(&x, s->def->labels[i], s->values[i]);
    }
    if (le != NULL)
        put_label(&x, "le", le);
    put_z(&x, x.labels ? "} " : " ");
    return x;
}

static size_t number(const struct page *p, char out[NUMBER_MAX], int64_t value, unsigned decimals)
{
    return p->style == PAGE_PYTHON ? number_python(out, value, decimals) : number_go(out, value, decimals);
}

static void add_histogram_lines(struct page *p, struct family *f, const struct series_text *s, uint32_t slot)
{
    const struct page_family *def = f->def;
    for (size_t i = 0; i <= def->bound_count; i++) {
        char le[NUMBER_MAX + 1];
        le[number(p, le, i < def->bound_count ? def->bounds[i] : NUMBER_INF, def->decimals)] = '\0';
        struct prefix x = series_prefix(p, s, def->name, "_bucket", le);
        add_line(p, &f->lines, &x, slot + (uint32_t)i, i == 0 ? READ_BUCKET_FIRST : READ_BUCKET, 0);
    }
    struct prefix count = series_prefix(p, s, def->name, "_count", NULL);
    struct prefix sum = series_prefix(p, s, def->name, "_sum", NULL);
    uint32_t sum_slot = slot + (uint32_t)def->bound_count + 1;
    if (p->style == PAGE_GO)
        add_line(p, &f->lines, &sum, sum_slot, READ_VALUE, def->decimals);
    add_line(p, &f->lines, &count, slot, READ_RUNNING, 0);
    if (p->style == PAGE_PYTHON)
        add_line(p, &f->lines, &sum, sum_slot, READ_VALUE, def->decimals);
}

/* Takes n zeroed slots; false when the page failed. */
static bool take_slots(struct page *p, size_t n, uint32_t *ret_first)
{
    void *at = p->slots;
    if (!grow(p, &at, &p->slot_cap, p->slot_count + n, sizeof *p->slots))
        return false;
    p->slots = at;
    memset(p->slots + p->slot_count, 0, n * sizeof *p->slots);
    *ret_first = (uint32_t)p->slot_count;
    p->slot_count += n;
    return true;
}

page_child page_add(struct page *p, uint32_t family, const char *const *values, int64_t created_ms)
{
    assert(family < p->family_count);
    struct family *f = &p->family[family];
    struct series_text s = {f->def, values};
    bool histogram = f->def->type == PAGE_HISTOGRAM;
    uint32_t slot, created_slot;
    void *at = p->child;
    if (p->err != ERR_OK || !take_slots(p, histogram ? f->def->bound_count + 2 : 1, &slot) ||
        !grow(p, &at, &p->child_cap, p->child_count + 1, sizeof *p->child))
        return 0;
    p->child = at;
    p->child[p->child_count] = (struct child){slot, (uint16_t)family};
    if (histogram) {
        add_histogram_lines(p, f, &s, slot);
    } else {
        struct prefix x = series_prefix(p, &s, f->def->name, "", NULL);
        add_line(p, &f->lines, &x, slot, READ_VALUE, f->def->decimals);
    }
    if (f->created_name != NULL && take_slots(p, 1, &created_slot)) {
        struct prefix x = series_prefix(p, &s, f->created_name, "", NULL);
        p->slots[created_slot] = created_ms;
        add_line(p, &f->created, &x, created_slot, READ_VALUE, 3);
    }
    return (page_child)p->child_count++;
}

void page_increment(struct page *p, page_child c, int64_t by)
{
    if (c != 0)
        p->slots[p->child[c].slot] += by;
}

void page_set(struct page *p, page_child c, int64_t value)
{
    if (c != 0)
        p->slots[p->child[c].slot] = value;
}

void page_observe(struct page *p, page_child c, int64_t v, int64_t n)
{
    if (c == 0)
        return;
    const struct page_family *def = p->family[p->child[c].family].def;
    int64_t *slot = p->slots + p->child[c].slot;
    size_t b = 0;
    while (b < def->bound_count && v > def->bounds[b])
        b++;
    slot[b] += n;
    slot[def->bound_count + 1] += v * n;
}

size_t page_series(const struct page *p)
{
    size_t n = 0;
    for (uint32_t i = 0; i < p->family_count; i++)
        n += p->family[i].lines.count + p->family[i].created.count;
    return n;
}

static char *copy(char *to, const char *z, size_t n)
{
    memcpy(to, z, n);
    return to + n;
}

static char *copy_z(char *to, const char *z)
{
    return copy(to, z, strlen(z));
}

static char *put_header(char *at, const char *name, const char *help, const char *type)
{
    at = copy_z(copy_z(copy_z(copy_z(at, "# HELP "), name), " "), help);
    at = copy_z(copy_z(copy_z(copy_z(at, "\n# TYPE "), name), " "), type);
    *at++ = '\n';
    return at;
}

static char *put_lines(const struct page *p, struct lines *lines, char *at)
{
    int64_t running = 0;
    for (size_t i = 0; i < lines->count; i++) {
        struct line *l = &lines->at[i];
        int64_t v = p->slots[l->slot];
        if (l->reading != READ_VALUE) {
            running = l->reading == READ_BUCKET_FIRST ? v : l->reading == READ_BUCKET ? running + v : running;
            v = running;
        }
        if (v != l->shown || l->text_len == 0) {
            l->text_len = (uint8_t)number(p, l->text, v, l->decimals);
            l->shown = v;
        }
        at = copy(at, l->prefix, l->prefix_len);
        at = copy(at, l->text, l->text_len);
        *at++ = '\n';
    }
    return at;
}

static const char *type_name(enum page_type t)
{
    return t == PAGE_COUNTER ? "counter" : t == PAGE_GAUGE ? "gauge" : "histogram";
}

enum err page_render(struct page *p, struct buf *out)
{
    if (p->err != ERR_OK)
        return p->err;
    char *start = buf_reserve(out, p->bytes_max + 1);
    if (start == NULL)
        return p->bytes_max > out->max - out->len ? ERR_LIMIT : ERR_NOMEM;
    char *at = start;
    for (uint32_t i = 0; i < p->family_count; i++) {
        struct family *f = &p->family[i];
        /* Go's exporter leaves empty families out; Python's client prints the header of every declared one. */
        if (f->lines.count == 0 && p->style == PAGE_GO)
            continue;
        at = put_header(at, f->def->name, f->def->help, type_name(f->def->type));
        at = put_lines(p, &f->lines, at);
        if (f->created.count > 0) {
            at = put_header(at, f->created_name, f->def->help, "gauge");
            at = put_lines(p, &f->created, at);
        }
    }
    *at = '\0';
    out->len += (size_t)(at - start);
    return ERR_OK;
}
