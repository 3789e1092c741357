/* SPDX-License-Identifier: MIT */
/* The hash table of a profile's names: open addressing, at most half full, built once when the profile is parsed. */
#ifndef GWTOP_SOURCE_PROFILE_INDEX_H
#define GWTOP_SOURCE_PROFILE_INDEX_H

#include "source/profile.h"

struct profile_slot {
    uint32_t tag;        /* upper half of the hash, so that most misses compare no text */
    uint32_t row_plus_1; /* first row of the name, 0 = free */
    size_t length;
};

struct profile_index {
    struct profile_slot *slots;
    uint32_t mask;
};

/* p->metrics must be sorted by name. Errors: ERR_NOMEM. */
enum err profile_index_build(struct profile *p, struct arena *a) GW_MUST_USE;

#endif
