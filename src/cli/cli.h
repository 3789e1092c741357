/* SPDX-License-Identifier: MIT */
/* The one-shot commands: each loads a view and prints it, so a script sees the numbers that the console shows.
 *
 * Exit status: 0 ok; 1 ticket, 2 page, 3 unknown or no rules (status only); 1 otherwise when the command failed; 64 for a wrong command
 * line or configuration. Text goes to out, reasons to err. */
#ifndef GWTOP_CLI_CLI_H
#define GWTOP_CLI_CLI_H

#include <stdio.h>

#include "base/json.h"
#include "config/config.h"
#include "view/load.h"

enum { EXIT_OK = 0, EXIT_TICKET = 1, EXIT_PAGE = 2, EXIT_UNKNOWN = 3, EXIT_FAILED = 1, EXIT_USAGE = 64 };

struct cli_io { FILE *out, *err; };

struct cli_command {
    const char *name, *arguments, *help;
    int (*run)(int argc, char **argv, const struct cli_io *io); /* argv[0] is the command's name; returns the exit status */
};

/* All commands, ended by a NULL name; main adds those that are other programs. */
const struct cli_command *cli_commands(void);

/* ---- options, shared by all commands ---- */

enum cli_option_kind { CLI_FLAG, CLI_TEXT };
struct cli_option { const char *name; /* "--json" */ enum cli_option_kind kind; void *value; /* bool * or const char ** */ };

/* Reads argv[1..]; a word that is no option goes to *ret_word (one at most; NULL: none is taken). Prints the reason to io->err and returns
 * false when the line is wrong. The table ends with a NULL name. */
bool cli_options(int argc, char **argv, const struct cli_option *options, const char **ret_word, const struct cli_io *io);

/* ---- the store behind a command ---- */

struct cli_store {
    struct config cfg;
    struct store *st;
    struct arena arena;
    struct view_loader loader;
    int64_t now_ms;
    bool ended;
};
struct cli_where { const char *config, *store, *at, *since, *by, *filter; }; /* each NULL when not given */

/* Opens what is asked for and fills params (cursor, window from since, group from by). Prints the reason and returns an exit status
 * when it cannot; 0 when it could. */
int cli_open(const struct cli_where *w, enum dim group, int64_t window_ms, struct cli_store *ret, struct view_params *ret_params, const struct cli_io *io);
void cli_close(struct cli_store *s);
int cli_fail(const struct cli_io *io, enum err e, const struct errctx *ctx); /* prints, and returns 64 or 1 */

/* printf to io->out through the one filter, line by line: what a store holds came from outside, and a store may be a stranger's. */
void cli_print(const struct cli_io *io, const char *fmt, ...) GW_PRINTF(2, 3);
/* Prints the JSON and releases it; EXIT_FAILED, with the reason, when it did not fit. */
int cli_print_json(const struct cli_io *io, const char *command, struct json *w, struct buf *out);
enum { CLI_JSON_MAX = 16 << 20 };

/* ---- a table of text ---- */

enum { CLI_COLUMNS_MAX = 16, CLI_CELL_MAX = 160 };
struct cli_table {
    struct buf cells;          /* NUL-terminated cells, row by row */
    size_t columns, count; /* count: cells so far */
    unsigned right;            /* bit i: column i is right-aligned */
    size_t width[CLI_COLUMNS_MAX];
    bool full; /* a cell did not fit: whole rows up to there are printed */
};
void cli_table_init(struct cli_table *t, size_t columns, unsigned right);
void cli_table_cell(struct cli_table *t, const char *fmt, ...) GW_PRINTF(2, 3); /* fills rows from left to right */
void cli_table_print(struct cli_table *t, FILE *out);                            /* and releases it */

#endif
