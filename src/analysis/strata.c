/* SPDX-License-Identifier: MIT */
#include "analysis/strata.h"

#include <math.h>

/* Observed and expected bad ones of now, and the variance of their difference, in one stratum where n0 and n1 were counted. */
static void add_table(const struct stratum *s, double *off, double *var)
{
    double n0 = (double)s->base_n, n1 = (double)s->now_n, all = n0 + n1, bad = (double)(s->base_bad + s->now_bad);
    if (all < 2)
        return;
    *off += (double)s->now_bad - bad * n1 / all;
    *var += n0 * n1 * bad * (all - bad) / (all * all * (all - 1));
}

/* That chance alone is as far off. */
static double tail(double off, double var)
{
    return var > 0 ? 0.5 * erfc(fmax(0, off - 0.5) / sqrt(2 * var)) : 1;
}

static bool is_known(const struct stratum *s)
{
    return s->base_n >= STRATA_KNOWN_LEAST;
}

/* The sums of a list, and of its strata that are known together alone. */
struct sums {
    double base_n, now_n, now_bad, usual_n;
    struct stratum pool;
    bool pooled;
    size_t used;
};

static struct sums sums_of(const struct stratum *list, size_t count)
{
    struct sums a = {.base_n = 0};
    for (size_t i = 0; i < count; i++) {
        const struct stratum *s = &list[i];
        a.base_n += (double)s->base_n;
        a.now_n += (double)s->now_n;
        a.now_bad += (double)s->now_bad;
        a.usual_n += (double)s->usual_n;
        a.used += s->base_n + s->now_n > 0;
        if (s->base_n == 0 || is_known(s))
            continue;
        a.pool.base_n += s->base_n;
        a.pool.base_bad += s->base_bad;
        a.pool.now_n += s->now_n;
        a.pool.now_bad += s->now_bad;
    }
    a.pooled = is_known(&a.pool);
    return a;
}

/* The stratum that tells a stratum's share of before: itself, or those of few samples together; NULL: it is new. */
static const struct stratum *teller(const struct sums *a, const struct stratum *s)
{
    return is_known(s) ? s : s->base_n > 0 && a->pooled ? &a->pool : NULL;
}

/* Of the part of the traffic that a stratum has now: the variance of the share it is taken to have. */
static double error_of(double part, double n, double bad)
{
    const double p = (bad + 0.5) / (n + 1); /* where none was bad, it is not known to be none */
    return part * part * p * (1 - p) / fmax(1, n);
}

bool strata_compare(const struct stratum *list, size_t count, double usual, struct strata *ret)
{
    const struct sums a = sums_of(list, count);
    double off = 0, var = 0, most = 0, error = 0, fresh_n = 0, fresh_bad = 0;
    double in_new = 0, in_usual = 0; /* bad ones at the old shares: of now, and a share of the usual mix */
    if (a.used < 2 || a.base_n == 0 || a.now_n == 0)
        return false;
    struct strata r = {.excess = a.now_bad - a.now_n * usual};
    for (size_t i = 0; i < count; i++) {
        const struct stratum *s = &list[i], *by = teller(&a, s);
        const double n = (double)s->now_n, own = by != NULL ? (double)by->base_bad / (double)by->base_n : usual;
        const double was = (double)s->base_n / a.base_n, is = n / a.now_n;
        const double then = a.usual_n > 0 ? (double)s->usual_n / a.usual_n : was;
        const double moved = by != NULL ? (is - then) * (own - usual) * a.now_n : (double)s->now_bad - n * usual;
        in_new += n * own;
        in_usual += then * own;
        if (by == s) {
            add_table(s, &off, &var);
            error += error_of(is, (double)s->base_n, (double)s->base_bad);
        } else if (by == NULL) {
            fresh_n += n;
            fresh_bad += (double)s->now_bad;
        }
        if ((r.excess > 0 ? moved : -moved) > most) {
            most = fabs(moved);
            r.most = i;
            r.was = was;
            r.is = is;
        }
    }
    if (a.pooled) {
        add_table(&a.pool, &off, &var);
        error += error_of((double)a.pool.now_n / a.now_n, (double)a.pool.base_n, (double)a.pool.base_bad);
    }
    error += fresh_n > 0 ? error_of(fresh_n / a.now_n, fresh_n, fresh_bad) : 0;
    r.mix = in_new - a.now_n * in_usual;
    r.level = a.now_n * (in_usual - usual);
    r.fresh = fresh_bad - fresh_n * usual;
    r.within = r.excess - r.mix - r.fresh - r.level;
    r.expected = fmin(fmax(0, usual + (r.mix + r.fresh) / a.now_n), 1);
    r.expected_n = error > 0 ? r.expected * (1 - r.expected) / error : 0;
    r.p = tail(r.excess > 0 ? off : -off, var);
    *ret = r;
    return true;
}

/* ---- where it is ---- */

static const double where_chance = 1e-3, most_of_it = 0.75, half_of_it = 0.5, beyond_traffic = 2;

