/* SPDX-License-Identifier: MIT */
/* Objectives: what feeds them, and what their transitions become. */
#include <stdlib.h>
#include <string.h>

#include "record/analyse_int.h"

/* ---- definitions ---- */

static enum err open_one(struct analyser *an, struct slo_track *t, const struct slo *def, struct errctx *ctx)
{
    t->def = def;
    t->state = slo_state_new(def->objective, def->period_ms);
    enum err e = t->state != NULL ? analyse_watch(&an->arena, def->scope, def->scope_count, &t->scope) : ERR_NOMEM;
    for (size_t i = 0; e == ERR_OK && i < SLO_RULES; i++) {
        t->rule[i] = arena_printf(&an->arena, "slo:%s:%s", def->name, slo_rule_at(i)->name);
        e = t->rule[i] != NULL ? ERR_OK : ERR_NOMEM;
    }
    if (e == ERR_OK)
        e = analyse_incident_track(an, t->scope.text, NULL, &t->incident, ctx);
    return e == ERR_OK ? e : errctx_set(ctx, e, "out of memory for the objective %s", def->name);
}

/* The rule that an alert is of; false: it is no longer configured. */
static bool find_rule(struct analyser *an, const struct alert *al, struct slo_track **ret, size_t *ret_rule)
{
    for (uint32_t i = 0; i < an->slo_count; i++) {
        struct slo_track *t = &an->slos[i];
        if (analyse_watch_rule(&t->scope, t->rule, SLO_RULES, al, ret_rule)) {
            *ret = t;
            return true;
        }
    }
    return false;
}

