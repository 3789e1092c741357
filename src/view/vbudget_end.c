/* SPDX-License-Identifier: MIT */
#include "view/vbudget_end.h"

#include <math.h>
#include <string.h>

#include "analysis/forecast.h"
#include "base/timefmt.h"
#include "model/money.h"
#include "view/vrecent.h"
#include "view/vslo.h"

static const int64_t day_ms = 86400000, hour_ms = 3600000;
static const char day_rate[] = "at the 24h rate";

/* ---- a rate ---- */

/* When left is spent at the rate, 0 when not before the period's reset (nor, without one, within a year). */
static int64_t gone_at(int64_t left_nusd, int64_t per_h_nusd, int64_t cursor_ms, int64_t to_ms)
{
    if (left_nusd <= 0)
        return cursor_ms;
    if (per_h_nusd <= 0)
        return 0;
    double ms = (double)left_nusd / (double)per_h_nusd * 3600000.0, end = (double)(to_ms != 0 ? to_ms - cursor_ms : 366 * day_ms);
    return ms < end ? cursor_ms + (int64_t)ms : 0;
}

/* "at the 5m rate"; NULL when the arena is full. */
static const char *rate_name(struct arena *a, int64_t over_ms)
{
    char window[TIMEFMT_MAX];
    duration_format(over_ms, window);
    return arena_printf(a, "at the %s rate", window);
}

/* USD per hour, nano. */
static int64_t per_h(struct vsum s)
{
    return s.known && s.covered_ms > 0 ? money_per_hour(s.sum, s.covered_ms) : 0;
}

/* Whose polls tell what it is spent by. */
static enum signal rate_signal(const struct vbudget *b)
{
    return b->basis == BUDGET_COMPUTED ? SIG_TOKENS_INPUT : SIG_COST;
}

enum err vbudget_lost_is_little(const struct vread *vr, const struct vbudget *b, int64_t from_ms, int64_t to_ms, bool *ret)
{
    size_t count;
    int64_t lost = 0;
    const struct vtime *list = vread_lost(vr, rate_signal(b), from_ms, to_ms, vr->l->scratch, &count);
    for (size_t i = 0; list != NULL && i < count; i++)
        lost += list[i].t1_ms - list[i].t0_ms;
    *ret = lost * 100 <= to_ms - from_ms;
    return list != NULL ? ERR_OK : ERR_NOMEM;
}

enum { RUNS_AWAY = 2 }; /* times what it was: another course */

static enum err at_rate(const struct vread *vr, struct vbudget_owned *o, struct vsum now, int64_t now_ms)
{
    struct vbudget *b = &o->b;
    const int64_t cursor_ms = vr->p->cursor_ms, until_ms = vr->until_ms[rate_signal(b)];
    bool whole_day = o->day.known && o->day.covered_ms >= day_ms * 9 / 10;
    bool by_day = whole_day && per_h(now) < RUNS_AWAY * per_h(o->day);
    struct vsum rate = by_day ? o->day : now;
    const char *now_rate = rate_name(vr->l->arena, vread_measured(now_ms, now.covered_ms));

    if (now_rate == NULL)
        return ERR_NOMEM;
    b->rate = "";
    b->over = (double)NAN;
    b->runs_away = whole_day && !by_day;
    if (!b->known || (!rate.known && b->used_nusd < b->limit_nusd))
        return ERR_OK;
    bool little = true;
    enum err e = rate.trust.lost ? vbudget_lost_is_little(vr, b, until_ms - (by_day ? day_ms : now_ms), until_ms, &little) : ERR_OK;
    b->rate_is_least = rate.trust.less || !little;
    b->rate = by_day ? day_rate : now_rate;
    b->gone_ms = gone_at(b->limit_nusd - b->used_nusd, per_h(rate), cursor_ms, b->to_ms);
    b->end = b->gone_ms != 0                                                           ? BUDGET_GONE
             : !b->rate_is_least && (b->end_exact == EXACT || b->end_exact == AT_MOST) ? BUDGET_LASTS
                                                                                       : BUDGET_UNKNOWN;
    return e;
}

enum err vbudget_by_rate(const struct vread *vr, struct vbudget_owned *o)
{
    return at_rate(vr, o, o->now, vr->p->now_window_ms);
}

