/* SPDX-License-Identifier: MIT */
/* The draw functions that pane_table (pane.c) is made of; each is in the file of its name. Contract: ui/draw/pane.h. */
#ifndef GWTOP_UI_DRAW_PANE_DRAW_H
#define GWTOP_UI_DRAW_PANE_DRAW_H

#include "ui/draw/pane.h"

void pane_overview_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx);  /* struct view_overview */
void pane_traffic_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx);   /* struct view_traffic */
void pane_latency_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx);   /* struct view_latency */
void pane_cost_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx);      /* struct view_cost */
void pane_quality_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx);   /* struct view_quality */
void pane_incidents_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx); /* struct view_incidents */
void pane_events_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx);    /* struct view_events */
void pane_sources_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx);   /* struct view_sources */

#endif
