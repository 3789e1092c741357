/* SPDX-License-Identifier: MIT */
/* gwtop config: the option table as text. */
#include "cli/commands.h"

enum { HELP_MAX = 1 << 20 };

int cmd_config(int argc, char **argv, const struct cli_io *io)
{
    const struct cli_option options[] = {{NULL, CLI_FLAG, NULL}};
    struct buf out;

    int status = cli_options("config", argc, argv, options, NULL, io);
    if (status != CLI_GO_ON)
        return status;
    buf_init(&out, HELP_MAX);
    enum err e = config_help(&out);
    if (e == ERR_OK)
        fprintf(io->out, "%.*s", (int)out.len, out.data);
    else
        fprintf(io->err, "gwtop config: %s\n", err_name(e));
    buf_fini(&out);
    return e == ERR_OK ? EXIT_OK : EXIT_FAILED;
}
