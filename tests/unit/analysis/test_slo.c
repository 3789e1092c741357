/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/slo.h"

static const int64_t minute = 60000, day30 = 30 * INT64_C(86400000);
static const int64_t start = 1700000040000; /* a whole minute */

static struct slo_state *state_of(double objective)
{
    struct slo_state *s = slo_state_new(objective, day30);
    ck_assert_ptr_nonnull(s);
    return s;
}

/* Feeds `count` polls of step_ms that end step_ms apart after *at, evaluating after each; returns how many changes there were,
 * the last in *ret. */
static size_t run(struct slo_state *s, int64_t *at, int64_t step_ms, int count, uint64_t total, uint64_t bad, struct slo_change *ret)
{
    size_t changes = 0;
    for (int i = 0; i < count; i++) {
        struct slo_change c[SLO_RULES];
        slo_feed(s, *at, *at + step_ms, total, bad, bad);
        *at += step_ms;
        size_t n = slo_evaluate(s, c);
        if (n > 0 && ret != NULL)
            *ret = c[n - 1];
        changes += n;
    }
    return changes;
}

START_TEST(factors_of_the_workbook)
{
    ck_assert_double_eq_tol(slo_rule_factor(slo_rule_at(SLO_PAGE_5M), 0.95, day30), 14.4, 1e-12); /* as page-1h ... */
    ck_assert_double_eq_tol(slo_rule_factor(slo_rule_at(SLO_PAGE_5M), 0.995, day30), 1 / 0.03,
                            1e-9); /* ... but a sixth of the requests at least */
    ck_assert_double_eq_tol(slo_rule_factor(slo_rule_at(SLO_PAGE_5M), 0.999, 7 * INT64_C(86400000)), 1 / 0.006, 1e-9);
    ck_assert_double_eq_tol(slo_rule_factor(slo_rule_at(SLO_PAGE_1H), 0.995, day30), 14.4, 1e-12);
    ck_assert_double_eq_tol(slo_rule_factor(slo_rule_at(SLO_PAGE_6H), 0.995, day30), 6, 1e-12);
    ck_assert_double_eq_tol(slo_rule_factor(slo_rule_at(SLO_TICKET_1D), 0.995, day30), 3, 1e-12);
    ck_assert_double_eq_tol(slo_rule_factor(slo_rule_at(SLO_TICKET_3D), 0.995, day30), 1, 1e-12);
    ck_assert_double_eq_tol(slo_rule_factor(slo_rule_at(SLO_PAGE_1H), 0.995, 7 * INT64_C(86400000)), 3.36, 1e-12);
    ck_assert_double_eq_tol(slo_rule_factor(slo_rule_at(SLO_TICKET_3D), 0.995, 7 * INT64_C(86400000)), 1,
                            1e-12); /* never below the allowed rate */
}
END_TEST

START_TEST(windows_count_observations)
{
    struct slo_state *s = state_of(0.999);
    for (int i = 0; i < 10; i++) /* minute i: total i + 1, bad i */
        slo_feed(s, start + i * minute, start + (i + 1) * minute, (uint64_t)i + 1, (uint64_t)i, (uint64_t)i + 1);
    struct slo_count five = slo_window(s, SLO_5M), hour = slo_window(s, SLO_1H);
    ck_assert_uint_eq(five.total, 6 + 7 + 8 + 9 + 10);
    ck_assert_uint_eq(five.bad_lo, 5 + 6 + 7 + 8 + 9);
    ck_assert_uint_eq(five.bad_hi, 6 + 7 + 8 + 9 + 10);
    ck_assert_int_eq(five.observed_ms, 5 * minute);
    ck_assert_uint_eq(hour.total, 55);
    ck_assert_int_eq(hour.observed_ms, 10 * minute); /* young, and it says so */
    ck_assert_int_eq(slo_now_ms(s), start + 10 * minute);
    slo_state_free(s);
}
END_TEST

START_TEST(a_gap_is_a_gap)
{
    struct slo_state *s = state_of(0.999);
    slo_feed(s, start, start + minute, 100, 1, 1);
    slo_feed(s, start + 30 * minute, start + 31 * minute, 100, 1, 1);
    struct slo_count hour = slo_window(s, SLO_1H);
    ck_assert_uint_eq(hour.total, 200);
    ck_assert_int_eq(hour.observed_ms, 2 * minute);
    ck_assert_uint_eq(slo_window(s, SLO_30M).total, 100);
    slo_feed(s, start + 4 * 24 * 60 * minute, start + 4 * 24 * 60 * minute + minute, 7, 0, 0); /* four days later */
    ck_assert_uint_eq(slo_window(s, SLO_3D).total, 7);
    slo_state_free(s);
}
END_TEST

