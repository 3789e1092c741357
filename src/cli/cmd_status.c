/* SPDX-License-Identifier: MIT */
/* gwtop status: rows 1 to 3 of the console, for people, for tmux's status line, for scripts. */
#include "cli/commands.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "ui/draw/frame.h"
#include "ui/draw/numfmt.h"

enum { VERDICT_TEXT_MAX = 1024 };

static int exit_of(enum verdict_state s)
{
    static const int codes[] = {[VERDICT_OK] = EXIT_OK,
                                [VERDICT_TICKET] = EXIT_TICKET,
                                [VERDICT_PAGE] = EXIT_PAGE,
                                [VERDICT_NO_RULES] = EXIT_UNKNOWN,
                                [VERDICT_UNKNOWN] = EXIT_UNKNOWN};
    return codes[s];
}

static void json_slos(struct json *w, const struct view_overview *o, const struct cli_io *io)
{
    json_array(w, "slos");
    for (size_t i = 0; i < o->slo_count; i++) {
        const struct vslo *s = &o->slos[i];
        json_object(w, NULL);
        json_string(w, "name", s->name);
        json_f64(w, "objective", s->objective);
        json_f64(w, "burn_5m", s->burn_5m.v);
        json_f64(w, "burn_1h", s->burn_1h.v);
        json_f64(w, "burn_6h", s->burn_6h.v);
        json_f64(w, "budget_left", s->budget_left.v);
        json_string(w, "budget_left_exactness", cli_exactness(s->budget_left.exact));
        json_bool(w, "stale", s->burn_5m.stale);
        cli_json_instant(w, "gone", s->gone_ms);
        json_string(w, "gone_exactness", s->end == VSLO_ENDS ? cli_exactness(s->gone_exact) : s->end == VSLO_END_UNKNOWN ? "?" : NULL);
        cli_json_instant(w, "gone_earliest", s->gone_early_ms);
        json_string(w, "severity", severity_name(s->severity));
        cli_json_text(io, w, "mostly_spent_by", s->spent_by);
        json_end(w);
    }
    json_end(w);
}

static void json_rows(struct json *w, const struct view_overview *o, const struct cli_io *io)
{
    json_array(w, "signals");
    for (size_t i = 0; i < o->row_count; i++) {
        const struct vrow *r = &o->rows[i];
        json_object(w, NULL);
        cli_json_text(io, w, "label", r->label);
        json_string(w, "unit", r->unit);
        const bool above = r->now.exact == ABOVE, below = r->now.exact == BELOW;
        json_f64(w, "now", above || below ? NAN : r->now.v);
        json_string(w, "exactness", isnan(r->now.v) ? NULL : cli_exactness(r->now.exact));
        json_string(w, "why_none", isnan(r->now.v) ? r->now.word : NULL);
        json_bool(w, "stale", r->now.stale);
        json_f64(w, "above", above ? r->now.v : NAN); /* not null: the reading lies in the open bucket, which begins here */
        json_f64(w, "below", below ? r->now.v : NAN); /* or in the first one, which ends here */
        json_f64(w, "then", r->then.v);
        json_string(w, "then_exactness", isnan(r->then.v) ? NULL : cli_exactness(r->then.exact));
        json_f64(w, "change", r->change.v);
        json_string(w, "change_exactness", !isnan(r->change.v) ? cli_exactness(r->change.exact) : NULL);
        json_i64(w, "n", (int64_t)r->now.n);
        json_end(w);
    }
    json_end(w);
}

static void json_sources(struct json *w, const struct view_overview *o, int64_t cursor_ms)
{
    json_array(w, "sources");
    for (size_t i = 0; i < o->source_count; i++) {
        const struct source_status *s = &o->sources[i];
        json_object(w, NULL);
        json_string(w, "name", s->name);
        json_string(w, "state", source_state_name(s->state));
        if (s->last_ok_ms > 0)
            json_i64(w, "age_ms", cursor_ms - s->last_ok_ms);
        else
            json_null(w, "age_ms");
        json_string(w, "reason", s->reason);
        json_end(w);
    }
    json_end(w);
}

/* An open drift that is likelier to be over than not: that is not proved, as of other findings. */
static bool is_unsure(const struct alert *al)
{
    return al->ended_ms != 0 && strncmp(al->rule, "quality:", strlen("quality:")) == 0;
}

