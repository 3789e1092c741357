/* SPDX-License-Identifier: MIT */
/* gwtop say: a status update on an incident, to be pasted where people wait for one. */
#include "cli/commands.h"

static int print_text(const struct view_report *v, const struct cli_store *s)
{
    for (size_t i = 0; i < v->status_count; i++)
        cli_print(&s->io, "%s\n", v->status[i]);
    if (v->incidents.seen_before[0] != '\0')
        cli_print(&s->io, "Seen before: %s.\n", v->incidents.seen_before);
    cli_print_duties(&s->io, v->incidents.duties, v->incidents.duty_count); /* who is on it, and what is done in such a case */
    return EXIT_OK;
}

static int print_json(const struct view_report *v, const struct cli_store *s)
{
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    json_object(&w, "incident");
    cli_json_incident(&s->io, &w, v->incidents.detail);
    json_end(&w);
    json_array(&w, "lines");
    for (size_t i = 0; i < v->status_count; i++)
        cli_json_text(&s->io, &w, NULL, v->status[i]);
    json_end(&w);
    cli_json_duties(&s->io, &w, &v->incidents);
    cli_json_similar(&s->io, &w, &v->incidents);
    json_end(&w);
    return cli_print_json(&s->io, "say", &w, &out);
}

int cmd_say(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    struct cli_words words = {.max = 1};
    const struct cli_option options[] = {{"--config", CLI_TEXT, &w.config},
                                         {"--store", CLI_TEXT, &w.store},
                                         {"--at", CLI_TEXT, &w.at},
                                         {"--json", CLI_FLAG, &w.json},
                                         {NULL, CLI_FLAG, NULL}};
    struct cli_store s;
    struct view_report v;
    struct errctx ctx = {.text = ""};
    int64_t id;

    int status = cli_options("say", argc, argv, options, &words, io);
    if (status != CLI_GO_ON)
        return status;
    if (!cli_read_incident("say", words.count > 0 ? words.at[0] : "", &id, io))
        return EXIT_USAGE;
    enum err e = cli_open(&w, DIM_MODEL, 3600000, &s, io, &ctx);
    if (e == ERR_OK)
        e = view_load_report(&s.loader, &s.params, id, &v, &ctx);
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (w.json)
        status = print_json(&v, &s);
    else
        status = print_text(&v, &s);
    cli_close(&s);
    return status;
}
