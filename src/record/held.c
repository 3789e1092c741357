/* SPDX-License-Identifier: MIT */
#include "record/held.h"

#include <string.h>

enum { HELD_BYTES_MAX = 64 << 20 }; /* of one poll: 100,000 series of 40 bytes, ten times */

static enum signal signal_of(const struct store *st, const struct store_item *item)
{
    return (enum signal)store_series_at(st, item->series - 1)->signal;
}

static bool is_held(enum signal s, uint64_t signals)
{
    return signal_info(s)->kind != KIND_GAUGE && (signals == 0 || (signals >> s & 1) != 0);
}

static enum err copy_counts(struct store_item *item, struct arena *a)
{
    const size_t n = item->v.hist.count;
    struct store_hist_count *counts = n > 0 ? arena_array(a, n, sizeof *counts) : NULL;
    if (n > 0 && counts == NULL)
        return ERR_NOMEM;
    if (n > 0)
        memcpy(counts, item->v.hist.counts, n * sizeof *counts);
    item->v.hist.counts = counts;
    return ERR_OK;
}

/* What of from is held where these signals are, or all else, into a. */
static enum err copy(const struct store *st, const struct store_batch *from, uint64_t signals, bool held, struct arena *a,
                     struct store_batch *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < from->count; i++)
        count += is_held(signal_of(st, &from->items[i]), signals) == held;
    struct store_item *items = count > 0 ? arena_array(a, count, sizeof *items) : NULL;
    enum err e = count > 0 && items == NULL ? ERR_NOMEM : ERR_OK;
    for (size_t i = 0, k = 0; e == ERR_OK && i < from->count; i++) {
        const enum signal s = signal_of(st, &from->items[i]);
        if (is_held(s, signals) != held)
            continue;
        items[k] = from->items[i];
        e = signal_info(s)->kind == KIND_HISTOGRAM ? copy_counts(&items[k], a) : ERR_OK;
        k++;
    }
    if (e != ERR_OK)
        return e;
    *ret = *from;
    ret->items = items;
    ret->count = count;
    return ERR_OK;
}

enum err held_gauges(const struct store *st, const struct store_batch *from, struct arena *a, struct store_batch *ret)
{
    return copy(st, from, 0, false, a, ret);
}

uint64_t held_join(uint64_t a, uint64_t b)
{
    return a == 0 || b == 0 ? 0 : a | b;
}

uint64_t held_signals(const struct held *h)
{
    uint64_t signals = h->count > 0 ? h->list[0].signals : 0;
    for (uint32_t i = 1; i < h->count; i++)
        signals = held_join(signals, h->list[i].signals);
    return signals;
}

void held_fini(struct held *h)
{
    for (uint32_t i = 0; i < h->count; i++)
        arena_fini(&h->list[i].arena);
    h->count = 0;
}

enum err held_settle(struct held *h, const struct store *st, const struct sawtooth *s, struct arena *a, struct held_settled *ret)
{
    uint32_t kept = 0;
    enum err e = ERR_OK;
    *ret = (struct held_settled){.count = 0};
    for (uint32_t i = 0; i < h->count; i++) {
        struct held_poll p = h->list[i];
        p.age++;
        if ((s->held >> p.age & 1) != 0) {
            h->list[kept++] = p;
            continue;
        }
        if ((s->counts >> p.age & 1) == 0) {
            ret->lost_signals = ret->lost_t1_ms == 0 ? p.signals : held_join(ret->lost_signals, p.signals);
            ret->lost_t0_ms = ret->lost_t1_ms == 0 ? p.batch.t0_ms : ret->lost_t0_ms;
            ret->lost_t1_ms = p.batch.t1_ms;
        } else if (e == ERR_OK) {
            e = copy(st, &p.batch, p.signals, true, a, &ret->counts[ret->count++]);
        }
        arena_fini(&p.arena);
    }
    h->count = kept;
    return e;
}

enum err held_take(struct held *h, const struct store *st, uint64_t signals, struct arena *a, struct store_batch *b)
{
    struct held_poll *p = &h->list[h->count];
    *p = (struct held_poll){.signals = signals};
    arena_init(&p->arena, HELD_BYTES_MAX);
    struct store_batch rest;
    enum err e = copy(st, b, signals, true, &p->arena, &p->batch);
    if (e == ERR_OK)
        e = copy(st, b, signals, false, a, &rest);
    if (e != ERR_OK) {
        arena_fini(&p->arena);
        return e;
    }
    h->count++;
    *b = rest;
    return ERR_OK;
}
