/* SPDX-License-Identifier: MIT */
/* Rules of the configuration: what feeds their terms, when they fire, and what that becomes.
 *
 * A rule fires once its expression has held for `for` of event time, and is over once it has not for `keep`, by the `clear` threshold.
 * While a value is unknown neither goes on; after NO_DATA_MS of that it cannot be judged (ALERT_NO_DATA), and what fired stays open. */
#include "record/analyse_rule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

enum {
    NO_DATA_MS = 5 * MINUTE_MS,
    SILENT_MS = MINUTE_MS, /* without an interval for so long, the clock judges */
    AT_ONCE = 32,          /* queries of one pass over the store */
};

static struct rule_window *window_of(const struct analyser *an, const struct link *l)
{
    return &an->rules[l->slot / RULEEXPR_TERMS_MAX].window[l->slot % RULEEXPR_TERMS_MAX];
}

static enum err no_memory(const struct rule_track *t, struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "out of memory for the rule %s", t->def->name);
}

/* ---- opening ---- */

static enum err open_one(struct analyser *an, struct rule_track *t, const struct config_rule *def, struct errctx *ctx)
{
    t->def = def;
    t->value = NAN;
    enum err e = analyse_watch(&an->arena, def->scope, def->scope_count, &t->scope);
    for (uint32_t i = 0; e == ERR_OK && i < def->x.term_count; i++)
        e = rule_window_init(&t->window[i], &def->x.term[i], def->scope, def->scope_count);
    t->rule = arena_printf(&an->arena, "rule:%s", def->name);
    if (e != ERR_OK || t->rule == NULL)
        return no_memory(t, ctx);
    return analyse_incident_track(an, t->scope.text, NULL, &t->incident, ctx);
}

static struct rule_track *track_of(const struct analyser *an, const char *rule, const char *scope)
{
    for (uint32_t i = 0; i < an->rule_count; i++)
        if (strcmp(an->rules[i].rule, rule) == 0 && strcmp(an->rules[i].scope.text, scope) == 0)
            return &an->rules[i];
    return NULL;
}

enum err analyse_rules_open(struct analyser *an, struct errctx *ctx)
{
    struct alert *alerts;
    size_t count;
    an->rules = calloc(an->cfg->rule_count + 1, sizeof *an->rules);
    if (an->rules == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for %u rules", an->cfg->rule_count);
    enum err e = ERR_OK;
    while (e == ERR_OK && an->rule_count < an->cfg->rule_count) {
        const uint32_t i = an->rule_count++;
        e = open_one(an, &an->rules[i], &an->cfg->rules[i], ctx);
    }
    if (e == ERR_OK)
        e = store_alerts(an->st, INT64_MAX, &an->scratch, &alerts, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct rule_track *t = track_of(an, alerts[i].rule, alerts[i].scope);
        if (t == NULL)
            continue;
        t->state = alerts[i].state;
        t->since_ms = alerts[i].since_ms;
        t->onset_ms = alerts[i].onset_ms;
        t->known = true;
    }
    return e;
}

void analyse_rules_close(struct analyser *an)
{
    for (uint32_t i = 0; i < an->rule_count; i++)
        for (uint32_t k = 0; k < RULEEXPR_TERMS_MAX; k++)
            rule_window_fini(&an->rules[i].window[k]);
    free(an->rules);
}

bool analyse_rules_know(const struct analyser *an, const struct alert *al)
{
    return track_of(an, al->rule, al->scope) != NULL;
}

/* ---- who feeds them ---- */

void analyse_rules_find(struct analyser *an, bool anew)
{
    for (uint32_t i = 0; i < an->rule_count; i++)
        for (uint32_t k = 0; k < an->rules[i].def->x.term_count; k++) {
            rule_window_find(&an->rules[i].window[k], store_strings(an->st));
            an->rules[i].window[k].gauge_count = anew ? 0 : an->rules[i].window[k].gauge_count;
        }
}

enum err analyse_rules_series(struct analyser *an, const struct series *s, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; i < an->rule_count; i++) {
        struct rule_track *t = &an->rules[i];
        for (uint32_t k = 0; k < t->def->x.term_count; k++) {
            struct rule_window *w = &t->window[k];
            for (uint32_t side = 0; e == ERR_OK && side < w->term->selector_count; side++) {
                struct link l = {.to = LINK_RULE, .mark = (uint8_t)side, .slot = i * RULEEXPR_TERMS_MAX + k, .certain = s->bounds};
                if (!rule_window_has(w, side, s))
                    continue;
                if (w->slot == NULL && rule_window_add_gauge(w, &l.certain) != ERR_OK)
                    return no_memory(t, ctx);
                e = analyse_link(an, l, ctx);
            }
        }
    }
    return e;
}

