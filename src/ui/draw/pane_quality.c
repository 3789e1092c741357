/* SPDX-License-Identifier: MIT */
#include "ui/draw/pane_draw.h"

#include <math.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "ui/draw/layout.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/part.h"
#include "ui/draw/plan.h"
#include "view/view_quality.h"

enum block { HEAD, LIST, EVIDENCE, BLOCKS };
enum { EVIDENCE_ROWS = 7, TEST_ROWS = 2 }; /* a rule and what the longest account of a test takes; of it, the test's name */

static const char *state_word(enum quality_state s)
{
    switch (s) {
    case QUALITY_QUIET: return "quiet";
    case QUALITY_THIN: return "thin";
    case QUALITY_WATCHING: return "watch";
    case QUALITY_DRIFT: return "DRIFT";
    case QUALITY_STALE: break;
    }
    return "STALE";
}

/* Nothing was scored of late, or its source is silent. */
static bool is_old(const struct vquality_row *r)
{
    return r->state == QUALITY_STALE || r->now.stale;
}

static enum role state_role(enum quality_state s)
{
    switch (s) {
    case QUALITY_DRIFT: return ROLE_TICKET;
    case QUALITY_STALE: return ROLE_STALE;
    case QUALITY_THIN: return ROLE_DIM;
    case QUALITY_WATCHING: return ROLE_ACCENT;
    case QUALITY_QUIET: break;
    }
    return ROLE_TEXT;
}

/* The columns of the signal table's grid, with the state where the ratio is elsewhere. */
struct columns {
    int label_w, now, base, delta, state, n, n_w;
};

static struct columns columns_of(const struct layout_grid *g)
{
    /* from the right: n, state, delta, baseline, now; the label has the rest */
    struct columns c = {.n_w = 5};
    c.n = g->strip_x - 1 - c.n_w;
    c.state = c.n - 6;
    c.delta = c.state - 7;
    c.base = g->strip_x >= 46 ? c.delta - 6 : 0; /* the delta says it too, the name says nothing when it is cut */
    c.now = (c.base ? c.base : c.delta) - 6;
    c.label_w = plan_max(c.now - 2, 4);
    return c;
}

static struct vstrip floored(const struct vstrip *s, const struct draw_ctx *ctx)
{
    struct vstrip f = *s;
    f.floor = s->floor != 0 ? s->floor : chart_floor(s, part_axis(ctx)->columns);
    return f;
}

static const char *label_at(const struct part_names *names, size_t i, char *out, size_t cap)
{
    const struct vquality_row *r = &((const struct vquality_row *)names->list)[i];
    bool scoped = r->scope && *r->scope;
    (void)str_format(out, cap, "%s%s%s", r->name, scoped ? " " : "", scoped ? r->scope : "");
    return out;
}

static void put_row(struct area row, const struct layout_grid *g, const struct part_names *labels, size_t i, const struct draw_ctx *ctx)
{
    const struct vquality_row *r = &((const struct vquality_row *)labels->list)[i];
    struct columns c = columns_of(g);
    char text[NUMFMT_MAX], label[PART_NAME_MAX];
    bool stale = is_old(r);
    enum role role = stale ? ROLE_STALE : r->state == QUALITY_DRIFT ? ROLE_TICKET : ROLE_TEXT;
    part_put_name(row, 1, c.label_w, stale ? ROLE_STALE : ROLE_TEXT, 0, label_at(labels, i, label, sizeof label), labels);
    (void)area_put_right(row, c.now, 0, 5, role, r->state == QUALITY_DRIFT && !stale ? CELL_BOLD : 0, numfmt_vnum(&r->now, text));
    if (c.base) {
        (void)area_put_right(row, c.base, 0, 5, ROLE_DIM, 0, numfmt_vnum(&r->base, text));
    }
    (void)area_put_right(row, c.delta, 0, 6, role, 0, numfmt_points(r->now.v, r->base.v, text));
    enum quality_state state = stale ? QUALITY_STALE : r->state; /* whatever it was, that is not known any more */
    (void)area_put_right(row, c.state, 0, 5, state_role(state), state == QUALITY_DRIFT || stale ? CELL_BOLD : 0, state_word(state));
    (void)area_put_right(row, c.n, 0, c.n_w, ROLE_DIM, 0, numfmt_n(r->now.n, text));
    struct chart_style st = part_chart_style(ctx, r->state == QUALITY_DRIFT ? SEV_TICKET : SEV_NONE, stale);
    st.onset_ms = r->onset_ms;
    struct vstrip strip = floored(&r->strip, ctx);
    chart_strip(area_sub(row, g->strip_x, 0, g->strip_w, 1), part_axis(ctx), &strip, &st);
}

