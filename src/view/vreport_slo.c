/* SPDX-License-Identifier: MIT */
/* What a report says of objectives, and its charts. */
#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vlasted.h"
#include "view/vparts.h"
#include "view/vreport.h"
#include "view/vslo.h"
#include "view/vtext.h"

enum { CHART_COLUMNS_MAX = 60, CHART_COLUMNS_MIN = 10, SLOS_MAX = 8 };
static const int64_t minute_ms = 60000, margin_ms = 10 * 60000;

/* The time around the incident: a quarter of its length to both sides and ten minutes at least, in columns that no poll is wider than. */
static struct view_axis axis_around(const struct vreport *r, const struct vread *vr, enum signal s)
{
    const int64_t from = r->counts->from_ms, to = r->counts->to_ms, margin = (to - from) / 4 > margin_ms ? (to - from) / 4 : margin_ms;
    struct view_params p = r->own;
    struct view_axis axis;
    int64_t least = minute_ms;

    for (size_t i = 0; i < vr->source_count; i++)
        if (vread_counts(vr, s, i) && vr->sources[i].interval_ms > least)
            least = vr->sources[i].interval_ms;
    p.cursor_ms = to + margin < r->whole.cursor_ms ? to + margin : r->whole.cursor_ms;
    p.window_ms = p.cursor_ms - (from - margin);
    const int64_t columns = (p.window_ms + least - 1) / least;
    p.columns = columns > CHART_COLUMNS_MAX ? CHART_COLUMNS_MAX : columns < CHART_COLUMNS_MIN ? CHART_COLUMNS_MIN : (uint32_t)columns;
    view_axis_make(&p, &axis);
    p.columns =
        (uint32_t)((p.window_ms + axis.step_ms - 1) / axis.step_ms) + 1; /* no more of them than that takes: both ends lie inside one */
    p.window_ms = p.columns * axis.step_ms;
    view_axis_make(&p, &axis);
    return axis;
}

/* "page-1h 15:12:37Z to 15:31:37Z": of each rule when it fired, and when it was over. */
static const char *rules_text(const struct vreport *r, const struct slo *s)
{
    const struct view_incidents *v = &r->out->incidents;
    struct arena *a = r->l->arena;
    const char *text = "";

    for (size_t i = 0; i < v->alert_count && text != NULL; i++) {
        const struct alert *al = &v->alerts[i];
        if (al->state != ALERT_FIRING || vslo_of_rule(s, 1, al->rule) == NULL)
            continue;
        const struct alert *over = vreport_over(v, al);
        const char *from = vreport_at(r, al->since_ms, 0), *to = over != NULL ? vreport_at(r, over->since_ms, 0) : "now";
        text = from == NULL || to == NULL
                   ? NULL
                   : arena_printf(a, "%s%s%s %s to %s", text, text[0] != '\0' ? ", " : "", vreport_rule(al), from, to);
    }
    return text;
}

static const char *bad_means(struct arena *a, const struct slo *s)
{
    char threshold[VTEXT_MAX];
    if (s->kind == SLO_AVAILABILITY)
        return "failed";
    vtext_seconds(s->threshold, threshold);
    switch (s->signal) {
    case SIG_E2E: return arena_printf(a, "took longer than %s", threshold);
    case SIG_TTFT: return arena_printf(a, "took longer than %s to begin", threshold);
    case SIG_TPOT: return arena_printf(a, "took longer than %s for each further token", threshold);
    case SIG_STAGE_LATENCY: return arena_printf(a, "took longer than %s there", threshold);
    default: return arena_printf(a, "took longer than %s (%s)", threshold, signal_info(s->signal)->name);
    }
}

/* Those whose rules fired in the incident. */
static size_t keep_hit(const struct vreport *r, struct slo *slos, size_t count)
{
    const struct view_incidents *v = &r->out->incidents;
    size_t n = 0;
    for (size_t i = 0; i < count && n < SLOS_MAX; i++) {
        bool is_hit = false;
        for (size_t k = 0; k < v->alert_count; k++)
            is_hit = is_hit || (v->alerts[k].state == ALERT_FIRING && vslo_of_rule(&slos[i], 1, v->alerts[k].rule) != NULL);
        if (is_hit)
            slos[n++] = slos[i];
    }
    return n;
}

static enum err put_chart(struct vread *vr, size_t q, const struct slo *s, struct vreport_slo *ret)
{
    struct vreport_chart *c = &ret->chart;
    double *v = vstrip_alloc(vr, &c->axis, &c->strip);

    if (v == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < c->axis.columns; i++) {
        struct slo_count n;
        enum err e = vslo_count_column(vr, q, i, s, &n);
        if (e != ERR_OK)
            return e;
        v[i] = vnum_share(n.bad_lo, n.total, vread_trust_at(vr, q, i)).v;
    }
    vstrip_finish(&c->strip, c->axis.columns);
    return ERR_OK;
}

