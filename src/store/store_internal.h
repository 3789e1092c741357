/* SPDX-License-Identifier: MIT */
/* Inside store/: the open store, the prepared statements, and what its modules ask of each other.
 *
 * Transactions. A writer begins one lazily (store_txn_begin) when the first fact is put, and ends it in store_append or store_commit. Facts
 * are also remembered in memory until then (store_pending.c), so that a commit that fails costs none, and the ring store begins with
 * nothing missing. A reader's several statements run inside one read transaction (store_read_begin), so that head, chunks and rollups
 * agree. */
#ifndef GWTOP_STORE_STORE_INTERNAL_H
#define GWTOP_STORE_STORE_INTERNAL_H

#include <sqlite3.h>

#include "base/buf.h"
#include "store/store.h"
#include "store/store_axis.h"
#include "store/store_chunk.h"
#include "store/store_dict.h"
#include "store/store_head.h"

enum { STORE_APPLICATION_ID = 0x47575450 }; /* "GWTP" */
enum { STORE_PAGE_BYTES = 8192 };           /* docs/decisions/0001-store-layout.md */

/* Every statement, with its text in store_sql.c. */
enum store_stmt {
#define STMT(id, text) STMT_##id,
#include "store/store_stmts.def"
#undef STMT
    STMT_COUNT
};

/* One value to bind. */
enum store_val_type { VAL_NULL, VAL_INT, VAL_REAL, VAL_TEXT, VAL_BLOB };
struct store_val {
    enum store_val_type type;
    int64_t i;
    double d;
    const void *p; /* text and blob; borrowed */
    size_t n;
};
struct store_val store_int(int64_t v);
struct store_val store_real(double v);
struct store_val store_text(const char *z); /* NULL reads as "" */
struct store_val store_blob(const void *p, size_t n);

/* A fact that the main file does not durably have yet. */
struct store_pending {
    struct store_pending *next;
    enum store_stmt stmt;
    bool durable; /* in the ring store */
    size_t count, bytes;
    struct store_val v[];
};

struct store_pending_list {
    struct store_pending *first, **tail;
    size_t count, bytes;
    size_t fresh;     /* those that are not durable anywhere */
    size_t forgotten; /* for want of room */
};

/* What is known of a head row without reading its body. */
struct store_head_ref {
    int64_t seq, t0_ms, t1_ms;
    uint32_t shard;
    uint32_t samples, bytes;
};

/* A configured source with the latest word about it: an encoded status (store_facts_source.c), empty before the first one. */
struct store_source {
    char *name;
    int64_t interval_ms;
    int64_t at_ms;   /* of the latest status, 0 = never */
    int64_t kept_ms; /* of the latest that is in table status */
    uint8_t *status;
    size_t status_bytes;
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *stmts[STMT_COUNT];
    char *path;      /* the store's, also while the ring store is open */
    char *open_path; /* the file that is open */
    bool writer, ring, immutable;
    int lock_fd;
    struct clock clock;
    struct store_options opt;
    char *ring_dir;

    struct store_dict dict;
    int64_t dict_seq; /* last row of table dict that was read or written */

    /* The head as this connection knows it: rising by seq; rows that are in chunks by now are dropped at the next look. */
    struct store_head_ref *head;
    size_t head_count, head_cap;
    int64_t head_seq; /* the last row seen */
    int64_t next_seq; /* writer: of the next row; never used twice */

    struct store_source *sources; /* by id - 1 */
    uint32_t source_count, source_cap;
    struct buf status_rows;             /* writer: statuses put since the last commit, as head rows to be */
    struct store_score_put *score_puts; /* and what was put of scores */

    /* What retention has removed; read with the head. */
    int64_t floor_ms[4]; /* per tier of store_plan.h: nothing up to here is kept */
    int64_t *kept;       /* pairs (t0, t1] of whole days whose raw samples stay longer */
    size_t kept_count;
    unsigned retention_calls;
    bool retention_pending;             /* more is to be deleted */
    int64_t fact_floor_ms[STORE_FACTS]; /* what is older was removed, by this process */

    int snapshot;              /* depth of read transactions */
    int64_t recorded_since_ms; /* reader: as found within this one; -1 = not looked for */
    bool in_txn;
    struct store_pending_list pending; /* facts since the last commit; with the ring store open, all since it took over */
    bool facts_wait;                   /* the disk refused one: the others wait for the next commit */
    int64_t next_incident;

