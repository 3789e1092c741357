/* SPDX-License-Identifier: MIT */
#include "record/canary_int.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/jsontree.h"

enum { NOTE_BYTES_MAX = 1 << 20 };

static enum err nomem(struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "out of memory for canaries");
}

/* ---- how they stand ---- */

enum err canary_keep(struct canaries *c, const struct store_batch *batch, int64_t now_ms, struct errctx *ctx)
{
    struct buf text;
    const size_t count = c->count + c->other_count;
    struct canary_state *list = malloc((count + 1) * sizeof *list);
    if (list == NULL)
        return nomem(ctx);
    for (uint32_t i = 0; i < c->count; i++)
        list[i] = c->runs[i].st;
    if (c->other_count > 0)
        memcpy(list + c->count, c->others, c->other_count * sizeof *list);
    buf_init(&text, NOTE_BYTES_MAX);
    enum err e = canary_states_write(list, count, &text);
    if (e != ERR_OK)
        (void)errctx_set(ctx, e, "how the canaries stand cannot be written down");
    else
        e = store_put_note(c->opt.st, CANARY_NOTE, now_ms, buf_str(&text), ctx);
    if (e == ERR_OK)
        e = store_append(c->opt.st, batch, batch != NULL, ctx);
    if (e == ERR_OK && store_is_ring(c->opt.st))
        e = errctx_set(ctx, ERR_IO, "the store cannot be written, so what is spent would be forgotten");
    buf_fini(&text);
    free(list);
    return e;
}

static struct run *run_of(struct canaries *c, const char *name)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (strcmp(c->runs[i].cfg->c.name, name) == 0)
            return &c->runs[i];
    return NULL;
}

/* What a run goes on with of an earlier recorder's. */
static void recall(struct run *r, const struct canary_state *was)
{
    struct canary_state *s = &r->st;
    s->spent_day_ms = was->spent_day_ms;
    s->spent_nusd = was->spent_nusd;
    s->extra_nusd = was->extra_nusd;
    s->last_ms = was->last_ms;
    s->ended_ms = was->ended_ms;
    s->order_ms = r->ordered_ms = was->order_ms;
    s->passed = was->passed;
    s->bad = was->bad;
    memcpy(s->failed, was->failed, sizeof s->failed);
    (void)str_copy(r->why, sizeof r->why, str_of(was->why));
    if (was->running)
        (void)str_copy(r->why, sizeof r->why,
                       str_of("its last run was cut off when the recorder ended; what it could have cost stays counted"));
    r->all->order_ms = was->order_ms > r->all->order_ms ? was->order_ms : r->all->order_ms;
}

static enum err read_states(struct canaries *c, int64_t now_ms, struct errctx *ctx)
{
    struct str text;
    struct canary_state *list;
    size_t count;
    enum err e = store_note(c->opt.st, CANARY_NOTE, INT64_MAX, &c->arena, &text);
    if (e == ERR_NOTFOUND)
        return ERR_OK;
    if (e == ERR_OK)
        e = canary_states_read(text, &c->arena, &list, &count, ctx);
    if (e != ERR_OK) /* without it, nobody knows what was spent today */
        return errctx_set(ctx, e, "what the canaries have spent cannot be read from the store");
    c->others = arena_array(&c->arena, count + 1, sizeof *c->others);
    if (c->others == NULL)
        return nomem(ctx);
    for (size_t i = 0; i < count; i++) {
        struct run *r = run_of(c, list[i].name);
        if (r != NULL)
            recall(r, &list[i]);
        else if (canary_spent(&list[i], now_ms) > 0) { /* should it come back today, it has spent that */
            list[i].running = false;
            list[i].next_ms = 0;
            list[i].why = "it is not configured any more";
            c->others[c->other_count++] = list[i];
        }
    }
    return ERR_OK;
}

/* ---- which prompts ---- */

static enum err write_set(const struct canary *c, struct buf *out)
{
    char hash[24];
    struct json w;
    json_begin(&w, out, false);
    json_object(&w, NULL);
    (void)str_format(hash, sizeof hash, "%016" PRIx64, canary_hash(c));
    json_string(&w, "hash", hash);
    json_object(&w, "prompts");
    for (uint32_t i = 0; i < c->item_count; i++) {
        (void)str_format(hash, sizeof hash, "%016" PRIx64, canary_item_hash(&c->items[i]));
        json_string(&w, c->items[i].id, hash);
    }
    json_end(&w);
    json_end(&w);
    return w.err;
}

