/* SPDX-License-Identifier: MIT */
/* A part of a store as a file of its own.
 *
 * How this works: an empty store is made under another name, rows are read in the reader's one picture of the original and put into it,
 * table by table, and at the end it gets its name, which nobody may have taken. Of measurements whole segments are taken; what is left out
 * lies below floors, as if retention had moved them, so that readers know what there is. Samples reach back a week before the time that is
 * asked for, since screens compare with that, and sums of five minutes over the longest window of an objective: at any cursor of that time
 * a pane reads what it reads in the original. Where that is more than the file may have, samples of a day before and of the same time a
 * week ago are left, and the rest is told by sums. */
#define _GNU_SOURCE /* F_OFD_GETLK */
#include "store/store_export.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "store/store_files.h"
#include "store/store_mask.h"

enum { ROW_MAX = 16 << 20 };
static const int64_t hour_ms = STORE_1H_MS, day_ms = STORE_1D_MS;

static enum err failed(struct store_copy *c, struct store *st)
{
    return store_sql_error(st, sqlite3_extended_errcode(st->db), c->ctx, st == c->to ? "write the snapshot" : "read the store");
}

/* Column k of a row, masked where that is text. */
static enum err bind(struct store_copy *c, sqlite3_stmt *in, int k, sqlite3_stmt *out)
{
    const int bytes = sqlite3_column_bytes(in, k);

    c->bytes += bytes;
    if (c->mask == NULL || sqlite3_column_type(in, k) != SQLITE_TEXT)
        return sqlite3_bind_value(out, k + 1, sqlite3_column_value(in, k)) == SQLITE_OK ? ERR_OK : ERR_NOMEM;
    buf_reset(&c->text);
    enum err e = store_mask_text(c->mask, (struct str){(const char *)sqlite3_column_text(in, k), (size_t)bytes}, &c->text);
    if (e != ERR_OK)
        return e;
    return sqlite3_bind_text(out, k + 1, c->text.len > 0 ? c->text.data : "", (int)c->text.len, SQLITE_TRANSIENT) == SQLITE_OK ? ERR_OK
                                                                                                                               : ERR_NOMEM;
}

static enum err copy_rows(struct store_copy *c, sqlite3_stmt *in, sqlite3_stmt *out, store_copy_fn *fn)
{
    for (int rc; (rc = sqlite3_step(in)) != SQLITE_DONE;) {
        bool take = true;
        enum err e = rc == SQLITE_ROW ? ERR_OK : failed(c, c->from);
        for (int k = 0; e == ERR_OK && k < sqlite3_column_count(in); k++)
            e = bind(c, in, k, out);
        if (e == ERR_OK && fn != NULL)
            e = fn(c, in, out, &take);
        if (e == ERR_OK && take && sqlite3_step(out) != SQLITE_DONE)
            e = failed(c, c->to);
        if (e == ERR_OK && c->bytes > c->what->max_bytes)
            e = ERR_LIMIT;
        if (e != ERR_OK)
            return e;
        sqlite3_reset(out);
    }
    return ERR_OK;
}

/* "INSERT INTO t(a, b) VALUES(?, ?)" for the columns that are read. */
static enum err put_insert(sqlite3_stmt *in, const char *table, struct buf *sql)
{
    const int count = sqlite3_column_count(in);
    enum err e = buf_printf(sql, "INSERT INTO %s(", table);

    for (int k = 0; e == ERR_OK && k < count; k++)
        e = buf_printf(sql, "%s%s", k > 0 ? ", " : "", sqlite3_column_name(in, k));
    if (e == ERR_OK)
        e = buf_append_z(sql, ") VALUES(");
    for (int k = 0; e == ERR_OK && k < count; k++)
        e = buf_append_z(sql, k > 0 ? ", ?" : "?");
    return e == ERR_OK ? buf_append_char(sql, ')') : e;
}

int store_copy_column(sqlite3_stmt *in, const char *name)
{
    int k = 0;

    while (k < sqlite3_column_count(in) && strcmp(sqlite3_column_name(in, k), name) != 0)
        k++;
    return k;
}

