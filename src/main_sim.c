/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "sim/demo.h"
#include "sim/options.h"
#include "sim/scenario.h"
#include "sim/serve.h"

enum { EXIT_USAGE = 64 }; /* sysexits(3) EX_USAGE */

static int print(enum err (*what)(const struct sim_options *o, struct buf *out), const struct sim_options *o)
{
    struct buf text;
    buf_init(&text, 1 << 16);
    enum err err = what(o, &text);
    if (err == ERR_OK)
        fwrite(text.data, 1, text.len, stdout);
    buf_fini(&text);
    return err == ERR_OK && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static enum err help(const struct sim_options *o, struct buf *out)
{
    (void)o;
    return options_help(out);
}

static enum err list(const struct sim_options *o, struct buf *out)
{
    return scenario_list(o->json, out);
}

int main(int argc, char **argv)
{
    struct sim_options options = {.command = COMMAND_HELP};
    struct errctx ctx = {""};
    int status = EXIT_SUCCESS;
    enum err err = options_parse(argc, argv, &options, &ctx);
    if (err == ERR_OK && options.command == COMMAND_HELP)
        return print(help, &options);
    if (err == ERR_OK && options.list)
        return print(list, &options);
    if (err == ERR_OK && options.command == COMMAND_VERSION)
        printf("gwtop-sim %s\n", GWTOP_VERSION);
    else if (err == ERR_OK && options.command == COMMAND_SERVE)
        err = serve_run(&options, &ctx);
    else if (err == ERR_OK)
        err = demo_run(&options, &status, &ctx);
    if (err != ERR_OK) {
        fprintf(stderr, "gwtop-sim: %s\n", ctx.text);
        return err == ERR_USAGE || err == ERR_CONFIG ? EXIT_USAGE : EXIT_FAILURE;
    }
    return status;
}
