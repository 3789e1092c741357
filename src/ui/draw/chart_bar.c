/* SPDX-License-Identifier: MIT */
#include "ui/draw/chart.h"

#include "base/safe_text.h"

static enum role severity_role(enum severity s)
{
    return s == SEV_PAGE ? ROLE_PAGE : s == SEV_TICKET ? ROLE_TICKET : ROLE_MARK;
}

/* The change beside the bar: before it where there is room, else after it, else not at all. */
static void put_change(struct area a, const char *text, int from, int to)
{
    int width = text ? (int)utf8_columns(str_of(text)) : 0;
    if (width == 0) {
        return;
    }
    if (from - 1 >= width) {
        (void)area_put(a, from - 1 - width, 0, ROLE_DIM, text);
    } else if (to + 2 + width <= a.r.w) {
        (void)area_put(a, to + 2, 0, ROLE_DIM, text);
    }
}

void chart_bar(struct area a, const struct view_axis *ax, const struct vbar *b, const struct chart_style *st)
{
    int64_t end = ax->t0_ms + (int64_t)ax->columns * ax->step_ms;
    int64_t to_ms = b->to_ms > 0 && b->to_ms < end ? b->to_ms : end;
    if (ax->cursor_ms > ax->t0_ms && ax->cursor_ms < to_ms) {
        to_ms = ax->cursor_ms; /* what happened after the cursor is not known yet */
    }
    if (b->from_ms <= 0 || b->from_ms >= to_ms || to_ms <= ax->t0_ms || a.r.w <= 0) {
        return;
    }
    const struct glyph_set *g = glyph_set(st->rung);
    bool begins = b->from_ms > ax->t0_ms;
    int from = begins ? chart_cell_of(ax, a.r.w, b->from_ms) : 0;
    int to = chart_cell_of(ax, a.r.w, to_ms);
    if (from < 0 || to < from) {
        return;
    }
    enum role role = severity_role(b->severity);
    for (int x = from; x <= to; x++) {
        bool first = begins && x == from;
        area_rune(a, x, 0, role, first ? CELL_BOLD : 0, first ? g->bar_start : g->bar);
    }
    put_change(a, b->change, from, to);
}
