/* SPDX-License-Identifier: MIT */
/* Internal to view/: from when to when an incident goes, as far as anybody knows. */
#ifndef GWTOP_VIEW_VLASTED_H
#define GWTOP_VIEW_VLASTED_H

#include "view/vtrouble.h"

/* Fills what incidents say of time. One that is not over lasts to the cursor while its sources tell of it, else to the last that they told.
 * Errors: ERR_NOMEM, the store's. Cost: a read of polls for each whose onset may lie in a hole. */
enum err vlasted_tell(const struct view_loader *l, const struct view_params *p, struct vincident *list, size_t count,
                      struct errctx *ctx) GW_MUST_USE;

/* Whether what is counted of it is but a part: recording began after it, or nothing is known of it since some time. */
bool vlasted_is_partly_counted(const struct vincident *v);
/* Between which polls it began. */
struct vhole vlasted_began(const struct vincident *v);

#endif
