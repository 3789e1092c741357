/* SPDX-License-Identifier: MIT */
/* Reading. How this works: the queries are compiled (store_accum), each distinct grid of columns gets a plan of tiers (store_plan), and
 * then three kinds of rows are added up: head rows, whatever their time, for they are in no chunk and no rollup; chunks of raw segments in
 * the plans' raw ranges; chunks of rollup segments in the others. Polls are collected before samples, because covered time and gauges need
 * them in order. */
#include "store/store_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "store/store_accum.h"
#include "store/store_plan.h"
#include "store/store_rollacc.h"

enum { RAW_MAX_MS = 2 * STORE_1D_MS }; /* 10,000 series at 15 s: 115 million samples, a second or two */

/* A raw segment that some query needs. */
struct raw_segment {
    struct store_segment seg;
    uint32_t shard;
    struct store_poll *polls; /* [seg.axis_n]; NULL = damaged */
};

struct reading {
    struct store *st;
    struct store_accum ac;
    struct store_plan *plans; /* per grid */
    struct store_rollacc ra;
    struct raw_segment *raw;
    size_t raw_count, raw_cap;
    struct errctx *ctx;
};

/* ---- plans ---- */

static struct store_plan_limits limits_of(const struct reading *rd)
{
    struct store_plan_limits lim = {
        .sealed_ms = INT64_MAX, .raw_max_ms = RAW_MAX_MS, .kept = rd->st->kept, .kept_count = rd->st->kept_count};
    int64_t latest = 0;

    for (uint32_t i = 0; i < rd->st->dict.shard_count; i++) {
        const struct store_shard *sh = &rd->st->dict.shards[i];
        if (rd->ac.shards[i] == NULL)
            continue;
        latest = sh->sealed_ms > latest ? sh->sealed_ms : latest;
        if (sh->head_min_ms != 0 && sh->head_min_ms - 1 < lim.sealed_ms)
            lim.sealed_ms = sh->head_min_ms - 1;
    }
    if (latest < lim.sealed_ms)
        lim.sealed_ms = latest;
    memcpy(lim.floor_ms, rd->st->floor_ms, sizeof lim.floor_ms);
    return lim;
}

/* Whether a grid's range lies within one that another grid reads of the same signals and from a finer rollup. */
static bool is_read_finer(const struct reading *rd, uint32_t grid, const struct store_range *r, enum store_plan_tier *ret)
{
    const struct store_grid *of = &rd->ac.grids[grid];

    for (uint32_t g = 0; g < rd->ac.grid_count; g++) {
        const struct store_plan *plan = &rd->plans[g];
        for (size_t i = 0; store_signals_cover(&rd->ac.grids[g].signals, &of->signals) && i < plan->count; i++) {
            const struct store_range *by = &plan->ranges[i];
            if (by->tier == PLAN_RAW || by->tier >= r->tier || by->a_ms > r->a_ms || by->b_ms < r->b_ms)
                continue;
            *ret = by->tier;
            return true;
        }
    }
    return false;
}

/* What is read from a finer rollup anyway need not be read from a coarser one, too: its sums are the same. Of totals alone: each group has
 * a place for every bucket. */
static void share_rollups(struct reading *rd)
{
    for (uint32_t g = 0; g < rd->ac.grid_count; g++)
        for (size_t i = 0; !rd->ac.grids[g].is_grouped && i < rd->plans[g].count; i++)
            (void)is_read_finer(rd, g, &rd->plans[g].ranges[i], &rd->plans[g].ranges[i].tier);
}

static enum err make_plans(struct reading *rd)
{
    const struct store_plan_limits lim = limits_of(rd);
    enum err e = ERR_OK;

    rd->plans = calloc((size_t)rd->ac.grid_count + 1, sizeof *rd->plans);
    if (rd->plans == NULL)
        return ERR_NOMEM;
    for (uint32_t g = 0; e == ERR_OK && g < rd->ac.grid_count; g++)
        e = store_plan_make(&lim, rd->ac.grids[g].t0_ms, rd->ac.grids[g].step_ms, rd->ac.grids[g].columns, &rd->plans[g]);
    if (e == ERR_OK)
        share_rollups(rd);
    return e;
}

