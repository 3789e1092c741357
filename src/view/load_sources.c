/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <string.h>

#include "base/timefmt.h"

enum { AUTHORITY_LINES_MAX = 32 };

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
        shown[g] = (struct vgap){.source = "", .reason = gap->reason, .t0_ms = gap->t0_ms, .t1_ms = gap->t1_ms};
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

static const char *source_name(const struct view_sources *v, uint32_t id)
{
    for (size_t i = 0; i < v->row_count; i++)
        if (v->rows[i].st.id == id)
            return v->rows[i].st.name;
    return "(unknown source)";
}

/* One line per gateway and authority, naming the signals it decides. */
static enum err authority_lines(const struct view_loader *l, struct view_sources *v)
{
    const char **lines = arena_array(l->arena, AUTHORITY_LINES_MAX, sizeof *lines);
    struct { uint32_t gateway, source; } seen[AUTHORITY_LINES_MAX];
    size_t n = 0;

    if (lines == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < v->row_count; i++) {
        uint32_t gateway;
        if (!intern_find(store_strings(l->st), str_of(v->rows[i].st.gateway), &gateway))
            continue;
        for (int s = 0; s < SIG_COUNT; s++) {
            uint32_t source;
            size_t k = 0;
            if (!store_authority(l->st, (enum signal)s, gateway, &source))
                continue;
            while (k < n && (seen[k].gateway != gateway || seen[k].source != source))
                k++;
            const char *name = signal_info((enum signal)s)->name;
            if (k < n) {
                if (strstr(lines[k], name) == NULL)
                    lines[k] = arena_printf(l->arena, "%s, %s", lines[k], name);
            } else if (n < AUTHORITY_LINES_MAX) {
                seen[n].gateway = gateway;
                seen[n].source = source;
                lines[n++] = source == 0 ? arena_printf(l->arena, "%s overlap? nobody says which source counts: %s", v->rows[i].st.gateway, name)
                                         : arena_printf(l->arena, "%s from %s: %s", v->rows[i].st.gateway, source_name(v, source), name);
            }
            if (k < AUTHORITY_LINES_MAX && lines[k] == NULL)
                return ERR_NOMEM;
        }
    }
    v->authority = lines;
    v->authority_count = n;
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
    if (authority_lines(l, &v) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading sources");
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
    if (pid > 0)
        v.recorder_text = arena_printf(l->arena, "recording, pid %lld", (long long)pid);
    else
        v.recorder_text = store_note(l->st, "ended", INT64_MAX, l->arena, &ended) ? "recording ended" : "not recording: start it with `gwtop record`";
    if (v.recorder_text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading sources");
    *ret = v;
    return ERR_OK;
}
