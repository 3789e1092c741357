/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/changes.h"
#include "base/rng.h"

struct stretch {
    int n;
    double mean, deviation;
};

static struct change *changes_of(const struct stretch *list, size_t count, size_t *ret_count)
{
    struct changes *c = changes_new(CHANGES_NORMAL);
    struct change *ret;
    struct rng r;
    rng_seed(&r, 11);
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < list[i].n; k++)
            ck_assert_int_eq(changes_add(c, list[i].mean + list[i].deviation * rng_normal(&r)), ERR_OK);
    ck_assert_int_eq(changes_list(c, &ret, ret_count), ERR_OK);
    changes_free(c);
    return ret;
}

START_TEST(no_change)
{
    const struct stretch same[] = {{500, 10, 2}};
    size_t n;
    ck_assert_ptr_null(changes_of(same, 1, &n));
    ck_assert_uint_eq(n, 0);
    ck_assert_ptr_null(changes_of(same, 0, &n));
    const struct stretch one[] = {{1, 10, 0}}, flat[] = {{200, 3, 0}};
    ck_assert_ptr_null(changes_of(one, 1, &n));
    ck_assert_ptr_null(changes_of(flat, 1, &n));
}
END_TEST

START_TEST(two_changes_of_the_mean)
{
    const struct stretch list[] = {{200, 10, 1}, {150, 14, 1}, {300, 9, 1}};
    size_t n;
    struct change *c = changes_of(list, 3, &n);
    ck_assert_uint_eq(n, 2);
    ck_assert_int_le(abs((int)c[0].at - 200), 1);
    ck_assert_int_le(abs((int)c[1].at - 350), 1);
    for (size_t i = 0; i < n; i++) {
        ck_assert(c[i].lo <= c[i].at && c[i].at <= c[i].hi && c[i].hi - c[i].lo <= 6);
        ck_assert(c[i].known_at >= c[i].at && c[i].known_at <= c[i].at + 20);
    }
    ck_assert_double_eq_tol(c[0].before, 10, 0.3);
    ck_assert_double_eq_tol(c[0].after, 14, 0.3);
    ck_assert_double_eq_tol(c[1].after, 9, 0.3);
    free(c);
}
END_TEST

