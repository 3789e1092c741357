/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vparts.h"
#include "view/vslo.h"

enum { TABLE_MAX = 200, PARTS_MAX = 8, HEAT_ROWS = 16 };
static const double quantiles[] = {0.5, 0.95, 0.99};
static const int64_t pasts_ms[VLATENCY_PASTS] = {86400000, 7 * INT64_C(86400000)};

/* In the order of the road. */
static const struct {
    enum signal signal;
    const char *label;
} shown[] = {
    {SIG_TTFT, "ttft"},
    {SIG_TPOT, "tpot"},
    {SIG_ITL, "itl"},
    {SIG_E2E, "e2e"},
    {SIG_PROVIDER_LATENCY, "provider"},
    {SIG_ENGINE_QUEUE, "engine queue"},
    {SIG_QUEUE_TIME, "queue"},
    {SIG_OVERHEAD, "overhead"},
    {SIG_UPSTREAM_CONNECT, "connect"},
    {SIG_STAGE_LATENCY, "stages"}, /* of whatever stage, so only where it is asked for */
};
enum { SHOWN = sizeof shown / sizeof *shown };

struct asks {
    struct {
        size_t now, axis;
    } signal[SHOWN];
    size_t past[VLATENCY_PASTS], table, table_then, requests, heat, replicas;
    struct vcell_ask cell;
    struct vstages_ask stages;
    bool odd; /* buckets of the pane's signal contradict each other */
};

static bool is_shown(size_t i, enum signal chosen)
{
    return shown[i].signal != SIG_STAGE_LATENCY || shown[i].signal == chosen;
}

static enum err ask_all(struct vread *vr, const struct view_axis *axis, const struct view_latency_ask *what, struct asks *ask)
{
    /* a model's row is followed by its providers, where it has several */
    const enum signal signal = what->signal;
    const uint32_t group = DIM_BIT(vr->p->group) | (vr->p->group == DIM_MODEL ? DIM_BIT(DIM_PROVIDER) : 0);
    ask->heat = VROWS_NONE;
    for (size_t i = 0; i < SHOWN; i++) {
        if (!is_shown(i, signal))
            continue;
        ask->signal[i].now = vread_now(vr, shown[i].signal, 0, 0);
        ask->signal[i].axis = vread_axis(vr, shown[i].signal, 0, axis);
        if (shown[i].signal == signal)
            ask->heat = ask->signal[i].axis;
    }
    for (size_t i = 0; i < VLATENCY_PASTS; i++)
        ask->past[i] = vr->p->now_window_ms <= pasts_ms[i] ? vread_now(vr, signal, 0, pasts_ms[i]) : VROWS_NONE;
    ask->stages = vstages_ask(vr, axis);
    ask->replicas = vreplicas_ask(vr, signal);
    ask->table = vread_now(vr, signal, group, 0);
    ask->table_then = axis->compare_ms > 0 ? vread_now(vr, signal, group, axis->compare_ms) : VROWS_NONE;
    ask->requests = vread_now(vr, SIG_REQUESTS, group | DIM_BIT(DIM_CLASS), 0);
    if (ask->heat == VROWS_NONE) /* a signal that has no line of its own */
        ask->heat = vread_axis(vr, signal, 0, axis);
    return what->cell_ms != 0 ? vcell_ask(vr, signal, axis, what->cell_ms, &ask->cell) : ERR_OK;
}

/* The lines of a signal over the axis: all three of the one that was chosen, p95 of the others. */
static enum err build_lines(struct vread *vr, const struct view_axis *axis, size_t query, bool chosen, struct vlatency_signal *s)
{
    double *v[3] = {NULL};
    bool *thin[3] = {NULL};
    struct vspans spans;

