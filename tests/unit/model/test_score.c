/* SPDX-License-Identifier: MIT */
#include "model/score.h"

#include <check.h>
#include <math.h>
#include <string.h>

#define NOW INT64_C(1800000000000) /* 2027-01-15T08:00:00Z */

static struct arena arena;
static struct errctx ctx;

static void setup(void)
{
    arena_init(&arena, 1 << 20);
}

static void teardown(void)
{
    arena_fini(&arena);
}

static enum err read_line(const char *line, struct score_told *ret)
{
    const struct jsontree *o;
    enum err e = jsontree_parse(str_of(line), &arena, &o, &ctx);
    return e == ERR_OK ? score_from_json(o, NOW, ret, &ctx) : e;
}

START_TEST(a_line_is_read_and_written_back_without_what_is_none_of_it)
{
    static const struct {
        const char *line, *want;
    } lines[] = {
        {"{\"name\":\"n\",\"value\":0.5}", "{\"name\":\"n\",\"value\":0.5,\"at\":\"2027-01-15T08:00:00Z\"}"},
        {"{\"value\":true,\"name\":\"n\",\"prompt\":\"PROSE\",\"comment\":[\"PROSE\"],\"model\":\"m\",\"judge\":\"v2\",\"at\":\"5m "
         "ago\",\"id\":"
         "\"7\"}",
         "{\"name\":\"n\",\"value\":true,\"model\":\"m\",\"judge\":\"v2\",\"at\":\"2027-01-15T07:55:00Z\",\"id\":\"7\"}"},
        {"{\"name\":\"n\",\"value\":\"rude\",\"model\":null,\"better\":\"lower\"}",
         "{\"name\":\"n\",\"value\":\"rude\",\"at\":\"2027-01-15T08:00:00Z\",\"better\":\"lower\"}"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct score_told s, again;
        struct buf out;
        struct json w;
        ck_assert_msg(read_line(lines[i].line, &s) == ERR_OK, "%s", ctx.text);
        buf_init(&out, 4096);
        json_begin(&w, &out, false);
        score_to_json(&w, &s);
        ck_assert_int_eq(w.err, ERR_OK);
        ck_assert_str_eq(out.data, lines[i].want);
        ck_assert_int_eq(read_line(out.data, &again), ERR_OK);
        ck_assert(again.t_ms == s.t_ms && again.kind == s.kind && again.better == s.better && str_eq(again.id, s.id));
        buf_fini(&out);
    }
}
END_TEST

START_TEST(what_is_wrong_is_said)
{
    static const struct {
        const char *line, *why;
    } lines[] = {
        {"[]", "a score is an object"},
        {"{}", "name is missing"},
        {"{\"name\":7,\"value\":1}", "name must be a text"},
        {"{\"name\":\"\",\"value\":1}", "name must be a text"},
        {"{\"name\":\"n\"}", "value must be"},
        {"{\"name\":\"n\",\"value\":null}", "value must be"},
        {"{\"name\":\"n\",\"value\":\"0.1\"}", "value is the text \"0.1\", which reads like a number: write it without quotes"},
        {"{\"name\":\"n\",\"value\":\"NaN\"}", "reads like a number"},
        {"{\"name\":\"n\",\"value\":1e999}", "value must be"},
        {"{\"name\":\"n\",\"value\":NaN}", "line 1"},
        {"{\"name\":\"n\",\"value\":[1]}", "value must be"},
        {"{\"name\":\"n\",\"value\":1,\"at\":\"someday\"}", "someday"},
        {"{\"name\":\"n\",\"value\":1,\"at\":17}", "at must be a text"},
        {"{\"name\":\"n\",\"value\":1,\"id\":{}}", "id must be a text"},
        {"{\"name\":\"n\",\"value\":1,\"better\":\"more\"}", "better must be"},
        {"{\"name\":\"n\",\"value\":\"a123456789012345678901234567890123456789012345678901234567890123456789\"}", "value must be"},
    };
    struct score_told s;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        ck_assert_msg(read_line(lines[i].line, &s) == ERR_PARSE, "%s", lines[i].line);
        ck_assert_msg(strstr(ctx.text, lines[i].why) != NULL, "%s: %s", lines[i].line, ctx.text);
    }
}
END_TEST

/* No relative time: what a server calls now is not this machine's. */
START_TEST(times_of_servers_are_absolute)
{
    int64_t t = 0;
    ck_assert(score_time(str_of("2027-01-15T08:00:00.123Z"), &t) && t == NOW + 123);
    ck_assert(score_time(str_of("2027-01-15T09:00:00.123456+01:00"), &t) && t == NOW + 123);
    ck_assert(!score_time(str_of("now"), &t) && !score_time(str_of("5m ago"), &t) && !score_time(str_of(""), &t));
    ck_assert(!score_time(str_of("2027-01-15"), &t) && !score_time(str_of("08:00:00T000"), &t));
}
END_TEST

START_TEST(the_range_is_that_of_the_configuration_else_as_told)
{
    const struct score_rule half = {.name = "n", .min = (double)NAN, .max = 20, .better = SCORE_UNTOLD, .bad = (double)NAN};
    struct score_told s = {.name = str_of("n"), .value = 5, .min = 0, .max = 10, .better = SCORE_UNTOLD};
    struct score_count c;
    const char *why;
    ck_assert(score_counts(&s, NULL, &c, &why) && c.value_fixed == 500000000 && !c.bad);
    ck_assert(score_counts(&s, &half, &c, &why) && c.value_fixed == 250000000 && c.bad);
    s.max = 0;
    ck_assert(!score_counts(&s, NULL, &c, &why));
    s.value = (double)NAN;
    ck_assert(!score_counts(&s, NULL, &c, &why));
    s = (struct score_told){.value = 20, .min = 21, .max = 30, .better = SCORE_UNTOLD}; /* a told range that a rule turns round */
    ck_assert(!score_counts(&s, &half, &c, &why));
    ck_assert_ptr_eq(score_rule_of(&half, 1, str_of("n")), &half);
    ck_assert_ptr_null(score_rule_of(&half, 1, str_of("nn")));
}
END_TEST

Suite *suite_score(void);
Suite *suite_score(void)
{
    Suite *suite = suite_create("score");
    TCase *t = tcase_create("score");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_line_is_read_and_written_back_without_what_is_none_of_it);
    tcase_add_test(t, what_is_wrong_is_said);
    tcase_add_test(t, times_of_servers_are_absolute);
    tcase_add_test(t, the_range_is_that_of_the_configuration_else_as_told);
    suite_add_tcase(suite, t);
    return suite;
}
