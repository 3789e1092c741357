/* SPDX-License-Identifier: MIT */
/* What answers are like: their evaluation by who asked, and why they ended. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "sim/company.h"
#include "unit/sim/runs.h"

Suite *suite_answers(void);

enum { STRATA = TEAM_COUNT * TASK_COUNT };

/* How many answers a stratum has, and how many of them an evaluation found bad. */
struct scored {
    double n, bad;
};

/* Of a request model; team and route NULL: of all. */
static struct scored scored(const struct samples *p, const char *evaluation, const char *model, const char *team, const char *route)
{
    struct scored sum = {0, 0};
    for (size_t i = 0; i < p->count; i++) {
        const struct sample *x = &p->at[i];
        if (!sample_has(x, "gen_ai_evaluation_name", evaluation) || !sample_has(x, "gen_ai_request_model", model) ||
            (team != NULL && !sample_has(x, "team_id", team)) || (route != NULL && !sample_has(x, "http_route", route)))
            continue;
        sum.n += sample_is(x, "gen_ai_evaluation_total") ? x->value : 0;
        sum.bad += sample_is(x, "gen_ai_evaluation_failed_total") ? x->value : 0;
    }
    return sum;
}

static struct scored since(const struct samples *a, const struct samples *b, const char *evaluation, const char *team, const char *route)
{
    struct scored before = scored(a, evaluation, "gpt-x", team, route), now = scored(b, evaluation, "gpt-x", team, route);
    return (struct scored){now.n - before.n, now.bad - before.bad};
}

static double share_good(struct scored s)
{
    return 1 - s.bad / s.n;
}

/* Within four standard deviations of a share, and of some more where few were scored. */
static void assert_share(struct scored s, double share, const char *team, const char *route)
{
    double off = 4 * sqrt(share * (1 - share) / s.n) + 2 / s.n;
    ck_assert_msg(fabs(share_good(s) - share) < off, "%s %s: %g of %g, not %g +- %g", team, route, share_good(s), s.n, share, off);
}

/* A stratum's mean on an ordinary day, by the company's tables. */
static double mean_of(unsigned task)
{
    const struct model *m = company_model(MODEL_GPT_X);
    return company_task_mean((enum task_id)task, m->json_valid, m->extract_json_valid);
}

/* Each stratum of gpt-x between two scrapes: its share of valid JSON is `factor` of the ordinary day's. Returns how many strata have
 * answers. */
static int check_strata(const struct samples *a, const struct samples *b, double factor)
{
    int seen = 0;
    for (unsigned i = 0; i < STRATA; i++) {
        const char *team = company_team((enum team_id)(i / TASK_COUNT))->alias, *route = company_route((enum task_id)(i % TASK_COUNT));
        struct scored s = since(a, b, "json_valid", team, route);
        if (s.n > 0)
            assert_share(s, mean_of(i % TASK_COUNT) * factor, team, route);
        seen += s.n > 0;
    }
    return seen;
}

START_TEST(an_ordinary_day_is_as_good_as_the_company_says_whoever_asks)
{
    struct sim *s = new_sim(1, "none");
    struct samples a = samples_render(s, SIM_PAGE_OTEL), b = at(s, onset + 240 * minute, SIM_PAGE_OTEL);
    ck_assert_int_eq(check_strata(&a, &b, 1), 10); /* five teams use it */
    ck_assert_double_eq_tol(share_good(since(&a, &b, "json_valid", NULL, "/extract")), .85, .04);
    ck_assert_double_eq_tol(share_good(since(&a, &b, "json_valid", NULL, "/chat")), .998, .002);
    for (unsigned m = 0; m < MODEL_COUNT; m++) {
        const struct model *model = company_model((enum model_id)m);
        assert_share(scored(&b, "json_valid", model->name, NULL, NULL), model->json_valid, model->name, "all");
        assert_share(scored(&b, "tool_call_ok", model->name, NULL, NULL), model->tool_ok, model->name, "all tools");
    }
    double parts = 0;
    for (unsigned t = 0; t < TASK_COUNT; t++)
        parts += scored(&b, "judge", "gpt-x", NULL, company_route((enum task_id)t)).n;
    ck_assert_double_eq(parts, scored(&b, "judge", "gpt-x", NULL, NULL).n); /* every score says from where */
    samples_free(&a);
    samples_free(&b);
    sim_free(s);
}
END_TEST

/* Share of an evaluation's answers that are good, for a response model. */
static double good(const struct samples *p, const char *name, const char *version)
{
    double n = samples_sum2(p, "gen_ai_evaluation_total", "gen_ai_evaluation_name", name, "gen_ai_response_model", version);
    return 1 - samples_sum2(p, "gen_ai_evaluation_failed_total", "gen_ai_evaluation_name", name, "gen_ai_response_model", version) / n;
}

