/* SPDX-License-Identifier: MIT */
/* gwtop incidents: the list, or one with its timeline, impact and suspects. */
#include "cli/commands.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"

/* In text, whole seconds say enough and stand in one column. */
static const char *second(int64_t at_ms, char out[TIMEFMT_MAX])
{
    instant_format_iso(instant_floor(at_ms, 1000), out);
    return out;
}

static void print_list(const struct view_incidents *v, const struct cli_store *s)
{
    static const char *const heads[] = {"#", "severity", "state", "since", "lasted", "how bad", "what"};
    struct cli_table t;
    char at[TIMEFMT_MAX];

    cli_print_header(s);
    if (v->rules_text[0] != '\0')
        cli_print(&s->io, "%s\n", v->rules_text);
    if (v->filter_text[0] != '\0')
        cli_print(&s->io, "%s\n", v->filter_text);
    if (v->count == 0) {
        cli_print(&s->io, v->filter_text[0] != '\0' ? "no incident recorded of those\n" : "no incident recorded\n");
        return;
    }
    cli_table_init(&t, &s->io, 7, 0x21);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        cli_table_cell(&t, "%s", heads[i]);
    for (size_t i = 0; i < v->count; i++) {
        const struct vincident *in = &v->list[i];
        if (in->children > 0)
            cli_table_cell(&t, "%lld +%u", (long long)in->in.id, in->children);
        else
            cli_table_cell(&t, "%lld", (long long)in->in.id);
        cli_table_cell(&t, "%s", in->severity_text);
        if (in->in.parent != 0)
            cli_table_cell(&t, "part of #%lld", (long long)in->in.parent);
        else
            cli_table_cell(&t, "%s%s", incident_state_name(in->in.state), in->snoozed_until_ms != 0 ? ", snoozed" : "");
        cli_table_cell(&t, "%s%s", second(in->in.onset_ms != 0 ? in->in.onset_ms : in->in.opened_ms, at), in->onset_error);
        cli_table_cell(&t, "%s", in->duration_text);
        cli_table_cell(&t, "%s", in->bad_text);
        cli_table_cell(&t, "%s", in->in.title);
    }
    cli_table_print(&t);
    if (v->older > 0)
        cli_print(&s->io, "%zu older ones are not listed: `gwtop incidents --since TIME` lists all that were not over by then\n", v->older);
    cli_print_unsplit(s);
}

static void print_hits(const struct view_incidents *v, const struct cli_store *s)
{
    const struct vhits *hits = &v->hits;
    const bool over = incident_end_ms(&v->detail->in) != 0, slow = hits->over[0] != '\0';
    struct cli_table t;
    char count[NUMFMT_MAX], name[CLI_CELL_MAX];
    if (hits->count == 0 && (!slow || hits->note == NULL))
        return;
    cli_print(&s->io, "\n%s (", slow ? over ? "who waited" : "who waits" : over ? "who was hit" : "who is hit");
    if (slow)
        cli_print(&s->io, "answers that took longer than %s", hits->over);
    else
        cli_print(&s->io, "failed requests%s of %s", v->counts.refusals ? ", and refused ones," : "",
                  mask_text(s->io.mask, v->counts.scope_text, name, sizeof name));
    cli_print(&s->io, "%s)\n", over ? ", while it lasted" : ", from its onset on");
    if (hits->count == 0) {
        cli_print(&s->io, "%s\n", hits->note);
        return;
    }
    cli_table_init(&t, &s->io, v->counts.refusals ? 3 : 2, 6);
    for (size_t i = 0; i < hits->count; i++) {
        const struct vhit *h = &hits->list[i];
        cli_table_cell(&t, "%s", mask_name(s->io.mask, hits->dim, h->name, name, sizeof name));
        cli_table_cell(&t, "%s%s%s", exact_mark(h->exact), numfmt_count((double)h->bad, count), h->stale ? " stale" : "");
        if (v->counts.refusals)
            cli_table_cell(&t, "%s%s", exact_mark(h->exact), numfmt_count((double)h->refused, count));
    }
    cli_table_print(&t);
}

/* What stands behind an entry's text: who says so where gwtop did not see it itself, since when it is known, who keeps it in view. */
static void print_entry_end(const struct ventry *e, const struct cli_io *io)
{
    char later[TIMEFMT_MAX];
    duration_format(e->known_ms - e->at_ms, later);
    if (strcmp(e->source, "gwtop") != 0)
        cli_print(io, "  (%s)", e->source);
    if (e->hollow && strstr(e->text, " later") == NULL) /* else it says so itself */
        cli_print(io, "  (known %s later)", later);
    if (e->pinned_by[0] != '\0')
        cli_print(io, "  (pinned by %s)", e->pinned_by);
    if (e->pending)
        cli_print(io, "  (pending)");
    cli_print(io, "\n");
}

