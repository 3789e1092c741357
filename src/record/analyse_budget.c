/* SPDX-License-Identifier: MIT */
/* Budgets as objectives of money: what feeds them, and what their transitions become. */
#include <stdlib.h>
#include <string.h>

#include "model/money.h"
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
    return (struct burn_budget){
        .limit_nusd = t->def->limit_nusd, .period_ms = t->to_ms - t->from_ms, .used_nusd = t->used_nusd, .reset_ms = t->to_ms};
}

enum err analyse_budgets_used(struct analyser *an, struct errctx *ctx)
{
    int64_t newest = analyse_newest_ms(an), end = (newest + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS;
    struct store_query *q = arena_array(&an->scratch, an->budget_count + 1, sizeof *q);
    struct store_result *r = arena_array(&an->scratch, an->budget_count + 1, sizeof *r);
    enum err e = q != NULL && r != NULL ? ERR_OK : ERR_NOMEM;
    for (uint32_t i = 0; newest != 0 && e == ERR_OK && i < an->budget_count; i++) {
        struct budget_track *t = &an->budgets[i];
        enter_period(t, newest);
        t->used_nusd = 0;
        q[i] = (struct store_query){.signal = SIG_COST, .t0_ms = t->from_ms, .step_ms = end - t->from_ms, .columns = 1};
        e = analyse_allowed(an, SIG_COST, &q[i].filter.sources, &q[i].filter.source_count, ctx);
        if (e == ERR_OK)
            e = analyse_watch_filter(an, &t->scope, &q[i].filter);
    }
    if (e == ERR_OK && newest != 0 && an->budget_count > 0)
        e = store_read(an->st, q, an->budget_count, &an->scratch, r, ctx);
    for (uint32_t i = 0; newest != 0 && e == ERR_OK && i < an->budget_count; i++)
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
    const char *limit = text_usd(an, t->def->limit_nusd);
    if (in_long == NULL || in_short == NULL || limit == NULL)
        return NULL;
    if (t->used_nusd >= t->def->limit_nusd)
        return arena_printf(&an->scratch, "all of %s is spent", limit);
    const char *left = c->after.state == ALERT_FIRING ? ": gone before its reset" : "";
    return arena_printf(&an->scratch, "spends %s over 1h and %s over 5m%s", in_long, in_short, left);
}

/* "spends 15x its pace over 1h and 30x over 5m". The long window is told as the rule counts it: what was not observed counts as nothing spent. */
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
    const char *used = text_usd(an, t->used_nusd), *limit = text_usd(an, t->def->limit_nusd);
    if (used == NULL || limit == NULL)
        return NULL;
    if (c->rule == BURN_RESET)
        return arena_printf(&an->scratch, "%s%s; %s of %s spent", c->after.state == ALERT_INACTIVE ? "over: " : "", pace, used, limit);
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
        .bad = c->rule == BURN_RESET ? t->used_nusd : c->in_long.spent_nusd,
        .total = c->rule == BURN_RESET ? t->def->limit_nusd : (int64_t)c->in_long.allowed_nusd,
        .text = evidence(an, t, c),
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
        .evidence = spends(an, t, c),
        .begins = arena_printf(&an->scratch, "spend of budget %s begins to exceed %s", t->def->name,
                               c->rule == BURN_RESET ? "what is usual" : "its pace"),
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
        enter_period(t, in->t1_ms);
        t->used_nusd += t->spent_nusd;
        t->touched = false;
        t->spent_nusd = 0;
        for (size_t r = 0; r < BURN_RULES; r++)
            calm_from[r] = burn_alarm_get(t->state, r).calm_from_ms;
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
        if (t->to_ms == 0)
            continue; /* nothing was ever spent in its scope */
        const struct burn_budget b = budget_of(t);
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
