/* SPDX-License-Identifier: MIT */
/* Native histograms through the whole normaliser. */
#include "unit/record/fixture.h"

static struct fixture f;

static void setup(void)
{
    fixture_open(&f);
}

static void teardown(void)
{
    fixture_close(&f);
}

struct one {
    double count, sum;
    struct promjson_bucket b[4];
    size_t n;
};

/* A poll with one native histogram of ttft (model m). */
static void poll_buckets(double count, double sum, const struct promjson_bucket *b, size_t n)
{
    static const struct expo_label labels[] = {{{"model", 5}, {"m", 1}, false}};
    const struct source_histogram sh = {{"gw_ttft\0model\0m", 15}, {"gw_ttft", 7}, labels, 1, count, sum, b, n};
    f.t_ms += 15000;
    normalise_begin(f.n, f.t_ms);
    ck_assert_int_eq(normalise_histogram(f.n, &sh, &f.ctx), ERR_OK);
    arena_reset(&f.arena);
    ck_assert_msg(normalise_finish(f.n, &f.arena, &f.batch, &f.report, &f.ctx) == ERR_OK, "%s", f.ctx.text);
}

static void poll(struct one h)
{
    poll_buckets(h.count, h.sum, h.b, h.n);
}

static const struct store_item *item(void)
{
    return fixture_item(&f, SIG_TTFT, DIM_MODEL, "m");
}

static uint32_t bounds(void)
{
    return store_series_at(f.st, item()->series - 1)->bounds;
}

/* Observations of the exponential bucket with this index. */
static uint64_t at(int index)
{
    return fixture_bucket(item(), (uint32_t)((1 << 30) + index));
}

START_TEST(schema_5_is_kept_as_it_is)
{
    double lo = exp2(1.0 / 32), hi = exp2(2.0 / 32);
    poll((struct one){10, 10, {{0, lo, hi, 10}}, 1});
    ck_assert_ptr_null(item());
    poll((struct one){15, 16.5, {{0, lo, hi, 12}, {0, hi, exp2(3.0 / 32), 3}}, 2});
    ck_assert_uint_eq(bounds(), 0);
    ck_assert_uint_eq(at(2), 2);
    ck_assert_uint_eq(at(3), 3);
    ck_assert_uint_eq(item()->v.hist.n, 5);
    ck_assert_int_eq(item()->v.hist.sum_fixed, INT64_C(6500000000));
}
END_TEST

START_TEST(finer_schemas_fold_and_the_zero_bucket_counts)
{
    poll((struct one){0, 0, {{0, 0, 0, 0}}, 0});
    /* schema 6: two of its buckets are one of schema 5 */
    poll((struct one){7, 1, {{3, -1e-128, 1e-128, 2}, {0, 1, exp2(1.0 / 64), 1}, {0, exp2(1.0 / 64), exp2(2.0 / 64), 4}}, 3});
    ck_assert_uint_eq(at(1), 5);
    ck_assert_uint_eq(item()->v.hist.n, 7);
}
END_TEST

START_TEST(coarser_schemas_stay_classic_over_fixed_bounds)
{
    poll((struct one){1, 1, {{0, 0.5, 1, 1}}, 1}); /* schema 0 */
    poll((struct one){4, 5, {{0, 0.5, 1, 2}, {0, 1, 2, 1}, {0, 65536, 131072, 1}}, 3});
    const struct hist_bounds *b = store_bounds_by_id(f.st, bounds());
    ck_assert_ptr_nonnull(b);
    ck_assert_uint_eq(b->count, 23);
    ck_assert_double_eq(b->upper[10], 1);
    ck_assert_uint_eq(fixture_bucket(item(), 10), 1);
    ck_assert_uint_eq(fixture_bucket(item(), 11), 1);
    ck_assert_uint_eq(fixture_bucket(item(), 23), 1); /* past 4096 s */
    uint32_t id = bounds();
    poll((struct one){5, 5, {{0, 0.5, 1, 2}, {0, 1, 2, 1}, {0, 4, 8, 1}, {0, 65536, 131072, 1}}, 4});
    ck_assert_uint_eq(bounds(), id); /* a bucket that fills does not change the set */
}
END_TEST

