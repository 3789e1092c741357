/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>

#include "analysis/stat.h"
#include "analysis/strata.h"
#include "base/rng.h"

/* Against the list's own base. */
static bool compare(const struct stratum *list, size_t count, struct strata *ret)
{
    double n = 0, bad = 0;
    for (size_t i = 0; i < count; i++) {
        n += (double)list[i].base_n;
        bad += (double)list[i].base_bad;
    }
    return strata_compare(list, count, bad / n, ret);
}

START_TEST(a_mix_alone)
{
    /* 1 % and 20 % bad on both sides, of which there are 5 % and 25 %: 1.95 % becomes 5.75 %. */
    const struct stratum list[] = {{9500, 95, 750, 8, 0, 0}, {500, 100, 250, 50, 0, 0}};
    struct strata s;
    ck_assert(compare(list, 2, &s));
    ck_assert_double_eq_tol(s.excess, 58 - 1000 * 0.0195, 1e-9);
    ck_assert_double_eq_tol(s.mix, 750 * (0.01 - 0.0195) + 250 * (0.2 - 0.0195), 1e-9);
    ck_assert_double_eq_tol(s.mix + s.fresh + s.within, s.excess, 1e-9);
    ck_assert_double_eq(s.fresh, 0);
    ck_assert_double_eq_tol(s.within, 0.5, 1e-9); /* the half of a bad one in the chat */
    ck_assert_double_eq_tol(s.expected, 0.0575, 1e-9);
    /* Against the usual share of another mix, that is the mix's as well; where none is told of, it is nobody's. */
    const struct stratum chats[] = {{9500, 95, 750, 8, 700, 7}, {500, 100, 250, 50, 0, 0}};
    ck_assert(strata_compare(chats, 2, 0.01, &s));
    ck_assert_double_eq_tol(s.excess, 48, 1e-9);
    ck_assert_double_eq_tol(s.within, 0.5, 1e-9);
    ck_assert_double_eq_tol(s.level, 0, 1e-9);
    ck_assert_double_eq_tol(s.mix, 47.5, 1e-9);
    ck_assert(strata_compare(list, 2, 0.01, &s));
    ck_assert_double_eq_tol(s.level, 9.5, 1e-9);
    ck_assert_double_eq_tol(s.mix, 38, 1e-9);
    ck_assert_double_eq_tol(s.within, 0.5, 1e-9);
    ck_assert(compare(list, 2, &s));
    ck_assert_double_gt(s.p, 0.3);
    ck_assert_uint_eq(s.most, 1);
    ck_assert_double_eq_tol(s.was, 0.05, 1e-12);
    ck_assert_double_eq_tol(s.is, 0.25, 1e-12);
}
END_TEST

START_TEST(worse_within_each)
{
    const struct stratum list[] = {{9500, 95, 950, 30, 0, 0}, {500, 100, 50, 30, 0, 0}};
    struct strata s;
    ck_assert(compare(list, 2, &s));
    ck_assert_double_eq_tol(s.mix, 0, 1e-9);
    ck_assert_double_eq_tol(s.within, 60 - 19.5, 1e-9);
    ck_assert_double_lt(s.p, 1e-9);
    /* Exactly, of the sum of both: 60 and more of 125 + 130 that are dealt at random. */
    double exact = 0;
    for (uint64_t k = 0; k <= 50; k++) {
        const double one = stat_fisher_tail(500, 130 - k, 50, k) - (k < 50 ? stat_fisher_tail(500, 130 - k - 1, 50, k + 1) : 0);
        exact += one * stat_fisher_tail(9500, 125 - (60 - k), 950, 60 - k);
    }
    ck_assert_double_gt(s.p, 0.2 * exact);
    ck_assert_double_lt(s.p, exact);
}
END_TEST

/* A few rare ones prove what they do, and no more: 3 bad of 30 where one in 200 is, and of a key of its own beside others. */
START_TEST(rare_ones_prove_no_more_than_they_do)
{
    const struct stratum list[] = {{20000, 100, 30, 3, 0, 0}, {0, 0, 970, 5, 0, 0}};
    struct stratum keys[21] = {{20000, 100, 30, 3, 0, 0}};
    struct strata s;
    struct strata_where w;
    ck_assert(compare(list, 2, &s));
    ck_assert_double_eq_tol(s.p, 4.8e-4, 0.1e-4);
    for (int i = 1; i < 21; i++)
        keys[i] = (struct stratum){.base_n = 20000, .base_bad = 100, .now_n = 200, .now_bad = 1};
    (void)strata_where(keys, 21, 0.005, 1, &w);
    ck_assert_int_eq(w.word, STRATA_UNTOLD);
}
END_TEST

