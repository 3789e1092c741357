/* SPDX-License-Identifier: MIT */
/* Is the split of a cost change exact, and does it name what was done? On random cubes (10 to 60 groups of key and model, each with one or
 * two deployments of its own and perhaps a fallback).
 *   residual: everything random before and after, groups new and gone. |change - sum of the parts| over |change|, beside what a
 *   price-volume
 *     split (each factor changed alone, all others as before) leaves over on the same cubes.
 *   planted: one factor is changed, the rest is kept; and once more while every other factor of every cell wobbles by 2 %.
 * Fails when a residual exceeds 1e-9 or a planted factor carries less than 95 %. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/lmdi.h"
#include "base/rng.h"

enum { CUBES = 1000, GROUPS_MAX = 60, CELLS_MAX = 3 * GROUPS_MAX, HOUR_MS = 3600000, SIZES = LMDI_KINDS };

/* A cell as it is made: what a request of it is like. */
struct model {
    double requests, tokens[SIZES], price_pusd[SIZES], discount;
};
struct cube {
    struct lmdi_cell cell[CELLS_MAX];
    struct model then[CELLS_MAX], now[CELLS_MAX];
    size_t count;
};

static struct model random_model(struct rng *r)
{
    struct model m = {.requests = exp(2 + 9 * rng_unit(r)), .discount = 0.5 + rng_unit(r)};
    double input = exp(4 + 6 * rng_unit(r)), cached = rng_unit(r) * 0.8, written = rng_below(r, 3) == 0 ? rng_unit(r) * 0.2 : 0;
    double list = exp(11 + 4 * rng_unit(r));
    m.tokens[LMDI_CACHED] = input * cached;
    m.tokens[LMDI_WRITTEN] = input * written;
    m.tokens[LMDI_UNCACHED] = input * (1 - cached - written);
    m.tokens[LMDI_ANSWER] = exp(2 + 5 * rng_unit(r));
    const double prices[SIZES] = {list, list * 0.1, list * 1.25, list * 4};
    memcpy(m.price_pusd, prices, sizeof prices);
    return m;
}

/* Counters are whole: a million hours' worth, so that rounding is not what is measured. */
static struct lmdi_side book(const struct model *m)
{
    struct lmdi_side s = {.requests = (uint64_t)llround(m->requests * 1e6)};
    double nusd = 0;
    for (int k = 0; k < SIZES; k++) {
        s.tokens[k] = (uint64_t)llround((double)s.requests * m->tokens[k]);
        s.price_pusd[k] = llround(m->price_pusd[k]);
        nusd += (double)s.tokens[k] * (double)s.price_pusd[k] / 1000 * m->discount;
    }
    s.cost_nusd = llround(nusd / 1e6); /* what matters is that it is proportional */
    return s;
}

static void make_shape(struct cube *c, struct rng *r)
{
    size_t groups = 10 + rng_below(r, GROUPS_MAX - 10);
    c->count = 0;
    for (size_t g = 0; g < groups; g++) {
        size_t own = 1 + rng_below(r, 2), fallback = rng_below(r, 2);
        for (size_t i = 0; i < own + fallback; i++)
            c->cell[c->count++] = (struct lmdi_cell){.group = g, .is_fallback = i >= own};
    }
    for (size_t i = 0; i < c->count; i++)
        c->now[i] = c->then[i] = random_model(r);
}

