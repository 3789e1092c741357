/* SPDX-License-Identifier: MIT */
/* Seeded pseudo-random numbers for the simulator and for jitter: equal seeds give equal streams on every machine.
 * Not for secrets. Source: xoshiro256** and splitmix64 (Blackman, Vigna 2018). */
#ifndef GWTOP_BASE_RNG_H
#define GWTOP_BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t s[4];
};

void rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_u64(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t bound); /* uniform in [0, bound), bound >= 1 */
double rng_unit(struct rng *r);                    /* uniform in [0, 1) */
double rng_normal(struct rng *r);                  /* mean 0, deviation 1 */
double rng_lognormal(struct rng *r, double median, double sigma);
uint64_t rng_poisson(struct rng *r, double mean); /* mean in [0, 1e6] */

#endif
