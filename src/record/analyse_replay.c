/* SPDX-License-Identifier: MIT */
/* What waited to be fed when the recorder ended: what was handed in of more than a day, or read back, is in the store with the commit that
 * it came with, and would never be looked at. So that commit notes from when on some wait, and a restart puts them to the queue again, from
 * the store. */
#include "record/analyse_late.h"

#include <math.h>

#include "record/analyse_stream.h"

enum { READ_BYTES_MAX = 128 << 20 };
static const char note_name[] = "late", again_name[] = "late-again";

static enum err put_note(struct analyser *an, const char *name, int64_t from_ms, struct errctx *ctx)
{
    char text[32];
    (void)str_format(text, sizeof text, "%lld", (long long)from_ms);
    return store_put_note(an->st, name, 0, str_of(text), ctx);
}

/* 0 = nothing is noted. */
static enum err read_note(struct analyser *an, const char *name, int64_t *ret, struct errctx *ctx)
{
    struct str text;
    *ret = 0;
    enum err e = store_note(an->st, name, INT64_MAX, &an->scratch, &text);
    if (e != ERR_OK)
        return e == ERR_NOTFOUND ? ERR_OK : errctx_set(ctx, e, "which scores wait cannot be read");
    if (!str_to_i64(text, ret) || *ret < 0)
        *ret = 0;
    return ERR_OK;
}

enum err analyse_replay_note(struct analyser *an, int64_t from_ms, struct errctx *ctx)
{
    an->late_noted_ms = from_ms;
    return put_note(an, note_name, from_ms, ctx);
}

static enum err keep(struct analyser *an, struct groups *gs, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < gs->count; i++) {
        const struct stream *s = gs->list[i]->own;
        if (s->is_ahead)
            e = stream_save(an, gs->list[i], s->at_ms, ctx);
    }
    return e;
}

/* What was revised is in no kept state before it was looked at. */
static bool is_to_be_judged(const struct groups *gs)
{
    for (uint32_t i = 0; gs != NULL && i < gs->count; i++)
        if (((const struct stream *)gs->list[i]->own)->is_revised)
            return true;
    return false;
}

enum err analyse_replay_again(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    const bool waits = analyse_late_waits(an), is_older = an->again_noted_ms == 0 || an->late_oldest_ms < an->again_noted_ms;
    size_t at = 0;
    an->again_ms = waits ? now_ms : an->again_ms;
    if (waits ? !is_older : an->again_noted_ms == 0 || now_ms - an->again_ms < STREAM_STEP_MS)
        return ERR_OK;
    struct groups *gs = analyse_streams_at(an, &at);
    if (!waits && is_to_be_judged(gs))
        return ERR_OK;
    an->again_noted_ms = waits ? an->late_oldest_ms : 0;
    enum err e = waits ? ERR_OK : keep(an, gs, ctx);
    return e == ERR_OK ? put_note(an, again_name, an->again_noted_ms, ctx) : e;
}

/* Streams whose kept state is newer than that. */
static enum err judge_again(struct analyser *an, struct groups *gs, struct errctx *ctx)
{
    enum err e = read_note(an, again_name, &an->again_noted_ms, ctx);
    an->again_ms = analyse_newest_ms(an);
    for (uint32_t i = 0; e == ERR_OK && an->again_noted_ms != 0 && i < gs->count; i++) {
        struct stream *s = gs->list[i]->own;
        if (gs->list[i]->waits || s->saved_ms <= an->again_noted_ms)
            continue;
        s->late_from_ms = s->late_from_ms == 0 || an->again_noted_ms < s->late_from_ms ? an->again_noted_ms : s->late_from_ms;
        s->again = true;
    }
    return e;
}

/* What its kept state lacks of a column. */
static bool is_left(const struct group *g, int64_t end_ms, struct late *l)
{
    const double scale = (double)unit_scale(UNIT_RATIO);
    const struct scored all = {.n = (uint64_t)l->n,
                               .bad = l->bad > 0 ? (uint64_t)l->bad : 0,
                               .sum = (double)l->sum_fixed / scale,
                               .sum_sq = (double)l->sumsq_fixed / scale},
                        left = stream_not_fed(g->own, l->t0_ms, end_ms, &all);
    if (left.n == all.n)
        return true;
    l->n = (int64_t)left.n;
    l->bad = (int64_t)left.bad;
    l->sum_fixed = llround(left.sum * scale);
    l->sumsq_fixed = llround(left.sum_sq * scale);
    return left.n > 0;
}

