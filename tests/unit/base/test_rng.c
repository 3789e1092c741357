/* SPDX-License-Identifier: MIT */
#include "base/rng.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

Suite *suite_rng(void);

/* Computed apart from the authors' reference code: splitmix64(1) seeds xoshiro256**. */
START_TEST(equal_seeds_give_equal_streams)
{
    struct rng r;
    rng_seed(&r, 1);
    ck_assert_uint_eq(rng_u64(&r), UINT64_C(0xb3f2af6d0fc710c5));
    ck_assert_uint_eq(rng_u64(&r), UINT64_C(0x853b559647364cea));
    ck_assert_uint_eq(rng_u64(&r), UINT64_C(0x92f89756082a4514));
    ck_assert_uint_eq(rng_u64(&r), UINT64_C(0x642e1c7bc266a3a7));
}
END_TEST

START_TEST(below_is_uniform)
{
    struct rng r;
    rng_seed(&r, 2);
    int seen[7] = {0};
    for (int i = 0; i < 70000; i++)
        seen[rng_below(&r, 7)]++;
    for (int i = 0; i < 7; i++)
        ck_assert_msg(abs(seen[i] - 10000) < 600, "%d: %d", i, seen[i]);
    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(rng_below(&r, 1), 0);
    uint64_t bound = (UINT64_C(1) << 63) + 1; /* half of all products must be refused */
    int upper_half = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t v = rng_below(&r, bound);
        ck_assert_uint_lt(v, bound);
        upper_half += v > bound / 2;
    }
    ck_assert_int_gt(upper_half, 420);
    ck_assert_int_lt(upper_half, 580);
}
END_TEST

struct moments {
    double mean, deviation;
};

static struct moments moments_of(struct rng *r, double (*draw)(struct rng *r), int n)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        double v = draw(r);
        sum += v;
        squares += v * v;
    }
    double mean = sum / n;
    return (struct moments){mean, sqrt(squares / n - mean * mean)};
}

static double draw_log(struct rng *r)
{
    return log(rng_lognormal(r, 2, 0.5));
}

static double draw_poisson_small(struct rng *r)
{
    return (double)rng_poisson(r, 4);
}

static double draw_poisson_middle(struct rng *r)
{
    return (double)rng_poisson(r, 900);
}

static double draw_poisson_large(struct rng *r)
{
    return (double)rng_poisson(r, 1e6);
}

START_TEST(distributions_have_their_moments)
{
    static const struct {
        double (*draw)(struct rng *r);
        int n;
        double mean, deviation;
    } rows[] = {
        {rng_unit, 100000, 0.5, 0.288675},  {rng_normal, 100000, 0, 1},           {draw_log, 100000, 0.693147, 0.5},
        {draw_poisson_small, 100000, 4, 2}, {draw_poisson_middle, 2000, 900, 30}, {draw_poisson_large, 100000, 1e6, 1000},
    };
    struct rng r;
    rng_seed(&r, 3);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct moments m = moments_of(&r, rows[i].draw, rows[i].n);
        double slack = 5 / sqrt(rows[i].n); /* five standard errors; the seed is fixed, so this never flickers */
        ck_assert_msg(fabs(m.mean - rows[i].mean) < slack * rows[i].deviation, "row %zu: mean %g", i, m.mean);
        ck_assert_msg(fabs(m.deviation - rows[i].deviation) < 2 * slack * rows[i].deviation, "row %zu: deviation %g", i, m.deviation);
    }
}
END_TEST

START_TEST(edges)
{
    struct rng r;
    rng_seed(&r, 4);
    for (int i = 0; i < 10000; i++) {
        double u = rng_unit(&r);
        ck_assert(u >= 0 && u < 1);
    }
    ck_assert_uint_eq(rng_poisson(&r, 0), 0);
    ck_assert_uint_eq(rng_poisson(&r, (double)NAN), 0);
}
END_TEST

Suite *suite_rng(void)
{
    Suite *suite = suite_create("rng");
    TCase *t = tcase_create("rng");
    tcase_add_test(t, equal_seeds_give_equal_streams);
    tcase_add_test(t, below_is_uniform);
    tcase_add_test(t, distributions_have_their_moments);
    tcase_add_test(t, edges);
    suite_add_tcase(suite, t);
    return suite;
}
