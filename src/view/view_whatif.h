/* SPDX-License-Identifier: MIT */
/* `gwtop whatif`: $ per hour and latency, were a share of one model's requests another's, or more of its prompts cached. */
#ifndef GWTOP_VIEW_VIEW_WHATIF_H
#define GWTOP_VIEW_VIEW_WHATIF_H

#include "model/histogram.h"
#include "view/view.h"

/* Moves share of `from`'s requests to `to`; to NULL: share of from's input is read from the cache. */
struct view_whatif_ask {
    const char *from, *to;
    double share; /* (0, 1]; of a cache [0, 1] */
};

/* A quantile of the latency of what is from's traffic now: as it is, and after. */
struct vwhatif_latency {
    const char *signal;
    double q;
    struct quantile now, after; /* n 0: not observed */
};

struct view_whatif {
    int64_t window_ms;          /* what it rests on */
    double now_per_h;           /* USD of from's traffic: as booked, or where nothing is, its tokens at the list's prices; NaN = neither */
    double delta_per_h, lo, hi; /* USD; NaN = not known */
    double then_per_h;          /* now_per_h + delta_per_h */
    const char *basis;          /* "prices as paid in the last hour", "prices of the list", "average cost of a token"; "" when nothing is */
    double moved_per_h, load_after; /* requests; to's after over before, INFINITY where it has none */
    uint64_t n_from, n_to;          /* requests that it rests on */
    double share_now;               /* of a cache: what it is now; NaN */
    size_t ttft_steps;              /* of a cache: steps of the window in which ttft and its share were both observed, */
    double cached_lo, cached_hi;    /* the shares in them; NaN */
    double ttft_then_s, ttft_then_lo,
        ttft_then_hi; /* mean ttft at the share that is asked for, 95 % interval; NaN = not known from counters */
    const struct vwhatif_latency *latency;
    size_t latency_count;
    const char *sentence; /* "30% of gpt-x to c-s: -$37/h (-$40/h to -$30/h) of $120/h" */
    const char
        *assumes;     /* what the numbers take for granted, "a moved request keeps the length of its prompt; ..."; "" where none is known */
    const char *note; /* why something is not known, or what nothing is said about */
};

#endif
