/* SPDX-License-Identifier: MIT */
/* The verdict while objectives wait for data, are not measured any more, or lack a part of it. */
#include "judged.h"

#define FAST                                                                                                                               \
    "{\"name\":\"fast\",\"kind\":\"latency\",\"signal\":\"ttft\",\"threshold\":1,\"objective\":0.95,\"period_ms\":2592000000,\"scope\":[]" \
    "}"

/* Requests from the source "gw" for the first `heard` of all polls, while it answers all of them; a histogram from "otel" likewise. */
static void record(struct fixture *f, int heard, int fast_heard)
{
    static const double bounds[] = {0.1, 1, 10};
    const struct hist_bounds *hb;
    fixture_open(f);
    ck_assert_int_eq(store_bounds(f->st, bounds, 3, &hb, NULL), ERR_OK);
    uint32_t ok = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "a", "k1", "ok", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        if (i <= heard)
            fixture_increment(f, ok, 60);
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    fixture_source(f, "otel");
    uint32_t ttft = fixture_series(f, SIG_TTFT, hb->id, "gpt-x", "", "", "", "");
    for (int i = 1; i <= fast_heard; i++) {
        const struct store_hist_count counts[] = {{1, 60}};
        f->items[f->count] = (struct store_item){.series = ttft};
        f->items[f->count].v.hist.sum_fixed = INT64_C(40000000000);
        f->items[f->count].v.hist.n = 60;
        f->items[f->count].v.hist.counts = counts;
        f->items[f->count++].v.hist.count = 1;
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    fixture_append(f, fixture_start_ms + fast_heard * fixture_step_ms);
    f->params.cursor_ms = f->params.now_ms = fixture_start_ms + FIXTURE_POLLS * fixture_step_ms;
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

static void stop_source(struct fixture *f, int64_t at_ms)
{
    struct source_status s = fixture_status(f, at_ms);
    s.state = SOURCE_STOPPED;
    s.reason = "no longer configured";
    s.http_status = 0;
    ck_assert_int_eq(store_put_status(f->st, at_ms, &s, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
}

START_TEST(an_objective_without_data_is_unknown)
{
    struct fixture f;
    record(&f, FIXTURE_POLLS - 20, FIXTURE_POLLS);
    note_slos(&f, "[" AVAILABLE "]");
    struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_OK);
    put_alert(&f, "slo:avail:page-1h", SEV_PAGE, ALERT_NO_DATA, minute(FIXTURE_POLLS - 15));
    v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.was, VERDICT_UNKNOWN); /* of a moment without data nothing was known */
    ck_assert_int_eq(v.since_ms, minute(FIXTURE_POLLS - 15));
    ck_assert_ptr_nonnull(strstr(v.sentence, "no data for the objective avail"));
    f.params.cursor_ms = f.params.now_ms = minute(FIXTURE_POLLS + 10); /* and then the source itself falls silent */
    v = verdict(&f);
    ck_assert_int_eq(v.was, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.since_ms, minute(FIXTURE_POLLS - 15));
    ck_assert_ptr_nonnull(strstr(v.sentence, "no data for the objective avail"));
    fixture_close(&f);
}
END_TEST

START_TEST(what_fired_before_its_data_ended_is_said)
{
    struct fixture f;
    record(&f, FIXTURE_POLLS - 20, FIXTURE_POLLS);
    note_slos(&f, "[" AVAILABLE "]");
    put_alert(&f, "slo:avail:page-1h", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 30));
    put_alert(&f, "slo:avail:page-1h", SEV_PAGE, ALERT_NO_DATA, minute(FIXTURE_POLLS - 15));
    put_alert(&f, "slo:avail:ticket-3d", SEV_TICKET, ALERT_FIRING, minute(FIXTURE_POLLS - 40)); /* waits longer, on the same silence */
    struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.was, VERDICT_PAGE);
    ck_assert_int_eq(v.since_ms, minute(FIXTURE_POLLS - 15));
    fixture_close(&f);
}
END_TEST

