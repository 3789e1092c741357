/* SPDX-License-Identifier: MIT */
/* The list, and one incident in detail: when each thing began as bars on one axis, then the timeline and the suspects side by side, then what
 * it cost and who was hit. Opened, the detail has the pane to itself; before that it stands below the list and goes with the
 * selection, on a screen that is tall enough. */
#include "ui/draw/pane_draw.h"

#include <string.h>

#include "base/safe_text.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "ui/draw/layout.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/part.h"
#include "ui/draw/part_facts.h"
#include "ui/draw/plan.h"
#include "view/view_incidents.h"

enum { TEXT_MAX = 384, DAY_MS = 24 * 60 * 60 * 1000 };
/* The column of "23h59m so far", where the sentence beside it is whole all the same. */
enum { LASTED_WIDE = 13, SINCE_COLS = 13, ROOMY_COLS = 100, WHOLE_COLS = 120, TIGHT_ROWS = 24 };
enum { MARKS_MAX = 128 }; /* more than fit a row of any screen side by side */
enum { ALERT_TEXT_X = 19, ALERT_ROWS = 3 };

static const char *state_word(const struct vincident *i)
{
    if (i->snoozed_until_ms != 0)
        return "snoozed";
    switch (i->in.state) {
    case INCIDENT_OPEN: return "open";
    case INCIDENT_ACKNOWLEDGED: return "acked";
    case INCIDENT_MITIGATED: return "mitigated";
    case INCIDENT_RESOLVED: break;
    }
    return "resolved";
}

static const char *severity_word(enum severity s)
{
    return s == SEV_PAGE ? "PAGE" : s == SEV_TICKET ? "TICKET" : "-";
}

enum col { ID, SEVERITY, STATE, ONSET, LASTED, LOST, TITLE, OWNER, COLS };
static const struct part_col cols[COLS] = {
    [ID] = {"#", 6, true, 0, 0},          [SEVERITY] = {"", 6, true, 0, 0},
    [STATE] = {"state", 9, true, 1, 0},   [ONSET] = {"since (UTC)", SINCE_COLS, true, 0, 0},
    [LASTED] = {"lasted", 7, true, 2, 0}, [LOST] = {"lost", 6, false, 3, 0},
    [TITLE] = {"what", 20, true, 0, 0},   [OWNER] = {"owner", 10, true, 4, 0},
};

static int columns_of(const char *text)
{
    return (int)utf8_columns(str_of(text));
}

static const char *lost_text(const struct vincident *i, char out[TEXT_MAX])
{
    char count[NUMFMT_MAX];
    if (!i->lost_known) {
        return NUMFMT_UNKNOWN;
    }
    (void)str_format(out, TEXT_MAX, "%s%s", exact_mark(i->lost_exact), numfmt_count((double)i->lost, count));
    return out;
}

/* Columns as wide as what is in them; marks are rare, so that there is no room for them else. */
static void fit_columns(struct part_col *c, const struct view_incidents *v, int w)
{
    const bool roomy = w >= ROOMY_COLS;
    char text[TEXT_MAX];
    c[LASTED].width = roomy ? LASTED_WIDE : c[LASTED].width;
    for (size_t i = 0; i < v->count; i++) {
        const struct vincident *in = &v->list[i];
        const char *error = in->onset_error ? in->onset_error : "", *least = in->short_text ? in->short_text : "";
        const int since = !*error ? SINCE_COLS : roomy ? SINCE_COLS + columns_of(error) : SINCE_COLS + 1;
        const int whole = w >= WHOLE_COLS && in->duration_text ? columns_of(in->duration_text) : columns_of(least);
        c[ONSET].width = plan_max(c[ONSET].width, since);
        c[LASTED].width = plan_max(c[LASTED].width, whole);
        c[LOST].width = plan_max(c[LOST].width, columns_of(lost_text(in, text)));
    }
}

