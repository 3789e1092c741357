/* SPDX-License-Identifier: MIT */
/* The last minutes of what models' requests were shared among, from the store: for onsets, and what came after the kept states. */
#include <string.h>

#include "record/analyse_router.h"

enum { READ_AT_ONCE = 64, READ_BYTES_MAX = 64 << 20 }; /* models; memory of a reading of them */

struct column_of {
    struct router *m; /* NULL: of none */
    uint32_t id;      /* router_part_id */
    bool is_bad;
};

/* Who counts a group of the result; a combination that has no series here is nobody's. */
static struct column_of find_column(struct analyser *an, struct group *const *list, uint32_t count, enum signal signal,
                                    const struct store_group *r)
{
    struct series s = {.signal = (uint16_t)signal};
    struct column_of of = {.m = NULL};
    memcpy(s.dim, r->dim, sizeof s.dim);
    for (uint32_t k = 0; k < count; k++) {
        struct router *m = list[k]->own;
        if (list[k]->b != s.dim[DIM_MODEL] || list[k]->more != s.dim[DIM_GATEWAY] || m->rank != router_rank_of(&s))
            continue;
        of = (struct column_of){.m = m, .id = router_part_id(&s), .is_bad = router_is_bad(an, &s)};
    }
    return of;
}

static enum err fill_columns(struct analyser *an, struct group *const *list, uint32_t count, const struct store_query *q,
                             const struct store_result *r, struct arena *a, int64_t newest_ms, struct errctx *ctx)
{
    struct column_of *of = arena_array(a, r->count + 1, sizeof *of);
    if (of == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the shares of deployments");
    for (size_t i = 0; i < r->count; i++)
        of[i] = find_column(an, list, count, q->signal, &r->groups[i]);
    for (uint32_t c = 0; c < q->columns; c++) {
        const int64_t t0 = q->t0_ms + (int64_t)c * q->step_ms, t1 = t0 + q->step_ms < newest_ms ? t0 + q->step_ms : newest_ms;
        for (size_t i = 0; i < r->count; i++) {
            const struct store_cell *cell = &r->groups[i].cells[c];
            if (of[i].m == NULL || cell->n == 0 || cell->sum < 0)
                continue;
            router_count_into(of[i].m, of[i].id, (uint64_t)cell->sum, of[i].is_bad);
            of[i].m->got.from_ms = t1 - (cell->covered_ms > 0 ? cell->covered_ms : q->step_ms);
            of[i].m->got.to_ms = t1;
        }
        const bool is_torn = analyse_torn_any(an, UINT64_C(1) << q->signal, t0, t1);
        for (uint32_t k = 0; k < count; k++) {
            struct router *m = list[k]->own;
            if (m->got.to_ms != 0 && !is_torn)
                router_take(m, &m->got, m->at_ms == 0 || t0 < m->at_ms);
            m->got = (struct router_count){.from_ms = 0};
        }
    }
    return ERR_OK;
}

static enum err fill_groups(struct analyser *an, struct group *const *list, uint32_t count, struct store_query *q, int64_t newest_ms,
                            struct errctx *ctx)
{
    uint32_t ids[READ_AT_ONCE];
    struct store_result r;
    struct arena a; /* of this reading alone */
    arena_init(&a, READ_BYTES_MAX);
    for (uint32_t k = 0; k < count; k++)
        ids[k] = list[k]->b;
    q->filter.dim[DIM_MODEL].ids = ids;
    q->filter.dim[DIM_MODEL].count = count;
    enum err e = store_read(an->st, q, 1, &a, &r, ctx);
    if (e == ERR_OK)
        e = fill_columns(an, list, count, q, &r, &a, newest_ms, ctx);
    arena_fini(&a);
    return e;
}

enum err router_fill(struct analyser *an, void *state, struct errctx *ctx)
{
    static const enum signal signals[] = {SIG_ATTEMPTS, SIG_REQUESTS};
    struct groups *gs = state;
    const int64_t newest = analyse_newest_ms(an), end = (newest + MINUTE_MS - 1) / MINUTE_MS * MINUTE_MS;
    enum err e = ERR_OK;
    for (size_t s = 0; e == ERR_OK && newest > 0 && s < 2; s++) {
        struct store_query q = {.signal = signals[s],
                                .group_by = DIM_BIT(DIM_MODEL) | DIM_BIT(DIM_GATEWAY) | DIM_BIT(DIM_DEPLOYMENT) | DIM_BIT(DIM_PROVIDER) |
                                            DIM_BIT(DIM_CLASS),
                                .t0_ms = end - ROUTER_MINUTES * MINUTE_MS,
                                .step_ms = MINUTE_MS,
                                .columns = ROUTER_MINUTES};
        e = analyse_allowed(an, signals[s], &q.filter.sources, &q.filter.source_count, ctx);
        for (uint32_t i = 0; e == ERR_OK && i < gs->count; i += READ_AT_ONCE)
            e = fill_groups(an, &gs->list[i], gs->count - i < READ_AT_ONCE ? gs->count - i : READ_AT_ONCE, &q, newest, ctx);
    }
    return e;
}
