/* SPDX-License-Identifier: MIT */
#include "store/store_head.h"

#include <math.h>
#include <string.h>

#include "base/varint.h"

enum { HEAD_FORMAT = 1, HEAD_CRC_BYTES = 4, DECIMAL_PLACES_MAX = 14, GAUGE_RAW = 15 };

/* Breaking a run of increments for zeros costs two run headers, so shorter stretches stay inside as single 0 bytes. */
enum { ZERO_RUN_MIN = 3 };

static const double power_of_ten[DECIMAL_PLACES_MAX + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};

double store_decimal_value(int64_t mantissa, unsigned places)
{
    return (double)mantissa / power_of_ten[places];
}

double store_decimal_unit(unsigned places) { return power_of_ten[places]; }

bool store_decimal(double v, int64_t *ret_mantissa, unsigned *ret_places)
{
    const double limit = 9007199254740992.0; /* 2^53: whole numbers below it are exact */

    if (!isfinite(v) || (v == 0 && signbit(v)))
        return false;
    for (unsigned places = 0; places <= DECIMAL_PLACES_MAX; places++) {
        double scaled = v * power_of_ten[places];
        if (fabs(scaled) >= limit)
            return false;
        double whole = nearbyint(scaled);
        if (whole / power_of_ten[places] == v) {
            *ret_mantissa = (int64_t)whole;
            *ret_places = places;
            return true;
        }
    }
    return false;
}

size_t store_head_put_gauge(uint8_t *dst, double v)
{
    int64_t mantissa;
    unsigned places;

    if (store_decimal(v, &mantissa, &places))
        return varint_put(dst, (zigzag(mantissa) << 4) | places);
    size_t n = varint_put(dst, GAUGE_RAW);
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    for (unsigned i = 0; i < sizeof bits; i++)
        dst[n++] = (uint8_t)(bits >> (8 * i));
    return n;
}

static bool is_zero(const struct store_slot *s)
{
    const struct store_item *it = s->item;

    switch (s->kind) {
    case KIND_INCREMENT:
        return it->v.increment == 0;
    case KIND_GAUGE:
        return it->v.gauge == 0 && !signbit(it->v.gauge);
    case KIND_HISTOGRAM:
        return it->v.hist.n == 0 && it->v.hist.sum_fixed == 0 && it->v.hist.count == 0;
    case KIND_SCORE:
        return it->v.score.n == 0 && it->v.score.sum_fixed == 0 && it->v.score.sumsq_fixed == 0 && it->v.score.bad == 0;
    }
    return false;
}

static enum store_run run_of(const struct store_slot *s)
{
    if (s->item == NULL)
        return RUN_ABSENT;
    if (is_zero(s))
        return RUN_ZERO;
    switch (s->kind) {
    case KIND_INCREMENT:
        return RUN_INCREMENT;
    case KIND_GAUGE:
        return RUN_GAUGE;
    case KIND_HISTOGRAM:
        return RUN_HISTOGRAM;
    case KIND_SCORE:
        return RUN_SCORE;
    }
    return RUN_ABSENT;
}

/* The run that starts at slots[i]: its kind and length. */
static enum store_run measure_run(const struct store_slot *slots, uint32_t i, uint32_t count, uint32_t *ret_length)
{
    enum store_run run = run_of(&slots[i]);
    uint32_t end = i + 1;

    while (end < count) {
        enum store_run next = run_of(&slots[end]);
        if (next == run) {
            end++;
            continue;
        }
        if (run != RUN_INCREMENT || next != RUN_ZERO || slots[end].kind != KIND_INCREMENT)
            break;
        uint32_t zeros = end;
        while (zeros < count && zeros - end < ZERO_RUN_MIN && slots[zeros].kind == KIND_INCREMENT && run_of(&slots[zeros]) == RUN_ZERO)
            zeros++;
        if (zeros - end == ZERO_RUN_MIN || zeros == count || run_of(&slots[zeros]) != RUN_INCREMENT)
            break;
        end = zeros;
    }
    *ret_length = end - i;
    return run;
}

static enum err put_hist(const struct store_item *it, struct buf *out)
{
    uint8_t *dst = (uint8_t *)buf_reserve(out, (size_t)VARINT_MAX * (3 + 2 * (size_t)it->v.hist.count));
    uint64_t listed = 0;
    uint32_t before = 0;
    size_t n = 0;

    if (dst == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < it->v.hist.count; i++)
        listed += it->v.hist.counts[i].count;
    n += varint_put(dst + n, zigzag((int64_t)(it->v.hist.n - listed)));
    n += varint_put(dst + n, zigzag(it->v.hist.sum_fixed));
    n += varint_put(dst + n, it->v.hist.count);
    for (uint32_t i = 0; i < it->v.hist.count; i++) {
        const struct store_hist_count *c = &it->v.hist.counts[i];
        n += varint_put(dst + n, zigzag((int64_t)c->bucket - (int64_t)before));
        n += varint_put(dst + n, c->count);
        before = c->bucket;
    }
    out->len += n;
    return ERR_OK;
}

