/* SPDX-License-Identifier: MIT */
/* The list, and one incident in detail: when each thing began as bars on one axis, then the timeline and the suspects side by side, then
 * what it cost and who was hit. Opened, the detail has the pane to itself; before that it stands below the list and goes with the
 * selection, on a screen that is tall enough. */
#include "ui/draw/pane_draw.h"

#include <math.h>
#include <string.h>

#include "base/safe_text.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "ui/draw/layout.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/part.h"
#include "ui/draw/part_bars.h"
#include "ui/draw/part_facts.h"
#include "ui/draw/part_story.h"
#include "ui/draw/plan.h"
#include "view/view_incidents.h"

enum { TEXT_MAX = 384 };
/* The column of "23h59m so far", where the sentence beside it is whole all the same. */
enum {
    LASTED_WIDE = 13,
    SINCE_COLS = 13,
    TITLE_NARROW = 28,
    ROOMY_COLS = 100,
    GIST_ROWS = 4,
    WHOLE_COLS = 120,
    TIGHT_ROWS = 24,
    TALL_ROWS = 32
};

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

/* What and where, how bad, since when, and who has it: what is asked first stands first, and stays on a narrow screen. */
enum col { ID, SEVERITY, TITLE, BAD, ONSET, STATE, LASTED, SPENT, RULES, OWNER, NEXT, COLS };
static const struct part_col cols[COLS] = {
    [ID] = {"#", 3, true, 0, 0},
    [SEVERITY] = {"", 6, true, 0, 0},
    [TITLE] = {"what", 20, true, 0, 0},
    [BAD] = {"how bad", 8, false, 0, 0},
    [ONSET] = {"since (UTC)", SINCE_COLS, true, 0, 0},
    [STATE] = {"state", 9, true, 1, 0},
    [LASTED] = {"lasted", 7, true, 2, 0},
    [SPENT] = {"spent", 7, false, 6, 0},
    [RULES] = {"rules", 5, false, 7, 0},
    [OWNER] = {"owner", 8, true, 4, 0},
    [NEXT] = {"next step", 18, true, 5, 0},
};

static int columns_of(const char *text)
{
    return (int)utf8_columns(str_of(text));
}

/* "#42", "#42 +2" with two that are told under it. */
static const char *id_text(const struct vincident *i, char out[TEXT_MAX])
{
    char more[16] = "";
    if (i->children > 0) {
        (void)str_format(more, sizeof more, " +%u", i->children);
    }
    (void)str_format(out, TEXT_MAX, "#%lld%s", (long long)i->in.id, more);
    return out;
}

static const char *spent_text(const struct vincident *i, char out[TEXT_MAX])
{
    char money[NUMFMT_MAX];
    if (isnan(i->spend.v)) {
        return NUMFMT_UNKNOWN;
    }
    (void)str_format(out, TEXT_MAX, "%s%s", exact_mark(i->spend.exact), numfmt_usd(i->spend.v, money));
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
        c[ID].width = plan_max(c[ID].width, columns_of(id_text(in, text)));
        c[ONSET].width = plan_max(c[ONSET].width, since);
        c[LASTED].width = plan_max(c[LASTED].width, whole);
        c[BAD].width = plan_max(c[BAD].width, columns_of(in->bad_text));
        c[TITLE].width = plan_max(c[TITLE].width, plan_min(columns_of(in->in.title), roomy ? w / 4 : TITLE_NARROW));
        c[SPENT].width = plan_max(c[SPENT].width, columns_of(spent_text(in, text)));
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
    part_table_put(row, t, ID, role, open ? CELL_BOLD : 0, id_text(i, text));
    part_table_put(row, t, SEVERITY, role, open ? CELL_BOLD : 0, i->eased ? "PAGE>t" : severity_word(i->in.severity));
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
    part_table_put(row, t, BAD, ROLE_TEXT, 0, i->bad_text);
    bool owned = i->in.owner && *i->in.owner;
    part_table_put(row, t, TITLE, open ? ROLE_TEXT : ROLE_DIM, 0, mask_text(ctx->mask, i->in.title, text, sizeof text));
    char who[TEXT_MAX];
    part_table_put(row, t, OWNER, owned ? ROLE_TEXT : ROLE_DIM, 0,
                   owned  ? mask_text(ctx->mask, i->in.owner, who, sizeof who)
                   : open ? "nobody"
                          : NUMFMT_NONE);
    part_table_put(row, t, SPENT, ROLE_TEXT, 0, spent_text(i, text));
    (void)str_format(text, sizeof text, "%u", i->rules);
    part_table_put(row, t, RULES, ROLE_DIM, 0, i->rules > 0 ? text : NUMFMT_NONE);
    const bool planned = *i->next_step;
    part_table_put(row, t, NEXT,
                   planned ? ROLE_TEXT
                   : open  ? ROLE_TICKET
                           : ROLE_DIM,
                   0,
                   planned ? mask_text(ctx->mask, i->next_step, text, sizeof text)
                   : open  ? "NONE WRITTEN"
                           : NUMFMT_NONE);
}