/* "prompts: 1 changed, 2 new, 1 gone", "its endpoint, model or temperature is another" */
static const char *what_changed(struct canaries *c, const struct jsontree *was, const struct jsontree *is)
{
    const struct jsontree *before = jsontree_get(was, "prompts"), *now = jsontree_get(is, "prompts");
    unsigned changed = 0, added = 0, gone = 0;
    for (const struct jsontree *n = now != NULL ? now->child : NULL; n != NULL; n = n->next) {
        const struct jsontree *old = before != NULL ? before->child : NULL;
        while (old != NULL && !str_eq(old->key, n->key))
            old = old->next;
        added += old == NULL;
        changed += old != NULL && !str_eq(old->text, n->text);
    }
    for (const struct jsontree *n = before != NULL ? before->child : NULL; n != NULL; n = n->next) {
        const struct jsontree *left = now != NULL ? now->child : NULL;
        while (left != NULL && !str_eq(left->key, n->key))
            left = left->next;
        gone += left == NULL;
    }
    return changed + added + gone > 0
               ? arena_printf(&c->scratch, "prompts: %u changed, %u new, %u gone; what was found of those before is no reference any more",
                              changed, added, gone)
               : "its endpoint, model, temperature or order of prompts is another; what was found before is no reference any more";
}

static enum err put_change(struct canaries *c, const struct canary *k, struct str was_text, struct str is_text, int64_t now_ms,
                           struct errctx *ctx)
{
    const struct jsontree *was = NULL, *is = NULL;
    if (jsontree_parse(is_text, &c->scratch, &is, NULL) != ERR_OK)
        return nomem(ctx);
    (void)!jsontree_parse(was_text, &c->scratch, &was, NULL); /* what cannot be read is another set */
    const char *what = what_changed(c, was, is);
    const char *text = what != NULL ? arena_printf(&c->scratch, "canary %s: %s", k->name, what) : NULL;
    const char *key = arena_printf(&c->scratch, "canary:%s:%016" PRIx64 ":%lld", k->name, canary_hash(k), (long long)now_ms);
    const char *scope = arena_printf(&c->scratch, "model=%s", k->model);
    if (text == NULL || key == NULL || scope == NULL)
        return nomem(ctx);
    const struct event ev = {.at_ms = now_ms, .known_ms = now_ms, .kind = EVENT_CONFIG, .scope = scope, .text = text, .source = "gwtop"};
    return store_put_event(c->opt.st, key, &ev, ctx);
}

/* Writes down which prompts a canary has, and an event where they are others than before. */
static enum err keep_set(struct canaries *c, const struct canary *k, int64_t now_ms, struct errctx *ctx)
{
    struct buf is;
    struct str was = {"", 0};
    const char *name = arena_printf(&c->scratch, "canary_set:%s", k->name);
    if (name == NULL)
        return nomem(ctx);
    buf_init(&is, NOTE_BYTES_MAX);
    enum err e = write_set(k, &is);
    if (e != ERR_OK)
        e = nomem(ctx);
    const enum err read = e == ERR_OK ? store_note(c->opt.st, name, INT64_MAX, &c->scratch, &was) : ERR_OK;
    if (e == ERR_OK && read != ERR_OK && read != ERR_NOTFOUND)
        e = errctx_set(ctx, read, "the prompts of canary %s cannot be read from the store", k->name);
    if (e == ERR_OK && read == ERR_OK && !str_eq(was, buf_str(&is)))
        e = put_change(c, k, was, buf_str(&is), now_ms, ctx);
    if (e == ERR_OK && !str_eq(was, buf_str(&is)))
        e = store_put_note(c->opt.st, name, now_ms, buf_str(&is), ctx);
    buf_fini(&is);
    return e;
}

/* ---- its source ---- */

static enum err put_source(struct canaries *c, struct run *r, struct errctx *ctx)
{
    const struct canary *k = &r->cfg->c;
    const char *name = arena_printf(&c->scratch, CANARY_SOURCE_PREFIX "%s", k->name);
    if (name == NULL)
        return nomem(ctx);
    const struct source_status s = {.name = name,
                                    .kind = CANARY_SOURCE_KIND,
                                    .url = r->url,
                                    .gateway = k->gateway,
                                    .profile = "",
                                    .reason = "",
                                    .warning = "",
                                    .interval_ms = k->interval_ms};
    return store_put_source(c->opt.st, &s, &r->source, ctx);
}

/* What was found of those that are configured, less what was taken for normal while nobody listened, and the end of what was found of
 * others. */
static enum err open_drifts(struct canaries *c, int64_t now_ms, struct errctx *ctx)
{
    const char **names = arena_array(&c->scratch, c->count + 1, sizeof *names);
    struct store_act *acts;
    size_t act_count;
    bool accepted;
    enum err e = names != NULL ? store_acts(c->opt.st, INT64_MAX, &c->scratch, &acts, &act_count, ctx) : nomem(ctx);
    for (uint32_t i = 0; i < c->count && e == ERR_OK; i++) {
        names[i] = c->runs[i].cfg->c.name;
        e = canary_drift_open(c->opt.st, &c->runs[i].cfg->c, now_ms, &c->scratch, &c->runs[i].drift, ctx);
        if (e == ERR_OK)
            e = canary_drift_accept(c->runs[i].drift, acts, act_count, now_ms, &c->scratch, &accepted, ctx);
    }
    if (e == ERR_OK)
        e = canary_drift_retire(c->opt.st, names, c->count, now_ms, &c->scratch, ctx);
    arena_reset(&c->scratch);
    return e;
}

