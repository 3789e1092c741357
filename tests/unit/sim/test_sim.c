/* SPDX-License-Identifier: MIT */
#include "sim/sim.h"

#include <check.h>
#include <string.h>

#include "sim/company.h"
#include "unit/sim/runs.h"

Suite *suite_sim(void);

static const char failed[] = "litellm_proxy_failed_requests_metric_total", attempts[] = "litellm_deployment_total_requests_total",
                  failures[] = "litellm_deployment_failure_responses_total", spend[] = "litellm_spend_metric_total";

START_TEST(equal_seeds_give_equal_pages_however_they_are_polled)
{
    struct sim *often = new_sim(5, "brownout,drift"), *once = new_sim(5, "brownout,drift");
    struct buf a, b;
    buf_init(&a, SAMPLES_ROOM);
    buf_init(&b, SAMPLES_ROOM);
    for (int64_t t = onset - 60 * minute; t < onset + 10 * minute; t += 7777) {
        buf_reset(&a);
        advance(often, t);
        ck_assert_int_eq(sim_render(often, (enum sim_page)(t / 7777 % SIM_PAGE_COUNT), &a), ERR_OK);
    }
    advance(often, onset + 10 * minute + 400); /* the same whole second */
    advance(once, onset + 10 * minute);
    advance(once, onset - 10 * minute); /* the past changes nothing */
    ck_assert_int_eq(sim_now_ms(once), onset + 10 * minute);
    for (int page = 0; page < SIM_PAGE_COUNT; page++) {
        buf_reset(&a);
        buf_reset(&b);
        ck_assert_int_eq(sim_render(often, (enum sim_page)page, &a), ERR_OK);
        ck_assert_int_eq(sim_render(once, (enum sim_page)page, &b), ERR_OK);
        ck_assert_uint_eq(a.len, b.len);
        ck_assert_mem_eq(a.data, b.data, a.len);
    }
    buf_fini(&a);
    buf_fini(&b);
    sim_free(often);
    sim_free(once);
}
END_TEST

START_TEST(another_seed_gives_other_traffic)
{
    struct sim *a = new_sim(1, "none"), *b = new_sim(2, "none");
    struct samples x = at(a, onset, SIM_PAGE_LITELLM), y = at(b, onset, SIM_PAGE_LITELLM);
    ck_assert_double_ne(samples_sum(&x, spend, NULL, NULL), samples_sum(&y, spend, NULL, NULL));
    samples_free(&x);
    samples_free(&y);
    sim_free(a);
    sim_free(b);
}
END_TEST

static bool is_counter(const struct sample *s)
{
    size_t n = strcspn(s->name, "{");
    return (n > 6 && strncmp(s->name + n - 6, "_total", 6) == 0) || (n > 7 && strncmp(s->name + n - 7, "_bucket", 7) == 0) ||
           (n > 4 && strncmp(s->name + n - 4, "_sum", 4) == 0);
}

START_TEST(counters_never_fall_and_series_never_vanish)
{
    struct sim *s = new_sim(3, "brownout");
    for (int page = 0; page < SIM_PAGE_COUNT; page++) {
        struct samples before = samples_render(s, (enum sim_page)page);
        for (int step = 0; step < 3; step++) {
            struct samples now = at(s, sim_now_ms(s) + 8 * minute, (enum sim_page)page);
            for (size_t i = 0; i < before.count; i++) {
                const struct sample *next = samples_find(&now, before.at[i].series);
                ck_assert_msg(next != NULL, "vanished: %s", before.at[i].series);
                if (is_counter(next) && next->value < before.at[i].value)
                    ck_abort_msg("fell: %s", next->series);
            }
            samples_free(&before);
            before = now;
        }
        samples_free(&before);
    }
    sim_free(s);
}
END_TEST

