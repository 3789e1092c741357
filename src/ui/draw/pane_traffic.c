/* SPDX-License-Identifier: MIT */
#include "ui/draw/pane_draw.h"

#include <math.h>

#include "base/str.h"
#include "ui/draw/layout.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/part.h"
#include "ui/draw/part_facts.h"
#include "ui/draw/plan.h"
#include "view/view_traffic.h"

enum block { SIGNALS, GROUP, DEPLOYMENTS, ENGINES, LIMITS, BLOCKS };

enum col {
    NAME,
    REQ,
    SHARE,
    FAIL,
    C429,
    C5XX,
    TIMEOUT,
    CONTEXT,
    FILTER,
    CLIENT,
    REFUSED,
    OTHER,
    ATTEMPTS,
    FALLBACKS,
    OLD,
    COLS
}; /* OLD: only while a row is */
static const struct part_col cols[COLS] = {
    [NAME] = {"name", 14, true, 0, 0},        [REQ] = {"req/s", 6, false, 0, 3},       [SHARE] = {"share", 5, false, 2, 0},
    [FAIL] = {"fail %", 6, false, 0, 1},      [C429] = {"429", 6, false, 1, 0},        [C5XX] = {"5xx", 6, false, 1, 0},
    [TIMEOUT] = {"t'out", 6, false, 1, 0},    [CONTEXT] = {"ctx", 5, false, 5, 0},     [FILTER] = {"filter", 6, false, 6, 0},
    [CLIENT] = {"client", 6, false, 4, 0},    [REFUSED] = {"refused", 7, false, 2, 0}, [OTHER] = {"other", 6, false, 7, 0},
    [ATTEMPTS] = {"att/req", 7, false, 7, 0}, [FALLBACKS] = {"fb %", 5, false, 3, 2},  [OLD] = {"", PART_STALE_COLS, false, 0, 0},
};

static const struct {
    enum col col;
    enum outcome class;
} class_cols[] = {
    {C429, OUTCOME_429},      {C5XX, OUTCOME_5XX},      {TIMEOUT, OUTCOME_TIMEOUT}, {CONTEXT, OUTCOME_CONTEXT},
    {FILTER, OUTCOME_FILTER}, {CLIENT, OUTCOME_CLIENT}, {OTHER, OUTCOME_OTHER},
};

static int64_t age_of(const struct vtraffic_row *r)
{
    const struct vnum *const shown[] = {&r->req_per_s, &r->fail_ratio, &r->share, &r->attempts, &r->fallbacks};
    return part_age(shown, sizeof shown / sizeof *shown);
}

static bool any_old(const struct view_traffic *v)
{
    for (size_t i = 0; i < v->table_count; i++) {
        if (age_of(&v->table[i]) != PART_FRESH) {
            return true;
        }
    }
    return false;
}

static const char *name_of(const struct vtraffic_row *r, const struct draw_ctx *ctx, char *out, size_t cap)
{
    return r->name && *r->name ? mask_name(ctx->mask, ctx->group, r->name, out, cap) : "(none)";
}

static const char *name_at(const struct part_names *names, size_t i, char *out, size_t cap)
{
    const struct vtraffic_row *rows = names->list;
    return name_of(&rows[i], names->ctx, out, cap);
}

