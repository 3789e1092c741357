/* SPDX-License-Identifier: MIT */
#include "store/store_rollacc.h"

#include <stdlib.h>
#include <string.h>

/* Readings of two series in one bucket are of the same time when they are no farther apart; else the older series has ended. 1.5 times a
 * minute, the longest usual interval. */
enum { SAME_TIME_MS = 90000 };
enum { BUCKETS_MAX = STORE_ROLL_BUCKETS_MAX };

/* A group's samples from one source and shard in one bucket. */
struct store_point {
    int64_t n, covered, most; /* covered time lies from covered to most */
    double total, min, max, last;
    int64_t last_ms;
};

struct store_part_rolled {
    struct store_part_rolled *next;
    uint32_t shard;
    struct store_point now;      /* the bucket of the segment being added */
    struct store_point points[]; /* per bucket of the grid */
};

enum err store_rollacc_init(struct store_rollacc *ra, struct store_accum *ac, const struct store_plan *plans)
{
    *ra = (struct store_rollacc){.ac = ac, .plans = plans};
    ra->first = arena_array(&ac->scratch, ac->grid_count + 1, sizeof *ra->first);
    ra->column = arena_array(&ac->scratch, (size_t)ac->grid_count * BUCKETS_MAX + 1, sizeof *ra->column);
    ra->bucket = arena_array(&ac->scratch, (size_t)ac->grid_count * BUCKETS_MAX + 1, sizeof *ra->bucket);
    ra->grids = arena_array(&ac->scratch, BUCKETS_MAX, sizeof *ra->grids);
    ra->local = arena_array(&ac->scratch, ac->target_count + 1, sizeof *ra->local);
    if (ra->grids == NULL || ra->local == NULL || ra->first == NULL || ra->column == NULL || ra->bucket == NULL)
        return ERR_NOMEM;
    for (uint32_t g = 0; g < ac->grid_count; g++) {
        ra->first[g] = arena_array(&ac->scratch, plans[g].count + 1, sizeof *ra->first[g]);
        if (ra->first[g] == NULL)
            return ERR_NOMEM;
        for (size_t i = 0; i < plans[g].count; i++) {
            const struct store_range *r = &plans[g].ranges[i];
            int64_t n = r->tier == PLAN_RAW ? 0 : (r->b_ms - r->a_ms) / store_plan_tier_ms(r->tier);
            if (n > UINT32_MAX / 4)
                return ERR_LIMIT;
            ra->first[g][i + 1] = ra->first[g][i] + (uint32_t)n;
        }
    }
    return ERR_OK;
}

/* Where bucket k of the segment, which ends at end, belongs in a grid. */
static void place_bucket(struct store_rollacc *ra, uint32_t g, int64_t end_ms, enum store_plan_tier tier, uint32_t k)
{
    const struct store_plan *plan = &ra->plans[g];
    int32_t *column = &ra->column[g * BUCKETS_MAX + k], *bucket = &ra->bucket[g * BUCKETS_MAX + k];

    *column = *bucket = -1;
    for (size_t i = 0; i < plan->count; i++) {
        const struct store_range *r = &plan->ranges[i];
        if (end_ms <= r->a_ms || end_ms > r->b_ms || r->tier == PLAN_RAW || (tier != PLAN_RAW && tier != r->tier))
            continue;
        *column = store_grid_column(&ra->ac->grids[g], end_ms);
        if (*column >= 0)
            *bucket = (int32_t)(ra->first[g][i] + (uint32_t)((end_ms - r->a_ms - 1) / store_plan_tier_ms(r->tier)));
        return;
    }
}

static struct store_part_rolled *rolled_of(struct store_rollacc *ra, struct store_part *p, uint32_t grid, uint32_t shard)
{
    if (p->rolled != NULL && p->rolled->shard == shard) /* shards are added one after the other */
        return p->rolled;
    struct store_part_rolled *r = arena_alloc(&ra->ac->scratch, sizeof *r + ra->first[grid][ra->plans[grid].count] * sizeof r->points[0]);
    if (r == NULL) {
        ra->ac->err = ERR_NOMEM;
        return NULL;
    }
    r->shard = shard;
    r->next = p->rolled;
    p->rolled = r;
    return r;
}

