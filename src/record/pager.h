/* SPDX-License-Identifier: MIT */
/* Tells people: runs the commands of `on_page`, posts to the webhooks of `notify`, keeps the heartbeat.
 *
 * It works off what the analysers put into the log of pages, only after that was committed, and writes down after each try how far each
 * target has got: see model/paging.h for what survives what. A target is told one thing at a time, in order of what is due; a failed try is
 * repeated after 5 s, 10 s, 20 s, ... 5 min, and after the last one, or when a hundred wait, the page is given up: an event and an entry of
 * the timeline say PAGE NOT DELIVERED, and every screen does until that target has been told something. What is older than a day is not
 * delivered any more, and said. Driven from outside and never waits: docs/decisions/0021-paging.md. */
#ifndef GWTOP_RECORD_PAGER_H
#define GWTOP_RECORD_PAGER_H

#include "base/log.h"
#include "config/config.h"
#include "record/http.h"
#include "store/store.h"

struct pager;

struct pager_options {
    const struct config *cfg;
    struct store *st; /* of a writer */
    struct http *http;
    struct secrets *secrets;
    const struct log *log; /* NULL = silent */
    const struct page_log *(*pages)(void *ctx);
    int64_t (*pages_seq)(void *ctx); /* up to which number of them it is committed: what lies above is not told yet */
    enum err (*flush)(void *ctx, int64_t now_ms, struct errctx *why); /* commits */
    void *ctx;
};

/* Everything is borrowed for its life. now_ms: wall time, mono_ms: of a clock that never steps. Errors: ERR_NOMEM, the store's. */
enum err pager_open(const struct pager_options *opt, int64_t now_ms, int64_t mono_ms, struct pager **ret, struct errctx *ctx) GW_MUST_USE;
/* What is under way is broken off, and told again by the next one. */
void pager_close(struct pager *p);

/* For the heartbeat: a poll ended; all that ended was analysed and committed. */
void pager_saw_poll(struct pager *p, int64_t mono_ms);
void pager_saw_commit(struct pager *p, int64_t mono_ms);

/* After a commit, and whenever there is time. */
void pager_step(struct pager *p, int64_t now_ms, int64_t mono_ms);
/* Milliseconds until there is something to do but for answers that come, at most max_ms. */
int64_t pager_wait(const struct pager *p, int64_t now_ms, int64_t mono_ms, int64_t max_ms);

#endif