static void put_group_row(struct area row, const struct part_table *t, const struct vtraffic_row *r, const struct part_names *names,
                          const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX], name[PART_NAME_MAX];
    enum role plain = r->is_other ? ROLE_DIM : ROLE_TEXT;
    enum role role = part_num_role(&r->fail_ratio, part_severity_role(r->severity, plain));
    uint8_t attr = r->is_total || r->severity != SEV_NONE ? CELL_BOLD : 0;
    struct vnum fail = r->fail_ratio;
    struct vnum fallbacks = r->fallbacks;
    fail.v *= 100;
    fallbacks.v *= 100;
    part_table_put_name(row, t, NAME, plain, attr, name_of(r, ctx, name, sizeof name), names);
    part_table_put(row, t, REQ, part_num_role(&r->req_per_s, plain), attr, numfmt_vnum(&r->req_per_s, text));
    part_table_put(row, t, SHARE, part_num_role(&r->share, ROLE_DIM), 0, isnan(r->share.v) ? NUMFMT_NONE : numfmt_share(r->share.v, text));
    part_table_put(row, t, FAIL, role, attr, numfmt_vnum(&fail, text));
    for (size_t i = 0; i < sizeof class_cols / sizeof *class_cols; i++) {
        uint64_t n = r->by_class[class_cols[i].class];
        bool bad = n > 0 && outcome_is_bad(class_cols[i].class);
        part_table_put(row, t, (int)class_cols[i].col, part_num_role(&r->req_per_s, bad ? plain : ROLE_DIM), 0,
                       r->known ? numfmt_count((double)n, text) : numfmt_unknown(r->req_per_s.unsplit == 0));
    }
    uint64_t refused = 0; /* by the gateway, whichever rule of its own did: the rows above tell them apart */
    for (int c = 0; c < OUTCOME_COUNT; c++) {
        refused += outcome_is_refused((enum outcome)c) ? r->by_class[c] : 0;
    }
    part_table_put(row, t, REFUSED, part_num_role(&r->req_per_s, refused > 0 ? plain : ROLE_DIM), 0,
                   r->known ? numfmt_count((double)refused, text) : numfmt_unknown(r->req_per_s.unsplit == 0));
    struct vnum per_request = r->attempts; /* both are per second */
    per_request.v /= r->req_per_s.v > 0 ? r->req_per_s.v : (double)NAN;
    part_table_put(row, t, ATTEMPTS, part_num_role(&r->attempts, ROLE_DIM), 0, numfmt_vnum(&per_request, text));
    part_table_put(row, t, FALLBACKS, part_num_role(&r->fallbacks, ROLE_DIM), 0, numfmt_vnum(&fallbacks, text));
    part_table_put_age(row, t, OLD, age_of(r));
}

static void draw_group(struct area a, const struct view_traffic *v, const struct draw_ctx *ctx)
{
    char title[64], range[32];
    struct part_table t = part_table_fit(cols, any_old(v) ? COLS : OLD, a.r.w, NAME, 40);
    struct area rows = area_sub(a, 0, 2, a.r.w, a.r.h - 2);
    struct part_list l = part_list_of(rows, v->table_count, ctx);
    (void)str_format(title, sizeof title, "by %s, last %s", dim_name(ctx->group), part_measured(ctx));
    (void)part_list_range(&l, v->table_count, range);
    part_rule(area_row(a, 0), ROLE_TITLE, title, *range ? range : ":sort fail  :group team", ctx);
    part_table_head(area_row(a, 1), &t, ctx);
    if (v->table_count == 0) {
        part_empty(rows, "No request was seen in this window. Another filter (/) or group (:group model) may hold some.");
        return;
    }
    const struct part_names names = {.list = &v->table[l.first], .count = (size_t)l.shown, .ctx = ctx, .at = name_at};
    for (int y = 0; y < l.shown; y++) {
        put_group_row(area_row(rows, y), &t, &v->table[l.first + y], &names, ctx);
        part_list_mark(area_row(rows, y), &l, y);
    }
    part_fade(rows, ctx);
    area_highlight(rows, ROLE_MATCH, ctx->search);
    if (l.selected >= 0) {
        const struct vtraffic_row *r = &v->table[l.selected];
        ctx->out->name = r->is_other || r->is_total ? NULL : r->name;
        ctx->out->dim = ctx->group;
    }
}

/* The strip of the selected group, on the same axis as all others. */
static bool selected_row(const struct view_traffic *v, const struct draw_ctx *ctx, struct vrow *ret)
{
    if (!ctx->focus || ctx->selected < 0 || v->table_count == 0) {
        return false;
    }
    size_t i = (size_t)ctx->selected < v->table_count ? (size_t)ctx->selected : v->table_count - 1;
    const struct vtraffic_row *r = &v->table[i];
    if (!r->strip.v) {
        return false;
    }
    *ret = (struct vrow){.label = r->name,
                         .now = r->fail_ratio,
                         .then = r->fail_then,
                         .change = change_times(r->fail_ratio.v, r->fail_ratio.exact, r->fail_then.v, r->fail_then.exact),
                         .severity = r->severity,
                         .strip = r->strip};
    ret->now.v *= 100;
    ret->then.v *= 100;
    ret->now.stale = r->fail_ratio.stale || part_is_silent(ctx);
    return true;
}

