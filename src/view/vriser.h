/* SPDX-License-Identifier: MIT */
/* Internal to view/: whose spend it is that rose. */
#ifndef GWTOP_VIEW_VRISER_H
#define GWTOP_VIEW_VRISER_H

#include "view/vread.h"

/* It is told by the first of these that has a value which carries half of the rise: key, team, model. */
enum { VRISER_DIMS = 3 };
enum dim vriser_dim(size_t i);

struct vriser {
    enum dim dim;
    uint32_t id;
    double more; /* USD per hour, than before */
};
/* now, before: queries of SIG_COST by each of the dims, in their order. scoped: DIM_BIT()s of what is asked about, which nobody within
 * it is told by; a key is one's own. False: it did not clearly rise, or nobody carries half of it, or what was before was not observed
 * for long enough. */
bool vriser_find(struct vread *vr, const size_t now[VRISER_DIMS], const size_t before[VRISER_DIMS], uint32_t scoped, struct vriser *ret);
/* Whether it is known that it did not clearly rise. */
bool vriser_is_none(const struct vread *vr, size_t now, size_t before);
/* USD per hour of a value of a query of SIG_COST, or of all (DIM_COUNT); 0 where it is not known. */
double vriser_per_h(const struct vread *vr, size_t q, enum dim dim, uint32_t id);

#endif
