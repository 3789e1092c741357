/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <check.h>
#include <string.h>
#include <unistd.h>

Suite *suite_log(void);

/* What one call wrote, read back from a pipe. */
static size_t written(enum log_level least, enum log_level level, const char *area, const char *text, char out[8192])
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    struct log l = {.fd = ends[1], .level = least};
    log_line(&l, level, area, "%s", text);
    close(ends[1]);
    ssize_t n = read(ends[0], out, 8191);
    close(ends[0]);
    ck_assert_int_ge(n, 0);
    out[n] = '\0';
    return (size_t)n;
}

START_TEST(one_safe_line_with_its_time)
{
    char out[8192];
    size_t n = written(LOG_LEVEL_INFO, LOG_LEVEL_WARN, "http", "gw-eu: \x1b[31mdown\ntwice", out);
    ck_assert_int_eq(out[n - 1], '\n');
    ck_assert_ptr_eq(strchr(out, '\n'), out + n - 1);
    ck_assert_int_eq(out[10], 'T');
    ck_assert_int_eq(out[19], 'Z');
    ck_assert_str_eq(out + 20, " warn http: gw-eu: ^[[31mdown^Jtwice\n");
}
END_TEST

START_TEST(below_its_level_nothing_is_written)
{
    char out[8192];
    ck_assert_uint_eq(written(LOG_LEVEL_WARN, LOG_LEVEL_INFO, "x", "quiet", out), 0);
    ck_assert_uint_gt(written(LOG_LEVEL_WARN, LOG_LEVEL_ERROR, "x", "loud", out), 0);
    ck_assert_uint_gt(written(LOG_LEVEL_DEBUG, LOG_LEVEL_DEBUG, "x", "all", out), 0);
}
END_TEST

START_TEST(overlong_lines_are_cut_and_marked)
{
    char text[5000], out[8192];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    size_t n = written(LOG_LEVEL_INFO, LOG_LEVEL_INFO, "area", text, out);
    ck_assert_uint_lt(n, 2049);
    ck_assert_str_eq(out + n - 3, "x~\n");
    n = written(LOG_LEVEL_INFO, LOG_LEVEL_INFO, text, "text", out); /* no area is that long, but nothing may overflow */
    ck_assert_uint_lt(n, 2049);
    ck_assert_int_eq(out[n - 1], '\n');
}
END_TEST

Suite *suite_log(void)
{
    Suite *suite = suite_create("log");
    TCase *t = tcase_create("log");
    tcase_add_test(t, one_safe_line_with_its_time);
    tcase_add_test(t, below_its_level_nothing_is_written);
    tcase_add_test(t, overlong_lines_are_cut_and_marked);
    suite_add_tcase(suite, t);
    return suite;
}
