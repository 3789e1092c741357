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
    const char *upstream;                  /* the provider's name of the model, where that was looked up in the place of an alias; NULL */
};

/* False when there is no price and no row at all: ret->match.how may say why. Cost: that of price_match; keep the answer for as long as
 * the moment stays between two dates of the book. */
bool price_book_find(const struct price_book *b, const char *model, const char *provider, int64_t at_ms, struct price_found *ret);

/* What a gateway tells of who answered; "" = not told. */
struct price_served {
    const char *model, *provider, *deployment;
    const char *upstream; /* the provider's name of the model, which may be an alias; outlives what is found */
};

/* A price that the configuration gives the deployment by its very name, or the model by its own; then that of the upstream's name, for a
 * list knows no aliases and may call another model so; then the model's in the list, then that of the deployment's name, which may be the
 * provider's name of the model. A discount on the alias is one on its upstream. */
bool price_book_find_served(const struct price_book *b, const struct price_served *s, int64_t at_ms, struct price_found *ret);

/* The instants in (t0, t1) at which some price of the book begins, rising, each once: between two of them, and up to the first, all prices
 * stay. Memory from a; NULL when out of memory. */
int64_t *price_book_dates(const struct price_book *b, int64_t t0_ms, int64_t t1_ms, struct arena *a, size_t *ret_count);

/* A list of any form (price_import), or the built-in one where text.p is NULL. Errors: those of price_import. */
enum err price_book_read(struct str text, const char *name, struct arena *a, struct price_table *ret, struct errctx *ctx) GW_MUST_USE;
/* The list that the program was built with. Errors: those of price_table_parse. */
enum err price_book_builtin(struct arena *a, struct price_table *ret, struct errctx *ctx) GW_MUST_USE;

#endif
