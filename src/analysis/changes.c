/* SPDX-License-Identifier: MIT */
#include "analysis/changes.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SCALE = 50, KEPT_MAX = 200, LAGS_MAX = 200, NEAR_MAX = 4096 };
static const double per_change[] = {4, 2}, behind_most = 10; /* by law, times log n; nats, besides the cost of a change */
static const double pi = 3.14159265358979323846;

/* Mean and sum of squared distances from it, by Welford; of outcomes only how many, and how many bad. */
struct moments {
    double n, mean, sq, bad;
};

static void moments_add(struct moments *m, double n, double x)
{
    double off = x - m->mean;
    m->n += n;
    m->mean += off / m->n;
    m->sq += off * (x - m->mean);
    m->bad += x;
}

/* Where the present stretch may have begun. */
struct beginning {
    uint32_t at;
    double upto; /* log likelihood of the best division of all before it */
    double all;  /* of that and the stretch since */
    struct moments m;
};

struct changes {
    enum changes_law law;
    double *x, *n;     /* n: outcomes, of which x is the share; of numbers all 1 */
    double *log_gamma; /* of 1 + k / 2, k < 2 cap */
    uint32_t *from;    /* where, with each sample, the last stretch begins in the best division: where the one before it ends */
    size_t count, done, cap;
    struct moments all;
    struct beginning kept[KEPT_MAX + 1];
    size_t kept_count;
    double best; /* log likelihood of the best division of all so far */
};

struct changes *changes_new(enum changes_law law)
{
    struct changes *c = calloc(1, sizeof *c);
    if (c != NULL)
        c->law = law;
    return c;
}

void changes_free(struct changes *c)
{
    if (c == NULL)
        return;
    free(c->x);
    free(c->n);
    free(c->log_gamma);
    free(c->from);
    free(c);
}

/* What the series looks like as a whole: the prior of every stretch. */
struct scale {
    double mean, var;
};

static struct scale scale_of(const struct moments *all)
{
    double var = all->sq / all->n, least = 1e-24 * all->mean * all->mean + 1e-300; /* a flat series has only rounding */
    return (struct scale){all->mean, fmax(var, least)};
}

/* lgamma(1 + k / 2) */
static double log_gamma(const struct changes *c, double k)
{
    return k >= 0 && k < 2 * (double)c->cap ? c->log_gamma[(size_t)k] : lgamma(1 + k / 2);
}

/* Log marginal likelihood of a stretch, less what is the same for every division. Numbers: the normal-gamma prior with k = a = b = 1 in
 * units of the scale. Shares: the beta prior of one half and one half. */
static double stretch_nats(const struct changes *c, const struct moments *m, const struct scale *s)
{
    if (c->law == CHANGES_SHARE) {
        return log_gamma(c, 2 * m->bad - 1) + log_gamma(c, 2 * (m->n - m->bad) - 1) - log_gamma(c, 2 * m->n) - log(pi);
    }
    double off = m->mean - s->mean, sq = (m->sq + m->n / (m->n + 1) * off * off) / s->var;
    return log_gamma(c, m->n) - (1 + m->n / 2) * log1p(sq / 2) - 0.5 * log1p(m->n) - 0.5 * m->n * log(s->var);
}

static void drop(struct changes *c, double cost)
{
    size_t kept = 0, least = 0;
    for (size_t i = 0; i < c->kept_count; i++)
        if (c->kept[i].all > c->best - cost - behind_most)
            c->kept[kept++] = c->kept[i];
    c->kept_count = kept;
    if (kept < KEPT_MAX)
        return;
    for (size_t i = 1; i < kept; i++)
        least = c->kept[i].all < c->kept[least].all ? i : least;
    memmove(&c->kept[least], &c->kept[least + 1], (kept - least - 1) * sizeof c->kept[0]);
    c->kept_count--;
}

/* Takes in the sample c->done. */
static void step(struct changes *c, const struct scale *s)
{
    const double cost = per_change[c->law] * log((double)c->count);
    c->kept[c->kept_count++] = (struct beginning){.at = (uint32_t)c->done, .upto = c->best};
    double best = -(double)INFINITY;
    for (size_t i = 0; i < c->kept_count; i++) {
        struct beginning *b = &c->kept[i];
        moments_add(&b->m, c->n[c->done], c->x[c->done]);
        b->all = b->upto + stretch_nats(c, &b->m, s) - (b->at > 0 ? cost : 0);
        if (b->all > best) {
            best = b->all;
            c->from[c->done] = b->at;
        }
    }
    c->best = best;
    c->done++;
    drop(c, cost);
}