/* One route was a tenth of the traffic, 5 % bad; since yesterday it is half, and 20 % bad. Half of yesterday's, as of now's: by the shares
 * that the usual one is of, most of what changed is within the route. */
START_TEST(a_drift_older_than_the_day_before_is_no_mix)
{
    const struct stratum list[] = {{5000, 1000, 500, 100, 1000, 50}, {5000, 50, 500, 5, 9000, 90}};
    struct strata s;
    ck_assert(strata_compare(list, 2, 0.014, &s));
    ck_assert_double_eq_tol(s.excess, 91, 1e-9);
    ck_assert_double_eq_tol(s.mix, 1000 * 0.4 * 0.04, 1e-9);
    ck_assert_double_eq_tol(s.level, 0, 1e-9);
    ck_assert_double_eq_tol(s.within, 75, 1e-9);
    ck_assert_double_lt(s.p, 1e-9);
    ck_assert_double_eq_tol(s.expected, 0.03, 1e-9);
    ck_assert_double_eq_tol(s.was, 0.1, 1e-9); /* of the time that it is compared with */
    ck_assert_double_eq_tol(s.is, 0.5, 1e-9);
}
END_TEST

/* Of strata that are all new nothing would show; of known ones too few would. */
START_TEST(what_is_known_must_be_enough_to_show_it)
{
    const struct stratum new[] = {{0, 0, 500, 40, 0, 0}, {1000, 10, 0, 0, 0, 0}}, few[] = {{0, 0, 900, 72, 0, 0}, {1000, 10, 40, 0, 0, 0}},
                         many[] = {{0, 0, 500, 60, 0, 0}, {1000, 10, 500, 5, 0, 0}};
    struct strata s;
    ck_assert(strata_compare(new, 2, 0.01, &s));
    ck_assert_double_eq(s.p, 1);
    ck_assert(!s.would_show);
    ck_assert(strata_compare(few, 2, 0.01, &s));
    ck_assert(!s.would_show);
    ck_assert(strata_compare(many, 2, 0.01, &s));
    ck_assert(s.would_show);
}
END_TEST

/* Both routes were as bad the day before as now, of the same mix: against an older usual share that is no traffic. */
START_TEST(a_level_that_rose_before_is_no_mix)
{
    const struct stratum list[] = {{5000, 425, 60, 5, 0, 0}, {5000, 425, 62, 7, 0, 0}};
    struct strata s;
    ck_assert(strata_compare(list, 2, 0.017, &s));
    ck_assert_double_eq_tol(s.mix, 0, 1e-9);
    ck_assert_double_eq_tol(s.level, 122 * (0.085 - 0.017), 1e-9);
    ck_assert_double_gt(s.level, 0.75 * s.excess);
    ck_assert_double_eq_tol(s.expected, 0.017, 1e-9);
}
END_TEST

/* Keys of a few samples each, 3 % bad and then 9 %: none is new, as they are known together. */
START_TEST(many_small_strata_are_known_together)
{
    struct stratum list[500];
    struct strata s;
    for (size_t i = 0; i < 500; i++)
        list[i] = (struct stratum){.base_n = 15, .base_bad = i % 20 < 9, .now_n = 2, .now_bad = i % 50 < 9};
    ck_assert(compare(list, 500, &s));
    ck_assert_double_eq_tol(s.fresh, 0, 1e-9);
    ck_assert_double_eq_tol(s.within, s.excess, 1e-6);
    ck_assert_double_lt(s.p, 1e-9);
}
END_TEST

/* What is expected of a mix is known as well as its strata are: half of now is of 100 samples, whatever the other half is of. */
START_TEST(what_is_expected_is_no_better_known_than_its_strata)
{
    const struct stratum list[] = {{20000, 200, 150, 2, 0, 0}, {0, 0, 150, 15, 0, 0}};
    struct strata s;
    ck_assert(compare(list, 2, &s));
    ck_assert_double_eq_tol(s.expected, 0.055, 1e-9);
    const double p = 200.5 / 20001, q = 15.5 / 151;
    const double error = 0.25 * p * (1 - p) / 20000 + 0.25 * q * (1 - q) / 150;
    ck_assert_double_eq_tol(s.expected_n, 0.055 * 0.945 / error, 1e-6);
    ck_assert_double_lt(s.expected_n, 400);
}
END_TEST

START_TEST(what_was_not_there_before_is_new_traffic)
{
    const struct stratum list[] = {{1000, 10, 800, 8, 0, 0}, {19, 0, 200, 60, 0, 0}};
    struct strata s;
    ck_assert(compare(list, 2, &s));
    ck_assert_double_gt(s.fresh, 0.9 * s.excess);
    ck_assert_uint_eq(s.most, 1);
    ck_assert_double_gt(s.p, 0.3);
}
END_TEST

