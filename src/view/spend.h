/* SPDX-License-Identifier: MIT */
/* store and prices -> what was booked beside what the recorded tokens cost. */
#ifndef GWTOP_VIEW_SPEND_H
#define GWTOP_VIEW_SPEND_H

#include "view/load.h"
#include "view/view_spend.h"
#include "view/vrecent.h"

/* The params' window (and their now window) by 1 to VSPEND_DIMS_MAX dimensions. Errors: the store's, ERR_LIMIT past 20,000 combinations; prices that
 * cannot be read are none (the summary says why). Cost: two passes over the window, and one more per change of a price in it. */
enum err view_load_spend(const struct view_loader *l, const struct view_params *p, const enum dim *dims, size_t dim_count,
                         struct view_spend *ret, struct errctx *ctx) GW_MUST_USE;

/* Since when money goes at another rate: of what is booked, and of what tokens cost. */
struct vspend_since {
    struct vrecent_time booked, computed;
};
/* The same for who has read that already: one pass less. */
enum err vspend_load(const struct view_loader *l, const struct view_params *p, const enum dim *dims, size_t dim_count,
                     const struct vspend_since *since, struct view_spend *ret, struct errctx *ctx) GW_MUST_USE;

/* The params' window cut at midnights (UTC), by all that spend is told apart by. */
enum err view_load_charges(const struct view_loader *l, const struct view_params *p, struct view_charges *ret,
                           struct errctx *ctx) GW_MUST_USE;

#endif
