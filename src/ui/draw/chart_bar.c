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

struct step {
    int64_t at_ms;
    char letter; /* 0: the bar's beginning */
    enum role bar;
};
enum { STEPS_MAX = 5 };

/* What the incident went through, in the order in which it did: it may end before somebody takes it. */
static int steps_of(const struct vlife *l, enum severity s, struct step step[STEPS_MAX])
{
    const struct step all[STEPS_MAX] = {{l->onset_ms, 0, ROLE_DIM},
                                        {l->detected_ms, s == SEV_PAGE ? 'P' : 't', severity_role(s)},
                                        {l->acked_ms, 'a', ROLE_TICKET},
                                        {l->mitigated_ms, 'M', ROLE_MARK},
                                        {l->ended_ms, 'o', ROLE_DIM}};
    int n = 0;
    for (int i = 0; i < STEPS_MAX; i++) {
        int k = n;
        if (all[i].at_ms <= 0) {
            continue;
        }
        for (; k > 0 && step[k - 1].at_ms > all[i].at_ms; k--) {
            step[k] = step[k - 1];
        }
        step[k] = all[i];
        n++;
    }
    return n;
}

static int clamped_cell(const struct view_axis *ax, int w, int64_t at_ms)
{
    const int x = chart_cell_of(ax, w, at_ms);
    return x >= 0 ? x : at_ms <= ax->t0_ms ? 0 : w - 1;
}

void chart_life(struct area a, const struct view_axis *ax, const struct vlife *life, enum severity s, const char *figure,
                const struct chart_style *st)
{
    struct step step[STEPS_MAX];
    const int n = steps_of(life, s, step);
    const int64_t end_ms = life->resolved_ms > 0 ? life->resolved_ms : ax->cursor_ms;
    if (n == 0 || a.r.w <= 0 || ax->columns == 0 || end_ms <= ax->t0_ms) {
        return;
    }
    const struct glyph_set *g = glyph_set(st->rung);
    const int to = clamped_cell(ax, a.r.w, end_ms);
    for (int i = 0; i < n; i++) {
        const int from = clamped_cell(ax, a.r.w, step[i].at_ms);
        for (int x = from; x <= to; x++) {
            area_rune(a, x, 0, step[i].bar, 0, g->bar);
        }
    }
    for (int i = 0; i < n; i++) {
        const int x = chart_cell_of(ax, a.r.w, step[i].at_ms);
        if (x < 0) {
            continue;
        }
        if (step[i].letter == 0) {
            area_rune(a, x, 0, life->onset_hollow ? ROLE_MARK_HOLLOW : severity_role(s), CELL_BOLD,
                      life->onset_hollow ? g->hollow : g->bar_start);
        } else {
            area_rune(a, x, 0, chart_mark_role(step[i].letter, false), CELL_BOLD, (uint32_t)step[i].letter);
        }
    }
    if (life->resolved_ms > 0 && chart_cell_of(ax, a.r.w, life->resolved_ms) >= 0) {
        area_rune(a, to, 0, ROLE_OK, CELL_BOLD, 'R');
    }
    put_change(a, figure, clamped_cell(ax, a.r.w, step[0].at_ms), to);
}