static void catch_up(struct changes *c)
{
    struct scale s = scale_of(&c->all);
    while (c->done < c->count)
        step(c, &s);
}

static void begin_again(struct changes *c)
{
    c->done = c->kept_count = 0;
    c->best = 0;
}

static enum err grow(struct changes *c)
{
    size_t cap = c->cap > 0 ? 2 * c->cap : 256;
    double *x = realloc(c->x, cap * sizeof *x);
    c->x = x != NULL ? x : c->x;
    double *n = realloc(c->n, cap * sizeof *n);
    c->n = n != NULL ? n : c->n;
    double *table = realloc(c->log_gamma, 2 * cap * sizeof *table);
    c->log_gamma = table != NULL ? table : c->log_gamma;
    uint32_t *from = realloc(c->from, cap * sizeof *from);
    c->from = from != NULL ? from : c->from;
    if (x == NULL || n == NULL || table == NULL || from == NULL)
        return ERR_NOMEM;
    for (size_t k = 2 * c->cap; k < 2 * cap; k++)
        table[k] = lgamma(1 + (double)k / 2);
    c->cap = cap;
    return ERR_OK;
}

static enum err add(struct changes *c, double n, double x)
{
    if (c->count == CHANGES_SAMPLES_MAX)
        return ERR_LIMIT;
    if (c->count == c->cap && grow(c) != ERR_OK)
        return ERR_NOMEM;
    c->n[c->count] = n;
    c->x[c->count++] = x;
    moments_add(&c->all, n, x);
    if (c->count == FIRST_SCALE)
        begin_again(c);
    if (c->count >= FIRST_SCALE)
        catch_up(c);
    return ERR_OK;
}

enum err changes_add(struct changes *c, double x)
{
    return add(c, 1, x);
}

enum err changes_add_share(struct changes *c, uint64_t n, uint64_t bad)
{
    return add(c, (double)n, (double)bad);
}

static struct moments moments_of(const struct changes *c, size_t from, size_t to)
{
    struct moments m = {0, 0, 0, 0};
    for (size_t i = from; i < to; i++)
        moments_add(&m, c->n[i], c->x[i]);
    return m;
}

/* What a sample says for the one of two stretches, against the other. */
static double says(double x, const struct moments *own, const struct moments *other, const struct scale *s)
{
    const double own_var = (own->sq + s->var) / (own->n + 1), other_var = (other->sq + s->var) / (other->n + 1);
    return 0.5 *
           (log(other_var / own_var) + (x - other->mean) * (x - other->mean) / other_var - (x - own->mean) * (x - own->mean) / own_var);
}

/* The variance of a sum of them over their number, as they follow on each other: Geyer's initial positive sequence. */
static double long_run_var(double *d, size_t n, double mean)
{
    double sum = 0, pair;
    for (size_t lag = 0; lag + 1 < n && lag < LAGS_MAX; lag += 2, sum += 2 * pair) {
        pair = 0;
        for (size_t i = 0; i + lag < n; i++)
            pair += (d[i] - mean) * (d[i + lag] - mean) + (i + lag + 1 < n ? (d[i] - mean) * (d[i + lag + 1] - mean) : 0);
        if (pair <= 0)
            break;
    }
    for (size_t i = 0; i < n; i++)
        sum -= (d[i] - mean) * (d[i] - mean);
    return sum / (double)n;
}

/* By how much the samples [from, to) next to a change say less than independent ones of a normal distribution, of which the sums of what
 * they say vary by twice their mean; at least 1. */
static double slack(const struct changes *c, size_t from, size_t to, const struct moments *own, const struct moments *other, double *room)
{
    static const double most = 100;
    const struct scale s = scale_of(&c->all);
    double mean = 0;
    for (size_t i = from; i < to; i++) {
        room[i - from] = says(c->x[i], own, other, &s);
        mean += room[i - from] / (double)(to - from);
    }
    return mean > 0 ? fmin(fmax(1, long_run_var(room, to - from, mean) / (2 * mean)), most) : most;
}

