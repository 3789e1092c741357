/* SPDX-License-Identifier: MIT */
/* Memory with one lifetime: allocate freely, release all at once. Used for batches, frames and views.
 *
 * Invariant: pointers stay valid until arena_reset or arena_fini; total bytes never exceed max. */
#ifndef GWTOP_BASE_ARENA_H
#define GWTOP_BASE_ARENA_H

#include <stddef.h>

#include "base/str.h"

struct arena_block;

struct arena {
    struct arena_block *head; /* newest block */
    size_t used, max;         /* bytes handed out, and their cap */
};

void arena_init(struct arena *a, size_t max_bytes);
void arena_fini(struct arena *a);
void arena_reset(struct arena *a); /* keeps the first blocks, so that a steady frame allocates nothing */

/* Zeroed, 16-byte aligned; NULL when out of memory or past the cap. Cost: O(n) to zero. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_array(struct arena *a, size_t count, size_t size); /* NULL also on overflow of count * size */
char *arena_strdup(struct arena *a, struct str s);             /* NUL-terminated copy */
char *arena_printf(struct arena *a, const char *fmt, ...) GW_PRINTF(2, 3);

#endif