/* What a grid wants of a sealed sample at t1: its column, -2 = only to look back at, -1 = nothing. */
static int32_t raw_column(const struct reading *rd, uint32_t grid, int64_t t1_ms)
{
    const struct store_plan *plan = &rd->plans[grid];

    for (size_t i = 0; i < plan->count; i++) {
        const struct store_range *r = &plan->ranges[i];
        if (r->tier != PLAN_RAW)
            continue;
        if (t1_ms > r->a_ms && t1_ms <= r->b_ms)
            return store_grid_column(&rd->ac.grids[grid], t1_ms);
        if (t1_ms <= r->a_ms && t1_ms > r->a_ms - rd->ac.lookback_ms)
            return -2;
    }
    return -1;
}

/* ---- head rows ---- */

/* Polls of every source, wanted or not: a gauge must know the poll that replaced its last one. */
static enum err head_polls(struct reading *rd)
{
    struct store *st = rd->st;
    int32_t cols[STORE_QUERIES_MAX];
    struct store_grids wanted;
    enum err e = ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < st->head_count; i++) {
        const struct store_head_ref *ref = &st->head[i];
        if (store_accum_wants(&rd->ac, ref->t1_ms, cols, &wanted))
            e = store_accum_poll(&rd->ac, st->dict.shards[ref->shard - 1].source, ref->t0_ms, ref->t1_ms);
    }
    return e;
}

/* Head rows that lie in the time of the same grids, copied, for they are read as they came and added shard by shard: what is added to stays
 * in the processor's cache. */
struct head_batch {
    struct head_row {
        int64_t t1_ms;
        size_t at, bytes;
        uint32_t shard, next; /* next: of the same shard, 0 = none; numbers from 1 */
    } * rows;
    uint32_t count, cap;
    uint32_t *first, *last, *length; /* by shard - 1 */
    bool is_full;                    /* of some shard there are as many as are added up at once */
    struct buf data;
    struct store_grids grids;
};

enum { HEAD_BATCH_BYTES = 4 << 20 };

static enum err head_batch_init(struct head_batch *b, uint32_t shards)
{
    *b = (struct head_batch){.first = calloc(shards + 1, sizeof *b->first),
                             .last = calloc(shards + 1, sizeof *b->last),
                             .length = calloc(shards + 1, sizeof *b->length)};
    buf_init(&b->data, STORE_CHUNK_RAW_MAX);
    return b->first != NULL && b->last != NULL && b->length != NULL ? ERR_OK : ERR_NOMEM;
}

static void head_batch_fini(struct head_batch *b)
{
    free(b->rows);
    free(b->first);
    free(b->last);
    free(b->length);
    buf_fini(&b->data);
}

static enum err head_batch_push(struct head_batch *b, const struct store_head_ref *ref, const void *data, size_t bytes)
{
    if (b->count == b->cap) {
        const uint32_t cap = b->cap == 0 ? 256 : 2 * b->cap;
        struct head_row *p = realloc(b->rows, cap * sizeof *p);
        if (p == NULL)
            return ERR_NOMEM;
        b->rows = p;
        b->cap = cap;
    }
    b->rows[b->count++] = (struct head_row){.t1_ms = ref->t1_ms, .at = b->data.len, .bytes = bytes, .shard = ref->shard};
    if (b->first[ref->shard - 1] == 0)
        b->first[ref->shard - 1] = b->count;
    else
        b->rows[b->last[ref->shard - 1] - 1].next = b->count;
    b->last[ref->shard - 1] = b->count;
    b->is_full = b->is_full || ++b->length[ref->shard - 1] == STORE_ACC_ROWS;
    return buf_append(&b->data, data, bytes);
}

