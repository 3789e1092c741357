/* SPDX-License-Identifier: MIT */
#include "ui/draw/part_heat.h"

#include <math.h>

#include "base/str.h"
#include "ui/draw/numfmt.h"

/* A bound in seconds in at most four columns: "10", "2.5", ".25", "120", "5ms". */
static void bound_text(double s, char out[NUMFMT_MAX])
{
    if (s < 0.01) {
        (void)str_format(out, NUMFMT_MAX, "%.2gms", s * 1e3);
        return;
    }
    (void)str_format(out, NUMFMT_MAX, s >= 99.5 ? "%.0f" : "%.2g", s);
    if (s < 1 && out[0] == '0') {
        for (char *p = out; *p; p++) {
            p[0] = p[1];
        }
    }
}

/* Rows from a minute on are told in minutes, as their edges are: "2-5m", ">20m". */
static bool is_minutes(double s)
{
    return s >= 60 && (isinf(s) || fmod(s, 60) == 0);
}

/* "3-10", ".1-.3", ">30", "2-5m": the bounds of one row of the heatmap. */
static void edge_text(const struct vheat *h, const struct chart_heat_scale *sc, int y, char out[NUMFMT_MAX])
{
    char lo_text[NUMFMT_MAX], hi_text[NUMFMT_MAX];
    uint32_t from, to;
    chart_heat_span(sc, y, &from, &to);
    double lo = h->edge ? h->edge[from] : (double)NAN;
    double hi = h->edge ? h->edge[to] : (double)NAN;
    bool open = isinf(hi) && isfinite(h->open_lo);
    lo = open && (to - from == 1 || h->open_lo < lo) ? h->open_lo : lo;
    bool minutes = is_minutes(lo) && is_minutes(hi);
    bound_text(minutes ? lo / 60 : lo, lo_text);
    bound_text(minutes ? hi / 60 : hi, hi_text);
    const char *unit = minutes ? "m" : "";
    if (isnan(lo) || isnan(hi)) {
        out[0] = '\0';
    } else if (isinf(hi)) {
        (void)str_format(out, NUMFMT_MAX, ">%.8s%s", lo_text, unit);
    } else if (!(lo > 0)) {
        (void)str_format(out, NUMFMT_MAX, "<%.8s", hi_text);
    } else {
        (void)str_format(out, NUMFMT_MAX, "%.8s-%.8s%s", lo_text, hi_text, unit);
    }
}

/* A letter on the selection's ground: it is seen on every rung and without hue. */
static void mark_cell(struct area a, const struct layout_grid *g, const struct vheat *h, const struct chart_heat_scale *sc,
                      const struct vcell *cell)
{
    for (int y = 0; y < sc->height; y++) {
        uint32_t from, to;
        chart_heat_span(sc, y, &from, &to);
        if (cell->row < from || cell->row >= to) {
            continue;
        }
        struct area row = area_row(a, a.r.h - 1 - y);
        area_replace(area_sub(row, g->strip_x - 1 - PART_HEAT_EDGE_COLS, 0, PART_HEAT_EDGE_COLS, 1), ROLE_DIM, ROLE_ACCENT);
        for (int x = 0; x < g->strip_w; x++) {
            chart_span(h->columns, g->strip_w, x, &from, &to);
            if (cell->column >= from && cell->column < to) {
                area_rune(area_on(row, ROLE_SELECTION), g->strip_x + x, 0, ROLE_STRONG, CELL_BOLD, 'X');
                return;
            }
        }
    }
}

void part_heat(struct area a, const struct layout_grid *g, const struct vheat *h, const struct vcell *cell, const char *none,
               const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX];
    struct chart_heat_scale sc = chart_heat_scale(h, a.r.h);
    struct area chart = area_sub(a, g->strip_x, 0, g->strip_w, a.r.h);
    if (sc.height == 0) {
        part_empty(chart, h->note && *h->note ? h->note : h->cell ? none : "no source reports a latency histogram");
    }
    for (int y = 0; y < sc.height; y++) {
        edge_text(h, &sc, y, text);
        (void)area_put_right(a, g->strip_x - 1 - PART_HEAT_EDGE_COLS, a.r.h - 1 - y, PART_HEAT_EDGE_COLS, ROLE_DIM, 0, text);
    }
    struct chart_style st = part_chart_style(ctx, SEV_NONE, false);
    chart_heat(chart, h, &sc, &st);
    if (cell && cell->on) {
        mark_cell(a, g, h, &sc, cell);
    }
}
