/* SPDX-License-Identifier: MIT */
/* A strip has a scale from its floor to the larger of its maximum and its threshold, so that noise far below a threshold stays low.
 * Heights are counted in eighths of a cell (quarters with braille), rounded up: only a measured zero has the glyph of zero. */
#include "ui/draw/chart.h"

#include <math.h>

double chart_floor(const struct vstrip *s, uint32_t columns)
{
    double lo = (double)INFINITY, hi = (double)-INFINITY;
    for (uint32_t i = 0; s->v && i < columns; i++) {
        if (isfinite(s->v[i])) {
            lo = s->v[i] < lo ? s->v[i] : lo;
            hi = s->v[i] > hi ? s->v[i] : hi;
        }
    }
    if (!(lo <= hi) || lo < hi / 2) {
        return 0;
    }
    /* half the range of air, and never less than a fiftieth of the value: noise of a tenth of a point is to stay flat */
    return lo - (hi - lo) / 2 - hi / 50;
}

struct scale {
    double floor, top;
    int height; /* cells */
};

/* least_top: what is to be inside, as a baseline. */
static struct scale scale_of(const struct vstrip *s, double least_top, int height, const struct chart_style *st)
{
    double top = isfinite(s->max) ? s->max : s->floor;
    /* a tenth of air, so that the line is not the chart's edge; of one that is drawn through bars a row, so that they are seen above it */
    const double air = st->over && height > 1 ? (double)height / (height - 1) : 1.1;
    if (isfinite(s->threshold) && s->threshold != 0 && s->threshold * air > top) {
        top = s->threshold * air;
    }
    top = least_top > top ? least_top : top;
    if (st->rung == GLYPH_BLOCK && height > 0 && !st->over) {
        /* the largest value stays an eighth below the edge, so that strips in neighbouring rows do not run into each other */
        top = s->floor + (top - s->floor) * (8.0 * height) / (8.0 * height - 1);
    }
    if (!(top > s->floor)) {
        top = s->floor + 1;
    }
    return (struct scale){s->floor, top, height};
}

/* Steps (of `per_cell` per cell) that v fills. */
static int steps_of(const struct scale *sc, double v, int per_cell)
{
    int all = sc->height * per_cell;
    if (isinf(v)) {
        return v > 0 ? all : 0;
    }
    double share = (v - sc->floor) / (sc->top - sc->floor);
    if (!(share > 0)) {
        return v == 0 ? 0 : 1; /* below a floor that is not zero: still something */
    }
    int steps = share >= 1 ? all : (int)ceil(share * all - 1e-9); /* the largest value lands on its step, not on the next */
    return steps < 1 ? 1 : steps;
}

struct reading {
    double v; /* NaN: gap */
    bool unusual, thin;
};

/* What stands for the columns [from, to): the largest value. */
static struct reading reading_of(const struct vstrip *s, uint32_t from, uint32_t to, const struct chart_style *st)
{
    bool split = st->split != 0 && !(isfinite(s->threshold) && s->threshold != 0);
    struct reading out = {(double)NAN, false, false};
    for (uint32_t i = from; i < to; i++) {
        double v = s->v[i];
        if (isnan(v) || v <= out.v) {
            continue;
        }
        bool above = s->threshold != 0 && v >= s->threshold;
        bool far = split && (st->split_below ? v <= st->split : v >= st->split);
        out = (struct reading){.v = v, .unusual = above || far, .thin = s->thin && s->thin[i]};
    }
    return out;
}

/* The cell of a line, counted from below; -1: none. */
static int line_cell(double at, const struct scale *sc)
{
    if (!isfinite(at) || at == 0 || !(at > sc->floor)) {
        return -1;
    }
    int r = (int)ceil((at - sc->floor) / (sc->top - sc->floor) * sc->height) - 1;
    return r < sc->height ? r : -1;
}

int chart_threshold_row(const struct vstrip *s, int height, enum glyph_rung rung)
{
    const struct chart_style st = {.rung = rung};
    struct scale sc = scale_of(s, 0, height, &st);
    int r = line_cell(s->threshold, &sc);
    return r < 0 ? -1 : height - 1 - r;
}

/* The line, where the bar does not reach it (points: but in the cell of the value); over: through the bar as well. It hides a bar of up to
 * a quarter of its cell: below the line is what it says. Gaps have no line, so that they stay gaps. */
static void put_line(struct area a, double at, enum role role, const struct scale *sc, int x, double v, const struct chart_style *st,
                     bool over)
{
    const struct glyph_set *g = glyph_set(st->rung);
    int r = line_cell(at, sc);
    bool is_free = v < at && steps_of(sc, v, 8) - 8 * r <= 2;
    bool is_below = st->points && steps_of(sc, v, 8) > 8 * (r + 1);
    if (r >= 0 && (is_free || is_below || over)) {
        area_rune(a, x, a.r.h - 1 - r, role, 0, g->threshold);
    }
}

