/* SPDX-License-Identifier: MIT */
#include "view/vbudget.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vbudget_end.h"
#include "view/vbudget_limits.h"
#include "view/vbudget_priced.h"
#include "view/vfilter.h"
#include "view/vpace.h"
#include "view/vparts.h"
#include "view/vperiod.h"
#include "view/vread.h"
#include "view/vslo.h"

enum { GATEWAY_SHOWN_MAX = 8, BUDGETS_AT_ONCE = (VREAD_MAX - 1) / 6 };
static const int64_t day_ms = 86400000, hour_ms = 3600000;
static const double longest_reset_s = 10.0 * 366 * 86400; /* a gauge beyond it is no time until a reset */

/* How much a budget's end matters: what is spent, before what nobody knows, before what lasts. */
static int urgency(const struct vbudget *b)
{
    return b->end == BUDGET_GONE ? 2 : b->known && b->end == BUDGET_UNKNOWN ? 1 : 0;
}

static double share_of(const struct vbudget *b)
{
    return b->known && b->limit_nusd > 0 ? (double)b->used_nusd / (double)b->limit_nusd : -1;
}

/* The sooner spent is before the later, the fuller before the emptier. */
static bool goes_before(const struct vbudget *x, const struct vbudget *y)
{
    if (urgency(x) != urgency(y))
        return urgency(x) > urgency(y);
    if (x->gone_ms != y->gone_ms)
        return x->gone_ms < y->gone_ms;
    return share_of(x) > share_of(y);
}

/* The most urgent first; what is alike stays in its order. */
static void put_in_order(struct vbudget *list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct vbudget b = list[i];
        size_t at = i;
        for (; at > 0 && goes_before(&b, &list[at - 1]); at--)
            list[at] = list[at - 1];
        list[at] = b;
    }
}

/* Period so far, the last 5 min, the last 24 h. */
enum { B_PERIOD, B_NOW, B_DAY, B_WINDOWS };

struct windows {
    int64_t t0[B_WINDOWS], t1[B_WINDOWS];
};

/* Up to what was recorded of a signal. */
static struct windows windows_of(const struct vread *vr, const struct config_budget *cb, enum signal s)
{
    int64_t cursor = vr->p->cursor_ms, until = vr->until_ms[s], from, to;
    config_budget_period(cb, cursor, &from, &to);
    return (struct windows){{from, until - vr->p->now_window_ms, until - day_ms}, {cursor > from ? cursor : from + 1, until, until}};
}

