/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <string.h>

#include "analysis/whatif.h"
#include "base/rng.h"

enum { HOUR_MS = 3600000 };

/* Requests of so many tokens; prices in USD per million tokens, booked at the list's. */
static struct lmdi_side model(uint64_t requests, uint64_t uncached, uint64_t cached, uint64_t answer, int64_t in_usd, int64_t out_usd)
{
    struct lmdi_side m = {.requests = requests,
                          .tokens = {requests * uncached, requests * cached, 0, requests * answer},
                          .price_pusd = {in_usd * 1000000, in_usd * 100000, 0, out_usd * 1000000}};
    m.cost_nusd =
        (int64_t)(requests * (uncached * (uint64_t)in_usd * 1000 + cached * (uint64_t)in_usd * 100 + answer * (uint64_t)out_usd * 1000));
    return m;
}

static void near(double got, double want)
{
    ck_assert_msg(fabs(got - want) <= 1e-9 * fabs(want) + 1e-6, "%.12g is not %.12g", got, want);
}

/* Twelve steps, the cached share from 20 % to 75 %: the mean is 1 s less 0.8 s of the share, and a tenth of a second off by turns. */
static void make_steps(struct whatif_step s[12], double slope, double off)
{
    for (int i = 0; i < 12; i++)
        s[i] = (struct whatif_step){0.2 + 0.05 * i, 1 + slope * (0.2 + 0.05 * i) + (i % 2 == 0 ? off : -off), 300, 1000};
}

START_TEST(latency_follows_the_cached_share)
{
    struct whatif_step s[12];
    make_steps(s, -0.8, 0);
    struct whatif_follow f = whatif_follow(s, 12, 0.5);
    ck_assert_int_eq((int)f.is, WHATIF_FOLLOWS);
    near(f.then_s, 0.6);
    near(f.share_lo, 0.2);
    near(f.share_hi, 0.75);
    make_steps(s, -0.8, 0.02);
    f = whatif_follow(s, 12, 0.7);
    ck_assert_int_eq((int)f.is, WHATIF_FOLLOWS);
    ck_assert(f.lo_s < 0.44 && 0.44 < f.hi_s && f.hi_s - f.lo_s < 0.08 && f.hi_s > f.lo_s);
}
END_TEST

START_TEST(what_the_steps_do_not_tell_is_not_known)
{
    struct whatif_step s[12];
    make_steps(s, -0.8, 0.02);
    ck_assert_int_eq((int)whatif_follow(s, 12, 0.76).is, WHATIF_OUTSIDE);
    ck_assert_int_eq((int)whatif_follow(s, 12, 0.19).is, WHATIF_OUTSIDE);
    ck_assert_int_eq((int)whatif_follow(s, 7, 0.3).is, WHATIF_FEW);
    ck_assert_int_eq((int)whatif_follow(s, 0, 0.3).is, WHATIF_FEW);
    for (int i = 0; i < 12; i++)
        s[i].load = 300 - i; /* less traffic, and more of it cached */
    ck_assert_int_eq((int)whatif_follow(s, 12, 0.5).is, WHATIF_MIXED);
    make_steps(s, -0.8, 0.02);
    for (int i = 0; i < 12; i++)
        s[i].prompt = 1000 + 10 * i;
    ck_assert_int_eq((int)whatif_follow(s, 12, 0.5).is, WHATIF_MIXED);
    make_steps(s, -0.8, 1);
    ck_assert_int_eq((int)whatif_follow(s, 12, 0.5).is, WHATIF_NOT);
    make_steps(s, 0.8, 0.02);
    ck_assert_int_eq((int)whatif_follow(s, 12, 0.5).is, WHATIF_RISES);
    make_steps(s, 0, 0.02);
    for (int i = 0; i < 12; i++)
        s[i].share = 0.5;
    ck_assert_int_eq((int)whatif_follow(s, 12, 0.5).is, WHATIF_NOT);
    make_steps(s, -0.8, 0);
    for (int i = 0; i < 12; i++)
        s[i].mean_s += i < 6 ? 0.05 : -0.05; /* two long spells are not twelve observations */
    ck_assert_int_eq((int)whatif_follow(s, 12, 0.5).is, WHATIF_FEW);
    ck_assert(isnan(whatif_follow(s, 12, 0.5).then_s));
}
END_TEST

