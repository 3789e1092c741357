/* SPDX-License-Identifier: MIT */
#include "ui/draw/pane_draw.h"

#include <math.h>
#include <string.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "ui/draw/layout.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/part.h"
#include "ui/draw/plan.h"
#include "view/view_quality.h"

enum block { HEAD, LIST, DETAIL, BLOCKS };
/* Of a detail: a rule, and two charts with their names beside what the row's state rests on; more rows make the charts taller. */
enum { DETAIL_ROWS = 10, DETAIL_ROWS_MAX = 16 };
enum { STATE_COLS = 6 }; /* of "silent" */
enum { DAY_MS = 86400000 };

static const char *state_word(enum quality_state s)
{
    switch (s) {
    case QUALITY_DRIFT: return "DRIFT";
    case QUALITY_BACK: return "back?";
    case QUALITY_SILENT: return "silent";
    case QUALITY_WATCHING: return "watch";
    case QUALITY_MIX: return "mix";
    case QUALITY_BETTER: return "good";
    case QUALITY_QUIET: return "quiet";
    case QUALITY_UNSPLIT: return NUMFMT_UNSPLIT;
    case QUALITY_READY: return "ready";
    case QUALITY_THIN: return "thin";
    case QUALITY_ENDED: return "ended";
    case QUALITY_STALE: break;
    }
    return "STALE";
}

/* Nothing was scored of late, or its source is silent. */
static bool is_old(const struct vquality_row *r)
{
    return r->state == QUALITY_SILENT || r->state == QUALITY_STALE || (r->now.stale && r->state != QUALITY_ENDED);
}

static enum role state_role(enum quality_state s)
{
    switch (s) {
    case QUALITY_DRIFT: return ROLE_TICKET;
    case QUALITY_SILENT:
    case QUALITY_STALE: return ROLE_STALE;
    case QUALITY_READY:
    case QUALITY_THIN:
    case QUALITY_ENDED:
    case QUALITY_UNSPLIT: return ROLE_DIM;
    case QUALITY_BACK:
    case QUALITY_WATCHING:
    case QUALITY_MIX: return ROLE_ACCENT;
    case QUALITY_BETTER: return ROLE_OK;
    case QUALITY_QUIET: break;
    }
    return ROLE_TEXT;
}

/* The columns of the signal table's grid, with the state where the ratio is elsewhere. */
struct columns {
    int label_w, now, base, delta, state, onset, n, n_w;
};

static struct columns columns_of(const struct layout_grid *g)
{
    /* from the right: n, onset, state, delta, baseline, now; the label has the rest */
    struct columns c = {.n_w = 5};
    c.n = g->strip_x - 1 - c.n_w;
    c.onset = g->onset_w > 0 ? c.n - g->onset_w : 0; /* elsewhere a mark in the strip, and in the detail */
    c.state = (c.onset ? c.onset : c.n) - 1 - STATE_COLS;
    c.delta = c.state - 7;
    c.base = g->strip_x >= 52 ? c.delta - 6 : 0; /* the delta says it too, the name says nothing when it is cut */
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
    (void)str_format(out, cap, "%s", r->label ? r->label : "");
    return out;
}

/* Of the day that the cursor is in no day is told: "30 Nov " of another. */
static const char *day_of(int64_t at_ms, int64_t other_ms, char out[TIMEFMT_MAX])
{
    char day[TIMEFMT_MAX];
    out[0] = '\0';
    if (instant_floor(at_ms, DAY_MS) != instant_floor(other_ms, DAY_MS)) {
        instant_format_day(at_ms, day);
        (void)str_format(out, TIMEFMT_MAX, "%s ", day + 4);
    }
    return out;
}

/* "01:47-02:21Z", "30 Nov 18:26-22:20", "29 Nov 23:46-30 23:40" */
static const char *span_text(int64_t from_ms, int64_t to_ms, int64_t cursor_ms, char out[NUMFMT_MAX])
{
    char at[TIMEFMT_MAX], to[TIMEFMT_MAX], day[TIMEFMT_MAX], next[TIMEFMT_MAX];
    (void)day_of(from_ms, cursor_ms, day);
    (void)day_of(to_ms, from_ms, next);
    instant_format_clock(from_ms, at);
    instant_format_clock(to_ms, to);
    char *end = strchr(next, ' ');
    if (end != NULL) {
        end[1] = '\0'; /* the month is told */
    }
    (void)str_format(out, NUMFMT_MAX, "%s%.5s-%s%.5s%s", day, at, next, to, day[0] == '\0' ? "Z" : "");
    return out;
}

