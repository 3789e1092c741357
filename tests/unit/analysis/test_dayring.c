/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>

#include "analysis/cusum.h"
#include "analysis/dayring.h"
#include "base/rng.h"

static const int64_t minute = 60000, start = 1700000100000; /* a whole five minutes */

START_TEST(now_and_the_day_share_nothing)
{
    struct dayring r;
    dayring_init(&r);
    for (int i = 0; i < 30 * 60; i++) /* thirty hours, one per minute */
        dayring_add(&r, start + i * minute, start + (i + 1) * minute, 1, i % 10 == 0);
    struct daycount five = dayring_recent(&r, 5), quarter = dayring_recent(&r, 15), day = dayring_day(&r);
    ck_assert_uint_eq(five.n, 5);
    ck_assert_uint_eq(quarter.n, 15);
    ck_assert_int_eq(quarter.observed_ms, 15 * minute);
    ck_assert_uint_eq(day.n, 1440);
    ck_assert_uint_eq(day.bad, 144);
    ck_assert_int_eq(day.observed_ms, 1440 * minute);
    struct daycount now, before;
    dayring_split(&r, 3, &now, &before);
    ck_assert_uint_eq(now.n, 30);
    ck_assert_uint_eq(now.bad, 3);
    ck_assert_uint_eq(before.n, 1425);
    ck_assert_int_eq(before.observed_ms, 1425 * minute);
}
END_TEST

START_TEST(before_an_instant_and_without_it)
{
    struct dayring r;
    dayring_init(&r);
    for (int i = 0; i < 60; i++)
        dayring_add(&r, start + i * minute, start + (i + 1) * minute, 10, i >= 30);
    struct daycount c = dayring_until(&r, start + 30 * minute);
    ck_assert_uint_eq(c.n, 300);
    ck_assert_uint_eq(c.bad, 0);
    ck_assert_int_eq(c.observed_ms, 30 * minute);
    ck_assert_uint_eq(dayring_until(&r, start + 32 * minute).n, 300); /* whole five minutes of the day */
    c = dayring_until(&r, start + 50 * minute);                       /* whole minutes of the fifteen */
    ck_assert_uint_eq(c.n, 500);
    ck_assert_uint_eq(c.bad, 20);
    ck_assert_uint_eq(dayring_from(&r, start + 50 * minute).n, 100);
    ck_assert_uint_eq(dayring_from(&r, start + 32 * minute).n, 250); /* what began before it is left out */
    ck_assert_uint_eq(dayring_from(&r, start + 25 * minute).bad, 30);
    ck_assert_uint_eq(dayring_from(&r, start + 60 * minute).n, 0);
    dayring_forget(&r, start + 30 * minute);
    c = dayring_until(&r, INT64_MAX);
    ck_assert_uint_eq(c.n, 300);
    ck_assert_uint_eq(c.bad, 30);
    ck_assert_uint_eq(dayring_day(&r).n, 150);
    ck_assert_uint_eq(dayring_recent(&r, 15).n, 150);
    dayring_forget(&r, start + 50 * minute);
    ck_assert_uint_eq(dayring_day(&r).n, 0);
    ck_assert_uint_eq(dayring_recent(&r, 15).n, 100);
}
END_TEST

START_TEST(gaps_and_late_ones)
{
    struct dayring r;
    dayring_init(&r);
    dayring_add(&r, start, start + minute, 10, 1);
    dayring_add(&r, start + 60 * minute, start + 61 * minute, 20, 2);
    ck_assert_uint_eq(dayring_recent(&r, 15).n, 20);
    ck_assert_uint_eq(dayring_day(&r).n, 10);
    ck_assert_int_eq(dayring_day(&r).observed_ms, minute);
    dayring_add(&r, start + 50 * minute, start + 51 * minute, 5, 0); /* ten minutes late: still among the fifteen */
    ck_assert_uint_eq(dayring_recent(&r, 15).n, 25);
    dayring_add(&r, 0, start + 61 * minute, 1000, 0); /* of an unknown time */
    ck_assert_uint_eq(dayring_recent(&r, 15).n, 25);
    ck_assert_uint_eq(dayring_day(&r).n, 10);
    dayring_add(&r, start + 22 * minute, start + 23 * minute, 100, 3); /* forty minutes late: part of the day, at its time */
    ck_assert_uint_eq(dayring_recent(&r, 15).n, 25);
    ck_assert_uint_eq(dayring_day(&r).n, 110);
    ck_assert_uint_eq(dayring_until(&r, start + 20 * minute).n, 10);
    ck_assert_uint_eq(dayring_until(&r, start + 25 * minute).bad, 4);
    ck_assert_int_eq(dayring_day(&r).observed_ms, 2 * minute);
    for (int i = 0; i < 20; i++) /* time was observed once */
        dayring_add(&r, start + 22 * minute, start + 23 * minute, 0, 0);
    ck_assert_int_eq(dayring_day(&r).observed_ms, 6 * minute);
    dayring_add(&r, start - 1440 * minute, start - 1439 * minute, 1000, 0); /* more than a day */
    ck_assert_uint_eq(dayring_day(&r).n, 110);
    dayring_add(&r, start + 3 * 1440 * minute, start + 3 * 1440 * minute + minute, 7, 0); /* three days on */
    ck_assert_uint_eq(dayring_recent(&r, 15).n, 7);
    ck_assert_uint_eq(dayring_day(&r).n, 0);
    ck_assert_int_eq(dayring_day(&r).observed_ms, 0);
}
END_TEST

