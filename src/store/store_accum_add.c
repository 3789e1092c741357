/* SPDX-License-Identifier: MIT */
/* Adding samples to the cells of their targets. */
#include "store/store_accum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- one target ---- */

static bool prepare_part(struct store_accum *ac, const struct store_target *t)
{
    struct store_part *p = t->part;
    uint32_t polls = ac->axes[p->source].count;

    p->bits = arena_array(&ac->scratch, polls / 64 + 1, sizeof *p->bits);
    if (t->kind == KIND_GAUGE) {
        p->readings = arena_array(&ac->scratch, (size_t)polls + 1, sizeof *p->readings);
        p->looked_back = arena_array(&ac->scratch, polls / 64 + 1, sizeof *p->looked_back);
    }
    if (p->bits == NULL || (t->kind == KIND_GAUGE && (p->readings == NULL || p->looked_back == NULL))) {
        p->bits = NULL;
        ac->err = ERR_NOMEM;
        return false;
    }
    return true;
}

static void set_bit(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static void add_gauges(const struct store_target *t, int32_t column, uint32_t poll, uint32_t n, double v)
{
    struct store_part *p = t->part;
    bool first = (p->bits[poll / 64] >> (poll % 64) & 1) == 0;

    set_bit(p->bits, poll);
    p->readings[poll] = first ? v : merge_gauge((enum merge)t->merge, p->readings[poll], v);
    if (column < 0) {
        set_bit(p->looked_back, poll);
        return;
    }
    t->group->out.cells[column].n += n;
    t->group->seen = true;
}

/* The distribution of a set that a sample of these bounds goes into; NULL when out of memory. */
static struct hist *classic_hist(struct store_accum *ac, struct hist_set *set, const struct hist_bounds *b)
{
    struct hist *h = NULL;
    enum err e = hist_set_classic(set, b, ac->out, &h);

    if (e != ERR_OK)
        ac->err = e;
    return e == ERR_OK ? h : NULL;
}

/* Observations that the buckets hold. */
static uint64_t listed(const struct store_item *it)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < it->v.hist.count; i++)
        n += it->v.hist.counts[i].count;
    return n;
}

static inline void count_bucket(struct hist *h, const struct hist_bounds *b, const struct store_hist_count *c)
{
    if (c->bucket > b->count)
        return;
    if (h->bounds == b)
        h->counts[c->bucket] += c->count;
    else
        hist_count(h, b, c->bucket, c->count);
}

static void add_classic(struct store_accum *ac, struct hist_set *set, const struct hist_bounds *b, const struct store_item *it)
{
    struct hist *h = classic_hist(ac, set, b);

    if (h == NULL)
        return;
    for (uint32_t i = 0; i < it->v.hist.count; i++)
        count_bucket(h, b, &it->v.hist.counts[i]);
    h->n += listed(it);
    h->summed += it->v.hist.n;
    h->sum_fixed = (int64_t)((uint64_t)h->sum_fixed + (uint64_t)it->v.hist.sum_fixed);
}

static void add_exponential(struct store_accum *ac, struct hist_set *set, const struct store_item *it)
{
    enum { EXPONENTIAL_OFFSET = 1 << 30, WIDTH_MAX = 1 << 16 /* 2^2048 of range: no real histogram is wider */ };
    const struct store_hist_count *counts = it->v.hist.counts;
    uint32_t n = it->v.hist.count;
    const uint64_t in_buckets = listed(it);
    struct hist h = {.scheme = HIST_EXPONENTIAL, .n = in_buckets, .summed = it->v.hist.n, .sum_fixed = it->v.hist.sum_fixed};

    for (; n > 0 && counts[0].bucket <= EXPONENTIAL_OFFSET + HIST_EXP_LEAST; counts++, n--)
        h.zero += counts[0].count;
    if (it->v.hist.n > in_buckets) { /* as recordings had it before the zero bucket was one of the list */
        h.zero += it->v.hist.n - in_buckets;
        h.n = it->v.hist.n;
    }
    if (n > 0) {
        h.first = (int32_t)((int64_t)counts[0].bucket - EXPONENTIAL_OFFSET);
        h.count = counts[n - 1].bucket - counts[0].bucket + 1;
        if (h.count > WIDTH_MAX)
            return;
        h.counts = arena_array(&ac->scratch, h.count, sizeof *h.counts);
        if (h.counts == NULL) {
            ac->err = ERR_NOMEM;
            return;
        }
    }
    for (uint32_t i = 0; i < n; i++)
        h.counts[counts[i].bucket - counts[0].bucket] = counts[i].count;
    enum err e = hist_set_add(set, &h, ac->out);
    if (e != ERR_OK)
        ac->err = e;
}

