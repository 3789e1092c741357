/* SPDX-License-Identifier: MIT */
/* The header is a list of segments with a rank each: on a narrow screen the lowest rank goes first, and what warns goes last. */
#include "ui/draw/frame.h"

#include <string.h>

#include "base/safe_text.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "ui/draw/area.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"

enum { SEGMENTS_MAX = 20, SEGMENT_TEXT = 96, DAY_MS = 24 * 60 * 60 * 1000, SENTENCE_MAX = 512 };
enum { NAMES_SHOWN = 3 }; /* of sources that are not well: the Sources pane has them all */

struct segment {
    char text[SEGMENT_TEXT];
    enum role role;
    uint8_t attr;
    uint8_t rank; /* higher stays longer */
    bool gone;
};

struct segments {
    struct segment seg[SEGMENTS_MAX];
    size_t count;
};

static struct segment *segment_add(struct segments *s, enum role role, uint8_t attr, uint8_t rank, const char *text)
{
    if (s->count == SEGMENTS_MAX) {
        return NULL;
    }
    struct segment *g = &s->seg[s->count++];
    *g = (struct segment){.role = role, .attr = attr, .rank = rank};
    (void)str_copy(g->text, sizeof g->text, str_of(text));
    return g;
}

static int segments_width(const struct segments *s, int gap)
{
    int width = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (!s->seg[i].gone) {
            width += (width ? gap : 0) + (int)utf8_columns(str_of(s->seg[i].text));
        }
    }
    return width;
}

static bool segments_drop(struct segments *s)
{
    struct segment *least = NULL;
    for (size_t i = 0; i < s->count; i++) {
        struct segment *g = &s->seg[i];
        if (!g->gone && (!least || g->rank <= least->rank)) {
            least = g;
        }
    }
    if (least) {
        least->gone = true;
    }
    return least != NULL;
}

static void segments_put(struct area a, struct segments *s)
{
    int room = a.r.w - 2;
    while (segments_width(s, 2) > room && segments_drop(s)) {
    }
    int gap = segments_width(s, 3) <= room ? 3 : 2;
    int x = 1;
    for (size_t i = 0; i < s->count; i++) {
        const struct segment *g = &s->seg[i];
        if (!g->gone) {
            x += area_put_attr(a, x, 0, g->role, g->attr, g->text) + gap;
        }
    }
}

/* "AT 02:58:10Z (-16m)", with the day when it is not today's. */
static void add_past(struct segments *s, const struct view_frame *v)
{
    char at[TIMEFMT_MAX], ago[NUMFMT_MAX], day[TIMEFMT_MAX + 1] = "", text[SEGMENT_TEXT];
    int64_t back = v->now_ms - v->cursor_ms;
    if (instant_floor(v->now_ms, DAY_MS) != instant_floor(v->cursor_ms, DAY_MS)) {
        instant_format_day(v->cursor_ms, day);
        (void)strcat(day, " ");
    }
    instant_format_clock(v->cursor_ms, at);
    bool minutes = back >= 10 * 60 * 1000 && back < 60 * 60 * 1000;
    (void)(minutes ? numfmt_age(back, ago) : numfmt_duration(back, ago));
    (void)str_format(text, sizeof text, " AT %s%s (-%s) ", day, at, ago);
    (void)segment_add(s, ROLE_PAST, CELL_BOLD, 20, text);
    (void)segment_add(s, ROLE_DIM, 0, 6, "as known then; 0 live");
    if (v->late_text != NULL && v->late_text[0] != '\0') {
        (void)segment_add(s, ROLE_TICKET, 0, 10, v->late_text);
    }
}

static void add_clock(struct segments *s, const struct view_frame *v)
{
    char day[TIMEFMT_MAX], at[TIMEFMT_MAX], local[TIMEFMT_MAX], text[SEGMENT_TEXT];
    instant_format_day(v->now_ms, day);
    instant_format_clock(v->now_ms, at);
    instant_format_local(v->now_ms, local);
    bool utc = strncmp(local, at, 5) == 0; /* the process' time zone is UTC: nothing to add */
    (void)str_format(text, sizeof text, "%s %s", day, at);
    if (!utc) {
        struct segment *g = segment_add(s, ROLE_TEXT, 0, 12, "");
        if (g) {
            (void)str_format(g->text, sizeof g->text, "%s (%s local)", text, local);
        }
    } else {
        (void)segment_add(s, ROLE_TEXT, 0, 12, text);
    }
}

