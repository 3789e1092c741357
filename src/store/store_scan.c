/* SPDX-License-Identifier: MIT */
/* Every sample of one series, for tests, detectors and export. */
#include "store/store_internal.h"

#include <stdlib.h>

struct scan_row { int64_t t1_ms; size_t ref; };

static int rows_by_time(const void *a, const void *b)
{
    const struct scan_row *x = a, *y = b;
    if (x->t1_ms != y->t1_ms)
        return x->t1_ms < y->t1_ms ? -1 : 1;
    return x->ref < y->ref ? -1 : x->ref > y->ref;
}

/* The item of one slot of a row; false when it is absent (or the row is damaged, which *ret_bad says). */
static bool row_item(struct store_head_iter *it, uint32_t slot, struct store_hist_count *room, struct store_item *ret, bool *ret_bad)
{
    enum store_run kind;
    uint32_t first, count;

    *ret_bad = false;
    while (store_head_run(it, &kind, &first, &count)) {
        for (uint32_t i = 0; kind != RUN_ABSENT && i < count; i++) {
            bool ok = true;
            *ret = (struct store_item){.series = ret->series};
            if (kind == RUN_INCREMENT)
                ok = store_head_get_increment(it, &ret->v.increment);
            else if (kind == RUN_GAUGE)
                ok = store_head_get_gauge(it, &ret->v.gauge);
            else if (kind == RUN_HISTOGRAM)
                ok = store_head_get_hist(it, room, ret);
            else if (kind == RUN_SCORE)
                ok = store_head_get_score(it, ret);
            if (!ok) {
                *ret_bad = true;
                return false;
            }
            if (first + i == slot)
                return true;
        }
    }
    *ret_bad = it->p != it->end;
    return false;
}

static enum err scan_rows(struct store *st, uint32_t slot, uint32_t series, const struct scan_row *rows, size_t n, store_sample_fn *fn, void *fn_ctx, struct errctx *ctx)
{
    struct store_headrows_cursor cur = {.st = st};
    struct store_hist_count *room = malloc(STORE_HIST_BUCKETS_MAX * sizeof *room);
    enum err e = room == NULL ? ERR_NOMEM : ERR_OK;
    bool more = true;

    for (size_t i = 0; e == ERR_OK && more && i < n; i++) {
        const struct store_head_ref *ref = &st->head[rows[i].ref];
        struct store_item item = {.series = series};
        struct store_head_iter it;
        const void *data;
        size_t bytes;
        bool bad = false;
        e = store_headrows_fetch(&cur, ref->seq, &data, &bytes, ctx);
        if (e != ERR_OK)
            break;
        if (data == NULL || !store_head_begin(&it, data, bytes))
            bad = true;
        else if (row_item(&it, slot, room, &item, &bad))
            more = fn(fn_ctx, ref->t0_ms, ref->t1_ms, &item);
        if (bad)
            st->bad_chunks++;
    }
    if (cur.s != NULL)
        sqlite3_reset(cur.s);
    free(room);
    return e;
}

enum err store_scan(struct store *st, uint32_t series, int64_t t0_ms, int64_t t1_ms, store_sample_fn *fn, void *fn_ctx, struct errctx *ctx)
{
    if (series == 0 || series > st->dict.series_count)
        return errctx_set(ctx, ERR_NOTFOUND, "there is no series %u", series);
    struct store_place place = st->dict.places[series - 1];
    enum err e = store_read_begin(st, ctx);
    if (e != ERR_OK)
        return e;
    e = store_headrows_refresh(st, ctx);
    struct scan_row *rows = e == ERR_OK ? malloc((st->head_count + 1) * sizeof *rows) : NULL;
    size_t n = 0;
    if (e == ERR_OK && rows == NULL)
        e = ERR_NOMEM;
    for (size_t i = 0; e == ERR_OK && i < st->head_count; i++)
        if (st->head[i].shard == place.shard && st->head[i].t1_ms > t0_ms && st->head[i].t1_ms <= t1_ms)
            rows[n++] = (struct scan_row){.t1_ms = st->head[i].t1_ms, .ref = i};
    if (e == ERR_OK) {
        qsort(rows, n, sizeof *rows, rows_by_time);
        e = scan_rows(st, place.slot, series, rows, n, fn, fn_ctx, ctx);
    }
    free(rows);
    store_read_end(st);
    return e;
}
