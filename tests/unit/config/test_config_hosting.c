/* SPDX-License-Identifier: MIT */
/* `hosting` and `energy`: what is read, and what is said with line and column. */
#include "unit/config/config_world.h"

Suite *suite_config_hosting(void);

#define SOURCES "sources:\n- {name: dcgm, metrics: http://127.0.0.1:9400/metrics}\n"

START_TEST(pools_and_tariffs_are_read)
{
    const char *text =
        SOURCES "hosting:\n"
                "- {name: llama, scope: model=llama-70b, gpus: 8, gpu_hour: 2.10 USD, full_tokens_per_second: 9000, power: dcgm}\n"
                "- {name: llama, from: 2026-10-01, gpus: 16, gpu_hour: $1.90, power: dcgm}\n"
                "energy:\n"
                "  pue: 1.25\n"
                "  carbon: 380\n"
                "  tariff:\n"
                "  - {kwh: 0.24 USD}\n"
                "  - {kwh: 0.14 USD, hours: 22-06, from: 2026-10-01}\n";
    ck_assert_msg(config_parse(str_of(text), "/dir/gwtop.yaml", &cfg, &why) == ERR_OK, "%s", why.text);
    ck_assert_uint_eq(cfg.hosting_count, 2);
    ck_assert_str_eq(cfg.hosting[0].name, "llama");
    ck_assert_str_eq(cfg.hosting[0].scope[0].value, "llama-70b");
    ck_assert_uint_eq(cfg.hosting[0].gpus, 8);
    ck_assert_int_eq(cfg.hosting[0].gpu_hour_nusd, 2100000000);
    ck_assert_double_eq(cfg.hosting[0].full_tokens_per_s, 9000);
    ck_assert_str_eq(cfg.hosting[0].power, "dcgm");
    ck_assert_int_eq(cfg.hosting[1].from_ms, INT64_C(1790812800000));
    ck_assert_double_eq(cfg.pue, 1.25);
    ck_assert_double_eq(cfg.carbon_g_per_kwh, 380);
    ck_assert_uint_eq(cfg.tariff_count, 2);
    ck_assert_int_eq(cfg.tariffs[0].kwh_nusd, 240000000);
    ck_assert(tariff_is_whole_day(&cfg.tariffs[0]));
    ck_assert_uint_eq(cfg.tariffs[1].from_hour, 22);
    ck_assert_uint_eq(cfg.tariffs[1].to_hour, 6);
}
END_TEST

START_TEST(nothing_said_is_a_pue_of_one)
{
    ck_assert_int_eq(config_parse(str_of(SOURCES), "g.yaml", &cfg, &why), ERR_OK);
    ck_assert_double_eq(cfg.pue, 1);
    ck_assert_double_eq(cfg.carbon_g_per_kwh, 0);
    ck_assert_uint_eq(cfg.tariff_count + cfg.hosting_count, 0);
}
END_TEST

static const struct refusal {
    const char *text, *message;
} refusals[] = {
    {"hosting:\n- {name: a, gpus: 8}\n", "4:3: gpu_hour is missing: what an hour of one GPU costs, used or not"},
    {"hosting:\n- {name: a, gpus: 0, gpu_hour: 2 USD}\n", "4:19: gpus: expected 1 to 100000, got '0'"},
    {"hosting:\n- {name: a, gpus: 8, gpu_hour: 2 EUR}\n", "4:32: gpu_hour: unknown currency 'EUR': expected an amount like 120000 USD"},
    {"hosting:\n- {name: a, gpus: 8, gpu_hour: 2 USD, power: dcgn}\n", "4:46: power: no source is called 'dcgn', did you mean 'dcgm'?"},
    {"hosting:\n- {name: a, gpus: 8, gpu_hour: 2 USD}\n- {name: a, gpus: 4, gpu_hour: 2 USD}\n",
     "5:10: name: 'a' has an earlier item with the same date: give each its own `from`"},
    {"hosting:\n- {name: a, gpus: 8, gpu_hour: 2 USD}\n- {name: b, gpus: 4, gpu_hour: 2 USD, power: dcgm}\n",
     "4:3: power: is missing: with more than one pool, each names the source that measures its GPUs"},
    {"hosting:\n- {name: a, from: 2026-10-01T00:30:00Z, gpus: 8, gpu_hour: 2 USD}\n", "4:19: from: a pool begins at a full hour"},
    {"energy:\n  tariff:\n  - {kwh: 0.2 USD, hours: 22-25}\n", "5:27: hours: expected full hours like 22-06, got '22-25'"},
    {"energy:\n  tariff:\n  - {kwh: 0.2 USD, hours: 7}\n", "5:27: hours: expected full hours like 22-06, got '7'"},
    {"energy:\n  tariff:\n  - {kwh: 0.2 USD}\n  - {kwh: 0.3 USD}\n", "6:5: two prices of electricity for the same hours from ever on"},
    {"energy:\n  tariff:\n  - {kwh: 0.2 USD, hours: 22-06}\n  - {kwh: 0.3 USD, hours: 05-07}\n",
     "6:5: two prices of electricity for the same hours from ever on"},
    {"energy:\n  tariff:\n  - {kwh: 0.2 USD, from: 2026-10-01T00:30:00Z}\n", "5:26: from: a tariff begins at a full hour"},
    {"energy:\n  tariff:\n  - {hours: 1-2}\n", "5:5: kwh is missing: what a kilowatt-hour costs"},
    {"energy: {pue: 0.9}\n", "3:15: pue: expected 1 to 5, got '0.9'"},
};

