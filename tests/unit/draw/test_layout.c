/* SPDX-License-Identifier: MIT */
#include "ui/draw/layout.h"

#include <check.h>

#include "ui/draw/plan.h"

enum { COLS = 200, ROWS = 60 };

static bool inside(struct rect r, struct rect outer)
{
    return rect_is_empty(r) || (r.x >= outer.x && r.y >= outer.y && r.x + r.w <= outer.x + outer.w && r.y + r.h <= outer.y + outer.h);
}

START_TEST(test_every_size)
{
    for (int rows = 1; rows <= ROWS; rows++) {
        for (int cols = 1; cols <= COLS; cols++) {
            for (int zoom = 0; zoom < 2; zoom++) {
                struct layout l = layout_screen(cols, rows, zoom);
                const struct rect part[] = {l.header, l.verdict, l.reality, l.tabs, l.body, l.footer};
                enum { PARTS = sizeof part / sizeof *part };
                bool good = !rect_is_empty(l.verdict); /* the last to go */
                good = good && l.too_small == (cols < LAYOUT_MIN_COLS || rows < LAYOUT_MIN_ROWS) && l.too_small == rect_is_empty(l.body);
                int covered = 0;
                for (int i = 0; i < PARTS; i++) {
                    good = good && inside(part[i], l.screen);
                    covered += rect_is_empty(part[i]) ? 0 : part[i].w * part[i].h;
                    for (int k = 0; k < i; k++) {
                        good = good && rect_is_empty(rect_intersect(part[i], part[k]));
                    }
                }
                ck_assert_msg(good && covered == cols * rows, "%dx%d, zoom %d", cols, rows, zoom);
            }
        }
    }
}
END_TEST

START_TEST(test_grid)
{
    for (int cols = 0; cols <= 400; cols++) {
        for (int p = 0; p < PANE_COUNT; p++) {
            struct layout_grid g = layout_grid(cols, (enum pane_id)p);
            ck_assert_int_ge(g.strip_w, 0);
            ck_assert(g.strip_w == 0 || g.strip_x + g.strip_w == g.main_w);
            ck_assert(g.side_w == 0 || (g.side_x > g.main_w && g.side_x + g.side_w == cols));
            ck_assert(cols < LAYOUT_MIN_COLS || g.strip_w >= 10);
            uint32_t n = draw_axis_columns(cols, 24, (enum pane_id)p, false, GLYPH_BLOCK);
            ck_assert_uint_ge(n, 1);
            ck_assert(g.strip_w < 1 || n == (uint32_t)g.strip_w);
            ck_assert(g.strip_w < 1 || draw_axis_columns(cols, 24, (enum pane_id)p, false, GLYPH_BRAILLE) == 2 * n);
        }
    }
    struct layout_grid g = layout_grid(80, PANE_OVERVIEW);
    ck_assert_int_eq(g.strip_x, 40); /* the designed case */
    ck_assert_int_eq(g.strip_w, 40);
    ck_assert_int_eq(layout_grid(160, PANE_TRAFFIC).side_w, 0);
}
END_TEST

START_TEST(test_hostile_sizes)
{
    struct layout l = layout_screen(-5, -5, false);
    ck_assert(l.too_small && rect_is_empty(l.body) && rect_is_empty(l.verdict));
    (void)layout_grid(-10, PANE_OVERVIEW);
    ck_assert_uint_eq(draw_axis_columns(1 << 20, 1, PANE_COST, false, GLYPH_BRAILLE), 2 * CANVAS_SIDE_MAX);
}
END_TEST

