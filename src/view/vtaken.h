/* SPDX-License-Identifier: MIT */
/* Internal to view/: who has taken what the verdict speaks of, and whom it points at. */
#ifndef GWTOP_VIEW_VTAKEN_H
#define GWTOP_VIEW_VTAKEN_H

#include "view/load.h"

struct vslo_rules;

/* Of a verdict that is PAGE or TICKET: whether somebody acknowledged its incident, here and at a pager, as known at the cursor, and the
 * first suspect, unless that is weak, a change, or the scope itself. Leaves a verdict of another state, or without an incident, as it is.
 * Errors: the store's. Cost: that of looking for suspects. */
enum err vtaken_tell(const struct view_loader *l, const struct view_params *p, const struct vslo_rules *rules, struct view_verdict *v,
                     struct errctx *ctx) GW_MUST_USE;

#endif
