/* SPDX-License-Identifier: MIT */
/* What operators say. How this works: a console has no write access to the database, so an act is a small file, written under a temporary
 * name in acts/ beside the store and renamed into place. The recorder takes the author from the file's owner, makes the act a fact, and
 * removes the file only after the commit, and not while only the ring store has it; the file's name is the fact's key, so that it is not
 * made two. */
#define _DEFAULT_SOURCE /* dirent.h beside _POSIX_C_SOURCE */
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
#include "base/safe_text.h"
#include "store/store_files.h"
#include "store/store_origin.h"

enum { ACT_BYTES_MAX = 4096, ACT_FILES_MAX = 1000, ACT_DIR_MAX = 100000, VERB_MAX = 32, AUTHOR_MAX = STORE_AUTHOR_MAX };

/* One waiting file. */
struct act_file {
    char name[STORE_DROP_NAME_MAX], author[AUTHOR_MAX], verb[VERB_MAX];
    int64_t at_ms, incident;
    char text[ACT_BYTES_MAX + 1], origin[STORE_ORIGIN_MAX];
};

/* The verb is one word of our own; the text is one line. */
static bool is_verb(const char *z)
{
    size_t n = strlen(z);

    return n > 0 && n < VERB_MAX && strspn(z, "abcdefghijklmnopqrstuvwxyz-") == n;
}

/* Durable under a name that no recorder looks at. */
static enum err write_tmp(int dir, const char *tmp, const char *body, size_t n, const char *where, struct errctx *ctx)
{
    enum err e = ERR_OK;

    int fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0)
        return errctx_set(ctx, errno == ENOSPC ? ERR_FULL : ERR_READONLY, "cannot write into %s: %s; ask for membership of its group",
                          where, strerror(errno));
    if (write(fd, body, n) != (ssize_t)n || fsync(fd) != 0)
        e = errctx_set(ctx, errno == ENOSPC ? ERR_FULL : ERR_IO, "cannot write into %s: %s", where, strerror(errno));
    if (close(fd) != 0 && e == ERR_OK)
        e = errctx_set(ctx, ERR_IO, "cannot write into %s: %s", where, strerror(errno));
    if (e != ERR_OK)
        (void)unlinkat(dir, tmp, 0);
    return e;
}

static enum err write_act(int dir, const char *name, const char *body, size_t n, const char *where, struct errctx *ctx)
{
    char tmp[STORE_DROP_NAME_MAX];

    (void)str_format(tmp, sizeof tmp, ".%s", name);
    enum err e = write_tmp(dir, tmp, body, n, where, ctx);
    if (e == ERR_OK && renameat(dir, tmp, dir, name) != 0) {
        e = errctx_set(ctx, ERR_IO, "cannot rename a file in %s: %s", where, strerror(errno));
        (void)unlinkat(dir, tmp, 0);
    }
    return e;
}

/* acts/ beside the store, made where it is missing, and the name of an act of at_ms. */
static enum err open_drop(const char *store_path, int64_t at_ms, char path[PATH_MAX], char name[STORE_DROP_NAME_MAX], int *ret_dir,
                          struct errctx *ctx)
{
    if (!store_files_drop_dir(store_path, path, PATH_MAX) || !store_files_drop_name(store_path, at_ms, ".act", name))
        return errctx_set(ctx, ERR_LIMIT, "the path %.200s... is too long", store_path);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return errctx_set(ctx, ERR_READONLY, "there is no directory %s, and it can't be made: %s; the recorder makes it when it starts",
                          path, strerror(errno));
    *ret_dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return *ret_dir >= 0 ? ERR_OK : errctx_set(ctx, ERR_IO, "cannot open %s: %s", path, strerror(errno));
}

enum err store_act_check(const char *store_path, struct errctx *ctx)
{
    char path[PATH_MAX], name[STORE_DROP_NAME_MAX], tmp[STORE_DROP_NAME_MAX], body[ACT_BYTES_MAX];
    int dir = -1;

    memset(body, '\n', sizeof body); /* as much as an act may be: a disk that is nearly full says so now */
    enum err e = open_drop(store_path, 0, path, name, &dir, ctx);
    if (e != ERR_OK)
        return e;
    (void)str_format(tmp, sizeof tmp, ".%s", name);
    e = write_tmp(dir, tmp, body, sizeof body, path, ctx);
    if (e == ERR_OK)
        (void)unlinkat(dir, tmp, 0);
    close(dir);
    return e;
}

