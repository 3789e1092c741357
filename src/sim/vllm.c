/* SPDX-License-Identifier: MIT */
#include "sim/vllm.h"

#include <stdlib.h>

#include "base/str.h"
#include "sim/page.h"

#define LABELS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define BOUNDS(b) .bounds = (b), .bound_count = sizeof(b) / sizeof((b)[0])
#define ENGINE_LABELS LABELS("engine", "model_name")
enum { MICRO = 6 };

/* vLLM's own bucket bounds, in microseconds and in tokens. */
static const int64_t ttft_bounds[] = {1000,     5000,     10000,    20000,     40000,     60000,     80000,   100000,
                                      250000,   500000,   750000,   1000000,   2500000,   5000000,   7500000, 10000000,
                                      20000000, 40000000, 80000000, 160000000, 640000000, 2560000000};
static const int64_t token_time_bounds[] = {10000,  25000,   50000,   75000,   100000,  150000,   200000,   300000,   400000,  500000,
                                            750000, 1000000, 2500000, 5000000, 7500000, 10000000, 20000000, 40000000, 80000000};
static const int64_t request_bounds[] = {300000,   500000,    800000,    1000000,   1500000,   2000000,    2500000,
                                         5000000,  10000000,  15000000,  20000000,  30000000,  40000000,   50000000,
                                         60000000, 120000000, 240000000, 480000000, 960000000, 1920000000, 7680000000};
static const int64_t length_bounds[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 32000};
static const int64_t http_bounds[] = {100000, 500000, 1000000};

enum vllm_family {
    V_PYTHON_INFO,
    V_RESIDENT_MEMORY,
    V_START_TIME,
    V_RUNNING,
    V_WAITING,
    V_WAITING_BY_REASON,
    V_SLEEP_STATE,
    V_KV_CACHE,
    V_PREFIX_QUERIES,
    V_PREFIX_HITS,
    V_PREEMPTIONS,
    V_CORRUPTED,
    V_PROMPT_TOKENS,
    V_CACHED_TOKENS,
    V_GENERATION_TOKENS,
    V_SUCCESS,
    V_PROMPT_LENGTH,
    V_GENERATION_LENGTH,
    V_TTFT,
    V_ITL,
    V_TPOT,
    V_E2E,
    V_QUEUE,
    V_INFERENCE,
    V_PREFILL,
    V_DECODE,
    V_CACHE_CONFIG,
    V_HTTP_REQUESTS,
    V_HTTP_DURATION,
    V_COUNT
};

