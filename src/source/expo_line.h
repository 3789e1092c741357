/* SPDX-License-Identifier: MIT */
/* One sample line of an exposition, cut into its parts: a piece of exposition.c, without its state. For whole bodies use exposition.h. */
#ifndef GWTOP_SOURCE_EXPO_LINE_H
#define GWTOP_SOURCE_EXPO_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "source/exposition.h"

/* What a line did that leaves its meaning clear. The sample is kept. */
enum {
    EXPO_ODD_SPACE = 1,       /* white space other than the single blanks of OpenMetrics; 0.0.4 does not care */
    EXPO_ODD_LAST_COMMA = 2,  /* {a="b",}: right in 0.0.4, wrong in OpenMetrics */
    EXPO_ODD_EXTRA_COMMA = 4, /* {,a="b",,}: wrong in both */
    EXPO_ODD_ESCAPE = 8,      /* a backslash before something else than \ " n: OpenMetrics passes it through, 0.0.4 forbids it */
};

struct expo_line {
    const char *p, *end;  /* what is still to be read */
    const char *readable; /* bytes up to here may be looked at; >= end */
    unsigned odd;         /* EXPO_ODD_*, gathered */
    const char *error;    /* static sentence once a function below returned false */
};

struct expo_labels {
    struct expo_label at[EXPO_LABELS_MAX];
    size_t count;
    struct str name; /* a quoted metric name among the labels; p NULL when there was none */
};

/* Name and label set at l->p, which is not blank: fills s->series, name, labels, label_count; l->p is behind them. False: l->error. */
bool expo_line_series(struct expo_line *l, struct expo_labels *labels, struct expo_sample *s);

/* What may be the series of this line, found from its end and without looking into the labels: O(length of the value).
 * It is only a guess, but equal bytes that were once accepted as a series make it a fact: a series ends where its own grammar says,
 * so a line that begins with the bytes of a valid one has exactly that series. Empty when there is nothing to guess. */
struct str expo_line_guess(const struct expo_line *l);

/* The metric name at the front of a series, empty when it is quoted. */
struct str expo_line_name(struct str series, const char *readable);

/* Value and timestamp behind the series: fills s->value, has_timestamp, timestamp_ms. Leaves l->p at the end, or at the '#' of an
 * exemplar. *ret_seconds is the timestamp as OpenMetrics wrote it. False: l->error. */
bool expo_line_value(struct expo_line *l, bool openmetrics, struct expo_sample *s, double *ret_seconds);

/* The exemplar at l->p ('#'), which is checked and not kept; scratch is overwritten. False: l->error. */
bool expo_line_exemplar(struct expo_line *l, struct expo_labels *scratch);

/* A quoted name at l->p ('"'); ret is what stands between the quotes. False: l->error. */
bool expo_line_quoted_name(struct expo_line *l, struct str *ret);

#endif
