/* SPDX-License-Identifier: MIT */
/* The verdict while something burns, once it is over, where a hole hides when it began, and of a moment after the last poll. */
#include "judged.h"

START_TEST(what_burns_before_a_rule_fires_is_said)
{
    struct fixture f;
    record_failures(&f, 18);
    struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_OK);
    ck_assert_str_eq(v.sentence, "but avail burns 15x its budget: 15% of 354 failed in the last 5m, 1% is allowed; pages within a minute");
    fixture_close(&f);
    record_failures(&f, 5); /* slower than page-1h: a matter for page-6h */
    ck_assert_str_eq(verdict(&f).sentence,
                     "but avail burns 4.8x its budget: 4.76% of 315 failed in the last 5m, 1% is allowed; pages within "
                     "4h33m at this rate");
    fixture_close(&f);
    record_failures(&f, 2); /* twice what is allowed, and no more than chance brings */
    ck_assert_str_eq(verdict(&f).sentence, "the objective holds; 1.96% of 306 requests failed in the last 5m");
    fixture_close(&f);
}
END_TEST

START_TEST(what_burns_no_more_pages_no_more)
{
    struct fixture f;
    record_last(&f, (const int[]){60, 60, 60, 60}, (const int[]){20, 20, 0, 0}, 4);
    ck_assert_str_eq(verdict(&f).sentence, "but avail burned 12x its budget: 12% of 340 failed in the last 5m, 1% is allowed; none of 60 "
                                           "failed in the last 1m");
    fixture_close(&f);
    record_last(&f, (const int[]){60, 60, 600, 600}, (const int[]){20, 20, 36, 36}, 4); /* less than any page */
    ck_assert_str_eq(verdict(&f).sentence,
                     "but avail burns 7.5x its budget: 7.51% of 1.49k failed in the last 5m, 1% is allowed; does not page yet");
    fixture_close(&f);
}
END_TEST

START_TEST(the_share_is_of_the_time_since_the_onset)
{
    struct fixture f;
    record_last(&f, (const int[]){0, 0}, (const int[]){60, 60}, 2);
    put_alert(&f, "slo:avail:page-5m", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 2));
    struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_PAGE);
    ck_assert_str_eq(v.sentence, "all requests: 100% of requests fail since 15:58:00Z (2m), 120 lost");
    ck_assert(v.bad_percent == 100);
    fixture_close(&f);
}
END_TEST

/* An onset that is told no better than to more than a poll says so; within a poll is what an instant means. */
START_TEST(how_exactly_an_onset_is_known_is_said)
{
    struct fixture f;
    record_failures(&f, 20);
    struct alert al = {.rule = "slo:avail:page-5m",
                       .scope = "",
                       .severity = SEV_PAGE,
                       .state = ALERT_FIRING,
                       .since_ms = minute(FIXTURE_POLLS - 1),
                       .onset_ms = minute(FIXTURE_POLLS - 5),
                       .onset_error_ms = 60000,
                       .known_ms = minute(FIXTURE_POLLS - 1),
                       .text = ""};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_ptr_nonnull(strstr(verdict(&f).sentence, " since 15:55:00Z (5m), "));
    al.since_ms += 1;
    al.onset_error_ms = 150000;
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    struct view_verdict v = verdict(&f);
    ck_assert_msg(strstr(v.sentence, " since 15:55:00Z +-2m30s (5m), ") != NULL, "%s", v.sentence);
    ck_assert_int_eq(v.since_error_ms, 150000);
    fixture_close(&f);
}
END_TEST

START_TEST(a_page_says_once_it_is_over)
{
    struct fixture f;
    record_last(&f, (const int[]){0, 0, 0, 60}, (const int[]){60, 60, 60, 0}, 4);
    put_alert(&f, "slo:avail:page-5m", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 4));
    struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_PAGE); /* until its rule ends */
    ck_assert_str_eq(v.sentence, "all requests: none of 60 failed in the last 1m; 100% failed 15:56:00-15:59:00Z, 180 lost");
    ck_assert(v.bad_percent == 0);
    fixture_close(&f);
    record_last(&f, (const int[]){0, 0, 0, 5}, (const int[]){60, 60, 60, 0}, 4); /* five good ones prove nothing */
    put_alert(&f, "slo:avail:page-5m", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 4));
    ck_assert_str_eq(verdict(&f).sentence, "all requests: 97% of requests fail since 15:56:00Z (4m), none of 5 in the last 1m, 180 lost");
    fixture_close(&f);
}
END_TEST

