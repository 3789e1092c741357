/* SPDX-License-Identifier: MIT */
#include "ui/draw/pane_draw.h"

#include "base/str.h"
#include "base/timefmt.h"
#include "ui/draw/layout.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/part.h"
#include "ui/draw/plan.h"
#include "view/view_events.h"

enum { DAY_MS = 24 * 60 * 60 * 1000, TEXT_MAX = 384, TEXT_ROWS = 4 };

enum col { WHEN, AGO, LETTER, KIND, SCOPE, TEXT, SOURCE, COLS };
static const struct part_col cols[COLS] = {
    [WHEN] = {"time (UTC)", 16, true, 0, 0}, [AGO] = {"ago", 4, false, 2, 0},     [LETTER] = {"", 1, true, 0, 0},
    [KIND] = {"kind", 13, true, 3, 0},       [SCOPE] = {"scope", 18, true, 5, 0}, [TEXT] = {"what", 38, true, 0, 0},
    [SOURCE] = {"by", 12, true, 4, 0},
};

static int event_rows(const struct event *e, const struct part_table *t, int most)
{
    int rows = area_wrap_rows(t->w[TEXT], e->text);
    return rows < 1 ? 1 : plan_min(rows, most);
}

/* How many rows the text of one event may take so that all events are there; 1 where they are not in any case. */
static int most_rows(const struct view_events *v, const struct part_table *t, int rows)
{
    int most = v->count <= DRAW_LINES_MAX ? TEXT_ROWS : 1;
    for (; most > 1; most--) {
        int need = 0;
        for (size_t i = 0; i < v->count; i++) {
            need += event_rows(&v->events[i], t, most);
        }
        if (need <= rows) {
            break;
        }
    }
    return most;
}

/* As many rows as the area has, the text wrapped in its column. */
static void put_row(struct area row, const struct part_table *t, const struct event *e, const struct draw_ctx *ctx)
{
    char day[TIMEFMT_MAX], at[TIMEFMT_MAX], text[TEXT_MAX];
    char letter[2] = {event_kind_letter(e->kind), '\0'};
    bool late = e->known_ms > e->at_ms + DAY_MS; /* found by looking back */
    instant_format_day(e->at_ms, day);
    instant_format_clock(e->at_ms, at);
    const char *date = str_of(day).n > 4 ? day + 4 : day; /* without the weekday */
    bool today = instant_floor(e->at_ms, DAY_MS) == instant_floor(ctx->now_ms, DAY_MS);
    (void)str_format(text, sizeof text, "%s %s", today ? "today " : date, at);
    part_table_put(row, t, WHEN, ROLE_TEXT, 0, text);
    part_table_put(row, t, AGO, ROLE_DIM, 0, numfmt_age(ctx->now_ms > e->at_ms ? ctx->now_ms - e->at_ms : 0, text));
    part_table_put(row, t, LETTER, chart_mark_role(letter[0], late), CELL_BOLD, letter);
    part_table_put(row, t, KIND, ROLE_DIM, 0, event_kind_name(e->kind));
    part_table_put(row, t, SCOPE, ROLE_DIM, 0, mask_text(ctx->mask, e->scope, text, sizeof text));
    (void)mask_text(ctx->mask, e->text, text, sizeof text);
    if (row.r.h > 1) {
        (void)area_wrap(area_sub(row, t->x[TEXT], 0, t->w[TEXT], row.r.h), 0, 0, ROLE_TEXT, text);
    } else {
        part_table_put(row, t, TEXT, ROLE_TEXT, 0, text);
    }
    part_table_put(row, t, SOURCE, ROLE_DIM, 0, e->source);
}

void pane_events_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx)
{
    const struct view_events *v = view;
    struct area a = area_of(cv, r);
    if (!v) {
        part_loading(a, ctx);
        return;
    }
    struct layout_grid g = layout_grid(a.r.w, PANE_EVENTS);
    const struct view_axis *ax = part_axis(ctx);
    struct chart_style st = part_chart_style(ctx, SEV_NONE, false);
    chart_axis(area_sub(a, g.strip_x, 0, g.strip_w, 1), ax, &st);
    part_marks_row(area_row(a, 1), &g, ax, ctx);
    chart_cursor(area_sub(a, g.strip_x, 1, g.strip_w, 1), ax, ctx->cursor_ms);
    struct part_table t = part_table_fit(cols, COLS, a.r.w, TEXT, a.r.w);
    struct area rows = area_sub(a, 0, 4, a.r.w, a.r.h - 4);
    struct part_list l = part_list_of(rows, v->count, ctx);
    char range[32], title[64], span[NUMFMT_MAX];
    (void)part_list_range(&l, v->count, range);
    int64_t length = v->t1_ms - v->t0_ms;
    (void)str_format(title, sizeof title, length > 0 ? "what changed in %s" : "what changed", numfmt_age(length, span));
    part_rule(area_row(a, 2), ROLE_TITLE, title, *range ? range : "Enter moves the cursor there", ctx);
    if (v->count == 0) {
        part_empty(area_sub(a, 0, 3, a.r.w, a.r.h - 3),
                   "Nothing changed in this window, as far as gwtop can see: it notices configuration reloads, restarts, price "
                   "tables, model versions and new keys by itself, and keeps the marks that you set.");
        return;
    }
    part_table_head(area_row(a, 3), &t, ctx);
    int most = most_rows(v, &t, rows.r.h), y = 0;
    for (int i = 0; i < l.shown; i++) {
        const struct event *e = &v->events[l.first + i];
        int h = event_rows(e, &t, most);
        struct area row = area_sub(rows, 0, y, rows.r.w, h);
        put_row(row, &t, e, ctx);
        part_list_mark(row, &l, i);
        if (most > 1) {
            ctx->out->lines[i] = (uint8_t)h;
        }
        y += h;
    }
    area_highlight(rows, ROLE_MATCH, ctx->search);
    if (l.selected >= 0) {
        ctx->out->at_ms = v->events[l.selected].at_ms;
        ctx->out->id = v->events[l.selected].id;
    }
}