const char *frame_recorder_text(const struct view_frame *f, char out[FRAME_TEXT_MAX])
{
    char at[TIMEFMT_MAX];
    const char *what = f->recorder_silent ? "RECORDER SILENT" : "NO RECORDER";
    if (f->ended_ms != 0 || (f->recorder_running && !f->recorder_silent)) {
        return "";
    }
    instant_format_clock(f->recorder_wrote_ms, at);
    (void)str_format(out, FRAME_TEXT_MAX, f->recorder_wrote_ms > 0 ? "%s since %s" : "%s", what, at);
    return out;
}

/* Whether what is seen is alive. */
static void add_freshness(struct segments *s, const struct frame_in *in)
{
    const struct view_frame *v = in->view;
    char age[NUMFMT_MAX], text[SEGMENT_TEXT], missing[FRAME_TEXT_MAX];
    const char *recorder = frame_recorder_text(v, missing);
    bool frozen = in->frozen_ms > 0;
    if (frozen) {
        (void)str_format(text, sizeof text, " FROZEN %s ", numfmt_age(in->frozen_ms, age));
        (void)segment_add(s, ROLE_PAST, CELL_BOLD, 20, text);
    }
    if (v->ended_ms > 0) {
        char at[TIMEFMT_MAX];
        instant_format_clock(v->ended_ms, at);
        (void)str_format(text, sizeof text, " ENDED %s ", at);
        (void)segment_add(s, ROLE_PAST, CELL_BOLD, 18, text);
    } else if (*recorder) { /* wherever the screen stands: nothing comes after it */
        (void)str_format(text, sizeof text, " %s ", recorder);
        (void)segment_add(s, ROLE_UNKNOWN_BADGE, CELL_BOLD, 19, text);
    } else if (!v->live || frozen) {
        return;
    } else if (v->data_age_ms < 0) {
        (void)segment_add(s, ROLE_UNKNOWN, CELL_BOLD, 18, "NO DATA YET");
    } else if (v->sources_ok + v->sources_partial + v->sources_watching == 0 && v->sources_sawtooth > 0) {
        (void)segment_add(s, ROLE_UNKNOWN_BADGE, CELL_BOLD, 19, " COUNTS UNKNOWN ");
    } else if (v->sources_ok + v->sources_watching_part == 0 && v->sources_partial > 0) {
        (void)segment_add(s, ROLE_UNKNOWN_BADGE, CELL_BOLD, 19, " PARTIAL ");
    } else if (v->sources_ok + v->sources_watching_part == 0 && v->sources_watching > 0) {
        (void)segment_add(s, ROLE_UNKNOWN_BADGE, CELL_BOLD, 19, " WATCHING ");
    } else if (v->sources_ok + v->sources_watching_part == 0) {
        (void)str_format(text, sizeof text, " DATA %s OLD ", numfmt_age(v->data_age_ms, age));
        (void)segment_add(s, ROLE_UNKNOWN_BADGE, CELL_BOLD, 19, text);
    } else {
        (void)str_format(text, sizeof text, "LIVE %s", numfmt_age(v->data_age_ms, age));
        (void)segment_add(s, ROLE_OK, CELL_BOLD, 18, text);
    }
}

const char *frame_source_word(enum source_state state)
{
    switch (state) {
    case SOURCE_DOWN: return "DOWN";
    case SOURCE_NEVER: return "NEVER";
    case SOURCE_STOPPED: return "STOPPED";
    case SOURCE_SAWTOOTH: return "SAWTOOTH";
    case SOURCE_PARTIAL: return "PARTIAL";
    case SOURCE_WATCHING: return "WATCHING";
    case SOURCE_OK:
    case SOURCE_STALE: break;
    }
    return "STALE";
}

static void add_sources(struct segments *s, const struct view_frame *v)
{
    char text[SEGMENT_TEXT], age[NUMFMT_MAX];
    (void)str_format(text, sizeof text, "sources %u/%u", view_answering(v), v->sources_all);
    (void)segment_add(s, ROLE_TEXT, 0, 8, text);
    size_t shown = 0, told = 0;
    for (size_t i = 0; i < v->stale_count; i++) {
        const struct vstale *st = &v->stale[i];
        const char *word = frame_source_word(st->state);
        if (v->recorder_missing && (st->state == SOURCE_STALE || st->state == SOURCE_STOPPED)) {
            continue; /* that nobody asked them is not their fault, and the header says whose it is */
        }
        if (told++ >= NAMES_SHOWN) {
            continue;
        }
        if (st->state == SOURCE_NEVER) {
            (void)str_format(text, sizeof text, "%.32s NO ANSWER YET", st->name);
        } else if (*st->part) {
            (void)str_format(text, sizeof text, "%s %s of %.32s %s", word, st->part, st->name, numfmt_age(st->age_ms, age));
        } else {
            (void)str_format(text, sizeof text, "%s %.32s %s", word, st->name, numfmt_age(st->age_ms, age));
        }
        (void)segment_add(s, ROLE_TICKET, CELL_BOLD, (uint8_t)(shown++ ? 9 : 14), text);
    }
    if (told > NAMES_SHOWN) {
        (void)str_format(text, sizeof text, "+%zu more", told - NAMES_SHOWN);
        (void)segment_add(s, ROLE_TICKET, 0, 9, text);
    }
}