/* The rule that fires last allows so much that few requests cannot prove it wrong; they prove that it does not go on as it did. */
START_TEST(an_outage_is_over_whichever_rule_still_fires)
{
    struct fixture f;
    record_last(&f, (const int[]){0, 0, 0, 20}, (const int[]){60, 60, 60, 0}, 4);
    put_alert(&f, "slo:avail:page-6h", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 4));
    ck_assert_str_eq(verdict(&f).sentence, "all requests: none of 20 failed in the last 1m; 100% failed 15:56:00-15:59:00Z, 180 lost");
    fixture_close(&f);
}
END_TEST

START_TEST(a_stray_failure_does_not_bring_an_outage_back)
{
    struct fixture f;
    record_last(&f, (const int[]){0, 0, 60, 59, 60}, (const int[]){60, 60, 0, 1, 0}, 5);
    put_alert(&f, "slo:avail:page-5m", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 5));
    ck_assert_str_eq(verdict(&f).sentence, "all requests: none of 60 failed in the last 1m; 100% failed 15:55:00-15:57:00Z, 120 lost");
    fixture_close(&f);
}
END_TEST

START_TEST(a_pause_is_no_end)
{
    struct fixture f;
    record_last(&f, (const int[]){0, 60, 60, 0, 60, 60}, (const int[]){60, 0, 0, 60, 0, 0}, 6);
    put_alert(&f, "slo:avail:page-5m", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 6));
    ck_assert_str_eq(verdict(&f).sentence, "all requests: 20% of requests fail since 15:54:00Z (6m), none of 60 in the last 1m, 120 lost");
    fixture_close(&f);
}
END_TEST

START_TEST(what_got_worse_is_said)
{
    struct fixture f;
    record_last(&f, (const int[]){0, 60, 60, 0}, (const int[]){60, 0, 0, 60}, 4);
    put_alert(&f, "slo:avail:page-5m", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 4));
    ck_assert_str_eq(verdict(&f).sentence, "all requests: 50% of requests fail since 15:56:00Z (4m), 100% of 60 in the last 1m, 120 lost");
    fixture_close(&f);
}
END_TEST

/* A poll a second for five minutes and `after` more: all is well, but for 73 % of the `bad_s` seconds before `after`. */
static void record_seconds(struct fixture *f, int64_t per_s, int bad_s, int after)
{
    fixture_open(f);
    uint32_t good = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "ok", "");
    uint32_t failed = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "5xx", "");
    for (int i = 1; i <= 300 + after; i++) {
        const int64_t bad = i > 300 - bad_s && i <= 300 ? per_s * 73 / 100 : 0;
        fixture_increment(f, good, per_s - bad);
        fixture_increment(f, failed, bad);
        fixture_append_from(f, fixture_start_ms + (i - 1) * 1000, fixture_start_ms + i * 1000);
    }
    note_slos(f, "[" AVAILABLE "]");
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

static void check_seconds(int64_t per_s, int bad_s, int after, bool fires, const char *sentence)
{
    struct fixture f;
    record_seconds(&f, per_s, bad_s, after);
    if (fires)
        put_alert(&f, "slo:avail:page-5m", SEV_PAGE, ALERT_FIRING, fixture_start_ms + (300 - bad_s) * 1000);
    ck_assert_str_eq(verdict(&f).sentence, sentence);
    fixture_close(&f);
}

/* As soon as the newest polls prove it; its end stays where it was found. */
START_TEST(what_has_just_ended_is_told_in_the_past)
{
    check_seconds(100, 90, 0, true, "all requests: 73% of requests fail since 14:03:30Z (1m30s), 6.57k lost");
    check_seconds(100, 90, 1, true, "all requests: none of 100 failed in the last 1s; 73% failed 14:03:30-14:05:00Z, 6.57k lost");
    check_seconds(100, 90, 8, true, "all requests: none of 500 failed in the last 5s; 73% failed 14:03:30-14:05:00Z, 6.57k lost");
    check_seconds(100, 90, 33, true, "all requests: none of 2k failed in the last 20s; 73% failed 14:03:30-14:05:00Z, 6.57k lost");
    check_seconds(100, 90, 61, true, "all requests: none of 6k failed in the last 1m; 73% failed 14:03:30-14:05:00Z, 6.57k lost");
    check_seconds(4, 90, 5, true, "all requests: 47% of requests fail since 14:03:30Z (1m35s), 180 lost"); /* 20 good ones prove nothing */
}
END_TEST

