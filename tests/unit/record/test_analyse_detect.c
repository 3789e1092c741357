/* SPDX-License-Identifier: MIT */
/* What gwtop sees by itself: each detector once, and not again while it lasts, a restart of the recorder in between or not. */
#include <math.h>

#include "unit/record/analyse_world.h"

static const int64_t minute = 60000;

static struct world *quiet(void)
{
    struct world *w = world_new(minute);
    world_open(w);
    return w;
}

/* ---- restarts ---- */

static void start_time(struct world *w, double s)
{
    world_item(w, world_series(w, 0, SIG_PROCESS_START, (struct labels){.name = NULL}, NULL))->v.gauge = s;
    world_poll(w);
}

START_TEST(restarts)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    double first = (double)WORLD_T0 / 1000 - 86400;
    start_time(w, first);
    start_time(w, first + 0.4); /* computed anew by the exporter */
    ck_assert_uint_eq(world_events(w, EVENT_RESTART, &ev, text, sizeof text), 0);
    double second = (double)w->t_ms / 1000 + 20;
    start_time(w, second);
    ck_assert_uint_eq(world_events(w, EVENT_RESTART, &ev, text, sizeof text), 1);
    ck_assert_str_eq(text, "the process behind litellm restarted 01:02:20Z");
    ck_assert_int_eq(ev.at_ms, (int64_t)(second * 1000));
    start_time(w, first); /* another worker behind the same port */
    start_time(w, second);
    start_time(w, (double)NAN);
    start_time(w, second);
    world_reopen(w);
    start_time(w, second + 300); /* while nobody looked */
    ck_assert_uint_eq(world_events(w, EVENT_RESTART, &ev, text, sizeof text), 2);
    world_item(w, world_series(w, 0, SIG_PROCESS_START, (struct labels){.name = "worker"}, NULL))->v.gauge = first;
    start_time(w, second + 300);
    world_item(w, world_series(w, 0, SIG_PROCESS_START, (struct labels){.name = "worker"}, NULL))->v.gauge = second + 400;
    start_time(w, second - 50); /* one restarts, of the other an older process answers */
    ck_assert_uint_eq(world_events(w, EVENT_RESTART, &ev, text, sizeof text), 3);
    ck_assert_msg(strstr(text, "litellm (worker) restarted") != NULL, "%s", text);
    world_free(w);
}
END_TEST

/* Its own clock says the moment of a poll that it did not answer: it stands where two polls tell it, and its text says the same. */
START_TEST(a_restart_that_lies_in_no_poll_is_between_two)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    int h[2], m[2], s[2];
    start_time(w, (double)WORLD_T0 / 1000 - 86400);
    const int64_t before_ms = w->t_ms;
    start_time(w, (double)before_ms / 1000);
    ck_assert_uint_eq(world_events(w, EVENT_RESTART, &ev, text, sizeof text), 1);
    ck_assert_msg(
        sscanf(text, "the process behind litellm restarted between %d:%d:%dZ and %d:%d:%dZ", &h[0], &m[0], &s[0], &h[1], &m[1], &s[1]) == 6,
        "%s", text);
    ck_assert_int_eq(before_ms % INT64_C(86400000) / 1000, h[0] * 3600 + m[0] * 60 + s[0]);
    ck_assert_int_eq(ev.at_ms % INT64_C(86400000) / 1000, h[1] * 3600 + m[1] * 60 + s[1]);
    ck_assert_int_eq(ev.at_ms, w->t_ms);
    world_free(w);
}
END_TEST

/* Who else tells of the same traffic tells nothing of when this process began. */
START_TEST(restarts_of_whom_others_have_the_word)
{
    struct world *w = quiet();
    struct event ev;
    struct errctx ctx;
    char text[256];
    const double first = (double)WORLD_T0 / 1000 - 86400;
    ck_assert_int_eq(store_put_authority(w->st, &(struct store_authority){.source = w->source[0], .kept = UINT64_MAX}, &ctx), ERR_OK);
    ck_assert_int_eq(store_commit(w->st, &ctx), ERR_OK);
    start_time(w, first);
    world_reopen(w);
    start_time(w, first);
    start_time(w, (double)w->t_ms / 1000 + 20);
    ck_assert_uint_eq(world_events(w, EVENT_RESTART, &ev, text, sizeof text), 1);
    world_free(w);
}
END_TEST

