/* SPDX-License-Identifier: MIT */
#include "ui/draw/part_bars.h"

#include <math.h>
#include <string.h>

#include "base/safe_text.h"
#include "base/str.h"
#include "ui/draw/layout.h"
#include "ui/draw/mask.h"
#include "ui/draw/plan.h"

enum { TEXT_MAX = 384, LABEL_COLS = 34, DAY_MS = 24 * 60 * 60 * 1000 };
enum { MARKS_MAX = 256 }; /* more than fit a row of any screen side by side */
enum { HEAD_ROWS = 3 };   /* axis, the incident, changes */

static int64_t least_of(int64_t a, int64_t b)
{
    return a <= 0 || (b > 0 && b < a) ? b : a;
}

/* From the first bar's begin to the last one's end, or the incident's own. */
static void extent_of(const struct view_incidents *v, int64_t cursor_ms, int64_t *ret_first, int64_t *ret_last)
{
    const struct vlife *l = &v->life;
    int64_t first = least_of(l->onset_ms, l->detected_ms), last = l->resolved_ms > 0 ? l->resolved_ms : cursor_ms;
    for (size_t i = 0; i < v->bar_count; i++) {
        const int64_t to = v->bars[i].to_ms > 0 ? v->bars[i].to_ms : last;
        first = least_of(first, v->bars[i].from_ms);
        last = to > last ? to : last;
    }
    *ret_first = first;
    *ret_last = last < cursor_ms ? last : cursor_ms;
}

/* Bars carry instants, not columns: the axis begins before the first of them by what is still before what came then, in round steps. */
static struct view_axis axis_of(const struct view_incidents *v, int w, const struct draw_ctx *ctx)
{
    static const int64_t steps_ms[] = {1000,   2000,   5000,    10000,   15000,   30000,    60000, 120000,
                                       300000, 600000, 1800000, 3600000, 7200000, 21600000, DAY_MS};
    enum { COUNT = sizeof steps_ms / sizeof *steps_ms };
    struct view_axis ax = *part_axis(ctx);
    int64_t first, last;
    extent_of(v, ax.cursor_ms, &first, &last);
    if (first <= 0 || last <= first || w <= 0 || ax.columns == 0) {
        return ax;
    }
    const bool over = last < ax.cursor_ms; /* what is over shows a little of what came then, what goes on more of what was before */
    const int64_t after = over ? (last - first) / 8 : 0;
    int64_t end = last + after < ax.cursor_ms ? last + after : ax.cursor_ms;
    const int64_t span = end - first + (end - first) / (over ? 4 : 2);
    int i = 0;
    while (i + 1 < COUNT && steps_ms[i] * w < span) {
        i++;
    }
    ax.step_ms = steps_ms[i];
    ax.columns = (uint32_t)w;
    end = (end + ax.step_ms - 1) / ax.step_ms * ax.step_ms;
    ax.t0_ms = end - ax.step_ms * w;
    ax.cursor_ms = end < ax.cursor_ms ? end : ax.cursor_ms;
    return ax;
}

/* Its own story, of what was said or of all else; and what changed elsewhere. Returns the number. */
static size_t marks_of(const struct view_incidents *v, bool said, const struct draw_ctx *ctx, struct vmark ret[MARKS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < v->entry_count && n < MARKS_MAX; i++) {
        const struct ventry *e = &v->entries[i];
        if (e->is_said == said) {
            ret[n++] = (struct vmark){.at_ms = e->at_ms, .letter = e->letter, .hollow = e->hollow};
        }
    }
    for (size_t i = !said && ctx->frame ? ctx->frame->mark_count : 0; i-- > 0 && n < MARKS_MAX;) {
        ret[n++] = ctx->frame->marks[i];
    }
    return n;
}

static bool anything_said(const struct view_incidents *v)
{
    for (size_t i = 0; i < v->entry_count; i++) {
        if (v->entries[i].is_said) {
            return true;
        }
    }
    return false;
}

/* Whether a bar begins a line. */
static bool begins_line(const struct view_incidents *v, size_t i)
{
    return i == 0 || strcmp(v->bars[i].label, v->bars[i - 1].label) != 0;
}

static size_t line_count(const struct view_incidents *v)
{
    size_t n = 0;
    for (size_t i = 0; i < v->bar_count; i++) {
        n += begins_line(v, i);
    }
    return n;
}