enum err store_act_drop(const char *store_path, const char *verb, int64_t incident, const char *text, int64_t at_ms, struct errctx *ctx)
{
    char path[PATH_MAX], name[STORE_DROP_NAME_MAX], line[ACT_BYTES_MAX], origin[STORE_ORIGIN_MAX],
        body[ACT_BYTES_MAX + STORE_ORIGIN_MAX + 128];
    int dir = -1;

    if (!is_verb(verb))
        return errctx_set(ctx, ERR_USAGE, "`%s` is not an act", verb);
    if (strlen(text) >= sizeof line / 4)
        return errctx_set(ctx, ERR_LIMIT, "the text is longer than %zu bytes", sizeof line / 4);
    (void)safe_text(line, sizeof line, str_of(text));
    store_origin(origin);
    (void)str_format(body, sizeof body, "gwtop-act %d\n%s\n%lld\n%lld\n%s\n%s%s", origin[0] != '\0' ? 2 : 1, verb, (long long)at_ms,
                     (long long)incident, line, origin, origin[0] != '\0' ? "\n" : "");
    enum err e = open_drop(store_path, at_ms, path, name, &dir, ctx);
    if (e != ERR_OK)
        return e;
    e = write_act(dir, name, body, strlen(body), path, ctx);
    close(dir);
    return e;
}

/* ---- reading the waiting files ---- */

/* One line up to \n, safe to show. */
static bool take_line(char **pp, char *dst, size_t cap)
{
    char *nl = strchr(*pp, '\n');

    if (nl == NULL)
        return false;
    (void)safe_text(dst, cap, (struct str){.p = *pp, .n = (size_t)(nl - *pp)});
    *pp = nl + 1;
    return true;
}

/* Version 2 has a line more: where it was typed from. */
static bool parse_act(char *body, struct act_file *f)
{
    char magic[32], at[32], incident[32];
    char *p = body;

    if (!take_line(&p, magic, sizeof magic))
        return false;
    const bool has_origin = strcmp(magic, "gwtop-act 2") == 0;
    f->origin[0] = '\0';
    return (has_origin || strcmp(magic, "gwtop-act 1") == 0) && take_line(&p, f->verb, sizeof f->verb) && is_verb(f->verb) &&
           take_line(&p, at, sizeof at) && str_to_i64(str_of(at), &f->at_ms) && take_line(&p, incident, sizeof incident) &&
           str_to_i64(str_of(incident), &f->incident) && take_line(&p, f->text, sizeof f->text) &&
           (!has_origin || take_line(&p, f->origin, sizeof f->origin));
}

enum reading {
    IS_ACT,
    IS_NONE,  /* and never will be */
    IS_LATER, /* it cannot be read now, or is of a version to come */
};

/* Only a regular file with one name counts: a link could lend somebody else's ownership. */
static enum reading read_act(int dir, const char *name, struct act_file *f)
{
    static const char mark[] = "gwtop-act ";
    char body[2 * ACT_BYTES_MAX];
    struct stat sb;
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return errno == ELOOP || errno == ENXIO ? IS_NONE : IS_LATER; /* a symbolic link, a socket */
    bool known = fstat(fd, &sb) == 0;
    bool ok = known && S_ISREG(sb.st_mode) && sb.st_nlink == 1 && sb.st_size < (off_t)sizeof body;
    ssize_t n = ok ? read(fd, body, sizeof body - 1) : -1;
    close(fd);
    if (n < 0)
        return known && !ok ? IS_NONE : IS_LATER;
    body[n] = '\0';
    const char *version = body + sizeof mark - 1;
    if (strncmp(body, mark, sizeof mark - 1) == 0 && strncmp(version, "1\n", 2) != 0 && strncmp(version, "2\n", 2) != 0)
        return IS_LATER;
    if (strlen(body) != (size_t)n || !str_copy(f->name, sizeof f->name, str_of(name)))
        return IS_NONE;
    store_origin_author(sb.st_uid, f->author);
    return parse_act(body, f) ? IS_ACT : IS_NONE;
}

/* A waiting act's place: by when it was said, whatever the directory's order is. */
struct waiting {
    int64_t at_ms;
    char name[STORE_DROP_NAME_MAX];
};