static void draw_header(struct area a, const struct frame_in *in)
{
    const struct view_frame *v = in->view;
    struct segments s = {.count = 0};
    area_fill(a, ROLE_TEXT, ' ');
    (void)segment_add(&s, ROLE_TEXT, CELL_BOLD, 7, "gwtop");
    if (!v) {
        segments_put(a, &s);
        return;
    }
    (void)segment_add(&s, ROLE_ACCENT, CELL_BOLD, 13, v->gateway ? v->gateway : "");
    if (v->demo) {
        (void)segment_add(&s, ROLE_MODE, CELL_BOLD, 17, " DEMO ");
    }
    if (v->snapshot_text) {
        (void)segment_add(&s, ROLE_MODE, CELL_BOLD, 17, " SNAPSHOT ");
        (void)segment_add(&s, ROLE_TEXT, 0, 8, v->snapshot_text);
    }
    if (!v->live) {
        add_past(&s, v);
    } else {
        add_clock(&s, v);
    }
    add_freshness(&s, in);
    if (!v->kept) {
        (void)segment_add(&s, ROLE_MODE, CELL_BOLD, 16, " NOT KEPT ");
    }
    if (v->recording_since_ms > 0) {
        char day[TIMEFMT_MAX], at[TIMEFMT_MAX], text[SEGMENT_TEXT];
        instant_format_day(v->recording_since_ms, day);
        instant_format_clock(v->recording_since_ms, at);
        (void)str_format(text, sizeof text, "REC since %s %.5sZ", str_of(day).n > 4 ? day + 4 : day, at); /* without the weekday */
        (void)segment_add(&s, ROLE_DIM, 0, 3, text);
    }
    if (v->sources_all > 0) {
        add_sources(&s, v);
    }
    if (v->polls_per_s > 0) {
        char rate[NUMFMT_MAX], text[SEGMENT_TEXT];
        (void)str_format(text, sizeof text, "%s polls/s", numfmt_sig3(v->polls_per_s, rate));
        (void)segment_add(&s, ROLE_DIM, 0, 2, text);
    }
    if (in->read_only) {
        (void)segment_add(&s, ROLE_DIM, 0, 1, "READ-ONLY");
    }
    segments_put(a, &s);
}

const char *frame_verdict_word(enum verdict_state s)
{
    switch (s) {
    case VERDICT_OK: return "OK";
    case VERDICT_TICKET: return "TICKET";
    case VERDICT_PAGE: return "PAGE";
    case VERDICT_NO_RULES: return "NO RULES";
    case VERDICT_UNKNOWN: break;
    }
    return "UNKNOWN";
}

static enum role badge_role(const struct view_verdict *v)
{
    switch (v->state) {
    case VERDICT_OK: return v->warns ? ROLE_TICKET_BADGE : ROLE_OK_BADGE;
    case VERDICT_TICKET: return ROLE_TICKET_BADGE;
    case VERDICT_PAGE: return ROLE_PAGE_BADGE;
    case VERDICT_NO_RULES:
    case VERDICT_UNKNOWN: break;
    }
    return ROLE_UNKNOWN_BADGE;
}

/* The sentence without the count of others. */
static void verdict_sentence(const struct view_verdict *v, char *out, size_t cap)
{
    const char *said = v->sentence ? v->sentence : "";
    if (v->state == VERDICT_UNKNOWN && v->since_ms > 0) {
        char at[TIMEFMT_MAX];
        instant_format_clock(v->since_ms, at);
        bool was = v->was != VERDICT_UNKNOWN;
        (void)str_format(out, cap, "since %.5sZ%s%s%s%s", at, was ? ", was " : "", was ? frame_verdict_word(v->was) : "", *said ? ": " : "",
                         said);
    } else if (v->state == VERDICT_NO_RULES && !*said) {
        (void)str_copy(out, cap, str_of("nothing can page: no objective yet (gwtop init --slo proposes some)"));
    } else {
        (void)str_copy(out, cap, str_of(said));
    }
}

