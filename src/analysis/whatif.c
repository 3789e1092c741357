/* SPDX-License-Identifier: MIT */
#include "analysis/whatif.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/stat.h"

enum { FINE_N = 1000000 }; /* observations that a mixture is scaled to, for its value: rounding moves a rank by a millionth */
static const double ms_per_h = 3600000, pusd_per_nusd = 1000, rounding = 1e-18 /* squared, of a mean */, mixed = 0.3;

/* One request of the moved traffic, as it would be on a model. */
struct shape {
    double input, cached, written, answer; /* tokens; the first holds the next two */
};

static double input_of(const struct lmdi_side *m)
{
    return (double)m->tokens[LMDI_UNCACHED] + (double)m->tokens[LMDI_CACHED] + (double)m->tokens[LMDI_WRITTEN];
}

static struct shape mean_shape(const struct lmdi_side *m)
{
    double n = (double)m->requests;
    return (struct shape){input_of(m) / n, (double)m->tokens[LMDI_CACHED] / n, (double)m->tokens[LMDI_WRITTEN] / n,
                          (double)m->tokens[LMDI_ANSWER] / n};
}

/* By the list, nano-USD. */
static double list_price(const struct lmdi_side *m, struct shape s)
{
    double uncached = s.input - s.cached - s.written;
    return (uncached * (double)m->price_pusd[LMDI_UNCACHED] + s.cached * (double)m->price_pusd[LMDI_CACHED] +
            s.written * (double)m->price_pusd[LMDI_WRITTEN] + s.answer * (double)m->price_pusd[LMDI_ANSWER]) /
           pusd_per_nusd;
}

static bool has_prices(const struct lmdi_side *m)
{
    return m->price_pusd[LMDI_UNCACHED] > 0 || m->price_pusd[LMDI_ANSWER] > 0;
}

/* What is booked over what the list says; 1 where it has not been seen. */
static double booked_share(const struct lmdi_side *m)
{
    double list = m->requests > 0 ? (double)m->requests * list_price(m, mean_shape(m)) : 0;
    return list > 0 && m->cost_nusd > 0 ? (double)m->cost_nusd / list : 1;
}

/* The least, likely and most that a moved request costs. */
struct guess {
    double lo, likely, hi;
};

static struct guess at_prices(const struct lmdi_side *from, const struct lmdi_side *to)
{
    struct shape mine = mean_shape(from), theirs = to->requests > 0 ? mean_shape(to) : mine;
    double booked = booked_share(to), my_share = mine.input > 0 ? mine.cached / mine.input : 0,
           their_share = theirs.input > 0 ? theirs.cached / theirs.input : 0;
    struct shape likely = {mine.input, mine.input * their_share, 0, mine.answer}, least = likely, most = likely;
    least.cached = mine.input * fmax(my_share, their_share);
    least.answer = fmin(mine.answer, theirs.answer);
    most.cached = 0;
    most.answer = fmax(mine.answer, theirs.answer);
    return (struct guess){booked * list_price(to, least), booked * list_price(to, likely), booked * list_price(to, most)};
}

static struct guess as_observed(const struct lmdi_side *from, const struct lmdi_side *to)
{
    struct shape mine = mean_shape(from), theirs = mean_shape(to);
    double request = (double)to->cost_nusd / (double)to->requests, tokens = theirs.input + theirs.answer;
    double by_token = tokens > 0 ? request * (mine.input + mine.answer) / tokens : request;
    return (struct guess){fmin(request, by_token), by_token, fmax(request, by_token)};
}

