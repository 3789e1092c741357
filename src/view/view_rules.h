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
    uint32_t noise;   /* of these: over before anybody acted, or flapped, and without harm by the data: no objective was broken, nothing was
                     * refused, few requests failed in its scope */
    int64_t noise_ms; /* in all */
    int64_t last_ms;  /* the last one's beginning, 0 = none */
};

#define RULE_RECORD_MS (30 * INT64_C(86400000)) /* of `gwtop rules` */

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
