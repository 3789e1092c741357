/* SPDX-License-Identifier: MIT */
/* What the query-answer reader said, as lines of text, for tests that compare whole readings:
 *   N __name__=up,job=x               a series begins
 *   P 1435781430781 1                 a point: ms and value
 *   H 1435781430781 4 6.5 [0 0.5 1 1] a histogram: count, sum, buckets (rule, bounds, count)
 *   W sentence                        warnings, infos, isPartial
 *   E net: sentence                   how it ended, when not well */
#ifndef GWTOP_TESTS_PROMJSON_TRANSCRIPT_H
#define GWTOP_TESTS_PROMJSON_TRANSCRIPT_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "source/promjson.h"

struct answer {
    struct buf text;
    size_t series, points, warnings;
    size_t stop_after;    /* on_point says stop at this many; 0 never */
    const char *unwanted; /* a series with this label value is skipped */
};

static inline void answer_must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "transcript: %s\n", what);
        abort();
    }
}

static inline void answer_str(struct answer *a, struct str s)
{
    answer_must(buf_append(&a->text, s.p, s.n) == ERR_OK, "buffer");
}

static inline bool answer_series(void *ctx, const struct promjson_label *labels, size_t count)
{
    struct answer *a = ctx;
    bool wanted = true;
    a->series++;
    answer_str(a, str_of("N "));
    for (size_t i = 0; i < count; i++) {
        answer_str(a, str_of(i ? "," : ""));
        answer_str(a, labels[i].name);
        answer_str(a, str_of("="));
        answer_str(a, labels[i].value);
        wanted = wanted && !(a->unwanted && str_eq_z(labels[i].value, a->unwanted));
    }
    answer_str(a, str_of("\n"));
    return wanted;
}

static inline bool answer_point(void *ctx, const struct promjson_point *p)
{
    struct answer *a = ctx;
    a->points++;
    if (!p->is_histogram) {
        answer_must(buf_printf(&a->text, "P %" PRId64 " %.17g\n", p->t_ms, p->value) == ERR_OK, "buffer");
        return a->stop_after == 0 || a->points < a->stop_after;
    }
    answer_must(buf_printf(&a->text, "H %" PRId64 " %.17g %.17g", p->t_ms, p->hist_count, p->hist_sum) == ERR_OK, "buffer");
    for (size_t i = 0; i < p->bucket_count; i++) {
        const struct promjson_bucket *b = &p->buckets[i];
        answer_must(buf_printf(&a->text, " [%d %.17g %.17g %.17g]", b->rule, b->lo, b->hi, b->count) == ERR_OK, "buffer");
    }
    answer_str(a, str_of("\n"));
    return a->stop_after == 0 || a->points < a->stop_after;
}

static inline void answer_warning(void *ctx, struct str text)
{
    struct answer *a = ctx;
    a->warnings++;
    answer_str(a, str_of("W "));
    answer_str(a, text);
    answer_str(a, str_of("\n"));
}

static inline struct promjson_handler answer_handler(struct answer *a)
{
    return (struct promjson_handler){.on_series = answer_series, .on_point = answer_point, .on_warning = answer_warning, .ctx = a};
}

static inline void answer_begin(struct answer *a)
{
    *a = (struct answer){0};
    buf_init(&a->text, (size_t)256 << 20);
    answer_str(a, str_of(""));
}

/* Feeds in memory of exactly the right size, so that a sanitizer sees whatever looks past it. */
static inline enum err answer_feed(struct promjson *p, const char *bytes, size_t n)
{
    char *copy = malloc(n ? n : 1);
    answer_must(copy != NULL, "out of memory");
    memcpy(copy, bytes, n);
    enum err e = promjson_feed(p, copy, n);
    free(copy);
    return e;
}

/* Reads the body in pieces that end at cut and cut2 (0 = not cut). */
static inline enum err answer_run(struct answer *a, struct promjson *p, struct str body, size_t cut, size_t cut2)
{
    enum err e = ERR_OK;
    size_t at = 0;
    size_t ends[3] = {cut, cut2, body.n};
    for (size_t i = 0; i < 3 && !e; i++) {
        if (ends[i] > at || (i == 2 && at == 0)) {
            e = answer_feed(p, body.p + at, ends[i] - at);
            at = ends[i];
        }
    }
    struct errctx ctx = {""};
    e = promjson_finish(p, &ctx);
    if (e) {
        answer_must(buf_printf(&a->text, "E %s: %s\n", err_name(e), ctx.text) == ERR_OK, "buffer");
    }
    return e;
}

static inline const char *answer_text(const struct answer *a)
{
    return a->text.data ? a->text.data : "";
}

#endif
