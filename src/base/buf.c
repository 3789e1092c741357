/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 64 }; /* bytes of the first allocation */

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = (struct buf){.max = max_bytes};
}

void buf_fini(struct buf *b)
{
    if (b == NULL)
        return;
    free(b->data);
    *b = (struct buf){.max = b->max};
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    if (b->data != NULL)
        b->data[0] = '\0';
}

/* Room for n more bytes; the allocation has one byte more than cap for the NUL. */
static enum err make_room(struct buf *b, size_t n)
{
    if (n > b->max - b->len)
        return ERR_LIMIT;
    size_t need = b->len + n;
    if (b->data != NULL && need <= b->cap)
        return ERR_OK;
    size_t cap = b->cap > b->max / 2 ? b->max : b->cap * 2;
    if (cap < FIRST_CAP)
        cap = FIRST_CAP;
    if (cap < need)
        cap = need;
    if (cap > b->max)
        cap = b->max;
    char *data = cap < SIZE_MAX ? realloc(b->data, cap + 1) : NULL;
    if (data == NULL)
        return ERR_NOMEM;
    b->data = data;
    b->cap = cap;
    b->data[b->len] = '\0';
    return ERR_OK;
}

enum err buf_append(struct buf *b, const void *p, size_t n)
{
    enum err e = make_room(b, n);
    if (e != ERR_OK)
        return e;
    if (n > 0)
        memcpy(b->data + b->len, p, n);
    b->len += n;
    b->data[b->len] = '\0';
    return ERR_OK;
}

enum err buf_append_z(struct buf *b, const char *z)
{
    return buf_append(b, z, strlen(z));
}

enum err buf_append_char(struct buf *b, char c)
{
    return buf_append(b, &c, 1);
}

enum err buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    enum err e = n < 0 ? ERR_IO : make_room(b, (size_t)n);
    if (e == ERR_OK) {
        vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
    return e;
}

char *buf_reserve(struct buf *b, size_t n)
{
    return make_room(b, n) == ERR_OK ? b->data + b->len : NULL;
}

struct str buf_str(const struct buf *b)
{
    return (struct str){b->data != NULL ? b->data : "", b->len};
}
