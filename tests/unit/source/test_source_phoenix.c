/* SPDX-License-Identifier: MIT */
/* The adapter for Arize Phoenix against pages of our own making. */
#include "unit/source/score_rig.h"

static void setup(void)
{
    rig_open(&source_phoenix, SOURCE_PHOENIX, "px", "http://px:6006", "my app");
}

#define SPAN(id, at, model)                                                                                                                \
    "{\"context\":{\"trace_id\":\"t\",\"span_id\":\"" id "\"},\"start_time\":\"" at                                                        \
    "\",\"attributes\":{\"input.value\":\"PROSE\",\"llm.model_name\":\"" model "\"}}"
#define NOTE(id, span, name, result)                                                                                                       \
    "{\"id\":\"" id "\",\"span_id\":\"" span "\",\"name\":\"" name                                                                         \
    "\",\"annotator_kind\":\"LLM\",\"created_at\":\"2027-01-15T09:00:00Z\","                                                               \
    "\"result\":" result "}"
#define PAGE(items, next) "{\"data\":[" items "],\"next_cursor\":" next "}"
#define AT "2027-01-15T07:55:00.000000+00:00"
#define AT_MS "1799999700000"

static void configs(void)
{
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "http://px:6006/v1/annotation_configs?limit=200");
    ck_assert_int_eq(answer(PAGE("{\"name\":\"toxicity\",\"type\":\"CONTINUOUS\",\"optimization_direction\":\"MINIMIZE\",\"lower_bound\":0,"
                                 "\"upper_bound\":10}",
                                 "null")),
                     ERR_OK);
}

START_TEST(annotations_of_spans_are_scores_at_the_time_of_the_span)
{
    configs();
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "http://px:6006/v1/projects/my%20app/spans?limit=50&start_time=2027-01-15T07:49:30Z&end_time="
                             "2027-01-15T07:59:30Z");
    ck_assert_int_eq(answer(PAGE(SPAN("aa", AT, "gpt-x") "," SPAN("bb", AT, "c-l"), "\"U3Bhbjo5\"")), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "http://px:6006/v1/projects/my%20app/span_annotations?limit=1000&span_ids=aa&span_ids=bb");
    ck_assert_int_eq(answer(PAGE(NOTE("1", "aa", "faithfulness", "{\"score\":0.5,\"label\":\"so\",\"explanation\":\"PROSE\"}") "," NOTE(
                                     "2", "bb", "tone", "{\"label\":\"rude\",\"score\":null}") "," NOTE("3", "bb", "note",
                                                                                                        "{\"explanation\":\"PROSE\"}"),
                                 "\"k\"")),
                     ERR_OK);
    ck_assert(next(NOW));
    ck_assert_ptr_nonnull(strstr(rq.url, "&span_ids=bb&cursor=k"));
    ck_assert_int_eq(answer(PAGE(NOTE("4", "aa", "why", "{\"explanation\":\"PROSE\"}"), "null")), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_ptr_nonnull(strstr(rq.url, "/spans?limit=50&"));
    ck_assert_ptr_nonnull(strstr(rq.url, "&cursor=U3Bhbjo5"));
    ck_assert_int_eq(answer(PAGE("", "null")), ERR_OK);
    ck_assert_str_eq(told(),
                     "score 1 faithfulness gpt-x/ " AT_MS " 0.5\nscore 2 tone c-l/ " AT_MS " 'rude'\nread 1799999370000 1799999970000\n");
    ck_assert(!next(NOW));
}
END_TEST

static bool is_lower(void *c, const struct score_told *score)
{
    bool *found = c;
    *found = score->better == SCORE_LOWER && score->min == 0 && score->max == 10;
    return true;
}

static void span_of_nobody(void *c, int64_t *ret_mark_ms, int64_t *ret_floor_ms)
{
    (void)c;
    *ret_mark_ms = *ret_floor_ms = 0;
}

START_TEST(which_way_is_good_and_the_range_come_from_its_configurations)
{
    bool found = false;
    configs();
    sink.ctx = &found;
    sink.score = is_lower;
    sink.scores_span = span_of_nobody;
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(PAGE(SPAN("aa", AT, "m"), "null")), ERR_OK);
    ck_assert(next(NOW));
    sink.scores_read = NULL; /* not reached */
    ck_assert_int_eq(answer(PAGE(NOTE("1", "aa", "toxicity", "{\"score\":3}"), "\"more\"")), ERR_OK);
    ck_assert(found);
}
END_TEST

/* Its second page is asked for before any span; and when a number of another name comes, later than a minute, they are read again before it
 * is taken. */
START_TEST(configurations_are_read_to_their_end_and_for_a_new_name)
{
    bool found = false;
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(PAGE("{\"name\":\"tone\",\"optimization_direction\":\"MAXIMIZE\"}", "\"2\"")), ERR_OK);
    ck_assert(next(NOW));
    ck_assert_str_eq(rq.url, "http://px:6006/v1/annotation_configs?limit=200&cursor=2");
    ck_assert_int_eq(answer(PAGE("{\"name\":\"harm\",\"optimization_direction\":\"MINIMIZE\"}", "null")), ERR_OK);
    sink.scores_span = span_of_nobody;
    sink.ctx = &found;
    sink.score = is_lower;
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(PAGE(SPAN("aa", AT, "m"), "null")), ERR_OK);
    ck_assert(next(NOW + 61000)); /* it takes its time */
    ck_assert_ptr_nonnull(strstr(rq.url, "/span_annotations?"));
    ck_assert_int_eq(answer(PAGE(NOTE("1", "aa", "toxicity", "{\"score\":3}"), "\"more\"")), ERR_OK);
    ck_assert(next(NOW + 61000));
    ck_assert_str_eq(rq.url, "http://px:6006/v1/annotation_configs?limit=200");
    ck_assert_int_eq(
        answer(PAGE("{\"name\":\"toxicity\",\"optimization_direction\":\"MINIMIZE\",\"lower_bound\":0,\"upper_bound\":10}", "null")),
        ERR_OK);
    ck_assert(!found); /* not taken yet */
    ck_assert(next(NOW + 61000));
    ck_assert_ptr_nonnull(strstr(rq.url, "/span_annotations?"));
    ck_assert_int_eq(answer(PAGE(NOTE("1", "aa", "toxicity", "{\"score\":3}"), "\"more\"")), ERR_OK);
    ck_assert(found);
}
END_TEST

