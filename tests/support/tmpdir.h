/* SPDX-License-Identifier: MIT */
/* A directory of a test's own, and its removal with everything in it. */
#ifndef GWTOP_TESTS_SUPPORT_TMPDIR_H
#define GWTOP_TESTS_SUPPORT_TMPDIR_H

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes a fresh directory (mode 0700) under $TMPDIR or /tmp and writes its path; false when it cannot or the path does not fit. */
static inline bool tmpdir_make(char path[], size_t size)
{
    static const char name[] = "/gwtop-test-XXXXXX";
    const char *base = getenv("TMPDIR");
    if (base == NULL || base[0] != '/')
        base = "/tmp";
    size_t n = strlen(base);
    if (n >= size || size - n < sizeof name)
        return false;
    memcpy(path, base, n);
    memcpy(path + n, name, sizeof name);
    return mkdtemp(path) != NULL;
}

/* Removes an open directory's content; takes fd over. Symbolic links are removed, never followed. */
static inline bool tmpdir_empty(int fd)
{
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool good = true;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        struct stat st;
        bool folder = fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
        if (folder) {
            good &= fchmodat(dirfd(dir), entry->d_name, 0700, 0) == 0; /* tests make unwritable ones */
            good &= tmpdir_empty(openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        }
        good &= unlinkat(dirfd(dir), entry->d_name, folder ? AT_REMOVEDIR : 0) == 0;
    }
    closedir(dir);
    return good;
}

/* Removes what tmpdir_make made; false when something is left. */
static inline bool tmpdir_remove(const char *path)
{
    bool good = chmod(path, 0700) == 0;
    good &= tmpdir_empty(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    return rmdir(path) == 0 && good;
}

#endif
