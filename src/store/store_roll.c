/* SPDX-License-Identifier: MIT */
/* Day rollups: when a day is over, the 5-minute rollups that its seals wrote become one segment of 5 minutes, one of hours and one of the
 * day.
 *
 * How this works: a part of the slots at a time, its new chunks are deleted and the day's are written in the same transaction, so that
 * every sample is in exactly one of them whatever happens in between; a day that was interrupted is simply due again. Samples that come for
 * a day that is over make it due again too: its 5-minute segment is merged with the new ones and all three are written anew. */
#include "store/store_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "store/store_rollup.h"

enum {
    ROLL_ARENA_MAX = 1 << 30,
    SETTLE_MS = STORE_1H_MS, /* after midnight, by the shard's own samples: most late ones have come by then */
    STAGGER_MS = 97000       /* per shard, so that they do not all roll at the same poll */
};

/* The columns of one slot, from several segments. */
struct slot_parts {
    struct store_rollup_part *list;
    size_t count, cap;
};

struct roll {
    struct store *st;
    uint32_t shard;
    int64_t day_ms;
    struct store_segment *fresh; /* what the seals wrote */
    size_t fresh_count;
    struct store_segment days[TIER_COUNT]; /* TIER_5M, TIER_1H, TIER_1D; id 0 = not there yet */
    struct arena arena;
    struct slot_parts slots[STORE_SHARD_SERIES];
    struct store_column *columns[TIER_COUNT][STORE_SHARD_SERIES];
    size_t bytes;
    struct errctx *ctx;
};

static struct store_buckets buckets_of(const struct store_segment *seg, enum store_tier tier)
{
    return (struct store_buckets){.start_ms = seg->t_min, .step_ms = store_tier_ms(tier), .count = seg->axis_n};
}

/* ---- reading a part ---- */

static enum err keep_column(struct roll *r, struct store_column *c, const struct store_layout *l, const struct store_buckets *b)
{
    struct slot_parts *sp = &r->slots[c->slot];

    if (sp->count == sp->cap) {
        size_t cap = sp->cap == 0 ? 32 : 2 * sp->cap;
        struct store_rollup_part *p = arena_array(&r->arena, cap, sizeof *p);
        if (p == NULL)
            return ERR_NOMEM;
        if (sp->count > 0)
            memcpy(p, sp->list, sp->count * sizeof *p);
        sp->list = p;
        sp->cap = cap;
    }
    struct store_column *copy = arena_alloc(&r->arena, sizeof *copy);
    if (copy == NULL || !store_column_copy(c, l, &r->arena))
        return ERR_NOMEM;
    *copy = *c;
    sp->list[sp->count++] = (struct store_rollup_part){.column = copy, .buckets = *b};
    return ERR_OK;
}

static enum err keep_chunk(struct roll *r, const struct store_buckets *b, int64_t id, const void *data, size_t n)
{
    unsigned signal = (unsigned)(id >> 8 & 255);
    uint32_t slot;

    if (signal >= SIG_COUNT)
        return ERR_CORRUPT;
    const struct store_layout *l = store_layout(true, signal_info((enum signal)signal)->kind);
    enum err e = store_chunk_open(r->st->unpacker, l, b->count, id, data, n);
    while (e == ERR_OK && store_chunk_next(r->st->unpacker, &slot)) {
        struct store_column c;
        uint32_t series = r->st->dict.shards[r->shard - 1].series[slot];
        if (!store_chunk_column(r->st->unpacker, &c) || series == 0 || r->st->dict.series[series - 1].signal != signal)
            return ERR_CORRUPT;
        e = keep_column(r, &c, l, b);
    }
    return e;
}

/* A damaged chunk must not be merged away: it stays where it is, for repair. */
static enum err read_part(struct roll *r, const struct store_segment *seg, enum store_tier tier, unsigned part, bool *ret_any)
{
    const struct store_buckets b = buckets_of(seg, tier);
    sqlite3_stmt *s = store_stmt(r->st, STMT_CHUNK_RANGE);
    enum err e = ERR_OK;

