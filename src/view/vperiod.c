/* SPDX-License-Identifier: MIT */
#include "view/vperiod.h"

#include "base/timefmt.h"
#include "model/money.h"
#include "view/vparts.h"
#include "view/vtext.h"

static void period_at(int i, int64_t at_ms, int64_t *ret_from, int64_t *ret_to)
{
    config_budget_period(&(struct config_budget){.period = (unsigned)i}, at_ms, ret_from, ret_to);
}

enum err vperiod_poll_over(const struct vread *vr, enum signal s, int64_t at_ms, int64_t *ret_until_ms)
{
    static const int64_t second_ms = 1000, bucket_ms = 5 * 60000, day_ms = 24 * INT64_C(3600000);
    int64_t until = 0;
    enum err e = ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < vr->source_count; i++) {
        int64_t from = 0, to = 0;
        if (!vread_counts(vr, s, i))
            continue;
        e = vspans_around(vr, i, at_ms, &from, &to);
        if (from != 0 && at_ms - from <= second_ms)
            continue; /* one ended there */
        if (from == 0 && to == 0)
            to = at_ms + bucket_ms; /* so old that single polls are not kept */
        else if (to == 0)
            to = at_ms + day_ms; /* a silence: whenever it ended */
        else if (from == 0)
            continue; /* it began later */
        until = to > until ? to : until;
    }
    *ret_until_ms = until;
    return e;
}

enum err vperiod_ask(struct vread *vr, struct vperiod_ask *ret)
{
    const int64_t cursor = vr->p->cursor_ms, since = store_recorded_since_ms(vr->l->st);
    enum err e = ERR_OK;
    for (int i = 0; e == ERR_OK && i < VCOST_PERIODS; i++) {
        int64_t from, to, until = 0;
        period_at(i, cursor, &from, &to);
        ret->window[i] = vread_window(vr, SIG_COST, 0, from, cursor > from ? cursor : from + 1);
        if (since > 0 && since < from)
            e = vperiod_poll_over(vr, SIG_COST, from, &until);
        ret->begin[i] = until > from ? vread_window(vr, SIG_COST, 0, from, until) : VROWS_NONE;
    }
    return e;
}

void vperiod_build(const struct vread *vr, const struct vperiod_ask *ask, struct vcost_period ret[VCOST_PERIODS])
{
    const int64_t since = store_recorded_since_ms(vr->l->st),
                  known_to = vr->p->cursor_ms < vr->until_ms[SIG_COST] ? vr->p->cursor_ms : vr->until_ms[SIG_COST];
    for (int i = 0; i < VCOST_PERIODS; i++) {
        const struct vsum spend = vread_sum(vr, ask->window[i], 0, DIM_COUNT, 0);
        struct vcost_period *p = &ret[i];
        struct vtrust trust = spend.trust;
        int64_t to;
        period_at(i, vr->p->cursor_ms, &p->from_ms, &to);
        trust.less = trust.less || since == 0 || since > p->from_ms || known_to < vr->cursor_ms;
        if (ask->begin[i] != VROWS_NONE && vread_sum(vr, ask->begin[i], 0, DIM_COUNT, 0).sum != 0)
            trust.less = trust.more = true;
        p->known = spend.known;
        p->nusd = spend.sum;
        p->exact = vnum_of((double)spend.sum, spend.n, VNUM_SUM, trust).exact;
    }
}

/* The day that a period is told of where it is not the running one: the figures stand where the recording ended. */
static const char *day_text(struct arena *a, const struct vread *vr)
{
    static const int64_t day_ms = 86400000;
    char iso[TIMEFMT_MAX];
    if (vr->p->cursor_ms / day_ms == vr->cursor_ms / day_ms)
        return "";
    instant_format_iso(vr->p->cursor_ms, iso);
    return arena_printf(a, "%.10s", iso);
}

const char *vperiod_text(struct arena *a, const struct vread *vr, const struct vcost_period list[VCOST_PERIODS])
{
    static const char *const names[VCOST_PERIODS] = {"today", "this week", "this month"};
    static const char *const then[VCOST_PERIODS] = {"on", "in that week", "in that month"};
    const char *text = "", *day = day_text(a, vr);
    for (int i = 0; i < VCOST_PERIODS && text != NULL && day != NULL; i++) {
        char money[MONEY_MAX];
        money_format(list[i].nusd, money);
        text = arena_printf(a, "%s%s%s%s %s%s%s", text, i > 0 ? ", " : "", list[i].known ? exact_mark(list[i].exact) : "",
                            list[i].known ? money : "?", day[0] != '\0' ? then[i] : names[i], day[0] != '\0' && i == 0 ? " " : "",
                            i == 0 ? day : "");
    }
    return day != NULL ? text : NULL;
}
