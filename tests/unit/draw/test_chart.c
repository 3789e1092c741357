/* SPDX-License-Identifier: MIT */
#include "ui/draw/chart.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE ((double)NAN)
#define BEYOND ((double)INFINITY)

enum { T0 = 1795480200, STEP = 60000 }; /* 2026-11-24T00:30:00Z in seconds */

static struct canvas cv;

static void setup(void)
{
    canvas_init(&cv);
}

static void teardown(void)
{
    canvas_fini(&cv);
}

static struct area canvas_of(int cols, int rows)
{
    ck_assert_int_eq(canvas_resize(&cv, cols, rows), ERR_OK);
    return area_of(&cv, canvas_rect(&cv));
}

static const char *plane(enum canvas_plane p)
{
    static char text[8192];
    struct buf b;
    buf_init(&b, sizeof text - 1);
    ck_assert_int_eq(canvas_export(&cv, p, &b), ERR_OK);
    memcpy(text, b.data, b.len + 1);
    buf_fini(&b);
    return text;
}

static struct view_axis axis_of(uint32_t columns)
{
    int64_t t0 = INT64_C(1000) * T0;
    int64_t end = t0 + (int64_t)columns * STEP;
    return (struct view_axis){.t0_ms = t0, .step_ms = STEP, .cursor_ms = end, .now_ms = end, .columns = columns};
}

static const struct chart_style ascii = {.rung = GLYPH_ASCII, .usual = ROLE_STRIP, .unusual = ROLE_PAGE};
static const struct chart_style block = {.rung = GLYPH_BLOCK, .colour = true, .usual = ROLE_STRIP, .unusual = ROLE_PAGE};
static const struct chart_style dots = {.rung = GLYPH_BRAILLE, .colour = true, .usual = ROLE_STRIP, .unusual = ROLE_PAGE};

START_TEST(test_spans_cover_all_columns)
{
    for (uint32_t n = 1; n < 130; n++) {
        for (int w = 1; w < 130; w++) {
            uint32_t next = 0;
            bool good = true;
            for (int c = 0; c < w; c++) {
                uint32_t from, to;
                chart_span(n, w, c, &from, &to);
                good = good && from < to && to <= n;
                good = good && (from == next || (n < (uint32_t)w && from + 1 == next)); /* each column once, or repeated when stretched */
                next = to;
            }
            ck_assert_msg(good && next == n, "%u columns on %d cells", n, w);
        }
    }
    uint32_t from = 7, to = 7;
    chart_span(0, 10, 0, &from, &to);
    ck_assert_uint_eq(to, 0);
}
END_TEST

START_TEST(test_cell_of_is_where_the_column_is)
{
    for (uint32_t n = 1; n < 90; n++) {
        struct view_axis ax = axis_of(n);
        for (int w = 1; w < 100; w += 7) {
            bool good = true;
            for (uint32_t col = 0; col < n; col++) {
                int64_t end = ax.t0_ms + (int64_t)(col + 1) * STEP;
                int c = chart_cell_of(&ax, w, end); /* (from, to]: the end belongs to it */
                uint32_t from, to;
                chart_span(n, w, c, &from, &to);
                good = good && c >= 0 && from <= col && col < to && c == chart_cell_of(&ax, w, end - STEP + 1);
            }
            ck_assert_msg(good, "%u columns on %d cells", n, w);
        }
        ck_assert_int_eq(chart_cell_of(&ax, 10, ax.t0_ms), -1);
        ck_assert_int_eq(chart_cell_of(&ax, 10, ax.t0_ms + (int64_t)n * STEP + 1), -1);
    }
}
END_TEST

START_TEST(test_strip_ascii)
{
    static const double v[] = {NONE, 0, 1, 4, 8, BEYOND};
    struct vstrip s = {.v = v, .max = 8, .threshold = NONE};
    struct view_axis ax = axis_of(6);
    chart_strip(canvas_of(6, 1), &ax, &s, &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), " _.+@^\n"); /* gap, zero, values, past the last bucket: five different things */
    ck_assert_str_eq(plane(CANVAS_ROLES), " z####\n");
}
END_TEST

