/* SPDX-License-Identifier: MIT */
/* The recorder without a network: answers are handed in, and the store is read back. */
#include <math.h>

#include "record/profile_notes.h"
#include "record/sawtooth.h"
#include "unit/record/recorder_world.h"

static int64_t took_ms; /* what it takes to answer */

static void setup(void)
{
    world_setup();
    took_ms = 0;
}

/* One request of source i is answered with body, 200. Returns whether it was understood. */
static bool answer(uint32_t i, const char *body)
{
    const struct source_answer head = {.content_type = "text/plain", .open_ended = false};
    const struct http_result res = {.status = 200, .bytes = (int64_t)strlen(body), .url = "http://x/", .total_ms = took_ms};
    struct errctx why = {""};
    recorder_head(r, i, &head);
    ck_assert_msg(recorder_body(r, i, body, strlen(body), &why), "%s", why.text);
    return recorder_done(r, i, &res, now);
}

/* A whole poll of a metrics source. */
static bool poll(uint32_t i, const char *page)
{
    struct source_request rq;
    ck_assert(recorder_request(r, i, now, &rq));
    bool good = answer(i, page);
    ck_assert(!recorder_request(r, i, now, &rq));
    return good;
}

static void refuse(uint32_t i, const char *reason)
{
    struct source_request rq;
    struct http_result res = {.failed = HTTP_TCP};
    snprintf(res.reason, sizeof res.reason, "%s", reason);
    ck_assert(recorder_request(r, i, now, &rq));
    ck_assert(!recorder_done(r, i, &res, now));
    ck_assert(!recorder_request(r, i, now, &rq));
}

static void commit(void)
{
    ck_assert_msg(recorder_commit(r, now, &ctx) == ERR_OK, "%s", ctx.text);
}

static const char *requests(int n)
{
    static char text[400];
    snprintf(text, sizeof text,
             "# TYPE litellm_proxy_total_requests_metric_total counter\n"
             "litellm_proxy_total_requests_metric_total{requested_model=\"m\",status_code=\"200\",route=\"/chat/completions\"} %d\n",
             n);
    return text;
}

/* What the store holds of a signal, over all time. */
static int64_t total(enum signal s, uint32_t *ret_samples)
{
    const struct store_query q = {.signal = s, .t0_ms = now - 10800000, .step_ms = 21600000, .columns = 1};
    struct store_result res;
    ck_assert_msg(store_read(st, &q, 1, &arena, &res, &ctx) == ERR_OK, "%s", ctx.text);
    int64_t sum = 0;
    *ret_samples = 0;
    for (size_t i = 0; i < res.count; i++) {
        sum += res.groups[i].cells[0].sum;
        *ret_samples += res.groups[i].cells[0].n;
    }
    return sum;
}

static size_t gaps(struct store_gap **ret)
{
    size_t count;
    ck_assert_int_eq(store_gaps(st, 0, INT64_MAX, &arena, ret, &count, &ctx), ERR_OK);
    return count;
}

/* What a console at this cursor is told to have been known later. */
static size_t late(int64_t cursor_ms, struct store_late **ret)
{
    size_t count;
    ck_assert_int_eq(store_late(st, cursor_ms, &arena, ret, &count, &ctx), ERR_OK);
    return count;
}

static const char one[] = "gateway: g\nsources:\n  - name: a\n    metrics: http://127.0.0.1:1/metrics\n";

START_TEST(what_profiles_say_is_written_once)
{
    struct str note;
    const struct store_options so = {.private_files = true};
    start("gateway: gw\nsources:\n  - {name: a, metrics: http://127.0.0.1:1/metrics}\n");
    ck_assert_int_eq(store_note(st, "profile_notes", INT64_MAX, &arena, &note), ERR_OK);
    ck_assert_ptr_nonnull(strstr(note.p, "\"ttft\":\"without LiteLLM's own queue"));
    ck_assert_ptr_null(strstr(note.p, "booked when a request ends")); /* of a counter: no latency */
    stop();
    ck_assert_int_eq(store_open_writer(path, &so, &clk, &st, &ctx), ERR_OK);
    ck_assert_int_eq(profile_notes_put(st, &profiles, now + 1, &ctx), ERR_OK); /* unchanged: not put again, so nothing becomes newer */
    ck_assert_int_eq(store_commit(st, &ctx), ERR_OK);
    ck_assert_int_eq(store_note(st, "profile_notes", now, &arena, &note), ERR_OK);
    store_close(st);
    st = NULL;
}
END_TEST

/* A note that is a part of another's text is no less a note; one that stands twice is said once. */
START_TEST(every_note_of_a_signal_is_written)
{
    struct str note;
    const struct store_options so = {.private_files = true};
    struct profile_metric metrics[] = {{.name = "a", .signal = SIG_TTFT, .note = "averages only, as the engine saw it"},
                                       {.name = "b", .signal = SIG_TTFT, .note = "averages only"},
                                       {.name = "c", .signal = SIG_E2E, .note = "averages only"},
                                       {.name = "d", .signal = SIG_TTFT, .note = "averages only"}};
    struct profile p = {.name = "p", .metrics = metrics, .metric_count = 4};
    const struct profiles ps = {.list = &p, .count = 1};
    ck_assert_int_eq(store_open_writer(path, &so, &clk, &st, &ctx), ERR_OK);
    ck_assert_int_eq(profile_notes_put(st, &ps, now, &ctx), ERR_OK);
    ck_assert_int_eq(store_commit(st, &ctx), ERR_OK);
    ck_assert_int_eq(store_note(st, "profile_notes", now, &arena, &note), ERR_OK);
    ck_assert_ptr_nonnull(strstr(note.p, "\"ttft\":\"averages only, as the engine saw it; averages only\""));
    ck_assert_ptr_nonnull(strstr(note.p, "\"e2e\":\"averages only\""));
    store_close(st);
    st = NULL;
}
END_TEST

START_TEST(polls_become_durable_in_one_commit)
{
    uint32_t n;
    start("gateway: g\nsources:\n  - name: a\n    metrics: http://127.0.0.1:1/a\n  - name: b\n    metrics: http://127.0.0.1:1/b\n");
    for (int i = 0; i < 4; i++) {
        ck_assert(poll(0, requests(100 + i)));
        ck_assert(poll(1, requests(500 + 2 * i)));
        ck_assert_uint_eq(r->pending_count, 2);
        commit();
        ck_assert_uint_eq(r->pending_count, 0);
        advance(15000);
    }
    ck_assert_int_eq(total(SIG_REQUESTS, &n), 3 + 6);
    ck_assert_uint_eq(n, 6);
}
END_TEST

START_TEST(a_page_that_is_not_recognised_yet_counts_from_its_first_recognised_poll)
{
    start(one);
    ck_assert(poll(0, "process_cpu_seconds_total 1\n"));
    ck_assert_int_eq(recorder_status(r, 0).state, SOURCE_OK);
    ck_assert_ptr_nonnull(strstr(recorder_status(r, 0).reason, "no profile knows"));
    advance(15000);
    ck_assert(poll(0, requests(7)));
    ck_assert_str_eq(recorder_status(r, 0).profile, "litellm");
    ck_assert_str_eq(recorder_status(r, 0).reason, "");
}
END_TEST

