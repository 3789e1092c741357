/* SPDX-License-Identifier: MIT */
#include "ui/draw/canvas.h"

#include <check.h>
#include <string.h>

#include "ui/draw/area.h"

static struct canvas cv;

static void setup(void)
{
    canvas_init(&cv);
    ck_assert_int_eq(canvas_resize(&cv, 10, 3), ERR_OK);
}

static void teardown(void)
{
    canvas_fini(&cv);
}

static const char *plane(enum canvas_plane p)
{
    static char text[4096];
    struct buf b;
    buf_init(&b, sizeof text);
    ck_assert_int_eq(canvas_export(&cv, p, &b), ERR_OK);
    memcpy(text, b.data, b.len + 1);
    buf_fini(&b);
    return text;
}

static struct area all(void)
{
    return area_of(&cv, canvas_rect(&cv));
}

/* Every wide rune has its right half, and no half stands alone. */
static void check_whole(void)
{
    for (int y = 0; y < cv.rows; y++) {
        for (int x = 0; x < cv.cols; x++) {
            int width = canvas_cell(&cv, x, y)->width;
            if (width == 2) {
                ck_assert(x + 1 < cv.cols);
                ck_assert_int_eq(canvas_cell(&cv, x + 1, y)->width, 0);
            }
            if (width == 0) {
                ck_assert(x > 0);
                ck_assert_int_eq(canvas_cell(&cv, x - 1, y)->width, 2);
            }
        }
    }
}

START_TEST(test_resize_keeps_memory)
{
    struct cell *was = cv.cell;
    ck_assert_int_eq(canvas_resize(&cv, 5, 2), ERR_OK);
    ck_assert_ptr_eq(cv.cell, was);
    ck_assert_int_eq(canvas_resize(&cv, -4, 100000), ERR_OK);
    ck_assert_int_eq(cv.cols, 0);
    ck_assert_int_eq(cv.rows, CANVAS_SIDE_MAX);
    ck_assert_ptr_null(canvas_cell(&cv, 0, 0));
}
END_TEST

START_TEST(test_put_and_planes)
{
    ck_assert_int_eq(area_put(all(), 1, 0, ROLE_PAGE, "PAGE"), 4);
    ck_assert_int_eq(area_put(area_on(all(), ROLE_BAR), 2, 1, ROLE_DIM, "a b"), 3);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), " PAGE\n  a b\n\n");
    ck_assert_str_eq(plane(CANVAS_ROLES), " pppp\n  ,,,\n\n");
    ck_assert_str_eq(plane(CANVAS_GROUNDS), "\n  ===\n\n");
}
END_TEST

START_TEST(test_clipping)
{
    struct area a = area_sub(all(), 3, 1, 4, 1);
    ck_assert_int_eq(area_put(a, 0, 0, ROLE_TEXT, "abcdefgh"), 4);
    ck_assert_int_eq(area_put(a, -2, 0, ROLE_TEXT, "XYz"), 3); /* two of them left of the window */
    (void)area_put(a, 0, -1, ROLE_TEXT, "no");
    (void)area_put(a, 0, 1, ROLE_TEXT, "no");
    (void)area_put(a, 4, 0, ROLE_TEXT, "no");
    (void)area_put(area_sub(a, 2, 0, 50, 50), 0, 0, ROLE_TEXT, "!!!!!!");
    area_fill(area_sub(a, -100, -100, 50, 50), ROLE_TEXT, '#');
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "\n   zb!!\n\n");
}
END_TEST

START_TEST(test_wide_runes)
{
    const char *wide = "\xe6\xa8\xa1\xe5\x9e\x8b";               /* two runes of two columns */
    ck_assert_int_eq(area_put(all(), 7, 0, ROLE_TEXT, wide), 2); /* the second does not fit whole */
    check_whole();
    ck_assert_int_eq(canvas_cell(&cv, 9, 0)->rune, ' ');
    ck_assert_int_eq(area_put(all(), 0, 1, ROLE_TEXT, wide), 4);
    (void)area_put(all(), 1, 1, ROLE_TEXT, "x"); /* over the right half: the left half goes too */
    check_whole();
    ck_assert_int_eq(canvas_cell(&cv, 0, 1)->rune, ' ');
    (void)area_put(all(), 2, 1, ROLE_TEXT, "y"); /* over the left half */
    check_whole();
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "       \xe6\xa8\xa1\n xy\n\n");
    struct area right = area_sub(all(), 5, 2, 5, 1); /* a window that begins inside the rune */
    (void)area_put(all(), 4, 2, ROLE_TEXT, wide);
    (void)area_put(right, -1, 0, ROLE_TEXT, wide);
    check_whole();
}
END_TEST

