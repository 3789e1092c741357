/* SPDX-License-Identifier: MIT */
/* What a model costs: unit prices in pico-USD, by what is counted, service, and size of the prompt. Plain data; analysis/price_cost.h
 * computes with it, analysis/price_table.h keeps lists of it. */
#ifndef GWTOP_MODEL_PRICE_H
#define GWTOP_MODEL_PRICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/money.h"

/* What is counted. Tokens first; the counts of PRICE_CACHED to PRICE_AUDIO_INPUT are parts of the input, those of PRICE_REASONING and
 * PRICE_AUDIO_OUTPUT parts of the output. */
enum price_term {
    PRICE_INPUT,
    PRICE_CACHED,         /* input tokens read from the provider's cache */
    PRICE_CACHE_WRITE,    /* input tokens written to it, kept for minutes (Anthropic: 5) */
    PRICE_CACHE_WRITE_1H, /* kept for an hour */
    PRICE_AUDIO_INPUT,
    PRICE_AUDIO_CACHED, /* in lists only: what gateways report as cached is priced by PRICE_CACHED */
    PRICE_OUTPUT,
    PRICE_REASONING,
    PRICE_AUDIO_OUTPUT,
    PRICE_TOKEN_TERMS,
    PRICE_REQUEST = PRICE_TOKEN_TERMS,
    PRICE_QUERY, /* a search unit of a reranker */
    PRICE_COUNTED_TERMS,
    /* Not in what gateways count: kept to be shown, never computed with. */
    PRICE_SECOND_INPUT = PRICE_COUNTED_TERMS,
    PRICE_SECOND_OUTPUT,
    PRICE_CHARACTER_INPUT,
    PRICE_CHARACTER_OUTPUT,
    PRICE_IMAGE_INPUT,
    PRICE_IMAGE_OUTPUT,
    PRICE_SEARCH,   /* a web search of medium size */
    PRICE_CITATION, /* a token quoted */
    PRICE_TERMS
};

enum price_service { PRICE_STANDARD, PRICE_BATCH, PRICE_FLEX, PRICE_PRIORITY, PRICE_SERVICES };

struct price_term_info {
    const char *name;  /* in our price lists, in the configuration, in JSON: "cached" */
    const char *label; /* for people: "cached input" */
    const char *unit;  /* "token", "request" */
    int64_t max_pusd;  /* a higher price is absurd: a slip of units */
};
const struct price_term_info *price_term_info(enum price_term t);
bool price_term_by_name(struct str name, enum price_term *ret);
const char *price_service_name(enum price_service s); /* "standard", "batch", "flex", "priority" */
bool price_service_by_name(struct str name, enum price_service *ret);

/* One unit price. above > 0: it holds where the prompt has more tokens than that. graduated: it is then the price of only those tokens of
 * its own kind that lie above, instead of the whole request's. */
struct price_rate {
    uint8_t term, service;
    bool graduated;
    int64_t above_tokens;
    int64_t pusd; /* >= 0 */
};

/* Multipliers carry four decimals: 11000 is 1.1. An uplift above ten times the price is absurd. */
enum { PRICE_ONE = 10000, PRICE_UPLIFT_MAX = 10 * PRICE_ONE, PRICE_UPLIFTS_MAX = 4, PRICE_REGION_MAX = 8, PRICE_RATES_MAX = 64 };
struct price_uplift {
    char region[PRICE_REGION_MAX]; /* "eu", "us" */
    int64_t multiplier;
};

#define PRICE_ALWAYS INT64_MIN

/* A model's prices from an instant on. Strings and rates are borrowed. */
struct price {
    const char *model, *provider, *mode; /* mode: "chat", "responses", "embedding", "rerank"; "" = not told */
    int64_t from_ms;                     /* PRICE_ALWAYS: the oldest that is known */
    const char *unpriced;                /* why it has no price from then on; NULL = it has */
    const struct price_rate *rates;
    uint32_t rate_count, uplift_count;
    struct price_uplift uplifts[PRICE_UPLIFTS_MAX];
    int64_t multiplier; /* of all of it, such as 8800 for 12 % off the list; PRICE_ONE */
};

/* What the configuration says instead of the list, from an instant on: prices of their own, or a discount on whatever the list says. */
struct price_override {
    const char *pattern; /* a model's name as the gateway or the list has it; * stands for any text */
    int64_t from_ms;
    bool is_discount;   /* price.multiplier alone counts then; otherwise price is complete: nothing is taken from the list */
    struct price price; /* model: the pattern */
    uint32_t line;      /* of the configuration */
};

/* Whether rates hold a price for what, exactly so. */
bool price_rate_find(const struct price *p, enum price_term t, enum price_service s, int64_t above_tokens, int64_t *ret_pusd);
/* Whether two models cost the same: rates in the same order, uplifts, or neither has a price. */
bool price_is_same(const struct price *a, const struct price *b);
/* "0.00000125" USD of pico-USD; exact. */
void price_format_pusd(int64_t pusd, char out[MONEY_MAX]);
/* "1.25 USD/M" for tokens, "0.005 USD" for others; exact. */
enum { PRICE_TEXT_MAX = 48 };
void price_format(enum price_term t, int64_t pusd, char out[PRICE_TEXT_MAX]);

#endif
