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

static double get(const struct jsontree *n, const char *key)
{
    const struct jsontree *m = jsontree_get(n, key);
    double v = 0;
    if (m != NULL && m->kind == JSONTREE_NUMBER)
        (void)str_to_f64(m->text, &v);
    return v;
}

enum err drift_base_read(struct str text, struct arena *a, struct drift_base *ret, struct errctx *ctx)
{
    const struct jsontree *root, *why;
    enum err e = jsontree_parse(text, a, &root, ctx);
    if (e != ERR_OK)
        return e;
    const struct jsontree *is_share = jsontree_get(root, "is_share");
    why = jsontree_get(root, "why");
    *ret = (struct drift_base){.is_share = is_share != NULL && is_share->kind == JSONTREE_TRUE,
                               .n = (uint64_t)get(root, "n"),
                               .bad = get(root, "bad"),
                               .mean = get(root, "mean"),
                               .var = get(root, "var"),
                               .from_ms = (int64_t)get(root, "from_ms"),
                               .to_ms = (int64_t)get(root, "to_ms"),
                               .lacks = get(root, "lacks"),
                               .arl = get(root, "arl"),
                               .alarms = get(root, "alarms"),
                               .streams = (uint32_t)get(root, "streams"),
                               .why = why != NULL && why->kind == JSONTREE_STRING ? arena_strdup(a, why->text) : ""};
    return ret->why != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading a baseline");
}
