/* SPDX-License-Identifier: MIT */
/* Budgets as objectives of money: what feeds them, and what their transitions become. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/money.h"
#include "record/analyse_int.h"

/* ---- definitions ---- */

/* What its alerts are put under; "" = that rule is not judged. */
static const char *rule_of(struct analyser *an, const struct budget_track *t, size_t i)
{
    if (t->def != NULL)
        return arena_printf(&an->arena, "budget:%s:%s", t->name, burn_rule_at(i)->name);
    return i == BURN_RESET ? arena_printf(&an->arena, "budget:%s:ticket-gateway", t->name) : "";
}

/* Adds a track; def NULL: the gateway's own. */
static enum err add(struct analyser *an, const struct config_budget *def, const char *name, const struct scope_part *scope, uint32_t count,
                    struct errctx *ctx)
{
    void *list = an->budgets;
    enum err e = analyse_grow(&list, &an->budget_cap, an->budget_count, sizeof *an->budgets, ctx);
    if (e != ERR_OK)
        return e;
    an->budgets = list;
    struct budget_track *t = &an->budgets[an->budget_count];
    *t = (struct budget_track){.def = def, .name = name, .limit_nusd = def != NULL ? def->limit_nusd : 0};
    t->told = (struct gauges){.limit = (double)NAN, .left = (double)NAN, .reset_s = (double)NAN};
    t->state = burn_state_new();
    an->budget_count += t->state != NULL;
    e = t->state != NULL ? analyse_watch(&an->arena, scope, count, &t->scope) : ERR_NOMEM;
    const char *title = arena_printf(&an->arena, "budget %s", name);
    for (size_t i = 0; e == ERR_OK && i < BURN_RULES; i++) {
        t->rule[i] = rule_of(an, t, i);
        e = t->rule[i] != NULL && title != NULL ? ERR_OK : ERR_NOMEM;
    }
    if (e == ERR_OK)
        e = analyse_incident_track(an, t->scope.text, title, &t->incident, ctx);
    return e == ERR_OK ? e : errctx_set(ctx, e, "out of memory for the budget %s", name);
}

/* ---- the gateways' own ---- */

enum { GATEWAYS_MAX = 256 }; /* 75 KB each: what comes later is not watched */

/* Whose budget a series is about, and of which gateway. A name that is not safe as it stands could not be found again: such are not
 * watched. */
static enum err read_owner(struct analyser *an, const struct series *s, struct scope_part ret[2], uint32_t *ret_count,
                           const char **ret_name)
{
    static const enum dim owners[] = {DIM_TEAM, DIM_KEY, DIM_PROVIDER};
    const struct intern *strings = store_strings(an->st);
    size_t k = 0;
    *ret_count = 0;
    while (k < sizeof owners / sizeof *owners && s->dim[owners[k]] == 0)
        k++;
    if (k == sizeof owners / sizeof *owners)
        return ERR_OK;
    const enum dim dims[] = {DIM_GATEWAY, owners[k]};
    for (size_t i = 0; i < 2; i++) {
        const char *raw = intern_text(strings, s->dim[dims[i]]), *safe = s->dim[dims[i]] != 0 ? text_safe(an, raw) : NULL;
        if (s->dim[dims[i]] == 0)
            continue;
        if (safe == NULL)
            return ERR_NOMEM;
        if (strcmp(raw, safe) != 0) {
            *ret_count = 0;
            return ERR_OK;
        }
        ret[(*ret_count)++] = (struct scope_part){.dim = dims[i], .value = raw};
    }
    *ret_name = arena_printf(&an->scratch, "%s %s", dim_name(owners[k]), ret[*ret_count - 1].value);
    return *ret_name != NULL ? ERR_OK : ERR_NOMEM;
}

static bool has_track(const struct analyser *an, const struct scope_part *scope, uint32_t count)
{
    for (uint32_t i = an->cfg->budget_count; i < an->budget_count; i++) {
        const struct watch *w = &an->budgets[i].scope;
        uint32_t same = 0;
        while (same < count && w->count == count && w->part[same].dim == scope[same].dim &&
               strcmp(w->part[same].value, scope[same].value) == 0)
            same++;
        if (same == count)
            return true;
    }
    return false;
}

