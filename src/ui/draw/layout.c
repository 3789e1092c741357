/* SPDX-License-Identifier: MIT */
#include "ui/draw/layout.h"

static struct rect row_of(int cols, int y)
{
    return (struct rect){0, y, cols, 1};
}

struct layout layout_screen(int cols, int rows, bool zoom)
{
    struct layout l = {.screen = {0, 0, cols < 0 ? 0 : cols, rows < 0 ? 0 : rows}};
    cols = l.screen.w;
    rows = l.screen.h;
    if (cols < LAYOUT_MIN_COLS || rows < LAYOUT_MIN_ROWS) {
        l.too_small = true;
        l.verdict = l.screen;
        return l;
    }
    int y = 0;
    l.header = row_of(cols, y++);
    l.verdict = row_of(cols, y++);
    if (!zoom) {
        l.reality = row_of(cols, y++);
        l.tabs = row_of(cols, y++);
    }
    l.body = (struct rect){0, y, cols, rows - y - 1};
    l.footer = row_of(cols, rows - 1);
    return l;
}

/* Of Quality: the columns of a row's numbers, and of "answers cut at their length gpt-x-mini" with what parts it from them, less the
 * onset's. */
enum { QUALITY_NUMBERS = 32, QUALITY_LABEL = 39 };

static int clamp(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

static int onset_cols(int cols)
{
    return cols >= LAYOUT_ONSET_DAYS_LEAST ? LAYOUT_ONSET_DAYS_COLS
           : cols >= LAYOUT_ONSET_LEAST    ? LAYOUT_ONSET_COLS
           : cols >= LAYOUT_MIN_COLS       ? LAYOUT_ONSET_SHORT_COLS
                                           : 0;
}

struct layout_grid layout_grid(int cols, enum pane_id pane)
{
    struct layout_grid g = {0};
    cols = cols < 0 ? 0 : cols;
    g.main_w = cols;
    if (cols >= LAYOUT_SIDE_COLS && pane == PANE_OVERVIEW) {
        g.side_w = clamp(cols * 3 / 10, 46, 64); /* the timeline's sentences want 46 columns, and no more than 64 */
        g.side_x = cols - g.side_w;
        g.main_w = g.side_x - 1;
    }
    /* 80 columns are the designed case; what is left over goes to the strips first, then to the labels */
    g.label_w = clamp(13 + (g.main_w - 80) / 6, 10, 24);
    g.now_w = 5;
    g.then_w = 6;
    g.over_w = 6;
    g.n_w = 5;
    if (g.main_w >= 100) {
        g.now_w = g.then_w = g.over_w = 7;
        g.n_w = 6;
    }
    if (g.main_w < 70) {
        g.n_w = 0;
    }
    if (g.main_w < 60) {
        g.then_w = 0;
    }
    if (g.main_w < 50) {
        g.over_w = 0;
    }
    if (pane == PANE_QUALITY) {
        g.onset_w = onset_cols(cols);
        g.label_w = cols >= LAYOUT_ONSET_LEAST ? clamp(cols * 3 / 5 - QUALITY_NUMBERS, g.label_w, QUALITY_LABEL + g.onset_w)
                                               : g.label_w + g.onset_w;
    }
    g.strip_x = 1 + g.label_w + g.now_w + (g.then_w ? 1 + g.then_w : 0) + (g.over_w ? 1 + g.over_w : 0) + (g.n_w ? 1 + g.n_w : 0) + 1;
    g.strip_w = g.main_w > g.strip_x ? g.main_w - g.strip_x : 0;
    return g;
}

uint32_t draw_axis_columns(int cols, int rows, enum pane_id pane, bool zoom, enum glyph_rung rung)
{
    (void)rows;
    (void)zoom; /* a zoomed pane gains rows, not columns */
    int w = layout_grid(cols, pane).strip_w;
    int dots = rung == GLYPH_BRAILLE ? 2 * w : w;
    return (uint32_t)clamp(dots, 1, 2 * CANVAS_SIDE_MAX);
}

bool draw_shows_detail(int cols, int rows, enum pane_id pane, bool zoom)
{
    return pane == PANE_INCIDENTS && layout_screen(cols, rows, zoom).body.h >= LAYOUT_GIST_ROWS;
}
