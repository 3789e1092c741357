/* SPDX-License-Identifier: MIT */
/* Internal to view/: which provider, deployment, model, team or key failures point at, and what changed before they began. */
#ifndef GWTOP_VIEW_VSUSPECTS_H
#define GWTOP_VIEW_VSUSPECTS_H

#include "view/load.h"

/* The dimensions in which the causes of failures are looked for, here and by what differs: requests as clients saw them, attempts
 * upstream. */
#define VSUSPECTS_REQUEST_DIMS                                                                                                             \
    (DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_KEY) | DIM_BIT(DIM_ROUTE) | DIM_BIT(DIM_REGION))
#define VSUSPECTS_ATTEMPT_DIMS (DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_REGION))

/* Of the failures within the params' filter, else within the trouble's scope, in the window asked for; compared is all traffic, with the
 * hour before: what fails has no time of day. Ranked, not probabilities; none when the evidence is weak, and then *ret_note says why,
 * else it is "". Errors: the store's. */
enum err vsuspects_load(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask,
                        const struct vsuspect **ret, size_t *ret_count, const char **ret_note, struct errctx *ctx) GW_MUST_USE;

#endif
