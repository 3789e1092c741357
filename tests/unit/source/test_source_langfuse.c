/* SPDX-License-Identifier: MIT */
/* The adapter for Langfuse against pages of our own making: what is asked for, what is understood, and what a host may do wrong. */
#include "unit/source/score_rig.h"

static void setup(void)
{
    rig_open(&source_langfuse, SOURCE_LANGFUSE, "lf", "http://lf:3000/", NULL);
}

#define ITEM(id, name, at, type, value)                                                                                                    \
    "{\"id\":\"" id "\",\"projectId\":\"p\",\"name\":\"" name "\",\"source\":\"EVAL\",\"timestamp\":\"" at                                 \
    "\",\"comment\":\"it said: the secret is 42\",\"dataType\":\"" type "\",\"value\":" value "}"
#define PAGE(items, cursor) "{\"data\":[" items "],\"meta\":{\"limit\":100" cursor "}}"
#define AT "2027-01-15T07:55:00.000Z"
#define AT_MS "1799999700000"

START_TEST(every_type_of_score_is_understood_and_prose_is_not_kept)
{
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "http://lf:3000/api/public/v3/scores?limit=100&fields=details&fromTimestamp=2027-01-15T07:49:30Z&toTimestamp="
                             "2027-01-15T07:59:30Z");
    ck_assert_uint_eq(rq.form.n, 0);
    ck_assert_int_eq(
        answer(PAGE(ITEM("a", "faithfulness", AT, "NUMERIC", "0.83") "," ITEM("b", "pii_leak", AT, "BOOLEAN", "false") "," ITEM(
                        "c", "tone", AT, "CATEGORICAL",
                        "\"rude\"") "," ITEM("d", "why", AT, "TEXT", "\"because\"") "," ITEM("e", "fix", AT, "CORRECTION", "\"so\""),
                    "")),
        ERR_OK);
    ck_assert_str_eq(told(), "score a faithfulness / " AT_MS " 0.83\nscore b pii_leak / " AT_MS " bool 0\nscore c tone / " AT_MS
                             " 'rude'\nread 1799999370000 1799999970000\n");
    ck_assert(!next(NOW));
}
END_TEST

START_TEST(model_and_judge_are_taken_where_they_are_told)
{
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(PAGE("{\"id\":\"a\",\"name\":\"n\",\"timestamp\":\"" AT "\",\"dataType\":\"NUMERIC\",\"value\":1,\"configId\":"
                                 "\"cfg-7\",\"metadata\":{\"model\":\"gpt-x\"}},{\"id\":\"b\",\"name\":\"n\",\"timestamp\":\"" AT
                                 "\",\"dataType\":\"NUMERIC\",\"value\":0,\"configId\":\"cfg-7\",\"metadata\":{\"judge_version\":\"v2\"}}",
                                 ",\"cursor\":null")),
                     ERR_OK);
    ck_assert_str_eq(told(), "score a n gpt-x/cfg-7 " AT_MS " 1\nscore b n /v2 " AT_MS " 0\nread 1799999370000 1799999970000\n");
}
END_TEST

START_TEST(pages_are_followed_by_their_cursor)
{
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(PAGE(ITEM("a", "n", AT, "NUMERIC", "1"), ",\"cursor\":\"a+/= &x\"")), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_ptr_nonnull(strstr(rq.url, "&toTimestamp=2027-01-15T07:59:30Z&cursor=a%2B%2F%3D%20%26x"));
    ck_assert_int_eq(answer(PAGE(ITEM("b", "n", AT, "NUMERIC", "0"), "")), ERR_OK);
    ck_assert_str_eq(told(), "score a n / " AT_MS " 1\nscore b n / " AT_MS " 0\nread 1799999370000 1799999970000\n");
    ck_assert(!next(NOW));
    ck_assert(next(NOW + MINUTE)); /* the next poll begins where this one ended */
    ck_assert_ptr_nonnull(strstr(rq.url, "fromTimestamp=2027-01-15T07:59:30Z&toTimestamp=2027-01-15T08:00:30Z"));
}
END_TEST

