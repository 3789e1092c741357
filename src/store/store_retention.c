/* SPDX-License-Identifier: MIT */
/* Retention: how far back each tier reaches.
 *
 * How this works: a tier's floor is an instant up to which readers take nothing from it; it is moved first, and the segments below it are
 * deleted a few at a time afterwards. Floors move by age, and by size: while the file is too large the raw floor moves by an hour, then
 * that of the 5-minute rollups by a day. Raw days around an incident are listed in table kept when the floor passes them, and stay as long
 * as the 5-minute rollups do. "Now" is the earlier of the clock and the newest sample: neither a source nor a clock that runs ahead can
 * delete history. */
#include "store/store_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "store/store_plan.h"

enum {
    DELETE_SEGMENTS = 16, /* per call: about 4 MB of chunks */
    CHECK_EVERY = 32,     /* calls: the size does not change much in between */
    INCIDENT_MARGIN_MS = STORE_1H_MS
};

static int64_t default_ms(int64_t given_ms, int64_t days)
{
    return given_ms > 0 ? given_ms : days * STORE_1D_MS;
}

static int64_t keep_ms(const struct store *st, enum store_plan_tier t)
{
    switch (t) {
    case PLAN_RAW: return default_ms(st->opt.keep_raw_ms, 14);
    case PLAN_5M: return default_ms(st->opt.keep_5m_ms, 90);
    case PLAN_1H: return default_ms(st->opt.keep_1h_ms, 730);
    case PLAN_1D:
    case PLAN_TIERS: break;
    }
    return default_ms(st->opt.keep_1d_ms, 3653);
}

static const char *const floor_names[PLAN_TIERS] = {"floor_raw", "floor_5m", "floor_1h", "floor_1d"};

/* ---- what is in the file ---- */

static enum err load_kept(struct store *st, struct errctx *ctx)
{
    sqlite3_stmt *s = store_stmt(st, STMT_KEPT_READ);
    int64_t *list = NULL;
    size_t n = 0, cap = 0;
    enum err e = ERR_OK;

    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read what is kept");
    for (bool row = true; e == ERR_OK;) {
        e = store_step(st, s, &row, ctx);
        if (e != ERR_OK || !row)
            break;
        if (n == cap) {
            cap = cap == 0 ? 16 : 2 * cap;
            int64_t *p = realloc(list, 2 * cap * sizeof *p);
            if (p == NULL) {
                e = ERR_NOMEM;
                break;
            }
            list = p;
        }
        list[2 * n] = sqlite3_column_int64(s, 0);
        list[2 * n + 1] = sqlite3_column_int64(s, 1);
        n++;
    }
    sqlite3_reset(s);
    if (e != ERR_OK) {
        free(list);
        return e;
    }
    free(st->kept);
    st->kept = list;
    st->kept_count = n;
    return ERR_OK;
}

enum err store_retention_load(struct store *st, struct errctx *ctx)
{
    sqlite3_stmt *s = store_stmt(st, STMT_META_READ);
    int64_t before[PLAN_TIERS];
    enum err e = ERR_OK;

    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read the retention");
    memcpy(before, st->floor_ms, sizeof before);
    for (bool row = true; e == ERR_OK;) {
        e = store_step(st, s, &row, ctx);
        if (e != ERR_OK || !row)
            break;
        const char *name = (const char *)sqlite3_column_text(s, 0);
        for (int t = 0; name != NULL && t < PLAN_TIERS; t++)
            if (strcmp(name, floor_names[t]) == 0)
                st->floor_ms[t] = sqlite3_column_int64(s, 1);
    }
    sqlite3_reset(s);
    /* Days are listed as kept in the transaction that moves the raw floor over them, and let go with the 5-minute floor. */
    if (e == ERR_OK && memcmp(before, st->floor_ms, sizeof before) != 0)
        e = load_kept(st, ctx);
    return e;
}

/* ---- moving floors ---- */

static enum err keep_incident_days(struct store *st, int64_t from_ms, int64_t to_ms, struct errctx *ctx)
{
    enum err e = ERR_OK;

    for (int64_t day = instant_floor(from_ms, STORE_1D_MS); e == ERR_OK && day < to_ms; day += STORE_1D_MS) {
        const struct store_val v[] = {store_int(day - INCIDENT_MARGIN_MS), store_int(day + STORE_1D_MS + INCIDENT_MARGIN_MS)};
        int64_t incidents = 0;
        e = store_get_int(st, STMT_INCIDENT_IN, v, 2, 0, &incidents, ctx);
        if (e == ERR_OK && incidents > 0) {
            const struct store_val days[] = {store_int(day), store_int(day + STORE_1D_MS)};
            e = store_run(st, STMT_KEPT_ADD, days, 2, ctx);
        }
    }
    return e;
}

/* What was known later goes with the raw polls, also those of kept days; a gap with the five minutes that have a hole there. One in which
 * counts were lost marks sums, so it stays for as long as there are any. */