/* Of those that are read, the first ACT_FILES_MAX are kept in front whenever there is no room behind them. */
struct waiting_list {
    struct waiting of[2 * ACT_FILES_MAX];
    size_t count;
};

static int by_when_said(const void *a, const void *b)
{
    const struct waiting *x = a, *y = b;

    return x->at_ms != y->at_ms ? (x->at_ms < y->at_ms ? -1 : 1) : strcmp(x->name, y->name);
}

static void keep_first(struct waiting_list *w)
{
    qsort(w->of, w->count, sizeof *w->of, by_when_said);
    if (w->count > ACT_FILES_MAX)
        w->count = ACT_FILES_MAX;
}

static void find_waiting(struct store *st, int fd, DIR *dir, bool tidy, struct act_file *f, struct waiting_list *w)
{
    int seen = 0;

    w->count = 0;
    for (struct dirent *d; seen < ACT_DIR_MAX && (d = readdir(dir)) != NULL;) {
        if (!store_files_is_drop(st->path, d->d_name, ".act"))
            continue;
        seen++;
        enum reading is = read_act(fd, d->d_name, f);
        if (is == IS_ACT) {
            struct waiting *next = &w->of[w->count++];
            next->at_ms = f->at_ms;
            (void)str_copy(next->name, sizeof next->name, str_of(f->name));
            if (w->count == sizeof w->of / sizeof *w->of)
                keep_first(w);
        } else if (is == IS_NONE && tidy && unlinkat(fd, d->d_name, 0) != 0) {
            (void)unlinkat(fd, d->d_name, AT_REMOVEDIR); /* a directory with something in it stays */
        }
    }
    keep_first(w);
}

/* Calls fn for every waiting act, those first that were said first, at most ACT_FILES_MAX, and stops at an error. No directory is no act.
 * With tidy, what is no act is removed, so that the directory does not fill up with it. A file is read once for its place and once for
 * fn: that is less to hold than all their texts. */
typedef enum err act_fn(struct store *st, int dir, const struct act_file *f, void *ctx);

static enum err each_act(struct store *st, bool tidy, act_fn *fn, void *fn_ctx)
{
    char path[PATH_MAX];
    enum err e = ERR_OK;

    if (!store_files_drop_dir(st->path, path, sizeof path))
        return ERR_OK;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return ERR_OK;
    }
    struct act_file *f = malloc(sizeof *f);
    struct waiting_list *w = malloc(sizeof *w);
    if (f == NULL || w == NULL)
        e = ERR_NOMEM;
    else
        find_waiting(st, fd, dir, tidy, f, w);
    for (size_t i = 0; e == ERR_OK && i < w->count; i++)
        if (read_act(fd, w->of[i].name, f) == IS_ACT) /* unless it went meanwhile */
            e = fn(st, fd, f, fn_ctx);
    free(w);
    free(f);
    closedir(dir);
    return e;
}

struct ingest {
    size_t files, count;
    struct errctx *ctx;
};

static enum err ingest_one(struct store *st, int dir, const struct act_file *f, void *ctx)
{
    struct ingest *in = ctx;
    const struct store_val v[] = {store_text(f->name), store_text(f->author),  store_int(f->at_ms), store_int(clock_wall_ms(&st->clock)),
                                  store_text(f->verb), store_int(f->incident), store_text(f->text), store_text(f->origin)};
    int64_t known = 0;

    (void)dir;
    enum err e = in->files++ == 0 ? store_txn_begin(st, in->ctx) : ERR_OK;
    if (e == ERR_OK)
        e = store_get_int(st, STMT_ACT_KNOWN, v, 1, 0, &known, in->ctx);
    if (e != ERR_OK || known != 0)
        return e;
    in->count++;
    return store_fact(st, STMT_ACT_PUT, v, sizeof v / sizeof *v, in->ctx);
}

static enum err remove_one(struct store *st, int dir, const struct act_file *f, void *ctx)
{
    const struct store_val v[] = {store_text(f->name)};
    int64_t known = 0;
    enum err e = store_get_int(st, STMT_ACT_KNOWN, v, 1, 0, &known, ctx);

    if (e == ERR_OK && known != 0)
        (void)unlinkat(dir, f->name, 0); /* left over, it is known by its key and taken in only once */
    return e;
}

