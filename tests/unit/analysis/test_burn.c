/* SPDX-License-Identifier: MIT */
/* Spend by polls of 15 s against a budget of $43,200 in 30 days: a dollar a minute is exactly at budget. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/burn.h"
#include "model/money.h"

enum { STEP_MS = 15000, MINUTE_MS = 60000, HOUR_MS = 3600000, STEPS_PER_HOUR = 240, STEPS_PER_MINUTE = 4 };
static const int64_t day_ms = 24 * (int64_t)HOUR_MS;
static const int64_t t0 = INT64_C(1763942400000); /* 2025-11-24T00:00Z, a Monday */

struct run {
    struct burn_state *s;
    struct burn_budget budget;
    int64_t at_ms;
    int fired[BURN_RULES], ended[BURN_RULES], silent[BURN_RULES];
    int64_t fired_ms[BURN_RULES], ended_ms[BURN_RULES], onset_ms[BURN_RULES], onset_error_ms[BURN_RULES];
};

static struct run start(void)
{
    struct run r = {.s = burn_state_new(), .budget = {.limit_nusd = 43200 * NUSD_PER_USD, .period_ms = 30 * day_ms}, .at_ms = t0};
    ck_assert_ptr_nonnull(r.s);
    return r;
}

static void note(struct run *r, const struct burn_change *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = c[i].rule;
        ck_assert_int_gt(c[i].after.since_ms, c[i].before.since_ms);
        if (c[i].after.state == ALERT_FIRING) {
            r->fired[k]++;
            r->fired_ms[k] = c[i].after.since_ms;
            r->onset_ms[k] = c[i].after.onset_ms;
            r->onset_error_ms[k] = c[i].after.onset_error_ms;
        } else if (c[i].after.state == ALERT_INACTIVE) {
            r->ended[k]++;
            r->ended_ms[k] = c[i].after.since_ms;
        } else {
            r->silent[k]++;
        }
    }
}

/* n polls that each spend so many dollars a minute. */
static void spend(struct run *r, int n, double usd_per_minute)
{
    struct burn_change c[BURN_RULES];
    for (int i = 0; i < n; i++) {
        burn_feed(r->s, r->at_ms, r->at_ms + STEP_MS, (int64_t)(usd_per_minute * (double)NUSD_PER_USD / STEPS_PER_MINUTE));
        r->at_ms += STEP_MS;
        note(r, c, burn_evaluate(r->s, &r->budget, c));
    }
}

static int all_fired(const struct run *r)
{
    return r->fired[0] + r->fired[1] + r->fired[2];
}

START_TEST(at_budget_never_fires)
{
    struct run r = start();
    spend(&r, 40 * 24 * STEPS_PER_HOUR, 1);
    ck_assert_int_eq(all_fired(&r), 0);
    for (int w = 0; w < SLO_WINDOW_COUNT; w++) {
        struct burn_window got = burn_window(r.s, &r.budget, (enum slo_window)w);
        ck_assert(fabs(got.burn - 1) < 1e-9 && got.burn == got.burn_least);
        ck_assert_int_eq(got.observed_ms, slo_window_ms((enum slo_window)w));
    }
    burn_state_free(r.s);
}
END_TEST

/* Everything on working days from 9 to 17, nothing left over at the month's end: by an even pace Tuesday evening looks like a fire. */
START_TEST(a_plan_knows_the_office)
{
    double plan[BURN_PLAN_HOURS], sum = 0;
    for (int i = 0; i < BURN_PLAN_HOURS; i++) {
        int day = (i / 24 + 4) % 7, hour = i % 24; /* 0 is Sunday */
        plan[i] = day >= 1 && day <= 5 && hour >= 9 && hour < 17 ? 1 : 0.02;
        sum += plan[i];
    }
    for (int i = 0; i < BURN_PLAN_HOURS; i++)
        plan[i] *= BURN_PLAN_HOURS / sum;
    for (int planned = 0; planned < 2; planned++) {
        struct run r = start();
        r.budget.plan = planned == 1 ? plan : NULL;
        for (int h = 0; h < 5 * BURN_PLAN_HOURS; h++)
            spend(&r, STEPS_PER_HOUR, plan[(r.at_ms / HOUR_MS) % BURN_PLAN_HOURS]);
        ck_assert_int_eq(r.fired[0] + r.fired[1], 0);
        ck_assert(planned == 1 ? r.fired[2] == 0 : r.fired[2] > 0);
        burn_state_free(r.s);
    }
}
END_TEST

