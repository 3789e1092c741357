/* SPDX-License-Identifier: MIT */
/* What the adapters of evaluation systems share: stretches of time (source/sweep.h) that are read page by page, each page as a whole.
 *
 * Nothing is taken for granted of a host: that its pages do not overlap, that they end, that they are JSON, or whole. */
#ifndef GWTOP_SOURCE_EVALS_H
#define GWTOP_SOURCE_EVALS_H

#include "source/jsonbody.h"
#include "source/source.h"
#include "source/sweep.h"

enum { EVALS_URL_MAX = 8192, EVALS_CURSOR_MAX = 2048 };

struct evals {
    const struct config_source *cfg;
    const struct source_sink *sink;
    struct sweep sweep;
    struct jsonbody body; /* the page at hand */
    char base_url[1024], url[EVALS_URL_MAX];
    char cursor[EVALS_CURSOR_MAX]; /* of the page to be asked for; "" = the first */
    bool polling, over;            /* a poll is under way; it failed */
    bool fresh;                    /* a stretch was begun with the last request */
    int64_t start_ms, end_ms;      /* where history begins that was never read; of the poll: up to where scores are taken */
    uint32_t poll_pages, pages;    /* of this poll, of the stretch */
    char remark[160];              /* of evals_remark */
    uint64_t seen;                 /* Brent's cycle search: a page's hash, held against others until twice as many have gone by */
};

/* Errors: ERR_CONFIG (the address is too long). */
enum err evals_init(struct evals *e, const struct config_source *cfg, const struct source_sink *sink, struct errctx *ctx) GW_MUST_USE;
void evals_fini(struct evals *e);

/* A poll is due, or goes on. False: it is over. */
bool evals_go_on(struct evals *e, int64_t now_ms);
void evals_no_request(struct evals *e); /* there is none to be made after all: the poll is over */
void evals_begin(struct evals *e);
enum err evals_feed(struct evals *e, const void *bytes, size_t n, struct errctx *ctx) GW_MUST_USE;
/* The answer as a tree, and the array in it. Errors: ERR_PARSE: HTML, no JSON or not all of it, none that holds such an array. */
enum err evals_read(struct evals *e, const char *array, const char *what, const struct jsontree **ret_root,
                    const struct jsontree **ret_array, struct errctx *ctx) GW_MUST_USE;
/* A page of the stretch was taken. cursor: n 0 = it was the last. hash: of what it tells, and where. Errors: ERR_PARSE (its pages never
 * end), ERR_LIMIT (the sink, a cursor that is too long). */
enum err evals_page(struct evals *e, struct str cursor, uint64_t hash, struct errctx *ctx) GW_MUST_USE;
/* "still reads scores of the past: those up to 15 Jan 07:00Z so far": what is older than a quarter of an hour and was not read yet; else
 * NULL. Until then what is now is not known. Told by the hour, or it would be another with each poll. */
const char *evals_remark(struct evals *e);
/* What was read is not worth going on with: the poll is over, and the stretch is read from its beginning the next time. */
void evals_give_up(struct evals *e);

uint64_t evals_hash(const struct jsontree *array, const char *key); /* of the texts under key, in their order */
/* For a URL: every byte that may mean something in it is escaped. False: it does not fit. */
bool evals_escape(struct str text, char *to, size_t cap);

#endif
