/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/edetect.h"
#include "analysis/stat.h"
#include "base/rng.h"

enum { A = 1000 };

/* 100 of 5,000: 2 %. */
static struct edetect two_percent(double arl)
{
    struct edetect d;
    edetect_init(&d, EDETECT_BINARY, arl);
    edetect_base_binary(&d, 5000, 100);
    return d;
}

/* One in every `every` is bad, from `at` on; returns the `at` after the last that was fed before the alarm. */
static int64_t feed_every(struct edetect *d, int64_t at, int64_t until, int every)
{
    for (; at < until && edetect_state(d) != EDETECT_DRIFT; at++)
        edetect_feed_binary(d, at, 1, at % every == 0);
    return at;
}

START_TEST(thin_until_twenty_bad_ones)
{
    struct edetect d;
    edetect_init(&d, EDETECT_BINARY, A);
    edetect_feed_binary(&d, 0, 1000, 19);
    ck_assert_int_eq(edetect_state(&d), EDETECT_THIN);
    ck_assert_double_eq(edetect_lacks(&d), 1);
    ck_assert(isnan(edetect_visible(&d, EDETECT_RISE, 1000, EDETECT_HALF)));
    edetect_feed_binary(&d, 1, 10, 1);
    ck_assert_int_eq(edetect_state(&d), EDETECT_WATCHING);
    ck_assert_double_eq(edetect_lacks(&d), 0);
    ck_assert_double_eq_tol(d.bound[EDETECT_RISE], stat_share_upper(1010, 20, 0.10), 1e-12);
    /* Good ones are needed as well: of a signal that is nearly always bad a fall is watched. */
    edetect_init(&d, EDETECT_BINARY, A);
    edetect_feed_binary(&d, 0, 1000, 990);
    ck_assert_double_eq(edetect_lacks(&d), 10);
}
END_TEST

/* Taken again at twice the samples, but not while something is suspected: what has begun must not become the baseline. */
START_TEST(an_own_baseline_grows_while_all_is_well)
{
    struct edetect d;
    edetect_init(&d, EDETECT_BINARY, 1e6);
    int64_t at = feed_every(&d, 0, 1500, 50);
    ck_assert_uint_eq(d.base.n, 951); /* with the twentieth bad one */
    double first = d.bound[EDETECT_RISE];
    at = feed_every(&d, at, 2000, 50);
    ck_assert_uint_eq(d.base.n, 1902);
    ck_assert_double_lt(d.bound[EDETECT_RISE], first);
    at = feed_every(&d, at, 3600, 50);
    at = feed_every(&d, at, 3900, 8);
    ck_assert(edetect_evidence(&d, EDETECT_RISE) > 0.5);
    ck_assert_uint_eq(d.base.n, 1902);
    /* Another's stays what it was. */
    d = two_percent(1e6);
    feed_every(&d, 0, 20000, 50);
    ck_assert_uint_eq(d.base.n, 5000);
}
END_TEST

START_TEST(a_thin_baseline_of_another_watches_nothing)
{
    struct edetect d;
    edetect_init(&d, EDETECT_BINARY, A);
    edetect_base_binary(&d, 5000, 19);
    edetect_feed_binary(&d, 0, 1000, 900);
    ck_assert_int_eq(edetect_state(&d), EDETECT_THIN);
    ck_assert(edetect_evidence(&d, EDETECT_RISE) == 0);
}
END_TEST

START_TEST(a_rise_is_found_with_its_onset)
{
    struct edetect d = two_percent(A);
    struct edetect_alarm a;
    feed_every(&d, 0, 500, 50);
    ck_assert_int_eq(edetect_state(&d), EDETECT_WATCHING);
    int64_t at = feed_every(&d, 500, 2000, 10);
    ck_assert_int_eq(edetect_state(&d), EDETECT_DRIFT);
    ck_assert_int_lt(at, 700);
    ck_assert(edetect_alarm(&d, &a));
    ck_assert_int_eq(a.side, EDETECT_RISE);
    ck_assert(a.onset_lo <= 500 && 500 <= a.onset_hi && a.onset >= a.onset_lo && a.onset <= a.onset_hi);
    ck_assert_int_le(llabs(a.onset - 500), 20);
    ck_assert_double_eq_tol(a.after, 0.1, 0.03);
    ck_assert_double_eq_tol(a.before, 0.02, 1e-12);
    /* What comes after the alarm is not counted. */
    uint64_t n = d.all.n;
    edetect_feed_binary(&d, at, 100, 0);
    ck_assert_uint_eq(d.all.n, n);
}
END_TEST

