/* SPDX-License-Identifier: MIT */
#include "source/profile.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena arena;
static struct errctx ctx;
static struct profiles ps;

static void setup(void)
{
    arena_init(&arena, 64 << 20);
    ctx.text[0] = 0;
    ck_assert_msg(profiles_load(NULL, &arena, &ps, &ctx) == ERR_OK, "%s", ctx.text);
}

static void teardown(void)
{
    arena_fini(&arena);
}

/* ---- one line of an exposition, read the way the recorder reads it ---- */

enum { PAIRS_MAX = 40 };

struct line {
    struct str name;
    struct profile_pair pair[PAIRS_MAX];
    size_t count;
    double value;
};

/* name{label="value",...} 1.5 ; values without escapes. */
static struct line read_line(const char *text)
{
    struct line l = {.count = 0};
    const char *p = text + strcspn(text, "{ ");
    l.name = (struct str){text, (size_t)(p - text)};
    if (*p == '{')
        for (p++; *p != 0 && *p != '}'; p += *p == ',') {
            struct profile_pair *pair = &l.pair[l.count++];
            ck_assert_uint_lt(l.count, PAIRS_MAX);
            pair->name = (struct str){p, strcspn(p, "=")};
            p += pair->name.n + 2;
            pair->value = (struct str){p, strcspn(p, "\"")};
            p += pair->value.n + 1;
        }
    p += *p == '}';
    l.value = strtod(p, NULL);
    return l;
}

/* All rows that take the line, as "signal[.part] dim=value,...; ". */
static const char *folded(const char *profile, const char *text)
{
    static char out[4096];
    static const char *const parts[] = {"", ".n", ".sum", ".bad"}, *const samples[] = {"", " bucket", " sum", " count"};
    const struct profile *p = profiles_by_name(&ps, profile);
    struct line l = read_line(text);
    enum profile_sample sample = SAMPLE_VALUE;
    size_t n = 0;
    out[0] = 0;
    ck_assert_ptr_nonnull(p);
    for (const struct profile_metric *m = profile_find_sample(p, l.name, &sample); m != NULL; m = profile_next(p, m)) {
        struct str dims[DIM_COUNT];
        if (!profile_fold(p, m, l.pair, l.count, dims))
            continue;
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%s%s", signal_info(m->signal)->name, parts[m->part], samples[sample]);
        for (int d = 0; d < DIM_COUNT; d++)
            if (dims[d].n != 0)
                n += (size_t)snprintf(out + n, sizeof out - n, " %s=%.*s", dim_name((enum dim)d), (int)dims[d].n, dims[d].p);
        n += (size_t)snprintf(out + n, sizeof out - n, " /%u;", m->rank);
    }
    return out;
}

#define CALLER                                                                                                                             \
    "api_key_alias=\"batch\",hashed_api_key=\"15e9\",team=\"t-1\",team_alias=\"search\",end_user=\"None\",client_ip=\"10.0.0.1\",user_"    \
    "agent=\"curl/8 (x; y)\""
#define SERVED "requested_model=\"gpt-x\",model=\"gpt-x-2026\",model_id=\"eu1\",api_provider=\"openai\""
#define FOLDED " provider=openai model=gpt-x deployment=eu1 team=search"

#define HIGRESS "ai_route=\"chat\",ai_cluster=\"outbound|443||llm.dns\",ai_model=\"q\",ai_consumer=\"batch\""
#define HIGRESS_FOLDED " model=q deployment=outbound|443||llm.dns key=batch route=chat"
#define TRITON_FOLDED " model=q deployment=q"
#define AGENT_HTTP "backend=\"llm\",protocol=\"https\",method=\"POST\",status=\"429\",reason=\"RateLimit\",route=\"chat\""
#define AGENT                                                                                                                              \
    "gen_ai_operation_name=\"chat\",gen_ai_system=\"openai\",gen_ai_request_model=\"q\",gen_ai_response_model=\"q-2\",route=\"chat\""
#define AGENT_FOLDED " provider=openai model=q deployment=q-2 route=chat"

