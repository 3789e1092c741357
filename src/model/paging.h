/* SPDX-License-Identifier: MIT */
/* What the recorder tells people by itself: pages, to whom each is still owed, and which of those it tells fails.
 *
 * Three notes of the store. "pages" is the log of what there is to tell, written by the analysers in the transaction of the data that it
 * came from; "paging" is how far each target has got, written after each try. What stands in the first and is not done by the second is
 * owed, so that a recorder that was killed in between tells it when it runs again: at least once, and twice where it was killed between
 * the telling and the writing down. Plain data; docs/decisions/0021-paging.md. */
#ifndef GWTOP_MODEL_PAGING_H
#define GWTOP_MODEL_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/facts.h"

#define PAGES_NOTE "pages"
#define PAGING_NOTE "paging"
#define PAGING_KEPT_NOTE "paging kept" /* the pages, as in "pages", that somebody is owed, or was: others may push them out of that */

/* PAGE_PAGE: an incident pages, for the first time or because it is back. PAGE_TICKET: one opened that pages nobody. PAGE_RESOLVED: it is
 * over. */
enum page_on { PAGE_PAGE, PAGE_TICKET, PAGE_RESOLVED, PAGE_TEST, PAGE_ON_COUNT };
const char *page_on_name(enum page_on on); /* "page", "ticket", "resolved", "test" */

enum {
    PAGES_KEPT = 100,
    PAGE_TEXT_MAX = 400,
    PAGE_NAME_MAX = 200,
    PAGING_TARGETS_MAX = 40,
    PAGING_OWED_MAX = PAGES_KEPT,
    PAGING_TOLD_MAX = 100,
    PAGING_NOTE_MAX_BYTES = 1 << 20,
};

/* One thing to tell, as it was when it happened. */
struct page_told {
    int64_t seq; /* 1, 2, ... */
    enum page_on on;
    enum severity severity;
    int64_t incident, at_ms, since_ms, known_ms; /* since: the onset, else when it opened */
    char rule[PAGE_NAME_MAX];                    /* that fired; "" of what is resolved */
    char title[PAGE_NAME_MAX], scope[PAGE_NAME_MAX], text[PAGE_TEXT_MAX];
};

struct page_log {
    int64_t last_seq;
    int64_t act_id; /* acts up to this one were looked at for who said that an incident was over; -1 = none ever was */
    uint32_t count; /* rising by seq */
    struct page_told list[PAGES_KEPT];
};
/* Puts one at the end, numbered; the oldest goes. */
void page_log_add(struct page_log *log, const struct page_told *p);
const struct page_told *page_log_find(const struct page_log *log, int64_t seq); /* NULL = it is gone */
/* Errors: the buffer's. */
enum err page_log_write(const struct page_log *log, struct buf *out) GW_MUST_USE;
/* Errors: ERR_PARSE, ERR_NOMEM (a: scratch); log is empty then. */
enum err page_log_read(struct str text, struct arena *a, struct page_log *log, struct errctx *ctx) GW_MUST_USE;

/* Who is told: a command, a webhook, or a heartbeat, of which "owed" and "told" are empty. */
struct paging_target {
    char name[PAGE_NAME_MAX];
    uint64_t identity; /* of how it is configured: another one is told nothing of before, and has failed nothing */
    bool heartbeat;
    int64_t seen_seq;         /* pages up to here were looked at */
    int64_t ok_ms;            /* when it was last told something, 0 = never */
    int64_t failing_since_ms; /* when a page could not be delivered and was given up, or a heartbeat not be sent; 0 = all is well */
    char why[PAGE_TEXT_MAX];
    uint32_t owed_count, told_count, failed_count;
    struct paging_owed {
        int64_t seq, next_ms; /* when it is tried again */
        uint32_t tries;       /* that have failed */
    } owed[PAGING_OWED_MAX];
    int64_t failed[PAGING_OWED_MAX]; /* numbers of what was given up since it was last told something; the oldest of more goes */
    int64_t told[PAGING_TOLD_MAX];   /* incidents that it knows of, so that it hears their end */
};
enum err paging_write(const struct paging_target *list, uint32_t count, struct buf *out) GW_MUST_USE;
/* At most PAGING_TARGETS_MAX, in a. Errors: ERR_PARSE, ERR_NOMEM. */
enum err paging_read(struct str text, struct arena *a, struct paging_target **ret, uint32_t *ret_count, struct errctx *ctx) GW_MUST_USE;

/* What is wrong, in one sentence: "PAGE NOT DELIVERED: pager: exit 1, ...", of several the first and how many more; "" = nothing. */
void paging_trouble(const struct paging_target *list, uint32_t count, char *out, size_t cap);

#endif