static void verdict_others(const struct view_verdict *v, bool words, char out[SEGMENT_TEXT])
{
    if (v->others == 0) {
        out[0] = '\0';
    } else if (words) {
        (void)str_format(out, SEGMENT_TEXT, "; +%u other incident%s", v->others, v->others == 1 ? "" : "s");
    } else {
        (void)str_format(out, SEGMENT_TEXT, "; +%u", v->others);
    }
}

void frame_verdict_text(const struct view_verdict *v, char *out, size_t cap)
{
    char others[SEGMENT_TEXT];
    verdict_sentence(v, out, cap);
    verdict_others(v, true, others);
    size_t n = strlen(out);
    (void)str_copy(out + n, cap - n, str_of(others));
}

/* Columns that the row below must leave to what the verdict rests on: its word and a source with its age. */
enum { REALITY_LEAST = 22 };

/* Of a sentence and the count of others, as much as fits; the count is never what gives way. */
static int put_sentence(struct area a, int x, int room, const char *sentence, const char *others)
{
    int from = x;
    x += area_put_cut(a, x, 0, room - (int)strlen(others), ROLE_STRONG, CELL_BOLD, sentence);
    x += area_put_attr(a, x, 0, ROLE_STRONG, CELL_BOLD, others);
    return x - from;
}

/* A sentence as it is drawn; returns how many bytes of it the row takes. */
static size_t mask_sentence(const struct draw_ctx *ctx, const char *sentence, int room, char out[SENTENCE_MAX])
{
    (void)mask_text(ctx->mask, sentence, out, SENTENCE_MAX);
    return area_row_bytes(room, out);
}

/* Draws the badge and the sentence. One that is longer than the row goes on in the row below, `next`, where there is one (a clip of no
 * width else): returns the columns that it takes there. */
static int draw_verdict(struct area a, struct area next, const struct frame_in *in, const struct draw_ctx *ctx)
{
    int x = a.r.w >= 100 ? 1 : 0;
    if (!in->view) {
        (void)area_put_cut(a, x + 1, 0, a.r.w - x - 1, ROLE_DIM, 0, in->loading ? in->loading : "reading the store");
        return 0;
    }
    const struct view_verdict *v = &in->view->verdict;
    char sentence[SENTENCE_MAX], masked[SENTENCE_MAX], others[SEGMENT_TEXT];
    x += area_put_attr(a, x, 0, badge_role(v), CELL_BOLD, " ");
    x += area_put_attr(a, x, 0, badge_role(v), CELL_BOLD, frame_verdict_word(v->state));
    x += area_put_attr(a, x, 0, a.r.w >= 100 ? badge_role(v) : ROLE_STRONG, CELL_BOLD, " "); /* a blank between them at any width */
    x += a.r.w >= 100 ? 1 : 0;
    verdict_sentence(v, sentence, sizeof sentence);
    const int room = a.r.w - x;
    size_t first = mask_sentence(ctx, sentence, room, masked);
    const int length = (int)utf8_columns(str_of(masked));
    verdict_others(v, length + 24 <= room, others); /* "; +12 other incidents" */
    if (rect_is_empty(next.r) || length + (int)strlen(others) <= room) {
        (void)put_sentence(a, x, room, masked, others);
        return 0;
    }
    const int below = next.r.w - 1 - REALITY_LEAST;
    if ((int)utf8_columns(str_of(masked + first)) + (int)strlen(others) > below && v->state != VERDICT_UNKNOWN && v->brief != NULL)
        first = mask_sentence(ctx, v->brief, room, masked); /* what is cut then is what asks least */
    const char *rest = masked + first + (masked[first] == ' ');
    masked[first] = '\0';
    (void)area_put_attr(a, x, 0, ROLE_STRONG, CELL_BOLD, masked);
    return put_sentence(next, 1, below, rest, others) + 1;
}