static enum err trim_times(struct store *st, enum store_plan_tier t, int64_t floor_ms, struct errctx *ctx)
{
    const struct store_val raw = store_int(t == PLAN_RAW ? floor_ms : st->floor_ms[PLAN_RAW]),
                           gap[] = {store_int(floor_ms), store_int(t == PLAN_1D)};
    enum err e = t == PLAN_RAW || t == PLAN_5M ? store_run(st, STMT_LATE_OLD, &raw, 1, ctx) : ERR_OK;

    return e == ERR_OK && (t == PLAN_5M || t == PLAN_1D) ? store_run(st, STMT_GAP_OLD, gap, 2, ctx) : e;
}

/* Once a day that something goes of a tier, the audit has by what. */
static enum err put_record(struct store *st, enum store_plan_tier t, int64_t from_ms, int64_t floor_ms, const char *why, struct errctx *ctx)
{
    static const char *const names[PLAN_TIERS] = {"samples", "sums of 5 min", "sums of 1 h", "sums of 1 d"};
    static const enum store_tier tiers[PLAN_TIERS] = {TIER_RAW, TIER_5M, TIER_1H, TIER_1D};
    char key[64], text[160], before[TIMEFMT_MAX];
    int64_t first = 0;
    enum err e = store_get_int(st, STMT_SEGMENT_FIRST, (const struct store_val[]){store_int(tiers[t])}, 1, 0, &first, ctx);

    if (e != ERR_OK || st->ring || first == 0 || first >= floor_ms ||
        instant_floor(from_ms, STORE_1D_MS) == instant_floor(floor_ms, STORE_1D_MS))
        return e;
    instant_format_iso(floor_ms, before);
    (void)str_format(key, sizeof key, "retention-%s-%lld", floor_names[t], (long long)floor_ms);
    (void)str_format(text, sizeof text, "%s removed, of before %s: %s", names[t], before, why);
    return store_keep_record(st, key, text, ctx);
}

/* why: by which policy, for the audit. */
static enum err move_floor(struct store *st, enum store_plan_tier t, int64_t floor_ms, const char *why, struct errctx *ctx)
{
    const struct store_val v[] = {store_text(floor_names[t]), store_int(floor_ms)};
    int64_t from = st->floor_ms[t];
    enum err e = store_txn_begin(st, ctx);

    if (e == ERR_OK && t == PLAN_RAW) {
        int64_t first = 0; /* no need to walk the days before there was anything */
        e = store_get_int(st, STMT_SEGMENT_FIRST, (const struct store_val[]){store_int(TIER_RAW)}, 1, 0, &first, ctx);
        if (e == ERR_OK && first != 0)
            e = keep_incident_days(st, first > from ? first : from, floor_ms, ctx);
    }
    if (e == ERR_OK && t == PLAN_5M)
        e = store_run(st, STMT_KEPT_DELETE, (const struct store_val[]){store_int(floor_ms)}, 1, ctx);
    if (e == ERR_OK && t == PLAN_5M)
        e = store_run(st, STMT_STATUS_TRIM, (const struct store_val[]){store_int(floor_ms)}, 1, ctx);
    if (e == ERR_OK && t == PLAN_5M)
        e = store_run(st, STMT_OUTSIDE_OLD, (const struct store_val[]){store_int(floor_ms), store_int(-1)}, 2, ctx);
    if (e == ERR_OK)
        e = trim_times(st, t, floor_ms, ctx);
    if (e == ERR_OK)
        e = store_run(st, STMT_META_PUT, v, 2, ctx);
    if (e == ERR_OK)
        e = put_record(st, t, from, floor_ms, why, ctx);
    if (e == ERR_OK)
        e = store_txn_commit(st, ctx);
    if (e != ERR_OK) {
        store_txn_rollback(st);
        return e;
    }
    st->floor_ms[t] = floor_ms;
    return load_kept(st, ctx);
}

static int64_t newest_sample(const struct store *st)
{
    int64_t newest = 0;

    for (uint32_t i = 0; i < st->dict.shard_count; i++)
        newest = st->dict.shards[i].sealed_ms > newest ? st->dict.shards[i].sealed_ms : newest;
    return newest;
}

static enum err apply_age(struct store *st, int64_t now_ms, struct errctx *ctx)
{
    enum err e = ERR_OK;

    for (int t = PLAN_RAW; e == ERR_OK && t < PLAN_TIERS; t++) {
        const int64_t keep = keep_ms(st, (enum store_plan_tier)t), floor = instant_floor(now_ms - keep, STORE_1D_MS);
        char why[64], age[TIMEFMT_MAX];
        duration_format(keep, age);
        (void)str_format(why, sizeof why, "they are kept for %s", age);
        if (floor > st->floor_ms[t] && floor > 0)
            e = move_floor(st, (enum store_plan_tier)t, floor, why, ctx);
    }
    return e;
}

static enum err used_bytes(struct store *st, int64_t *ret, struct errctx *ctx)
{
    int64_t pages = 0, free_pages = 0;
    enum err e = store_get_int(st, STMT_PAGE_COUNT, NULL, 0, 0, &pages, ctx);

