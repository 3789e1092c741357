/* SPDX-License-Identifier: MIT */
#include "ui/draw/part_latency.h"

#include <math.h>
#include <string.h>

#include "base/safe_text.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/part_heat.h"
#include "ui/draw/plan.h"

enum { N_COLS = 5, MARKED_N_COLS = 7 }; /* "12.7k", ">=12.7k" */
enum { TEXT_MAX = 512, MINUTE_MS = 60 * 1000, DAY_MS = 24 * 60 * MINUTE_MS };

enum role part_latency_role(const struct quantile *q, bool stale)
{
    return stale ? ROLE_STALE : q->n == 0 || q->thin ? ROLE_DIM : ROLE_TEXT;
}

const char *part_latency_quantile(const struct quantile *q, bool about, const char *unsplit, char out[NUMFMT_MAX])
{
    return unsplit && *unsplit ? NUMFMT_UNSPLIT : numfmt_quantile(q, about, out);
}

const struct vlatency_signal *part_latency_chosen(const struct view_latency *v)
{
    for (size_t i = 0; i < v->signal_count; i++) {
        if (v->signals[i].signal == v->signal) {
            return &v->signals[i];
        }
    }
    return NULL;
}

const char *part_latency_label(const struct view_latency *v)
{
    const struct vlatency_signal *s = part_latency_chosen(v);
    return s && s->label ? s->label : signal_info(v->signal)->name;
}

static int n_cols(const struct vlatency_signal *s)
{
    return s && s->n_exact != EXACT ? MARKED_N_COLS : N_COLS;
}

/* ---- the heatmap, and what stands left of it ---- */

enum past_col { PAST_WHEN, PAST_P50, PAST_P95, PAST_P99, PAST_RATIO, PAST_N, PAST_COLS };
static const struct part_col past_cols[PAST_COLS] = {
    [PAST_WHEN] = {"", 6, true, 0, 0},    [PAST_P50] = {"p50", 8, false, 2, 0},     [PAST_P95] = {"p95", 8, false, 0, 0},
    [PAST_P99] = {"p99", 8, false, 3, 0}, [PAST_RATIO] = {"x p95", 5, false, 0, 0}, [PAST_N] = {"n", N_COLS, false, 0, 0},
};

static void put_past_row(struct area row, const struct part_table *t, const char *when, const struct quantile q[3], uint64_t n, bool now,
                         const struct vlatency_signal *s)
{
    char text[NUMFMT_MAX];
    bool stale = now && s->stale;
    part_table_put(row, t, PAST_WHEN, stale ? ROLE_STALE : now ? ROLE_TEXT : ROLE_DIM, 0, when);
    for (int k = 0; k < 3; k++) {
        part_table_put(row, t, PAST_P50 + k, now ? part_latency_role(&q[k], stale) : ROLE_DIM, now ? CELL_BOLD : 0,
                       part_latency_quantile(&q[k], now && s->about, s->unsplit, text));
    }
    part_table_put(row, t, PAST_N, ROLE_DIM, 0, numfmt_n_marked(n, now ? s->n_exact : EXACT, text));
}

/* The window, and the same yesterday and last week; what is not recorded says why. */
static int put_pasts(struct area a, const struct part_table *t, const struct view_latency *v, const struct vlatency_signal *s)
{
    char text[NUMFMT_MAX], when[NUMFMT_MAX + 8];
    const struct quantile now[3] = {s->quantile[0].now, s->quantile[1].now, s->quantile[2].now};
    int y = 0;
    put_past_row(area_row(a, y++), t, numfmt_duration(v->window_ms, when), now, s->n, true, s);
    for (int i = 0; i < VLATENCY_PASTS; i++) {
        const struct vlatency_past *p = &v->past[i];
        struct area row = area_row(a, y++);
        if (p->back_ms == 0) {
            continue;
        }
        (void)str_format(when, sizeof when, "%lldd ago", (long long)(p->back_ms / DAY_MS));
        if (p->n == 0) {
            (void)area_put_cut(row, t->x[PAST_WHEN], 0, t->w[PAST_WHEN], ROLE_DIM, 0, when);
            int x = t->x[PAST_WHEN] + t->w[PAST_WHEN] + 1;
            (void)area_put(row, x, 0, ROLE_DIM, NUMFMT_NONE);
            (void)area_put_cut(row, x + 2, 0, a.r.w - x - 2, ROLE_DIM, 0, p->why ? p->why : "");
            continue;
        }
        put_past_row(row, t, when, p->quantile, p->n, false, s);
        part_table_put(row, t, PAST_RATIO, s->stale ? ROLE_STALE : ROLE_TEXT, 0, change_text(p->change, text));
    }
    return y;
}

