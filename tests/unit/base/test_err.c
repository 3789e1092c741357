/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <check.h>
#include <string.h>

#include "base/safe_text.h"

Suite *suite_err(void);

START_TEST(returns_the_code_and_says_why)
{
    struct errctx ctx;
    ck_assert_int_eq(errctx_set(&ctx, ERR_PARSE, "line %d: expected a number", 7), ERR_PARSE);
    ck_assert_str_eq(ctx.text, "line 7: expected a number");
    ck_assert_int_eq(errctx_set(NULL, ERR_IO, "nobody listens to %s", "this"), ERR_IO);
}
END_TEST

START_TEST(remote_bytes_are_neutralised)
{
    struct errctx ctx;
    (void)errctx_set(&ctx, ERR_NET, "host %s said %s", "a\nb", "\x1b]0;x\x07\xff");
    ck_assert_str_eq(ctx.text, "host a^Jb said ^[]0;x^G\uFFFD");
}
END_TEST

START_TEST(long_sentences_are_marked_as_cut)
{
    char longer[2000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    struct errctx ctx;
    (void)errctx_set(&ctx, ERR_NET, "%s", longer);
    ck_assert_uint_eq(strlen(ctx.text), sizeof ctx.text - 1);
    ck_assert_int_eq(ctx.text[sizeof ctx.text - 2], '~');
    for (size_t i = 0; i + 3 < sizeof longer; i += 3)
        memcpy(longer + i, "\u6a21", 3); /* cut inside a rune by the formatting, which must not show */
    (void)errctx_set(&ctx, ERR_NET, "%s", longer);
    ck_assert(utf8_is_valid(str_of(ctx.text)));
    ck_assert(strstr(ctx.text, "\uFFFD") == NULL);
}
END_TEST

START_TEST(a_sentence_can_be_wrapped_into_another)
{
    struct errctx ctx;
    (void)errctx_set(&ctx, ERR_IO, "disk full");
    ck_assert_int_eq(errctx_set(&ctx, ERR_FULL, "store: %s", ctx.text), ERR_FULL);
    ck_assert_str_eq(ctx.text, "store: disk full");
}
END_TEST

START_TEST(every_code_has_a_name_of_its_own)
{
    for (int a = ERR_OK; a <= ERR_UNSUPPORTED; a++) {
        ck_assert_str_ne(err_name((enum err)a), "unknown");
        for (int b = ERR_OK; b < a; b++)
            ck_assert_str_ne(err_name((enum err)a), err_name((enum err)b));
    }
    ck_assert_str_eq(err_name(ERR_LIMIT), "limit");
    ck_assert_str_eq(err_name(ERR_PARSE), "parse");
}
END_TEST

START_TEST(what_was_not_said_is_told_by_its_name)
{
    struct errctx ctx = {.text = ""};
    ck_assert_str_eq(errctx_text(&ctx, ERR_NET), "net");
    ck_assert_str_eq(errctx_text(&ctx, errctx_set(&ctx, ERR_NET, "refused")), "refused");
}
END_TEST

Suite *suite_err(void)
{
    Suite *suite = suite_create("err");
    TCase *t = tcase_create("err");
    tcase_add_test(t, returns_the_code_and_says_why);
    tcase_add_test(t, remote_bytes_are_neutralised);
    tcase_add_test(t, long_sentences_are_marked_as_cut);
    tcase_add_test(t, a_sentence_can_be_wrapped_into_another);
    tcase_add_test(t, every_code_has_a_name_of_its_own);
    tcase_add_test(t, what_was_not_said_is_told_by_its_name);
    suite_add_tcase(suite, t);
    return suite;
}