static void book_all(struct cube *c)
{
    for (size_t i = 0; i < c->count; i++) {
        c->cell[i].then = book(&c->then[i]);
        c->cell[i].now = book(&c->now[i]);
    }
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- residual ---- */

/* A cell's cost with one factor of now, the others of then: requests, input tokens, answer tokens, price. */
static double alone(const struct lmdi_cell *c, int factor)
{
    const struct lmdi_side *a = &c->then, *b = &c->now;
    double n = (double)(factor == 0 ? b : a)->requests, sum = 0;
    if (a->requests == 0 || b->requests == 0)
        return factor == 0 ? (double)b->cost_nusd : (double)a->cost_nusd;
    for (int k = 0; k < SIZES; k++) {
        const struct lmdi_side *size = (k == LMDI_ANSWER ? factor == 2 : factor == 1) ? b : a, *price = factor == 3 ? b : a;
        double list = 0;
        for (int j = 0; j < SIZES; j++)
            list += (double)price->tokens[j] * (double)price->price_pusd[j];
        sum += (double)size->tokens[k] / (double)size->requests * (double)price->price_pusd[k] * (double)price->cost_nusd / list;
    }
    return n * sum;
}

static void residuals(double *ret_worst, double *ret_plain_median)
{
    static struct cube c;
    static double plain[CUBES];
    struct rng r;
    *ret_worst = 0;
    rng_seed(&r, 1);
    for (int i = 0; i < CUBES; i++) {
        struct lmdi_split s;
        double sum = 0, change = 0;
        make_shape(&c, &r);
        for (size_t k = 0; k < c.count; k++)
            c.now[k] = random_model(&r);
        book_all(&c);
        for (size_t k = 0; k < c.count; k++) {
            if (rng_below(&r, 10) == 0)
                memset(rng_below(&r, 2) == 0 ? &c.cell[k].then : &c.cell[k].now, 0, sizeof c.cell[k].now);
            change += (double)c.cell[k].now.cost_nusd - (double)c.cell[k].then.cost_nusd;
            for (int f = 0; f < 4; f++)
                sum += alone(&c.cell[k], f) - (double)c.cell[k].then.cost_nusd;
        }
        lmdi_split(c.cell, c.count, HOUR_MS, HOUR_MS, &s, NULL);
        *ret_worst = fmax(*ret_worst, fabs(s.residual_per_h) / fabs(s.now_per_h - s.then_per_h));
        plain[i] = fabs(change - sum) / fabs(change);
    }
    qsort(plain, CUBES, sizeof plain[0], rising);
    *ret_plain_median = plain[CUBES / 2];
}

/* ---- planted ---- */

static void scale_tokens(struct model *m, int from, int to, double by)
{
    for (int k = from; k <= to; k++)
        m->tokens[k] *= by;
}

/* Moves a share of the group's own requests to its first fallback cell, if it has one. */
static void fall_back(struct cube *c, double share)
{
    for (size_t i = 0; i < c->count; i++) {
        if (!c->cell[i].is_fallback)
            continue;
        for (size_t k = i; k-- > 0 && c->cell[k].group == c->cell[i].group;) {
            c->now[i].requests += share * c->now[k].requests;
            c->now[k].requests *= 1 - share;
        }
    }
}

/* Groups' shares are shuffled, their cells' within them kept, and so is the number of all. */
static void shuffle(struct cube *c, struct rng *r)
{
    double before = 0, after = 0, by = 1;
    for (size_t i = 0; i < c->count; i++) {
        if (i == 0 || c->cell[i].group != c->cell[i - 1].group)
            by = exp(2 * rng_unit(r) - 1);
        before += c->now[i].requests;
        c->now[i].requests *= by;
        after += c->now[i].requests;
    }
    for (size_t i = 0; i < c->count; i++)
        c->now[i].requests *= before / after;
}

static void plant(struct cube *c, enum lmdi_part part, struct rng *r)
{
    double by = 2 + 3 * rng_unit(r);
    if (part == LMDI_MIX)
        shuffle(c, r);
    else if (part == LMDI_FALLBACK)
        fall_back(c, 0.3 + 0.6 * rng_unit(r));
    for (size_t i = 0; i < c->count; i++) {
        struct model *m = &c->now[i];
        double from_cache = m->tokens[LMDI_CACHED] * (1 - 1 / by);
        switch (part) {
        case LMDI_REQUESTS: m->requests *= by; break;
        case LMDI_INPUT: scale_tokens(m, LMDI_UNCACHED, LMDI_WRITTEN, by); break;
        case LMDI_CACHE:
            m->tokens[LMDI_CACHED] -= from_cache;
            m->tokens[LMDI_UNCACHED] += from_cache;
            break;
        case LMDI_OUTPUT: scale_tokens(m, LMDI_ANSWER, LMDI_ANSWER, by); break;
        case LMDI_PRICE: m->discount *= by; break;
        default: break;
        }
    }
}

static double wobble(struct rng *r)
{
    return exp(0.02 * rng_normal(r));
}

static void wobble_all(struct cube *c, struct rng *r)
{
    for (size_t i = 0; i < c->count; i++) {
        c->now[i].requests *= wobble(r);
        c->now[i].discount *= wobble(r);
        scale_tokens(&c->now[i], LMDI_UNCACHED, LMDI_WRITTEN, wobble(r));
        scale_tokens(&c->now[i], LMDI_ANSWER, LMDI_ANSWER, wobble(r));
    }
}

/* Share of the change that the planted part carries: the smallest of all cubes, and the median. */
static void planted(enum lmdi_part part, bool noisy, double *ret_least, double *ret_median)
{
    static struct cube c;
    static double share[CUBES];
    struct rng r;
    rng_seed(&r, 100 + (uint64_t)part);
    for (int i = 0; i < CUBES; i++) {
        struct lmdi_split s;
        make_shape(&c, &r);
        plant(&c, part, &r);
        if (noisy)
            wobble_all(&c, &r);
        book_all(&c);
        lmdi_split(c.cell, c.count, HOUR_MS, HOUR_MS, &s, NULL);
        double of = s.part_per_h[part] / (s.now_per_h - s.then_per_h);
        share[i] = 1 - fabs(of - 1); /* too much is as wrong as too little */
    }
    qsort(share, CUBES, sizeof share[0], rising);
    *ret_least = share[0];
    *ret_median = share[CUBES / 2];
}

static double ns_per_cell(void)
{
    static struct cube c;
    struct rng r;
    struct lmdi_split s;
    struct timespec a, b;
    size_t cells = 0;
    rng_seed(&r, 7);
    make_shape(&c, &r);
    book_all(&c);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    for (int i = 0; i < 2000; i++, cells += c.count)
        lmdi_split(c.cell, c.count, HOUR_MS, HOUR_MS, &s, NULL);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    return ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / (double)cells;
}

int main(void)
{
    double worst, plain;
    bool good;
    residuals(&worst, &plain);
    good = worst <= 1e-9;
    printf("%d random cubes, everything changed: worst residual %.1e of the change (at most 1e-9); a price-volume split leaves %.0f %% "
           "(median)\n",
           CUBES, worst, 100 * plain);
    printf("one factor planted in %d cubes each: its share of the change\n%16s %12s %12s %22s\n", CUBES, "", "least", "median",
           "median, others wobble");
    for (int p = LMDI_REQUESTS; p <= LMDI_FALLBACK; p++) {
        double least, median, noisy_least, noisy;
        planted((enum lmdi_part)p, false, &least, &median);
        planted((enum lmdi_part)p, true, &noisy_least, &noisy);
        printf("%16s %10.4f %% %10.4f %% %20.1f %%\n", lmdi_part_name((enum lmdi_part)p), 100 * least, 100 * median, 100 * noisy);
        good = good && least >= 0.95;
    }
    printf("%.0f ns per cell\n", ns_per_cell());
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
