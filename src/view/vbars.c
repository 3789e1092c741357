/* SPDX-License-Identifier: MIT */
#include "view/vbars.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "model/act.h"
#include "view/vfilter.h"
#include "view/vread.h"

enum { RULES_SHOWN_MAX = 64, BARS_MAX = 64 };
static const int64_t hour_ms = 3600000, before_ms = 15 * 60000;

/* Room for what is made, and the alerts of the incident's time. */
struct bars {
    const struct vbars_ask *ask;
    struct alert *history;
    size_t history_count;
    struct alert *mine;
    size_t mine_count;
    struct vbar *bar;
    size_t bar_count;
    struct vincident_rule *rule;
    size_t rule_count;
};

/* ---- the incident itself ---- */

static void put_life(const struct vbars_ask *ask, struct vlife *ret)
{
    const struct incident *in = &ask->in->in;
    *ret = (struct vlife){.onset_ms = in->onset_ms,
                          .detected_ms = in->opened_ms,
                          .ended_ms = in->ended_ms,
                          .resolved_ms = in->state == INCIDENT_RESOLVED ? in->resolved_ms : 0,
                          .onset_hollow = in->onset_ms != 0 && in->opened_ms - in->onset_ms > VIEW_FOUND_LATER_MS};
    for (size_t i = 0; i < ask->act_count; i++) {
        enum act_verb verb;
        const struct store_act *act = &ask->acts[i];
        if (act->incident != in->id || !act_verb_by_name(act->verb, &verb))
            continue;
        if (verb == ACT_ACK && ret->acked_ms == 0)
            ret->acked_ms = act->at_ms;
        if (verb == ACT_MITIGATE && in->state >= INCIDENT_MITIGATED)
            ret->mitigated_ms = act->at_ms;
    }
}

/* ---- rules ---- */

static struct vincident_rule *rule_of(struct bars *b, const struct alert *al)
{
    for (size_t i = 0; i < b->rule_count; i++)
        if (strcmp(b->rule[i].al->rule, al->rule) == 0 && strcmp(b->rule[i].al->scope, al->scope) == 0)
            return &b->rule[i];
    if (b->rule_count == RULES_SHOWN_MAX)
        return NULL;
    b->rule[b->rule_count] = (struct vincident_rule){.al = al, .state = ALERT_INACTIVE, .since_ms = al->since_ms};
    return &b->rule[b->rule_count++];
}

static void put_transition(struct bars *b, const struct alert *al)
{
    struct vincident_rule *r = rule_of(b, al);
    if (r == NULL)
        return;
    if (al->state == ALERT_FIRING && r->state != ALERT_FIRING) {
        *r = (struct vincident_rule){.al = al, .since_ms = al->since_ms, .times = r->times + 1};
    } else if (al->state != ALERT_FIRING && r->state == ALERT_FIRING) {
        r->to_ms = al->since_ms;
    }
    r->state = al->state;
}

static int by_rank(const void *a, const void *b)
{
    const struct vincident_rule *x = a, *y = b;
    if ((x->state == ALERT_FIRING) != (y->state == ALERT_FIRING))
        return x->state == ALERT_FIRING ? -1 : 1;
    if (x->al->severity != y->al->severity)
        return x->al->severity > y->al->severity ? -1 : 1;
    if (x->since_ms != y->since_ms)
        return x->since_ms > y->since_ms ? -1 : 1;
    return strcmp(x->al->rule, y->al->rule);
}

/* ---- bars of rules: one line per objective and severity ---- */

/* "gpt-x availability page" of "slo:gpt-x availability:page-1h". NULL when the arena is full. */
static const char *label_of(struct arena *a, const struct alert *al)
{
    const char *name = strchr(al->rule, ':'), *end = strrchr(al->rule, ':');
    if (name == NULL || end == name)
        return al->rule;
    const bool of_budget = budget_of_rule(al->rule).p != NULL;
    return arena_printf(a, "%s%.*s %s", of_budget ? "budget " : "", (int)(end - name - 1), name + 1, severity_name(al->severity));
}

