/* SPDX-License-Identifier: MIT */
/* Latency distributions without invented precision.
 *
 * Two schemes, never converted into each other. Classic: increments over an interned, rising set of upper bounds (seconds), the last
 * bucket open. Exponential: base 2^(1/32) (schema 5), bucket i is (base^(i-1), base^i], plus a zero bucket.
 * Equal schemes merge by integer addition in any order with identical results. Unequal classic sets are kept side by side in a
 * struct hist_set, and a quantile of the set is an interval between its lower and its upper reading.
 * Source: Prometheus native histograms and OpenTelemetry exponential histogram data model; docs/decisions/0003. */
#ifndef GWTOP_MODEL_HISTOGRAM_H
#define GWTOP_MODEL_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/exact.h"

enum {
    HIST_BOUNDS_MAX = 1024,
    HIST_EXP_LEAST =
        -1023, /* the lowest exponential bucket that is kept. It ends at 2^-32 s, below the ns that sums are counted in: it is read as the
                * zero bucket */
};

/* A rising set of finite upper bounds; an open bucket follows the last. Interned by the owner: equal sets have one address and id. */
struct hist_bounds {
    uint32_t id;    /* the store's, 0 = none */
    uint32_t count; /* finite bounds, at most HIST_BOUNDS_MAX; 0: only number and sum are known, so averages and no quantiles */
    const double *upper;
};

enum hist_scheme { HIST_CLASSIC, HIST_EXPONENTIAL };

/* One distribution. Classic: counts[0 .. bounds->count], the last one open. Exponential: counts of buckets first .. first+count-1. */
struct hist {
    enum hist_scheme scheme;
    const struct hist_bounds *bounds; /* classic only */
    int32_t first;                    /* exponential only */
    uint32_t count;                   /* entries of counts */
    uint64_t *counts;
    uint64_t zero;     /* exponential only: observations at 0 */
    uint64_t n;        /* all observations */
    uint64_t summed;   /* those that sum_fixed is the sum of; fewer than n where a source did not tell it of all */
    int64_t sum_fixed; /* fixed point of the signal's unit (ns) */
};

/* Distributions of one quantity over unequal schemes, at most HIST_SET_MAX. What comes on top shares a member, of which then only those
 * bounds are kept that both have: readings become wider, and no observation is lost. Which member depends on the order they come in. */
enum { HIST_SET_MAX = 8 };
struct hist_set {
    uint32_t count;
    struct hist h[HIST_SET_MAX];
};

/* Adds src to dst, which is empty (counts NULL) or of the same scheme and bounds. Memory comes from a.
 * Errors: ERR_NOMEM, ERR_UNSUPPORTED when schemes differ. Cost: O(buckets). */
enum err hist_merge(struct hist *dst, const struct hist *src, struct arena *a) GW_MUST_USE;
enum err hist_set_add(struct hist_set *set, const struct hist *src, struct arena *a) GW_MUST_USE;
/* The member that counts over these bounds go into; it may have fewer bounds. Its n and sum are the caller's to add to. Errors:
 * ERR_NOMEM. */
enum err hist_set_classic(struct hist_set *set, const struct hist_bounds *b, struct arena *a, struct hist **ret) GW_MUST_USE;
/* Adds to the bucket of h that holds bucket `bucket` of b, of which h has all or some bounds. */
void hist_count(struct hist *h, const struct hist_bounds *b, uint32_t bucket, uint64_t count);

/* A quantile's reading. All values in the unit of the bounds. */
struct quantile {
    uint64_t n;          /* observations behind it; 0: no reading, the rest but average_only is unset */
    double value;        /* best single number: inside its bucket as Prometheus interpolates; exponential alone: the bucket's geometric
                          middle, at most 1.09 % off */
    double lo, hi;       /* the bucket that holds it: the true sample quantile lies in (lo, hi]; hi is +inf in an open bucket */
    double ci_lo, ci_hi; /* 95 % binomial confidence interval of the population quantile, bucket edges included */
    bool above_last;     /* in the open bucket: show ">lo" and nothing else */
    bool below_first;    /* in the first bucket: show "<hi" */
    bool average_only;   /* there are observations, and nothing but their average is known of them */
    bool thin;           /* n is too small for this rank: fewer than 95 % of such samples hold anything beyond it (p99: n < 299) */
};

/* Whether value is interpolated: its bucket is wider than the exponential ones, of which the middle says enough. */
bool quantile_is_interpolated(const struct quantile *q);

/* What may be said of it. BELOW the first bucket's end, ABOVE where the open one begins; of BELOW, ABOVE, ABOUT and VALUE there is a number
 * to show. */
enum quantile_is { QUANTILE_NONE, QUANTILE_AVERAGE_ONLY, QUANTILE_THIN, QUANTILE_BELOW, QUANTILE_ABOVE, QUANTILE_ABOUT, QUANTILE_VALUE };
struct quantile_reading {
    enum quantile_is is;
    double v; /* the number that is shown; NaN: there is none */
    enum exactness exact;
};
/* The one place where it is decided how a quantile reads. about: it was read from some of its sources only, or of some twice. */
struct quantile_reading quantile_read(const struct quantile *q, bool about);
/* "value" "about" "below" "above" "thin" "average_only" "none": for files that are read by programs. */
const char *quantile_is_name(enum quantile_is is);
/* How one changed to the other: about where one is; where one lies beyond a histogram's edges what is certain by the other's bucket: p95
 * beyond 60 s against one in (2,5] is more than 12 times it. */
struct change quantile_times(const struct quantile *now, const struct quantile *then, bool about);

/* q in (0, 1). Over a set the interval covers every member's reading of the joined distribution. Cost: O(buckets). */
struct quantile hist_quantile(const struct hist_set *set, double q);

/* Bucket i of h.counts: its edges, (*ret_lo, *ret_hi]. */
void hist_bucket(const struct hist *h, uint32_t i, double *ret_lo, double *ret_hi);

/* Observations certainly and possibly above threshold (seconds): the true number lies in [*ret_lo, *ret_hi]; equal on a bucket edge. */
void hist_above(const struct hist_set *set, double threshold, uint64_t *ret_lo, uint64_t *ret_hi);

/* The mean of those observations whose sum is known, ret_of of them (may be NULL). NaN where there are none, and where a sum cannot be that
 * of its observations: less than the buckets' low edges say. */
double hist_mean(const struct hist_set *set, int64_t scale, uint64_t *ret_of);
uint64_t hist_n(const struct hist_set *set);

#endif
