/* SPDX-License-Identifier: MIT */
/* What is read of the past: it is known when it was read, and it counts once, whatever its order, and whoever dies meanwhile. */
#include "record/analyse_late.h"
#include "unit/record/stream_world.h"

/* How many told evidence in (t0, t1]. */
static uint32_t told_in(struct world *w, int64_t t0_ms, int64_t t1_ms)
{
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct store_result r;
    uint32_t n = 0;
    const struct store_query q = {.signal = SIG_DRIFT_EVIDENCE, .t0_ms = t0_ms, .step_ms = t1_ms - t0_ms, .columns = 1};
    arena_init(&a, 8 << 20);
    OK(store_refresh(w->st, &ctx));
    OK(store_read(w->st, &q, 1, &a, &r, &ctx));
    for (size_t i = 0; i < r.count; i++)
        n += r.groups[i].cells[0].n;
    arena_fini(&a);
    return n;
}

/* A turn of the clock, with what it told stored. */
static void turn(struct world *w, int64_t now_ms)
{
    struct errctx ctx = {.text = ""};
    const struct store_batch *told;
    size_t count;
    w->manual.wall_ms = now_ms;
    OK(analyser_tick(w->an, now_ms, &ctx));
    analyser_told(w->an, &told, &count);
    for (size_t i = 0; i < count; i++)
        OK(store_append(w->st, &told[i], 1, &ctx));
    OK(store_commit(w->st, &ctx));
}

/* Answers that are filtered, of a gap of two hours that is filled when it is over: no instant within it knew of any evidence, however much
 * there is. */
START_TEST(evidence_of_the_past_is_told_when_it_is_known)
{
    enum { BEFORE = 120, GAP = 120 };
    struct world *w = quiet();
    char found[512];
    for (int i = 0; i < BEFORE + GAP; i++) {
        const bool is_past = i >= BEFORE;
        world_requests(w, 0, "gpt-x", "ok", 100);
        world_requests(w, 0, "gpt-x", "filter", is_past ? 10 : 2);
        if (i == BEFORE)
            w->manual.wall_ms = w->t_ms + GAP * minute;
        w->t_ms += minute;
        world_analyse_at(w, 0, w->t_ms - minute, w->t_ms, is_past, LIVES);
    }
    const int64_t gap = w->t_ms - GAP * minute;
    turn(w, w->t_ms + 1000);
    ck_assert_uint_gt(told_in(w, gap - 10 * minute, gap), 0);
    ck_assert_uint_eq(told_in(w, gap, w->t_ms), 0);
    ck_assert_uint_eq(told_in(w, w->t_ms, w->t_ms + minute), 1);
    const struct alert al = world_finding(w, "quality:requests filtered", found, sizeof found);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_int_ge(al.known_ms, w->t_ms);
    world_free(w);
}
END_TEST

/* ---- scores that come late ---- */

enum { LIVE_MINUTES = 20 * 60, BAD_MINUTES = 60 };

static void faith(struct world *w, int64_t n, double mean)
{
    struct store_item *it = world_item(w, world_series(w, 0, SIG_EVAL, (struct labels){.name = "faith", .model = "gpt-x"}, NULL));
    it->v.score.n = n;
    it->v.score.sum_fixed = (int64_t)(mean * (double)n * 1e9);
    it->v.score.sumsq_fixed = (int64_t)(mean * mean * (double)n * 1e9);
}

static void good_at(struct world *w, int64_t end_ms)
{
    faith(w, 2, 0.8 + (end_ms / minute % 2 == 0 ? 0.1 : -0.1));
    world_analyse_at(w, 0, end_ms - minute, end_ms, false, LIVES);
}

static void bad_at(struct world *w, int64_t end_ms)
{
    faith(w, 2, 0.3 + (end_ms / minute % 2 == 0 ? 0.1 : -0.1));
    world_analyse_at(w, 0, end_ms - minute, end_ms, false, LIVES);
}

/* A turn of the clock; a source that tells nothing of the stream was polled. */
static void beside(struct world *w)
{
    w->t_ms += minute;
    world_requests(w, 1, "gpt-x", "ok", 100);
    world_analyse_at(w, 1, w->t_ms - minute, w->t_ms, false, LIVES);
    turn(w, w->t_ms);
}

/* The bad scores of an hour that ended so long ago are handed in at once. has_after: good ones came since, live; restarts: between their
 * commit and the turn of the clock that feeds them. */
static struct world *handed_in_late(int late, bool has_after, bool restarts)
{
    struct errctx ctx = {.text = ""};
    struct world *w = quiet();
    for (int i = 0; i < LIVE_MINUTES + BAD_MINUTES + late; i++) {
        if (i < LIVE_MINUTES || (has_after && i >= LIVE_MINUTES + BAD_MINUTES))
            good_at(w, w->t_ms + minute);
        beside(w);
    }
    for (int i = 0; i < BAD_MINUTES; i++)
        bad_at(w, WORLD_T0 + (LIVE_MINUTES + i + 1) * minute);
    OK(store_commit(w->st, &ctx));
    if (restarts)
        world_reopen(w);
    beside(w);
    beside(w);
    return w;
}