void store_accum_item(struct store_accum *ac, const struct store_target *t, int32_t column, const struct store_item *it)
{
    if (!store_accum_has_cells(ac, t->group))
        return;
    struct store_cell *c = &t->group->out.cells[column];
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

/* ---- head rows ---- */

/* Makes room for one more target in the rows at hand. */
static bool meet_target(struct store_acc_rows *rows, uint32_t target)
{
    if (rows->met == rows->cap) {
        const uint32_t cap = rows->cap == 0 ? 256 : 2 * rows->cap;
        struct store_acc_sums *p = realloc(rows->sums, cap * sizeof *p);
        if (p == NULL)
            return false;
        memset(p + rows->cap, 0, (cap - rows->cap) * sizeof *p);
        rows->sums = p;
        rows->cap = cap;
    }
    rows->targets[rows->met++] = target;
    rows->local[target] = rows->met;
    return true;
}

/* The sums of a target in the rows at hand, into those of a set of which something is added now; NULL when out of memory. */
static inline struct store_acc_sums *sums_of(struct store_accum *ac, uint32_t target, uint32_t set)
{
    struct store_acc_rows *rows = &ac->rows;

    if (rows->local[target] == 0 && !meet_target(rows, target)) {
        ac->err = ERR_NOMEM;
        return NULL;
    }
    const uint32_t k = rows->local[target] - 1;
    if (rows->set[k] == 0) {
        const uint32_t at = rows->first + rows->queued++;
        rows->queue[at < ac->target_count ? at : at - ac->target_count] = target;
    }
    rows->set[k] |= set;
    return &rows->sums[k];
}

static inline void add_to_row(struct store_accum *ac, uint32_t target, uint64_t v)
{
    const uint32_t r = ac->rows.count - 1;
    struct store_acc_sums *s = sums_of(ac, target, UINT32_C(1) << r);

    if (s == NULL)
        return;
    s->row[r].n++;
    s->row[r].sum += v;
}

/* Marks the polls of a set of rows. */
static void mark_rows(uint64_t *bits, const struct store_acc_rows *rows, uint32_t set)
{
    const uint32_t first = rows->polls[0], at = first % 64;
    const uint64_t beyond = at == 0 ? 0 : (uint64_t)set >> (64 - at); /* the word that the first poll is in */

    for (; !rows->in_turn && set != 0; set &= set - 1)
        set_bit(bits, rows->polls[__builtin_ctz(set)]);
    if (set == 0)
        return;
    bits[first / 64] |= (uint64_t)set << at;
    if (beyond != 0)
        bits[first / 64 + 1] |= beyond;
}

/* Rows in the same column are added up first. */
static void flush_numbers(struct store_accum *ac, const struct store_target *t, const struct store_acc_sums *s, uint32_t set)
{
    const struct store_acc_of_grid *g = &ac->rows.grids[t->grid];

    set &= g->rows;
    if (set == 0 || (t->part->bits == NULL && !prepare_part(ac, t)) || !store_accum_has_cells(ac, t->group))
        return;
    mark_rows(t->part->bits, &ac->rows, set);
    for (const struct store_acc_span *span = g->spans; span < g->spans + g->count; span++) {
        struct store_cell *c = &t->group->out.cells[span->column];
        uint64_t sum = 0, n = 0;
        for (uint32_t r = span->first; r < span->end; r++) {
            sum += s->row[r].sum;
            n += s->row[r].n;
        }
        c->n += (uint32_t)n;
        c->sum = (int64_t)((uint64_t)c->sum + sum);
    }
    t->group->seen = true;
}

/* Whole numbers go from group to group: those of a target go into the groups that it alone is added to, too, and then are added to the
 * target of the other groups, which waits its turn behind, so that what many series share is added to once and not once for each. What
 * histograms and scores hold is there already, they bring their n. */
void store_accum_flush(struct store_accum *ac)
{
    struct store_acc_rows *rows = &ac->rows;

    while (rows->queued > 0) {
        const uint32_t target = rows->queue[rows->first];
        uint32_t alone = ac->targets[target].next;
        while (alone != 0 && rows->feeders[alone] == 1)
            alone = ac->targets[alone].next;
        const uint32_t next = ac->active[alone];
        rows->first = rows->first + 1 < ac->target_count ? rows->first + 1 : 0;
        rows->queued--;
        const uint32_t number = rows->local[target] - 1, set = rows->set[number];
        struct store_acc_sums *to = next != 0 ? sums_of(ac, next, set) : NULL, *from = &rows->sums[number];
        for (uint32_t r = 0; to != NULL && r < rows->count; r++) {
            to->row[r].sum += from->row[r].sum;
            to->row[r].n += from->row[r].n;
        }
        for (uint32_t k = target; k != alone; k = ac->targets[k].next)
            if (store_grids_have(&ac->grids_active, ac->targets[k].grid))
                flush_numbers(ac, &ac->targets[k], from, set);
        memset(from->row, 0, rows->count * sizeof from->row[0]);
        rows->set[number] = 0;
    }
    for (uint32_t g = 0; g < ac->grid_count; g++)
        rows->grids[g].count = rows->grids[g].rows = 0;
    for (uint32_t i = 0; i < rows->met; i++)
        rows->local[rows->targets[i]] = 0;
    rows->met = rows->count = rows->first = 0;
}

/* Readings, whose sum depends on their order, go into each group by themselves. */
static void flush_readings(struct store_accum *ac, uint32_t poll, const int32_t *cols)
{
    for (uint32_t i = 0; i < ac->touched_count; i++) {
        const struct store_acc_reading s = ac->readings[ac->touched[i]];
        ac->readings[ac->touched[i]] = (struct store_acc_reading){.n = 0};
        for (uint32_t k = ac->touched[i]; k != 0; k = ac->active[ac->targets[k].next]) {
            const struct store_target *t = &ac->targets[k];
            if ((t->part->bits != NULL || prepare_part(ac, t)) && store_accum_has_cells(ac, t->group))
                add_gauges(t, cols[t->grid], poll, s.n, s.gauge);
        }
    }
    ac->touched_count = 0;
}

/* A gauge of one more series of the row. */
static void add_reading(struct store_accum *ac, uint32_t target, double v)
{
    struct store_acc_reading *s = &ac->readings[target];

    if (s->n == 0)
        ac->touched[ac->touched_count++] = target;
    s->gauge = s->n++ == 0 ? v : merge_gauge((enum merge)ac->targets[target].merge, s->gauge, v);
}

static void add_zeros(struct store_accum *ac, struct store_acc_shard *sh, const uint16_t *slots, uint32_t count, bool gauge, uint64_t seen)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t target = ac->active[sh->target[slots[i]]];
        if (target == 0)
            continue;
        if (gauge)
            add_reading(ac, target, 0);
        else
            add_to_row(ac, target, 0);
        sh->seen[slots[i]] |= seen;
    }
}