/* What is usual: the rows that the band reaches into, one at least. */
static void put_band(struct area a, const struct scale *sc, int x, const struct chart_style *st)
{
    const int hi = line_cell(fmin(st->band_hi, sc->top), sc);
    int lo = st->band_lo > sc->floor ? line_cell(st->band_lo, sc) : 0;
    for (lo = lo < 0 ? 0 : lo; hi >= 0 && lo <= hi; lo++) {
        area_rune(a, x, a.r.h - 1 - lo, ROLE_DIM, 0, glyph_heat(st->rung, 1));
    }
}

/* The line in a band of one or two rows would be all that is seen of it. */
static bool is_thin_band(const struct scale *sc, const struct chart_style *st)
{
    return st->band_hi > st->band_lo && st->band_hi - st->band_lo < 3 * (sc->top - sc->floor) / sc->height;
}

static void put_bar(struct area a, const struct scale *sc, int x, struct reading rd, const struct chart_style *st)
{
    const struct glyph_set *g = glyph_set(st->rung);
    enum role role = rd.thin ? ROLE_STRIP_STALE : rd.unusual ? st->unusual : st->usual;
    if (isnan(rd.v)) {
        return;
    }
    int bottom = a.r.h - 1;
    int steps = steps_of(sc, rd.v, 8);
    if (steps == 0) {
        area_rune(a, x, bottom, ROLE_ZERO, 0, g->zero);
        return;
    }
    for (int y = bottom; y >= 0 && steps > 0; y--, steps -= 8) {
        if (st->points && a.r.h > 1 && steps > 8) {
            continue;
        }
        uint32_t rune = steps >= 8 && a.r.h > 1 && st->rung < GLYPH_BLOCK ? '#' : glyph_eighths(st->rung, steps);
        area_rune(a, x, y, role, 0, rune);
    }
    if (isinf(rd.v)) {
        area_rune(a, x, 0, role, CELL_BOLD, g->beyond);
    }
}

static void put_dots(struct area a, const struct scale *sc, int x, const struct reading rd[2], const struct chart_style *st)
{
    bool gap = isnan(rd[0].v) && isnan(rd[1].v);
    if (gap) {
        return;
    }
    int steps[2], most = 0;
    for (int k = 0; k < 2; k++) {
        steps[k] = isnan(rd[k].v) ? 0 : steps_of(sc, rd[k].v, 4);
        most = steps[k] > most ? steps[k] : most;
    }
    int bottom = a.r.h - 1;
    bool sure[2] = {!isnan(rd[0].v) && !rd[0].thin, !isnan(rd[1].v) && !rd[1].thin};
    bool unusual = (sure[0] && rd[0].unusual) || (sure[1] && rd[1].unusual);
    enum role role = !sure[0] && !sure[1] ? ROLE_STRIP_STALE : unusual ? st->unusual : st->usual;
    if (most == 0) {
        area_rune(a, x, bottom, ROLE_ZERO, 0, glyph_set(st->rung)->zero);
        return;
    }
    for (int k = 0; k < 2; k++) {
        if (steps[k] == 0 && !isnan(rd[k].v)) {
            steps[k] = 1; /* a zero beside a value is the lowest dot: a blank would be a gap */
        }
    }
    for (int y = bottom; y >= 0 && most > 0; y--, most -= 4, steps[0] -= 4, steps[1] -= 4) {
        if (st->points && a.r.h > 1 && most > 4) {
            continue;
        }
        area_rune(a, x, y, role, 0, glyph_braille(steps[0], steps[1]));
    }
    if (isinf(rd[0].v) || isinf(rd[1].v)) {
        area_rune(a, x, 0, role, CELL_BOLD, glyph_set(st->rung)->beyond);
    }
}

void chart_strip(struct area a, const struct view_axis *ax, const struct vstrip *s, const struct chart_style *st)
{
    if (!s->v || ax->columns == 0 || a.r.w <= 0 || a.r.h <= 0) {
        return;
    }
    struct scale sc = scale_of(s, fmax(st->baseline, st->band_hi), a.r.h, st);
    for (int x = 0; x < a.r.w; x++) {
        uint32_t from, to;
        chart_span(ax->columns, a.r.w, x, &from, &to);
        struct reading whole = reading_of(s, from, to, st);
        if (a.r.h > 1 && st->band_hi > st->band_lo && !isnan(whole.v)) {
            put_band(a, &sc, x, st);
        }
        if (st->rung == GLYPH_BRAILLE) {
            struct reading rd[2];
            for (int k = 0; k < 2; k++) {
                chart_span(ax->columns, 2 * a.r.w, 2 * x + k, &from, &to);
                rd[k] = reading_of(s, from, to, st);
            }
            put_dots(a, &sc, x, rd, st);
        } else {
            put_bar(a, &sc, x, whole, st);
        }
        if (a.r.h > 1 && !isnan(whole.v)) {
            put_line(a, s->threshold, ROLE_THRESHOLD, &sc, x, whole.v, st, st->over);
            if (!is_thin_band(&sc, st)) {
                put_line(a, st->baseline, ROLE_DIM, &sc, x, whole.v, st, false);
            }
        }
    }
    int onset = st->onset_ms ? chart_cell_of(ax, a.r.w, st->onset_ms) : -1;
    if (onset >= 0) {
        area_rune(a, onset, 0, st->unusual, CELL_BOLD, glyph_set(st->rung)->onset);
    }
}
