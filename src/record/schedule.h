/* SPDX-License-Identifier: MIT */
/* When which source is asked. Pure: driven by the monotonic time it is given.
 *
 * Each source keeps its own beat: due times are start + k * interval, so that a slow answer does not shift the next one; a beat that was
 * missed is left out. Starts are spread by a seeded jitter. A source that fails is asked less often, doubling with jitter up to four
 * intervals (15 s at least, five minutes at most) so that its recovery is seen soon, and never twice at once. One token bucket over all
 * sources is the request budget. */
#ifndef GWTOP_RECORD_SCHEDULE_H
#define GWTOP_RECORD_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"

struct schedule_entry {
    int64_t interval_ms, due_ms;
    uint32_t failures; /* in a row */
    bool in_flight;
};

struct schedule {
    struct schedule_entry *list;
    uint32_t count, cap;
    double rate_per_s, tokens, burst;
    int64_t filled_ms; /* when tokens was right */
    bool jitter;
    struct rng rng;
};

enum { SCHEDULE_BACKOFF_LEAST_MS = 15 * 1000, SCHEDULE_BACKOFF_MAX_MS = 5 * 60 * 1000, SCHEDULE_SPREAD_MS = 1000 };

/* rate_per_s <= 0: no budget. jitter false: every source starts at once and no back-off varies (replay, tests). */
void schedule_init(struct schedule *s, double rate_per_s, bool jitter, uint64_t seed, int64_t now_ms);
void schedule_fini(struct schedule *s);
/* First due now, spread over a second or a tenth of the interval. Errors: ERR_NOMEM. */
enum err schedule_add(struct schedule *s, int64_t interval_ms, int64_t now_ms, uint32_t *ret) GW_MUST_USE;

/* The source that is due longest and may be asked now: marks it in flight and takes a token. False: none. */
bool schedule_take(struct schedule *s, int64_t now_ms, uint32_t *ret);
/* A further request of a source in flight (the next page of an answer): takes a token, or false: wait. */
bool schedule_take_token(struct schedule *s, int64_t now_ms);
/* A request that may wait for ever: takes a token, but only where it will be there again before the next source is due. */
bool schedule_take_spare_token(struct schedule *s, int64_t now_ms);
void schedule_done(struct schedule *s, uint32_t i, bool good, int64_t now_ms);
/* A source that is not in flight is not due before now + delay_ms. */
void schedule_hold(struct schedule *s, uint32_t i, int64_t delay_ms, int64_t now_ms);
/* A source that is not in flight is due at once: what it waited for is there. */
void schedule_wake(struct schedule *s, uint32_t i, int64_t now_ms);
/* Milliseconds until something can be due, at most max_ms; 0 = now. Sources in flight do not count. */
int64_t schedule_wait(const struct schedule *s, int64_t now_ms, int64_t max_ms);
int64_t schedule_token_wait(const struct schedule *s, int64_t now_ms);

#endif