static enum err add_gateways(struct analyser *an, const struct scope_part *found, uint32_t count, const char *found_name,
                             struct errctx *ctx)
{
    struct scope_part *scope = arena_array(&an->arena, count, sizeof *scope);
    const char *name = arena_strdup(&an->arena, str_of(found_name));
    bool fits = scope != NULL && name != NULL;
    for (uint32_t i = 0; fits && i < count; i++) {
        scope[i] = (struct scope_part){.dim = found[i].dim, .value = arena_strdup(&an->arena, str_of(found[i].value))};
        fits = scope[i].value != NULL;
    }
    return fits ? add(an, NULL, name, scope, count, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory for the budget %s", found_name);
}

enum err analyse_budgets_find(struct analyser *an, bool *ret_any, struct errctx *ctx)
{
    enum err e = ERR_OK;
    *ret_any = false;
    for (size_t i = an->indexed; e == ERR_OK && i < store_series_count(an->st); i++) {
        const struct series *s = store_series_at(an->st, i);
        struct scope_part scope[2];
        uint32_t count;
        const char *name;
        if (s->signal != SIG_BUDGET_LIMIT || an->budget_count - an->cfg->budget_count >= GATEWAYS_MAX)
            continue;
        e = read_owner(an, s, scope, &count, &name);
        if (e != ERR_OK)
            return errctx_set(ctx, e, "out of memory while reading the gateways' budgets");
        if (count == 0 || has_track(an, scope, count))
            continue;
        e = add_gateways(an, scope, count, name, ctx);
        *ret_any = true;
    }
    return e;
}

bool analyse_budget_link(const struct budget_track *t, const struct series *s, struct link *l)
{
    switch ((enum signal)s->signal) {
    case SIG_COST: l->mark = MARK_SPEND; break;
    case SIG_BUDGET_LIMIT: l->mark = MARK_LIMIT; break;
    case SIG_BUDGET_REMAINING: l->mark = MARK_LEFT; break;
    case SIG_BUDGET_RESET: l->mark = MARK_RESET; break;
    default: return false;
    }
    return (l->mark == MARK_SPEND || t->def == NULL) && analyse_watch_has(&t->scope, s);
}

/* Gauges move only when the owner sends traffic: a time until the reset that is what it was is as old as that. Of several replicas' words
 * about what is left, the most careful. */
static void take_gauge(struct budget_track *t, uint8_t mark, double v, const struct interval *in)
{
    static const double longest_reset_s = 10.0 * 366 * 86400;
    struct gauges *g = &t->told;
    if (mark == MARK_LIMIT)
        g->limit = v;
    if (mark == MARK_LEFT && (isnan(g->left) || v < g->left || in->source == g->source)) {
        g->left = v;
        g->source = in->source;
    }
    if (mark != MARK_RESET || v == g->reset_s)
        return;
    g->reset_s = v;
    t->to_ms = v > 0 && v < longest_reset_s ? in->t1_ms + (int64_t)(v * 1000) : 0;
}

/* False while they tell no budget. */
static bool read_gauges(struct budget_track *t, int64_t now_ms)
{
    int64_t left;
    t->limit_nusd = 0;
    if (!(t->told.limit > 0) || !isfinite(t->told.limit) || !isfinite(t->told.left) ||
        !unit_to_fixed(UNIT_USD, t->told.limit, &t->limit_nusd) || !unit_to_fixed(UNIT_USD, t->told.left, &left))
        return false;
    bool began_anew = t->to_ms != 0 && now_ms >= t->to_ms; /* and what is left of it nobody has told */
    t->used_nusd = began_anew ? 0 : t->limit_nusd - left;
    return t->limit_nusd > 0;
}

/* The rule that an alert is of; false: it is no longer configured. */
static bool find_rule(struct analyser *an, const struct alert *al, struct budget_track **ret, size_t *ret_rule)
{
    for (uint32_t i = 0; i < an->budget_count; i++) {
        struct budget_track *t = &an->budgets[i];
        if (analyse_watch_rule(&t->scope, t->rule, BURN_RULES, al, ret_rule)) {
            *ret = t;
            return true;
        }
    }
    return false;
}

enum err analyse_budgets_open(struct analyser *an, struct errctx *ctx)
{
    struct alert *alerts;
    size_t count, r;
    struct budget_track *t;
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < an->cfg->budget_count; i++) {
        const struct config_budget *def = &an->cfg->budgets[i];
        e = add(an, def, def->name, def->scope, def->scope_count, ctx);
    }
    bool any;
    if (e == ERR_OK)
        e = analyse_budgets_find(an, &any, ctx);
    if (e == ERR_OK)
        e = store_alerts(an->st, INT64_MAX, &an->scratch, &alerts, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const struct burn_alarm a = {.state = alerts[i].state,
                                     .since_ms = alerts[i].since_ms,
                                     .onset_ms = alerts[i].onset_ms,
                                     .onset_error_ms = alerts[i].onset_error_ms};
        if (find_rule(an, &alerts[i], &t, &r))
            burn_alarm_set(t->state, r, &a);
    }
    return e;
}

