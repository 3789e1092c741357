/* SPDX-License-Identifier: MIT */
#include "store/store_accum.h"

#include <math.h>
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
    for (uint32_t i = 0; i < ac->grid_count; i++)
        if (ac->grids[i].t0_ms == q->t0_ms && ac->grids[i].step_ms == q->step_ms && ac->grids[i].columns == q->columns)
            return (uint16_t)i;
    ac->grids[ac->grid_count] = (struct store_grid){.t0_ms = q->t0_ms, .step_ms = q->step_ms, .columns = q->columns};
    return (uint16_t)ac->grid_count++;
}

/* Groups of a query by their dimensions: open addressing, doubling. */
struct group_table {
    struct store_acc_group **cells;
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
    struct group_table bigger = {.cap = t->cap == 0 ? 64 : 4 * t->cap, .count = t->count};

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
    const struct store_query *q = &ac->queries[query];
    struct store_acc_group *g = arena_alloc(&ac->scratch, sizeof *g);

    if (g == NULL)
        return NULL;
    memcpy(g->out.dim, dim, sizeof g->out.dim);
    g->query = query;
    g->out.cells = arena_array(ac->out, q->columns, sizeof *g->out.cells);
    if (g->out.cells == NULL)
        return NULL;
    if (signal_info(q->signal)->kind == KIND_HISTOGRAM) {
        g->out.hists = arena_array(ac->out, q->columns, sizeof *g->out.hists);
        if (g->out.hists == NULL)
            return NULL;
    }
    if (ac->last_group[query] == NULL)
        ac->groups[query] = g;
    else
        ac->last_group[query]->next = g;
    ac->last_group[query] = g;
    ac->group_counts[query]++;
    return g;
}

static enum err find_group(struct store_accum *ac, struct group_table *t, uint32_t query, const struct series *s, struct store_acc_group **ret)
{
    uint32_t dim[DIM_COUNT];

    for (int i = 0; i < DIM_COUNT; i++)
        dim[i] = ac->queries[query].group_by & DIM_BIT(i) ? s->dim[i] : 0;
    if (2 * (t->count + 1) > t->cap && !grow_table(ac, t))
        return ERR_NOMEM;
    struct store_acc_group **cell = group_cell(t, dim);
    if (*cell == NULL) {
        if (t->count == STORE_GROUPS_MAX)
            return ERR_LIMIT;
        *cell = new_group(ac, query, dim);
        if (*cell == NULL)
            return ERR_NOMEM;
        t->count++;
    }
    *ret = *cell;
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
    if (ac->target_count == ac->target_cap) {
        uint32_t cap = ac->target_cap == 0 ? 1024 : 2 * ac->target_cap;
        struct store_target *p = realloc(ac->targets, cap * sizeof *p);
        if (p == NULL)
            return ERR_NOMEM;
        ac->targets = p;
        ac->target_cap = cap;
    }
    struct store_part *part = find_part(ac, g, s->source);
    if (part == NULL)
        return ERR_NOMEM;
    ac->targets[ac->target_count] = (struct store_target){.group = g, .part = part, .next = sh->first[place.slot], .grid = grid,
                                                          .kind = (uint16_t)signal_info((enum signal)s->signal)->kind, .bounds = s->bounds};
    sh->first[place.slot] = ac->target_count++;
    sh->signals[s->signal / 64] |= UINT64_C(1) << (s->signal % 64);
    return ERR_OK;
}

static enum err compile_query(struct store_accum *ac, uint32_t query)
{
    const struct store_query *q = &ac->queries[query];
    uint16_t grid = grid_of(ac, q);
    struct group_table t = {.cells = NULL};
    enum err e = ERR_OK;