static const struct {
    const char *profile, *line, *want;
} rows[] = {
    /* requests: successes from one family, failures from the family that knows why, and only else from status codes */
    {"litellm", "litellm_proxy_total_requests_metric_total{" CALLER "," SERVED ",route=\"/v1/chat/completions\",status_code=\"200\"} 5",
     "requests" FOLDED " key=batch route=/v1/chat/completions class=ok /0;"},
    {"litellm", "litellm_proxy_total_requests_metric_total{" CALLER "," SERVED ",route=\"/v1/chat/completions\",status_code=\"429\"} 5",
     "requests" FOLDED " key=batch route=/v1/chat/completions class=429 /1;"},
    {"litellm",
     "litellm_proxy_failed_requests_metric_total{" CALLER "," SERVED
     ",route=\"/v1/messages\",exception_status=\"None\",exception_class=\"RouterRateLimitError\"} 1",
     "requests" FOLDED " key=batch route=/v1/messages class=429 /0;"},
    {"litellm",
     "litellm_proxy_failed_requests_metric_total{" CALLER "," SERVED
     ",route=\"/v1/messages\",exception_status=\"400\",exception_class=\"Openai.ContextWindowExceededError\"} 1",
     "requests" FOLDED " key=batch route=/v1/messages class=context /0;"},
    /* a status "None" is a failure, a page without the label is not known to be one */
    {"litellm", "litellm_proxy_total_requests_metric_total{requested_model=\"m\",status_code=\"None\",route=\"/chat/completions\"} 1",
     "requests model=m route=/chat/completions class=other /1;"},
    {"litellm", "litellm_proxy_total_requests_metric_total{requested_model=\"m\"} 1", "requests model=m class=ok /0;"},
    /* the admin interface's 401s, and the gateway's own health checks */
    {"litellm",
     "litellm_proxy_failed_requests_metric_total{" CALLER
     ",requested_model=\"\",route=\"/team/list\",exception_status=\"401\",exception_class=\"KeyNotFoundError\"} 4",
     ""},
    {"litellm",
     "litellm_proxy_total_requests_metric_total{api_key_alias=\"litellm-internal-health-check\",requested_model=\"m\",route=\"/chat/"
     "completions\",status_code=\"200\"} 4",
     ""},
    {"litellm", "litellm_spend_metric_total{api_key_alias=\"litellm-internal-health-check\",requested_model=\"m\"} 4", ""},
    /* "None" is nobody */
    {"litellm",
     "litellm_spend_metric_total{api_key_alias=\"None\",hashed_api_key=\"None\",team=\"None\",team_alias=\"None\",requested_model=\"m\","
     "model=\"u\"} 4",
     "cost model=m name=u /0;"},
    {"litellm",
     "litellm_spend_metric_total{api_key_alias=\"None\",hashed_api_key=\"15e9\",team=\"t-1\",team_alias=\"None\",requested_model=\"\","
     "model=\"u\"} 4",
     "cost model=u team=t-1 key=15e9 name=u /0;"},
    /* one deployment meets itself in every family */
    {"litellm",
     "litellm_deployment_success_responses_total{" CALLER
     ",requested_model=\"gpt-x\",litellm_model_name=\"azure/gpt-x\",model_id=\"eu1\",api_base=\"http://x\",api_provider=\"openai\"} 1",
     "attempts" FOLDED " class=ok /0;"},
    {"litellm",
     "litellm_deployment_failure_responses_total{" CALLER ",requested_model=\"gpt-x\",litellm_model_name=\"azure/"
     "gpt-x\",model_id=\"eu1\",api_provider=\"openai\",exception_status=\"408\",exception_class=\"Timeout\"} 1",
     "attempts" FOLDED " class=timeout /0;"},
    {"litellm", "litellm_request_total_latency_metric_bucket{" CALLER ",le=\"0.5\"," SERVED "} 1", "e2e bucket" FOLDED " /0;"},
    {"litellm", "litellm_llm_api_latency_metric_sum{" CALLER "," SERVED "} 1", "provider_latency sum" FOLDED " /0;"},
    {"litellm", "litellm_llm_api_time_to_first_token_metric_count{" CALLER "," SERVED "} 1", "ttft count" FOLDED " /0;"},
    {"litellm", "litellm_spend_metric_total{" CALLER "," SERVED "} 1", "cost" FOLDED " key=batch name=gpt-x-2026 /0;"},
    {"litellm",
     "litellm_deployment_latency_per_output_token_bucket{litellm_model_name=\"azure/"
     "gpt-x\",model_id=\"eu1\",api_provider=\"openai\",le=\"1.0\"} 3",
     "tpot bucket provider=openai deployment=eu1 /0;"},
    {"litellm",
     "litellm_overhead_latency_metric_bucket{model_group=\"gpt-x\",litellm_model_name=\"azure/"
     "gpt-x\",model_id=\"eu1\",api_provider=\"openai\",le=\"1.0\"} 3",
     "overhead bucket provider=openai model=gpt-x deployment=eu1 /0;"},
    {"litellm", "litellm_request_queue_time_seconds_bucket{requested_model=\"gpt-x\",model_id=\"eu1\",le=\"+Inf\"} 3",
     "queue_time bucket model=gpt-x deployment=eu1 /0;"},
    {"litellm",
     "litellm_deployment_cooled_down_total{litellm_model_name=\"gpt-x\",model_id=\"eu1\",api_provider=\"openai\",exception_status=\"429\"} "
     "3",
     "cooldowns provider=openai deployment=eu1 /0;"},
    {"litellm", "litellm_deployment_state{litellm_model_name=\"pool\",model_id=\"eu1\",api_provider=\"\"} 2.0",
     "deployment_state deployment=eu1 /0;"},
    {"litellm", "litellm_deployment_successful_fallbacks_total{requested_model=\"gpt-x\",fallback_model=\"c-l\",team_alias=\"search\"} 2",
     "fallbacks model=gpt-x team=search class=ok name=c-l /0;"},
    {"litellm", "litellm_deployment_failed_fallbacks_total{requested_model=\"gpt-x\",fallback_model=\"c-l\",team_alias=\"None\"} 2",
     "fallbacks model=gpt-x class=failed name=c-l /0;"},
    {"litellm", "litellm_admission_rejected_requests_total{reason=\"queue_full\"} 542", "rejected class=queue_full /0;"},
    /* tokens: each direction once; the response cache is another thing than the provider's */
    {"litellm", "litellm_input_tokens_metric_total{" SERVED "} 1",
     "tokens_input provider=openai model=gpt-x deployment=eu1 name=gpt-x-2026 /0;"},
    {"litellm", "litellm_output_tokens_metric_total{" SERVED "} 1",
     "tokens_output provider=openai model=gpt-x deployment=eu1 name=gpt-x-2026 /0;"},
    {"litellm", "litellm_input_cached_tokens_metric_total{" SERVED "} 1",
     "tokens_cached provider=openai model=gpt-x deployment=eu1 name=gpt-x-2026 /0;"},
    {"litellm", "litellm_provider_cache_read_input_tokens_metric_total{" SERVED "} 1",
     "tokens_cached provider=openai model=gpt-x deployment=eu1 name=gpt-x-2026 /1;"},
    {"litellm", "litellm_input_cache_creation_tokens_metric_total{requested_model=\"m\"} 1", "tokens_cache_write model=m /0;"},
    {"litellm", "litellm_output_reasoning_tokens_metric_total{requested_model=\"m\"} 1", "tokens_reasoning model=m /0;"},
    {"litellm", "litellm_total_tokens_metric_total{" SERVED "} 1", ""},
    {"litellm", "litellm_cached_tokens_metric_total{" SERVED "} 1", ""},
    {"litellm", "litellm_cache_hits_metric_total{requested_model=\"m\"} 1", "cache_hits model=m /0;"},
    {"litellm", "litellm_cache_misses_metric_total{requested_model=\"m\"} 1", "cache_misses model=m /0;"},
    {"litellm",
     "litellm_zero_cost_requests_total{requested_model=\"m\",model=\"u\",model_id=\"eu1\",api_provider=\"openai\",reason=\"missing_pricing_"
     "key\"} 1",
     "zero_cost provider=openai model=m deployment=eu1 name=missing_pricing_key /0;"},
    /* guardrails, budgets, limits, state */
    {"litellm", "litellm_guardrail_requests_total{guardrail_name=\"pii\",status=\"success\",hook_type=\"pre_call\"} 1",
     "guardrail_checks class=ok name=pii /0;"},
    {"litellm", "litellm_guardrail_requests_total{guardrail_name=\"pii\",status=\"guardrail_intervened\"} 1",
     "guardrail_checks class=blocked name=pii /0;"},
    {"litellm", "litellm_guardrail_requests_total{guardrail_name=\"pii\",status=\"guardrail_failed_to_respond\"} 1",
     "guardrail_checks class=error name=pii /0;"},
    {"litellm", "litellm_guardrail_latency_seconds_bucket{guardrail_name=\"pii\",status=\"success\",error_type=\"None\",le=\"0.1\"} 1",
     "stage_latency bucket stage=guardrail name=pii /0;"},
    {"litellm", "litellm_auth_latency_bucket{le=\"0.1\"} 1", "stage_latency bucket stage=auth /0;"},
    {"litellm", "litellm_redis_latency_bucket{le=\"0.1\"} 1", "stage_latency bucket stage=redis /0;"},
    {"litellm", "litellm_postgres_latency_bucket{le=\"0.1\"} 1", "stage_latency bucket stage=postgres /0;"},
    {"litellm", "litellm_team_max_budget_metric{team=\"t-1\",team_alias=\"search\"} 9", "budget_limit team=search /0;"},
    {"litellm", "litellm_remaining_team_budget_metric{team=\"t-1\",team_alias=\"search\"} +Inf", "budget_remaining team=search /0;"},
    {"litellm", "litellm_team_budget_remaining_hours_metric{team=\"t-1\",team_alias=\"None\"} 9", "budget_reset team=t-1 /0;"},
    {"litellm", "litellm_api_key_max_budget_metric{api_key_alias=\"batch\"} 9", "budget_limit key=batch /0;"},
    {"litellm", "litellm_remaining_api_key_budget_metric{api_key_alias=\"batch\"} 9", "budget_remaining key=batch /0;"},
    {"litellm", "litellm_api_key_budget_remaining_hours_metric{hashed_api_key=\"15e9\"} 9", "budget_reset key=15e9 /0;"},
    {"litellm", "litellm_provider_remaining_budget_metric{api_provider=\"openai\"} 9", "budget_remaining provider=openai /0;"},
    {"litellm",
     "litellm_remaining_requests_metric{model_group=\"gpt-x\",api_provider=\"openai\",litellm_model_name=\"gpt-x-2\"} 9223372036854775807",
     "rate_limit_requests provider=openai model=gpt-x deployment=gpt-x-2 /0;"},
    {"litellm", "litellm_remaining_tokens{model_group=\"gpt-x\"} 9", "rate_limit_tokens model=gpt-x /1;"},
    {"litellm", "litellm_in_flight_requests 3", "in_flight /0;"},
    {"litellm", "process_start_time_seconds 1.79e+09", "process_start /0;"},

    {"vllm", "vllm:num_requests_running{engine=\"0\",model_name=\"Qwen/Q\"} 37.0",
     "running provider=hosted_vllm model=Qwen/Q deployment=Qwen/Q name=0 /0;"},
    {"vllm", "vllm:num_requests_waiting{model_name=\"Qwen/Q\"} 12.0", "waiting provider=hosted_vllm model=Qwen/Q deployment=Qwen/Q /0;"},
    {"vllm", "vllm:num_requests_waiting_by_reason{engine=\"0\",model_name=\"Qwen/Q\",reason=\"capacity\"} 9.0", ""},
    {"vllm", "vllm:kv_cache_usage_perc{engine=\"0\",model_name=\"Q\",pid=\"277\"} 0.65",
     "kv_cache provider=hosted_vllm model=Q deployment=Q name=0 /0;"},
    {"vllm", "vllm:gpu_cache_usage_perc{model_name=\"Q\"} 0.65", "kv_cache provider=hosted_vllm model=Q deployment=Q /1;"},
    {"vllm", "vllm:num_preemptions_total{model_name=\"Q\"} 1", "preemptions provider=hosted_vllm model=Q deployment=Q /0;"},
    {"vllm", "vllm:prefix_cache_queries_total{model_name=\"Q\"} 1", "prefix_queries provider=hosted_vllm model=Q deployment=Q /0;"},
    {"vllm", "vllm:gpu_prefix_cache_queries_total{model_name=\"Q\"} 1", "prefix_queries provider=hosted_vllm model=Q deployment=Q /1;"},
    {"vllm", "vllm:prefix_cache_hits_total{model_name=\"Q\"} 1", "prefix_hits provider=hosted_vllm model=Q deployment=Q /0;"},
    {"vllm", "vllm:gpu_prefix_cache_hits_total{model_name=\"Q\"} 1", "prefix_hits provider=hosted_vllm model=Q deployment=Q /1;"},
    {"vllm", "vllm:admission_rejections_total{model_name=\"Q\",reason=\"max_num_queued_reqs\"} 1",
     "rejected provider=hosted_vllm model=Q deployment=Q class=max_num_queued_reqs /0;"},
    {"vllm", "vllm:request_success_total{engine=\"0\",finished_reason=\"abort\",model_name=\"Q\"} 1",
     "finish provider=hosted_vllm model=Q deployment=Q class=abort name=0 /0;"},
    {"vllm", "vllm:request_success_total{finished_reason=\"repetition\",model_name=\"Q\"} 1",
     "finish provider=hosted_vllm model=Q deployment=Q class=other /0;"},
    {"vllm", "vllm:corrupted_requests_total{model_name=\"Q\"} 1", "corrupted provider=hosted_vllm model=Q deployment=Q /0;"},
    {"vllm", "vllm:prompt_tokens_total{model_name=\"Q\"} 1", "tokens_input provider=hosted_vllm model=Q deployment=Q /0;"},
    {"vllm", "vllm:prompt_tokens_by_source_total{model_name=\"Q\",source=\"cache\"} 1", ""},
    {"vllm", "vllm:prompt_tokens_cached_total{model_name=\"Q\"} 1", "tokens_cached provider=hosted_vllm model=Q deployment=Q /0;"},
    {"vllm", "vllm:generation_tokens_total{model_name=\"Q\"} 1", "tokens_output provider=hosted_vllm model=Q deployment=Q /0;"},
    {"vllm", "vllm:time_to_first_token_seconds_bucket{model_name=\"Q\",le=\"1\"} 1",
     "ttft bucket provider=hosted_vllm model=Q deployment=Q /0;"},
    {"vllm", "vllm:request_time_per_output_token_seconds_sum{model_name=\"Q\"} 1",
     "tpot sum provider=hosted_vllm model=Q deployment=Q /0;"},
    {"vllm", "vllm:inter_token_latency_seconds_count{model_name=\"Q\"} 1", "itl count provider=hosted_vllm model=Q deployment=Q /0;"},
    {"vllm", "vllm:time_per_output_token_seconds_sum{model_name=\"Q\"} 0.23", "itl sum provider=hosted_vllm model=Q deployment=Q /1;"},
    {"vllm", "vllm:e2e_request_latency_seconds_bucket{model_name=\"Q\",le=\"1\"} 1",
     "e2e bucket provider=hosted_vllm model=Q deployment=Q /0;"},
    {"vllm", "vllm:request_queue_time_seconds_bucket{model_name=\"Q\",le=\"1\"} 1",
     "engine_queue bucket provider=hosted_vllm model=Q deployment=Q /0;"},
    {"vllm", "vllm:request_prefill_time_seconds_bucket{model_name=\"Q\",le=\"1\"} 1",
     "stage_latency bucket provider=hosted_vllm model=Q deployment=Q stage=prefill /0;"},
    {"vllm", "vllm:request_decode_time_seconds_bucket{model_name=\"Q\",le=\"1\"} 1",
     "stage_latency bucket provider=hosted_vllm model=Q deployment=Q stage=decode /0;"},
    {"vllm", "vllm:iteration_tokens_total_bucket{model_name=\"Q\",le=\"1\"} 1", ""},
    {"vllm", "http_requests_total{handler=\"/v1/completions\",status=\"2xx\"} 201.0", ""},

    /* the types of tokens are no partition, and "total" is none of them */
    {"otel-genai",
     "gen_ai_client_token_usage_sum{gen_ai_provider_name=\"openai\",gen_ai_request_model=\"q\",gen_ai_response_model=\"q-2\",gen_ai_token_"
     "type=\"input\",otel_scope_name=\"x\"} 44",
     "tokens_input provider=openai model=q deployment=q-2 /0;"},
    {"otel-genai", "gen_ai_client_token_usage_sum{gen_ai_system=\"openai\",gen_ai_request_model=\"q\",gen_ai_token_type=\"output\"} 44",
     "tokens_output provider=openai model=q /0;"},
    {"otel-genai", "gen_ai_client_token_usage_sum{gen_ai_request_model=\"q\",gen_ai_token_type=\"cached_input\"} 4",
     "tokens_cached model=q /0;"},
    {"otel-genai", "gen_ai_client_token_usage_sum{gen_ai_request_model=\"q\",gen_ai_token_type=\"cache_creation_input\"} 4",
     "tokens_cache_write model=q /0;"},
    {"otel-genai", "gen_ai_client_token_usage_sum{gen_ai_request_model=\"q\",gen_ai_token_type=\"reasoning\"} 4",
     "tokens_reasoning model=q /0;"},
    {"otel-genai", "gen_ai_client_token_usage_sum{gen_ai_request_model=\"q\",gen_ai_token_type=\"total\"} 58", ""},
    {"otel-genai", "gen_ai_client_token_usage_sum{gen_ai_request_model=\"q\"} 58", ""},
    {"otel-genai", "gen_ai_client_token_usage_bucket{gen_ai_token_type=\"input\",le=\"4\"} 1", "prompt_size bucket /0;"},
    {"otel-genai", "gen_ai_client_token_usage_count{gen_ai_token_type=\"input\"} 1", "prompt_size count /0;"},
    {"otel-genai", "gen_ai_client_token_usage_bucket{gen_ai_token_type=\"output\",le=\"4\"} 1", ""},
    {"agentgateway", "agentgateway_gen_ai_client_token_usage_bucket{gen_ai_request_model=\"q\",gen_ai_token_type=\"input\",le=\"4\"} 1",
     "prompt_size bucket model=q /0;"},
    {"vllm", "vllm:request_prompt_tokens_bucket{model_name=\"Q\",le=\"100\"} 1",
     "prompt_size bucket provider=hosted_vllm model=Q deployment=Q /0;"},
    {"otel-genai", "gen_ai_client_token_usage_token_sum{gen_ai_request_model=\"q\",gen_ai_token_type=\"input\"} 44",
     "tokens_input model=q /1;"},
    {"otel-genai", "gen_ai.client.token.usage_sum{gen_ai.request.model=\"q\",gen_ai.token.type=\"input\"} 44", "tokens_input model=q /5;"},
    {"otel-genai", "gen_ai_client_inference_usage_input_tokens_total{gen_ai_request_model=\"q\"} 44", "tokens_input model=q /8;"},
    {"otel-genai", "gen_ai_client_inference_usage_cache_read_input_tokens_total{gen_ai_request_model=\"q\"} 44",
     "tokens_cached model=q /8;"},
    /* durations, in four spellings and two units */
    {"otel-genai", "gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name=\"chat\",gen_ai_request_model=\"q\",le=\"1\"} 1",
     "e2e bucket model=q /0;"},
    {"otel-genai",
     "gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name=\"retrieval\",gen_ai_provider_name=\"pgvector\",le=\"1\"} 1",
     "stage_latency bucket provider=pgvector stage=retrieval /0;"},
    {"otel-genai",
     "gen_ai_client_operation_duration_seconds_bucket{gen_ai_operation_name=\"embeddings\",gen_ai_request_model=\"e\",le=\"1\"} 1",
     "stage_latency bucket model=e stage=embeddings /0;"},
    {"otel-genai", "gen_ai_client_operation_duration_seconds_bucket{le=\"1\"} 1", "e2e bucket /0;"},
    {"otel-genai", "gen_ai_client_operation_duration_bucket{gen_ai_operation_name=\"chat\",le=\"1\"} 1", "e2e bucket /1;"},
    {"otel-genai", "gen_ai_client_operation_duration_milliseconds_bucket{gen_ai_operation_name=\"chat\",le=\"1\"} 1", "e2e bucket /2;"},
    {"otel-genai", "gen_ai.client.operation.duration_seconds_bucket{gen_ai.operation.name=\"chat\",le=\"1\"} 1", "e2e bucket /3;"},
    {"otel-genai", "gen_ai.client.operation.duration_bucket{gen_ai.operation.name=\"retrieval\",le=\"1\"} 1",
     "stage_latency bucket stage=retrieval /4;"},
    {"otel-genai", "gen_ai_server_request_duration_seconds_sum{gen_ai_request_model=\"q\"} 10.8", "e2e sum model=q /0;"},
    {"otel-genai", "gen_ai_server_time_to_first_token_seconds_sum{gen_ai_request_model=\"q\"} 10.8", "ttft sum model=q /0;"},
    {"otel-genai", "gen_ai_client_operation_time_to_first_chunk_seconds_sum{gen_ai_request_model=\"q\"} 10.8", "ttft sum model=q /6;"},
    {"otel-genai", "gen_ai_server_time_per_output_token_seconds_sum{gen_ai_request_model=\"q\"} 10.8", "tpot sum model=q /0;"},
    /* evaluation */
    {"otel-genai",
     "gen_ai_evaluation_total{gen_ai_evaluation_name=\"json_valid\",gen_ai_request_model=\"q\",gen_ai_response_model=\"q-2\"} 9",
     "eval.n model=q deployment=q-2 name=json_valid /0;"},
    {"otel-genai",
     "gen_ai_evaluation_failed_total{gen_ai_evaluation_name=\"json_valid\",gen_ai_request_model=\"q\",gen_ai_response_model=\"q-2\"} 9",
     "eval.bad model=q deployment=q-2 name=json_valid /0;"},
    {"otel-genai",
     "gen_ai_evaluation_score_sum{gen_ai_evaluation_name=\"judge\",gen_ai_request_model=\"q\",gen_ai_response_model=\"q-2\"} 7.4",
     "eval.sum model=q deployment=q-2 name=judge /0;"},
    {"otel-genai",
     "gen_ai_evaluation_failed_total{gen_ai_evaluation_name=\"json_valid\",gen_ai_request_model=\"q\",http_route=\"/"
     "extract\",team_id=\"search\"} 9",
     "eval.bad model=q team=search route=/extract name=json_valid /0;"},
    {"otel-genai",
     "gen_ai.evaluation_total{gen_ai.evaluation.name=\"json_valid\",gen_ai.request.model=\"q\",http.route=\"/extract\",team.id=\"search\"} "
     "9",
     "eval.n model=q team=search route=/extract name=json_valid /1;"},
    {"otel-genai", "gen_ai_client_token_usage_sum{gen_ai_token_type=\"input\",gen_ai_request_model=\"q\",team_id=\"search\"} 9",
     "tokens_input model=q team=search /0;"},
    /* why answers ended: who calls with which library is no provider, and what is counted without a reason is counted with one, too */
    {"otel-genai",
     "gen_ai_client_generation_choices_total{gen_ai_response_model=\"q\",gen_ai_provider_name=\"openai\",gen_ai_response_finish_reason="
     "\"tool_calls\"} 5",
     "finish model=q class=tool /0;"},
    {"otel-genai", "gen_ai_client_generation_choices_total{gen_ai_response_model=\"q\",gen_ai_response_finish_reason=\"max_tokens\"} 5",
     "finish model=q class=length /0;"},
    {"otel-genai", "gen_ai_client_generation_choices_total{gen_ai_response_model=\"q\",gen_ai_response_finish_reason=\"content_filter\"} 5",
     "finish model=q class=filter /0;"},
    {"otel-genai", "gen_ai_client_generation_choices_total{gen_ai_response_model=\"q\",gen_ai_response_finish_reason=\"error\"} 5",
     "finish model=q class=other /0;"},
    {"otel-genai", "gen_ai_client_generation_choices_total{gen_ai_response_model=\"q\",llm_response_finish_reason=\"stop\"} 5",
     "finish model=q class=stop /0;"},
    {"otel-genai", "gen_ai.client.generation.choices{gen_ai.response.model=\"q\",gen_ai.response.finish_reason=\"end_turn\"} 5",
     "finish model=q class=stop /2;"},
    {"otel-genai", "gen_ai_client_generation_choices_total{gen_ai_response_model=\"q\"} 5", ""},
    {"otel-genai", "target_info{job=\"x\"} 1", ""},

    /* sums and counts without buckets are parts of a latency: averages */
    {"higress", "route_upstream_model_consumer_metric_llm_service_duration{" HIGRESS "} 9279", "e2e.sum" HIGRESS_FOLDED " /0;"},
    {"higress", "route_upstream_model_consumer_metric_llm_duration_count{" HIGRESS "} 13", "e2e.n" HIGRESS_FOLDED " /0;"},
    {"higress", "route_upstream_model_consumer_metric_llm_first_token_duration{" HIGRESS "} 3100", "ttft.sum" HIGRESS_FOLDED " /0;"},
    {"higress", "route_upstream_model_consumer_metric_llm_stream_duration_count{" HIGRESS "} 9", "ttft.n" HIGRESS_FOLDED " /0;"},
    {"higress", "route_upstream_model_consumer_metric_input_token{" HIGRESS "} 156", "tokens_input" HIGRESS_FOLDED " /0;"},
    {"higress", "route_upstream_model_consumer_metric_output_token{ai_model=\"q\",ai_consumer=\"none\"} 1755", "tokens_output model=q /0;"},
    {"higress", "route_upstream_model_consumer_metric_total_token{" HIGRESS "} 1911", ""},
    {"triton", "nv_inference_request_success{model=\"q\",version=\"1\"} 7",
     "requests" TRITON_FOLDED " class=ok name=1 /0;e2e.n" TRITON_FOLDED " name=1 /0;engine_queue.n" TRITON_FOLDED " name=1 /0;"},
    {"triton", "nv_inference_request_failure{model=\"q\",version=\"1\",reason=\"REJECTED\"} 7",
     "requests" TRITON_FOLDED " class=timeout name=1 /0;"},
    {"triton", "nv_inference_request_failure{model=\"q\",version=\"1\",reason=\"CANCELED\"} 7",
     "requests" TRITON_FOLDED " class=client name=1 /0;"},
    {"triton", "nv_inference_request_failure{model=\"q\",version=\"1\",reason=\"BACKEND\"} 7",
     "requests" TRITON_FOLDED " class=5xx name=1 /0;"},
    {"triton", "nv_inference_request_duration_us{model=\"q\",version=\"1\"} 7", "e2e.sum" TRITON_FOLDED " name=1 /0;"},
    {"triton", "nv_inference_queue_duration_us{model=\"q\",version=\"1\"} 7", "engine_queue.sum" TRITON_FOLDED " name=1 /0;"},
    {"triton", "nv_inference_queue_summary_us{model=\"q\",version=\"1\",quantile=\"0.5\"} 55", ""},
    {"triton", "nv_inference_queue_summary_us_sum{model=\"q\",version=\"1\"} 11110", ""},
    {"triton", "nv_inference_first_response_histogram_ms_sum{model=\"q\",version=\"1\"} 10771", "ttft sum" TRITON_FOLDED " name=1 /0;"},
    {"triton", "nv_inference_pending_request_count{model=\"q\",version=\"1\"} 3", "waiting" TRITON_FOLDED " name=1 /0;"},
    {"triton", "nv_trt_llm_request_metrics{model=\"q\",request_type=\"scheduled\",version=\"1\"} 3", "running" TRITON_FOLDED " name=1 /0;"},
    {"triton", "nv_trt_llm_request_metrics{model=\"q\",request_type=\"max\",version=\"1\"} 512", ""},
    {"triton", "nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=\"fraction\",model=\"q\",version=\"1\"} 0.4875",
     "kv_cache" TRITON_FOLDED " name=1 /0;"},
    {"triton", "nv_gpu_power_usage{gpu_uuid=\"GPU-1\"} 300", "power name=GPU-1 /0;"},
    {"dcgm", "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\",UUID=\"GPU-1\"} 300", "power name=GPU-1 /0;"},
    {"dcgm", "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\",uuid=\"GPU-1\",GPU_I_ID=\"2\"} 85.3", "power name=GPU-1 /0;"},
    {"dcgm", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu=\"0\",UUID=\"GPU-1\"} 5000", "energy name=GPU-1 /0;"},
    {"dcgm", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu=\"0\",UUID=\"GPU-1\",GPU_I_ID=\"2\"} 5000", ""},
    {"kepler", "kepler_node_gpu_joules_total{gpu=\"0\",gpu_uuid=\"GPU-1\"} 5000", "energy name=GPU-1 /0;"},
    {"kepler", "kepler_node_gpu_watts{gpu=\"0\",gpu_uuid=\"GPU-1\"} 300", "power name=GPU-1 /0;"},
    {"triton", "nv_energy_consumption{gpu_uuid=\"GPU-1\"} 5000", "energy name=GPU-1 /0;"},

    {"agentgateway", "agentgateway_requests_total{" AGENT_HTTP "} 3", "requests deployment=llm route=chat class=429 /0;"},
    {"agentgateway", "agentgateway_retries_total{" AGENT_HTTP "} 3", "retries deployment=llm route=chat /0;"},
    {"agentgateway", "agentgateway_guardrail_checks_total{phase=\"Request\",action=\"Reject\"} 5",
     "guardrail_checks class=blocked name=Request /0;"},
    {"agentgateway", "agentgateway_guardrail_checks_total{phase=\"Request\",action=\"FailOpen\"} 5",
     "guardrail_checks class=error name=Request /0;"},
    {"agentgateway", "agentgateway_request_duration_seconds_bucket{" AGENT_HTTP ",le=\"1\"} 3", "e2e bucket deployment=llm route=chat /0;"},
    {"agentgateway", "agentgateway_gen_ai_server_request_duration_sum{" AGENT "} 3", "provider_latency sum" AGENT_FOLDED " /0;"},
    {"agentgateway", "agentgateway_gen_ai_server_time_to_first_token_sum{" AGENT "} 3", "ttft sum" AGENT_FOLDED " /0;"},
    {"agentgateway", "agentgateway_gen_ai_server_time_per_output_token_sum{" AGENT "} 3", "tpot sum" AGENT_FOLDED " /0;"},
    {"agentgateway", "agentgateway_upstream_connect_duration_seconds_bucket{transport=\"tls\",le=\"0.0126\"} 3",
     "upstream_connect bucket name=tls /0;"},
    {"agentgateway", "agentgateway_request_processing_seconds_sum{backend=\"llm\",route=\"unknown\"} 3",
     "stage_latency sum deployment=llm stage=request processing /0;"},
    {"agentgateway", "agentgateway_response_processing_seconds_sum{backend=\"llm\",route=\"chat\"} 3",
     "stage_latency sum deployment=llm route=chat stage=response processing /0;"},
    {"agentgateway", "agentgateway_upstream_call_duration_seconds_sum{kind=\"Policy\",subtype=\"Guardrail\"} 3",
     "stage_latency sum stage=guardrail /0;"},
    {"agentgateway", "agentgateway_upstream_call_duration_seconds_sum{kind=\"Primary\",subtype=\"Llm\"} 3", ""},
    {"agentgateway", "agentgateway_gen_ai_client_token_usage_sum{" AGENT ",gen_ai_token_type=\"input\"} 3",
     "tokens_input" AGENT_FOLDED " /0;"},
    {"agentgateway", "agentgateway_gen_ai_client_token_usage_sum{" AGENT ",gen_ai_token_type=\"output\"} 3",
     "tokens_output" AGENT_FOLDED " /0;"},
    {"agentgateway", "agentgateway_gen_ai_client_token_usage_sum{" AGENT ",gen_ai_token_type=\"input_cache_read\"} 3",
     "tokens_cached" AGENT_FOLDED " /0;"},
    {"agentgateway", "agentgateway_gen_ai_client_token_usage_sum{" AGENT ",gen_ai_token_type=\"input_cache_write\"} 3",
     "tokens_cache_write" AGENT_FOLDED " /0;"},
    {"agentgateway", "agentgateway_gen_ai_client_token_usage_count{" AGENT ",gen_ai_token_type=\"input\"} 3",
     "prompt_size count" AGENT_FOLDED " /0;"},
    {"agentgateway", "agentgateway_gen_ai_client_cost_usd_total{" AGENT "} 0.3", "cost" AGENT_FOLDED " /0;"},
};

