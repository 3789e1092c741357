/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <check.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

Suite *suite_str(void);

START_TEST(spans_compare_by_bytes)
{
    ck_assert(str_eq(str_of("abc"), str_of("abc")));
    ck_assert(!str_eq(str_of("abc"), str_of("abd")));
    ck_assert(!str_eq(str_of("abc"), str_of("ab")));
    ck_assert(str_eq((struct str){NULL, 0}, str_of("")));
    ck_assert(str_eq_z(str_of("x"), "x"));
    ck_assert(!str_eq_z((struct str){"x\0y", 3}, "x"));
    ck_assert(str_has_prefix(str_of("vllm:queue"), "vllm:"));
    ck_assert(!str_has_prefix(str_of("vl"), "vllm:"));
    ck_assert(str_has_suffix(str_of("x_total"), "_total"));
    ck_assert(!str_has_suffix(str_of("total"), "_total"));
}
END_TEST

START_TEST(copy_cuts_at_a_rune)
{
    char dst[8];
    ck_assert(str_copy(dst, sizeof dst, str_of("abcdefg")));
    ck_assert_str_eq(dst, "abcdefg");
    ck_assert(!str_copy(dst, sizeof dst, str_of("abcdefgh")));
    ck_assert_str_eq(dst, "abcdefg");
    ck_assert(!str_copy(dst, sizeof dst, str_of("abcde\u6a21x"))); /* three bytes, two would fit */
    ck_assert_str_eq(dst, "abcde");
    ck_assert(!str_copy(dst, sizeof dst, str_of("abcd\u6a21x")));
    ck_assert_str_eq(dst, "abcd\u6a21");
    ck_assert(!str_copy(dst, 1, str_of("a")));
    ck_assert_str_eq(dst, "");
    ck_assert(!str_copy(dst, 4, str_of("\x80\x80\x80\x80\x80\x80"))); /* no lead byte: cut anywhere, but inside */
    ck_assert_uint_eq(strlen(dst), 3);
}
END_TEST

START_TEST(format_says_when_it_cuts)
{
    char dst[6];
    ck_assert(str_format(dst, sizeof dst, "%d", 12345));
    ck_assert(!str_format(dst, sizeof dst, "%d", 123456));
    ck_assert_str_eq(dst, "12345");
    ck_assert(str_format(dst, sizeof dst, "%s", ""));
    ck_assert_str_eq(dst, "");
}
END_TEST

START_TEST(whole_numbers)
{
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } rows[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"+7", true, 7},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"0x1", false, 0},
        {"1_000", false, 0},
        {"--1", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t v = 42;
        ck_assert_msg(str_to_i64(str_of(rows[i].text), &v) == rows[i].good, "\"%s\"", rows[i].text);
        ck_assert_msg(v == (rows[i].good ? rows[i].value : 42), "\"%s\" gave %lld", rows[i].text, (long long)v);
    }
}
END_TEST

START_TEST(decimal_numbers)
{
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"0", 0},
        {"1", 1},
        {"-1.5", -1.5},
        {"+2", 2},
        {".5", 0.5},
        {"5.", 5},
        {"1e3", 1000},
        {"1E+3", 1000},
        {"1e-3", 0.001},
        {"1.79103656069e+09", 1.79103656069e+09},
        {"1.6920637e+07", 16920637},
        {"0.1", 0.1},
        {"123456789012345678", 123456789012345678.0},
        {"9007199254740993", 9007199254740992.0},                                  /* halfway: to even */
        {"9007199254740993.00000000000000000000000000000001", 9007199254740994.0}, /* a digit beyond it decides */
        {"90071992547409930e-1", 9007199254740992.0},
        {"90071992547409931e-1", 9007199254740994.0},
        {"9007199254740993000e-3", 9007199254740992.0},
        {"9007199254740995e1", 90071992547409952.0},
        {"9223372036854775807e19", 9.223372036854775807e37},
        {"0.0000000000000000001", 1e-19},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"5e-324", 5e-324},
        {"2e-324", 0},
        {"1e-999999999999", 0},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"0e999999999999", 0},
        {"0.000000000000000000000000000001e30", 1},
        {"1000000000000000000000000000000e-30", 1},
        {"18446744073709551616", 18446744073709551616.0},
        {"00000000000000000000001.5", 1.5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double v = 42;
        ck_assert_msg(str_to_f64(str_of(rows[i].text), &v), "\"%s\" refused", rows[i].text);
        ck_assert_msg(memcmp(&v, &rows[i].value, sizeof v) == 0, "\"%s\" gave %.17g", rows[i].text, v);
    }
    double v;
    ck_assert(str_to_f64(str_of("-0"), &v) && v == 0 && signbit(v));
    ck_assert(str_to_f64(str_of("NaN"), &v) && isnan(v));
    ck_assert(str_to_f64(str_of("nan"), &v) && isnan(v));
    ck_assert(str_to_f64(str_of("Inf"), &v) && isinf(v) && v > 0);
    ck_assert(str_to_f64(str_of("+Inf"), &v) && isinf(v) && v > 0);
    ck_assert(str_to_f64(str_of("-iNF"), &v) && isinf(v) && v < 0);
}
END_TEST

