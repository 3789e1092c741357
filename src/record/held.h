/* SPDX-License-Identifier: MIT */
/* What was counted at polls of which the next ones must tell whether it was (record/sawtooth.h): copies of their items, gauges left out,
 * until they are given back as late batches or forgotten. Of a poll at which a few counters fell, the items of their signals: an interval
 * of a signal is known or not, so that no failures stand there without the requests that they are of.
 * Bounded: the items of SAWTOOTH_HOLD polls. What is held when the recorder ends is not known. */
#ifndef GWTOP_RECORD_HELD_H
#define GWTOP_RECORD_HELD_H

#include "base/arena.h"
#include "base/err.h"
#include "record/sawtooth.h"
#include "store/store.h"

struct held {
    struct held_poll {
        struct arena arena; /* of the batch's items */
        struct store_batch batch;
        uint64_t signals; /* whose items wait: bit s; 0 = of all */
        uint32_t age;     /* polls since */
    } list[SAWTOOTH_HOLD];
    uint32_t count; /* the oldest first */
};

/* What became of polls that waited. */
struct held_settled {
    struct store_batch counts[SAWTOOTH_HOLD]; /* that count now, the oldest first */
    uint32_t count;
    int64_t lost_t0_ms, lost_t1_ms; /* from the first to the last that do not; t1 0 = none */
    uint64_t lost_signals;          /* of them; 0 = of all */
};

void held_fini(struct held *h);
/* The gauges of a batch alone, in a. Errors: ERR_NOMEM. */
enum err held_gauges(const struct store *st, const struct store_batch *from, struct arena *a, struct store_batch *ret) GW_MUST_USE;
/* Once per poll, after sawtooth_judge and before held_take. What counts now has its items in a; what neither counts nor waits is forgotten.
 * Errors: ERR_NOMEM. */
enum err held_settle(struct held *h, const struct store *st, const struct sawtooth *s, struct arena *a,
                     struct held_settled *ret) GW_MUST_USE;
/* Takes all but the gauges of these signals (0 = of all) from b, whose items are then others in a. Errors: ERR_NOMEM. */
enum err held_take(struct held *h, const struct store *st, uint64_t signals, struct arena *a, struct store_batch *b) GW_MUST_USE;
/* Of which signals something waits; 0 = of all, or nothing does. */
uint64_t held_signals(const struct held *h);
/* Both; 0 = all. */
uint64_t held_join(uint64_t a, uint64_t b);

#endif
