/* SPDX-License-Identifier: MIT */
/* Which tier answers which part of a query's time. Pure.
 *
 * A range is (a, b]. A rollup serves a range whose ends are whole buckets and whose columns' edges are whole buckets too, so that sums are
 * the same numbers that the raw samples give. What is left at the edges, and all that is recent, is read raw. Where raw samples are too
 * many or are no longer kept, the finest rollup serves with a bucket booked on the column that holds its end: coarser in time, still every
 * sample once. */
#ifndef GWTOP_STORE_STORE_PLAN_H
#define GWTOP_STORE_STORE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum store_plan_tier { PLAN_RAW, PLAN_5M, PLAN_1H, PLAN_1D, PLAN_TIERS };

struct store_range {
    int64_t a_ms, b_ms;
    enum store_plan_tier tier;
};

struct store_plan_limits {
    int64_t sealed_ms;            /* rollups are complete up to here: later is read raw */
    int64_t floor_ms[PLAN_TIERS]; /* nothing of a tier is kept up to here; whole days */
    const int64_t *kept;          /* pairs (t0, t1] of whole days whose raw samples are kept longer, rising */
    size_t kept_count;            /* pairs */
    int64_t raw_max_ms;           /* more raw time than this is not read in one query */
};

struct store_plan {
    struct store_range *ranges; /* rising, no overlap */
    size_t count, cap;
};

/* Plans (t0, t0 + step * columns]. Errors: ERR_NOMEM. */
enum err store_plan_make(const struct store_plan_limits *lim, int64_t t0_ms, int64_t step_ms, uint32_t columns,
                         struct store_plan *ret) GW_MUST_USE;
void store_plan_fini(struct store_plan *p);
int64_t store_plan_tier_ms(enum store_plan_tier t); /* 0 for raw */

#endif
