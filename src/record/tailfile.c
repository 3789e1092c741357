/* SPDX-License-Identifier: MIT */
#include "record/tailfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 << 10 };

struct reading {
    struct tailfile *t;
    const char *path;
    bool (*on_bytes)(void *ctx, const void *p, size_t n);
    void *on_ctx;
    size_t bytes;
    struct errctx *ctx;
};

void tailfile_close(struct tailfile *t)
{
    if (t->open)
        close(t->fd);
    *t = (struct tailfile){.open = false};
}

static enum err open_file(struct reading *r, bool first)
{
    struct tailfile *t = r->t;
    struct stat st;
    int fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ENOENT)
        return errctx_set(r->ctx, ERR_IO, "%s is not there; it is read once it is (touch it)", r->path);
    if (fd < 0)
        return errctx_set(r->ctx, ERR_IO, "%s: %s; the recorder's user must be able to read it", r->path, strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return errctx_set(r->ctx, ERR_IO, "%s is no regular file", r->path);
    }
    const off_t at = first && st.st_size > TAILFILE_FIRST_BYTES ? st.st_size - TAILFILE_FIRST_BYTES : 0;
    *t = (struct tailfile){.open = true, .fd = fd, .dev = st.st_dev, .ino = st.st_ino, .at = at, .skip = at > 0};
    return ERR_OK;
}

static enum err hand_on(struct reading *r, const char *p, size_t n)
{
    struct tailfile *t = r->t;
    if (t->skip) {
        const char *newline = memchr(p, '\n', n);
        if (newline == NULL)
            return ERR_OK;
        t->skip = false;
        n -= (size_t)(newline + 1 - p);
        p = newline + 1;
    }
    if (n == 0)
        return ERR_OK;
    t->in_line = p[n - 1] != '\n';
    return r->on_bytes(r->on_ctx, p, n) ? ERR_OK : ERR_LIMIT;
}

/* A line that will never end ends here. */
static enum err end_line(struct reading *r)
{
    const bool in_line = r->t->in_line;
    r->t->in_line = false;
    return !in_line || r->on_bytes(r->on_ctx, "\n", 1) ? ERR_OK : ERR_LIMIT;
}

static enum err read_on(struct reading *r)
{
    char chunk[CHUNK_BYTES];
    struct tailfile *t = r->t;
    struct stat st;
    enum err e = ERR_OK;
    if (fstat(t->fd, &st) == 0 && st.st_size < t->at) { /* it was cut and begun anew */
        e = end_line(r);
        t->at = 0;
    }
    while (e == ERR_OK && r->bytes < TAILFILE_BYTES) {
        const ssize_t n = pread(t->fd, chunk, sizeof chunk, t->at);
        if (n < 0)
            return errno == EINTR ? ERR_OK : errctx_set(r->ctx, ERR_IO, "%s: %s", r->path, strerror(errno));
        if (n == 0)
            break;
        t->at += n;
        r->bytes += (size_t)n;
        e = hand_on(r, chunk, (size_t)n);
    }
    return e;
}

static bool is_another(const struct tailfile *t, const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && (st.st_dev != t->dev || st.st_ino != t->ino);
}

enum err tailfile_read(struct tailfile *t, const char *path, bool (*on_bytes)(void *ctx, const void *p, size_t n), void *on_ctx,
                       size_t *ret_bytes, struct errctx *ctx)
{
    struct reading r = {.t = t, .path = path, .on_bytes = on_bytes, .on_ctx = on_ctx, .ctx = ctx};
    enum err e = t->open ? ERR_OK : open_file(&r, true);
    if (e == ERR_OK)
        e = read_on(&r);
    if (e == ERR_OK && r.bytes < TAILFILE_BYTES && is_another(t, path)) {
        e = read_on(&r); /* what was written between the two looks */
        if (e == ERR_OK)
            e = end_line(&r);
        tailfile_close(t);
        if (e == ERR_OK)
            e = open_file(&r, false);
        if (e == ERR_OK)
            e = read_on(&r);
    }
    if (e == ERR_OK)
        *ret_bytes = r.bytes;
    return e;
}