enum err store_copy_table(struct store_copy *c, const char *table, const char *select, const struct store_val *v, size_t count,
                          store_copy_fn *fn)
{
    enum { SQL_MAX = 4096 };
    sqlite3_stmt *in = NULL, *out = NULL;
    struct buf insert;
    enum err e = ERR_OK;

    buf_init(&insert, SQL_MAX);
    if (sqlite3_prepare_v2(c->from->db, select, -1, &in, NULL) != SQLITE_OK)
        e = failed(c, c->from);
    if (e == ERR_OK)
        e = put_insert(in, table, &insert);
    if (e == ERR_OK && sqlite3_prepare_v2(c->to->db, insert.data, -1, &out, NULL) != SQLITE_OK)
        e = failed(c, c->to);
    buf_fini(&insert);
    if (e == ERR_OK) {
        store_bind(in, v, count);
        e = copy_rows(c, in, out, fn);
    }
    sqlite3_finalize(in);
    sqlite3_finalize(out);
    return e;
}

/* ---- measurements ---- */

/* From where on each tier is taken. */
static void set_floors(struct store_copy *c, bool thin)
{
    static const int64_t week_ms = 7 * (int64_t)STORE_1D_MS, month_ms = 32 * (int64_t)STORE_1D_MS, quarter_ms = 100 * (int64_t)STORE_1D_MS;
    const int64_t from = c->what->from_ms, wish[STORE_COPY_TIERS] = {from - (thin ? day_ms : week_ms) - 2 * hour_ms,
                                                                     from - (thin ? week_ms + day_ms : month_ms), from - quarter_ms, 0};

    for (int t = 0; t < STORE_COPY_TIERS; t++) {
        const int64_t floor = instant_floor(wish[t] > 0 ? wish[t] : 0, hour_ms);
        c->floor_ms[t] = floor > c->from->floor_ms[t] ? floor : c->from->floor_ms[t];
    }
    c->slice_from_ms = thin ? instant_floor(from - week_ms - hour_ms, hour_ms) : 0;
    c->slice_to_ms = thin ? instant_floor(c->what->to_ms - week_ms, hour_ms) + hour_ms : 0;
}

static enum err copy_segments(struct store_copy *c)
{
    static const int tier_floor[TIER_COUNT] = {0, 1, 1, 2, 3};
    static const char where[] =
        "SELECT s.* FROM segment AS s WHERE tier = ?1 AND t_min < ?3 AND (t_max > ?2 OR (t_max > ?4 AND t_min < ?5) "
        "OR (?1 = 0 AND EXISTS (SELECT 1 FROM kept WHERE t0 < s.t_max AND t1 > s.t_min AND t1 > ?6)))",
                      chunks[] = "SELECT c.id, c.data FROM segment AS s JOIN chunk AS c ON c.id >= s.id << 16 AND c.id < (s.id + 1) << 16 "
                                 "WHERE s.tier = ?1 AND s.t_min < ?3 AND (s.t_max > ?2 OR (s.t_max > ?4 AND s.t_min < ?5) "
                                 "OR (?1 = 0 AND EXISTS (SELECT 1 FROM kept WHERE t0 < s.t_max AND t1 > s.t_min AND t1 > ?6)))";
    enum err e = ERR_OK;

    for (int tier = 0; e == ERR_OK && tier < TIER_COUNT; tier++) {
        const struct store_val v[] = {store_int(tier),           store_int(c->floor_ms[tier_floor[tier]]),
                                      store_int(c->what->to_ms), store_int(tier == TIER_RAW ? c->slice_from_ms : INT64_MAX),
                                      store_int(c->slice_to_ms), store_int(c->floor_ms[0])};
        e = store_copy_table(c, "segment", where, v, 6, NULL);
        if (e == ERR_OK)
            e = store_copy_table(c, "chunk", chunks, v, 6, NULL);
    }
    return e;
}