/* 14.4 hours' worth of the budget have to be spent within an hour. */
static double minutes_until_page(double burn, double before)
{
    struct run r = start();
    spend(&r, 24 * STEPS_PER_HOUR, before);
    int64_t began = r.at_ms;
    spend(&r, 2 * STEPS_PER_HOUR, burn);
    ck_assert(r.fired[0] <= 1);
    burn_state_free(r.s);
    if (r.fired[0] == 1 && burn > 100)
        ck_assert_int_le(r.onset_ms[0] - began, MINUTE_MS);
    return r.fired[0] == 1 ? (double)(r.fired_ms[0] - began) / MINUTE_MS : -1;
}

START_TEST(a_spike_fires_when_its_money_is_gone)
{
    double wide = 0.25 + 1e-9; /* a poll */
    ck_assert(minutes_until_page(14.3, 1) == -1);
    ck_assert(fabs(minutes_until_page(20, 0) - 864.0 / 20) <= wide);
    ck_assert(fabs(minutes_until_page(20, 1) - (864.0 - 60) / 19) <= 1);
    ck_assert(fabs(minutes_until_page(200, 0) - 864.0 / 200) <= wide);
    ck_assert(minutes_until_page(200, 1) <= 5);
    ck_assert(fabs(minutes_until_page(2000, 0) - 0.5) <= wide);
}
END_TEST

START_TEST(a_blip_is_no_page)
{
    struct run r = start();
    spend(&r, 24 * STEPS_PER_HOUR, 1);
    spend(&r, 5 * STEPS_PER_MINUTE, 150);
    spend(&r, 24 * STEPS_PER_HOUR, 1);
    ck_assert_int_eq(all_fired(&r), 0);
    burn_state_free(r.s);
}
END_TEST

START_TEST(it_ends_when_the_short_window_is_calm)
{
    struct run r = start();
    spend(&r, 24 * STEPS_PER_HOUR, 1);
    int64_t began = r.at_ms;
    spend(&r, STEPS_PER_HOUR, 40);
    ck_assert_int_eq(r.fired[0], 1);
    ck_assert_int_le(llabs(r.onset_ms[0] - began), MINUTE_MS);
    int64_t over = r.at_ms;
    spend(&r, STEPS_PER_HOUR, 1);
    ck_assert_int_eq(r.ended[0], 1);
    ck_assert_int_le(r.ended_ms[0] - over, 6 * MINUTE_MS);
    ck_assert_int_eq(r.fired[0], 1);
    burn_state_free(r.s);
}
END_TEST

START_TEST(a_leak_is_a_ticket)
{
    struct run r = start();
    spend(&r, 4 * 24 * STEPS_PER_HOUR, 1);
    int64_t began = r.at_ms;
    spend(&r, 3 * 24 * STEPS_PER_HOUR, 1.5);
    ck_assert_int_eq(r.fired[0] + r.fired[1], 0);
    ck_assert_int_eq(r.fired[2], 1);
    ck_assert_int_le(llabs(r.fired_ms[2] - began - 72 * HOUR_MS * INT64_C(3) / 5), HOUR_MS); /* 0.5 more for 43.2 h are 0.3 of 72 h */
    burn_state_free(r.s);
}
END_TEST

/* What was not observed is neither spent nor saved. */
START_TEST(gaps_are_gaps)
{
    struct run r = start();
    struct burn_change c[BURN_RULES];
    spend(&r, 24 * STEPS_PER_HOUR, 1);
    spend(&r, 30 * STEPS_PER_MINUTE, 25); /* 750 of 864 */
    ck_assert_int_eq(all_fired(&r), 0);
    r.at_ms += 20 * MINUTE_MS;
    size_t n = burn_tick(r.s, &r.budget, r.at_ms, c);
    ck_assert_uint_eq(n, 2); /* those whose short window are five minutes */
    note(&r, c, n);
    ck_assert_int_eq(r.silent[0], 1);
    ck_assert_int_eq(r.silent[BURN_RESET], 1);
    ck_assert_int_eq(c[0].after.since_ms, r.at_ms - 15 * MINUTE_MS);
    ck_assert_uint_eq(burn_tick(r.s, &r.budget, r.at_ms, c), 0);
    burn_feed(r.s, 0, r.at_ms, 5000 * NUSD_PER_USD); /* what came meanwhile: nobody knows when */
    ck_assert_uint_eq(burn_evaluate(r.s, &r.budget, c), 0);
    spend(&r, STEPS_PER_MINUTE, 25);
    struct burn_window h = burn_window(r.s, &r.budget, SLO_1H);
    ck_assert_int_eq(h.observed_ms, 40 * MINUTE_MS); /* nine minutes before the 30, and one after */
    ck_assert(fabs(h.burn - h.burn_least * 1.5) < 1e-9);
    ck_assert_int_eq(all_fired(&r), 0);
    ck_assert_int_eq((int)burn_alarm_get(r.s, 0).state, ALERT_INACTIVE);
    spend(&r, 5 * STEPS_PER_MINUTE, 25);
    ck_assert_int_eq(r.fired[0], 1); /* 9 + 31 or more times 25: gone for sure */
    burn_state_free(r.s);
}
END_TEST

