/* SPDX-License-Identifier: MIT */
#include "record/outs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "record/native.h"

_Static_assert(SIG_COUNT <= 64, "signals are passed around as bits of one word");

enum { TABLE_FIRST = 128 }; /* a power of two */

void outs_fini(struct outs *o)
{
    if (o == NULL)
        return;
    for (uint32_t i = 0; i < o->count; i++)
        free(o->list[i].counts);
    free(o->list);
    free(o->table);
    *o = (struct outs){0};
}

static uint32_t place(const struct outs *o, uint32_t series)
{
    uint32_t at = (uint32_t)hash_u64(series, 0) & o->mask; /* ids are the store's own: no peer chooses them */
    while (o->table[at] != 0 && o->list[o->table[at] - 1].series != series)
        at = (at + 1) & o->mask;
    return at;
}

static enum err grow(struct outs *o)
{
    uint32_t size = o->table == NULL ? TABLE_FIRST : (o->mask + 1) * 2;
    struct out *list = realloc(o->list, (size_t)(size / 2) * sizeof *list);
    if (list == NULL)
        return ERR_NOMEM;
    o->list = list;
    uint32_t *table = calloc(size, sizeof *table);
    if (table == NULL)
        return ERR_NOMEM;
    free(o->table);
    o->table = table;
    o->mask = size - 1;
    o->cap = size / 2;
    for (uint32_t i = 0; i < o->count; i++)
        o->table[place(o, o->list[i].series)] = i + 1;
    return ERR_OK;
}

double outs_mult(enum signal signal, double factor)
{
    const struct signal_info *info = signal_info(signal);
    if (info->kind == KIND_GAUGE)
        return factor;
    double mult = (double)unit_scale(info->unit) * factor;
    return mult >= 1.0 && fabs(mult - round(mult)) < mult * 1e-12 ? round(mult) : mult;
}

enum err outs_get(struct outs *o, struct store *st, struct series *s, uint32_t buckets, const struct profile_metric *m, uint32_t *ret,
                  struct errctx *ctx)
{
    enum err e = store_series(st, s, &s->id, ctx);
    if (e != ERR_OK)
        return e;
    if (o->count == o->cap && (e = grow(o)) != ERR_OK)
        return errctx_set(ctx, e, "out of memory for the table of series");
    uint32_t at = place(o, s->id);
    if (o->table[at] != 0) {
        *ret = o->table[at] - 1;
        return ERR_OK;
    }
    uint64_t *counts = NULL;
    if (buckets > 0 && (counts = calloc(buckets, sizeof *counts)) == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for a histogram");
    uint32_t i = o->count++;
    o->list[i] = (struct out){
        .series = s->id,
        .signal = s->signal,
        .kind = (uint8_t)signal_info((enum signal)s->signal)->kind,
        .combine = (uint8_t)m->combine,
        .exponential = buckets > 0 && s->bounds == 0,
        .buckets = buckets,
        .counts = counts,
    };
    o->table[at] = i + 1;
    *ret = i;
    return ERR_OK;
}

struct out *outs_touch(struct outs *o, uint32_t i, uint32_t poll)
{
    struct out *out = &o->list[i];
    if (out->touched == poll)
        return out;
    out->before = out->touched;
    out->touched = poll;
    out->n = 0;
    out->fed_n = out->fed_sum = false;
    out->sum = out->bad = out->score_n = 0;
    out->gauge = NAN;
    if (out->dirty) {
        memset(out->counts, 0, out->buckets * sizeof *out->counts);
        out->dirty = false;
    }
    return out;
}

uint32_t outs_fed_before(const struct out *o, uint32_t poll)
{
    return o->touched == poll ? o->before : o->touched;
}

bool outs_add_buckets(struct out *o, const uint64_t *counts, uint32_t count)
{
    if (count != o->buckets)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        o->counts[i] += counts[i];
        o->dirty = o->dirty || counts[i] != 0;
    }
    return true;
}

