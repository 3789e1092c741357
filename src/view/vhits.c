/* SPDX-License-Identifier: MIT */
#include "view/vparts.h"

#include <math.h>

#include "view/vrefused.h"
#include "view/vslo.h"
#include "view/vtext.h"

struct vhits_ask vhits_ask(struct vread *vr)
{
    const struct vhits_ask ask = {.dim = DIM_TEAM,
                                  .bad = vread_now(vr, SIG_REQUESTS, DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_CLASS), 0),
                                  .cost = vread_now(vr, SIG_COST, DIM_BIT(DIM_TEAM), 0)};
    return ask;
}

struct vhits_ask vhits_ask_window(struct vread *vr, enum dim dim, int64_t t0_ms, int64_t t1_ms)
{
    const struct vhits_ask ask = {.dim = dim,
                                  .bad = vread_window(vr, SIG_REQUESTS, DIM_BIT(dim) | DIM_BIT(DIM_CLASS), t0_ms, t1_ms),
                                  .cost = vread_window(vr, SIG_COST, DIM_BIT(dim), t0_ms, t1_ms)};
    return ask;
}

enum dim vhits_slow_dim(const struct vread *vr, const struct slo *slo)
{
    static const enum dim told_by[] = {DIM_TEAM, DIM_KEY, DIM_ROUTE};
    for (size_t i = 0; i < sizeof told_by / sizeof *told_by; i++)
        if (vread_splits(vr, slo->signal, told_by[i]))
            return told_by[i];
    return DIM_TEAM;
}

enum err vhits_ask_slow_window(struct vread *vr, const struct slo *slo, enum dim dim, int64_t t0_ms, int64_t t1_ms, struct vhits_ask *ret)
{
    *ret = (struct vhits_ask){.slo = slo, .dim = dim, .cost = vread_window(vr, SIG_COST, DIM_BIT(dim), t0_ms, t1_ms)};
    ret->bad = vread_window(vr, slo->signal, DIM_BIT(dim), t0_ms, t1_ms);
    return vslo_narrow(vr, slo);
}

enum err vhits_ask_slow(struct vread *vr, const struct slo *slo, struct vhits_ask *ret)
{
    const int64_t until = vr->until_ms[slo->signal];
    return vhits_ask_slow_window(vr, slo, vhits_slow_dim(vr, slo), until - vr->p->now_window_ms, until, ret);
}

/* What a query counts, of one value of a dim or of all. */
struct counted {
    uint64_t bad, all;
    uint64_t refused; /* of requests: by the gateway itself; in neither of the others */
    bool refusals;    /* which is worth a place */
    bool band;        /* some more of them may be bad */
    struct vtrust trust;
};

static enum err count(const struct vread *vr, const struct vhits_ask *ask, enum dim dim, uint32_t id, struct counted *ret)
{
    if (ask->slo == NULL) {
        const struct voutcomes o = vread_outcomes(vr, ask->bad, 0, dim, id);
        const uint64_t asked = vread_outcomes(vr, ask->bad, 0, DIM_COUNT, 0).all;
        *ret = (struct counted){
            .bad = o.bad, .all = o.counted, .refused = o.refused, .refusals = vrefused_matters(&o, asked), .trust = o.trust};
        return ERR_OK;
    }
    struct hist_set set;
    uint64_t lo = 0, hi = 0;
    enum err e = vread_hist(vr, ask->bad, 0, dim, id, &set);
    if (e != ERR_OK)
        return e;
    hist_above(&set, ask->slo->threshold, &lo, &hi);
    *ret = (struct counted){.bad = lo, .all = hist_n(&set), .band = hi > lo, .trust = vread_trust(vr, ask->bad)};
    return ERR_OK;
}

/* What a row is about: who failed or waited, and who was refused where that is worth a place. */
static uint64_t hit_of(const struct counted *c)
{
    return c->bad + (c->refusals ? c->refused : 0);
}

/* By bad and refused ones, then by traffic, so that a team that is not hit still shows as such. */
static enum err by_bad(struct vread *vr, const struct vhits_ask *ask, uint32_t *ids, uint64_t *bad, size_t max, size_t *ret)
{
    const size_t n = vread_ids(vr, ask->bad, ask->dim, NULL, ids, max);
    for (size_t i = 0; i < n; i++) {
        struct counted c;
        enum err e = count(vr, ask, ask->dim, ids[i], &c);
        if (e != ERR_OK)
            return e;
        bad[i] = hit_of(&c);
    }
    for (size_t i = 1; i < n; i++) {
        for (size_t k = i; k > 0 && bad[k] > bad[k - 1]; k--) {
            uint64_t f = bad[k];
            uint32_t id = ids[k];
            bad[k] = bad[k - 1];
            ids[k] = ids[k - 1];
            bad[k - 1] = f;
            ids[k - 1] = id;
        }
    }
    *ret = n;
    return ERR_OK;
}

enum { VALUES_MAX = 512 };

/* Whether a row says something: who is hit, who is not although it spends, or that nobody knows. */
static bool tells(const struct vhit *h)
{
    const double least_usd_per_h = 0.005; /* shown as a cent */
    return h->bad > 0 || h->refusals || h->stale || h->cost_per_h.v >= least_usd_per_h;
}

/* Whether anybody has a name: a signal may be split by teams elsewhere, and not in the objective's scope. */
static bool is_named(const struct vread *vr, const struct vhits_ask *ask)
{
    const struct store_result *r = &vr->r[ask->bad];
    for (size_t i = 0; i < r->count; i++)
        if (vread_text(vr, r->groups[i].dim[ask->dim])[0] != '\0')
            return true;
    return false;
}