    for (size_t k = 0; k < 3; k++) {
        if (!chosen && k != 1)
            continue;
        v[k] = vstrip_alloc(vr, axis, &s->quantile[k].strip);
        thin[k] = vstrip_thin_alloc(vr, axis, &s->quantile[k].strip);
        if (v[k] == NULL || thin[k] == NULL)
            return ERR_NOMEM;
    }
    enum err e = vspans_make(vr, query, axis, &spans);
    for (uint32_t c = 0; e == ERR_OK && c < axis->columns; c++) {
        struct hist_set set;
        e = vread_hist(vr, query, spans.of[c], DIM_COUNT, 0, &set);
        if (e != ERR_OK)
            return e;
        for (size_t k = 0; k < 3; k++) {
            if (v[k] == NULL)
                continue;
            const struct quantile at = hist_quantile(&set, quantiles[k]);
            vstrip_quantile(&at, c, v[k], thin[k]);
        }
    }
    for (size_t k = 0; k < 3; k++)
        if (v[k] != NULL)
            vstrip_finish(&s->quantile[k].strip, axis->columns);
    return e;
}

static enum err build_signal(struct vread *vr, const struct view_axis *axis, size_t now_query, size_t axis_query, bool chosen,
                             const struct vnotes *notes, struct vlatency_signal *s)
{
    struct hist_set now;
    enum err e = vread_hist(vr, now_query, 0, DIM_COUNT, 0, &now);
    if (e != ERR_OK)
        return e;
    for (size_t k = 0; k < 3; k++)
        s->quantile[k] = (struct vquantile){.q = quantiles[k], .now = hist_quantile(&now, quantiles[k])};
    s->mean = hist_mean(&now, unit_scale(UNIT_SECONDS), &s->mean_n);
    s->n = hist_n(&now);
    const struct vtrust t = vread_trust(vr, now_query);
    s->n_exact = vnum_of(0, 0, VNUM_SUM, t).exact;
    s->stale = t.stale;
    s->about = t.less || t.lost || t.more || vnotes_is_odd(vr, notes, s->signal);
    s->note = vnotes_of(vr, notes, s->signal);
    s->unsplit = vread_unsplit_text(vr, s->signal);
    return s->unsplit != NULL && s->note != NULL ? build_lines(vr, axis, axis_query, chosen, s) : ERR_NOMEM;
}

static enum err build_signals(struct vread *vr, const struct view_axis *axis, const struct asks *ask, const struct vnotes *notes,
                              struct view_latency *v)
{
    struct vlatency_signal *list = arena_array(vr->l->arena, SHOWN, sizeof *list);
    enum err e = list != NULL ? ERR_OK : ERR_NOMEM;
    size_t n = 0;

    for (size_t i = 0; e == ERR_OK && i < SHOWN; i++) {
        if (!vr->has_series[shown[i].signal] || !is_shown(i, v->signal))
            continue; /* this gateway does not measure it */
        struct vlatency_signal *s = &list[n++];
        *s = (struct vlatency_signal){.signal = shown[i].signal, .label = shown[i].label};
        e = build_signal(vr, axis, ask->signal[i].now, ask->signal[i].axis, shown[i].signal == v->signal, notes, s);
    }
    v->signals = list;
    v->signal_count = n;
    return e;
}

/* Why nothing is known of a window that ends at t1. */
static const char *why_nothing(struct vread *vr, int64_t t1_ms)
{
    char day[TIMEFMT_MAX], at[TIMEFMT_MAX];
    int64_t since = store_recorded_since_ms(vr->l->st);
    if (since != 0 && since < t1_ms)
        return "nothing was measured then";
    if (since == 0)
        return "nothing is recorded";
    instant_format_day(since, day);
    instant_format_clock(since, at);
    const char *date = strchr(day, ' '); /* without the weekday */
    return arena_printf(vr->l->arena, "recorded from%s %.5sZ", date != NULL ? date : "", at);
}

/* How much of the window that ends at t1 lies after the beginning of the record. */
static int64_t recorded_of(struct vread *vr, int64_t t1_ms)
{
    int64_t since = store_recorded_since_ms(vr->l->st), window = vr->p->now_window_ms;
    return since <= t1_ms - window ? window : since < t1_ms ? t1_ms - since : 0;
}