static const int lateness[] = {5, 30, 60, 110, 130};

/* However late: what good scores have followed is an event with both its ends, and no finding. */
START_TEST(what_is_over_by_its_own_times_is_an_event)
{
    struct world *w = handed_in_late(lateness[_i / 2], true, _i % 2 != 0);
    char text[512];
    struct event ev;
    const int64_t onset = WORLD_T0 + LIVE_MINUTES * minute;
    ck_assert_int_eq(world_finding(w, "quality:faith", text, sizeof text).since_ms, 0);
    ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    ck_assert_msg(strstr(text, " from 21:00:00Z +-") != NULL && strstr(text, " to 22:0") != NULL &&
                      strstr(text, ", by scores that came late: it is over") != NULL,
                  "%d: %s", lateness[_i / 2], text);
    ck_assert_int_eq(ev.at_ms, onset);
    for (int i = 0; i < 30; i++) { /* and stays told once */
        good_at(w, w->t_ms + minute);
        beside(w);
    }
    ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    world_free(w);
}
END_TEST

/* However late: what is bad at its newest score is a finding, of its own time. */
START_TEST(what_is_bad_at_its_newest_score_is_a_finding)
{
    struct world *w = handed_in_late(lateness[_i / 2], false, _i % 2 != 0);
    char text[512];
    const int64_t onset = WORLD_T0 + LIVE_MINUTES * minute;
    const struct alert al = world_finding(w, "quality:faith", text, sizeof text);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_int_le(llabs(al.onset_ms - onset), al.onset_error_ms + minute);
    ck_assert_int_eq(al.ended_ms, 0);
    world_free(w);
}
END_TEST

/* An hour's bad ones come one by one, ten minutes of good ones to each, among which they are no alarm. */
START_TEST(late_ones_among_live_ones_are_of_their_own_time)
{
    struct world *w = quiet();
    char text[512];
    struct event ev;
    struct drift_base b;
    for (int i = 0; i < LIVE_MINUTES + 6 * BAD_MINUTES; i++) {
        const int at = i - LIVE_MINUTES - 2 * BAD_MINUTES; /* from an hour after the bad hour on */
        if (i < LIVE_MINUTES || i >= LIVE_MINUTES + BAD_MINUTES)
            good_at(w, w->t_ms + minute);
        if (at >= 0 && at % 4 == 0 && at / 4 < BAD_MINUTES)
            bad_at(w, WORLD_T0 + (LIVE_MINUTES + at / 4 + 1) * minute);
        beside(w);
    }
    ck_assert_int_eq(world_finding(w, "quality:faith", text, sizeof text).since_ms, 0);
    ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    ck_assert_msg(strstr(text, "by scores that came late: it is over") != NULL, "%s", text);
    ck_assert_int_eq(ev.at_ms, WORLD_T0 + LIVE_MINUTES * minute);
    ck_assert_double_lt(stream_of(w, "faith", "model=gpt-x", &b), 0.6);
    world_free(w);
}
END_TEST

/* Three days ago, for four hours: found as what it was. */
START_TEST(what_is_older_than_a_day_is_an_event)
{
    enum { DAYS = 4 };
    const int bad = _i == 0 ? 4 * 60 : 26 * 60; /* the ends of one day, or of two */
    struct world *w = quiet();
    char text[512];
    struct event ev;
    const int64_t onset = WORLD_T0 + 24 * 60 * minute;
    for (int i = 0; i < DAYS * 24 * 60 / 5; i++) {
        w->t_ms += 5 * minute;
        faith(w, 2, 0.8 + (i % 2 == 0 ? 0.1 : -0.1));
        world_analyse_at(w, 0, w->t_ms - 5 * minute, w->t_ms, false, LIVES);
    }
    for (int i = 0; i < bad; i++)
        bad_at(w, onset + (i + 1) * minute);
    turn(w, w->t_ms + minute);
    turn(w, w->t_ms + 2 * minute);
    ck_assert_int_eq(world_finding(w, "quality:faith", text, sizeof text).since_ms, 0);
    ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    ck_assert_msg(strstr(text, "by scores that came late: it is over") != NULL, "%s", text);
    ck_assert_int_le(llabs(ev.at_ms - onset), 10 * minute);
    ck_assert_int_ge(ev.known_ms, w->t_ms);
    if (_i == 0)
        ck_assert_msg(strstr(text, " to 05:0") != NULL || strstr(text, " to 04:5") != NULL, "%s", text);
    else
        ck_assert_msg(strstr(text, " from 25 Nov 0") != NULL && strstr(text, " to 26 Nov 0") != NULL, "%s", text);
    world_free(w);
}
END_TEST

static const struct stream *stream_at(const struct world *w)
{
    size_t at = 0;
    const struct groups *gs = analyse_streams_at(w->an, &at);
    ck_assert_uint_eq(gs->count, 1);
    return gs->list[0]->own;
}

