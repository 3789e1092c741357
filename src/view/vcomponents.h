/* SPDX-License-Identifier: MIT */
/* Internal to view/: which of the components that traffic passes through an incident comes from, by their own series and who calls whom. */
#ifndef GWTOP_VIEW_VCOMPONENTS_H
#define GWTOP_VIEW_VCOMPONENTS_H

#include "analysis/topology.h"
#include "view/load.h"

/* A component that moved more than those that it calls. */
struct vcomponent {
    enum component_kind kind;
    uint32_t value;    /* string id; of several deployments of one provider, which are told as that, the provider's */
    uint32_t provider; /* that a deployment goes to, 0 = none is known */
    const char *title, *reason, *reason2;
    bool weak;
    double share; /* as rootrank_suspect has it */
};

/* Of the trouble asked about, at most ROOTRANK_SUSPECTS_MAX, the strongest first: of failures, else of time; none where nothing moved
 * beyond its usual, and then *ret_note says why, else it is "". Each sample is a minute: the hour before the onset against the trouble's
 * first half hour at most. Errors: the store's, ERR_NOMEM. Cost: one read of an hour and a half of some ten signals. */
enum err vcomponents_load(const struct view_loader *l, const struct view_params *p, const struct view_differs_ask *ask,
                          const struct vcomponent **ret, size_t *ret_count, const char **ret_note, struct errctx *ctx) GW_MUST_USE;

/* What the store's series and the configuration in force at the cursor show; topology_free. Errors: ERR_NOMEM, the store's. Cost:
 * O(series). */
enum err vcomponents_topology(const struct view_loader *l, int64_t cursor_ms, struct topology **ret, struct errctx *ctx) GW_MUST_USE;

#endif
