/* SPDX-License-Identifier: MIT */
/* Head rows, axes and chunks: what goes in comes out, bit for bit, and damaged bytes are refused without harm. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "store/store_axis.h"
#include "store/store_chunk.h"
#include "store/store_head.h"

/* ---- gauges ---- */

static void gauge_round_trip(double v, size_t most)
{
    uint8_t bytes[STORE_GAUGE_MAX];
    size_t n = store_head_put_gauge(bytes, v);
    struct store_bytes in = {.p = bytes, .end = bytes + n};
    double back;

    ck_assert_uint_le(n, most);
    ck_assert(store_head_get_gauge(&in, &back));
    ck_assert_int_eq(store_real_bits(v), store_real_bits(back));
    for (size_t cut = 0; cut < n; cut++) {
        in = (struct store_bytes){.p = bytes, .end = bytes + cut};
        ck_assert(!store_head_get_gauge(&in, &back));
    }
}

START_TEST(gauges_come_back_bit_for_bit)
{
    struct rng r;

    gauge_round_trip(0.0, 1);
    gauge_round_trip(-0.0, 9);
    gauge_round_trip(1, 1);
    gauge_round_trip(0.4375, 3);
    gauge_round_trip(-12.34, 3);
    gauge_round_trip(1e15, 9);
    gauge_round_trip(9007199254740993.0, 9);
    gauge_round_trip(NAN, 9);
    gauge_round_trip(INFINITY, 9);
    gauge_round_trip(DBL_MIN, 9);
    gauge_round_trip(-DBL_MAX, 9);
    rng_seed(&r, 5);
    for (int i = 0; i < 5000; i++) {
        gauge_round_trip(store_bits_real((int64_t)rng_u64(&r)), STORE_GAUGE_MAX);
        gauge_round_trip((double)(int64_t)rng_below(&r, 1000000) / 1000, 9);
    }
}
END_TEST

/* ---- head rows ---- */

enum { SLOTS = 40 };

struct row {
    struct store_item items[SLOTS];
    const struct store_item *by_slot[SLOTS];
    struct store_hist_count counts[SLOTS][4];
    uint16_t slots[4][SLOTS / 4];
    struct store_section sections[4];
};

static const enum signal signals[4] = {SIG_REQUESTS, SIG_RUNNING, SIG_TTFT, SIG_EVAL};

static struct store_item random_item(enum signal_kind kind, struct rng *r, struct store_hist_count *counts)
{
    struct store_item it = {.series = 0};

    if (rng_below(r, 2) == 0) {
        if (kind == KIND_HISTOGRAM)
            it.v.hist.counts = counts;
        return it;
    }
    if (kind == KIND_INCREMENT) {
        it.v.increment = rng_below(r, 9) == 0 ? (int64_t)rng_u64(r) : (int64_t)rng_below(r, 200);
    } else if (kind == KIND_GAUGE) {
        it.v.gauge = rng_below(r, 2) == 0 ? rng_normal(r) : (double)rng_below(r, 1000) / 10;
    } else if (kind == KIND_SCORE) {
        it.v.score.n = (int64_t)rng_below(r, 100);
        it.v.score.sum_fixed = -(int64_t)rng_below(r, 1000000);
        it.v.score.sumsq_fixed = (int64_t)(rng_u64(r) >> 3);
        it.v.score.bad = 1;
    } else {
        it.v.hist.counts = counts;
        for (uint32_t b = (uint32_t)rng_below(r, 5); it.v.hist.count < 4 && b < 30; b += 1 + (uint32_t)rng_below(r, 12))
            counts[it.v.hist.count++] =
                (struct store_hist_count){.bucket = b + (rng_below(r, 2) == 0 ? 1u << 30 : 0), .count = 1 + rng_below(r, 300)};
        for (uint32_t b = 1; b < it.v.hist.count; b++) /* rising, whatever was drawn */
            if (counts[b].bucket <= counts[b - 1].bucket)
                counts[b].bucket = counts[b - 1].bucket + 1;
        for (uint32_t b = 0; b < it.v.hist.count; b++)
            it.v.hist.n += counts[b].count;
        it.v.hist.n += rng_below(r, 3);
        it.v.hist.sum_fixed = (int64_t)(rng_u64(r) >> 20);
    }
    return it;
}

static void make_row(struct row *row, struct rng *r)
{
    memset(row, 0, sizeof *row);
    for (uint32_t k = 0; k < 4; k++)
        row->sections[k] = (struct store_section){.slots = row->slots[k], .signal = signals[k], .kind = signal_info(signals[k])->kind};
    for (uint16_t s = 0; s < SLOTS; s++) {
        struct store_section *sec = &row->sections[rng_below(r, 4)];
        if (sec->count == SLOTS / 4)
            continue;
        sec->slots[sec->count++] = s;
        row->items[s] = random_item(sec->kind, r, row->counts[s]);
        row->by_slot[s] = rng_below(r, 4) == 0 ? NULL : &row->items[s];
    }
}

