/* SPDX-License-Identifier: MIT */
/* What the suites of the exposition parser share: rows of a body and its transcript. */
#ifndef GWTOP_TESTS_EXPO_ROWS_H
#define GWTOP_TESTS_EXPO_ROWS_H

#include <check.h>

#include "unit/source/expo_transcript.h"

enum { EXPO_ROWS_BODY_MAX = 16 << 20 };

struct row {
    const char *body, *want;
};

#define ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

static inline struct expo *new_parser(struct transcript *t, bool openmetrics)
{
    transcript_begin(t);
    struct expo_handler h = transcript_handler(t);
    struct expo *p = expo_new(&h, EXPO_ROWS_BODY_MAX);
    ck_assert_ptr_nonnull(p);
    expo_set_openmetrics(p, openmetrics);
    return p;
}

static inline struct expo_stats check_body(const char *body, bool openmetrics, const char *want)
{
    struct transcript t;
    struct expo *p = new_parser(&t, openmetrics);
    struct expo_stats stats = transcript_run(&t, p, str_of(body), 0, 0);
    ck_assert_msg(strcmp(transcript_text(&t), want) == 0, "body:\n%s\ngot:\n%s\nwanted:\n%s", body, transcript_text(&t), want);
    ck_assert_uint_eq(stats.samples, t.samples);
    ck_assert_uint_eq(stats.warnings, t.warnings);
    expo_free(p);
    buf_fini(&t.text);
    return stats;
}

static inline void append_repeated(struct buf *b, const char *piece, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        transcript_must(buf_append_z(b, piece) == ERR_OK, "buffer");
    }
}

#endif
