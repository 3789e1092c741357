/* SPDX-License-Identifier: MIT */
#include "analysis/whatif.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
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

struct whatif_cost whatif_cache(const struct lmdi_side *m, double share, int64_t window_ms)
{
    assert(share >= 0 && share <= 1 && window_ms > 0);
    double hours = (double)window_ms / ms_per_h, none = (double)NAN;
    struct whatif_cost c = {.now_per_h = (double)m->cost_nusd / hours,
                            .delta_per_h = none,
                            .delta_lo = none,
                            .delta_hi = none,
                            .moved_per_h = (double)m->requests / hours,
                            .load_after = 1,
                            .n_from = m->requests,
                            .n_to = m->requests};
    if (m->requests == 0 || m->price_pusd[LMDI_UNCACHED] <= 0 || m->price_pusd[LMDI_CACHED] <= 0)
        return c;
    struct shape now = mean_shape(m), then = now;
    then.cached = share * now.input;
    then.written = fmin(now.written, now.input - then.cached);
    double booked = booked_share(m), more = then.cached - now.cached, was = list_price(m, now), is = list_price(m, then);
    double written = more > 0 && m->price_pusd[LMDI_WRITTEN] > 0 ? more * (double)m->price_pusd[LMDI_WRITTEN] / pusd_per_nusd : 0;
    c.basis = WHATIF_PRICES;
    c.delta_per_h = c.delta_lo = c.moved_per_h * booked * (is - was);
    c.delta_hi = c.moved_per_h * booked * (is + written - was);
    return c;
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
