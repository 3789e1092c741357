/* SPDX-License-Identifier: MIT */
/* What samples refer to by number: strings, bounds, series, and the shard and slot of each series.
 *
 * How this works: everything here only ever grows, and ids are dense in order of adding, so a process keeps the whole dictionary in
 * memory and the file keeps it as a log: one row of table dict per commit that added something, holding just the additions. Reading 10,000
 * series is then a handful of rows instead of 10,000, and a reader catches up by reading the rows after the last one it saw.
 * A series gets the next slot of its source's newest shard, so a poll of one source touches as few shards as its series fill. */
#ifndef GWTOP_STORE_STORE_DICT_H
#define GWTOP_STORE_STORE_DICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/intern.h"
#include "model/dims.h"
#include "model/histogram.h"
#include "store/store_head.h"

enum {
    STORE_STRINGS_MAX = 4000000, /* about 400 MB of names; a source that makes more is refused by ERR_LIMIT */
    STORE_STRING_BYTES_MAX = 4096,
    STORE_SERIES_MAX = 1000000, /* ten times the stated scale of one host */
    STORE_BOUNDS_SETS_MAX = 4096,
    STORE_SHARDS_MAX = 65536
};

struct store_place {
    uint32_t shard; /* from 1 */
    uint32_t slot;  /* below STORE_SHARD_SERIES */
};

struct store_shard {
    uint32_t source;
    uint32_t count;                 /* series in it */
    uint32_t *series;               /* [STORE_SHARD_SERIES] ids by slot, 0 = none */
    struct store_section *sections; /* by signal, in order of their first series; slots and room for them are owned */
    uint32_t section_count;
    int64_t sealed_seq;  /* head rows up to this one are in chunks */
    int64_t sealed_ms;   /* the latest sample in chunks */
    int64_t rolled_ms;   /* days before this instant are in day rollups, but for what came late */
    int64_t roll_due_ms; /* writer: a sample at this instant makes it worth looking for a day to roll up */
    /* of the head rows that are not in chunks yet */
    uint32_t head_rows;
    uint64_t head_samples, head_bytes;
    int64_t head_first_seq, head_min_ms; /* the oldest by number; the oldest by time that did not come late */
    uint32_t live;                       /* series seen in them; writer only */
    uint64_t seen[STORE_SHARD_SERIES / 64];
};

/* How many of each are durable; the rest goes into the next row. */
struct store_dict_mark {
    uint32_t strings, bounds, shards;
    size_t series;
};

struct store_dict {
    struct intern *strings;
    struct hist_bounds **bounds; /* by id - 1 */
    uint32_t bounds_count, bounds_cap;
    struct series *series; /* by id - 1 */
    struct store_place *places;
    size_t series_count, series_cap;
    struct store_shard *shards; /* by id - 1 */
    uint32_t shard_count, shard_cap;
    uint32_t *newest_shard; /* by source id, 0 = none */
    uint32_t source_cap;
    uint32_t *hash;          /* open addressing over series ids, 0 = empty */
    size_t hash_cap, hashed; /* hashed: series that are in it; who only reads looks none up, and has none */
    uint64_t hash_key;
    struct store_dict_mark saved;
};

enum err store_dict_init(struct store_dict *d) GW_MUST_USE;
void store_dict_fini(struct store_dict *d);

enum err store_dict_add_string(struct store_dict *d, struct str s, uint32_t *ret_id, struct errctx *ctx) GW_MUST_USE;
enum err store_dict_add_bounds(struct store_dict *d, const double *upper, uint32_t count, const struct hist_bounds **ret,
                               struct errctx *ctx) GW_MUST_USE;
enum err store_dict_add_series(struct store_dict *d, const struct series *s, uint32_t *ret_id, struct errctx *ctx) GW_MUST_USE;
/* The shard that a source's polls without any series are booked on, made when needed. */
enum err store_dict_any_shard(struct store_dict *d, uint32_t source, uint32_t *ret_shard) GW_MUST_USE;

/* The section of a signal in a shard; NULL when it has no such series. */
const struct store_section *store_dict_section(const struct store_shard *sh, unsigned signal);

bool store_dict_is_dirty(const struct store_dict *d);
/* Appends one log row holding everything added since `from`. */
enum err store_dict_encode(const struct store_dict *d, const struct store_dict_mark *from, struct buf *out) GW_MUST_USE;
/* Applies one log row. Errors: ERR_CORRUPT, ERR_NOMEM. */
enum err store_dict_apply(struct store_dict *d, const void *data, size_t n) GW_MUST_USE;
struct store_dict_mark store_dict_mark(const struct store_dict *d); /* everything added so far */

#endif
