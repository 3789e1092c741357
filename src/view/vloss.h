/* SPDX-License-Identifier: MIT */
/* Internal to view/: what an incident took beside failures in its own scope: what the gateway refused, what that did not cost, and what all
 * that fired in it lost together. */
#ifndef GWTOP_VIEW_VLOSS_H
#define GWTOP_VIEW_VLOSS_H

#include "view/load.h"

struct vloss_ask {
    const struct view_loader *l;
    const struct view_params *p;
    const struct incident *in;
    const struct alert *alerts; /* its transitions */
    size_t alert_count;
    int64_t from_ms, to_ms; /* while it did harm */
};
enum { VLOSS_LINES = 4 };

/* Fills what *n has of refusals, and of all scopes. Errors: ERR_NOMEM, the store's. Cost: two reads of the incident's time. */
enum err vloss_read(const struct vloss_ask *ask, struct vimpact *n, struct errctx *ctx) GW_MUST_USE;
/* Of one that is not of traffic: nothing of either is known. Errors: ERR_NOMEM. */
enum err vloss_none(const struct vloss_ask *ask, struct vimpact *n, struct errctx *ctx) GW_MUST_USE;
/* The same as lines of the impact block; the number of them. One of them is NULL when the arena is full. over: it is over. */
size_t vloss_lines(struct arena *a, const struct vimpact *n, bool over, const char *lines[VLOSS_LINES]);

#endif