    /* while the ring store is open */
    struct store_dict_mark saved_main; /* what the main file has */
    struct store_dict_mark tried_main; /* and what it has when the commit that failed turns out to be in its log */
    int64_t dict_seq_main, main_max_bytes;
    int64_t ring_since_ms, ring_retry_mono_ms;
    char ring_reason[160];
    int ring_lock_fd; /* the main file's lock, kept meanwhile */

    struct buf scratch;
    struct buf chunk;            /* the chunk being written */
    struct store_packer *packer; /* made when first needed */
    struct store_unpacker *unpacker;
    int64_t next_segment, first_seq;
    uint64_t bad_chunks, maintain_failures;
};

/* ---- store_sql.c ---- */

/* The statement, reset and without bindings; NULL when it can't be prepared (then sqlite3_errcode says why). */
sqlite3_stmt *store_stmt(struct store *st, enum store_stmt id);
/* Turns the connection's last error into ours, with a sentence: "cannot <what> in <path>: ...". */
enum err store_sql_error(struct store *st, int rc, struct errctx *ctx, const char *what);
enum err store_exec(struct store *st, const char *sql, struct errctx *ctx) GW_MUST_USE;
void store_bind(sqlite3_stmt *s, const struct store_val *v, size_t count);
/* Binds, runs to the end, resets. */
enum err store_run(struct store *st, enum store_stmt id, const struct store_val *v, size_t count, struct errctx *ctx) GW_MUST_USE;
/* First column of the first row, or fallback. */
enum err store_get_int(struct store *st, enum store_stmt id, const struct store_val *v, size_t count, int64_t fallback, int64_t *ret,
                       struct errctx *ctx) GW_MUST_USE;
/* Steps: ERR_OK with *ret_row saying whether there is a row. The statement is reset at the end and on errors. */
enum err store_step(struct store *st, sqlite3_stmt *s, bool *ret_row, struct errctx *ctx) GW_MUST_USE;
/* Column c as text in a, "" for NULL; NULL when the arena is full. */
const char *store_column_text(sqlite3_stmt *s, int c, struct arena *a);

/* All rows of a statement as an array of size-byte structs in a; row fills one from the current row. */
typedef enum err store_row_fn(sqlite3_stmt *s, struct arena *a, void *ret);
enum err store_list(struct store *st, enum store_stmt id, const struct store_val *v, size_t count, size_t size, store_row_fn *row,
                    struct arena *a, void **ret, size_t *ret_count, struct errctx *ctx) GW_MUST_USE;

/* Begins the writer's transaction unless it is open; it begins with the facts of the one that failed. */
enum err store_txn_begin(struct store *st, struct errctx *ctx) GW_MUST_USE;
enum err store_txn_commit(struct store *st, struct errctx *ctx) GW_MUST_USE;
void store_txn_rollback(struct store *st);

enum err store_read_begin(struct store *st, struct errctx *ctx) GW_MUST_USE;
void store_read_end(struct store *st);

/* ---- store_pending.c ---- */

/* Runs a statement that puts a fact, inside the writer's transaction, and remembers it until it is durable. Where the disk refuses it, it
 * waits for the next commit, and that is ERR_OK. Errors: ERR_NOMEM, ERR_LIMIT (too long), ERR_CORRUPT. */
enum err store_fact(struct store *st, enum store_stmt id, const struct store_val *v, size_t count, struct errctx *ctx) GW_MUST_USE;
void store_pending_clear(struct store *st);
void store_pending_durable(struct store *st); /* the transaction that they were in is committed */
/* Runs again what is durable nowhere. Inside a write transaction. */
enum err store_pending_redo(struct store *st, struct errctx *ctx) GW_MUST_USE;
/* Runs what is pending in st on another store's database. */
enum err store_pending_replay(const struct store *st, struct store *into, struct errctx *ctx) GW_MUST_USE;

/* ---- store_schema.c ---- */

/* Makes or migrates the schema (writer), or checks it (reader). Errors: ERR_VERSION, ERR_CORRUPT, ERR_IO, ERR_FULL, ERR_READONLY. */
enum err store_schema_migrate(struct store *st, struct errctx *ctx) GW_MUST_USE;
/* Runs the steps from one version to another in one transaction. */
enum err store_schema_steps(struct store *st, int from, int to, struct errctx *ctx) GW_MUST_USE;
enum err store_schema_check(struct store *st, struct errctx *ctx) GW_MUST_USE;