START_TEST(late_and_shared_time)
{
    struct slo_state *s = state_of(0.999);
    slo_feed(s, start, start + minute, 10, 0, 0);
    slo_feed(s, start + minute, start + 2 * minute, 10, 0, 0);
    slo_feed(s, start, start + minute, 5, 5, 5); /* a second source's view of the same minute: its requests count, its time does not */
    ck_assert_uint_eq(slo_window(s, SLO_5M).total, 25);
    ck_assert_uint_eq(slo_window(s, SLO_5M).bad_lo, 5);
    ck_assert_int_eq(slo_window(s, SLO_5M).observed_ms, 2 * minute);
    slo_feed(s, 0, start + 3 * minute, 1000, 1000, 1000); /* of an unknown time */
    ck_assert_uint_eq(slo_window(s, SLO_5M).total, 25);
    slo_feed(s, start - 4 * 24 * 60 * minute, start - 4 * 24 * 60 * minute + minute, 9, 9, 9); /* before every window */
    ck_assert_uint_eq(slo_window(s, SLO_3D).total, 25);
    slo_feed(s, start + 3 * 24 * 60 * minute, start + 3 * 24 * 60 * minute + minute, 4, 0, 0); /* nor does it leave one later */
    ck_assert_uint_eq(slo_window(s, SLO_3D).total, 14);                                        /* the newest and the second minute */
    slo_state_free(s);
}
END_TEST

/* Intervals of up to so many seconds from anywhere in two hours: each second that they cover is observed once. Where there are more gaps
 * than are remembered, less is. */
static void observe_anywhere(int longest_s, bool all)
{
    enum { SECONDS = 7200, STEPS = 300 };
    bool covered[SECONDS] = {false};
    struct slo_state *s = state_of(0.999);
    unsigned seed = 3;
    for (int i = 0; i < STEPS; i++) {
        seed = seed * 1103515245u + 12345u;
        int end = 1 + (int)((seed >> 16) % SECONDS), at = end - 1 - (int)((seed >> 8) % (unsigned)longest_s);
        at = at > 0 ? at : 0;
        int64_t sum = 0;
        slo_feed(s, start + at * 1000, start + end * 1000, 1, 0, 0);
        for (int k = at; k < end; k++)
            covered[k] = true;
        for (int k = 0; k < SECONDS; k++)
            sum += covered[k] ? 1000 : 0;
        ck_assert_int_le(slo_window(s, SLO_3D).observed_ms, sum);
        ck_assert(!all || slo_window(s, SLO_3D).observed_ms == sum);
    }
    slo_state_free(s);
}

START_TEST(late_time_is_observed_where_nothing_was)
{
    struct slo_state *s = state_of(0.999);
    slo_feed(s, start, start + minute, 1, 0, 0);
    slo_feed(s, start + 2 * minute, start + 3 * minute, 1, 0, 0);
    slo_feed(s, start + minute, start + 2 * minute, 1, 0, 0); /* late */
    ck_assert_int_eq(slo_window(s, SLO_5M).observed_ms, 3 * minute);
    slo_state_free(s);
    observe_anywhere(400, true);
    observe_anywhere(10, false);
}
END_TEST

/* The running sums against sums taken afresh, over a walk with gaps and late intervals. */
START_TEST(running_sums_are_sums)
{
    enum { STEPS = 20000 };
    static struct {
        int64_t minute;
        uint64_t total;
    } fed[STEPS];
    struct slo_state *s = state_of(0.99);
    int64_t at = start / minute;
    unsigned seed = 7;
    for (int i = 0; i < STEPS; i++) {
        seed = seed * 1103515245u + 12345u;
        unsigned r = seed >> 16;
        at += r % 50 == 0 ? 400 : r % 3;
        int64_t m = r % 7 == 0 ? at - 100 : at;
        fed[i].minute = m;
        fed[i].total = r % 100;
        slo_feed(s, m * minute, (m + 1) * minute, fed[i].total, 0, 0);
        if (i % 997 != 0)
            continue;
        int64_t newest = (slo_now_ms(s) - 1) / minute;
        for (int w = 0; w < SLO_WINDOW_COUNT; w++) {
            uint64_t sum = 0;
            for (int k = 0; k <= i; k++)
                if (fed[k].minute > newest - slo_window_ms((enum slo_window)w) / minute)
                    sum += fed[k].total;
            ck_assert_uint_eq(slo_window(s, (enum slo_window)w).total, sum);
        }
    }
    slo_state_free(s);
}
END_TEST

