/* SPDX-License-Identifier: MIT */
/* The coordinates that all charts share, the axis, the event row and the cursor. */
#include "ui/draw/chart.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "ui/draw/numfmt.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

void chart_span(uint32_t columns, int w, int c, uint32_t *ret_from, uint32_t *ret_to)
{
    if (columns == 0 || w <= 0 || c < 0 || c >= w) {
        *ret_from = *ret_to = 0;
        return;
    }
    uint64_t from = (uint64_t)c * columns / (uint64_t)w;
    uint64_t to = (uint64_t)(c + 1) * columns / (uint64_t)w;
    *ret_from = (uint32_t)from;
    *ret_to = (uint32_t)(to > from ? to : from + 1);
}

int chart_cell_of(const struct view_axis *ax, int w, int64_t t_ms)
{
    if (ax->columns == 0 || ax->step_ms <= 0 || w <= 0 || t_ms <= ax->t0_ms) {
        return -1;
    }
    int64_t column = (t_ms - ax->t0_ms - 1) / ax->step_ms; /* (from, to] */
    if (column >= (int64_t)ax->columns) {
        return -1;
    }
    /* the inverse of chart_span: the cell whose span holds the column */
    int c = (int)(((uint64_t)column * (uint64_t)w + (uint64_t)w - 1) / ax->columns);
    for (c = c < w ? c : w - 1; c > 0; c--) {
        uint32_t from, to;
        chart_span(ax->columns, w, c, &from, &to);
        if ((int64_t)from <= column) {
            break;
        }
    }
    return c;
}

/* Distances between labelled ticks that people count in. */
static const int64_t tick_ms[] = {
    1000,        2000, 5000,     10000,    15000,    30000,     MINUTE, 2 * MINUTE, 5 * MINUTE,       10 * MINUTE,       15 * MINUTE,
    30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY,    2 * DAY,    INT64_C(7) * DAY, INT64_C(14) * DAY, INT64_C(28) * DAY,
};
enum { TICK_COUNT = sizeof tick_ms / sizeof *tick_ms };

/* "02:15" below a day, "24 Nov" from there on, "03:14:30" below a minute. */
static void tick_label(int64_t at_ms, int64_t distance, char out[TIMEFMT_MAX])
{
    if (distance >= DAY) {
        char day[TIMEFMT_MAX];
        instant_format_day(at_ms, day); /* "Tue 24 Nov": the weekday is cut away */
        const char *blank = strchr(day, ' ');
        (void)str_copy(out, TIMEFMT_MAX, str_of(blank ? blank + 1 : day));
        return;
    }
    instant_format_clock(at_ms, out);
    out[distance < MINUTE ? 8 : 5] = '\0';
}

/* The smallest distance at which a tick, its label and a blank fit before the next tick. */
static int64_t tick_distance(const struct view_axis *ax, int w)
{
    int64_t span = (int64_t)ax->columns * ax->step_ms;
    for (int i = 0; i < TICK_COUNT; i++) {
        int label = tick_ms[i] >= DAY ? 6 : tick_ms[i] < MINUTE ? 8 : 5;
        int cells = label + 2 > w / 8 ? label + 2 : w / 8; /* eight labels are enough for any width */
        if (tick_ms[i] * w >= cells * span) {
            return tick_ms[i];
        }
    }
    return 0;
}

/* What stands at the right end: "now", or the time where the axis ends before it, at a past cursor or with the last data that there are. */
static int put_axis_end(struct area a, const struct view_axis *ax)
{
    char text[TIMEFMT_MAX];
    bool now = ax->cursor_ms >= ax->now_ms;
    if (now) {
        (void)str_copy(text, sizeof text, str_of("now"));
    } else {
        instant_format_clock(ax->cursor_ms, text);
    }
    int width = (int)str_of(text).n;
    if (width > a.r.w) {
        return 0;
    }
    (void)area_put_attr(a, a.r.w - width, 0, now ? ROLE_STRONG : ROLE_PAST, 0, text);
    return width;
}

