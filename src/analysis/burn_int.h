/* SPDX-License-Identifier: MIT */
/* Internal to analysis/burn*: what is kept of the past of a budget. */
#ifndef GWTOP_ANALYSIS_BURN_INT_H
#define GWTOP_ANALYSIS_BURN_INT_H

#include "analysis/burn.h"

enum { BURN_MINUTE_MS = 60000, BURN_HOUR_MS = 3600000, BURN_RING = 4320, BURN_HOURS = 192 };

struct burn_bucket {
    int64_t spent_nusd, observed_ms;
};

/* What ended in a minute. It was observed until end_ms into it, and began as long before as was observed. */
struct burn_minute {
    int64_t spent_nusd;
    int32_t observed_ms, end_ms;
};

struct burn_hour {
    int64_t number;
    struct burn_bucket count;
};

struct burn_state {
    int64_t minute; /* number of the newest of the ring, -1 = none */
    int64_t now_ms;
    struct burn_bucket sum[SLO_WINDOW_COUNT];
    struct burn_alarm alarm[BURN_RULES];
    struct burn_minute ring[BURN_RING];
    struct burn_hour hour[BURN_HOURS]; /* eight days: what is usual */
};

/* ---- burn_onset.c ---- */

/* When the money that burns now began to go faster than is usual, to within an error; both 0 where no such change stands out. */
void burn_onset(const struct burn_state *s, enum slo_window in_long, enum slo_window in_short, int64_t *ret_ms, int64_t *ret_error_ms);

#endif