/* Half an hour after the end a few fail again, more than is allowed: what fires is not they. */
START_TEST(what_is_over_says_until_when_though_a_few_fail)
{
    enum { LAST = 60 };
    struct fixture f;
    int ok[LAST], bad[LAST];
    int64_t id = 0;
    for (int i = 0; i < LAST; i++) {
        ok[i] = 60;
        bad[i] = i < 10 ? 30 : i >= LAST - 5 ? 1 : 0;
    }
    record_last(&f, ok, bad, LAST);
    const struct incident in = {.title = "all traffic errors",
                                .scope = "",
                                .severity = SEV_TICKET,
                                .state = INCIDENT_OPEN,
                                .onset_ms = minute(60),
                                .opened_ms = minute(62),
                                .known_ms = minute(62),
                                .ended_ms = minute(70),
                                .ended_error_ms = 30000,
                                .owner = ""};
    ck_assert_int_eq(store_put_incident(f.st, &in, &id, NULL), ERR_OK);
    const struct alert al = {.rule = "slo:avail:ticket-3d",
                             .scope = "",
                             .severity = SEV_TICKET,
                             .state = ALERT_FIRING,
                             .since_ms = minute(62),
                             .onset_ms = minute(60),
                             .known_ms = minute(62),
                             .incident = id,
                             .text = ""};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_str_eq(verdict(&f).sentence,
                     "all requests: 1.64% of requests failed in the last 5m; 300 lost in 10m until 15:10:00Z, and longer "
                     "windows still burn");
    fixture_close(&f);
}
END_TEST

/* What the rules said before they fell silent is read once for all of them, however many wait. */
START_TEST(many_silent_rules_cost_one_history)
{
    enum { RULES = 40, VERSIONS = 20 };
    struct fixture f;
    struct alert *history;
    size_t count;
    char rule[32];
    record(&f, FIXTURE_POLLS - 20, FIXTURE_POLLS);
    note_slos(&f, "[" AVAILABLE "]");
    for (int r = 0; r < RULES; r++) {
        ck_assert(str_format(rule, sizeof rule, "slo:avail:r%d", r));
        for (int k = 0; k < VERSIONS; k++)
            add_alert(&f, rule, SEV_TICKET, k % 2 == 0 ? ALERT_INACTIVE : ALERT_FIRING, minute(k));
        add_alert(&f, rule, SEV_TICKET, ALERT_NO_DATA, minute(FIXTURE_POLLS - 15 + r % 10));
    }
    put_alert(&f, "slo:avail:r7", SEV_TICKET, ALERT_INACTIVE, minute(VERSIONS)); /* over before its data ended */
    put_alert(&f, "slo:avail:r8", SEV_PAGE, ALERT_FIRING, minute(VERSIONS));
    arena_reset(&f.arena);
    ck_assert_int_eq(store_alert_history(f.st, 0, f.params.cursor_ms, f.params.cursor_ms, &f.arena, &history, &count, NULL), ERR_OK);
    ck_assert_uint_eq(count, RULES * (VERSIONS + 1) + 2);
    const size_t once = f.arena.used;
    arena_reset(&f.arena);
    const struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.was, VERDICT_PAGE);
    ck_assert_uint_lt(f.arena.used, 4 * once);
    fixture_close(&f);
}
END_TEST

START_TEST(a_page_on_fresh_data_goes_before_one_on_old_data)
{
    struct fixture f;
    record(&f, FIXTURE_POLLS, FIXTURE_POLLS - 60);
    note_slos(&f, "[" AVAILABLE "," FAST "]");
    put_alert(&f, "slo:fast:page-1h", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 90));
    ck_assert_int_eq(verdict(&f).state, VERDICT_UNKNOWN);
    put_alert(&f, "slo:avail:ticket-3d", SEV_TICKET, ALERT_FIRING, minute(FIXTURE_POLLS - 30));
    struct view_verdict v = verdict(&f); /* a ticket does not say that the page is over */
    ck_assert_int_eq(v.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.was, VERDICT_PAGE);
    put_alert(&f, "slo:avail:page-1h", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 30));
    v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_PAGE);
    ck_assert_int_eq(v.since_ms, minute(FIXTURE_POLLS - 30));
    fixture_close(&f);
}
END_TEST

START_TEST(what_nobody_measures_any_more_is_not_waited_for)
{
    struct fixture f;
    struct view_frame frame;
    struct view_latency latency;
    record(&f, FIXTURE_POLLS, FIXTURE_POLLS - 60);
    note_slos(&f, "[" AVAILABLE "," FAST "]");
    put_alert(&f, "slo:fast:page-1h", SEV_PAGE, ALERT_NO_DATA, minute(FIXTURE_POLLS - 50));
    ck_assert_int_eq(verdict(&f).state, VERDICT_UNKNOWN);
    stop_source(&f, minute(FIXTURE_POLLS - 60));
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &frame, NULL), ERR_OK);
    ck_assert_int_eq(frame.verdict.state, VERDICT_OK);
    ck_assert_ptr_nonnull(strstr(frame.verdict.sentence, "1 of 2 objectives hold, what fast watches is not measured any more"));
    ck_assert_uint_eq(frame.sources_all, 1);
    ck_assert_uint_eq(frame.stale_count, 0);
    ck_assert_int_eq(view_load_latency(&f.loader, &f.params, &(const struct view_latency_ask){.signal = SIG_TTFT}, &latency, NULL), ERR_OK);
    ck_assert_uint_eq(latency.table[latency.table_count - 1].p95.n, 0);
    fixture_close(&f);
}
END_TEST

