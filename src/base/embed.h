/* SPDX-License-Identifier: MIT */
/* A file of the source tree that was built into the program (cmake/embed.cmake writes the tables). */
#ifndef GWTOP_BASE_EMBED_H
#define GWTOP_BASE_EMBED_H

#include <stddef.h>

struct embed_file {
    const char *name; /* file name without its extension */
    const char *data; /* size bytes, followed by a NUL that is not counted */
    size_t size;
};

#endif
