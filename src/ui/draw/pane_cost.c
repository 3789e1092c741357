/* SPDX-License-Identifier: MIT */
#include "ui/draw/pane_draw.h"

#include <math.h>
#include <string.h>

#include "base/safe_text.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "model/money.h"
#include "ui/draw/layout.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/part.h"
#include "ui/draw/plan.h"
#include "view/view_cost.h"

enum { TEXT_MAX = 256 };
enum block { AXIS, SENTENCE, FACTS, STACK, BUDGETS, TABLE, TOKENS, BLOCKS };

enum col { NAME, AMOUNT, SHARE, BAR, PER_H, CHANGE, REQUESTS, PER_REQUEST, PER_1K, CONTEXT, INPUT, CACHED, OUTPUT, OWNER, LIMIT, COLS };
static const struct part_col cols[COLS] = {
    [NAME] = {"name", 14, true, 0, 0},
    [AMOUNT] = {"cost", 8, false, 0, 3},
    [SHARE] = {"share", 5, false, 1, 0},
    [BAR] = {"", 8, true, 6, 0},
    [PER_H] = {"$/h", 8, false, 1, 1},
    [CHANGE] = {"x", 6, false, 2, 0},
    [REQUESTS] = {"req", 7, false, 3, 0},
    [PER_REQUEST] = {"$/req", 8, false, 3, 2},
    [PER_1K] = {"$/1k tok", 8, false, 7, 0},
    [CONTEXT] = {"in/ans", 6, false, 8, 0},
    [INPUT] = {"in tok", 7, false, 4, 0},
    [CACHED] = {"cached", 6, false, 5, 0},
    [OUTPUT] = {"out tok", 7, false, 4, 0},
    [OWNER] = {"owner", 14, true, 9, 0},
    [LIMIT] = {"left of limit", 16, false, 9, 0},
};

/* Dollars per hour: ">=$412". */
static const char *per_hour(const struct vnum *v, char out[NUMFMT_MAX])
{
    char text[NUMFMT_MAX];
    if (isnan(v->v)) {
        (void)str_copy(out, NUMFMT_MAX, str_of(v->unsplit != 0 ? NUMFMT_UNSPLIT : v->stale ? NUMFMT_UNKNOWN : NUMFMT_NONE));
    } else {
        (void)str_format(out, NUMFMT_MAX, "%s%s", exact_mark(v->exact), numfmt_usd(v->v, text));
    }
    return out;
}

/* ">=$412" of the window. */
static const char *amount(const struct vcost_row *r, char out[NUMFMT_MAX])
{
    char text[NUMFMT_MAX];
    (void)str_format(out, NUMFMT_MAX, "%s%s", r->cost_known ? exact_mark(r->exact) : "",
                     r->cost_known ? numfmt_usd_nano(r->nusd, text) : NUMFMT_UNKNOWN);
    return out;
}

/* "61,000", ">=61.0k": what is marked is shorter, to be as wide. */
static const char *count_of(const struct vcost_row *r, bool known, bool split, uint64_t n, bool whole, char out[NUMFMT_MAX])
{
    char text[NUMFMT_MAX];
    if (!known) {
        return numfmt_unknown(split);
    }
    (void)str_format(out, NUMFMT_MAX, "%s%s", exact_mark(r->counts_exact),
                     whole && r->counts_exact == EXACT ? numfmt_count((double)n, text) : numfmt_sig3((double)n, text));
    return out;
}

/* "48%", "~48%" where not all models tell what was cached, or not all of it is known. */
static const char *cached_of(const struct vcost_row *r, char out[NUMFMT_MAX])
{
    char text[NUMFMT_MAX];
    if (isnan(r->cached_share)) {
        return r->cached_known && r->input_known && r->tokens_in == 0 ? NUMFMT_NONE : numfmt_unknown(r->tokens_split);
    }
    (void)str_format(out, NUMFMT_MAX, "%s%s", exact_mark(r->cached_exact), numfmt_share(r->cached_share, text));
    return out;
}