    if (q->group_by == 0) { /* always one group, so that a reader of a total needs no special case */
        const struct series none = {.id = 0};
        struct store_acc_group *g;
        e = find_group(ac, &t, query, &none, &g);
        if (e == ERR_OK)
            g->seen = true;
    }
    for (size_t i = 0; e == ERR_OK && i < ac->dict->series_count; i++) {
        const struct series *s = &ac->dict->series[i];
        struct store_acc_group *g;
        if (s->signal != q->signal || !filter_accepts(&q->filter, s))
            continue;
        e = find_group(ac, &t, query, s, &g);
        if (e == ERR_OK)
            e = add_target(ac, s, g, grid);
    }
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
        if (q->signal >= SIG_COUNT || q->step_ms <= 0 || q->columns == 0 || q->columns > STORE_COLUMNS_MAX || q->step_ms > INT64_MAX / 4 / q->columns)
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

bool store_accum_wants(const struct store_accum *ac, int64_t t1_ms, int32_t *cols)
{
    bool wanted = false;

    for (uint32_t g = 0; g < ac->grid_count; g++) {
        const struct store_grid *grid = &ac->grids[g];
        cols[g] = store_grid_column(grid, t1_ms);
        wanted = wanted || cols[g] >= 0 || (t1_ms <= grid->t0_ms && t1_ms > grid->t0_ms - ac->lookback_ms);
    }
    return wanted;
}

enum err store_accum_init(struct store_accum *ac, const struct store_dict *d, uint32_t source_count, const struct store_query *q, size_t count, struct arena *out,
                          struct errctx *ctx)
{
    *ac = (struct store_accum){.dict = d, .queries = q, .query_count = count, .out = out, .target_count = 1, .axis_count = source_count + 1};
    arena_init(&ac->scratch, SCRATCH_BYTES_MAX);
    enum err e = check_queries(ac, ctx);
    if (e != ERR_OK)
        return e;
    ac->grids = arena_array(&ac->scratch, count + 1, sizeof *ac->grids);
    ac->shards = arena_array(&ac->scratch, d->shard_count + 1, sizeof *ac->shards);
    ac->groups = arena_array(&ac->scratch, count + 1, sizeof *ac->groups);
    ac->last_group = arena_array(&ac->scratch, count + 1, sizeof *ac->last_group);
    ac->group_counts = arena_array(&ac->scratch, count + 1, sizeof *ac->group_counts);
    ac->axes = arena_array(&ac->scratch, ac->axis_count, sizeof *ac->axes);
    ac->targets = calloc(1024, sizeof *ac->targets);
    ac->target_cap = 1024;
    if (ac->grids == NULL || ac->shards == NULL || ac->groups == NULL || ac->last_group == NULL || ac->group_counts == NULL || ac->axes == NULL || ac->targets == NULL)
        return errctx_set(ctx, ERR_NOMEM, "no memory to read");
    for (uint32_t i = 0; e == ERR_OK && i < count; i++)
        e = compile_query(ac, i);
    if (e == ERR_LIMIT)
        return errctx_set(ctx, e, "more than %d groups: group by fewer dimensions or filter", STORE_GROUPS_MAX);
    return e == ERR_OK ? e : errctx_set(ctx, e, "no memory to read: ask for fewer groups or columns");
}

void store_accum_fini(struct store_accum *ac)
{
    for (uint32_t i = 0; ac->axes != NULL && i < ac->axis_count; i++)
        free(ac->axes[i].polls);
    free(ac->targets);
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

/* ---- adding ---- */

static bool prepare_part(struct store_accum *ac, struct store_target *t)
{
    struct store_part *p = t->part;
    uint32_t polls = ac->axes[p->source].count;

    p->bits = arena_array(&ac->scratch, polls / 64 + 1, sizeof *p->bits);
    if (t->kind == KIND_GAUGE)
        p->sums = arena_array(&ac->scratch, (size_t)polls + 1, sizeof *p->sums);
    if (p->bits == NULL || (t->kind == KIND_GAUGE && p->sums == NULL)) {
        p->bits = NULL;
        ac->err = ERR_NOMEM;
        return false;
    }
    return true;
}

static void see(struct store_target *t)
{
    t->seen = true;
    t->group->seen = true;
    t->group->out.series++;
}

/* What every sample does: counts itself and marks its poll. NULL when out of memory. */
static inline struct store_cell *touch(struct store_accum *ac, struct store_target *t, int32_t column, uint32_t poll)
{
    if (t->part->bits == NULL && !prepare_part(ac, t))
        return NULL;
    if (!t->seen)
        see(t);
    t->part->bits[poll / 64] |= UINT64_C(1) << (poll % 64);
    struct store_cell *c = &t->group->out.cells[column];
    c->n++;
    return c;
}

/* A gauge before the first column counts only towards what is still current in it. */
static void touch_before(struct store_accum *ac, struct store_target *t, uint32_t poll, double v)
{
    if (t->part->bits == NULL && !prepare_part(ac, t))
        return;
    t->part->bits[poll / 64] |= UINT64_C(1) << (poll % 64);
    t->part->sums[poll] += v;
}

void store_accum_increment(struct store_accum *ac, struct store_target *t, int32_t column, uint32_t poll, int64_t v)
{
    struct store_cell *c = touch(ac, t, column, poll);

    if (c != NULL)
        c->sum = (int64_t)((uint64_t)c->sum + (uint64_t)v);
}

void store_accum_gauge(struct store_accum *ac, struct store_target *t, int32_t column, uint32_t poll, double v)
{
    if (isnan(v))
        return; /* the source says that it does not know: no sample */
    if (column < 0)
        touch_before(ac, t, poll, v);
    else if (touch(ac, t, column, poll) != NULL)
        t->part->sums[poll] += v;
}

/* The distribution of a set that a sample of these bounds goes into, made when new. */
static struct hist *classic_hist(struct store_accum *ac, struct hist_set *set, const struct hist_bounds *b)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (set->h[i].scheme == HIST_CLASSIC && set->h[i].bounds == b)
            return &set->h[i];
    if (set->count == HIST_SET_MAX) {
        set->overflow = true;
        return NULL;
    }
    uint64_t *counts = arena_array(ac->out, (size_t)b->count + 1, sizeof *counts);
    if (counts == NULL) {
        ac->err = ERR_NOMEM;
        return NULL;
    }
    set->h[set->count] = (struct hist){.scheme = HIST_CLASSIC, .bounds = b, .count = b->count + 1, .counts = counts};
    return &set->h[set->count++];
}

static void add_classic(struct store_accum *ac, struct hist_set *set, const struct hist_bounds *b, const struct store_item *it)
{
    struct hist *h = classic_hist(ac, set, b);

    if (h == NULL)
        return;
    for (uint32_t i = 0; i < it->v.hist.count; i++)
        if (it->v.hist.counts[i].bucket <= b->count)
            h->counts[it->v.hist.counts[i].bucket] += it->v.hist.counts[i].count;
    h->n += it->v.hist.n;
    h->sum_fixed = (int64_t)((uint64_t)h->sum_fixed + (uint64_t)it->v.hist.sum_fixed);
}

static void add_exponential(struct store_accum *ac, struct hist_set *set, const struct store_item *it)
{
    enum { EXPONENTIAL_OFFSET = 1 << 30 };
    uint32_t n = it->v.hist.count;
    uint64_t listed = 0;
    struct hist h = {.scheme = HIST_EXPONENTIAL, .n = it->v.hist.n, .sum_fixed = it->v.hist.sum_fixed};

    if (n > 0) {
        h.first = (int32_t)((int64_t)it->v.hist.counts[0].bucket - EXPONENTIAL_OFFSET);
        h.count = it->v.hist.counts[n - 1].bucket - it->v.hist.counts[0].bucket + 1;
        if (h.count > 1 << 16) /* 2^2048 of range: no real histogram is this wide */
            return;
        h.counts = arena_array(&ac->scratch, h.count, sizeof *h.counts);
        if (h.counts == NULL) {
            ac->err = ERR_NOMEM;
            return;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        h.counts[it->v.hist.counts[i].bucket - it->v.hist.counts[0].bucket] = it->v.hist.counts[i].count;
        listed += it->v.hist.counts[i].count;
    }
    h.zero = it->v.hist.n >= listed ? it->v.hist.n - listed : 0;
    enum err e = hist_set_add(set, &h, ac->out);
    if (e != ERR_OK)
        ac->err = e;
}

void store_accum_item(struct store_accum *ac, struct store_target *t, int32_t column, uint32_t poll, const struct store_item *it)
{
    struct store_cell *c = touch(ac, t, column, poll);

    if (c == NULL)
        return;
    if (t->kind == KIND_SCORE) {
        c->score_n += it->v.score.n;
        c->sum += it->v.score.sum_fixed;
        c->score_sumsq += it->v.score.sumsq_fixed;
        c->score_bad += it->v.score.bad;
        return;
    }
    c->sum = (int64_t)((uint64_t)c->sum + (uint64_t)it->v.hist.sum_fixed);
    struct hist_set *set = &t->group->out.hists[column];
    if (t->bounds != 0)
        add_classic(ac, set, ac->dict->bounds[t->bounds - 1], it);
    else
        add_exponential(ac, set, it);
}

/* ---- a head row ---- */

static void add_zero(struct store_accum *ac, struct store_target *t, int32_t column, uint32_t poll)
{
    static const struct store_item nothing;

    if (t->kind == KIND_GAUGE)
        store_accum_gauge(ac, t, column, poll, 0);
    else if (t->kind == KIND_HISTOGRAM && t->bounds != 0 && t->group->out.hists[column].count > 0)
        (void)touch(ac, t, column, poll);
    else if (t->kind == KIND_INCREMENT || t->kind == KIND_SCORE)
        (void)touch(ac, t, column, poll);
    else
        store_accum_item(ac, t, column, poll, &nothing);
}

static bool add_run(struct store_accum *ac, const struct store_acc_shard *sh, struct store_head_iter *it, enum store_run kind, uint32_t slot, uint32_t poll,
                    const int32_t *cols, struct store_hist_count *room)
{
    struct store_item item = {.series = 0};
    bool ok = true;

    if (kind == RUN_INCREMENT)
        ok = store_head_get_increment(it, &item.v.increment);
    else if (kind == RUN_GAUGE)
        ok = store_head_get_gauge(it, &item.v.gauge);
    else if (kind == RUN_HISTOGRAM)
        ok = store_head_get_hist(it, room, &item);
    else if (kind == RUN_SCORE)
        ok = store_head_get_score(it, &item);
    for (uint32_t i = sh->first[slot]; ok && i != 0; i = ac->targets[i].next) {
        struct store_target *t = &ac->targets[i];
        int32_t column = cols[t->grid];
        if (column < 0 && t->kind != KIND_GAUGE)
            continue;
        if (kind == RUN_ZERO)
            add_zero(ac, t, column, poll);
        else if (kind == RUN_INCREMENT && t->kind == KIND_INCREMENT)
            store_accum_increment(ac, t, column, poll, item.v.increment);
        else if (kind == RUN_GAUGE && t->kind == KIND_GAUGE)
            store_accum_gauge(ac, t, column, poll, item.v.gauge);
        else if ((kind == RUN_HISTOGRAM && t->kind == KIND_HISTOGRAM) || (kind == RUN_SCORE && t->kind == KIND_SCORE))
            store_accum_item(ac, t, column, poll, &item);
        else
            ok = false; /* the row says another kind than the dictionary: damaged */
    }
    return ok;
}

bool store_accum_row(struct store_accum *ac, const struct store_acc_shard *sh, struct store_head_iter *it, uint32_t poll, const int32_t *cols,
                     struct store_hist_count *room)
{
    enum store_run kind;
    uint32_t first, count;

    while (store_head_run(it, &kind, &first, &count)) {
        if (kind == RUN_ABSENT)
            continue;
        for (uint32_t i = 0; i < count; i++)
            if (!add_run(ac, sh, it, kind, first + i, poll, cols, room))
                return false;
    }
    return it->p == it->end;
}

/* ---- finishing ---- */

/* One poll of one part, for walking several parts in time order. */
struct step {
    const struct store_poll *poll;
    const struct store_part *part;
    uint32_t index;
};

static int steps_by_time(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    if (x->poll->t1_ms != y->poll->t1_ms)
        return x->poll->t1_ms < y->poll->t1_ms ? -1 : 1;
    return x->part->source < y->part->source ? -1 : x->part->source > y->part->source;
}

static bool has_bit(const struct store_part *p, uint32_t i) { return p->bits[i / 64] >> (i % 64) & 1; }

/* The polls of a group's parts in time order: all of them for gauges, only those with samples otherwise. NULL when out of memory. */
static struct step *collect_steps(struct store_accum *ac, const struct store_acc_group *g, bool all, size_t *ret_count)
{
    size_t most = 0, n = 0;
    uint32_t parts = 0;

    for (const struct store_part *p = g->parts; p != NULL; p = p->next)
        most += p->bits == NULL ? 0 : ac->axes[p->source].count;
    struct step *steps = malloc((most + 1) * sizeof *steps);
    if (steps == NULL)
        return NULL;
    for (const struct store_part *p = g->parts; p != NULL; p = p->next) {
        if (p->bits == NULL)
            continue;
        parts++;
        for (uint32_t i = 0; i < ac->axes[p->source].count; i++) {
            if (!all && p->bits[i / 64] == 0) {
                i |= 63;
                continue;
            }
            if (all || has_bit(p, i))
                steps[n++] = (struct step){.poll = &ac->axes[p->source].polls[i], .part = p, .index = i};
        }
    }
    if (parts > 1)
        qsort(steps, n, sizeof *steps, steps_by_time);
    *ret_count = n;
    return steps;
}

/* Covered time is the union of the polls' intervals, so that sum / covered is a rate even where sources overlap. */
static void finish_polls(struct store_acc_group *g, const struct store_grid *grid, const struct step *steps, size_t n)
{
    int64_t end = INT64_MIN;

    for (size_t i = 0; i < n; i++) {
        const struct store_poll *p = steps[i].poll;
        int32_t column = store_grid_column(grid, p->t1_ms);
        int64_t from = p->t0_ms > end ? p->t0_ms : end;
        if (!has_bit(steps[i].part, steps[i].index) || column < 0)
            continue;
        g->out.cells[column].polls++;
        if (p->t0_ms != 0 && p->t1_ms > from)
            g->out.cells[column].covered_ms += p->t1_ms - from;
        end = p->t1_ms;
    }
}

enum { CURRENT_MAX = 64 };

/* The polls whose values still hold. */
struct current {
    const struct step *step[CURRENT_MAX];
    unsigned count;
};

static void expire(struct current *cur, const struct step *now)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < cur->count; i++) {
        const struct step *s = cur->step[i];
        bool same = s->part->source == now->part->source;
        bool unknown = s->poll->t0_ms == 0;
        bool replaced = same && (unknown || now->poll->t0_ms == 0 || now->poll->t0_ms == s->poll->t1_ms);
        int64_t hold = unknown ? STORE_GAUGE_HOLD_MS : (s->poll->t1_ms - s->poll->t0_ms) * 3 / 2;
        if (hold > STORE_GAUGE_HOLD_MS)
            hold = STORE_GAUGE_HOLD_MS;
        if (!replaced && now->poll->t1_ms - s->poll->t1_ms <= hold)
            cur->step[kept++] = s;
    }
    cur->count = kept;
}

