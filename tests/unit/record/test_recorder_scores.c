/* SPDX-License-Identifier: MIT */
/* Scores through the recorder: from an evaluation system's answers and from files that were handed in, to the store, its sources and its
 * events. */
#include "unit/record/recorder_world.h"

static const char config[] =
    "gateway: gw\nsources:\n- {name: lf, langfuse: 'http://127.0.0.1:3000', user: pk, password: {env: X}, lag: 0s, backfill: 1h}\n"
    "scores:\n- {name: stars, min: 1, max: 5}\n";

static void setup(void)
{
    world_setup();
    start(config);
}

static bool answer(const char *items, const char *cursor)
{
    char body[4096];
    const struct source_answer head = {.content_type = "application/json", .open_ended = false};
    struct errctx why = {""};
    snprintf(body, sizeof body, "{\"data\":[%s],\"meta\":{%s}}", items, cursor);
    const struct http_result res = {.status = 200, .bytes = (int64_t)strlen(body), .url = "http://127.0.0.1:3000/"};
    recorder_head(r, 0, &head);
    ck_assert(recorder_body(r, 0, body, strlen(body), &why));
    return recorder_done(r, 0, &res, now);
}

/* A poll whose every request is answered with the items. */
static bool poll(const char *items)
{
    struct source_request rq;
    bool good = true;
    while (good && recorder_request(r, 0, now, &rq))
        good = answer(items, "");
    while (recorder_request(r, 0, now, &rq))
        ck_abort_msg("a poll goes on after a failure");
    OK(recorder_commit(r, now, &ctx));
    return good;
}

#define ITEM(id, name, at, value)                                                                                                          \
    "{\"id\":\"" id "\",\"name\":\"" name "\",\"timestamp\":\"2027-01-15T" at "Z\",\"dataType\":\"NUMERIC\",\"value\":" value "}"
#define JUDGED(id, at, judge)                                                                                                              \
    "{\"id\":\"" id "\",\"name\":\"n\",\"timestamp\":\"2027-01-15T" at "Z\",\"dataType\":\"NUMERIC\",\"value\":1,\"configId\":\"" judge    \
    "\"}"

static struct store_cell sum(const char *name)
{
    struct store_query q = {
        .signal = SIG_EVAL, .group_by = DIM_BIT(DIM_NAME), .t0_ms = NOW - 120 * MINUTE, .step_ms = 240 * MINUTE, .columns = 1};
    struct store_result res;
    struct store_cell c = {.n = 0};
    struct arena a;
    arena_init(&a, 16 << 20);
    OK(store_read(st, &q, 1, &a, &res, &ctx));
    for (size_t i = 0; i < res.count; i++)
        if (strcmp(intern_text(store_strings(st), res.groups[i].dim[DIM_NAME]), name) == 0)
            c = res.groups[i].cells[0];
    arena_fini(&a);
    return c;
}

START_TEST(scores_are_recorded_and_the_source_says_what_was_left_out)
{
    ck_assert(
        poll(ITEM("a", "faithfulness", "07:50:00", "0.5") "," ITEM("b", "stars", "07:51:00", "5") "," ITEM("c", "other", "07:52:00", "4")));
    ck_assert_int_eq(sum("faithfulness").sum, 500000000);
    ck_assert_int_eq(sum("stars").sum, 1000000000);
    ck_assert_int_eq(sum("other").score_n, 0);
    const struct source_status s = source("lf");
    ck_assert_int_eq(s.state, SOURCE_OK);
    ck_assert_str_eq(s.kind, "langfuse");
    ck_assert_uint_eq(s.series_kept, 2);
    ck_assert_uint_eq(s.warnings, 1);
    ck_assert_ptr_nonnull(strstr(s.warning, "other lies outside its range"));
    ck_assert_int_eq(s.last_ok_ms, now);
    advance(MINUTE);
    ck_assert(poll(""));
    ck_assert_int_eq(source("lf").last_ok_ms, now);
    ck_assert_int_eq(sum("stars").score_n, 1);
}
END_TEST

