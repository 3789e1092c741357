/* SPDX-License-Identifier: MIT */
/* The order on the screen is the order of the questions: what is broken, who is hit, what changed, what is left of the budget, what it
 * costs. Those are the core and come first; what is left of the rows goes to sections by rank, and a section that is drawn takes its rows
 * out of the main table. From LAYOUT_SIDE_COLS columns on, the incident has a column of its own. */
#include "ui/draw/pane_draw.h"

#include <string.h>

#include "base/safe_text.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "ui/draw/frame.h"
#include "ui/draw/layout.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/part.h"
#include "ui/draw/part_facts.h"
#include "ui/draw/part_heat.h"
#include "ui/draw/plan.h"

/* Rows of a pane, of LARGE_COLS columns at least, in which a strip over its threshold is tall: what a screen of 40 rows leaves. */
enum { LARGE_ROWS = 35, LARGE_COLS = 120, WORDS_COLS = 80, WORST_DEPLOYMENTS = 6, MONEY_ROWS = 2, BUDGET_ROWS = 6 };

struct space {
    int rows, cols;
    bool side;  /* the incident has a column of its own */
    bool large; /* a strip that fires is tall, whoever has to give way */
    bool words; /* no timeline says what changed: a row of the table does */
};

enum block { TABLE, LATENCY, COST, QUALITY, DEPLOYMENTS, HIT, TIMELINE, BUDGET, BLOCKS };

/* What sections of their own take out of the main table. */
static struct part_omit omitted(const struct view_overview *v, const struct plan_block b[BLOCKS])
{
    return (struct part_omit){{v->latency, v->quality}, {b[LATENCY].want ? v->latency_count : 0, b[QUALITY].want ? v->quality_count : 0}};
}

static int table_rows(const struct view_overview *v, const struct space *sp, const struct plan_block b[BLOCKS])
{
    struct part_omit omit = omitted(v, b);
    int rows = plan_count(part_signal_count(v->rows, v->row_count, &omit));
    rows += sp->large ? part_signal_firing(v->rows, v->row_count, &omit) : 0;
    return 2 + (sp->words && sp->large ? 1 : 0) + (v->row_count ? rows : 4); /* what would fill it takes up to four lines */
}

/* The cost sentence says how much, why, until when: it is not cut short for the sake of a chart. */
static int money_rows(const struct view_overview *v, int cols)
{
    return v->money_line && *v->money_line ? plan_min(area_wrap_rows(cols - 2, v->money_line), MONEY_ROWS) : 0;
}

static struct part_suspected suspected(const struct view_overview *v)
{
    return (struct part_suspected){v->suspects, v->suspect_count, v->suspect_note, v->pages, v->page_count, v->like, 0};
}

static void core_blocks(const struct view_overview *v, const struct space *sp, struct plan_block b[BLOCKS])
{
    int suspects = plan_count(v->suspect_count) + (v->suspect_note && *v->suspect_note ? 1 : 0) + (v->like && *v->like ? 1 : 0) +
                   plan_min(plan_count(v->page_count), 1);
    b[TABLE] = (struct plan_block){.min = 5, .want = table_rows(v, sp, b), .rank = 1};
    if (!sp->side) {
        b[HIT] = (struct plan_block){
            .min = 3, .want = 1 + plan_min(plan_max(plan_max(part_hits_want(&v->hits, sp->cols / 2 - 1), suspects), 2), 6), .rank = 2};
    }
    int money = money_rows(v, sp->cols), budget = plan_count(v->slo_count) + money;
    int burning = plan_max(part_slos_burning(v->slos, v->slo_count), 1); /* they are seen on every screen */
    b[BUDGET] = (struct plan_block){
        .min = plan_min(budget, plan_min(burning + money, BUDGET_ROWS)), .want = plan_min(budget, BUDGET_ROWS), .rank = 3};
}

