/* SPDX-License-Identifier: MIT */
/* Objectives proposed from what was recorded, for `gwtop init --slo`: availability and latency per model, and availability of
 * everything. */
#ifndef GWTOP_VIEW_PROPOSALS_H
#define GWTOP_VIEW_PROPOSALS_H

#include "analysis/propose.h"
#include "view/load.h"

struct view_proposals {
    const struct proposal *list;
    size_t count;
    const char *const *names; /* of each, as it would stand in the configuration */
    int64_t from_ms, to_ms;   /* what they rest on: from the first sample to the last, never beyond the cursor; 0 = nothing recorded */
};

/* Reads at most the last 7 days in steps of 5 min, ending at the cursor. Errors: the store's. Cost: one pass over rollups. */
enum err view_load_proposals(const struct view_loader *l, const struct view_params *p, struct view_proposals *ret,
                             struct errctx *ctx) GW_MUST_USE;

#endif