struct whatif_cost whatif_move(const struct lmdi_side *from, const struct lmdi_side *to, double share, int64_t window_ms)
{
    assert(share > 0 && share <= 1 && window_ms > 0);
    double hours = (double)window_ms / ms_per_h, none = (double)NAN;
    struct whatif_cost c = {.now_per_h = (double)from->cost_nusd / hours,
                            .delta_per_h = none,
                            .delta_lo = none,
                            .delta_hi = none,
                            .moved_per_h = share * (double)from->requests / hours,
                            .n_from = from->requests,
                            .n_to = to->requests};
    c.load_after = to->requests > 0 ? 1 + share * (double)from->requests / (double)to->requests : (double)INFINITY;
    c.basis = has_prices(to) ? WHATIF_PRICES : to->requests > 0 && to->cost_nusd > 0 ? WHATIF_OBSERVED : WHATIF_UNKNOWN;
    if (from->requests == 0)
        c.basis = WHATIF_UNKNOWN;
    if (c.basis == WHATIF_UNKNOWN)
        return c;
    struct guess g = c.basis == WHATIF_PRICES ? at_prices(from, to) : as_observed(from, to);
    double was = (double)from->cost_nusd / (double)from->requests;
    c.delta_per_h = c.moved_per_h * (g.likely - was);
    c.delta_lo = c.moved_per_h * (g.lo - was);
    c.delta_hi = c.moved_per_h * (g.hi - was);
    return c;
}

/* A deployment's prompts, and what reading a token of them from the cache takes off its cost: nano-USD. */
struct cacheable {
    double input, uncached, cached;
    double least, likely, most; /* of a token that was neither read nor written; they are one where its prices are known */
    double over;                /* what a token that was written costs beyond it */
    double write;               /* what writing one costs */
};

static struct cacheable cacheable_of(const struct lmdi_side *m)
{
    const double booked = booked_share(m) / pusd_per_nusd;
    const int64_t *pusd = m->price_pusd;
    struct cacheable c = {input_of(m), (double)m->tokens[LMDI_UNCACHED], (double)m->tokens[LMDI_CACHED], 0, 0, 0, 0, 0};
    if (pusd[LMDI_UNCACHED] > 0 && pusd[LMDI_CACHED] > 0) {
        c.least = c.likely = c.most = booked * (double)(pusd[LMDI_UNCACHED] - pusd[LMDI_CACHED]);
        c.over = booked * (double)(pusd[LMDI_WRITTEN] - pusd[LMDI_UNCACHED]);
        c.write = booked * (double)pusd[LMDI_WRITTEN];
    } else if (c.uncached > 0 && m->cost_nusd > 0) { /* not more than if all its money had been for them */
        c.most = (double)m->cost_nusd / c.uncached;
        c.likely = c.most / 2;
    }
    return c;
}

static int by_least(const void *a, const void *b)
{
    const double x = ((const struct cacheable *)a)->least, y = ((const struct cacheable *)b)->least;
    return (x > y) - (x < y);
}

/* The dearest first. */
static int by_most(const void *a, const void *b)
{
    const double x = ((const struct cacheable *)a)->most, y = ((const struct cacheable *)b)->most;
    return (x < y) - (x > y);
}

/* What changes with `more` tokens of one read from the cache; .hi: where each of them must be written once, too. */
static struct guess cached_more(const struct cacheable *c, double more)
{
    const double over = c->over * fmax(0, more - c->uncached), write = c->write * fmax(0, more);
    return more > 0 ? (struct guess){-more * c->most - over, -more * c->likely - over, write - more * c->least - over}
                    : (struct guess){-more * c->least, -more * c->likely, -more * c->most};
}

static void add_guess(struct guess *to, struct guess g)
{
    to->lo += g.lo;
    to->likely += g.likely;
    to->hi += g.hi;
}

/* `more` tokens read from the caches of a list, of the first as many as it can take, then of the second. */
static struct guess spread(const struct cacheable *list, size_t count, double more)
{
    struct guess sum = {0, 0, 0};
    for (const struct cacheable *c = list; c < list + count; c++) {
        const double x = more > 0 ? fmin(more, c->input - c->cached) : fmax(more, -c->cached);
        add_guess(&sum, cached_more(c, x));
        more -= x;
    }
    return sum;
}

