/* SPDX-License-Identifier: MIT */
#include "store/store_current.h"

#include <stdlib.h>

enum err store_current_init(struct store_current *c, uint32_t source_count)
{
    *c = (struct store_current){.of_source = calloc((size_t)source_count + 1, sizeof *c->of_source)};
    return c->of_source != NULL ? ERR_OK : ERR_NOMEM;
}

void store_current_fini(struct store_current *c)
{
    free(c->of_source);
    free(c->held);
    free(c->tree);
}

static void put_leaf(struct store_current *c, uint32_t slot, double v)
{
    uint32_t i = c->cap + slot;

    c->tree[i] = v;
    for (i /= 2; i > 0; i /= 2)
        c->tree[i] = merge_gauge(c->merge, c->tree[2 * i], c->tree[2 * i + 1]);
}

static void end(struct store_current *c, uint32_t slot)
{
    struct store_held *h = &c->held[slot];
    uint32_t *link = &c->of_source[h->source];

    while (*link != slot + 1)
        link = &c->held[*link - 1].next;
    *link = h->next;
    *h = (struct store_held){.next = c->unused};
    c->unused = slot + 1;
    c->count--;
    put_leaf(c, slot, NAN);
}

void store_current_reset(struct store_current *c, enum merge merge)
{
    for (uint32_t slot = 0; c->count > 0; slot++)
        if (c->held[slot].poll != NULL)
            end(c, slot);
    c->merge = merge;
    c->earliest_ms = INT64_MAX;
}

void store_current_expire(struct store_current *c, uint32_t source, const struct store_poll *now)
{
    for (uint32_t at = c->of_source[source], next; at != 0; at = next) {
        const struct store_poll *p = c->held[at - 1].poll;
        next = c->held[at - 1].next;
        if (p->t0_ms == 0 || now->t0_ms == 0 || now->t0_ms >= p->t1_ms)
            end(c, at - 1);
    }
    if (now->t1_ms <= c->earliest_ms)
        return;
    c->earliest_ms = INT64_MAX;
    for (uint32_t slot = 0, left = c->count; left > 0; slot++) {
        const struct store_held *h = &c->held[slot];
        if (h->poll == NULL)
            continue;
        left--;
        if (h->until_ms < now->t1_ms)
            end(c, slot);
        else if (h->until_ms < c->earliest_ms)
            c->earliest_ms = h->until_ms;
    }
}

/* Twice the slots: the leaves move, and the nodes above them are merged anew. */
static enum err grow(struct store_current *c)
{
    uint32_t cap = c->cap == 0 ? 4 : 2 * c->cap;
    double *tree = calloc((size_t)cap * 2, sizeof *tree);
    struct store_held *held = tree == NULL ? NULL : realloc(c->held, cap * sizeof *held);

    if (held == NULL) {
        free(tree);
        return ERR_NOMEM;
    }
    c->held = held;
    for (uint32_t slot = cap; slot-- > 0;) {
        tree[cap + slot] = slot < c->cap ? c->tree[c->cap + slot] : (double)NAN;
        if (slot < c->cap)
            continue;
        held[slot] = (struct store_held){.next = c->unused};
        c->unused = slot + 1;
    }
    for (uint32_t i = cap; i-- > 1;)
        tree[i] = merge_gauge(c->merge, tree[2 * i], tree[2 * i + 1]);
    free(c->tree);
    c->tree = tree;
    c->cap = cap;
    return ERR_OK;
}

enum err store_current_add(struct store_current *c, uint32_t source, const struct store_poll *p, double value)
{
    int64_t hold = p->t0_ms == 0 ? STORE_GAUGE_HOLD_MS : (p->t1_ms - p->t0_ms) * 3 / 2;
    enum err e = c->unused == 0 ? grow(c) : ERR_OK;

    if (e != ERR_OK)
        return e;
    uint32_t slot = c->unused - 1;
    c->unused = c->held[slot].next;
    c->held[slot] = (struct store_held){.poll = p,
                                        .until_ms = p->t1_ms + (hold > STORE_GAUGE_HOLD_MS ? STORE_GAUGE_HOLD_MS : hold),
                                        .source = source,
                                        .next = c->of_source[source]};
    c->of_source[source] = slot + 1;
    c->count++;
    if (c->held[slot].until_ms < c->earliest_ms)
        c->earliest_ms = c->held[slot].until_ms;
    put_leaf(c, slot, value);
    return ERR_OK;
}
