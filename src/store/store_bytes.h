/* SPDX-License-Identifier: MIT */
/* Bytes as all of the store's blobs have them: varints that are mostly one byte long, and a CRC-32C at the end. */
#ifndef GWTOP_STORE_STORE_BYTES_H
#define GWTOP_STORE_STORE_BYTES_H

#include "base/buf.h"
#include "base/varint.h"

enum { STORE_CRC_BYTES = 4 };

/* What is still to be read. */
struct store_bytes {
    const uint8_t *p, *end;
};

static inline bool store_bytes_get(struct store_bytes *b, uint64_t *ret)
{
    const uint8_t *p = b->p;

    if (p < b->end && p[0] < 0x80) {
        *ret = p[0];
        b->p = p + 1;
        return true;
    }
    if (b->end - p >= 8 && varint_get_word(&b->p, ret))
        return true;
    return varint_get(&b->p, b->end, ret);
}

static inline bool store_bytes_signed(struct store_bytes *b, int64_t *ret)
{
    uint64_t v;

    if (!store_bytes_get(b, &v))
        return false;
    *ret = unzigzag(v);
    return true;
}

static inline bool store_bytes_u32(struct store_bytes *b, uint32_t max, uint32_t *ret)
{
    uint64_t v;

    if (!store_bytes_get(b, &v) || v > max)
        return false;
    *ret = (uint32_t)v;
    return true;
}

enum err store_bytes_put(struct buf *out, uint64_t v) GW_MUST_USE;
/* Ends a blob that starts at out->data + start. seed goes into the sum without being written. */
enum err store_bytes_seal(struct buf *out, size_t start, uint64_t seed) GW_MUST_USE;
/* False when the blob is too short, of another format (its first byte), or its sum is wrong; *ret is what lies between. */
bool store_bytes_open(const void *data, size_t n, uint8_t format, uint64_t seed, struct store_bytes *ret);

#endif