/* What the chosen row's state rests on. */
static void draw_evidence(struct area a, const struct layout_grid *g, const struct vquality_row *r, const struct draw_ctx *ctx)
{
    char text[256], p[NUMFMT_MAX], at[TIMEFMT_MAX], error[TIMEFMT_MAX], title[128];
    (void)str_format(title, sizeof title, "evidence: %s %s", r->name, r->scope ? r->scope : "");
    part_rule(area_row(a, 0), ROLE_TITLE, title, r->explain && *r->explain ? r->explain : NULL, ctx);
    int width = g->strip_x - 2;
    int y = 1;
    if (r->test && *r->test) {
        y += area_wrap(area_sub(a, 1, y, width, TEST_ROWS), 0, 0, ROLE_TEXT, r->test);
    }
    if (!isnan(r->p_value)) {
        (void)str_format(text, sizeof text, r->p_value < 1e-4 ? "p < 0.0001" : "p = %.4f", r->p_value);
        (void)area_put_cut(a, 1, y++, width, r->state == QUALITY_DRIFT ? ROLE_TICKET : ROLE_DIM, 0, text);
    }
    if (r->onset_ms > 0) {
        instant_format_clock(r->onset_ms, at);
        duration_format_error(r->finding ? r->finding->onset_error_ms : 0, error);
        (void)str_format(text, sizeof text, "onset %s%s (o in the strip)", at, error);
        (void)area_put_cut(a, 1, y++, width, ROLE_TEXT, 0, text);
    }
    if (!isnan(r->detectable)) {
        (void)str_format(text, sizeof text, "smallest change seen by now: %spp", numfmt_sig3(r->detectable, p));
        (void)area_put_cut(a, 1, y++, width, ROLE_DIM, 0, text);
    }
    if (r->missing && *r->missing) {
        y += area_wrap(area_sub(a, 1, y, width, a.r.h - y), 0, 0, ROLE_DIM, r->missing);
    }
    struct area chart = area_sub(a, g->strip_x, 1, g->strip_w, a.r.h - 1);
    struct chart_style st = part_chart_style(ctx, r->state == QUALITY_DRIFT ? SEV_TICKET : SEV_NONE, is_old(r));
    st.onset_ms = r->onset_ms;
    struct vstrip strip = floored(&r->strip, ctx);
    chart_strip(chart, part_axis(ctx), &strip, &st);
    if (isfinite(strip.max) && y < a.r.h) {
        char lo[NUMFMT_MAX], hi[NUMFMT_MAX];
        (void)str_format(text, sizeof text, "chart: %s to %s", numfmt_sig3(strip.floor, lo), numfmt_sig3(strip.max, hi));
        (void)area_put_cut(a, 1, a.r.h - 1, width, ROLE_DIM, 0, text);
    }
    part_fade(area_sub(a, 0, 1, a.r.w, a.r.h - 1), ctx);
}

