/* SPDX-License-Identifier: MIT */
/* Which scores were counted already, and the files in which operators hand in their own.
 *
 * How this works: what is remembered of a source's scores is a log. Each commit that counts some appends one row: a blob with an entry per
 * score, the last one of an id being the one that holds. It is read as a whole when the recorder opens, so nothing is looked up here; a row
 * goes when all that it holds lies below the source's floor. The rows are written in the transaction of the samples that they speak of, and
 * in the same file: they are no facts, for a fact that was put while the ring store serves finds its way to the main file, and these
 * samples do not. A file of scores is written like an act (store_acts.c); its name goes into the same transaction, so that it is taken in
 * once. docs/decisions/0014-scores.md */
#include "store/store_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "store/store_bytes.h"
#include "store/store_files.h"

enum { SCORES_FORMAT = 1, DIR_FILES_MAX = 100000 };

static const char magic[] = "gwtop-scores 1\n";

/* One change that waits for the commit. */
struct store_score_put {
    struct store_score_put *next;
    uint32_t source;
    int64_t mark_ms, floor_ms, t_max_ms;
    bool anew;
    char file[STORE_DROP_NAME_MAX]; /* "" = none */
    struct buf blob;                /* len 0 = no entry */
};

/* ---- the log ---- */

static enum err put_entry(struct buf *out, const struct store_scored *s)
{
    const uint64_t fields[] = {s->slot, (uint64_t)s->series << 1 | s->bad, zigzag(s->value_fixed)};
    enum err e = buf_append(out, &s->id, sizeof s->id);

    for (size_t i = 0; e == ERR_OK && i < sizeof fields / sizeof fields[0]; i++)
        e = store_bytes_put(out, fields[i]);
    return e;
}

static bool get_entry(struct store_bytes *in, struct store_scored *ret)
{
    uint64_t series, value;

    if (in->end - in->p < (ptrdiff_t)sizeof ret->id)
        return false;
    memcpy(&ret->id, in->p, sizeof ret->id);
    in->p += sizeof ret->id;
    if (!store_bytes_u32(in, UINT32_MAX, &ret->slot) || !store_bytes_get(in, &series) || series >> 1 > UINT32_MAX ||
        !store_bytes_get(in, &value))
        return false;
    ret->series = (uint32_t)(series >> 1);
    ret->bad = (series & 1) != 0;
    ret->value_fixed = unzigzag(value);
    return true;
}

static void free_put(struct store_score_put *p)
{
    buf_fini(&p->blob);
    free(p);
}

enum err store_put_scores(struct store *st, const struct store_scores *s, struct errctx *ctx)
{
    const char format = SCORES_FORMAT;
    struct store_score_put **tail = &st->score_puts;

    if (!st->writer)
        return errctx_set(ctx, ERR_READONLY, "%s was opened for reading", st->path);
    struct store_score_put *p = calloc(1, sizeof *p);
    if (p == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for the scores of this moment");
    *p = (struct store_score_put){
        .source = s->source, .mark_ms = s->mark_ms, .floor_ms = s->floor_ms, .t_max_ms = s->t_max_ms, .anew = s->anew};
    buf_init(&p->blob, SIZE_MAX / 2);
    (void)str_copy(p->file, sizeof p->file, str_of(s->file == NULL ? "" : s->file));
    enum err e = s->count > 0 ? buf_append(&p->blob, &format, 1) : ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < s->count; i++)
        e = put_entry(&p->blob, &s->list[i]);
    if (e == ERR_OK && s->count > 0)
        e = store_bytes_seal(&p->blob, 0, 0);
    if (e != ERR_OK) {
        free_put(p);
        return errctx_set(ctx, e, "out of memory for the scores of this moment");
    }
    while (*tail != NULL)
        tail = &(*tail)->next;
    *tail = p;
    return ERR_OK;
}

enum err store_scores_write(struct store *st, struct errctx *ctx)
{
    enum err e = ERR_OK;

    for (const struct store_score_put *p = st->score_puts; e == ERR_OK && p != NULL; p = p->next) {
        const struct store_val mark[] = {store_int(p->source), store_int(p->mark_ms), store_int(p->floor_ms)},
                               row[] = {store_int(p->source), store_int(p->t_max_ms), store_blob(p->blob.data, p->blob.len)},
                               old[] = {store_int(p->source), store_int(p->anew ? INT64_MAX : p->floor_ms)},
                               file[] = {store_text(p->file), store_int(clock_wall_ms(&st->clock))};
        e = store_run(st, STMT_SCORE_MARK_PUT, mark, 3, ctx);
        if (e == ERR_OK)
            e = store_run(st, STMT_SCORE_LOG_OLD, old, 2, ctx);
        if (e == ERR_OK && p->blob.len > 0)
            e = store_run(st, STMT_SCORE_LOG_ADD, row, 3, ctx);
        if (e == ERR_OK && p->file[0] != '\0')
            e = store_run(st, STMT_SCORE_FILE_PUT, file, 2, ctx);
    }
    return e;
}

