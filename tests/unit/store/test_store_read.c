/* SPDX-License-Identifier: MIT */
/* Whatever was appended, in whatever order, is what store_read adds up to: compared with a naive model, before and after sealing. */
#include "base/rng.h"
#include "model.h"

#include "store/store_internal.h"

enum { SOURCES = 3, SERIES = 48, POLLS = 240, STEP_MS = 15000, MINUTE_MS = 60000, HOUR_MS = 3600000, HOURS = 14 };

static struct place place;
static struct errctx ctx;
static struct arena a;

static void setup(void)
{
    place_init(&place);
    arena_init(&a, 256 << 20);
}

static void teardown(void)
{
    arena_fini(&a);
    place_fini(&place);
}

static const enum signal signals[] = {SIG_REQUESTS, SIG_COST, SIG_RUNNING, SIG_TTFT, SIG_E2E, SIG_EVAL, SIG_BUDGET_REMAINING, SIG_KV_CACHE};
enum { SIGNALS = sizeof signals / sizeof signals[0] };

static void make_series(struct store *st, struct model *m, struct rng *rng)
{
    static const double bounds_a[] = {0.1, 0.5, 1, 2.5}, bounds_b[] = {0.25, 1, 4};
    const struct hist_bounds *b[2];
    uint32_t source[SOURCES], names[6];

    OK(store_bounds(st, bounds_a, 4, &b[0], &ctx));
    OK(store_bounds(st, bounds_b, 3, &b[1], &ctx));
    for (int i = 0; i < SOURCES; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        source[i] = put_source(st, name);
    }
    for (int i = 0; i < 6; i++) {
        char name[16];
        snprintf(name, sizeof name, "v%d", i);
        names[i] = put_string(st, name);
    }
    m->series = calloc(SERIES, sizeof *m->series);
    while (m->series_count < SERIES) {
        struct series s = {.source = source[rng_below(rng, SOURCES)], .signal = (uint16_t)signals[rng_below(rng, SIGNALS)]};
        s.dim[DIM_MODEL] = names[rng_below(rng, 3)];
        s.dim[DIM_TEAM] = rng_below(rng, 4) == 0 ? 0 : names[3 + rng_below(rng, 3)];
        s.dim[DIM_NAME] = names[rng_below(rng, 6)];
        if (signal_info((enum signal)s.signal)->kind == KIND_HISTOGRAM)
            s.bounds = rng_below(rng, 3) == 0 ? 0 : b[rng_below(rng, 2)]->id;
        OK(store_series(st, &s, &s.id, &ctx));
        if (s.id > m->series_count)
            m->series[m->series_count++] = s;
    }
}

static struct store_item random_item(const struct series *s, struct rng *rng, struct store_hist_count *counts)
{
    struct store_item it = {.series = s->id};
    bool zero = rng_below(rng, 3) == 0;

    switch (signal_info((enum signal)s->signal)->kind) {
    case KIND_INCREMENT:
        it.v.increment = zero ? 0 : rng_below(rng, 10) == 0 ? (int64_t)(rng_u64(rng) >> 20) : (int64_t)rng_below(rng, 300);
        break;
    case KIND_GAUGE:
        it.v.gauge = zero                     ? 0
                     : rng_below(rng, 9) == 0 ? NAN
                     : rng_below(rng, 2) == 0 ? rng_unit(rng) * 1000
                                              : (double)rng_below(rng, 500) / 100;
        break;
    case KIND_HISTOGRAM: {
        uint32_t buckets = s->bounds == 0 ? 40 : 3, base = s->bounds == 0 ? (1u << 30) - 20 : 0, n = 0;
        for (uint32_t b = 0; !zero && b <= buckets && n < MODEL_BUCKETS; b++)
            if (rng_below(rng, 3) == 0)
                counts[n++] = (struct store_hist_count){.bucket = base + b, .count = 1 + rng_below(rng, 9)};
        it.v.hist.counts = counts;
        it.v.hist.count = n;
        for (uint32_t i = 0; i < n; i++)
            it.v.hist.n += counts[i].count;
        it.v.hist.sum_fixed = n == 0 ? 0 : (int64_t)rng_below(rng, 5000000000);
        break;
    }
    case KIND_SCORE:
        if (!zero) {
            it.v.score.n = 1 + (int64_t)rng_below(rng, 5);
            it.v.score.sum_fixed = (int64_t)rng_below(rng, 1000000000);
            it.v.score.sumsq_fixed = (int64_t)rng_below(rng, 1000000000);
            it.v.score.bad = (int64_t)rng_below(rng, 2);
        }
        break;
    }
    return it;
}

/* One poll of one source at (t0, t1]: each of its series with probability 7/8, in a random rotation. */
static void append_poll(struct store *st, struct model *m, struct rng *rng, uint32_t source, int64_t t0, int64_t t1)
{
    struct store_item items[SERIES];
    struct store_hist_count counts[SERIES][MODEL_BUCKETS];
    struct store_batch b = {.source = source, .t0_ms = t0, .t1_ms = t1, .items = items};
    size_t from = rng_below(rng, SERIES);

    for (size_t k = 0; k < SERIES; k++) {
        const struct series *s = &m->series[(from + k) % SERIES];
        if (s->source != source || rng_below(rng, 8) == 0)
            continue;
        items[b.count] = random_item(s, rng, counts[b.count]);
        model_add(m, s, t0, t1, &items[b.count]);
        b.count++;
    }
    model_poll(m, source, t0, t1);
    OK(store_append(st, &b, 1, &ctx));
}