/* "1d ago: 31m of it; 95% sure (0.5,1]": of p95. */
static int put_past_notes(struct area a, int y, const struct view_latency *v)
{
    char ci[NUMFMT_MAX], part[NUMFMT_MAX], text[128];
    for (int i = 0; i < VLATENCY_PASTS && y < a.r.h; i++) {
        const struct vlatency_past *p = &v->past[i];
        if (p->back_ms == 0 || p->n == 0) {
            continue;
        }
        bool whole = p->recorded_ms >= v->window_ms;
        (void)str_format(text, sizeof text, "%lldd ago: %s%s95%% sure %s", (long long)(p->back_ms / DAY_MS),
                         whole ? "" : numfmt_duration(p->recorded_ms / MINUTE_MS * MINUTE_MS, part), whole ? "p95 " : " of it; ",
                         numfmt_quantile_ci(&p->quantile[1], ci));
        (void)area_put_cut(a, 1, y++, a.r.w - 2, ROLE_DIM, 0, text);
    }
    return y;
}

void part_latency_heat(struct area a, const struct view_latency *v, const struct layout_grid *g, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX], right[96];
    const char *colour = ctx->colour ? "colour" : "shade";
    const struct vlatency_signal *s = part_latency_chosen(v);
    int room = g->strip_x - 1 - PART_HEAT_EDGE_COLS;
    struct part_col own[PAST_COLS];
    memcpy(own, past_cols, sizeof own);
    own[PAST_N].width = n_cols(s);
    struct part_table t = part_table_fit(own, PAST_COLS, room, -1, 0);
    struct area rule = area_row(a, 0), body = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    bool wide = g->strip_w >= 60;
    const char *maybe = !v->heat.maybe ? "" : wide ? "; ? = may hold some of those above" : "; ? = maybe";
    (void)str_format(right, sizeof right,
                     wide ? "log seconds; %s = requests in a column%s; c reads a cell" : "%s = requests%s; c reads a cell", colour, maybe);
    part_rule(rule, ROLE_TITLE, part_latency_label(v), right, ctx);
    if (s) {
        for (int i = PAST_P50; i < PAST_COLS; i++) {
            part_rule_head(rule, t.x[i], t.w[i], past_cols[i].title);
        }
        struct area left = area_sub(body, 0, 0, room, body.r.h);
        int y = put_pasts(left, &t, v, s);
        if (left.r.h > 5) { /* on a small screen the table has it */
            bool part = s->mean_n > 0 && s->mean_n < s->n;
            int x = 1 + area_putf(left, 1, y, s->stale ? ROLE_STALE : ROLE_DIM, "mean %s", numfmt_mean(s->mean, s->about || part, text));
            if (part) {
                (void)area_putf(left, x, y, ROLE_DIM, " of the %s whose sum is known", numfmt_n(s->mean_n, text));
            }
            y++;
            y = left.r.h > 6 ? put_past_notes(left, y, v) : y;
        }
        (void)area_wrap(area_sub(left, 1, y, room - 2, left.r.h - y), 0, 0, ROLE_DIM, s->note ? s->note : "");
    } else {
        part_empty(area_sub(body, 0, 0, room, body.r.h), "not reported here");
    }
    part_fade(body, ctx);
    part_heat(body, g, &v->heat, &v->cell, "no observation in this window", ctx);
}

/* ---- one cell ---- */

