/* SPDX-License-Identifier: MIT */
/* How this works: a bucket tells only that its observations lie in (low, high]. Put all of them at their low edges and all at their high
 * edges: that gives a lower and an upper distribution with the true one between them, whatever mixture of schemes the set holds. The
 * k-th smallest low edge and the k-th smallest high edge then enclose the k-th smallest observation. For a single histogram both
 * come from the same bucket. A member without bounds has one bucket of everything, so it widens the interval and never narrows it.
 *
 * Counts and sums are added modulo 2^64: addition stays associative and commutative, so the order of merging never shows. */
#include "model/histogram.h"

#include <math.h>
#include <string.h>

/* Schema 5 indexes of the smallest and largest double; anything beyond is not an index. */
enum { EXP_MIN = -1074 * 32, EXP_MAX = 1024 * 32 };

/* A bucket of a member, in the order of its edges. */
struct cell {
    double low, high;
    uint64_t n;
};

/* Without counts there may still be observations at 0. */
static bool is_empty(const struct hist *h)
{
    return h->counts == NULL && (h->scheme == HIST_CLASSIC || h->zero == 0);
}

static uint32_t cell_count(const struct hist *h)
{
    if (is_empty(h))
        return 0;
    return h->scheme == HIST_CLASSIC ? h->count : h->count + 1; /* the zero bucket comes first */
}

/* As Prometheus: quantities with positive bounds begin at 0. */
static bool begins_at_zero(const struct hist *h)
{
    return h->scheme == HIST_EXPONENTIAL || h->bounds->count == 0 || h->bounds->upper[0] > 0;
}

static struct cell cell_at(const struct hist *h, uint32_t i)
{
    if (h->scheme == HIST_EXPONENTIAL) {
        if (i == 0)
            return (struct cell){0, 0, h->zero};
        double index = (double)h->first + (double)(i - 1);
        return (struct cell){exp2((index - 1) / 32), exp2(index / 32), h->counts[i - 1]};
    }
    const double *upper = h->bounds->upper;
    double first_low = begins_at_zero(h) ? 0 : -(double)INFINITY;
    return (struct cell){i == 0 ? first_low : upper[i - 1], i < h->bounds->count ? upper[i] : (double)INFINITY, h->counts[i]};
}

void hist_bucket(const struct hist *h, uint32_t i, double *ret_lo, double *ret_hi)
{
    struct cell c = cell_at(h, h->scheme == HIST_EXPONENTIAL ? i + 1 : i);
    *ret_lo = c.low;
    *ret_hi = c.high;
}

static bool same_bounds(const struct hist_bounds *a, const struct hist_bounds *b)
{
    return a == b || (a->count == b->count && (a->count == 0 || memcmp(a->upper, b->upper, a->count * sizeof *a->upper) == 0));
}

static bool mergeable(const struct hist *a, const struct hist *b)
{
    return a->scheme == b->scheme && (a->scheme == HIST_EXPONENTIAL || same_bounds(a->bounds, b->bounds));
}

static bool well_formed(const struct hist *h)
{
    if (h->scheme == HIST_CLASSIC)
        return h->bounds != NULL && h->count == h->bounds->count + 1;
    if (h->count == 0)
        return true;
    return h->counts != NULL && h->first >= EXP_MIN && h->first <= EXP_MAX && h->count <= (uint32_t)(EXP_MAX - h->first) + 1;
}

/* Makes an exponential dst cover the buckets of src. */
static enum err widen(struct hist *dst, const struct hist *src, struct arena *a)
{
    if (src->count == 0)
        return ERR_OK;
    int32_t first = dst->count == 0 || src->first < dst->first ? src->first : dst->first;
    int32_t dst_end = dst->count == 0 ? first : dst->first + (int32_t)dst->count, src_end = src->first + (int32_t)src->count;
    uint32_t count = (uint32_t)((dst_end > src_end ? dst_end : src_end) - first);
    if (first == dst->first && count == dst->count)
        return ERR_OK;
    uint64_t *counts = arena_array(a, count, sizeof *counts);
    if (counts == NULL)
        return ERR_NOMEM;
    if (dst->count > 0)
        memcpy(counts + (dst->first - first), dst->counts, dst->count * sizeof *counts);
    dst->first = first;
    dst->count = count;
    dst->counts = counts;
    return ERR_OK;
}

static enum err copy(struct hist *dst, const struct hist *src, struct arena *a)
{
    uint64_t *counts = arena_array(a, src->count, sizeof *counts);
    if (counts == NULL)
        return ERR_NOMEM;
    if (src->count > 0)
        memcpy(counts, src->counts, src->count * sizeof *counts);
    *dst = *src;
    dst->counts = counts;
    if (src->count == 0)
        dst->first = 0; /* it means nothing yet, and must not tell who came first */
    return ERR_OK;
}

