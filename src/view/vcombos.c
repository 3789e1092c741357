/* SPDX-License-Identifier: MIT */
#include "view/vcombos.h"

#include <assert.h>
#include <string.h>

#include "base/hash.h"

enum err vcombos_init(struct vcombos *c, struct arena *a, size_t most, uint32_t kept)
{
    size_t slots = 64;

    while (slots < 2 * most)
        slots *= 2;
    *c = (struct vcombos){.dim = arena_array(a, most + 1, sizeof *c->dim),
                          .table = arena_array(a, slots, sizeof *c->table),
                          .slots = slots,
                          .kept = kept & ~DIM_BIT(DIM_CLASS)};
    return c->dim != NULL && c->table != NULL ? ERR_OK : ERR_NOMEM;
}

size_t vcombos_number(struct vcombos *c, const uint32_t dim[DIM_COUNT])
{
    uint32_t key[DIM_COUNT];

    for (int d = 0; d < DIM_COUNT; d++)
        key[d] = (c->kept & DIM_BIT(d)) != 0 ? dim[d] : 0;
    if (c->last < c->count && memcmp(c->dim[c->last], key, sizeof key) == 0) /* series that belong together follow each other */
        return c->last;
    size_t at = hash_bytes(key, sizeof key, 0) & (c->slots - 1);
    for (; c->table[at] != 0; at = (at + 1) & (c->slots - 1))
        if (memcmp(c->dim[c->table[at] - 1], key, sizeof key) == 0)
            return c->last = c->table[at] - 1;
    assert(2 * c->count < c->slots);
    memcpy(c->dim[c->count++], key, sizeof key);
    c->table[at] = (uint32_t)c->count;
    return c->last = c->count - 1;
}
