/* SPDX-License-Identifier: MIT */
/* Internal to view/: what view_cost says in words. All return NULL when the arena is full, and "" where there is nothing to say. */
#ifndef GWTOP_VIEW_VCOST_TEXT_H
#define GWTOP_VIEW_VCOST_TEXT_H

#include "view/view_cost.h"
#include "view/vparts.h"

/* How much, why, until when. computed: what it begins with where some gateway books nothing; why_none: why no spend is recorded, "". A
 * budget that is gone within a day comes first: a narrow screen cuts the end. */
/* ">=$277/h over the last 5m"; where that would be >=$0, "nothing booked over the last 5m". NULL when the arena is full. */
const char *vcost_rate_text(struct arena *a, const struct vnum *per_h, const char *over);
const char *vcost_headline(struct arena *a, const struct view_cost *v, const struct vmoney *m, const char *computed, const char *why_none,
                           const struct view_params *p);
/* Rows of the table by how much their spend changed: "team agents +$210/h, team search -$3.1/h". */
const char *vcost_movers_text(struct arena *a, enum dim group, const struct view_cost *v);
/* per_h: USD; NaN = not known. */
const char *vcost_surcharge_text(struct arena *a, double per_h);
/* What a request, a token and a prompt of the table's window are on the average. */
const char *vcost_unit_text(struct arena *a, const struct vcost_row *total);

#endif