/* ---- the newest polls ---- */

/* What its scope spent in that time. Unknown where its tokens have no price. */
static enum err spent_since(const struct vread *vr, struct vbudget_priced *priced, const struct vbudget_owned *o,
                            const struct vrecent_time *t, struct vsum *ret, struct errctx *ctx)
{
    struct vbudget_cost c;

    *ret = (struct vsum){.known = t->covered_ms > 0, .sum = t->booked_nusd, .covered_ms = t->covered_ms};
    if (o->b.basis != BUDGET_COMPUTED)
        return ERR_OK;
    const enum err e = vbudget_priced_sum(priced, o->config, t->since_ms, vr->until_ms[SIG_TOKENS_INPUT], &c, ctx);
    if (e == ERR_OK)
        *ret = (struct vsum){.known = c.amount.known && c.covered_ms > 0, .sum = c.amount.lo_nusd, .covered_ms = c.covered_ms};
    return e;
}

static bool is_by_day(const struct vbudget *b)
{
    return strcmp(b->rate, day_rate) == 0;
}

/* Whether it is twice of what the now window held before it: at a busy hour, which is most of twice the day's rate, little more is no other
 * course. */
static bool is_rise(const struct vbudget_owned *o, struct vsum newest)
{
    const struct vsum before = {.known = o->now.known, .sum = o->now.sum - newest.sum, .covered_ms = o->now.covered_ms - newest.covered_ms};
    return per_h(newest) >= RUNS_AWAY * per_h(before);
}

/* What is asked of a budget's newest polls. */
struct newest {
    struct vread *vr;
    struct vrecent_ask ask;
};

/* blank: without a filter, and nothing asked of it yet. */
static enum err ask_newest(const struct vread *blank, const struct vbudget_owned *o, struct newest *ret)
{
    const struct view_loader *l = blank->l;
    const struct scope_part own = {o->b.dim, o->config == NULL ? intern_text(store_strings(l->st), o->b.id) : ""};
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);

    if (vr == NULL)
        return ERR_NOMEM;
    *vr = *blank;
    const enum err e =
        vslo_scope_filter(l, o->config != NULL ? o->config->scope : &own, o->config != NULL ? o->config->scope_count : 1, &vr->filter);
    if (e == ERR_OK)
        *ret = (struct newest){vr, vrecent_ask(vr)};
    return e;
}

static enum err by_newest(const struct newest *of, struct vbudget_priced *priced, struct vbudget_owned *o, struct errctx *ctx)
{
    const bool is_computed = o->b.basis == BUDGET_COMPUTED;
    const struct vrecent_time t = vrecent_find(of->vr, &of->ask, is_computed);
    enum err e = ERR_OK;
    if (t.stopped && (o->b.end != BUDGET_GONE || is_by_day(&o->b)))
        return ERR_OK;
    if (t.stopped) {
        o->b.stopped = vrecent_tell(of->vr->l->arena, &t, (struct vspend_amount){.known = true}, is_computed).text;
        o->b.end = BUDGET_UNKNOWN;
        o->b.gone_ms = 0;
        return o->b.stopped != NULL ? ERR_OK : ERR_NOMEM;
    }
    struct vsum newest = {.known = false};
    if (t.since_ms != 0)
        e = spent_since(of->vr, priced, o, &t, &newest, ctx);
    const bool is_told = newest.known && (!is_by_day(&o->b) || is_rise(o, newest));
    return e == ERR_OK && is_told ? at_rate(of->vr, o, newest, instant_floor(newest.covered_ms, 1000)) : e;
}

static bool wants_newest(const struct vbudget_owned *o)
{
    const struct vbudget *b = &o->b;
    return b->rate[0] != '\0' && per_h(o->now) > 0 && b->used_nusd < b->limit_nusd && b->basis != BUDGET_IN_PART;
}

enum err vbudget_by_newest(const struct view_loader *l, const struct view_params *p, struct vbudget_priced *priced,
                           struct vbudget_owned *list, size_t n, struct errctx *ctx)
{
    struct view_params whole = *p;
    struct newest *asks = arena_array(l->scratch, n + 1, sizeof *asks);
    struct vread **reads = arena_array(l->scratch, n + 1, sizeof *reads), *blank = arena_alloc(l->scratch, sizeof *blank);
    size_t first = 0, count = 0;

