/* SPDX-License-Identifier: MIT */
/* What the increments of token counters can have cost. Counters carry no sizes of requests: where a model's price depends on how large a
 * prompt was, the cost is an interval that holds every sum that requests of these counts can have cost. The total, the number of requests
 * and a histogram of prompt sizes narrow it; where no request can have crossed a step, or every one must have, it is one number.
 *
 * Wide where nothing is known, never wrong: lo <= the true sum <= hi, given that the counts and the histogram are of the same requests. */
#ifndef GWTOP_ANALYSIS_PRICE_BOUNDS_H
#define GWTOP_ANALYSIS_PRICE_BOUNDS_H

#include "analysis/price_cost.h"

/* Requests by the number of their prompt tokens: count[i] of them have more than bound[i - 1] (0 for the first) and at most bound[i]; the
 * last bound may be INT64_MAX. Bounds rise. */
struct price_sizes {
    const int64_t *bound, *count;
    size_t buckets; /* 0 = no histogram */
};

struct price_interval {
    money_wide lo, hi; /* equal: exact but for what the notes say */
    unsigned notes;    /* enum price_note */
};

/* usage: increments of the same interval, count[PRICE_REQUEST] the requests (0 = not known; a price per request counts nothing then).
 * Errors: as price_bill_make; ERR_UNSUPPORTED for a list that has both kinds of steps. Cost: O(steps * (terms * rates + buckets)). */
enum err price_bounds(const struct price *p, const struct price_usage *u, const struct price_sizes *sizes, const struct price_how *how,
                      struct price_interval *ret, struct errctx *ctx) GW_MUST_USE;

#endif
