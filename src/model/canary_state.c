/* SPDX-License-Identifier: MIT */
#include "model/canary_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/jsontree.h"
#include "base/timefmt.h"

static const int64_t day_ms = 86400000;

const char *canary_failure_name(enum canary_failure f)
{
    static const char *const names[] = {"429", "5xx", "timeout", "no answer", "not judged", "not asked"};
    return names[f];
}

int64_t canary_day(int64_t now_ms)
{
    return instant_floor(now_ms, day_ms);
}

int64_t canary_spent(const struct canary_state *s, int64_t now_ms)
{
    return canary_day(now_ms) <= s->spent_day_ms ? s->spent_nusd : 0;
}

bool canary_reserve(struct canary_state *s, int64_t amount_nusd, int64_t now_ms)
{
    const int64_t spent = canary_spent(s, now_ms), day = canary_day(now_ms);
    int64_t sum;
    if (amount_nusd < 0 || __builtin_add_overflow(spent, amount_nusd, &sum) || sum > s->cap_nusd)
        return false;
    s->spent_nusd = sum;
    s->spent_day_ms = day > s->spent_day_ms ? day : s->spent_day_ms;
    return true;
}

void canary_settle(struct canary_state *s, int64_t reserved_day_ms, int64_t reserved_nusd, int64_t spent_nusd)
{
    int64_t sum;
    if (s->spent_day_ms != reserved_day_ms)
        return; /* a day that is over */
    s->spent_nusd -= reserved_nusd < s->spent_nusd ? reserved_nusd : s->spent_nusd;
    s->spent_nusd = __builtin_add_overflow(s->spent_nusd, spent_nusd, &sum) ? INT64_MAX : sum;
}

int64_t canary_next(const struct canary_state *s, int64_t now_ms)
{
    const int64_t beat = s->last_ms == 0 ? now_ms : s->last_ms + s->interval_ms;
    return beat < now_ms ? now_ms : beat > now_ms + s->interval_ms ? now_ms + s->interval_ms : beat;
}

/* ---- as JSON ---- */

