/* SPDX-License-Identifier: MIT */
/* Every scenario's truth, read as an observer would read it: what it says to expect is measured on the pages, before and during. */
#include <math.h>

#include "sim/company.h"
#include "sim/scenario.h"
#include "unit/sim/runs.h"

Suite *suite_truth(void);

enum { PARTS = 2 };

/* Two scrapes, and what a value is of. */
struct reading {
    struct samples gw[2], otel[2];
    double seconds;
    char dim[PARTS][32], value[PARTS][64];
};

/* The label of the gateway's page that a dimension stands in. */
static const char *label(const char *dim)
{
    static const char *const labels[][2] = {
        {"model", "requested_model"}, {"deployment", "model_id"}, {"key", "api_key_alias"}, {"name", "guardrail_name"}};
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (strcmp(labels[i][0], dim) == 0)
            return labels[i][1];
    }
    return NULL; /* of everything */
}

static double of(const struct reading *r, const char *family, const char *name, const char *value)
{
    return grown2(&r->gw[0], &r->gw[1], family, label(r->dim[0]), r->value[0], name, value);
}

/* As the attempts' families tell it. */
static double failed_attempts(const struct reading *r)
{
    return of(r, "litellm_deployment_failure_responses_total", NULL, NULL) / of(r, "litellm_deployment_total_requests_total", NULL, NULL);
}

static double failed(const struct reading *r)
{
    return fail_ratio(&r->gw[0], &r->gw[1], r->value[0]);
}

static double fallbacks(const struct reading *r)
{
    return (of(r, "litellm_deployment_successful_fallbacks_total", NULL, NULL) +
            of(r, "litellm_deployment_failed_fallbacks_total", NULL, NULL)) /
           of(r, requests, NULL, NULL);
}

static double rate(const struct reading *r)
{
    return of(r, requests, NULL, NULL) / r->seconds;
}

static double prompt(const struct reading *r)
{
    return of(r, "litellm_input_tokens_metric_total", NULL, NULL) / of(r, answers, NULL, NULL);
}

static double output(const struct reading *r)
{
    return of(r, "litellm_output_tokens_metric_total", NULL, NULL) / of(r, answers, NULL, NULL);
}

static double cached(const struct reading *r)
{
    return of(r, "litellm_input_cached_tokens_metric_total", NULL, NULL) / of(r, "litellm_input_tokens_metric_total", NULL, NULL);
}

/* Spend over what the counted tokens cost by the provider's prices. */
static double booked(const struct reading *r)
{
    const struct deployment *d = company_deployment(DEPLOYMENT_C_L);
    double cached_n = of(r, "litellm_input_cached_tokens_metric_total", NULL, NULL),
           written = of(r, "litellm_input_cache_creation_tokens_metric_total", NULL, NULL),
           in = of(r, "litellm_input_tokens_metric_total", NULL, NULL) - cached_n - written,
           out = of(r, "litellm_output_tokens_metric_total", NULL, NULL);
    ck_assert_str_eq(r->value[0], "c-l");
    return of(r, "litellm_spend_metric_total", NULL, NULL) * 1e12 /
           (in * (double)d->input_pusd + cached_n * (double)d->cached_pusd + written * (double)d->write_pusd +
            out * (double)d->output_pusd);
}

static double ttft(const struct reading *r)
{
    return of(r, "litellm_llm_api_time_to_first_token_metric_sum", NULL, NULL) /
           of(r, "litellm_llm_api_time_to_first_token_metric_count", NULL, NULL);
}

static double guardrail(const struct reading *r)
{
    return of(r, "litellm_guardrail_latency_seconds_sum", NULL, NULL) / of(r, "litellm_guardrail_latency_seconds_count", NULL, NULL);
}

static double stage(const struct reading *r)
{
    const char *sum = "gen_ai_client_operation_duration_seconds_sum", *count = "gen_ai_client_operation_duration_seconds_count";
    return grown(&r->otel[0], &r->otel[1], sum, "gen_ai_operation_name", r->value[0]) /
           grown(&r->otel[0], &r->otel[1], count, "gen_ai_operation_name", r->value[0]);
}

static double refused(const struct reading *r)
{
    return of(r, "litellm_proxy_failed_requests_metric_total", "exception_class", "BudgetExceededError") / of(r, requests, NULL, NULL);
}

static double budget_left(const struct reading *r)
{
    return samples_sum(&r->gw[1], "litellm_remaining_api_key_budget_metric", "api_key_alias", r->value[0]);
}

static double strays(const struct reading *r)
{
    const char *ok = "litellm_deployment_success_responses_total";
    return of(r, ok, "model_id", r->value[1]) / of(r, ok, NULL, NULL);
}

