/* SPDX-License-Identifier: MIT */
#include "analysis/price_book.h"

#include <string.h>

extern const unsigned char embed_prices[];
extern const size_t embed_prices_size;

/* How closely a pattern says which model it means: its letters, and more for one without a star. */
static size_t closeness(const char *pattern)
{
    size_t n = 1;
    for (const char *p = pattern; *p != '\0'; p++)
        n += *p != '*';
    return strchr(pattern, '*') == NULL ? n + PRICE_NAME_MAX : n;
}

static bool is_meant(const struct price_override *o, const char *model, const char *provider, const struct price *listed)
{
    char full[2 * PRICE_NAME_MAX];
    if (price_name_fits(o->pattern, model) || (listed != NULL && price_name_fits(o->pattern, listed->model)))
        return true;
    return provider != NULL && *provider != '\0' && str_format(full, sizeof full, "%s/%s", provider, model) &&
           price_name_fits(o->pattern, full);
}

static const struct price_override *find_override(const struct price_book *b, const char *model, const char *provider,
                                                  const struct price *listed, int64_t at_ms)
{
    const struct price_override *best = NULL;
    for (size_t i = 0; i < b->override_count; i++) {
        const struct price_override *o = &b->overrides[i];
        if (o->from_ms > at_ms || !is_meant(o, model, provider, listed))
            continue;
        size_t mine = closeness(o->pattern), its = best != NULL ? closeness(best->pattern) : 0;
        best = mine > its || (mine == its && o->from_ms >= best->from_ms) ? o : best;
    }
    return best;
}

bool price_book_find(const struct price_book *b, const char *model, const char *provider, int64_t at_ms, struct price_found *ret)
{
    *ret = (struct price_found){.match = {.how = ""}};
    bool listed = price_match(b->table, model, provider, at_ms, &ret->match);
    ret->override = find_override(b, model, provider, ret->match.price, at_ms);
    if (listed)
        ret->price = *ret->match.price;
    if (ret->override == NULL)
        return listed;
    if (!ret->override->is_discount) {
        ret->price = ret->override->price;
        return true;
    }
    ret->price.multiplier = ret->override->price.multiplier;
    return listed; /* a discount on what has no price is none */
}

enum err price_book_builtin(struct arena *a, struct price_table *ret, struct errctx *ctx)
{
    return price_table_parse((struct str){(const char *)embed_prices, embed_prices_size}, "built-in prices", a, ret, ctx);
}
