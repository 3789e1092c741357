/* SPDX-License-Identifier: MIT */
/* Adding rollup buckets into the groups of a read. Sums go straight into the cells; what depends on whole polls is put together here.
 *
 * How this works: a group's value in a bucket is joined from series (added), segments (one after the other in time), shards and sources
 * (added). Counts of polls and covered time are the largest of any one series, per segment and shard: exact where some series of the group
 * was in every poll, a lower bound otherwise. A gauge's minimum (maximum) is the sum of its series' minima (maxima): exact for one series, and an
 * estimate for the sum of several, which need not have been lowest at the same time. */
#ifndef GWTOP_STORE_STORE_ROLLACC_H
#define GWTOP_STORE_STORE_ROLLACC_H

#include "store/store_accum.h"
#include "store/store_plan.h"
#include "store/store_rollup.h"

struct store_point;

struct store_rollacc {
    struct store_accum *ac;
    const struct store_plan *plans; /* per grid */
    uint32_t **first;               /* per grid and range: number of its first bucket among the grid's, [count] is how many there are */
    int32_t *column, *bucket;       /* per grid, of the bucket being added: -1 = not wanted */
    struct store_point *points;     /* per target, of the bucket being added */
};

enum err store_rollacc_init(struct store_rollacc *ra, struct store_accum *ac, const struct store_plan *plans) GW_MUST_USE;

/* A column of a rollup segment that some query wants. */
struct store_rolled {
    struct store_column column;
    uint32_t next; /* position in the column, 0 at first */
};
/* Adds all wanted columns of one signal in one segment. tier: of the ranges that the segment serves; PLAN_RAW stands for all rollup ranges. */
void store_rollacc_segment(struct store_rollacc *ra, struct store_rolled *list, size_t count, enum signal_kind kind, const struct store_buckets *b, uint32_t shard,
                           enum store_plan_tier tier);
/* Puts what was added into the cells. Before store_accum_finish. */
void store_rollacc_finish(struct store_rollacc *ra);

#endif
