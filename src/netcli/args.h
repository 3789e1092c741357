/* SPDX-License-Identifier: MIT */
/* Command lines of the network commands: a table of options per command, read strictly. */
#ifndef GWTOP_NETCLI_ARGS_H
#define GWTOP_NETCLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum arg_kind { ARG_FLAG, ARG_TEXT, ARG_I64, ARG_NUMBER, ARG_DURATION };

struct arg {
    const char *name; /* with its dashes; the table ends with NULL */
    enum arg_kind kind;
    void *value; /* bool, const char *, int64_t, double, int64_t ms; untouched when the option is not given */
};

/* What is no option, in its order: at most max of them, the others of at stay NULL. */
enum { ARGS_WORDS_MAX = 3 };
struct arg_words {
    size_t max, count;
    const char *at[ARGS_WORDS_MAX];
};

/* Reads argv[1..]; words that are no options go to words (NULL: none is allowed). "--name value" and "--name=value". Errors: ERR_USAGE. */
enum err args_read(int argc, char **argv, const struct arg *table, struct arg_words *words, struct errctx *ctx) GW_MUST_USE;

#endif
