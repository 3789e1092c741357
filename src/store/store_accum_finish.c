/* SPDX-License-Identifier: MIT */
/* What depends on whole polls: how many, the time they cover, and gauges. */
#include "store/store_accum.h"

#include <stdlib.h>
#include <string.h>

/* One poll of one source. All of them in time order are made once per read; a group walks those of its parts. */
struct step {
    const struct store_poll *poll;
    uint32_t source, index;
};

struct walk {
    struct step *all; /* of all sources */
    size_t count;
    struct step *own;            /* the same, source by source */
    size_t *first;               /* by source: where its own begin */
    struct store_part **part_of; /* by source: the group's part, NULL = none */
    struct step *merged;         /* [count] room for those of several sources */
    struct store_part *only;     /* the current group's, where it has one alone */
    const struct step *mine;     /* those of the current group's parts in the time of its grid */
    size_t mine_count;
    struct store_current current;
    /* What was counted last of one source's polls: groups are mostly in the same ones. */
    struct counted {
        const struct store_part *part; /* NULL: nothing yet */
        struct store_cover *columns;   /* [columns]; about is not told */
        uint32_t *polls;               /* [columns] */
    } counted;
};

static int steps_by_time(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    if (x->poll->t1_ms != y->poll->t1_ms)
        return x->poll->t1_ms < y->poll->t1_ms ? -1 : 1;
    return x->source < y->source ? -1 : x->source > y->source;
}

static enum err walk_init(struct walk *w, const struct store_accum *ac)
{
    size_t n = 0;

    *w = (struct walk){.all = NULL};
    for (uint32_t s = 0; s < ac->axis_count; s++)
        n += ac->axes[s].count;
    w->all = malloc((n + 1) * sizeof *w->all);
    w->own = malloc((n + 1) * sizeof *w->own);
    w->merged = malloc((n + 1) * sizeof *w->merged);
    w->first = malloc(((size_t)ac->axis_count + 1) * sizeof *w->first);
    w->part_of = calloc((size_t)ac->axis_count + 1, sizeof *w->part_of);
    enum err e = store_current_init(&w->current, ac->axis_count);
    if (w->all == NULL || w->own == NULL || w->merged == NULL || w->first == NULL || w->part_of == NULL || e != ERR_OK)
        return ERR_NOMEM;
    for (uint32_t s = 0; s < ac->axis_count; s++) {
        w->first[s] = w->count;
        for (uint32_t i = 0; i < ac->axes[s].count; i++)
            w->own[w->count++] = (struct step){.poll = &ac->axes[s].polls[i], .source = s, .index = i};
    }
    memcpy(w->all, w->own, w->count * sizeof *w->all);
    qsort(w->all, w->count, sizeof *w->all, steps_by_time);
    return ERR_OK;
}

static void walk_fini(struct walk *w)
{
    free(w->all);
    free(w->own);
    free(w->merged);
    free(w->first);
    free(w->part_of);
    store_current_fini(&w->current);
}

