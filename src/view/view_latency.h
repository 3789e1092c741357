/* SPDX-License-Identifier: MIT */
/* Pane 3: heatmap, quantiles with their interval, stage breakdown, table by a dimension. */
#ifndef GWTOP_VIEW_VIEW_LATENCY_H
#define GWTOP_VIEW_VIEW_LATENCY_H

#include "model/histogram.h"
#include "view/view.h"
#include "view/view_overview.h"

/* What is asked for beyond view_params. */
struct view_latency_ask {
    enum signal signal; /* of heatmap, lines and table */
    int64_t cell_ms;    /* an instant in the column of the heatmap's cell that is read out; INT64_MAX = the newest column, 0 = none */
    double cell_s;      /* a latency in its row; 0 = the row that holds the column's p95 */
};
/* A cell of the heatmap, read out. */
struct vcell_part {
    const char *model, *provider; /* "" where it is not told */
    uint64_t n;
    struct vnum fail;       /* share of the model's requests that failed in the cell's time, 0 to 1 */
    enum severity severity; /* of that share */
};
struct vcell {
    bool on, known;              /* there is one; something was measured in its time */
    bool about;                  /* of some sources only, or of some twice */
    uint32_t column, row;        /* of the heatmap */
    int64_t t0_ms, t1_ms;        /* (t0, t1]: its column, or all that the poll covers which tells of that */
    double lo, hi;               /* of the row, seconds; hi may be +inf */
    double bucket_lo, bucket_hi; /* from the first to the last bucket, as measured, that holds something of it; NaN: nothing in it */
    uint64_t n, of;              /* observations in it, and in its column; averages are in neither */
    bool wider; /* nothing ends in its row: n, bucket and parts are of the buckets that reach over it, and where within is not known */
    const struct vcell_part *parts;
    size_t part_count;           /* largest first */
    uint64_t rest;               /* observations in none of the parts */
    struct quantile quantile[3]; /* 50, 95, 99 of the column */
};

struct vquantile {
    double q;
    struct quantile now;
    struct vstrip strip; /* v NULL: not drawn */
};
struct vlatency_signal {
    enum signal signal;
    const char *label, *note;     /* note: how the gateways here measure it, by their profiles; else what it means */
    struct vquantile quantile[3]; /* 50, 95, 99 */
    double mean;
    uint64_t n, mean_n;     /* mean_n: those that the mean is of; the sum of the others is not known */
    enum exactness n_exact; /* of n */
    bool stale,
        about; /* quantiles and mean: of stale data; of some of its sources only, of some twice, or of buckets that contradict each other */
    const char *unsplit; /* "not split by team": why there are none; "" */
};
/* The same window so long ago; nothing of a window that is longer than that. */
struct vlatency_past {
    int64_t back_ms; /* 1 d, 7 d */
    struct quantile quantile[3];
    double mean;
    uint64_t n, mean_n;
    int64_t recorded_ms;  /* of the window, since when something is recorded: less than all of it is marked */
    struct change change; /* of p95; about where less than all of the window was recorded */
    const char *why;      /* n 0: why there is nothing, "" otherwise */
};
/* Beside: measured by others than who measured the end to end, so that nobody can say whether they lie in it; no part of the sum. */
enum vstage_whose { STAGE_PROVIDERS, STAGE_OURS, STAGE_REST, STAGE_BESIDE };
struct vstage {
    const char *name;
    enum vstage_whose whose;
    double mean_s, share; /* seconds per request, over all of them; share of the end-to-end mean; NaN beside it */
    double then_s;        /* mean_s (beside: each_s) in the comparison, NaN when not known */
    const char *by;       /* beside: who measures it, "otel" or "vllm-a, vllm-b and 3 more"; "" otherwise */
    double each_s;
    uint64_t n; /* mean of those that passed it, and how many */
    struct vnum fail;
    enum severity severity; /* a provider's attempts that failed, 0 to 1 */
};
struct vlatency_row {
    const char *name;
    bool is_total;
    const char *of; /* part of the row of that name before it: one provider of a model that has several; NULL = a row of its own */
    struct vnum req_per_s;
    struct quantile p50, p95, p99;               /* of the pane's signal */
    struct quantile further[VIEW_QUANTILES_MAX]; /* as the params ask */
    double mean;
    uint64_t n, mean_n;
    enum exactness n_exact; /* of n */
    bool stale, about;      /* as above */
    const char *unsplit;    /* as above */
    struct change change;   /* of p95 against the comparison */
    enum severity severity; /* what fires of the objectives on the signal: of a model, of all; rows of other values have none */
};
enum { VLATENCY_PASTS = 2 };
struct view_latency {
    enum signal signal; /* of heatmap and table: as asked for */
    int64_t window_ms;  /* of all numbers: what the axis shows */
    /* Those that are measured here, in the order of the road: ttft, tpot, itl, e2e, provider, engine queue, queue, overhead, connect; the
     * stages where they are the pane's. */
    const struct vlatency_signal *signals;
    size_t signal_count;
    struct vlatency_past past[VLATENCY_PASTS]; /* of the pane's signal: yesterday, last week */
    struct vheat heat;
    struct vcell cell; /* as asked for */
    const struct vstage *stages;
    size_t stage_count;
    bool stages_stale, stages_about;
    double stage_total_s;      /* all but those beside sum to the end-to-end mean */
    const char *stage_text;    /* "provider 92% (azure 42%, anthropic 23%), ours 1%"; "" without stages */
    const char *stage_against; /* what then_s is of: "1d ago"; "" = of nothing */
    const struct vlatency_row *table;
    size_t table_count;
    /* "not split by key": no source tells the signal apart by what the rows are of, and only the total is there; "" */
    const char *table_unsplit;
    /* "ttft of 51s is not known (...); recorded since ..., not the whole 6h"; "" when all of the window is known */
    const char *coverage_text;
    const struct vslo *slos;
    size_t slo_count;
    const char *sentence; /* "deployment gpt-x-eu2 is 2.1x its siblings: ..." or "" */
};

#endif