void outs_add_n(struct out *o, int64_t by)
{
    if (o->kind != KIND_HISTOGRAM) {
        o->score_n += by;
        return;
    }
    o->fed_n = true;
    o->n += (uint64_t)by;
    o->counts[0] += (uint64_t)by;
    o->dirty = o->dirty || by != 0;
}

void outs_add_gauge(struct out *o, bool is_first, double v)
{
    if (is_first || isnan(o->gauge)) {
        o->gauge = v;
        return;
    }
    if (isnan(v))
        return;
    switch ((enum profile_combine)o->combine) {
    case COMBINE_SUM: o->gauge += v; break;
    case COMBINE_MIN: o->gauge = fmin(o->gauge, v); break;
    case COMBINE_MAX: o->gauge = fmax(o->gauge, v); break;
    }
}

bool outs_to_fixed(double mult, double v, int64_t *ret)
{
    double fixed = round(v * mult);
    if (!(fixed >= -0x1p62 && fixed < 0x1p62)) /* a bit of room, so that a difference of two always fits */
        return false;
    *ret = (int64_t)fixed;
    return true;
}

/* Where a number came without its sum, it waits. */
static void await_sum(struct out *o)
{
    if (o->fed_n && !o->fed_sum) {
        o->waiting_n += o->n;
        o->n = 0;
    } else if (o->fed_sum) {
        o->n += o->waiting_n;
        o->waiting_n = 0;
    }
}

static enum err hist_item(struct out *o, struct arena *a, struct store_item *item)
{
    await_sum(o);
    item->v.hist.sum_fixed = o->sum;
    item->v.hist.n = o->n;
    if (!o->dirty)
        return ERR_OK;
    uint32_t used = 0;
    for (uint32_t i = 0; i < o->buckets; i++)
        used += o->counts[i] != 0;
    uint32_t offset = o->exponential ? (uint32_t)((1 << 30) + NATIVE_FIRST) : 0; /* the store's numbering of exponential buckets */
    struct store_hist_count *counts = arena_array(a, used, sizeof *counts);
    if (counts == NULL)
        return ERR_NOMEM;
    uint32_t k = 0;
    for (uint32_t i = 0; i < o->buckets; i++) {
        if (o->counts[i] != 0)
            counts[k++] = (struct store_hist_count){i + offset, o->counts[i]};
    }
    item->v.hist.counts = counts;
    item->v.hist.count = used;
    return ERR_OK;
}

static bool has_value(const struct out *o)
{
    return o->kind != KIND_SCORE || o->has_sum || o->has_bad;
}

static void score_item(const struct out *o, struct store_item *item)
{
    item->v.score.n = o->score_n;
    item->v.score.bad = o->bad;
    item->v.score.sum_fixed = o->has_sum ? o->sum : (o->score_n - o->bad) * unit_scale(signal_info((enum signal)o->signal)->unit);
}

enum err outs_items(struct outs *o, uint32_t poll, struct arena *a, struct store_item **ret, size_t *ret_count, uint64_t *ret_signals)
{
    size_t count = 0;
    for (uint32_t i = 0; i < o->count; i++)
        count += o->list[i].touched == poll && has_value(&o->list[i]);
    struct store_item *items = count == 0 ? NULL : arena_array(a, count, sizeof *items);
    if (count > 0 && items == NULL)
        return ERR_NOMEM;
    uint64_t signals = 0;
    size_t k = 0;
    for (uint32_t i = 0; i < o->count; i++) {
        struct out *out = &o->list[i];
        if (out->touched != poll || !has_value(out))
            continue;
        struct store_item *item = &items[k++];
        item->series = out->series;
        signals |= UINT64_C(1) << out->signal;
        switch ((enum signal_kind)out->kind) {
        case KIND_INCREMENT: item->v.increment = out->sum; break;
        case KIND_GAUGE: item->v.gauge = out->gauge; break;
        case KIND_SCORE: score_item(out, item); break;
        case KIND_HISTOGRAM: {
            enum err e = hist_item(out, a, item);
            if (e != ERR_OK)
                return e;
            break;
        }
        }
    }
    *ret = items;
    *ret_count = count;
    *ret_signals = signals;
    return ERR_OK;
}
