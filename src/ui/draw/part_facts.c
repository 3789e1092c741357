/* SPDX-License-Identifier: MIT */
#include "ui/draw/part_facts.h"

#include <math.h>
#include <string.h>

#include "base/safe_text.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/plan.h"

enum { TEXT_MAX = 1024 };    /* a suspect's reasons, whole */
enum { HITS_AGE_COLS = 46 }; /* of the table of who is hit, from which on it has room for an age */

static void rule_heads(struct area row, const struct part_table *t)
{
    for (int i = 1; i < t->count; i++) {
        part_rule_head(row, t->x[i], t->w[i], t->col[i].title);
    }
}

/* Of now, the time that was measured goes after bad and nobody; of answers, the objective's threshold after the title and in nobody. */
static const struct {
    const char *title, *bad, *nobody;
} hit_words[2][PART_HITS_OVER + 1] = {
    {
        [PART_HITS_NOW] = {"who is hit", "fail ", "nobody: no failed request in the last "},
        [PART_HITS_SINCE] = {"hit so far", "failed", "nobody: no failed request of its scope since its onset"},
        [PART_HITS_OVER] = {"who was hit", "failed", "nobody: no failed request of its scope while it lasted"},
    },
    {
        [PART_HITS_NOW] = {"who waits > ", "slow ", "nobody: no answer so slow in the last "},
        [PART_HITS_SINCE] = {"who waits > ", "slow", "nobody: no answer so slow since its onset"},
        [PART_HITS_OVER] = {"who waited > ", "slow", "nobody: no answer so slow while it lasted"},
    },
};

/* HIT_OLD: only while a row is. HIT_REFUSED: only where a row has some, and the share is of both then. */
enum hit_col { HIT_TEAM, HIT_BAR, HIT_BAD, HIT_REFUSED, HIT_SHARE, HIT_COST, HIT_OLD, HIT_COLS };
static const struct part_col hit_cols[HIT_COLS] = {
    [HIT_TEAM] = {"", 12, true, 0, 0},
    [HIT_BAR] = {"", 8, true, 3, 0},
    [HIT_BAD] = {"", 7, false, 0, 0},
    [HIT_REFUSED] = {"refused", 7, false, 0, 0},
    [HIT_SHARE] = {"share", 6, false, 1, 0},
    [HIT_COST] = {"$/h", 7, false, 2, 0},
    [HIT_OLD] = {"", PART_STALE_COLS, false, 0, 0},
};

/* Bars have the hue of the verdict: that some requests fail is no severity by itself. */
static enum role hit_role(const struct draw_ctx *ctx)
{
    enum verdict_state s = ctx->frame ? ctx->frame->verdict.state : VERDICT_UNKNOWN;
    return s == VERDICT_PAGE ? ROLE_PAGE : s == VERDICT_TICKET ? ROLE_TICKET : ROLE_STRIP;
}

/* Of bad ones there is always a count: where it is stale, it is shown. */
static int64_t hit_age(const struct vhit *h)
{
    const struct vnum bad = {.v = (double)h->bad, .stale = h->stale, .age_ms = h->age_ms}, *const shown[] = {&bad, &h->cost_per_h};
    return part_age(shown, sizeof shown / sizeof *shown);
}

static bool any_hit_old(const struct vhits *hits)
{
    for (size_t i = 0; i < hits->count; i++) {
        if (hit_age(&hits->list[i]) != PART_FRESH) {
            return true;
        }
    }
    return false;
}

static bool any_refused(const struct vhits *hits)
{
    for (size_t i = 0; i < hits->count; i++) {
        if (hits->list[i].refusals) {
            return true;
        }
    }
    return false;
}

/* What the bar is of. */
static uint64_t lost_of(const struct vhit *h)
{
    return h->bad + (h->refusals ? h->refused : 0);
}

static const char *hit_at(const struct part_names *names, size_t i, char *out, size_t cap)
{
    const struct vhits *hits = names->list;
    return mask_name(names->ctx->mask, hits->dim, hits->list[i].name, out, cap);
}

