/* SPDX-License-Identifier: MIT */
/* The one-shot commands: each loads a view and prints it, so a script sees the numbers that the console shows.
 *
 * Exit status: 0 ok; 1 ticket, 2 page, 3 unknown or no rules (status only); 3 when nothing was recorded of what is asked for; 1 otherwise
 * when the command failed; 64 for a wrong command line or configuration. Text goes to out, reasons to err. */
#ifndef GWTOP_CLI_CLI_H
#define GWTOP_CLI_CLI_H

#include <stdio.h>

#include "base/json.h"
#include "config/config.h"
#include "view/load.h"

enum { EXIT_OK = 0, EXIT_TICKET = 1, EXIT_PAGE = 2, EXIT_UNKNOWN = 3, EXIT_FAILED = 1, EXIT_USAGE = 64 };

/* mask: names of keys, users and teams are replaced in everything printed (mask_names of the configuration). */
struct cli_io {
    FILE *out, *err;
    bool mask;
};

struct cli_command {
    const char *name, *arguments, *help;
    int (*run)(int argc, char **argv, const struct cli_io *io); /* argv[0] is the command's name; returns the exit status */
    int failed;                                                 /* the exit status when what it says could not be written */
};

/* All commands, ended by a NULL name; main adds those that are other programs. */
const struct cli_command *cli_commands(void);
/* A command reads once and ends: what it takes as memory it does not give back before, and takes it in huge pages where there are such.
 * Half of a report's time in the kernel was the first touch of small ones. */
void cli_heap_begin(void);

/* ---- options, shared by all commands ---- */

enum cli_option_kind { CLI_FLAG, CLI_TEXT, CLI_TEXT_OR_EMPTY };
struct cli_option {
    const char *name; /* "--json"; a row of options.c says what it means */
    enum cli_option_kind kind;
    void *value; /* bool * or const char ** */
};
/* What is no option. */
enum { CLI_WORDS_MAX = 32 };
struct cli_words {
    const char *at[CLI_WORDS_MAX];
    size_t count, max; /* max: at most CLI_WORDS_MAX */
};

enum { CLI_GO_ON = -1 };
/* Reads argv[1..]; words NULL: only options are taken. command NULL: the console, whose own table has --help. Returns CLI_GO_ON, or an exit
 * status: 0 after --help was printed, 64 after the reason why the line is wrong was. The table ends with a NULL name. */
int cli_options(const char *command, int argc, char **argv, const struct cli_option *options, struct cli_words *ret_words,
                const struct cli_io *io);
/* An incident's number, "42" or "#42"; false after the reason why it is none was printed. */
bool cli_read_incident(const char *command, const char *word, int64_t *ret_id, const struct cli_io *io);
/* Two options that cannot both be meant: 64 with the reason, or CLI_GO_ON. */
int cli_options_exclude(const char *command, const char *a, bool has_a, const char *b, bool has_b, const struct cli_io *io);
/* A line per option of the table, in the order of options.c. */
void cli_print_options(FILE *out, const struct cli_option *options);

/* ---- the store behind a command ---- */

struct cli_store {
    struct config cfg;
    struct store *st;
    struct arena arena;
    struct view_loader loader;
    struct view_params params;
    struct view_frame frame; /* where, when, how fresh: what every report begins with */
    struct cli_io io;        /* the caller's, masked as the configuration says */
    int64_t now_ms;
    bool ended;
};
struct cli_where {
    const char *config, *store, *at, *since, *by, *filter; /* each NULL when not given */
    bool json;
};

/* "team" or "team,model": at most max different dimensions. Errors: ERR_USAGE. */
enum err cli_read_dims(const char *by, size_t max, enum dim *ret, size_t *ret_count, struct errctx *ctx) GW_MUST_USE;
/* Opens what is asked for, fills the params (cursor, window from since, group from by) and loads the frame's header. cli_close goes with
 * it, whatever it returned. Errors: ERR_USAGE, ERR_CONFIG, the store's, and ERR_NODATA where nothing can be told: the cursor lies before
 * the recording, or nothing recorded matches the filter. With json, that is printed as a report is, too. */
enum err cli_open(const struct cli_where *w, enum dim group, int64_t window_ms, struct cli_store *s, const struct cli_io *io,
                  struct errctx *ctx) GW_MUST_USE;
/* The same without the header, and without its judgement of whether there is anything to tell: for what is said to a store. */
enum err cli_open_store(const struct cli_where *w, struct cli_store *s, const struct cli_io *io, struct errctx *ctx) GW_MUST_USE;
/* The same with the whole frame, for the verdict, which is UNKNOWN where nothing can be told. */
enum err cli_open_frame(const struct cli_where *w, enum dim group, int64_t window_ms, struct cli_store *s, const struct cli_io *io,
                        struct errctx *ctx) GW_MUST_USE;
void cli_close(struct cli_store *s);
int cli_fail(const struct cli_io *io, enum err e, const struct errctx *ctx); /* prints, and returns 64, 3 or 1 */

/* ---- reports in three forms ---- */