static void put_incident(struct area row, const struct part_table *t, const struct vincident *i, const struct draw_ctx *ctx)
{
    char text[TEXT_MAX], day[TIMEFMT_MAX], at[TIMEFMT_MAX];
    bool open = i->in.state != INCIDENT_RESOLVED;
    enum role role = open ? part_severity_role(i->in.severity, ROLE_TEXT) : ROLE_DIM;
    int64_t since = i->in.onset_ms > 0 ? i->in.onset_ms : i->in.opened_ms;
    instant_format_day(since, day);
    instant_format_clock(since, at);
    (void)str_format(text, sizeof text, "#%lld", (long long)i->in.id);
    part_table_put(row, t, ID, role, open ? CELL_BOLD : 0, text);
    part_table_put(row, t, SEVERITY, role, open ? CELL_BOLD : 0, severity_word(i->in.severity));
    part_table_put(row, t, STATE, open ? ROLE_TEXT : ROLE_DIM, 0, state_word(i));
    const char *error = i->onset_error ? i->onset_error : "";
    const bool roomy = t->w[ONSET] >= SINCE_COLS + columns_of(error);
    (void)str_format(text, sizeof text, "%s%s %.5sZ%s", *error && !roomy ? "~" : "", str_of(day).n > 4 ? day + 4 : day, at,
                     roomy ? error : "");
    part_table_put(row, t, ONSET, ROLE_TEXT, 0, text);
    const char *lasted = i->duration_text && *i->duration_text ? i->duration_text : NUMFMT_UNKNOWN;
    if (columns_of(lasted) > t->w[LASTED] && i->short_text) {
        lasted = i->short_text; /* whether it goes on is what its detail says */
    }
    part_table_put(row, t, LASTED, ROLE_TEXT, 0, lasted);
    part_table_put(row, t, LOST, ROLE_TEXT, 0, lost_text(i, text));
    bool owned = i->in.owner && *i->in.owner;
    part_table_put(row, t, TITLE, open ? ROLE_TEXT : ROLE_DIM, 0, mask_text(ctx->mask, i->in.title, text, sizeof text));
    part_table_put(row, t, OWNER, owned ? ROLE_TEXT : ROLE_DIM, 0, owned ? i->in.owner : "nobody");
}

static void draw_list(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    char range[32];
    struct part_col fitting[COLS];
    memcpy(fitting, cols, sizeof cols);
    fit_columns(fitting, v, a.r.w);
    struct part_table t = part_table_fit(fitting, COLS, a.r.w, TITLE, 90);
    struct area rows = area_sub(a, 0, 2, a.r.w, a.r.h - 2);
    struct part_list l = part_list_of(rows, v->count, ctx);
    (void)part_list_range(&l, v->count, range);
    bool filtered = v->filter_text && *v->filter_text;
    char masked[TEXT_MAX];
    part_rule(area_row(a, 0), ROLE_TITLE, "incidents",
              filtered ? mask_text(ctx->mask, v->filter_text, masked, sizeof masked)
              : *range ? range
                       : "Enter opens one",
              ctx);
    if (v->count == 0) {
        bool no_rules = v->rules_text && *v->rules_text;
        part_empty(area_sub(a, 0, 1, a.r.w, a.r.h - 1),
                   no_rules   ? v->rules_text
                   : filtered ? "No incident is known at this time that has to do with the filter."
                              : "No incident is known at this time. One opens when an objective or a budget burns too fast.");
        return;
    }
    part_table_head(area_row(a, 1), &t, ctx);
    for (int y = 0; y < l.shown; y++) {
        put_incident(area_row(rows, y), &t, &v->list[l.first + y], ctx);
        part_list_mark(area_row(rows, y), &l, y);
    }
    area_highlight(rows, ROLE_MATCH, ctx->search);
    if (l.selected >= 0) {
        ctx->out->id = v->list[l.selected].in.id;
        ctx->out->at_ms = v->list[l.selected].in.onset_ms;
    }
}