START_TEST(test_strip_threshold)
{
    static const double v[] = {1, 1, 9};
    struct vstrip s = {.v = v, .max = 9, .threshold = 5};
    struct view_axis ax = axis_of(3);
    chart_strip(canvas_of(3, 3), &ax, &s, &ascii);
    ck_assert_str_eq(plane(CANVAS_ROLES), "  p\nhhp\n##p\n");
    ck_assert_int_eq(chart_threshold_row(&s, 3, GLYPH_ASCII), 1); /* where the line is */
    s.threshold = NONE;
    ck_assert_int_eq(chart_threshold_row(&s, 3, GLYPH_ASCII), -1);
    static const double low[] = {0.1, 0.1, 0.1};
    s = (struct vstrip){.v = low, .max = 0.1, .threshold = 10};
    chart_strip(canvas_of(3, 1), &ax, &s, &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "...\n"); /* noise far below the threshold stays low */
}
END_TEST

START_TEST(test_strip_split)
{
    static const double v[] = {5, 2, 9};
    struct vstrip s = {.v = v, .max = 9, .threshold = NONE};
    struct view_axis ax = axis_of(3);
    chart_strip(canvas_of(1, 1), &ax, &s, &ascii); /* three columns in one cell: the largest is shown */
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "@\n");
    struct chart_style st = ascii;
    st.split = 4;
    st.split_below = true;
    chart_strip(canvas_of(3, 1), &ax, &s, &st);
    ck_assert_str_eq(plane(CANVAS_ROLES), "#p#\n");
}
END_TEST

START_TEST(test_strip_block_and_floor)
{
    static const double v[] = {90, 95, 100, 0};
    struct vstrip s = {.v = v, .max = 100, .floor = 90, .threshold = NONE};
    struct view_axis ax = axis_of(4);
    chart_strip(canvas_of(4, 1), &ax, &s, &block);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "\u2581\u2584\u2587\u00b7\n"); /* the largest leaves an eighth free */
}
END_TEST

START_TEST(test_strip_braille)
{
    static const double v[] = {0, 0, 4, 8, NONE, 8, NONE, NONE};
    struct vstrip s = {.v = v, .max = 8, .threshold = NONE};
    struct view_axis ax = axis_of(8);
    chart_strip(canvas_of(4, 1), &ax, &s, &dots);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "\u00b7\u28fc\u28b8\n"); /* zero, two and four dots, a gap's half is blank, a gap */
}
END_TEST

START_TEST(test_strip_without_values)
{
    struct vstrip s = {.v = NULL};
    struct view_axis ax = axis_of(3), none = {.columns = 0};
    chart_strip(canvas_of(3, 1), &ax, &s, &ascii);
    static const double v[] = {NONE, NONE, NONE};
    s = (struct vstrip){.v = v, .max = NONE, .threshold = NONE};
    chart_strip(canvas_of(3, 1), &ax, &s, &ascii);
    chart_strip(canvas_of(3, 1), &none, &s, &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "\n");
}
END_TEST

START_TEST(test_floor)
{
    static const double shares[] = {98, NONE, 99, BEYOND}, counts[] = {1, 40, 99}, none[] = {NONE, NONE}, flat[] = {100, 100};
    struct vstrip s = {.v = shares};
    double floor = chart_floor(&s, 4);
    ck_assert(floor > 94 && floor < 98); /* below the lowest, far from zero */
    s.v = counts;
    ck_assert(chart_floor(&s, 3) == 0);
    s.v = none;
    ck_assert(chart_floor(&s, 2) == 0);
    s.v = NULL;
    ck_assert(chart_floor(&s, 2) == 0);
    s.v = flat;
    ck_assert(chart_floor(&s, 2) < 100); /* what never changes still has a height */
}
END_TEST

START_TEST(test_heat)
{
    /* rows from fastest to slowest; the first and the last never held anything */
    static const double cell[] = {0, 0, 0, 9, 9, NONE, 1, 0, NONE, 0, 0, NONE};
    static const double edge[] = {0, 1, 2, 4, 8};
    struct vheat h = {.rows = 4, .columns = 3, .cell = cell, .edge = edge, .open_lo = NONE, .max = 9};
    struct chart_heat_scale sc = chart_heat_scale(&h, 6);
    ck_assert_uint_eq(sc.first, 1);
    ck_assert_uint_eq(sc.last, 3);
    ck_assert_int_eq(sc.height, 2);
    chart_heat(canvas_of(3, 3), &h, &sc, &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "\n- :\n@@:\n"); /* nothing is blank, a gap is not */
    chart_heat(canvas_of(3, 3), &h, &sc, &block);
    ck_assert_str_eq(plane(CANVAS_ROLES), "\nC g\nIIg\n");
    static const bool maybe[] = {[3 + 1] = true, [6 + 1] = true};
    h.maybe = maybe;
    chart_heat(canvas_of(3, 3), &h, &sc, &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "\n-?:\n@@:\n"); /* what a bucket above reaches over is not nothing */
    sc = chart_heat_scale(&h, 1);
    uint32_t from, to;
    chart_heat_span(&sc, 0, &from, &to);
    ck_assert(from == 1 && to == 3);
    struct vheat empty = {.open_lo = NONE, .max = NONE};
    ck_assert_int_eq(chart_heat_scale(&empty, 5).height, 0);
}
END_TEST