bool analyse_budgets_know(struct analyser *an, const struct alert *al)
{
    struct budget_track *t;
    size_t rule;
    return find_rule(an, al, &t, &rule);
}

/* ---- feeding ---- */

void analyse_budget_item(struct budget_track *t, const struct link *l, const struct store_item *item, const struct interval *in)
{
    int64_t sum;
    t->touched = true;
    if (l->mark != MARK_SPEND)
        take_gauge(t, l->mark, item->v.gauge, in);
    else if (item->v.increment > 0 && !__builtin_add_overflow(t->spent_nusd, item->v.increment, &sum))
        t->spent_nusd = sum;
}

/* Moves on to the period that an interval's end lies in: what it ends belongs to it. */
static void enter_period(struct budget_track *t, int64_t t1_ms)
{
    if (t->from_ms < t1_ms && t1_ms <= t->to_ms)
        return;
    config_budget_period(t->def, t1_ms - 1, &t->from_ms, &t->to_ms);
    t->used_nusd = 0;
}

/* A month is as long as it is. */
static struct burn_budget budget_of(const struct budget_track *t)
{
    return (struct burn_budget){.limit_nusd = t->limit_nusd,
                                .period_ms = t->def != NULL ? t->to_ms - t->from_ms : 0,
                                .used_nusd = t->used_nusd,
                                .reset_ms = t->to_ms};
}

