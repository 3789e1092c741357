/* SPDX-License-Identifier: MIT */
/* What a rule's record counts: alerts of several windows are one firing, an act within it counts, and what nobody acted on is noise. Times
 * are minutes. */
#include <check.h>

#include "view/vfirings.h"

Suite *suite_rule_record(void);

enum { DAYS = 40, NOW = DAYS * 24 * 60 };
static const int64_t minute = 60000;

static struct alert al(const char *rule, int64_t at, enum alert_state state)
{
    return (struct alert){.rule = rule, .scope = "", .severity = SEV_PAGE, .state = state, .since_ms = at * minute};
}

static struct rule_record count_of(const struct alert *history, size_t n, const struct store_act *acts, size_t act_count, bool harm)
{
    const struct incident incidents[] = {{.id = 7, .title = "x errors", .scope = ""}, {.id = 8, .title = "y errors", .scope = "model=y"}};
    const struct vfirings_ask ask = {history, n, incidents, 2, acts, act_count, NOW * minute};
    struct vfiring *list;
    struct arena a;
    size_t firings;
    arena_init(&a, 1 << 20);
    ck_assert_int_eq(vfirings_find(&ask, "rule:x", NULL, &a, &list, &firings), ERR_OK);
    for (size_t i = 0; i < firings; i++)
        list[i].harm = harm;
    const struct rule_record r = vfirings_record(list, firings, NOW * minute - RULE_RECORD_MS, NOW * minute);
    arena_fini(&a);
    return r;
}

static struct rule_record count(const struct alert *history, size_t n, const struct store_act *acts, size_t act_count)
{
    return count_of(history, n, acts, act_count, false);
}

#define BASE (NOW - 3000)
#define N(list) sizeof(list) / sizeof *(list)

START_TEST(overlapping_alerts_are_one_firing)
{
    const struct alert h[] = {al("rule:x:page-6h", BASE + 30, ALERT_INACTIVE), al("rule:x:page-1h", BASE, ALERT_FIRING),
                              al("rule:x:page-6h", BASE + 5, ALERT_FIRING),    al("rule:x:page-1h", BASE + 10, ALERT_INACTIVE),
                              al("rule:xy:page-1h", BASE, ALERT_FIRING),       al("rule:x:page-1h", BASE + 12, ALERT_NO_DATA)};
    const struct rule_record r = count(h, N(h), NULL, 0);
    ck_assert_uint_eq(r.fired, 1);
    ck_assert_uint_eq(r.flapped, 0);
    ck_assert_int_eq(r.firing_ms, 30 * minute);
    ck_assert_int_eq(r.noise_ms, 30 * minute);
    ck_assert_int_eq(r.last_ms, BASE * minute);
}
END_TEST

START_TEST(an_act_on_its_incident_counts_and_another_does_not)
{
    const struct alert h[] = {al("rule:x:p", BASE, ALERT_FIRING), al("rule:x:p", BASE + 20, ALERT_INACTIVE),
                              al("rule:x:p", BASE + 200, ALERT_FIRING), al("rule:x:p", BASE + 260, ALERT_INACTIVE)};
    const struct store_act of_y = {.verb = "ack", .incident = 8, .at_ms = (BASE + 10) * minute},
                           late = {.verb = "ack", .incident = 7, .at_ms = (BASE + 51) * minute},
                           snooze = {.verb = "snooze", .incident = 7, .at_ms = (BASE + 5) * minute},
                           in_time = {.verb = "note", .incident = 7, .at_ms = (BASE + 50) * minute};
    const struct store_act none[] = {of_y, late, snooze}, one[] = {of_y, in_time};
    struct rule_record r = count(h, N(h), none, N(none));
    ck_assert_uint_eq(r.fired, 2);
    ck_assert_uint_eq(r.acted, 0);
    ck_assert_int_eq(r.noise_ms, 80 * minute);
    r = count(h, N(h), one, N(one));
    ck_assert_uint_eq(r.acted, 1);
    ck_assert_int_eq(r.noise_ms, 60 * minute);
}
END_TEST