START_TEST(every_row)
{
    ck_assert_str_eq(folded(rows[_i].profile, rows[_i].line), rows[_i].want);
}
END_TEST

/* Each row of each built-in profile is reached by a line above, or is a further spelling of one that is. */
START_TEST(no_row_untested)
{
    for (size_t i = 0; i < ps.count; i++) {
        const struct profile *p = &ps.list[i];
        bool *reached = calloc(p->group_count, sizeof *reached);
        ck_assert_ptr_nonnull(reached);
        for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
            enum profile_sample sample = SAMPLE_VALUE;
            struct line l = read_line(rows[k].line);
            struct str dims[DIM_COUNT];
            for (const struct profile_metric *m = profile_find_sample(p, l.name, &sample);
                 strcmp(rows[k].profile, p->name) == 0 && m != NULL; m = profile_next(p, m))
                reached[m->group] = reached[m->group] || profile_fold(p, m, l.pair, l.count, dims);
        }
        for (size_t m = 0; m < p->metric_count; m++)
            ck_assert_msg(reached[p->metrics[m].group] || strcmp(p->metrics[m].name, "process_start_time_seconds") == 0,
                          "%s.yaml:%u: %s is not tested", p->name, p->metrics[m].line, p->metrics[m].name);
        free(reached);
    }
}
END_TEST

