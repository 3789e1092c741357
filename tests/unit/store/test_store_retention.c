/* SPDX-License-Identifier: MIT */
/* What retention removes, and what it must not: sums from the tiers that stay, raw days around an incident, and room within the size
 * limit. */
#include "support.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

static struct place place;
static struct errctx ctx;
static struct arena a;
static struct clock_manual manual;

static void setup(void)
{
    place_init(&place);
    arena_init(&a, 64 << 20);
    manual = (struct clock_manual){.wall_ms = T0, .mono_ms = 1};
}

static void teardown(void)
{
    arena_fini(&a);
    place_fini(&place);
}

static struct store *open_with(const struct store_options *opt)
{
    const struct clock clock = clock_manual(&manual);
    struct store *st = NULL;
    enum err e = store_open_writer(place.db, opt, &clock, &st, &ctx);
    ck_assert_msg(e == ERR_OK, "%s", ctx.text);
    return st;
}

/* A poll every 10 minutes with one increment of 1 per series. */
static void fill(struct store *st, uint32_t source, uint32_t series, int64_t from_ms, int64_t to_ms)
{
    for (int64_t t = from_ms + 600000; t <= to_ms; t += 600000) {
        const struct store_item it = {.series = series, .v.increment = 1};
        const struct store_batch b = {.source = source, .t0_ms = t - 600000, .t1_ms = t, .items = &it, .count = 1};
        manual.wall_ms = t;
        OK(store_append(st, &b, 1, &ctx));
        if (t % (6 * HOUR) == 0)
            OK(store_seal_all(st, &ctx));
    }
}

static int64_t sum_of(struct store *st, int64_t t0, int64_t step, bool *ret_rollup)
{
    const struct store_query q = {.signal = SIG_REQUESTS, .t0_ms = t0, .step_ms = step, .columns = 1};
    struct store_result r;

    arena_reset(&a);
    OK(store_read(st, &q, 1, &a, &r, &ctx));
    *ret_rollup = r.from_rollup;
    return r.groups[0].cells[0].sum;
}

static bool count_one(void *p, int64_t t0, int64_t t1, const struct store_item *it)
{
    (void)t0;
    (void)t1;
    (void)it;
    ++*(size_t *)p;
    return true;
}

static size_t raw_samples(struct store *st, uint32_t series, int64_t t0, int64_t t1)
{
    size_t n = 0;
    OK(store_scan(st, series, t0, t1, count_one, &n, &ctx));
    return n;
}

START_TEST(raw_goes_by_age_and_sums_stay)
{
    const struct store_options opt = {.private_files = true, .keep_raw_ms = 3 * DAY, .keep_5m_ms = 6 * DAY};
    const int64_t day = T0 - 3 * HOUR;
    struct store *st = open_with(&opt);
    struct series s = {.source = put_source(st, "a"), .signal = SIG_REQUESTS};
    const struct incident in = {.title = "x",
                                .scope = "",
                                .owner = "",
                                .opened_ms = day + 36 * HOUR,
                                .onset_ms = day + 35 * HOUR,
                                .resolved_ms = day + 38 * HOUR,
                                .known_ms = day + 36 * HOUR,
                                .state = INCIDENT_RESOLVED};
    bool rollup;

    OK(store_series(st, &s, &s.id, &ctx));
    OK(store_put_incident(st, &in, NULL, &ctx));
    for (int d = 0; d < 8; d++) { /* times of which something is known beside what was counted */
        const int64_t at = day + d * DAY + HOUR;
        OK(store_put_late(st, &(struct store_late){s.source, at, at + HOUR, at + 30 * DAY, false}, &ctx));
        OK(store_put_gap(st, &(struct store_gap){s.source, at, at + HOUR, "late", false, 0}, &ctx));
        OK(store_put_gap(st, &(struct store_gap){s.source, at + HOUR, at + 2 * HOUR, "lost", true, 0}, &ctx));
    }
    fill(st, s.source, s.id, day, day + 8 * DAY);
    for (int i = 0; i < 200; i++) /* a little is deleted at a time */
        OK(store_commit(st, &ctx));
    struct store_late *late;
    struct store_gap *gaps;
    size_t count;
    OK(store_late(st, day + 9 * DAY, &a, &late, &count, &ctx));
    ck_assert(count == 3 && late[0].t0_ms == day + 5 * DAY + HOUR);
    OK(store_gaps(st, 0, INT64_MAX, &a, &gaps, &count, &ctx));
    ck_assert_uint_eq(count, 8 + 6);
    OK(store_lost(st, 0, INT64_MAX, &a, &gaps, &count, &ctx));
    ck_assert_uint_eq(count, 8); /* sums over them are there, and are lower bounds */
    ck_assert_uint_eq(raw_samples(st, s.id, day + 2 * DAY, day + 5 * DAY), 0);
    ck_assert_uint_eq(raw_samples(st, s.id, day + 5 * DAY, day + 8 * DAY), 3 * 144);
    ck_assert_uint_eq(raw_samples(st, s.id, day + DAY, day + 2 * DAY), 0); /* the 5-minute floor has passed the incident's day, too */
    for (int64_t d = 0; d < 8; d++)
        ck_assert_int_eq(sum_of(st, day + d * DAY, DAY, &rollup), 144);
    ck_assert_int_ge(store_first_ms(st), day + 4 * DAY);
    ck_assert_int_eq(store_recorded_since_ms(st), day + DAY);             /* the first day's sums are there, its beginning is not */
    ck_assert_int_eq(sum_of(st, day + 3 * DAY + HOUR, HOUR, &rollup), 6); /* raw is gone, 5 minutes are there */
    ck_assert(rollup);
    ck_assert_int_eq(sum_of(st, day + HOUR, HOUR, &rollup), 6); /* only hours are there */
    ck_assert(rollup);
    ck_assert_int_eq(sum_of(st, day + 7 * DAY + HOUR, HOUR, &rollup), 6);
    ck_assert(!rollup);
    store_close(st);
    st = open_reader(&place); /* readers know the floors too */
    ck_assert_int_eq(sum_of(st, day + 3 * DAY + HOUR, HOUR, &rollup), 6);
    ck_assert(rollup);
    store_close(st);
}
END_TEST

