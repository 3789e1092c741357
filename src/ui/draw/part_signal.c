/* SPDX-License-Identifier: MIT */
/* The signal table: numbers on the left, strips over the shared axis on the right. */
#include "ui/draw/part.h"

#include <math.h>
#include <string.h>

#include "base/safe_text.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "ui/draw/layout.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/plan.h"

enum { TALL_ROWS = 3 }; /* a strip with a threshold: enough for the line to stand clear of the bars */

const struct view_axis *part_axis(const struct draw_ctx *ctx)
{
    static const struct view_axis none = {.columns = 0};
    return ctx->frame ? &ctx->frame->axis : &none;
}

struct columns {
    int now, then, over, n; /* x of each */
};

static struct columns columns_of(const struct layout_grid *g)
{
    struct columns c;
    c.now = 1 + g->label_w;
    c.then = c.now + g->now_w + 1;
    c.over = c.then + (g->then_w ? g->then_w + 1 : 0);
    c.n = c.over + (g->over_w ? g->over_w + 1 : 0);
    return c;
}

static struct area strip_area(struct area a, const struct layout_grid *g)
{
    return area_sub(a, g->strip_x, 0, g->strip_w, a.r.h);
}

void part_axis_only(struct area row, const struct layout_grid *g, const struct view_axis *ax, const struct draw_ctx *ctx)
{
    struct chart_style st = part_chart_style(ctx, SEV_NONE, false);
    chart_axis(strip_area(row, g), ax, &st);
}

const char *part_measured(const struct draw_ctx *ctx)
{
    return ctx->frame && ctx->frame->measured ? ctx->frame->measured : NUMFMT_UNKNOWN;
}

const char *part_ago(const struct view_axis *ax)
{
    return ax->against && *ax->against ? ax->against : "before";
}

void part_axis_row(struct area row, const struct layout_grid *g, const struct view_axis *ax, const struct draw_ctx *ctx)
{
    struct columns c = columns_of(g);
    char title[NUMFMT_MAX];
    (void)str_format(title, sizeof title, "last %s", part_measured(ctx));
    (void)area_put_cut(row, 1, 0, g->label_w, ROLE_DIM, 0, title);
    (void)area_put_right(row, c.now, 0, g->now_w, ROLE_DIM, 0, "now");
    (void)area_put_right(row, c.then - 1, 0, g->then_w ? g->then_w + 1 : 0, ROLE_DIM, 0, part_ago(ax));
    (void)area_put_right(row, c.over, 0, g->over_w, ROLE_DIM, 0, "x");
    (void)area_put_right(row, c.n, 0, g->n_w, ROLE_DIM, 0, "n");
    part_axis_only(row, g, ax, ctx);
}

void part_marks_row(struct area row, const struct layout_grid *g, const struct view_axis *ax, const struct draw_ctx *ctx)
{
    if (!ctx->frame) {
        return;
    }
    char text[NUMFMT_MAX];
    struct columns c = columns_of(g);
    size_t inside = chart_marks(strip_area(row, g), ax, ctx->frame->marks, ctx->frame->mark_count);
    (void)area_put_cut(row, 1, 0, g->label_w, ROLE_DIM, 0, "changes");
    (void)str_format(text, sizeof text, "%zu", inside);
    (void)area_put_right(row, c.n, 0, g->n_w, ROLE_DIM, 0, text);
}

static bool is_on(const struct view_axis *ax, const struct vmark *m)
{
    return m->at_ms > ax->t0_ms && m->at_ms <= ax->t0_ms + (int64_t)ax->columns * ax->step_ms;
}

/* Found in the measurements or said by a rule: what it means is in the verdict. */
static bool is_finding(const struct vmark *m)
{
    return m->letter != '\0' && strchr("qptE!P", m->letter) != NULL;
}

bool part_has_changes(const struct view_axis *ax, const struct draw_ctx *ctx)
{
    for (size_t i = 0; ctx->frame && i < ctx->frame->mark_count; i++) {
        if (is_on(ax, &ctx->frame->marks[i])) {
            return true;
        }
    }
    return false;
}

