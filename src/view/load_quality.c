/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/stat.h"
#include "base/timefmt.h"
#include "view/vrows.h"

/* What is compared: the last 15 minutes against the day before them. Later detectors state a guarantee; this test states its error. */
static const int64_t recent_ms = 15 * 60000, base_ms = 24 * 3600000;
static const double alarm_p = 1e-6, watch_p = 1e-3;
enum { BASE_MIN = 200, RECENT_MIN = 20 };

struct score_sum { int64_t n, sum, bad; struct vtrust trust; };

static struct score_sum score_sum(const struct vread *vr, size_t q, uint32_t name, uint32_t model)
{
    struct score_sum s = {.n = 0, .trust = vread_trust(vr, q)};
    for (size_t i = 0; i < vr->r[q].count; i++) {
        const struct store_group *g = &vr->r[q].groups[i];
        if (g->dim[DIM_NAME] != name || g->dim[DIM_MODEL] != model || g->cells[0].n == 0)
            continue;
        s.n += g->cells[0].score_n;
        s.sum += g->cells[0].sum;
        s.bad += g->cells[0].score_bad;
    }
    return s;
}

static struct vnum mean_percent(struct score_sum s)
{
    if (s.n <= 0)
        return vnum_marked(vnum_unknown(), VNUM_OTHER, s.trust);
    return vnum_of(100 * unit_from_fixed(UNIT_RATIO, s.sum) / (double)s.n, (uint64_t)s.n, VNUM_OTHER, s.trust);
}

static int64_t onset_of(const struct event *events, size_t count, const char *name, const char *model)
{
    for (size_t i = count; i-- > 0;)
        if (events[i].kind == EVENT_QUALITY && strstr(events[i].scope, name) != NULL && strstr(events[i].scope, model) != NULL)
            return events[i].at_ms;
    return 0;
}

/* The smallest share of bad, in points above the baseline's, that would be called drift with as many scores. */
static double detectable_points(struct score_sum now, struct score_sum base)
{
    uint64_t lo = 0, hi = (uint64_t)now.n;
    if (stat_fisher_tail((uint64_t)base.n, (uint64_t)base.bad, (uint64_t)now.n, hi) > alarm_p)
        return NAN;
    while (lo < hi) {
        uint64_t mid = lo + (hi - lo) / 2;
        if (stat_fisher_tail((uint64_t)base.n, (uint64_t)base.bad, (uint64_t)now.n, mid) <= alarm_p)
            hi = mid;
        else
            lo = mid + 1;
    }
    return 100 * ((double)hi / (double)now.n - (double)base.bad / (double)base.n);
}

static void judge(struct vquality_row *row, struct score_sum now, struct score_sum base, struct arena *a)
{
    row->p_value = NAN;
    row->detectable = NAN;
    row->test = "share of bad, Fisher's exact test, 15m against the 24h before";
    row->missing = "";
    if (now.n == 0) {
        row->state = QUALITY_STALE;
        row->missing = "no score in the last 15m";
        return;
    }
    if (base.n < BASE_MIN || now.n < RECENT_MIN) {
        row->state = QUALITY_THIN;
        row->missing = base.n < BASE_MIN ? arena_printf(a, "baseline has %lld scores, needs %d", (long long)base.n, BASE_MIN)
                                         : arena_printf(a, "%lld scores in 15m, needs %d", (long long)now.n, RECENT_MIN);
        return;
    }
    row->p_value = stat_fisher_tail((uint64_t)base.n, (uint64_t)base.bad, (uint64_t)now.n, (uint64_t)now.bad);
    row->detectable = detectable_points(now, base);
    row->state = row->p_value <= alarm_p ? QUALITY_DRIFT : row->p_value <= watch_p ? QUALITY_WATCHING : QUALITY_QUIET;
}

static int worst_first(const void *a, const void *b)
{
    static const int rank[] = {[QUALITY_DRIFT] = 0, [QUALITY_WATCHING] = 1, [QUALITY_QUIET] = 2, [QUALITY_THIN] = 3, [QUALITY_STALE] = 4};
    const struct vquality_row *x = a, *y = b;
    if (rank[x->state] != rank[y->state])
        return rank[x->state] - rank[y->state];
    int by_name = strcmp(x->name, y->name);
    return by_name != 0 ? by_name : strcmp(x->scope, y->scope);
}