START_TEST(an_incident_keeps_its_raw_day)
{
    const struct store_options opt = {.private_files = true, .keep_raw_ms = 2 * DAY};
    const int64_t day = T0 - 3 * HOUR;
    struct store *st = open_with(&opt);
    struct series s = {.source = put_source(st, "a"), .signal = SIG_REQUESTS};
    const struct incident in = {.title = "x",
                                .scope = "",
                                .owner = "",
                                .opened_ms = day + 36 * HOUR,
                                .resolved_ms = day + 38 * HOUR,
                                .known_ms = day + 36 * HOUR,
                                .state = INCIDENT_RESOLVED};
    bool rollup;

    OK(store_series(st, &s, &s.id, &ctx));
    OK(store_put_incident(st, &in, NULL, &ctx));
    fill(st, s.source, s.id, day, day + 6 * DAY);
    for (int i = 0; i < 200; i++)
        OK(store_commit(st, &ctx));
    ck_assert_uint_eq(raw_samples(st, s.id, day + DAY, day + 2 * DAY), 144);
    ck_assert_uint_eq(raw_samples(st, s.id, day + 2 * DAY, day + 4 * DAY), 0);
    ck_assert_int_eq(sum_of(st, day + 36 * HOUR, HOUR, &rollup), 6);
    ck_assert(!rollup);
    ck_assert_int_eq(sum_of(st, day + 60 * HOUR, HOUR, &rollup), 6);
    ck_assert(rollup);
    store_close(st);
}
END_TEST

START_TEST(a_clock_that_runs_ahead_deletes_nothing)
{
    const struct store_options opt = {.private_files = true, .keep_raw_ms = DAY};
    struct store *st = open_with(&opt);
    struct series s = {.source = put_source(st, "a"), .signal = SIG_REQUESTS};

    OK(store_series(st, &s, &s.id, &ctx));
    fill(st, s.source, s.id, T0, T0 + 12 * HOUR);
    manual.wall_ms += 1000 * DAY;
    for (int i = 0; i < 200; i++)
        OK(store_commit(st, &ctx));
    ck_assert_uint_eq(raw_samples(st, s.id, T0, T0 + 12 * HOUR), 72);
    store_close(st);
}
END_TEST

/* 400 series with random increments, polled for two days into at most 4 MB. */
START_TEST(the_file_stays_within_its_size)
{
    enum { SERIES = 400 };
    const struct store_options opt = {.private_files = true, .max_bytes = 4 << 20};
    struct store *st = open_with(&opt);
    uint32_t source = put_source(st, "a");
    static struct store_item items[SERIES];
    struct store_stats stats;
    uint64_t rng = 88172645463325252u;
    int64_t last = T0;

    for (uint32_t i = 0; i < SERIES; i++) {
        struct series s = {.source = source, .signal = SIG_REQUESTS};
        char name[16];
        snprintf(name, sizeof name, "k%u", i);
        s.dim[DIM_KEY] = put_string(st, name);
        OK(store_series(st, &s, &items[i].series, &ctx));
    }
    for (int p = 0; p < 9000; p++) {
        const struct store_batch b = {.source = source, .t0_ms = last, .t1_ms = last + 15000, .items = items, .count = SERIES};
        for (uint32_t i = 0; i < SERIES; i++) {
            rng ^= rng << 13;
            rng ^= rng >> 7;
            rng ^= rng << 17;
            items[i].v.increment = (int64_t)(rng % 60000);
        }
        manual.wall_ms = last += 15000;
        OK(store_append(st, &b, 1, &ctx));
    }
    OK(store_get_stats(st, &stats, &ctx));
    ck_assert_int_le(stats.file_bytes, 4 << 20);
    ck_assert_int_eq(stats.last_ms, last);
    ck_assert_uint_eq(stats.bad_chunks, 0);
    bool rollup;
    ck_assert_int_gt(sum_of(st, last - HOUR, HOUR, &rollup), 0);
    store_close(st);
}
END_TEST

Suite *suite_store_retention(void);
Suite *suite_store_retention(void)
{
    Suite *s = suite_create("store_retention");
    TCase *t = tcase_create("retention");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, raw_goes_by_age_and_sums_stay);
    tcase_add_test(t, an_incident_keeps_its_raw_day);
    tcase_add_test(t, a_clock_that_runs_ahead_deletes_nothing);
    tcase_add_test(t, the_file_stays_within_its_size);
    suite_add_tcase(s, t);
    return s;
}