/* What happened before anything was counted for a change was part of the baseline: no onset, however soon after it the change came. */
START_TEST(nothing_in_the_baseline_is_an_onset)
{
    struct edetect d;
    struct edetect_alarm a;
    edetect_init_with(&d, EDETECT_BINARY, 10000, 9940, &(struct edetect_count){20000, 400, 400});
    for (int i = 0; i < 20; i++)
        for (int source = 0; source < 2; source++) /* two that end together */
            edetect_feed_binary(&d, 10000 + 60 * i, 15, 2);
    ck_assert(edetect_alarm(&d, &a));
    ck_assert_int_eq(a.onset, 10000);
    ck_assert_int_eq(a.onset_after, 9940);
    ck_assert_double_eq(edetect_onset_nats(&d, 10000), 0);
    ck_assert_double_eq(edetect_onset_nats(&d, 9950), 0); /* within the first batch */
    ck_assert(isinf(edetect_onset_nats(&d, 9930)));
    ck_assert(isinf(edetect_onset_nats(&d, 0)));
}
END_TEST

/* Of 2,000 scores only sums are known: they are as good a baseline as one by one. */
START_TEST(a_baseline_of_sums_is_as_good_as_one_by_one)
{
    struct edetect one, sums;
    struct rng rng;
    struct edetect_count all = {.n = 0};
    rng_seed(&rng, 3);
    edetect_init(&one, EDETECT_SCORE, 1e6);
    for (int i = 0; i < 2000; i++) {
        const double x = 0.8 + 0.02 * sqrt(3) * (2 * rng_unit(&rng) - 1);
        edetect_feed_score(&one, i, x);
        all = (struct edetect_count){all.n + 1, all.sum + x, all.sum_sq + x * x};
    }
    edetect_init_with(&sums, EDETECT_SCORE, 1e6, 2000, &all);
    ck_assert(edetect_valid(&sums));
    ck_assert_int_eq(edetect_state(&sums), EDETECT_WATCHING);
    ck_assert_uint_eq(sums.base.n, 2000);
    ck_assert_double_eq_tol(sums.base_var, 0.0004, 0.0002);
    ck_assert_double_lt(sums.bound[EDETECT_RISE] - 0.8, 1.2 * (one.bound[EDETECT_RISE] - 0.8));
    ck_assert_double_gt(sums.bound[EDETECT_RISE], sums.base_mean);
    ck_assert_double_lt(sums.bound[EDETECT_FALL], sums.base_mean);
}
END_TEST

START_TEST(a_fall_is_found)
{
    struct edetect d;
    struct edetect_alarm a;
    edetect_init(&d, EDETECT_BINARY, A);
    edetect_base_binary(&d, 2000, 1800);
    feed_every(&d, 0, 300, 3);
    ck_assert_int_eq(edetect_state(&d), EDETECT_DRIFT);
    ck_assert(edetect_alarm(&d, &a));
    ck_assert_int_eq(a.side, EDETECT_FALL);
    ck_assert_int_eq(a.onset_lo, 0);
}
END_TEST

/* A batch is begun as often as it has samples: its evidence is that of n starts before it, whatever comes within. */
START_TEST(a_batch_counts_its_samples)
{
    struct edetect d = two_percent(A);
    edetect_feed_binary(&d, 0, 50, 1);
    double p0 = d.bound[EDETECT_RISE], odds = p0 / (1 - p0) * 1.3, p1 = odds / (1 + odds);
    ck_assert_double_eq_tol(d.r[EDETECT_RISE][0], 50 * (p1 / p0) * pow((1 - p1) / (1 - p0), 49), 1e-9);
}
END_TEST

START_TEST(a_million_at_once)
{
    struct edetect d = two_percent(A);
    struct edetect_alarm a;
    edetect_feed_binary(&d, 0, 1000000, 20000);
    ck_assert_int_eq(edetect_state(&d), EDETECT_WATCHING);
    edetect_feed_binary(&d, 1, 1000000, 1000000);
    ck_assert_int_eq(edetect_state(&d), EDETECT_DRIFT);
    ck_assert(edetect_alarm(&d, &a));
    ck_assert_int_eq(a.onset, 1);
    ck_assert(edetect_valid(&d));
    ck_assert(isfinite(edetect_evidence(&d, EDETECT_RISE))); /* more than a number holds */
    d.r[EDETECT_RISE][0] = (double)INFINITY;
    ck_assert(!edetect_valid(&d));
}
END_TEST

