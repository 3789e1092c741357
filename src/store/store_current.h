/* SPDX-License-Identifier: MIT */
/* The polls of a gauge whose values still hold, and what they read together. No SQLite here.
 *
 * How this works: each poll that holds has a slot, and its value is a leaf of a tree whose inner nodes merge their two children; so a poll
 * that comes or goes costs as many merges as the tree is high, however many sources there are, and sums do not drift. The tree grows with
 * what holds at once. */
#ifndef GWTOP_STORE_STORE_CURRENT_H
#define GWTOP_STORE_STORE_CURRENT_H

#include <stdbool.h>

#include "base/err.h"
#include "model/signal.h"
#include "store/store_axis.h"

enum { STORE_GAUGE_HOLD_MS = 5 * 60 * 1000 }; /* no value holds longer, whatever the length of its poll */

struct store_held {
    const struct store_poll *poll; /* NULL: the slot is free */
    int64_t until_ms;
    uint32_t source, next; /* slot + 1 of the next of the same source, or free, 0 = none */
};

struct store_current {
    enum merge merge;
    uint32_t *of_source;     /* [source_count] slot + 1 of one that holds, 0 = none */
    struct store_held *held; /* [cap] */
    double *tree;            /* [2 * cap]: node i over 2i and 2i + 1, the root is 1, slots from cap on; NaN = nothing */
    uint32_t cap, count, unused;
    int64_t earliest_ms; /* none ends before */
};

enum err store_current_init(struct store_current *c, uint32_t source_count) GW_MUST_USE;
void store_current_fini(struct store_current *c);
/* Nothing holds. Cost: what held. */
void store_current_reset(struct store_current *c, enum merge merge);

/* Polls come in time order. Each one first ends those that it replaces, or that are too old by then, whether it has a value or not. */
void store_current_expire(struct store_current *c, uint32_t source, const struct store_poll *now);
/* p is kept. */
enum err store_current_add(struct store_current *c, uint32_t source, const struct store_poll *p, double value) GW_MUST_USE;
/* NaN when nothing holds. */
static inline double store_current_value(const struct store_current *c)
{
    return c->count == 0 ? (double)NAN : c->tree[1];
}

#endif
