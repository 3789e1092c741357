/* SPDX-License-Identifier: MIT */
/* Internal to view/: pieces that several panes share: who is hit, deployments, the heatmap, and where the money goes.
 * As in vrows.h, each is asked for before vread_run (…_ask) and built after it. */
#ifndef GWTOP_VIEW_VPARTS_H
#define GWTOP_VIEW_VPARTS_H

#include "config/yaml.h"
#include "view/vrecent.h"
#include "view/vrows.h"
#include "view/vwhy.h"

/* Who is hit, and what they spend, in the now window or in (t0, t1]; at most max of them, then `other`; the rows sum to the total. By
 * failures of a dim, or by answers above the threshold of a latency objective in its scope. Errors: ERR_NOMEM. */
struct vhits_ask {
    const struct slo *slo; /* NULL: failures */
    enum dim dim;
    size_t bad, cost;
};
struct vhits_ask vhits_ask(struct vread *vr);
struct vhits_ask vhits_ask_window(struct vread *vr, enum dim dim, int64_t t0_ms, int64_t t1_ms);
enum err vhits_ask_slow(struct vread *vr, const struct slo *slo, struct vhits_ask *ret) GW_MUST_USE;
enum dim vhits_slow_dim(const struct vread *vr, const struct slo *slo); /* whose answers the objective's signal tells apart */
enum err vhits_ask_slow_window(struct vread *vr, const struct slo *slo, enum dim dim, int64_t t0_ms, int64_t t1_ms,
                               struct vhits_ask *ret) GW_MUST_USE;
/* Of failures the caller says why there are none. */
enum err vhits_build(struct vread *vr, const struct vhits_ask *ask, size_t max, struct vhits *ret) GW_MUST_USE;
/* Leaves those that were refused something, without what failed: whom a budget hits. */
void vhits_keep_refused(struct vhits *hits);

/* Every deployment seen in the now window, worst first. */
struct vdeploy_ask {
    size_t attempts, ttft, provider, cost, cooldowns, running, waiting, kv;
};
struct vdeploy_ask vdeploy_ask(struct vread *vr);
enum err vdeploy_build(struct vread *vr, struct vdeploy_ask ask, struct vdeployment **ret, size_t *ret_count,
                       const char **ret_note) GW_MUST_USE;

/* Time by log latency from an axis query of a histogram signal. Rows cover what was seen, at
 * most max_rows: the first one then holds all that is faster. */
enum err vheat_build(struct vread *vr, size_t axis_query, const struct view_axis *axis, uint32_t max_rows, struct vheat *ret) GW_MUST_USE;

/* What a poll covers where columns are narrower than the time between two: per column, the one whose poll tells of it (itself, or a later
 * one), and over how many columns that one's polls are spread. */
struct vspans {
    uint32_t *of, *columns;
};
enum err vspans_make(const struct vread *vr, size_t axis_query, const struct view_axis *axis, struct vspans *ret) GW_MUST_USE;
/* The last poll of a source that is not after t, and the first one after it; 0 = there is none near. Errors: the store's. */
enum err vspans_around(const struct vread *vr, size_t source, int64_t t_ms, int64_t *ret_from, int64_t *ret_to) GW_MUST_USE;
/* Widens a window that is shorter than that to the polls around its begin; leaves it where nothing covers it. Errors: the store's. */
enum err vspans_window(const struct vread *vr, enum signal s, int64_t *t0_ms, int64_t *t1_ms) GW_MUST_USE;

/* One cell of it: the column that holds at_ms, the nearest one where that is outside; INT64_MAX: the newest that was
 * measured. s: as view_latency_ask.cell_s. */
struct vcell_ask {
    uint32_t column;
    int64_t t0_ms, t1_ms; /* what is read: the column, or all that the poll covers which tells of it */
    size_t measured, requests;
};
enum err vcell_ask(struct vread *vr, enum signal signal, const struct view_axis *axis, int64_t at_ms, struct vcell_ask *ret) GW_MUST_USE;
enum err vcell_build(struct vread *vr, const struct vcell_ask *ask, const struct vheat *h, double s, struct vcell *ret) GW_MUST_USE;

/* Where the time of a request goes, as stages whose means sum to the end-to-end mean: each provider, our own stages, and the rest. */
struct vstages_ask {
    struct vask_window {
        size_t e2e, provider, queue, engine_queue, overhead, stage;
    } now, then;
    size_t attempts;
};
struct vstages_ask vstages_ask(struct vread *vr, const struct view_axis *axis);
enum err vstages_build(struct vread *vr, const struct vstages_ask *ask, const struct view_axis *axis, struct view_latency *ret) GW_MUST_USE;

/* The deployment that is slower than the others of its model and provider by more than chance allows, in words; "" when there is none. */
size_t vreplicas_ask(struct vread *vr, enum signal signal);
enum err vreplicas_text(struct vread *vr, size_t ask, const char **ret) GW_MUST_USE;

/* How the sources here measure a signal, by the notes of their profiles: "litellm: streamed answers only"; else what the signal is. Before
 * it, which of them had buckets in the now window that contradict each other. */
struct vnotes {
    const struct yaml_node *said; /* NULL: none were written */
    uint64_t *odd;                /* per source of vr, bit s: buckets of signal s */
};
enum err vnotes_load(struct vread *vr, struct vnotes *ret) GW_MUST_USE;
const char *vnotes_of(struct vread *vr, const struct vnotes *notes, enum signal signal); /* NULL when the arena is full */
bool vnotes_is_odd(const struct vread *vr, const struct vnotes *notes, enum signal signal);

/* Spend per hour, now and then, and what the change is made of. Parts are disjoint and sum to the change. */
struct vmoney_ask {
    size_t now, then, axis;
    struct vwhy_ask why;
    struct vrecent_ask recent;
};
struct vmoney_ask vmoney_ask(struct vread *vr, const struct view_axis *axis);
struct vmoney {
    struct vnum now_per_h, then_per_h; /* USD per hour; about, where a time they are over is */
    struct vspend_recent recent;       /* of what is booked */
    const char *over_text;             /* what now_per_h is of: "over the last 5m (no request ended since 21:14:05Z)" */
    const struct vcost_part *parts;    /* nano-USD per hour; the last is "rest" */
    size_t part_count;
    struct vpart rose;               /* the largest of them that rose; DIM_COUNT: none is named */
    const struct vcost_because *why; /* of the whole change */
    size_t why_count;
    double surcharge_per_h; /* USD; see view_cost */
    const char *why_note, *why_text;
    const struct vstack *stack; /* base, the parts that rose, in drawing order */
    size_t stack_count;
    const char *line; /* "+$240/h vs 1d ago = key agents-f31a +$97/h since 03:02Z (7.5x its requests), rest +$25/h" */
};
enum err vmoney_build(struct vread *vr, struct vmoney_ask ask, const struct view_axis *axis, struct vmoney *ret,
                      struct errctx *ctx) GW_MUST_USE;

/* What a comparison is called: "7d ago", "1d ago", "1h ago", "earlier" for any other time; "" when nothing is recorded to compare with. */
const char *vparts_against(int64_t compare_ms);

#endif
