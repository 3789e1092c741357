/* SPDX-License-Identifier: MIT */
/* CRC-32C by the processor's instruction where there is one, which is ten times as fast; else eight bytes at a time ("slicing by 8",
 * Kounavis, Berry 2005). A table entry is linear in the bits of its index, so each table is given by its eight entries of one bit, and the
 * compiler makes the rest. */
#include "base/varint.h"

#include <string.h>

#define SLICE(b, c0, c1, c2, c3, c4, c5, c6, c7)                                                                                           \
    (((b)&1 ? c0 : 0u) ^ ((b)&2 ? c1 : 0u) ^ ((b)&4 ? c2 : 0u) ^ ((b)&8 ? c3 : 0u) ^ ((b)&16 ? c4 : 0u) ^ ((b)&32 ? c5 : 0u) ^             \
     ((b)&64 ? c6 : 0u) ^ ((b)&128 ? c7 : 0u))
#define CRC0(b) SLICE(b, 0xF26B8303u, 0xE13B70F7u, 0xC79A971Fu, 0x8AD958CFu, 0x105EC76Fu, 0x20BD8EDEu, 0x417B1DBCu, 0x82F63B78u)
#define CRC1(b) SLICE(b, 0x13A29877u, 0x274530EEu, 0x4E8A61DCu, 0x9D14C3B8u, 0x3FC5F181u, 0x7F8BE302u, 0xFF17C604u, 0xFBC3FAF9u)
#define CRC2(b) SLICE(b, 0xA541927Eu, 0x4F6F520Du, 0x9EDEA41Au, 0x38513EC5u, 0x70A27D8Au, 0xE144FB14u, 0xC76580D9u, 0x8B277743u)
#define CRC3(b) SLICE(b, 0xDD45AAB8u, 0xBF672381u, 0x7B2231F3u, 0xF64463E6u, 0xE964B13Du, 0xD725148Bu, 0xABA65FE7u, 0x52A0C93Fu)
#define CRC4(b) SLICE(b, 0x38116FACu, 0x7022DF58u, 0xE045BEB0u, 0xC5670B91u, 0x8F2261D3u, 0x1BA8B557u, 0x37516AAEu, 0x6EA2D55Cu)
#define CRC5(b) SLICE(b, 0xEF306B19u, 0xDB8CA0C3u, 0xB2F53777u, 0x6006181Fu, 0xC00C303Eu, 0x85F4168Du, 0x0E045BEBu, 0x1C08B7D6u)
#define CRC6(b) SLICE(b, 0x68032CC8u, 0xD0065990u, 0xA5E0C5D1u, 0x4E2DFD53u, 0x9C5BFAA6u, 0x3D5B83BDu, 0x7AB7077Au, 0xF56E0EF4u)
#define CRC7(b) SLICE(b, 0x493C7D27u, 0x9278FA4Eu, 0x211D826Du, 0x423B04DAu, 0x847609B4u, 0x0D006599u, 0x1A00CB32u, 0x34019664u)
#define ROW4(entry, b) entry(b), entry((b) + 1), entry((b) + 2), entry((b) + 3)
#define ROW16(entry, b) ROW4(entry, b), ROW4(entry, (b) + 4), ROW4(entry, (b) + 8), ROW4(entry, (b) + 12)
#define ROW64(entry, b) ROW16(entry, b), ROW16(entry, (b) + 16), ROW16(entry, (b) + 32), ROW16(entry, (b) + 48)
#define TABLE(entry)                                                                                                                       \
    {                                                                                                                                      \
        ROW64(entry, 0), ROW64(entry, 64), ROW64(entry, 128), ROW64(entry, 192)                                                            \
    }

static const uint32_t crc_table[8][256] = {TABLE(CRC0), TABLE(CRC1), TABLE(CRC2), TABLE(CRC3),
                                           TABLE(CRC4), TABLE(CRC5), TABLE(CRC6), TABLE(CRC7)};

size_t varint_put(uint8_t *dst, uint64_t v)
{
    size_t n = 0;
    while (v >= 0x80) {
        dst[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    dst[n++] = (uint8_t)v;
    return n;
}

bool varint_get(const uint8_t **pp, const uint8_t *end, uint64_t *ret)
{
    const uint8_t *p = *pp;
    uint64_t v = 0;
    for (unsigned shift = 0; p < end && shift < 64; shift += 7) {
        uint8_t byte = *p++;
        if (shift == 63 && byte > 1) /* more than 64 bits, or an eleventh byte to come */
            return false;
        v |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            if (byte == 0 && shift > 0) /* over-long: a shorter form says the same */
                return false;
            *pp = p;
            *ret = v;
            return true;
        }
    }
    return false;
}

uint32_t crc32c_by_table(uint32_t crc, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    crc = ~crc;
    for (; n >= 8; n -= 8, p += 8) {
        uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
        crc = crc_table[7][low & 0xFF] ^ crc_table[6][low >> 8 & 0xFF] ^ crc_table[5][low >> 16 & 0xFF] ^ crc_table[4][low >> 24] ^
              crc_table[3][p[4]] ^ crc_table[2][p[5]] ^ crc_table[1][p[6]] ^ crc_table[0][p[7]];
    }
    for (; n > 0; n--)
        crc = crc >> 8 ^ crc_table[0][(crc ^ *p++) & 0xFF];
    return ~crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    uint64_t c = (uint32_t)~crc, word;
    for (; n >= sizeof word; n -= sizeof word, p += sizeof word) {
        memcpy(&word, p, sizeof word);
        c = __builtin_ia32_crc32di(c, word);
    }
    for (; n > 0; n--)
        c = __builtin_ia32_crc32qi((uint32_t)c, *p++);
    return ~(uint32_t)c;
}
#endif

uint32_t crc32c(uint32_t crc, const void *bytes, size_t n)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2"))
        return by_instruction(crc, bytes, n);
#endif
    return crc32c_by_table(crc, bytes, n);
}
