/* SPDX-License-Identifier: MIT */
/* When a source was polled, from the times of its head rows and the axes of its raw segments. */
#include "store/store_internal.h"

#include <stdlib.h>

struct times {
    int64_t *list;
    size_t count, cap;
};

static uint32_t source_of(const struct store *st, const struct store_head_ref *ref)
{
    return st->dict.shards[ref->shard - 1].source;
}

static enum err push(struct times *t, int64_t t1_ms)
{
    if (t->count == t->cap) {
        size_t cap = t->cap == 0 ? 256 : 2 * t->cap;
        int64_t *p = realloc(t->list, cap * sizeof *p);
        if (p == NULL)
            return ERR_NOMEM;
        t->list = p;
        t->cap = cap;
    }
    t->list[t->count++] = t1_ms;
    return ERR_OK;
}

/* Polls in (t0, t1] from the axes of one shard. */
static enum err sealed_polls(struct store *st, uint32_t shard, int64_t t0_ms, int64_t t1_ms, struct store_poll *axis, struct times *t,
                             struct errctx *ctx)
{
    struct store_segment *segs = NULL;
    size_t n = 0;
    enum err e = store_segments(st, TIER_RAW, shard, t0_ms, t1_ms, &segs, &n, ctx);

    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        bool ok = false;
        e = store_segment_axis(st, &segs[i], axis, &ok, ctx);
        for (uint32_t k = 0; e == ERR_OK && ok && k < segs[i].axis_n; k++)
            if (axis[k].t1_ms > t0_ms && axis[k].t1_ms <= t1_ms)
                e = push(t, axis[k].t1_ms);
    }
    free(segs);
    return e;
}

static enum err collect(struct store *st, uint32_t source, int64_t t0_ms, int64_t t1_ms, struct times *t, struct errctx *ctx)
{
    struct store_poll *axis = malloc(STORE_AXIS_MAX * sizeof *axis);
    enum err e = axis == NULL ? ERR_NOMEM : ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < st->head_count; i++)
        if (st->head[i].t1_ms > t0_ms && st->head[i].t1_ms <= t1_ms && source_of(st, &st->head[i]) == source)
            e = push(t, st->head[i].t1_ms);
    for (uint32_t i = 0; e == ERR_OK && i < st->dict.shard_count; i++)
        if (st->dict.shards[i].source == source && st->dict.shards[i].sealed_seq != 0)
            e = sealed_polls(st, i + 1, t0_ms, t1_ms, axis, t, ctx);
    free(axis);
    return e;
}

static int by_time(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void make_distinct(struct times *t)
{
    size_t kept = 0;

    if (t->count > 0)
        qsort(t->list, t->count, sizeof *t->list, by_time);
    for (size_t i = 0; i < t->count; i++)
        if (kept == 0 || t->list[kept - 1] != t->list[i])
            t->list[kept++] = t->list[i];
    t->count = kept;
}

/* The latest sealed poll up to the cursor: in the last segment that begins before it, or in an overlapping one. */
static enum err last_sealed(struct store *st, uint32_t shard, int64_t cursor_ms, int64_t *last, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(TIER_RAW), store_int(shard), store_int(cursor_ms)};
    int64_t reach = 0;
    struct times t = {.list = NULL};
    enum err e = store_get_int(st, STMT_SEGMENT_BEFORE, v, 3, 0, &reach, ctx);

    if (e != ERR_OK || reach == 0)
        return e;
    struct store_poll *axis = malloc(STORE_AXIS_MAX * sizeof *axis);
    if (axis == NULL)
        return ERR_NOMEM;
    int64_t end = reach < cursor_ms ? reach : cursor_ms;
    e = sealed_polls(st, shard, end - STORE_SEGMENT_SPAN_MS - 1, end, axis, &t, ctx);
    for (size_t i = 0; e == ERR_OK && i < t.count; i++)
        *last = t.list[i] > *last ? t.list[i] : *last;
    free(t.list);
    free(axis);
    return e;
}

enum err store_last_poll(struct store *st, uint32_t source, int64_t cursor_ms, int64_t *ret_ms, struct errctx *ctx)
{
    int64_t last = 0;
    enum err e = ERR_OK;

    for (size_t i = 0; i < st->head_count; i++) {
        const struct store_head_ref *ref = &st->head[i];
        if (ref->t1_ms <= cursor_ms && ref->t1_ms > last && source_of(st, ref) == source)
            last = ref->t1_ms;
    }
    for (uint32_t i = 0; e == ERR_OK && i < st->dict.shard_count; i++) {
        const struct store_shard *sh = &st->dict.shards[i];
        if (sh->source != source || sh->sealed_seq == 0 || (sh->sealed_ms <= last && last <= cursor_ms))
            continue;
        if (sh->sealed_ms <= cursor_ms)
            last = sh->sealed_ms > last ? sh->sealed_ms : last;
        else
            e = last_sealed(st, i + 1, cursor_ms, &last, ctx);
    }
    if (e == ERR_OK)
        *ret_ms = last;
    return e;
}

enum err store_polls(struct store *st, uint32_t source, int64_t t0_ms, int64_t t1_ms, size_t max, struct arena *a, int64_t **ret,
                     size_t *ret_count, struct errctx *ctx)
{
    struct times t = {.list = NULL};
    enum err e = store_read_begin(st, ctx);

    if (e != ERR_OK)
        return e;
    e = store_headrows_refresh(st, ctx);
    if (e == ERR_OK)
        e = collect(st, source, t0_ms, t1_ms, &t, ctx);
    store_read_end(st);
    if (e == ERR_OK) {
        make_distinct(&t);
        size_t from = t.count > max ? t.count - max : 0;
        int64_t *list = arena_array(a, t.count - from + 1, sizeof *list);
        if (list == NULL)
            e = errctx_set(ctx, ERR_NOMEM, "no room for the poll times");
        for (size_t i = from; list != NULL && i < t.count; i++)
            list[i - from] = t.list[i];
        if (e == ERR_OK) {
            *ret = list;
            *ret_count = t.count - from;
        }
    }
    free(t.list);
    return e;
}