START_TEST(nothing_to_compare)
{
    const struct stratum one[] = {{1000, 10, 100, 5, 0, 0}}, none[] = {{1000, 10, 0, 0, 0, 0}, {50, 1, 0, 0, 0, 0}},
                         gone[] = {{0, 0, 5, 1, 0, 0}, {0, 0, 5, 1, 0, 0}};
    struct strata s;
    ck_assert(!compare(one, 1, &s));
    ck_assert(!compare(none, 2, &s));
    ck_assert(!compare(gone, 2, &s));
}
END_TEST

/* Unchanged shares under another mix: p <= 1 % in 1 % of the cases. */
START_TEST(p_is_what_it_says)
{
    struct rng r;
    int low = 0;
    rng_seed(&r, 5);
    for (int i = 0; i < 4000; i++) {
        static const double share[3] = {0.02, 0.1, 0.3};
        const uint64_t base[3] = {4000, 500, 100}, now[3] = {200, 100, 100};
        struct stratum list[3];
        struct strata s;
        for (int k = 0; k < 3; k++) {
            list[k] = (struct stratum){.base_n = base[k], .now_n = now[k]};
            for (uint64_t n = 0; n < base[k]; n++)
                list[k].base_bad += rng_unit(&r) < share[k];
            for (uint64_t n = 0; n < now[k]; n++)
                list[k].now_bad += rng_unit(&r) < share[k];
        }
        ck_assert(compare(list, 3, &s));
        low += s.p <= 0.01;
    }
    ck_assert_int_le(low, 60);
    ck_assert_int_ge(low, 10);
}
END_TEST

/* ---- where it is ---- */

static double share_of(const struct stratum *list, size_t count)
{
    double n = 0, bad = 0;
    for (size_t i = 0; i < count; i++) {
        n += (double)list[i].base_n;
        bad += (double)list[i].base_bad;
    }
    return bad / n;
}

START_TEST(in_one_alone)
{
    const struct stratum list[] = {{4000, 40, 400, 5, 0, 0}, {2000, 20, 200, 60, 0, 0}, {4000, 0, 400, 0, 0, 0}};
    struct strata_where w;
    ck_assert(strata_where(list, 3, share_of(list, 3), 1, &w));
    ck_assert_int_eq(w.word, STRATA_SOME);
    ck_assert_uint_eq(w.count, 1);
    ck_assert_uint_eq(w.at[0], 1);
    ck_assert_double_eq_tol(w.was, 0.01, 1e-12);
    ck_assert_double_eq_tol(w.is, 0.3, 1e-12);
    ck_assert_uint_eq(w.n, 200);
    ck_assert_double_eq_tol(w.part, 58.0 / 59, 1e-12); /* of 58 + 1 beyond what there was */
    ck_assert_uint_eq(w.parts, 3);                     /* where none was ever bad, too */
}
END_TEST

/* What one question would tell is chance among enough of them. */
START_TEST(in_one_of_many_questions)
{
    const struct stratum list[] = {{4000, 40, 400, 5, 0, 0}, {2000, 20, 200, 60, 0, 0}, {4000, 0, 400, 0, 0, 0}};
    struct strata_where w;
    ck_assert(strata_where(list, 3, 0.01, 1, &w));
    ck_assert_int_eq(w.word, STRATA_SOME);
    ck_assert(!strata_where(list, 3, 0.01, 1e100, &w));
}
END_TEST

START_TEST(in_one_for_the_better)
{
    const struct stratum list[] = {{4000, 400, 1000, 100, 0, 0}, {4000, 400, 1000, 5, 0, 0}};
    struct strata_where w;
    ck_assert(strata_where(list, 2, 0.1, 1, &w));
    ck_assert_int_eq(w.word, STRATA_SOME);
    ck_assert_uint_eq(w.at[0], 1);
}
END_TEST

START_TEST(in_two_alone)
{
    const struct stratum list[] = {
        {4000, 40, 400, 60, 0, 0}, {2000, 20, 200, 60, 0, 0}, {4000, 40, 400, 4, 0, 0}, {4000, 40, 400, 3, 0, 0}};
    struct strata_where w;
    ck_assert(strata_where(list, 4, 0.01, 1, &w));
    ck_assert_int_eq(w.word, STRATA_SOME);
    ck_assert_uint_eq(w.count, 2);
    ck_assert_uint_eq(w.at[0], 1); /* 58 beyond its own, the other 56 */
    ck_assert_uint_eq(w.at[1], 0);
}
END_TEST