    if (s == NULL)
        return store_sql_error(r->st, sqlite3_extended_errcode(r->st->db), r->ctx, "read chunks");
    sqlite3_bind_int64(s, 1, store_chunk_id(seg->id, 0, 0));
    sqlite3_bind_int64(s, 2, store_chunk_id(seg->id, 255, 255));
    for (bool row = true; e == ERR_OK;) {
        e = store_step(r->st, s, &row, r->ctx);
        if (e != ERR_OK || !row)
            break;
        int64_t id = sqlite3_column_int64(s, 0);
        if ((id & 255) != part)
            continue;
        const void *data = sqlite3_column_blob(s, 1);
        e = keep_chunk(r, &b, id, data, (size_t)sqlite3_column_bytes(s, 1));
        *ret_any = true;
    }
    sqlite3_reset(s);
    return e;
}

/* ---- writing a part ---- */

static enum err merge_slot(struct roll *r, uint32_t slot)
{
    const struct slot_parts *sp = &r->slots[slot];
    uint32_t id = r->st->dict.shards[r->shard - 1].series[slot];
    enum signal_kind kind = signal_info((enum signal)r->st->dict.series[id - 1].signal)->kind;
    const struct store_buckets b5 = buckets_of(&r->days[TIER_5M], TIER_5M);
    enum err e = store_rollup_merge(kind, sp->list, sp->count, &b5, &r->arena, &r->columns[TIER_5M][slot]);

    for (int tier = TIER_1H; e == ERR_OK && tier <= TIER_1D && r->columns[TIER_5M][slot] != NULL; tier++) {
        const struct store_buckets b = buckets_of(&r->days[tier], (enum store_tier)tier);
        const struct store_rollup_part from = {.column = r->columns[TIER_5M][slot], .buckets = b5};
        e = store_rollup_merge(kind, &from, 1, &b, &r->arena, &r->columns[tier][slot]);
    }
    return e;
}

static enum err delete_fresh_part(struct roll *r, const struct store_segment *seg, unsigned part)
{
    const struct store_val v[] = {store_int(store_chunk_id(seg->id, 0, 0)), store_int(store_chunk_id(seg->id, 255, 255)), store_int(part)};
    return store_run(r->st, STMT_CHUNK_DELETE_PART, v, 3, r->ctx);
}

static enum err roll_part(struct roll *r, unsigned part)
{
    bool any = false;
    enum err e = ERR_OK;

    arena_reset(&r->arena);
    memset(r->slots, 0, sizeof r->slots);
    memset(r->columns, 0, sizeof r->columns);
    for (size_t i = 0; e == ERR_OK && i < r->fresh_count; i++)
        e = read_part(r, &r->fresh[i], TIER_5M_NEW, part, &any);
    if (e != ERR_OK || !any)
        return e;
    e = read_part(r, &r->days[TIER_5M], TIER_5M, part, &any);
    for (uint32_t slot = part * STORE_PART_SERIES; e == ERR_OK && slot < (part + 1) * STORE_PART_SERIES; slot++)
        if (r->slots[slot].count > 0)
            e = merge_slot(r, slot);
    for (int tier = TIER_5M; e == ERR_OK && tier <= TIER_1D; tier++)
        e = store_chunks_write(r->st, (enum store_tier)tier, r->shard, &r->days[tier], part, r->columns[tier], &r->bytes, r->ctx);
    for (size_t i = 0; e == ERR_OK && i < r->fresh_count; i++)
        e = delete_fresh_part(r, &r->fresh[i], part);
    return e;
}

/* ---- a day ---- */

/* The day's three segments: found, or made. */
static enum err find_days(struct roll *r)
{
    enum err e = ERR_OK;

    for (int tier = TIER_5M; e == ERR_OK && tier <= TIER_1D; tier++) {
        struct store_segment *list = NULL;
        size_t n = 0;
        e = store_segments(r->st, (enum store_tier)tier, r->shard, r->day_ms, r->day_ms + STORE_1D_MS, &list, &n, r->ctx);
        if (e == ERR_OK && n > 0) {
            r->days[tier] = list[0];
        } else if (e == ERR_OK) {
            r->days[tier] = (struct store_segment){.id = r->st->next_segment++,
                                                   .t_min = r->day_ms,
                                                   .t_max = r->day_ms + STORE_1D_MS,
                                                   .axis_n = (uint32_t)(STORE_1D_MS / store_tier_ms((enum store_tier)tier))};
            e = store_segment_add(r->st, (enum store_tier)tier, r->shard, &r->days[tier], 0, NULL, 0, r->ctx);
        }
        free(list);
    }
    return e;
}