START_TEST(silence_while_firing_is_no_recovery)
{
    struct run r = start();
    struct burn_change c[BURN_RULES];
    spend(&r, STEPS_PER_HOUR, 40);
    ck_assert_int_eq(r.fired[0], 1);
    r.at_ms += 10 * MINUTE_MS;
    note(&r, c, burn_tick(r.s, &r.budget, r.at_ms, c));
    ck_assert_int_eq((int)burn_alarm_get(r.s, 0).state, ALERT_NO_DATA);
    spend(&r, 1, 40);
    ck_assert_int_eq((int)burn_alarm_get(r.s, 0).state, ALERT_FIRING);
    ck_assert_int_eq(r.ended[0], 0);
    burn_state_free(r.s);
}
END_TEST

START_TEST(a_raised_budget_ends_it)
{
    struct run r = start();
    spend(&r, STEPS_PER_HOUR, 40);
    r.budget.limit_nusd *= 3;
    spend(&r, 1, 40);
    ck_assert_int_eq(r.ended[0], 1);
    burn_state_free(r.s);
}
END_TEST

/* Two sources of one gateway, the second a poll behind: their money adds up, the time is one. */
START_TEST(two_sources)
{
    struct run r = start();
    for (int i = 0; i < 2 * STEPS_PER_HOUR; i++) {
        burn_feed(r.s, r.at_ms, r.at_ms + STEP_MS, NUSD_PER_USD);
        if (i > 0)
            burn_feed(r.s, r.at_ms - STEP_MS, r.at_ms, NUSD_PER_USD);
        r.at_ms += STEP_MS;
    }
    struct burn_window h = burn_window(r.s, &r.budget, SLO_1H);
    ck_assert_int_eq(h.observed_ms, HOUR_MS);
    ck_assert_int_eq(h.spent_nusd, (2 * STEPS_PER_HOUR - 1) * NUSD_PER_USD); /* the last one's is still to come */
    burn_state_free(r.s);
}
END_TEST

START_TEST(windows_are_rebuilt_and_states_stay)
{
    struct run r = start();
    spend(&r, STEPS_PER_HOUR, 40);
    burn_state_forget(r.s);
    ck_assert_int_eq(burn_now_ms(r.s), 0);
    ck_assert(isnan(burn_window(r.s, &r.budget, SLO_1H).burn));
    ck_assert_int_eq((int)burn_alarm_get(r.s, 0).state, ALERT_FIRING);
    burn_feed(r.s, r.at_ms - HOUR_MS, r.at_ms, 2400 * NUSD_PER_USD);
    ck_assert(fabs(burn_window(r.s, &r.budget, SLO_1H).burn - 40) < 1e-9);
    burn_feed(r.s, r.at_ms - 4 * day_ms, r.at_ms - 4 * day_ms + 1, 99); /* too old */
    ck_assert_int_eq(burn_window(r.s, &r.budget, SLO_3D).spent_nusd, 2400 * NUSD_PER_USD);
    struct burn_alarm a = burn_alarm_get(r.s, 0);
    burn_alarm_set(r.s, 1, &a);
    ck_assert_int_eq((int)burn_alarm_get(r.s, 1).state, ALERT_FIRING);
    burn_state_free(r.s);
}
END_TEST

/* The same against $1,800 a day, of which a usual day takes $1,440. */
static struct run start_daily(void)
{
    struct run r = start();
    r.budget.limit_nusd = 1800 * NUSD_PER_USD;
    r.budget.period_ms = day_ms;
    r.budget.reset_ms = t0 + day_ms;
    return r;
}

static void spend_daily(struct run *r, int n, double usd_per_minute)
{
    for (int i = 0; i < n; i++) {
        if (r->at_ms >= r->budget.reset_ms) {
            r->budget.used_nusd = 0;
            r->budget.reset_ms += day_ms;
        }
        r->budget.used_nusd += (int64_t)(usd_per_minute * (double)NUSD_PER_USD / STEPS_PER_MINUTE);
        spend(r, 1, usd_per_minute);
    }
}