/* In cols columns: "01:52Z +-29m", "01:47-02:21Z" where its sides are told apart, "30 Nov 18:26 +-2h" of another day, which is told where
 * there is no room for both. */
static const char *onset_text(const struct vquality_row *r, int64_t cursor_ms, int cols, char out[NUMFMT_MAX])
{
    char at[TIMEFMT_MAX], day[TIMEFMT_MAX], error[NUMFMT_MAX];
    const struct instant_between *b = &r->onset;
    const int64_t coarse_ms = 30 * INT64_C(60000);
    int64_t from_ms, to_ms;
    const bool is_here = day_of(b->at_ms, cursor_ms, day)[0] == '\0', is_wide = cols >= LAYOUT_ONSET_DAYS_COLS - 1,
               is_short = cols < LAYOUT_ONSET_COLS - 1;
    const bool is_apart = instant_is_lopsided(b) && !r->of_all && instant_between_ends(b, &from_ms, &to_ms);
    instant_format_clock(b->at_ms, at);
    at[5] = '\0'; /* "01:52" */
    if (is_short) {
        (void)str_format(out, NUMFMT_MAX, "%.6s%s%s", day, is_here ? at : "", is_here ? "Z" : "");
        return out;
    }
    if (is_apart && span_text(from_ms, to_ms, cursor_ms, out)[0] != '\0' && (int)strlen(out) <= cols) {
        return out;
    }
    const bool told = b->error_ms > 0 && !r->of_all && (is_wide || is_here || b->error_ms >= coarse_ms),
               clocked = is_here || is_wide || (b->error_ms < coarse_ms && !r->of_all);
    (void)str_format(out, NUMFMT_MAX, "%s%s%s%s%s%s", r->of_all ? "of all " : "", day, clocked ? at : "", clocked && is_here ? "Z" : "",
                     told ? clocked ? " +-" : "+-" : "", told ? numfmt_error(b->error_ms, error) : "");
    return out;
}

static void put_row(struct area row, const struct layout_grid *g, const struct part_names *labels, size_t i, const struct draw_ctx *ctx)
{
    const struct vquality_row *r = &((const struct vquality_row *)labels->list)[i];
    struct columns c = columns_of(g);
    char text[NUMFMT_MAX], label[PART_NAME_MAX];
    bool stale = is_old(r);
    bool drifts = r->state == QUALITY_DRIFT && !r->of_all; /* under a filter that it is not split by, the number is not what drifts */
    enum role role = stale ? ROLE_STALE : drifts ? ROLE_TICKET : ROLE_TEXT;
    part_put_name(row, 1, c.label_w, stale ? ROLE_STALE : ROLE_TEXT, 0, label_at(labels, i, label, sizeof label), labels);
    (void)area_put_right(row, c.now, 0, 5, role, drifts && !stale ? CELL_BOLD : 0, numfmt_vnum(&r->now, text));
    if (c.base) {
        (void)area_put_right(row, c.base, 0, 5, ROLE_DIM, 0, numfmt_vnum(&r->base, text));
    }
    (void)numfmt_quality_delta(r, text);
    char *unit = strlen(text) > 6 ? strstr(text, "pp") : NULL; /* "-0.05", as the values beside it are of percent */
    if (unit != NULL) {
        *unit = '\0';
    }
    (void)area_put_right(row, c.delta, 0, 6, role, 0, text);
    enum quality_state state =
        stale && r->state != QUALITY_SILENT ? QUALITY_STALE : r->state; /* whatever it was, that is not known any more */
    (void)area_put_right(row, c.state, 0, STATE_COLS, state_role(state), state == QUALITY_DRIFT || stale ? CELL_BOLD : 0,
                         state_word(state));
    if (c.onset && r->onset.at_ms > 0) {
        (void)area_put_cut(row, c.onset, 0, g->onset_w - 1, role, 0, onset_text(r, ctx->cursor_ms, g->onset_w - 1, text));
    }
    (void)area_put_right(
        row, c.n, 0, c.n_w, ROLE_DIM, 0,
        r->kind == QUALITY_OTHER || r->now.unsplit != 0 ? "-" : numfmt_n(r->now.n, text)); /* its text has the figures, or nothing does */
    struct chart_style st = part_chart_style(ctx, r->state == QUALITY_DRIFT ? SEV_TICKET : SEV_NONE, stale);
    st.onset_ms = r->onset.at_ms;
    struct vstrip strip = floored(&r->strip, ctx);
    chart_strip(area_sub(row, g->strip_x, 0, g->strip_w, 1), part_axis(ctx), &strip, &st);
}