/* Readings of several series, shards or sources in the same bucket. */
static void join_gauge(struct store_point *to, const struct store_point *from, enum merge m)
{
    if (to->n == 0) {
        to->total = from->total;
        to->min = from->min;
        to->max = from->max;
        to->last = from->last;
        to->last_ms = from->last_ms;
        return;
    }
    if (m == MERGE_SUM)
        to->total += from->total;
    else /* a mean over the polls of the one that was in more of them */
        to->total = merge_gauge(m, to->total / (double)to->n, from->total / (double)from->n) * (double)(from->n > to->n ? from->n : to->n);
    to->min = merge_gauge(m, to->min, from->min);
    to->max = merge_gauge(m, to->max, from->max);
    if (from->last_ms > to->last_ms + SAME_TIME_MS) {
        to->last = from->last;
        to->last_ms = from->last_ms;
    } else if (from->last_ms >= to->last_ms - SAME_TIME_MS) {
        to->last = merge_gauge(m, to->last, from->last);
        to->last_ms = from->last_ms > to->last_ms ? from->last_ms : to->last_ms;
    }
}

/* Their polls and covered time. */
static inline void join_time(struct store_point *to, int64_t n, int64_t covered, int64_t most, bool one_source)
{
    if (one_source && to->n == n && to->covered == covered) /* the same polls */
        to->most = most > to->most ? most : to->most;
    else
        to->most += most;
    to->n = n > to->n ? n : to->n;
    to->covered = covered > to->covered ? covered : to->covered;
}

static void join(struct store_point *to, const struct store_point *from, enum signal_kind kind, enum merge m, bool one_source)
{
    if (kind == KIND_GAUGE)
        join_gauge(to, from, m);
    join_time(to, from->n, from->covered, from->most, one_source);
}

/* Two stretches of time. */
static void follow(struct store_point *to, const struct store_point *from)
{
    bool first = to->n == 0;

    to->n += from->n;
    to->covered += from->covered;
    to->most += from->most;
    to->total += from->total;
    to->min = first || from->min < to->min ? from->min : to->min;
    to->max = first || from->max > to->max ? from->max : to->max;
    if (first || from->last_ms >= to->last_ms) {
        to->last = from->last;
        to->last_ms = from->last_ms;
    }
}

static void read_gauge(const struct store_column *c, uint32_t i, int64_t end_ms, struct store_point *ret)
{
    ret->total = store_bits_real(c->field[ROLL_TOTAL][i]);
    ret->min = store_bits_real(c->field[ROLL_MIN][i]);
    ret->max = store_bits_real(c->field[ROLL_MAX][i]);
    ret->last = store_bits_real(c->field[ROLL_LAST][i]);
    ret->last_ms = end_ms - c->field[ROLL_LAST_BACK][i];
}

static void read_sums(const struct store_column *c, uint32_t i, enum signal_kind kind, struct store_item *ret)
{
    if (kind == KIND_SCORE) {
        ret->v.score.n = c->field[ROLL_SCORE_N][i];
        ret->v.score.sum_fixed = c->field[ROLL_SCORE_SUM][i];
        ret->v.score.sumsq_fixed = c->field[ROLL_SCORE_SUMSQ][i];
        ret->v.score.bad = c->field[ROLL_SCORE_BAD][i];
    } else {
        ret->v.hist.counts = c->counts + c->first[i];
        ret->v.hist.count = c->first[i + 1] - c->first[i];
        ret->v.hist.n = store_column_listed(c, i) + (uint64_t)c->field[ROLL_HIST_REST][i];
        ret->v.hist.sum_fixed = c->field[ROLL_HIST_SUM][i];
    }
}

/* ---- one signal of one segment ---- */

/* What a target's series add up to in the buckets of a segment: [buckets] each, so that several buckets are added at once. */
struct roll_cells {
    uint64_t *sum, *n;
    int64_t *polls, *covered; /* as the points have them */
    struct store_point *points;
};
enum { CELL_WORDS = 4 + sizeof(struct store_point) / sizeof(uint64_t) };

void store_rollacc_begin(struct store_rollacc *ra, const struct store_buckets *b, enum signal signal, uint32_t shard,
                         enum store_plan_tier tier)
{
    ra->kind = signal_info(signal)->kind;
    ra->merge = signal_info(signal)->merge;
    ra->shard = shard;
    ra->buckets = *b;
    ra->all = ra->from = ra->until = 0;
    for (uint32_t k = 0; k < b->count; k++) {
        ra->grids[k] = 0;
        for (uint32_t g = 0; g < ra->ac->grid_count; g++) {
            if (!store_grids_have(&ra->ac->grids_active, g))
                continue;
            place_bucket(ra, g, b->start_ms + (k + 1) * b->step_ms, tier, k);
            if (ra->bucket[g * BUCKETS_MAX + k] >= 0)
                ra->grids[k] |= UINT64_C(1) << g % 64;
        }
        if (ra->grids[k] != 0) {
            ra->from = ra->until == 0 ? k : ra->from;
            ra->until = k + 1;
        }
    }
    for (uint32_t k = ra->from; k < ra->until; k++)
        ra->all = ra->grids[k] != 0 && (k == ra->from || ra->all != 0) ? ra->all | ra->grids[k] : 0;
}

