/* SPDX-License-Identifier: MIT */
/* Samples of a stream, or of any signal of a model, as strata of routes, teams, keys and deployments: asking the store, and tables of what
 * it told. */
#include "record/analyse_parts.h"

#include <math.h>
#include <string.h>

const enum dim parts_dims[PARTS_PLACES] = {DIM_ROUTE, DIM_TEAM, DIM_KEY, DIM_DEPLOYMENT};

/* Classes of a signal's series but one; ids of a store that knows no class of that name match nothing. */
static enum err all_but(struct analyser *an, enum signal signal, const char *class, struct store_filter *ret, struct errctx *ctx)
{
    const struct intern *strings = store_strings(an->st);
    const size_t count = store_series_count(an->st);
    uint32_t n = 0, but = UINT32_MAX, *ids = arena_array(&an->scratch, PARTS_MAX, sizeof *ids);
    if (ids == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading answers");
    (void)intern_find(strings, str_of(class), &but);
    for (size_t i = 0; i < count && n < PARTS_MAX; i++) {
        const struct series *s = store_series_at(an->st, i);
        uint32_t k = 0;
        if (s->signal != signal || s->dim[DIM_CLASS] == but)
            continue;
        while (k < n && ids[k] != s->dim[DIM_CLASS])
            k++;
        if (k == n)
            ids[n++] = s->dim[DIM_CLASS];
    }
    ret->dim[DIM_CLASS].ids = ids;
    ret->dim[DIM_CLASS].count = n;
    return ERR_OK;
}

enum err parts_only(struct analyser *an, enum dim dim, uint32_t id, struct store_filter *f, struct errctx *ctx)
{
    uint32_t *one = arena_alloc(&an->scratch, sizeof *one);
    if (one == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading answers");
    *one = id;
    f->dim[dim].ids = one;
    f->dim[dim].count = 1;
    return ERR_OK;
}

enum err analyse_share_filters(struct analyser *an, const struct answer_share *share, struct store_filter *ret_whole,
                               struct store_filter *ret_bad, struct errctx *ctx)
{
    uint32_t class = UINT32_MAX;
    enum err e = share->not_of_whole != NULL ? all_but(an, share->whole, share->not_of_whole, ret_whole, ctx) : ERR_OK;
    if (e != ERR_OK || share->bad_class == NULL)
        return e;
    (void)intern_find(store_strings(an->st), str_of(share->bad_class), &class);
    return parts_only(an, DIM_CLASS, class, ret_bad, ctx);
}

/* ---- reading ---- */

static void ask_one(struct parts_asked *a, enum signal signal, const struct store_filter *f, enum dim dim, const struct span *of)
{
    a->q[a->count++] = (struct store_query){.signal = signal,
                                            .filter = *f,
                                            .group_by = DIM_BIT(dim),
                                            .t0_ms = of->t0_ms,
                                            .step_ms = of->t1_ms > of->t0_ms ? of->t1_ms - of->t0_ms : 1,
                                            .columns = 1};
}

void parts_ask(struct parts_asked *a, enum signal signal, const struct store_filter *f, enum dim dim, const struct spans *of)
{
    ask_one(a, signal, f, dim, &of->base);
    ask_one(a, signal, f, dim, &of->now);
}

enum err parts_filter(struct analyser *an, enum signal signal, uint32_t model, struct store_filter *f, struct errctx *ctx)
{
    enum err e = analyse_allowed(an, signal, &f->sources, &f->source_count, ctx);
    return e == ERR_OK ? parts_only(an, DIM_MODEL, model, f, ctx) : e; /* 0: those of no model alone, as the stream */
}

enum err parts_ask_stream(struct analyser *an, const struct group *g, struct parts_asked *a, const struct spans *of, struct errctx *ctx)
{
    const struct stream *s = g->own;
    const enum signal whole = s->share != NULL ? s->share->whole : SIG_EVAL, bad = s->share != NULL ? s->share->bad : SIG_COUNT;
    struct store_filter of_whole = {.source_count = 0}, of_bad = {.source_count = 0};
    enum err e = parts_filter(an, whole, g->b, &of_whole, ctx);
    if (e == ERR_OK && bad != SIG_COUNT)
        e = parts_filter(an, bad, g->b, &of_bad, ctx);
    if (e == ERR_OK && s->share != NULL)
        e = analyse_share_filters(an, s->share, &of_whole, &of_bad, ctx);
    if (e == ERR_OK && (s->share == NULL || s->share->by_name))
        e = parts_only(an, DIM_NAME, s->name, &of_whole, ctx);
    if (e == ERR_OK && s->share != NULL && s->share->by_name)
        e = parts_only(an, DIM_NAME, s->name, &of_bad, ctx);
    if (e == ERR_OK && s->share == NULL)
        e = parts_only(an, DIM_JUDGE, s->judge, &of_whole, ctx);
    for (size_t i = 0; e == ERR_OK && i < PARTS_PLACES; i++) {
        parts_ask(a, whole, &of_whole, parts_dims[i], of);
        if (bad != SIG_COUNT)
            parts_ask(a, bad, &of_bad, parts_dims[i], of);
    }
    a->usual = of->usual.t1_ms > of->usual.t0_ms ? &a->r[a->count] : NULL;
    for (size_t i = 0; e == ERR_OK && i < PARTS_PLACES && a->usual != NULL; i++) {
        ask_one(a, whole, &of_whole, parts_dims[i], &of->usual);
        if (bad != SIG_COUNT)
            ask_one(a, bad, &of_bad, parts_dims[i], &of->usual);
    }
    return e;
}

void parts_clear(struct parts_table *t)
{
    memset(t->slots, 0, sizeof t->slots);
    t->count = 0;
}

struct stratum *parts_row(struct parts_table *t, uint32_t id)
{
    size_t slot = id * UINT32_C(2654435761) % PARTS_SLOTS;
    while (t->slots[slot] != 0 && t->id[t->slots[slot] - 1] != id)
        slot = (slot + 1) % PARTS_SLOTS;
    if (t->slots[slot] != 0)
        return &t->list[t->slots[slot] - 1];
    const bool is_rest = t->count >= PARTS_MAX - 1;
    const size_t at = is_rest ? PARTS_MAX - 1 : t->count;
    if (t->count < PARTS_MAX) {
        t->id[at] = is_rest ? TRAFFIC_REST : id;
        t->list[at] = (struct stratum){.base_n = 0};
        t->count++;
    }
    if (!is_rest)
        t->slots[slot] = (uint16_t)(at + 1);
    return &t->list[at];
}

/* How many, and how many of them are bad; of scores what they lack of the best. */
static void count_cell(const struct group *g, const struct store_cell *cell, uint64_t *ret_n, uint64_t *ret_bad)
{
    const struct stream *s = g->own;
    if (s->share != NULL) {
        *ret_n = cell->sum > 0 ? (uint64_t)cell->sum : 0;
        *ret_bad = 0;
        return;
    }
    const double n = (double)cell->score_n, sum = unit_from_fixed(UNIT_RATIO, cell->sum);
    const double bad = !s->is_score ? (double)cell->score_bad : stream_high_is_good(g) ? n - sum : sum;
    *ret_n = n > 0 ? (uint64_t)n : 0;
    *ret_bad = (uint64_t)llround(fmin(fmax(0, bad), fmax(0, n)));
}

void parts_add_usual(const struct group *g, struct parts_table *t, const struct store_result *r, enum dim dim, bool is_bad)
{
    for (size_t i = 0; i < r->count; i++) {
        struct stratum *s = r->groups[i].cells[0].n > 0 ? parts_row(t, r->groups[i].dim[dim]) : NULL;
        uint64_t n, bad;
        if (s == NULL)
            continue;
        count_cell(g, &r->groups[i].cells[0], &n, &bad);
        s->usual_bad += is_bad ? n : bad;
        s->usual_n += is_bad ? 0 : n;
    }
}

void parts_add(const struct group *g, struct parts_table *t, const struct store_result *r, enum dim dim, bool is_now, bool is_bad)
{
    for (size_t i = 0; i < r->count; i++) {
        uint64_t n, bad;
        struct stratum *s = r->groups[i].cells[0].n > 0 ? parts_row(t, r->groups[i].dim[dim]) : NULL;
        if (s == NULL)
            continue;
        count_cell(g, &r->groups[i].cells[0], &n, &bad);
        *(is_now ? &s->now_bad : &s->base_bad) += is_bad ? n : bad;
        if (!is_bad)
            *(is_now ? &s->now_n : &s->base_n) += n;
    }
}
