/* SPDX-License-Identifier: MIT */
/* How this works: a line is model TAB provider TAB mode TAB since TAB prices; prices are [service.]term[@N|%N]=pico-USD, `@` re-pricing the
 * whole request above N prompt tokens and `%` only what lies above, region.NAME=ppt of an uplift, or `!` and why there is none. The last
 * line counts the rows, so that a cut file is known. */
#include "analysis/price_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"

#define MAGIC "gwtop-prices "
enum { FORM = 1 };

/* ---- reading ---- */

struct lines {
    struct str text;
    size_t at;
    unsigned number; /* of the line last taken */
    const char *name;
    struct errctx *ctx;
    char *own;                /* the text: fields are ended in place */
    struct price_rate *rates; /* room for those of all rows */
};

static enum err fault(const struct lines *l, const char *what)
{
    return errctx_set(l->ctx, ERR_PARSE, "%s:%u: %s", l->name, l->number, what);
}

/* The next line without its end; false after the last. A line that is not ended is a cut one, and so is no line. */
static bool next_line(struct lines *l, struct str *ret)
{
    const char *p = l->text.p + l->at, *end = memchr(p, '\n', l->text.n - l->at);
    if (end == NULL)
        return false;
    l->number++;
    l->at = (size_t)(end + 1 - l->text.p);
    *ret = (struct str){p, (size_t)(end - p)};
    return true;
}

/* Cuts s at the first c: what is before it, and s becomes what is after it ("" when there is none). */
static struct str cut(struct str *s, char c)
{
    const char *at = s->n > 0 ? memchr(s->p, c, s->n) : NULL;
    struct str head = {s->p, at != NULL ? (size_t)(at - s->p) : s->n};
    *s = at != NULL ? (struct str){at + 1, s->n - head.n - 1} : (struct str){s->p + s->n, 0};
    return head;
}

/* A field as text of its own; what ended it has been cut off. */
static const char *field(const struct lines *l, struct str s)
{
    l->own[(size_t)(s.p - l->own) + s.n] = '\0';
    return s.p;
}

static bool read_count(struct str s, int64_t *ret)
{
    return str_to_i64(s, ret) && *ret >= 0;
}

/* "batch.input@200000=1250000" */
static bool read_rate(struct str word, struct price_rate *ret)
{
    enum price_service service = PRICE_STANDARD;
    enum price_term term;
    int64_t above = 0;
    struct str name = cut(&word, '='), head = name;
    const char *step = memchr(name.p, '@', name.n), *slope = memchr(name.p, '%', name.n);
    if (step != NULL || slope != NULL) {
        head = cut(&name, step != NULL ? '@' : '%');
        if (!read_count(name, &above))
            return false;
    }
    if (memchr(head.p, '.', head.n) != NULL && !price_service_by_name(cut(&head, '.'), &service))
        return false;
    if (!price_term_by_name(head, &term) || !read_count(word, &ret->pusd))
        return false;
    ret->term = (uint8_t)term;
    ret->service = (uint8_t)service;
    ret->graduated = step == NULL && slope != NULL;
    ret->above_tokens = above;
    return true;
}

/* "region.eu=11000" */
static bool read_uplift(struct str word, struct price_uplift *ret)
{
    struct str name = cut(&word, '=');
    (void)cut(&name, '.');
    return name.n > 0 && str_copy(ret->region, sizeof ret->region, name) && read_count(word, &ret->multiplier) && ret->multiplier > 0 &&
           ret->multiplier <= PRICE_UPLIFT_MAX;
}

static enum err read_prices(struct lines *l, struct str words, struct price *p)
{
    if (words.n > 0 && words.p[0] == '!') {
        p->unpriced = field(l, (struct str){words.p + 1, words.n - 1});
        return ERR_OK;
    }
    while (words.n > 0) {
        struct str word = cut(&words, ' ');
        if (str_has_prefix(word, "region.")) {
            if (p->uplift_count == PRICE_UPLIFTS_MAX || !read_uplift(word, &p->uplifts[p->uplift_count++]))
                return fault(l, "an uplift that cannot be read");
        } else if (p->rate_count == PRICE_RATES_MAX || !read_rate(word, &l->rates[p->rate_count++])) {
            return fault(l, "a price that cannot be read");
        }
    }
    p->rates = l->rates;
    l->rates += p->rate_count;
    return p->rate_count > 0 ? ERR_OK : fault(l, "a model without a price, and without why");
}