/* The axis of the bars. They carry instants, not columns: it begins half the incident's length before its first bar, in round steps. */
static struct view_axis axis_of(const struct view_incidents *v, int w, const struct draw_ctx *ctx)
{
    static const int64_t steps_ms[] = {1000,   2000,   5000,    10000,   15000,   30000,    60000, 120000,
                                       300000, 600000, 1800000, 3600000, 7200000, 21600000, DAY_MS};
    enum { COUNT = sizeof steps_ms / sizeof *steps_ms };
    struct view_axis ax = *part_axis(ctx);
    int64_t first = 0, last = 0;
    for (size_t i = 0; i < v->bar_count; i++) {
        int64_t to = v->bars[i].to_ms > 0 ? v->bars[i].to_ms : ax.cursor_ms;
        first = v->bars[i].from_ms > 0 && (first == 0 || v->bars[i].from_ms < first) ? v->bars[i].from_ms : first;
        last = to > last ? to : last;
    }
    if (first == 0 || last <= first || w <= 0 || ax.columns == 0) {
        return ax;
    }
    int64_t after = last < ax.cursor_ms ? (last - first) / 4 : 0; /* what is over shows a little of what came then */
    int64_t end = last + after < ax.cursor_ms ? last + after : ax.cursor_ms;
    int64_t span = end - first + (end - first) / 2;
    int i = 0;
    while (i + 1 < COUNT && steps_ms[i] * w < span) {
        i++;
    }
    ax.step_ms = steps_ms[i];
    ax.columns = (uint32_t)w;
    end = (end + ax.step_ms - 1) / ax.step_ms * ax.step_ms;
    ax.t0_ms = end - ax.step_ms * w;
    ax.cursor_ms = end < ax.cursor_ms ? end : ax.cursor_ms;
    return ax;
}

static void draw_title(struct area row, const struct vincident *d, const struct draw_ctx *ctx)
{
    char title[TEXT_MAX], text[TEXT_MAX], right[TEXT_MAX];
    bool owned = d->in.owner && *d->in.owner, noted = d->note && *d->note;
    (void)str_format(title, sizeof title, "#%lld %s", (long long)d->in.id, mask_text(ctx->mask, d->in.title, text, sizeof text));
    (void)str_format(right, sizeof right, "%s  %s  owner %s  ", severity_word(d->in.severity), state_word(d), owned ? d->in.owner : "none");
    size_t n = strlen(right);
    (void)str_format(right + n, sizeof right - n, "%s%s", noted ? "note: " : "no note yet",
                     noted ? mask_text(ctx->mask, d->note, text, sizeof text) : "");
    if ((int)(utf8_columns(str_of(title)) + utf8_columns(str_of(right))) + 8 > row.r.w) {
        right[n - 2] = '\0'; /* the notes stand below, whole */
    }
    part_rule(row, d->in.state == INCIDENT_RESOLVED ? ROLE_TITLE : part_severity_role(d->in.severity, ROLE_TITLE), title, right, ctx);
}

/* What changed within the screen's axis and, before that, what the incident's own story tells. Returns the number. */
static size_t marks_of(const struct view_incidents *v, const struct draw_ctx *ctx, struct vmark ret[MARKS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < v->timeline_count && n < MARKS_MAX / 2; i++) {
        const struct timeline_entry *e = &v->timeline[i];
        if (!ctx->frame || e->at_ms <= ctx->frame->axis.t0_ms) {
            ret[n++] = (struct vmark){.at_ms = e->at_ms, .letter = e->letter, .hollow = e->known_ms > e->at_ms + DAY_MS};
        }
    }
    for (size_t i = ctx->frame ? ctx->frame->mark_count : 0; i-- > 0 && n < MARKS_MAX;) {
        ret[n++] = ctx->frame->marks[i];
    }
    return n;
}