/* "$4.99k of $5.00k" */
static const char *limit_of(const struct vcost_row *r, char out[NUMFMT_MAX])
{
    char left[NUMFMT_MAX], limit[NUMFMT_MAX];
    if (!r->limit_known) {
        return "";
    }
    (void)str_format(out, NUMFMT_MAX, "%s of %s", r->left_known ? numfmt_usd_nano(r->left_nusd, left) : NUMFMT_UNKNOWN,
                     numfmt_usd_nano(r->limit_nusd, limit));
    return out;
}

static void put_row(struct area row, const struct part_table *t, const struct vcost_row *r, double most, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX], name[128];
    enum role role = r->is_other ? ROLE_DIM : ROLE_TEXT;
    uint8_t attr = r->is_total ? CELL_BOLD : 0;
    bool none = !r->name || !*r->name;
    part_table_put(row, t, NAME, role, attr, none ? "(none)" : mask_name(ctx->mask, ctx->group, r->name, name, sizeof name));
    part_table_put(row, t, AMOUNT, role, attr, amount(r, text));
    part_table_put(row, t, SHARE, ROLE_DIM, 0, numfmt_share(r->share, text));
    if (t->w[BAR] > 0 && !r->is_total) {
        chart_cell_bar(row, t->x[BAR], 0, t->w[BAR], (double)r->nusd, most, ROLE_STRIP, ctx->rung);
    }
    part_table_put(row, t, PER_H, role, attr, per_hour(&r->per_h_now, text));
    part_table_put(row, t, CHANGE, role, 0, numfmt_ratio(&r->per_h_now, &r->per_h_then, text));
    part_table_put(row, t, REQUESTS, ROLE_TEXT, 0, count_of(r, r->requests_known, r->requests_split, r->requests, true, text));
    part_table_put(row, t, PER_REQUEST, ROLE_TEXT, 0, isnan(r->per_request) ? NUMFMT_NONE : numfmt_usd(r->per_request, text));
    part_table_put(row, t, PER_1K, ROLE_DIM, 0, isnan(r->per_1k_tokens) ? NUMFMT_NONE : numfmt_usd(r->per_1k_tokens, text));
    part_table_put(row, t, CONTEXT, ROLE_DIM, 0, isnan(r->input_per_request) ? NUMFMT_NONE : numfmt_sig3(r->input_per_request, text));
    part_table_put(row, t, INPUT, ROLE_DIM, 0, count_of(r, r->input_known, r->tokens_split, r->tokens_in, false, text));
    part_table_put(row, t, CACHED, ROLE_DIM, 0, cached_of(r, text));
    part_table_put(row, t, OUTPUT, ROLE_DIM, 0, count_of(r, r->output_known, r->tokens_split, r->tokens_out, false, text));
    part_table_put(row, t, LIMIT, ROLE_DIM, 0, limit_of(r, text));
    part_table_put(row, t, OWNER, ROLE_DIM, 0, mask_name(ctx->mask, DIM_TEAM, r->owner, name, sizeof name));
}

static void widen(struct part_col *col, const char *text)
{
    col->width = plan_max(col->width, (int)utf8_columns(str_of(text)));
}