/* slo: as of the end; its budget is linear in what is bad, so that the incident's part of what is spent is its part of what is bad. */
static enum err put_slo(const struct vreport *r, struct vread *vr, size_t during, size_t chart, const struct slo *s,
                        struct vreport_slo *ret)
{
    struct slo_count n;
    enum err e = vslo_count(vr, during, s, &n);
    if (e != ERR_OK)
        return e;
    struct vtrust t = vread_trust(vr, during);
    t.less = t.less || vlasted_is_partly_counted(r->v);
    const struct vnum *left = &ret->slo->budget_left;
    const double spent = ret->slo->bad > 0 ? (1 - left->v) * (double)n.bad_lo / (double)ret->slo->bad : n.bad_lo == 0 ? 0 : (double)NAN;
    ret->total = n.total;
    ret->bad = n.bad_lo;
    ret->exact = vnum_of(0, 0, VNUM_SUM, t).exact;
    ret->percent = vnum_share(n.bad_lo, n.total, t);
    ret->spent = (struct vnum){.v = isnan(left->v) ? (double)NAN : spent,
                               .n = n.total,
                               .exact = left->exact == AT_MOST ? AT_LEAST
                                        : left->exact != EXACT ? left->exact
                                                               : ret->exact};
    ret->bad_means = bad_means(r->l->arena, s);
    ret->rules = rules_text(r, s);
    ret->scope = vslo_scope(r->l->arena, s, ",");
    const struct alert *first = vreport_first(&r->out->incidents);
    ret->opened = first != NULL && vslo_of_rule(s, 1, first->rule) != NULL;
    if (ret->scope == NULL)
        return ERR_NOMEM;
    ret->chart.unit = "%";
    const char *whole = vreport_of_scope(r->l->arena, ret->scope, s->kind == SLO_LATENCY ? "answers" : "requests");
    ret->chart.what =
        ret->bad_means != NULL && whole != NULL ? arena_printf(r->l->arena, "Share of %s that %s", whole, ret->bad_means) : NULL;
    return ret->rules != NULL && ret->chart.what != NULL ? put_chart(vr, chart, s, ret) : ERR_NOMEM;
}

static enum err read_slos(const struct vreport *r, const struct slo *slos, size_t count, struct vreport_slo *list, struct errctx *ctx)
{
    struct view_params everything = r->own;
    struct vread *vr = arena_alloc(r->l->scratch, sizeof *vr);
    size_t during[SLOS_MAX], chart[SLOS_MAX];

    everything.filter = "";
    /* the charts go on after the incident's end, and so does what is known of their sources */
    everything.cursor_ms = r->whole.cursor_ms;
    everything.live = r->whole.live;
    enum err e = vr != NULL ? vread_init(vr, r->l, &everything, ctx) : ERR_NOMEM;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        list[i].chart.axis = axis_around(r, vr, vslo_signal(&slos[i]));
        during[i] = vslo_query(vr, &slos[i], r->counts->from_ms, r->counts->to_ms);
        e = vslo_narrow(vr, &slos[i]);
        chart[i] = vslo_query_axis(vr, &slos[i], &list[i].chart.axis);
        if (e == ERR_OK)
            e = vslo_narrow(vr, &slos[i]);
    }
    if (e == ERR_OK)
        e = vread_run(vr, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = put_slo(r, vr, during[i], chart[i], &slos[i], &list[i]);
    return e;
}

/* By the definitions that are known now: those of a time that was filled in later were not known then. */
static enum err put_slos(const struct vreport *r, struct errctx *ctx)
{
    struct view_params at_end = r->own;
    struct vslo_rules rules = {.elsewhere = NULL};
    struct vslo *as_of_end;

    at_end.filter = "";
    enum err e = vslo_definitions(r->l, r->whole.cursor_ms, &rules.slos, &rules.count, ctx);
    if (e != ERR_OK)
        return e;
    rules.count = keep_hit(r, rules.slos, rules.count);
    rules.reach = arena_array(r->l->arena, rules.count + 1, sizeof *rules.reach);
    struct vreport_slo *list = arena_array(r->l->arena, rules.count + 1, sizeof *list);
    if (rules.reach == NULL || list == NULL)
        return ERR_NOMEM;
    memset(list, 0, (rules.count + 1) * sizeof *list);
    for (size_t i = 0; i < rules.count; i++)
        rules.reach[i] = VSLO_WHOLE;
    e = vslo_load(r->l, &at_end, &rules, &as_of_end, ctx);
    for (size_t i = 0; e == ERR_OK && i < rules.count; i++)
        list[i].slo = &as_of_end[i];
    if (e == ERR_OK)
        e = read_slos(r, rules.slos, rules.count, list, ctx);
    r->out->slos = list;
    r->out->slo_count = e == ERR_OK ? rules.count : 0;
    return e;
}

/* Spend per hour in its scope: what a budget's incident is about. */
static enum err put_spend(const struct vreport *r, struct errctx *ctx)
{
    struct vreport_chart *c = &r->out->spend;
    struct view_params p = r->whole;
    struct vread *vr = arena_alloc(r->l->scratch, sizeof *vr);

    c->what = "";
    if (!incident_is_of_budget(&r->v->in))
        return ERR_OK;
    p.filter = r->own.filter;
    enum err e = vr != NULL ? vread_init(vr, r->l, &p, ctx) : ERR_NOMEM;
    if (e != ERR_OK)
        return e;
    c->axis = axis_around(r, vr, SIG_COST);
    const size_t q = vread_axis(vr, SIG_COST, 0, &c->axis);
    e = vread_run(vr, ctx);
    double *v = e == ERR_OK ? vstrip_alloc(vr, &c->axis, &c->strip) : NULL;
    if (e != ERR_OK || v == NULL)
        return e != ERR_OK ? e : ERR_NOMEM;
    for (uint32_t i = 0; i < c->axis.columns; i++)
        v[i] = vnum_usd_per_h(vread_sum(vr, q, i, DIM_COUNT, 0)).v;
    vstrip_finish(&c->strip, c->axis.columns);
    c->unit = "$/h";
    c->what = arena_printf(r->l->arena, "Spend of %s per hour", r->out->scope_text);
    return c->what != NULL ? ERR_OK : ERR_NOMEM;
}

enum err vreport_objectives(const struct vreport *r, struct errctx *ctx)
{
    enum err e = put_slos(r, ctx);
    return e == ERR_OK ? put_spend(r, ctx) : e;
}