/* 10 requests/s at 99.9 %, then 40 % fail: 14.4 budget-hours are gone after 0.0144 / 0.4 of an hour = 2 min 10 s. */
START_TEST(outage_pages_once_and_ends)
{
    struct slo_state *s = state_of(0.999);
    struct slo_change c = {.rule = 99};
    int64_t at = start;
    ck_assert_uint_eq(run(s, &at, 15000, 24 * 240, 150, 0, &c), 0);
    int64_t onset = at;
    ck_assert_uint_eq(run(s, &at, 15000, 8, 150, 60, &c), 0);
    ck_assert_uint_eq(run(s, &at, 15000, 1, 150, 60, &c), 2); /* a sixth of five minutes takes 125 s */
    ck_assert_uint_eq(c.rule, SLO_PAGE_1H);
    ck_assert_int_eq(c.after.state, ALERT_FIRING);
    ck_assert_int_eq(c.after.since_ms, at);
    ck_assert_int_eq(c.after.onset_ms, onset); /* the polls before and after may hold it */
    ck_assert_int_eq(c.after.onset_error_ms, 15000);
    /* over the hour: the current minute and the 59 before it, of which 9 polls failed */
    ck_assert_uint_eq(c.in_long.bad_lo, 9 * 60);
    ck_assert_double_eq_tol(c.burn_long, 540.0 / (237 * 150) / 0.001, 1e-9);
    ck_assert_double_eq_tol(c.burn_short, 540.0 / (17 * 150) / 0.001, 1e-9);
    run(s, &at, 15000, 40, 150, 60, NULL); /* ten more minutes of it */
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_1H).state, ALERT_FIRING);
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_6H).state, ALERT_FIRING);
    int64_t over = at;
    run(s, &at, 15000, 60 * 4, 150, 0, NULL);
    for (size_t i = 0; i < SLO_RULES; i++)
        ck_assert_int_eq(slo_alarm_get(s, i).state, ALERT_INACTIVE);
    ck_assert(slo_alarm_get(s, SLO_PAGE_1H).since_ms - over <= 7 * minute);
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_5M).since_ms, slo_alarm_get(s, SLO_PAGE_1H).since_ms);
    ck_assert(slo_alarm_get(s, SLO_PAGE_6H).since_ms - over <= 8 * minute);    /* the five minutes since prove it, the half hour does not */
    ck_assert(slo_alarm_get(s, SLO_TICKET_1D).since_ms - over <= 33 * minute); /* the half hour since proves it, the two hours do not */
    ck_assert_uint_eq(run(s, &at, 15000, 4 * 60 * 12, 150, 0, NULL), 0);       /* and nothing fires again */
    slo_state_free(s);
}
END_TEST

START_TEST(three_failures_at_night_do_not_page)
{
    struct slo_state *s = state_of(0.999);
    int64_t at = start;
    run(s, &at, minute, 600, 1, 0, NULL);
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(run(s, &at, minute, 1, 1, 1, NULL), 0); /* burns 50x over 1h, 400x over 5m: P(3 of 60 at 0.1 %) = 3e-5 */
        ck_assert_uint_eq(run(s, &at, minute, i < 2 ? 2 : 0, 1, 0, NULL), 0);
    }
    struct slo_count hour = slo_window(s, SLO_1H);
    ck_assert_double_eq_tol(slo_burn(&hour, 0.999), 50, 1e-9);
    run(s, &at, minute, 2, 1, 0, NULL);
    ck_assert_uint_eq(run(s, &at, minute, 1, 1, 1, NULL), 1); /* the fourth: 5e-7; four in six hours are no surprise yet, nor two in 5m */
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_1H).state, ALERT_FIRING);
    slo_state_free(s);
}
END_TEST