static void draw_table(struct area a, const struct view_cost *v, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX], title[160], range[32], span[NUMFMT_MAX], rate[32];
    struct part_col own[COLS];
    bool owned = false, limited = false; /* a column nobody has anything in is not drawn */
    for (size_t i = 0; i < v->table_count; i++) {
        owned = owned || *v->table[i].owner;
        limited = limited || v->table[i].limit_known;
    }
    memcpy(own, cols, sizeof own);
    for (size_t i = 0; i < v->table_count; i++) { /* an amount below a dollar may be wider than its column */
        const struct vcost_row *r = &v->table[i];
        widen(&own[AMOUNT], amount(r, text));
        widen(&own[PER_H], per_hour(&r->per_h_now, text));
        widen(&own[PER_REQUEST], numfmt_usd(r->per_request, text));
        widen(&own[PER_1K], numfmt_usd(r->per_1k_tokens, text));
    }
    (void)str_format(rate, sizeof rate, "$/h %s", part_measured(ctx));
    own[PER_H].title = rate;
    own[OWNER].width = owned ? own[OWNER].width : 0;
    own[LIMIT].width = limited ? own[LIMIT].width : 0;
    struct part_table t = part_table_fit(own, COLS, a.r.w, NAME, 40);
    struct area rows = area_sub(a, 0, 2, a.r.w, a.r.h - 2);
    struct part_list l = part_list_of(rows, v->table_count, ctx);
    (void)str_format(title, sizeof title, "by %s, last %s%s%s", dim_name(ctx->group), numfmt_duration(v->window_ms, span),
                     *v->coverage_text ? ": " : "", v->coverage_text);
    (void)part_list_range(&l, v->table_count, range);
    part_rule(area_row(a, 0), ROLE_TITLE, title, *range ? range : ":sort cost  :group model", ctx);
    part_table_head(area_row(a, 1), &t, ctx);
    if (v->table_count == 0) {
        part_empty(
            rows,
            "No spend was booked in this window. Money comes from the gateway's own spend counter, or from tokens times a known price.");
        return;
    }
    double most = 0;
    for (size_t i = 0; i < v->table_count; i++) {
        most = !v->table[i].is_total && (double)v->table[i].nusd > most ? (double)v->table[i].nusd : most;
    }
    for (int y = 0; y < l.shown; y++) {
        put_row(area_row(rows, y), &t, &v->table[l.first + y], most, ctx);
        part_list_mark(area_row(rows, y), &l, y);
    }
    part_fade(rows, ctx);
    area_highlight(rows, ROLE_MATCH, ctx->search);
    if (l.selected >= 0) {
        const struct vcost_row *r = &v->table[l.selected];
        ctx->out->name = r->is_other || r->is_total ? NULL : r->name;
        ctx->out->dim = ctx->group;
    }
}

enum { NOW_ROWS = 3 }; /* now, then, plan */
/* Returns the rows that it takes. The sentence tells the plan too, so it gives way to the stack's legend. */
static int put_now(struct area a, const struct view_cost *v, int strip_x, const struct draw_ctx *ctx)
{
    const bool planned = v->plan_text && *v->plan_text && a.r.h >= NOW_ROWS + plan_count(v->stack_count);
    char text[NUMFMT_MAX], ratio[NUMFMT_MAX], name[128];
    (void)str_format(name, sizeof name, "last %s", part_measured(ctx));
    (void)area_put_cut(a, 1, 0, 8, ROLE_TEXT, 0, name);
    (void)area_putf(a, 9, 0, ROLE_STRONG, "%s/h", per_hour(&v->now_per_h, text));
    if (isnan(v->then_per_h.v)) {
        (void)area_put_cut(a, 1, 1, strip_x - 16, ROLE_DIM, 0, "nothing to compare with");
    } else {
        (void)area_put_cut(a, 1, 1, 8, ROLE_DIM, 0, v->against && *v->against ? v->against : "before");
        (void)area_putf(a, 9, 1, ROLE_DIM, "%s/h  %s", per_hour(&v->then_per_h, text), numfmt_ratio(&v->now_per_h, &v->then_per_h, ratio));
    }
    if (planned) {
        (void)area_put(a, 1, 2, ROLE_DIM, "plan");
        (void)area_putf(a, 9, 2, ROLE_DIM, "%s/h  %s  %s", numfmt_usd(v->plan_per_h, text),
                        numfmt_ratio(&v->now_per_h, &(struct vnum){.v = v->plan_per_h}, ratio),
                        mask_text(ctx->mask, v->plan_text, name, sizeof name));
    }
    return planned ? NOW_ROWS : NOW_ROWS - 1;
}

/* A name and how much of it an hour, which is as wide as it is; NULL: nobody knows. */
static void put_amount(struct area a, int y, int strip_x, const char *name, const char *usd)
{
    char text[NUMFMT_MAX + 4];
    (void)str_format(text, sizeof text, "%s%s", usd != NULL ? usd : "", usd != NULL ? "/h" : "");
    int width = plan_max(11, (int)utf8_columns(str_of(text)));
    (void)area_put_cut(a, 3, y, strip_x - 7 - width, ROLE_TEXT, 0, name);
    (void)area_put_right(a, strip_x - 3 - width, y, width, ROLE_TEXT, 0, text);
}

