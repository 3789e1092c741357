/* SPDX-License-Identifier: MIT */
/* Internal to view/: incidents of latency objectives: how many answers took longer than theirs allows, while they did harm. */
#ifndef GWTOP_VIEW_VSLOWED_H
#define GWTOP_VIEW_VSLOWED_H

#include "view/load.h"

struct vknown;

/* The latency objective that an incident has its name from: that of the first of its worst firings; NULL: it is of something else. history:
 * in time order, may have alerts of others. */
const struct slo *vslowed_objective(const struct vknown *known, const struct incident *in, const struct alert *history, size_t count);
/* Counts list[i] over its own time by of[i], where that is not NULL; one reading for each objective. Errors: ERR_NOMEM, the store's. */
enum err vslowed_count(const struct view_loader *l, const struct view_params *p, struct vincident *list, const struct slo *const *of,
                       size_t count, struct errctx *ctx) GW_MUST_USE;

#endif
