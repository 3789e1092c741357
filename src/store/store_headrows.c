/* SPDX-License-Identifier: MIT */
/* The head as a connection knows it: which rows there are and when, in memory and kept up to date, and their bodies by sequence. */
#include "store/store_internal.h"

#include <stdlib.h>

static void count_ref(struct store *st, const struct store_head_ref *ref)
{
    struct store_shard *sh = &st->dict.shards[ref->shard - 1];

    if (sh->head_rows++ == 0)
        sh->head_first_seq = ref->seq;
    sh->head_samples += ref->samples;
    sh->head_bytes += ref->bytes;
    if (ref->t1_ms > sh->sealed_ms && (sh->head_min_ms == 0 || ref->t1_ms < sh->head_min_ms))
        sh->head_min_ms = ref->t1_ms;
}

enum err store_headrows_push(struct store *st, struct store_head_ref ref)
{
    if (st->head_count == st->head_cap) {
        size_t cap = st->head_cap == 0 ? 1024 : 2 * st->head_cap;
        struct store_head_ref *p = realloc(st->head, cap * sizeof *p);
        if (p == NULL)
            return ERR_NOMEM;
        st->head = p;
        st->head_cap = cap;
    }
    st->head[st->head_count++] = ref;
    count_ref(st, &ref);
    return ERR_OK;
}

void store_headrows_drop_sealed(struct store *st)
{
    size_t kept = 0;

    for (uint32_t i = 0; i < st->dict.shard_count; i++) {
        struct store_shard *sh = &st->dict.shards[i];
        sh->head_rows = 0;
        sh->head_samples = sh->head_bytes = 0;
        sh->head_first_seq = sh->head_min_ms = 0;
    }
    for (size_t i = 0; i < st->head_count; i++) {
        if (st->head[i].seq <= st->dict.shards[st->head[i].shard - 1].sealed_seq)
            continue;
        st->head[kept] = st->head[i];
        count_ref(st, &st->head[kept++]);
    }
    st->head_count = kept;
}

enum err store_headrows_refresh(struct store *st, struct errctx *ctx)
{
    enum err e = ERR_OK;
    bool row = true, sealed = false;
    sqlite3_stmt *s = store_stmt(st, STMT_SHARD_READ);

    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read the shards");
    while (e == ERR_OK && row) {
        e = store_step(st, s, &row, ctx);
        if (e != ERR_OK || !row)
            break;
        int64_t id = sqlite3_column_int64(s, 0);
        if (id < 1 || id > st->dict.shard_count)
            continue;
        struct store_shard *sh = &st->dict.shards[id - 1];
        sealed = sealed || sh->sealed_seq != sqlite3_column_int64(s, 1);
        sh->sealed_seq = sqlite3_column_int64(s, 1);
        sh->sealed_ms = sqlite3_column_int64(s, 2);
        sh->rolled_ms = sqlite3_column_int64(s, 3);
    }
    if (e == ERR_OK)
        e = store_retention_load(st, ctx);
    if (sealed)
        store_headrows_drop_sealed(st);
    s = e == ERR_OK ? store_stmt(st, STMT_HEAD_READ) : NULL;
    if (s != NULL)
        sqlite3_bind_int64(s, 1, st->head_seq);
    for (row = true; e == ERR_OK && s != NULL;) {
        e = store_step(st, s, &row, ctx);
        if (e != ERR_OK || !row)
            break;
        struct store_head_ref ref = {.seq = sqlite3_column_int64(s, 0),
                                     .shard = (uint32_t)sqlite3_column_int64(s, 1),
                                     .t0_ms = sqlite3_column_int64(s, 2),
                                     .t1_ms = sqlite3_column_int64(s, 3),
                                     .samples = (uint32_t)sqlite3_column_int64(s, 4),
                                     .bytes = (uint32_t)sqlite3_column_int64(s, 5)};
        st->head_seq = ref.seq;
        if (ref.shard == STORE_STATUS_SHARD)
            e = store_status_apply(st, (uint32_t)ref.t0_ms, ref.t1_ms, sqlite3_column_blob(s, 6), (size_t)sqlite3_column_bytes(s, 6));
        else if (ref.shard <= st->dict.shard_count && ref.seq > st->dict.shards[ref.shard - 1].sealed_seq)
            e = store_headrows_push(st, ref);
    }
    return e;
}

enum { SEEK_DISTANCE = 2 };

enum err store_headrows_fetch(struct store_headrows_cursor *cur, int64_t seq, const void **ret_data, size_t *ret_bytes, struct errctx *ctx)
{
    bool row = true;
    enum err e = ERR_OK;

    if (cur->seq == 0 || seq - cur->seq > SEEK_DISTANCE || seq < cur->seq) {
        cur->s = store_stmt(cur->st, STMT_HEAD_DATA);
        if (cur->s == NULL)
            return store_sql_error(cur->st, sqlite3_extended_errcode(cur->st->db), ctx, "read the head");
        sqlite3_bind_int64(cur->s, 1, seq);
    }
    for (cur->seq = 0; e == ERR_OK && row && cur->seq < seq;) {
        e = store_step(cur->st, cur->s, &row, ctx);
        if (e == ERR_OK && row)
            cur->seq = sqlite3_column_int64(cur->s, 0);
    }
    if (e != ERR_OK)
        return e;
    if (cur->seq != seq) {
        *ret_data = NULL;
        *ret_bytes = 0;
        return ERR_OK;
    }
    *ret_data = sqlite3_column_blob(cur->s, 1);
    *ret_bytes = (size_t)sqlite3_column_bytes(cur->s, 1);
    return ERR_OK;
}

enum err store_take_back(struct store *st, uint32_t source, int64_t t0_ms, int64_t t1_ms, struct errctx *ctx)
{
    struct buf row;
    enum err e = ERR_OK;

    buf_init(&row, SIZE_MAX / 2);
    for (size_t i = 0; e == ERR_OK && i < st->head_count; i++) {
        const struct store_head_ref ref = st->head[i];
        struct store_headrows_cursor cur = {.st = st};
        const void *data;
        size_t bytes;
        if (st->dict.shards[ref.shard - 1].source != source || ref.t1_ms <= t0_ms || ref.t1_ms > t1_ms)
            continue;
        buf_reset(&row);
        e = store_headrows_fetch(&cur, ref.seq, &data, &bytes, ctx);
        if (e == ERR_OK)
            e = data != NULL ? store_head_gauges(data, bytes, &row) : ERR_CORRUPT;
        sqlite3_reset(cur.s);
        const struct store_val v[] = {store_int(ref.seq), store_int(ref.shard), store_int(ref.t1_ms), store_blob(row.data, row.len)};
        if (e == ERR_CORRUPT) { /* nobody can read it, and it is counted as when it is read */
            st->bad_chunks++;
            e = ERR_OK;
            continue;
        }
        if (e == ERR_OK)
            e = store_fact(st, STMT_HEAD_SET, v, 4, ctx);
    }
    buf_fini(&row);
    return e;
}
