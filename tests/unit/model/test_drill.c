/* SPDX-License-Identifier: MIT */
#include "model/drill.h"

#include <check.h>
#include <string.h>

Suite *suite_drill(void);

static const int64_t onset = INT64_C(1794916800000), minute = 60000;

static const struct drill_truth truth = {.scenario = "brownout",
                                         .what = "openai answers with 5xx",
                                         .scope = "model=gpt-x",
                                         .component = {"provider=openai", "deployment=gpt-x-eu1"},
                                         .onset_ms = INT64_C(1794916800000),
                                         .ended_ms = INT64_C(1794916800000) + 25 * 60000};
static const struct drill_sign sign = {INT64_C(1794916800000) + 2 * 60000, "model=gpt-x", true};

static struct drill_act said(enum act_verb verb, int64_t after_minutes, const char *text)
{
    return (struct drill_act){verb, onset + after_minutes * minute, "ann", text};
}

static struct drill_score score_of(const struct drill_act *acts, size_t count, int64_t now_minutes)
{
    struct drill_score s;
    drill_score(&truth, &sign, 1, acts, count, onset + now_minutes * minute, &s);
    return s;
}

START_TEST(all_that_is_asked_is_all_points)
{
    const struct drill_act acts[] = {said(ACT_RESOLVE, 26, ""), said(ACT_MITIGATE, 25, "gpt-x sent to azure"), said(ACT_ACK, 3, ""),
                                     said(ACT_NOTE, 5, "OpenAI fails in both regions"), said(ACT_NEXT, 6, "ask the provider")};
    struct drill_score s = score_of(acts, 5, 30);
    ck_assert_uint_eq(s.points, 11);
    ck_assert_uint_eq(s.out_of, 11);
    ck_assert_int_eq(s.line[DRILL_SEEN].at_ms, onset + 2 * minute);
    ck_assert_str_eq(s.line[DRILL_SEEN].note, "model=gpt-x");
    ck_assert_int_eq(s.line[DRILL_NAMED].at_ms, onset + 5 * minute);
    ck_assert_str_eq(s.line[DRILL_NAMED].note, "ann: OpenAI fails in both regions");
    ck_assert_str_eq(s.line[DRILL_OWNER].note, "ann");
    ck_assert_int_eq(s.line[DRILL_RESOLVED].at_ms, onset + 26 * minute);
}
END_TEST

START_TEST(nothing_said_is_nothing_won)
{
    struct drill_score s = score_of(NULL, 0, 10);
    ck_assert_uint_eq(s.points, 0);
    ck_assert_uint_eq(s.out_of, 9); /* the trouble goes on: that it is not over counts against nobody */
    for (size_t i = DRILL_ACK; i < DRILL_STEPS; i++)
        ck_assert(s.line[i].at_ms == 0 && s.line[i].note[0] != '\0');
    s = score_of(NULL, 0, 30);
    ck_assert_uint_eq(s.out_of, 11);
    s = score_of(NULL, 0, 1);
    ck_assert_int_eq(s.line[DRILL_SEEN].at_ms, 0);
    ck_assert_str_eq(s.line[DRILL_SEEN].note, "nothing was told of it yet");
}
END_TEST

START_TEST(what_comes_late_is_worth_less)
{
    const struct drill_act acts[] = {said(ACT_ACK, 8, ""), said(ACT_NEXT, 18, "call openai"), said(ACT_MITIGATE, 20, "")};
    struct drill_score s = score_of(acts, 3, 22);
    ck_assert_uint_eq(s.line[DRILL_ACK].points, 1); /* six minutes after the first sign */
    ck_assert_uint_eq(s.line[DRILL_NAMED].points, 2);
    ck_assert_uint_eq(s.line[DRILL_MITIGATED].points, 0); /* of what, nobody knows */
    ck_assert_str_eq(s.line[DRILL_MITIGATED].note, "of nothing that was hit, by what was said, said while the trouble went on; ann");
    s = score_of(acts, 3, 7); /* as of then nothing had been said */
    ck_assert_uint_eq(s.points, 0);
}
END_TEST

START_TEST(what_is_no_answer_does_not_count)
{
    const struct drill_act acts[] = {said(ACT_ACK, -3, ""),                                   /* of something else */
                                     said(ACT_NOTE, 3, "is it gpt-x-eu12, or openais?"),      /* other names */
                                     said(ACT_MARK, 4, "deploy|1|model=gpt-x|openai key v2"), /* a pipeline */
                                     said(ACT_RESOLVE, 12, "")};
    struct drill_score s = score_of(acts, 4, 30);
    ck_assert_uint_eq(s.line[DRILL_ACK].points, 0);
    ck_assert_uint_eq(s.line[DRILL_NAMED].points, 0);
    ck_assert_uint_eq(s.line[DRILL_NOTE].points, 1);
    ck_assert_uint_eq(s.line[DRILL_RESOLVED].points, 0);
    ck_assert_str_eq(s.line[DRILL_RESOLVED].note, "not true: said while the trouble went on");
    ck_assert_uint_eq(s.points, 1);
}
END_TEST

