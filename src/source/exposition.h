/* SPDX-License-Identifier: MIT */
/* Streaming reader of the Prometheus text format 0.0.4 and OpenMetrics 1.0, in one parser.
 *
 * Feed it bytes as they come; it calls back per sample and per metadata line. Pure: no clock, no I/O, no logging; any bytes are
 * accepted input. A malformed line becomes a warning with its number, and the rest is kept: semantic faults of OpenMetrics
 * (interleaved groups, missing # EOF, bad exemplars) are warnings, never blank panes. So is a line longer than EXPO_LINE_MAX.
 * Every accepted sample was fully validated: name and label grammar, escapes, UTF-8 of label values, number, timestamp.
 * Results do not depend on where the feeds are cut.
 * Invariant: spans handed to a callback are valid only during it. All memory is taken by expo_new: some 110 KB, of which a body touches
 * what its longest cut line and its families need.
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
    struct str name;  /* a quoted one: what stands between the quotes, escapes in place */
    struct str value; /* as written: escapes still in place when escaped is set */
    bool escaped;
};

enum { EXPO_LABELS_MAX = 64, EXPO_LINE_MAX = 64 * 1024 };

struct expo_sample {
    struct str series; /* the raw bytes of name and label set as written: equal bytes, equal series, so callers cache by it */
    struct str name;   /* of {"my.metric"}: what stands between the quotes, escapes in place; empty when on_known answered for it */
    const struct expo_label *labels;
    size_t label_count;
    double value; /* may be NaN or infinite */
    bool has_timestamp;
    int64_t timestamp_ms; /* OpenMetrics' seconds, rounded; cut to the range of 64 bits */
    size_t line;          /* from 1 */
};

struct expo_warning {
    size_t line;
    const char *what; /* static sentence: "label value is not UTF-8" */
    struct str text;  /* the beginning of the line, raw */
};

/* Callbacks; each MAY be NULL. on_known is asked first with the raw series bytes: when it returns true, labels are not split and
 * on_sample gets label_count 0; the bytes were validated when they were first seen, byte for byte the same. It MUST answer true only
 * for bytes that an on_sample of the same dialect handed over, and MUST NOT keep what it is asked about: before a line is understood
 * the parser asks with its best guess. Warnings about labels come only when they are split. */
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

/* The dialect is 0.0.4 until something else is said: OpenMetrics when the Content-Type is application/openmetrics-text. It decides what
 * a timestamp is (whole milliseconds, or seconds as a float) and which rules are checked; either reads the other's lines otherwise.
 * Set it before the first feed; it outlives expo_reset. */
void expo_set_openmetrics(struct expo *p, bool on);

/* Errors, until expo_reset: ERR_LIMIT (body longer than max_bytes, the lines before that were taken; or on_sample said stop).
 * Cost: at least 0.8 GB/s on a 2020s core, validated and split; nothing is allocated. */
enum err expo_feed(struct expo *p, const void *bytes, size_t n) GW_MUST_USE;
enum err expo_finish(struct expo *p) GW_MUST_USE; /* the body is complete: takes a last line without newline, with a warning */

struct expo_stats {
    size_t bytes, lines, samples, warnings;
    size_t families;      /* names with metadata or samples, those of a TYPE line counted once; the first 3,072 of them */
    bool saw_eof;         /* "# EOF" seen */
    bool looks_like_html; /* the first non-blank byte is '<' */
    bool looks_like_json; /* ... is '{' or '[' and no sample was understood */
};
struct expo_stats expo_stats(const struct expo *p);

/* Undoes \\ \" \n in a label value. dst has at least s.n bytes; returns the length. */
size_t expo_unescape(struct str s, char *dst);

#endif