enum err whatif_cache(const struct lmdi_side *m, const struct lmdi_side *parts, size_t count, double share, int64_t window_ms,
                      struct arena *a, struct whatif_cost *ret)
{
    assert(share >= 0 && share <= 1 && window_ms > 0);
    double hours = (double)window_ms / ms_per_h, none = (double)NAN, more = 0;
    struct whatif_cost c = {.now_per_h = (double)m->cost_nusd / hours,
                            .delta_per_h = none,
                            .delta_lo = none,
                            .delta_hi = none,
                            .moved_per_h = (double)m->requests / hours,
                            .load_after = 1,
                            .n_from = m->requests,
                            .n_to = m->requests};
    struct cacheable *list = arena_array(a, count + 1, sizeof *list);
    struct guess even = {0, 0, 0};
    bool is_priced = false;
    if (list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        list[i] = cacheable_of(&parts[i]);
        const double x = share * list[i].input - list[i].cached;
        is_priced = is_priced || (parts[i].price_pusd[LMDI_UNCACHED] > 0 && parts[i].price_pusd[LMDI_CACHED] > 0);
        add_guess(&even, cached_more(&list[i], x));
        more += x;
    }
    if (m->requests > 0 && is_priced) {
        qsort(list, count, sizeof *list, by_least);
        const struct guess cheap = spread(list, count, more);
        qsort(list, count, sizeof *list, by_most);
        const struct guess dear = spread(list, count, more);
        c.basis = WHATIF_PRICES;
        c.delta_per_h = even.likely / hours;
        c.delta_lo = fmin(even.lo, fmin(cheap.lo, dear.lo)) / hours;
        c.delta_hi = fmax(even.hi, fmax(cheap.hi, dear.hi)) / hours;
    }
    *ret = c;
    return ERR_OK;
}

/* ---- latency ---- */

/* A copy whose observations are `by` times as many. The running total is what is rounded, so that no rank moves by more than one. */
static enum err add_scaled(const struct hist *h, double by, struct hist_set *set, struct arena *a)
{
    struct hist copy = *h;
    double exact = by * (double)h->zero;
    copy.zero = (uint64_t)llround(exact);
    uint64_t total = copy.zero;
    copy.counts = arena_array(a, h->count + 1, sizeof *copy.counts);
    if (copy.counts == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; h->counts != NULL && i < h->count; i++) {
        exact += by * (double)h->counts[i];
        uint64_t until = (uint64_t)llround(exact);
        copy.counts[i] = until - total;
        total = until;
    }
    copy.n = total;
    copy.sum_fixed = 0; /* nobody asks a mixture for it */
    copy.summed = 0;
    return hist_set_add(set, &copy, a);
}

static enum err mix(const struct hist_set *from, const struct hist_set *to, double share, double n, struct arena *a, struct hist_set *ret)
{
    const struct hist_set *const sets[2] = {from, to};
    const double parts[2] = {1 - share, share};
    enum err e = ERR_OK;
    memset(ret, 0, sizeof *ret);
    for (int s = 0; s < 2; s++)
        for (uint32_t i = 0; e == ERR_OK && parts[s] > 0 && i < sets[s]->count; i++)
            e = add_scaled(&sets[s]->h[i], parts[s] * n / (double)hist_n(sets[s]), ret, a);
    return e;
}

enum err whatif_latency(const struct hist_set *from, const struct hist_set *to, double share, double q, struct arena *a,
                        struct quantile *ret)
{
    assert(share > 0 && share <= 1);
    struct hist_set fine, coarse;
    double n_from = (double)hist_n(from), n_to = (double)hist_n(to);
    if (!(n_to > 0) || (share < 1 && !(n_from > 0))) {
        *ret = (struct quantile){.n = 0};
        return ERR_OK;
    }
    /* Variance of the mixture's distribution function, in observations of one; no fewer than that (Cauchy-Schwarz) */
    double n = 1 / (share * share / n_to + (share < 1 ? (1 - share) * (1 - share) / n_from : 0));
    enum err e = mix(from, to, share, fmax(n, FINE_N), a, &fine);
    if (e == ERR_OK)
        e = mix(from, to, share, n, a, &coarse);
    if (e != ERR_OK)
        return e;
    struct quantile r = hist_quantile(&fine, q), few = hist_quantile(&coarse, q);
    if (few.n > 0) {
        r.n = few.n;
        r.ci_lo = fmin(few.ci_lo, r.lo);
        r.ci_hi = fmax(few.ci_hi, r.hi);
        r.thin = few.thin;
    }
    *ret = r;
    return ERR_OK;
}

