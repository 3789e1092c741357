/* SPDX-License-Identifier: MIT */
/* A deployment against the others of its model at its provider: of two providers nobody expects the same. A ratio of two percentiles says
 * nothing of chance, so the claim rests on a count: how many of its requests, and of theirs, are certainly slower than an edge of the
 * bucket in which the siblings' p95 lies (docs/decisions/0003). */
#include "view/vparts.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/stat.h"
#include "view/vtext.h"

enum { PAIRS_MAX = 512, SIBLINGS_MAX = 64 };
/* A difference that matters, and the chance of a false claim over all deployments that are compared. */
static const double least_ratio = 1.5, most_chance = 0.001;

size_t vreplicas_ask(struct vread *vr, enum signal signal)
{
    return vread_now(vr, signal, DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_DEPLOYMENT), 0);
}

struct finding {
    uint32_t deployment;
    double ratio, above; /* above: the latency that is counted against, seconds */
    struct quantile own, theirs;
    uint64_t own_above, their_above;
};

static bool are_siblings(const struct store_group *a, const struct store_group *b)
{
    return a->dim[DIM_MODEL] == b->dim[DIM_MODEL] && a->dim[DIM_PROVIDER] == b->dim[DIM_PROVIDER];
}

static int siblings_together(const void *a, const void *b)
{
    static const enum dim order[] = {DIM_MODEL, DIM_PROVIDER, DIM_DEPLOYMENT};
    const struct store_group *x = *(const struct store_group *const *)a, *y = *(const struct store_group *const *)b;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (x->dim[order[i]] != y->dim[order[i]])
            return x->dim[order[i]] < y->dim[order[i]] ? -1 : 1;
    return 0;
}

static enum err join(struct vread *vr, const struct store_group *const *g, size_t count, size_t but, struct hist_set *ret)
{
    *ret = (struct hist_set){.count = 0};
    for (size_t i = 0; i < count; i++)
        for (uint32_t k = 0; i != but && k < g[i]->hists[0].count; k++) {
            enum err e = hist_set_add(ret, &g[i]->hists[0].h[k], vr->l->arena);
            if (e != ERR_OK)
                return e;
        }
    return ERR_OK;
}

/* Whether deployment `at` of `count` siblings is slower than the others together; comparisons: how many such questions are asked. */
static enum err compare(struct vread *vr, const struct store_group *const *g, size_t count, size_t at, size_t comparisons,
                        struct finding *best)
{
    struct hist_set siblings;
    enum err e = join(vr, g, count, at, &siblings);
    if (e != ERR_OK)
        return e;
    struct finding f = {
        .deployment = g[at]->dim[DIM_DEPLOYMENT], .own = hist_quantile(&g[at]->hists[0], 0.95), .theirs = hist_quantile(&siblings, 0.95)};
    if (f.own.n == 0 || f.theirs.n == 0 || f.own.thin || f.theirs.thin || f.theirs.above_last || !(f.theirs.value > 0))
        return ERR_OK;
    f.ratio = f.own.value / f.theirs.value;
    if (f.ratio < least_ratio || f.ratio <= best->ratio)
        return ERR_OK;
    const double edges[] = {f.theirs.lo, f.theirs.hi};
    double least = 1;
    for (size_t i = 0; i < 2; i++) {
        uint64_t own_lo, own_hi, their_lo, their_hi;
        hist_above(&g[at]->hists[0], edges[i], &own_lo, &own_hi);
        hist_above(&siblings, edges[i], &their_lo, &their_hi);
        double chance = 2 * stat_fisher_tail(f.theirs.n, their_hi, f.own.n, own_lo); /* two edges are tried */
        if (chance < least) {
            least = chance;
            f.above = edges[i];
            f.own_above = own_lo;
            f.their_above = their_hi;
        }
    }
    if (least * (double)comparisons <= most_chance)
        *best = f;
    return ERR_OK;
}

/* How many times the siblings' p95 it is. Buckets tell of two interpolated numbers how far apart they may be: "about 2.1x its siblings
 * (1.2x to 6.0x)", "(up to 6.0x)" where the least would be no difference; beyond the last bucket "at least 1.2x its siblings". */
static const char *say_ratio(struct vread *vr, const struct finding *f)
{
    double least = f->own.lo / f->theirs.hi, most = f->own.above_last || !(f->theirs.lo > 0) ? (double)INFINITY : f->own.hi / f->theirs.lo;
    bool tells = least > 1.05;
    int digits = most < 10 ? 1 : 0;
    if (isinf(most))
        return tells ? arena_printf(vr->l->arena, "at least %.1fx its siblings", least) : "slower than its siblings";
    if (!quantile_is_interpolated(&f->own) && !quantile_is_interpolated(&f->theirs))
        return arena_printf(vr->l->arena, "%.1fx its siblings", f->ratio);
    return tells ? arena_printf(vr->l->arena, "about %.1fx its siblings (%.1fx to %.*fx)", f->ratio, least, digits, most)
                 : arena_printf(vr->l->arena, "about %.1fx its siblings (up to %.*fx)", f->ratio, digits, most);
}

/* "deployment gpt-x-eu2 is about 2.1x its siblings (1.2x to 6.0x): ttft p95 ~4.7 s of 412 against ~2.2 s of 900; 38% against 4% take over
 * 2.5 s". */
static const char *say(struct vread *vr, enum signal signal, const struct finding *f)
{
    char own[VTEXT_MAX], own_n[VTEXT_MAX], theirs[VTEXT_MAX], their_n[VTEXT_MAX], own_part[VTEXT_MAX], their_part[VTEXT_MAX],
        above[VTEXT_MAX];
    vtext_quantile(&f->own, false, own);
    vtext_quantile(&f->theirs, false, theirs);
    vtext_count(f->own.n, own_n);
    vtext_count(f->theirs.n, their_n);
    vtext_percent(100 * (double)f->own_above / (double)f->own.n, own_part);
    vtext_percent(100 * (double)f->their_above / (double)f->theirs.n, their_part);
    vtext_seconds(f->above, above);
    const char *ratio = say_ratio(vr, f);
    if (ratio == NULL)
        return NULL;
    return arena_printf(vr->l->arena, "deployment %s is %s: %s p95 %s of %s against %s of %s; %s against %s take over %s",
                        vread_text(vr, f->deployment), ratio, signal_info(signal)->name, own, own_n, theirs, their_n, own_part, their_part,
                        above);
}

enum err vreplicas_text(struct vread *vr, size_t ask, const char **ret)
{
    const struct store_result *r = &vr->r[ask];
    const struct store_group **g = arena_array(vr->l->arena, PAIRS_MAX, sizeof *g);
    struct finding best = {.ratio = 0};
    size_t n = 0;

    *ret = "";
    if (g == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->count && n < PAIRS_MAX; i++) /* whose model is not told has no siblings that one could name */
        if (r->groups[i].dim[DIM_MODEL] != 0 && r->groups[i].dim[DIM_DEPLOYMENT] != 0 && hist_n(&r->groups[i].hists[0]) > 0)
            g[n++] = &r->groups[i];
    qsort(g, n, sizeof *g, siblings_together);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && are_siblings(g[to], g[from]); to++)
            ;
        size_t count = to - from > SIBLINGS_MAX ? SIBLINGS_MAX : to - from;
        for (size_t i = 0; count > 1 && i < count; i++) {
            enum err e = compare(vr, g + from, count, i, n, &best);
            if (e != ERR_OK)
                return e;
        }
    }
    if (best.ratio > 0)
        *ret = say(vr, vr->q[ask].signal, &best);
    return *ret != NULL ? ERR_OK : ERR_NOMEM;
}
