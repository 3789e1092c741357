/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <stdlib.h>
#include <string.h>

#include "model/outside.h"
#include "view/vfirings.h"
#include "view/vharm.h"

/* ---- their records ---- */

/* What may be noise: what rules of objectives tell is none, and what lasts is none yet. */
static bool is_asked(const struct vfiring *f)
{
    return f->to_ms != 0 && !f->harm && (!f->acted || f->flapped);
}

static int by_newest(const void *a, const void *b)
{
    const struct vfiring *x = *(const struct vfiring *const *)a, *y = *(const struct vfiring *const *)b;
    return x->from_ms > y->from_ms ? -1 : x->from_ms < y->from_ms;
}

static enum err find_harm(const struct view_loader *l, const struct view_params *p, struct vfiring *const *of, const size_t *n,
                          size_t rules, struct errctx *ctx)
{
    size_t all = 0, asked = 0;
    for (size_t i = 0; i < rules; i++)
        all += n[i];
    struct vfiring **list = arena_array(l->scratch, all + 1, sizeof *list);
    if (list == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading rules");
    for (size_t i = 0; i < rules; i++)
        for (size_t k = 0; k < n[i]; k++) {
            of[i][k].harm = vharm_is_of_rule(of[i][k].steps->al->rule);
            if (is_asked(&of[i][k]))
                list[asked++] = &of[i][k];
        }
    if (asked > 0)
        qsort(list, asked, sizeof *list, by_newest);
    return vharm_read(l, p, list, asked, ctx);
}

static enum err find_records(const struct view_loader *l, const struct view_params *p, int64_t reach_ms, struct vrule *rules, size_t count,
                             struct errctx *ctx)
{
    const int64_t from_ms = p->cursor_ms - reach_ms;
    struct vfirings_ask ask = {.cursor_ms = p->cursor_ms};
    struct alert *history;
    struct incident *incidents;
    struct store_act *acts;
    struct vfiring **of = arena_array(l->scratch, count + 1, sizeof *of);
    size_t *n = arena_array(l->scratch, count + 1, sizeof *n);
    if (of == NULL || n == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading rules");
    /* twice as far back: what fired before it began may last into it */
    enum err e = store_alert_history(l->st, from_ms - reach_ms, p->cursor_ms, p->cursor_ms, l->scratch, &history, &ask.count, ctx);
    if (e == ERR_OK)
        e = store_incidents(l->st, p->cursor_ms, l->scratch, &incidents, &ask.incident_count, ctx);
    if (e == ERR_OK)
        e = store_acts(l->st, p->cursor_ms, l->scratch, &acts, &ask.act_count, ctx);
    if (e != ERR_OK)
        return e;
    ask.history = history;
    ask.incidents = incidents;
    ask.acts = acts;
    for (size_t i = 0; i < count; i++)
        if (vfirings_find(&ask, rules[i].info.rule, NULL, l->scratch, &of[i], &n[i]) != ERR_OK)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while reading rules");
    e = find_harm(l, p, of, n, count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        rules[i].record = vfirings_record(of[i], n[i], from_ms, p->cursor_ms);
    return e;
}

/* ---- all of them ---- */

static void stand(struct vrule *v, const struct alert *alerts, size_t count)
{
    v->text = "";
    for (size_t i = 0; i < count; i++) {
        const struct alert *al = &alerts[i];
        if (!vfirings_is_of(v->info.rule, al))
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
    struct alert *alerts;
    size_t count, alert_count;
    enum err e = view_rule_list(l, p, &list, &count, ctx);
    if (e == ERR_OK)
        e = store_alerts(l->st, p->cursor_ms, l->arena, &alerts, &alert_count, ctx);
    if (e == ERR_OK && add_outside(list, &count, alerts, alert_count, l->arena) != ERR_OK)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading rules");
    struct vrule *rules = e == ERR_OK ? arena_array(l->arena, count + 1, sizeof *rules) : NULL;
    if (e == ERR_OK && rules == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while reading rules");
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        rules[i].info = list[i];
        stand(&rules[i], alerts, alert_count);
    }
    if (e == ERR_OK)
        e = find_records(l, p, reach_ms, rules, count, ctx);
    if (e != ERR_OK)
        return e;
    qsort(rules, count, sizeof *rules, by_noise);
    *ret = (struct view_rules){.rules = rules, .count = count};
    return ERR_OK;
}
