/* SPDX-License-Identifier: MIT */
/* Sealing: the head rows of a shard become chunks, transposed per series, and the 5-minute rollups of the same stretch.
 *
 * How this works: a shard is due after SEAL_SAMPLES polls, the first time earlier by an offset derived from its number, so that shards that
 * are polled together take turns. All its head rows but the newest, sorted by time, are cut into segments (no longer than a day, no gap of
 * hours inside) and written in one transaction that also moves the shard's sealed_seq; from then on its rows in table head are dead. Rows
 * of several shards share pages, so dead rows are deleted only when everything before them is dead too: then whole pages are freed, and
 * nothing is rewritten. Late samples are rows like others: they land in a segment that overlaps older ones, and readers add up whatever
 * overlaps. */
#include "store/store_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "store/store_rollup.h"

enum {
    SEAL_SAMPLES = 240,            /* per series */
    SEAL_BYTES = 768 << 10,        /* of head rows: their chunks and rollups stay below 1 MB */
    SEAL_GAP_MS = 6 * 3600 * 1000, /* a longer silence starts a new segment */
    SEAL_ARENA_MAX = 512 << 20,
    DELETE_ROWS = 2048, /* dead head rows deleted per call at most, */
    DELETE_WORTH = 64,  /* and what is worth a transaction */
    LAGGARD_ROWS = 5000 /* rows that one silent shard may keep the others from deleting, plus 1,000 per shard */
};

void store_seal_see(struct store_shard *sh, uint32_t slot)
{
    uint64_t bit = UINT64_C(1) << slot % 64;

    sh->live += !(sh->seen[slot / 64] & bit);
    sh->seen[slot / 64] |= bit;
}

static bool is_due(const struct store *st, uint32_t shard)
{
    const struct store_shard *sh = &st->dict.shards[shard - 1];
    uint32_t samples = STORE_HEAD_KEPT + (sh->sealed_seq == 0 ? SEAL_SAMPLES / 2 + shard * 53 % SEAL_SAMPLES : SEAL_SAMPLES);

    if (sh->head_rows == 0)
        return false;
    if (sh->head_bytes >= SEAL_BYTES || sh->head_rows >= STORE_AXIS_MAX)
        return true;
    if (st->next_seq - sh->head_first_seq > LAGGARD_ROWS + 1000 * (int64_t)st->dict.shard_count)
        return true;
    /* Where a poll brings only some of the series (several targets behind one API), rows alone say little. */
    return sh->head_rows >= samples && sh->head_samples * 2 >= (uint64_t)samples * sh->live;
}

/* ---- one segment ---- */

struct seal {
    struct store *st;
    uint32_t shard;
    struct arena arena;
    struct store_headrows_cursor cursor;
    struct store_hist_count *room;
    struct store_poll *polls;      /* [STORE_AXIS_MAX] */
    struct store_column **columns; /* [STORE_SHARD_SERIES] */
    struct store_column **rolled;  /* [STORE_SHARD_SERIES] */
    struct buf axis;
    uint64_t samples;
    size_t bytes;
};