/* Where nothing follows, a relation is found in one of forty worlds, no more. */
START_TEST(chance_is_no_relation)
{
    struct whatif_step s[40];
    struct rng r;
    int found = 0;
    rng_seed(&r, 7);
    for (int world = 0; world < 2000; world++) {
        double slow = 0;
        for (int i = 0; i < 40; i++) {
            slow = 0.5 * slow + rng_normal(&r);
            s[i] = (struct whatif_step){rng_unit(&r), 10 + slow, 300, 1000};
        }
        found += whatif_follow(s, 40, s[0].share).is == WHATIF_FOLLOWS;
    }
    ck_assert_msg(found < 60, "%d of 2000", found);
}
END_TEST

/* 1,000 requests of 2,000 + 100 tokens an hour at $10/$30 cost $23; at $1/$4 a request is $0.0024. */
START_TEST(moving_by_prices)
{
    struct lmdi_side a = model(2000, 2000, 0, 100, 10, 30), b = model(500, 900, 0, 100, 1, 4);
    struct whatif_cost c = whatif_move(&a, &b, 0.5, 2 * (int64_t)HOUR_MS);
    ck_assert_int_eq((int)c.basis, WHATIF_PRICES);
    near(c.now_per_h, 23e9);
    near(c.moved_per_h, 500);
    near(c.delta_per_h, 500 * (2.4e6 - 23e6));
    ck_assert(c.delta_lo == c.delta_per_h && c.delta_hi == c.delta_per_h); /* same answers, no cache: nothing is uncertain */
    near(c.load_after, 3);
    ck_assert_uint_eq(c.n_from, 2000);
    ck_assert_uint_eq(c.n_to, 500);
    b.cost_nusd /= 2; /* it is booked at half its list */
    near(whatif_move(&a, &b, 0.5, 2 * (int64_t)HOUR_MS).delta_per_h, 500 * (1.2e6 - 23e6));
}
END_TEST

/* The other answers in 300 tokens and reads a third of its input from the cache; this one reads half. */
START_TEST(the_interval_of_answers_and_cache)
{
    struct lmdi_side a = model(1000, 1000, 1000, 100, 10, 30), b = model(500, 600, 300, 300, 1, 4);
    struct whatif_cost c = whatif_move(&a, &b, 1, HOUR_MS);
    double was = 10e6 + 1e6 + 3e6, third = 2000.0 / 3;
    near(c.delta_per_h, 1000 * ((2000 - third) * 1000 + third * 100 + 100 * 4000 - was));
    near(c.delta_lo, 1000 * (1000 * 1000 + 1000 * 100 + 100 * 4000 - was));
    near(c.delta_hi, 1000 * (2000 * 1000 + 300 * 4000 - was));
}
END_TEST

START_TEST(without_prices)
{
    struct lmdi_side a = model(1000, 1900, 0, 100, 10, 30), b = model(500, 900, 0, 100, 1, 4);
    memset(b.price_pusd, 0, sizeof b.price_pusd);
    struct whatif_cost c = whatif_move(&a, &b, 1, HOUR_MS);
    double was = 19e6 + 3e6, request = 0.9e6 + 0.4e6;
    ck_assert_int_eq((int)c.basis, WHATIF_OBSERVED);
    near(c.delta_per_h, 1000 * (2 * request - was)); /* twice the tokens */
    near(c.delta_lo, 1000 * (request - was));
    near(c.delta_hi, 1000 * (2 * request - was));
    b.requests = 0;
    b.cost_nusd = 0;
    c = whatif_move(&a, &b, 1, HOUR_MS);
    ck_assert_int_eq((int)c.basis, WHATIF_UNKNOWN);
    ck_assert(isnan(c.delta_per_h) && isnan(c.delta_lo) && isnan(c.delta_hi) && isinf(c.load_after));
    b = model(500, 900, 0, 100, 1, 4);
    a.requests = 0;
    ck_assert(isnan(whatif_move(&a, &b, 1, HOUR_MS).delta_per_h));
}
END_TEST

START_TEST(a_model_that_was_never_used)
{
    struct lmdi_side a = model(1000, 1900, 0, 100, 10, 30), b = model(0, 0, 0, 0, 1, 4);
    struct whatif_cost c = whatif_move(&a, &b, 1, HOUR_MS);
    near(c.delta_per_h, 1000 * (1.9e6 + 0.4e6 - 22e6));
    ck_assert(isinf(c.load_after) && c.n_to == 0);
}
END_TEST

