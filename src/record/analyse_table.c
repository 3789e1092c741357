/* SPDX-License-Identifier: MIT */
/* A table of the store as of the step at hand: a poll is stored with the facts that come of it, so that what the store holds is not all
 * that was analysed.
 *
 * How this works: what waits is added item by item to the groups that the store found, through a hash of the dimensions that are asked. In
 * a large outage tens of thousands of items wait, and every alert asks for several tables: none has more groups than the store would
 * have, and nothing of it outlives the reading. */
#include <string.h>

#include "base/hash.h"
#include "record/analyse_int.h"

enum { GROUPS_MAX = 20000, LEAST = 64 }; /* as store_read(); a power of two */

/* The groups of a table, while items are added. */
struct folding {
    const struct store_query *q;
    struct store_group *groups;
    size_t count, cap;
    uint32_t *slots; /* index in groups and 1, 0 = free; at most half are taken */
    size_t slot_count;
    uint64_t key;
    struct arena *a;
};

static uint32_t *slot_of(const struct folding *f, const uint32_t dim[DIM_COUNT])
{
    size_t at = (size_t)hash_bytes(dim, DIM_COUNT * sizeof dim[0], f->key) & (f->slot_count - 1);
    while (f->slots[at] != 0 && memcmp(f->groups[f->slots[at] - 1].dim, dim, DIM_COUNT * sizeof dim[0]) != 0)
        at = (at + 1) & (f->slot_count - 1);
    return &f->slots[at];
}

/* Room for twice as many. Errors: ERR_LIMIT, ERR_NOMEM; without a text. */
static enum err grow(struct folding *f)
{
    if (f->cap == GROUPS_MAX)
        return ERR_LIMIT;
    f->cap = 2 * f->cap < GROUPS_MAX ? 2 * f->cap : GROUPS_MAX;
    struct store_group *groups = arena_array(f->a, f->cap, sizeof *groups);
    f->slot_count = 2 * f->slot_count;
    f->slots = arena_array(f->a, f->slot_count, sizeof *f->slots);
    if (groups == NULL || f->slots == NULL)
        return ERR_NOMEM;
    if (f->count > 0)
        memcpy(groups, f->groups, f->count * sizeof *groups);
    f->groups = groups;
    for (size_t i = 0; i < f->count; i++)
        *slot_of(f, groups[i].dim) = (uint32_t)i + 1;
    return ERR_OK;
}

/* Errors: ERR_LIMIT, ERR_NOMEM; without a text. */
static enum err find_group(struct folding *f, const struct series *s, struct store_group **ret)
{
    uint32_t dim[DIM_COUNT];
    for (uint32_t d = 0; d < DIM_COUNT; d++)
        dim[d] = (f->q->group_by & DIM_BIT(d)) != 0 ? s->dim[d] : 0;
    uint32_t *slot = slot_of(f, dim);
    if (*slot != 0) {
        *ret = &f->groups[*slot - 1];
        return ERR_OK;
    }
    if (f->count == f->cap) {
        const enum err e = grow(f);
        if (e != ERR_OK)
            return e;
        slot = slot_of(f, dim);
    }
    struct store_group *g = &f->groups[f->count];
    *g = (struct store_group){.series = 1, .cells = arena_array(f->a, f->q->columns, sizeof *g->cells)};
    if (g->cells == NULL)
        return ERR_NOMEM;
    memcpy(g->dim, dim, sizeof dim);
    *slot = (uint32_t)++f->count;
    *ret = g;
    return ERR_OK;
}

static bool is_batch_asked(const struct store_query *q, const struct store_batch *b)
{
    bool allowed = q->filter.source_count == 0;
    for (uint32_t i = 0; i < q->filter.source_count && !allowed; i++)
        allowed = q->filter.sources[i] == b->source;
    return allowed && b->t1_ms > q->t0_ms && b->t1_ms <= q->t0_ms + q->columns * q->step_ms;
}

static bool is_series_asked(const struct store_query *q, const struct series *s)
{
    bool asked = s->signal == q->signal;
    for (int d = 0; d < DIM_COUNT && asked; d++)
        asked = q->filter.dim[d].count == 0 || q->filter.dim[d].ids[0] == s->dim[d];
    return asked;
}

static enum err fold_batch(const struct analyser *an, struct folding *f, const struct store_batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct series *s = store_series_at(an->st, b->items[i].series - 1);
        struct store_group *g;
        if (!is_series_asked(f->q, s))
            continue;
        const enum err e = find_group(f, s, &g);
        if (e != ERR_OK)
            return e;
        struct store_cell *cell = &g->cells[(b->t1_ms - f->q->t0_ms - 1) / f->q->step_ms];
        cell->n++;
        cell->sum += b->items[i].v.increment;
    }
    return ERR_OK;
}

struct waiting {
    const struct store_batch *list;
    size_t count;
};

/* What waits, into the groups of a table. */
static enum err fold(const struct analyser *an, const struct store_query *q, struct arena *a, struct store_result *r)
{
    const struct waiting of[2] = {{an->unstored, an->unstored_count}, {an->batches, an->batch_count}};
    struct folding f = {
        .q = q, .groups = r->groups, .count = r->count, .cap = LEAST, .slot_count = 2 * LEAST, .key = hash_random_key(), .a = a};
    while (f.cap < r->count) {
        f.cap *= 2;
        f.slot_count *= 2;
    }
    enum err e = grow(&f);
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; e == ERR_OK && i < of[k].count; i++)
            e = is_batch_asked(q, &of[k].list[i]) ? fold_batch(an, &f, &of[k].list[i]) : ERR_OK;
    r->groups = f.groups;
    r->count = f.count;
    return e;
}

enum err analyse_table(struct analyser *an, struct store_query *q, struct arena *a, struct store_result *ret, struct errctx *ctx)
{
    enum err e = analyse_allowed(an, q->signal, &q->filter.sources, &q->filter.source_count, ctx);
    if (e == ERR_OK)
        e = store_read(an->st, q, 1, a, ret, ctx);
    if (e != ERR_OK || signal_info(q->signal)->kind != KIND_INCREMENT || an->unstored_count + an->batch_count == 0)
        return e;
    e = fold(an, q, a, ret);
    return e == ERR_OK ? e : errctx_set(ctx, e, "what is not stored yet has more than %d groups, or than there is memory for", GROUPS_MAX);
}
