/* SPDX-License-Identifier: MIT */
/* The audit chain: each operator's act carries the SHA-256 of itself and of the act before it, so that a later change shows. It shows edits, not a
 * truncation or a rewriting of the whole by the file's owner; for that, the last hash has to be kept elsewhere. */
#include "store/store_internal.h"

#include <string.h>

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

/* The hash of the current row of ACT_CHAIN, given the one before. */
static void hash_row(sqlite3_stmt *row, const uint8_t before[STORE_SHA256_BYTES], uint8_t ret[STORE_SHA256_BYTES])
{
    struct store_sha256 s;

    store_sha256_init(&s);
    store_sha256_add(&s, before, STORE_SHA256_BYTES);
    for (int c = 1; c <= 7; c++) {
        const void *p = sqlite3_column_text(row, c);
        add_text(&s, p == NULL ? "" : p, p == NULL ? 0 : (size_t)sqlite3_column_bytes(row, c));
    }
    store_sha256_end(&s, ret);
}

/* Walks the chain. Where a row has no hash yet it gets one (fill), or the walk ends; *ret_bad is the first row whose hash is wrong, 0 = none. */
static enum err walk(struct store *st, bool fill, int64_t *ret_bad, uint8_t last[STORE_SHA256_BYTES], struct errctx *ctx)
{
    uint8_t hash[STORE_SHA256_BYTES];
    int64_t after = 0;
    bool row = true;

    memset(last, 0, STORE_SHA256_BYTES);
    *ret_bad = 0;
    for (;;) {
        sqlite3_stmt *s = store_stmt(st, STMT_ACT_CHAIN);
        if (s == NULL)
            return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read the acts");
        sqlite3_bind_int64(s, 1, after);
        enum err e = store_step(st, s, &row, ctx);
        if (e != ERR_OK || !row)
            return e;
        after = sqlite3_column_int64(s, 0);
        hash_row(s, last, hash);
        bool missing = sqlite3_column_type(s, 8) == SQLITE_NULL;
        bool wrong =
            !missing && (sqlite3_column_bytes(s, 8) != STORE_SHA256_BYTES || memcmp(sqlite3_column_blob(s, 8), hash, sizeof hash) != 0);
        sqlite3_reset(s);
        if (wrong || (missing && !fill)) {
            *ret_bad = after;
            return ERR_OK;
        }
        if (missing) {
            e = store_run(st, STMT_ACT_SEAL, (const struct store_val[]){store_int(after), store_blob(hash, sizeof hash)}, 2, ctx);
            if (e != ERR_OK)
                return e;
        }
        memcpy(last, hash, sizeof hash);
    }
}

enum err store_chain_extend(struct store *st, struct errctx *ctx)
{
    uint8_t last[STORE_SHA256_BYTES];
    int64_t bad;

    return walk(st, true, &bad, last, ctx); /* a broken chain is left as it is: store_acts_verify tells */
}

enum err store_acts_verify(struct store *st, int64_t *ret_bad_id, char ret_last[65], struct errctx *ctx)
{
    uint8_t last[STORE_SHA256_BYTES];
    int64_t bad = 0;
    enum err e = store_read_begin(st, ctx);

    if (e != ERR_OK)
        return e;
    e = walk(st, false, &bad, last, ctx);
    store_read_end(st);
    if (e != ERR_OK)
        return e;
    for (unsigned i = 0; i < STORE_SHA256_BYTES; i++)
        (void)str_format(ret_last + 2 * i, 3, "%02x", last[i]);
    *ret_bad_id = bad;
    return ERR_OK;
}
