/* SPDX-License-Identifier: MIT */
#include "view/vparts.h"

#include <math.h>
#include <stdlib.h>

#include "view/vfilter.h"

struct vdeploy_ask vdeploy_ask(struct vread *vr)
{
    const uint32_t where = DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_PROVIDER);
    struct vdeploy_ask ask;
    ask.attempts = vread_now(vr, SIG_ATTEMPTS, where | DIM_BIT(DIM_CLASS), 0);
    ask.ttft = vread_now(vr, SIG_TTFT, where, 0);
    ask.provider = vread_now(vr, SIG_PROVIDER_LATENCY, where, 0);
    ask.cost = vread_now(vr, SIG_COST, where, 0);
    /* Cooldowns end by themselves and nobody says when: what happened in the last hour is what an engineer asks about. */
    ask.cooldowns = vread_window(vr, SIG_COOLDOWNS, where, vr->until_ms[SIG_COOLDOWNS] - 3600000, vr->until_ms[SIG_COOLDOWNS]);
    ask.running = vread_now(vr, SIG_RUNNING, where, 0);
    ask.waiting = vread_now(vr, SIG_WAITING, where, 0);
    ask.kv = vread_now(vr, SIG_KV_CACHE, where, 0);
    return ask;
}

static const char *provider_of(struct vread *vr, const size_t *queries, size_t count, uint32_t id)
{
    for (size_t i = 0; i < count; i++) {
        const struct store_group *g = vread_group(&vr->r[queries[i]], DIM_DEPLOYMENT, id);
        if (g != NULL && g->dim[DIM_PROVIDER] != 0)
            return vread_text(vr, g->dim[DIM_PROVIDER]);
    }
    return "";
}

static enum err fill(struct vread *vr, struct vdeploy_ask ask, uint32_t id, struct vdeployment *d)
{
    struct voutcomes o = vread_outcomes(vr, ask.attempts, 0, DIM_DEPLOYMENT, id);
    const size_t order[] = {ask.attempts, ask.cost, ask.ttft, ask.running};

    *d = (struct vdeployment){.name = vread_text(vr, id), .provider = provider_of(vr, order, 4, id)};
    d->req_per_s = vnum_rate(vread_sum(vr, ask.attempts, 0, DIM_DEPLOYMENT, id), 1);
    d->req_per_s.n = o.all;
    d->fail_ratio = vnum_ratio(o.bad, o.counted, o.trust);
    enum err e = vread_quantile(vr, ask.ttft, 0, DIM_DEPLOYMENT, id, 0.95, &d->ttft_p95, NULL);
    if (e == ERR_OK)
        e = vread_quantile(vr, ask.provider, 0, DIM_DEPLOYMENT, id, 0.95, &d->provider_p95, NULL);
    if (e != ERR_OK)
        return e;
    d->cost_per_h = vnum_usd_per_h(vread_sum(vr, ask.cost, 0, DIM_DEPLOYMENT, id));
    d->running = vread_gauge(vr, ask.running, 0, DIM_DEPLOYMENT, id, 1);
    d->waiting = vread_gauge(vr, ask.waiting, 0, DIM_DEPLOYMENT, id, 1);
    d->kv = vread_gauge(vr, ask.kv, 0, DIM_DEPLOYMENT, id, 100);
    struct vsum cool = vread_sum(vr, ask.cooldowns, 0, DIM_DEPLOYMENT, id);
    d->cooldowns = cool.known ? vnum_of((double)cool.sum, cool.n, VNUM_SUM, cool.trust) : vnum_marked(vnum_unknown(), VNUM_SUM, cool.trust);
    d->severity = voutcomes_severity(&o);
    return ERR_OK;
}

static int worst_first(const void *a, const void *b)
{
    const struct vdeployment *x = a, *y = b;
    double fx = isnan(x->fail_ratio.v) ? -1 : x->fail_ratio.v, fy = isnan(y->fail_ratio.v) ? -1 : y->fail_ratio.v;
    if (x->severity != y->severity)
        return x->severity < y->severity ? 1 : -1;
    if (x->severity != SEV_NONE && (fx < fy || fx > fy))
        return fx < fy ? 1 : -1;
    double rx = isnan(x->req_per_s.v) ? -1 : x->req_per_s.v, ry = isnan(y->req_per_s.v) ? -1 : y->req_per_s.v;
    return rx < ry ? 1 : rx > ry ? -1 : 0;
}

enum { DEPLOYMENTS_MAX = 512 };

static size_t add_ids(struct vread *vr, size_t q, uint32_t *ids, size_t n)
{
    for (size_t i = 0; i < vr->r[q].count && n < DEPLOYMENTS_MAX; i++) {
        uint32_t id = vr->r[q].groups[i].dim[DIM_DEPLOYMENT];
        size_t k = 0;
        while (k < n && ids[k] != id)
            k++;
        if (k == n && id != 0)
            ids[n++] = id;
    }
    return n;
}

/* What the sign in the columns means; the same said of all where there is no deployment to tell it of. */
static const char *note_of(struct vread *vr, struct vdeploy_ask ask, size_t count)
{
    const size_t queries[] = {ask.attempts, ask.ttft, ask.provider, ask.cost, ask.cooldowns, ask.running, ask.waiting, ask.kv};
    uint32_t unsplit = 0;

    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        unsplit |= vread_trust(vr, queries[i]).unsplit;
    const char *dims = vfilter_dims(vr->l->arena, count > 0 ? unsplit : vread_trust(vr, ask.attempts).unsplit);
    if (dims == NULL || dims[0] == '\0')
        return dims;
    return arena_printf(vr->l->arena, count > 0 ? "n/s: not split by %s" : "attempts are not split by %s", dims);
}

enum err vdeploy_build(struct vread *vr, struct vdeploy_ask ask, struct vdeployment **ret, size_t *ret_count, const char **ret_note)
{
    uint32_t *ids = arena_array(vr->l->arena, DEPLOYMENTS_MAX, sizeof *ids);
    if (ids == NULL)
        return ERR_NOMEM;
    size_t n = add_ids(vr, ask.running, ids, add_ids(vr, ask.attempts, ids, 0));
    struct vdeployment *list = arena_array(vr->l->arena, n + 1, sizeof *list);
    if (list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        enum err e = fill(vr, ask, ids[i], &list[i]);
        if (e != ERR_OK)
            return e;
    }
    qsort(list, n, sizeof *list, worst_first);
    *ret = list;
    *ret_count = n;
    *ret_note = note_of(vr, ask, n);
    return *ret_note != NULL ? ERR_OK : ERR_NOMEM;
}
