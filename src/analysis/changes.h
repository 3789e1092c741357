/* SPDX-License-Identifier: MIT */
/* When did a series change? Its change points, of mean or of spread, or of a share, kept up to date while it comes in.
 *
 * How: the likeliest division into stretches of a normal distribution each, whose mean and variance are unknown (conjugate prior of the
 * weight of one sample around the mean and variance of all so far), or of a share each (Jeffreys' prior); each further stretch costs 4 log
 * n, of shares 2 log n: metrics are no independent samples. That is Bayesian online change point detection, by the likeliest
 * path rather than the sum over all. Beginnings of a stretch that have fallen 10 nats and the cost of a change behind are
 * dropped, at most 200 are kept.
 * Where a change lies is the posterior over the cut, made flatter by how much less the samples on that side say than independent ones of a
 * normal distribution would, as the sums of what they say vary.
 * The scale is taken from the first 50 samples and then goes along. Trends come out as stairs.
 * Source: Adams and MacKay 2007; Fearnhead and Liu 2007; docs/decisions/0013-detectors.md. */
#ifndef GWTOP_ANALYSIS_CHANGES_H
#define GWTOP_ANALYSIS_CHANGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { CHANGES_SAMPLES_MAX = 4000000 };

struct changes; /* some 30 bytes a sample */

enum changes_law { CHANGES_NORMAL, CHANGES_SHARE };
struct changes *changes_new(enum changes_law law); /* NULL when out of memory */
void changes_free(struct changes *c);
/* A number: finite. Or n >= 1 outcomes of which x were bad. Errors: ERR_NOMEM; ERR_LIMIT past CHANGES_SAMPLES_MAX.
 * Cost: O(beginnings kept), some microseconds. */
enum err changes_add(struct changes *c, double x) GW_MUST_USE;
enum err changes_add_share(struct changes *c, uint64_t n, uint64_t bad) GW_MUST_USE;

struct change {
    size_t at; /* the first sample that is different, from 0 */
    size_t lo,
        hi; /* it lies between these in 93 to 100 % of steps, of samples with heavy tails or that follow on each other by half as well */
    size_t known_at;                                         /* the sample with which it came to be the likeliest */
    double before, after, deviation_before, deviation_after; /* of the stretches on either side; of shares the deviations are NaN */
};
/* Of all so far, in order. Moved to the caller, to be freed; NULL with *ret_count 0 when there is none. Errors: ERR_NOMEM. Cost:
 * O(samples). */
enum err changes_list(struct changes *c, struct change **ret, size_t *ret_count) GW_MUST_USE;

#endif