START_TEST(an_older_host_is_read_by_version_2_and_found_out_when_it_is_brought_up_to_date)
{
    ck_assert(next(NOW));
    ck_assert(s->ops->fail(s, 404));
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "http://lf:3000/api/public/v2/scores?limit=100&page=1&fields=score&fromTimestamp=2027-01-15T07:49:30Z&"
                             "toTimestamp=2027-01-15T07:59:30Z");
    ck_assert_int_eq(answer("{\"data\":[{\"id\":\"a\",\"name\":\"leak\",\"timestamp\":\"" AT
                            "\",\"dataType\":\"BOOLEAN\",\"value\":1,\"stringValue\":"
                            "\"True\"},{\"id\":\"b\",\"name\":\"tone\",\"timestamp\":\"" AT
                            "\",\"dataType\":\"CATEGORICAL\",\"value\":2,\"stringValue\":"
                            "\"rude\"}],\"meta\":{\"page\":1,\"limit\":2,\"totalItems\":3,\"totalPages\":2}}"),
                     ERR_OK);
    ck_assert(next(NOW));
    ck_assert_ptr_nonnull(strstr(rq.url, "&page=2&"));
    ck_assert_int_eq(answer("{\"data\":[],\"meta\":{\"page\":2,\"totalPages\":2}}"), ERR_OK);
    ck_assert_str_eq(told(), "score a leak / " AT_MS " bool 1\nscore b tone / " AT_MS " 'rude'\nread 1799999370000 1799999970000\n");
    ck_assert_ptr_nonnull(strstr(s->ops->remark(s), "version 2"));
    ck_assert(!next(NOW));
    ck_assert(next(NOW + MINUTE));
    ck_assert(s->ops->fail(s, 404)); /* Langfuse 4 has no version 2 */
    ck_assert(next(NOW + MINUTE));
    ck_assert_ptr_nonnull(strstr(rq.url, "/v3/scores"));
    ck_assert_int_eq(answer(PAGE("", "")), ERR_OK);
    ck_assert_ptr_null(s->ops->remark(s));
}
END_TEST

START_TEST(neither_version_is_a_failure_with_a_hint)
{
    ck_assert(next(NOW));
    ck_assert(s->ops->fail(s, 404));
    ck_assert(next(NOW));
    ck_assert(!s->ops->fail(s, 404));
    ck_assert_ptr_nonnull(strstr(s->ops->hint(s, 404), "without /api"));
    ck_assert_ptr_nonnull(strstr(s->ops->hint(s, 401), "public key"));
    ck_assert(!next(NOW));
    ck_assert(next(NOW + MINUTE));
    ck_assert_ptr_nonnull(strstr(rq.url, "/v3/"));
}
END_TEST

static void must_fail(const char *body, const char *why)
{
    ck_assert(next(NOW));
    ck_assert_int_ne(answer(body), ERR_OK);
    ck_assert_msg(strstr(ctx.text, why) != NULL, "%s", ctx.text);
    ck_assert(!next(NOW));
}

START_TEST(what_is_no_answer_of_langfuse_is_named)
{
    must_fail("\n <html><body>Sign in</body></html>", "HTML");
    must_fail("", "it is empty");
    must_fail("{\"data\":[{\"id\":\"a\"", "not all of it");
    must_fail("[]", "no list of scores");
    must_fail("{\"data\":{}}", "no list of scores");
    must_fail("{\"message\":\"x\"}", "no list of scores");
    ck_assert_ptr_null(strstr(told(), "read"));
}
END_TEST

/* Cut at every byte, it is refused and nothing of the stretch counts as read. */
START_TEST(half_a_body_is_no_body)
{
    static const char whole[] =
        PAGE(ITEM("a", "faithfulness", AT, "NUMERIC", "0.83") "," ITEM("c", "tone", AT, "CATEGORICAL", "\"rude\""), ",\"cursor\":\"x\"");
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        ck_assert(next(NOW));
        ck_assert_int_eq(answer_n(whole, n), ERR_PARSE);
        ck_assert(!next(NOW));
    }
    ck_assert_str_eq(told(), "");
}
END_TEST

START_TEST(a_score_of_the_wrong_type_is_left_out_and_named_and_the_others_count)
{
    static const char *const bad[] = {
        ITEM("a", "n", AT, "NUMERIC", "\"0.5\""),
        ITEM("a", "n", AT, "NUMERIC", "null"),
        ITEM("a", "n", AT, "NUMERIC", "{\"x\":1}"),
        ITEM("a", "n", AT, "NUMERIC", "1e999"),
        ITEM("a", "n", AT, "BOOLEAN", "2"),
        ITEM("a", "n", AT, "BOOLEAN", "\"true\""),
        ITEM("a", "n", AT, "CATEGORICAL", "7"),
        ITEM("a", "n", AT, "CATEGORICAL", "\"\""),
        ITEM("a", "n", AT, "VECTOR", "1"),
        ITEM("a", "n", "yesterday", "NUMERIC", "1"),
        "{\"id\":\"a\",\"name\":\"n\",\"dataType\":\"NUMERIC\",\"value\":1}",
        "{\"id\":\"a\",\"name\":\"n\",\"timestamp\":1799999700000,\"dataType\":\"NUMERIC\",\"value\":1}",
        ITEM("a", "n", AT, "CATEGORICAL", "\"0123456789012345678901234567890123456789012345678901234567890123456789\""),
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char body[2048];
        snprintf(body, sizeof body, "{\"data\":[%s,%s],\"meta\":{}}", bad[i], ITEM("z", "n", AT, "NUMERIC", "1"));
        ck_assert(next(NOW));
        ck_assert_msg(answer(body) == ERR_OK, "%s: %s", bad[i], ctx.text);
        ck_assert_msg(strstr(told(), "warn 0 ") != NULL, "%s", bad[i]);
        ck_assert_msg(strstr(out, "score z") != NULL && strstr(out, "score a") == NULL, "%s: %s", bad[i], out);
        ck_assert(!next(NOW));
        logged.mark_ms = 0;
    }
}
END_TEST

