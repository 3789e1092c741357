/* SPDX-License-Identifier: MIT */
#include "store/store_axis.h"

#include "store/store_bytes.h"

enum { FOLLOWS, UNKNOWN, SAME_LENGTH, LENGTH };
enum { AXIS_FORMAT = 1 };

enum err store_axis_encode(const struct store_poll *polls, uint32_t count, struct buf *out)
{
    size_t start = out->len;
    int64_t t = 0, step = 0, length = 0;
    enum err e = buf_append_char(out, AXIS_FORMAT);
    uint8_t *dst = e == ERR_OK ? (uint8_t *)buf_reserve(out, (size_t)count * 2 * VARINT_MAX) : NULL;
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
    out->len += n;
    return store_bytes_seal(out, start, 0);
}

bool store_axis_decode(const void *data, size_t n, struct store_poll *polls, uint32_t count)
{
    struct store_bytes in;
    int64_t t = 0, step = 0, length = 0;

    if (!store_bytes_open(data, n, AXIS_FORMAT, 0, &in))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t v, len;
        if (!store_bytes_get(&in, &v))
            return false;
        int64_t now_step = (int64_t)((uint64_t)step + (uint64_t)unzigzag(v >> 2)), before = t;
        t = (int64_t)((uint64_t)t + (uint64_t)now_step);
        unsigned how = v & 3;
        if (how == LENGTH) {
            if (!store_bytes_get(&in, &len) || len > INT64_MAX)
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
    return in.p == in.end;
}