/* A report of one view: as text, as JSON and as CSV; view is what load filled in. */
struct cli_forms {
    const char *name;
    enum err (*load)(const struct cli_store *s, void *view, struct errctx *ctx);
    int (*json)(const void *view, const struct cli_store *s); /* returns the exit status */
    void (*csv)(const void *view, const struct cli_store *s);
    void (*text)(const void *view, const struct cli_store *s);
};
/* The whole command of a report that asks for --config, --store, --at, --filter, --json and --csv, over the last hour; view is room for
 * what load fills in. */
int cli_forms_run(const struct cli_forms *r, void *view, int argc, char **argv, const struct cli_io *io);
/* The end of one that asks for more: loads where e is ERR_OK so far, prints, closes s, and returns the exit status. */
int cli_forms_end(const struct cli_forms *r, void *view, enum err e, bool json, bool csv, struct cli_store *s, struct errctx *ctx);

/* ---- printing ---- */

/* printf to io->out through the one filter, line by line: what a store holds came from outside, and a store may be a stranger's. */
void cli_print(const struct cli_io *io, const char *fmt, ...) GW_PRINTF(2, 3);
/* The last line of a report with a filter: which signals it does not reach. */
void cli_print_unsplit(const struct cli_store *s);
/* The first line of a report: gateway, filter, time, how fresh. */
void cli_print_header(const struct cli_store *s);
void cli_print_title(const struct cli_store *s); /* the header without what was made good later */
/* Begins a report in out, to be ended with json_end and cli_print_json: an object with the same as its first members. */
void cli_json_report(struct json *w, struct buf *out, const struct cli_store *s);
/* Why there is no report: the header's members, and the reason as "nothing". */
void cli_json_nothing(const struct cli_store *s);
/* A string that may name somebody: masked. */
void cli_json_text(const struct cli_io *io, struct json *w, const char *key, const char *text);
/* What an incident is, how severe, and what operators said of it: members of the object that is open. */
void cli_json_incident(const struct cli_io *io, struct json *w, const struct vincident *v);
/* Whom failures point at, and in a word why nobody is named: members of the object that is open, with both reasons. */
void cli_json_suspects(const struct cli_io *io, struct json *w, const struct vsuspect *list, size_t count, const char *note);
/* The same as lines "suspect 1: provider openai: 5xx since ...". */
void cli_print_suspects(const struct cli_io *io, const struct vsuspect *list, size_t count, const char *note);
/* What providers' own pages say: "status_pages", a member of the object that is open; and as lines. */
void cli_json_pages(const struct cli_io *io, struct json *w, const struct vpage *list, size_t count);
void cli_print_pages(const struct cli_io *io, const struct vpage *list, size_t count);
/* What to do and whom to ask, as the configuration says of rules: "runbook https://... (x availability)"; nothing where it says nothing. */
void cli_print_duties(const struct cli_io *io, const struct rule_info *list, size_t count);
/* An incident with its detail: its impact in words, timeline, suspects, who was hit, notes; members of the object that is open. */
/* The array "rules", of those that fired in it with what to do and whose they are, and "similar", earlier ones that were like it. */
void cli_json_duties(const struct cli_io *io, struct json *w, const struct view_incidents *v);
void cli_json_similar(const struct cli_io *io, struct json *w, const struct view_incidents *v);
void cli_json_incident_detail(const struct cli_io *io, struct json *w, const struct view_incidents *v);
void cli_json_instant(struct json *w, const char *key, int64_t ms);     /* ISO 8601; null for 0 */
void cli_json_error(struct json *w, const char *key, int64_t error_ms); /* in seconds; null for 0: not told */
const char *cli_exactness(enum exactness e);                            /* "=", ">=", "<=", "~" */
/* Prints the JSON and releases it; EXIT_FAILED, with the reason, when it did not fit. */
int cli_print_json(const struct cli_io *io, const char *command, struct json *w, struct buf *out);
/* A cell of a spreadsheet: filtered, quoted, and never the beginning of a formula. */
void cli_csv_text(const struct cli_io *io, const char *raw);
void cli_csv_bool(const struct cli_io *io, bool v);     /* after a comma */
void cli_csv_number(const struct cli_io *io, double v); /* after a comma; what is not known is an empty cell */
enum { CLI_JSON_MAX = 16 << 20 };

/* ---- a table of text ---- */

enum { CLI_COLUMNS_MAX = 20, CLI_CELL_MAX = 160 };
struct cli_table {
    const struct cli_io *io;
    struct buf cells;      /* NUL-terminated cells, row by row */
    size_t columns, count; /* count: cells so far */
    unsigned right;        /* bit i: column i is right-aligned */
    size_t width[CLI_COLUMNS_MAX];
    bool full; /* a cell did not fit: whole rows up to there are printed */
};
/* columns: at most CLI_COLUMNS_MAX */
void cli_table_init(struct cli_table *t, const struct cli_io *io, size_t columns, unsigned right);
void cli_table_cell(struct cli_table *t, const char *fmt, ...) GW_PRINTF(2, 3); /* fills rows from left to right */
void cli_table_print(struct cli_table *t);                                      /* to io->out, and releases it */

#endif