enum err hist_merge(struct hist *dst, const struct hist *src, struct arena *a)
{
    if (is_empty(src))
        return ERR_OK;
    if (!well_formed(src))
        return ERR_UNSUPPORTED;
    if (is_empty(dst))
        return copy(dst, src, a);
    if (!mergeable(dst, src))
        return ERR_UNSUPPORTED;
    if (dst->scheme == HIST_EXPONENTIAL) {
        enum err e = widen(dst, src, a);
        if (e != ERR_OK)
            return e;
        dst->zero += src->zero;
    }
    uint64_t *into = dst->counts + (dst->scheme == HIST_EXPONENTIAL ? src->first - dst->first : 0);
    for (uint32_t i = 0; i < src->count; i++)
        into[i] += src->counts[i];
    dst->n += src->n;
    dst->summed += src->summed;
    dst->sum_fixed = (int64_t)((uint64_t)dst->sum_fixed + (uint64_t)src->sum_fixed);
    return ERR_OK;
}

void hist_count(struct hist *h, const struct hist_bounds *b, uint32_t bucket, uint64_t count)
{
    uint32_t i = bucket;

    if (h->bounds != b && bucket < b->count)
        for (i = 0; i < h->bounds->count && h->bounds->upper[i] < b->upper[bucket]; i++)
            ;
    h->counts[i < h->bounds->count ? i : h->bounds->count] += count;
}

/* How many bounds two rising lists have in common; ret, when not NULL, gets them. */
static uint32_t common_bounds(const struct hist_bounds *a, const struct hist_bounds *b, double *ret)
{
    uint32_t n = 0;

    for (uint32_t i = 0, k = 0; i < a->count && k < b->count;) {
        if (a->upper[i] < b->upper[k]) {
            i++;
        } else if (b->upper[k] < a->upper[i]) {
            k++;
        } else {
            if (ret != NULL)
                ret[n] = a->upper[i];
            n++;
            i++;
            k++;
        }
    }
    return n;
}

/* Keeps of a member those bounds alone that b has too. */
static enum err coarsen(struct hist *h, const struct hist_bounds *b, struct arena *a)
{
    uint32_t n = common_bounds(h->bounds, b, NULL);
    if (n == h->bounds->count)
        return ERR_OK;
    double *upper = arena_array(a, n + 1, sizeof *upper);
    struct hist_bounds *kept = arena_alloc(a, sizeof *kept);
    struct hist coarse = *h;

    coarse.counts = arena_array(a, n + 1, sizeof *coarse.counts);
    if (upper == NULL || kept == NULL || coarse.counts == NULL)
        return ERR_NOMEM;
    (void)common_bounds(h->bounds, b, upper);
    *kept = (struct hist_bounds){.count = n, .upper = upper};
    coarse.bounds = kept;
    coarse.count = n + 1;
    for (uint32_t i = 0; i < h->count; i++)
        hist_count(&coarse, h->bounds, i, h->counts[i]);
    *h = coarse;
    return ERR_OK;
}

/* Of a full set, the member that loses fewest bounds in sharing with b. At most one member is not classic. */
static struct hist *nearest(struct hist_set *set, const struct hist_bounds *b)
{
    struct hist *best = NULL;
    uint32_t least = 0;

    for (uint32_t i = 0; i < set->count; i++) {
        struct hist *h = &set->h[i];
        if (h->scheme != HIST_CLASSIC)
            continue;
        uint32_t lost = h->bounds->count + b->count - 2 * common_bounds(h->bounds, b, NULL);
        if (best == NULL || lost < least) {
            best = h;
            least = lost;
        }
    }
    return best;
}

enum err hist_set_classic(struct hist_set *set, const struct hist_bounds *b, struct arena *a, struct hist **ret)
{
    for (uint32_t i = 0; i < set->count; i++) {
        *ret = &set->h[i];
        if ((*ret)->scheme == HIST_CLASSIC && same_bounds((*ret)->bounds, b))
            return ERR_OK;
    }
    if (set->count == HIST_SET_MAX) {
        *ret = nearest(set, b);
        return coarsen(*ret, b, a);
    }
    uint64_t *counts = arena_array(a, (size_t)b->count + 1, sizeof *counts);
    if (counts == NULL)
        return ERR_NOMEM;
    *ret = &set->h[set->count++];
    **ret = (struct hist){.scheme = HIST_CLASSIC, .bounds = b, .count = b->count + 1, .counts = counts};
    return ERR_OK;
}

