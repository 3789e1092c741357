/* SPDX-License-Identifier: MIT */
#include "store/store_bytes.h"

static uint32_t sum(const void *p, size_t n, uint64_t seed)
{
    uint8_t id[8];

    for (unsigned i = 0; i < sizeof id; i++)
        id[i] = (uint8_t)(seed >> (8 * i));
    return crc32c(crc32c(0, id, sizeof id), p, n);
}

enum err store_bytes_put(struct buf *out, uint64_t v)
{
    uint8_t tmp[VARINT_MAX];

    return buf_append(out, tmp, varint_put(tmp, v));
}

enum err store_bytes_seal(struct buf *out, size_t start, uint64_t seed)
{
    uint32_t crc = sum(out->data + start, out->len - start, seed);
    const char tail[STORE_CRC_BYTES] = {(char)(crc & 255), (char)(crc >> 8 & 255), (char)(crc >> 16 & 255), (char)(crc >> 24 & 255)};

    return buf_append(out, tail, sizeof tail);
}

bool store_bytes_open(const void *data, size_t n, uint8_t format, uint64_t seed, struct store_bytes *ret)
{
    const uint8_t *p = data;

    if (n < 1 + STORE_CRC_BYTES || p[0] != format)
        return false;
    const uint8_t *end = p + n - STORE_CRC_BYTES;
    uint32_t crc = end[0] | (uint32_t)end[1] << 8 | (uint32_t)end[2] << 16 | (uint32_t)end[3] << 24;
    if (sum(p, n - STORE_CRC_BYTES, seed) != crc)
        return false;
    *ret = (struct store_bytes){.p = p + 1, .end = end};
    return true;
}
