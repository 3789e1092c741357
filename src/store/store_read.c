/* SPDX-License-Identifier: MIT */
#include "store/store_internal.h"

#include <stdlib.h>

#include "store/store_accum.h"

/* Polls of every source, wanted or not: a gauge must know the poll that replaced its last one. */
static enum err head_polls(struct store *st, struct store_accum *ac)
{
    int32_t cols[STORE_QUERIES_MAX];
    enum err e = ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < st->head_count; i++) {
        const struct store_head_ref *ref = &st->head[i];
        if (store_accum_wants(ac, ref->t1_ms, cols))
            e = store_accum_poll(ac, st->dict.shards[ref->shard - 1].source, ref->t0_ms, ref->t1_ms);
    }
    return e;
}

static enum err head_samples(struct store *st, struct store_accum *ac, struct errctx *ctx)
{
    struct store_headrows_cursor cur = {.st = st};
    struct store_hist_count *room = malloc(STORE_HIST_BUCKETS_MAX * sizeof *room);
    int32_t cols[STORE_QUERIES_MAX];
    enum err e = room == NULL ? ERR_NOMEM : ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < st->head_count; i++) {
        const struct store_head_ref *ref = &st->head[i];
        struct store_head_iter it;
        const void *data;
        size_t bytes;
        if (ac->shards[ref->shard - 1] == NULL || !store_accum_wants(ac, ref->t1_ms, cols))
            continue;
        e = store_headrows_fetch(&cur, ref->seq, &data, &bytes, ctx);
        if (e != ERR_OK)
            break;
        uint32_t poll = store_accum_poll_index(ac, st->dict.shards[ref->shard - 1].source, ref->t1_ms);
        if (data == NULL || !store_head_begin(&it, data, bytes) || !store_accum_row(ac, ac->shards[ref->shard - 1], &it, poll, cols, room))
            st->bad_chunks++;
    }
    if (cur.s != NULL)
        sqlite3_reset(cur.s);
    free(room);
    return e;
}

enum err store_read(struct store *st, const struct store_query *q, size_t count, struct arena *a, struct store_result *ret, struct errctx *ctx)
{
    struct store_accum ac;
    enum err e = store_read_begin(st, ctx);

    if (e != ERR_OK)
        return e;
    e = store_headrows_refresh(st, ctx);
    if (e != ERR_OK) {
        store_read_end(st);
        return e;
    }
    e = store_accum_init(&ac, &st->dict, st->source_count, q, count, a, ctx);
    if (e == ERR_OK)
        e = head_polls(st, &ac);
    if (e == ERR_OK) {
        store_accum_sort_polls(&ac);
        e = head_samples(st, &ac, ctx);
    }
    if (e == ERR_OK)
        e = store_accum_finish(&ac, ret);
    if (e == ERR_NOMEM)
        (void)errctx_set(ctx, e, "no memory to read: ask for fewer groups or columns");
    store_accum_fini(&ac);
    store_read_end(st);
    return e;
}
