/* SPDX-License-Identifier: MIT */
#include "ui/draw/part_story.h"

#include <string.h>

#include "base/safe_text.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "ui/draw/mask.h"
#include "ui/draw/plan.h"

enum { TEXT_MAX = 1024, ENTRY_TEXT_X = 13, ROWS = 2, ROWS_WHOLE = 8 };
enum { RULE_WORD_X = 11, RULE_NAME_X = 19, RULE_ROWS = 3 };

/* ---- the one list ---- */

int part_pick_rows(const struct view_incidents *v)
{
    return plan_count(v->entry_count) + plan_count(v->rule_count) + plan_count(v->suspect_count);
}

struct part_pick part_pick_of(const struct view_incidents *v, const struct draw_ctx *ctx)
{
    const int entries = plan_count(v->entry_count), rules = plan_count(v->rule_count), all = part_pick_rows(v);
    int at = ctx->selected < all ? ctx->selected : all - 1;
    struct part_pick pick = {-1, -1, -1};
    if (!ctx->focus || !ctx->opened || at < 0) {
        return pick;
    }
    if (at < entries) {
        pick.entry = at;
    } else if (at < entries + rules) {
        pick.rule = at - entries;
    } else {
        pick.suspect = at - entries - rules;
    }
    return pick;
}

/* ---- entries ---- */

/* The text, who says so where that is not gwtop, and how much later it was found, unless it says that itself. */
static const char *entry_text(const struct ventry *e, const struct draw_ctx *ctx, char out[TEXT_MAX])
{
    char raw[TEXT_MAX], later[NUMFMT_MAX], found[NUMFMT_MAX + 16] = "";
    if (e->hollow && !strstr(e->text, " later")) {
        (void)str_format(found, sizeof found, " (found %s later)", numfmt_duration(e->known_ms - e->at_ms, later));
    }
    const bool own = strcmp(e->source, "gwtop") == 0;
    (void)str_format(raw, sizeof raw, "%s%s%s%s%s%s", e->text, own ? "" : " (", own ? "" : e->source, own ? "" : ")", found,
                     e->pending ? " (pending)" : "");
    return mask_text(ctx->mask, raw, out, TEXT_MAX);
}

/* "" where nobody corrected it. */
static const char *entry_was(const struct ventry *e, const struct draw_ctx *ctx, char out[TEXT_MAX])
{
    char raw[TEXT_MAX], at[TIMEFMT_MAX];
    if (e->was[0] == '\0') {
        return "";
    }
    instant_format_clock(e->corrected_ms, at);
    (void)str_format(raw, sizeof raw, "was: %s; corrected by %s %s", e->was, e->corrected_by, at);
    return mask_text(ctx->mask, raw, out, TEXT_MAX);
}

static int text_rows(const char *text, int width, int most)
{
    return plan_min(plan_max(area_wrap_rows(width - ENTRY_TEXT_X, text), 1), most);
}

static int entry_rows(const struct ventry *e, int width, int most, const struct draw_ctx *ctx)
{
    char text[TEXT_MAX];
    int rows = text_rows(entry_text(e, ctx, text), width, most);
    return e->was[0] != '\0' && most > 1 ? rows + text_rows(entry_was(e, ctx, text), width, most) : rows;
}

static int entries_rows(const struct view_incidents *v, int width, int most, const struct draw_ctx *ctx)
{
    int rows = 0;
    for (size_t i = 0; i < v->entry_count && rows < CANVAS_SIDE_MAX; i++) {
        rows += entry_rows(&v->entries[i], width, most, ctx);
    }
    return rows;
}

int part_entries_want(const struct view_incidents *v, int width, bool whole)
{
    static const struct draw_ctx unmasked = {.mask = false};
    return entries_rows(v, width, whole ? ROWS_WHOLE : ROWS, &unmasked);
}