static void print_entries(const struct view_incidents *v, const struct cli_io *io)
{
    char at[TIMEFMT_MAX];
    int id_w = 0;
    for (size_t i = 0; i < v->entry_count; i++)
        id_w = (int)strlen(v->entries[i].id) > id_w ? (int)strlen(v->entries[i].id) : id_w;
    cli_print(io, "\ntimeline (UTC); `gwtop correct` and `gwtop pin` take an entry's number\n");
    for (size_t i = 0; i < v->entry_count; i++) {
        const struct ventry *e = &v->entries[i];
        cli_print(io, "%s  %-*s %c %s", second(e->at_ms, at), id_w, e->id, e->letter, e->text);
        print_entry_end(e, io);
        if (e->was[0] == '\0')
            continue;
        cli_print(io, "%*s was: %s  (corrected by %s %s)\n", (int)strlen(at) + 4 + id_w, "", e->was, e->corrected_by,
                  second(e->corrected_ms, at));
    }
}

static void print_detail(const struct view_incidents *v, const struct cli_store *s)
{
    const struct vincident *in = v->detail;
    const struct cli_io *io = &s->io;
    char at[TIMEFMT_MAX];

    cli_print_header(s);
    cli_print(io, "#%lld %s  %s  %s  %s\n", (long long)in->in.id, in->in.title, in->severity_text, incident_state_name(in->in.state),
              in->duration_text);
    if (in->in.parent != 0)
        cli_print(io, "part of #%lld, with which it turned out to be one: what it became stands there\n", (long long)in->in.parent);
    cli_print(io, "\n");
    for (size_t i = 0; i < v->impact_count; i++)
        cli_print(io, "%s\n", v->impact[i]);
    cli_print_duties(io, v->duties, v->duty_count);
    print_entries(v, io);
    if (v->alert_count > 0)
        cli_print(io, "\nalerts, with their evidence\n");
    for (size_t i = 0; i < v->alert_count; i++)
        cli_print(io, "%s  %s: %s\n", second(v->alerts[i].since_ms, at), v->alerts[i].rule, v->alerts[i].text);
    cli_print(io, "\nsuspects (rank, not probability)\n");
    cli_print_suspects(io, v->suspects, v->suspect_count, v->suspect_note);
    cli_print_pages(io, v->pages, v->page_count);
    print_hits(v, s);
    for (size_t i = 0; i < v->act_count; i++)
        cli_print(io, "%s%s\n", i == 0 ? "\nnotes\n" : "", v->acts[i]);
}

/* Of an incident of a latency objective; null of others, and of old ones of a list. */
static void json_slowed(struct json *w, const struct vslowed *s)
{
    if (s->over == NULL || !s->known) {
        json_null(w, "answers_slow");
        return;
    }
    json_object(w, "answers_slow");
    json_i64(w, "slow", (int64_t)s->slow);
    json_i64(w, "answers", (int64_t)s->answers);
    json_string(w, "longer_than", s->over);
    json_string(w, "exactness", cli_exactness(s->exact));
    json_end(w);
}

static void json_incident(struct json *w, const struct vincident *in, const struct cli_io *io)
{
    cli_json_incident(io, w, in);
    if (in->in.parent != 0)
        json_i64(w, "parent", in->in.parent);
    else
        json_null(w, "parent");
    cli_json_instant(w, "onset", in->in.onset_ms);
    cli_json_error(w, "onset_error_s", in->in.onset_error_ms);
    cli_json_instant(w, "opened", in->in.opened_ms);
    cli_json_instant(w, "recovered", in->in.ended_ms);
    cli_json_error(w, "recovered_error_s", in->in.ended_error_ms);
    cli_json_instant(w, "resolved", in->in.resolved_ms);
    json_string(w, "lasted", in->duration_text);
    cli_json_instant(w, "not_known_since", in->is_silent ? in->to_ms : 0);
    if (in->lost_known)
        json_i64(w, "requests_lost", (int64_t)in->lost);
    else
        json_null(w, "requests_lost");
    if (in->lost_known)
        json_i64(w, "requests_refused", (int64_t)in->refused);
    else
        json_null(w, "requests_refused");
    json_string(w, "requests_lost_exactness", in->lost_known ? cli_exactness(in->lost_exact) : NULL);
    json_slowed(w, &in->slowed);
}

static void json_children(struct json *w, const struct view_incidents *v, const struct vincident *of, const struct cli_io *io)
{
    const struct vincident *list = view_incident_children(v, of);
    json_array(w, "children");
    for (uint32_t i = 0; i < of->children; i++) {
        json_object(w, NULL);
        json_incident(w, &list[i], io);
        json_end(w);
    }
    json_end(w);
}

