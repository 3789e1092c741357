/* SPDX-License-Identifier: MIT */
/* What goes wrong, a function and a row for each. Strengths are chosen so that a person who looks would see it, and no more. */
#include "sim/scenario.h"

#include <assert.h>

#define MINUTES(n) (INT64_C(60000) * (n))

/* From 1 to full, in proportion to strength. */
static double factor(double full, double strength)
{
    return 1 + (full - 1) * strength;
}

/* Both shares at once: one of two independent causes is enough. */
static void either(double *share, double more)
{
    *share = 1 - (1 - *share) * (1 - more);
}

static void at_least(double *v, double floor)
{
    if (*v < floor)
        *v = floor;
}

static void slow_down(struct effects *fx, enum deployment_id d, double ttft, double tpot)
{
    fx->deployment[d].ttft *= ttft;
    fx->deployment[d].tpot *= tpot;
}

/* Both of openai's regions are nearly gone. A request that may fall back goes to azure, which is dearer and slower but well; one that
 * may not, fails. */
static void apply_brownout(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)elapsed_ms;
    either(&fx->deployment[DEPLOYMENT_GPT_X_EU1].failing, .97 * strength);
    either(&fx->deployment[DEPLOYMENT_GPT_X_EU2].failing, .99 * strength);
    slow_down(fx, DEPLOYMENT_GPT_X_EU1, factor(3.2, strength), factor(1.5, strength));
    slow_down(fx, DEPLOYMENT_GPT_X_EU2, factor(3.6, strength), factor(1.6, strength));
    either(&fx->deployment[DEPLOYMENT_GPT_X_WEU].limited, .02 * strength);
    slow_down(fx, DEPLOYMENT_GPT_X_WEU, factor(1.7, strength), factor(1.2, strength));
}

static void apply_small_brownout(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)elapsed_ms;
    either(&fx->deployment[DEPLOYMENT_C_S].failing, .16 * strength);
    at_least(&fx->deployment[DEPLOYMENT_C_S].stubborn, .75 * strength);
    slow_down(fx, DEPLOYMENT_C_S, factor(2.0, strength), factor(1.2, strength));
}

/* A loop that calls itself: seven times the requests, and every round carries the previous ones in its prompt. */
static void apply_runaway(struct effects *fx, double strength, int64_t elapsed_ms)
{
    unsigned key;
    double growth = (double)elapsed_ms / (double)MINUTES(30);
    if (!company_key_by_alias("agents-f31a", &key))
        return;
    fx->key[key].rate *= factor(7.5, strength);
    fx->key[key].prompt *= 1 + 3 * (growth < 1 ? growth : 1);
}

static void apply_drift(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)strength;
    (void)elapsed_ms;
    fx->model[MODEL_GPT_X].version = 1;
    fx->model[MODEL_GPT_X].json_valid *= .940 / .989;
    fx->model[MODEL_GPT_X].output *= .78;
}

static void apply_mispriced(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)strength;
    (void)elapsed_ms;
    fx->model[MODEL_C_L].booked *= 1.25;
}

/* Applications of all teams let gpt-x extract where they let it talk before: as many requests of each key, of the same sizes. */
static void apply_traffic_mix(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)strength;
    (void)elapsed_ms;
    fx->model[MODEL_GPT_X].extracts *= 6.52;
}

/* An engine finds no prompt's beginning any more: all of it is read anew, so answers begin late and get in each other's way. */
static void apply_cache_collapse(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)elapsed_ms;
    fx->model[MODEL_QWEN].cached *= factor(.03, strength);
    slow_down(fx, DEPLOYMENT_QWEN, factor(15, strength), factor(1.3, strength));
}

static void apply_prompt_bloat(struct effects *fx, double strength, int64_t elapsed_ms)
{
    unsigned key;
    (void)elapsed_ms;
    if (company_key_by_alias("search-prod-1", &key))
        fx->key[key].prompt *= factor(5, strength);
}

static void apply_guardrail_slow(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)elapsed_ms;
    fx->guardrail[GUARDRAIL_POLICY] *= factor(25, strength);
}

static void apply_vector_store_slow(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)elapsed_ms;
    fx->retrieval *= factor(14, strength);
}

static void apply_stale_scrape(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)strength;
    (void)elapsed_ms;
    fx->frozen = true;
}

