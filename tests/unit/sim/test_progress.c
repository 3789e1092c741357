/* SPDX-License-Identifier: MIT */
#include "sim/progress.h"

#include <check.h>
#include <string.h>

Suite *suite_progress(void);

START_TEST(one_line_at_any_width)
{
    char text[PROGRESS_MAX];
    for (int columns = 1; columns <= 200; columns++) {
        struct progress p = {.in_place = true, .columns = columns};
        for (int percent = 0; percent <= 100; percent++) {
            progress_text(&p, percent / 100.0, 123456, false, text);
            ck_assert_int_eq(text[0], '\r');
            ck_assert_ptr_null(strchr(text, '\n'));
            ck_assert_uint_lt(strlen(text + 1), (size_t)columns);
        }
    }
    struct progress usual = {.in_place = true};
    ck_assert_str_eq(progress_text(&usual, 0.5, 4200, true, text),
                     "\rrecording the past of the simulated gateway [##########..........]  50 %  4.2 s\n");
    struct progress narrow = {.in_place = true, .columns = 30};
    ck_assert_str_eq(progress_text(&narrow, 1, 4200, false, text), "\r [#############] 100 %  4.2 s");
}
END_TEST

START_TEST(a_log_gets_a_line_per_quarter)
{
    struct progress p = {.in_place = false};
    char text[PROGRESS_MAX], all[1000] = "";
    for (int percent = 0; percent <= 100; percent++)
        strcat(all, progress_text(&p, percent / 100.0, 40 * percent, false, text));
    strcat(all, progress_text(&p, 1, 5000, true, text));
    ck_assert_str_eq(all, "recording the past of the simulated gateway: 0 %, 0.0 s\n"
                          "recording the past of the simulated gateway: 25 %, 1.0 s\n"
                          "recording the past of the simulated gateway: 50 %, 2.0 s\n"
                          "recording the past of the simulated gateway: 75 %, 3.0 s\n"
                          "recording the past of the simulated gateway: 100 %, 4.0 s\n");
}
END_TEST

Suite *suite_progress(void)
{
    Suite *s = suite_create("progress");
    TCase *tc = tcase_create("progress");
    tcase_add_test(tc, one_line_at_any_width);
    tcase_add_test(tc, a_log_gets_a_line_per_quarter);
    suite_add_tcase(s, tc);
    return s;
}
