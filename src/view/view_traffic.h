/* SPDX-License-Identifier: MIT */
/* Pane 2: requests, failures by class, attempts against outcomes, retries, fallbacks, saturation; by any dimension. */
#ifndef GWTOP_VIEW_VIEW_TRAFFIC_H
#define GWTOP_VIEW_VIEW_TRAFFIC_H

#include "view/view.h"
#include "view/view_overview.h"

struct vtraffic_row {
    const char *name;
    bool is_other, is_total;
    bool known;                                   /* some request was recorded; else the counts below are not zeros */
    struct vnum req_per_s, fail_ratio, fail_then; /* then: the same window as far back as the comparison goes */
    uint64_t by_class[OUTCOME_COUNT];             /* in the now window */
    uint64_t requests;
    struct vnum attempts, fallbacks, share; /* attempts per s; fallbacks per request; share of all requests: 0 to 1 */
    struct vstrip strip;                    /* failures per column in percent */
    enum severity severity;
};
struct view_traffic {
    const struct vrow *rows;
    size_t row_count; /* req/s, fail % by class, attempts per request, fallback %, retries, cooldowns */
    const struct vtraffic_row *table;
    size_t table_count; /* grouped by params.group; `other` and total included; sums to the total */
    const struct vdeployment *deployments;
    size_t deployment_count;
    const char *deployment_note; /* as in view_overview */
    const struct vrow *engines;
    size_t engine_count; /* running, waiting, KV use per engine */
    const struct vrow *limits;
    size_t limit_count; /* rate-limit headroom */
};

#endif
