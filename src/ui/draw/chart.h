/* SPDX-License-Identifier: MIT */
/* Charts over the one time axis of a screen: strips, heatmap, stacked area, bars, the axis itself and its event row.
 *
 * Coordinates: a view has N columns, a chart W cells; cell c shows the view columns [c*N/W, (c+1)*N/W), and at least floor(c*N/W) when
 * N < W, so that every chart of one width agrees to the column. An instant t lies in the view column whose interval (from, to] holds it.
 * With the braille rung the loader is asked for N = 2W and every dot column is one value.
 * Where several values fall into one cell: the largest counts (a spike must not vanish); a gap only when all are gaps. */
#ifndef GWTOP_UI_DRAW_CHART_H
#define GWTOP_UI_DRAW_CHART_H

#include "ui/draw/area.h"
#include "ui/draw/glyph.h"
#include "view/view.h"
#include "view/view_cost.h"
#include "view/view_incidents.h"
#include "view/view_latency.h"
#include "view/view_overview.h"

struct chart_style {
    enum glyph_rung rung;
    bool colour;
    enum role usual, unusual; /* within and beyond what is usual (threshold or split); equal: one colour */
    double split;             /* strips without either: values on the far side of it are unusual; 0 = no split */
    bool split_below;         /* the far side is below */
    int64_t onset_ms;         /* strips: marks where a drift began; 0 = none */
    double baseline;          /* strips of several rows: a line where bars do not reach it, and within the scale; 0 = none */
    double band_lo, band_hi;  /* strips of several rows: where values usually are, shaded behind them; equal = none */
    bool points;              /* strips of several rows: the top of each bar alone, so that what is behind it can be seen */
    bool over;                /* the threshold's line is drawn over bars as well */
};

/* View columns that cell c of w shows: [*ret_from, *ret_to), at least one when columns > 0. */
void chart_span(uint32_t columns, int w, int c, uint32_t *ret_from, uint32_t *ret_to);
/* The cell of w that holds instant t, -1 when t lies outside the axis. */
int chart_cell_of(const struct view_axis *ax, int w, int64_t t_ms);

/* Any height. One row: a sparkline. Taller: bars with the threshold line behind them. */
void chart_strip(struct area a, const struct view_axis *ax, const struct vstrip *s, const struct chart_style *st);
/* The row on which a strip of that height has its threshold line, 0 = top; -1: it has none. */
int chart_threshold_row(const struct vstrip *s, int height, enum glyph_rung rung);
/* A bottom for the scale of values that stay far from zero, as shares near 100 do: somewhat below the lowest, so that a change can be seen.
 * 0 when they come near it, or when nothing is known. */
double chart_floor(const struct vstrip *s, uint32_t columns);
/* Which buckets a heat chart of `height` rows shows: those from the first to the last that ever held anything, spread evenly. */
struct chart_heat_scale {
    uint32_t first, last; /* buckets [first, last) */
    int height;           /* rows used; 0 = nothing to show */
};
enum { CHART_HEAT_MAYBE = '?' }; /* an empty cell that may hold some of what stands above it, for one bucket covers both */
struct chart_heat_scale chart_heat_scale(const struct vheat *h, int height);
/* The buckets [*ret_from, *ret_to) of row y, 0 = bottom = fastest; y < scale->height. */
void chart_heat_span(const struct chart_heat_scale *scale, int y, uint32_t *ret_from, uint32_t *ret_to);
/* Draws scale->height rows at the bottom of the area, slowest on top; the count of a cell is the sum of what falls into it. */
void chart_heat(struct area a, const struct vheat *h, const struct chart_heat_scale *scale, const struct chart_style *st);
/* Areas stacked in the given order, the first at the bottom; returns the value at the top of the scale (for its label). */
double chart_stack(struct area a, const struct view_axis *ax, const struct vstack *s, size_t count, const struct chart_style *st);
/* The role of series i of a stack or legend; from the sixth on they share one. */
enum role chart_series_role(size_t i);
/* One incident bar in a one-row area, with its change text before it where there is room. */
void chart_bar(struct area a, const struct view_axis *ax, const struct vbar *b, const struct chart_style *st);

/* The incident itself in a one-row area: from its onset, hollow where that was found later, through its detection, acknowledgement and
 * mitigation, in hues that fall with them, to its resolution or the cursor; a letter where each of them was. figure: beside it where there
 * is room, as a bar's change. */
void chart_life(struct area a, const struct view_axis *ax, const struct vlife *life, enum severity s, const char *figure,
                const struct chart_style *st);

/* Ticks at round times; "now" at the right end when the axis ends at now, else the cursor's time. */
void chart_axis(struct area a, const struct view_axis *ax, const struct chart_style *st);
/* Letters of the marks; several in one cell: the most severe letter, in bold. Returns how many marks lie inside the axis. */
size_t chart_marks(struct area a, const struct view_axis *ax, const struct vmark *marks, size_t count);
/* Role of a mark's letter. */
enum role chart_mark_role(char letter, bool hollow);
/* Puts the cursor's ground under its column of all rows of a; nothing when the cursor stands at the axis' end. */
void chart_cursor(struct area a, const struct view_axis *ax, int64_t cursor_ms);

/* A bar inside a table cell: value of max, in width columns. Nothing for NaN; at least a sliver for value > 0. */
void chart_cell_bar(struct area a, int x, int y, int width, double value, double max, enum role role, enum glyph_rung rung);

#endif