static const struct page_family families[V_COUNT] = {
    [V_PYTHON_INFO] = {.name = "python_info",
                       .help = "Which Python runs this process",
                       .type = PAGE_GAUGE,
                       .labels = LABELS("implementation", "major", "minor", "patchlevel", "version")},
    [V_RESIDENT_MEMORY] = {.name = "process_resident_memory_bytes", .help = "Resident memory size in bytes.", .type = PAGE_GAUGE},
    [V_START_TIME] = {.name = "process_start_time_seconds",
                      .help = "Unix time at which the process started.",
                      .type = PAGE_GAUGE,
                      .decimals = 3},
    [V_RUNNING] = {.name = "vllm:num_requests_running", .help = "Requests in the batch.", .type = PAGE_GAUGE, .labels = ENGINE_LABELS},
    [V_WAITING] = {.name = "vllm:num_requests_waiting",
                   .help = "Requests that wait for the batch.",
                   .type = PAGE_GAUGE,
                   .labels = ENGINE_LABELS},
    [V_WAITING_BY_REASON] = {.name = "vllm:num_requests_waiting_by_reason",
                             .help = "Requests that wait, by reason.",
                             .type = PAGE_GAUGE,
                             .labels = LABELS("engine", "model_name", "reason")},
    [V_SLEEP_STATE] = {.name = "vllm:engine_sleep_state",
                       .help = "Whether the engine sleeps, by state.",
                       .type = PAGE_GAUGE,
                       .labels = LABELS("engine", "model_name", "sleep_state")},
    [V_KV_CACHE] = {.name = "vllm:kv_cache_usage_perc",
                    .help = "Share of the KV cache in use, 1 is all.",
                    .type = PAGE_GAUGE,
                    .decimals = MICRO,
                    .labels = ENGINE_LABELS},
    [V_PREFIX_QUERIES] = {.name = "vllm:prefix_cache_queries_total",
                          .help = "Tokens looked up in the prefix cache.",
                          .type = PAGE_COUNTER,
                          .labels = ENGINE_LABELS},
    [V_PREFIX_HITS] = {.name = "vllm:prefix_cache_hits_total",
                       .help = "Tokens found in the prefix cache.",
                       .type = PAGE_COUNTER,
                       .labels = ENGINE_LABELS},
    [V_PREEMPTIONS] = {.name = "vllm:num_preemptions_total",
                       .help = "Requests pushed out to make room.",
                       .type = PAGE_COUNTER,
                       .labels = ENGINE_LABELS},
    [V_CORRUPTED] = {.name = "vllm:corrupted_requests_total", /* the engines run with VLLM_COMPUTE_NANS_IN_LOGITS */
                     .help = "Requests with NaN in their logits.",
                     .type = PAGE_COUNTER,
                     .labels = ENGINE_LABELS},
    [V_PROMPT_TOKENS] = {.name = "vllm:prompt_tokens_total",
                         .help = "Prompt tokens processed.",
                         .type = PAGE_COUNTER,
                         .labels = ENGINE_LABELS},
    [V_CACHED_TOKENS] = {.name = "vllm:prompt_tokens_cached_total",
                         .help = "Prompt tokens that were cached.",
                         .type = PAGE_COUNTER,
                         .labels = ENGINE_LABELS},
    [V_GENERATION_TOKENS] = {.name = "vllm:generation_tokens_total",
                             .help = "Tokens generated.",
                             .type = PAGE_COUNTER,
                             .labels = ENGINE_LABELS},
    [V_SUCCESS] = {.name = "vllm:request_success_total",
                   .help = "Requests finished, aborted ones included.",
                   .type = PAGE_COUNTER,
                   .labels = LABELS("engine", "finished_reason", "model_name")},
    [V_PROMPT_LENGTH] = {.name = "vllm:request_prompt_tokens",
                         .help = "Prompt tokens of a request.",
                         .type = PAGE_HISTOGRAM,
                         .labels = ENGINE_LABELS,
                         BOUNDS(length_bounds)},
    [V_GENERATION_LENGTH] = {.name = "vllm:request_generation_tokens",
                             .help = "Tokens generated for a request.",
                             .type = PAGE_HISTOGRAM,
                             .labels = ENGINE_LABELS,
                             BOUNDS(length_bounds)},
    [V_TTFT] = {.name = "vllm:time_to_first_token_seconds",
                .help = "Seconds to the first token.",
                .type = PAGE_HISTOGRAM,
                .decimals = MICRO,
                .labels = ENGINE_LABELS,
                BOUNDS(ttft_bounds)},
    [V_ITL] = {.name = "vllm:inter_token_latency_seconds",
               .help = "Seconds between tokens.",
               .type = PAGE_HISTOGRAM,
               .decimals = MICRO,
               .labels = ENGINE_LABELS,
               BOUNDS(token_time_bounds)},
    [V_TPOT] = {.name = "vllm:request_time_per_output_token_seconds",
                .help = "Mean seconds per output token of a request.",
                .type = PAGE_HISTOGRAM,
                .decimals = MICRO,
                .labels = ENGINE_LABELS,
                BOUNDS(token_time_bounds)},
    [V_E2E] = {.name = "vllm:e2e_request_latency_seconds",
               .help = "Seconds of a request from arrival to end.",
               .type = PAGE_HISTOGRAM,
               .decimals = MICRO,
               .labels = ENGINE_LABELS,
               BOUNDS(request_bounds)},
    [V_QUEUE] = {.name = "vllm:request_queue_time_seconds",
                 .help = "Seconds that a request waited.",
                 .type = PAGE_HISTOGRAM,
                 .decimals = MICRO,
                 .labels = ENGINE_LABELS,
                 BOUNDS(request_bounds)},
    [V_INFERENCE] = {.name = "vllm:request_inference_time_seconds",
                     .help = "Seconds that a request ran.",
                     .type = PAGE_HISTOGRAM,
                     .decimals = MICRO,
                     .labels = ENGINE_LABELS,
                     BOUNDS(request_bounds)},
    [V_PREFILL] = {.name = "vllm:request_prefill_time_seconds",
                   .help = "Seconds of a request's prefill.",
                   .type = PAGE_HISTOGRAM,
                   .decimals = MICRO,
                   .labels = ENGINE_LABELS,
                   BOUNDS(request_bounds)},
    [V_DECODE] = {.name = "vllm:request_decode_time_seconds",
                  .help = "Seconds of a request's decoding.",
                  .type = PAGE_HISTOGRAM,
                  .decimals = MICRO,
                  .labels = ENGINE_LABELS,
                  BOUNDS(request_bounds)},
    [V_CACHE_CONFIG] = {.name = "vllm:cache_config_info",
                        .help = "The cache's configuration as labels.",
                        .type = PAGE_GAUGE,
                        .labels = LABELS("block_size", "cache_dtype", "enable_prefix_caching", "engine", "gpu_memory_utilization",
                                         "num_gpu_blocks")},
    [V_HTTP_REQUESTS] = {.name = "http_requests_total",
                         .help = "HTTP requests by handler, method and class of status.",
                         .type = PAGE_COUNTER,
                         .labels = LABELS("handler", "method", "status")},
    [V_HTTP_DURATION] = {.name = "http_request_duration_seconds",
                         .help = "HTTP latency with few buckets.",
                         .type = PAGE_HISTOGRAM,
                         .decimals = MICRO,
                         .labels = LABELS("handler", "method"),
                         BOUNDS(http_bounds)},
};

