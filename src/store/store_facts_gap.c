/* SPDX-License-Identifier: MIT */
/* Times of which a source told nothing, and what of such times came to be known later. */
#include "store/store_internal.h"

enum err store_put_gap(struct store *st, const struct store_gap *g, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(g->source), store_int(g->t0_ms),   store_int((int64_t)g->signals),
                                  store_int(g->t1_ms),  store_text(g->reason), store_int(g->lost)};
    enum err e = store_fact(st, STMT_GAP_PUT, v, 6, ctx);

    return e == ERR_OK ? store_fact(st, STMT_GAP_TRIM, v, 4, ctx) : e;
}

bool store_gap_is_of(const struct store_gap *g, enum signal s)
{
    return g->signals == 0 || (g->signals >> s & 1) != 0;
}

static enum err gap_row(sqlite3_stmt *s, struct arena *a, void *ret)
{
    struct store_gap *g = ret;

    *g = (struct store_gap){.source = (uint32_t)sqlite3_column_int64(s, 0),
                            .t0_ms = sqlite3_column_int64(s, 1),
                            .t1_ms = sqlite3_column_int64(s, 2),
                            .reason = store_column_text(s, 3, a),
                            .lost = sqlite3_column_int(s, 4) != 0,
                            .signals = (uint64_t)sqlite3_column_int64(s, 5)};
    return g->reason == NULL ? ERR_NOMEM : ERR_OK;
}

enum err store_gaps(struct store *st, int64_t t0_ms, int64_t t1_ms, struct arena *a, struct store_gap **ret, size_t *ret_count,
                    struct errctx *ctx)
{
    const struct store_val v[] = {store_int(t0_ms), store_int(t1_ms), store_int(0)};
    return store_list(st, STMT_GAP_LIST, v, 3, sizeof **ret, gap_row, a, (void **)ret, ret_count, ctx);
}

enum err store_lost(struct store *st, int64_t t0_ms, int64_t t1_ms, struct arena *a, struct store_gap **ret, size_t *ret_count,
                    struct errctx *ctx)
{
    const struct store_val v[] = {store_int(t0_ms), store_int(t1_ms), store_int(1)};
    return store_list(st, STMT_GAP_LIST, v, 3, sizeof **ret, gap_row, a, (void **)ret, ret_count, ctx);
}

/* ---- what was known later ---- */

enum err store_put_late(struct store *st, const struct store_late *late, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(late->source), store_int(late->t0_ms), store_int(late->t1_ms), store_int(late->known_ms),
                                  store_int(late->part)};
    enum err e = store_fact(st, STMT_LATE_PUT, v, 5, ctx);

    return e == ERR_OK ? store_fact(st, STMT_LATE_TRIM, v, 5, ctx) : e;
}

static enum err late_row(sqlite3_stmt *s, struct arena *a, void *ret)
{
    struct store_late *late = ret;

    (void)a;
    *late = (struct store_late){.source = (uint32_t)sqlite3_column_int64(s, 0),
                                .t0_ms = sqlite3_column_int64(s, 1),
                                .t1_ms = sqlite3_column_int64(s, 2),
                                .known_ms = sqlite3_column_int64(s, 3),
                                .part = sqlite3_column_int(s, 4) != 0};
    return ERR_OK;
}

enum err store_late(struct store *st, int64_t cursor_ms, struct arena *a, struct store_late **ret, size_t *ret_count, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(cursor_ms)};
    return store_list(st, STMT_LATE_LIST, v, 1, sizeof **ret, late_row, a, (void **)ret, ret_count, ctx);
}