static void hit_row(struct area row, const struct part_table *t, const struct part_names *teams, size_t i, uint64_t most,
                    const struct draw_ctx *ctx)
{
    char text[TEXT_MAX], count[NUMFMT_MAX];
    const struct vhit *h = &((const struct vhits *)teams->list)->list[i];
    enum role name = h->stale ? ROLE_STALE : h->is_other ? ROLE_DIM : ROLE_TEXT;
    part_table_put_name(row, t, HIT_TEAM, name, 0, hit_at(teams, i, text, sizeof text), teams);
    if (t->w[HIT_BAR] > 0) {
        chart_cell_bar(row, t->x[HIT_BAR], 0, t->w[HIT_BAR], (double)lost_of(h), (double)most, h->stale ? ROLE_STRIP_STALE : hit_role(ctx),
                       ctx->rung);
    }
    (void)str_format(text, sizeof text, "%s%s", exact_mark(h->exact), numfmt_count((double)h->bad, count));
    part_table_put(row, t, HIT_BAD, h->stale ? ROLE_STALE : ROLE_TEXT, 0, text);
    (void)str_format(text, sizeof text, "%s%s", exact_mark(h->exact), numfmt_count((double)h->refused, count));
    part_table_put(row, t, HIT_REFUSED, h->stale ? ROLE_STALE : h->refused > 0 ? ROLE_TEXT : ROLE_DIM, 0, text);
    part_table_put(row, t, HIT_SHARE, h->stale ? ROLE_STALE : ROLE_DIM, 0, numfmt_share(h->share, text));
    part_table_put(row, t, HIT_COST, part_num_role(&h->cost_per_h, ROLE_TEXT), 0, numfmt_vnum(&h->cost_per_h, text));
    part_table_put_age(row, t, HIT_OLD, hit_age(h));
}

/* Why nobody is listed. */
static const char *hit_none(const struct vhits *hits, const char *nobody, const struct draw_ctx *ctx)
{
    const struct view_frame *f = ctx->frame;
    return f && f->recorder_missing     ? "not known: nothing has been recorded since"
           : part_is_silent(ctx)        ? "not known: no source answers"
           : f && f->requests_uncounted ? "not known: counters of requests go up and down"
           : hits->note && *hits->note  ? hits->note
                                        : nobody;
}

const char *part_hit_text(const struct vhit *h, char *out, size_t cap)
{
    char bad[NUMFMT_MAX], refused[NUMFMT_MAX], share[NUMFMT_MAX];
    const char *mark = exact_mark(h->exact);
    (void)numfmt_count((double)h->bad, bad);
    (void)numfmt_count((double)h->refused, refused);
    (void)numfmt_share(h->share, share);
    if (!h->refusals) {
        (void)str_format(out, cap, "%s%s (%s)", mark, bad, share);
    } else if (h->bad == 0) {
        (void)str_format(out, cap, "%s%s refused (%s)", mark, refused, share);
    } else {
        (void)str_format(out, cap, "%s%s and %s%s refused (%s)", mark, bad, mark, refused, share);
    }
    return out;
}

int part_hits_want(const struct vhits *hits, int width)
{
    return hits->count > 0 || !hits->note ? plan_max(plan_count(hits->count), 1) : plan_max(area_wrap_rows(width - 2, hits->note), 1);
}

void part_hits(struct area a, const struct vhits *hits, enum part_hits when, bool list, const struct draw_ctx *ctx)
{
    struct part_col cols[HIT_COLS];
    memcpy(cols, hit_cols, sizeof cols);
    const char *over = hits->over ? hits->over : "", *measured = when == PART_HITS_NOW ? part_measured(ctx) : "";
    const int slow = *over ? 1 : 0;
    char bad[NUMFMT_MAX], title[NUMFMT_MAX], nobody[TEXT_MAX];
    (void)str_format(title, sizeof title, "%s%s", hit_words[slow][when].title, over);
    (void)str_format(bad, sizeof bad, "%s%s", hit_words[slow][when].bad, measured);
    (void)str_format(nobody, sizeof nobody, "%s%s", hit_words[slow][when].nobody, measured);
    cols[HIT_BAD].title = bad;
    cols[HIT_REFUSED].width = any_refused(hits) ? cols[HIT_REFUSED].width : 0;
    cols[HIT_OLD].width = a.r.w < HITS_AGE_COLS ? PART_STALE_COLS_LEAST : PART_STALE_COLS;
    struct part_table t = part_table_fit(cols, any_hit_old(hits) ? HIT_COLS : HIT_OLD, a.r.w, HIT_TEAM, 40);
    part_rule(area_row(a, 0), ROLE_TITLE, title, NULL, ctx);
    struct area rows = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    if (hits->count == 0) {
        part_empty(rows, hit_none(hits, nobody, ctx));
        return;
    }
    rule_heads(area_row(a, 0), &t);
    uint64_t most = 0;
    for (size_t i = 0; i < hits->count; i++) {
        most = lost_of(&hits->list[i]) > most ? lost_of(&hits->list[i]) : most;
    }
    const struct part_names teams = {.list = hits, .count = hits->count, .ctx = ctx, .at = hit_at};
    struct part_list l = {0, rows.r.h, -1};
    if (list) {
        l = part_list_of(rows, hits->count, ctx);
    }
    for (int y = 0; y < rows.r.h && (size_t)(l.first + y) < hits->count; y++) {
        if (!list && part_cut(rows, y, (size_t)y, hits->count)) {
            return;
        }
        hit_row(area_row(rows, y), &t, &teams, (size_t)(l.first + y), most, ctx);
        part_list_mark(area_row(rows, y), &l, y);
    }
    part_fade(rows, ctx);
    if (l.selected >= 0) {
        ctx->out->name = hits->list[l.selected].is_other ? NULL : hits->list[l.selected].name;
        ctx->out->dim = hits->dim;
    }
}

