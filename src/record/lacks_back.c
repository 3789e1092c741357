/* SPDX-License-Identifier: MIT */
/* What series counted that are back: booked over the polls that lacked them. */
#include <stdlib.h>

#include "record/lacks_int.h"

enum { ITEMS_MAX = 1 << 20 }; /* of all polls that are made good at once: some 50 MB */

/* A series that is back. */
struct back {
    uint32_t slot;
    double to; /* what the page shows */
};

/* Those that are back and went on counting. *ret is the caller's to free. */
static enum err list_back(struct normaliser *n, struct back **ret, uint32_t *ret_count)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n->slots.count; i++)
        count += n->slots.list[i].lack != LACK_NOT && n->slots.list[i].seen == n->poll;
    struct back *list = count > 0 ? malloc(count * sizeof *list) : NULL;
    if (count > 0 && list == NULL)
        return ERR_NOMEM;
    uint32_t k = 0;
    for (uint32_t i = 0; count > 0 && i < n->slots.count; i++) {
        const struct slot *s = &n->slots.list[i];
        const struct feed *f = s->lack != LACK_NOT && s->seen == n->poll ? lacks_feed(n, s) : NULL;
        if (f != NULL && f->role != FEED_GAUGE && s->cur >= s->last)
            list[k++] = (struct back){i, s->cur};
    }
    *ret = list;
    *ret_count = k;
    return ERR_OK;
}

/* Makes the poll's number new, so that older numbers can stand for the polls that are made good. */
static void renumber(struct normaliser *n, uint32_t was)
{
    n->poll++;
    for (uint32_t i = 0; i < n->slots.count; i++) {
        if (n->slots.list[i].seen == was)
            n->slots.list[i].seen = n->poll;
    }
}

/* One poll that lacked them, at t: they stood on the line between then and now. */
static enum err make_one_good(struct normaliser *n, const struct back *list, uint32_t count, int64_t t0_ms, int64_t t_ms, struct arena *a,
                              struct store_batch *ret, struct errctx *ctx)
{
    struct normalise_report ignored = {.seen = 0};
    n->poll++;
    for (uint32_t i = 0; i < count; i++) {
        struct slot *s = &n->slots.list[list[i].slot];
        if (s->left_ms >= t_ms)
            continue;
        s->cur = s->last + (list[i].to - s->last) * ((double)(t_ms - s->left_ms) / (double)(n->t_ms - s->left_ms));
        s->seen = n->poll;
        s->left_ms = t_ms;
    }
    *ret = (struct store_batch){.source = n->opt.source, .t0_ms = t0_ms, .t1_ms = t_ms};
    return normalise_account(n, SAWTOOTH_CONTINUE, a, ret, &ignored, ctx);
}

/* The ends of the polls since then, the last one included; every so many of them where more would be too much. Returns how many. */
static uint32_t list_ends(const struct normaliser *n, uint32_t series, int64_t ends[LACKS_POLLS_MAX])
{
    const struct lacks *k = &n->lacks;
    const uint32_t step = 1 + (uint32_t)((uint64_t)k->poll_count * series / ITEMS_MAX);
    uint32_t count = 0;
    int64_t last_ms = k->since_ms;
    for (uint32_t i = step - 1; i < k->poll_count; i += step) {
        if (k->polls[i] > last_ms)
            last_ms = ends[count++] = k->polls[i];
    }
    if (n->last_ms > last_ms) { /* what was thinned out behind the last one is of no other poll */
        count -= count == LACKS_POLLS_MAX;
        ends[count++] = n->last_ms;
    }
    return count;
}

void lacks_miss_polls(struct normaliser *n, const int64_t *ends, uint32_t count)
{
    struct lacks *k = &n->lacks;
    if (k->since_ms == 0) {
        lacks_forget_polls(k);
        k->since_ms = n->finished_ms;
    }
    for (uint32_t i = 0; i < count && k->poll_count < LACKS_POLLS_MAX; i++)
        k->polls[k->poll_count++] = ends[i];
    for (uint32_t i = 0; i < n->slots.count; i++) {
        struct slot *s = &n->slots.list[i];
        const struct feed *f = s->seen == n->poll && s->last_seen == n->finished && s->lack == LACK_NOT ? lacks_feed(n, s) : NULL;
        if (f == NULL || f->role == FEED_GAUGE)
            continue;
        s->lack = LACK_ALONG;
        s->left_ms = n->finished_ms;
    }
}

enum err lacks_make_good(struct normaliser *n, struct arena *a, struct store_batch **ret, size_t *ret_count, struct errctx *ctx)
{
    struct lacks *k = &n->lacks;
    struct back *list = NULL;
    uint32_t count = 0;
    int64_t ends[LACKS_POLLS_MAX];
    *ret = NULL;
    *ret_count = 0;
    if (k->since_ms == 0)
        return ERR_OK;
    enum err e = list_back(n, &list, &count);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory for series that are back");
    const uint32_t end_count = count > 0 ? list_ends(n, count, ends) : 0, staged = n->poll;
    struct store_batch *batches = end_count > 0 ? arena_array(a, end_count, sizeof *batches) : NULL;
    if (end_count > 0 && batches == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory for series that are back");
    n->spread = true;
    for (uint32_t i = 0; e == ERR_OK && i < end_count; i++)
        e = make_one_good(n, list, count, i > 0 ? ends[i - 1] : k->since_ms, ends[i], a, &batches[i], ctx);
    n->spread = false;
    renumber(n, staged);
    for (uint32_t i = 0; i < count; i++) {
        n->slots.list[list[i].slot].cur = list[i].to;
        n->slots.list[list[i].slot].seen = n->poll;
    }
    free(list);
    if (e != ERR_OK)
        return e;
    *ret = batches;
    *ret_count = end_count;
    return ERR_OK;
}
