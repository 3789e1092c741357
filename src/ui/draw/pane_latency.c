/* SPDX-License-Identifier: MIT */
#include "ui/draw/pane_draw.h"

#include <math.h>
#include <string.h>

#include "base/str.h"
#include "ui/draw/layout.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/part.h"
#include "ui/draw/part_facts.h"
#include "ui/draw/part_latency.h"
#include "ui/draw/plan.h"
#include "view/view_latency.h"

enum block { AXIS, HEAT, CELL, LINES, SIGNALS, STAGES, SLOS, SENTENCE, TABLE, BLOCKS };
/* Rows of a table that the sections above it make room for, and of objectives; columns in which two of these stand side by side. */
enum { TABLE_ROWS = 9, SLO_ROWS = 8, SLOS_WIDE_COLS = 150, MARKED_N_COLS = 7, WIDE_COLS = 120 };

enum col { NAME, REQ, P50, P50_IN, P95, P95_IN, P99, P99_IN, MEAN, RATIO, N, COLS };
static const struct part_col cols[COLS] = {
    [NAME] = {"name", 16, true, 0, 0}, [REQ] = {"req/s", 6, false, 3, 7},
    [P50] = {"p50", 8, false, 1, 1},   [P50_IN] = {"95% sure", 12, true, 7, 0},
    [P95] = {"p95", 9, false, 0, 3},   [P95_IN] = {"95% sure", 12, true, 5, 0},
    [P99] = {"p99", 9, false, 1, 4},   [P99_IN] = {"95% sure", 12, true, 6, 0},
    [MEAN] = {"mean", 8, false, 4, 5}, [RATIO] = {"x p95", 6, false, 2, 6},
    [N] = {"n", 6, false, 0, 2},
};

static void put_row(struct area row, const struct part_table *t, const struct vlatency_row *r, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX], masked[128], name[132];
    enum role role = r->stale ? ROLE_STALE : part_severity_role(r->severity, part_latency_role(&r->p95, false));
    uint8_t attr = r->is_total || r->severity != SEV_NONE ? CELL_BOLD : 0;
    bool none = !r->name || !*r->name;
    (void)str_format(name, sizeof name, "%s%s", r->of ? "  " : "",
                     none ? "(none)" : mask_name(ctx->mask, r->of ? DIM_PROVIDER : ctx->group, r->name, masked, sizeof masked));
    part_table_put(row, t, NAME, r->of ? ROLE_DIM : ROLE_TEXT, attr, name);
    part_table_put(row, t, REQ, part_num_role(&r->req_per_s, ROLE_TEXT), 0, numfmt_vnum(&r->req_per_s, text));
    part_table_put(row, t, P50, part_latency_role(&r->p50, r->stale), 0, part_latency_quantile(&r->p50, r->about, r->unsplit, text));
    part_table_put(row, t, P50_IN, ROLE_DIM, 0, numfmt_quantile_ci(&r->p50, text));
    part_table_put(row, t, P95, role, attr, part_latency_quantile(&r->p95, r->about, r->unsplit, text));
    part_table_put(row, t, P95_IN, ROLE_DIM, 0, numfmt_quantile_ci(&r->p95, text));
    part_table_put(row, t, P99, part_latency_role(&r->p99, r->stale), 0, part_latency_quantile(&r->p99, r->about, r->unsplit, text));
    part_table_put(row, t, P99_IN, ROLE_DIM, 0, numfmt_quantile_ci(&r->p99, text));
    part_table_put(row, t, MEAN, r->stale ? ROLE_STALE : ROLE_DIM, 0, numfmt_mean(r->mean, r->about || r->mean_n < r->n, text));
    part_table_put(row, t, RATIO, role, 0, change_text(r->change, text));
    part_table_put(row, t, N, ROLE_DIM, 0, numfmt_n_marked(r->n, r->n_exact, text));
}

/* Where the columns have no room for it, the selected row's is in the rule: "p95 95% sure (1,2]; 1-3 of 7". NULL: they have, or there is
 * none. */