START_TEST(a_young_window_must_have_spent_the_budget)
{
    struct slo_state *s = state_of(0.99);
    int64_t at = start;
    /* 16 % fail from the first minute on: 14.4 * 0.01 hours are spent after 0.9 of an hour */
    ck_assert_uint_eq(run(s, &at, minute, 54, 1000, 160, NULL), 0);
    struct slo_change c;
    ck_assert_uint_eq(run(s, &at, minute, 1, 1000, 160, &c), 1);
    ck_assert_uint_eq(c.rule, SLO_PAGE_1H);
    slo_state_free(s);
}
END_TEST

START_TEST(silence_is_no_recovery)
{
    struct slo_state *s = state_of(0.999);
    struct slo_change c[SLO_RULES];
    int64_t at = start;
    run(s, &at, minute, 120, 100, 0, NULL);
    run(s, &at, minute, 5, 100, 100, NULL);
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_1H).state, ALERT_FIRING);
    run(s, &at, minute, 20, 0, 0, NULL); /* observed, but nobody asks any more */
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_1H).state, ALERT_FIRING);
    ck_assert_uint_eq(slo_tick(s, at + 4 * minute, c), 0);
    ck_assert_uint_eq(slo_tick(s, at + 6 * minute, c), 2); /* the source went away: the 5 min window is empty, the others not yet */
    ck_assert_int_eq(c[0].after.state, ALERT_NO_DATA);
    ck_assert_int_eq(c[0].after.since_ms, at + 5 * minute);
    ck_assert(c[0].after.was_firing);
    ck_assert_uint_eq(slo_tick(s, at + 7 * minute, c), 0);
    at += 10 * minute;
    struct slo_change back;
    ck_assert_uint_eq(run(s, &at, minute, 1, 100, 100, &back),
                      2); /* it is back, and so is the trouble: they fire on, with their old onset */
    ck_assert_int_eq(back.after.state, ALERT_FIRING);
    ck_assert_int_eq(back.after.onset_ms, back.before.onset_ms);
    slo_state_free(s);
}
END_TEST

/* One calm evaluation may be an accident of the windows; calm for a minute is not. */
START_TEST(ends_after_a_minute_of_calm)
{
    struct slo_state *s = state_of(0.999);
    int64_t at = start;
    run(s, &at, 15000, 240, 1000, 0, NULL);
    run(s, &at, 15000, 20, 0, 1000, NULL);
    at += 10 * minute; /* not watched; the short window holds what comes now alone */
    run(s, &at, 15000, 4, 1000, 0, NULL);
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_1H).state, ALERT_FIRING);
    run(s, &at, 15000, 1, 1000, 0, NULL);
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_1H).state, ALERT_INACTIVE);
    slo_state_free(s);
}
END_TEST

/* Nobody asks any more: the five-minute window stays empty, but the hour forgets. */
START_TEST(silence_ends_with_the_long_window)
{
    struct slo_state *s = state_of(0.999);
    int64_t at = start;
    run(s, &at, minute, 120, 100, 0, NULL);
    run(s, &at, minute, 5, 100, 100, NULL);
    run(s, &at, minute, 55, 0, 0, NULL);
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_1H).state, ALERT_FIRING);
    run(s, &at, minute, 6, 0, 0, NULL);
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_1H).state, ALERT_INACTIVE);
    slo_state_free(s);
}
END_TEST

/* A source that lags: its poll of before the moment that was declared without data comes after it. */
START_TEST(changes_have_rising_times)
{
    struct slo_state *s = state_of(0.999);
    struct slo_change c[SLO_RULES], back;
    int64_t at = start;
    run(s, &at, minute, 60, 100, 0, NULL);
    ck_assert_uint_eq(slo_tick(s, at + 6 * minute, c), 2);
    ck_assert_int_eq(c[0].after.since_ms, at + 5 * minute);
    ck_assert_uint_eq(run(s, &at, minute, 1, 100, 0, &back), 2);
    ck_assert_int_eq(back.after.since_ms, c[0].after.since_ms + 1);
    slo_state_free(s);
}
END_TEST

/* ---- page-5m ---- */

static bool outage_fires(const struct slo_state *s)
{
    return slo_alarm_get(s, SLO_PAGE_5M).state == ALERT_FIRING;
}

/* An hour of health at 1,000 requests a minute. */
static struct slo_state *healthy_hour(double objective, int64_t *ret_at)
{
    struct slo_state *s = state_of(objective);
    *ret_at = start;
    ck_assert_uint_eq(run(s, ret_at, 15000, 240, 250, 0, NULL), 0);
    return s;
}

