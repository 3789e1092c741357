/* SPDX-License-Identifier: MIT */
#include "model/exact.h"

#include <check.h>
#include <math.h>

Suite *suite_exact(void);

/* Of a ratio and of a difference alike. */
START_TEST(what_is_known_of_two_numbers)
{
    static const struct {
        enum exactness now, then, is;
    } rows[] = {
        {EXACT, EXACT, EXACT},         {ABOUT, EXACT, ABOUT},      {EXACT, ABOUT, ABOUT},      {ABOUT, ABOUT, ABOUT},
        {AT_LEAST, EXACT, AT_LEAST},   {EXACT, AT_LEAST, AT_MOST}, {EXACT, AT_MOST, AT_LEAST}, {AT_LEAST, AT_LEAST, ABOUT},
        {AT_LEAST, AT_MOST, AT_LEAST}, {AT_LEAST, ABOUT, ABOUT},   {ABOVE, EXACT, ABOVE},      {EXACT, ABOVE, BELOW},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_int_eq(exact_over(rows[i].now, rows[i].then), rows[i].is);
        ck_assert_int_eq(change_times(3, rows[i].now, 2, rows[i].then).exact, rows[i].is);
        ck_assert_int_eq(change_points(3, rows[i].now, 2, rows[i].then).exact, rows[i].is);
    }
}
END_TEST

START_TEST(a_change_in_words)
{
    static const struct {
        double now, then;
        enum exactness now_is, then_is;
        const char *text;
    } rows[] = {
        {3.1, 1, EXACT, EXACT, "3.1x"},    {15.6, 0.03, EXACT, EXACT, "520x"},    {1490, 1, EXACT, EXACT, "1.5kx"},
        {1.7, 1, ABOUT, ABOUT, "~1.7x"},   {168, 105, AT_LEAST, EXACT, ">=1.6x"}, {1, 0, ABOUT, EXACT, "new"},
        {0, 0, EXACT, EXACT, "-"},         {(double)NAN, 1, ABOUT, EXACT, "-"},   {1, (double)NAN, EXACT, EXACT, "-"},
        {0, 2, EXACT, EXACT, "0.00x"},     {0.1, 2, EXACT, EXACT, "0.05x"},       {0.001, 2, ABOUT, EXACT, "~<.01x"},
        {82, 21.5, ABOVE, EXACT, ">3.8x"}, {1, 0, EXACT, AT_LEAST, "~new"},       {1, 0, AT_LEAST, ABOUT, "~new"},
        {1, 0, AT_LEAST, AT_MOST, "new"},  {0, 0, EXACT, AT_LEAST, "-"},
    };
    char out[EXACT_TEXT_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_str_eq(change_text(change_times(rows[i].now, rows[i].now_is, rows[i].then, rows[i].then_is), out), rows[i].text);
}
END_TEST

Suite *suite_exact(void)
{
    Suite *s = suite_create("exact");
    TCase *t = tcase_create("exact");
    tcase_add_test(t, what_is_known_of_two_numbers);
    tcase_add_test(t, a_change_in_words);
    suite_add_tcase(s, t);
    return s;
}