static int refs_by_time(const void *a, const void *b)
{
    const struct store_head_ref *x = a, *y = b;
    if (x->t1_ms != y->t1_ms)
        return x->t1_ms < y->t1_ms ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static enum err push_sample(struct seal *s, uint32_t slot, enum signal_kind kind, uint16_t at, const struct store_item *it)
{
    if (s->columns[slot] == NULL) {
        s->columns[slot] = arena_alloc(&s->arena, sizeof *s->columns[slot]);
        if (s->columns[slot] == NULL)
            return ERR_NOMEM;
        s->columns[slot]->slot = slot;
    }
    s->samples++;
    return store_column_push(s->columns[slot], kind, at, it, &s->arena);
}

/* One section's samples; *ret_ok false where its bytes make no sense (what was read before stays). */
static enum err push_section(struct seal *s, struct store_head_iter *it, const struct store_section *sec, uint16_t at, bool *ret_ok)
{
    enum store_run kind;
    uint32_t first, count;
    enum err e = ERR_OK;

    while (e == ERR_OK && *ret_ok && store_head_run(it, &kind, &first, &count)) {
        if (kind == RUN_ABSENT)
            continue;
        *ret_ok = first + count <= sec->count && (kind == RUN_ZERO || kind == store_run_of_kind(sec->kind));
        for (uint32_t i = 0; e == ERR_OK && *ret_ok && i < count; i++) {
            struct store_item item = {.series = 0};
            *ret_ok = store_head_get(it, kind, s->room, &item);
            if (*ret_ok)
                e = push_sample(s, sec->slots[first + i], sec->kind, at, &item);
        }
    }
    *ret_ok = *ret_ok && it->in.p == it->in.end;
    return e;
}

static enum err push_row(struct seal *s, const void *data, size_t n, uint16_t at)
{
    struct store_head_iter it;
    unsigned signal;
    enum err e = ERR_OK;
    bool bad = data == NULL || !store_head_begin(&it, data, n);

    while (e == ERR_OK && !bad && store_head_section(&it, &signal, &bad)) {
        const struct store_section *sec = store_dict_section(&s->st->dict.shards[s->shard - 1], signal);
        bool ok = sec != NULL;
        if (ok)
            e = push_section(s, &it, sec, at, &ok);
        bad = !ok;
    }
    s->st->bad_chunks += bad;
    return e;
}

static enum err write_parts(struct seal *s, enum store_tier tier, const struct store_segment *seg, struct store_column *const *columns,
                            struct errctx *ctx)
{
    enum err e = ERR_OK;

    for (unsigned part = 0; e == ERR_OK && part < STORE_SHARD_SERIES / STORE_PART_SERIES; part++)
        e = store_chunks_write(s->st, tier, s->shard, seg, part, columns, &s->bytes, ctx);
    return e;
}

/* The 5-minute rollups of the segment's samples within one day. */
static enum err roll_day(struct seal *s, int64_t day_ms, int64_t first_ms, int64_t last_ms, struct errctx *ctx)
{
    int64_t from = instant_floor(first_ms - 1, STORE_5M_MS), end = last_ms;
    if (from < day_ms)
        from = day_ms;
    if (end > day_ms + STORE_1D_MS)
        end = day_ms + STORE_1D_MS;
    const struct store_buckets b = {
        .start_ms = from, .step_ms = STORE_5M_MS, .count = (uint32_t)((end - from + STORE_5M_MS - 1) / STORE_5M_MS)};
    const struct store_segment seg = {.id = s->st->next_segment, .t_min = from, .t_max = from + b.count * STORE_5M_MS, .axis_n = b.count};
    bool any = false;
    enum err e = ERR_OK;

    for (uint32_t i = 0; e == ERR_OK && i < STORE_SHARD_SERIES; i++) {
        s->rolled[i] = NULL;
        if (s->columns[i] == NULL)
            continue;
        uint32_t id = s->st->dict.shards[s->shard - 1].series[i];
        e = store_rollup_raw(signal_info((enum signal)s->st->dict.series[id - 1].signal)->kind, s->columns[i], s->polls, &b, &s->arena,
                             &s->rolled[i]);
        any = any || s->rolled[i] != NULL;
    }
    if (e != ERR_OK)
        return errctx_set(ctx, e, "no memory to roll up");
    if (!any)
        return ERR_OK;
    s->st->next_segment++;
    e = store_segment_add(s->st, TIER_5M_NEW, s->shard, &seg, 0, NULL, 0, ctx);
    return e == ERR_OK ? write_parts(s, TIER_5M_NEW, &seg, s->rolled, ctx) : e;
}

static enum err seal_segment(struct seal *s, const struct store_head_ref *refs, uint32_t n, struct errctx *ctx)
{
    struct store *st = s->st;
    const struct store_segment seg = {.id = st->next_segment++, .t_min = refs[0].t1_ms - 1, .t_max = refs[n - 1].t1_ms, .axis_n = n};
    enum err e = ERR_OK;

    arena_reset(&s->arena);
    memset(s->columns, 0, STORE_SHARD_SERIES * sizeof *s->columns);
    s->samples = 0;
    for (uint32_t i = 0; e == ERR_OK && i < n; i++) {
        const void *data;
        size_t bytes;
        s->polls[i] = (struct store_poll){.t0_ms = refs[i].t0_ms, .t1_ms = refs[i].t1_ms};
        e = store_headrows_fetch(&s->cursor, refs[i].seq, &data, &bytes, ctx);
        if (e == ERR_OK) {
            e = push_row(s, data, bytes, (uint16_t)i);
            if (e != ERR_OK)
                (void)errctx_set(ctx, e, "no memory to seal a shard");
        }
    }
    buf_reset(&s->axis);
    if (e == ERR_OK)
        e = store_axis_encode(s->polls, n, &s->axis);
    if (e == ERR_OK)
        e = store_segment_add(st, TIER_RAW, s->shard, &seg, s->samples, s->axis.data, s->axis.len, ctx);
    if (e == ERR_OK)
        e = write_parts(s, TIER_RAW, &seg, s->columns, ctx);
    for (int64_t day = instant_floor(seg.t_min, STORE_1D_MS); e == ERR_OK && day < seg.t_max; day += STORE_1D_MS)
        e = roll_day(s, day, refs[0].t1_ms, refs[n - 1].t1_ms, ctx);
    s->bytes += s->axis.len;
    return e;
}

/* ---- one shard ---- */

/* The end of the segment that starts at refs[from]. */
static size_t cut(const struct store_head_ref *refs, size_t from, size_t n)
{
    size_t end = from + 1;

    while (end < n && end - from < STORE_AXIS_MAX && refs[end].t1_ms - refs[end - 1].t1_ms <= SEAL_GAP_MS &&
           refs[end].t1_ms - refs[from].t1_ms < STORE_SEGMENT_SPAN_MS)
        end++;
    return end;
}

static enum err seal_refs(struct seal *s, struct store_head_ref *refs, size_t n, struct errctx *ctx)
{
    int64_t seq = 0;
    enum err e = store_txn_begin(s->st, ctx);

    for (size_t i = 0; i < n; i++)
        seq = refs[i].seq > seq ? refs[i].seq : seq;
    qsort(refs, n, sizeof *refs, refs_by_time);
    for (size_t i = 0; e == ERR_OK && i < n;) {
        size_t end = cut(refs, i, n);
        e = seal_segment(s, refs + i, (uint32_t)(end - i), ctx);
        i = end;
    }
    if (s->cursor.s != NULL)
        sqlite3_reset(s->cursor.s);
    if (e == ERR_OK) {
        const struct store_val v[] = {store_int(s->shard), store_int(seq), store_int(refs[n - 1].t1_ms)};
        e = store_run(s->st, STMT_SHARD_SEALED, v, 3, ctx);
    }
    if (e == ERR_OK)
        e = store_txn_commit(s->st, ctx);
    if (e != ERR_OK) {
        store_txn_rollback(s->st);
        return e;
    }
    struct store_shard *sh = &s->st->dict.shards[s->shard - 1];
    sh->sealed_seq = seq;
    if (refs[n - 1].t1_ms > sh->sealed_ms)
        sh->sealed_ms = refs[n - 1].t1_ms;
    if (refs[0].t1_ms <= instant_floor(sh->sealed_ms, STORE_1D_MS))
        sh->roll_due_ms = 0; /* something came for a day that is over: look again */
    sh->live = 0;
    memset(sh->seen, 0, sizeof sh->seen);
    store_headrows_drop_sealed(s->st);
    return ERR_OK;
}

static enum err seal_shard(struct store *st, uint32_t shard, bool all, size_t *bytes, struct errctx *ctx)
{
    struct seal s = {.st = st, .shard = shard, .cursor = {.st = st}};
    size_t n = 0;

    arena_init(&s.arena, SEAL_ARENA_MAX);
    buf_init(&s.axis, 1 << 20);
    struct store_head_ref *refs = malloc(st->dict.shards[shard - 1].head_rows * sizeof *refs);
    s.room = malloc(STORE_HIST_BUCKETS_MAX * sizeof *s.room);
    s.polls = malloc(STORE_AXIS_MAX * sizeof *s.polls);
    s.columns = malloc(STORE_SHARD_SERIES * sizeof *s.columns);
    s.rolled = malloc(STORE_SHARD_SERIES * sizeof *s.rolled);
    enum err e = refs == NULL || s.room == NULL || s.polls == NULL || s.columns == NULL || s.rolled == NULL
                     ? errctx_set(ctx, ERR_NOMEM, "no memory to seal a shard")
                     : ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < st->head_count; i++)
        if (st->head[i].shard == shard)
            refs[n++] = st->head[i];
    if (!all && n >= STORE_HEAD_KEPT + SEAL_SAMPLES / 2)
        n -= STORE_HEAD_KEPT; /* they may yet be taken back */
    if (e == ERR_OK && n > 0)
        e = seal_refs(&s, refs, n, ctx);
    *bytes += s.bytes;
    free(refs);
    free(s.room);
    free(s.polls);
    free(s.columns);
    free(s.rolled);
    buf_fini(&s.axis);
    arena_fini(&s.arena);
    return e;
}

