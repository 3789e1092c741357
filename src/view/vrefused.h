/* SPDX-License-Identifier: MIT */
/* Internal to view/: what the gateway refused by a rule of its own, in words. Such requests are lost to who sent them, and no failure of
 * anything that was asked: they are never added to failures (docs/decisions/0024-refusals.md). */
#ifndef GWTOP_VIEW_VREFUSED_H
#define GWTOP_VIEW_VREFUSED_H

#include "model/facts.h"
#include "view/vread.h"

/* Whether they are worth a place on a screen: any for a spent budget or a rate limit; for callers that are not let in, of whom there are
 * always some, a hundredth of all that the screen is of. */
bool vrefused_matters(const struct voutcomes *o, uint64_t all);
/* "budget spent", "budget spent 840, rate limit 3", "not let in"; "" where nothing was refused. NULL when the arena is full. */
const char *vrefused_reasons(struct arena *a, const uint64_t by_class[OUTCOME_COUNT]);
/* "290 of 291 requests refused (budget spent)", of all that were asked. NULL when the arena is full. */
const char *vrefused_text(struct arena *a, const struct voutcomes *o);
/* Whether an alert says that all of a budget is spent. */
bool vrefused_is_spent(const struct alert *al);
/* When the first request was refused for a spent budget in a query of (columns of) requests by class, by the column's beginning; 0 = none
 * was. */
int64_t vrefused_since_ms(const struct vread *vr, size_t q);
/* The same of the last one, by the column's end, where answers came in a later column; 0 = none was, or none came. */
int64_t vrefused_until_ms(const struct vread *vr, size_t q);

#endif