/* Polls of all sources around an hour, 30 s of jitter, some gaps, one in ten late by up to 40 minutes. */
static void fill(struct store *st, struct model *m, struct rng *rng, int64_t from_ms, int polls)
{
    int64_t last[SOURCES] = {0}, late_ms = 0;

    for (int i = 0; i < polls; i++) {
        uint32_t k = (uint32_t)rng_below(rng, SOURCES);
        int64_t t1 = from_ms + (i + 1) * (STEP_MS / SOURCES) + (int64_t)k;
        int64_t t0 = last[k] != 0 && rng_below(rng, 20) != 0 ? last[k] : 0;
        if (rng_below(rng, 10) == 0) { /* a late answer: an instant of its own */
            late_ms++;
            append_poll(st, m, rng, k + 1, 0, t1 - (int64_t)rng_below(rng, 2400) * 1000 - 1000 - late_ms * 7);
            continue;
        }
        append_poll(st, m, rng, k + 1, t0, t1);
        last[k] = t1;
    }
}

static void check_all(struct store *st, const struct model *m, struct rng *rng, int64_t from_ms, int64_t step_ms, uint32_t columns,
                      enum model_strictness strict)
{
    struct store_query q[2 * SIGNALS];
    struct store_result r[2 * SIGNALS];
    const uint32_t team[2] = {0, 5}, sources[2] = {1, 3};
    static const uint32_t group[] = {0, DIM_BIT(DIM_MODEL), DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_TEAM),
                                     DIM_BIT(DIM_NAME) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_TEAM)};

    for (int i = 0; i < 2 * SIGNALS; i++) {
        q[i] = (struct store_query){
            .signal = signals[i / 2], .t0_ms = from_ms, .step_ms = step_ms, .columns = columns, .group_by = group[rng_below(rng, 4)]};
        if (i % 2 == 1 && rng_below(rng, 2) == 0) {
            q[i].filter.dim[DIM_TEAM].ids = team;
            q[i].filter.dim[DIM_TEAM].count = 2;
        }
        if (i % 2 == 1 && rng_below(rng, 2) == 0) {
            q[i].filter.sources = sources;
            q[i].filter.source_count = 2;
        }
    }
    arena_reset(&a);
    OK(store_read(st, q, 2 * SIGNALS, &a, r, &ctx));
    for (int i = 0; i < 2 * SIGNALS; i++) {
        ck_assert(strict == MODEL_MIXED || r[i].from_rollup == (strict == MODEL_ROLLUP));
        model_check(m, &q[i], &r[i], strict);
    }
}

/* Queries of several times, group by group and each with its own: what one does not ask for must not be missing in another. */
static void check_together(struct store *st, const struct model *m, struct rng *rng, int64_t from_ms, int64_t to_ms,
                           enum model_strictness strict)
{
    enum { QUERIES = 3 * SIGNALS, TIMES = 4 };
    struct store_query q[QUERIES], times[TIMES];
    struct store_result r[QUERIES];
    static const uint32_t group[] = {0, DIM_BIT(DIM_TEAM), DIM_BIT(DIM_MODEL), DIM_BIT(DIM_NAME) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_TEAM)};

    for (int i = 0; i < TIMES; i++) {
        const int64_t begin = from_ms + (int64_t)rng_below(rng, (uint64_t)(to_ms - from_ms)), left = to_ms - begin;
        const uint32_t columns = rng_below(rng, 2) == 0 ? 1 : 1 + (uint32_t)rng_below(rng, 20);
        times[i] = (struct store_query){.t0_ms = i == 0 ? from_ms : begin, .columns = columns};
        times[i].step_ms = i == 0 ? (to_ms - from_ms) / columns : 1 + (int64_t)rng_below(rng, (uint64_t)left) / columns;
    }
    for (int i = 0; i < QUERIES; i++) {
        q[i] = times[rng_below(rng, TIMES)];
        q[i].signal = signals[rng_below(rng, SIGNALS)];
        q[i].group_by = group[rng_below(rng, 4)];
    }
    q[QUERIES - 1] = q[0]; /* two views may ask for the very same */
    arena_reset(&a);
    OK(store_read(st, q, QUERIES, &a, r, &ctx));
    for (int i = 0; i < QUERIES; i++)
        model_check(m, &q[i], &r[i], strict);
}

