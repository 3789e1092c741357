/* SPDX-License-Identifier: MIT */
#include "sim/scenario.h"

#include <check.h>
#include <string.h>

Suite *suite_scenario(void);

static const int64_t onset = INT64_C(1794924000000), minute = 60000;

static struct script script_of(const char *names)
{
    struct script s = {.count = 0};
    ck_assert_int_eq(script_add(&s, names, onset, NULL), ERR_OK);
    return s;
}

START_TEST(an_ordinary_day_has_no_effects)
{
    struct script s = script_of("brownout,runaway-key,drift");
    struct effects fx, none;
    effects_reset(&none);
    ck_assert(!script_effects(&s, onset - 1, &fx));
    ck_assert_mem_eq(&fx, &none, sizeof fx);
    s = script_of("none");
    ck_assert_uint_eq(s.count, 0);
    ck_assert(!script_effects(&s, onset + minute, &fx));
}
END_TEST

START_TEST(a_brownout_ramps_up_and_ends)
{
    struct script s = script_of("brownout");
    struct effects fx;
    ck_assert(script_effects(&s, onset, &fx));
    double first = fx.deployment[DEPLOYMENT_GPT_X_EU2].failing;
    ck_assert(first > 0 && first < .2);
    ck_assert(script_effects(&s, onset + minute, &fx));
    ck_assert_double_eq_tol(fx.deployment[DEPLOYMENT_GPT_X_EU2].failing, .99, 1e-9);
    ck_assert_double_eq_tol(fx.deployment[DEPLOYMENT_GPT_X_EU1].failing, .97, 1e-9);
    ck_assert_double_gt(fx.deployment[DEPLOYMENT_GPT_X_EU1].ttft, 2);
    ck_assert_double_eq(fx.deployment[DEPLOYMENT_GPT_X_MINI].failing, 0);
    ck_assert(script_effects(&s, onset + 25 * minute - 1, &fx));
    ck_assert(!script_effects(&s, onset + 25 * minute, &fx));
}
END_TEST

START_TEST(the_runaway_prompts_grow_and_stop_growing)
{
    struct script s = script_of("runaway-key");
    struct effects fx;
    unsigned key;
    ck_assert(company_key_by_alias("agents-f31a", &key));
    static const struct {
        int64_t minutes;
        double prompt;
    } steps[] = {{3, 1.3}, {15, 2.5}, {30, 4}, {40, 4}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        ck_assert(script_effects(&s, onset + steps[i].minutes * minute, &fx));
        ck_assert_double_eq_tol(fx.key[key].prompt, steps[i].prompt, 1e-9);
        ck_assert_double_eq_tol(fx.key[key].rate, 7.5, 1e-9);
        ck_assert_double_eq(fx.key[key == 0 ? 1 : 0].rate, 1);
    }
    ck_assert(!script_effects(&s, onset + 45 * minute, &fx));
}
END_TEST

START_TEST(incidents_overlap_without_hiding_each_other)
{
    struct script s = script_of("runaway-key,brownout,drift"), other = script_of("drift,brownout,runaway-key");
    struct effects fx, same;
    unsigned key;
    script_add_past(&s, onset + 14 * 60 * minute);
    script_add_past(&other, onset + 14 * 60 * minute);
    ck_assert(script_effects(&s, onset + 10 * minute, &fx));
    ck_assert(script_effects(&other, onset + 10 * minute, &same));
    ck_assert_mem_eq(&fx, &same, sizeof fx); /* in any order */
    ck_assert(company_key_by_alias("agents-f31a", &key));
    ck_assert_double_eq_tol(fx.key[key].rate, 7.5, 1e-9);
    ck_assert_double_eq_tol(fx.key[key].prompt, 2, 1e-9);
    ck_assert_double_eq_tol(fx.deployment[DEPLOYMENT_GPT_X_EU1].failing, .97, 1e-9);
    ck_assert_double_eq_tol(fx.deployment[DEPLOYMENT_C_S].failing, .16, 1e-9);
    ck_assert_uint_eq(fx.model[MODEL_GPT_X].version, 1);
    ck_assert_double_eq_tol(fx.model[MODEL_GPT_X].output, .78, 1e-9);
}
END_TEST

