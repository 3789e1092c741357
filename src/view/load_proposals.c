/* SPDX-License-Identifier: MIT */
#include "view/proposals.h"

#include "base/timefmt.h"
#include "view/vread.h"

enum { MODELS_MAX = 32 };
static const int64_t step_ms = 300000, longest_ms = 7 * INT64_C(86400000);
static const enum signal latency_signals[] = {SIG_TTFT, SIG_E2E};
enum { LATENCIES = sizeof latency_signals / sizeof *latency_signals };

struct reading {
    struct vread *vr;
    int64_t t0_ms, first_ms, last_ms; /* the columns' begin; first and last sample in them, 0 = none */
    uint32_t columns;
    size_t requests, latency[LATENCIES];
};

static enum err read_all(const struct view_loader *l, const struct view_params *p, struct reading *r, struct errctx *ctx)
{
    struct store_stats stats;
    enum err e = store_get_stats(l->st, &stats, ctx);
    if (e != ERR_OK)
        return e;
    int64_t end = instant_floor(p->cursor_ms, step_ms), first = stats.first_ms > 0 ? stats.first_ms : end;
    r->t0_ms = instant_floor(first > end - longest_ms ? first : end - longest_ms, step_ms);
    r->columns = end > r->t0_ms ? (uint32_t)((end - r->t0_ms) / step_ms) : 1;
    const int64_t ends[] = {r->t0_ms + (int64_t)r->columns * step_ms, p->cursor_ms, stats.last_ms};
    r->first_ms = stats.first_ms > r->t0_ms ? stats.first_ms : r->t0_ms;
    r->last_ms = ends[0];
    for (size_t i = 1; i < sizeof ends / sizeof *ends; i++) /* the last column may reach beyond what was recorded */
        r->last_ms = ends[i] < r->last_ms ? ends[i] : r->last_ms;
    if (stats.first_ms <= 0 || r->last_ms < r->first_ms)
        r->first_ms = r->last_ms = 0;
    r->vr = arena_alloc(l->arena, sizeof *r->vr);
    if (r->vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading what was recorded");
    e = vread_init(r->vr, l, p, ctx);
    if (e != ERR_OK)
        return e;
    r->requests = vread_add(r->vr, SIG_REQUESTS, DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_CLASS), r->t0_ms, step_ms, r->columns);
    for (size_t i = 0; i < LATENCIES; i++)
        r->latency[i] = vread_add(r->vr, latency_signals[i], DIM_BIT(DIM_MODEL), r->t0_ms, step_ms, r->columns);
    return vread_run(r->vr, ctx);
}

static enum err propose_one(const struct reading *r, enum dim dim, uint32_t model, const struct slo *scope, const char *name,
                            struct proposal *ret)
{
    struct arena *a = r->vr->l->arena;
    struct slo_count *counts = arena_array(a, r->columns, sizeof *counts);
    if (counts == NULL)
        return ERR_NOMEM;
    for (uint32_t c = 0; c < r->columns; c++) {
        struct voutcomes o = vread_outcomes(r->vr, r->requests, c, dim, model);
        counts[c] = (struct slo_count){.observed_ms = o.known ? step_ms : 0, .total = o.counted, .bad_lo = o.bad, .bad_hi = o.bad};
    }
    struct propose_input in = {.name = name, .scope = scope, .t0_ms = r->t0_ms, .step_ms = step_ms, .count = r->columns, .counts = counts};
    return propose_availability(&in, a, ret);
}

static enum err propose_one_latency(const struct reading *r, size_t which, uint32_t model, const struct slo *scope, const char *name,
                                    struct proposal *ret)
{
    struct arena *a = r->vr->l->arena;
    struct slo_count *counts = arena_array(a, r->columns, sizeof *counts);
    struct hist_set *hists = arena_array(a, r->columns, sizeof *hists);
    if (counts == NULL || hists == NULL)
        return ERR_NOMEM;
    for (uint32_t c = 0; c < r->columns; c++) {
        enum err e = vread_hist(r->vr, r->latency[which], c, DIM_MODEL, model, &hists[c]);
        if (e != ERR_OK)
            return e;
        counts[c].observed_ms = vread_sum(r->vr, r->latency[which], c, DIM_MODEL, model).known ? step_ms : 0;
    }
    struct propose_input in = {.name = name,
                               .scope = scope,
                               .t0_ms = r->t0_ms,
                               .step_ms = step_ms,
                               .count = r->columns,
                               .counts = counts,
                               .hists = hists,
                               .signal = latency_signals[which]};
    return propose_latency(&in, a, ret);
}

enum err view_load_proposals(const struct view_loader *l, const struct view_params *p, struct view_proposals *ret, struct errctx *ctx)
{
    struct reading r;
    uint32_t models[MODELS_MAX];
    enum err e = read_all(l, p, &r, ctx);
    if (e != ERR_OK)
        return e;
    size_t n = 0, model_count = vread_ids(r.vr, r.requests, DIM_MODEL, NULL, models, MODELS_MAX);
    struct proposal *list = arena_array(l->arena, (model_count + 1) * (LATENCIES + 1), sizeof *list);
    const char **names = arena_array(l->arena, (model_count + 1) * (LATENCIES + 1), sizeof *names);
    if (list == NULL || names == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while proposing objectives");
    names[n] = "all availability";
    e = propose_one(&r, DIM_COUNT, 0, NULL, names[n], &list[n]);
    n++;
    for (size_t m = 0; e == ERR_OK && m < model_count; m++) {
        struct slo *scope = arena_alloc(l->arena, sizeof *scope);
        const char *model = vread_text(r.vr, models[m]);
        if (models[m] == 0)
            continue; /* requests that never reached a model say nothing about one */
        if (scope == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while proposing objectives");
        scope->scope_count = 1;
        scope->scope[0].dim = DIM_MODEL;
        scope->scope[0].value = model;
        names[n] = arena_printf(l->arena, "%s availability", model);
        e = names[n] != NULL ? propose_one(&r, DIM_MODEL, models[m], scope, names[n], &list[n]) : ERR_NOMEM;
        n++;
        for (size_t i = 0; e == ERR_OK && i < LATENCIES; i++, n++) {
            names[n] = arena_printf(l->arena, "%s %s", model, signal_info(latency_signals[i])->name);
            e = names[n] != NULL ? propose_one_latency(&r, i, models[m], scope, names[n], &list[n]) : ERR_NOMEM;
        }
    }
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory while proposing objectives");
    *ret = (struct view_proposals){.list = list, .count = n, .names = names, .from_ms = r.first_ms, .to_ms = r.last_ms};
    return ERR_OK;
}
