/* SPDX-License-Identifier: MIT */
/* GPUs of one's own over two recorded hours; what each number must be is worked out beside its test. */
#include <math.h>

#include "unit/view/fixture.h"

Suite *suite_hosting(void);

enum { GPUS = 2 };
static const char *const gpus[GPUS] = {"GPU-a", "GPU-b"};

/* Per minute 100,000 tokens of input and 20,000 of output on llama, 5,000 and 1,000 on another model; GPU-a's energy is counted: 30,000 J a
 * minute are 500 W; GPU-b's power is read: 300 W. Recorded is 14:00 to 16:00Z. */
static void record_until(struct fixture *f, const char *config, bool with_power, int second_until)
{
    uint32_t in[2], out[2], energy, power[GPUS];
    fixture_open(f);
    config_fini(&f->cfg);
    ck_assert_msg(config_parse(str_of(config), "test", &f->cfg, NULL) == ERR_OK, "%s", config);
    in[0] = fixture_series(f, SIG_TOKENS_INPUT, 0, "llama", "", "", "", "");
    in[1] = fixture_series(f, SIG_TOKENS_INPUT, 0, "other", "", "", "", "");
    out[0] = fixture_series(f, SIG_TOKENS_OUTPUT, 0, "llama", "", "", "", "");
    out[1] = fixture_series(f, SIG_TOKENS_OUTPUT, 0, "other", "", "", "", "");
    energy = fixture_series(f, SIG_ENERGY, 0, "", "", "", "", gpus[0]);
    for (int g = 0; g < GPUS; g++)
        power[g] = fixture_series(f, SIG_POWER, 0, "", "", "", "", gpus[g]);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(f, in[0], 100000);
        fixture_increment(f, in[1], 5000);
        fixture_increment(f, out[0], 20000);
        fixture_increment(f, out[1], 1000);
        if (with_power) {
            fixture_increment(f, energy, INT64_C(30000000000));
            for (int g = 0; g < (i <= second_until ? GPUS : 1); g++)
                f->items[f->count++] = (struct store_item){.series = power[g], .v.gauge = g == 0 ? 9999 : 300};
        }
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
}

static void record(struct fixture *f, const char *config, bool with_power)
{
    record_until(f, config, with_power, FIXTURE_POLLS);
}

static struct view_hosting load(struct fixture *f)
{
    struct view_hosting v;
    struct errctx why = {.text = ""};
    ck_assert_msg(view_load_hosting(&f->loader, &f->params, &v, &why) == ERR_OK, "%s", why.text);
    return v;
}

static void is(struct vnum n, double want, enum exactness exact)
{
    ck_assert_msg(fabs(n.v - want) <= 3e-8 * fabs(want), "%.12g is not %.12g", n.v, want);
    ck_assert_int_eq(n.exact, exact);
    ck_assert(!n.stale);
}

/* 2,000 tokens a second are 7.2 million an hour. GPUs: 2 at $2.10. Power 800 W, at a PUE of 1.25 one kW: $0.24 an hour. The second GPU was
 * read and not counted, so whatever rests on it is about. */
START_TEST(a_million_tokens_cost_what_gpus_and_energy_do)
{
    struct fixture f;
    record(&f,
           "hosting:\n- {name: pool, scope: model=llama, gpus: 2, gpu_hour: 2.10 USD, full_tokens_per_second: 8000}\n"
           "energy: {pue: 1.25, carbon: 400, tariff: [{kwh: 0.24 USD}]}\n",
           true);
    const struct view_hosting v = load(&f);
    ck_assert_uint_eq(v.count, 1);
    ck_assert_int_eq(v.window_ms, 3600000);
    ck_assert_str_eq(v.tariff_text, "0.24 USD/kWh");
    const struct vhosting *r = &v.rows[0];
    ck_assert_str_eq(r->scope_text, "model=llama");
    ck_assert_uint_eq(r->gpus, 2);
    is(r->gpu_usd_per_h, 4.20, EXACT);
    is(r->tokens_per_s, 2000, EXACT);
    is(r->power_w, 800, ABOUT);
    ck_assert_uint_eq(r->power_w.n, 2);
    is(r->energy_usd_per_h, 0.24, ABOUT);
    is(r->usd_per_h, 4.44, ABOUT);
    is(r->usd_per_mtok, 4.44 / 7.2, ABOUT);
    is(r->kwh_per_mtok, 1 / 7.2, ABOUT);
    is(r->g_per_h, 400, ABOUT);
    is(r->g_per_mtok, 400 / 7.2, ABOUT);
    is(r->utilisation, 0.25, EXACT);
    is(r->full_usd_per_mtok, 4.44 / 28.8, ABOUT);
    ck_assert_str_eq(r->why, "");
    ck_assert_str_eq(r->text, "pool: 2 GPUs $4.20/h + energy ~$0.24/h = ~$0.617 a million tokens, ~0.139 kWh, ~55.6 g CO2; 25% of full");
    fixture_close(&f);
}
END_TEST

