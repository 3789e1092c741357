/* SPDX-License-Identifier: MIT */
/* The note "analyser": what alerts, incidents and measurements in the store do not say. Written when it changed, in the transaction of the
 * data that changed it; read once, at opening. A note that cannot be read is as good as none: it is about being exact to the minute.
 * {"v":1, "sources":[{id, first}], "alarms":[{rule, scope, since, ...}], "incidents":[{id, calm, owed, held}],
 * "torn":[{source, from, to, signals}], "rules":[{rule, scope, expr, was_firing, holds, fails, unknown}]} */
#include <string.h>

#include "base/json.h"
#include "config/yaml.h"
#include "record/analyse_rule.h"

enum { NOTE_MAX_BYTES = 4 << 20 };
static const char *const note_name = "analyser";

static void put_alarm(struct json *w, const char *rule, const char *scope, int64_t since_ms, bool was_firing, int64_t calm_from_ms)
{
    if (calm_from_ms == 0 && !was_firing)
        return;
    json_object(w, NULL);
    json_string(w, "rule", rule);
    json_string(w, "scope", scope);
    json_i64(w, "since", since_ms);
    json_i64(w, "was_firing", was_firing);
    json_i64(w, "calm_from", calm_from_ms);
    json_end(w);
}

static void put_alarms(const struct analyser *an, struct json *w)
{
    json_array(w, "alarms");
    for (uint32_t i = 0; i < an->slo_count; i++) {
        for (size_t r = 0; r < SLO_RULES; r++) {
            const struct slo_alarm a = slo_alarm_get(an->slos[i].state, r);
            put_alarm(w, an->slos[i].rule[r], an->slos[i].scope.text, a.since_ms, a.was_firing, a.calm_from_ms);
        }
    }
    for (uint32_t i = 0; i < an->budget_count; i++) {
        for (size_t r = 0; r < BURN_RULES; r++) {
            const struct burn_alarm a = burn_alarm_get(an->budgets[i].state, r);
            put_alarm(w, an->budgets[i].rule[r], an->budgets[i].scope.text, a.since_ms, a.was_firing, a.calm_from_ms);
        }
    }
    json_end(w);
}

static void put_incidents(const struct analyser *an, struct json *w)
{
    json_array(w, "incidents");
    for (uint32_t i = 0; i < an->case_count; i++) {
        const struct incident_case *k = &an->cases[i];
        if (k->id == 0 || !k->open || (k->calm_ms == 0 && !k->owed && !k->held))
            continue;
        json_object(w, NULL);
        json_i64(w, "id", k->id);
        json_i64(w, "calm", k->calm_ms);
        json_i64(w, "owed", k->owed);
        json_i64(w, "held", k->held);
        json_end(w);
    }
    json_end(w);
}

/* What lasts is told by the status of its source. */
static void put_torn(const struct analyser *an, struct json *w)
{
    json_array(w, "torn");
    for (uint32_t i = 0; i < an->torn_count; i++) {
        const struct torn *t = &an->torn[i];
        if (t->lasts)
            continue;
        json_object(w, NULL);
        json_i64(w, "source", t->source);
        json_i64(w, "from", t->from_ms);
        json_i64(w, "to", t->to_ms);
        json_i64(w, "signals", (int64_t)t->signals);
        json_end(w);
    }
    json_end(w);
}

enum err analyse_note_put(struct analyser *an, struct errctx *ctx)
{
    struct buf text;
    struct json w;
    buf_init(&text, NOTE_MAX_BYTES);
    json_begin(&w, &text, false);
    json_object(&w, NULL);
    json_i64(&w, "v", 1);
    json_array(&w, "sources");
    for (uint32_t i = 0; i < an->source_cap; i++) {
        if (an->sources[i].first_ms == 0)
            continue;
        json_object(&w, NULL);
        json_i64(&w, "id", i);
        json_i64(&w, "first", an->sources[i].first_ms);
        json_end(&w);
    }
    json_end(&w);
    put_alarms(an, &w);
    put_incidents(an, &w);
    put_torn(an, &w);
    analyse_rules_note(an, &w);
    json_end(&w);
    enum err e = w.err;
    if (e != ERR_OK)
        (void)errctx_set(ctx, e, "the analysers' checkpoint could not be written down");
    else
        e = store_put_note(an->st, note_name, 0, buf_str(&text), ctx); /* one version: nobody reads an old one */
    buf_fini(&text);
    an->dirty = e != ERR_OK;
    return e;
}

/* ---- reading ---- */

static int64_t number(const struct yaml_node *n, const char *key)
{
    const struct yaml_node *v = yaml_get(n, key);
    int64_t i = 0;
    if (v != NULL && v->kind == YAML_SCALAR)
        (void)str_to_i64(v->text, &i);
    return i;
}

static bool is(const struct yaml_node *n, const char *key, const char *want)
{
    const struct yaml_node *v = yaml_get(n, key);
    return v != NULL && v->kind == YAML_SCALAR && str_eq_z(v->text, want);
}