enum err analyse_slos_open(struct analyser *an, struct errctx *ctx)
{
    struct alert *alerts;
    size_t count, r;
    struct slo_track *t;
    an->slos = arena_array(&an->arena, an->cfg->slo_count + 1, sizeof *an->slos);
    if (an->slos == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for %u objectives", an->cfg->slo_count);
    for (; an->slo_count < an->cfg->slo_count; an->slo_count++) {
        enum err e = open_one(an, &an->slos[an->slo_count], &an->cfg->slos[an->slo_count], ctx);
        if (e != ERR_OK) {
            slo_state_free(an->slos[an->slo_count].state);
            return e;
        }
    }
    enum err e = store_alerts(an->st, INT64_MAX, &an->scratch, &alerts, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const struct alert *al = &alerts[i];
        const struct slo_alarm a = {
            .state = al->state, .since_ms = al->since_ms, .onset_ms = al->onset_ms, .onset_error_ms = al->onset_error_ms};
        if (find_rule(an, al, &t, &r))
            slo_alarm_set(t->state, r, &a);
    }
    return e;
}

bool analyse_slos_know(struct analyser *an, const struct alert *al)
{
    struct slo_track *t;
    size_t rule;
    return find_rule(an, al, &t, &rule);
}

static void tell_shows(const struct slo *def, struct rule_change *c)
{
    c->shows = def->kind == SLO_AVAILABILITY ? SHOWS_FAILURES : SHOWS_SLOW;
    c->signal = def->signal;
    c->threshold = def->threshold;
}

void analyse_slos_shows(struct analyser *an, const struct alert *al, struct rule_change *c)
{
    struct slo_track *t;
    size_t rule;
    if (find_rule(an, al, &t, &rule))
        tell_shows(t->def, c);
}

/* ---- feeding ---- */

static void count_hist(struct slo_track *t, const struct link *l, const struct store_item *item)
{
    for (uint32_t i = 0; i < item->v.hist.count; i++) {
        const struct store_hist_count *c = &item->v.hist.counts[i];
        t->bad_lo += c->bucket >= l->certain ? c->count : 0;
        t->bad_hi += c->bucket >= l->possible ? c->count : 0;
        t->total += c->count;
    }
}

void analyse_slo_item(struct slo_track *t, const struct link *l, const struct store_item *item)
{
    t->touched = true;
    if (l->mark == MARK_HIST) {
        count_hist(t, l, item);
        return;
    }
    uint64_t n = item->v.increment > 0 ? (uint64_t)item->v.increment : 0;
    t->total += n;
    t->bad_lo += l->mark == MARK_BAD ? n : 0;
    t->bad_hi += l->mark == MARK_BAD ? n : 0;
}

/* ---- transitions ---- */

static const char *counted(struct analyser *an, const struct slo_track *t, const struct slo_change *c)
{
    const struct slo_count *n = &c->in_long;
    const char *window = slo_window_name(slo_rule_at(c->rule)->long_window);
    const char *bad = text_count(an, n->bad_lo), *most = text_count(an, n->bad_hi), *total = text_count(an, n->total);
    if (bad == NULL || most == NULL || total == NULL)
        return NULL;
    if (t->def->kind == SLO_AVAILABILITY)
        return arena_printf(&an->scratch, "%s of %s requests failed in %s", bad, total, window);
    const char *to = n->bad_hi > n->bad_lo ? " to " : "";
    return arena_printf(&an->scratch, "%s%s%s of %s had %s above %g s in %s", bad, to, n->bad_hi > n->bad_lo ? most : "", total,
                        signal_info(t->def->signal)->name, t->def->threshold, window);
}

/* " (4m10s observed)": of the long window, where that is not nearly all of it; "". NULL when the arena is full. */
static const char *observed(struct analyser *an, const struct slo_change *c)
{
    if (slo_observed_ratio(&c->in_long, slo_rule_at(c->rule)->long_window) >= 0.98)
        return "";
    const char *seen = text_duration(an, c->in_long.observed_ms);
    return seen != NULL ? arena_printf(&an->scratch, " (%s observed)", seen) : NULL;
}

/* "budget burn 21x over 1h and 95x over 5m". NULL when the arena is full. */
static const char *burns(struct analyser *an, const struct slo_change *c)
{
    const struct slo_rule *r = slo_rule_at(c->rule);
    const char *long_burn = text_burn(an, c->burn_long), *short_burn = text_burn(an, c->burn_short), *seen = observed(an, c);
    const char *lw = slo_window_name(r->long_window), *sw = slo_window_name(r->short_window);
    if (long_burn == NULL || short_burn == NULL || seen == NULL)
        return NULL;
    return r->long_window == r->short_window
               ? arena_printf(&an->scratch, "budget burn %s over %s%s", long_burn, lw, seen)
               : arena_printf(&an->scratch, "budget burn %s over %s%s and %s over %s", long_burn, lw, seen, short_burn, sw);
}

/* "fires at 14.4x": what decides. Of a window that was observed in part the burn must be as much higher (slo_rule_fires). NULL when the
 * arena is full. */
static const char *fires_at(struct analyser *an, const struct slo_track *t, const struct slo_change *c)
{
    const struct slo_rule *r = slo_rule_at(c->rule);
    const double factor = slo_rule_factor(r, t->def->objective, t->def->period_ms);
    const double in_long = factor / slo_observed_ratio(&c->in_long, r->long_window);

    if (factor > slo_rule_end_factor(r, t->def->period_ms)) /* it asks for a share of the requests */
        return arena_printf(&an->scratch, "fires at %.3gx, %.3g %% of the requests", in_long, 100 * in_long * (1 - t->def->objective));
    return r->long_window == r->short_window || in_long < 1.02 * factor
               ? arena_printf(&an->scratch, "fires at %.3gx", in_long)
               : arena_printf(&an->scratch, "fires at %.3gx and %.3gx", in_long, factor);
}

/* One sentence of evidence. */
static const char *evidence(struct analyser *an, const struct slo_track *t, const struct slo_change *c)
{
    const struct slo_rule *r = slo_rule_at(c->rule);
    if (c->after.state == ALERT_NO_DATA)
        return arena_printf(&an->scratch, "nothing observed for %s%s", slo_window_name(r->short_window),
                            c->after.was_firing ? "; it was firing" : "");
    const char *burn = burns(an, c), *counts = counted(an, t, c), *at = fires_at(an, t, c);
    const char *bad = text_count(an, c->in_over.bad_lo), *total = text_count(an, c->in_over.total);
    if (burn == NULL || counts == NULL || at == NULL || bad == NULL || total == NULL)
        return NULL;
    return c->after.state == ALERT_FIRING
               ? arena_printf(&an->scratch, "%s, %s; %s", burn, at, counts)
               : arena_printf(&an->scratch, "over: %s of %s bad in the last %s; %s, ends below %.3gx", bad, total,
                              slo_window_name(r->over_window), burn, slo_rule_end_factor(r, t->def->period_ms));
}

/* What the incident says of it. */
static enum err tell_incident(struct analyser *an, struct slo_track *t, const struct slo_change *c, const struct interval *in,
                              struct errctx *ctx)
{
    const struct slo_rule *r = slo_rule_at(c->rule);
    const char *error = text_duration(an, c->after.onset_error_ms), *subject = t->scope.subject;
    const char *title = t->def->kind == SLO_AVAILABILITY
                            ? arena_printf(&an->scratch, "%s errors", subject)
                            : arena_printf(&an->scratch, "%s slow %s", subject, signal_info(t->def->signal)->name);
    struct rule_change change = {.rule = t->rule[c->rule],
                                 .name = r->name,
                                 .severity = r->severity,
                                 .was_firing =
                                     c->before.state == ALERT_FIRING || (c->before.state == ALERT_NO_DATA && c->before.was_firing),
                                 .state = c->after.state,
                                 .since_ms = c->after.since_ms,
                                 .onset_ms = c->after.onset_ms,
                                 .onset_error_ms = c->after.onset_error_ms,
                                 .title = title,
                                 .begins_letter = event_kind_letter(EVENT_ERRORS),
                                 .begins_event = true,
                                 .silent = slo_window_name(r->short_window),
                                 .evidence = burns(an, c)};
    if (title != NULL && error != NULL)
        change.begins = arena_printf(&an->scratch, "%s begin, +-%s", title, error);
    tell_shows(t->def, &change);
    return analyse_incident_change(an, t->incident, &change, in, ctx);
}

void analyse_slos_firing(const struct analyser *an, uint32_t track, struct firing *f)
{
    for (uint32_t i = 0; i < an->slo_count; i++) {
        const struct slo_track *t = &an->slos[i];
        if (t->incident != track)
            continue;
        if (slo_now_ms(t->state) > f->now_ms)
            f->now_ms = slo_now_ms(t->state);
        for (size_t r = 0; r < SLO_RULES; r++) {
            const struct slo_alarm a = slo_alarm_get(t->state, r);
            bool fires = a.state == ALERT_FIRING || (a.state == ALERT_NO_DATA && a.was_firing);
            if (fires)
                firing_add(f, slo_rule_at(r)->severity, slo_now_ms(t->state));
        }
    }
}

static bool took_part(const struct slo_track *t, int64_t opened_ms)
{
    for (size_t r = 0; r < SLO_RULES; r++) {
        const struct slo_alarm a = slo_alarm_get(t->state, r);
        if (a.state == ALERT_FIRING || (a.state != ALERT_NO_DATA ? a.since_ms > opened_ms : a.was_firing))
            return true;
    }
    return false;
}

bool analyse_slos_end(const struct analyser *an, uint32_t track, int64_t opened_ms, int64_t from_ms, struct slo_end *ret,
                      struct slo_end *ret_begin)
{
    bool any = false, over = true, seems_over = true;
    *ret_begin = (struct slo_end){.at_ms = 0};
    for (uint32_t i = 0; i < an->slo_count; i++) {
        const struct slo_track *t = &an->slos[i];
        struct slo_end end, begin = {.over = false};
        if (t->incident != track || !took_part(t, opened_ms) || !slo_trouble_end(t->state, from_ms, &end))
            continue;
        over = over && end.over;
        seems_over = seems_over && end.seems_over;
        if (!any || end.at_ms > ret->at_ms)
            *ret = end;
        if (slo_onset(t->state, SLO_5M, from_ms, &begin.at_ms, &begin.error_ms) &&
            (ret_begin->at_ms == 0 || begin.at_ms < ret_begin->at_ms))
            *ret_begin = begin;
        any = true;
    }
    if (any) {
        ret->over = over;
        ret->seems_over = seems_over;
    }
    return any;
}

static enum err changed(struct analyser *an, struct slo_track *t, const struct slo_change *c, const struct interval *in, struct errctx *ctx)
{
    const struct slo_rule *r = slo_rule_at(c->rule);
    const struct alert al = {
        .rule = t->rule[c->rule],
        .scope = t->scope.text,
        .severity = r->severity,
        .state = c->after.state,
        .since_ms = c->after.since_ms,
        .onset_ms = c->after.onset_ms,
        .onset_error_ms = c->after.onset_error_ms,
        .known_ms = in->known_ms,
        .burn_long = c->burn_long,
        .burn_short = c->burn_short,
        .window_long_ms = slo_window_ms(r->long_window),
        .window_short_ms = slo_window_ms(r->short_window),
        .bad = (int64_t)c->in_long.bad_lo,
        .total = (int64_t)c->in_long.total,
        .text = evidence(an, t, c),
    };
    if (al.text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down an alert of %s", t->def->name);
    an->dirty = true;
    enum err e = store_put_alert(an->st, &al, ctx);
    return e == ERR_OK ? tell_incident(an, t, c, in, ctx) : e;
}

/* Since when a rule is calm is kept in the note, so that a restart in between does not begin it anew. */
static bool same_alarm(const struct slo_alarm *a, const struct slo_alarm *b)
{
    return a->state == b->state && a->calm_from_ms == b->calm_from_ms;
}

enum err analyse_slos_interval(struct analyser *an, const struct interval *in, struct errctx *ctx)
{
    for (uint32_t i = 0; i < an->slo_count; i++) {
        struct slo_track *t = &an->slos[i];
        struct slo_change changes[SLO_RULES];
        struct slo_alarm before[SLO_RULES];
        if (!t->touched)
            continue;
        slo_feed(t->state, in->t0_ms, in->t1_ms, t->total, t->bad_lo, t->bad_hi);
        t->touched = false;
        t->total = t->bad_lo = t->bad_hi = 0;
        for (size_t r = 0; r < SLO_RULES; r++)
            before[r] = slo_alarm_get(t->state, r);
        size_t n = slo_evaluate(t->state, changes);
        for (size_t r = 0; r < SLO_RULES; r++) {
            const struct slo_alarm now = slo_alarm_get(t->state, r);
            an->dirty = an->dirty || !same_alarm(&before[r], &now);
        }
        for (size_t k = 0; k < n; k++) {
            enum err e = changed(an, t, &changes[k], in, ctx);
            if (e != ERR_OK)
                return e;
        }
    }
    return ERR_OK;
}

enum err analyse_slos_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    const struct interval in = {.t1_ms = now_ms, .known_ms = now_ms};
    for (uint32_t i = 0; i < an->slo_count; i++) {
        struct slo_change changes[SLO_RULES];
        size_t n = slo_tick(an->slos[i].state, now_ms, changes);
        for (size_t k = 0; k < n; k++) {
            enum err e = changed(an, &an->slos[i], &changes[k], &in, ctx);
            if (e != ERR_OK)
                return e;
        }
    }
    return ERR_OK;
}
