/* SPDX-License-Identifier: MIT */
#include "model/histogram.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

Suite *suite_histogram(void);

enum { LITELLM = 17 };
static const double litellm_upper[LITELLM] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 420, 600};
static const struct hist_bounds litellm = {1, LITELLM, litellm_upper};

static const double coarse_upper[] = {0.1, 1, 10};
static const struct hist_bounds coarse = {2, 3, coarse_upper};

static struct arena arena;

static void set_up(void)
{
    arena_init(&arena, 64 << 20);
}

static void tear_down(void)
{
    arena_fini(&arena);
}

static struct hist classic(const struct hist_bounds *bounds, const uint64_t *counts)
{
    struct hist h = {.scheme = HIST_CLASSIC, .bounds = bounds, .count = bounds->count + 1};
    h.counts = arena_array(&arena, h.count, sizeof *h.counts);
    memcpy(h.counts, counts, h.count * sizeof *h.counts);
    for (uint32_t i = 0; i < h.count; i++)
        h.n += counts[i];
    h.summed = h.n;
    return h;
}

static struct hist exponential(int32_t first, uint32_t count, const uint64_t *counts, uint64_t zero)
{
    struct hist h = {.scheme = HIST_EXPONENTIAL, .first = first, .count = count, .zero = zero, .n = zero};
    h.counts = arena_array(&arena, count, sizeof *h.counts);
    memcpy(h.counts, counts, count * sizeof *h.counts);
    for (uint32_t i = 0; i < count; i++)
        h.n += counts[i];
    h.summed = h.n;
    return h;
}

static struct hist_set set_of(struct hist h)
{
    struct hist_set set = {.count = 1};
    set.h[0] = h;
    return set;
}

/* The values, sorted, put into the buckets of a scheme. */
static struct hist classic_of(const struct hist_bounds *bounds, const double *values, size_t n)
{
    uint64_t counts[HIST_BOUNDS_MAX + 1] = {0};
    for (size_t i = 0; i < n; i++) {
        uint32_t b = 0;
        while (b < bounds->count && values[i] > bounds->upper[b])
            b++;
        counts[b]++;
    }
    return classic(bounds, counts);
}

static int32_t exponential_index(double v)
{
    int32_t i = (int32_t)ceil(log2(v) * 32);
    while (exp2((i - 1) / 32.0) >= v) /* log2 may round over an edge */
        i--;
    while (exp2(i / 32.0) < v)
        i++;
    return i;
}

