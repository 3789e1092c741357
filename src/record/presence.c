/* SPDX-License-Identifier: MIT */
#include "record/presence.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"

enum { PATH_BYTES = 4096 };

enum err presence_path(const char *store, char *out, size_t cap)
{
    return str_format(out, cap, "%s.seen", store) ? ERR_OK : ERR_LIMIT;
}

enum err presence_touch(const char *store, struct errctx *ctx)
{
    char path[PATH_BYTES];
    if (presence_path(store, path, sizeof path) != ERR_OK)
        return errctx_set(ctx, ERR_LIMIT, "the path of the store is too long");
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0660);
    if (fd < 0)
        return errctx_set(ctx, errno == EACCES || errno == EROFS ? ERR_READONLY : ERR_IO, "%s: %s", path, strerror(errno));
    int failed = futimens(fd, NULL) != 0 ? errno : 0;
    close(fd);
    return failed == 0 ? ERR_OK : errctx_set(ctx, ERR_IO, "%s: %s", path, strerror(failed));
}

bool presence_age(const char *store, int64_t *ret_ms)
{
    char path[PATH_BYTES];
    struct stat st;
    struct timespec now;
    if (presence_path(store, path, sizeof path) != ERR_OK || stat(path, &st) != 0 || clock_gettime(CLOCK_REALTIME, &now) != 0)
        return false;
    int64_t age = ((int64_t)now.tv_sec - (int64_t)st.st_mtim.tv_sec) * 1000 + (now.tv_nsec - st.st_mtim.tv_nsec) / 1000000;
    *ret_ms = age > 0 ? age : 0;
    return true;
}
