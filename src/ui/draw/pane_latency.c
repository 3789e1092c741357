/* SPDX-License-Identifier: MIT */
#include "ui/draw/pane_draw.h"

#include <math.h>

#include "base/str.h"
#include "ui/draw/layout.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/part.h"
#include "ui/draw/part_facts.h"
#include "ui/draw/part_heat.h"
#include "ui/draw/plan.h"
#include "view/view_latency.h"

enum block { AXIS, HEAT, SIGNALS, STAGES, SLOS, TABLE, BLOCKS };

/* The reading of a quantile is unusual when its rule says so; a quantile without a rule stays plain. */
static enum role reading_role(const struct quantile *q, bool stale)
{
    return stale ? ROLE_STALE : q->n == 0 || q->thin ? ROLE_DIM : ROLE_TEXT;
}

static const char *label_of(const struct view_latency *v, const char *out_of_view)
{
    for (size_t i = 0; i < v->signal_count; i++) {
        if (v->signals[i].signal == v->signal && v->signals[i].label) {
            return v->signals[i].label;
        }
    }
    return out_of_view;
}

/* p50, p95, p99 of the chosen signal beside its heatmap: now, interval, then, ratio. */
static void put_quantiles(struct area a, const struct view_latency *v, const struct layout_grid *g)
{
    char text[NUMFMT_MAX], interval[NUMFMT_MAX];
    int room = g->strip_x - 1 - PART_HEAT_EDGE_COLS;
    for (size_t i = 0; i < v->signal_count; i++) {
        const struct vlatency_signal *s = &v->signals[i];
        if (s->signal != v->signal) {
            continue;
        }
        for (int k = 0; k < 3 && k < a.r.h; k++) {
            const struct quantile *now = &s->quantile[k].now, *then = &s->quantile[k].then;
            (void)area_putf(a, 1, k, ROLE_TEXT, "p%g", s->quantile[k].q * 100);
            (void)area_put_right(a, 5, k, 9, reading_role(now, s->stale), CELL_BOLD, numfmt_quantile(now, s->about, text));
            if (room >= 24) {
                (void)area_put_right(a, 15, k, 8, ROLE_DIM, 0, numfmt_quantile(then, false, text));
            }
            if (room >= 30 && now->n > 0 && then->n > 0) {
                (void)area_put_right(a, 24, k, 5, ROLE_TEXT, 0, numfmt_ratio(now->above_last ? now->lo : now->value, then->value, text));
            }
            if (room >= 44) {
                (void)area_put(a, 30, k, ROLE_DIM, numfmt_quantile_interval(now, interval));
            }
        }
        (void)area_putf(a, 1, 3, ROLE_DIM, "mean %s", numfmt_seconds(s->mean, text));
        (void)area_putf(a, 16, 3, ROLE_DIM, "n %s/5m", numfmt_n(s->n, text));
        (void)area_wrap(area_sub(a, 1, 4, room - 2, a.r.h - 4), 0, 0, ROLE_DIM, s->note);
        return;
    }
    part_empty(area_sub(a, 0, 0, room, a.r.h), "not reported here");
}

static void draw_heat(struct area a, const struct view_latency *v, const struct layout_grid *g, const struct draw_ctx *ctx)
{
    char right[96];
    const char *label = label_of(v, signal_info(v->signal)->name);
    (void)str_format(right, sizeof right, "log seconds; %s = requests per column", ctx->colour ? "colour" : "shade");
    part_rule(area_row(a, 0), ROLE_TITLE, label, right, ctx);
    struct area body = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    put_quantiles(body, v, g);
    part_fade(body, ctx);
    part_heat(body, g, &v->heat, "no observation in this window", ctx);
}

static void put_signal_heads(struct area rule, int x, int width, bool all, const struct draw_ctx *ctx)
{
    static const char *const quantiles[] = {"p50", "p95", "p99"};
    part_rule(rule, ROLE_TITLE, "signals", "strip: p95", ctx);
    for (int k = 0; k < 3; k++) {
        if (all || k == 1) {
            part_rule_head(rule, x, width, quantiles[k]);
            x += width + 1;
        }
    }
    part_rule_head(rule, x, 5, "n");
}