/* What scores lack of the best is no whole number, and stays none when a minute becomes part of the day. */
START_TEST(sums_need_not_be_whole)
{
    struct dayring r;
    struct dayring_back back;
    dayring_init(&r);
    for (int i = 0; i < 60; i++)
        dayring_add_sum(&r, start + i * minute, start + (i + 1) * minute, 20, i < 30 ? 4.4 : 4.0);
    struct daycount c = dayring_day(&r), recent = dayring_recent(&r, 15);
    ck_assert_double_eq_tol(daycount_bad(&c), 30 * 4.4 + 15 * 4.0, 1e-6);
    ck_assert_double_eq_tol(daycount_bad(&recent), 60, 1e-6);
    /* From 0.20 to 0.22 and back: yes and no would not tell within so few, scores of a deviation of 0.02 do. */
    ck_assert(!dayring_back(&r, start, 0.2, 0.22, 1, &back) || back.nats < 1);
    ck_assert(dayring_back(&r, start, 0.2, 0.22, 0.16 / 0.0004, &back));
    ck_assert_double_gt(back.nats, 20);
    ck_assert_int_eq(back.at_ms, start + 30 * minute);
    dayring_turn(&r);
    c = dayring_day(&r);
    ck_assert_double_eq_tol(daycount_bad(&c), 30 * 15.6 + 15 * 16.0, 1e-6);
    ck_assert_uint_eq(c.n, 900);
    c = daycount_of(300, 60.75, 0);
    ck_assert_uint_eq(c.bad, 60);
    ck_assert_double_eq(daycount_bad(&c), 60.75);
    c = daycount_of(3, 3.5, 0);
    ck_assert_double_eq(daycount_bad(&c), 3);
}
END_TEST

/* Three sources that are asked every ten seconds, and two every two minutes: an hour is an hour. */
START_TEST(time_is_observed_once)
{
    for (int is_slow = 0; is_slow < 2; is_slow++) {
        const int64_t step = is_slow ? 2 * minute : 10000, sources = is_slow ? 2 : 3;
        struct dayring r;
        dayring_init(&r);
        for (int64_t t = start; t < start + 60 * minute; t += step)
            for (int64_t k = 0; k < sources; k++) /* one a while after the other */
                dayring_add(&r, t + k * step / sources, t + step + k * step / sources, 10, 1);
        const struct daycount all = dayring_until(&r, INT64_MAX);
        ck_assert_uint_eq(all.n, (uint64_t)(10 * sources * (60 * minute / step)));
        ck_assert_int_eq(all.observed_ms, 60 * minute + (sources - 1) * step / sources);
    }
}
END_TEST

START_TEST(onsets)
{
    struct dayring r;
    int64_t ms = 0, error = 0;
    dayring_init(&r);
    for (int i = 0; i < 300; i++) /* 1 of 100 a minute, 10 of 100 from minute 290 on */
        dayring_add(&r, start + i * minute, start + (i + 1) * minute, 100, i < 290 ? 1 : 10);
    struct dayring_rise rise = dayring_share_rise(0.01, 0.1, 100.0 / 60);
    ck_assert(dayring_onset(&r, &rise, &ms, &error));
    ck_assert_int_eq(ms, start + 290 * minute + minute / 2);
    ck_assert_int_eq(error, minute); /* 14 nats a minute */
    rise = dayring_share_rise(0.01, 0.1, 1.0 / 60);
    ck_assert(dayring_onset(&r, &rise, &ms, &error));
    ck_assert_int_ge(error, 20 * minute); /* one a minute: 0.144 nats, three take 21 minutes */
    ck_assert_int_le(error, 22 * minute);
    dayring_init(&r);
    dayring_add(&r, start, start + minute, 100, 1);
    dayring_add(&r, start + minute, start + minute + 15000, 100, 50); /* of a minute that has only begun */
    ck_assert(dayring_onset(&r, &rise, &ms, &error));
    ck_assert_int_eq(ms, start + minute + 7500);
    rise = dayring_share_rise(0.5, 0.9, 1); /* nothing rose to that */
    ck_assert(!dayring_onset(&r, &rise, &ms, &error));
}
END_TEST

