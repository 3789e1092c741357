/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <string.h>

#include "analysis/lmdi.h"
#include "base/rng.h"

enum { HOUR_MS = 3600000 };

/* $1 per million tokens of input, a tenth of it from the cache, five times of it answered, booked to the nano-dollar. */
static struct lmdi_side side(uint64_t requests, uint64_t uncached, uint64_t cached, uint64_t answer)
{
    struct lmdi_side s = {.requests = requests,
                          .tokens = {requests * uncached, requests * cached, 0, requests * answer},
                          .price_pusd = {1000000, 100000, 1250000, 5000000}};
    s.cost_nusd = (int64_t)(requests * (uncached * 1000 + cached * 100 + answer * 5000));
    return s;
}

static void near(double got, double want)
{
    ck_assert_msg(fabs(got - want) <= 1e-9 * fabs(want) + 1e-6, "%.17g is not %.17g", got, want);
}

static struct lmdi_split split(const struct lmdi_cell *cells, size_t count)
{
    struct lmdi_split s;
    double row[8][LMDI_PARTS];
    lmdi_split(cells, count, HOUR_MS, HOUR_MS, &s, row);
    for (int p = 0; p < LMDI_PARTS; p++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += row[i][p];
        near(sum, s.part_per_h[p]);
    }
    ck_assert_msg(fabs(s.residual_per_h) <= 1e-9 * fabs(s.now_per_h - s.then_per_h), "%g", s.residual_per_h);
    return s;
}

/* All of the change is one part's. */
static void only(const struct lmdi_cell *cells, size_t count, enum lmdi_part part)
{
    const struct lmdi_split s = split(cells, count);
    ck_assert(s.now_per_h != s.then_per_h);
    for (int p = 0; p < LMDI_PARTS; p++)
        near(s.part_per_h[p], p == (int)part ? s.now_per_h - s.then_per_h : 0);
}

START_TEST(one_factor_carries_its_change)
{
    const struct lmdi_side then = side(100, 1000, 500, 200);
    struct lmdi_cell c = {.then = then, .now = side(300, 1000, 500, 200)};
    only(&c, 1, LMDI_REQUESTS);
    c.now = side(100, 2000, 1000, 200);
    only(&c, 1, LMDI_INPUT);
    c.now = side(100, 1400, 100, 200);
    only(&c, 1, LMDI_CACHE);
    c.now = side(100, 1000, 500, 50);
    only(&c, 1, LMDI_OUTPUT);
    c.now = then;
    c.now.cost_nusd = then.cost_nusd / 2; /* a discount that no list knows */
    only(&c, 1, LMDI_PRICE);
    c.now = then;
    for (int k = 0; k < LMDI_KINDS; k++)
        c.now.price_pusd[k] *= 3;
    c.now.cost_nusd *= 3;
    only(&c, 1, LMDI_PRICE);
}
END_TEST

/* 100 -> 200 requests and 1000 -> 3000 tokens at $1/M: 0.1 -> 0.6, shared as ln 2 to ln 3. */
START_TEST(two_factors_by_hand)
{
    const struct lmdi_cell c = {.then = side(100, 1000, 0, 0), .now = side(200, 3000, 0, 0)};
    const struct lmdi_split s = split(&c, 1);
    near(s.then_per_h, 1e8);
    near(s.now_per_h, 6e8);
    near(s.part_per_h[LMDI_REQUESTS], 5e8 * log(2) / log(6));
    near(s.part_per_h[LMDI_INPUT], 5e8 * log(3) / log(6));
}
END_TEST

START_TEST(a_factor_from_nothing_carries_the_term)
{
    struct lmdi_cell c = {.then = side(100, 1000, 500, 200), .now = side(100, 1500, 0, 200)};
    only(&c, 1, LMDI_CACHE); /* nothing comes from the cache any more */
    c.then = side(100, 1000, 500, 0);
    c.now = side(200, 1000, 500, 200);
    const struct lmdi_split s = split(&c, 1);
    near(s.part_per_h[LMDI_OUTPUT], 200 * 200 * 5000.0); /* all that is answered, whatever the requests did */
    near(s.part_per_h[LMDI_REQUESTS], 100 * (1000 * 1000.0 + 500 * 100));
}
END_TEST

/* 60 of 100 requests go to a deployment that costs three times as much and was not in use. */
START_TEST(fallback)
{
    struct lmdi_cell c[2] = {{.group = 7, .then = side(100, 1000, 0, 200), .now = side(40, 1000, 0, 200)},
                             {.group = 7, .is_fallback = true, .now = side(60, 1000, 0, 200)}};
    for (int k = 0; k < LMDI_KINDS; k++)
        c[1].now.price_pusd[k] *= 3;
    c[1].now.cost_nusd *= 3;
    only(c, 2, LMDI_FALLBACK);
    c[1].is_fallback = false; /* one of its own that was put into rotation */
    only(c, 2, LMDI_MIX);
}
END_TEST

