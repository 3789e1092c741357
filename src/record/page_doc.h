/* SPDX-License-Identifier: MIT */
/* What a pager is handed: the facts of a page as JSON and as environment variables. Pure.
 *
 * Texts may come from a gateway. In a variable one is a single line of safe text that does not begin with '-', so that a script that
 * hands it on as an argument gives no option away; nothing here is read by a shell. */
#ifndef GWTOP_RECORD_PAGE_DOC_H
#define GWTOP_RECORD_PAGE_DOC_H

#include "base/arena.h"
#include "base/buf.h"
#include "config/config.h"
#include "model/paging.h"

/* store: the path of the recording. {"version": 1, "event": "page"|"ticket"|"resolved"|"test", "incident", "title", ...}. Errors: the
 * buffer's. */
enum err page_doc_json(const struct config *cfg, const char *store, const struct page_told *p, struct buf *out) GW_MUST_USE;
/* Environment `base` with the variables GWTOP_* of the page in place of its own, and without those that secrets are read from, ended by
 * NULL; in a, texts of base borrowed. NULL when out of memory. */
const char *const *page_doc_env(const struct config *cfg, const char *store, const struct page_told *p, char *const *base, struct arena *a);

#endif
