/* SPDX-License-Identifier: MIT */
/* Internal to view/: UTC days, ISO weeks and months, and what was spent in the running ones. */
#ifndef GWTOP_VIEW_VPERIOD_H
#define GWTOP_VIEW_VPERIOD_H

#include "config/config.h"
#include "view/view_cost.h"
#include "view/vread.h"

/* Asked for before vread_run and built after it, as in vrows.h. */
struct vperiod_ask {
    size_t window[VCOST_PERIODS], begin[VCOST_PERIODS]; /* begin: spend of polls over its beginning, VROWS_NONE = there are none */
};
enum err vperiod_ask(struct vread *vr, struct vperiod_ask *ret) GW_MUST_USE;
/* A poll tells when it comes what was spent since the one before, and when in between nobody knows: all of it is booked to the day of its
 * end. Up to when the polls reach that began more than a second before the instant; 0 = none does. Errors: the store's. */
enum err vperiod_poll_over(const struct vread *vr, enum signal s, int64_t at_ms, int64_t *ret_until_ms) GW_MUST_USE;
void vperiod_build(const struct vread *vr, const struct vperiod_ask *ask, struct vcost_period ret[VCOST_PERIODS]);
/* "$412 today, >=$2.31k this week, >=$2.31k this month"; of a recording that ended before today ">=$412 on 2025-12-15, ...". NULL when the
 * arena is full. */
const char *vperiod_text(struct arena *a, const struct vread *vr, const struct vcost_period list[VCOST_PERIODS]);

#endif
