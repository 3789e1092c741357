/* SPDX-License-Identifier: MIT */
#include "panes/alloc_count.h"

#include <stdlib.h>

static size_t calls;

size_t alloc_count(void)
{
    return calls;
}

/* Names that --wrap prescribes. */
void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);

void *__wrap_malloc(size_t n)
{
    calls++;
    return __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
    calls++;
    return __real_calloc(count, n);
}

void *__wrap_realloc(void *p, size_t n)
{
    calls++;
    return __real_realloc(p, n);
}
