/* SPDX-License-Identifier: MIT */
#include "analysis/strata.h"

#include <math.h>

#include "analysis/stat.h"

/* How many more bad ones there are now than were expected, and the second and third moments of that by chance. */
struct off {
    double by, var, third;
};

/* Of one stratum: n0 and n1 were counted, and which of them are bad is dealt at random. */
static void add_table(const struct stratum *s, struct off *o)
{
    const double n0 = (double)s->base_n, n1 = (double)s->now_n, all = n0 + n1, bad = (double)(s->base_bad + s->now_bad);
    if (all < 2)
        return;
    const double var = n0 * n1 * bad * (all - bad) / (all * all * (all - 1));
    o->by += (double)s->now_bad - bad * n1 / all;
    o->var += var;
    o->third += all > 2 ? var * (all - 2 * bad) * (all - 2 * n1) / (all * (all - 2)) : 0;
}

/* That chance alone is as far off, in the direction of way. */
static double tail(const struct off *o, double way)
{
    return o->var > 0 ? stat_sum_tail(way * o->by, o->var, way * o->third) : 1;
}

/* The same of one stratum, exactly. */
static double tail_of_one(const struct stratum *s, double way)
{
    return way > 0 ? stat_fisher_tail(s->base_n, s->base_bad, s->now_n, s->now_bad)
                   : stat_fisher_tail(s->base_n, s->base_n - s->base_bad, s->now_n, s->now_n - s->now_bad);
}

/* Whether so many samples would show a change if they had it as the whole has, by each answer's share of it: it would have to be chance at
 * STRATA_CHANCE that they show nothing; where none was ever bad, as ones that scatter like so many. */
static bool would_show(double n, double each, double var)
{
    static const double z =
        3.0902; /* beyond it lies a thousandth of a normal curve: of how much is enough no more than an idea is needed */
    return n * each - 0.5 >= z * sqrt(fmax(var, n * each));
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
        a.used += s->base_n + s->usual_n + s->now_n > 0;
        if (s->base_n == 0 || is_known(s) || s->usual_n >= STRATA_KNOWN_LEAST)
            continue;
        a.pool.base_n += s->base_n;
        a.pool.base_bad += s->base_bad;
        a.pool.now_n += s->now_n;
        a.pool.now_bad += s->now_bad;
    }
    a.pooled = is_known(&a.pool);
    return a;
}

/* What tells a stratum's old share, with what it has now: the time that the usual share is of, else the day before, else that of those that
 * have few samples, together. */
enum teller { BY_ITSELF, BY_POOL, IS_NEW };
static enum teller old_of(const struct sums *a, const struct stratum *s, struct stratum *ret)
{
    *ret = *s;
    if (s->usual_n >= STRATA_KNOWN_LEAST) {
        ret->base_n = s->usual_n;
        ret->base_bad = s->usual_bad;
        return BY_ITSELF;
    }
    if (is_known(s))
        return BY_ITSELF;
    if (s->base_n == 0 || !a->pooled)
        return IS_NEW;
    *ret = a->pool;
    return BY_POOL;
}

/* Of the part of the traffic that a stratum has now: the variance of the share it is taken to have. */
static double error_of(double part, double n, double bad)
{
    const double p = (bad + 0.5) / (n + 1); /* where none was bad, it is not known to be none */
    return part * part * p * (1 - p) / fmax(1, n);
}

/* What is known of strata: of the test within them, of the share that is expected of them. */
struct within {
    struct off off;
    struct stratum last;
    size_t tables;
    double error, base_n, now_n;
};

static void add_within(struct within *w, const struct stratum *s, double now_n)
{
    add_table(s, &w->off);
    w->last = *s;
    w->tables++;
    w->error += error_of((double)s->now_n / now_n, (double)s->base_n, (double)s->base_bad);
    w->base_n += (double)s->base_n;
    w->now_n += (double)s->now_n;
}

