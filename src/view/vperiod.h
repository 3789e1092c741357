/* SPDX-License-Identifier: MIT */
/* Internal to view/: UTC days, ISO weeks and months, and what was spent in the running ones. */
#ifndef GWTOP_VIEW_VPERIOD_H
#define GWTOP_VIEW_VPERIOD_H

#include "config/config.h"
#include "view/view_cost.h"
#include "view/vread.h"

/* Asked for before vread_run and built after it, as in vrows.h. */
struct vperiod_ask {
    size_t window[VCOST_PERIODS];
};
struct vperiod_ask vperiod_ask(struct vread *vr);
void vperiod_build(const struct vread *vr, const struct vperiod_ask *ask, struct vcost_period ret[VCOST_PERIODS]);
/* "$412 today, >=$2.31k this week, >=$2.31k this month"; NULL when the arena is full. */
const char *vperiod_text(struct arena *a, const struct vcost_period list[VCOST_PERIODS]);

#endif