/* ---- names ---- */

static void attempt(struct world *w, const char *model, const char *deployment)
{
    world_item(w, world_series(w, 0, SIG_ATTEMPTS, (struct labels){.model = model, .deployment = deployment, .class = "ok"}, NULL))
        ->v.increment = 1;
    world_item(w, world_series(w, 0, SIG_TOKENS_INPUT, (struct labels){.model = model, .deployment = deployment}, NULL))->v.increment = 1;
}

START_TEST(new_names)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    for (int i = 0; i < 70; i++) {
        attempt(w, "gpt-x", "gpt-x-eu1");
        if (i >= 30)
            attempt(w, "gpt-x", "gpt-x-eu2"); /* half an hour after the source was added */
        world_poll(w);
    }
    ck_assert_uint_eq(world_events(w, EVENT_MODEL_VERSION, &ev, text, sizeof text), 0);
    attempt(w, "gpt-x", "gpt-x-2026-11-20");
    attempt(w, "c-l", "c-l-1"); /* a model nobody knew: what else would it be called */
    world_poll(w);
    ck_assert_uint_eq(world_events(w, EVENT_MODEL_VERSION, &ev, text, sizeof text), 1); /* of two signals, once */
    ck_assert_str_eq(text, "gpt-x answers as gpt-x-2026-11-20 for the first time");
    ck_assert_int_eq(ev.at_ms, w->t_ms);
    world_reopen(w);
    attempt(w, "gpt-x", "gpt-x-2026-11-20");
    attempt(w, "c-l", "c-l-2");
    world_poll(w);
    ck_assert_uint_eq(world_events(w, EVENT_MODEL_VERSION, &ev, text, sizeof text), 2);
    ck_assert_str_eq(text, "c-l answers as c-l-2 for the first time");
    world_free(w);
}
END_TEST

/* ---- fallback ---- */

static void with_fallbacks(struct world *w, int polls, int64_t requests, int64_t fallbacks)
{
    for (int i = 0; i < polls; i++) {
        world_requests(w, 0, "gpt-x", "ok", requests);
        world_item(w, world_series(w, 0, SIG_FALLBACKS, (struct labels){.model = "gpt-x", .class = "ok"}, NULL))->v.increment = fallbacks;
        world_poll(w);
    }
}

START_TEST(fallback_begins)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    for (int i = 0; i < 12; i++) {
        with_fallbacks(w, 9, 1000, 0);
        with_fallbacks(w, 1, 1000, 20); /* 0.2 % */
    }
    with_fallbacks(w, 8, 1000, 14); /* 1.4 %: seven times as many */
    with_fallbacks(w, 5, 1000, 0);
    ck_assert_uint_eq(world_events(w, EVENT_FALLBACK, &ev, text, sizeof text), 0);
    int64_t onset = w->t_ms;
    with_fallbacks(w, 1, 1000, 610);
    ck_assert_uint_eq(world_events(w, EVENT_FALLBACK, &ev, text, sizeof text), 1);
    /* 610 of 5,000 in five minutes; 220 of 119,000 in the minutes before the last fifteen */
    ck_assert_str_eq(text, "fallback from gpt-x begins: 12.2 % of 5,000 requests in 5 min, 0.18 % in the 2h before");
    ck_assert_int_ge(ev.at_ms, onset);
    ck_assert_int_le(ev.at_ms, onset + 2 * minute);
    with_fallbacks(w, 30, 1000, 610);
    world_reopen(w);
    with_fallbacks(w, 30, 1000, 610);
    ck_assert_uint_eq(world_events(w, EVENT_FALLBACK, &ev, text, sizeof text), 1);
    world_free(w);
}
END_TEST

