/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <stdlib.h>
#include <string.h>

#include "model/act.h"
#include "model/outside.h"
#include "view/view_rules.h"

enum { AGAIN_MS = 30 * 60 * 1000 };

/* ---- its record ---- */

/* One firing, of all alerts of the rule together. */
struct firing {
    int64_t from_ms, to_ms; /* to 0: it lasts */
    const struct alert *first;
};

static bool is_of(const char *rule, const struct alert *al)
{
    const size_t n = strlen(rule);
    return !alert_is_finding(al) && strncmp(al->rule, rule, n) == 0 && (al->rule[n] == ':' || al->rule[n] == '\0');
}

static int by_since(const void *a, const void *b)
{
    const struct alert *x = *(const struct alert *const *)a, *y = *(const struct alert *const *)b;
    return x->since_ms < y->since_ms ? -1 : x->since_ms > y->since_ms;
}

/* What an alert's own sequence says before a transition: whether it fires then. What cannot be judged goes on as it was. */
static bool fires_before(const struct alert *const *list, size_t at)
{
    for (size_t i = at; i > 0; i--) {
        const struct alert *al = list[i - 1];
        if (al->state != ALERT_NO_DATA && strcmp(al->rule, list[at]->rule) == 0 && strcmp(al->scope, list[at]->scope) == 0)
            return al->state == ALERT_FIRING;
    }
    return false;
}

static size_t find_firings(const struct alert *const *list, size_t count, struct firing *ret)
{
    size_t n = 0, open = 0;
    for (size_t i = 0; i < count; i++) {
        const bool fired = fires_before(list, i);
        if (list[i]->state == ALERT_FIRING && !fired && open++ == 0)
            ret[n++] = (struct firing){.from_ms = list[i]->since_ms, .first = list[i]};
        else if (list[i]->state == ALERT_INACTIVE && fired && open > 0 && --open == 0)
            ret[n - 1].to_ms = list[i]->since_ms;
    }
    return n;
}

/* Whether somebody did something about the incident that it was part of. */
static bool was_acted_on(const struct firing *f, const struct incident *incidents, size_t incident_count, const struct store_act *acts,
                         size_t act_count, int64_t cursor_ms)
{
    const int64_t until_ms = (f->to_ms != 0 ? f->to_ms : cursor_ms) + AGAIN_MS;
    for (size_t i = 0; i < act_count; i++) {
        enum act_verb v;
        if (acts[i].incident == 0 || !act_verb_by_name(acts[i].verb, &v) || v == ACT_SNOOZE || acts[i].at_ms < f->from_ms ||
            acts[i].at_ms > until_ms)
            continue;
        for (size_t k = 0; k < incident_count; k++)
            if (incidents[k].id == acts[i].incident && incident_is_of(&incidents[k], f->first))
                return true;
    }
    return false;
}

