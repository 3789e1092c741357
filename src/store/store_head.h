/* SPDX-License-Identifier: MIT */
/* The form of one head row: what one poll said about one shard, decodable with nothing but the dictionary.
 *
 * Layout: format byte, then one section per signal that was in the poll, then CRC-32C of all before it. A section is the signal, its length
 * in bytes, and runs over the shard's series of that signal in order of their slots, so that a reader passes over the signals that it
 * doesn't want. A run is one varint, length * 8 + kind, followed by its values:
 *   absent     nothing: these series were not in the poll
 *   zero       nothing: they were there, and all their numbers are 0
 *   increment  zigzag varint each
 *   gauge      varint each, see store_head_put_gauge
 *   histogram  observations outside the listed buckets (zigzag), sum (zigzag), number of buckets, then per bucket its distance
 *              from the one before and its count
 *   score      n, sum, sum of squares, bad: zigzag varints
 * The bytes may come from a damaged file: reading never leaves them, and every count is checked before it is believed. */
#ifndef GWTOP_STORE_STORE_HEAD_H
#define GWTOP_STORE_STORE_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/signal.h"
#include "store/store.h"
#include "store/store_bytes.h"

enum { STORE_SHARD_SERIES = 1024 };
enum { STORE_HIST_BUCKETS_MAX = 4096 }; /* listed buckets of one histogram sample; classic sets have at most HIST_BOUNDS_MAX + 1 */

enum store_run { RUN_ABSENT, RUN_ZERO, RUN_INCREMENT, RUN_GAUGE, RUN_HISTOGRAM, RUN_SCORE, RUN_COUNT };

/* The series of one signal in a shard, by slot. */
struct store_section {
    uint16_t *slots; /* rising */
    uint32_t count;
    unsigned signal;
    enum signal_kind kind;
    uint32_t dims; /* DIM_BIT()s that some of its series have a value of */
};

/* Appends one row to out: by_slot[slot] is the item of a slot, NULL where it is absent. Errors: ERR_LIMIT, ERR_NOMEM. Cost: O(slots +
 * values). */
enum err store_head_encode(const struct store_item *const *by_slot, const struct store_section *sections, uint32_t count,
                           struct buf *out) GW_MUST_USE;

/* Appends a row to out that has the gauges of another, and nothing else of it. Errors: ERR_CORRUPT, ERR_LIMIT, ERR_NOMEM. */
enum err store_head_gauges(const void *data, size_t n, struct buf *out) GW_MUST_USE;

enum store_run store_run_of_kind(enum signal_kind kind);

/* Walks a row section by section and run by run. */
struct store_head_iter {
    struct store_bytes in; /* of the section */
    const uint8_t *row_end;
    uint32_t next; /* ordinal of the first series after the current run */
};

/* False when format, length or checksum are wrong. */
bool store_head_begin(struct store_head_iter *it, const void *data, size_t n);
/* The next section, whatever was read of the one before. False at the end, and where the row is malformed: then *ret_bad. */
bool store_head_section(struct store_head_iter *it, unsigned *ret_signal, bool *ret_bad);
/* The section's next run, over ordinals *ret_first .. *ret_first + *ret_count - 1, whose values the caller then reads with the getters
 * below, all of them. False at the end; a malformed run also ends the section, and then it->in.p differs from it->in.end. */
bool store_head_run(struct store_head_iter *it, enum store_run *ret_kind, uint32_t *ret_first, uint32_t *ret_count);

static inline bool store_head_get_increment(struct store_head_iter *it, int64_t *ret)
{
    return store_bytes_signed(&it->in, ret);
}
bool store_head_get_gauge(struct store_bytes *in, double *ret);
/* counts points into the caller's room of STORE_HIST_BUCKETS_MAX entries. */
bool store_head_get_hist(struct store_head_iter *it, struct store_hist_count *room, struct store_item *ret);
bool store_head_get_score(struct store_head_iter *it, struct store_item *ret);
/* One value of whatever kind of run. */
bool store_head_get(struct store_head_iter *it, enum store_run kind, struct store_hist_count *room, struct store_item *ret);

/* A gauge as one varint where it is a decimal of at most 14 places (2^-53 exact both ways): mantissa (zigzag) * 16 + places;
 * anything else, NaN included, is 15 followed by its 8 bytes. dst has STORE_GAUGE_MAX bytes. Returns the bytes written. */
enum { STORE_GAUGE_MAX = 18 };
size_t store_head_put_gauge(uint8_t *dst, double v);
/* v = mantissa / 10^places exactly, with the fewest places. Cost: a few multiplications. */
bool store_decimal(double v, int64_t *ret_mantissa, unsigned *ret_places);
double store_decimal_value(int64_t mantissa, unsigned places); /* places <= 14 */
double store_decimal_unit(unsigned places);                    /* 10^places */

#endif