enum err canary_keep_open(struct canaries *c, int64_t now_ms, struct errctx *ctx)
{
    enum err e = read_states(c, now_ms, ctx);
    if (e == ERR_OK && c->opt.alone == NULL)
        e = open_drifts(c, now_ms, ctx);
    for (uint32_t i = 0; i < c->count && e == ERR_OK; i++) {
        e = put_source(c, &c->runs[i], ctx);
        if (e == ERR_OK)
            e = keep_set(c, &c->runs[i].cfg->c, now_ms, ctx);
        arena_reset(&c->scratch);
    }
    return e;
}

/* ---- a run ---- */

static enum err intern_dim(struct store *st, struct series *s, enum dim d, const char *text, struct errctx *ctx)
{
    return store_string(st, str_of(text), &s->dim[d], ctx);
}

/* The series of a prompt: another one for another prompt under the same id. */
static enum err series_of(struct run *r, const struct canary_result *of, enum signal signal, uint32_t *ret, struct errctx *ctx)
{
    struct store *st = r->all->opt.st;
    const struct canary *k = &r->cfg->c;
    char item[CANARY_ID_MAX + 16];
    struct series s = {.source = r->source, .signal = (uint16_t)signal};
    (void)str_format(item, sizeof item, "%s#%08" PRIx64, of->id, of->hash >> 32);
    enum err e = intern_dim(st, &s, DIM_GATEWAY, k->gateway, ctx);
    if (e == ERR_OK)
        e = intern_dim(st, &s, DIM_MODEL, k->model, ctx);
    if (e == ERR_OK)
        e = intern_dim(st, &s, DIM_NAME, k->name, ctx);
    if (e == ERR_OK)
        e = intern_dim(st, &s, DIM_ROUTE, item, ctx);
    return e == ERR_OK ? store_series(st, &s, ret, ctx) : e;
}

static enum err put_items(struct run *r, struct store_item *items, size_t *ret_count, struct errctx *ctx)
{
    enum err e = ERR_OK;
    size_t n = 0;
    for (uint32_t i = 0; i < r->cfg->c.item_count && e == ERR_OK; i++) {
        const struct canary_result *of = &r->results[i];
        if (of->outcome == CANARY_FAILED)
            continue;
        const bool passed = of->outcome == CANARY_PASSED;
        struct store_item *it = &items[n++];
        *it = (struct store_item){.v.score = {.n = 1, .sum_fixed = passed ? unit_scale(UNIT_RATIO) : 0, .bad = !passed}};
        e = series_of(r, of, SIG_CANARY, &it->series, ctx);
        if (e != ERR_OK || isnan(of->logprob))
            continue;
        it = &items[n++];
        *it = (struct store_item){.v.score = {.n = 1}};
        (void)unit_to_fixed(UNIT_RATIO, of->logprob, &it->v.score.sum_fixed);
        e = series_of(r, of, SIG_CANARY_LOGPROB, &it->series, ctx);
    }
    *ret_count = n;
    return e;
}

static enum err put_run(struct run *r, int64_t now_ms, struct errctx *ctx)
{
    struct canaries *c = r->all;
    struct buf text;
    const char *name = arena_printf(&c->scratch, CANARY_RUN_NOTE, r->cfg->c.name);
    buf_init(&text, NOTE_BYTES_MAX);
    enum err e = name == NULL ? ERR_NOMEM : canary_run_write(r->began_ms, r->results, r->cfg->c.item_count, &text);
    if (e != ERR_OK)
        e = nomem(ctx);
    else
        e = store_put_note(c->opt.st, name, now_ms, buf_str(&text), ctx);
    buf_fini(&text);
    return e;
}

enum err canary_keep_run(struct run *r, int64_t now_ms, struct errctx *ctx)
{
    struct canaries *c = r->all;
    struct store_item *items = arena_array(&c->scratch, 2 * (size_t)r->cfg->c.item_count + 1, sizeof *items);
    struct store_batch batch = {
        .source = r->source, .t0_ms = r->began_ms, .t1_ms = now_ms > r->began_ms ? now_ms : r->began_ms + 1, .items = items};
    enum err e = items != NULL ? put_items(r, items, &batch.count, ctx) : nomem(ctx);
    if (e == ERR_OK)
        e = put_run(r, now_ms, ctx);
    if (e == ERR_OK && r->drift != NULL)
        e = canary_drift_judge(r->drift, r->began_ms, now_ms, r->results, &c->scratch, ctx);
    if (e == ERR_OK)
        e = canary_keep(c, batch.count > 0 ? &batch : NULL, now_ms, ctx);
    arena_reset(&c->scratch);
    return e;
}
