/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "analysis/price_fit.h"
#include "base/rng.h"

enum { ROWS = 12 };

/* Callers with prompts, cache shares and answers of their own, at $3, $0.30, $3.75 and $15 per million tokens. */
static void book(struct lmdi_side rows[ROWS], bool writes)
{
    struct rng r;
    rng_seed(&r, 7);
    for (size_t i = 0; i < ROWS; i++) {
        const uint64_t t[LMDI_KINDS] = {1000 + rng_below(&r, 90000), rng_below(&r, 60000), writes ? rng_below(&r, 20000) : 0,
                                        500 + rng_below(&r, 9000)};
        rows[i] = (struct lmdi_side){.requests = 10, .tokens = {t[0], t[1], t[2], t[3]}};
        rows[i].cost_nusd = (int64_t)(t[0] * 3000 + t[1] * 300 + t[2] * 3750 + t[3] * 15000);
    }
}

START_TEST(prices_are_read_off_what_was_booked)
{
    struct lmdi_side rows[ROWS];
    int64_t p[LMDI_KINDS];
    book(rows, true);
    ck_assert(price_fit(rows, ROWS, p));
    ck_assert_int_eq(p[LMDI_UNCACHED], 3000000);
    ck_assert_int_eq(p[LMDI_CACHED], 300000);
    ck_assert_int_eq(p[LMDI_WRITTEN], 3750000);
    ck_assert_int_eq(p[LMDI_ANSWER], 15000000);
    book(rows, false);
    ck_assert(price_fit(rows, ROWS, p));
    ck_assert_int_eq(p[LMDI_CACHED], 300000);
    ck_assert_int_eq(p[LMDI_WRITTEN], 0); /* nobody wrote to the cache */
}
END_TEST

START_TEST(rows_that_do_not_tell_it_are_refused)
{
    struct lmdi_side rows[ROWS];
    int64_t p[LMDI_KINDS] = {-1, -1, -1, -1};
    book(rows, true);
    ck_assert(!price_fit(rows, 0, p));
    ck_assert(!price_fit(rows, 4, p)); /* as many as prices: they would explain anything */
    for (size_t i = 0; i < ROWS / 2; i++)
        rows[i].cost_nusd *= 2; /* the price changed meanwhile */
    ck_assert(!price_fit(rows, ROWS, p));
    book(rows, true);
    for (size_t i = 1; i < ROWS; i++)
        rows[i] = rows[0]; /* all alike */
    ck_assert(!price_fit(rows, ROWS, p));
    ck_assert_int_eq(p[0], -1);
}
END_TEST

/* One request of a row that was booked at $0 by mistake is noise; one kind that costs less than nothing is no price. */
START_TEST(a_little_noise_is_borne_and_nonsense_is_not)
{
    struct lmdi_side rows[ROWS];
    int64_t p[LMDI_KINDS];
    book(rows, true);
    rows[3].cost_nusd -= rows[3].cost_nusd / 50;
    ck_assert(price_fit(rows, ROWS, p));
    ck_assert_int_lt(p[LMDI_UNCACHED], 3100000);
    ck_assert_int_gt(p[LMDI_UNCACHED], 2900000);
    book(rows, true);
    for (size_t i = 0; i < ROWS; i++)
        rows[i].cost_nusd -= (int64_t)rows[i].tokens[LMDI_CACHED] * 310;
    ck_assert(!price_fit(rows, ROWS, p));
}
END_TEST

Suite *suite_price_fit(void);
Suite *suite_price_fit(void)
{
    TCase *tc = tcase_create("price_fit");
    tcase_add_test(tc, prices_are_read_off_what_was_booked);
    tcase_add_test(tc, rows_that_do_not_tell_it_are_refused);
    tcase_add_test(tc, a_little_noise_is_borne_and_nonsense_is_not);
    Suite *s = suite_create("price_fit");
    suite_add_tcase(s, tc);
    return s;
}