static enum err read_row(struct lines *l, struct str line, struct price *p)
{
    struct str model = cut(&line, '\t'), provider = cut(&line, '\t'), mode = cut(&line, '\t'), from = cut(&line, '\t');
    *p = (struct price){.from_ms = PRICE_ALWAYS, .multiplier = PRICE_ONE};
    if (model.n == 0 || model.n > PRICE_NAME_MAX || from.n == 0)
        return fault(l, "expected model, provider, mode, date and prices, separated by tabs");
    if (!str_eq_z(from, "-") && instant_parse(from, 0, &p->from_ms, NULL) != ERR_OK)
        return fault(l, "a date that cannot be read");
    p->model = field(l, model);
    p->provider = field(l, provider);
    p->mode = field(l, mode);
    return read_prices(l, line, p);
}

static enum err read_head(struct lines *l, struct price_table *t)
{
    struct str line;
    int64_t form;
    if (!price_table_is_ours(l->text) || !next_line(l, &line))
        return errctx_set(l->ctx, ERR_PARSE, "%s: not a price list of gwtop", l->name);
    (void)cut(&line, ' ');
    if (!str_to_i64(line, &form) || form < 1)
        return fault(l, "not a price list of gwtop");
    if (form > FORM)
        return errctx_set(l->ctx, ERR_VERSION, "%s: a price list of a newer gwtop", l->name);
    if (!next_line(l, &line) || !str_eq_z(cut(&line, ' '), "date") || instant_parse(line, 0, &t->date_ms, NULL) != ERR_OK)
        return fault(l, "the date of the list is missing");
    if (!next_line(l, &line) || !str_eq_z(cut(&line, ' '), "origin"))
        return fault(l, "the origin of the list is missing");
    t->origin = field(l, line);
    return ERR_OK;
}

static size_t count_of(struct str s, char c)
{
    size_t n = 0;
    for (const char *p = s.p, *end = s.p + s.n; p < end && (p = memchr(p, c, (size_t)(end - p))) != NULL; p++)
        n++;
    return n;
}

/* Room for all there can be: a row has a line, a rate a '='. */
static enum err make_room(struct lines *l, struct str text, struct arena *a, struct price **ret_rows)
{
    const size_t rows = count_of(text, '\n');
    if (rows > PRICE_ROWS_MAX)
        return errctx_set(l->ctx, ERR_LIMIT, "%s: more than %d rows", l->name, PRICE_ROWS_MAX);
    l->own = arena_alloc(a, text.n + 1);
    l->rates = arena_array(a, count_of(text, '=') + 1, sizeof *l->rates);
    *ret_rows = arena_array(a, rows + 1, sizeof **ret_rows);
    if (l->own == NULL || l->rates == NULL || *ret_rows == NULL)
        return errctx_set(l->ctx, ERR_NOMEM, "%s: out of memory", l->name);
    memcpy(l->own, text.p, text.n);
    l->text = (struct str){l->own, text.n};
    return ERR_OK;
}

bool price_table_is_ours(struct str text)
{
    return str_has_prefix(text, MAGIC);
}