/* Sum over an evaluation's series of json_valid, of a model and, where the scope has one, a route. */
static double scores(const struct reading *r, const char *family, bool whole)
{
    double sum = 0;
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < r->otel[k].count; i++) {
            const struct sample *x = &r->otel[k].at[i];
            if (sample_is(x, family) && sample_has(x, "gen_ai_evaluation_name", "json_valid") &&
                sample_has(x, "gen_ai_request_model", r->value[0]) &&
                (whole || r->dim[1][0] == '\0' || sample_has(x, "http_route", r->value[1])))
                sum += k == 0 ? -x->value : x->value;
        }
    }
    return sum;
}

static double valid(const struct reading *r)
{
    return 1 - scores(r, "gen_ai_evaluation_failed_total", false) / scores(r, "gen_ai_evaluation_total", false);
}

static double share(const struct reading *r)
{
    return scores(r, "gen_ai_evaluation_total", false) / scores(r, "gen_ai_evaluation_total", true);
}

static const struct {
    const char *signal;
    double (*measure)(const struct reading *r);
    bool factor; /* against the hour before */
} signals[] = {
    {"fail_ratio", failed, false},
    {"fallback_ratio", fallbacks, false},
    {"attempt_fail_ratio", failed_attempts, false},
    {"request_rate_factor", rate, true},
    {"prompt_factor", prompt, true},
    {"output_tokens_factor", output, true},
    {"booked_factor", booked, true},
    {"cached_share", cached, false},
    {"ttft_factor", ttft, true},
    {"guardrail_seconds", guardrail, false},
    {"stage_seconds", stage, false},
    {"refused_ratio", refused, false},
    {"budget_left", budget_left, false},
    {"stray_share", strays, false},
    {"eval_json_valid", valid, false},
    {"eval_share", share, false},
};

static size_t signal_of(const char *name)
{
    size_t i = 0;
    while (i < sizeof signals / sizeof signals[0] && strcmp(signals[i].signal, name) != 0)
        i++;
    ck_assert_msg(i < sizeof signals / sizeof signals[0], "nothing here measures %s", name);
    return i;
}

static struct samples page(struct sim *s, enum sim_page which)
{
    return samples_render(s, which);
}

/* From one instant to another, both ahead. */
static struct reading read_between(struct sim *s, int64_t from_ms, int64_t to_ms)
{
    struct reading r = {.seconds = (double)(to_ms - from_ms) / 1000};
    for (int i = 0; i < 2; i++) {
        advance(s, i == 0 ? from_ms : to_ms);
        r.gw[i] = page(s, SIM_PAGE_LITELLM);
        r.otel[i] = page(s, SIM_PAGE_OTEL);
    }
    return r;
}

static void reading_free(struct reading *r)
{
    for (int i = 0; i < 2; i++) {
        samples_free(&r->gw[i]);
        samples_free(&r->otel[i]);
    }
}

static void be_of(struct reading *r, const char *scope)
{
    memset(r->dim, 0, sizeof r->dim);
    memset(r->value, 0, sizeof r->value);
    ck_assert_int_ge(sscanf(scope, "%31[^=]=%63[^,],%31[^=]=%63s", r->dim[0], r->value[0], r->dim[1], r->value[1]), 2);
}

static void check_all(const struct scenario *row, struct reading *before, struct reading *during)
{
    for (size_t k = 0; k < SCENARIO_EXPECTATIONS && row->expect[k].signal != NULL; k++) {
        const struct scenario_expectation *e = &row->expect[k];
        const size_t i = signal_of(e->signal);
        be_of(before, e->scope);
        be_of(during, e->scope);
        double was = signals[i].measure(before), is = signals[i].measure(during);
        if (signals[i].factor) {
            is /= was;
            was = 1;
        }
        ck_assert_msg(fabs(is - e->during) <= e->tolerance, "%s: %s of %s is %g, and %g +-%g was to be expected", row->name, e->signal,
                      e->scope, is, e->during, e->tolerance);
        ck_assert_msg(fabs(was - e->before) <= fmax(e->tolerance, e->before), "%s: %s of %s was %g, and %g was to be expected", row->name,
                      e->signal, e->scope, was, e->before);
        ck_assert_msg(strcmp(row->kind, "traffic") == 0 || e->before == e->during || fabs(is - was) > fabs(e->during - e->before) / 2,
                      "%s: %s of %s cannot be seen", row->name, e->signal, e->scope);
    }
}

START_TEST(what_a_truth_says_stands_on_the_pages)
{
    const struct scenario *row = scenario_at((size_t)_i);
    struct sim *s = new_sim(11, row->name);
    const int64_t last = row->duration_ms > 0 ? onset + row->duration_ms - row->ramp_ms : onset + 240 * minute;
    struct reading before = read_between(s, onset - 59 * minute, onset);
    struct reading during = read_between(s, onset + row->ramp_ms + minute, last < onset + 180 * minute ? last : onset + 180 * minute);
    ck_assert_ptr_nonnull(row->expect[0].signal);
    check_all(row, &before, &during);
    reading_free(&before);
    reading_free(&during);
    sim_free(s);
}
END_TEST