static enum err ask_configured(struct vread *vr, const struct config_budget *cb, size_t q[B_WINDOWS])
{
    const struct windows w = windows_of(vr, cb, SIG_COST);
    for (size_t i = 0; i < B_WINDOWS; i++) {
        q[i] = vread_window(vr, SIG_COST, 0, w.t0[i], w.t1[i]);
        enum err e = vslo_narrow_to(vr, cb->scope, cb->scope_count, VSLO_WHOLE);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static bool is_same(const struct store_filter *a, const struct store_filter *b)
{
    bool same = true;
    for (int d = 0; d < DIM_COUNT; d++)
        same = same && a->dim[d].count == b->dim[d].count && a->dim[d].count <= 1 &&
               (a->dim[d].count == 0 || a->dim[d].ids[0] == b->dim[d].ids[0]);
    return same;
}

/* Where a configured budget lies to the screen's filter, and of which value it is. */
static enum err relation(struct vread *vr, const struct config_budget *cb, enum vscope *ret, bool *ret_same, struct vpart *ret_of)
{
    struct store_filter scope;
    enum err e = vslo_scope_filter(vr->l, cb->scope, cb->scope_count, &scope);

    if (e != ERR_OK)
        return e;
    *ret = vfilter_scope(vr->l->st, &vr->filter, &scope, SIG_COST);
    *ret_same = is_same(&vr->filter, &scope);
    *ret_of = (struct vpart){.dim = DIM_COUNT};
    if (cb->scope_count == 1 && scope.dim[cb->scope[0].dim].count == 1)
        *ret_of = (struct vpart){cb->scope[0].dim, scope.dim[cb->scope[0].dim].ids[0]};
    return ERR_OK;
}

/* Adds what the tokens cost to what is booked. */
static void add_computed(struct vsum *s, const struct vbudget_cost *c)
{
    if (!c->amount.known)
        return;
    s->sum += c->amount.lo_nusd;
    s->covered_ms = s->known ? s->covered_ms : c->covered_ms;
    s->known = true;
}

/* The windows of a budget, spend where it is booked and priced tokens where it is not; used is a bound where their price is. */
static enum err add_unbooked(struct vread *vr, struct vbudget_priced *priced, const struct config_budget *cb, struct vsum sums[B_WINDOWS],
                             struct vbudget *b, struct errctx *ctx)
{
    const struct windows w = windows_of(vr, cb, SIG_TOKENS_INPUT);
    struct vbudget_cost c[B_WINDOWS];
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < B_WINDOWS; i++)
        e = vbudget_priced_sum(priced, cb, w.t0[i], w.t1[i], &c[i], ctx);
    if (e != ERR_OK || !c[B_PERIOD].any)
        return e;
    b->basis = sums[B_PERIOD].known ? BUDGET_IN_PART : BUDGET_COMPUTED;
    struct vtrust *t = &sums[B_PERIOD].trust;
    const enum exactness exact = c[B_PERIOD].amount.exact;
    t->less = t->less || !c[B_PERIOD].amount.known || c[B_PERIOD].amount.lo_nusd < c[B_PERIOD].amount.hi_nusd || exact == AT_LEAST ||
              exact == ABOUT;
    t->more = t->more || exact == AT_MOST || exact == ABOUT;
    t->stale = t->stale || c[B_PERIOD].stale;
    t->unsplit = 0;
    for (size_t i = 0; i < B_WINDOWS; i++)
        add_computed(&sums[i], &c[i]);
    return ERR_OK;
}

/* carried: what polls that began before the period booked to it. */
static enum err put_exactness(const struct vread *vr, struct vtrust t, int64_t carried_nusd, struct vbudget *b)
{
    bool little = true;
    enum err e = t.lost ? vbudget_lost_is_little(vr, b, b->from_ms, vr->p->cursor_ms, &little) : ERR_OK;
    struct vtrust end = t;
    end.lost = b->is_lossy = end.lost && !little;
    b->end_exact = vnum_of((double)b->used_nusd, 1, VNUM_SUM, end).exact;
    t.more = t.more || carried_nusd != 0;
    t.less = t.less || carried_nusd != 0;
    const struct vnum used = vnum_of((double)b->used_nusd, 1, VNUM_SUM, t);
    b->used_exact = used.exact;
    b->stale = used.stale;
    return e;
}

/* Adds a question for what polls over the beginning of a budget's period booked to it. */
static enum err ask_begin(struct vread *vr, const struct config_budget *cb, size_t *ret)
{
    const int64_t since = store_recorded_since_ms(vr->l->st);
    int64_t from, to, until = 0;
    *ret = VROWS_NONE;
    config_budget_period(cb, vr->p->cursor_ms, &from, &to);
    enum err e = since > 0 && since < from ? vperiod_poll_over(vr, SIG_COST, from, &until) : ERR_OK;
    if (e != ERR_OK || until <= from)
        return e;
    *ret = vread_window(vr, SIG_COST, 0, from, until);
    return vslo_narrow_to(vr, cb->scope, cb->scope_count, VSLO_WHOLE);
}

/* Some of the configured budgets, and what was asked of each. */
struct configured_asks {
    struct vread *vr;
    const struct config_budget *budgets;
    size_t count, q[BUDGETS_AT_ONCE][B_WINDOWS], begin[BUDGETS_AT_ONCE];
    struct vbudget_hours hours[BUDGETS_AT_ONCE];
};

static enum err ask_budgets(struct configured_asks *ask)
{
    struct vbudget_hours hours = {.vr = NULL}; /* all's are asked for once */
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < ask->count; i++) {
        const size_t before = ask->vr->count;
        e = ask_configured(ask->vr, &ask->budgets[i], ask->q[i]);
        if (e == ERR_OK)
            e = ask_begin(ask->vr, &ask->budgets[i], &ask->begin[i]);
        const size_t windows = ask->vr->count;
        if (e == ERR_OK)
            e = vbudget_ask_hours(ask->vr, &ask->budgets[i], before + B_PERIOD, &hours);
        if (ask->vr->count > windows)
            ask->hours[i] = hours;
    }
    return e;
}