/* "gpt-x on azure 598 (93%), 40% of all requests to gpt-x fail; c-l on anthropic 31 (5%); others 11 (2%)" */
static void who_text(const struct vcell *c, const struct draw_ctx *ctx, char *out, size_t cap)
{
    char text[NUMFMT_MAX], percent[NUMFMT_MAX], name[128];
    size_t n = 0;
    (void)str_copy(out, cap, str_of(c->known ? "no request in it" : "not known: nothing was measured in this time"));
    for (size_t i = 0; i < c->part_count; i++) {
        const struct vcell_part *p = &c->parts[i];
        const char *model = *p->model ? mask_name(ctx->mask, DIM_MODEL, p->model, name, sizeof name) : "(model not told)";
        (void)str_format(out + n, cap - n, "%s%s%s%s %s (%s)", n ? "; " : "", model, *p->provider ? " on " : "", p->provider,
                         numfmt_n(p->n, text), numfmt_share((double)p->n / (double)c->n, percent));
        n = str_of(out).n;
        bool first = true; /* what fails is said once of each model */
        for (size_t k = 0; k < i; k++) {
            first = first && c->parts[k].model != p->model;
        }
        if (first && p->severity != SEV_NONE) {
            (void)str_format(out + n, cap - n, ", %s of all requests to %s fail", numfmt_percent(p->fail.v, percent), model);
            n = str_of(out).n;
        }
    }
    if (c->rest > 0) {
        (void)str_format(out + n, cap - n, "; others %s (%s)", numfmt_n(c->rest, text),
                         numfmt_share((double)c->rest / (double)c->n, percent));
    }
}

/* "640 of 1.4k in this column (46%); buckets (2,5] s"; "in (0.1,0.5] s: 41 of 136 in this column (30%), where within is not known" */
static void count_text(const struct vcell *c, char *out, size_t cap)
{
    char n[NUMFMT_MAX], of[NUMFMT_MAX], share[NUMFMT_MAX], lo[NUMFMT_MAX], hi[NUMFMT_MAX];
    if (c->of == 0) {
        (void)str_copy(out, cap, str_of(c->known ? "no request in this column" : "no sample in this column"));
        return;
    }
    bool bucket = !isnan(c->bucket_lo);
    size_t used = 0;
    if (bucket) {
        numfmt_bound(c->bucket_lo > 0 ? c->bucket_lo : 0, lo);
        numfmt_bound(c->bucket_hi, hi);
    }
    if (bucket && c->wider) {
        (void)str_format(out, cap, "in (%s,%s] s: ", lo, hi);
        used = str_of(out).n;
    }
    (void)str_format(out + used, cap - used, "%s%s of %s in this column (%s)", exact_mark(c->about ? ABOUT : EXACT), numfmt_n(c->n, n),
                     numfmt_n(c->of, of), numfmt_share((double)c->n / (double)c->of, share));
    used = str_of(out).n;
    if (bucket && c->wider) {
        (void)str_format(out + used, cap - used, ", where within is not known");
    } else if (bucket) {
        (void)str_format(out + used, cap - used, "; buckets (%s,%s] s", lo, hi);
    }
}

/* "13:45:00 to 13:46:00Z, 2-5 s" */
static void where_text(const struct vcell *c, char *out, size_t cap)
{
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX], lo[NUMFMT_MAX], hi[NUMFMT_MAX];
    instant_format_clock(c->t0_ms, from);
    instant_format_clock(c->t1_ms, to);
    const char *least = c->lo > 0 ? numfmt_bound(c->lo, lo) : "", *most = isinf(c->hi) ? "" : numfmt_bound(c->hi, hi);
    (void)str_format(out, cap, "%.8s to %s, %s%s%s%s s", from, to, *most ? "" : ">", least, *least && *most ? "-" : *most ? "<" : "", most);
}

static void put_column_quantiles(struct area row, const struct vcell *c)
{
    char text[NUMFMT_MAX], ci[NUMFMT_MAX];
    static const char *const names[] = {"p50", "p95", "p99"};
    int x = 1 + area_putf(row, 1, 0, ROLE_DIM, "column n %s: ", numfmt_n(c->of, text));
    for (int k = 0; k < 3; k++) {
        x += area_putf(row, x, 0, ROLE_DIM, "%s ", names[k]);
        x += area_put(row, x, 0, part_latency_role(&c->quantile[k], false), numfmt_quantile(&c->quantile[k], c->about, text));
        x += area_putf(row, x, 0, ROLE_DIM, " %s  ", numfmt_quantile_ci(&c->quantile[k], ci));
    }
}

