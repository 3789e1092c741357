/* SPDX-License-Identifier: MIT */
#include "model/dims.h"

#include <check.h>

Suite *suite_dims(void);

START_TEST(dimensions_have_names)
{
    for (unsigned d = 0; d < DIM_COUNT; d++) {
        enum dim back = DIM_COUNT;
        ck_assert(dim_by_name(str_of(dim_name((enum dim)d)), &back));
        ck_assert_uint_eq(back, d);
    }
    ck_assert_str_eq(dim_name(DIM_MODEL), "model");
    ck_assert_str_eq(dim_name(DIM_COUNT), "");
    enum dim d = DIM_KEY;
    ck_assert(!dim_by_name(str_of("Model"), &d));
    ck_assert(!dim_by_name(str_of(""), &d));
    ck_assert_int_eq(d, DIM_KEY);
}
END_TEST

START_TEST(outcomes_have_names)
{
    for (unsigned o = 0; o < OUTCOME_COUNT; o++) {
        enum outcome back = OUTCOME_COUNT;
        ck_assert(outcome_by_name(str_of(outcome_name((enum outcome)o)), &back));
        ck_assert_uint_eq(back, o);
    }
    ck_assert_str_eq(outcome_name(OUTCOME_5XX), "5xx");
    enum outcome o;
    ck_assert(!outcome_by_name(str_of("4xx"), &o));
}
END_TEST

START_TEST(the_clients_own_fault_spends_no_budget)
{
    static const bool bad[OUTCOME_COUNT] = {[OUTCOME_429] = true, [OUTCOME_5XX] = true, [OUTCOME_TIMEOUT] = true, [OUTCOME_OTHER] = true};
    for (unsigned o = 0; o < OUTCOME_COUNT; o++)
        ck_assert_msg(outcome_is_bad((enum outcome)o) == bad[o], "%s", outcome_name((enum outcome)o));
}
END_TEST

START_TEST(what_the_gateway_refuses_is_no_failure_of_a_provider)
{
    for (unsigned o = 0; o < OUTCOME_COUNT; o++) {
        const bool refused = o == OUTCOME_BUDGET || o == OUTCOME_LIMIT || o == OUTCOME_AUTH;
        ck_assert_msg(outcome_is_refused((enum outcome)o) == refused, "%s", outcome_name((enum outcome)o));
        ck_assert(!refused || !outcome_is_bad((enum outcome)o));
    }
}
END_TEST

