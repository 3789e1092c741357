/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

int cli_forms_end(const struct cli_forms *r, void *view, enum err e, bool json, bool csv, struct cli_store *s, struct errctx *ctx)
{
    int status = EXIT_OK;
    if (e == ERR_OK)
        e = r->load(s, view, ctx);
    if (e != ERR_OK)
        status = cli_fail(&s->io, e, ctx);
    else if (json)
        status = r->json(view, s);
    else if (csv)
        r->csv(view, s);
    else
        r->text(view, s);
    cli_close(s);
    return status;
}

int cli_forms_run(const struct cli_forms *r, void *view, int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    bool csv = false;
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config},
        {"--store", CLI_TEXT, &w.store},
        {"--at", CLI_TEXT, &w.at},
        {"--filter", CLI_TEXT_OR_EMPTY, &w.filter},
        {"--json", CLI_FLAG, &w.json},
        {"--csv", CLI_FLAG, &csv},
        {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct errctx ctx = {.text = ""};

    int status = cli_options(r->name, argc, argv, options, NULL, io);
    if (status == CLI_GO_ON)
        status = cli_options_exclude(r->name, "--json", w.json, "--csv", csv, io);
    if (status != CLI_GO_ON)
        return status;
    const enum err e = cli_open(&w, DIM_MODEL, 3600000, &s, io, &ctx);
    return cli_forms_end(r, view, e, w.json, csv, &s, &ctx);
}