/* Axis, event row, bars. */
static void draw_bars(struct area a, const struct view_incidents *v, const struct layout_grid *g, const struct draw_ctx *ctx)
{
    char text[TEXT_MAX];
    struct chart_style st = part_chart_style(ctx, SEV_NONE, false);
    int x = plan_min(g->strip_x, 34);
    int w = g->main_w - x;
    struct view_axis ax = axis_of(v, w, ctx);
    struct vmark known[MARKS_MAX];
    struct area top = area_sub(a, x, 0, w, 1);
    chart_axis(top, &ax, &st);
    if (ax.cursor_ms != ctx->cursor_ms) {
        area_replace(top, ROLE_PAST, ROLE_AXIS); /* where a past incident's axis ends is no cursor */
    }
    (void)area_put(a, 1, 1, ROLE_DIM, "changes");
    (void)chart_marks(area_sub(a, x, 1, w, 1), &ax, known, marks_of(v, ctx, known));
    struct area rows = area_sub(a, 0, 2, a.r.w, a.r.h - 2);
    for (int y = 0; y < rows.r.h && (size_t)y < v->bar_count; y++) {
        if (part_cut(rows, y, (size_t)y, v->bar_count)) {
            break;
        }
        (void)area_put_cut(rows, 1, y, x - 2, ROLE_TEXT, 0, mask_text(ctx->mask, v->bars[y].label, text, sizeof text));
        chart_bar(area_sub(rows, x, y, w, 1), &ax, &v->bars[y], &st);
    }
    chart_cursor(area_sub(a, x, 1, w, a.r.h - 1), &ax, ctx->cursor_ms);
}

static const char *alert_text(const struct alert *al)
{
    return al->text && *al->text ? al->text : al->rule;
}

/* Rows of all alerts, each wrapped to `most` at most. */
static int alert_rows(const struct view_incidents *v, int width, int most)
{
    int rows = 0;
    for (size_t i = 0; i < v->alert_count && rows < CANVAS_SIDE_MAX; i++) {
        rows += plan_max(plan_min(area_wrap_rows(width - ALERT_TEXT_X, alert_text(&v->alerts[i])), most), 1);
    }
    return rows;
}

static void draw_alerts(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    char text[TEXT_MAX], at[TIMEFMT_MAX];
    part_rule(area_row(a, 0), ROLE_TITLE, "alerts", "with their evidence", ctx);
    struct area rows = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    int most = alert_rows(v, a.r.w, ALERT_ROWS) <= rows.r.h ? ALERT_ROWS : 1, y = 0;
    for (size_t i = 0; y < rows.r.h && i < v->alert_count; i++) {
        const struct alert *al = &v->alerts[i];
        if (part_cut(rows, y, i, v->alert_count)) {
            return;
        }
        bool firing = al->state == ALERT_FIRING;
        instant_format_clock(al->since_ms, at);
        (void)area_putf(rows, 1, y, ROLE_DIM, "%.8s", at);
        (void)area_put_attr(rows, 11, y, firing ? part_severity_role(al->severity, ROLE_TEXT) : ROLE_DIM, CELL_BOLD,
                            al->state == ALERT_NO_DATA ? "NO DATA"
                            : firing                   ? severity_word(al->severity)
                                                       : "over");
        enum role role = firing ? ROLE_TEXT : ROLE_DIM;
        struct area words = area_sub(rows, ALERT_TEXT_X, y, a.r.w - ALERT_TEXT_X, most);
        y += plan_max(area_wrap(words, 0, 0, role, mask_text(ctx->mask, alert_text(al), text, sizeof text)), 1);
    }
}

static void draw_timeline(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    char range[32], title[64], day[TIMEFMT_MAX];
    struct area rows = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    struct part_list l = part_list_of(rows, v->timeline_count, ctx);
    (void)part_list_range(&l, v->timeline_count, range);
    const char *hint = ctx->opened ? "Enter moves the cursor" : NULL;
    instant_format_day(v->detail->in.onset_ms > 0 ? v->detail->in.onset_ms : v->detail->in.opened_ms, day);
    (void)str_format(title, sizeof title, "timeline, %s (UTC)", day);
    part_rule(area_row(a, 0), ROLE_TITLE, title, *range ? range : hint, ctx);
    if (v->timeline_count == 0) {
        part_empty(rows, "nothing is known to belong to it at this time");
        return;
    }
    part_timeline(rows, v->timeline, v->timeline_count, ctx->opened ? &l : NULL, ctx);
    area_highlight(rows, ROLE_MATCH, ctx->search);
    ctx->out->id = v->detail->in.id;
}

