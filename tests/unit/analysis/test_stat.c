/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <string.h>

#include "analysis/stat.h"

static void near(double got, double want)
{
    ck_assert_msg(fabs(got - want) <= 1e-9 * fabs(want), "%.17g is not %.17g", got, want);
}

START_TEST(binomial_by_hand)
{
    near(stat_binom_tail(3, 0.5, 2), 0.5); /* 3/8 + 1/8 */
    near(stat_binom_tail(3, 0.5, 1), 0.875);
    near(stat_binom_tail(10, 0.1, 10), 1e-10);
    near(stat_binom_tail(4, 0.25, 3), 13.0 / 256); /* 4 * 3/256 + 1/256 */
    near(stat_binom_tail(2, 1e-3, 1), 1.999e-3);   /* 1 - 0.999^2 */
}
END_TEST

START_TEST(binomial_edges)
{
    ck_assert(stat_binom_tail(0, 0.5, 0) == 1);
    ck_assert(stat_binom_tail(5, 0.5, 6) == 0);
    ck_assert(stat_binom_tail(5, 0, 1) == 0);
    ck_assert(stat_binom_tail(5, 1, 5) == 1);
    ck_assert(stat_binom_tail(5, 1, 6) == 0);
}
END_TEST

/* Both sides of the mean are summed from different ends; they must add up, and large counts must not lose their digits. */
START_TEST(binomial_sides_agree)
{
    double total = 0;
    for (uint64_t k = 0; k <= 40; k++) {
        double at_k = stat_binom_tail(40, 0.3, k) - stat_binom_tail(40, 0.3, k + 1);
        ck_assert(at_k >= 0);
        total += at_k;
    }
    near(total, 1);
    /* n p = 1000, one standard deviation is 31.6: six of them above */
    double far = stat_binom_tail(1000000, 0.001, 1190);
    ck_assert_msg(far > 1e-9 && far < 1e-8, "%g", far);
}
END_TEST

START_TEST(fisher_by_hand)
{
    /* the tea tasting: 4 of 4 right among 8 cups is 1 in 70, at least 3 right is 17 in 70 */
    near(stat_fisher_tail(4, 0, 4, 4), 1.0 / 70);
    near(stat_fisher_tail(4, 1, 4, 3), 17.0 / 70);
    near(stat_fisher_tail(4, 3, 4, 1), 69.0 / 70);
    near(stat_fisher_tail(4, 4, 4, 0), 1);
    ck_assert(stat_fisher_tail(0, 0, 4, 4) == 1);
}
END_TEST

START_TEST(poisson_by_hand)
{
    near(stat_poisson_llr(20, 10), 20 * log(2) - 10);
    ck_assert(stat_poisson_llr(5, 10) == 0);
    ck_assert(stat_poisson_llr(0, 0) == 0);
}
END_TEST

/* Tables of Student's distribution; one degree of freedom is Cauchy's, whose quantile is a tangent. */
START_TEST(student)
{
    const double pi = acos(-1);
    ck_assert(fabs(stat_student_quantile(3, 0.95) - 2.353363) < 1e-6);
    ck_assert(fabs(stat_student_quantile(10, 0.025) + 2.228139) < 1e-6);
    ck_assert(fabs(stat_student_quantile(1e6, 0.95) - 1.644854) < 1e-5);
    near(stat_student_quantile(1, 0.9), tan(0.4 * pi));
    near(stat_student_tail(1, 3), 0.5 - atan(3) / pi);
    near(stat_student_tail(2, 1.5), 0.5 - 1.5 / 2 / sqrt(2 + 1.5 * 1.5));
    near(stat_student_tail(2, -1.5), 0.5 + 1.5 / 2 / sqrt(2 + 1.5 * 1.5));
    ck_assert(stat_student_tail(4.5, 0) == 0.5 && stat_student_quantile(4.5, 0.5) == 0);
    ck_assert(stat_student_tail(2, (double)INFINITY) == 0);
    for (double p = 0.001; p < 1; p += 0.0317)
        near(stat_student_tail(2.7, stat_student_quantile(2.7, p)), 1 - p);
}
END_TEST

START_TEST(share_bounds)
{
    near(stat_share_upper(100, 0, 0.05), 1 - pow(0.05, 1.0 / 100)); /* (1 - p)^100 = 0.05 */
    near(stat_share_lower(100, 100, 0.05), pow(0.05, 1.0 / 100));
    ck_assert(stat_share_lower(100, 0, 0.05) == 0 && stat_share_upper(100, 100, 0.05) == 1 && stat_share_upper(0, 0, 0.05) == 1);
    /* By the definition: at the bound, what was seen or less comes with the chance. */
    near(1 - stat_binom_tail(1000, stat_share_upper(1000, 20, 0.1), 21), 0.1);
    near(stat_binom_tail(1000, stat_share_lower(1000, 20, 0.1), 20), 0.1);
}
END_TEST

/* Newcombe's table II, method 10. */
START_TEST(differences)
{
    double lo, hi;
    static const struct {
        uint64_t n0, bad0, n1, bad1;
        double lo, hi;
    } of[] = {
        {80, 48, 70, 56, 0.0524, 0.3339}, {10, 3, 10, 9, 0.1705, 0.8090}, {7, 2, 7, 6, 0.0582, 0.8062}, {29, 0, 56, 5, -0.0381, 0.1926}};
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        stat_share_difference(of[i].n0, (double)of[i].bad0, of[i].n1, (double)of[i].bad1, &lo, &hi);
        ck_assert(fabs(lo - of[i].lo) < 5e-5 && fabs(hi - of[i].hi) < 5e-5);
    }
    stat_share_difference(0, 0, 5, 1, &lo, &hi);
    ck_assert(isnan(lo) && isnan(hi));
    stat_mean_difference(6, 0.5, 0.3, 6, 0.75, 0.3, &lo, &hi); /* alike: 10 degrees of freedom, 2.228139 deviations of sqrt(0.1) */
    ck_assert(fabs(lo - (0.25 - 0.704600)) < 1e-5 && fabs(hi - (0.25 + 0.704600)) < 1e-5);
    stat_mean_difference(1, 0.5, 0.3, 6, 0.75, 0.3, &lo, &hi);
    ck_assert(isnan(lo) && isnan(hi));
    stat_mean_difference(5, 1, 0, 5, 0.5, 0, &lo, &hi);
    ck_assert(lo == -0.5 && hi == -0.5);
}
END_TEST

