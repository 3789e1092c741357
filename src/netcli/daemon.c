/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* pipe2 */
#include "netcli/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"

enum {
    LOG_MAX = 8 << 20, /* bytes: a year of state changes */
    PATH_BYTES = 4096,
    REPORT_MAX = 600,
};

void daemon_make_folders(const char *path)
{
    char part[PATH_BYTES];
    if (!str_copy(part, sizeof part, str_of(path)))
        return;
    for (char *p = part + 1; (p = strchr(p, '/')) != NULL; *p++ = '/') {
        *p = '\0';
        (void)mkdir(part, 0700);
    }
}

static enum err open_log(const char *path, int *ret, struct errctx *ctx)
{
    struct stat st;
    char old[PATH_BYTES];
    daemon_make_folders(path);
    if (lstat(path, &st) == 0 && st.st_size > LOG_MAX && str_format(old, sizeof old, "%s.1", path))
        (void)rename(path, old); /* otherwise it just grows on */
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EROFS || errno == ENOSPC)) /* the recorder copes with that, and says so; it can do without a log */
        fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errctx_set(ctx, ERR_IO, "the log beside the store cannot be written: %s: %s", path, strerror(errno));
    *ret = fd;
    return ERR_OK;
}

/* The parent's side: one byte of status, then a sentence. Nothing at all means that the child died. */
static int await_report(int fd)
{
    char text[REPORT_MAX];
    size_t n = 0;
    for (;;) {
        ssize_t got = read(fd, text + n, sizeof text - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    if (n == 0) {
        fputs("gwtop: the recorder died while it started; its log stands beside the store\n", stderr);
        return 1;
    }
    if (n > 1)
        fprintf(stderr, "gwtop: %.*s\n", (int)(n - 1), text + 1);
    return (unsigned char)text[0];
}

/* In the first child: a session of its own, then a second child that is no session leader and so can never gain a terminal. */
static pid_t second_fork(int log_fd)
{
    if (setsid() < 0)
        return -1;
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, 0) < 0 || dup2(log_fd, 1) < 0 || dup2(log_fd, 2) < 0)
        _exit(1);
    close(null);
    close(log_fd);
    umask(027);
    return chdir("/") == 0 ? 0 : -1;
}

enum err daemon_detach(const char *log_path, struct daemon *ret, struct errctx *ctx)
{
    int ends[2], log_fd;
    enum err e = open_log(log_path, &log_fd, ctx);
    if (e != ERR_OK)
        return e;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        close(log_fd);
        return errctx_set(ctx, ERR_IO, "cannot make a pipe: %s", strerror(errno));
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) {
        int why = errno;
        close(log_fd);
        close(ends[0]);
        close(ends[1]);
        return errctx_set(ctx, ERR_IO, "cannot start another process: %s", strerror(why));
    }
    if (pid == 0) {
        close(ends[0]);
        pid_t second = second_fork(log_fd);
        if (second != 0)
            _exit(second < 0 ? 1 : 0);
        *ret = (struct daemon){.ready_fd = ends[1]};
        return ERR_OK;
    }
    close(log_fd);
    close(ends[1]);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    *ret = (struct daemon){.is_parent = true, .status = await_report(ends[0]), .ready_fd = -1};
    close(ends[0]);
    return ERR_OK;
}

void daemon_report(struct daemon *d, int status, const char *text)
{
    if (d->ready_fd < 0)
        return;
    char message[REPORT_MAX];
    message[0] = (char)status;
    size_t n = strlen(text) < sizeof message - 1 ? strlen(text) : sizeof message - 1;
    memcpy(message + 1, text, n);
    ssize_t wrote = write(d->ready_fd, message, n + 1); /* a parent that is gone does not want to know */
    (void)wrote;
    close(d->ready_fd);
    d->ready_fd = -1;
}
