/* SPDX-License-Identifier: MIT */
/* How this works: blocks form a doubly linked list in the order of their age; `head` is the one being filled. After a reset the oldest
 * is the head again and the newer ones wait behind it, so that the same sequence of requests finds the same blocks and allocates
 * nothing. A block that a whole cycle did not touch is released at its end, so that one large frame is not kept for ever. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ALIGN = 16,
    BLOCK_FIRST = 4096, /* bytes; doubles with each block up to BLOCK_MAX, so that small arenas stay small */
    BLOCK_MAX = 262144,
};

struct arena_block {
    struct arena_block *older, *newer;
    size_t cap, used;
};

/* The first byte after the block's header, aligned as malloc's result is. */
enum { HEADER = (sizeof(struct arena_block) + ALIGN - 1) / ALIGN * ALIGN };

void arena_init(struct arena *a, size_t max_bytes)
{
    *a = (struct arena){.max = max_bytes};
}

/* Frees b and everything newer. */
static void free_newer(struct arena_block *b)
{
    while (b != NULL) {
        struct arena_block *next = b->newer;
        free(b);
        b = next;
    }
}

static struct arena_block *oldest(struct arena_block *b)
{
    while (b != NULL && b->older != NULL)
        b = b->older;
    return b;
}

void arena_fini(struct arena *a)
{
    if (a == NULL)
        return;
    free_newer(oldest(a->head));
    *a = (struct arena){.max = a->max};
}

void arena_reset(struct arena *a)
{
    if (a->head != NULL) {
        free_newer(a->head->newer);
        a->head->newer = NULL;
        for (struct arena_block *b = a->head; b != NULL; b = b->older)
            b->used = 0;
        a->head = oldest(a->head);
    }
    a->used = 0;
}

/* Makes the head a block with room for n bytes: a waiting one, or a new one put before the waiting ones. */
static bool next_block(struct arena *a, size_t n)
{
    struct arena_block *waiting = a->head != NULL ? a->head->newer : NULL;
    if (waiting != NULL && waiting->cap >= n) {
        a->head = waiting;
        return true;
    }
    size_t cap = a->head == NULL ? BLOCK_FIRST : a->head->cap * 2;
    cap = cap > BLOCK_MAX ? BLOCK_MAX : cap;
    cap = cap < n ? n : cap;
    if (cap > SIZE_MAX - HEADER)
        return false;
    struct arena_block *b = malloc(HEADER + cap);
    if (b == NULL)
        return false;
    *b = (struct arena_block){.older = a->head, .newer = waiting, .cap = cap};
    if (a->head != NULL)
        a->head->newer = b;
    if (waiting != NULL)
        waiting->older = b;
    a->head = b;
    return true;
}

void *arena_alloc(struct arena *a, size_t n)
{
    if (n > SIZE_MAX - ALIGN)
        return NULL;
    n = n == 0 ? ALIGN : (n + ALIGN - 1) / ALIGN * ALIGN;
    if (n > a->max - a->used)
        return NULL;
    if ((a->head == NULL || n > a->head->cap - a->head->used) && !next_block(a, n))
        return NULL;
    void *p = (char *)a->head + HEADER + a->head->used;
    a->head->used += n;
    a->used += n;
    return memset(p, 0, n);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return arena_alloc(a, count * size);
}

char *arena_strdup(struct arena *a, struct str s)
{
    char *z = s.n < SIZE_MAX ? arena_alloc(a, s.n + 1) : NULL;
    if (z != NULL && s.n > 0)
        memcpy(z, s.p, s.n);
    return z;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *z = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (z != NULL)
        vsnprintf(z, (size_t)n + 1, fmt, again);
    va_end(again);
    return z;
}