START_TEST(reads_what_was_appended)
{
    struct rng rng;
    struct model m = {.count = 0};
    struct store *st = open_writer(&place);

    rng_seed(&rng, 100 + (uint64_t)_i);
    make_series(st, &m, &rng);
    fill(st, &m, &rng, T0, POLLS);
    check_all(st, &m, &rng, T0, 60000, 21, MODEL_EXACT);
    check_all(st, &m, &rng, T0 - 3600000, 7 * 60000 + 1234, 13, MODEL_EXACT);
    check_all(st, &m, &rng, T0 + 333333, 1000, 50, MODEL_EXACT);
    store_close(st);
    st = open_reader(&place);
    check_all(st, &m, &rng, T0, 60000, 21, MODEL_EXACT);
    for (int i = 0; i < 6; i++)
        check_together(st, &m, &rng, T0, T0 + 21 * 60000, MODEL_EXACT);
    store_close(st);
    model_fini(&m);
}
END_TEST

/* Sealed at random moments; the samples that come late land in segments of their own. */
START_TEST(sealing_changes_nothing)
{
    struct rng rng;
    struct model m = {.count = 0};
    struct store *st = open_writer(&place);

    rng_seed(&rng, 200 + (uint64_t)_i);
    make_series(st, &m, &rng);
    for (int part = 0; part < 4; part++) {
        fill(st, &m, &rng, T0 + part * 300000, 60);
        if (part < 3)
            OK(store_seal_all(st, &ctx));
        check_all(st, &m, &rng, T0, 60000, 21, MODEL_EXACT);
        for (int i = 0; i < 3; i++)
            check_together(st, &m, &rng, T0, T0 + 21 * 60000, MODEL_EXACT);
    }
    check_all(st, &m, &rng, T0 + 333333, 10000, 50, MODEL_EXACT);
    store_close(st);
    st = open_reader(&place);
    check_all(st, &m, &rng, T0, 60000, 21, MODEL_EXACT);
    store_close(st);
    st = open_writer(&place);
    OK(store_seal_all(st, &ctx));
    struct store_stats stats;
    OK(store_get_stats(st, &stats, &ctx));
    ck_assert_uint_eq(stats.head_rows, 0);
    ck_assert_uint_eq(stats.samples, m.count);
    ck_assert_uint_eq(stats.bad_chunks, 0);
    check_all(st, &m, &rng, T0, 60000, 21, MODEL_EXACT);
    store_close(st);
    model_fini(&m);
}
END_TEST

/* Three days, polled every 6 minutes or so, sealed now and then: every tier gives the same sums. */
START_TEST(every_tier_adds_up_to_the_same)
{
    struct rng rng;
    struct model m = {.count = 0};
    struct store *st = open_writer(&place);
    const int64_t start = T0 - 3 * INT64_C(3600000) + 1800000; /* 00:30 */
    int64_t last[SOURCES] = {0};

    rng_seed(&rng, 300 + (uint64_t)_i);
    make_series(st, &m, &rng);
    for (int i = 0; i < 720; i++)
        for (uint32_t k = 0; k < SOURCES; k++) {
            if (rng_below(&rng, 6) != 0)
                continue;
            int64_t t1 = start + i * 360000 + (int64_t)k * 1000;
            append_poll(st, &m, &rng, k + 1, last[k], t1);
            last[k] = rng_below(&rng, 30) == 0 ? 0 : t1;
            if (rng_below(&rng, 200) == 0)
                OK(store_seal_all(st, &ctx));
            if (rng_below(&rng, 50) == 0)
                append_poll(st, &m, &rng, k + 1, 0, start + (int64_t)rng_below(&rng, (uint64_t)i + 1) * 360000 + 17 * i + 3);
        }
    const int64_t day = T0 - 3 * INT64_C(3600000);
    for (int sealed = 0; sealed < 3; sealed++) {
        enum model_strictness strict = sealed == 0 ? MODEL_MIXED : MODEL_ROLLUP;
        check_all(st, &m, &rng, day, 300000, 100, strict);
        check_all(st, &m, &rng, day, 2 * INT64_C(86400000), 2, strict);
        check_all(st, &m, &rng, day, 1800000, 80, strict);
        check_all(st, &m, &rng, day, 6 * INT64_C(3600000), 13, strict);
        check_all(st, &m, &rng, day + 7 * 3600000 + 1234567, 20 * INT64_C(3600000), 1, strict);
        check_all(st, &m, &rng, day + 8 * 3600000 + 1200077, 13 * INT64_C(3600000) + 5, 3, strict);
        check_all(st, &m, &rng, day, INT64_C(86400000), 4, strict);
        check_all(st, &m, &rng, start + 5 * 3600000, 60000, 60, MODEL_EXACT);
        for (int i = 0; i < 2; i++)
            check_together(st, &m, &rng, day, day + 3 * INT64_C(86400000), MODEL_MIXED);
        OK(store_seal_all(st, &ctx));
        if (sealed == 1) { /* late for a day that is rolled up already */
            append_poll(st, &m, &rng, 1, 0, start + 5 * 3600000 + 11);
            append_poll(st, &m, &rng, 2, 0, start + 9 * 3600000 + 13);
            OK(store_seal_all(st, &ctx));
        }
    }
    struct store_stats stats;
    OK(store_get_stats(st, &stats, &ctx));
    ck_assert_uint_eq(stats.bad_chunks, 0);
    store_close(st);
    model_fini(&m);
}
END_TEST

