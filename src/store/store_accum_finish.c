/* SPDX-License-Identifier: MIT */
/* What depends on whole polls: how many, the time they cover, and gauges. */
#include "store/store_accum.h"

#include <stdlib.h>

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

static bool has_bit(const uint64_t *bits, uint32_t i) { return bits[i / 64] >> (i % 64) & 1; }

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
            if (all || has_bit(p->bits, i))
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
        if (!has_bit(steps[i].part->bits, steps[i].index) || column < 0)
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
        bool replaced = same && (unknown || now->poll->t0_ms == 0 || now->poll->t0_ms >= s->poll->t1_ms);
        int64_t hold = unknown ? STORE_GAUGE_HOLD_MS : (s->poll->t1_ms - s->poll->t0_ms) * 3 / 2;
        if (hold > STORE_GAUGE_HOLD_MS)
            hold = STORE_GAUGE_HOLD_MS;
        if (!replaced && now->poll->t1_ms - s->poll->t1_ms <= hold)
            cur->step[kept++] = s;
    }
    cur->count = kept;
}

void store_accum_point(struct store_acc_group *g, int32_t column, int64_t t1_ms, uint32_t polls, double last, double min, double max, double total)
{
    struct store_cell *c = &g->out.cells[column];
    bool first = c->polls == 0;

    c->polls += polls;
    c->total += total;
    if (first || t1_ms >= g->last_ms[column]) {
        c->last = last;
        g->last_ms[column] = t1_ms;
    }
    if (first || min < c->min)
        c->min = min;
    if (first || max > c->max)
        c->max = max;
}

static void finish_gauge(struct store_acc_group *g, const struct store_grid *grid, const struct step *steps, size_t n)
{
    struct current cur = {.count = 0};
    int64_t end = INT64_MIN;

    for (size_t i = 0; i < n; i++) {
        const struct step *s = &steps[i];
        int32_t column = store_grid_column(grid, s->poll->t1_ms);
        expire(&cur, s);
        if (!has_bit(s->part->bits, s->index))
            continue;
        if (cur.count < CURRENT_MAX)
            cur.step[cur.count++] = s;
        if (column < 0 || has_bit(s->part->looked_back, s->index))
            continue;
        double v = 0;
        for (unsigned k = 0; k < cur.count; k++)
            v += cur.step[k]->part->sums[cur.step[k]->index];
        struct store_cell *c = &g->out.cells[column];
        store_accum_point(g, column, s->poll->t1_ms, 1, v, v, v, v);
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