/* Adds one section when the rows for its least size are there, counting those it takes over from the table. */
static void try_block(const struct view_overview *v, const struct space *sp, struct plan_block b[BLOCKS], enum block at,
                      struct plan_block add)
{
    if (add.want <= 0) {
        return;
    }
    b[at] = add;
    b[TABLE].want = table_rows(v, sp, b);
    int need = 0;
    for (int i = 0; i < BLOCKS; i++) {
        need += i == TABLE || i == HIT || i == BUDGET ? b[i].want : b[i].min;
    }
    if (need > sp->rows) {
        b[at].want = b[at].min = 0;
        b[TABLE].want = table_rows(v, sp, b);
    }
}

static void plan(const struct view_overview *v, struct space *sp, struct plan_block b[BLOCKS])
{
    core_blocks(v, sp, b);
    int heat = plan_max(plan_max(chart_heat_scale(&v->ttft, 12).height, plan_count(v->latency_count)), 4);
    int quality = plan_count(v->quality_count);
    int deployments = plan_count(v->deployment_count), worst = deployments;
    int timeline = plan_count(v->timeline_count);
    bool fires = sp->large && part_signal_firing(v->rows, v->row_count, NULL) > 0;
    if (fires) {
        worst = plan_min(deployments, WORST_DEPLOYMENTS + 1); /* one row says how many more there are */
    }
    try_block(v, sp, b, DEPLOYMENTS,
              (struct plan_block){2 + plan_min(deployments, 4), part_deployments_want((size_t)worst, v->deployment_note), 4, 0, 0, 0});
    try_block(v, sp, b, LATENCY, (struct plan_block){6, v->ttft.cell || v->latency_count ? 1 + heat : 0, 6, 0, 0, 0});
    try_block(v, sp, b, QUALITY, (struct plan_block){1 + plan_min(quality, 4), quality ? 1 + quality : 0, 5, 0, 0, 0});
    try_block(v, sp, b, COST, (struct plan_block){5, v->cost_count ? 7 : 0, 7, 0, 0, 0});
    if (!sp->side) {
        try_block(v, sp, b, TIMELINE, (struct plan_block){3, timeline ? 1 + timeline : 0, 8, 0, 0, 0});
    }
    sp->words = sp->words && b[TIMELINE].want == 0;
    b[TABLE].want = table_rows(v, sp, b);
    plan_rows(b, BLOCKS, sp->rows);
    plan_give(b, BLOCKS, sp->rows, TABLE, sp->words && !sp->large ? 1 : 0); /* else they take the place of the table's last rows */
    /* rows nobody asked for: strips with thresholds first, then a rule above the budget, then higher charts */
    struct part_omit omit = omitted(v, b);
    plan_give(b, BLOCKS, sp->rows, DEPLOYMENTS, deployments - worst);
    int left = plan_left(b, BLOCKS, sp->rows), taken = fires ? part_signal_firing(v->rows, v->row_count, &omit) : 0;
    plan_give(b, BLOCKS, sp->rows, TABLE, part_signal_tall(v->rows, v->row_count, &omit, left + taken, left > 20) - taken);
    plan_give(b, BLOCKS, sp->rows, BUDGET, 1);
    plan_give(b, BLOCKS, sp->rows, COST, 6);
}

static void draw_table(struct area a, const struct view_overview *v, const struct layout_grid *g, const struct part_omit *omit, bool words,
                       const struct draw_ctx *ctx)
{
    const struct view_axis *ax = part_axis(ctx);
    int head = words ? 3 : 2;
    part_axis_row(area_row(a, 0), g, ax, ctx);
    part_marks_row(area_row(a, 1), g, ax, ctx);
    if (words) {
        part_changes_row(area_row(a, 2), ax, ctx);
    }
    struct area rows = area_sub(a, 0, head, a.r.w, a.r.h - head);
    if (v->row_count == 0) {
        part_empty(rows,
                   "No signal has been recorded yet. The first poll fills this table; the Sources pane shows what each source answers, "
                   "and `gwtop probe URL` says what an endpoint has to offer.");
        return;
    }
    (void)part_signal_rows(rows, g, ax, v->rows, v->row_count, omit, ctx);
}

