/* SPDX-License-Identifier: MIT */
/* What is said of a store that is fed step by step: the exact lines, and the silence between them. */
#include "sessions/plain_world.h"

#include <errno.h>

static void put_alert(struct plain_world *w, enum alert_state state, int64_t onset_ms)
{
    int64_t now_ms = w->f.manual.wall_ms;
    struct alert al = {.rule = "slo:gpt-x availability:page-1h",
                       .scope = "model=gpt-x",
                       .severity = SEV_PAGE,
                       .state = state,
                       .since_ms = now_ms,
                       .onset_ms = onset_ms,
                       .known_ms = now_ms,
                       .burn_long = 20,
                       .burn_short = 200,
                       .window_long_ms = 3600000,
                       .window_short_ms = 300000,
                       .text = "burns"};
    ck_assert_int_eq(store_put_alert(w->f.st, &al, NULL), ERR_OK);
}

static int64_t put_incident(struct plain_world *w, int64_t id, enum incident_state state, int64_t onset_ms, int64_t resolved_ms)
{
    int64_t now_ms = w->f.manual.wall_ms;
    struct incident in = {.id = id,
                          .title = "gpt-x errors",
                          .scope = "model=gpt-x",
                          .severity = SEV_PAGE,
                          .state = state,
                          .onset_ms = onset_ms,
                          .opened_ms = onset_ms,
                          .resolved_ms = resolved_ms,
                          .known_ms = now_ms,
                          .owner = ""};
    ck_assert_int_eq(store_put_incident(w->f.st, &in, &id, NULL), ERR_OK);
    return id;
}

static void put_event(struct plain_world *w, enum event_kind kind, int64_t at_ms, const char *text)
{
    char key[64];
    struct event e = {.at_ms = at_ms, .known_ms = w->f.manual.wall_ms, .kind = kind, .scope = "", .text = text, .source = "gwtop"};
    ck_assert(str_format(key, sizeof key, "%s:%lld", event_kind_name(kind), (long long)at_ms));
    ck_assert_int_eq(store_put_event(w->f.st, key, &e, NULL), ERR_OK);
}

static void put_entry(struct plain_world *w, int64_t incident, char letter, int64_t at_ms, const char *text)
{
    char key[64];
    struct timeline_entry t = {
        .incident = incident, .at_ms = at_ms, .known_ms = w->f.manual.wall_ms, .letter = letter, .text = text, .source = "gwtop"};
    ck_assert(str_format(key, sizeof key, "%lld:%c:%lld", (long long)incident, letter, (long long)at_ms));
    ck_assert_int_eq(store_put_timeline(w->f.st, key, &t, NULL), ERR_OK);
}

/* A page with all that the recorder writes about it; the next poll's transaction makes it durable. */
static int64_t put_page(struct plain_world *w)
{
    int64_t now_ms = w->f.manual.wall_ms, onset_ms = now_ms - 2 * MINUTE_MS;
    put_alert(w, ALERT_FIRING, onset_ms);
    put_event(w, EVENT_ERRORS, onset_ms, "gpt-x errors begin, +-1m");
    put_event(w, EVENT_PAGE, now_ms, "gpt-x errors: page: budget burn 20x over 1h and 200x over 5m");
    int64_t id = put_incident(w, 0, INCIDENT_OPEN, onset_ms, 0);
    put_entry(w, id, 'E', onset_ms, "gpt-x errors begin, +-1m");
    put_entry(w, id, 'P', now_ms, "page: budget burn 20x over 1h and 200x over 5m");
    return id;
}

START_TEST(the_moment_is_said_first_and_once)
{
    struct plain_world w;
    plain_world_open(&w);
    assert_heard(&w, "gwtop test, live 2026-11-23T16:00:00Z, newest data 0s old, 1 of 1 sources answer\n"
                     "OK: the objective holds; 0% of 500 requests failed in the last 5m\n"
                     "REAL: gw 0s answer\n"
                     "figures of the last 5m, and what they were 1h before\n"
                     "req/s: 1.67, was 1.67, n 500\n"
                     "fail % all: 0, was 0, n 500\n"
                     "nothing observed for ttft p95, e2e p99, cost $/h\n"
                     "SLO gpt-x availability 99.9%: 0.00x/5m 0.00x/1h  ~100% left\n"
                     "16:00:00Z from here on a line per change, and one after 5m without\n");
    plain_turns(&w);
    assert_silence(&w);
    plain_world_close(&w);
}
END_TEST