bool strata_compare(const struct stratum *list, size_t count, double usual, struct strata *ret)
{
    const struct sums a = sums_of(list, count);
    struct within w = {.tables = 0};
    double most = 0, fresh_n = 0, fresh_bad = 0;
    double in_new = 0, in_usual = 0; /* bad ones at the old shares: of now, and a share of the usual mix */
    if (a.used < 2 || a.base_n == 0 || a.now_n == 0)
        return false;
    struct strata r = {.excess = a.now_bad - a.now_n * usual};
    for (size_t i = 0; i < count; i++) {
        struct stratum old;
        const struct stratum *s = &list[i];
        const enum teller by = old_of(&a, s, &old);
        const double n = (double)s->now_n, own = by != IS_NEW ? (double)old.base_bad / (double)old.base_n : usual, is = n / a.now_n;
        const double then = a.usual_n > 0 ? (double)s->usual_n / a.usual_n : (double)s->base_n / a.base_n;
        const double moved = by != IS_NEW ? (is - then) * (own - usual) * a.now_n : (double)s->now_bad - n * usual;
        in_new += n * own;
        in_usual += then * own;
        if (by == BY_ITSELF)
            add_within(&w, &old, a.now_n);
        else if (by == IS_NEW) {
            fresh_n += n;
            fresh_bad += (double)s->now_bad;
        }
        if ((r.excess > 0 ? moved : -moved) > most) {
            most = fabs(moved);
            r.most = i;
            r.was = then;
            r.is = is;
        }
    }
    if (a.pooled)
        add_within(&w, &a.pool, a.now_n);
    const double error = w.error + (fresh_n > 0 ? error_of(fresh_n / a.now_n, fresh_n, fresh_bad) : 0);
    r.mix = in_new - a.now_n * in_usual;
    r.level = a.now_n * (in_usual - usual);
    r.fresh = fresh_bad - fresh_n * usual;
    r.within = r.excess - r.mix - r.fresh - r.level;
    r.expected = fmin(fmax(0, usual + (r.mix + r.fresh) / a.now_n), 1);
    r.expected_n = error > 0 ? fmin(r.expected * (1 - r.expected) / error, w.base_n) : 0;
    r.p = w.tables == 1 ? tail_of_one(&w.last, r.excess) : tail(&w.off, r.excess > 0 ? 1 : -1);
    r.would_show = would_show(w.now_n, fabs(r.excess) / a.now_n, w.off.var);
    *ret = r;
    return true;
}

/* ---- where it is ---- */

static const double named_chance = 1e-2, most_of_it = 0.75, half_of_it = 0.5, beyond_traffic = 2;

/* What one stratum has of a change, in the direction of it. */
struct part {
    double excess; /* bad ones beyond its own share of before, or the usual one where it is new */
    struct off off;
};

static struct part part_of(const struct stratum *s, double usual, double way)
{
    const double own = is_known(s) ? (double)s->base_bad / (double)s->base_n : usual, n = (double)s->now_n;
    struct part p = {.excess = way * ((double)s->now_bad - n * own)};
    const double var = n * usual * (1 - usual);
    if (is_known(s))
        add_table(s, &p.off);
    else
        p.off = (struct off){(double)s->now_bad - n * usual, var, var * (1 - 2 * usual)};
    return p;
}

static double tail_of_part(const struct stratum *s, double usual, double way)
{
    return is_known(s) ? tail_of_one(s, way)
           : way > 0   ? stat_binom_tail(s->now_n, usual, s->now_bad)
                       : stat_binom_tail(s->now_n, 1 - usual, s->now_n - s->now_bad);
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
    double excess, n;
    struct off off;
    size_t shown, parts; /* strata that show the change, and that would; the first ones of w as well */
};

static struct rest rest_of(const struct stratum *list, size_t count, double usual, double way, double each, const struct strata_where *w)
{
    struct rest r = {.n = 0};
    for (size_t i = 0; i < count; i++) {
        const struct part p = part_of(&list[i], usual, way);
        const bool is_part = would_show((double)list[i].now_n, each, p.off.var);
        r.parts += is_part;
        r.shown += is_part && tail_of_part(&list[i], usual, way) <= STRATA_CHANCE;
        if (is_among(w, i))
            continue;
        r.excess += p.excess;
        r.off.by += p.off.by;
        r.off.var += p.off.var;
        r.off.third += p.off.third;
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
    if (tail_of_part(&list[at], usual, way) * (double)count * tests > named_chance)
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
        if (w.part < most_of_it || tail(&r.off, way) <= STRATA_CHANCE || !would_show(r.n, each, r.off.var))
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
