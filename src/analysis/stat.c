/* SPDX-License-Identifier: MIT */
#include "analysis/stat.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

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

/* Where the chance of at least k bad ones of n passes `tail`: it rises with p. */
static double share_of_tail(uint64_t n, uint64_t k, double tail)
{
    double lo = 0, hi = 1;
    for (int i = 0; i < 60; i++) {
        double p = (lo + hi) / 2;
        if (stat_binom_tail(n, p, k) < tail)
            lo = p;
        else
            hi = p;
    }
    return (lo + hi) / 2;
}

double stat_share_upper(uint64_t n, uint64_t bad, double chance)
{
    return bad >= n ? 1 : share_of_tail(n, bad + 1, 1 - chance);
}

double stat_share_lower(uint64_t n, uint64_t bad, double chance)
{
    return bad == 0 ? 0 : share_of_tail(n, bad, chance);
}

/* Regularised incomplete gamma functions: the series of P (DLMF 8.11.4) left of the mean, the continued fraction of Q (8.9.2) right of
 * it. */
double stat_chi2_tail(double df, double x)
{
    double a = df / 2;
    x /= 2;
    if (x <= 0)
        return 1;
    double front = exp(a * log(x) - x - lgamma(a));
    if (x < a + 1) {
        double term = 1 / a, sum = term;
        for (int i = 1; i < 10000 && term > sum * 1e-17; i++) {
            term *= x / (a + i);
            sum += term;
        }
        return fmax(0, 1 - front * sum);
    }
    double b = x + 1 - a, c = 1e300, d = 1 / b, f = d;
    for (int i = 1; i < 10000; i++) { /* Lentz */
        double an = -i * (i - a);
        b += 2;
        d = 1 / (an * d + b);
        c = b + an / c;
        f *= c * d;
        if (fabs(c * d - 1) < 1e-15)
            break;
    }
    return front * f;
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

/* Continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method; quick for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    double f = 1, c = 1, d = 0;
    for (int j = 1; j < 1000; j++) {
        double m = j / 2; /* whole */
        double by = j % 2 == 0 ? m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m)) : -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / (1 + by * x * d);
        c = 1 + by * x / c;
        f *= c * d;
        if (fabs(1 - c * d) < 1e-15)
            break;
    }
    return 1 / f;
}

/* Regularised incomplete beta function I_x(a, b), x in (0, 1). */
static double beta_share(double a, double b, double x)
{
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double stat_sum_tail(double off, double var, double third)
{
    static const double least = 1e-6; /* share of a binomial count that is nearly Poisson's */
    const double share = fmin(fmax((1 - third / var) / 2, least), 1 - least), n = var / (share * (1 - share)), from = n * share + off;
    return from <= 0 ? 1 : fmin(1, beta_share(from, fmax(n - from + 1, 0.5), share));
}

double stat_student_tail(double nu, double x)
{
    if (x == 0)
        return 0.5;
    double beyond = isinf(x) ? 0 : 0.5 * beta_share(nu / 2, 0.5, nu / (nu + x * x));
    return x > 0 ? beyond : 1 - beyond;
}

double stat_student_quantile(double nu, double p)
{
    double tail = p > 0.5 ? 1 - p : p, lo = 0, hi = 1;
    if (p == 0.5)
        return 0;
    while (stat_student_tail(nu, hi) > tail)
        hi *= 2;
    for (int i = 0; i < 60; i++) {
        double x = (lo + hi) / 2;
        if (stat_student_tail(nu, x) > tail)
            lo = x;
        else
            hi = x;
    }
    return p > 0.5 ? (lo + hi) / 2 : -(lo + hi) / 2;
}

double stat_poisson_llr(double v, double e)
{
    return v > e && e > 0 ? v * log(v / e) - (v - e) : 0;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void stat_sort(double *list, size_t n)
{
    if (n > 1)
        qsort(list, n, sizeof *list, by_value);
}

double stat_sorted_quantile(const double *sorted, size_t n, double p)
{
    if (n == 0)
        return (double)NAN;
    const double at = p * (double)(n - 1);
    const size_t i = (size_t)at;
    return i + 1 < n ? sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

/* Wilson's score interval. */
static void share_interval(double n, double share, double z, double *ret_lo, double *ret_hi)
{
    double of = 1 + z * z / n, mid = (share + z * z / (2 * n)) / of;
    double off = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / of;
    *ret_lo = fmax(0, mid - off);
    *ret_hi = fmin(1, mid + off);
}

void stat_share_difference(uint64_t n0, double bad0, uint64_t n1, double bad1, double *ret_lo, double *ret_hi)
{
    static const double z = 1.959963984540054; /* 95 % of a normal curve */
    double lo0, hi0, lo1, hi1;
    *ret_lo = *ret_hi = (double)NAN;
    if (n0 == 0 || n1 == 0)
        return;
    double p0 = bad0 / (double)n0, p1 = bad1 / (double)n1;
    share_interval((double)n0, p0, z, &lo0, &hi0);
    share_interval((double)n1, p1, z, &lo1, &hi1);
    *ret_lo = p1 - p0 - hypot(p1 - lo1, hi0 - p0);
    *ret_hi = p1 - p0 + hypot(hi1 - p1, p0 - lo0);
}

void stat_mean_difference(uint64_t n0, double mean0, double var0, uint64_t n1, double mean1, double var1, double *ret_lo, double *ret_hi)
{
    *ret_lo = *ret_hi = (double)NAN;
    if (n0 < 2 || n1 < 2)
        return;
    double a = var0 / (double)n0, b = var1 / (double)n1, off = 0;
    if (a + b > 0) {
        double nu = (a + b) * (a + b) / (a * a / (double)(n0 - 1) + b * b / (double)(n1 - 1)); /* Satterthwaite's */
        off = stat_student_quantile(nu, 0.975) * sqrt(a + b);
    }
    *ret_lo = mean1 - mean0 - off;
    *ret_hi = mean1 - mean0 + off;
}
