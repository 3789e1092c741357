/* SPDX-License-Identifier: MIT */
#include "store/store_internal.h"

#include <stdlib.h>
#include <string.h>

static const char *const stmt_text[STMT_COUNT] = {
#define STMT(id, text) [STMT_##id] = text,
#include "store/store_stmts.def"
#undef STMT
};

struct store_val store_int(int64_t v)
{
    return (struct store_val){.type = VAL_INT, .i = v};
}
struct store_val store_real(double v)
{
    return (struct store_val){.type = VAL_REAL, .d = v};
}
struct store_val store_blob(const void *p, size_t n)
{
    return (struct store_val){.type = VAL_BLOB, .p = p, .n = n};
}

struct store_val store_text(const char *z)
{
    if (z == NULL)
        z = "";
    return (struct store_val){.type = VAL_TEXT, .p = z, .n = strlen(z)};
}

sqlite3_stmt *store_stmt(struct store *st, enum store_stmt id)
{
    if (st->stmts[id] == NULL) {
        if (sqlite3_prepare_v3(st->db, stmt_text[id], -1, SQLITE_PREPARE_PERSISTENT, &st->stmts[id], NULL) != SQLITE_OK)
            return NULL;
        return st->stmts[id];
    }
    sqlite3_reset(st->stmts[id]);
    sqlite3_clear_bindings(st->stmts[id]);
    return st->stmts[id];
}

enum err store_sql_error(struct store *st, int rc, struct errctx *ctx, const char *what)
{
    const char *path = st->open_path == NULL ? st->path : st->open_path;

    switch (rc & 255) {
    case SQLITE_NOMEM: return errctx_set(ctx, ERR_NOMEM, "out of memory: cannot %s in %s", what, path);
    case SQLITE_FULL: return errctx_set(ctx, ERR_FULL, "the disk is full: cannot %s in %s; free some space or lower max_store", what, path);
    case SQLITE_READONLY:
    case SQLITE_PERM: return errctx_set(ctx, ERR_READONLY, "%s is read-only: cannot %s", path, what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return errctx_set(ctx, ERR_BUSY, "%s is locked by another program: cannot %s", path, what);
    case SQLITE_TOOBIG: return errctx_set(ctx, ERR_LIMIT, "too long to be kept: cannot %s in %s", what, path);
    case SQLITE_NOTADB: /* most likely another file was named, which is not to be moved about */
        return errctx_set(
            ctx, ERR_CORRUPT,
            "%s is no store: it does not begin like an SQLite file; name another file with --store, or, where it was one, move it "
            "aside (mv %s %s.corrupt) and start again",
            path, path, path);
    case SQLITE_CORRUPT:
    case SQLITE_CONSTRAINT: /* no statement of ours breaks a constraint of our schema */
        return errctx_set(ctx, ERR_CORRUPT,
                          "%s is damaged: cannot %s; stop gwtop-recorder, move the file aside (mv %s %s.corrupt) and start again, "
                          "or try `sqlite3 %s .recover`",
                          path, what, path, path, path);
    default: return errctx_set(ctx, ERR_IO, "cannot %s in %s: %s", what, path, sqlite3_errmsg(st->db));
    }
}

enum err store_exec(struct store *st, const char *sql, struct errctx *ctx)
{
    int rc = sqlite3_exec(st->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? ERR_OK : store_sql_error(st, rc, ctx, "set up the store");
}

void store_bind(sqlite3_stmt *s, const struct store_val *v, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int k = (int)i + 1;
        switch (v[i].type) {
        case VAL_NULL: sqlite3_bind_null(s, k); break;
        case VAL_INT: sqlite3_bind_int64(s, k, v[i].i); break;
        case VAL_REAL: sqlite3_bind_double(s, k, v[i].d); break;
        case VAL_TEXT: sqlite3_bind_text64(s, k, v[i].p, v[i].n, SQLITE_STATIC, SQLITE_UTF8); break;
        case VAL_BLOB:
            if (v[i].n == 0)
                sqlite3_bind_zeroblob(s, k, 0);
            else
                sqlite3_bind_blob64(s, k, v[i].p, v[i].n, SQLITE_STATIC);
            break;
        }
    }
}

enum err store_step(struct store *st, sqlite3_stmt *s, bool *ret_row, struct errctx *ctx)
{
    int rc = sqlite3_step(s);