/* Two engines behind each of two replicas, read from the head, from chunks and from rollups. */
START_TEST(a_gauge_over_several_reads_by_its_rule)
{
    static const struct {
        enum signal signal;
        double tells[4], reads;
    } rows[] = {
        {SIG_RUNNING, {3, 2, 1, 0}, 6},
        {SIG_KV_CACHE, {0.7, 0.7, 0.25, 0}, 0.7},
        {SIG_BUDGET_LIMIT, {100, 100, 100, 100}, 100},
        {SIG_BUDGET_REMAINING, {40, 40, 41, 43}, 40},
        {SIG_BUDGET_RESET, {90, 80, 60, 70}, 60},
        {SIG_RATE_LIMIT_TOKENS, {9, 9, 7, 8}, 7},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    struct store *st = open_writer(&place);
    const uint32_t source[2] = {put_source(st, "a"), put_source(st, "b")}, engine[2] = {put_string(st, "0"), put_string(st, "1")};
    struct store_item items[2][2 * ROWS] = {0};
    struct store_query q[2 * ROWS];
    struct store_result r[2 * ROWS];

    for (int k = 0; k < 4 * ROWS; k++) {
        int row = k / 4, from = k / 2 % 2;
        struct series s = {.source = source[from], .signal = (uint16_t)rows[row].signal};
        s.dim[DIM_NAME] = engine[k % 2];
        OK(store_series(st, &s, &items[from][2 * row + k % 2].series, &ctx));
        items[from][2 * row + k % 2].v.gauge = rows[row].tells[k % 4];
    }
    for (int64_t i = 0; i < HOURS * 60; i++)
        for (int from = 0; from < 2; from++) {
            int64_t t1 = T0 + (i + 1) * MINUTE_MS - (1 - from);
            struct store_batch b = {.source = source[from], .t0_ms = t1 - MINUTE_MS, .t1_ms = t1, .items = items[from], .count = 2 * ROWS};
            OK(store_append(st, &b, 1, &ctx));
        }
    for (int i = 0; i < 2 * ROWS; i++)
        q[i] = (struct store_query){.signal = rows[i / 2].signal,
                                    .t0_ms = T0 + 3600000,
                                    .step_ms = i % 2 == 0 ? MINUTE_MS : 3600000,
                                    .columns = i % 2 == 0 ? 60 : HOURS - 1};
    for (int sealed = 0; sealed < 2; sealed++) {
        OK(store_read(st, q, 2 * ROWS, &a, r, &ctx));
        for (int i = 0; i < 2 * ROWS; i++)
            for (uint32_t c = 0; c < q[i].columns; c++) {
                const struct store_cell *cell = &r[i].groups[0].cells[c];
                ck_assert_uint_eq(cell->polls, i % 2 == 0 ? 2 : 120);
                ck_assert_double_eq_tol(cell->last, rows[i / 2].reads, 1e-9);
                ck_assert_double_eq_tol(cell->min, rows[i / 2].reads, 1e-9);
                ck_assert_double_eq_tol(cell->max, rows[i / 2].reads, 1e-9);
                ck_assert_double_eq_tol(cell->total / cell->polls, rows[i / 2].reads, 1e-9);
            }
        ck_assert(!r[0].from_rollup);
        ck_assert(sealed == 0 || r[1].from_rollup);
        OK(store_seal_all(st, &ctx));
    }
    store_close(st);
}
END_TEST

/* Every other source is polled only every fourth time, and the last ones fall silent: what they told ends then. */
START_TEST(a_gauge_adds_up_however_many_sources_tell_it)
{
    enum { MANY = 300, TURNS = 8 };
    struct store *st = open_writer(&place);
    uint32_t source[MANY];
    struct store_item items[MANY];
    struct store_result r;

    for (int k = 0; k < MANY; k++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", k);
        source[k] = put_source(st, name);
        struct series s = {.source = source[k], .signal = SIG_RUNNING};
        OK(store_series(st, &s, &items[k].series, &ctx));
        items[k].v.gauge = 1;
    }
    for (int64_t i = 0; i < TURNS; i++) {
        struct store_batch b[MANY];
        size_t n = 0;
        for (int k = 0; k < (i < 4 ? MANY : MANY - 50); k++) {
            int64_t len = k % 2 == 0 || i % 4 != 3 ? STEP_MS : 4 * STEP_MS, t1 = T0 + (i + 1) * STEP_MS + k;
            if (k % 2 == 0 || i % 4 == 3)
                b[n++] = (struct store_batch){.source = source[k], .t0_ms = t1 - len, .t1_ms = t1, .items = &items[k], .count = 1};
        }
        OK(store_append(st, b, n, &ctx));
    }
    const struct store_query q = {.signal = SIG_RUNNING, .t0_ms = T0, .step_ms = STEP_MS, .columns = TURNS + 1};
    OK(store_read(st, &q, 1, &a, &r, &ctx));
    ck_assert_double_eq(r.groups[0].cells[1].last, MANY / 2);
    ck_assert_double_eq(r.groups[0].cells[4].last, MANY);
    ck_assert_double_eq(r.groups[0].cells[8].last, MANY - 25); /* of the silent, those with short polls have ended */
    store_close(st);
}
END_TEST

/* One request a second, told by up to two sources, each from minute `from` to minute `to` of every hour. */
static void tell_requests(struct store *st, const int from[2], const int to[2])
{
    const uint32_t source[2] = {put_source(st, "a"), put_source(st, "b")};
    struct store_item items[2][2] = {0};

    for (int k = 0; k < 4; k++) {
        struct series s = {.source = source[k / 2], .signal = SIG_REQUESTS};
        s.dim[DIM_GATEWAY] = put_string(st, k < 2 ? "a" : "b");
        s.dim[DIM_NAME] = put_string(st, k % 2 == 0 ? "x" : "y");
        OK(store_series(st, &s, &items[k / 2][k % 2].series, &ctx));
        items[k / 2][k % 2].v.increment = 30;
    }
    for (int64_t i = 0; i < HOURS * 60; i++)
        for (int k = 0; k < 2; k++) {
            struct store_batch b = {
                .source = source[k], .t0_ms = T0 + i * MINUTE_MS, .t1_ms = T0 + (i + 1) * MINUTE_MS, .items = items[k], .count = 2};
            if (i % 60 >= from[k] && i % 60 < to[k])
                OK(store_append(st, &b, 1, &ctx));
        }
}

START_TEST(covered_time_of_rollups_is_that_of_raw_samples_or_says_so)
{
    static const struct {
        int from[2], to[2], minutes;
        bool about;
    } rows[] = {
        {{0, 0}, {60, 0}, 60, false},  /* one source, its two series in the same polls */
        {{0, 0}, {30, 0}, 30, false},  /* the same, half the time */
        {{0, 0}, {60, 60}, 60, false}, /* two side by side */
        {{0, 30}, {30, 60}, 60, true}, /* one hands over to the other within the hour */
        {{0, 0}, {30, 30}, 30, true},  /* which an outage of half an hour looks like */
    };
    struct store *st = open_writer(&place);
    const struct store_query raw = {.signal = SIG_REQUESTS, .t0_ms = T0, .step_ms = HOUR_MS, .columns = 5};
    struct store_query q[6] = {raw, raw, raw};
    struct store_result r[6];

    tell_requests(st, rows[_i].from, rows[_i].to);
    OK(store_seal_all(st, &ctx));
    q[1].columns = 9;  /* from 5 minutes */
    q[2].columns = 13; /* from hours */
    for (int i = 0; i < 3; i++) {
        q[i + 3] = q[i];
        q[i + 3].group_by = DIM_BIT(DIM_GATEWAY); /* a group per source */
    }
    OK(store_read(st, q, 6, &a, r, &ctx));
    ck_assert(!r[0].from_rollup && r[1].from_rollup && r[2].from_rollup);
    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t c = 0; c < q[0].columns; c++) {
            const struct store_cell *cell = &r[i].groups[0].cells[c];
            bool about = i == 2 && rows[_i].about;
            ck_assert_int_eq(cell->sum, r[0].groups[0].cells[c].sum);
            ck_assert_int_eq(cell->covered_about, about);
            if (about)
                ck_assert_int_le(cell->covered_ms, rows[_i].minutes * MINUTE_MS);
            else
                ck_assert_int_eq(cell->covered_ms, rows[_i].minutes * MINUTE_MS);
            for (uint32_t k = i; k < 6; k += 3) { /* groups that take turns cover together what one of both sources covers */
                ck_assert_int_eq(r[k].cover[c].ms, cell->covered_ms);
                ck_assert_int_eq(r[k].cover[c].about, cell->covered_about);
            }
        }
    store_close(st);
}
END_TEST