/* Legend of the stack on the left of it, last part on top as drawn; then the parts of the change, which sum to it. */
static void draw_stack(struct area a, const struct view_cost *v, const struct layout_grid *g, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX], by[NUMFMT_MAX + 4], name[128];
    struct chart_style st = part_chart_style(ctx, SEV_NONE, false);
    double top = chart_stack(area_sub(a, g->strip_x, 0, g->strip_w, a.r.h), part_axis(ctx), v->stack, v->stack_count, &st);
    int y = put_now(a, v, g->strip_x, ctx);
    if (top > 0) {
        (void)str_format(name, sizeof name, "max %s/h", numfmt_usd(top, text));
        (void)area_put_right(a, g->strip_x - 16, 0, 15, ROLE_DIM, 0, name);
    }
    (void)area_put_right(a, g->strip_x - 14, 1, 13, ROLE_DIM, 0, v->stack_text ? v->stack_text : "");
    for (size_t i = v->stack_count; i-- > 0 && y < a.r.h; y++) {
        const struct vstack *s = &v->stack[i];
        area_rune(a, 1, y, chart_series_role(i), CELL_BOLD, s->glyph > ' ' && s->glyph < 0x7f ? (uint32_t)s->glyph : '#');
        put_amount(a, y, g->strip_x, mask_text(ctx->mask, s->label, name, sizeof name), isnan(s->now) ? NULL : numfmt_usd(s->now, text));
    }
    const bool parts = v->part_count > 0 && y + 1 < a.r.h; /* a headline alone says nothing, and parts alone not what they are */
    if (parts) {
        (void)str_format(name, sizeof name, "the change against %s, in parts", v->against ? v->against : "before");
        (void)area_put_cut(a, 1, y++, g->strip_x - 2, ROLE_DIM, 0, name);
    }
    for (size_t i = 0; parts && i < v->part_count && y < a.r.h; i++, y++) {
        const struct vcost_part *p = &v->parts[i];
        (void)str_format(by, sizeof by, "%s%s", p->per_h_nusd < 0 ? "" : "+", numfmt_usd_nano(p->per_h_nusd, text));
        put_amount(a, y, g->strip_x, mask_text(ctx->mask, p->label, name, sizeof name), by);
    }
    part_fade(area_sub(a, 0, 0, g->strip_x, a.r.h), ctx);
}

enum budget_col { B_NAME, B_ORIGIN, B_USED, B_SHARE, B_BAR, B_PACE, B_GONE, B_COLS };
static const struct part_col budget_cols[B_COLS] = {
    [B_NAME] = {"", 18, true, 0, 0}, [B_ORIGIN] = {"", 10, true, 2, 0}, [B_USED] = {"", 18, false, 0, 0}, [B_SHARE] = {"", 4, false, 0, 0},
    [B_BAR] = {"", 16, true, 4, 0},  [B_PACE] = {"", 9, false, 3, 0},   [B_GONE] = {"", 20, true, 0, 0},
};

/* "Nov (config) >=$162k of $210k 77% ########---- pace 1.0x gone 27 Nov 04:10Z at the 5m rate" */
static void put_budget(struct area row, const struct vbudget *b, const struct draw_ctx *ctx)
{
    static const char *const basis[] = {[BUDGET_BOOKED] = NULL, [BUDGET_COMPUTED] = "computed", [BUDGET_IN_PART] = "part comp."};
    char used[NUMFMT_MAX], limit[NUMFMT_MAX], text[TEXT_MAX], name[128];
    struct part_table t = part_table_fit(budget_cols, B_COLS, row.r.w, B_GONE, row.r.w);
    double share = b->known && b->limit_nusd > 0 ? (double)b->used_nusd / (double)b->limit_nusd : (double)NAN;
    enum role role = b->stale ? ROLE_STALE : share >= 1 ? ROLE_PAGE : b->end == BUDGET_GONE ? ROLE_TICKET : ROLE_TEXT;
    part_table_put(row, &t, B_NAME, ROLE_TEXT, CELL_BOLD, mask_text(ctx->mask, b->name, name, sizeof name));
    part_table_put(row, &t, B_ORIGIN, b->is_wider ? ROLE_ACCENT : ROLE_DIM, 0,
                   b->is_wider       ? "of all"
                   : basis[b->basis] ? basis[b->basis]
                                     : b->origin);
    (void)str_format(text, sizeof text, "%s%s of %s", b->known ? exact_mark(b->used_exact) : "",
                     b->known ? numfmt_usd_nano(b->used_nusd, used) : NUMFMT_UNKNOWN, numfmt_usd_nano(b->limit_nusd, limit));
    part_table_put(row, &t, B_USED, role, 0, text);
    part_table_put(row, &t, B_SHARE, role, CELL_BOLD, numfmt_share(share, used));
    if (t.w[B_BAR] > 0) {
        chart_cell_bar(row, t.x[B_BAR], 0, t.w[B_BAR], share, 1, role == ROLE_TEXT ? ROLE_STRIP : role, ctx->rung);
    }
    (void)str_format(text, sizeof text, "pace %.1fx", b->pace);
    part_table_put(row, &t, B_PACE, ROLE_DIM, 0, isnan(b->pace) ? "" : text);
    part_table_put(row, &t, B_GONE, b->end == BUDGET_LASTS ? ROLE_DIM : role, 0, b->end_text);
}