int part_latency_cell_rows(const struct vcell *c, int width, const struct draw_ctx *ctx)
{
    char text[TEXT_MAX];
    who_text(c, ctx, text, sizeof text);
    return 3 + plan_min(area_wrap_rows(width - 2, text), 3);
}

void part_latency_cell(struct area a, const struct vcell *c, const struct draw_ctx *ctx)
{
    char where[128], text[TEXT_MAX];
    where_text(c, where, sizeof where);
    part_rule(area_row(a, 0), ROLE_ACCENT, where, "arrows move, Enter filters, Esc ends", ctx);
    count_text(c, text, sizeof text);
    (void)area_put_cut(a, 1, 1, a.r.w - 2, ROLE_TEXT, 0, text);
    who_text(c, ctx, text, sizeof text);
    int rows = plan_min(area_wrap_rows(a.r.w - 2, text), plan_max(a.r.h - 3, 1));
    (void)area_wrap(area_sub(a, 1, 2, a.r.w - 2, rows), 0, 0, ROLE_STRONG, text);
    put_column_quantiles(area_row(a, 2 + rows), c);
}

/* ---- lines ---- */

enum line_col { LINE_Q, LINE_NOW, LINE_BUCKET, LINE_CI, LINE_N, LINE_COLS };
static const struct part_col line_cols[LINE_COLS] = {
    [LINE_Q] = {"", 4, true, 0, 0},           [LINE_NOW] = {"now", 8, false, 0, 0},  [LINE_BUCKET] = {"bucket s", 11, true, 2, 0},
    [LINE_CI] = {"95% sure", 11, true, 0, 0}, [LINE_N] = {"n", N_COLS, false, 1, 0},
};

void part_latency_lines(struct area a, const struct view_latency *v, const struct layout_grid *g, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX], title[64];
    const struct vlatency_signal *s = part_latency_chosen(v);
    struct part_col own[LINE_COLS];
    memcpy(own, line_cols, sizeof own);
    own[LINE_N].width = n_cols(s);
    struct part_table t = part_table_fit(own, LINE_COLS, g->strip_x - 1, -1, 0);
    struct area rule = area_row(a, 0), rows = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    part_rule(rule, ROLE_TITLE, NULL, "lines; dim = thin", ctx);
    for (int i = LINE_NOW; i < LINE_COLS; i++) {
        int columns = (int)utf8_columns(str_of(line_cols[i].title));
        part_rule_head(rule, t.x[i], t.col[i].left && t.w[i] > columns ? columns : t.w[i],
                       i == LINE_NOW ? numfmt_duration(v->window_ms, text) : line_cols[i].title);
    }
    if (!s) {
        return;
    }
    int each = plan_max((a.r.h - 1) / 3, 1);
    for (int k = 0; k < 3 && k * each < rows.r.h; k++) {
        const struct vquantile *q = &s->quantile[k];
        struct area block = area_sub(rows, 0, k * each, a.r.w, each);
        enum role role = part_latency_role(&q->now, s->stale);
        (void)str_format(title, sizeof title, "p%g", q->q * 100);
        part_table_put(block, &t, LINE_Q, s->stale ? ROLE_STALE : ROLE_TEXT, 0, title);
        part_table_put(block, &t, LINE_NOW, role, CELL_BOLD, part_latency_quantile(&q->now, s->about, s->unsplit, text));
        part_table_put(block, &t, LINE_BUCKET, ROLE_DIM, 0, numfmt_quantile_interval(&q->now, text));
        part_table_put(block, &t, LINE_CI, ROLE_DIM, 0, numfmt_quantile_ci(&q->now, text));
        part_table_put(block, &t, LINE_N, ROLE_DIM, 0, numfmt_n_marked(q->now.n, s->n_exact, text));
        struct chart_style st = part_chart_style(ctx, SEV_NONE, s->stale);
        chart_strip(area_sub(block, g->strip_x, 0, g->strip_w, each), part_axis(ctx), &q->strip, &st);
    }
    part_fade(rows, ctx);
}

enum { SIGNAL_CI_COLS = 11, SIGNAL_NAME_COLS = 13 }; /* the longest name and a blank */

/* Where the columns of the signals stand: three quantiles where they fit left of the strips, else p95 alone; where there is more room, how
 * sure p95 is. */