/* What one stratum has of a change, in the direction of it. */
struct part {
    double excess;   /* bad ones beyond its own share of before, or the usual one where it is new */
    double off, var; /* as of add_table */
};

static struct part part_of(const struct stratum *s, double usual, double way)
{
    const double own = is_known(s) ? (double)s->base_bad / (double)s->base_n : usual, n = (double)s->now_n;
    struct part p = {.excess = way * ((double)s->now_bad - n * own)};
    if (is_known(s))
        add_table(s, &p.off, &p.var);
    else {
        p.off = (double)s->now_bad - n * usual;
        p.var = n * usual * (1 - usual);
    }
    p.off *= way;
    return p;
}

/* Whether so many samples would show the change if they had it as the whole has, by each answer's share of it: where none was ever bad, as one that
 * scatters like so many. */
static bool would_show(double n, double each, double var)
{
    return tail(n * each, fmax(var, n * each)) <= where_chance;
}

static bool is_among(const struct strata_where *w, size_t at)
{
    for (size_t k = 0; k < w->count; k++)
        if (w->at[k] == at)
            return true;
    return false;
}

/* All of a list but the first strata of w; each: what of the change an answer has. */
struct rest {
    double excess, off, var, n;
    size_t shown, parts; /* strata that show the change, and that would; the first ones of w as well */
};

static struct rest rest_of(const struct stratum *list, size_t count, double usual, double way, double each, const struct strata_where *w)
{
    struct rest r = {.n = 0};
    for (size_t i = 0; i < count; i++) {
        const struct part p = part_of(&list[i], usual, way);
        const bool is_part = would_show((double)list[i].now_n, each, p.var);
        r.parts += is_part;
        r.shown += is_part && tail(p.off, p.var) <= where_chance;
        if (is_among(w, i))
            continue;
        r.excess += p.excess;
        r.off += p.off;
        r.var += p.var;
        r.n += (double)list[i].now_n;
    }
    return r;
}

/* The stratum with the most of the change that is not among the first yet; false: none shows it. */
static bool add_next(const struct stratum *list, size_t count, double usual, double way, double tests, struct strata_where *w)
{
    size_t at = count;
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        const double excess = part_of(&list[i], usual, way).excess;
        if (!is_among(w, i) && excess > most) {
            at = i;
            most = excess;
        }
    }
    if (at == count)
        return false;
    const struct part p = part_of(&list[at], usual, way);
    if (tail(p.off, p.var) * (double)count * tests > where_chance)
        return false;
    w->at[w->count++] = at;
    return true;
}

static void tell_first(const struct stratum *s, struct strata_where *w)
{
    w->was = is_known(s) ? (double)s->base_bad / (double)s->base_n : (double)NAN;
    w->is = (double)s->now_bad / (double)s->now_n;
    w->n = s->now_n;
}

bool strata_where(const struct stratum *list, size_t count, double usual, double tests, struct strata_where *ret)
{
    double now_n = 0, now_bad = 0;
    size_t used = 0;
    *ret = (struct strata_where){.word = STRATA_UNTOLD, .was = (double)NAN, .is = (double)NAN};
    for (size_t i = 0; i < count; i++) {
        now_n += (double)list[i].now_n;
        now_bad += (double)list[i].now_bad;
        used += list[i].now_n > 0;
    }
    const double way = now_bad >= now_n * usual ? 1 : -1;
    struct strata_where w = *ret;
    const struct rest all = rest_of(list, count, usual, way, 0, &w);
    if (used < 2 || !(all.excess > 0))
        return false;
    w.all = ret->all = used;
    const double each = all.excess / now_n;
    while (w.count < STRATA_SOME_MAX && add_next(list, count, usual, way, tests, &w)) {
        const struct rest r = rest_of(list, count, usual, way, each, &w);
        w.part = fmin(1, (all.excess - r.excess) / all.excess);
        w.parts = r.parts;
        if (w.part < most_of_it || tail(r.off, r.var) <= where_chance || !would_show(r.n, each, r.var))
            continue;
        w.word = STRATA_SOME;
        tell_first(&list[w.at[0]], &w);
        *ret = w;
        return true;
    }
    const struct rest r = rest_of(list, count, usual, way, each, ret);
    ret->parts = r.parts;
    if (w.count > 0) {
        const struct part first = part_of(&list[w.at[0]], usual, way);
        const double part = first.excess / all.excess;
        if (part >= half_of_it && part >= beyond_traffic * (double)list[w.at[0]].now_n / now_n) {
            ret->word = STRATA_MOSTLY;
            ret->at[0] = w.at[0];
            ret->count = 1;
            ret->part = fmin(1, part);
            tell_first(&list[w.at[0]], ret);
            return true;
        }
    }
    if (r.parts >= 2 && r.shown == r.parts)
        ret->word = STRATA_ALL;
    return ret->word != STRATA_UNTOLD;
}
