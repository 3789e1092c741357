/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "view/vparts.h"
#include "view/vslo.h"
#include "view/vtext.h"

enum { TABLE_MAX = 200, STAGES_MAX = 16, HEAT_ROWS = 14 };

/* In the order of the road; note: what a reader must know to compare the figure with another gateway's. */
static const struct { enum signal signal; const char *label, *note; } shown[] = {
    {SIG_TTFT, "ttft", "streamed answers only; LiteLLM starts it at the model call, so its own queue is not in it"},
    {SIG_TPOT, "tpot", "whole answer over its output tokens"},
    {SIG_ITL, "itl", "between two tokens of one answer"},
    {SIG_E2E, "e2e", "from arrival to the end of the answer"},
    {SIG_PROVIDER_LATENCY, "provider", "the model call alone"},
    {SIG_QUEUE_TIME, "queue", "before work on it began"},
    {SIG_OVERHEAD, "overhead", "the gateway's own share, guardrails excluded"},
};
enum { SHOWN = sizeof shown / sizeof *shown };

struct asks {
    struct vask signal[SHOWN];
    size_t stages, table, table_then, requests, heat;
};

static void ask_all(struct vread *vr, const struct view_axis *axis, enum signal signal, struct asks *ask)
{
    const uint32_t group = DIM_BIT(vr->p->group);
    for (size_t i = 0; i < SHOWN; i++)
        ask->signal[i] = vask_add(vr, shown[i].signal, 0, axis);
    ask->stages = vread_now(vr, SIG_STAGE_LATENCY, DIM_BIT(DIM_STAGE), 0);
    ask->table = vread_now(vr, signal, group, 0);
    ask->table_then = axis->compare_ms > 0 ? vread_now(vr, signal, group, axis->compare_ms) : VROWS_NONE;
    ask->requests = vread_now(vr, SIG_REQUESTS, group | DIM_BIT(DIM_CLASS), 0);
    ask->heat = vread_axis(vr, signal, 0, axis);
}

static enum err build_signals(struct vread *vr, const struct view_axis *axis, const struct asks *ask, struct view_latency *v)
{
    static const double qs[] = {0.5, 0.95, 0.99};
    struct vlatency_signal *list = arena_array(vr->l->arena, SHOWN, sizeof *list);
    size_t n = 0;

    if (list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < SHOWN; i++) {
        struct hist_set now, then = {.count = 0};
        struct vlatency_signal s = {.signal = shown[i].signal, .label = shown[i].label, .note = shown[i].note};
        enum err e = vread_hist(vr, ask->signal[i].now, 0, DIM_COUNT, 0, &now);
        if (e == ERR_OK && ask->signal[i].then != VROWS_NONE)
            e = vread_hist(vr, ask->signal[i].then, 0, DIM_COUNT, 0, &then);
        if (e == ERR_OK && vr->r[ask->signal[i].axis].count == 0)
            continue; /* this gateway does not measure it */
        for (size_t k = 0; e == ERR_OK && k < 3; k++) {
            struct vrow row;
            e = vrow_quantile(vr, axis, ask->signal[i], DIM_COUNT, 0, qs[k], "", &row);
            if (e == ERR_OK)
                s.quantile[k] = (struct vquantile){.q = qs[k], .now = hist_quantile(&now, qs[k]), .then = hist_quantile(&then, qs[k]), .strip = row.strip};
        }
        if (e != ERR_OK)
            return e;
        s.mean = hist_mean(&now, unit_scale(UNIT_SECONDS));
        s.n = hist_n(&now);
        const struct vtrust t = vread_trust(vr, ask->signal[i].now);
        s.stale = t.stale;
        s.about = t.less || t.more;
        list[n++] = s;
    }
    v->signals = list;
    v->signal_count = n;
    return ERR_OK;
}

static double total_seconds(const struct vread *vr, size_t q, enum dim dim, uint32_t id)
{
    return unit_from_fixed(UNIT_SECONDS, vread_sum(vr, q, 0, dim, id).sum);
}

/* Seconds per request in each stage; they sum to the end-to-end mean, and what no stage accounts for is "other". Stages that not
 * every request passes are spread over all, so that the bar adds up. */