static void add_gauge_point(struct store_cell *c, double v)
{
    bool first = c->polls == 0;

    c->polls++;
    c->last = v;
    c->total += v;
    if (first || v < c->min)
        c->min = v;
    if (first || v > c->max)
        c->max = v;
}

static void finish_gauge(struct store_acc_group *g, const struct store_grid *grid, const struct step *steps, size_t n)
{
    struct current cur = {.count = 0};
    int64_t end = INT64_MIN;

    for (size_t i = 0; i < n; i++) {
        const struct step *s = &steps[i];
        int32_t column = store_grid_column(grid, s->poll->t1_ms);
        expire(&cur, s);
        if (!has_bit(s->part, s->index))
            continue;
        if (cur.count < CURRENT_MAX)
            cur.step[cur.count++] = s;
        if (column < 0)
            continue;
        double v = 0;
        for (unsigned k = 0; k < cur.count; k++)
            v += cur.step[k]->part->sums[cur.step[k]->index];
        struct store_cell *c = &g->out.cells[column];
        add_gauge_point(c, v);
        int64_t from = s->poll->t0_ms > end ? s->poll->t0_ms : end;
        if (s->poll->t0_ms != 0 && s->poll->t1_ms > from)
            c->covered_ms += s->poll->t1_ms - from;
        end = s->poll->t1_ms;
    }
}