START_TEST(test_stack)
{
    static const double a[] = {4, 4, NONE, 0}, b[] = {0, 4, NONE, 0};
    struct vstack s[] = {{"base", 'b', a, 4}, {"fallback", 'F', b, 4}};
    struct view_axis ax = axis_of(4);
    double top = chart_stack(canvas_of(4, 2), &ax, s, 2, &ascii);
    ck_assert(fabs(top - 8) < 1e-9);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), " F\nbb _\n");
    ck_assert_str_eq(plane(CANVAS_ROLES), " 2\n11 z\n");
    (void)chart_stack(canvas_of(4, 1), &ax, s, 2, &block);
    /* half a cell of the lower part over the upper one's colour */
    ck_assert_int_eq(canvas_cell(&cv, 1, 0)->rune, 0x2584);
    ck_assert_int_eq(canvas_cell(&cv, 1, 0)->ground, ROLE_SERIES2);
    ck_assert_int_eq(canvas_cell(&cv, 1, 0)->attr, CELL_SOLID);
    ck_assert(chart_stack(canvas_of(4, 1), &ax, s, 0, &block) == 0);
}
END_TEST

/* Heights are cumulated before rounding: whatever the parts, the top row of a column is the total's. */
START_TEST(test_stack_sums)
{
    enum { PARTS = 5, HEIGHT = 10 };
    double v[PARTS][1];
    struct vstack s[PARTS];
    for (int i = 0; i < PARTS; i++) {
        v[i][0] = 0.31 * (i + 1);
        s[i] = (struct vstack){"", '#', v[i], 0};
    }
    struct view_axis ax = axis_of(1);
    (void)chart_stack(canvas_of(1, HEIGHT), &ax, s, PARTS, &block);
    int full = 0;
    for (int y = 0; y < HEIGHT; y++) {
        full += canvas_cell(&cv, 0, y)->rune != ' ';
    }
    ck_assert_int_eq(full, HEIGHT); /* the largest column fills the chart */
}
END_TEST

START_TEST(test_axis)
{
    struct view_axis ax = axis_of(60);
    chart_axis(canvas_of(60, 1), &ax, &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "|00:30    |00:40    |00:50    |01:00    |01:10    |01:20 now\n");
    ax.now_ms += STEP / 2; /* less than a column, and still not now: the data are that old */
    chart_axis(canvas_of(60, 1), &ax, &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "|00:30    |00:40    |00:50    |01:00    |01:10     01:30:00Z\n");
    ax.now_ms += 3600000; /* the axis ends in the past: its end says when */
    chart_axis(canvas_of(60, 1), &ax, &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "|00:30    |00:40    |00:50    |01:00    |01:10     01:30:00Z\n");
    struct view_axis none = {.columns = 0};
    chart_axis(canvas_of(60, 1), &none, &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "\n");
}
END_TEST

START_TEST(test_axis_at_every_width)
{
    for (int w = 1; w < 120; w++) {
        for (int64_t step = 1000; step < INT64_C(40000000); step *= 3) {
            struct view_axis ax = axis_of((uint32_t)w);
            ax.step_ms = step;
            ax.cursor_ms = ax.now_ms = ax.t0_ms + step * w;
            chart_axis(canvas_of(w, 1), &ax, &ascii);
            const char *text = plane(CANVAS_GLYPHS);
            for (const char *p = strchr(text, '|'); p && p[1]; p = strchr(p + 1, '|')) {
                ck_assert_msg(p[1] >= '0' && p[1] <= '9', "a tick without its label: %s", text);
                ck_assert_msg(p == text || p[-1] == ' ', "labels touch: %s", text);
            }
        }
    }
}
END_TEST