START_TEST(chi_squared)
{
    near(stat_chi2_tail(2, 5), exp(-2.5)); /* an exponential */
    near(stat_chi2_tail(2, 0.1), exp(-0.05));
    near(stat_chi2_tail(1, 9), erfc(3 / sqrt(2))); /* a normal's square */
    near(stat_chi2_tail(1, 0.01), erfc(0.1 / sqrt(2)));
    near(stat_chi2_tail(4, 100), exp(-50) * 51);
    double below = 0; /* of even degrees: a Poisson count below 200, at a mean of 200 */
    for (int k = 0; k < 200; k++)
        below += exp(k * log(200) - 200 - lgamma(k + 1));
    near(stat_chi2_tail(400, 400), below);
    ck_assert(stat_chi2_tail(3, 0) == 1);
}
END_TEST

START_TEST(quantiles_between_two_samples)
{
    double list[] = {3, 1, 2, 4};
    stat_sort(list, 4);
    near(stat_sorted_quantile(list, 4, 0), 1);
    near(stat_sorted_quantile(list, 4, 0.5), 2.5);
    near(stat_sorted_quantile(list, 4, 0.75), 3.25);
    near(stat_sorted_quantile(list, 4, 1), 4);
    near(stat_sorted_quantile(list, 1, 0.5), 1);
    ck_assert(isnan(stat_sorted_quantile(list, 0, 0.5)));
}
END_TEST

/* The sum of hypergeometric counts, against their convolution: within a tenth down to 1e-4, a third at 1e-6, and on both sides. */
START_TEST(sums_of_counts_have_the_tail_of_their_moments)
{
    static const struct {
        int times;
        uint64_t n0, n1, bad;
    } cases[] = {{1, 20000, 30, 103}, {1, 20000, 60, 43}, {3, 200, 200, 200}, {40, 30, 20, 3}, {200, 20, 2, 1}, {5, 1000, 10, 1}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        enum { MOST = 1024 };
        static double sum[MOST], next[MOST];
        const double n0 = (double)cases[c].n0, n1 = (double)cases[c].n1, bad = (double)cases[c].bad, all = n0 + n1, times = cases[c].times;
        const double mean = times * bad * n1 / all, var = times * n0 * n1 * bad * (all - bad) / (all * all * (all - 1));
        const double third = var * (all - 2 * bad) * (all - 2 * n1) / (all * (all - 2));
        memset(sum, 0, sizeof sum);
        sum[0] = 1;
        for (int i = 0; i < cases[c].times; i++) {
            memset(next, 0, sizeof next);
            for (uint64_t k = 0; k <= cases[c].bad && k <= cases[c].n1; k++) {
                const double at_least = stat_fisher_tail(cases[c].n0, cases[c].bad - k, cases[c].n1, k);
                const double one =
                    at_least -
                    (k < cases[c].bad && k < cases[c].n1 ? stat_fisher_tail(cases[c].n0, cases[c].bad - k - 1, cases[c].n1, k + 1) : 0);
                for (uint64_t j = 0; j + k < MOST; j++)
                    next[j + k] += sum[j] * one;
            }
            memcpy(sum, next, sizeof sum);
        }
        double above = 0, below = 0;
        for (int k = MOST - 1; k >= 0; k--) {
            above += sum[k];
            if (above > 1e-6 && above < 0.3) {
                const double p = stat_sum_tail(k - mean, var, third);
                ck_assert_double_gt(p, above * (above > 1e-4 ? 0.9 : 0.66));
                ck_assert_double_lt(p, above * 1.1);
            }
        }
        for (int k = 0; k < MOST && below < 0.3; k++) {
            below += sum[k];
            if (below > 1e-6 && below < 0.3)
                ck_assert_double_eq_tol(stat_sum_tail(mean - k, var, -third) / below, 1, below > 1e-4 ? 0.1 : 0.34);
        }
    }
    ck_assert_double_eq_tol(stat_sum_tail(4900, 1e6, 0), 4.8e-7, 0.1e-7); /* nearly normal: 4.9 deviations */
    ck_assert_double_eq_tol(stat_sum_tail(8, 2, 2), 3.4e-5 + 1.25e-5, 0.1e-5);
    ck_assert_double_eq(stat_sum_tail(-3, 2, 2), 1);
}
END_TEST

Suite *suite_stat(void);
Suite *suite_stat(void)
{
    Suite *s = suite_create("stat");
    TCase *tc = tcase_create("tails");
    tcase_add_test(tc, binomial_by_hand);
    tcase_add_test(tc, binomial_edges);
    tcase_add_test(tc, binomial_sides_agree);
    tcase_add_test(tc, fisher_by_hand);
    tcase_add_test(tc, poisson_by_hand);
    tcase_add_test(tc, student);
    tcase_add_test(tc, share_bounds);
    tcase_add_test(tc, differences);
    tcase_add_test(tc, chi_squared);
    tcase_add_test(tc, quantiles_between_two_samples);
    tcase_add_test(tc, sums_of_counts_have_the_tail_of_their_moments);
    suite_add_tcase(s, tc);
    return s;
}
