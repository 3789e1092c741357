/* SPDX-License-Identifier: MIT */
#include "view/vperiod.h"

#include "model/money.h"
#include "view/vtext.h"

static void period_at(int i, int64_t at_ms, int64_t *ret_from, int64_t *ret_to)
{
    config_budget_period(&(struct config_budget){.period = (unsigned)i}, at_ms, ret_from, ret_to);
}

struct vperiod_ask vperiod_ask(struct vread *vr)
{
    struct vperiod_ask ask;
    const int64_t cursor = vr->p->cursor_ms;
    for (int i = 0; i < VCOST_PERIODS; i++) {
        int64_t from, to;
        period_at(i, cursor, &from, &to);
        ask.window[i] = vread_window(vr, SIG_COST, 0, from, cursor > from ? cursor : from + 1);
    }
    return ask;
}

void vperiod_build(const struct vread *vr, const struct vperiod_ask *ask, struct vcost_period ret[VCOST_PERIODS])
{
    const int64_t since = store_recorded_since_ms(vr->l->st);
    for (int i = 0; i < VCOST_PERIODS; i++) {
        const struct vsum spend = vread_sum(vr, ask->window[i], 0, DIM_COUNT, 0);
        struct vcost_period *p = &ret[i];
        struct vtrust trust = spend.trust;
        int64_t to;
        period_at(i, vr->p->cursor_ms, &p->from_ms, &to);
        trust.less = trust.less || since == 0 || since > p->from_ms;
        p->known = spend.known;
        p->nusd = spend.sum;
        p->exact = vnum_of((double)spend.sum, spend.n, VNUM_SUM, trust).exact;
    }
}

const char *vperiod_text(struct arena *a, const struct vcost_period list[VCOST_PERIODS])
{
    static const char *const names[VCOST_PERIODS] = {"today", "this week", "this month"};
    const char *text = "";
    for (int i = 0; i < VCOST_PERIODS && text != NULL; i++) {
        char money[MONEY_MAX];
        money_format(list[i].nusd, money);
        text = arena_printf(a, "%s%s%s%s %s", text, i > 0 ? ", " : "", list[i].known ? vtext_mark(list[i].exact) : "",
                            list[i].known ? money : "?", names[i]);
    }
    return text;
}
