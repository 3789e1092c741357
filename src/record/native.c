/* SPDX-License-Identifier: MIT */
#include "record/native.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record/buckets.h"

enum {
    PER_OCTAVE = 32,     /* buckets of schema 5 */
    WIDTH_MAX = 32 * 16, /* schema -4, the coarsest there is */
};
static const double CLOSE = 1e-6;        /* of a bucket: bounds come as decimal text */
static const double COUNTS_MAX = 0x1p53; /* the API's counts are doubles */

void native_fini(struct native_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        free(l->list[i].cur);
        free(l->list[i].edges);
    }
    free(l->list);
    *l = (struct native_list){0};
}

enum err native_make(struct native_list *l, uint32_t *ret)
{
    if (l->count == l->cap) {
        uint32_t cap = l->cap == 0 ? 16 : l->cap * 2;
        struct native_hist *list = realloc(l->list, cap * sizeof *list);
        if (list == NULL)
            return ERR_NOMEM;
        l->list = list;
        l->cap = cap;
    }
    int64_t *counts = calloc(2 * (size_t)NATIVE_BUCKETS, sizeof *counts);
    if (counts == NULL)
        return ERR_NOMEM;
    l->list[l->count] = (struct native_hist){.out = SLOT_NONE, .cur = counts, .done = counts + NATIVE_BUCKETS};
    *ret = l->count++;
    return ERR_OK;
}

static int64_t to_count(double v)
{
    return v > 0 ? (int64_t)round(fmin(v, COUNTS_MAX)) : 0;
}

/* Width of a bucket in buckets of schema 5: 0 when it is not of base 2. */
static int width_of(double lo, double hi)
{
    double width = (log2(hi) - log2(lo)) * PER_OCTAVE, top = log2(hi) * PER_OCTAVE;
    if (width < 1 + CLOSE)
        return fabs(top * 8 - round(top * 8)) < CLOSE * 8 ? 1 : 0; /* schema 8 has eight to one of schema 5 */
    int w = (int)lround(width);
    bool power = w <= WIDTH_MAX && (w & (w - 1)) == 0;
    return power && fabs(width - w) < CLOSE * w && fabs(top / w - round(top / w)) < CLOSE ? w : 0;
}

/* The widest of them; NATIVE_CUSTOM where one is of no exponential scheme, whose buckets have finite bounds but for the last. */
static int width_of_all(double factor, const struct promjson_bucket *buckets, size_t count)
{
    int width = 1;
    for (size_t i = 0; i < count; i++) {
        const struct promjson_bucket *b = &buckets[i];
        if (isinf(b->lo) || (isinf(b->hi) && b->lo < DBL_MAX))
            return NATIVE_CUSTOM;
        if (b->lo <= 0 || isinf(b->hi))
            continue; /* the zero bucket, negative ones, which durations have not, and that of infinite observations */
        int w = width_of(b->lo * factor, b->hi * factor);
        if (w == 0)
            return NATIVE_CUSTOM;
        width = w > width ? w : width;
    }
    return width;
}

static void stage_exponential(struct native_hist *h, double factor, const struct promjson_bucket *buckets, size_t count)
{
    memset(h->cur, 0, NATIVE_BUCKETS * sizeof *h->cur);
    for (size_t i = 0; i < count; i++) {
        if (buckets[i].lo <= 0) {
            h->cur[0] += to_count(buckets[i].count);
            continue;
        }
        double top = ceil(log2(buckets[i].hi * factor) * PER_OCTAVE - CLOSE) - NATIVE_FIRST;
        size_t at = top < 0 ? 0 : top >= NATIVE_BUCKETS ? NATIVE_BUCKETS - 1 : (size_t)top;
        h->cur[at] += to_count(buckets[i].count);
    }
}

/* ---- custom bounds ---- */

/* The first edge at or above v. */
static uint32_t edge_at(const struct native_hist *h, double v)
{
    uint32_t at = 0;
    while (at < h->edge_count && h->edges[at] < v)
        at++;
    return at;
}

static bool has_edge(const struct native_hist *h, double v)
{
    const uint32_t at = edge_at(h, v);
    return isinf(v) || (at < h->edge_count && h->edges[at] == v);
}

/* Whether the buckets are of the set that is known: none reaches over a bound, and none divides one that held something. */
static bool is_of_set(const struct native_hist *h, const struct promjson_bucket *buckets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const double lo = buckets[i].lo, hi = buckets[i].hi;
        const uint32_t over = edge_at(h, nextafter(lo, INFINITY));
        if (over < h->edge_count && h->edges[over] < hi)
            return false;
        if ((!has_edge(h, lo) && h->done[edge_at(h, lo)] > 0) || (!has_edge(h, hi) && h->done[edge_at(h, hi)] > 0))
            return false;
    }
    return true;
}

/* How many finite bounds they have that are not known; rising, as they come, each is counted once. */
static size_t count_new(const struct native_hist *h, bool anew, const struct promjson_bucket *buckets, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const double lo = buckets[i].lo, hi = buckets[i].hi;
        const bool shared = i > 0 && buckets[i - 1].hi == lo;
        n += !shared && (anew ? isfinite(lo) : !has_edge(h, lo));
        n += anew ? isfinite(hi) : !has_edge(h, hi);
    }
    return n;
}