/* Lines of text, one below the other. */
struct lines {
    struct area a;
    int y;
};

static void put_text(struct lines *l, enum role role, const char *text)
{
    if (text && *text && l->y < l->a.r.h) {
        l->y += area_wrap(area_sub(l->a, 0, l->y, l->a.r.w, l->a.r.h - l->y), 0, 0, role, text);
    }
}

static const char *signed_points(double v, char out[NUMFMT_MAX])
{
    char text[NUMFMT_MAX];
    (void)str_format(out, NUMFMT_MAX, "%s%s", v >= 0 ? "+" : "", numfmt_sig3(v, text));
    return out;
}

static void put_effect(struct lines *l, const struct vquality_effect *e, const char *when, bool drifts)
{
    char text[256], points[NUMFMT_MAX], lo[NUMFMT_MAX], hi[NUMFMT_MAX], n[NUMFMT_MAX];
    if (isnan(e->points)) {
        return;
    }
    (void)str_format(text, sizeof text, "%spp %s (n %s)", signed_points(e->points, points), when, numfmt_n(e->n, n));
    if (!isnan(e->lo)) {
        (void)str_format(text, sizeof text, "%spp %s (n %s); 95 %%: %s to %s, %s", points, when, n, signed_points(e->lo, lo),
                         signed_points(e->hi, hi), e->method);
    }
    put_text(l, drifts ? ROLE_TICKET : ROLE_TEXT, text);
}

static const char *unit_sign(const struct vquality_row *r)
{
    return r->unit == QUALITY_PERCENT ? "%" : " tokens";
}

static void put_baseline(struct lines *l, const struct vquality_row *r)
{
    char text[256], v[NUMFMT_MAX], n[NUMFMT_MAX], from[TIMEFMT_MAX], to[TIMEFMT_MAX], day[TIMEFMT_MAX];
    if (r->base_from_ms == 0 || isnan(r->base.v)) {
        return;
    }
    instant_format_clock(r->base_from_ms, from);
    instant_format_clock(r->base_to_ms, to);
    instant_format_day(r->base_from_ms, day);
    (void)str_format(text, sizeof text, "baseline %s%s of %s, %s %.5sZ to %.5sZ", numfmt_sig3(r->base.v, v), unit_sign(r),
                     numfmt_n(r->base.n, n), day + 4, from, to);
    put_text(l, ROLE_DIM, text);
}

/* is_told: what was found of it stands above already. */
static void put_account(struct area a, const struct vquality_row *r, bool is_told, const struct draw_ctx *ctx)
{
    char text[256], at[TIMEFMT_MAX], error[TIMEFMT_MAX], points[NUMFMT_MAX], n[NUMFMT_MAX];
    struct lines l = {.a = a};
    if (r->finding && !is_told) {
        put_text(&l, ROLE_TICKET, r->found);
    }
    put_effect(&l, &r->effect, "in 1h", r->state == QUALITY_DRIFT);
    put_effect(&l, &r->since, "since its onset", r->state <= QUALITY_SILENT);
    if (r->of_all) {
        put_text(&l, ROLE_TICKET, r->missing);
    }
    if (is_told) {
        put_text(&l, ROLE_TICKET, r->where_text);
    }
    if (r->onset.at_ms > 0) {
        instant_format_clock(r->onset.at_ms, at);
        instant_format_between(&r->onset, error);
        bool is_drawn = chart_cell_of(part_axis(ctx), 1, r->onset.at_ms) >= 0;
        (void)str_format(text, sizeof text, "onset %s%s%s", at, error, is_drawn ? " (o in the strip)" : "");
        put_text(&l, ROLE_TEXT, text);
    }
    put_text(&l, ROLE_TEXT, r->explain);
    put_text(&l, ROLE_TEXT, is_told ? r->beside : NULL);
    put_text(&l, ROLE_TEXT, r->why);
    put_text(&l, ROLE_TEXT, r->canary);
    if (!(r->canary && *r->canary) && r->state != QUALITY_DRIFT) { /* a canary's sentence has it */
        put_text(&l, ROLE_DIM, r->missing);
    }
    if (!isnan(r->detectable_most)) {
        (void)str_format(text, sizeof text, "%spp is noticed within 1h in 90 %% of cases, at %s/h",
                         signed_points(r->detectable_most, points), numfmt_n(r->per_hour, n));
        put_text(&l, ROLE_DIM, text);
    }
    put_text(&l, ROLE_DIM, r->blind);
    put_text(&l, ROLE_DIM, r->test);
    put_baseline(&l, r);
}

