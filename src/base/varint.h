/* SPDX-License-Identifier: MIT */
/* LEB128 variable-length integers and zigzag, for the store's blobs. Decoding never reads past end and refuses over-long forms. */
#ifndef GWTOP_BASE_VARINT_H
#define GWTOP_BASE_VARINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VARINT_MAX = 10 };

size_t varint_put(uint8_t *dst, uint64_t v); /* dst has VARINT_MAX bytes; returns bytes written */
/* Reads one at *pp, moving it; false when cut or over-long (then *pp is unchanged). */
bool varint_get(const uint8_t **pp, const uint8_t *end, uint64_t *ret);

static inline uint64_t zigzag(int64_t v)
{
    return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}
static inline int64_t unzigzag(uint64_t v)
{
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

/* CRC-32C (Castagnoli) of n bytes, continuing from crc (0 to start). Source: RFC 3720 appendix B.4. */
uint32_t crc32c(uint32_t crc, const void *p, size_t n);

#endif