    while (first < n && !wants_newest(&list[first]))
        first++;
    if (asks == NULL || reads == NULL || blank == NULL)
        return ERR_NOMEM;
    if (first == n)
        return ERR_OK;
    whole.filter = "";
    enum err e = vread_init(blank, l, &whole, ctx);
    for (size_t i = first; e == ERR_OK && i < n; i++) {
        if (!wants_newest(&list[i]))
            continue;
        e = ask_newest(blank, &list[i], &asks[i]);
        if (e == ERR_OK)
            reads[count++] = asks[i].vr;
    }
    if (e == ERR_OK)
        e = vread_run_all(reads, count, ctx);
    for (size_t i = first; e == ERR_OK && i < n; i++)
        if (asks[i].vr != NULL)
            e = by_newest(&asks[i], priced, &list[i], ctx);
    return e;
}

/* ---- the usual course ---- */

/* Hours of history that are looked at: as many weeks as a forecast takes the pattern from, twice, so that it can be replayed. */
enum { HISTORY_HOURS = 8 * 7 * 24, COURSES_AT_ONCE = (VREAD_MAX - 1) / 2 };

/* Spend per hour, the last whole one last, NaN where less than half of it was recorded; what was spent since then. */
struct history {
    double *spend;
    size_t hours;
    int64_t until_ms;
};

static bool wants_course(const struct vbudget *b)
{
    return b->known && b->basis == BUDGET_BOOKED && b->end_exact == EXACT && b->to_ms != 0 && b->used_nusd < b->limit_nusd;
}

/* Hours in which something was recorded of anybody's spend count as recorded for all: who sends nothing at night spends nothing. */
static int64_t take_history(const struct vbudget_hours *ask, struct history *h)
{
    for (size_t i = 0; i < h->hours; i++) {
        const int64_t covered = vread_sum(ask->vr, ask->all, (uint32_t)i, DIM_COUNT, 0).covered_ms;
        const struct vsum s = vread_sum(ask->vr, ask->own, (uint32_t)i, DIM_COUNT, 0);
        h->spend[i] = covered * 2 >= hour_ms ? (double)s.sum * (double)hour_ms / (double)covered : (double)NAN;
    }
    return vread_sum(ask->vr, ask->rest, 0, DIM_COUNT, 0).sum;
}

static int64_t instant_after(const struct history *h, double hours, int64_t cursor_ms)
{
    const int64_t at = h->until_ms + (int64_t)(hours * (double)hour_ms);
    return hours < 0 ? 0 : at > cursor_ms ? at : cursor_ms;
}

/* What the history says of a budget; where its spend runs away now, how it would have gone otherwise. */
static void put_course(struct vbudget *b, const struct history *h, int64_t since_nusd, int64_t cursor_ms)
{
    struct forecast f;
    const size_t ahead = (size_t)((b->to_ms - h->until_ms + hour_ms - 1) / hour_ms);
    const double left = (double)(b->limit_nusd - b->used_nusd + since_nusd);

    if (ahead > FORECAST_AHEAD_HOURS_MAX || !forecast_make(h->spend, h->hours, ahead, &f))
        return;
    b->over = forecast_over(&f, left);
    if (b->runs_away)
        return;
    b->by_course = true;
    b->rate = "by the usual course";
    b->gone_ms = instant_after(h, forecast_gone_in_hours(&f, left, 0.5), cursor_ms);
    b->gone_from_ms = instant_after(h, forecast_gone_in_hours(&f, left, 0.95), cursor_ms);
    b->gone_to_ms = instant_after(h, forecast_gone_in_hours(&f, left, 0.05), cursor_ms);
    b->end = b->gone_ms != 0 ? BUDGET_GONE : BUDGET_LASTS;
}

static struct history history_of(const struct vread *vr)
{
    const int64_t until = instant_floor(vr->p->cursor_ms, hour_ms), since = store_recorded_since_ms(vr->l->st),
                  hours = since > 0 && since < until ? (until - since + hour_ms - 1) / hour_ms : 0;
    return (struct history){.hours = hours < HISTORY_HOURS ? (size_t)hours : HISTORY_HOURS, .until_ms = until};
}

