/* SPDX-License-Identifier: MIT */
/* `prices` of the configuration: what is read, and what is said with line and column. */
#include <stdio.h>

#include "unit/config/config_world.h"

Suite *suite_config_prices(void);

static void accept(const char *text)
{
    ck_assert_msg(config_parse(str_of(text), "/dir/gwtop.yaml", &cfg, &why) == ERR_OK, "%s", why.text);
}

static int64_t rate(const struct price *p, enum price_term t, enum price_service s, int64_t above)
{
    int64_t pusd = -1;
    (void)price_rate_find(p, t, s, above, &pusd);
    return pusd;
}

START_TEST(items_of_one_model_and_date_are_one_price)
{
    accept("prices:\n"
           "- {model: gpt-x, from: 2026-10-01, input: 2.50 USD/M, cached: $0.25/1M, cache_write: 0.003 USD/K, cache_write_1h: 0.000005 "
           "USD/token, output: 10USD/M,\n"
           "   reasoning: 11 USD/M, audio_input: 12 USD/M, audio_output: 13 USD/M, request: 0.005 USD, query: $0.002}\n"
           "- {model: gpt-x, from: 2026-10-01T00:00:00Z, service: batch, input: 1.25 USD/M}\n"
           "- {model: gpt-x, from: 2026-10-01, above: 200000, input: 5 USD/M}\n"
           "- {model: gpt-x, from: 2026-11-01 09:30, input: 2 USD/M, cached: 0 USD/M}\n"
           "- {model: azure/*, from: 2026-10-01, discount: 12.25%}\n"
           "- {model: steps, from: 2026-10-01, input: 1 USD/M, cached: 1 USD/M, graduated: true}\n"
           "- {model: steps, from: 2026-10-01, input: 2 USD/M, graduated: true, above: 100}\n");
    ck_assert_uint_eq(cfg.price_count, 4);
    const struct price *p = &cfg.prices[0].price;
    ck_assert_str_eq(cfg.prices[0].pattern, "gpt-x");
    ck_assert_int_eq(cfg.prices[0].from_ms, INT64_C(1790812800000));
    ck_assert_uint_eq(cfg.prices[0].line, 2);
    ck_assert_uint_eq(p->rate_count, 12);
    ck_assert_int_eq(rate(p, PRICE_INPUT, PRICE_STANDARD, 0), 2500000);
    ck_assert_int_eq(rate(p, PRICE_CACHED, PRICE_STANDARD, 0), 250000);
    ck_assert_int_eq(rate(p, PRICE_CACHE_WRITE, PRICE_STANDARD, 0), 3000000);
    ck_assert_int_eq(rate(p, PRICE_CACHE_WRITE_1H, PRICE_STANDARD, 0), 5000000);
    ck_assert_int_eq(rate(p, PRICE_OUTPUT, PRICE_STANDARD, 0), 10000000);
    ck_assert_int_eq(rate(p, PRICE_REASONING, PRICE_STANDARD, 0), 11000000);
    ck_assert_int_eq(rate(p, PRICE_AUDIO_INPUT, PRICE_STANDARD, 0), 12000000);
    ck_assert_int_eq(rate(p, PRICE_AUDIO_OUTPUT, PRICE_STANDARD, 0), 13000000);
    ck_assert_int_eq(rate(p, PRICE_REQUEST, PRICE_STANDARD, 0), INT64_C(5000000000));
    ck_assert_int_eq(rate(p, PRICE_QUERY, PRICE_STANDARD, 0), INT64_C(2000000000));
    ck_assert_int_eq(rate(p, PRICE_INPUT, PRICE_BATCH, 0), 1250000);
    ck_assert_int_eq(rate(p, PRICE_INPUT, PRICE_STANDARD, 200000), 5000000);
    ck_assert_int_eq(cfg.prices[1].from_ms, INT64_C(1793525400000));
    ck_assert_int_eq(rate(&cfg.prices[1].price, PRICE_CACHED, PRICE_STANDARD, 0), 0);
    ck_assert(cfg.prices[2].is_discount);
    ck_assert_int_eq(cfg.prices[2].price.multiplier, 8775);
    ck_assert(cfg.prices[3].price.rates[0].graduated && cfg.prices[3].price.rates[2].graduated);
    ck_assert_int_eq(cfg.prices[3].price.rates[2].above_tokens, 100);
}
END_TEST