static enum err finish_group(struct store_accum *ac, struct store_acc_group *g)
{
    const struct store_query *q = &ac->queries[g->query];
    const struct store_grid grid = {.t0_ms = q->t0_ms, .step_ms = q->step_ms, .columns = q->columns};
    bool gauge = signal_info(q->signal)->kind == KIND_GAUGE;
    size_t n = 0;
    struct step *steps = collect_steps(ac, g, gauge, &n);

    if (steps == NULL)
        return ERR_NOMEM;
    if (gauge)
        finish_gauge(g, &grid, steps, n);
    else
        finish_polls(g, &grid, steps, n);
    free(steps);
    return ERR_OK;
}

enum err store_accum_finish(struct store_accum *ac, struct store_result *ret)
{
    if (ac->err != ERR_OK)
        return ac->err;
    for (size_t q = 0; q < ac->query_count; q++) {
        struct store_group *list = arena_array(ac->out, (size_t)ac->group_counts[q] + 1, sizeof *list);
        size_t n = 0;
        if (list == NULL)
            return ERR_NOMEM;
        for (struct store_acc_group *g = ac->groups[q]; g != NULL; g = g->next) {
            if (!g->seen)
                continue;
            enum err e = finish_group(ac, g);
            if (e != ERR_OK)
                return e;
            list[n++] = g->out;
        }
        ret[q] = (struct store_result){.groups = list, .count = n};
    }
    return ERR_OK;
}