START_TEST(a_failure_is_a_state_with_a_reason_and_then_a_gap)
{
    struct store_gap *g;
    struct source_status *list;
    size_t count;
    start(one);
    poll(0, requests(1));
    commit();
    advance(15000);
    refuse(0, "nobody answers there");
    commit();
    ck_assert_int_eq(store_sources(st, now, &arena, &list, &count, &ctx), ERR_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(list[0].state, SOURCE_DOWN);
    ck_assert_str_eq(list[0].reason, "nobody answers there");
    ck_assert_uint_eq(gaps(&g), 0);
    advance(15000);
    poll(0, requests(5));
    commit();
    ck_assert_uint_eq(gaps(&g), 1);
    ck_assert_int_eq(g[0].t1_ms - g[0].t0_ms, 30000);
    ck_assert_str_eq(g[0].reason, "nobody answers there");
    ck_assert(!g[0].lost); /* its counters went on */
    struct store_late *l;
    ck_assert_uint_eq(late(now - 30000, &l), 0);
    ck_assert_uint_eq(late(now - 1, &l), 1);
    ck_assert(l[0].t0_ms == now - 30000 && l[0].t1_ms == now && l[0].known_ms == now && !l[0].part);
    ck_assert_uint_eq(late(now, &l), 0);
}
END_TEST

START_TEST(a_gap_in_which_counters_began_anew_is_lost)
{
    struct store_gap *g;
    start(one);
    poll(0, requests(100));
    commit();
    advance(15000);
    refuse(0, "nobody answers there");
    advance(15000);
    poll(0, requests(5));
    commit();
    ck_assert_uint_eq(gaps(&g), 1);
    ck_assert(g[0].lost);
}
END_TEST

START_TEST(a_page_that_lost_all_its_series_is_no_good_poll)
{
    start("sources:\n  - name: gw\n    metrics: http://127.0.0.1:1/metrics\n    profile: litellm\n");
    ck_assert(poll(0, requests(10)));
    int64_t last = now;
    advance(15000);
    ck_assert(!poll(0, "# HELP other_total no series of this gateway\n"));
    struct source_status is = recorder_status(r, 0);
    ck_assert_int_eq(is.state, SOURCE_DOWN);
    ck_assert_int_eq(is.last_ok_ms, last); /* what is shown keeps its age */
    ck_assert_ptr_nonnull(strstr(is.reason, "none of the 1 series"));
    advance(15000);
    ck_assert(poll(0, requests(12)));
    ck_assert_int_eq(recorder_status(r, 0).state, SOURCE_OK);
}
END_TEST

START_TEST(time_without_a_recorder_is_a_gap)
{
    struct store_gap *g;
    struct source_status *list;
    size_t count;
    uint32_t n;
    start(one);
    poll(0, requests(100));
    commit();
    advance(15000);
    poll(0, requests(110));
    commit();
    stop();
    advance(600000);
    start(one);
    ck_assert_int_eq(store_sources(st, now - 1000, &arena, &list, &count, &ctx), ERR_OK);
    ck_assert_int_eq(list[0].state, SOURCE_STOPPED);
    poll(0, requests(200));
    commit();
    ck_assert_uint_eq(gaps(&g), 1);
    ck_assert_int_eq(g[0].t1_ms - g[0].t0_ms, 600000);
    ck_assert_str_eq(g[0].reason, "the recorder was not running");
    ck_assert(g[0].lost);
    ck_assert_int_eq(total(SIG_REQUESTS, &n), 10); /* what happened meanwhile is not known, and not invented */
}
END_TEST

/* However soon it is back: what counters were the last run alone knew. */
START_TEST(a_recorder_that_is_started_anew_between_two_polls_leaves_a_gap)
{
    struct store_gap *g;
    uint32_t n;
    start(one);
    for (int i = 0; i < 4; i++) {
        if (i == 2)
            stop();
        if (i == 2)
            start(one);
        poll(0, requests(100 + 10 * i));
        commit();
        ck_assert_uint_eq(gaps(&g), i >= 2);
        advance(15000);
    }
    ck_assert(g[0].t0_ms == now - 3 * 15000 && g[0].t1_ms == now - 2 * 15000 && g[0].lost);
    ck_assert_str_eq(g[0].reason, "the recorder was not running");
    ck_assert_int_eq(total(SIG_REQUESTS, &n), 20);
}
END_TEST

START_TEST(a_clock_that_was_set_back_loses_nothing)
{
    uint32_t n;
    start(one);
    poll(0, requests(100));
    commit();
    advance(15000);
    poll(0, requests(110));
    commit();
    advance(-3600000);
    poll(0, requests(120));
    commit();
    advance(15000);
    poll(0, requests(130));
    commit();
    advance(3600000);
    ck_assert_int_eq(total(SIG_REQUESTS, &n), 30);
}
END_TEST

START_TEST(workers_in_turn_are_told_in_the_status)
{
    start(one);
    for (int i = 0; i < 6; i++) {
        char page[700];
        snprintf(page, sizeof page, "process_start_time_seconds %d\n%s", 1700000000 + i % 2 * 500, requests(100 + i % 2 * 50));
        poll(0, page);
        commit();
        advance(15000);
    }
    ck_assert_int_eq(recorder_status(r, 0).state, SOURCE_SAWTOOTH);
    ck_assert_int_eq(recorder_status(r, 0).sawtooth_since_ms, now - 6 * 15000); /* the third of six polls told, also of the first two */
    ck_assert_ptr_nonnull(strstr(recorder_status(r, 0).reason, "several workers"));
    uint32_t n;
    ck_assert_int_eq(total(SIG_REQUESTS, &n), 0);
}
END_TEST

/* Three workers, and the first flanks go up by little: what they made was shown, not sure from the first fall on, and is taken back with
 * the verdict, whether it was stored already or not. */
START_TEST(what_was_counted_before_several_workers_were_known_is_taken_back)
{
    static const struct {
        int base;
        enum source_state state;
    } polls[] = {{10000, SOURCE_OK},       {10010, SOURCE_OK},       {11500, SOURCE_OK},       {12900, SOURCE_OK},
                 {10040, SOURCE_WATCHING}, {12920, SOURCE_WATCHING}, {11560, SOURCE_SAWTOOTH}, {11570, SOURCE_SAWTOOTH},
                 {10080, SOURCE_SAWTOOTH}, {10090, SOURCE_SAWTOOTH}};
    struct store_gap *g;
    uint32_t n;
    start(one);
    const int64_t begin = now;
    for (size_t i = 0; i < sizeof polls / sizeof *polls; i++) {
        poll(0, requests(polls[i].base));
        if (i != 5 && i != 6) /* two polls before the verdict wait for one commit */
            commit();
        ck_assert_msg(recorder_status(r, 0).state == polls[i].state, "%zu: %s", i, source_state_name(recorder_status(r, 0).state));
        if (i == 3)
            ck_assert_int_eq(total(SIG_REQUESTS, &n), 2900);
        if (i >= 7)
            ck_assert_int_eq(total(SIG_REQUESTS, &n), 0);
        advance(15000);
    }
    ck_assert_int_eq(recorder_status(r, 0).sawtooth_since_ms, begin);
    for (int i = 0; i < 20; i++) { /* and then one is left */
        poll(0, requests(12000 + i));
        commit();
        advance(15000);
    }
    ck_assert_int_eq(recorder_status(r, 0).state, SOURCE_OK);
    ck_assert_uint_eq(gaps(&g), 2); /* one is of the fall that was back */
    ck_assert(g[0].t0_ms == begin && g[0].lost);
    ck_assert_int_eq((now - g[0].t1_ms) / 15000, total(SIG_REQUESTS, &n) + 1);
}
END_TEST

START_TEST(a_page_that_lacks_a_part_is_a_state_and_its_counts_come_later)
{
    static const char *const failures =
        "# TYPE litellm_proxy_failed_requests_metric_total counter\n"
        "litellm_proxy_failed_requests_metric_total{requested_model=\"m\",exception_status=\"500\",route=\"/chat/completions\"} %d\n";
    struct event *events;
    size_t count;
    uint32_t n;
    int64_t last = 0;
    start(one);
    for (int i = 0; i < 12; i++) {
        char page[1000], tail[400];
        const bool gone = i >= 4 && i < 8;
        snprintf(tail, sizeof tail, failures, 10 + 2 * i);
        snprintf(page, sizeof page, "%s%s", requests(100 + 10 * i), gone ? "" : tail);
        ck_assert(poll(0, page));
        commit();
        const struct source_status s = recorder_status(r, 0);
        ck_assert_int_eq(s.state, gone ? SOURCE_PARTIAL : SOURCE_OK);
        ck_assert_int_eq(s.lack.since_ms, gone ? last : 0);
        ck_assert_int_eq(s.last_ok_ms, now);
        ck_assert_int_eq(strncmp(s.reason, "lacks 1 of 1 series of litellm_proxy_failed_requests_metric_total since ", 71) == 0, gone);
        ck_assert(i != 7 || total(SIG_REQUESTS, &n) == 7 * 10 + 3 * 2);
        last = gone ? last : now;
        advance(15000);
    }
    ck_assert_int_eq(total(SIG_REQUESTS, &n), 11 * 12); /* nothing lost, nothing twice */
    const struct store_query q = {.signal = SIG_REQUESTS, .t0_ms = now - 12 * 15000 - 7500, .step_ms = 15000, .columns = 12};
    struct store_result res;
    ck_assert_int_eq(store_read(st, &q, 1, &arena, &res, &ctx), ERR_OK);
    for (uint32_t c = 1; c < 12; c++)
        ck_assert_int_eq(res.groups[0].cells[c].sum, 12); /* and where it happened */
    ck_assert_int_eq(store_events(st, 0, INT64_MAX, INT64_MAX, &arena, &events, &count, &ctx), ERR_OK);
    ck_assert_uint_eq(count, 2);
    for (size_t i = 0; i < count; i++)
        ck_assert(strstr(events[i].text, "source a answers in part: lacks") != NULL ||
                  strcmp(events[i].text, "source a lacks nothing any more") == 0);
}
END_TEST

static struct source_status stored_status(void)
{
    struct source_status *list;
    size_t count;
    ck_assert_int_eq(store_sources(st, now, &arena, &list, &count, &ctx), ERR_OK);
    ck_assert_uint_eq(count, 1);
    return list[0];
}

START_TEST(a_recorder_that_begins_anew_knows_what_a_page_lacked)
{
    uint32_t n;
    int64_t since = 0;
    start(one);
    for (int i = 0; i < 14; i++) {
        char page[1000], tail[400] = "";
        const bool gone = i >= 4 && i < 9;
        if (!gone)
            snprintf(tail, sizeof tail,
                     "litellm_proxy_failed_requests_metric_total{requested_model=\"m\",exception_status=\"500\",route=\"/chat/"
                     "completions\"} %d\n",
                     5000 + 2 * i);
        snprintf(page, sizeof page, "%s%s", requests(100 + 10 * i), tail);
        if (i == 7) {
            stop();
            advance(15000);
            start(one);
            ck_assert_int_eq(stored_status().state, SOURCE_PARTIAL);
            ck_assert_str_eq(stored_status().reason, "lacks series that it had, as an earlier run of the recorder told");
        }
        ck_assert(poll(0, page));
        commit();
        ck_assert_int_eq(stored_status().state, gone ? SOURCE_PARTIAL : SOURCE_OK);
        ck_assert_int_eq(stored_status().lack.since_ms, gone ? since : 0);
        ck_assert_uint_eq(stored_status().lack.family, gone ? UINT64_C(1) << SIG_REQUESTS : 0);
        since = gone ? since : now;
        advance(15000);
    }
    /* 6 intervals of the first run, 3 of them with failures; 6 of the second, 4 of them with failures: they have their baseline in the
     * second */
    ck_assert_int_eq(total(SIG_REQUESTS, &n), 12 * 10 + 3 * 2 + 4 * 2);
}
END_TEST

/* A page whose process began at start (0 = it does not say), with or without its failures. */
static const char *page_since(int64_t start_ms, int i, bool failures)
{
    static char page[1200];
    char head[80] = "", tail[400] = "";
    if (start_ms != 0)
        snprintf(head, sizeof head, "process_start_time_seconds %lld\n", (long long)start_ms / 1000);
    if (failures)
        snprintf(
            tail, sizeof tail,
            "# TYPE litellm_proxy_failed_requests_metric_total counter\n"
            "litellm_proxy_failed_requests_metric_total{requested_model=\"m\",exception_status=\"500\",route=\"/chat/completions\"} %d\n",
            40 + 2 * i);
    snprintf(page, sizeof page, "%s%s%s", head, requests(100 + 10 * i), tail);
    return page;
}

/* Failures that left the page while no recorder ran are missed from the first poll on, by a third run as well; when they are back their
 * lifetime is not counted. Not after a restart of the gateway; where none is to be told from its page, for ten minutes. */
START_TEST(what_was_in_use_is_expected_at_the_start)
{
    enum { SAME, OTHER, UNTOLD };
    uint32_t n;
    const bool untold = _i == UNTOLD;
    const int64_t began = untold ? 0 : now - 3600000;
    start(one);
    for (int i = 0; i < 5; i++) {
        poll(0, page_since(began, i, true));
        commit();
        advance(15000);
    }
    const int64_t seen = now - 15000, before = total(SIG_REQUESTS, &n);
    ck_assert_int_eq(before, 4 * 12);
    for (int run = 0; run < 2; run++) {
        stop();
        advance(60000);
        start(one);
        for (int i = 0; i < 3; i++) {
            poll(0, page_since(_i == OTHER ? seen + 30000 : began, 10 + 10 * run + i, false));
            commit();
            const struct source_status s = stored_status();
            ck_assert_int_eq(s.state, _i == OTHER ? SOURCE_OK : SOURCE_PARTIAL);
            ck_assert_int_eq(s.lack.since_ms, _i == OTHER ? 0 : seen);
            ck_assert_uint_eq(s.lack.family, _i == OTHER ? 0 : UINT64_C(1) << SIG_REQUESTS);
            ck_assert_uint_eq(s.lack.all, 0);
            ck_assert(_i == OTHER || strncmp(s.reason, "lacks 1 of 2 series of requests that were in use before", 54) == 0);
            advance(15000);
        }
    }
    for (int i = 0; untold && i < 45; i++) { /* they never came back: it was a restart, or nobody will know */
        poll(0, page_since(began, 30 + i, false));
        commit();
        ck_assert_int_eq(stored_status().state, i * 15000 + 3 * 15000 <= 600000 ? SOURCE_PARTIAL : SOURCE_OK);
        advance(15000);
    }
    const int64_t counted = total(SIG_REQUESTS, &n);
    poll(0, page_since(_i == OTHER ? seen + 30000 : began, 75, true));
    commit();
    ck_assert_int_eq(stored_status().state, SOURCE_OK);
    if (_i == SAME)
        ck_assert_int_eq(total(SIG_REQUESTS, &n) - counted, 10 * (75 - 22)); /* of the failures one is the baseline */
}
END_TEST

START_TEST(a_restart_to_lower_counters_is_one_poll_that_is_not_known_and_no_saw)
{
    static const char *const pages =
        "litellm_proxy_total_requests_metric_total{requested_model=\"%s\",status_code=\"200\",route=\"/chat/completions\"} %d\n";
    uint32_t n;
    start(one);
    for (int i = 0; i < 20; i++) {
        char page[2000] = "# TYPE litellm_proxy_total_requests_metric_total counter\n", line[300];
        for (int m = 0; m < 5; m++) {
            const char name[] = {(char)('a' + m), '\0'};
            snprintf(line, sizeof line, pages, name, i < 10 ? 1000 + 10 * i : 600 + 10 * (i - 10));
            strcat(page, line);
        }
        poll(0, page);
        commit();
        ck_assert_int_eq(recorder_status(r, 0).state, i < 10 || i >= 10 + SAWTOOTH_HOLD ? SOURCE_OK : SOURCE_WATCHING);
        advance(15000);
    }
    ck_assert_int_eq(total(SIG_REQUESTS, &n), 5 * (9 + 9) * 10);
}
END_TEST

/* One event a restart, also where the recorder itself begins anew before or after. */
START_TEST(a_restart_without_a_start_time_is_an_event_once_its_counters_have_told)
{
    struct event *events;
    size_t count;
    uint32_t n;
    int64_t fell = 0;
    start(one);
    for (int i = 0; i < 30; i++) {
        if (i == 10 + SAWTOOTH_HOLD + 2) {
            stop();
            start(one);
        }
        poll(0, requests(i < 10 ? 1000 + 10 * i : 4 + 10 * (i - 10)));
        commit();
        fell = i == 10 ? now : fell;
        ck_assert_int_eq(store_events(st, 0, INT64_MAX, INT64_MAX, &arena, &events, &count, &ctx), ERR_OK);
        size_t restarts = 0;
        for (size_t k = 0; k < count; k++) {
            if (events[k].kind != EVENT_RESTART)
                continue;
            restarts++;
            ck_assert_int_eq(events[k].at_ms, fell);
            ck_assert_int_eq(events[k].known_ms, fell + SAWTOOTH_HOLD * 15000);
            ck_assert_str_eq(events[k].text,
                             "the process behind a restarted between 08:02:15Z and 08:02:30Z, as its counters tell: they fell and went "
                             "on from there");
        }
        ck_assert_uint_eq(restarts, i >= 10 + SAWTOOTH_HOLD);
        ck_assert_int_eq(recorder_status(r, 0).state, i < 10 || i >= 10 + SAWTOOTH_HOLD ? SOURCE_OK : SOURCE_WATCHING);
        ck_assert_int_eq(recorder_status(r, 0).watching_since_ms, i < 10 || i >= 10 + SAWTOOTH_HOLD ? 0 : fell - 15000);
        advance(15000);
    }
    ck_assert_int_eq(total(SIG_REQUESTS, &n), 90 + 4 + 190 - 10); /* what the recorder did not see is not known */
    struct store_late *l;
    ck_assert_uint_eq(late(fell, &l), 1); /* at a cursor in between it is to be seen that the fall was not counted yet */
    ck_assert(l[0].t0_ms == fell - 15000 && l[0].t1_ms == fell + (SAWTOOTH_HOLD - 1) * 15000);
    ck_assert(l[0].known_ms == fell + SAWTOOTH_HOLD * 15000 && l[0].part);
}
END_TEST

/* One event, once it is known that the rise stays and does not go on. */
START_TEST(a_rise_as_never_before_is_an_event_where_it_does_not_go_on)
{
    struct event *events;
    size_t count;
    uint32_t n;
    start(one);
    for (int i = 0; i < 30; i++) {
        poll(0, requests(20000 + 10 * i + (i < 10 ? 0 : 9000)));
        commit();
        ck_assert_int_eq(store_events(st, 0, INT64_MAX, INT64_MAX, &arena, &events, &count, &ctx), ERR_OK);
        ck_assert_uint_eq(count, i >= 10 + SAWTOOTH_HOLD);
        advance(15000);
    }
    ck_assert_str_eq(
        events[0].text,
        "source a counted more from 08:02:15Z to 08:02:30Z than in any poll before or since: a burst, or another worker's page "
        "took its place; it is counted");
    ck_assert_int_eq(events[0].known_ms - events[0].at_ms, SAWTOOTH_HOLD * 15000);
    ck_assert_int_eq(total(SIG_REQUESTS, &n), 9290);
}
END_TEST

/* Polls at levels, from `fell` on lower; what the store says of it. */
static void dip(const int *levels, int count, int fell, int back)
{
    struct event *events;
    struct store_gap *g;
    size_t n;
    for (int i = 0; i < count; i++) {
        poll(0, requests(levels[i]));
        commit();
        const struct source_status s = recorder_status(r, 0);
        ck_assert_int_eq(s.state, i >= fell ? SOURCE_WATCHING : SOURCE_OK);
        ck_assert_int_eq(strstr(s.reason, "its counters fell after 08:00:30Z") != NULL, i >= fell && i < back);
        ck_assert_int_eq(store_events(st, 0, INT64_MAX, INT64_MAX, &arena, &events, &n, &ctx), ERR_OK);
        ck_assert_uint_eq(n, i >= back);
        ck_assert_uint_eq(gaps(&g), i >= back);
        if (i == back) {
            ck_assert(g[0].lost);
            ck_assert_int_eq(g[0].t1_ms, now);
            ck_assert_int_eq(g[0].t1_ms - g[0].t0_ms, 15000 * (back - fell + 1));
            ck_assert_ptr_nonnull(strstr(g[0].reason, "its counters fell and came back"));
            ck_assert_int_eq(events[0].kind, EVENT_SOURCE);
            ck_assert_ptr_nonnull(strstr(events[0].text, "not all that source a counted from 08:00:30Z to"));
        }
        if (i + 1 < count)
            advance(15000);
    }
}

START_TEST(a_page_that_dips_and_is_back_is_a_gap_and_an_event_and_counts_what_it_rose)
{
    uint32_t n;
    start(one);
    dip((const int[]){1000, 1010, 1020, 300, 310, 1060, 1070}, 7, 3, 5);
    ck_assert_int_eq(total(SIG_REQUESTS, &n), 70);
    ck_assert_uint_eq(n, 6); /* each poll of the dip has a share */
}
END_TEST

enum { STOPPED, KILLED, KILLED_TWICE, KILLED_AND_STOPPED, ENDS };

static void kill_recorder(void)
{
    recorder_close(r, now, NULL);
    r = NULL;
    stop();
}

/* Whatever it waits for, and however the run ended: of all since then nobody knows what was counted. */
static void end_while_waiting(int how, const int *levels, int64_t counts)
{
    struct store_gap *g;
    uint32_t n;
    start(one);
    for (int i = 0; i < 15; i++) {
        poll(0, requests(i < 12 ? 1000 + 10 * i : levels[i - 12]));
        commit();
        advance(15000);
    }
    ck_assert_int_eq(stored_status().state, SOURCE_WATCHING);
    ck_assert_uint_eq(gaps(&g), 0);
    for (int run = 0; run < (how == KILLED_TWICE || how == KILLED_AND_STOPPED ? 2 : 1); run++) {
        const bool stops = how == STOPPED || (how == KILLED_AND_STOPPED && run == 1);
        stops ? stop() : kill_recorder();
        start(one);
        ck_assert_int_eq(stored_status().state == SOURCE_WATCHING, !stops);
    }
    poll(0, requests(30000));
    commit();
    int64_t from = INT64_MAX, to = 0, sum = 0;
    for (size_t i = gaps(&g); i > 0; i--) {
        ck_assert(g[i - 1].lost);
        from = g[i - 1].t0_ms < from ? g[i - 1].t0_ms : from;
        to = g[i - 1].t1_ms > to ? g[i - 1].t1_ms : to;
        sum += g[i - 1].t1_ms - g[i - 1].t0_ms;
    }
    ck_assert(from == now - 4 * 15000 && to == now && sum == to - from);
    ck_assert_int_eq(total(SIG_REQUESTS, &n), 110 + counts);
    for (int i = 0; i < 3; i++) { /* told once */
        advance(15000);
        poll(0, requests(30010 + 10 * i));
        commit();
    }
    ck_assert_int_eq(stored_status().state, SOURCE_OK);
    ck_assert_uint_le(gaps(&g), 2);
}

START_TEST(what_waits_when_the_recorder_ends_is_a_gap)
{
    end_while_waiting(_i, (const int[]){300, 310, 320}, 0); /* most fell, and what comes after it waits as well */
    stop();
    world_teardown();
    setup();
    end_while_waiting(_i, (const int[]){9000, 17000, 25000}, 16000); /* most rose, and only the first of these waits */
}
END_TEST

/* Five models that go on at a poll, and z, of which requests alone are told, at n. */
static const char *beside(int i, int n)
{
    static const char line[] =
        "litellm_proxy_total_requests_metric_total{requested_model=\"%s\",status_code=\"200\",route=\"/chat/completions\"} %d\n"
        "litellm_spend_metric_total{model=\"%s\"} %d\n";
    static char page[4000];
    size_t used = (size_t)snprintf(page, sizeof page, "# TYPE litellm_proxy_total_requests_metric_total counter\n");
    for (int m = 0; m < 5; m++) {
        const char name[] = {(char)('a' + m), '\0'};
        used += (size_t)snprintf(page + used, sizeof page - used, line, name, 1000 + 10 * i, name, 100 + i);
    }
    snprintf(page + used, sizeof page - used,
             "litellm_proxy_total_requests_metric_total{requested_model=\"z\",status_code=\"200\",route=\"/chat/completions\"} %d\n", n);
    return page;
}

/* One model's counter began anew: its signal is watched, by the counter's name, and what a recorder leaves unsettled is of that signal. */
START_TEST(what_one_counter_leaves_unsettled_is_of_its_signal)
{
    static const uint64_t requests_alone = UINT64_C(1) << SIG_REQUESTS;
    for (int how = STOPPED; how <= KILLED; how++) {
        struct store_gap *g;
        uint32_t n;
        start(one);
        for (int i = 0; i < 10; i++) {
            poll(0, beside(i, i < 8 ? 900 + 3 * i : 4));
            commit();
            const struct source_status s = stored_status();
            ck_assert_int_eq(s.state, i < 8 ? SOURCE_OK : SOURCE_WATCHING);
            ck_assert_uint_eq(s.watching_signals, i < 8 ? 0 : requests_alone);
            ck_assert_msg(
                i < 8 ||
                    strstr(s.reason,
                           "litellm_proxy_total_requests_metric_total{model=\"z\",route=\"/chat/completions\",class=\"ok\"} fell after ") ==
                        s.reason,
                "%s", s.reason);
            advance(15000);
        }
        ck_assert_int_eq(total(SIG_COST, &n), 9 * 5 * INT64_C(1000000000));
        how == STOPPED ? stop() : kill_recorder();
        start(one);
        ck_assert_uint_eq(stored_status().watching_signals, how == STOPPED ? 0 : requests_alone);
        advance(4 * 15000);
        poll(0, beside(14, 20));
        commit();
        ck_assert_uint_eq(gaps(&g), 2);
        ck_assert(g[0].lost && g[0].signals == requests_alone && g[0].t0_ms == now - 7 * 15000);
        ck_assert(g[1].lost && g[1].signals == 0 && g[1].t0_ms == now - 5 * 15000 && g[1].t1_ms == now);
        ck_assert_int_eq(g[0].t1_ms, g[1].t0_ms);
        stop();
        world_teardown();
        setup();
    }
}
END_TEST

static const char slowly[] = "gateway: g\nsources:\n  - {name: a, metrics: \"http://127.0.0.1:1/metrics\", interval: 1s}\n";

static enum source_state state_at(int64_t cursor_ms)
{
    struct source_status *list;
    size_t count;
    ck_assert_int_eq(store_sources(st, cursor_ms, &arena, &list, &count, &ctx), ERR_OK);
    ck_assert_uint_eq(count, 1);
    return list[0].state;
}

/* It is asked each second and takes more than three to answer, most times: so it is asked each four. That is told, and is neither old, late
 * nor a gap. */
START_TEST(a_source_that_answers_slowly_is_well_and_is_told)
{
    struct store_late *l;
    struct store_gap *g;
    start(slowly);
    for (int i = 0; i < 40; i++) {
        const int64_t asked = now;
        const bool slow = i % 4 != 1;
        char page[600];
        struct source_request rq;
        took_ms = slow ? 3060 : 200;
        snprintf(page, sizeof page, "process_start_time_seconds %lld\n%s", i < 31 ? 1700000000LL : 1800000100LL,
                 requests(i < 31 ? 100 + i : i));
        ck_assert(recorder_request(r, 0, now, &rq));
        advance(took_ms);
        ck_assert(i == 0 || state_at(now) == SOURCE_OK); /* the last moment at which the answer before is the newest */
        ck_assert(answer(0, page));
        ck_assert(!recorder_request(r, 0, now, &rq));
        commit();
        ck_assert_str_eq(stored_status().reason, "answers in up to 3.1s, asked every 1s");
        ck_assert_int_eq(stored_status().duration_ms, took_ms);
        ck_assert_int_eq(state_at(asked + 3 * 3060), SOURCE_OK);
        ck_assert_int_eq(state_at(asked + 3 * 4000 + 1), SOURCE_STALE); /* it hangs */
        ck_assert_uint_eq(late(asked - 1, &l), 0);
        advance(asked + (slow ? 4000 : 1000) - now);
    }
    ck_assert_uint_eq(gaps(&g), 0);
    took_ms = 100;
    for (int i = 0; i < 2 * SLOW_POLLS; i++) {
        poll(0, requests(60 + i));
        commit();
        advance(1000);
    }
    ck_assert_str_eq(stored_status().reason, "");
    ck_assert_int_eq(state_at(now - 1000 + 3001), SOURCE_STALE);
}
END_TEST

/* What did not answer took as long as it was waited for; that is no time in which it answers. */
START_TEST(a_failure_makes_no_source_slow)
{
    struct source_request rq;
    const struct http_result late_one = {.failed = HTTP_TIME, .total_ms = 10000};
    start(slowly);
    poll(0, requests(1));
    commit();
    advance(1000);
    ck_assert(recorder_request(r, 0, now, &rq));
    advance(10000);
    ck_assert(!recorder_done(r, 0, &late_one, now));
    ck_assert(!recorder_request(r, 0, now, &rq));
    commit();
    ck_assert_int_eq(stored_status().state, SOURCE_DOWN);
    poll(0, requests(2));
    commit();
    ck_assert_int_eq(stored_status().slow_ms, 0);
    ck_assert_str_eq(stored_status().reason, "");
}
END_TEST

START_TEST(a_recorder_that_did_not_run_leaves_a_gap_where_a_poll_was_missed)
{
    struct store_gap *g;
    start(one);
    poll(0, requests(100));
    commit();
    recorder_gap(r, now, now + 14000, "the recorder did not run"); /* the next poll is due after 15 s */
    commit();
    g = NULL;
    ck_assert_uint_eq(gaps(&g), 0);
    recorder_gap(r, now, now + 62000, "the recorder did not run");
    advance(62000);
    poll(0, requests(110));
    commit();
    ck_assert_uint_eq(gaps(&g), 1);
    ck_assert_int_eq(g[0].t1_ms - g[0].t0_ms, 62000);
    ck_assert_str_eq(g[0].reason, "the recorder did not run");
    struct store_late *l;
    ck_assert_uint_eq(late(now - 1, &l), 1);
    ck_assert_int_eq(l[0].t0_ms, now - 62000);
}
END_TEST

/* What was ruled of the store's source of that name: '+' counts, '-' kept, '?' unresolved, ' ' no such source. */
static char word(const char *name, enum signal signal)
{
    struct source_status *list;
    struct store_authority *rulings;
    size_t count, ruling_count;
    ck_assert_int_eq(store_sources(st, now, &arena, &list, &count, &ctx), ERR_OK);
    ck_assert_int_eq(store_authorities(st, &arena, &rulings, &ruling_count, &ctx), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        struct store_authority a = store_authority_of(rulings, ruling_count, list[i].id);
        if (strcmp(list[i].name, name) == 0)
            return a.kept >> signal & 1 ? '-' : a.unresolved >> signal & 1 ? '?' : '+';
    }
    return ' ';
}

static const char *litellm_e2e(int n)
{
    static char text[300];
    snprintf(text, sizeof text,
             "litellm_request_total_latency_metric_bucket{le=\"1\"} %d\nlitellm_request_total_latency_metric_bucket{le=\"+Inf\"} %d\n", n,
             n);
    return text;
}

static const char *vllm_e2e(int n)
{
    static char text[500];
    snprintf(text, sizeof text,
             "# TYPE vllm:e2e_request_latency_seconds histogram\nvllm:e2e_request_latency_seconds_bucket{le=\"1\"} %d\n"
             "vllm:e2e_request_latency_seconds_bucket{le=\"+Inf\"} %d\nvllm:e2e_request_latency_seconds_sum %d\n"
             "vllm:e2e_request_latency_seconds_count %d\nvllm:num_requests_running 1\n",
             n, n, n, n);
    return text;
}

#define ENGINE "  - {name: engine, metrics: \"http://127.0.0.1:1/vllm\"}\n"
#define REPLICA(n) "  - {name: gw-" #n ", metrics: \"http://127.0.0.1:1/" #n "\"}\n"

/* Two polls of each source: the first `gateways` in the configuration are the gateway's, the rest are engines. */
static void poll_all(uint32_t gateways, uint32_t engines)
{
    for (int n = 1; n <= 2; n++) {
        for (uint32_t i = 0; i < gateways + engines; i++)
            poll(i, i < gateways ? litellm_e2e(n) : vllm_e2e(n));
        commit();
        advance(15000);
    }
}

/* A page of two histograms, of which one bucket may hold less than the one below it. */
static const char *buckets_of(int n, bool odd_e2e, bool odd_ttft)
{
    static char text[400];
    snprintf(text, sizeof text,
             "litellm_request_total_latency_metric_bucket{le=\"1\"} %d\nlitellm_request_total_latency_metric_bucket{le=\"+Inf\"} %d\n"
             "litellm_llm_api_time_to_first_token_metric_bucket{le=\"1\"} %d\n"
             "litellm_llm_api_time_to_first_token_metric_bucket{le=\"+Inf\"} %d\n",
             n + (odd_e2e ? 2 : 0), n, n + (odd_ttft ? 2 : 0), n);
    return text;
}

START_TEST(buckets_that_do_not_rise_are_written_down_for_consoles)
{
    int64_t at_ms[SIG_COUNT], ttft_ms, e2e_ms;
    const char *config = "gateway: g\nsources:\n" REPLICA(1);
    struct source_status *list;
    size_t count;
    start(config);
    poll(0, buckets_of(1, false, false));
    commit();
    ck_assert_int_eq(store_sources(st, now, &arena, &list, &count, &ctx), ERR_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(store_odd_buckets(st, list[0].id, INT64_MAX, &arena, at_ms, &ctx), ERR_OK);
    ck_assert(at_ms[SIG_E2E] == 0 && at_ms[SIG_TTFT] == 0);
    advance(15000);
    ttft_ms = now;
    poll(0, buckets_of(2, false, true));
    commit();
    advance(15000);
    e2e_ms = now;
    poll(0, buckets_of(5, true, false)); /* the other's instant stays */
    commit();
    ck_assert_int_eq(store_odd_buckets(st, list[0].id, INT64_MAX, &arena, at_ms, &ctx), ERR_OK);
    ck_assert(at_ms[SIG_E2E] == e2e_ms && at_ms[SIG_TTFT] == ttft_ms && at_ms[SIG_ITL] == 0);
    stop();
    start(config);
    advance(15000);
    poll(0, buckets_of(8, false, false));
    commit();
    advance(STORE_ODD_BUCKETS_MS);
    e2e_ms = now;
    poll(0, buckets_of(10, true, false)); /* also what an earlier run wrote down */
    commit();
    ck_assert_int_eq(store_odd_buckets(st, list[0].id, INT64_MAX, &arena, at_ms, &ctx), ERR_OK);
    ck_assert(at_ms[SIG_E2E] == e2e_ms && at_ms[SIG_TTFT] == ttft_ms);
    ck_assert_int_eq(store_odd_buckets(st, list[0].id, e2e_ms - 1, &arena, at_ms, &ctx), ERR_OK);
    ck_assert(at_ms[SIG_E2E] < e2e_ms && at_ms[SIG_E2E] > ttft_ms); /* as it was known then */
}
END_TEST

START_TEST(of_two_views_of_one_traffic_one_has_the_word)
{
    start("gateway: g\nsources:\n" ENGINE REPLICA(1));
    for (int n = 1; n <= 2; n++) {
        poll(0, vllm_e2e(n));
        poll(1, litellm_e2e(n));
        commit();
        advance(15000);
    }
    ck_assert_int_eq(word("gw-1", SIG_E2E), '+');
    ck_assert_int_eq(word("engine", SIG_E2E), '-');
    ck_assert_int_eq(word("engine", SIG_RUNNING), '+'); /* only the engine has it */
}
END_TEST

/* A stage that only one source tells counts beside another's stages, and what several tell counts once; also when it is told of later. */
START_TEST(stages_are_ruled_on_one_by_one)
{
    struct store_stage *kept;
    size_t count;
    char page[600];
    start("gateway: g\nsources:\n" REPLICA(1) "  - {name: agw, metrics: \"http://127.0.0.1:1/agw\"}\n");
    for (int n = 1; n <= 3; n++) {
        snprintf(page, sizeof page, "%slitellm_guardrail_latency_seconds_bucket{guardrail_name=\"pii\",le=\"+Inf\"} %d\n", litellm_e2e(n),
                 n);
        poll(0, page);
        snprintf(page, sizeof page,
                 "agentgateway_requests_total{backend=\"b\"} %d\nagentgateway_request_processing_seconds_bucket{le=\"+Inf\"} %d\n%s", n, n,
                 n < 2 ? "" : "agentgateway_upstream_call_duration_seconds_bucket{subtype=\"Guardrail\",le=\"+Inf\"} 1\n");
        poll(1, page);
        commit();
        advance(15000);
    }
    ck_assert_int_eq(word("gw-1", SIG_STAGE_LATENCY), '+');
    ck_assert_int_eq(word("agw", SIG_STAGE_LATENCY), '+');
    ck_assert_int_eq(store_kept_stages(st, &arena, &kept, &count, &ctx), ERR_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(kept[0].signal, SIG_STAGE_LATENCY);
    ck_assert_str_eq(intern_text(store_strings(st), kept[0].stage), "guardrail");
    ck_assert_uint_eq(kept[0].source, recorder_status(r, 1).id);
}
END_TEST

START_TEST(replicas_have_the_word_together)
{
    start("gateway: g\nsources:\n" REPLICA(1) REPLICA(2) ENGINE);
    poll_all(2, 1);
    ck_assert_int_eq(word("gw-1", SIG_E2E), '+');
    ck_assert_int_eq(word("gw-2", SIG_E2E), '+');
    ck_assert_int_eq(word("engine", SIG_E2E), '-');
    stop();
    start("gateway: g\nsources:\n" REPLICA(1) REPLICA(2) ENGINE REPLICA(3));
    refuse(0, "down"); /* of the first nothing is heard in this run, nor of its profile */
    poll(1, litellm_e2e(2));
    poll(2, vllm_e2e(2));
    poll(3, litellm_e2e(2));
    commit();
    advance(15000);
    refuse(0, "down");
    poll(1, litellm_e2e(3));
    poll(2, vllm_e2e(3));
    poll(3, litellm_e2e(3));
    commit();
    ck_assert_int_eq(word("gw-1", SIG_E2E), '+');
    ck_assert_int_eq(word("gw-2", SIG_E2E), '+');
    ck_assert_int_eq(word("gw-3", SIG_E2E), '+'); /* it has joined */
    ck_assert_int_eq(word("engine", SIG_E2E), '-');
    ck_assert_str_eq(recorder_status(r, 0).profile, "litellm");
    ck_assert_int_eq(recorder_status(r, 0).state, SOURCE_DOWN);
}
END_TEST

START_TEST(all_replicas_down_keep_the_word_and_removed_ones_lose_it)
{
    start("gateway: g\nsources:\n" REPLICA(1) REPLICA(2) ENGINE);
    poll_all(2, 1);
    stop();
    start("gateway: g\nsources:\n" ENGINE REPLICA(1) REPLICA(2));
    for (int n = 0; n < 3; n++) { /* the engine is asked directly, while both are down */
        poll(0, vllm_e2e(5 + n));
        refuse(1, "down");
        refuse(2, "down");
        commit();
        advance(15000);
    }
    ck_assert_int_eq(word("gw-1", SIG_E2E), '+');
    ck_assert_int_eq(word("engine", SIG_E2E), '-');
    stop();
    start("gateway: g\nsources:\n" REPLICA(2) ENGINE);
    ck_assert_int_eq(word("gw-1", SIG_E2E), '+'); /* what it told counts with the one that is left, from the start on */
    ck_assert_int_eq(word("gw-2", SIG_E2E), '+');
    ck_assert_int_eq(word("engine", SIG_E2E), '-');
    stop();
    start("gateway: g\nsources:\n" ENGINE);
    ck_assert_int_eq(word("gw-1", SIG_E2E), '-');
    ck_assert_int_eq(word("gw-2", SIG_E2E), '-');
    ck_assert_int_eq(word("engine", SIG_E2E), '+');
    stop();
    start("gateway: g\nsources:\n" ENGINE REPLICA(1) "authority: [{signal: e2e, source: engine}]\n");
    ck_assert_int_eq(word("gw-1", SIG_E2E), '-');
    ck_assert_int_eq(word("engine", SIG_E2E), '+');
    stop();
    start("gateway: g\nsources:\n" ENGINE REPLICA(1));
    ck_assert_int_eq(word("gw-1", SIG_E2E), '+');
    ck_assert_int_eq(word("gw-2", SIG_E2E), '+');
    ck_assert_int_eq(word("engine", SIG_E2E), '-');
}
END_TEST

static int prometheus_samples = 1; /* of each series, one every 15 s */

/* A whole poll of a Prometheus that shows these instances, separated by blanks: litellm's begin with l, vllm's with v. Each has had n
 * tokens. */
static void poll_prometheus(uint32_t i, const char *instances, int n)
{
    struct source_request rq;
    char body[2000], form[16384];
    while (recorder_request(r, i, now, &rq)) {
        snprintf(form, sizeof form, "%.*s", (int)rq.form.n, rq.form.p);
        bool discovery = strstr(form, "instance") != NULL; /* count by (__name__,job,instance) */
        const char *wanted = strstr(form, "litellm_input_tokens") != NULL ? "l" : "v";
        size_t used = (size_t)snprintf(body, sizeof body, "{\"status\":\"success\",\"data\":{\"resultType\":\"%s\",\"result\":[",
                                       discovery ? "vector" : "matrix");
        bool first = true;
        for (const char *at = instances; *at != '\0'; at += strcspn(at, " "), at += *at == ' ') {
            if (!discovery && *at != *wanted)
                continue;
            used += (size_t)snprintf(
                body + used, sizeof body - used, "%s{\"metric\":{\"__name__\":\"%s\",\"job\":\"j\",\"instance\":\"%.*s\"},",
                first ? "" : ",", *at == 'l' ? "litellm_input_tokens_metric_total" : "vllm:prompt_tokens_total", (int)strcspn(at, " "), at);
            used += (size_t)snprintf(body + used, sizeof body - used, discovery ? "\"value\":[1,\"1\"]}" : "\"values\":[");
            for (int k = prometheus_samples - 1; !discovery && k >= 0; k--)
                used += (size_t)snprintf(body + used, sizeof body - used, "[%lld,\"%d\"]%s", (long long)(now / 1000 - 5 - 15 * k), n - k,
                                         k > 0 ? "," : "]}");
            first = false;
        }
        snprintf(body + used, sizeof body - used, "]}}");
        answer(i, body);
    }
    commit();
    advance(15000);
}

START_TEST(a_target_that_a_prometheus_does_not_show_may_be_down_for_a_day)
{
    static const char yaml[] =
        "gateway: g\nsources:\n  - {name: p, prometheus: \"http://127.0.0.1:1\", interval: 15s, lag: 0s, backfill: 1m}\n";
    start(yaml);
    for (int n = 1; n <= 3; n++)
        poll_prometheus(0, "l:1 l:2 v:1", n);
    ck_assert_int_eq(word("p/l:1", SIG_TOKENS_INPUT), '+');
    ck_assert_int_eq(word("p/l:2", SIG_TOKENS_INPUT), '+');
    ck_assert_int_eq(word("p/v:1", SIG_TOKENS_INPUT), '-');
    stop();
    start(yaml);
    for (int n = 4; n <= 6; n++)
        poll_prometheus(0, "v:1", n);
    ck_assert_int_eq(word("p/l:1", SIG_TOKENS_INPUT), '+');
    ck_assert_int_eq(word("p/v:1", SIG_TOKENS_INPUT), '-');
    advance(25 * 3600000);
    poll_prometheus(0, "v:1", 7);
    stop();
    start(yaml);
    ck_assert_int_eq(word("p/l:1", SIG_TOKENS_INPUT), '-');
    ck_assert_int_eq(word("p/l:2", SIG_TOKENS_INPUT), '-');
    ck_assert_int_eq(word("p/v:1", SIG_TOKENS_INPUT), '+');
    for (int n = 8; n <= 10; n++)
        poll_prometheus(0, "l:3 v:1", n);
    ck_assert_int_eq(word("p/l:1", SIG_TOKENS_INPUT), '+');
    ck_assert_int_eq(word("p/l:3", SIG_TOKENS_INPUT), '+');
    ck_assert_int_eq(word("p/v:1", SIG_TOKENS_INPUT), '-');
}
END_TEST

/* The state of the store's source of that name, as a console sees it. */
static enum source_state state(const char *name, const char **ret_reason)
{
    struct source_status *list;
    size_t count;
    ck_assert_int_eq(store_sources(st, now, &arena, &list, &count, &ctx), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        *ret_reason = list[i].reason;
        if (strcmp(list[i].name, name) == 0)
            return list[i].state;
    }
    ck_abort_msg("no source %s", name);
}

/* kill -9: nothing is noted. */
/* A Prometheus tells afterwards what it scraped while nobody could ask it. */
START_TEST(what_is_read_after_an_outage_was_not_known_in_it)
{
    const char *why;
    struct store_late *l;
    start("gateway: g\nsources:\n  - {name: p, prometheus: \"http://127.0.0.1:1\", interval: 15s, lag: 0s, backfill: 10m}\n");
    for (int n = 1; n <= 5; n++)
        poll_prometheus(0, "v:1", n);
    ck_assert_uint_eq(late(now - 30000, &l), 0); /* it is always some seconds behind */
    const int64_t last = now - 20000, back = now + 120000;
    kill_recorder();
    advance(120000);
    start("gateway: g\nsources:\n  - {name: p, prometheus: \"http://127.0.0.1:1\", interval: 15s, lag: 0s, backfill: 10m}\n");
    prometheus_samples = 9;
    poll_prometheus(0, "v:1", 14);
    prometheus_samples = 1;
    poll_prometheus(0, "v:1", 15);
    now = last + 75000;
    ck_assert_uint_eq(late(now, &l), 1);
    ck_assert_int_eq(l[0].t0_ms, last);
    ck_assert_int_ge(l[0].t1_ms, last + 75000);
    ck_assert_int_eq(l[0].known_ms, back);
    ck_assert_int_eq(state("p/v:1", &why), SOURCE_STALE);
    now = back + 1000;
    ck_assert_int_eq(state("p/v:1", &why), SOURCE_OK);
}
END_TEST

/* A Prometheus that is always late: a row a minute, whatever the interval of commits, without a break. */
START_TEST(what_is_always_late_is_a_row_a_minute)
{
    struct store_late *l;
    size_t most = 0, rows;
    start(one);
    poll(0, requests(1));
    for (int n = 1; n <= 40; n++) {
        const struct normalise_report rep = {
            .seen = 1, .kept = 1, .warning = "", .watch_text = "", .lack_text = "", .process_start_s = NAN};
        struct feedsource *s = &r->sources[0];
        advance(15000);
        s->stamped = true;
        s->poll_ms = now;
        recorder_good(r, s, &s->targets[0], &rep, now - 100000);
        commit();
    }
    for (int64_t at = now - 30 * 15000; at < now - 60000; at += 15000) {
        rows = late(at, &l);
        ck_assert_uint_ge(rows, 1);
        most = rows > most ? rows : most;
        for (size_t i = 1; i < rows; i++)
            ck_assert_int_eq(l[i].t0_ms, l[i - 1].t1_ms);
        ck_assert_int_ge(l[0].t0_ms, at - 100000 - 60000 - 15000);
        ck_assert_int_le(l[0].t0_ms, at - 85000);
    }
    ck_assert_uint_le(most, 3);
}
END_TEST

START_TEST(a_target_that_is_gone_has_stopped_and_its_place_is_used_again)
{
    const char *why;
    struct store_gap *g;
    start("gateway: g\nsources:\n  - {name: p, prometheus: \"http://127.0.0.1:1\", interval: 15s, lag: 0s, backfill: 1m}\n");
    for (int n = 1; n <= 3; n++)
        poll_prometheus(0, "v:1 v:2", n);
    advance(23 * 3600000);
    poll_prometheus(0, "v:2", 4);
    ck_assert_int_eq(state("p/v:1", &why), SOURCE_STALE); /* it may be down */
    for (int hour = 0; hour < 2; hour++) {
        advance(3600000);
        poll_prometheus(0, "v:2", 5 + hour);
    }
    ck_assert_int_eq(state("p/v:1", &why), SOURCE_STOPPED);
    ck_assert_str_eq(why, "its Prometheus has not shown it for a day");
    ck_assert_int_eq(state("p/v:2", &why), SOURCE_OK);
    ck_assert_int_eq(state("p", &why), SOURCE_OK);
    ck_assert_uint_eq(r->sources[0].target_count, 2);
    advance(300000); /* a discovery is due */
    poll_prometheus(0, "v:2 v:3", 7);
    ck_assert_uint_eq(r->sources[0].target_count, 3);
    ck_assert_uint_eq(r->sources[0].target_cap, 4);
    size_t before = gaps(&g);
    advance(300000);
    poll_prometheus(0, "v:1 v:2 v:3", 8); /* one that comes back */
    ck_assert_int_eq(state("p/v:1", &why), SOURCE_OK);
    ck_assert_uint_eq(gaps(&g), before + 1);
}
END_TEST

START_TEST(more_targets_in_a_day_than_there_is_room_for_take_the_place_of_the_oldest)
{
    const char *why;
    start("gateway: g\nsources:\n  - {name: p, prometheus: \"http://127.0.0.1:1\", interval: 15s, lag: 0s, backfill: 1m}\n");
    poll_prometheus(0, "v:1 v:2", 1);
    for (int i = 2; r->sources[0].target_count < TARGETS_MAX; i++) {
        char key[20];
        uint32_t at;
        snprintf(key, sizeof key, "v:old%d", i);
        ck_assert_int_eq(recorder_target(&r->sources[0], str_of(key), NULL, &at, &ctx), ERR_OK);
        r->sources[0].targets[at].heard_ms = now;
    }
    advance(300000);
    poll_prometheus(0, "v:2 v:3", 2);
    ck_assert_int_eq(recorder_status(r, 0).state, SOURCE_DOWN); /* the others may be late */
    advance(600000);
    poll_prometheus(0, "v:2 v:3", 3);
    ck_assert_int_eq(recorder_status(r, 0).state, SOURCE_OK);
    ck_assert_int_eq(state("p/v:3", &why), SOURCE_OK);
    ck_assert_int_eq(state("p/v:1", &why), SOURCE_STOPPED);
    ck_assert_str_eq(why, "its Prometheus shows others in its place");
}
END_TEST

START_TEST(what_is_gone_after_a_kill_has_stopped_from_the_start_on)
{
    const char *why;
    start("gateway: g\nsources:\n" REPLICA(1) REPLICA(2) "  - {name: p, prometheus: \"http://127.0.0.1:1\", lag: 0s, backfill: 1m}\n");
    poll(0, litellm_e2e(1));
    poll(1, litellm_e2e(1));
    poll_prometheus(2, "v:1 v:2", 1);
    poll_prometheus(2, "v:1 v:2", 2);
    advance(23 * 3600000);
    poll_prometheus(2, "v:2", 3);
    kill_recorder();
    advance(2 * 3600000);
    start("gateway: g\nsources:\n" REPLICA(2) "  - {name: p, prometheus: \"http://127.0.0.1:1\", lag: 0s, backfill: 1m}\n");
    ck_assert_int_eq(state("gw-1", &why), SOURCE_STOPPED);
    ck_assert_str_eq(why, "it is no longer configured");
    ck_assert_int_eq(state("gw-2", &why), SOURCE_STALE);
    ck_assert_int_eq(state("p/v:1", &why), SOURCE_STALE); /* for all that was seen, 23 hours */
    poll_prometheus(1, "v:2", 4);
    advance(3600000);
    poll_prometheus(1, "v:2", 4);
    ck_assert_int_eq(state("p/v:1", &why), SOURCE_STALE); /* this run has not looked for long */
    kill_recorder();
    start("gateway: g\nsources:\n" REPLICA(2) "  - {name: p, prometheus: \"http://127.0.0.1:1\", lag: 0s, backfill: 1m}\n");
    ck_assert_int_eq(state("p/v:1", &why), SOURCE_STOPPED);
    ck_assert_int_ne(state("p/v:2", &why), SOURCE_STOPPED);
    ck_assert_int_ne(state("p", &why), SOURCE_STOPPED);
}
END_TEST

/* Six counters; every value is scaled. */
static const char *many(int scale)
{
    static char text[2000];
    size_t n = 0;
    for (int i = 1; i <= 6; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "litellm_spend_metric_total{api_key_alias=\"k%d\"} %d\n", i, i * scale);
    return text;
}

START_TEST(one_endpoint_under_two_gateways_is_unresolved_and_two_that_are_alike_are_not)
{
    static const char yaml[] =
        "sources:\n  - name: a\n    gateway: one\n    metrics: http://127.0.0.1:1/a\n  - name: b\n    gateway: two\n    metrics: "
        "http://127.0.0.1:1/b\n"
        "  - name: c\n    gateway: three\n    metrics: http://127.0.0.1:1/c\n";
    start(yaml);
    for (int i = 0; i < 2; i++) {
        poll(0, many(1000 + i));
        poll(1, many(1001 + i));
        poll(2, many(2500 + i)); /* the same keys elsewhere, with traffic of its own */
        commit();
        advance(15000);
    }
    ck_assert_int_eq(word("a", SIG_COST), '?');
    ck_assert_int_eq(word("b", SIG_COST), '?');
    ck_assert_int_eq(word("c", SIG_COST), '+');
    stop();
    start(yaml); /* before they can be compared again, it stays so */
    ck_assert_int_eq(word("b", SIG_COST), '?');
    poll(0, many(1010));
    refuse(1, "down");
    commit();
    ck_assert_int_eq(word("a", SIG_COST), '?');
    ck_assert_int_eq(word("b", SIG_COST), '?');
    advance(15000);
    poll(1, many(7000)); /* another endpoint now */
    poll(2, many(2502));
    commit();
    ck_assert_int_eq(word("a", SIG_COST), '+');
    ck_assert_int_eq(word("b", SIG_COST), '+');
}
END_TEST

START_TEST(an_unknown_profile_stops_the_start)
{
    const struct store_options so = {.private_files = true};
    ck_assert_int_eq(
        config_parse(str_of("sources:\n  - name: a\n    metrics: http://127.0.0.1:1/\n    profile: nonsuch\n"), "test.yaml", &cfg, &ctx),
        ERR_OK);
    ck_assert_int_eq(store_open_writer(path, &so, &clk, &st, &ctx), ERR_OK);
    const struct recorder_options ro = {&cfg, &profiles, NULL};
    ck_assert_int_eq(recorder_open(st, &ro, now, &r, &ctx), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(ctx.text, "no profile named nonsuch"));
    store_close(st);
    config_fini(&cfg);
}
END_TEST

/* What the analyser measures itself is stored with the polls, each once. */
START_TEST(evidence_is_kept_once)
{
    enum { POLLS = 20, FIRST = 1 /* it says what is counted from; the second brings what a baseline needs */ };
    char page[400];
    uint32_t samples;
    start("gateway: gw\nsources:\n- {name: v, metrics: 'http://127.0.0.1:1/metrics', profile: vllm}\n");
    for (int i = 0; i < POLLS; i++) {
        snprintf(page, sizeof page,
                 "# TYPE vllm:request_success_total counter\n"
                 "vllm:request_success_total{model_name=\"m\",finished_reason=\"stop\"} %d\n"
                 "vllm:request_success_total{model_name=\"m\",finished_reason=\"length\"} %d\n",
                 1000 + 100 * i, 1000 + 30 * i);
        ck_assert(poll(0, page));
        commit();
        advance(60000);
    }
    (void)total(SIG_DRIFT_EVIDENCE, &samples);
    ck_assert_uint_eq(samples, POLLS - FIRST);
}
END_TEST

START_TEST(another_version_on_a_page_is_a_change_also_over_a_restart)
{
    static const char page[] = "# TYPE agentgateway_requests counter\nagentgateway_requests_total{status=\"200\"} 4\n"
                               "# TYPE agentgateway_build info\nagentgateway_build_info{tag=\"v1.%d.0\"} 1\n";
    static const int tags[] = {1, 1, 2, 2, 1, 1, 3, 3};
    static const char *const texts[] = {"v1.1.0 -> v1.2.0", "v1.2.0 -> v1.1.0", "v1.1.0 -> v1.3.0"};
    struct event *list;
    size_t count, told = 0;
    start(one);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        char text[300];
        snprintf(text, sizeof text, page, tags[i]);
        ck_assert(poll(0, text));
        commit();
        advance(15000);
        if (i == 5) { /* what was deployed while nobody looked */
            stop();
            start(one);
        }
    }
    ck_assert_int_eq(store_events(st, 0, now, now, &arena, &list, &count, &ctx), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        if (list[i].kind != EVENT_DEPLOY)
            continue;
        ck_assert_str_eq(list[i].source, "a");
        ck_assert_uint_lt(told, sizeof texts / sizeof *texts);
        ck_assert_ptr_nonnull(strstr(list[i].text, texts[told++]));
    }
    ck_assert_uint_eq(told, 3);
    ck_assert_int_eq(recorder_status(r, 0).state, SOURCE_OK);
    ck_assert_uint_eq(recorder_status(r, 0).families_unknown, 0);
}
END_TEST

Suite *suite_recorder(void);
Suite *suite_recorder(void)
{
    Suite *s = suite_create("recorder");
    TCase *c = tcase_create("recorder");
    tcase_add_checked_fixture(c, setup, world_teardown);
    tcase_add_test(c, what_profiles_say_is_written_once);
    tcase_add_test(c, every_note_of_a_signal_is_written);
    tcase_add_test(c, polls_become_durable_in_one_commit);
    tcase_add_test(c, another_version_on_a_page_is_a_change_also_over_a_restart);
    tcase_add_test(c, a_page_that_is_not_recognised_yet_counts_from_its_first_recognised_poll);
    tcase_add_test(c, a_failure_is_a_state_with_a_reason_and_then_a_gap);
    tcase_add_test(c, a_gap_in_which_counters_began_anew_is_lost);
    tcase_add_test(c, a_page_that_lost_all_its_series_is_no_good_poll);
    tcase_add_test(c, time_without_a_recorder_is_a_gap);
    tcase_add_test(c, a_recorder_that_is_started_anew_between_two_polls_leaves_a_gap);
    tcase_add_test(c, a_clock_that_was_set_back_loses_nothing);
    tcase_add_test(c, workers_in_turn_are_told_in_the_status);
    tcase_add_test(c, what_was_counted_before_several_workers_were_known_is_taken_back);
    tcase_add_test(c, a_page_that_lacks_a_part_is_a_state_and_its_counts_come_later);
    tcase_add_test(c, a_recorder_that_begins_anew_knows_what_a_page_lacked);
    tcase_add_loop_test(c, what_was_in_use_is_expected_at_the_start, 0, 3);
    tcase_add_test(c, a_restart_without_a_start_time_is_an_event_once_its_counters_have_told);
    tcase_add_test(c, a_rise_as_never_before_is_an_event_where_it_does_not_go_on);
    tcase_add_test(c, a_restart_to_lower_counters_is_one_poll_that_is_not_known_and_no_saw);
    tcase_add_test(c, a_page_that_dips_and_is_back_is_a_gap_and_an_event_and_counts_what_it_rose);
    tcase_add_loop_test(c, what_waits_when_the_recorder_ends_is_a_gap, 0, ENDS);
    tcase_add_test(c, what_one_counter_leaves_unsettled_is_of_its_signal);
    tcase_add_test(c, a_source_that_answers_slowly_is_well_and_is_told);
    tcase_add_test(c, a_failure_makes_no_source_slow);
    tcase_add_test(c, a_recorder_that_did_not_run_leaves_a_gap_where_a_poll_was_missed);
    tcase_add_test(c, buckets_that_do_not_rise_are_written_down_for_consoles);
    tcase_add_test(c, of_two_views_of_one_traffic_one_has_the_word);
    tcase_add_test(c, replicas_have_the_word_together);
    tcase_add_test(c, stages_are_ruled_on_one_by_one);
    tcase_add_test(c, a_target_that_a_prometheus_does_not_show_may_be_down_for_a_day);
    tcase_add_test(c, what_is_read_after_an_outage_was_not_known_in_it);
    tcase_add_test(c, what_is_always_late_is_a_row_a_minute);
    tcase_add_test(c, a_target_that_is_gone_has_stopped_and_its_place_is_used_again);
    tcase_add_test(c, more_targets_in_a_day_than_there_is_room_for_take_the_place_of_the_oldest);
    tcase_add_test(c, what_is_gone_after_a_kill_has_stopped_from_the_start_on);
    tcase_add_test(c, all_replicas_down_keep_the_word_and_removed_ones_lose_it);
    tcase_add_test(c, one_endpoint_under_two_gateways_is_unresolved_and_two_that_are_alike_are_not);
    tcase_add_test(c, an_unknown_profile_stops_the_start);
    tcase_add_test(c, evidence_is_kept_once);
    suite_add_tcase(s, c);
    return s;
}
