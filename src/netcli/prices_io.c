/* SPDX-License-Identifier: MIT */
#include "netcli/prices_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/price_table.h"
#include "config/locate.h"
#include "netcli/daemon.h"
#include "record/http.h"

enum { TOTAL_MS = 120000, STALL_MS = 20000, WAIT_MS = 1000 };

/* ---- an address ---- */

struct fetching {
    struct buf *out;
    struct http_result result;
    bool done;
};

static bool on_body(void *ctx, const void *bytes, size_t n, struct errctx *reason)
{
    struct fetching *f = ctx;
    if (buf_append(f->out, bytes, n) == ERR_OK)
        return true;
    errctx_set(reason, ERR_LIMIT, "the list is larger than %d MB", PRICE_FILE_MAX >> 20);
    return false;
}

static void on_done(void *ctx, const struct http_result *r)
{
    struct fetching *f = ctx;
    f->result = *r;
    f->done = true;
}

static enum err fetch(struct http *http, struct http_conn *conn, struct fetching *f, struct errctx *ctx)
{
    const struct http_handler on = {NULL, on_body, on_done, f};
    const struct http_request rq = {.url = NULL};
    int running = 0;
    enum err e = http_start(conn, &rq, &on, ctx);
    while (e == ERR_OK && !f->done)
        e = http_wait(http, WAIT_MS, -1, &running, ctx);
    if (e == ERR_OK && f->result.failed != HTTP_DONE)
        e = errctx_set(ctx, ERR_NET, "%s", f->result.reason);
    return e;
}

enum err prices_fetch(const char *url, const char *ca_file, const char *user_agent, struct buf *out, struct errctx *ctx)
{
    const struct http_options o = {.url = url,
                                   .total_ms = TOTAL_MS,
                                   .stall_ms = STALL_MS,
                                   .max_body_bytes = PRICE_FILE_MAX,
                                   .accept = "application/json,text/plain;q=0.9,*/*;q=0.1",
                                   .ca_file = ca_file};
    struct fetching f = {.out = out};
    struct http *http = NULL;
    struct http_conn *conn = NULL;
    enum err e = http_open(NULL, user_agent, &http, ctx);
    if (e == ERR_OK)
        e = http_add(http, &o, &conn, ctx);
    if (e == ERR_OK)
        e = fetch(http, conn, &f, ctx);
    if (conn != NULL)
        http_remove(conn);
    if (http != NULL)
        http_close(http);
    return e;
}

/* ---- a file ---- */

static enum err fail(const char *what, const char *path, struct errctx *ctx)
{
    return errctx_set(ctx, ERR_IO, "cannot %s %s: %s; the old list stays", what, path, strerror(errno));
}

static bool write_all(int fd, struct str bytes)
{
    for (size_t n = 0; n < bytes.n;) {
        ssize_t put = write(fd, bytes.p + n, bytes.n - n);
        if (put < 0 && errno != EINTR)
            return false;
        n += put > 0 ? (size_t)put : 0;
    }
    return true;
}

/* The rename itself must outlive a crash too. */
static void sync_directory(char *path)
{
    char *slash = strrchr(path, '/');
    int fd;
    if (slash != NULL)
        *slash = '\0';
    fd = open(slash == NULL ? "." : slash == path ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
}

enum err prices_replace(const char *path, struct str bytes, struct errctx *ctx)
{
    char fresh[LOCATE_PATH_MAX];
    if (!str_format(fresh, sizeof fresh, "%s.XXXXXX", path))
        return errctx_set(ctx, ERR_LIMIT, "%s: the path is too long", path);
    daemon_make_folders(path);
    int fd = mkstemp(fresh);
    if (fd < 0)
        return fail("make a file beside", path, ctx);
    bool good = fchmod(fd, 0644) == 0 && write_all(fd, bytes) && fsync(fd) == 0; /* prices are no secret: every console reads them */
    good = close(fd) == 0 && good;
    if (!good || rename(fresh, path) != 0) {
        enum err e = fail("write", path, ctx);
        (void)unlink(fresh);
        return e;
    }
    sync_directory(fresh);
    return ERR_OK;
}