/* ---- keys ---- */

static void key_requests(struct world *w, const char *key, const char *team, int64_t n)
{
    world_item(w, world_series(w, 0, SIG_REQUESTS, (struct labels){.model = "gpt-x", .class = "ok", .key = key, .team = team}, NULL))
        ->v.increment = n;
}

static void with_keys(struct world *w, int polls, int64_t f31a, int64_t other)
{
    for (int i = 0; i < polls; i++) {
        key_requests(w, "agents-f31a", "agents", f31a);
        key_requests(w, "search-prod-1", "search", other);
        world_poll(w);
    }
}

START_TEST(a_key_runs_away)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    with_keys(w, 180, 20, 60);
    int64_t onset = w->t_ms;
    with_keys(w, 1, 140, 200); /* the other one: three times as much */
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 0);
    with_keys(w, 1, 140, 200);
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 1);
    ck_assert_str_eq(text, "key agents-f31a (team agents) req/s x7.0: 2.3/s over 1m, usually 0.33/s; onset +-1m");
    ck_assert_int_le(llabs(ev.at_ms - onset), minute);
    with_keys(w, 20, 140, 60);
    world_reopen(w);
    struct alert al = world_finding(w, "key:gw", text, sizeof text);
    ck_assert_int_eq(al.onset_ms, ev.at_ms);
    ck_assert_int_eq(al.onset_error_ms, minute);
    with_keys(w, 20, 140, 60);
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 1);
    for (int i = 0; i < 2; i++) { /* forty quiet minutes are not the end of it */
        with_keys(w, 40, 20, 60);
        with_keys(w, 5, 250, 60);
    }
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 1);
    with_keys(w, 90, 20, 60); /* an hour and a half of its old self */
    with_keys(w, 5, 400, 60);
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 2);
    world_free(w);
}
END_TEST

START_TEST(a_burst_is_no_run)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    with_keys(w, 180, 20, 60);
    with_keys(w, 1, 2000, 60); /* one minute of it */
    with_keys(w, 5, 20, 60);
    with_keys(w, 3, 12, 60);
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 0);
    world_free(w);
}
END_TEST

/* From 2 to 40 a minute over three hours: many times the night's mean, and nobody's fault. */
START_TEST(a_morning_is_no_run)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    with_keys(w, 600, 2, 60);
    for (int i = 0; i < 180; i++)
        with_keys(w, 1, 2 + i * 38 / 180, 60);
    with_keys(w, 60, 40, 60);
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 0);
    world_free(w);
}
END_TEST

/* A nightly batch: many times the mean, but no more than the hour it always runs in. */
START_TEST(a_batch_is_no_run)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    with_keys(w, 300, 20, 60);
    with_keys(w, 60, 150, 60);
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 1); /* the first night nobody knows that */
    with_keys(w, 240, 20, 60);
    with_keys(w, 30, 220, 60);
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 1);
    world_free(w);
}
END_TEST

/* Requests, tokens and cost of one key in a poll. */
static void key_poll(struct world *w, const char *key, int64_t requests, int64_t tokens, int64_t nusd)
{
    struct labels l = {.model = "gpt-x", .key = key};
    world_item(w, world_series(w, 0, SIG_TOKENS_INPUT, l, NULL))->v.increment = tokens;
    world_item(w, world_series(w, 0, SIG_COST, l, NULL))->v.increment = nusd;
    l.class = "ok";
    world_item(w, world_series(w, 0, SIG_REQUESTS, l, NULL))->v.increment = requests;
}

/* Two requests a minute by night and on Sunday, 200 from nine to five on working days, $0.001 each. */
static int64_t office_rate(int64_t t_ms)
{
    int64_t hour = (t_ms - 1) / (60 * minute), day = (hour / 24 + 4) % 7;
    return day >= 1 && day <= 5 && hour % 24 >= 9 && hour % 24 < 17 ? 200 : 2;
}

