/* SPDX-License-Identifier: MIT */
/* An incident over time: its axis, itself, what changed, what people did, and its bars. */
#ifndef GWTOP_UI_DRAW_PART_BARS_H
#define GWTOP_UI_DRAW_PART_BARS_H

#include "ui/draw/area.h"
#include "ui/draw/part.h"
#include "view/view_incidents.h"

/* Rows of all of it. */
int part_bars_want(const struct view_incidents *v);
/* Of fewer rows the last says how many bars are left out. v has a detail. */
void part_bars(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx);

#endif
