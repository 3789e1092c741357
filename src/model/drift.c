/* SPDX-License-Identifier: MIT */
#include "model/drift.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/jsontree.h"

bool drift_name(const char *name, const char *judge, char dst[DRIFT_NAME_MAX])
{
    return str_format(dst, DRIFT_NAME_MAX, "%s%s%s", name, judge[0] != '\0' ? "@" : "", judge);
}

double drift_watch_line(const struct drift_base *b)
{
    static const double sides = 2, times = 100; /* each side has half of the budget: analysis/edetect.c */
    return fmax(0, 1 - log(times) / log(sides * fmax(b->arl, times)));
}

enum err drift_base_write(const struct drift_base *b, struct buf *out)
{
    struct json w;
    json_begin(&w, out, false);
    json_object(&w, NULL);
    json_bool(&w, "is_share", b->is_share);
    json_bool(&w, "high_is_good", b->high_is_good);
    json_i64(&w, "n", (int64_t)b->n);
    json_f64(&w, "bad", b->bad);
    json_f64(&w, "mean", b->mean);
    json_f64(&w, "var", b->var);
    json_i64(&w, "from_ms", b->from_ms);
    json_i64(&w, "to_ms", b->to_ms);
    json_i64(&w, "from_error_ms", b->from_error_ms);
    json_i64(&w, "onset_from_ms", b->onset_from_ms);
    json_i64(&w, "onset_to_ms", b->onset_to_ms);
    json_f64(&w, "onset_was", b->onset_was);
    json_f64(&w, "lacks", b->lacks);
    json_f64(&w, "arl", b->arl);
    json_f64(&w, "alarms", b->alarms);
    json_i64(&w, "streams", b->streams);
    json_string(&w, "why", b->why);
    json_end(&w);
    return w.err;
}

/* A number of a note as it was written; null is what NaN is written as. One that is missing leaves *ret as it is. */
struct field {
    const char *key;
    double least, most;
    bool may_be_nan;
    double *ret;
};

static bool get(const struct jsontree *root, const struct field *f)
{
    const struct jsontree *m = jsontree_get(root, f->key);
    double v = (double)NAN;
    if (m == NULL)
        return true;
    if (m->kind == JSONTREE_NUMBER ? !(str_to_f64(m->text, &v) && v >= f->least && v <= f->most)
                                   : m->kind != JSONTREE_NULL || !f->may_be_nan)
        return false;
    *f->ret = v;
    return true;
}

/* Notes of before it was told: whichever share of the outcomes their mean is; of other scores the higher the better. */
static bool high_is_good(const struct jsontree *root, const struct drift_base *b)
{
    const struct jsontree *m = jsontree_get(root, "high_is_good");
    const double share = b->n > 0 ? b->bad / (double)b->n : 0;
    if (m != NULL)
        return m->kind == JSONTREE_TRUE;
    return !(b->is_share && fabs(b->mean - share) < fabs(b->mean - (1 - share)));
}

static const double count_max = 0x1p53;        /* up to which doubles are whole numbers */
static const double last_ms = 253402300799999; /* the end of the year 9999 */
static const double any = 0x1p62;              /* that fits whatever it is shown as */

static enum err get_all(const struct jsontree *root, const struct field *fields, size_t count, const char *of, struct errctx *ctx)
{
    for (size_t i = 0; i < count; i++)
        if (!get(root, &fields[i]))
            return errctx_set(ctx, ERR_PARSE, "%s of %s is no number from %g to %g", fields[i].key, of, fields[i].least, fields[i].most);
    return ERR_OK;
}

/* A text of a note; "" where there is none, NULL when the arena is full. */
static const char *get_text(const struct jsontree *root, const char *key, struct arena *a)
{
    const struct jsontree *m = jsontree_get(root, key);
    return m != NULL && m->kind == JSONTREE_STRING ? arena_strdup(a, m->text) : "";
}

