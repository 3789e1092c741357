/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>

#include "analysis/forecast.h"
#include "base/rng.h"

enum { DAY = 24, WEEK = 168, HOURS = 8 * WEEK };

/* Five working days of eight busy hours; the nights and weekends cost a little. The first hour is a Monday's. */
static double usual(size_t hour)
{
    size_t day = hour / DAY % 7, of_day = hour % DAY;
    return day < 5 && of_day >= 9 && of_day < 17 ? 100 : 10;
}

static void make(double *spend, size_t hours, double noise, uint64_t seed)
{
    struct rng r;
    rng_seed(&r, seed);
    for (size_t i = 0; i < hours; i++)
        spend[i] = usual(i) * exp(noise * rng_normal(&r));
}

static double truth(size_t from, size_t hours)
{
    double sum = 0;
    for (size_t i = 0; i < hours; i++)
        sum += usual(from + i);
    return sum;
}

static void near(double got, double want)
{
    ck_assert_msg(fabs(got - want) <= 1e-9 * fabs(want), "%.12g is not %.12g", got, want);
}

START_TEST(a_strict_rhythm_is_known_exactly)
{
    static double spend[HOURS];
    struct forecast f;
    make(spend, HOURS, 0, 1);
    for (size_t now = 4 * WEEK; now < 5 * WEEK; now += 13) {
        ck_assert(forecast_make(spend, now, 500, &f));
        near(f.sum[500], truth(now, 500));
        near(forecast_quantile(&f, 500, 0.05), truth(now, 500));
        near(forecast_quantile(&f, 37, 0.95), truth(now, 37));
        ck_assert(forecast_over(&f, truth(now, 500) * 1.001) < 1e-3);
        ck_assert(forecast_over(&f, truth(now, 500) * 0.999) > 1 - 1e-3);
        ck_assert(forecast_over(&f, 0) == 1);
    }
}
END_TEST

/* On Friday evening $100 are left of a budget: they last over the weekend, not for two hours of the week's mean. */
START_TEST(gone_at_its_hour)
{
    static double spend[HOURS];
    struct forecast f;
    make(spend, HOURS, 0, 1);
    size_t now = 4 * WEEK + 4 * DAY + 17; /* 7 h of Friday at 10, a Saturday of 240 */
    ck_assert(forecast_make(spend, now, 400, &f));
    near(forecast_gone_in_hours(&f, 70 + 240 + 35, 0.5), 7 + 24 + 3.5);
    near(forecast_gone_in_hours(&f, 70 + 480 + 90 + 250, 0.5), 7 + 48 + 9 + 2.5);
    ck_assert(forecast_gone_in_hours(&f, 0, 0.5) == 0);
    ck_assert(forecast_gone_in_hours(&f, -1, 0.5) == 0);
    ck_assert(forecast_gone_in_hours(&f, 1e9, 0.5) == -1);
}
END_TEST

START_TEST(the_interval_is_in_order)
{
    static double spend[HOURS];
    struct forecast f;
    make(spend, HOURS, 0.5, 3);
    ck_assert(forecast_make(spend, HOURS, 700, &f));
    double before[3] = {0, 0, 0};
    for (size_t i = 1; i <= 700; i++) {
        double lo = forecast_quantile(&f, i, 0.05), mid = forecast_quantile(&f, i, 0.5), hi = forecast_quantile(&f, i, 0.95);
        ck_assert(lo < mid && mid < hi && mid >= before[1]);
        before[1] = mid;
    }
    double left = f.sum[400];
    double soonest = forecast_gone_in_hours(&f, left, 0.95), likely = forecast_gone_in_hours(&f, left, 0.5),
           latest = forecast_gone_in_hours(&f, left, 0.05);
    near(likely, 400);
    ck_assert(soonest < likely && (latest == -1 || latest > likely));
    near(forecast_over(&f, f.sum[700]), 0.5);
    near(forecast_over(&f, forecast_quantile(&f, 700, 0.95)), 0.05);
}
END_TEST

/* Twice the spend since ten days ago: what comes is nearly twice what was usual, and the band says that such things happen. */
START_TEST(a_step_is_followed)
{
    static double spend[HOURS];
    struct forecast before, after;
    make(spend, HOURS, 0.05, 4);
    ck_assert(forecast_make(spend, HOURS, 14 * DAY, &before));
    for (size_t i = HOURS - 10 * DAY; i < HOURS; i++)
        spend[i] *= 2;
    ck_assert(forecast_make(spend, HOURS, 14 * DAY, &after));
    double ratio = after.sum[14 * DAY] / before.sum[14 * DAY];
    ck_assert_msg(ratio > 1.7 && ratio < 2.2, "%g", ratio);
    ck_assert(after.spread[14] > 3 * before.spread[14]);
    ck_assert(before.growth == 0 && after.growth == 0); /* neither chance nor a step is a trend */
}
END_TEST

