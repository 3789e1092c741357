/* SPDX-License-Identifier: MIT */
#include "analysis/divergence.h"

#include <math.h>

#include "analysis/stat.h"

struct sides {
    double base, now;
};

static double chi2_of(struct sides c, struct sides all)
{
    double share = (c.base + c.now) / (all.base + all.now), e0 = share * all.base, e1 = share * all.now;
    return (c.base - e0) * (c.base - e0) / e0 + (c.now - e1) * (c.now - e1) / e1;
}

static bool is_rare(struct sides c, struct sides all)
{
    return (c.base + c.now) / (all.base + all.now) * fmin(all.base, all.now) < DIVERGENCE_EXPECTED_LEAST;
}

bool divergence_test(const uint64_t *base, const uint64_t *now, size_t count, struct divergence *ret)
{
    struct sides all = {0, 0}, rest = {0, 0}, least = {0, 0};
    struct divergence d = {.most = SIZE_MAX};
    double most = 0, categories = 0;
    size_t least_at = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        all.base += (double)base[i];
        all.now += (double)now[i];
    }
    if (all.base <= 0 || all.now <= 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct sides c = {(double)base[i], (double)now[i]};
        d.moved += fabs(c.base / all.base - c.now / all.now) / 2;
        if (is_rare(c, all)) {
            rest.base += c.base;
            rest.now += c.now;
            d.together += c.base + c.now > 0;
            continue;
        }
        categories++;
        d.chi2 += chi2_of(c, all);
        if (chi2_of(c, all) > most) {
            most = chi2_of(c, all);
            d.most = i;
        }
        if (least_at == SIZE_MAX || c.base + c.now < least.base + least.now) {
            least = c;
            least_at = i;
        }
    }
    if (d.together > 0 && is_rare(rest, all) && least_at != SIZE_MAX) { /* still too few: they go with the least of the others */
        d.chi2 -= chi2_of(least, all);
        d.most = d.most == least_at ? SIZE_MAX : d.most;
        rest.base += least.base;
        rest.now += least.now;
        d.together++;
        categories--;
    }
    if (d.together > 0) {
        categories++;
        d.chi2 += chi2_of(rest, all);
        d.most = chi2_of(rest, all) > most ? SIZE_MAX : d.most;
    }
    if (categories < 2)
        return false;
    d.df = categories - 1;
    d.p = stat_chi2_tail(d.df, d.chi2);
    *ret = d;
    return true;
}

double divergence_alarm_p(double n, double arl)
{
    return fmin(1, n / arl);
}