START_TEST(test_plan)
{
    struct plan_block b[3] = {{.min = 5, .want = 8, .rank = 1}, {.min = 3, .want = 5, .rank = 3}, {.min = 4, .want = 6, .rank = 2}};
    for (int rows = -1; rows < 40; rows++) {
        plan_rows(b, 3, rows);
        int sum = b[0].h + b[1].h + b[2].h;
        ck_assert_int_le(sum, rows < 0 ? 0 : rows);
        ck_assert_int_eq(b[1].y, b[0].h);
        ck_assert_int_eq(b[2].y, b[0].h + b[1].h);
        ck_assert(b[1].h == 0 || b[1].h >= 3);
        ck_assert(b[2].h == 0 || b[2].h >= 4);
        ck_assert(b[1].h == 0 || b[2].h > 0 || rows < 9); /* a lower rank only without starving a higher one */
    }
    plan_rows(b, 3, 100);
    ck_assert(b[0].h == 8 && b[1].h == 5 && b[2].h == 6);
    plan_rows(b, 3, 14); /* 12 of need, 2 left: the first rank grows first */
    ck_assert(b[0].h == 7 && b[1].h == 3 && b[2].h == 4);
    b[0].grow = 9; /* ... unless it says that it can wait */
    plan_rows(b, 3, 14);
    ck_assert(b[0].h == 5 && b[1].h == 3 && b[2].h == 6);
    plan_give(b, 3, 14, 1, 5);
    ck_assert_int_eq(b[1].h, 3); /* nothing is left over */
    plan_rows(b, 3, 25);
    ck_assert_int_eq(plan_left(b, 3, 25), 6);
    plan_give(b, 3, 25, 0, 4);
    plan_give(b, 3, 25, 1, 4);
    plan_give(b, 3, 25, 2, -1);
    ck_assert(b[0].h == 12 && b[1].h == 7 && b[2].h == 6 && b[1].y == 12 && b[2].y == 19 && plan_left(b, 3, 25) == 0);
    struct plan_block nothing = {.min = 4, .want = 0, .rank = 1};
    plan_rows(&nothing, 1, 10);
    ck_assert_int_eq(nothing.h, 0);
    plan_give(&nothing, 1, 10, 0, 3); /* who is not shown is given nothing */
    ck_assert_int_eq(nothing.h, 0);
}
END_TEST

START_TEST(test_room_for_a_detail)
{
    ck_assert(draw_shows_detail(80, 30, PANE_INCIDENTS, false));
    ck_assert(draw_shows_detail(80, 24, PANE_INCIDENTS, false)); /* what it did, below a short list */
    ck_assert(!draw_shows_detail(200, 22, PANE_INCIDENTS, false));
    ck_assert(!draw_shows_detail(80, 20, PANE_INCIDENTS, true));
    ck_assert(!draw_shows_detail(20, 60, PANE_INCIDENTS, false)); /* too small for panes */
    ck_assert(!draw_shows_detail(200, 60, PANE_EVENTS, false));
}
END_TEST

START_TEST(test_lines_of_rows)
{
    struct draw_out out = {.rows = 9, .scroll = 4};
    ck_assert_int_eq(draw_out_row_at(&out, 0), 4); /* one line each */
    ck_assert_int_eq(draw_out_row_at(&out, 3), 7);
    ck_assert_int_eq(draw_out_line_of(&out, 7), 3);
    ck_assert_int_eq(draw_out_line_of(&out, 2), -2); /* above the list */
    out.lines[0] = 2;
    out.lines[1] = 1;
    out.lines[2] = 3;
    static const int row_at[] = {4, 4, 5, 6, 6, 6, 7};
    for (int line = 0; line < (int)(sizeof row_at / sizeof *row_at); line++) {
        ck_assert_int_eq(draw_out_row_at(&out, line), row_at[line]);
    }
    ck_assert_int_eq(draw_out_line_of(&out, 6), 3);
    ck_assert_int_eq(draw_out_line_of(&out, 7), 6);
}
END_TEST

START_TEST(test_pane_names)
{
    enum pane_id p;
    ck_assert(pane_by_name(str_of("cost"), &p) && p == PANE_COST);
    ck_assert(pane_by_name(str_of("8"), &p) && p == PANE_SOURCES);
    ck_assert(pane_by_name(str_of("inc"), &p) && p == PANE_INCIDENTS);
    ck_assert(!pane_by_name(str_of("9"), &p));
    ck_assert(!pane_by_name(str_of(""), &p));
    ck_assert(!pane_by_name(str_of("costs"), &p));
    for (int i = 0; i < PANE_COUNT; i++) {
        ck_assert(pane_by_name(str_of(pane_get((enum pane_id)i)->name), &p) && p == (enum pane_id)i);
        ck_assert(pane_get((enum pane_id)i)->draw != NULL);
    }
}
END_TEST

Suite *suite_layout(void);
Suite *suite_layout(void)
{
    Suite *s = suite_create("layout");
    TCase *t = tcase_create("layout");
    tcase_add_test(t, test_every_size);
    tcase_add_test(t, test_grid);
    tcase_add_test(t, test_hostile_sizes);
    tcase_add_test(t, test_plan);
    tcase_add_test(t, test_room_for_a_detail);
    tcase_add_test(t, test_lines_of_rows);
    tcase_add_test(t, test_pane_names);
    suite_add_tcase(s, t);
    return s;
}
