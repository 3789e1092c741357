/* SPDX-License-Identifier: MIT */
#include "source/expo_families.h"

#include <string.h>

#include "base/hash.h"

enum { PROBES_MAX = 32 }; /* keeps lookups constant when somebody chooses names that collide */

static const uint64_t in_use = 0x80;

void expo_families_reset(struct expo_families *t)
{
    if (t->count > 0) {
        memset(t->slot, 0, sizeof t->slot);
        t->count = 0;
    }
}

uint64_t expo_families_hash(struct str name)
{
    /* A fixed key: the parser is pure, and PROBES_MAX takes the sting out of chosen names. */
    return hash_bytes(name.p, name.n, 0);
}

static uint64_t tag_of(uint64_t hash)
{
    return (hash & ~(uint64_t)0xFF) | in_use;
}

/* The slot of the family, else an empty one near it, else NULL. */
static const uint64_t *find_slot(const struct expo_families *t, uint64_t hash)
{
    uint64_t tag = tag_of(hash);
    for (size_t i = 0; i < PROBES_MAX; i++) {
        const uint64_t *slot = &t->slot[((hash >> 8) + i) % EXPO_FAMILIES_SLOTS];
        if (*slot == 0 || (*slot & ~(uint64_t)EXPO_FAMILY_FLAGS) == tag) {
            return slot;
        }
    }
    return NULL;
}

unsigned expo_families_get(const struct expo_families *t, uint64_t hash)
{
    const uint64_t *slot = find_slot(t, hash);
    return slot ? (unsigned)(*slot & EXPO_FAMILY_FLAGS) : 0;
}

bool expo_families_add(struct expo_families *t, uint64_t hash, unsigned flags)
{
    const uint64_t *found = find_slot(t, hash);
    if (!found || (*found == 0 && t->count == EXPO_FAMILIES_MAX)) {
        return false;
    }
    uint64_t *slot = &t->slot[found - t->slot];
    bool is_new = *slot == 0;
    if (is_new) {
        *slot = tag_of(hash);
        t->count++;
    }
    *slot |= flags;
    return is_new;
}
