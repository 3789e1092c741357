/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memfd_create, pipe2 */
#include "record/page_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/safe_text.h"
#include "record/child.h"
#include "record/page_doc.h"
#include "record/page_post.h"

extern char **environ;

enum {
    DOCUMENT_BYTES_MAX = 64 * 1024,
    ARENA_BYTES_MAX = 1 << 20,
    KEPT_BYTES = 240,           /* of the output, for the sentence */
    OUTPUT_BYTES_MAX = 1 << 20, /* a command that says more is ended */
};

enum phase { IDLE, WANTS_KEY, ASKING, ANSWERED, RUNNING, FAILED };

struct page_run {
    const struct config *cfg;
    const struct config_pager *to;
    const char *store;
    struct http *http;
    struct secrets *secrets;
    enum phase phase;
    int64_t began_ms;
    struct buf doc;
    char why[PAGE_TEXT_MAX]; /* FAILED */
    /* a webhook */
    struct http_conn *conn;
    struct http_result result;
    /* a command */
    pid_t pid;
    int fd; /* its output, -1 = none, or it was closed */
    char kept[KEPT_BYTES];
    size_t said_bytes;
};

struct page_run *page_run_new(const struct config *cfg, const struct config_pager *to, const char *store, struct http *h, struct secrets *s)
{
    struct page_run *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->cfg = cfg;
    r->to = to;
    r->store = store;
    r->http = h;
    r->secrets = s;
    r->fd = -1;
    buf_init(&r->doc, DOCUMENT_BYTES_MAX);
    return r;
}

static void drop(struct page_run *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    http_remove(r->conn);
    r->conn = NULL;
    r->phase = IDLE;
}

void page_run_free(struct page_run *r)
{
    if (r == NULL)
        return;
    if (r->phase == RUNNING)
        (void)child_end(r->pid, true);
    drop(r);
    buf_fini(&r->doc);
    free(r);
}

bool page_run_is_busy(const struct page_run *r)
{
    return r->phase != IDLE;
}

static void fail(struct page_run *r, const char *why)
{
    (void)str_copy(r->why, sizeof r->why, str_of(why));
    r->phase = FAILED;
}

/* ---- a webhook ---- */

static void on_done(void *ctx, const struct http_result *res)
{
    struct page_run *r = ctx;
    r->result = *res;
    r->phase = ANSWERED;
}

static void post(struct page_run *r)
{
    const struct http_handler on = {NULL, NULL, on_done, r};
    const struct http_request rq = {.body = buf_str(&r->doc)};
    struct errctx why = {""};
    char what[300];
    (void)str_format(what, sizeof what, "webhook %s", r->to->name);
    enum err e = page_post_open(&r->to->post, r->to->timeout_ms, r->http, r->secrets, what, &r->conn, &why);
    r->phase = e == ERR_BUSY ? WANTS_KEY : ASKING;
    if (e == ERR_OK)
        e = http_start(r->conn, &rq, &on, &why);
    if (e != ERR_OK && e != ERR_BUSY)
        fail(r, errctx_text(&why, e));
}

/* ---- a command ---- */

