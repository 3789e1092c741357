/* SPDX-License-Identifier: MIT */
/* gwtop status: rows 1 to 3 of the console, for people, for tmux's status line, for scripts. */
#include "cli/commands.h"

#include <math.h>

#include "base/timefmt.h"
#include "ui/draw/frame.h"
#include "ui/draw/numfmt.h"

enum { VERDICT_TEXT_MAX = 1024 };

static int exit_of(enum verdict_state s)
{
    static const int codes[] = {[VERDICT_OK] = EXIT_OK, [VERDICT_TICKET] = EXIT_TICKET, [VERDICT_PAGE] = EXIT_PAGE, [VERDICT_NO_RULES] = EXIT_UNKNOWN, [VERDICT_UNKNOWN] = EXIT_UNKNOWN};
    return codes[s];
}

static void json_slos(struct json *w, const struct view_overview *o)
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
        json_string(w, "severity", severity_name(s->severity));
        json_end(w);
    }
    json_end(w);
}

static void json_rows(struct json *w, const struct view_overview *o)
{
    json_array(w, "signals");
    for (size_t i = 0; i < o->row_count; i++) {
        const struct vrow *r = &o->rows[i];
        json_object(w, NULL);
        json_string(w, "label", r->label);
        json_string(w, "unit", r->unit);
        json_f64(w, "now", isnan(r->over) ? r->now.v : NAN);
        json_f64(w, "above", r->over); /* not null: the reading lies beyond the last bucket, which ends here */
        json_f64(w, "then", r->then.v);
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

static int print_json(const struct view_frame *f, const struct view_overview *o, const struct cli_io *io)
{
    struct buf out;
    struct json w;
    char at[TIMEFMT_MAX];

    buf_init(&out, CLI_JSON_MAX);
    json_begin(&w, &out, true);
    instant_format_iso(f->cursor_ms, at);
    json_object(&w, NULL);
    json_string(&w, "gateway", f->gateway);
    json_string(&w, "at", at);
    json_bool(&w, "ended", f->ended_ms != 0);
    json_bool(&w, "demo", f->demo);
    json_string(&w, "state", frame_verdict_word(f->verdict.state));
    json_string(&w, "sentence", f->verdict.sentence);
    json_string(&w, "reality", f->verdict.reality);
    json_string(&w, "scope", f->verdict.scope);
    if (f->verdict.since_ms != 0) {
        instant_format_iso(f->verdict.since_ms, at);
        json_string(&w, "since", at);
    } else {
        json_null(&w, "since");
    }
    if (f->verdict.incident != 0)
        json_i64(&w, "incident", f->verdict.incident);
    else
        json_null(&w, "incident");
    json_i64(&w, "other_incidents", f->verdict.others);
    json_slos(&w, o);
    json_rows(&w, o);
    json_sources(&w, o, f->cursor_ms);
    json_end(&w);
    return cli_print_json(io, "status", &w, &out);
}

static void print_line(const struct view_frame *f, const struct cli_io *io)
{
    char text[VERDICT_TEXT_MAX];
    frame_verdict_text(&f->verdict, text, sizeof text);
    cli_print(io, "%s %s%s\n", frame_verdict_word(f->verdict.state), f->demo ? "DEMO " : "", text);
}

static void print_text(const struct view_frame *f, const struct view_overview *o, const struct cli_io *io)
{
    char at[TIMEFMT_MAX], age[NUMFMT_MAX], text[VERDICT_TEXT_MAX];
    instant_format_iso(f->cursor_ms, at);
    cli_print(io, "gwtop %s%s  %s  %s%s  sources %u/%u\n", f->gateway, f->demo ? " DEMO" : "", at, f->ended_ms != 0 ? "recording ended, as of its end" : f->live ? "LIVE " : "AT",
            f->ended_ms == 0 && f->live ? numfmt_age(f->data_age_ms, age) : "", f->sources_ok, f->sources_all);
    frame_verdict_text(&f->verdict, text, sizeof text);
    cli_print(io, "%s %s\nREAL %s\n", frame_verdict_word(f->verdict.state), text, f->verdict.reality);
    for (size_t i = 0; i < f->stale_count; i++)
        cli_print(io, "STALE %s %s\n", f->stale[i].name, numfmt_age(f->stale[i].age_ms, age));
    for (size_t i = 0; i < o->slo_count; i++)
        cli_print(io, "SLO %s %g%%: %s\n", o->slos[i].name, 100 * o->slos[i].objective, o->slos[i].text);
    for (size_t i = 0; i < o->suspect_count; i++)
        cli_print(io, "suspect %zu: %s: %s\n", i + 1, o->suspects[i].title, o->suspects[i].reason);
    if (o->money_line[0] != '\0')
        cli_print(io, "cost %s\n", o->money_line);
}

int cmd_status(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {NULL};
    bool json = false, line = false;
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store}, {"--at", CLI_TEXT, &w.at}, {"--filter", CLI_TEXT, &w.filter},
        {"--json", CLI_FLAG, &json}, {"--line", CLI_FLAG, &line}, {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_params p;
    struct view_frame frame;
    struct view_overview overview = {.row_count = 0};
    struct errctx ctx = {.text = ""};

    if (!cli_options(argc, argv, options, NULL, io))
        return EXIT_USAGE;
    int status = cli_open(&w, DIM_MODEL, 3600000, &s, &p, io);
    if (status != EXIT_OK)
        return status == EXIT_USAGE ? EXIT_USAGE : EXIT_UNKNOWN; /* nothing can be read: unknown, never ok */
    enum err e = view_load_frame(&s.loader, &p, &frame, &ctx);
    if (e == ERR_OK && !line)
        e = view_load_overview(&s.loader, &p, &overview, &ctx);
    if (e != ERR_OK) {
        cli_close(&s);
        return cli_fail(io, e, &ctx) == EXIT_USAGE ? EXIT_USAGE : EXIT_UNKNOWN;
    }
    status = exit_of(frame.verdict.state);
    if (json && print_json(&frame, &overview, io) != EXIT_OK)
        status = EXIT_UNKNOWN;
    else if (!json && line)
        print_line(&frame, io);
    else if (!json)
        print_text(&frame, &overview, io);
    cli_close(&s);
    return status;
}