/* ---- how a latency went with the cached share ---- */

struct line {
    double share, mean; /* middle of the steps */
    double slope, xx;   /* xx: sum of squares of the shares about their middle */
    double n, variance; /* steps that are independent; variance of one about the line */
};

static void fit(const struct whatif_step *s, size_t count, struct line *l)
{
    const double n = (double)count;
    double xy = 0, square = 0, next = 0, before = 0;
    *l = (struct line){.slope = 0};
    for (size_t i = 0; i < count; i++) {
        l->share += s[i].share / n;
        l->mean += s[i].mean_s / n;
    }
    for (size_t i = 0; i < count; i++) {
        l->xx += (s[i].share - l->share) * (s[i].share - l->share);
        xy += (s[i].share - l->share) * (s[i].mean_s - l->mean);
    }
    l->slope = l->xx > 0 ? xy / l->xx : 0;
    for (size_t i = 0; i < count; i++) {
        const double off = s[i].mean_s - l->mean - l->slope * (s[i].share - l->share);
        square += off * off;
        next += i > 0 ? off * before : 0;
        before = off;
    }
    const double r = square > n * l->mean * l->mean * rounding ? fmax(0, next / square) : 0;
    l->n = n * (1 - r) / (1 + r);
    l->variance = square / (n - 2);
}

/* Correlation of the share with another part of the steps, which stands `at` bytes into each; 0 where either is constant. */
static double share_with(const struct whatif_step *s, size_t count, size_t at)
{
    double share = 0, other = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < count; i++) {
        share += s[i].share / (double)count;
        other += *(const double *)((const char *)&s[i] + at) / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        const double x = s[i].share - share, y = *(const double *)((const char *)&s[i] + at) - other;
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    return xx > 0 && yy > (double)count * other * other * rounding ? xy / sqrt(xx * yy) : 0;
}

struct whatif_follow whatif_follow(const struct whatif_step *steps, size_t count, double share)
{
    struct whatif_follow f = {.is = WHATIF_FEW, .steps = count, .share_lo = NAN, .share_hi = NAN, .then_s = NAN, .lo_s = NAN, .hi_s = NAN};
    struct line l;
    for (size_t i = 0; i < count; i++) {
        f.share_lo = fmin(f.share_lo, steps[i].share);
        f.share_hi = fmax(f.share_hi, steps[i].share);
    }
    if (count < WHATIF_STEPS_MIN)
        return f;
    f.is = WHATIF_OUTSIDE;
    if (share < f.share_lo || share > f.share_hi)
        return f;
    fit(steps, count, &l);
    f.is = WHATIF_FEW;
    if (l.n < WHATIF_STEPS_MIN)
        return f;
    f.is = WHATIF_MIXED;
    if (fabs(share_with(steps, count, offsetof(struct whatif_step, load))) > mixed ||
        fabs(share_with(steps, count, offsetof(struct whatif_step, prompt))) > mixed)
        return f;
    /* both grow as if only the independent steps had been seen */
    const double t = stat_student_quantile(l.n - 2, 0.975), by_slope = l.variance / (l.xx * l.n / (double)count), off = share - l.share;
    f.is = WHATIF_NOT;
    if (!(l.xx > 0) || fabs(l.slope) <= t * sqrt(by_slope))
        return f;
    f.is = WHATIF_RISES;
    if (l.slope > 0)
        return f;
    const double half = t * sqrt(l.variance / l.n + off * off * by_slope);
    f.is = WHATIF_FOLLOWS;
    f.then_s = fmax(0, l.mean + l.slope * off);
    f.lo_s = fmax(0, f.then_s - half);
    f.hi_s = f.then_s + half;
    return f;
}
