/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <string.h>

#include "base/timefmt.h"
#include "view/vcanary.h"
#include "view/vtext.h"

enum { AUTHORITY_LINES_MAX = 32, AUTHORITY_NAMES_MAX = 6 /* of a layer, in a line */ };

static enum err rows_and_gaps(const struct view_loader *l, const struct view_params *p, struct view_sources *v, struct errctx *ctx)
{
    static const int64_t day = 86400000;
    struct source_status *sources;
    struct store_gap *gaps;
    size_t count, gap_count;

    enum err e = store_sources(l->st, p->cursor_ms, l->arena, &sources, &count, ctx);
    if (e == ERR_OK)
        e = store_gaps(l->st, p->cursor_ms - day, p->cursor_ms, l->arena, &gaps, &gap_count, ctx);
    if (e != ERR_OK)
        return e;
    struct vsource *rows = arena_array(l->arena, count + 1, sizeof *rows);
    struct vgap *shown = arena_array(l->arena, gap_count + 1, sizeof *shown);
    if (rows == NULL || shown == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading sources");
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct vsource){.st = sources[i], .age_ms = sources[i].last_ok_ms > 0 ? p->cursor_ms - sources[i].last_ok_ms : -1};
    for (size_t g = 0; g < gap_count; g++) {
        const struct store_gap *gap = &gaps[gap_count - 1 - g];
        const char *of = vtext_signals(l->arena, gap->signals);
        const char *reason = of != NULL && *of != '\0' ? arena_printf(l->arena, "%s: %s", of, gap->reason)
                             : of != NULL              ? gap->reason
                                                       : NULL;
        if (reason == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while reading sources");
        shown[g] = (struct vgap){.source = "", .reason = reason, .t0_ms = gap->t0_ms, .t1_ms = gap->t1_ms};
        for (size_t i = 0; i < count; i++) {
            if (sources[i].id != gap->source)
                continue;
            int64_t from = gap->t0_ms > p->cursor_ms - day ? gap->t0_ms : p->cursor_ms - day;
            int64_t to = gap->t1_ms < p->cursor_ms ? gap->t1_ms : p->cursor_ms;
            shown[g].source = sources[i].name;
            rows[i].gaps_24h++;
            rows[i].gap_ms_24h += to > from ? to - from : 0;
        }
    }
    v->rows = rows;
    v->row_count = count;
    v->gaps = shown;
    v->gap_count = gap_count;
    return ERR_OK;
}

/* ---- who has the word ---- */

struct words {
    const struct view_loader *l;
    const struct view_sources *v;
    struct store_authority *rulings; /* on rows[i] */
    struct store_stage *stages;      /* that do not count, though their sources do for others */
    size_t stage_count;
    uint64_t *signals;                                                 /* that rows[i] carries */
    const char *head[AUTHORITY_LINES_MAX], *tail[AUTHORITY_LINES_MAX]; /* "prod from a, b (also seen by c)", "e2e, ttft" */
    size_t count;
};

enum word { WORD_COUNTS, WORD_KEPT, WORD_UNRESOLVED };

static bool has_word(const struct words *w, size_t i, enum signal s, enum word word)
{
    bool kept = w->rulings[i].kept >> s & 1, unresolved = w->rulings[i].unresolved >> s & 1;

    return word == WORD_KEPT ? kept : word == WORD_UNRESOLVED ? unresolved : !kept && !unresolved;
}

/* "a, b and 3 more": the gateway's sources of that word; "" when there are none, NULL when the arena is full. */
static const char *names(const struct words *w, const char *gateway, enum signal s, enum word word)
{
    const char *text = "";
    size_t n = 0;

    for (size_t i = 0; i < w->v->row_count && text != NULL; i++) {
        const struct source_status *row = &w->v->rows[i].st;
        if ((w->signals[i] >> s & 1) == 0 || !has_word(w, i, s, word) || strcmp(row->gateway, gateway) != 0)
            continue;
        if (n++ < AUTHORITY_NAMES_MAX)
            text = arena_printf(w->l->arena, "%s%s%s", text, n > 1 ? ", " : "", row->name);
    }
    return text != NULL && n > AUTHORITY_NAMES_MAX ? arena_printf(w->l->arena, "%s and %zu more", text, n - AUTHORITY_NAMES_MAX) : text;
}

/* Adds the signal to the line that begins like this. */
static enum err add_word(struct words *w, const char *head, enum signal s)
{
    const char *name = signal_info(s)->name;
    size_t k = 0;

    if (head == NULL)
        return ERR_NOMEM;
    while (k < w->count && strcmp(w->head[k], head) != 0)
        k++;
    if (k == AUTHORITY_LINES_MAX)
        return ERR_OK;
    w->head[k] = head;
    w->tail[k] = k < w->count ? arena_printf(w->l->arena, "%s, %s", w->tail[k], name) : name;
    w->count += k == w->count;
    return w->tail[k] == NULL ? ERR_NOMEM : ERR_OK;
}

/* "prod from others than otel, stage guardrail: stage_latency" */
static enum err stage_words(struct words *w, size_t i)
{
    const struct source_status *row = &w->v->rows[i].st;
    enum err e = ERR_OK;

    for (size_t k = 0; k < w->stage_count && e == ERR_OK; k++) {
        const struct store_stage *s = &w->stages[k];
        const char *stage = intern_text(store_strings(w->l->st), s->stage);
        if (s->source == row->id)
            e = add_word(
                w,
                arena_printf(w->l->arena, "%s from others than %s, stage %s", row->gateway, row->name, stage[0] != '\0' ? stage : "(none)"),
                s->signal);
    }
    return e;
}

static enum err gateway_words(struct words *w, const char *gateway)
{
    enum err e = ERR_OK;

