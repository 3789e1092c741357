/* SPDX-License-Identifier: MIT */
/* One page to one command or webhook: begun, heard out, and what came of it. Never waits.
 *
 * A command gets the document as its standard input and facts as its environment; its output is read up to a cap, and its beginning stands
 * in the sentence when it fails. It ends with its time, and everything that it started with it. */
#ifndef GWTOP_RECORD_PAGE_RUN_H
#define GWTOP_RECORD_PAGE_RUN_H

#include "config/config.h"
#include "record/http.h"

struct page_run;
enum page_word { PAGE_RUN_PENDING, PAGE_RUN_GOOD, PAGE_RUN_BAD };

/* All borrowed for its life. store: its path, for whoever is told. NULL when out of memory. */
struct page_run *page_run_new(const struct config *cfg, const struct config_pager *to, const char *store, struct http *h,
                              struct secrets *s);
/* What is under way is broken off, and its command ended. */
void page_run_free(struct page_run *r);
bool page_run_is_busy(const struct page_run *r);
/* mono_ms: of a clock that never steps, so that one that is set ends nothing that has its time yet. Begins; not while busy. What goes wrong
 * is said by page_run_hear. */
void page_run_start(struct page_run *r, const struct page_told *p, int64_t mono_ms);
/* How it went, once: "exit 0", "status 200", "exit 3: no such user". */
enum page_word page_run_hear(struct page_run *r, int64_t mono_ms, char *word, size_t cap);

#endif