/* Rows of one sentence, wrapped: what it asks for before others have theirs, and how far it goes when rows are left over. */
enum { SENTENCE_ROWS = 2, SENTENCE_ROWS_WHOLE = 8, PAGE_ROWS = 4 };

static int reason_rows(const char *reason, int width, int most)
{
    int rows = reason && *reason ? area_wrap_rows(width - 5, reason) : 0;
    return rows > most ? most : rows;
}

static int suspects_rows(const struct vsuspect *s, size_t count, const char *note, int width, int most)
{
    int rows = note && *note ? plan_max(plan_min(area_wrap_rows(width - 3, note), most), 1) : 0;
    for (size_t i = 0; i < count && rows < CANVAS_SIDE_MAX; i++) {
        rows += 1 + reason_rows(s[i].reason, width, most) + reason_rows(s[i].reason2, width, most);
    }
    return rows;
}

/* Lines of pages that are shown: of what is posted or not known, and one more. */
static int page_lines(const struct part_suspected *s)
{
    int lines = 0;
    for (size_t i = 0; i < s->page_count && lines < PAGE_ROWS; i++) {
        lines += i == 0 || s->pages[i - 1].state != VPAGE_CLEAR;
    }
    return lines;
}

static int pages_posted(const struct part_suspected *s)
{
    int posted = 0;
    for (size_t i = 0; i < s->page_count && posted < PAGE_ROWS; i++) {
        posted += s->pages[i].state != VPAGE_CLEAR;
    }
    return posted;
}

/* Rows of one: two of what is posted, where it does not fit one. */
static int page_line_rows(const struct vpage *g, int width)
{
    return g->state == VPAGE_POSTED ? plan_min(plan_max(area_wrap_rows(width - 3, g->text), 1), SENTENCE_ROWS) : 1;
}

static int page_rows(const struct part_suspected *s, int width)
{
    int rows = 0;
    for (int i = 0; i < page_lines(s); i++) {
        rows += page_line_rows(&s->pages[i], width);
    }
    return rows;
}

int part_suspects_want(const struct part_suspected *s, int width, bool whole)
{
    int rows = suspects_rows(s->list, s->count, s->note, width, whole ? SENTENCE_ROWS_WHOLE : SENTENCE_ROWS);
    return plan_max(rows, s->page_count > 0 ? 1 : 0) + page_rows(s, width) + (s->like && *s->like ? 1 : 0);
}

/* Whether "title: reason" fits a row, and there is nothing else to say. */
static bool fits_line(const struct vsuspect *s, int width)
{
    size_t reason = s->reason && *s->reason ? 2 + utf8_columns(str_of(s->reason)) : 0;
    return 3 + utf8_columns(str_of(s->title)) + reason <= (size_t)plan_max(width, 0) && !(s->reason2 && *s->reason2);
}

static void suspect_line(struct area row, size_t i, const struct vsuspect *s, bool roomy, const struct draw_ctx *ctx)
{
    char text[TEXT_MAX];
    (void)area_putf(row, 1, 0, ROLE_ACCENT, "%zu", i + 1);
    int x = 3 + area_put_cut(row, 3, 0, row.r.w - 3, s->weak ? ROLE_DIM : ROLE_STRONG, s->weak ? 0 : CELL_BOLD,
                             mask_text(ctx->mask, s->title, text, sizeof text));
    if (!roomy && s->reason && *s->reason) {
        x += area_put(row, x, 0, ROLE_DIM, ": ");
        (void)area_put_cut(row, x, 0, row.r.w - x, ROLE_DIM, 0, mask_text(ctx->mask, s->reason, text, sizeof text));
    }
}