static bool add_increment_run(struct store_accum *ac, struct store_acc_shard *sh, struct store_head_iter *it, const uint16_t *slots,
                              uint32_t count, uint64_t seen)
{
    struct store_bytes in = it->in; /* in registers */

    for (uint32_t i = 0; i < count; i++) {
        uint32_t target = ac->active[sh->target[slots[i]]];
        int64_t v;
        if (!store_bytes_signed(&in, &v))
            return false;
        if (target == 0)
            continue;
        add_to_row(ac, target, (uint64_t)v);
        sh->seen[slots[i]] |= seen;
    }
    it->in = in;
    return true;
}

static bool add_gauge_run(struct store_accum *ac, struct store_acc_shard *sh, struct store_head_iter *it, const uint16_t *slots,
                          uint32_t count, uint64_t seen)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t target = ac->active[sh->target[slots[i]]];
        double v;
        if (!store_head_get_gauge(&it->in, &v))
            return false;
        if (target == 0 || isnan(v)) /* the source says that it does not know: no sample */
            continue;
        add_reading(ac, target, v);
        sh->seen[slots[i]] |= seen;
    }
    return true;
}

static bool add_item_run(struct store_accum *ac, struct store_acc_shard *sh, struct store_head_iter *it, enum store_run kind,
                         const uint16_t *slots, uint32_t count, uint64_t seen, const int32_t *cols, struct store_hist_count *room)
{
    for (uint32_t i = 0; i < count; i++) {
        struct store_item item = {.series = 0};
        if (!store_head_get(it, kind, room, &item))
            return false;
        const uint32_t target = ac->active[sh->target[slots[i]]];
        if (target == 0)
            continue;
        add_to_row(ac, target, 0);
        sh->seen[slots[i]] |= seen;
        for (uint32_t k = target; k != 0; k = ac->active[ac->targets[k].next])
            if (cols[ac->targets[k].grid] >= 0)
                store_accum_item(ac, &ac->targets[k], cols[ac->targets[k].grid], &item);
    }
    return true;
}