enum err price_table_parse(struct str text, const char *name, struct arena *a, struct price_table *ret, struct errctx *ctx)
{
    struct lines l = {.text = text, .name = name, .ctx = ctx};
    struct price_table t = {0};
    struct errctx why = {""};
    struct str line;
    struct price *rows = NULL;
    int64_t said = -1;
    enum err e = price_table_is_ours(text) ? make_room(&l, text, a, &rows) : ERR_OK;
    if (e == ERR_OK)
        e = read_head(&l, &t);
    while (e == ERR_OK && said < 0 && next_line(&l, &line)) {
        if (str_has_prefix(line, "end ") && memchr(line.p, '\t', line.n) == NULL) {
            (void)cut(&line, ' ');
            if (!read_count(line, &said))
                e = fault(&l, "the end does not say how many rows there are");
        } else {
            e = read_row(&l, line, &rows[t.count]);
            t.count += e == ERR_OK;
        }
    }
    if (e == ERR_OK && (said != (int64_t)t.count || l.at != text.n))
        e = said < 0 ? errctx_set(ctx, ERR_PARSE, "%s: cut after line %u: its end is missing", name, l.number)
                     : fault(&l, "the number of rows is not what the end says: the list was cut or changed");
    if (e == ERR_OK && (e = price_table_sort(rows, t.count, &why)) != ERR_OK)
        e = errctx_set(ctx, e, "%s: %s", name, why.text);
    if (e != ERR_OK)
        return e;
    t.rows = rows;
    *ret = t;
    return ERR_OK;
}

/* ---- writing ---- */

static void format_from(int64_t from_ms, char out[TIMEFMT_MAX])
{
    enum { DATE = 10 }; /* of 2026-06-02T00:00:00Z */
    if (from_ms == PRICE_ALWAYS) {
        (void)str_format(out, TIMEFMT_MAX, "-");
        return;
    }
    instant_format_iso(from_ms, out);
    if (instant_floor(from_ms, 86400000) == from_ms)
        out[DATE] = '\0';
}

static enum err write_rate(struct buf *out, const struct price_rate *r)
{
    char step[32] = "";
    if (r->above_tokens > 0 || r->graduated)
        (void)str_format(step, sizeof step, "%c%lld", r->graduated ? '%' : '@', (long long)r->above_tokens);
    const char *service = r->service != PRICE_STANDARD ? price_service_name((enum price_service)r->service) : "";
    return buf_printf(out, "%s%s%s%s=%lld", service, *service ? "." : "", price_term_info((enum price_term)r->term)->name, step,
                      (long long)r->pusd);
}

static enum err write_row(struct buf *out, const struct price *p)
{
    char from[TIMEFMT_MAX];
    format_from(p->from_ms, from);
    enum err e = buf_printf(out, "%s\t%s\t%s\t%s\t", p->model, p->provider, p->mode, from);
    if (e == ERR_OK && p->unpriced != NULL)
        e = buf_printf(out, "!%s", p->unpriced);
    for (uint32_t i = 0; i < p->rate_count && e == ERR_OK && p->unpriced == NULL; i++) {
        if (i > 0)
            e = buf_append_char(out, ' ');
        if (e == ERR_OK)
            e = write_rate(out, &p->rates[i]);
    }
    for (uint32_t i = 0; i < p->uplift_count && e == ERR_OK && p->unpriced == NULL; i++)
        e = buf_printf(out, " region.%s=%lld", p->uplifts[i].region, (long long)p->uplifts[i].multiplier);
    return e == ERR_OK ? buf_append_char(out, '\n') : e;
}

enum err price_table_write(const struct price_table *t, struct buf *out)
{
    char date[TIMEFMT_MAX];
    format_from(t->date_ms, date);
    enum err e = buf_printf(out, MAGIC "%d\ndate %s\norigin %s\n", FORM, date, t->origin);
    for (size_t i = 0; i < t->count && e == ERR_OK; i++)
        e = write_row(out, &t->rows[i]);
    return e == ERR_OK ? buf_printf(out, "end %zu\n", t->count) : e;
}

/* ---- order and looking up ---- */

static int compare_names(struct str a, struct str b)
{
    int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return c != 0 ? c : a.n < b.n ? -1 : a.n > b.n;
}

static int by_model(const void *a, const void *b)
{
    const struct price *x = a, *y = b;
    int c = strcmp(x->model, y->model);
    return c != 0 ? c : x->from_ms < y->from_ms ? -1 : x->from_ms > y->from_ms;
}