static enum err configured(const struct configured_asks *ask, struct vbudget_priced *priced, int64_t recorded_since_ms,
                           struct vbudget_owned *list, size_t *n, struct errctx *ctx)
{
    struct vread *vr = ask->vr;
    enum err e = ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < ask->count; i++) {
        const struct config_budget *of = &ask->budgets[i];
        enum vscope scope;
        bool same;
        struct vpart value;
        e = relation(vr, of, &scope, &same, &value);
        if (e != ERR_OK || scope == VSCOPE_APART)
            continue;
        struct vbudget_owned *o = &list[(*n)++];
        struct vbudget *b = &o->b;
        o->config = of;
        o->hours = ask->hours[i];
        *b = (struct vbudget){.name = of->name,
                              .dim = value.dim,
                              .id = value.id,
                              .is_wider = scope == VSCOPE_WIDER,
                              .is_plan = same,
                              .origin = "config",
                              .stopped = "",
                              .limit_nusd = of->limit_nusd};
        config_budget_period(of, vr->p->cursor_ms, &b->from_ms, &b->to_ms);
        struct vsum sums[B_WINDOWS];
        for (size_t k = 0; k < B_WINDOWS; k++)
            sums[k] = vread_sum(vr, ask->q[i][k], 0, DIM_COUNT, 0);
        e = add_unbooked(vr, priced, of, sums, b, ctx);
        if (e != ERR_OK)
            return e;
        const struct vsum spent = sums[B_PERIOD];
        b->used_nusd = spent.sum;
        b->known = spent.known;
        struct vtrust t = spent.trust;
        t.less = t.less || recorded_since_ms == 0 || recorded_since_ms > b->from_ms;
        e = put_exactness(vr, t, ask->begin[i] != VROWS_NONE ? vread_sum(vr, ask->begin[i], 0, DIM_COUNT, 0).sum : 0, b);
        if (e != ERR_OK)
            return e;
        double time = (double)(vr->p->cursor_ms - b->from_ms) / (double)(b->to_ms - b->from_ms);
        b->pace = b->known && !t.less && b->end_exact != AT_LEAST && time > 0 ? (double)b->used_nusd / (double)b->limit_nusd / time : NAN;
        o->day = sums[B_DAY];
        o->now = sums[B_NOW];
        e = vbudget_by_rate(vr, o);
    }
    return e;
}

/* Keeps the first few of the list in order. */
static void keep(struct vbudget_owned *list, size_t first, size_t *n, const struct vbudget_owned *b)
{
    size_t at = *n;

    while (at > first && goes_before(&b->b, &list[at - 1].b))
        at--;
    if (at >= first + GATEWAY_SHOWN_MAX)
        return;
    if (*n < first + GATEWAY_SHOWN_MAX)
        (*n)++;
    memmove(&list[at + 1], &list[at], (*n - at - 1) * sizeof *list);
    list[at] = *b;
}

struct gateway_asks {
    uint32_t owners; /* DIM_BIT()s of those of whom some gateway tells a limit; 0: nothing is asked */
    struct vbudget_limits gauges;
    size_t reset;
    size_t five[VBUDGET_OWNERS], day[VBUDGET_OWNERS]; /* spend by owner, where one is of those */
};

static struct gateway_asks ask_gateway(struct vread *vr)
{
    struct gateway_asks ask = {.owners = 0};

    for (size_t i = 0; i < vr->source_count; i++)
        if (vread_counts(vr, SIG_BUDGET_LIMIT, i))
            ask.owners |= store_source_dims(vr->l->st, vr->sources[i].id, SIG_BUDGET_LIMIT) & vbudget_owner_dims;
    if (ask.owners == 0)
        return ask;
    ask.gauges = vbudget_ask_limits(vr);
    ask.reset = vread_window(vr, SIG_BUDGET_RESET, vbudget_owner_dims, vr->p->cursor_ms - hour_ms, vr->p->cursor_ms);
    for (size_t i = 0; i < VBUDGET_OWNERS; i++) {
        if ((ask.owners & DIM_BIT(vbudget_owners[i])) == 0)
            continue;
        ask.five[i] = vread_now(vr, SIG_COST, DIM_BIT(vbudget_owners[i]), 0);
        ask.day[i] = vread_window(vr, SIG_COST, DIM_BIT(vbudget_owners[i]), vr->until_ms[SIG_COST] - day_ms, vr->until_ms[SIG_COST]);
    }
    return ask;
}