/* Bytes before the value of "requests lost   453 of 1.17k", 0 where the line is no pair: what is wrapped goes on below the value. */
static int hang_of(const char *line)
{
    const char *gap = strstr(line, "  ");
    return gap ? (int)(gap - line) + (int)strspn(gap, " ") : 0;
}

static int line_rows(const char *line, int width)
{
    int hang = hang_of(line);
    return plan_max(area_wrap_rows(width - hang, line + hang), 1);
}

static int lines_rows(const char *const *lines, size_t count, int width)
{
    int rows = 0;
    for (size_t i = 0; i < count && rows < CANVAS_SIDE_MAX; i++) {
        rows += line_rows(lines[i], width - 2);
    }
    return rows;
}

static void draw_lines(struct area a, const char *title, const char *right, const char *const *lines, size_t count, const char *none,
                       const struct draw_ctx *ctx)
{
    char text[TEXT_MAX];
    part_rule(area_row(a, 0), ROLE_TITLE, title, right, ctx);
    if (count == 0) {
        part_empty(area_sub(a, 0, 1, a.r.w, a.r.h - 1), none);
    }
    struct area rows = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    bool whole = lines_rows(lines, count, a.r.w) <= rows.r.h;
    int y = 0;
    for (size_t i = 0; y < rows.r.h && i < count; i++) {
        if (part_cut(rows, y, i, count)) {
            return;
        }
        (void)mask_text(ctx->mask, lines[i], text, sizeof text);
        int hang = whole ? hang_of(text) : 0, h = whole ? line_rows(text, a.r.w - 2) : 1;
        (void)area_wrap(area_sub(rows, 1 + hang, y, a.r.w - 2 - hang, h), 0, 0, ROLE_TEXT, text + hang);
        text[hang] = '\0';
        (void)area_put(rows, 1, y, ROLE_TEXT, hang > 0 ? text : "");
        y += h;
    }
}

/* Columns of the first of two blocks that stand side by side: its sentences are the longer ones. */
static int first_w(int width)
{
    return width >= ROOMY_COLS ? width * 11 / 20 - 1 : width / 2 - 1;
}

enum block { BARS, ALERTS, STORY, IMPACT, NOTES, BLOCKS };

static struct part_suspected suspected(const struct view_incidents *v)
{
    return (struct part_suspected){v->suspects, v->suspect_count, v->suspect_note, v->pages, v->page_count, NULL};
}

static void draw_story(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    int w = first_w(a.r.w);
    draw_timeline(area_sub(a, 0, 0, w, a.r.h), v, ctx);
    struct area right = area_sub(a, w + 1, 0, a.r.w - w - 1, a.r.h);
    part_rule(area_row(right, 0), ROLE_TITLE, "suspects", "rank, not probability", ctx);
    const struct part_suspected suspects = suspected(v);
    part_suspects(area_sub(right, 0, 1, right.r.w, right.r.h - 1), &suspects, ctx);
}

static void draw_impact(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    int w = first_w(a.r.w);
    bool over = incident_end_ms(&v->detail->in) != 0;
    struct area left = area_sub(a, 0, 0, w, a.r.h);
    struct area right = area_sub(a, w + 1, 0, a.r.w - w - 1, a.r.h);
    draw_lines(left, "impact", over ? "over" : "so far", v->impact, v->impact_count, "not known yet", ctx);
    part_hits(right, v->hits, v->hit_count, over ? PART_HITS_OVER : PART_HITS_SINCE, v->hit_note, false, ctx);
}

