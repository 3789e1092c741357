/* SPDX-License-Identifier: MIT */
#include "ui/draw/pane_draw.h"

#include "base/str.h"
#include "base/timefmt.h"
#include "ui/draw/layout.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/part.h"
#include "ui/draw/part_facts.h"
#include "ui/draw/plan.h"
#include "view/view_sources.h"

enum { TEXT_MAX = 512, DAY_MS = 24 * 60 * 60 * 1000, CERT_SOON_MS = 14 * DAY_MS }; /* two weeks: time to renew in office hours */
enum block { LIST, DETAIL, GAPS, AUTHORITY, CANARIES, STORE, BLOCKS };

enum col {
    NAME,
    KIND,
    STATE,
    AGE,
    HTTP,
    EVERY,
    TOOK,
    BYTES,
    RATE,
    KEPT,
    DROPPED,
    UNKNOWN_FAMILIES,
    WARNINGS,
    PROFILE,
    CERT,
    GAPS_COL,
    COLS
};
static const struct part_col cols[COLS] = {
    [NAME] = {"source", 14, true, 0, 0},       [KIND] = {"kind", 10, true, 6, 0},       [STATE] = {"state", 7, true, 0, 0},
    [AGE] = {"age", 5, false, 0, 0},           [HTTP] = {"http", 4, false, 1, 0},       [EVERY] = {"every", 5, false, 4, 0},
    [TOOK] = {"took", 7, false, 3, 0},         [BYTES] = {"bytes", 8, false, 4, 0},     [RATE] = {"polls/s", 7, false, 5, 0},
    [KEPT] = {"series", 6, false, 2, 0},       [DROPPED] = {"dropped", 7, false, 3, 0}, [UNKNOWN_FAMILIES] = {"unknown", 7, false, 5, 0},
    [WARNINGS] = {"warn", 4, false, 4, 0},     [PROFILE] = {"profile", 11, true, 3, 0}, [CERT] = {"cert", 5, false, 7, 0},
    [GAPS_COL] = {"gaps 24h", 9, false, 7, 0},
};

static const char *state_word(enum source_state s)
{
    switch (s) {
    case SOURCE_NEVER: return "never";
    case SOURCE_OK: return "ok";
    case SOURCE_STALE: return "STALE";
    case SOURCE_DOWN: return "DOWN";
    case SOURCE_SAWTOOTH: return "SAW";
    case SOURCE_PARTIAL: return "PARTIAL";
    case SOURCE_WATCHING: return "WATCH";
    case SOURCE_STOPPED: break;
    }
    return "stopped";
}

static const char *ms_text(int64_t ms, char out[NUMFMT_MAX])
{
    if (ms == 0) {
        (void)str_copy(out, NUMFMT_MAX, str_of("<1 ms")); /* it is counted in whole ones */
        return out;
    }
    return numfmt_seconds((double)ms / 1000, out);
}

