/* SPDX-License-Identifier: MIT */
/* An open-addressing table of ids with linear probing, at most half full. The texts lie back to back in pages of an arena; the 32-bit
 * hash beside each makes growing cheap and unequal strings differ early. Nothing is ever removed. */
#include "base/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

enum {
    PAGE = 4096,      /* bytes of text per page */
    SLOTS_FIRST = 64, /* a power of two */
};

struct entry {
    const char *text;
    uint32_t len, hash;
};

struct intern {
    struct entry *entries; /* by id; entries[0] is the empty string */
    uint32_t *slots;       /* id, or 0 for a free slot: the empty string is never looked up here */
    uint32_t count, entry_cap, slot_mask, max;
    uint64_t key;
    struct arena texts;
    char *page;
    size_t page_left;
};

struct intern *intern_new(uint32_t max_strings)
{
    struct intern *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    arena_init(&t->texts, SIZE_MAX);
    t->entries = calloc(SLOTS_FIRST / 2, sizeof *t->entries);
    t->slots = calloc(SLOTS_FIRST, sizeof *t->slots);
    if (t->entries == NULL || t->slots == NULL) {
        intern_free(t);
        return NULL;
    }
    t->entries[0].text = "";
    t->count = 1;
    t->entry_cap = SLOTS_FIRST / 2;
    t->slot_mask = SLOTS_FIRST - 1;
    t->max = max_strings < UINT32_MAX / 4 ? max_strings : UINT32_MAX / 4; /* keeps the slot arithmetic in 32 bits */
    t->key = hash_random_key();
    return t;
}

void intern_free(struct intern *t)
{
    if (t == NULL)
        return;
    arena_fini(&t->texts);
    free(t->entries);
    free(t->slots);
    free(t);
}

/* The slot that holds s, or the free one where it belongs. */
static uint32_t find_slot(const struct intern *t, struct str s, uint32_t hash)
{
    uint32_t i = hash & t->slot_mask;
    for (; t->slots[i] != 0; i = (i + 1) & t->slot_mask) {
        const struct entry *e = &t->entries[t->slots[i]];
        if (e->hash == hash && e->len == s.n && memcmp(e->text, s.p, s.n) == 0)
            break;
    }
    return i;
}

/* Doubles both tables; entries always have half as many places as there are slots. */
static enum err grow(struct intern *t)
{
    uint32_t slot_count = (t->slot_mask + 1) * 2;
    struct entry *entries = realloc(t->entries, (size_t)slot_count / 2 * sizeof *entries);
    if (entries == NULL)
        return ERR_NOMEM;
    t->entries = entries;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (slots == NULL)
        return ERR_NOMEM;
    uint32_t mask = slot_count - 1;
    for (uint32_t id = 1; id < t->count; id++) {
        uint32_t i = entries[id].hash & mask;
        while (slots[i] != 0)
            i = (i + 1) & mask;
        slots[i] = id;
    }
    free(t->slots);
    t->slots = slots;
    t->slot_mask = mask;
    t->entry_cap = slot_count / 2;
    return ERR_OK;
}

static char *keep_text(struct intern *t, struct str s)
{
    size_t need = s.n + 1;
    char *text;
    if (need > PAGE / 4) { /* a long one gets a place of its own, so that the page's rest is not lost */
        text = arena_alloc(&t->texts, need);
        if (text == NULL)
            return NULL;
    } else {
        if (need > t->page_left) {
            char *page = arena_alloc(&t->texts, PAGE);
            if (page == NULL)
                return NULL;
            t->page = page;
            t->page_left = PAGE;
        }
        text = t->page;
        t->page += need;
        t->page_left -= need;
    }
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    return text;
}

enum err intern_add(struct intern *t, struct str s, uint32_t *ret_id)
{
    if (s.n == 0) {
        *ret_id = 0;
        return ERR_OK;
    }
    if (s.n >= UINT32_MAX)
        return ERR_LIMIT;
    uint32_t hash = (uint32_t)hash_bytes(s.p, s.n, t->key);
    uint32_t slot = find_slot(t, s, hash);
    if (t->slots[slot] != 0) {
        *ret_id = t->slots[slot];
        return ERR_OK;
    }
    if (t->count - 1 >= t->max)
        return ERR_LIMIT;
    if (t->count == t->entry_cap) {
        enum err e = grow(t);
        if (e != ERR_OK)
            return e;
        slot = find_slot(t, s, hash);
    }
    char *text = keep_text(t, s);
    if (text == NULL)
        return ERR_NOMEM;
    t->entries[t->count] = (struct entry){text, (uint32_t)s.n, hash};
    t->slots[slot] = t->count;
    *ret_id = t->count++;
    return ERR_OK;
}

bool intern_find(const struct intern *t, struct str s, uint32_t *ret_id)
{
    if (s.n == 0) {
        *ret_id = 0;
        return true;
    }
    if (s.n >= UINT32_MAX)
        return false;
    uint32_t id = t->slots[find_slot(t, s, (uint32_t)hash_bytes(s.p, s.n, t->key))];
    if (id == 0)
        return false;
    *ret_id = id;
    return true;
}

const char *intern_text(const struct intern *t, uint32_t id)
{
    return id < t->count ? t->entries[id].text : "";
}

uint32_t intern_count(const struct intern *t)
{
    return t->count;
}