/* ---- dead head rows ---- */

static enum err delete_dead(struct store *st, bool all, struct errctx *ctx)
{
    int64_t dead = st->next_seq - 1;

    for (uint32_t i = 0; i < st->dict.shard_count; i++)
        if (st->dict.shards[i].head_rows > 0 && st->dict.shards[i].head_first_seq - 1 < dead)
            dead = st->dict.shards[i].head_first_seq - 1;
    if (dead < st->first_seq || (!all && dead - st->first_seq < DELETE_WORTH))
        return ERR_OK;
    if (dead - st->first_seq >= DELETE_ROWS)
        dead = st->first_seq + DELETE_ROWS - 1;
    enum err e = store_txn_begin(st, ctx);
    if (e == ERR_OK)
        e = store_status_keep(st, ctx);
    if (e == ERR_OK)
        e = store_run(st, STMT_HEAD_DELETE, (const struct store_val[]){store_int(dead)}, 1, ctx);
    if (e == ERR_OK)
        e = store_txn_commit(st, ctx);
    if (e != ERR_OK) {
        store_txn_rollback(st);
        for (uint32_t i = 0; i < st->source_count; i++)
            st->sources[i].kept_ms = 0;
        return e;
    }
    st->first_seq = dead + 1;
    return ERR_OK;
}

enum err store_maintain(struct store *st, bool all, struct errctx *ctx)
{
    size_t bytes = 0;
    int64_t first = 0;
    enum err e = ERR_OK;

    for (uint32_t i = 1; e == ERR_OK && i <= st->dict.shard_count && (all || bytes < STORE_MAINTAIN_BYTES); i++)
        if (all ? st->dict.shards[i - 1].head_rows > 0 : is_due(st, i))
            e = seal_shard(st, i, all, &bytes, ctx);
    for (size_t rolled = all ? 0 : bytes; e == ERR_OK; rolled = 0) {
        e = store_roll(st, &rolled, ctx);
        if (!all || rolled == 0)
            break;
    }
    do {
        first = st->first_seq;
        if (e == ERR_OK)
            e = delete_dead(st, all, ctx);
    } while (e == ERR_OK && all && st->first_seq > first);
    return e == ERR_OK ? store_retention(st, ctx) : e;
}
