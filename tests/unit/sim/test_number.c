/* SPDX-License-Identifier: MIT */
#include "sim/number.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

Suite *suite_number(void);

/* What prometheus_client and Go printed for these values. */
static const struct {
    int64_t value;
    unsigned decimals;
    const char *python, *go;
} known[] = {
    {0, 0, "0.0", "0"},
    {17024, 0, "17024.0", "17024"},
    {999999, 0, "999999.0", "999999"},
    {1000000, 0, "1e+06", "1e+06"},
    {16920637, 0, "1.6920637e+07", "1.6920637e+07"},
    {10000000000, 0, "1e+010", "1e+10"}, /* Python's client writes e+0 before any exponent */
    {1942620, 6, "1.94262", "1.94262"},
    {5000, 6, "0.005", "0.005"},
    {100, 6, "0.0001", "0.0001"},
    {12, 6, "1.2e-05", "1.2e-05"},
    {1, 9, "1e-09", "1e-09"},
    {1000000, 6, "1.0", "1"},
    {10000000, 6, "10.0", "10"},
    {-2500000000, 9, "-2.5", "-2.5"},
    {-12345678, 0, "-12345678.0", "-1.2345678e+07"}, /* and leaves negative values plain */
    {1791036560690, 3, "1.79103656069e+09", "1.79103656069e+09"},
    {123456789012345, 9, "123456.789012345", "123456.789012345"},
    {NUMBER_INF, 6, "+Inf", "+Inf"},
    {NUMBER_NAN, 6, "NaN", "NaN"},
};

START_TEST(numbers_read_as_the_real_exporters_write_them)
{
    char text[NUMBER_MAX + 1];
    text[number_python(text, known[_i].value, known[_i].decimals)] = '\0';
    ck_assert_str_eq(text, known[_i].python);
    text[number_go(text, known[_i].value, known[_i].decimals)] = '\0';
    ck_assert_str_eq(text, known[_i].go);
}
END_TEST

/* The shortest text that reads back: nothing shorter than 15 digits may give the same double, and this one must. */
START_TEST(numbers_read_back_exactly)
{
    struct rng r;
    rng_seed(&r, 7);
    double scale = 1;
    for (unsigned decimals = 0; decimals <= 9; decimals++, scale *= 10) {
        for (int i = 0; i < 2000; i++) {
            int64_t v = (int64_t)(rng_u64(&r) % (UINT64_C(1) << (1 + rng_below(&r, 49))));
            char text[NUMBER_MAX + 1], expected[64];
            text[number_go(text, v, decimals)] = '\0';
            ck_assert_double_eq(strtod(text, NULL), (double)v / scale);
            snprintf(expected, sizeof expected, "%.15g", (double)v / scale);
            ck_assert_double_eq(strtod(text, NULL), strtod(expected, NULL));
            ck_assert_uint_le(strlen(text), strlen(expected) + 5); /* from 1e6 up ".e+08" comes in */
        }
    }
}
END_TEST

Suite *suite_number(void)
{
    Suite *suite = suite_create("number");
    TCase *t = tcase_create("number");
    tcase_add_loop_test(t, numbers_read_as_the_real_exporters_write_them, 0, sizeof known / sizeof known[0]);
    tcase_add_test(t, numbers_read_back_exactly);
    suite_add_tcase(suite, t);
    return suite;
}