START_TEST(quiet_minutes_are_silent_but_for_a_heartbeat_every_five)
{
    struct plain_world w;
    plain_world_open(&w);
    (void)plain_heard(&w);
    for (int i = 1; i <= 4; i++) {
        plain_poll(&w, 100 + i, 0);
        plain_turns(&w);
        assert_silence(&w);
    }
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    assert_heard(
        &w,
        "16:05:00Z still OK: the objective holds; 0% of 510 requests failed in the last 5m; newest data 0s old, 1 of 1 sources answer\n");
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    assert_silence(&w);
    plain_world_close(&w);
}
END_TEST

/* Four timelines are followed; what was written to a fifth meanwhile is said when its turn comes. */
START_TEST(what_was_written_to_an_incident_that_was_not_followed_is_caught_up_with)
{
    struct plain_world w;
    int64_t id[PLAIN_OPEN_MAX + 1];
    plain_world_open(&w);
    for (int i = 0; i <= PLAIN_OPEN_MAX; i++)
        id[i] = put_incident(&w, 0, INCIDENT_OPEN, w.f.manual.wall_ms, 0);
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    (void)plain_heard(&w);
    put_entry(&w, id[0], 't', w.f.manual.wall_ms, "ticket on the oldest");
    put_entry(&w, id[PLAIN_OPEN_MAX], 't', w.f.manual.wall_ms, "ticket on the newest");
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    ck_assert_ptr_nonnull(strstr(plain_heard(&w), "ticket on the newest"));
    put_incident(&w, id[PLAIN_OPEN_MAX], INCIDENT_RESOLVED, w.f.manual.wall_ms, w.f.manual.wall_ms);
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    const char *heard = plain_heard(&w);
    ck_assert_ptr_nonnull(strstr(heard, "ticket on the oldest"));
    ck_assert_ptr_null(strstr(heard, "ticket on the newest"));
    plain_world_close(&w);
}
END_TEST

START_TEST(a_page_begins_is_acknowledged_and_ends)
{
    struct plain_world w;
    plain_world_open(&w);
    (void)plain_heard(&w);
    plain_poll(&w, 60, 40);
    plain_turns(&w);
    assert_silence(&w); /* failures alone are no rule's state */
    int64_t incident = put_page(&w);
    plain_poll(&w, 60, 40);
    plain_turns(&w);
    assert_heard(&w, "16:02:00Z PAGE, was OK: gpt-x: 27% of requests fail since 15:59:00Z (3m), 80 lost\n"
                     "16:02:00Z incident 1 opened, page: gpt-x errors\n"
                     "16:02:00Z event, errors, at 15:59:00Z: gpt-x errors begin, +-1m\n"
                     "16:02:00Z event, page: gpt-x errors: page: budget burn 20x over 1h and 200x over 5m\n");
    put_entry(&w, incident, 't', w.f.manual.wall_ms, "ticket: budget burn 7x over 6h and 60x over 30m");
    put_incident(&w, incident, INCIDENT_ACKNOWLEDGED, w.f.manual.wall_ms, 0);
    plain_poll(&w, 60, 40);
    plain_turns(&w);
    assert_heard(&w, "16:03:00Z incident 1 acknowledged: gpt-x errors\n"
                     "16:03:00Z incident 1: ticket: budget burn 7x over 6h and 60x over 30m\n");
    put_alert(&w, ALERT_INACTIVE, 0);
    put_entry(&w, incident, 'R', w.f.manual.wall_ms, "resolved after 4m: nothing fired");
    put_incident(&w, incident, INCIDENT_RESOLVED, w.f.manual.wall_ms - 4 * MINUTE_MS, w.f.manual.wall_ms);
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    assert_heard(&w, "16:04:00Z OK, was PAGE: but gpt-x availability burned 240x its budget: 24% of 500 failed in the last 5m, 0.1% is "
                     "allowed; none of 100 failed in the last 1m; 24% of 500 requests failed in the last 5m\n"
                     "16:04:00Z incident 1 resolved after 4m: gpt-x errors\n");
    plain_turns(&w);
    assert_silence(&w);
    put_alert(&w, ALERT_FIRING, w.f.manual.wall_ms);
    put_incident(&w, incident, INCIDENT_OPEN, w.f.manual.wall_ms, 0);
    put_entry(&w, incident, '!', w.f.manual.wall_ms, "opened again: it is back within 30 min");
    plain_poll(&w, 60, 40);
    plain_turns(&w);
    assert_heard(&w, "16:05:00Z PAGE, was OK: gpt-x: 40% of requests fail since 16:04:00Z (1m), 40 lost\n"
                     "16:05:00Z incident 1 opened again, page: gpt-x errors\n");
    plain_world_close(&w);
}
END_TEST