static void add_head_batch(struct reading *rd, struct head_batch *b, struct store_hist_count *room)
{
    const struct store_dict *d = &rd->st->dict;
    int32_t cols[STORE_QUERIES_MAX];
    struct store_grids wanted;

    store_accum_activate(&rd->ac, &b->grids);
    for (uint32_t s = 0; s < d->shard_count; s++) {
        for (uint32_t i = b->first[s]; i != 0; i = b->rows[i - 1].next) {
            const struct head_row *row = &b->rows[i - 1];
            struct store_head_iter it;
            (void)store_accum_wants(&rd->ac, row->t1_ms, cols, &wanted);
            const uint32_t poll = store_accum_poll_index(&rd->ac, d->shards[s].source, row->t1_ms);
            if (!store_head_begin(&it, b->data.data + row->at, row->bytes) || !store_accum_row(&rd->ac, s + 1, &it, poll, cols, room))
                rd->st->bad_chunks++;
        }
        b->first[s] = b->length[s] = 0;
    }
    b->count = 0;
    b->is_full = false;
    buf_reset(&b->data);
}

static enum err head_samples(struct reading *rd)
{
    struct store *st = rd->st;
    struct store_headrows_cursor cur = {.st = st};
    struct store_hist_count *room = malloc(STORE_HIST_BUCKETS_MAX * sizeof *room);
    struct head_batch batch;
    int32_t cols[STORE_QUERIES_MAX];
    struct store_grids wanted;
    enum err e = head_batch_init(&batch, st->dict.shard_count);

    e = room != NULL ? e : ERR_NOMEM;
    for (size_t i = 0; e == ERR_OK && i < st->head_count; i++) {
        const struct store_head_ref *ref = &st->head[i];
        const void *data;
        size_t bytes;
        if (rd->ac.shards[ref->shard - 1] == NULL || !store_accum_wants(&rd->ac, ref->t1_ms, cols, &wanted))
            continue;
        if (batch.is_full || batch.data.len > HEAD_BATCH_BYTES || memcmp(&batch.grids, &wanted, sizeof wanted) != 0)
            add_head_batch(rd, &batch, room);
        batch.grids = wanted;
        e = store_headrows_fetch(&cur, ref->seq, &data, &bytes, rd->ctx);
        if (e == ERR_OK && data == NULL)
            st->bad_chunks++;
        else if (e == ERR_OK)
            e = head_batch_push(&batch, ref, data, bytes);
    }
    if (e == ERR_OK)
        add_head_batch(rd, &batch, room);
    if (cur.s != NULL)
        sqlite3_reset(cur.s);
    head_batch_fini(&batch);
    free(room);
    return e;
}

/* ---- raw segments ---- */

static bool raw_is_listed(const struct reading *rd, size_t from, int64_t id)
{
    for (size_t i = from; i < rd->raw_count; i++)
        if (rd->raw[i].seg.id == id)
            return true;
    return false;
}

static enum err list_raw(struct reading *rd, uint32_t shard, int64_t a_ms, int64_t b_ms, size_t from)
{
    struct store_segment *segs = NULL;
    size_t n = 0;
    enum err e = store_segments(rd->st, TIER_RAW, shard, a_ms, b_ms, &segs, &n, rd->ctx);

    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        if (raw_is_listed(rd, from, segs[i].id))
            continue;
        if (rd->raw_count == rd->raw_cap) {
            size_t cap = rd->raw_cap == 0 ? 64 : 2 * rd->raw_cap;
            struct raw_segment *p = realloc(rd->raw, cap * sizeof *p);
            if (p == NULL) {
                e = ERR_NOMEM;
                break;
            }
            rd->raw = p;
            rd->raw_cap = cap;
        }
        rd->raw[rd->raw_count++] = (struct raw_segment){.seg = segs[i], .shard = shard};
    }
    free(segs);
    return e;
}

static enum err read_axis(struct reading *rd, struct raw_segment *rs)
{
    uint32_t source = rd->st->dict.shards[rs->shard - 1].source;
    struct store_poll *polls = malloc(rs->seg.axis_n * sizeof *polls);
    bool ok = false;