/* Whether rules stand on the same line. */
static bool share_line(const struct alert *x, const struct alert *y)
{
    const char *ex = strrchr(x->rule, ':'), *ey = strrchr(y->rule, ':');
    const size_t n = ex != NULL ? (size_t)(ex - x->rule) : 0;
    if (x->severity != y->severity)
        return false;
    return ex != NULL && ey != NULL && (size_t)(ey - y->rule) == n ? memcmp(x->rule, y->rule, n) == 0 : strcmp(x->rule, y->rule) == 0;
}

/* "188x/5m": of the short window, over which it fired; of a rule of one's own, its value. */
static const char *change_of(struct arena *a, const struct alert *al)
{
    char window[TIMEFMT_MAX];
    if (strncmp(al->rule, "rule:", 5) == 0)
        return al->window_long_ms == 0 || isnan(al->burn_long) ? "" : arena_printf(a, "%.3g", al->burn_long);
    if (!(al->burn_short > 0) || al->window_short_ms <= 0)
        return "";
    duration_format(al->window_short_ms, window);
    return arena_printf(a, "%.3gx/%s", al->burn_short, window);
}

static bool put_bar(struct bars *b, const struct vbar *bar)
{
    if (bar->label == NULL || bar->change == NULL)
        return false;
    if (b->bar_count < BARS_MAX)
        b->bar[b->bar_count++] = *bar;
    return true;
}

/* The times at which at least one rule of the line of mine[first] fired. */
static enum err put_line(struct bars *b, size_t first)
{
    struct arena *a = b->ask->l->arena;
    const struct alert *head = &b->mine[first], *began = NULL;
    const char *firing[RULES_SHOWN_MAX];
    size_t n = 0;
    const char *label = label_of(a, head);

    for (size_t i = first; i < b->mine_count; i++) {
        const struct alert *al = &b->mine[i];
        size_t at = 0;
        if (!share_line(head, al))
            continue;
        while (at < n && strcmp(firing[at], al->rule) != 0)
            at++;
        if (al->state == ALERT_FIRING && at == n && n < RULES_SHOWN_MAX) {
            began = n == 0 ? al : began;
            firing[n++] = al->rule;
        } else if (al->state != ALERT_FIRING && at < n) {
            firing[at] = firing[--n];
            const struct vbar bar = {label, began != NULL ? change_of(a, began) : "", began != NULL ? began->since_ms : 0, al->since_ms,
                                     head->severity};
            if (n == 0 && !put_bar(b, &bar))
                return ERR_NOMEM;
        }
    }
    const struct vbar last = {label, n > 0 ? change_of(a, began) : "", n > 0 ? began->since_ms : 0, 0, head->severity};
    return n == 0 || put_bar(b, &last) ? ERR_OK : ERR_NOMEM;
}

static bool stands_already(const struct bars *b, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (share_line(&b->mine[i], &b->mine[at]))
            return true;
    return false;
}

/* ---- bars of findings ---- */

/* "0.02 % -> 37.7 %" of "fallback of gpt-x rose 0.02 % -> 37.7 %", else what stands behind the colon. */
static const char *finding_change(const char *text)
{
    static const char *const before[] = {" rose ", " fell ", ": "};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        const char *at = strstr(text, before[i]);
        if (at != NULL)
            return at + strlen(before[i]);
    }
    return "";
}

/* "fallback gpt-x" of rule "fallback:demo", scope "model=gpt-x". */
static const char *finding_label(struct arena *a, const struct alert *al)
{
    const char *value = strchr(al->scope, '=');
    return arena_printf(a, "%.*s%s%.*s", (int)strcspn(al->rule, ":"), al->rule, value != NULL ? " " : "",
                        value != NULL ? (int)strcspn(value + 1, ",") : 0, value != NULL ? value + 1 : "");
}