static void put_entry(struct area a, const struct ventry *e, const struct draw_ctx *ctx)
{
    char at[TIMEFMT_MAX], text[TEXT_MAX];
    instant_format_clock(e->at_ms, at);
    (void)area_putf(a, 1, 0, ROLE_DIM, "%.8s", at);
    if (e->pinned_by[0] != '\0') {
        area_rune(a, 10, 0, ROLE_ACCENT, CELL_BOLD, '^');
    }
    if (e->letter > ' ' && e->letter < 0x7f) {
        area_rune(a, 11, 0, chart_mark_role(e->letter, e->hollow), e->hollow ? CELL_UNDERLINE : CELL_BOLD, (uint32_t)e->letter);
    }
    const int w = a.r.w - ENTRY_TEXT_X;
    (void)entry_text(e, ctx, text);
    if (a.r.h == 1) {
        int x = ENTRY_TEXT_X + area_put_cut(a, ENTRY_TEXT_X, 0, w, ROLE_TEXT, 0, text) + 1;
        (void)area_put_cut(a, x, 0, a.r.w - x, ROLE_DIM, 0, entry_was(e, ctx, text));
        return;
    }
    const bool corrected = e->was[0] != '\0';
    int rows = corrected ? plan_min(area_wrap_rows(w, text), a.r.h - 1) : a.r.h;
    (void)area_wrap(area_sub(a, ENTRY_TEXT_X, 0, w, rows), 0, 0, ROLE_TEXT, text);
    if (corrected) {
        (void)area_wrap(area_sub(a, ENTRY_TEXT_X, rows, w, a.r.h - rows), 0, 0, ROLE_DIM, entry_was(e, ctx, text));
    }
}

/* Unopened, where not all fit, the newest: what the pane is looked at for. */
static struct part_list entries_list(struct area a, const struct view_incidents *v, const struct part_pick *pick,
                                     const struct draw_ctx *ctx)
{
    struct draw_ctx own = *ctx;
    own.selected = pick->entry;
    if (!ctx->opened || (pick->entry < 0 && ctx->selected >= 0)) {
        own.scroll = plan_max(plan_count(v->entry_count) - a.r.h, 0);
    }
    return part_list_of(a, v->entry_count, &own);
}

void part_entries(struct area a, const struct view_incidents *v, const struct part_pick *pick, const struct draw_ctx *ctx)
{
    struct part_list l = entries_list(a, v, pick, ctx);
    int most = v->entry_count > DRAW_LINES_MAX ? 1 : ROWS_WHOLE, y = 0;
    while (most > 1 && entries_rows(v, a.r.w, most, ctx) > a.r.h) {
        most--;
    }
    for (size_t i = (size_t)l.first; y < a.r.h && i < v->entry_count; i++) {
        const int rows = plan_min(entry_rows(&v->entries[i], a.r.w, most, ctx), a.r.h - y);
        struct area entry = area_sub(a, 0, y, a.r.w, rows);
        put_entry(entry, &v->entries[i], ctx);
        part_list_mark(entry, &l, (int)i - l.first);
        if (most > 1) {
            ctx->out->lines[i - (size_t)l.first] = (uint8_t)rows;
        }
        y += rows;
    }
    if (pick->entry >= 0) {
        ctx->out->at_ms = v->entries[pick->entry].at_ms;
        ctx->out->entry = v->entries[pick->entry].id;
    }
}

/* ---- rules ---- */

static const char *rule_word(const struct vincident_rule *r)
{
    return r->state == ALERT_NO_DATA ? "NO DATA" : r->state != ALERT_FIRING ? "over" : r->al->severity == SEV_PAGE ? "PAGE" : "TICKET";
}

/* " since 30 Nov" of what began on another day than the cursor's: the row has its time of day. */
static const char *since_day(int64_t since_ms, int64_t cursor_ms, char out[TIMEFMT_MAX + 8])
{
    char day[TIMEFMT_MAX], today[TIMEFMT_MAX];
    instant_format_day(since_ms, day);
    instant_format_day(cursor_ms, today);
    out[0] = '\0';
    if (cursor_ms != 0 && strcmp(day, today) != 0 && str_of(day).n > 4) {
        (void)str_format(out, TIMEFMT_MAX + 8, " since %s,", day + 4);
    }
    return out;
}

/* "page-1h 28m, 2 times: evidence", "page-1h since 30 Nov, 14h". */
static const char *rule_text(const struct vincident_rule *r, const struct draw_ctx *ctx, char out[TEXT_MAX])
{
    char raw[TEXT_MAX], lasted[NUMFMT_MAX], times[32] = "", day[TIMEFMT_MAX + 8];
    const struct alert *al = r->al;
    const char *last = strrchr(al->rule, ':');
    if (r->times > 1) {
        (void)str_format(times, sizeof times, ", fired %u times", r->times);
    }
    (void)str_format(raw, sizeof raw, "%s%s %s%s: %s", last ? last + 1 : al->rule, since_day(r->since_ms, ctx->cursor_ms, day),
                     numfmt_duration((r->to_ms != 0 ? r->to_ms : ctx->cursor_ms) - r->since_ms, lasted), times,
                     al->text && *al->text ? al->text : al->rule);
    return mask_text(ctx->mask, raw, out, TEXT_MAX);
}

