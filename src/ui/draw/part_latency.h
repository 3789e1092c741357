/* SPDX-License-Identifier: MIT */
/* The sections of the Latency pane above its table. Each fills the area it is given, its rule included. */
#ifndef GWTOP_UI_DRAW_PART_LATENCY_H
#define GWTOP_UI_DRAW_PART_LATENCY_H

#include "ui/draw/layout.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/part.h"
#include "view/view_latency.h"

/* The chosen signal's heatmap; left of it what it reads now, yesterday and last week, and how it is measured here. */
void part_latency_heat(struct area a, const struct view_latency *v, const struct layout_grid *g, const struct draw_ctx *ctx);
/* The cell of the heatmap that is read out, and the rows that it would like in this width. */
void part_latency_cell(struct area a, const struct vcell *c, const struct draw_ctx *ctx);
int part_latency_cell_rows(const struct vcell *c, int width, const struct draw_ctx *ctx);
/* p50, p95 and p99 of the chosen signal as lines over the axis, each with its bucket, its confidence interval and n. */
void part_latency_lines(struct area a, const struct view_latency *v, const struct layout_grid *g, const struct draw_ctx *ctx);
/* One row for each other signal: its quantiles now, n, the line of its p95. */
void part_latency_signals(struct area a, const struct view_latency *v, const struct layout_grid *g, const struct draw_ctx *ctx);
/* Where the time of a request goes: one bar that sums to the end-to-end mean, then a row for each stage. */
/* The rows that list all stages, without the rule and the bar: on a wide screen two stand side by side. */
int part_latency_stage_rows(const struct view_latency *v, int width);
void part_latency_stages(struct area a, const struct view_latency *v, const struct draw_ctx *ctx);

const struct vlatency_signal *part_latency_chosen(const struct view_latency *v); /* NULL: it is not measured here */
const char *part_latency_label(const struct view_latency *v);                    /* of the chosen signal: "ttft" */
/* A quantile of too few observations is dim, one of old ones stale. */
enum role part_latency_role(const struct quantile *q, bool stale);
/* As numfmt_quantile, or that the filter does not reach it; unsplit: NULL or "" where it does. */
const char *part_latency_quantile(const struct quantile *q, bool about, const char *unsplit, char out[NUMFMT_MAX]);

#endif
