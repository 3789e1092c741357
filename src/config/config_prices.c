/* SPDX-License-Identifier: MIT */
/* `prices`: items of one model and one date are one price, each item giving the rates of a service or of long prompts. Two items that give
 * the same are two prices for one instant, of which nobody can say which holds. */
#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "config/config_read.h"

enum { NUSD_IN_PUSD = 1000 };

struct item {
    const struct yaml_node *node;
    struct config_price p;
};

/* A percentage of at most two decimals, as what is left: 12% -> 8800. */
static bool read_multiplier(struct reader *r, const struct item *it, int64_t *ret)
{
    double parts = it->p.discount * PRICE_ONE;
    if (fabs(parts - round(parts)) > 1e-6) {
        reader_error(r, yaml_get(it->node, "discount"), "discount", "at most two decimals of a percent are kept");
        return false;
    }
    *ret = PRICE_ONE - llround(parts);
    return true;
}

/* The key that holds a rate of the item, for messages about it. */
static const struct yaml_node *key_of(const struct item *it, enum price_term t)
{
    const struct yaml_node *n = yaml_get(it->node, price_term_info(t)->name);
    return n != NULL ? n : it->node;
}

static bool has_prices(const struct config_price *p)
{
    bool any = p->request_nusd >= 0 || p->query_nusd >= 0;
    for (int t = 0; t < PRICE_TOKEN_TERMS; t++)
        any = any || p->pusd[t] >= 0;
    return any;
}

static void add_rate(struct reader *r, const struct item *it, struct price_override *o, enum price_term t, int64_t pusd)
{
    struct price_rate *rates = (struct price_rate *)o->price.rates; /* made below, for this */
    char from[TIMEFMT_MAX];
    if (pusd < 0)
        return;
    for (uint32_t i = 0; i < o->price.rate_count; i++) {
        if (rates[i].term != t || rates[i].service != it->p.service || rates[i].above_tokens != it->p.above_tokens)
            continue;
        instant_format_iso(o->from_ms, from);
        reader_error(r, key_of(it, t), price_term_info(t)->name, "two prices of %s from %s on: the other one is in line %u", o->pattern,
                     from, o->line);
        return;
    }
    if (o->price.rate_count == PRICE_RATES_MAX) {
        reader_error(r, it->node, NULL, "more than %d prices of %s", PRICE_RATES_MAX, o->pattern);
        return;
    }
    rates[o->price.rate_count++] = (struct price_rate){.term = (uint8_t)t,
                                                       .service = (uint8_t)it->p.service,
                                                       .graduated = it->p.graduated,
                                                       .above_tokens = it->p.above_tokens,
                                                       .pusd = pusd};
}

/* The override of that model and date, made when there is none; NULL when out of memory. */
static struct price_override *find_or_make(struct reader *r, const struct item *it, struct config *c)
{
    for (uint32_t i = 0; i < c->price_count; i++)
        if (strcmp(c->prices[i].pattern, it->p.model) == 0 && c->prices[i].from_ms == it->p.from_ms)
            return &c->prices[i];
    struct price_rate *rates = arena_array(r->arena, PRICE_RATES_MAX, sizeof *rates);
    if (rates == NULL) {
        r->nomem = true;
        return NULL;
    }
    struct price_override *o = &c->prices[c->price_count++];
    *o = (struct price_override){.pattern = it->p.model, .from_ms = it->p.from_ms, .line = it->node->line};
    o->price =
        (struct price){.model = it->p.model, .provider = "", .mode = "", .from_ms = it->p.from_ms, .rates = rates, .multiplier = PRICE_ONE};
    return o;
}

static void check_cached(struct reader *r, const struct item *it)
{
    char input[PRICE_TEXT_MAX];
    if (it->p.pusd[PRICE_INPUT] <= 0 || it->p.pusd[PRICE_CACHED] >= 0 || it->p.service != PRICE_STANDARD || it->p.above_tokens > 0)
        return;
    price_format(PRICE_INPUT, it->p.pusd[PRICE_INPUT], input);
    reader_warning(r, it->node, "cached", "is missing: cached tokens of %s are priced as input (%s), and costs read <=", it->p.model,
                   input);
}

static void add_item(struct reader *r, const struct item *it, struct config *c)
{
    const struct config_price *p = &it->p;
    char from[TIMEFMT_MAX];
    bool is_discount = p->discount >= 0, priced = has_prices(p);
    if (is_discount == priced) {
        reader_error(r, it->node, NULL,
                     priced ? "a price has a discount or prices of its own, not both" : "neither a price nor a discount");
        return;
    }
    uint32_t before = c->price_count;
    struct price_override *o = find_or_make(r, it, c);
    if (o == NULL)
        return;
    bool is_new = c->price_count > before;
    if (!is_new && (is_discount || o->is_discount)) {
        instant_format_iso(o->from_ms, from);
        reader_error(r, it->node, NULL, "two prices of %s from %s on: the other one is in line %u", o->pattern, from, o->line);
        return;
    }
    o->is_discount = is_discount;
    if (is_discount) {
        (void)read_multiplier(r, it, &o->price.multiplier);
        return;
    }
    for (int t = 0; t < PRICE_TOKEN_TERMS; t++)
        add_rate(r, it, o, (enum price_term)t, p->pusd[t]);
    add_rate(r, it, o, PRICE_REQUEST, p->request_nusd < 0 ? -1 : p->request_nusd * NUSD_IN_PUSD);
    add_rate(r, it, o, PRICE_QUERY, p->query_nusd < 0 ? -1 : p->query_nusd * NUSD_IN_PUSD);
    check_cached(r, it);
}

void config_read_prices(struct reader *r, const struct yaml_node *n, struct config *c)
{
    if (!reader_is_list(r, n, "prices", CONFIG_PRICES_MAX))
        return;
    c->prices = arena_array(r->arena, n->count + 1, sizeof *c->prices);
    if (c->prices == NULL) {
        r->nomem = true;
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        struct item it = {.node = n->items[i], .p = {.from_ms = PRICE_ALWAYS, .discount = -1, .request_nusd = -1, .query_nusd = -1}};
        size_t errors = r->errors;
        for (int t = 0; t < PRICE_TOKEN_TERMS; t++)
            it.p.pusd[t] = -1;
        reader_section(r, SECTION_PRICE, it.node, &it.p, false);
        if (r->errors == errors)
            add_item(r, &it, c);
    }
}
