/* SPDX-License-Identifier: MIT */
/* Pane 1: the whole gateway in one table over one time axis, who is hit, suspects, budget and money. */
#ifndef GWTOP_VIEW_VIEW_OVERVIEW_H
#define GWTOP_VIEW_VIEW_OVERVIEW_H

#include "model/status_page.h"
#include "view/view.h"
#include "view/view_differs.h"

struct vhit {
    const char *name; /* of the team, or of what else is asked by */
    uint64_t bad;     /* failed requests, or answers that took too long */
    enum exactness exact;
    bool stale;     /* of bad and of the share */
    int64_t age_ms; /* where it is: as vnum's */
    double share;   /* of all that are hit: bad ones, and refused ones where those are worth a place */
    struct vnum cost_per_h;
    bool is_other;
    uint64_t refused; /* by the gateway itself, which is no failure; as exact as bad */
    bool refusals;    /* they are worth a place (view/vrefused.h) */
};
/* Whose requests fail; where a latency objective is what fires, whose answers take longer than it allows. */
struct vhits {
    const struct vhit *list;
    size_t count;
    uint64_t total;   /* bad ones, of all */
    enum dim dim;     /* what the rows are: teams; of answers the first of team, key and route that they are told apart by */
    const char *over; /* "2 s": answers that took longer; "": failed requests */
    const char *note; /* why nobody is listed; NULL or "": nobody is hit */
};
struct vsuspect {
    const char *title, *reason, *reason2;
    bool weak;
    bool is_change; /* something that was done, and nobody that failures point at */
    int64_t at_ms;  /* of a change when it was made, else the onset that it is suspected of; 0 = not known */
};
/* What a provider's own status page says. Unknown is neither of the others: it did not answer, or with what is not understood. */
enum vpage_state { VPAGE_CLEAR, VPAGE_POSTED, VPAGE_UNKNOWN };
struct vpage {
    const char *provider, *source;
    enum vpage_state state;
    int64_t since_ms;                 /* of what is posted; unknown: the last answer, 0 = there was none; else 0 */
    int64_t checked_ms;               /* the last answer that was understood, 0 = none */
    const struct page_posted *posted; /* the worst first */
    size_t posted_count;
    const char *said; /* "nothing posted (2m ago)", "posted 03:20:00Z: Elevated error rates (40s ago)" */
    const char *text; /* the same after "status.openai: " */
};
/* What a filter makes of an objective: it is whole (its scope lies within the filter, or there is none), of the filter's part alone, whole
 * because no source tells that part apart, or left out because it has nothing to do with the filter. */
/* When a budget will be gone at the 5m rate: not within the period; at gone_ms; it is; or not known, and not before gone_early_ms where
 * that is. */