static const struct profile_metric *row(const char *profile, const char *name)
{
    const struct profile_metric *m = profile_find(profiles_by_name(&ps, profile), str_of(name));
    ck_assert_msg(m != NULL, "%s", name);
    return m;
}

START_TEST(units_and_limits)
{
    ck_assert_double_eq(row("litellm", "litellm_team_budget_remaining_hours_metric")->factor, 3600);
    ck_assert_double_eq(row("otel-genai", "gen_ai_client_operation_duration_milliseconds")->factor, 0.001);
    ck_assert_double_eq(row("otel-genai", "gen_ai_client_operation_duration_seconds")->factor, 1);
    ck_assert_double_eq(row("litellm", "litellm_remaining_requests_metric")->max_valid, 1e15);
    ck_assert_int_eq(row("litellm", "litellm_remaining_requests_metric")->combine, COMBINE_MIN);
    ck_assert_int_eq(row("litellm", "litellm_deployment_state")->combine, COMBINE_MAX);
    ck_assert_int_eq(row("vllm", "vllm:kv_cache_usage_perc")->combine, COMBINE_MAX);
    ck_assert_int_eq(row("vllm", "vllm:num_requests_running")->combine, COMBINE_SUM);
    ck_assert(row("vllm", "vllm:num_requests_running")->by_type);
    ck_assert_str_eq(row("litellm", "litellm_spend_metric_total")->note, "booked when a request ends");
    ck_assert_int_eq(profiles_by_name(&ps, "litellm")->tier, TIER_GATEWAY);
    ck_assert_int_eq(profiles_by_name(&ps, "vllm")->tier, TIER_ENGINE);
    ck_assert_int_eq(profiles_by_name(&ps, "otel-genai")->tier, TIER_TELEMETRY);
    ck_assert_ptr_nonnull(strstr(profiles_by_name(&ps, "litellm")->danger, "/spend/logs"));
}
END_TEST