enum err drift_base_read(struct str text, struct arena *a, struct drift_base *ret, struct errctx *ctx)
{
    double n = 0, from_ms = 0, to_ms = 0, from_error_ms = 0, streams = 0, onset_from_ms = 0, onset_to_ms = 0;
    struct drift_base b = {.mean = (double)NAN, .var = (double)NAN, .arl = (double)NAN, .alarms = (double)NAN};
    const struct field fields[] = {{"n", 0, count_max, false, &n},
                                   {"bad", 0, count_max, false, &b.bad},
                                   {"mean", -any, any, true, &b.mean},
                                   {"var", 0, any, true, &b.var},
                                   {"from_ms", 0, last_ms, false, &from_ms},
                                   {"to_ms", 0, last_ms, false, &to_ms},
                                   {"lacks", 0, count_max, false, &b.lacks},
                                   {"arl", 1, any, true, &b.arl},
                                   {"alarms", 0, any, true, &b.alarms},
                                   {"streams", 0, UINT32_MAX, false, &streams},
                                   {"from_error_ms", 0, last_ms, false, &from_error_ms},
                                   {"onset_from_ms", 0, last_ms, false, &onset_from_ms},
                                   {"onset_to_ms", 0, last_ms, false, &onset_to_ms},
                                   {"onset_was", 0, any, false, &b.onset_was}};
    const struct jsontree *root;
    enum err e = jsontree_parse(text, a, &root, ctx);
    if (e == ERR_OK)
        e = get_all(root, fields, sizeof fields / sizeof *fields, "a baseline", ctx);
    if (e != ERR_OK)
        return e;
    const struct jsontree *is_share = jsontree_get(root, "is_share");
    b.is_share = is_share != NULL && is_share->kind == JSONTREE_TRUE;
    if (b.is_share && b.bad > n)
        return errctx_set(ctx, ERR_PARSE, "a baseline of %.0f has %.0f bad ones", n, b.bad);
    b.n = (uint64_t)n;
    b.from_ms = (int64_t)from_ms;
    b.to_ms = (int64_t)to_ms;
    b.from_error_ms = (int64_t)from_error_ms;
    if (onset_from_ms > 0 && onset_from_ms <= from_ms && from_ms <= onset_to_ms) { /* else it does not lie between them */
        b.onset_from_ms = (int64_t)onset_from_ms;
        b.onset_to_ms = (int64_t)onset_to_ms;
    }
    b.streams = (uint32_t)streams;
    b.high_is_good = high_is_good(root, &b);
    b.why = get_text(root, "why", a);
    if (b.why == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading a baseline");
    *ret = b;
    return ERR_OK;
}

/* ---- findings ---- */

const char *drift_where_name(enum drift_where w)
{
    static const char *const names[] = {
        [DRIFT_WHERE_UNKNOWN] = "", [DRIFT_WHERE_SOME] = "alone", [DRIFT_WHERE_MOSTLY] = "mostly", [DRIFT_WHERE_ALL] = "each"};
    return names[w];
}

/* ": 98.7 -> 71.2 % (n 212)" */
static const char *figures_text(const struct drift_found *f, struct arena *a)
{
    const int digits = fmin(f->is, isnan(f->was) ? f->is : f->was) < 0.0095 ? 2 : 1;
    const unsigned long long n = (unsigned long long)f->n;
    return isnan(f->was) ? arena_printf(a, ", which is new: %.*f %% (n %llu)", digits, 100 * f->is, n)
                         : arena_printf(a, ": %.*f -> %.*f %% (n %llu)", digits, 100 * f->was, digits, 100 * f->is, n);
}

const char *drift_where_text(const struct drift_found *f, struct arena *a)
{
    const bool is_answer = f->dim == DIM_DEPLOYMENT; /* scores call so the name that the model answered as */
    const char *dim = is_answer ? "answers as" : dim_name(f->dim);
    if (f->where == DRIFT_WHERE_ALL && is_answer)
        return f->all > f->parts ? arena_printf(a, "in each of the %u of %u names it answers as that have enough samples", f->parts, f->all)
                                 : arena_printf(a, "in each of %u names it answers as", f->parts);
    if (f->where == DRIFT_WHERE_ALL)
        return f->all > f->parts ? arena_printf(a, "in each of the %u of %u %ss that have enough samples", f->parts, f->all, dim)
                                 : arena_printf(a, "in each of %u %ss", f->parts, dim);
    if (f->where == DRIFT_WHERE_UNKNOWN || f->name_count == 0)
        return "";
    const char *figures = figures_text(f, a), *names = f->names[0];
    for (uint32_t i = 1; i < f->name_count && names != NULL; i++)
        names = arena_printf(a, "%s, %s", names, f->names[i]);
    if (figures == NULL || names == NULL)
        return NULL;
    if (f->where == DRIFT_WHERE_MOSTLY)
        return arena_printf(a, "most of it %s %s%s", dim, names, figures);
    return f->name_count > 1 ? arena_printf(a, "%s%s %s alone, the first%s", dim, is_answer ? "" : "s", names, figures)
                             : arena_printf(a, "%s %s alone%s", dim, names, figures);
}

enum err drift_found_write(const struct drift_found *f, struct buf *out)
{
    struct json w;
    json_begin(&w, out, false);
    json_object(&w, NULL);
    json_i64(&w, "onset_ms", f->onset_ms);
    json_i64(&w, "from_ms", f->from_ms);
    json_i64(&w, "to_ms", f->to_ms);
    json_string(&w, "what", f->what);
    json_string(&w, "beside", f->beside);
    json_bool(&w, "undecided", f->undecided);
    json_i64(&w, "asked_ms", f->asked_ms);
    json_string(&w, "class", f->class);
    json_string(&w, "where", drift_where_name(f->where));
    json_string(&w, "dim", dim_name(f->dim));
    json_array(&w, "names");
    for (uint32_t i = 0; i < f->name_count; i++)
        json_string(&w, NULL, f->names[i]);
    json_end(&w);
    json_f64(&w, "was", f->was);
    json_f64(&w, "is", f->is);
    json_i64(&w, "n", (int64_t)f->n);
    json_f64(&w, "part", f->part);
    json_i64(&w, "parts", f->parts);
    json_i64(&w, "all", f->all);
    json_end(&w);
    return w.err;
}

static enum drift_where where_of(const char *name)
{
    static const enum drift_where all[] = {DRIFT_WHERE_SOME, DRIFT_WHERE_MOSTLY, DRIFT_WHERE_ALL};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(name, drift_where_name(all[i])) == 0)
            return all[i];
    return DRIFT_WHERE_UNKNOWN;
}