START_TEST(scores_of_another_time_are_not_counted_and_a_host_that_heeds_no_time_is_named)
{
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(PAGE(ITEM("a", "n", "2027-01-15T07:00:00Z", "NUMERIC", "1") "," ITEM("b", "n", AT, "NUMERIC", "1") "," ITEM(
                                     "c", "n", "2027-01-15T07:59:30.000Z", "NUMERIC", "1"),
                                 "")),
                     ERR_OK);
    ck_assert_str_eq(told(), "score b n / " AT_MS " 1\nread 1799999370000 1799999970000\n");
    ck_assert(!next(NOW));
    logged.mark_ms = 0;
    must_fail(PAGE(ITEM("a", "n", "2031-01-15T07:00:00Z", "NUMERIC", "1"), ",\"cursor\":\"x\""), "other times");
}
END_TEST

/* Pages a, b, c, b, c, ... each with a cursor of its own. */
START_TEST(pages_that_come_round_end)
{
    static const char *const pages[] = {PAGE(ITEM("a", "n", AT, "NUMERIC", "1"), ",\"cursor\":\"1\""),
                                        PAGE(ITEM("b", "n", AT, "NUMERIC", "1"), ",\"cursor\":\"2\""),
                                        PAGE(ITEM("c", "n", AT, "NUMERIC", "1"), ",\"cursor\":\"3\"")};
    enum err e = ERR_OK;
    int asked = 0;
    for (; e == ERR_OK && asked < 100; asked++) {
        ck_assert(next(NOW));
        e = answer(pages[asked == 0 ? 0 : 1 + (asked + 1) % 2]);
    }
    ck_assert_int_eq(e, ERR_PARSE);
    ck_assert_ptr_nonnull(strstr(ctx.text, "never end"));
    ck_assert_int_lt(asked, 10);
    ck_assert(!next(NOW));
    ck_assert(next(NOW + MINUTE)); /* and it is tried again, from the beginning */
    ck_assert_ptr_null(strstr(rq.url, "cursor"));
    ck_assert_int_eq(answer(PAGE("", ",\"cursor\":\"x\"")), ERR_OK);
    ck_assert(next(NOW + MINUTE));
    ck_assert_int_eq(answer(PAGE("", ",\"cursor\":\"y\"")), ERR_PARSE); /* nor do empty ones go on */
}
END_TEST

static void page_of(int n, char *body, size_t cap)
{
    snprintf(body, cap,
             "{\"data\":[{\"id\":\"i%d\",\"name\":\"n\",\"timestamp\":\"" AT "\",\"dataType\":\"NUMERIC\",\"value\":1}],"
             "\"meta\":{\"cursor\":\"c%d\"}}",
             n, n);
}

START_TEST(a_poll_has_an_end_and_the_next_one_goes_on_at_its_page)
{
    char body[512];
    int n = 0;
    for (; next(NOW); n++) {
        page_of(n, body, sizeof body);
        ck_assert_int_eq(answer(body), ERR_OK);
        ck_assert_int_lt(n, 1000);
    }
    ck_assert_int_eq(n, SWEEP_POLL_PAGES);
    ck_assert(next(NOW + MINUTE));
    ck_assert_ptr_nonnull(strstr(rq.url, "&cursor=c99"));
    ck_assert_ptr_nonnull(strstr(rq.url, "toTimestamp=2027-01-15T07:59:30Z"));
    ck_assert_ptr_null(strstr(told(), "read"));
}
END_TEST

START_TEST(a_past_that_is_still_read_is_told)
{
    logged.mark_ms = NOW - 5 * 60 * MINUTE - 30000; /* an earlier run ended then */
    ck_assert(next(NOW));
    ck_assert_str_eq(s->ops->remark(s), "still reads scores of the past: those up to 15 Jan 02:00Z so far");
    logged.mark_ms = NOW - 15 * MINUTE;
    ck_assert_ptr_null(s->ops->remark(s));
}
END_TEST

