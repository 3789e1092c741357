/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/csvseries.h"

static struct csvseries read(const char *text)
{
    struct csvseries s;
    csvseries_init(&s);
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        ck_assert_int_eq(csvseries_add_line(&s, (struct str){text, n}, NULL), ERR_OK);
        text += n + (text[n] == '\n');
    }
    return s;
}

static void restrict_to(struct csvseries *s, enum csvseries_kind k)
{
    ck_assert_int_eq(csvseries_restrict(s, k, NULL), ERR_OK);
}

static void assert_named(const struct csvseries *s, size_t i, uint32_t line, const char *reason)
{
    ck_assert_uint_lt(i, s->left_out);
    ck_assert_uint_eq(s->named[i].line, line);
    ck_assert_str_eq(s->named[i].reason, reason);
}

START_TEST(one_column)
{
    struct csvseries s = read("1\n2.5\n-3e2\n");
    ck_assert_uint_eq(s.count, 3);
    ck_assert(!s.timed && s.rows[2].value == -300 && s.rows[2].n == 1 && s.rows[2].wall_ms == CSVSERIES_NO_TIME);
    csvseries_fini(&s);
}
END_TEST

START_TEST(a_header_with_crlf_and_a_mark)
{
    struct csvseries s =
        read("\xef\xbb\xbftimestamp,value\r\n2026-11-01 00:00:00,1\r\n2026-11-01T00:05:00.500Z,2\r\n\r\n2026-11-01 00:10:00.000000,3\r\n");
    ck_assert_uint_eq(s.count, 3);
    ck_assert(s.timed);
    ck_assert_int_eq(s.rows[0].wall_ms, INT64_C(1793491200000));
    ck_assert_int_eq(s.rows[1].wall_ms - s.rows[0].wall_ms, 300500);
    ck_assert_uint_eq(s.rows[2].line, 5); /* the blank one is a line and no row */
    ck_assert_uint_eq(s.rows[2].row, 3);
    csvseries_fini(&s);
}
END_TEST

START_TEST(columns_by_name_in_any_order)
{
    struct csvseries s = read("Score;region;Time\n0.5;eu;1700000000\n0.25;us;1700000060000\n");
    ck_assert_uint_eq(s.count, 2);
    ck_assert(s.rows[0].value == 0.5 && s.timed);
    ck_assert_int_eq(s.rows[0].wall_ms, INT64_C(1700000000000));
    csvseries_fini(&s);
    s = read("\"when\",\"how much\"\n\"2026-11-01\",\"7\"\n");
    ck_assert(s.count == 1 && s.rows[0].value == 7 && s.timed);
    csvseries_fini(&s);
    s = read("bad,n,time\n3,100,1\n4,0,2\n5,x,3\n");
    ck_assert(s.count == 1 && s.rows[0].n == 100 && s.rows[0].value == 3);
    assert_named(&s, 0, 3, "'0' is no count from 1 on");
    assert_named(&s, 1, 4, "'x' is no count from 1 on");
    ck_assert_int_eq(csvseries_guess(&s), CSVSERIES_BINARY);
    csvseries_fini(&s);
}
END_TEST

START_TEST(bad_rows_are_left_out_and_named)
{
    struct csvseries s =
        read("2026-11-01,1\n2026-11-02,nan\n2026-11-03,inf\n2026-11-02,4\n2026-10-01,5\n2026-11-04,abc\n2026-11-05\nnow,8\n2026-11-06,9\n");
    restrict_to(&s, CSVSERIES_METRIC);
    ck_assert_uint_eq(s.count, 3);
    ck_assert_uint_eq(s.left_out, 6);
    ck_assert_uint_eq(s.rows[2].row, 9);
    assert_named(&s, 0, 2, "'nan' is not finite");
    assert_named(&s, 1, 3, "'inf' is not finite");
    assert_named(&s, 2, 5, "its time is out of order");
    assert_named(&s, 3, 6, "'abc' is no number");
    assert_named(&s, 4, 7, "the value is missing");
    assert_named(&s, 5, 8, "'now' is no time");
    csvseries_fini(&s);
}
END_TEST

START_TEST(an_index_and_a_label_are_no_clock)
{
    struct csvseries s = read("1949,112\n1950,118\n1949,3\n");
    restrict_to(&s, CSVSERIES_METRIC);
    ck_assert(s.count == 2 && !s.timed);
    csvseries_fini(&s);
    s = read("Q1 2020,5\nQ2 2020,6\nQ1 2019,7\n");
    ck_assert(s.count == 3 && !s.timed);
    csvseries_fini(&s);
}
END_TEST

/* One row that is far ahead, and some that came late: what is left out is these. */
START_TEST(the_fewest_rows_are_left_out_for_their_time)
{
    struct csvseries s = read("2026-11-01,1\n2099-01-01,2\n2099-01-02,3\n2026-11-02,4\n2026-11-02,5\n2026-10-01,6\n2026-11-03,7\n");
    restrict_to(&s, CSVSERIES_METRIC);
    ck_assert_uint_eq(s.count, 4);
    ck_assert_uint_eq(s.left_out, 3);
    ck_assert(s.rows[0].value == 1 && s.rows[1].value == 4 && s.rows[2].value == 5 && s.rows[3].value == 7);
    assert_named(&s, 0, 2, "its time is out of order");
    assert_named(&s, 2, 6, "its time is out of order");
    csvseries_fini(&s);
    s = read("1700000000,1\n5,2\n1700000001,3\n");
    ck_assert_uint_eq(s.count, 2);
    assert_named(&s, 0, 2, "'5' is no time");
    csvseries_fini(&s);
}
END_TEST