struct signal_columns {
    int name_w, width, ci_w, n_w;
    bool all;
};

static struct signal_columns signal_columns(const struct view_latency *v, const struct layout_grid *g)
{
    struct signal_columns c = {.n_w = N_COLS};
    for (size_t i = 0; i < v->signal_count; i++) {
        c.n_w = plan_max(c.n_w, n_cols(&v->signals[i]));
    }
    c.width = plan_min(8, (g->strip_x - 2 - 8 - 1 - c.n_w) / 3 - 1);
    c.all = c.width >= 6;
    c.width = c.all ? c.width : 8;
    int tight = g->strip_x - 1 - 1 - c.n_w - 3 * 8 - 1 - SIGNAL_CI_COLS;
    if (c.all && tight >= SIGNAL_NAME_COLS) {
        c.width = 7;
        c.ci_w = 1 + SIGNAL_CI_COLS;
    }
    c.name_w = plan_max(g->strip_x - (c.ci_w ? 1 : 2) - 1 - c.n_w - c.ci_w - (c.all ? 3 : 1) * (c.width + 1), 6);
    return c;
}

/* In the unit of the number before it, for which there is room: "~38 ms (25,50]". */
static const char *short_interval(const struct quantile *q, char out[NUMFMT_MAX])
{
    struct quantile ms = *q;
    if (q->ci_hi <= 0.1 && q->value >= 0.001) {
        ms.ci_lo *= 1000;
        ms.ci_hi *= 1000;
    }
    return numfmt_quantile_ci(&ms, out);
}

static void put_signal_heads(struct area rule, const struct signal_columns *c, const struct draw_ctx *ctx)
{
    static const char *const names[] = {"p50", "p95", "p99"};
    int x = 1 + c->name_w;
    part_rule(rule, ROLE_TITLE, "others", "p95", ctx);
    for (int k = 0; k < 3; k++) {
        if (c->all || k == 1) {
            part_rule_head(rule, x, c->width, names[k]);
            x += c->width + 1;
            if (k == 1 && c->ci_w > 0) {
                part_rule_head(rule, x, 8, "95% sure");
                x += c->ci_w;
            }
        }
    }
    part_rule_head(rule, x, c->n_w, "n");
}

void part_latency_signals(struct area a, const struct view_latency *v, const struct layout_grid *g, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX];
    const struct signal_columns c = signal_columns(v, g);
    struct area rows = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    put_signal_heads(area_row(a, 0), &c, ctx);
    size_t others = v->signal_count - (part_latency_chosen(v) ? 1 : 0), drawn = 0;
    for (size_t i = 0; (int)drawn < rows.r.h && i < v->signal_count; i++) {
        const struct vlatency_signal *s = &v->signals[i];
        struct area row = area_row(rows, (int)drawn);
        int x = 1 + c.name_w;
        if (s->signal == v->signal) {
            continue;
        }
        if (part_cut(rows, (int)drawn, drawn, others)) {
            return;
        }
        drawn++;
        (void)area_put_cut(row, 1, 0, c.name_w, ROLE_TEXT, 0, s->label);
        for (int k = 0; k < 3; k++) {
            if (c.all || k == 1) {
                const struct quantile *q = &s->quantile[k].now;
                const char *reading = part_latency_quantile(q, s->about, s->unsplit, text);
                (void)area_put_right(row, x, 0, c.width, part_latency_role(q, s->stale), 0,
                                     (int)utf8_columns(str_of(reading)) > c.width && q->average_only ? "avg" : reading);
                x += c.width + 1;
                if (k == 1 && c.ci_w > 0) {
                    (void)area_put_cut(row, x, 0, SIGNAL_CI_COLS, ROLE_DIM, 0, short_interval(q, text));
                    x += c.ci_w;
                }
            }
        }
        (void)area_put_right(row, x, 0, c.n_w, ROLE_DIM, 0, numfmt_n_marked(s->n, s->n_exact, text));
        struct chart_style st = part_chart_style(ctx, SEV_NONE, s->stale);
        chart_strip(area_sub(row, g->strip_x, 0, g->strip_w, 1), part_axis(ctx), &s->quantile[1].strip, &st);
    }
    part_fade(rows, ctx);
}