static enum err put_value(enum store_run run, const struct store_item *it, struct buf *out)
{
    if (run == RUN_HISTOGRAM)
        return put_hist(it, out);
    uint8_t *dst = (uint8_t *)buf_reserve(out, 4 * VARINT_MAX);
    size_t n = 0;
    if (dst == NULL)
        return ERR_NOMEM;
    if (run == RUN_INCREMENT) {
        n = varint_put(dst, zigzag(it->v.increment));
    } else if (run == RUN_GAUGE) {
        n = store_head_put_gauge(dst, it->v.gauge);
    } else {
        n += varint_put(dst + n, zigzag(it->v.score.n));
        n += varint_put(dst + n, zigzag(it->v.score.sum_fixed));
        n += varint_put(dst + n, zigzag(it->v.score.sumsq_fixed));
        n += varint_put(dst + n, zigzag(it->v.score.bad));
    }
    out->len += n;
    return ERR_OK;
}

enum err store_head_encode(const struct store_slot *slots, uint32_t count, struct buf *out)
{
    size_t start = out->len;
    enum err e = buf_append_char(out, HEAD_FORMAT);

    while (e == ERR_OK && count > 0 && slots[count - 1].item == NULL)
        count--;
    for (uint32_t i = 0; e == ERR_OK && i < count;) {
        uint32_t length = 0;
        enum store_run run = measure_run(slots, i, count, &length);
        uint8_t *dst = (uint8_t *)buf_reserve(out, VARINT_MAX);
        if (dst == NULL)
            return ERR_NOMEM;
        out->len += varint_put(dst, (uint64_t)length * 8 + run);
        if (run >= RUN_INCREMENT)
            for (uint32_t k = 0; e == ERR_OK && k < length; k++)
                e = put_value(run, slots[i + k].item, out);
        i += length;
    }
    if (e != ERR_OK)
        return e;
    uint32_t crc = crc32c(0, out->data + start, out->len - start);
    const char tail[HEAD_CRC_BYTES] = {(char)(crc & 255), (char)(crc >> 8 & 255), (char)(crc >> 16 & 255), (char)(crc >> 24 & 255)};
    return buf_append(out, tail, sizeof tail);
}

bool store_head_begin(struct store_head_iter *it, const void *data, size_t n)
{
    const uint8_t *p = data;

    if (n < 1 + HEAD_CRC_BYTES || p[0] != HEAD_FORMAT)
        return false;
    size_t body = n - HEAD_CRC_BYTES;
    uint32_t crc = p[body] | (uint32_t)p[body + 1] << 8 | (uint32_t)p[body + 2] << 16 | (uint32_t)p[body + 3] << 24;
    if (crc32c(0, p, body) != crc)
        return false;
    *it = (struct store_head_iter){.p = p + 1, .end = p + body};
    return true;
}

bool store_head_run(struct store_head_iter *it, enum store_run *ret_kind, uint32_t *ret_first, uint32_t *ret_count)
{
    const uint8_t *p = it->p;
    uint64_t head;

    if (p == it->end || !varint_get(&p, it->end, &head))
        return false;
    uint64_t count = head >> 3;
    unsigned kind = head & 7;
    if (kind >= RUN_COUNT || count == 0 || count > STORE_SHARD_SERIES - it->slot)
        return false;
    it->p = p;
    *ret_kind = (enum store_run)kind;
    *ret_first = it->slot;
    *ret_count = (uint32_t)count;
    it->slot += (uint32_t)count;
    return true;
}

bool store_head_get_increment(struct store_head_iter *it, int64_t *ret)
{
    uint64_t v;

    if (!varint_get(&it->p, it->end, &v))
        return false;
    *ret = unzigzag(v);
    return true;
}

bool store_head_get_gauge(struct store_head_iter *it, double *ret)
{
    uint64_t v;

    if (!varint_get(&it->p, it->end, &v))
        return false;
    if ((v & 15) != GAUGE_RAW) {
        *ret = store_decimal_value(unzigzag(v >> 4), (unsigned)(v & 15));
        return true;
    }
    uint64_t bits = 0;
    if ((size_t)(it->end - it->p) < sizeof bits)
        return false;
    for (unsigned i = 0; i < sizeof bits; i++)
        bits |= (uint64_t)it->p[i] << (8 * i);
    it->p += sizeof bits;
    memcpy(ret, &bits, sizeof bits);
    return true;
}

bool store_head_get_hist(struct store_head_iter *it, struct store_hist_count *room, struct store_item *ret)
{
    uint64_t rest, sum, count;
    int64_t bucket = 0;
    uint64_t listed = 0;

    if (!varint_get(&it->p, it->end, &rest) || !varint_get(&it->p, it->end, &sum) || !varint_get(&it->p, it->end, &count))
        return false;
    if (count > STORE_HIST_BUCKETS_MAX || count > (size_t)(it->end - it->p) / 2)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t step;
        if (!varint_get(&it->p, it->end, &step) || !varint_get(&it->p, it->end, &room[i].count))
            return false;
        if (unzigzag(step) > UINT32_MAX || unzigzag(step) < -(int64_t)UINT32_MAX)
            return false;
        bucket += unzigzag(step);
        if (bucket < 0 || bucket > UINT32_MAX)
            return false;
        room[i].bucket = (uint32_t)bucket;
        listed += room[i].count;
    }
    ret->v.hist.n = listed + (uint64_t)unzigzag(rest);
    ret->v.hist.sum_fixed = unzigzag(sum);
    ret->v.hist.counts = room;
    ret->v.hist.count = (uint32_t)count;
    return true;
}

bool store_head_get_score(struct store_head_iter *it, struct store_item *ret)
{
    return store_head_get_increment(it, &ret->v.score.n) && store_head_get_increment(it, &ret->v.score.sum_fixed) &&
           store_head_get_increment(it, &ret->v.score.sumsq_fixed) && store_head_get_increment(it, &ret->v.score.bad);
}