/* One name ends as the other begins: each covers half of what they cover together. */
START_TEST(groups_of_a_source_take_turns)
{
    struct store *st = open_writer(&place);
    const uint32_t source = put_source(st, "a");
    struct store_item item[2] = {0};
    const struct store_query q = {.signal = SIG_REQUESTS, .group_by = DIM_BIT(DIM_NAME), .t0_ms = T0, .step_ms = HOUR_MS, .columns = 1};
    struct store_result r;

    for (int k = 0; k < 2; k++) {
        struct series s = {.source = source, .signal = SIG_REQUESTS};
        s.dim[DIM_NAME] = put_string(st, k == 0 ? "x" : "y");
        OK(store_series(st, &s, &item[k].series, &ctx));
        item[k].v.increment = 1;
    }
    for (int i = 0; i < 6; i++) {
        const struct store_batch b = {
            .source = source, .t0_ms = T0 + i * MINUTE_MS, .t1_ms = T0 + (i + 1) * MINUTE_MS, .items = &item[i / 3], .count = 1};
        OK(store_append(st, &b, 1, &ctx));
    }
    OK(store_read(st, &q, 1, &a, &r, &ctx));
    ck_assert_uint_eq(r.count, 2);
    for (size_t i = 0; i < r.count; i++)
        ck_assert_int_eq(r.groups[i].cells[0].covered_ms, 3 * MINUTE_MS);
    ck_assert_int_eq(r.cover[0].ms, 6 * MINUTE_MS);
    ck_assert(!r.cover[0].about);
    store_close(st);
}
END_TEST

struct scan {
    const struct model *m;
    uint32_t series;
    size_t count;
    int64_t last;
};

