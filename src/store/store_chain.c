/* SPDX-License-Identifier: MIT */
/* The audit chain: each operator's act carries the SHA-256 of itself and of the act before it, so that a later change shows. It shows
 * edits, not a truncation or a rewriting of the whole by the file's owner; for that, the last hash has to be kept elsewhere.
 * Where retention removed the oldest acts, its own record, which is in the chain, has the hash of the last of them (store_keep.c): the
 * chain begins there. */
#include "store/store_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "store/store_sha256.h"

static void add_text(struct store_sha256 *s, const void *p, size_t n)
{
    const uint64_t length = n;
    uint8_t le[8];

    for (unsigned i = 0; i < sizeof le; i++)
        le[i] = (uint8_t)(length >> (8 * i));
    store_sha256_add(s, le, sizeof le); /* so that moving a byte from one field to the next changes the sum */
    store_sha256_add(s, p, n);
}

enum { ORIGIN_COLUMN = 8, HASH_COLUMN = 9 }; /* of ACT_CHAIN */

/* The hash of the current row of ACT_CHAIN, given the one before. */
static void hash_row(sqlite3_stmt *row, const uint8_t before[STORE_SHA256_BYTES], uint8_t ret[STORE_SHA256_BYTES])
{
    struct store_sha256 s;

    store_sha256_init(&s);
    store_sha256_add(&s, before, STORE_SHA256_BYTES);
    /* an act without an origin hashes as it did before there was one */
    const int fields = sqlite3_column_bytes(row, ORIGIN_COLUMN) > 0 ? ORIGIN_COLUMN : ORIGIN_COLUMN - 1;
    for (int c = 1; c <= fields; c++) {
        const void *p = sqlite3_column_text(row, c);
        add_text(&s, p == NULL ? "" : p, p == NULL ? 0 : (size_t)sqlite3_column_bytes(row, c));
    }
    store_sha256_end(&s, ret);
}

static void to_hex(const uint8_t hash[STORE_SHA256_BYTES], char ret[STORE_CHAIN_HASH_MAX])
{
    for (unsigned i = 0; i < STORE_SHA256_BYTES; i++)
        (void)str_format(ret + 2 * i, 3, "%02x", hash[i]);
}

/* What is wrong with the current row of ACT_CHAIN, after the row with id `before` in whose place hash is right; the row has a hash. */
static enum store_chain_word judge(sqlite3_stmt *row, int64_t before, const uint8_t hash[STORE_SHA256_BYTES])
{
    if (sqlite3_column_int64(row, 0) != before + 1)
        return STORE_CHAIN_REMOVED; /* ids are handed out one by one */
    return sqlite3_column_bytes(row, HASH_COLUMN) == STORE_SHA256_BYTES &&
                   memcmp(sqlite3_column_blob(row, HASH_COLUMN), hash, STORE_SHA256_BYTES) == 0
               ? STORE_CHAIN_WHOLE
               : STORE_CHAIN_CHANGED;
}

struct chain_walk {
    bool fill;     /* where a row has no hash it gets one */
    int64_t until; /* the last row to look at; 0 = all */
    int64_t cut;   /* the record of a cut that this transaction put, and that has no hash yet; 0 = there is none */
    int64_t kept_id;
    const char *kept;
    uint8_t last[STORE_SHA256_BYTES];
};

/* Whether the current row passes for a record that retention removed acts, and is none that this transaction put. */
static bool is_strange_cut(sqlite3_stmt *row, const struct chain_walk *w)
{
    static const char key_head[] = STORE_CHAIN_CUT_KEY;
    const char *key = (const char *)sqlite3_column_text(row, 1);

    return key != NULL && strncmp(key, key_head, sizeof key_head - 1) == 0 && !str_has_suffix(str_of(key), ".act") &&
           sqlite3_column_int64(row, 0) != w->cut;
}

/* The next row's step; the walk goes on behind what is wrong, to tell how many there are and whether a hash that is missing is the
 * end's. */
static enum err take_row(struct store *st, sqlite3_stmt *s, struct chain_walk *w, struct store_chain *c, struct errctx *ctx)
{
    const int64_t id = sqlite3_column_int64(s, 0);
    const bool missing = sqlite3_column_type(s, HASH_COLUMN) == SQLITE_NULL;
    uint8_t hash[STORE_SHA256_BYTES];
    enum err e = ERR_OK;

