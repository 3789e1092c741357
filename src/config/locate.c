/* SPDX-License-Identifier: MIT */
#include "config/locate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"

/* A base directory of the XDG specification: relative values are to be ignored. */
static bool xdg_dir(const char *variable, const char *under_home, char *out, size_t cap)
{
    const char *dir = getenv(variable), *home = getenv("HOME");
    if (dir != NULL && dir[0] == '/')
        return str_format(out, cap, "%s", dir);
    return home != NULL && home[0] == '/' && str_format(out, cap, "%s/%s", home, under_home);
}

enum err locate_own_store(char *out, size_t cap, struct errctx *ctx)
{
    char dir[LOCATE_PATH_MAX];
    if (!xdg_dir("XDG_STATE_HOME", ".local/state", dir, sizeof dir))
        return errctx_set(ctx, ERR_CONFIG,
                          "where to keep the store is not known: set HOME or XDG_STATE_HOME, or name it with store: or --store");
    if (strlen(dir) + sizeof "/gwtop/gwtop.db" > cap)
        return errctx_set(ctx, ERR_LIMIT, "the path of the store is longer than %zu bytes", cap);
    (void)str_format(out, cap, "%s/gwtop/gwtop.db", dir);
    return ERR_OK;
}

enum err config_default_store(char *out, size_t cap, struct errctx *ctx)
{
    if (access(LOCATE_SYSTEM_STORE, R_OK) != 0)
        return locate_own_store(out, cap, ctx);
    return str_format(out, cap, "%s", LOCATE_SYSTEM_STORE)
               ? ERR_OK
               : errctx_set(ctx, ERR_LIMIT, "the path of the store is longer than %zu bytes", cap);
}

bool locate_config(char *out, size_t cap, bool *ret_named)
{
    char dir[LOCATE_PATH_MAX];
    const char *named = getenv("GWTOP_CONFIG");
    *ret_named = named != NULL && named[0] != 0;
    if (*ret_named)
        return str_format(out, cap, "%s", named);
    if (xdg_dir("XDG_CONFIG_HOME", ".config", dir, sizeof dir) && str_format(out, cap, "%s/gwtop/gwtop.yaml", dir) &&
        access(out, F_OK) == 0)
        return true;
    return str_format(out, cap, "/etc/gwtop/gwtop.yaml") && access(out, F_OK) == 0;
}

const char *locate_dir_of(const char *path, struct arena *a)
{
    char here[LOCATE_PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    int n = slash == NULL ? 0 : (int)(slash - path);
    if (path[0] == '/')
        return arena_printf(a, "%.*s", n, path);
    if (getcwd(here, sizeof here) == NULL) /* it was removed: then nothing is found in it either */
        str_copy(here, sizeof here, str_of("."));
    return arena_printf(a, "%s%s%.*s", here, n > 0 ? "/" : "", n, path);
}

static enum err check_trust(const char *path, const struct stat *st, struct errctx *ctx)
{
    if (!S_ISREG(st->st_mode))
        return errctx_set(ctx, ERR_CONFIG, "%s: not a file", path);
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return errctx_set(ctx, ERR_CONFIG, "%s: belongs to another user (%u); it must be yours or root's", path, (unsigned)st->st_uid);
    if (st->st_mode & S_IWOTH)
        return errctx_set(ctx, ERR_CONFIG, "%s: others can write it; run chmod o-w %s", path, path);
    if (st->st_size > YAML_BYTES_MAX)
        return errctx_set(ctx, ERR_LIMIT, "%s: larger than %d bytes", path, YAML_BYTES_MAX);
    return ERR_OK;
}

static enum err read_all(int fd, const char *path, struct arena *a, size_t size, struct str *ret, struct errctx *ctx)
{
    char *text = arena_alloc(a, size + 1);
    if (text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "%s: out of memory", path);
    size_t n = 0;
    while (n < size) {
        ssize_t got = read(fd, text + n, size - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errctx_set(ctx, ERR_IO, "%s: %s", path, strerror(errno));
        if (got == 0)
            break; /* shorter than a moment ago: what is there is what it holds */
        n += (size_t)got;
    }
    *ret = (struct str){text, n};
    return ERR_OK;
}

enum err locate_read(const char *path, struct arena *a, struct str *ret, struct locate_trust *ret_trust, struct errctx *ctx)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO in its place must not block */
    if (fd < 0)
        return errctx_set(ctx, errno == ENOENT ? ERR_CONFIG : ERR_IO, "%s: %s", path, strerror(errno));
    enum err err = fstat(fd, &st) == 0 ? check_trust(path, &st, ctx) : errctx_set(ctx, ERR_IO, "%s: %s", path, strerror(errno));
    if (err == ERR_OK)
        err = read_all(fd, path, a, (size_t)st.st_size, ret, ctx);
    if (err == ERR_OK)
        ret_trust->others_read = (st.st_mode & S_IROTH) != 0;
    close(fd);
    return err;
}

enum err locate_read_data(const char *path, size_t max_bytes, struct arena *a, struct str *ret, struct errctx *ctx)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errctx_set(ctx, errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "%s: %s", path, strerror(errno));
    enum err err = fstat(fd, &st) == 0 ? ERR_OK : errctx_set(ctx, ERR_IO, "%s: %s", path, strerror(errno));
    if (err == ERR_OK && !S_ISREG(st.st_mode))
        err = errctx_set(ctx, ERR_IO, "%s: not a file", path);
    if (err == ERR_OK && (uintmax_t)st.st_size > max_bytes)
        err = errctx_set(ctx, ERR_LIMIT, "%s: larger than %zu MB", path, max_bytes >> 20);
    if (err == ERR_OK)
        err = read_all(fd, path, a, (size_t)st.st_size, ret, ctx);
    close(fd);
    return err;
}