/* Returns the rows that it took. */
static int draw_suspects(struct area a, const struct vsuspect *s, size_t count, const char *note, size_t selected,
                         const struct draw_ctx *ctx)
{
    bool has_note = note && *note;
    const char *first = count > 0 && !s[0].weak ? NULL : note; /* who is healthy comes after why somebody is suspected */
    int most = SENTENCE_ROWS_WHOLE;                            /* rows of a reason, down to none of its own */
    while (most > 0 && suspects_rows(s, count, first, a.r.w, most) > a.r.h) {
        most--;
    }
    char text[TEXT_MAX];
    int y = 0;
    if (count == 0 && !has_note) {
        part_empty(a, part_is_silent(ctx) ? "not known: no source answers" : "none");
        return 1;
    }
    int spare = a.r.h - suspects_rows(s, count, first, a.r.w, most); /* who is first in rank says all that these can hold */
    for (size_t i = 0; i < count && y < a.r.h; i++) {
        if (part_cut(a, y, i, count)) {
            return a.r.h;
        }
        bool roomy = most > 0 || (spare > 0 && !fits_line(&s[i], a.r.w));
        suspect_line(area_row(a, y), i, &s[i], roomy, ctx);
        if (i + 1 == selected) {
            area_ground(area_row(a, y), ROLE_SELECTION);
            ctx->out->at_ms = s[i].at_ms;
        }
        y++;
        const char *reasons[2] = {s[i].reason, s[i].reason2};
        int own = reason_rows(reasons[0], a.r.w, most) + reason_rows(reasons[1], a.r.w, most), room = roomy ? own + plan_max(spare, 0) : 0;
        spare -= room - own;
        for (int k = 0; k < 2; k++) { /* the first is whole before there is a second */
            int rows = reason_rows(reasons[k], a.r.w, plan_min(room, SENTENCE_ROWS_WHOLE));
            (void)area_wrap(area_sub(a, 5, y, a.r.w - 5, rows), 0, 0, ROLE_DIM, mask_text(ctx->mask, reasons[k], text, sizeof text));
            room -= rows;
            y += rows;
        }
        spare += room;
    }
    if (has_note && y < a.r.h) {
        y += area_wrap(area_sub(a, 3, y, a.r.w - 3, a.r.h - y), 0, 0, ROLE_DIM, mask_text(ctx->mask, note, text, sizeof text));
    }
    return y;
}

/* A provider's word for itself: context, and no more than that where nothing is posted. */
static void page_line(struct area a, const struct vpage *g)
{
    const enum role role = g->state == VPAGE_POSTED ? ROLE_TEXT : ROLE_DIM;
    if (a.r.h > 1) {
        (void)area_wrap(a, 0, 0, role, g->text);
    } else {
        (void)area_put_cut(a, 0, 0, a.r.w, role, 0, g->text);
    }
}

void part_suspects(struct area whole, const struct part_suspected *s, const struct draw_ctx *ctx)
{
    const int titles = plan_max(plan_count(s->count), 1);
    const int before = s->like && *s->like && whole.r.h > titles + pages_posted(s) ? 1 : 0; /* what is posted now is of more use */
    const struct area a = area_sub(whole, 0, 0, whole.r.w, whole.r.h - before);
    const int lines = plan_min(page_lines(s), plan_max(a.r.h - titles, 0));
    const int told = suspects_rows(s->list, s->count, s->note, a.r.w, SENTENCE_ROWS); /* reasons come before a second row of a page */
    const int rows = plan_min(page_rows(s, a.r.w), plan_max(lines, a.r.h - plan_max(told, 1)));
    int y = draw_suspects(area_sub(a, 0, 0, a.r.w, a.r.h - rows), s->list, s->count, s->note, s->selected, ctx), spare = rows - lines;
    for (int i = 0; i < lines; i++) {
        const int h = 1 + plan_max(plan_min(page_line_rows(&s->pages[i], a.r.w) - 1, spare), 0);
        page_line(area_sub(a, 3, y, a.r.w - 3, h), &s->pages[i]);
        spare -= h - 1;
        y += h;
    }
    if (before > 0) {
        char text[TEXT_MAX], masked[TEXT_MAX];
        (void)str_format(text, sizeof text, "like %s", s->like);
        (void)area_put_cut(area_row(whole, y), 3, 0, whole.r.w - 3, ROLE_DIM, 0, mask_text(ctx->mask, text, masked, sizeof masked));
    }
}

