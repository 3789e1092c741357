/* SPDX-License-Identifier: MIT */
#include "store/store_rollup.h"

#include <math.h>
#include <stdlib.h>

/* The bucket being added up. */
struct sum {
    enum signal_kind kind;
    int64_t bucket;              /* -1 = none */
    int64_t n, covered, ints[4]; /* increment; rest and sum of a histogram; the four of a score */
    double total, min, max, last;
    int64_t last_ms;
    struct store_hist_count *counts, *spare; /* [cap], rising by bucket */
    uint32_t count, cap;
    const struct store_buckets *to;
    struct store_column *out;
    struct arena *a;
};

static int64_t bucket_of(const struct store_buckets *b, int64_t t1_ms)
{
    if (t1_ms <= b->start_ms)
        return -1;
    int64_t i = (t1_ms - b->start_ms - 1) / b->step_ms;
    return i < b->count ? i : -1;
}

static enum err flush(struct sum *s)
{
    const struct store_layout *l = store_layout(true, s->kind);

    if (s->bucket < 0 || s->n == 0)
        return ERR_OK;
    enum err e = store_column_reserve(s->out, l, s->count, s->a);
    if (e != ERR_OK)
        return e;
    struct store_column *c = s->out;
    uint32_t i = c->n++;
    c->at[i] = (uint16_t)s->bucket;
    c->field[ROLL_N][i] = s->n;
    c->field[ROLL_COVERED][i] = s->covered;
    if (s->kind == KIND_GAUGE) {
        c->field[ROLL_LAST_BACK][i] = s->to->start_ms + (s->bucket + 1) * s->to->step_ms - s->last_ms;
        c->field[ROLL_TOTAL][i] = store_real_bits(s->total);
        c->field[ROLL_MIN][i] = store_real_bits(s->min);
        c->field[ROLL_MAX][i] = store_real_bits(s->max);
        c->field[ROLL_LAST][i] = store_real_bits(s->last);
        return ERR_OK;
    }
    for (uint32_t f = 2; f < l->fields; f++)
        c->field[f][i] = s->ints[f - 2];
    if (l->counts) {
        uint32_t from = c->first[i];
        if (s->count > 0)
            memcpy(c->counts + from, s->counts, s->count * sizeof *s->counts);
        c->first[i + 1] = from + s->count;
    }
    return ERR_OK;
}

/* Makes bucket the current one. */
static enum err turn_to(struct sum *s, int64_t bucket)
{
    if (s->bucket == bucket)
        return ERR_OK;
    enum err e = flush(s);
    s->bucket = bucket;
    s->n = s->covered = 0;
    memset(s->ints, 0, sizeof s->ints);
    s->total = 0;
    s->count = 0;
    return e;
}

static void add_ints(struct sum *s, unsigned i, int64_t v)
{
    s->ints[i] = (int64_t)((uint64_t)s->ints[i] + (uint64_t)v);
}

static void add_gauge(struct sum *s, double total, double min, double max, double last, int64_t last_ms)
{
    if (s->n == 0 || min < s->min)
        s->min = min;
    if (s->n == 0 || max > s->max)
        s->max = max;
    if (s->n == 0 || last_ms >= s->last_ms) {
        s->last = last;
        s->last_ms = last_ms;
    }
    s->total += total;
}

/* Merges two rising lists. */
static enum err add_counts(struct sum *s, const struct store_hist_count *c, uint32_t n)
{
    if (n == 0)
        return ERR_OK;
    if (s->count + n > s->cap) {
        uint32_t cap = s->cap == 0 ? 64 : 2 * s->cap;
        while (cap < s->count + n)
            cap *= 2;
        struct store_hist_count *bigger = arena_array(s->a, cap, sizeof *bigger);
        struct store_hist_count *spare = arena_array(s->a, cap, sizeof *spare);
        if (bigger == NULL || spare == NULL)
            return ERR_NOMEM;
        if (s->count > 0)
            memcpy(bigger, s->counts, s->count * sizeof *bigger);
        s->counts = bigger;
        s->spare = spare;
        s->cap = cap;
    }
    uint32_t i = 0, k = 0, m = 0;
    while (i < s->count || k < n) {
        if (k == n || (i < s->count && s->counts[i].bucket < c[k].bucket)) {
            s->spare[m++] = s->counts[i++];
        } else if (i == s->count || c[k].bucket < s->counts[i].bucket) {
            s->spare[m++] = c[k++];
        } else {
            s->spare[m] = s->counts[i++];
            s->spare[m++].count += c[k++].count;
        }
    }
    struct store_hist_count *old = s->counts;
    s->counts = s->spare;
    s->spare = old;
    s->count = m;
    return ERR_OK;
}

static enum err new_sum(struct sum *s, enum signal_kind kind, const struct store_buckets *to, uint32_t slot, struct arena *a)
{
    *s = (struct sum){.kind = kind, .bucket = -1, .to = to, .a = a};
    s->out = arena_alloc(a, sizeof *s->out);
    if (s->out == NULL)
        return ERR_NOMEM;
    s->out->slot = slot;
    return ERR_OK;
}