static struct hist exponential_of(const double *values, size_t n)
{
    int32_t first = exponential_index(values[0]), last = exponential_index(values[n - 1]);
    uint64_t *counts = arena_array(&arena, (size_t)(last - first + 1), sizeof *counts);
    for (size_t i = 0; i < n; i++)
        counts[exponential_index(values[i]) - first]++;
    return exponential(first, (uint32_t)(last - first + 1), counts, 0);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

START_TEST(classic_merge_is_the_same_in_any_order)
{
    struct rng r;
    rng_seed(&r, 12);
    enum { PARTS = 6 };
    struct hist parts[PARTS];
    for (int i = 0; i < PARTS; i++) {
        uint64_t counts[LITELLM + 1];
        for (int k = 0; k <= LITELLM; k++)
            counts[k] = rng_below(&r, 1000);
        parts[i] = classic(&litellm, counts);
        parts[i].sum_fixed = (int64_t)rng_u64(&r); /* wraps around on the way, and back */
    }
    static const int orders[][PARTS] = {{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {2, 0, 4, 1, 5, 3}};
    struct hist merged[3] = {{0}, {0}, {0}};
    for (int o = 0; o < 3; o++)
        for (int i = 0; i < PARTS; i++)
            ck_assert_int_eq(hist_merge(&merged[o], &parts[orders[o][i]], &arena), ERR_OK);
    /* (0+1)+(2+3)+(4+5) */
    struct hist tree = {0};
    for (int i = 0; i < PARTS; i += 2) {
        struct hist pair = {0};
        ck_assert_int_eq(hist_merge(&pair, &parts[i], &arena), ERR_OK);
        ck_assert_int_eq(hist_merge(&pair, &parts[i + 1], &arena), ERR_OK);
        ck_assert_int_eq(hist_merge(&tree, &pair, &arena), ERR_OK);
    }
    for (int o = 1; o < 3; o++) {
        ck_assert_mem_eq(merged[0].counts, merged[o].counts, (LITELLM + 1) * sizeof(uint64_t));
        ck_assert_uint_eq(merged[0].n, merged[o].n);
        ck_assert_int_eq(merged[0].sum_fixed, merged[o].sum_fixed);
    }
    ck_assert_mem_eq(merged[0].counts, tree.counts, (LITELLM + 1) * sizeof(uint64_t));
    ck_assert_int_eq(merged[0].sum_fixed, tree.sum_fixed);
    ck_assert_ptr_ne(merged[0].counts, parts[0].counts); /* a copy: the part stays as it was */
}
END_TEST

START_TEST(exponential_merge_covers_both)
{
    static const uint64_t a_counts[] = {1, 2, 3}, b_counts[] = {10, 20};
    struct hist a = exponential(5, 3, a_counts, 4), b = exponential(-2, 2, b_counts, 1), far = exponential(100, 1, b_counts, 0);
    struct hist ab = {0}, ba = {0};
    ck_assert_int_eq(hist_merge(&ab, &a, &arena), ERR_OK);
    ck_assert_int_eq(hist_merge(&ab, &b, &arena), ERR_OK);
    ck_assert_int_eq(hist_merge(&ab, &far, &arena), ERR_OK);
    ck_assert_int_eq(hist_merge(&ba, &far, &arena), ERR_OK);
    ck_assert_int_eq(hist_merge(&ba, &b, &arena), ERR_OK);
    ck_assert_int_eq(hist_merge(&ba, &a, &arena), ERR_OK);
    ck_assert_int_eq(ab.first, -2);
    ck_assert_uint_eq(ab.count, 103);
    ck_assert_uint_eq(ab.counts[0], 10);
    ck_assert_uint_eq(ab.counts[1], 20);
    ck_assert_uint_eq(ab.counts[7], 1);
    ck_assert_uint_eq(ab.counts[9], 3);
    ck_assert_uint_eq(ab.counts[102], 10);
    ck_assert_uint_eq(ab.zero, 5);
    ck_assert_uint_eq(ab.n, 51);
    ck_assert_int_eq(ba.first, ab.first);
    ck_assert_uint_eq(ba.count, ab.count);
    ck_assert_mem_eq(ab.counts, ba.counts, ab.count * sizeof(uint64_t));
    ck_assert_int_eq(hist_merge(&ab, &a, &arena), ERR_OK); /* inside what is there: no new buckets */
    ck_assert_uint_eq(ab.count, 103);
    ck_assert_uint_eq(ab.counts[7], 2);
}
END_TEST

START_TEST(observations_at_zero_need_no_buckets)
{
    static const uint64_t counts[] = {7};
    struct hist zeros = {.scheme = HIST_EXPONENTIAL, .first = 55, .zero = 3, .n = 3}, some = exponential(100, 1, counts, 2);
    struct hist a = {0}, b = {0};
    ck_assert_int_eq(hist_merge(&a, &zeros, &arena), ERR_OK);
    ck_assert_uint_eq(a.n, 3);
    ck_assert_int_eq(a.first, 0);
    ck_assert_int_eq(hist_merge(&a, &some, &arena), ERR_OK);
    ck_assert_int_eq(hist_merge(&b, &some, &arena), ERR_OK);
    ck_assert_int_eq(hist_merge(&b, &zeros, &arena), ERR_OK);
    ck_assert(a.first == 100 && a.count == 1 && a.zero == 5 && a.n == 12 && a.counts[0] == 7);
    ck_assert(b.first == 100 && b.count == 1 && b.zero == 5 && b.n == 12 && b.counts[0] == 7);
    struct hist_set set = {0};
    ck_assert_int_eq(hist_set_add(&set, &zeros, &arena), ERR_OK);
    struct quantile q = hist_quantile(&set, 0.5);
    ck_assert(q.n == 3 && q.value == 0 && q.hi == 0);
    zeros.count = 4; /* says four buckets and has none */
    ck_assert_int_eq(hist_merge(&a, &zeros, &arena), ERR_UNSUPPORTED);
}
END_TEST

START_TEST(what_cannot_be_merged_is_refused)
{
    static const uint64_t counts[LITELLM + 1] = {1};
    struct hist a = classic(&litellm, counts), b = classic(&coarse, counts), e = exponential(0, 1, counts, 0), none = {0};
    struct hist dst = {0};
    ck_assert_int_eq(hist_merge(&dst, &a, &arena), ERR_OK);
    ck_assert_int_eq(hist_merge(&dst, &b, &arena), ERR_UNSUPPORTED);
    ck_assert_int_eq(hist_merge(&dst, &e, &arena), ERR_UNSUPPORTED);
    ck_assert_int_eq(hist_merge(&dst, &none, &arena), ERR_OK);
    ck_assert_uint_eq(dst.n, 1);
    double twin_upper[LITELLM];
    memcpy(twin_upper, litellm_upper, sizeof twin_upper);
    struct hist_bounds twin = {9, LITELLM, twin_upper};
    struct hist t = classic(&twin, counts);
    ck_assert_int_eq(hist_merge(&dst, &t, &arena), ERR_OK); /* equal by value is equal */
    double last_differs[LITELLM];
    memcpy(last_differs, litellm_upper, sizeof last_differs);
    last_differs[LITELLM - 1]++;
    struct hist_bounds other = {10, LITELLM, last_differs};
    struct hist o = classic(&other, counts);
    ck_assert_int_eq(hist_merge(&dst, &o, &arena), ERR_UNSUPPORTED);
    e.first = INT32_MAX;
    struct hist fresh = {0};
    ck_assert_int_eq(hist_merge(&fresh, &e, &arena), ERR_UNSUPPORTED); /* no double is that large */
    e.first = 1024 * 32;                                               /* the last index there is */
    ck_assert_int_eq(hist_merge(&fresh, &e, &arena), ERR_OK);
    e.count = 2;
    ck_assert_int_eq(hist_merge(&fresh, &e, &arena), ERR_UNSUPPORTED);
    e.first = -1074 * 32; /* and the first */
    ck_assert_int_eq(hist_merge(&fresh, &e, &arena), ERR_OK);
    e.first--;
    ck_assert_int_eq(hist_merge(&fresh, &e, &arena), ERR_UNSUPPORTED);
    fresh = (struct hist){0};
    a.count--;
    ck_assert_int_eq(hist_merge(&fresh, &a, &arena), ERR_UNSUPPORTED); /* counts and bounds do not belong together */
    ck_assert_ptr_null(fresh.counts);
    struct arena small;
    arena_init(&small, 64);
    ck_assert_int_eq(hist_merge(&fresh, &t, &small), ERR_NOMEM);
    ck_assert_ptr_null(fresh.counts);
    arena_fini(&small);
}
END_TEST

START_TEST(quantile_as_prometheus_interpolates)
{
    /* histogram_quantile over le 0.1: 10, 1: 40, 10: 90, +Inf: 100 */
    static const uint64_t counts[] = {10, 30, 50, 10};
    struct hist_set set = set_of(classic(&coarse, counts));
    struct quantile q = hist_quantile(&set, 0.05);
    ck_assert_uint_eq(q.n, 100);
    ck_assert(q.value == 0.05 && q.lo == 0 && q.hi == 0.1 && q.below_first && !q.above_last);
    q = hist_quantile(&set, 0.25);
    ck_assert_double_eq_tol(q.value, 0.1 + 0.9 * 15 / 30, 1e-12);
    ck_assert(q.lo == 0.1 && q.hi == 1 && !q.below_first);
    q = hist_quantile(&set, 0.4); /* exactly the bucket's last */
    ck_assert(q.value == 1 && q.hi == 1);
    q = hist_quantile(&set, 0.65);
    ck_assert_double_eq_tol(q.value, 1 + 9 * 25.0 / 50, 1e-12);
    q = hist_quantile(&set, 0.95);
    ck_assert(q.above_last && q.value == 10 && q.lo == 10 && isinf(q.hi));
    static const uint64_t seven[] = {7, 93, 0, 0};
    set = set_of(classic(&coarse, seven));
    q = hist_quantile(&set, 0.07); /* 0.07 * 100 is a little more than 7 in binary, and still means the seventh */
    ck_assert(q.value == 0.1 && q.lo == 0 && q.hi == 0.1);
}
END_TEST

START_TEST(quantile_over_gaps_and_edges)
{
    static const uint64_t gap[] = {0, 5, 0, 5};
    struct hist_set set = set_of(classic(&coarse, gap));
    struct quantile q = hist_quantile(&set, 0.5);
    ck_assert(q.value == 1 && q.lo == 0.1 && q.hi == 1);
    q = hist_quantile(&set, 0.51);
    ck_assert(q.above_last && q.lo == 10);
    static const uint64_t none[] = {0, 0, 0, 0};
    set = set_of(classic(&coarse, none));
    ck_assert_uint_eq(hist_quantile(&set, 0.5).n, 0);
    struct hist_set empty = {0};
    ck_assert_uint_eq(hist_quantile(&empty, 0.5).n, 0);
    static const uint64_t one_low[] = {1, 9, 0, 0};
    set = set_of(classic(&coarse, one_low));
    q = hist_quantile(&set, 0.05); /* the smallest of ten */
    ck_assert(q.lo == 0 && q.hi == 0.1);
    static const double from_zero_upper[] = {0, 1}, around_zero_upper[] = {-1, 1};
    static const struct hist_bounds from_zero = {3, 2, from_zero_upper}, around_zero = {4, 2, around_zero_upper};
    static const uint64_t halves[] = {5, 5, 0};
    set = set_of(classic(&from_zero, halves));
    q = hist_quantile(&set, 0.2);
    ck_assert(q.value == 0 && isinf(q.lo) && q.hi == 0 && q.below_first && isinf(q.ci_lo));
    q = hist_quantile(&set, 0.9);
    ck_assert(q.lo == 0 && q.hi == 1 && !q.below_first); /* 0 is a bound here, not an assumption */
    set = set_of(classic(&around_zero, halves));
    q = hist_quantile(&set, 0.2);
    ck_assert(q.value == -1 && isinf(q.lo) && q.below_first);
    static const double signed_upper[] = {-1, 0, 1};
    static const struct hist_bounds with_negative = {3, 3, signed_upper};
    static const uint64_t counts[] = {4, 4, 4, 0};
    set = set_of(classic(&with_negative, counts));
    q = hist_quantile(&set, 0.1);
    ck_assert(q.value == -1 && isinf(q.lo) && q.lo < 0 && q.hi == -1 && q.below_first);
    ck_assert(isinf(q.ci_lo) && q.ci_lo < 0);
    q = hist_quantile(&set, 0.5);
    ck_assert_double_eq_tol(q.value, -0.5, 1e-12);
    q = hist_quantile(&set, 0.99);
    ck_assert(q.lo == 0 && q.hi == 1 && !q.below_first);
}
END_TEST

static void make_values(struct rng *r, int shape, double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (shape == 0)
            values[i] = rng_lognormal(r, 0.8, 1.1);
        else if (shape == 1)
            values[i] = rng_below(r, 10) < 7 ? rng_lognormal(r, 0.2, 0.15) : rng_lognormal(r, 12, 0.3);
        else
            values[i] = 0.05 * pow(1 - rng_unit(r), -1 / 1.2); /* Pareto: no finite variance */
    }
    qsort(values, n, sizeof *values, by_value);
}

START_TEST(exponential_error_is_at_most_1_09_percent)
{
    enum { N = 100000 };
    static const double ranks[] = {0.01, 0.1, 0.25, 0.5, 0.69, 0.7, 0.71, 0.9, 0.95, 0.99, 0.999, 0.9999};
    double *values = malloc(N * sizeof *values);
    struct rng r;
    rng_seed(&r, 13);
    for (int shape = 0; shape < 3; shape++) {
        make_values(&r, shape, values, N);
        struct hist_set set = set_of(exponential_of(values, N));
        for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++) {
            struct quantile q = hist_quantile(&set, ranks[i]);
            double truth = values[(size_t)ceil(ranks[i] * N - 1e-6) - 1];
            ck_assert_msg(q.lo < truth && truth <= q.hi, "shape %d, q %g: %g not in (%g, %g]", shape, ranks[i], truth, q.lo, q.hi);
            double error = fabs(q.value - truth) / truth;
            ck_assert_msg(error <= 0.0109, "shape %d, q %g: %g is %g off", shape, ranks[i], truth, error);
            ck_assert(q.ci_lo <= q.lo && q.ci_hi >= q.hi);
        }
    }
    free(values);
}
END_TEST