static bool scan_one(void *p, int64_t t0, int64_t t1, const struct store_item *it)
{
    struct scan *s = p;
    bool found = false;

    ck_assert_int_ge(t1, s->last);
    s->last = t1;
    s->count++;
    for (size_t i = 0; !found && i < s->m->count; i++) {
        const struct model_sample *x = &s->m->samples[i];
        if (x->s->id != s->series || x->t0_ms != t0 || x->t1_ms != t1)
            continue;
        enum signal_kind kind = signal_info((enum signal)x->s->signal)->kind;
        found = kind == KIND_INCREMENT ? it->v.increment == x->item.v.increment
                : kind == KIND_GAUGE
                    ? memcmp(&it->v.gauge, &x->item.v.gauge, sizeof(double)) == 0 || (isnan(it->v.gauge) && isnan(x->item.v.gauge))
                : kind == KIND_SCORE ? memcmp(&it->v.score, &x->item.v.score, sizeof it->v.score) == 0
                                     : it->v.hist.n == x->item.v.hist.n && it->v.hist.sum_fixed == x->item.v.hist.sum_fixed &&
                                           it->v.hist.count == x->item.v.hist.count;
        for (uint32_t b = 0; found && kind == KIND_HISTOGRAM && b < it->v.hist.count; b++)
            found = it->v.hist.counts[b].bucket == x->counts[b].bucket && it->v.hist.counts[b].count == x->counts[b].count;
    }
    ck_assert(found);
    return true;
}

/* Most series are in the same polls as the one before, and are added all hours at once; one began later, and one lacks an hour. */
START_TEST(series_of_the_same_polls_add_up_hour_by_hour)
{
    enum { SAME = 4, DAY_HOURS = 24, PER_HOUR = 60, POLL_MS = 60000, LATE = 5, HOLE = 9 };
    static const int64_t each[SAME] = {1, 1000, 100, 10};
    const int64_t hour_ms = 3600000, day = T0 - 3 * hour_ms;
    struct store *st = open_writer(&place);
    const uint32_t id = put_source(st, "edge");
    struct store_item all[SAME];
    for (uint32_t k = 0; k < SAME; k++) {
        char name[8];
        struct series s = {.source = id, .signal = SIG_REQUESTS};
        snprintf(name, sizeof name, "k%u", k);
        OK(store_string(st, str_of(name), &s.dim[DIM_KEY], &ctx));
        all[k] = (struct store_item){.v.increment = each[k]};
        OK(store_series(st, &s, &all[k].series, &ctx));
    }
    for (int hour = 0; hour < DAY_HOURS; hour++) { /* several polls in each of the tier's buckets */
        struct store_item items[SAME];
        struct store_batch polls[PER_HOUR];
        size_t count = 0;
        for (int k = 0; k < SAME; k++)
            if ((k != 1 || hour >= LATE) && (k != 2 || hour != HOLE))
                items[count++] = all[k];
        for (int i = 0; i < PER_HOUR; i++) {
            const int64_t t1 = day + (hour * PER_HOUR + i + 1) * (int64_t)POLL_MS;
            polls[i] = (struct store_batch){.source = id, .t0_ms = t1 - POLL_MS, .t1_ms = t1, .items = items, .count = count};
        }
        OK(store_append(st, polls, PER_HOUR, &ctx));
    }
    OK(store_seal_all(st, &ctx));
    for (int from = 0; from < 12; from += 7) { /* all of the day, and what is left of it */
        const struct store_query q = {
            .signal = SIG_REQUESTS, .t0_ms = day + from * hour_ms, .step_ms = hour_ms, .columns = (uint32_t)(DAY_HOURS - from)};
        struct store_result r;
        OK(store_read(st, &q, 1, &a, &r, &ctx));
        ck_assert(r.from_rollup);
        for (int hour = from; hour < DAY_HOURS; hour++) {
            const struct store_cell *c = &r.groups[0].cells[hour - from];
            const int64_t sum = 11 + (hour >= LATE ? 1000 : 0) + (hour != HOLE ? 100 : 0);
            ck_assert_int_eq(c->sum, sum * PER_HOUR);
            ck_assert_uint_eq(c->n, PER_HOUR * (2U + (hour >= LATE) + (hour != HOLE)));
            ck_assert_uint_eq(c->polls, PER_HOUR);
            ck_assert_int_eq(c->covered_ms, hour_ms);
        }
    }
    store_close(st);
}
END_TEST

START_TEST(scans_every_sample_in_order)
{
    struct rng rng;
    struct model m = {.count = 0};
    struct store *st = open_writer(&place);

    rng_seed(&rng, 7);
    make_series(st, &m, &rng);
    fill(st, &m, &rng, T0, 100);
    OK(store_seal_all(st, &ctx));
    fill(st, &m, &rng, T0 + 400000, 100);
    for (uint32_t id = 1; id <= SERIES; id++) {
        struct scan s = {.m = &m, .series = id};
        size_t expected = 0;
        OK(store_scan(st, id, 0, INT64_MAX, scan_one, &s, &ctx));
        for (size_t i = 0; i < m.count; i++)
            expected += m.samples[i].s->id == id;
        ck_assert_uint_eq(s.count, expected);
    }
    ck_assert_int_eq(store_scan(st, SERIES + 1, 0, 1, scan_one, NULL, &ctx), ERR_NOTFOUND);
    store_close(st);
    model_fini(&m);
}
END_TEST