START_TEST(mix)
{
    const struct lmdi_cell c[2] = {{.group = 1, .then = side(100, 1000, 0, 0), .now = side(50, 1000, 0, 0)},
                                   {.group = 2, .then = side(100, 4000, 0, 0), .now = side(150, 4000, 0, 0)}};
    only(c, 2, LMDI_MIX);
}
END_TEST

START_TEST(new_and_gone_stand_apart)
{
    const struct lmdi_side same = side(100, 1000, 0, 0);
    const struct lmdi_cell c[4] = {{.group = 1, .then = same, .now = same},
                                   {.group = 2, .now = side(1000, 500, 0, 0)},
                                   {.group = 3, .then = side(10, 700, 0, 0)},
                                   {.group = 4}};
    const struct lmdi_split s = split(c, 4);
    for (int p = 0; p < LMDI_PARTS; p++)
        near(s.part_per_h[p], p == LMDI_NEW ? 5e8 : p == LMDI_GONE ? -7e6 : 0);
    ck_assert_uint_eq(s.new_groups, 1);
    ck_assert_uint_eq(s.gone_groups, 1);
    only(&c[1], 1, LMDI_NEW);
}
END_TEST

START_TEST(windows_of_unequal_length)
{
    const struct lmdi_cell c = {.then = side(24000, 1000, 100, 200), .now = side(500, 1000, 100, 200)};
    struct lmdi_split s;
    lmdi_split(&c, 1, 24 * (int64_t)HOUR_MS, HOUR_MS / 2, &s, NULL);
    near(s.now_per_h, s.then_per_h);
    for (int p = 0; p < LMDI_PARTS; p++)
        near(s.part_per_h[p], 0);
}
END_TEST

/* Without prices the requests are known to have doubled; why one costs three times as much is not. */
START_TEST(what_has_no_price_is_not_split)
{
    struct lmdi_cell c = {.then = side(100, 1000, 0, 0), .now = side(200, 3000, 0, 0)};
    memset(c.now.price_pusd, 0, sizeof c.now.price_pusd);
    struct lmdi_split s = split(&c, 1);
    near(s.part_per_h[LMDI_REQUESTS], 5e8 * log(2) / log(6));
    near(s.part_per_h[LMDI_UNSPLIT], 5e8 * log(3) / log(6));
    ck_assert_uint_eq(s.unsplit_cells, 1);
    c.now = side(200, 3000, 0, 0);
    c.now.requests = 0; /* booked by a page that tells no requests */
    only(&c, 1, LMDI_UNSPLIT);
    c.now = side(200, 3000, 0, 0);
    c.now.cost_nusd = -5; /* a refund */
    only(&c, 1, LMDI_UNSPLIT);
}
END_TEST

START_TEST(nothing_is_no_change)
{
    struct lmdi_split s;
    lmdi_split(NULL, 0, 1, 1, &s, NULL);
    ck_assert(s.now_per_h == 0 && s.residual_per_h == 0);
}
END_TEST

/* The parts of a total are the sums of the parts of any way to cut it. */
START_TEST(parts_add_up_over_cells)
{
    struct lmdi_cell c[8];
    struct rng r;
    rng_seed(&r, 1);
    for (int round = 0; round < 100; round++) {
        for (size_t i = 0; i < 8; i++) {
            c[i] = (struct lmdi_cell){.group = i / 2, .is_fallback = i % 2 == 1};
            if (rng_below(&r, 4) > 0)
                c[i].then = side(1 + rng_below(&r, 1000), rng_below(&r, 5000), rng_below(&r, 3) * 500, rng_below(&r, 900));
            if (rng_below(&r, 4) > 0)
                c[i].now = side(1 + rng_below(&r, 1000), rng_below(&r, 5000), rng_below(&r, 3) * 500, rng_below(&r, 900));
        }
        (void)split(c, 8);
    }
}
END_TEST

Suite *suite_lmdi(void);
Suite *suite_lmdi(void)
{
    Suite *s = suite_create("lmdi");
    TCase *tc = tcase_create("split");
    tcase_add_test(tc, one_factor_carries_its_change);
    tcase_add_test(tc, two_factors_by_hand);
    tcase_add_test(tc, a_factor_from_nothing_carries_the_term);
    tcase_add_test(tc, fallback);
    tcase_add_test(tc, mix);
    tcase_add_test(tc, new_and_gone_stand_apart);
    tcase_add_test(tc, windows_of_unequal_length);
    tcase_add_test(tc, what_has_no_price_is_not_split);
    tcase_add_test(tc, nothing_is_no_change);
    tcase_add_test(tc, parts_add_up_over_cells);
    suite_add_tcase(s, tc);
    return s;
}
