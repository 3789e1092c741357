/* SPDX-License-Identifier: MIT */
/* What the adapters of alert systems share: a poll of a few pages, each read as a whole, whose alerts go to the sink.
 *
 * How a poll goes: the adapter's make_url() names the page of its step and number, its take() reads the answer and says what is next. The
 * sink hears that all was told when the last step is done. What fails, is cut or is no such list ends nothing. */
#ifndef GWTOP_SOURCE_ALERTFEED_H
#define GWTOP_SOURCE_ALERTFEED_H

#include "source/jsonbody.h"
#include "source/source.h"

enum { ALERTFEED_URL_MAX = 4096, ALERTFEED_PAGES_MAX = 100 };

struct alertfeed;

struct alertfeed_ops {
    const char *what; /* it tells: "alerts" */
    /* The address of the page at hand into f->url. False: it does not fit. */
    bool (*make_url)(struct alertfeed *f);
    /* The page as a tree. It leaves f->step and f->page_no at what is to be asked for next; f->step ALERTFEED_DONE: nothing. Errors:
     * ERR_PARSE (not what this API answers), ERR_LIMIT. */
    enum err (*take)(struct alertfeed *f, const struct jsontree *root, struct errctx *ctx);
};
enum { ALERTFEED_DONE = -1 };

struct alertfeed {
    struct source base;
    const struct alertfeed_ops *ops;
    const struct config_source *cfg;
    const struct source_sink *sink;
    struct jsonbody page;
    struct arena kept; /* of the poll: what one page says for another */
    char base_url[1024], url[ALERTFEED_URL_MAX];
    bool polling;
    int step; /* of the poll, from 0 */
    uint32_t page_no, pages;
    int64_t now_ms; /* of the poll */
    bool holes;     /* some alert of the poll could not be read */
    char remark[160];
    bool remarked; /* in this poll */
};

/* Into f, which is zeroed. Errors: ERR_CONFIG (the address is too long). */
enum err alertfeed_init(struct alertfeed *f, const struct source_ops *source, const struct alertfeed_ops *ops,
                        const struct config_source *cfg, const struct source_sink *sink, struct errctx *ctx) GW_MUST_USE;
/* A source that has nothing but that. Errors: the same, ERR_NOMEM. */
enum err alertfeed_open(const struct source_ops *source, const struct alertfeed_ops *ops, const struct config_source *cfg,
                        const struct source_sink *sink, struct source **ret, struct errctx *ctx) GW_MUST_USE;

/* The hooks of struct source_ops that all of them have; request begins a poll. */
bool alertfeed_request(struct source *s, int64_t now_ms, struct source_request *ret);
void alertfeed_begin(struct source *s, const struct source_answer *head);
enum err alertfeed_feed(struct source *s, const void *bytes, size_t n, struct errctx *ctx) GW_MUST_USE;
enum err alertfeed_finish(struct source *s, struct errctx *ctx) GW_MUST_USE;
bool alertfeed_fail(struct source *s, int status);
void alertfeed_close(struct source *s);
const char *alertfeed_remark(const struct source *s);

/* Hands an alert to the sink. Errors: ERR_LIMIT with the sentence: more than OUTSIDE_ALERTS_MAX. */
enum err alertfeed_tell(struct alertfeed *f, const struct outside_told *told, struct errctx *ctx) GW_MUST_USE;
/* An alert that cannot be read: the poll is not whole. */
void alertfeed_hole(struct alertfeed *f, const char *why, struct str which);

/* The members of an object that are texts, at most OUTSIDE_LABELS_MAX; returns how many. */
size_t alertfeed_labels(const struct jsontree *o, struct outside_label ret[OUTSIDE_LABELS_MAX]);
/* The first of these members that is a text; keys end with NULL. "" = none. */
struct str alertfeed_first(const struct jsontree *o, const char *const *keys);
/* An instant as APIs write it under key; 0 = none, or the zero of Go. */
int64_t alertfeed_time(const struct jsontree *o, const char *key);
/* What annotations say of an alert: summary, runbook, dashboard. */
void alertfeed_annotations(const struct jsontree *annotations, struct outside_told *told);

#endif
