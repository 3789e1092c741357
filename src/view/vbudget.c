/* SPDX-License-Identifier: MIT */
#include "view/vbudget.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/timefmt.h"
#include "model/money.h"
#include "view/vread.h"

enum { GATEWAY_SHOWN_MAX = 8, BUDGETS_AT_ONCE = VREAD_MAX / 4 };
static const int64_t day_ms = 86400000;
static const double longest_reset_s = 10.0 * 366 * 86400; /* a gauge beyond it is no time until a reset */

/* The UTC day, ISO week or month that holds the instant. */
static void period_of(int period, int64_t at_ms, int64_t *ret_from, int64_t *ret_to)
{
    time_t at = (time_t)(at_ms / 1000);
    struct tm tm;
    int64_t midnight = instant_floor(at_ms, day_ms);

    gmtime_r(&at, &tm);
    if (period == PERIOD_DAY) {
        *ret_from = midnight;
        *ret_to = midnight + day_ms;
    } else if (period == PERIOD_WEEK) {
        *ret_from = midnight - (tm.tm_wday + 6) % 7 * day_ms;
        *ret_to = *ret_from + 7 * day_ms;
    } else {
        static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        int year = tm.tm_year + 1900;
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        *ret_from = midnight - (tm.tm_mday - 1) * day_ms;
        *ret_to = *ret_from + (days[tm.tm_mon] + (tm.tm_mon == 1 && leap)) * day_ms;
    }
}

/* When left is spent at the rate, 0 when not before the period's reset. */
static int64_t gone_at(int64_t left_nusd, int64_t per_h_nusd, int64_t cursor_ms, int64_t to_ms)
{
    if (left_nusd <= 0)
        return cursor_ms;
    if (per_h_nusd <= 0)
        return 0;
    double ms = (double)left_nusd / (double)per_h_nusd * 3600000.0;
    return ms < (double)(to_ms - cursor_ms) ? cursor_ms + (int64_t)ms : 0;
}

/* Pace and end, as a phrase: "3% of money, 74% of time, gone Thu 27 Nov 09:10Z at the 24h rate". */
static const char *budget_text(struct arena *a, const struct vbudget *b, int64_t cursor_ms)
{
    char day[TIMEFMT_MAX], clock[TIMEFMT_MAX];
    const char *when;

    if (!b->known)
        return "no spend recorded in its scope";
    if (b->gone_ms == 0) {
        instant_format_day(b->to_ms, day);
        when = arena_printf(a, "holds until its reset %s %s", day, b->rate);
    } else if (b->gone_ms <= cursor_ms) {
        when = "spent";
    } else {
        instant_format_day(b->gone_ms, day);
        instant_format_clock(b->gone_ms, clock);
        when = arena_printf(a, "gone %s %.5sZ %s", day, clock, b->rate);
    }
    if (when == NULL || isnan(b->pace))
        return when;
    return arena_printf(a, "%.0f%% of money at %.0f%% of time, %s", 100.0 * (double)b->used_nusd / (double)b->limit_nusd,
                        100.0 * (double)(cursor_ms - b->from_ms) / (double)(b->to_ms - b->from_ms), when);
}

static void finish(struct vbudget *b, struct vsum five, struct vsum day, int64_t cursor_ms)
{
    /* A day's rate includes the night; it is the better forecast where a day was recorded. */
    bool whole_day = day.known && day.covered_ms >= day_ms * 9 / 10;
    struct vsum rate = whole_day ? day : five;
    int64_t per_h = rate.known && rate.covered_ms > 0 ? money_per_hour(rate.sum, rate.covered_ms) : 0;
    double time = (double)(cursor_ms - b->from_ms) / (double)(b->to_ms - b->from_ms);

    if (!b->known) { /* no spend was ever seen in this scope: nothing can be said about its end */
        b->pace = NAN;
        b->rate = "";
        return;
    }
    b->rate = whole_day ? "at the 24h rate" : "at the 5m rate";
    b->gone_ms = gone_at(b->limit_nusd - b->used_nusd, per_h, cursor_ms, b->to_ms);
    b->pace = !b->used_partial && time > 0 ? (double)b->used_nusd / (double)b->limit_nusd / time : NAN;
}