START_TEST(what_was_counted_counts_once_over_a_restart)
{
    ck_assert(poll(ITEM("a", "n", "07:50:00", "0.5")));
    stop();
    advance(10 * MINUTE);
    start(config);
    ck_assert(poll(ITEM("a", "n", "07:50:00", "0.5") "," ITEM("b", "n", "07:59:59", "1") "," ITEM("c", "n", "08:05:00", "1")));
    ck_assert_int_eq(sum("n").score_n, 3);
    ck_assert_int_eq(sum("n").sum, 2500000000);
}
END_TEST

/* Its last word is of 07:50, and a day later none of that time was known to a cursor of 08:00:30. */
START_TEST(what_came_late_is_marked_as_known_late)
{
    struct store_late *late;
    size_t n;
    ck_assert(poll(ITEM("a", "n", "07:59:00", "1")));
    for (int i = 0; i < 10; i++) {
        advance(MINUTE);
        struct source_request rq;
        while (recorder_request(r, 0, now, &rq)) /* time before 08:00 is read again */
            ck_assert(answer(i >= 8 && strstr(rq.url, "fromTimestamp=2027-01-15T07") != NULL ? ITEM("b", "n", "07:59:30", "1") : "", ""));
        OK(recorder_commit(r, now, &ctx));
    }
    ck_assert_int_eq(sum("n").score_n, 2);
    OK(store_late(st, NOW + 30000, &arena, &late, &n, &ctx));
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(late[0].t0_ms, NOW - 30000);
    ck_assert_int_eq(late[0].t1_ms, NOW - 20000);
    ck_assert(late[0].part && late[0].known_ms > NOW + 7 * MINUTE);
}
END_TEST

START_TEST(another_judge_is_an_event)
{
    struct event *list;
    size_t n;
    const struct event *e = NULL;
    size_t told = 0;
    ck_assert(poll(JUDGED("a", "07:50:00", "v1") "," JUDGED("b", "07:55:00", "v2") "," JUDGED("c", "07:56:00", "v2")));
    OK(recorder_tick(r, now, &ctx)); /* scores of the past are looked at after the commit that they came with */
    OK(recorder_commit(r, now, &ctx));
    OK(store_events(st, 0, now, now, &arena, &list, &n, &ctx));
    for (size_t i = 0; i < n; i++) {
        if (list[i].kind != EVENT_CONFIG || strstr(list[i].text, "judge") == NULL)
            continue;
        e = &list[i];
        told++;
    }
    ck_assert_uint_eq(told, 1);
    ck_assert_str_eq(e->text, "the judge of n is v2, was v1: its baseline begins anew");
    ck_assert_str_eq(e->scope, "name=n");
    ck_assert_int_eq(e->at_ms, NOW - 5 * MINUTE + 10000);
}
END_TEST

START_TEST(a_poll_that_breaks_off_is_said_and_goes_on)
{
    struct source_request rq;
    ck_assert(recorder_request(r, 0, now, &rq));
    ck_assert(answer(ITEM("b", "n", "07:55:00", "1"), "\"cursor\":\"k\""));
    OK(recorder_commit(r, now, &ctx));
    ck_assert(recorder_request(r, 0, now, &rq));
    const struct http_result lost = {.failed = HTTP_BODY, .reason = "the connection broke off", .url = "http://127.0.0.1:3000/"};
    ck_assert(!recorder_done(r, 0, &lost, now));
    ck_assert(!recorder_request(r, 0, now, &rq));
    OK(recorder_commit(r, now, &ctx));
    ck_assert_int_eq(source("lf").state, SOURCE_DOWN);
    ck_assert_int_eq(sum("n").score_n, 0); /* what is half told waits */
    advance(MINUTE);
    ck_assert(recorder_request(r, 0, now, &rq));
    ck_assert_ptr_nonnull(strstr(rq.url, "cursor=k"));
    ck_assert(answer(ITEM("b", "n", "07:55:00", "1") "," ITEM("a", "n", "07:50:00", "1"), ""));
    ck_assert(poll(""));
    ck_assert_int_eq(source("lf").state, SOURCE_OK);
    ck_assert_int_eq(sum("n").score_n, 2);
}
END_TEST