/* Those of the target that was met as number-th, from 1. */
static struct roll_cells cells_at(const struct store_rollacc *ra, uint32_t number)
{
    const size_t count = ra->buckets.count;
    uint64_t *p = ra->cells + (number - 1) * count * CELL_WORDS;
    return (struct roll_cells){p, p + count, (int64_t *)(p + 2 * count), (int64_t *)(p + 3 * count),
                               (struct store_point *)(void *)(p + 4 * count)};
}

/* The cells of a target, taken into use when it is met first. False when out of memory. */
static bool cells_of(struct store_rollacc *ra, uint32_t target, struct roll_cells *ret)
{
    struct store_accum *ac = ra->ac;

    if (ra->local[target] == 0) {
        const size_t words = (size_t)ra->buckets.count * CELL_WORDS, want = (ac->touched_count + 1) * words;
        if (want > ra->cell_cap) {
            uint64_t *p = realloc(ra->cells, 2 * want * sizeof *p);
            if (p == NULL) {
                ac->err = ERR_NOMEM;
                return false;
            }
            ra->cells = p;
            ra->cell_cap = 2 * want;
        }
        memset(ra->cells + want - words, 0, words * sizeof *ra->cells);
        ac->touched[ac->touched_count++] = target;
        ra->local[target] = ac->touched_count;
    }
    *ret = cells_at(ra, ra->local[target]);
    return true;
}

/* Histograms and scores go into the columns at once. */
static void add_item(struct store_rollacc *ra, uint32_t target, const struct store_column *c, uint32_t i)
{
    struct store_item item = {.series = 0};

    read_sums(c, i, ra->kind, &item);
    for (uint32_t k = target; k != 0; k = ra->ac->active[ra->ac->targets[k].next]) {
        const struct store_target *t = &ra->ac->targets[k];
        if (ra->bucket[t->grid * BUCKETS_MAX + c->at[i]] >= 0)
            store_accum_item(ra->ac, t, ra->column[t->grid * BUCKETS_MAX + c->at[i]], &item);
    }
}

/* A column of whole numbers as most are: it has all buckets that are wanted, and was in the same polls as what was added before. False
 * where it is not so, and nothing was added. */
static bool add_alike(const struct store_rollacc *ra, const struct roll_cells *cells, const struct store_column *c)
{
    const int64_t *ns = c->field[ROLL_N], *covers = c->field[ROLL_COVERED], *increments = c->field[ROLL_INCREMENT];
    const uint32_t count = c->n, first = ra->from;
    const int64_t *polls = cells->polls + first, *covered = cells->covered + first;
    uint64_t *sum = cells->sum + first, *n = cells->n + first, differ = 0, less = 0;

    if (ra->all == 0 || ra->kind != KIND_INCREMENT || count != ra->until - first || c->at[0] != first || c->at[count - 1] + 1U != ra->until)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        differ |= (uint64_t)(ns[i] ^ polls[i]) | (uint64_t)(covers[i] ^ covered[i]);
        less |= (uint64_t)ns[i] - 1; /* the highest bit: one is 0 */
    }
    if (differ != 0 || less >> 63 != 0)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        sum[i] += (uint64_t)increments[i];
        n[i] += (uint64_t)ns[i];
    }
    return true;
}

/* Any other. Returns bits of the grids in which it has a sample. */
static uint64_t add_buckets(struct store_rollacc *ra, const struct roll_cells *cells, uint32_t target, const struct store_column *c)
{
    uint64_t seen = 0;

    for (uint32_t i = 0; i < c->n; i++) {
        const uint32_t k = c->at[i];
        struct store_point *p = &cells->points[k];
        const int64_t n = c->field[ROLL_N][i], covered = c->field[ROLL_COVERED][i];
        if (ra->grids[k] == 0 || n <= 0)
            continue;
        seen |= ra->grids[k];
        cells->n[k] += (uint64_t)n;
        if (ra->kind == KIND_INCREMENT) {
            cells->sum[k] += (uint64_t)c->field[ROLL_INCREMENT][i];
        } else if (ra->kind == KIND_GAUGE) {
            struct store_point now = {.n = n};
            read_gauge(c, i, ra->buckets.start_ms + (k + 1) * ra->buckets.step_ms, &now);
            join_gauge(p, &now, ra->merge);
        } else {
            add_item(ra, target, c, i);
        }
        join_time(p, n, covered, covered, true);
        cells->polls[k] = p->n;
        cells->covered[k] = p->covered;
    }
    return seen;
}

