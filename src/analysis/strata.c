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

bool strata_compare(const struct stratum *list, size_t count, double usual, struct strata *ret)
{
    double base_n = 0, now_n = 0, now_bad = 0, off = 0, var = 0, most = 0;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        base_n += (double)list[i].base_n;
        now_n += (double)list[i].now_n;
        now_bad += (double)list[i].now_bad;
        used += list[i].base_n + list[i].now_n > 0;
    }
    if (used < 2 || base_n == 0 || now_n == 0)
        return false;
    struct strata r = {.excess = now_bad - now_n * usual, .p = 1};
    for (size_t i = 0; i < count; i++) {
        const struct stratum *s = &list[i];
        const bool is_known = s->base_n >= STRATA_KNOWN_LEAST;
        const double n = (double)s->now_n, own = is_known ? (double)s->base_bad / (double)s->base_n : usual;
        const double was = (double)s->base_n / base_n, is = n / now_n;
        const double moved = is_known ? (is - was) * (own - usual) * now_n : (double)s->now_bad - n * usual;
        r.mix += is_known ? n * (own - usual) : 0;
        r.fresh += is_known ? 0 : moved;
        if (is_known)
            add_table(s, &off, &var);
        if ((r.excess > 0 ? moved : -moved) > most) {
            most = fabs(moved);
            r.most = i;
            r.was = was;
            r.is = is;
        }
    }
    r.within = r.excess - r.mix - r.fresh;
    r.expected = fmin(fmax(0, (now_bad - r.within) / now_n), 1);
    if (var > 0) {
        double z = fmax(0, (r.excess > 0 ? off : -off) - 0.5) / sqrt(var);
        r.p = 0.5 * erfc(z / sqrt(2));
    }
    *ret = r;
    return true;
}