static bool is_enough(const struct history *h)
{
    return h->hours >= 24 * FORECAST_HISTORY_DAYS_MIN;
}

static size_t ask_hours(struct vread *vr, const struct history *h)
{
    return vread_add(vr, SIG_COST, 0, h->until_ms - (int64_t)h->hours * hour_ms, hour_ms, (uint32_t)h->hours);
}

static size_t ask_all_hours(struct vread *vr, const struct history *h)
{
    const size_t q = ask_hours(vr, h);
    vread_unfilter(vr);
    return q;
}

/* A configured budget's, or dim = id. */
struct scope_of_budget {
    const struct config_budget *config;
    enum dim dim;
    uint32_t id;
};

static enum err narrow(struct vread *vr, const struct scope_of_budget *of)
{
    return of->config != NULL ? vslo_narrow_to(vr, of->config->scope, of->config->scope_count, VSLO_WHOLE)
                              : vread_narrow(vr, of->dim, of->id);
}

static enum err ask_scope_hours(struct vread *vr, const struct scope_of_budget *of, const struct history *h, struct vbudget_hours *ask)
{
    ask->own = ask_hours(vr, h);
    const enum err e = narrow(vr, of);
    ask->rest = vread_window(vr, SIG_COST, 0, h->until_ms, vr->p->cursor_ms > h->until_ms ? vr->p->cursor_ms : h->until_ms + 1);
    return e == ERR_OK ? narrow(vr, of) : e;
}

/* Whether wants_course() may come to hold, from what is known before the period is read. */
static bool may_want_course(const struct vread *vr, const struct config_budget *of, size_t period)
{
    const int64_t since = store_recorded_since_ms(vr->l->st);
    struct vtrust t = vread_trust(vr, period);
    int64_t from, to;
    config_budget_period(of, vr->p->cursor_ms, &from, &to);
    t.less = t.less || since == 0 || since > from;
    t.lost = false; /* it may be little */
    return vnum_of(0, 1, VNUM_SUM, t).exact == EXACT;
}

enum err vbudget_ask_hours(struct vread *vr, const struct config_budget *of, size_t period, struct vbudget_hours *ask)
{
    const struct history h = history_of(vr);

    if (!is_enough(&h) || !may_want_course(vr, of, period))
        return ERR_OK;
    if (ask->vr == NULL)
        *ask = (struct vbudget_hours){.vr = vr, .all = ask_all_hours(vr, &h)};
    return ask_scope_hours(vr, &(struct scope_of_budget){.config = of}, &h, ask);
}

/* Of those for which nobody asked before. */
static enum err read_hours(struct vread *vr, const struct history *h, struct vbudget_owned *list, size_t n, struct errctx *ctx)
{
    const size_t all = ask_all_hours(vr, h);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        struct vbudget_owned *o = &list[i];
        if (!wants_course(&o->b) || o->hours.vr != NULL)
            continue;
        o->hours = (struct vbudget_hours){.vr = vr, .all = all};
        e = ask_scope_hours(vr, &(struct scope_of_budget){o->config, o->b.dim, o->b.id}, h, &o->hours);
    }
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory while reading budgets");
    return vr->count > 1 ? vread_run(vr, ctx) : ERR_OK;
}

static enum err some_courses(struct vread *vr, struct vbudget_owned *list, size_t n, struct errctx *ctx)
{
    struct history h = history_of(vr);

    if (!is_enough(&h))
        return ERR_OK;
    h.spend = arena_array(vr->l->arena, h.hours, sizeof *h.spend);
    if (h.spend == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading budgets");
    enum err e = read_hours(vr, &h, list, n, ctx);
    for (size_t i = 0; e == ERR_OK && i < n; i++)
        if (wants_course(&list[i].b))
            put_course(&list[i].b, &h, take_history(&list[i].hours, &h), vr->p->cursor_ms);
    return e;
}

enum err vbudget_by_course(struct vread *vr, struct vbudget_owned *list, size_t n, struct errctx *ctx)
{
    enum err e = ERR_OK;

    for (size_t first = 0; e == ERR_OK && first < n; first += COURSES_AT_ONCE) {
        vr->count = 0;
        e = some_courses(vr, &list[first], n - first < COURSES_AT_ONCE ? n - first : COURSES_AT_ONCE, ctx);
    }
    return e;
}