/* Which way is good is in them: a host that fails once is asked for them again before any score is taken. */
START_TEST(nothing_is_read_before_the_configurations)
{
    ck_assert(next(NOW));
    ck_assert(!s->ops->fail(s, 503));
    ck_assert(!next(NOW));
    ck_assert(next(NOW + 60000));
    ck_assert_ptr_nonnull(strstr(rq.url, "/annotation_configs"));
    ck_assert_int_eq(answer(PAGE("", "null")), ERR_OK);
    ck_assert(next(NOW + 60000));
    ck_assert_ptr_nonnull(strstr(rq.url, "/spans?"));
}
END_TEST

START_TEST(a_host_without_configurations_is_read_all_the_same)
{
    ck_assert(next(NOW));
    ck_assert(s->ops->fail(s, 404));
    ck_assert(next(NOW));
    ck_assert_ptr_nonnull(strstr(rq.url, "/spans?"));
    ck_assert(!s->ops->fail(s, 404));
    ck_assert_ptr_nonnull(strstr(s->ops->hint(s, 404), "project"));
    ck_assert(!next(NOW));
}
END_TEST

START_TEST(pages_that_never_end_are_named)
{
    enum err e = ERR_OK;
    int n = 0;
    configs();
    ck_assert(next(NOW));
    ck_assert_int_eq(answer(PAGE(SPAN("aa", AT, "m"), "null")), ERR_OK);
    for (; e == ERR_OK && n < 1000; n++) {
        char body[256];
        ck_assert(next(NOW));
        snprintf(body, sizeof body, "{\"data\":[],\"next_cursor\":\"c%d\"}", n);
        e = answer(body);
    }
    ck_assert_ptr_nonnull(strstr(ctx.text, "never end"));
    ck_assert_int_le(n, 100);
    ck_assert(!next(NOW));
    ck_assert(next(NOW + MINUTE)); /* spans, too */
    ck_assert_int_eq(answer(PAGE("", "\"a\"")), ERR_OK);
    ck_assert(next(NOW + MINUTE));
    ck_assert_int_eq(answer(PAGE("", "\"b\"")), ERR_PARSE);
    ck_assert_ptr_null(strstr(told(), "read"));
}
END_TEST

START_TEST(half_a_body_and_wrong_types_are_survived)
{
    static const char *const bodies[] = {PAGE(SPAN("aa", AT, "m"), "\"x\""), "{\"data\":[1,null,[],{\"context\":3,\"start_time\":[]}]}",
                                         "{\"data\":[{\"context\":{\"span_id\":7},\"start_time\":\"" AT "\"}],\"next_cursor\":{}}"};
    configs();
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        for (size_t n = 0; n <= strlen(bodies[i]); n++) {
            ck_assert(next(NOW));
            enum err e = answer_n(bodies[i], n);
            ck_assert_msg(n == strlen(bodies[i]) || e != ERR_OK, "%zu of %s", n, bodies[i]);
            while (e == ERR_OK && next(NOW)) /* what was asked for next is refused */
                (void)s->ops->fail(s, 400);
            (void)next(NOW);
            logged.mark_ms = 0;
        }
    }
    while (!next(NOW))
        logged.mark_ms = 0;
    ck_assert_int_eq(answer(PAGE(SPAN("aa", AT, "m"), "null")), ERR_OK);
    ck_assert(next(NOW));
    (void)told();
    ck_assert_int_eq(
        answer(PAGE(NOTE("1", "aa", "n", "{\"score\":\"high\"}") "," NOTE("2", "aa", "n", "{\"score\":1e999}") "," NOTE(
                        "3", "aa", "n", "7") "," NOTE("4", "zz", "n", "{\"score\":1}") "," NOTE("5", "aa", "n", "{\"score\":1}"),
                    "null")),
        ERR_OK);
    ck_assert_ptr_nonnull(strstr(told(), "warn 0 has a score that is no number: left out: n\nwarn 0 has a score"));
    ck_assert_ptr_nonnull(strstr(out, "score 5 n m/ " AT_MS " 1\nread"));
    ck_assert_ptr_null(strstr(out, "score 4"));
}
END_TEST

Suite *suite_source_phoenix(void);
Suite *suite_source_phoenix(void)
{
    Suite *suite = suite_create("source_phoenix");
    TCase *t = tcase_create("phoenix");
    tcase_add_checked_fixture(t, setup, rig_close);
    tcase_add_test(t, annotations_of_spans_are_scores_at_the_time_of_the_span);
    tcase_add_test(t, which_way_is_good_and_the_range_come_from_its_configurations);
    tcase_add_test(t, a_host_without_configurations_is_read_all_the_same);
    tcase_add_test(t, configurations_are_read_to_their_end_and_for_a_new_name);
    tcase_add_test(t, nothing_is_read_before_the_configurations);
    tcase_add_test(t, pages_that_never_end_are_named);
    tcase_add_test(t, half_a_body_and_wrong_types_are_survived);
    suite_add_tcase(suite, t);
    return suite;
}
