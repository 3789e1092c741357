/* SPDX-License-Identifier: MIT */
/* Internal to view/: the budgets that gateways keep themselves, as gauges. */
#ifndef GWTOP_VIEW_VBUDGET_LIMITS_H
#define GWTOP_VIEW_VBUDGET_LIMITS_H

#include "view/vread.h"

enum { VBUDGET_OWNERS = 3 };
extern const enum dim vbudget_owners[VBUDGET_OWNERS]; /* of whom gateways keep budgets */
extern const uint32_t vbudget_owner_dims;

/* The budgets that gateways keep of teams, keys and providers, as their gauges read in the last hour. Ask, run, then one by one. */
struct vbudget_limits {
    size_t limits, left;
};
struct vbudget_limits vbudget_ask_limits(struct vread *vr);
/* False where the gateway tells none of it, or nothing fresh. Only true sets the others; what is left may not be known. */
bool vbudget_limit(const struct vread *vr, const struct vbudget_limits *ask, enum dim dim, uint32_t id, int64_t *ret_limit_nusd,
                   int64_t *ret_left_nusd, bool *ret_left_known);

/* Whose budget a gauge's group is of: vbudget_owners[i]; VBUDGET_OWNERS: nobody's. */
size_t vbudget_owner_of(const struct store_group *g);
/* The same owner's cell of another gauge, NULL when it has none. */
const struct store_cell *vbudget_same_owner(const struct store_result *r, const struct store_group *g);
/* What a group of the limits reads, and what is left of it. False when it tells no limit. */
bool vbudget_read_limit(const struct vread *vr, const struct vbudget_limits *ask, const struct store_group *g, int64_t *ret_limit_nusd,
                        int64_t *ret_left_nusd, bool *ret_left_known);

#endif
