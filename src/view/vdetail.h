/* SPDX-License-Identifier: MIT */
/* Internal to view/: one incident in detail: what it cost and whom, its story, alerts, rules and suspects. */
#ifndef GWTOP_VIEW_VDETAIL_H
#define GWTOP_VIEW_VDETAIL_H

#include "view/load.h"
#include "view/vincidents.h"
#include "view/vread.h"

/* Everything known of incidents at the cursor. */
struct vknown {
    struct vincidents in;
    struct slo *slos; /* in force at the cursor */
    size_t slo_count;
};

/* While it did harm: onset to the end of its trouble, or as far as it is known. */
struct vtime vdetail_harm(const struct vincident *v, int64_t cursor_ms);
/* Of what is added up. */
enum exactness vdetail_sum_exact(struct vtrust t);
/* USD booked, as exactly as its rate is known. */
struct vnum vdetail_spend(struct vsum cost);
/* Fills what *v has of the one that is selected. sel: of known->list, or a copy of one. Errors: ERR_NOMEM, the store's. */
enum err vdetail_load(const struct view_loader *l, const struct view_params *p, const struct vknown *known, const struct vincident *sel,
                      struct view_incidents *v, struct errctx *ctx) GW_MUST_USE;

#endif