static const char *selected_interval(const struct part_table *t, const struct view_latency *v, const struct part_list *l, const char *range,
                                     char *out, size_t cap)
{
    char ci[NUMFMT_MAX];
    if (t->w[P95_IN] > 0 || l->selected < 0 || v->table[l->selected].p95.n == 0) {
        return NULL;
    }
    (void)str_format(out, cap, "p95 95%% sure %s%s%s", numfmt_quantile_ci(&v->table[l->selected].p95, ci), *range ? "; " : "", range);
    return out;
}

static void draw_table(struct area a, const struct view_latency *v, const struct draw_ctx *ctx)
{
    char title[256], range[32], window[NUMFMT_MAX], none[64], sure[96];
    const char *hint = "d by what, s sort, Enter into a row  :signal e2e";
    struct part_col own[COLS];
    memcpy(own, cols, sizeof own);
    own[N].width = v->table_count > 0 && v->table[0].n_exact != EXACT ? MARKED_N_COLS : own[N].width;
    struct part_table t = part_table_fit(own, COLS, a.r.w, NAME, 40);
    struct area rows = area_sub(a, 0, 2, a.r.w, a.r.h - 2);
    struct part_list l = part_list_of(rows, v->table_count, ctx);
    const char *against = part_axis(ctx)->against, *unknown = v->coverage_text ? v->coverage_text : "";
    const bool compared = against && *against && (*unknown == '\0' || a.r.w >= WIDE_COLS);
    (void)str_format(title, sizeof title, "%s by %s, last %s%s%s%s%s", part_latency_label(v), dim_name(ctx->group),
                     numfmt_duration(v->window_ms, window), *unknown ? ": " : "", unknown, compared ? "; x vs " : "",
                     compared ? against : "");
    (void)part_list_range(&l, v->table_count, range);
    if (v->table_unsplit && v->table_unsplit[0] != '\0') {
        (void)str_format(none, sizeof none, "%s; d by what", v->table_unsplit);
        hint = none;
    }
    const char *interval = selected_interval(&t, v, &l, range, sure, sizeof sure);
    part_rule(area_row(a, 0), ROLE_TITLE, title, interval ? interval : *range ? range : hint, ctx);
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
        ctx->out->name = r->is_total || (r->name && r->name[0] == '(') ? NULL : r->name; /* "(none)" is nobody's name */
        ctx->out->dim = r->of ? DIM_PROVIDER : ctx->group;
        ctx->out->within = r->of && r->of[0] != '(' ? r->of : NULL;
        ctx->out->within_dim = ctx->group;
    }
}

