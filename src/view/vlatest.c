/* SPDX-License-Identifier: MIT */
#include "view/vlatest.h"

#include "analysis/stat.h"
#include "base/timefmt.h"
#include "view/vslo.h"
#include "view/vtext.h"

#define NEWS 1.5 /* times the share, or the share so many times: less is none */

static const int64_t windows_ms[VLATEST_WINDOWS] = {60000, 20000, 10000, 5000, 1000};

bool vlatest_is_no_chance(const struct slo *s, const struct slo_count *c)
{
    return stat_binom_tail(c->total, 1 - s->objective, c->bad_lo) <= slo_rule_at(SLO_TICKET_3D)->guard;
}

enum err vlatest_ask(struct vread *vr, const struct slo *s, struct vlatest *ret)
{
    const int64_t until = vr->until_ms[vslo_signal(s)];
    enum err e = ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < VLATEST_WINDOWS; i++) {
        ret->q[i] = vslo_query(vr, s, until - windows_ms[i], until);
        e = vslo_narrow(vr, s);
    }
    return e;
}

/* A poll that is longer than the window reaches beyond it. */
static int64_t told_ms(int64_t window_ms, int64_t observed_ms)
{
    const int64_t ms = observed_ms > window_ms + window_ms / 2 ? observed_ms : window_ms;
    return instant_floor(ms + 500, 1000);
}

enum err vlatest_read(const struct vread *vr, const struct slo *s, const struct vlatest *ask, double burn, struct vlatest_reading *ret)
{
    struct vlatest_reading said = {.over = false};
    struct slo_count newest = {.total = 0};
    int64_t newest_ms = 0;

    for (size_t i = 0; i < VLATEST_WINDOWS; i++) {
        struct vlatest_reading r;
        enum err e = vslo_count(vr, ask->q[i], s, &r.count);
        if (e != ERR_OK)
            return e;
        r.ms = told_ms(windows_ms[i], r.count.observed_ms);
        r.over = slo_proves_over(&r.count, s->objective, burn, i == 0 ? SLO_OVER_CHANCE : slo_rule_at(SLO_TICKET_3D)->guard) &&
                 !vlatest_is_no_chance(s, &r.count);
        if (i == 1) {
            newest = r.count;
            newest_ms = r.ms;
        }
        if (i == 0 || (r.over && !said.over))
            said = r;
    }
    *ret = said;
    ret->newest = newest;
    ret->newest_ms = newest_ms;
    return ERR_OK;
}

const char *vlatest_news(struct arena *a, const struct vlatest_reading *r, double share)
{
    const struct slo_count *c = &r->newest;
    const double chance = slo_rule_at(SLO_TICKET_3D)->guard, bad = (double)c->bad_lo, expected = share * (double)c->total;
    char percent[VTEXT_MAX], n[VTEXT_MAX], last[VTEXT_MAX];

    const bool more = bad > NEWS * expected && stat_binom_tail(c->total, share, c->bad_lo) <= chance;
    const bool fewer = NEWS * bad < expected && 1 - stat_binom_tail(c->total, share, c->bad_lo + 1) <= chance;
    if (!more && !fewer)
        return "";
    vtext_percent(100.0 * bad / (double)c->total, percent);
    vtext_count(c->total, n);
    vtext_last(r->newest_ms, last);
    return arena_printf(a, ", %s of %s in the %s", c->bad_lo == 0 ? "none" : percent, n, last);
}
