/* SPDX-License-Identifier: MIT */
#include "analysis/dayring.h"

#include <math.h>
#include <stddef.h>

enum { BLOCKS = DAYRING_FIVES + DAYRING_MINUTES };
static const int64_t minute_ms = 60000, five_ms = 5 * 60000;
static const double day_ms = 24 * 60 * 60000.0; /* in which a drift is expected to end once */
static const double outside = 0.025;            /* of the chance, on either side of the interval */
static const double lasts_least = 0.1;          /* of what was found, of all that came since the onset */
static const double left_least = 0.4;           /* the same where it became less, which speaks for all from a fifth on */

struct block {
    int64_t end_ms, length_ms;
    double n, bad;
};

/* weight: as many outcomes of yes or no as tell what one count does. */
static void put_block(struct block *list, size_t *count, const struct daycell *c, int64_t end_ms, int64_t length_ms, int64_t onset_ms,
                      double weight)
{
    const double bad = daycount_bad(&(struct daycount){.n = c->n, .bad = c->bad, .parts = c->parts});
    if (c->n > 0 && end_ms > onset_ms)
        list[(*count)++] = (struct block){end_ms, length_ms, weight * c->n, weight * bad};
}

static double likelihood(double n, double bad, double p)
{
    return (bad > 0 ? bad * log(p) : 0) + (n > bad ? (n - bad) * log(1 - p) : 0);
}

/* At its own level, but no surer than half an outcome allows. */
static double at_its_own(double n, double bad)
{
    return n > 0 ? likelihood(n, bad, fmin(fmax(bad, 0.5), n - 0.5 > 0 ? n - 0.5 : 0.5) / fmax(n, 1)) : 0;
}

/* At its own level, but at a level of `least` at the least. */
static double at_least(double n, double bad, double least)
{
    return bad > least * n ? at_its_own(n, bad) : likelihood(n, bad, least);
}

/* Of the moments of an end, as likely as that: the first and the last of those that hold the most of it. */
static void interval(const struct block *list, const double *nats, size_t count, size_t best, double odds, size_t *ret_lo, size_t *ret_hi)
{
    double below = 0;
    size_t lo = 0, hi = 0;
    for (size_t i = 0; i < count; i++) {
        below += (double)list[i].length_ms / day_ms * exp(nats[i] - nats[best]);
        lo += below < outside * odds;
        hi += below < (1 - outside) * odds;
    }
    *ret_lo = lo < best ? lo : best;
    *ret_hi = hi > best ? hi : best;
}

/* That it became less at some moment, and `left` is the least of it, by the same chance a day as that it ended: the odds over what is so
 * many nats likely. */
static double becomes_less(const struct block *list, size_t count, const struct block *all, double was, double left, double nats)
{
    double n = 0, bad = 0, odds = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        n += list[i].n;
        bad += list[i].bad;
        if (bad > was * n)
            odds += (double)list[i].length_ms / day_ms * exp(at_its_own(n, bad) + at_least(all->n - n, all->bad - bad, left) - nats);
    }
    return odds;
}

bool dayring_back(const struct dayring *r, int64_t onset_ms, double was, double is, double weight, struct dayring_back *ret)
{
    struct block list[BLOCKS];
    struct block all = {.n = 0};
    double nats[BLOCKS], n = 0, bad = 0, found = fmax(0, is - was);
    size_t count = 0, best = 0;
    for (int64_t f = r->five - DAYRING_FIVES + 1; f <= r->five; f++)
        if (f >= 0)
            put_block(list, &count, &r->fives[f % DAYRING_FIVES], (f + 1) * five_ms, five_ms, onset_ms, weight);
    for (int64_t m = r->minute - DAYRING_MINUTES + 1; m <= r->minute; m++)
        if (m >= 0)
            put_block(list, &count, &r->recent[m % DAYRING_MINUTES], (m + 1) * minute_ms, minute_ms, onset_ms, weight);
    for (size_t i = 0; i < count; i++) {
        all.n += list[i].n;
        all.bad += list[i].bad;
    }
    const double lasts = at_least(all.n, all.bad, was + lasts_least * found);
    double odds = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        n += list[i].n;
        bad += list[i].bad;
        nats[i] = bad > was * n ? at_its_own(n, bad) + likelihood(all.n - n, all.bad - bad, was) - lasts : -(double)INFINITY;
        if (nats[i] > nats[best] || i == 0) {
            best = i;
            found = n > 0 ? fmin(is - was, bad / n - was) : 0; /* what was found is mostly more than it was */
        }
    }
    if (count < 2 || !(nats[best] > 0))
        return false;
    for (size_t i = 0; i + 1 < count; i++)
        odds += (double)list[i].length_ms / day_ms * exp(nats[i] - nats[best]);
    const double less = becomes_less(list, count, &all, was, was + left_least * found, lasts + nats[best]);
    size_t lo, hi;
    interval(list, nats, count - 1, best, odds, &lo, &hi);
    const int64_t at = list[best].end_ms, before = at - list[lo].end_ms + list[lo].length_ms,
                  after = list[hi].end_ms - at + list[hi].length_ms;
    *ret =
        (struct dayring_back){.nats = log(odds) - log(exp(-nats[best]) + less), .at_ms = at, .error_ms = before > after ? before : after};
    return true;
}
