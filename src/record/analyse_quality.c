/* SPDX-License-Identifier: MIT */
/* Scores of evaluations, a stream each by name, judge and model. Another judge measures something else, so it begins a stream of its own,
 * and that it did is an event. */
#include "record/analyse_late.h"
#include "record/analyse_stream.h"

#include <math.h>

#include "model/drift.h"

static void *make(void)
{
    return groups_new(sizeof(struct stream), true);
}

/* The string of "judge@v2"; the name alone where there is no judge, or both are longer than names are. */
static enum err name_of(struct analyser *an, uint32_t name, uint32_t judge, uint32_t *ret, struct errctx *ctx)
{
    const struct intern *strings = store_strings(an->st);
    char text[DRIFT_NAME_MAX];
    *ret = name;
    if (judge == 0 || !drift_name(intern_text(strings, name), intern_text(strings, judge), text))
        return ERR_OK;
    return store_string(an->st, str_of(text), ret, ctx);
}

/* A stream of the same score and model with another judge, which was fed last. */
static const struct stream *other_judge(const struct groups *gs, const struct group *g)
{
    const struct stream *s = g->own, *found = NULL;
    for (uint32_t i = 0; i < gs->count; i++) {
        const struct stream *o = gs->list[i]->own;
        if (gs->list[i] != g && o->name == s->name && gs->list[i]->b == g->b && o->at_ms > (found != NULL ? found->at_ms : 0))
            found = o;
    }
    return found;
}

/* With the first scores of a judge, where another one's were there before. */
static enum err tell_judge(struct analyser *an, const struct groups *gs, const struct group *g, const struct interval *in,
                           struct errctx *ctx)
{
    const struct stream *s = g->own, *old = s->at_ms == 0 && s->now.n > 0 ? other_judge(gs, g) : NULL;
    if (old == NULL)
        return ERR_OK;
    const char *rule, *scope, *is = s->judge != 0 ? text_string(an, s->judge) : "none", *name = text_string(an, s->name);
    const char *was = old->judge != 0 ? text_string(an, old->judge) : "none";
    stream_finding(an, g->a, g->b, &rule, &scope);
    if (is == NULL || name == NULL || was == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a judge");
    const char *key = arena_printf(&an->scratch, "judge:%u:%u", g->a, g->b);
    /* of this score alone: no other one of the model has another judge */
    const char *of = scope != NULL ? arena_printf(&an->scratch, "%s%sname=%s", scope, scope[0] != '\0' ? "," : "", name) : NULL;
    const char *text = arena_printf(&an->scratch, "the judge of %s is %s, was %s: its baseline begins anew", name, is, was);
    return analyse_event(an, key, EVENT_CONFIG, in->t1_ms, in->known_ms, of, text, ctx);
}

static enum err on_series(struct analyser *an, void *state, const struct series *s, struct link *ret_link, bool *ret_wanted,
                          struct errctx *ctx)
{
    struct groups *gs = state;
    uint32_t name;
    if (s->signal != SIG_EVAL || s->dim[DIM_NAME] == 0)
        return ERR_OK;
    enum err e = name_of(an, s->dim[DIM_NAME], s->dim[DIM_JUDGE], &name, ctx);
    if (e == ERR_OK)
        e = groups_get(an, gs, &detect_quality, name, s->dim[DIM_MODEL], &ret_link->slot, ret_wanted, ctx);
    if (e != ERR_OK || !*ret_wanted)
        return e;
    struct group *g = gs->list[ret_link->slot];
    struct stream *st = g->own;
    st->name = s->dim[DIM_NAME];
    st->judge = s->dim[DIM_JUDGE];
    const bool is_new = !st->ready, is_known = ((st->feeders.now | st->feeders.before) >> s->source % 64 & 1) != 0;
    e = stream_open(an, g, s->source, ctx);
    if (e == ERR_OK && !is_new && !is_known) /* another source tells it, too: maybe the other way round */
        e = stream_ask_better(an, g, ctx);
    return e;
}

static struct scored scored(int64_t n, int64_t sum_fixed, int64_t sum_sq_fixed, int64_t bad)
{
    struct scored c = {.n = n > 0 ? (uint64_t)n : 0, .bad = bad > 0 ? (uint64_t)bad : 0};
    const double most = (double)c.n;
    c.bad = c.bad < c.n ? c.bad : c.n;
    c.sum = fmin(fmax(0, unit_from_fixed(UNIT_RATIO, sum_fixed)), most);
    c.sum_sq = fmin(fmax(0, unit_from_fixed(UNIT_RATIO, sum_sq_fixed)), c.sum);
    c.sum_sq = c.sum_sq > 0 ? c.sum_sq : c.sum; /* not told: the most that it can be */
    return c;
}

static void on_item(struct analyser *an, void *state, const struct link *l, const struct store_item *item)
{
    const struct scored c = scored(item->v.score.n, item->v.score.sum_fixed, item->v.score.sumsq_fixed, item->v.score.bad);
    (void)an;
    stream_count(state, l->slot, &c);
}

static void on_late(struct analyser *an, void *state, const struct link *l, const struct interval *in, const struct store_item *item)
{
    (void)state;
    const struct late late = {.t0_ms = in->t0_ms,
                              .t1_ms = in->t1_ms,
                              .source = in->source,
                              .slot = l->slot,
                              .revised = in->revised,
                              .n = item->v.score.n,
                              .sum_fixed = item->v.score.sum_fixed,
                              .sumsq_fixed = item->v.score.sumsq_fixed,
                              .bad = item->v.score.bad};
    analyse_late_put(an, &late);
}

/* A score that is older than what was fed counts as one that comes now: a bet that was laid is not taken back. What a revision takes away
 * is noted, and the past judged again. */
void quality_count_late(struct groups *gs, const struct late *l)
{
    struct group *g = gs->list[l->slot];
    const struct scored c = scored(l->n, l->sum_fixed, l->sumsq_fixed, l->bad);
    if (l->t1_ms <= g->from_ms)
        return;
    if (!l->revised) {
        stream_count(gs, l->slot, &c);
        return;
    }
    const struct stream_change by = {
        .n = l->n, .bad = l->bad, .sum = unit_from_fixed(UNIT_RATIO, l->sum_fixed), .sum_sq = unit_from_fixed(UNIT_RATIO, l->sumsq_fixed)};
    stream_revise(g, l->t0_ms, l->t1_ms, &by);
}

static enum err on_interval(struct analyser *an, void *state, const struct interval *in, struct errctx *ctx)
{
    const struct groups *gs = state;
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < gs->touched_count; i++) {
        struct group *g = gs->list[gs->touched[i]];
        const struct stream *s = g->own;
        e = tell_judge(an, gs, g, in, ctx);
        if (e == ERR_OK && s->is_score && s->better == SCORE_UNTOLD && in->t1_ms / STREAM_STEP_MS > s->at_ms / STREAM_STEP_MS)
            e = stream_ask_better(an, g, ctx);
    }
    return e == ERR_OK ? streams_close(an, state, &detect_quality, in, ctx) : e;
}

