/* SPDX-License-Identifier: MIT */
/* The APIs that gwtop can read, each as one adapter without I/O: it names what to ask for, is fed the answer's bytes as they come, and
 * hands samples to a sink. Pure: no clock, no sockets, no logging; any bytes are accepted input.
 *
 * An API is one file and one row of the table in source.c. Life of one poll, driven by the recorder:
 *   while request(now) says so:  begin(answer), feed(bytes)..., finish()   or, at any point after request, fail()
 * request is always called until it says no; an error of feed is followed by fail, an error of finish is not.
 * The sink sees, per poll of one target: begin, then type/known/sample/warning in any number, then end (whole) or abort (broke off). */
#ifndef GWTOP_SOURCE_SOURCE_H
#define GWTOP_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "config/config.h"
#include "model/facts.h"
#include "model/outside.h"
#include "model/score.h"
#include "model/status_page.h"
#include "source/exposition.h"
#include "source/profile.h"
#include "source/promjson.h"

/* A native histogram's state at the poll's instant: counts since its process began, per bucket. */
struct source_histogram {
    struct str series, name; /* as of a sample */
    const struct expo_label *labels;
    size_t label_count;
    double count, sum;
    const struct promjson_bucket *buckets;
    size_t bucket_count;
};

/* Something that changed, as a source tells it. Texts are safe text, borrowed. */
struct source_change {
    int64_t at_ms;
    enum event_kind kind;
    const char *scope; /* as of an event */
    const char *text;  /* one sentence */
    const char *key;   /* of the change within its source: the same however often it is told */
    const char *url;   /* where more is said of it, "" = nowhere */
};

struct source_sink {
    void *ctx;
    /* A poll of a target. target: "" = the source itself, else what tells its targets apart ("litellm:4000"). t_ms 0: when it was asked.
     * backfill: of the past, and never worth a page. False stops with ERR_LIMIT. */
    bool (*begin)(void *ctx, struct str target, const struct profile *p, int64_t t_ms, bool backfill);
    bool (*known)(void *ctx, struct str series); /* as expo_handler.on_known */
    bool (*sample)(void *ctx, const struct expo_sample *s);
    bool (*histogram)(void *ctx, const struct source_histogram *h);
    void (*type)(void *ctx, struct str family, enum expo_type type);
    void (*warning)(void *ctx, size_t line, const char *what, struct str text); /* line 0: of no line; may come outside a poll */
    bool (*end)(void *ctx);
    void (*abort)(void *ctx);

    /* Evaluation systems have no polls of a target. A stretch of time is read page by page: score for each that is told, as often as it is
     * told, then scores_read. Everything up to *ret_mark_ms was read (0 = nothing yet); nothing that is not later than *ret_floor_ms may be
     * asked for. */
    void (*scores_span)(void *ctx, int64_t *ret_mark_ms, int64_t *ret_floor_ms);
    bool (*score)(void *ctx, const struct score_told *s); /* borrowed; false stops with ERR_LIMIT */
    /* All scores of [from, to) that there are now were told; from == mark: for the first time. Whole slots (source/sweep.h). False: as
     * above. */
    bool (*scores_read)(void *ctx, int64_t from_ms, int64_t to_ms);

    /* What changed, as often as it is told. Nor have these any polls of a target. False stops with ERR_LIMIT. */
    bool (*event)(void *ctx, const struct source_change *c);
    /* What a status page says now, all of it. False: as above. */
    bool (*page)(void *ctx, const struct status_page *p);

    /* Alert systems have no polls of a target either: begin, an alert for each that is told, and once the answers are complete the end.
     * What is set aside of a poll that has no end is forgotten. */
    void (*alerts_begin)(void *ctx);
    bool (*alert)(void *ctx, const struct outside_told *told); /* borrowed; false: no more than OUTSIDE_ALERTS_MAX are taken */
    /* whole: what was not told is over; else some could not be read, and nothing is over. False stops with ERR_LIMIT. */
    bool (*alerts_told)(void *ctx, bool whole);
};

struct source_request {
    const char *url;  /* NULL = the source's own; borrowed until the next call */
    struct str form;  /* n > 0: POST this form; borrowed until the answer is complete */
    const char *file; /* not NULL: no request; whole lines of this file that were not read yet */
    bool again;       /* of a file: what the first reading began with, again; the recorder's own */
    const char *etag; /* not NULL: answer only if it is another by now; borrowed as the form */
};

struct source_answer {
    const char *content_type; /* "" = none */
    bool open_ended;          /* neither a length nor chunks told where it ends */
    bool same;                /* it is the one of the etag that was sent, and has no bytes */
    const char *etag;         /* "" = none; borrowed for the call */
};

struct source;

struct source_ops {
    const char *name; /* in configuration and status: "metrics" */
    enum source_kind kind;
    const char *accept; /* the Accept header */
    /* cfg, ps and sink are borrowed for its life. Errors: ERR_CONFIG, ERR_NOMEM. */
    enum err (*open)(const struct config_source *cfg, const struct profiles *ps, const struct source_sink *sink, struct source **ret,
                     struct errctx *ctx);
    void (*close)(struct source *s);
    /* A poll is due, or goes on: what to ask for next. False: nothing more for now. now_ms: wall time. */
    bool (*request)(struct source *s, int64_t now_ms, struct source_request *ret);
    void (*begin)(struct source *s, const struct source_answer *head);
    /* Errors: ERR_LIMIT (too long, or the sink said stop), ERR_PARSE (not what this API answers), ERR_NOMEM. */
    enum err (*feed)(struct source *s, const void *bytes, size_t n, struct errctx *ctx);
    enum err (*finish)(struct source *s, struct errctx *ctx);
    /* The answer did not come, was refused, or broke off. status: of HTTP, 0 = none. True: it was too much for one of us, and the next
     * request will ask for less, so the poll goes on; false: the poll failed. */
    bool (*fail)(struct source *s, int status);
    /* After a failed request: what this API knows about another status than 200, NULL = nothing. Static. */
    const char *(*hint)(const struct source *s, int status);
    /* Before the first request: samples up to last_ms were stored by an earlier run. MAY be NULL. */
    void (*resume)(struct source *s, int64_t last_ms);
    /* Something about the source worth telling that is no failure ("no profile knows what it exposes"), NULL = nothing. */
    const char *(*remark)(const struct source *s);
    /* Since when it answers with the same page, where its last answer was refused for that (source/frozen.h); 0 = it was not. MAY be
     * NULL. */
    int64_t (*frozen_since)(const struct source *s);
};

/* Every adapter's struct begins with this. */
struct source {
    const struct source_ops *ops;
};

const struct source_ops *source_ops_of(enum source_kind kind);

extern const struct source_ops source_metrics, source_prometheus, source_langfuse, source_phoenix, source_changes, source_grafana,
    source_github, source_argocd, source_status_page, source_own, source_alertmanager, source_prometheus_rules, source_pagerduty,
    source_oncall;

#endif