static enum err roll_parts(struct roll *r, bool *ret_done)
{
    enum err e = find_days(r);
    unsigned part = 0;

    for (; e == ERR_OK && part < STORE_SHARD_SERIES / STORE_PART_SERIES && r->bytes < STORE_MAINTAIN_BYTES; part++)
        e = roll_part(r, part);
    *ret_done = part == STORE_SHARD_SERIES / STORE_PART_SERIES;
    for (size_t i = 0; e == ERR_OK && *ret_done && i < r->fresh_count; i++)
        e = store_run(r->st, STMT_SEGMENT_DELETE, (const struct store_val[]){store_int(r->fresh[i].id)}, 1, r->ctx);
    if (e == ERR_OK && *ret_done)
        e = store_run(r->st, STMT_SHARD_ROLLED, (const struct store_val[]){store_int(r->shard), store_int(r->day_ms + STORE_1D_MS)}, 2,
                      r->ctx);
    return e;
}

static enum err roll_day(struct store *st, uint32_t shard, int64_t day_ms, size_t *bytes, bool *ret_done, struct errctx *ctx)
{
    struct roll *r = calloc(1, sizeof *r);

    if (r == NULL)
        return errctx_set(ctx, ERR_NOMEM, "no memory to roll up a day");
    *r = (struct roll){.st = st, .shard = shard, .day_ms = day_ms, .ctx = ctx};
    arena_init(&r->arena, ROLL_ARENA_MAX);
    enum err e = store_make_unpacker(st, ctx);
    if (e == ERR_OK)
        e = store_segments(st, TIER_5M_NEW, shard, day_ms, day_ms + STORE_1D_MS, &r->fresh, &r->fresh_count, ctx);
    if (e == ERR_OK)
        e = store_txn_begin(st, ctx);
    if (e == ERR_OK)
        e = roll_parts(r, ret_done);
    if (e == ERR_OK)
        e = store_txn_commit(st, ctx);
    if (e != ERR_OK)
        store_txn_rollback(st);
    if (e == ERR_NOMEM)
        (void)errctx_set(ctx, e, "no memory to roll up a day");
    *bytes += r->bytes;
    arena_fini(&r->arena);
    free(r->fresh);
    free(r);
    return e;
}

/* The first sample of the shard at which its oldest new rollups are of a day that is over. */
static enum err next_due(struct store *st, uint32_t shard, int64_t *ret_day_ms, int64_t *ret_due_ms, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(TIER_5M_NEW), store_int(shard)};
    int64_t end = 0;
    enum err e = store_get_int(st, STMT_SEGMENT_OLDEST, v, 2, 0, &end, ctx);

    if (e != ERR_OK)
        return e;
    *ret_day_ms = instant_floor(end - 1, STORE_1D_MS);
    *ret_due_ms = end == 0 ? INT64_MAX : *ret_day_ms + STORE_1D_MS + SETTLE_MS + (int64_t)(shard % 32) * STAGGER_MS;
    return ERR_OK;
}

enum err store_roll(struct store *st, size_t *bytes, struct errctx *ctx)
{
    enum err e = ERR_OK;

    for (uint32_t i = 1; e == ERR_OK && i <= st->dict.shard_count && *bytes < STORE_MAINTAIN_BYTES; i++) {
        struct store_shard *sh = &st->dict.shards[i - 1];
        int64_t day = 0, due = 0;
        bool done = true;
        while (e == ERR_OK && done && sh->sealed_ms != 0 && sh->sealed_ms >= sh->roll_due_ms && *bytes < STORE_MAINTAIN_BYTES) {
            e = next_due(st, i, &day, &due, ctx);
            if (e == ERR_OK && sh->sealed_ms >= due)
                e = roll_day(st, i, day, bytes, &done, ctx);
            else
                sh->roll_due_ms = due;
        }
        if (e == ERR_CORRUPT) { /* a damaged chunk: the day stays as it is, which is right, only larger */
            st->bad_chunks++;
            sh->roll_due_ms = sh->sealed_ms + STORE_1D_MS;
            e = ERR_OK;
        }
    }
    return e;
}
