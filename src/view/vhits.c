/* SPDX-License-Identifier: MIT */
#include "view/vparts.h"

#include <math.h>

struct vhits_ask vhits_ask(struct vread *vr)
{
    struct vhits_ask ask = {.dim = DIM_TEAM};
    ask.requests = vread_now(vr, SIG_REQUESTS, DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_CLASS), 0);
    ask.cost = vread_now(vr, SIG_COST, DIM_BIT(DIM_TEAM), 0);
    return ask;
}

struct vhits_ask vhits_ask_window(struct vread *vr, enum dim dim, int64_t t0_ms, int64_t t1_ms)
{
    struct vhits_ask ask = {.dim = dim};
    ask.requests = vread_window(vr, SIG_REQUESTS, DIM_BIT(dim) | DIM_BIT(DIM_CLASS), t0_ms, t1_ms);
    ask.cost = vread_window(vr, SIG_COST, DIM_BIT(dim), t0_ms, t1_ms);
    return ask;
}

/* By failures, then by traffic, so that a team that is not hit still shows as such. */
static size_t by_failures(struct vread *vr, size_t q, enum dim dim, uint32_t *ids, uint64_t *fails, size_t max)
{
    size_t n = vread_ids(vr, q, dim, NULL, ids, max);
    for (size_t i = 0; i < n; i++)
        fails[i] = vread_outcomes(vr, q, 0, dim, ids[i]).bad;
    for (size_t i = 1; i < n; i++) {
        for (size_t k = i; k > 0 && fails[k] > fails[k - 1]; k--) {
            uint64_t f = fails[k];
            uint32_t id = ids[k];
            fails[k] = fails[k - 1];
            ids[k] = ids[k - 1];
            fails[k - 1] = f;
            ids[k - 1] = id;
        }
    }
    return n;
}

enum { VALUES_MAX = 512 };

/* Whether a row says something: who is hit, who is not although it spends, or that nobody knows. */
static bool tells(const struct vhit *h)
{
    const double least_usd_per_h = 0.005; /* shown as a cent */
    return h->fail > 0 || h->stale || h->cost_per_h.v >= least_usd_per_h;
}

enum err vhits_build(struct vread *vr, struct vhits_ask ask, size_t max, struct vhit **ret, size_t *ret_count, uint64_t *ret_total)
{
    struct arena *a = vr->l->arena;
    uint32_t *ids = arena_array(a, VALUES_MAX, sizeof *ids);
    uint64_t *fails = arena_array(a, VALUES_MAX, sizeof *fails);
    struct vhit *hits = arena_array(a, max + 1, sizeof *hits);

    if (ids == NULL || fails == NULL || hits == NULL)
        return ERR_NOMEM;
    size_t n = by_failures(vr, ask.requests, ask.dim, ids, fails, VALUES_MAX), shown = n > max ? max : n;
    const struct voutcomes all = vread_outcomes(vr, ask.requests, 0, DIM_COUNT, 0);
    const struct vnum mark = vnum_of((double)all.bad, all.bad, VNUM_SUM, all.trust);
    uint64_t total = all.bad, listed = 0;
    if (all.trust.torn) /* whose failures they are is not known of a part of them */
        shown = n = 0;
    double cost_listed = 0;
    size_t count = 0;
    for (size_t i = 0; i < shown; i++) {
        const char *name = vread_text(vr, ids[i]);
        hits[count] = (struct vhit){.name = name[0] != '\0'      ? name
                                            : ask.dim == DIM_KEY ? "(no key)"
                                                                 : "(no team)",
                                    .fail = fails[i],
                                    .exact = mark.exact,
                                    .stale = mark.stale,
                                    .age_ms = mark.age_ms,
                                    .share = total > 0 ? (double)fails[i] / (double)total : NAN,
                                    .cost_per_h = vnum_usd_per_h(vread_sum(vr, ask.cost, 0, ask.dim, ids[i]))};
        listed += fails[i];
        if (!isnan(hits[count].cost_per_h.v))
            cost_listed += hits[count].cost_per_h.v;
        count += tells(&hits[count]);
    }
    if (n > shown) {
        struct vnum cost = vnum_usd_per_h(vread_sum(vr, ask.cost, 0, DIM_COUNT, 0));
        cost.v -= cost_listed;
        hits[count] = (struct vhit){.name = "other",
                                    .fail = total - listed,
                                    .exact = mark.exact,
                                    .stale = mark.stale,
                                    .age_ms = mark.age_ms,
                                    .is_other = true,
                                    .share = total > 0 ? (double)(total - listed) / (double)total : NAN,
                                    .cost_per_h = cost};
        count += tells(&hits[count]);
    }
    *ret = hits;
    *ret_count = count;
    *ret_total = total;
    return ERR_OK;
}