/* 6 % more every week, and as much less: four weeks on that is a fifth, which a level alone is always behind. It fades, so that it stays
 * within some percent. */
START_TEST(a_trend_is_followed)
{
    static double spend[HOURS];
    for (int sign = -1; sign <= 1; sign += 2) {
        struct forecast f;
        double by_day = sign * log(1.06) / 7, want = 0;
        make(spend, HOURS, 0.05, 9);
        for (size_t i = 0; i < HOURS; i++)
            spend[i] *= exp(by_day * (double)i / DAY);
        for (size_t i = HOURS; i < HOURS + 28 * DAY; i++)
            want += usual(i) * exp(by_day * (double)i / DAY);
        ck_assert(forecast_make(spend, HOURS, 28 * DAY, &f));
        ck_assert_msg(fabs(f.growth - by_day) < 0.1 * fabs(by_day), "%g", f.growth);
        ck_assert_msg(fabs(f.sum[28 * DAY] / want - 1) < 0.04, "%g", f.sum[28 * DAY] / want);
        double lo = forecast_quantile(&f, 28 * DAY, 0.05), hi = forecast_quantile(&f, 28 * DAY, 0.95);
        ck_assert_msg(lo < want && want < hi && hi < 1.25 * lo, "%g to %g of %g", lo, hi, want);
    }
}
END_TEST

START_TEST(gaps_are_gaps)
{
    static double spend[HOURS], whole[HOURS];
    struct forecast f, g;
    make(whole, HOURS, 0, 5);
    make(spend, HOURS, 0, 5);
    for (size_t i = 0; i < HOURS; i++)
        if (i % 211 < 17)
            spend[i] = (double)NAN;
    for (size_t i = HOURS - 20; i < HOURS; i++)
        spend[i] = (double)NAN; /* the recorder has just come back */
    ck_assert(forecast_make(whole, HOURS, 500, &f));
    ck_assert(forecast_make(spend, HOURS, 500, &g));
    near(g.sum[500], f.sum[500]); /* not a cent less for what was not seen */
}
END_TEST

START_TEST(too_little_is_said_so)
{
    static double spend[HOURS];
    struct forecast f;
    make(spend, HOURS, 0.1, 6);
    ck_assert(!forecast_make(spend, 3 * DAY - 1, 500, &f));
    ck_assert(forecast_make(spend, 3 * DAY + 5, 500, &f));
    ck_assert(!forecast_make(spend, 0, 500, &f));
    for (size_t i = 0; i < HOURS; i++)
        spend[i] = i < HOURS - 2 * DAY ? (double)NAN : 1;
    ck_assert(!forecast_make(spend, HOURS, 500, &f));
    for (size_t i = 0; i < HOURS; i++)
        spend[i] = 0;
    ck_assert(!forecast_make(spend, HOURS, 500, &f));
}
END_TEST

/* Four days of history say less of a month than eight weeks do. */
START_TEST(less_history_is_a_wider_band)
{
    static double spend[HOURS];
    struct forecast little, much;
    make(spend, HOURS, 0.2, 7);
    ck_assert(forecast_make(spend + HOURS - 4 * DAY, 4 * DAY, 600, &little));
    ck_assert(forecast_make(spend, HOURS, 600, &much));
    double w0 = forecast_quantile(&little, 600, 0.95) / forecast_quantile(&little, 600, 0.05),
           w1 = forecast_quantile(&much, 600, 0.95) / forecast_quantile(&much, 600, 0.05);
    ck_assert_msg(w0 > 1.5 * w1, "%g %g", w0, w1);
}
END_TEST

/* More history than is looked at changes nothing. */
START_TEST(old_history_is_left_out)
{
    static double spend[(FORECAST_HISTORY_DAYS_MAX + 100) * DAY];
    struct forecast f, g;
    size_t all = sizeof spend / sizeof spend[0], old = 100 * DAY;
    make(spend, all, 0.1, 8);
    ck_assert(forecast_make(spend, all, 100, &f));
    ck_assert(forecast_make(spend + old, all - old, 100, &g));
    ck_assert(f.sum[100] == g.sum[100] && f.spread[5] == g.spread[5]);
}
END_TEST

Suite *suite_forecast(void);
Suite *suite_forecast(void)
{
    Suite *s = suite_create("forecast");
    TCase *tc = tcase_create("forecast");
    tcase_add_test(tc, a_strict_rhythm_is_known_exactly);
    tcase_add_test(tc, gone_at_its_hour);
    tcase_add_test(tc, the_interval_is_in_order);
    tcase_add_test(tc, a_step_is_followed);
    tcase_add_test(tc, a_trend_is_followed);
    tcase_add_test(tc, gaps_are_gaps);
    tcase_add_test(tc, too_little_is_said_so);
    tcase_add_test(tc, less_history_is_a_wider_band);
    tcase_add_test(tc, old_history_is_left_out);
    suite_add_tcase(s, tc);
    return s;
}