START_TEST(test_marks)
{
    struct view_axis ax = axis_of(6);
    struct vmark m[] = {{ax.t0_ms + STEP, 'k', false, ""},    {ax.t0_ms + STEP, 'E', false, ""}, {ax.t0_ms + STEP, 'c', false, ""},
                        {ax.t0_ms + 3 * STEP, 'q', true, ""}, {ax.t0_ms - 1, 'P', false, ""},    {ax.t0_ms + 6 * STEP, '\x1b', false, ""}};
    ck_assert_uint_eq(chart_marks(canvas_of(6, 1), &ax, m, 6), 5);
    ck_assert_str_eq(plane(CANVAS_GLYPHS),
                     "E q  ?\n"); /* the most severe of a cell; an event ends its column, it does not begin the next */
    ck_assert_str_eq(plane(CANVAS_ROLES), "p e  c\n");
}
END_TEST

START_TEST(test_bars)
{
    struct view_axis ax = axis_of(20);
    struct vbar b = {"fail %", "0.04 > 35", ax.t0_ms + 14 * STEP, 0, SEV_PAGE};
    chart_bar(canvas_of(20, 1), &ax, &b, &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "   0.04 > 35 |======\n");
    ax.cursor_ms = ax.t0_ms + 17 * STEP; /* what came after the cursor is not known */
    b = (struct vbar){"x", "much too long to fit anywhere", ax.t0_ms - 5 * STEP, ax.t0_ms + 30 * STEP, SEV_TICKET};
    chart_bar(canvas_of(20, 1), &ax, &b, &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "=================\n");
    b = (struct vbar){"x", "", ax.t0_ms + 18 * STEP, 0, SEV_TICKET}; /* begins after the cursor */
    chart_bar(canvas_of(20, 1), &ax, &b, &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "\n");
}
END_TEST

START_TEST(test_life)
{
    struct view_axis ax = axis_of(20);
    struct vlife l = {.onset_ms = ax.t0_ms + 8 * STEP, .detected_ms = ax.t0_ms + 11 * STEP, .onset_hollow = true};
    chart_life(canvas_of(20, 1), &ax, &l, SEV_PAGE, "3 lost", &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "3 lost (==P=========\n"); /* found later: hollow; nobody has taken it */
    ck_assert_str_eq(plane(CANVAS_ROLES), ", ,,,, e,,pppppppppp\n");
    l.onset_hollow = false;
    l.ended_ms = ax.t0_ms + 13 * STEP; /* it ended before anybody took it */
    l.acked_ms = ax.t0_ms + 15 * STEP;
    l.mitigated_ms = ax.t0_ms + 16 * STEP;
    l.resolved_ms = ax.t0_ms + 18 * STEP;
    chart_life(canvas_of(20, 1), &ax, &l, SEV_TICKET, "", &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "       |==t=o=aM=R\n");
    l = (struct vlife){.detected_ms = ax.t0_ms - 5 * STEP,
                       .acked_ms = ax.t0_ms + 19 * STEP}; /* no onset is known, and it began before the axis */
    chart_life(canvas_of(20, 1), &ax, &l, SEV_PAGE, "", &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "==================a=\n");
    l = (struct vlife){.onset_ms = 0};
    chart_life(canvas_of(20, 1), &ax, &l, SEV_PAGE, "", &ascii);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "\n");
}
END_TEST

START_TEST(test_cell_bar)
{
    struct area a = canvas_of(8, 1);
    chart_cell_bar(a, 0, 0, 8, 5, 10, ROLE_PAGE, GLYPH_BLOCK);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "\u2588\u2588\u2588\u2588\n");
    a = canvas_of(8, 1);
    chart_cell_bar(a, 0, 0, 8, 0.001, 10, ROLE_PAGE, GLYPH_BLOCK); /* a trace is not nothing */
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "\u258f\n");
    a = canvas_of(8, 1);
    chart_cell_bar(a, 0, 0, 8, NONE, 10, ROLE_PAGE, GLYPH_BLOCK);
    chart_cell_bar(a, 0, 0, 8, 1, 0, ROLE_PAGE, GLYPH_BLOCK);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "\n");
    chart_cell_bar(a, 0, 0, 4, 99, 10, ROLE_PAGE, GLYPH_ASCII); /* beyond its track it is cut */
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "####\n");
}
END_TEST

