/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>

#include "analysis/divergence.h"
#include "base/rng.h"

START_TEST(by_hand)
{
    /* Expected 45 and 55 on both sides: chi2 = 2 * (25 / 45 + 25 / 55). */
    const uint64_t base[] = {40, 60}, now[] = {50, 50};
    struct divergence d;
    ck_assert(divergence_test(base, now, 2, &d));
    ck_assert_double_eq_tol(d.chi2, 2.0 * (25.0 / 45 + 25.0 / 55), 1e-9);
    ck_assert_double_eq(d.df, 1);
    ck_assert_double_eq_tol(d.p, erfc(sqrt(d.chi2 / 2)), 1e-9);
    ck_assert_double_eq_tol(d.moved, 0.1, 1e-12);
    ck_assert_uint_eq(d.most, 0);
    ck_assert_uint_eq(d.together, 0);
}
END_TEST

START_TEST(rare_categories_count_as_one)
{
    const uint64_t base[] = {500, 480, 8, 6, 0, 0}, now[] = {480, 500, 1, 2, 3, 0};
    struct divergence d;
    ck_assert(divergence_test(base, now, 6, &d));
    ck_assert_uint_eq(d.together, 3); /* the last is in neither */
    ck_assert_double_eq(d.df, 2);
    /* What is together too rare goes with the least of the others. */
    const uint64_t few_base[] = {500, 300, 100, 1}, few_now[] = {500, 300, 100, 1};
    ck_assert(divergence_test(few_base, few_now, 4, &d));
    ck_assert_uint_eq(d.together, 2);
    ck_assert_double_eq(d.df, 2);
    ck_assert_double_eq_tol(d.chi2, 0, 1e-20);
    ck_assert_double_eq_tol(d.p, 1, 1e-9);
}
END_TEST

START_TEST(nothing_to_test)
{
    const uint64_t none[] = {0, 0}, some[] = {5, 5}, one_base[] = {100, 0}, one_now[] = {90, 0};
    struct divergence d;
    ck_assert(!divergence_test(none, some, 2, &d));
    ck_assert(!divergence_test(some, none, 2, &d));
    ck_assert(!divergence_test(some, some, 0, &d));
    ck_assert(!divergence_test(one_base, one_now, 2, &d));
}
END_TEST

static void draw(uint64_t *counts, size_t categories, int n, struct rng *r)
{
    for (size_t i = 0; i < categories; i++)
        counts[i] = 0;
    for (int i = 0; i < n; i++) {
        double u = rng_unit(r);
        size_t k = 0;
        for (double share = 0.5; k + 1 < categories && u > share; share += 0.5 * (1 - share))
            k++; /* 1/2, 1/4, 1/8, ... */
        counts[k]++;
    }
}

/* A p below 1 % comes in 1 % of windows in which nothing changed, from 60 samples on; a PSI of 0.1 would have fired in most of them. */
START_TEST(it_is_calibrated)
{
    enum { RUNS = 4000, CATEGORIES = 8 };
    for (int n = 60; n <= 600; n *= 10) {
        int small = 0;
        for (int i = 0; i < RUNS; i++) {
            uint64_t base[CATEGORIES], now[CATEGORIES];
            struct divergence d;
            struct rng r;
            rng_seed(&r, (uint64_t)i);
            draw(base, CATEGORIES, 600, &r);
            draw(now, CATEGORIES, n, &r);
            small += divergence_test(base, now, CATEGORIES, &d) && d.p <= 0.01;
        }
        ck_assert_msg(small >= RUNS / 200 && small <= RUNS * 16 / 1000, "%d of %d at n %d", small, RUNS, n);
    }
}
END_TEST

START_TEST(alarms_in_a_budget)
{
    ck_assert_double_eq(divergence_alarm_p(500, 100000), 0.005);
    ck_assert_double_eq(divergence_alarm_p(500, 100), 1);
}
END_TEST

Suite *suite_divergence(void);
Suite *suite_divergence(void)
{
    Suite *s = suite_create("divergence");
    TCase *t = tcase_create("divergence");
    tcase_add_test(t, by_hand);
    tcase_add_test(t, rare_categories_count_as_one);
    tcase_add_test(t, nothing_to_test);
    tcase_add_test(t, it_is_calibrated);
    tcase_add_test(t, alarms_in_a_budget);
    suite_add_tcase(s, t);
    return s;
}