static int document_fd(struct str text)
{
    int fd = memfd_create("page", MFD_CLOEXEC);
    while (fd >= 0 && text.n > 0) {
        const ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        text.p += n;
        text.n -= (size_t)n;
    }
    if (fd >= 0 && (text.n > 0 || lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void run(struct page_run *r, const struct page_told *p)
{
    struct arena a;
    char text[PAGE_TEXT_MAX];
    int ends[2] = {-1, -1}, in = document_fd(buf_str(&r->doc)), failed = in < 0 || pipe2(ends, O_CLOEXEC) != 0 ? errno : 0;
    if (failed == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) /* this end alone: the command must not find its own one so */
        failed = errno;
    arena_init(&a, ARENA_BYTES_MAX);
    const char *const *env = page_doc_env(r->cfg, r->store, p, environ, &a);
    if (failed == 0)
        failed = env == NULL ? ENOMEM
                             : child_start(r->to->argv, &(struct child_io){.in = in, .out = ends[1], .err = ends[1], .env = env}, &r->pid);
    arena_fini(&a);
    if (in >= 0)
        close(in);
    if (ends[1] >= 0)
        close(ends[1]);
    r->fd = ends[0];
    r->said_bytes = 0;
    r->kept[0] = '\0';
    r->phase = RUNNING;
    if (failed == 0)
        return;
    (void)str_format(text, sizeof text, "%s cannot be run: %s", r->to->argv[0], strerror(failed));
    fail(r, text);
}

/* Reads what it said so far. False: it says more than anybody wants. */
static bool listen(struct page_run *r)
{
    char bytes[4096];
    ssize_t n = 0;
    while (r->fd >= 0 && r->said_bytes <= OUTPUT_BYTES_MAX) {
        n = read(r->fd, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        for (size_t i = 0; i < (size_t)n && r->said_bytes + i + 1 < KEPT_BYTES; i++) {
            r->kept[r->said_bytes + i] = bytes[i];
            r->kept[r->said_bytes + i + 1] = '\0';
        }
        r->said_bytes += (size_t)n;
    }
    return r->said_bytes <= OUTPUT_BYTES_MAX;
}

/* Its output as one line: "", or ": no such user". */
static void said(const struct page_run *r, char *out, size_t cap)
{
    char line[KEPT_BYTES], safe[2 * KEPT_BYTES];
    size_t n = strlen(r->kept);
    memcpy(line, r->kept, n + 1);
    for (size_t i = 0; i < n; i++)
        line[i] = line[i] == '\n' || line[i] == '\t' || line[i] == '\r' ? ' ' : line[i] == '\0' ? '?' : line[i];
    while (n > 0 && line[n - 1] == ' ')
        n--;
    (void)safe_text(safe, sizeof safe, (struct str){line, n});
    secrets_redact(r->secrets, safe, strlen(safe));
    (void)str_format(out, cap, "%s%s", n > 0 ? ": " : "", safe);
}

static enum page_word hear_command(struct page_run *r, int64_t mono_ms, char *word, size_t cap)
{
    char output[2 * KEPT_BYTES + 2], limit[48];
    int status = 0;
    const int64_t took_ms = mono_ms - r->began_ms;
    const bool late = took_ms >= r->to->timeout_ms, loud = !listen(r);
    const bool ended = child_has_ended(r->pid, &status);
    if (!ended && !late && !loud)
        return PAGE_RUN_PENDING;
    if (!ended)
        (void)child_end(r->pid, true);
    else
        (void)listen(r);
    said(r, output, sizeof output);
    (void)str_format(limit, sizeof limit, "took longer than %g s", (double)r->to->timeout_ms / 1000);
    if (!ended)
        (void)str_format(word, cap, "%s%s", loud ? "said more than 1 MB and was ended" : limit, output);
    else if (WIFEXITED(status))
        (void)str_format(word, cap, "exit %d%s", WEXITSTATUS(status), WEXITSTATUS(status) != 0 ? output : "");
    else
        (void)str_format(word, cap, "ended by signal %d%s", WTERMSIG(status), output);
    drop(r);
    return ended && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? PAGE_RUN_GOOD : PAGE_RUN_BAD;
}

/* ---- outside ---- */

void page_run_start(struct page_run *r, const struct page_told *p, int64_t mono_ms)
{
    r->began_ms = mono_ms;
    buf_reset(&r->doc);
    if (page_doc_json(r->cfg, r->store, p, &r->doc) != ERR_OK)
        fail(r, "out of memory for its document");
    else if (r->to->argv != NULL)
        run(r, p);
    else
        post(r);
}

enum page_word page_run_hear(struct page_run *r, int64_t mono_ms, char *word, size_t cap)
{
    enum page_word good = PAGE_RUN_BAD;
    if (r->phase == WANTS_KEY)
        post(r);
    switch (r->phase) {
    case IDLE:
    case WANTS_KEY:
    case ASKING: return PAGE_RUN_PENDING;
    case RUNNING: return hear_command(r, mono_ms, word, cap);
    case ANSWERED:
        good = page_post_is_good(&r->result) ? PAGE_RUN_GOOD : PAGE_RUN_BAD;
        page_post_say(&r->result, word, cap);
        break;
    case FAILED: (void)str_copy(word, cap, str_of(r->why)); break;
    }
    drop(r);
    return good;
}
