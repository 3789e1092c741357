/* SPDX-License-Identifier: MIT */
/* Plans cover the asked range once, with tiers whose buckets fit the columns. */
#include <check.h>

#include "base/rng.h"
#include "store/store_plan.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define START (20000 * DAY)

static struct store_plan_limits limits(void)
{
    return (struct store_plan_limits){.sealed_ms = START + 30 * DAY + 5 * HOUR + 123, .raw_max_ms = 2 * DAY};
}

static void check_range(const struct store_plan *p, size_t i, int64_t a, int64_t b, enum store_plan_tier tier)
{
    ck_assert_uint_lt(i, p->count);
    ck_assert_int_eq(p->ranges[i].a_ms, a);
    ck_assert_int_eq(p->ranges[i].b_ms, b);
    ck_assert_int_eq(p->ranges[i].tier, tier);
}

START_TEST(recent_is_raw)
{
    const struct store_plan_limits lim = limits();
    struct store_plan p;

    ck_assert_int_eq(store_plan_make(&lim, START, 300000, 60, &p), ERR_OK); /* 5 hours */
    ck_assert_uint_eq(p.count, 1);
    check_range(&p, 0, START, START + 5 * HOUR, PLAN_RAW);
    store_plan_fini(&p);
}
END_TEST

START_TEST(aligned_columns_read_the_tier_that_fits)
{
    const struct store_plan_limits lim = limits();
    struct store_plan p;

    ck_assert_int_eq(store_plan_make(&lim, START, 300000, 288, &p), ERR_OK);
    ck_assert_uint_eq(p.count, 1);
    check_range(&p, 0, START, START + DAY, PLAN_5M);
    store_plan_fini(&p);
    ck_assert_int_eq(store_plan_make(&lim, START, 2 * HOUR, 360, &p), ERR_OK); /* 30 days */
    ck_assert_uint_eq(p.count, 1);
    check_range(&p, 0, START, START + 30 * DAY, PLAN_1H);
    store_plan_fini(&p);
    ck_assert_int_eq(store_plan_make(&lim, START, DAY, 31, &p), ERR_OK); /* ends after what is sealed */
    ck_assert_uint_eq(p.count, 3);
    check_range(&p, 0, START, START + 30 * DAY, PLAN_1D);
    check_range(&p, 1, START + 30 * DAY, START + 30 * DAY + 5 * HOUR, PLAN_5M);
    check_range(&p, 2, START + 30 * DAY + 5 * HOUR, START + 31 * DAY, PLAN_RAW);
    store_plan_fini(&p);
}
END_TEST

START_TEST(one_odd_column_has_raw_edges)
{
    const struct store_plan_limits lim = limits();
    struct store_plan p;

    ck_assert_int_eq(store_plan_make(&lim, START + 1000, DAY, 1, &p), ERR_OK);
    ck_assert_uint_eq(p.count, 4);
    check_range(&p, 0, START + 1000, START + 300000, PLAN_RAW);
    check_range(&p, 1, START + 300000, START + HOUR, PLAN_5M);
    check_range(&p, 2, START + HOUR, START + DAY, PLAN_1H);
    check_range(&p, 3, START + DAY, START + DAY + 1000, PLAN_RAW);
    store_plan_fini(&p);
}
END_TEST

START_TEST(one_column_reads_coarse_tiers_whatever_its_edges)
{
    const struct store_plan_limits lim = limits();
    struct store_plan p;

    ck_assert_int_eq(store_plan_make(&lim, START + HOUR, 25 * DAY + 300000, 1, &p),
                     ERR_OK); /* a period that ends with a bucket of five minutes */
    ck_assert_uint_eq(p.count, 3);
    check_range(&p, 0, START + HOUR, START + DAY, PLAN_1H);
    check_range(&p, 1, START + DAY, START + 25 * DAY, PLAN_1D);
    check_range(&p, 2, START + 25 * DAY, START + 25 * DAY + HOUR + 300000, PLAN_5M);
    store_plan_fini(&p);
}
END_TEST

