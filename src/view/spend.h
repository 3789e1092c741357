/* SPDX-License-Identifier: MIT */
/* store and prices -> what was booked beside what the recorded tokens cost. */
#ifndef GWTOP_VIEW_SPEND_H
#define GWTOP_VIEW_SPEND_H

#include "view/load.h"
#include "view/view_spend.h"
#include "view/vrecent.h"

/* The params' window (and their now window) by 1 to VSPEND_DIMS_MAX dimensions. Errors: the store's, ERR_LIMIT past 20,000 combinations;
 * prices that cannot be read are none (the summary says why). Cost: one pass over the window; where its prices change very often, one per
 * change. */
enum err view_load_spend(const struct view_loader *l, const struct view_params *p, const enum dim *dims, size_t dim_count,
                         struct view_spend *ret, struct errctx *ctx) GW_MUST_USE;

/* Since when money goes at another rate: of what is booked, and of what tokens cost. */
struct vspend_since {
    struct vrecent_time booked, computed;
};
/* The same in two steps, for who reads more in the same pass: what is asked for is run by the caller. since: as read by the caller; NULL:
 * it is read. */
struct vspend;
enum err vspend_ask(const struct view_loader *l, const struct view_params *p, const enum dim *dims, size_t dim_count, struct vspend **ret,
                    struct errctx *ctx) GW_MUST_USE;
struct vread *vspend_read(const struct vspend *s);
enum err vspend_finish(struct vspend *s, const struct vspend_since *since, struct view_spend *ret, struct errctx *ctx) GW_MUST_USE;

/* The params' window cut at midnights (UTC), by all that spend is told apart by. */
enum err view_load_charges(const struct view_loader *l, const struct view_params *p, struct view_charges *ret,
                           struct errctx *ctx) GW_MUST_USE;

#endif