static enum err narrow_to_scope(struct vread *vr, const struct config_budget *cb)
{
    memset(vr->q[vr->count - 1].filter.dim, 0, sizeof vr->q[vr->count - 1].filter.dim);
    for (uint32_t i = 0; i < cb->scope_count; i++) {
        uint32_t id;
        if (!intern_find(store_strings(vr->l->st), str_of(cb->scope[i].value), &id))
            id = UINT32_MAX;
        enum err e = vread_narrow(vr, cb->scope[i].dim, id);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

/* Period so far up to a round edge and the rest of it, the last 5 min, the last 24 h. */
static enum err ask_configured(struct vread *vr, const struct config_budget *cb, size_t q[4])
{
    int64_t cursor = vr->p->cursor_ms, edge = instant_floor(cursor, 300000), from, to;
    period_of((int)cb->period, cursor, &from, &to);
    const int64_t t0[] = {from, edge > from ? edge : from, cursor - vr->p->now_window_ms, cursor - day_ms};
    const int64_t t1[] = {edge > from ? edge : from + 1, cursor, cursor, cursor};
    for (size_t i = 0; i < 4; i++) {
        q[i] = vread_window(vr, SIG_COST, 0, t0[i], t1[i]);
        enum err e = narrow_to_scope(vr, cb);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static enum err configured(struct vread *vr, size_t first, int64_t recorded_since_ms, struct vbudget *list, size_t *n, struct errctx *ctx)
{
    const struct config *cfg = vr->l->cfg;
    size_t q[BUDGETS_AT_ONCE][4];
    size_t count = cfg->budget_count - first < BUDGETS_AT_ONCE ? cfg->budget_count - first : BUDGETS_AT_ONCE;

    for (size_t i = 0; i < count; i++) {
        enum err e = ask_configured(vr, &cfg->budgets[first + i], q[i]);
        if (e != ERR_OK)
            return e;
    }
    enum err e = vread_run(vr, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct vbudget *b = &list[(*n)++];
        *b = (struct vbudget){.name = cfg->budgets[first + i].name, .origin = "config", .limit_nusd = cfg->budgets[first + i].limit_nusd};
        period_of((int)cfg->budgets[first + i].period, vr->p->cursor_ms, &b->from_ms, &b->to_ms);
        struct vsum whole = vread_sum(vr, q[i][0], 0, DIM_COUNT, 0), tail = vread_sum(vr, q[i][1], 0, DIM_COUNT, 0);
        b->used_nusd = whole.sum + tail.sum;
        b->known = whole.known || tail.known;
        b->used_partial = recorded_since_ms == 0 || recorded_since_ms > b->from_ms;
        finish(b, vread_sum(vr, q[i][2], 0, DIM_COUNT, 0), vread_sum(vr, q[i][3], 0, DIM_COUNT, 0), vr->p->cursor_ms);
    }
    return e;
}

static const struct store_cell *same_owner(const struct store_result *r, const struct store_group *g)
{
    for (size_t i = 0; i < r->count; i++)
        if (memcmp(r->groups[i].dim, g->dim, sizeof g->dim) == 0 && r->groups[i].cells[0].n > 0)
            return &r->groups[i].cells[0];
    return NULL;
}

/* The gateway's own budgets, as its gauges tell them: they move only when that owner sends traffic. */
static enum err gateways_own(struct vread *vr, struct vbudget *list, size_t *n, struct errctx *ctx)
{
    const uint32_t owner = DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_KEY) | DIM_BIT(DIM_PROVIDER);
    int64_t cursor = vr->p->cursor_ms, hour_ago = cursor - 3600000;
    size_t limits = vread_window(vr, SIG_BUDGET_LIMIT, owner, hour_ago, cursor), left = vread_window(vr, SIG_BUDGET_REMAINING, owner, hour_ago, cursor);
    size_t reset = vread_window(vr, SIG_BUDGET_RESET, owner, hour_ago, cursor), first = *n;

    enum err e = vread_run(vr, ctx);
    for (size_t i = 0; e == ERR_OK && i < vr->r[limits].count; i++) {
        const struct store_group *g = &vr->r[limits].groups[i];
        const struct store_cell *remaining = same_owner(&vr->r[left], g), *until = same_owner(&vr->r[reset], g);
        const char *name = NULL;
        struct vbudget b = {.origin = vr->l->cfg->gateway, .pace = NAN, .rate = "", .from_ms = cursor, .known = true};
        for (int d = 0; d < DIM_COUNT; d++)
            if (g->dim[d] != 0)
                name = arena_printf(vr->l->arena, "%s %s", dim_name((enum dim)d), vread_text(vr, g->dim[d]));
        if (name == NULL || remaining == NULL || g->cells[0].n == 0 || !(g->cells[0].last > 0) || !isfinite(remaining->last))
            continue;
        b.name = name;
        int64_t remaining_nusd;
        if (!unit_to_fixed(UNIT_USD, g->cells[0].last, &b.limit_nusd) || !unit_to_fixed(UNIT_USD, remaining->last, &remaining_nusd))
            continue;
        b.used_nusd = b.limit_nusd - remaining_nusd;
        b.to_ms = until != NULL && until->last > 0 && until->last < longest_reset_s ? cursor + (int64_t)(until->last * 1000) : cursor;
        size_t at = *n;
        while (at > first && (double)b.used_nusd / (double)b.limit_nusd > (double)list[at - 1].used_nusd / (double)list[at - 1].limit_nusd)
            at--;
        if (at >= first + GATEWAY_SHOWN_MAX)
            continue;
        if (*n < first + GATEWAY_SHOWN_MAX)
            (*n)++;
        memmove(&list[at + 1], &list[at], (*n - at - 1) * sizeof *list);
        list[at] = b;
    }
    return e;
}

static const char *gateway_text(struct arena *a, const struct vbudget *b, int64_t cursor_ms)
{
    char until[TIMEFMT_MAX];
    if (b->to_ms <= cursor_ms)
        return "";
    duration_format(b->to_ms - cursor_ms, until);
    return arena_printf(a, "resets in %s", until);
}

enum err vbudget_load(const struct view_loader *l, const struct view_params *p, struct vbudget **ret, size_t *ret_count, struct errctx *ctx)
{
    struct vbudget *list = arena_array(l->arena, l->cfg->budget_count + GATEWAY_SHOWN_MAX + 2, sizeof *list);
    struct vread *vr = arena_alloc(l->arena, sizeof *vr);
    size_t n = 0;

    if (list == NULL || vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading budgets");
    enum err e = ERR_OK;
    for (size_t first = 0; e == ERR_OK && first < l->cfg->budget_count; first += BUDGETS_AT_ONCE) {
        e = vread_init(vr, l, p, ctx);
        if (e == ERR_OK)
            e = configured(vr, first, store_first_ms(l->st), list, &n, ctx);
    }
    size_t from_config = n;
    if (e == ERR_OK)
        e = vread_init(vr, l, p, ctx);
    if (e == ERR_OK)
        e = gateways_own(vr, list, &n, ctx);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        list[i].text = i < from_config ? budget_text(l->arena, &list[i], p->cursor_ms) : gateway_text(l->arena, &list[i], p->cursor_ms);
        if (list[i].text == NULL)
            e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading budgets");
    }
    if (e != ERR_OK)
        return e;
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}
