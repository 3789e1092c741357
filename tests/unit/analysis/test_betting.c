/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <string.h>

#include "analysis/betting.h"
#include "base/rng.h"

START_TEST(bounds_hold_the_mean_and_close_in)
{
    struct mean_bound b;
    struct rng r;
    double lo, hi, wide = 1;
    rng_seed(&r, 1);
    mean_bound_init(&b, 0.1);
    mean_bound_get(&b, &lo, &hi);
    ck_assert(lo == 0 && hi == 1 && isnan(mean_bound_var(&b)));
    for (int i = 1; i <= 10000; i++) {
        mean_bound_add(&b, 0.25 + 0.5 * rng_unit(&r));
        if (i == 100 || i == 1000 || i == 10000) {
            mean_bound_get(&b, &lo, &hi);
            ck_assert(lo < 0.5 && 0.5 < hi && hi - lo < wide);
            wide = hi - lo;
        }
    }
    ck_assert_double_lt(wide, 0.015);
    ck_assert_double_eq_tol(mean_bound_var(&b), 0.25 / 12, 1e-3);
    ck_assert(mean_bound_valid(&b));
    b.sum = -1;
    ck_assert(!mean_bound_valid(&b));
}
END_TEST

START_TEST(an_upper_bound_fails_no_more_often_than_said)
{
    int above = 0, below = 0;
    for (int i = 0; i < 400; i++) {
        struct mean_bound b;
        struct rng r;
        double lo, hi;
        bool was_above = false, was_below = false;
        rng_seed(&r, (uint64_t)i);
        mean_bound_init(&b, 0.1);
        for (int n = 0; n < 500; n++) {
            mean_bound_add(&b, rng_unit(&r) < 0.1 ? 1 : 0);
            mean_bound_get(&b, &lo, &hi);
            was_above = was_above || lo > 0.1;
            was_below = was_below || hi < 0.1;
        }
        above += was_above;
        below += was_below;
    }
    ck_assert_msg(above <= 40 && below <= 40, "%d %d", above, below);
}
END_TEST

START_TEST(the_interval_begins_with_everything)
{
    struct paired p;
    double lo, hi;
    paired_init(&p, 0.05);
    paired_interval(&p, &lo, &hi);
    ck_assert(lo == -1 && hi == 1);
    paired_add(&p, 0); /* all that it refutes is that nearly all are worse, or better */
    paired_interval(&p, &lo, &hi);
    ck_assert(lo < -0.98 && hi > 0.98);
}
END_TEST

START_TEST(equal_pairs_say_equal_and_lost_ones_worse)
{
    struct paired p;
    double lo, hi;
    paired_init(&p, 0.05);
    for (int i = 0; i < 500; i++)
        paired_add(&p, 0);
    paired_interval(&p, &lo, &hi);
    ck_assert(lo <= 0 && hi >= 0 && hi - lo < 0.05);
    paired_init(&p, 0.05);
    for (int i = 0; i < 500; i++)
        paired_add(&p, i % 5 == 0 ? -1 : 0);
    paired_interval(&p, &lo, &hi);
    ck_assert_msg(lo < -0.2 && -0.2 < hi && hi < 0, "%g %g", lo, hi);
    ck_assert(paired_valid(&p));
}
END_TEST

/* All differences at an end of the range: bets are neither lost for ever nor infinite. */
START_TEST(the_ends_of_the_range)
{
    for (int side = -1; side <= 1; side += 2) {
        struct paired p;
        double lo, hi;
        paired_init(&p, 0.05);
        for (int i = 0; i < 20000; i++)
            paired_add(&p, side);
        paired_interval(&p, &lo, &hi);
        ck_assert(side < 0 ? lo == -1 && hi < -0.95 : hi == 1 && lo > 0.95);
        ck_assert(paired_valid(&p));
    }
}
END_TEST

START_TEST(bytes_that_are_none)
{
    struct paired p;
    paired_init(&p, 0.05);
    p.version++;
    ck_assert(!paired_valid(&p));
    memset(&p, 0, sizeof p);
    ck_assert(!paired_valid(&p));
    memset(&p, 0xff, sizeof p);
    ck_assert(!paired_valid(&p));
}
END_TEST

Suite *suite_betting(void);
Suite *suite_betting(void)
{
    Suite *s = suite_create("betting");
    TCase *t = tcase_create("betting");
    tcase_add_test(t, bounds_hold_the_mean_and_close_in);
    tcase_add_test(t, an_upper_bound_fails_no_more_often_than_said);
    tcase_add_test(t, the_interval_begins_with_everything);
    tcase_add_test(t, equal_pairs_say_equal_and_lost_ones_worse);
    tcase_add_test(t, the_ends_of_the_range);
    tcase_add_test(t, bytes_that_are_none);
    suite_add_tcase(s, t);
    return s;
}