static void add_edge(struct native_hist *h, double v)
{
    const uint32_t at = edge_at(h, v);
    if (has_edge(h, v))
        return;
    memmove(h->edges + at + 1, h->edges + at, (h->edge_count - at) * sizeof *h->edges);
    memmove(h->done + at + 1, h->done + at, (h->edge_count + 1 - at) * sizeof *h->done); /* done[at] is 0, and so are both of its parts */
    h->edges[at] = v;
    h->edge_count++;
    h->out = SLOT_NONE;
}

static enum err stage_custom(struct native_hist *h, bool began_anew, const struct promjson_bucket *buckets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!(buckets[i].lo < buckets[i].hi))
            return ERR_PARSE;
    }
    const bool anew = h->width != NATIVE_CUSTOM || !is_of_set(h, buckets, count);
    if (count_new(h, anew, buckets, count) > HIST_BOUNDS_MAX - (anew ? 0 : h->edge_count))
        return ERR_LIMIT;
    if (h->edges == NULL && (h->edges = malloc(HIST_BOUNDS_MAX * sizeof *h->edges)) == NULL)
        return ERR_NOMEM;
    if (anew) {
        h->rebase |= h->width != 0 && !began_anew;
        h->edge_count = 0;
        h->out = SLOT_NONE;
        memset(h->done, 0, NATIVE_BUCKETS * sizeof *h->done);
    }
    for (size_t i = 0; i < count; i++) {
        add_edge(h, buckets[i].lo);
        add_edge(h, buckets[i].hi);
    }
    memset(h->cur, 0, NATIVE_BUCKETS * sizeof *h->cur);
    for (size_t i = 0; i < count; i++)
        h->cur[edge_at(h, buckets[i].hi)] += to_count(buckets[i].count);
    h->width = NATIVE_CUSTOM;
    return ERR_OK;
}

enum err native_stage(struct native_hist *h, double n, double sum, double factor, const struct promjson_bucket *buckets, size_t count)
{
    /* Custom ones that happen to be of base 2 are known by the first that is not. Without any, it is not known what they will be. */
    const int width = h->width == NATIVE_CUSTOM || count == 0 ? h->width : width_of_all(factor, buckets, count);
    if (width == NATIVE_CUSTOM) {
        enum err e = stage_custom(h, to_count(n) < h->last_n, buckets, count);
        if (e != ERR_OK)
            return e;
    } else {
        h->rebase |= width != h->width && h->width != 0; /* another resolution: nothing to compare with */
        h->out = width != h->width ? SLOT_NONE : h->out;
        h->width = width;
        stage_exponential(h, factor, buckets, count);
    }
    h->factor = factor;
    h->cur_n = to_count(n);
    h->cur_sum = sum;
    return ERR_OK;
}

struct native_delta native_step(struct native_hist *h, uint32_t poll, bool first, bool restarted, uint64_t *counts)
{
    bool is_new = h->last_seen == 0;
    struct native_delta d = {.moved = h->out == SLOT_NONE, .reset = !is_new && (restarted || h->cur_n < h->last_n)};
    bool baseline = (is_new && first) || h->rebase;
    h->rebase = false;
    if ((is_new || d.reset) && !baseline) {
        memset(h->done, 0, NATIVE_BUCKETS * sizeof *h->done);
        h->done_sum = 0;
        h->sum_based = true;
    }
    for (uint32_t i = 0; i < NATIVE_BUCKETS; i++) {
        counts[i] = buckets_account(&h->done[i], h->cur[i], baseline);
        d.n += counts[i];
    }
    double fixed = round(h->cur_sum * h->mult);
    bool summed = fixed >= -0x1p62 && fixed < 0x1p62;
    d.no_sum = !summed;
    if (summed && h->sum_based && !baseline) {
        d.summed = d.n;
        d.sum_fixed = (int64_t)fixed - h->done_sum;
    }
    h->done_sum = summed ? (int64_t)fixed : 0;
    h->sum_based = summed;
    h->last_n = h->cur_n;
    h->last_seen = poll;
    d.known = !baseline;
    return d;
}

uint32_t native_bounds(const struct native_hist *h, double *upper)
{
    uint32_t n = 0;
    for (; h->width == NATIVE_CUSTOM && n < h->edge_count; n++)
        upper[n] = buckets_seconds(h->edges[n], h->factor);
    for (int i = NATIVE_CLASSIC_LOW * PER_OCTAVE; h->width > 1 && i <= NATIVE_CLASSIC_HIGH * PER_OCTAVE; i += h->width)
        upper[n++] = exp2((double)i / PER_OCTAVE);
    return n;
}

uint32_t native_bucket(const struct native_hist *h, uint32_t i)
{
    int top = (int)i + NATIVE_FIRST, low = NATIVE_CLASSIC_LOW * PER_OCTAVE, high = NATIVE_CLASSIC_HIGH * PER_OCTAVE;
    if (h->width == NATIVE_CUSTOM || h->width == 1)
        return i;
    if (top <= low)
        return 0;
    int at = (top - low + h->width - 1) / h->width, last = (high - low) / h->width;
    return (uint32_t)(at <= last ? at : last + 1);
}
