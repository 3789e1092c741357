/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/stat.h"
#include "base/timefmt.h"
#include "view/vfinding.h"
#include "view/vrows.h"
#include "view/vtext.h"

/* What is compared: the last 15 minutes against a day. The recorder's drifts come with a guarantee; this test states its error. */
static const int64_t recent_ms = 15 * 60000, base_ms = 24 * 3600000;
static const double alarm_p = 1e-6, watch_p = 1e-3;
enum { BASE_MIN = 200, RECENT_MIN = 20 };

struct score_sum {
    int64_t n, sum, bad;
    struct vtrust trust;
};

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

/* What the last 15 minutes are held against, and how that is called. */
struct baseline {
    int64_t t0_ms, t1_ms;
    const char *text;
    bool own; /* not the day before */
};

/* The day before them; but the day before a drift's onset while that is open and for a day after, or it would become its own baseline; and
 * nothing from before a drift that was taken for normal. docs/decisions/0008-drift.md */
static enum err choose_baseline(struct arena *a, const struct alert *found, int64_t until_ms, struct baseline *ret)
{
    char clock[TIMEFMT_MAX];

    *ret = (struct baseline){until_ms - recent_ms - base_ms, until_ms - recent_ms, "the 24h before", false};
    if (found == NULL)
        return ERR_OK;
    instant_format_clock(found->onset_ms, clock);
    if (found->state != ALERT_FIRING && found->total == 0) {
        if (found->onset_ms > ret->t0_ms) {
            ret->t0_ms = found->onset_ms < ret->t1_ms ? found->onset_ms : ret->t1_ms;
            ret->own = true;
            ret->text = arena_printf(a, "what came since %s, which was taken for normal", clock);
        }
    } else if (found->state == ALERT_FIRING || until_ms < found->since_ms + base_ms) {
        ret->t0_ms = found->onset_ms - base_ms;
        ret->t1_ms = found->onset_ms;
        ret->own = true;
        ret->text =
            found->state == ALERT_FIRING ? "the 24h before its onset" : arena_printf(a, "the 24h before %s, the last drift's onset", clock);
    }
    return ret->text != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err judge(struct vquality_row *row, struct score_sum now, struct score_sum base, const struct baseline *b, struct arena *a)
{
    bool silent = now.n == 0, thin = base.n < BASE_MIN || now.n < RECENT_MIN;

    row->p_value = NAN;
    row->detectable = NAN;
    row->missing = "";
    row->test = arena_printf(a, "share of bad, Fisher's exact test, 15m against %s", b->text);
    if (silent) {
        row->state = QUALITY_STALE;
        row->missing = "no score in the last 15m";
    } else if (thin) {
        row->state = QUALITY_THIN;
        row->missing = base.n < BASE_MIN ? arena_printf(a, "baseline has %lld scores, needs %d", (long long)base.n, BASE_MIN)
                                         : arena_printf(a, "%lld scores in 15m, needs %d", (long long)now.n, RECENT_MIN);
    } else {
        row->p_value = stat_fisher_tail((uint64_t)base.n, (uint64_t)base.bad, (uint64_t)now.n, (uint64_t)now.bad);
        row->detectable = detectable_points(now, base);
        row->state = row->p_value <= alarm_p ? QUALITY_DRIFT : row->p_value <= watch_p ? QUALITY_WATCHING : QUALITY_QUIET;
    }
    if (row->finding != NULL)
        row->state = QUALITY_DRIFT;
    return row->test != NULL && row->missing != NULL ? ERR_OK : ERR_NOMEM;
}

/* The last change from half an hour before the onset until five minutes after it, of the model or of everything. */
static enum err explain(const struct view_loader *l, const struct view_params *p, struct vquality_row *row, struct errctx *ctx)
{
    static const int64_t before_ms = 30 * 60000, after_ms = 5 * 60000;
    const struct event *change = NULL;
    struct event *events;
    size_t count;
    char clock[TIMEFMT_MAX];

