/* SPDX-License-Identifier: MIT */
/* Internal to view/: the firings of a rule, as the transitions of its alerts tell them. */
#ifndef GWTOP_VIEW_VFIRINGS_H
#define GWTOP_VIEW_VFIRINGS_H

#include "model/facts.h"
#include "store/store.h"
#include "view/view_rules.h"

enum { VFIRINGS_AGAIN_MS = 30 * 60 * 1000 }; /* what is back within this has flapped; an act up to so long after it was on it */

/* A transition of one alert. */
struct vfirings_step {
    const struct alert *al;
    bool fired; /* it fired before */
};
/* One firing, of all alerts of the rule together. */
struct vfiring {
    int64_t from_ms, to_ms;            /* to 0: it lasts */
    const struct vfirings_step *steps; /* within it, by time: the first one begins it */
    size_t step_count;
    bool acted;   /* somebody did something about an incident that it was part of */
    bool flapped; /* it is back within VFIRINGS_AGAIN_MS */
    bool harm;    /* view/vharm.h */
};
struct vfirings_ask {
    const struct alert *history; /* of the time and of as much before it as one that lasts into it may have begun */
    size_t count;
    const struct incident *incidents;
    size_t incident_count;
    const struct store_act *acts;
    size_t act_count;
    int64_t cursor_ms;
};

/* Whether an alert is of a rule, by what its name begins with. */
bool vfirings_is_of(const char *rule, const struct alert *al);
/* By their beginnings; scope NULL: of all. Errors: ERR_NOMEM. Cost: O(history), and of what is the rule's and scope's own O(n log n) and
 * memory. */
enum err vfirings_find(const struct vfirings_ask *ask, const char *rule, const char *scope, struct arena *a, struct vfiring **ret,
                       size_t *ret_count) GW_MUST_USE;
/* What they come to from from_ms to the cursor. Noise is over for VFIRINGS_AGAIN_MS, did no harm, and nobody acted on it, or it flapped. */
struct rule_record vfirings_record(const struct vfiring *list, size_t count, int64_t from_ms, int64_t cursor_ms);

#endif