    if (polls == NULL)
        return ERR_NOMEM;
    enum err e = store_segment_axis(rd->st, &rs->seg, polls, &ok, rd->ctx);
    if (e != ERR_OK || !ok) {
        free(polls);
        return e;
    }
    rs->polls = polls;
    for (uint32_t i = 0; e == ERR_OK && i < rs->seg.axis_n; i++)
        for (uint32_t g = 0; e == ERR_OK && g < rd->ac.grid_count; g++)
            if (raw_column(rd, g, polls[i].t1_ms) != -1) {
                e = store_accum_poll(&rd->ac, source, polls[i].t0_ms, polls[i].t1_ms);
                break;
            }
    return e;
}

static enum err raw_polls(struct reading *rd)
{
    enum err e = ERR_OK;

    for (uint32_t shard = 1; e == ERR_OK && shard <= rd->st->dict.shard_count; shard++) {
        size_t from = rd->raw_count;
        if (rd->ac.shards[shard - 1] == NULL || rd->st->dict.shards[shard - 1].sealed_seq == 0)
            continue;
        for (uint32_t g = 0; g < rd->ac.grid_count; g++)
            for (size_t i = 0; e == ERR_OK && i < rd->plans[g].count; i++)
                if (rd->plans[g].ranges[i].tier == PLAN_RAW)
                    e = list_raw(rd, shard, rd->plans[g].ranges[i].a_ms - rd->ac.lookback_ms, rd->plans[g].ranges[i].b_ms, from);
    }
    for (size_t i = 0; e == ERR_OK && i < rd->raw_count; i++)
        e = read_axis(rd, &rd->raw[i]);
    return e;
}

/* The positions between which all lie that some grid wants of a signal. */
static struct store_acc_reach reach_of(const struct reading *rd, const struct store_acc_place *at, unsigned signal)
{
    struct store_acc_reach r = {UINT32_MAX, 0};

    for (uint32_t g = 0; g < rd->ac.grid_count; g++) {
        if (at->reach[g].end == 0 || !store_signals_have(&rd->ac.grids[g].signals, signal))
            continue;
        r.first = at->reach[g].first < r.first ? at->reach[g].first : r.first;
        r.end = at->reach[g].end > r.end ? at->reach[g].end : r.end;
    }
    return r;
}

static enum err add_raw_chunk(struct reading *rd, const struct store_acc_place *at, unsigned signal)
{
    const enum signal_kind kind = signal_info((enum signal)signal)->kind;
    const struct store_acc_reach reach = reach_of(rd, at, signal);
    const struct store_acc_shard *sh = rd->ac.shards[at->shard - 1];
    struct store_unpacker *un = rd->st->unpacker;
    uint32_t slot;

    while (store_chunk_next(un, &slot)) {
        struct store_column c;
        const bool wanted = rd->ac.active[sh->target[slot]] != 0;
        if (!(wanted ? store_chunk_part(un, reach.first, reach.end, &c) : store_chunk_skip(un)))
            return ERR_CORRUPT;
        if (wanted)
            store_accum_column(&rd->ac, at, kind, &c);
    }
    return ERR_OK;
}

/* The lowest and the highest signal of which something is wanted. */
static bool wanted_range(const struct reading *rd, const struct store_acc_shard *sh, unsigned *ret_low, unsigned *ret_high)
{
    bool any = false;

    for (unsigned s = 0; s < SIG_COUNT; s++) {
        if (!store_accum_wants_signal(&rd->ac, sh, s))
            continue;
        if (!any)
            *ret_low = s;
        *ret_high = s;
        any = true;
    }
    return any;
}

/* Calls for every wanted chunk of a segment, after what is active was set. */
typedef enum err chunk_fn(struct reading *rd, void *ctx, int64_t id, unsigned signal, const void *data, size_t n);

static enum err each_chunk(struct reading *rd, const struct store_acc_shard *sh, int64_t segment, chunk_fn *fn, void *fn_ctx)
{
    sqlite3_stmt *s = store_stmt(rd->st, STMT_CHUNK_RANGE);
    unsigned low = 0, high = 0;
    enum err e = ERR_OK;