enum { ENTRY_TEXT_X = 13 }; /* columns before an entry's text */

static int entry_rows(const struct timeline_entry *e, int width, int most)
{
    int rows = area_wrap_rows(width - ENTRY_TEXT_X, e->text);
    return rows < 1 ? 1 : rows > most ? most : rows;
}

static int timeline_rows(const struct timeline_entry *t, size_t count, int width, int most)
{
    int rows = 0;
    for (size_t i = 0; i < count && rows < CANVAS_SIDE_MAX; i++) {
        rows += entry_rows(&t[i], width, most);
    }
    return rows;
}

int part_timeline_want(const struct timeline_entry *t, size_t count, int width, bool whole)
{
    return timeline_rows(t, count, width, whole ? SENTENCE_ROWS_WHOLE : SENTENCE_ROWS);
}

static void put_entry(struct area a, const struct timeline_entry *e, const struct draw_ctx *ctx)
{
    char at[TIMEFMT_MAX], text[TEXT_MAX];
    const bool hollow = e->known_ms > e->at_ms + VIEW_FOUND_LATER_MS;
    instant_format_clock(e->at_ms, at);
    (void)area_putf(a, 1, 0, ROLE_DIM, "%.8s", at);
    if (e->letter > ' ' && e->letter < 0x7f) {
        area_rune(a, 11, 0, chart_mark_role(e->letter, hollow), CELL_BOLD, (uint32_t)e->letter);
    }
    (void)mask_text(ctx->mask, e->text, text, sizeof text);
    if (a.r.h > 1) {
        (void)area_wrap(area_sub(a, ENTRY_TEXT_X, 0, a.r.w - ENTRY_TEXT_X, a.r.h), 0, 0, ROLE_TEXT, text);
    } else {
        (void)area_put_cut(a, ENTRY_TEXT_X, 0, a.r.w - ENTRY_TEXT_X, ROLE_TEXT, 0, text);
    }
}

void part_timeline(struct area a, const struct timeline_entry *t, size_t count, const struct draw_ctx *ctx)
{
    const size_t first = count > (size_t)a.r.h ? count - (size_t)a.r.h : 0; /* where not all fit, the newest matter */
    int most = SENTENCE_ROWS_WHOLE;
    while (most > 1 && timeline_rows(t, count, a.r.w, most) > a.r.h) {
        most--;
    }
    int y = 0;
    for (size_t i = first; y < a.r.h && i < count; i++) {
        int rows = entry_rows(&t[i], a.r.w, most);
        put_entry(area_sub(a, 0, y, a.r.w, rows), &t[i], ctx);
        y += rows;
    }
}

/* "380x/5m", "49x/<1h" while the window is younger than its length, "?/5m" without an observation; right-aligned in width columns, or as
 * many as it needs. */
static int put_burn(struct area row, int x, int width, const struct vnum *burn, const char *window, bool young, enum severity sev)
{
    char times[NUMFMT_MAX], text[2 * NUMFMT_MAX];
    bool known = !isnan(burn->v);
    (void)str_format(text, sizeof text, "%s%s/%s%s", known ? exact_mark(burn->exact) : "",
                     known ? numfmt_times(burn->v, times) : NUMFMT_UNKNOWN, young ? "<" : "", window);
    enum role role = !known ? ROLE_UNKNOWN : burn->stale ? ROLE_STALE : burn->v >= 1 ? part_severity_role(sev, ROLE_TEXT) : ROLE_DIM;
    width = plan_max(width, (int)utf8_columns(str_of(text)));
    return area_put_right(row, x, 0, width, role, 0, text);
}

/* What is left of the budget, and when it is gone; returns the columns that it takes, cut or not. */
static int put_left(struct area row, int x, const struct vslo *s, const char *rate)
{
    char gone[TEXT_MAX];
    int from = x;
    enum role role = s->budget_left.stale      ? ROLE_STALE
                     : s->budget_left.v < 0    ? ROLE_PAGE
                     : s->severity != SEV_NONE ? ROLE_TICKET
                                               : ROLE_TEXT;
    x += area_put(row, x, 0, isnan(s->budget_left.v) ? ROLE_UNKNOWN : role, s->left_text);
    if (s->gone_text[0] != '\0') {
        (void)str_format(gone, sizeof gone, ", %s%s%s", s->gone_text, s->end == VSLO_ENDS ? " " : "", s->end == VSLO_ENDS ? rate : "");
        (void)area_put_cut(row, x, 0, row.r.w - x, role, 0, gone);
        x += (int)utf8_columns(str_of(gone));
    }
    return x - from;
}

