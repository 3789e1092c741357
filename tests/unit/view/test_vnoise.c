/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "view/vnoise.h"

Suite *suite_vnoise(void);

static struct alert fires(const char *rule, const char *scope, int64_t since_ms, bool is)
{
    return (struct alert){
        .rule = rule, .scope = scope, .severity = SEV_PAGE, .state = is ? ALERT_FIRING : ALERT_INACTIVE, .since_ms = since_ms};
}

START_TEST(a_rule_has_its_own_record)
{
    static const int64_t minute_ms = 60000;
    const struct alert history[] = {
        fires("slo:a:page-1h", "model=x", 1 * minute_ms, true),
        fires("slo:a:page-1h", "model=y", 2 * minute_ms, true),
        fires("slo:a:page-1h", "model=x", 3 * minute_ms, false),
        fires("slo:a:page-1h", "model=x", 40 * minute_ms, true),
        fires("slo:a:page-1h", "model=x", 41 * minute_ms, false),
        {.rule = "key:g", .scope = "", .severity = SEV_NONE, .state = ALERT_FIRING, .since_ms = 50 * minute_ms},
    };
    const struct vincident incidents[] = {{.in = {.id = 7, .title = "x errors", .scope = "model=x"}}};
    const struct store_act acts[] = {
        {.incident = 7, .at_ms = 33 * minute_ms}, {.incident = 7, .at_ms = 34 * minute_ms}, {.incident = 9, .at_ms = 40 * minute_ms}};
    const struct vnoise_of of = {history, 6, incidents, 1, acts, 3, 60 * minute_ms};
    struct vnoise *list;
    struct arena a;
    size_t n;

    arena_init(&a, 1 << 20);
    ck_assert_int_eq(vnoise_tell(&of, &a, &list, &n), ERR_OK);
    ck_assert_uint_eq(n, 2); /* what a detector found is no rule */
    ck_assert_str_eq(list[0].scope, "model=x");
    ck_assert(list[0].fired == 2 && list[0].firing_ms == 3 * minute_ms && list[0].last_ms == 40 * minute_ms && !list[0].fires);
    ck_assert_uint_eq(list[0].acted, 1); /* a half an hour after it ended, and of no other incident */
    ck_assert(list[1].fired == 1 && list[1].acted == 0 && list[1].fires && list[1].firing_ms == 58 * minute_ms);
    arena_fini(&a);
}
END_TEST

Suite *suite_vnoise(void)
{
    Suite *s = suite_create("vnoise");
    TCase *tc = tcase_create("vnoise");
    tcase_add_test(tc, a_rule_has_its_own_record);
    suite_add_tcase(s, tc);
    return s;
}