/* Versions before the key told it with the end of their sentence. */
static bool is_undecided(const struct jsontree *root, const char *beside)
{
    const struct jsontree *m = jsontree_get(root, "undecided");
    return m != NULL ? m->kind == JSONTREE_TRUE
                     : beside != NULL && str_has_suffix(str_of(beside), ", and there are too few samples to tell");
}

enum err drift_found_read(struct str text, struct arena *a, struct drift_found *ret, struct errctx *ctx)
{
    double onset_ms = 0, from_ms = 0, to_ms = 0, asked_ms = 0, n = 0, parts = 0, all = 0;
    struct drift_found f = {.was = (double)NAN, .is = (double)NAN, .part = (double)NAN};
    const struct field fields[] = {{"onset_ms", 0, last_ms, false, &onset_ms},
                                   {"from_ms", 0, last_ms, false, &from_ms},
                                   {"to_ms", 0, last_ms, false, &to_ms},
                                   {"asked_ms", 0, last_ms, false, &asked_ms},
                                   {"was", 0, 1, true, &f.was},
                                   {"is", 0, 1, true, &f.is},
                                   {"n", 0, count_max, false, &n},
                                   {"part", 0, 1, true, &f.part},
                                   {"parts", 0, UINT32_MAX, false, &parts},
                                   {"all", 0, UINT32_MAX, false, &all}};
    const struct jsontree *root;
    enum err e = jsontree_parse(text, a, &root, ctx);
    if (e == ERR_OK)
        e = get_all(root, fields, sizeof fields / sizeof *fields, "a finding", ctx);
    if (e != ERR_OK)
        return e;
    const char *where = get_text(root, "where", a), *dim = get_text(root, "dim", a);
    const struct jsontree *names = jsontree_get(root, "names");
    f.onset_ms = (int64_t)onset_ms;
    f.asked_ms = (int64_t)asked_ms;
    if (from_ms > 0 && from_ms <= onset_ms && to_ms >= onset_ms) {
        f.from_ms = (int64_t)from_ms;
        f.to_ms = (int64_t)to_ms;
    }
    f.n = (uint64_t)n;
    f.parts = (uint32_t)parts;
    f.all = (uint32_t)all;
    f.what = get_text(root, "what", a);
    f.beside = get_text(root, "beside", a);
    f.undecided = is_undecided(root, f.beside);
    f.class = get_text(root, "class", a);
    f.where = where != NULL && dim != NULL && dim_by_name(str_of(dim), &f.dim) ? where_of(where) : DRIFT_WHERE_UNKNOWN;
    bool is_full = where == NULL || dim == NULL || f.class == NULL || f.what == NULL || f.beside == NULL;
    for (const struct jsontree *m = names != NULL ? names->child : NULL; m != NULL && f.name_count < DRIFT_WHERE_NAMES; m = m->next) {
        f.names[f.name_count] = m->kind == JSONTREE_STRING ? arena_strdup(a, m->text) : "";
        is_full = is_full || f.names[f.name_count++] == NULL;
    }
    if (is_full)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading a finding");
    *ret = f;
    return ERR_OK;
}
