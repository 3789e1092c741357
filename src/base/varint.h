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

/* Eight bytes, the first one lowest. */
static inline uint64_t varint_word(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
           (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

/* varint_get() where eight bytes can be read, all of them at once: of long ones a loop's branches would mostly be guessed wrong. False, and
 * *pp unchanged, also for one of more than eight bytes. */
static inline bool varint_get_word(const uint8_t **pp, uint64_t *ret)
{
    const uint8_t *p = *pp;
    uint64_t v = varint_word(p);
    const uint64_t ends = ~v & UINT64_C(0x8080808080808080); /* the high bit that each last byte lacks */

    if (ends == 0)
        return false;
    const unsigned last = (unsigned)__builtin_ctzll(ends) / 8;
    if (last > 0 && p[last] == 0) /* over-long */
        return false;
    v &= ends ^ (ends - 1);
    v = (v & UINT64_C(0x007F007F007F007F)) | (v & UINT64_C(0x7F007F007F007F00)) >> 1;
    v = (v & UINT64_C(0x00003FFF00003FFF)) | (v & UINT64_C(0x3FFF00003FFF0000)) >> 2;
    *ret = (v & UINT64_C(0x000000000FFFFFFF)) | (v & UINT64_C(0x0FFFFFFF00000000)) >> 4;
    *pp = p + last + 1;
    return true;
}

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
/* The same without the processor's instruction for it. */
uint32_t crc32c_by_table(uint32_t crc, const void *p, size_t n);

#endif