/* Adds src to a member that has all or some of its bounds. */
static void absorb(struct hist *h, const struct hist *src)
{
    for (uint32_t i = 0; i < src->count; i++)
        hist_count(h, src->bounds, i, src->counts[i]);
    h->n += src->n;
    h->summed += src->summed;
    h->sum_fixed = (int64_t)((uint64_t)h->sum_fixed + (uint64_t)src->sum_fixed);
}

enum err hist_set_add(struct hist_set *set, const struct hist *src, struct arena *a)
{
    if (is_empty(src))
        return ERR_OK;
    if (!well_formed(src))
        return ERR_UNSUPPORTED;
    if (src->scheme == HIST_CLASSIC) {
        struct hist *h;
        enum err e = hist_set_classic(set, src->bounds, a, &h);
        if (e == ERR_OK)
            absorb(h, src);
        return e;
    }
    for (uint32_t i = 0; i < set->count; i++)
        if (set->h[i].scheme == HIST_EXPONENTIAL)
            return hist_merge(&set->h[i], src, a);
    if (set->count == HIST_SET_MAX) { /* the eighth classic one moves in with another */
        struct hist last = set->h[--set->count];
        struct hist *h = nearest(set, last.bounds);
        enum err e = coarsen(h, last.bounds, a);
        if (e != ERR_OK)
            return e;
        absorb(h, &last);
    }
    struct hist fresh = {0};
    enum err e = hist_merge(&fresh, src, a);
    if (e == ERR_OK)
        set->h[set->count++] = fresh;
    return e;
}

/* Observations by the buckets; a malformed source's n may say otherwise, and ranks must not run past the buckets. */
static uint64_t bucket_total(const struct hist_set *set)
{
    uint64_t total = 0;
    for (uint32_t m = 0; m < set->count; m++)
        for (uint32_t i = 0, end = cell_count(&set->h[m]); i < end; i++)
            total += cell_at(&set->h[m], i).n;
    return total;
}

/* The rank-th smallest low (or high) edge of all observations, 1 <= rank <= total. Merges the members, each sorted already. */
static double edge_of_rank(const struct hist_set *set, uint64_t rank, bool high)
{
    uint32_t next[HIST_SET_MAX] = {0};
    uint64_t seen = 0;
    for (;;) {
        uint32_t best = HIST_SET_MAX;
        double best_edge = 0;
        uint64_t best_n = 0;
        for (uint32_t m = 0; m < set->count; m++) {
            if (next[m] == cell_count(&set->h[m]))
                continue;
            struct cell c = cell_at(&set->h[m], next[m]);
            double edge = high ? c.high : c.low;
            if (best == HIST_SET_MAX || edge < best_edge) {
                best = m;
                best_edge = edge;
                best_n = c.n;
            }
        }
        if (best == HIST_SET_MAX)
            return (double)INFINITY; /* not reached for a rank within the total */
        next[best]++;
        if (rank - seen <= best_n)
            return best_edge;
        seen += best_n;
    }
}

/* Share of a bucket's observations at or below x when they are spread evenly over it. */
static double share_below(struct cell c, double x)
{
    if (x >= c.high)
        return 1;
    if (x <= c.low || isinf(c.low) || isinf(c.high))
        return 0;
    return (x - c.low) / (c.high - c.low);
}

/* Where the joined distribution, its observations spread evenly over their buckets, passes rank: the sum of the members' cumulative
 * lines is walked from edge to edge. For one classic histogram this is Prometheus' histogram_quantile. */
static double interpolate(const struct hist_set *set, double rank)
{
    uint32_t at[HIST_SET_MAX] = {0};  /* each member's bucket at x */
    double whole[HIST_SET_MAX] = {0}; /* observations of its buckets before that one */
    double x = -(double)INFINITY, below = 0;
    for (;;) {
        double next = (double)INFINITY;
        for (uint32_t m = 0; m < set->count; m++) {
            if (at[m] == cell_count(&set->h[m]))
                continue;
            struct cell c = cell_at(&set->h[m], at[m]);
            double edge = c.low > x ? c.low : c.high;
            next = edge < next ? edge : next;
        }
        if (isinf(next))
            return x; /* the rest is in open buckets */
        double sum = 0;
        for (uint32_t m = 0; m < set->count; m++) {
            double inside = 0;
            if (at[m] < cell_count(&set->h[m])) {
                struct cell c = cell_at(&set->h[m], at[m]);
                inside = (double)c.n * share_below(c, next);
                if (next >= c.high) {
                    at[m]++;
                    whole[m] += inside;
                    inside = 0;
                }
            }
            sum += whole[m] + inside;
        }
        if (sum >= rank)
            return isinf(x) || sum <= below ? next : x + (next - x) * ((rank - below) / (sum - below));
        x = next;
        below = sum;
    }
}