    if (s == NULL)
        return store_sql_error(rd->st, sqlite3_extended_errcode(rd->st->db), rd->ctx, "read chunks");
    if (!wanted_range(rd, sh, &low, &high))
        return ERR_OK;
    sqlite3_bind_int64(s, 1, store_chunk_id(segment, low, 0));
    sqlite3_bind_int64(s, 2, store_chunk_id(segment, high, 255));
    for (bool row = true; e == ERR_OK;) {
        e = store_step(rd->st, s, &row, rd->ctx);
        if (e != ERR_OK || !row)
            break;
        int64_t id = sqlite3_column_int64(s, 0);
        const unsigned signal = (unsigned)(id >> 8 & 255);
        if (!store_accum_wants_signal(&rd->ac, sh, signal))
            continue;
        const void *data = sqlite3_column_blob(s, 1);
        e = fn(rd, fn_ctx, id, signal, data, (size_t)sqlite3_column_bytes(s, 1));
        if (e == ERR_CORRUPT) { /* left out, and counted: the rest is still worth reading */
            rd->st->bad_chunks++;
            e = ERR_OK;
        }
    }
    sqlite3_reset(s);
    return e;
}

static enum err raw_chunk(struct reading *rd, void *ctx, int64_t id, unsigned signal, const void *data, size_t n)
{
    struct store_acc_place *at = ctx;
    enum signal_kind kind = signal_info((enum signal)signal)->kind;
    enum err e = store_chunk_open(rd->st->unpacker, store_layout(false, kind), at->axis, id, data, n);

    at->serial = (uint64_t)id;
    return e == ERR_OK ? add_raw_chunk(rd, at, signal) : e;
}

/* Where the polls of a raw segment go, grid by grid; which grids want any. */
struct raw_places {
    uint32_t *polls; /* [STORE_AXIS_MAX] */
    int32_t *cols;   /* [grid][axis] */
    struct store_acc_reach *reach;
    struct store_grids wanted;
};

static void place_polls(const struct reading *rd, const struct raw_segment *rs, struct raw_places *ret)
{
    const uint32_t axis = rs->seg.axis_n, source = rd->st->dict.shards[rs->shard - 1].source;

    ret->wanted = (struct store_grids){{0}};
    for (uint32_t k = 0; k < axis; k++)
        ret->polls[k] = UINT32_MAX;
    for (uint32_t g = 0; g < rd->ac.grid_count; g++) {
        struct store_acc_reach *reach = &ret->reach[g];
        *reach = (struct store_acc_reach){0, 0};
        for (uint32_t k = 0; k < axis; k++) {
            const int32_t column = ret->cols[(size_t)g * axis + k] = raw_column(rd, g, rs->polls[k].t1_ms);
            if (column == -1)
                continue;
            if (ret->polls[k] == UINT32_MAX)
                ret->polls[k] = store_accum_poll_index(&rd->ac, source, rs->polls[k].t1_ms);
            reach->first = reach->end == 0 ? k : reach->first;
            reach->end = k + 1;
        }
        if (reach->end > 0)
            store_grids_add(&ret->wanted, g);
    }
}

static enum err raw_samples(struct reading *rd)
{
    struct raw_places p = {.polls = malloc(STORE_AXIS_MAX * sizeof *p.polls),
                           .cols = malloc(((size_t)rd->ac.grid_count + 1) * STORE_AXIS_MAX * sizeof *p.cols),
                           .reach = malloc(((size_t)rd->ac.grid_count + 1) * sizeof *p.reach)};
    enum err e = p.polls == NULL || p.cols == NULL || p.reach == NULL ? ERR_NOMEM : ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < rd->raw_count; i++) {
        const struct raw_segment *rs = &rd->raw[i];
        struct store_acc_place at = {.shard = rs->shard, .polls = p.polls, .cols = p.cols, .reach = p.reach, .axis = rs->seg.axis_n};
        if (rs->polls == NULL)
            continue;
        place_polls(rd, rs, &p);
        store_accum_activate(&rd->ac, &p.wanted);
        e = each_chunk(rd, rd->ac.shards[rs->shard - 1], rs->seg.id, raw_chunk, &at);
    }
    free(p.polls);
    free(p.cols);
    free(p.reach);
    return e;
}

/* ---- rollup segments ---- */