START_TEST(every_truth_has_the_same_form)
{
    static const char *const members[] = {"scenario", "onset_ms", "ended_ms", "component", "also",
                                          "scope",    "kind",     "expects",  "what",      "expected"};
    const struct scenario *row = scenario_at((size_t)_i);
    struct script script = {.count = 0};
    struct buf out;
    char member[32];
    buf_init(&out, 1 << 20);
    ck_assert_int_eq(script_add(&script, row->name, onset, NULL), ERR_OK);
    ck_assert_int_eq(script_truth(&script, 1, onset, &out), ERR_OK);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        snprintf(member, sizeof member, "\"%s\": ", members[i]);
        ck_assert_msg(strstr(out.data, member) != NULL, "%s has no %s", row->name, members[i]);
    }
    ck_assert_ptr_nonnull(strchr(row->component, '='));
    ck_assert_ptr_nonnull(strchr(row->scope, '='));
    buf_fini(&out);
}
END_TEST

/* The same bytes while it lasts, whoever asked when, and then the present again. */
START_TEST(a_frozen_page_tells_what_it_told_last)
{
    struct sim *s = new_sim(3, "stale-scrape"), *late = new_sim(3, "stale-scrape");
    struct buf first, second;
    buf_init(&first, SAMPLES_ROOM);
    buf_init(&second, SAMPLES_ROOM);
    advance(s, onset + 1000);
    ck_assert_int_eq(sim_render(s, SIM_PAGE_LITELLM, &first), ERR_OK);
    advance(late, onset + 20 * minute);
    ck_assert_int_eq(sim_render(late, SIM_PAGE_LITELLM, &second), ERR_OK);
    ck_assert_uint_eq(first.len, second.len);
    ck_assert_mem_eq(first.data, second.data, first.len);
    struct samples engine = page(s, SIM_PAGE_VLLM_QWEN), later = at(s, onset + 10 * minute, SIM_PAGE_VLLM_QWEN);
    ck_assert_double_gt(grown(&engine, &later, "vllm:prompt_tokens_total", NULL, NULL), 0); /* the traffic goes on */
    buf_reset(&second);
    advance(late, onset + 26 * minute);
    ck_assert_int_eq(sim_render(late, SIM_PAGE_LITELLM, &second), ERR_OK);
    ck_assert(first.len != second.len || memcmp(first.data, second.data, first.len) != 0);
    samples_free(&engine);
    samples_free(&later);
    buf_fini(&first);
    buf_fini(&second);
    sim_free(s);
    sim_free(late);
}
END_TEST

START_TEST(an_engine_that_is_deployed_starts_anew_twice)
{
    struct sim *s = new_sim(3, "bad-deploy");
    static const int64_t at_minute[] = {-1, 1, 29, 31};
    double started[4], tokens[4];
    for (size_t i = 0; i < 4; i++) {
        struct samples p = at(s, onset + at_minute[i] * minute, SIM_PAGE_VLLM_LLAMA);
        started[i] = samples_sum(&p, "process_start_time_seconds", NULL, NULL);
        tokens[i] = samples_sum(&p, "vllm:prompt_tokens_total", NULL, NULL);
        samples_free(&p);
    }
    ck_assert_double_eq(started[1], (double)onset / 1000);
    ck_assert_double_eq(started[2], started[1]);
    ck_assert_double_eq(started[3], (double)(onset + 30 * minute) / 1000);
    ck_assert(started[0] < started[1] && tokens[1] < tokens[0] / 10 && tokens[3] < tokens[2]);
    sim_free(s);
}
END_TEST

/* Of every kind that shows within minutes, and never one that an exercise of half an hour would not see. */
START_TEST(a_drill_draws_what_shows_soon)
{
    struct rng dice;
    unsigned drawn[64] = {0}, kinds = 0;
    rng_seed(&dice, 9);
    for (int i = 0; i < 2000; i++) {
        const struct scenario *row = scenario_random(&dice);
        ck_assert_int_gt(row->duration_ms, 0);
        ck_assert(row->expects == EXPECTS_INCIDENT || row->expects == EXPECTS_FINDING);
        ck_assert_str_ne(row->kind, "quality");
        for (size_t k = 0; k < scenario_count(); k++)
            drawn[k] += row == scenario_at(k);
    }
    for (size_t k = 0; k < scenario_count(); k++)
        kinds += drawn[k] > 100;
    ck_assert_uint_ge(scenario_count(), 12);
    ck_assert_uint_eq(kinds, 9);
}
END_TEST

Suite *suite_truth(void)
{
    Suite *suite = suite_create("truth");
    TCase *t = tcase_create("truth");
    tcase_add_loop_test(t, what_a_truth_says_stands_on_the_pages, 0, (int)scenario_count());
    tcase_add_loop_test(t, every_truth_has_the_same_form, 0, (int)scenario_count());
    tcase_add_test(t, a_frozen_page_tells_what_it_told_last);
    tcase_add_test(t, an_engine_that_is_deployed_starts_anew_twice);
    tcase_add_test(t, a_drill_draws_what_shows_soon);
    suite_add_tcase(suite, t);
    return suite;
}
