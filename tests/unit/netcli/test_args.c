/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "netcli/args.h"

struct values {
    bool flag;
    const char *text;
    struct arg_words words;
    int64_t number, duration;
    double real;
};

static enum err parse(struct values *v, int argc, char **argv, struct errctx *ctx)
{
    const struct arg table[] = {
        {"--flag", ARG_FLAG, &v->flag},   {"--text", ARG_TEXT, &v->text},        {"--number", ARG_I64, &v->number},
        {"--real", ARG_NUMBER, &v->real}, {"--for", ARG_DURATION, &v->duration}, {NULL, ARG_FLAG, NULL},
    };
    return args_read(argc, argv, table, &v->words, ctx);
}

START_TEST(options_are_read_in_both_forms)
{
    struct values v = {.words.max = 2, .number = -1};
    struct errctx ctx = {""};
    char a[] = "--flag", b[] = "--text=x=y", c[] = "word", d[] = "--number", e[] = "42", i[] = "word 2", f[] = "--for", g[] = "1h30m",
         h[] = "--real=2.5";
    char cmd[] = "cmd", *argv[] = {cmd, a, b, c, d, e, f, g, h, i};
    ck_assert_msg(parse(&v, 10, argv, &ctx) == ERR_OK, "%s", ctx.text);
    ck_assert(v.flag);
    ck_assert_str_eq(v.text, "x=y");
    ck_assert_uint_eq(v.words.count, 2);
    ck_assert_str_eq(v.words.at[0], "word");
    ck_assert_str_eq(v.words.at[1], "word 2");
    ck_assert_ptr_null(v.words.at[2]);
    ck_assert_int_eq(v.number, 42);
    ck_assert_int_eq(v.duration, 5400000);
    ck_assert_double_eq(v.real, 2.5);
}
END_TEST

static void refuse(const char *first, const char *second, const char *sentence)
{
    struct values v = {.words.max = 1};
    struct errctx ctx = {""};
    char cmd[] = "cmd", a[64], b[64];
    strcpy(a, first);
    strcpy(b, second == NULL ? "" : second);
    char *argv[] = {cmd, a, b};
    ck_assert_int_eq(parse(&v, second == NULL ? 2 : 3, argv, &ctx), ERR_USAGE);
    ck_assert_msg(strstr(ctx.text, sentence) != NULL, "'%s'", ctx.text);
}

START_TEST(what_is_not_in_the_table_is_refused)
{
    refuse("--nothing", NULL, "no option '--nothing'");
    refuse("--flag=1", NULL, "takes no value");
    refuse("--text", NULL, "wants a value");
    refuse("--number", "4x", "whole number");
    refuse("--for", "15", "--for:");
    refuse("--real", "nan", "number");
    refuse("one", "two", "one word too many");
}
END_TEST

Suite *suite_args(void);
Suite *suite_args(void)
{
    Suite *s = suite_create("args");
    TCase *c = tcase_create("args");
    tcase_add_test(c, options_are_read_in_both_forms);
    tcase_add_test(c, what_is_not_in_the_table_is_refused);
    suite_add_tcase(s, c);
    return s;
}