    row->explain = "";
    if (row->finding == NULL)
        return ERR_OK;
    enum err e = store_events(l->st, row->onset_ms - before_ms, row->onset_ms + after_ms, p->cursor_ms, l->arena, &events, &count, ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < count; i++)
        if (events[i].kind <= EVENT_RESTART && (events[i].scope[0] == '\0' || strcmp(events[i].scope, row->finding->scope) == 0))
            change = &events[i];
    if (change == NULL)
        return ERR_OK;
    instant_format_clock(change->at_ms, clock);
    row->explain = arena_printf(l->arena, "%s %s", clock, change->text);
    return row->explain != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading scores");
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

/* A score of a model, what is found of it, and what it is held against. */
struct score {
    uint32_t name, model;
    const struct alert *found;
    struct baseline base;
    struct score_sum before;
};

struct quality {
    struct vread *vr;
    const struct view_params *p;
    struct view_axis axis;
    struct vask ask;
    size_t recent, day;
    struct alert *found;
    size_t found_count;
    struct score *list;
    size_t count;
};

static enum err list_scores(struct quality *q)
{
    struct arena *a = q->vr->l->arena;
    const struct store_result *recent = &q->vr->r[q->recent], *day = &q->vr->r[q->day];
    const struct store_group **all = arena_array(a, recent->count + day->count + 1, sizeof *all);

