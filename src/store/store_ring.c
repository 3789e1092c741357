/* SPDX-License-Identifier: MIT */
/* The ring store: a small file in memory (XDG_RUNTIME_DIR) that takes over while the main file can't be written, so that the live view goes
 * on.
 *
 * How this works: it is a store like any other, with the same ids, made anew at every take-over: the dictionary from memory, facts and
 * head rows copied from the main file as far as that can be read. Its retention is by size alone. All facts put while it is open are kept
 * in memory too. Once a minute the main file is tried; when it can be written again, the dictionary's additions, those facts and a gap per
 * source go into it, and the ring store is removed. Its samples are not kept. */
#define _XOPEN_SOURCE 700 /* realpath beside _POSIX_C_SOURCE */
#include "store/store_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "store/store_files.h"

enum {
    RING_BYTES = 16 << 20,
    RING_HEAD_BYTES = 6 << 20, /* of copied head rows */
    RETRY_MS = 60 * 1000,
    FACT_ROWS_MAX = 2000 /* newest rows copied per table */
};

/* ---- where it is ---- */

bool store_ring_path(const char *path, const char *ring_dir, char *dst, size_t cap)
{
    char dir[PATH_MAX], real[PATH_MAX];
    const char *name = strrchr(path, '/');

    if (!store_files_dir(path, dir, sizeof dir))
        return false;
    if (realpath(dir, real) == NULL && !str_copy(real, sizeof real, str_of(dir)))
        return false;
    uint64_t h = hash_bytes(real, strlen(real), 0);
    return str_format(dst, cap, "%s/gwtop-ring-%016llx-%s", ring_dir, (unsigned long long)h, name == NULL ? path : name + 1);
}

bool store_ring_is_active(const char *path, const char *ring_dir, char *dst, size_t cap)
{
    char file[PATH_MAX];

    return store_ring_path(path, ring_dir, dst, cap) && str_format(file, sizeof file, "%s.lock", dst) && store_files_is_locked(file);
}

/* The last one is the lock, without which the others are removed while it is held. */
static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};

static void remove_first(const char *path, size_t count)
{
    char file[PATH_MAX];

    for (size_t i = 0; i < count; i++)
        if (str_format(file, sizeof file, "%s%s", path, suffixes[i]))
            (void)unlink(file);
}

static void remove_data(const char *path)
{
    remove_first(path, 3);
}
static void remove_files(const char *path)
{
    remove_first(path, 4);
}

/* ---- copying what the main file has ---- */

/* Rows of one query into one table of the ring, column by column. Failures end the copying of that table: the ring does without. */
static void copy_rows(sqlite3 *from, sqlite3 *to, const char *select, const char *insert)
{
    sqlite3_stmt *in = NULL, *out = NULL;

    if (sqlite3_prepare_v2(from, select, -1, &in, NULL) == SQLITE_OK && sqlite3_prepare_v2(to, insert, -1, &out, NULL) == SQLITE_OK) {
        while (sqlite3_step(in) == SQLITE_ROW) {
            for (int i = 0; i < sqlite3_column_count(in); i++)
                sqlite3_bind_value(out, i + 1, sqlite3_column_value(in, i));
            if (sqlite3_step(out) != SQLITE_DONE)
                break;
            sqlite3_reset(out);
        }
    }
    sqlite3_finalize(in);
    sqlite3_finalize(out);
}

static void copy_facts(sqlite3 *from, sqlite3 *to)
{
    static const struct {
        const char *table, *order;
    } tables[] = {
        {"source", "id"},        {"status", "at_ms"},  {"gap", "t1"},           {"late", "known_ms"},
        {"event", "id"},         {"alert", "id"},      {"incident", "version"}, {"timeline", "id"},
        {"authority", "source"}, {"note", "known_ms"}, {"act", "id"},           {"outside", "known_ms"},
    };
    char select[160], insert[160];

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        sqlite3_stmt *s = NULL;
        sqlite3_snprintf(sizeof select, select, "SELECT * FROM %s ORDER BY %s DESC LIMIT %d", tables[i].table, tables[i].order,
                         FACT_ROWS_MAX);
        if (sqlite3_prepare_v2(to, select, -1, &s, NULL) != SQLITE_OK)
            continue;
        int columns = sqlite3_column_count(s);
        sqlite3_finalize(s);
        sqlite3_snprintf(sizeof insert, insert, "INSERT OR IGNORE INTO %s VALUES(?", tables[i].table);
        for (int k = 1; k < columns; k++)
            sqlite3_snprintf((int)(sizeof insert - strlen(insert)), insert + strlen(insert), ",?");
        sqlite3_snprintf((int)(sizeof insert - strlen(insert)), insert + strlen(insert), ")");
        copy_rows(from, to, select, insert);
    }
}