START_TEST(classic_interval_holds_the_truth)
{
    enum { N = 20000 };
    double *values = malloc(N * sizeof *values);
    struct rng r;
    rng_seed(&r, 14);
    for (int shape = 0; shape < 3; shape++) {
        make_values(&r, shape, values, N);
        struct hist_set set = set_of(classic_of(&litellm, values, N));
        for (double p = 0.005; p < 1; p += 0.005) {
            struct quantile q = hist_quantile(&set, p);
            double truth = values[(size_t)ceil(p * N - 1e-6) - 1];
            ck_assert_msg(q.lo < truth && truth <= q.hi, "shape %d, q %g: %g not in (%g, %g]", shape, p, truth, q.lo, q.hi);
            ck_assert(q.value >= q.lo && q.value <= q.hi && q.ci_lo <= q.lo && q.ci_hi >= q.hi);
        }
    }
    free(values);
}
END_TEST

/* Three gateways with three schemes, each with its own traffic; the joined sample's quantile must lie in the interval. */
START_TEST(unequal_schemes_give_an_interval)
{
    enum { N = 3000 };
    double *all = malloc(3 * N * sizeof *all);
    struct rng r;
    rng_seed(&r, 15);
    struct hist_set set = {0};
    struct hist parts[3];
    for (int shape = 0; shape < 3; shape++)
        make_values(&r, shape, all + shape * N, N);
    parts[0] = classic_of(&litellm, all, N);
    parts[1] = classic_of(&coarse, all + N, N);
    parts[2] = exponential_of(all + 2 * N, N);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(hist_set_add(&set, &parts[i], &arena), ERR_OK);
    ck_assert_uint_eq(set.count, 3);
    ck_assert_uint_eq(hist_n(&set), 3 * N);
    qsort(all, 3 * N, sizeof *all, by_value);
    for (double p = 0.01; p < 1; p += 0.01) {
        struct quantile q = hist_quantile(&set, p);
        double truth = all[(size_t)ceil(p * 3 * N - 1e-6) - 1];
        ck_assert_msg(q.lo <= truth && truth <= q.hi, "q %g: %g not in [%g, %g]", p, truth, q.lo, q.hi);
        ck_assert_msg(q.value >= q.lo && q.value <= q.hi, "q %g: %g not in [%g, %g]", p, q.value, q.lo, q.hi);
        ck_assert(q.above_last == isinf(q.hi));
    }
    free(all);
}
END_TEST

