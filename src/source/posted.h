/* SPDX-License-Identifier: MIT */
/* Inside the adapter of status pages: what one page says, put together from one answer or two, whatever their form. */
#ifndef GWTOP_SOURCE_POSTED_H
#define GWTOP_SOURCE_POSTED_H

#include "source/changes.h"

enum { POSTED_KEPT_BYTES = 1 << 20, POSTED_ETAG_MAX = 128 };

struct posted {
    struct changes c;
    struct arena kept; /* texts of list and of unclear */
    struct page_posted list[STATUS_PAGE_POSTED_MAX];
    size_t count;
    const char *unclear;
    bool answered; /* some answer of this poll was understood */
    bool pair;     /* the address is that of a page: its summary and its incidents are two answers */
    int asked;     /* of the pair: which one is at hand */
    char etag[POSTED_ETAG_MAX], etag_new[POSTED_ETAG_MAX];
};

/* One thing that a page tells of, open or over. Texts are as they came. */
struct posted_item {
    struct str id, text, url;
    int64_t since_ms, over_ms; /* 0 = not told */
    bool is_open;
    enum page_impact impact;
};
/* Keeps it where it is open, and tells both of its ends as changes. */
enum err posted_take(struct posted *p, const struct posted_item *o, struct errctx *ctx) GW_MUST_USE;

/* A form: whether root looks like it; and what it says. Errors: ERR_PARSE, ERR_LIMIT (the sink), ERR_NOMEM. */
bool posted_is_statuspage(const struct jsontree *root);
enum err posted_read_statuspage(struct posted *p, const struct jsontree *root, struct errctx *ctx) GW_MUST_USE;
/* Of the two below an empty list is one: there is nothing. */
bool posted_is_google(const struct jsontree *root);
enum err posted_read_google(struct posted *p, const struct jsontree *root, struct errctx *ctx) GW_MUST_USE;
bool posted_is_aws(const struct jsontree *root);
enum err posted_read_aws(struct posted *p, const struct jsontree *root, struct errctx *ctx) GW_MUST_USE;

#endif