/* When a budget starts anew, of what its gauge read at the last poll; 0 where it tells no time. Gateways count down to it by their own
 * clocks and with fractions: to the minute, one reset is one time. */
static int64_t reset_of(const struct vread *vr, double left_s)
{
    static const int64_t minute_ms = 60000;

    if (!(left_s > 0 && left_s < longest_reset_s))
        return 0;
    return instant_floor(vr->known_ms[SIG_BUDGET_RESET] + (int64_t)(left_s * 1000) + minute_ms / 2, minute_ms);
}

/* One budget as its gauges tell it: they move only when that owner sends traffic. False when they tell no budget. */
static bool read_gauges(struct vread *vr, const struct gateway_asks *ask, const struct store_group *g, struct vbudget *b)
{
    const struct store_cell *until = vbudget_same_owner(&vr->r[ask->reset], g);
    int64_t remaining_nusd, cursor = vr->p->cursor_ms;
    bool known;

    *b = (struct vbudget){
        .origin = vr->l->cfg->gateway, .pace = NAN, .rate = "", .stopped = "", .over = NAN, .from_ms = cursor, .known = true};
    if (!vbudget_read_limit(vr, &ask->gauges, g, &b->limit_nusd, &remaining_nusd, &known) || !known)
        return false;
    b->used_nusd = b->limit_nusd - remaining_nusd;
    b->to_ms = until != NULL ? reset_of(vr, until->last) : 0;
    return true;
}

static enum err gateways_own(struct vread *vr, const struct gateway_asks *ask, struct vbudget_owned *list, size_t *n, struct errctx *ctx)
{
    size_t first = *n;

    for (size_t i = 0; ask->owners != 0 && i < vr->r[ask->gauges.limits].count; i++) {
        const struct store_group *g = &vr->r[ask->gauges.limits].groups[i];
        struct vbudget_owned b = {.config = NULL};
        const size_t k = vbudget_owner_of(g);
        if (k == VBUDGET_OWNERS || !read_gauges(vr, ask, g, &b.b))
            continue;
        b.b.stale = vread_trust(vr, ask->gauges.left).stale;
        b.b.name = arena_printf(vr->l->arena, "%s %s", dim_name(vbudget_owners[k]), vread_text(vr, g->dim[vbudget_owners[k]]));
        if (b.b.name == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while reading budgets");
        b.day = vread_sum(vr, ask->day[k], 0, vbudget_owners[k], g->dim[vbudget_owners[k]]);
        b.now = vread_sum(vr, ask->five[k], 0, vbudget_owners[k], g->dim[vbudget_owners[k]]);
        const enum err e = vbudget_by_rate(vr, &b);
        if (e != ERR_OK)
            return errctx_set(ctx, e, "out of memory while reading budgets");
        b.b.dim = vbudget_owners[k];
        b.b.id = g->dim[vbudget_owners[k]];
        keep(list, first, n, &b);
    }
    return ERR_OK;
}

/* All that is asked of budgets in the first pass. */
struct budget_asks {
    struct configured_asks *configured;
    struct gateway_asks gateway;
    struct vread **reads; /* with; one per configured[]; the gateway's */
    size_t count, first;  /* of reads; first: which is configured[0]'s */
};

static enum err ask_all(const struct view_loader *l, const struct view_params *p, struct vread *const *with, size_t with_count,
                        struct budget_asks *ask, struct errctx *ctx)
{
    const size_t parts = (l->cfg->budget_count + BUDGETS_AT_ONCE - 1) / BUDGETS_AT_ONCE;
    enum err e = ERR_OK;

