/* SPDX-License-Identifier: MIT */
/* Bounds on means of bounded numbers by betting: whatever their distribution, and looked at as often as one likes.
 *
 * mean_bound: of numbers in [0, 1], O(1) state; what a baseline of scores is held to.
 * paired: of differences in [-1, 1], a canary's score minus its reference's: the confidence sequence is the set of means against which the
 * bets have not won 2 / chance on the average of their sizes. At every n at once, it holds the true mean with 1 - chance.
 * Numbers need not be independent, only have the same mean given what came before. Both are structs without pointers, kept as their bytes.
 * Source: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting" (JRSS B 2024), sections 3.1 and 4.4. */
#ifndef GWTOP_ANALYSIS_BETTING_H
#define GWTOP_ANALYSIS_BETTING_H

#include <stdbool.h>
#include <stdint.h>

/* Holds at every n, so that one may stop when there is enough. */
struct mean_bound {
    double chance; /* of each side */
    uint64_t n;
    double sum, sum_sq;
    double bets, bets_x, spent; /* sums of the bets, of bet * x, and of what variance has cost */
};
void mean_bound_init(struct mean_bound *b, double chance);
void mean_bound_add(struct mean_bound *b, double x); /* x in [0, 1] */
/* n of them at once, by their sum and their squares' (sum_sq <= sum <= n): one bet for all. */
void mean_bound_add_many(struct mean_bound *b, uint64_t n, double sum, double sum_sq);
double mean_bound_var(const struct mean_bound *b); /* of one sample; NaN without */
void mean_bound_get(const struct mean_bound *b, double *ret_lo, double *ret_hi);
bool mean_bound_valid(const struct mean_bound *b);

enum {
    PAIRED_MEANS = 513, /* that are tried: steps of 1/256 */
    PAIRED_BETS = 7,    /* sizes, of what one has: 0.8 / 2^k. How large the difference and its spread are is not known, so all are laid */
};
struct paired { /* 57 KB */
    uint32_t version, unused;
    double chance;
    uint64_t n;
    double sum;
    double won[2][PAIRED_BETS][PAIRED_MEANS]; /* by bets that the true mean is above, below; each began with 1 */
};
/* chance in (0, 1): that the interval ever misses the mean. */
void paired_init(struct paired *p, double chance);
/* difference in [-1, 1]. Cost: O(PAIRED_BETS * PAIRED_MEANS), some 10 us. */
void paired_add(struct paired *p, double difference);
/* The interval, outward to the next step: [-1, 1] in the beginning. lo > hi: the mean has moved on the way, so that none fits. */
void paired_interval(const struct paired *p, double *ret_lo, double *ret_hi);
bool paired_valid(const struct paired *p);

#endif