static bool add_section(struct store_accum *ac, struct store_acc_shard *sh, struct store_head_iter *it, const struct store_section *sec,
                        uint64_t seen, const int32_t *cols, struct store_hist_count *room)
{
    enum store_run kind;
    uint32_t first, count;

    while (store_head_run(it, &kind, &first, &count)) {
        bool ok = true;
        if (kind == RUN_ABSENT)
            continue;
        if (first + count > sec->count || (kind != RUN_ZERO && kind != store_run_of_kind(sec->kind)))
            return false;
        const uint16_t *slots = sec->slots + first;
        if (kind == RUN_ZERO)
            add_zeros(ac, sh, slots, count, sec->kind == KIND_GAUGE, seen);
        else if (kind == RUN_INCREMENT)
            ok = add_increment_run(ac, sh, it, slots, count, seen);
        else if (kind == RUN_GAUGE)
            ok = add_gauge_run(ac, sh, it, slots, count, seen);
        else
            ok = add_item_run(ac, sh, it, kind, slots, count, seen, cols, room);
        if (!ok)
            return false;
    }
    return it->in.p == it->in.end;
}

/* Takes one more row in. */
static void begin_row(struct store_accum *ac, uint32_t shard, uint32_t poll, const int32_t *cols)
{
    struct store_acc_rows *rows = &ac->rows;
    const uint32_t r = rows->count++;

    rows->shard = shard;
    rows->in_turn = r == 0 || (rows->in_turn && poll == rows->polls[r - 1] + 1);
    rows->polls[r] = poll;
    for (uint32_t g = 0; g < ac->grid_count; g++) {
        struct store_acc_of_grid *of = &rows->grids[g];
        const struct store_acc_span *last = of->count > 0 ? &of->spans[of->count - 1] : NULL;
        if (cols[g] < 0)
            continue;
        if (last == NULL || last->column != cols[g] || last->end != r)
            of->spans[of->count++] = (struct store_acc_span){r, r, cols[g]};
        of->spans[of->count - 1].end = r + 1;
        of->rows |= UINT32_C(1) << r;
    }
}

bool store_accum_row(struct store_accum *ac, uint32_t shard, struct store_head_iter *it, uint32_t poll, const int32_t *cols,
                     struct store_hist_count *room)
{
    struct store_acc_shard *sh = ac->shards[shard - 1];
    struct store_acc_rows *rows = &ac->rows;
    uint64_t seen = 0;
    unsigned signal;
    bool bad = false;

    if (rows->count == STORE_ACC_ROWS || rows->shard != shard)
        store_accum_flush(ac);
    for (uint32_t g = 0; g < ac->grid_count; g++)
        if (cols[g] >= 0)
            seen |= UINT64_C(1) << g % 64;
    begin_row(ac, shard, poll, cols);
    while (!bad && store_head_section(it, &signal, &bad)) {
        if (!store_accum_wants_signal(ac, sh, signal))
            continue;
        const struct store_section *sec = store_dict_section(&ac->dict->shards[shard - 1], signal);
        bad = sec == NULL || !add_section(ac, sh, it, sec, seen, cols, room);
    }
    flush_readings(ac, poll, cols);
    return !bad;
}

/* ---- a column ---- */

