/* SPDX-License-Identifier: MIT */
/* Reads on in a file that others append to, and that may be rotated: renamed and begun anew, or cut. The one that was renamed is read to
 * its end first. What is read is bounded: the last megabyte at the beginning, four megabytes a call. */
#ifndef GWTOP_RECORD_TAILFILE_H
#define GWTOP_RECORD_TAILFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { TAILFILE_FIRST_BYTES = 1 << 20, TAILFILE_BYTES = 4 << 20 };

struct tailfile {
    bool open; /* fd is */
    int fd;
    dev_t dev;
    ino_t ino;
    off_t at;
    bool in_line; /* what was handed on last was no end of a line */
    bool skip;    /* up to the first end of a line: it was entered in the middle */
};

/* All zero is a file that was not read yet. Hands on what came since the last call, in order; of a file that ends within a line, an end of
 * it once another file begins. on_bytes: false stops. Errors: ERR_IO: what cannot be read, and the remedy; ERR_LIMIT, that on_bytes said
 * no. */
enum err tailfile_read(struct tailfile *t, const char *path, bool (*on_bytes)(void *ctx, const void *p, size_t n), void *on_ctx,
                       size_t *ret_bytes, struct errctx *ctx) GW_MUST_USE;
void tailfile_close(struct tailfile *t); /* the next read begins as the first one did */

#endif
