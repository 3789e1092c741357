/* SPDX-License-Identifier: MIT */
#include "record/analyse_late.h"

#include <stdlib.h>
#include <string.h>

#include "model/drift.h"
#include "record/analyse_stream.h"

enum { KEPT_MAX = 1 << 16 }; /* entries whose memory stays when nothing waits */

void analyse_late_put(struct analyser *an, const struct late *l)
{
    void *list = an->late;
    struct errctx ctx = {.text = ""};
    if (an->late_failed || analyse_grow(&list, &an->late_cap, an->late_count, sizeof *an->late, &ctx) != ERR_OK) {
        an->late_failed = true;
        return;
    }
    an->late = list;
    if (!analyse_late_waits(an) || l->t1_ms < an->late_oldest_ms)
        an->late_oldest_ms = l->t1_ms;
    an->late[an->late_count++] = *l;
    an->late_sorted = false;
}

enum err analyse_late_failed(const struct analyser *an, struct errctx *ctx)
{
    return an->late_failed ? errctx_set(ctx, ERR_NOMEM, "out of memory for %u scores of the past", an->late_count) : ERR_OK;
}

bool analyse_late_waits(const struct analyser *an)
{
    return an->late_at < an->late_count;
}

static int by_time(const void *a, const void *b)
{
    const struct late *x = a, *y = b;
    if (x->t1_ms != y->t1_ms)
        return x->t1_ms < y->t1_ms ? -1 : 1;
    if (x->t0_ms != y->t0_ms)
        return x->t0_ms < y->t0_ms ? -1 : 1;
    if (x->revised != y->revised)
        return x->revised ? 1 : -1;
    return x->slot != y->slot ? (x->slot < y->slot ? -1 : 1) : (x->source > y->source) - (x->source < y->source);
}

static bool is_same_interval(const struct late *x, const struct late *y)
{
    return x->t1_ms == y->t1_ms && x->t0_ms == y->t0_ms;
}

/* Counts all of an interval, of each score together what files and revisions told of it. */
static void count_interval(struct analyser *an, struct groups *gs)
{
    const struct late *first = &an->late[an->late_at];
    while (an->late_at < an->late_count && is_same_interval(&an->late[an->late_at], first)) {
        struct late sum = an->late[an->late_at++];
        for (; an->late_at < an->late_count; an->late_at++) {
            const struct late *l = &an->late[an->late_at];
            if (!is_same_interval(l, first) || l->slot != sum.slot || l->revised != sum.revised)
                break;
            sum.n += l->n;
            sum.sum_fixed += l->sum_fixed;
            sum.sumsq_fixed += l->sumsq_fixed;
            sum.bad += l->bad;
        }
        quality_count_late(gs, &sum);
    }
}

static enum err save_fed(struct analyser *an, struct groups *gs, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < gs->count; i++) {
        struct stream *s = gs->list[i]->own;
        if (s->to_save)
            e = stream_save(an, gs->list[i], s->at_ms, ctx);
        s->to_save = false;
    }
    return e;
}

/* What was fed is given back. */
static void compact(struct analyser *an)
{
    const uint32_t left = an->late_count - an->late_at;
    if (an->late_at > 0 && left > 0)
        memmove(an->late, an->late + an->late_at, left * sizeof *an->late);
    an->late_at = 0;
    an->late_count = left;
    if (left > 0 || an->late_cap <= KEPT_MAX)
        return;
    free(an->late);
    an->late = NULL;
    an->late_cap = 0;
}

/* Until so many are left. is_step: of a step, which still needs what is in scratch, and has no next turn to leave alarms to. */
static enum err feed(struct analyser *an, int64_t now_ms, uint32_t left, bool is_step, struct errctx *ctx)
{
    size_t at = 0;
    struct groups *gs = analyse_streams_at(an, &at); /* those of scores come first */
    const uint32_t asked_before = an->asked;
    enum err e = ERR_OK;
    uint32_t asked = 0;
    if (gs == NULL || an->late_count - an->late_at <= left)
        return ERR_OK;
    if (!an->late_sorted)
        qsort(an->late + an->late_at, an->late_count - an->late_at, sizeof *an->late, by_time);
    an->late_sorted = true;
    while (e == ERR_OK && an->late_count - an->late_at > left && (is_step || asked < STREAM_ASKED_AT_ONCE)) {
        const struct late *l = &an->late[an->late_at];
        const struct interval in = {.source = l->source, .t0_ms = l->t0_ms, .t1_ms = l->t1_ms, .known_ms = now_ms, .backfill = true};
        an->as_of_ms = in.t1_ms;
        an->asked = is_step ? STREAM_ASKED_AT_ONCE : 0;
        count_interval(an, gs);
        e = detect_quality.on_interval(an, gs, &in, ctx);
        asked += an->asked;
        if (!is_step)
            arena_reset(&an->scratch);
    }
    an->as_of_ms = 0;
    an->asked = asked_before;
    an->evidence_due = true;
    an->late_ms = now_ms;
    compact(an);
    if (e == ERR_OK)
        e = save_fed(an, gs, ctx);
    if (e == ERR_OK)
        e = analyse_replay_more(an, gs, ctx);
    return e == ERR_OK && an->late_noted_ms != 0 && !analyse_late_waits(an) ? analyse_replay_note(an, 0, ctx) : e;
}

/* Tells screens how far streams are judged, when that is another time. */
static enum err note_judged(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    const int64_t judged_ms = analyse_late_waits(an) ? an->late[an->late_at].t1_ms : 0;
    char text[32];
    if (judged_ms == an->judged_ms)
        return ERR_OK;
    an->judged_ms = judged_ms;
    (void)str_format(text, sizeof text, "%lld", (long long)judged_ms);
    return store_put_note(an->st, DRIFT_JUDGED_NOTE, now_ms, str_of(text), ctx);
}

enum err analyse_late_feed(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    an->asked = 0;
    enum err e = feed(an, now_ms, 0, false, ctx);
    if (e == ERR_OK)
        e = note_judged(an, now_ms, ctx);
    return e == ERR_OK ? analyse_replay_again(an, now_ms, ctx) : e;
}

enum err analyse_late_bound(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    const bool is_older = an->late_noted_ms == 0 || an->late_oldest_ms < an->late_noted_ms;
    enum err e = ERR_OK;
    if (analyse_late_waits(an) && is_older && an->late_oldest_ms < analyse_newest_ms(an) - DAY_MS)
        e = analyse_replay_note(an, an->late_oldest_ms, ctx);
    if (e == ERR_OK)
        e = analyse_replay_again(an, now_ms, ctx);
    return e == ERR_OK && an->late_count - an->late_at > ANALYSE_LATE_MAX ? feed(an, now_ms, ANALYSE_LATE_MAX / 2, true, ctx) : e;
}