static enum err put_floors(struct store_copy *c)
{
    static const char *const names[STORE_COPY_TIERS] = {"floor_raw", "floor_5m", "floor_1h", "floor_1d"};
    enum err e = ERR_OK;

    for (int t = 0; e == ERR_OK && t < STORE_COPY_TIERS; t++)
        e = store_run(c->to, STMT_META_PUT, (const struct store_val[]){store_text(names[t]), store_int(c->floor_ms[t])}, 2, c->ctx);
    if (e == ERR_OK && c->slice_to_ms != 0)
        e = store_run(c->to, STMT_KEPT_ADD, (const struct store_val[]){store_int(c->slice_from_ms), store_int(c->slice_to_ms)}, 2, c->ctx);
    return e;
}

static enum err copy_measurements(struct store_copy *c)
{
    const struct store_val floor[] = {store_int(c->floor_ms[0]), store_int(c->what->to_ms)};
    enum err e = store_copy_table(c, "shard", "SELECT * FROM shard", NULL, 0, NULL);

    if (e == ERR_OK)
        e = store_copy_dict(c);
    if (e == ERR_OK)
        e = store_copy_table(c, "kept", "SELECT * FROM kept WHERE t1 > ?1", floor, 1, NULL);
    if (e == ERR_OK)
        e = copy_segments(c);
    if (e == ERR_OK) /* rows that are not in chunks yet are the newest; of shard 0 they are statuses */
        e = store_copy_table(c, "head", "SELECT * FROM head WHERE t1 > ?1 AND t1 <= ?2", floor, 2, store_copy_head);
    return e == ERR_OK ? put_floors(c) : e;
}

/* ---- the file ---- */

static enum err fill(struct store_copy *c, bool thin)
{
    c->bytes = 0;
    set_floors(c, thin);
    enum err e = store_exec(c->to, "BEGIN", c->ctx);
    if (e == ERR_OK)
        e = copy_measurements(c);
    if (e == ERR_OK)
        e = store_copy_facts(c);
    if (e == ERR_OK)
        e = store_exec(c->to, "COMMIT", c->ctx);
    return e;
}

/* One file that needs no others beside it: a journal of its own would have to be written where it is opened. */
static enum err open_target(const char *path, struct store_copy *c)
{
    int off = 0;
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return errctx_set(c->ctx, errno == ENOSPC ? ERR_FULL : ERR_READONLY, "cannot make %s: %s", path, strerror(errno));
    close(fd);
    enum err e = store_new(path, path, &c->to);
    if (e == ERR_OK)
        e = store_db_open_writer(c->to, c->ctx);
    if (e != ERR_OK)
        return e;
    (void)sqlite3_file_control(c->to->db, "main", SQLITE_FCNTL_PERSIST_WAL, &off);
    return store_exec(c->to, "PRAGMA journal_mode = DELETE", c->ctx);
}

static enum err try_once(struct store_copy *c, const char *path, bool thin)
{
    (void)unlink(path);
    enum err e = open_target(path, c);
    if (e == ERR_OK)
        e = fill(c, thin);
    store_close(c->to);
    c->to = NULL;
    return e;
}

static enum err too_large(const struct store_copy *c)
{
    return errctx_set(c->ctx, ERR_LIMIT, "the snapshot would be larger than %lld MB; take less time with --from and --to",
                      (long long)(c->what->max_bytes >> 20));
}

/* Under the name that was asked for, which nobody else may have taken meanwhile. */
static enum err give_name(const struct store_copy *c, const char *part, const char *path)
{
    if (link(part, path) == 0)
        return ERR_OK;
    return errctx_set(c->ctx, errno == EEXIST ? ERR_USAGE : ERR_IO, "cannot name the snapshot %s: %s", path, strerror(errno));
}

/* ---- what killed ones left ---- */

static const char part_end[] = ".part";

