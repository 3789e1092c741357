/* SPDX-License-Identifier: MIT */
/* A series of one's own as CSV, line by line: "value", "time,value", or with a header that names the columns.
 *
 * Columns: value, score, bad, y, v or x; timestamp, time, datetime, date, ts or at; n or total (outcomes of a row, of which value were
 * bad). Without names the last of two is the value. Separated by tab, comma or semicolon, quoted or not, LF or CRLF, with or without a byte
 * order mark.
 * Times: ISO 8601 with or without a zone (then UTC), or seconds, milliseconds, microseconds since 1970; small numbers are an index without
 * a clock, and what the first row has that is none of these is a label.
 * A row that cannot be used is left out, counted, and the first ones are named by their line; row numbers count it.
 * Pure: no file. Fuzzed (tests/fuzz/fuzz_csvseries.c). */
#ifndef GWTOP_ANALYSIS_CSVSERIES_H
#define GWTOP_ANALYSIS_CSVSERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { CSVSERIES_ROWS_MAX = 2000000, CSVSERIES_LINE_MAX = 4096, CSVSERIES_NAMED_MAX = 20, CSVSERIES_REASON_MAX = 96 };
#define CSVSERIES_NO_TIME INT64_MIN

enum csvseries_kind { CSVSERIES_BINARY, CSVSERIES_SCORE, CSVSERIES_METRIC, CSVSERIES_KINDS };
const char *csvseries_kind_name(enum csvseries_kind k); /* "binary", "score", "metric" */
bool csvseries_kind_by_name(struct str name, enum csvseries_kind *ret);

struct csvseries_row {
    uint32_t row, line; /* from 1; row: without header and blank lines */
    uint64_t n;         /* 1, or of the column */
    double value;       /* finite */
    int64_t wall_ms;    /* or CSVSERIES_NO_TIME */
    double order;       /* as its time is compared; 0 without one */
};

struct csvseries_left_out {
    uint32_t line;
    char reason[CSVSERIES_REASON_MAX]; /* safe to print */
};

struct csvseries {
    struct csvseries_row *rows;
    size_t count, cap;
    uint32_t lines, data_rows; /* read so far; data_rows: with those left out */
    size_t left_out;
    struct csvseries_left_out named[CSVSERIES_NAMED_MAX];
    bool timed; /* its rows have a clock's times */
    /* internal */
    char separator;
    int value_column, time_column, n_column; /* -1 = none */
    bool named_score;
    enum { CSVSERIES_CLOCK_UNKNOWN, CSVSERIES_CLOCK_TEXT, CSVSERIES_CLOCK_NUMBER, CSVSERIES_CLOCK_INDEX, CSVSERIES_CLOCK_LABEL } clock;
};

void csvseries_init(struct csvseries *s);
void csvseries_fini(struct csvseries *s);
/* One line without its LF. Errors: ERR_NOMEM; ERR_LIMIT past CSVSERIES_ROWS_MAX rows. */
enum err csvseries_add_line(struct csvseries *s, struct str line, struct errctx *ctx) GW_MUST_USE;
/* A line longer than CSVSERIES_LINE_MAX was passed over. */
void csvseries_add_long_line(struct csvseries *s);

/* What the values look like: all 0 or 1, or with a column n: binary; nine of ten in [0, 1] in a column named score: score; else metric. */
enum csvseries_kind csvseries_guess(const struct csvseries *s);
/* Once all lines are there: leaves out the fewest rows so that times do not fall, and those that are no such values. Errors: ERR_NOMEM.
 * Cost: O(n log n). */
enum err csvseries_restrict(struct csvseries *s, enum csvseries_kind k, struct errctx *ctx) GW_MUST_USE;

#endif
