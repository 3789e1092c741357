/* SPDX-License-Identifier: MIT */
#include "sim/litellm_families.h"

#include <assert.h>

#define LABELS(...) ((const char *const[]){__VA_ARGS__, NULL})
enum { MICRO = 6, NANO = 9 }; /* decimals: seconds are kept in microseconds, dollars in nano-USD */

/* LiteLLM's latency buckets since v1.83.7, and prometheus_client's default ones, in microseconds. */
static const int64_t latency_bounds[] = {5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2000000, 5000000, 10000000,
                                         30000000, 60000000, 120000000, 300000000, 420000000, 600000000};
static const int64_t default_bounds[] = {5000, 10000, 25000, 50000, 75000, 100000, 250000, 500000, 750000, 1000000, 2500000, 5000000,
                                         7500000, 10000000};
#define BOUNDS(b) .bounds = (b), .bound_count = sizeof(b) / sizeof((b)[0])

#define REQUEST_LABELS "api_key_alias", "api_provider", "client_ip", "end_user"
#define LATENCY_LABELS \
    LABELS("api_key_alias", "api_provider", "end_user", "hashed_api_key", "model", "model_id", "org_alias", "org_id", "requested_model", \
           "service_tier", "team", "team_alias", "user")
#define TOKEN_LABELS \
    LABELS("api_key_alias", "api_provider", "end_user", "hashed_api_key", "model", "model_id", "requested_model", "team", "team_alias", \
           "user")
#define ATTEMPT_LABELS \
    LABELS("api_base", "api_key_alias", "api_provider", "client_ip", "hashed_api_key", "litellm_model_name", "model_id", \
           "requested_model", "team", "team_alias", "user_agent")
#define FALLBACK_LABELS \
    LABELS("api_key_alias", "exception_class", "exception_status", "fallback_model", "hashed_api_key", "model_id", "requested_model", \
           "team", "team_alias")
#define LIMIT_LABELS \
    LABELS("api_base", "api_key_alias", "api_provider", "hashed_api_key", "litellm_model_name", "model_group")
#define TEAM_LABELS LABELS("team", "team_alias")
#define KEY_LABELS LABELS("api_key_alias", "hashed_api_key")

