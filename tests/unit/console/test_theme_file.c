/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/tmpdir.h"
#include "ui/console/theme_file.h"

Suite *suite_theme_file(void);

START_TEST(every_built_in_theme_loads_and_tells_severities_apart)
{
    size_t n = 0;
    for (; theme_name_at(n) != NULL; n++) {
        struct theme t;
        struct errctx ctx = {.text = ""};
        ck_assert_msg(theme_load(theme_name_at(n), &t, &ctx) == ERR_OK, "%s", ctx.text);
        ck_assert_str_eq(t.name, theme_name_at(n));
        ck_assert_int_ne(memcmp(&t.role[ROLE_PAGE_BADGE], &t.role[ROLE_OK_BADGE], sizeof t.role[0]), 0);
        ck_assert_uint_ne(t.role[ROLE_PAGE_BADGE].attr, 0); /* severity is never a hue alone */
    }
    ck_assert_uint_ge(n, 6); /* default, light, dark, high contrast, mono, blue-orange */
}
END_TEST

static enum err load_text(const char *text, struct theme *ret, struct errctx *ctx)
{
    char dir[256], path[300];
    tmpdir_make(dir, sizeof dir);
    ck_assert(str_format(path, sizeof path, "%s/own.yaml", dir));
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
    enum err e = theme_load(path, ret, ctx);
    tmpdir_remove(dir);
    return e;
}

START_TEST(a_file_sets_roles_and_leaves_the_others_without_hue)
{
    struct theme t, mono;
    theme_mono(&mono);
    ck_assert_int_eq(load_text("roles:\n  page: 196/red bold\n", &t, NULL), ERR_OK);
    ck_assert_int_eq(t.role[ROLE_PAGE].fg, 196);
    ck_assert_int_eq(memcmp(&t.role[ROLE_TAB], &mono.role[ROLE_TAB], sizeof t.role[0]), 0);
}
END_TEST

START_TEST(what_is_wrong_is_named_with_its_place)
{
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"roles:\n  pgae: red\n", ":2:3: there is no role 'pgae'"},
        {"roles:\n  page: rouge\n", ":2:9: page:"},
        {"roles:\n  page: [red]\n", ":2:9: page:"},
        {"page: red\n", "expected a mapping with `roles:`"},
        {"- red\n", "expected a mapping"},
        {"roles: red\n", "expected a mapping"},
        {"roles:\n\tpage: red\n", ":2:"},
        {"", "own.yaml"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct errctx ctx = {.text = ""};
        struct theme t, before;
        memset(&t, 0x5a, sizeof t);
        before = t;
        ck_assert_int_ne(load_text(rows[i].text, &t, &ctx), ERR_OK);
        ck_assert_msg(strstr(ctx.text, rows[i].said) != NULL, "expected '%s' in: %s", rows[i].said, ctx.text);
        ck_assert_int_eq(memcmp(&t, &before, sizeof t), 0);
    }
}
END_TEST

START_TEST(a_theme_that_is_none_is_answered_with_those_there_are)
{
    struct errctx ctx = {.text = ""};
    struct theme t;
    ck_assert_int_eq(theme_load("plaid", &t, &ctx), ERR_NOTFOUND);
    for (size_t i = 0; theme_name_at(i) != NULL; i++)
        ck_assert_msg(strstr(ctx.text, theme_name_at(i)) != NULL, "%s", ctx.text);
    ck_assert_int_eq(theme_load("/nonexistent/theme.yaml", &t, &ctx), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(ctx.text, "/nonexistent/theme.yaml"));
}
END_TEST

START_TEST(a_file_without_end_is_refused)
{
    static char large[70 * 1024];
    struct errctx ctx = {.text = ""};
    struct theme t;
    memset(large, '#', sizeof large - 1);
    ck_assert_int_eq(load_text(large, &t, &ctx), ERR_LIMIT);
}
END_TEST

Suite *suite_theme_file(void)
{
    Suite *s = suite_create("theme_file");
    TCase *tc = tcase_create("theme_file");
    tcase_add_test(tc, every_built_in_theme_loads_and_tells_severities_apart);
    tcase_add_test(tc, a_file_sets_roles_and_leaves_the_others_without_hue);
    tcase_add_test(tc, what_is_wrong_is_named_with_its_place);
    tcase_add_test(tc, a_theme_that_is_none_is_answered_with_those_there_are);
    tcase_add_test(tc, a_file_without_end_is_refused);
    suite_add_tcase(s, tc);
    return s;
}