static bool same_item(enum signal_kind kind, const struct store_item *a, const struct store_item *b)
{
    if (kind == KIND_INCREMENT)
        return a->v.increment == b->v.increment;
    if (kind == KIND_GAUGE)
        return store_real_bits(a->v.gauge) == store_real_bits(b->v.gauge);
    if (kind == KIND_SCORE)
        return memcmp(&a->v.score, &b->v.score, sizeof a->v.score) == 0;
    return a->v.hist.n == b->v.hist.n && a->v.hist.sum_fixed == b->v.hist.sum_fixed && a->v.hist.count == b->v.hist.count &&
           (a->v.hist.count == 0 || memcmp(a->v.hist.counts, b->v.hist.counts, a->v.hist.count * sizeof *a->v.hist.counts) == 0);
}

/* Checks a row against what went in; returns how many samples were found. */
static size_t check_row(const struct row *row, const struct buf *b)
{
    static struct store_hist_count room[STORE_HIST_BUCKETS_MAX];
    struct store_head_iter it;
    enum store_run kind;
    uint32_t first, count;
    unsigned signal;
    size_t found = 0;
    bool bad;

    ck_assert(store_head_begin(&it, b->data, b->len));
    while (store_head_section(&it, &signal, &bad)) {
        const struct store_section *sec = NULL;
        for (int k = 0; k < 4; k++)
            if (row->sections[k].signal == signal)
                sec = &row->sections[k];
        ck_assert_ptr_nonnull(sec);
        while (store_head_run(&it, &kind, &first, &count))
            for (uint32_t i = 0; i < count; i++) {
                struct store_item item = {.series = 0};
                const struct store_item *expected = row->by_slot[sec->slots[first + i]];
                ck_assert_uint_lt(first + i, sec->count);
                ck_assert(store_head_get(&it, kind, room, &item));
                ck_assert((kind == RUN_ABSENT) == (expected == NULL)); /* absent is not zero */
                found += expected != NULL;
                if (expected != NULL)
                    ck_assert(same_item(sec->kind, expected, &item));
            }
        ck_assert_ptr_eq(it.in.p, it.in.end);
    }
    ck_assert(!bad);
    return found;
}

START_TEST(head_rows_round_trip)
{
    struct rng r;
    struct buf b;

    rng_seed(&r, 11);
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 3000; i++) {
        struct row row;
        size_t present = 0;
        make_row(&row, &r);
        buf_reset(&b);
        ck_assert_int_eq(store_head_encode(row.by_slot, row.sections, 4, &b), ERR_OK);
        for (int s = 0; s < SLOTS; s++)
            present += row.by_slot[s] != NULL;
        ck_assert_uint_eq(check_row(&row, &b), present);
    }
    buf_fini(&b);
}
END_TEST

START_TEST(damaged_head_rows_are_refused)
{
    struct rng r;
    struct buf b;
    struct row row;
    struct store_head_iter it;

    rng_seed(&r, 12);
    buf_init(&b, 1 << 20);
    make_row(&row, &r);
    ck_assert_int_eq(store_head_encode(row.by_slot, row.sections, 4, &b), ERR_OK);
    for (size_t n = 0; n < b.len; n++)
        ck_assert(!store_head_begin(&it, b.data, n));
    for (size_t i = 0; i < b.len * 8; i++) {
        b.data[i / 8] = (char)(b.data[i / 8] ^ (1 << i % 8));
        ck_assert(!store_head_begin(&it, b.data, b.len));
        b.data[i / 8] = (char)(b.data[i / 8] ^ (1 << i % 8));
    }
    buf_fini(&b);
}
END_TEST

/* A poll of 1,000 idle series must not cost more than a few bytes. */
START_TEST(idle_series_cost_nothing)
{
    static struct store_item zero;
    static const struct store_item *by_slot[STORE_SHARD_SERIES];
    static uint16_t slots[STORE_SHARD_SERIES];
    const struct store_section sec = {.slots = slots, .count = STORE_SHARD_SERIES, .signal = SIG_REQUESTS, .kind = KIND_INCREMENT};
    struct buf b;

    for (uint16_t i = 0; i < STORE_SHARD_SERIES; i++) {
        slots[i] = i;
        by_slot[i] = &zero;
    }
    buf_init(&b, 1 << 16);
    ck_assert_int_eq(store_head_encode(by_slot, &sec, 1, &b), ERR_OK);
    ck_assert_uint_le(b.len, 12);
    buf_fini(&b);
}
END_TEST