static enum err add_raw(struct sum *s, const struct store_column *raw, uint32_t i, int64_t t1_ms)
{
    enum err e = ERR_OK;

    switch (s->kind) {
    case KIND_INCREMENT: add_ints(s, 0, raw->field[RAW_INCREMENT][i]); break;
    case KIND_GAUGE: {
        double v = store_bits_real(raw->field[RAW_GAUGE][i]);
        add_gauge(s, v, v, v, v, t1_ms);
        break;
    }
    case KIND_HISTOGRAM:
        add_ints(s, 0, raw->field[RAW_HIST_REST][i]);
        add_ints(s, 1, raw->field[RAW_HIST_SUM][i]);
        e = add_counts(s, raw->counts + raw->first[i], raw->first[i + 1] - raw->first[i]);
        break;
    case KIND_SCORE:
        for (unsigned f = 0; f < 4; f++)
            add_ints(s, f, raw->field[f][i]);
        break;
    }
    s->n++;
    return e;
}

enum err store_rollup_raw(enum signal_kind kind, const struct store_column *raw, const struct store_poll *axis,
                          const struct store_buckets *to, struct arena *a, struct store_column **ret)
{
    struct sum s;
    int64_t before = INT64_MIN; /* the sample before, in any bucket */
    enum err e = new_sum(&s, kind, to, raw->slot, a);

    for (uint32_t i = 0; e == ERR_OK && i < raw->n; i++) {
        const struct store_poll *p = &axis[raw->at[i]];
        int64_t from = p->t0_ms > before ? p->t0_ms : before, bucket = bucket_of(to, p->t1_ms);
        if (kind == KIND_GAUGE && isnan(store_bits_real(raw->field[RAW_GAUGE][i])))
            continue;
        if (bucket >= 0) {
            e = turn_to(&s, bucket);
            if (e == ERR_OK)
                e = add_raw(&s, raw, i, p->t1_ms);
            if (p->t0_ms != 0 && p->t1_ms > from)
                s.covered += p->t1_ms - from;
        }
        before = p->t1_ms;
    }
    if (e == ERR_OK)
        e = flush(&s);
    if (e == ERR_OK)
        *ret = s.out->n == 0 ? NULL : s.out;
    return e;
}

/* ---- rollups of rollups ---- */

struct entry {
    int64_t start_ms;
    uint32_t part, i;
};

static int by_time(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->start_ms != y->start_ms)
        return x->start_ms < y->start_ms ? -1 : 1;
    return x->part < y->part ? -1 : x->part > y->part;
}

static enum err add_rolled(struct sum *s, const struct store_rollup_part *p, uint32_t i)
{
    const struct store_column *c = p->column;
    enum err e = ERR_OK;

    if (s->kind == KIND_GAUGE) {
        int64_t end = p->buckets.start_ms + (c->at[i] + 1) * p->buckets.step_ms;
        add_gauge(s, store_bits_real(c->field[ROLL_TOTAL][i]), store_bits_real(c->field[ROLL_MIN][i]),
                  store_bits_real(c->field[ROLL_MAX][i]), store_bits_real(c->field[ROLL_LAST][i]), end - c->field[ROLL_LAST_BACK][i]);
    } else {
        const struct store_layout *l = store_layout(true, s->kind);
        for (uint32_t f = 2; f < l->fields; f++)
            add_ints(s, f - 2, c->field[f][i]);
        if (l->counts)
            e = add_counts(s, c->counts + c->first[i], c->first[i + 1] - c->first[i]);
    }
    s->n += c->field[ROLL_N][i];
    s->covered += c->field[ROLL_COVERED][i];
    return e;
}

enum err store_rollup_merge(enum signal_kind kind, const struct store_rollup_part *parts, size_t count, const struct store_buckets *to,
                            struct arena *a, struct store_column **ret)
{
    struct sum s;
    size_t n = 0;
    enum err e = new_sum(&s, kind, to, count == 0 ? 0 : parts[0].column->slot, a);

    for (size_t k = 0; k < count; k++)
        n += parts[k].column->n;
    struct entry *list = e == ERR_OK ? arena_array(a, n + 1, sizeof *list) : NULL;
    if (list == NULL)
        return ERR_NOMEM;
    n = 0;
    for (uint32_t k = 0; k < count; k++)
        for (uint32_t i = 0; i < parts[k].column->n; i++)
            list[n++] = (struct entry){
                .start_ms = parts[k].buckets.start_ms + parts[k].column->at[i] * parts[k].buckets.step_ms, .part = k, .i = i};
    qsort(list, n, sizeof *list, by_time);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        int64_t bucket = bucket_of(to, list[i].start_ms + 1);
        if (bucket < 0)
            continue;
        e = turn_to(&s, bucket);
        if (e == ERR_OK)
            e = add_rolled(&s, &parts[list[i].part], list[i].i);
    }
    if (e == ERR_OK)
        e = flush(&s);
    if (e == ERR_OK)
        *ret = s.out->n == 0 ? NULL : s.out;
    return e;
}