START_TEST(nothing_can_page_once_nothing_is_measured)
{
    struct fixture f;
    record(&f, FIXTURE_POLLS, FIXTURE_POLLS - 60);
    note_slos(&f, "[" FAST "]");
    stop_source(&f, minute(FIXTURE_POLLS - 60));
    struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_NO_RULES);
    ck_assert_ptr_nonnull(strstr(v.sentence, "what fast watches is not measured any more"));
    fixture_close(&f);
}
END_TEST

START_TEST(traffic_that_stops_is_said)
{
    struct fixture f;
    record_last(&f, (const int[]){0, 0}, (const int[]){0, 0}, 2);
    struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_OK);
    ck_assert_str_eq(v.sentence, "but no request for 2m; the objective holds; 0% of 180 requests failed in the last 5m");
    fixture_close(&f);
    record_last(&f, (const int[]){3, 3, 9, 0, 0}, (const int[]){0, 0, 0, 0, 0}, 5); /* a quiet night */
    ck_assert_str_eq(verdict(&f).sentence, "the objective holds; 0% of 15 requests failed in the last 5m");
    fixture_close(&f);
}
END_TEST

/* What hangs does not end, and fails nowhere: c-l is asked once a second, and not at all in the last three minutes. */
START_TEST(a_model_that_is_silent_is_named)
{
    struct fixture f;
    record_last(&f, (const int[]){60}, (const int[]){0}, 1);
    uint32_t other = fixture_series(&f, SIG_REQUESTS, 0, "c-l", "b", "k1", "ok", "");
    for (int i = 1; i <= FIXTURE_POLLS - 3; i++) {
        fixture_increment(&f, other, 60);
        fixture_append(&f, minute(i));
    }
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    f.params.cursor_ms = f.params.now_ms = minute(FIXTURE_POLLS);
    ck_assert_str_eq(verdict(&f).sentence, "but no request of c-l for 3m; the objective holds; 0% of 420 requests failed in the last 5m");
    f.params.cursor_ms = minute(FIXTURE_POLLS - 3);
    ck_assert_str_eq(verdict(&f).sentence, "the objective holds; 0% of 600 requests failed in the last 5m");
    fixture_close(&f);
}
END_TEST

/* The polls are back and all is well; of the minute before nobody knows, and the counters that it had are gone. */
START_TEST(a_hole_of_lost_counts_is_no_healthy_time)
{
    struct fixture f;
    record_last(&f, (const int[]){60}, (const int[]){0}, 1);
    const struct store_gap gap = {f.source, minute(FIXTURE_POLLS - 2), minute(FIXTURE_POLLS - 1), "the recorder was not running", true, 0};
    ck_assert_int_eq(store_put_gap(f.st, &gap, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_OK);
    ck_assert(v.warns);
    ck_assert_str_eq(v.sentence,
                     "but traffic of 1m is not known (15:58:00Z to 15:59:00Z); the objective holds; ~0% of >=300 requests failed "
                     "in the last 5m");
    fixture_close(&f);
}
END_TEST

START_TEST(an_engine_that_counts_no_failures_is_no_judge_of_availability)
{
    struct fixture f;
    fixture_open(&f);
    uint32_t ended = fixture_series(&f, SIG_FINISH, 0, "gpt-x", "", "", "stop", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(&f, ended, 60);
        fixture_append(&f, minute(i));
    }
    note_slos(&f, "[" AVAILABLE "]");
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_UNKNOWN);
    ck_assert_msg(strstr(v.sentence, "gw counts no failures, so that avail cannot be judged by it; ") == v.sentence, "%s", v.sentence);
    fixture_close(&f);
}
END_TEST