static void draw_budgets(struct area a, const struct view_cost *v, const struct draw_ctx *ctx)
{
    part_rule(area_row(a, 0), ROLE_TITLE, "Budgets", NULL, ctx);
    struct area rows = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    for (int y = 0; y < rows.r.h && (size_t)y < v->budget_count; y++) {
        if (part_cut(rows, y, (size_t)y, v->budget_count)) {
            return;
        }
        put_budget(area_row(rows, y), &v->budgets[y], ctx);
    }
    part_fade(rows, ctx);
}

static int sentence_rows(const struct view_cost *v, int width)
{
    return plan_min(area_wrap_rows(width, v->sentence), 3);
}

/* The computed cost: its first row says most of it. Where rows are few it gives way to a third one of the sentence. */
static int computed_rows(const struct view_cost *v, int width, bool roomy)
{
    const int most = roomy ? 2 : sentence_rows(v, width) > 2 ? 0 : 1;
    return v->computed_text && *v->computed_text ? plan_min(area_wrap_rows(width, v->computed_text), most) : 0;
}

/* Share of requests without a price from which on the spend is not what it seems. */
#define UNPRICED_WARNS 0.001

static void draw_sentence(struct area a, const struct view_cost *v, bool roomy, const struct draw_ctx *ctx)
{
    char text[2 * TEXT_MAX];
    int y = sentence_rows(v, a.r.w - 2), computed = computed_rows(v, a.r.w - 2, roomy);
    (void)area_wrap(area_sub(a, 1, 0, a.r.w - 2, y), 0, 0, ROLE_STRONG, mask_text(ctx->mask, v->sentence, text, sizeof text));
    if (computed > 0) {
        (void)area_wrap(area_sub(a, 1, y, a.r.w - 2, computed), 0, 0, ROLE_TEXT, mask_text(ctx->mask, v->computed_text, text, sizeof text));
    }
    if (v->unpriced_text && *v->unpriced_text) {
        const enum role role = v->unpriced_share < UNPRICED_WARNS ? ROLE_DIM : ROLE_TICKET;
        (void)area_put_cut(a, 1, y + computed, a.r.w - 2, role, 0, mask_text(ctx->mask, v->unpriced_text, text, sizeof text));
    }
    part_fade(a, ctx);
}

/* Because of what, what it costs by other measures, who moved most. */
enum { FACTS_MAX = 5, FACTS_LEAST = 4, ROOMY = 28 }; /* rows of a pane in which all of them have room beside the table */
static size_t facts_of(const struct view_cost *v, char lines[FACTS_MAX][2 * TEXT_MAX])
{
    size_t n = 0;
    if (v->why_text && *v->why_text) {
        (void)str_format(lines[n++], 2 * TEXT_MAX, "why: %s", v->why_text);
    }
    if (v->period_text && *v->period_text) {
        (void)str_format(lines[n++], 2 * TEXT_MAX, "%s%s%s", v->period_text, v->unit_text && *v->unit_text ? "; " : "",
                         v->unit_text ? v->unit_text : "");
    }
    if (v->surcharge_text && *v->surcharge_text) {
        (void)str_format(lines[n++], 2 * TEXT_MAX, "%s", v->surcharge_text);
    }
    if (v->hosting_text && *v->hosting_text) {
        (void)str_format(lines[n++], 2 * TEXT_MAX, "self-hosted: %s", v->hosting_text);
    }
    if (v->movers_text && *v->movers_text) {
        (void)str_format(lines[n++], 2 * TEXT_MAX, "moved most: %s", v->movers_text);
    }
    return n;
}

