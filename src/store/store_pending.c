/* SPDX-License-Identifier: MIT */
/* Facts until they are durable. How this works: whoever puts a fact is told once that it is taken, and does not put it again. So it goes
 * into the open transaction and into a list in memory, and leaves the list when the transaction is committed. After one that failed, the
 * next transaction begins with the facts that the list still holds (store_txn_begin). Where the disk refuses even the putting, a fact only
 * goes into the list, and the next commit is the next try. With the ring store open the list goes on growing, for the main file: there an
 * entry is marked instead of removed. Every statement of a fact is such that running it twice is the same as once: a failed sync may leave
 * the whole transaction in the log, where the next one to open the file finds it. */
#include "store/store_internal.h"

#include <stdlib.h>
#include <string.h>

/* The oldest are forgotten beyond these; a fact takes some 300 bytes, a checkpoint of 2,000 targets 60 KB. */
enum { PENDING_MAX = 20000, PENDING_BYTES_MAX = 16 << 20 };

/* Copies the statement and its values in one allocation. */
static struct store_pending *remember(enum store_stmt id, const struct store_val *v, size_t count)
{
    size_t bytes = sizeof(struct store_pending) + count * sizeof *v;

    for (size_t i = 0; i < count; i++)
        bytes += v[i].type == VAL_TEXT || v[i].type == VAL_BLOB ? v[i].n : 0;
    struct store_pending *p = malloc(bytes);
    if (p == NULL)
        return NULL;
    *p = (struct store_pending){.stmt = id, .count = count, .bytes = bytes};
    char *data = (char *)(p->v + count);
    for (size_t i = 0; i < count; i++) {
        p->v[i] = v[i];
        if ((v[i].type != VAL_TEXT && v[i].type != VAL_BLOB) || v[i].n == 0)
            continue;
        memcpy(data, v[i].p, v[i].n);
        p->v[i].p = data;
        data += v[i].n;
    }
    return p;
}

/* How many of its first values name the thing that a statement sets, where only the last word about it counts; 0 = every one counts. */
static size_t key_columns(enum store_stmt id)
{
    switch (id) {
    case STMT_GAP_PUT:
    case STMT_GAP_TRIM: return 3; /* a gap that goes on: source, beginning and signals */
    case STMT_NOTE_PUT: return 2;
    case STMT_AUTHORITY_PUT:
    case STMT_NOTE_TRIM: return 1;
    default: return 0;
    }
}

static bool same_val(const struct store_val *a, const struct store_val *b)
{
    if (a->type != b->type || a->type == VAL_REAL)
        return false;
    if (a->type == VAL_TEXT || a->type == VAL_BLOB)
        return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
    return a->type == VAL_NULL || a->i == b->i;
}

static bool is_superseded(const struct store_pending *old, const struct store_pending *by)
{
    size_t n = key_columns(by->stmt);

    if (n == 0 || old->stmt != by->stmt)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!same_val(&old->v[i], &by->v[i]))
            return false;
    return true;
}

/* Takes *at out of the list. */
static void drop(struct store *st, struct store_pending **at)
{
    struct store_pending *p = *at;

    *at = p->next;
    if (p->next == NULL)
        st->pending.tail = at;
    st->pending.count--;
    st->pending.bytes -= p->bytes;
    st->pending.fresh -= !p->durable;
    free(p);
}

static void add(struct store *st, struct store_pending *p)
{
    for (struct store_pending **at = &st->pending.first; key_columns(p->stmt) > 0 && *at != NULL;) {
        if (is_superseded(*at, p)) {
            drop(st, at);
            break; /* it was put under the same rule, so there is no other */
        }
        at = &(*at)->next;
    }
    *st->pending.tail = p;
    st->pending.tail = &p->next;
    st->pending.count++;
    st->pending.bytes += p->bytes;
    st->pending.fresh++;
    while (st->pending.count > 1 && (st->pending.count > PENDING_MAX || st->pending.bytes > PENDING_BYTES_MAX)) {
        drop(st, &st->pending.first);
        st->pending.forgotten++;
    }
}

/* What another try may cure. */
static bool is_disk_trouble(enum err e)
{
    return e == ERR_FULL || e == ERR_IO || e == ERR_READONLY || e == ERR_BUSY;
}

enum err store_fact(struct store *st, enum store_stmt id, const struct store_val *v, size_t count, struct errctx *ctx)
{
    if (!st->writer)
        return errctx_set(ctx, ERR_READONLY, "%s was opened for reading", st->path);
    struct store_pending *p = remember(id, v, count);
    if (p == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while putting a fact");
    enum err e = ERR_OK;
    if (!st->facts_wait) { /* else the next commit finds out whether the disk is back: each try may take seconds */
        e = store_txn_begin(st, ctx);
        if (e == ERR_OK)
            e = store_run(st, id, v, count, ctx);
    }
    if (e != ERR_OK && !is_disk_trouble(e)) {
        free(p);
        return e;
    }
    add(st, p);
    if (e == ERR_OK)
        return ERR_OK;
    store_txn_rollback(st);
    st->facts_wait = store_ring_take_over(st, e, ctx) != ERR_OK;
    return ERR_OK;
}

void store_pending_clear(struct store *st)
{
    while (st->pending.first != NULL)
        drop(st, &st->pending.first);
    st->pending.forgotten = 0;
}

void store_pending_durable(struct store *st)
{
    if (!st->ring) {
        store_pending_clear(st);
        return;
    }
    for (struct store_pending *p = st->pending.first; st->pending.fresh > 0 && p != NULL; p = p->next) {
        st->pending.fresh -= !p->durable;
        p->durable = true;
    }
}

/* An act gets its place in the audit chain by another statement than the one that put it. */
static enum err replay(const struct store *st, struct store *into, bool fresh_alone, struct errctx *ctx)
{
    enum err e = ERR_OK;
    bool acts = false;

    for (const struct store_pending *p = st->pending.first; e == ERR_OK && p != NULL; p = p->next) {
        if (fresh_alone && p->durable)
            continue;
        e = store_run(into, p->stmt, p->v, p->count, ctx);
        acts = acts || p->stmt == STMT_ACT_PUT;
    }
    return e == ERR_OK && acts ? store_chain_extend(into, 0, ctx) : e;
}

enum err store_pending_redo(struct store *st, struct errctx *ctx)
{
    return st->pending.fresh == 0 ? ERR_OK : replay(st, st, true, ctx);
}

enum err store_pending_replay(const struct store *st, struct store *into, struct errctx *ctx)
{
    enum err e = store_txn_begin(into, ctx);

    return e == ERR_OK ? replay(st, into, false, ctx) : e;
}