/* Ranks of the order statistics that enclose the population's q-quantile with at least 95 % confidence: with B ~ Binomial(n, q), *ret_low
 * is the largest j with P(B <= j-1) <= 2.5 % (0: none), *ret_high the smallest m with P(B <= m-1) >= 97.5 % (n + 1: none).
 * Source: Hahn, Meeker, "Statistical Intervals" (1991), section 5.2. */
static void confidence_ranks(uint64_t n, double q, double *ret_low, double *ret_high)
{
    double count = (double)n, mean = count * q, variance = mean * (1 - q);
    if (variance > 1000) { /* the normal approximation with continuity correction is then right to a rank */
        double reach = 1.959964 * sqrt(variance);
        *ret_low = floor(mean - reach + 0.5);
        *ret_high = ceil(mean + reach + 0.5);
        return;
    }
    /* Terms relative to the largest, so that nothing under- or overflows; below 1e-20 of it they no longer count. */
    double mode = floor((count + 1) * q), odds = q / (1 - q);
    mode = mode > count ? count : mode;
    double first = mode, first_term = 1;
    for (; first > 0 && first_term > 1e-20; first--)
        first_term *= first / (count - first + 1) / odds;
    double total = 0, term = first_term;
    for (double k = first; k <= count && (k <= mode || term > 1e-20); k++) {
        total += term;
        term *= (count - k) / (k + 1) * odds;
    }
    *ret_low = first;
    double sum = 0; /* P(B <= k), times total */
    term = first_term;
    for (double k = first; k <= count; k++) {
        sum += term;
        if (sum <= 0.025 * total)
            *ret_low = k + 1;
        *ret_high = k + 1;
        if (sum >= 0.975 * total)
            break;
        term *= (count - k) / (k + 1) * odds;
    }
}

/* Where the population can begin: at 0, unless some member has buckets for what is not positive. */
static double lowest_edge(const struct hist_set *set)
{
    for (uint32_t m = 0; m < set->count; m++)
        if (!begins_at_zero(&set->h[m]))
            return -(double)INFINITY;
    return 0;
}

static bool in_first_bucket(const struct hist_set *set, double lo, double hi)
{
    bool from_zero = false; /* some member's lowest bucket is taken to begin at 0 */
    for (uint32_t m = 0; m < set->count; m++)
        from_zero |= set->h[m].scheme == HIST_CLASSIC && begins_at_zero(&set->h[m]);
    return lo < hi && !isinf(hi) && (isinf(lo) || (from_zero && lo <= 0));
}

struct quantile hist_quantile(const struct hist_set *set, double q)
{
    struct quantile r = {.n = bucket_total(set)};
    if (r.n == 0)
        return r;
    double count = (double)r.n, rank = q * count;
    if (fabs(rank - round(rank)) < 1e-12 * count) /* 0.07 * 100 is 7.000000000000001 */
        rank = round(rank);
    double k = fmin(fmax(ceil(rank), 1), count);
    r.lo = edge_of_rank(set, (uint64_t)k, false);
    r.hi = edge_of_rank(set, (uint64_t)k, true);
    r.above_last = isinf(r.hi);
    if (r.above_last && r.lo <= lowest_edge(set)) /* anything at all */
        return (struct quantile){.average_only = true};
    r.below_first = in_first_bucket(set, r.lo, r.hi);
    if (r.above_last)
        r.value = r.lo;
    else if (set->count == 1 && set->h[0].scheme == HIST_EXPONENTIAL)
        r.value = sqrt(r.lo * r.hi); /* the point of least relative error, 2^(1/64) - 1 = 1.09 % */
    else
        r.value = fmin(fmax(interpolate(set, rank), r.lo), r.hi);
    double low, high;
    confidence_ranks(r.n, q, &low, &high);
    r.ci_lo = low < 1 ? lowest_edge(set) : edge_of_rank(set, (uint64_t)low, false);
    r.ci_hi = high > count ? (double)INFINITY : edge_of_rank(set, (uint64_t)high, true);
    r.thin = pow(fmax(q, 1 - q), count) > 0.05;
    return r;
}