/* A week in polls of ten minutes; then, after a restart, a Monday's morning by the minute. What was at this hour a week ago comes from the
 * store. */
START_TEST(a_monday_after_a_sunday_is_no_run)
{
    struct world *w = world_new(10 * minute);
    struct event ev;
    char text[256];
    world_open(w);
    while (w->t_ms < WORLD_T0 + (7 * 24 + 7) * 60 * minute + 50 * minute) { /* Monday, 08:50 */
        int64_t n = 10 * office_rate(w->t_ms + w->step_ms);
        key_poll(w, "office", n, n * 1000, n * 1000000);
        key_poll(w, "steady", 20, 20000, 20000000);
        world_poll(w);
    }
    world_reopen(w);
    size_t before = world_events(w, EVENT_KEY, &ev, text, sizeof text); /* the first Monday: nobody knew it */
    w->step_ms = minute;
    for (int i = 0; i < 30; i++) {
        int64_t n = office_rate(w->t_ms + w->step_ms);
        key_poll(w, "office", n, n * 1000, n * 1000000);
        key_poll(w, "steady", 2, 2000, 2000000);
        world_poll(w);
    }
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), before);
    for (int i = 0; i < 2; i++) { /* the same rate of a key that never had it */
        key_poll(w, "steady", 200, 200000, 200000000);
        world_poll(w);
    }
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), before + 1);
    ck_assert_str_eq(text, "key steady req/s x100: 3.3/s over 1m, usually 0.033/s; onset +-30s");
    world_free(w);
}
END_TEST

START_TEST(a_key_spends_more)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    for (int i = 0; i < 180; i++) {
        key_poll(w, "k", 20, 20000 + i % 7 * 300, 20000000);
        world_poll(w);
    }
    int64_t onset = w->t_ms;
    for (int i = 0; i < 30; i++) {
        key_poll(w, "k", 20, 160000 + i % 7 * 300, 160000000);
        world_poll(w);
        if (i == 10)
            world_reopen(w);
    }
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 1);
    ck_assert_str_eq(text, "key k spend x8.0: $9.60/h over 1m, usually $1.20/h; onset +-1m");
    ck_assert_int_le(llabs(ev.at_ms - onset), minute);
    ck_assert_int_eq(ev.known_ms, onset + 2 * minute);
    struct alert al = world_finding(w, "key:gw", text, sizeof text);
    ck_assert_str_eq(text, "{key=k} key k: ~8.0x its spend");
    ck_assert_int_eq(al.state, ALERT_FIRING); /* it goes on, and what was usual outlived the restart */
    for (int i = 0; i < 15; i++) {
        key_poll(w, "k", 20, 20000 + i % 7 * 300, 20000000);
        world_poll(w);
    }
    ck_assert_int_eq(world_finding(w, "key:gw", text, sizeof text).state, ALERT_INACTIVE);
    for (int i = 0; i < 120; i++) {
        key_poll(w, "k", 20, i < 117 ? 20000 + i % 7 * 300 : 60000 + i % 7 * 900, i < 117 ? 20000000 : 60000000);
        world_poll(w);
    }
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 2);
    ck_assert_msg(strncmp(text, "key k prompts x2.9: ", 20) == 0 || strncmp(text, "key k prompts x3.", 17) == 0, "%s", text);
    ck_assert_msg(strstr(text, "k tokens over 2m, usually 1.04k") != NULL, "%s", text);
    for (int i = 0; i < 120; i++) {
        key_poll(w, "k", i < 116 ? 20 : 60, i < 116 ? 20000 + i % 7 * 300 : 60 * 1234, 20000000);
        world_poll(w);
    }
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 3);
    ck_assert_str_eq(text, "key k req/s x3.0, all of one size: 1/s over 1m, usually 0.33/s; onset +-2m");
    world_free(w);
}
END_TEST