void store_rollacc_column(struct store_rollacc *ra, const struct store_column *c)
{
    struct store_acc_shard *sh = ra->ac->shards[ra->shard - 1];
    const uint32_t target = ra->ac->active[sh->target[c->slot]];
    struct roll_cells cells;

    if (cells_of(ra, target, &cells))
        sh->seen[c->slot] |= add_alike(ra, &cells, c) ? ra->all : add_buckets(ra, &cells, target, c);
}

static void flush_target(struct store_rollacc *ra, uint32_t target, uint32_t bucket, struct store_part **touched)
{
    const struct roll_cells cells = cells_at(ra, ra->local[target]);

    for (uint32_t k = cells.n[bucket] == 0 ? 0 : target; k != 0; k = ra->ac->active[ra->ac->targets[k].next]) {
        const struct store_target *t = &ra->ac->targets[k];
        int32_t at = ra->bucket[t->grid * BUCKETS_MAX + bucket];
        struct store_part_rolled *r =
            at < 0 || !store_accum_has_cells(ra->ac, t->group) ? NULL : rolled_of(ra, t->part, t->grid, ra->shard);
        if (r == NULL)
            continue;
        struct store_cell *c = &t->group->out.cells[ra->column[t->grid * BUCKETS_MAX + bucket]];
        c->n += (uint32_t)cells.n[bucket];
        c->sum = (int64_t)((uint64_t)c->sum + cells.sum[bucket]);
        t->group->seen = true;
        if (!t->part->touched) {
            t->part->touched = true;
            t->part->next_touched = *touched;
            t->part->touched_bucket = at;
            *touched = t->part;
            r->now = (struct store_point){.n = 0};
        }
        join(&r->now, &cells.points[bucket], ra->kind, ra->merge, true);
    }
}

void store_rollacc_end(struct store_rollacc *ra)
{
    struct store_accum *ac = ra->ac;

    for (uint32_t k = 0; k < ra->buckets.count; k++) {
        struct store_part *touched = NULL;
        for (uint32_t i = 0; ra->grids[k] != 0 && i < ac->touched_count; i++)
            flush_target(ra, ac->touched[i], k, &touched);
        for (; touched != NULL; touched = touched->next_touched) {
            touched->touched = false;
            follow(&touched->rolled->points[touched->touched_bucket], &touched->rolled->now);
        }
    }
    for (uint32_t i = 0; i < ac->touched_count; i++)
        ra->local[ac->touched[i]] = 0;
    ac->touched_count = 0;
}

/* ---- all of them ---- */

/* All shards and sources of a group in one bucket. A gauge's total is over the polls of all sources, each of which reads the whole
 * group. */
static void join_bucket(const struct store_acc_group *g, uint32_t bucket, const struct signal_info *info, struct store_point *ret,
                        int64_t *ret_polls)
{
    double mean = NAN;

    *ret = (struct store_point){.n = 0};
    *ret_polls = 0;
    for (const struct store_part *p = g->parts; p != NULL; p = p->next) {
        struct store_point source = {.n = 0};
        for (const struct store_part_rolled *r = p->rolled; r != NULL; r = r->next)
            if (r->points[bucket].n != 0)
                join(&source, &r->points[bucket], info->kind, info->merge, true);
        if (source.n == 0)
            continue;
        if (info->kind == KIND_GAUGE)
            mean = merge_gauge(info->merge, mean, source.total / (double)source.n);
        *ret_polls += source.n;
        join(ret, &source, info->kind, info->merge, false);
    }
    ret->total = mean * (double)*ret_polls;
}

/* What a column's buckets may have been covered beyond what is known. Polls longer than a bucket reach out of it. */
static int64_t most_of(const struct store_point *p, int64_t bucket_ms)
{
    return p->most > bucket_ms && p->covered <= p->n * bucket_ms ? bucket_ms : p->most;
}

/* The covered time of a column, bucket by bucket in time order. */
struct column_cover {
    int64_t covered, most;
    int32_t column;
};

/* Adds a bucket; returns whether the bounds of its column so far are apart by more than 1 %. */
static bool cover_bucket(struct column_cover *at, int32_t column, const struct store_point *p, int64_t bucket_ms)
{
    if (column != at->column)
        *at = (struct column_cover){.column = column};
    at->covered += p->covered;
    at->most += most_of(p, bucket_ms);
    return at->most - at->covered > at->covered / 100;
}

