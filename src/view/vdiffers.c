/* SPDX-License-Identifier: MIT */
/* Which windows are compared to see what differs. */
#include "view/vdiffers.h"

#include "base/timefmt.h"
#include "view/vincidents.h"
#include "view/vpace.h"
#include "view/vrows.h"
#include "view/vslo.h"

static const int64_t hour = 3600000, day = 24 * 3600000;
static const char *const names[DIFFERS_BASES] = {"usual", "before", "yesterday", "last-week", "incident"};

const char *view_differs_base_name(enum differs_base b)
{
    return names[b];
}

bool view_differs_base_by_name(struct str name, enum differs_base *ret)
{
    for (int b = 0; b < DIFFERS_BASES; b++) {
        if (str_eq_z(name, names[b])) {
            *ret = (enum differs_base)b;
            return true;
        }
    }
    return false;
}

/* The worst that fires at the cursor within the filter, as the verdict tells it; NULL when nothing does. */
static struct alert *worst_firing(const struct vslo_rules *rules)
{
    struct alert *worst = NULL;

    for (size_t i = 0; i < rules->alert_count; i++)
        if (alert_is_firing_rule(&rules->alerts[i]))
            worst = vslo_worse(worst, &rules->alerts[i]);
    return worst;
}

enum err view_differs_since(const struct view_loader *l, int64_t onset_ms, int64_t t1_ms, const char *scope, struct view_differs_ask *ret,
                            struct errctx *ctx)
{
    char clock[TIMEFMT_MAX];

    instant_format_clock(onset_ms, clock);
    struct view_differs_ask ask = {.t0_ms = onset_ms,
                                   .t1_ms = t1_ms,
                                   .base0_ms = onset_ms - hour,
                                   .base1_ms = onset_ms,
                                   .base = DIFFERS_INCIDENT,
                                   .base_text = arena_printf(l->arena, "the hour before %s", clock),
                                   .onset_ms = onset_ms,
                                   .scope = vread_scope_filter(l->arena, scope)};
    if (ask.base_text == NULL || ask.scope == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for what differs");
    *ret = ask;
    return ERR_OK;
}

/* The time before the window, an hour at least. */
static enum err set_before(struct arena *a, struct view_differs_ask *ask, struct errctx *ctx)
{
    const int64_t length = ask->t1_ms - ask->t0_ms;
    char clock[TIMEFMT_MAX];

    instant_format_clock(ask->t0_ms, clock);
    ask->base0_ms = ask->t0_ms - (length > hour ? length : hour);
    ask->base1_ms = ask->t0_ms;
    ask->base_text = arena_printf(a, "the time before %.5sZ", clock);
    return ask->base_text != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while looking for what differs");
}

static void set_back(struct view_differs_ask *ask, int64_t back_ms)
{
    ask->base0_ms = ask->t0_ms - back_ms;
    ask->base1_ms = ask->t1_ms - back_ms;
    ask->base_text = back_ms == day ? "the same time yesterday" : "the same time last week";
}

/* trouble: since what fires began, against the hour before; t1 0 when nothing fires. */
static enum err set_incident(const struct view_differs_ask *trouble, struct arena *a, struct view_differs_ask *ask, struct errctx *ctx)
{
    char clock[TIMEFMT_MAX];