START_TEST(an_incident_that_is_not_resolved_yet_is_said)
{
    struct fixture f;
    record_failures(&f, 0);
    const struct incident open = {.title = "gpt-x errors",
                                  .scope = "",
                                  .severity = SEV_PAGE,
                                  .state = INCIDENT_OPEN,
                                  .onset_ms = minute(90),
                                  .opened_ms = minute(91),
                                  .known_ms = minute(91),
                                  .owner = ""};
    int64_t id = 0;
    ck_assert_int_eq(store_put_incident(f.st, &open, &id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_str_eq(verdict(&f).sentence,
                     "the objective holds again, #1 gpt-x errors is not resolved yet; 0% of 300 requests failed in the last 5m");
    ck_assert_uint_eq(verdict(&f).others, 0); /* it is the one that is named */
    fixture_close(&f);
}
END_TEST

/* The rule's long windows still burn, and the failures are over. */
START_TEST(what_is_over_is_not_said_to_fail)
{
    struct fixture f;
    record_failures(&f, 0);
    put_alert(&f, "slo:avail:page-6h", SEV_PAGE, ALERT_FIRING, minute(90));
    struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_PAGE);
    ck_assert_str_eq(v.sentence,
                     "all requests: 0% of requests failed in the last 5m, within what is allowed; 0 lost since 15:30:00Z (30m), and longer "
                     "windows still burn");
    /* once it is known when they ended, what was lost is of that time */
    const struct incident over = {.title = "errors",
                                  .scope = "",
                                  .severity = SEV_PAGE,
                                  .onset_ms = minute(90),
                                  .opened_ms = minute(92),
                                  .ended_ms = minute(101),
                                  .ended_error_ms = 15000,
                                  .known_ms = minute(106),
                                  .owner = ""};
    ck_assert_int_eq(store_put_incident(f.st, &over, NULL, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_str_eq(verdict(&f).sentence,
                     "all requests: 0% of requests failed in the last 5m, within what is allowed; 0 lost in 11m until "
                     "15:41:00Z, and longer windows still burn");
    /* a rule that fires anew for what failed then tells nothing new, and is no page */
    put_alert(&f, "slo:avail:page-6h", SEV_PAGE, ALERT_INACTIVE, minute(108));
    put_alert(&f, "slo:avail:page-6h", SEV_PAGE, ALERT_FIRING, minute(112));
    v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_TICKET);
    ck_assert_int_eq(v.since_ms, minute(90));
    ck_assert_str_eq(v.sentence, "all requests: 0% of requests failed in the last 5m, within what is allowed; 0 lost in 11m until "
                                 "15:41:00Z, and longer windows still burn");
    fixture_close(&f);
}
END_TEST

/* A minute of answers by one source: of 60, so many above a second; and requests of which so many failed. */
static void answers(struct fixture *f, int i, uint32_t ttft, uint64_t slow, uint32_t ok, uint32_t failed, int64_t bad)
{
    const struct store_hist_count counts[] = {{1, 60 - slow}, {2, slow}};
    struct store_item *it = &f->items[f->count++];
    *it = (struct store_item){.series = ttft};
    it->v.hist.sum_fixed = INT64_C(40000000000);
    it->v.hist.n = 60;
    it->v.hist.counts = counts;
    it->v.hist.count = 2;
    fixture_increment(f, ok, 60);
    if (bad > 0)
        fixture_increment(f, failed, bad);
    fixture_append(f, minute(i));
}

/* Two replicas, of which "gw" lacks `what` for the last three minutes; of the last five, so many answers a minute are slow and of "b" so
 * many more failed. */
static void record_lacking(struct fixture *f, struct source_lack what, uint64_t slow, int64_t bad)
{
    static const double bounds[] = {0.1, 1, 10};
    const struct hist_bounds *hb;
    struct source_status s;
    fixture_open(f);
    ck_assert_int_eq(store_bounds(f->st, bounds, 3, &hb, NULL), ERR_OK);
    for (int k = 0; k < 2; k++) {
        if (k == 1)
            fixture_source(f, "b");
        uint32_t ttft = fixture_series(f, SIG_TTFT, hb->id, "gpt-x", "", "", "", "");
        uint32_t ok = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "", "", "ok", "");
        uint32_t failed = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "", "", "5xx", "");
        for (int i = 1; i <= FIXTURE_POLLS - (k == 0 ? 3 : 0); i++)
            answers(f, i, ttft, i > FIXTURE_POLLS - 5 ? slow : 0, ok, failed, k == 0 || i <= FIXTURE_POLLS - 5 ? 0 : bad);
        if (k == 1)
            break;
        s = fixture_status(f, minute(FIXTURE_POLLS));
        s.state = SOURCE_PARTIAL;
        s.reason = "lacks 4 of 4 series of ttft";
        s.lack = what;
        s.lack.since_ms = minute(FIXTURE_POLLS - 3);
        ck_assert_int_eq(store_put_status(f->st, minute(FIXTURE_POLLS), &s, NULL), ERR_OK);
    }
    note_slos(f, "[" AVAILABLE "," FAST "]");
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

#define BIT(s) (UINT64_C(1) << (s))

/* What one of the two shows of a latency is no share and no quantile of both. */
START_TEST(a_latency_that_one_source_lacks_is_not_known)
{
    struct fixture f;
    record_lacking(&f, (struct source_lack){.part = BIT(SIG_TTFT), .family = BIT(SIG_TTFT), .all = BIT(SIG_TTFT)}, 12, 0);
    put_alert(&f, "slo:fast:page-1h", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 4));
    struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_UNKNOWN);
    ck_assert_int_eq(v.was, VERDICT_PAGE);
    ck_assert_int_eq(v.since_ms, minute(FIXTURE_POLLS - 3));
    ck_assert_str_eq(v.sentence, "all requests: how many answers have ttft above 1 s in the last 4m is not known since 15:56:00Z (4m)");
    ck_assert(isnan(v.bad_percent));
    fixture_close(&f);
}
END_TEST

