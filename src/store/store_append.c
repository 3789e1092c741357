/* SPDX-License-Identifier: MIT */
/* Appending. How this works: a batch's items are put into the slots of their shards, each touched shard becomes one head row, and the rows
 * of all batches go into one transaction together with new dictionary entries, statuses and the facts put before. Only after its commit
 * (durable, synchronous=FULL) does sealing run, in transactions of its own, so that a failure there takes no poll with it. */
#include "store/store_internal.h"

#include <stdlib.h>
#include <string.h>

#include "store/store_files.h"

/* Scratch of one call: the slots of one shard, and which of them are in use. */
struct append_shard {
    const struct store_item *by_slot[STORE_SHARD_SERIES];
    uint32_t samples;
};

/* Rows to be inserted, their bodies in st->scratch. */
struct append_row {
    uint32_t shard;
    int64_t t0_ms, t1_ms;
    uint32_t samples;
    size_t offset, bytes;
};

struct append {
    struct append_row *rows;
    size_t count, cap;
};

/* ---- a batch into rows ---- */

static enum err push_row(struct append *ap, struct append_row row)
{
    if (ap->count == ap->cap) {
        size_t cap = ap->cap == 0 ? 64 : 2 * ap->cap;
        struct append_row *p = realloc(ap->rows, cap * sizeof *p);
        if (p == NULL)
            return ERR_NOMEM;
        ap->rows = p;
        ap->cap = cap;
    }
    ap->rows[ap->count++] = row;
    return ERR_OK;
}

/* Writes the filled slots as one row and empties them. */
static enum err flush_shard(struct store *st, struct append *ap, const struct store_batch *b, uint32_t shard, struct append_shard *as)
{
    size_t offset = st->scratch.len;
    const struct store_shard *sh = &st->dict.shards[shard - 1];
    enum err e = store_head_encode(as->by_slot, sh->sections, sh->section_count, &st->scratch);

    if (e == ERR_OK)
        e = push_row(ap, (struct append_row){.shard = shard,
                                             .t0_ms = b->t0_ms,
                                             .t1_ms = b->t1_ms,
                                             .samples = as->samples,
                                             .offset = offset,
                                             .bytes = st->scratch.len - offset});
    memset(as, 0, sizeof *as);
    return e;
}

static enum err check_item(const struct store *st, const struct store_batch *b, const struct store_item *it, struct errctx *ctx)
{
    if (it->series == 0 || it->series > st->dict.series_count)
        return errctx_set(ctx, ERR_USAGE, "a sample names series %u, which the store does not have", it->series);
    const struct series *s = &st->dict.series[it->series - 1];
    if (s->source != b->source)
        return errctx_set(ctx, ERR_USAGE, "a sample of source %u names series %u of source %u", b->source, it->series, s->source);
    if (signal_info((enum signal)s->signal)->kind == KIND_HISTOGRAM) {
        const struct hist_bounds *bounds = store_bounds_by_id(st, s->bounds);
        if (it->v.hist.count > STORE_HIST_BUCKETS_MAX)
            return errctx_set(ctx, ERR_LIMIT, "a histogram sample lists %u buckets, more than %d", it->v.hist.count,
                              STORE_HIST_BUCKETS_MAX);
        for (uint32_t i = 0; i < it->v.hist.count; i++)
            if ((i > 0 && it->v.hist.counts[i].bucket <= it->v.hist.counts[i - 1].bucket) ||
                (bounds != NULL && it->v.hist.counts[i].bucket > bounds->count))
                return errctx_set(ctx, ERR_USAGE, "the buckets of a histogram sample of series %u do not rise, or are not in its bounds",
                                  it->series);
    }
    return ERR_OK;
}

/* Items usually come in the order of their series' ids; then each shard is filled and written once. Any order is accepted: the pending
 * items of the other shards are found in later passes. done marks items that are already in a row. */
static enum err encode_batch(struct store *st, struct append *ap, const struct store_batch *b, struct append_shard *as, uint8_t *done,
                             struct errctx *ctx)
{
    size_t left = b->count, from = 0;

