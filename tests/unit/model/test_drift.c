/* SPDX-License-Identifier: MIT */
#include "model/drift.h"

#include <check.h>
#include <math.h>
#include <string.h>

Suite *suite_drift(void);

static struct drift_base read_it(const char *text, struct arena *a)
{
    struct drift_base b;
    struct errctx why = {""};
    ck_assert_msg(drift_base_read(str_of(text), a, &b, &why) == ERR_OK, "%s: %s", text, why.text);
    return b;
}

START_TEST(what_is_written_is_read)
{
    const struct drift_base all[] = {{.is_share = true,
                                      .high_is_good = true,
                                      .n = 2000,
                                      .bad = 40,
                                      .mean = 0.98,
                                      .var = 0.0196,
                                      .from_ms = 1795400000000,
                                      .to_ms = 1795440000000,
                                      .from_error_ms = 240000,
                                      .onset_from_ms = 1795399900000,
                                      .onset_to_ms = 1795400060000,
                                      .onset_was = 0.9,
                                      .lacks = 3,
                                      .arl = 2.5e6,
                                      .alarms = 2,
                                      .streams = 38,
                                      .why = "better since"},
                                     {.high_is_good = false, .n = 0, .mean = NAN, .var = NAN, .arl = NAN, .alarms = NAN, .why = ""}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct drift_base *was = &all[i];
        struct buf text;
        struct arena a;
        arena_init(&a, 65536);
        buf_init(&text, 4096);
        ck_assert_int_eq(drift_base_write(was, &text), ERR_OK);
        const struct drift_base b = read_it(text.data, &a);
        ck_assert(b.is_share == was->is_share && b.high_is_good == was->high_is_good && b.n == was->n && b.streams == was->streams);
        ck_assert(b.from_ms == was->from_ms && b.to_ms == was->to_ms && b.from_error_ms == was->from_error_ms);
        const double is[] = {b.bad, b.mean, b.var, b.lacks, b.arl, b.alarms, b.onset_was},
                     wants[] = {was->bad, was->mean, was->var, was->lacks, was->arl, was->alarms, was->onset_was};
        ck_assert(b.onset_from_ms == was->onset_from_ms && b.onset_to_ms == was->onset_to_ms);
        for (size_t k = 0; k < sizeof is / sizeof *is; k++)
            ck_assert_msg(is[k] == wants[k] || (isnan(is[k]) && isnan(wants[k])), "%zu: %g for %g", k, is[k], wants[k]);
        ck_assert_str_eq(b.why, was->why);
        buf_fini(&text);
        arena_fini(&a);
    }
}
END_TEST