START_TEST(one_score_beyond_its_range_is_a_mistake)
{
    char text[400] = "score\n1.0001\n";
    for (int i = 0; i < 9; i++)
        strcat(text, "0.5\n");
    struct csvseries s = read(text);
    ck_assert_int_eq(csvseries_guess(&s), CSVSERIES_SCORE);
    restrict_to(&s, CSVSERIES_SCORE);
    assert_named(&s, 0, 2, "'1.0001' is not between 0 and 1");
    csvseries_fini(&s);
    strcat(text, "7\n");
    s = read(text);
    ck_assert_int_eq(csvseries_guess(&s), CSVSERIES_METRIC);
    csvseries_fini(&s);
}
END_TEST

START_TEST(kinds)
{
    struct csvseries s = read("0\n1\ntrue\nFALSE\n");
    ck_assert_int_eq(csvseries_guess(&s), CSVSERIES_BINARY);
    csvseries_fini(&s);
    s = read("0.25\n0.5\n"); /* may be a share of something, at its pace */
    ck_assert_int_eq(csvseries_guess(&s), CSVSERIES_METRIC);
    csvseries_fini(&s);
    s = read("score\n0.25\n0.5\n");
    ck_assert_int_eq(csvseries_guess(&s), CSVSERIES_SCORE);
    csvseries_fini(&s);
    s = read("0\n1\n0.5\n7\n-1\n");
    ck_assert_int_eq(csvseries_guess(&s), CSVSERIES_METRIC);
    restrict_to(&s, CSVSERIES_SCORE);
    ck_assert_uint_eq(s.count, 3);
    assert_named(&s, 0, 4, "'7' is not between 0 and 1");
    restrict_to(&s, CSVSERIES_BINARY);
    ck_assert_uint_eq(s.count, 2);
    assert_named(&s, 0, 3, "'0.5' is not 0 or 1"); /* by line */
    csvseries_fini(&s);
    s = read("bad,n\n3,2\n1.5,2\n-1,2\n2,2\n");
    restrict_to(&s, CSVSERIES_BINARY);
    ck_assert_uint_eq(s.count, 1);
    assert_named(&s, 0, 2, "'3' is no count out of n");
    csvseries_fini(&s);
    enum csvseries_kind k;
    ck_assert(csvseries_kind_by_name(str_of("score"), &k) && k == CSVSERIES_SCORE && !csvseries_kind_by_name(str_of("scores"), &k));
    ck_assert_str_eq(csvseries_kind_name(CSVSERIES_METRIC), "metric");
}
END_TEST

START_TEST(many_bad_rows_and_escapes)
{
    struct csvseries s;
    csvseries_init(&s);
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(csvseries_add_line(&s, str_of(i == 0 ? "1" : "\x1b[31mred and very much longer than one would want to see"), NULL),
                         ERR_OK);
    ck_assert_uint_eq(s.left_out, 999);
    ck_assert_ptr_null(strchr(s.named[CSVSERIES_NAMED_MAX - 1].reason, '\x1b'));
    csvseries_add_long_line(&s);
    ck_assert_uint_eq(s.left_out, 1000);
    ck_assert_uint_eq(s.lines, 1001);
    csvseries_fini(&s);
}
END_TEST

START_TEST(rows_have_a_limit)
{
    struct csvseries s;
    struct errctx ctx;
    csvseries_init(&s);
    for (int i = 0; i < CSVSERIES_ROWS_MAX; i++)
        ck_assert_int_eq(csvseries_add_line(&s, str_of("1"), &ctx), ERR_OK);
    ck_assert_int_eq(csvseries_add_line(&s, str_of("1"), &ctx), ERR_LIMIT);
    ck_assert_ptr_nonnull(strstr(ctx.text, "more than 2000000 rows"));
    ck_assert_uint_eq(s.count, CSVSERIES_ROWS_MAX);
    csvseries_fini(&s);
}
END_TEST

Suite *suite_csvseries(void);
Suite *suite_csvseries(void)
{
    Suite *s = suite_create("csvseries");
    TCase *t = tcase_create("csvseries");
    tcase_add_test(t, one_column);
    tcase_add_test(t, a_header_with_crlf_and_a_mark);
    tcase_add_test(t, columns_by_name_in_any_order);
    tcase_add_test(t, bad_rows_are_left_out_and_named);
    tcase_add_test(t, an_index_and_a_label_are_no_clock);
    tcase_add_test(t, the_fewest_rows_are_left_out_for_their_time);
    tcase_add_test(t, one_score_beyond_its_range_is_a_mistake);
    tcase_add_test(t, kinds);
    tcase_add_test(t, many_bad_rows_and_escapes);
    tcase_add_test(t, rows_have_a_limit);
    suite_add_tcase(s, t);
    return s;
}