/* Reads a page's histograms in page order: each bucket is at least its predecessor, and +Inf equals _count. */
START_TEST(buckets_are_cumulative)
{
    struct sim *s = new_sim(3, "brownout");
    struct buf text;
    int histograms = 0;
    buf_init(&text, SAMPLES_ROOM);
    advance(s, onset + 5 * minute);
    for (int page = 0; page < SIM_PAGE_COUNT; page++)
        ck_assert_int_eq(sim_render(s, (enum sim_page)page, &text), ERR_OK);
    double last = -1, open = -1;
    char *save = NULL;
    for (char *line = strtok_r(text.data, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
        size_t n = strcspn(line, "{ ");
        double v = strtod(strrchr(line, ' '), NULL);
        if (n > 7 && strncmp(line + n - 7, "_bucket", 7) == 0 && line[0] != '#') {
            ck_assert_msg(v >= last, "%s below %g", line, last);
            last = v;
            open = strstr(line, "le=\"+Inf\"") != NULL ? v : open;
        } else if (n > 6 && strncmp(line + n - 6, "_count", 6) == 0 && line[0] != '#' && open >= 0) {
            ck_assert_double_eq(v, open);
            last = open = -1;
            histograms++;
        } else if (n <= 4 || strncmp(line + n - 4, "_sum", 4) != 0) {
            last = open = -1;
        }
    }
    ck_assert_int_gt(histograms, 100);
    buf_fini(&text);
    sim_free(s);
}
END_TEST

START_TEST(parts_sum_to_their_totals)
{
    struct sim *s = new_sim(4, "brownout");
    struct samples p = at(s, onset + 15 * minute, SIM_PAGE_LITELLM);
    double by_team = samples_sum(&p, requests, "team_alias", "None"), by_key = by_team, purses = 0;
    for (unsigned t = 0; t < TEAM_COUNT; t++)
        by_team += samples_sum(&p, requests, "team_alias", company_team((enum team_id)t)->alias);
    for (unsigned k = 0; k < KEY_COUNT; k++)
        by_key += samples_sum(&p, requests, "api_key_alias", company_key(k)->alias);
    ck_assert_double_eq(by_team, samples_sum(&p, requests, NULL, NULL));
    ck_assert_double_eq(by_key, by_team);
    /* Each request ends once: failed, or answered and observed by the latency family. */
    ck_assert_double_eq(samples_sum(&p, requests, NULL, NULL), samples_sum(&p, failed, NULL, NULL) + samples_sum(&p, answers, NULL, NULL));
    ck_assert_double_eq(samples_sum(&p, answers, NULL, NULL), samples_sum(&p, "litellm_request_total_latency_metric_count", NULL, NULL));
    ck_assert_double_eq(samples_sum(&p, requests, "status_code", "200"), samples_sum(&p, answers, NULL, NULL));
    ck_assert_double_eq(samples_sum(&p, attempts, NULL, NULL),
                        samples_sum(&p, failures, NULL, NULL) + samples_sum(&p, "litellm_deployment_success_responses_total", NULL, NULL));
    ck_assert_double_eq(samples_sum(&p, "litellm_total_tokens_metric_total", NULL, NULL),
                        samples_sum(&p, "litellm_input_tokens_metric_total", NULL, NULL) +
                            samples_sum(&p, "litellm_output_tokens_metric_total", NULL, NULL));
    ck_assert_double_lt(samples_sum(&p, "litellm_input_cached_tokens_metric_total", NULL, NULL),
                        samples_sum(&p, "litellm_input_tokens_metric_total", NULL, NULL));
    for (unsigned t = 0; t < TEAM_COUNT; t++)
        purses += samples_sum(&p, "litellm_team_max_budget_metric", "team_alias", company_team((enum team_id)t)->alias);
    ck_assert_double_eq_tol(purses, 156000, .5);
    samples_free(&p);
    sim_free(s);
}
END_TEST

/* A key's budget falls by exactly what it spends. */
START_TEST(budgets_fall_by_what_is_spent)
{
    struct sim *s = new_sim(4, "none");
    struct samples a = at(s, onset - 20 * minute, SIM_PAGE_LITELLM), b = at(s, onset, SIM_PAGE_LITELLM);
    const char *left = "litellm_remaining_team_budget_metric";
    for (unsigned t = 0; t < TEAM_COUNT; t++) {
        const char *team = company_team((enum team_id)t)->alias;
        double spent = grown(&a, &b, spend, "team_alias", team);
        ck_assert_double_gt(spent, 0);
        ck_assert_double_eq_tol(-grown(&a, &b, left, "team_alias", team), spent, 1e-6);
    }
    samples_free(&a);
    samples_free(&b);
    sim_free(s);
}
END_TEST

START_TEST(engines_serve_what_the_gateway_books_against_them)
{
    struct sim *s = new_sim(6, "none");
    advance(s, onset);
    struct samples gateway = samples_render(s, SIM_PAGE_LITELLM);
    static const enum sim_page pages[] = {SIM_PAGE_VLLM_QWEN, SIM_PAGE_VLLM_LLAMA};
    for (unsigned e = 0; e < ENGINE_COUNT; e++) {
        struct samples engine = samples_render(s, pages[e]);
        const char *id = company_deployment(company_engine(e)->deployment)->id;
        double served = samples_sum(&gateway, answers, "model_id", id);
        ck_assert_double_gt(served, 100);
        ck_assert_double_eq(samples_sum(&engine, "vllm:request_success_total", "finished_reason", "stop") +
                                samples_sum(&engine, "vllm:request_success_total", "finished_reason", "length"),
                            served);
        ck_assert_double_eq(samples_sum(&engine, "vllm:generation_tokens_total", NULL, NULL),
                            samples_sum(&gateway, "litellm_output_tokens_metric_total", "model_id", id));
        ck_assert_double_eq(samples_sum(&engine, "vllm:inter_token_latency_seconds_count", NULL, NULL) + served,
                            samples_sum(&engine, "vllm:generation_tokens_total", NULL, NULL));
        double kv = samples_sum(&engine, "vllm:kv_cache_usage_perc", NULL, NULL);
        ck_assert(kv > 0 && kv <= 1);
        ck_assert_double_le(samples_sum(&engine, "vllm:num_requests_running", NULL, NULL), company_engine(e)->slots);
        samples_free(&engine);
    }
    samples_free(&gateway);
    sim_free(s);
}
END_TEST

/* The GPUs of a host draw more the fuller its batch is, and their energy is their power over time. */
START_TEST(gpus_count_what_they_draw)
{
    static const enum sim_page pages[] = {SIM_PAGE_DCGM_QWEN, SIM_PAGE_DCGM_LLAMA};
    struct sim *s = new_sim(6, "none");
    double watts[ENGINE_COUNT] = {0}, before[ENGINE_COUNT] = {0};
    enum { SECONDS = 600 };
    advance(s, onset);
    for (int t = 0; t <= SECONDS; t++) {
        advance(s, onset + t * INT64_C(1000));
        for (unsigned e = 0; e < ENGINE_COUNT; e++) {
            struct samples p = samples_render(s, pages[e]);
            double now = samples_sum(&p, "DCGM_FI_DEV_POWER_USAGE", NULL, NULL);
            ck_assert(now >= 118 * company_engine(e)->gpus && now <= 700 * company_engine(e)->gpus);
            watts[e] += t > 0 ? now : 0;
            double joules = samples_sum(&p, "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", NULL, NULL) / 1000;
            before[e] = t == 0 ? joules : before[e];
            if (t == SECONDS)
                ck_assert_double_eq_tol(joules - before[e], watts[e], SECONDS * company_engine(e)->gpus * 1e-3); /* of whole mW */
            samples_free(&p);
        }
    }
    ck_assert_double_gt(watts[0], 4 * 118.0 * SECONDS); /* it serves somebody */
    sim_free(s);
}
END_TEST

/* Around noon the larger engine is busy enough to let some wait now and then. */
START_TEST(waiting_requests_are_split_by_reason)
{
    struct sim *s = new_sim(6, "none");
    int seen = 0;
    for (int64_t t = onset; t < onset + 240 * minute && seen < 3; t += 30000) {
        struct samples engine = at(s, t, SIM_PAGE_VLLM_QWEN);
        double waiting = samples_sum(&engine, "vllm:num_requests_waiting", NULL, NULL);
        ck_assert_double_eq(samples_sum(&engine, "vllm:num_requests_waiting_by_reason", NULL, NULL), waiting);
        if (waiting > 0)
            ck_assert_double_eq(samples_sum(&engine, "vllm:num_requests_running", NULL, NULL), company_engine(0)->slots);
        seen += waiting > 3; /* of both reasons */
        samples_free(&engine);
    }
    ck_assert_int_ge(seen, 3);
    sim_free(s);
}
END_TEST

/* Budgets begin anew with the calendar month, February's two lengths and the year's end included. */
static const struct {
    int64_t at_s;
    double hours;
} months[] = {{1796081400, .5} /* 2026-11-30T23:30Z */,
              {1798759800, .5} /* 2026-12-31T23:30Z */,
              {1803816000, 12} /* 2027-02-28T12:00Z */,
              {1835352000, 36} /* 2028-02-28T12:00Z */,
              {1798761660, 744 - 1 / 60.0} /* 2027-01-01T00:01Z */};

START_TEST(budgets_run_by_the_calendar_month)
{
    int64_t end_ms = months[_i].at_s * 1000;
    struct sim_config c = {.seed = 1, .start_ms = end_ms - 60 * minute, .live_ms = end_ms, .onset_ms = end_ms};
    struct sim *s;
    ck_assert_int_eq(sim_new(&c, &s, NULL), ERR_OK);
    struct samples p = at(s, end_ms, SIM_PAGE_LITELLM);
    ck_assert_double_eq_tol(samples_sum(&p, "litellm_team_budget_remaining_hours_metric", "team_alias", "search"), months[_i].hours, .01);
    if (months[_i].hours < 1) {
        struct samples next = at(s, end_ms + 60 * minute, SIM_PAGE_LITELLM);
        double limit = samples_sum(&p, "litellm_team_max_budget_metric", "team_alias", "search");
        double before = samples_sum(&p, "litellm_remaining_team_budget_metric", "team_alias", "search");
        ck_assert(before > 0 && before < limit / 2); /* the month is used up, and not more than that */
        ck_assert_double_gt(samples_sum(&next, "litellm_remaining_team_budget_metric", "team_alias", "search"), limit * .99);
        samples_free(&next);
    }
    samples_free(&p);
    sim_free(s);
}
END_TEST

START_TEST(the_gateways_page_has_what_the_real_one_has)
{
    static const char *const expected[] = {"litellm_spend_capture_rate{api_provider=\"openai\"} NaN\n",
                                           "litellm_remaining_api_key_budget_metric{api_key_alias=\"search-staging\",",
                                           "\"} +Inf\n",
                                           "end_user=\"None\"",
                                           "# TYPE litellm_request_total_latency_metric_created gauge\n",
                                           "route=\"/key/list\"",
                                           "exception_class=\"AuthenticationError\",exception_status=\"401\"",
                                           "e+07\n",
                                           "python_info{implementation=\"CPython\"",
                                           "process_start_time_seconds 1.79",
                                           "le=\"420.0\"",
                                           "le=\"+Inf\"",
                                           "litellm_deployment_state{",
                                           "litellm_in_flight_requests ",
                                           "litellm_admission_queued_requests 0.0\n",
                                           "status=\"guardrail_intervened\"",
                                           "exception_class=\"Openai.BadRequestError\"",
                                           "# TYPE litellm_zero_cost_requests_total counter\n"};
    struct sim *s = new_sim(1, "none");
    struct buf text;
    buf_init(&text, SAMPLES_ROOM);
    advance(s, onset);
    ck_assert_int_eq(sim_render(s, SIM_PAGE_LITELLM, &text), ERR_OK);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        ck_assert_msg(strstr(text.data, expected[i]) != NULL, "no %s", expected[i]);
    ck_assert_uint_ge(sim_series(s), 3000);
    ck_assert_uint_le(text.len, 2000000);
    buf_fini(&text);
    sim_free(s);
}
END_TEST

START_TEST(an_ordinary_hour_is_believable)
{
    struct sim *s = new_sim(1, "none");
    struct samples a = samples_render(s, SIM_PAGE_LITELLM), b = at(s, onset, SIM_PAGE_LITELLM);
    double n = grown(&a, &b, requests, NULL, NULL), ok = grown(&a, &b, answers, NULL, NULL);
    double streamed = samples_sum(&b, "litellm_llm_api_time_to_first_token_metric_count", NULL, NULL) -
                      samples_sum(&a, "litellm_llm_api_time_to_first_token_metric_count", NULL, NULL);
    ck_assert_double_eq_tol(n / 3600, 20, 4); /* noon of a working day */
    ck_assert_double_eq_tol(streamed / ok, .65, .08);
    ck_assert_double_eq_tol(grown(&a, &b, spend, NULL, NULL), 290, 80);
    ck_assert_double_eq_tol(fail_ratio(&a, &b, "gpt-x"), .0004, .0005);
    ck_assert_double_eq_tol(ok / n, .995, .003); /* the rest: the clients' own faults */
    samples_free(&a);
    samples_free(&b);
    sim_free(s);
}
END_TEST

START_TEST(the_brownout_is_as_large_as_its_truth_says)
{
    struct sim *s = new_sim(1, "brownout");
    struct samples before = at(s, onset - 20 * minute, SIM_PAGE_LITELLM), a = at(s, onset, SIM_PAGE_LITELLM);
    struct samples b = at(s, onset + 2 * minute, SIM_PAGE_LITELLM), c = at(s, onset + 24 * minute, SIM_PAGE_LITELLM);
    struct samples d = at(s, onset + 30 * minute, SIM_PAGE_LITELLM), e = at(s, onset + 45 * minute, SIM_PAGE_LITELLM);
    const char *ok = "litellm_deployment_successful_fallbacks_total", *no = "litellm_deployment_failed_fallbacks_total",
               *state = "litellm_deployment_state";
    double n = grown(&b, &c, requests, "requested_model", "gpt-x"),
           fell_back = grown(&b, &c, ok, NULL, NULL) + grown(&b, &c, no, NULL, NULL);
    ck_assert_double_eq_tol(fail_ratio(&b, &c, "gpt-x"), .38, .06);
    ck_assert_double_eq_tol(fell_back / n, .61, .08);
    ck_assert_double_eq_tol(grown(&b, &c, failures, "model_id", "gpt-x-eu2") / grown(&b, &c, attempts, "model_id", "gpt-x-eu2"), .99, .02);
    ck_assert_double_eq_tol(grown(&b, &c, failures, "model_id", "gpt-x-eu1") / grown(&b, &c, attempts, "model_id", "gpt-x-eu1"), .97, .02);
    ck_assert_double_gt(grown(&b, &c, "litellm_deployment_cooled_down_total", "model_id", "gpt-x-eu2"), 50);
    /* The state's two series for one deployment: the last attempt's outcome, and the cooldown's, which stays until a success. */
    ck_assert_double_eq(samples_sum2(&c, state, "model_id", "gpt-x-eu2", "litellm_model_name", "gpt-x-chat"), 1);
    ck_assert_double_ge(samples_sum2(&c, state, "model_id", "gpt-x-eu1", "litellm_model_name", "gpt-x") +
                            samples_sum2(&c, state, "model_id", "gpt-x-eu2", "litellm_model_name", "gpt-x"),
                        2);
    ck_assert_double_eq(samples_sum(&c, state, "model_id", "c-s-1"), 0);
    ck_assert_double_eq(samples_sum(&e, state, "model_id", "gpt-x-eu2"), 0);
    double dear = grown(&b, &c, spend, "requested_model", "gpt-x") / 22, usual = grown(&before, &a, spend, "requested_model", "gpt-x") / 20;
    ck_assert_double_gt(dear / usual, 1.2);
    ck_assert_double_lt(fail_ratio(&before, &a, "gpt-x"), .002);
    ck_assert_double_lt(fail_ratio(&b, &c, "gpt-x-mini"), .002); /* the others have no part in it */
    ck_assert_double_lt(fail_ratio(&b, &c, "c-s"), .003);
    ck_assert_double_lt(fail_ratio(&d, &e, "gpt-x"), .002); /* and it ends */
    struct samples *all[] = {&before, &a, &b, &c, &d, &e};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        samples_free(all[i]);
    sim_free(s);
}
END_TEST

/* Who asks changes with the hour and the day; what share of it fails does not: 03:00Z, 19:00Z, a Saturday. */
START_TEST(the_brownout_is_as_large_at_any_hour)
{
    static const int64_t onsets_s[] = {1794884400, 1794942000, 1795262400};
    int64_t at_ms = onsets_s[_i] * 1000;
    struct sim_config c = {.seed = 2, .scenarios = "brownout", .start_ms = at_ms, .live_ms = at_ms, .onset_ms = at_ms};
    struct sim *s;
    ck_assert_int_eq(sim_new(&c, &s, NULL), ERR_OK);
    struct samples a = at(s, at_ms + minute, SIM_PAGE_LITELLM), b = at(s, at_ms + 24 * minute, SIM_PAGE_LITELLM);
    ck_assert_double_eq_tol(fail_ratio(&a, &b, "gpt-x"), .38, .06);
    samples_free(&a);
    samples_free(&b);
    sim_free(s);
}
END_TEST

START_TEST(the_runaway_key_is_as_large_as_its_truth_says)
{
    struct sim *s = new_sim(1, "runaway-key");
    struct samples before = at(s, onset - 50 * minute, SIM_PAGE_LITELLM), a = at(s, onset, SIM_PAGE_LITELLM);
    struct samples b = at(s, onset + 30 * minute, SIM_PAGE_LITELLM), c = at(s, onset + 44 * minute, SIM_PAGE_LITELLM);
    const char *alias = "api_key_alias", *key = "agents-f31a", *input = "litellm_input_tokens_metric_total";
    double usual = grown(&before, &a, requests, alias, key) / 50, rate = grown(&b, &c, requests, alias, key) / 14;
    double usual_prompt = grown(&before, &a, input, alias, key) / grown(&before, &a, answers, alias, key);
    double prompt = grown(&b, &c, input, alias, key) / grown(&b, &c, answers, alias, key);
    ck_assert_double_eq_tol(rate / usual, 7.5, 1);
    ck_assert_double_eq_tol(prompt / usual_prompt, 4, 1);
    double others = grown(&b, &c, requests, NULL, NULL) / 14 - rate, others_usual = grown(&before, &a, requests, NULL, NULL) / 50 - usual;
    ck_assert_double_eq_tol(others / others_usual, 1, .2); /* the hour and the mood move them */
    struct samples *all[] = {&before, &a, &b, &c};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        samples_free(all[i]);
    sim_free(s);
}
END_TEST

START_TEST(every_history_contains_the_past_incident)
{
    struct sim_config c = {.seed = 1, .start_ms = onset - SIM_HISTORY_MS, .live_ms = onset, .onset_ms = onset};
    struct sim *s;
    ck_assert_int_eq(sim_new(&c, &s, NULL), ERR_OK);
    int64_t past = onset - 14 * 60 * minute;
    struct samples a = at(s, past - 60 * minute, SIM_PAGE_LITELLM), b = at(s, past, SIM_PAGE_LITELLM);
    struct samples d = at(s, past + 2 * minute, SIM_PAGE_LITELLM), e = at(s, past + 19 * minute, SIM_PAGE_LITELLM);
    ck_assert_double_lt(fail_ratio(&a, &b, "c-s"), .003);
    ck_assert_double_eq_tol(fail_ratio(&d, &e, "c-s"), .12, .04);
    ck_assert_double_lt(fail_ratio(&d, &e, "gpt-x"), .003);
    /* And the day has its rhythm: offices sleep at 23:00Z, when the batch runs. */
    struct samples noon = at(s, onset - 60 * minute, SIM_PAGE_LITELLM), later = at(s, onset, SIM_PAGE_LITELLM);
    ck_assert_double_gt(grown(&noon, &later, requests, "team_alias", "support"), 5 * grown(&a, &b, requests, "team_alias", "support"));
    ck_assert_double_lt(grown(&noon, &later, requests, "team_alias", "batch"), .3 * grown(&a, &b, requests, "team_alias", "batch"));
    /* What a guardrail blocked never reached a deployment, and still belongs to the model that was asked for. */
    static const char *const models[] = {"gpt-x", "gpt-x-mini"};
    for (size_t m = 0; m < 2; m++) {
        double blocked = 0;
        for (size_t i = 0; i < later.count; i++) {
            if (sample_is(&later.at[i], requests) && sample_has(&later.at[i], "api_key_alias", "search-prod-2") &&
                sample_has(&later.at[i], "model_id", "None") && sample_has(&later.at[i], "requested_model", models[m]))
                blocked += later.at[i].value;
        }
        ck_assert_double_gt(blocked, 0);
    }
    struct samples *all[] = {&a, &b, &d, &e, &noon, &later};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        samples_free(all[i]);
    sim_free(s);
}
END_TEST

START_TEST(too_far_ahead_is_refused)
{
    struct sim *s = new_sim(1, "none");
    struct errctx ctx = {""};
    int64_t now = sim_now_ms(s);
    ck_assert_int_eq(sim_advance(s, now + SIM_ADVANCE_MAX_MS + 1000, &ctx), ERR_LIMIT);
    ck_assert_ptr_nonnull(strstr(ctx.text, "8 days"));
    ck_assert_int_eq(sim_now_ms(s), now);
    sim_free(s);
}
END_TEST

Suite *suite_sim(void)
{
    Suite *suite = suite_create("sim");
    TCase *t = tcase_create("sim");
    tcase_add_test(t, equal_seeds_give_equal_pages_however_they_are_polled);
    tcase_add_test(t, another_seed_gives_other_traffic);
    tcase_add_test(t, counters_never_fall_and_series_never_vanish);
    tcase_add_test(t, buckets_are_cumulative);
    tcase_add_test(t, parts_sum_to_their_totals);
    tcase_add_test(t, budgets_fall_by_what_is_spent);
    tcase_add_test(t, engines_serve_what_the_gateway_books_against_them);
    tcase_add_test(t, gpus_count_what_they_draw);
    tcase_add_test(t, waiting_requests_are_split_by_reason);
    tcase_add_loop_test(t, budgets_run_by_the_calendar_month, 0, sizeof months / sizeof months[0]);
    tcase_add_test(t, the_gateways_page_has_what_the_real_one_has);
    tcase_add_test(t, an_ordinary_hour_is_believable);
    tcase_add_test(t, the_brownout_is_as_large_as_its_truth_says);
    tcase_add_loop_test(t, the_brownout_is_as_large_at_any_hour, 0, 3);
    tcase_add_test(t, the_runaway_key_is_as_large_as_its_truth_says);
    tcase_add_test(t, every_history_contains_the_past_incident);
    tcase_add_test(t, too_far_ahead_is_refused);
    suite_add_tcase(suite, t);
    return suite;
}