/* Polls of a minute that end two seconds after it: the minute of their end has barely begun, and what they count is of the minute
 * before. */
START_TEST(an_onset_is_no_more_exact_than_polls)
{
    struct dayring r;
    int64_t ms = 0, error = 0;
    dayring_init(&r);
    for (int i = 0; i < 12; i++)
        dayring_add(&r, start + i * minute + 2000, start + (i + 1) * minute + 2000, 100, i < 11 ? 0 : 97);
    const struct dayring_rise rise = dayring_share_rise(0.001, 0.97, 100.0 / 60);
    ck_assert(dayring_onset(&r, &rise, &ms, &error));
    ck_assert_int_eq(ms, start + 11 * minute + 2000 + minute / 2);
    ck_assert_int_eq(error, minute);
    ck_assert_uint_eq(dayring_since(&r, ms).bad, 97);
    ck_assert_uint_eq(dayring_since(&r, ms).n, 100);
}
END_TEST

START_TEST(the_newest_minutes_prove_an_end)
{
    struct dayring r;
    int64_t ms = 0, error = 0;
    dayring_init(&r);
    for (int i = 0; i < 10; i++)
        dayring_add(&r, start + i * minute + 2000, start + (i + 1) * minute + 2000, 100, i < 8 ? 97 : i == 9);
    const struct daycount calm = dayring_calm(&r, 0.2, &ms, &error);
    ck_assert_uint_eq(calm.n, 200);
    ck_assert_uint_eq(calm.bad, 1);
    ck_assert_int_eq(ms, start + 8 * minute + 2000);
    ck_assert_int_eq(error, minute);
    dayring_add(&r, start + 10 * minute + 2000, start + 11 * minute + 2000, 100, 50);
    ck_assert_uint_eq(dayring_calm(&r, 0.2, &ms, &error).n, 0);
}
END_TEST

/* ---- whether a drift is over ---- */

/* Of a rare signal, five a minute of which 2.3 % are bad: for `minutes` 7.4 % are, found as 15 %. How many of RUNS are over within a day of
 * their onset, and *ret_ms of the middle one. */
enum { RUNS = 100, STEP = 15, DAY = 24 * 60 };

static int ended_of(int minutes, double level, int64_t *ret_ms)
{
    static const double was = 0.023, is = 0.15;
    int over[DAY / STEP] = {0}, sum = 0;
    for (int run = 0; run < RUNS; run++) {
        struct dayring r;
        struct rng rng;
        rng_seed(&rng, 1 + (uint64_t)run);
        dayring_init(&r);
        for (int i = 0; i < DAY; i++) {
            uint64_t bad = 0;
            for (int k = 0; k < 5; k++)
                bad += rng_unit(&rng) < (i < minutes ? level : was);
            dayring_add(&r, start + i * minute, start + (i + 1) * minute, 5, bad);
            struct dayring_back back;
            if (i % STEP != STEP - 1 || !dayring_back(&r, start, was, is, 1, &back) || back.nats < log(99))
                continue;
            over[i / STEP]++;
            break;
        }
    }
    *ret_ms = 0;
    for (int i = 0; i < DAY / STEP; i++) {
        sum += over[i];
        if (2 * sum >= RUNS && *ret_ms == 0)
            *ret_ms = (int64_t)(i + 1) * STEP * minute;
    }
    return sum;
}

START_TEST(a_drift_of_a_rare_signal_is_over_within_hours)
{
    int64_t ms;
    ck_assert_int_eq(ended_of(150, 0.074, &ms), RUNS);
    ck_assert_int_le(ms, (150 + 180) * minute);
}
END_TEST

START_TEST(a_drift_that_lasts_ends_by_chance_in_one_of_a_hundred_days)
{
    int64_t ms;
    ck_assert_int_le(ended_of(DAY, 0.074, &ms), 3);
    ck_assert_int_le(ended_of(DAY, 0.045, &ms), 3); /* a sixth of what luck had found */
}
END_TEST

