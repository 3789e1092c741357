/* SPDX-License-Identifier: MIT */
/* Internal to view/: the rules' own record. Pure. */
#ifndef GWTOP_VIEW_VNOISE_H
#define GWTOP_VIEW_VNOISE_H

#include "store/store.h"
#include "view/view_incidents.h"
#include "view/view_noise.h"

struct vnoise_of {
    const struct alert *history; /* transitions of a time, in its order (store_alert_history) */
    size_t history_count;
    const struct vincident *incidents;
    size_t incident_count;
    const struct store_act *acts;
    size_t act_count;
    int64_t cursor_ms; /* what fires then goes on */
};
/* Per rule and scope that fired, what fired most first; findings are no rules. Errors: ERR_NOMEM. Cost: transitions times rules, acts and incidents. */
enum err vnoise_tell(const struct vnoise_of *of, struct arena *a, struct vnoise **ret, size_t *ret_count) GW_MUST_USE;

#endif