START_TEST(old_onsets_stay_within_reach)
{
    struct edetect d = two_percent(1e6);
    struct edetect_alarm a;
    feed_every(&d, 0, 100000, 50); /* far more than there are marks */
    int64_t at = feed_every(&d, 100000, 300000, 25);
    ck_assert_int_eq(edetect_state(&d), EDETECT_DRIFT);
    ck_assert_int_gt(at, 101000);
    ck_assert(edetect_alarm(&d, &a));
    ck_assert_msg(a.onset_lo <= 100000 && 100000 <= a.onset_hi, "%lld to %lld", (long long)a.onset_lo, (long long)a.onset_hi);
    ck_assert_int_lt(a.onset_hi - a.onset_lo, 3000);
    ck_assert(edetect_valid(&d));
}
END_TEST

START_TEST(scores_fall_and_rise)
{
    for (int rise = 0; rise < 2; rise++) {
        struct edetect d;
        struct edetect_alarm a;
        struct rng r;
        int64_t i = 0;
        rng_seed(&r, 5);
        edetect_init(&d, EDETECT_SCORE, A);
        for (; i < 1000; i++)
            edetect_feed_score(&d, i, fmin(1, fmax(0, 0.7 + 0.1 * rng_normal(&r))));
        ck_assert_int_eq(edetect_state(&d), EDETECT_WATCHING);
        for (; i < 3000 && edetect_state(&d) != EDETECT_DRIFT; i++)
            edetect_feed_score(&d, i, fmin(1, fmax(0, (rise ? 0.8 : 0.6) + 0.1 * rng_normal(&r))));
        ck_assert_int_eq(edetect_state(&d), EDETECT_DRIFT);
        ck_assert_int_lt(i, 1100);
        ck_assert(edetect_alarm(&d, &a));
        ck_assert_int_eq(a.side, rise ? EDETECT_RISE : EDETECT_FALL);
        ck_assert(a.onset_lo <= 1000 && 1000 <= a.onset_hi);
        ck_assert(edetect_valid(&d));
    }
}
END_TEST

/* 200 streams of scores, of 20 expected false alarms by A / 10 samples at the most. */
START_TEST(scores_keep_the_promise)
{
    int alarms = 0;
    for (int i = 0; i < 200; i++) {
        struct edetect d;
        struct rng r;
        rng_seed(&r, (uint64_t)i);
        edetect_init(&d, EDETECT_SCORE, A);
        while (edetect_state(&d) == EDETECT_THIN)
            edetect_feed_score(&d, 0, rng_unit(&r) < 0.1 ? 0 : 0.8 + 0.2 * rng_unit(&r));
        for (int n = 0; n < A / 10; n++)
            edetect_feed_score(&d, n, rng_unit(&r) < 0.1 ? 0 : 0.8 + 0.2 * rng_unit(&r));
        alarms += edetect_state(&d) == EDETECT_DRIFT;
    }
    ck_assert_msg(alarms <= 20, "%d", alarms);
}
END_TEST

START_TEST(bytes_are_the_state)
{
    struct edetect d = two_percent(A), copy;
    feed_every(&d, 0, 300, 20);
    memcpy(&copy, &d, sizeof copy);
    ck_assert(edetect_valid(&copy));
    int64_t at = feed_every(&d, 300, 5000, 12);
    ck_assert_int_eq(feed_every(&copy, 300, 5000, 12), at);
    copy.mark_count = EDETECT_MARKS + 1;
    ck_assert(!edetect_valid(&copy));
    copy = two_percent(A);
    copy.version++;
    ck_assert(!edetect_valid(&copy));
    copy = two_percent(A);
    copy.r[1][3] = -1;
    ck_assert(!edetect_valid(&copy));
    memset(&copy, 0xff, sizeof copy);
    ck_assert(!edetect_valid(&copy));
}
END_TEST

START_TEST(a_budget_is_shared)
{
    /* 2 false alarms in 30 days of 40 streams: one with 86,400 samples in that time has its fortieth. */
    ck_assert_double_eq(edetect_arl(40, 86400, 2), 1728000);
}
END_TEST

START_TEST(what_can_be_seen_by_now)
{
    struct edetect d = two_percent(10000);
    double soon = edetect_visible(&d, EDETECT_RISE, 100, EDETECT_HALF), later = edetect_visible(&d, EDETECT_RISE, 10000, EDETECT_HALF);
    ck_assert(later > d.bound[EDETECT_RISE] && later < soon && soon < 1);
    ck_assert(edetect_visible(&d, EDETECT_FALL, 10000, EDETECT_HALF) < d.bound[EDETECT_FALL]);
    ck_assert(isnan(edetect_visible(&d, EDETECT_RISE, 1, EDETECT_HALF)));
}
END_TEST