/* Too small for panes: the verdict on as many rows as there are, and how large the screen must be. */
static void draw_small(struct area a, const struct frame_in *in, const struct draw_ctx *ctx)
{
    char text[SENTENCE_MAX], line[SENTENCE_MAX + 16];
    int rows = a.r.h > 2 ? a.r.h - 1 : a.r.h;
    if (!in->view) {
        (void)area_wrap(area_sub(a, 0, 0, a.r.w, rows), 0, 0, ROLE_DIM, in->loading ? in->loading : "reading the store");
    } else {
        const struct view_verdict *v = &in->view->verdict;
        frame_verdict_text(v, line, sizeof line);
        (void)mask_text(ctx->mask, line, text, sizeof text);
        const char *word = frame_verdict_word(v->state);
        (void)str_format(line, sizeof line, "%s %s", word, text);
        (void)area_wrap(area_sub(a, 0, 0, a.r.w, rows), 0, 0, ROLE_STRONG, line);
        area_role(area_sub(a, 0, 0, (int)strlen(word), 1), badge_role(v));
    }
    if (a.r.h > 2) {
        char need[SEGMENT_TEXT];
        (void)str_format(need, sizeof need, "%dx%d: too small for panes, %dx%d needed", a.r.w, a.r.h, LAYOUT_MIN_COLS, LAYOUT_MIN_ROWS);
        (void)area_put_cut(a, 0, a.r.h - 1, a.r.w, ROLE_DIM, 0, need);
    }
}

static bool is_sure(const struct view_frame *f)
{
    return f->sources_ok + f->sources_watching_part > 0 && f->verdict.state != VERDICT_UNKNOWN && !f->recorder_missing;
}

const char *frame_reality_word(const struct view_frame *f)
{
    return is_sure(f) ? "REAL" : "UNSURE";
}

const char *frame_reality_text(const struct view_frame *f)
{
    const char *text = f->verdict.reality;
    return text != NULL && *text != '\0' ? text : "nothing has been recorded yet";
}

/* Whether somebody has it: a pager's own word where there is one. */
static const char *standing(const struct frame_in *in, bool narrow)
{
    const struct view_verdict *v = &in->view->verdict;
    const char *said = narrow ? v->taken_short : v->taken;
    return in->pager && *in->pager ? in->pager : said ? said : "";
}

/* from: the columns that the verdict took of its row. */
static void draw_reality(struct area a, int from, const struct frame_in *in, const struct draw_ctx *ctx)
{
    const struct view_frame *v = in->view;
    if (!v) {
        return;
    }
    char text[SENTENCE_MAX];
    /* Green is for what is so now. */
    enum role role = !is_sure(v) ? ROLE_UNKNOWN : v->live && in->frozen_ms == 0 ? ROLE_OK : ROLE_TEXT;
    const char *pager = standing(in, from > 0 || a.r.w < 100);
    int pager_w = *pager ? (int)utf8_columns(str_of(pager)) + 2 : 0;
    int x = from > 0 ? from + 2 : 1;
    x += area_put_attr(a, x, 0, role, CELL_BOLD, frame_reality_word(v)) + 1;
    int room = a.r.w - x - pager_w;
    const char *said = mask_text(ctx->mask, frame_reality_text(v), text, sizeof text);
    if (is_sure(v) && v->sources_ok == v->sources_all && (int)utf8_columns(str_of(said)) > room) {
        (void)str_format(text, sizeof text, "%u source%s answer%s", v->sources_ok, v->sources_ok == 1 ? "" : "s",
                         v->sources_ok == 1 ? "s" : ""); /* whole, rather than a part of their names */
        said = text;
    }
    if (from == 0 || room >= REALITY_LEAST / 2) { /* a few letters of a name tell nothing */
        x += area_put_cut(a, x, 0, room, ROLE_DIM, 0, said);
    }
    (void)area_put(a, x + 2, 0, ROLE_TICKET, pager);
}

/* The tab row in four widths; the filter is never what gives way. */
enum tab_style { TABS_WIDE, TABS_NARROW, TABS_SHORT, TABS_DIGITS, TAB_STYLE_COUNT };

static int put_tabs(struct area a, enum pane_id current, enum tab_style style, bool draw)
{
    int x = style == TABS_WIDE ? 1 : 0;
    for (int p = 0; p < PANE_COUNT; p++) {
        bool on = p == (int)current;
        char text[SEGMENT_TEXT];
        const char *title = pane_get((enum pane_id)p)->title;
        int length = style == TABS_DIGITS && !on                       ? 0
                     : style == TABS_SHORT && !on && strlen(title) > 8 ? 4
                     : style == TABS_SHORT && p == PANE_OVERVIEW       ? 4
                                                                       : 16;
        (void)str_format(text, sizeof text, length ? " %d %.*s " : " %d ", p + 1, length, title);
        if (style != TABS_WIDE && p > 0) {
            x--; /* neighbours share the blank between them */
        }
        if (draw) {
            (void)area_put_attr(a, x, 0, on ? ROLE_TAB_ON : ROLE_TAB, on ? CELL_BOLD : 0, text);
        }
        x += (int)strlen(text) + (style == TABS_WIDE ? 1 : 0);
    }
    return x;
}