START_TEST(left_out)
{
    static const char *const known[] = {"litellm_requests_metric_total",
                                        "litellm_llm_api_failed_requests_metric_total",
                                        "litellm_deployment_total_requests_total",
                                        "litellm_proxy_total_requests_metric_created",
                                        "litellm_mcp_tool_calls_total",
                                        "python_info",
                                        "litellm_check_batch_cost_last_run_timestamp"};
    const struct profile *p = profiles_by_name(&ps, "litellm");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        ck_assert_msg(profile_ignores(p, str_of(known[i])), "%s", known[i]);
        ck_assert_ptr_null(profile_find(p, str_of(known[i])));
    }
    ck_assert(!profile_ignores(p, str_of("litellm_something_new_total")));
    ck_assert(profile_ignores(profiles_by_name(&ps, "vllm"), str_of("vllm:num_requests_waiting_by_reason")));
}
END_TEST

START_TEST(finding_names)
{
    enum profile_sample sample = SAMPLE_COUNT;
    const struct profile *p = profiles_by_name(&ps, "vllm");
    ck_assert_ptr_null(profile_find(p, str_of("")));
    ck_assert_ptr_null(profile_find(p, str_of("vllm:num_requests_runnin")));
    ck_assert_ptr_null(profile_find(p, str_of("vllm:num_requests_running_")));
    ck_assert_ptr_null(profile_find_sample(p, str_of("_bucket"), &sample));
    ck_assert_ptr_null(profile_find_sample(p, str_of("vllm:num_requests_running_sum"), &sample)); /* a gauge has no sum */
    ck_assert_int_eq(sample, SAMPLE_COUNT);
    for (size_t i = 0; i < ps.count; i++)
        for (size_t m = 0; m < ps.list[i].metric_count; m++)
            ck_assert_str_eq(profile_find(&ps.list[i], str_of(ps.list[i].metrics[m].name))->name, ps.list[i].metrics[m].name);
    ck_assert_ptr_null(profiles_by_name(&ps, "nobody"));
}
END_TEST

