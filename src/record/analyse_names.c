/* SPDX-License-Identifier: MIT */
/* New names: a deployment, or the name a model answers with, that a known model never had before. What providers change silently shows here
 * first. A source's first hour tells nothing: everything in it is new. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "record/analyse_detect.h"

enum {
    FIRST_MS = HOUR_MS,
    FRESH_MAX = 64,
    NAMES_MAX = 1 << 20
}; /* fresh: per interval, what comes beyond is the gateway renaming everything */

struct fresh {
    uint32_t source, gateway, model, deployment;
};

struct names {
    uint64_t *table; /* hashes of (signal, gateway, model) and (signal, gateway, model, deployment); 0 = free; at most half full */
    uint32_t count, cap;
    struct fresh fresh[FRESH_MAX]; /* seen with a series, reported with its first interval */
    uint32_t fresh_count;
};

static void *make(void)
{
    return calloc(1, sizeof(struct names));
}

static void drop(void *state)
{
    struct names *n = state;
    free(n->table);
    free(n);
}

static void insert(uint64_t *table, uint32_t cap, uint64_t h)
{
    uint64_t i = h & (cap - 1);
    while (table[i] != 0 && table[i] != h)
        i = (i + 1) & (cap - 1);
    table[i] = h;
}

static bool knows(const struct names *n, uint64_t h)
{
    if (n->cap == 0)
        return false;
    uint64_t i = h & (n->cap - 1);
    while (n->table[i] != 0 && n->table[i] != h)
        i = (i + 1) & (n->cap - 1);
    return n->table[i] == h;
}

static enum err learn(struct names *n, uint64_t h, struct errctx *ctx)
{
    if (knows(n, h) || n->count >= NAMES_MAX)
        return ERR_OK;
    if (2 * (n->count + 1) > n->cap) {
        uint32_t cap = n->cap == 0 ? 256 : 2 * n->cap;
        uint64_t *more = calloc(cap, sizeof *more);
        if (more == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for the names of deployments");
        for (uint32_t i = 0; i < n->cap; i++)
            if (n->table[i] != 0)
                insert(more, cap, n->table[i]);
        free(n->table);
        n->table = more;
        n->cap = cap;
    }
    insert(n->table, n->cap, h);
    n->count++;
    return ERR_OK;
}

static uint64_t hash_of(const struct series *s, bool deployment)
{
    uint64_t h = hash_u64(((uint64_t)s->signal << 32) | s->dim[DIM_GATEWAY], s->dim[DIM_MODEL]);
    h = deployment ? hash_u64(h, s->dim[DIM_DEPLOYMENT]) : h;
    return h != 0 ? h : 1;
}

/* Signals that every answer moves. A cooldown or a fallback names a deployment when one first happens, which is no news about
 * who answers. */
static bool says_who_answers(enum signal s)
{
    return s == SIG_REQUESTS || s == SIG_ATTEMPTS || s == SIG_E2E || s == SIG_TOKENS_OUTPUT || s == SIG_EVAL;
}

static enum err on_series(struct analyser *an, void *state, const struct series *s, struct link *ret_link, bool *ret_wanted,
                          struct errctx *ctx)
{
    struct names *n = state;
    (void)ret_link;
    (void)ret_wanted;
    if (s->dim[DIM_MODEL] == 0 || s->dim[DIM_DEPLOYMENT] == 0 || !says_who_answers((enum signal)s->signal))
        return ERR_OK;
    uint64_t model = hash_of(s, false), pair = hash_of(s, true);
    if (!an->opening && knows(n, model) && !knows(n, pair) && n->fresh_count < FRESH_MAX)
        n->fresh[n->fresh_count++] = (struct fresh){s->source, s->dim[DIM_GATEWAY], s->dim[DIM_MODEL], s->dim[DIM_DEPLOYMENT]};
    enum err e = learn(n, model, ctx);
    return e == ERR_OK ? learn(n, pair, ctx) : e;
}

static void on_item(struct analyser *an, void *state, const struct link *l, const struct store_item *item)
{
    (void)an;
    (void)state;
    (void)l;
    (void)item;
}

static enum err report(struct analyser *an, const struct fresh *f, const struct interval *in, struct errctx *ctx)
{
    const char *model = text_string(an, f->model), *deployment = text_string(an, f->deployment);
    if (model == NULL || deployment == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down a new name");
    const char *key = arena_printf(&an->scratch, "name:%u:%u:%u", f->gateway, f->model, f->deployment); /* of several signals, the first */
    const char *text = arena_printf(&an->scratch, "%s answers as %s for the first time", model, deployment);
    return analyse_event(an, key, EVENT_MODEL_VERSION, in->t1_ms, in->known_ms, arena_printf(&an->scratch, "model=%s", model), text, ctx);
}

static enum err on_interval(struct analyser *an, void *state, const struct interval *in, struct errctx *ctx)
{
    struct names *n = state;
    enum err e = ERR_OK;
    uint32_t kept = 0;
    if (n->fresh_count == 0)
        return ERR_OK;
    for (uint32_t i = 0; i < n->fresh_count; i++) {
        const struct fresh f = n->fresh[i];
        if (f.source != in->source)
            n->fresh[kept++] = f;
        else if (e == ERR_OK && in->t1_ms - an->sources[in->source].first_ms >= FIRST_MS)
            e = report(an, &f, in, ctx);
    }
    n->fresh_count = kept;
    return e;
}

const struct detector detect_names = {
    .name = "names", .make = make, .drop = drop, .on_series = on_series, .on_item = on_item, .on_interval = on_interval};
