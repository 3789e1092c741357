/* SPDX-License-Identifier: MIT */
/* Does the detector of rare yes/no signals keep its promise: one false alarm in A samples on average, A = 10,000?
 *   known: the baseline is known, the rate stays. Mean samples until an alarm, censored at 20 A. Fails when it is surely below A (one-sided
 *   95 %).
 *   own: the same, with the baseline taken from the stream itself.
 *   estimated: the baseline is estimated from samples that hold at least 20 bad ones. How many of the runs raise an alarm within A / 10
 *   samples at the
 *     unchanged rate; fails when the one-sided 95 % bound of that share is above 10 %. Then the rate is three times as high from the 201st
 *     sample
 *     on: samples until the alarm, beside a CUSUM that is given the same estimate, knows that the rise is threefold, and has its limit
 *     tuned to the same chance of a false alarm. Fails when the mean delay is more than twice the CUSUM's.
 *   thin: baselines with half as much raise nothing, whatever comes.
 * --short, for the tests: fewer runs, and the thinnest baselines only. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/edetect.h"
#include "analysis/stat.h"
#include "base/rng.h"

enum { A = 10000, CHANGE = 200, DELAY_MOST = 20000 };
static const double rates[] = {0.005, 0.02, 0.10};
enum { RATES = sizeof rates / sizeof rates[0] };

static bool known(int runs)
{
    bool good = true;
    printf("known baseline: mean samples until a false alarm, at least %d asked\n", A);
    for (int p = 0; p < RATES; p++) {
        double sum = 0, sum_sq = 0;
        for (int i = 0; i < runs; i++) {
            struct edetect d;
            struct rng r;
            int n = 0;
            rng_seed(&r, (uint64_t)(p * 100000 + i + 1));
            edetect_init(&d, EDETECT_BINARY, A);
            edetect_base_binary(&d, UINT64_C(1000000000000), (uint64_t)(1e12 * rates[p]));
            while (edetect_state(&d) != EDETECT_DRIFT && n < 20 * A)
                edetect_feed_binary(&d, ++n, 1, rng_unit(&r) < rates[p]);
            sum += n;
            sum_sq += (double)n * n;
        }
        double mean = sum / runs, error = sqrt((sum_sq / runs - mean * mean) / runs);
        printf("%5.1f %% bad: %6.0f +- %.0f\n", 100 * rates[p], mean, error);
        good = good && mean + 1.645 * error >= A;
    }
    return good;
}

/* The baseline is taken from the stream itself, and grows with it. */
static bool own(int runs)
{
    bool good = true;
    printf("\nthe baseline taken from the stream, from its first 20 bad ones on: mean samples after that until a false alarm, and alarms "
           "by %d of them\n",
           A / 10);
    for (int p = 0; p < RATES; p++) {
        double sum = 0, sum_sq = 0;
        int soon = 0;
        for (int i = 0; i < runs; i++) {
            struct edetect d;
            struct rng r;
            int n = 0;
            rng_seed(&r, (uint64_t)(900000 + p * 100000 + i));
            edetect_init(&d, EDETECT_BINARY, A);
            while (edetect_state(&d) != EDETECT_DRIFT && n < 10 * A) {
                n += edetect_state(&d) == EDETECT_WATCHING;
                edetect_feed_binary(&d, n, 1, rng_unit(&r) < rates[p]);
            }
            sum += n;
            sum_sq += (double)n * n;
            soon += n <= A / 10;
        }
        double mean = sum / runs, error = sqrt((sum_sq / runs - mean * mean) / runs),
               bound = stat_share_upper((uint64_t)runs, (uint64_t)soon, 0.05);
        printf("%5.1f %% bad: %6.0f +- %.0f, %.1f %% (bound %.1f %%)\n", 100 * rates[p], mean, error, 100.0 * soon / runs, 100 * bound);
        good = good && mean + 1.645 * error >= A && (bound <= 0.10 || runs < 400);
    }
    return good;
}

struct estimate {
    uint64_t n, bad;
};

/* At least n samples, and more until it is not thin. */
static struct estimate estimate(double rate, uint64_t n, struct rng *r)
{
    struct estimate e = {.n = 0};
    while (e.n < n || e.bad < EDETECT_LEAST) {
        e.n++;
        e.bad += rng_unit(r) < rate;
    }
    return e;
}

static double allowed_nats(double p, bool bad)
{
    return bad ? log(3.0) : log((1 - 3 * p) / (1 - p));
}