/* ---- store_facts_source.c ---- */

/* Reads the sources that are new. Inside a read transaction. */
enum err store_sources_refresh(struct store *st, struct errctx *ctx) GW_MUST_USE;
/* Copies the sources of another store that this one does not have. */
enum err store_sources_take(struct store *st, const struct store *from) GW_MUST_USE;
/* Takes a status row of the head (shard 0) as the latest word about its source. */
enum err store_status_apply(struct store *st, uint32_t source, int64_t at_ms, const void *data, size_t n) GW_MUST_USE;

/* Puts the latest statuses into their table, before their head rows are deleted. */
enum err store_status_keep(struct store *st, struct errctx *ctx) GW_MUST_USE;

/* ---- store_append.c ---- */

/* Keeps a status row for the next commit. */
enum err store_status_queue(struct store *st, uint32_t source, int64_t at_ms, const void *data, size_t n) GW_MUST_USE;

/* ---- store_scores.c ---- */

/* Writes what was put; inside the transaction. */
enum err store_scores_write(struct store *st, struct errctx *ctx) GW_MUST_USE;

/* ---- store_headrows.c ---- */

enum { STORE_STATUS_SHARD = 0 }; /* head rows of this shard are statuses: t0 is the source, t1 the time */

enum err store_headrows_push(struct store *st, struct store_head_ref ref) GW_MUST_USE;
/* Forgets the refs that are sealed by now, and counts the others anew. */
void store_headrows_drop_sealed(struct store *st);
/* Reads shards and new head rows; drops refs that are sealed. Inside a read transaction. */
enum err store_headrows_refresh(struct store *st, struct errctx *ctx) GW_MUST_USE;

/* Reads bodies by sequence: rows that follow each other closely in one statement, far ones by a new look-up. */
struct store_headrows_cursor {
    struct store *st;
    sqlite3_stmt *s; /* reset it when done */
    int64_t seq;     /* of the current row, 0 = none */
};
/* The body of row seq, valid until the next call; NULL when it is gone. */
enum err store_headrows_fetch(struct store_headrows_cursor *cur, int64_t seq, const void **ret_data, size_t *ret_bytes,
                              struct errctx *ctx) GW_MUST_USE;

/* ---- segments: store_seal.c, store_roll.c, store_retention.c ---- */

/* What a segment holds. L0 rollups are written with each seal and merged into the day rollups when the day is over. */
enum store_tier { TIER_RAW, TIER_5M_NEW, TIER_5M, TIER_1H, TIER_1D, TIER_COUNT };
enum { STORE_5M_MS = 300000, STORE_1H_MS = 3600000, STORE_1D_MS = 86400000, STORE_SEGMENT_SPAN_MS = STORE_1D_MS };
int64_t store_tier_ms(enum store_tier t); /* length of a bucket, 0 for raw */

struct store_segment {
    int64_t id, t_min, t_max; /* (t_min, t_max]: raw: of samples; rollups: multiples of the bucket */
    uint32_t axis_n;
};
/* A chunk's row id: the segment, then the signal, then which slots. */
static inline int64_t store_chunk_id(int64_t segment, unsigned signal, unsigned part)
{
    return segment << 16 | (int64_t)(signal << 8 | part);
}

/* Segments of a shard and tier that reach into (t0, t1]. The list is malloc'ed; free it. */
enum err store_segments(struct store *st, enum store_tier tier, uint32_t shard, int64_t t0_ms, int64_t t1_ms, struct store_segment **ret,
                        size_t *ret_count, struct errctx *ctx) GW_MUST_USE;
/* Adds the row of a new segment. */
enum err store_segment_add(struct store *st, enum store_tier tier, uint32_t shard, const struct store_segment *seg, uint64_t samples,
                           const void *axis, size_t axis_bytes, struct errctx *ctx) GW_MUST_USE;
/* Writes one part of a shard's columns (by slot, NULL = none) as chunks of a segment. *bytes grows by what was written. */
enum err store_chunks_write(struct store *st, enum store_tier tier, uint32_t shard, const struct store_segment *seg, unsigned part,
                            struct store_column *const *columns, size_t *bytes, struct errctx *ctx) GW_MUST_USE;