/* "retrieval 79.5 ms": its name gives way, its number does not. */
static void put_stage(struct area row, int x, int width, const char *line)
{
    const char *number = strrchr(line, ' ');
    while (number && number > line && !(number[0] == ' ' && number[1] >= '0' && number[1] <= '9')) {
        number--;
    }
    int number_w = number && number > line ? (int)utf8_columns(str_of(number)) : 0;
    char name[128], cut[PART_NAME_MAX];
    (void)str_format(name, sizeof name, "%.*s", number_w ? (int)(number - line) : (int)strlen(line), line);
    int n = area_put(row, x, 0, ROLE_DIM, part_name_cut(name, plan_max(width - number_w, 0), NULL, cut));
    (void)area_put(row, x + n, 0, ROLE_DIM, number_w ? number : "");
}

static void draw_latency(struct area a, const struct view_overview *v, const struct layout_grid *g, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX], over[NUMFMT_MAX], what[64], right[96];
    (void)str_format(right, sizeof right, "%s, log s; %s = requests",
                     mask_text(ctx->mask, v->heat_text ? v->heat_text : "", what, sizeof what), ctx->colour ? "colour" : "shade");
    part_rule(area_row(a, 0), ROLE_TITLE, "Latency", right, ctx);
    struct area body = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    int stage_w = g->strip_x - 2 - PART_HEAT_EDGE_COLS - 25;
    for (int y = 0; y < body.r.h; y++) {
        if ((size_t)y < v->latency_count) {
            const struct vrow *r = &v->latency[y];
            enum role role = r->now.stale || part_is_silent(ctx) ? ROLE_STALE : part_severity_role(r->severity, ROLE_TEXT);
            (void)area_put_cut(body, 1, y, 8, role, 0, r->label);
            (void)str_format(over, sizeof over, "%s %.4s", numfmt_row_now(r, text), r->unit ? r->unit : "");
            (void)area_put_right(body, 9, y, 8, role, r->severity != SEV_NONE ? CELL_BOLD : 0, over);
            (void)area_put_right(body, 17, y, 7, ROLE_DIM, 0, r->now.stale ? numfmt_row_over(r, text) : change_text(r->change, text));
        }
        if ((size_t)y < v->stage_count && stage_w >= 8) {
            put_stage(area_row(body, y), 25, stage_w, v->stage_lines[y]);
        }
    }
    part_heat(body, g, &v->ttft, NULL, "no streamed request in this window", ctx);
}

static void draw_cost(struct area a, const struct view_overview *v, const struct layout_grid *g, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX], name[128];
    const struct vnum *const shown = &v->cost_per_h;
    int64_t age = part_age(&shown, 1);
    bool old = age != PART_FRESH;
    (void)str_format(name, sizeof name, "%s%s$/h, stacked", old ? part_stale_text(age, PART_STALE_COLS, text) : "", old ? "; " : "");
    part_rule(area_row(a, 0), ROLE_TITLE, "Cost", name, ctx);
    struct area body = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    struct chart_style st = part_chart_style(ctx, SEV_NONE, false);
    struct area chart = area_sub(body, g->strip_x, 0, g->strip_w, body.r.h);
    double top = chart_stack(chart, part_axis(ctx), v->cost, v->cost_count, &st);
    if (top > 0) {
        (void)str_format(name, sizeof name, "max %s/h", numfmt_usd(top, text));
        (void)area_put_right(body, g->strip_x - 15, 0, 14, ROLE_DIM, 0, name);
    }
    int y = 0;
    for (size_t i = v->cost_count; i-- > 0 && y < body.r.h; y++) { /* the legend stands as the areas do: the last one on top */
        const struct vstack *s = &v->cost[i];
        area_rune(body, 1, y, chart_series_role(i), CELL_BOLD, s->glyph > ' ' && s->glyph < 0x7f ? (uint32_t)s->glyph : '#');
        int width = plan_max(8, (int)utf8_columns(str_of(numfmt_usd(s->now, text))));
        (void)area_put_cut(body, 3, y, g->strip_x - 18 - width, ROLE_TEXT, 0, mask_text(ctx->mask, s->label, name, sizeof name));
        (void)area_put_right(body, g->strip_x - 15 - width, y, width, ROLE_TEXT, 0, text);
    }
}

