/* SPDX-License-Identifier: MIT */
#include "record/native.h"

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
    for (uint32_t i = 0; i < l->count; i++)
        free(l->list[i].cur);
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

bool native_stage(struct native_hist *h, double n, double sum, double factor, const struct promjson_bucket *buckets, size_t count)
{
    int width = 1;
    for (size_t i = 0; i < count; i++) {
        if (buckets[i].lo <= 0)
            continue; /* the zero bucket, and negative ones, which durations have not */
        int w = width_of(buckets[i].lo * factor, buckets[i].hi * factor);
        if (w == 0)
            return false;
        width = w > width ? w : width;
    }
    h->rebase |= width != h->width && h->width != 0; /* another resolution: nothing to compare with */
    h->out = width != h->width ? SLOT_NONE : h->out;
    h->width = width;
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
    h->cur_n = to_count(n);
    h->cur_sum = sum;
    return true;
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

uint32_t native_bounds(int width, double *upper)
{
    uint32_t n = 0;
    for (int i = NATIVE_CLASSIC_LOW * PER_OCTAVE; i <= NATIVE_CLASSIC_HIGH * PER_OCTAVE; i += width)
        upper[n++] = exp2((double)i / PER_OCTAVE);
    return n;
}

uint32_t native_classic(int width, uint32_t i)
{
    int top = (int)i + NATIVE_FIRST, low = NATIVE_CLASSIC_LOW * PER_OCTAVE, high = NATIVE_CLASSIC_HIGH * PER_OCTAVE;
    if (top <= low)
        return 0;
    int at = (top - low + width - 1) / width, last = (high - low) / width;
    return (uint32_t)(at <= last ? at : last + 1);
}