START_TEST(test_combining_and_unprintable)
{
    ck_assert_int_eq(area_put(all(), 0, 0, ROLE_TEXT, "e\xcc\x81x"), 2); /* e and U+0301 are one column */
    ck_assert_int_eq(canvas_cell(&cv, 0, 0)->mark[0], 0x301);
    ck_assert_int_eq(area_put(all(), 0, 1, ROLE_TEXT, "a\x1b[2J"), 5); /* whatever comes, ESC is no cell */
    ck_assert_int_eq(canvas_cell(&cv, 1, 1)->rune, '?');
}
END_TEST

START_TEST(test_cut_and_right)
{
    ck_assert_int_eq(area_put_cut(all(), 0, 0, 5, ROLE_TEXT, 0, "abcdefgh"), 5);
    ck_assert_int_eq(area_put_cut(all(), 5, 0, 5, ROLE_TEXT, 0, "xyz"), 3);
    ck_assert_int_eq(area_put_right(all(), 0, 1, 6, ROLE_TEXT, 0, "42"), 6);
    (void)area_put_right(all(), 0, 2, 3, ROLE_TEXT, 0, "12345");
    ck_assert_int_eq(area_put_cut(all(), 8, 2, 4, ROLE_TEXT, 0, NULL), 0);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "abcd~xyz\n    42\n12~\n");
}
END_TEST

START_TEST(test_wrap)
{
    ck_assert_int_eq(area_wrap(area_sub(all(), 0, 0, 7, 3), 0, 0, ROLE_TEXT, "one two three four"), 3);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "one two\nthree\nfour\n");
    canvas_clear(&cv);
    ck_assert_int_eq(area_wrap(area_sub(all(), 0, 0, 7, 2), 0, 0, ROLE_TEXT, "one two\n\nthree"), 2);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "one two\n~\n\n");
    canvas_clear(&cv);
    ck_assert_int_eq(area_wrap(area_sub(all(), 0, 0, 4, 3), 0, 0, ROLE_TEXT, "abcdefgh"), 2);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "abcd\nefgh\n\n");
    ck_assert_int_eq(area_wrap(area_sub(all(), 0, 0, 1, 3), 0, 0, ROLE_TEXT, "\xe6\xa8\xa1"), 1); /* no room for one rune: ends */
}
END_TEST

START_TEST(test_wrap_rows)
{
    static const char text[] = "one two three four\n\nfive";
    for (int width = 1; width <= 10; width++) {
        ck_assert_int_eq(canvas_resize(&cv, width, 40), ERR_OK);
        ck_assert_int_eq(area_wrap_rows(width, text), area_wrap(all(), 0, 0, ROLE_TEXT, text));
    }
    ck_assert_int_eq(area_wrap_rows(7, text), 5);
    ck_assert_int_eq(area_wrap_rows(0, text), 0);
    ck_assert_int_eq(area_wrap_rows(7, NULL), 0);
    ck_assert_int_eq(area_wrap_rows(1, "\xe6\xa8\xa1\xe6\xa8\xa1"), 1); /* no room for one rune */
}
END_TEST

START_TEST(test_highlight_and_replace)
{
    (void)area_put(all(), 0, 0, ROLE_TEXT, "GPT-x gpt");
    area_highlight(all(), ROLE_MATCH, "gpt");
    ck_assert_str_eq(plane(CANVAS_ROLES), "mmm.. mmm\n\n\n");
    area_highlight(all(), ROLE_MATCH, "");
    area_replace(all(), ROLE_MATCH, ROLE_STALE);
    ck_assert_str_eq(plane(CANVAS_ROLES), "sss.. sss\n\n\n");
}
END_TEST

Suite *suite_canvas(void);
Suite *suite_canvas(void)
{
    Suite *s = suite_create("canvas");
    TCase *t = tcase_create("canvas");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_resize_keeps_memory);
    tcase_add_test(t, test_put_and_planes);
    tcase_add_test(t, test_clipping);
    tcase_add_test(t, test_wide_runes);
    tcase_add_test(t, test_combining_and_unprintable);
    tcase_add_test(t, test_cut_and_right);
    tcase_add_test(t, test_wrap);
    tcase_add_test(t, test_wrap_rows);
    tcase_add_test(t, test_highlight_and_replace);
    suite_add_tcase(s, t);
    return s;
}
