/* SPDX-License-Identifier: MIT */
#include "model/price.h"

#include <string.h>

#define PUSD_PER_USD INT64_C(1000000000000)

/* The dearest tokens on the market cost some 600 USD a million (2026); one of 10,000 USD a million or more is a price per thousand or per
 * million that was written as one per token. */
#define TOKEN_MAX (PUSD_PER_USD / 100 - 1)
#define REQUEST_MAX (100 * PUSD_PER_USD)

static const struct price_term_info terms[PRICE_TERMS] = {
    [PRICE_INPUT] = {"input", "input", "token", TOKEN_MAX},
    [PRICE_CACHED] = {"cached", "cached input", "token", TOKEN_MAX},
    [PRICE_CACHE_WRITE] = {"cache_write", "cache write", "token", TOKEN_MAX},
    [PRICE_CACHE_WRITE_1H] = {"cache_write_1h", "cache write 1h", "token", TOKEN_MAX},
    [PRICE_AUDIO_INPUT] = {"audio_input", "audio input", "token", TOKEN_MAX},
    [PRICE_AUDIO_CACHED] = {"audio_cached", "cached audio", "token", TOKEN_MAX},
    [PRICE_OUTPUT] = {"output", "output", "token", TOKEN_MAX},
    [PRICE_REASONING] = {"reasoning", "reasoning", "token", TOKEN_MAX},
    [PRICE_AUDIO_OUTPUT] = {"audio_output", "audio output", "token", TOKEN_MAX},
    [PRICE_REQUEST] = {"request", "requests", "request", REQUEST_MAX},
    [PRICE_QUERY] = {"query", "search units", "search unit", REQUEST_MAX},
    [PRICE_SECOND_INPUT] = {"second_input", "seconds, input", "second", REQUEST_MAX},
    [PRICE_SECOND_OUTPUT] = {"second_output", "seconds, output", "second", REQUEST_MAX},
    [PRICE_CHARACTER_INPUT] = {"character_input", "characters, input", "character", TOKEN_MAX},
    [PRICE_CHARACTER_OUTPUT] = {"character_output", "characters, output", "character", TOKEN_MAX},
    [PRICE_IMAGE_INPUT] = {"image_input", "images, input", "image", REQUEST_MAX},
    [PRICE_IMAGE_OUTPUT] = {"image_output", "images, output", "image", REQUEST_MAX},
    [PRICE_SEARCH] = {"search", "web searches", "web search", REQUEST_MAX},
    [PRICE_CITATION] = {"citation", "citations", "token quoted", TOKEN_MAX},
};

static const char *const services[PRICE_SERVICES] = {"standard", "batch", "flex", "priority"};

const struct price_term_info *price_term_info(enum price_term t)
{
    return &terms[t];
}

bool price_term_by_name(struct str name, enum price_term *ret)
{
    for (int i = 0; i < PRICE_TERMS; i++) {
        if (str_eq_z(name, terms[i].name)) {
            *ret = (enum price_term)i;
            return true;
        }
    }
    return false;
}

const char *price_service_name(enum price_service s)
{
    return services[s];
}

bool price_service_by_name(struct str name, enum price_service *ret)
{
    for (int i = 0; i < PRICE_SERVICES; i++) {
        if (str_eq_z(name, services[i])) {
            *ret = (enum price_service)i;
            return true;
        }
    }
    return false;
}

bool price_rate_find(const struct price *p, enum price_term t, enum price_service s, int64_t above_tokens, int64_t *ret_pusd)
{
    for (uint32_t i = 0; i < p->rate_count; i++) {
        const struct price_rate *r = &p->rates[i];
        if (r->term == t && r->service == s && r->above_tokens == above_tokens) {
            *ret_pusd = r->pusd;
            return true;
        }
    }
    return false;
}

bool price_is_same(const struct price *a, const struct price *b)
{
    if ((a->unpriced != NULL) != (b->unpriced != NULL) || a->rate_count != b->rate_count || a->uplift_count != b->uplift_count)
        return false;
    for (uint32_t i = 0; i < a->rate_count; i++) {
        const struct price_rate *x = &a->rates[i], *y = &b->rates[i];
        if (x->term != y->term || x->service != y->service || x->graduated != y->graduated || x->above_tokens != y->above_tokens ||
            x->pusd != y->pusd)
            return false;
    }
    for (uint32_t i = 0; i < a->uplift_count; i++)
        if (strcmp(a->uplifts[i].region, b->uplifts[i].region) != 0 || a->uplifts[i].multiplier != b->uplifts[i].multiplier)
            return false;
    return true;
}

static void format_wide(money_wide v, char *out, size_t cap)
{
    char text[MONEY_WIDE_MAX];
    money_wide_format(v, text);
    (void)str_copy(out, cap, str_of(text));
}

void price_format_pusd(int64_t pusd, char out[MONEY_MAX])
{
    format_wide((money_wide)pusd * MONEY_WIDE_PER_PUSD, out, MONEY_MAX);
}

void price_format(enum price_term t, int64_t pusd, char out[PRICE_TEXT_MAX])
{
    char text[MONEY_MAX];
    bool per_million = t < PRICE_TOKEN_TERMS;
    format_wide((money_wide)pusd * MONEY_WIDE_PER_PUSD * (per_million ? 1000000 : 1), text, sizeof text);
    (void)str_format(out, PRICE_TEXT_MAX, "%s USD%s", text, per_million ? "/M" : "");
}