START_TEST(unequal_schemes_by_hand)
{
    static const double a_upper[] = {1, 2}, b_upper[] = {1.5, 3};
    static const struct hist_bounds a_bounds = {4, 2, a_upper}, b_bounds = {5, 2, b_upper};
    static const uint64_t a_counts[] = {2, 2, 0}, b_counts[] = {2, 2, 0};
    struct hist a = classic(&a_bounds, a_counts), b = classic(&b_bounds, b_counts);
    struct hist_set set = {0};
    ck_assert_int_eq(hist_set_add(&set, &a, &arena), ERR_OK);
    ck_assert_int_eq(hist_set_add(&set, &b, &arena), ERR_OK);
    /* low edges 0 0 0 0 1 1 1.5 1.5, high edges 1 1 1.5 1.5 2 2 3 3 */
    struct quantile q = hist_quantile(&set, 0.5);
    ck_assert(q.lo == 0 && q.hi == 1.5 && q.below_first);
    ck_assert_double_eq_tol(q.value, 1 + 0.5 * (4 - (2 + 4.0 / 3)) / ((2 + 1 + 2) - (2 + 4.0 / 3)), 1e-12); /* at 1: 3.33, at 1.5: 5 */
    q = hist_quantile(&set, 0.75);
    ck_assert(q.lo == 1 && q.hi == 2);
    q = hist_quantile(&set, 1 - 1e-9);
    ck_assert(q.lo == 1.5 && q.hi == 3);
    static const double c_upper[] = {-1, 1}, d_upper[] = {-2, 2};
    static const struct hist_bounds c_bounds = {6, 2, c_upper}, d_bounds = {7, 2, d_upper};
    struct hist c = classic(&c_bounds, a_counts), d = classic(&d_bounds, a_counts);
    set = (struct hist_set){0};
    ck_assert_int_eq(hist_set_add(&set, &c, &arena), ERR_OK);
    ck_assert_int_eq(hist_set_add(&set, &d, &arena), ERR_OK);
    q = hist_quantile(&set, 0.5); /* high edges -2 -2 -1 -1 1 1 2 2; two are below -2, four and a half below -1 */
    ck_assert(isinf(q.lo) && q.hi == -1 && q.below_first);
    ck_assert_double_eq_tol(q.value, -2 + 2 / 2.5, 1e-12);
}
END_TEST

