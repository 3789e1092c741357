/* SPDX-License-Identifier: MIT */
/* Streaming reader of the Prometheus text format 0.0.4 and OpenMetrics 1.0, in one parser.
 *
 * Feed it bytes as they come; it calls back per sample and per metadata line. Pure: no clock, no I/O, no logging; any bytes are
 * accepted input. A malformed line becomes a warning with its number, and the rest is kept: semantic faults of OpenMetrics
 * (interleaved groups, missing # EOF, bad exemplars) are warnings, never blank panes.
 * Every accepted sample was fully validated: name and label grammar, escapes, UTF-8 of label values, number, timestamp.
 * Invariant: spans handed to a callback are valid only during it. No allocation after the first feed but for lines cut by a feed border.
 * Source: prometheus.io exposition formats; OpenMetrics 1.0; tests/payloads. */
#ifndef GWTOP_SOURCE_EXPOSITION_H
#define GWTOP_SOURCE_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum expo_type { EXPO_UNTYPED, EXPO_COUNTER, EXPO_GAUGE, EXPO_HISTOGRAM, EXPO_SUMMARY, EXPO_GAUGE_HISTOGRAM, EXPO_INFO, EXPO_STATESET };

struct expo_label {
    struct str name;
    struct str value; /* as written: escapes still in place when escaped is set */
    bool escaped;
};

enum { EXPO_LABELS_MAX = 64, EXPO_LINE_MAX = 64 * 1024 };

struct expo_sample {
    struct str series;  /* the raw bytes of name and label set as written: equal bytes, equal series, so callers cache by it */
    struct str name;
    const struct expo_label *labels;
    size_t label_count;
    double value;       /* may be NaN or infinite */
    bool has_timestamp;
    int64_t timestamp_ms;
    size_t line;        /* from 1 */
};

struct expo_warning {
    size_t line;
    const char *what; /* static sentence: "label value is not UTF-8" */
    struct str text;  /* the beginning of the line, raw */
};

/* Callbacks; each MAY be NULL. on_known is asked first with the raw series bytes: when it returns true, labels are not split and
 * on_sample gets label_count 0; the bytes were validated when they were first seen, byte for byte the same. */
struct expo_handler {
    bool (*on_known)(void *ctx, struct str series);
    bool (*on_sample)(void *ctx, const struct expo_sample *s); /* false stops the parse with ERR_LIMIT */
    void (*on_type)(void *ctx, struct str family, enum expo_type type);
    void (*on_unit)(void *ctx, struct str family, struct str unit);
    void (*on_help)(void *ctx, struct str family, struct str help);
    void (*on_warning)(void *ctx, const struct expo_warning *w);
    void *ctx;
};

struct expo;

struct expo *expo_new(const struct expo_handler *h, size_t max_bytes); /* max_bytes: of one body. NULL when out of memory */
void expo_free(struct expo *p);
void expo_reset(struct expo *p); /* ready for the next body; keeps its memory */
/* Errors: ERR_LIMIT (body or line too long, or on_sample said stop), ERR_NOMEM. Cost: at least 0.8 GB/s on a 2020s core. */
enum err expo_feed(struct expo *p, const void *bytes, size_t n) GW_MUST_USE;
enum err expo_finish(struct expo *p) GW_MUST_USE; /* the body is complete: takes a last line without newline, with a warning */

struct expo_stats {
    size_t bytes, lines, samples, warnings, families;
    bool saw_eof;          /* "# EOF" seen */
    bool looks_like_html;  /* the first non-blank byte is '<' */
    bool looks_like_json;  /* ... is '{' or '[' and no sample was understood */
};
struct expo_stats expo_stats(const struct expo *p);

/* Undoes \\ \" \n in a label value. dst has at least s.n bytes; returns the length. */
size_t expo_unescape(struct str s, char *dst);

#endif
