/* SPDX-License-Identifier: MIT */
/* The peer is strtod of the C locale: bit for bit the same double, over shapes chosen to reach every step of fastnum.c. */
#include "source/fastnum.h"

#include <check.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t bits_of(double d)
{
    uint64_t u;
    memcpy(&u, &d, sizeof u);
    return u;
}

/* The text is given without a NUL behind it, in memory of exactly its size, so that a sanitizer sees any read past the end. */
static const char *scan_exact(const char *text, size_t n, double *ret, size_t *ret_used)
{
    char *copy = malloc(n ? n : 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, n);
    const char *end = fastnum_scan(copy, copy + n, ret);
    *ret_used = end ? (size_t)(end - copy) : 0;
    free(copy);
    return end ? text + *ret_used : NULL;
}

static void same_as_strtod(const char *text)
{
    double want = strtod(text, NULL);
    double got = 12345.0;
    size_t used;
    const char *end = scan_exact(text, strlen(text), &got, &used);
    if (isinf(want)) {
        ck_assert_msg(end == NULL, "%s: beyond the range, but accepted", text);
        ck_assert_msg(got == 12345.0, "%s: result touched on failure", text);
        return;
    }
    ck_assert_msg(end != NULL, "%s: refused", text);
    ck_assert_msg(used == strlen(text), "%s: stopped after %zu bytes", text, used);
    ck_assert_msg(bits_of(got) == bits_of(want), "%s: %.17g instead of %.17g", text, got, want);
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

START_TEST(test_plain_forms)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "+0",
                                        "1",
                                        "-1",
                                        "+1",
                                        "08",
                                        "1.",
                                        ".5",
                                        "-.5",
                                        "1.5e3",
                                        "1E5",
                                        "1e+05",
                                        "1e-04",
                                        "1.6920637e+07",
                                        "0.0",
                                        "0e999",
                                        "0.0e-999",
                                        "0.013300656000000001",
                                        "0.0013300656000000001",
                                        "871.5665949999999",
                                        "1.79103656069e+09",
                                        "9223372036854775794",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "9007199254740992",
                                        "9007199254740993",
                                        "9007199254740995",
                                        "1.7976931348623157e308",
                                        "1.7976931348623159e308",
                                        "4.9406564584124654e-324",
                                        "2.4703282292062327e-324",
                                        "2.4703282292062328e-324",
                                        "2.2250738585072011e-308",
                                        "1e-400",
                                        "1e400",
                                        "-1e400",
                                        "1e22",
                                        "1e23",
                                        "8.5e27",
                                        "1e-27",
                                        "1e-28",
                                        "123456789012345678e-27",
                                        "1e99999999999",
                                        "1e-99999999999",
                                        "0000000000000000000000000000000000000000001.2e-1",
                                        "12345678901234567890.1234567890",
                                        "6929495644600919.5",
                                        "3.7455744005952583e15",
                                        "0.00099999999999999999999",
                                        "0.099999999999999999999",
                                        "00.99999999999999999999",
                                        "5e-324",
                                        "100000000000000016777215",
                                        "100000000000000016777216",
                                        "99999999",
                                        "123456789",
                                        "1234567.12345678",
                                        "12345678.1234567"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        same_as_strtod(texts[i]);
    }
}
END_TEST

START_TEST(test_words)
{
    static const struct {
        const char *text;
        double value;
    } rows[] = {{"inf", INFINITY},       {"Inf", INFINITY},        {"+Inf", INFINITY}, {"-Inf", -INFINITY}, {"INF", INFINITY},
                {"+infinity", INFINITY}, {"-INFINITY", -INFINITY}, {"NaN", NAN},       {"nan", NAN},        {"NAN", NAN}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double got = 0;
        size_t used;
        ck_assert_ptr_nonnull(scan_exact(rows[i].text, strlen(rows[i].text), &got, &used));
        ck_assert_uint_eq(used, strlen(rows[i].text));
        ck_assert(isnan(rows[i].value) ? isnan(got) : got == rows[i].value);
    }
}
END_TEST

START_TEST(test_refused)
{
    static const char *const texts[] = {"", "+", "-", ".", "-.", "e5", ".e5", "+nan", "-NaN", "in", "na", "x", "_1", " 1", "--1", "+-1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        double got = 7.0;
        size_t used;
        ck_assert_msg(scan_exact(texts[i], strlen(texts[i]), &got, &used) == NULL, "%s: accepted", texts[i]);
        ck_assert(got == 7.0);
    }
}
END_TEST

