/* SPDX-License-Identifier: MIT */
/* Every sample of one series, for tests, detectors and export. Head rows and chunks are merged by time. */
#include "store/store_internal.h"

#include <stdlib.h>

/* One sample that is to come: in a head row, or at a place of a decoded column. */
struct scan_entry {
    int64_t t0_ms, t1_ms, seq; /* seq 0: in a column */
    const struct store_column *column;
    uint32_t i;
};

struct scan {
    struct store *st;
    uint32_t series;
    struct store_place place;
    enum signal_kind kind;
    struct arena arena; /* decoded columns */
    struct scan_entry *list;
    size_t count, cap;
    struct errctx *ctx;
};

static int by_time(const void *a, const void *b)
{
    const struct scan_entry *x = a, *y = b;
    if (x->t1_ms != y->t1_ms)
        return x->t1_ms < y->t1_ms ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static enum err push(struct scan *s, struct scan_entry entry)
{
    if (s->count == s->cap) {
        size_t cap = s->cap == 0 ? 512 : 2 * s->cap;
        struct scan_entry *p = realloc(s->list, cap * sizeof *p);
        if (p == NULL)
            return ERR_NOMEM;
        s->list = p;
        s->cap = cap;
    }
    s->list[s->count++] = entry;
    return ERR_OK;
}

/* The item of one series in a row; false when it is absent (or the row is damaged, which *ret_bad says). */
static bool row_item(struct store_head_iter *it, const struct store_section *sec, uint32_t slot, struct store_hist_count *room,
                     struct store_item *ret, bool *ret_bad)
{
    enum store_run kind;
    uint32_t first, count;
    unsigned signal;
    uint32_t series = ret->series;

    while (store_head_section(it, &signal, ret_bad)) {
        if (signal != sec->signal)
            continue;
        while (store_head_run(it, &kind, &first, &count)) {
            for (uint32_t i = 0; kind != RUN_ABSENT && i < count; i++) {
                *ret = (struct store_item){.series = series};
                if (first + i >= sec->count || (kind != RUN_ZERO && kind != store_run_of_kind(sec->kind)) ||
                    !store_head_get(it, kind, room, ret)) {
                    *ret_bad = true;
                    return false;
                }
                if (sec->slots[first + i] == slot)
                    return true;
            }
        }
        *ret_bad = it->in.p != it->in.end;
        return false;
    }
    return false;
}

/* The series' column of one segment, decoded, into the list. */
static enum err add_chunk(struct scan *s, const struct store_segment *seg, const struct store_poll *axis, int64_t t0_ms, int64_t t1_ms)
{
    const struct store_layout *l = store_layout(false, s->kind);
    int64_t id = store_chunk_id(seg->id, s->st->dict.series[s->series - 1].signal, s->place.slot / STORE_PART_SERIES);
    sqlite3_stmt *q = store_stmt(s->st, STMT_CHUNK_RANGE);
    bool row = false;
    uint32_t slot;

    if (q == NULL)
        return store_sql_error(s->st, sqlite3_extended_errcode(s->st->db), s->ctx, "read chunks");
    sqlite3_bind_int64(q, 1, id);
    sqlite3_bind_int64(q, 2, id);
    enum err e = store_step(s->st, q, &row, s->ctx);
    if (e != ERR_OK || !row)
        return e;
    const void *data = sqlite3_column_blob(q, 1);
    e = store_chunk_open(s->st->unpacker, l, seg->axis_n, id, data, (size_t)sqlite3_column_bytes(q, 1));
    while (e == ERR_OK && store_chunk_next(s->st->unpacker, &slot)) {
        struct store_column *c = slot == s->place.slot ? arena_alloc(&s->arena, sizeof *c) : NULL;
        if (slot != s->place.slot) {
            e = store_chunk_skip(s->st->unpacker) ? ERR_OK : ERR_CORRUPT;
            continue;
        }
        if (c == NULL)
            e = ERR_NOMEM;
        else if (!store_chunk_column(s->st->unpacker, c))
            e = ERR_CORRUPT;
        else if (!store_column_copy(c, l, &s->arena))
            e = ERR_NOMEM;
        for (uint32_t i = 0; e == ERR_OK && i < c->n; i++) {
            const struct store_poll *p = &axis[c->at[i]];
            if (p->t1_ms > t0_ms && p->t1_ms <= t1_ms)
                e = push(s, (struct scan_entry){.t0_ms = p->t0_ms, .t1_ms = p->t1_ms, .column = c, .i = i});
        }
        break;
    }
    sqlite3_reset(q);
    if (e != ERR_CORRUPT)
        return e;
    s->st->bad_chunks++;
    return ERR_OK;
}

static enum err add_segments(struct scan *s, int64_t t0_ms, int64_t t1_ms)
{
    struct store_segment *segs = NULL;
    size_t n = 0;
    struct store_poll *axis = malloc(STORE_AXIS_MAX * sizeof *axis);
    enum err e = axis == NULL ? ERR_NOMEM : store_segments(s->st, TIER_RAW, s->place.shard, t0_ms, t1_ms, &segs, &n, s->ctx);

    if (e == ERR_OK)
        e = store_make_unpacker(s->st, s->ctx);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        bool ok = false;
        e = store_segment_axis(s->st, &segs[i], axis, &ok, s->ctx);
        if (e == ERR_OK && ok)
            e = add_chunk(s, &segs[i], axis, t0_ms, t1_ms);
    }
    free(segs);
    free(axis);
    return e;
}