START_TEST(a_finding_that_is_written_is_read)
{
    static const struct drift_found all[] = {
        {.from_ms = 1,
         .to_ms = INT64_C(9000000000000),
         .onset_ms = 1795400000000,
         .what = "tone; formal of gpt-x fell 98.9 -> 94.0 %",
         .beside = "route /a; b 6.0 -> 31 % of them",
         .undecided = true,
         .asked_ms = INT64_C(1795403600000),
         .class = "tool",
         .where = DRIFT_WHERE_SOME,
         .dim = DIM_ROUTE,
         .names = {"/extract"},
         .name_count = 1,
         .was = 0.987,
         .is = 0.712,
         .n = 212,
         .part = 0.97,
         .parts = 5,
         .all = 8},
        {.class = "",
         .where = DRIFT_WHERE_MOSTLY,
         .dim = DIM_TEAM,
         .names = {"search"},
         .name_count = 1,
         .was = NAN,
         .is = 0.002,
         .n = 40,
         .part = 0.6},
        {.class = "",
         .where = DRIFT_WHERE_SOME,
         .dim = DIM_KEY,
         .names = {"a", "b"},
         .name_count = 2,
         .was = 0.01,
         .is = 0.2,
         .n = 4,
         .part = 1},
        {.class = "", .where = DRIFT_WHERE_ALL, .dim = DIM_ROUTE, .was = NAN, .is = NAN, .part = NAN, .parts = 5, .all = 5},
        {.class = "", .where = DRIFT_WHERE_ALL, .dim = DIM_TEAM, .was = NAN, .is = NAN, .part = NAN, .parts = 2, .all = 8},
        {.class = "", .was = NAN, .is = NAN, .part = NAN}};
    static const char *const texts[] = {
        "route /extract alone: 98.7 -> 71.2 % (n 212)",         "most of it team search, which is new: 0.20 % (n 40)",
        "keys a, b alone, the first: 1.0 -> 20.0 % (n 4)",      "in each of 5 routes",
        "in each of the 2 of 8 teams that have enough samples", ""};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct buf text;
        struct arena a;
        struct drift_found f;
        struct errctx why = {""};
        arena_init(&a, 65536);
        buf_init(&text, 4096);
        ck_assert_int_eq(drift_found_write(&all[i], &text), ERR_OK);
        ck_assert_msg(drift_found_read(buf_str(&text), &a, &f, &why) == ERR_OK, "%s", why.text);
        ck_assert(f.undecided == all[i].undecided && f.asked_ms == all[i].asked_ms);
        ck_assert(f.from_ms == all[i].from_ms && f.to_ms == all[i].to_ms);
        ck_assert(f.onset_ms == all[i].onset_ms && f.where == all[i].where && f.dim == all[i].dim && f.n == all[i].n);
        ck_assert(f.name_count == all[i].name_count && f.parts == all[i].parts && f.all == all[i].all);
        for (uint32_t k = 0; k < f.name_count; k++)
            ck_assert_str_eq(f.names[k], all[i].names[k]);
        ck_assert_str_eq(f.class, all[i].class);
        ck_assert_str_eq(f.what, all[i].what != NULL ? all[i].what : "");
        ck_assert_str_eq(f.beside, all[i].beside != NULL ? all[i].beside : "");
        const double is[] = {f.was, f.is, f.part}, wants[] = {all[i].was, all[i].is, all[i].part};
        for (size_t k = 0; k < sizeof is / sizeof *is; k++)
            ck_assert(is[k] == wants[k] || (isnan(is[k]) && isnan(wants[k])));
        ck_assert_str_eq(drift_where_text(&f, &a), texts[i]);
        buf_fini(&text);
        arena_fini(&a);
    }
}
END_TEST

START_TEST(a_finding_of_before_the_key_is_as_undecided_as_its_sentence)
{
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {"{\"beside\":\"40 % of it may be other traffic: route /a, and there are too few samples to tell\"}", true},
        {"{\"beside\":\"40 % of it is other traffic: route /a, and there are too few samples to tell 6.0 -> 31 % of them\"}", false},
        {"{\"beside\":\"40 % of it may be other traffic: route /a, and there are too few samples to tell\",\"undecided\":false}", false},
        {"{}", false}};
    struct arena a;
    struct drift_found f;
    struct errctx why;
    arena_init(&a, 65536);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_int_eq(drift_found_read(str_of(cases[i].text), &a, &f, &why), ERR_OK);
        ck_assert_msg(f.undecided == cases[i].is, "%s", cases[i].text);
    }
    arena_fini(&a);
}
END_TEST

START_TEST(a_finding_of_nonsense_is_none)
{
    static const char *const bad[] = {"", "[", "{\"is\":2}", "{\"n\":-1}", "{\"onset_ms\":1e300}", "{\"parts\":\"5\"}"};
    struct arena a;
    struct drift_found f = {.n = 7};
    struct errctx why;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(drift_found_read(str_of(bad[i]), &a, &f, &why) == ERR_PARSE && f.n == 7, "%s", bad[i]);
    ck_assert_int_eq(drift_found_read(str_of("{\"where\":\"alone\",\"dim\":\"planet\",\"names\":[1,\"b\",\"c\",\"d\"]}"), &a, &f, &why),
                     ERR_OK);
    ck_assert_int_eq(f.where, DRIFT_WHERE_UNKNOWN);
    ck_assert_uint_eq(f.name_count, 3);
    ck_assert_int_eq(drift_found_read(str_of("{\"onset_ms\":5000,\"from_ms\":6000,\"to_ms\":7000}"), &a, &f, &why), ERR_OK);
    ck_assert(f.onset_ms == 5000 && f.from_ms == 0 && f.to_ms == 0); /* it does not lie between them */
    arena_fini(&a);
}
END_TEST