START_TEST(test_where_it_stops)
{
    static const struct {
        const char *text;
        size_t used;
        double value;
    } rows[] = {{"0x1p-3", 1, 0.0},
                {"1_2", 1, 1.0},
                {"1e", 1, 1.0},
                {"1e+", 1, 1.0},
                {"1.1.1", 3, 1.1},
                {"1z", 1, 1.0},
                {"2 3", 1, 2.0},
                {"1,", 1, 1.0},
                {"infin", 3, INFINITY},
                {"12345678:", 8, 12345678.0},
                {"1234567/", 7, 1234567.0},
                {"1.5e3.5", 5, 1500.0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double got = 0;
        size_t used;
        ck_assert_ptr_nonnull(scan_exact(rows[i].text, strlen(rows[i].text), &got, &used));
        ck_assert_msg(used == rows[i].used, "%s: stopped after %zu", rows[i].text, used);
        ck_assert(got == rows[i].value);
    }
}
END_TEST

START_TEST(test_random_doubles_in_many_spellings)
{
    static const int digits[] = {17, 16, 15, 6, 25, 3};
    uint64_t state = 0x9E3779B97F4A7C15u;
    char text[512];
    for (int i = 0; i < 60000; i++) {
        uint64_t u = next_random(&state);
        if (i % 2) { /* half of them near what a metric page holds: 2^-20 .. 2^44 */
            u = (u & ~(UINT64_C(0x7FF) << 52)) | ((1003 + next_random(&state) % 64) << 52);
        }
        double d;
        memcpy(&d, &u, sizeof d);
        if (!isfinite(d)) {
            continue;
        }
        switch (i % 8) {
        case 6: snprintf(text, sizeof text, "%.20e", d); break;
        case 7: snprintf(text, sizeof text, "%.17f", d); break;
        default: snprintf(text, sizeof text, "%.*g", digits[i % 8], d); break;
        }
        same_as_strtod(text);
    }
}
END_TEST

START_TEST(test_random_digits_and_exponents)
{
    uint64_t state = 88172645463325252u;
    char text[64];
    for (int i = 0; i < 60000; i++) {
        uint64_t w = next_random(&state) >> (next_random(&state) % 64);
        int q = (int)(next_random(&state) % 70) - 35;
        snprintf(text, sizeof text, "%" PRIu64 "e%d", w, q);
        same_as_strtod(text);
    }
}
END_TEST

/* Decimals exactly between two doubles, and one digit beside: the rounding that approximations get wrong. */
START_TEST(test_halfway)
{
    uint64_t state = 424242;
    char text[128];
    for (int i = 0; i < 20000; i++) {
        uint64_t odd = ((next_random(&state) >> 11) | (UINT64_C(1) << 52)) * 2 + 1; /* 54 bits: halfway between two doubles */
        int shift = (int)(next_random(&state) % 10);
        snprintf(text, sizeof text, "%" PRIu64, odd << shift);
        same_as_strtod(text);
        snprintf(text, sizeof text, "%" PRIu64 "e-%d", odd << shift, shift);
        same_as_strtod(text);
        snprintf(text, sizeof text, "%" PRIu64 ".5", odd >> 1);
        same_as_strtod(text);
        snprintf(text, sizeof text, "%" PRIu64 ".50000000000000000000000000000000001", odd >> 1);
        same_as_strtod(text);
    }
}
END_TEST

START_TEST(test_very_long)
{
    enum { N = 20000 };
    char *text = malloc(N + 64);
    ck_assert_ptr_nonnull(text);
    memset(text, '9', N);
    strcpy(text + N, "e-20000");
    same_as_strtod(text);
    memset(text, '0', N);
    text[1] = '.';
    strcpy(text + N, "25e19990");
    same_as_strtod(text);
    /* Halfway between 2^53 and its neighbour until the very last of many digits. */
    memset(text, '0', N);
    memcpy(text, "9007199254740993.", 17);
    strcpy(text + N, "1");
    same_as_strtod(text);
    strcpy(text + N, "0");
    same_as_strtod(text);
    free(text);
}
END_TEST

START_TEST(test_integers)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
        size_t used;
    } rows[] = {{"0", true, 0, 1},
                {"-0", true, 0, 2},
                {"1395066363000", true, 1395066363000, 13},
                {"-3982045", true, -3982045, 8},
                {"9223372036854775807", true, INT64_MAX, 19},
                {"-9223372036854775808", true, INT64_MIN, 20},
                {"9223372036854775808", false, 0, 0},
                {"-9223372036854775809", false, 0, 0},
                {"99999999999999999999", false, 0, 0},
                {"2.72", true, 2, 1},
                {"", false, 0, 0},
                {"-", false, 0, 0},
                {"+1", false, 0, 0},
                {"x", false, 0, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t got = 77;
        const char *end = fastnum_scan_i64(rows[i].text, rows[i].text + strlen(rows[i].text), &got);
        ck_assert_msg((end != NULL) == rows[i].ok, "%s", rows[i].text);
        ck_assert_int_eq(got, rows[i].ok ? rows[i].value : 77);
        if (end) {
            ck_assert_uint_eq((size_t)(end - rows[i].text), rows[i].used);
        }
    }
}
END_TEST

Suite *suite_fastnum(void);
Suite *suite_fastnum(void)
{
    Suite *s = suite_create("source/fastnum");
    TCase *t = tcase_create("numbers");
    tcase_add_test(t, test_plain_forms);
    tcase_add_test(t, test_words);
    tcase_add_test(t, test_refused);
    tcase_add_test(t, test_where_it_stops);
    tcase_add_test(t, test_random_doubles_in_many_spellings);
    tcase_add_test(t, test_random_digits_and_exponents);
    tcase_add_test(t, test_halfway);
    tcase_add_test(t, test_very_long);
    tcase_add_test(t, test_integers);
    suite_add_tcase(s, t);
    return s;
}