/* Shares of the last 5 minutes under a page: a wave of a few points is silent, twice as bad is said, half as bad too, and each only after
 * two minutes. */
START_TEST(a_fluctuating_percentage_is_not_a_line_per_poll)
{
    struct plain_world w;
    plain_world_record(&w);
    for (int i = 0; i < 5; i++)
        plain_poll(&w, 70, 30);
    put_alert(&w, ALERT_FIRING, w.f.manual.wall_ms - 5 * MINUTE_MS);
    plain_poll(&w, 70, 30);
    ck_assert_int_eq(plain_world_start(&w, NULL), ERR_OK);
    (void)plain_heard(&w);
    static const int bad[] = {0, 60, 0, 60};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        plain_poll(&w, 100 - bad[i], bad[i]);
        plain_turns(&w);
        assert_silence(&w);
    }
    plain_poll(&w, 0, 200); /* (0 + 60 + 0 + 60 + 200) of 600: 53 % after 24 and 30 % */
    plain_turns(&w);
    assert_heard(&w, "16:11:00Z PAGE, worse: gpt-x: 53% of requests fail since 16:00:00Z (11m), 100% of 200 in the last 1m, 500 lost\n");
    plain_poll(&w, 0, 2000); /* 93 %, a minute later */
    plain_turns(&w);
    assert_silence(&w);
    plain_poll(&w, 0, 100);
    plain_turns(&w);
    assert_heard(&w, "16:13:00Z PAGE, worse: gpt-x: 94% of requests fail since 16:00:00Z (13m), 2.6k lost, 2.5x its requests\n");
    plain_poll(&w, 8000, 0);
    plain_turns(&w);
    assert_silence(&w);
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    assert_heard(&w, "16:15:00Z PAGE, less bad: gpt-x: none of 100 failed in the last 1m; 78% failed 16:00:00-16:13:00Z, 2.6k "
                     "lost\n");
    plain_world_close(&w);
}
END_TEST

START_TEST(a_source_becomes_stale_without_any_commit_and_comes_back)
{
    struct plain_world w;
    plain_world_open(&w);
    (void)plain_heard(&w);
    clock_manual_advance(&w.f.manual, 3 * MINUTE_MS - 1000);
    plain_turns(&w);
    assert_silence(&w);
    clock_manual_advance(&w.f.manual, 6000);
    plain_turns(&w);
    assert_heard(&w, "16:03:05Z UNKNOWN since 16:00Z, was OK: gw has not answered since 16:00:00Z; then: the objective holds; 0% of 500 "
                     "requests failed in the last 5m\n"
                     "16:03:05Z source gw stale, newest data 3m old\n"
                     "16:03:05Z data is old: newest data 3m old, 0 of 1 sources answer\n");
    clock_manual_advance(&w.f.manual, 5 * MINUTE_MS);
    plain_turns(&w);
    assert_heard(&w, "16:08:05Z still UNKNOWN since 16:00Z, was OK: gw has not answered since 16:00:00Z; then: the objective holds; 0% of "
                     "500 requests failed in the last 5m; newest "
                     "data 8m old, 0 of 1 sources answer\n");
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    assert_heard(&w, "16:09:05Z OK, was UNKNOWN: the objective holds; 0% of 100 requests failed in the last 1m\n"
                     "16:09:05Z source gw answers again, was stale for 6m\n"
                     "16:09:05Z data is live again: newest data 0s old, 1 of 1 sources answer\n");
    plain_world_close(&w);
}
END_TEST

