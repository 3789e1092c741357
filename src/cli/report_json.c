/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "cli/report.h"
#include "ui/draw/mask.h"

/* A number with how exactly it is known; null where it is not. */
static void number(struct json *w, const char *key, const struct vnum *n)
{
    json_object(w, key);
    if (isnan(n->v))
        json_null(w, "value");
    else
        json_f64(w, "value", n->v);
    json_string(w, "exactness", isnan(n->v) ? NULL : cli_exactness(n->exact));
    json_end(w);
}

/* What the gateway refused itself, and what all that fired lost together. */
static void refused_and_all(struct json *w, const struct vimpact *n, bool known)
{
    if (known)
        json_i64(w, "refused", (int64_t)n->refused);
    else
        json_null(w, "refused");
    json_object(w, "refused_by_class");
    for (int c = 0; c < OUTCOME_COUNT; c++)
        if (outcome_is_refused((enum outcome)c) && n->by_class[c] > 0)
            json_i64(w, outcome_name((enum outcome)c), (int64_t)n->by_class[c]);
    json_end(w);
    number(w, "refused_would_have_cost_usd", &n->unspent);
    cli_json_instant(w, "budget_starts_anew", n->anew_ms);
    json_object(w, "all_scopes");
    json_string(w, "scopes", n->all_scopes);
    if (n->all_known)
        json_i64(w, "failed", (int64_t)n->all_failed);
    else
        json_null(w, "failed");
    if (n->all_known)
        json_i64(w, "refused", (int64_t)n->all_refused);
    else
        json_null(w, "refused");
    json_string(w, "exactness", n->all_known ? cli_exactness(n->all_exact) : NULL);
    json_end(w);
}

static void counts(struct json *w, const struct vimpact *n)
{
    const bool known = n->known && !n->torn;
    json_object(w, "requests");
    cli_json_instant(w, "from", n->from_ms);
    cli_json_instant(w, "to", n->to_ms);
    if (known)
        json_i64(w, "failed", (int64_t)n->failed);
    else
        json_null(w, "failed");
    if (known)
        json_i64(w, "counted", (int64_t)n->counted);
    else
        json_null(w, "counted");
    json_string(w, "exactness", known ? cli_exactness(n->exact) : NULL);
    number(w, "failed_percent", &n->percent);
    json_object(w, "failed_by_class");
    for (int c = 0; c < OUTCOME_COUNT; c++)
        if (outcome_is_bad((enum outcome)c) && n->by_class[c] > 0)
            json_i64(w, outcome_name((enum outcome)c), (int64_t)n->by_class[c]);
    json_end(w);
    if (n->fallbacks_known)
        json_i64(w, "fallbacks", (int64_t)n->fallbacks);
    else
        json_null(w, "fallbacks");
    refused_and_all(w, n, known);
    json_end(w);
}

static void money(struct json *w, const struct view_report *v)
{
    json_object(w, "spend_usd");
    number(w, "in_scope", &v->incidents.counts.spend);
    number(w, "as_long_before", &v->usual_spend);
    json_string(w, "before", v->usual_text);
    number(w, "fallbacks_extra", &v->extra);
    json_string(w, "fallbacks_extra_note", v->extra_note);
    json_end(w);
}

static void chart(struct json *w, const char *key, const struct vreport_chart *c)
{
    json_object(w, key);
    json_string(w, "unit", c->unit);
    cli_json_instant(w, "from", c->axis.t0_ms);
    json_i64(w, "step_ms", c->axis.step_ms);
    json_array(w, "values");
    for (uint32_t i = 0; i < c->axis.columns; i++) {
        if (isnan(c->strip.v[i]))
            json_null(w, NULL);
        else
            json_f64(w, NULL, c->strip.v[i]);
    }
    json_end(w);
    json_end(w);
}

static void spenders(struct json *w, const char *key, enum dim dim, const struct vreport_spender *list, size_t count,
                     const struct cli_io *io)
{
    char name[CLI_CELL_MAX];
    json_array(w, key);
    for (size_t i = 0; i < count; i++) {
        json_object(w, NULL);
        json_string(w, dim_name(dim), mask_name(io->mask, dim, list[i].name, name, sizeof name));
        json_f64(w, "spent_usd", (double)list[i].nusd / 1e9);
        json_string(w, "exactness", cli_exactness(list[i].exact));
        number(w, "as_long_before_usd", &list[i].usual);
        json_end(w);
    }
    json_end(w);
}