static void draw_head(struct area a, const struct layout_grid *g, const struct draw_ctx *ctx)
{
    struct columns c = columns_of(g);
    struct chart_style st = part_chart_style(ctx, SEV_NONE, false);
    const struct view_axis *ax = part_axis(ctx);
    (void)area_put_cut(a, 1, 0, c.label_w, ROLE_DIM, 0, c.label_w < 15 ? "score" : "score or signal");
    (void)area_put_right(a, c.now, 0, 5, ROLE_DIM, 0, "now");
    if (c.base) {
        (void)area_put_right(a, c.base, 0, 5, ROLE_DIM, 0, "base");
    }
    (void)area_put_right(a, c.delta, 0, 6, ROLE_DIM, 0, "delta");
    (void)area_put_right(a, c.state, 0, 5, ROLE_DIM, 0, "state");
    (void)area_put_right(a, c.n, 0, c.n_w, ROLE_DIM, 0, "n");
    chart_axis(area_sub(a, g->strip_x, 0, g->strip_w, 1), ax, &st);
    part_marks_row(area_row(a, 1), g, ax, ctx);
}

void pane_quality_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx)
{
    const struct view_quality *v = view;
    struct area a = area_of(cv, r);
    if (!v) {
        part_loading(a, ctx);
        return;
    }
    if (v->row_count == 0) {
        part_empty(
            a,
            v->empty_text && *v->empty_text
                ? v->empty_text
                : "No score has been recorded yet. Scores come from an evaluation source (eval, canary); judge-free signals such as JSON "
                  "validity, length and refusals come from the gateway.");
        return;
    }
    struct layout_grid g = layout_grid(a.r.w, PANE_QUALITY);
    int sentence = v->sentence && *v->sentence ? 1 : 0;
    struct plan_block b[BLOCKS] = {
        [HEAD] = {.min = 2 + sentence, .want = 2 + sentence, .rank = 1},
        [LIST] = {.min = 3, .want = plan_count(v->row_count) + 1, .rank = 2},
        [EVIDENCE] = {.min = EVIDENCE_ROWS, .want = EVIDENCE_ROWS * plan_count(v->row_count), .rank = 3},
    };
    plan_rows(b, BLOCKS, a.r.h);
    if (sentence) {
        (void)area_put_cut(a, 1, 0, a.r.w - 2, ROLE_STRONG, CELL_BOLD, v->sentence);
        part_fade(area_row(a, 0), ctx);
    }
    draw_head(area_sub(a, 0, sentence, a.r.w, 2), &g, ctx);
    struct area list = area_sub(a, 0, b[LIST].y, a.r.w, plan_min(b[LIST].h, plan_count(v->row_count)));
    struct part_list l = part_list_of(list, v->row_count, ctx);
    const struct part_names labels = {.list = v->rows, .count = v->row_count, .ctx = ctx, .at = label_at};
    for (int y = 0; y < l.shown; y++) {
        put_row(area_row(list, y), &g, &labels, (size_t)(l.first + y), ctx);
        part_list_mark(area_row(list, y), &l, y);
    }
    part_fade(list, ctx);
    area_highlight(list, ROLE_MATCH, ctx->search);
    chart_cursor(area_sub(a, g.strip_x, sentence + 1, g.strip_w, b[LIST].y + l.shown - sentence - 1), part_axis(ctx), ctx->cursor_ms);
    const struct vquality_row *chosen = &v->rows[l.selected >= 0 ? l.selected : 0];
    /* the chosen row first, then those after it, as many as there is room for */
    for (int i = 0; (i + 1) * EVIDENCE_ROWS <= b[EVIDENCE].h && chosen + i < v->rows + v->row_count; i++) {
        draw_evidence(area_sub(a, 0, b[EVIDENCE].y + i * EVIDENCE_ROWS, a.r.w, EVIDENCE_ROWS), &g, &chosen[i], ctx);
    }
    if (l.selected >= 0) {
        ctx->out->name = chosen->scope && *chosen->scope ? chosen->scope : NULL;
        ctx->out->dim = DIM_MODEL;
        ctx->out->at_ms = chosen->onset_ms;
    }
}
