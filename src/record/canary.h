/* SPDX-License-Identifier: MIT */
/* Canaries at work: when one is due it puts its prompts to its endpoint, one after another, judges the answers and stores scores. The
 * only part of the recorder that costs money: docs/decisions/0015-canaries.md.
 *
 * Before the first request of a run its whole price is taken off the day's cap, and that is durable before anything is sent; where it
 * cannot be, nothing is. A run that would pass the cap is not begun. A failure of transport is no wrong answer and is counted apart;
 * after three in a row the rest of the run is not asked. Answers live in memory until they are judged. Driven from outside and never
 * waits: canaries_step does what can be done now. */
#ifndef GWTOP_RECORD_CANARY_H
#define GWTOP_RECORD_CANARY_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/price_book.h"
#include "base/arena.h"
#include "base/log.h"
#include "config/config.h"
#include "record/http.h"
#include "store/store.h"

struct canaries;

/* The prices that canaries are held to: the configuration's over the list in force. Owns: in a. Errors: those of config_read_price_list and
 * price_book_read. */
struct canaries_book {
    struct price_table table;
    struct price_book book; /* of table, which must not move */
};
enum err canaries_read_book(const struct config *cfg, struct arena *a, struct canaries_book *ret, struct errctx *ctx) GW_MUST_USE;

struct canaries_options {
    const struct config *cfg;
    const struct price_book *book;
    struct store *st; /* of a writer */
    struct http *http;
    struct secrets *secrets;
    const struct log *log;      /* NULL = silent */
    const struct canary *alone; /* of cfg: only this one, and only by order; NULL = all, when they are due */
    /* Commits what others have pending, so that what is put next is a transaction of its own. NULL = there are none. */
    enum err (*flush)(void *ctx, int64_t now_ms, struct errctx *why);
    /* Takes one request off the budget if nobody else waits for it, or will before it is there again. */
    bool (*may_ask)(void *ctx);
    void *ctx;
};

/* Everything is borrowed for its life. Goes on from what the store says was spent, and puts an event where a set of prompts is another
 * than the one that was recorded. Errors: ERR_NOMEM, the store's. */
enum err canaries_open(const struct canaries_options *opt, int64_t now_ms, struct canaries **ret, struct errctx *ctx) GW_MUST_USE;
/* What is under way is broken off; it stays counted. */
void canaries_close(struct canaries *c);

/* Takes in orders of operators (`gwtop canary run`), by the store's acts. */
#define CANARY_ACT "canary"
enum { CANARY_ORDER_MAX_MS = 5 * 60 * 1000 /* an older one is not carried out: whoever gave it has gone */ };
void canaries_hear(struct canaries *c, int64_t now_ms);
/* The same without an act. */
void canaries_order(struct canaries *c, int64_t now_ms);

void canaries_step(struct canaries *c, int64_t now_ms);
/* Milliseconds until there is something to do but for answers that come, at most max_ms. */
int64_t canaries_wait(const struct canaries *c, int64_t now_ms, int64_t max_ms);
bool canaries_are_running(const struct canaries *c);

#endif