static void draw_signals(struct area a, const struct view_traffic *v, const struct layout_grid *g, const struct draw_ctx *ctx)
{
    const struct view_axis *ax = part_axis(ctx);
    part_axis_row(area_row(a, 0), g, ax, ctx);
    part_marks_row(area_row(a, 1), g, ax, ctx);
    struct vrow chosen;
    bool extra = selected_row(v, ctx, &chosen);
    struct area rows = area_sub(a, 0, 2, a.r.w, a.r.h - 2 - (extra ? 1 : 0));
    if (v->row_count == 0) {
        part_empty(rows, "No request has been recorded yet. The Sources pane shows what each source answers.");
        return;
    }
    int used = part_signal_rows(rows, g, ax, v->rows, v->row_count, NULL, ctx);
    if (extra) {
        char label[128], name[128];
        (void)str_format(label, sizeof label, "fail %% %s", mask_name(ctx->mask, ctx->group, chosen.label, name, sizeof name));
        chosen.label = label;
        part_signal_row(area_sub(a, 0, 2 + used, a.r.w, 1), g, ax, &chosen, v->rows, v->row_count, ctx);
    }
}

static void draw_rows(struct area a, const char *title, const char *right, const struct vrow *rows, size_t count,
                      const struct layout_grid *g, const struct draw_ctx *ctx)
{
    part_rule(area_row(a, 0), ROLE_TITLE, title, right, ctx);
    (void)part_signal_rows(area_sub(a, 0, 1, a.r.w, a.r.h - 1), g, part_axis(ctx), rows, count, NULL, ctx);
}

void pane_traffic_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx)
{
    const struct view_traffic *v = view;
    struct area a = area_of(cv, r);
    if (!v) {
        part_loading(a, ctx);
        return;
    }
    struct layout_grid g = layout_grid(a.r.w, PANE_TRAFFIC);
    struct vrow chosen;
    int extra = selected_row(v, ctx, &chosen) ? 1 : 0;
    int mains = 0;
    for (size_t i = 0; i < v->row_count; i++) {
        mains += !v->rows[i].sub;
    }
    int signals = 2 + extra + plan_max(plan_count(v->row_count), 2), groups = plan_max(plan_count(v->table_count), 2);
    int deployments = part_deployments_want(v->deployment_count, v->deployment_note), engines = plan_count(v->engine_count),
        limits = plan_count(v->limit_count);
    struct plan_block b[BLOCKS] = {
        [SIGNALS] = {.min = plan_min(2 + extra + plan_max(mains, 1), plan_max(a.r.h - 9, 6)), .want = signals, .rank = 1},
        [GROUP] = {.min = 2 + plan_min(groups, 5), .want = 2 + groups, .rank = 2},
        [DEPLOYMENTS] = {.min = plan_min(deployments, 5), .want = deployments, .rank = 3},
        [ENGINES] = {.min = 1 + plan_min(engines, 2), .want = engines ? 1 + engines : 0, .rank = 4},
        [LIMITS] = {.min = 1 + plan_min(limits, 2), .want = limits ? 1 + limits : 0, .rank = 5},
    };
    plan_rows(b, BLOCKS, a.r.h);
    int left = plan_left(b, BLOCKS, a.r.h); /* taller strips take what nobody else wants */
    plan_give(b, BLOCKS, a.r.h, SIGNALS, part_signal_tall(v->rows, v->row_count, NULL, left, true));
    struct area at[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        at[i] = area_sub(a, 0, b[i].y, a.r.w, b[i].h);
    }
    draw_signals(at[SIGNALS], v, &g, ctx);
    chart_cursor(area_sub(at[SIGNALS], g.strip_x, 1, g.strip_w, at[SIGNALS].r.h - 1), part_axis(ctx), ctx->cursor_ms);
    if (b[GROUP].h > 0) {
        draw_group(at[GROUP], v, ctx);
    }
    if (b[DEPLOYMENTS].h > 0) {
        part_deployments(at[DEPLOYMENTS], v->deployments, v->deployment_count, v->deployment_note, ctx);
    }
    if (b[ENGINES].h > 0) {
        draw_rows(at[ENGINES], "Engines", "running, waiting, KV cache", v->engines, v->engine_count, &g, ctx);
    }
    if (b[LIMITS].h > 0) {
        draw_rows(at[LIMITS], "Rate limits", "what the providers say is left", v->limits, v->limit_count, &g, ctx);
    }
}
