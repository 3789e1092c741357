/* SPDX-License-Identifier: MIT */
/* Values that follow from a scope: what all of its series share.
 *
 * How this works: each value of a dimension has the list of its series, so that a scope is looked for among those of its rarest value
 * alone; and what was found is kept until a series is new. A feed that tells thousands of alerts chooses the scopes, and must not choose
 * the work. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "record/analyse_int.h"

#define FOLLOWS_DIMS                                                                                                                       \
    (DIM_BIT(DIM_PROVIDER) | DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_REGION) | DIM_BIT(DIM_TEAM) | DIM_BIT(DIM_GATEWAY))

enum { ANSWERS = 512, SLOTS_MIN = 256 }; /* powers of two */

/* The one value of each dimension that series have. */
struct only {
    uint32_t id[DIM_COUNT]; /* 0: none */
    bool many[DIM_COUNT];
};

/* A value, and the series that have it. */
struct having {
    uint32_t dim, id, count;
    uint32_t last; /* link and 1 */
};

struct follow_link {
    uint32_t series, before; /* before: link and 1, 0 = it was the first */
};

struct answer {
    size_t seen; /* series when it was found, 0 = a free place */
    uint32_t scope[DIM_COUNT];
    struct only only;
};

struct places {
    size_t seen; /* series that are in it */
    struct only all;
    struct having *list;
    uint32_t count, cap;
    struct follow_link *links;
    uint32_t link_count, link_cap;
    uint32_t *slots, slot_count; /* index in list and 1, 0 = free; at most half are taken */
    uint64_t key;
    struct answer answers[ANSWERS];
};

void analyse_follow_close(struct analyser *an)
{
    struct places *p = an->places;
    if (p == NULL)
        return;
    free(p->links);
    free(p->list);
    free(p->slots);
    free(p);
    an->places = NULL;
}

static void add_series(struct only *o, const struct series *s)
{
    for (int d = 0; d < DIM_COUNT; d++) {
        o->many[d] = o->many[d] || (o->id[d] != 0 && s->dim[d] != 0 && s->dim[d] != o->id[d]);
        o->id[d] = o->id[d] != 0 ? o->id[d] : s->dim[d];
    }
}

/* ---- the lists ---- */

static uint32_t slot_of(const struct places *p, uint32_t dim, uint32_t id)
{
    uint32_t at = (uint32_t)hash_u64((uint64_t)dim << 32 | id, p->key) & (p->slot_count - 1);
    while (p->slots[at] != 0 && (p->list[p->slots[at] - 1].dim != dim || p->list[p->slots[at] - 1].id != id))
        at = (at + 1) & (p->slot_count - 1);
    return at;
}

static enum err grow_slots(struct places *p)
{
    const uint32_t more = p->slot_count > 0 ? 2 * p->slot_count : SLOTS_MIN;
    uint32_t *slots = calloc(more, sizeof *slots);
    if (slots == NULL)
        return ERR_NOMEM;
    free(p->slots);
    p->slots = slots;
    p->slot_count = more;
    for (uint32_t i = 0; i < p->count; i++)
        p->slots[slot_of(p, p->list[i].dim, p->list[i].id)] = i + 1;
    return ERR_OK;
}

static enum err put_series(struct places *p, uint32_t dim, uint32_t id, uint32_t series, struct errctx *ctx)
{
    void *list = p->list, *links = p->links;
    enum err e = 2 * p->count >= p->slot_count ? grow_slots(p) : ERR_OK;
    if (e == ERR_OK)
        e = analyse_grow(&list, &p->cap, p->count, sizeof *p->list, ctx);
    p->list = list;
    if (e == ERR_OK)
        e = analyse_grow(&links, &p->link_cap, p->link_count, sizeof *p->links, ctx);
    p->links = links;
    if (e != ERR_OK)
        return e;
    uint32_t *slot = &p->slots[slot_of(p, dim, id)];
    if (*slot == 0) {
        p->list[p->count] = (struct having){.dim = dim, .id = id};
        *slot = ++p->count;
    }
    struct having *h = &p->list[*slot - 1];
    p->links[p->link_count] = (struct follow_link){series, h->last};
    h->last = ++p->link_count;
    h->count++;
    return ERR_OK;
}

/* Takes in the series that are new. */
static enum err see(const struct analyser *an, struct places *p, struct errctx *ctx)
{
    enum err e = ERR_OK;
    for (const size_t count = store_series_count(an->st); e == ERR_OK && p->seen < count; p->seen++) {
        const struct series *s = store_series_at(an->st, p->seen);
        if (s->signal != SIG_REQUESTS && s->signal != SIG_ATTEMPTS && s->signal != SIG_COST)
            continue;
        add_series(&p->all, s);
        for (uint32_t d = 0; e == ERR_OK && d < DIM_COUNT; d++)
            e = s->dim[d] != 0 ? put_series(p, d, s->dim[d], (uint32_t)p->seen, ctx) : ERR_OK;
    }
    return e;
}

/* ---- asking ---- */

static bool is_of_scope(const struct series *s, const uint32_t scope[DIM_COUNT])
{
    for (int d = 0; d < DIM_COUNT; d++)
        if (scope[d] != 0 && s->dim[d] != scope[d])
            return false;
    return true;
}

static struct only find(const struct analyser *an, const struct places *p, const uint32_t scope[DIM_COUNT])
{
    static const struct having none = {.count = 0};
    const struct having *rarest = NULL;
    struct only ret = {.id = {0}};
    for (uint32_t d = 0; d < DIM_COUNT && p->slot_count > 0; d++) {
        const uint32_t at = scope[d] != 0 ? p->slots[slot_of(p, d, scope[d])] : 0;
        const struct having *h = at != 0 ? &p->list[at - 1] : &none;
        if (scope[d] != 0 && (rarest == NULL || h->count < rarest->count))
            rarest = h;
    }
    if (rarest == NULL) /* of all traffic */
        return p->all;
    for (uint32_t i = rarest->last; i != 0; i = p->links[i - 1].before) {
        const struct series *s = store_series_at(an->st, p->links[i - 1].series);
        if (is_of_scope(s, scope))
            add_series(&ret, s);
    }
    return ret;
}

enum err analyse_follow(struct analyser *an, const uint32_t scope[DIM_COUNT], uint32_t dim[DIM_COUNT], struct errctx *ctx)
{
    struct places *p = an->places;
    if (p == NULL && (p = an->places = calloc(1, sizeof *p)) != NULL)
        p->key = hash_random_key();
    if (p == NULL || see(an, p, ctx) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for where alerts are");
    struct answer *a = &p->answers[hash_bytes(scope, DIM_COUNT * sizeof *scope, p->key) & (ANSWERS - 1)];
    if (p->seen > 0 && (a->seen != p->seen || memcmp(a->scope, scope, sizeof a->scope) != 0)) {
        a->seen = p->seen;
        memcpy(a->scope, scope, sizeof a->scope);
        a->only = find(an, p, scope);
    }
    for (int d = 0; d < DIM_COUNT && p->seen > 0; d++) {
        if ((FOLLOWS_DIMS & DIM_BIT(d)) != 0 && dim[d] == 0 && !a->only.many[d])
            dim[d] = a->only.id[d];
        if (dim[d] == p->all.id[d] && !p->all.many[d])
            dim[d] = 0;
    }
    return ERR_OK;
}