/* What is refused is sent again at once, and that is refused too. */
static void apply_retry_storm(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)elapsed_ms;
    either(&fx->deployment[DEPLOYMENT_C_S].limited, .8 * strength);
    fx->model[MODEL_C_S].tries += 6;
    at_least(&fx->model[MODEL_C_S].insists, .97);
}

static void apply_budget_exhaustion(struct effects *fx, double strength, int64_t elapsed_ms)
{
    unsigned key;
    (void)strength;
    (void)elapsed_ms;
    if (company_key_by_alias("support-mail", &key))
        fx->key[key].spent = true;
}

static void apply_bad_deploy(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)elapsed_ms;
    either(&fx->deployment[DEPLOYMENT_LLAMA].failing, .85 * strength);
    at_least(&fx->deployment[DEPLOYMENT_LLAMA].stubborn, .85 * strength);
}

static void apply_misrouting(struct effects *fx, double strength, int64_t elapsed_ms)
{
    (void)strength;
    (void)elapsed_ms;
    fx->model[MODEL_GPT_X].stray = .3;
    fx->model[MODEL_GPT_X].stray_to = DEPLOYMENT_LLAMA;
}

static const struct scenario scenarios[] = {
    {.name = "brownout",
     .duration_ms = MINUTES(25),
     .ramp_ms = 20000,
     .apply = apply_brownout,
     .component = "provider=openai",
     .also = {"deployment=gpt-x-eu1", "deployment=gpt-x-eu2"},
     .scope = "model=gpt-x",
     .kind = "errors",
     .expects = EXPECTS_INCIDENT,
     .restarts = -1,
     .what = "openai answers gpt-x with 5xx (eu2 99 %, eu1 97 % of attempts) and slowly; requests that may fall back go to "
             "azure/gpt-x-weu, which is dearer and slower, the others fail",
     .expect = {{"fail_ratio", "model=gpt-x", "ratio", .0004, .38, .06},
                {"fallback_ratio", "model=gpt-x", "ratio", .0005, .61, .08},
                {"attempt_fail_ratio", "deployment=gpt-x-eu2", "ratio", .0035, .99, .02},
                {"attempt_fail_ratio", "deployment=gpt-x-eu1", "ratio", .0035, .97, .02}}},
    {.name = "runaway-key",
     .duration_ms = MINUTES(45),
     .ramp_ms = 120000,
     .apply = apply_runaway,
     .component = "key=agents-f31a",
     .scope = "key=agents-f31a",
     .kind = "cost",
     .expects = EXPECTS_FINDING,
     .restarts = -1,
     .what = "key agents-f31a sends 7.5 times its requests, with prompts that grow to four times their length within 30 min",
     .expect = {{"request_rate_factor", "key=agents-f31a", "ratio", 1, 7.5, 1.3},
                {"prompt_factor", "key=agents-f31a", "ratio", 1, 3.2, 1}}},
    {.name = "drift",
     .duration_ms = 0,
     .ramp_ms = 0,
     .apply = apply_drift,
     .component = "model=gpt-x",
     .scope = "model=gpt-x",
     .kind = "quality",
     .expects = EXPECTS_FINDING,
     .restarts = -1,
     .what = "gpt-x is answered by gpt-x-2026-11-20 instead of gpt-x-2026-10-02: less valid JSON, shorter answers, every answer 200",
     .expect = {{"eval_json_valid", "model=gpt-x", "ratio", .989, .940, .01},
                {"output_tokens_factor", "model=gpt-x", "ratio", 1, .78, .03},
                {"fail_ratio", "model=gpt-x", "ratio", .0004, .0004, .0006}}},
    {.name = "mispriced",
     .duration_ms = 0,
     .ramp_ms = 0,
     .apply = apply_mispriced,
     .component = "model=c-l",
     .also = {"deployment=c-l-1"},
     .scope = "model=c-l",
     .kind = "cost",
     .expects = EXPECTS_FINDING,
     .restarts = -1,
     .what = "the gateway books c-l a quarter dearer than its provider asks: its price list is wrong",
     .expect = {{"booked_factor", "model=c-l", "ratio", 1, 1.25, .001}}},
    {.name = "traffic-mix",
     .duration_ms = 0,
     .ramp_ms = 0,
     .apply = apply_traffic_mix,
     .component = "route=/extract",
     .scope = "model=gpt-x",
     .kind = "traffic",
     .expects = EXPECTS_NOTHING,
     .restarts = -1,
     .what =
         "the traffic of gpt-x changed and no model did: 39 % of its requests instead of 6 % come by /extract, where 85 % of the JSON is "
         "valid, in every team; each key sends as many as before, and within each team and route valid JSON, versions, lengths and "
         "prices are as before; the share of good tool calls falls a little with the traffic",
     .expect = {{"eval_json_valid", "model=gpt-x", "ratio", .989, .940, .01},
                {"eval_json_valid", "model=gpt-x,route=/extract", "ratio", .850, .850, .02},
                {"eval_json_valid", "model=gpt-x,route=/chat", "ratio", .998, .998, .003},
                {"eval_share", "model=gpt-x,route=/extract", "ratio", .06, .391, .03},
                {"output_tokens_factor", "model=gpt-x", "ratio", 1, 1, .03},
                {"fail_ratio", "model=gpt-x", "ratio", .0004, .0004, .0006}}},
    {.name = "cache-collapse",
     .duration_ms = MINUTES(40),
     .ramp_ms = 60000,
     .apply = apply_cache_collapse,
     .component = "model=qwen-72b",
     .also = {"deployment=qwen-72b-a", "provider=hosted_vllm"},
     .scope = "model=qwen-72b",
     .kind = "latency",
     .expects = EXPECTS_INCIDENT,
     .restarts = -1,
     .what = "the prefix cache of qwen-72b's engine finds next to nothing any more (a time stamp now stands before every system prompt): "
             "reading prompts, again after each preemption, takes 15 times as long, and in working hours the engine is full, so that first "
             "tokens come after half a minute's wait",
     .expect = {{"cached_share", "model=qwen-72b", "ratio", .29, .01, .01}, {"ttft_factor", "model=qwen-72b", "ratio", 1, 50, 30}}},
    {.name = "prompt-bloat",
     .duration_ms = MINUTES(60),
     .ramp_ms = 60000,
     .apply = apply_prompt_bloat,
     .component = "key=search-prod-1",
     .scope = "key=search-prod-1",
     .kind = "cost",
     .expects = EXPECTS_FINDING,
     .restarts = -1,
     .what = "key search-prod-1 puts five times the text into its prompts: as many requests as before, and nearly three times the spend",
     .expect = {{"prompt_factor", "key=search-prod-1", "ratio", 1, 5, .4},
                {"request_rate_factor", "key=search-prod-1", "ratio", 1, 1, .15}}},
    {.name = "guardrail-slow",
     .duration_ms = MINUTES(30),
     .ramp_ms = 30000,
     .apply = apply_guardrail_slow,
     .component = "stage=guardrail",
     .also = {"name=policy"},
     .scope = "stage=guardrail,name=policy",
     .kind = "latency",
     .expects = EXPECTS_INCIDENT,
     .restarts = -1,
     .what = "the guardrail policy takes 25 times as long, 2.4 s in place of 0.1 s, before every call of support, mobile and sales; models "
             "and the other guardrail are as before",
     .expect = {{"guardrail_seconds", "name=policy", "s", .095, 2.38, .2}, {"guardrail_seconds", "name=pii", "s", .018, .018, .003}}},
    {.name = "vector-store-slow",
     .duration_ms = MINUTES(30),
     .ramp_ms = 30000,
     .apply = apply_vector_store_slow,
     .component = "stage=retrieval",
     .also = {"provider=pgvector"},
     .scope = "stage=retrieval",
     .kind = "latency",
     .expects = EXPECTS_INCIDENT,
     .restarts = -1,
     .what = "the vector store answers 14 times as slowly, 1.1 s in place of 0.08 s, before search, support, sales and legal ask a model; "
             "embeddings and models are as before",
     .expect = {{"stage_seconds", "stage=retrieval", "s", .079, 1.1, .1}, {"stage_seconds", "stage=embeddings", "s", .022, .022, .003}}},
    {.name = "stale-scrape",
     .duration_ms = MINUTES(25),
     .ramp_ms = 0,
     .apply = apply_stale_scrape,
     .component = "source=litellm",
     .scope = "source=litellm",
     .kind = "telemetry",
     .expects = EXPECTS_SOURCE_TROUBLE,
     .restarts = -1,
     .what = "the gateway's page answers with the same bytes again and again (something before it caches): the traffic goes on, and nobody "
             "sees it but the engines",
     .expect = {{"request_rate_factor", "source=litellm", "ratio", 1, 0, 0}}},
    {.name = "retry-storm",
     .duration_ms = MINUTES(25),
     .ramp_ms = 30000,
     .apply = apply_retry_storm,
     .component = "model=c-s",
     .also = {"provider=anthropic", "deployment=c-s-1"},
     .scope = "model=c-s",
     .kind = "errors",
     .expects = EXPECTS_INCIDENT,
     .restarts = -1,
     .what =
         "anthropic refuses four in five attempts at c-s with 429, and its clients, of a release that repeats up to eight times at once, "
         "send three times the requests",
     .expect = {{"fail_ratio", "model=c-s", "ratio", .0004, .66, .08}, {"request_rate_factor", "model=c-s", "ratio", 1, 2.6, .6}}},
    {.name = "budget-exhaustion",
     .duration_ms = MINUTES(90),
     .ramp_ms = 0,
     .apply = apply_budget_exhaustion,
     .component = "key=support-mail",
     .scope = "key=support-mail",
     .kind = "cost",
     .expects = EXPECTS_INCIDENT,
     .restarts = -1,
     .what = "the month's budget of key support-mail is used up: the gateway refuses all its requests with BudgetExceededError, status 400",
     .expect = {{"refused_ratio", "key=support-mail", "ratio", 0, 1, .003}, {"budget_left", "key=support-mail", "USD", 1, 0, .45}}},
    {.name = "bad-deploy",
     .duration_ms = MINUTES(30),
     .ramp_ms = 0,
     .apply = apply_bad_deploy,
     .component = "model=llama-8b",
     .also = {"deployment=llama-8b-a", "provider=hosted_vllm"},
     .scope = "model=llama-8b",
     .kind = "errors",
     .expects = EXPECTS_INCIDENT,
     .restarts = 1,
     .deploy = "llama-8b: image 0.12.1 goes live",
     .what = "the engine of llama-8b is started with a new image (its counters begin anew) and then fails 85 % of attempts with 5xx, until "
             "it is rolled back, which is one more start",
     .expect = {{"fail_ratio", "model=llama-8b", "ratio", .0004, .72, .08},
                {"attempt_fail_ratio", "deployment=llama-8b-a", "ratio", .001, .85, .05}}},
    {.name = "misrouting",
     .duration_ms = MINUTES(150),
     .ramp_ms = 0,
     .apply = apply_misrouting,
     .component = "deployment=llama-8b-a",
     .also = {"deployment=meta/llama-8b-instruct"}, /* as evaluations name what answered */
     .scope = "model=gpt-x",
     .kind = "quality",
     .expects = EXPECTS_FINDING,
     .restarts = -1,
     .what = "the load balancer sends 30 % of gpt-x's requests to llama-8b-a, a fifth of whose answers are no valid JSON; every answer is "
             "a 200",
     .expect = {{"stray_share", "model=gpt-x,deployment=llama-8b-a", "ratio", 0, .3, .03},
                {"eval_json_valid", "model=gpt-x", "ratio", .989, .932, .02},
                {"fail_ratio", "model=gpt-x", "ratio", .0004, .0004, .0008}}},
};
enum { SCENARIO_COUNT = sizeof scenarios / sizeof scenarios[0] };

static const struct scenario past_brownout = {
    .name = "past-brownout",
    .duration_ms = MINUTES(20),
    .ramp_ms = 30000,
    .apply = apply_small_brownout,
    .component = "provider=anthropic",
    .also = {"deployment=c-s-1", "model=c-s"},
    .scope = "model=c-s",
    .kind = "errors",
    .expects = EXPECTS_INCIDENT,
    .restarts = -1,
    .what = "anthropic answers c-s with 5xx (16 % of attempts) and slowly; three retries in four fail as well",
    .expect = {{"fail_ratio", "model=c-s", "ratio", .0004, .12, .03}},
};

size_t scenario_count(void)
{
    return SCENARIO_COUNT;
}

const struct scenario *scenario_at(size_t i)
{
    assert(i < SCENARIO_COUNT);
    return &scenarios[i];
}

const struct scenario *scenario_past(void)
{
    return &past_brownout;
}

const char *scenario_expects_name(enum scenario_expects e)
{
    static const char *const names[] = {[EXPECTS_INCIDENT] = "incident",
                                        [EXPECTS_FINDING] = "finding",
                                        [EXPECTS_SOURCE_TROUBLE] = "source trouble",
                                        [EXPECTS_NOTHING] = "nothing"};
    return names[e];
}
