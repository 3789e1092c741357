/* SPDX-License-Identifier: MIT */
#include "analysis/price_book.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/price_import.h"

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

static bool is_told(const char *name, const char *model)
{
    return name[0] != '\0' && strcmp(name, model) != 0;
}

/* By the upstream's name, unless the configuration has a price for the alias itself. */
static bool find_upstream(const struct price_book *b, const struct price_served *s, int64_t at_ms, const struct price_found *alias,
                          struct price_found *ret)
{
    struct price_found up;
    if (!is_told(s->upstream, s->model) || (alias->override != NULL && !alias->override->is_discount) ||
        !price_book_find(b, s->upstream, s->provider, at_ms, &up))
        return false;
    if (alias->override != NULL && up.override == NULL) {
        up.override = alias->override;
        up.price.multiplier = alias->override->price.multiplier;
    }
    up.upstream = s->upstream;
    *ret = up;
    return true;
}

static bool is_configured(const struct price_book *b, const char *name)
{
    for (size_t i = 0; i < b->override_count; i++)
        if (strcmp(b->overrides[i].pattern, name) == 0)
            return true;
    return false;
}

/* A deployment's name is mostly nobody's model, which only all of the list tells: it is looked up where that can matter. */
bool price_book_find_served(const struct price_book *b, const struct price_served *s, int64_t at_ms, struct price_found *ret)
{
    struct price_found own, alias = {.match = {.how = ""}};
    const bool told = is_told(s->deployment, s->model);
    if (told && is_configured(b, s->deployment) && price_book_find(b, s->deployment, s->provider, at_ms, &own) && own.override != NULL &&
        !own.override->is_discount && strcmp(own.override->pattern, s->deployment) == 0) {
        *ret = own;
        return true;
    }
    const bool listed = s->model[0] != '\0' && price_book_find(b, s->model, s->provider, at_ms, &alias);
    if (find_upstream(b, s, at_ms, &alias, ret))
        return true;
    const bool found = !listed && told && price_book_find(b, s->deployment, s->provider, at_ms, &own);
    *ret = found ? own : alias;
    return listed || found;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

int64_t *price_book_dates(const struct price_book *b, int64_t t0_ms, int64_t t1_ms, struct arena *a, size_t *ret_count)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < b->table->count; i++)
        n += b->table->rows[i].from_ms > t0_ms && b->table->rows[i].from_ms < t1_ms;
    int64_t *dates = arena_array(a, n + b->override_count + 1, sizeof *dates);
    if (dates == NULL)
        return NULL;
    n = 0;
    for (size_t i = 0; i < b->table->count; i++)
        if (b->table->rows[i].from_ms > t0_ms && b->table->rows[i].from_ms < t1_ms)
            dates[n++] = b->table->rows[i].from_ms;
    for (size_t i = 0; i < b->override_count; i++)
        if (b->overrides[i].from_ms > t0_ms && b->overrides[i].from_ms < t1_ms)
            dates[n++] = b->overrides[i].from_ms;
    qsort(dates, n, sizeof *dates, by_time);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || dates[i] != dates[kept - 1])
            dates[kept++] = dates[i];
    *ret_count = kept;
    return dates;
}

enum err price_book_read(struct str text, const char *name, struct arena *a, struct price_table *ret, struct errctx *ctx)
{
    const struct price_import_options opt = {.name = name};
    struct price_import_report report;
    return text.p == NULL ? price_book_builtin(a, ret, ctx) : price_import(text, &opt, a, ret, &report, ctx);
}

enum err price_book_builtin(struct arena *a, struct price_table *ret, struct errctx *ctx)
{
    return price_table_parse((struct str){(const char *)embed_prices, embed_prices_size}, "built-in prices", a, ret, ctx);
}