static void draw_list(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    char range[32];
    struct part_col fitting[COLS];
    memcpy(fitting, cols, sizeof cols);
    fit_columns(fitting, v, a.r.w);
    struct part_table t = part_table_fit(fitting, COLS, a.r.w, NEXT, 60);
    if (t.w[NEXT] == 0) {
        t = part_table_fit(fitting, NEXT, a.r.w, TITLE, 90);
    }
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

/* "acked by ann 03:09:12Z" */
static const char *standing_text(const struct vincident *d, char out[TEXT_MAX])
{
    char at[TIMEFMT_MAX];
    instant_format_clock(d->said_ms, at);
    if (d->in.state == INCIDENT_OPEN) {
        (void)str_format(out, TEXT_MAX, "%s  UNACKED", state_word(d));
    } else if (*d->said_by) {
        (void)str_format(out, TEXT_MAX, "%s by %s %s", state_word(d), d->said_by, at);
    } else {
        (void)str_format(out, TEXT_MAX, "%s", state_word(d));
    }
    return out;
}

/* What gives way on a narrow screen: the next step's words, then who owns it. */
static void title_right(const struct vincident *d, int form, char out[2 * TEXT_MAX])
{
    char standing[TEXT_MAX];
    const bool owned = d->in.owner && *d->in.owner, over = d->in.state == INCIDENT_RESOLVED, planned = *d->next_step;
    (void)standing_text(d, standing);
    (void)str_format(out, 2 * TEXT_MAX, "%s%s  %s%s%s%s%s", severity_word(d->in.severity),
                     !d->eased  ? ""
                     : form < 3 ? ", now TICKET"
                                : ">t",
                     form < 3 ? standing : state_word(d), form < 2 ? "  owner " : "",
                     form >= 2 ? ""
                     : owned   ? d->in.owner
                               : "none",
                     over        ? ""
                     : form == 0 ? "  next step "
                                 : "  next ",
                     over       ? ""
                     : !planned ? "NONE WRITTEN"
                     : form < 2 ? d->next_step
                                : "written");
}

static void draw_title(struct area row, const struct vincident *d, const struct draw_ctx *ctx)
{
    char title[TEXT_MAX], text[TEXT_MAX], right[2 * TEXT_MAX], masked[2 * TEXT_MAX];
    int form = 0;
    (void)str_format(title, sizeof title, "#%lld %s", (long long)d->in.id, mask_text(ctx->mask, d->in.title, text, sizeof text));
    do {
        title_right(d, form, right);
        (void)mask_text(ctx->mask, right, masked, sizeof masked);
    } while (columns_of(title) + columns_of(masked) + 8 > row.r.w && ++form < 4);
    part_rule(row, d->in.state == INCIDENT_RESOLVED ? ROLE_TITLE : part_severity_role(d->in.severity, ROLE_TITLE), title, masked, ctx);
}

static void draw_alerts(struct area a, const struct view_incidents *v, const struct part_pick *pick, const struct draw_ctx *ctx)
{
    part_rule(area_row(a, 0), ROLE_TITLE, "alerts", "with their evidence", ctx);
    part_rules(area_sub(a, 0, 1, a.r.w, a.r.h - 1), v, pick, ctx);
}

static void draw_timeline(struct area a, const struct view_incidents *v, const struct part_pick *pick, const struct draw_ctx *ctx)
{
    char title[64], day[TIMEFMT_MAX];
    instant_format_day(v->detail->in.onset_ms > 0 ? v->detail->in.onset_ms : v->detail->in.opened_ms, day);
    (void)str_format(title, sizeof title, "timeline, %s (UTC)", day);
    struct area rows = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    part_entries(rows, v, pick, ctx);
    char range[32];
    const struct part_list shown = {.first = ctx->out->scroll, .shown = plan_min(rows.r.h, plan_count(v->entry_count))};
    (void)part_list_range(&shown, v->entry_count, range);
    part_rule(area_row(a, 0), ROLE_TITLE, title, *range ? range : ctx->opened ? "Enter moves the cursor" : NULL, ctx);
    if (v->entry_count == 0) {
        part_empty(rows, "nothing is known to belong to it at this time");
    }
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

enum block { BARS, STORY, ALERTS, IMPACT, NOTES, BLOCKS };

static struct part_suspected suspected(const struct view_incidents *v, const struct part_pick *pick)
{
    return (struct part_suspected){v->suspects, v->suspect_count,           v->suspect_note, v->pages, v->page_count,
                                   NULL,        (size_t)(pick->suspect + 1)};
}

static void draw_story(struct area a, const struct view_incidents *v, const struct part_pick *pick, const struct draw_ctx *ctx)
{
    int w = first_w(a.r.w);
    draw_timeline(area_sub(a, 0, 0, w, a.r.h), v, pick, ctx);
    struct area right = area_sub(a, w + 1, 0, a.r.w - w - 1, a.r.h);
    part_rule(area_row(right, 0), ROLE_TITLE, "suspects", "rank, not probability", ctx);
    const struct part_suspected suspects = suspected(v, pick);
    part_suspects(area_sub(right, 0, 1, right.r.w, right.r.h - 1), &suspects, ctx);
}

/* The impact lines with one that says who was hit: where two blocks beside each other would cut both. */
enum { NARROW_LINES = 16 };
struct narrow {
    char hit[TEXT_MAX];
    const char *lines[NARROW_LINES];
    size_t count;
};

static void narrow_lines(const struct view_incidents *v, const struct draw_ctx *ctx, struct narrow *ret)
{
    const struct vhits *hits = &v->hits;
    const bool slow = hits->over && *hits->over, over = incident_end_ms(&v->detail->in) != 0;
    size_t told = 0, n = 0;
    (void)str_format(ret->hit, sizeof ret->hit, "%-15s %s",
                     slow   ? over ? "who waited" : "who waits"
                     : over ? "who was hit"
                            : "who is hit",
                     hits->count > 0             ? ""
                     : hits->note && *hits->note ? hits->note
                                                 : "nobody");
    for (size_t i = 0; i < hits->count; i++) {
        const struct vhit *h = &hits->list[i];
        char name[TEXT_MAX], text[TEXT_MAX];
        n = strlen(ret->hit);
        if (h->bad > 0 || h->refusals) {
            (void)str_format(ret->hit + n, sizeof ret->hit - n, "%s%s %s", told++ > 0 ? ", " : "",
                             mask_name(ctx->mask, hits->dim, h->name, name, sizeof name), part_hit_text(h, text, sizeof text));
        }
    }
    if (hits->count > 0 && told == 0) {
        (void)str_format(ret->hit + n, sizeof ret->hit - n, "nobody");
    }
    ret->count = 0;
    for (size_t i = 0; i < v->impact_count && ret->count + 1 < NARROW_LINES; i++) {
        ret->lines[ret->count++] = v->impact[i];
        if (i == 0) {
            ret->lines[ret->count++] = ret->hit;
        }
    }
}

static void draw_impact(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    int w = first_w(a.r.w);
    bool over = incident_end_ms(&v->detail->in) != 0;
    if (a.r.w < ROOMY_COLS) {
        struct narrow n;
        narrow_lines(v, ctx, &n);
        draw_lines(a, "impact", over ? "over" : "so far", n.lines, n.count, "not known yet", ctx);
        return;
    }
    struct area left = area_sub(a, 0, 0, w, a.r.h);
    struct area right = area_sub(a, w + 1, 0, a.r.w - w - 1, a.r.h);
    draw_lines(left, "impact", over ? "over" : "so far", v->impact, v->impact_count, "not known yet", ctx);
    part_hits(right, &v->hits, over ? PART_HITS_OVER : PART_HITS_SINCE, false, ctx);
}

/* Rows of the impact block with whole sentences, without its rule. */
static int impact_rows(const struct view_incidents *v, int width, const struct draw_ctx *ctx)
{
    struct narrow n;
    if (width >= ROOMY_COLS) {
        return lines_rows(v->impact, v->impact_count, first_w(width));
    }
    narrow_lines(v, ctx, &n);
    return lines_rows(n.lines, n.count, width);
}

/* Who has the selection has rows, however few there are. */
static void plan_detail(struct plan_block b[BLOCKS], const struct view_incidents *v, const struct part_pick *pick, struct area a,
                        const struct draw_ctx *ctx)
{
    const int first = first_w(a.r.w), second = a.r.w - first - 1;
    const struct part_suspected of = suspected(v, pick);
    const int story = plan_max(plan_count(v->entry_count), part_suspects_want(&of, second, false));
    const int whole = plan_max(part_entries_want(v, first, true), part_suspects_want(&of, second, true));
    const bool narrow = a.r.w < ROOMY_COLS;
    const int told = plan_count(v->impact_count) + (narrow ? 1 : 0),
              impact = narrow ? told : plan_max(told, part_hits_want(&v->hits, second));
    const bool tight = a.r.h < TIGHT_ROWS; /* what it cost and when it was seen come before the bars of a third rule */
    const int alerts = plan_count(v->rule_count), notes = part_notes_want(v, a.r.w), bars = 1 + part_bars_want(v);
    b[BARS] = (struct plan_block){.min = plan_min(bars, tight ? 6 : 8), .want = bars, .rank = 3};
    b[STORY] = (struct plan_block){.min = 6, .want = 2 + plan_max(story, 4), .rank = 1};
    b[ALERTS] = (struct plan_block){
        .min = 1 + plan_min(alerts, a.r.h >= TALL_ROWS ? 5 : 2), .want = alerts ? 1 + plan_min(alerts, 6) : 0, .rank = 4};
    b[IMPACT] = (struct plan_block){.min = 1 + plan_min(plan_max(told, 3), 6), .want = 2 + plan_max(impact, 1), .rank = 2};
    b[NOTES] = (struct plan_block){.min = 1 + plan_min(notes, 2), .want = notes ? 1 + plan_min(notes, 6) : 0, .rank = 5};
    if (pick->rule >= 0) {
        b[ALERTS].rank = 1;
        b[STORY].rank = 2;
    }
    plan_rows(b, BLOCKS, a.r.h);
    if (notes == 0 && plan_left(b, BLOCKS, a.r.h) >= 2) {
        b[NOTES].min = b[NOTES].want = 2; /* that there are none takes no row from what there is */
        plan_rows(b, BLOCKS, a.r.h);
    }
    /* whole sentences, where rows are left over */
    plan_give(b, BLOCKS, a.r.h, STORY, plan_max(whole, 4) - plan_max(story, 4));
    plan_give(b, BLOCKS, a.r.h, IMPACT, impact_rows(v, a.r.w, ctx) - impact);
    plan_give(b, BLOCKS, a.r.h, ALERTS, part_rules_want(v, a.r.w) - plan_min(alerts, 6));
    plan_give(b, BLOCKS, a.r.h, NOTES, notes - plan_min(notes, 6));
}

static void draw_detail(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    const struct part_pick pick = part_pick_of(v, ctx);
    struct plan_block b[BLOCKS];
    struct area at[BLOCKS];
    plan_detail(b, v, &pick, a, ctx);
    for (int i = 0; i < BLOCKS; i++) {
        at[i] = area_sub(a, 0, b[i].y, a.r.w, b[i].h);
    }
    if (b[BARS].h > 0) {
        draw_title(area_row(at[BARS], 0), v->detail, ctx);
        part_bars(area_sub(at[BARS], 0, 1, a.r.w, at[BARS].r.h - 1), v, ctx);
    }
    if (b[STORY].h > 0) {
        draw_story(at[STORY], v, &pick, ctx);
    }
    if (b[ALERTS].h > 0) {
        draw_alerts(at[ALERTS], v, &pick, ctx);
    }
    if (b[IMPACT].h > 0) {
        draw_impact(at[IMPACT], v, ctx);
    }
    if (b[NOTES].h > 0) {
        part_rule(area_row(at[NOTES], 0), ROLE_TITLE, "notes and pins", ctx->opened ? "i: note, correct, pin" : NULL, ctx);
        struct area rows = area_sub(at[NOTES], 0, 1, a.r.w, at[NOTES].r.h - 1);
        part_notes(rows, v, ctx);
        if (part_notes_want(v, a.r.w) == 0) {
            part_empty(rows, "none yet: what you write here goes into the report and the handoff");
        }
    }
    ctx->out->rows = part_pick_rows(v);
}

/* The detail of the selected row below the list, which leaves it two thirds at least. Between a move of the selection and the next load it
 * is another one's: nothing is better than that. */
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

/* A short list leaves a small screen room for what the selected one did. */
static void draw_gist(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    const int rows = 1 + impact_rows(v, a.r.w, ctx);
    int list = plan_min(2 + plan_count(v->count), a.r.h);
    if (a.r.h - list < 1 + GIST_ROWS) {
        list = a.r.h;
    }
    draw_list(area_sub(a, 0, 0, a.r.w, list), v, ctx);
    if (list < a.r.h && (ctx->out->id == 0 || ctx->out->id == v->detail->in.id)) {
        struct area below = area_sub(a, 0, list, a.r.w, a.r.h - list);
        draw_title(area_row(below, 0), v->detail, ctx);
        draw_impact(area_sub(below, 0, 1, below.r.w, plan_min(rows, below.r.h - 1)), v, ctx);
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
    } else if (v->detail) {
        draw_gist(a, v, ctx);
    } else {
        draw_list(a, v, ctx);
    }
}