enum vslo_end { VSLO_LASTS, VSLO_ENDS, VSLO_SPENT, VSLO_END_UNKNOWN };
enum vslo_reach { VSLO_WHOLE, VSLO_NARROWED, VSLO_UNSPLIT, VSLO_APART };
struct vslo {
    const char *name; /* "gpt-x availability" */
    enum slo_kind kind;
    enum signal signal; /* latency alone: of what */
    double threshold;   /* and seconds that a good one stays within */
    enum vslo_reach reach;
    const char *reach_text; /* "within team=search", "whole: not split by team", "" */
    double objective;       /* 0.999 */
    int64_t period_ms;
    const char *scope_text;                                  /* "model=gpt-x", "" for all */
    struct vnum burn_5m, burn_1h, burn_6h, burn_1d, burn_3d; /* NaN: no observation in the window */
    bool young_5m, young_1h, young_6h, young_1d,
        young_3d;                /* less than nine tenths of the window was observed; of 5m, which few polls fill, less than half */
    uint64_t total, bad, bad_hi; /* in the period; bad: certainly, bad_hi: possibly, where the threshold lies inside a bucket */
    enum exactness counted;      /* of these three: at least so many where sources lack some */
    const char *spent_by;        /* "model gpt-x 78%": who spent half of the budget or more; "" = nobody did */
    struct vnum budget_left;     /* share of the period's budget, may be negative; at most, where some more are possibly bad */
    const char *left_text;       /* "~84% left", "budget gone (1.1x)", "? left": the one way to write it */
    enum vslo_end end;
    int64_t gone_ms; /* of VSLO_ENDS, else 0 */
    /* the same if all that is possibly bad is bad: no later; the cursor where it may be gone; 0 = not within the period */
    int64_t gone_early_ms;
    enum exactness gone_exact; /* of gone_ms; at most: at the latest */
    const char *gone_text;     /* "gone <=24 Nov 04:35Z", "end not known (16 Dec 12:00Z or later)", "": it lasts, or is gone already */
    enum severity severity;
    const char *text; /* "380x/5m 49x/1h  71% left, gone 04:35Z at the 5m rate; mostly spent by model gpt-x 78%" */
};
/* The objectives alone, as `gwtop slo` prints them. */
struct view_slos {
    const struct vslo *slos;
    size_t slo_count, defined; /* defined: with those that have nothing to do with the filter */
};
struct vdeployment {
    const char *name, *provider;
    /* req_per_s, fail_ratio (0 to 1): of attempts, retries and fallbacks among them, which is what a deployment sees. */
    struct vnum req_per_s, fail_ratio, ttft_p95, provider_p95, cost_per_h, running, waiting, kv /* percent */;
    struct vnum cooldowns; /* times it was taken out of rotation in the last hour; whether it is out now no gateway says */
    enum severity severity;
};
/* Heatmap: time by log latency. cell[row * columns + col] = requests; row 0 is the fastest. NaN = gap. */
struct vheat {
    uint32_t rows, columns;
    const double *cell;
    const double *edge; /* rows + 1 edges in seconds, last may be +inf */
    const bool *maybe;  /* as cell: of those that a bucket with a higher edge covers, too, some may lie in it; NULL = in none */
    double open_lo;     /* where a last row without an upper edge begins; NaN: there is none */
    double max;
    const char *note; /* why it is empty: "ttft is not split by key"; NULL or "" */
};
struct vstack {
    const char *label;
    char glyph;
    const double *v; /* [columns], per hour in USD */
    double now;
};

struct view_overview {
    const struct vrow *rows;
    size_t row_count;
    struct vhits hits; /* in the now window */
    const struct vsuspect *suspects;
    size_t suspect_count;
    const char *suspect_note; /* why none of them is a culprit, or "" */
    const struct vpage *pages;
    size_t page_count;
    const char *like; /* the earlier incident that the worst open one is like: "#29, 14 Oct: rerouted, over in 41m"; "" */
    const struct vslo *slos;
    size_t slo_count;
    const struct alert *rules;
    size_t rule_count; /* what the verdict is made of, within the filter; also what does not fire, and findings */
    const struct vdeployment *deployments;
    size_t deployment_count;
    const char *deployment_note; /* what of them the filter does not reach: "n/s: not split by team"; "" */
    struct vheat ttft;
    const struct vrow *latency;
    size_t latency_count; /* p50 p95 p99 of what the heatmap shows, e2e p99 */
    const char *const *stage_lines;
    size_t stage_count; /* "guard 38 ms" */
    const struct vstack *cost;
    size_t cost_count;
    struct vnum cost_per_h; /* all of it, now */
    const struct vrow *quality;
    size_t quality_count; /* open drifts first, then what is worse than `then` by most */
    /* ">=$718/h over the last 5m; budget Nov: gone 3 Dec 04:10Z at the 5m rate; +$421/h vs 1h ago = key f31a +$425/h since 13:32Z, rest
     * -$4/h"; "" */
    const char *money_line;
    const struct timeline_entry *timeline;
    size_t timeline_count; /* of the verdict's incident */
    const struct source_status *sources;
    size_t source_count;
    const struct vdiffer *diffs;
    size_t diff_count;         /* the first two of each measure, while something fires */
    const char *incident_text; /* "#42 PAGE acknowledged, owner ana": whose timeline it is; "" without an open incident */
    const char
        *heat_text; /* what the heatmap shows: "ttft, all models", "ttft, team=search", of what is slow "stage_latency, stage=retrieval" */
};

#endif