/* What there is no memory for is told with the end of the interval. */
void analyse_rule_item(struct analyser *an, const struct link *l, const struct store_item *item, const struct interval *in)
{
    struct rule_track *t = &an->rules[l->slot / RULEEXPR_TERMS_MAX];
    struct rule_window *w = window_of(an, l);
    const bool is_hist = w->slot != NULL && l->certain != 0;
    const struct hist_bounds *b = is_hist ? store_bounds_by_id(an->st, l->certain) : NULL;
    t->touched = true;
    t->failed = rule_window_feed(w, l->mark, item, b, l->certain, in, &an->scratch) != ERR_OK || t->failed;
}

/* ---- from the store ---- */

struct fill {
    struct rule_window *w;
    uint32_t side;
};

static enum err ask(struct analyser *an, const struct fill *f, int64_t newest_ms, struct store_query *q, struct errctx *ctx)
{
    const struct rule_window *w = f->w;
    const int64_t end = ((newest_ms - 1) / w->sub_ms + 1) * w->sub_ms;
    *q = (struct store_query){
        .signal = w->term->selector[f->side].signal, .t0_ms = end - RULE_SLOTS * w->sub_ms, .step_ms = w->sub_ms, .columns = RULE_SLOTS};
    enum err e = analyse_allowed(an, q->signal, &q->filter.sources, &q->filter.source_count, ctx);
    if (e == ERR_OK && rule_window_filter(w, f->side, &an->scratch, &q->filter) != ERR_OK)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading the windows of rules");
    q->filter.without = an->kept_stages;
    q->filter.without_count = an->kept_stage_count;
    return e;
}

static enum err take_column(const struct fill *f, const struct store_query *q, const struct store_result *r, uint32_t column)
{
    struct rule_window *w = f->w;
    const enum signal_kind kind = signal_info(q->signal)->kind;
    struct rule_slot *s = rule_window_slot(w, q->t0_ms + ((int64_t)column + 1) * q->step_ms);
    enum err e = ERR_OK;
    for (size_t g = 0; s != NULL && e == ERR_OK && g < r->count; g++) {
        const struct store_cell *c = &r->groups[g].cells[column];
        if (c->n == 0)
            continue;
        s->covered_ms = c->covered_ms > s->covered_ms ? c->covered_ms : s->covered_ms; /* the whole poll's, as it is fed */
        s->sum[f->side] += c->sum;
        if (kind == KIND_SCORE) {
            s->n[f->side] += c->score_n;
            s->bad += c->score_bad;
        }
        if (kind != KIND_HISTOGRAM)
            continue;
        const struct hist_set *set = &r->groups[g].hists[column];
        s->n[f->side] += (int64_t)hist_n(set);
        for (uint32_t i = 0; e == ERR_OK && i < set->count; i++)
            e = hist_set_add(&s->hists, &set->h[i], &w->arena);
    }
    return e;
}