/* Series i of a sparse gateway has the bounds 1 .. i + 2 but for one; all of it is counted, and where it lies is told as far as it is
 * known. */
START_TEST(what_does_not_fit_a_set_shares_a_member)
{
    enum { SERIES = 12 };
    static double upper[SERIES][16];
    struct hist_bounds bounds[SERIES];
    struct hist_set set = {0};
    for (uint32_t i = 0; i < SERIES; i++) {
        uint64_t counts[16] = {0};
        uint32_t n = 0;
        for (uint32_t v = 1; v <= i + 3; v++)
            if (v != i + 2)
                upper[i][n++] = v;
        bounds[i] = (struct hist_bounds){i + 1, n, upper[i]};
        counts[0] = 90;
        counts[n - 1] = 10; /* in (i + 1, i + 3] */
        struct hist h = classic(&bounds[i], counts);
        h.sum_fixed = 7;
        ck_assert_int_eq(hist_set_add(&set, &h, &arena), ERR_OK);
        ck_assert_int_eq(hist_set_add(&set, &h, &arena), ERR_OK);
    }
    ck_assert_uint_eq(set.count, HIST_SET_MAX);
    ck_assert_uint_eq(hist_n(&set), 200 * SERIES);
    struct quantile low = hist_quantile(&set, 0.5), high = hist_quantile(&set, 0.995);
    ck_assert_double_eq(low.hi, 1);
    ck_assert_double_le(high.lo, 13); /* the true one lies in (12, 14] */
    ck_assert_double_ge(high.hi, 14);
    uint64_t lo, hi;
    hist_above(&set, 1, &lo, &hi);
    ck_assert_uint_eq(lo, 20 * SERIES);
    ck_assert_uint_eq(hi, 20 * SERIES);
}
END_TEST

START_TEST(native_counts_find_room_in_a_full_set)
{
    struct hist_set set = {0};
    double upper[HIST_SET_MAX];
    struct hist_bounds bounds[HIST_SET_MAX];
    static uint64_t one[] = {1, 1};
    struct hist native = {.scheme = HIST_EXPONENTIAL, .first = 0, .count = 2, .counts = one, .n = 2};
    for (uint32_t i = 0; i < HIST_SET_MAX; i++) {
        upper[i] = i + 1;
        bounds[i] = (struct hist_bounds){i + 1, 1, &upper[i]};
        struct hist h = classic(&bounds[i], one);
        ck_assert_int_eq(hist_set_add(&set, &h, &arena), ERR_OK);
    }
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(hist_set_add(&set, &native, &arena), ERR_OK);
    ck_assert_uint_eq(set.count, HIST_SET_MAX);
    ck_assert_uint_eq(hist_n(&set), 2 * HIST_SET_MAX + 4);
}
END_TEST

START_TEST(thin_when_hardly_anything_lies_beyond)
{
    static const struct {
        double q;
        uint64_t enough;
    } rows[] = {{0.5, 5}, {0.9, 29}, {0.95, 59}, {0.99, 299}, {0.999, 2995}, {0.01, 299}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t counts[] = {0, rows[i].enough - 1, 0, 0};
        struct hist_set set = set_of(classic(&coarse, counts));
        ck_assert_msg(hist_quantile(&set, rows[i].q).thin, "q %g", rows[i].q);
        set.h[0].counts[1]++;
        ck_assert_msg(!hist_quantile(&set, rows[i].q).thin, "q %g", rows[i].q);
    }
}
END_TEST

