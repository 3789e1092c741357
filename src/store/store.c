/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_files.h"
#include "store/store_internal.h"

enum {
    SCRATCH_MAX = 64 << 20, /* one poll of 100,000 series is about 2 MB */
    STATUS_ROWS_MAX = 4 << 20,
    BUSY_TIMEOUT_MS = 2000,   /* a reader's checkpoint or recovery lock is held for milliseconds */
    SQL_LENGTH_MAX = 16 << 20 /* no blob of ours is larger; bounds what a damaged file can make SQLite allocate */
};

/* Settings that refuse what a prepared file could do to its reader. Source: https://www.sqlite.org/security.html */
static enum err harden(struct store *st, struct errctx *ctx)
{
    static const int off[] = {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
                              SQLITE_DBCONFIG_DQS_DDL,        SQLITE_DBCONFIG_DQS_DML,     SQLITE_DBCONFIG_TRUSTED_SCHEMA};

    (void)sqlite3_extended_result_codes(st->db, 1);
    (void)sqlite3_db_config(st->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
        (void)sqlite3_db_config(st->db, off[i], 0, NULL);
    (void)sqlite3_limit(st->db, SQLITE_LIMIT_LENGTH, SQL_LENGTH_MAX);
    (void)sqlite3_limit(st->db, SQLITE_LIMIT_ATTACHED, 0);
    (void)sqlite3_busy_timeout(st->db, BUSY_TIMEOUT_MS);
    return store_exec(st, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0", ctx);
}

enum err store_new(const char *path, const char *open_path, struct store **ret)
{
    struct store *st = calloc(1, sizeof *st);

    if (st == NULL)
        return ERR_NOMEM;
    st->lock_fd = st->ring_lock_fd = -1;
    st->pending.tail = &st->pending.first;
    buf_init(&st->scratch, SCRATCH_MAX);
    buf_init(&st->status_rows, STATUS_ROWS_MAX);
    buf_init(&st->chunk, STORE_CHUNK_RAW_MAX);
    st->path = str_dup(str_of(path));
    st->open_path = str_dup(str_of(open_path));
    enum err e = st->path == NULL || st->open_path == NULL ? ERR_NOMEM : store_dict_init(&st->dict);
    if (e != ERR_OK) {
        store_close(st);
        return e;
    }
    *ret = st;
    return ERR_OK;
}

/* Opens the file named by st->open_path with SQLite; flags decide about writing. */
static enum err open_db(struct store *st, const char *uri_options, int flags, struct errctx *ctx)
{
    struct buf uri;

    /* In a URI, these bytes of a path must be escaped; everything else goes through as it is. */
    buf_init(&uri, 4 * strlen(st->open_path) + 256);
    enum err e = buf_append_z(&uri, st->open_path[0] == '/' ? "file://" : "file:");
    for (const char *p = st->open_path; e == ERR_OK && *p != '\0'; p++)
        e = strchr("%?#", *p) != NULL ? buf_printf(&uri, "%%%02x", (unsigned)(unsigned char)*p) : buf_append_char(&uri, *p);
    if (e == ERR_OK)
        e = buf_append_z(&uri, uri_options);
    if (e == ERR_OK) {
        int rc = sqlite3_open_v2(uri.data, &st->db, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
        if (st->db == NULL)
            e = ERR_NOMEM;
        else if (rc != SQLITE_OK)
            e = store_sql_error(st, rc, ctx, "open the store");
    }
    buf_fini(&uri);
    return e == ERR_OK ? harden(st, ctx) : e;
}

enum err store_db_open_writer(struct store *st, struct errctx *ctx)
{
    char sql[128];
    int on = 1;
    enum err e = open_db(st, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, ctx);

    if (e != ERR_OK)
        return e;
    (void)sqlite3_file_control(st->db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
    sqlite3_snprintf(sizeof sql, sql,
                     "PRAGMA page_size = %d; PRAGMA secure_delete = OFF; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
                     STORE_PAGE_BYTES);
    e = store_exec(st, sql, ctx);
    if (e == ERR_OK)
        e = store_exec(st, "PRAGMA cache_size = -2048; PRAGMA journal_size_limit = 16777216; PRAGMA temp_store = MEMORY", ctx);
    if (e == ERR_OK)
        e = store_schema_migrate(st, ctx);
    return e;
}

/* Which series the rows in the head have is not worth reading them for; until the next seal all of the shard's are taken to be live. */
static void assume_live(struct store *st)
{
    for (uint32_t i = 0; i < st->dict.shard_count; i++) {
        struct store_shard *sh = &st->dict.shards[i];
        for (uint32_t k = 0; sh->head_rows > 0 && k < sh->count; k++)
            store_seal_see(sh, k);
    }
}

enum err store_load(struct store *st, struct errctx *ctx)
{
    enum err e = store_refresh(st, ctx);

    if (e == ERR_OK && st->writer) {
        int64_t sealed = 0;
        for (uint32_t i = 0; i < st->dict.shard_count; i++)
            if (st->dict.shards[i].sealed_seq > sealed)
                sealed = st->dict.shards[i].sealed_seq;
        st->next_seq = (st->head_seq > sealed ? st->head_seq : sealed) + 1;
        e = store_get_int(st, STMT_INCIDENT_NEXT, NULL, 0, 1, &st->next_incident, ctx);
        if (e == ERR_OK)
            e = store_get_int(st, STMT_SEGMENT_NEXT, NULL, 0, 1, &st->next_segment, ctx);
        if (e == ERR_OK)
            e = store_get_int(st, STMT_HEAD_FIRST, NULL, 0, 0, &st->first_seq, ctx);
        if (st->first_seq == 0)
            st->first_seq = st->next_seq;
        assume_live(st);
    }
    return e;
}

/* A recorder of this build must know every signal it is going to seal. */
static enum err check_signals(const struct store *st, struct errctx *ctx)
{
    for (size_t i = 0; i < st->dict.series_count; i++)
        if (st->dict.series[i].signal >= SIG_COUNT)
            return errctx_set(ctx, ERR_VERSION,
                              "%s holds signals that this version does not know; use the newer gwtop that wrote it, or another --store",
                              st->path);
    return ERR_OK;
}

/* An older one is brought up to date all the same: nobody else could. */
static enum err refuse_snapshot(struct store *st, struct errctx *ctx)
{
    int64_t found = 0;
    enum err e = store_get_int(st, STMT_NOTE_KNOWN, (const struct store_val[]){store_text(STORE_SNAPSHOT_NOTE)}, 1, 0, &found, ctx);

    return e != ERR_OK || found == 0
               ? e
               : errctx_set(ctx, ERR_READONLY, "%s is a snapshot, into which nobody records; `gwtop open %s` shows it", st->path, st->path);
}

/* Where operators' acts come in: anybody in the directory's group may add one, nobody may take another's away. Without it there are
 * just no acts, so a failure is not reported here but where an act is dropped. */
static void make_acts_dir(const struct store *st)
{
    char acts[PATH_MAX];

    if (!store_files_drop_dir(st->path, acts, sizeof acts))
        return;
    if (mkdir(acts, 0700) == 0 && !st->opt.private_files && chmod(acts, 03770) != 0)
        (void)rmdir(acts);
}

enum err store_open_main(struct store *st, struct errctx *ctx)
{
    enum err e = store_files_prepare(st->path, st->opt.private_files, ctx);

    if (e == ERR_OK && st->lock_fd < 0)
        e = store_files_lock(st->path, st->opt.private_files, &st->lock_fd, ctx);
    if (e == ERR_OK)
        e = store_files_create(st->path, st->opt.private_files, ctx);
    if (e == ERR_OK)
        e = store_db_open_writer(st, ctx);
    return e == ERR_OK ? store_load(st, ctx) : e;
}

enum err store_open_writer(const char *path, const struct store_options *opt, const struct clock *clock, struct store **ret,
                           struct errctx *ctx)
{
    static const struct store_options defaults;
    struct store *st = NULL;
    enum err e = store_new(path, path, &st);

    if (e != ERR_OK)
        return errctx_set(ctx, e, "no memory to open the store");
    st->writer = true;
    st->opt = opt == NULL ? defaults : *opt;
    st->clock = clock == NULL ? clock_system() : *clock;
    if (st->opt.ring_dir != NULL) {
        st->ring_dir = str_dup(str_of(st->opt.ring_dir));
        st->opt.ring_dir = st->ring_dir;
        e = st->ring_dir == NULL ? ERR_NOMEM : ERR_OK;
    }
    if (e == ERR_OK)
        e = store_open_main(st, ctx);
    if (e != ERR_OK)
        e = store_ring_take_over(st, e, ctx);
    if (e == ERR_OK)
        e = check_signals(st, ctx);
    if (e == ERR_OK)
        e = refuse_snapshot(st, ctx);
    if (e != ERR_OK) {
        store_close(st);
        return e;
    }
    make_acts_dir(st);
    *ret = st;
    return ERR_OK;
}

/* With a write-ahead log beside it the file may be in use; the log's index is opened read-only, so that a reader never makes files
 * under its own group. Without one (a copied file) nobody writes, and nothing but the file itself is needed. */
static bool has_wal(const char *path)
{
    struct buf name;
    struct stat sb;
    bool found = false;

    buf_init(&name, strlen(path) + 16);
    if (buf_printf(&name, "%s-wal", path) == ERR_OK)
        found = stat(name.data, &sb) == 0;
    buf_fini(&name);
    return found;
}

/* A ring store says of itself that it is one. */
static enum err read_ring_mark(struct store *st, struct errctx *ctx)
{
    int64_t ring = 0;
    enum err e = store_get_int(st, STMT_META_GET, (const struct store_val[]){store_text("ring")}, 1, 0, &ring, ctx);

    st->ring = ring != 0;
    return e;
}

enum err store_open_reader(const char *path, struct store **ret, struct errctx *ctx)
{
    struct store *st = NULL;
    enum err e = store_files_check_reader(path, ctx);

    if (e == ERR_OK)
        e = store_new(path, path, &st);
    if (e != ERR_OK)
        return e;
    st->clock = clock_system();
    st->immutable = !has_wal(path);
    e = open_db(st, st->immutable ? "?mode=ro&immutable=1" : "?mode=ro&readonly_shm=1", SQLITE_OPEN_READONLY, ctx);
    if (e == ERR_OK)
        e = store_exec(st, "PRAGMA query_only = ON; PRAGMA cache_size = -2048", ctx);
    if (e == ERR_OK)
        e = store_schema_check(st, ctx);
    if (e == ERR_OK)
        e = store_load(st, ctx);
    if (e == ERR_OK)
        e = read_ring_mark(st, ctx);
    if (e != ERR_OK) {
        store_close(st);
        return e;
    }
    *ret = st;
    return ERR_OK;
}

static void close_db(struct store *st)
{
    if (st->db == NULL)
        return;
    store_txn_rollback(st);
    st->snapshot = st->snapshot > 0 ? 1 : 0;
    store_read_end(st);
    for (int i = 0; i < STMT_COUNT; i++) {
        sqlite3_finalize(st->stmts[i]);
        st->stmts[i] = NULL;
    }
    if (st->writer)
        (void)sqlite3_wal_checkpoint_v2(st->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_close(st->db);
    st->db = NULL;
}

void store_close(struct store *st)
{
    if (st == NULL)
        return;
    store_ring_last_try(st);
    close_db(st);
    store_ring_close(st);
    store_pending_clear(st);
    store_dict_fini(&st->dict);
    for (uint32_t i = 0; i < st->source_count; i++) {
        free(st->sources[i].name);
        free(st->sources[i].status);
    }
    free(st->sources);
    free(st->head);
    free(st->kept);
    buf_fini(&st->scratch);
    buf_fini(&st->chunk);
    store_packer_free(st->packer);
    store_unpacker_free(st->unpacker);
    buf_fini(&st->status_rows);
    store_scores_clear(st);
    store_files_unlock(st->lock_fd);
    free(st->ring_dir);
    free(st->open_path);
    free(st->path);
    free(st);
}

bool store_is_ring(const struct store *st)
{
    return st->ring;
}
const char *store_path(const struct store *st)
{
    return st->path;
}

int64_t store_data_version(struct store *st)
{
    int64_t version = 0;

    return store_get_int(st, STMT_DATA_VERSION, NULL, 0, 0, &version, NULL) == ERR_OK ? version : -1;
}

enum err store_snapshot_begin(struct store *st, struct errctx *ctx)
{
    int64_t ignored;
    enum err e = store_read_begin(st, ctx);

    if (e == ERR_OK) { /* a deferred transaction takes its snapshot at the first read */
        e = store_get_int(st, STMT_PIN, NULL, 0, 0, &ignored, ctx);
        if (e != ERR_OK)
            store_read_end(st);
    }
    return e;
}

void store_snapshot_end(struct store *st)
{
    store_read_end(st);
}

enum err store_refresh(struct store *st, struct errctx *ctx)
{
    enum err e = store_read_begin(st, ctx);

    if (e != ERR_OK)
        return e;
    sqlite3_stmt *s = store_stmt(st, STMT_DICT_READ);
    bool row = s != NULL;
    if (s == NULL)
        e = store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read the dictionary");
    else
        sqlite3_bind_int64(s, 1, st->dict_seq);
    while (e == ERR_OK && row) {
        e = store_step(st, s, &row, ctx);
        if (e != ERR_OK || !row)
            break;
        e = store_dict_apply(&st->dict, sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1));
        if (e == ERR_CORRUPT)
            e = store_sql_error(st, SQLITE_CORRUPT, ctx, "read the dictionary");
        if (e == ERR_OK)
            st->dict_seq = sqlite3_column_int64(s, 0);
    }
    if (s != NULL)
        sqlite3_reset(s);
    if (e == ERR_OK)
        e = store_sources_refresh(st, ctx);
    if (e == ERR_OK)
        e = store_headrows_refresh(st, ctx);
    store_read_end(st);
    return e;
}

const struct intern *store_strings(const struct store *st)
{
    return st->dict.strings;
}
size_t store_series_count(const struct store *st)
{
    return st->dict.series_count;
}
const struct series *store_series_at(const struct store *st, size_t i)
{
    return &st->dict.series[i];
}

uint64_t store_source_signals(const struct store *st, uint32_t source)
{
    _Static_assert(SIG_COUNT <= 64, "a signal is a bit");
    uint64_t signals = 0;

    for (uint32_t i = 0; i < st->dict.shard_count; i++) {
        const struct store_shard *sh = &st->dict.shards[i];
        for (uint32_t k = 0; sh->source == source && k < sh->section_count; k++)
            if (sh->sections[k].signal < SIG_COUNT)
                signals |= UINT64_C(1) << sh->sections[k].signal;
    }
    return signals;
}

uint32_t store_source_dims(const struct store *st, uint32_t source, enum signal s)
{
    uint32_t dims = 0;

    for (uint32_t i = 0; i < st->dict.shard_count; i++) {
        const struct store_shard *sh = &st->dict.shards[i];
        const struct store_section *section = sh->source == source ? store_dict_section(sh, s) : NULL;
        dims |= section != NULL ? section->dims : 0;
    }
    return dims;
}

const struct hist_bounds *store_bounds_by_id(const struct store *st, uint32_t id)
{
    return id == 0 || id > st->dict.bounds_count ? NULL : st->dict.bounds[id - 1];
}

enum err store_string(struct store *st, struct str s, uint32_t *ret_id, struct errctx *ctx)
{
    return store_dict_add_string(&st->dict, s, ret_id, ctx);
}

enum err store_bounds(struct store *st, const double *upper, uint32_t count, const struct hist_bounds **ret, struct errctx *ctx)
{
    return store_dict_add_bounds(&st->dict, upper, count, ret, ctx);
}

enum err store_series(struct store *st, const struct series *s, uint32_t *ret_id, struct errctx *ctx)
{
    return store_dict_add_series(&st->dict, s, ret_id, ctx);
}