/* Polls whose counts were none: their gauges stay, and nobody reads the rest, sealed later or not. */
START_TEST(what_is_taken_back_is_in_no_tier)
{
    enum { TAKEN_POLLS = 700 };
    struct store *st = open_writer(&place);
    const uint32_t id = put_source(st, "edge");
    struct series requests = {.source = id, .signal = SIG_REQUESTS}, running = {.source = id, .signal = SIG_RUNNING};
    struct store_item items[2] = {{.series = 0}};
    OK(store_series(st, &requests, &items[0].series, &ctx));
    OK(store_series(st, &running, &items[1].series, &ctx));
    const int64_t end = T0 + TAKEN_POLLS * INT64_C(1000);
    for (int i = 1; i <= TAKEN_POLLS; i++) {
        const int64_t t = T0 + i * INT64_C(1000);
        const struct store_batch b = {.source = id, .t0_ms = t - 1000, .t1_ms = t, .items = items, .count = 2};
        items[0].v.increment = 10;
        items[1].v.gauge = i;
        OK(store_append(st, &b, 1, &ctx));
    }
    struct store_stats stats;
    OK(store_get_stats(st, &stats, &ctx));
    ck_assert_uint_gt(stats.chunks, 0); /* and the newest are not in them, whenever it is */
    OK(store_take_back(st, id, end - (STORE_HEAD_KEPT - 8) * INT64_C(1000), end, &ctx));
    OK(store_commit(st, &ctx));
    for (int how = 0; how < 3; how++) {
        struct store_query q[2] = {{.signal = SIG_REQUESTS, .t0_ms = T0, .step_ms = 3600000, .columns = 1}};
        struct store_result r[2];
        q[1] = q[0];
        q[1].signal = SIG_RUNNING;
        OK(store_read(st, q, 2, &a, r, &ctx));
        ck_assert_int_eq(r[0].groups[0].cells[0].sum, 10 * (TAKEN_POLLS - STORE_HEAD_KEPT + 8));
        ck_assert_int_eq(r[0].cover[0].ms, (TAKEN_POLLS - STORE_HEAD_KEPT + 8) * INT64_C(1000));
        ck_assert_double_eq(r[1].groups[0].cells[0].last, TAKEN_POLLS);
        ck_assert_uint_eq(r[1].groups[0].cells[0].n, TAKEN_POLLS);
        if (how == 0) {
            store_close(st);
            st = open_writer(&place);
        } else {
            OK(store_seal_all(st, &ctx));
        }
    }
    store_close(st);
}
END_TEST

