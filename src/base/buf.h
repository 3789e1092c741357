/* SPDX-License-Identifier: MIT */
/* A growing byte buffer that is created with its maximum. For arrays of things use base/arena.h.
 *
 * Invariant: len <= cap <= max; data[len] is readable and 0 once anything was appended, so the bytes can be used as a C string. */
#ifndef GWTOP_BASE_BUF_H
#define GWTOP_BASE_BUF_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct buf {
    char *data;
    size_t len, cap, max;
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_fini(struct buf *b);
void buf_reset(struct buf *b); /* empty, keeps its memory */

/* Errors: ERR_LIMIT past max_bytes (nothing appended), ERR_NOMEM. Cost: amortised O(n). */
enum err buf_append(struct buf *b, const void *p, size_t n) GW_MUST_USE;
enum err buf_append_z(struct buf *b, const char *z) GW_MUST_USE;
enum err buf_append_char(struct buf *b, char c) GW_MUST_USE;
enum err buf_printf(struct buf *b, const char *fmt, ...) GW_MUST_USE GW_PRINTF(2, 3);
/* Makes room for n more bytes and returns where to write them; the caller then adds to len. NULL on ERR_LIMIT or ERR_NOMEM. */
char *buf_reserve(struct buf *b, size_t n) GW_MUST_USE;

struct str buf_str(const struct buf *b);

#endif