/* Eight working hours take five times what the others do: at noon the day's budget would not last, and every noon is like that. */
START_TEST(a_usual_day_is_no_news)
{
    struct run r = start_daily();
    for (int d = 0; d < 9; d++) {
        for (int h = 0; h < 24; h++)
            spend_daily(&r, STEPS_PER_HOUR, h >= 9 && h < 17 ? 2.5 : 0.5);
        if (d == 0)
            r.fired[BURN_RESET] = 0; /* what is usual is not known yet */
    }
    ck_assert_int_eq(r.fired[BURN_RESET], 0);
    ck_assert_int_eq(all_fired(&r), 0);
    burn_state_free(r.s);
}
END_TEST

/* At noon, ten times what is usual: $60 + $9 t in the last hour are one and a half times $60 after 3.33 minutes, and twelve hours of that
 * more than the $1,080 that are left. */
START_TEST(what_does_not_last_is_a_ticket)
{
    struct run r = start_daily();
    spend_daily(&r, 36 * STEPS_PER_HOUR, 1);
    int64_t began = r.at_ms;
    spend_daily(&r, 10 * STEPS_PER_MINUTE, 10);
    ck_assert_int_eq(r.fired[BURN_RESET], 1);
    ck_assert_int_eq(r.fired_ms[BURN_RESET] - began, 14 * STEP_MS);
    ck_assert_int_le(llabs(r.onset_ms[BURN_RESET] - began), MINUTE_MS);
    ck_assert_int_eq(all_fired(&r), 0);
    int64_t over = r.at_ms;
    spend_daily(&r, STEPS_PER_HOUR, 1);
    ck_assert_int_eq(r.ended[BURN_RESET], 1);
    ck_assert_int_le(r.ended_ms[BURN_RESET] - over, 10 * MINUTE_MS);
    ck_assert_int_ge(r.ended_ms[BURN_RESET] - over, 5 * MINUTE_MS);
    burn_state_free(r.s);
}
END_TEST

/* One poll a minute, whose requests cost alike: of so many a minute a number that Poisson's law gives. */
static void spend_by_requests(struct run *r, int minutes, double per_minute, uint64_t *seed)
{
    for (int i = 0; i < minutes; i++) {
        int n = -1;
        for (double left = per_minute; left >= 0; n++) { /* between two of them passes an exponential time */
            *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            left += log(((double)(*seed >> 11) + 0.5) / (double)(UINT64_C(1) << 53));
        }
        const int64_t nusd = n * (NUSD_PER_USD / 20);
        struct burn_change c[BURN_RULES];
        if (r->at_ms >= r->budget.reset_ms) {
            r->budget.used_nusd = 0;
            r->budget.reset_ms += day_ms;
        }
        r->budget.used_nusd += nusd;
        burn_feed(r->s, r->at_ms, r->at_ms + MINUTE_MS, nusd);
        r->at_ms += MINUTE_MS;
        note(r, c, burn_evaluate(r->s, &r->budget, c));
    }
}

/* By day 40 requests a minute, at night ten: in the night after, eighty. That every morning rises above what is usual at night is no
 * onset. */
START_TEST(an_onset_is_no_morning_and_within_its_error)
{
    enum { RUNS = 40 };
    int within = 0;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        struct run r = start_daily();
        uint64_t state = seed;
        for (int h = 0; h < 25; h++)
            spend_by_requests(&r, 60, h >= 7 && h < 20 ? 40 : 10, &state);
        memset(r.fired, 0, sizeof r.fired);
        const int64_t began = r.at_ms;
        spend_by_requests(&r, 20, 80, &state);
        ck_assert_int_eq(r.fired[BURN_RESET], 1);
        const int64_t off = llabs(r.onset_ms[BURN_RESET] - began), error = r.onset_error_ms[BURN_RESET];
        ck_assert_msg(off <= 3 * MINUTE_MS, "seed %d: off by %lld ms", (int)seed, (long long)off);
        ck_assert_int_ge(error, MINUTE_MS / 2);
        ck_assert_int_le(error, 4 * MINUTE_MS);
        within += off <= error;
        burn_state_free(r.s);
    }
    ck_assert_int_ge(within, RUNS * 95 / 100);
}
END_TEST

/* The same where the evening takes more than what is unusual at night. */
START_TEST(an_onset_is_no_evening)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct run r = start_daily();
        uint64_t state = seed;
        for (int h = 0; h < 25; h++)
            spend_by_requests(&r, 60, h >= 15 && h < 22 ? 60 : 8, &state);
        memset(r.fired, 0, sizeof r.fired);
        r.budget.used_nusd = r.budget.limit_nusd - 100 * NUSD_PER_USD;
        const int64_t began = r.at_ms;
        spend_by_requests(&r, 60, 40, &state);
        ck_assert_int_eq(r.fired[BURN_RESET], 1);
        ck_assert_int_le(llabs(r.onset_ms[BURN_RESET] - began), 3 * MINUTE_MS);
        burn_state_free(r.s);
    }
}
END_TEST

