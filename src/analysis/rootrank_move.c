/* SPDX-License-Identifier: MIT */
/* How far a series moved at the onset.
 *
 * Medians, because the onset is known to a poll or two at best: of samples on the wrong side of it up to half do no harm, where a mean or a
 * maximum is theirs. The spread is the distance of the quartiles before, for the same reason; a series that hardly ever moves (a constant,
 * memory of a process that does nothing) would make anything of nothing, so it is at least a twentieth of the level. Of failures the
 * quartiles are mostly both zero, and luck is that of the calls: there the Poisson likelihood of so many says how far that is, and the
 * quartiles may only say that it is less far. */
#include <math.h>

#include "analysis/rootrank_int.h"
#include "analysis/stat.h"

/* Of the level, between components: a change by less than a twentieth is of no weight. */
static const double least_spread = 0.05;
/* Of the level, between the series of one component: what keeps a constant from winning always. */
static const double least_own_spread = 0.0005;
/* Failures of calls that are not counted: a hundredth of them. */
static const double least_spread_share = 0.01;

struct taken {
    double *list; /* sorted */
    size_t n;
    double calls, bad; /* of all that were taken */
};

static bool is_usable(const double *calls, const double *value, size_t i)
{
    return isfinite(value[i]) && (calls == NULL || (isfinite(calls[i]) && calls[i] > 0));
}

static void take(const double *value, const double *calls, size_t from, size_t to, struct taken *ret)
{
    ret->n = 0;
    ret->calls = ret->bad = 0;
    for (size_t i = from; i < to; i++) {
        if (!is_usable(calls, value, i))
            continue;
        ret->list[ret->n++] = value[i];
        ret->calls += calls != NULL ? calls[i] : 1;
        ret->bad += calls != NULL ? calls[i] * value[i] : 0;
    }
    stat_sort(ret->list, ret->n);
}

static double median(const struct taken *t)
{
    return stat_sorted_quantile(t->list, t->n, 0.5);
}

/* The larger of the quartiles' distance and a share of the level; of a series that was always zero, of what it is now. */
static double spread_of(double quartiles, double level, double now, double share)
{
    const double least = share * fabs(level);
    const double spread = quartiles > least ? quartiles : least;
    return spread > 0 ? spread : share * fabs(now);
}

/* Past both levels, or 0. */
static double beyond_both(double after, double level, double recent)
{
    const double high = level > recent ? level : recent, low = level > recent ? recent : level;
    return after > high ? after - high : after < low ? after - low : 0;
}

/* The move in units of what is usual. */
static void weigh(const struct rootrank_series *s, const struct taken *before, const struct taken *after, double just_before,
                  struct rootrank_move *m)
{
    double quartiles = stat_sorted_quantile(before->list, before->n, 0.75) - stat_sorted_quantile(before->list, before->n, 0.25);
    if (s->kind == ROOTRANK_FAILURES && s->after_calls != NULL && s->before_calls != NULL) {
        double usual = (before->bad + 0.5) / (before->calls + 1);
        usual = usual > just_before ? usual : just_before;
        m->shift = sqrt(2 * stat_poisson_llr(after->bad, after->calls * usual));
        if (quartiles > 0 && m->beyond / quartiles < m->shift)
            m->shift = m->beyond / quartiles;
        m->own_range = m->shift;
        return;
    }
    if (s->kind == ROOTRANK_FAILURES && quartiles < least_spread_share)
        quartiles = least_spread_share;
    m->shift = fabs(m->beyond) / spread_of(quartiles, m->before, m->after, least_spread);
    m->own_range = fabs(m->beyond) / spread_of(quartiles, m->before, m->after, least_own_spread);
}

void rootrank_measure(const struct rootrank_series *s, size_t recent, double *scratch, struct rootrank_move *ret)
{
    const size_t longest = s->before_count > s->after_count ? s->before_count : s->after_count;
    struct taken before = {.list = scratch}, other = {.list = scratch + longest};
    struct rootrank_move m = {.is_known = false};

    take(s->before, s->before_calls, 0, s->before_count, &before);
    m.before = median(&before);
    take(s->before, s->before_calls, recent < s->before_count ? s->before_count - recent : 0, s->before_count, &other);
    const double just_before = recent > 0 && other.n > 0 ? median(&other) : m.before;
    take(s->after, s->after_calls, 0, s->after_count, &other);
    m.after = median(&other);
    m.is_known = before.n >= ROOTRANK_LEAST_BEFORE && other.n > 0;
    if (m.is_known) {
        m.calls = s->after_calls != NULL ? other.calls / (double)other.n : 1;
        m.beyond = beyond_both(m.after, m.before, just_before);
        if (s->kind != ROOTRANK_LEVEL && m.beyond < 0)
            m.beyond = 0;
    }
    if (m.beyond != 0)
        weigh(s, &before, &other, just_before, &m);
    *ret = m;
}