START_TEST(back_within_half_an_hour_is_a_flap)
{
    const struct alert h[] = {al("rule:x", BASE, ALERT_FIRING), al("rule:x", BASE + 1, ALERT_INACTIVE),
                              al("rule:x", BASE + 31, ALERT_FIRING), al("rule:x", BASE + 32, ALERT_INACTIVE),
                              al("rule:x", BASE + 63, ALERT_FIRING)};
    const struct rule_record r = count(h, N(h), NULL, 0);
    ck_assert_uint_eq(r.fired, 3);
    ck_assert_uint_eq(r.flapped, 1);
    ck_assert_int_eq(r.firing_ms, (2 + NOW - BASE - 63) * minute);
    ck_assert_int_eq(r.noise_ms, 2 * minute); /* the last one goes on: somebody may still come */
}
END_TEST

START_TEST(what_lies_before_the_thirty_days_counts_for_nothing)
{
    const int64_t edge = NOW - RULE_RECORD_MS / minute;
    const struct alert h[] = {al("rule:x", edge - 500, ALERT_FIRING), al("rule:x", edge - 400, ALERT_INACTIVE),
                              al("rule:x", edge - 10, ALERT_FIRING), al("rule:x", edge + 5, ALERT_INACTIVE)};
    const struct rule_record r = count(h, N(h), NULL, 0);
    ck_assert_uint_eq(r.fired, 0);
    ck_assert_int_eq(r.firing_ms, 5 * minute);
}
END_TEST

START_TEST(what_did_harm_is_no_noise_and_what_flapped_is)
{
    const struct alert h[] = {al("rule:x", BASE, ALERT_FIRING), al("rule:x", BASE + 5, ALERT_INACTIVE),
                              al("rule:x", BASE + 20, ALERT_FIRING), al("rule:x", BASE + 27, ALERT_INACTIVE)};
    const struct store_act acts[] = {{.verb = "ack", .incident = 7, .at_ms = (BASE + 4) * minute},
                                     {.verb = "ack", .incident = 7, .at_ms = (BASE + 22) * minute}};
    struct rule_record r = count_of(h, N(h), NULL, 0, true);
    ck_assert_uint_eq(r.fired, 2);
    ck_assert_uint_eq(r.noise, 0);
    ck_assert_int_eq(r.noise_ms, 0);
    r = count_of(h, N(h), acts, N(acts), false);
    ck_assert_uint_eq(r.acted, 2);
    ck_assert_uint_eq(r.noise, 1);
    ck_assert_int_eq(r.noise_ms, 7 * minute);
}
END_TEST

START_TEST(what_fires_and_is_over_in_one_millisecond_is_over)
{
    struct alert h[] = {al("rule:x", BASE, ALERT_INACTIVE), al("rule:x", BASE, ALERT_FIRING)};
    h[0].id = 2;
    h[1].id = 1;
    const struct rule_record r = count(h, N(h), NULL, 0);
    ck_assert_uint_eq(r.fired, 1);
    ck_assert_int_eq(r.firing_ms, 0);
}
END_TEST

START_TEST(an_act_on_the_incident_of_any_of_its_scopes_counts)
{
    struct alert h[] = {al("rule:x:p", BASE, ALERT_FIRING), al("rule:x:p", BASE + 10, ALERT_FIRING),
                        al("rule:x:p", BASE + 20, ALERT_INACTIVE), al("rule:x:p", BASE + 90, ALERT_INACTIVE)};
    h[1].scope = h[3].scope = "model=y";
    const struct store_act of_y = {.verb = "ack", .incident = 8, .at_ms = (BASE + 30) * minute};
    const struct rule_record r = count(h, N(h), &of_y, 1);
    ck_assert_uint_eq(r.fired, 1);
    ck_assert_int_eq(r.firing_ms, 90 * minute);
    ck_assert_uint_eq(r.acted, 1);
}
END_TEST

Suite *suite_rule_record(void)
{
    Suite *s = suite_create("rule_record");
    TCase *t = tcase_create("all");
    tcase_add_test(t, overlapping_alerts_are_one_firing);
    tcase_add_test(t, an_act_on_its_incident_counts_and_another_does_not);
    tcase_add_test(t, back_within_half_an_hour_is_a_flap);
    tcase_add_test(t, what_did_harm_is_no_noise_and_what_flapped_is);
    tcase_add_test(t, what_fires_and_is_over_in_one_millisecond_is_over);
    tcase_add_test(t, an_act_on_the_incident_of_any_of_its_scopes_counts);
    tcase_add_test(t, what_lies_before_the_thirty_days_counts_for_nothing);
    suite_add_tcase(s, t);
    return s;
}
