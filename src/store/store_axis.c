/* SPDX-License-Identifier: MIT */
#include "store/store_axis.h"

#include "base/varint.h"

enum { FOLLOWS, UNKNOWN, SAME_LENGTH, LENGTH };
enum { CRC_BYTES = 4 };

enum err store_axis_encode(const struct store_poll *polls, uint32_t count, struct buf *out)
{
    size_t start = out->len;
    int64_t t = 0, step = 0, length = 0;
    uint8_t *dst = (uint8_t *)buf_reserve(out, (size_t)count * 2 * VARINT_MAX + CRC_BYTES);
    size_t n = 0;

    if (dst == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        const struct store_poll *p = &polls[i];
        int64_t now_step = p->t1_ms - t, now_length = p->t1_ms - p->t0_ms;
        unsigned how = p->t0_ms == 0 ? UNKNOWN : i > 0 && p->t0_ms == t ? FOLLOWS : now_length == length ? SAME_LENGTH : LENGTH;
        n += varint_put(dst + n, zigzag(now_step - step) << 2 | how);
        if (how == LENGTH)
            n += varint_put(dst + n, (uint64_t)now_length);
        if (how != UNKNOWN)
            length = now_length;
        step = i == 0 ? 0 : now_step;
        t = p->t1_ms;
    }
    uint32_t crc = crc32c(0, dst, n);
    for (unsigned i = 0; i < CRC_BYTES; i++)
        dst[n++] = (uint8_t)(crc >> (8 * i));
    out->len = start + n;
    return ERR_OK;
}

bool store_axis_decode(const void *data, size_t n, struct store_poll *polls, uint32_t count)
{
    const uint8_t *p = data;
    int64_t t = 0, step = 0, length = 0;

    if (n < CRC_BYTES)
        return false;
    const uint8_t *end = p + n - CRC_BYTES;
    uint32_t crc = end[0] | (uint32_t)end[1] << 8 | (uint32_t)end[2] << 16 | (uint32_t)end[3] << 24;
    if (crc32c(0, p, n - CRC_BYTES) != crc)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t v, len;
        if (!varint_get(&p, end, &v))
            return false;
        int64_t now_step = (int64_t)((uint64_t)step + (uint64_t)unzigzag(v >> 2)), before = t;
        t = (int64_t)((uint64_t)t + (uint64_t)now_step);
        unsigned how = v & 3;
        if (how == LENGTH) {
            if (!varint_get(&p, end, &len) || len > INT64_MAX)
                return false;
            length = (int64_t)len;
        }
        if (t <= 0 || length > t)
            return false;
        polls[i] = (struct store_poll){.t1_ms = t, .t0_ms = how == UNKNOWN ? 0 : how == FOLLOWS ? before : t - length};
        if (how == FOLLOWS)
            length = t - before;
        step = i == 0 ? 0 : now_step;
    }
    return p == end;
}