static enum err build_stages(struct vread *vr, const struct asks *ask, struct view_latency *v)
{
    struct vstage *st = arena_array(vr->l->arena, STAGES_MAX, sizeof *st);
    uint32_t ids[STAGES_MAX];
    struct hist_set e2e;
    size_t n = 0;

    if (st == NULL)
        return ERR_NOMEM;
    size_t at[SHOWN] = {0};
    for (size_t i = 0; i < SHOWN; i++)
        at[shown[i].signal == SIG_E2E ? 0 : shown[i].signal == SIG_PROVIDER_LATENCY ? 1 : shown[i].signal == SIG_OVERHEAD ? 2 : shown[i].signal == SIG_QUEUE_TIME ? 3 : 4] = ask->signal[i].now;
    enum err e = vread_hist(vr, at[0], 0, DIM_COUNT, 0, &e2e);
    uint64_t requests = hist_n(&e2e);
    if (e != ERR_OK || requests == 0)
        return e;
    double whole = total_seconds(vr, at[0], DIM_COUNT, 0), rest = whole;
    if (!(whole > 0))
        return ERR_OK; /* a page without sums says nothing about means */
    static const char *const names[] = {"", "provider", "gateway", "queue"};
    for (size_t k = 1; k < 4; k++) {
        double s = total_seconds(vr, at[k], DIM_COUNT, 0);
        if (s > 0)
            st[n++] = (struct vstage){.name = names[k], .mean_s = s / (double)requests, .share = s / whole, .n = requests};
        rest -= s;
    }
    size_t stages = vread_ids(vr, ask->stages, DIM_STAGE, NULL, ids, STAGES_MAX - 5);
    for (size_t i = 0; i < stages; i++) {
        double s = total_seconds(vr, ask->stages, DIM_STAGE, ids[i]);
        st[n++] = (struct vstage){.name = vread_text(vr, ids[i]), .mean_s = s / (double)requests, .share = s / whole, .n = vread_sum(vr, ask->stages, 0, DIM_STAGE, ids[i]).n};
        rest -= s;
    }
    st[n++] = (struct vstage){.name = "other", .mean_s = rest / (double)requests, .share = rest / whole, .n = requests};
    v->stages = st;
    for (size_t k = 0; k < 4; k++)
        v->stages_stale = v->stages_stale || vread_trust(vr, at[k]).stale;
    v->stages_stale = v->stages_stale || vread_trust(vr, ask->stages).stale;
    v->stage_count = n;
    v->stage_total_s = whole / (double)requests;
    return ERR_OK;
}

static enum err fill_row(struct vread *vr, const struct asks *ask, enum dim dim, uint32_t id, struct vlatency_row *row)
{
    struct hist_set now, then = {.count = 0};
    struct voutcomes o = vread_outcomes(vr, ask->requests, 0, dim, id);
    struct vsum requests = {.sum = (int64_t)o.all, .covered_ms = o.covered_ms, .n = o.all, .known = o.known, .trust = o.trust};
    const char *name = dim == DIM_COUNT ? "all" : vread_text(vr, id);

    enum err e = vread_hist(vr, ask->table, 0, dim, id, &now);
    if (e == ERR_OK && ask->table_then != VROWS_NONE)
        e = vread_hist(vr, ask->table_then, 0, dim, id, &then);
    if (e != ERR_OK)
        return e;
    struct quantile was = hist_quantile(&then, 0.95);
    const struct vtrust t = vread_trust(vr, ask->table);
    *row = (struct vlatency_row){
        .name = name[0] != '\0' ? name : "(none)", .is_total = dim == DIM_COUNT, .req_per_s = vnum_rate(requests, 1),
        .p50 = hist_quantile(&now, 0.5), .p95 = hist_quantile(&now, 0.95), .p99 = hist_quantile(&now, 0.99),
        .mean = hist_mean(&now, unit_scale(UNIT_SECONDS)), .n = hist_n(&now), .ratio_then = NAN, .stale = t.stale, .about = t.less || t.more,
    };
    for (size_t i = 0; i < vr->p->quantile_count; i++)
        row->further[i] = hist_quantile(&now, vr->p->quantiles[i]);
    if (was.n > 0 && row->p95.n > 0 && was.value > 0)
        row->ratio_then = row->p95.value / was.value;
    return ERR_OK;
}