    if (e == ERR_OK)
        e = store_get_int(st, STMT_FREE_PAGES, NULL, 0, 0, &free_pages, ctx);
    if (e == ERR_OK)
        *ret = (pages - free_pages) * STORE_PAGE_BYTES;
    return e;
}

/* The file does not shrink, its free pages are used again: so the floor moves before the limit is reached. */
static enum err apply_size(struct store *st, int64_t now_ms, struct errctx *ctx)
{
    static const char size_why[] = "the file is near its largest size";
    int64_t used = 0, first = 0;
    enum err e = used_bytes(st, &used, ctx);

    if (e != ERR_OK || st->opt.max_bytes <= 0 || used <= st->opt.max_bytes - st->opt.max_bytes / 8)
        return e;
    e = store_get_int(st, STMT_SEGMENT_FIRST, (const struct store_val[]){store_int(TIER_RAW)}, 1, 0, &first, ctx);
    if (e != ERR_OK)
        return e;
    int64_t raw = first == 0 ? 0 : instant_floor(first, STORE_1H_MS) + STORE_1H_MS;
    if (raw < st->floor_ms[PLAN_RAW] + STORE_1H_MS)
        raw = st->floor_ms[PLAN_RAW] + STORE_1H_MS;
    if (first != 0 && raw < now_ms)
        return move_floor(st, PLAN_RAW, raw, size_why, ctx);
    int64_t day = 0;
    e = store_get_int(st, STMT_SEGMENT_FIRST, (const struct store_val[]){store_int(TIER_5M)}, 1, 0, &day, ctx);
    if (e == ERR_OK && day != 0 && instant_floor(day, STORE_1D_MS) + STORE_1D_MS < now_ms)
        e = move_floor(st, PLAN_5M, instant_floor(day, STORE_1D_MS) + STORE_1D_MS, size_why, ctx);
    return e;
}

/* ---- deleting ---- */

static enum err delete_segment(struct store *st, int64_t id, struct errctx *ctx)
{
    const struct store_val chunks[] = {store_int(store_chunk_id(id, 0, 0)), store_int(store_chunk_id(id, 255, 255))};
    enum err e = store_run(st, STMT_CHUNK_DELETE, chunks, 2, ctx);

    return e == ERR_OK ? store_run(st, STMT_SEGMENT_DELETE, (const struct store_val[]){store_int(id)}, 1, ctx) : e;
}

/* Whole segments below their tier's floor. A raw one that reaches into a kept day stays. */
static enum err delete_below(struct store *st, enum store_tier tier, enum store_plan_tier t, size_t *left, struct errctx *ctx)
{
    int64_t ids[DELETE_SEGMENTS];
    const struct store_val v[] = {store_int(tier), store_int(st->floor_ms[t]), store_int((int64_t)*left)};
    size_t n = 0;
    sqlite3_stmt *s = st->floor_ms[t] == 0 ? NULL : store_stmt(st, tier == TIER_RAW ? STMT_RAW_BELOW : STMT_SEGMENT_BELOW);
    enum err e = ERR_OK;

    if (s == NULL)
        return st->floor_ms[t] == 0 ? ERR_OK : store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "find what is too old");
    store_bind(s, v, 3);
    for (bool row = true; e == ERR_OK && n < *left;) {
        e = store_step(st, s, &row, ctx);
        if (e != ERR_OK || !row)
            break;
        ids[n++] = sqlite3_column_int64(s, 0);
    }
    sqlite3_reset(s);
    if (e != ERR_OK || n == 0)
        return e;
    e = store_txn_begin(st, ctx);
    for (size_t i = 0; e == ERR_OK && i < n; i++)
        e = delete_segment(st, ids[i], ctx);
    if (e == ERR_OK)
        e = store_txn_commit(st, ctx);
    if (e != ERR_OK)
        store_txn_rollback(st);
    *left -= n;
    return e;
}

enum err store_retention(struct store *st, struct errctx *ctx)
{
    static const enum store_plan_tier floor_of[TIER_COUNT] = {PLAN_RAW, PLAN_5M, PLAN_5M, PLAN_1H, PLAN_1D};
    size_t left = DELETE_SEGMENTS;
    int64_t now = newest_sample(st), wall = clock_wall_ms(&st->clock);
    enum err e = ERR_OK;

    if (st->retention_calls++ % CHECK_EVERY != 0 && !st->retention_pending)
        return ERR_OK;
    now = now < wall ? now : wall;
    e = apply_age(st, now, ctx);
    if (e == ERR_OK)
        e = apply_size(st, now, ctx);
    for (int tier = 0; e == ERR_OK && tier < TIER_COUNT && left > 0; tier++)
        e = delete_below(st, (enum store_tier)tier, floor_of[tier], &left, ctx);
    bool more = false;
    if (e == ERR_OK)
        e = store_keep_facts(st, now, &more, ctx);
    st->retention_pending = more || left < DELETE_SEGMENTS; /* then there may be more of it */
    return e;
}