/* The end's interval holds it as often as it says; of rare signals few outcomes tell it, so those near the likeliest moment are not all. */
START_TEST(an_end_lies_in_its_interval)
{
    enum { ENDS = 400 };
    static const double was = 0.023, level = 0.074;
    int held = 0, told = 0;
    for (int run = 0; run < ENDS; run++) {
        struct dayring r;
        struct rng rng;
        rng_seed(&rng, 1000 + (uint64_t)run);
        dayring_init(&r);
        const double end = 150 + 20 * rng_unit(&rng);
        for (int i = 0; i < DAY; i++) {
            struct dayring_back back;
            uint64_t bad = 0;
            for (int k = 0; k < 5; k++)
                bad += rng_unit(&rng) < (i + 0.2 * k < end ? level : was);
            dayring_add(&r, start + i * minute, start + (i + 1) * minute, 5, bad);
            if (!dayring_back(&r, start, was, level, 1, &back) || back.nats < log(99))
                continue;
            told++;
            held += fabs((double)(start - back.at_ms) + end * (double)minute) <= (double)back.error_ms;
            break;
        }
    }
    ck_assert_int_ge(told, 98 * ENDS / 100);
    ck_assert_msg(100 * held >= 95 * told, "%d of %d", held, told);
}
END_TEST

/* What luck alone had found is over as well, when it has been at the old level for long enough: it has no level of its own that would be
 * another. */
START_TEST(what_never_was_a_drift_is_over)
{
    int64_t ms;
    ck_assert_int_ge(ended_of(20, 0.15, &ms), RUNS - 2);
}
END_TEST

/* Half repaired: of 3 % that became 20 % for six hours 9 % are left, two samples a minute. That is no end, however long one looks. */
START_TEST(what_is_left_is_no_end)
{
    enum { SIX = 6 * 60 };
    int ended = 0, over = 0;
    for (int run = 0; run < 2 * RUNS; run++) {
        const double left = run < RUNS ? 0.09 : 0.03;
        struct dayring r;
        struct rng rng;
        rng_seed(&rng, 5000 + (uint64_t)run);
        dayring_init(&r);
        for (int i = 0; i < DAY; i++) {
            struct dayring_back back;
            const double level = i < SIX ? 0.2 : left;
            uint64_t bad = rng_unit(&rng) < level;
            bad += rng_unit(&rng) < level;
            dayring_add(&r, start + i * minute, start + (i + 1) * minute, 2, bad);
            if (i % STEP != STEP - 1 || !dayring_back(&r, start, 0.03, 0.2, 1, &back) || back.nats < log(99))
                continue;
            *(run < RUNS ? &ended : &over) += 1;
            break;
        }
    }
    ck_assert_int_le(ended, 3);
    ck_assert_int_ge(over, RUNS - 2);
}
END_TEST

START_TEST(cusum_by_hand)
{
    /* between 10 % and 40 %: ln(0.9/0.6) / ln(0.4 * 0.9 / (0.1 * 0.6)) = 0.40547 / 1.79176 */
    ck_assert_double_eq_tol(cusum_share(0.1, 0.4), 0.226294, 1e-6);
    ck_assert_double_eq_tol(cusum_share_nats(0.5, 0.5), 0, 1e-12);
}
END_TEST

Suite *suite_dayring(void);
Suite *suite_dayring(void)
{
    Suite *s = suite_create("dayring");
    TCase *tc = tcase_create("counts");
    tcase_add_test(tc, now_and_the_day_share_nothing);
    tcase_add_test(tc, before_an_instant_and_without_it);
    tcase_add_test(tc, gaps_and_late_ones);
    tcase_add_test(tc, sums_need_not_be_whole);
    tcase_add_test(tc, onsets);
    tcase_add_test(tc, time_is_observed_once);
    tcase_add_test(tc, an_onset_is_no_more_exact_than_polls);
    tcase_add_test(tc, the_newest_minutes_prove_an_end);
    tcase_add_test(tc, a_drift_of_a_rare_signal_is_over_within_hours);
    tcase_add_test(tc, a_drift_that_lasts_ends_by_chance_in_one_of_a_hundred_days);
    tcase_add_test(tc, an_end_lies_in_its_interval);
    tcase_add_test(tc, what_never_was_a_drift_is_over);
    tcase_add_test(tc, what_is_left_is_no_end);
    tcase_add_test(tc, cusum_by_hand);
    suite_add_tcase(s, tc);
    return s;
}
