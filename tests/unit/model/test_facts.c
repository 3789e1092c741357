/* SPDX-License-Identifier: MIT */
#include "model/facts.h"

#include <check.h>
#include <string.h>

Suite *suite_facts(void);

START_TEST(severities_have_names)
{
    ck_assert_str_eq(severity_name(SEV_NONE), "none");
    ck_assert_str_eq(severity_name(SEV_TICKET), "ticket");
    ck_assert_str_eq(severity_name(SEV_PAGE), "page");
}
END_TEST

START_TEST(event_kinds_have_names_and_letters_of_their_own)
{
    static const char letters[] = "dmc$rkqEfsp*Pz";
    ck_assert_uint_eq(strlen(letters), EVENT_KIND_COUNT);
    for (int k = 0; k < EVENT_KIND_COUNT; k++) {
        ck_assert_int_eq(event_kind_letter((enum event_kind)k), letters[k]);
        for (int other = 0; other < k; other++)
            ck_assert_str_ne(event_kind_name((enum event_kind)k), event_kind_name((enum event_kind)other));
    }
    ck_assert_str_eq(event_kind_name(EVENT_MODEL_VERSION), "model_version");
    ck_assert_str_eq(event_kind_name(EVENT_PAGE), "page");
    ck_assert_str_eq(event_kind_name(EVENT_KIND_COUNT), "unknown");
    ck_assert_int_eq(event_kind_letter(EVENT_KIND_COUNT), '?');
}
END_TEST

START_TEST(a_budgets_incident_is_its_own)
{
    const struct incident errors = {.title = "all traffic errors", .scope = ""}, money = {.title = "budget a:b", .scope = ""};
    const struct alert slo = {.rule = "slo:a:b:page-1h", .scope = ""}, budget = {.rule = "budget:a:b:page-1h", .scope = ""},
                       other = {.rule = "budget:a:page-1h", .scope = ""}, apart = {.rule = "budget:a:b:page-1h", .scope = "team=x"};
    ck_assert(incident_is_of(&errors, &slo) && !incident_is_of(&errors, &budget));
    ck_assert(incident_is_of(&money, &budget) && !incident_is_of(&money, &slo));
    ck_assert(!incident_is_of(&money, &other) && !incident_is_of(&money, &apart));
    ck_assert(str_eq_z(budget_of_rule("budget:a:b:page-1h"), "a:b"));
    ck_assert_ptr_null(budget_of_rule("budget:").p);
    ck_assert_ptr_null(budget_of_rule("slo:budget:page-1h").p);
}
END_TEST

Suite *suite_facts(void)
{
    Suite *suite = suite_create("facts");
    TCase *t = tcase_create("facts");
    tcase_add_test(t, severities_have_names);
    tcase_add_test(t, event_kinds_have_names_and_letters_of_their_own);
    tcase_add_test(t, a_budgets_incident_is_its_own);
    suite_add_tcase(suite, t);
    return suite;
}