/* Who does what it always does, and ends on a dear fallback. */
START_TEST(a_key_that_is_charged_more_is_none)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    for (int i = 0; i < 200; i++) {
        key_poll(w, "k", 20, 20000 + i % 7 * 300, i < 180 ? 20000000 : 102000000);
        world_item(w, world_series(w, 0, SIG_FALLBACKS, (struct labels){.model = "gpt-x", .key = "k", .class = "ok"}, NULL))->v.increment =
            i < 180 ? 0 : 10;
        world_poll(w);
    }
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 0);
    world_free(w);
}
END_TEST

START_TEST(a_key_falls_back_and_back)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    for (int i = 0; i < 125; i++) {
        key_requests(w, "k", "agents", 20);
        world_item(w, world_series(w, 0, SIG_FALLBACKS, (struct labels){.model = "gpt-x", .key = "k", .class = "ok"}, NULL))->v.increment =
            i < 120 ? 1 : 60;
        world_poll(w);
    }
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 1);
    ck_assert_str_eq(text, "key k (team agents) falls back 3.0 times per request over 2m, usually 0.1; onset +-1m");
    world_free(w);
}
END_TEST

START_TEST(a_young_baseline_reports_nothing)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    with_keys(w, 30, 20, 60);
    with_keys(w, 10, 200, 60);
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 0);
    world_free(w);
}
END_TEST

/* Requests without their fallbacks are no share, and the end of no finding: not from the polls, nor from the store after a restart. */
START_TEST(a_finding_does_not_end_because_its_page_is_torn)
{
    struct world *w = quiet();
    char found[256];
    const uint64_t bit = UINT64_C(1) << SIG_FALLBACKS;
    with_fallbacks(w, 130, 1000, 0);
    with_fallbacks(w, 10, 1000, 610);
    ck_assert_int_eq(world_finding(w, "fallback:gw", found, sizeof found).state, ALERT_FIRING);
    const struct source_lack lack = {.since_ms = w->t_ms, .part = bit, .family = bit};
    world_lacks(w, 0, bit, false);
    with_fallbacks(w, 30, 1000, 0);
    world_reopen(w);
    analyser_lacks(w->an, w->source[0], &lack, false);
    with_fallbacks(w, 30, 1000, 0);
    ck_assert_int_eq(world_finding(w, "fallback:gw", found, sizeof found).state, ALERT_FIRING);
    world_lacks(w, 0, 0, true);
    with_fallbacks(w, 5, 1000, 610);
    world_reopen(w);
    with_fallbacks(w, 5, 1000, 610);
    ck_assert_int_eq(world_finding(w, "fallback:gw", found, sizeof found).state, ALERT_FIRING);
    with_fallbacks(w, 30, 1000, 0);
    ck_assert_int_eq(world_finding(w, "fallback:gw", found, sizeof found).state, ALERT_INACTIVE);
    world_free(w);
}
END_TEST

START_TEST(a_torn_time_is_no_baseline)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    with_fallbacks(w, 130, 1000, 0);
    world_lacks(w, 0, UINT64_C(1) << SIG_FALLBACKS, false);
    with_fallbacks(w, 10, 1000, 0);
    world_reopen(w);
    world_lacks(w, 0, 0, true);
    with_fallbacks(w, 1, 1000, 610);
    ck_assert_uint_eq(world_events(w, EVENT_FALLBACK, &ev, text, sizeof text), 1);
    ck_assert_str_eq(text, "fallback from gpt-x begins: 61.0 % of 1,000 requests in 5 min, 0 % in the 2h before");
    world_free(w);
}
END_TEST

/* Twice what is usual is no run, however little of it a torn page showed meanwhile. */
START_TEST(a_torn_time_is_not_usual_of_a_key)
{
    struct world *w = quiet();
    struct event ev;
    char text[256];
    with_keys(w, 180, 100, 60);
    world_lacks(w, 0, UINT64_C(1) << SIG_REQUESTS, false);
    with_keys(w, 50, 1, 60);
    world_lacks(w, 0, 0, true);
    world_reopen(w);
    with_keys(w, 4, 220, 60);
    ck_assert_uint_eq(world_events(w, EVENT_KEY, &ev, text, sizeof text), 0);
    world_free(w);
}
END_TEST