static void finish_group(struct store_rollacc *ra, struct store_acc_group *g, uint32_t grid, const struct signal_info *info)
{
    const struct store_plan *plan = &ra->plans[grid];
    struct column_cover at = {.column = -1};

    for (size_t i = 0; i < plan->count; i++) {
        const struct store_range *r = &plan->ranges[i];
        int64_t ms = store_plan_tier_ms(r->tier);
        for (uint32_t k = ra->first[grid][i]; k < ra->first[grid][i + 1]; k++) {
            int64_t end_ms = r->a_ms + (int64_t)(k - ra->first[grid][i] + 1) * ms, polls;
            int32_t column = store_grid_column(&ra->ac->grids[grid], end_ms);
            struct store_point p;
            join_bucket(g, k, info, &p, &polls);
            if (p.n == 0 || column < 0)
                continue;
            struct store_cell *c = &g->out.cells[column];
            if (info->kind == KIND_GAUGE)
                store_accum_point(g, column, p.last_ms, (uint32_t)polls, p.last, p.min, p.max, p.total);
            else
                c->polls += (uint32_t)polls;
            c->covered_ms += p.covered;
            c->covered_about = cover_bucket(&at, column, &p, ms);
        }
    }
}

/* The times of all groups of a query, source by source, in every bucket of its grid. */
static enum err join_sources(struct store_accum *ac, size_t q, uint32_t buckets, struct store_point **by_source)
{
    for (const struct store_acc_group *g = ac->groups[q]; g != NULL; g = g->next) {
        for (const struct store_part *p = g->parts; p != NULL; p = p->next) {
            if (p->rolled != NULL && by_source[p->source] == NULL)
                by_source[p->source] = arena_array(&ac->scratch, buckets, sizeof *by_source[p->source]);
            if (p->rolled != NULL && by_source[p->source] == NULL)
                return ERR_NOMEM;
            for (const struct store_part_rolled *r = p->rolled; r != NULL; r = r->next)
                for (uint32_t k = 0; k < buckets; k++)
                    if (r->points[k].n != 0)
                        join_time(&by_source[p->source][k], r->points[k].n, r->points[k].covered, r->points[k].most, true);
        }
    }
    return ERR_OK;
}

/* What the rollup buckets of a query cover, its groups together. */
static enum err finish_cover(struct store_rollacc *ra, size_t q, uint32_t grid)
{
    struct store_accum *ac = ra->ac;
    const struct store_plan *plan = &ra->plans[grid];
    struct store_point **by_source = arena_array(&ac->scratch, ac->axis_count, sizeof *by_source);
    struct store_cover *list = arena_array(&ac->scratch, ac->grids[grid].columns, sizeof *list);
    struct column_cover at = {.column = -1};

    if (by_source == NULL || list == NULL || join_sources(ac, q, ra->first[grid][plan->count], by_source) != ERR_OK)
        return ERR_NOMEM;
    for (size_t i = 0; i < plan->count; i++) {
        int64_t ms = store_plan_tier_ms(plan->ranges[i].tier);
        for (uint32_t k = ra->first[grid][i]; k < ra->first[grid][i + 1]; k++) {
            int32_t column = store_grid_column(&ac->grids[grid], plan->ranges[i].a_ms + (int64_t)(k - ra->first[grid][i] + 1) * ms);
            struct store_point p = {.n = 0};
            for (uint32_t s = 0; s < ac->axis_count; s++)
                if (by_source[s] != NULL && by_source[s][k].n != 0)
                    join_time(&p, by_source[s][k].n, by_source[s][k].covered, by_source[s][k].most, false);
            if (p.n == 0 || column < 0)
                continue;
            list[column].ms += p.covered;
            list[column].about = cover_bucket(&at, column, &p, ms);
        }
    }
    ac->covers[q] = list;
    return ERR_OK;
}

void store_rollacc_fini(struct store_rollacc *ra)
{
    free(ra->cells);
}

void store_rollacc_finish(struct store_rollacc *ra)
{
    for (size_t q = 0; q < ra->ac->query_count; q++) {
        const struct signal_info *info = signal_info(ra->ac->queries[q].signal);
        uint32_t grid = ra->ac->query_grids[q];
        if (ra->first[grid][ra->plans[grid].count] == 0 || ra->ac->twin[q] != 0)
            continue;
        for (struct store_acc_group *g = ra->ac->groups[q]; g != NULL; g = g->next)
            finish_group(ra, g, grid, info);
        if (info->kind != KIND_GAUGE && finish_cover(ra, q, grid) != ERR_OK)
            ra->ac->err = ERR_NOMEM;
    }
}
