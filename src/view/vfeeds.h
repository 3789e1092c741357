/* SPDX-License-Identifier: MIT */
/* Internal to view/: the sources that tell alerts of outside systems. */
#ifndef GWTOP_VIEW_VFEEDS_H
#define GWTOP_VIEW_VFEEDS_H

#include "view/load.h"

struct vfeeds {
    size_t count;       /* that were recorded by the cursor and are not stopped */
    const char *unread; /* "am (down: HTTP 503), rules (stale)": those that are not read; "" */
};
/* Errors: the store's. */
enum err vfeeds_load(const struct view_loader *l, int64_t cursor_ms, struct vfeeds *ret, struct errctx *ctx) GW_MUST_USE;

/* What can page where there is no objective: "nothing can page", "nothing but a budget and alerts from outside can page". Static. */
const char *vfeeds_what_pages(const struct vfeeds *f, bool has_budget);

#endif