static struct whatif_cost cache(const struct lmdi_side *parts, size_t count, double share)
{
    struct arena a;
    struct whatif_cost c;
    struct lmdi_side whole = {.requests = 0};
    for (size_t i = 0; i < count; i++) {
        whole.requests += parts[i].requests;
        whole.cost_nusd += parts[i].cost_nusd;
    }
    arena_init(&a, 4096);
    ck_assert_int_eq(whatif_cache(&whole, parts, count, share, HOUR_MS, &a, &c), ERR_OK);
    arena_fini(&a);
    return c;
}

/* From half to nine tenths of 2,000 tokens: 800 at a tenth of $10/M. */
START_TEST(caching_more)
{
    struct lmdi_side m = model(1000, 1000, 1000, 100, 10, 30);
    struct whatif_cost c = cache(&m, 1, 0.9);
    near(c.delta_per_h, -1000 * 800 * 9000.0);
    ck_assert(c.delta_hi == c.delta_per_h && c.delta_lo == c.delta_per_h);
    near(cache(&m, 1, 0.5).delta_per_h, 0);
    near(cache(&m, 1, 0).delta_per_h, 1000 * 1000 * 9000.0);
    m.price_pusd[LMDI_WRITTEN] = 12500000; /* $12.5/M to write */
    c = cache(&m, 1, 0.9);
    near(c.delta_per_h, -1000 * 800 * 9000.0);
    near(c.delta_hi, 1000 * 800 * (12500.0 - 9000));
    m.price_pusd[LMDI_CACHED] = 0;
    ck_assert(isnan(cache(&m, 1, 0.9).delta_per_h));
}
END_TEST

/* A million tokens each hour, none of them cached, at $10/M and at $2/M. Half of each: $9 and $1.8 a million less; half of all may be all
 * of one. */
START_TEST(a_cache_of_deployments_of_different_prices)
{
    struct lmdi_side parts[2] = {model(1000, 1000, 0, 100, 10, 30), model(1000, 1000, 0, 100, 2, 6)};
    struct whatif_cost c = cache(parts, 2, 0.5);
    near(c.delta_per_h, -(4.5e9 + 0.9e9));
    near(c.delta_lo, -9e9);
    near(c.delta_hi, -1.8e9);
    /* all of each leaves no choice */
    c = cache(parts, 2, 1);
    near(c.delta_per_h, -10.8e9);
    near(c.delta_lo, -10.8e9);
    near(c.delta_hi, -10.8e9);
    /* nobody knows what the other's tokens cost, but a million of them no more than the $2.60 that it booked */
    memset(parts[1].price_pusd, 0, sizeof parts[1].price_pusd);
    c = cache(parts, 2, 0.5);
    near(c.delta_lo, -9e9);
    ck_assert_double_eq(c.delta_hi, 0);
    near(c.delta_per_h, -(4.5e9 + 0.65e9));
    /* less of it: from 80 % to 30 %, of which the dear one may lose none or nearly all */
    parts[0] = model(1000, 200, 800, 100, 10, 30);
    parts[1] = model(1000, 200, 800, 100, 2, 6);
    c = cache(parts, 2, 0.3);
    near(c.delta_per_h, 4.5e9 + 0.9e9);
    near(c.delta_lo, 0.2 * 9e9 + 0.8 * 1.8e9);
    near(c.delta_hi, 0.8 * 9e9 + 0.2 * 1.8e9);
}
END_TEST

/* ---- latency ---- */

static double bounds_upper[] = {0.1, 0.2, 0.5, 1, 2, 5, 10};
static const struct hist_bounds bounds = {.id = 1, .count = 7, .upper = bounds_upper};

static struct hist_set counts_of(uint64_t counts[8])
{
    struct hist_set s = {.count = 1, .h = {{.scheme = HIST_CLASSIC, .bounds = &bounds, .count = 8, .counts = counts}}};
    for (int i = 0; i < 8; i++)
        s.h[0].n += counts[i];
    return s;
}

static struct quantile latency(const struct hist_set *a, const struct hist_set *b, double share, double q)
{
    struct arena arena;
    struct quantile r;
    arena_init(&arena, 1 << 20);
    ck_assert_int_eq(whatif_latency(a, b, share, q, &arena, &r), ERR_OK);
    arena_fini(&arena);
    return r;
}

