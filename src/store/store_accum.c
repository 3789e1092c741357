/* SPDX-License-Identifier: MIT */
#include "store/store_accum.h"

#include <stdlib.h>
#include <string.h>

enum { SCRATCH_BYTES_MAX = 512 << 20 };

/* ---- compiling queries ---- */

static bool list_has(const uint32_t *ids, uint32_t count, uint32_t id)
{
    for (uint32_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

static bool filter_accepts(const struct store_filter *f, const struct series *s)
{
    if (f->source_count > 0 && !list_has(f->sources, f->source_count, s->source))
        return false;
    if (store_has_stage(f->without, f->without_count, s))
        return false;
    for (int i = 0; i < DIM_COUNT; i++)
        if (f->dim[i].count > 0 && !list_has(f->dim[i].ids, f->dim[i].count, s->dim[i]))
            return false;
    return true;
}

int32_t store_grid_column(const struct store_grid *g, int64_t t1_ms)
{
    if (t1_ms <= g->t0_ms)
        return -1;
    int64_t column = (t1_ms - g->t0_ms - 1) / g->step_ms;
    return column < g->columns ? (int32_t)column : -1;
}

static uint16_t grid_of(struct store_accum *ac, const struct store_query *q)
{
    uint32_t i = 0;

    while (i < ac->grid_count &&
           (ac->grids[i].t0_ms != q->t0_ms || ac->grids[i].step_ms != q->step_ms || ac->grids[i].columns != q->columns))
        i++;
    if (i == ac->grid_count)
        ac->grids[ac->grid_count++] = (struct store_grid){.t0_ms = q->t0_ms, .step_ms = q->step_ms, .columns = q->columns};
    store_signals_add(&ac->grids[i].signals, q->signal);
    ac->grids[i].is_grouped = ac->grids[i].is_grouped || q->group_by != 0;
    return (uint16_t)i;
}

/* Groups of a query by their dimensions: open addressing, doubling. */
struct group_table {
    struct store_acc_group **cells, *last; /* last: the one that was looked up last: series that belong together follow each other */
    size_t cap, count;
};

static size_t group_hash(const uint32_t *dim)
{
    uint64_t h = 0;

    for (int i = 0; i < DIM_COUNT; i++)
        h = (h ^ dim[i]) * UINT64_C(0x9e3779b97f4a7c15) + (h >> 29);
    return (size_t)(h ^ h >> 32);
}

static struct store_acc_group **group_cell(struct group_table *t, const uint32_t *dim)
{
    size_t i = group_hash(dim) & (t->cap - 1);

    while (t->cells[i] != NULL && memcmp(t->cells[i]->out.dim, dim, sizeof t->cells[i]->out.dim) != 0)
        i = (i + 1) & (t->cap - 1);
    return &t->cells[i];
}

static bool grow_table(struct store_accum *ac, struct group_table *t)
{
    struct group_table bigger = {.last = t->last, .cap = t->cap == 0 ? 64 : 4 * t->cap, .count = t->count};

    bigger.cells = arena_array(&ac->scratch, bigger.cap, sizeof *bigger.cells);
    if (bigger.cells == NULL)
        return false;
    for (size_t i = 0; i < t->cap; i++)
        if (t->cells[i] != NULL)
            *group_cell(&bigger, t->cells[i]->out.dim) = t->cells[i];
    *t = bigger;
    return true;
}

static struct store_acc_group *new_group(struct store_accum *ac, uint32_t query, const uint32_t *dim)
{
    struct store_acc_group *g = arena_alloc(&ac->scratch, sizeof *g);

    if (g == NULL)
        return NULL;
    memcpy(g->out.dim, dim, sizeof g->out.dim);
    g->query = query;
    g->number = ac->last_group[query] != NULL ? ac->last_group[query]->number + 1 : 1;
    if (ac->last_group[query] == NULL)
        ac->groups[query] = g;
    else
        ac->last_group[query]->next = g;
    ac->last_group[query] = g;
    return g;
}

bool store_accum_make_cells(struct store_accum *ac, struct store_acc_group *g)
{
    const struct store_query *q = &ac->queries[g->query];
    enum signal_kind kind = signal_info(q->signal)->kind;

    if (ac->err != ERR_OK)
        return false;
    if (ac->group_counts[g->query] == STORE_GROUPS_MAX) {
        ac->err = ERR_LIMIT;
        return false;
    }
    struct store_cell *cells = arena_array(ac->out, q->columns, sizeof *cells);
    g->last_ms = kind == KIND_GAUGE ? arena_array(&ac->scratch, q->columns, sizeof *g->last_ms) : NULL;
    g->out.hists = kind == KIND_HISTOGRAM ? arena_array(ac->out, q->columns, sizeof *g->out.hists) : NULL;
    if (cells == NULL || (kind == KIND_GAUGE && g->last_ms == NULL) || (kind == KIND_HISTOGRAM && g->out.hists == NULL)) {
        ac->err = ERR_NOMEM;
        return false;
    }
    g->out.cells = cells;
    ac->group_counts[g->query]++;
    return true;
}

static enum err find_group(struct store_accum *ac, struct group_table *t, uint32_t query, const struct series *s,
                           struct store_acc_group **ret)
{
    uint32_t dim[DIM_COUNT];

    for (int i = 0; i < DIM_COUNT; i++)
        dim[i] = ac->queries[query].group_by & DIM_BIT(i) ? s->dim[i] : 0;
    if (t->last != NULL && memcmp(t->last->out.dim, dim, sizeof dim) == 0) {
        *ret = t->last;
        return ERR_OK;
    }
    if (2 * (t->count + 1) > t->cap && !grow_table(ac, t))
        return ERR_NOMEM;
    struct store_acc_group **cell = group_cell(t, dim);
    if (*cell == NULL) {
        *cell = new_group(ac, query, dim);
        if (*cell == NULL)
            return ERR_NOMEM;
        t->count++;
    }
    *ret = t->last = *cell;
    return ERR_OK;
}

static struct store_part *find_part(struct store_accum *ac, struct store_acc_group *g, uint32_t source)
{
    for (struct store_part *p = g->parts; p != NULL; p = p->next)
        if (p->source == source)
            return p;
    struct store_part *p = arena_alloc(&ac->scratch, sizeof *p);
    if (p != NULL) {
        *p = (struct store_part){.next = g->parts, .source = source};
        g->parts = p;
    }
    return p;
}

static bool is_same_target(const struct store_target *a, const struct store_target *b)
{
    return a->group == b->group && a->next == b->next && a->shard == b->shard && a->bounds == b->bounds;
}

static uint32_t *target_cell(struct store_accum *ac, const struct store_target *t)
{
    uint64_t h =
        ((uint64_t)(uintptr_t)t->group ^ (uint64_t)t->next << 40 ^ (uint64_t)t->shard << 20 ^ t->bounds) * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(h >> 20) & (ac->hash_cap - 1);

    for (;; i = (i + 1) & (ac->hash_cap - 1)) {
        if (ac->target_hash[i] == 0 || is_same_target(&ac->targets[ac->target_hash[i]], t))
            return &ac->target_hash[i];
    }
}

static enum err grow_targets(struct store_accum *ac)
{
    if (ac->target_count < ac->target_cap)
        return ERR_OK;
    uint32_t cap = ac->target_cap == 0 ? 1024 : 2 * ac->target_cap;
    struct store_target *p = realloc(ac->targets, cap * sizeof *p);
    if (p == NULL)
        return ERR_NOMEM;
    ac->targets = p;
    ac->target_cap = cap;
    uint32_t *hash = calloc((size_t)cap * 2, sizeof *hash);
    if (hash == NULL)
        return ERR_NOMEM;
    free(ac->target_hash);
    ac->target_hash = hash;
    ac->hash_cap = 2 * cap;
    for (uint32_t i = 1; i < ac->target_count; i++)
        *target_cell(ac, &ac->targets[i]) = i;
    return ERR_OK;
}

/* Adds a group to those of a series: its target becomes the one of this group and all before. */
static enum err add_target(struct store_accum *ac, const struct series *s, struct store_acc_group *g, uint16_t grid)
{
    struct store_place place = ac->dict->places[s->id - 1];
    struct store_acc_shard *sh = ac->shards[place.shard - 1];

    if (sh == NULL) {
        sh = arena_alloc(&ac->scratch, sizeof *sh);
        if (sh == NULL)
            return ERR_NOMEM;
        ac->shards[place.shard - 1] = sh;
    }
    enum err e = grow_targets(ac);
    if (e != ERR_OK)
        return e;
    const struct signal_info *info = signal_info((enum signal)s->signal);
    struct store_target t = {.group = g,
                             .next = sh->target[place.slot],
                             .shard = place.shard,
                             .bounds = s->bounds,
                             .grid = grid,
                             .kind = (uint8_t)info->kind,
                             .merge = (uint8_t)info->merge};
    if (ac->last_target == 0 || !is_same_target(&ac->targets[ac->last_target], &t)) {
        uint32_t *cell = target_cell(ac, &t);
        if (*cell == 0) {
            t.part = find_part(ac, g, s->source);
            if (t.part == NULL)
                return ERR_NOMEM;
            *cell = ac->target_count++;
            ac->targets[*cell] = t;
        }
        ac->last_target = *cell;
    }
    sh->target[place.slot] = ac->last_target;
    store_signals_add(&sh->signals, s->signal);
    return ERR_OK;
}

/* Numbers the groups that a query's series go into, in the order in which they are met. */
static enum err number_groups(struct store_accum *ac, uint32_t query, struct store_groups_of *ret)
{
    const struct store_query *q = &ac->queries[query];
    const uint32_t *series = ac->series + ac->series_from[q->signal], count = ac->series_from[q->signal + 1] - ac->series_from[q->signal];
    struct group_table t = {.cells = NULL};
    enum err e = ERR_OK;

    if (q->group_by == 0) { /* always one group, so that a reader of a total needs no special case */
        const struct series none = {.id = 0};
        struct store_acc_group *g;
        e = find_group(ac, &t, query, &none, &g);
    }
    *ret = (struct store_groups_of){.of = arena_array(&ac->scratch, (size_t)count + 1, sizeof *ret->of)};
    if (e != ERR_OK || ret->of == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; e == ERR_OK && i < count; i++) {
        const struct series *s = &ac->dict->series[series[i]];
        struct store_acc_group *g;
        if (!filter_accepts(&q->filter, s))
            continue;
        e = find_group(ac, &t, query, s, &g);
        ret->of[i] = e == ERR_OK ? g->number : 0;
    }
    ret->count = (uint32_t)t.count;
    return e;
}

static bool is_same_list(const uint32_t *a, uint32_t a_count, const uint32_t *b, uint32_t b_count)
{
    return a_count == b_count && (a == b || a_count == 0 || memcmp(a, b, a_count * sizeof *a) == 0);
}

/* Whether two queries tell the same groups apart, and differ in their time alone. */
static bool has_same_groups(const struct store_query *a, const struct store_query *b)
{
    const struct store_filter *x = &a->filter, *y = &b->filter;
    bool same = a->signal == b->signal && a->group_by == b->group_by && x->without == y->without && x->without_count == y->without_count &&
                is_same_list(x->sources, x->source_count, y->sources, y->source_count);

    for (int d = 0; same && d < DIM_COUNT; d++)
        same = is_same_list(x->dim[d].ids, x->dim[d].count, y->dim[d].ids, y->dim[d].count);
    return same;
}

/* The groups of a query whose like was compiled before. */
static enum err take_groups(struct store_accum *ac, uint32_t query, uint32_t like, struct store_acc_group **list)
{
    size_t n = 0;

    for (const struct store_acc_group *g = ac->groups[like]; g != NULL; g = g->next) {
        list[n] = new_group(ac, query, g->out.dim);
        if (list[n++] == NULL)
            return ERR_NOMEM;
    }
    return ERR_OK;
}

/* before: the queries that were compiled so far, of count. */
static enum err compile_query(struct store_accum *ac, uint32_t query, const uint32_t *before, uint32_t count)
{
    const struct store_query *q = &ac->queries[query];
    const uint16_t grid = ac->query_grids[query] = grid_of(ac, q);
    struct store_groups_of *groups = &ac->groups_of[query];
    uint32_t like = query;
    enum err e = ERR_OK;

    for (uint32_t i = 0; i < count && ac->twin[query] == 0; i++) {
        if (ac->twin[before[i]] != 0 || !has_same_groups(&ac->queries[before[i]], q))
            continue;
        like = before[i];
        ac->twin[query] = ac->query_grids[like] == grid ? (uint16_t)(like + 1) : 0;
    }
    if (ac->twin[query] != 0)
        return ERR_OK;
    if (like == query)
        e = number_groups(ac, query, groups);
    else
        *groups = ac->groups_of[like];
    struct store_acc_group **list = e == ERR_OK ? arena_array(&ac->scratch, (size_t)groups->count + 1, sizeof *list) : NULL;
    if (list == NULL)
        return e != ERR_OK ? e : ERR_NOMEM;
    if (like != query)
        e = take_groups(ac, query, like, list);
    else
        for (struct store_acc_group *g = ac->groups[query]; g != NULL; g = g->next)
            list[g->number - 1] = g;
    if (e == ERR_OK && q->group_by == 0) {
        list[0]->seen = store_accum_make_cells(ac, list[0]);
        e = ac->err;
    }
    for (uint32_t i = ac->series_from[q->signal]; e == ERR_OK && i < ac->series_from[q->signal + 1]; i++) {
        const uint32_t number = groups->of[i - ac->series_from[q->signal]];
        if (number != 0)
            e = add_target(ac, &ac->dict->series[ac->series[i]], list[number - 1], grid);
    }
    return e;
}

static unsigned dims_of(const struct store_query *q)
{
    return (unsigned)__builtin_popcount(q->group_by);
}

/* A signal's series are a small part of all, and many queries ask for them. */
static enum err sort_series(struct store_accum *ac)
{
    const struct store_dict *d = ac->dict;
    uint32_t next[SIG_COUNT];

    ac->series = arena_array(&ac->scratch, d->series_count + 1, sizeof *ac->series);
    if (ac->series == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < d->series_count; i++)
        if (d->series[i].signal < SIG_COUNT)
            ac->series_from[d->series[i].signal + 1]++;
    for (unsigned s = 0; s < SIG_COUNT; s++) {
        next[s] = ac->series_from[s];
        ac->series_from[s + 1] += ac->series_from[s];
    }
    for (size_t i = 0; i < d->series_count; i++)
        if (d->series[i].signal < SIG_COUNT)
            ac->series[next[d->series[i].signal]++] = (uint32_t)i;
    return ERR_OK;
}

/* The coarsest groups first: what many series go into stands at the end of their lists then, and they share it. */
static enum err compile_all(struct store_accum *ac)
{
    uint32_t order[STORE_QUERIES_MAX];
    enum err e = sort_series(ac);

    for (uint32_t i = 0; i < ac->query_count; i++) {
        uint32_t at = i;
        for (; at > 0 && dims_of(&ac->queries[order[at - 1]]) > dims_of(&ac->queries[i]); at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (uint32_t i = 0; e == ERR_OK && i < ac->query_count; i++)
        e = compile_query(ac, order[i], order, i);
    return e;
}

static enum err check_queries(struct store_accum *ac, struct errctx *ctx)
{
    if (ac->query_count > STORE_QUERIES_MAX)
        return errctx_set(ctx, ERR_LIMIT, "%zu queries in one read, more than %d", ac->query_count, STORE_QUERIES_MAX);
    ac->t0_ms = INT64_MAX;
    ac->t1_ms = INT64_MIN;
    for (size_t i = 0; i < ac->query_count; i++) {
        const struct store_query *q = &ac->queries[i];
        if (q->signal >= SIG_COUNT || q->step_ms <= 0 || q->columns == 0 || q->columns > STORE_COLUMNS_MAX ||
            q->step_ms > INT64_MAX / 4 / q->columns)
            return errctx_set(ctx, ERR_USAGE, "a query has no signal, no step or too many columns");
        int64_t end = q->t0_ms + q->step_ms * q->columns;
        if (signal_info(q->signal)->kind == KIND_GAUGE)
            ac->lookback_ms = STORE_GAUGE_HOLD_MS;
        if (q->t0_ms < ac->t0_ms)
            ac->t0_ms = q->t0_ms;
        if (end > ac->t1_ms)
            ac->t1_ms = end;
    }
    ac->t0_ms -= ac->lookback_ms;
    return ERR_OK;
}

bool store_accum_wants(const struct store_accum *ac, int64_t t1_ms, int32_t *cols, struct store_grids *ret)
{
    bool wanted = false;

    *ret = (struct store_grids){{0}};
    for (uint32_t g = 0; g < ac->grid_count; g++) {
        const struct store_grid *grid = &ac->grids[g];
        cols[g] = store_grid_column(grid, t1_ms);
        if (cols[g] < 0 && (t1_ms > grid->t0_ms || t1_ms <= grid->t0_ms - ac->lookback_ms))
            continue;
        store_grids_add(ret, g);
        wanted = true;
    }
    return wanted;
}

/* The active targets of a set of grids, of a few sets at once: segments of several days take turns. */
static struct store_acc_active *active_of(struct store_accum *ac, const struct store_grids *grids)
{
    for (uint32_t i = 0; i < STORE_ACC_ACTIVE; i++)
        if (ac->actives[i].is_made && memcmp(&ac->actives[i].grids, grids, sizeof *grids) == 0)
            return &ac->actives[i];
    struct store_acc_active *a = &ac->actives[ac->oldest_active++ % STORE_ACC_ACTIVE];
    const struct store_target *t = ac->targets;
    if (a->first == NULL)
        a->first = arena_array(&ac->scratch, ac->target_count + 1, sizeof *a->first);
    if (a->first == NULL) {
        ac->err = ERR_NOMEM;
        a = &ac->actives[0]; /* the reading fails in the end */
    }
    a->is_made = true;
    a->grids = *grids;
    a->signals = (struct store_signals){{0}};
    for (uint32_t g = 0; g < ac->grid_count; g++)
        for (unsigned s = 0; store_grids_have(grids, g) && s < SIG_COUNT; s++)
            if (store_signals_have(&ac->grids[g].signals, s))
                store_signals_add(&a->signals, s);
    for (uint32_t k = 1; k < ac->target_count; k++) /* a next one is older */
        a->first[k] = store_grids_have(grids, t[k].grid) ? k : a->first[t[k].next];
    return a;
}

void store_accum_activate(struct store_accum *ac, const struct store_grids *grids)
{
    if (ac->active != NULL && memcmp(&ac->grids_active, grids, sizeof *grids) == 0)
        return;
    store_accum_flush(ac);
    const struct store_acc_active *a = active_of(ac, grids);
    ac->grids_active = *grids;
    ac->signals_active = a->signals;
    ac->active = a->first;
}

/* By how many slots and targets each target is added to; NULL when out of memory. */
static uint32_t *count_feeders(struct store_accum *ac)
{
    uint32_t *feeders = arena_array(&ac->scratch, ac->target_count + 1, sizeof *feeders);

    for (uint32_t k = 1; feeders != NULL && k < ac->target_count; k++)
        feeders[ac->targets[k].next]++;
    for (uint32_t s = 0; feeders != NULL && s < ac->dict->shard_count; s++)
        for (uint32_t i = 0; ac->shards[s] != NULL && i < STORE_SHARD_SERIES; i++)
            feeders[ac->shards[s]->target[i]]++;
    return feeders;
}

enum err store_accum_init(struct store_accum *ac, const struct store_dict *d, uint32_t source_count, const struct store_query *q,
                          size_t count, struct arena *out, struct errctx *ctx)
{
    *ac =
        (struct store_accum){.dict = d, .queries = q, .query_count = count, .out = out, .target_count = 1, .axis_count = source_count + 1};
    arena_init(&ac->scratch, SCRATCH_BYTES_MAX);
    enum err e = check_queries(ac, ctx);
    if (e != ERR_OK)
        return e;
    ac->grids = arena_array(&ac->scratch, count + 1, sizeof *ac->grids);
    ac->query_grids = arena_array(&ac->scratch, count + 1, sizeof *ac->query_grids);
    ac->shards = arena_array(&ac->scratch, d->shard_count + 1, sizeof *ac->shards);
    ac->groups = arena_array(&ac->scratch, count + 1, sizeof *ac->groups);
    ac->last_group = arena_array(&ac->scratch, count + 1, sizeof *ac->last_group);
    ac->groups_of = arena_array(&ac->scratch, count + 1, sizeof *ac->groups_of);
    ac->twin = arena_array(&ac->scratch, count + 1, sizeof *ac->twin);
    ac->covers = arena_array(&ac->scratch, count + 1, sizeof *ac->covers);
    ac->group_counts = arena_array(&ac->scratch, count + 1, sizeof *ac->group_counts);
    ac->axes = arena_array(&ac->scratch, ac->axis_count, sizeof *ac->axes);
    if (ac->grids == NULL || ac->query_grids == NULL || ac->shards == NULL || ac->groups == NULL || ac->last_group == NULL ||
        ac->groups_of == NULL || ac->twin == NULL || ac->covers == NULL || ac->group_counts == NULL || ac->axes == NULL)
        return errctx_set(ctx, ERR_NOMEM, "no memory to read");
    e = compile_all(ac);
    if (e == ERR_OK) {
        const struct store_acc_rows rows = {.grids = arena_array(&ac->scratch, ac->grid_count + 1, sizeof *rows.grids),
                                            .feeders = count_feeders(ac),
                                            .local = arena_array(&ac->scratch, ac->target_count + 1, sizeof *rows.local),
                                            .targets = arena_array(&ac->scratch, ac->target_count + 1, sizeof *rows.targets),
                                            .set = arena_array(&ac->scratch, ac->target_count + 1, sizeof *rows.set),
                                            .queue = arena_array(&ac->scratch, ac->target_count + 1, sizeof *rows.queue)};
        ac->rows = rows;
        ac->readings = arena_array(&ac->scratch, ac->target_count + 1, sizeof *ac->readings);
        ac->touched = arena_array(&ac->scratch, ac->target_count + 1, sizeof *ac->touched);
        ac->actives[0].first = arena_array(&ac->scratch, ac->target_count + 1, sizeof *ac->actives[0].first);
        bool made = ac->actives[0].first != NULL && rows.grids != NULL && rows.feeders != NULL && rows.local != NULL &&
                    rows.targets != NULL && rows.set != NULL && rows.queue != NULL && ac->readings != NULL;
        e = made && ac->touched != NULL ? ERR_OK : ERR_NOMEM;
    }
    return e == ERR_OK ? e : errctx_set(ctx, e, "no memory to read: ask for fewer groups or columns");
}

void store_accum_fini(struct store_accum *ac)
{
    for (uint32_t i = 0; ac->axes != NULL && i < ac->axis_count; i++)
        free(ac->axes[i].polls);
    free(ac->targets);
    free(ac->target_hash);
    free(ac->rows.sums);
    arena_fini(&ac->scratch);
}

/* ---- polls ---- */

enum err store_accum_poll(struct store_accum *ac, uint32_t source, int64_t t0_ms, int64_t t1_ms)
{
    if (source >= ac->axis_count)
        return ERR_OK;
    struct store_axis *x = &ac->axes[source];
    if (x->count == x->cap) {
        uint32_t cap = x->cap == 0 ? 512 : 2 * x->cap;
        struct store_poll *p = realloc(x->polls, cap * sizeof *p);
        if (p == NULL)
            return ERR_NOMEM;
        x->polls = p;
        x->cap = cap;
    }
    x->polls[x->count++] = (struct store_poll){.t0_ms = t0_ms, .t1_ms = t1_ms};
    return ERR_OK;
}

static int by_time(const void *a, const void *b)
{
    const struct store_poll *x = a, *y = b;
    if (x->t1_ms != y->t1_ms)
        return x->t1_ms < y->t1_ms ? -1 : 1;
    return x->t0_ms < y->t0_ms ? -1 : x->t0_ms > y->t0_ms;
}

void store_accum_sort_polls(struct store_accum *ac)
{
    for (uint32_t i = 0; i < ac->axis_count; i++) {
        struct store_axis *x = &ac->axes[i];
        uint32_t kept = 0;
        bool sorted = true;
        for (uint32_t k = 1; sorted && k < x->count; k++)
            sorted = x->polls[k - 1].t1_ms <= x->polls[k].t1_ms;
        if (!sorted)
            qsort(x->polls, x->count, sizeof *x->polls, by_time);
        for (uint32_t k = 0; k < x->count; k++) {
            if (kept > 0 && x->polls[kept - 1].t1_ms == x->polls[k].t1_ms) {
                if (x->polls[kept - 1].t0_ms == 0) /* the same poll, known better */
                    x->polls[kept - 1].t0_ms = x->polls[k].t0_ms;
                continue;
            }
            x->polls[kept++] = x->polls[k];
        }
        x->count = kept;
    }
}

uint32_t store_accum_poll_index(const struct store_accum *ac, uint32_t source, int64_t t1_ms)
{
    const struct store_axis *x = &ac->axes[source];
    uint32_t lo = 0, hi = x->count;

    while (lo + 1 < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (x->polls[mid].t1_ms <= t1_ms)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}
