/* SPDX-License-Identifier: MIT */
/* The form of one chunk: the columns of the series of one signal in one segment (at most STORE_PART_SERIES slots of the shard).
 *
 * Layout: format byte, then streams, then CRC-32C of the chunk's row id and all before. A stream is its length (varint) and its stored
 * length * 2 + 1 when it is a zstd frame, * 2 when it is plain. Stream 0 is the structure: number of columns, axis length, the distinct
 * sets of positions (as runs), then slot and set of each column. One stream per field follows, all columns one after the other, and for
 * histograms two more with the listed buckets. Numbers of a column in a field:
 *   integers   mode byte (unsigned, zigzag, or zigzag of differences), then varints; a 0 is followed by how many more zeros there are
 *   reals      mode byte: 0..14 = all are decimals of that many places, then as differences of integers; 15 = XOR with the one before:
 *              0 and a run length, or 64 + zero bytes in front * 8 + zero bytes behind, and the bytes between
 * The bytes may come from a damaged file: nothing is read outside of them and every size is capped before memory is taken. */
#ifndef GWTOP_STORE_STORE_CHUNK_H
#define GWTOP_STORE_STORE_CHUNK_H

#include "base/buf.h"
#include "store/store_column.h"
#include "store/store_head.h"

enum { STORE_PART_SERIES = 256, STORE_CHUNK_RAW_MAX = 32 << 20 };

/* Scratch that is reused from chunk to chunk. */
struct store_packer;
struct store_packer *store_packer_new(void); /* NULL when out of memory */
void store_packer_free(struct store_packer *pk);

/* Appends a chunk of columns[0 .. count-1] (rising slots, each with at least one sample) over an axis of that length. Errors: ERR_LIMIT,
 * ERR_NOMEM. */
enum err store_chunk_encode(struct store_packer *pk, const struct store_layout *l, const struct store_column *const *columns,
                            uint32_t count, uint32_t axis, int64_t row_id, struct buf *out) GW_MUST_USE;

struct store_unpacker;
struct store_unpacker *store_unpacker_new(void); /* NULL when out of memory */
void store_unpacker_free(struct store_unpacker *un);

/* Checks and unpacks a chunk; data must stay valid while its columns are read. Errors: ERR_CORRUPT for bytes that are no chunk of this
 * layout, axis and row; ERR_NOMEM. */
enum err store_chunk_open(struct store_unpacker *un, const struct store_layout *l, uint32_t axis, int64_t row_id, const void *data,
                          size_t n) GW_MUST_USE;
/* The next column's slot; false at the end. */
bool store_chunk_next(struct store_unpacker *un, uint32_t *ret_slot);
/* Its numbers, valid until the next column; those of whole numbers that are at positions [from, until) alone, which is faster; or passes
 * over them. One of them must be called per column. False: damaged. */
bool store_chunk_column(struct store_unpacker *un, struct store_column *ret);
bool store_chunk_part(struct store_unpacker *un, uint32_t from, uint32_t until, struct store_column *ret);
bool store_chunk_skip(struct store_unpacker *un);

#endif
