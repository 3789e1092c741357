/* SPDX-License-Identifier: MIT */
#include "view/vfinding.h"

#include <stdlib.h>
#include <string.h>

#include "model/drift.h"
#include "view/vdrift.h"
#include "view/vfilter.h"
#include "view/vread.h"

/* Between which the onsets of those lie that are open, or were over within a day. */
static enum err date_onsets(const struct view_loader *l, int64_t cursor_ms, struct alert *list, size_t count, struct errctx *ctx)
{
    static const char quality[] = "quality:";
    static const int64_t told_ms = 24 * INT64_C(3600000);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct alert *al = &list[i];
        struct drift_found f;
        bool found = false;
        if (strncmp(al->rule, quality, strlen(quality)) != 0 || (al->state != ALERT_FIRING && al->since_ms < cursor_ms - told_ms))
            continue;
        e = vdrift_found(l, cursor_ms, al, &f, &found, ctx);
        if (e == ERR_OK && found) {
            al->onset_from_ms = f.from_ms;
            al->onset_to_ms = f.to_ms;
        }
    }
    return e;
}

/* Whether its detector says how often it may be wrong: those of scores, of shares of answers, of finish reasons and of canaries do. */
static bool is_promised(const struct alert *al)
{
    static const char quality[] = "quality:", canary[] = "canary:", length[] = "quality:" DRIFT_LENGTH;
    return strncmp(al->rule, canary, strlen(canary)) == 0 ||
           (strncmp(al->rule, quality, strlen(quality)) == 0 && strcmp(al->rule, length) != 0);
}

static int promised_first(const void *a, const void *b)
{
    const struct alert *x = a, *y = b;
    if (is_promised(x) != is_promised(y))
        return is_promised(x) ? -1 : 1;
    if (x->onset_ms != y->onset_ms)
        return x->onset_ms > y->onset_ms ? -1 : 1;
    return strcmp(x->rule, y->rule) != 0 ? strcmp(x->rule, y->rule) : strcmp(x->scope, y->scope);
}

enum err vfindings_load(const struct view_loader *l, const struct view_params *p, struct alert **ret, size_t *ret_count, struct errctx *ctx)
{
    struct alert *list;
    size_t count, n = 0;
    enum err e = vfilter_alerts(l, p, &list, &count, ctx);

    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < count; i++)
        if (alert_is_finding(&list[i]))
            list[n++] = list[i];
    if (n > 0)
        qsort(list, n, sizeof *list, promised_first);
    *ret = list;
    *ret_count = n;
    e = date_onsets(l, p->cursor_ms, list, n, ctx);
    return e != ERR_OK ? e : vfindings_silence(l, p->cursor_ms, list, n, ctx);
}

enum err vfinding_meets(const struct view_loader *l, const struct view_params *p, const char *scope, const char *other, int64_t until_ms,
                        bool *ret, struct errctx *ctx)
{
    static const int64_t hour_ms = 3600000;
    struct view_params both = *p;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    struct store_filter second;
    const char *filter = vread_scope_filter(l->scratch, other);

    both.filter = vread_scope_filter(l->scratch, scope);
    if (vr == NULL || filter == NULL || both.filter == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what was found");
    enum err e = view_filter_parse(filter, l->st, l->scratch, &second, ctx);
    if (e == ERR_OK)
        e = vread_init(vr, l, &both, ctx);
    if (e != ERR_OK) /* of a scope that is no filter nobody can tell */
        return e == ERR_USAGE ? ERR_OK : e;
    const size_t q = vread_window(vr, SIG_REQUESTS, 0, until_ms - hour_ms, until_ms);
    struct store_filter *f = &vr->q[q].filter;
    for (int d = 0; d < DIM_COUNT; d++) {
        if (second.dim[d].count == 0)
            continue;
        if (vr->unsplit[SIG_REQUESTS] != 0 || !vread_splits(vr, SIG_REQUESTS, (enum dim)d)) {
            *ret = true;
            return ERR_OK;
        }
        bool apart = f->dim[d].count > 0;
        for (uint32_t i = 0; i < f->dim[d].count; i++)
            for (uint32_t k = 0; k < second.dim[d].count; k++)
                apart = apart && f->dim[d].ids[i] != second.dim[d].ids[k];
        if (apart) {
            *ret = false;
            return ERR_OK;
        }
        f->dim[d] = second.dim[d];
    }
    e = vread_run(vr, ctx);
    if (e == ERR_OK)
        *ret = vread_sum(vr, q, 0, DIM_COUNT, 0).sum > 0 || vr->unsplit[SIG_REQUESTS] != 0;
    return e;
}

size_t vfindings_open(struct alert *list, size_t count)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        struct alert al = list[i];
        if (al.state != ALERT_FIRING)
            continue;
        memmove(&list[n + 1], &list[n], (i - n) * sizeof *list);
        list[n++] = al;
    }
    return n;
}

/* Whether a scope is "DIM=VALUE"; without a value it is "". */
static bool is_scope(const char *scope, enum dim dim, const char *value)
{
    const char *name = dim_name(dim);
    size_t n = strlen(name);
    if (value[0] == '\0')
        return scope[0] == '\0';
    return strncmp(scope, name, n) == 0 && scope[n] == '=' && strcmp(scope + n + 1, value) == 0;
}

const struct alert *vfinding_of(const struct alert *list, size_t count, const char *detector, const char *what, enum dim dim,
                                const char *value)
{
    size_t n = strlen(detector);

    for (size_t i = 0; i < count; i++) {
        const char *rule = list[i].rule;
        bool of_detector = strncmp(rule, detector, n) == 0 && rule[n] == ':';
        if (of_detector && (what == NULL || strcmp(rule + n + 1, what) == 0) && is_scope(list[i].scope, dim, value))
            return &list[i];
    }
    return NULL;
}