START_TEST(an_outage_pages_within_a_minute)
{
    int64_t at;
    struct slo_state *s = healthy_hour(0.995, &at);
    struct slo_change c;
    ck_assert_uint_eq(run(s, &at, 15000, 3, 250, 250, NULL), 0); /* 45 s: a blip */
    ck_assert_uint_eq(run(s, &at, 15000, 1, 250, 250, &c), 1);
    ck_assert_uint_eq(c.rule, SLO_PAGE_5M);
    ck_assert_int_eq(c.after.state, ALERT_FIRING);
    slo_state_free(s);

    s = healthy_hour(0.995, &at);
    ck_assert_uint_eq(run(s, &at, minute, 1, 1000, 1000, &c), 1); /* and by one poll of a minute */
    slo_state_free(s);
}
END_TEST

START_TEST(less_than_a_sixth_of_five_minutes_is_no_outage)
{
    int64_t at;
    struct slo_state *s = healthy_hour(0.999, &at);
    run(s, &at, 15000, 40, 250, 40, NULL); /* 16 %, 160x */
    ck_assert(!outage_fires(s));
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_1H).state, ALERT_FIRING);
    run(s, &at, 15000, 40, 250, 43, NULL); /* 17 % */
    ck_assert(outage_fires(s));
    slo_state_free(s);
}
END_TEST

START_TEST(loose_objectives_want_the_rate_of_page_1h)
{
    int64_t at;
    struct slo_state *s = healthy_hour(0.95, &at);
    run(s, &at, 15000, 40, 250, 175, NULL); /* 70 %: 14x */
    ck_assert(!outage_fires(s));
    run(s, &at, 15000, 40, 250, 185, NULL); /* 74 %: 14.8x */
    ck_assert(outage_fires(s));
    slo_state_free(s);
    s = healthy_hour(0.93, &at); /* all of them: 14.3x */
    run(s, &at, 15000, 40, 250, 250, NULL);
    ck_assert(!outage_fires(s));
    slo_state_free(s);
}
END_TEST

START_TEST(a_young_recording_pages_an_outage_that_it_saw_for_a_minute)
{
    struct slo_state *s = state_of(0.995);
    int64_t at = start;
    ck_assert_uint_eq(run(s, &at, 15000, 3, 250, 250, NULL), 0);
    ck_assert_uint_eq(run(s, &at, 15000, 1, 250, 250, NULL), 1);
    ck_assert(outage_fires(s));
    slo_state_free(s);
    s = state_of(0.995); /* it began with a blip */
    at = start;
    run(s, &at, 15000, 3, 250, 250, NULL);
    ck_assert_uint_eq(run(s, &at, 15000, 100, 250, 0, NULL), 0);
    slo_state_free(s);
}
END_TEST

START_TEST(few_requests_must_be_a_surprise)
{
    struct slo_state *s = state_of(0.99);
    int64_t at = start;
    run(s, &at, minute, 600, 1, 0, NULL);
    run(s, &at, minute, 3, 1, 1, NULL); /* 3 of 5 at 1 %: 1e-5 */
    ck_assert(!outage_fires(s));
    run(s, &at, minute, 1, 1, 1, NULL); /* 4 of 5: 5e-8 */
    ck_assert(outage_fires(s));
    slo_state_free(s);
}
END_TEST

/* A blip is a sixth of five minutes when all others ask no more; by then the last minute was good. */
START_TEST(what_is_over_does_not_page)
{
    for (int good = 10; good <= 20; good += 10) { /* at a sixth, that none of so many fails happens in 16 %, 3 % */
        struct slo_state *s = state_of(0.995);
        int64_t at = start;
        run(s, &at, minute, 60, 1000, 0, NULL);
        run(s, &at, minute, 1, 1000, 300, NULL);
        run(s, &at, minute, 4, (uint64_t)good, 0, NULL);
        ck_assert_double_gt(slo_burn(&(struct slo_count){slo_window(s, SLO_5M).total, slo_window(s, SLO_5M).bad_lo, 0, 0}, 0.995), 50);
        ck_assert(outage_fires(s) == (good == 10));
        slo_state_free(s);
    }
}
END_TEST

