/* SPDX-License-Identifier: MIT */
/* gwtop events: what changed, as pane 7 has it. */
#include "cli/commands.h"

#include "base/timefmt.h"
#include "ui/draw/mask.h"

enum { DAY_MS = 24 * 3600 * 1000 };

static void print_table(const struct view_events *v, size_t count, const struct cli_store *s)
{
    static const char *const heads[] = {"time", "kind", "scope", "what", "by"};
    char at[TIMEFMT_MAX], scope[CLI_CELL_MAX], text[CLI_CELL_MAX];
    struct cli_table t;

    cli_print_header(s);
    if (count == 0) {
        cli_print(&s->io, "nothing changed, as far as gwtop can see\n");
        return;
    }
    cli_table_init(&t, &s->io, sizeof heads / sizeof *heads, 0);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        cli_table_cell(&t, "%s", heads[i]);
    for (size_t i = 0; i < count; i++) {
        const struct event *e = &v->events[i];
        instant_format_iso(instant_floor(e->at_ms, 1000), at);
        cli_table_cell(&t, "%s", at);
        cli_table_cell(&t, "%s", event_kind_name(e->kind));
        cli_table_cell(&t, "%s", mask_text(s->io.mask, e->scope, scope, sizeof scope));
        cli_table_cell(&t, "%s", mask_text(s->io.mask, e->text, text, sizeof text));
        cli_table_cell(&t, "%s", e->source);
    }
    cli_table_print(&t);
}

static int print_json(const struct view_events *v, size_t count, const struct cli_store *s)
{
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    json_array(&w, "events");
    for (size_t i = 0; i < count; i++) {
        const struct event *e = &v->events[i];
        json_object(&w, NULL);
        cli_json_instant(&w, "at", e->at_ms);
        cli_json_instant(&w, "known", e->known_ms);
        json_string(&w, "kind", event_kind_name(e->kind));
        cli_json_text(&s->io, &w, "scope", e->scope);
        cli_json_text(&s->io, &w, "text", e->text);
        json_string(&w, "by", e->source);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return cli_print_json(&s->io, "events", &w, &out);
}

int cmd_events(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    const struct cli_option options[] = {
        {"--since", CLI_TEXT, &w.since}, {"--config", CLI_TEXT, &w.config},          {"--store", CLI_TEXT, &w.store},
        {"--at", CLI_TEXT, &w.at},       {"--filter", CLI_TEXT_OR_EMPTY, &w.filter}, {"--json", CLI_FLAG, &w.json},
        {NULL, CLI_FLAG, NULL}};
    struct errctx ctx = {.text = ""};
    struct view_events v;
    struct cli_store s;
    size_t count = 0;

    int status = cli_options("events", argc, argv, options, NULL, io);
    if (status != CLI_GO_ON)
        return status;
    enum err e = cli_open(&w, DIM_MODEL, DAY_MS, &s, io, &ctx);
    if (e == ERR_OK)
        e = view_load_events(&s.loader, &s.params, &v, &ctx);
    if (e != ERR_OK) {
        status = cli_fail(io, e, &ctx);
    } else {
        while (count < v.count && v.events[count].at_ms > s.params.cursor_ms - s.params.window_ms)
            count++; /* the newest come first; the pane's own look goes further back */
        status = EXIT_OK;
        if (w.json)
            status = print_json(&v, count, &s);
        else
            print_table(&v, count, &s);
    }
    cli_close(&s);
    return status;
}