START_TEST(recognising)
{
    const struct str litellm[] = {str_of("python_info"), str_of("litellm_total_users"), str_of("process_start_time_seconds")};
    const struct str both[] = {str_of("vllm:a"), str_of("gen_ai_client_token_usage"), str_of("vllm:b")};
    const struct str dots[] = {str_of("gen_ai.client.token.usage")};
    const struct str none[] = {str_of("go_goroutines"), str_of("node_cpu_seconds_total")};
    ck_assert_str_eq(profiles_recognise(&ps, litellm, 3)->name, "litellm");
    ck_assert_str_eq(profiles_recognise(&ps, both, 3)->name, "vllm");
    ck_assert_str_eq(profiles_recognise(&ps, dots, 1)->name, "otel-genai");
    ck_assert_ptr_null(profiles_recognise(&ps, none, 2));
    ck_assert_ptr_null(profiles_recognise(&ps, NULL, 0));
}
END_TEST

/* ---- the format ---- */

#define HEAD "title: T\ntier: engine\nrecognise: x_*\n"

static const struct {
    const char *text, *message;
} refusals[] = {
    {"title: T\ntier: engine\n", "1:1: recognise is missing: the families by which such an endpoint is known"},
    {"title: T\nrecognise: x\nmetrics: []\n", "1:1: tier: expected gateway, telemetry or engine"},
    {"title: T\ntier: server\nrecognise: x\nmetrics: []\n", "2:7: tier: expected gateway, telemetry or engine"},
    {HEAD "metric: []\n", "1:1: metrics is missing: what its families mean"},
    {HEAD "metrics: []\nversions:\n- {name: x_info, labels: [a], knd: config}\n",
     "6:31: unknown key 'knd' in versions, did you mean 'kind'?"},
    {HEAD "metrics: []\nversions:\n- {name: x_info, labels: [a], kind: gate}\n", "6:37: kind: expected deploy or config"},
    {HEAD "metrics: []\nabsnt: ['']\n", "5:1: unknown key 'absnt' in a profile, did you mean 'absent'?"},
    {HEAD "metrics:\n- signal: ttft\n", "5:3: expected name, or names with a list of spellings, the preferred one first"},
    {HEAD "metrics:\n- name: x_a\n  signal: tttf\n", "6:11: signal: 'tttf' is not a signal, did you mean 'ttft'?"},
    {HEAD "metrics:\n- name: x_a\n", "5:3: signal is missing: the quantity that this metric is"},
    {HEAD "metrics:\n- {name: x_a, signal: eval}\n", "5:23: signal: a score is fed in parts: add part: n, sum or bad"},
    {HEAD "metrics:\n- {name: x_a, signal: requests, part: n}\n", "5:39: part: only a score or a latency has parts"},
    {HEAD "metrics:\n- {name: x_a, signal: ttft, part: bad}\n", "5:35: part: expected n or sum"},
    {HEAD "metrics:\n- {name: x_a, signal: eval, part: mean}\n", "5:35: part: expected n, sum or bad"},
    {HEAD "metrics:\n- {name: x_a, signal: ttft, factor: 0}\n", "5:37: factor: expected a number above 0"},
    {HEAD "metrics:\n- {name: x_a, signal: ttft, combine: max}\n", "5:38: combine: only gauges are combined; all else is added"},
    {HEAD "metrics:\n- {name: x_a, signal: ttft, labels: {modl: m}}\n", "5:38: labels: 'modl' is not a dimension, did you mean 'model'?"},
    {HEAD "metrics:\n- {name: x_a, signal: ttft, labels: {gateway: m}}\n",
     "5:38: labels: 'gateway' is not a dimension (provider, model, deployment, region, team, key, route, stage, class, name)"},
    {HEAD "metrics:\n- {name: 'x_*', signal: ttft}\n", "5:10: name: expected the name of one metric, got 'x_*'"},
    {HEAD "metrics:\n- {name: x_a, signal: ttft, where: [a]}\n", "5:37: where: expected keys and values"},
    {HEAD "metrics:\n- {name: x_a, signal: ttft, class: {sattus: a}}\n", "5:37: unknown key 'sattus' in class, did you mean 'status'?"},
    {HEAD "metrics:\n- {name: x_a, signal: ttft, type: gauge}\n", "5:35: type: expected any (whatever # TYPE says), or leave it out"},
    {"- a\n", "1:1: a profile: expected keys and values"},
    {HEAD "metrics: [", "5:1: did not find expected node content while parsing a flow node"},
};

