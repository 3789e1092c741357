/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <check.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"

Suite *suite_json(void);

START_TEST(nesting_commas_and_keys)
{
    struct buf b;
    struct json w;
    buf_init(&b, 4096);
    json_begin(&w, &b, false);
    json_object(&w, NULL);
    json_string(&w, "name", "x");
    json_array(&w, "list");
    json_i64(&w, NULL, INT64_MIN);
    json_bool(&w, NULL, true);
    json_null(&w, NULL);
    json_object(&w, NULL);
    json_end(&w);
    json_array(&w, NULL);
    json_end(&w);
    json_end(&w);
    json_string(&w, "none", NULL);
    json_raw(&w, "money", "12.345678901");
    json_end(&w);
    ck_assert_int_eq(w.err, ERR_OK);
    ck_assert_str_eq(b.data, "{\"name\":\"x\",\"list\":[-9223372036854775808,true,null,{},[]],\"none\":null,\"money\":12.345678901}");
    buf_fini(&b);
}
END_TEST

START_TEST(indented)
{
    struct buf b;
    struct json w;
    buf_init(&b, 4096);
    json_begin(&w, &b, true);
    json_object(&w, NULL);
    json_i64(&w, "a", 1);
    json_array(&w, "b");
    json_i64(&w, NULL, 2);
    json_end(&w);
    json_object(&w, "c");
    json_end(&w);
    json_end(&w);
    ck_assert_str_eq(b.data, "{\n  \"a\": 1,\n  \"b\": [\n    2\n  ],\n  \"c\": {}\n}");
    buf_fini(&b);
}
END_TEST

static void string_is(struct str s, const char *expected)
{
    struct buf b;
    struct json w;
    buf_init(&b, 4096);
    json_begin(&w, &b, false);
    json_str(&w, NULL, s);
    ck_assert_int_eq(w.err, ERR_OK);
    ck_assert_str_eq(b.data, expected);
    buf_fini(&b);
}

START_TEST(strings_keep_their_value_and_harm_no_terminal)
{
    string_is(str_of("plain \u6a21\u578b \U0001F600"), "\"plain \u6a21\u578b \U0001F600\"");
    string_is(str_of("\"\\/\n\r\t\b\f"), "\"\\\"\\\\/\\n\\r\\t\\b\\f\"");
    string_is((struct str){"a\0\x1b\x7f", 4}, "\"a\\u0000\\u001b\\u007f\"");
    string_is(str_of("\xc2\x9b \u202e \u200b \u2028"), "\"\\u009b \\u202e \\u200b \\u2028\"");
    string_is(str_of("\xf3\xa0\x81\x81"), "\"\\udb40\\udc41\""); /* a tag character, as a surrogate pair */
    string_is(str_of("e\u0301"), "\"e\\u0301\"");
    string_is(str_of("\xff\xc0\xaf"), "\"\uFFFD\uFFFD\uFFFD\"");
    string_is(str_of(""), "\"\"");
}
END_TEST

static void number_is(double v, const char *expected)
{
    struct buf b;
    struct json w;
    buf_init(&b, 256);
    json_begin(&w, &b, false);
    json_f64(&w, NULL, v);
    ck_assert_str_eq(b.data, expected);
    buf_fini(&b);
}

START_TEST(numbers_are_the_shortest_that_read_back)
{
    number_is(0, "0");
    number_is(-0.0, "-0");
    number_is(1, "1");
    number_is(-12.5, "-12.5");
    number_is(100, "100");
    number_is(0.1, "0.1");
    number_is(0.1 + 0.2, "0.30000000000000004");
    number_is(1.0 / 3, "0.3333333333333333");
    number_is(0.001, "0.001");
    number_is(0.00000123, "0.00000123");
    number_is(0.000000123, "1.23e-7");
    number_is(1763953090, "1763953090");
    number_is(9007199254740993.0, "9007199254740992");
    number_is(1e20, "100000000000000000000");
    number_is(1e21, "1e21");
    number_is(1.5e300, "1.5e300");
    number_is(5e-324, "5e-324");
    number_is(1.7976931348623157e308, "1.7976931348623157e308");
    number_is((double)NAN, "null");
    number_is((double)INFINITY, "null");
    number_is(-(double)INFINITY, "null");
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") != NULL) { /* where it is installed, printf writes 1,5 */
        number_is(1.5, "1.5");
        number_is(0.1 + 0.2, "0.30000000000000004");
        setlocale(LC_NUMERIC, "C");
    }
}
END_TEST

START_TEST(every_number_reads_back_equal)
{
    struct buf b;
    buf_init(&b, 256);
    struct rng r;
    rng_seed(&r, 8);
    for (int i = 0; i < 50000; i++) {
        uint64_t bits = rng_u64(&r);
        double v = (double)(int64_t)rng_u64(&r) / 1e9, back;
        if (i % 2 == 0)
            memcpy(&v, &bits, sizeof v);
        if (!isfinite(v))
            continue;
        struct json w;
        buf_reset(&b);
        json_begin(&w, &b, false);
        json_f64(&w, NULL, v);
        if (!str_to_f64(buf_str(&b), &back) || memcmp(&back, &v, sizeof v) != 0 || b.len > 25)
            ck_abort_msg("%.17g became %s", v, b.data);
    }
    buf_fini(&b);
}
END_TEST

START_TEST(the_first_failure_sticks)
{
    struct buf b;
    struct json w;
    buf_init(&b, 10);
    json_begin(&w, &b, false);
    json_array(&w, NULL);
    json_string(&w, NULL, "longer than ten bytes");
    ck_assert_int_eq(w.err, ERR_LIMIT);
    json_end(&w);
    ck_assert_int_eq(w.err, ERR_LIMIT);
    ck_assert_uint_le(b.len, 10);
    buf_fini(&b);
}
END_TEST

START_TEST(sixty_levels_and_no_more)
{
    struct buf b;
    struct json w;
    buf_init(&b, 100000);
    json_begin(&w, &b, true);
    for (int i = 0; i < 60; i++)
        json_array(&w, NULL);
    ck_assert_int_eq(w.err, ERR_OK);
    for (int i = 0; i < 60; i++)
        json_end(&w);
    ck_assert_int_eq(w.err, ERR_OK);
    ck_assert_int_eq(w.depth, 0);
    buf_reset(&b);
    json_begin(&w, &b, true);
    for (int i = 0; i < 61; i++)
        json_array(&w, NULL);
    ck_assert_int_eq(w.err, ERR_LIMIT);
    buf_fini(&b);
}
END_TEST

Suite *suite_json(void)
{
    Suite *suite = suite_create("json");
    TCase *t = tcase_create("json");
    tcase_add_test(t, nesting_commas_and_keys);
    tcase_add_test(t, indented);
    tcase_add_test(t, strings_keep_their_value_and_harm_no_terminal);
    tcase_add_test(t, numbers_are_the_shortest_that_read_back);
    tcase_add_test(t, every_number_reads_back_equal);
    tcase_add_test(t, the_first_failure_sticks);
    tcase_add_test(t, sixty_levels_and_no_more);
    suite_add_tcase(suite, t);
    return suite;
}