static void draw_detail(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    struct layout_grid g = layout_grid(a.r.w, PANE_INCIDENTS);
    int first = first_w(a.r.w), second = a.r.w - first - 1;
    const struct part_suspected of = suspected(v);
    int story = plan_max(plan_count(v->timeline_count), part_suspects_want(&of, second, false));
    int whole = plan_max(part_timeline_want(v->timeline, v->timeline_count, first, true), part_suspects_want(&of, second, true));
    int impact = plan_max(plan_count(v->impact_count), plan_count(v->hit_count)), told = plan_count(v->impact_count);
    const bool tight = a.r.h < TIGHT_ROWS; /* what it cost and when it was seen come before the bars of a third rule */
    int alerts = plan_count(v->alert_count), notes = plan_count(v->act_count), bars = plan_count(v->bar_count);
    struct plan_block b[BLOCKS] = {
        [BARS] = {.min = 3 + plan_min(bars, tight ? 2 : 4), .want = 3 + bars, .rank = 3},
        [ALERTS] = {.min = 1 + plan_min(alerts, 2), .want = alerts ? 1 + plan_min(alerts, 6) : 0, .rank = 4},
        [STORY] = {.min = 6, .want = 2 + plan_max(story, 4), .rank = 1},
        [IMPACT] = {.min = 1 + plan_min(plan_max(told, 3), 6), .want = 2 + plan_max(impact, 1), .rank = 2},
        [NOTES] = {.min = 1 + plan_min(notes, 2), .want = notes ? 1 + notes : 0, .rank = 5},
    };
    plan_rows(b, BLOCKS, a.r.h);
    if (notes == 0 && plan_left(b, BLOCKS, a.r.h) >= 2) {
        b[NOTES].min = b[NOTES].want = 2; /* that there are none takes no row from what there is */
        plan_rows(b, BLOCKS, a.r.h);
    }
    /* whole sentences, where rows are left over */
    plan_give(b, BLOCKS, a.r.h, STORY, plan_max(whole, 4) - plan_max(story, 4));
    plan_give(b, BLOCKS, a.r.h, IMPACT, lines_rows(v->impact, v->impact_count, first) - impact);
    plan_give(b, BLOCKS, a.r.h, ALERTS, alert_rows(v, a.r.w, ALERT_ROWS) - plan_min(alerts, 6));
    plan_give(b, BLOCKS, a.r.h, NOTES, lines_rows(v->acts, v->act_count, a.r.w) - notes);
    struct area at[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        at[i] = area_sub(a, 0, b[i].y, a.r.w, b[i].h);
    }
    if (b[BARS].h > 0) {
        draw_title(area_row(at[BARS], 0), v->detail, ctx);
        draw_bars(area_sub(at[BARS], 0, 1, a.r.w, at[BARS].r.h - 1), v, &g, ctx);
    }
    if (b[ALERTS].h > 0) {
        draw_alerts(at[ALERTS], v, ctx);
    }
    if (b[STORY].h > 0) {
        draw_story(at[STORY], v, ctx);
    }
    if (b[IMPACT].h > 0) {
        draw_impact(at[IMPACT], v, ctx);
    }
    if (b[NOTES].h > 0) {
        draw_lines(at[NOTES], "notes and acts", NULL, v->acts, v->act_count,
                   "none yet: what you write here goes into the report and the handoff", ctx);
    }
}

/* The detail of the selected row below the list, which leaves it two thirds at least. Between a move of the selection and the next load it is
 * another one's: nothing is better than that. */
static void draw_both(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    struct draw_out unselectable = draw_out_none();
    struct draw_ctx below = *ctx;
    int list = plan_min(2 + plan_count(v->count), a.r.h / 3);
    draw_list(area_sub(a, 0, 0, a.r.w, list), v, ctx);
    below.focus = false;
    below.out = &unselectable;
    if (ctx->out->id == 0 || ctx->out->id == v->detail->in.id) {
        draw_detail(area_sub(a, 0, list, a.r.w, a.r.h - list), v, &below);
    }
}

void pane_incidents_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx)
{
    const struct view_incidents *v = view;
    struct area a = area_of(cv, r);
    if (!v) {
        part_loading(a, ctx);
    } else if (v->detail && ctx->opened) {
        draw_detail(a, v, ctx);
    } else if (v->detail && a.r.h >= LAYOUT_DETAIL_ROWS) {
        draw_both(a, v, ctx);
    } else {
        draw_list(a, v, ctx);
    }
}