START_TEST(a_stretch_of_too_many_pages_is_cut)
{
    char body[512];
    int64_t now = NOW;
    for (int n = 0; n < SWEEP_PAGES_MAX; n++) {
        now += next(now) ? 0 : MINUTE;
        if (strstr(rq.url, "cursor") == NULL && n > 0)
            ck_assert(next(now));
        page_of(n, body, sizeof body);
        ck_assert_int_eq(answer(body), ERR_OK);
    }
    while (!next(now))
        now += MINUTE;
    ck_assert_ptr_nonnull(strstr(rq.url, "fromTimestamp=2027-01-15T07:49:30Z&toTimestamp=2027-01-15T07:54:30Z"));
}
END_TEST

START_TEST(a_failure_in_the_middle_goes_on_where_it_was)
{
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(PAGE(ITEM("a", "n", AT, "NUMERIC", "1"), ",\"cursor\":\"k\"")), ERR_OK);
    ck_assert(next(NOW));
    ck_assert(!s->ops->fail(s, 503));
    ck_assert(!next(NOW));
    ck_assert(next(NOW + MINUTE));
    ck_assert_ptr_nonnull(strstr(rq.url, "toTimestamp=2027-01-15T07:59:30Z&cursor=k"));
    ck_assert(!s->ops->fail(s, 400)); /* the cursor is not known any more */
    ck_assert(!next(NOW + MINUTE));
    ck_assert(next(NOW + 2 * MINUTE));
    ck_assert_ptr_null(strstr(rq.url, "cursor"));
}
END_TEST

/* Every request of six hours of polls: what is new is read once, without a hole; the last quarter of an hour and the last hour again and
 * again. */
START_TEST(time_is_read_once_and_again)
{
    int64_t covered = NOW - 30000 - 10 * MINUTE;
    int tail = 0, wide = 0;
    for (int64_t now = NOW; now < NOW + 360 * MINUTE; now += MINUTE) {
        while (next(now)) {
            char from[40] = "", to[40] = "";
            int64_t from_ms, to_ms;
            const char *f = strstr(rq.url, "fromTimestamp=") + 14, *t = strstr(rq.url, "toTimestamp=") + 12;
            memcpy(from, f, strcspn(f, "&"));
            memcpy(to, t, strcspn(t, "&"));
            ck_assert(score_time(str_of(from), &from_ms) && score_time(str_of(to), &to_ms));
            ck_assert(from_ms % SWEEP_SLOT_MS == 0 && to_ms % SWEEP_SLOT_MS == 0 && from_ms < to_ms && to_ms <= now - 30000);
            ck_assert_int_ge(from_ms, logged.floor_ms);
            if (from_ms == covered) {
                covered = to_ms;
            } else {
                ck_assert_int_eq(to_ms, covered);
                tail += to_ms - from_ms == 15 * MINUTE;
                wide += to_ms - from_ms == 60 * MINUTE;
            }
            ck_assert_int_eq(answer(PAGE("", "")), ERR_OK);
        }
        ck_assert_int_eq(covered, now - 30000);
    }
    ck_assert_int_ge(tail, 65);
    ck_assert_int_eq(wide, 5); /* the first one reaches back to the beginning only */
}
END_TEST

Suite *suite_source_langfuse(void);
Suite *suite_source_langfuse(void)
{
    Suite *suite = suite_create("source_langfuse");
    TCase *t = tcase_create("langfuse");
    tcase_add_checked_fixture(t, setup, rig_close);
    tcase_add_test(t, every_type_of_score_is_understood_and_prose_is_not_kept);
    tcase_add_test(t, model_and_judge_are_taken_where_they_are_told);
    tcase_add_test(t, pages_are_followed_by_their_cursor);
    tcase_add_test(t, an_older_host_is_read_by_version_2_and_found_out_when_it_is_brought_up_to_date);
    tcase_add_test(t, neither_version_is_a_failure_with_a_hint);
    tcase_add_test(t, what_is_no_answer_of_langfuse_is_named);
    tcase_add_test(t, half_a_body_is_no_body);
    tcase_add_test(t, a_score_of_the_wrong_type_is_left_out_and_named_and_the_others_count);
    tcase_add_test(t, scores_of_another_time_are_not_counted_and_a_host_that_heeds_no_time_is_named);
    tcase_add_test(t, pages_that_come_round_end);
    tcase_add_test(t, a_poll_has_an_end_and_the_next_one_goes_on_at_its_page);
    tcase_add_test(t, a_past_that_is_still_read_is_told);
    tcase_add_test(t, a_stretch_of_too_many_pages_is_cut);
    tcase_add_test(t, a_failure_in_the_middle_goes_on_where_it_was);
    tcase_add_test(t, time_is_read_once_and_again);
    suite_add_tcase(suite, t);
    return suite;
}
