/* SPDX-License-Identifier: MIT */
/* One series inside a segment, transposed: which positions of the segment's axis it has samples at, and its numbers field by field.
 *
 * A segment is a stretch of time of one shard. Its axis is the list of its polls (raw) or of its buckets (rollups); positions are 16-bit.
 * What the fields mean depends on tier and kind (store_layout); reals are kept as the bits of the double. */
#ifndef GWTOP_STORE_STORE_COLUMN_H
#define GWTOP_STORE_STORE_COLUMN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/signal.h"
#include "store/store.h"

enum { STORE_AXIS_MAX = 4096 }; /* positions of one segment */

/* Fields of raw samples. */
enum { RAW_INCREMENT = 0, RAW_GAUGE = 0, RAW_HIST_REST = 0, RAW_HIST_SUM, RAW_SCORE_N = 0, RAW_SCORE_SUM, RAW_SCORE_SUMSQ, RAW_SCORE_BAD };
/* Fields of rollup buckets: first how many samples and how much time, then by kind. LAST_BACK: from the last sample to the bucket's end,
 * ms. */
enum {
    ROLL_N = 0,
    ROLL_COVERED,
    ROLL_INCREMENT,
    ROLL_LAST_BACK = 2,
    ROLL_TOTAL,
    ROLL_MIN,
    ROLL_MAX,
    ROLL_LAST,
    ROLL_HIST_REST = 2,
    ROLL_HIST_SUM,
    ROLL_SCORE_N = 2,
    ROLL_SCORE_SUM,
    ROLL_SCORE_SUMSQ,
    ROLL_SCORE_BAD
};
enum { STORE_FIELDS_MAX = 8 };

struct store_layout {
    uint32_t fields;
    uint32_t reals; /* bit i: field i is a double */
    bool counts;    /* lists of (bucket, count) follow: histograms; REST is n minus what is listed */
};
const struct store_layout *store_layout(bool rollup, enum signal_kind kind);

struct store_column {
    uint32_t slot;
    uint32_t n, cap;
    uint16_t *at;                     /* [n] rising positions on the axis */
    int64_t *field[STORE_FIELDS_MAX]; /* [n] each */
    uint32_t *first;                  /* histograms: [n + 1] where the counts of each sample start */
    struct store_hist_count *counts;
    uint32_t counts_cap;
};

static inline double store_bits_real(int64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static inline int64_t store_real_bits(double d)
{
    int64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return bits;
}

/* Makes room for one more sample (and counts listed buckets) at the end. */
enum err store_column_reserve(struct store_column *c, const struct store_layout *l, uint32_t counts, struct arena *a) GW_MUST_USE;
/* Appends a raw sample at a position behind the last one. */
enum err store_column_push(struct store_column *c, enum signal_kind kind, uint16_t at, const struct store_item *it,
                           struct arena *a) GW_MUST_USE;
/* Sample i of a raw column as an item; a histogram's counts are borrowed from the column. */
void store_column_item(const struct store_column *c, enum signal_kind kind, uint32_t i, struct store_item *ret);
/* Makes a decoded column outlive its unpacker: its arrays move into a. False when a is full. */
bool store_column_copy(struct store_column *c, const struct store_layout *l, struct arena *a);
/* The listed observations of sample i. */
uint64_t store_column_listed(const struct store_column *c, uint32_t i);

#endif
