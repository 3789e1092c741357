/* SPDX-License-Identifier: MIT */
#include "store/store_rollacc.h"

/* Readings of two series in one bucket are of the same time when they are no farther apart; else the older series has ended. 1.5 times a
 * minute, the longest usual interval. */
enum { SAME_TIME_MS = 90000 };

/* A group's samples from one source and shard in one bucket. */
struct store_point {
    int64_t n, covered;
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
    ra->column = arena_array(&ac->scratch, ac->grid_count + 1, sizeof *ra->column);
    ra->bucket = arena_array(&ac->scratch, ac->grid_count + 1, sizeof *ra->bucket);
    ra->points = arena_array(&ac->scratch, ac->target_count + 1, sizeof *ra->points);
    if (ra->points == NULL || ra->first == NULL || ra->column == NULL || ra->bucket == NULL)
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

/* Where a bucket that ends at end belongs in a grid. */
static void place_bucket(struct store_rollacc *ra, uint32_t g, int64_t end_ms, enum store_plan_tier tier)
{
    const struct store_plan *plan = &ra->plans[g];

    ra->column[g] = ra->bucket[g] = -1;
    for (size_t i = 0; i < plan->count; i++) {
        const struct store_range *r = &plan->ranges[i];
        if (end_ms <= r->a_ms || end_ms > r->b_ms || r->tier == PLAN_RAW || (tier != PLAN_RAW && tier != r->tier))
            continue;
        int32_t column = store_grid_column(&ra->ac->grids[g], end_ms);
        ra->column[g] = column;
        ra->bucket[g] = column < 0 ? -1 : (int32_t)(ra->first[g][i] + (uint32_t)((end_ms - r->a_ms - 1) / store_plan_tier_ms(r->tier)));
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

/* Several series, shards or sources in the same bucket. */
static void join(struct store_point *to, const struct store_point *from)
{
    bool first = to->n == 0;

    to->n = from->n > to->n ? from->n : to->n;
    to->covered = from->covered > to->covered ? from->covered : to->covered;
    to->total += from->total;
    to->min = first ? from->min : to->min + from->min;
    to->max = first ? from->max : to->max + from->max;
    if (first || from->last_ms > to->last_ms + SAME_TIME_MS) {
        to->last = from->last;
        to->last_ms = from->last_ms;
    } else if (from->last_ms >= to->last_ms - SAME_TIME_MS) {
        to->last += from->last;
        to->last_ms = from->last_ms > to->last_ms ? from->last_ms : to->last_ms;
    }
}

/* Two stretches of time. */
static void follow(struct store_point *to, const struct store_point *from)
{
    bool first = to->n == 0;

    to->n += from->n;
    to->covered += from->covered;
    to->total += from->total;
    to->min = first || from->min < to->min ? from->min : to->min;
    to->max = first || from->max > to->max ? from->max : to->max;
    if (first || from->last_ms >= to->last_ms) {
        to->last = from->last;
        to->last_ms = from->last_ms;
    }
}

static void read_point(const struct store_column *c, uint32_t i, enum signal_kind kind, int64_t end_ms, struct store_point *ret)
{
    *ret = (struct store_point){.n = c->field[ROLL_N][i], .covered = c->field[ROLL_COVERED][i]};
    if (kind != KIND_GAUGE)
        return;
    ret->total = store_bits_real(c->field[ROLL_TOTAL][i]);
    ret->min = store_bits_real(c->field[ROLL_MIN][i]);
    ret->max = store_bits_real(c->field[ROLL_MAX][i]);
    ret->last = store_bits_real(c->field[ROLL_LAST][i]);
    ret->last_ms = end_ms - c->field[ROLL_LAST_BACK][i];
}

static void read_sums(const struct store_column *c, uint32_t i, enum signal_kind kind, struct store_item *ret)
{
    if (kind == KIND_INCREMENT) {
        ret->v.increment = c->field[ROLL_INCREMENT][i];
    } else if (kind == KIND_SCORE) {
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

/* One bucket of a segment, added up per target before it goes to the groups. */
struct pending {
    struct store_rollacc *ra;
    uint32_t shard;
    enum signal_kind kind;
};

static void add_bucket(const struct pending *pd, const struct store_rolled *rc, uint32_t i, int64_t end_ms)
{
    struct store_accum *ac = pd->ra->ac;
    struct store_acc_shard *sh = ac->shards[pd->shard - 1];
    struct store_point now;
    uint32_t target = sh->target[rc->column.slot];

    read_point(&rc->column, i, pd->kind, end_ms, &now);
    if (now.n <= 0)
        return;
    if (ac->sums[target].n == 0) {
        ac->touched[ac->touched_count++] = target;
        pd->ra->points[target] = (struct store_point){.n = 0};
    }
    ac->sums[target].n += (uint32_t)now.n;
    join(&pd->ra->points[target], &now);
    for (uint32_t k = target; k != 0; k = ac->targets[k].next)
        if (pd->ra->bucket[ac->targets[k].grid] >= 0)
            sh->seen[rc->column.slot] |= UINT64_C(1) << ac->targets[k].grid % 64;
    if (pd->kind == KIND_INCREMENT) {
        ac->sums[target].sum += (uint64_t)rc->column.field[ROLL_INCREMENT][i];
    } else if (pd->kind != KIND_GAUGE) {
        struct store_item item = {.series = 0};
        read_sums(&rc->column, i, pd->kind, &item);
        for (uint32_t k = target; k != 0; k = ac->targets[k].next)
            if (pd->ra->bucket[ac->targets[k].grid] >= 0)
                store_accum_item(ac, &ac->targets[k], pd->ra->column[ac->targets[k].grid], &item);
    }
}

static void flush_target(const struct pending *pd, uint32_t target, struct store_part **touched)
{
    struct store_accum *ac = pd->ra->ac;

    for (uint32_t k = target; k != 0; k = ac->targets[k].next) {
        const struct store_target *t = &ac->targets[k];
        if (pd->ra->bucket[t->grid] < 0)
            continue;
        struct store_part_rolled *r = rolled_of(pd->ra, t->part, t->grid, pd->shard);
        if (r == NULL)
            return;
        struct store_cell *c = &t->group->out.cells[pd->ra->column[t->grid]];
        c->n += ac->sums[target].n;
        c->sum = (int64_t)((uint64_t)c->sum + ac->sums[target].sum);
        t->group->seen = true;
        if (!t->part->touched) {
            t->part->touched = true;
            t->part->next_touched = *touched;
            t->part->touched_bucket = pd->ra->bucket[t->grid];
            *touched = t->part;
            r->now = (struct store_point){.n = 0};
        }
        join(&r->now, &pd->ra->points[target]);
    }
    ac->sums[target] = (struct store_acc_sum){.n = 0};
}

static void flush_bucket(const struct pending *pd)
{
    struct store_accum *ac = pd->ra->ac;
    struct store_part *touched = NULL;

    for (uint32_t i = 0; i < ac->touched_count; i++)
        flush_target(pd, ac->touched[i], &touched);
    ac->touched_count = 0;
    for (; touched != NULL; touched = touched->next_touched) {
        touched->touched = false;
        follow(&touched->rolled->points[touched->touched_bucket], &touched->rolled->now);
    }
}

void store_rollacc_segment(struct store_rollacc *ra, struct store_rolled *list, size_t count, enum signal_kind kind, const struct store_buckets *b, uint32_t shard,
                           enum store_plan_tier tier)
{
    const struct pending pd = {.ra = ra, .shard = shard, .kind = kind};

    for (uint32_t k = 0; k < b->count; k++) {
        int64_t end_ms = b->start_ms + (k + 1) * b->step_ms;
        bool wanted = false;
        for (uint32_t g = 0; g < ra->ac->grid_count; g++) {
            place_bucket(ra, g, end_ms, tier);
            wanted = wanted || ra->bucket[g] >= 0;
        }
        for (size_t i = 0; i < count; i++) {
            struct store_rolled *rc = &list[i];
            while (rc->next < rc->column.n && rc->column.at[rc->next] < k)
                rc->next++;
            if (wanted && rc->next < rc->column.n && rc->column.at[rc->next] == k)
                add_bucket(&pd, rc, rc->next, end_ms);
        }
        flush_bucket(&pd);
    }
}

/* All shards and sources of a group in one bucket. */
static void join_bucket(const struct store_acc_group *g, uint32_t bucket, struct store_point *ret, int64_t *ret_polls)
{
    *ret = (struct store_point){.n = 0};
    *ret_polls = 0;
    for (const struct store_part *p = g->parts; p != NULL; p = p->next) {
        int64_t polls = 0;
        for (const struct store_part_rolled *r = p->rolled; r != NULL; r = r->next) {
            if (r->points[bucket].n == 0)
                continue;
            polls = r->points[bucket].n > polls ? r->points[bucket].n : polls;
            join(ret, &r->points[bucket]);
        }
        *ret_polls += polls;
    }
}

static void finish_group(struct store_rollacc *ra, struct store_acc_group *g, uint32_t grid, bool gauge)
{
    const struct store_plan *plan = &ra->plans[grid];

    for (size_t i = 0; i < plan->count; i++) {
        const struct store_range *r = &plan->ranges[i];
        int64_t ms = store_plan_tier_ms(r->tier);
        for (uint32_t k = ra->first[grid][i]; k < ra->first[grid][i + 1]; k++) {
            int64_t end_ms = r->a_ms + (int64_t)(k - ra->first[grid][i] + 1) * ms, polls;
            int32_t column = store_grid_column(&ra->ac->grids[grid], end_ms);
            struct store_point p;
            join_bucket(g, k, &p, &polls);
            if (p.n == 0 || column < 0)
                continue;
            if (gauge)
                store_accum_point(g, column, p.last_ms, (uint32_t)polls, p.last, p.min, p.max, p.total);
            else
                g->out.cells[column].polls += (uint32_t)polls;
            g->out.cells[column].covered_ms += p.covered;
        }
    }
}

void store_rollacc_finish(struct store_rollacc *ra)
{
    for (size_t q = 0; q < ra->ac->query_count; q++) {
        uint32_t grid = ra->ac->query_grids[q];
        bool gauge = signal_info(ra->ac->queries[q].signal)->kind == KIND_GAUGE;
        if (ra->first[grid][ra->plans[grid].count] == 0)
            continue;
        for (struct store_acc_group *g = ra->ac->groups[q]; g != NULL; g = g->next)
            finish_group(ra, g, grid, gauge);
    }
}