START_TEST(sources_that_change_together_are_one_line)
{
    struct plain_world w;
    plain_world_record(&w);
    static const char *const names[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < 4; i++) {
        int64_t now_ms = w.f.manual.wall_ms;
        fixture_source(&w.f, names[i]);
        fixture_append(&w.f, now_ms);
    }
    ck_assert_int_eq(plain_world_start(&w, NULL), ERR_OK);
    (void)plain_heard(&w);
    clock_manual_advance(&w.f.manual, 4 * MINUTE_MS);
    plain_turns(&w);
    assert_heard(&w, "16:04:00Z UNKNOWN since 16:00Z, was OK: no source has answered since 16:00:00Z; then: the objective holds; 0% of 500 "
                     "requests failed in the last 5m\n"
                     "16:04:00Z 5 sources stale: gw, a, b and 2 more\n"
                     "16:04:00Z data is old: newest data 4m old, 0 of 5 sources answer\n");
    plain_world_close(&w);
}
END_TEST

START_TEST(of_many_that_do_not_answer_some_are_named_and_all_are_counted)
{
    struct plain_world w;
    char name[16];
    plain_world_record(&w);
    for (int i = 0; i < 9; i++) {
        int64_t now_ms = w.f.manual.wall_ms;
        ck_assert(str_format(name, sizeof name, "s%d", i));
        fixture_source(&w.f, name);
        fixture_append(&w.f, now_ms);
    }
    clock_manual_advance(&w.f.manual, 4 * MINUTE_MS);
    ck_assert_int_eq(plain_world_start(&w, NULL), ERR_OK);
    const char *heard = plain_heard(&w);
    ck_assert_msg(strstr(heard, "\nsource gw stale, newest data 4m old\n") != NULL, "%s", heard);
    ck_assert_msg(
        strstr(heard, "\nsource s4 stale, newest data 4m old\nand 4 more sources that do not answer; `gwtop sources` lists them\n") != NULL,
        "%s", heard);
    plain_world_close(&w);
}
END_TEST

START_TEST(the_recorder_ends_and_starts_again)
{
    struct plain_world w;
    char runs[128];
    struct store_options opt = {.private_files = true};
    plain_world_open(&w);
    (void)plain_heard(&w);
    store_close(w.f.st);
    w.f.st = NULL;
    clock_manual_advance(&w.f.manual, 6000);
    plain_turns(&w);
    assert_heard(&w, "16:00:06Z the recorder has ended: nothing is recorded until it runs again\n");
    ck_assert_int_eq(store_open_writer(w.f.path, &opt, &w.f.clock, &w.f.st, NULL), ERR_OK);
    clock_manual_advance(&w.f.manual, 6000);
    plain_turns(&w);
    ck_assert(str_format(runs, sizeof runs, "16:00:12Z the recorder runs, pid %d\n", (int)getpid()));
    assert_heard(&w, runs);
    plain_world_close(&w);
}
END_TEST

START_TEST(a_past_moment_is_said_as_known_then_and_that_is_all)
{
    struct plain_world w;
    plain_world_record(&w);
    w.opt.at = "15:30";
    w.opt.filter = "model=gpt-x";
    (void)put_page(&w); /* known at 16:00 */
    plain_poll(&w, 60, 40);
    ck_assert_int_eq(plain_world_start(&w, NULL), ERR_OK);
    ck_assert(w.end);
    assert_heard(
        &w, "gwtop test, filter model=gpt-x, at 2026-11-23T15:30:00Z, 31m ago, as known then, newest data 0s old, 1 of 1 sources answer\n"
            "OK: the objective holds; 0% of 500 requests failed in the last 5m\n"
            "REAL: gw 0s answer\n"
            "figures of the last 5m, and what they were 1h before\n"
            "req/s: 1.67, was 1.67, n 500\n"
            "fail % all: 0, was 0, n 500\n"
            "nothing observed for ttft p95, e2e p99, cost $/h\n"
            "SLO gpt-x availability 99.9%: 0.00x/5m 0.00x/1h  ~100% left\n");
    plain_world_close(&w);
}
END_TEST