static double sort_value(const struct vlatency_row *r, int column)
{
    if (column == 2)
        return (double)r->n;
    const struct quantile *q = column == 1 ? &r->p50 : &r->p95;
    return q->n > 0 ? q->value : -1;
}

static bool before(const struct vlatency_row *a, const struct vlatency_row *b, int sort)
{
    double x = sort_value(a, abs(sort)), y = sort_value(b, abs(sort));
    return sort > 0 ? x < y : x > y;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The one row that is much slower than the median of its siblings, in words. */
static const char *imbalance(struct arena *a, const struct vlatency_row *t, size_t n, const char *dim, const char *signal)
{
    double *p95 = arena_array(a, n + 1, sizeof *p95);
    const struct vlatency_row *slowest = NULL;
    size_t others = 0;
    char text[VTEXT_MAX];

    if (p95 == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (t[i].p95.n > 0 && !t[i].p95.thin && (slowest == NULL || t[i].p95.value > slowest->p95.value))
            slowest = &t[i];
    for (size_t i = 0; i < n; i++)
        if (t[i].p95.n > 0 && &t[i] != slowest)
            p95[others++] = t[i].p95.value;
    if (slowest == NULL || others < 2)
        return "";
    qsort(p95, others, sizeof *p95, by_value);
    double median = p95[others / 2];
    if (!(slowest->p95.value >= 2 * median))
        return "";
    vtext_quantile(&slowest->p95, text);
    return arena_printf(a, "%s %s: %s p95 %s, %.1fx the median of its siblings", dim, slowest->name, signal, text, slowest->p95.value / median);
}

static uint64_t by_observations(const struct store_group *g)
{
    return hist_n(&g->hists[0]);
}

static enum err build_table(struct vread *vr, const struct asks *ask, struct view_latency *v)
{
    uint32_t *ids = arena_array(vr->l->arena, TABLE_MAX, sizeof *ids);
    struct vlatency_row *t = arena_array(vr->l->arena, TABLE_MAX + 1, sizeof *t);

    if (ids == NULL || t == NULL)
        return ERR_NOMEM;
    size_t n = vread_ids(vr, ask->table, vr->p->group, by_observations, ids, TABLE_MAX);
    for (size_t i = 0; i < n; i++) {
        struct vlatency_row row;
        enum err e = fill_row(vr, ask, vr->p->group, ids[i], &row);
        if (e != ERR_OK)
            return e;
        size_t at = i;
        for (; at > 0 && before(&row, &t[at - 1], vr->p->sort); at--)
            t[at] = t[at - 1];
        t[at] = row;
    }
    v->sentence = imbalance(vr->l->arena, t, n, dim_name(vr->p->group), signal_info(v->signal)->name);
    enum err e = fill_row(vr, ask, DIM_COUNT, 0, &t[n]);
    v->table = t;
    v->table_count = n + 1;
    return v->sentence != NULL ? e : ERR_NOMEM;
}

enum err view_load_latency(const struct view_loader *l, const struct view_params *p, enum signal signal, struct view_latency *ret, struct errctx *ctx)
{
    struct view_latency v;
    struct view_axis axis;
    struct asks ask;
    struct vslo_rules rules;
    struct vslo *slos;
    struct vread *vr = arena_alloc(l->arena, sizeof *vr);

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading latency");
    memset(&v, 0, sizeof v);
    v.signal = signal;
    enum err e = vrows_init(vr, l, p, &axis, ctx);
    if (e != ERR_OK)
        return e;
    ask_all(vr, &axis, signal, &ask);
    e = vread_run(vr, ctx);
    if (e == ERR_OK)
        e = vslo_rules_load(l, p, &rules, ctx);
    if (e == ERR_OK)
        e = vslo_load(l, p, &rules, &slos, ctx);
    if (e != ERR_OK)
        return e;
    v.slos = slos;
    v.slo_count = rules.count;
    e = build_signals(vr, &axis, &ask, &v);
    if (e == ERR_OK)
        e = build_stages(vr, &ask, &v);
    if (e == ERR_OK)
        e = build_table(vr, &ask, &v);
    if (e == ERR_OK)
        e = vheat_build(vr, ask.heat, &axis, HEAT_ROWS, &v.heat);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory while reading latency");
    *ret = v;
    return ERR_OK;
}