/* From 15:00Z on there are twice the GPUs, and electricity costs twice as much. */
START_TEST(each_hour_has_its_own_price)
{
    struct fixture f;
    record(&f,
           "hosting:\n- {name: pool, scope: model=llama, gpus: 2, gpu_hour: 2 USD}\n"
           "- {name: pool, scope: model=llama, from: 2026-11-23T15:00:00Z, gpus: 4, gpu_hour: 2 USD}\n"
           "energy: {pue: 1.25, tariff: [{kwh: 0.20 USD}, {kwh: 0.40 USD, from: 2026-11-23T15:00:00Z}]}\n",
           true);
    f.params.window_ms = 7200000;
    const struct view_hosting v = load(&f);
    ck_assert_str_eq(v.tariff_text, "0.2 to 0.4 USD/kWh");
    ck_assert_uint_eq(v.rows[0].gpus, 4);
    is(v.rows[0].gpu_usd_per_h, 6, EXACT);
    is(v.rows[0].energy_usd_per_h, 0.30, AT_LEAST); /* two of four GPUs are measured */
    ck_assert_str_eq(v.rows[0].why, "power of 2 of 4 GPUs is measured");
    ck_assert(isnan(v.rows[0].g_per_h.v) && isnan(v.rows[0].utilisation.v));
    fixture_close(&f);
}
END_TEST

/* An hour of one model on one GPU, then an hour of another on three: each is counted by its own scope, price and full batches. */
START_TEST(each_item_holds_in_its_own_time)
{
    struct fixture f;
    record(&f,
           "hosting:\n- {name: pool, scope: model=other, gpus: 1, gpu_hour: 1 USD, full_tokens_per_second: 100}\n"
           "- {name: pool, scope: model=llama, from: 2026-11-23T15:00:00Z, gpus: 3, gpu_hour: 2 USD, full_tokens_per_second: 8000}\n"
           "energy: {tariff: [{kwh: 1 USD}]}\n",
           true);
    f.params.window_ms = 2 * INT64_C(3600000);
    const struct view_hosting v = load(&f);
    ck_assert_str_eq(v.rows[0].scope_text, "model=llama");
    is(v.rows[0].gpu_usd_per_h, 3.5, EXACT);
    is(v.rows[0].full_usd_per_mtok, (3.5 + 0.8) / (4050 * 0.0036), AT_LEAST);
    is(v.rows[0].tokens_per_s, 1050, EXACT);
    is(v.rows[0].utilisation, 1050.0 / 4050, EXACT);
    fixture_close(&f);
}
END_TEST

/* In the last half hour a source tells the price and the carbon of a kilowatt-hour, which change after a quarter; before, the
 * configuration's hold. */