/* The first of a column's samples that is not before a position. A column mostly has one at every position from its first one on. */
static uint32_t sample_from(const struct store_column *c, uint32_t position)
{
    uint32_t lo = 0, hi = c->n > 0 && position > c->at[0] ? position - c->at[0] : 0;

    hi = hi < c->n ? hi : c->n;
    if (hi < c->n && c->at[hi] == position)
        return hi;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (c->at[mid] < position)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* The samples of a column that lie in a grid's reach. */
struct part_of_column {
    const struct store_column *c;
    const int32_t *cols; /* by position */
    uint32_t first, end;
};

/* Marks the polls of a set of positions; columns of a chunk mostly share one set, which is then marked once. */
static void mark_polls(const struct store_target *t, const struct part_of_column *in, const struct store_acc_place *at)
{
    const struct store_column *c = in->c;
    struct store_part *p = t->part;

    if (p->mark == c->at && p->mark_serial == at->serial)
        return;
    p->mark = c->at;
    p->mark_serial = at->serial;
    for (uint32_t i = in->first; i < in->end; i++)
        if (in->cols[c->at[i]] >= 0)
            set_bit(p->bits, at->polls[c->at[i]]);
}

/* Stretches of positions in the same column are added up first. */
static bool add_increments(const struct store_target *t, const struct part_of_column *in)
{
    const int64_t *v = in->c->field[RAW_INCREMENT];
    const uint16_t *at = in->c->at;
    bool any = false;

    for (uint32_t i = in->first; i < in->end;) {
        int32_t column = in->cols[at[i]];
        uint64_t sum = 0;
        uint32_t from = i;
        for (; i < in->end && in->cols[at[i]] == column; i++)
            sum += (uint64_t)v[i];
        if (column < 0)
            continue;
        struct store_cell *cell = &t->group->out.cells[column];
        cell->n += i - from;
        cell->sum = (int64_t)((uint64_t)cell->sum + sum);
        any = true;
    }
    return any;
}

static bool add_gauge_column(const struct store_target *t, const struct part_of_column *in, const struct store_acc_place *at)
{
    const struct store_column *c = in->c;
    bool any = false;

    for (uint32_t i = in->first; i < in->end; i++) {
        int32_t column = in->cols[c->at[i]];
        double v = store_bits_real(c->field[RAW_GAUGE][i]);
        if (column == -1 || isnan(v))
            continue;
        add_gauges(t, column, at->polls[c->at[i]], 1, v);
        any = any || column >= 0;
    }
    return any;
}

/* Classic histograms: the samples of a stretch in one column lie side by side, so their buckets are added in one go. */
static bool add_classic_column(struct store_accum *ac, const struct store_target *t, const struct part_of_column *in)
{
    const struct hist_bounds *b = ac->dict->bounds[t->bounds - 1];
    const struct store_column *c = in->c;
    bool any = false;

    for (uint32_t i = in->first; i < in->end;) {
        int32_t column = in->cols[c->at[i]];
        uint32_t from = i;
        uint64_t sum = 0, n = 0, rest = 0;
        for (; i < in->end && in->cols[c->at[i]] == column; i++) {
            sum += (uint64_t)c->field[RAW_HIST_SUM][i];
            rest += (uint64_t)c->field[RAW_HIST_REST][i];
        }
        if (column < 0)
            continue;
        struct store_cell *cell = &t->group->out.cells[column];
        cell->n += i - from;
        cell->sum = (int64_t)((uint64_t)cell->sum + sum);
        any = true;
        struct hist *h = classic_hist(ac, &t->group->out.hists[column], b);
        if (h == NULL)
            continue;
        for (uint32_t k = c->first[from]; k < c->first[i]; k++) {
            n += c->counts[k].count;
            count_bucket(h, b, &c->counts[k]);
        }
        h->n += n;
        h->summed += n + rest;
        h->sum_fixed = (int64_t)((uint64_t)h->sum_fixed + sum);
    }
    return any;
}

static bool add_items(struct store_accum *ac, const struct store_target *t, enum signal_kind kind, const struct part_of_column *in)
{
    const struct store_column *c = in->c;
    bool any = false;

    for (uint32_t i = in->first; i < in->end; i++) {
        struct store_item item = {.series = 0};
        int32_t column = in->cols[c->at[i]];
        if (column < 0)
            continue;
        any = true;
        t->group->out.cells[column].n++;
        store_column_item(c, kind, i, &item);
        if (kind == KIND_SCORE || item.v.hist.count != 0 || item.v.hist.n != 0 || item.v.hist.sum_fixed != 0)
            store_accum_item(ac, t, column, &item);
    }
    return any;
}

void store_accum_column(struct store_accum *ac, const struct store_acc_place *at, enum signal_kind kind, const struct store_column *c)
{
    struct store_acc_shard *sh = ac->shards[at->shard - 1];

    for (uint32_t k = ac->active[sh->target[c->slot]]; k != 0; k = ac->active[ac->targets[k].next]) {
        const struct store_target *t = &ac->targets[k];
        const struct store_acc_reach *reach = &at->reach[t->grid];
        bool any = false;
        const struct part_of_column in = {c, at->cols + (size_t)t->grid * at->axis, sample_from(c, reach->first),
                                          sample_from(c, reach->end)};
        if ((t->part->bits == NULL && !prepare_part(ac, t)) || !store_accum_has_cells(ac, t->group))
            return;
        if (kind == KIND_GAUGE) {
            any = add_gauge_column(t, &in, at);
        } else {
            mark_polls(t, &in, at);
            any = kind == KIND_INCREMENT                     ? add_increments(t, &in)
                  : kind == KIND_HISTOGRAM && t->bounds != 0 ? add_classic_column(ac, t, &in)
                                                             : add_items(ac, t, kind, &in);
        }
        if (any) {
            t->group->seen = true;
            sh->seen[c->slot] |= UINT64_C(1) << t->grid % 64;
        }
    }
}
