/* SPDX-License-Identifier: MIT */
/* Internal to view/: the rules' own record. Pure. */
#ifndef GWTOP_VIEW_VRULES_H
#define GWTOP_VIEW_VRULES_H

#include "store/store.h"
#include "view/view_incidents.h"
#include "view/view_rules.h"

struct vrules_of {
    const struct alert *history; /* transitions of a time, in its order (store_alert_history) */
    size_t history_count;
    const struct vincident *incidents;
    size_t incident_count;
    const struct store_act *acts;
    size_t act_count;
    int64_t cursor_ms; /* what fires then goes on */
};
/* Per rule and scope that fired, what fired most first; findings are no rules. Errors: ERR_NOMEM. Cost: transitions times rules, acts and incidents. */
enum err vrules_tell(const struct vrules_of *of, struct arena *a, struct vrule **ret, size_t *ret_count) GW_MUST_USE;

#endif