START_TEST(the_mixture_by_hand)
{
    uint64_t fast[8] = {1000}, slow[8] = {0, 0, 0, 0, 0, 30};
    const struct hist_set a = counts_of(fast), b = counts_of(slow);
    struct quantile p50 = latency(&a, &b, 0.25, 0.5), p90 = latency(&a, &b, 0.25, 0.9), p72 = latency(&a, &b, 0.25, 0.72);
    ck_assert(p50.lo == 0 && p50.hi == 0.1);
    ck_assert(fabs(p50.value - 0.1 * 0.5 / 0.75) < 1e-6); /* two thirds through the first bucket */
    ck_assert(p90.lo == 2 && p90.hi == 5 && fabs(p90.value - (2 + 3 * 0.15 / 0.25)) < 1e-4);
    ck_assert_uint_eq(p90.n, 377);               /* 1 / (0.0625 / 30 + 0.5625 / 1000) = 377.95, whole in each of the two */
    ck_assert(p72.ci_lo == 0 && p72.ci_hi == 5); /* so few cannot tell whether a quarter is more than a third */
    ck_assert(latency(&a, &b, 0.25, 0.99).thin == false);
    struct quantile all = latency(&a, &b, 1, 0.5);
    ck_assert(all.n == 30 && all.lo == 2);
    ck_assert(latency(&a, &b, 1, 0.99).thin);
}
END_TEST

START_TEST(nothing_observed_is_no_latency)
{
    uint64_t fast[8] = {1000}, none[8] = {0};
    const struct hist_set a = counts_of(fast), b = counts_of(none), empty = {.count = 0};
    ck_assert_uint_eq(latency(&a, &b, 0.5, 0.5).n, 0);
    ck_assert_uint_eq(latency(&a, &empty, 0.5, 0.5).n, 0);
    ck_assert_uint_eq(latency(&empty, &a, 0.5, 0.5).n, 0);
    ck_assert_uint_eq(latency(&empty, &a, 1, 0.5).n, 1000);
}
END_TEST

/* The confidence interval holds the truth nineteen times in twenty or more: buckets widen it. */
START_TEST(the_interval_covers)
{
    struct rng r;
    int covered = 0;
    rng_seed(&r, 5);
    for (int round = 0; round < 400; round++) {
        uint64_t x[8] = {0}, y[8] = {0};
        for (int i = 0; i < 400; i++)
            x[rng_below(&r, 7)]++;
        for (int i = 0; i < 60; i++)
            y[3 + rng_below(&r, 4)]++;
        const struct hist_set a = counts_of(x), b = counts_of(y);
        struct quantile q = latency(&a, &b, 0.5, 0.6429); /* little above what truly lies below 2 s: 0.607 */
        double at = 0, sum = 0;                           /* the true mixture's quantile, by its own buckets */
        for (int i = 0; i < 7 && at == 0; i++) {
            sum += 0.5 / 7 + (i >= 3 ? 0.5 / 4 : 0);
            at = sum >= 0.6429 ? bounds_upper[i] : 0;
        }
        covered += q.ci_lo < at && q.ci_hi >= at;
    }
    ck_assert_int_ge(covered, 380);
}
END_TEST

Suite *suite_whatif(void);
Suite *suite_whatif(void)
{
    Suite *s = suite_create("whatif");
    TCase *tc = tcase_create("whatif");
    tcase_add_test(tc, latency_follows_the_cached_share);
    tcase_add_test(tc, what_the_steps_do_not_tell_is_not_known);
    tcase_add_test(tc, chance_is_no_relation);
    tcase_add_test(tc, moving_by_prices);
    tcase_add_test(tc, the_interval_of_answers_and_cache);
    tcase_add_test(tc, without_prices);
    tcase_add_test(tc, a_model_that_was_never_used);
    tcase_add_test(tc, caching_more);
    tcase_add_test(tc, a_cache_of_deployments_of_different_prices);
    tcase_add_test(tc, the_mixture_by_hand);
    tcase_add_test(tc, nothing_observed_is_no_latency);
    tcase_add_test(tc, the_interval_covers);
    suite_add_tcase(s, tc);
    return s;
}
