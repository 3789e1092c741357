/* SPDX-License-Identifier: MIT */
/* Adding samples and buckets up into the buckets of a rollup column. No SQLite here.
 *
 * Sums are integers and exact in any order. A bucket's covered time is that of the one series; its last value is the one with the latest
 * time. */
#ifndef GWTOP_STORE_STORE_ROLLUP_H
#define GWTOP_STORE_STORE_ROLLUP_H

#include "store/store_axis.h"
#include "store/store_column.h"

/* The buckets (start + i * step, start + (i + 1) * step], i < count, of a rollup segment. */
struct store_buckets {
    int64_t start_ms, step_ms;
    uint32_t count;
};

/* The samples of a raw column that fall into the buckets. axis gives the times of its positions. *ret is NULL when there are none. */
enum err store_rollup_raw(enum signal_kind kind, const struct store_column *raw, const struct store_poll *axis,
                          const struct store_buckets *to, struct arena *a, struct store_column **ret) GW_MUST_USE;

/* One rollup column on its own buckets. */
struct store_rollup_part {
    const struct store_column *column;
    struct store_buckets buckets;
};
/* The sum of several columns of one series on coarser or equal buckets. *ret is NULL when there is nothing in them. */
enum err store_rollup_merge(enum signal_kind kind, const struct store_rollup_part *parts, size_t count, const struct store_buckets *to,
                            struct arena *a, struct store_column **ret) GW_MUST_USE;

#endif