/* The newest head rows, and from where on: what is before counts as sealed, though it is nowhere in the ring. */
static int64_t copy_head(const struct store *from, sqlite3 *to)
{
    size_t bytes = 0, i = from->head_count;
    char select[96];

    while (i > 0 && bytes + from->head[i - 1].bytes < RING_HEAD_BYTES)
        bytes += from->head[--i].bytes;
    int64_t first = i < from->head_count ? from->head[i].seq : from->next_seq;
    sqlite3_snprintf(sizeof select, select, "SELECT seq, shard, t0, t1, n, data FROM head WHERE seq >= %lld ORDER BY seq",
                     (long long)first);
    copy_rows(from->db, to, select, "INSERT INTO head(seq, shard, t0, t1, n, data) VALUES(?, ?, ?, ?, ?, ?)");
    return first;
}

/* ---- one store becoming another ---- */

/* Adds to `to` what `from` has beyond it; the additions count as not saved yet. Both have the same ids as far as both go. */
static enum err extend_dict(struct store_dict *to, const struct store_dict *from)
{
    const struct store_dict_mark mark = store_dict_mark(to);
    struct buf row;

    buf_init(&row, SIZE_MAX / 2);
    enum err e = store_dict_encode(from, &mark, &row);
    if (e == ERR_OK)
        e = store_dict_apply(to, row.data, row.len);
    buf_fini(&row);
    to->saved = mark;
    return e;
}

/* The database of `fresh` becomes that of st, and the other way round. What callers hold pointers into stays where it is: strings, series,
 * bounds. */
static void swap_stores(struct store *st, struct store *fresh)
{
    struct store old = *st;

    *st = *fresh;
    *fresh = old;
    /* Everything that belongs to the person, not to the file, stays. */
    struct store_dict file_dict = st->dict;
    st->dict = old.dict;
    fresh->dict = file_dict;
    for (uint32_t i = 0; i < st->dict.shard_count && i < file_dict.shard_count; i++) {
        struct store_shard *to = &st->dict.shards[i];
        uint32_t *series = to->series, sections = to->section_count, count = to->count;
        struct store_section *list = to->sections;
        struct store_shard keep = *to;
        *to = file_dict.shards[i];
        to->series = series;
        to->sections = list;
        to->section_count = sections;
        to->count = count;
        file_dict.shards[i].sealed_seq = keep.sealed_seq;
    }
    st->dict.saved = file_dict.saved;
    struct store_source *sources = st->sources;
    uint32_t source_count = st->source_count, source_cap = st->source_cap;
    st->sources = old.sources;
    st->source_count = old.source_count;
    st->source_cap = old.source_cap;
    fresh->sources = sources;
    fresh->source_count = source_count;
    fresh->source_cap = source_cap;
    st->pending = old.pending;
    fresh->pending = (struct store_pending_list){.tail = &fresh->pending.first};
    struct buf rows = st->status_rows, scratch = st->scratch;
    st->status_rows = old.status_rows;
    st->scratch = old.scratch;
    st->score_puts = old.score_puts;
    fresh->score_puts = NULL;
    fresh->status_rows = rows;
    fresh->scratch = scratch;
    char *ring_dir = st->ring_dir;
    st->ring_dir = old.ring_dir;
    fresh->ring_dir = ring_dir;
    st->next_incident = old.next_incident;
}

/* ---- taking over ---- */

static enum err write_marks(struct store *ring, const struct store *main, int64_t first_seq, struct errctx *ctx)
{
    enum err e = store_run(ring, STMT_META_PUT, (const struct store_val[]){store_text("ring"), store_int(1)}, 2, ctx);

    for (uint32_t i = 0; e == ERR_OK && i < ring->dict.shard_count; i++) {
        int64_t sealed = main->dict.shards[i].sealed_seq > first_seq - 1 ? main->dict.shards[i].sealed_seq : first_seq - 1;
        const struct store_val v[] = {store_int(i + 1), store_int(sealed), store_int(0)};
        e = store_run(ring, STMT_SHARD_SEALED, v, 3, ctx);
    }
    return e;
}

/* An empty ring store's file, open; the caller closes *ret also after a failure. */
static enum err make_ring(const struct store *st, struct store **ret, struct errctx *ctx)
{
    char path[PATH_MAX];
    struct store *ring = NULL;

