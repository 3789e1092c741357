/* SPDX-License-Identifier: MIT */
/* Internal to view/: what providers' own status pages say, as it was known at the cursor. */
#ifndef GWTOP_VIEW_VPAGES_H
#define GWTOP_VIEW_VPAGES_H

#include "view/load.h"

/* One per source that reads a page and is still polled: what is posted first, then what is not known. A provider that the params' filter
 * leaves out has none. Errors: the store's. Cost: a note per page. */
enum err vpages_load(const struct view_loader *l, const struct view_params *p, const struct vpage **ret, size_t *ret_count,
                     struct errctx *ctx) GW_MUST_USE;

#endif
