/* SPDX-License-Identifier: MIT */
/* Internal to view/: budgets, the configured ones and the gateway's own, with pace and exhaustion. */
#ifndef GWTOP_VIEW_VBUDGET_H
#define GWTOP_VIEW_VBUDGET_H

#include "view/load.h"
#include "view/vread.h"
#include "view/vwhy.h"

/* Rates are those of the budget's own scope: over the last 24 h where a day is recorded, but over the now window where that is twice as
 * fast. Where the whole period and three days are recorded, the end is what the hours' history says (analysis/forecast), but where it runs
 * away. All configured ones and at most 8 of the gateway's: what is spent soonest first, then what may be, then the fullest.
 * with: what its caller has asked and not run yet: it is run here, in the same pass over the store's data. Errors: the store's. */
enum err vbudget_load(const struct view_loader *l, const struct view_params *p, struct vread *const *with, size_t with_count,
                      struct vbudget **ret, size_t *ret_count, struct errctx *ctx) GW_MUST_USE;
/* Fills text and end_text from the other members: "3% of money at 74% of time, gone 27 Nov 09:10Z at the 24h rate". Errors: ERR_NOMEM. */
enum err vbudget_put_texts(struct arena *a, struct vbudget *b, int64_t recorded_since_ms, int64_t cursor_ms) GW_MUST_USE;
/* Of budgets in vbudget_load's order the one that a sentence on spend tells: the first that is gone soonest or fires, else one of what rose
 * or of just what the filter leaves, else one whose end is known; NULL without one. rose: DIM_COUNT where nothing is named. */
const struct vbudget *vbudget_first(const struct vbudget *list, size_t count, struct vpart rose, const char *filter);

#endif
