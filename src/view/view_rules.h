/* SPDX-License-Identifier: MIT */
/* `gwtop rules`: every rule, how it stands, and its own record. */
#ifndef GWTOP_VIEW_VIEW_RULES_H
#define GWTOP_VIEW_VIEW_RULES_H

#include "model/rulelist.h"
#include "view/view.h"

/* Over a time up to the cursor. A firing lasts from the first of its alerts that fires to the last that is over. */
struct rule_record {
    uint32_t fired; /* begun in that time */
    uint32_t
        acted; /* of these: somebody acknowledged, took, noted, mitigated or resolved the incident while it lasted, or within half an hour
                * after it */
    uint32_t flapped;  /* begun within half an hour of the end of the one before */
    int64_t firing_ms; /* in all, one that lasts included */
    int64_t noise_ms;  /* of those that are over, with the half hour: nobody acted on them */
    int64_t last_ms;   /* the last one's beginning, 0 = none */
};

#define RULE_RECORD_MS (30 * INT64_C(86400000)) /* of `gwtop rules` */

/* The record of the rule that alerts begin with. history: all alerts' transitions of the time; incidents and acts as known. Pure. Errors:
 * ERR_NOMEM. */
struct store_act;
enum err rule_record_count(const char *rule, const struct alert *history, size_t count, const struct incident *incidents,
                           size_t incident_count, const struct store_act *acts, size_t act_count, int64_t from_ms, int64_t cursor_ms,
                           struct arena *a, struct rule_record *ret) GW_MUST_USE;

struct vrule {
    struct rule_info info;
    enum { VRULE_CALM, VRULE_FIRES, VRULE_NO_DATA } state;
    int64_t since_ms; /* of the state; 0 = it never changed */
    const char *text; /* of what fires: its evidence; "" */
    struct rule_record record;
};

struct view_rules {
    const struct vrule *rules; /* what fires first, then the noisiest */
    size_t count;
};

#endif
