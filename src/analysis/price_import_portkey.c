/* SPDX-License-Identifier: MIT */
/* Portkey-AI/models pricing/PROVIDER.json: US cents per token, one file per provider, `default` being no model but where the currency
 * stands. A context cliff is two names there: X-lte-128k and X-gt-128k. A listed 0 for cached or written tokens means that there is no such
 * thing, not that it is free: it is read as not listed. Source: github.com/Portkey-AI/models README. */
#include "analysis/price_import_int.h"

#include <string.h>

static const struct {
    const char *name;
    enum price_term term;
} names[] = {
    {"request_token", PRICE_INPUT},
    {"response_token", PRICE_OUTPUT},
    {"cache_read_input_token", PRICE_CACHED},
    {"cache_write_input_token", PRICE_CACHE_WRITE},
    {"cache_write_1h", PRICE_CACHE_WRITE_1H},
    {"thinking_token", PRICE_REASONING},
    {"request_audio_token", PRICE_AUDIO_INPUT},
    {"response_audio_token", PRICE_AUDIO_OUTPUT},
    {"web_search", PRICE_SEARCH},
};

static bool is_zero(const struct jsontree *n)
{
    int64_t v;
    bool inexact;
    return n != NULL && n->kind == JSONTREE_NUMBER && money_parse_decimal(n->text, CENTS_PER_TOKEN, &v, &inexact) && v == 0 && !inexact;
}

static void read_prices(struct price_import *im, const struct jsontree *n, enum price_service service, int64_t above, bool is_extra)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct jsontree *price = jsontree_get(jsontree_get(n, names[i].name), "price");
        bool is_cache = names[i].term >= PRICE_CACHED && names[i].term <= PRICE_CACHE_WRITE_1H;
        if (is_cache && is_zero(price))
            continue;
        import_rate(im, names[i].name, price, CENTS_PER_TOKEN,
                    (struct price_rate){.term = (uint8_t)names[i].term, .service = (uint8_t)service, .above_tokens = above}, is_extra);
    }
    const struct jsontree *extra = jsontree_get(n, "additional_units");
    if (extra != NULL && !is_extra)
        read_prices(im, extra, service, above, true);
}

static void read_model(struct price_import *im, const struct jsontree *config, struct str currency, int64_t above)
{
    const struct jsontree *own = jsontree_get(config, "currency");
    currency = own != NULL && own->kind == JSONTREE_STRING ? own->text : currency;
    import_currency(im, currency);
    read_prices(im, jsontree_get(config, "pay_as_you_go"), PRICE_STANDARD, above, false);
    read_prices(im, jsontree_get(config, "batch_config"), PRICE_BATCH, above, false);
}

/* "x-gt-128k" -> "x", 128000. */
static bool take_step(struct str name, struct str *ret_base, int64_t *ret_above)
{
    static const char mark[] = "-gt-";
    size_t i = name.n;
    if (!str_has_suffix(name, "k"))
        return false;
    for (i--; i > 0 && name.p[i - 1] >= '0' && name.p[i - 1] <= '9'; i--)
        ;
    struct str number = {name.p + i, name.n - i - 1}, head = {name.p, i};
    if (!str_has_suffix(head, mark) || !str_to_i64(number, ret_above) || *ret_above <= 0 || *ret_above > 1000000)
        return false;
    *ret_above *= 1000;
    *ret_base = (struct str){name.p, i - strlen(mark)};
    return true;
}

/* The row that is the lower half of a cliff: its name without "-lte-128k" when there is an upper half, NULL otherwise. */
static const struct jsontree *upper_half(const struct jsontree *root, struct str name, struct str *ret_base, int64_t *ret_above)
{
    static const char mark[] = "-lte-";
    char wanted[PRICE_NAME_MAX];
    for (size_t i = 0; i + strlen(mark) < name.n; i++) {
        if (memcmp(name.p + i, mark, strlen(mark)) != 0)
            continue;
        struct str rest = {name.p + i + strlen(mark), name.n - i - strlen(mark)}, base;
        if (!str_format(wanted, sizeof wanted, "%.*s-gt-%.*s", (int)i, name.p, (int)rest.n, rest.p) ||
            !take_step(str_of(wanted), &base, ret_above))
            return NULL;
        *ret_base = (struct str){name.p, i};
        return jsontree_get(root, wanted);
    }
    return NULL;
}

/* "https://.../pricing/azure-openai.json" -> "azure-openai". */
static struct str provider_of(const char *name)
{
    const char *slash = strrchr(name, '/'), *begin = slash != NULL ? slash + 1 : name;
    return (struct str){begin, strcspn(begin, ".?#")};
}

void import_portkey(struct price_import *im, const struct jsontree *root)
{
    const struct jsontree *fallback = jsontree_get(jsontree_get(jsontree_get(root, "default"), "pricing_config"), "currency");
    struct str provider = provider_of(im->opt->name), currency = fallback != NULL ? fallback->text : (struct str){"", 0};
    for (const struct jsontree *m = root->child; m != NULL; m = m->next) {
        struct str base = m->key, lower = {"", 0};
        int64_t above = 0;
        char twin[PRICE_NAME_MAX];
        if (str_eq_z(m->key, "default"))
            continue;
        if (take_step(m->key, &lower, &above) &&
            str_format(twin, sizeof twin, "%.*s-lte-%lldk", (int)lower.n, lower.p, (long long)above / 1000) &&
            jsontree_get(root, twin) != NULL)
            continue; /* taken with its lower half */
        const struct jsontree *upper = upper_half(root, m->key, &base, &above);
        import_begin(im, provider, upper != NULL ? base : m->key, provider, (struct str){"", 0});
        if (m->kind != JSONTREE_OBJECT)
            import_fault(im, "the row is no object");
        read_model(im, jsontree_get(m, "pricing_config"), currency, 0);
        if (upper != NULL)
            read_model(im, jsontree_get(upper, "pricing_config"), currency, above);
        import_end(im);
    }
}
