/* SPDX-License-Identifier: MIT */
/* The record of rules by what is stored: of two models whose requests are counted, gpt-x fails nothing and qwen 40 of 100. */
#include <math.h>

#include "unit/view/fixture.h"

static struct fixture f;
static const int64_t minute = 60000;

static void setup(void)
{
    fixture_open(&f);
    const uint32_t calm = fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "a", "", "ok", ""),
                   ok = fixture_series(&f, SIG_REQUESTS, 0, "qwen", "a", "", "ok", ""),
                   failed = fixture_series(&f, SIG_REQUESTS, 0, "qwen", "a", "", "5xx", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(&f, calm, 100);
        fixture_increment(&f, ok, 60);
        fixture_increment(&f, failed, 40);
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
}

static void teardown(void)
{
    fixture_close(&f);
}

static void put(const char *rule, const char *scope, int at, enum alert_state state)
{
    const struct alert al = {.rule = rule,
                             .scope = scope,
                             .severity = SEV_PAGE,
                             .state = state,
                             .since_ms = fixture_start_ms + at * minute,
                             .known_ms = fixture_start_ms + at * minute,
                             .burn_long = (double)NAN,
                             .burn_short = (double)NAN,
                             .text = ""};
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
}

/* The record of a rule; the test fails without one. */
static struct rule_record record_of(const char *rule)
{
    struct view_rules v;
    struct errctx ctx = {""};
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f.st, NULL), ERR_OK);
    ck_assert_msg(view_load_rules(&f.loader, &f.params, RULE_RECORD_MS, &v, &ctx) == ERR_OK, "%s", ctx.text);
    for (size_t i = 0; i < v.count; i++)
        if (strcmp(v.rules[i].info.rule, rule) == 0)
            return v.rules[i].record;
    ck_abort_msg("no rule '%s'", rule);
    return (struct rule_record){.fired = 0};
}

START_TEST(harm_in_any_scope_of_a_firing_is_its_harm)
{
    put("outside:am:Errors", "model=gpt-x", 10, ALERT_FIRING);
    put("outside:am:Errors", "model=qwen", 12, ALERT_FIRING);
    put("outside:am:Errors", "model=gpt-x", 15, ALERT_INACTIVE);
    put("outside:am:Errors", "model=qwen", 70, ALERT_INACTIVE);
    put("outside:am:Calm", "model=gpt-x", 10, ALERT_FIRING);
    put("outside:am:Calm", "model=gpt-x", 70, ALERT_INACTIVE);
    const struct rule_record errors = record_of("outside:am:Errors"), calm = record_of("outside:am:Calm");
    ck_assert_uint_eq(errors.fired, 1);
    ck_assert_int_eq(errors.firing_ms, 60 * minute);
    ck_assert_uint_eq(errors.noise, 0);
    ck_assert_int_eq(errors.noise_ms, 0);
    ck_assert_uint_eq(calm.noise, 1);
    ck_assert_int_eq(calm.noise_ms, 60 * minute);
}
END_TEST

START_TEST(each_firing_has_the_harm_of_its_own_scopes)
{
    for (int i = 0; i < 3; i++) { /* of the three, the second is of what fails */
        put("outside:am:Errors", i == 1 ? "model=qwen" : "model=gpt-x", 10 + 20 * i, ALERT_FIRING);
        put("outside:am:Errors", i == 1 ? "model=qwen" : "model=gpt-x", 15 + 20 * i, ALERT_INACTIVE);
    }
    const struct rule_record r = record_of("outside:am:Errors");
    ck_assert_uint_eq(r.fired, 3);
    ck_assert_uint_eq(r.noise, 2);
    ck_assert_int_eq(r.noise_ms, 10 * minute);
}
END_TEST

Suite *suite_rules(void);
Suite *suite_rules(void)
{
    Suite *s = suite_create("rules");
    TCase *t = tcase_create("rules");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, harm_in_any_scope_of_a_firing_is_its_harm);
    tcase_add_test(t, each_firing_has_the_harm_of_its_own_scopes);
    suite_add_tcase(s, t);
    return s;
}
