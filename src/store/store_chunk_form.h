/* SPDX-License-Identifier: MIT */
/* What the chunk's writer and reader agree on, beside the description in store_chunk.h. */
#ifndef GWTOP_STORE_STORE_CHUNK_FORM_H
#define GWTOP_STORE_STORE_CHUNK_FORM_H

#include <stdint.h>

#include "base/varint.h"

enum { CHUNK_FORMAT = 1, CHUNK_CRC_BYTES = 4 };
enum chunk_int_mode { INT_UNSIGNED, INT_ZIGZAG, INT_DELTA, INT_MODES };
enum { REAL_PLACES_MAX = 14, REAL_XOR = 15, XOR_VALUE = 64 };
/* Level 3 was measured against 1 and 9 (docs/decisions/0001): 9 saves 2 % for six times the time. */
enum { ZSTD_LEVEL = 3, ZSTD_WORTH_BYTES = 48 };
/* Structure, fields, list sizes, lists. */
enum { CHUNK_STREAMS_MAX = 1 + 8 + 2 };

/* The row's id is part of the sum, so that a chunk in another's place is found. */
static inline uint32_t chunk_crc(int64_t row_id, const void *data, size_t n)
{
    uint8_t id[8];

    for (unsigned i = 0; i < sizeof id; i++)
        id[i] = (uint8_t)((uint64_t)row_id >> (8 * i));
    return crc32c(crc32c(0, id, sizeof id), data, n);
}

#endif
