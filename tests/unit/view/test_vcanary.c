/* SPDX-License-Identifier: MIT */
#include "view/vcanary.h"

#include <check.h>
#include <stdlib.h>

Suite *suite_vcanary(void);

static struct arena arena;
static struct errctx why;

static void setup(void)
{
    arena_init(&arena, 64 << 20);
}

static void teardown(void)
{
    arena_fini(&arena);
}

#define MIN INT64_C(60000)
static const int64_t now = INT64_C(1800000000000), day = INT64_C(1800000000000) / 86400000 * 86400000;

static struct canary_state at_work(void)
{
    return (struct canary_state){.name = "basics",
                                 .model = "m",
                                 .interval_ms = 60 * MIN,
                                 .cap_nusd = 500000000,
                                 .run_nusd = 1,
                                 .day_nusd = 90000000,
                                 .spent_day_ms = day,
                                 .spent_nusd = 2100000,
                                 .last_ms = now - 4 * MIN,
                                 .ended_ms = now - 3 * MIN,
                                 .next_ms = now + 56 * MIN,
                                 .passed = 11,
                                 .bad = 1,
                                 .why = ""};
}

START_TEST(how_one_stands)
{
    struct canary_state s = at_work();
    ck_assert_str_eq(vcanary_text(&s, now, &arena),
                     "basics (m): ran 4m ago, 11 of 12 passed; next in 56m; $0.0021 of $0.50 a day spent, up to $0.09 a day expected");
    s.failed[CANARY_TIMEOUT] = 2;
    s.why = "2 of 14 prompts have no verdict (timeout 2); first: late";
    s.day_nusd = -1; /* its price went */
    ck_assert_str_eq(vcanary_text(&s, now, &arena),
                     "basics (m): ran 4m ago, 11 of 12 passed, 2 more without a verdict; next in 56m; $0.0021 of $0.50 a "
                     "day spent: 2 of 14 prompts have no verdict (timeout 2); first: late");
    s.passed = s.bad = 0;
    s.why = "";
    ck_assert_str_eq(vcanary_text(&s, now, &arena),
                     "basics (m): ran 4m ago, no verdict on any of 2 prompts; next in 56m; $0.0021 of $0.50 a day spent");
    s = at_work();
    s.next_ms = now - 2 * MIN; /* the budget has none to spare */
    ck_assert_str_eq(
        vcanary_text(&s, now, &arena),
        "basics (m): ran 4m ago, 11 of 12 passed; next due since 2m; $0.0021 of $0.50 a day spent, up to $0.09 a day expected");
    s.running = true;
    ck_assert_str_eq(vcanary_text(&s, now, &arena), "basics (m): runs since 4m; $0.0021 of $0.50 a day spent, up to $0.09 a day expected");
    s = at_work();
    s.last_ms = s.next_ms = 0;
    ck_assert_str_eq(vcanary_text(&s, now + 2 * 86400000, &arena),
                     "basics (m): has not run yet; $0 of $0.50 a day spent, up to $0.09 a day expected");
}
END_TEST

#define CONFIG(model, cap)                                                                                                                 \
    "sources: [{name: gw, metrics: \"http://127.0.0.1:4000/metrics\"}]\n"                                                                  \
    "prices: [{model: m, from: 2000-01-01, input: 100 USD/M, cached: 100 USD/M, output: 100 USD/M}]\n"                                     \
    "canaries: [{name: c, url: \"http://127.0.0.1:1/v1\", model: " model ", cap: " cap ", interval: 1h, prompts: ["                        \
    "{id: a, prompt: b, max_tokens: 1, exact: x}]}]\n"

START_TEST(what_one_costs)
{
    static const struct {
        const char *config, *text;
    } of[] = {
        {CONFIG("m", "1 USD"), "canary c: up to 0.003 USD a run of 1 prompt, up to 0.072 USD a day (24 runs); cap 1 USD a day"},
        {CONFIG("m", "0.05 USD"),
         "canary c: up to 0.003 USD a run of 1 prompt, up to 0.072 USD a day (24 runs); cap 0.05 USD a day, where it stops "
         "until the next day begins"},
        {CONFIG("m", "0.002 USD"), "canary c: up to 0.003 USD a run of 1 prompt, up to 0.072 USD a day (24 runs); cap 0.002 USD a day, "
                                   "which a run exceeds: it is not run"},
        {CONFIG("house", "1 USD"),
         "canary c is not run: model house has no price, and nothing is sent at an unknown price; give it one under `prices`"},
    };
    setenv("HOME", "/home/op", 1);
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct config cfg;
        struct vcanary_price *p;
        ck_assert_msg(config_parse(str_of(of[i].config), "/dir/g.yaml", &cfg, &why) == ERR_OK, "%s", why.text);
        ck_assert_int_eq(vcanary_prices(&cfg, now, &arena, &p, &why), ERR_OK);
        ck_assert_str_eq(p[0].text, of[i].text);
        config_fini(&cfg);
    }
}
END_TEST

Suite *suite_vcanary(void)
{
    Suite *suite = suite_create("vcanary");
    TCase *t = tcase_create("vcanary");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, how_one_stands);
    tcase_add_test(t, what_one_costs);
    suite_add_tcase(suite, t);
    return suite;
}
