/* SPDX-License-Identifier: MIT */
/* The inside of an objective's state: its windows and rules (slo.c), and when trouble began and ended (slo_onset.c). */
#ifndef GWTOP_ANALYSIS_SLO_INT_H
#define GWTOP_ANALYSIS_SLO_INT_H

#include "analysis/slo.h"

enum {
    SLO_MINUTE_MS = 60000,
    SLO_RING = 4320,  /* minutes in the longest window */
    SLO_RECENT = 256, /* single intervals: an hour at 15 s */
    SLO_GAPS = 64,    /* of the time before now_ms, the newest */
};

struct bucket {
    uint32_t observed_ms, total, bad_lo, bad_hi;
    uint32_t lead_ms; /* what it counts may have happened so long before its minute began: in a poll that ended in it */
};
struct interval {
    int64_t t0_ms, t1_ms;
    uint64_t total, bad;
};

/* Time that no interval has covered. */
struct gap {
    int64_t t0_ms, t1_ms;
};

struct slo_state {
    double objective;
    int64_t period_ms;
    int64_t minute; /* number of the newest bucket, -1 = none */
    int64_t now_ms;
    int64_t step_ms; /* length of the newest interval */
    struct slo_count sum[SLO_WINDOW_COUNT];
    struct slo_alarm alarm[SLO_RULES];
    uint32_t gap_count;
    struct gap gaps[SLO_GAPS]; /* apart from each other, oldest first */
    struct bucket ring[SLO_RING];
    uint32_t recent_first, recent_count;
    struct interval recent[SLO_RECENT];
};

/* Windows are half-open: what ends with a minute belongs to it. */
static inline int64_t slo_minute_of(int64_t t1_ms)
{
    return (t1_ms - 1) / SLO_MINUTE_MS;
}

#endif
