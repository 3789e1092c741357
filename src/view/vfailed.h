/* SPDX-License-Identifier: MIT */
/* Internal to view/: when the failures of some values began and ended, where nothing that fires tells it. */
#ifndef GWTOP_VIEW_VFAILED_H
#define GWTOP_VIEW_VFAILED_H

#include "analysis/suspects.h"
#include "view/load.h"

/* Whose failures are asked about: of a signal with DIM_CLASS, in (t0, t1] of which the last six hours count, and in the hour before. */
struct vfailed_ask {
    enum signal signal;
    int64_t t0_ms, t1_ms;
    const struct differs_element *of;
};
/* everything: without a filter. Errors: ERR_NOMEM, the store's. Cost: a read of minutes. */
enum err vfailed_when(const struct view_loader *l, const struct view_params *everything, const struct vfailed_ask *ask,
                      struct suspect_when *ret, struct errctx *ctx) GW_MUST_USE;

#endif