static const struct refusal {
    const char *item, *message;
} refusals[] = {
    {"{model: m, from: 2026-10-01, input: 2.50 EUR/M}",
     "2:39: input: unknown currency 'EUR': expected a price like 2.50 USD/M (per million tokens)"},
    {"{model: m, from: 2026-10-01, request: 1 EUR}", "2:41: request: unknown currency 'EUR': expected an amount like 120000 USD"},
    {"{model: m, from: 2026-10-01, input: 2.50 USD}", "2:39: input: expected a price like 2.50 USD/M (per million tokens), got '2.50 USD'"},
    {"{model: m, from: 2026-10-01, input: 2.50/M}", "2:39: input: expected a price like 2.50 USD/M (per million tokens), got '2.50/M'"},
    {"{model: m, from: 2026-10-01, input: $2.50 USD/M}",
     "2:39: input: expected a price like 2.50 USD/M (per million tokens), got '$2.50 USD/M'"},
    {"{model: m, from: 2026-10-01, input: -1 USD/M}", "2:39: input: expected a price like 2.50 USD/M (per million tokens), got '-1 USD/M'"},
    {"{model: m, from: 2026-10-01, input: 10000 USD/M}", "2:39: input: '10000 USD/M' is absurd: 10000 USD/M or more"},
    {"{model: m, from: 2026-10-01, input: 0.0000001 USD/M}", "2:39: input: '0.0000001 USD/M' is finer than a pico-dollar per token"},
    {"{model: m, from: now, input: 1 USD/M}", "2:20: from: expected a date like 2026-10-01 or 2026-10-01T09:00:00Z, got 'now'"},
    {"{model: m, from: 2026-13-01, input: 1 USD/M}",
     "2:20: from: expected a date like 2026-10-01 or 2026-10-01T09:00:00Z, got '2026-13-01'"},
    {"{model: m, input: 1 USD/M}", "2:3: from is missing: when it comes into force, in UTC; what was before keeps the price that it had"},
    {"{from: 2026-10-01, input: 1 USD/M}",
     "2:3: model is missing: name of the model as the gateway or the list has it; * stands for any text, as in azure/*"},
    {"{model: m, from: 2026-10-01}", "2:3: neither a price nor a discount"},
    {"{model: m, from: 2026-10-01, discount: 5%, input: 1 USD/M}", "2:3: a price has a discount or prices of its own, not both"},
    {"{model: m, from: 2026-10-01, discount: 5.125%}", "2:42: discount: at most two decimals of a percent are kept"},
    {"{model: m, from: 2026-10-01, discount: 101%}", "2:42: discount: expected 0% to 100%, got '101%'"},
    {"{model: m, from: 2026-10-01, input: 1 USD/M, service: fast}",
     "2:57: service: expected one of standard, batch, flex, priority, got 'fast'"},
    {"{model: m, from: 2026-10-01, input: 1 USD/M}\n- {model: m, from: 2026-10-01T00:00:00Z, input: 2 USD/M}",
     "3:49: input: two prices of m from 2026-10-01T00:00:00Z on: the other one is in line 2"},
    {"{model: m, from: 2026-10-01, discount: 5%}\n- {model: m, from: 2026-10-01, discount: 5%}",
     "3:3: two prices of m from 2026-10-01T00:00:00Z on: the other one is in line 2"},
    {"{model: m, from: 2026-10-01, input: 1 USD/M, above: 5}\n- {model: m, from: 2026-10-01, input: 2 USD/M, above: 5}",
     "3:39: input: two prices of m from 2026-10-01T00:00:00Z on: the other one is in line 2"},
};

START_TEST(what_is_wrong_is_said_where)
{
    char text[600];
    ck_assert(str_format(text, sizeof text, "prices:\n- %s\n", refusals[_i].item));
    ck_assert_int_eq(config_parse(str_of(text), "g.yaml", &cfg, &why), ERR_CONFIG);
    ck_assert(strncmp(why.text, "g.yaml:", 7) == 0);
    ck_assert_str_eq(why.text + 7, refusals[_i].message);
}
END_TEST

static void collect(void *p, const struct config_finding *f)
{
    char *text = p;
    size_t n = strlen(text);
    if (strcmp(f->option != NULL ? f->option : "", "cached") == 0)
        snprintf(text + n, 500 - n, "%u:%u %d %s\n", f->line, f->column, f->is_warning, f->text);
}

START_TEST(a_missing_cached_price_is_a_warning)
{
    char text[500] = "";
    config_check(str_of("prices:\n- {model: m, from: 2026-10-01, input: 2.50 USD/M}\n- {model: n, from: 2026-10-01, input: 0 USD/M}\n"
                        "- {model: m, from: 2026-10-01, input: 1 USD/M, service: batch}\n"),
                 "g.yaml", collect, text);
    ck_assert_str_eq(text, "2:3 1 cached: is missing: cached tokens of m are priced as input (2.5 USD/M), and costs read <=\n");
}
END_TEST

START_TEST(where_the_list_is)
{
    char path[100];
    accept("store: /srv/gw/x.db\n");
    ck_assert_int_eq(config_price_list(&cfg, path, sizeof path, &why), ERR_OK);
    ck_assert_str_eq(path, "/srv/gw/prices.txt");
    config_fini(&cfg);
    accept("price_list: mine.txt\n");
    ck_assert_int_eq(config_price_list(&cfg, path, sizeof path, &why), ERR_OK);
    ck_assert_str_eq(path, "/dir/mine.txt");
    ck_assert_int_eq(config_price_list(&cfg, path, 5, &why), ERR_LIMIT);
}
END_TEST

Suite *suite_config_prices(void)
{
    Suite *suite = suite_create("config_prices");
    TCase *t = tcase_create("config_prices");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, items_of_one_model_and_date_are_one_price);
    tcase_add_loop_test(t, what_is_wrong_is_said_where, 0, (int)(sizeof refusals / sizeof refusals[0]));
    tcase_add_test(t, a_missing_cached_price_is_a_warning);
    tcase_add_test(t, where_the_list_is);
    suite_add_tcase(suite, t);
    return suite;
}