enum finish { FINISH_STOP, FINISH_LENGTH, FINISH_ABORT, FINISH_COUNT };

struct vllm {
    struct page *page;
    unsigned engine;
    page_child child[V_COUNT]; /* of families with one child */
    page_child capacity, deferred, success[FINISH_COUNT], http_ok, http_failed;
};

static page_child add(struct vllm *v, uint32_t family, const char *const *values, int64_t start_ms)
{
    return page_add(v->page, family, values, start_ms);
}

/* Families are numbered as they are declared, from 0: enum vllm_family. */
static void add_children(struct vllm *v, int64_t start_ms)
{
    const struct engine *e = company_engine(v->engine);
    const char *name = e->served;
    static const char *const finish[FINISH_COUNT] = {"stop", "length", "abort"};
    static const char *const sleep_states[] = {"awake", "weights_offloaded", "discard_all"};
    char blocks[24];
    for (uint32_t f = 0; f < V_COUNT; f++) {
        const char *const *labels = families[f].labels;
        if (labels == NULL || (str_eq_z(str_of(labels[0]), "engine") && labels[1] != NULL && labels[2] == NULL))
            v->child[f] = add(v, f, LABELS("0", name), start_ms);
    }
    page_set(v->page, add(v, V_PYTHON_INFO, LABELS("CPython", "3", "12", "11", "3.12.11"), start_ms), 1);
    v->capacity = add(v, V_WAITING_BY_REASON, LABELS("0", name, "capacity"), start_ms);
    v->deferred = add(v, V_WAITING_BY_REASON, LABELS("0", name, "deferred"), start_ms);
    for (unsigned i = 0; i < 3; i++)
        page_set(v->page, add(v, V_SLEEP_STATE, LABELS("0", name, sleep_states[i]), start_ms), i == 0);
    for (unsigned i = 0; i < FINISH_COUNT; i++)
        v->success[i] = add(v, V_SUCCESS, LABELS("0", finish[i], name), start_ms);
    str_format(blocks, sizeof blocks, "%lld", (long long)(e->kv_tokens / 16));
    page_set(v->page, add(v, V_CACHE_CONFIG, LABELS("16", "auto", "True", "0", "0.9", blocks), start_ms), 1);
    v->http_ok = add(v, V_HTTP_REQUESTS, LABELS("/v1/chat/completions", "POST", "2xx"), start_ms);
    v->http_failed = add(v, V_HTTP_REQUESTS, LABELS("/v1/chat/completions", "POST", "5xx"), start_ms);
    v->child[V_HTTP_DURATION] = add(v, V_HTTP_DURATION, LABELS("/v1/chat/completions", "POST"), start_ms);
    page_set(v->page, v->child[V_START_TIME], start_ms);
}

