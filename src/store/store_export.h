/* SPDX-License-Identifier: MIT */
/* Internal to store/: the copy of a part of a store that is under way. */
#ifndef GWTOP_STORE_STORE_EXPORT_H
#define GWTOP_STORE_STORE_EXPORT_H

#include "base/buf.h"
#include "store/store_internal.h"

enum { STORE_COPY_TIERS = 4 }; /* raw, 5 min, 1 h, 1 d */

struct store_mask;
struct store_copy {
    struct store *from, *to;
    const struct store_export *what;
    const struct store_mask *mask; /* NULL = names stay */
    int64_t floor_ms[STORE_COPY_TIERS];
    int64_t slice_from_ms, slice_to_ms; /* samples of another time; to 0 = none */
    int64_t bytes;                      /* of what was copied so far */
    struct buf text;
    struct errctx *ctx;
};

/* May bind other values than the row's to the statement that puts it, or leave the row out. */
typedef enum err store_copy_fn(struct store_copy *c, sqlite3_stmt *in, sqlite3_stmt *out, bool *take);
/* The rows that select reads of the original into a table of the copy, by the names of their columns. fn may be NULL. Errors: ERR_LIMIT
 * past the file's size, without a sentence; ERR_NOMEM, the store's. */
enum err store_copy_table(struct store_copy *c, const char *table, const char *select, const struct store_val *v, size_t count,
                          store_copy_fn *fn) GW_MUST_USE;
int store_copy_column(sqlite3_stmt *in, const char *name); /* which one has that name, from 0; bound it is one more */

/* store_export_facts.c */
enum err store_copy_dict(struct store_copy *c) GW_MUST_USE;
enum err store_copy_head(struct store_copy *c, sqlite3_stmt *in, sqlite3_stmt *out, bool *take) GW_MUST_USE; /* of rows of the head */
enum err store_copy_facts(struct store_copy *c) GW_MUST_USE;

/* store_facts_source.c: a status with its texts masked, appended to out. Errors: ERR_CORRUPT, ERR_NOMEM, ERR_LIMIT. */
enum err store_status_mask(const struct store_mask *m, const void *data, size_t n, struct buf *out) GW_MUST_USE;

#endif