/* Between which the change between two stretches lies: the posterior over where [from, to) is cut in two, made flatter on each side by what
 * its samples say less than they would if they were what they are taken for. */
static enum err bounds(const struct changes *c, size_t from, size_t to, struct change *ret)
{
    static const double outside = 0.025;
    const struct scale s = scale_of(&c->all);
    const bool is_share = c->law == CHANGES_SHARE; /* outcomes are independent */
    const size_t left_from = ret->at - from > NEAR_MAX ? ret->at - NEAR_MAX : from,
                 right_to = to - ret->at > NEAR_MAX ? ret->at + NEAR_MAX : to;
    const struct moments before = moments_of(c, from, ret->at), after = moments_of(c, ret->at, to);
    struct moments left = {0, 0, 0, 0}, right = {0, 0, 0, 0};
    double *nats = calloc(to - from, sizeof *nats), most = -(double)INFINITY, sum = 0, below = 0;
    if (nats == NULL)
        return ERR_NOMEM;
    const double slack_left = is_share ? 1 : slack(c, left_from, ret->at, &before, &after, nats),
                 slack_right = is_share ? 1 : slack(c, ret->at, right_to, &after, &before, nats);
    memset(nats, 0, (to - from) * sizeof *nats);
    for (size_t i = from + 1; i < to; i++) {
        moments_add(&left, c->n[i - 1], c->x[i - 1]);
        nats[i - from] = stretch_nats(c, &left, &s);
    }
    for (size_t i = to - 1; i > from; i--) {
        moments_add(&right, c->n[i], c->x[i]);
        nats[i - from] += stretch_nats(c, &right, &s);
    }
    const double at = nats[ret->at - from];
    for (size_t i = from + 1; i < to; i++) {
        nats[i - from] = (nats[i - from] - at) / (i < ret->at ? slack_left : slack_right);
        most = fmax(most, nats[i - from]);
    }
    for (size_t i = from + 1; i < to; i++)
        sum += exp(nats[i - from] - most);
    ret->lo = ret->hi = ret->at;
    for (size_t i = from + 1; i < to; i++) {
        const double under = below;
        below += exp(nats[i - from] - most);
        if (under < outside * sum && below >= outside * sum && i < ret->at)
            ret->lo = i;
        if (under < (1 - outside) * sum && below >= (1 - outside) * sum && i > ret->at)
            ret->hi = i;
    }
    free(nats);
    return ERR_OK;
}

static void describe(const struct changes *c, size_t from, size_t to, struct change *ret)
{
    struct moments before = moments_of(c, from, ret->at), after = moments_of(c, ret->at, to);
    ret->before = c->law == CHANGES_SHARE ? before.bad / before.n : before.mean;
    ret->after = c->law == CHANGES_SHARE ? after.bad / after.n : after.mean;
    ret->deviation_before = c->law == CHANGES_SHARE ? (double)NAN : sqrt(before.sq / before.n);
    ret->deviation_after = c->law == CHANGES_SHARE ? (double)NAN : sqrt(after.sq / after.n);
    ret->known_at = ret->at;
    while (c->from[ret->known_at] != ret->at)
        ret->known_at++;
}

enum err changes_list(struct changes *c, struct change **ret, size_t *ret_count)
{
    size_t n = 0;
    *ret = NULL;
    *ret_count = 0;
    if (c->count == 0)
        return ERR_OK;
    if (c->count < FIRST_SCALE) { /* only as it looks so far */
        begin_again(c);
        catch_up(c);
    }
    for (size_t t = c->count; c->from[t - 1] > 0; t = c->from[t - 1])
        n++;
    if (n == 0)
        return ERR_OK;
    struct change *list = calloc(n, sizeof *list);
    if (list == NULL)
        return ERR_NOMEM;
    size_t to = c->count;
    for (size_t i = n; i-- > 0; to = list[i].at)
        list[i].at = c->from[to - 1];
    for (size_t i = 0; i < n; i++) {
        size_t from = i > 0 ? list[i - 1].at : 0, end = i + 1 < n ? list[i + 1].at : c->count;
        describe(c, from, end, &list[i]);
        if (bounds(c, from, end, &list[i]) != ERR_OK) {
            free(list);
            return ERR_NOMEM;
        }
    }
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}
