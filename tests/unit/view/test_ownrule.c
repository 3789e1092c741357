/* SPDX-License-Identifier: MIT */
/* The verdict on what fires and is no objective: of 60 good requests a minute and 40 failing ones in the last three. */
#include "judged.h"

#include "model/rulelist.h"

static void note_rule(struct fixture *f, const char *expr)
{
    const struct rule_info r = {.rule = "rule:errors high",
                                .kind = RULE_OWN,
                                .what = expr,
                                .scope = "model=gpt-x",
                                .severity = "page",
                                .duty = {.runbook = "", .owner = "", .contact = ""}};
    struct buf out;
    buf_init(&out, 1 << 16);
    ck_assert_int_eq(rule_list_write(&r, 1, &out), ERR_OK);
    ck_assert_int_eq(store_put_note(f->st, RULES_NOTE, fixture_start_ms, buf_str(&out), NULL), ERR_OK);
    buf_fini(&out);
}

/* Fires since three minutes before the end, at 0.14 against 0.05. */
static struct view_verdict fire(struct fixture *f, const char *rule, const char *scope, const char *text)
{
    const struct alert al = {.rule = rule,
                             .scope = scope,
                             .severity = SEV_PAGE,
                             .state = ALERT_FIRING,
                             .since_ms = minute(FIXTURE_POLLS - 2),
                             .onset_ms = minute(FIXTURE_POLLS - 3),
                             .known_ms = minute(FIXTURE_POLLS - 2),
                             .burn_long = 0.14,
                             .burn_short = 0.05,
                             .text = text};
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f->st, NULL), ERR_OK);
    return verdict(f);
}

static const char fired[] = "errors high: 0.14, fires above 0.05; ratio(...) > 5%";

START_TEST(an_own_rule_is_told_by_what_it_reads_now)
{
    struct fixture f;
    record_failures(&f, 40);
    note_rule(&f, "ratio(requests{class=\"5xx|timeout\"}, requests, 2m) > 5%");
    const struct view_verdict v = fire(&f, "rule:errors high", "model=gpt-x", fired);
    ck_assert_int_eq(v.state, VERDICT_PAGE);
    ck_assert_str_eq(v.sentence,
                     "errors high: 0.4, fires above 0.05, since 15:57:00Z (3m); 40% of requests fail, 120 lost, 1.7x its requests");
    fixture_close(&f);
}
END_TEST

START_TEST(one_that_fires_on_says_that_it_is_over)
{
    struct fixture f;
    record_failures(&f, 0);
    note_rule(&f, "ratio(requests{class=\"5xx\"}, requests, 2m) > 5%");
    const struct view_verdict v = fire(&f, "rule:errors high", "model=gpt-x", fired);
    ck_assert_str_eq(v.sentence, "errors high: 0 now, no more above 0.05, was 0.14 when it fired, since 15:57:00Z (3m)");
    fixture_close(&f);
}
END_TEST

/* Each kind of term, by what the fixture has: 100 requests a minute, 60 of them ok, in the last two minutes. */
START_TEST(terms_read_what_the_recorders_windows_do)
{
    static const struct {
        const char *expr, *value;
    } is[] = {
        {"rate(requests, 2m) > 1", ": 1.67,"},
        {"sum(requests{class=\"5xx\"}, 2m) > 1", ": 80,"},
        {"sum(requests{model=\"gpt-y\"}, 2m) < 1", ": not known now, 0.14 when it fired"},
        {"2 * sum(requests, 2m) + 1 > 1", ": 401,"},
        {"waiting > 1", ": not known now"},
        {"quantile(ttft, 0.5) > 1", ": not known now"},
    };
    for (size_t i = 0; i < sizeof is / sizeof *is; i++) {
        struct fixture f;
        record_failures(&f, 40);
        note_rule(&f, is[i].expr);
        const struct view_verdict v = fire(&f, "rule:errors high", "model=gpt-x", fired);
        ck_assert_msg(strstr(v.sentence, is[i].value) != NULL, "%s: %s", is[i].expr, v.sentence);
        fixture_close(&f);
    }
}
END_TEST

START_TEST(an_expression_that_is_not_read_leaves_what_was_said)
{
    struct fixture f;
    record_failures(&f, 40);
    note_rule(&f, "of another version(");
    const struct view_verdict v = fire(&f, "rule:errors high", "model=gpt-x", fired);
    ck_assert_msg(strncmp(v.sentence, fired, strlen(fired)) == 0, "%s", v.sentence);
    fixture_close(&f);
}
END_TEST

/* Another's word has what gwtop counts itself beside it, where that contradicts it as well; of a scope that it does not tell, nothing. */
START_TEST(an_outside_alert_has_since_and_what_is_counted)
{
    struct fixture f;
    record_failures(&f, 40);
    struct view_verdict v = fire(&f, "outside:am:HighErrors", "model=gpt-x", "gpt-x: HighErrors fires, says am: many");
    ck_assert_str_eq(v.sentence, "gpt-x: HighErrors fires, says am: many, since 15:57:00Z (3m); 40% of requests fail, 120 lost, 1.7x its "
                                 "requests");
    fixture_close(&f);
    record_failures(&f, 0);
    v = fire(&f, "outside:am:HighErrors", "model=gpt-x", "gpt-x: HighErrors fires, says am");
    ck_assert_str_eq(v.sentence, "gpt-x: HighErrors fires, says am, since 15:57:00Z (3m); none of its 180 requests failed");
    fixture_close(&f);
    record_failures(&f, 0);
    v = fire(&f, "outside:am:DiskFull", "", "all traffic: DiskFull fires, says am");
    ck_assert_str_eq(v.sentence, "all traffic: DiskFull fires, says am, since 15:57:00Z (3m)");
    fixture_close(&f);
}
END_TEST

Suite *suite_ownrule(void);
Suite *suite_ownrule(void)
{
    Suite *s = suite_create("ownrule");
    TCase *tc = tcase_create("verdict");
    tcase_add_test(tc, an_own_rule_is_told_by_what_it_reads_now);
    tcase_add_test(tc, one_that_fires_on_says_that_it_is_over);
    tcase_add_test(tc, terms_read_what_the_recorders_windows_do);
    tcase_add_test(tc, an_expression_that_is_not_read_leaves_what_was_said);
    tcase_add_test(tc, an_outside_alert_has_since_and_what_is_counted);
    suite_add_tcase(s, tc);
    return s;
}