START_TEST(the_drift_is_as_large_as_its_truth_says)
{
    static const char old[] = "gpt-x-2026-10-02", new[] = "gpt-x-2026-11-20", output[] = "litellm_output_tokens_metric_total",
                      *model = "requested_model";
    struct sim *s = new_sim(1, "drift");
    struct samples before = samples_render(s, SIM_PAGE_LITELLM), a = at(s, onset, SIM_PAGE_LITELLM),
                   start = samples_render(s, SIM_PAGE_OTEL);
    struct samples c = at(s, onset + 240 * minute, SIM_PAGE_LITELLM), evals = samples_render(s, SIM_PAGE_OTEL);
    double usual = grown(&before, &a, output, model, "gpt-x") / grown(&before, &a, answers, model, "gpt-x");
    double lately = grown(&a, &c, output, model, "gpt-x") / grown(&a, &c, answers, model, "gpt-x");
    ck_assert_double_eq_tol(good(&evals, "json_valid", old), .989, .01);
    ck_assert_double_eq_tol(good(&evals, "json_valid", new), .940, .01);
    ck_assert_double_eq_tol(lately / usual, .78, .03);
    ck_assert_double_lt(fail_ratio(&a, &c, "gpt-x"), .002); /* every answer 200 */
    const char *scores = "gen_ai_evaluation_score_sum", *of = "gen_ai_evaluation_name", *n = "gen_ai_evaluation_total";
    ck_assert_double_eq(samples_sum(&evals, scores, of, "json_valid"),
                        samples_sum(&evals, n, of, "json_valid") - samples_sum(&evals, "gen_ai_evaluation_failed_total", of, "json_valid"));
    ck_assert_double_eq_tol(samples_sum2(&evals, scores, of, "judge", "gen_ai_response_model", new) /
                                samples_sum2(&evals, n, of, "judge", "gen_ai_response_model", new),
                            .84, .02);
    double sampled = samples_sum2(&evals, "gen_ai_evaluation_total", "gen_ai_evaluation_name", "judge", "gen_ai_request_model", "gpt-x");
    ck_assert_double_eq_tol(sampled / samples_sum(&c, answers, model, "gpt-x"), .05, .005);
    struct samples later = at(s, onset + 48 * 60 * minute, SIM_PAGE_OTEL);
    ck_assert_int_eq(check_strata(&start, &later, .940 / .989), 10); /* no stratum is spared */
    for (unsigned t = 0; t < TASK_COUNT; t++) {
        const char *route = company_route((enum task_id)t);
        assert_share(since(&start, &later, "json_valid", NULL, route), mean_of(t) * .940 / .989, "all teams", route);
    }
    struct samples *all[] = {&before, &a, &start, &c, &evals, &later};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        samples_free(all[i]);
    sim_free(s);
}
END_TEST

/* Beside a scenario that changes bills alone: no key sends more, and no answer is another. */
START_TEST(the_traffic_mix_changes_nothing_but_who_asks)
{
    static const char *const families[] = {requests, answers, "litellm_input_tokens_metric_total", "litellm_output_tokens_metric_total"};
    struct sim *mixed = new_sim(1, "traffic-mix"), *billed = new_sim(1, "mispriced");
    struct samples a = at(mixed, onset + 90 * minute, SIM_PAGE_LITELLM), b = at(billed, onset + 90 * minute, SIM_PAGE_LITELLM);
    for (unsigned k = 0; k < KEY_COUNT; k++) {
        for (size_t f = 0; f < sizeof families / sizeof families[0]; f++)
            ck_assert_double_eq(samples_sum(&a, families[f], "api_key_alias", company_key(k)->alias),
                                samples_sum(&b, families[f], "api_key_alias", company_key(k)->alias));
    }
    ck_assert_double_eq(samples_sum(&a, "litellm_spend_metric_total", "requested_model", "gpt-x"),
                        samples_sum(&b, "litellm_spend_metric_total", "requested_model", "gpt-x"));
    samples_free(&a);
    samples_free(&b);
    a = samples_render(mixed, SIM_PAGE_OTEL);
    b = samples_render(billed, SIM_PAGE_OTEL);
    ck_assert_double_eq(scored(&a, "judge", "gpt-x", NULL, NULL).n, scored(&b, "judge", "gpt-x", NULL, NULL).n);
    ck_assert_double_gt(scored(&a, "judge", "gpt-x", NULL, "/extract").n, 2 * scored(&b, "judge", "gpt-x", NULL, "/extract").n);
    samples_free(&a);
    samples_free(&b);
    sim_free(mixed);
    sim_free(billed);
}
END_TEST

