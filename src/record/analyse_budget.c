/* SPDX-License-Identifier: MIT */
/* Budgets as objectives of money: what feeds them, and what their transitions become. */
#include <stdlib.h>
#include <string.h>

#include "record/analyse_int.h"

/* ---- definitions ---- */

static enum err open_one(struct analyser *an, struct budget_track *t, const struct config_budget *def, struct errctx *ctx)
{
    t->def = def;
    t->state = burn_state_new();
    enum err e = t->state != NULL ? analyse_watch(an, def->scope, def->scope_count, &t->scope) : ERR_NOMEM;
    const char *title = arena_printf(&an->arena, "budget %s", def->name);
    for (size_t i = 0; e == ERR_OK && i < BURN_RULES; i++) {
        t->rule[i] = arena_printf(&an->arena, "budget:%s:%s", def->name, burn_rule_at(i)->name);
        e = t->rule[i] != NULL && title != NULL ? ERR_OK : ERR_NOMEM;
    }
    if (e == ERR_OK)
        e = analyse_incident_track(an, t->scope.text, title, &t->incident, ctx);
    return e == ERR_OK ? e : errctx_set(ctx, e, "out of memory for the budget %s", def->name);
}

/* The rule that an alert is of; false: it is no longer configured. */
static bool find_rule(struct analyser *an, const struct alert *al, struct budget_track **ret, size_t *ret_rule)
{
    for (uint32_t i = 0; i < an->budget_count; i++) {
        struct budget_track *t = &an->budgets[i];
        for (size_t r = 0; r < BURN_RULES; r++) {
            if (strcmp(al->rule, t->rule[r]) != 0 || strcmp(al->scope, t->scope.text) != 0)
                continue;
            *ret = t;
            *ret_rule = r;
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
    an->budgets = arena_array(&an->arena, an->cfg->budget_count + 1, sizeof *an->budgets);
    if (an->budgets == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for %u budgets", an->cfg->budget_count);
    for (; an->budget_count < an->cfg->budget_count; an->budget_count++) {
        enum err e = open_one(an, &an->budgets[an->budget_count], &an->cfg->budgets[an->budget_count], ctx);
        if (e != ERR_OK) {
            burn_state_free(an->budgets[an->budget_count].state);
            return e;
        }
    }
    enum err e = store_alerts(an->st, INT64_MAX, &an->scratch, &alerts, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const struct burn_alarm a = {.state = alerts[i].state, .since_ms = alerts[i].since_ms, .onset_ms = alerts[i].onset_ms};
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

void analyse_budget_item(struct budget_track *t, const struct store_item *item)
{
    int64_t sum;
    t->touched = true;
    if (item->v.increment > 0 && !__builtin_add_overflow(t->spent_nusd, item->v.increment, &sum))
        t->spent_nusd = sum;
}

/* The budget of the period that holds the instant: a month is as long as it is. */
static struct burn_budget budget_at(const struct budget_track *t, int64_t at_ms)
{
    int64_t from, to;
    config_budget_period(t->def, at_ms, &from, &to);
    return (struct burn_budget){.limit_nusd = t->def->limit_nusd, .period_ms = to - from};
}

/* ---- transitions ---- */

/* "spends 15x its pace over 1h and 30x over 5m". The long window is told as the rule counts it: what was not observed counts as nothing spent. */
static const char *spends(struct analyser *an, const struct burn_change *c)
{
    const struct burn_rule *r = burn_rule_at(c->rule);
    const char *in_long = text_burn(an, c->in_long.burn_least), *in_short = text_burn(an, c->in_short.burn);
    if (in_long == NULL || in_short == NULL)
        return NULL;
    return arena_printf(&an->scratch, "spends %s its pace over %s and %s over %s", in_long, slo_window_name(r->long_window), in_short,
                        slo_window_name(r->short_window));
}

/* One sentence of evidence. */
static const char *evidence(struct analyser *an, const struct burn_change *c)
{
    const struct burn_rule *r = burn_rule_at(c->rule);
    const char *lw = slo_window_name(r->long_window), *sw = slo_window_name(r->short_window), *pace = spends(an, c);
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
    return arena_printf(&an->scratch, "%s%s, fires at %.3gx; %s in %s, which allow %s%s", c->after.state == ALERT_INACTIVE ? "over: " : "",
                        pace, r->factor, spent, lw, allowed, young);
}

static enum err changed(struct analyser *an, struct budget_track *t, const struct burn_change *c, const struct interval *in,
                        struct errctx *ctx)
{
    const struct burn_rule *r = burn_rule_at(c->rule);
    const struct alert al = {
        .rule = t->rule[c->rule],
        .scope = t->scope.text,
        .severity = r->severity,
        .state = c->after.state,
        .since_ms = c->after.since_ms,
        .onset_ms = c->after.onset_ms,
        .known_ms = in->known_ms,
        .burn_long = c->in_long.burn_least,
        .burn_short = c->in_short.burn,
        .window_long_ms = slo_window_ms(r->long_window),
        .window_short_ms = slo_window_ms(r->short_window),
        .bad = c->in_long.spent_nusd,
        .total = (int64_t)c->in_long.allowed_nusd,
        .text = evidence(an, c),
    };
    if (al.text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down an alert of the budget %s", t->def->name);
    const struct rule_change change = {
        .rule = t->rule[c->rule],
        .name = r->name,
        .severity = r->severity,
        .was_firing = c->before.state == ALERT_FIRING || (c->before.state == ALERT_NO_DATA && c->before.was_firing),
        .state = c->after.state,
        .since_ms = c->after.since_ms,
        .onset_ms = c->after.onset_ms,
        .evidence = spends(an, c),
        .begins = arena_printf(&an->scratch, "spend of budget %s begins to exceed its pace", t->def->name),
        .begins_letter = event_kind_letter(EVENT_PRICE),
        .silent = slo_window_name(r->short_window),
    };
    an->dirty = true;
    enum err e = store_put_alert(an->st, &al, ctx);
    return e == ERR_OK ? analyse_incident_change(an, t->incident, &change, in, ctx) : e;
}

static enum err all_changed(struct analyser *an, struct budget_track *t, const struct burn_change *list, size_t count,
                            const struct interval *in, struct errctx *ctx)
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
        t->touched = false;
        t->spent_nusd = 0;
        for (size_t r = 0; r < BURN_RULES; r++)
            calm_from[r] = burn_alarm_get(t->state, r).calm_from_ms;
        const struct burn_budget b = budget_at(t, in->t1_ms);
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
        const struct burn_budget b = budget_at(t, now_ms);
        e = all_changed(an, t, changes, burn_tick(t->state, &b, now_ms, changes), &in, ctx);
    }
    return e;
}

void analyse_budgets_firing(const struct analyser *an, uint32_t incident, struct firing *f)
{
    for (uint32_t i = 0; i < an->budget_count; i++) {
        const struct budget_track *t = &an->budgets[i];
        if (t->incident != incident)
            continue;
        if (burn_now_ms(t->state) > f->now_ms)
            f->now_ms = burn_now_ms(t->state);
        for (size_t r = 0; r < BURN_RULES; r++) {
            const struct burn_alarm a = burn_alarm_get(t->state, r);
            bool fires = a.state == ALERT_FIRING || (a.state == ALERT_NO_DATA && a.was_firing);
            if (fires && burn_rule_at(r)->severity > f->worst)
                f->worst = burn_rule_at(r)->severity;
        }
    }
}
