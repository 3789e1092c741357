/* SPDX-License-Identifier: MIT */
#include "source/frozen.h"

#include <string.h>

#include "base/hash.h"

static const char counter[] = "\nprocess_cpu_seconds_total";

static bool has_counter(const char *p, size_t n)
{
    const size_t m = sizeof counter - 1;
    for (const char *end = p + n; (size_t)(end - p) >= m; p++) {
        p = memchr(p, '\n', (size_t)(end - p) - m + 1);
        if (p == NULL)
            return false;
        if (memcmp(p, counter, m) == 0)
            return true;
    }
    return false;
}

static void close_block(struct frozen *f)
{
    f->hash = hash_bytes(f->block + FROZEN_CARRY, f->len, f->hash);
    if (!f->counts_itself && f->searched < FROZEN_PAGES)
        f->counts_itself = has_counter(f->block, FROZEN_CARRY + f->len);
    memmove(f->block, f->block + f->len, FROZEN_CARRY);
    f->len = 0;
}

void frozen_begin(struct frozen *f)
{
    memset(f->block, 0, FROZEN_CARRY);
    f->len = 0;
    f->hash = 1;
}

void frozen_feed(struct frozen *f, const char *bytes, size_t n)
{
    while (n > 0) {
        const size_t room = FROZEN_BLOCK - f->len, part = n < room ? n : room;
        memcpy(f->block + FROZEN_CARRY + f->len, bytes, part);
        f->len += part;
        bytes += part;
        n -= part;
        if (f->len == FROZEN_BLOCK)
            close_block(f);
    }
}

bool frozen_end(struct frozen *f, int64_t now_ms)
{
    close_block(f);
    f->searched += f->searched < FROZEN_PAGES;
    if (f->hash != f->before) {
        const bool moved = f->before != 0 && f->same == 0;
        f->lively = moved ? f->lively + (f->lively < FROZEN_LIVELY) : 0;
        f->same = 0;
        f->since_ms = now_ms;
        f->before = f->hash;
        return false;
    }
    f->same++;
    return f->counts_itself && f->lively >= FROZEN_LIVELY && f->same >= FROZEN_POLLS && now_ms - f->since_ms >= FROZEN_AFTER_MS;
}
