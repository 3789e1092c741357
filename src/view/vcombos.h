/* SPDX-License-Identifier: MIT */
/* Internal to view/: numbers the combinations of values that groups of results have, in the order of first sight. Groups that differ in
 * their outcome class, or in a dimension that is not kept, are one combination. */
#ifndef GWTOP_VIEW_VCOMBOS_H
#define GWTOP_VIEW_VCOMBOS_H

#include "base/arena.h"
#include "base/err.h"
#include "model/dims.h"

struct vcombos {
    uint32_t (*dim)[DIM_COUNT]; /* [count] */
    size_t count;
    uint32_t *table; /* number + 1 by the hash of the values, 0 = free */
    size_t slots;    /* a power of two, at least twice the combinations */
    uint32_t kept;   /* DIM_BIT()s */
    size_t last;     /* the one that was asked for last */
};

/* Room for `most` combinations. Memory from a. Errors: ERR_NOMEM. */
enum err vcombos_init(struct vcombos *c, struct arena *a, size_t most, uint32_t kept) GW_MUST_USE;
size_t vcombos_number(struct vcombos *c, const uint32_t dim[DIM_COUNT]);

#endif