/* While a cell is read out, the heatmap has a row for each of its buckets: what is joined cannot be pointed at. */
static void plan(const struct view_latency *v, struct area a, const struct draw_ctx *ctx, struct plan_block b[BLOCKS])
{
    int buckets = chart_heat_scale(&v->heat, 20).height; /* more rows than this would be empty */
    int signals = plan_count(v->signal_count) - (part_latency_chosen(v) ? 1 : 0), stages = part_latency_stage_rows(v, a.r.w);
    int slos = plan_min(plan_count(v->slo_count), SLO_ROWS), two = a.r.w >= SLOS_WIDE_COLS ? 2 : 1;
    int burning = (plan_min(part_slos_burning(v->slos, v->slo_count), slos) + two - 1) / two;
    int sentence = v->sentence && *v->sentence ? plan_min(area_wrap_rows(a.r.w - 2, v->sentence), 2) : 0;
    int table = plan_count(v->table_count), cell = v->cell.on ? part_latency_cell_rows(&v->cell, a.r.w, ctx) : 0;
    b[AXIS] = (struct plan_block){.min = 2, .want = 2, .rank = 1};
    b[HEAT] = (struct plan_block){.min = cell ? 1 + buckets : a.r.h >= 30 ? 6 : 5, .want = 1 + plan_max(5, buckets), .rank = 2, .grow = 8};
    b[CELL] = (struct plan_block){.min = cell, .want = cell, .rank = 1};
    b[LINES] = (struct plan_block){.min = 4, .want = part_latency_chosen(v) ? 4 : 0, .rank = 4};
    b[SENTENCE] = (struct plan_block){.min = 1, .want = sentence, .rank = 3};
    b[TABLE] = (struct plan_block){.min = 5, .want = 2 + plan_max(plan_min(table, TABLE_ROWS), 1), .rank = 3, .grow = 6};
    b[STAGES] = (struct plan_block){.min = 2, .want = stages ? 3 + stages : 0, .rank = 5, .grow = 7};
    b[SLOS] = (struct plan_block){.min = 1, .want = (slos + two - 1) / two, .rank = 6, .grow = 6};
    if (burning > 0) { /* what burns is seen on every screen, but for the rows that the heatmap and the table need */
        int others = b[AXIS].min + b[HEAT].min + b[CELL].min + b[TABLE].min + plan_min(b[SENTENCE].min, sentence);
        b[SLOS].min = plan_max(plan_min(burning, a.r.h - others), 1);
        b[SLOS].rank = 2;
        b[SLOS].grow = 5;
        b[STAGES].rank = 4; /* whose time it is, before the course of quantiles that the table has in numbers */
        b[LINES].rank = 5;
    }
    b[SIGNALS] = (struct plan_block){.min = plan_min(4, 1 + signals), .want = signals ? 1 + signals : 0, .rank = 7};
    plan_rows(b, BLOCKS, a.r.h);
    if (plan_left(b, BLOCKS, a.r.h) >= slos - b[SLOS].h) {
        plan_give(b, BLOCKS, a.r.h, SLOS, slos - b[SLOS].h); /* with all that is known of each */
    }
    plan_give(b, BLOCKS, a.r.h, TABLE, table - TABLE_ROWS);
    if (plan_left(b, BLOCKS, a.r.h) >= 3) {
        plan_give(b, BLOCKS, a.r.h, LINES, plan_min(plan_left(b, BLOCKS, a.r.h) / 3 * 3, 6)); /* all three lines grow, or none */
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
    struct plan_block b[BLOCKS];
    struct area at[BLOCKS];
    plan(v, a, ctx, b);
    for (int i = 0; i < BLOCKS; i++) {
        at[i] = area_sub(a, 0, b[i].y, a.r.w, b[i].h);
    }
    part_axis_only(area_row(at[AXIS], 0), &g, part_axis(ctx), ctx);
    part_marks_row(area_row(at[AXIS], 1), &g, part_axis(ctx), ctx);
    if (b[HEAT].h > 0) {
        part_latency_heat(at[HEAT], v, &g, ctx);
    }
    if (b[CELL].h > 0) {
        part_latency_cell(at[CELL], &v->cell, ctx);
    }
    if (b[LINES].h > 0) {
        part_latency_lines(at[LINES], v, &g, ctx);
    }
    if (b[SIGNALS].h > 0) {
        part_latency_signals(at[SIGNALS], v, &g, ctx);
    }
    if (b[STAGES].h > 0) {
        part_latency_stages(at[STAGES], v, ctx);
    }
    bool single = a.r.w < SLOS_WIDE_COLS || b[SLOS].h >= plan_min(plan_count(v->slo_count), SLO_ROWS);
    part_slos(at[SLOS], v->slos, v->slo_count, single ? 1 : 2, ctx);
    (void)area_wrap(area_sub(at[SENTENCE], 1, 0, a.r.w - 2, b[SENTENCE].h), 0, 0, ROLE_STRONG, v->sentence ? v->sentence : "");
    if (b[TABLE].h > 0) {
        draw_table(at[TABLE], v, ctx);
    }
    /* in the heatmap the cell is marked itself: a ground would hide what its column holds */
    int64_t cursor_ms = v->cell.on ? v->cell.t1_ms : ctx->cursor_ms;
    chart_cursor(area_sub(a, g.strip_x, 1, g.strip_w, v->cell.on ? 1 : b[HEAT].y + b[HEAT].h - 1), part_axis(ctx), cursor_ms);
    chart_cursor(area_sub(at[LINES], g.strip_x, 1, g.strip_w, b[LINES].h - 1), part_axis(ctx), cursor_ms);
    chart_cursor(area_sub(at[SIGNALS], g.strip_x, 1, g.strip_w, b[SIGNALS].h - 1), part_axis(ctx), cursor_ms);
}