static enum err fill_some(struct analyser *an, const struct fill *list, uint32_t count, int64_t newest_ms, struct errctx *ctx)
{
    struct store_query *q = arena_array(&an->scratch, AT_ONCE, sizeof *q);
    struct store_result *r = arena_array(&an->scratch, AT_ONCE, sizeof *r);
    struct arena a;
    enum err e = q != NULL && r != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading the windows of rules");
    for (uint32_t i = 0; e == ERR_OK && i < count; i++)
        e = ask(an, &list[i], newest_ms, &q[i], ctx);
    if (e != ERR_OK || count == 0)
        return e;
    arena_init(&a, SCRATCH_MAX_BYTES);
    e = store_read(an->st, q, count, &a, r, ctx);
    for (uint32_t i = 0; e == ERR_OK && i < count; i++)
        for (uint32_t c = 0; e == ERR_OK && c < RULE_SLOTS; c++)
            e = take_column(&list[i], &q[i], &r[i], c);
    arena_fini(&a);
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading the windows of rules") : e;
}

enum err analyse_rules_fill(struct analyser *an, struct errctx *ctx)
{
    const int64_t newest_ms = analyse_newest_ms(an);
    struct fill list[AT_ONCE];
    uint32_t n = 0;
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < an->rule_count; i++) {
        struct rule_track *t = &an->rules[i];
        for (uint32_t k = 0; e == ERR_OK && k < t->def->x.term_count; k++) {
            struct rule_window *w = &t->window[k];
            rule_window_forget(w);
            w->covered_until_ms = newest_ms;
            for (uint32_t side = 0; w->slot != NULL && newest_ms != 0 && e == ERR_OK && side < w->term->selector_count; side++) {
                list[n++] = (struct fill){w, side};
                if (n == AT_ONCE) {
                    e = fill_some(an, list, n, newest_ms, ctx);
                    n = 0;
                }
            }
        }
    }
    return e == ERR_OK ? fill_some(an, list, n, newest_ms, ctx) : e;
}

/* ---- transitions ---- */

static const char *shown(struct analyser *an, double v)
{
    const char *text = text_number(an, fabs(v), 3);
    return text != NULL ? arena_printf(&an->scratch, "%s%s", v < 0 ? "-" : "", text) : NULL;
}

/* "errors high: 0.083, fires above 0.05 for 5m; ratio(...) > 5%" */
static const char *evidence(struct analyser *an, const struct rule_track *t)
{
    const struct ruleexpr_compare *c = &t->def->x.compare[0];
    const char *fires = shown(an, c->threshold), *ends = shown(an, t->def->clear), *lasted = text_duration(an, t->def->for_ms);
    const char *value = isnan(t->value) ? "not known" : shown(an, t->value), *name = t->def->name;
    if (fires == NULL || ends == NULL || lasted == NULL || value == NULL)
        return NULL;
    const char *side = c->above ? "above" : "below", *back = c->above ? "below" : "above";
    if (t->state == ALERT_INACTIVE)
        return arena_printf(&an->scratch, "over: %s: %s, ends %s %s; %s", name, value, back, ends, t->def->expr);
    if (t->state == ALERT_NO_DATA)
        return arena_printf(&an->scratch, "%s: not known%s; %s", name, t->was_firing ? "; it was firing" : "", t->def->expr);
    return arena_printf(&an->scratch, "%s: %s, fires %s %s%s%s; %s", name, value, side, fires, t->def->for_ms > 0 ? " for " : "",
                        t->def->for_ms > 0 ? lasted : "", t->def->expr);
}

static bool is_of_class(const struct ruleexpr_selector *s)
{
    bool any = false;
    for (uint32_t i = 0; i < s->part_count; i++)
        any = any || (s->part[i].dim == DIM_CLASS && strcmp(s->part[i].value, outcome_name(OUTCOME_OK)) != 0);
    return any && (s->signal == SIG_REQUESTS || s->signal == SIG_ATTEMPTS);
}

