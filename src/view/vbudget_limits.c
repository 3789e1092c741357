/* SPDX-License-Identifier: MIT */
/* The budgets that gateways keep of teams, keys and providers, as their gauges tell them. */
#include <math.h>
#include <string.h>

#include "view/vbudget_limits.h"

const enum dim vbudget_owners[VBUDGET_OWNERS] = {DIM_TEAM, DIM_KEY, DIM_PROVIDER};
const uint32_t vbudget_owner_dims = DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_KEY) | DIM_BIT(DIM_PROVIDER);

const struct store_cell *vbudget_same_owner(const struct store_result *r, const struct store_group *g)
{
    for (size_t i = 0; i < r->count; i++)
        if (memcmp(r->groups[i].dim, g->dim, sizeof g->dim) == 0 && r->groups[i].cells[0].n > 0)
            return &r->groups[i].cells[0];
    return NULL;
}

struct vbudget_limits vbudget_ask_limits(struct vread *vr)
{
    const int64_t cursor = vr->p->cursor_ms, hour_ago = cursor - 3600000;
    struct vbudget_limits ask;

    ask.limits = vread_window(vr, SIG_BUDGET_LIMIT, vbudget_owner_dims, hour_ago, cursor);
    ask.left = vread_window(vr, SIG_BUDGET_REMAINING, vbudget_owner_dims, hour_ago, cursor);
    return ask;
}

size_t vbudget_owner_of(const struct store_group *g)
{
    size_t k = 0;
    while (k < VBUDGET_OWNERS && g->dim[vbudget_owners[k]] == 0)
        k++;
    return k;
}

bool vbudget_read_limit(const struct vread *vr, const struct vbudget_limits *ask, const struct store_group *g, int64_t *ret_limit_nusd,
                        int64_t *ret_left_nusd, bool *ret_left_known)
{
    const struct store_cell *left = vbudget_same_owner(&vr->r[ask->left], g);
    if (g->cells[0].n == 0 || !(g->cells[0].last > 0) || !unit_to_fixed(UNIT_USD, g->cells[0].last, ret_limit_nusd))
        return false;
    *ret_left_known = left != NULL && isfinite(left->last) && unit_to_fixed(UNIT_USD, left->last, ret_left_nusd);
    return true;
}

bool vbudget_limit(const struct vread *vr, const struct vbudget_limits *ask, enum dim dim, uint32_t id, int64_t *ret_limit_nusd,
                   int64_t *ret_left_nusd, bool *ret_left_known)
{
    const struct store_result *r = &vr->r[ask->limits];
    for (size_t i = 0; i < r->count && !vread_trust(vr, ask->limits).stale; i++) {
        const struct store_group *g = &r->groups[i];
        const size_t k = vbudget_owner_of(g);
        if (k < VBUDGET_OWNERS && vbudget_owners[k] == dim && g->dim[dim] == id)
            return vbudget_read_limit(vr, ask, g, ret_limit_nusd, ret_left_nusd, ret_left_known);
    }
    return false;
}