    if (!store_ring_path(st->path, st->ring_dir, path, sizeof path))
        return errctx_set(ctx, ERR_LIMIT, "the path of the ring store is too long");
    enum err e = store_new(st->path, path, &ring);
    if (e != ERR_OK)
        return e;
    *ret = ring;
    ring->writer = ring->ring = true;
    ring->opt = st->opt;
    ring->opt.ring_dir = NULL;
    ring->opt.max_bytes = RING_BYTES;
    ring->clock = st->clock;
    ring->ring_retry_mono_ms = INT64_MAX;
    e = store_files_prepare(path, st->opt.private_files, ctx);
    if (e == ERR_OK)
        e = store_files_lock(path, st->opt.private_files, &ring->lock_fd, ctx);
    if (e != ERR_OK)
        return e;
    remove_data(path);
    e = store_files_create(path, st->opt.private_files, ctx);
    if (e == ERR_OK)
        e = store_db_open_writer(ring, ctx);
    return e == ERR_OK ? store_exec(ring, "PRAGMA synchronous = OFF; PRAGMA max_page_count = 2048", ctx) : e;
}

/* from: what can be read of the main file; it may be st itself. */
static enum err fill_ring(struct store *ring, const struct store *st, const struct store *from, struct errctx *ctx)
{
    int64_t first = st->next_seq;
    enum err e = extend_dict(&ring->dict, &st->dict);

    ring->dict.saved = (struct store_dict_mark){.strings = 1};
    ring->next_seq = st->next_seq;
    if (e == ERR_OK)
        e = store_txn_begin(ring, ctx);
    if (e == ERR_OK && from->db != NULL) {
        copy_facts(from->db, ring->db);
        first = copy_head(from, ring->db);
    }
    if (e == ERR_OK)
        e = write_marks(ring, from, first, ctx);
    if (e == ERR_OK)
        e = store_pending_replay(st, ring, ctx);
    if (e == ERR_OK)
        e = store_commit(ring, ctx);
    ring->head_seq = 0; /* the copied rows are yet to be seen */
    return e == ERR_OK ? store_load(ring, ctx) : e;
}

/* A main file that can't be opened for writing may still be readable: its dictionary is needed, or ids would begin anew. */
static struct store *read_main(struct store *st)
{
    struct store *reader = NULL;
    struct errctx ignored;

    if (store_open_reader(st->path, &reader, &ignored) != ERR_OK)
        return NULL;
    if (extend_dict(&st->dict, &reader->dict) != ERR_OK || store_sources_take(st, reader) != ERR_OK) {
        store_close(reader);
        return NULL;
    }
    st->dict.saved = store_dict_mark(&st->dict);
    st->dict_seq = reader->dict_seq;
    st->next_seq = reader->head_seq + 1;
    for (uint32_t i = 0; i < reader->dict.shard_count; i++) {
        st->dict.shards[i].sealed_seq = reader->dict.shards[i].sealed_seq;
        if (reader->dict.shards[i].sealed_seq >= st->next_seq)
            st->next_seq = reader->dict.shards[i].sealed_seq + 1;
    }
    reader->next_seq = st->next_seq;
    if (store_get_int(reader, STMT_INCIDENT_NEXT, NULL, 0, 1, &st->next_incident, &ignored) != ERR_OK)
        st->next_incident = 1;
    return reader;
}

enum err store_ring_take_over(struct store *st, enum err e, struct errctx *ctx)
{
    struct store *ring = NULL, *reader = NULL;
    struct errctx why = {.text = ""}, first = {.text = ""};

    if (!st->writer || st->ring || st->ring_dir == NULL || (e != ERR_FULL && e != ERR_READONLY && e != ERR_IO))
        return e;
    store_txn_rollback(st);
    if (st->next_seq == 0) { /* it could not even be opened */
        st->next_seq = st->next_incident = 1;
        reader = read_main(st);
    }
    const struct store_dict_mark saved = st->dict.saved, tried = store_dict_mark(&st->dict);
    const int64_t dict_seq = st->dict_seq;
    enum err r = make_ring(st, &ring, &why);
    if (r == ERR_OK)
        r = fill_ring(ring, st, reader != NULL ? reader : st, &why);
    store_close(reader);
    if (r == ERR_OK) {
        swap_stores(st, ring);
        st->ring_lock_fd = ring->lock_fd; /* the main file's, which stays locked */
        ring->lock_fd = -1;
        st->opt.ring_dir = st->ring_dir;
        st->main_max_bytes = ring->opt.max_bytes;
        st->saved_main = saved;
        st->tried_main = tried;
        st->dict_seq_main = dict_seq;
        st->ring_since_ms = clock_wall_ms(&st->clock);
        st->ring_retry_mono_ms = clock_mono_ms(&st->clock) + RETRY_MS;
        (void)str_format(st->ring_reason, sizeof st->ring_reason, "the store could not be written: %s",
                         e == ERR_FULL       ? "the disk was full"
                         : e == ERR_READONLY ? "it was read-only"
                                             : "input/output errors");
        store_pending_durable(st);
    }
    store_close(ring);
    if (r == ERR_OK)
        return ERR_OK;
    if (ctx != NULL)
        first = *ctx;
    return errctx_set(ctx, e, "%s; and the ring store in %s failed too: %s", first.text, st->ring_dir, why.text);
}

