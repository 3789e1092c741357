/* SPDX-License-Identifier: MIT */
#include "record/presence.h"

#include <sys/stat.h>
#include <time.h>

#include "base/str.h"

enum { PATH_BYTES = 4096 };

bool presence_age(const char *store, int64_t *ret_ms)
{
    char path[PATH_BYTES];
    struct stat st;
    struct timespec now;
    if (!str_format(path, sizeof path, "%s.seen", store) || stat(path, &st) != 0 || clock_gettime(CLOCK_REALTIME, &now) != 0)
        return false;
    int64_t age = ((int64_t)now.tv_sec - (int64_t)st.st_mtim.tv_sec) * 1000 + (now.tv_nsec - st.st_mtim.tv_nsec) / 1000000;
    *ret_ms = age > 0 ? age : 0;
    return true;
}