/* ---- stages ---- */

static enum role stage_role(const struct vstage *s, size_t i, bool stale)
{
    return stale ? ROLE_STALE : s->whose == STAGE_REST || s->whose == STAGE_BESIDE ? ROLE_DIM : chart_series_role(i);
}

enum { STAGES_MAX = 24 };

/* Where each stage ends in a bar of that many columns, to scale: whole columns of its share, and those that are left over to the largest
 * remainders. */
static void stage_ends(const struct view_latency *v, int width, int ends[STAGES_MAX])
{
    double all = 0, rest[STAGES_MAX];
    int cells[STAGES_MAX], left = width;
    size_t count = v->stage_count < STAGES_MAX ? v->stage_count : STAGES_MAX;
    for (size_t i = 0; i < count; i++) {
        all += v->stages[i].share > 0 ? v->stages[i].share : 0;
    }
    for (size_t i = 0; i < count; i++) {
        double wide = v->stages[i].share > 0 ? v->stages[i].share / all * width : 0;
        cells[i] = (int)wide;
        rest[i] = wide - cells[i];
        left -= cells[i];
    }
    for (; all > 0 && left > 0; left--) {
        size_t most = 0;
        for (size_t i = 1; i < count; i++) {
            most = rest[i] > rest[most] ? i : most;
        }
        cells[most]++;
        rest[most] = 0;
    }
    for (size_t i = 0; i < count; i++) {
        ends[i] = (i > 0 ? ends[i - 1] : 0) + cells[i];
    }
}

/* The stages one after another, with what fits of their names and shares: "|azure 42% ----|anthropic 23% --|". Parts that exceed the whole
 * share the width. */
static void put_stage_bar(struct area row, const struct view_latency *v, const struct draw_ctx *ctx)
{
    int ends[STAGES_MAX];
    stage_ends(v, row.r.w - 2, ends);
    for (size_t i = 0; i < v->stage_count && i < STAGES_MAX; i++) {
        char share[NUMFMT_MAX], both[96];
        int from = 1 + (i > 0 ? ends[i - 1] : 0), to = 1 + ends[i];
        enum role role = stage_role(&v->stages[i], i, v->stages_stale);
        for (int x = from; x < to; x++) {
            area_rune(row, x, 0, role, ctx->colour ? CELL_REVERSE : 0, x == from ? '|' : ctx->colour ? ' ' : '-');
        }
        (void)str_format(both, sizeof both, "%s %s", v->stages[i].name, numfmt_share(v->stages[i].share, share));
        const char *const texts[] = {both, v->stages[i].name, share};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            if ((int)utf8_columns(str_of(texts[k])) < to - from) {
                (void)area_put(row, from + 1, 0, role, texts[k]);
                break;
            }
        }
    }
}

enum stage_col { STAGE_NAME, STAGE_MEAN, STAGE_SHARE, STAGE_CHANGE, STAGE_EACH, STAGE_N, STAGE_FAIL, STAGE_COLS };
static const struct part_col stage_cols[STAGE_COLS] = {
    [STAGE_NAME] = {"", 16, true, 0, 0},         [STAGE_MEAN] = {"per request", 11, false, 0, 0}, [STAGE_SHARE] = {"share", 5, false, 0, 0},
    [STAGE_CHANGE] = {"change", 9, false, 1, 0}, [STAGE_EACH] = {"each", 9, false, 2, 0},         [STAGE_N] = {"n", 6, false, 3, 0},
    [STAGE_FAIL] = {"", 16, true, 4, 0},
};

