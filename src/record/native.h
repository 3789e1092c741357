/* SPDX-License-Identifier: MIT */
/* Native histograms of a Prometheus-compatible API -> increments per bucket.
 *
 * The API gives each bucket with its bounds and a count of its own. Buckets of base 2^(2^-s) nest: finer ones than schema 5 fold into it
 * exactly, so schemas 5 to 8 become exponential (model/histogram.h). Coarser ones cannot be split, so they stay classic, over the fixed
 * bounds of their schema from 1 ms to 4096 s, in order that the set does not change as buckets fill.
 * Custom bounds (schema -53) are those of a classic histogram in another form, and are kept as they are. The API leaves out empty buckets,
 * so that a bound is not known before one of its buckets held something; between bounds that are known nothing was counted until then, so
 * that each bucket has its own count, however many are known. A bucket that reaches over a known bound is of another set.
 * Source: prometheus.io native histograms; schema s has the upper bounds 2^(i * 2^-s). Custom ones begin at -Inf and end at +Inf. */
#ifndef GWTOP_RECORD_NATIVE_H
#define GWTOP_RECORD_NATIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/dims.h"
#include "model/histogram.h"
#include "source/promjson.h"

enum {
    NATIVE_FIRST = HIST_EXP_LEAST, /* index of schema 5 of the lowest bucket kept, which holds what was 0, too */
    NATIVE_BUCKETS = 2048,
    NATIVE_CUSTOM = -1,
    NATIVE_CLASSIC_LOW = -10, /* octaves: 2^-10 s */
    NATIVE_CLASSIC_HIGH = 12,
};

struct native_hist {
    struct series series;
    uint32_t row, slot, out; /* of the profile; of its raw series; SLOT_NONE = not chosen yet */
    double factor;           /* bounds * factor are seconds */
    double mult;             /* sum * mult is fixed point */
    int width;               /* of a bucket, in buckets of schema 5; 1 = exponential; 0 = nothing seen yet; NATIVE_CUSTOM */
    double *edges;           /* NATIVE_CUSTOM: the finite bounds that are known, rising; cur[i] ends at edges[i] */
    uint32_t edge_count;
    uint32_t last_seen;  /* poll number, 0 = never */
    bool rebase;         /* the next step is a baseline */
    int64_t *cur, *done; /* per bucket: staged; handed on. One allocation */
    int64_t cur_n, last_n, done_sum;
    bool sum_based; /* done_sum is one that a rise can be taken from */
    double cur_sum;
};

struct native_list {
    struct native_hist *list;
    uint32_t count, cap;
};

void native_fini(struct native_list *l);
/* Adds one; series, row, slot and mult are the caller's to set. Errors: ERR_NOMEM. */
enum err native_make(struct native_list *l, uint32_t *ret) GW_MUST_USE;

/* Stages what a poll shows. factor: bounds * factor are seconds. Errors: ERR_LIMIT past HIST_BOUNDS_MAX custom bounds, ERR_PARSE for bounds
 * that are none, ERR_NOMEM; then nothing is staged. */
enum err native_stage(struct native_hist *h, double n, double sum, double factor, const struct promjson_bucket *buckets,
                      size_t count) GW_MUST_USE;

struct native_delta {
    bool known, reset, no_sum;
    bool moved; /* the bounds changed: choose the output before using counts */
    uint64_t n;
    uint64_t summed; /* n, or 0 where the sum is not known */
    int64_t sum_fixed;
};
/* Increments into counts (NATIVE_BUCKETS of them), and accounts for them. first: the page's first poll. */
struct native_delta native_step(struct native_hist *h, uint32_t poll, bool first, bool restarted, uint64_t *counts);

/* Its classic bounds, where its width is not 1; upper has room for HIST_BOUNDS_MAX. Returns how many. */
uint32_t native_bounds(const struct native_hist *h, double *upper);
/* Which bucket of its output holds bucket i of counts. */
uint32_t native_bucket(const struct native_hist *h, uint32_t i);

#endif