START_TEST(a_prediction_goes_with_the_failures)
{
    check_seconds(100, 10, 0, false,
                  "but avail burns 2.4x its budget: 2.43% of 30k failed in the last 5m, 36% of 2k in the last 20s, 1% is allowed; pages "
                  "within 2m at this rate");
    check_seconds(100, 10, 1, false,
                  "but avail burned 2.4x its budget: 2.43% of 30k failed in the last 5m, 1% is allowed; none of 100 failed in the last 1s");
}
END_TEST

/* Nothing answered for six minutes; what failed in them is counted by the poll at their end. */
START_TEST(what_failed_in_a_hole_failed_some_time_of_it)
{
    struct fixture f;
    struct view_incidents list;
    fixture_open(&f);
    uint32_t good = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "ok", "");
    uint32_t failed = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "5xx", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        if (i > FIXTURE_POLLS - 8 && i < FIXTURE_POLLS - 2)
            continue;
        const bool back = i == FIXTURE_POLLS - 2;
        fixture_increment(&f, good, back ? 180 : 60);
        fixture_increment(&f, failed, back ? 180 : 0);
        fixture_append_from(&f, minute(back ? i - 6 : i - 1), minute(i));
    }
    note_slos(&f, "[" AVAILABLE "]");
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    put_alert(&f, "slo:avail:page-5m", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 5));
    ck_assert_str_eq(verdict(&f).sentence, "all requests: 180 failed some time between 15:52:00Z and 15:58:00Z, none of 120 since");
    const struct incident over = {.title = "errors",
                                  .scope = "",
                                  .severity = SEV_PAGE,
                                  .onset_ms = minute(FIXTURE_POLLS - 5),
                                  .opened_ms = minute(FIXTURE_POLLS - 2),
                                  .ended_ms = minute(FIXTURE_POLLS - 5) + 2000,
                                  .ended_error_ms = 3 * fixture_step_ms,
                                  .known_ms = minute(FIXTURE_POLLS - 1),
                                  .owner = ""};
    int64_t id = 0;
    ck_assert_int_eq(store_put_incident(f.st, &over, &id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, id, &list, NULL), ERR_OK);
    ck_assert_str_eq(list.list[0].duration_text, "?");
    ck_assert_ptr_nonnull(strstr(list.impact[0], "not known: some time between "));
    fixture_close(&f);
}
END_TEST