/* Stores go from one person to another: whatever stands in one is converted to no type that it does not fit. */
START_TEST(numbers_out_of_range_are_refused)
{
    static const char *const keys[] = {"n",   "bad",    "mean",    "var",           "from_ms",       "to_ms",       "lacks",
                                       "arl", "alarms", "streams", "from_error_ms", "onset_from_ms", "onset_to_ms", "onset_was"};
    static const char *const never[] = {"1e300", "-1e300", "1e999", "-1e999", "\"1\"", "true", "[]"};
    struct arena a;
    struct drift_base b = {.n = 7};
    struct errctx why;
    char text[128];
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        for (size_t k = 0; k < sizeof never / sizeof *never; k++) {
            ck_assert(str_format(text, sizeof text, "{\"%s\":%s}", keys[i], never[k]));
            ck_assert_msg(drift_base_read(str_of(text), &a, &b, &why) == ERR_PARSE, "%s", text);
        }
        ck_assert(str_format(text, sizeof text, "{\"%s\":-0.5}", keys[i]));
        ck_assert_int_eq(drift_base_read(str_of(text), &a, &b, &why), strcmp(keys[i], "mean") == 0 ? ERR_OK : ERR_PARSE);
        if (strcmp(keys[i], "mean") == 0)
            b.n = 7;
    }
    static const char *const texts[] = {"{\"n\":null}",
                                        "{\"bad\":null}",
                                        "{\"lacks\":null}",
                                        "{\"streams\":4294967296}",
                                        "{\"arl\":0.5}",
                                        "{\"is_share\":true,\"n\":10,\"bad\":11}",
                                        "{",
                                        "{\"n\":1} 2"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(drift_base_read(str_of(texts[i]), &a, &b, &why) == ERR_PARSE, "%s", texts[i]);
    ck_assert_uint_eq(b.n, 7); /* untouched */
    ck_assert_int_eq(drift_base_read(str_of("{\"n\":1e300}"), &a, &b, &why), ERR_PARSE);
    ck_assert_str_eq(why.text, "n of a baseline is no number from 0 to 9.0072e+15");
    arena_fini(&a);
}
END_TEST

START_TEST(what_is_missing_is_not_known)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    const struct drift_base b = read_it("{}", &a);
    ck_assert(b.n == 0 && b.bad == 0 && b.lacks == 0 && b.from_ms == 0 && b.to_ms == 0 && b.streams == 0 && !b.is_share);
    ck_assert(isnan(b.mean) && isnan(b.var) && isnan(b.arl) && isnan(b.alarms));
    ck_assert_str_eq(b.why, "");
    ck_assert(isnan(read_it("{\"n\":5,\"mean\":null}", &a).mean));
    /* Which way is good, of notes that do not say it. */
    ck_assert(b.high_is_good);
    ck_assert(read_it("{\"is_share\":true,\"n\":100,\"bad\":2,\"mean\":0.98}", &a).high_is_good);
    ck_assert(!read_it("{\"is_share\":true,\"n\":100,\"bad\":2,\"mean\":0.02}", &a).high_is_good);
    ck_assert(read_it("{\"n\":100,\"bad\":2,\"mean\":0.02}", &a).high_is_good);
    ck_assert(!read_it("{\"is_share\":true,\"high_is_good\":false,\"n\":100,\"bad\":2,\"mean\":0.98}", &a).high_is_good);
    arena_fini(&a);
}
END_TEST

Suite *suite_drift(void)
{
    Suite *s = suite_create("drift");
    TCase *tc = tcase_create("drift");
    tcase_add_test(tc, what_is_written_is_read);
    tcase_add_test(tc, numbers_out_of_range_are_refused);
    tcase_add_test(tc, what_is_missing_is_not_known);
    tcase_add_test(tc, a_finding_that_is_written_is_read);
    tcase_add_test(tc, a_finding_of_before_the_key_is_as_undecided_as_its_sentence);
    tcase_add_test(tc, a_finding_of_nonsense_is_none);
    suite_add_tcase(s, tc);
    return s;
}