static enum err build_past(struct vread *vr, const struct asks *ask, struct view_latency *v)
{
    struct hist_set set;
    struct quantile now;
    enum err e = vread_hist(vr, ask->table, 0, DIM_COUNT, 0, &set);
    if (e != ERR_OK)
        return e;
    now = hist_quantile(&set, quantiles[1]);
    const struct vtrust t = vread_trust(vr, ask->table);
    const bool about = t.less || t.more || ask->odd;
    for (size_t i = 0; i < VLATENCY_PASTS; i++) {
        struct vlatency_past *past = &v->past[i];
        if (ask->past[i] == VROWS_NONE) {
            *past = (struct vlatency_past){.back_ms = pasts_ms[i], .mean = NAN, .change = {.v = NAN}, .why = "the window is longer"};
            continue;
        }
        e = vread_hist(vr, ask->past[i], 0, DIM_COUNT, 0, &set);
        if (e != ERR_OK)
            return e;
        *past = (struct vlatency_past){.back_ms = pasts_ms[i], .n = hist_n(&set), .why = ""};
        past->recorded_ms = past->n > 0 ? recorded_of(vr, vr->until_ms[v->signal] - pasts_ms[i]) : 0;
        past->mean = hist_mean(&set, unit_scale(UNIT_SECONDS), &past->mean_n);
        for (size_t k = 0; k < 3; k++)
            past->quantile[k] = hist_quantile(&set, quantiles[k]);
        past->change = quantile_times(&now, &past->quantile[1], about || past->recorded_ms < v->window_ms);
        if (past->n == 0)
            past->why = why_nothing(vr, vr->until_ms[v->signal] - pasts_ms[i]);
        if (past->why == NULL)
            return ERR_NOMEM;
    }
    return ERR_OK;
}

/* What fires of the objectives on the pane's signal: of the whole, of a model as the overview's rows have it. Of other values no objective
 * is asked. */
static enum severity severity_of(const struct vslo_rules *r, enum signal signal, const struct vkey *keys, size_t key_count,
                                 const char *name)
{
    if (key_count == 0)
        return vslo_rules_severity(r, SLO_LATENCY, signal, NULL);
    return key_count == 1 && keys[0].dim == DIM_MODEL ? vslo_rules_severity(r, SLO_LATENCY, signal, name) : SEV_NONE;
}

static enum err fill_row(struct vread *vr, const struct asks *ask, const struct vslo_rules *rules, const struct vkey *keys,
                         size_t key_count, struct vlatency_row *row)
{
    struct hist_set now, then = {.count = 0};
    struct voutcomes o = vread_outcomes_of(vr, ask->requests, 0, keys, key_count);
    struct vsum requests = voutcomes_requests(&o);
    const char *name = key_count == 0 ? "all" : vread_text(vr, keys[key_count - 1].id);

    enum err e = vread_hist_of(vr, ask->table, 0, keys, key_count, &now);
    if (e == ERR_OK && ask->table_then != VROWS_NONE)
        e = vread_hist_of(vr, ask->table_then, 0, keys, key_count, &then);
    if (e != ERR_OK)
        return e;
    const struct quantile was = hist_quantile(&then, 0.95);
    const struct vtrust t = vread_trust(vr, ask->table);
    *row = (struct vlatency_row){
        .name = name[0] != '\0' ? name : "(none)",
        .is_total = key_count == 0,
        .req_per_s = vnum_rate(requests, 1),
        .p50 = hist_quantile(&now, 0.5),
        .p95 = hist_quantile(&now, 0.95),
        .p99 = hist_quantile(&now, 0.99),
        .n = hist_n(&now),
        .n_exact = vnum_of(0, 0, VNUM_SUM, t).exact,
        .stale = t.stale,
        .about = t.less || t.lost || t.more || ask->odd,
        .severity = severity_of(rules, vr->q[ask->table].signal, keys, key_count, name),
    };
    row->mean = hist_mean(&now, unit_scale(UNIT_SECONDS), &row->mean_n);
    row->change = quantile_times(&row->p95, &was, row->about);
    row->unsplit = vread_unsplit_text(vr, vr->q[ask->table].signal);
    if (row->unsplit == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < vr->p->quantile_count; i++)
        row->further[i] = hist_quantile(&now, vr->p->quantiles[i]);
    return ERR_OK;
}