static bool has_bit(const uint64_t *bits, uint32_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

/* Those steps, in time order, that end in (a, b]. */
static const struct step *steps_in(const struct step *s, size_t count, int64_t a_ms, int64_t b_ms, size_t *ret_count)
{
    const int64_t bound[2] = {a_ms, b_ms};
    size_t at[2];

    for (int k = 0; k < 2; k++) {
        size_t lo = 0, hi = count;
        while (lo < hi) {
            size_t mid = lo + (hi - lo) / 2;
            if (s[mid].poll->t1_ms <= bound[k])
                lo = mid + 1;
            else
                hi = mid;
        }
        at[k] = lo;
    }
    *ret_count = at[1] - at[0];
    return s + at[0];
}

/* The polls of a group's parts in time order: those of its grid, and what its gauges look back at. */
static void collect(struct walk *w, const struct store_accum *ac, const struct store_acc_group *g, const struct store_grid *grid)
{
    const int64_t a_ms = grid->t0_ms - ac->lookback_ms, b_ms = grid->t0_ms + grid->step_ms * grid->columns;
    struct store_part *only = NULL;
    unsigned parts = 0;

    w->mine_count = 0;
    for (struct store_part *p = g->parts; p != NULL; p = p->next)
        if (p->bits != NULL) {
            w->part_of[p->source] = only = p;
            parts++;
        }
    w->only = parts == 1 ? only : NULL;
    if (parts == 1) {
        w->mine = steps_in(w->own + w->first[only->source], ac->axes[only->source].count, a_ms, b_ms, &w->mine_count);
    } else if (parts > 1) {
        size_t count;
        const struct step *all = steps_in(w->all, w->count, a_ms, b_ms, &count);
        for (size_t i = 0; i < count; i++)
            if (w->part_of[all[i].source] != NULL)
                w->merged[w->mine_count++] = all[i];
        w->mine = w->merged;
    }
}

/* The columns of rising instants. */
struct column_cursor {
    const struct store_grid *grid;
    int64_t from_ms, end_ms; /* of the current column */
    int32_t column;
};

static int32_t column_of(struct column_cursor *c, int64_t t1_ms)
{
    if (t1_ms <= c->from_ms || t1_ms > c->end_ms) {
        c->column = store_grid_column(c->grid, t1_ms);
        c->from_ms = c->column < 0 ? t1_ms : c->grid->t0_ms + c->column * c->grid->step_ms;
        c->end_ms = c->column < 0 ? t1_ms : c->from_ms + c->grid->step_ms;
    }
    return c->column;
}

/* Covered time is the union of the polls' intervals, so that sum / covered is a rate even where sources overlap. */
static void cover(int64_t *covered_ms, const struct store_poll *p, int64_t *end)
{
    int64_t from = p->t0_ms > *end ? p->t0_ms : *end;

    if (p->t0_ms != 0 && p->t1_ms > from)
        *covered_ms += p->t1_ms - from;
    *end = p->t1_ms;
}

static void count_polls(struct walk *w, const struct store_grid *grid)
{
    struct column_cursor cur = {.grid = grid, .from_ms = INT64_MAX};
    int64_t end = INT64_MIN;

    memset(w->counted.columns, 0, grid->columns * sizeof *w->counted.columns);
    memset(w->counted.polls, 0, grid->columns * sizeof *w->counted.polls);
    for (size_t i = 0; i < w->mine_count; i++) {
        const struct step *s = &w->mine[i];
        if (!has_bit(w->part_of[s->source]->bits, s->index))
            continue;
        int32_t column = column_of(&cur, s->poll->t1_ms);
        if (column < 0)
            continue;
        w->counted.polls[column]++;
        cover(&w->counted.columns[column].ms, s->poll, &end);
    }
}

static bool is_in_same_polls(const struct store_accum *ac, const struct store_part *a, const struct store_part *b)
{
    return a != NULL && a->source == b->source && memcmp(a->bits, b->bits, (ac->axes[a->source].count / 64 + 1) * sizeof *a->bits) == 0;
}

static void finish_polls(struct walk *w, const struct store_accum *ac, struct store_acc_group *g, const struct store_grid *grid)
{
    if (w->mine_count == 0)
        return;
    if (w->only == NULL || !is_in_same_polls(ac, w->counted.part, w->only))
        count_polls(w, grid);
    w->counted.part = w->only;
    for (uint32_t c = 0; c < grid->columns; c++) {
        g->out.cells[c].polls += w->counted.polls[c];
        g->out.cells[c].covered_ms += w->counted.columns[c].ms;
    }
}

void store_accum_point(struct store_acc_group *g, int32_t column, int64_t t1_ms, uint32_t polls, double last, double min, double max,
                       double total)
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

static enum err finish_gauge(struct walk *w, struct store_acc_group *g, enum merge merge, const struct store_grid *grid)
{
    struct column_cursor at = {.grid = grid, .from_ms = INT64_MAX};
    int64_t end = INT64_MIN;
    enum err e = ERR_OK;

    store_current_reset(&w->current, merge);
    for (size_t i = 0; e == ERR_OK && i < w->mine_count; i++) {
        const struct step *s = &w->mine[i];
        const struct store_part *p = w->part_of[s->source];
        store_current_expire(&w->current, s->source, s->poll);
        if (!has_bit(p->bits, s->index))
            continue;
        e = store_current_add(&w->current, s->source, s->poll, p->readings[s->index]);
        int32_t column = column_of(&at, s->poll->t1_ms);
        if (e != ERR_OK || column < 0 || has_bit(p->looked_back, s->index))
            continue;
        double v = store_current_value(&w->current);
        store_accum_point(g, column, s->poll->t1_ms, 1, v, v, v, v);
        cover(&g->out.cells[column].covered_ms, s->poll, &end);
    }
    return e;
}

/* By target first, which lie closer to each other than groups. */
static enum err count_series(struct store_accum *ac)
{
    uint32_t *count = arena_array(&ac->scratch, ac->target_count, sizeof *count);

    if (count == NULL)
        return ERR_NOMEM;
    for (uint32_t s = 0; s < ac->dict->shard_count; s++) {
        const struct store_acc_shard *sh = ac->shards[s];
        for (uint32_t i = 0; sh != NULL && i < STORE_SHARD_SERIES; i++)
            for (uint32_t k = sh->seen[i] == 0 ? 0 : sh->target[i]; k != 0; k = ac->targets[k].next)
                count[k] += (uint32_t)(sh->seen[i] >> ac->targets[k].grid % 64 & 1);
    }
    for (uint32_t k = 1; k < ac->target_count; k++)
        ac->targets[k].group->out.series += count[k];
    return ERR_OK;
}

/* By source: the polls in which any group of the query has a sample; NULL = none. */
static enum err join_bits(struct store_accum *ac, size_t q, uint64_t **any)
{
    for (const struct store_acc_group *g = ac->groups[q]; g != NULL; g = g->next) {
        for (const struct store_part *p = g->parts; g->seen && p != NULL; p = p->next) {
            size_t words = ac->axes[p->source].count / 64 + 1;
            if (p->bits == NULL)
                continue;
            if (any[p->source] == NULL)
                any[p->source] = arena_array(&ac->scratch, words, sizeof *any[p->source]);
            if (any[p->source] == NULL)
                return ERR_NOMEM;
            for (size_t i = 0; i < words; i++)
                any[p->source][i] |= p->bits[i];
        }
    }
    return ERR_OK;
}

/* The covered time of all groups together: what rollups cover, and the union of the polls. */
static enum err finish_cover(struct store_accum *ac, const struct walk *w, size_t q, const struct store_grid *grid,
                             struct store_cover **ret)
{
    struct column_cursor cur = {.grid = grid, .from_ms = INT64_MAX};
    struct store_cover *list = arena_array(ac->out, grid->columns, sizeof *list);
    uint64_t **any = arena_array(&ac->scratch, ac->axis_count, sizeof *any);
    int64_t end = INT64_MIN;

    if (list == NULL || any == NULL || join_bits(ac, q, any) != ERR_OK)
        return ERR_NOMEM;
    if (ac->covers[q] != NULL)
        memcpy(list, ac->covers[q], grid->columns * sizeof *list);
    for (size_t i = 0; i < w->count; i++) {
        const struct step *s = &w->all[i];
        int32_t column = column_of(&cur, s->poll->t1_ms);
        if (column >= 0 && any[s->source] != NULL && has_bit(any[s->source], s->index))
            cover(&list[column].ms, s->poll, &end);
    }
    *ret = list;
    return ERR_OK;
}

static enum err finish_query(struct store_accum *ac, struct walk *w, size_t q, struct store_result *ret)
{
    const struct store_grid *grid = &ac->grids[ac->query_grids[q]];
    struct store_group *list = arena_array(ac->out, (size_t)ac->group_counts[q] + 1, sizeof *list);
    const struct signal_info *info = signal_info(ac->queries[q].signal);
    enum err e = ERR_OK;
    struct store_cover *covered = NULL;
    size_t n = 0;

    if (list == NULL)
        return ERR_NOMEM;
    w->counted = (struct counted){.columns = arena_array(&ac->scratch, grid->columns, sizeof *w->counted.columns),
                                  .polls = arena_array(&ac->scratch, grid->columns, sizeof *w->counted.polls)};
    if (w->counted.columns == NULL || w->counted.polls == NULL)
        return ERR_NOMEM;
    if (info->kind != KIND_GAUGE)
        e = finish_cover(ac, w, q, grid, &covered);
    for (struct store_acc_group *g = ac->groups[q]; e == ERR_OK && g != NULL; g = g->next) {
        if (!g->seen)
            continue;
        collect(w, ac, g, grid);
        if (info->kind == KIND_GAUGE)
            e = finish_gauge(w, g, info->merge, grid);
        else
            finish_polls(w, ac, g, grid);
        for (const struct store_part *p = g->parts; p != NULL; p = p->next)
            w->part_of[p->source] = NULL;
        list[n++] = g->out;
    }
    if (e == ERR_OK)
        *ret = (struct store_result){.groups = list, .count = n, .cover = covered};
    return e;
}

enum err store_accum_finish(struct store_accum *ac, struct store_result *ret)
{
    struct walk w;

    store_accum_flush(ac);
    enum err e = ac->err == ERR_OK ? walk_init(&w, ac) : ac->err;

    if (ac->err != ERR_OK)
        return e;
    if (e == ERR_OK)
        e = count_series(ac);
    for (size_t q = 0; e == ERR_OK && q < ac->query_count; q++)
        e = ac->twin[q] == 0 ? finish_query(ac, &w, q, &ret[q]) : ERR_OK;
    for (size_t q = 0; e == ERR_OK && q < ac->query_count; q++)
        if (ac->twin[q] != 0)
            ret[q] = ret[ac->twin[q] - 1];
    walk_fini(&w);
    return e;
}