void store_scores_clear(struct store *st)
{
    while (st->score_puts != NULL) {
        struct store_score_put *p = st->score_puts;
        st->score_puts = p->next;
        free_put(p);
    }
}

static enum err read_log(struct store *st, uint32_t source, store_scored_fn *fn, void *fn_ctx, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(source)};
    sqlite3_stmt *s = store_stmt(st, STMT_SCORE_LOG_READ);
    enum err e = ERR_OK;

    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read which scores were counted");
    store_bind(s, v, 1);
    for (bool row = true; e == ERR_OK;) {
        struct store_bytes in;
        struct store_scored entry;
        e = store_step(st, s, &row, ctx);
        if (e != ERR_OK || !row)
            break;
        bool ok = store_bytes_open(sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0), SCORES_FORMAT, 0, &in);
        while (ok && e == ERR_OK && in.p < in.end) {
            ok = get_entry(&in, &entry);
            if (ok && !fn(fn_ctx, &entry))
                e = errctx_set(ctx, ERR_NOMEM, "out of memory for the scores that were counted");
        }
        st->bad_chunks += !ok;
    }
    sqlite3_reset(s);
    return e;
}

enum err store_scores(struct store *st, uint32_t source, int64_t *ret_mark_ms, int64_t *ret_floor_ms, store_scored_fn *fn, void *fn_ctx,
                      struct errctx *ctx)
{
    const struct store_val v[] = {store_int(source)};
    int64_t mark = 0, floor = 0;
    enum err e = store_get_int(st, STMT_SCORE_MARK_GET, v, 1, 0, &mark, ctx);

    if (e == ERR_OK)
        e = store_get_int(st, STMT_SCORE_FLOOR_GET, v, 1, 0, &floor, ctx);
    if (e == ERR_OK)
        e = read_log(st, source, fn, fn_ctx, ctx);
    if (e == ERR_OK) {
        *ret_mark_ms = mark;
        *ret_floor_ms = floor;
    }
    return e;
}

enum err store_score_key(struct store *st, uint64_t *ret, struct errctx *ctx)
{
    const struct store_val v[] = {store_text("score_key")};
    int64_t key = 0;
    enum err e = store_get_int(st, STMT_META_GET, v, 1, 0, &key, ctx);

    if (e == ERR_OK)
        *ret = (uint64_t)key;
    return e;
}

/* ---- files of scores ---- */

static enum err open_acts(const char *store_path, bool make, int *ret_fd, char path[PATH_MAX], struct errctx *ctx)
{
    if (!store_files_drop_dir(store_path, path, PATH_MAX))
        return errctx_set(ctx, ERR_LIMIT, "the path %.200s... is too long", store_path);
    if (make && mkdir(path, 0700) != 0 && errno != EEXIST)
        return errctx_set(ctx, ERR_READONLY, "there is no directory %s, and it can't be made: %s; the recorder makes it when it starts",
                          path, strerror(errno));
    *ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*ret_fd < 0)
        return errctx_set(ctx, errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "cannot open %s: %s", path, strerror(errno));
    return ERR_OK;
}

static bool write_whole(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t put = write(fd, p, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        p += put;
        n -= (size_t)put;
    }
    return true;
}

enum err store_scores_drop(const char *store_path, struct str lines, int64_t at_ms, struct errctx *ctx)
{
    char path[PATH_MAX], name[STORE_DROP_NAME_MAX], tmp[STORE_DROP_NAME_MAX];
    int dir = -1;

    if (lines.n + sizeof magic > STORE_SCORE_FILE_MAX)
        return errctx_set(ctx, ERR_LIMIT, "more scores than one file may hold (%d bytes)", STORE_SCORE_FILE_MAX);
    if (!store_files_drop_name(store_path, at_ms, ".scores", name))
        return errctx_set(ctx, ERR_LIMIT, "the path %.200s... is too long", store_path);
    (void)str_format(tmp, sizeof tmp, ".%s", name);
    enum err e = open_acts(store_path, true, &dir, path, ctx);
    if (e != ERR_OK)
        return e;
    int fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0) {
        e = errctx_set(ctx, errno == ENOSPC ? ERR_FULL : ERR_READONLY, "cannot write into %s: %s; ask for membership of its group", path,
                       strerror(errno));
    } else {
        bool ok = write_whole(fd, magic, sizeof magic - 1) && write_whole(fd, lines.p, lines.n) && fsync(fd) == 0;
        ok = close(fd) == 0 && ok;
        /* the directory, too: a name that a crash loses is a score that was acknowledged and lost */
        ok = ok && renameat(dir, tmp, dir, name) == 0 && fsync(dir) == 0;
        if (!ok) {
            e = errctx_set(ctx, errno == ENOSPC ? ERR_FULL : ERR_IO, "cannot write into %s: %s", path, strerror(errno));
            (void)unlinkat(dir, tmp, 0);
        }
    }
    close(dir);
    return e;
}