/* The segment being read, and which of its signals was begun. */
struct rolled_chunks {
    const struct store_acc_shard *sh;
    const struct store_segment *seg;
    uint32_t shard;
    enum store_tier tier;
    bool begun;
    unsigned signal;
};

static void begin_signal(struct reading *rd, struct rolled_chunks *rc, unsigned signal)
{
    const struct store_buckets b = {.start_ms = rc->seg->t_min, .step_ms = store_tier_ms(rc->tier), .count = rc->seg->axis_n};
    enum store_plan_tier serves = rc->tier == TIER_5M ? PLAN_5M : rc->tier == TIER_1H ? PLAN_1H : rc->tier == TIER_1D ? PLAN_1D : PLAN_RAW;

    if (rc->begun && rc->signal == signal)
        return;
    if (rc->begun)
        store_rollacc_end(&rd->ra);
    store_rollacc_begin(&rd->ra, &b, (enum signal)signal, rc->shard, serves);
    rc->begun = true;
    rc->signal = signal;
}

static enum err rolled_chunk(struct reading *rd, void *ctx, int64_t id, unsigned signal, const void *data, size_t n)
{
    struct rolled_chunks *rc = ctx;
    struct store_unpacker *un = rd->st->unpacker;
    uint32_t slot;

    begin_signal(rd, rc, signal);
    enum err e = store_chunk_open(un, store_layout(true, signal_info((enum signal)signal)->kind), rc->seg->axis_n, id, data, n);
    while (e == ERR_OK && store_chunk_next(un, &slot)) {
        struct store_column c;
        if (rd->ac.active[rc->sh->target[slot]] == 0)
            e = store_chunk_skip(un) ? ERR_OK : ERR_CORRUPT;
        else if (!store_chunk_part(un, rd->ra.from, rd->ra.until, &c))
            e = ERR_CORRUPT;
        else
            store_rollacc_column(&rd->ra, &c);
    }
    return e;
}

/* Whether a tier's segments serve a range. */
static bool serves(enum store_tier tier, const struct store_range *r)
{
    return tier == TIER_5M_NEW ? r->tier != PLAN_RAW
                               : (r->tier == PLAN_5M && tier == TIER_5M) || (r->tier == PLAN_1H && tier == TIER_1H) ||
                                     (r->tier == PLAN_1D && tier == TIER_1D);
}

/* The grids into whose ranges a rollup segment reaches that it serves. */
static struct store_grids served_grids(const struct reading *rd, const struct store_segment *seg, enum store_tier tier)
{
    struct store_grids served = {{0}};

    for (uint32_t g = 0; g < rd->ac.grid_count; g++)
        for (size_t i = 0; i < rd->plans[g].count; i++) {
            const struct store_range *r = &rd->plans[g].ranges[i];
            if (serves(tier, r) && seg->t_min < r->b_ms && seg->t_max > r->a_ms)
                store_grids_add(&served, g);
        }
    return served;
}

/* From the first to the last that a tier's segments serve; false where they serve nothing. */
static bool served_time(const struct reading *rd, enum store_tier tier, int64_t *ret_from_ms, int64_t *ret_to_ms)
{
    int64_t from = INT64_MAX, to = INT64_MIN;

    for (uint32_t g = 0; g < rd->ac.grid_count; g++)
        for (size_t i = 0; i < rd->plans[g].count; i++) {
            const struct store_range *r = &rd->plans[g].ranges[i];
            from = serves(tier, r) && r->a_ms < from ? r->a_ms : from;
            to = serves(tier, r) && r->b_ms > to ? r->b_ms : to;
        }
    *ret_from_ms = from;
    *ret_to_ms = to;
    return from < to;
}

static enum err rolled_tier(struct reading *rd, struct rolled_chunks *rc, enum store_tier tier)
{
    struct store_segment *segs = NULL;
    int64_t from_ms, to_ms;
    size_t n = 0;

    if (!served_time(rd, tier, &from_ms, &to_ms))
        return ERR_OK;
    enum err e = store_segments(rd->st, tier, rc->shard, from_ms, to_ms, &segs, &n, rd->ctx);