START_TEST(now_is_a_moment_too_with_what_is_open_and_who_is_hit)
{
    struct plain_world w;
    plain_world_record(&w);
    w.opt.at = "now";
    (void)put_page(&w);
    plain_poll(&w, 60, 40);
    clock_manual_advance(&w.f.manual, 4 * MINUTE_MS);
    ck_assert_int_eq(plain_world_start(&w, NULL), ERR_OK);
    ck_assert(w.end);
    assert_heard(&w, "gwtop test, live 2026-11-23T16:05:00Z, newest data 4m old, 0 of 1 sources answer\n"
                     "UNKNOWN since 16:01Z, was PAGE: gw has not answered since 16:01:00Z; then: gpt-x: 13% of requests fail since "
                     "15:58:00Z (3m), 40% of 100 in the last 1m, 40 lost\n"
                     "UNSURE: no source answers: what is below is old\n"
                     "source gw stale, newest data 4m old\n"
                     "incident 1, page, open since 2026-11-23T15:58:00Z: gpt-x errors\n"
                     "figures of the last 5m, and what they were 1h before\n"
                     "req/s: 1.67, stale, was 1.67, n 500\n"
                     "fail % all: 8.00, stale, was 0, n 500\n"
                     "fail % gpt-x: 8.00, stale, was 0, n 500\n"
                     "nothing observed for ttft p95, e2e p99, cost $/h\n"
                     "who is hit, failed requests of the last 5m, stale: search 40 (100%)\n"
                     "SLO gpt-x availability 99.9%: stale: 80x/5m 6.7x/1h  ~99% left, gone ~24 Nov 00:56Z at the 5m rate; mostly spent "
                     "by team search 100%\n");
    plain_world_close(&w);
}
END_TEST