/* It began in a hole of five minutes and goes on: what is counted is of the whole hole, and so is the onset. */
START_TEST(an_outage_that_begins_in_a_hole_is_counted_from_where_it_is_said_to_begin)
{
    struct fixture f;
    struct view_incidents list;
    fixture_open(&f);
    uint32_t good = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "ok", "");
    uint32_t failed = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "5xx", "");
    for (int i = 1; i <= 120; i++) {
        if (i > 100 && i < 105)
            continue;
        fixture_increment(&f, good, i == 105 ? 200 : i < 105 ? 60 : 0);
        fixture_increment(&f, failed, i == 105 ? 100 : i < 105 ? 0 : 60);
        fixture_append_from(&f, minute(i == 105 ? 100 : i - 1), minute(i));
    }
    note_slos(&f, "[" AVAILABLE "]");
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    put_alert(&f, "slo:avail:page-5m", SEV_PAGE, ALERT_FIRING, minute(103));
    ck_assert_str_eq(verdict(&f).sentence, "all requests: 100% of requests fail since 15:40:00-15:45:00Z (15m to 20m), 1k lost");
    const struct incident open = {.title = "errors",
                                  .scope = "",
                                  .severity = SEV_PAGE,
                                  .onset_ms = minute(103),
                                  .opened_ms = minute(105),
                                  .known_ms = minute(105),
                                  .owner = ""};
    int64_t id = 0;
    ck_assert_int_eq(store_put_incident(f.st, &open, &id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, id, &list, NULL), ERR_OK);
    ck_assert_str_eq(list.impact[0], "lasts           15m to 20m so far, since some time between Mon 23 Nov 15:40:00Z and 15:45:00Z");
    ck_assert_str_eq(list.impact[1], "requests lost   1k of 1.2k");
    ck_assert_str_eq(list.list[0].duration_text, "15m to 20m so far");
    ck_assert_str_eq(list.list[0].short_text, ">=15m");
    ck_assert_str_eq(list.list[0].onset_error, " +-2m30s");
    struct incident wide = open; /* known less exactly than by the hole */
    wide.onset_error_ms = 15 * fixture_step_ms;
    wide.known_ms = minute(106);
    ck_assert_int_eq(store_put_incident(f.st, &wide, &id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, id, &list, NULL), ERR_OK);
    ck_assert_str_eq(list.list[0].duration_text, "2m to 32m so far");
    ck_assert_str_eq(list.list[0].onset_error, " +-15m");
    struct alert al = {.rule = "slo:avail:page-5m",
                       .scope = "",
                       .severity = SEV_PAGE,
                       .state = ALERT_FIRING,
                       .since_ms = minute(106),
                       .onset_ms = minute(103),
                       .onset_error_ms = 15 * fixture_step_ms,
                       .known_ms = minute(106),
                       .text = ""};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_ptr_nonnull(strstr(verdict(&f).sentence, " since 15:43:00Z +-15m (17m), "));
    al.since_ms++;
    al.onset_error_ms = wide.onset_error_ms = 150000; /* it reaches beyond the hole on one side: one interval, wherever it is told */
    wide.known_ms = minute(107);
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_put_incident(f.st, &wide, &id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_ptr_nonnull(strstr(verdict(&f).sentence, " since 15:40:00-15:45:30Z (14m30s to 20m), "));
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, id, &list, NULL), ERR_OK);
    ck_assert_ptr_nonnull(strstr(list.impact[0], "some time between Mon 23 Nov 15:40:00Z and 15:45:30Z"));
    al.since_ms++;
    al.onset_error_ms = 0;
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    for (int i = 121; i <= 122; i++) {
        fixture_increment(&f, good, 60);
        fixture_append(&f, minute(i));
    }
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_str_eq(verdict(&f).sentence,
                     "all requests: none of 60 failed in the last 1m; 82% failed from some time between 15:40:00Z and "
                     "15:45:00Z until 16:00:00Z, 1k lost");
    fixture_close(&f);
}
END_TEST

/* One function of the data judges a moment: between two polls, and with no poll any more, the sentence is that of the last one. */
static void check_frozen(struct fixture *f, enum verdict_state was, const char *sentence)
{
    const int64_t last = f->params.cursor_ms, later[] = {1000, 59000, 4 * fixture_step_ms, 60 * fixture_step_ms};
    struct view_verdict v = verdict(f);
    ck_assert_int_eq(v.state, was);
    ck_assert_str_eq(v.sentence, sentence);
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        f->params.cursor_ms = f->params.now_ms = last + later[i];
        v = verdict(f);
        if (later[i] <= fixture_step_ms) {
            ck_assert_str_eq(v.sentence, sentence);
            ck_assert_int_eq(v.state, was);
            continue;
        }
        const char *will = strstr(sentence, "; pages within a minute"); /* nobody knows whether it did */
        const int n = (int)(will != NULL ? will - sentence : (ptrdiff_t)strlen(sentence));
        ck_assert_str_eq(v.sentence, arena_printf(&f->arena, "gw has not answered since 16:00:00Z; then: %.*s%s", n, sentence,
                                                  will != NULL ? "; had not paged yet" : ""));
        ck_assert_int_eq(v.state, VERDICT_UNKNOWN);
        ck_assert_int_eq(v.was, was);
        ck_assert_int_eq(v.since_ms, last);
    }
    f->params.cursor_ms = f->params.now_ms = last;
}

