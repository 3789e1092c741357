/* SPDX-License-Identifier: MIT */
/* Internal to view/: what a pager outside says of an incident. */
#ifndef GWTOP_VIEW_VPAGER_H
#define GWTOP_VIEW_VPAGER_H

#include "view/load.h"

/* As known at the params' cursor: of the pagers that are sources the first that has an alert of the incident, else the first. Errors: the
 * store's. */
enum err vpager_tell(const struct view_loader *l, const struct view_params *p, const struct incident *in, struct view_pager *ret,
                     struct errctx *ctx) GW_MUST_USE;

#endif
