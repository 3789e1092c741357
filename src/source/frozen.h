/* SPDX-License-Identifier: MIT */
/* Whether a page is the same bytes again and again though it can't be: a cache before it, a worker that hangs behind a proxy. Such a page
 * answers 200, reads as "no request", and hides whatever happens.
 *
 * A page can't be the same when it counts its own process' CPU time, which making the page takes (process_cpu_seconds_total, as every
 * client library exposes it), and when it differed in each of the polls before. Pages that count no such thing, or that stood still now
 * and then, are never called frozen: nobody may have asked for anything. */
#ifndef GWTOP_SOURCE_FROZEN_H
#define GWTOP_SOURCE_FROZEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FROZEN_BLOCK = 4096,      /* bytes are hashed by so many, however they arrive */
    FROZEN_CARRY = 32,        /* of the block before, so that the counter is found where it stands across two */
    FROZEN_LIVELY = 10,       /* polls in a row that differed, before sameness says anything */
    FROZEN_POLLS = 3,         /* of the same bytes, after the first of them, */
    FROZEN_AFTER_MS = 120000, /* over so long: CPU time is told to 10 ms, which a process at rest takes in seconds */
    FROZEN_PAGES = 16         /* that are searched for the counter */
};

struct frozen {
    char block[FROZEN_CARRY + FROZEN_BLOCK];
    size_t len;            /* in block, beyond what is carried */
    uint64_t hash, before; /* of this page and the last one, 0 = there was none */
    bool counts_itself;
    unsigned searched; /* pages */
    unsigned lively;   /* polls in a row that differed, at most FROZEN_LIVELY */
    unsigned same;     /* polls of the same bytes */
    int64_t since_ms;  /* the first poll of these bytes */
};

void frozen_begin(struct frozen *f); /* an answer begins */
void frozen_feed(struct frozen *f, const char *bytes, size_t n);
/* The answer is complete, and was asked for at now_ms. Whether it is frozen; then since_ms is since when. Cost, with feeding: about 0.2 ns
 * a byte. */
bool frozen_end(struct frozen *f, int64_t now_ms);

#endif