START_TEST(what_is_gone_is_read_from_rollups)
{
    struct store_plan_limits lim = limits();
    const int64_t kept[] = {START + 2 * DAY, START + 3 * DAY};
    struct store_plan p;

    lim.floor_ms[PLAN_RAW] = START + 20 * DAY;
    lim.kept = kept;
    lim.kept_count = 1;
    ck_assert_int_eq(store_plan_make(&lim, START + 2 * DAY - HOUR, 60000, 120, &p), ERR_OK);
    ck_assert_uint_eq(p.count, 2);
    check_range(&p, 0, START + 2 * DAY - HOUR, START + 2 * DAY, PLAN_5M);
    check_range(&p, 1, START + 2 * DAY, START + 2 * DAY + HOUR, PLAN_RAW);
    store_plan_fini(&p);
    lim.floor_ms[PLAN_5M] = START + 10 * DAY;
    ck_assert_int_eq(store_plan_make(&lim, START + 5 * DAY, 60000, 60, &p), ERR_OK);
    ck_assert_uint_eq(p.count, 1);
    check_range(&p, 0, START + 5 * DAY, START + 5 * DAY + HOUR, PLAN_1H);
    store_plan_fini(&p);
    ck_assert_int_eq(store_plan_make(&lim, START + 19 * DAY + 23 * HOUR, 60000, 120, &p), ERR_OK); /* across the floor */
    ck_assert_uint_eq(p.count, 2);
    check_range(&p, 0, START + 19 * DAY + 23 * HOUR, START + 20 * DAY, PLAN_5M);
    check_range(&p, 1, START + 20 * DAY, START + 20 * DAY + HOUR, PLAN_RAW);
    store_plan_fini(&p);
}
END_TEST

START_TEST(too_much_raw_is_not_read)
{
    const struct store_plan_limits lim = limits();
    struct store_plan p;
    int64_t raw = 0;

    ck_assert_int_eq(store_plan_make(&lim, START + 7, 61000, 20000, &p), ERR_OK); /* 14 days in columns that fit nothing */
    for (size_t i = 0; i < p.count; i++)
        raw += p.ranges[i].tier == PLAN_RAW ? p.ranges[i].b_ms - p.ranges[i].a_ms : 0;
    ck_assert_int_le(raw, lim.raw_max_ms);
    store_plan_fini(&p);
}
END_TEST

/* Whatever is asked: rising, without overlap, rollup ends on whole buckets, and every column edge on a whole bucket or raw. */
START_TEST(plans_are_sound)
{
    struct rng r;

    rng_seed(&r, 3);
    for (int round = 0; round < 3000; round++) {
        struct store_plan_limits lim = limits();
        static const int64_t steps[] = {1000, 60000, 300000, HOUR, 6 * HOUR, DAY, 7 * DAY};
        int64_t step = steps[rng_below(&r, 7)] + (rng_below(&r, 3) == 0 ? (int64_t)rng_below(&r, 5000) : 0);
        uint32_t columns = 1 + (uint32_t)rng_below(&r, 100);
        int64_t t0 = START + (int64_t)rng_below(&r, 25) * DAY + (rng_below(&r, 2) == 0 ? (int64_t)rng_below(&r, DAY) : 0),
                end = t0 + step * columns;
        struct store_plan p;
        lim.raw_max_ms = INT64_MAX;
        ck_assert_int_eq(store_plan_make(&lim, t0, step, columns, &p), ERR_OK);
        ck_assert_int_eq(p.ranges[0].a_ms, t0);
        ck_assert_int_eq(p.ranges[p.count - 1].b_ms, end);
        bool sound = true; /* one assertion per plan: they are not cheap */
        for (size_t i = 0; i < p.count; i++) {
            const struct store_range *g = &p.ranges[i];
            int64_t ms = store_plan_tier_ms(g->tier);
            sound = sound && g->a_ms < g->b_ms && (i == 0 || g->a_ms == p.ranges[i - 1].b_ms);
            if (g->tier == PLAN_RAW)
                continue;
            sound = sound && g->a_ms % ms == 0 && g->b_ms % ms == 0 && g->b_ms <= lim.sealed_ms;
            for (uint32_t c = 0; c <= columns; c++) /* no bucket straddles a column's edge */
                sound = sound && (t0 + step * c <= g->a_ms || t0 + step * c >= g->b_ms || (t0 + step * c) % ms == 0);
        }
        ck_assert_msg(sound, "round %d: %lld + %u * %lld", round, (long long)t0, columns, (long long)step);
        store_plan_fini(&p);
    }
}
END_TEST

Suite *suite_store_plan(void);
Suite *suite_store_plan(void)
{
    Suite *s = suite_create("store_plan");
    TCase *t = tcase_create("plan");

    tcase_add_test(t, recent_is_raw);
    tcase_add_test(t, aligned_columns_read_the_tier_that_fits);
    tcase_add_test(t, one_odd_column_has_raw_edges);
    tcase_add_test(t, one_column_reads_coarse_tiers_whatever_its_edges);
    tcase_add_test(t, what_is_gone_is_read_from_rollups);
    tcase_add_test(t, too_much_raw_is_not_read);
    tcase_add_test(t, plans_are_sound);
    suite_add_tcase(s, t);
    return s;
}