/* One observation per bucket, but for the empty first one, makes the ranks of the interval visible: the k-th lies in (k, k + 1]. */
static void ranks_are(uint32_t n, double p, double j, double m)
{
    double *upper = arena_array(&arena, n + 1, sizeof *upper);
    uint64_t *counts = arena_array(&arena, n + 2, sizeof *counts);
    for (uint32_t i = 0; i <= n; i++) {
        upper[i] = i + 1;
        counts[i] = i > 0;
    }
    struct hist_bounds bounds = {7, n + 1, upper};
    struct hist_set set = set_of(classic(&bounds, counts));
    struct quantile q = hist_quantile(&set, p);
    ck_assert_msg(q.ci_lo == j, "n %u q %g: from %g", n, p, q.ci_lo);
    ck_assert_msg(m > n ? isinf(q.ci_hi) : q.ci_hi == m + 1, "n %u q %g: to %g", n, p, q.ci_hi);
}

/* Ranks by the definition with exact binomial sums (rational arithmetic). */
START_TEST(confidence_interval_by_order_statistics)
{
    ranks_are(1, 0.5, 0, 2);
    ranks_are(5, 0.5, 0, 6);
    ranks_are(6, 0.5, 1, 6);
    ranks_are(10, 0.5, 2, 9);
    ranks_are(20, 0.25, 2, 10);
    ranks_are(100, 0.5, 40, 61);
    ranks_are(100, 0.9, 84, 96);
    ranks_are(100, 0.99, 97, 101);
    ranks_are(299, 0.99, 292, 300);
    ranks_are(500, 0.95, 465, 485);
    ranks_are(1000, 0.99, 983, 997);
    ranks_are(1000, 0.5, 469, 532);
}
END_TEST

START_TEST(confidence_interval_covers_the_population)
{
    enum { N = 200, RUNS = 2000 };
    struct rng r;
    rng_seed(&r, 16);
    double median = 0.8; /* of the lognormal */
    int covered = 0;
    for (int i = 0; i < RUNS; i++) {
        double values[N];
        make_values(&r, 0, values, N);
        struct hist_set set = set_of(exponential_of(values, N));
        struct quantile q = hist_quantile(&set, 0.5);
        covered += q.ci_lo <= median && median <= q.ci_hi;
        arena_reset(&arena);
    }
    ck_assert_msg(covered >= RUNS * 94 / 100, "%d of %d", covered, RUNS);
}
END_TEST

START_TEST(large_samples_use_the_normal_approximation)
{
    enum { BUCKETS = 1000 };
    static double upper[BUCKETS];
    static uint64_t counts[BUCKETS + 1];
    for (int i = 0; i < BUCKETS; i++) {
        upper[i] = (i + 1) / 1000.0;
        counts[i] = 10;
    }
    static const struct hist_bounds bounds = {8, BUCKETS, upper};
    struct hist_set set = set_of(classic(&bounds, counts));
    struct quantile q = hist_quantile(&set, 0.5); /* 5,000 +- (1.96 * 50 + 0.5): ranks 4,902 and 5,099, ten to a bucket */
    ck_assert_double_eq_tol(q.value, 0.5, 1e-12);
    ck_assert_double_eq_tol(q.ci_lo, 0.490, 1e-12);
    ck_assert_double_eq_tol(q.ci_hi, 0.510, 1e-12);
    ck_assert(!q.thin);
}
END_TEST

/* What may be said of a quantile, and of one against another. */
START_TEST(readings_and_their_ratios)
{
    const struct quantile none = {.n = 0}, average = {.average_only = true}, thin = {.n = 9, .value = 3, .lo = 2, .hi = 5, .thin = true},
                          sure = {.n = 900, .value = 2, .lo = 1.99, .hi = 2.01}, inside = {.n = 900, .value = 3, .lo = 2, .hi = 5},
                          above = {.n = 900, .value = 60, .lo = 60, .hi = (double)INFINITY, .above_last = true},
                          below = {.n = 900, .value = 0.2, .lo = 0, .hi = 0.3, .below_first = true};
    const struct {
        const struct quantile *q;
        bool about;
        const char *name;
        double v;
        enum exactness exact;
    } rows[] = {
        {&none, true, "none", (double)NAN, EXACT},  {&average, true, "average_only", (double)NAN, EXACT},
        {&thin, false, "thin", (double)NAN, EXACT}, {&sure, false, "value", 2, EXACT},
        {&sure, true, "about", 2, ABOUT},           {&inside, false, "about", 3, ABOUT},
        {&above, true, "above", 60, ABOVE},         {&below, false, "below", 0.3, BELOW},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct quantile_reading r = quantile_read(rows[i].q, rows[i].about);
        ck_assert_str_eq(quantile_is_name(r.is), rows[i].name);
        ck_assert(r.v == rows[i].v || (isnan(r.v) && isnan(rows[i].v)));
        ck_assert_int_eq(r.exact, rows[i].exact);
    }
    const struct {
        const struct quantile *now, *then;
        const char *text;
    } ratios[] = {
        {&sure, &sure, "1.0x"}, {&inside, &sure, "~1.5x"},  {&above, &inside, ">12x"},  {&inside, &above, "<0.08x"}, {&above, &above, "-"},
        {&below, &below, "-"},  {&inside, &below, ">6.7x"}, {&below, &inside, "<0.1x"}, {&thin, &inside, "-"},       {&inside, &none, "-"},
    };
    char out[EXACT_TEXT_MAX];
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++)
        ck_assert_str_eq(change_text(quantile_times(ratios[i].now, ratios[i].then, false), out), ratios[i].text);
}
END_TEST