/* Spent to the last dollar at its usual rate: nothing began. */
START_TEST(what_is_gone_as_usual_has_no_onset)
{
    struct run r = start_daily();
    uint64_t state = 7;
    r.budget.limit_nusd = 1000 * NUSD_PER_USD;
    spend_by_requests(&r, 2 * 24 * 60, 20, &state);
    ck_assert_int_ge(r.fired[BURN_RESET], 1);
    ck_assert_int_eq(r.onset_ms[BURN_RESET], 0);
    ck_assert_int_eq(r.onset_error_ms[BURN_RESET], 0);
    burn_state_free(r.s);
}
END_TEST

/* The same an hour before the reset: $60 are left to be spent, and $360 are there. */
START_TEST(what_lasts_until_the_reset_is_none)
{
    struct run r = start_daily();
    spend_daily(&r, 47 * STEPS_PER_HOUR, 1);
    spend_daily(&r, 10 * STEPS_PER_MINUTE, 5);
    ck_assert_int_eq(r.fired[BURN_RESET], 0);
    burn_state_free(r.s);
}
END_TEST

START_TEST(gone_is_a_ticket_until_the_reset)
{
    struct run r = start_daily();
    r.budget.limit_nusd = 1200 * NUSD_PER_USD;
    spend_daily(&r, 24 * STEPS_PER_HOUR, 1);
    ck_assert_int_eq(r.fired[BURN_RESET], 1);
    ck_assert_int_le(r.fired_ms[BURN_RESET] - t0, 20 * (int64_t)HOUR_MS);
    ck_assert_int_eq(r.ended[BURN_RESET], 0);
    int64_t reset = r.at_ms;
    spend_daily(&r, STEPS_PER_HOUR, 1);
    ck_assert_int_eq(r.ended[BURN_RESET], 1);
    ck_assert_int_le(r.ended_ms[BURN_RESET] - reset, 6 * MINUTE_MS);
    burn_state_free(r.s);
}
END_TEST

/* Of a gateway's own budget no period is known: its rates alone are judged, and without a reset only whether it is gone. */
START_TEST(without_a_period_only_what_is_left_counts)
{
    struct run r = start_daily();
    r.budget.period_ms = 0;
    r.budget.reset_ms = 0;
    spend(&r, 24 * STEPS_PER_HOUR, 1);
    spend(&r, STEPS_PER_HOUR, 100);
    ck_assert_int_eq(all_fired(&r) + r.fired[BURN_RESET], 0);
    r.budget.used_nusd = r.budget.limit_nusd;
    spend(&r, 1, 1);
    ck_assert_int_eq(r.fired[BURN_RESET], 1);
    burn_state_free(r.s);
}
END_TEST

Suite *suite_burn(void);
Suite *suite_burn(void)
{
    Suite *s = suite_create("burn");
    TCase *tc = tcase_create("burn");
    tcase_add_test(tc, at_budget_never_fires);
    tcase_add_test(tc, a_plan_knows_the_office);
    tcase_add_test(tc, a_spike_fires_when_its_money_is_gone);
    tcase_add_test(tc, a_blip_is_no_page);
    tcase_add_test(tc, it_ends_when_the_short_window_is_calm);
    tcase_add_test(tc, a_leak_is_a_ticket);
    tcase_add_test(tc, gaps_are_gaps);
    tcase_add_test(tc, a_usual_day_is_no_news);
    tcase_add_test(tc, what_does_not_last_is_a_ticket);
    tcase_add_test(tc, an_onset_is_no_morning_and_within_its_error);
    tcase_add_test(tc, an_onset_is_no_evening);
    tcase_add_test(tc, what_is_gone_as_usual_has_no_onset);
    tcase_add_test(tc, what_lasts_until_the_reset_is_none);
    tcase_add_test(tc, gone_is_a_ticket_until_the_reset);
    tcase_add_test(tc, without_a_period_only_what_is_left_counts);
    tcase_add_test(tc, silence_while_firing_is_no_recovery);
    tcase_add_test(tc, a_raised_budget_ends_it);
    tcase_add_test(tc, two_sources);
    tcase_add_test(tc, windows_are_rebuilt_and_states_stay);
    suite_add_tcase(s, tc);
    return s;
}