void hist_above(const struct hist_set *set, double threshold, uint64_t *ret_lo, uint64_t *ret_hi)
{
    uint64_t certain = 0, possible = 0;
    for (uint32_t m = 0; m < set->count; m++) {
        const struct hist *h = &set->h[m];
        for (uint32_t i = 0, end = cell_count(h); i < end; i++) {
            struct cell c = cell_at(h, i);
            bool floorless = i == 0 && h->scheme == HIST_CLASSIC; /* nothing was promised about its low end */
            bool point = c.low >= c.high;                         /* the zero bucket holds its edge */
            certain += !floorless && (point ? c.low > threshold : c.low >= threshold) ? c.n : 0;
            possible += c.high > threshold ? c.n : 0;
        }
    }
    *ret_lo = certain;
    *ret_hi = possible;
}

bool quantile_is_interpolated(const struct quantile *q)
{
    static const double exponential = 1.022; /* a little more than 2^(1/32), the width of a bucket of schema 5 */
    return q->hi > q->lo * exponential;
}

struct quantile_reading quantile_read(const struct quantile *q, bool about)
{
    if (q->n == 0 || q->thin)
        return (struct quantile_reading){.is = q->n > 0          ? QUANTILE_THIN
                                               : q->average_only ? QUANTILE_AVERAGE_ONLY
                                                                 : QUANTILE_NONE,
                                         .v = (double)NAN};
    if (q->above_last)
        return (struct quantile_reading){QUANTILE_ABOVE, q->lo, ABOVE};
    if (q->below_first)
        return (struct quantile_reading){QUANTILE_BELOW, q->hi, BELOW};
    about = about || quantile_is_interpolated(q);
    return (struct quantile_reading){about ? QUANTILE_ABOUT : QUANTILE_VALUE, q->value, about ? ABOUT : EXACT};
}

const char *quantile_is_name(enum quantile_is is)
{
    static const char *const names[] = {
        [QUANTILE_NONE] = "none",   [QUANTILE_AVERAGE_ONLY] = "average_only",
        [QUANTILE_THIN] = "thin",   [QUANTILE_BELOW] = "below",
        [QUANTILE_ABOVE] = "above", [QUANTILE_ABOUT] = "about",
        [QUANTILE_VALUE] = "value",
    };
    return names[is];
}

struct change quantile_times(const struct quantile *now, const struct quantile *then, bool about)
{
    const struct quantile_reading n = quantile_read(now, about), t = quantile_read(then, about);
    const bool least = n.is == QUANTILE_ABOVE || t.is == QUANTILE_BELOW, most = n.is == QUANTILE_BELOW || t.is == QUANTILE_ABOVE;
    const double part = least ? now->lo : most ? now->hi : n.v, whole = least ? then->hi : most ? then->lo : t.v;
    struct change c = {.v = (double)NAN, .exact = least ? ABOVE : most ? BELOW : EXACT};

    if (isnan(n.v) || isnan(t.v) || (least && most) || !(part > 0) || !(whole > 0))
        return c;
    return least || most ? (struct change){part / whole, c.exact} : change_times(part, n.exact, whole, t.exact);
}

/* Whether the sum can be that of the observations: each is at its bucket's low edge or above. Of a part of them only that it is
 * something. */
static bool sum_is_theirs(const struct hist *h, int64_t scale)
{
    double least = 0;
    if (h->summed == 0 || !begins_at_zero(h))
        return true; /* there is none; they may be negative */
    if (h->summed < h->n)
        return h->sum_fixed > 0;
    for (uint32_t i = 0, end = cell_count(h); i < end; i++) {
        struct cell c = cell_at(h, i);
        least += c.low * (double)c.n;
    }
    bool all_at_zero = h->scheme == HIST_EXPONENTIAL && h->zero == h->n;
    bool all_in_first = h->scheme == HIST_CLASSIC && h->bounds->count > 0 && h->counts[0] == h->n;
    return h->n == 0 || all_at_zero || (all_in_first && h->sum_fixed == 0) ||
           (h->sum_fixed > 0 && (double)h->sum_fixed >= least * (1 - 1e-9) * (double)scale);
}

double hist_mean(const struct hist_set *set, int64_t scale, uint64_t *ret_of)
{
    double sum = 0;
    uint64_t of = 0;
    for (uint32_t m = 0; m < set->count; m++) {
        if (!sum_is_theirs(&set->h[m], scale)) {
            of = 0;
            break;
        }
        sum += (double)set->h[m].sum_fixed;
        of += set->h[m].summed;
    }
    if (ret_of != NULL)
        *ret_of = of;
    return of > 0 ? sum / (double)of / (double)scale : (double)NAN;
}

uint64_t hist_n(const struct hist_set *set)
{
    uint64_t n = 0;
    for (uint32_t m = 0; m < set->count; m++)
        n += set->h[m].n;
    return n;
}
