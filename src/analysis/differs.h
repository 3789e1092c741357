/* SPDX-License-Identifier: MIT */
/* What differs: which values of which dimensions, alone or together, explain best that a quantity is not what it was. Pure.
 *
 * How it ranks: every leaf (one combination of values) brings what was seen of it and what was expected of it. For each combination S of
 * up to DIFFERS_DEPTH values the Poisson log-likelihood ratio of its change, less that of the change outside it: how much better "S
 * moved, the rest did not" explains the leaves than the reverse. There is no setting but the weight of a leaf's own past. What is named
 * stays in the scan, so the list holds alternatives that overlap (analysis/suspects takes it out and ranks again); of combinations that
 * hold the very same leaves the one with fewest values stands.
 * Source: docs/decisions/0005-what-differs.md; tests/bench/bench_localise measures it on real incidents. */
#ifndef GWTOP_ANALYSIS_DIFFERS_H
#define GWTOP_ANALYSIS_DIFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/dims.h"

enum { DIFFERS_DEPTH = 3, DIFFERS_LEAVES_MAX = 20000, DIFFERS_ROWS_MAX = 64 };
/* What is not told from luck: a lower score (nats), or a change of fewer events. */
enum { DIFFERS_LEAST_SCORE = 8, DIFFERS_LEAST_EVENTS = 10 };
enum { DIFFERS_LEAST_CONTRAST = 5 }; /* nats of differs_contrast_of: less is luck */

/* One combination of values. Ids are of interned strings, 0 = not given. v, e >= 0, in events: failures, requests, a mean request's
 * money. */
struct differs_leaf {
    uint32_t dim[DIM_COUNT];
    double v, e;
};

struct differs_element {
    uint32_t dim_count;
    enum dim dim[DIFFERS_DEPTH];
    uint32_t id[DIFFERS_DEPTH];
    double v, e;
    uint32_t leaves;
    double score; /* nats; > 0 */
};

/* Log-likelihood ratio of v events where e were expected, more or fewer; nats. */
double differs_change(double v, double e);
/* What a leaf's past lets expect of n events now: its own share, drawn towards the common one where that past is short. */
double differs_expected(double n, double past_n, double past_bad, double common_share);

/* Which elements count: those that move the way the total does, also those against it (a key that rises while the traffic falls), or
 * those that rise. */
enum differs_way { DIFFERS_WITH_TOTAL, DIFFERS_EITHER_WAY, DIFFERS_RISES };

/* The best elements, at most max (<= DIFFERS_ROWS_MAX), the best first. dims: DIM_BIT()s the leaves are told apart by. Memory from a.
 * Errors: ERR_NOMEM, ERR_LIMIT past DIFFERS_LEAVES_MAX leaves. Cost: O(leaves * combinations of up to DIFFERS_DEPTH dims); 20,000 leaves
 * of seven dims take some 10 ms (bench_localise). */
enum err differs_rank(const struct differs_leaf *leaves, size_t count, uint32_t dims, enum differs_way way, size_t max, struct arena *a,
                      struct differs_element **ret, size_t *ret_count) GW_MUST_USE;
bool differs_holds(const struct differs_element *e, const uint32_t dim[DIM_COUNT]); /* whether a leaf is in it */

/* What of n events failed and what was expected to: of an element, and of all. Amounts, of which nothing fails: n is NaN. */
struct differs_part {
    double n, v, e;
};

/* How an element moved beyond the rest, were the rest's change common to all. A change is common as the same factor of what was expected,
 * or, where n is known, as the same share of all that was not expected to fail; which of the two explains the element better counts: what
 * was expected of a short past may be wrong by a factor, however much fails now. */
struct differs_contrast {
    /* by which two rates, inside and outside, explain what was seen better than one does; 0 where the two disagree on who moved more */
    double nats;
    double own;   /* of its events those beyond what the rest's change makes of it; negative: short of that */
    double ratio; /* of what was seen to what the rest's change makes of it; NaN: the rest tells nothing, and the others are 0 */
};
struct differs_contrast differs_contrast_of(const struct differs_part *part, const struct differs_part *all);
/* Whether a share v / n lies below another by no more than luck alone brings about once in a hundred times. Alike are two of which that
 * holds both ways. */
bool differs_is_no_better(const struct differs_part *a, const struct differs_part *than);

/* "nothing stands out: all providers, models and teams alike", of the DIM_BIT()s by which things are told apart. NULL when the arena is
 * full. */
const char *differs_none_text(struct arena *a, uint32_t dims);

#endif
