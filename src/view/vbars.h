/* SPDX-License-Identifier: MIT */
/* Internal to view/: an incident as bars over time: itself, what changed beyond its usual meanwhile, and its rules. */
#ifndef GWTOP_VIEW_VBARS_H
#define GWTOP_VIEW_VBARS_H

#include "view/load.h"

struct vbars_ask {
    const struct view_loader *l;
    const struct view_params *p;
    const struct vincident *in;
    int64_t from_ms, closed_ms;   /* its onset, and when it was resolved, or as far as it is known */
    const struct store_act *acts; /* all that are known */
    size_t act_count;
};

/* Fills life, bars, rules and alerts of the view, as known at the cursor. Findings are those that began from a quarter of an hour before
 * the onset on and whose scope has not nothing to do with the incident's. Errors: ERR_NOMEM, the store's. */
enum err vbars_make(const struct vbars_ask *ask, struct view_incidents *v, struct errctx *ctx) GW_MUST_USE;

#endif
