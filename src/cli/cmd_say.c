/* SPDX-License-Identifier: MIT */
/* gwtop say: a status update on an incident, to be pasted where people wait for one. */
#include "cli/commands.h"

int cmd_say(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    struct cli_words words = {.max = 1};
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store}, {"--at", CLI_TEXT, &w.at}, {NULL, CLI_FLAG, NULL}};
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
    for (size_t i = 0; e == ERR_OK && i < v.status_count; i++)
        cli_print(&s.io, "%s\n", v.status[i]);
    struct view_incidents in;
    if (e == ERR_OK) /* whoever reads it asks who is on it, and what is done in such a case */
        e = view_load_incidents(&s.loader, &s.params, id, &in, &ctx);
    if (e == ERR_OK)
        cli_print_duties(&s.io, in.duties, in.duty_count);
    status = e != ERR_OK ? cli_fail(io, e, &ctx) : EXIT_OK;
    cli_close(&s);
    return status;
}