static enum err read_source(struct analyser *an, const struct yaml_node *n, struct errctx *ctx)
{
    struct source_track *t;
    int64_t id = number(n, "id");
    if (id <= 0 || id > UINT16_MAX)
        return ERR_OK;
    enum err e = analyse_source(an, (uint32_t)id, &t, ctx);
    if (e == ERR_OK)
        t->first_ms = number(n, "first");
    return e;
}

/* Whether it is about this rule as it stands since then. */
static bool is_alarm(const struct yaml_node *n, const char *rule, const char *scope, int64_t since_ms)
{
    return is(n, "rule", rule) && is(n, "scope", scope) && number(n, "since") == since_ms;
}

static enum err read_alarm(struct analyser *an, const struct yaml_node *n, struct errctx *ctx)
{
    bool was_firing = number(n, "was_firing") != 0;
    int64_t calm_from_ms = number(n, "calm_from");
    (void)ctx;
    for (uint32_t i = 0; i < an->slo_count; i++) {
        for (size_t r = 0; r < SLO_RULES; r++) {
            struct slo_alarm a = slo_alarm_get(an->slos[i].state, r);
            if (!is_alarm(n, an->slos[i].rule[r], an->slos[i].scope.text, a.since_ms))
                continue;
            a.was_firing = was_firing;
            a.calm_from_ms = calm_from_ms;
            slo_alarm_set(an->slos[i].state, r, &a);
        }
    }
    for (uint32_t i = 0; i < an->budget_count; i++) {
        for (size_t r = 0; r < BURN_RULES; r++) {
            struct burn_alarm a = burn_alarm_get(an->budgets[i].state, r);
            if (!is_alarm(n, an->budgets[i].rule[r], an->budgets[i].scope.text, a.since_ms))
                continue;
            a.was_firing = was_firing;
            a.calm_from_ms = calm_from_ms;
            burn_alarm_set(an->budgets[i].state, r, &a);
        }
    }
    return ERR_OK;
}

static enum err read_incident(struct analyser *an, const struct yaml_node *n, struct errctx *ctx)
{
    const int64_t id = number(n, "id");
    struct incident_case *k = id > 0 ? analyse_case_new(an, ctx) : NULL; /* the rest of it is read from the store (analyse_cases.c) */
    if (k == NULL)
        return id > 0 ? ERR_NOMEM : ERR_OK;
    k->id = id;
    k->calm_ms = number(n, "calm");
    k->owed = number(n, "owed") != 0;
    k->held = number(n, "held") != 0;
    return ERR_OK;
}

static enum err read_torn(struct analyser *an, const struct yaml_node *n, struct errctx *ctx)
{
    struct torn t = {.from_ms = number(n, "from"), .to_ms = number(n, "to"), .signals = (uint64_t)number(n, "signals")};
    int64_t id = number(n, "source");
    (void)ctx;
    if (id <= 0 || id > UINT16_MAX)
        return ERR_OK;
    t.source = (uint32_t)id;
    analyse_torn_add(an, &t);
    return ERR_OK;
}

/* Of another expression nothing of this is so. */
static enum err read_rule(struct analyser *an, const struct yaml_node *n, struct errctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < an->rule_count; i++) {
        struct rule_track *t = &an->rules[i];
        if (!is(n, "rule", t->rule) || !is(n, "scope", t->scope.text) || !is(n, "expr", t->def->expr))
            continue;
        t->was_firing = t->state == ALERT_NO_DATA && number(n, "was_firing") != 0;
        t->holds_ms = number(n, "holds");
        t->fails_ms = number(n, "fails");
        t->unknown_ms = number(n, "unknown");
    }
    return ERR_OK;
}

enum err analyse_note_read(struct analyser *an, struct errctx *ctx)
{
    static const struct {
        const char *key;
        enum err (*read)(struct analyser *an, const struct yaml_node *n, struct errctx *ctx);
    } parts[] = {{"sources", read_source}, {"alarms", read_alarm}, {"incidents", read_incident}, {"torn", read_torn}, {"rules", read_rule}};
    const struct yaml_node *root;
    struct str text;
    enum err e = store_note(an->st, note_name, INT64_MAX, &an->scratch, &text);
    if (e != ERR_OK && e != ERR_NOTFOUND)
        return errctx_set(ctx, e, "the analysers' note cannot be read: %s", err_name(e));
    if (e == ERR_NOTFOUND || yaml_parse(text, "note analyser", &an->scratch, &root, NULL) != ERR_OK)
        return ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < sizeof parts / sizeof parts[0]; i++) {
        const struct yaml_node *list = root->kind == YAML_MAPPING ? yaml_get(root, parts[i].key) : NULL;
        for (size_t k = 0; e == ERR_OK && list != NULL && list->kind == YAML_SEQUENCE && k < list->count; k++)
            e = parts[i].read(an, list->items[k], ctx);
    }
    an->dirty = false;
    return e;
}
