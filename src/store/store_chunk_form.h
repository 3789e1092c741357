/* SPDX-License-Identifier: MIT */
/* What the chunk's writer and reader agree on, beside the description in store_chunk.h. */
#ifndef GWTOP_STORE_STORE_CHUNK_FORM_H
#define GWTOP_STORE_STORE_CHUNK_FORM_H

#include "store/store_bytes.h"

enum { CHUNK_FORMAT = 1 };
enum chunk_int_mode { INT_UNSIGNED, INT_ZIGZAG, INT_DELTA, INT_MODES };
enum { REAL_PLACES_MAX = 14, REAL_XOR = 15, XOR_VALUE = 64 };
/* Level 3 was measured against 1 and 9 (docs/decisions/0001): 9 saves 2 % for six times the time. */
enum { ZSTD_LEVEL = 3, ZSTD_WORTH_BYTES = 48 };
/* Structure, fields, list sizes, lists. */
enum { CHUNK_STREAMS_MAX = 1 + 8 + 2 };

#endif