    q->count = recent->count;
    q->list = arena_array(a, recent->count + day->count + 1, sizeof *q->list);
    if (all == NULL || q->list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < q->count; i++)
        all[i] = &recent->groups[i];
    q->count += add_missing(day, all, q->count); /* scores that fell silent */
    for (size_t i = 0; i < q->count; i++) {
        struct score *s = &q->list[i];
        s->name = all[i]->dim[DIM_NAME];
        s->model = all[i]->dim[DIM_MODEL];
        s->found = vfinding_of(q->found, q->found_count, "quality", vread_text(q->vr, s->name), DIM_MODEL, vread_text(q->vr, s->model));
        s->before = score_sum(q->vr, q->day, s->name, s->model);
        enum err e = choose_baseline(a, s->found, q->vr->until_ms[SIG_EVAL], &s->base);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

/* Reads the baselines that are not the day before, some at a time. */
static enum err read_baselines(struct quality *q, struct errctx *ctx)
{
    struct vread *vr = arena_alloc(q->vr->l->scratch, sizeof *vr);
    struct score *of[VREAD_MAX];
    enum err e = vr != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading scores");

    for (size_t at = 0; e == ERR_OK && at < q->count;) {
        e = vread_init(vr, q->vr->l, q->p, ctx);
        for (; e == ERR_OK && at < q->count && vr->count < VREAD_MAX; at++) {
            struct score *s = &q->list[at];
            if (!s->base.own)
                continue;
            of[vr->count] = s;
            vr->past[vread_window(vr, SIG_EVAL, DIM_BIT(DIM_NAME) | DIM_BIT(DIM_MODEL), s->base.t0_ms, s->base.t1_ms)] = true;
            e = vread_narrow(vr, DIM_NAME, s->name);
            if (e == ERR_OK)
                e = vread_narrow(vr, DIM_MODEL, s->model);
        }
        if (e == ERR_OK)
            e = vread_run(vr, ctx);
        for (size_t i = 0; e == ERR_OK && i < vr->count; i++)
            of[i]->before = score_sum(vr, i, of[i]->name, of[i]->model);
    }
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading scores") : e;
}

static enum err fill_row(struct quality *q, const struct score *s, struct vquality_row *ret, struct errctx *ctx)
{
    const char *name = vread_text(q->vr, s->name);
    struct vrow row;
    enum err e = vrow_score(q->vr, &q->axis, q->ask, s->name, s->model, name, &row);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory while reading scores");
    struct score_sum now = score_sum(q->vr, q->recent, s->name, s->model);
    bool open = s->found != NULL && s->found->state == ALERT_FIRING;
    *ret = (struct vquality_row){.name = name,
                                 .scope = vread_text(q->vr, s->model),
                                 .now = mean_percent(now),
                                 .base = mean_percent(s->before),
                                 .against = s->base.text,
                                 .strip = row.strip,
                                 .finding = open ? s->found : NULL,
                                 .onset_ms = open ? s->found->onset_ms : 0};
    e = judge(ret, now, s->before, &s->base, q->vr->l->arena);
    return e == ERR_OK ? explain(q->vr->l, q->p, ret, ctx) : errctx_set(ctx, e, "out of memory while reading scores");
}

/* What a tired person needs of the worst row; the rest is counted. */
static const char *sentence(struct arena *a, const struct vquality_row *rows, size_t count, int64_t cursor_ms)
{
    const struct vquality_row *r = &rows[0];
    char now[VTEXT_MAX], base[VTEXT_MAX];
    size_t drifts = 0;

    while (drifts < count && rows[drifts].state == QUALITY_DRIFT)
        drifts++;
    if (r->state == QUALITY_THIN || r->state == QUALITY_STALE)
        return "not known: no score has both a baseline and recent values";
    if (drifts == 0)
        return "no score differs from its baseline beyond p 1e-6";
    const char *since = vtext_since(a, r->onset_ms, r->finding != NULL ? r->finding->onset_error_ms : 0, cursor_ms),
               *more = drifts > 1 ? arena_printf(a, "; %zu more drift", drifts - 1) : "";
    (void)str_format(now, sizeof now, isnan(r->now.v) ? "no score" : "%.1f%%", r->now.v);
    (void)str_format(base, sizeof base, isnan(r->base.v) ? "not known" : "%.1f%%", r->base.v);
    if (since == NULL || more == NULL)
        return NULL;
    if (r->finding == NULL)
        return arena_printf(a, "%s of %s: %s in the last 15m, %s in %s (n %llu, p %.0e)%s", r->name, r->scope, now, base, r->against,
                            (unsigned long long)r->now.n, r->p_value, more);
    return arena_printf(a, "%s%s: %s in the last 15m (n %llu), %s in %s%s", r->finding->text, since, now, (unsigned long long)r->now.n,
                        base, r->against, more);
}

static enum err ask(struct quality *q, struct errctx *ctx)
{
    const uint32_t by = DIM_BIT(DIM_NAME) | DIM_BIT(DIM_MODEL);
    q->ask = vask_add(q->vr, SIG_EVAL, by, &q->axis);
    int64_t until = q->vr->until_ms[SIG_EVAL];
    q->recent = vread_window(q->vr, SIG_EVAL, by, until - recent_ms, until);
    q->day = vread_window(q->vr, SIG_EVAL, by, until - recent_ms - base_ms, until - recent_ms);
    q->vr->past[q->day] = true;
    enum err e = vread_run(q->vr, ctx);
    return e == ERR_OK ? vfindings_load(q->vr->l, q->p, &q->found, &q->found_count, ctx) : e;
}

enum err view_load_quality(const struct view_loader *l, const struct view_params *p, struct view_quality *ret, struct errctx *ctx)
{
    struct view_quality v = {.empty_text = "", .sentence = ""};
    struct quality q = {.p = p, .vr = arena_alloc(l->arena, sizeof *q.vr)};

    if (q.vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading scores");
    enum err e = vrows_init(q.vr, l, p, &q.axis, ctx);
    if (e == ERR_OK)
        e = ask(&q, ctx);
    if (e != ERR_OK)
        return e;
    if (list_scores(&q) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading scores");
    e = read_baselines(&q, ctx);
    struct vquality_row *rows = arena_array(l->arena, q.count + 1, sizeof *rows);
    for (size_t i = 0; e == ERR_OK && rows != NULL && i < q.count; i++)
        e = fill_row(&q, &q.list[i], &rows[i], ctx);
    if (e != ERR_OK)
        return e;
    if (rows != NULL) {
        qsort(rows, q.count, sizeof *rows, worst_first);
        v.rows = rows;
        v.row_count = q.count;
        if (q.count == 0) {
            static const char none[] = "No scores recorded. Point a source at an endpoint that exposes evaluation results (profile "
                                       "otel-genai: gen_ai_evaluation_*).";
            static const char others[] = "No score was recorded of what the filter names in the last 24h.";
            e = vread_why_none(q.vr, SIG_EVAL, "Scores are", q.vr->has_series[SIG_EVAL] && p->filter[0] != '\0' ? others : none,
                               &v.empty_text);
            if (e != ERR_OK)
                return errctx_set(ctx, e, "out of memory while reading scores");
        } else
            v.sentence = sentence(l->arena, rows, q.count, p->cursor_ms);
    }
    if (rows == NULL || v.sentence == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading scores");
    *ret = v;
    return ERR_OK;
}