/* Of 400 runs: how many alarm within n samples of what is said to be seen by then. */
static int noticed(enum edetect_chance chance, int64_t n)
{
    int seen = 0;
    struct rng r;
    rng_seed(&r, 78);
    for (int run = 0; run < 400; run++) {
        struct edetect d = two_percent(10000);
        const double p = edetect_visible(&d, EDETECT_RISE, (double)n, chance);
        for (int64_t at = 0; at < n && edetect_state(&d) != EDETECT_DRIFT; at++)
            edetect_feed_binary(&d, at, 1, rng_unit(&r) < p);
        seen += edetect_state(&d) == EDETECT_DRIFT;
    }
    return seen;
}

/* The formula knows of one start of the change, the detector bets on all: more are noticed than it says, and never fewer. */
START_TEST(what_is_seen_in_most_cases_is)
{
    struct edetect d = two_percent(10000);
    ck_assert_double_gt(edetect_visible(&d, EDETECT_RISE, 1000, EDETECT_MOST), edetect_visible(&d, EDETECT_RISE, 1000, EDETECT_HALF));
    ck_assert_double_lt(edetect_visible(&d, EDETECT_FALL, 10000, EDETECT_MOST), edetect_visible(&d, EDETECT_FALL, 10000, EDETECT_HALF));
    const int half = noticed(EDETECT_HALF, 1000), most = noticed(EDETECT_MOST, 1000);
    ck_assert_msg(half >= 200, "%d of 400", half);
    ck_assert_msg(most >= 360 && most > half, "%d of 400", most);
}
END_TEST

/* Scores in batches, of which sums are known: the promise of single ones, and most of their power. 400 runs of 100 samples, a tenth of
 * A. */
static int alarms_of_scores(double mean, int batch, bool has_squares, int64_t *ret_last)
{
    int alarms = 0;
    struct rng r;
    rng_seed(&r, 77);
    *ret_last = 0;
    for (int run = 0; run < 400; run++) {
        struct edetect d;
        edetect_init(&d, EDETECT_SCORE, A);
        double base = 0, base_sq = 0;
        for (int i = 0; i < 2000; i++) {
            const double x = 0.6 + 0.4 * rng_unit(&r);
            base += x;
            base_sq += x * x;
        }
        edetect_feed_scores(&d, 0, 2000, base, base_sq);
        for (int64_t at = 0; at < A / 10 * (mean < 0.8 ? 100 : 1) && edetect_state(&d) != EDETECT_DRIFT; at += batch) {
            double sum = 0, sum_sq = 0;
            for (int i = 0; i < batch; i++) {
                double x = mean - 0.2 + 0.4 * rng_unit(&r);
                sum += x;
                sum_sq += x * x;
            }
            edetect_feed_scores(&d, at, (uint64_t)batch, sum, has_squares ? sum_sq : sum);
            *ret_last += batch;
        }
        alarms += edetect_state(&d) == EDETECT_DRIFT;
    }
    return alarms;
}

START_TEST(batches_of_scores_keep_the_promise)
{
    int64_t none, single, many, bare;
    ck_assert_int_le(alarms_of_scores(0.8, 20, true, &none), 40);
    ck_assert_int_le(alarms_of_scores(0.8, 20, false, &none), 40);
    ck_assert_int_eq(alarms_of_scores(0.7, 1, true, &single), 400);
    ck_assert_int_eq(alarms_of_scores(0.7, 20, true, &many), 400);
    ck_assert_int_eq(alarms_of_scores(0.7, 20, false, &bare), 400);
    ck_assert_int_le(many, 2 * single + 400 * 20); /* it ends with a batch */
    ck_assert_int_lt(many, bare);
}
END_TEST

Suite *suite_edetect(void);
Suite *suite_edetect(void)
{
    Suite *s = suite_create("edetect");
    TCase *t = tcase_create("edetect");
    tcase_add_test(t, thin_until_twenty_bad_ones);
    tcase_add_test(t, an_own_baseline_grows_while_all_is_well);
    tcase_add_test(t, a_thin_baseline_of_another_watches_nothing);
    tcase_add_test(t, a_rise_is_found_with_its_onset);
    tcase_add_test(t, nothing_in_the_baseline_is_an_onset);
    tcase_add_test(t, a_fall_is_found);
    tcase_add_test(t, a_baseline_of_sums_is_as_good_as_one_by_one);
    tcase_add_test(t, a_batch_counts_its_samples);
    tcase_add_test(t, a_million_at_once);
    tcase_add_test(t, old_onsets_stay_within_reach);
    tcase_add_test(t, scores_fall_and_rise);
    tcase_add_test(t, scores_keep_the_promise);
    tcase_add_test(t, batches_of_scores_keep_the_promise);
    tcase_add_test(t, bytes_are_the_state);
    tcase_add_test(t, a_budget_is_shared);
    tcase_add_test(t, what_can_be_seen_by_now);
    tcase_add_test(t, what_is_seen_in_most_cases_is);
    suite_add_tcase(s, t);
    return s;
}