enum err analyse_budgets_used(struct analyser *an, struct errctx *ctx)
{
    int64_t newest = analyse_newest_ms(an), end = (newest + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS;
    uint32_t configured = an->cfg->budget_count;
    struct store_query *q = arena_array(&an->scratch, configured + 1, sizeof *q);
    struct store_result *r = arena_array(&an->scratch, configured + 1, sizeof *r);
    enum err e = q != NULL && r != NULL ? ERR_OK : ERR_NOMEM;
    for (uint32_t i = 0; newest != 0 && e == ERR_OK && i < configured; i++) {
        struct budget_track *t = &an->budgets[i];
        enter_period(t, newest);
        t->used_nusd = 0;
        q[i] = (struct store_query){.signal = SIG_COST, .t0_ms = t->from_ms, .step_ms = end - t->from_ms, .columns = 1};
        e = analyse_allowed(an, SIG_COST, &q[i].filter.sources, &q[i].filter.source_count, ctx);
        if (e == ERR_OK)
            e = analyse_watch_filter(an, &t->scope, &q[i].filter);
    }
    if (e == ERR_OK && newest != 0 && configured > 0)
        e = store_read(an->st, q, configured, &an->scratch, r, ctx);
    for (uint32_t i = 0; newest != 0 && e == ERR_OK && i < configured; i++)
        for (size_t g = 0; g < r[i].count; g++)
            an->budgets[i].used_nusd += r[i].groups[g].cells[0].n > 0 ? r[i].groups[g].cells[0].sum : 0;
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading what is used of budgets") : e;
}

/* ---- transitions ---- */

static const char *per_h(struct analyser *an, int64_t nusd, int64_t ms)
{
    const char *usd = ms > 0 ? text_usd(an, money_per_hour(nusd, ms)) : "?";
    return usd != NULL ? arena_printf(&an->scratch, "%s/h", usd) : NULL;
}

/* "spends $25.10/h over 1h and $186/h over 5m: gone before its reset", or that it is gone. */
static const char *goes(struct analyser *an, const struct budget_track *t, const struct burn_change *c)
{
    const char *in_long = per_h(an, c->in_long.spent_nusd, HOUR_MS), *in_short = per_h(an, c->in_short.spent_nusd, c->in_short.observed_ms);
    const char *limit = text_usd(an, t->limit_nusd);
    if (in_long == NULL || in_short == NULL || limit == NULL)
        return NULL;
    if (t->used_nusd >= t->limit_nusd)
        return arena_printf(&an->scratch, "all of %s is spent", limit);
    const char *left = c->after.state == ALERT_FIRING ? ": gone before its reset" : "";
    return arena_printf(&an->scratch, "spends %s over 1h and %s over 5m%s", in_long, in_short, left);
}

/* "spends 15x its pace over 1h and 30x over 5m". The long window is told as the rule counts it: what was not observed counts as nothing
 * spent. */
static const char *spends(struct analyser *an, const struct budget_track *t, const struct burn_change *c)
{
    const struct burn_rule *r = burn_rule_at(c->rule);
    if (c->rule == BURN_RESET)
        return goes(an, t, c);
    const char *in_long = text_burn(an, c->in_long.burn_least), *in_short = text_burn(an, c->in_short.burn);
    if (in_long == NULL || in_short == NULL)
        return NULL;
    return arena_printf(&an->scratch, "spends %s its pace over %s and %s over %s", in_long, slo_window_name(r->long_window), in_short,
                        slo_window_name(r->short_window));
}

/* One sentence of evidence. */
static const char *evidence(struct analyser *an, const struct budget_track *t, const struct burn_change *c)
{
    const struct burn_rule *r = burn_rule_at(c->rule);
    const char *lw = slo_window_name(r->long_window), *sw = slo_window_name(r->short_window), *pace = spends(an, t, c);
    const char *spent = text_usd(an, c->in_long.spent_nusd), *allowed = text_usd(an, (int64_t)c->in_long.allowed_nusd), *young = "";
    if (c->after.state == ALERT_NO_DATA)
        return arena_printf(&an->scratch, "no spend observed for %s%s", sw, c->after.was_firing ? "; it was firing" : "");
    if (pace == NULL || spent == NULL || allowed == NULL)
        return NULL;
    if (c->in_long.observed_ms < slo_window_ms(r->long_window) * 9 / 10) {
        const char *seen = text_duration(an, c->in_long.observed_ms);
        young = seen != NULL ? arena_printf(&an->scratch, "; only %s of that were observed", seen) : NULL;
        if (young == NULL)
            return NULL;
    }
    const char *used = text_usd(an, t->used_nusd), *limit = text_usd(an, t->limit_nusd);
    if (used == NULL || limit == NULL)
        return NULL;
    if (c->rule == BURN_RESET)
        return arena_printf(&an->scratch, "%s%s; %s of %s spent", c->after.state == ALERT_INACTIVE ? "over: " : "", pace, used, limit);
    return arena_printf(&an->scratch, "%s%s, fires at %.3gx; %s in %s, which allow %s%s", c->after.state == ALERT_INACTIVE ? "over: " : "",
                        pace, r->factor, spent, lw, allowed, young);
}

/* A gateway's own budget of which all is spent does harm from when it was: the gateway refuses then. When its spend rose is hours earlier,
 * and hurt nobody. */
static void date_spent(struct budget_track *t, struct burn_change *c, const struct interval *in)
{
    if (t->def != NULL || t->used_nusd < t->limit_nusd || c->before.state != ALERT_INACTIVE || c->after.state != ALERT_FIRING ||
        in->t0_ms == 0)
        return;
    c->after.onset_ms = in->t0_ms + (in->t1_ms - in->t0_ms) / 2;
    c->after.onset_error_ms = (in->t1_ms - in->t0_ms) / 2;
    burn_alarm_set(t->state, c->rule, &c->after);
}

static enum err changed(struct analyser *an, struct budget_track *t, struct burn_change *c, const struct interval *in, struct errctx *ctx)
{
    const struct burn_rule *r = burn_rule_at(c->rule);
    date_spent(t, c, in);
    const bool all_spent = t->def == NULL && t->limit_nusd > 0 && t->used_nusd >= t->limit_nusd;
    const struct alert al = {
        .rule = t->rule[c->rule],
        .scope = t->scope.text,
        .severity = r->severity,
        .state = c->after.state,
        .since_ms = c->after.since_ms,
        .onset_ms = c->after.onset_ms,
        .onset_error_ms = c->after.onset_error_ms,
        .known_ms = in->known_ms,
        .burn_long = c->in_long.burn_least,
        .burn_short = c->in_short.burn,
        .window_long_ms = slo_window_ms(r->long_window),
        .window_short_ms = slo_window_ms(r->short_window),
        .bad = c->rule == BURN_RESET ? t->used_nusd : c->in_long.spent_nusd,
        .total = c->rule == BURN_RESET ? t->limit_nusd : (int64_t)c->in_long.allowed_nusd,
        .text = evidence(an, t, c),
    };
    if (al.text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down an alert of the budget %s", t->name);
    const struct rule_change change = {
        .rule = t->rule[c->rule],
        .name = r->name,
        .severity = r->severity,
        .was_firing = c->before.state == ALERT_FIRING || (c->before.state == ALERT_NO_DATA && c->before.was_firing),
        .state = c->after.state,
        .since_ms = c->after.since_ms,
        .onset_ms = c->after.onset_ms,
        .onset_error_ms = c->after.onset_error_ms,
        .evidence = spends(an, t, c),
        .begins = arena_printf(&an->scratch,
                               all_spent ? "all of budget %s is spent: the gateway refuses what it would pay"
                                         : "spend of budget %s begins to exceed what is usual",
                               t->name),
        .begins_letter = event_kind_letter(EVENT_PRICE),
        .silent = slo_window_name(r->short_window),
        .shows = SHOWS_SPEND,
    };
    an->dirty = true;
    enum err e = store_put_alert(an->st, &al, ctx);
    return e == ERR_OK ? analyse_incident_change(an, t->incident, &change, in, ctx) : e;
}

static enum err all_changed(struct analyser *an, struct budget_track *t, struct burn_change *list, size_t count, const struct interval *in,
                            struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = changed(an, t, &list[i], in, ctx);
    return e;
}

enum err analyse_budgets_interval(struct analyser *an, const struct interval *in, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < an->budget_count; i++) {
        struct budget_track *t = &an->budgets[i];
        struct burn_change changes[BURN_RULES];
        int64_t calm_from[BURN_RULES];
        if (!t->touched)
            continue;
        burn_feed(t->state, in->t0_ms, in->t1_ms, t->spent_nusd);
        if (t->def != NULL) {
            enter_period(t, in->t1_ms);
            t->used_nusd += t->spent_nusd;
        }
        t->touched = false;
        t->spent_nusd = 0;
        for (size_t r = 0; r < BURN_RULES; r++)
            calm_from[r] = burn_alarm_get(t->state, r).calm_from_ms;
        if (t->def == NULL && !read_gauges(t, in->t1_ms))
            continue;
        const struct burn_budget b = budget_of(t);
        size_t n = burn_evaluate(t->state, &b, changes);
        for (size_t r = 0; r < BURN_RULES; r++) /* kept in the note, so that a restart in between does not begin it anew */
            an->dirty = an->dirty || burn_alarm_get(t->state, r).calm_from_ms != calm_from[r];
        e = all_changed(an, t, changes, n, in, ctx);
    }
    return e;
}

enum err analyse_budgets_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    const struct interval in = {.t1_ms = now_ms, .known_ms = now_ms};
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < an->budget_count; i++) {
        struct budget_track *t = &an->budgets[i];
        struct burn_change changes[BURN_RULES];
        if (t->limit_nusd <= 0 || (t->def != NULL && t->to_ms == 0))
            continue; /* nothing was told of it, or nothing ever spent in its scope */
        const struct burn_budget b = budget_of(t);
        e = all_changed(an, t, changes, burn_tick(t->state, &b, now_ms, changes), &in, ctx);
    }
    return e;
}

void analyse_budgets_firing(const struct analyser *an, uint32_t track, struct firing *f)
{
    for (uint32_t i = 0; i < an->budget_count; i++) {
        const struct budget_track *t = &an->budgets[i];
        if (t->incident != track)
            continue;
        if (burn_now_ms(t->state) > f->now_ms)
            f->now_ms = burn_now_ms(t->state);
        for (size_t r = 0; r < BURN_RULES; r++) {
            const struct burn_alarm a = burn_alarm_get(t->state, r);
            bool fires = a.state == ALERT_FIRING || (a.state == ALERT_NO_DATA && a.was_firing);
            if (fires)
                firing_add(f, burn_rule_at(r)->severity, burn_now_ms(t->state));
        }
    }
}
