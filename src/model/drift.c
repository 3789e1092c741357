/* SPDX-License-Identifier: MIT */
#include "model/drift.h"

#include <math.h>

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

enum err drift_base_read(struct str text, struct arena *a, struct drift_base *ret, struct errctx *ctx)
{
    static const double count_max = 0x1p53;        /* up to which doubles are whole numbers */
    static const double last_ms = 253402300799999; /* the end of the year 9999 */
    static const double any = 0x1p62;              /* that fits whatever it is shown as */
    double n = 0, from_ms = 0, to_ms = 0, streams = 0;
    struct drift_base b = {.mean = (double)NAN, .var = (double)NAN, .arl = (double)NAN, .alarms = (double)NAN};
    const struct field fields[] = {{"n", 0, count_max, false, &n},           {"bad", 0, count_max, false, &b.bad},
                                   {"mean", -any, any, true, &b.mean},       {"var", 0, any, true, &b.var},
                                   {"from_ms", 0, last_ms, false, &from_ms}, {"to_ms", 0, last_ms, false, &to_ms},
                                   {"lacks", 0, count_max, false, &b.lacks}, {"arl", 1, any, true, &b.arl},
                                   {"alarms", 0, any, true, &b.alarms},      {"streams", 0, UINT32_MAX, false, &streams}};
    const struct jsontree *root;
    enum err e = jsontree_parse(text, a, &root, ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (!get(root, &fields[i]))
            return errctx_set(ctx, ERR_PARSE, "%s of a baseline is no number from %g to %g", fields[i].key, fields[i].least,
                              fields[i].most);
    const struct jsontree *is_share = jsontree_get(root, "is_share"), *why = jsontree_get(root, "why");
    b.is_share = is_share != NULL && is_share->kind == JSONTREE_TRUE;
    if (b.is_share && b.bad > n)
        return errctx_set(ctx, ERR_PARSE, "a baseline of %.0f has %.0f bad ones", n, b.bad);
    b.n = (uint64_t)n;
    b.from_ms = (int64_t)from_ms;
    b.to_ms = (int64_t)to_ms;
    b.streams = (uint32_t)streams;
    b.high_is_good = high_is_good(root, &b);
    b.why = why != NULL && why->kind == JSONTREE_STRING ? arena_strdup(a, why->text) : "";
    if (b.why == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading a baseline");
    *ret = b;
    return ERR_OK;
}