static int rule_rows(const struct vincident_rule *r, int width, int most, const struct draw_ctx *ctx)
{
    char text[TEXT_MAX];
    return plan_max(plan_min(area_wrap_rows(width - RULE_NAME_X, rule_text(r, ctx, text)), most), 1);
}

static int rules_rows(const struct view_incidents *v, int width, int most, const struct draw_ctx *ctx)
{
    int rows = 0;
    for (size_t i = 0; i < v->rule_count && rows < CANVAS_SIDE_MAX; i++) {
        rows += rule_rows(&v->rules[i], width, most, ctx);
    }
    return rows;
}

int part_rules_want(const struct view_incidents *v, int width)
{
    static const struct draw_ctx unmasked = {.mask = false};
    return rules_rows(v, width, RULE_ROWS, &unmasked);
}

void part_rules(struct area a, const struct view_incidents *v, const struct part_pick *pick, const struct draw_ctx *ctx)
{
    char at[TIMEFMT_MAX], text[TEXT_MAX];
    const int most = rules_rows(v, a.r.w, RULE_ROWS, ctx) <= a.r.h ? RULE_ROWS : 1;
    int y = 0, first = most == 1 ? plan_max(pick->rule - a.r.h + 1, 0) : 0;
    for (size_t i = (size_t)first; y < a.r.h && i < v->rule_count; i++) {
        const struct vincident_rule *r = &v->rules[i];
        if ((int)i != pick->rule && part_cut(a, y, i, v->rule_count)) {
            return;
        }
        const bool firing = r->state == ALERT_FIRING;
        struct area row = area_sub(a, 0, y, a.r.w, plan_min(rule_rows(r, a.r.w, most, ctx), a.r.h - y));
        instant_format_clock(r->since_ms, at);
        (void)area_putf(row, 1, 0, ROLE_DIM, "%.8s", at);
        (void)area_put_attr(row, RULE_WORD_X, 0, firing ? part_severity_role(r->al->severity, ROLE_TEXT) : ROLE_DIM, CELL_BOLD,
                            rule_word(r));
        struct area words = area_sub(row, RULE_NAME_X, 0, a.r.w - RULE_NAME_X, row.r.h);
        if (row.r.h > 1) {
            (void)area_wrap(words, 0, 0, firing ? ROLE_TEXT : ROLE_DIM, rule_text(r, ctx, text));
        } else {
            (void)area_put_cut(words, 0, 0, words.r.w, firing ? ROLE_TEXT : ROLE_DIM, 0, rule_text(r, ctx, text));
        }
        if ((int)i == pick->rule) {
            area_ground(row, ROLE_SELECTION);
            area_replace(row, ROLE_DIM, ROLE_TEXT);
            ctx->out->at_ms = r->since_ms;
        }
        y += row.r.h;
    }
}

/* ---- what people keep in view ---- */

static bool is_note(const struct ventry *e)
{
    return e->letter == 'n' && e->pinned_by[0] == '\0';
}

static int notes_count(const struct view_incidents *v)
{
    int n = 0;
    for (size_t i = 0; i < v->entry_count; i++) {
        n += v->entries[i].pinned_by[0] != '\0' || is_note(&v->entries[i]);
    }
    return n;
}

int part_notes_want(const struct view_incidents *v, int width)
{
    char text[TEXT_MAX];
    static const struct draw_ctx unmasked = {.mask = false};
    int rows = 0;
    for (size_t i = 0; i < v->entry_count && rows < CANVAS_SIDE_MAX; i++) {
        const struct ventry *e = &v->entries[i];
        rows += e->pinned_by[0] != '\0' || is_note(e) ? text_rows(entry_text(e, &unmasked, text), width, ROWS_WHOLE) : 0;
    }
    return rows;
}

void part_notes(struct area a, const struct view_incidents *v, const struct draw_ctx *ctx)
{
    char text[TEXT_MAX];
    const int count = notes_count(v), most = part_notes_want(v, a.r.w) <= a.r.h ? ROWS_WHOLE : 1;
    int y = 0, skip = most == 1 ? plan_max(count - a.r.h, 0) : 0; /* of notes, the oldest */
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; y < a.r.h && i < v->entry_count; i++) {
            const struct ventry *e = &v->entries[i];
            const bool pinned = e->pinned_by[0] != '\0';
            if (pass == 0 ? !pinned : !is_note(e) || skip-- > 0) {
                continue;
            }
            const int rows = plan_min(text_rows(entry_text(e, ctx, text), a.r.w, most), a.r.h - y);
            struct ventry plain = *e;
            plain.was = "";
            put_entry(area_sub(a, 0, y, a.r.w, rows), &plain, ctx);
            y += rows;
        }
    }
}