static void json_lines(struct json *w, const char *key, const char *const *lines, size_t count, const struct cli_io *io)
{
    json_array(w, key);
    for (size_t i = 0; i < count; i++)
        cli_json_text(io, w, NULL, lines[i]);
    json_end(w);
}

static void json_hits(struct json *w, const struct view_incidents *v, const struct cli_io *io)
{
    const struct vhits *hits = &v->hits;
    const bool slow = hits->over[0] != '\0';
    char name[CLI_CELL_MAX];
    json_array(w, "hits");
    for (size_t i = 0; i < hits->count; i++) {
        const struct vhit *h = &hits->list[i];
        json_object(w, NULL);
        json_string(w, dim_name(hits->dim), mask_name(io->mask, hits->dim, h->name, name, sizeof name));
        json_i64(w, slow ? "slow" : "failed", (int64_t)h->bad);
        if (!slow)
            json_i64(w, "refused", (int64_t)h->refused);
        json_string(w, "exactness", cli_exactness(h->exact));
        json_bool(w, "stale", h->stale);
        json_end(w);
    }
    json_end(w);
    cli_json_text(io, w, "hits_note", hits->note != NULL && hits->note[0] != '\0' ? hits->note : NULL);
}

void cli_json_similar(const struct cli_io *io, struct json *w, const struct view_incidents *v)
{
    json_array(w, "similar");
    for (size_t i = 0; i < v->similar_count; i++) {
        json_object(w, NULL);
        json_i64(w, "id", v->similar[i].id);
        json_f64(w, "score", v->similar[i].score);
        cli_json_text(io, w, "fix", v->similar[i].fix);
        cli_json_text(io, w, "fixed_by", v->similar[i].fixed_by);
        json_string(w, "lasted", v->similar[i].lasted);
        json_end(w);
    }
    json_end(w);
}

static void json_entries(struct json *w, const struct view_incidents *v, const struct cli_io *io)
{
    json_array(w, "timeline");
    for (size_t i = 0; i < v->entry_count; i++) {
        const struct ventry *e = &v->entries[i];
        const char kind[] = {e->letter, '\0'};
        json_object(w, NULL);
        json_string(w, "entry", e->id[0] != '\0' ? e->id : NULL);
        cli_json_instant(w, "at", e->at_ms);
        cli_json_instant(w, "known", e->known_ms);
        json_string(w, "letter", kind);
        cli_json_text(io, w, "text", e->text);
        json_string(w, "source", e->source);
        cli_json_text(io, w, "was", e->was[0] != '\0' ? e->was : NULL);
        json_string(w, "corrected_by", e->was[0] != '\0' ? e->corrected_by : NULL);
        cli_json_instant(w, "corrected", e->corrected_ms);
        json_string(w, "pinned_by", e->pinned_by[0] != '\0' ? e->pinned_by : NULL);
        json_bool(w, "pending", e->pending);
        json_end(w);
    }
    json_end(w);
}

static void json_alerts(struct json *w, const struct view_incidents *v, const struct cli_io *io)
{
    static const char *const states[] = {[ALERT_INACTIVE] = "over", [ALERT_FIRING] = "firing", [ALERT_NO_DATA] = "no_data"};
    json_array(w, "alerts");
    for (size_t i = 0; i < v->alert_count; i++) {
        const struct alert *al = &v->alerts[i];
        json_object(w, NULL);
        cli_json_instant(w, "at", al->since_ms);
        json_string(w, "rule", al->rule);
        cli_json_text(io, w, "scope", al->scope);
        json_string(w, "severity", severity_name(al->severity));
        json_string(w, "state", states[al->state]);
        cli_json_text(io, w, "text", al->text);
        json_end(w);
    }
    json_end(w);
}

void cli_json_duties(const struct cli_io *io, struct json *w, const struct view_incidents *v)
{
    json_array(w, "rules");
    for (size_t i = 0; i < v->duty_count; i++) {
        const struct rule_info *r = &v->duties[i];
        json_object(w, NULL);
        cli_json_text(io, w, "rule", r->rule);
        json_string(w, "kind", rule_kind_name(r->kind));
        cli_json_text(io, w, "what", r->what);
        json_string(w, "runbook", r->duty.runbook);
        json_string(w, "owner", r->duty.owner);
        json_string(w, "contact", r->duty.contact);
        json_end(w);
    }
    json_end(w);
}