/* Appends the groups of r that are not in list yet; returns how many. */
static size_t add_missing(const struct store_result *r, const struct store_group **list, size_t count)
{
    size_t added = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct store_group *g = &r->groups[i];
        bool there = false;
        for (size_t k = 0; k < count && !there; k++)
            there = list[k]->dim[DIM_NAME] == g->dim[DIM_NAME] && list[k]->dim[DIM_MODEL] == g->dim[DIM_MODEL];
        if (!there)
            list[count + added++] = g;
    }
    return added;
}

enum err view_load_quality(const struct view_loader *l, const struct view_params *p, struct view_quality *ret, struct errctx *ctx)
{
    struct view_quality v = {.empty_text = "", .sentence = ""};
    struct view_axis axis;
    struct event *events;
    size_t event_count;
    struct vread *vr = arena_alloc(l->arena, sizeof *vr);
    const uint32_t by = DIM_BIT(DIM_NAME) | DIM_BIT(DIM_MODEL);

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading scores");
    enum err e = vrows_init(vr, l, p, &axis, ctx);
    if (e != ERR_OK)
        return e;
    struct vask ask = vask_add(vr, SIG_EVAL, by, &axis);
    int64_t until = vr->until_ms[SIG_EVAL];
    size_t recent = vread_window(vr, SIG_EVAL, by, until - recent_ms, until);
    size_t base = vread_window(vr, SIG_EVAL, by, until - recent_ms - base_ms, until - recent_ms);
    vr->past[base] = true;
    e = vread_run(vr, ctx);
    if (e == ERR_OK)
        e = store_events(l->st, p->cursor_ms - 6 * 3600000, p->cursor_ms, p->cursor_ms, l->arena, &events, &event_count, ctx);
    if (e != ERR_OK)
        return e;
    size_t count = vr->r[recent].count;
    const struct store_group **all = arena_array(l->arena, count + vr->r[base].count + 1, sizeof *all);
    struct vquality_row *rows = arena_array(l->arena, count + vr->r[base].count + 1, sizeof *rows);
    if (rows == NULL || all == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading scores");
    for (size_t i = 0; i < count; i++)
        all[i] = &vr->r[recent].groups[i];
    count += add_missing(&vr->r[base], all, count); /* scores that fell silent */
    for (size_t i = 0; i < count; i++) {
        uint32_t name = all[i]->dim[DIM_NAME], model = all[i]->dim[DIM_MODEL];
        struct vrow row;
        e = vrow_score(vr, &axis, ask, name, model, vread_text(vr, name), &row);
        if (e != ERR_OK)
            return errctx_set(ctx, e, "out of memory while reading scores");
        struct score_sum now = score_sum(vr, recent, name, model), before = score_sum(vr, base, name, model);
        rows[i] = (struct vquality_row){.name = vread_text(vr, name), .scope = vread_text(vr, model), .now = mean_percent(now), .base = mean_percent(before), .strip = row.strip};
        judge(&rows[i], now, before, l->arena);
        if (rows[i].state == QUALITY_DRIFT)
            rows[i].onset_ms = onset_of(events, event_count, rows[i].name, rows[i].scope);
    }
    qsort(rows, count, sizeof *rows, worst_first);
    v.rows = rows;
    v.row_count = count;
    if (v.row_count == 0) {
        static const char none[] = "No scores recorded. Point a source at an endpoint that exposes evaluation results (profile otel-genai: gen_ai_evaluation_*).";
        static const char others[] = "No score was recorded of what the filter names in the last 24h.";
        e = vread_why_none(vr, SIG_EVAL, "Scores are", vr->has_series[SIG_EVAL] && p->filter[0] != '\0' ? others : none, &v.empty_text);
        if (e != ERR_OK)
            return errctx_set(ctx, e, "out of memory while reading scores");
    } else if (rows[0].state == QUALITY_DRIFT)
        v.sentence = arena_printf(l->arena, "%s of %s: %.1f%% in the last 15m, %.1f%% in the 24h before (n %llu, p %.0e)", rows[0].name, rows[0].scope,
                                  rows[0].now.v, rows[0].base.v, (unsigned long long)rows[0].now.n, rows[0].p_value);
    else if (rows[0].state == QUALITY_THIN || rows[0].state == QUALITY_STALE)
        v.sentence = "not known: no score has both a baseline and recent values";
    else
        v.sentence = "no score differs from its last 24h beyond p 1e-6";
    *ret = v;
    return v.sentence != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading scores");
}