static void objectives(struct json *w, const struct view_report *v)
{
    json_array(w, "objectives");
    for (size_t i = 0; i < v->slo_count; i++) {
        const struct vreport_slo *o = &v->slos[i];
        json_object(w, NULL);
        json_string(w, "name", o->slo->name);
        json_i64(w, "bad", (int64_t)o->bad);
        json_i64(w, "total", (int64_t)o->total);
        json_string(w, "exactness", cli_exactness(o->exact));
        json_string(w, "bad_means", o->bad_means);
        number(w, "bad_percent", &o->percent);
        number(w, "error_budget_spent", &o->spent);
        number(w, "error_budget_left", &o->slo->budget_left);
        json_string(w, "rules", o->rules);
        chart(w, "chart", &o->chart);
        json_end(w);
    }
    json_end(w);
}

static void keys(struct json *w, const struct view_report *v, const struct cli_io *io)
{
    const struct vhits *keys = &v->keys;
    char name[CLI_CELL_MAX];
    json_array(w, "keys");
    for (size_t i = 0; i < keys->count; i++) {
        const struct vhit *h = &keys->list[i];
        if (h->bad == 0 && h->refused == 0)
            continue;
        json_object(w, NULL);
        json_string(w, "key", mask_name(io->mask, DIM_KEY, h->name, name, sizeof name));
        json_i64(w, keys->over[0] != '\0' ? "slow" : "failed", (int64_t)h->bad);
        if (keys->over[0] == '\0')
            json_i64(w, "refused", (int64_t)h->refused);
        json_string(w, "exactness", cli_exactness(h->exact));
        json_end(w);
    }
    json_end(w);
    json_string(w, "keys_note", keys->note != NULL ? keys->note : "");
}

static void steps(struct json *w, const struct view_report *v)
{
    json_array(w, "detection");
    for (size_t i = 0; i < VREPORT_STEPS; i++) {
        const struct vreport_step *s = &v->steps[i];
        json_object(w, NULL);
        json_string(w, "step", s->name);
        cli_json_instant(w, "at", s->at_ms);
        json_string(w, "when", s->when);
        if (s->after_least_ms >= 0) {
            json_i64(w, "after_onset_ms_least", s->after_least_ms);
            json_i64(w, "after_onset_ms_most", s->after_most_ms);
        }
        json_end(w);
    }
    json_end(w);
}

static void changes(struct json *w, const struct view_report *v, const struct cli_io *io)
{
    json_array(w, "changes");
    for (size_t i = 0; i < v->change_count; i++) {
        json_object(w, NULL);
        cli_json_instant(w, "at", v->changes[i].at_ms);
        json_string(w, "kind", event_kind_name(v->changes[i].kind));
        cli_json_text(io, w, "text", v->changes[i].text);
        json_string(w, "source", v->changes[i].source);
        json_end(w);
    }
    json_end(w);
}

static void gaps(struct json *w, const struct view_report *v)
{
    json_array(w, "not_recorded");
    for (size_t i = 0; i < v->gap_count; i++) {
        json_object(w, NULL);
        json_string(w, "source", v->gaps[i].source);
        cli_json_instant(w, "from", v->gaps[i].from_ms);
        cli_json_instant(w, "to", v->gaps[i].to_ms);
        json_string(w, "reason", v->gaps[i].reason);
        json_bool(w, "lost", v->gaps[i].lost);
        json_end(w);
    }
    json_end(w);
    json_string(w, "not_recorded_note", v->gap_note);
}

int cli_report_json(const struct view_report *v, const struct cli_store *s)
{
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    cli_json_incident_detail(&s->io, &w, &v->incidents);
    if (v->asked != 0)
        json_i64(&w, "asked_for", v->asked);
    else
        json_null(&w, "asked_for");
    json_array(&w, "summary");
    for (size_t i = 0; i < v->summary_count; i++)
        cli_json_text(&s->io, &w, NULL, v->summary[i]);
    json_end(&w);
    cli_json_text(&s->io, &w, "fired_again", v->again);
    counts(&w, &v->incidents.counts);
    money(&w, v);
    spenders(&w, "spent_by_team", DIM_TEAM, v->teams, v->team_count, &s->io);
    spenders(&w, "spent_by_key", DIM_KEY, v->keys_spent, v->keys_spent_count, &s->io);
    keys(&w, v, &s->io);
    objectives(&w, v);
    steps(&w, v);
    changes(&w, v, &s->io);
    gaps(&w, v);
    json_end(&w);
    return cli_print_json(&s->io, "report", &w, &out);
}