/* The newest that is told of what was found at one onset has its end. */
static bool is_newest(const struct bars *b, size_t at)
{
    const struct alert *al = &b->history[at];
    for (size_t i = at + 1; i < b->history_count; i++) {
        const struct alert *later = &b->history[i];
        if (later->onset_ms == al->onset_ms && strcmp(later->rule, al->rule) == 0 && strcmp(later->scope, al->scope) == 0)
            return false;
    }
    return true;
}

/* Whether a scope may have to do with the incident's. */
static enum err concerns(const struct vbars_ask *ask, const char *scope, bool *ret, struct errctx *ctx)
{
    const struct view_loader *l = ask->l;
    const char *own = vread_scope_filter(l->arena, ask->in->in.scope), *other = vread_scope_filter(l->arena, scope);
    struct store_filter f, of;
    if (own == NULL || other == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    enum err e = view_filter_parse(own, l->st, l->arena, &f, ctx);
    if (e == ERR_OK)
        e = view_filter_parse(other, l->st, l->arena, &of, ctx);
    if (e == ERR_OK)
        *ret = vfilter_scope(l->st, &f, &of, SIG_REQUESTS) != VSCOPE_APART;
    return e;
}

static enum err put_findings(struct bars *b, struct errctx *ctx)
{
    const struct vbars_ask *ask = b->ask;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < b->history_count; i++) {
        const struct alert *al = &b->history[i];
        bool its = false;
        if (!alert_is_finding(al) || al->onset_ms < ask->from_ms - before_ms || al->onset_ms > ask->closed_ms || !is_newest(b, i))
            continue;
        e = concerns(ask, al->scope, &its, ctx);
        const int64_t to = al->ended_ms != 0 ? al->ended_ms : al->state == ALERT_FIRING ? 0 : al->since_ms;
        const struct vbar bar = {its ? finding_label(ask->l->arena, al) : "", finding_change(al->text), al->onset_ms, to, SEV_NONE};
        if (e == ERR_OK && its && !put_bar(b, &bar))
            e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    }
    return e;
}

static enum err read_alerts(struct bars *b, struct errctx *ctx)
{
    const struct vbars_ask *ask = b->ask;
    struct arena *a = ask->l->arena;
    enum err e =
        store_alert_history(ask->l->st, ask->from_ms - hour_ms, ask->closed_ms, ask->p->cursor_ms, a, &b->history, &b->history_count, ctx);
    if (e != ERR_OK)
        return e;
    b->mine = arena_array(a, b->history_count + 1, sizeof *b->mine);
    b->bar = arena_array(a, BARS_MAX, sizeof *b->bar);
    b->rule = arena_array(a, RULES_SHOWN_MAX, sizeof *b->rule);
    if (b->mine == NULL || b->bar == NULL || b->rule == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    for (size_t i = 0; i < b->history_count; i++) {
        const struct alert *al = &b->history[i];
        if (!alert_is_finding(al) && incident_is_of(&ask->in->in, al))
            b->mine[b->mine_count++] = *al;
    }
    return ERR_OK;
}

enum err vbars_make(const struct vbars_ask *ask, struct view_incidents *v, struct errctx *ctx)
{
    struct bars b = {.ask = ask};
    enum err e = read_alerts(&b, ctx);
    for (size_t i = 0; e == ERR_OK && i < b.mine_count; i++) {
        put_transition(&b, &b.mine[i]);
        if (!stands_already(&b, i) && put_line(&b, i) != ERR_OK)
            e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    }
    if (e == ERR_OK)
        e = put_findings(&b, ctx);
    if (e != ERR_OK)
        return e;
    qsort(b.rule, b.rule_count, sizeof *b.rule, by_rank);
    put_life(ask, &v->life);
    v->bars = b.bar;
    v->bar_count = b.bar_count;
    v->rules = b.rule;
    v->rule_count = b.rule_count;
    v->alerts = b.mine;
    v->alert_count = b.mine_count;
    return ERR_OK;
}