struct vllm *vllm_new(unsigned engine, int64_t start_ms)
{
    struct vllm *v = calloc(1, sizeof *v);
    if (v == NULL)
        return NULL;
    v->engine = engine;
    v->page = page_new(PAGE_PYTHON);
    if (v->page == NULL) {
        free(v);
        return NULL;
    }
    for (unsigned f = 0; f < V_COUNT; f++)
        page_declare(v->page, &families[f]);
    add_children(v, start_ms);
    return v;
}

void vllm_free(struct vllm *v)
{
    if (v != NULL)
        page_free(v->page);
    free(v);
}

static void observe(struct vllm *v, enum vllm_family f, int64_t value, int64_t n)
{
    if (n > 0)
        page_observe(v->page, v->child[f], value, n);
}

/* Steps between tokens scatter: three in four come a little faster than the mean, few wait for a neighbour's prefill. */
static void observe_steps(struct vllm *v, const struct request *q)
{
    int64_t steps = q->output - 1, slow = steps / 20, rest = (steps - slow) / 4;
    observe(v, V_ITL, q->tpot_us * 2, slow);
    observe(v, V_ITL, q->tpot_us * 11 / 10, rest);
    observe(v, V_ITL, q->tpot_us * 9 / 10, steps - slow - rest);
    observe(v, V_TPOT, q->tpot_us, 1);
}

static void book_finished(struct vllm *v, const struct request *q)
{
    page_increment(v->page, v->success[q->end == END_LENGTH ? FINISH_LENGTH : FINISH_STOP],
                   1); /* that a stop is a tool call is read from its text */
    page_increment(v->page, v->child[V_CORRUPTED], q->corrupted ? 1 : 0);
    page_increment(v->page, v->child[V_PROMPT_TOKENS], q->input);
    page_increment(v->page, v->child[V_CACHED_TOKENS], q->cached);
    page_increment(v->page, v->child[V_PREFIX_QUERIES], q->input);
    page_increment(v->page, v->child[V_PREFIX_HITS], q->cached);
    page_increment(v->page, v->child[V_GENERATION_TOKENS], q->output);
    page_increment(v->page, v->http_ok, 1);
    observe(v, V_PROMPT_LENGTH, q->input, 1);
    observe(v, V_GENERATION_LENGTH, q->output, 1);
    observe(v, V_TTFT, q->ttft_us, 1);
    observe_steps(v, q);
    observe(v, V_E2E, q->llm_us, 1);
    observe(v, V_QUEUE, q->wait_us, 1);
    observe(v, V_INFERENCE, q->prefill_us + q->decode_us, 1);
    observe(v, V_PREFILL, q->prefill_us, 1);
    observe(v, V_DECODE, q->decode_us, 1);
    observe(v, V_HTTP_DURATION, q->llm_us, 1);
}

void vllm_book(struct vllm *v, const struct request *q)
{
    if (q->deployment != company_engine(v->engine)->deployment)
        return;
    if (q->fate == FATE_OK) {
        book_finished(v, q);
    } else if (fate_is_providers((enum fate)q->fate)) {
        page_increment(v->page, v->http_failed, 1);
        if (q->prefill_us > 0)
            page_increment(v->page, v->success[FINISH_ABORT], 1);
    }
}

enum err vllm_render(struct vllm *v, const struct traffic *t, struct buf *out)
{
    const struct engine_state *s = &traffic_road(t)->engine[v->engine];
    int64_t kv = s->tokens_held * 1000000 / company_engine(v->engine)->kv_tokens;
    int64_t deferred = s->waiting / 4;
    page_set(v->page, v->child[V_RUNNING], s->running);
    page_set(v->page, v->child[V_WAITING], s->waiting);
    page_set(v->page, v->capacity, s->waiting - deferred);
    page_set(v->page, v->deferred, deferred);
    page_set(v->page, v->child[V_KV_CACHE], kv > 1000000 ? 1000000 : kv);
    page_set(v->page, v->child[V_PREEMPTIONS], s->preemptions);
    page_set(v->page, v->child[V_RESIDENT_MEMORY], 6214 * INT64_C(1048576) + s->running * 262144);
    return page_render(v->page, out);
}