static double reading(const struct quantile *q)
{
    return q->n > 0 ? q->value : NAN;
}

/* As latency_sorts of ui/draw/pane.c numbers them. */
static double sort_value(const struct vlatency_row *r, int column)
{
    switch (column) {
    case 1: return reading(&r->p50);
    case 2: return (double)r->n;
    case 4: return reading(&r->p99);
    case 5: return r->mean;
    case 6: return r->change.v;
    case 7: return r->req_per_s.v;
    default: return reading(&r->p95);
    }
}

static bool before(const struct vlatency_row *a, const struct vlatency_row *b, int sort)
{
    double x = sort_value(a, abs(sort)), y = sort_value(b, abs(sort));
    if (isnan(x) || isnan(y)) /* what is not known stands last, whichever way it is turned */
        return !isnan(x);
    return sort > 0 ? x < y : x > y;
}

static void insert_row(struct vlatency_row *t, size_t n, const struct vlatency_row *row, int sort)
{
    size_t at = n;
    for (; at > 0 && before(row, &t[at - 1], sort); at--)
        t[at] = t[at - 1];
    t[at] = *row;
}

static uint64_t by_observations(const struct store_group *g)
{
    return hist_n(&g->hists[0]);
}

/* The providers of one model side by side: nothing unless there are several. */
static enum err add_parts(struct vread *vr, const struct asks *ask, const struct vslo_rules *rules, uint32_t model, const char *name,
                          struct vlatency_row *t, size_t *n)
{
    const struct store_result *r = &vr->r[ask->table];
    size_t first = *n, several = 0;

    for (size_t i = 0; i < r->count; i++)
        several += r->groups[i].dim[DIM_MODEL] == model && hist_n(&r->groups[i].hists[0]) > 0;
    for (size_t i = 0; several > 1 && i < r->count && *n - first < PARTS_MAX; i++) {
        const uint32_t *dim = r->groups[i].dim;
        const struct vkey keys[] = {{DIM_MODEL, model}, {DIM_PROVIDER, dim[DIM_PROVIDER]}};
        struct vlatency_row row;
        if (dim[DIM_MODEL] != model || hist_n(&r->groups[i].hists[0]) == 0)
            continue;
        enum err e = fill_row(vr, ask, rules, keys, 2, &row);
        if (e != ERR_OK)
            return e;
        row.of = name;
        insert_row(t + first, *n - first, &row, vr->p->sort);
        (*n)++;
    }
    return ERR_OK;
}

/* A row, and the id whose row it is: its name need not be one. */
struct id_row {
    uint32_t id;
    struct vlatency_row row;
};

static enum err build_table(struct vread *vr, const struct asks *ask, const struct vslo_rules *rules, struct view_latency *v)
{
    const enum dim group = vr->p->group;
    uint32_t *ids = arena_array(vr->l->arena, TABLE_MAX, sizeof *ids);
    struct id_row *rows = arena_array(vr->l->arena, TABLE_MAX, sizeof *rows);
    struct vlatency_row *t = arena_array(vr->l->arena, TABLE_MAX * (1 + PARTS_MAX) + 1, sizeof *t);
    size_t n = 0;

