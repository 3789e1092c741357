/* SPDX-License-Identifier: MIT */
/* One simulated request, from the client's call to the booking at its end. Plain data: road.c fills it, the pages read it. */
#ifndef GWTOP_SIM_REQUEST_H
#define GWTOP_SIM_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/company.h"

/* How a request, or one attempt of it against a deployment, ended. */
enum fate {
    FATE_OK,
    FATE_BAD_REQUEST,
    FATE_AUTH,
    FATE_BUDGET, /* the key has spent all it may */
    FATE_CONTEXT,
    FATE_FILTER,
    FATE_GUARDRAIL,
    FATE_RATE_LIMITED,
    FATE_SERVER_ERROR,
    FATE_UNAVAILABLE,
    FATE_TIMEOUT,
    FATE_NO_DEPLOYMENT /* all of a model's were out of rotation */,
    FATE_COUNT
};

/* As LiteLLM labels it: the status that the client sees and the exception's class. */
struct fate_text {
    const char *status, *exception;
};
const struct fate_text *fate_text(enum fate f);
bool fate_is_providers(enum fate f); /* the provider's fault: worth a retry, and counted against it */

enum guardrail_id { GUARDRAIL_PII, GUARDRAIL_POLICY, GUARDRAIL_COUNT };
enum guardrail_verdict { VERDICT_NONE, VERDICT_OK, VERDICT_BLOCKED, VERDICT_ERROR }; /* NONE: the guardrail was not asked */

/* Why an answer ended, as the client is told. */
enum answer_end { END_STOP, END_LENGTH, END_TOOL_CALLS, END_COUNT };

enum { ATTEMPTS_MAX = 3 }; /* first, retry, fallback */

struct attempt {
    uint8_t deployment, fate; /* enum deployment_id, enum fate */
    bool cooled;              /* this failure took the deployment out of rotation */
};

struct request {
    int64_t arrival_ms, end_ms;
    uint8_t key, model, deployment, fate, version; /* deployment: the last one asked, DEPLOYMENT_NONE = never got there */
    uint8_t tries;                                 /* the client's own earlier tries */
    uint8_t task;                                  /* enum task_id */
    uint8_t answerer;                              /* enum model_id: whose answer it is, seldom another than was asked */
    bool streamed, fallback, unpriced, evaluated;
    uint8_t attempt_count;
    struct attempt attempt[ATTEMPTS_MAX];
    int64_t input, cached, written, output, reasoning; /* tokens; cached and written are parts of input, reasoning of output */
    int64_t spend_nusd;
    int64_t total_us, llm_us, ttft_us, tpot_us, queue_us, overhead_us; /* llm_us: the last attempt alone */
    int64_t wait_us, prefill_us, decode_us;                            /* inside a self-hosted engine */
    int64_t guardrail_us[GUARDRAIL_COUNT];
    uint8_t verdict[GUARDRAIL_COUNT];   /* enum guardrail_verdict */
    int64_t embedding_us, retrieval_us; /* the application's own look-up before the call, 0 = none */
    /* The answer. */
    uint8_t end;                 /* enum answer_end */
    bool called_tool, corrupted; /* corrupted: NaN among a self-hosted engine's logits */
    /* Evaluation of a sampled answer. */
    bool json_valid, tool_ok, refused;
    int64_t judge_milli; /* 0..1000 */
};

#endif