/* The words that a narrow row can do without. */
struct slo_form {
    bool target; /* the objective and its period */
    const char *rate;
    bool spender; /* who spent most of the budget */
    int name;     /* columns that the name may take, at most */
};

/* Returns the columns that it takes, cut or not. */
static int put_slo(struct area row, const struct vslo *s, const struct slo_form *form, const struct draw_ctx *ctx)
{
    char text[TEXT_MAX], period[NUMFMT_MAX], name[PART_NAME_MAX];
    bool wide = row.r.w >= 100; /* rows of several objectives stand in columns then; below, every column counts */
    int burn_w = wide ? 8 : 0;
    int x = 1 + area_put_attr(row, 1, 0, ROLE_TEXT, CELL_BOLD, "SLO ");
    x += area_put_cut(row, x, 0, wide ? 24 : form->name, ROLE_TEXT, CELL_BOLD, part_name_cut(s->name, wide ? 24 : form->name, NULL, name));
    (void)str_format(text, sizeof text, " %g%%/%s", s->objective * 100, numfmt_age(s->period_ms, period));
    x += form->target ? area_put_cut(row, x, 0, 14, ROLE_DIM, 0, text) : 0;
    x += (s->reach == VSLO_UNSPLIT ? area_put(row, x, 0, ROLE_ACCENT, " of all") : 0) + 2; /* the filter does not reach it */
    x = wide && x < 40 ? 40 : x;
    x += row.r.w >= 120 ? area_put(row, x, 0, ROLE_DIM, "burn ") : 0;
    x += put_burn(row, x, burn_w, &s->burn_5m, "5m", s->young_5m, s->severity) + 1;
    x += put_burn(row, x, burn_w, &s->burn_1h, "1h", s->young_1h, s->severity) + 1;
    if (wide) {
        x += put_burn(row, x, burn_w, &s->burn_6h, "6h", s->young_6h, s->severity) + 2;
    }
    x += 1 + put_left(row, x + 1, s, form->rate);
    if (form->spender && s->spent_by != NULL && s->spent_by[0] != '\0') {
        char who[TEXT_MAX];
        (void)str_format(text, sizeof text, ", spent by %s", mask_text(ctx->mask, s->spent_by, who, sizeof who));
        (void)area_put_cut(row, x, 0, row.r.w - x, ROLE_DIM, 0, text);
        x += (int)utf8_columns(str_of(text));
    }
    return x;
}

/* At the end of the row, where nothing that is cut can take it along; returns the row before it. */
static struct area put_last(struct area row, enum role role, const char *text)
{
    int left = row.r.w - 1 - (int)utf8_columns(str_of(text));
    (void)area_put(row, left, 0, role, text);
    return area_sub(row, 0, 0, left - 1, 1);
}

enum { SLO_FORMS = 5 };
static const struct slo_form slo_forms[2][SLO_FORMS] = {{{false, "at the 5m rate", true, 20},
                                                         {false, "at 5m rate", true, 20},
                                                         {false, "at the 5m rate", false, 20},
                                                         {false, "at 5m rate", false, 20},
                                                         {false, "at 5m rate", false, 14}},
                                                        {{true, "at the 5m rate", true, 20},
                                                         {true, "at 5m rate", true, 20},
                                                         {true, "at the 5m rate", false, 20},
                                                         {true, "at 5m rate", false, 20},
                                                         {true, "at 5m rate", false, 14}}};

static struct area unseen_slo(struct area row)
{
    row.clip.w = 0;
    return row;
}

/* Of rows that stand together all have the target, or none has. */
static bool has_room_for_target(struct area row, const struct vslo *slos, size_t count, const struct draw_ctx *ctx)
{
    bool room = true;
    for (size_t i = 0; i < count; i++) {
        room = room && put_slo(unseen_slo(row), &slos[i], &slo_forms[1][SLO_FORMS - 1], ctx) <= row.r.w;
    }
    return room;
}