/* A regular file with one name, as written above; *ret_text.p NULL when it is none, or cannot be read now. */
static enum err read_file(int dir, const char *name, struct arena *a, struct str *ret_text)
{
    struct stat sb;
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    enum err e = ERR_OK;

    *ret_text = (struct str){NULL, 0};
    if (fd < 0)
        return ERR_OK;
    if (fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) && sb.st_nlink == 1 && sb.st_size <= STORE_SCORE_FILE_MAX) {
        size_t n = 0, size = (size_t)sb.st_size;
        char *text = arena_alloc(a, size + 1);
        if (text == NULL)
            e = ERR_NOMEM;
        for (ssize_t got = 1; e == ERR_OK && got > 0 && n<size; n += got> 0 ? (size_t)got : 0)
            got = read(fd, text + n, size - n);
        if (e == ERR_OK && n == size && str_has_prefix((struct str){text, n}, magic))
            *ret_text = (struct str){text + sizeof magic - 1, n - (sizeof magic - 1)};
    }
    close(fd);
    return e;
}

/* The first names of the directory after one, in their order: as files were handed in. */
struct first_files {
    char after[STORE_DROP_NAME_MAX], name[STORE_SCORE_FILES][STORE_DROP_NAME_MAX];
    size_t count;
};

static void keep_first(struct first_files *f, const char *name)
{
    size_t at = f->count;
    while (at > 0 && strcmp(name, f->name[at - 1]) < 0)
        at--;
    if (at == STORE_SCORE_FILES)
        return;
    f->count += f->count < STORE_SCORE_FILES;
    memmove(f->name[at + 1], f->name[at], (f->count - 1 - at) * STORE_DROP_NAME_MAX);
    (void)str_copy(f->name[at], STORE_DROP_NAME_MAX, str_of(name));
}

static void find_first(const char *store_path, DIR *dir, struct first_files *f)
{
    int seen = 0;
    (void)str_copy(f->after, sizeof f->after, str_of(f->count > 0 ? f->name[f->count - 1] : ""));
    f->count = 0;
    rewinddir(dir);
    for (struct dirent *d; seen < DIR_FILES_MAX && (d = readdir(dir)) != NULL; seen++)
        if (store_files_is_drop(store_path, d->d_name, ".scores") && strcmp(d->d_name, f->after) > 0)
            keep_first(f, d->d_name);
}

/* Adds it, unless it is known by its name, or none. */
static enum err take_file(struct store *st, int dir, const char *name, struct arena *a, struct store_score_file *list, size_t *count,
                          struct errctx *ctx)
{
    const struct store_val v[] = {store_text(name)};
    struct store_score_file *f = &list[*count];
    int64_t known = 0;
    enum err e = store_get_int(st, STMT_SCORE_FILE_KNOWN, v, 1, 0, &known, ctx);
    if (e == ERR_OK && known != 0)
        (void)unlinkat(dir, name, 0); /* left over */
    if (e != ERR_OK || known != 0)
        return e;
    e = read_file(dir, name, a, &f->text);
    if (e != ERR_OK || f->text.p == NULL)
        return e;
    f->name = arena_strdup(a, str_of(name));
    *count += f->name != NULL;
    return f->name != NULL ? ERR_OK : ERR_NOMEM;
}

enum err store_score_files(struct store *st, struct arena *a, struct store_score_file ret[STORE_SCORE_FILES], size_t *ret_count,
                           struct errctx *ctx)
{
    char path[PATH_MAX];
    struct first_files first = {.count = 0};
    int fd = -1;
    size_t count = 0;

    *ret_count = 0;
    if (!st->writer || st->ring) /* they wait for the file that keeps what is in them */
        return ERR_OK;
    enum err e = open_acts(st->path, false, &fd, path, ctx);
    if (e != ERR_OK)
        return e == ERR_NOTFOUND ? ERR_OK : e;
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        close(fd);
        return errctx_set(ctx, ERR_NOMEM, "cannot read %s", path);
    }
    do { /* past those that are none */
        find_first(st->path, dir, &first);
        for (size_t i = 0; e == ERR_OK && count < STORE_SCORE_FILES && i < first.count; i++)
            e = take_file(st, fd, first.name[i], a, ret, &count, ctx);
    } while (e == ERR_OK && count < STORE_SCORE_FILES && first.count == STORE_SCORE_FILES);
    closedir(dir);
    if (e == ERR_NOMEM && count > 0) /* the others are next */
        e = ERR_OK;
    if (e == ERR_OK)
        *ret_count = count;
    return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory for files of scores") : e;
}