/* The newest of marks before `before` that is or is no finding; -1. */
static int64_t mark_before(const struct vmark *marks, size_t count, int64_t before, bool finding, const struct view_axis *ax)
{
    int64_t best = -1;
    for (size_t i = 0; i < count; i++) {
        bool later = best < 0 || marks[i].at_ms > marks[best].at_ms;
        if (is_on(ax, &marks[i]) && is_finding(&marks[i]) == finding && marks[i].at_ms < before && later) {
            best = (int64_t)i;
        }
    }
    return best;
}

void part_changes_row(struct area row, const struct view_axis *ax, const struct draw_ctx *ctx)
{
    const struct vmark *marks = ctx->frame ? ctx->frame->marks : NULL;
    const size_t count = ctx->frame ? ctx->frame->mark_count : 0;
    const bool finding = mark_before(marks, count, INT64_MAX, false, ax) < 0;
    char at[TIMEFMT_MAX], text[256];
    int x = 1;
    for (int64_t i = mark_before(marks, count, INT64_MAX, finding, ax); i >= 0 && x < row.r.w - 12;
         i = mark_before(marks, count, marks[i].at_ms, finding, ax)) {
        const struct vmark *m = &marks[i];
        x += x > 1 ? area_put(row, x, 0, ROLE_DIM, "; ") : 0;
        instant_format_clock(m->at_ms, at);
        x += area_putf(row, x, 0, ROLE_DIM, "%.8s ", at);
        area_rune(row, x, 0, chart_mark_role(m->letter, m->hollow), m->hollow ? CELL_UNDERLINE : CELL_BOLD,
                  m->letter > ' ' && m->letter < 0x7f ? (uint32_t)m->letter : '?');
        x += 2;
        x += area_put_cut(row, x, 0, row.r.w - x, ROLE_TEXT, 0, mask_text(ctx->mask, m->text ? m->text : "", text, sizeof text));
    }
}

/* The label with its unit, where the label does not say it already; without it where letters would have to go for it. */
static const char *label_of(const struct vrow *r, bool mask, int width, char *out, size_t cap)
{
    char masked[96];
    const char *label = mask_text(mask, r->label ? r->label : "", masked, sizeof masked);
    bool has_unit = !r->unit || !*r->unit || strstr(label, r->unit) != NULL;
    size_t all = utf8_columns(str_of(label)) + (r->sub ? 2 : 0) + (has_unit ? 0 : 1 + utf8_columns(str_of(r->unit)));
    has_unit = has_unit || all > (size_t)plan_max(width, 0);
    (void)str_format(out, cap, "%s%s%s%s", r->sub ? "  " : "", label, has_unit ? "" : " ", has_unit ? "" : r->unit);
    return out;
}

static const char *label_at(const struct part_names *names, size_t i, char *out, size_t cap)
{
    const struct vrow *rows = names->list;
    return label_of(&rows[i], names->ctx->mask, names->width, out, cap);
}

static void put_numbers(struct area a, const struct layout_grid *g, const struct vrow *r, const struct part_names *labels,
                        const struct draw_ctx *ctx)
{
    struct columns c = columns_of(g);
    char text[NUMFMT_MAX], label[128];
    bool stale = r->now.stale;
    enum role role = stale ? ROLE_STALE : part_severity_role(r->severity, ROLE_TEXT);
    uint8_t attr = r->severity != SEV_NONE && !stale ? CELL_BOLD : 0;
    /* a number wider than its column takes the label's last columns rather than lose a digit: "~0.234" */
    const char *now = numfmt_row_now(r, text);
    int spare = plan_min(plan_max((int)strlen(now) - g->now_w, 0), 2);
    enum role name = stale ? ROLE_STALE : r->sub ? ROLE_DIM : ROLE_TEXT;
    part_put_name(a, 1, g->label_w - spare, name, 0, label_of(r, ctx->mask, g->label_w - spare, label, sizeof label), labels);
    (void)area_put_right(a, c.now - spare, 0, g->now_w + spare, role, attr, now);
    (void)area_put_right(a, c.then, 0, g->then_w, ROLE_DIM, 0, numfmt_row_then(r, text));
    const char *over = numfmt_row_over(r, text);
    spare = g->over_w > 0 && (int)strlen(over) > g->over_w ? 1 : 0; /* and one beside it takes the blank before it */
    (void)area_put_right(a, c.over - spare, 0, g->over_w + spare, stale ? ROLE_TICKET : role, 0, over);
    (void)area_put_right(a, c.n, 0, g->n_w, ROLE_DIM, 0, numfmt_row_n(r, text));
}