/* Highest value of the CUSUM for a rise from p to 3 p within n samples of the rate. */
static double cusum_most(double p, double rate, int n, struct rng *r)
{
    double sum = 0, most = 0;
    for (int i = 0; i < n; i++) {
        sum = fmax(0, sum + allowed_nats(p, rng_unit(r) < rate));
        most = fmax(most, sum);
    }
    return most;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The limit that alarms within A / 10 samples in this share of runs. */
static double tuned_limit(double rate, uint64_t n0, double share, int runs)
{
    double *most = calloc((size_t)runs, sizeof *most);
    if (most == NULL)
        exit(EXIT_FAILURE);
    for (int i = 0; i < runs; i++) {
        struct rng r;
        rng_seed(&r, (uint64_t)(7000000 + i));
        struct estimate e = estimate(rate, n0, &r);
        most[i] = cusum_most((double)e.bad / (double)e.n, rate, A / 10, &r);
    }
    qsort(most, (size_t)runs, sizeof *most, by_value);
    double limit = most[(int)fmin(runs - 1, floor((1 - share) * runs))];
    free(most);
    return limit;
}

static bool false_alarm(double rate, uint64_t n0, uint64_t seed)
{
    struct edetect d;
    struct rng r;
    rng_seed(&r, seed);
    struct estimate e = estimate(rate, n0, &r);
    edetect_init(&d, EDETECT_BINARY, A);
    edetect_base_binary(&d, e.n, e.bad);
    for (int i = 0; i < A / 10; i++)
        edetect_feed_binary(&d, i, 1, rng_unit(&r) < rate);
    return edetect_state(&d) == EDETECT_DRIFT;
}

struct delays {
    double own, cusum;
    int own_early, cusum_early; /* alarms before the change */
    int onset_in, onsets;
};

static void add_delay(double rate, uint64_t n0, double limit, uint64_t seed, struct delays *to)
{
    struct edetect d;
    struct rng r;
    int own = 0, cusum = 0;
    double sum = 0;
    rng_seed(&r, seed);
    struct estimate e = estimate(rate, n0, &r);
    double p = (double)e.bad / (double)e.n;
    edetect_init(&d, EDETECT_BINARY, A);
    edetect_base_binary(&d, e.n, e.bad);
    for (int i = 1; i <= CHANGE + DELAY_MOST && (own == 0 || cusum == 0); i++) {
        bool bad = rng_unit(&r) < (i > CHANGE ? 3 : 1) * rate;
        edetect_feed_binary(&d, i, 1, bad);
        sum = fmax(0, sum + allowed_nats(p, bad));
        own = own == 0 && edetect_state(&d) == EDETECT_DRIFT ? i : own;
        cusum = cusum == 0 && sum > limit ? i : cusum;
    }
    own = own == 0 ? CHANGE + DELAY_MOST : own;
    cusum = cusum == 0 ? CHANGE + DELAY_MOST : cusum;
    to->own_early += own <= CHANGE;
    to->cusum_early += cusum <= CHANGE;
    if (own <= CHANGE || cusum <= CHANGE)
        return;
    struct edetect_alarm a;
    if (edetect_alarm(&d, &a)) {
        to->onsets++;
        to->onset_in += a.onset_lo <= CHANGE + 1 && a.onset_hi >= CHANGE + 1;
    }
    to->own += own - CHANGE;
    to->cusum += cusum - CHANGE;
}

static bool estimated(int runs, size_t baselines)
{
    static const double expected[] = {20, 50, 200};
    bool good = true;
    printf("\nestimated baseline: alarms by %d samples without a change (bound asked <= 10 %%), and the mean delay after a threefold rise\n"
           "%6s %12s %8s %8s %8s %8s %7s %16s\n",
           A / 10, "bad", "expected bad", "alarms", "bound", "delay", "CUSUM", "ratio", "onset in interval");
    for (int p = 0; p < RATES; p++) {
        for (size_t k = 0; k < baselines; k++) {
            uint64_t n0 = (uint64_t)(expected[k] / rates[p]), seed = 1000000 * (uint64_t)p + 100000 * k;
            struct delays t = {.own = 0};
            int alarms = 0, many = 5 * runs, in_many;
            for (int i = 0; i < runs; i++)
                alarms += false_alarm(rates[p], n0, seed + (uint64_t)i);
            in_many = alarms;
            for (int i = runs; i < many; i++) /* more of them, so that the CUSUM is tuned to what is so, not to luck */
                in_many += false_alarm(rates[p], n0, seed + (uint64_t)i);
            double bound = stat_share_upper((uint64_t)runs, (uint64_t)alarms, 0.05);
            double limit = tuned_limit(rates[p], n0, fmax(1, in_many) / many, 4 * many);
            for (int i = 0; i < runs; i++)
                add_delay(rates[p], n0, limit, 50000000 + seed + (uint64_t)i, &t);
            printf("%5.1f%% %12.0f %7.1f%% %7.1f%% %8.0f %8.0f %7.2f %15.1f%%\n", 100 * rates[p], expected[k], 100.0 * alarms / runs,
                   100 * bound, t.own / t.onsets, t.cusum / t.onsets, t.own / t.cusum, 100.0 * t.onset_in / t.onsets);
            good = good && (bound <= 0.10 || runs < 400) && t.own <= 2 * t.cusum;
        }
    }
    return good;
}

static bool thin(int runs)
{
    int alarms = 0, was_thin = 0;
    for (int i = 0; i < runs; i++) {
        struct edetect d;
        struct rng r;
        double rate = rates[i % RATES];
        uint64_t n0 = (uint64_t)(10 / rate), bad = 0;
        rng_seed(&r, (uint64_t)(300000 + i));
        for (uint64_t k = 0; k < n0; k++)
            bad += rng_unit(&r) < rate;
        edetect_init(&d, EDETECT_BINARY, A);
        edetect_base_binary(&d, n0, bad);
        was_thin += edetect_state(&d) == EDETECT_THIN;
        for (int k = 0; k < A / 10; k++)
            edetect_feed_binary(&d, k, 1, rng_unit(&r) < 3 * rate);
        alarms += bad < EDETECT_LEAST && edetect_state(&d) == EDETECT_DRIFT;
    }
    printf("\nbaselines of 10 expected bad ones: %d of %d thin, %d alarms of those at three times the rate (asked: none)\n", was_thin, runs,
           alarms);
    return alarms == 0;
}

int main(int argc, char **argv)
{
    bool is_short = argc > 1 && strcmp(argv[1], "--short") == 0;
    bool good = known(is_short ? 20 : 400);
    good = own(is_short ? 40 : 400) && good;
    good = estimated(is_short ? 100 : 400, is_short ? 1 : 3) && good;
    good = thin(is_short ? 60 : 400) && good;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