static enum err run(struct scan *s, store_sample_fn *fn, void *fn_ctx)
{
    struct store_headrows_cursor cur = {.st = s->st};
    struct store_hist_count *room = malloc(STORE_HIST_BUCKETS_MAX * sizeof *room);
    const struct store_section *sec = store_dict_section(&s->st->dict.shards[s->place.shard - 1], s->st->dict.series[s->series - 1].signal);
    enum err e = room == NULL ? ERR_NOMEM : ERR_OK;
    bool more = true;

    if (s->count > 0)
        qsort(s->list, s->count, sizeof *s->list, by_time);
    for (size_t i = 0; e == ERR_OK && more && i < s->count; i++) {
        const struct scan_entry *x = &s->list[i];
        struct store_item item = {.series = s->series};
        struct store_head_iter it;
        const void *data;
        size_t bytes;
        bool bad = false;
        if (x->column != NULL) {
            store_column_item(x->column, s->kind, x->i, &item);
            more = fn(fn_ctx, x->t0_ms, x->t1_ms, &item);
            continue;
        }
        e = store_headrows_fetch(&cur, x->seq, &data, &bytes, s->ctx);
        if (e != ERR_OK)
            break;
        if (data == NULL || !store_head_begin(&it, data, bytes))
            bad = true;
        else if (row_item(&it, sec, s->place.slot, room, &item, &bad))
            more = fn(fn_ctx, x->t0_ms, x->t1_ms, &item);
        s->st->bad_chunks += bad;
    }
    if (cur.s != NULL)
        sqlite3_reset(cur.s);
    free(room);
    return e;
}

enum err store_scan(struct store *st, uint32_t series, int64_t t0_ms, int64_t t1_ms, store_sample_fn *fn, void *fn_ctx, struct errctx *ctx)
{
    enum { ARENA_MAX = 256 << 20 };

    if (series == 0 || series > st->dict.series_count)
        return errctx_set(ctx, ERR_NOTFOUND, "there is no series %u", series);
    struct scan s = {.st = st, .series = series, .place = st->dict.places[series - 1], .ctx = ctx};
    if (st->dict.series[series - 1].signal >= SIG_COUNT)
        return errctx_set(ctx, ERR_VERSION, "series %u is of a signal that this version does not know", series);
    s.kind = signal_info((enum signal)st->dict.series[series - 1].signal)->kind;
    enum err e = store_read_begin(st, ctx);
    if (e != ERR_OK)
        return e;
    arena_init(&s.arena, ARENA_MAX);
    e = store_headrows_refresh(st, ctx);
    if (e == ERR_OK)
        e = add_segments(&s, t0_ms, t1_ms);
    for (size_t i = 0; e == ERR_OK && i < st->head_count; i++)
        if (st->head[i].shard == s.place.shard && st->head[i].t1_ms > t0_ms && st->head[i].t1_ms <= t1_ms)
            e = push(&s, (struct scan_entry){.t0_ms = st->head[i].t0_ms, .t1_ms = st->head[i].t1_ms, .seq = st->head[i].seq});
    if (e == ERR_OK)
        e = run(&s, fn, fn_ctx);
    if (e == ERR_NOMEM)
        (void)errctx_set(ctx, e, "no memory to scan series %u", series);
    free(s.list);
    arena_fini(&s.arena);
    store_read_end(st);
    return e;
}