static void put_row(struct area row, const struct part_table *t, const struct vsource *s, const struct draw_ctx *ctx)
{
    char text[NUMFMT_MAX], lost[NUMFMT_MAX];
    const struct source_status *st = &s->st;
    const bool asked = st->last_try_ms > 0, measures = !source_is_of_changes(st);
    enum role role = part_source_role(st->state);
    enum role dim = role == ROLE_TEXT ? ROLE_DIM : role;
    uint8_t attr = role == ROLE_TEXT ? 0 : CELL_BOLD;
    part_table_put(row, t, NAME, role, attr, st->name);
    part_table_put(row, t, KIND, ROLE_DIM, 0, st->kind);
    part_table_put(row, t, STATE, role == ROLE_TEXT ? ROLE_OK : role, attr, state_word(st->state));
    part_table_put(row, t, AGE, role, 0, numfmt_age(s->age_ms, text));
    (void)str_format(text, sizeof text, "%d", st->http_status);
    part_table_put(row, t, HTTP, dim, 0, st->http_status > 0 ? text : NUMFMT_NONE);
    part_table_put(row, t, EVERY, ROLE_DIM, 0, numfmt_age(st->interval_ms, text));
    part_table_put(row, t, TOOK, ROLE_DIM, 0, asked ? ms_text(st->duration_ms, text) : NUMFMT_NONE);
    part_table_put(row, t, BYTES, ROLE_DIM, 0, asked ? numfmt_bytes((double)st->bytes, text) : NUMFMT_NONE);
    part_table_put(row, t, RATE, ROLE_DIM, 0, measures ? numfmt_sig3(st->polls_per_s, text) : NUMFMT_NONE);
    part_table_put(row, t, KEPT, ROLE_TEXT, 0, asked && measures ? numfmt_count((double)st->series_kept, text) : NUMFMT_NONE);
    part_table_put(row, t, DROPPED, st->series_dropped ? ROLE_TICKET : ROLE_DIM, 0,
                   measures ? numfmt_count((double)st->series_dropped, text) : NUMFMT_NONE);
    part_table_put(row, t, UNKNOWN_FAMILIES, ROLE_DIM, 0, measures ? numfmt_count((double)st->families_unknown, text) : NUMFMT_NONE);
    part_table_put(row, t, WARNINGS, st->warnings ? ROLE_TICKET : ROLE_DIM, 0, numfmt_count((double)st->warnings, text));
    bool recognised = st->profile && *st->profile;
    part_table_put(row, t, PROFILE,
                   recognised ? ROLE_TEXT
                   : measures ? ROLE_UNKNOWN
                              : ROLE_DIM,
                   0,
                   recognised ? st->profile
                   : measures ? "none"
                              : NUMFMT_NONE);
    int64_t left = st->cert_expiry_ms - ctx->now_ms;
    part_table_put(row, t, CERT, st->cert_expiry_ms > 0 && left < CERT_SOON_MS ? ROLE_TICKET : ROLE_DIM, 0,
                   st->cert_expiry_ms == 0 ? NUMFMT_NONE
                   : left < 0              ? "OVER"
                                           : numfmt_age(left, text));
    if (s->gaps_24h > 0) {
        (void)str_format(text, sizeof text, "%u (%s)", s->gaps_24h, numfmt_age(s->gap_ms_24h, lost));
    }
    part_table_put(row, t, GAPS_COL, s->gaps_24h ? ROLE_TEXT : ROLE_DIM, 0, s->gaps_24h ? text : "0");
}

/* What is wrong with a source and what its profile did not know, wrapped; returns the rows. */
static int put_detail(struct area a, const struct vsource *s)
{
    char text[TEXT_MAX];
    const struct source_status *st = &s->st;
    int y = area_wrap(a, 0, 0, ROLE_DIM, st->url);
    y += area_wrap(a, 0, y, part_source_role(st->state), st->reason);
    if (st->warning && *st->warning) {
        (void)str_format(text, sizeof text, "%u warning%s, %s: %s", st->warnings, st->warnings == 1 ? "" : "s",
                         source_is_of_changes(st) ? "the last" : "first", st->warning);
        y += area_wrap(a, 0, y, ROLE_TICKET, text);
    }
    if (source_is_of_changes(st)) {
        return y + area_wrap(a, 0, y, ROLE_DIM, "it tells what changed or was posted (pane 7), and measures nothing");
    }
    (void)str_format(text, sizeof text, "%u series seen, %u kept, %u dropped; %u families not recognised (gwtop probe lists them)",
                     st->series_seen, st->series_kept, st->series_dropped, st->families_unknown);
    return y + area_wrap(a, 0, y, ROLE_DIM, text);
}

static void draw_detail(struct area a, const struct vsource *s, const struct draw_ctx *ctx)
{
    part_rule(area_row(a, 0), ROLE_TITLE, s->st.name, s->st.gateway, ctx);
    (void)put_detail(area_sub(a, 1, 1, a.r.w - 2, a.r.h - 1), s);
}