START_TEST(a_source_goes_before_the_configuration_while_it_tells)
{
    struct fixture f;
    fixture_open(&f);
    config_fini(&f.cfg);
    ck_assert_int_eq(config_parse(str_of("hosting:\n- {name: pool, scope: model=llama, gpus: 1, gpu_hour: 2 USD}\n"
                                         "energy: {carbon: 400, tariff: [{kwh: 0.20 USD}]}\n"),
                                  "test", &f.cfg, NULL),
                     ERR_OK);
    const uint32_t in = fixture_series(&f, SIG_TOKENS_INPUT, 0, "llama", "", "", "", ""),
                   power = fixture_series(&f, SIG_POWER, 0, "", "", "", "", gpus[0]),
                   price = fixture_series(&f, SIG_ENERGY_PRICE, 0, "", "", "", "", ""),
                   carbon = fixture_series(&f, SIG_CARBON_INTENSITY, 0, "", "", "", "", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(&f, in, 1000);
        f.items[f.count++] = (struct store_item){.series = power, .v.gauge = 1000};
        if (i > FIXTURE_POLLS - 30) {
            f.items[f.count++] = (struct store_item){.series = price, .v.gauge = i > FIXTURE_POLLS - 15 ? 0.80 : 0.40};
            f.items[f.count++] = (struct store_item){.series = carbon, .v.gauge = i > FIXTURE_POLLS - 15 ? 100 : 200};
        }
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    const struct view_hosting v = load(&f);
    ck_assert_str_eq(v.tariff_text, "0.2 to 0.8 USD/kWh, measured");
    is(v.rows[0].energy_usd_per_h, (0.20 * 30 + 0.40 * 15 + 0.80 * 15) / 60, ABOUT);
    is(v.rows[0].g_per_h, (400 * 30 + 200 * 15 + 100 * 15) / 60.0, ABOUT);
    fixture_close(&f);
}
END_TEST

/* Without power or a price of electricity the GPUs alone are a lower bound, and the reason is told. */
static const struct missing {
    const char *config;
    bool with_power;
    const char *why;
} missing[] = {
    {"hosting:\n- {name: pool, scope: model=llama, gpus: 2, gpu_hour: 2 USD}\nenergy: {tariff: [{kwh: 1 USD}]}\n", false,
     "power: no source measures it"},
    {"hosting:\n- {name: pool, scope: model=llama, gpus: 2, gpu_hour: 2 USD}\n", true,
     "electricity has no price for some hours: energy.tariff"},
    {"sources:\n- {name: dcgm, metrics: http://127.0.0.1:9/}\n"
     "hosting:\n- {name: pool, scope: model=llama, gpus: 2, gpu_hour: 2 USD, power: dcgm}\nenergy: {tariff: [{kwh: 1 USD}]}\n",
     true, "power: no source dcgm is recorded"},
};

START_TEST(what_is_missing_makes_a_lower_bound)
{
    struct fixture f;
    record(&f, missing[_i].config, missing[_i].with_power);
    const struct view_hosting v = load(&f);
    ck_assert(isnan(v.rows[0].energy_usd_per_h.v));
    is(v.rows[0].usd_per_h, 4, AT_LEAST);
    is(v.rows[0].usd_per_mtok, 4 / 7.2, AT_LEAST);
    ck_assert_ptr_nonnull(strstr(v.rows[0].text, "pool: 2 GPUs $4.00/h, energy not known = >=$0.556 a million tokens"));
    ck_assert_str_eq(v.rows[0].why, missing[_i].why);
    fixture_close(&f);
}
END_TEST

/* The second GPU fell silent half an hour ago: what is left is no more than a lower bound. */
START_TEST(a_gpu_that_is_not_read_is_not_zero)
{
    struct fixture f;
    record_until(&f, "hosting:\n- {name: pool, scope: model=llama, gpus: 2, gpu_hour: 2 USD}\nenergy: {tariff: [{kwh: 1 USD}]}\n", true,
                 FIXTURE_POLLS - 30);
    const struct view_hosting v = load(&f);
    is(v.rows[0].power_w, 650, AT_LEAST);
    is(v.rows[0].usd_per_h, 4.65, AT_LEAST);
    ck_assert_str_eq(v.rows[0].why, "power of at times 1 of 2 GPUs is measured");
    fixture_close(&f);
}
END_TEST

/* Of four hours two were recorded: rates are of these, and that is said. */
START_TEST(a_gap_makes_nothing_cheaper)
{
    struct fixture f;
    record(&f, "hosting:\n- {name: pool, scope: model=llama, gpus: 2, gpu_hour: 2 USD}\nenergy: {tariff: [{kwh: 1 USD}]}\n", true);
    f.params.window_ms = 4 * INT64_C(3600000);
    const struct view_hosting v = load(&f);
    is(v.rows[0].tokens_per_s, 2000, EXACT);
    is(v.rows[0].usd_per_mtok, 4.8 / 7.2, ABOUT);
    ck_assert_str_eq(v.rows[0].why, "tokens: recorded for 2h of it");
    fixture_close(&f);
}
END_TEST

START_TEST(nothing_served_has_no_cost_per_token)
{
    struct fixture f;
    record(&f, "hosting:\n- {name: pool, scope: model=nobody, gpus: 2, gpu_hour: 2 USD}\nenergy: {tariff: [{kwh: 1 USD}]}\n", true);
    const struct view_hosting v = load(&f);
    ck_assert(isnan(v.rows[0].tokens_per_s.v) && isnan(v.rows[0].usd_per_mtok.v));
    is(v.rows[0].gpu_usd_per_h, 4, EXACT);
    ck_assert_str_eq(v.rows[0].why, "tokens: none recorded in its scope");
    fixture_close(&f);
}
END_TEST

Suite *suite_hosting(void)
{
    Suite *suite = suite_create("hosting");
    TCase *t = tcase_create("hosting");
    tcase_add_test(t, a_million_tokens_cost_what_gpus_and_energy_do);
    tcase_add_test(t, each_item_holds_in_its_own_time);
    tcase_add_test(t, each_hour_has_its_own_price);
    tcase_add_test(t, a_source_goes_before_the_configuration_while_it_tells);
    tcase_add_loop_test(t, what_is_missing_makes_a_lower_bound, 0, (int)(sizeof missing / sizeof missing[0]));
    tcase_add_test(t, a_gpu_that_is_not_read_is_not_zero);
    tcase_add_test(t, a_gap_makes_nothing_cheaper);
    tcase_add_test(t, nothing_served_has_no_cost_per_token);
    suite_add_tcase(suite, t);
    return suite;
}
