/* SPDX-License-Identifier: MIT */
/* Internal to view/: what load_handoff.c found, and the rows that are made of it. */
#ifndef GWTOP_VIEW_VHANDOFF_H
#define GWTOP_VIEW_VHANDOFF_H

#include "view/load.h"

struct vhandoff {
    const struct view_loader *l;
    const struct view_params *p;
    const struct vincident *incidents; /* all that are known */
    size_t incident_count;
    struct store_act *acts;
    size_t act_count;
    const char *periods; /* what was spent in the running day, week and month; "" */
    struct view_handoff *out;
};

/* Fills rows, parts and sentence from the rest of out. Errors: ERR_NOMEM. */
enum err vhandoff_rows(struct vhandoff *h) GW_MUST_USE;

#endif
