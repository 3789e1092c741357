/* SPDX-License-Identifier: MIT */
#include "record/dip.h"

#include <stdlib.h>
#include <string.h>

#include "record/normalise_int.h"

void dip_close(struct dip *d)
{
    for (uint32_t i = 0; i < d->hist_count; i++)
        free(d->hists[i].list);
    free(d->hists);
    free(d->slots);
    free(d->outs);
    *d = (struct dip){.open = false};
}

static void *copy_of(const void *list, size_t count, size_t size)
{
    void *copy = malloc(count * size + 1);
    if (copy != NULL && count > 0)
        memcpy(copy, list, count * size);
    return copy;
}

static enum err copy_hists(struct dip *d, const struct buckets *b)
{
    d->hists = malloc(b->count * sizeof *d->hists + 1);
    for (uint32_t i = 0; d->hists != NULL && i < b->count; i++) {
        d->hists[i] = b->list[i];
        d->hists[i].list = copy_of(b->list[i].list, b->list[i].count, sizeof *b->list[i].list);
        if (d->hists[i].list == NULL)
            return ERR_NOMEM;
        d->hist_count++;
    }
    return d->hists != NULL ? ERR_OK : ERR_NOMEM;
}

enum err dip_open(struct normaliser *n)
{
    struct dip *d = &n->dip;
    dip_close(d);
    *d = (struct dip){.open = true,
                      .slots = copy_of(n->slots.list, n->slots.count, sizeof *d->slots),
                      .slot_count = n->slots.count,
                      .outs = copy_of(n->outs.list, n->outs.count, sizeof *d->outs),
                      .out_count = n->outs.count,
                      .finished = n->finished,
                      .finished_ms = n->finished_ms,
                      .born = n->born,
                      .earlier = n->lacks.earlier,
                      .since_ms = n->lacks.since_ms};
    d->ends[0] = n->t_ms;
    if (d->slots != NULL && d->outs != NULL && copy_hists(d, &n->buckets) == ERR_OK)
        return ERR_OK;
    dip_close(d);
    return ERR_NOMEM;
}

void dip_age(struct normaliser *n)
{
    struct dip *d = &n->dip;
    if (!d->open)
        return;
    if (++d->age >= SAWTOOTH_HOLD || (n->sawtooth.held >> d->age & 1) == 0)
        dip_close(d);
    else
        d->ends[d->age] = n->t_ms;
}

/* Those that stand elsewhere since it began. */
void dip_compare(const struct normaliser *n, struct sawtooth_poll *p)
{
    for (uint32_t i = 0; n->dip.open && i < n->dip.slot_count; i++) {
        const struct slot *s = &n->slots.list[i], *was = &n->dip.slots[i];
        if (!s->cumulative || s->seen != n->poll || was->last_seen != n->dip.finished || s->last == was->last)
            continue;
        p->apart++;
        p->above += s->cur >= was->last;
    }
}

/* That it went to and fro is what a saw is told by. */
static void return_slot(struct slot *s, const struct slot *was)
{
    const struct slot now = *s;
    *s = *was;
    s->cur = now.cur;
    s->seen = now.seen;
    s->feed = now.feed;
    s->next = now.next;
    s->swung = was->swung || normalise_is_back(&now, now.cur);
}

/* Buckets that were met since have counted nothing. */
static void return_hist(struct buckets_hist *h, const struct buckets_hist *was)
{
    struct buckets_hist now = *h;
    *h = *was;
    h->list = now.list;
    h->count = now.count;
    h->cap = now.cap;
    h->spares = now.spares;
    h->spare_count = now.spare_count;
    h->sum_slot = now.sum_slot;
    h->count_slot = now.count_slot;
    h->broken = now.broken;
    for (uint32_t i = 0, k = 0; i < h->count; i++) {
        struct bucket *b = &h->list[i];
        while (k < was->count && was->list[k].le < b->le)
            k++;
        const bool known = k < was->count && was->list[k].le == b->le;
        *b = (struct bucket){.le = b->le,
                             .slot = b->slot,
                             .in = known && was->list[k].in,
                             .done = known ? was->list[k].done : 0,
                             .top = known ? was->list[k].top : 0};
    }
}

void dip_return(struct normaliser *n)
{
    struct dip *d = &n->dip;
    for (uint32_t i = 0; i < d->slot_count; i++)
        return_slot(&n->slots.list[i], &d->slots[i]);
    for (uint32_t i = 0; i < d->hist_count; i++)
        return_hist(&n->buckets.list[i], &d->hists[i]);
    for (uint32_t i = 0; i < d->out_count; i++) {
        n->outs.list[i].touched = d->outs[i].touched;
        n->outs.list[i].before = d->outs[i].before;
        n->outs.list[i].waiting_n = d->outs[i].waiting_n;
    }
    for (uint32_t i = 0; i < n->natives.count; i++)
        n->natives.list[i].rebase = true;
    n->finished = d->finished;
    n->finished_ms = d->finished_ms;
    n->born = d->born;
    n->lacks.earlier = d->earlier;
    n->lacks.since_ms = d->since_ms;
    lacks_miss_polls(n, d->ends, d->age + 1);
    dip_close(d);
}