/* It ends by page-1h's rate and not by its own, so that it does not come and go with five minutes' share. */
START_TEST(an_outage_does_not_flap)
{
    int64_t at;
    struct slo_state *s = healthy_hour(0.995, &at);
    struct slo_change c[SLO_RULES];
    int fired = 0, ended = 0;
    for (int i = 0; i < 8 * 60; i++) { /* five minutes at 20 %, five at 10 %, for two hours */
        uint64_t bad = i / 20 % 2 == 0 ? 50 : 25;
        slo_feed(s, at, at + 15000, 250, bad, bad);
        at += 15000;
        for (size_t k = 0, n = slo_evaluate(s, c); k < n; k++) {
            fired += c[k].rule == SLO_PAGE_5M && c[k].after.state == ALERT_FIRING;
            ended += c[k].rule == SLO_PAGE_5M && c[k].after.state == ALERT_INACTIVE;
        }
    }
    ck_assert_int_eq(fired, 1);
    ck_assert_int_eq(ended, 0);
    run(s, &at, 15000, 40, 250, 0, NULL);
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_5M).state, ALERT_INACTIVE);
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_5M).since_ms, slo_alarm_get(s, SLO_PAGE_1H).since_ms);
    slo_state_free(s);
}
END_TEST

/* At night so few requests come that they prove nothing, and the windows still hold the evening's outage: that is no news, what fails then
 * is. */
START_TEST(what_is_over_fires_again_for_new_failures_alone)
{
    struct slo_state *s = state_of(0.999);
    struct slo_change c = {.rule = 99};
    struct slo_count counts[SLO_WINDOW_COUNT];
    int64_t at = start;
    run(s, &at, 15000, 4 * 60 * 6, 1000, 0, NULL);
    run(s, &at, 15000, 40, 1000, 300, NULL);
    run(s, &at, 15000, 4 * 9, 1000, 0, NULL);
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_6H).state, ALERT_INACTIVE);
    run(s, &at, 15000, 4 * 15, 1, 0, NULL);
    for (int w = 0; w < SLO_WINDOW_COUNT; w++)
        counts[w] = slo_window(s, (enum slo_window)w);
    ck_assert(slo_rule_fires(SLO_PAGE_6H, counts, 0.999, day30)); /* without memory it would */
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_6H).state, ALERT_INACTIVE);
    run(s, &at, 15000, 8, 10, 5, &c);
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_6H).state, ALERT_FIRING);
    ck_assert_int_ge(slo_alarm_get(s, SLO_PAGE_6H).onset_ms, at - 5 * minute);
    slo_state_free(s);
}
END_TEST

/* The five minutes of a quiet service are often empty. */
START_TEST(an_outage_ends_with_an_hour_without_failures)
{
    struct slo_state *s = state_of(0.995);
    int64_t at = start;
    run(s, &at, minute, 120, 100, 0, NULL);
    run(s, &at, minute, 1, 100, 100, NULL);
    ck_assert(outage_fires(s));
    run(s, &at, minute, 59, 0, 0, NULL);
    ck_assert(outage_fires(s));
    run(s, &at, minute, 1, 0, 0, NULL);
    ck_assert_int_eq(slo_alarm_get(s, SLO_PAGE_5M).state, ALERT_INACTIVE);
    slo_state_free(s);
}
END_TEST

static int64_t fires_in(size_t rule, const struct slo_count *seen, const struct slo_count *now)
{
    struct slo_count c[SLO_WINDOW_COUNT];
    for (size_t w = 0; w < SLO_WINDOW_COUNT; w++)
        c[w] = *seen;
    return slo_rule_fires_in_ms(rule, c, now, 0.995, day30);
}

START_TEST(when_a_rule_will_fire)
{
    /* 10 s of a total outage at 99.5 %, all that was ever seen: 50 s and 259.2 s are wanted */
    const struct slo_count c = {.total = 100, .bad_lo = 100, .bad_hi = 100, .observed_ms = 10000}, none = {.total = 0},
                           sixth = {.total = 1000, .bad_lo = 165, .bad_hi = 165, .observed_ms = 100000},
                           most = {.total = 600, .bad_lo = 600, .bad_hi = 600, .observed_ms = minute};
    ck_assert_int_eq((fires_in(SLO_PAGE_5M, &c, &c) + 999) / 1000, 41);
    ck_assert_int_eq((fires_in(SLO_PAGE_1H, &c, &c) + 999) / 1000, 250);
    ck_assert_int_eq((fires_in(SLO_PAGE_1H, &none, &c) + 999) / 1000, 260);
    ck_assert_int_eq(fires_in(SLO_PAGE_5M, &sixth, &sixth), -1); /* 16.5 %: less than a sixth */
    ck_assert_int_eq(fires_in(SLO_PAGE_5M, &most, &most), 0);
}
END_TEST

