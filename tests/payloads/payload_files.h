/* SPDX-License-Identifier: MIT */
/* Files of recorded bodies, for the programs that run the decoders over them. */
#ifndef GWTOP_TESTS_PAYLOAD_FILES_H
#define GWTOP_TESTS_PAYLOAD_FILES_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "unit/source/expo_transcript.h"

enum { PAYLOAD_MAX = 64 << 20 };

/* The whole file in out, which is reset before. False when it can't be read. */
static inline bool payload_read(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rb");
    buf_reset(out);
    if (!f) {
        return false;
    }
    char block[8192];
    size_t n;
    while ((n = fread(block, 1, sizeof block, f)) > 0) {
        transcript_must(buf_append(out, block, n) == ERR_OK, "file is too large");
    }
    bool ok = !ferror(f);
    fclose(f);
    return ok;
}

static inline int payload_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The paths of the regular files in folder, sorted; NULL when it can't be listed. The caller frees each and the array. */
static inline char **payload_list(const char *folder, size_t *ret_count)
{
    DIR *d = opendir(folder);
    if (!d) {
        return NULL;
    }
    char **paths = NULL;
    size_t count = 0;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        char path[1024];
        struct stat st;
        transcript_must(str_format(path, sizeof path, "%s/%s", folder, e->d_name), "path is too long");
        if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
            continue;
        }
        paths = realloc(paths, (count + 1) * sizeof *paths);
        transcript_must(paths != NULL, "out of memory");
        paths[count] = strdup(path);
        transcript_must(paths[count] != NULL, "out of memory");
        count++;
    }
    closedir(d);
    if (count > 0) {
        qsort(paths, count, sizeof *paths, payload_compare);
    }
    *ret_count = count;
    return paths;
}

static inline void payload_list_free(char **paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(paths[i]);
    }
    free(paths);
}

static inline bool payload_is(const char *path, const char *extension)
{
    return str_has_suffix(str_of(path), extension);
}

#endif
