/* SPDX-License-Identifier: MIT */
/* What was counted at polls of which the next ones must tell whether it was (record/sawtooth.h): copies of their items, gauges left out, until they
 * are given back as late batches or forgotten.
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
        uint32_t age; /* polls since */
    } list[SAWTOOTH_HOLD];
    uint32_t count; /* the oldest first */
};

void held_fini(struct held *h);
/* Once per poll, after sawtooth_judge and before held_take: forgets what does not wait any more. waiting: sawtooth.held. What counts now is *ret, its
 * items in a; *ret_any false: nothing does. Errors: ERR_NOMEM. */
enum err held_settle(struct held *h, const struct store *st, uint32_t waiting, struct arena *a, struct store_batch *ret,
                     bool *ret_any) GW_MUST_USE;
/* Takes all but the gauges from b, whose items are then others in a. Errors: ERR_NOMEM. */
enum err held_take(struct held *h, const struct store *st, struct arena *a, struct store_batch *b) GW_MUST_USE;

#endif