static void put_stage(struct area row, const struct part_table *t, const struct view_latency *v, size_t i)
{
    const struct vstage *s = &v->stages[i];
    char text[NUMFMT_MAX], change[NUMFMT_MAX + 8], fail[96];
    enum role role = v->stages_stale ? ROLE_STALE : ROLE_TEXT;
    const bool beside = s->whose == STAGE_BESIDE;
    double by = (beside ? s->each_s : s->mean_s) - s->then_s;
    part_table_put(row, t, STAGE_NAME, stage_role(s, i, v->stages_stale), 0, s->name);
    part_table_put(row, t, STAGE_MEAN, role, 0, beside ? "beside" : numfmt_mean(s->mean_s, v->stages_about, text));
    part_table_put(row, t, STAGE_SHARE, ROLE_DIM, 0, beside ? "" : numfmt_share(s->share, text));
    bool same = fabs(by) < 5e-7; /* no sign on what rounds to nothing */
    (void)str_format(change, sizeof change, "%s%s%s", exact_mark(v->stages_about ? ABOUT : EXACT),
                     same     ? ""
                     : by < 0 ? "-"
                              : "+",
                     numfmt_seconds(same ? 0 : fabs(by), text));
    part_table_put(row, t, STAGE_CHANGE, role, 0, isnan(by) ? NUMFMT_NONE : change);
    part_table_put(row, t, STAGE_EACH, ROLE_DIM, 0, isnan(s->each_s) ? "" : numfmt_mean(s->each_s, v->stages_about, text));
    part_table_put(row, t, STAGE_N, ROLE_DIM, 0, s->n ? numfmt_n(s->n, text) : "");
    if (beside) {
        (void)str_format(fail, sizeof fail, "by %s", s->by);
        part_table_put(row, t, STAGE_FAIL, ROLE_DIM, 0, fail);
    }
    if (s->severity != SEV_NONE) {
        (void)str_format(fail, sizeof fail, "%s tries fail", numfmt_percent(s->fail.v, text));
        part_table_put(row, t, STAGE_FAIL, part_severity_role(s->severity, ROLE_TEXT), CELL_BOLD, fail);
    }
}

enum { STAGES_WIDE_COLS = 110 };

static int stage_columns(int width)
{
    return width >= STAGES_WIDE_COLS ? 2 : 1;
}

int part_latency_stage_rows(const struct view_latency *v, int width)
{
    return (plan_count(v->stage_count) + stage_columns(width) - 1) / stage_columns(width);
}

/* Down the first column, then the next one; what has no room is counted in the last row. */
static void put_stages(struct area a, const struct view_latency *v, const struct draw_ctx *ctx)
{
    const int columns = stage_columns(a.r.w), width = a.r.w / columns;
    const struct part_table t = part_table_fit(stage_cols, STAGE_COLS, width, STAGE_FAIL, 30);
    struct draw_ctx plain = *ctx;
    plain.sort = 0;                                  /* which is the other table's */
    for (int c = 0; c < columns && a.r.h > 2; c++) { /* with fewer, the stages themselves say more */
        part_table_head(area_sub(a, c * width, 0, width, 1), &t, &plain);
    }
    a = a.r.h > 2 ? area_sub(a, 0, 1, a.r.w, a.r.h - 1) : a;
    const int each = plan_min(a.r.h, part_latency_stage_rows(v, a.r.w));
    size_t i = 0;
    for (int c = 0; c < columns; c++) {
        struct area column = area_sub(a, c * width, 0, width, each);
        for (int y = 0; y < each && i < v->stage_count; y++, i++) {
            if (c + 1 == columns && part_cut(column, y, i, v->stage_count)) {
                return;
            }
            put_stage(area_row(column, y), &t, v, i);
        }
    }
}

void part_latency_stages(struct area a, const struct view_latency *v, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX], title[96];
    struct area rule = area_row(a, 0);
    (void)str_format(title, sizeof title, "where the time goes: %s%s%s", numfmt_mean(v->stage_total_s, v->stages_about, text),
                     v->stage_against && *v->stage_against ? ", change vs " : "", v->stage_against ? v->stage_against : "");
    const char *said = v->stage_text ? v->stage_text : "";
    bool fits = (int)(utf8_columns(str_of(title)) + utf8_columns(str_of(said))) + 8 < a.r.w;
    part_rule(rule, ROLE_TITLE, title, fits ? said : "sums to the mean", ctx);
    put_stage_bar(area_row(a, 1), v, ctx);
    struct area rows = area_sub(a, 0, 2, a.r.w, a.r.h - 2);
    int y = 0;
    if (!fits && rows.r.h > 0) {
        (void)area_put_cut(rows, 1, y++, a.r.w - 2, v->stages_stale ? ROLE_STALE : ROLE_TEXT, 0, said);
    }
    put_stages(area_sub(rows, 0, y, rows.r.w, rows.r.h - y), v, ctx);
}