    if (rc == SQLITE_ROW) {
        *ret_row = true;
        return ERR_OK;
    }
    enum err e = rc == SQLITE_DONE ? ERR_OK : store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read or write");
    sqlite3_reset(s);
    if (e == ERR_OK)
        *ret_row = false;
    return e;
}

enum err store_run(struct store *st, enum store_stmt id, const struct store_val *v, size_t count, struct errctx *ctx)
{
    sqlite3_stmt *s = store_stmt(st, id);
    bool row = true;

    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "prepare a statement");
    store_bind(s, v, count);
    while (row) {
        enum err e = store_step(st, s, &row, ctx);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

enum err store_get_int(struct store *st, enum store_stmt id, const struct store_val *v, size_t count, int64_t fallback, int64_t *ret,
                       struct errctx *ctx)
{
    sqlite3_stmt *s = store_stmt(st, id);
    bool row = false;

    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "prepare a statement");
    store_bind(s, v, count);
    enum err e = store_step(st, s, &row, ctx);
    if (e != ERR_OK)
        return e;
    *ret = row ? sqlite3_column_int64(s, 0) : fallback;
    sqlite3_reset(s);
    return ERR_OK;
}

const char *store_column_text(sqlite3_stmt *s, int c, struct arena *a)
{
    const char *z = (const char *)sqlite3_column_text(s, c);

    if (z == NULL)
        return "";
    return arena_strdup(a, (struct str){.p = z, .n = (size_t)sqlite3_column_bytes(s, c)});
}

enum err store_list(struct store *st, enum store_stmt id, const struct store_val *v, size_t count, size_t size, store_row_fn *row,
                    struct arena *a, void **ret, size_t *ret_count, struct errctx *ctx)
{
    sqlite3_stmt *s = store_stmt(st, id);
    size_t n = 0, cap = 0;
    char *list = NULL;
    bool more = true;

    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "prepare a statement");
    store_bind(s, v, count);
    for (;;) {
        enum err e = store_step(st, s, &more, ctx);
        if (e != ERR_OK)
            return e;
        if (!more)
            break;
        if (n == cap) {
            size_t next = cap == 0 ? 16 : 2 * cap;
            char *grown = arena_array(a, next, size);
            if (grown != NULL && n > 0)
                memcpy(grown, list, n * size);
            list = grown;
            cap = next;
        }
        e = list == NULL ? ERR_NOMEM : row(s, a, list + n * size);
        if (e != ERR_OK) {
            sqlite3_reset(s);
            return errctx_set(ctx, e, "no room for the rows that were asked for");
        }
        n++;
    }
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}

/* ---- transactions ---- */

enum err store_txn_begin(struct store *st, struct errctx *ctx)
{
    /* After some errors SQLite has ended the transaction by itself. */
    if (st->in_txn && sqlite3_get_autocommit(st->db) == 0)
        return ERR_OK;
    st->in_txn = false;
    enum err e = store_run(st, STMT_BEGIN_WRITE, NULL, 0, ctx);
    if (e != ERR_OK)
        return e;
    st->in_txn = true;
    e = store_pending_redo(st, ctx);
    if (e != ERR_OK)
        store_txn_rollback(st);
    return e;
}

enum err store_txn_commit(struct store *st, struct errctx *ctx)
{
    if (!st->in_txn)
        return ERR_OK;
    enum err e = store_run(st, STMT_COMMIT, NULL, 0, ctx);
    if (e != ERR_OK) {
        store_txn_rollback(st);
        return e;
    }
    st->in_txn = false;
    store_pending_durable(st);
    return ERR_OK;
}

void store_txn_rollback(struct store *st)
{
    if (!st->in_txn)
        return;
    st->in_txn = false;
    /* SQLite ends the transaction by itself on a full disk and on I/O errors; then there is nothing left to roll back. */
    if (sqlite3_get_autocommit(st->db) == 0)
        (void)sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
}

enum err store_read_begin(struct store *st, struct errctx *ctx)
{
    if (st->in_txn || st->snapshot > 0) { /* a writer reads its own transaction */
        st->snapshot++;
        return ERR_OK;
    }
    enum err e = store_run(st, STMT_BEGIN_READ, NULL, 0, ctx);
    if (e == ERR_OK)
        st->snapshot++;
    st->recorded_since_ms = -1;
    return e;
}

void store_read_end(struct store *st)
{
    if (st->snapshot > 0 && --st->snapshot == 0 && !st->in_txn)
        (void)sqlite3_exec(st->db, "COMMIT", NULL, NULL, NULL);
}