START_TEST(a_reset_counts_the_new_values)
{
    poll((struct one){100, 50, {{0, 0.5, 0.5 * exp2(1.0 / 32), 100}}, 1});
    poll((struct one){3, 1.5, {{0, 0.5, 0.5 * exp2(1.0 / 32), 3}}, 1});
    ck_assert_uint_eq(item()->v.hist.n, 3);
    ck_assert_int_eq(item()->v.hist.sum_fixed, INT64_C(1500000000));
    ck_assert_uint_eq(f.report.resets, 1);
}
END_TEST

START_TEST(a_change_of_resolution_is_a_new_baseline)
{
    poll((struct one){100, 50, {{0, 0.5, 0.5 * exp2(1.0 / 32), 100}}, 1});
    poll((struct one){110, 55, {{0, 0.5, 1, 110}}, 1});
    ck_assert_ptr_null(item());
    poll((struct one){112, 56, {{0, 0.5, 1, 112}}, 1});
    ck_assert_uint_eq(item()->v.hist.n, 2);
}
END_TEST

START_TEST(a_sum_that_is_no_number_is_of_none_until_there_is_a_base_again)
{
    double lo = exp2(1.0 / 32), hi = exp2(2.0 / 32);
    poll((struct one){10, 10, {{0, lo, hi, 10}}, 1});
    poll((struct one){12, NAN, {{0, lo, hi, 12}}, 1});
    ck_assert_uint_eq(at(2), 2);
    ck_assert_uint_eq(item()->v.hist.n, 0);
    ck_assert_ptr_nonnull(strstr(f.report.warning, "gw_ttft{model=\"m\"} has a sum that is no number"));
    poll((struct one){15, 16, {{0, lo, hi, 15}}, 1}); /* nothing to take a rise from */
    ck_assert_uint_eq(at(2), 3);
    ck_assert_uint_eq(item()->v.hist.n, 0);
    ck_assert_int_eq(item()->v.hist.sum_fixed, 0);
    poll((struct one){17, 18.2, {{0, lo, hi, 17}}, 1});
    ck_assert_uint_eq(item()->v.hist.n, 2);
    ck_assert_int_eq(item()->v.hist.sum_fixed, INT64_C(2200000000));
}
END_TEST

static void expect_custom(const double *upper, uint32_t count, const uint64_t *counts)
{
    ck_assert_ptr_nonnull(item());
    const struct hist_bounds *b = store_bounds_by_id(f.st, bounds());
    ck_assert_uint_eq(b->count, count);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_double_eq(b->upper[i], upper[i]);
    for (uint32_t i = 0; i <= count; i++)
        ck_assert_uint_eq(fixture_bucket(item(), i), counts[i]);
}

/* Of schema -53, as the API writes them: the first from -Inf, closed; the last to +Inf; empty ones left out. */
START_TEST(custom_bounds_are_those_of_a_classic_histogram)
{
    poll((struct one){0, 0, {{0}}, 0});
    ck_assert_ptr_null(item());
    poll((struct one){5, 2, {{3, -INFINITY, 0.3, 2}, {0, 0.3, 0.7, 3}}, 2});
    expect_custom((const double[]){0.3, 0.7}, 2, (const uint64_t[]){2, 3, 0});
    poll((struct one){12, 9, {{3, -INFINITY, 0.3, 3}, {0, 0.3, 0.7, 5}, {0, 5, INFINITY, 4}}, 3});
    expect_custom((const double[]){0.3, 0.7, 5}, 3, (const uint64_t[]){1, 2, 0, 4});
    ck_assert_uint_eq(item()->v.hist.n, 7);
    ck_assert_int_eq(item()->v.hist.sum_fixed, INT64_C(7000000000));
    /* one more holds something: its bounds are known from now on, and the others go on */
    poll((struct one){15, 12, {{3, -INFINITY, 0.3, 3}, {0, 0.3, 0.7, 6}, {0, 1, 2, 1}, {0, 5, INFINITY, 5}}, 4});
    expect_custom((const double[]){0.3, 0.7, 1, 2, 5}, 5, (const uint64_t[]){0, 1, 0, 1, 0, 1});
    /* a restart that has counted in fewer of them */
    poll((struct one){2, 1, {{0, 0.3, 0.7, 2}}, 1});
    expect_custom((const double[]){0.3, 0.7, 1, 2, 5}, 5, (const uint64_t[]){0, 2, 0, 0, 0, 0});
    ck_assert_uint_eq(f.report.warnings, 0);
}
END_TEST

