/* SPDX-License-Identifier: MIT */
/* Segments and their chunks in the file. */
#include "store/store_internal.h"

#include <stdlib.h>

int64_t store_tier_ms(enum store_tier t)
{
    static const int64_t ms[TIER_COUNT] = {
        [TIER_5M_NEW] = STORE_5M_MS, [TIER_5M] = STORE_5M_MS, [TIER_1H] = STORE_1H_MS, [TIER_1D] = STORE_1D_MS};
    return ms[t];
}

enum err store_segments(struct store *st, enum store_tier tier, uint32_t shard, int64_t t0_ms, int64_t t1_ms, struct store_segment **ret,
                        size_t *ret_count, struct errctx *ctx)
{
    int64_t reach = t1_ms > INT64_MAX - STORE_SEGMENT_SPAN_MS ? INT64_MAX : t1_ms + STORE_SEGMENT_SPAN_MS;
    const struct store_val v[] = {store_int(tier), store_int(shard), store_int(t0_ms), store_int(t1_ms), store_int(reach)};
    sqlite3_stmt *s = store_stmt(st, STMT_SEGMENT_FIND);
    struct store_segment *list = NULL;
    size_t n = 0, cap = 0;
    enum err e = ERR_OK;

    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read the segments");
    store_bind(s, v, 5);
    for (bool row = true; e == ERR_OK;) {
        e = store_step(st, s, &row, ctx);
        if (e != ERR_OK || !row)
            break;
        if (n == cap) {
            cap = cap == 0 ? 32 : 2 * cap;
            struct store_segment *p = realloc(list, cap * sizeof *p);
            if (p == NULL) {
                e = errctx_set(ctx, ERR_NOMEM, "no memory for the list of segments");
                break;
            }
            list = p;
        }
        int64_t axis_n = sqlite3_column_int64(s, 3);
        list[n] = (struct store_segment){.id = sqlite3_column_int64(s, 0),
                                         .t_min = sqlite3_column_int64(s, 1),
                                         .t_max = sqlite3_column_int64(s, 2),
                                         .axis_n = (uint32_t)axis_n};
        if (axis_n > 0 && axis_n <= STORE_AXIS_MAX && list[n].id > 0 && list[n].id < INT64_MAX >> 16)
            n++;
        else
            st->bad_chunks++;
    }
    sqlite3_reset(s);
    if (e != ERR_OK) {
        free(list);
        return e;
    }
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}

static enum err make_packer(struct store *st, struct errctx *ctx)
{
    if (st->packer == NULL)
        st->packer = store_packer_new();
    return st->packer != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "no memory to seal chunks");
}

enum err store_make_unpacker(struct store *st, struct errctx *ctx)
{
    if (st->unpacker == NULL)
        st->unpacker = store_unpacker_new();
    return st->unpacker != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "no memory to read chunks");
}

/* One chunk: the columns of one signal in one part of the slots. */
static enum err write_chunk(struct store *st, bool rollup, const struct store_segment *seg, unsigned signal, unsigned part,
                            const struct store_column *const *columns, uint32_t count, size_t *bytes, struct errctx *ctx)
{
    int64_t id = store_chunk_id(seg->id, signal, part);
    const struct store_layout *l = store_layout(rollup, signal_info((enum signal)signal)->kind);

    buf_reset(&st->chunk);
    enum err e = store_chunk_encode(st->packer, l, columns, count, seg->axis_n, id, &st->chunk);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "cannot pack %u series of %s into a chunk", count, signal_info((enum signal)signal)->name);
    const struct store_val v[] = {store_int(id), store_blob(st->chunk.data, st->chunk.len)};
    *bytes += st->chunk.len;
    return store_run(st, STMT_CHUNK_ADD, v, 2, ctx);
}

enum err store_chunks_write(struct store *st, enum store_tier tier, uint32_t shard, const struct store_segment *seg, unsigned part,
                            struct store_column *const *columns, size_t *bytes, struct errctx *ctx)
{
    const struct store_shard *sh = &st->dict.shards[shard - 1];
    const struct store_column *list[STORE_PART_SERIES];
    uint64_t signals[(SIG_COUNT + 63) / 64] = {0};
    uint32_t from = part * STORE_PART_SERIES;
    enum err e = make_packer(st, ctx);

    for (uint32_t i = from; i < from + STORE_PART_SERIES; i++)
        if (columns[i] != NULL && columns[i]->n > 0) {
            unsigned signal = st->dict.series[sh->series[i] - 1].signal;
            signals[signal / 64] |= UINT64_C(1) << signal % 64;
        }
    for (unsigned signal = 0; e == ERR_OK && signal < SIG_COUNT; signal++) {
        uint32_t n = 0;
        if (!(signals[signal / 64] >> signal % 64 & 1))
            continue;
        for (uint32_t i = from; i < from + STORE_PART_SERIES; i++)
            if (columns[i] != NULL && columns[i]->n > 0 && st->dict.series[sh->series[i] - 1].signal == signal)
                list[n++] = columns[i];
        e = write_chunk(st, tier != TIER_RAW, seg, signal, part, list, n, bytes, ctx);
    }
    return e;
}

enum err store_segment_add(struct store *st, enum store_tier tier, uint32_t shard, const struct store_segment *seg, uint64_t samples,
                           const void *axis, size_t axis_bytes, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(seg->id),
                                  store_int(tier),
                                  store_int(shard),
                                  store_int(seg->t_min),
                                  store_int(seg->t_max),
                                  store_int(seg->axis_n),
                                  store_int((int64_t)samples),
                                  store_blob(axis, axis_bytes)};
    return store_run(st, STMT_SEGMENT_ADD, v, 8, ctx);
}

enum err store_segment_axis(struct store *st, const struct store_segment *seg, struct store_poll *polls, bool *ret_ok, struct errctx *ctx)
{
    sqlite3_stmt *s = store_stmt(st, STMT_SEGMENT_AXIS);
    bool row = false;

    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read an axis");
    sqlite3_bind_int64(s, 1, seg->id);
    enum err e = store_step(st, s, &row, ctx);
    if (e != ERR_OK)
        return e;
    *ret_ok = row && store_axis_decode(sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0), polls, seg->axis_n);
    if (!*ret_ok)
        st->bad_chunks++;
    sqlite3_reset(s);
    return ERR_OK;
}