void chart_axis(struct area a, const struct view_axis *ax, const struct chart_style *st)
{
    if (ax->columns == 0 || ax->step_ms <= 0 || a.r.w <= 0) {
        return;
    }
    int end = a.r.w - put_axis_end(a, ax);
    int64_t distance = tick_distance(ax, a.r.w);
    if (distance == 0) {
        return;
    }
    int64_t last = ax->t0_ms + (int64_t)ax->columns * ax->step_ms;
    for (int64_t t = instant_floor(ax->t0_ms + distance - 1, distance); t < last; t += distance) {
        char label[TIMEFMT_MAX];
        tick_label(t, distance, label);
        int x = chart_cell_of(ax, a.r.w, t + 1); /* the cell that begins at t: a tick is a left edge */
        if (x >= 0 && x + 1 + (int)str_of(label).n < end) {
            area_rune(a, x, 0, ROLE_AXIS, 0, glyph_set(st->rung)->tick);
            (void)area_put(a, x + 1, 0, ROLE_AXIS, label);
        }
    }
}

/* How much a letter wants to be seen when several meet in one cell. */
static int mark_rank(char letter, bool hollow)
{
    static const char by_rank[] = "*rs$dmkcfqptE!P";
    const char *at = letter ? strchr(by_rank, letter) : NULL;
    return (at ? (int)(at - by_rank) + 1 : 0) * 2 + (hollow ? 0 : 1);
}

enum role chart_mark_role(char letter, bool hollow)
{
    if (hollow) {
        return ROLE_MARK_HOLLOW;
    }
    switch (letter) {
    case 'P':
    case 'E': return ROLE_PAGE;
    case 'q':
    case 'f':
    case 'p':
    case 't':
    case '!': return ROLE_TICKET;
    default: return ROLE_MARK;
    }
}

size_t chart_marks(struct area a, const struct view_axis *ax, const struct vmark *marks, size_t count)
{
    int16_t best[CANVAS_SIDE_MAX] = {0}; /* rank of what each cell shows */
    size_t inside = 0;
    for (size_t i = 0; i < count; i++) {
        const struct vmark *m = &marks[i];
        int x = chart_cell_of(ax, a.r.w, m->at_ms);
        if (x < 0 || x >= CANVAS_SIDE_MAX) {
            continue;
        }
        inside++;
        int rank = 1 + mark_rank(m->letter, m->hollow);
        if (rank >= best[x]) {
            best[x] = (int16_t)rank;
            bool printable = m->letter > ' ' && m->letter < 0x7f;
            area_rune(a, x, 0, chart_mark_role(m->letter, m->hollow), m->hollow ? CELL_UNDERLINE : CELL_BOLD,
                      printable ? (uint32_t)m->letter : '?');
        }
    }
    return inside;
}

void chart_cursor(struct area a, const struct view_axis *ax, int64_t cursor_ms)
{
    int x = chart_cell_of(ax, a.r.w, cursor_ms);
    if (x >= 0 && x < a.r.w - 1) {
        area_ground(area_sub(a, x, 0, 1, a.r.h), ROLE_CURSOR);
    }
}

void chart_cell_bar(struct area a, int x, int y, int width, double value, double max, enum role role, enum glyph_rung rung)
{
    if (!(value > 0) || !(max > 0) || width <= 0) {
        return;
    }
    double share = value / max;
    int eighths = (int)lround((share > 1 ? 1 : share) * width * 8);
    eighths = eighths < 1 ? 1 : eighths;
    for (int i = 0; i < width && eighths > 0; i++, eighths -= 8) {
        area_rune(a, x + i, y, role, 0, glyph_bar_eighths(rung, eighths));
    }
}

enum role chart_series_role(size_t i)
{
    return (enum role)((size_t)ROLE_SERIES1 + (i < ROLE_SERIES_COUNT ? i : ROLE_SERIES_COUNT - 1));
}
