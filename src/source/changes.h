/* SPDX-License-Identifier: MIT */
/* What the adapters of systems that tell of changes share: one JSON answer at a time, the time that is asked about, and sentences. */
#ifndef GWTOP_SOURCE_CHANGES_H
#define GWTOP_SOURCE_CHANGES_H

#include "source/jsonbody.h"
#include "source/labels.h"
#include "source/source.h"

enum {
    CHANGES_TEXT_MAX = 240, /* bytes of a sentence that others wrote */
    CHANGES_URL_MAX = 4096,
};

struct changes {
    struct source base;
    const struct config_source *cfg;
    const struct source_sink *sink;
    struct jsonbody body;
    char root[1024], url[CHANGES_URL_MAX]; /* root: without a final slash */
    int64_t now_ms, from_ms;               /* of the poll: changes since from_ms are asked for */
    bool polling;
    int64_t read_ms; /* of the last poll that was read to its end: what comes from there on is new, or late; 0 = none in this run */
    bool same;       /* the answer at hand is the one before */
};

/* Errors: ERR_CONFIG (the address is too long). */
enum err changes_init(struct changes *c, const struct source_ops *ops, const struct config_source *cfg, const struct source_sink *sink,
                      struct errctx *ctx) GW_MUST_USE;
void changes_fini(struct changes *c);
/* A poll is due, or goes on. True: it begins. */
bool changes_start(struct changes *c, int64_t now_ms);
void changes_begin(struct source *s, const struct source_answer *head);                               /* as source_ops' */
enum err changes_feed(struct source *s, const void *bytes, size_t n, struct errctx *ctx) GW_MUST_USE; /* as source_ops' */

/* What others wrote as one line of safe text: without markup, blanks joined, cut at CHANGES_TEXT_MAX. NULL when the arena is full. */
const char *changes_text(struct arena *a, struct str raw);
/* Whether the configuration lets a name count; holds: as a part of it, whatever the case. */
bool changes_wants(const struct config_source *cfg, struct str name, bool holds);
/* Tells the sink. A text or key of NULL: ERR_NOMEM. Errors: ERR_LIMIT, that the sink says. */
enum err changes_tell(const struct changes *c, const struct source_change *change, struct errctx *ctx) GW_MUST_USE;
#endif