START_TEST(the_traffic_mix_is_as_large_as_its_truth_says)
{
    struct sim *s = new_sim(1, "traffic-mix");
    struct samples before = samples_render(s, SIM_PAGE_OTEL), a = at(s, onset, SIM_PAGE_OTEL),
                   c = at(s, onset + 240 * minute, SIM_PAGE_OTEL);
    struct scored was = since(&before, &a, "json_valid", NULL, NULL), is = since(&a, &c, "json_valid", NULL, NULL);
    struct scored hard_was = since(&before, &a, "json_valid", NULL, "/extract"), hard = since(&a, &c, "json_valid", NULL, "/extract");
    ck_assert_double_eq_tol(share_good(was), .989, .01);
    ck_assert_double_eq_tol(share_good(is), .940, .01);
    ck_assert_double_eq_tol(share_good(hard), .850, .02);
    ck_assert_double_eq_tol(share_good(since(&a, &c, "json_valid", NULL, "/chat")), .998, .003);
    ck_assert_double_eq_tol(hard_was.n / was.n, .06, .03);
    ck_assert_double_eq_tol(hard.n / is.n, .391, .03);
    ck_assert_int_eq(check_strata(&a, &c, 1), 10);
    struct scored other_was = scored(&a, "json_valid", "c-s", NULL, "/extract"), other = scored(&c, "json_valid", "c-s", NULL, "/extract");
    struct scored other_all = scored(&c, "json_valid", "c-s", NULL, NULL);
    ck_assert_double_gt(other.n, other_was.n);
    ck_assert_double_eq_tol(other.n / other_all.n, .06, .02); /* the other models are asked as before */
    samples_free(&before);
    samples_free(&a);
    samples_free(&c);
    sim_free(s);
}
END_TEST

/* Each answer ended for one reason, and an engine's page tells those that ran into their limit as the applications do. */
START_TEST(every_answer_ended_for_a_reason)
{
    static const char choices[] = "gen_ai_client_generation_choices_total", *why = "gen_ai_response_finish_reason",
                      *model = "gen_ai_response_model";
    static const enum sim_page pages[] = {SIM_PAGE_VLLM_QWEN, SIM_PAGE_VLLM_LLAMA};
    struct sim *s = new_sim(1, "none");
    advance(s, onset);
    struct samples gateway = samples_render(s, SIM_PAGE_LITELLM), otel = samples_render(s, SIM_PAGE_OTEL);
    for (unsigned m = 0; m < MODEL_COUNT; m++) {
        const char *name = company_model((enum model_id)m)->name;
        double n = samples_sum(&otel, choices, model, name), cut = samples_sum2(&otel, choices, model, name, why, "length");
        ck_assert_double_eq(n, samples_sum(&gateway, answers, "requested_model", name));
        ck_assert_double_eq_tol(cut / n, .032, .02);
        ck_assert_double_eq(n, cut + samples_sum2(&otel, choices, model, name, why, "stop") +
                                   samples_sum2(&otel, choices, model, name, why, "tool_calls"));
    }
    double agents = samples_sum(&otel, choices, "team_id", "agents");
    ck_assert_double_eq_tol(samples_sum2(&otel, choices, "team_id", "agents", why, "tool_calls") / agents,
                            company_team(TEAM_AGENTS)->tools * 30 / 31, .03);
    for (unsigned e = 0; e < ENGINE_COUNT; e++) {
        struct samples engine = samples_render(s, pages[e]);
        ck_assert_double_eq(samples_sum(&engine, "vllm:request_success_total", "finished_reason", "length"),
                            samples_sum2(&otel, choices, model, company_engine(e)->served, why, "length"));
        samples_free(&engine);
    }
    samples_free(&gateway);
    samples_free(&otel);
    sim_free(s);
}
END_TEST

START_TEST(few_answers_of_an_engine_are_corrupted)
{
    static const enum sim_page pages[] = {SIM_PAGE_VLLM_QWEN, SIM_PAGE_VLLM_LLAMA};
    struct sim *s = new_sim(1, "none");
    double corrupted = 0, served = 0;
    advance(s, onset + 36 * 60 * minute);
    for (unsigned e = 0; e < ENGINE_COUNT; e++) {
        struct samples engine = samples_render(s, pages[e]);
        corrupted += samples_sum(&engine, "vllm:corrupted_requests_total", NULL, NULL);
        served += samples_sum(&engine, "vllm:request_success_total", NULL, NULL);
        samples_free(&engine);
    }
    ck_assert_double_ge(corrupted, 1);
    ck_assert_double_lt(corrupted / served, .00004);
    sim_free(s);
}
END_TEST

Suite *suite_answers(void)
{
    Suite *suite = suite_create("answers");
    TCase *t = tcase_create("answers");
    tcase_add_test(t, an_ordinary_day_is_as_good_as_the_company_says_whoever_asks);
    tcase_add_test(t, the_drift_is_as_large_as_its_truth_says);
    tcase_add_test(t, the_traffic_mix_changes_nothing_but_who_asks);
    tcase_add_test(t, the_traffic_mix_is_as_large_as_its_truth_says);
    tcase_add_test(t, every_answer_ended_for_a_reason);
    tcase_add_test(t, few_answers_of_an_engine_are_corrupted);
    suite_add_tcase(suite, t);
    return suite;
}