    ask->base0_ms = trouble->base0_ms;
    ask->base1_ms = trouble->base1_ms;
    ask->base_text = trouble->t1_ms != 0 ? trouble->base_text : "the hour before the incident";
    if (trouble->t1_ms == 0) {
        ask->none = "nothing fires here: there is no incident whose hour before could be compared with";
    } else if (ask->t0_ms < trouble->t0_ms) {
        instant_format_clock(trouble->t0_ms, clock);
        ask->none = arena_printf(a, "the incident began at %s, after this window did: its hour before is no baseline for it", clock);
        return ask->none != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while looking for what differs");
    } else {
        ask->onset_ms = trouble->onset_ms;
        ask->onset_error_ms = trouble->onset_error_ms;
        ask->of_spend = trouble->of_spend;
        ask->of_slowness = trouble->of_slowness;
        ask->slow = trouble->slow;
        ask->apart = trouble->apart;
        ask->scope = trouble->scope;
    }
    return ERR_OK;
}

/* What is compared with unless somebody says otherwise. */
static enum differs_base usual_base(const struct view_differs_ask *trouble, int64_t compare_ms, int64_t t0_ms)
{
    if (trouble->t1_ms != 0 && t0_ms >= trouble->t0_ms)
        return DIFFERS_INCIDENT;
    return compare_ms >= 7 * day ? DIFFERS_LAST_WEEK : compare_ms >= day ? DIFFERS_YESTERDAY : DIFFERS_BEFORE;
}

/* t1 0: the usual window. */
static enum err against(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *rules, int64_t t0_ms,
                        int64_t t1_ms, enum differs_base base, struct view_differs_ask *ret, struct errctx *ctx)
{
    struct alert *worst = worst_firing(rules);
    struct vread *vr = arena_alloc(l->scratch, sizeof *vr);
    struct view_axis axis;
    struct view_differs_ask trouble = {.t1_ms = 0}, ask = {.t0_ms = t0_ms, .t1_ms = t1_ms, .scope = ""};

    if (vr == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while looking for what differs");
    enum err e = vpace_told(l, p, rules, &worst, ctx);
    if (e == ERR_OK)
        e = vrows_init(vr, l, p, &axis, ctx);
    const int64_t onset = worst == NULL ? 0 : worst->onset_ms != 0 ? worst->onset_ms : worst->since_ms;
    if (e == ERR_OK && onset > 0 && onset < axis.cursor_ms)
        e = view_differs_since(l, onset, axis.cursor_ms, worst->scope, &trouble, ctx);
    if (e != ERR_OK)
        return e;
    trouble.onset_error_ms = worst != NULL ? worst->onset_error_ms : 0;
    trouble.of_spend = worst != NULL && budget_of_rule(worst->rule).p != NULL;
    trouble.apart = worst != NULL ? vincident_rule_apart(worst->rule) : NULL;
    vslo_slowness(rules->slos, rules->count, worst, &trouble);
    if (t1_ms == 0) {
        ask.t0_ms = trouble.t1_ms != 0 ? trouble.t0_ms : axis.cursor_ms - p->now_window_ms;
        ask.t1_ms = axis.cursor_ms;
    }
    ask.base = base != DIFFERS_USUAL ? base : usual_base(&trouble, axis.compare_ms, ask.t0_ms);
    switch (ask.base) {
    case DIFFERS_YESTERDAY: set_back(&ask, day); break;
    case DIFFERS_LAST_WEEK: set_back(&ask, 7 * day); break;
    case DIFFERS_INCIDENT: e = set_incident(&trouble, l->arena, &ask, ctx); break;
    default: e = set_before(l->arena, &ask, ctx); break;
    }
    if (e == ERR_OK)
        *ret = ask;
    return e;
}

enum err view_differs_against(const struct view_loader *l, const struct view_params *p, int64_t t0_ms, int64_t t1_ms,
                              enum differs_base base, struct view_differs_ask *ret, struct errctx *ctx)
{
    struct vslo_rules rules;
    enum err e = vslo_rules_load(l, p, &rules, ctx);
    return e == ERR_OK ? against(l, p, &rules, t0_ms, t1_ms, base, ret, ctx) : e;
}

enum err vdiffers_usual(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *rules,
                        struct view_differs_ask *ret, struct errctx *ctx)
{
    return against(l, p, rules, 0, 0, DIFFERS_USUAL, ret, ctx);
}

enum err view_differs_usual(const struct view_loader *l, const struct view_params *p, struct view_differs_ask *ret, struct errctx *ctx)
{
    return view_differs_against(l, p, 0, 0, DIFFERS_USUAL, ret, ctx);
}
