/* SPDX-License-Identifier: MIT */
/* The form of one head row: what one poll said about one shard, decodable with nothing but itself.
 *
 * Layout: format byte 1, then runs over consecutive slots, then CRC-32C (4 bytes, little endian) of all before it. A run is one varint,
 * length * 8 + kind, followed by its values:
 *   absent     nothing: these series were not in the poll
 *   zero       nothing: they were there, and all their numbers are 0
 *   increment  zigzag varint each
 *   gauge      varint each, see store_head_put_gauge
 *   histogram  observations outside the listed buckets (zigzag), sum (zigzag), number of buckets, then per bucket its distance
 *              from the one before and its count
 *   score      n, sum, sum of squares, bad: zigzag varints
 * The bytes may come from a damaged file: reading never leaves [p, end), and every count is checked before it is believed. */
#ifndef GWTOP_STORE_STORE_HEAD_H
#define GWTOP_STORE_STORE_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/signal.h"
#include "store/store.h"

enum { STORE_SHARD_SERIES = 1024 };
enum { STORE_HIST_BUCKETS_MAX = 4096 }; /* listed buckets of one histogram sample; classic sets have at most HIST_BOUNDS_MAX + 1 */

enum store_run { RUN_ABSENT, RUN_ZERO, RUN_INCREMENT, RUN_GAUGE, RUN_HISTOGRAM, RUN_SCORE, RUN_COUNT };

/* One slot of a poll: item NULL = absent. */
struct store_slot {
    const struct store_item *item;
    enum signal_kind kind;
};

/* Appends one row for slots[0 .. count-1] to out. Errors: ERR_LIMIT, ERR_NOMEM. Cost: O(values). */
enum err store_head_encode(const struct store_slot *slots, uint32_t count, struct buf *out) GW_MUST_USE;

/* Walks a row run by run. */
struct store_head_iter {
    const uint8_t *p, *end;
    uint32_t slot; /* the first slot after the current run */
};

/* False when format, length or checksum are wrong. */
bool store_head_begin(struct store_head_iter *it, const void *data, size_t n);
/* The next run: slots *ret_first .. *ret_first + *ret_count - 1, whose values the caller then reads with the getters below, all of them.
 * False at the end; a malformed run also ends the row, and it->p differs from it->end. */
bool store_head_run(struct store_head_iter *it, enum store_run *ret_kind, uint32_t *ret_first, uint32_t *ret_count);

bool store_head_get_increment(struct store_head_iter *it, int64_t *ret);
bool store_head_get_gauge(struct store_head_iter *it, double *ret);
/* counts points into the caller's room of STORE_HIST_BUCKETS_MAX entries. */
bool store_head_get_hist(struct store_head_iter *it, struct store_hist_count *room, struct store_item *ret);
bool store_head_get_score(struct store_head_iter *it, struct store_item *ret);

/* A gauge as one varint where it is a decimal of at most 14 places (2^-53 exact both ways): mantissa (zigzag) * 16 + places;
 * anything else, NaN included, is 15 followed by its 8 bytes. dst has STORE_GAUGE_MAX bytes. Returns the bytes written. */
enum { STORE_GAUGE_MAX = 18 };
size_t store_head_put_gauge(uint8_t *dst, double v);
/* v = mantissa / 10^places exactly, with the fewest places. Cost: a few multiplications. */
bool store_decimal(double v, int64_t *ret_mantissa, unsigned *ret_places);
double store_decimal_value(int64_t mantissa, unsigned places); /* places <= 14 */
double store_decimal_unit(unsigned places);                    /* 10^places */

#endif