    rc->tier = tier;
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        if (segs[i].axis_n != (segs[i].t_max - segs[i].t_min) / store_tier_ms(tier) || segs[i].axis_n > STORE_ROLL_BUCKETS_MAX)
            continue;
        rc->seg = &segs[i];
        const struct store_grids served = served_grids(rd, &segs[i], tier);
        store_accum_activate(&rd->ac, &served);
        e = each_chunk(rd, rc->sh, segs[i].id, rolled_chunk, rc);
        if (rc->begun)
            store_rollacc_end(&rd->ra);
        rc->begun = false;
    }
    free(segs);
    return e;
}

static bool has_rollup(const struct reading *rd)
{
    for (uint32_t g = 0; g < rd->ac.grid_count; g++)
        for (size_t i = 0; i < rd->plans[g].count; i++)
            if (rd->plans[g].ranges[i].tier != PLAN_RAW)
                return true;
    return false;
}

static enum err rolled_samples(struct reading *rd)
{
    enum err e = store_rollacc_init(&rd->ra, &rd->ac, rd->plans);

    for (uint32_t shard = 1; e == ERR_OK && shard <= rd->st->dict.shard_count; shard++) {
        struct rolled_chunks rc = {.sh = rd->ac.shards[shard - 1], .shard = shard};
        if (rc.sh == NULL || rd->st->dict.shards[shard - 1].sealed_seq == 0)
            continue;
        for (int tier = TIER_5M_NEW; e == ERR_OK && tier < TIER_COUNT; tier++)
            e = rolled_tier(rd, &rc, (enum store_tier)tier);
    }
    if (e == ERR_OK)
        store_rollacc_finish(&rd->ra);
    store_rollacc_fini(&rd->ra);
    return e;
}

/* ---- all of it ---- */

static enum err read_all(struct reading *rd, struct store_result *ret)
{
    enum err e = make_plans(rd);

    if (e == ERR_OK)
        e = store_make_unpacker(rd->st, rd->ctx);
    if (e == ERR_OK)
        e = head_polls(rd);
    if (e == ERR_OK)
        e = raw_polls(rd);
    if (e == ERR_OK) {
        store_accum_sort_polls(&rd->ac);
        e = raw_samples(rd);
    }
    if (e == ERR_OK && has_rollup(rd))
        e = rolled_samples(rd);
    if (e == ERR_OK)
        e = head_samples(rd);
    if (e == ERR_OK)
        e = store_accum_finish(&rd->ac, ret);
    for (size_t q = 0; e == ERR_OK && q < rd->ac.query_count; q++) {
        const struct store_plan *plan = &rd->plans[rd->ac.query_grids[q]];
        for (size_t i = 0; i < plan->count; i++)
            ret[q].from_rollup = ret[q].from_rollup || plan->ranges[i].tier != PLAN_RAW;
    }
    return e;
}

enum err store_read(struct store *st, const struct store_query *q, size_t count, struct arena *a, struct store_result *ret,
                    struct errctx *ctx)
{
    struct reading rd = {.st = st, .ctx = ctx};
    enum err e = store_read_begin(st, ctx);

    if (e != ERR_OK)
        return e;
    e = store_headrows_refresh(st, ctx);
    if (e == ERR_OK) {
        e = store_accum_init(&rd.ac, &st->dict, st->source_count, q, count, a, ctx);
        if (e == ERR_OK) {
            e = read_all(&rd, ret);
            if (e == ERR_NOMEM)
                (void)errctx_set(ctx, e, "no memory to read: ask for fewer groups or columns");
            if (e == ERR_LIMIT && rd.ac.err == ERR_LIMIT)
                (void)errctx_set(ctx, e, "more than %d groups have samples in this time: group by fewer dimensions or filter",
                                 STORE_GROUPS_MAX);
        }
        for (uint32_t g = 0; rd.plans != NULL && g < rd.ac.grid_count; g++)
            store_plan_fini(&rd.plans[g]);
        store_accum_fini(&rd.ac);
    }
    free(rd.plans);
    for (size_t i = 0; i < rd.raw_count; i++)
        free(rd.raw[i].polls);
    free(rd.raw);
    store_read_end(st);
    return e;
}