/* The chart's name and lines, then the chart. */
static void put_chart(struct area a, const char *name, const struct vstrip *strip, const struct chart_style *st, const struct draw_ctx *ctx)
{
    (void)area_put_cut(a, 0, 0, a.r.w, ROLE_DIM, 0, name);
    chart_strip(area_sub(a, 0, 1, a.r.w, a.r.h - 1), part_axis(ctx), strip, st);
}

static void put_charts(struct area a, const struct vquality_row *r, const struct draw_ctx *ctx)
{
    char name[240], now[NUMFMT_MAX], base[NUMFMT_MAX], lo[NUMFMT_MAX], hi[NUMFMT_MAX], line[3 * NUMFMT_MAX + 40] = "";
    struct vstrip strip = floored(&r->strip, ctx);
    struct chart_style st = part_chart_style(ctx, r->state == QUALITY_DRIFT ? SEV_TICKET : SEV_NONE, is_old(r));
    bool has_evidence = isfinite(r->evidence_strip.max);
    int h = has_evidence ? (a.r.h + 1) / 2 : a.r.h;
    st.onset_ms = r->onset.at_ms;
    st.baseline = isnan(r->base.v) ? 0 : r->base.v;
    if (isfinite(strip.max)) {
        if (st.baseline != 0) {
            (void)str_format(line, sizeof line, ", line: baseline %s", numfmt_sig3(r->base.v, base));
            strip.floor = st.baseline < strip.floor ? st.baseline : strip.floor;
        }
        if (!isnan(r->usual_lo)) {
            (void)str_format(line, sizeof line, ", base %s, shade: usual %s-%s", numfmt_sig3(r->base.v, base), numfmt_sig3(r->usual_lo, lo),
                             numfmt_sig3(r->usual_hi, hi));
            st.band_lo = r->usual_lo;
            st.band_hi = r->usual_hi;
            strip.floor = r->usual_lo < strip.floor ? r->usual_lo : strip.floor;
            st.points = true;
        }
        (void)str_format(name, sizeof name, "%s%s%s; %s to %s", numfmt_vnum(&r->now, now), unit_sign(r), line, numfmt_sig3(strip.floor, lo),
                         numfmt_sig3(fmax(strip.max, fmax(st.baseline, st.band_hi)), hi));
        put_chart(area_sub(a, 0, 0, a.r.w, h), name, &strip, &st, ctx);
    }
    if (has_evidence) {
        st.baseline = st.band_lo = st.band_hi = 0;
        st.points = false;
        st.over = true; /* after an alarm the bars are above it */
        (void)str_format(name, sizeof name, "evidence %s, line: %s", isnan(r->evidence) ? NUMFMT_UNKNOWN : numfmt_sig3(r->evidence, now),
                         r->evidence_strip.threshold_text);
        put_chart(area_sub(a, 0, h, a.r.w, a.r.h - h), name, &r->evidence_strip, &st, ctx);
    }
}

/* What the chosen row's state rests on: in words on the left, over time on the right. */
static void draw_detail(struct area a, const struct layout_grid *g, const struct vquality_row *r, bool is_told, const struct draw_ctx *ctx)
{
    part_rule(area_row(a, 0), ROLE_TITLE, r->label, NULL, ctx);
    put_account(area_sub(a, 1, 1, g->strip_x - 3, a.r.h - 1), r, is_told, ctx);
    struct area charts = area_sub(a, g->strip_x, 1, g->strip_w, a.r.h - 1);
    put_charts(charts, r, ctx);
    chart_cursor(charts, part_axis(ctx), ctx->cursor_ms);
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
    (void)area_put_right(a, c.state, 0, STATE_COLS, ROLE_DIM, 0, "state");
    if (c.onset) {
        (void)area_put_cut(a, c.onset, 0, g->onset_w - 1, ROLE_DIM, 0, "onset");
    }
    (void)area_put_right(a, c.n, 0, c.n_w, ROLE_DIM, 0, "n");
    chart_axis(area_sub(a, g->strip_x, 0, g->strip_w, 1), ax, &st);
    part_marks_row(area_row(a, 1), g, ax, ctx);
}