START_TEST(status_and_exception_become_an_outcome)
{
    static const struct {
        const char *status, *class;
        enum outcome outcome;
    } rows[] = {
        {"200", "", OUTCOME_OK},
        {"201", "", OUTCOME_OK},
        {"100", "", OUTCOME_OK},
        {"101", "", OUTCOME_OK},
        {"304", "", OUTCOME_OK},
        {"429", "", OUTCOME_429},
        {"429", "Openai.RateLimitError", OUTCOME_429},
        {"None", "RouterRateLimitError", OUTCOME_429},
        {"None", "litellm.RateLimitError", OUTCOME_429},
        {"500", "", OUTCOME_5XX},
        {"503", "", OUTCOME_5XX},
        {"504", "", OUTCOME_5XX},
        {"599", "", OUTCOME_5XX},
        {"500", "Openai.InternalServerError", OUTCOME_5XX},
        {"503", "Azure.ServiceUnavailableError", OUTCOME_5XX},
        {"None", "APIConnectionError", OUTCOME_5XX},
        {"500", "Openai.APIConnectionError", OUTCOME_5XX},
        {"408", "", OUTCOME_TIMEOUT},
        {"408", "Timeout", OUTCOME_TIMEOUT},
        {"None", "Openai.APITimeoutError", OUTCOME_TIMEOUT},
        {"500", "openai.APITimeoutError", OUTCOME_TIMEOUT},
        {"400", "ContextWindowExceededError", OUTCOME_CONTEXT},
        {"400", "Anthropic.ContextWindowExceededError", OUTCOME_CONTEXT},
        {"400", "Azure.ContentPolicyViolationError", OUTCOME_FILTER},
        {"400", "GuardrailRaisedException", OUTCOME_FILTER},
        {"400", "Openai.BadRequestError", OUTCOME_CLIENT},
        {"401", "Openai.AuthenticationError", OUTCOME_CLIENT},
        {"401", "KeyNotFoundError", OUTCOME_AUTH},
        {"401", "ProxyException", OUTCOME_AUTH},
        {"403", "HTTPException", OUTCOME_AUTH},
        {"401", "AuthenticationError", OUTCOME_AUTH},
        {"403", "Openai.PermissionDeniedError", OUTCOME_CLIENT}, /* the provider's word */
        {"401", "", OUTCOME_CLIENT},                             /* whose is not told */
        {"403", "", OUTCOME_CLIENT},
        {"404", "", OUTCOME_CLIENT},
        {"404", "NotFoundError", OUTCOME_CLIENT},
        {"422", "", OUTCOME_CLIENT},
        {"499", "", OUTCOME_CLIENT},
        {"400", "BudgetExceededError", OUTCOME_BUDGET},
        {"429", "BudgetExceededError", OUTCOME_BUDGET},
        {"429", "Openai.BudgetExceededError", OUTCOME_BUDGET},
        {"429", "Litellm_proxy.BudgetExceededError", OUTCOME_BUDGET},
        {"429", "ProxyException", OUTCOME_LIMIT},
        {"429", "HTTPException", OUTCOME_LIMIT},
        {"429", "Openai.HTTPException", OUTCOME_429},
        {"503", "ProxyException", OUTCOME_5XX},
        {"404", "HTTPException", OUTCOME_CLIENT},
        {"500", "HTTPException", OUTCOME_5XX},
        {"None", "None", OUTCOME_OTHER},
        {"", "", OUTCOME_OTHER},
        {"None", "", OUTCOME_OTHER},
        {"None", "SomethingNew", OUTCOME_OTHER},
        {"999", "", OUTCOME_OTHER},
        {"0", "", OUTCOME_OTHER},
        {"2xx", "", OUTCOME_OK},
        {"4xx", "", OUTCOME_CLIENT},
        {"5xx", "", OUTCOME_5XX},
        {"1xx", "", OUTCOME_OK},
        {"0xx", "", OUTCOME_OTHER},
        {"6xx", "", OUTCOME_OTHER},
        {"22xx", "", OUTCOME_OTHER},
        {"600", "", OUTCOME_OTHER},
        {"99", "", OUTCOME_OTHER},
        {"9xx", "", OUTCOME_OTHER},
        {"-200", "", OUTCOME_OTHER},
        {"200 OK", "", OUTCOME_OTHER},
        {"None", ".Timeout", OUTCOME_TIMEOUT},
        {"500", "Openai.", OUTCOME_5XX},
        {"None", "Openai.Timeout.", OUTCOME_OTHER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum outcome o = outcome_of_status(str_of(rows[i].status), str_of(rows[i].class));
        ck_assert_msg(o == rows[i].outcome, "\"%s\", \"%s\" is %s", rows[i].status, rows[i].class, outcome_name(o));
    }
    ck_assert_int_eq(outcome_of_status((struct str){NULL, 0}, (struct str){NULL, 0}), OUTCOME_OTHER);
}
END_TEST

Suite *suite_dims(void)
{
    Suite *suite = suite_create("dims");
    TCase *t = tcase_create("dims");
    tcase_add_test(t, dimensions_have_names);
    tcase_add_test(t, outcomes_have_names);
    tcase_add_test(t, the_clients_own_fault_spends_no_budget);
    tcase_add_test(t, what_the_gateway_refuses_is_no_failure_of_a_provider);
    tcase_add_test(t, status_and_exception_become_an_outcome);
    suite_add_tcase(suite, t);
    return suite;
}