/* What cannot be read stays as it is, and is counted as when it is read. */
START_TEST(what_is_damaged_is_not_taken_back_and_is_counted)
{
    struct store *st = open_writer(&place);
    struct series s = {.source = put_source(st, "edge"), .signal = SIG_REQUESTS};
    struct store_item item = {.v.increment = 10};
    struct store_stats stats;
    sqlite3 *db;
    OK(store_series(st, &s, &item.series, &ctx));
    for (int i = 1; i <= 3; i++) {
        const struct store_batch b = {.source = s.source, .t0_ms = T0 + (i - 1) * 1000, .t1_ms = T0 + i * 1000, .items = &item, .count = 1};
        OK(store_append(st, &b, 1, &ctx));
    }
    ck_assert_int_eq(sqlite3_open(place.db, &db), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(db, "UPDATE head SET data = x'ffffffffff' WHERE seq = (SELECT max(seq) - 1 FROM head WHERE n > 0)", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    OK(store_take_back(st, s.source, T0, T0 + 3000, &ctx));
    OK(store_commit(st, &ctx));
    OK(store_get_stats(st, &stats, &ctx));
    ck_assert_uint_eq(stats.bad_chunks, 1);
    store_close(st);
}
END_TEST

START_TEST(a_reader_sees_commits_of_another_process)
{
    struct rng rng;
    struct model m = {.count = 0};
    struct store *st = open_writer(&place), *reader;

    rng_seed(&rng, 9);
    make_series(st, &m, &rng);
    fill(st, &m, &rng, T0, 30);
    reader = open_reader(&place);
    check_all(reader, &m, &rng, T0, 60000, 20, MODEL_EXACT);
    int64_t before = store_data_version(reader);
    ck_assert_int_eq(store_data_version(reader), before);
    fill(st, &m, &rng, T0 + 600000, 30);
    ck_assert_int_ne(store_data_version(reader), before);
    OK(store_refresh(reader, &ctx));
    check_all(reader, &m, &rng, T0, 60000, 30, MODEL_EXACT);
    OK(store_snapshot_begin(reader, &ctx));
    struct model then = m;
    then.samples = malloc(m.count * sizeof *m.samples);
    memcpy(then.samples, m.samples, m.count * sizeof *m.samples);
    fill(st, &m, &rng, T0 + 1200000, 5);
    check_all(reader, &then, &rng, T0, 60000, 30, MODEL_EXACT);
    store_snapshot_end(reader);
    check_all(reader, &m, &rng, T0, 60000, 30, MODEL_EXACT);
    store_close(reader);
    store_close(st);
    free(then.samples);
    model_fini(&m);
}
END_TEST

START_TEST(refuses_what_makes_no_sense)
{
    struct store *st = open_writer(&place);
    uint32_t source = put_source(st, "a"), other = put_source(st, "b");
    struct series s = {.source = source, .signal = SIG_REQUESTS};
    struct store_item it = {.series = 99};
    struct store_batch b = {.source = source, .t0_ms = T0, .t1_ms = T0 + 1, .items = &it, .count = 1};
    struct store_result r;
    struct store_query q = {.signal = SIG_REQUESTS, .t0_ms = T0, .step_ms = 0, .columns = 1};

    OK(store_series(st, &s, &it.series, &ctx));
    it.series++;
    ck_assert_int_eq(store_append(st, &b, 1, &ctx), ERR_USAGE);
    it.series--;
    b.source = other;
    ck_assert_int_eq(store_append(st, &b, 1, &ctx), ERR_USAGE);
    b.source = source;
    b.t0_ms = b.t1_ms;
    ck_assert_int_eq(store_append(st, &b, 1, &ctx), ERR_USAGE);
    ck_assert_int_eq(store_read(st, &q, 1, &a, &r, &ctx), ERR_USAGE);
    b.t0_ms = T0;
    OK(store_append(st, &b, 1, &ctx));
    store_close(st);
    st = open_reader(&place);
    ck_assert_int_eq(store_append(st, &b, 1, &ctx), ERR_READONLY);
    store_close(st);
}
END_TEST

/* A gateway that once put request ids into a label must not make its store unreadable for good. */
START_TEST(names_of_the_past_do_not_count_against_the_present)
{
    enum { NAMES = 20010 };
    static struct store_item items[NAMES];
    struct store *st = open_writer(&place);
    uint32_t source = put_source(st, "a");
    struct series s = {.source = source, .signal = SIG_REQUESTS};
    struct store_result r;

    for (uint32_t i = 0; i < NAMES; i++) {
        char name[16];
        snprintf(name, sizeof name, "k%u", i);
        s.dim[DIM_KEY] = put_string(st, name);
        OK(store_series(st, &s, &items[i].series, &ctx));
        items[i].v.increment = 2;
    }
    struct store_batch b = {.source = source, .t0_ms = T0, .t1_ms = T0 + STEP_MS, .items = items, .count = NAMES};
    OK(store_append(st, &b, 1, &ctx));
    b = (struct store_batch){.source = source, .t0_ms = T0 + HOUR_MS, .t1_ms = T0 + HOUR_MS + STEP_MS, .items = items, .count = 3};
    OK(store_append(st, &b, 1, &ctx));
    struct store_query q = {.signal = SIG_REQUESTS, .group_by = DIM_BIT(DIM_KEY), .t0_ms = T0 + HOUR_MS, .step_ms = HOUR_MS, .columns = 1};
    for (int sealed = 0; sealed < 2; sealed++) { /* from the head, then from chunks and rollups */
        q.t0_ms = T0 + HOUR_MS;
        OK(store_read(st, &q, 1, &a, &r, &ctx));
        ck_assert_uint_eq(r.count, 3);
        ck_assert_int_eq(r.groups[0].cells[0].sum, 2);
        q.t0_ms = T0;
        ck_assert_int_eq(store_read(st, &q, 1, &a, &r, &ctx), ERR_LIMIT);
        ck_assert_msg(strstr(ctx.text, "more than 20000 groups have samples") != NULL, "%s", ctx.text);
        OK(store_seal_all(st, &ctx));
    }
    store_close(st);
}
END_TEST

Suite *suite_store_read(void);
Suite *suite_store_read(void)
{
    Suite *s = suite_create("store_read");
    TCase *t = tcase_create("read");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, reads_what_was_appended, 0, 4);
    tcase_add_loop_test(t, sealing_changes_nothing, 0, 4);
    tcase_add_loop_test(t, every_tier_adds_up_to_the_same, 0, 3);
    tcase_add_test(t, a_gauge_over_several_reads_by_its_rule);
    tcase_add_test(t, a_gauge_adds_up_however_many_sources_tell_it);
    tcase_add_loop_test(t, covered_time_of_rollups_is_that_of_raw_samples_or_says_so, 0, 5);
    tcase_add_test(t, groups_of_a_source_take_turns);
    tcase_add_test(t, series_of_the_same_polls_add_up_hour_by_hour);
    tcase_add_test(t, scans_every_sample_in_order);
    tcase_add_test(t, what_is_taken_back_is_in_no_tier);
    tcase_add_test(t, what_is_damaged_is_not_taken_back_and_is_counted);
    tcase_add_test(t, a_reader_sees_commits_of_another_process);
    tcase_add_test(t, refuses_what_makes_no_sense);
    tcase_add_test(t, names_of_the_past_do_not_count_against_the_present);
    suite_add_tcase(s, t);
    return s;
}
