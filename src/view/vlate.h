/* SPDX-License-Identifier: MIT */
/* Internal to view/: what was made good later. Measurements stand at their own time, so a past cursor sees counts of which nothing was
 * known then. */
#ifndef GWTOP_VIEW_VLATE_H
#define GWTOP_VIEW_VLATE_H

#include "view/vread.h"

/* The times before the cursor of sources that are not gone, of which something was known only after it; stretches that follow each other
 * are one. Errors: ERR_NOMEM, the store's. */
enum err vlate_read(struct vread *vr, struct errctx *ctx) GW_MUST_USE;
/* "made good later: 21:00:00-21:00:40Z was not known until 21:00:45Z, +1 more", of what the cursor lies in before others; "". NULL when the
 * arena is full. */
const char *vlate_text(const struct vread *vr);
/* "known since 21:00:45Z: 10% of 1.25k requests of that time failed"; "" where nothing was made good. Runs queries of its own. Errors:
 * ERR_NOMEM, the store's. */
enum err vlate_since(struct vread *vr, const char **ret, struct errctx *ctx) GW_MUST_USE;

#endif