enum err store_ring_empty(struct store *st, struct errctx *ctx)
{
    enum err e = store_exec(st, "DELETE FROM chunk; DELETE FROM segment; DELETE FROM head; DELETE FROM score_log", ctx);

    if (e == ERR_OK)
        e = store_txn_begin(st, ctx);
    for (uint32_t i = 0; e == ERR_OK && i < st->dict.shard_count; i++) {
        st->dict.shards[i].sealed_seq = st->next_seq - 1;
        const struct store_val v[] = {store_int(i + 1), store_int(st->next_seq - 1), store_int(0)};
        e = store_run(st, STMT_SHARD_SEALED, v, 3, ctx);
    }
    store_headrows_drop_sealed(st);
    st->first_seq = st->next_seq;
    return e == ERR_OK ? store_txn_commit(st, ctx) : e;
}

/* ---- going back ---- */

static enum err put_gaps(struct store *main, const struct store *st, struct errctx *ctx)
{
    char reason[sizeof st->ring_reason + 80];
    enum err e = ERR_OK;

    if (st->pending.forgotten > 0)
        (void)str_format(reason, sizeof reason, "%s; %zu events and notes of that time were too many to be kept", st->ring_reason,
                         st->pending.forgotten);
    else
        (void)str_copy(reason, sizeof reason, str_of(st->ring_reason));
    for (uint32_t i = 1; e == ERR_OK && i <= st->source_count; i++) {
        const struct store_gap g = {
            .source = i, .t0_ms = st->ring_since_ms, .t1_ms = clock_wall_ms(&st->clock), .reason = reason, .lost = true};
        e = store_put_gap(main, &g, ctx);
    }
    return e;
}

static bool same_mark(const struct store_dict_mark *a, const struct store_dict_mark *b)
{
    return a->strings == b->strings && a->bounds == b->bounds && a->shards == b->shards && a->series == b->series;
}

/* Whether the main file holds the dictionary that was in memory when the ring took over, without or with what the failed commit added. */
static bool same_dict(const struct store *st, const struct store *main)
{
    return (main->dict_seq == st->dict_seq_main && same_mark(&main->dict.saved, &st->saved_main)) ||
           (main->dict_seq == st->dict_seq_main + 1 && same_mark(&main->dict.saved, &st->tried_main));
}

/* The main file, open for writing, with everything that it missed but samples. */
static enum err open_main(struct store *st, struct store **ret, struct errctx *ctx)
{
    struct store *main = NULL;
    enum err e = store_new(st->path, st->path, &main);

    if (e != ERR_OK)
        return e;
    *ret = main;
    main->writer = true;
    main->opt = st->opt;
    main->opt.ring_dir = NULL;
    main->opt.max_bytes = st->main_max_bytes;
    main->clock = st->clock;
    main->lock_fd = st->ring_lock_fd; /* lent; given back below */
    e = store_open_main(main, ctx);
    /* Another file than the one whose ids are in memory is left alone until the recorder starts anew. */
    if (e == ERR_OK && !same_dict(st, main))
        e = ERR_CORRUPT;
    if (e == ERR_OK)
        e = extend_dict(&main->dict, &st->dict);
    if (e == ERR_OK)
        e = store_pending_replay(st, main, ctx);
    if (e == ERR_OK)
        e = put_gaps(main, st, ctx);
    return e == ERR_OK ? store_commit(main, ctx) : e;
}

void store_ring_try_main(struct store *st)
{
    struct store *main = NULL;
    struct errctx ignored;
    int64_t now = clock_mono_ms(&st->clock);

    if (now < st->ring_retry_mono_ms)
        return;
    st->ring_retry_mono_ms = now + RETRY_MS;
    enum err e = open_main(st, &main, &ignored);
    if (e != ERR_OK) {
        if (main != NULL && st->ring_lock_fd >= 0)
            main->lock_fd = -1;
        store_close(main);
        return;
    }
    swap_stores(st, main); /* main is the ring from here on, with its lock, and closing removes its files */
    st->opt.ring_dir = st->ring_dir;
    store_pending_clear(st);
    main->ring_lock_fd = -1;
    store_close(main);
}

void store_ring_last_try(struct store *st)
{
    if (!st->writer || !st->ring || st->ring_dir == NULL)
        return;
    st->ring_retry_mono_ms = 0;
    store_ring_try_main(st);
}

void store_ring_close(struct store *st)
{
    if (st->ring && st->writer && st->open_path != NULL)
        remove_files(st->open_path);
    store_files_unlock(st->ring_lock_fd);
    st->ring_lock_fd = -1;
}