/* Below the list: which of its rows are shown, where that is not all of them, and what is folded. */
static void put_foot(struct area row, const struct view_quality *v, const struct part_list *l, size_t listed)
{
    char range[32], text[64] = "";
    if (part_list_range(l, listed, range)[0] != '\0') {
        (void)str_format(text, sizeof text, "rows %s%s", range, v->never_bad > 0 ? "; " : "");
    }
    int x = 1 + area_put_cut(row, 1, 0, row.r.w - 2, ROLE_TEXT, 0, text);
    if (v->never_bad > 0) {
        (void)area_put_cut(row, x, 0, row.r.w - 1 - x, ROLE_DIM, 0, v->never_text);
    }
}

/* Rows of the sentence: what drifts against what stands at its end, so it is not cut where there is room for it. */
static int sentence_rows(const struct view_quality *v, const struct area *a)
{
    enum { ROWS_MAX = 3 };
    const int room = a->r.h / 8;
    if (!v->sentence || !*v->sentence) {
        return 0;
    }
    return plan_max(1, plan_min(plan_min(ROWS_MAX, room), area_wrap_rows(a->r.w - 2, v->sentence)));
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
    int sentence = sentence_rows(v, &a), left = v->left > 0, lacks = v->sources_text && *v->sources_text, feet = left + lacks,
        never = (v->never_bad > 0) + feet;
    size_t listed = v->row_count - v->never_bad;
    struct plan_block b[BLOCKS] = {
        [HEAD] = {.min = 2 + sentence, .want = 2 + sentence, .rank = 1},
        [LIST] = {.min = 3, .want = plan_count(listed) + never + 1, .rank = 2, .grow = 3},
        [DETAIL] = {.min = DETAIL_ROWS, .want = listed > 0 ? DETAIL_ROWS * plan_count(listed) : 0, .rank = 2, .grow = 4},
    };
    plan_rows(b, BLOCKS, a.r.h);
    never += v->never_bad == 0 && b[LIST].h < plan_count(listed); /* a row that says that there are more */
    if (sentence) {
        if (sentence == 1) {
            (void)area_put_cut(a, 1, 0, a.r.w - 2, ROLE_STRONG, CELL_BOLD, v->sentence);
        } else {
            (void)area_wrap(area_sub(a, 1, 0, a.r.w - 2, sentence), 0, 0, ROLE_STRONG, v->sentence);
        }
        part_fade(area_sub(a, 0, 0, a.r.w, sentence), ctx);
    }
    draw_head(area_sub(a, 0, sentence, a.r.w, 2), &g, ctx);
    struct area list = area_sub(a, 0, b[LIST].y, a.r.w, plan_min(b[LIST].h - (b[LIST].h > never ? never : 0), plan_count(listed)));
    struct part_list l = part_list_of(list, listed, ctx);
    const struct part_names labels = {.list = v->rows, .count = listed, .ctx = ctx, .at = label_at};
    for (int y = 0; y < l.shown; y++) {
        put_row(area_row(list, y), &g, &labels, (size_t)(l.first + y), ctx);
        part_list_mark(area_row(list, y), &l, y);
    }
    if (left) {
        (void)area_put_cut(a, 1, b[LIST].y + l.shown, a.r.w - 2, ROLE_ACCENT, 0, v->left_text);
    }
    if (lacks) {
        (void)area_put_cut(a, 1, b[LIST].y + l.shown + left, a.r.w - 2, ROLE_ACCENT, 0, v->sources_text);
    }
    if (never > feet) {
        put_foot(area_row(a, b[LIST].y + l.shown + feet), v, &l, listed);
    }
    part_fade(list, ctx);
    area_highlight(list, ROLE_MATCH, ctx->search);
    chart_cursor(area_sub(a, g.strip_x, sentence + 1, g.strip_w, b[LIST].y + l.shown - sentence - 1), part_axis(ctx), ctx->cursor_ms);
    size_t chosen = l.selected >= 0 ? (size_t)l.selected : 0;
    /* the chosen row first, then those after it, as many as there is room for */
    int details = chosen < listed ? plan_min(b[DETAIL].h / DETAIL_ROWS, plan_count(listed - chosen)) : 0;
    int rows = details > 0 ? plan_min(b[DETAIL].h / details, DETAIL_ROWS_MAX) : 0;
    for (int i = 0; i < details; i++) {
        draw_detail(area_sub(a, 0, b[DETAIL].y + i * rows, a.r.w, rows), &g, &v->rows[chosen + (size_t)i], chosen + (size_t)i == 0, ctx);
    }
    if (l.selected >= 0 && chosen < listed) {
        const struct vquality_row *row = &v->rows[chosen];
        ctx->out->name = row->scope && *row->scope ? row->scope : NULL;
        ctx->out->dim = DIM_MODEL;
        ctx->out->at_ms = row->onset.at_ms;
    }
}