int part_bars_want(const struct view_incidents *v)
{
    return HEAD_ROWS + anything_said(v) + plan_count(line_count(v));
}

/* "3.1k lost, >=$140"; of what the gateway refused, where nothing failed, "2.44k refused" */
static const char *figure_of(const struct view_incidents *v, char out[TEXT_MAX])
{
    const struct vimpact *c = &v->counts;
    char count[NUMFMT_MAX], money[NUMFMT_MAX], lost[2 * NUMFMT_MAX] = "";
    const bool counted = c->known && !c->torn, spent = !isnan(c->spend.v) && c->spend.v > 0;
    if (counted && c->refusals && c->failed == 0) {
        (void)str_format(lost, sizeof lost, "%s%s refused", exact_mark(c->exact), numfmt_count((double)c->refused, count));
    } else if (counted) {
        (void)str_format(lost, sizeof lost, "%s%s lost", exact_mark(c->exact), numfmt_count((double)c->failed, count));
    }
    (void)str_format(out, TEXT_MAX, "%s%s%s%s", lost, counted && spent ? ", " : "", spent ? exact_mark(c->spend.exact) : "",
                     spent ? numfmt_usd(c->spend.v, money) : "");
    return out;
}

/* Columns before the bars: as many as the labels take, so that the axis has the rest. */
static int label_cols(const struct view_incidents *v)
{
    size_t most = sizeof "operators";
    for (size_t i = 0; i < v->bar_count; i++) {
        const size_t n = utf8_columns(str_of(v->bars[i].label));
        most = n > most ? n : most;
    }
    return plan_min((int)most + 2, LABEL_COLS);
}

static void draw_lines(struct area a, int x, const struct view_axis *ax, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    const struct chart_style st = part_chart_style(ctx, SEV_NONE, false);
    const size_t lines = line_count(v);
    char text[TEXT_MAX];
    int y = -1;
    for (size_t i = 0; i < v->bar_count; i++) {
        struct vbar bar = v->bars[i];
        const bool first = begins_line(v, i);
        y += first;
        if (y >= a.r.h || (first && part_cut(a, y, (size_t)y, lines))) {
            return;
        }
        if (first) {
            (void)area_put_cut(a, 1, y, x - 2, ROLE_TEXT, 0, mask_text(ctx->mask, bar.label, text, sizeof text));
        } else {
            bar.change = ""; /* the first one's stands before it */
        }
        chart_bar(area_sub(a, x, y, a.r.w - x, 1), ax, &bar, &st);
    }
}

void part_bars(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    const struct layout_grid g = layout_grid(a.r.w, PANE_INCIDENTS);
    const struct chart_style st = part_chart_style(ctx, SEV_NONE, false);
    const int x = plan_min(g.strip_x, label_cols(v)), w = g.main_w - x;
    const struct view_axis ax = axis_of(v, w, ctx);
    struct vmark marks[MARKS_MAX];
    char text[TEXT_MAX];
    int y = 0;
    struct area top = area_sub(a, x, y++, w, 1);
    chart_axis(top, &ax, &st);
    if (ax.cursor_ms != ctx->cursor_ms) {
        area_replace(top, ROLE_PAST, ROLE_AXIS); /* where a past incident's axis ends is no cursor */
    }
    (void)area_putf(a, 1, y, ROLE_STRONG, "#%lld", (long long)v->detail->in.id);
    chart_life(area_sub(a, x, y++, w, 1), &ax, &v->life, v->detail->in.severity, figure_of(v, text), &st);
    (void)area_put(a, 1, y, ROLE_DIM, "changes");
    (void)chart_marks(area_sub(a, x, y++, w, 1), &ax, marks, marks_of(v, false, ctx, marks));
    if (anything_said(v)) {
        (void)area_put(a, 1, y, ROLE_DIM, "operators");
        (void)chart_marks(area_sub(a, x, y++, w, 1), &ax, marks, marks_of(v, true, ctx, marks));
    }
    draw_lines(area_sub(a, 0, y, x + w, a.r.h - y), x, &ax, v, ctx);
    chart_cursor(area_sub(a, x, 1, w, a.r.h - 1), &ax, ctx->cursor_ms);
}
