/* SPDX-License-Identifier: MIT */
/* The price list and the configuration's prices -> views; no store is needed. */
#ifndef GWTOP_VIEW_PRICES_H
#define GWTOP_VIEW_PRICES_H

#include "base/arena.h"
#include "config/config.h"
#include "view/view_prices.h"

struct view_price_ask {
    const char *model, *provider; /* provider NULL: not known */
    const char *list;             /* a list instead of the configured one, in any form that an update reads; NULL */
    int64_t at_ms;
    bool has_counts;                    /* compute an amount */
    int64_t count[PRICE_COUNTED_TERMS]; /* input and output are the wholes */
    enum price_service service;
    const char *region; /* NULL = none */
};

/* Owns: everything in a. Errors: ERR_NOTFOUND when the model has no price then, or something that was counted has none (the sentence says
 * which and why); those of reading a list. */
enum err view_load_price(const struct config *cfg, const struct view_price_ask *ask, struct arena *a, struct view_price *ret,
                         struct errctx *ctx) GW_MUST_USE;

#endif