START_TEST(a_change_of_the_spread)
{
    const struct stretch list[] = {{300, 10, 1}, {300, 10, 4}};
    size_t n;
    struct change *c = changes_of(list, 2, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert_int_le(abs((int)c[0].at - 300), 8);
    ck_assert_double_eq_tol(c[0].deviation_before, 1, 0.2);
    ck_assert_double_eq_tol(c[0].deviation_after, 4, 0.6);
    free(c);
}
END_TEST

START_TEST(the_scale_does_not_matter)
{
    static const double units[] = {1e-9, 1, 1e9};
    for (int i = 0; i < 3; i++) {
        const struct stretch list[] = {{100, 1e6 * units[i], units[i]}, {100, (1e6 + 6) * units[i], units[i]}};
        size_t n;
        struct change *c = changes_of(list, 2, &n);
        ck_assert_uint_eq(n, 1);
        ck_assert_int_le(abs((int)c[0].at - 100), 1);
        free(c);
    }
}
END_TEST

START_TEST(short_series)
{
    const struct stretch list[] = {{10, 0, 1}, {10, 20, 1}};
    size_t n;
    struct change *c = changes_of(list, 2, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(c[0].at, 10);
    free(c);
}
END_TEST

/* 2 % of 3,000, then 7 % of 2,000, in rows of one and of a hundred outcomes. Of no change nothing is made. */
START_TEST(shares)
{
    for (uint64_t each = 1; each <= 100; each *= 100) {
        struct changes *c = changes_new(CHANGES_SHARE);
        struct change *list;
        struct rng r;
        size_t n;
        rng_seed(&r, 4);
        for (uint64_t i = 0; i < 5000 / each; i++) {
            uint64_t bad = 0;
            for (uint64_t k = 0; k < each; k++)
                bad += rng_unit(&r) < (i * each < 3000 ? 0.02 : 0.07);
            ck_assert_int_eq(changes_add_share(c, each, bad), ERR_OK);
            if (i + 1 == 3000 / each) {
                ck_assert_int_eq(changes_list(c, &list, &n), ERR_OK);
                ck_assert_uint_eq(n, 0);
            }
        }
        ck_assert_int_eq(changes_list(c, &list, &n), ERR_OK);
        ck_assert_uint_eq(n, 1);
        ck_assert(list[0].lo <= 3000 / each && 3000 / each <= list[0].hi);
        ck_assert(list[0].before < 0.03 && list[0].after > 0.05 && isnan(list[0].deviation_after));
        free(list);
        changes_free(c);
    }
}
END_TEST

/* Seen while it goes on, and the list may be asked for at any time. */
/* ---- where a change is ---- */

/* 300 samples around 100, 300 more around a step above: with a deviation of a tenth and a correlation of neighbours, or with heavy tails.
 * The step's place is in the interval of how many of 100 of the nearest change. */
enum law { NORMAL, CORRELATED, HEAVY };

static int inside_of(enum law law, double step)
{
    enum { RUNS = 60, EACH = 300 };
    int inside = 0, found = 0;
    for (int run = 0; run < RUNS; run++) {
        struct changes *c = changes_new(CHANGES_NORMAL);
        struct change *list;
        struct rng r;
        size_t n, near = 0;
        double z = 0;
        rng_seed(&r, 100 + (uint64_t)run);
        for (int i = 0; i < 2 * EACH; i++) {
            const double sigma = 0.8, mean = exp(sigma * sigma / 2);
            z = law == NORMAL       ? rng_normal(&r)
                : law == CORRELATED ? 0.5 * z + sqrt(0.75) * rng_normal(&r)
                                    : (rng_lognormal(&r, 1, sigma) - mean) / (mean * sqrt(exp(sigma * sigma) - 1));
            ck_assert_int_eq(changes_add(c, 100 * (i < EACH ? 1 : 1 + step) * (1 + 0.1 * z)), ERR_OK);
        }
        ck_assert_int_eq(changes_list(c, &list, &n), ERR_OK);
        for (size_t i = 1; i < n; i++)
            near = labs((long)list[i].at - EACH) < labs((long)list[near].at - EACH) ? i : near;
        found += n > 0;
        inside += n > 0 && list[near].lo <= EACH && list[near].hi >= EACH;
        free(list);
        changes_free(c);
    }
    ck_assert_int_gt(found, RUNS * 9 / 10);
    return 100 * inside / found;
}

START_TEST(the_interval_holds_the_change)
{
    static const double steps[] = {0.1, 0.3, 1};
    ck_assert_int_ge(inside_of(NORMAL, steps[_i]), 95);
    ck_assert_int_ge(inside_of(CORRELATED, steps[_i]), 90);
    ck_assert_int_ge(inside_of(HEAVY, steps[_i]), 90);
}
END_TEST

START_TEST(sample_by_sample)
{
    struct changes *c = changes_new(CHANGES_NORMAL);
    struct rng r;
    size_t n = 0, seen_at = 0;
    rng_seed(&r, 2);
    for (size_t i = 0; i < 400; i++) {
        struct change *list;
        ck_assert_int_eq(changes_add(c, (i < 250 ? 5 : 8) + rng_normal(&r)), ERR_OK);
        ck_assert_int_eq(changes_list(c, &list, &n), ERR_OK);
        seen_at = n > 0 && seen_at == 0 ? i : seen_at;
        ck_assert(i != 399 || (n == 1 && list[0].known_at >= seen_at && list[0].known_at <= 265));
        free(list);
    }
    ck_assert(seen_at >= 250 && seen_at <= 265);
    changes_free(c);
    changes_free(NULL);
}
END_TEST

Suite *suite_changes(void);
Suite *suite_changes(void)
{
    Suite *s = suite_create("changes");
    TCase *t = tcase_create("changes");
    tcase_add_test(t, no_change);
    tcase_add_test(t, two_changes_of_the_mean);
    tcase_add_test(t, a_change_of_the_spread);
    tcase_add_test(t, the_scale_does_not_matter);
    tcase_add_test(t, short_series);
    tcase_add_test(t, shares);
    tcase_add_test(t, sample_by_sample);
    tcase_add_loop_test(t, the_interval_holds_the_change, 0, 3);
    suite_add_tcase(s, t);
    return s;
}