START_TEST(test_cursor)
{
    struct view_axis ax = axis_of(10);
    struct area a = canvas_of(10, 2);
    chart_cursor(a, &ax, ax.t0_ms + 4 * STEP);
    chart_cursor(a, &ax, ax.t0_ms + 10 * STEP); /* at the end it is where the axis ends: nothing to show */
    chart_cursor(a, &ax, ax.t0_ms - STEP);
    ck_assert_str_eq(plane(CANVAS_GROUNDS), "   |\n   |\n");
}
END_TEST

START_TEST(test_glyph_names)
{
    enum glyph_rung r;
    for (int i = 0; i < GLYPH_RUNG_COUNT; i++) {
        ck_assert(glyph_rung_by_name(str_of(glyph_rung_name((enum glyph_rung)i)), &r) && r == (enum glyph_rung)i);
    }
    ck_assert(!glyph_rung_by_name(str_of("auto"), &r));
    for (int i = 0; i <= 8; i++) {
        ck_assert_uint_lt(glyph_eighths(GLYPH_ASCII, i), 0x7f); /* ascii means 7 bits */
        ck_assert_uint_lt(glyph_heat(GLYPH_BOX, i), 0x7f);
        ck_assert_uint_lt(glyph_bar_eighths(GLYPH_ASCII, i), 0x7f);
    }
    ck_assert_uint_eq(glyph_eighths(GLYPH_BLOCK, 99), 0x2588);
    ck_assert_uint_eq(glyph_braille(0, 0), ' ');
    ck_assert_uint_eq(glyph_braille(9, 9), 0x28ff);
}
END_TEST

/* Values of 9 and 3 on a scale of four rows to 10, of which 8 to 10 is usual: of points the top alone, and the band beside them. */
START_TEST(test_band_is_behind_points)
{
    static const double v[] = {9, 3, NONE};
    const struct view_axis ax = axis_of(3);
    const struct vstrip s = {.v = v, .max = 9, .threshold = NONE};
    struct chart_style st = ascii;
    st.points = true;
    st.band_lo = 8;
    st.band_hi = 10;
    chart_strip(canvas_of(3, 4), &ax, &s, &st);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "*:\n\n -\n\n"); /* a gap has no band */
}
END_TEST

/* A line that bars have passed is drawn through them, and they are seen above it. */
START_TEST(test_line_is_over_bars)
{
    static const double v[] = {1.2, 0.2};
    const struct view_axis ax = axis_of(2);
    const struct vstrip s = {.v = v, .max = 1.2, .threshold = 1};
    struct chart_style st = ascii;
    st.over = true;
    chart_strip(canvas_of(2, 3), &ax, &s, &st);
    ck_assert_str_eq(plane(CANVAS_GLYPHS), "+\n--\n#+\n");
    st.over = false;
    chart_strip(canvas_of(2, 3), &ax, &s, &st);
    ck_assert_msg(strstr(plane(CANVAS_GLYPHS), "--") == NULL, "%s", plane(CANVAS_GLYPHS));
}
END_TEST

Suite *suite_chart(void);
Suite *suite_chart(void)
{
    Suite *s = suite_create("chart");
    TCase *t = tcase_create("chart");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_spans_cover_all_columns);
    tcase_add_test(t, test_cell_of_is_where_the_column_is);
    tcase_add_test(t, test_strip_ascii);
    tcase_add_test(t, test_strip_threshold);
    tcase_add_test(t, test_strip_split);
    tcase_add_test(t, test_strip_block_and_floor);
    tcase_add_test(t, test_strip_braille);
    tcase_add_test(t, test_strip_without_values);
    tcase_add_test(t, test_floor);
    tcase_add_test(t, test_heat);
    tcase_add_test(t, test_stack);
    tcase_add_test(t, test_stack_sums);
    tcase_add_test(t, test_axis);
    tcase_add_test(t, test_axis_at_every_width);
    tcase_add_test(t, test_marks);
    tcase_add_test(t, test_bars);
    tcase_add_test(t, test_life);
    tcase_add_test(t, test_cell_bar);
    tcase_add_test(t, test_cursor);
    tcase_add_test(t, test_band_is_behind_points);
    tcase_add_test(t, test_line_is_over_bars);
    tcase_add_test(t, test_glyph_names);
    suite_add_tcase(s, t);
    return s;
}