START_TEST(a_latency_of_which_a_part_is_missing_is_about)
{
    struct fixture f;
    record_lacking(&f, (struct source_lack){.part = BIT(SIG_TTFT)}, 12, 0);
    put_alert(&f, "slo:fast:page-1h", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 4));
    struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_PAGE);
    ck_assert_str_eq(v.sentence, "all requests: ~20% of the answers seen have ttft above 1 s since 15:56:00Z (4m); p95 ~7.75 s");
    fixture_close(&f);
    record_lacking(&f, (struct source_lack){.part = BIT(SIG_REQUESTS)}, 0, 12);
    put_alert(&f, "slo:avail:page-1h", SEV_PAGE, ALERT_FIRING, minute(FIXTURE_POLLS - 4));
    ck_assert_str_eq(verdict(&f).sentence, "all requests: ~14% of the requests seen fail since 15:56:00Z (4m), >=48 lost");
    fixture_close(&f);
}
END_TEST

/* Availability burns faster, by what is left of it; that says nothing, and latency is told. */
START_TEST(what_is_not_known_does_not_hide_what_burns)
{
    struct fixture f;
    record_lacking(&f, (struct source_lack){.part = BIT(SIG_REQUESTS), .family = BIT(SIG_REQUESTS)}, 54, 60);
    struct view_verdict v = verdict(&f);
    ck_assert_int_eq(v.state, VERDICT_UNKNOWN);
    ck_assert_str_eq(v.sentence,
                     "but fast burns 18x its budget: 90% of 420 had ttft above 1 s in the last 5m, 5% is allowed; pages within a minute; "
                     ">=720 requests in the last 5m, how many failed is not known");
    fixture_close(&f);
}
END_TEST

Suite *suite_verdict(void);
Suite *suite_verdict(void)
{
    Suite *s = suite_create("verdict");
    TCase *tc = tcase_create("data");
    tcase_add_test(tc, an_objective_without_data_is_unknown);
    tcase_add_test(tc, what_fired_before_its_data_ended_is_said);
    tcase_add_test(tc, what_is_over_says_until_when_though_a_few_fail);
    tcase_add_test(tc, many_silent_rules_cost_one_history);
    tcase_add_test(tc, a_page_on_fresh_data_goes_before_one_on_old_data);
    tcase_add_test(tc, what_nobody_measures_any_more_is_not_waited_for);
    tcase_add_test(tc, nothing_can_page_once_nothing_is_measured);
    tcase_add_test(tc, traffic_that_stops_is_said);
    tcase_add_test(tc, a_model_that_is_silent_is_named);
    tcase_add_test(tc, a_hole_of_lost_counts_is_no_healthy_time);
    tcase_add_test(tc, an_engine_that_counts_no_failures_is_no_judge_of_availability);
    tcase_add_test(tc, an_incident_that_is_not_resolved_yet_is_said);
    tcase_add_test(tc, what_is_over_is_not_said_to_fail);
    tcase_add_test(tc, a_latency_that_one_source_lacks_is_not_known);
    tcase_add_test(tc, a_latency_of_which_a_part_is_missing_is_about);
    tcase_add_test(tc, what_is_not_known_does_not_hide_what_burns);
    suite_add_tcase(s, tc);
    return s;
}