START_TEST(exact_refusals)
{
    char want[512];
    struct profile p = {.name = "mark"};
    snprintf(want, sizeof want, "x.yaml:%s", refusals[_i].message);
    ck_assert_msg(profile_parse(str_of(refusals[_i].text), "x.yaml", &arena, &p, &ctx) == ERR_CONFIG, "accepted: %s", refusals[_i].text);
    ck_assert_str_eq(ctx.text, want);
    ck_assert_str_eq(p.name, "mark");
}
END_TEST

START_TEST(own_profiles_replace)
{
    char dir[] = "/tmp/gwtop-profiles-XXXXXX", path[64];
    struct profiles own;
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/vllm.yaml", dir);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs("title: mine\ntier: engine\nrecognise: 'vllm:*'\nmetrics:\n- {name: 'vllm:a', signal: running}\n", f);
    fclose(f);
    ck_assert_msg(profiles_load(dir, &arena, &own, &ctx) == ERR_OK, "%s", ctx.text);
    ck_assert_uint_eq(own.count, ps.count);
    ck_assert_str_eq(profiles_by_name(&own, "vllm")->title, "mine");
    f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs("title: [\n", f);
    fclose(f);
    ck_assert_int_eq(profiles_load(dir, &arena, &own, &ctx), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(ctx.text, "vllm.yaml:2:1: "));
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(dir), 0);
    ck_assert_int_eq(profiles_load(dir, &arena, &own, &ctx), ERR_IO);
}
END_TEST