/* What was found and pages nobody. */
static void json_findings(struct json *w, const struct view_frame *f, const struct cli_io *io)
{
    json_array(w, "findings");
    for (size_t i = 0; i < f->finding_count; i++) {
        const struct alert *al = &f->findings[i];
        const struct instant_between onset = alert_onset(al);
        int64_t from_ms = 0, to_ms = 0;
        (void)instant_between_ends(&onset, &from_ms, &to_ms);
        json_object(w, NULL);
        cli_json_text(io, w, "text", al->text);
        cli_json_text(io, w, "scope", al->scope);
        cli_json_instant(w, "since", al->onset_ms);
        cli_json_error(w, "since_error_s", al->onset_error_ms);
        cli_json_instant(w, "ended", is_unsure(al) ? 0 : al->ended_ms);
        cli_json_error(w, "ended_error_s", al->ended_error_ms);
        cli_json_instant(w, "found", al->since_ms);
        cli_json_instant(w, "since_from", from_ms);
        cli_json_instant(w, "since_to", to_ms);
        json_bool(w, "silence_asked", al->silence != SILENCE_UNASKED);
        cli_json_instant(w, "silent_since_before", al->silence == SILENCE_BEFORE ? al->silent_ms : 0);
        cli_json_instant(w, "silent_since", al->silence == SILENCE_SINCE ? al->silent_ms : 0);
        json_end(w);
    }
    json_end(w);
}

static int print_json(const struct cli_store *s, const struct view_overview *o)
{
    const struct view_verdict *v = &s->frame.verdict;
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    json_string(&w, "state", frame_verdict_word(v->state));
    json_string(&w, "was", v->state == VERDICT_UNKNOWN && v->was != VERDICT_UNKNOWN ? frame_verdict_word(v->was) : NULL);
    cli_json_text(&s->io, &w, "sentence", v->sentence);
    json_bool(&w, "sure", strcmp(frame_reality_word(&s->frame), "REAL") == 0);
    json_string(&w, "reality", frame_reality_text(&s->frame));
    cli_json_text(&s->io, &w, "scope", v->scope);
    cli_json_instant(&w, "since", v->since_ms);
    cli_json_error(&w, "since_error_s", v->since_error_ms);
    if (v->incident != 0)
        json_i64(&w, "incident", v->incident);
    else
        json_null(&w, "incident");
    json_i64(&w, "other_incidents", v->others);
    json_string(&w, "taken", v->taken[0] != '\0' ? v->taken : NULL);
    json_string(&w, "pager", v->pager[0] != '\0' ? v->pager : NULL);
    cli_json_text(&s->io, &w, "suspect", v->suspect[0] != '\0' ? v->suspect : NULL);
    json_slos(&w, o, &s->io);
    json_rows(&w, o, &s->io);
    json_findings(&w, &s->frame, &s->io);
    cli_json_suspects(&s->io, &w, o->suspects, o->suspect_count, o->suspect_note);
    cli_json_pages(&s->io, &w, o->pages, o->page_count);
    cli_json_text(&s->io, &w, "like", o->like);
    cli_json_text(&s->io, &w, "cost", o->money_line);
    json_sources(&w, o, s->frame.cursor_ms);
    json_end(&w);
    return cli_print_json(&s->io, "status", &w, &out);
}

/* A status bar has no second row that would say what is wrong with the sources. */
static void print_line(const struct cli_store *s)
{
    char text[VERDICT_TEXT_MAX];
    const struct view_frame *f = &s->frame;
    const bool unsure = f->verdict.state == VERDICT_UNKNOWN || f->sources_partial + f->sources_sawtooth + f->sources_watching > 0;
    frame_verdict_text(&f->verdict, text, sizeof text);
    const bool why = unsure && !f->verdict.nothing && !f->recorder_missing && strstr(text, f->verdict.reality) == NULL;
    cli_print(&s->io, "%s %s%s%s%s%s%s\n", frame_verdict_word(f->verdict.state), f->demo ? "DEMO " : "", text, why ? "; " : "",
              why ? f->verdict.reality : "", f->verdict.taken[0] != '\0' ? "; " : "", f->verdict.taken);
}

/* Why a source is not ok stands here where the line above it does not say it. */
static void print_sources(const struct cli_store *s, const struct view_overview *o)
{
    const char *reality = frame_reality_text(&s->frame);
    char age[NUMFMT_MAX];
    for (size_t i = 0; i < o->source_count; i++) {
        const struct source_status *src = &o->sources[i];
        int64_t age_ms = src->last_ok_ms > 0 ? s->frame.cursor_ms - src->last_ok_ms : -1;
        const char *reason = strstr(reality, src->reason) == NULL ? src->reason : "";
        const char *part = "";
        for (size_t k = 0; k < s->frame.stale_count; k++)
            part = strcmp(s->frame.stale[k].name, src->name) == 0 ? s->frame.stale[k].part : part;
        if (src->state != SOURCE_OK)
            cli_print(&s->io, "%s %s%s%s %s%s%s\n", frame_source_word(src->state), part, part[0] != '\0' ? " of " : "", src->name,
                      age_ms >= 0 ? numfmt_age(age_ms, age) : "no answer yet", reason[0] != '\0' ? ": " : "", reason);
    }
}

