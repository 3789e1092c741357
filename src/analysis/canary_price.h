/* SPDX-License-Identifier: MIT */
/* What a canary costs at most, before anything is sent: all its prompts' bytes as tokens, all the tokens that an answer may have, and of
 * what a list says the dearest reading. A model without a price has none: docs/decisions/0015-canaries.md. */
#ifndef GWTOP_ANALYSIS_CANARY_PRICE_H
#define GWTOP_ANALYSIS_CANARY_PRICE_H

#include "analysis/price_book.h"
#include "model/canary.h"

struct canary_price {
    int64_t run_nusd, day_nusd; /* of all items; of canary_runs_a_day */
    int64_t item_nusd[CANARY_ITEMS_MAX];
};

/* The price of a request of that many tokens, rounded up. Errors: ERR_NOTFOUND (something counted has no price), ERR_LIMIT. */
enum err canary_request_price(const struct price *p, int64_t input_tokens, int64_t output_tokens, int64_t *ret_nusd,
                              struct errctx *ctx) GW_MUST_USE;

/* The model's price at an instant: of its very name, since another's may be another. Errors: ERR_NOTFOUND, which says what to do. */
enum err canary_find_price(const struct price_book *b, const struct canary *c, int64_t at_ms, struct price_found *ret,
                           struct errctx *ctx) GW_MUST_USE;

/* Errors: those of both. */
enum err canary_price_make(const struct price_book *b, const struct canary *c, int64_t at_ms, struct canary_price *ret,
                           struct errctx *ctx) GW_MUST_USE;

#endif