    *ask = (struct budget_asks){.configured = arena_array(l->scratch, parts + 1, sizeof *ask->configured),
                                .reads = arena_array(l->scratch, with_count + parts + 1, sizeof(struct vread *)),
                                .first = with_count};
    if (ask->configured == NULL || ask->reads == NULL)
        return ERR_NOMEM;
    for (; ask->count < with_count; ask->count++)
        ask->reads[ask->count] = with[ask->count];
    for (size_t i = 0; e == ERR_OK && i <= parts; i++) {
        struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
        e = vr != NULL ? vread_init(vr, l, p, ctx) : ERR_NOMEM;
        ask->reads[ask->count++] = vr;
        if (e == ERR_OK && i == parts) {
            ask->gateway = ask_gateway(vr);
        } else if (e == ERR_OK) {
            const size_t first = i * BUDGETS_AT_ONCE, left = l->cfg->budget_count - first;
            ask->configured[i].vr = vr;
            ask->configured[i].budgets = l->cfg->budgets + first;
            ask->configured[i].count = left < BUDGETS_AT_ONCE ? left : BUDGETS_AT_ONCE;
            e = ask_budgets(&ask->configured[i]);
        }
    }
    return e;
}

/* What is known of each: configured ones, then the gateway's. */
static enum err find_budgets(struct vread *vr, const struct view_loader *l, const struct view_params *p, struct vread *const *with,
                             size_t with_count, struct vbudget_owned *list, size_t *n, struct errctx *ctx)
{
    struct vbudget_priced priced;
    struct budget_asks ask;
    enum err e = vbudget_priced_init(&priced, l, p, ctx);
    if (e == ERR_OK)
        e = ask_all(l, p, with, with_count, &ask, ctx);
    if (e == ERR_OK)
        e = vread_run_all(ask.reads, ask.count, ctx);
    for (size_t i = 0; e == ERR_OK && ask.first + i + 1 < ask.count; i++)
        e = configured(&ask.configured[i], &priced, store_recorded_since_ms(l->st), list, n, ctx);
    if (e == ERR_OK)
        e = gateways_own(ask.reads[ask.count - 1], &ask.gateway, list, n, ctx);
    if (e == ERR_OK)
        e = vbudget_by_newest(l, p, &priced, list, *n, ctx);
    if (e == ERR_OK)
        e = vread_init(vr, l, p, ctx);
    return e == ERR_OK ? vbudget_by_course(vr, list, *n, ctx) : e;
}

/* The budgets that the recorder held spend against then, the console's own where it wrote none down. */
static enum err in_force(struct view_loader *l, int64_t cursor_ms, struct config *cfg, struct errctx *ctx)
{
    struct config_budget *budgets;
    size_t count;
    enum err e = vpace_definitions(l, cursor_ms, &budgets, &count, ctx);

    if (e != ERR_OK || budgets == NULL)
        return e;
    *cfg = *l->cfg;
    cfg->budgets = budgets;
    cfg->budget_count = (uint32_t)count;
    l->cfg = cfg;
    return ERR_OK;
}

/* Which of them some alert is about. */
static enum err find_firing(const struct view_loader *l, int64_t cursor_ms, struct vbudget_owned *list, size_t n, struct errctx *ctx)
{
    struct alert *alerts;
    size_t count;
    enum err e = n > 0 ? store_alerts(l->st, cursor_ms, l->scratch, &alerts, &count, ctx) : ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < n; i++)
        for (size_t k = 0; k < count; k++)
            list[i].b.fires = list[i].b.fires || (alerts[k].state == ALERT_FIRING && vpace_is_about(alerts[k].rule, &list[i].b));
    return e;
}

enum err vbudget_load(const struct view_loader *of, const struct view_params *p, struct vread *const *with, size_t with_count,
                      struct vbudget **ret, size_t *ret_count, struct errctx *ctx)
{
    struct config cfg;
    struct view_loader own = *of, *l = &own;
    enum err e = in_force(&own, p->cursor_ms, &cfg, ctx);
    if (e != ERR_OK)
        return e;
    const size_t most = l->cfg->budget_count + GATEWAY_SHOWN_MAX + 2;
    struct vbudget_owned *found = arena_array(l->arena, most, sizeof *found);
    struct vbudget *list = arena_array(l->arena, most, sizeof *list);
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    size_t n = 0;

    if (found == NULL || list == NULL || vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading budgets");
    e = find_budgets(vr, l, p, with, with_count, found, &n, ctx);
    if (e == ERR_OK)
        e = find_firing(l, p->cursor_ms, found, n, ctx);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        list[i] = found[i].b;
        e = vbudget_put_texts(l->arena, &list[i], store_recorded_since_ms(l->st), vr->p->cursor_ms);
        if (e == ERR_OK && list[i].is_wider) {
            list[i].text = arena_printf(l->arena, "%s (whole: more than %s)", list[i].text, p->filter);
            e = list[i].text != NULL ? ERR_OK : ERR_NOMEM;
        }
    }
    if (e != ERR_OK)
        return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading budgets") : e;
    put_in_order(list, n);
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}
