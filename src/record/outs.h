/* SPDX-License-Identifier: MIT */
/* The store's series that a page feeds, and what one poll adds to each. Several raw series may fold into one.
 *
 * Increments, histogram buckets and scores add up. What becomes of gauges is
 * the profile's word: the sum, the least (what is left of a limit) or the most (a utilisation, a bad state). */
#ifndef GWTOP_RECORD_OUTS_H
#define GWTOP_RECORD_OUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/dims.h"
#include "model/signal.h"
#include "source/profile.h"
#include "store/store.h"

struct out {
    uint32_t series;  /* the store's id */
    uint32_t touched; /* poll number that last fed it */
    uint32_t before;  /* and of the one before that */
    uint32_t shown;   /* lacks.c: of the one whose page had a series that feeds it */
    uint16_t signal;
    uint8_t kind, combine; /* enum signal_kind, enum profile_combine */
    bool dirty;            /* histogram: counts holds something */
    bool exponential;      /* counts are of buckets from NATIVE_FIRST on (record/native.h) */
    uint32_t buckets;      /* histogram: entries of counts */
    uint64_t *counts;
    uint64_t n;          /* histogram: observations that sum is of */
    int64_t sum, bad;    /* increment; sum of a histogram or score */
    bool fed_n, fed_sum; /* histogram of a number and a sum: this poll showed it */
    uint64_t waiting_n;  /* the same: observations since their sum was last shown */
    int64_t score_n;
    bool has_sum, has_bad; /* score: something feeds it */
    double gauge;
};

struct outs {
    struct out *list;
    uint32_t count, cap;
    uint32_t *table; /* index + 1 by store id, 0 = free; at most half full */
    uint32_t mask;
};

void outs_fini(struct outs *o);
/* The output of this series (its .id is set here), made when new. Errors: the store's, ERR_NOMEM. */
enum err outs_get(struct outs *o, struct store *st, struct series *s, uint32_t buckets, const struct profile_metric *m, uint32_t *ret,
                  struct errctx *ctx) GW_MUST_USE;

/* The output, emptied when this poll touches it first. */
struct out *outs_touch(struct outs *o, uint32_t i, uint32_t poll);
/* The last poll before this one that fed it, 0 = none. */
uint32_t outs_fed_before(const struct out *o, uint32_t poll);
/* That many more observations of each bucket; false, and nothing is added, when the output has not as many buckets. */
bool outs_add_buckets(struct out *o, const uint64_t *counts, uint32_t count) GW_MUST_USE;
/* That many more scores, or observations of which no bucket is known. */
void outs_add_n(struct out *o, int64_t by);
void outs_add_gauge(struct out *o, bool is_first, double v);

/* Raw cumulative value -> fixed point; false when it does not fit. */
bool outs_to_fixed(double mult, double v, int64_t *ret);
/* Fixed-point units per raw unit: scale * factor, exactly where the factor is a power of ten. */
double outs_mult(enum signal signal, double factor);

/* Items of all outputs touched by poll. A score of which no sum is told is of yes/no outcomes: its sum is of those that are not bad; where
 * these are not told either its value is not known, and it is left out. Memory from a. Errors: ERR_NOMEM. */
enum err outs_items(struct outs *o, uint32_t poll, struct arena *a, struct store_item **ret, size_t *ret_count,
                    uint64_t *ret_signals) GW_MUST_USE;

#endif