static int detail_rows(struct area a, const struct vsource *s)
{
    struct area unseen = area_sub(a, 1, 1, a.r.w - 2, CANVAS_SIDE_MAX);
    unseen.clip.w = 0;
    return 1 + put_detail(unseen, s);
}

static void draw_gaps(struct area a, const struct view_sources *v, const struct draw_ctx *ctx)
{
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX], length[NUMFMT_MAX];
    part_rule(area_row(a, 0), ROLE_TITLE, "gaps", "last 24 h, newest first", ctx);
    if (v->gap_count == 0) {
        part_empty(area_sub(a, 0, 1, a.r.w, a.r.h - 1), "none");
    }
    struct area rows = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    for (int y = 0; y < rows.r.h && (size_t)y < v->gap_count; y++) {
        const struct vgap *g = &v->gaps[y];
        if (part_cut(rows, y, (size_t)y, v->gap_count)) {
            return;
        }
        instant_format_clock(g->t0_ms, from);
        instant_format_clock(g->t1_ms, to);
        (void)area_putf(rows, 1, y, ROLE_TEXT, "%.8s to %s", from, to);
        (void)area_put_right(rows, 22, y, 7, ROLE_DIM, 0, numfmt_duration(g->t1_ms - g->t0_ms, length));
        (void)area_put_cut(rows, 30, y, 14, ROLE_TEXT, 0, g->source);
        (void)area_put_cut(rows, 45, y, a.r.w - 46, ROLE_DIM, 0, g->reason);
    }
}

enum { LINES_MAX = 20 /* of a block: more than anybody reads */ };

/* A block of sentences: who has the word, how canaries stand. */
struct lines {
    const char *title, *note;
    const char *(*at)(const struct view_sources *v, size_t i);
    size_t count;
};

static const char *authority_at(const struct view_sources *v, size_t i)
{
    return v->authority[i];
}

static const char *canary_at(const struct view_sources *v, size_t i)
{
    return v->canaries[i].text;
}

static int line_rows(const struct view_sources *v, const struct lines *l, int width)
{
    int rows = 0;
    for (size_t i = 0; i < l->count && rows < LINES_MAX; i++) {
        rows += area_wrap_rows(width, l->at(v, i));
    }
    return plan_min(rows, LINES_MAX);
}

static void draw_lines(struct area a, const struct view_sources *v, const struct lines *l, const struct draw_ctx *ctx)
{
    part_rule(area_row(a, 0), ROLE_TITLE, l->title, l->note, ctx);
    struct area rows = area_sub(a, 0, 1, a.r.w, a.r.h - 1);
    bool roomy = line_rows(v, l, a.r.w - 2) <= rows.r.h;
    int y = 0;
    for (size_t i = 0; i < l->count && y < rows.r.h; i++) {
        if (!roomy && part_cut(rows, y, i, l->count)) {
            return;
        }
        if (roomy) {
            y += area_wrap(area_sub(rows, 1, y, a.r.w - 2, rows.r.h - y), 0, 0, ROLE_TEXT, l->at(v, i));
        } else {
            (void)area_put_cut(rows, 1, y++, a.r.w - 2, ROLE_TEXT, 0, l->at(v, i));
        }
    }
}

static void draw_store(struct area a, const struct view_sources *v, const struct draw_ctx *ctx)
{
    char size[NUMFMT_MAX], wal[NUMFMT_MAX], samples[NUMFMT_MAX], series[NUMFMT_MAX], text[TEXT_MAX], iso[TIMEFMT_MAX];
    part_rule(area_row(a, 0), ROLE_TITLE, "recorder and store", v->store_path, ctx);
    instant_format_iso(v->first_ms, iso);
    (void)str_format(text, sizeof text, "%s + %s WAL; %s samples of %s series", numfmt_bytes((double)v->store_bytes, size),
                     numfmt_bytes((double)v->wal_bytes, wal), numfmt_sig3((double)v->samples, samples),
                     numfmt_count((double)v->series, series));
    if (v->first_ms == 0 && v->samples == 0) {
        (void)str_copy(text, sizeof text, str_of("nothing has been recorded yet"));
    }
    if (v->first_ms > 0) {
        size_t n = str_of(text).n;
        (void)str_format(text + n, sizeof text - n, "; first %s", iso);
    }
    (void)area_put_cut(a, 1, 1, a.r.w - 2, ROLE_TEXT, 0, text);
    (void)area_put_cut(a, 1, 2, a.r.w - 2, ROLE_DIM, 0, v->recorder_text);
}