    memset(done, 0, b->count);
    while (left > 0) {
        while (done[from])
            from++;
        uint32_t shard = st->dict.places[b->items[from].series - 1].shard;
        for (size_t i = from; i < b->count; i++) {
            const struct store_item *it = &b->items[i];
            struct store_place place = st->dict.places[it->series - 1];
            if (done[i] || place.shard != shard || as->by_slot[place.slot] != NULL)
                continue; /* the same series twice in a batch: its second sample goes into a second row */
            as->by_slot[place.slot] = it;
            as->samples++;
            store_seal_see(&st->dict.shards[shard - 1], place.slot);
            done[i] = 1;
            left--;
        }
        enum err e = flush_shard(st, ap, b, shard, as);
        if (e != ERR_OK)
            return errctx_set(ctx, e, "a poll of source %u is too large to store (%zu samples)", b->source, b->count);
    }
    if (b->count > 0)
        return ERR_OK;
    uint32_t shard; /* a poll that found nothing is still a poll */
    enum err e = store_dict_any_shard(&st->dict, b->source, &shard);
    return e == ERR_OK ? flush_shard(st, ap, b, shard, as) : e;
}

static enum err encode(struct store *st, struct append *ap, const struct store_batch *batches, size_t count, struct errctx *ctx)
{
    size_t most = 1;

    for (size_t i = 0; i < count; i++) {
        const struct store_batch *b = &batches[i];
        if (b->source == 0 || b->source > st->source_count)
            return errctx_set(ctx, ERR_USAGE, "a poll names source %u, which the store does not have", b->source);
        if (b->t1_ms <= 0 || b->t0_ms < 0 || b->t0_ms >= b->t1_ms)
            return errctx_set(ctx, ERR_USAGE, "a poll of source %u has no time: (%lld, %lld]", b->source, (long long)b->t0_ms,
                              (long long)b->t1_ms);
        for (size_t k = 0; k < b->count; k++) {
            enum err e = check_item(st, b, &b->items[k], ctx);
            if (e != ERR_OK)
                return e;
        }
        if (b->count > most)
            most = b->count;
    }
    struct append_shard *as = calloc(1, sizeof *as);
    uint8_t *done = malloc(most);
    enum err e = as == NULL || done == NULL ? ERR_NOMEM : ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = encode_batch(st, ap, &batches[i], as, done, ctx);
    free(as);
    free(done);
    return e;
}

/* ---- rows into the file ---- */

static enum err write_dict(struct store *st, struct errctx *ctx)
{
    if (!store_dict_is_dirty(&st->dict))
        return ERR_OK;
    struct buf row;
    buf_init(&row, SIZE_MAX / 2);
    enum err e = store_dict_encode(&st->dict, &st->dict.saved, &row);
    if (e == ERR_OK) {
        const struct store_val v[] = {store_int(st->dict_seq + 1), store_blob(row.data, row.len)};
        e = store_run(st, STMT_DICT_ADD, v, 2, ctx);
    }
    buf_fini(&row);
    return e;
}

static enum err write_row(struct store *st, int64_t seq, const struct append_row *row, const char *body, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(seq),        store_int(row->shard),   store_int(row->t0_ms),
                                  store_int(row->t1_ms), store_int(row->samples), store_blob(body + row->offset, row->bytes)};
    return store_run(st, STMT_HEAD_ADD, v, 6, ctx);
}

/* Statuses wait in st->status_rows as (struct append_row, body). */
static enum err write_statuses(struct store *st, int64_t *seq, struct errctx *ctx)
{
    enum err e = ERR_OK;

    for (size_t at = 0; e == ERR_OK && at < st->status_rows.len;) {
        struct append_row row;
        memcpy(&row, st->status_rows.data + at, sizeof row);
        row.offset = at + sizeof row;
        e = write_row(st, (*seq)++, &row, st->status_rows.data, ctx);
        at = row.offset + row.bytes;
    }
    return e;
}

static enum err queue_status(struct store *st, uint32_t source, int64_t at_ms, const void *data, size_t n)
{
    struct append_row row = {.shard = STORE_STATUS_SHARD, .t0_ms = source, .t1_ms = at_ms, .bytes = n};
    enum err e = buf_append(&st->status_rows, &row, sizeof row);

