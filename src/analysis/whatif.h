/* SPDX-License-Identifier: MIT */
/* What if a share of one model's traffic went to another, or more of a model's prompts came from the cache: $ per hour and latency, from
 * what both were observed to do. A calculation, no promise: the other model is taken to be as fast under the added load as it is now, which
 * load_after puts a number on, and to answer at a length between its own and that of the model it takes over from.
 * Pure. Amounts are double in nano-USD per hour. Not known is NaN. */
#ifndef GWTOP_ANALYSIS_WHATIF_H
#define GWTOP_ANALYSIS_WHATIF_H

#include "analysis/lmdi.h"
#include "base/arena.h"
#include "model/histogram.h"

/* What the cost of a moved request rests on. */
enum whatif_basis {
    WHATIF_UNKNOWN,  /* the other model has neither prices nor traffic: nothing can be said */
    WHATIF_PRICES,   /* these requests' tokens at the other's prices, as they were booked where it had traffic */
    WHATIF_OBSERVED, /* what the other's tokens, and its requests, cost on the average: its prices are not known */
};

struct whatif_cost {
    enum whatif_basis basis;
    double now_per_h;                       /* of the traffic that is looked at */
    double delta_per_h, delta_lo, delta_hi; /* best guess, and what it may be: see whatif_move and whatif_cache */
    double moved_per_h;                     /* requests */
    double load_after;                      /* the other model's requests after over before; INFINITY when it had none */
    uint64_t n_from, n_to;                  /* requests that it rests on */
};

/* Moves a share in (0, 1] of `from`'s requests to `to`; both observed over window_ms > 0. The guess keeps the requests' lengths and takes
 * the other's cache share, where it has traffic. The interval goes from the shorter to the longer of both models' answers, and from the
 * larger of both cache shares to an empty cache. Cost: O(1). */
struct whatif_cost whatif_move(const struct lmdi_side *from, const struct lmdi_side *to, double share, int64_t window_ms);

/* Raises (or lowers) the share of the input that is read from the cache to `share` in [0, 1]. parts: m's deployments, each with its tokens,
 * its cost and its prices; one of them at least needs prices. The guess: each deployment has that share. The interval covers every other
 * way in which the whole could come to it without any deployment's own going back (or up); what is read more must be written as often (hi,
 * where a price for that is known), or never (lo); what a deployment without prices saves is between nothing and its cost. Memory comes
 * from a. Errors: ERR_NOMEM. Cost: O(n log n). */
enum err whatif_cache(const struct lmdi_side *m, const struct lmdi_side *parts, size_t count, double share, int64_t window_ms,
                      struct arena *a, struct whatif_cost *ret) GW_MUST_USE;

/* A quantile of the latency of what was `from`'s traffic, after the move: of the mixture of the two observed distributions. Its n is how
 * many observations of one distribution would be as good; its confidence interval is that of so many. n 0: one of the two was not observed.
 * Memory of the result's making comes from a, which may be reset at once. Errors: ERR_NOMEM. Cost: O(buckets). */
enum err whatif_latency(const struct hist_set *from, const struct hist_set *to, double share, double q, struct arena *a,
                        struct quantile *ret) GW_MUST_USE;

/* ---- how a latency went with the cached share ---- */

enum { WHATIF_STEPS_MIN = 8 }; /* fewer independent ones say nothing */

/* One of equal spans of time. */
struct whatif_step {
    double share;        /* of the input, read from the cache */
    double mean_s;       /* of the latency */
    double load, prompt; /* requests, and input tokens of one: what else makes it slow */
};

enum whatif_follows {
    WHATIF_FEW,     /* too few steps, or too alike from one to the next */
    WHATIF_OUTSIDE, /* the share that is asked for was not observed */
    WHATIF_MIXED,   /* the share went with load or prompt length (correlation above 0.3): which of them it was is not known */
    WHATIF_NOT,     /* no slope that chance would not make */
    WHATIF_RISES,   /* slower with more cached: something else moved both, and nothing follows for the cache */
    WHATIF_FOLLOWS,
};

struct whatif_follow {
    enum whatif_follows is;
    size_t steps;
    double share_lo, share_hi; /* that were observed; of no step NaN */
    double then_s, lo_s, hi_s; /* the mean latency at the share that is asked for and its 95 % interval; NaN but for WHATIF_FOLLOWS */
};

/* What the mean latency was at a cached share in [0, 1], by a straight line through the steps, oldest first; observed together, not caused.
 * Steps like the one before count less (lag-one autocorrelation of the residuals). Cost: O(count). Source: least squares; n_eff = n (1 - r)
 * / (1 + r), Bayley and Hammersley 1946. */
struct whatif_follow whatif_follow(const struct whatif_step *steps, size_t count, double share);

#endif