START_TEST(what_is_not_a_decimal_number)
{
    static const char *const rows[] = {"",      "+",      "-",    ".",    "e5",  "1e",    "1e+", "1e5.0",   "0x10",   "0X1p3",
                                       "1_000", "1,5",    " 1",   "1 ",   "1\n", "1.2.3", "--1", "1e999",   "-1e309", "infinity",
                                       "xinf",  "nan(1)", "-NaN", "+nan", "In",  "1d5",   "one", "\xd9\xa1"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double v = 42;
        ck_assert_msg(!str_to_f64(str_of(rows[i]), &v), "\"%s\" gave %g", rows[i], v);
        ck_assert(v == 42);
    }
    double v = 42;
    ck_assert(!str_to_f64((struct str){"1\0002", 3}, &v));
    ck_assert(str_to_f64((struct str){"12345", 3}, &v) && v == 123); /* never reads past the span */
}
END_TEST

static void same_as_strtod(const char *text)
{
    double v, expected = strtod(text, NULL);
    bool good = str_to_f64(str_of(text), &v);
    if (good == isinf(expected) || (good && memcmp(&v, &expected, sizeof v) != 0)) /* ck_assert is too slow for so many */
        ck_abort_msg("\"%s\" gave %.17g, strtod %.17g", text, good ? v : (double)NAN, expected);
}

/* strtod in the C locale is correctly rounded in glibc; here it is the judge. */
START_TEST(agrees_with_strtod)
{
    struct rng r;
    rng_seed(&r, 7);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        uint64_t bits = rng_u64(&r);
        double d;
        memcpy(&d, &bits, sizeof d);
        if (isfinite(d)) {
            snprintf(text, sizeof text, "%.*g", 1 + (int)rng_below(&r, 20), d);
            same_as_strtod(text);
        }
        snprintf(text, sizeof text, "%llu.%llue%d", (unsigned long long)(rng_u64(&r) >> rng_below(&r, 64)),
                 (unsigned long long)(rng_u64(&r) >> rng_below(&r, 64)), (int)rng_below(&r, 80) - 40);
        same_as_strtod(text);
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)(rng_u64(&r) >> rng_below(&r, 20)), (int)rng_below(&r, 44) - 22);
        same_as_strtod(text);
    }
}
END_TEST

/* The longest decimals that matter: (2^54 - 3) * 2^-1075 lies halfway between two doubles, and all its 768 digits say so. */
START_TEST(the_longest_halfway_point)
{
    char text[1000];
    size_t n = (size_t)snprintf(text, sizeof text, "%llu", (1ULL << 54) - 3);
    for (int power = 0; power < 1075; power++) { /* times 5: 2^-1075 = 5^1075 * 10^-1075 */
        int carry = 0;
        for (size_t i = n; i-- > 0;) {
            int digit = (text[i] - '0') * 5 + carry;
            text[i] = (char)('0' + digit % 10);
            carry = digit / 10;
        }
        if (carry > 0) {
            memmove(text + 1, text, n++);
            text[0] = (char)('0' + carry);
        }
    }
    ck_assert_uint_eq(n, 768);
    double v, lower = ldexp(0x1p53 - 2, -1074), upper = ldexp(0x1p53 - 1, -1074);
    memcpy(text + n, "e-1075", 7);
    ck_assert(str_to_f64(str_of(text), &v) && v == lower); /* to even */
    memset(text + n, '0', 100);
    memcpy(text + n + 100, "1e-1176", 8);
    ck_assert(str_to_f64(str_of(text), &v) && v == upper); /* the 869th digit decides */
}
END_TEST

START_TEST(very_long_numbers)
{
    char text[3000];
    memset(text, '0', sizeof text);
    memcpy(text, "0.", 2);
    text[1500] = '5';
    memcpy(text + 2000, "e1499", 6);
    double v;
    ck_assert(str_to_f64(str_of(text), &v) && v == 5);
    memset(text, '3', sizeof text);
    memcpy(text + 2990, "e-2989", 7);
    same_as_strtod(text);
    memset(text, '0', sizeof text);
    memcpy(text, "9007199254740993.", 17); /* halfway, and the 2,900th digit says: above */
    text[2900] = '1';
    text[2901] = '\0';
    ck_assert(str_to_f64(str_of(text), &v) && v == 9007199254740994.0);
}
END_TEST

START_TEST(comma_locale_changes_nothing)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (setlocale(LC_NUMERIC, names[i]) != NULL)
            break; /* where none is installed the C locale is tested once more */
    double v;
    ck_assert(str_to_f64(str_of("3.25"), &v) && v == 3.25);
    ck_assert(str_to_f64(str_of("3.14159265358979323846264338327950288"), &v) && v == 3.141592653589793);
    ck_assert(!str_to_f64(str_of("3,25"), &v));
    setlocale(LC_NUMERIC, "C");
}
END_TEST

Suite *suite_str(void)
{
    Suite *suite = suite_create("str");
    TCase *t = tcase_create("str");
    tcase_add_test(t, spans_compare_by_bytes);
    tcase_add_test(t, copy_cuts_at_a_rune);
    tcase_add_test(t, format_says_when_it_cuts);
    tcase_add_test(t, whole_numbers);
    tcase_add_test(t, decimal_numbers);
    tcase_add_test(t, what_is_not_a_decimal_number);
    tcase_add_test(t, agrees_with_strtod);
    tcase_add_test(t, the_longest_halfway_point);
    tcase_add_test(t, very_long_numbers);
    tcase_add_test(t, comma_locale_changes_nothing);
    suite_add_tcase(suite, t);
    return suite;
}