/* ---- axes ---- */

START_TEST(axes_round_trip)
{
    struct rng r;
    struct buf b;
    struct store_poll polls[300], back[300];

    rng_seed(&r, 13);
    buf_init(&b, 1 << 16);
    for (int round = 0; round < 500; round++) {
        uint32_t n = 1 + (uint32_t)rng_below(&r, 300);
        int64_t t = INT64_C(1763953200000) + (int64_t)rng_below(&r, 1000);
        for (uint32_t i = 0; i < n; i++) {
            int64_t before = t;
            t += round % 3 == 0 ? 15000 : (int64_t)rng_below(&r, 30000);
            uint64_t how = round % 3 == 0 ? 0 : rng_below(&r, 4);
            polls[i] = (struct store_poll){.t1_ms = t,
                                           .t0_ms = how == 1   ? 0
                                                    : how == 2 ? t - 15000
                                                    : how == 3 ? t - 1 - (int64_t)rng_below(&r, 99999)
                                                               : before};
        }
        buf_reset(&b);
        ck_assert_int_eq(store_axis_encode(polls, n, &b), ERR_OK);
        ck_assert(store_axis_decode(b.data, b.len, back, n));
        for (uint32_t i = 0; i < n; i++)
            ck_assert(polls[i].t0_ms == back[i].t0_ms && polls[i].t1_ms == back[i].t1_ms);
        if (round % 3 == 0)
            ck_assert_uint_le(b.len, n + 24); /* regular polls: a byte each */
        ck_assert(!store_axis_decode(b.data, b.len, back, n + 1));
        ck_assert(n == 1 || !store_axis_decode(b.data, b.len, back, n - 1));
        b.data[rng_below(&r, b.len)] ^= 1;
        ck_assert(!store_axis_decode(b.data, b.len, back, n));
    }
    buf_fini(&b);
}
END_TEST

/* ---- chunks ---- */

static struct store_column *random_column(const struct store_layout *l, uint32_t slot, uint32_t axis, struct rng *r, struct arena *a)
{
    struct store_column *c = arena_alloc(a, sizeof *c);
    uint64_t density = rng_below(r, 3), how = rng_below(r, 4);

    c->slot = slot;
    for (uint32_t i = 0; i < axis; i++) {
        if (density == 0 ? rng_below(r, 2) == 0 : density == 1 && rng_below(r, 20) == 0)
            continue;
        uint32_t counts = l->counts ? (uint32_t)rng_below(r, 4) : 0;
        ck_assert_int_eq(store_column_reserve(c, l, counts, a), ERR_OK);
        uint32_t k = c->n++;
        c->at[k] = (uint16_t)i;
        for (uint32_t f = 0; f < l->fields; f++) {
            double real = how == 0      ? (double)rng_below(r, 1000) / 8
                          : how == 1    ? rng_normal(r)
                          : how == 2    ? 42.5
                          : i % 50 == 0 ? NAN
                                        : (double)i;
            c->field[f][k] = l->reals >> f & 1 ? store_real_bits(real)
                             : how == 0        ? (int64_t)rng_below(r, 3)
                             : how == 1        ? (int64_t)rng_u64(r)
                             : how == 2        ? 1000 + (int64_t)i
                                               : 0;
        }
        if (!l->counts)
            continue;
        uint32_t bucket = (how == 0 ? 1u << 30 : 0) + (uint32_t)rng_below(r, 10);
        for (uint32_t b = 0; b < counts; b++, bucket += 1 + (uint32_t)rng_below(r, 4))
            c->counts[c->first[k] + b] = (struct store_hist_count){.bucket = bucket, .count = 1 + rng_below(r, 500)};
        c->first[k + 1] = c->first[k] + counts;
    }
    return c->n == 0 ? random_column(l, slot, axis, r, a) : c;
}

static bool same_column(const struct store_layout *l, const struct store_column *a, const struct store_column *b)
{
    if (a->slot != b->slot || a->n != b->n || memcmp(a->at, b->at, a->n * sizeof *a->at) != 0)
        return false;
    for (uint32_t f = 0; f < l->fields; f++)
        if (memcmp(a->field[f], b->field[f], a->n * sizeof *a->field[f]) != 0)
            return false;
    if (!l->counts)
        return true;
    if (memcmp(a->first, b->first, (a->n + 1) * sizeof *a->first) != 0)
        return false;
    for (uint32_t i = 0; i < a->first[a->n]; i++)
        if (a->counts[i].bucket != b->counts[i].bucket || a->counts[i].count != b->counts[i].count)
            return false;
    return true;
}

