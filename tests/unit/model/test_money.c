/* SPDX-License-Identifier: MIT */
#include "model/money.h"

#include <check.h>

#include "base/rng.h"

Suite *suite_money(void);

#define USD INT64_C(1000000000)

START_TEST(products_are_exact)
{
    static const struct {
        int64_t tokens, price_pusd, nusd;
    } rows[] = {
        {0, 5000000, 0},
        {1, 1000, 1},
        {1, 499, 0},
        {1, 500, 1},
        {1, -500, -1},
        {-1, 500, -1},
        {-1, 499, 0},
        {3, 500, 2},
        {1000000, 3000000, 3 * USD},
        {1, 30000, 30},
        {INT64_MAX, 1000, INT64_MAX},
        {INT64_MIN, 1000, INT64_MIN},
        {INT64_MAX, 1, INT64_C(9223372036854776)},
        {INT64_C(4000000000000), 2000000, 8000000 * USD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t v = 42;
        ck_assert(money_price(rows[i].tokens, rows[i].price_pusd, &v));
        ck_assert_msg(v == rows[i].nusd, "row %zu: %lld", i, (long long)v);
    }
    int64_t v = 42;
    ck_assert(!money_price(INT64_MAX, 1001, &v));
    ck_assert(!money_price(INT64_MIN, 1001, &v));
    ck_assert(!money_price(INT64_MAX, INT64_MAX, &v));
    ck_assert(!money_price(INT64_MIN, INT64_MIN, &v));
    ck_assert(!money_price(INT64_MIN, -1000, &v)); /* one past the largest */
    ck_assert_int_eq(v, 42);
}
END_TEST

START_TEST(burn_per_hour)
{
    ck_assert_int_eq(money_per_hour(USD, 3600000), USD);
    ck_assert_int_eq(money_per_hour(USD, 15000), 240 * USD);
    ck_assert_int_eq(money_per_hour(-USD, 60000), -60 * USD);
    ck_assert_int_eq(money_per_hour(1, 7200000), 1); /* half a nano-dollar, away from zero */
    ck_assert_int_eq(money_per_hour(-1, 7200000), -1);
    ck_assert_int_eq(money_per_hour(1, 7200001), 0);
    ck_assert_int_eq(money_per_hour(INT64_MAX, 1), INT64_MAX);
    ck_assert_int_eq(money_per_hour(INT64_MIN, 1), INT64_MIN);
    ck_assert_int_eq(money_per_hour(INT64_MAX, INT64_MAX), 3600000);
}
END_TEST

START_TEST(for_people)
{
    static const struct {
        int64_t nusd;
        const char *text;
    } rows[] = {
        {0, "$0"},
        {4200000, "$0.0042"},
        {4200 * USD / 1000, "$4.20"},
        {412 * USD, "$412"},
        {12300 * USD, "$12.3k"},
        {1, "$0.000000001"},
        {123, "$0.000000123"},
        {1234, "$0.00000123"},
        {USD / 2, "$0.50"},
        {USD / 8, "$0.125"},
        {123456789, "$0.123"},
        {99 * USD / 100, "$0.99"},
        {999400000, "$0.999"},
        {999600000, "$1.00"},
        {999999999, "$1.00"},
        {USD, "$1.00"},
        {9994 * USD / 1000, "$9.99"},
        {9995 * USD / 1000, "$10.0"},
        {4126 * USD / 100, "$41.3"},
        {9994 * USD / 100, "$99.9"},
        {9995 * USD / 100, "$100"},
        {100 * USD, "$100"},
        {9994 * USD / 10, "$999"},
        {9995 * USD / 10, "$1.00k"},
        {4493 * USD, "$4.49k"},
        {9994 * USD, "$9.99k"},
        {9995 * USD, "$10.0k"},
        {99949 * USD, "$99.9k"},
        {99950 * USD, "$100k"},
        {999499 * USD, "$999k"},
        {999500 * USD, "$1.00M"},
        {12345678 * USD, "$12.3M"},
        {123456789 * USD, "$123M"},
        {1234567890 * USD, "$1.23G"},
        {INT64_MAX, "$9.22G"},
        {INT64_MIN, "-$9.22G"},
        {-4200000, "-$0.0042"},
        {-412 * USD, "-$412"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[MONEY_MAX];
        money_format(rows[i].nusd, out);
        ck_assert_str_eq(out, rows[i].text);
    }
}
END_TEST

START_TEST(exact)
{
    static const struct {
        int64_t nusd;
        const char *text;
    } rows[] = {
        {-12345678901, "-12.345678901"},
        {0, "0"},
        {USD, "1"},
        {100 * USD, "100"},
        {USD / 10, "0.1"},
        {1, "0.000000001"},
        {-1, "-0.000000001"},
        {INT64_MAX, "9223372036.854775807"},
        {INT64_MIN, "-9223372036.854775808"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[MONEY_MAX];
        money_format_exact(rows[i].nusd, out);
        ck_assert_str_eq(out, rows[i].text);
        int64_t back = 42;
        ck_assert(money_parse(str_of(out), &back));
        ck_assert_int_eq(back, rows[i].nusd);
    }
}
END_TEST

START_TEST(texts_are_read)
{
    static const struct {
        const char *text;
        int64_t nusd;
    } rows[] = {{"$4.20", 4200000000}, {"-$4.20", -4200000000}, {"-0", 0}, {"007", 7 * USD}, {"0.000000001", 1}, {"$0", 0},
                {"1.000000000", USD}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t v = 42;
        ck_assert_msg(money_parse(str_of(rows[i].text), &v), "\"%s\"", rows[i].text);
        ck_assert_int_eq(v, rows[i].nusd);
    }
    static const char *const wrong[] = {"",
                                        "$",
                                        "-",
                                        "-$",
                                        ".5",
                                        "5.",
                                        "1.0000000001",
                                        "1e3",
                                        "1,5",
                                        "1 000",
                                        " 1",
                                        "1 ",
                                        "+1",
                                        "$-1",
                                        "$$1",
                                        "1.2.3",
                                        "9223372036.854775808",
                                        "-9223372036.854775809",
                                        "9223372037",
                                        "99999999999999999999",
                                        "0x1",
                                        "nan"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t v = 42;
        ck_assert_msg(!money_parse(str_of(wrong[i]), &v), "\"%s\"", wrong[i]);
        ck_assert_int_eq(v, 42);
    }
}
END_TEST

START_TEST(every_amount_makes_the_round_trip)
{
    struct rng r;
    rng_seed(&r, 11);
    for (int i = 0; i < 100000; i++) {
        int64_t v = (int64_t)rng_u64(&r) >> rng_below(&r, 64), back = ~v;
        char out[MONEY_MAX];
        money_format_exact(v, out);
        if (!money_parse(str_of(out), &back) || back != v)
            ck_abort_msg("%lld became %s", (long long)v, out);
    }
}
END_TEST

START_TEST(decimals_without_a_double)
{
    static const struct {
        const char *text;
        int power;
        int64_t value;
        bool inexact;
    } rows[] = {
        {"1.25e-06", 12, 1250000, false},
        {"0.15", 6, 150000, false},
        {"3", 6, 3000000, false},
        {"0.00025", 10, 2500000, false},
        {"0", 12, 0, false},
        {"-0.0", 12, 0, false},
        {"1e-12", 12, 1, false},
        {"1e-13", 12, 0, true},
        {"5e-13", 12, 1, true},
        {"4.9e-13", 12, 0, true},
        {"-5e-13", 12, -1, true},
        {"2.9999900000000002e-06", 12, 2999990, true},
        {"3.0001999999999996E-7", 12, 300020, true},
        {"0.1e1", 0, 1, false},
        {"100", -2, 1, false},
        {"150", -2, 2, true},
        {"9223372036854775807", 0, INT64_MAX, false},
        {"-9223372036854775808", 0, INT64_MIN, false},
        {"256000.0", 0, 256000, false},
        {"00012.50", 1, 125, false},
        {".5", 1, 5, false},
        {"0.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001e91", 0, 1, false},
        {"1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000e-90", 0, 1, false},
        {"0.99999999999999999999999999999999999999999999999999999999999999999999999999999999", 0, 1, true},
        {"1.00000000000000000000000000000000000000000000000000000000000000000000000000000000001", 0, 1, true},
    };
    static const char *const bad[] = {"",
                                      "-",
                                      ".",
                                      "e5",
                                      "1e",
                                      "1e+",
                                      "1.2.3",
                                      "0x1",
                                      "1 ",
                                      " 1",
                                      "+1",
                                      "1,5",
                                      "NaN",
                                      "inf",
                                      "--1",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "1e30",
                                      "1e999999999999"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t v = 42;
        bool inexact = !rows[i].inexact;
        ck_assert_msg(money_parse_decimal(str_of(rows[i].text), rows[i].power, &v, &inexact), "%s", rows[i].text);
        ck_assert_msg(v == rows[i].value && inexact == rows[i].inexact, "%s: %lld %d", rows[i].text, (long long)v, inexact);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t v = 42;
        bool inexact = true;
        ck_assert_msg(!money_parse_decimal(str_of(bad[i]), 0, &v, &inexact), "%s", bad[i]);
        ck_assert_int_eq(v, 42);
    }
}
END_TEST

static money_wide product(int64_t count, int64_t pusd, int64_t multiplier)
{
    money_wide v = 0;
    ck_assert(money_wide_add(&v, count, pusd, multiplier));
    return v;
}

START_TEST(wide_sums_keep_every_decimal)
{
    static const struct {
        int64_t count, pusd, multiplier;
        const char *usd;
        int64_t nusd;
    } rows[] = {
        {0, 1250000, 100000000, "0", 0},
        {1, 187500, 100000000, "0.0000001875", 188},
        {1000000, 2000000, 100000000, "2", 2 * USD},
        {3, 333333, 110000000, "0.0000010999989", 1100},
        {1, 1, 1, "0.00000000000000000001", 0},
        {-1, 187500, 100000000, "-0.0000001875", -188},
        {INT64_C(1000000000000), 75000000, 100000000, "75000000", 75000000 * USD},
    };
    char text[MONEY_WIDE_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t nusd = 42;
        money_wide v = product(rows[i].count, rows[i].pusd, rows[i].multiplier);
        money_wide_format(v, text);
        ck_assert_str_eq(text, rows[i].usd);
        ck_assert(money_wide_to_nusd(v, &nusd));
        ck_assert_int_eq(nusd, rows[i].nusd);
    }
    money_wide v = 1, whole = (money_wide)1 << 126;
    ck_assert(!money_wide_add(&v, INT64_MAX, INT64_MAX, INT64_MAX));
    ck_assert(v == 1);
    ck_assert(!money_wide_add(&whole, INT64_MAX, INT64_MAX, 2));
    int64_t nusd = 42;
    ck_assert(!money_wide_to_nusd(whole, &nusd));
    ck_assert_int_eq(nusd, 42);
}
END_TEST

START_TEST(increments_add_up_to_the_rounded_sum)
{
    struct rng rng;
    money_wide sum = 0;
    int64_t taken = 0, total = 0, more, nusd;
    rng_seed(&rng, 7);
    for (int i = 0; i < 20000; i++) {
        ck_assert(money_wide_add(&sum, (int64_t)rng_below(&rng, 5000), (int64_t)rng_below(&rng, 100000),
                                 100000000 + (int64_t)rng_below(&rng, 9)));
        if (i % 3 != 0)
            continue;
        ck_assert(money_wide_take(sum, &taken, &more));
        total += more;
    }
    ck_assert(money_wide_take(sum, &taken, &more));
    ck_assert(money_wide_to_nusd(sum, &nusd));
    ck_assert_int_eq(total + more, nusd);
    ck_assert_int_eq(taken, nusd);
}
END_TEST

Suite *suite_money(void)
{
    Suite *suite = suite_create("money");
    TCase *t = tcase_create("money");
    tcase_add_test(t, products_are_exact);
    tcase_add_test(t, burn_per_hour);
    tcase_add_test(t, for_people);
    tcase_add_test(t, exact);
    tcase_add_test(t, texts_are_read);
    tcase_add_test(t, every_amount_makes_the_round_trip);
    tcase_add_test(t, decimals_without_a_double);
    tcase_add_test(t, wide_sums_keep_every_decimal);
    tcase_add_test(t, increments_add_up_to_the_rounded_sum);
    suite_add_tcase(suite, t);
    return suite;
}
