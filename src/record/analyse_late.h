/* SPDX-License-Identifier: MIT */
/* Scores of the past: what is handed in at once, read back at the beginning, or came late.
 *
 * How this works: detectors are to see samples in the order of their times, however they were cut into files, pages and commits, and an
 * alarm is held against samples of the store. So those of the past wait here until the commit that they came with is made, and are fed then
 * (with the next turn of the clock) in the order of their times, an interval at a time; while some wait, new ones queue up behind them.
 * Only what is older than the newest that its stream has seen is fed out of order: a bet that was laid is not taken back. An alarm that
 * comes of it is judged by the store, in the order of its times (analyse_again.c). */
#ifndef GWTOP_RECORD_ANALYSE_LATE_H
#define GWTOP_RECORD_ANALYSE_LATE_H

#include "record/analyse_stream.h"

/* What an interval told of a score, as the store has it; revised: of scores that were counted before, by how much that differs. */
struct late {
    int64_t t0_ms, t1_ms;
    uint32_t source, slot;
    bool revised;
    int64_t n, sum_fixed, sumsq_fixed, bad;
};

/* Puts one to the queue. Without memory analyse_late_failed() is an error from then on. */
void analyse_late_put(struct analyser *an, const struct late *l);
enum err analyse_late_failed(const struct analyser *an, struct errctx *ctx) GW_MUST_USE;
bool analyse_late_waits(const struct analyser *an);
/* At the end of a step: notes what a restart would not find in its last day; and of more than may wait the older half is fed at once,
 * before its samples are in the store, so its alarms wait for a later turn. */
enum { ANALYSE_LATE_MAX = 1 << 18 }; /* 15 MB */
enum err analyse_late_bound(struct analyser *an, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* Feeds what waits, until as many alarms were looked into as one step may; the rest goes on with the next turn. Cost: O(n log n). */
enum err analyse_late_feed(struct analyser *an, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* ---- analyse_replay.c ---- */

/* Notes with the commit that what ended at from_ms or later waits, 0 = nothing does. */
enum err analyse_replay_note(struct analyser *an, int64_t from_ms, struct errctx *ctx) GW_MUST_USE;
/* The same since when a restart is to judge streams again from the store: of what came late within the day it cannot tell what their kept
 * states hold. It is noted until nothing has waited for STREAM_STEP_MS, and these are kept then. */
enum err analyse_replay_again(struct analyser *an, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* At opening, before the day is read: what was noted is put to the queue again, of streams whose state holds nothing of the last day, in
 * columns of STREAM_STEP_MS; a day of them, and the next once that is fed. Cost: a reading of each day. */
enum err analyse_replay(struct analyser *an, struct groups *gs, struct errctx *ctx) GW_MUST_USE;
enum err analyse_replay_more(struct analyser *an, struct groups *gs, struct errctx *ctx) GW_MUST_USE;
/* The string that names a stream of scores: implemented by analyse_quality.c. */
group_name quality_name;

/* Counts one, of all that its interval told of its score: implemented by analyse_quality.c. */
void quality_count_late(struct groups *gs, const struct late *l);
struct scored quality_scored(const struct store_cell *cell); /* what a column holds: the same */

#endif
