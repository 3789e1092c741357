/* SPDX-License-Identifier: MIT */
#include "store/store_internal.h"

#include <string.h>
#include <sys/stat.h>

#include "base/timefmt.h"

static int64_t file_size(const char *path, const char *suffix)
{
    char name[4096];
    struct stat sb;

    if (!str_format(name, sizeof name, "%s%s", path, suffix) || stat(name, &sb) != 0)
        return 0;
    return (int64_t)sb.st_size;
}

static enum err add_segments(struct store *st, struct store_stats *s, struct errctx *ctx)
{
    sqlite3_stmt *q = store_stmt(st, STMT_SEGMENT_STATS);
    bool row = true;

    if (q == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read the segments");
    for (;;) {
        enum err e = store_step(st, q, &row, ctx);
        if (e != ERR_OK || !row)
            return e;
        uint64_t segments = (uint64_t)sqlite3_column_int64(q, 1);
        int64_t first = sqlite3_column_int64(q, 3), last = sqlite3_column_int64(q, 4);
        if (sqlite3_column_int64(q, 0) != TIER_RAW) {
            s->rollups += segments;
            continue;
        }
        s->chunks += segments;
        s->samples += (uint64_t)sqlite3_column_int64(q, 2);
        s->first_ms = s->first_ms == 0 || first < s->first_ms ? first : s->first_ms;
        s->last_ms = last > s->last_ms ? last : s->last_ms;
    }
}

static void take_earlier(int64_t t, int64_t *first)
{
    if (t != 0 && (*first == 0 || t < *first))
        *first = t;
}

/* The earliest segment of a tier over all shards. */
static enum err add_earliest(struct store *st, enum store_tier tier, int64_t *first)
{
    enum err e = ERR_OK;
    for (uint32_t shard = 1; e == ERR_OK && shard <= st->dict.shard_count; shard++) {
        const struct store_val v[] = {store_int(tier), store_int(shard)};
        int64_t t = 0;
        e = store_get_int(st, STMT_SEGMENT_EARLIEST, v, 2, 0, &t, NULL);
        take_earlier(t, first);
    }
    return e;
}

static enum err add_raw(struct store *st, int64_t *first)
{
    enum err e = store_headrows_refresh(st, NULL);
    for (size_t i = 0; e == ERR_OK && i < st->head_count; i++)
        take_earlier(st->head[i].t1_ms, first);
    return e == ERR_OK ? add_earliest(st, TIER_RAW, first) : e;
}

int64_t store_first_ms(struct store *st)
{
    int64_t first = 0;

    if (store_read_begin(st, NULL) != ERR_OK)
        return 0;
    (void)add_raw(st, &first);
    store_read_end(st);
    return first;
}

int64_t store_recorded_since_ms(struct store *st)
{
    int64_t first = 0, rolled = 0;

    if (store_read_begin(st, NULL) != ERR_OK)
        return 0;
    if (!st->writer && st->recorded_since_ms >= 0) {
        store_read_end(st);
        return st->recorded_since_ms;
    }
    enum err e = add_raw(st, &first);
    for (int tier = TIER_5M_NEW; e == ERR_OK && tier < TIER_COUNT; tier++)
        e = add_earliest(st, (enum store_tier)tier, &rolled);
    store_read_end(st);
    if (rolled != 0)
        take_earlier(instant_floor(rolled, STORE_1D_MS) + STORE_1D_MS, &first);
    st->recorded_since_ms = e == ERR_OK ? first : -1;
    return first;
}

enum err store_get_stats(struct store *st, struct store_stats *ret, struct errctx *ctx)
{
    struct store_stats s = {.bad_chunks = st->bad_chunks, .series = st->dict.series_count, .strings = intern_count(st->dict.strings)};
    const char *path = st->open_path == NULL ? st->path : st->open_path;
    enum err e = store_read_begin(st, ctx);

    if (e != ERR_OK)
        return e;
    e = store_headrows_refresh(st, ctx);
    for (size_t i = 0; e == ERR_OK && i < st->head_count; i++) {
        const struct store_head_ref *ref = &st->head[i];
        if (s.first_ms == 0 || ref->t1_ms < s.first_ms)
            s.first_ms = ref->t1_ms;
        if (ref->t1_ms > s.last_ms)
            s.last_ms = ref->t1_ms;
        s.samples += ref->samples;
    }
    if (e == ERR_OK)
        e = add_segments(st, &s, ctx);
    s.head_rows = st->head_count;
    store_read_end(st);
    if (e != ERR_OK)
        return e;
    s.file_bytes = file_size(path, "");
    s.wal_bytes = file_size(path, "-wal");
    *ret = s;
    return ERR_OK;
}

enum err store_seal_all(struct store *st, struct errctx *ctx)
{
    enum err e = store_commit(st, ctx);

    if (e == ERR_OK)
        e = store_maintain(st, true, ctx);
    if (e == ERR_OK)
        (void)sqlite3_wal_checkpoint_v2(st->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return e;
}
