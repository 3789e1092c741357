/* SPDX-License-Identifier: MIT */
#include "netcli/netcli.h"

#include <string.h>

struct command {
    const char *name, *arguments, *help;
    int (*run)(int argc, char **argv, const struct netcli_io *io); /* argv[0] is the command's name */
};

static const struct command table[] = {
    {"record", "[--foreground] [--stop] [--status [--json]] [--config FILE] [--store FILE]",
     "record what the configuration names, detached", netcli_record},
    {"probe", "URL|FILE [--json] [--config FILE] [--profile NAME]", "what gwtop would understand of an endpoint, and which step fails",
     netcli_probe},
    {"prices", "update --from FILE|URL [--to FILE] [--date DAY] [--keep] [--fresh] [--whole-tiers]", "a public price list as gwtop's own",
     netcli_prices},
    {"canary", "run NAME [--dry-run] [--json] [--config FILE] [--store FILE]",
     "a canary's prompts to its endpoint, once, at the price that is said first", netcli_canary},
    {"page", "--test [NAME] [--config FILE]", "a test document to what on_page and notify name", netcli_page},
    {"silence", "ALERT DURATION REASON [--source NAME] [--dry-run] [--json] [--config FILE] [--store FILE]",
     "a silence in an Alertmanager whose source allows it", netcli_silence},
    {NULL, NULL, NULL, NULL},
};

static void help(FILE *out)
{
    fputs("gwtop-recorder: the part of gwtop that uses the network\n\n", out);
    for (const struct command *c = table; c->name != NULL; c++)
        fprintf(out, "  %-7s %s\n          %s\n", c->name, c->arguments, c->help);
    fputs("\nSee gwtop-recorder(8).\n", out);
}

int netcli_main(int argc, char **argv, const struct netcli_io *io)
{
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)) {
        help(io->out);
        return EXIT_GOOD;
    }
    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        fprintf(io->out, "%s\n", io->user_agent);
        return EXIT_GOOD;
    }
    for (const struct command *c = table; argc >= 2 && c->name != NULL; c++) {
        if (strcmp(c->name, argv[1]) == 0)
            return c->run(argc - 1, argv + 1, io);
    }
    if (argc >= 2)
        fprintf(io->err, "gwtop-recorder: there is no command '%s'\n", argv[1]);
    help(io->err);
    return EXIT_WRONG_USAGE;
}

int netcli_fail(const struct netcli_io *io, enum err e, const struct errctx *ctx)
{
    fprintf(io->err, "gwtop: %s\n", errctx_text(ctx, e));
    return e == ERR_USAGE || e == ERR_CONFIG ? EXIT_WRONG_USAGE : EXIT_BAD;
}
