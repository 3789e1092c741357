/* SPDX-License-Identifier: MIT */
#include "store/store_head.h"

#include <math.h>
#include <string.h>

#include "base/varint.h"

enum { HEAD_FORMAT = 1, DECIMAL_PLACES_MAX = 14, GAUGE_RAW = 15 };

/* Breaking a run of increments for zeros costs two run headers, so shorter stretches stay inside as single 0 bytes. */
enum { ZERO_RUN_MIN = 3 };

static const double power_of_ten[DECIMAL_PLACES_MAX + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};

double store_decimal_value(int64_t mantissa, unsigned places)
{
    return (double)mantissa / power_of_ten[places];
}

double store_decimal_unit(unsigned places)
{
    return power_of_ten[places];
}

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

static bool is_zero(const struct store_item *it, enum signal_kind kind)
{
    switch (kind) {
    case KIND_INCREMENT: return it->v.increment == 0;
    case KIND_GAUGE: return it->v.gauge == 0 && !signbit(it->v.gauge);
    case KIND_HISTOGRAM: return it->v.hist.n == 0 && it->v.hist.sum_fixed == 0 && it->v.hist.count == 0;
    case KIND_SCORE: return it->v.score.n == 0 && it->v.score.sum_fixed == 0 && it->v.score.sumsq_fixed == 0 && it->v.score.bad == 0;
    }
    return false;
}

static const enum store_run run_of_kind[] = {
    [KIND_INCREMENT] = RUN_INCREMENT, [KIND_GAUGE] = RUN_GAUGE, [KIND_HISTOGRAM] = RUN_HISTOGRAM, [KIND_SCORE] = RUN_SCORE};

enum store_run store_run_of_kind(enum signal_kind kind)
{
    return run_of_kind[kind];
}

/* A section being written. */
struct writer {
    const struct store_item *const *by_slot;
    const struct store_section *s;
};

static const struct store_item *item_at(const struct writer *w, uint32_t i)
{
    return w->by_slot[w->s->slots[i]];
}

static enum store_run run_of(const struct writer *w, uint32_t i)
{
    const struct store_item *it = item_at(w, i);

    return it == NULL ? RUN_ABSENT : is_zero(it, w->s->kind) ? RUN_ZERO : run_of_kind[w->s->kind];
}

