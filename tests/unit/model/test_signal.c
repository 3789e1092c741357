/* SPDX-License-Identifier: MIT */
#include "model/signal.h"

#include <check.h>
#include <math.h>
#include <string.h>

Suite *suite_signal(void);

START_TEST(every_signal_is_found_by_its_name)
{
    for (unsigned s = 0; s < SIG_COUNT; s++) {
        const struct signal_info *info = signal_info((enum signal)s);
        ck_assert_ptr_nonnull(info->name);
        ck_assert(strlen(info->help) > 5);
        enum signal back = SIG_COUNT;
        ck_assert(signal_by_name(str_of(info->name), &back));
        ck_assert_uint_eq(back, s);
        ck_assert_msg(info->kind != KIND_HISTOGRAM || info->unit == UNIT_SECONDS || info->unit == UNIT_TOKENS, "%s", info->name);
    }
    ck_assert_str_eq(signal_info(SIG_REQUESTS)->name, "requests");
    ck_assert_int_eq(signal_info(SIG_TTFT)->kind, KIND_HISTOGRAM);
    ck_assert_int_eq(signal_info(SIG_COST)->unit, UNIT_USD);
    enum signal s = SIG_COST;
    ck_assert(!signal_by_name(str_of("request"), &s));
    ck_assert(!signal_by_name(str_of(""), &s));
    ck_assert_int_eq(s, SIG_COST);
}
END_TEST

START_TEST(gauges_merge_by_rule_and_the_unknown_gives_way)
{
    ck_assert_double_eq(merge_gauge(MERGE_SUM, 2, 3), 5);
    ck_assert_double_eq(merge_gauge(MERGE_MIN, 2, 3), 2);
    ck_assert_double_eq(merge_gauge(MERGE_MIN, 3, 2), 2);
    ck_assert_double_eq(merge_gauge(MERGE_MAX, 2, 3), 3);
    ck_assert_double_eq(merge_gauge(MERGE_MAX, 3, 2), 3);
    ck_assert_double_eq(merge_gauge(MERGE_SUM, NAN, 3), 3);
    ck_assert_double_eq(merge_gauge(MERGE_MIN, 3, NAN), 3);
    ck_assert(isnan(merge_gauge(MERGE_MAX, NAN, NAN)));
    for (unsigned s = 0; s < SIG_COUNT; s++)
        ck_assert_msg(signal_info((enum signal)s)->kind == KIND_GAUGE || signal_info((enum signal)s)->merge == MERGE_SUM, "%s",
                      signal_info((enum signal)s)->name);
}
END_TEST

START_TEST(fixed_point_rounds_half_away_from_zero)
{
    static const struct {
        enum unit unit;
        double value;
        int64_t fixed;
    } rows[] = {
        {UNIT_SECONDS, 1.5, 1500000000},
        {UNIT_SECONDS, 0.1, 100000000},
        {UNIT_SECONDS, 5e-10, 1},
        {UNIT_SECONDS, -5e-10, -1},
        {UNIT_SECONDS, 4.9e-10, 0},
        {UNIT_USD, 12.345678901, 12345678901},
        {UNIT_RATIO, 0.5, 500000000},
        {UNIT_JOULES, 2.5e-6, 3},
        {UNIT_JOULES, 1, 1000000},
        {UNIT_COUNT, 0.5, 1},
        {UNIT_COUNT, -0.5, -1},
        {UNIT_COUNT, 2.5, 3},
        {UNIT_COUNT, 0.49999999999999994, 0},
        {UNIT_COUNT, -0.0, 0},
        {UNIT_TOKENS, 0x1p53, INT64_C(9007199254740992)},
        {UNIT_COUNT, -0x1p63, INT64_MIN},
        {UNIT_COUNT, 0x1.fffffffffffffp62, INT64_MAX - 1023},
        {UNIT_WATTS, 400.4, 400},
        {UNIT_GRAMS_PER_KWH, 33, 33},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t v = 42;
        ck_assert(unit_to_fixed(rows[i].unit, rows[i].value, &v));
        ck_assert_msg(v == rows[i].fixed, "row %zu: %lld", i, (long long)v);
    }
    ck_assert(unit_from_fixed(UNIT_SECONDS, 1500000000) == 1.5);
    ck_assert(unit_from_fixed(UNIT_TOKENS, -7) == -7);
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
    static const double values[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 0x1p63, -0x1.0000000000001p63, 1e300};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        int64_t v = 42;
        ck_assert(!unit_to_fixed(UNIT_COUNT, values[i], &v));
        ck_assert_int_eq(v, 42);
    }
    int64_t v = 42;
    ck_assert(!unit_to_fixed(UNIT_SECONDS, 9.3e9, &v));
    ck_assert(!unit_to_fixed(UNIT_SECONDS, 1e305, &v)); /* the product is infinite */
    ck_assert_int_eq(v, 42);
}
END_TEST

START_TEST(units_have_scales_and_names)
{
    ck_assert_int_eq(unit_scale(UNIT_SECONDS), 1000000000);
    ck_assert_int_eq(unit_scale(UNIT_USD), 1000000000);
    ck_assert_int_eq(unit_scale(UNIT_RATIO), 1000000000);
    ck_assert_int_eq(unit_scale(UNIT_JOULES), 1000000);
    ck_assert_int_eq(unit_scale(UNIT_COUNT), 1);
    ck_assert_int_eq(unit_scale(UNIT_WATTS), 1);
    ck_assert_str_eq(unit_name(UNIT_SECONDS), "s");
    ck_assert_str_eq(unit_name(UNIT_USD), "USD");
    ck_assert_str_eq(unit_name(UNIT_TOKENS), "tokens");
    ck_assert_str_eq(unit_name(UNIT_COUNT), "");
}
END_TEST

Suite *suite_signal(void)
{
    Suite *suite = suite_create("signal");
    TCase *t = tcase_create("signal");
    tcase_add_test(t, every_signal_is_found_by_its_name);
    tcase_add_test(t, gauges_merge_by_rule_and_the_unknown_gives_way);
    tcase_add_test(t, fixed_point_rounds_half_away_from_zero);
    tcase_add_test(t, what_does_not_fit_is_refused);
    tcase_add_test(t, units_have_scales_and_names);
    suite_add_tcase(suite, t);
    return suite;
}