static const struct page_family families[F_COUNT] = {
    [F_PYTHON_INFO] = {.name = "python_info", .help = "Which Python runs this process", .type = PAGE_GAUGE,
                       .labels = LABELS("implementation", "major", "minor", "patchlevel", "version")},
    [F_VIRTUAL_MEMORY] = {.name = "process_virtual_memory_bytes", .help = "Virtual memory size in bytes.", .type = PAGE_GAUGE},
    [F_RESIDENT_MEMORY] = {.name = "process_resident_memory_bytes", .help = "Resident memory size in bytes.", .type = PAGE_GAUGE},
    [F_START_TIME] = {.name = "process_start_time_seconds", .help = "Unix time at which the process started.", .type = PAGE_GAUGE,
                      .decimals = 3},
    [F_CPU_SECONDS] = {.name = "process_cpu_seconds_total", .help = "Processor time used, user and system, in seconds.",
                       .type = PAGE_COUNTER, .decimals = 2, .no_created = true},
    [F_OPEN_FDS] = {.name = "process_open_fds", .help = "File descriptors in use.", .type = PAGE_GAUGE},
    [F_MAX_FDS] = {.name = "process_max_fds", .help = "File descriptors that may be in use.", .type = PAGE_GAUGE},
    [F_PROXY_FAILED] = {.name = "litellm_proxy_failed_requests_metric_total",
                        .help = "Requests to the proxy that the client saw fail", .type = PAGE_COUNTER,
                        .labels = LABELS(REQUEST_LABELS, "exception_class", "exception_status", "hashed_api_key", "model_id", "org_alias",
                                         "org_id", "requested_model", "route", "team", "team_alias", "user", "user_agent", "user_email")},
    [F_PROXY_TOTAL] = {.name = "litellm_proxy_total_requests_metric_total", .help = "Requests of clients to the proxy",
                       .type = PAGE_COUNTER,
                       .labels = LABELS(REQUEST_LABELS, "hashed_api_key", "model_id", "org_alias", "org_id", "requested_model", "route",
                                        "status_code", "team", "team_alias", "user", "user_agent", "user_email")},
    [F_TOTAL_LATENCY] = {.name = "litellm_request_total_latency_metric",
                         .help = "Seconds from a request's arrival at the proxy to its end, authentication and hooks included",
                         .type = PAGE_HISTOGRAM, .decimals = MICRO, .labels = LATENCY_LABELS, BOUNDS(latency_bounds)},
    [F_LLM_LATENCY] = {.name = "litellm_llm_api_latency_metric", .help = "Seconds that the model's API took", .type = PAGE_HISTOGRAM,
                       .decimals = MICRO, BOUNDS(latency_bounds),
                       .labels = LABELS("api_provider", "model", "model_id", "requested_model")},
    [F_TTFT] = {.name = "litellm_llm_api_time_to_first_token_metric", .help = "Seconds until the first token of a streamed answer",
                .type = PAGE_HISTOGRAM, .decimals = MICRO, BOUNDS(latency_bounds),
                .labels = LABELS("api_provider", "model", "model_id", "requested_model", "team", "team_alias")},
    [F_TPOT] = {.name = "litellm_deployment_latency_per_output_token", .help = "Seconds per output token of a deployment",
                .type = PAGE_HISTOGRAM, .decimals = MICRO, BOUNDS(default_bounds),
                .labels = LABELS("api_base", "api_provider", "litellm_model_name", "model_id")},
    [F_QUEUE_TIME] = {.name = "litellm_request_queue_time_seconds", .help = "Seconds that a request waited before work on it began",
                      .type = PAGE_HISTOGRAM, .decimals = MICRO, BOUNDS(latency_bounds),
                      .labels = LABELS("api_provider", "model", "model_id", "requested_model")},
    [F_OVERHEAD] = {.name = "litellm_overhead_latency_metric", .help = "Seconds that the proxy itself added, hooks left out",
                    .type = PAGE_HISTOGRAM, .decimals = MICRO, BOUNDS(latency_bounds),
                    .labels = LABELS("api_base", "api_provider", "litellm_model_name", "model_group", "model_id")},
    [F_SPEND] = {.name = "litellm_spend_metric_total", .help = "Spend on models, in USD", .type = PAGE_COUNTER, .decimals = NANO,
                 .labels = LABELS(REQUEST_LABELS, "hashed_api_key", "model", "model_id", "requested_model", "service_tier", "team",
                                  "team_alias", "user", "user_agent", "user_email")},
    [F_TOTAL_TOKENS] = {.name = "litellm_total_tokens_metric_total", .help = "Input and output tokens", .type = PAGE_COUNTER,
                        .labels = TOKEN_LABELS},
    [F_INPUT_TOKENS] = {.name = "litellm_input_tokens_metric_total", .help = "Input tokens", .type = PAGE_COUNTER, .labels = TOKEN_LABELS},
    [F_OUTPUT_TOKENS] = {.name = "litellm_output_tokens_metric_total", .help = "Output tokens", .type = PAGE_COUNTER,
                         .labels = TOKEN_LABELS},
    [F_CACHED_TOKENS] = {.name = "litellm_input_cached_tokens_metric_total", .help = "Input tokens read from the provider's prompt cache",
                         .type = PAGE_COUNTER, .labels = TOKEN_LABELS},
    [F_CACHE_WRITE_TOKENS] = {.name = "litellm_input_cache_creation_tokens_metric_total",
                              .help = "Input tokens written to the provider's prompt cache", .type = PAGE_COUNTER, .labels = TOKEN_LABELS},
    [F_REASONING_TOKENS] = {.name = "litellm_output_reasoning_tokens_metric_total", .help = "Output tokens spent on reasoning",
                            .type = PAGE_COUNTER, .labels = TOKEN_LABELS},
    [F_TEAM_REMAINING] = {.name = "litellm_remaining_team_budget_metric", .help = "What is left of a team's budget", .type = PAGE_GAUGE,
                          .decimals = NANO, .labels = TEAM_LABELS},
    [F_TEAM_BUDGET] = {.name = "litellm_team_max_budget_metric", .help = "A team's budget", .type = PAGE_GAUGE, .decimals = NANO,
                       .labels = TEAM_LABELS},
    [F_TEAM_HOURS] = {.name = "litellm_team_budget_remaining_hours_metric", .help = "Hours until a team's budget starts anew",
                      .type = PAGE_GAUGE, .decimals = 4, .labels = TEAM_LABELS},
    [F_KEY_REMAINING] = {.name = "litellm_remaining_api_key_budget_metric", .help = "What is left of a key's budget", .type = PAGE_GAUGE,
                         .decimals = NANO, .labels = KEY_LABELS},
    [F_KEY_BUDGET] = {.name = "litellm_api_key_max_budget_metric", .help = "A key's budget", .type = PAGE_GAUGE, .decimals = NANO,
                      .labels = KEY_LABELS},
    [F_KEY_HOURS] = {.name = "litellm_api_key_budget_remaining_hours_metric", .help = "Hours until a key's budget starts anew",
                     .type = PAGE_GAUGE, .decimals = 4, .labels = KEY_LABELS},
    [F_REMAINING_REQUESTS] = {.name = "litellm_remaining_requests_metric", .help = "Requests left in the provider's limit, by its headers",
                              .type = PAGE_GAUGE, .labels = LIMIT_LABELS},
    [F_REMAINING_TOKENS] = {.name = "litellm_remaining_tokens_metric", .help = "Tokens left in the provider's limit, by its headers",
                            .type = PAGE_GAUGE, .labels = LIMIT_LABELS},
    [F_DEPLOYMENT_STATE] = {.name = "litellm_deployment_state",
                            .help = "State of a deployment: 0 healthy, 1 partial outage, 2 complete outage", .type = PAGE_GAUGE,
                            .labels = LABELS("api_base", "api_provider", "litellm_model_name", "model_id")},
    [F_COOLED_DOWN] = {.name = "litellm_deployment_cooled_down_total", .help = "Times that a deployment was taken out of rotation",
                       .type = PAGE_COUNTER,
                       .labels = LABELS("api_base", "api_provider", "exception_status", "litellm_model_name", "model_id")},
    [F_DEPLOYMENT_TOTAL] = {.name = "litellm_deployment_total_requests_total", .help = "Attempts against a deployment",
                            .type = PAGE_COUNTER, .labels = ATTEMPT_LABELS},
    [F_DEPLOYMENT_SUCCESS] = {.name = "litellm_deployment_success_responses_total", .help = "Attempts that a deployment answered",
                              .type = PAGE_COUNTER, .labels = ATTEMPT_LABELS},
    [F_DEPLOYMENT_FAILURE] = {.name = "litellm_deployment_failure_responses_total", .help = "Attempts that a deployment failed",
                              .type = PAGE_COUNTER,
                              .labels = LABELS("api_base", "api_key_alias", "api_provider", "client_ip", "exception_class",
                                               "exception_status", "hashed_api_key", "litellm_model_name", "model_id", "requested_model",
                                               "team", "team_alias", "user_agent")},
    [F_FALLBACK_OK] = {.name = "litellm_deployment_successful_fallbacks_total",
                       .help = "Requests that another model answered in the first one's place", .type = PAGE_COUNTER,
                       .labels = FALLBACK_LABELS},
    [F_FALLBACK_FAILED] = {.name = "litellm_deployment_failed_fallbacks_total",
                           .help = "Requests that another model failed to answer in the first one's place", .type = PAGE_COUNTER,
                           .labels = FALLBACK_LABELS},
    [F_GUARDRAIL_LATENCY] = {.name = "litellm_guardrail_latency_seconds", .help = "Seconds that a guardrail took", .type = PAGE_HISTOGRAM,
                             .decimals = MICRO, BOUNDS(latency_bounds),
                             .labels = LABELS("error_type", "guardrail_name", "hook_type", "status")},
    [F_GUARDRAIL_REQUESTS] = {.name = "litellm_guardrail_requests_total", .help = "Verdicts of a guardrail", .type = PAGE_COUNTER,
                              .labels = LABELS("guardrail_name", "hook_type", "status")},
    [F_GUARDRAIL_ERRORS] = {.name = "litellm_guardrail_errors_total", .help = "Errors of a guardrail", .type = PAGE_COUNTER,
                            .labels = LABELS("error_type", "guardrail_name", "hook_type")},
    [F_LLM_FAILED_OLD] = {.name = "litellm_llm_api_failed_requests_metric_total",
                          .help = "deprecated: litellm_proxy_failed_requests_metric replaces it", .type = PAGE_COUNTER,
                          .labels = LABELS("api_key_alias", "end_user", "hashed_api_key", "model", "model_id", "team", "team_alias", "user")},
    [F_REQUESTS_OLD] = {.name = "litellm_requests_metric_total", .help = "deprecated: litellm_proxy_total_requests_metric replaces it",
                        .type = PAGE_COUNTER,
                        .labels = LABELS(REQUEST_LABELS, "hashed_api_key", "model", "model_id", "org_alias", "org_id", "requested_model",
                                         "team", "team_alias", "user", "user_agent", "user_email")},
    [F_ZERO_COST] = {.name = "litellm_zero_cost_requests_total", .help = "Requests with usage that were booked at $0 although priced",
                     .type = PAGE_COUNTER, .labels = LABELS("api_provider", "model", "model_id", "reason", "requested_model")},
    [F_SPEND_CAPTURE] = {.name = "litellm_spend_capture_rate", .help = "Booked spend against the provider's bill, NaN when not known",
                         .type = PAGE_GAUGE, .labels = LABELS("api_provider")},
    [F_USERS] = {.name = "litellm_total_users", .help = "Users", .type = PAGE_GAUGE},
    [F_ACTIVE_USERS] = {.name = "litellm_active_users", .help = "Users that are billed", .type = PAGE_GAUGE},
    [F_TEAMS] = {.name = "litellm_teams_count", .help = "Teams", .type = PAGE_GAUGE},
    [F_BATCH_COST_RUN] = {.name = "litellm_check_batch_cost_last_run_timestamp", .help = "Unix time of the last check of batch costs",
                          .type = PAGE_GAUGE, .decimals = 3},
    [F_IN_FLIGHT] = {.name = "litellm_in_flight_requests", .help = "HTTP requests that this worker is working on", .type = PAGE_GAUGE},
    [F_ADMITTED] = {.name = "litellm_admission_admitted_requests", .help = "Requests that this worker has admitted", .type = PAGE_GAUGE},
    [F_QUEUED] = {.name = "litellm_admission_queued_requests", .help = "Requests that wait for this worker", .type = PAGE_GAUGE},
    [F_REJECTED] = {.name = "litellm_admission_rejected_requests_total", .help = "Requests that this worker refused", .type = PAGE_COUNTER,
                    .labels = LABELS("reason")},
    [F_CALLBACK_FAILURES] = {.name = "litellm_callback_logging_failures_metric_total", .help = "Log callbacks that failed",
                             .type = PAGE_COUNTER, .labels = LABELS("callback_name")},
};

const struct page_family *litellm_family(enum litellm_family f)
{
    assert(f < F_COUNT);
    return &families[f];
}