/* Of a column, the samples at positions [from, until): all of them, and of whole numbers no others. */
static bool has_part(const struct store_layout *l, const struct store_column *whole, const struct store_column *part, uint32_t from,
                     uint32_t until)
{
    uint32_t before = 0, n = 0;

    if (l->reals != 0 || l->counts)
        return same_column(l, whole, part);
    while (before < whole->n && whole->at[before] < from)
        before++;
    while (before + n < whole->n && whole->at[before + n] < until)
        n++;
    if (part->slot != whole->slot || part->n != n || memcmp(part->at, whole->at + before, n * sizeof *part->at) != 0)
        return false;
    for (uint32_t f = 0; f < l->fields; f++)
        if (memcmp(part->field[f], whole->field[f] + before, n * sizeof *part->field[f]) != 0)
            return false;
    return true;
}

static const struct {
    bool rollup;
    enum signal_kind kind;
} layouts[] = {
    {false, KIND_INCREMENT}, {false, KIND_GAUGE}, {false, KIND_HISTOGRAM}, {false, KIND_SCORE},
    {true, KIND_INCREMENT},  {true, KIND_GAUGE},  {true, KIND_HISTOGRAM},  {true, KIND_SCORE},
};

START_TEST(chunks_round_trip)
{
    const struct store_layout *l = store_layout(layouts[_i].rollup, layouts[_i].kind);
    struct store_packer *pk = store_packer_new();
    struct store_unpacker *un = store_unpacker_new();
    struct rng r;
    struct arena a;
    struct buf b;

    rng_seed(&r, 20 + (uint64_t)_i);
    arena_init(&a, 64 << 20);
    buf_init(&b, 32 << 20);
    for (int round = 0; round < 60; round++) {
        const struct store_column *columns[30];
        uint32_t count = 1 + (uint32_t)rng_below(&r, 30), axis = 1 + (uint32_t)rng_below(&r, 300), slot = 0, found = 0;
        int64_t id = (int64_t)rng_below(&r, 1u << 30);
        arena_reset(&a);
        buf_reset(&b);
        for (uint32_t i = 0; i < count; i++)
            columns[i] = random_column(l, slot += (uint32_t)rng_below(&r, 9) + (i > 0), axis, &r, &a);
        ck_assert_int_eq(store_chunk_encode(pk, l, columns, count, axis, id, &b), ERR_OK);
        ck_assert_int_eq(store_chunk_open(un, l, axis, id, b.data, b.len), ERR_OK);
        while (store_chunk_next(un, &slot)) {
            struct store_column c;
            ck_assert_uint_eq(slot, columns[found]->slot);
            const uint64_t how = rng_below(&r, 4);
            const uint32_t from = (uint32_t)rng_below(&r, axis), until = from + (uint32_t)rng_below(&r, axis - from + 2);
            if (how == 0) {
                ck_assert(store_chunk_skip(un));
            } else if (how == 1) {
                ck_assert(store_chunk_part(un, from, until, &c));
                ck_assert(has_part(l, columns[found], &c, from, until));
            } else {
                ck_assert(store_chunk_column(un, &c));
                ck_assert(same_column(l, columns[found], &c));
            }
            found++;
        }
        ck_assert_uint_eq(found, count);
        ck_assert_int_eq(store_chunk_open(un, l, axis, id + 1, b.data, b.len), ERR_CORRUPT); /* in another's place */
        ck_assert_int_eq(store_chunk_open(un, l, axis + 1, id, b.data, b.len), ERR_CORRUPT);
        ck_assert_int_eq(store_chunk_open(un, l, axis, id, b.data, rng_below(&r, b.len)), ERR_CORRUPT);
        b.data[rng_below(&r, b.len)] ^= (char)(1 << rng_below(&r, 7));
        ck_assert_int_eq(store_chunk_open(un, l, axis, id, b.data, b.len), ERR_CORRUPT);
    }
    buf_fini(&b);
    arena_fini(&a);
    store_packer_free(pk);
    store_unpacker_free(un);
}
END_TEST

Suite *suite_store_codec(void);
Suite *suite_store_codec(void)
{
    Suite *s = suite_create("store_codec");
    TCase *t = tcase_create("codec");

    tcase_add_test(t, gauges_come_back_bit_for_bit);
    tcase_add_test(t, head_rows_round_trip);
    tcase_add_test(t, damaged_head_rows_are_refused);
    tcase_add_test(t, idle_series_cost_nothing);
    tcase_add_test(t, axes_round_trip);
    tcase_add_loop_test(t, chunks_round_trip, 0, (int)(sizeof layouts / sizeof layouts[0]));
    suite_add_tcase(s, t);
    return s;
}