/* The best of what is on the screen: what stands for the usual where nothing was recorded before. NaN: all are gaps. */
static double lowest(const struct vstrip *s, uint32_t columns)
{
    double low = (double)NAN;
    for (uint32_t i = 0; i < columns; i++) {
        low = isfinite(s->v[i]) && !(s->v[i] >= low) ? s->v[i] : low;
    }
    return low;
}

void part_signal_row(struct area a, const struct layout_grid *g, const struct view_axis *ax, const struct vrow *r,
                     const struct vrow *beside, size_t beside_count, const struct draw_ctx *ctx)
{
    const struct part_names labels = {.list = beside, .count = beside_count, .ctx = ctx, .width = g->label_w, .at = label_at};
    if (r->now.unsplit != 0) {
        char label[128], why[PART_UNSPLIT_MAX];
        int x = columns_of(g).now;
        part_put_name(a, 1, g->label_w, ROLE_DIM, 0, label_of(r, ctx->mask, g->label_w, label, sizeof label), &labels);
        (void)area_put_cut(a, x, 0, a.r.w - x, ROLE_DIM, 0, part_unsplit_text(r->now.unsplit, why));
        return;
    }
    put_numbers(a, g, r, &labels, ctx);
    if (r->strip.threshold_text && *r->strip.threshold_text && a.r.h > 1) {
        int line = chart_threshold_row(&r->strip, a.r.h, ctx->rung); /* its name stands beside it, below the numbers at least */
        (void)area_put_cut(a, 3, plan_max(line, 1), g->strip_x - 4, ROLE_DIM, 0, r->strip.threshold_text);
    }
    if (r->strip.v) {
        struct chart_style st = part_chart_style(ctx, r->severity, r->now.stale);
        double usual = isnan(r->then.v) ? lowest(&r->strip, ax->columns) : r->then.v;
        if (isfinite(r->now.v) && isfinite(usual) && r->now.v != usual) {
            st.split = (r->now.v + usual) / 2; /* nearer to what is now than to what is usual */
            st.split_below = r->now.v < usual;
        }
        struct vstrip strip = r->strip;
        if (r->difference && strip.floor == 0) {
            strip.floor = chart_floor(&strip, ax->columns); /* what is compared in points is a share: its changes are small */
        }
        chart_strip(strip_area(a, g), ax, &strip, &st);
    }
}

static bool is_omitted(const struct vrow *r, const struct part_omit *omit)
{
    for (int k = 0; omit && r->label && k < 2; k++) {
        for (size_t i = 0; i < omit->count[k]; i++) {
            if (omit->rows[k][i].label && strcmp(omit->rows[k][i].label, r->label) == 0) {
                return true;
            }
        }
    }
    return false;
}

size_t part_signal_count(const struct vrow *rows, size_t count, const struct part_omit *omit)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        n += !is_omitted(&rows[i], omit);
    }
    return n;
}

/* Who gets height first when there are rows to spare. The first two are beyond a threshold that is drawn, by the word of its rule. */
enum height_class { HEIGHT_PAGES, HEIGHT_TICKETS, HEIGHT_THRESHOLD, HEIGHT_SEVERE, HEIGHT_PLAIN, HEIGHT_NONE, HEIGHT_CLASSES };
static const int height_extra[HEIGHT_CLASSES] = {TALL_ROWS - 1, TALL_ROWS - 1, TALL_ROWS - 1, TALL_ROWS - 1, 1, 0};

static enum height_class class_of(const struct vrow *r)
{
    if (r->sub || !r->strip.v || r->now.unsplit != 0) {
        return HEIGHT_NONE;
    }
    if (isfinite(r->strip.threshold) && r->strip.threshold != 0) {
        return r->severity == SEV_PAGE ? HEIGHT_PAGES : r->severity != SEV_NONE ? HEIGHT_TICKETS : HEIGHT_THRESHOLD;
    }
    return r->severity != SEV_NONE ? HEIGHT_SEVERE : HEIGHT_PLAIN;
}

static void count_classes(const struct vrow *rows, size_t count, const struct part_omit *omit, int ret[HEIGHT_CLASSES])
{
    memset(ret, 0, HEIGHT_CLASSES * sizeof *ret);
    for (size_t i = 0; i < count && i < CANVAS_SIDE_MAX; i++) {
        ret[class_of(&rows[i])] += !is_omitted(&rows[i], omit);
    }
}