START_TEST(findings_of_keys_and_fallbacks_end_with_what_they_found)
{
    struct world *w = quiet();
    char found[256];
    with_keys(w, 180, 20, 60);
    with_keys(w, 400, 140, 60); /* more of it than the usual: its own mean by then */
    struct alert al = world_finding(w, "key:gw", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_str_eq(found, "{key=agents-f31a} key agents-f31a (team agents): ~7.0x its requests");
    ck_assert_double_eq_tol(al.burn_long, 20.0 / 60, 1e-9);
    int64_t end = w->t_ms;
    with_keys(w, 10, 20, 60);
    ck_assert_int_eq(world_finding(w, "key:gw", found, sizeof found).state, ALERT_FIRING);
    with_keys(w, 3, 20, 60);
    al = world_finding(w, "key:gw", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_INACTIVE);
    ck_assert_int_ge(al.since_ms, end + 10 * minute);
    world_reopen(w);
    with_keys(w, 5, 140, 60); /* back within the hour: the same */
    ck_assert_int_eq(world_finding(w, "key:gw", found, sizeof found).state, ALERT_FIRING);
    with_fallbacks(w, 130, 1000, 0);
    with_fallbacks(w, 10, 1000, 610);
    ck_assert_int_eq(world_finding(w, "fallback:gw", found, sizeof found).state, ALERT_FIRING);
    ck_assert_msg(strncmp(found, "{model=gpt-x} fallback of gpt-x rose 0 % -> ", 44) == 0, "%s", found);
    for (int i = 0; i < 24 * 60 + 90; i++) /* the key was deleted, and nothing is told of it any more */
        with_fallbacks(w, 1, 1000, 610);
    ck_assert_int_eq(world_finding(w, "key:gw", found, sizeof found).state, ALERT_INACTIVE);
    ck_assert_int_eq(world_finding(w, "fallback:gw", found, sizeof found).state, ALERT_FIRING);
    world_free(w);
}
END_TEST

START_TEST(an_onset_is_told_as_exactly_as_polls_allow)
{
    struct world *w = quiet();
    char found[256];
    w->t_ms += 2000; /* polls end two seconds after a minute's */
    with_fallbacks(w, 120, 300, 0);
    const int64_t from = w->t_ms;
    with_fallbacks(w, 1, 300, 250);
    const struct alert al = world_finding(w, "fallback:gw", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_int_ge(al.onset_error_ms, minute);
    ck_assert_int_le(al.onset_ms - al.onset_error_ms, from);
    ck_assert_int_ge(al.onset_ms + al.onset_error_ms, from + minute);
    ck_assert_str_eq(found, "{model=gpt-x} fallback of gpt-x rose 0 % -> 83.3 %"); /* of that poll, not of five minutes */
    world_free(w);
}
END_TEST

START_TEST(what_is_over_is_told_before_it_is_closed)
{
    struct world *w = quiet();
    char found[256];
    with_fallbacks(w, 120, 300, 0);
    with_fallbacks(w, 1, 300, 20); /* it began late in this poll */
    with_fallbacks(w, 20, 300, 250);
    ck_assert_int_eq(world_finding(w, "fallback:gw", found, sizeof found).ended_ms, 0);
    const int64_t end = w->t_ms;
    with_fallbacks(w, 1, 300, 1);
    struct alert al = world_finding(w, "fallback:gw", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_int_le(llabs(al.ended_ms - end), al.ended_error_ms);
    ck_assert_int_eq(al.ended_error_ms, minute);
    world_reopen(w);
    with_fallbacks(w, 2, 300, 0);
    ck_assert_int_eq(world_finding(w, "fallback:gw", found, sizeof found).ended_ms, al.ended_ms);
    with_fallbacks(w, 1, 300, 250); /* it was not over */
    ck_assert_int_eq(world_finding(w, "fallback:gw", found, sizeof found).ended_ms, 0);
    with_fallbacks(w, 20, 300, 0);
    al = world_finding(w, "fallback:gw", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_INACTIVE);
    ck_assert_int_gt(al.ended_ms, 0);
    with_fallbacks(w, 1, 300, 1); /* one alone is no return */
    ck_assert_int_eq(world_finding(w, "fallback:gw", found, sizeof found).state, ALERT_INACTIVE);
    ck_assert_int_eq(world_finding(w, "fallback:gw", found, sizeof found).ended_ms, al.ended_ms);

    with_keys(w, 180, 20, 60);
    with_keys(w, 20, 140, 60);
    const int64_t key_end = w->t_ms;
    with_keys(w, 4, 20, 60);
    al = world_finding(w, "key:gw", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_int_le(llabs(al.ended_ms - key_end), al.ended_error_ms);
    with_keys(w, 1, 140, 60);
    ck_assert_int_eq(world_finding(w, "key:gw", found, sizeof found).ended_ms, 0);
    world_free(w);
}
END_TEST

START_TEST(events_stand_in_the_timeline)
{
    struct world *w = world_new(minute);
    struct incident in;
    char title[64], timeline[4096];
    world_slo(w, "all", 0.999, NULL);
    world_open(w);
    with_keys(w, 180, 20, 60);
    with_keys(w, 5, 140, 60);
    for (int i = 0; i < 8; i++) {
        world_requests(w, 0, "gpt-x", "5xx", i >= 2 ? 100 : 0);
        with_keys(w, 1, 140, i == 6 ? 600 : 60);
    }
    for (int i = 0; i < 3; i++)
        with_keys(w, 1, 140, 600); /* while it is open: the other key */
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    world_timeline(w, in.id, timeline, sizeof timeline);
    ck_assert_str_eq(title, "all traffic errors");
    ck_assert_msg(strstr(timeline, "k +10800 key agents-f31a") == timeline, "%s", timeline);
    ck_assert_msg(strstr(timeline, "k +11") != NULL, "%s", timeline);
    ck_assert_msg(strstr(timeline, "key search-prod-1") != NULL, "%s", timeline);
    world_free(w);
}
END_TEST

Suite *suite_analyse_detect(void);
Suite *suite_analyse_detect(void)
{
    Suite *s = suite_create("analyse_detect");
    TCase *tc = tcase_create("detectors");
    tcase_add_test(tc, restarts);
    tcase_add_test(tc, a_restart_that_lies_in_no_poll_is_between_two);
    tcase_add_test(tc, restarts_of_whom_others_have_the_word);
    tcase_add_test(tc, new_names);
    tcase_add_test(tc, fallback_begins);
    tcase_add_test(tc, a_finding_does_not_end_because_its_page_is_torn);
    tcase_add_test(tc, a_torn_time_is_no_baseline);
    tcase_add_test(tc, a_torn_time_is_not_usual_of_a_key);
    tcase_add_test(tc, a_key_runs_away);
    tcase_add_test(tc, a_burst_is_no_run);
    tcase_add_test(tc, a_morning_is_no_run);
    tcase_add_test(tc, a_batch_is_no_run);
    tcase_add_test(tc, a_monday_after_a_sunday_is_no_run);
    tcase_add_test(tc, a_key_spends_more);
    tcase_add_test(tc, a_key_that_is_charged_more_is_none);
    tcase_add_test(tc, a_key_falls_back_and_back);
    tcase_add_test(tc, an_onset_is_told_as_exactly_as_polls_allow);
    tcase_add_test(tc, what_is_over_is_told_before_it_is_closed);
    tcase_add_test(tc, a_young_baseline_reports_nothing);
    tcase_add_test(tc, findings_of_keys_and_fallbacks_end_with_what_they_found);
    tcase_add_test(tc, events_stand_in_the_timeline);
    suite_add_tcase(s, tc);
    return s;
}
