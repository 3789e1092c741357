/* SPDX-License-Identifier: MIT */
/* Changes and status pages through the recorder: from what sources tell to the store's events, notes, timelines and states. */
#include "unit/record/recorder_world.h"

enum { ROLLOUTS, STATUS };

static const char config[] = "gateway: gw\nsources:\n- {name: rollouts, changes: /srv/c.jsonl, interval: 15s}\n"
                             "- {name: st, status_page: 'https://status.example/summary.json', provider: openai}\n";

static void setup(void)
{
    world_setup();
    start(config);
}

/* A poll of one answer. */
static bool poll(uint32_t i, const char *body)
{
    const struct source_answer head = {.content_type = "", .etag = ""};
    const struct http_result res = {.status = 200, .bytes = (int64_t)strlen(body), .url = "https://status.example/summary.json"};
    struct source_request rq;
    struct errctx why = {""};
    ck_assert(recorder_request(r, i, now, &rq));
    recorder_head(r, i, &head);
    ck_assert(recorder_body(r, i, body, strlen(body), &why));
    const bool good = recorder_done(r, i, &res, now);
    ck_assert(!recorder_request(r, i, now, &rq));
    OK(recorder_commit(r, now, &ctx));
    return good;
}

/* "deploy 08:00:00Z +0 rollouts [scope] text" of each event that is no source's, +seconds until it was known. */
static const char *events(int64_t cursor_ms)
{
    static char text[4096];
    struct event *list;
    size_t count, n = 0;
    OK(store_events(st, 0, INT64_MAX / 2, cursor_ms, &arena, &list, &count, &ctx));
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        if (list[i].kind != EVENT_SOURCE)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s %+lld %+lld %s [%s] %s\n", event_kind_name(list[i].kind),
                                  (long long)(list[i].at_ms - NOW) / 1000, (long long)(list[i].known_ms - NOW) / 1000, list[i].source,
                                  list[i].scope, list[i].text);
    return text;
}

/* What the page's note says at a cursor: "openai unclear=... 1: text @since". */
static const char *page(int64_t cursor_ms)
{
    static char text[512];
    struct str note;
    struct status_page p;
    ck_assert_int_eq(store_note(st, "status_page/st", cursor_ms, &arena, &note), ERR_OK);
    OK(status_page_parse(note, &arena, &p, &ctx));
    snprintf(text, sizeof text, "%s '%s' %zu%s%s %+lld", p.provider, p.unclear, p.count, p.count > 0 ? ": " : "",
             p.count > 0 ? p.posted[0].text : "", p.count > 0 ? (long long)(p.posted[0].since_ms - NOW) / 1000 : 0);
    return text;
}

START_TEST(a_change_is_one_event_however_often_it_is_told)
{
    static const char line[] =
        "{\"at\":\"2027-01-15T07:59:00Z\",\"kind\":\"deploy\",\"text\":\"v2\",\"scope\":\"model=gpt-x\",\"key\":\"k\"}\n";
    ck_assert(poll(ROLLOUTS, line));
    ck_assert_str_eq(events(INT64_MAX), "deploy -60 +0 rollouts [model=gpt-x] v2\n");
    ck_assert_str_eq(events(NOW - 1), ""); /* it was not known then */
    advance(MINUTE);
    ck_assert(poll(ROLLOUTS, line));
    stop();
    advance(MINUTE);
    start(config);
    ck_assert(poll(ROLLOUTS, line));
    ck_assert_str_eq(events(INT64_MAX), "deploy -60 +0 rollouts [model=gpt-x] v2\n");
    ck_assert_int_eq(source("rollouts").state, SOURCE_OK);
    ck_assert_int_eq(source("rollouts").last_ok_ms, now);
    ck_assert_str_eq(source("rollouts").url, "/srv/c.jsonl");
    ck_assert_uint_eq(source("rollouts").warnings, 0);
}
END_TEST

START_TEST(times_that_cannot_be_are_left_out)
{
    ck_assert(poll(ROLLOUTS, "{\"at\":\"2027-01-15T08:03:00Z\",\"text\":\"a little ahead\"}\n"
                             "{\"at\":\"2027-01-15T09:00:00Z\",\"text\":\"tomorrow\"}\n"
                             "{\"at\":\"2026-12-15T09:00:00Z\",\"text\":\"long ago\"}\n"));
    ck_assert_str_eq(events(INT64_MAX), "mark +0 +0 rollouts [] a little ahead\n");
    ck_assert_uint_eq(source("rollouts").warnings, 1);
    ck_assert_str_eq(source("rollouts").warning, "tomorrow lies in the future: left out");
    advance(61 * MINUTE);
    ck_assert(poll(ROLLOUTS, ""));
    ck_assert_uint_eq(source("rollouts").warnings, 0); /* it does not stand for ever */
}
END_TEST

START_TEST(news_of_one_poll_are_bounded)
{
    static char text[200 * 1300];
    size_t n = 0;
    for (int i = 0; i < 1200; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "{\"at\":\"2027-01-15T07:59:00Z\",\"text\":\"v\",\"key\":\"%d\"}\n", i);
    ck_assert(poll(ROLLOUTS, text));
    struct event *list;
    size_t count;
    OK(store_events(st, 0, INT64_MAX / 2, INT64_MAX, &arena, &list, &count, &ctx));
    ck_assert_uint_eq(count, 1000);
    ck_assert_ptr_nonnull(strstr(source("rollouts").warning, "more than 1,000 changes at once"));
}
END_TEST