START_TEST(above_a_threshold)
{
    static const uint64_t counts[] = {10, 30, 50, 7};
    struct hist_set set = set_of(classic(&coarse, counts));
    static const struct {
        double threshold;
        uint64_t lo, hi;
    } rows[] = {{1, 57, 57}, {0.1, 87, 87}, {10, 7, 7}, {0.5, 57, 87}, {2, 7, 57}, {0.05, 87, 97}, {20, 0, 7}, {0, 87, 97}, {-1, 87, 97}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t lo, hi;
        hist_above(&set, rows[i].threshold, &lo, &hi);
        ck_assert_msg(lo == rows[i].lo && hi == rows[i].hi, "above %g: %llu to %llu", rows[i].threshold, (unsigned long long)lo,
                      (unsigned long long)hi);
    }
    static const uint64_t e_counts[] = {3, 4};
    set = set_of(exponential(32, 2, e_counts, 5)); /* (2^(31/32), 2] and (2, 2^(33/32)] */
    uint64_t lo, hi;
    hist_above(&set, 2, &lo, &hi);
    ck_assert(lo == 4 && hi == 4);
    hist_above(&set, 1.99, &lo, &hi);
    ck_assert(lo == 4 && hi == 7);
    hist_above(&set, 0, &lo, &hi);
    ck_assert(lo == 7 && hi == 7); /* what is 0 is not above 0 */
    hist_above(&set, -1, &lo, &hi);
    ck_assert(lo == 12 && hi == 12);
    struct hist_set empty = {0};
    hist_above(&empty, 1, &lo, &hi);
    ck_assert(lo == 0 && hi == 0);
}
END_TEST

START_TEST(zero_bucket_quantile)
{
    static const uint64_t counts[] = {5};
    struct hist_set set = set_of(exponential(0, 1, counts, 5));
    struct quantile q = hist_quantile(&set, 0.5);
    ck_assert(q.value == 0 && q.lo == 0 && q.hi == 0 && !q.below_first && !q.above_last);
    q = hist_quantile(&set, 0.9);
    ck_assert(q.hi == 1 && q.lo < 1 && q.lo > 0.978);
    static const uint64_t c_counts[] = {1, 0, 0, 0};
    struct hist c = classic(&coarse, c_counts);
    ck_assert_int_eq(hist_set_add(&set, &c, &arena), ERR_OK);
    q = hist_quantile(&set, 0.2); /* third smallest: two of five zeros and perhaps the classic one are before it */
    ck_assert(q.lo == 0 && q.hi == 0 && q.value == 0 && !q.below_first);
}
END_TEST

/* Only how many and their sum: a mean, and of a quantile nothing; beside a distribution the interval widens as far as that allows. */
START_TEST(averages_have_no_quantiles)
{
    static const struct hist_bounds none = {9, 0, NULL};
    static const uint64_t five[] = {5}, counts[] = {10, 30, 50, 10};
    struct hist average = classic(&none, five);
    average.sum_fixed = INT64_C(6000000000);
    struct hist_set set = set_of(average);
    uint64_t lo, hi;
    ck_assert_double_eq_tol(hist_mean(&set, 1000000000, NULL), 1.2, 1e-15);
    struct quantile q = hist_quantile(&set, 0.5);
    ck_assert(q.n == 0 && q.average_only);
    hist_above(&set, 1, &lo, &hi);
    ck_assert(lo == 0 && hi == 5);
    ck_assert_int_eq(hist_set_add(&set, &average, &arena), ERR_OK);
    ck_assert_uint_eq(set.count, 1);
    ck_assert_uint_eq(hist_n(&set), 10);
    struct hist known = classic(&coarse, counts);
    ck_assert_int_eq(hist_set_add(&set, &known, &arena), ERR_OK);
    q = hist_quantile(&set, 0.5); /* the 55th of 110: at least in the bucket that holds the 45th of the known ones, at most the 55th's */
    ck_assert(q.n == 110 && q.lo == 1 && q.hi == 10 && !q.average_only);
    q = hist_quantile(&set, 0.95); /* the 105th: ten may be anything */
    ck_assert(q.above_last && q.lo == 10);
    q = hist_quantile(&(struct hist_set){.count = 0}, 0.5);
    ck_assert(q.n == 0 && !q.average_only);
}
END_TEST