enum err price_table_sort(struct price *rows, size_t count, struct errctx *ctx)
{
    char from[TIMEFMT_MAX];
    qsort(rows, count, sizeof *rows, by_model);
    for (size_t i = 1; i < count; i++) {
        if (by_model(&rows[i - 1], &rows[i]) != 0)
            continue;
        format_from(rows[i].from_ms, from);
        return errctx_set(ctx, ERR_PARSE, "two prices for %s from one instant on (%s)", rows[i].model,
                          rows[i].from_ms == PRICE_ALWAYS ? "the beginning" : from);
    }
    return ERR_OK;
}

/* Where the rows of a model begin. */
static size_t lower_bound(const struct price_table *t, struct str model)
{
    size_t lo = 0, hi = t->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (compare_names(str_of(t->rows[mid].model), model) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

const struct price *price_table_at(const struct price_table *t, struct str model, int64_t at_ms, bool *ret_before)
{
    size_t i = lower_bound(t, model);
    if (i == t->count || !str_eq_z(model, t->rows[i].model))
        return NULL;
    const struct price *p = &t->rows[i];
    for (i++; i < t->count && t->rows[i].from_ms <= at_ms && str_eq_z(model, t->rows[i].model); i++)
        p = &t->rows[i];
    *ret_before = p->from_ms > at_ms;
    return p;
}

/* ---- an update ---- */

struct merge {
    struct price *rows;
    size_t count;
    int64_t from_ms;
    struct price_changes changes;
};

static void put(struct merge *m, const struct price *p, int64_t from_ms)
{
    m->rows[m->count] = *p;
    m->rows[m->count++].from_ms = from_ms;
}

/* All rows of one model, old ones from *i on and at most one fresh. */
static void merge_model(struct merge *m, const struct price_table *old, size_t *i, const struct price *fresh, bool keep)
{
    const struct price *last = NULL;
    bool dropped = false; /* a price that the list of this very instant had */
    const char *model = *i < old->count && (fresh == NULL || strcmp(old->rows[*i].model, fresh->model) <= 0) ? old->rows[*i].model : NULL;
    for (; model != NULL && *i < old->count && strcmp(old->rows[*i].model, model) == 0; (*i)++) {
        if (old->rows[*i].from_ms >= m->from_ms && (fresh != NULL || !keep)) { /* the fresh list of that instant has the word */
            dropped = dropped || old->rows[*i].unpriced == NULL;
            continue;
        }
        last = &old->rows[*i];
        put(m, last, last->from_ms);
    }
    bool had = last != NULL && last->unpriced == NULL;
    if (fresh == NULL) {
        m->changes.gone += had || dropped;
        if (had && !keep)
            put(m,
                &(struct price){
                    .model = last->model, .provider = last->provider, .mode = last->mode, .multiplier = PRICE_ONE, .unpriced = PRICE_GONE},
                m->from_ms);
        return;
    }
    m->changes.unpriced += fresh->unpriced != NULL;
    m->changes.added += !had && fresh->unpriced == NULL;
    m->changes.changed += had && fresh->unpriced == NULL && !price_is_same(last, fresh);
    m->changes.same += had && fresh->unpriced == NULL && price_is_same(last, fresh);
    if (last == NULL || !price_is_same(last, fresh))
        put(m, fresh, old->count == 0 ? PRICE_ALWAYS : m->from_ms);
}

enum err price_table_merge(const struct price_table *old, const struct price_table *fresh, int64_t from_ms, bool keep, struct arena *a,
                           struct price_table *ret, struct price_changes *ret_changes, struct errctx *ctx)
{
    struct merge m = {.from_ms = from_ms};
    size_t i = 0, k = 0;
    m.rows = arena_array(a, 2 * old->count + fresh->count + 1, sizeof *m.rows);
    if (m.rows == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the price list");
    while (i < old->count || k < fresh->count) {
        int c = i == old->count ? 1 : k == fresh->count ? -1 : strcmp(old->rows[i].model, fresh->rows[k].model);
        merge_model(&m, old, &i, c >= 0 ? &fresh->rows[k] : NULL, keep);
        k += c >= 0;
    }
    *ret = (struct price_table){m.rows, m.count, from_ms, fresh->origin};
    *ret_changes = m.changes;
    return ERR_OK;
}