/* One row per signal: its three quantiles, n, and the strip of its p95. */
static void draw_signals(struct area a, const struct view_latency *v, const struct layout_grid *g, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX];
    /* three quantiles where they fit left of the strips, else p95 alone */
    int width = plan_min(8, (g->strip_x - 2 - 8 - 6) / 3 - 1);
    bool all = width >= 6;
    width = all ? width : 8;
    int name_w = plan_max(g->strip_x - 2 - 6 - (all ? 3 : 1) * (width + 1), 6);
    put_signal_heads(area_row(a, 0), 1 + name_w, width, all, ctx);
    for (int y = 1; y < a.r.h && (size_t)(y - 1) < v->signal_count; y++) {
        const struct vlatency_signal *s = &v->signals[y - 1];
        struct area row = area_row(a, y);
        bool chosen = s->signal == v->signal;
        int x = 1;
        (void)area_put_cut(row, x, 0, name_w, chosen ? ROLE_ACCENT : ROLE_TEXT, chosen ? CELL_BOLD : 0, s->label);
        x += name_w;
        for (int k = 0; k < 3; k++) {
            if (all || k == 1) {
                (void)area_put_right(row, x, 0, width, reading_role(&s->quantile[k].now, s->stale), 0, numfmt_quantile(&s->quantile[k].now, s->about, text));
                x += width + 1;
            }
        }
        (void)area_put_right(row, x, 0, 5, ROLE_DIM, 0, s->n ? numfmt_n(s->n, text) : NUMFMT_NONE);
        struct chart_style st = part_chart_style(ctx, SEV_NONE, s->stale);
        chart_strip(area_sub(row, g->strip_x, 0, g->strip_w, 1), part_axis(ctx), &s->quantile[1].strip, &st);
    }
    part_fade(area_sub(a, 0, 1, a.r.w, a.r.h - 1), ctx);
}

static void draw_stages(struct area a, const struct view_latency *v, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX], right[64];
    (void)str_format(right, sizeof right, "mean; sums to %s end to end", numfmt_seconds(v->stage_total_s, text));
    part_rule(area_row(a, 0), ROLE_TITLE, "where the time goes", right, ctx);
    struct area rows = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    for (int y = 0; y < rows.r.h && (size_t)y < v->stage_count; y++) {
        const struct vstage *s = &v->stages[y];
        if (part_cut(rows, y, (size_t)y, v->stage_count)) {
            return;
        }
        enum role role = v->stages_stale ? ROLE_STALE : ROLE_TEXT;
        (void)area_put_cut(rows, 1, y, 16, role, 0, s->name);
        (void)area_put_right(rows, 18, y, 8, role, 0, numfmt_seconds(s->mean_s, text));
        (void)area_put_right(rows, 27, y, 5, ROLE_DIM, 0, numfmt_share(s->share, text));
        (void)area_put_right(rows, 33, y, 6, ROLE_DIM, 0, s->n ? numfmt_n(s->n, text) : "");
        chart_cell_bar(rows, 40, y, plan_min(a.r.w - 42, 60), s->share, 1, ROLE_STRIP, ctx->rung);
    }
}

enum col { NAME, REQ, P50, P95, P95_IN, P99, MEAN, RATIO, N, COLS };
static const struct part_col cols[COLS] = {
    [NAME] = {"name", 16, true, 0, 0}, [REQ] = {"req/s", 6, false, 2, 0},     [P50] = {"p50", 8, false, 1, 1},
    [P95] = {"p95", 9, false, 0, 3},   [P95_IN] = {"p95 in", 12, true, 5, 0}, [P99] = {"p99", 9, false, 1, 0},
    [MEAN] = {"mean", 8, false, 4, 0}, [RATIO] = {"x", 6, false, 2, 0},       [N] = {"n", 6, false, 3, 2},
};

static void put_row(struct area row, const struct part_table *t, const struct vlatency_row *r, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX], name[128];
    enum role role = r->stale ? ROLE_STALE : part_severity_role(r->severity, reading_role(&r->p95, false));
    uint8_t attr = r->is_total || r->severity != SEV_NONE ? CELL_BOLD : 0;
    bool none = !r->name || !*r->name;
    part_table_put(row, t, NAME, ROLE_TEXT, attr, none ? "(none)" : mask_name(ctx->mask, ctx->group, r->name, name, sizeof name));
    part_table_put(row, t, REQ, part_num_role(&r->req_per_s, ROLE_TEXT), 0, numfmt_vnum(&r->req_per_s, text));
    part_table_put(row, t, P50, reading_role(&r->p50, r->stale), 0, numfmt_quantile(&r->p50, r->about, text));
    part_table_put(row, t, P95, role, attr, numfmt_quantile(&r->p95, r->about, text));
    part_table_put(row, t, P95_IN, ROLE_DIM, 0, numfmt_quantile_interval(&r->p95, text));
    part_table_put(row, t, P99, reading_role(&r->p99, r->stale), 0, numfmt_quantile(&r->p99, r->about, text));
    part_table_put(row, t, MEAN, r->stale ? ROLE_STALE : ROLE_DIM, 0, isnan(r->mean) ? NUMFMT_NONE : numfmt_seconds(r->mean, text));
    part_table_put(row, t, RATIO, role, 0, numfmt_ratio(r->ratio_then, 1, text));
    part_table_put(row, t, N, ROLE_DIM, 0, r->n ? numfmt_n(r->n, text) : NUMFMT_NONE);
}