START_TEST(a_traffic_mix_and_a_drift_add_up)
{
    struct script s = script_of("traffic-mix"), both = script_of("drift,traffic-mix");
    struct effects fx, usual;
    effects_reset(&usual);
    ck_assert(script_effects(&s, onset + 7 * 24 * 60 * minute, &fx)); /* it does not end */
    double extracts = fx.model[MODEL_GPT_X].extracts;
    ck_assert_double_eq_tol(extracts * company_task_share(TASK_EXTRACT), .391, .001);
    fx.model[MODEL_GPT_X].extracts = 1;
    ck_assert_mem_eq(&fx, &usual, sizeof fx); /* and is all that it changes */
    ck_assert(script_effects(&both, onset, &fx));
    ck_assert_double_eq(fx.model[MODEL_GPT_X].extracts, extracts);
    ck_assert_uint_eq(fx.model[MODEL_GPT_X].version, 1);
}
END_TEST

START_TEST(an_unknown_scenario_is_refused_with_what_exists)
{
    static const char *const wrong[] = {"", "brown", "brownout,", "brownout,x", "past-brownout"};
    struct script s = {.count = 0};
    struct errctx ctx = {""};
    ck_assert_int_eq(script_add(&s, wrong[_i], onset, &ctx), ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(ctx.text, "none, brownout, runaway-key, drift, mispriced, traffic-mix"));
    ck_assert_uint_eq(s.count, 0);
}
END_TEST

START_TEST(too_many_scenarios_are_refused)
{
    struct script s = {.count = 0};
    ck_assert_int_eq(script_add(&s, "drift,drift,drift,drift,drift,drift,drift,drift", onset, NULL), ERR_USAGE);
    ck_assert_uint_eq(s.count, 0);
    ck_assert_int_eq(script_add(&s, "drift,drift,drift,drift,drift,drift,drift", onset, NULL), ERR_OK);
    script_add_past(&s, onset); /* always fits */
    ck_assert_uint_eq(s.count, INCIDENTS_MAX);
}
END_TEST

START_TEST(the_truth_says_what_was_injected)
{
    struct script s = script_of("drift,brownout");
    struct buf out;
    script_add_past(&s, onset);
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(script_truth(&s, 42, onset, &out), ERR_OK);
    static const char *const expected[] = {"\"seed\": 42",
                                           "\"live_ms\": 1794924000000",
                                           "\"scenario\": \"drift\"",
                                           "\"ended_ms\": null",
                                           "\"scenario\": \"brownout\"",
                                           "\"onset_ms\": 1794924000000",
                                           "\"ended_ms\": 1794925500000",
                                           "\"ended\": \"2026-11-17T14:25:00Z\"",
                                           "\"component\": \"provider=openai\"",
                                           "\"scope\": \"model=gpt-x\"",
                                           "\"during\": 0.38",
                                           "\"scenario\": \"past-brownout\"",
                                           "\"onset_ms\": 1794873600000",
                                           "\"component\": \"provider=anthropic\""};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        ck_assert_msg(strstr(out.data, expected[i]) != NULL, "no %s in %s", expected[i], out.data);
    ck_assert_int_eq(out.data[out.len - 1], '\n');
    buf_fini(&out);
}
END_TEST

START_TEST(the_truth_of_a_traffic_mix_says_that_no_model_changed)
{
    struct script s = script_of("traffic-mix");
    struct buf out;
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(script_truth(&s, 42, onset, &out), ERR_OK);
    static const char *const expected[] = {"\"scenario\": \"traffic-mix\"",
                                           "\"ended_ms\": null",
                                           "\"component\": \"route=/extract\"",
                                           "\"scope\": \"model=gpt-x\"",
                                           "the traffic of gpt-x changed and no model did",
                                           "\"scope\": \"model=gpt-x,route=/extract\"",
                                           "\"before\": 0.85",
                                           "\"during\": 0.85",
                                           "\"scope\": \"model=gpt-x,route=/chat\"",
                                           "\"signal\": \"eval_share\""};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        ck_assert_msg(strstr(out.data, expected[i]) != NULL, "no %s in %s", expected[i], out.data);
    buf_fini(&out);
}
END_TEST

Suite *suite_scenario(void)
{
    Suite *suite = suite_create("scenario");
    TCase *t = tcase_create("scenario");
    tcase_add_test(t, an_ordinary_day_has_no_effects);
    tcase_add_test(t, a_brownout_ramps_up_and_ends);
    tcase_add_test(t, the_runaway_prompts_grow_and_stop_growing);
    tcase_add_test(t, incidents_overlap_without_hiding_each_other);
    tcase_add_test(t, a_traffic_mix_and_a_drift_add_up);
    tcase_add_loop_test(t, an_unknown_scenario_is_refused_with_what_exists, 0, 5);
    tcase_add_test(t, too_many_scenarios_are_refused);
    tcase_add_test(t, the_truth_says_what_was_injected);
    tcase_add_test(t, the_truth_of_a_traffic_mix_says_that_no_model_changed);
    suite_add_tcase(suite, t);
    return suite;
}