/* The buckets at hand are of base 2 by chance, until one is met that is not. */
START_TEST(custom_bounds_that_are_powers_of_two_are_never_taken_for_a_zero_bucket)
{
    poll((struct one){5, 5, {{3, -INFINITY, 1, 4}, {0, 1, 2, 1}}, 2});
    poll((struct one){9, 9, {{3, -INFINITY, 1, 6}, {0, 1, 2, 3}}, 2});
    expect_custom((const double[]){1, 2}, 2, (const uint64_t[]){2, 2, 0});
    poll((struct one){10, 9, {{3, -INFINITY, 1, 6}, {0, 1, 2, 3}, {0, 2, 4, 1}}, 3});
    expect_custom((const double[]){1, 2, 4}, 3, (const uint64_t[]){0, 0, 1, 0});
}
END_TEST

START_TEST(other_custom_bounds_are_a_new_baseline_and_after_a_restart_begin_at_zero)
{
    poll((struct one){5, 5, {{3, -INFINITY, 1, 4}, {0, 1, 3, 1}}, 2});
    poll((struct one){7, 7, {{3, -INFINITY, 2, 5}, {0, 2, 3, 2}}, 2}); /* 2 divides what held something */
    ck_assert_ptr_null(item());
    poll((struct one){9, 9, {{3, -INFINITY, 2, 6}, {0, 2, 3, 3}}, 2});
    expect_custom((const double[]){2, 3}, 2, (const uint64_t[]){1, 1, 0});
    poll((struct one){4, 4, {{3, -INFINITY, 3, 4}}, 1}); /* reaches over 2 */
    expect_custom((const double[]){3}, 1, (const uint64_t[]){4, 0});
}
END_TEST

START_TEST(buckets_without_a_width_are_refused_with_a_warning)
{
    for (int i = 0; i < 2; i++)
        poll((struct one){3, 1, {{0, 0.7, 0.7, 3}, {0, 0.7, INFINITY, 1}}, 2});
    ck_assert_ptr_null(item());
    ck_assert_ptr_nonnull(strstr(f.report.warning, "whose buckets have no width"));
}
END_TEST

START_TEST(too_many_custom_bounds_are_refused_and_change_nothing)
{
    static struct promjson_bucket many[600];
    poll((struct one){5, 2, {{3, -INFINITY, 0.3, 2}, {0, 0.3, 0.7, 3}}, 2});
    for (int i = 0; i < 600; i++)
        many[i] = (struct promjson_bucket){0, 1 + i, 1.3 + i, 1};
    poll_buckets(600, 9, many, 600);
    ck_assert_ptr_null(item());
    ck_assert_ptr_nonnull(strstr(f.report.warning, "of too many bounds"));
    poll((struct one){12, 9, {{3, -INFINITY, 0.3, 3}, {0, 0.3, 0.7, 9}}, 2});
    expect_custom((const double[]){0.3, 0.7}, 2, (const uint64_t[]){1, 6, 0});
}
END_TEST

Suite *suite_native(void);
Suite *suite_native(void)
{
    Suite *s = suite_create("native");
    TCase *c = tcase_create("native");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, schema_5_is_kept_as_it_is);
    tcase_add_test(c, finer_schemas_fold_and_the_zero_bucket_counts);
    tcase_add_test(c, coarser_schemas_stay_classic_over_fixed_bounds);
    tcase_add_test(c, a_reset_counts_the_new_values);
    tcase_add_test(c, a_change_of_resolution_is_a_new_baseline);
    tcase_add_test(c, a_sum_that_is_no_number_is_of_none_until_there_is_a_base_again);
    tcase_add_test(c, custom_bounds_are_those_of_a_classic_histogram);
    tcase_add_test(c, custom_bounds_that_are_powers_of_two_are_never_taken_for_a_zero_bucket);
    tcase_add_test(c, other_custom_bounds_are_a_new_baseline_and_after_a_restart_begin_at_zero);
    tcase_add_test(c, buckets_without_a_width_are_refused_with_a_warning);
    tcase_add_test(c, too_many_custom_bounds_are_refused_and_change_nothing);
    suite_add_tcase(s, c);
    return s;
}
