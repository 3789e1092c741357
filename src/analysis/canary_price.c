/* SPDX-License-Identifier: MIT */
#include "analysis/canary_price.h"

#include "analysis/price_cost.h"

/* The region that costs most: the endpoint does not tell which it is. */
static const char *dearest_region(const struct price *p)
{
    const struct price_uplift *most = NULL;
    for (uint32_t i = 0; i < p->uplift_count; i++)
        if (p->uplifts[i].multiplier > (most != NULL ? most->multiplier : PRICE_ONE))
            most = &p->uplifts[i];
    return most != NULL ? most->region : NULL;
}

/* Gateways may ask the provider to cache prompts, answers may be reasoning, and steps are read in two ways: each may have a price of its
 * own. */
enum err canary_request_price(const struct price *p, int64_t input_tokens, int64_t output_tokens, int64_t *ret_nusd, struct errctx *ctx)
{
    enum { WRITTEN = 1, REASONED = 2, WHOLE = 4, READINGS = 8 };
    money_wide most = 0;
    int64_t ignored;
    const bool has_request = price_rate_find(p, PRICE_REQUEST, PRICE_STANDARD, 0, &ignored);
    enum err e = ERR_OK;
    for (int k = 0; k < READINGS && e == ERR_OK; k++) {
        const struct price_usage u = {.count = {[PRICE_INPUT] = input_tokens,
                                                [PRICE_CACHE_WRITE] = (k & WRITTEN) != 0 ? input_tokens : 0,
                                                [PRICE_OUTPUT] = output_tokens,
                                                [PRICE_REASONING] = (k & REASONED) != 0 ? output_tokens : 0,
                                                [PRICE_REQUEST] = has_request}};
        const struct price_how how = {.service = PRICE_STANDARD, .region = dearest_region(p), .whole_tiers = (k & WHOLE) != 0};
        struct price_bill b;
        e = price_bill_make(p, &u, &how, &b, ctx);
        if (e == ERR_OK && b.total > most)
            most = b.total;
    }
    const money_wide up = (most + MONEY_WIDE_PER_NUSD - 1) / MONEY_WIDE_PER_NUSD * MONEY_WIDE_PER_NUSD;
    if (e == ERR_OK && !money_wide_to_nusd(up, ret_nusd))
        e = errctx_set(ctx, ERR_LIMIT, "a request at that price is beyond all sense");
    return e;
}

enum err canary_find_price(const struct price_book *b, const struct canary *c, int64_t at_ms, struct price_found *ret, struct errctx *ctx)
{
    static const char advice[] = "and nothing is sent at an unknown price; give it one under `prices`";
    if (!price_book_find(b, c->model, NULL, at_ms, ret))
        return errctx_set(ctx, ERR_NOTFOUND, "model %s has no price, %s", c->model, advice);
    if (ret->price.unpriced != NULL)
        return errctx_set(ctx, ERR_NOTFOUND, "model %s has no price (%s), %s", c->model, ret->price.unpriced, advice);
    const bool from_list = ret->override == NULL || ret->override->is_discount;
    if (from_list && !ret->match.is_exact)
        return errctx_set(ctx, ERR_NOTFOUND, "model %s has no price of its own (the nearest is that of %s), %s", c->model,
                          ret->match.price != NULL ? ret->match.price->model : "none", advice);
    return ERR_OK;
}

enum err canary_price_make(const struct price_book *b, const struct canary *c, int64_t at_ms, struct canary_price *ret, struct errctx *ctx)
{
    struct price_found found;
    struct canary_price all = {.run_nusd = 0};
    enum err e = canary_find_price(b, c, at_ms, &found, ctx);
    for (uint32_t i = 0; i < c->item_count && e == ERR_OK; i++) {
        const struct canary_item *it = &c->items[i];
        e = canary_request_price(&found.price, canary_input_tokens(it), it->max_tokens, &all.item_nusd[i], ctx);
        if (e == ERR_OK && __builtin_add_overflow(all.run_nusd, all.item_nusd[i], &all.run_nusd))
            e = errctx_set(ctx, ERR_LIMIT, "a run of canary %s is beyond all sense", c->name);
    }
    if (e == ERR_OK && __builtin_mul_overflow(all.run_nusd, canary_runs_a_day(c), &all.day_nusd))
        e = errctx_set(ctx, ERR_LIMIT, "a day of canary %s is beyond all sense", c->name);
    if (e == ERR_OK)
        *ret = all;
    return e;
}
