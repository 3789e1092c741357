/* SPDX-License-Identifier: MIT */
/* Heights are cumulated before they are rounded to eighths, so that the top of the stack is the total's and no part eats another's. Where
 * two areas meet inside a cell, the lower one is the glyph and the upper one the background. */
#include "ui/draw/chart.h"

#include <math.h>

enum { STACK_MAX = 16 }; /* more parts cannot be told apart; the loader folds the rest into `other` */

struct stack {
    const struct vstack *s;
    size_t count;
    uint32_t columns;
    int w;
    double top;
};

/* The part's mean over the view columns of one cell: parts of a cell still sum to the cell's total. */
static double part_of(const struct stack *k, size_t i, int x)
{
    uint32_t from, to;
    chart_span(k->columns, k->w, x, &from, &to);
    double sum = 0;
    uint32_t known = 0;
    for (uint32_t c = from; k->s[i].v && c < to; c++) {
        double v = k->s[i].v[c];
        if (isfinite(v)) {
            sum += v > 0 ? v : 0;
            known++;
        }
    }
    return known ? sum / known : (double)NAN;
}

/* Cumulated heights of one cell column in steps; false: a gap. */
static bool column_steps(const struct stack *k, int x, int all, int ret_to[STACK_MAX])
{
    double sum = 0;
    bool known = false;
    for (size_t i = 0; i < k->count; i++) {
        double v = part_of(k, i, x);
        known = known || !isnan(v);
        sum += isnan(v) ? 0 : v;
        ret_to[i] = k->top > 0 ? (int)lround(sum / k->top * all) : 0;
    }
    return known;
}

/* The part that covers step at of a column, count when none does. */
static size_t part_at(const struct stack *k, const int to[STACK_MAX], int at)
{
    size_t i = 0;
    while (i < k->count && to[i] <= at) {
        i++;
    }
    return i;
}

static void put_cell(struct area a, const struct stack *k, const int to[STACK_MAX], int x, int y, const struct chart_style *st)
{
    int from = (a.r.h - 1 - y) * 8;
    size_t low = part_at(k, to, from);
    if (low == k->count) {
        return;
    }
    bool letters = !st->colour || st->rung < GLYPH_BLOCK;
    if (letters) {
        size_t most = part_at(k, to, from + 4);
        most = most == k->count ? low : most;
        char letter = k->s[most].glyph;
        area_rune(a, x, y, chart_series_role(most), 0, letter > ' ' && letter < 0x7f ? (uint32_t)letter : '#');
        return;
    }
    int filled = to[low] - from;
    size_t high = filled < 8 ? part_at(k, to, to[low]) : k->count;
    if (high < k->count) {
        area_rune_over(a, x, y, chart_series_role(low), chart_series_role(high), glyph_eighths(st->rung, filled));
    } else {
        area_rune(a, x, y, chart_series_role(low), 0, glyph_eighths(st->rung, filled));
    }
}

/* The letter of each part at the right end of its band, where the band is at least a cell high. */
static void put_letters(struct area a, const struct stack *k, const int to[STACK_MAX])
{
    for (size_t i = 0; i < k->count; i++) {
        int from = i ? to[i - 1] : 0;
        int middle = (from + to[i]) / 2 / 8;
        char letter = k->s[i].glyph;
        if (to[i] - from >= 8 && middle < a.r.h && letter > ' ' && letter < 0x7f && letter != '#') {
            area_rune(a, k->w - 1, a.r.h - 1 - middle, chart_series_role(i), CELL_REVERSE | CELL_BOLD, (uint32_t)letter);
        }
    }
}

double chart_stack(struct area a, const struct view_axis *ax, const struct vstack *s, size_t count, const struct chart_style *st)
{
    struct stack k = {s, count < STACK_MAX ? count : STACK_MAX, ax->columns, a.r.w, 0};
    if (count == 0 || ax->columns == 0 || a.r.w <= 0 || a.r.h <= 0) {
        return 0;
    }
    for (int x = 0; x < a.r.w; x++) {
        double sum = 0;
        for (size_t i = 0; i < k.count; i++) {
            double v = part_of(&k, i, x);
            sum += isnan(v) ? 0 : v;
        }
        k.top = sum > k.top ? sum : k.top;
    }
    int to[STACK_MAX] = {0};
    for (int x = 0; x < a.r.w; x++) {
        if (!column_steps(&k, x, a.r.h * 8, to)) {
            continue;
        }
        if (to[k.count - 1] == 0) {
            area_rune(a, x, a.r.h - 1, ROLE_ZERO, 0, glyph_set(st->rung)->zero);
        }
        for (int y = 0; y < a.r.h; y++) {
            put_cell(a, &k, to, x, y, st);
        }
        if (x == a.r.w - 1 && st->colour && st->rung >= GLYPH_BLOCK) {
            put_letters(a, &k, to);
        }
    }
    return k.top;
}
