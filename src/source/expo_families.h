/* SPDX-License-Identifier: MIT */
/* What an exposition has said so far about each metric family, in fixed memory: a piece of expo_check.c.
 *
 * Families are known by a hash, so two of them may be taken for one (once in 2^55 pairs): good enough for warnings, and for nothing else.
 * Past EXPO_FAMILIES_MAX, and where neighbours crowd, a family is not remembered and its faults go unseen; cost stays bounded. */
#ifndef GWTOP_SOURCE_EXPO_FAMILIES_H
#define GWTOP_SOURCE_EXPO_FAMILIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { EXPO_FAMILIES_MAX = 3072, EXPO_FAMILIES_SLOTS = 4096 };

enum {
    EXPO_FAMILY_HELPED = 1,
    EXPO_FAMILY_TYPED = 2,
    EXPO_FAMILY_UNITED = 4,
    EXPO_FAMILY_SAMPLED = 8,
    EXPO_FAMILY_TYPE_SHIFT = 4, /* enum expo_type, three bits */
    EXPO_FAMILY_FLAGS = 0x7F,
};

struct expo_families {
    size_t count;
    uint64_t slot[EXPO_FAMILIES_SLOTS]; /* 0, or a hash with its low bits replaced: bit 7 set, below it the flags */
};

void expo_families_reset(struct expo_families *t);
uint64_t expo_families_hash(struct str name);
/* The flags of a family, 0 when nothing was said. */
unsigned expo_families_get(const struct expo_families *t, uint64_t hash);
/* Adds flags; true when the family was not remembered before and is now. */
bool expo_families_add(struct expo_families *t, uint64_t hash, unsigned flags);

#endif
