/* SPDX-License-Identifier: MIT */
/* Internal to view/: entries of an incident's story that nobody noted, since they are worked out of what was measured: whom failures
 * pointed at when it was opened, and since when at another, what it took of requests and money, and since when somebody's word on it holds
 * no more. */
#ifndef GWTOP_VIEW_VWORKED_H
#define GWTOP_VIEW_VWORKED_H

#include "view/load.h"

enum { VWORKED_MAX = 4 };
struct vworked_ask {
    const struct view_loader *l;
    const struct view_params *p; /* without a filter */
    const struct vincident *of;
    const struct view_differs_ask *trouble; /* what its suspects are asked for */
    int64_t to_ms;                          /* until when it did harm, or as far as it is known */
    const struct view_incidents *v;         /* with its suspects and counts as of to_ms */
};

/* At most VWORKED_MAX. Errors: ERR_NOMEM, the store's. Cost: that of looking for suspects once. */
enum err vworked_make(const struct vworked_ask *ask, struct ventry list[VWORKED_MAX], size_t *ret_count, struct errctx *ctx) GW_MUST_USE;

#endif