/* The polls of a raw segment, polls[seg->axis_n]; *ret_ok false when they are damaged. */
enum err store_segment_axis(struct store *st, const struct store_segment *seg, struct store_poll *polls, bool *ret_ok,
                            struct errctx *ctx) GW_MUST_USE;

enum err store_make_unpacker(struct store *st, struct errctx *ctx) GW_MUST_USE;
/* Makes day rollups of days that are over, as far as the budget goes. */
enum err store_roll(struct store *st, size_t *bytes, struct errctx *ctx) GW_MUST_USE;

/* Reads floors and kept days. Inside a read transaction. */
enum err store_retention_load(struct store *st, struct errctx *ctx) GW_MUST_USE;
/* Moves the floors and deletes a little of what is below them. */
enum err store_retention(struct store *st, struct errctx *ctx) GW_MUST_USE;

/* Notes that a slot has a sample in the head. */
void store_seal_see(struct store_shard *sh, uint32_t slot);
/* Seals, rolls up and applies retention, in transactions of at most about STORE_MAINTAIN_BYTES; all: until nothing is left to seal. */
enum { STORE_MAINTAIN_BYTES = 1 << 20 };
enum err store_maintain(struct store *st, bool all, struct errctx *ctx) GW_MUST_USE;

/* ---- store.c ---- */

/* A store that has no database yet. */
enum err store_new(const char *path, const char *open_path, struct store **ret) GW_MUST_USE;
/* Takes the lock (unless it is held), opens st->path and reads what is in it. */
enum err store_open_main(struct store *st, struct errctx *ctx) GW_MUST_USE;
/* Opens st->open_path for writing and brings its schema up to date. */
enum err store_db_open_writer(struct store *st, struct errctx *ctx) GW_MUST_USE;
/* Reads dictionary, sources and head, and continues their numbers. */
enum err store_load(struct store *st, struct errctx *ctx) GW_MUST_USE;

/* ---- store_chain.c ---- */

/* Gives the acts that have none their hash. Inside a write transaction. cut: the record by which it removes acts, 0 = it removes none;
 * another one without a hash gets none. */
enum err store_chain_extend(struct store *st, int64_t cut, struct errctx *ctx) GW_MUST_USE;
/* The chain as it stands at act id, 0 = the last: whole up to there where that is its head. */
enum err store_chain_head_at(struct store *st, int64_t id, struct store_chain *ret, struct errctx *ctx) GW_MUST_USE;
/* What the key of a record begins with by which retention removed acts; the id of the last of them follows, and its text ends with that
 * one's hash. */
#define STORE_CHAIN_CUT_KEY "retention-acts-"

/* ---- store_keep.c ---- */

/* Removes facts that are older than they are to be kept, some of each kind per call, each removal with its record in one transaction;
 * *ret_more: there are more. now_ms: as retention has it. */
enum err store_keep_facts(struct store *st, int64_t now_ms, bool *ret_more, struct errctx *ctx) GW_MUST_USE;
/* Puts the record of a removal, by "gwtop", into the chain. key ends it: unique for good. Inside a write transaction. */
enum err store_keep_record(struct store *st, const char *key, const char *text, struct errctx *ctx) GW_MUST_USE;

/* ---- store_ring.c ---- */

/* After a write failed with e: opens the ring store and puts the pending facts into it. Returns e where there is none, or it is open
 * already. */
enum err store_ring_take_over(struct store *st, enum err e, struct errctx *ctx) GW_MUST_USE;
/* Goes back to the main file when it can be written again; looks once a minute. */
void store_ring_try_main(struct store *st);
/* The store is about to be closed: what the ring holds goes with it, so the main file is tried once more, whenever it was last. */
void store_ring_last_try(struct store *st);
/* The ring is full: forgets its samples. */
enum err store_ring_empty(struct store *st, struct errctx *ctx) GW_MUST_USE;
void store_ring_close(struct store *st);

/* ---- store_polls.c ---- */

/* The last poll of a source with t1 <= cursor; 0 = none. Inside a read transaction. */
enum err store_last_poll(struct store *st, uint32_t source, int64_t cursor_ms, int64_t *ret_ms, struct errctx *ctx) GW_MUST_USE;

#endif
