/* SPDX-License-Identifier: MIT */
/* What a provider's own status page says of it: nothing, or what is posted. Kept as a note of the store, one per source, whenever it says
 * something else than before, so that a past cursor shows what it said then. Whether it could be read at all is the source's state. */
#ifndef GWTOP_MODEL_STATUS_PAGE_H
#define GWTOP_MODEL_STATUS_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Name of the note, with the source's name; beyond STATUS_PAGE_POSTED_MAX the mildest are left out. */
#define STATUS_PAGE_NOTE "status_page/%s"
enum { STATUS_PAGE_POSTED_MAX = 20, STATUS_PAGE_NOTE_BYTES_MAX = 64 << 10 };

enum page_impact { PAGE_NONE, PAGE_MAINTENANCE, PAGE_MINOR, PAGE_MAJOR, PAGE_CRITICAL, PAGE_IMPACT_COUNT };
const char *page_impact_name(enum page_impact i); /* "none", "maintenance", "minor", "major", "critical" */
bool page_impact_by_name(struct str name, enum page_impact *ret);

struct page_posted {
    const char *id, *text, *url; /* url: "" = none */
    int64_t since_ms;            /* when it was posted; 0 = the page does not tell, so when it was first seen */
    enum page_impact impact;     /* PAGE_NONE: it says nothing of that */
};

struct status_page {
    const char *provider;
    const char *unclear; /* why what it says is not known though it answers; "" = it is */
    const struct page_posted *posted;
    size_t count; /* 0: nothing is posted */
};

/* As JSON. Errors: ERR_LIMIT, ERR_NOMEM. */
enum err status_page_format(const struct status_page *p, struct buf *out) GW_MUST_USE;
/* Errors: ERR_PARSE, ERR_NOMEM. */
enum err status_page_parse(struct str text, struct arena *a, struct status_page *ret, struct errctx *ctx) GW_MUST_USE;

#endif