/* What there is too much of, where the rule is of that: whose it is says where it fires. */
static void find_shows(const struct ruleexpr *x, struct rule_change *c)
{
    const struct ruleexpr_compare *first = &x->compare[0];
    for (uint32_t i = 0; i < x->term_count && first->above; i++) {
        const struct ruleexpr_term *t = &x->term[i];
        if (is_of_class(&t->selector[0]))
            c->shows = SHOWS_FAILURES;
        else if (c->shows == SHOWS_NOTHING && t->selector[0].signal == SIG_COST && t->fn != RULEEXPR_RATIO)
            c->shows = SHOWS_SPEND;
    }
    const struct ruleexpr_node *node = &x->node[first->node];
    if (c->shows == SHOWS_NOTHING && first->above && node->op == RULEEXPR_TERM && x->term[node->a].fn == RULEEXPR_QUANTILE) {
        c->shows = SHOWS_SLOW;
        c->signal = x->term[node->a].selector[0].signal;
        c->threshold = first->threshold;
    }
}

void analyse_rules_shows(const struct analyser *an, const struct alert *al, struct rule_change *c)
{
    const struct rule_track *t = track_of(an, al->rule, al->scope);
    if (t != NULL)
        find_shows(&t->def->x, c);
}

static enum err changed(struct analyser *an, struct rule_track *t, bool was_firing, const struct interval *in, struct errctx *ctx)
{
    const enum severity severity = t->def->severity == RULE_PAGE ? SEV_PAGE : SEV_TICKET;
    int64_t window_ms = 0;
    for (uint32_t i = 0; i < t->def->x.term_count; i++)
        window_ms = t->def->x.term[i].window_ms > window_ms ? t->def->x.term[i].window_ms : window_ms;
    const char *title = t->def->summary != NULL ? t->def->summary : t->def->name;
    const struct alert al = {.rule = t->rule,
                             .scope = t->scope.text,
                             .severity = severity,
                             .state = t->state,
                             .since_ms = t->since_ms,
                             .onset_ms = t->onset_ms,
                             .known_ms = in->known_ms,
                             .burn_long = t->value,
                             .burn_short = t->def->x.compare[0].threshold,
                             .window_long_ms = window_ms,
                             .window_short_ms = t->def->for_ms,
                             .text = evidence(an, t)};
    struct rule_change change = {.rule = t->rule,
                                 .name = t->def->name,
                                 .severity = severity,
                                 .was_firing = was_firing,
                                 .state = t->state,
                                 .since_ms = t->since_ms,
                                 .onset_ms = t->onset_ms,
                                 .title = title,
                                 .evidence = al.text,
                                 .begins = arena_printf(&an->scratch, "%s begins to hold", t->def->name),
                                 .begins_letter = event_kind_letter(EVENT_ERRORS),
                                 .silent = "5m"};
    if (al.text == NULL || change.begins == NULL)
        return no_memory(t, ctx);
    find_shows(&t->def->x, &change);
    an->dirty = true;
    enum err e = store_put_alert(an->st, &al, ctx);
    return e == ERR_OK ? analyse_incident_change(an, t->incident, &change, in, ctx) : e;
}

static void turn(struct rule_track *t, enum alert_state state, bool was_firing, int64_t since_ms)
{
    t->state = state;
    t->was_firing = state == ALERT_NO_DATA && was_firing;
    t->since_ms = since_ms;
}

/* Notes since when it holds, fails, or is not known; true when one of them began or ended. */
static bool note_truth(struct rule_track *t, enum ruleexpr_truth truth, int64_t now_ms)
{
    int64_t *const since[] = {&t->fails_ms, &t->holds_ms, &t->unknown_ms};
    bool moved = false;
    for (int i = 0; i < 3; i++) {
        const int64_t to = (enum ruleexpr_truth)i != truth ? 0 : *since[i] != 0 ? *since[i] : now_ms;
        moved = moved || to != *since[i];
        *since[i] = to;
    }
    return moved;
}

