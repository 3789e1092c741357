/* SPDX-License-Identifier: MIT */
/* Whether two counts by category differ by more than chance: finish reasons, answer lengths by bucket, routes; now against a baseline.
 *
 * Pearson's chi-squared test of homogeneity with its degrees of freedom. A threshold on a divergence (a PSI of 0.1, say) would mean
 * nothing: its expectation without any change is about (categories - 1) (1/n + 1/m), which alone is 0.1 for ten categories of 180 answers
 * each. Categories of which fewer than 5 are expected on a side are counted as one, for the distribution is not chi-squared there.
 * Source: Pearson 1900, Cochran 1954 (the 5); docs/decisions/0013-detectors.md. */
#ifndef GWTOP_ANALYSIS_DIVERGENCE_H
#define GWTOP_ANALYSIS_DIVERGENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIVERGENCE_EXPECTED_LEAST = 5 };

struct divergence {
    double chi2, df, p;
    size_t together; /* categories that were counted as one */
    size_t most;     /* the category that adds most to chi2; SIZE_MAX when that is the ones counted together */
    double moved;    /* total variation distance: what share of the answers would have to change their category. Not corrected for chance */
};

/* False when nothing can be tested: fewer than two categories remain. Cost: O(count). */
bool divergence_test(const uint64_t *base, const uint64_t *now, size_t count, struct divergence *ret);
/* The p at which windows of n samples, each tested once, raise no more than one false alarm in arl samples on average. */
double divergence_alarm_p(double n, double arl);

#endif
