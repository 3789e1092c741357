/* SPDX-License-Identifier: MIT */
/* What the exposition parser said, as lines of text, so that a test compares whole parses and a failure can be read:
 *   S 3 name{a=b,c=d\n!} 1.5 @1234    line, name, labels (! marks escapes in place), value, timestamp in ms
 *   T family 3 | U family unit | H family help | W 7 sentence: beginning of the line | E limit */
#ifndef GWTOP_TESTS_EXPO_TRANSCRIPT_H
#define GWTOP_TESTS_EXPO_TRANSCRIPT_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "source/exposition.h"

struct transcript {
    struct buf text;
    size_t samples, warnings;
    size_t stop_after; /* on_sample says stop at this many; 0 never */
};

/* Under Check as under a fuzzer: an abort is a failure that names its place. */
static inline void transcript_must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "transcript: %s\n", what);
        abort();
    }
}

static inline void transcript_str(struct transcript *t, struct str s)
{
    transcript_must(buf_append(&t->text, s.p, s.n) == ERR_OK, "buffer");
}

static inline bool transcript_sample(void *ctx, const struct expo_sample *s)
{
    struct transcript *t = ctx;
    t->samples++;
    transcript_must(buf_printf(&t->text, "S %zu ", s->line) == ERR_OK, "buffer");
    transcript_str(t, s->name);
    transcript_must(buf_append_z(&t->text, "{") == ERR_OK, "buffer");
    for (size_t i = 0; i < s->label_count; i++) {
        transcript_must(buf_append_z(&t->text, i ? "," : "") == ERR_OK, "buffer");
        transcript_str(t, s->labels[i].name);
        transcript_must(buf_append_z(&t->text, "=") == ERR_OK, "buffer");
        transcript_str(t, s->labels[i].value);
        transcript_must(buf_append_z(&t->text, s->labels[i].escaped ? "!" : "") == ERR_OK, "buffer");
    }
    transcript_must(buf_printf(&t->text, "} %.17g", s->value) == ERR_OK, "buffer");
    if (s->has_timestamp) {
        transcript_must(buf_printf(&t->text, " @%" PRId64, s->timestamp_ms) == ERR_OK, "buffer");
    }
    transcript_must(buf_append_z(&t->text, "\n") == ERR_OK, "buffer");
    return t->stop_after == 0 || t->samples < t->stop_after;
}

static inline void transcript_type(void *ctx, struct str family, enum expo_type type)
{
    struct transcript *t = ctx;
    transcript_must(buf_append_z(&t->text, "T ") == ERR_OK, "buffer");
    transcript_str(t, family);
    transcript_must(buf_printf(&t->text, " %d\n", (int)type) == ERR_OK, "buffer");
}

static inline void transcript_pair(struct transcript *t, const char *tag, struct str a, struct str b)
{
    transcript_must(buf_append_z(&t->text, tag) == ERR_OK, "buffer");
    transcript_str(t, a);
    transcript_must(buf_append_z(&t->text, " ") == ERR_OK, "buffer");
    transcript_str(t, b);
    transcript_must(buf_append_z(&t->text, "\n") == ERR_OK, "buffer");
}

static inline void transcript_unit(void *ctx, struct str family, struct str unit)
{
    transcript_pair(ctx, "U ", family, unit);
}

static inline void transcript_help(void *ctx, struct str family, struct str help)
{
    transcript_pair(ctx, "H ", family, help);
}

static inline void transcript_warning(void *ctx, const struct expo_warning *w)
{
    struct transcript *t = ctx;
    t->warnings++;
    transcript_must(buf_printf(&t->text, "W %zu %s: ", w->line, w->what) == ERR_OK, "buffer");
    transcript_str(t, w->text);
    transcript_must(buf_append_z(&t->text, "\n") == ERR_OK, "buffer");
}

static inline struct expo_handler transcript_handler(struct transcript *t)
{
    return (struct expo_handler){.on_sample = transcript_sample,
                                 .on_type = transcript_type,
                                 .on_unit = transcript_unit,
                                 .on_help = transcript_help,
                                 .on_warning = transcript_warning,
                                 .ctx = t};
}

static inline void transcript_begin(struct transcript *t)
{
    *t = (struct transcript){0};
    buf_init(&t->text, (size_t)64 << 20);
    transcript_must(buf_append_z(&t->text, "") == ERR_OK, "buffer");
}

/* Each feed goes in as its own piece of memory, so that a sanitizer sees whatever looks past it. */
static inline enum err transcript_feed(struct expo *p, const char *bytes, size_t n)
{
    char *copy = malloc(n ? n : 1);
    transcript_must(copy != NULL, "out of memory");
    memcpy(copy, bytes, n);
    enum err e = expo_feed(p, copy, n);
    free(copy);
    return e;
}

/* Parses the body fed in pieces that end at cut and cut2 (0 = not cut), and finishes. */
static inline struct expo_stats transcript_run(struct transcript *t, struct expo *p, struct str body, size_t cut, size_t cut2)
{
    enum err e = ERR_OK;
    size_t at = 0;
    size_t ends[3] = {cut, cut2, body.n};
    for (size_t i = 0; i < 3 && !e; i++) {
        if (ends[i] > at || (i == 2 && at == 0)) {
            e = transcript_feed(p, body.p + at, ends[i] - at);
            at = ends[i];
        }
    }
    if (!e) {
        e = expo_finish(p);
    }
    if (e) {
        transcript_must(buf_printf(&t->text, "E %s\n", err_name(e)) == ERR_OK, "buffer");
    }
    return expo_stats(p);
}

static inline const char *transcript_text(const struct transcript *t)
{
    return t->text.data ? t->text.data : "";
}

#endif
