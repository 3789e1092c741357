/* SPDX-License-Identifier: MIT */
/* Adding rollup buckets into the groups of a read. Sums go straight into the cells; what depends on whole polls is put together here.
 *
 * How this works: a group's value in a bucket is joined from series, segments (one after the other in time), shards and sources; gauges by
 * their signal's merge rule, all else added. A gauge's minimum, maximum and mean are those of its series, merged: exact for one series, for
 * the minimum of minima and the maximum of maxima, and an estimate otherwise, for the series need not have been lowest at the same time.
 *
 * A bucket holds how long each series was covered, and not when. Of a group's covered time in a bucket the longest of any one series is
 * therefore a lower bound; their sum, and the bucket's length, are upper ones. Series of one source with as many polls over the same time
 * were in the same polls, and are counted once. Where the bounds of a column are apart by more than 1 %, covered_ms is the lower one and
 * covered_about is set. Counts of polls are the largest of any one series, added over sources. */
#ifndef GWTOP_STORE_STORE_ROLLACC_H
#define GWTOP_STORE_STORE_ROLLACC_H

#include "store/store_accum.h"
#include "store/store_plan.h"
#include "store/store_rollup.h"

enum { STORE_ROLL_BUCKETS_MAX = 288 }; /* of one segment: a day of 5 minutes */

struct store_rollacc {
    struct store_accum *ac;
    const struct store_plan *plans; /* per grid */
    uint32_t **first;               /* per grid and range: number of its first bucket among the grid's, [count] is how many there are */
    /* of the segment and signal being added */
    struct store_buckets buckets;
    enum signal_kind kind;
    enum merge merge;
    uint32_t shard;
    int32_t *column, *bucket; /* [grid * STORE_ROLL_BUCKETS_MAX + k], -1 = not wanted */
    uint64_t *grids;          /* per bucket: bits of the grids that want it */
    uint32_t from, until;     /* all that are wanted lie in [from, until) */
    uint64_t all;             /* bits of the grids that want any; 0 where some bucket between them is not wanted */
    uint32_t *local;          /* per target: its number among those met + 1 */
    uint64_t *cells;          /* per target met: store_rollacc.c */
    size_t cell_cap;
};

enum err store_rollacc_init(struct store_rollacc *ra, struct store_accum *ac, const struct store_plan *plans) GW_MUST_USE;
void store_rollacc_fini(struct store_rollacc *ra);

/* After store_accum_activate: begins a signal of a segment, adds its columns that have a target, and ends it. b->count is at most
 * STORE_ROLL_BUCKETS_MAX; all segments of a shard come before the next shard's. tier: of the ranges that the segment serves; PLAN_RAW
 * stands for all rollup ranges. */
void store_rollacc_begin(struct store_rollacc *ra, const struct store_buckets *b, enum signal signal, uint32_t shard,
                         enum store_plan_tier tier);
void store_rollacc_column(struct store_rollacc *ra, const struct store_column *c);
void store_rollacc_end(struct store_rollacc *ra);
/* Puts what was added into the cells. Before store_accum_finish. */
void store_rollacc_finish(struct store_rollacc *ra);

#endif
