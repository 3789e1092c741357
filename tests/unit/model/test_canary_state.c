/* SPDX-License-Identifier: MIT */
#include "model/canary_state.h"

#include <check.h>
#include <math.h>
#include <string.h>

#include "model/canary.h"

Suite *suite_canary_state(void);

#define DAY INT64_C(86400000)
static const int64_t midnight = 20000 * DAY;

START_TEST(the_cap_is_never_passed)
{
    struct canary_state s = {.cap_nusd = 100};
    ck_assert(canary_reserve(&s, 60, midnight + 1));
    ck_assert(!canary_reserve(&s, 41, midnight + 2));
    ck_assert_int_eq(canary_spent(&s, midnight + 2), 60);
    ck_assert(canary_reserve(&s, 40, midnight + 2));
    ck_assert(!canary_reserve(&s, 1, midnight + DAY - 1));
    ck_assert(canary_reserve(&s, 0, midnight + DAY - 1)); /* what is free fits */
    ck_assert(!canary_reserve(&s, -5, midnight + 3));
    ck_assert(!canary_reserve(&s, INT64_MAX, midnight + 3));
}
END_TEST

START_TEST(midnight_is_utc_and_comes_once)
{
    struct canary_state s = {.cap_nusd = 100};
    ck_assert(canary_reserve(&s, 100, midnight + DAY - 1));
    ck_assert_int_eq(canary_spent(&s, midnight + DAY), 0);
    ck_assert(canary_reserve(&s, 70, midnight + DAY));
    ck_assert_int_eq(s.spent_day_ms, midnight + DAY);
    ck_assert(!canary_reserve(&s, 70, midnight + DAY - 1)); /* the clock was set back: the later day's money counts */
    ck_assert_int_eq(canary_spent(&s, midnight + DAY - 1), 70);
    ck_assert(canary_reserve(&s, 30, midnight + DAY - 1));
    ck_assert_int_eq(s.spent_day_ms, midnight + DAY);
}
END_TEST

START_TEST(what_was_reserved_becomes_what_was_spent)
{
    struct canary_state s = {.cap_nusd = 100};
    ck_assert(canary_reserve(&s, 30, midnight) && canary_reserve(&s, 50, midnight));
    canary_settle(&s, midnight, 50, 10);
    ck_assert_int_eq(s.spent_nusd, 40);
    ck_assert(canary_reserve(&s, 60, midnight));
    canary_settle(&s, midnight, 60, 75); /* dearer than could be known */
    ck_assert_int_eq(s.spent_nusd, 115);
    ck_assert(!canary_reserve(&s, 0, midnight));
    ck_assert(canary_reserve(&s, 20, midnight + DAY));
    canary_settle(&s, midnight, 60, 0); /* a run of the day before gives nothing back to this one */
    ck_assert_int_eq(s.spent_nusd, 20);
}
END_TEST

START_TEST(runs_keep_their_beat)
{
    struct canary_state s = {.interval_ms = 3600000};
    ck_assert_int_eq(canary_next(&s, midnight), midnight);
    s.last_ms = midnight - 1000;
    ck_assert_int_eq(canary_next(&s, midnight), midnight - 1000 + 3600000);
    s.last_ms = midnight - DAY; /* one run for all that were missed */
    ck_assert_int_eq(canary_next(&s, midnight), midnight);
    s.last_ms = midnight + DAY; /* the clock was set back */
    ck_assert_int_eq(canary_next(&s, midnight), midnight + 3600000);
    const struct canary hourly = {.interval_ms = 3600000}, odd = {.interval_ms = 50000000}, weekly = {.interval_ms = 7 * DAY};
    ck_assert_int_eq(canary_runs_a_day(&hourly), 24);
    ck_assert_int_eq(canary_runs_a_day(&odd), 2);
    ck_assert_int_eq(canary_runs_a_day(&weekly), 1);
}
END_TEST

START_TEST(it_is_written_and_read)
{
    const struct canary_state was[] = {{.name = "a \"b\"",
                                        .model = "m",
                                        .url = "http://h/",
                                        .interval_ms = 1,
                                        .cap_nusd = INT64_MAX,
                                        .run_nusd = -1,
                                        .day_nusd = 4,
                                        .spent_day_ms = 5,
                                        .spent_nusd = 6,
                                        .last_ms = 7,
                                        .ended_ms = 8,
                                        .next_ms = 9,
                                        .order_ms = 10,
                                        .running = true,
                                        .passed = 11,
                                        .bad = 12,
                                        .failed = {1, 2, 3, 4, 5, 6},
                                        .why = "no"},
                                       {.name = "c", .model = "", .url = "", .why = ""}};
    struct arena a;
    struct buf text;
    struct canary_state *is;
    size_t count;
    struct errctx why;
    arena_init(&a, 1 << 20);
    buf_init(&text, 1 << 20);
    ck_assert_int_eq(canary_states_write(was, 2, &text), ERR_OK);
    ck_assert_msg(canary_states_read(buf_str(&text), &a, &is, &count, &why) == ERR_OK, "%s", why.text);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(is[0].name, "a \"b\"");
    ck_assert_str_eq(is[0].url, "http://h/");
    ck_assert_str_eq(is[0].why, "no");
    ck_assert(is[0].running && !is[1].running);
    ck_assert(is[0].cap_nusd == INT64_MAX && is[0].run_nusd == -1 && is[0].spent_nusd == 6 && is[0].order_ms == 10 && is[0].bad == 12);
    ck_assert(memcmp(is[0].failed, was[0].failed, sizeof was[0].failed) == 0);
    ck_assert_int_eq(canary_states_read(str_of("{}"), &a, &is, &count, &why), ERR_PARSE);
    ck_assert_int_eq(canary_states_read(str_of("[{\"name\":\"x\",\"cap_nusd\":\"y\",\"failed\":3}]"), &a, &is, &count, &why), ERR_OK);
    ck_assert(is[0].cap_nusd == 0 && is[0].failed[0] == 0);

    const struct canary_result ran[] = {{"a", UINT64_MAX, CANARY_PASSED, 0, -0.25, ""},
                                        {"b", 7, CANARY_FAILED, CANARY_TIMEOUT, NAN, "late"}};
    struct canary_result *r;
    int64_t began;
    buf_reset(&text);
    ck_assert_int_eq(canary_run_write(99, ran, 2, &text), ERR_OK);
    ck_assert_int_eq(canary_run_read(buf_str(&text), &a, &began, &r, &count, &why), ERR_OK);
    ck_assert(count == 2 && began == 99);
    ck_assert(r[0].hash == UINT64_MAX && r[0].outcome == CANARY_PASSED);
    ck_assert_double_eq(r[0].logprob, -0.25);
    ck_assert(r[1].outcome == CANARY_FAILED && r[1].failure == CANARY_TIMEOUT && isnan(r[1].logprob));
    ck_assert_str_eq(r[1].why, "late");
    buf_fini(&text);
    arena_fini(&a);
}
END_TEST

Suite *suite_canary_state(void)
{
    Suite *suite = suite_create("canary_state");
    TCase *t = tcase_create("canary_state");
    tcase_add_test(t, the_cap_is_never_passed);
    tcase_add_test(t, midnight_is_utc_and_comes_once);
    tcase_add_test(t, what_was_reserved_becomes_what_was_spent);
    tcase_add_test(t, runs_keep_their_beat);
    tcase_add_test(t, it_is_written_and_read);
    suite_add_tcase(suite, t);
    return suite;
}