static void print_instant(const struct cli_io *io, const char *word, struct instant_between b, const char *end)
{
    char at[TIMEFMT_MAX], error[TIMEFMT_MAX];
    instant_format_iso(b.at_ms, at);
    instant_format_between(&b, error);
    cli_print(io, "%s %s%s%s", word, at, error, end);
}

static void print_text(const struct cli_store *s, const struct view_overview *o)
{
    char text[VERDICT_TEXT_MAX];
    const struct cli_io *io = &s->io;
    if (strstr(frame_reality_text(&s->frame), s->frame.late_text) == NULL)
        cli_print_header(s);
    else
        cli_print_title(s); /* what was made good later is said below */
    frame_verdict_text(&s->frame.verdict, text, sizeof text);
    cli_print(io, "%s %s\n%s %s\n", frame_verdict_word(s->frame.verdict.state), text, frame_reality_word(&s->frame),
              frame_reality_text(&s->frame));
    if (s->frame.verdict.taken[0] != '\0')
        cli_print(io, "%s%s%s\n", s->frame.verdict.taken, s->frame.verdict.pager[0] != '\0' ? "; " : "", s->frame.verdict.pager);
    print_sources(s, o);
    for (size_t i = 0; i < s->frame.finding_count; i++) {
        const struct alert *al = &s->frame.findings[i];
        cli_print(io, "found %s when found, ", al->text);
        if (al->onset_ms > 0)
            print_instant(io, al->ended_ms != 0 ? "from" : "since", alert_onset(al), al->ended_ms != 0 ? " " : ", ");
        if (al->ended_ms != 0)
            print_instant(io, "to", (struct instant_between){.at_ms = al->ended_ms, .error_ms = al->ended_error_ms},
                          is_unsure(al) ? " (not confirmed yet), " : ", ");
        if (al->silent_ms != 0)
            print_instant(io, al->silence == SILENCE_BEFORE ? "silent since before" : "silent since",
                          (struct instant_between){.at_ms = al->silent_ms}, ", whether it lasts is not known, ");
        cli_print(io, "%spages nobody\n", al->silence == SILENCE_UNASKED ? "whether it lasts was not looked at, " : "");
    }
    for (size_t i = 0; i < o->slo_count; i++)
        cli_print(io, "SLO %s %g%%: %s\n", o->slos[i].name, 100 * o->slos[i].objective, o->slos[i].text);
    bool fires = s->frame.verdict.state == VERDICT_PAGE || s->frame.verdict.state == VERDICT_TICKET;
    cli_print_suspects(io, o->suspects, o->suspect_count, fires ? o->suspect_note : ""); /* nobody is asked for while nothing fires */
    cli_print_pages(io, o->pages, o->page_count);
    if (o->like[0] != '\0')
        cli_print(io, "like %s\n", o->like);
    if (o->money_line[0] != '\0')
        cli_print(io, "cost %s\n", o->money_line);
    cli_print_unsplit(s);
}

/* Nothing can be read: unknown, never ok. A status bar shows no more than the line, so the reason stands there too. */
static int fail(bool line, const struct cli_io *io, enum err e, const struct errctx *ctx)
{
    if (line)
        cli_print(io, "%s %s\n", frame_verdict_word(VERDICT_UNKNOWN), errctx_text(ctx, e));
    int status = line ? (e == ERR_CONFIG || e == ERR_USAGE ? EXIT_USAGE : EXIT_FAILED) : cli_fail(io, e, ctx);
    return status == EXIT_USAGE ? EXIT_USAGE : EXIT_UNKNOWN;
}

int cmd_status(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    bool json = false, line = false;
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config},
        {"--store", CLI_TEXT, &w.store},
        {"--at", CLI_TEXT, &w.at},
        {"--filter", CLI_TEXT_OR_EMPTY, &w.filter},
        {"--json", CLI_FLAG, &json},
        {"--line", CLI_FLAG, &line},
        {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_overview overview = {.row_count = 0};
    struct errctx ctx = {.text = ""};

    int status = cli_options("status", argc, argv, options, NULL, io);
    if (status == CLI_GO_ON)
        status = cli_options_exclude("status", "--line", line, "--json", json, io);
    if (status != CLI_GO_ON)
        return status;
    enum err e = cli_open_frame(&w, DIM_MODEL, 3600000, &s, io, &ctx);
    if (e == ERR_OK && !line)
        e = view_load_overview(&s.loader, &s.params, &overview, &ctx);
    status = e != ERR_OK ? fail(line, io, e, &ctx) : exit_of(s.frame.verdict.state);
    if (e == ERR_OK && json && print_json(&s, &overview) != EXIT_OK)
        status = EXIT_UNKNOWN;
    else if (e == ERR_OK && line)
        print_line(&s);
    else if (e == ERR_OK && !json)
        print_text(&s, &overview);
    cli_close(&s);
    return status;
}
