/* SPDX-License-Identifier: MIT */
/* Adding samples to the cells of their targets. */
#include "store/store_accum.h"

#include <math.h>

static bool prepare_part(struct store_accum *ac, struct store_target *t)
{
    struct store_part *p = t->part;
    uint32_t polls = ac->axes[p->source].count;

    p->bits = arena_array(&ac->scratch, polls / 64 + 1, sizeof *p->bits);
    if (t->kind == KIND_GAUGE) {
        p->sums = arena_array(&ac->scratch, (size_t)polls + 1, sizeof *p->sums);
        p->looked_back = arena_array(&ac->scratch, polls / 64 + 1, sizeof *p->looked_back);
    }
    if (p->bits == NULL || (t->kind == KIND_GAUGE && (p->sums == NULL || p->looked_back == NULL))) {
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
    t->part->looked_back[poll / 64] |= UINT64_C(1) << (poll % 64);
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

static void add_item(struct store_accum *ac, struct store_target *t, int32_t column, const struct store_item *it)
{
    struct store_cell *c = &t->group->out.cells[column];

    if (t->kind == KIND_INCREMENT) {
        c->sum = (int64_t)((uint64_t)c->sum + (uint64_t)it->v.increment);
        return;
    }
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

void store_accum_item(struct store_accum *ac, struct store_target *t, int32_t column, uint32_t poll, const struct store_item *it)
{
    if (touch(ac, t, column, poll) != NULL)
        add_item(ac, t, column, it);
}

void store_accum_sums(struct store_accum *ac, struct store_target *t, int32_t column, int64_t n, const struct store_item *it)
{
    struct store_cell *c = &t->group->out.cells[column];

    if (!t->seen)
        see(t);
    c->n += (uint32_t)n;
    if (it != NULL)
        add_item(ac, t, column, it);
}

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

/* ---- a column ---- */

/* Marks the polls of a set of positions; columns of a chunk mostly share one set, which is then marked once. */
static bool mark_polls(struct store_accum *ac, struct store_target *t, const struct store_column *c, const uint32_t *polls, const int32_t *cols, uint64_t serial)
{
    struct store_part *p = t->part;

    if (p->bits == NULL && !prepare_part(ac, t))
        return false;
    if (p->mark == c->at && p->mark_serial == serial)
        return true;
    p->mark = c->at;
    p->mark_serial = serial;
    for (uint32_t i = 0; i < c->n; i++)
        if (cols[c->at[i]] >= 0)
            p->bits[polls[c->at[i]] / 64] |= UINT64_C(1) << polls[c->at[i]] % 64;
    return true;
}

static void add_increments(struct store_accum *ac, struct store_target *t, const struct store_column *c, const uint32_t *polls, const int32_t *cols, uint64_t serial)
{
    const int64_t *v = c->field[RAW_INCREMENT];

    if (!mark_polls(ac, t, c, polls, cols, serial))
        return;
    for (uint32_t i = 0; i < c->n;) {
        int32_t column = cols[c->at[i]];
        uint64_t sum = 0;
        uint32_t from = i;
        for (; i < c->n && cols[c->at[i]] == column; i++)
            sum += (uint64_t)v[i];
        if (column < 0)
            continue;
        struct store_cell *cell = &t->group->out.cells[column];
        cell->n += i - from;
        cell->sum = (int64_t)((uint64_t)cell->sum + sum);
        if (!t->seen)
            see(t);
    }
}

void store_accum_column(struct store_accum *ac, uint32_t first_target, enum signal_kind kind, const struct store_column *c, const uint32_t *polls,
                        const int32_t *cols, uint32_t axis, uint64_t serial)
{
    for (uint32_t k = first_target; k != 0; k = ac->targets[k].next) {
        struct store_target *t = &ac->targets[k];
        const int32_t *mine = cols + (size_t)t->grid * axis;
        if (kind == KIND_INCREMENT) {
            add_increments(ac, t, c, polls, mine, serial);
            continue;
        }
        for (uint32_t i = 0; i < c->n; i++) {
            struct store_item item = {.series = 0};
            int32_t column = mine[c->at[i]];
            if (column == -1 || (column < 0 && kind != KIND_GAUGE))
                continue;
            store_column_item(c, kind, i, &item);
            if (kind == KIND_GAUGE)
                store_accum_gauge(ac, t, column, polls[c->at[i]], item.v.gauge);
            else if (kind == KIND_HISTOGRAM && item.v.hist.n == 0 && item.v.hist.sum_fixed == 0)
                add_zero(ac, t, column, polls[c->at[i]]);
            else
                store_accum_item(ac, t, column, polls[c->at[i]], &item);
        }
    }
}

/* ---- a head row ---- */

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