static void draw_slo(struct area row, const struct vslo *s, bool with_target, const struct draw_ctx *ctx)
{
    const struct slo_form *forms = slo_forms[with_target];
    const struct vnum *const shown[] = {&s->burn_5m, &s->burn_1h, &s->budget_left};
    int64_t age = part_age(shown, sizeof shown / sizeof *shown);
    char word[NUMFMT_MAX];
    if (age != PART_FRESH) {
        row = put_last(row, ROLE_TICKET, part_stale_text(age, PART_STALE_COLS, word));
    }
    int i = 0;
    while (i + 1 < SLO_FORMS && put_slo(unseen_slo(row), s, &forms[i], ctx) > row.r.w) {
        i++;
    }
    (void)put_slo(row, s, &forms[i], ctx);
}

static bool burns(const struct vslo *s)
{
    return s->severity != SEV_NONE || s->burn_5m.v >= 1 || s->burn_1h.v >= 1;
}

int part_slos_burning(const struct vslo *slos, size_t count)
{
    int n = 0;
    for (size_t i = 0; i < count; i++) {
        n += burns(&slos[i]);
    }
    return n;
}

/* "+3 more", "+3 more, 1 burns" */
static struct area put_hidden(struct area row, int hidden, int burning)
{
    char text[48], burn[32] = "";
    if (burning > 0) {
        (void)str_format(burn, sizeof burn, ", %d burn%s", burning, burning == 1 ? "s" : "");
    }
    (void)str_format(text, sizeof text, "+%d more%s", hidden, burn);
    return put_last(row, burning > 0 ? ROLE_TICKET : ROLE_DIM, text);
}

void part_slos(struct area a, const struct vslo *slos, size_t count, int columns, const struct draw_ctx *ctx)
{
    const int width = a.r.w / columns, cells = a.r.h * columns, burning = part_slos_burning(slos, count);
    const bool with_target = has_room_for_target(area_sub(a, 0, 0, width, 1), slos, count, ctx);
    int at = 0;
    for (int calm = 0; calm < 2; calm++) {
        for (size_t i = 0; i < count && at < cells; i++) {
            if (burns(&slos[i]) == (calm == 1)) {
                continue;
            }
            struct area row = area_sub(a, at / a.r.h * width, at % a.r.h, width, 1);
            at++;
            if (at == cells && count > (size_t)cells) {
                row = put_hidden(row, plan_count(count) - cells, plan_max(burning - cells, 0));
            }
            draw_slo(row, &slos[i], with_target, ctx);
        }
    }
    part_fade(a, ctx);
}

enum role part_source_role(enum source_state s)
{
    switch (s) {
    case SOURCE_OK: return ROLE_TEXT;
    case SOURCE_STALE:
    case SOURCE_SAWTOOTH:
    case SOURCE_PARTIAL:
    case SOURCE_WATCHING: return ROLE_TICKET;
    case SOURCE_DOWN: return ROLE_PAGE;
    case SOURCE_NEVER:
    case SOURCE_STOPPED: break;
    }
    return ROLE_UNKNOWN;
}

enum state_col { STATE_NAME, STATE_AGE, STATE_HTTP, STATE_RATE, STATE_COLS };
static const struct part_col state_cols[STATE_COLS] = {
    [STATE_NAME] = {"sources", 12, true, 0, 0},
    [STATE_AGE] = {"age", 6, false, 0, 0},
    [STATE_HTTP] = {"http", 5, false, 1, 0},
    [STATE_RATE] = {"poll/s", 8, false, 2, 0},
};

void part_source_states(struct area a, const struct source_status *s, size_t count, const struct draw_ctx *ctx)
{
    struct part_table t = part_table_fit(state_cols, STATE_COLS, a.r.w - 1, STATE_NAME, a.r.w);
    char text[NUMFMT_MAX];
    part_rule(area_row(a, 0), ROLE_TITLE, state_cols[STATE_NAME].title, NULL, ctx);
    rule_heads(area_row(a, 0), &t);
    struct area rows = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    for (int y = 0; y < rows.r.h && (size_t)y < count; y++) {
        if (part_cut(rows, y, (size_t)y, count)) {
            return;
        }
        const struct source_status *st = &s[y];
        struct area row = area_row(rows, y);
        enum role role = part_source_role(st->state);
        uint8_t attr = role == ROLE_TEXT ? 0 : CELL_BOLD;
        part_table_put(row, &t, STATE_NAME, role, attr, st->name);
        part_table_put(row, &t, STATE_AGE, role, 0, numfmt_age(st->last_ok_ms > 0 ? ctx->cursor_ms - st->last_ok_ms : -1, text));
        (void)str_format(text, sizeof text, "%d", st->http_status);
        part_table_put(row, &t, STATE_HTTP, role == ROLE_TEXT ? ROLE_DIM : role, 0, st->http_status > 0 ? text : NUMFMT_NONE);
        part_table_put(row, &t, STATE_RATE, ROLE_DIM, 0, numfmt_sig3(st->polls_per_s, text));
    }
}

