/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* madvise and sbrk are not in POSIX.1-2008 */
#include "cli/cli.h"

#include <stdint.h>
#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

void cli_heap_begin(void)
{
    enum { ROOM = 64 << 20, MMAP_FROM = 32 << 20 /* the most that glibc takes */ };
    static const uintptr_t huge = 2 << 20;

    if (mallopt(M_TOP_PAD, ROOM) == 0 || mallopt(M_MMAP_THRESHOLD, MMAP_FROM) == 0 || mallopt(M_TRIM_THRESHOLD, 2 * ROOM) == 0)
        return;
    char *first = malloc(MMAP_FROM / 2); /* more than is left: the heap grows */
    const uintptr_t end = (uintptr_t)sbrk(0), from = ((uintptr_t)first + huge - 1) / huge * huge;
    if (first != NULL && from < end)
        (void)madvise((void *)from, end / huge * huge - from, MADV_HUGEPAGE); /* without it the pages are small ones */
    free(first);
}
#else
void cli_heap_begin(void)
{
}
#endif