/* 4 requests a second that all fail, after 50 a second that were well for 150 s: of five minutes' requests a sixth is bad once 4 t is a
 * sixth of 7,500 + 4 t, after 375 s; but after 150 s of them the good ones begin to fall out, at 50 a second: 4 t = (50 (300 - t) + 4 t) /
 * 6 at t = 214. */
START_TEST(where_less_traffic_comes_a_rule_fires_later)
{
    const struct slo_count well = {.total = 7500, .observed_ms = 150000},
                           now = {.total = 80, .bad_lo = 80, .bad_hi = 80, .observed_ms = 20000};
    ck_assert_int_le(llabs(fires_in(SLO_PAGE_5M, &well, &now) - 214300), 1500);
}
END_TEST

START_TEST(onset_of_a_total_outage)
{
    struct slo_state *s = state_of(0.999);
    int64_t at = start, ms = -1, error = -1;
    slo_feed(s, at - minute, at, 100, 100, 100); /* all that was ever seen */
    ck_assert(slo_onset(s, SLO_5M, 0, &ms, &error));
    ck_assert_int_eq(ms, at - minute / 2);
    ck_assert_int_eq(error, minute / 2);
    slo_state_free(s);
}
END_TEST

START_TEST(no_data_then_health)
{
    struct slo_state *s = state_of(0.999);
    struct slo_change c[SLO_RULES], back;
    int64_t at = start;
    ck_assert_uint_eq(slo_tick(s, at, c), 0); /* never saw anything: there is nothing to lose */
    run(s, &at, minute, 60, 100, 0, NULL);
    ck_assert_uint_eq(slo_tick(s, at + 40 * minute, c), 3);
    ck_assert_uint_eq(slo_tick(s, at + 400 * minute, c), 2);
    at += 400 * minute;
    ck_assert_uint_eq(run(s, &at, minute, 1, 100, 0, &back), 5);
    ck_assert_int_eq(back.after.state, ALERT_INACTIVE);
    slo_state_free(s);
}
END_TEST

/* A source polled every ten minutes leaves the five-minute window empty between polls; that is not silence. */
START_TEST(slow_polls_are_not_silent)
{
    struct slo_state *s = state_of(0.999);
    struct slo_change c[SLO_RULES];
    int64_t at = start;
    run(s, &at, 10 * minute, 60, 100, 0, NULL);
    ck_assert_uint_eq(slo_tick(s, at + 29 * minute, c), 0);
    ck_assert_uint_eq(slo_tick(s, at + 30 * minute, c), 3);
    slo_state_free(s);
}
END_TEST

START_TEST(onset_by_minutes_and_by_polls)
{
    struct slo_state *s = state_of(0.999);
    int64_t at = start, ms = -1, error = -1;
    run(s, &at, minute, 600, 1000, 1, NULL); /* exactly what is allowed */
    ck_assert(!slo_onset(s, SLO_5M, 0, &ms, &error));
    ck_assert_int_eq(ms, -1);
    int64_t onset = at;
    run(s, &at, minute, 300, 1000, 40, NULL);
    ck_assert(slo_onset(s, SLO_1H, 0, &ms, &error));
    ck_assert_int_eq(ms, onset);
    run(s, &at, minute, 300, 1000, 40, NULL); /* now older than what is kept by poll */
    ck_assert(slo_onset(s, SLO_1H, 0, &ms, &error));
    ck_assert_int_eq(ms, onset);
    ck_assert_int_eq(error, minute);
    ck_assert(slo_onset(s, SLO_1H, onset + 500 * minute, &ms, &error)); /* of what came later, kept by poll */
    ck_assert_int_eq(ms, onset + 500 * minute + minute / 2);
    ck_assert(slo_onset(s, SLO_1H, onset + 60 * minute, &ms, &error)); /* and by minute */
    ck_assert_int_eq(ms, onset + 60 * minute + minute / 2);
    slo_state_free(s);
}
END_TEST