/* An hour of bad ones fills a gap that is older than the baseline's end: what the detector sees twice of that is in it once. */
START_TEST(what_is_fed_again_counts_once)
{
    enum { GAP = 5 * 60 };
    struct world *w = quiet();
    char text[512];
    struct event ev;
    for (int i = 0; i < LIVE_MINUTES; i++) {
        if (i < GAP || i >= GAP + BAD_MINUTES)
            good_at(w, w->t_ms + minute);
        beside(w);
    }
    const int64_t base_ms = stream_at(w)->base_ms;
    const uint64_t base = stream_at(w)->d.base.n;
    ck_assert_int_gt(base_ms, WORLD_T0 + (GAP + BAD_MINUTES) * minute);
    for (int i = 0; i < BAD_MINUTES; i++)
        bad_at(w, WORLD_T0 + (GAP + i + 1) * minute);
    beside(w);
    beside(w);
    ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    const struct stream *s = stream_at(w);
    ck_assert_int_eq(s->base_ms, base_ms);
    ck_assert_uint_eq(s->d.base.n, base);
    ck_assert_uint_le(s->d.all.n, base + 2 * (uint64_t)((s->at_ms - base_ms) / minute) + 20); /* but for columns that the ends lie in */
    ck_assert_uint_gt(s->d.all.n, base);
    world_free(w);
}
END_TEST

/* Memory ends somewhere within it: what was fed stays fed, and the next turn with memory finds what this one would have. */
START_TEST(a_reading_that_fails_changes_nothing)
{
    enum { DAYS = 8 }; /* of columns, so that reading them takes more memory than all else that a turn does */
    struct errctx ctx = {.text = ""};
    struct world *w = quiet();
    char text[512];
    struct event ev;
    const size_t most = w->an->scratch.max;
    int failed = 0;
    for (int i = 0; i < DAYS * 24 * 60 / 5; i++) {
        w->t_ms += 5 * minute;
        faith(w, 2, 0.8 + (i % 2 == 0 ? 0.1 : -0.1));
        world_analyse_at(w, 0, w->t_ms - 5 * minute, w->t_ms, false, LIVES);
    }
    for (int i = 0; i < 4 * BAD_MINUTES; i++)
        bad_at(w, WORLD_T0 + (24 * 60 + i + 1) * minute);
    OK(store_commit(w->st, &ctx));
    for (size_t cap = 80 << 10; cap < most && world_events(w, EVENT_QUALITY, &ev, text, sizeof text) == 0; cap += 160) {
        const struct stream was = *stream_at(w);
        const bool feeds = analyse_late_waits(w->an);
        w->t_ms += minute;
        w->an->scratch.max = cap;
        const enum err e = analyser_tick(w->an, w->t_ms, &ctx);
        if (e == ERR_OK || feeds || world_events(w, EVENT_QUALITY, &ev, text, sizeof text) > 0) /* it fails with what is kept */
            continue;
        failed++;
        const struct stream *is = stream_at(w);
        ck_assert_int_eq(memcmp(&is->d, &was.d, sizeof was.d), 0);
        ck_assert(is->at_ms == was.at_ms && is->sum == was.sum && is->since.n == was.since.n && is->late_from_ms == was.late_from_ms);
    }
    ck_assert_int_gt(failed, 10);
    w->an->scratch.max = most;
    ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    world_free(w);
}
END_TEST

/* The recorder ended while some waited, and said so; by the next one's turns none does. */
START_TEST(what_was_judged_is_told_after_a_restart)
{
    struct errctx ctx = {.text = ""};
    struct world *w = quiet();
    struct arena a;
    struct str text;
    arena_init(&a, 1 << 20);
    good_at(w, w->t_ms + minute);
    beside(w);
    OK(store_put_note(w->st, DRIFT_JUDGED_NOTE, w->t_ms, str_of("1763946060000"), &ctx));
    OK(store_commit(w->st, &ctx));
    world_reopen(w);
    beside(w);
    OK(store_note(w->st, DRIFT_JUDGED_NOTE, INT64_MAX, &a, &text));
    ck_assert(str_eq_z(text, "0"));
    arena_fini(&a);
    world_free(w);
}
END_TEST

Suite *suite_stream_past(void);
Suite *suite_stream_past(void)
{
    Suite *s = suite_create("stream_past");
    TCase *tc = tcase_create("past");
    tcase_add_test(tc, evidence_of_the_past_is_told_when_it_is_known);
    tcase_add_loop_test(tc, what_is_over_by_its_own_times_is_an_event, 0, 2 * (int)(sizeof lateness / sizeof lateness[0]));
    tcase_add_loop_test(tc, what_is_bad_at_its_newest_score_is_a_finding, 0, 2 * (int)(sizeof lateness / sizeof lateness[0]));
    tcase_add_test(tc, late_ones_among_live_ones_are_of_their_own_time);
    tcase_add_loop_test(tc, what_is_older_than_a_day_is_an_event, 0, 2);
    tcase_add_test(tc, what_is_fed_again_counts_once);
    tcase_add_test(tc, a_reading_that_fails_changes_nothing);
    tcase_add_test(tc, what_was_judged_is_told_after_a_restart);
    suite_add_tcase(s, tc);
    return s;
}
