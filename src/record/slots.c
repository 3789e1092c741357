/* SPDX-License-Identifier: MIT */
#include "record/slots.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { TABLE_FIRST = 256 }; /* a power of two */

void slots_init(struct slots *t, uint32_t max)
{
    *t = (struct slots){.max = max < UINT32_MAX / 4 ? max : UINT32_MAX / 4, .hash_key = hash_random_key()};
    t->prev = t->first = SLOT_NONE;
}

void slots_fini(struct slots *t)
{
    if (t == NULL)
        return;
    free(t->list);
    free(t->table);
    free(t->keys);
    *t = (struct slots){0};
}

void slots_rewind(struct slots *t)
{
    t->prev = SLOT_NONE;
}

struct str slots_key(const struct slots *t, uint32_t i)
{
    return (struct str){t->keys + t->list[i].key, t->list[i].key_len};
}

static bool has_key(const struct slots *t, uint32_t i, struct str key)
{
    const struct slot *s = &t->list[i];
    return s->key_len == key.n && memcmp(t->keys + s->key, key.p, key.n) == 0;
}

/* i was met after t->prev: next time it is the guess there. */
static void follow(struct slots *t, uint32_t i)
{
    if (t->prev == SLOT_NONE)
        t->first = i;
    else
        t->list[t->prev].next = i;
    t->prev = i;
}

bool slots_peek(const struct slots *t, struct str key, uint32_t *ret)
{
    if (t->table == NULL)
        return false;
    uint32_t hash = (uint32_t)hash_bytes(key.p, key.n, t->hash_key);
    for (uint32_t at = hash & t->mask; t->table[at] != 0; at = (at + 1) & t->mask) {
        uint32_t i = t->table[at] - 1;
        if (t->list[i].hash == hash && has_key(t, i, key)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

bool slots_find(struct slots *t, struct str key, uint32_t *ret)
{
    uint32_t guess = t->prev == SLOT_NONE ? t->first : t->list[t->prev].next;
    if (guess != SLOT_NONE && has_key(t, guess, key)) {
        t->prev = guess;
        *ret = guess;
        return true;
    }
    if (!slots_peek(t, key, ret))
        return false;
    follow(t, *ret);
    return true;
}

static void table_put(struct slots *t, uint32_t i)
{
    uint32_t at = t->list[i].hash & t->mask;
    while (t->table[at] != 0)
        at = (at + 1) & t->mask;
    t->table[at] = i + 1;
}

static enum err grow(struct slots *t)
{
    uint32_t size = t->table == NULL ? TABLE_FIRST : (t->mask + 1) * 2;
    struct slot *list = realloc(t->list, (size_t)(size / 2) * sizeof *list);
    if (list == NULL)
        return ERR_NOMEM;
    t->list = list;
    uint32_t *table = calloc(size, sizeof *table);
    if (table == NULL)
        return ERR_NOMEM;
    free(t->table);
    t->table = table;
    t->mask = size - 1;
    t->cap = size / 2;
    for (uint32_t i = 0; i < t->count; i++)
        table_put(t, i);
    return ERR_OK;
}

static enum err keep_key(struct slots *t, struct str key, uint32_t *ret)
{
    if (key.n > SLOTS_KEYS_MAX - t->keys_len)
        return ERR_LIMIT;
    if (key.n > t->keys_cap - t->keys_len) {
        size_t cap = t->keys_cap == 0 ? 16384 : t->keys_cap;
        while (cap - t->keys_len < key.n)
            cap += cap / 2;
        char *keys = realloc(t->keys, cap);
        if (keys == NULL)
            return ERR_NOMEM;
        t->keys = keys;
        t->keys_cap = cap;
    }
    memcpy(t->keys + t->keys_len, key.p, key.n);
    *ret = (uint32_t)t->keys_len;
    t->keys_len += key.n;
    return ERR_OK;
}

enum err slots_add(struct slots *t, struct str key, uint32_t *ret)
{
    if (t->count >= t->max)
        return ERR_LIMIT;
    enum err e = t->count == t->cap ? grow(t) : ERR_OK;
    uint32_t at = 0;
    if (e == ERR_OK)
        e = keep_key(t, key, &at);
    if (e != ERR_OK)
        return e;
    uint32_t i = t->count++;
    t->list[i] = (struct slot){
        .key = at,
        .key_len = (uint32_t)key.n,
        .hash = (uint32_t)hash_bytes(key.p, key.n, t->hash_key),
        .next = SLOT_NONE,
        .feed = SLOT_NONE,
    };
    table_put(t, i);
    follow(t, i);
    *ret = i;
    return ERR_OK;
}

bool slots_is_old(const struct slot *s, uint32_t before)
{
    return s->last_seen < before && s->lack == 0;
}

void slots_sweep(struct slots *t, uint32_t before, uint32_t *remap)
{
    uint32_t kept = 0;
    size_t keys_len = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        struct slot s = t->list[i];
        if (slots_is_old(&s, before)) {
            remap[i] = SLOT_NONE;
            continue;
        }
        memmove(t->keys + keys_len, t->keys + s.key, s.key_len); /* keys lie in the order of their slots */
        s.key = (uint32_t)keys_len;
        keys_len += s.key_len;
        remap[i] = kept;
        t->list[kept++] = s;
    }
    for (uint32_t i = 0; i < kept; i++)
        t->list[i].next = t->list[i].next == SLOT_NONE ? SLOT_NONE : remap[t->list[i].next];
    t->first = t->first == SLOT_NONE ? SLOT_NONE : remap[t->first];
    t->prev = SLOT_NONE;
    t->count = kept;
    t->keys_len = keys_len;
    if (t->table != NULL)
        memset(t->table, 0, ((size_t)t->mask + 1) * sizeof *t->table);
    for (uint32_t i = 0; i < kept; i++)
        table_put(t, i);
}
