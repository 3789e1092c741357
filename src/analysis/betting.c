/* SPDX-License-Identifier: MIT */
#include "analysis/betting.h"

#include <math.h>
#include <string.h>

/* Variance of what was seen, as if one number at the end of the range had been: a bet is never infinite. Section 3.1, (15). */
static double variance(uint64_t n, double sum, double sum_sq)
{
    double mean = (0.5 + sum) / ((double)n + 1);
    return (0.25 + fmax(0, sum_sq - 2 * mean * sum + (double)n * mean * mean)) / ((double)n + 1);
}

/* The bet that is right for an interval at about this n, and not much wrong at others. (26) */
static double bet(double chance, uint64_t n, double var)
{
    double t = (double)n + 1;
    return sqrt(2 * log(1 / chance) / (var * t * log(t + 1)));
}

void mean_bound_init(struct mean_bound *b, double chance)
{
    *b = (struct mean_bound){.chance = chance};
}

void mean_bound_add(struct mean_bound *b, double x)
{
    mean_bound_add_many(b, 1, x, x * x);
}

void mean_bound_add_many(struct mean_bound *b, uint64_t n, double sum, double sum_sq)
{
    static const double most = 0.5;
    double mean = (0.5 + b->sum) / ((double)b->n + 1);
    double by = n > 0 ? fmin(most, bet(b->chance, b->n + n - 1, variance(b->n, b->sum, b->sum_sq))) : 0;
    b->bets += (double)n * by;
    b->bets_x += by * sum;
    b->spent += fmax(0, sum_sq - 2 * mean * sum + (double)n * mean * mean) * (-log1p(-by) - by);
    b->n += n;
    b->sum += sum;
    b->sum_sq += sum_sq;
}

double mean_bound_var(const struct mean_bound *b)
{
    return b->n > 0 ? variance(b->n, b->sum, b->sum_sq) : (double)NAN;
}

void mean_bound_get(const struct mean_bound *b, double *ret_lo, double *ret_hi)
{
    double wide = (log(1 / b->chance) + b->spent) / b->bets, middle = b->bets_x / b->bets;
    *ret_lo = b->n > 0 ? fmax(0, middle - wide) : 0;
    *ret_hi = b->n > 0 ? fmin(1, middle + wide) : 1;
}

bool mean_bound_valid(const struct mean_bound *b)
{
    return b->chance > 0 && b->chance < 1 && b->sum >= 0 && b->sum <= (double)b->n && b->sum_sq >= 0 && b->sum_sq <= (double)b->n &&
           b->bets >= 0 && b->bets_x >= 0 && b->bets_x <= b->bets && b->spent >= 0 && isfinite(b->spent) && (b->bets > 0) == (b->n > 0);
}

enum { VERSION = 1 };

void paired_init(struct paired *p, double chance)
{
    memset(p, 0, sizeof *p);
    p->version = VERSION;
    p->chance = chance;
    for (int k = 0; k < PAIRED_BETS; k++)
        for (int i = 0; i < PAIRED_MEANS; i++)
            p->won[0][k][i] = p->won[1][k][i] = 1;
}

/* A mean that is tried, in [0, 1]. */
static double tried(int i)
{
    return (double)i / (PAIRED_MEANS - 1);
}

/* Settles one size of bet on every mean; a bet never loses all, so that one can come back. */
static void settle(double had[PAIRED_MEANS], const double off[PAIRED_MEANS], double size)
{
    static const double least = 1e-300;
    for (int i = 0; i < PAIRED_MEANS; i++) {
        double has = had[i] * (1 + size * off[i]);
        had[i] = has > least ? has : least;
    }
}

void paired_add(struct paired *p, double difference)
{
    double x = (difference + 1) / 2, above[PAIRED_MEANS], below[PAIRED_MEANS];
    for (int i = 0; i < PAIRED_MEANS; i++) { /* over the most that a bet can lose; at the ends, where that is nothing, half a step */
        double m = tried(i);
        above[i] = (x - m) / fmax(m, tried(1) / 2);
        below[i] = (m - x) / fmax(1 - m, tried(1) / 2);
    }
    for (int k = 0; k < PAIRED_BETS; k++) {
        settle(p->won[0][k], above, ldexp(0.8, -k));
        settle(p->won[1][k], below, ldexp(0.8, -k));
    }
    p->n++;
    p->sum += x;
}

static double won(const struct paired *p, int side, int i)
{
    double sum = 0;
    for (int k = 0; k < PAIRED_BETS; k++)
        sum += p->won[side][k][i] / PAIRED_BETS;
    return sum;
}

/* What the bets win falls, or rises, with the mean that is tried, so the interval ends where they pass the line. */
void paired_interval(const struct paired *p, double *ret_lo, double *ret_hi)
{
    double line = 2 / p->chance;
    int lo = 0, hi = PAIRED_MEANS - 1;
    while (lo < PAIRED_MEANS - 1 && won(p, 0, lo + 1) >= line)
        lo++;
    while (hi > 0 && won(p, 1, hi - 1) >= line)
        hi--;
    *ret_lo = 2 * tried(lo) - 1;
    *ret_hi = 2 * tried(hi) - 1;
}

bool paired_valid(const struct paired *p)
{
    bool good = p->version == VERSION && p->chance > 0 && p->chance < 1 && p->sum >= 0 && p->sum <= (double)p->n;
    for (int i = 0; good && i < PAIRED_MEANS; i++)
        for (int k = 0; good && k < PAIRED_BETS; k++)
            good = p->won[0][k][i] > 0 && p->won[1][k][i] > 0;
    return good;
}