enum err store_act_ingest(struct store *st, size_t *ret_count, struct errctx *ctx)
{
    struct ingest in = {.ctx = ctx};

    if (!st->writer)
        return errctx_set(ctx, ERR_READONLY, "%s was opened for reading", st->path);
    enum err e = each_act(st, true, ingest_one, &in);
    if (e == ERR_OK && in.count > 0)
        e = store_chain_extend(st, 0, ctx);
    if (e == ERR_OK && in.files > 0)
        e = store_commit(st, ctx);
    if (e == ERR_OK && in.files > 0 && !st->ring)
        e = each_act(st, false, remove_one, ctx);
    if (e == ERR_OK)
        *ret_count = in.count;
    return e;
}

static bool is_whole(const struct store_act *act)
{
    return act->author != NULL && act->verb != NULL && act->text != NULL && act->key != NULL && act->origin != NULL;
}

static enum err act_row(sqlite3_stmt *s, struct arena *a, void *ret)
{
    struct store_act *act = ret;

    *act = (struct store_act){.author = store_column_text(s, 0, a),
                              .at_ms = sqlite3_column_int64(s, 1),
                              .verb = store_column_text(s, 2, a),
                              .incident = sqlite3_column_int64(s, 3),
                              .text = store_column_text(s, 4, a),
                              .key = store_column_text(s, 5, a),
                              .known_ms = sqlite3_column_int64(s, 6),
                              .id = sqlite3_column_int64(s, 7),
                              .origin = store_column_text(s, 8, a)};
    return is_whole(act) ? ERR_OK : ERR_NOMEM;
}

struct pending_list {
    struct store_act *list;
    size_t count;
    int64_t cursor_ms;
    struct arena *a;
};

static enum err add_pending(struct store *st, int dir, const struct act_file *f, void *ctx)
{
    struct pending_list *p = ctx;

    (void)st;
    (void)dir;
    if (f->at_ms > p->cursor_ms || p->count == ACT_FILES_MAX)
        return ERR_OK;
    p->list[p->count] = (struct store_act){.author = arena_strdup(p->a, str_of(f->author)),
                                           .at_ms = f->at_ms,
                                           .verb = arena_strdup(p->a, str_of(f->verb)),
                                           .incident = f->incident,
                                           .text = arena_strdup(p->a, str_of(f->text)),
                                           .key = arena_strdup(p->a, str_of(f->name)),
                                           .origin = arena_strdup(p->a, str_of(f->origin)),
                                           .pending = true};
    return is_whole(&p->list[p->count++]) ? ERR_OK : ERR_NOMEM;
}

static bool has_key(const struct store_act *list, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].key, key) == 0)
            return true;
    return false;
}

/* At one instant as they were taken in, and those that wait behind them: who reads them folds the last word. */
static int by_time(const void *a, const void *b)
{
    const struct store_act *x = a, *y = b;

    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    if (x->pending != y->pending)
        return x->pending ? 1 : -1;
    return x->id != y->id ? (x->id < y->id ? -1 : 1) : strcmp(x->key, y->key);
}

/* The files first: one that is taken in and removed meanwhile is then among the acts. */
enum err store_acts(struct store *st, int64_t cursor_ms, struct arena *a, struct store_act **ret, size_t *ret_count, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(cursor_ms)};
    struct pending_list p = {.list = arena_array(a, ACT_FILES_MAX, sizeof *p.list), .cursor_ms = cursor_ms, .a = a};
    struct store_act *known = NULL;
    size_t count = 0;

    if (p.list == NULL)
        return errctx_set(ctx, ERR_NOMEM, "no room for the acts");
    enum err e = each_act(st, false, add_pending, &p);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "cannot read the waiting acts");
    e = store_list(st, STMT_ACT_LIST, v, 1, sizeof *known, act_row, a, (void **)&known, &count, ctx);
    if (e != ERR_OK)
        return e;
    struct store_act *list = arena_array(a, count + p.count + 1, sizeof *list);
    if (list == NULL)
        return errctx_set(ctx, ERR_NOMEM, "no room for the acts");
    if (count > 0)
        memcpy(list, known, count * sizeof *known);
    size_t n = count;
    for (size_t i = 0; i < p.count; i++)
        if (!has_key(known, count, p.list[i].key))
            list[n++] = p.list[i];
    qsort(list, n, sizeof *list, by_time);
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}
