/* SPDX-License-Identifier: MIT */
#include "ui/draw/chart.h"

#include <math.h>

struct chart_heat_scale chart_heat_scale(const struct vheat *h, int height)
{
    struct chart_heat_scale sc = {0, 0, 0};
    bool found = false;
    for (uint32_t row = 0; h->cell && row < h->rows; row++) {
        for (uint32_t col = 0; col < h->columns; col++) {
            if (h->cell[(size_t)row * h->columns + col] > 0) {
                sc.first = found ? sc.first : row;
                sc.last = row + 1;
                found = true;
                break;
            }
        }
    }
    if (found && height > 0) {
        sc.height = sc.last - sc.first < (uint32_t)height ? (int)(sc.last - sc.first) : height;
    }
    return sc;
}

void chart_heat_span(const struct chart_heat_scale *scale, int y, uint32_t *ret_from, uint32_t *ret_to)
{
    uint32_t from, to;
    chart_span(scale->last - scale->first, scale->height, y, &from, &to);
    *ret_from = scale->first + from;
    *ret_to = scale->first + to;
}

/* Sum over buckets and columns; NaN only when every one is a gap. */
static double cell_sum(const struct vheat *h, uint32_t row0, uint32_t row1, uint32_t col0, uint32_t col1)
{
    double sum = 0;
    bool known = false;
    for (uint32_t row = row0; row < row1; row++) {
        for (uint32_t col = col0; col < col1; col++) {
            double v = h->cell[(size_t)row * h->columns + col];
            if (!isnan(v)) {
                sum += v;
                known = true;
            }
        }
    }
    return known ? sum : (double)NAN;
}

static bool may_hold(const struct vheat *h, uint32_t row0, uint32_t row1, uint32_t col0, uint32_t col1)
{
    bool may = false;
    for (uint32_t row = row0; h->maybe && row < row1; row++) {
        for (uint32_t col = col0; col < col1; col++) {
            may = may || h->maybe[(size_t)row * h->columns + col];
        }
    }
    return may;
}

/* What the fullest cell as drawn holds: cells may join several buckets. */
static double fullest(const struct vheat *h, const struct chart_heat_scale *sc, int w)
{
    double max = 0;
    for (int y = 0; y < sc->height; y++) {
        uint32_t row0, row1;
        chart_heat_span(sc, y, &row0, &row1);
        for (int x = 0; x < w; x++) {
            uint32_t col0, col1;
            chart_span(h->columns, w, x, &col0, &col1);
            double v = cell_sum(h, row0, row1, col0, col1);
            max = v > max ? v : max;
        }
    }
    return max;
}

void chart_heat(struct area a, const struct vheat *h, const struct chart_heat_scale *scale, const struct chart_style *st)
{
    if (!h->cell || h->columns == 0 || scale->height <= 0 || a.r.w <= 0) {
        return;
    }
    double max = fullest(h, scale, a.r.w);
    for (int y = 0; y < scale->height; y++) {
        uint32_t row0, row1;
        chart_heat_span(scale, y, &row0, &row1);
        for (int x = 0; x < a.r.w; x++) {
            uint32_t col0, col1;
            chart_span(h->columns, a.r.w, x, &col0, &col1);
            double v = cell_sum(h, row0, row1, col0, col1);
            int at = a.r.h - 1 - y;
            if (isnan(v)) {
                area_rune(a, x, at, ROLE_GAP, 0, glyph_set(st->rung)->gap);
            } else if (v > 0) {
                /* logarithmic: one slow request in a thousand must be seen beside the thousand */
                int step = max > 1 ? (int)lround(log1p(v) / log1p(max) * (ROLE_HEAT_COUNT - 1)) : ROLE_HEAT_COUNT - 1;
                enum role role = (enum role)(ROLE_HEAT0 + step);
                bool plain = st->colour && st->rung >= GLYPH_BLOCK; /* below, the ramp says it too */
                area_rune(a, x, at, st->colour ? role : ROLE_TEXT, 0, plain ? ' ' : glyph_heat(st->rung, step));
            } else if (may_hold(h, row0, row1, col0, col1)) {
                area_rune(a, x, at, ROLE_DIM, 0, CHART_HEAT_MAYBE);
            }
        }
    }
}