static void draw_tabs(struct area a, const struct frame_in *in, const struct draw_ctx *ctx)
{
    char scope[160] = "", window[NUMFMT_MAX], masked[128];
    const char *filter = in->view && in->view->scope_text ? in->view->scope_text : "";
    bool filtered = *filter && strcmp(filter, "all") != 0;
    /* what answers is no traffic: nothing there is filtered */
    const char *prefix = !filtered ? "scope " : in->pane == PANE_SOURCES ? "not filtered here: " : "filter ";
    (void)str_format(scope, sizeof scope, "%s%s", prefix, filtered ? mask_text(ctx->mask, filter, masked, sizeof masked) : "all");
    if (in->window_ms > 0) {
        size_t n = strlen(scope);
        (void)str_format(scope + n, sizeof scope - n, "  window %s", numfmt_duration(in->window_ms, window));
    }
    int scope_w = (int)utf8_columns(str_of(scope)) + 2;
    enum tab_style style = TABS_WIDE;
    while (style + 1 < TAB_STYLE_COUNT && put_tabs(a, in->pane, style, false) + (filtered ? scope_w : 0) > a.r.w) {
        style++;
    }
    int x = put_tabs(a, in->pane, style, true);
    if (x + scope_w <= a.r.w || filtered) {
        int at = a.r.w - scope_w + 1 > x ? a.r.w - scope_w + 1 : x;
        (void)area_put_cut(a, at, 0, a.r.w - at, filtered ? ROLE_ACCENT : ROLE_DIM, filtered ? CELL_BOLD : 0, scope);
    }
}

static struct frame_point draw_footer(struct area a, const struct frame_in *in)
{
    struct frame_point point = {-1, -1};
    const char *message = in->message ? in->message : "";
    area_fill(a, ROLE_TEXT, ' ');
    if (in->message_kind == FRAME_MESSAGE_PROMPT) {
        int x = area_put_attr(a, 1, 0, ROLE_INPUT, CELL_BOLD, in->prompt ? in->prompt : "") + 1;
        int room = a.r.w - x - 1;
        /* a text longer than the row is shown around its cursor */
        int skip = in->prompt_cursor > room && room > 0 ? in->prompt_cursor - room : 0;
        (void)area_put(area_sub(a, x, 0, room, 1), -skip, 0, ROLE_INPUT, message);
        point = (struct frame_point){a.r.x + x + in->prompt_cursor - skip, a.r.y};
        return point;
    }
    if (in->message_kind != FRAME_MESSAGE_NONE) {
        bool failed = in->message_kind == FRAME_MESSAGE_ERROR;
        (void)area_put_cut(a, 1, 0, a.r.w - 2, failed ? ROLE_ERROR : ROLE_STRONG, CELL_BOLD, message);
        return point;
    }
    int x = 1;
    for (size_t i = 0; i < in->key_count; i++) {
        int width = (int)(utf8_columns(str_of(in->keys[i].key)) + 1 + utf8_columns(str_of(in->keys[i].label)));
        if (x + width > a.r.w) {
            break;
        }
        x += area_put_attr(a, x, 0, ROLE_KEY, CELL_BOLD, in->keys[i].key) + 1;
        x += area_put(a, x, 0, ROLE_TEXT, in->keys[i].label) + 2;
    }
    return point;
}

struct frame_point frame_draw(struct canvas *cv, const struct layout *l, const struct frame_in *in, const struct draw_ctx *ctx)
{
    struct frame_point none = {-1, -1};
    if (l->too_small) {
        draw_small(area_of(cv, l->verdict), in, ctx);
        return none;
    }
    draw_header(area_on(area_of(cv, l->header), ROLE_BAR), in);
    int taken = draw_verdict(area_of(cv, l->verdict), area_of(cv, l->reality), in, ctx);
    if (!rect_is_empty(l->reality)) {
        draw_reality(area_of(cv, l->reality), taken, in, ctx);
    }
    if (!rect_is_empty(l->tabs)) {
        draw_tabs(area_of(cv, l->tabs), in, ctx);
    }
    return draw_footer(area_on(area_of(cv, l->footer), ROLE_BAR), in);
}
