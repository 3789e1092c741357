/* SPDX-License-Identifier: MIT */
/* Native histograms of a Prometheus-compatible API -> increments per bucket.
 *
 * The API gives each bucket with its bounds and a count of its own. Buckets of base 2^(2^-s) nest: finer ones than schema 5 fold into it
 * exactly, so schemas 5 to 8 become exponential (model/histogram.h). Coarser ones cannot be split, so they stay classic, over the fixed
 * bounds of their schema from 1 ms to 4096 s, in order that the set does not change as buckets fill. Custom bounds are refused.
 * Source: prometheus.io native histograms; schema s has the upper bounds 2^(i * 2^-s). */
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
    NATIVE_CLASSIC_LOW = -10, /* octaves: 2^-10 s */
    NATIVE_CLASSIC_HIGH = 12,
};

struct native_hist {
    struct series series;
    uint32_t row, slot, out; /* of the profile; of its raw series; SLOT_NONE = not chosen yet */
    double mult;             /* sum * mult is fixed point */
    int width;               /* of a bucket, in buckets of schema 5; 1 = exponential; 0 = nothing seen yet */
    uint32_t last_seen;      /* poll number, 0 = never */
    bool rebase;             /* the next step is a baseline */
    int64_t *cur, *done;     /* per bucket: staged; handed on. One allocation */
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

/* Stages what a poll shows. factor: bounds * factor are seconds. False: buckets that are not of base 2. */
bool native_stage(struct native_hist *h, double n, double sum, double factor, const struct promjson_bucket *buckets, size_t count);

struct native_delta {
    bool known, reset, no_sum;
    bool moved; /* the width changed: choose the output before using counts */
    uint64_t n;
    uint64_t summed; /* n, or 0 where the sum is not known */
    int64_t sum_fixed;
};
/* Increments into counts (NATIVE_BUCKETS of them), and accounts for them. first: the page's first poll. */
struct native_delta native_step(struct native_hist *h, uint32_t poll, bool first, bool restarted, uint64_t *counts);

/* Classic bounds of a width > 1; upper has room for HIST_BOUNDS_MAX. Returns how many. */
uint32_t native_bounds(int width, double *upper);
/* Which classic bucket holds bucket i of counts. */
uint32_t native_classic(int width, uint32_t i);

#endif
