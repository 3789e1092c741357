/* SPDX-License-Identifier: MIT */
/* How this works: what a page says is a list of (family, label, value), sorted and each once, so that equal lists say the same whatever
 * order it came in. Several values of one label are those of several series: engines, workers. */
#include "record/versions.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/jsontree.h"
#include "base/safe_text.h"

enum {
    SAID_MAX = 64,       /* things of a page; a page that says more is not compared */
    VALUE_MAX = 100,     /* bytes of a safe value, with its NUL; longer ones end in ~ */
    NOTE_MAX = 64 << 10, /* bytes of SAID_MAX of them */
    VALUES_MAX = 400,    /* bytes of the values of one label, with a NUL */
    SHOWN_MAX = 4,       /* labels of a family whose change is told in words */
    TOLD_MAX = 8,
    AGAIN_MS = 10 * 60 * 1000
};

struct said {
    uint16_t family, label; /* of the profile's list */
    char value[VALUE_MAX];
};

struct list {
    struct said said[SAID_MAX];
    uint32_t count;
};

struct versions {
    const struct profile *p;
    const char *name;
    struct list now, before;
    bool too_many;
    bool read; /* before is what the store has */
    struct {
        uint64_t what;
        int64_t at_ms;
    } told[TOLD_MAX]; /* the newest first */
};

enum err versions_new(const struct profile *p, const char *name, struct versions **ret, struct errctx *ctx)
{
    struct versions *v = calloc(1, sizeof *v);
    if (v == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the versions of source %s", name);
    v->p = p;
    v->name = name;
    *ret = v;
    return ERR_OK;
}

void versions_free(struct versions *v)
{
    free(v);
}

void versions_begin(struct versions *v)
{
    v->now.count = 0;
    v->too_many = false;
}

bool versions_wants(const struct versions *v, struct str series)
{
    return v != NULL && profile_version_of(v->p, series) != NULL;
}

static bool is_same(const struct said *a, const struct said *b)
{
    return a->family == b->family && a->label == b->label && strcmp(a->value, b->value) == 0;
}

static void add(struct versions *v, const struct said *s)
{
    for (uint32_t i = 0; i < v->now.count; i++)
        if (is_same(&v->now.said[i], s))
            return;
    if (v->now.count == SAID_MAX)
        v->too_many = true;
    else
        v->now.said[v->now.count++] = *s;
}

void versions_see(struct versions *v, const struct expo_sample *s)
{
    const struct profile_version *of = profile_version_of(v->p, s->series);
    if (of == NULL)
        return;
    for (size_t i = 0; i < of->label_count; i++) {
        for (size_t k = 0; k < s->label_count; k++) {
            struct said said = {.family = (uint16_t)(of - v->p->versions), .label = (uint16_t)i};
            if (!str_eq_z(s->labels[k].name, of->labels[i]))
                continue;
            safe_text(said.value, sizeof said.value, s->labels[k].value); /* escapes stay: they are compared, and shown as they stand */
            add(v, &said);
        }
    }
}

static int by_what(const void *a, const void *b)
{
    const struct said *x = a, *y = b;
    if (x->family != y->family)
        return x->family < y->family ? -1 : 1;
    if (x->label != y->label)
        return x->label < y->label ? -1 : 1;
    return strcmp(x->value, y->value);
}

/* ---- the note ---- */

static const char *note_of(const struct versions *v, struct arena *a)
{
    return arena_printf(a, "versions:%s", v->name);
}

/* Of another profile's families, or an older one's, nothing is taken. */
static void take(struct versions *v, const struct jsontree *n)
{
    const struct jsontree *family = jsontree_get(n, "family"), *label = jsontree_get(n, "label"), *value = jsontree_get(n, "value");
    if (family == NULL || label == NULL || value == NULL || v->before.count == SAID_MAX)
        return;
    for (size_t i = 0; i < v->p->version_count; i++) {
        const struct profile_version *of = &v->p->versions[i];
        for (size_t k = 0; k < of->label_count; k++) {
            struct said *s = &v->before.said[v->before.count];
            if (!str_eq_z(family->text, of->family) || !str_eq_z(label->text, of->labels[k]))
                continue;
            *s = (struct said){.family = (uint16_t)i, .label = (uint16_t)k};
            (void)str_copy(s->value, sizeof s->value, value->text);
            v->before.count++;
        }
    }
}

static enum err read_note(struct versions *v, struct store *st, struct errctx *ctx)
{
    struct arena a;
    struct str text;
    const struct jsontree *root;
    arena_init(&a, 4 * NOTE_MAX);
    const char *note = note_of(v, &a);
    enum err e = note != NULL ? store_note(st, note, INT64_MAX, &a, &text) : ERR_NOMEM;
    v->before.count = 0;
    if (e == ERR_OK)
        e = jsontree_parse(text, &a, &root, ctx);
    for (const struct jsontree *n = e == ERR_OK ? root->child : NULL; n != NULL; n = n->next)
        take(v, n);
    arena_fini(&a);
    v->read = e == ERR_OK || e == ERR_NOTFOUND;
    return v->read ? ERR_OK : errctx_set(ctx, e, "cannot read which versions source %s told last", v->name);
}

static enum err put_note(struct versions *v, struct store *st, int64_t t_ms, struct errctx *ctx)
{
    struct buf text;
    struct json w;
    struct arena a;
    arena_init(&a, NOTE_MAX);
    buf_init(&text, NOTE_MAX);
    json_begin(&w, &text, false);
    json_array(&w, NULL);
    for (uint32_t i = 0; i < v->now.count; i++) {
        const struct said *s = &v->now.said[i];
        json_object(&w, NULL);
        json_string(&w, "family", v->p->versions[s->family].family);
        json_string(&w, "label", v->p->versions[s->family].labels[s->label]);
        json_string(&w, "value", s->value);
        json_end(&w);
    }
    json_end(&w);
    const char *note = note_of(v, &a);
    enum err e = note != NULL && w.err == ERR_OK ? store_put_note(st, note, t_ms, buf_str(&text), ctx)
                                                 : errctx_set(ctx, ERR_NOMEM, "out of memory for the versions of source %s", v->name);
    buf_fini(&text);
    arena_fini(&a);
    return e;
}

/* ---- what changed ---- */

/* "v1.2.0", "v1.2.0+v1.2.1", "not told". */
static const char *values_of(const struct list *l, uint16_t family, uint16_t label, char out[VALUES_MAX])
{
    out[0] = '\0';
    for (uint32_t i = 0; i < l->count; i++) {
        const struct said *s = &l->said[i];
        const size_t used = strlen(out);
        if (s->family == family && s->label == label)
            (void)str_format(out + used, VALUES_MAX - used, "%s%s", used > 0 ? "+" : "", s->value);
    }
    if (out[0] == '\0')
        (void)str_format(out, VALUES_MAX, "not told");
    return out;
}

/* False: the family says what it said before. */
static bool difference(const struct versions *v, uint16_t family, struct version_change *ret)
{
    const struct profile_version *of = &v->p->versions[family];
    char is[VALUES_MAX], was[VALUES_MAX];
    unsigned count = 0;
    *ret = (struct version_change){.config = of->config};
    (void)str_format(ret->text, sizeof ret->text, "%s:", of->family);
    for (uint16_t k = 0; k < of->label_count; k++) {
        const size_t used = strlen(ret->text);
        if (strcmp(values_of(&v->before, family, k, was), values_of(&v->now, family, k, is)) == 0)
            continue;
        if (++count <= SHOWN_MAX)
            (void)str_format(ret->text + used, sizeof ret->text - used, "%s %s %s -> %s", count > 1 ? "," : "", of->labels[k], was, is);
    }
    const size_t used = strlen(ret->text);
    if (count > SHOWN_MAX)
        (void)str_format(ret->text + used, sizeof ret->text - used, ", and %u more", count - SHOWN_MAX);
    return count > 0;
}

/* What alternates behind one address is not told each time. */
static bool is_news(struct versions *v, const char *text, int64_t t_ms)
{
    const uint64_t what = hash_bytes(text, strlen(text), 0);
    for (int i = 0; i < TOLD_MAX; i++)
        if (v->told[i].what == what && t_ms - v->told[i].at_ms < AGAIN_MS)
            return false;
    memmove(v->told + 1, v->told, (TOLD_MAX - 1) * sizeof *v->told);
    v->told[0].what = what;
    v->told[0].at_ms = t_ms;
    return true;
}

static bool has_family(const struct list *l, uint16_t family)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (l->said[i].family == family)
            return true;
    return false;
}

