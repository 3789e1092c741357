/* SPDX-License-Identifier: MIT */
/* Scores that are told otherwise afterwards: what was found of them goes, what they are now is found, whoever dies meanwhile. */
#include "unit/record/stream_world.h"

enum { EACH = 20, CALM = 20 * 60, BAD = 60 }; /* scores of a minute, and minutes */

static void turn(struct world *w)
{
    struct errctx ctx = {.text = ""};
    const struct store_batch *told;
    size_t count;
    w->t_ms += minute;
    w->manual.wall_ms = w->t_ms;
    OK(analyser_tick(w->an, w->t_ms, &ctx));
    analyser_told(w->an, &told, &count);
    for (size_t i = 0; i < count; i++)
        OK(store_append(w->st, &told[i], 1, &ctx));
    OK(store_commit(w->st, &ctx));
}

static void valid(struct world *w, int64_t n, int64_t bad)
{
    struct store_item *it = world_item(w, world_series(w, 0, SIG_EVAL, (struct labels){.name = "valid", .model = "gpt-x"}, NULL));
    it->v.score.n = n;
    it->v.score.bad = bad;
    it->v.score.sum_fixed = it->v.score.sumsq_fixed = (n - bad) * 1000000000;
}

static void run(struct world *w, int minutes, int64_t bad)
{
    for (int i = 0; i < minutes; i++) {
        valid(w, EACH, bad);
        world_analyse_at(w, 0, w->t_ms, w->t_ms + minute, false, LIVES);
        turn(w);
    }
}

/* Of each minute since then so many more are bad. */
static void revise(struct world *w, int64_t from_ms, int minutes, int64_t more_bad, bool restarts)
{
    struct errctx ctx = {.text = ""};
    for (int i = 0; i < minutes; i++) {
        valid(w, 0, more_bad);
        w->revised = true;
        world_analyse_at(w, 0, from_ms + i * minute, from_ms + (i + 1) * minute, false, LIVES);
    }
    OK(store_commit(w->st, &ctx));
    if (restarts)
        world_reopen(w);
    turn(w);
    turn(w);
}

START_TEST(a_finding_of_which_nothing_is_left_is_withdrawn)
{
    struct world *w = quiet();
    char text[512];
    struct event ev;
    struct drift_base b;
    run(w, CALM, 1);
    const int64_t onset = w->t_ms;
    run(w, BAD, 6);
    ck_assert_int_eq(world_finding(w, "quality:valid", text, sizeof text).state, ALERT_FIRING);
    revise(w, onset, BAD, -5, _i != 0);
    ck_assert_int_eq(world_finding(w, "quality:valid", text, sizeof text).state, ALERT_INACTIVE);
    ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 2);
    ck_assert_msg(strstr(text, "valid of gpt-x: revised: nothing of it is left, what was found from ") != NULL, "%s", text);
    run(w, BAD, 1); /* and is watched on, without what it was found by */
    ck_assert_int_eq(world_finding(w, "quality:valid", text, sizeof text).state, ALERT_INACTIVE);
    ck_assert_double_lt(stream_of(w, "valid", "model=gpt-x", &b), 0.5);
    world_free(w);
}
END_TEST

/* What a little of it was is a drift still. */
START_TEST(a_finding_of_which_most_is_left_stays)
{
    struct world *w = quiet();
    char text[512];
    struct event ev;
    run(w, CALM, 1);
    const int64_t onset = w->t_ms;
    run(w, BAD, 6);
    revise(w, onset, BAD / 2, -1, _i != 0);
    ck_assert_int_eq(world_finding(w, "quality:valid", text, sizeof text).state, ALERT_FIRING);
    ck_assert_uint_eq(world_events(w, EVENT_QUALITY, &ev, text, sizeof text), 1);
    world_free(w);
}
END_TEST

START_TEST(what_a_revision_makes_a_drift_is_found_by_its_time)
{
    struct world *w = quiet();
    char text[512];
    run(w, CALM, 1);
    const int64_t onset = w->t_ms;
    run(w, BAD, 1);
    ck_assert_int_eq(world_finding(w, "quality:valid", text, sizeof text).since_ms, 0);
    revise(w, onset, BAD, 5, _i != 0);
    turn(w);
    const struct alert al = world_finding(w, "quality:valid", text, sizeof text);
    ck_assert_int_eq(al.state, ALERT_FIRING);
    ck_assert_int_le(llabs(al.onset_ms - onset), al.onset_error_ms + 5 * minute);
    world_free(w);
}
END_TEST

/* All of it was judged anew: that is another baseline, and no drift. */
START_TEST(a_baseline_that_was_revised_is_another)
{
    struct world *w = quiet();
    char text[512];
    struct drift_base b;
    run(w, CALM, 1);
    revise(w, WORLD_T0, CALM, 3, false);
    run(w, BAD, 4);
    ck_assert_int_eq(world_finding(w, "quality:valid", text, sizeof text).since_ms, 0);
    ck_assert_double_lt(stream_of(w, "valid", "model=gpt-x", &b), 0.5);
    ck_assert_double_eq_tol(1 - b.mean, 0.2, 0.01);
    world_free(w);
}
END_TEST

Suite *suite_stream_revised(void);
Suite *suite_stream_revised(void)
{
    Suite *s = suite_create("stream_revised");
    TCase *tc = tcase_create("revised");
    tcase_add_loop_test(tc, a_finding_of_which_nothing_is_left_is_withdrawn, 0, 2);
    tcase_add_loop_test(tc, a_finding_of_which_most_is_left_stays, 0, 2);
    tcase_add_loop_test(tc, what_a_revision_makes_a_drift_is_found_by_its_time, 0, 2);
    tcase_add_test(tc, a_baseline_that_was_revised_is_another);
    suite_add_tcase(s, tc);
    return s;
}