START_TEST(latency_alerts_on_the_certain_part)
{
    struct slo_state *s = state_of(0.95);
    struct slo_change c[SLO_RULES];
    for (int i = 0; i < 600; i++) {
        slo_feed(s, start + i * minute, start + (i + 1) * minute, 100, 0, 100); /* all of them in the bucket that holds the threshold */
        ck_assert_uint_eq(slo_evaluate(s, c), 0);
    }
    ck_assert_uint_eq(slo_window(s, SLO_1H).bad_hi, 6000);
    slo_state_free(s);
}
END_TEST

START_TEST(budgets)
{
    /* 1,000,000 requests in 30 days at 99.9 % may lose 1,000; 290 are lost, 10 of them in the last five minutes */
    struct slo_count period = {.total = 1000000, .bad_lo = 290, .bad_hi = 290, .observed_ms = day30};
    struct slo_count five = {.total = 100, .bad_lo = 10, .bad_hi = 10, .observed_ms = 5 * minute};
    struct slo_budget b = slo_budget(&period, &five, 0.999, day30);
    ck_assert_double_eq_tol(b.left_ratio, 0.71, 1e-9);
    ck_assert_int_eq((b.gone_in_ms + 500) / 1000, 355 * 60); /* 710 left at 2 a minute */
    ck_assert(!b.partial);
    period.observed_ms = day30 / 10; /* a tenth of the time seen: ten times the traffic is expected */
    b = slo_budget(&period, &five, 0.999, day30);
    ck_assert_double_eq_tol(b.left_ratio, 0.971, 1e-9);
    ck_assert(b.partial);
    five.bad_lo = 0;
    ck_assert_int_eq(slo_budget(&period, &five, 0.999, day30).gone_in_ms, -1);
    period.bad_lo = 20000;
    b = slo_budget(&period, &five, 0.999, day30);
    ck_assert_double_eq_tol(b.left_ratio, -1, 1e-9);
    ck_assert_int_eq(b.gone_in_ms, 0);
    period.total = 0;
    ck_assert(isnan(slo_budget(&period, &five, 0.999, day30).left_ratio));
}
END_TEST

Suite *suite_slo(void);
Suite *suite_slo(void)
{
    Suite *s = suite_create("slo");
    TCase *windows = tcase_create("windows"), *rules = tcase_create("rules"), *outages = tcase_create("outages");
    tcase_add_test(windows, windows_count_observations);
    tcase_add_test(windows, a_gap_is_a_gap);
    tcase_add_test(windows, late_and_shared_time);
    tcase_add_test(windows, late_time_is_observed_where_nothing_was);
    tcase_add_test(windows, running_sums_are_sums);
    tcase_add_test(windows, budgets);
    suite_add_tcase(s, windows);
    tcase_add_test(rules, factors_of_the_workbook);
    tcase_add_test(rules, outage_pages_once_and_ends);
    tcase_add_test(rules, three_failures_at_night_do_not_page);
    tcase_add_test(rules, a_young_window_must_have_spent_the_budget);
    tcase_add_test(rules, silence_is_no_recovery);
    tcase_add_test(rules, ends_after_a_minute_of_calm);
    tcase_add_test(rules, silence_ends_with_the_long_window);
    tcase_add_test(rules, changes_have_rising_times);
    tcase_add_test(outages, an_outage_pages_within_a_minute);
    tcase_add_test(outages, less_than_a_sixth_of_five_minutes_is_no_outage);
    tcase_add_test(outages, loose_objectives_want_the_rate_of_page_1h);
    tcase_add_test(outages, a_young_recording_pages_an_outage_that_it_saw_for_a_minute);
    tcase_add_test(outages, few_requests_must_be_a_surprise);
    tcase_add_test(outages, what_is_over_does_not_page);
    tcase_add_test(outages, an_outage_does_not_flap);
    tcase_add_test(outages, what_is_over_fires_again_for_new_failures_alone);
    tcase_add_test(outages, an_outage_ends_with_an_hour_without_failures);
    tcase_add_test(outages, when_a_rule_will_fire);
    tcase_add_test(outages, where_less_traffic_comes_a_rule_fires_later);
    suite_add_tcase(s, outages);
    tcase_add_test(rules, onset_of_a_total_outage);
    tcase_add_test(rules, no_data_then_health);
    tcase_add_test(rules, slow_polls_are_not_silent);
    tcase_add_test(rules, onset_by_minutes_and_by_polls);
    tcase_add_test(rules, latency_alerts_on_the_certain_part);
    suite_add_tcase(s, rules);
    return s;
}
