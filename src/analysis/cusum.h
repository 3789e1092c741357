/* SPDX-License-Identifier: MIT */
/* Where a change began: the last zero of a cumulative sum that health pulls down and trouble lifts.
 *
 * Each step adds what was seen minus what is allowed for it; the allowance lies between the old and the new level where the two are
 * equally likely, so the sum hovers at zero before the change and climbs after it. The step that lifted it from zero is the onset.
 * Source: Page 1954; docs/decisions/0002-burn-rate.md. */
#ifndef GWTOP_ANALYSIS_CUSUM_H
#define GWTOP_ANALYSIS_CUSUM_H

#include <stdbool.h>
#include <stdint.h>

struct cusum {
    double sum;
    int64_t t0_ms, t1_ms; /* the interval that lifted it from zero */
};

/* Allowance per observation for a share that rose from p0 to p1, 0 < p0 < p1 < 1. */
double cusum_share(double p0, double p1);

/* Evidence for the new level per observation, in nats (Kullback-Leibler). */
double cusum_share_nats(double p0, double p1);

void cusum_step(struct cusum *c, int64_t t0_ms, int64_t t1_ms, double seen, double allowed);
/* The middle of the lifting interval; false at zero. It is known to within that interval, or to within the time in which 3 nats
 * of evidence come (a likelihood ratio of 20), whichever is longer. nats_per_s: evidence that the new level brings. */
bool cusum_onset(const struct cusum *c, double nats_per_s, int64_t *ret_ms, int64_t *ret_error_ms);

#endif
