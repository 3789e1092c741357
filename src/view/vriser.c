/* SPDX-License-Identifier: MIT */
#include "view/vriser.h"

#include "model/money.h"

static const enum dim dims[VRISER_DIMS] = {DIM_KEY, DIM_TEAM, DIM_MODEL};
static const int64_t enough_ms = 300000; /* of a time that is compared with */
static const double clear = 0.25;        /* of the rate before: what view/vrecent takes for another rate, too */

enum dim vriser_dim(size_t i)
{
    return dims[i];
}

double vriser_per_h(const struct vread *vr, size_t q, enum dim dim, uint32_t id)
{
    struct vsum all = vread_sum(vr, q, 0, DIM_COUNT, 0), s = vread_sum(vr, q, 0, dim, id);
    return all.known && all.covered_ms > 0 ? unit_from_fixed(UNIT_USD, money_per_hour(s.sum, all.covered_ms)) : 0;
}

/* USD per hour that all spends more than before; 0 where it is no clear rise, or of a before that was observed too shortly to compare
 * with. */
static double rise_of(const struct vread *vr, size_t now, size_t before)
{
    const struct vsum n = vread_sum(vr, now, 0, DIM_COUNT, 0), b = vread_sum(vr, before, 0, DIM_COUNT, 0);
    const double was = vriser_per_h(vr, before, DIM_COUNT, 0), rise = vriser_per_h(vr, now, DIM_COUNT, 0) - was;

    if (!b.known || (b.covered_ms < n.covered_ms && b.covered_ms < enough_ms))
        return 0;
    return rise > clear * was ? rise : 0;
}

bool vriser_is_none(const struct vread *vr, size_t now, size_t before)
{
    const struct vsum n = vread_sum(vr, now, 0, DIM_COUNT, 0), b = vread_sum(vr, before, 0, DIM_COUNT, 0);
    const double was = vriser_per_h(vr, before, DIM_COUNT, 0);

    return b.known && n.known && b.covered_ms >= enough_ms && n.covered_ms > 0 && vriser_per_h(vr, now, DIM_COUNT, 0) <= (1 + clear) * was;
}

/* The value that carries most of a rise, and at least half of it; 0 where there is none. */
static uint32_t carrier(struct vread *vr, size_t now, size_t before, enum dim dim, double rise, double *ret_more)
{
    uint32_t ids[256], found = 0;
    const size_t n = vread_ids(vr, now, dim, vread_by_sum, ids, 256);

    *ret_more = rise / 2;
    for (size_t k = 0; k < n; k++) {
        const double more = vriser_per_h(vr, now, dim, ids[k]) - vriser_per_h(vr, before, dim, ids[k]);
        if (ids[k] == 0 || more < *ret_more || (found != 0 && more == *ret_more))
            continue;
        *ret_more = more;
        found = ids[k];
    }
    return found;
}

bool vriser_find(struct vread *vr, const size_t now[VRISER_DIMS], const size_t before[VRISER_DIMS], uint32_t scoped, struct vriser *ret)
{
    for (size_t i = 0; (scoped & DIM_BIT(DIM_KEY)) == 0 && i < VRISER_DIMS; i++) {
        const double rise = rise_of(vr, now[i], before[i]);
        double more = 0;
        const uint32_t found = (scoped & DIM_BIT(dims[i])) != 0 || rise <= 0 ? 0 : carrier(vr, now[i], before[i], dims[i], rise, &more);
        if (found == 0)
            continue;
        *ret = (struct vriser){dims[i], found, more};
        return true;
    }
    return false;
}
