/* SPDX-License-Identifier: MIT */
/* A canary's request and its answer, as text: POST of OpenAI's chat completions. Pure. */
#ifndef GWTOP_RECORD_CANARY_ASK_H
#define GWTOP_RECORD_CANARY_ASK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/canary.h"

/* Errors: the buffer's. */
enum err canary_body(const struct canary *c, const struct canary_item *it, struct buf *out) GW_MUST_USE;

struct canary_answer {
    struct str text;                     /* what the model said; empty where it said nothing (a refusal, a tool call) */
    int64_t input_tokens, output_tokens; /* as the endpoint counted them, -1 = not told */
    bool has_token;                      /* log-probabilities were told: */
    struct str token;                    /* the first token's text */
    double logprob;                      /* of `want`, NaN = not among those that were told */
};

/* want: the token that is expected, NULL = none. Texts live in a, or in body. Errors: ERR_PARSE, what it is instead of an answer
 * (nothing of the body is repeated); ERR_NOMEM. */
enum err canary_read_answer(struct str body, const char *want, struct arena *a, struct canary_answer *ret, struct errctx *ctx) GW_MUST_USE;

#endif