static void draw_quality(struct area a, const struct view_overview *v, const struct layout_grid *g, const struct draw_ctx *ctx)
{
    char right[NUMFMT_MAX + 40];
    (void)str_format(right, sizeof right, "against %s; pane 5 against its baseline", part_ago(part_axis(ctx)));
    part_rule(area_row(a, 0), ROLE_TITLE, "Quality", right, ctx);
    (void)part_signal_rows(area_sub(a, 0, 1, a.r.w, a.r.h - 1), g, part_axis(ctx), v->quality, v->quality_count, NULL, ctx);
}

static void draw_hit(struct area a, const struct view_overview *v, const struct draw_ctx *ctx)
{
    int half = a.r.w / 2 - 1;
    part_hits(area_sub(a, 0, 0, half, a.r.h), &v->hits, PART_HITS_NOW, true, ctx);
    struct area right = area_sub(a, half + 1, 0, a.r.w - half - 1, a.r.h);
    part_rule(area_row(right, 0), ROLE_TITLE, "suspects", "rank, not probability", ctx);
    const struct part_suspected suspects = suspected(v);
    part_suspects(area_sub(right, 0, 1, right.r.w, right.r.h - 1), &suspects, ctx);
}

static void draw_timeline(struct area a, const struct view_overview *v, const struct draw_ctx *ctx)
{
    char text[256];
    bool paging = ctx->frame && ctx->frame->verdict.state == VERDICT_PAGE;
    const char *title = v->incident_text && *v->incident_text ? mask_text(ctx->mask, v->incident_text, text, sizeof text) : "timeline";
    part_rule(area_row(a, 0), paging ? ROLE_PAGE : ROLE_TITLE, title, "UTC", ctx);
    part_timeline(area_sub(a, 0, 1, a.r.w, a.r.h - 1), v->timeline, v->timeline_count, ctx);
}

static void draw_budget(struct area a, const struct view_overview *v, const struct draw_ctx *ctx)
{
    char text[512], at[TIMEFMT_MAX];
    int money = money_rows(v, a.r.w), lines = plan_count(v->slo_count) + money;
    int y = 0;
    if (a.r.h > plan_min(lines, BUDGET_ROWS)) {
        instant_format_clock(part_is_silent(ctx) ? ctx->cursor_ms - ctx->frame->data_age_ms : ctx->cursor_ms, at);
        (void)str_format(text, sizeof text, "as known %s", at);
        part_rule(area_row(a, y++), ROLE_TITLE, "Budget", text, ctx);
    }
    money = plan_min(money, a.r.h - y);
    struct area slos = area_sub(a, 0, y, a.r.w, plan_min(a.r.h - y - money, plan_count(v->slo_count)));
    part_slos(slos, v->slos, v->slo_count, 1, ctx);
    if (money > 0) {
        (void)area_wrap(area_sub(a, 1, y + slos.r.h, a.r.w - 2, money), 0, 0, ROLE_TEXT,
                        mask_text(ctx->mask, v->money_line, text, sizeof text));
    }
}

enum side { SIDE_TIMELINE, SIDE_HITS, SIDE_DIFFS, SIDE_SUSPECTS, SIDE_SOURCES, SIDES };

