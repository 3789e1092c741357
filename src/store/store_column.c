/* SPDX-License-Identifier: MIT */
#include "store/store_column.h"

static const struct store_layout raw_layouts[] = {
    [KIND_INCREMENT] = {.fields = 1},
    [KIND_GAUGE] = {.fields = 1, .reals = 1u << RAW_GAUGE},
    [KIND_HISTOGRAM] = {.fields = 2, .counts = true},
    [KIND_SCORE] = {.fields = 4},
};
static const struct store_layout rollup_layouts[] = {
    [KIND_INCREMENT] = {.fields = 3},
    [KIND_GAUGE] = {.fields = 7, .reals = 1u << ROLL_TOTAL | 1u << ROLL_MIN | 1u << ROLL_MAX | 1u << ROLL_LAST},
    [KIND_HISTOGRAM] = {.fields = 4, .counts = true},
    [KIND_SCORE] = {.fields = 6},
};

const struct store_layout *store_layout(bool rollup, enum signal_kind kind)
{
    return rollup ? &rollup_layouts[kind] : &raw_layouts[kind];
}

static void *grow(void *old, size_t used, size_t cap, size_t size, struct arena *a)
{
    void *p = arena_array(a, cap, size);

    if (p != NULL && used > 0)
        memcpy(p, old, used * size);
    return p;
}

static enum err reserve_counts(struct store_column *c, uint32_t counts, struct arena *a)
{
    uint32_t used = c->n == 0 ? 0 : c->first[c->n];

    if (used + counts <= c->counts_cap)
        return ERR_OK;
    uint32_t cap = c->counts_cap == 0 ? 32 : 2 * c->counts_cap;
    while (cap < used + counts)
        cap *= 2;
    struct store_hist_count *p = grow(c->counts, used, cap, sizeof *p, a);
    if (p == NULL)
        return ERR_NOMEM;
    c->counts = p;
    c->counts_cap = cap;
    return ERR_OK;
}

enum err store_column_reserve(struct store_column *c, const struct store_layout *l, uint32_t counts, struct arena *a)
{
    if (c->n == c->cap) {
        uint32_t cap = c->cap == 0 ? 64 : 2 * c->cap;
        c->at = grow(c->at, c->n, cap, sizeof *c->at, a);
        bool ok = c->at != NULL;
        for (uint32_t i = 0; i < l->fields; i++) {
            c->field[i] = grow(c->field[i], c->n, cap, sizeof *c->field[i], a);
            ok = ok && c->field[i] != NULL;
        }
        if (l->counts) {
            c->first = grow(c->first, c->n == 0 ? 0 : c->n + 1, (size_t)cap + 1, sizeof *c->first, a);
            ok = ok && c->first != NULL;
        }
        if (!ok)
            return ERR_NOMEM;
        c->cap = cap;
    }
    return l->counts ? reserve_counts(c, counts, a) : ERR_OK;
}

enum err store_column_push(struct store_column *c, enum signal_kind kind, uint16_t at, const struct store_item *it, struct arena *a)
{
    const struct store_layout *l = store_layout(false, kind);
    enum err e = store_column_reserve(c, l, kind == KIND_HISTOGRAM ? it->v.hist.count : 0, a);

    if (e != ERR_OK)
        return e;
    uint32_t i = c->n++;
    c->at[i] = at;
    if (kind == KIND_INCREMENT) {
        c->field[RAW_INCREMENT][i] = it->v.increment;
    } else if (kind == KIND_GAUGE) {
        c->field[RAW_GAUGE][i] = store_real_bits(it->v.gauge);
    } else if (kind == KIND_SCORE) {
        c->field[RAW_SCORE_N][i] = it->v.score.n;
        c->field[RAW_SCORE_SUM][i] = it->v.score.sum_fixed;
        c->field[RAW_SCORE_SUMSQ][i] = it->v.score.sumsq_fixed;
        c->field[RAW_SCORE_BAD][i] = it->v.score.bad;
    } else {
        uint32_t from = c->first[i];
        if (it->v.hist.count > 0)
            memcpy(c->counts + from, it->v.hist.counts, it->v.hist.count * sizeof *c->counts);
        c->first[i + 1] = from + it->v.hist.count;
        c->field[RAW_HIST_REST][i] = (int64_t)(it->v.hist.n - store_column_listed(c, i));
        c->field[RAW_HIST_SUM][i] = it->v.hist.sum_fixed;
    }
    return ERR_OK;
}

uint64_t store_column_listed(const struct store_column *c, uint32_t i)
{
    uint64_t n = 0;

    for (uint32_t k = c->first[i]; k < c->first[i + 1]; k++)
        n += c->counts[k].count;
    return n;
}

void store_column_item(const struct store_column *c, enum signal_kind kind, uint32_t i, struct store_item *ret)
{
    if (kind == KIND_INCREMENT) {
        ret->v.increment = c->field[RAW_INCREMENT][i];
    } else if (kind == KIND_GAUGE) {
        ret->v.gauge = store_bits_real(c->field[RAW_GAUGE][i]);
    } else if (kind == KIND_SCORE) {
        ret->v.score.n = c->field[RAW_SCORE_N][i];
        ret->v.score.sum_fixed = c->field[RAW_SCORE_SUM][i];
        ret->v.score.sumsq_fixed = c->field[RAW_SCORE_SUMSQ][i];
        ret->v.score.bad = c->field[RAW_SCORE_BAD][i];
    } else {
        ret->v.hist.counts = c->counts + c->first[i];
        ret->v.hist.count = c->first[i + 1] - c->first[i];
        ret->v.hist.n = store_column_listed(c, i) + (uint64_t)c->field[RAW_HIST_REST][i];
        ret->v.hist.sum_fixed = c->field[RAW_HIST_SUM][i];
    }
}

bool store_column_copy(struct store_column *c, const struct store_layout *l, struct arena *a)
{
    struct store_column copy = {.slot = c->slot, .n = c->n, .cap = c->n};
    bool ok = true;

    copy.at = arena_array(a, (size_t)c->n + 1, sizeof *copy.at);
    ok = copy.at != NULL;
    for (uint32_t f = 0; ok && f < l->fields; f++) {
        copy.field[f] = arena_array(a, (size_t)c->n + 1, sizeof *copy.field[f]);
        ok = copy.field[f] != NULL;
        if (ok)
            memcpy(copy.field[f], c->field[f], c->n * sizeof *copy.field[f]);
    }
    if (ok && l->counts) {
        copy.first = arena_array(a, (size_t)c->n + 1, sizeof *copy.first);
        copy.counts = arena_array(a, (size_t)c->first[c->n] + 1, sizeof *copy.counts);
        ok = copy.first != NULL && copy.counts != NULL;
        if (ok) {
            memcpy(copy.first, c->first, (c->n + 1) * sizeof *copy.first);
            memcpy(copy.counts, c->counts, c->first[c->n] * sizeof *copy.counts);
        }
    }
    if (ok)
        memcpy(copy.at, c->at, c->n * sizeof *copy.at);
    *c = copy;
    return ok;
}