static enum err judge(struct analyser *an, struct rule_track *t, const struct interval *in, struct errctx *ctx)
{
    double value[RULEEXPR_TERMS_MAX];
    const bool fires = t->state == ALERT_FIRING || (t->state == ALERT_NO_DATA && t->was_firing);
    const int64_t now = in->t1_ms;
    if (now <= t->now_ms)
        return ERR_OK;
    t->now_ms = now;
    for (uint32_t i = 0; i < t->def->x.term_count; i++) {
        const struct ruleexpr_term *term = &t->def->x.term[i];
        uint64_t signals = 0;
        for (uint32_t k = 0; k < term->selector_count; k++)
            signals |= UINT64_C(1) << term->selector[k].signal;
        const bool torn =
            an->torn_count > 0 && analyse_torn_any(an, signals, now - (term->window_ms > 0 ? term->window_ms : MINUTE_MS), now);
        value[i] = torn ? NAN : rule_window_value(&t->window[i], now, &an->scratch);
    }
    t->value = ruleexpr_value(&t->def->x, 0, value);
    const enum ruleexpr_truth truth = ruleexpr_holds(&t->def->x, fires ? t->def->clear : t->def->x.compare[0].threshold, value);
    t->known = t->known || truth != RULEEXPR_UNKNOWN;
    an->dirty = note_truth(t, truth, now) || an->dirty;
    if (truth == RULEEXPR_UNKNOWN) {
        if (t->state == ALERT_NO_DATA || !t->known || now - t->unknown_ms < NO_DATA_MS)
            return ERR_OK;
        turn(t, ALERT_NO_DATA, fires, now);
        return changed(an, t, fires, in, ctx);
    }
    if (!fires && truth == RULEEXPR_TRUE && now - t->holds_ms >= t->def->for_ms) {
        t->onset_ms = t->holds_ms;
        turn(t, ALERT_FIRING, false, now);
    } else if (fires && truth == RULEEXPR_FALSE && now - t->fails_ms >= t->def->keep_ms) {
        turn(t, ALERT_INACTIVE, false, now);
    } else if (t->state == ALERT_NO_DATA) { /* it is known again */
        turn(t, fires ? ALERT_FIRING : ALERT_INACTIVE, false, now);
    } else {
        return ERR_OK;
    }
    return changed(an, t, fires, in, ctx);
}

enum err analyse_rules_interval(struct analyser *an, const struct interval *in, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < an->rule_count; i++) {
        struct rule_track *t = &an->rules[i];
        if (!t->touched)
            continue;
        if (t->failed)
            return no_memory(t, ctx);
        t->touched = false;
        for (uint32_t k = 0; k < t->def->x.term_count; k++)
            rule_window_covered(&t->window[k], in);
        e = judge(an, t, in, ctx);
    }
    return e;
}

enum err analyse_rules_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    const struct interval in = {.t1_ms = now_ms, .known_ms = now_ms};
    enum err e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < an->rule_count; i++)
        if (an->rules[i].known && now_ms - an->rules[i].now_ms >= SILENT_MS)
            e = judge(an, &an->rules[i], &in, ctx);
    return e;
}

void analyse_rules_firing(const struct analyser *an, uint32_t incident, struct firing *f)
{
    for (uint32_t i = 0; i < an->rule_count; i++) {
        const struct rule_track *t = &an->rules[i];
        const bool fires = t->state == ALERT_FIRING || (t->state == ALERT_NO_DATA && t->was_firing);
        const enum severity severity = t->def->severity == RULE_PAGE ? SEV_PAGE : SEV_TICKET;
        if (t->incident != incident)
            continue;
        f->now_ms = t->now_ms > f->now_ms ? t->now_ms : f->now_ms;
        if (fires)
            firing_add(f, severity, t->now_ms);
    }
}

/* ---- the note ---- */

void analyse_rules_note(const struct analyser *an, struct json *w)
{
    json_array(w, "rules");
    for (uint32_t i = 0; i < an->rule_count; i++) {
        const struct rule_track *t = &an->rules[i];
        if (!t->was_firing && t->holds_ms == 0 && t->fails_ms == 0 && t->unknown_ms == 0)
            continue;
        json_object(w, NULL);
        json_string(w, "rule", t->rule);
        json_string(w, "scope", t->scope.text);
        json_string(w, "expr", t->def->expr);
        json_i64(w, "was_firing", t->was_firing);
        json_i64(w, "holds", t->holds_ms);
        json_i64(w, "fails", t->fails_ms);
        json_i64(w, "unknown", t->unknown_ms);
        json_end(w);
    }
    json_end(w);
}
