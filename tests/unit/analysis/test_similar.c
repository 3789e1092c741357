/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "analysis/similar.h"

static const char *const availability[] = {"slo:gpt-x availability", "budget:all"}, *const latency[] = {"slo:gpt-x ttft"};
static const char *const gpt_x[] = {"model=gpt-x"}, *const c_s[] = {"model=c-s"}, *const openai[] = {"provider openai"},
                         *const azure[] = {"provider azure"}, *const letters[] = {"E", "P", "f"};

#define WORDS(a, n)                                                                                                                        \
    (struct similar_words)                                                                                                                 \
    {                                                                                                                                      \
        .list = (a), .count = (n)                                                                                                          \
    }

static struct similar_incident of(const char *const *rules, size_t n, const char *const *values)
{
    return (struct similar_incident){.rules = WORDS(rules, n), .values = WORDS(values, 1)};
}

START_TEST(the_same_again)
{
    struct similar_incident a = of(availability, 2, gpt_x), b = a;
    ck_assert_double_eq_tol(similar_score(&a, &b), 1, 1e-12);
    a.suspects = b.suspects = WORDS(openai, 1);
    a.shape = b.shape = WORDS(letters, 3);
    ck_assert_double_eq_tol(similar_score(&a, &b), 1, 1e-12);
}
END_TEST

/* Weights 4, 3, 2 and 1. */
START_TEST(what_is_shared_counts_by_its_weight)
{
    struct similar_incident a = of(availability, 2, gpt_x), b = of(availability, 1, gpt_x);
    ck_assert_double_eq_tol(similar_score(&a, &b), (4 * 0.5 + 3) / 7, 1e-12); /* one of two rules */
    ck_assert_double_eq_tol(similar_score(&b, &a), (4 * 0.5 + 3) / 7, 1e-12);
    a.suspects = WORDS(openai, 1);
    ck_assert_double_eq_tol(similar_score(&a, &b), (4 * 0.5 + 3) / 7, 1e-12); /* of b nobody knows who was suspected */
    b.suspects = WORDS(azure, 1);
    ck_assert_double_eq_tol(similar_score(&a, &b), (4 * 0.5 + 3) / 9, 1e-12);
    a.shape = WORDS(letters, 3);
    b.shape = WORDS(letters, 2);
    ck_assert_double_eq_tol(similar_score(&a, &b), (4 * 0.5 + 3 + 2.0 / 3) / 10, 1e-12);
}
END_TEST

START_TEST(another_model_or_another_rule_is_not_alike)
{
    const struct similar_incident a = of(availability, 1, gpt_x), other_rule = of(latency, 1, gpt_x),
                                  other_model = of(availability + 1, 1, c_s), nothing = {.rules = {NULL, 0}};
    ck_assert_double_lt(similar_score(&a, &other_rule), SIMILAR_LEAST);
    ck_assert_double_eq(similar_score(&a, &other_model), 0);
    ck_assert_double_eq(similar_score(&a, &nothing), 0);
    ck_assert_double_eq(similar_score(&nothing, &nothing), 0);
}
END_TEST

Suite *suite_similar(void);
Suite *suite_similar(void)
{
    Suite *s = suite_create("similar");
    TCase *t = tcase_create("similar");
    tcase_add_test(t, the_same_again);
    tcase_add_test(t, what_is_shared_counts_by_its_weight);
    tcase_add_test(t, another_model_or_another_rule_is_not_alike);
    suite_add_tcase(s, t);
    return s;
}