/* "NAME.123.part" of a process that is no more, with what SQLite put beside it. */
static bool is_left(int dir, const char *name)
{
    static const char application[4] = {STORE_APPLICATION_ID >> 24 & 0xff, STORE_APPLICATION_ID >> 16 & 0xff,
                                        STORE_APPLICATION_ID >> 8 & 0xff, STORE_APPLICATION_ID & 0xff};
    enum { APPLICATION_AT = 68 }; /* of the header: sqlite.org/fileformat2.html */
    const size_t n = strlen(name), end = sizeof part_end - 1;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char is[sizeof application];
    struct stat sb;
    size_t digits = 0;
    int64_t pid;

    if (n <= end || strcmp(name + n - end, part_end) != 0)
        return false;
    while (digits < n - end && name[n - end - 1 - digits] >= '0' && name[n - end - 1 - digits] <= '9')
        digits++;
    if (digits == 0 || digits + end >= n || name[n - end - 1 - digits] != '.' ||
        !str_to_i64((struct str){name + n - end - digits, digits}, &pid) || pid <= 0 || pid > INT_MAX || kill((pid_t)pid, 0) == 0 ||
        errno != ESRCH)
        return false;
    const int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    /* a writer of another container has no process here, but its lock */
    const bool left = fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) && sb.st_uid == geteuid() && fcntl(fd, F_OFD_GETLK, &lock) == 0 &&
                      lock.l_type == F_UNLCK && pread(fd, is, sizeof is, APPLICATION_AT) == (ssize_t)sizeof is &&
                      memcmp(is, application, sizeof is) == 0;
    close(fd);
    return left;
}

/* Snapshots that were killed before they had a name lie beside the next one: nobody else looks for them. */
static void remove_left(const char *path)
{
    static const char *const ends[] = {"", "-journal", "-wal", "-shm"};
    char dir[PATH_MAX], name[PATH_MAX];
    DIR *d = store_files_dir(path, dir, sizeof dir) ? opendir(dir) : NULL;

    for (const struct dirent *entry; d != NULL && (entry = readdir(d)) != NULL;) {
        const bool left = is_left(dirfd(d), entry->d_name);
        for (size_t i = 0; left && i < sizeof ends / sizeof *ends; i++)
            if (str_format(name, sizeof name, "%s%s", entry->d_name, ends[i]))
                (void)unlinkat(dirfd(d), name, 0); /* what cannot be removed is in nobody's way */
    }
    if (d != NULL)
        closedir(d);
}

enum err store_export(struct store *st, const char *path, const struct store_export *what, struct store_exported *ret, struct errctx *ctx)
{
    struct store_copy c = {.from = st, .what = what, .ctx = ctx};
    struct store_mask mask;
    struct stat sb;
    char part[PATH_MAX];

    if (lstat(path, &sb) == 0)
        return errctx_set(ctx, ERR_USAGE, "there is already a %s; it was left as it is", path);
    if (!str_format(part, sizeof part, "%s.%ld%s", path, (long)getpid(), part_end))
        return errctx_set(ctx, ERR_LIMIT, "the path %.200s... is too long", path);
    remove_left(path);
    buf_init(&c.text, ROW_MAX);
    enum err e = store_snapshot_begin(st, ctx);
    if (e == ERR_OK && what->mask) {
        e = store_mask_init(&mask, st, ctx);
        c.mask = &mask;
    }
    bool thin = false;
    if (e == ERR_OK)
        e = try_once(&c, part, thin);
    if (e == ERR_LIMIT) {
        thin = true;
        e = try_once(&c, part, thin);
    }
    if (e == ERR_LIMIT)
        e = too_large(&c);
    store_snapshot_end(st);
    if (e == ERR_OK)
        e = give_name(&c, part, path);
    const int64_t first_ms = e == ERR_OK ? store_first_ms(st) : 0;
    if (e == ERR_OK && stat(path, &sb) == 0)
        *ret = (struct store_exported){
            .bytes = sb.st_size, .raw_from_ms = first_ms > c.floor_ms[0] ? first_ms : c.floor_ms[0], .is_thin = thin};
    (void)unlink(part);
    if (c.mask != NULL)
        store_mask_fini(&mask);
    buf_fini(&c.text);
    return e;
}