static void draw_table(struct area a, const struct view_latency *v, const struct draw_ctx *ctx)
{
    char title[96], range[32];
    struct part_table t = part_table_fit(cols, COLS, a.r.w, NAME, 40);
    struct area rows = area_sub(a, 0, 2, a.r.w, a.r.h - 2);
    struct part_list l = part_list_of(rows, v->table_count, ctx);
    (void)str_format(title, sizeof title, "%s by %s, last 5m", label_of(v, signal_info(v->signal)->name), dim_name(ctx->group));
    (void)part_list_range(&l, v->table_count, range);
    part_rule(area_row(a, 0), ROLE_TITLE, title,
              *range                        ? range
              : v->sentence && *v->sentence ? v->sentence
                                            : ":sort p95  :group region  :signal e2e",
              ctx);
    part_table_head(area_row(a, 1), &t, ctx);
    if (v->table_count == 0) {
        part_empty(rows, "No observation in this window.");
        return;
    }
    for (int y = 0; y < l.shown; y++) {
        put_row(area_row(rows, y), &t, &v->table[l.first + y], ctx);
        part_list_mark(area_row(rows, y), &l, y);
    }
    part_fade(rows, ctx);
    area_highlight(rows, ROLE_MATCH, ctx->search);
    if (l.selected >= 0) {
        const struct vlatency_row *r = &v->table[l.selected];
        ctx->out->name = r->is_total ? NULL : r->name;
        ctx->out->dim = ctx->group;
    }
}

void pane_latency_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx)
{
    const struct view_latency *v = view;
    struct area a = area_of(cv, r);
    if (!v) {
        part_loading(a, ctx);
        return;
    }
    if (v->signal_count == 0 && v->table_count == 0 && !v->heat.cell) {
        part_empty(a, "No latency has been recorded yet. It comes from histograms such as litellm_request_total_latency_metric or "
                      "vllm:time_to_first_token_seconds; the Sources pane shows what each source exposes, and `gwtop probe URL` what was "
                      "understood of it.");
        return;
    }
    struct layout_grid g = layout_grid(a.r.w, PANE_LATENCY);
    int buckets = chart_heat_scale(&v->heat, 20).height; /* more rows than this would be empty */
    int signals = plan_count(v->signal_count), stages = plan_count(v->stage_count), slos = plan_min(plan_count(v->slo_count), 6);
    struct plan_block b[BLOCKS] = {
        [AXIS] = {.min = 2, .want = 2, .rank = 1},
        [HEAT] = {.min = 6, .want = 1 + plan_max(5, buckets), .rank = 2},
        [SIGNALS] = {.min = plan_min(4, 1 + signals), .want = signals ? 1 + signals : 0, .rank = 3},
        [TABLE] = {.min = 5, .want = 2 + plan_max(plan_count(v->table_count), 1), .rank = 4},
        [SLOS] = {.min = plan_min(slos, 2), .want = slos, .rank = 5},
        [STAGES] = {.min = 1 + plan_min(stages, 2), .want = stages ? 1 + stages : 0, .rank = 6},
    };
    plan_rows(b, BLOCKS, a.r.h);
    struct area at[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        at[i] = area_sub(a, 0, b[i].y, a.r.w, b[i].h);
    }
    part_axis_only(area_row(at[AXIS], 0), &g, part_axis(ctx), ctx);
    part_marks_row(area_row(at[AXIS], 1), &g, part_axis(ctx), ctx);
    if (b[HEAT].h > 0) {
        draw_heat(at[HEAT], v, &g, ctx);
    }
    if (b[SIGNALS].h > 0) {
        draw_signals(at[SIGNALS], v, &g, ctx);
    }
    if (b[STAGES].h > 0) {
        draw_stages(at[STAGES], v, ctx);
    }
    for (int y = 0; y < b[SLOS].h; y++) {
        part_slo(area_row(at[SLOS], y), &v->slos[y], ctx);
    }
    part_fade(at[SLOS], ctx);
    if (b[TABLE].h > 0) {
        draw_table(at[TABLE], v, ctx);
    }
    chart_cursor(area_sub(a, g.strip_x, 1, g.strip_w, b[SIGNALS].y + b[SIGNALS].h - 1), part_axis(ctx), ctx->cursor_ms);
}
