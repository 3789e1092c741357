/* SPDX-License-Identifier: MIT */
#include "base/rng.h"

#include <math.h>

__extension__ typedef unsigned __int128 u128;

static uint64_t rotl(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

void rng_seed(struct rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) { /* splitmix64, as xoshiro's authors advise: no seed gives the all-zero state */
        uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        r->s[i] = z ^ z >> 31;
    }
}

uint64_t rng_u64(struct rng *r)
{
    uint64_t result = rotl(r->s[1] * 5, 7) * 9;
    uint64_t t = r->s[1] << 17;
    r->s[2] ^= r->s[0];
    r->s[3] ^= r->s[1];
    r->s[1] ^= r->s[2];
    r->s[0] ^= r->s[3];
    r->s[2] ^= t;
    r->s[3] = rotl(r->s[3], 45);
    return result;
}

/* Lemire 2019: the high half of a product, refusing the few values that would make some results likelier. */
uint64_t rng_below(struct rng *r, uint64_t bound)
{
    u128 m = (u128)rng_u64(r) * bound;
    if ((uint64_t)m < bound) {
        uint64_t refuse = (0 - bound) % bound;
        while ((uint64_t)m < refuse)
            m = (u128)rng_u64(r) * bound;
    }
    return (uint64_t)(m >> 64);
}

double rng_unit(struct rng *r)
{
    return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

/* Marsaglia's polar method, without keeping the second number: the state stays the four words that are documented. */
double rng_normal(struct rng *r)
{
    for (;;) {
        double u = 2 * rng_unit(r) - 1, v = 2 * rng_unit(r) - 1;
        double s = u * u + v * v;
        if (s > 0 && s < 1)
            return u * sqrt(-2 * log(s) / s);
    }
}

double rng_lognormal(struct rng *r, double median, double sigma)
{
    return median * exp(sigma * rng_normal(r));
}

/* Knuth's product (The Art of Computer Programming, volume 2, 3.4.1), in parts of at most 500, since a Poisson number is the sum of
 * independent ones whose means add up to its own. Its cost is the mean, so above 1024 the normal distribution stands in: there the
 * skewness that it lacks, 1/sqrt(mean), is below 0.04. */
uint64_t rng_poisson(struct rng *r, double mean)
{
    if (!(mean > 0))
        return 0;
    if (mean > 1024) {
        double v = floor(mean + sqrt(mean) * rng_normal(r) + 0.5);
        return v > 0 ? (uint64_t)v : 0;
    }
    uint64_t n = 0;
    while (mean > 0) {
        double part = mean > 500 ? 500 : mean; /* exp(-500) is still a normal double */
        double limit = exp(-part), product = 1 - rng_unit(r);
        for (; product > limit; n++)
            product *= 1 - rng_unit(r);
        mean -= part;
    }
    return n;
}
