/* SPDX-License-Identifier: MIT */
#include "model/price.h"

#include <check.h>

Suite *suite_price(void);

START_TEST(names_lead_back)
{
    for (int i = 0; i < PRICE_TERMS; i++) {
        enum price_term t = PRICE_TERMS;
        ck_assert(price_term_by_name(str_of(price_term_info((enum price_term)i)->name), &t));
        ck_assert_int_eq(t, i);
    }
    for (int i = 0; i < PRICE_SERVICES; i++) {
        enum price_service s = PRICE_SERVICES;
        ck_assert(price_service_by_name(str_of(price_service_name((enum price_service)i)), &s));
        ck_assert_int_eq(s, i);
    }
    enum price_term t;
    ck_assert(!price_term_by_name(str_of("inputs"), &t));
}
END_TEST

START_TEST(prices_are_written_exactly)
{
    static const struct {
        enum price_term term;
        int64_t pusd;
        const char *text, *usd;
    } rows[] = {
        {PRICE_INPUT, 1250000, "1.25 USD/M", "0.00000125"},
        {PRICE_INPUT, 1, "0.000001 USD/M", "0.000000000001"},
        {PRICE_OUTPUT, 0, "0 USD/M", "0"},
        {PRICE_CACHED, 150000000, "150 USD/M", "0.00015"},
        {PRICE_REQUEST, INT64_C(5000000000), "0.005 USD", "0.005"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[PRICE_TEXT_MAX], usd[MONEY_MAX];
        price_format(rows[i].term, rows[i].pusd, text);
        price_format_pusd(rows[i].pusd, usd);
        ck_assert_str_eq(text, rows[i].text);
        ck_assert_str_eq(usd, rows[i].usd);
    }
}
END_TEST

START_TEST(sameness)
{
    const struct price_rate a[] = {{PRICE_INPUT, 0, false, 0, 5}, {PRICE_OUTPUT, 0, false, 0, 7}},
                            b[] = {{PRICE_INPUT, 0, false, 0, 5}, {PRICE_OUTPUT, 0, false, 0, 8}},
                            c[] = {{PRICE_INPUT, 0, false, 0, 5}, {PRICE_OUTPUT, 0, false, 200000, 7}};
    struct price x = {.rates = a, .rate_count = 2}, y = x, z = {.rates = b, .rate_count = 2}, s = {.rates = c, .rate_count = 2};
    int64_t pusd = 0;
    ck_assert(price_is_same(&x, &y));
    ck_assert(!price_is_same(&x, &z));
    ck_assert(!price_is_same(&x, &s));
    y.rate_count = 1;
    ck_assert(!price_is_same(&x, &y));
    y = x;
    y.unpriced = "gone";
    ck_assert(!price_is_same(&x, &y));
    y = x;
    y.uplift_count = 1;
    ck_assert(!price_is_same(&x, &y));
    ck_assert(price_rate_find(&s, PRICE_OUTPUT, PRICE_STANDARD, 200000, &pusd));
    ck_assert_int_eq(pusd, 7);
    ck_assert(!price_rate_find(&s, PRICE_OUTPUT, PRICE_STANDARD, 0, &pusd));
}
END_TEST

Suite *suite_price(void)
{
    Suite *suite = suite_create("price");
    TCase *t = tcase_create("price");
    tcase_add_test(t, names_lead_back);
    tcase_add_test(t, prices_are_written_exactly);
    tcase_add_test(t, sameness);
    suite_add_tcase(suite, t);
    return suite;
}