/* Takes the columns of one group. */
static void put_columns(struct analyser *an, struct groups *gs, uint32_t slot, const struct store_query *q, const struct store_group *of)
{
    const struct group *g = gs->list[slot];
    const int64_t newest = analyse_newest_ms(an);
    for (uint32_t i = 0; i < q->columns; i++) {
        const struct store_cell *c = &of->cells[i];
        const int64_t begin = q->t0_ms + (int64_t)i * q->step_ms, end = begin + q->step_ms;
        if (c->n == 0 || c->score_n <= 0)
            continue;
        struct late l = {.t0_ms = begin,
                         .t1_ms = end < newest ? end : newest,
                         .slot = slot,
                         .n = c->score_n,
                         .sum_fixed = c->sum,
                         .sumsq_fixed = c->score_sumsq,
                         .bad = c->score_bad};
        if (is_left(g, end, &l))
            analyse_late_put(an, &l);
    }
}

static enum err read_day(struct analyser *an, struct groups *gs, int64_t t0_ms, struct errctx *ctx)
{
    struct store_query q = {.signal = SIG_EVAL,
                            .group_by = DIM_BIT(DIM_NAME) | DIM_BIT(DIM_JUDGE) | DIM_BIT(DIM_MODEL),
                            .t0_ms = t0_ms,
                            .step_ms = STREAM_STEP_MS,
                            .columns = (uint32_t)(DAY_MS / STREAM_STEP_MS)};
    struct store_result r;
    struct arena a;
    uint32_t slot;
    enum err e = analyse_allowed(an, SIG_EVAL, &q.filter.sources, &q.filter.source_count, ctx);
    if (e != ERR_OK)
        return e;
    arena_init(&a, READ_BYTES_MAX);
    e = store_read(an->st, &q, 1, &a, &r, ctx);
    for (size_t i = 0; e == ERR_OK && i < r.count; i++)
        if (groups_find(gs, quality_name(an, NULL, &r.groups[i]), r.groups[i].dim[DIM_MODEL], &slot) && gs->list[slot]->waits)
            put_columns(an, gs, slot, &q, &r.groups[i]);
    arena_fini(&a);
    return e == ERR_OK ? analyse_late_failed(an, ctx) : e;
}

enum err analyse_replay_more(struct analyser *an, struct groups *gs, struct errctx *ctx)
{
    enum err e = ERR_OK;
    while (e == ERR_OK && an->replay_ms != 0 && !analyse_late_waits(an)) {
        e = read_day(an, gs, an->replay_ms, ctx);
        an->replay_ms = an->replay_ms + DAY_MS < analyse_newest_ms(an) ? an->replay_ms + DAY_MS : 0;
    }
    return e;
}

enum err analyse_replay(struct analyser *an, struct groups *gs, struct errctx *ctx)
{
    const int64_t newest = analyse_newest_ms(an);
    enum err e = read_note(an, note_name, &an->late_noted_ms, ctx);
    if (e == ERR_OK)
        e = read_note(an, DRIFT_JUDGED_NOTE, &an->judged_ms, ctx);
    for (uint32_t i = 0; e == ERR_OK && an->late_noted_ms != 0 && i < gs->count; i++)
        gs->list[i]->waits = ((const struct stream *)gs->list[i]->own)->saved_ms < newest - DAY_MS;
    if (e == ERR_OK)
        e = judge_again(an, gs, ctx);
    if (e != ERR_OK || an->late_noted_ms == 0)
        return e;
    an->replay_ms = (an->late_noted_ms - 1) / STREAM_STEP_MS * STREAM_STEP_MS;
    e = analyse_replay_more(an, gs, ctx);
    return e == ERR_OK && !analyse_late_waits(an) ? analyse_replay_note(an, 0, ctx) : e;
}
