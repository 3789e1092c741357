/* SPDX-License-Identifier: MIT */
#include "ui/draw/part.h"

#include <math.h>
#include <string.h>

#include "base/safe_text.h"
#include "base/str.h"
#include "ui/draw/plan.h"

void part_rule(struct area a, enum role title_role, const char *title, const char *right, const struct draw_ctx *ctx)
{
    const struct glyph_set *g = glyph_set(ctx->rung);
    for (int x = 0; x < a.r.w; x++) {
        area_rune(a, x, 0, ROLE_RULE, 0, g->hline);
    }
    int end = 1;
    if (title && *title) {
        area_rune(a, 1, 0, ROLE_RULE, 0, ' ');
        end = 2 + area_put_cut(a, 2, 0, a.r.w - 4, title_role, CELL_BOLD, title);
        area_rune(a, end++, 0, ROLE_RULE, 0, ' ');
    }
    int width = right ? (int)utf8_columns(str_of(right)) : 0;
    if (width > 0 && a.r.w - width - 3 > end) {
        int x = a.r.w - width - 2;
        area_rune(a, x, 0, ROLE_RULE, 0, ' ');
        (void)area_put(a, x + 1, 0, ROLE_DIM, right);
        area_rune(a, a.r.w - 1, 0, ROLE_RULE, 0, ' ');
    }
}

void part_rule_head(struct area rule, int x, int width, const char *title)
{
    int columns = (int)utf8_columns(str_of(title));
    if (width > 0 && columns > 0) {
        int at = x + width - columns;
        area_rune(rule, at - 1, 0, ROLE_RULE, 0, ' ');
        (void)area_put(rule, at, 0, ROLE_DIM, title);
        area_rune(rule, at + columns, 0, ROLE_RULE, 0, ' ');
    }
}

void part_empty(struct area a, const char *text)
{
    (void)area_wrap(area_sub(a, 1, 0, a.r.w - 2, a.r.h), 0, 0, ROLE_DIM, text);
}

void part_loading(struct area a, const struct draw_ctx *ctx)
{
    (void)ctx;
    part_empty(a, "reading the store ...");
}

bool part_cut(struct area rows, int y, size_t at, size_t count)
{
    if (y == 0 || y != rows.r.h - 1 || count - at <= 1) {
        return false;
    }
    (void)area_putf(rows, 1, y, ROLE_DIM, "+%zu more", count - at);
    return true;
}

bool part_is_silent(const struct draw_ctx *ctx)
{
    const struct view_frame *f = ctx->frame;
    return f && f->live && f->ended_ms == 0 && f->sources_all > 0 && view_answering(f) == 0;
}

void part_fade(struct area a, const struct draw_ctx *ctx)
{
    static const enum role fading[] = {ROLE_TEXT, ROLE_STRONG, ROLE_PAGE, ROLE_STRIP};
    for (size_t i = 0; part_is_silent(ctx) && i < sizeof fading / sizeof *fading; i++) {
        area_replace(a, fading[i], fading[i] == ROLE_STRIP ? ROLE_STRIP_STALE : ROLE_STALE);
    }
}

enum role part_severity_role(enum severity s, enum role normal)
{
    return s == SEV_PAGE ? ROLE_PAGE : s == SEV_TICKET ? ROLE_TICKET : normal;
}

const char *part_unsplit_text(uint32_t dims, char out[PART_UNSPLIT_MAX])
{
    size_t n = 0;
    out[0] = '\0';
    for (int d = 0; d < DIM_COUNT; d++) {
        if ((dims & DIM_BIT(d)) != 0) {
            (void)str_format(out + n, PART_UNSPLIT_MAX - n, "%s %s", n ? " and" : "not split by", dim_name((enum dim)d));
            n = strlen(out);
        }
    }
    return out;
}

enum role part_num_role(const struct vnum *n, enum role fresh)
{
    return n->stale ? ROLE_STALE : fresh;
}

const char *part_stale_text(int64_t age_ms, int width, char out[NUMFMT_MAX])
{
    char age[NUMFMT_MAX];
    (void)str_format(out, NUMFMT_MAX, "STALE %s", numfmt_age(age_ms, age));
    if (age_ms <= 0 || (int)strlen(out) > width) {
        (void)str_copy(out, NUMFMT_MAX, str_of("STALE"));
    }
    return out;
}

int64_t part_age(const struct vnum *const *numbers, size_t count)
{
    int64_t oldest = PART_FRESH;
    for (size_t i = 0; i < count; i++) {
        if (numbers[i]->stale && !isnan(numbers[i]->v) && numbers[i]->age_ms > oldest) {
            oldest = numbers[i]->age_ms;
        }
    }
    return oldest;
}

struct chart_style part_chart_style(const struct draw_ctx *ctx, enum severity s, bool stale)
{
    struct chart_style st = {.rung = ctx->rung, .colour = ctx->colour};
    st.usual = stale ? ROLE_STRIP_STALE : ROLE_STRIP;
    st.unusual = stale ? ROLE_STRIP_STALE : part_severity_role(s, ROLE_STRIP);
    return st;
}