START_TEST(a_recording_that_ended_is_told_and_ends_it)
{
    struct plain_world w;
    char ended[32];
    plain_world_open(&w);
    (void)plain_heard(&w);
    plain_poll(&w, 100, 0);
    ck_assert(str_format(ended, sizeof ended, "%lld", (long long)w.f.manual.wall_ms));
    ck_assert_int_eq(store_put_note(w.f.st, "ended", w.f.manual.wall_ms, str_of(ended), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(w.f.st, NULL), ERR_OK);
    clock_manual_advance(&w.f.manual, 6000);
    plain_turns(&w);
    assert_heard(&w, "16:01:00Z the recording ended 2026-11-23T16:01:00Z; nothing follows\n");
    ck_assert(w.end);
    plain_world_close(&w);
}
END_TEST

START_TEST(a_store_that_is_not_there_yet_is_waited_for_and_the_day_is_named)
{
    struct plain_world w;
    char path[sizeof w.f.path];
    struct store_options opt = {.private_files = true};
    memset(&w, 0, sizeof w);
    fixture_open(&w.f);
    w.f.manual.mono_ms = 1000;
    ck_assert(str_format(path, sizeof path, "%s/late.db", w.f.dir));
    ck_assert(str_format(w.config, sizeof w.config, "%s/gwtop.yaml", w.f.dir));
    plain_write_config(&w, "sources:\n  - {name: gw, metrics: 'http://127.0.0.1:1/metrics'}\n");
    w.opt = (struct console_options){.config_path = w.config, .store_path = path, .filter = "", .no_recorder = true};
    ck_assert_int_eq(plain_world_start(&w, NULL), ERR_OK);
    assert_heard(&w, "14:00:00Z it is 2026-11-23, UTC\n14:00:00Z nothing recorded yet: waiting for the recorder\n");
    plain_turns(&w);
    assert_silence(&w);
    clock_manual_advance(&w.f.manual, 5 * MINUTE_MS);
    plain_turns(&w);
    assert_heard(&w, "14:05:00Z still: nothing recorded yet: waiting for the recorder\n");
    store_close(w.f.st);
    ck_assert_int_eq(store_open_writer(path, &opt, &w.f.clock, &w.f.st, NULL), ERR_OK);
    clock_manual_advance(&w.f.manual, 1000);
    plain_turns(&w);
    assert_heard(&w, "gwtop gw, live 2026-11-23T14:05:01Z, no source yet\n"
                     "UNKNOWN: no source has been recorded yet\n"
                     "UNSURE: no source answers: what is below is old\n"
                     "figures of the last 5m; nothing is recorded yet to compare them with\n"
                     "nothing observed for req/s, fail % all, ttft p95, e2e p99, cost $/h\n"
                     "14:05:01Z from here on a line per change, and one after 5m without\n");
    clock_manual_advance(&w.f.manual, 10 * 60 * MINUTE_MS);
    fixture_source(&w.f, "gw");
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    assert_heard(&w, "00:06:01Z it is 2026-11-24, UTC\n"
                     "00:06:01Z NO RULES, was UNKNOWN: nothing can page; 0% of 100 requests failed in the last 1m; `gwtop init --slo` "
                     "proposes objectives\n"
                     "00:06:01Z source gw answers\n"
                     "00:06:01Z data is live again: newest data 0s old, 1 of 1 sources answer\n");
    plain_world_close(&w);
}
END_TEST

START_TEST(a_flood_of_events_is_cut_and_counted)
{
    struct plain_world w;
    plain_world_open(&w);
    (void)plain_heard(&w);
    for (int i = 0; i < 12; i++)
        put_event(&w, EVENT_CONFIG, w.f.manual.wall_ms + i, "reload");
    put_event(&w, EVENT_SOURCE, w.f.manual.wall_ms, "source gw is down");
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    const char *heard = plain_heard(&w);
    size_t lines = 0;
    for (const char *z = heard; *z != '\0'; z++)
        lines += *z == '\n';
    ck_assert_uint_eq(lines, 9);
    ck_assert_ptr_nonnull(strstr(heard, "16:01:00Z event, config: reload\n"));
    ck_assert_ptr_nonnull(strstr(heard, "16:01:00Z 4 earlier events; the events pane lists them\n"));
    plain_world_close(&w);
}
END_TEST

START_TEST(a_past_that_is_filled_in_is_cut_and_counted_too)
{
    struct plain_world w;
    plain_world_open(&w);
    (void)plain_heard(&w);
    for (int i = 0; i < 10; i++)
        put_incident(&w, 0, INCIDENT_RESOLVED, w.f.manual.wall_ms - 7200000, w.f.manual.wall_ms - 3600000);
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    const char *heard = plain_heard(&w);
    ck_assert_msg(strstr(heard, "16:01:00Z 2 earlier incidents; `gwtop incidents` lists them\n"
                                "16:01:00Z incident 3, page, resolved after 1h: gpt-x errors\n") == heard,
                  "%s", heard);
    ck_assert_ptr_nonnull(strstr(heard, "16:01:00Z incident 10, page, resolved after 1h: gpt-x errors\n"));
    plain_world_close(&w);
}
END_TEST

START_TEST(names_are_masked_and_hostile_text_is_shown_as_text)
{
    struct plain_world w;
    plain_world_record(&w);
    plain_write_config(&w, "gateway: test\nmask_names: true\n");
    ck_assert_int_eq(plain_world_start(&w, NULL), ERR_OK);
    (void)plain_heard(&w);
    put_event(&w, EVENT_KEY, w.f.manual.wall_ms + MINUTE_MS, "team legal is new \033[31m");
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    const char *heard = plain_heard(&w);
    ck_assert_ptr_null(strstr(heard, "legal"));
    ck_assert_ptr_null(strchr(heard, '\033'));
    ck_assert_msg(strncmp(heard, "16:01:00Z event, key: team-", 27) == 0, "%s", heard);
    plain_world_close(&w);
}
END_TEST

START_TEST(a_store_that_cannot_be_read_for_a_while_is_said_and_tried_again)
{
    struct plain_world w;
    plain_world_open(&w);
    (void)plain_heard(&w);
    arena_fini(&w.p->arena);
    arena_init(&w.p->arena, 1024); /* no view fits */
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    assert_heard(&w, "16:01:00Z out of memory while reading the header\n");
    for (int i = 0; i < 4; i++) {
        plain_poll(&w, 100, 0);
        plain_turns(&w);
        assert_silence(&w);
    }
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    assert_heard(&w, "16:06:00Z still: out of memory while reading the header\n");
    arena_init(&w.p->arena, 64 << 20);
    plain_poll(&w, 100, 0);
    plain_turns(&w);
    assert_heard(&w, "16:07:00Z the store can be read again\n");
    ck_assert(!w.end);
    plain_world_close(&w);
}
END_TEST

START_TEST(a_wrong_word_or_store_is_an_error_at_once)
{
    static const struct {
        const char *at, *filter;
        enum err e;
    } wrong[] = {{"yesterdax", "", ERR_USAGE}, {NULL, "colour=red", ERR_USAGE}};
    struct errctx ctx = {.text = ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct plain_world w;
        plain_world_record(&w);
        w.opt.at = wrong[i].at;
        w.opt.filter = wrong[i].filter;
        ck_assert_int_eq(plain_world_start(&w, &ctx), wrong[i].e);
        ck_assert_str_ne(ctx.text, "");
        assert_silence(&w);
        plain_world_close(&w);
    }
    struct plain_world w;
    plain_world_record(&w);
    w.opt.store_path = w.config;
    ck_assert_int_ne(plain_world_start(&w, &ctx), ERR_OK);
    assert_silence(&w);
    plain_world_close(&w);
    plain_world_record(&w);
    w.opt.store_path = "/no/such/store.db";
    ck_assert_int_eq(plain_world_start(&w, &ctx), ERR_NOTFOUND);
    plain_world_close(&w);
}
END_TEST

START_TEST(output_that_cannot_be_written_ends_it)
{
    struct plain_world w;
    struct errctx ctx = {.text = ""};
    plain_world_record(&w);
    w.p = calloc(1, sizeof *w.p);
    FILE *full = fopen("/dev/full", "w");
    ck_assert(w.p != NULL && full != NULL);
    ck_assert_int_eq(plain_open(w.p, &w.opt, &w.f.clock, full, &ctx), ERR_OK);
    ck_assert_int_eq(plain_turn(w.p, &w.end, &ctx), ERR_IO);
    ck_assert_str_eq(ctx.text, "cannot write the lines: No space left on device");
    w.p->write_errno = EPIPE; /* who read them is gone: no error */
    ck_assert_int_eq(plain_turn(w.p, &w.end, &ctx), ERR_OK);
    ck_assert(w.end);
    plain_world_close(&w);
    fclose(full);
}
END_TEST

START_TEST(signs_are_said_in_words)
{
    static const char *const words[][2] = {
        {"?", "unknown"},          {"-", "none"},       {"n/a", "not reported"}, {">=485", "at least 485"}, {"<=3", "at most 3"},
        {"~7.8 s", "about 7.8 s"}, {">82", "above 82"}, {"<5 ms", "below 5 ms"}, {"-4.8pp", "-4.8pp"},      {"42.3", "42.3"}};
    char out[PLAIN_NUMBER_MAX];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        ck_assert_str_eq(plain_number(words[i][0], out), words[i][1]);
}
END_TEST

Suite *suite_plain_lines(void)
{
    Suite *s = suite_create("session: plain");
    TCase *c = tcase_create("lines");
    tcase_add_test(c, the_moment_is_said_first_and_once);
    tcase_add_test(c, quiet_minutes_are_silent_but_for_a_heartbeat_every_five);
    tcase_add_test(c, what_was_written_to_an_incident_that_was_not_followed_is_caught_up_with);
    tcase_add_test(c, a_page_begins_is_acknowledged_and_ends);
    tcase_add_test(c, a_fluctuating_percentage_is_not_a_line_per_poll);
    tcase_add_test(c, a_source_becomes_stale_without_any_commit_and_comes_back);
    tcase_add_test(c, sources_that_change_together_are_one_line);
    tcase_add_test(c, of_many_that_do_not_answer_some_are_named_and_all_are_counted);
    tcase_add_test(c, the_recorder_ends_and_starts_again);
    tcase_add_test(c, a_past_moment_is_said_as_known_then_and_that_is_all);
    tcase_add_test(c, now_is_a_moment_too_with_what_is_open_and_who_is_hit);
    tcase_add_test(c, a_recording_that_ended_is_told_and_ends_it);
    tcase_add_test(c, a_store_that_is_not_there_yet_is_waited_for_and_the_day_is_named);
    tcase_add_test(c, a_flood_of_events_is_cut_and_counted);
    tcase_add_test(c, a_past_that_is_filled_in_is_cut_and_counted_too);
    tcase_add_test(c, names_are_masked_and_hostile_text_is_shown_as_text);
    tcase_add_test(c, a_store_that_cannot_be_read_for_a_while_is_said_and_tried_again);
    tcase_add_test(c, a_wrong_word_or_store_is_an_error_at_once);
    tcase_add_test(c, output_that_cannot_be_written_ends_it);
    tcase_add_test(c, signs_are_said_in_words);
    suite_add_tcase(s, c);
    return s;
}