/* Said while it went on it was not true, however right. */
START_TEST(what_is_said_is_held_against_what_was_so)
{
    const struct drill_act early[] = {said(ACT_MITIGATE, 9, "openai drained"), said(ACT_RESOLVE, 10, "over")},
                           again[] = {early[0], early[1], said(ACT_MITIGATE, 26, "openai is back"), said(ACT_RESOLVE, 27, "")};
    struct drill_score s = score_of(early, 2, 12);
    ck_assert_uint_eq(s.line[DRILL_MITIGATED].points, 1);
    ck_assert_uint_eq(s.line[DRILL_MITIGATED].out_of, 1);
    ck_assert_str_eq(s.line[DRILL_MITIGATED].note, "said while the trouble went on; ann: openai drained");
    ck_assert_uint_eq(s.line[DRILL_RESOLVED].points, 0);
    ck_assert_uint_eq(s.line[DRILL_RESOLVED].out_of, 1);
    s = score_of(early, 2, 30);
    ck_assert_uint_eq(s.line[DRILL_MITIGATED].points, 1);
    ck_assert_uint_eq(s.line[DRILL_MITIGATED].out_of, 2);
    s = score_of(again, 4, 30);
    ck_assert_uint_eq(s.line[DRILL_MITIGATED].points, 2);
    ck_assert_uint_eq(s.line[DRILL_RESOLVED].points, 1);
}
END_TEST

/* Something else may fire in that minute, and a page may wait. */
START_TEST(the_first_sign_is_the_page_or_of_what_was_broken)
{
    const struct drill_sign signs[] = {
        {onset + 10000, "team=sales", false}, {onset + 90000, "gateway=demo", true}, {onset + 120000, "model=gpt-x", false}};
    struct drill_score s;
    drill_score(&truth, signs, 3, NULL, 0, onset + 10 * minute, &s);
    ck_assert_int_eq(s.line[DRILL_SEEN].at_ms, onset + 90000);
    drill_score(&truth, &signs[2], 1, NULL, 0, onset + 10 * minute, &s);
    ck_assert_int_eq(s.line[DRILL_SEEN].at_ms, onset + 120000);
}
END_TEST

START_TEST(a_component_has_several_right_names)
{
    static const struct {
        const char *text, *component;
        bool named;
    } cases[] = {{"gpt-x-eu1 is gone", "deployment=gpt-x-eu1", true},
                 {"it is (OPENAI)", "provider=openai", true},
                 {"gpt-x-eu11", "deployment=gpt-x-eu1", false},
                 {"my-gpt-x-eu1", "deployment=gpt-x-eu1", false},
                 {"", "provider=openai", false},
                 {"anything", "provider=", false},
                 {"openai", "openai", true}};
    ck_assert_int_eq(drill_names(cases[_i].text, cases[_i].component), cases[_i].named);
    const struct drill_act act = said(ACT_NOTE, 3, "eu1: gpt-x-eu1");
    ck_assert_uint_eq(score_of(&act, 1, 10).line[DRILL_NAMED].points, 3);
}
END_TEST

START_TEST(a_text_that_is_too_long_for_the_table_is_left_to_the_incident)
{
    char text[DRILL_NOTE_MAX + 100];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    const struct drill_act act = said(ACT_NOTE, 3, text);
    struct drill_score s = score_of(&act, 1, 10);
    ck_assert_str_eq(s.line[DRILL_NOTE].note, "ann");
    ck_assert_uint_eq(s.line[DRILL_NOTE].points, 1);
}
END_TEST

Suite *suite_drill(void)
{
    Suite *suite = suite_create("drill");
    TCase *t = tcase_create("drill");
    tcase_add_test(t, all_that_is_asked_is_all_points);
    tcase_add_test(t, nothing_said_is_nothing_won);
    tcase_add_test(t, what_comes_late_is_worth_less);
    tcase_add_test(t, what_is_no_answer_does_not_count);
    tcase_add_test(t, what_is_said_is_held_against_what_was_so);
    tcase_add_test(t, the_first_sign_is_the_page_or_of_what_was_broken);
    tcase_add_loop_test(t, a_component_has_several_right_names, 0, 7);
    tcase_add_test(t, a_text_that_is_too_long_for_the_table_is_left_to_the_incident);
    suite_add_tcase(suite, t);
    return suite;
}