static struct daycount count(const struct store_cell *cell)
{
    return (struct daycount){.n = cell->score_n > 0 ? (uint64_t)cell->score_n : 0,
                             .bad = cell->score_bad > 0 ? (uint64_t)cell->score_bad : 0};
}

struct scored quality_scored(const struct store_cell *cell)
{
    return scored(cell->score_n, cell->sum, cell->score_sumsq, cell->score_bad);
}

static double column(struct analyser *an, struct group *g, int64_t begin_ms, int64_t end_ms, const struct store_cell *cell,
                     const struct daycount *c)
{
    const struct scored s = quality_scored(cell);
    (void)c;
    return stream_fill(an, g, begin_ms, end_ms, &s);
}

uint32_t quality_name(const struct analyser *an, const struct groups_reading *how, const struct store_group *g)
{
    const struct intern *strings = store_strings(an->st);
    char text[DRIFT_NAME_MAX];
    uint32_t id = g->dim[DIM_NAME];
    (void)how;
    if (g->dim[DIM_JUDGE] != 0 && drift_name(intern_text(strings, id), intern_text(strings, g->dim[DIM_JUDGE]), text))
        (void)intern_find(strings, str_of(text), &id); /* it was made when the series was seen */
    return id;
}

static struct groups_reading reading(void)
{
    return (struct groups_reading){.n_signal = SIG_EVAL,
                                   .bad_signal = SIG_COUNT,
                                   .a = DIM_NAME,
                                   .b = DIM_MODEL,
                                   .by = DIM_BIT(DIM_JUDGE),
                                   .step_ms = STREAM_STEP_MS,
                                   .count = count,
                                   .name = quality_name,
                                   .column = column};
}

static enum err fill(struct analyser *an, void *state, struct errctx *ctx)
{
    const struct groups_reading how = reading();
    enum err e = analyse_replay(an, state, ctx);
    return e == ERR_OK ? groups_fill(an, state, &how, ctx) : e;
}

static enum err accept(struct analyser *an, void *state, const struct acceptance *a, struct errctx *ctx)
{
    return streams_accept(an, state, &detect_quality, a, ctx);
}

const struct detector detect_quality = {.name = "quality",
                                        .make = make,
                                        .drop = groups_free,
                                        .on_series = on_series,
                                        .on_item = on_item,
                                        .on_late = on_late,
                                        .on_interval = on_interval,
                                        .fill = fill,
                                        .accept = accept,
                                        .finding = stream_finding,
                                        .silent = stream_silent,
                                        .has_streams = true,
                                        .alive = streams_alive};
