/* SPDX-License-Identifier: MIT */
/* The alerting rules of a Prometheus (Thanos, Mimir, vmalert), by GET /api/v1/rules?type=alert: what is pending and what fires there.
 *
 * Where an Alertmanager is read as well, an alert is told twice, under two sources and one scope: one incident. Fingerprints are made of
 * the labels, as Alertmanager makes them. A rule whose evaluation fails, or that has not been evaluated yet, ends nothing: what it would
 * tell is not known. API: prometheus.io/docs/prometheus/latest/querying/api/#rules. */
#include <stdlib.h>
#include <string.h>

#include "source/alertfeed.h"

static bool make_url(struct alertfeed *f)
{
    return str_format(f->url, sizeof f->url, "%s/api/v1/rules?type=alert", f->base_url);
}

static enum err take_alert(struct alertfeed *f, const struct jsontree *rule, const struct jsontree *o, struct errctx *ctx)
{
    struct outside_label labels[OUTSIDE_LABELS_MAX];
    const struct jsontree *set = jsontree_get(o, "labels");
    const struct str state = jsonbody_text(o, "state");
    struct outside_told told = {.labels = labels, .label_count = alertfeed_labels(set, labels), .starts_ms = alertfeed_time(o, "activeAt")};
    told.name = jsonbody_text(set, "alertname");
    if (told.name.n == 0)
        told.name = jsonbody_text(rule, "name");
    told.severity = jsonbody_text(set, "severity");
    alertfeed_annotations(jsontree_get(o, "annotations"), &told);
    told.state = str_eq_z(state, "firing") ? OUTSIDE_FIRING : str_eq_z(state, "pending") ? OUTSIDE_PENDING : OUTSIDE_OVER;
    if (told.label_count == 0 || (told.state == OUTSIDE_OVER && !str_eq_z(state, "inactive"))) {
        alertfeed_hole(f, told.label_count == 0 ? "an alert has no labels" : "an alert has a state that is not known", told.name);
        return ERR_OK;
    }
    return told.state == OUTSIDE_OVER ? ERR_OK : alertfeed_tell(f, &told, ctx);
}

/* Since its system started: before that its empty list says nothing of what fired before. Prometheus calls that "unknown"; vmalert says
 * "ok", of an evaluation in the year 1, and "no match" of one that found no series. */
static bool is_evaluated(const struct jsontree *rule, struct str health)
{
    return (health.n == 0 || str_eq_z(health, "ok") || str_eq_z(health, "no match")) &&
           !str_has_prefix(jsonbody_text(rule, "lastEvaluation"), "0001-");
}

static enum err take_rule(struct alertfeed *f, const struct jsontree *rule, struct errctx *ctx)
{
    const struct jsontree *alerts = jsontree_get(rule, "alerts");
    const struct str name = jsonbody_text(rule, "name"), state = jsonbody_text(rule, "state"), type = jsonbody_text(rule, "type"),
                     health = jsonbody_text(rule, "health");
    enum err e = ERR_OK;
    if (str_eq_z(type, "recording"))
        return ERR_OK;
    if (str_eq_z(health, "err"))
        alertfeed_hole(f, "a rule cannot be evaluated", name);
    else if (!is_evaluated(rule, health))
        alertfeed_hole(f, "a rule is not evaluated yet", name);
    if (alerts == NULL || alerts->kind != JSONTREE_ARRAY) {
        if (!str_eq_z(state, "inactive"))
            alertfeed_hole(f, "a rule does not say which alerts it has", name);
        return ERR_OK;
    }
    for (const struct jsontree *o = alerts->child; e == ERR_OK && o != NULL; o = o->next)
        e = take_alert(f, rule, o, ctx);
    return e;
}

static enum err take(struct alertfeed *f, const struct jsontree *root, struct errctx *ctx)
{
    const struct jsontree *groups = jsontree_get(jsontree_get(root, "data"), "groups");
    enum err e = ERR_OK;
    if (!str_eq_z(jsonbody_text(root, "status"), "success") || groups == NULL || groups->kind != JSONTREE_ARRAY)
        return errctx_set(ctx, ERR_PARSE, "it answers with JSON that is no list of rules: is this the base address, without /api/v1?");
    for (const struct jsontree *g = groups->child; e == ERR_OK && g != NULL; g = g->next) {
        const struct jsontree *rules = jsontree_get(g, "rules");
        if (rules == NULL || rules->kind != JSONTREE_ARRAY) {
            alertfeed_hole(f, "a group has no list of rules", jsonbody_text(g, "name"));
            continue;
        }
        for (const struct jsontree *r = rules->child; e == ERR_OK && r != NULL; r = r->next)
            e = take_rule(f, r, ctx);
    }
    f->step = ALERTFEED_DONE;
    return e;
}

static const char *rules_hint(const struct source *s, int status)
{
    (void)s;
    return status == 404
               ? "/api/v1/rules is not there: VictoriaMetrics has it with -vmalert.proxyURL alone, Thanos and Mimir at their ruler"
               : NULL;
}

static enum err rules_open(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink, struct source **ret,
                           struct errctx *ctx)
{
    static const struct alertfeed_ops ops = {"rules", make_url, take};
    (void)ps;
    return alertfeed_open(&source_prometheus_rules, &ops, cfg, sink, ret, ctx);
}

const struct source_ops source_prometheus_rules = {
    .name = "prometheus-rules",
    .kind = SOURCE_PROMETHEUS_RULES,
    .accept = "application/json",
    .open = rules_open,
    .close = alertfeed_close,
    .request = alertfeed_request,
    .begin = alertfeed_begin,
    .feed = alertfeed_feed,
    .finish = alertfeed_finish,
    .fail = alertfeed_fail,
    .hint = rules_hint,
    .remark = alertfeed_remark,
};