START_TEST(in_one_that_is_new)
{
    const struct stratum list[] = {{9000, 180, 840, 17, 0, 0}, {0, 0, 160, 32, 0, 0}};
    struct strata_where w;
    ck_assert(strata_where(list, 2, 0.02, 1, &w));
    ck_assert_int_eq(w.word, STRATA_SOME);
    ck_assert_uint_eq(w.at[0], 1);
    ck_assert(isnan(w.was));
    ck_assert_double_eq_tol(w.is, 0.2, 1e-12);
}
END_TEST

START_TEST(in_all_alike)
{
    const struct stratum list[] = {{4000, 40, 1000, 60, 0, 0}, {2000, 20, 900, 50, 0, 0}, {4000, 40, 1100, 65, 0, 0}, {50, 1, 12, 1, 0, 0}};
    struct strata_where w;
    ck_assert(strata_where(list, 4, share_of(list, 4), 1, &w));
    ck_assert_int_eq(w.word, STRATA_ALL);
    ck_assert_uint_eq(w.parts, 3); /* the last has too few to tell */
    ck_assert_uint_eq(w.all, 4);
}
END_TEST

START_TEST(most_of_it_in_one)
{
    const struct stratum list[] = {{4000, 40, 1000, 60, 0, 0}, {2000, 20, 300, 150, 0, 0}, {4000, 40, 1000, 50, 0, 0}};
    struct strata_where w;
    ck_assert(strata_where(list, 3, 0.01, 1, &w));
    ck_assert_int_eq(w.word, STRATA_MOSTLY);
    ck_assert_uint_eq(w.at[0], 1);
    ck_assert_double_eq_tol(w.part, 147.0 / (147 + 50 + 40), 1e-12);
}
END_TEST

START_TEST(where_too_little_is_known_nothing_is_told)
{
    /* Nearly all of the traffic: the others would not show it. */
    const struct stratum most[] = {{9900, 99, 990, 60, 0, 0}, {100, 1, 10, 0, 0, 0}};
    /* No change, one stratum, and none. */
    const struct stratum same[] = {{1000, 10, 1000, 10, 0, 0}, {1000, 10, 1000, 10, 0, 0}};
    struct strata_where w;
    ck_assert(!strata_where(most, 2, 0.01, 1, &w));
    ck_assert_int_eq(w.word, STRATA_UNTOLD);
    ck_assert(!strata_where(same, 2, 0.01, 1, &w));
    ck_assert(!strata_where(most, 1, 0.01, 1, &w));
    ck_assert(!strata_where(most, 0, 0.01, 1, &w));
}
END_TEST

/* A change in all alike is not told of one: a thousand drawings, of which chance may mislead one in a hundred. */
START_TEST(chance_names_no_stratum)
{
    struct rng r;
    size_t wrong = 0;
    rng_seed(&r, 7);
    for (int run = 0; run < 1000; run++) {
        struct stratum list[6] = {{.base_n = 0}};
        struct strata_where w;
        for (int i = 0; i < 6; i++) {
            list[i] = (struct stratum){.base_n = 3000, .base_bad = 60, .now_n = 250};
            for (uint64_t k = 0; k < list[i].now_n; k++)
                list[i].now_bad += rng_unit(&r) < 0.06;
        }
        wrong += strata_where(list, 6, 0.02, 1, &w) && w.word != STRATA_ALL;
    }
    ck_assert_uint_le(wrong, 10);
}
END_TEST

Suite *suite_strata(void);
Suite *suite_strata(void)
{
    Suite *s = suite_create("strata");
    TCase *t = tcase_create("strata");
    tcase_add_test(t, a_mix_alone);
    tcase_add_test(t, worse_within_each);
    tcase_add_test(t, rare_ones_prove_no_more_than_they_do);
    tcase_add_test(t, a_drift_older_than_the_day_before_is_no_mix);
    tcase_add_test(t, what_is_known_must_be_enough_to_show_it);
    tcase_add_test(t, a_level_that_rose_before_is_no_mix);
    tcase_add_test(t, many_small_strata_are_known_together);
    tcase_add_test(t, what_is_expected_is_no_better_known_than_its_strata);
    tcase_add_test(t, what_was_not_there_before_is_new_traffic);
    tcase_add_test(t, nothing_to_compare);
    tcase_add_test(t, p_is_what_it_says);
    tcase_add_test(t, in_one_alone);
    tcase_add_test(t, in_one_of_many_questions);
    tcase_add_test(t, in_one_for_the_better);
    tcase_add_test(t, in_two_alone);
    tcase_add_test(t, in_one_that_is_new);
    tcase_add_test(t, in_all_alike);
    tcase_add_test(t, most_of_it_in_one);
    tcase_add_test(t, where_too_little_is_known_nothing_is_told);
    tcase_add_test(t, chance_names_no_stratum);
    suite_add_tcase(s, t);
    return s;
}
