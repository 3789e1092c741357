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
        ck_assert(b.from_ms == was->from_ms && b.to_ms == was->to_ms);
        const double is[] = {b.bad, b.mean, b.var, b.lacks, b.arl, b.alarms},
                     wants[] = {was->bad, was->mean, was->var, was->lacks, was->arl, was->alarms};
        for (size_t k = 0; k < sizeof is / sizeof *is; k++)
            ck_assert_msg(is[k] == wants[k] || (isnan(is[k]) && isnan(wants[k])), "%zu: %g for %g", k, is[k], wants[k]);
        ck_assert_str_eq(b.why, was->why);
        buf_fini(&text);
        arena_fini(&a);
    }
}
END_TEST

/* Stores go from one person to another: whatever stands in one is converted to no type that it does not fit. */
START_TEST(numbers_out_of_range_are_refused)
{
    static const char *const keys[] = {"n", "bad", "mean", "var", "from_ms", "to_ms", "lacks", "arl", "alarms", "streams"};
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
    suite_add_tcase(s, tc);
    return s;
}