struct part_list part_list_of(struct area a, size_t count, const struct draw_ctx *ctx)
{
    int rows = a.r.h > 0 ? a.r.h : 0;
    int all = count > 1000000 ? 1000000 : (int)count;
    struct part_list l = {.selected = ctx->focus && ctx->selected >= 0 && all > 0 ? ctx->selected : -1};
    l.selected = l.selected >= all ? all - 1 : l.selected;
    l.first = ctx->scroll < 0 ? 0 : ctx->scroll;
    if (l.selected >= 0 && l.selected < l.first) {
        l.first = l.selected;
    }
    if (l.selected >= 0 && rows > 0 && l.selected >= l.first + rows) {
        l.first = l.selected - rows + 1;
    }
    if (l.first > all - rows) {
        l.first = all > rows ? all - rows : 0;
    }
    l.shown = all - l.first < rows ? all - l.first : rows;
    ctx->out->rows = all;
    ctx->out->page = rows;
    ctx->out->scroll = l.first;
    ctx->out->list = a.r;
    return l;
}

void part_list_mark(struct area row, const struct part_list *l, int visible)
{
    if (l->selected >= 0 && l->first + visible == l->selected) {
        area_ground(row, ROLE_SELECTION);
        area_replace(row, ROLE_DIM, ROLE_TEXT); /* grey on the grey of a selection is not read */
    }
}

const char *part_list_range(const struct part_list *l, size_t count, char out[32])
{
    out[0] = '\0';
    if (l->shown > 0 && (size_t)l->shown < count) {
        (void)str_format(out, 32, "%d-%d of %zu", l->first + 1, l->first + l->shown, count);
    }
    return out;
}

struct part_table part_table_fit(const struct part_col *cols, int count, int width, int flex, int flex_max)
{
    struct part_table t = {.col = cols, .count = count < PART_COLS_MAX ? count : PART_COLS_MAX};
    int used = 1;
    for (int i = 0; i < t.count; i++) {
        t.w[i] = cols[i].width;
        used += cols[i].width > 0 ? cols[i].width + 1 : 0;
    }
    while (used > width) {
        int worst = -1;
        for (int i = 0; i < t.count; i++) {
            if (t.w[i] > 0 && cols[i].rank > 0 && (worst < 0 || cols[i].rank >= cols[worst].rank)) {
                worst = i;
            }
        }
        if (worst < 0) {
            break;
        }
        used -= t.w[worst] + 1;
        t.w[worst] = 0;
    }
    if (flex >= 0 && flex < t.count && t.w[flex] > 0 && used < width) {
        t.w[flex] = plan_max(t.w[flex], plan_min(t.w[flex] + width - used, flex_max));
    }
    int x = 1;
    for (int i = 0; i < t.count; i++) {
        t.x[i] = x;
        x += t.w[i] > 0 ? t.w[i] + 1 : 0;
    }
    return t;
}

void part_table_head(struct area row, const struct part_table *t, const struct draw_ctx *ctx)
{
    int sort = ctx->sort < 0 ? -ctx->sort : ctx->sort;
    for (int i = 0; i < t->count; i++) {
        if (t->w[i] == 0) {
            continue;
        }
        bool sorted = sort != 0 && t->col[i].sort == sort;
        part_table_put(row, t, i, sorted ? ROLE_STRONG : ROLE_DIM, 0, t->col[i].title);
        if (sorted) {
            /* in the blank after the column: the title stays above its numbers */
            int title = (int)utf8_columns(str_of(t->col[i].title));
            int x = t->col[i].left ? t->x[i] + plan_min(title, t->w[i]) : t->x[i] + t->w[i];
            area_rune(row, x, 0, ROLE_STRONG, CELL_BOLD, ctx->sort < 0 ? glyph_set(ctx->rung)->down : glyph_set(ctx->rung)->up);
        }
    }
}

void part_table_put(struct area row, const struct part_table *t, int col, enum role role, uint8_t attr, const char *text)
{
    if (col >= t->count || t->w[col] == 0) {
        return;
    }
    if (t->col[col].left) {
        (void)area_put_cut(row, t->x[col], 0, t->w[col], role, attr, text);
    } else {
        (void)area_put_right(row, t->x[col], 0, t->w[col], role, attr, text);
    }
}

void part_table_put_name(struct area row, const struct part_table *t, int col, enum role role, uint8_t attr, const char *name,
                         const struct part_names *among)
{
    char text[PART_NAME_MAX];
    part_table_put(row, t, col, role, attr, part_name_cut(name, t->w[col], among, text));
}

void part_table_put_age(struct area row, const struct part_table *t, int col, int64_t age_ms)
{
    char text[NUMFMT_MAX];
    if (col < t->count && age_ms != PART_FRESH) {
        part_table_put(row, t, col, ROLE_TICKET, 0, part_stale_text(age_ms, t->w[col], text));
    }
}
