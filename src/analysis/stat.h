/* SPDX-License-Identifier: MIT */
/* Exact tail probabilities of counts: how surprising so many bad ones among n are. For rates of many observations per second a plain
 * ratio would do; these keep three failures in a quiet hour from looking like an outage.
 *
 * All are sums of the distribution's own terms, started in log space (lgamma), so nothing is approximated by a normal curve.
 * Relative error: about 1e-16 times lgamma(n), i.e. below 1e-6 up to n = 1e9. Cost: O(number of terms that matter), some 10 * sqrt(n p).
 * Source: docs/decisions/0002-burn-rate.md. */
#ifndef GWTOP_ANALYSIS_STAT_H
#define GWTOP_ANALYSIS_STAT_H

#include <stddef.h>
#include <stdint.h>

/* P(Bin(n, p) >= k): the chance of at least k bad among n when each is bad with probability p in [0, 1]. */
double stat_binom_tail(uint64_t n, double p, uint64_t k);

/* Clopper-Pearson: the true share lies above (below) it with no more than the chance, when bad of n were bad; 1 (0) when it may be. */
double stat_share_upper(uint64_t n, uint64_t bad, double chance);
double stat_share_lower(uint64_t n, uint64_t bad, double chance);

/* P(chi-squared with df > 0 degrees of freedom >= x). Absolute error below 1e-12. */
double stat_chi2_tail(double df, double x);

/* The 95 % interval of p1 - p0, when bad0 of n0 and bad1 of n1 were bad: each share's score interval, added in quadrature. It holds at few
 * and at none, where a normal one does not. NaN when a group is empty. Source: Newcombe (1998), method 10. */
void stat_share_difference(uint64_t n0, double bad0, uint64_t n1, double bad1, double *ret_lo, double *ret_hi);
/* The same of means with variances of one sample: Welch's. NaN below two samples. */
void stat_mean_difference(uint64_t n0, double mean0, double var0, uint64_t n1, double mean1, double var1, double *ret_lo, double *ret_hi);

/* Fisher's exact test, one-sided: the chance that, of bad0 + bad1 bad ones dealt at random among n0 + n1, at least bad1 fall on the
 * second group. 1 when a group is empty. Requires bad0 <= n0, bad1 <= n1. */
double stat_fisher_tail(uint64_t n0, uint64_t bad0, uint64_t n1, uint64_t bad1);

/* P(X - E X >= off) of a sum X of independent yes/no outcomes whatever their chances, by its variance > 0 and its third central moment (of
 * one: p(1 - p) and p(1 - p)(1 - 2p); of a hypergeometric count, which is such a sum, as well): that of a shifted binomial count of the
 * same three moments, at any n. Within a tenth of the exact chance down to 1e-4, within a third at 1e-6, too low where it is off, of sums
 * whose variance is a few and more or that are rare ones'; not at the far end of what X can be. Source: Pekoez, Roellin, Cekanavicius,
 * Shwartz (2009), "A three-parameter binomial approximation". Cost: a continued fraction of some 20 terms, sqrt(var) at most. */
double stat_sum_tail(double off, double var, double third);

/* Student's t with nu >= 1 degrees of freedom (need not be whole): P(T > x), and the x that T stays below with probability p in (0, 1).
 * Absolute error below 1e-12. Cost: a continued fraction of some 20 terms; the quantile some 60 of them. */
double stat_student_tail(double nu, double x);
double stat_student_quantile(double nu, double p);

/* Sorts ascending; no NaN among them. */
void stat_sort(double *list, size_t n);
/* The value below which a share p in [0, 1] of a sorted list lies, between two samples in proportion (Hyndman and Fan's type 7); NaN of
 * none. p = 0.5: the median. */
double stat_sorted_quantile(const double *sorted, size_t n, double p);

/* Poisson log-likelihood ratio of seeing v where e was expected, 0 when v <= e; e > 0. In nats. */
double stat_poisson_llr(double v, double e);

#endif
