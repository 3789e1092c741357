/* SPDX-License-Identifier: MIT */
#include "analysis/stat.h"

#include <math.h>
#include <stdbool.h>

static double log_choose(double n, double k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* Sum of terms k, k + 1, ... n, each the one before times (n - k) / (k + 1) * odds; falling from k on. */
static double binom_up(double n, double k, double log_first, double odds)
{
    double sum = 0, term = 1;
    for (; k <= n && term > sum * 1e-17; k++) {
        sum += term;
        term *= (n - k) / (k + 1) * odds;
    }
    return exp(log_first) * sum;
}

static double binom_down(double n, double k, double log_first, double odds)
{
    double sum = 0, term = 1;
    for (; k >= 0 && term > sum * 1e-17; k--) {
        sum += term;
        term *= k / (n - k + 1) / odds;
    }
    return exp(log_first) * sum;
}

double stat_binom_tail(uint64_t n, double p, uint64_t k)
{
    if (k == 0 || p >= 1)
        return k <= n ? 1 : 0;
    if (k > n || p <= 0)
        return 0;
    double count = (double)n, from = (double)k, odds = p / (1 - p);
    bool above = from > count * p; /* sum the side that is falling */
    double first = above ? from : from - 1;
    double log_first = log_choose(count, first) + first * log(p) + (count - first) * log1p(-p);
    if (above)
        return fmin(1, binom_up(count, first, log_first, odds));
    return fmax(0, 1 - binom_down(count, first, log_first, odds));
}

double stat_fisher_tail(uint64_t n0, uint64_t bad0, uint64_t n1, uint64_t bad1)
{
    if (n0 == 0 || n1 == 0 || bad1 == 0)
        return 1;
    /* Hypergeometric: k of the `bad` fall among the n1. */
    double a = (double)n0, b = (double)n1, bad = (double)(bad0 + bad1), k = (double)bad1;
    double most = fmin(bad, b), least = fmax(0, bad - a), mean = bad * b / (a + b), all = log_choose(a + b, bad);
    double sum = 0, term = 1;
    if (k > mean) {
        double log_first = log_choose(b, k) + log_choose(a, bad - k) - all;
        for (; k <= most && term > sum * 1e-17; k++) {
            sum += term;
            term *= (b - k) / (k + 1) * (bad - k) / (a - bad + k + 1);
        }
        return fmin(1, exp(log_first) * sum);
    }
    k -= 1;
    double log_first = log_choose(b, k) + log_choose(a, bad - k) - all;
    for (; k >= least && term > sum * 1e-17; k--) {
        sum += term;
        term *= k / (b - k + 1) * (a - bad + k) / (bad - k + 1);
    }
    return fmax(0, 1 - exp(log_first) * sum);
}

double stat_poisson_llr(double v, double e)
{
    return v > e && e > 0 ? v * log(v / e) - (v - e) : 0;
}
