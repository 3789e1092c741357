/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* explicit_bzero, pipe2 */
#include "record/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/child.h"

enum {
    COMMAND_MS = 10 * 1000,
    URL_SECRET_MIN = 12, /* bytes after a webhook's host; "/hook" is none */
    REDACT_MIN = 4,      /* a shorter secret would star out ordinary text */
};

static const char basic[] = "Basic "; /* RFC 7617 */

struct run;

struct secret {
    struct config_secret from;
    const char *user; /* of a password: it is the whole value of an Authorization header. NULL = it is the secret itself */
    char *text;
    size_t n;        /* 0 = not read yet */
    struct run *run; /* of its command, NULL = none was started */
};

struct secrets {
    struct secret *list;
    size_t count;
};

struct secrets *secrets_new(void)
{
    return calloc(1, sizeof(struct secrets));
}

static void wipe(char *p, size_t n)
{
    if (p == NULL)
        return;
    explicit_bzero(p, n);
    munlock(p, n);
    free(p);
}

bool secret_is_given(const struct config_secret *c)
{
    return c->file != NULL || c->env != NULL || c->command != NULL;
}

static enum err read_file(const char *path, const char *what, char *buf, size_t *ret_n, struct errctx *ctx)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errctx_set(ctx, ERR_CONFIG, "%s: %s: %s", what, path,
                          errno == ELOOP ? "is a symbolic link; name the file itself" : strerror(errno));
    struct stat st;
    enum err e = ERR_OK;
    if (fstat(fd, &st) != 0)
        e = errctx_set(ctx, ERR_IO, "%s: %s: %s", what, path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        e = errctx_set(ctx, ERR_CONFIG, "%s: %s is not a regular file", what, path);
    else if (st.st_uid != geteuid())
        e = errctx_set(ctx, ERR_CONFIG, "%s: %s belongs to another user; it must be this user's own", what, path);
    else if ((st.st_mode & 077) != 0)
        e = errctx_set(ctx, ERR_CONFIG, "%s: others can read %s (mode %04o); run: chmod 600 %s", what, path, (unsigned)(st.st_mode & 07777),
                       path);
    size_t n = 0;
    while (e == ERR_OK && n <= SECRET_MAX) {
        ssize_t got = read(fd, buf + n, SECRET_MAX + 1 - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            e = errctx_set(ctx, ERR_IO, "%s: %s: %s", what, path, strerror(errno));
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    close(fd);
    *ret_n = n;
    return e;
}

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- commands ---- */

/* A command that was started and has not been heard out. */
struct run {
    pid_t pid; /* 0 = none; also its process group */
    int fd;
    int64_t began_ms;
    char buf[SECRET_MAX + 1];
    size_t n;
};

static enum err start(struct run *r, const char *command, const char *what, struct errctx *ctx)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errctx_set(ctx, ERR_IO, "%s: %s", what, strerror(errno));
    const char *const argv[] = {"/bin/sh", "-c", command, NULL};
    int failed = child_start(argv, &(struct child_io){.in = -1, .out = ends[1], .err = CHILD_SHARED}, &r->pid);
    close(ends[1]);
    if (failed != 0) {
        close(ends[0]);
        r->pid = 0;
        return errctx_set(ctx, ERR_CONFIG, "%s: its command could not be started: %s", what, strerror(failed));
    }
    r->fd = ends[0];
    r->n = 0;
    r->began_ms = now_ms();
    return ERR_OK;
}

/* Reads what is there, waiting up to wait_ms for more. True: that was all of it, or all that is wanted. */
static bool drain(struct run *r, int64_t wait_ms)
{
    int64_t end = now_ms() + wait_ms;
    while (r->n <= SECRET_MAX) {
        struct pollfd p = {.fd = r->fd, .events = POLLIN};
        int64_t left = end - now_ms();
        int got = poll(&p, 1, left <= 0 ? 0 : (int)left);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        ssize_t n = read(r->fd, r->buf + r->n, SECRET_MAX + 1 - r->n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return true;
        r->n += (size_t)n;
    }
    return true;
}

/* Ends the command when it has not ended by itself, and gives its exit status. */
static int end_run(struct run *r, bool kill_it)
{
    close(r->fd);
    int status = child_end(r->pid, kill_it);
    r->pid = 0;
    return status;
}

/* Errors: ERR_BUSY while it runs. */
static enum err hear(struct run *r, const char *what, int64_t wait_ms, struct errctx *ctx)
{
    bool whole = drain(r, wait_ms), late = !whole && now_ms() - r->began_ms >= COMMAND_MS, flood = r->n > SECRET_MAX;
    if (!whole && !late)
        return errctx_set(ctx, ERR_BUSY, "%s: its command is still running", what);
    int status = end_run(r, late || flood);
    if (late)
        return errctx_set(ctx, ERR_CONFIG, "%s: its command took longer than 10 s", what);
    if (!flood && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
        return errctx_set(ctx, ERR_CONFIG, "%s: its command failed (exit status %d)", what, WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    return ERR_OK;
}

static void drop(struct secret *one)
{
    if (one->run != NULL) {
        if (one->run->pid != 0)
            (void)end_run(one->run, true);
        explicit_bzero(one->run, sizeof *one->run);
        free(one->run);
    }
    wipe(one->text, SECRET_MAX + 1);
}

void secrets_free(struct secrets *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->count; i++)
        drop(&s->list[i]);
    free(s->list);
    free(s);
}

static enum err read_env(const char *name, const char *what, char *buf, size_t *ret_n, struct errctx *ctx)
{
    char *value = getenv(name);
    if (value == NULL)
        return errctx_set(ctx, ERR_CONFIG, "%s: the environment variable %s is not set", what, name);
    size_t n = strlen(value);
    size_t kept = n <= SECRET_MAX ? n : SECRET_MAX + 1;
    memcpy(buf, value, kept);
    explicit_bzero(value, n); /* the process' environment block keeps the bytes otherwise */
    unsetenv(name);
    *ret_n = kept;
    return ERR_OK;
}

static enum err check(const char *buf, size_t *n, const char *what, struct errctx *ctx)
{
    if (*n > SECRET_MAX)
        return errctx_set(ctx, ERR_LIMIT, "%s is longer than %d bytes", what, SECRET_MAX);
    if (*n > 0 && buf[*n - 1] == '\n')
        (*n)--;
    if (*n == 0)
        return errctx_set(ctx, ERR_CONFIG, "%s is empty", what);
    for (size_t i = 0; i < *n; i++) {
        unsigned char c = (unsigned char)buf[i];
        if (c < 0x21 || c == 0x7f)
            return errctx_set(ctx, ERR_CONFIG, "%s holds white space or a control character (byte %zu): it cannot go into a header", what,
                              i + 1);
    }
    return ERR_OK;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static struct secret *find(struct secrets *s, const struct config_secret *c, const char *user)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct config_secret *from = &s->list[i].from;
        if (same_text(from->file, c->file) && same_text(from->env, c->env) && same_text(from->command, c->command) &&
            same_text(s->list[i].user, user))
            return &s->list[i];
    }
    return NULL;
}

static enum err add(struct secrets *s, const struct config_secret *c, const char *user, const char *what, struct secret **ret,
                    struct errctx *ctx)
{
    if (s->count >= SECRETS_MAX)
        return errctx_set(ctx, ERR_LIMIT, "more than %d secrets", SECRETS_MAX);
    struct secret *list = realloc(s->list, (s->count + 1) * sizeof *list);
    if (list != NULL)
        s->list = list;
    char *text = calloc(1, SECRET_MAX + 1);
    if (list == NULL || text == NULL) {
        free(text);
        return errctx_set(ctx, ERR_NOMEM, "out of memory for %s", what);
    }
    (void)mlock(text, SECRET_MAX + 1); /* best effort: RLIMIT_MEMLOCK may be small */
    *ret = &s->list[s->count++];
    **ret = (struct secret){*c, user, text, 0, NULL};
    return ERR_OK;
}

/* Keeps what was read, when it may be used. */
static enum err keep(struct secret *one, char *buf, size_t n, const char *what, struct str *ret, struct errctx *ctx)
{
    enum err e = check(buf, &n, what, ctx);
    if (e != ERR_OK)
        return e;
    memcpy(one->text, buf, n);
    one->n = n;
    *ret = (struct str){one->text, n};
    return ERR_OK;
}

static enum err by_command(struct secret *one, const char *what, int64_t wait_ms, struct str *ret, struct errctx *ctx)
{
    enum err e = ERR_OK;
    if (one->run == NULL && (one->run = calloc(1, sizeof *one->run)) == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for %s", what);
    if (one->run->pid == 0)
        e = start(one->run, one->from.command, what, ctx);
    if (e == ERR_OK)
        e = hear(one->run, what, wait_ms, ctx);
    if (e == ERR_OK)
        e = keep(one, one->run->buf, one->run->n, what, ret, ctx);
    if (e != ERR_BUSY)
        explicit_bzero(one->run->buf, sizeof one->run->buf);
    return e;
}

static enum err read_any(struct secrets *s, const struct config_secret *c, const char *what, int64_t wait_ms, struct str *ret,
                         struct errctx *ctx)
{
    struct secret *one = find(s, c, NULL);
    char buf[SECRET_MAX + 1];
    size_t n = 0;
    if (one != NULL && one->n > 0 && c->env != NULL) { /* read once, and gone from the environment since */
        *ret = (struct str){one->text, one->n};
        return ERR_OK;
    }
    enum err e = one != NULL ? ERR_OK : add(s, c, NULL, what, &one, ctx);
    if (e != ERR_OK || c->command != NULL)
        return e == ERR_OK ? by_command(one, what, wait_ms, ret, ctx) : e;
    e = c->file != NULL ? read_file(c->file, what, buf, &n, ctx) : read_env(c->env, what, buf, &n, ctx);
    if (e == ERR_OK)
        e = keep(one, buf, n, what, ret, ctx);
    explicit_bzero(buf, sizeof buf);
    return e;
}

enum err secrets_read(struct secrets *s, const struct config_secret *c, const char *what, struct str *ret, struct errctx *ctx)
{
    return read_any(s, c, what, COMMAND_MS, ret, ctx);
}

enum err secrets_try(struct secrets *s, const struct config_secret *c, const char *what, struct str *ret, struct errctx *ctx)
{
    return read_any(s, c, what, 0, ret, ctx);
}

/* RFC 4648. False: to has no room. */
static bool put_base64(const char *p, size_t n, char *to, size_t cap, size_t *ret_n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t k = 0;
    if ((n + 2) / 3 * 4 > cap)
        return false;
    for (size_t i = 0; i < n; i += 3) {
        unsigned long v = (unsigned long)(unsigned char)p[i] << 16;
        v |= i + 1 < n ? (unsigned long)(unsigned char)p[i + 1] << 8 : 0;
        v |= i + 2 < n ? (unsigned long)(unsigned char)p[i + 2] : 0;
        to[k++] = digits[v >> 18];
        to[k++] = digits[v >> 12 & 63];
        to[k++] = i + 1 < n ? digits[v >> 6 & 63] : '=';
        to[k++] = i + 2 < n ? digits[v & 63] : '=';
    }
    *ret_n = k;
    return true;
}

enum err secrets_basic(struct secrets *s, const char *user, struct str password, const struct config_secret *c, const char *what,
                       struct str *ret, struct errctx *ctx)
{
    struct secret *one = find(s, c, user);
    char pair[SECRET_MAX];
    size_t n = strlen(user) + 1 + password.n, coded = 0;
    enum err e = one != NULL ? ERR_OK : add(s, c, user, what, &one, ctx);
    if (e == ERR_OK && n > sizeof pair)
        e = errctx_set(ctx, ERR_LIMIT, "%s is too long for a header", what);
    if (e != ERR_OK)
        return e;
    memcpy(pair, user, n - 1 - password.n);
    pair[n - 1 - password.n] = ':';
    memcpy(pair + n - password.n, password.p, password.n);
    memcpy(one->text, basic, sizeof basic - 1);
    bool fits = put_base64(pair, n, one->text + sizeof basic - 1, SECRET_MAX - (sizeof basic - 1), &coded);
    explicit_bzero(pair, sizeof pair);
    one->n = fits ? sizeof basic - 1 + coded : 0;
    if (!fits)
        return errctx_set(ctx, ERR_LIMIT, "%s is too long for a header", what);
    *ret = (struct str){one->text, one->n};
    return ERR_OK;
}

enum err secrets_add_url(struct secrets *s, const char *url, struct errctx *ctx)
{
    const struct config_secret from = {.file = ""}; /* no place that anything is read from */
    const char *host = strstr(url, "://"), *path = host != NULL ? strchr(host + 3, '/') : NULL;
    const size_t n = path != NULL ? strlen(path + 1) : 0;
    struct secret *one;
    if (n < URL_SECRET_MIN || n > SECRET_MAX)
        return ERR_OK;
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i].n == n && memcmp(s->list[i].text, path + 1, n) == 0)
            return ERR_OK;
    enum err e = add(s, &from, NULL, "a webhook's address", &one, ctx);
    if (e != ERR_OK)
        return e;
    memcpy(one->text, path + 1, n);
    one->n = n;
    return ERR_OK;
}

void secrets_redact(const struct secrets *s, char *text, size_t n)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct secret *one = &s->list[i];
        const size_t scheme = one->user != NULL ? sizeof basic - 1 : 0, length = one->n - (one->n > scheme ? scheme : one->n);
        if (length < REDACT_MIN)
            continue;
        for (char *at = text; (at = memmem(at, n - (size_t)(at - text), one->text + scheme, length)) != NULL; at += length)
            memset(at, '*', length);
    }
}

void secrets_harden_process(void)
{
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}
