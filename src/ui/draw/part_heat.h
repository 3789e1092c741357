/* SPDX-License-Identifier: MIT */
/* The heatmap with the bounds of its rows, as the overview and the latency pane show it. */
#ifndef GWTOP_UI_DRAW_PART_HEAT_H
#define GWTOP_UI_DRAW_PART_HEAT_H

#include "ui/draw/layout.h"
#include "ui/draw/part.h"
#include "view/view_latency.h"

enum { PART_HEAT_EDGE_COLS = 7 }; /* of the bounds, left of the strips: "1.2-2.5" */

/* The chart in the strips' columns of a, the bounds in the columns before it. cell: the one to be marked, NULL = none. none: said when
 * nothing was recorded in the window. */
void part_heat(struct area a, const struct layout_grid *g, const struct vheat *h, const struct vcell *cell, const char *none,
               const struct draw_ctx *ctx);

#endif