int part_signal_firing(const struct vrow *rows, size_t count, const struct part_omit *omit)
{
    int n[HEIGHT_CLASSES];
    count_classes(rows, count, omit, n);
    return n[HEIGHT_PAGES] + n[HEIGHT_TICKETS] > 0 ? TALL_ROWS - 1 : 0;
}

/* How many rows of each class are drawn tall. Plain ones all or none: an odd one among them would look like a finding. */
static void grant(int spare, int n[HEIGHT_CLASSES])
{
    for (int c = 0; c < HEIGHT_NONE; c++) {
        int fit = spare > 0 ? spare / height_extra[c] : 0;
        n[c] = c == HEIGHT_PLAIN && fit < n[c] ? 0 : fit < n[c] ? fit : n[c];
        spare -= n[c] * height_extra[c];
    }
}

int part_signal_tall(const struct vrow *rows, size_t count, const struct part_omit *omit, int spare, bool all)
{
    int n[HEIGHT_CLASSES], extra = 0;
    count_classes(rows, count, omit, n);
    n[HEIGHT_PLAIN] = all ? n[HEIGHT_PLAIN] : 0;
    grant(spare, n);
    for (int c = 0; c < HEIGHT_NONE; c++) {
        extra += n[c] * height_extra[c];
    }
    return extra;
}

/* Whether the nth of all rows of a class is among those that are drawn tall: the first ones, but of those that fire the last. A whole
 * stands before its parts, and the part that fires tells more. */
static bool is_tall(enum height_class c, int nth, int all, int tall)
{
    return c <= HEIGHT_TICKETS ? nth >= all - tall : nth < tall;
}

/* Of rows without a severity, how many are drawn: where not all of total fit, those that fire or have drifted go first. */
static size_t plain_rows(int height, size_t total, const struct vrow *rows, size_t count, const struct part_omit *omit)
{
    const size_t room = height > 0 ? (size_t)height : 0;
    size_t severe = 0;
    for (size_t i = 0; i < count; i++) {
        severe += rows[i].severity != SEV_NONE && !rows[i].sub && !is_omitted(&rows[i], omit);
    }
    return total <= room ? total : room > severe + 1 ? room - 1 - severe : 0;
}

int part_signal_rows(struct area a, const struct layout_grid *g, const struct view_axis *ax, const struct vrow *rows, size_t count,
                     const struct part_omit *omit, const struct draw_ctx *ctx)
{
    int all[HEIGHT_CLASSES], tall[HEIGHT_CLASSES], seen[HEIGHT_CLASSES] = {0};
    size_t total = part_signal_count(rows, count, omit);
    count_classes(rows, count, omit, all);
    memcpy(tall, all, sizeof tall);
    /* where not all rows fit, details of a row go before rows do */
    bool subs = total <= (size_t)(a.r.h > 0 ? a.r.h : 0);
    size_t mains = 0;
    for (size_t i = 0; i < count; i++) {
        mains += !rows[i].sub && !is_omitted(&rows[i], omit);
    }
    total = subs || mains == 0 ? total : mains;
    grant(a.r.h - (total < CANVAS_SIDE_MAX ? (int)total : CANVAS_SIDE_MAX), tall);
    int y = 0;
    size_t drawn = 0, plain = plain_rows(a.r.h, total, rows, count, omit);
    for (size_t i = 0; i < count && y < a.r.h; i++) {
        if (is_omitted(&rows[i], omit) || (rows[i].sub && !subs && mains > 0) || (rows[i].severity == SEV_NONE && plain == 0)) {
            continue;
        }
        plain -= rows[i].severity == SEV_NONE ? 1 : 0;
        if (part_cut(a, y, drawn, total)) {
            return a.r.h;
        }
        enum height_class c = class_of(&rows[i]);
        int h = 1 + (is_tall(c, seen[c]++, all[c], tall[c]) ? height_extra[c] : 0);
        part_signal_row(area_sub(a, 0, y, a.r.w, h), g, ax, &rows[i], rows, count, ctx);
        y += h;
        drawn++;
    }
    if (drawn < total && y > 0 && y < a.r.h) {
        (void)area_putf(a, 1, y++, ROLE_DIM, "+%zu more", total - drawn);
    }
    return y;
}