void pane_sources_draw(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx)
{
    const struct view_sources *v = view;
    struct area a = area_of(cv, r);
    if (!v) {
        part_loading(a, ctx);
        return;
    }
    const struct lines words = {"authority", "which source counts where several see the same traffic", authority_at, v->authority_count},
                       standing = {"canaries", "prompts of gwtop's own", canary_at, v->canary_count};
    int gaps = plan_count(v->gap_count), authority = line_rows(v, &words, a.r.w - 2), canaries = line_rows(v, &standing, a.r.w - 2);
    int chosen = ctx->focus && ctx->selected > 0 ? plan_min(ctx->selected, plan_max(plan_count(v->row_count) - 1, 0)) : 0;
    int detail = v->row_count ? detail_rows(a, &v->rows[chosen]) : 0;
    struct plan_block b[BLOCKS] = {
        [LIST] = {.min = 4, .want = 1 + plan_max(plan_count(v->row_count), 2), .rank = 1},
        [DETAIL] = {.min = plan_min(detail, 5), .want = detail, .rank = 2},
        [GAPS] = {.min = 1 + plan_min(plan_max(gaps, 1), 2), .want = 1 + plan_min(plan_max(gaps, 1), 20), .rank = 4},
        [AUTHORITY] = {.min = 1 + plan_min(authority, 2), .want = authority ? 1 + authority : 0, .rank = 5},
        [CANARIES] = {.min = 1 + plan_min(canaries, 2), .want = canaries ? 1 + canaries : 0, .rank = 6},
        [STORE] = {.min = 3, .want = 3, .rank = 3},
    };
    plan_rows(b, BLOCKS, a.r.h);
    struct area list = area_sub(a, 0, 1, a.r.w, b[LIST].h - 1);
    struct part_list l = part_list_of(list, v->row_count, ctx);
    struct part_table t = part_table_fit(cols, COLS, a.r.w, NAME, 36);
    part_table_head(area_row(a, 0), &t, ctx);
    if (v->row_count == 0) {
        part_empty(list, "No source has been asked yet. The configuration names them; `gwtop check` says whether it is right.");
    }
    for (int y = 0; y < l.shown; y++) {
        put_row(area_row(list, y), &t, &v->rows[l.first + y], ctx);
        part_list_mark(area_row(list, y), &l, y);
    }
    area_highlight(list, ROLE_MATCH, ctx->search);
    if (b[DETAIL].h > 0) {
        draw_detail(area_sub(a, 0, b[DETAIL].y, a.r.w, b[DETAIL].h), &v->rows[chosen], ctx);
    }
    if (b[GAPS].h > 0) {
        draw_gaps(area_sub(a, 0, b[GAPS].y, a.r.w, b[GAPS].h), v, ctx);
    }
    if (b[AUTHORITY].h > 0) {
        draw_lines(area_sub(a, 0, b[AUTHORITY].y, a.r.w, b[AUTHORITY].h), v, &words, ctx);
    }
    if (b[CANARIES].h > 0) {
        draw_lines(area_sub(a, 0, b[CANARIES].y, a.r.w, b[CANARIES].h), v, &standing, ctx);
    }
    if (b[STORE].h > 0) {
        draw_store(area_sub(a, 0, b[STORE].y, a.r.w, b[STORE].h), v, ctx);
    }
    if (l.selected >= 0) {
        ctx->out->id = (int64_t)v->rows[l.selected].st.id;
        ctx->out->name = v->rows[l.selected].st.name;
    }
}