    if (e != ERR_OK)
        return e;
    e = buf_append(&st->status_rows, data, n);
    if (e != ERR_OK)
        st->status_rows.len -= sizeof row;
    return e;
}

enum err store_status_queue(struct store *st, uint32_t source, int64_t at_ms, const void *data, size_t n)
{
    enum err e = queue_status(st, source, at_ms, data, n);

    if (e != ERR_LIMIT)
        return e;
    /* Nothing could be written for very long: the last word about each source is enough, what changed in between is among the facts. */
    buf_reset(&st->status_rows);
    e = ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < st->source_count; i++)
        if (st->sources[i].at_ms != 0 && i + 1 != source)
            e = queue_status(st, i + 1, st->sources[i].at_ms, st->sources[i].status, st->sources[i].status_bytes);
    return e == ERR_OK ? queue_status(st, source, at_ms, data, n) : e;
}

static enum err write_all(struct store *st, const struct append *ap, int64_t *ret_seq, struct errctx *ctx)
{
    int64_t seq = st->next_seq;

    st->facts_wait = false;
    enum err e = store_txn_begin(st, ctx);
    if (e == ERR_OK)
        e = write_dict(st, ctx);
    for (size_t i = 0; e == ERR_OK && i < ap->count; i++)
        e = write_row(st, seq++, &ap->rows[i], st->scratch.data, ctx);
    if (e == ERR_OK)
        e = write_statuses(st, &seq, ctx);
    if (e == ERR_OK)
        e = store_scores_write(st, ctx);
    if (e == ERR_OK)
        e = store_txn_commit(st, ctx);
    if (e != ERR_OK)
        store_txn_rollback(st);
    else
        *ret_seq = seq;
    return e;
}

/* What is durable now is also what this connection knows. */
static enum err settle(struct store *st, const struct append *ap, int64_t seq)
{
    enum err e = ERR_OK;

    if (store_dict_is_dirty(&st->dict)) {
        st->dict.saved = store_dict_mark(&st->dict);
        st->dict_seq++;
    }
    for (size_t i = 0; e == ERR_OK && i < ap->count; i++)
        e = store_headrows_push(st, (struct store_head_ref){.seq = st->next_seq + (int64_t)i,
                                                            .shard = ap->rows[i].shard,
                                                            .t0_ms = ap->rows[i].t0_ms,
                                                            .t1_ms = ap->rows[i].t1_ms,
                                                            .samples = ap->rows[i].samples,
                                                            .bytes = (uint32_t)ap->rows[i].bytes});
    st->next_seq = seq;
    st->head_seq = seq - 1;
    buf_reset(&st->status_rows);
    return e;
}

enum err store_append(struct store *st, const struct store_batch *batches, size_t count, struct errctx *ctx)
{
    struct append ap = {.rows = NULL};
    int64_t seq = 0;

    if (!st->writer)
        return errctx_set(ctx, ERR_READONLY, "%s was opened for reading", st->path);
    if (st->ring)
        store_ring_try_main(st);
    buf_reset(&st->scratch);
    enum err e = encode(st, &ap, batches, count, ctx);
    if (e == ERR_OK) {
        e = write_all(st, &ap, &seq, ctx);
        if (e == ERR_FULL && st->ring)
            e = store_ring_empty(st, ctx) == ERR_OK ? write_all(st, &ap, &seq, ctx) : e;
        else if (e != ERR_OK && store_ring_take_over(st, e, ctx) == ERR_OK)
            e = write_all(st, &ap, &seq, ctx);
    }
    if (e == ERR_OK)
        e = settle(st, &ap, seq);
    free(ap.rows);
    store_scores_clear(st);
    if (e != ERR_OK)
        return e;
    store_files_beat(st->lock_fd);
    store_files_beat(st->ring_lock_fd);
    /* What was appended is durable. A seal that fails is tried again at the next call; a full disk shows there too. */
    struct errctx ignored;
    st->maintain_failures += store_maintain(st, false, &ignored) != ERR_OK;
    return ERR_OK;
}

enum err store_commit(struct store *st, struct errctx *ctx)
{
    return store_append(st, NULL, 0, ctx);
}
