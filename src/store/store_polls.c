/* SPDX-License-Identifier: MIT */
/* When a source was polled, from the times of its head rows and the axes of its chunks. */
#include "store/store_internal.h"

#include <stdlib.h>

static uint32_t source_of(const struct store *st, const struct store_head_ref *ref)
{
    return st->dict.shards[ref->shard - 1].source;
}

enum err store_last_poll(struct store *st, uint32_t source, int64_t cursor_ms, int64_t *ret_ms, struct errctx *ctx)
{
    int64_t last = 0;

    (void)ctx;
    for (size_t i = 0; i < st->head_count; i++) {
        const struct store_head_ref *ref = &st->head[i];
        if (ref->t1_ms <= cursor_ms && ref->t1_ms > last && source_of(st, ref) == source)
            last = ref->t1_ms;
    }
    *ret_ms = last;
    return ERR_OK;
}

static int by_time(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

enum err store_polls(struct store *st, uint32_t source, int64_t t0_ms, int64_t t1_ms, size_t max, struct arena *a,
                     int64_t **ret, size_t *ret_count, struct errctx *ctx)
{
    enum err e = store_read_begin(st, ctx);
    if (e != ERR_OK)
        return e;
    e = store_headrows_refresh(st, ctx);
    int64_t *times = e == ERR_OK ? malloc((st->head_count + 1) * sizeof *times) : NULL;
    size_t n = 0, distinct = 0;
    if (e == ERR_OK && times == NULL)
        e = ERR_NOMEM;
    for (size_t i = 0; e == ERR_OK && i < st->head_count; i++) {
        const struct store_head_ref *ref = &st->head[i];
        if (ref->t1_ms > t0_ms && ref->t1_ms <= t1_ms && source_of(st, ref) == source)
            times[n++] = ref->t1_ms;
    }
    store_read_end(st);
    if (e == ERR_OK) {
        qsort(times, n, sizeof *times, by_time);
        for (size_t i = 0; i < n; i++)
            if (distinct == 0 || times[distinct - 1] != times[i])
                times[distinct++] = times[i];
        size_t from = distinct > max ? distinct - max : 0;
        int64_t *list = arena_array(a, distinct - from + 1, sizeof *list);
        if (list == NULL) {
            e = errctx_set(ctx, ERR_NOMEM, "no room for the poll times");
        } else {
            for (size_t i = from; i < distinct; i++)
                list[i - from] = times[i];
            *ret = list;
            *ret_count = distinct - from;
        }
    }
    free(times);
    return e;
}