enum err versions_end(struct versions *v, struct store *st, int64_t t_ms, bool mixed, struct version_change ret[PROFILE_VERSIONS_MAX],
                      size_t *ret_count, struct errctx *ctx)
{
    *ret_count = 0;
    enum err e = v->read ? ERR_OK : read_note(v, st, ctx);
    if (e != ERR_OK || mixed || v->too_many || v->now.count == 0)
        return e;
    const struct list page = v->now;
    for (uint32_t i = 0; i < v->before.count; i++) /* a page that lacks a family says nothing of it */
        if (!has_family(&page, v->before.said[i].family))
            add(v, &v->before.said[i]);
    qsort(v->now.said, v->now.count, sizeof *v->now.said, by_what);
    bool moved = v->now.count != v->before.count;
    for (uint32_t i = 0; !moved && i < v->now.count; i++)
        moved = !is_same(&v->now.said[i], &v->before.said[i]);
    if (!moved)
        return ERR_OK;
    for (uint16_t f = 0; f < v->p->version_count; f++)
        *ret_count += has_family(&v->before, f) && difference(v, f, &ret[*ret_count]) && is_news(v, ret[*ret_count].text, t_ms);
    e = put_note(v, st, t_ms, ctx);
    v->before = v->now;
    return e;
}

void versions_forget(struct versions *v)
{
    v->read = false;
    memset(v->told, 0, sizeof v->told);
}