static void draw_side(struct area a, const struct view_overview *v, const struct draw_ctx *ctx)
{
    int timeline = part_timeline_want(v->timeline, v->timeline_count, a.r.w, false), hits = part_hits_want(&v->hits, a.r.w),
        diffs = plan_count(v->diff_count);
    const struct part_suspected of = suspected(v);
    int suspects = plan_max(part_suspects_want(&of, a.r.w, false), 1), sources = plan_count(v->source_count);
    struct plan_block b[SIDES] = {
        [SIDE_TIMELINE] = {.min = 1 + plan_min(timeline, 6), .want = timeline ? 2 + timeline : 0, .rank = 1, .grow = 4},
        [SIDE_HITS] = {.min = 3, .want = 2 + hits, .rank = 2},
        [SIDE_DIFFS] = {.min = 3, .want = diffs ? 2 + diffs : 0, .rank = 4},
        [SIDE_SUSPECTS] = {.min = 3, .want = 2 + suspects, .rank = 3},
        [SIDE_SOURCES] = {.min = 3, .want = sources ? 1 + sources : 0, .rank = 5},
    };
    plan_rows(b, SIDES, a.r.h);
    /* rows nobody asked for go to whole sentences, the suspects' first */
    plan_give(b, SIDES, a.r.h, SIDE_SUSPECTS, part_suspects_want(&of, a.r.w, true) - suspects);
    plan_give(b, SIDES, a.r.h, SIDE_TIMELINE, part_timeline_want(v->timeline, v->timeline_count, a.r.w, true) - timeline);
    struct area at[SIDES];
    for (int i = 0; i < SIDES; i++) {
        /* the last row of a block that got all it wanted is the blank before the next */
        int blank = i != SIDE_SOURCES && b[i].h > 1 && b[i].h == b[i].want ? 1 : 0;
        at[i] = area_sub(a, 0, b[i].y, a.r.w, b[i].h - blank);
    }
    if (b[SIDE_TIMELINE].h > 0) {
        draw_timeline(at[SIDE_TIMELINE], v, ctx);
    }
    if (b[SIDE_HITS].h > 0) {
        part_hits(at[SIDE_HITS], &v->hits, PART_HITS_NOW, true, ctx);
    }
    if (b[SIDE_DIFFS].h > 0) {
        part_rule(area_row(at[SIDE_DIFFS], 0), ROLE_TITLE, "what differs", "share of the change", ctx);
        part_diffs(area_sub(at[SIDE_DIFFS], 0, 1, a.r.w, at[SIDE_DIFFS].r.h - 1), v->diffs, v->diff_count, ctx);
    }
    if (b[SIDE_SUSPECTS].h > 0) {
        part_rule(area_row(at[SIDE_SUSPECTS], 0), ROLE_TITLE, "suspects", "rank, not probability", ctx);
        part_suspects(area_sub(at[SIDE_SUSPECTS], 0, 1, a.r.w, at[SIDE_SUSPECTS].r.h - 1), &of, ctx);
    }
    if (b[SIDE_SOURCES].h > 0) {
        part_source_states(at[SIDE_SOURCES], v->sources, v->source_count, ctx);
    }
}

void pane_overview_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx)
{
    const struct view_overview *v = view;
    struct area a = area_of(cv, r);
    if (!v) {
        part_loading(a, ctx);
        return;
    }
    struct layout_grid g = layout_grid(a.r.w, PANE_OVERVIEW);
    struct space sp = {.rows = a.r.h, .cols = g.main_w, .side = g.side_w > 0, .large = a.r.h >= LARGE_ROWS && a.r.w >= LARGE_COLS};
    sp.words = !sp.side && a.r.w >= WORDS_COLS && part_has_changes(part_axis(ctx), ctx);
    struct plan_block b[BLOCKS] = {{0}};
    plan(v, &sp, b);
    struct area main = area_sub(a, 0, 0, g.main_w, a.r.h);
    struct area at[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        at[i] = area_sub(main, 0, b[i].y, main.r.w, b[i].h);
    }
    struct part_omit omit = omitted(v, b);
    draw_table(at[TABLE], v, &g, &omit, sp.words, ctx);
    if (b[LATENCY].h > 0) {
        draw_latency(at[LATENCY], v, &g, ctx);
    }
    if (b[COST].h > 0) {
        draw_cost(at[COST], v, &g, ctx);
    }
    if (b[QUALITY].h > 0) {
        draw_quality(at[QUALITY], v, &g, ctx);
    }
    if (b[DEPLOYMENTS].h > 0) {
        part_deployments(at[DEPLOYMENTS], v->deployments, v->deployment_count, v->deployment_note, ctx);
    }
    if (b[HIT].h > 0) {
        draw_hit(at[HIT], v, ctx);
    }
    if (b[TIMELINE].h > 0) {
        draw_timeline(at[TIMELINE], v, ctx);
    }
    if (b[BUDGET].h > 0) {
        draw_budget(at[BUDGET], v, ctx);
    }
    struct area charts = area_sub(main, g.strip_x, 1, g.strip_w, b[QUALITY].y + b[QUALITY].h - 1);
    chart_cursor(charts, part_axis(ctx), ctx->cursor_ms);
    if (sp.side) {
        draw_side(area_sub(a, g.side_x, 0, g.side_w, a.r.h), v, ctx);
    }
}