/* Those that are worth a word, null else: before its onset, and since. */
static void json_symptoms(struct json *w, const struct view_symptoms *s)
{
    json_object(w, "symptoms");
    json_f64(w, "failed_percent", s->fails ? s->fail_percent.v : (double)NAN);
    json_f64(w, "cached_percent_before", s->uncached ? s->cached_then.v : (double)NAN);
    json_f64(w, "cached_percent", s->uncached ? s->cached.v : (double)NAN);
    json_f64(w, "requests_per_s_before", s->other_traffic ? s->per_s_then.v : (double)NAN);
    json_f64(w, "requests_per_s", s->other_traffic ? s->per_s.v : (double)NAN);
    json_end(w);
}

void cli_json_incident_detail(const struct cli_io *io, struct json *w, const struct view_incidents *v)
{
    json_incident(w, v->detail, io);
    json_children(w, v, v->detail, io);
    json_lines(w, "impact", v->impact, v->impact_count, io);
    json_symptoms(w, &v->symptoms);
    cli_json_duties(io, w, v);
    json_entries(w, v, io);
    json_alerts(w, v, io);
    cli_json_suspects(io, w, v->suspects, v->suspect_count, v->suspect_note);
    cli_json_pages(io, w, v->pages, v->page_count);
    cli_json_similar(io, w, v);
    json_hits(w, v, io);
    json_lines(w, "notes", v->acts, v->act_count, io);
}

static int print_json(const struct view_incidents *v, const struct cli_store *s)
{
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    if (v->detail != NULL) {
        cli_json_incident_detail(&s->io, &w, v);
    } else {
        json_array(&w, "incidents");
        for (size_t i = 0; i < v->count; i++) {
            json_object(&w, NULL);
            json_incident(&w, &v->list[i], &s->io);
            json_children(&w, v, &v->list[i], &s->io);
            json_end(&w);
        }
        json_end(&w);
        json_i64(&w, "older", (int64_t)v->older);
    }
    json_end(&w);
    return cli_print_json(&s->io, "incidents", &w, &out);
}

bool cli_read_incident(const char *command, const char *word, int64_t *ret_id, const struct cli_io *io)
{
    const char *text = word + (word[0] == '#');
    if (str_to_i64(str_of(text), ret_id) && *ret_id > 0)
        return true;
    fprintf(io->err, "gwtop %s: expected the number of an incident, got '%s'; `gwtop incidents` lists them\n", command, text);
    return false;
}

/* "show 42", "show #42"; nothing: the list, id 0. */
static bool read_words(const struct cli_words *words, int64_t *ret_id, const struct cli_io *io)
{
    *ret_id = 0;
    if (words->count == 0)
        return true;
    if (strcmp(words->at[0], "show") != 0) {
        fprintf(io->err,
                "gwtop incidents: unexpected argument '%s'; `gwtop incidents show ID` shows one of those that `gwtop incidents` lists\n",
                words->at[0]);
        return false;
    }
    return cli_read_incident("incidents show", words->count > 1 ? words->at[1] : "", ret_id, io);
}

int cmd_incidents(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    struct cli_words words = {.max = 2};
    const struct cli_option options[] = {
        {"--since", CLI_TEXT, &w.since}, {"--config", CLI_TEXT, &w.config},          {"--store", CLI_TEXT, &w.store},
        {"--at", CLI_TEXT, &w.at},       {"--filter", CLI_TEXT_OR_EMPTY, &w.filter}, {"--json", CLI_FLAG, &w.json},
        {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_incidents v;
    struct errctx ctx = {.text = ""};
    int64_t id;

    int status = cli_options("incidents", argc, argv, options, &words, io);
    if (status != CLI_GO_ON)
        return status;
    if (!read_words(&words, &id, io))
        return EXIT_USAGE;
    if (id != 0 && w.since != NULL) {
        fprintf(io->err, "gwtop incidents: show ID and --since are one too many: an incident is found by its number, however old it is\n");
        return EXIT_USAGE;
    }
    enum err e = cli_open(&w, DIM_MODEL, 3600000, &s, io, &ctx);
    if (e == ERR_OK && w.since != NULL)
        e = view_load_incidents_since(&s.loader, &s.params, s.params.cursor_ms - s.params.window_ms, &v, &ctx);
    else if (e == ERR_OK)
        e = view_load_incidents(&s.loader, &s.params, id, &v, &ctx);
    if (e == ERR_OK && id != 0 && v.detail == NULL)
        e = errctx_set(&ctx, ERR_NOTFOUND, "there is no incident #%lld; `gwtop incidents` lists them", (long long)id);
    status = EXIT_OK;
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (w.json)
        status = print_json(&v, &s);
    else if (v.detail != NULL)
        print_detail(&v, &s);
    else
        print_list(&v, &s);
    cli_close(&s);
    return status;
}
