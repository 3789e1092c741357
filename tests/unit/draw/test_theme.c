/* SPDX-License-Identifier: MIT */
#include "ui/draw/theme.h"

#include <check.h>
#include <string.h>

static struct style parse(const char *text)
{
    struct style s;
    struct errctx ctx = {""};
    ck_assert_msg(theme_style_parse(str_of(text), &s, &ctx) == ERR_OK, "%s: %s", text, ctx.text);
    return s;
}

START_TEST(test_roles_are_distinct)
{
    for (int i = 0; i < ROLE_COUNT; i++) {
        const struct role_info *a = role_info((enum role)i);
        enum role found;
        ck_assert(role_by_name(str_of(a->name), &found) && found == (enum role)i);
        ck_assert_msg(a->letter > ' ' && a->letter < 0x7f, "%s has no printable letter", a->name);
        ck_assert(strlen(a->help) > 10);
        for (int k = 0; k < i; k++) {
            ck_assert_msg(role_info((enum role)k)->letter != a->letter, "%s and %s share '%c'", role_info((enum role)k)->name, a->name,
                          a->letter);
        }
    }
    enum role none;
    ck_assert(!role_by_name(str_of("colour"), &none));
}
END_TEST

START_TEST(test_style_words)
{
    struct style s = parse("203/bright-red bold");
    ck_assert_int_eq(s.fg, 203);
    ck_assert_int_eq(s.fg_few, 9);
    ck_assert(s.fg_has_few);
    ck_assert_int_eq(s.attr, CELL_BOLD);
    ck_assert_int_eq(s.bg, THEME_DEFAULT);
    s = parse("bold default on #1a2B3c/black underline");
    ck_assert_int_eq(s.bg, THEME_RGB | 0x1a2b3c);
    ck_assert_int_eq(s.bg_few, 0);
    ck_assert_int_eq(s.attr, CELL_BOLD | CELL_UNDERLINE);
    s = parse("reverse dim italic");
    ck_assert_int_eq(s.fg, THEME_DEFAULT);
    ck_assert_int_eq(s.attr, CELL_REVERSE | CELL_DIM | CELL_ITALIC);
    ck_assert_int_eq(parse("grey").fg, 8);
    ck_assert_int_eq(parse("on 255").bg, 255);
    ck_assert_int_eq(parse("").fg, THEME_DEFAULT);
}
END_TEST

START_TEST(test_style_errors)
{
    static const char *const wrong[] = {
        "256", "-1", "purpel", "red blue", "red on", "on bold", "#12345", "#12345g", "red/", "/red", "red on blue on green"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct style s = {.fg = 77};
        struct errctx ctx = {""};
        ck_assert_msg(theme_style_parse(str_of(wrong[i]), &s, &ctx) == ERR_PARSE, "'%s' was accepted", wrong[i]);
        ck_assert_msg(strstr(ctx.text, "expected"), "'%s': %s", wrong[i], ctx.text);
        ck_assert_int_eq(s.fg, 77); /* untouched */
    }
}
END_TEST

START_TEST(test_reduce)
{
    ck_assert_int_eq(theme_color_reduce(THEME_DEFAULT, 8), THEME_DEFAULT);
    ck_assert_int_eq(theme_color_reduce(203, 0), THEME_DEFAULT);
    ck_assert_int_eq(theme_color_reduce(203, 256), 203);
    ck_assert_int_eq(theme_color_reduce(9, 8), 1);
    ck_assert_int_eq(theme_color_reduce(9, 16), 9);
    ck_assert_int_eq(theme_color_reduce(196, 16), 9);                     /* pure red */
    ck_assert_int_eq(theme_color_reduce(THEME_RGB | 0xff0000, 256), 196); /* not 9: users redefine the sixteen */
    ck_assert_int_eq(theme_color_reduce(THEME_RGB | 0x080808, 256), 232);
    ck_assert_int_eq(theme_color_reduce(THEME_RGB | 0x123456, 1 << 24), THEME_RGB | 0x123456);
}
END_TEST

START_TEST(test_cell_style)
{
    struct theme t;
    theme_mono(&t);
    for (int r = 0; r < ROLE_COUNT; r++) {
        ck_assert_int_eq(t.role[r].fg, THEME_DEFAULT);
        ck_assert_int_eq(t.role[r].bg, THEME_DEFAULT);
    }
    t.role[ROLE_PAGE] = parse("203/bright-red");
    t.role[ROLE_BAR] = parse("default on 236");
    t.role[ROLE_SERIES2] = parse("139");
    t.role[ROLE_PAGE_BADGE] = parse("255 on 160");
    struct cell c = {.rune = 'x', .role = ROLE_PAGE, .ground = ROLE_TEXT, .attr = CELL_BOLD, .width = 1};
    ck_assert_int_eq(theme_cell_style(&t, &c, 256).fg, 203);
    ck_assert_int_eq(theme_cell_style(&t, &c, 16).fg, 9);
    ck_assert_int_eq(theme_cell_style(&t, &c, 0).fg, THEME_DEFAULT);
    ck_assert_int_eq(theme_cell_style(&t, &c, 0).attr, CELL_BOLD);
    c.ground = ROLE_BAR;
    ck_assert_int_eq(theme_cell_style(&t, &c, 256).bg, 236);
    c.role = ROLE_PAGE_BADGE;
    ck_assert_int_eq(theme_cell_style(&t, &c, 256).bg, 160); /* a badge keeps its own ground on the bar */
    c.role = ROLE_PAGE;
    c.ground = ROLE_SERIES2;
    c.attr = CELL_SOLID;
    ck_assert_int_eq(theme_cell_style(&t, &c, 256).bg, 139);
    ck_assert_int_eq(theme_cell_style(&t, &c, 256).attr, 0);
    /* a reversed ground is one ground: the hue of the text on it gives way, its weight stays */
    c.ground = ROLE_SELECTION;
    c.attr = CELL_BOLD;
    struct style s = theme_cell_style(&t, &c, 256);
    ck_assert_int_eq(s.fg, THEME_DEFAULT);
    ck_assert_int_eq(s.attr, CELL_BOLD | CELL_REVERSE);
    c.rune = 0x2588; /* a bar keeps its hue, which is what the background of a reversed cell paints it with */
    ck_assert_int_eq(theme_cell_style(&t, &c, 256).bg, 203);
    ck_assert_int_eq(theme_cell_style(&t, &c, 256).fg, THEME_DEFAULT);
}
END_TEST

Suite *suite_theme(void);
Suite *suite_theme(void)
{
    Suite *s = suite_create("theme");
    TCase *t = tcase_create("theme");
    tcase_add_test(t, test_roles_are_distinct);
    tcase_add_test(t, test_style_words);
    tcase_add_test(t, test_style_errors);
    tcase_add_test(t, test_reduce);
    tcase_add_test(t, test_cell_style);
    suite_add_tcase(s, t);
    return s;
}
