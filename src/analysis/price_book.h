/* SPDX-License-Identifier: MIT */
/* What a model costs at an instant, everything considered: the configuration's own prices and discounts over the list in force. */
#ifndef GWTOP_ANALYSIS_PRICE_BOOK_H
#define GWTOP_ANALYSIS_PRICE_BOOK_H

#include "analysis/price_match.h"

/* Borrowed. */
struct price_book {
    const struct price_table *table;
    const struct price_override *overrides;
    size_t override_count;
};

struct price_found {
    struct price price;                    /* may be unpriced; strings and rates are borrowed from the book */
    struct price_match match;              /* of the list; match.price NULL when only an override names the model */
    const struct price_override *override; /* NULL = the list alone */
};

/* False when there is no price and no row at all: ret->match.how may say why. Cost: that of price_match; keep the answer for as long as
 * the moment stays between two dates of the book. */
bool price_book_find(const struct price_book *b, const char *model, const char *provider, int64_t at_ms, struct price_found *ret);

/* The list that the program was built with. Errors: those of price_table_parse. */
enum err price_book_builtin(struct arena *a, struct price_table *ret, struct errctx *ctx) GW_MUST_USE;

#endif
