/* SPDX-License-Identifier: MIT */
/* Pane 3: heatmap, quantiles with their interval, stage breakdown, table by a dimension. */
#ifndef GWTOP_VIEW_VIEW_LATENCY_H
#define GWTOP_VIEW_VIEW_LATENCY_H

#include "model/histogram.h"
#include "view/view.h"
#include "view/view_overview.h"

struct vquantile { double q; struct quantile now, then; struct vstrip strip; };
struct vlatency_signal {
    enum signal signal;
    const char *label, *note; /* note: how this gateway measures it, "" when nothing to say */
    struct vquantile quantile[3]; /* 50, 95, 99 */
    double mean; uint64_t n;
    bool stale, about; /* quantiles and mean: of stale data; of some of its sources only, or of some twice */
};
struct vstage { const char *name; double mean_s, share; uint64_t n; };
struct vlatency_row {
    const char *name; bool is_total;
    struct vnum req_per_s;
    struct quantile p50, p95, p99; /* of the pane's signal */
    struct quantile further[VIEW_QUANTILES_MAX]; /* as the params ask */
    double mean; uint64_t n;
    bool stale, about;             /* as above */
    double ratio_then;             /* p95 against the comparison, NaN when not known */
    enum severity severity;
};
struct view_latency {
    enum signal signal;                 /* of heatmap and table: params choose, default SIG_TTFT */
    const struct vlatency_signal *signals; size_t signal_count; /* ttft, tpot, e2e, queue, overhead, provider */
    struct vheat heat;
    const struct vstage *stages; size_t stage_count; bool stages_stale; double stage_total_s; /* sums to the end-to-end mean; the rest is "other" */
    const struct vlatency_row *table; size_t table_count;
    const struct vslo *slos; size_t slo_count;
    const char *sentence;               /* "deployment gpt-x-eu2 is 2.1x its siblings" or "" */
};

#endif