    for (int k = 0; k < SIG_COUNT && e == ERR_OK; k++) {
        const enum signal s = (enum signal)k;
        const char *count = names(w, gateway, s, WORD_COUNTS), *kept = names(w, gateway, s, WORD_KEPT),
                   *twins = names(w, gateway, s, WORD_UNRESOLVED);
        if (count == NULL || kept == NULL || twins == NULL)
            return ERR_NOMEM;
        if (*twins != '\0')
            e = add_word(w, arena_printf(w->l->arena, "%s overlap? another gateway records the same endpoint as %s", gateway, twins), s);
        if (e == ERR_OK && *count != '\0' && *kept != '\0')
            e = add_word(w, arena_printf(w->l->arena, "%s from %s (also seen by %s)", gateway, count, kept), s);
    }
    return e;
}

static bool is_repeated(const struct view_sources *v, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(v->rows[k].st.gateway, v->rows[i].st.gateway) == 0)
            return true;
    return false;
}

/* One line per gateway and word, naming the signals it is about. */
static enum err authority_lines(const struct view_loader *l, struct view_sources *v, struct errctx *ctx)
{
    struct words w = {.l = l, .v = v};
    struct store_authority *list;
    size_t count;
    enum err e = store_authorities(l->st, l->arena, &list, &count, ctx);

    if (e == ERR_OK)
        e = store_kept_stages(l->st, l->arena, &w.stages, &w.stage_count, ctx);
    if (e != ERR_OK || (count == 0 && w.stage_count == 0))
        return e;
    w.rulings = arena_array(l->arena, v->row_count + 1, sizeof *w.rulings);
    w.signals = arena_array(l->arena, v->row_count + 1, sizeof *w.signals);
    const char **lines = arena_array(l->arena, AUTHORITY_LINES_MAX, sizeof *lines);
    if (w.rulings == NULL || w.signals == NULL || lines == NULL)
        e = ERR_NOMEM;
    for (size_t i = 0; i < v->row_count && e == ERR_OK; i++) {
        w.rulings[i] = store_authority_of(list, count, v->rows[i].st.id);
        w.signals[i] = store_source_signals(l->st, v->rows[i].st.id);
    }
    for (size_t i = 0; i < v->row_count && e == ERR_OK; i++)
        if (!is_repeated(v, i))
            e = gateway_words(&w, v->rows[i].st.gateway);
    for (size_t i = 0; i < v->row_count && e == ERR_OK; i++)
        e = stage_words(&w, i);
    for (size_t k = 0; k < w.count && e == ERR_OK; k++) {
        lines[k] = arena_printf(l->arena, "%s: %s", w.head[k], w.tail[k]);
        e = lines[k] == NULL ? ERR_NOMEM : ERR_OK;
    }
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory while reading sources");
    v->authority = lines;
    v->authority_count = w.count;
    return ERR_OK;
}

/* As the recorder left them by the cursor. */
static enum err canaries(const struct view_loader *l, const struct view_params *p, struct view_sources *v, struct errctx *ctx)
{
    struct str text;
    struct canary_state *list;
    size_t count;
    enum err e = store_note(l->st, CANARY_NOTE, p->cursor_ms, l->arena, &text);

    if (e == ERR_NOTFOUND)
        return ERR_OK;
    if (e == ERR_OK)
        e = canary_states_read(text, l->arena, &list, &count, ctx);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "what the store says of canaries cannot be read");
    struct vcanary *rows = arena_array(l->arena, count + 1, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < count; i++) {
        rows[i] = (struct vcanary){list[i], vcanary_text(&list[i], p->cursor_ms, l->arena)};
        if (rows[i].text == NULL)
            rows = NULL;
    }
    if (rows == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading canaries");
    v->canaries = rows;
    v->canary_count = count;
    return ERR_OK;
}

enum err view_load_sources(const struct view_loader *l, const struct view_params *p, struct view_sources *ret, struct errctx *ctx)
{
    struct view_sources v;
    struct store_stats stats;
    struct str ended;

    memset(&v, 0, sizeof v);
    enum err e = rows_and_gaps(l, p, &v, ctx);
    if (e != ERR_OK)
        return e;
    e = authority_lines(l, &v, ctx);
    if (e == ERR_OK)
        e = canaries(l, p, &v, ctx);
    if (e == ERR_OK)
        e = store_get_stats(l->st, &stats, ctx);
    if (e != ERR_OK)
        return e;
    v.store_bytes = stats.file_bytes;
    v.wal_bytes = stats.wal_bytes;
    v.first_ms = stats.first_ms;
    v.samples = stats.samples;
    v.series = (uint32_t)stats.series;
    v.store_path = store_path(l->st);
    int64_t pid = store_recorder_pid(v.store_path);
    enum err noted = store_note(l->st, "ended", INT64_MAX, l->arena, &ended);
    if (noted != ERR_OK && noted != ERR_NOTFOUND)
        return errctx_set(ctx, noted, "the store's notes cannot be read: %s", err_name(noted));
    if (pid > 0)
        v.recorder_text = arena_printf(l->arena, "recording, pid %lld", (long long)pid);
    else if (pid < 0)
        v.recorder_text = "whether a recorder runs cannot be told from here";
    else
        v.recorder_text = noted == ERR_OK ? "recording ended" : "not recording: start it with `gwtop record`";
    if (v.recorder_text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading sources");
    *ret = v;
    return ERR_OK;
}