/* ">=$164/h": the unit goes with the number, after what tells how exact it is. */
static void differ_number(const struct vnum *n, const char *before, const char *after, char out[NUMFMT_MAX])
{
    char digits[NUMFMT_MAX];
    struct vnum bare = *n;
    bare.exact = EXACT;
    (void)str_format(out, NUMFMT_MAX, "%s%s%s%s", isnan(n->v) ? "" : exact_mark(n->exact), isnan(n->v) ? "" : before,
                     numfmt_vnum(&bare, digits), isnan(n->v) ? "" : after);
}

struct part_differ part_differ_of(const struct vdiffer *d)
{
    struct part_differ t;
    size_t n = strlen(d->measure);
    bool percent = n > 2 && strcmp(d->measure + n - 2, " %") == 0, money = strcmp(d->measure, "$/h") == 0;
    const char *slash = money ? NULL : strchr(d->measure, '/'); /* "req/s" */
    const char *before = money ? "$" : "", *after = percent ? "%" : money ? "/h" : slash ? slash : "";
    n = percent ? n - 2 : slash ? (size_t)(slash - d->measure) : n;
    (void)str_copy(t.measure, sizeof t.measure, money ? str_of("cost") : (struct str){d->measure, n});
    differ_number(&d->now, before, after, t.now);
    differ_number(&d->then, before, after, t.then);
    if (isnan(d->then.v)) {
        (void)str_copy(t.then, sizeof t.then, str_of("none"));
    }
    (void)str_copy(t.share, sizeof t.share, str_of(NUMFMT_NONE));
    if (!isnan(d->share)) {
        (void)numfmt_share(d->share, t.share);
    }
    return t;
}

/* "openai gpt-x" of "provider=openai model=gpt-x". */
static void values_of(const char *filter, char *out, size_t cap)
{
    size_t n = 0;
    for (const char *c = filter; *c != '\0' && n + 1 < cap;) {
        size_t part = strcspn(c, " "), name = strcspn(c, "=");
        const char *value = name < part ? c + name + 1 : c;
        (void)str_format(out + n, cap - n, "%s%.*s", n > 0 ? " " : "", (int)(c + part - value), value);
        n = strlen(out);
        c += part + strspn(c + part, " ");
    }
}

/* What differs gives way to the numbers: without the names of its dimensions where it is too long with them. */
void part_diffs(struct area a, const struct vdiffer *d, size_t count, const struct draw_ctx *ctx)
{
    char text[TEXT_MAX], values[TEXT_MAX] = "", cut[PART_NAME_MAX], change[2 * TEXT_MAX];
    int change_w = 0;
    for (size_t i = 0; i < count; i++) {
        struct part_differ t = part_differ_of(&d[i]);
        (void)str_format(change, sizeof change, "%s %s vs %s", t.measure, t.now, t.then);
        change_w = plan_max(change_w, (int)utf8_columns(str_of(change)));
    }
    int what_w = plan_max(a.r.w - change_w - 9, 0); /* 1 before, 1 between, a share of 5 and its blanks */
    for (int y = 0; y < a.r.h && (size_t)y < count; y++) {
        if (part_cut(a, y, (size_t)y, count)) {
            return;
        }
        struct part_differ t = part_differ_of(&d[y]);
        const char *what = mask_text(ctx->mask, view_differs_name(&d[y]), text, sizeof text);
        if (utf8_columns(str_of(what)) > (size_t)what_w) {
            values_of(what, values, sizeof values);
            what = values;
        }
        (void)area_put_cut(a, 1, y, what_w, ROLE_TEXT, y == 0 ? CELL_BOLD : 0, part_name_cut(what, what_w, NULL, cut));
        (void)str_format(change, sizeof change, "%s %s vs %s", t.measure, t.now, t.then);
        (void)area_put_cut(a, 2 + what_w, y, a.r.w - what_w - 9, ROLE_DIM, 0, change);
        (void)area_put_right(a, a.r.w - 6, y, 5, ROLE_TEXT, 0, t.share);
    }
}