    c->count++;
    hash_row(s, w->last, hash);
    const bool open = missing && (!w->fill || is_strange_cut(s, w));
    enum store_chain_word is = open ? STORE_CHAIN_OPEN : missing ? STORE_CHAIN_WHOLE : judge(s, c->head_id, hash);
    sqlite3_reset(s);
    if (c->word == STORE_CHAIN_OPEN && !missing)
        c->word = STORE_CHAIN_CHANGED; /* hashes are given in order: one was taken away */
    if (c->word != STORE_CHAIN_WHOLE)
        return ERR_OK;
    if (is != STORE_CHAIN_WHOLE) {
        c->word = is;
        c->bad_id = id;
        return ERR_OK;
    }
    if (missing)
        e = store_run(st, STMT_ACT_SEAL, (const struct store_val[]){store_int(id), store_blob(hash, sizeof hash)}, 2, ctx);
    memcpy(w->last, hash, sizeof hash);
    c->head_id = id;
    to_hex(hash, c->head);
    if (id == w->kept_id && strcmp(w->kept, c->head) != 0) {
        c->word = STORE_CHAIN_ANEW;
        c->bad_id = id;
    }
    return e;
}

static bool from_hex(const char *hex, uint8_t ret[STORE_SHA256_BYTES])
{
    unsigned byte;

    for (unsigned i = 0; i < STORE_SHA256_BYTES; i++) {
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            return false;
        ret[i] = (uint8_t)byte;
    }
    return hex[2 * STORE_SHA256_BYTES] == '\0';
}

/* Where the chain begins: after the last act that retention removed, by its newest record of that. A record without a hash counts for the
 * transaction alone that puts it: it could be anybody's. */
static enum err find_cut(struct store *st, struct chain_walk *w, struct store_chain *c, struct errctx *ctx)
{
    static const char key_head[] = STORE_CHAIN_CUT_KEY;
    sqlite3_stmt *s = store_stmt(st, STMT_ACT_CUT);
    bool row = false;

    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read the acts");
    sqlite3_bind_int64(s, 1, w->cut);
    enum err e = store_step(st, s, &row, ctx);
    if (e != ERR_OK || !row)
        return e;
    const char *key = (const char *)sqlite3_column_text(s, 0), *text = (const char *)sqlite3_column_text(s, 1);
    const char *hash = text != NULL ? strrchr(text, ' ') : NULL;
    uint8_t before[STORE_SHA256_BYTES];
    int64_t id;
    if (key != NULL && hash != NULL && str_to_i64(str_of(key + sizeof key_head - 1), &id) && id > 0 &&
        strlen(hash + 1) == 2 * STORE_SHA256_BYTES && from_hex(hash + 1, before)) {
        memcpy(w->last, before, sizeof before);
        c->cut_id = c->head_id = id;
    }
    sqlite3_reset(s);
    return ERR_OK;
}

static enum err walk(struct store *st, struct chain_walk *w, struct store_chain *ret, struct errctx *ctx)
{
    bool row = true;

    *ret = (struct store_chain){.word = STORE_CHAIN_WHOLE};
    enum err found = find_cut(st, w, ret, ctx);
    if (found != ERR_OK)
        return found;
    to_hex(w->last, ret->head);
    if (w->kept_id != 0 && w->kept_id == ret->cut_id && strcmp(w->kept, ret->head) != 0) {
        ret->word = STORE_CHAIN_ANEW;
        ret->bad_id = w->kept_id;
    }
    for (int64_t after = 0;;) {
        sqlite3_stmt *s = store_stmt(st, STMT_ACT_CHAIN);
        if (s == NULL)
            return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read the acts");
        sqlite3_bind_int64(s, 1, after);
        enum err e = store_step(st, s, &row, ctx);
        if (e != ERR_OK || !row)
            return e;
        after = sqlite3_column_int64(s, 0);
        if (w->until != 0 && after > w->until) {
            sqlite3_reset(s);
            return ERR_OK;
        }
        e = take_row(st, s, w, ret, ctx);
        if (e != ERR_OK)
            return e;
    }
}

enum err store_chain_extend(struct store *st, int64_t cut, struct errctx *ctx)
{
    struct chain_walk w = {.fill = true, .cut = cut};
    struct store_chain c;

    return walk(st, &w, &c, ctx); /* a broken chain is left as it is: store_acts_verify tells */
}

enum err store_chain_head_at(struct store *st, int64_t id, struct store_chain *ret, struct errctx *ctx)
{
    struct chain_walk w = {.until = id};

    return walk(st, &w, ret, ctx);
}

enum err store_acts_verify(struct store *st, int64_t kept_id, const char *kept, struct store_chain *ret, struct errctx *ctx)
{
    struct chain_walk w = {.kept_id = kept_id, .kept = kept};
    struct store_chain c;
    enum err e = store_read_begin(st, ctx);

    if (e != ERR_OK)
        return e;
    e = walk(st, &w, &c, ctx);
    store_read_end(st);
    if (e != ERR_OK)
        return e;
    if (c.word == STORE_CHAIN_WHOLE && kept_id > c.head_id) {
        c.word = STORE_CHAIN_CUT;
        c.bad_id = c.head_id + 1;
    }
    if (c.word == STORE_CHAIN_WHOLE && kept_id != 0 && kept_id < c.cut_id)
        c.word = STORE_CHAIN_KEPT_GONE;
    *ret = c;
    return ERR_OK;
}