/* Nor is what an earlier run put. */
START_TEST(what_was_told_before_is_no_news)
{
    static char text[200 * 1300];
    size_t n = 0;
    for (int i = 0; i < 1000; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "{\"at\":\"2027-01-15T07:59:00Z\",\"text\":\"v\",\"key\":\"%d\"}\n", i);
    ck_assert(poll(ROLLOUTS, text));
    stop();
    advance(MINUTE);
    start(config);
    snprintf(text + n, sizeof text - n, "{\"at\":\"2027-01-15T07:59:30Z\",\"kind\":\"deploy\",\"text\":\"new\"}\n");
    ck_assert(poll(ROLLOUTS, text));
    ck_assert_str_eq(source("rollouts").warning, "");
    struct event *list;
    size_t count;
    OK(store_events(st, 0, INT64_MAX / 2, INT64_MAX, &arena, &list, &count, &ctx));
    ck_assert_str_eq(list[count - 1].text, "new");
}
END_TEST

#define PAGE(indicator, incidents) "{\"status\":{\"indicator\":\"" indicator "\"},\"incidents\":" incidents "}"
#define OPEN "[{\"id\":\"a\",\"name\":\"Errors\",\"status\":\"identified\",\"impact\":\"major\",\"created_at\":\"2027-01-15T07:55:00Z\"}]"

START_TEST(what_a_page_says_is_known_at_each_cursor)
{
    ck_assert_str_eq(page(NOW), "openai 'it has not told anything yet' 0 +0");
    advance(MINUTE);
    ck_assert(poll(STATUS, PAGE("none", "null")));
    ck_assert_str_eq(page(now), "openai '' 0 +0");
    ck_assert_str_eq(events(INT64_MAX), "");
    advance(MINUTE);
    ck_assert(poll(STATUS, PAGE("none", OPEN)));
    ck_assert_str_eq(page(now), "openai '' 1: Errors -300");
    ck_assert_str_eq(page(now - 1), "openai '' 0 +0");
    advance(MINUTE);
    ck_assert(!poll(STATUS, "<html><title>We moved</title></html>"));
    ck_assert_int_eq(source("st").state, SOURCE_DOWN);
    ck_assert_ptr_nonnull(strstr(source("st").reason, "HTML"));
    stop();
    advance(MINUTE);
    start(config);
    ck_assert_str_eq(page(now), "openai '' 1: Errors -300");
    ck_assert(poll(STATUS, PAGE("none", "[]"))); /* it is gone without a word */
    ck_assert_str_eq(page(now), "openai '' 0 +0");
    ck_assert_str_eq(events(INT64_MAX), "provider -300 +120 st [provider=openai] openai posted: Errors (major)\n"
                                        "provider +240 +240 st [provider=openai] openai no longer posts: Errors\n");
    ck_assert_str_eq(page(NOW), "openai 'it has not told anything yet' 0 +0");
}
END_TEST

START_TEST(what_is_not_clear_ends_nothing)
{
    ck_assert(poll(STATUS, PAGE("none", OPEN)));
    advance(MINUTE);
    ck_assert(poll(STATUS, PAGE("sunny", "[]")));
    ck_assert_str_eq(page(now), "openai 'its indicator says 'sunny', which is not known' 1: Errors -300");
    ck_assert_str_eq(source("st").reason, "its indicator says 'sunny', which is not known");
    ck_assert_str_eq(events(INT64_MAX), "provider -300 +0 st [provider=openai] openai posted: Errors (major)\n");
}
END_TEST

START_TEST(what_has_no_time_was_posted_when_it_was_first_seen)
{
    advance(MINUTE);
    ck_assert(poll(STATUS, PAGE("minor", "[]")));
    ck_assert_str_eq(page(now), "openai '' 1: minor +60");
    stop();
    advance(MINUTE);
    start(config);
    ck_assert(poll(STATUS, PAGE("minor", "[]")));
    ck_assert_str_eq(page(now), "openai '' 1: minor +60");
}
END_TEST

Suite *suite_recorder_changes(void);
Suite *suite_recorder_changes(void)
{
    Suite *suite = suite_create("recorder_changes");
    TCase *tc = tcase_create("changes");
    tcase_add_checked_fixture(tc, setup, world_teardown);
    tcase_add_test(tc, a_change_is_one_event_however_often_it_is_told);
    tcase_add_test(tc, times_that_cannot_be_are_left_out);
    tcase_add_test(tc, news_of_one_poll_are_bounded);
    tcase_add_test(tc, what_was_told_before_is_no_news);
    tcase_add_test(tc, what_a_page_says_is_known_at_each_cursor);
    tcase_add_test(tc, what_is_not_clear_ends_nothing);
    tcase_add_test(tc, what_has_no_time_was_posted_when_it_was_first_seen);
    suite_add_tcase(suite, tc);
    return suite;
}