/* The commit between its pages fails: the stretch is read again, and nothing of it is missing or twice. */
START_TEST(a_commit_that_fails_loses_no_score)
{
    struct source_request rq;
    ck_assert(recorder_request(r, 0, now, &rq));
    ck_assert(answer(ITEM("b", "n", "07:55:00", "1"), "\"cursor\":\"k\""));
    OK(recorder_scores_settle(r, false, &ctx));
    ck_assert(recorder_request(r, 0, now, &rq));
    ck_assert(answer(ITEM("a", "n", "07:50:00", "1"), ""));
    ck_assert(recorder_request(r, 0, now, &rq)); /* once more */
    ck_assert_ptr_nonnull(strstr(rq.url, "fromTimestamp=2027-01-15T07:00:00Z"));
    ck_assert(answer(ITEM("b", "n", "07:55:00", "1") "," ITEM("a", "n", "07:50:00", "1"), ""));
    OK(recorder_commit(r, now, &ctx));
    ck_assert_int_eq(sum("n").score_n, 2);
}
END_TEST

static void hand_in(const char *lines)
{
    OK(store_scores_drop(path, str_of(lines), now, &ctx));
}

#define OWN(id, at, value) "{\"name\":\"own\",\"value\":" value ",\"at\":\"2027-01-15T" at "Z\",\"id\":\"" id "\",\"model\":\"m\"}\n"

START_TEST(what_is_handed_in_is_a_source_of_its_own)
{
    ck_assert_uint_eq(r->count, 1);
    hand_in(OWN("1", "07:50:00", "1") OWN("2", "07:55:00", "0") "no json\n");
    OK(recorder_tick(r, now, &ctx));
    ck_assert_int_eq(sum("own").score_n, 2);
    ck_assert_int_eq(sum("own").score_bad, 1);
    struct source_status s = source("gwtop score");
    ck_assert_str_eq(s.kind, "score");
    ck_assert_int_eq(s.state, SOURCE_OK);
    ck_assert_uint_eq(s.warnings, 1);
    stop();
    hand_in(OWN("2", "07:55:00", "1") OWN("3", "07:58:00", "1"));
    advance(5 * MINUTE);
    start(config); /* it is there again, and what waited is taken in */
    ck_assert_int_eq(source("gwtop score").state, SOURCE_OK);
    ck_assert_int_eq(sum("own").score_n, 3);
    ck_assert_int_eq(sum("own").sum, 3000000000);
    advance(2 * MINUTE);
    OK(recorder_tick(r, now, &ctx));
    ck_assert_int_eq(source("gwtop score").last_ok_ms, now);
    OK(recorder_tick(r, now, &ctx));
    ck_assert_int_eq(sum("own").score_n, 3);
}
END_TEST

Suite *suite_recorder_scores(void);
Suite *suite_recorder_scores(void)
{
    Suite *suite = suite_create("recorder_scores");
    TCase *t = tcase_create("scores");
    tcase_add_checked_fixture(t, setup, world_teardown);
    tcase_add_test(t, scores_are_recorded_and_the_source_says_what_was_left_out);
    tcase_add_test(t, what_was_counted_counts_once_over_a_restart);
    tcase_add_test(t, what_came_late_is_marked_as_known_late);
    tcase_add_test(t, another_judge_is_an_event);
    tcase_add_test(t, a_poll_that_breaks_off_is_said_and_goes_on);
    tcase_add_test(t, a_commit_that_fails_loses_no_score);
    tcase_add_test(t, what_is_handed_in_is_a_source_of_its_own);
    suite_add_tcase(suite, t);
    return suite;
}