    if (ids == NULL || rows == NULL || t == NULL)
        return ERR_NOMEM;
    const bool split = vread_splits(vr, v->signal, group);
    size_t count = split ? vread_ids(vr, ask->table, group, by_observations, ids, TABLE_MAX) : 0;
    v->table_unsplit = split ? "" : arena_printf(vr->l->arena, "not split by %s", dim_name(group));
    if (v->table_unsplit == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        struct id_row row = {.id = ids[i]};
        const struct vkey key = {group, ids[i]};
        enum err e = fill_row(vr, ask, rules, &key, 1, &row.row);
        if (e != ERR_OK)
            return e;
        size_t at = i;
        for (; at > 0 && before(&row.row, &rows[at - 1].row, vr->p->sort); at--)
            rows[at] = rows[at - 1];
        rows[at] = row;
    }
    for (size_t i = 0; i < count; i++) {
        t[n++] = rows[i].row;
        if (group != DIM_MODEL)
            continue;
        enum err e = add_parts(vr, ask, rules, rows[i].id, rows[i].row.name, t, &n);
        if (e != ERR_OK)
            return e;
    }
    enum err e = fill_row(vr, ask, rules, NULL, 0, &t[n]);
    v->table = t;
    v->table_count = n + 1;
    return e;
}

static enum err put_coverage(struct vread *vr, struct view_latency *v)
{
    const int64_t to_ms = vr->p->cursor_ms;
    size_t count;
    const struct vtime *lost = vread_lost(vr, v->signal, to_ms - vr->p->window_ms, to_ms, vr->l->arena, &count);
    v->coverage_text = lost != NULL ? vread_coverage_text(vr, signal_info(v->signal)->name, lost, count) : NULL;
    return v->coverage_text != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err failed(struct errctx *ctx, enum err e)
{
    return errctx_set(ctx, e,
                      e == ERR_NOMEM ? "out of memory while reading latency" : "the polls, gaps and notes of latency cannot be read");
}

enum err view_load_latency(const struct view_loader *l, const struct view_params *p, const struct view_latency_ask *what,
                           struct view_latency *ret, struct errctx *ctx)
{
    struct view_latency v;
    struct view_axis axis;
    struct asks ask;
    struct vslo_rules rules;
    struct vslo *slos;
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    struct view_params *whole = arena_alloc(l->arena, sizeof *whole);
    struct vnotes notes;

    if (vr == NULL || whole == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading latency");
    memset(&v, 0, sizeof v);
    v.signal = what->signal;
    *whole = *p; /* one window for the whole pane: the one that its axis shows */
    whole->now_window_ms = p->window_ms;
    p = whole;
    v.window_ms = p->now_window_ms;
    enum err e = vrows_init(vr, l, p, &axis, ctx);
    if (e != ERR_OK)
        return e;
    e = ask_all(vr, &axis, what, &ask);
    if (e != ERR_OK)
        return failed(ctx, e);
    e = vread_run(vr, ctx);
    if (e == ERR_OK)
        e = vslo_rules_load(l, p, &rules, ctx);
    if (e == ERR_OK)
        e = vslo_load(l, p, &rules, &slos, ctx);
    if (e != ERR_OK)
        return e;
    v.slos = slos;
    v.slo_count = rules.count;
    e = vnotes_load(vr, &notes);
    ask.odd = e == ERR_OK && vnotes_is_odd(vr, &notes, v.signal);
    if (e == ERR_OK)
        e = build_signals(vr, &axis, &ask, &notes, &v);
    if (e == ERR_OK)
        e = build_past(vr, &ask, &v);
    if (e == ERR_OK)
        e = vstages_build(vr, &ask.stages, &axis, &v);
    if (e == ERR_OK)
        e = build_table(vr, &ask, &rules, &v);
    if (e == ERR_OK)
        e = put_coverage(vr, &v);
    if (e == ERR_OK)
        e = vreplicas_text(vr, ask.replicas, &v.sentence);
    if (e == ERR_OK)
        e = vheat_build(vr, ask.heat, &axis, HEAT_ROWS, &v.heat);
    if (e == ERR_OK && what->cell_ms != 0)
        e = vcell_build(vr, &ask.cell, &v.heat, what->cell_s, &v.cell);
    if (e != ERR_OK)
        return failed(ctx, e);
    *ret = v;
    return ERR_OK;
}
