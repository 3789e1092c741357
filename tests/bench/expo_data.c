/* SPDX-License-Identifier: MIT */
#include "bench/expo_data.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const vllm_bounds[] = {"0.3",  "0.5",  "0.8",  "1.0",  "1.5",   "2.0",   "2.5",   "5.0",   "10.0",   "15.0", "20.0",
                                          "30.0", "40.0", "50.0", "60.0", "120.0", "240.0", "480.0", "960.0", "1920.0", "+Inf"};
static const char *const litellm_bounds[] = {"0.005", "0.01", "0.025", "0.05", "0.1",   "0.25",  "0.5",   "1.0",   "2.0",
                                             "5.0",   "10.0", "30.0",  "60.0", "120.0", "300.0", "420.0", "600.0", "+Inf"};

static const char *const vllm_histograms[] = {"vllm:e2e_request_latency_seconds", "vllm:request_queue_time_seconds",
                                              "vllm:request_inference_time_seconds", "vllm:request_prefill_time_seconds",
                                              "vllm:request_decode_time_seconds"};
static const char *const litellm_histograms[] = {"litellm_request_total_latency_metric", "litellm_llm_api_latency_metric",
                                                 "litellm_llm_api_time_to_first_token_metric", "litellm_request_queue_time_seconds"};
static const char *const models[] = {"Qwen/Qwen2.5-0.5B-Instruct", "meta-llama/Llama-3.3-70B-Instruct", "gpt-4o-mini", "claude-sonnet-4-5"};

enum { VLLM_BOUNDS = 21, LITELLM_BOUNDS = 18, VLLM_HISTOGRAMS = 5, LITELLM_HISTOGRAMS = 4, MODELS = 4 };

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void must(enum err e)
{
    if (e) {
        fprintf(stderr, "bench data: %s\n", err_name(e));
        exit(EXIT_FAILURE);
    }
}

/* How LiteLLM labels a series, le apart: fourteen labels in alphabetical order, hashes of 64 hexadecimal digits among them. */
static void litellm_line(struct buf *out, const char *name, const char *suffix, const char *le, size_t i)
{
    uint64_t key = (i % 97 + 1) * UINT64_C(0x9E3779B97F4A7C15);
    must(buf_printf(out,
                    "%s%s{api_key_alias=\"team-%zu-batch\",api_provider=\"openai\",end_user=\"None\",hashed_api_key=\"%016" PRIx64
                    "%016" PRIx64 "\",",
                    name, suffix, i % 97, key, key * 3));
    if (le) {
        must(buf_printf(out, "le=\"%s\",", le));
    }
    must(buf_printf(out,
                    "model=\"%s\",model_id=\"%016" PRIx64 "\",org_alias=\"None\",org_id=\"None\",requested_model=\"chat-%zu\","
                    "service_tier=\"None\",team=\"team-%zu\",team_alias=\"Team %zu (EU)\",user=\"u%zu\"} ",
                    models[i % MODELS], key * 7, i % 11, i % 37, i % 37, i));
}

static size_t litellm_histogram(struct buf *out, const char *name, size_t i, uint64_t *rng)
{
    uint64_t population = 0;
    for (size_t b = 0; b < LITELLM_BOUNDS; b++) {
        population += next_random(rng) % 60;
        litellm_line(out, name, "_bucket", litellm_bounds[b], i);
        must(buf_printf(out, "%" PRIu64 ".0\n", population));
    }
    litellm_line(out, name, "_count", NULL, i);
    must(buf_printf(out, "%" PRIu64 ".0\n", population));
    litellm_line(out, name, "_sum", NULL, i);
    must(buf_printf(out, "%.17g\n", (double)(next_random(rng) >> 12) / 1e12));
    return LITELLM_BOUNDS + 2;
}

static size_t vllm_histogram(struct buf *out, const char *name, size_t i, uint64_t *rng)
{
    const char *model = models[i % MODELS];
    uint64_t population = 0;
    for (size_t b = 0; b < VLLM_BOUNDS; b++) {
        population += next_random(rng) % 400;
        must(buf_printf(
            out,
            "%s_bucket{engine=\"%zu\",instance=\"10.2.%zu.%zu:8000\",le=\"%s\",model_name=\"%s\",namespace=\"serving\"} %" PRIu64 ".0\n",
            name, i % 8, i / 200 % 200, i % 200, vllm_bounds[b], model, population));
    }
    must(buf_printf(out, "%s_count{engine=\"%zu\",instance=\"10.2.%zu.%zu:8000\",model_name=\"%s\",namespace=\"serving\"} %" PRIu64 ".0\n",
                    name, i % 8, i / 200 % 200, i % 200, model, population));
    must(buf_printf(out, "%s_sum{engine=\"%zu\",instance=\"10.2.%zu.%zu:8000\",model_name=\"%s\",namespace=\"serving\"} %.17g\n", name,
                    i % 8, i / 200 % 200, i % 200, model, (double)(next_random(rng) >> 12) / 1e11));
    return VLLM_BOUNDS + 2;
}

static size_t gauges_and_counters(struct buf *out, size_t n, uint64_t *rng)
{
    must(buf_printf(
        out, "# HELP vllm:num_requests_running Number of requests in model execution batches.\n# TYPE vllm:num_requests_running gauge\n"));
    for (size_t i = 0; i < n; i++) {
        must(buf_printf(out, "vllm:num_requests_running{engine=\"%zu\",instance=\"10.2.%zu.%zu:8000\",model_name=\"%s\"} %" PRIu64 ".0\n",
                        i % 8, i / 200 % 200, i % 200, models[i % MODELS], next_random(rng) % 256));
    }
    must(buf_printf(out, "# HELP litellm_spend_metric_total Total spend on LLM requests\n# TYPE litellm_spend_metric_total counter\n"));
    for (size_t i = 0; i < n; i++) {
        litellm_line(out, "litellm_spend_metric", "_total", NULL, i);
        must(buf_printf(out, "%.17g\n", (double)(next_random(rng) >> 30) / 1e7));
    }
    must(buf_printf(out, "# HELP litellm_spend_metric_created Total spend on LLM requests\n# TYPE litellm_spend_metric_created gauge\n"));
    for (size_t i = 0; i < n; i++) {
        litellm_line(out, "litellm_spend_metric", "_created", NULL, i);
        must(buf_printf(out, "%.17g\n", 1.79103656069e9 + (double)(next_random(rng) >> 40) / 1e3));
    }
    return 3 * n;
}

void expo_data_write(struct buf *out, size_t series)
{
    uint64_t rng = 0x2545F4914F6CDD1Du;
    size_t written = gauges_and_counters(out, series / 30 + 1, &rng);
    size_t rest = series > written ? series - written : 0;
    for (size_t f = 0; f < VLLM_HISTOGRAMS; f++) {
        must(buf_printf(out, "# HELP %s Histogram of request latency in seconds.\n# TYPE %s histogram\n", vllm_histograms[f],
                        vllm_histograms[f]));
        for (size_t i = 0, n = 0; n * VLLM_HISTOGRAMS < rest / 2; i++) {
            n += vllm_histogram(out, vllm_histograms[f], i, &rng);
        }
    }
    for (size_t f = 0; f < LITELLM_HISTOGRAMS; f++) {
        must(buf_printf(out, "# HELP %s Latency (seconds)\n# TYPE %s histogram\n", litellm_histograms[f], litellm_histograms[f]));
        for (size_t i = 0, n = 0; n * LITELLM_HISTOGRAMS < rest / 2; i++) {
            n += litellm_histogram(out, litellm_histograms[f], i, &rng);
        }
    }
}