START_TEST(what_is_wrong_is_said_where)
{
    char text[600];
    ck_assert(str_format(text, sizeof text, SOURCES "%s", refusals[_i].text));
    ck_assert_int_eq(config_parse(str_of(text), "g.yaml", &cfg, &why), ERR_CONFIG);
    ck_assert(strncmp(why.text, "g.yaml:", 7) == 0);
    ck_assert_str_eq(why.text + 7, refusals[_i].message);
}
END_TEST

/* What the recorder writes down of the file is read where there is no file, and gives way to one. */
START_TEST(pricing_goes_with_the_recording)
{
    static const char text[] = SOURCES "hosting:\n- {name: llama, scope: model=llama-70b, gpus: 8, gpu_hour: 2.10 USD, power: dcgm}\n"
                                       "prices:\n- {model: \"gpt \\\"x\\\"\", from: 2026-10-01, input: 2.50 USD/M, cached: 0.25 USD/M}\n"
                                       "energy: {pue: 1.25, tariff: [{kwh: 0.24 USD}]}\n";
    struct config reader;
    ck_assert_msg(config_parse(str_of(text), "/dir/gwtop.yaml", &cfg, &why) == ERR_OK, "%s", why.text);
    ck_assert_ptr_nonnull(cfg.pricing);
    ck_assert_int_eq(config_parse(str_of("gateway: a\n"), "/dir/gwtop.yaml", &reader, &why), ERR_OK);
    ck_assert_ptr_null(reader.pricing);
    ck_assert_msg(config_take_pricing(&reader, str_of(cfg.pricing), &why) == ERR_OK, "%s", why.text);
    ck_assert_str_eq(reader.pricing, cfg.pricing);
    ck_assert_uint_eq(reader.price_count, 1);
    ck_assert_str_eq(reader.prices[0].pattern, "gpt \"x\"");
    ck_assert_uint_eq(reader.prices[0].line, 0);
    ck_assert_uint_eq(reader.hosting_count, 1);
    ck_assert_str_eq(reader.hosting[0].power, "dcgm");
    ck_assert_double_eq(reader.pue, 1.25);
    ck_assert_uint_eq(reader.tariff_count, 1);
    ck_assert_int_eq(config_take_pricing(&reader, str_of("{\"prices\": []}"), &why), ERR_OK); /* it has some already */
    ck_assert_uint_eq(reader.price_count, 1);
    config_fini(&reader);
    ck_assert_int_eq(config_parse(str_of("gateway: a\n"), "/dir/gwtop.yaml", &reader, &why), ERR_OK);
    ck_assert_int_eq(
        config_take_pricing(&reader, str_of("{\"prices\": [{\"model\": \"x\", \"from\": \"2026-10-01\", \"input\": \"2 EUR/M\"}]}"), &why),
        ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(why.text, "unknown currency"));
    ck_assert_uint_eq(reader.price_count, 0);
    ck_assert_int_eq(config_take_pricing(&reader, str_of("["), &why), ERR_CONFIG);
    config_fini(&reader);
}
END_TEST

Suite *suite_config_hosting(void)
{
    Suite *suite = suite_create("config_hosting");
    TCase *t = tcase_create("config_hosting");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, pools_and_tariffs_are_read);
    tcase_add_test(t, pricing_goes_with_the_recording);
    tcase_add_test(t, nothing_said_is_a_pue_of_one);
    tcase_add_loop_test(t, what_is_wrong_is_said_where, 0, (int)(sizeof refusals / sizeof refusals[0]));
    suite_add_tcase(suite, t);
    return suite;
}
