/* SPDX-License-Identifier: MIT */
/* Internal to view/: the verdict's sentence on what fires. */
#ifndef GWTOP_VIEW_VFIRES_H
#define GWTOP_VIEW_VFIRES_H

#include "view/load.h"
#include "view/vslo.h"

struct vfires {
    const struct view_loader *l;
    const struct view_params *p;
    const struct vslo_rules *rules;
    const struct incident *incidents;
    size_t incident_count;
    int64_t until_ms; /* the last answer up to the cursor */
};

/* Sets state, since_ms, scope and sentence of v from an alert that fires or fired last, and bad_percent where that is known; a page that
 * fires anew for trouble of which the incident has ended is no more than a ticket. Errors: the
 * store's. */
enum err vfires_tell(const struct vfires *in, const struct alert *fires, struct view_verdict *v, struct errctx *ctx) GW_MUST_USE;

#endif