enum err rule_record_count(const char *rule, const struct alert *history, size_t count, const struct incident *incidents,
                           size_t incident_count, const struct store_act *acts, size_t act_count, int64_t from_ms, int64_t cursor_ms,
                           struct arena *a, struct rule_record *ret)
{
    const struct alert **list = arena_array(a, count + 1, sizeof *list);
    struct firing *firings = arena_array(a, count + 1, sizeof *firings);
    struct rule_record r = {.fired = 0};
    size_t n = 0;
    if (list == NULL || firings == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        if (is_of(rule, &history[i]))
            list[n++] = &history[i];
    qsort(list, n, sizeof *list, by_since);
    n = find_firings(list, n, firings);
    for (size_t i = 0; i < n; i++) {
        const struct firing *f = &firings[i];
        const bool acted = was_acted_on(f, incidents, incident_count, acts, act_count, cursor_ms);
        const int64_t end = f->to_ms != 0 ? f->to_ms : cursor_ms, begin = f->from_ms > from_ms ? f->from_ms : from_ms;
        if (end <= from_ms)
            continue;
        r.firing_ms += end - begin;
        r.last_ms = f->from_ms;
        r.noise_ms += !acted && f->to_ms != 0 && cursor_ms - f->to_ms >= AGAIN_MS ? end - begin : 0;
        if (f->from_ms <= from_ms)
            continue;
        r.fired++;
        r.acted += acted;
        r.flapped += i > 0 && firings[i - 1].to_ms != 0 && f->from_ms - firings[i - 1].to_ms <= AGAIN_MS;
    }
    *ret = r;
    return ERR_OK;
}

/* ---- all of them ---- */

static void stand(struct vrule *v, const struct alert *alerts, size_t count)
{
    v->text = "";
    for (size_t i = 0; i < count; i++) {
        const struct alert *al = &alerts[i];
        if (!is_of(v->info.rule, al))
            continue;
        const int state = al->state == ALERT_FIRING ? VRULE_FIRES : al->state == ALERT_NO_DATA ? VRULE_NO_DATA : VRULE_CALM;
        const bool worse = state == VRULE_FIRES ? v->state != VRULE_FIRES : state == VRULE_NO_DATA && v->state == VRULE_CALM;
        if (!worse && ((int)v->state != state || (v->since_ms != 0 && al->since_ms >= v->since_ms && state != VRULE_CALM) ||
                       (state == VRULE_CALM && al->since_ms <= v->since_ms)))
            continue;
        v->state = state == VRULE_FIRES ? VRULE_FIRES : state == VRULE_NO_DATA ? VRULE_NO_DATA : VRULE_CALM;
        v->since_ms = al->since_ms;
        v->text = state == VRULE_CALM ? "" : al->text;
    }
}

/* What fires or fired and is of no rule that is known: another's, or one that was taken out of the configuration. */
static enum err add_outside(struct rule_info *list, size_t *count, const struct alert *alerts, size_t alert_count, struct arena *a)
{
    for (size_t i = 0; i < alert_count && *count < RULES_MAX; i++) {
        const char *rule = alerts[i].rule, *last = strrchr(rule, ':');
        if (alert_is_finding(&alerts[i]) || rule_info_of(list, *count, rule) != NULL)
            continue;
        const bool parts = last != NULL && strchr(rule, ':') != last && !outside_is_rule(rule); /* whose name is its own */
        const char *name = arena_strdup(a, (struct str){rule, parts ? (size_t)(last - rule) : strlen(rule)});
        if (name == NULL)
            return ERR_NOMEM;
        list[(*count)++] = (struct rule_info){.rule = name,
                                              .kind = budget_of_rule(rule).p != NULL ? RULE_BUDGET : RULE_OUTSIDE,
                                              .what = budget_of_rule(rule).p != NULL ? "a budget that the gateway keeps"
                                                      : outside_is_rule(rule)        ? "told by an outside system"
                                                                                     : "not configured here",
                                              .scope = alerts[i].scope,
                                              .severity = severity_name(alerts[i].severity)};
    }
    return ERR_OK;
}

static int by_noise(const void *a, const void *b)
{
    const struct vrule *x = a, *y = b;
    if (x->state != y->state)
        return x->state == VRULE_FIRES ? -1 : y->state == VRULE_FIRES ? 1 : x->state == VRULE_NO_DATA ? -1 : 1;
    if (x->record.noise_ms != y->record.noise_ms)
        return x->record.noise_ms > y->record.noise_ms ? -1 : 1;
    if (x->record.fired != y->record.fired)
        return x->record.fired > y->record.fired ? -1 : 1;
    return x->info.kind != y->info.kind ? (int)x->info.kind - (int)y->info.kind : strcmp(x->info.rule, y->info.rule);
}

enum err view_rule_list(const struct view_loader *l, const struct view_params *p, struct rule_info **ret, size_t *ret_count,
                        struct errctx *ctx)
{
    struct str text;
    enum err e = store_note(l->st, RULES_NOTE, p->cursor_ms, l->arena, &text);
    if (e == ERR_OK)
        return rule_list_read(text, l->arena, ret, ret_count, ctx);
    *ret = arena_array(l->arena, RULES_MAX, sizeof **ret); /* an older recording says nothing of them */
    *ret_count = 0;
    if (e != ERR_NOTFOUND || *ret == NULL)
        return errctx_set(ctx, e != ERR_NOTFOUND ? e : ERR_NOMEM, "the rules of the recording cannot be read");
    return ERR_OK;
}

enum err view_load_rules(const struct view_loader *l, const struct view_params *p, int64_t reach_ms, struct view_rules *ret,
                         struct errctx *ctx)
{
    struct rule_info *list;
    struct alert *alerts, *history;
    struct incident *incidents;
    struct store_act *acts;
    size_t count, alert_count, history_count, incident_count, act_count;
    const int64_t from_ms = p->cursor_ms - reach_ms;
    enum err e = view_rule_list(l, p, &list, &count, ctx);
    if (e == ERR_OK)
        e = store_alerts(l->st, p->cursor_ms, l->arena, &alerts, &alert_count, ctx);
    if (e == ERR_OK) /* twice as far back: what fired before it began may last into it */
        e = store_alert_history(l->st, from_ms - reach_ms, p->cursor_ms, p->cursor_ms, l->scratch, &history, &history_count, ctx);
    if (e == ERR_OK)
        e = store_incidents(l->st, p->cursor_ms, l->scratch, &incidents, &incident_count, ctx);
    if (e == ERR_OK)
        e = store_acts(l->st, p->cursor_ms, l->scratch, &acts, &act_count, ctx);
    if (e == ERR_OK && add_outside(list, &count, alerts, alert_count, l->arena) != ERR_OK)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading rules");
    struct vrule *rules = e == ERR_OK ? arena_array(l->arena, count + 1, sizeof *rules) : NULL;
    if (e == ERR_OK && rules == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading rules");
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        rules[i].info = list[i];
        stand(&rules[i], alerts, alert_count);
        if (rule_record_count(list[i].rule, history, history_count, incidents, incident_count, acts, act_count, from_ms, p->cursor_ms,
                              l->scratch, &rules[i].record) != ERR_OK)
            e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading rules");
    }
    if (e != ERR_OK)
        return e;
    qsort(rules, count, sizeof *rules, by_noise);
    *ret = (struct view_rules){.rules = rules, .count = count};
    return ERR_OK;
}
