/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "cli/handoff.h"

static void incident(struct json *w, const struct cli_io *io, const struct vincident *v)
{
    cli_json_incident(io, w, v);
    cli_json_instant(w, "onset", v->in.onset_ms);
    cli_json_instant(w, "opened", v->in.opened_ms);
    cli_json_instant(w, "resolved", v->in.resolved_ms);
    json_string(w, "lasted", v->duration_text);
    if (v->lost_known)
        json_i64(w, "requests_lost", (int64_t)v->lost);
    else
        json_null(w, "requests_lost");
    json_string(w, "requests_lost_exactness", v->lost_known ? cli_exactness(v->lost_exact) : NULL);
    json_bool(w, "next_step_written", v->next_step[0] != '\0');
    if (v->in.parent != 0)
        json_i64(w, "part_of", v->in.parent);
    else
        json_null(w, "part_of");
}

static void incidents(struct json *w, const struct cli_io *io, const struct view_handoff *v)
{
    json_array(w, "open");
    for (size_t i = 0; i < v->open_count; i++) {
        json_object(w, NULL);
        incident(w, io, v->open[i]);
        json_end(w);
    }
    json_end(w);
    json_array(w, "over");
    for (size_t i = 0; i < v->over_count; i++) {
        json_object(w, NULL);
        incident(w, io, v->over[i].v);
        json_bool(w, "by_itself", v->over[i].by_itself);
        json_end(w);
    }
    json_end(w);
}

static void silences(struct json *w, const struct cli_io *io, const struct view_handoff *v)
{
    json_array(w, "silences");
    for (size_t i = 0; i < v->silenced_count; i++) {
        const struct outside *o = v->silenced[i];
        json_object(w, NULL);
        json_string(w, "source", o->source);
        cli_json_text(io, w, "alert", o->name);
        cli_json_text(io, w, "scope", o->scope);
        json_string(w, "severity", severity_name(o->severity));
        cli_json_instant(w, "until", o->quiet_until_ms);
        cli_json_text(io, w, "by", o->quiet_by);
        cli_json_text(io, w, "reason", o->quiet);
        json_end(w);
    }
    json_end(w);
    cli_json_text(io, w, "silences_not_known_of", v->silences_unread);
}

static void rules(struct json *w, const struct cli_io *io, const struct view_handoff *v)
{
    json_array(w, "noisy_rules");
    for (size_t i = 0; i < v->noisy_count; i++) {
        const struct vrule *r = &v->noisy[i];
        json_object(w, NULL);
        cli_json_text(io, w, "rule", r->info.rule);
        cli_json_text(io, w, "scope", r->info.scope);
        json_string(w, "severity", r->info.severity);
        json_i64(w, "fired", r->record.fired);
        json_i64(w, "acted_on", r->record.acted);
        json_i64(w, "firing_ms", r->record.firing_ms);
        cli_json_instant(w, "last", r->record.last_ms);
        json_bool(w, "fires", r->state == VRULE_FIRES);
        json_end(w);
    }
    json_end(w);
    json_i64(w, "noisy_within_ms", v->noisy_ms);
}

static void changes(struct json *w, const struct cli_io *io, const struct view_handoff *v)
{
    json_array(w, "baking");
    for (size_t i = 0; i < v->baking_count; i++) {
        json_object(w, NULL);
        cli_json_instant(w, "at", v->baking[i].at_ms);
        json_string(w, "kind", event_kind_name(v->baking[i].kind));
        cli_json_text(io, w, "scope", v->baking[i].scope);
        cli_json_text(io, w, "text", v->baking[i].text);
        json_string(w, "by", v->baking[i].source);
        json_end(w);
    }
    json_end(w);
    json_i64(w, "baking_ms", v->baking_ms);
}

static void gaps(struct json *w, const struct view_handoff *v)
{
    json_array(w, "not_recorded");
    for (size_t i = 0; i < v->gap_count; i++) {
        const struct vhandoff_gap *g = &v->gaps[i];
        json_object(w, NULL);
        json_string(w, "source", g->source);
        json_i64(w, "gaps", g->count);
        json_i64(w, "gap_ms", g->sum_ms);
        cli_json_instant(w, "longest_from", g->count > 0 ? g->from_ms : 0);
        cli_json_instant(w, "longest_to", g->count > 0 ? g->to_ms : 0);
        json_string(w, "reason", g->reason);
        json_bool(w, "lost", g->lost);
        json_string(w, "state", source_state_name(g->state));
        json_string(w, "state_reason", g->state_reason);
        cli_json_instant(w, "last_answer", g->state_since_ms);
        json_end(w);
    }
    json_end(w);
    cli_json_instant(w, "recorded_since", v->recorded_since_ms); /* null: before the shift began */
}

static void amount(struct json *w, const char *key, bool known, double usd, enum exactness e)
{
    json_object(w, key);
    if (known)
        json_f64(w, "value", usd);
    else
        json_null(w, "value");
    json_string(w, "exactness", known ? cli_exactness(e) : NULL);
    json_end(w);
}

static void plan(struct json *w, const struct cli_io *io, const struct view_handoff *v)
{
    amount(w, "spent_usd", !isnan(v->spent.v), v->spent.v, v->spent.exact);
    json_array(w, "budgets");
    for (size_t i = 0; i < v->budget_count; i++) {
        const struct vbudget *b = &v->budgets[i];
        json_object(w, NULL);
        cli_json_text(io, w, "name", b->name);
        amount(w, "used_usd", b->known, (double)b->used_nusd / 1e9, b->used_exact);
        json_f64(w, "limit_usd", (double)b->limit_nusd / 1e9);
        json_bool(w, "fires", b->fires);
        cli_json_text(io, w, "text", b->text);
        json_end(w);
    }
    json_end(w);
}

int cli_handoff_json(const struct view_handoff *v, const struct cli_store *s)
{
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    cli_json_instant(&w, "shift_from", v->from_ms);
    cli_json_instant(&w, "shift_to", v->to_ms);
    json_string(&w, "summary", v->sentence);
    incidents(&w, &s->io, v);
    silences(&w, &s->io, v);
    rules(&w, &s->io, v);
    changes(&w, &s->io, v);
    gaps(&w, v);
    plan(&w, &s->io, v);
    json_end(&w);
    return cli_print_json(&s->io, "handoff", &w, &out);
}