/* The end of the run that starts at i. */
static uint32_t run_end(const struct writer *w, uint32_t i, enum store_run run, uint32_t count)
{
    uint32_t end = i + 1;

    while (end < count) {
        enum store_run next = run_of(w, end);
        if (next == run) {
            end++;
            continue;
        }
        if (run != RUN_INCREMENT || next != RUN_ZERO)
            break;
        uint32_t zeros = end + 1;
        while (zeros < count && zeros - end < ZERO_RUN_MIN && run_of(w, zeros) == RUN_ZERO)
            zeros++;
        if (zeros - end == ZERO_RUN_MIN || zeros == count || run_of(w, zeros) != RUN_INCREMENT)
            break;
        end = zeros;
    }
    return end;
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

/* The runs of one section; what is absent at its end is left out. */
static enum err put_section(const struct writer *w, struct buf *out)
{
    uint32_t count = w->s->count;
    enum err e = ERR_OK;

    while (count > 0 && item_at(w, count - 1) == NULL)
        count--;
    for (uint32_t i = 0; e == ERR_OK && i < count;) {
        enum store_run run = run_of(w, i);
        uint32_t end = run_end(w, i, run, count);
        e = store_bytes_put(out, (uint64_t)(end - i) * 8 + run);
        for (; i < end; i++)
            if (e == ERR_OK && run >= RUN_INCREMENT)
                e = put_value(run, item_at(w, i), out);
    }
    return e;
}

enum err store_head_encode(const struct store_item *const *by_slot, const struct store_section *sections, uint32_t count, struct buf *out)
{
    size_t start = out->len;
    enum err e = buf_append_char(out, HEAD_FORMAT);

    for (uint32_t i = 0; e == ERR_OK && i < count; i++) {
        const struct writer w = {.by_slot = by_slot, .s = &sections[i]};
        size_t before = out->len;
        uint8_t head[2 * VARINT_MAX];
        /* The length goes in front, and is known afterwards. */
        e = put_section(&w, out);
        size_t body = out->len - before;
        if (e != ERR_OK || body == 0)
            continue;
        size_t n = varint_put(head, sections[i].signal);
        n += varint_put(head + n, body);
        if (buf_reserve(out, n) == NULL)
            return ERR_NOMEM;
        memmove(out->data + before + n, out->data + before, body);
        memcpy(out->data + before, head, n);
        out->len += n;
    }
    return e == ERR_OK ? store_bytes_seal(out, start, 0) : e;
}

bool store_head_begin(struct store_head_iter *it, const void *data, size_t n)
{
    struct store_bytes row;

    if (!store_bytes_open(data, n, HEAD_FORMAT, 0, &row))
        return false;
    *it = (struct store_head_iter){.in = {.p = row.p, .end = row.p}, .row_end = row.end};
    return true;
}

bool store_head_section(struct store_head_iter *it, unsigned *ret_signal, bool *ret_bad)
{
    struct store_bytes row = {.p = it->in.end, .end = it->row_end};
    uint32_t signal, length;

    *ret_bad = false;
    if (row.p == row.end)
        return false;
    if (!store_bytes_u32(&row, UINT16_MAX, &signal) || !store_bytes_u32(&row, UINT32_MAX, &length) || length > (size_t)(row.end - row.p)) {
        *ret_bad = true;
        return false;
    }
    it->in = (struct store_bytes){.p = row.p, .end = row.p + length};
    it->next = 0;
    *ret_signal = signal;
    return true;
}

bool store_head_run(struct store_head_iter *it, enum store_run *ret_kind, uint32_t *ret_first, uint32_t *ret_count)
{
    struct store_bytes in = it->in;
    uint64_t head;

    if (in.p == in.end || !store_bytes_get(&in, &head))
        return false;
    uint64_t count = head >> 3;
    unsigned kind = head & 7;
    if (kind >= RUN_COUNT || count == 0 || count > STORE_SHARD_SERIES - it->next)
        return false;
    it->in = in;
    *ret_kind = (enum store_run)kind;
    *ret_first = it->next;
    *ret_count = (uint32_t)count;
    it->next += (uint32_t)count;
    return true;
}

bool store_head_get_gauge(struct store_bytes *in, double *ret)
{
    uint64_t v, bits = 0;

    if (!store_bytes_get(in, &v))
        return false;
    if ((v & 15) != GAUGE_RAW) {
        *ret = store_decimal_value(unzigzag(v >> 4), (unsigned)(v & 15));
        return true;
    }
    if ((size_t)(in->end - in->p) < sizeof bits)
        return false;
    for (unsigned i = 0; i < sizeof bits; i++)
        bits |= (uint64_t)in->p[i] << (8 * i);
    in->p += sizeof bits;
    memcpy(ret, &bits, sizeof bits);
    return true;
}

bool store_head_get_hist(struct store_head_iter *it, struct store_hist_count *room, struct store_item *ret)
{
    struct store_bytes *in = &it->in;
    int64_t rest, sum, bucket = 0;
    uint32_t count;
    uint64_t listed = 0;

    if (!store_bytes_signed(in, &rest) || !store_bytes_signed(in, &sum) || !store_bytes_u32(in, STORE_HIST_BUCKETS_MAX, &count) ||
        count > (size_t)(in->end - in->p) / 2)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        int64_t step;
        if (!store_bytes_signed(in, &step) || !store_bytes_get(in, &room[i].count) || step > UINT32_MAX || step < -(int64_t)UINT32_MAX)
            return false;
        bucket += step;
        if (bucket < 0 || bucket > UINT32_MAX || (i > 0 && step <= 0))
            return false;
        room[i].bucket = (uint32_t)bucket;
        listed += room[i].count;
    }
    ret->v.hist.n = listed + (uint64_t)rest;
    ret->v.hist.sum_fixed = sum;
    ret->v.hist.counts = room;
    ret->v.hist.count = count;
    return true;
}

bool store_head_get_score(struct store_head_iter *it, struct store_item *ret)
{
    return store_head_get_increment(it, &ret->v.score.n) && store_head_get_increment(it, &ret->v.score.sum_fixed) &&
           store_head_get_increment(it, &ret->v.score.sumsq_fixed) && store_head_get_increment(it, &ret->v.score.bad);
}

bool store_head_get(struct store_head_iter *it, enum store_run kind, struct store_hist_count *room, struct store_item *ret)
{
    switch (kind) {
    case RUN_INCREMENT: return store_head_get_increment(it, &ret->v.increment);
    case RUN_GAUGE: return store_head_get_gauge(&it->in, &ret->v.gauge);
    case RUN_HISTOGRAM: return store_head_get_hist(it, room, ret);
    case RUN_SCORE: return store_head_get_score(it, ret);
    case RUN_ABSENT:
    case RUN_ZERO:
    case RUN_COUNT: break;
    }
    return true;
}

enum err store_head_gauges(const void *data, size_t n, struct buf *out)
{
    const size_t start = out->len;
    struct store_head_iter it;
    unsigned signal;
    bool bad = false;
    enum err e = store_head_begin(&it, data, n) ? buf_append_char(out, HEAD_FORMAT) : ERR_CORRUPT;

    while (e == ERR_OK && store_head_section(&it, &signal, &bad)) {
        const size_t length = (size_t)(it.in.end - it.in.p);
        if (signal >= SIG_COUNT || signal_info((enum signal)signal)->kind != KIND_GAUGE)
            continue;
        e = store_bytes_put(out, signal);
        if (e == ERR_OK)
            e = store_bytes_put(out, length);
        if (e == ERR_OK)
            e = buf_append(out, it.in.p, length);
    }
    if (e == ERR_OK)
        e = bad ? ERR_CORRUPT : store_bytes_seal(out, start, 0);
    if (e != ERR_OK)
        out->len = start;
    return e;
}