static void draw_facts(struct area a, char lines[FACTS_MAX][2 * TEXT_MAX], size_t count, const struct draw_ctx *ctx)
{
    char text[2 * TEXT_MAX];
    for (size_t i = 0; i < count && (int)i < a.r.h; i++) {
        (void)area_put_cut(a, 1, (int)i, a.r.w - 2, i == 0 ? ROLE_TEXT : ROLE_DIM, 0, mask_text(ctx->mask, lines[i], text, sizeof text));
    }
    part_fade(a, ctx);
}

void pane_cost_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx)
{
    const struct view_cost *v = view;
    struct area a = area_of(cv, r);
    if (!v) {
        part_loading(a, ctx);
        return;
    }
    if (v->table_count == 0 && v->stack_count == 0 && v->budget_count == 0) {
        part_empty(a, "No spend has been recorded yet. It comes from the gateway's spend counter (litellm_spend_metric), or from tokens "
                      "times a price; "
                      "the Sources pane shows whether either is there. What has no price is counted here as unpriced, never as $0.");
        return;
    }
    char facts[FACTS_MAX][2 * TEXT_MAX];
    const int fact_count = (int)facts_of(v, facts);
    const bool roomy = a.r.h >= ROOMY;
    struct layout_grid g = layout_grid(a.r.w, PANE_COST);
    int lines = sentence_rows(v, a.r.w - 2) + computed_rows(v, a.r.w - 2, roomy) + (v->unpriced_text && *v->unpriced_text ? 1 : 0);
    int budgets = plan_count(v->budget_count), tokens = plan_count(v->token_count);
    int legend = NOW_ROWS + 1 + plan_count(v->stack_count) + plan_count(v->part_count);
    struct plan_block b[BLOCKS] = {
        [AXIS] = {.min = 2, .want = 2, .rank = 1},
        [SENTENCE] = {.min = lines, .want = lines, .rank = 1},
        [FACTS] = {.min = plan_min(fact_count, roomy ? FACTS_LEAST : 1), .want = fact_count, .rank = roomy ? 3 : 5, .grow = 5},
        [STACK] = {.min = 5, .want = v->stack_count || v->part_count ? plan_max(plan_min(legend, 12), a.r.h / 4) : 3, .rank = 2},
        [BUDGETS] = {.min = 1 + plan_min(budgets, 2), .want = budgets ? 1 + budgets : 0, .rank = 4},
        [TABLE] = {.min = 5, .want = 2 + plan_max(plan_count(v->table_count), 1), .rank = 3},
        [TOKENS] = {.min = 1 + plan_min(tokens, 2), .want = tokens ? 1 + tokens : 0, .rank = 6},
    };
    plan_rows(b, BLOCKS, a.r.h);
    struct area at[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        at[i] = area_sub(a, 0, b[i].y, a.r.w, b[i].h);
    }
    part_axis_only(area_row(at[AXIS], 0), &g, part_axis(ctx), ctx);
    part_marks_row(area_row(at[AXIS], 1), &g, part_axis(ctx), ctx);
    draw_sentence(at[SENTENCE], v, roomy, ctx);
    if (b[FACTS].h > 0) {
        draw_facts(at[FACTS], facts, (size_t)fact_count, ctx);
    }
    if (b[STACK].h > 0) {
        draw_stack(at[STACK], v, &g, ctx);
        chart_cursor(area_sub(at[STACK], g.strip_x, 0, g.strip_w, at[STACK].r.h), part_axis(ctx), ctx->cursor_ms);
    }
    if (b[BUDGETS].h > 0) {
        draw_budgets(at[BUDGETS], v, ctx);
    }
    if (b[TABLE].h > 0) {
        draw_table(at[TABLE], v, ctx);
    }
    if (b[TOKENS].h > 0) {
        part_rule(area_row(at[TOKENS], 0), ROLE_TITLE, "Tokens", "by direction", ctx);
        (void)part_signal_rows(area_sub(at[TOKENS], 0, 1, a.r.w, at[TOKENS].r.h - 1), &g, part_axis(ctx), v->tokens, v->token_count, NULL,
                               ctx);
    }
}
