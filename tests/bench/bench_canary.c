/* SPDX-License-Identifier: MIT */
/* Does the interval of a canary's paired differences hold the truth at every look, and how soon is a loss of 5 points found?
 *   nulls: 2,000 runs of 2,000 pairs with no true difference, of four kinds; the interval is looked at after every pair, and a run in which
 *   it ever
 *     missed the truth counts. Fails when less than 95 % of a kind's runs never did.
 *   losses: pairs until the interval says "worse", against the fixed n that a test made for that one look would take (power 80 %).
 * --short, for the tests: fewer runs. The peer is the usual interval of 1.96 standard errors, looked at as often from 20 pairs on. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/betting.h"
#include "base/rng.h"

enum { PAIRS = 2000, KINDS = 4 };

static const char *const kind_names[KINDS] = {"pass/fail, 90 % pass, mostly the same", "pass/fail, independent", "judge 0 to 1, noisy",
                                              "rare total failures"};

static double clamp(double x)
{
    return fmin(fmax(x, 0), 1);
}

/* One prompt at both; worse: what the canary loses in the mean. */
static double difference(int kind, double worse, struct rng *r)
{
    bool reference, canary;
    double base;
    switch (kind) {
    case 0: /* seven of ten failures are the prompt's own */
        reference = rng_unit(r) < 0.9;
        canary = rng_unit(r) < 0.7 ? reference : rng_unit(r) < 0.9;
        return (canary && rng_unit(r) >= worse / 0.9 ? 1.0 : 0.0) - (reference ? 1.0 : 0.0);
    case 1: return (rng_unit(r) < 0.9 - worse ? 1.0 : 0.0) - (rng_unit(r) < 0.9 ? 1.0 : 0.0);
    case 2: /* the same prompt, the judge's own noise on each */
        base = 0.25 + 0.5 * rng_unit(r);
        return clamp(base - worse + 0.08 * rng_normal(r)) - clamp(base + 0.08 * rng_normal(r));
    default: return (rng_unit(r) < 0.005 + worse ? -1.0 : 0.0) + (rng_unit(r) < 0.005 ? 1.0 : 0.0);
    }
}

/* Whether the interval missed 0 at any look, and after how many pairs it first said "worse"; 0 = never. */
struct run {
    bool missed, se_missed;
    int worse_at;
};

static struct run one(int kind, double worse, uint64_t seed, int pairs)
{
    static struct paired p;
    struct run run = {.missed = false};
    struct rng r;
    double sum = 0, sum_sq = 0, lo, hi;
    rng_seed(&r, seed);
    paired_init(&p, 0.05);
    for (int i = 1; i <= pairs && run.worse_at == 0; i++) {
        double d = difference(kind, worse, &r), n = i;
        paired_add(&p, d);
        paired_interval(&p, &lo, &hi);
        sum += d;
        sum_sq += d * d;
        double var = (sum_sq - sum * sum / n) / (n - 1);
        run.missed = run.missed || lo > 0 || hi < 0;
        run.se_missed = run.se_missed || (i >= 20 && var > 0 && fabs(sum / n) > 1.96 * sqrt(var / n));
        run.worse_at = worse > 0 && hi < 0 ? i : 0;
    }
    return run;
}

static bool nulls(int runs, int pairs)
{
    bool good = true;
    printf("never missed a difference of 0 in %d looks, %d runs (asked >= 95 %%); right: the interval of 1.96 standard errors, looked at "
           "as often\n",
           pairs, runs);
    for (int kind = 0; kind < KINDS; kind++) {
        int missed = 0, se_missed = 0;
        for (int i = 0; i < runs; i++) {
            struct run r = one(kind, 0, (uint64_t)(kind * 1000000 + i + 1), pairs);
            missed += r.missed;
            se_missed += r.se_missed;
        }
        printf("%-40s %6.2f %% %8.2f %%\n", kind_names[kind], 100 - 100.0 * missed / runs, 100 - 100.0 * se_missed / runs);
        good = good && missed * 20 <= runs;
    }
    return good;
}

static int rising(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void losses(int runs)
{
    printf("\npairs until a loss of 5 points is sure, and the fixed n of one look with power 80 %%\n");
    for (int kind = 0; kind < KINDS - 1; kind++) {
        enum { MOST = 500 };
        static int at[MOST];
        double sum = 0, sum_sq = 0;
        struct rng r;
        rng_seed(&r, 7);
        for (int i = 0; i < 100000; i++) {
            double d = difference(kind, 0.05, &r);
            sum += d;
            sum_sq += d * d;
        }
        double mean = sum / 100000, fixed = (1.96 + 0.84) * (1.96 + 0.84) * (sum_sq / 100000 - mean * mean) / (mean * mean);
        for (int i = 0; i < runs && i < MOST; i++) {
            int n = one(kind, 0.05, (uint64_t)(9000000 + kind * 1000000 + i), 20000).worse_at;
            at[i] = n > 0 ? n : 20000;
        }
        qsort(at, (size_t)runs, sizeof *at, rising);
        printf("%-40s median %5d, fixed %5.0f\n", kind_names[kind], at[runs / 2], fixed);
    }
}

int main(int argc, char **argv)
{
    bool is_short = argc > 1 && strcmp(argv[1], "--short") == 0;
    bool good = nulls(is_short ? 100 : 2000, is_short ? 300 : PAIRS);
    losses(is_short ? 10 : 200);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