/* Of the second of two minutes of a total outage nothing was recorded: what is told of it later is what is left of it. */
START_TEST(what_was_lost_of_it_is_marked_once_it_is_over)
{
    struct fixture f;
    record_last(&f, (const int[]){0, 0, 0, 60}, (const int[]){60, 0, 60, 0}, 4);
    put_alert(&f, "slo:avail:page-5m", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 4));
    ck_assert_str_eq(verdict(&f).sentence, "all requests: none of 60 failed in the last 1m; 100% failed 15:56:00-15:58:30Z, 120 lost");
    const struct store_gap gap = {f.source, minute(FIXTURE_POLLS - 3), minute(FIXTURE_POLLS - 2), "the recorder was not running", true, 0};
    ck_assert_int_eq(store_put_gap(f.st, &gap, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_str_eq(verdict(&f).sentence, "all requests: none of 60 failed in the last 1m; ~100% failed 15:56:00-15:58:30Z, >=120 lost");
    fixture_close(&f);
}
END_TEST

START_TEST(a_frozen_moment_says_what_its_last_poll_said)
{
    struct fixture f;
    record_failures(&f, 18);
    check_frozen(&f, VERDICT_OK, "but avail burns 15x its budget: 15% of 354 failed in the last 5m, 1% is allowed; pages within a minute");
    fixture_close(&f);
    record_last(&f, (const int[]){0, 0}, (const int[]){60, 60}, 2);
    put_alert(&f, "slo:avail:page-5m", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 2));
    check_frozen(&f, VERDICT_PAGE, "all requests: 100% of requests fail since 15:58:00Z (2m), 120 lost");
    put_alert(&f, "slo:avail:page-5m", SEV_PAGE, ALERT_NO_DATA, minute(FIXTURE_POLLS + 5)); /* the recorder goes on without answers */
    check_frozen(&f, VERDICT_PAGE, "all requests: 100% of requests fail since 15:58:00Z (2m), 120 lost");
    fixture_close(&f);
    record_last(&f, (const int[]){0, 0, 0, 60}, (const int[]){60, 60, 60, 0}, 4);
    put_alert(&f, "slo:avail:page-5m", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 4));
    check_frozen(&f, VERDICT_PAGE, "all requests: none of 60 failed in the last 1m; 100% failed 15:56:00-15:59:00Z, 180 lost");
    fixture_close(&f);
    record_last(&f, (const int[]){0, 0}, (const int[]){0, 0}, 2);
    check_frozen(&f, VERDICT_OK, "but no request for 2m; the objective holds; 0% of 180 requests failed in the last 5m");
    put_alert(&f, "slo:avail:page-1h", SEV_PAGE, ALERT_NO_DATA, minute(FIXTURE_POLLS + 5)); /* says no more than that nobody answers */
    check_frozen(&f, VERDICT_OK, "but no request for 2m; the objective holds; 0% of 180 requests failed in the last 5m");
    fixture_close(&f);
}
END_TEST

Suite *suite_trouble(void);
Suite *suite_trouble(void)
{
    Suite *s = suite_create("trouble");
    TCase *tc = tcase_create("data");
    tcase_add_test(tc, what_burns_before_a_rule_fires_is_said);
    tcase_add_test(tc, what_burns_no_more_pages_no_more);
    tcase_add_test(tc, the_share_is_of_the_time_since_the_onset);
    tcase_add_test(tc, how_exactly_an_onset_is_known_is_said);
    tcase_add_test(tc, a_page_says_once_it_is_over);
    tcase_add_test(tc, an_outage_is_over_whichever_rule_still_fires);
    tcase_add_test(tc, a_stray_failure_does_not_bring_an_outage_back);
    tcase_add_test(tc, a_pause_is_no_end);
    tcase_add_test(tc, what_got_worse_is_said);
    tcase_add_test(tc, what_has_just_ended_is_told_in_the_past);
    tcase_add_test(tc, a_prediction_goes_with_the_failures);
    tcase_add_test(tc, what_failed_in_a_hole_failed_some_time_of_it);
    tcase_add_test(tc, an_outage_that_begins_in_a_hole_is_counted_from_where_it_is_said_to_begin);
    tcase_add_test(tc, what_was_lost_of_it_is_marked_once_it_is_over);
    tcase_add_test(tc, a_frozen_moment_says_what_its_last_poll_said);
    suite_add_tcase(s, tc);
    return s;
}