START_TEST(a_mean_that_the_buckets_contradict_is_not_known)
{
    static const uint64_t counts[] = {1, 1, 2, 0}, low[] = {4, 0, 0, 0}, zeros[] = {0};
    struct hist h = classic(&coarse, counts); /* at least 0 + 0.1 + 1 + 1 s */
    struct hist_set set;
    h.sum_fixed = INT64_C(2100000000);
    set = set_of(h);
    ck_assert_double_eq_tol(hist_mean(&set, 1000000000, NULL), 0.525, 1e-12);
    h.sum_fixed = INT64_C(2090000000);
    set = set_of(h);
    ck_assert(isnan(hist_mean(&set, 1000000000, NULL)));
    h.sum_fixed = 0;
    set = set_of(h);
    ck_assert(isnan(hist_mean(&set, 1000000000, NULL)));
    h = classic(&coarse, low);
    h.summed = 0; /* no sum was given */
    set = set_of(h);
    ck_assert(isnan(hist_mean(&set, 1000000000, NULL)));
    h.summed = h.n; /* all of them took nothing */
    set = set_of(h);
    ck_assert_double_eq(hist_mean(&set, 1000000000, NULL), 0);
    h.sum_fixed = -5;
    set = set_of(h);
    ck_assert(isnan(hist_mean(&set, 1000000000, NULL)));
    set = set_of(exponential(0, 1, zeros, 7)); /* all of them at 0 */
    ck_assert_double_eq(hist_mean(&set, 1000000000, NULL), 0);
}
END_TEST

START_TEST(a_mean_is_of_those_whose_sum_is_known)
{
    static const uint64_t counts[] = {0, 100, 0, 0};
    struct hist known = classic(&coarse, counts), unknown = known;
    struct hist_set set = {.count = 0};
    uint64_t of = 7;
    known.sum_fixed = INT64_C(50000000000);
    unknown.summed = 0;
    ck_assert_int_eq(hist_set_add(&set, &unknown, &arena), ERR_OK);
    ck_assert(isnan(hist_mean(&set, 1000000000, &of)));
    ck_assert_uint_eq(of, 0);
    ck_assert_int_eq(hist_set_add(&set, &known, &arena), ERR_OK);
    ck_assert_double_eq_tol(hist_mean(&set, 1000000000, &of), 0.5, 1e-12); /* and not 0.25 */
    ck_assert_uint_eq(of, 100);
    ck_assert_uint_eq(hist_n(&set), 200);
}
END_TEST

START_TEST(mean_and_count)
{
    static const uint64_t counts[] = {1, 1, 0, 0};
    struct hist a = classic(&coarse, counts);
    a.sum_fixed = 600000000;
    struct hist_set set = set_of(a);
    ck_assert_double_eq_tol(hist_mean(&set, 1000000000, NULL), 0.3, 1e-15);
    ck_assert_uint_eq(hist_n(&set), 2);
    static const uint64_t one[] = {1, 0, 0, 0};
    a = classic(&coarse, one);
    a.sum_fixed = 50000000;
    set = set_of(a);
    ck_assert_double_eq_tol(hist_mean(&set, 1000000000, NULL), 0.05, 1e-15);
    struct hist_set empty = {0};
    ck_assert(isnan(hist_mean(&empty, 1, NULL)));
    ck_assert_uint_eq(hist_n(&empty), 0);
}
END_TEST

Suite *suite_histogram(void)
{
    Suite *suite = suite_create("histogram");
    TCase *t = tcase_create("histogram");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, classic_merge_is_the_same_in_any_order);
    tcase_add_test(t, exponential_merge_covers_both);
    tcase_add_test(t, observations_at_zero_need_no_buckets);
    tcase_add_test(t, what_cannot_be_merged_is_refused);
    tcase_add_test(t, quantile_as_prometheus_interpolates);
    tcase_add_test(t, quantile_over_gaps_and_edges);
    tcase_add_test(t, exponential_error_is_at_most_1_09_percent);
    tcase_add_test(t, classic_interval_holds_the_truth);
    tcase_add_test(t, unequal_schemes_give_an_interval);
    tcase_add_test(t, unequal_schemes_by_hand);
    tcase_add_test(t, what_does_not_fit_a_set_shares_a_member);
    tcase_add_test(t, native_counts_find_room_in_a_full_set);
    tcase_add_test(t, thin_when_hardly_anything_lies_beyond);
    tcase_add_test(t, readings_and_their_ratios);
    tcase_add_test(t, confidence_interval_by_order_statistics);
    tcase_add_test(t, confidence_interval_covers_the_population);
    tcase_add_test(t, large_samples_use_the_normal_approximation);
    tcase_add_test(t, above_a_threshold);
    tcase_add_test(t, zero_bucket_quantile);
    tcase_add_test(t, averages_have_no_quantiles);
    tcase_add_test(t, a_mean_that_the_buckets_contradict_is_not_known);
    tcase_add_test(t, a_mean_is_of_those_whose_sum_is_known);
    tcase_add_test(t, mean_and_count);
    suite_add_tcase(suite, t);
    return suite;
}
