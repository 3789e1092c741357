/* SPDX-License-Identifier: MIT */
/* Command lines of the network commands: a table of options per command, read strictly. */
#ifndef GWTOP_NETCLI_ARGS_H
#define GWTOP_NETCLI_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum arg_kind { ARG_FLAG, ARG_TEXT, ARG_I64, ARG_NUMBER, ARG_DURATION };

struct arg {
    const char *name; /* with its dashes; the table ends with NULL */
    enum arg_kind kind;
    void *value; /* bool, const char *, int64_t, double, int64_t ms; untouched when the option is not given */
};

/* Reads argv[1..]; one word that is no option goes to *operand (NULL: none is allowed). "--name value" and "--name=value".
 * Errors: ERR_USAGE. */
enum err args_read(int argc, char **argv, const struct arg *table, const char **operand, struct errctx *ctx) GW_MUST_USE;

#endif