/* Why nobody is listed of those who wait; what is known of all of them is said all the same. */
static enum err slow_note(struct vread *vr, const struct vhits_ask *ask, const struct counted *all, struct vhits *ret)
{
    const char *signal = signal_info(ask->slo->signal)->name;
    char bad[VTEXT_MAX], of[VTEXT_MAX];

    vtext_count(all->bad, bad);
    vtext_count(all->all, of);
    ret->note = NULL;
    if (all->trust.torn || all->all == 0)
        ret->note =
            arena_printf(vr->l->arena, "not known: %s", all->trust.torn ? "a part of the answers is not" : "no answer was recorded");
    else if (!is_named(vr, ask))
        ret->note = arena_printf(vr->l->arena, "not known: %s is not split by team, key or route; %s%s of %s answers took longer", signal,
                                 all->band ? exact_mark(AT_LEAST) : "", bad, of);
    else
        return ERR_OK;
    return ret->note != NULL ? ERR_OK : ERR_NOMEM;
}

static const char *name_of(const struct vread *vr, enum dim dim, uint32_t id)
{
    const char *name = vread_text(vr, id);
    return name[0] != '\0' ? name : dim == DIM_KEY ? "(no key)" : dim == DIM_ROUTE ? "(no route)" : "(no team)";
}

/* shown of n values, and a row for what the others have together. */
static enum err rows_of(struct vread *vr, const struct vhits_ask *ask, const struct counted *all, size_t max, struct vhits *ret)
{
    struct arena *a = vr->l->arena;
    uint32_t *ids = arena_array(a, VALUES_MAX, sizeof *ids);
    uint64_t *lost = arena_array(a, VALUES_MAX, sizeof *lost), listed = 0, refused = 0;
    struct vhit *hits = arena_array(a, max + 1, sizeof *hits);
    struct vnum mark = vnum_of((double)all->bad, all->bad, VNUM_SUM, all->trust);
    const double total = (double)hit_of(all);
    double cost_listed = 0;
    size_t n = 0;

    if (ids == NULL || lost == NULL || hits == NULL)
        return ERR_NOMEM;
    if (all->band && mark.exact == EXACT)
        mark.exact = AT_LEAST;
    enum err e = by_bad(vr, ask, ids, lost, VALUES_MAX, &n);
    if (e != ERR_OK)
        return e;
    const size_t shown = n > max ? max : n;
    for (size_t i = 0; i < shown; i++) {
        struct vhit *h = &hits[ret->count];
        struct counted c;
        e = count(vr, ask, ask->dim, ids[i], &c);
        if (e != ERR_OK)
            return e;
        *h = (struct vhit){.name = name_of(vr, ask->dim, ids[i]),
                           .bad = c.bad,
                           .refused = c.refused,
                           .refusals = c.refusals,
                           .exact = mark.exact,
                           .stale = mark.stale,
                           .age_ms = mark.age_ms,
                           .share = total > 0 ? (double)hit_of(&c) / total : NAN,
                           .cost_per_h = vnum_usd_per_h(vread_sum(vr, ask->cost, 0, ask->dim, ids[i]))};
        listed += c.bad;
        refused += c.refused;
        cost_listed += isnan(h->cost_per_h.v) ? 0 : h->cost_per_h.v;
        ret->count += tells(h);
    }
    if (n > shown) {
        struct vhit *h = &hits[ret->count];
        *h = (struct vhit){.name = "other",
                           .bad = all->bad - listed,
                           .refused = all->refused - refused,
                           .refusals = all->refusals && all->refused > refused,
                           .exact = mark.exact,
                           .stale = mark.stale,
                           .age_ms = mark.age_ms,
                           .is_other = true,
                           .cost_per_h = vnum_usd_per_h(vread_sum(vr, ask->cost, 0, DIM_COUNT, 0))};
        h->cost_per_h.v -= cost_listed;
        h->share = total > 0 ? (double)(h->bad + (h->refusals ? h->refused : 0)) / total : NAN;
        ret->count += tells(h);
    }
    ret->list = hits;
    return ERR_OK;
}

enum err vhits_build(struct vread *vr, const struct vhits_ask *ask, size_t max, struct vhits *ret)
{
    char threshold[VTEXT_MAX];
    struct counted all;

    enum err e = count(vr, ask, DIM_COUNT, 0, &all);
    if (e != ERR_OK)
        return e;
    struct vhits hits = {.dim = ask->dim, .total = all.bad, .over = ""};
    if (ask->slo != NULL) {
        vtext_seconds(ask->slo->threshold, threshold);
        hits.over = arena_strdup(vr->l->arena, str_of(threshold));
        e = hits.over != NULL ? slow_note(vr, ask, &all, &hits) : ERR_NOMEM;
    }
    /* of what is torn, whose failures they are is not known of a part of them */
    if (e == ERR_OK && !all.trust.torn && hits.note == NULL)
        e = rows_of(vr, ask, &all, max, &hits);
    if (e == ERR_OK)
        *ret = hits;
    return e;
}

void vhits_keep_refused(struct vhits *hits)
{
    struct vhit *list = (struct vhit *)(uintptr_t)hits->list; /* rows_of() made it */
    uint64_t all = 0;
    size_t n = 0;
    for (size_t i = 0; i < hits->count; i++)
        all += list[i].refusals ? list[i].refused : 0;
    for (size_t i = 0; i < hits->count; i++) {
        if (!list[i].refusals)
            continue;
        list[n] = list[i];
        list[n].bad = 0;
        list[n++].share = all > 0 ? (double)list[i].refused / (double)all : NAN;
    }
    hits->count = n;
    hits->total = 0;
}