START_TEST(cut_at_every_byte)
{
    static const char text[] = HEAD
        "absent: ['None']\nmetrics:\n- names: [x_a, {name: x_b, factor: 2}]\n  signal: requests\n  labels: [{model: [a, b]}, {team: t}]\n"
        "  where: {r: ['/v1/*', '']}\n  unless: {k: h}\n  rewrite: {s: {class: {ok: ok, '*': error}}}\n  class: {status: st}\n";
    for (size_t n = 0; n < sizeof text - 1; n++) {
        struct profile p = {.name = NULL};
        enum err err = profile_parse((struct str){text, n}, "x.yaml", &arena, &p, &ctx);
        ck_assert(err == ERR_OK ? p.index != NULL : err == ERR_CONFIG);
    }
}
END_TEST

Suite *suite_profile(void);

Suite *suite_profile(void)
{
    Suite *s = suite_create("profile");
    TCase *t = tcase_create("profile");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, every_row, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(t, no_row_untested);
    tcase_add_test(t, units_and_limits);
    tcase_add_test(t, left_out);
    tcase_add_test(t, finding_names);
    tcase_add_test(t, recognising);
    tcase_add_loop_test(t, exact_refusals, 0, (int)(sizeof refusals / sizeof refusals[0]));
    tcase_add_test(t, own_profiles_replace);
    tcase_add_test(t, cut_at_every_byte);
    suite_add_tcase(s, t);
    return s;
}