static const struct {
    const char *key;
    size_t at;
} numbers[] = {
#define NUMBER(member)                                                                                                                     \
    {                                                                                                                                      \
#member, offsetof(struct canary_state, member)                                                                                     \
    }
    NUMBER(interval_ms), NUMBER(cap_nusd), NUMBER(run_nusd), NUMBER(day_nusd), NUMBER(spent_day_ms), NUMBER(spent_nusd),
    NUMBER(extra_nusd),  NUMBER(last_ms),  NUMBER(ended_ms), NUMBER(next_ms),  NUMBER(order_ms),
#undef NUMBER
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static int64_t *number_at(struct canary_state *s, size_t i)
{
    return (int64_t *)(void *)((char *)s + numbers[i].at);
}

enum err canary_states_write(const struct canary_state *list, size_t count, struct buf *out)
{
    struct json w;
    json_begin(&w, out, false);
    json_array(&w, NULL);
    for (size_t i = 0; i < count; i++) {
        struct canary_state s = list[i];
        json_object(&w, NULL);
        json_string(&w, "name", s.name);
        json_string(&w, "model", s.model);
        json_string(&w, "url", s.url);
        for (size_t k = 0; k < NUMBERS; k++)
            json_i64(&w, numbers[k].key, *number_at(&s, k));
        json_bool(&w, "running", s.running);
        json_i64(&w, "passed", s.passed);
        json_i64(&w, "bad", s.bad);
        json_object(&w, "failed");
        for (int f = 0; f < CANARY_FAILURES; f++)
            json_i64(&w, canary_failure_name((enum canary_failure)f), s.failed[f]);
        json_end(&w);
        json_string(&w, "why", s.why);
        json_end(&w);
    }
    json_end(&w);
    return w.err;
}

/* What is missing, or no such number, is 0: of an older version. */
static int64_t get_i64(const struct jsontree *n, const char *key)
{
    const struct jsontree *m = jsontree_get(n, key);
    int64_t v = 0;
    if (m != NULL && m->kind == JSONTREE_NUMBER)
        (void)str_to_i64(m->text, &v);
    return v;
}

static uint32_t get_count(const struct jsontree *n, const char *key)
{
    const int64_t v = get_i64(n, key);
    return v > 0 && v <= UINT32_MAX ? (uint32_t)v : 0;
}

/* NULL when out of memory. */
static const char *get_text(const struct jsontree *n, const char *key, struct arena *a)
{
    const struct jsontree *m = jsontree_get(n, key);
    return m != NULL && m->kind == JSONTREE_STRING ? arena_strdup(a, m->text) : "";
}

static bool get_bool(const struct jsontree *n, const char *key)
{
    const struct jsontree *m = jsontree_get(n, key);
    return m != NULL && m->kind == JSONTREE_TRUE;
}

/* The items of a list, and room for as many of that size. */
static enum err open_list(const struct jsontree *list, size_t size, struct arena *a, void **ret, struct errctx *ctx)
{
    size_t count = 0;
    if (list == NULL || list->kind != JSONTREE_ARRAY)
        return errctx_set(ctx, ERR_PARSE, "the store's note on canaries is no list");
    for (const struct jsontree *c = list->child; c != NULL; c = c->next)
        count++;
    *ret = arena_array(a, count + 1, size);
    return *ret != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while reading canaries");
}

enum err canary_states_read(struct str text, struct arena *a, struct canary_state **ret, size_t *ret_count, struct errctx *ctx)
{
    const struct jsontree *root;
    void *list;
    size_t n = 0;
    enum err e = jsontree_parse(text, a, &root, ctx);
    if (e == ERR_OK)
        e = open_list(root, sizeof(struct canary_state), a, &list, ctx);
    if (e != ERR_OK)
        return e;
    for (const struct jsontree *c = root->child; c != NULL; c = c->next) {
        struct canary_state *s = &((struct canary_state *)list)[n++];
        const struct jsontree *failed = jsontree_get(c, "failed");
        s->name = get_text(c, "name", a);
        s->model = get_text(c, "model", a);
        s->url = get_text(c, "url", a);
        s->why = get_text(c, "why", a);
        for (size_t k = 0; k < NUMBERS; k++)
            *number_at(s, k) = get_i64(c, numbers[k].key);
        s->running = get_bool(c, "running");
        s->passed = get_count(c, "passed");
        s->bad = get_count(c, "bad");
        for (int f = 0; f < CANARY_FAILURES; f++)
            s->failed[f] = get_count(failed, canary_failure_name((enum canary_failure)f));
        if (s->name == NULL || s->model == NULL || s->url == NULL || s->why == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory while reading canaries");
    }
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}

/* ---- a run ---- */

static const char *const outcome_names[] = {"pass", "bad", "failed"};

enum err canary_run_write(int64_t began_ms, const struct canary_result *list, size_t count, struct buf *out)
{
    char hash[24];
    struct json w;
    json_begin(&w, out, false);
    json_object(&w, NULL);
    json_i64(&w, "began_ms", began_ms);
    json_array(&w, "prompts");
    for (size_t i = 0; i < count; i++) {
        const struct canary_result *r = &list[i];
        (void)str_format(hash, sizeof hash, "%016llx", (unsigned long long)r->hash);
        json_object(&w, NULL);
        json_string(&w, "id", r->id);
        json_string(&w, "hash", hash);
        json_string(&w, "outcome", outcome_names[r->outcome]);
        if (r->outcome == CANARY_FAILED)
            json_string(&w, "failure", canary_failure_name(r->failure));
        json_f64(&w, "logprob", r->logprob);
        json_string(&w, "why", r->why);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return w.err;
}

static enum err read_result(const struct jsontree *n, struct arena *a, struct canary_result *r)
{
    const char *hash = get_text(n, "hash", a), *outcome = get_text(n, "outcome", a), *failure = get_text(n, "failure", a);
    const struct jsontree *logprob = jsontree_get(n, "logprob");
    *r = (struct canary_result){.id = get_text(n, "id", a), .why = get_text(n, "why", a), .logprob = NAN, .outcome = CANARY_FAILED};
    if (hash == NULL || outcome == NULL || failure == NULL || r->id == NULL || r->why == NULL)
        return ERR_NOMEM;
    r->hash = strtoull(hash, NULL, 16);
    for (int k = 0; k <= CANARY_FAILED; k++)
        r->outcome = strcmp(outcome, outcome_names[k]) == 0 ? (enum canary_outcome)k : r->outcome;
    for (int f = 0; f < CANARY_FAILURES; f++)
        r->failure = strcmp(failure, canary_failure_name((enum canary_failure)f)) == 0 ? (enum canary_failure)f : r->failure;
    if (logprob != NULL && logprob->kind == JSONTREE_NUMBER)
        (void)str_to_f64(logprob->text, &r->logprob);
    return ERR_OK;
}

enum err canary_run_read(struct str text, struct arena *a, int64_t *ret_began_ms, struct canary_result **ret, size_t *ret_count,
                         struct errctx *ctx)
{
    const struct jsontree *root;
    void *list;
    size_t n = 0;
    enum err e = jsontree_parse(text, a, &root, ctx);
    const struct jsontree *prompts = e == ERR_OK ? jsontree_get(root, "prompts") : NULL;
    if (e == ERR_OK)
        e = open_list(prompts, sizeof(struct canary_result), a, &list, ctx);
    for (const struct jsontree *c = e == ERR_OK ? prompts->child : NULL; c != NULL && e == ERR_OK; c = c->next)
        e = read_result(c, a, &((struct canary_result *)list)[n++]);
    if (e != ERR_OK)
        return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while reading canaries") : e;
    *ret_began_ms = get_i64(root, "began_ms");
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}
