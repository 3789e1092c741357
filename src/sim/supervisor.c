/* SPDX-License-Identifier: MIT */
#include "sim/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

enum err supervisor_open(struct supervisor *s, struct errctx *ctx)
{
    sigset_t set;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    *s = (struct supervisor){.signal_fd = -1, .progress_fd = -1};
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, &s->before);
    s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (s->signal_fd >= 0) {
        sigaction(SIGTSTP, &ignore, &s->suspend);
        return ERR_OK;
    }
    sigprocmask(SIG_SETMASK, &s->before, NULL);
    return errctx_set(ctx, ERR_IO, "cannot watch for signals: %s", strerror(errno));
}

void supervisor_close(struct supervisor *s)
{
    if (s->progress_fd >= 0)
        close(s->progress_fd);
    if (s->signal_fd >= 0) {
        close(s->signal_fd);
        sigaction(SIGTSTP, &s->suspend, NULL);
        sigprocmask(SIG_SETMASK, &s->before, NULL);
    }
    s->progress_fd = s->signal_fd = -1;
}

static void take_line(struct supervisor *s)
{
    struct str line = {s->line, s->line_len};
    double share;
    if (str_eq_z(line, "live"))
        s->live = true;
    else if (str_has_prefix(line, "progress ") && str_to_f64((struct str){line.p + 9, line.n - 9}, &share) && share >= 0 && share <= 1)
        s->progress = share;
}

void supervisor_progress(struct supervisor *s, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n') {
            take_line(s);
            s->line_len = 0;
        } else if (s->line_len < sizeof s->line) {
            s->line[s->line_len++] = bytes[i]; /* what is longer is no line of ours and will not match */
        }
    }
}

static void read_progress(struct supervisor *s)
{
    char bytes[256];
    ssize_t n = read(s->progress_fd, bytes, sizeof bytes);
    if (n > 0) {
        supervisor_progress(s, bytes, (size_t)n);
    } else if (n == 0 || errno != EINTR) {
        close(s->progress_fd);
        s->progress_fd = -1;
        s->live = true;
    }
}

static void read_children(struct supervisor *s)
{
    for (int i = 0; i < CHILDREN_MAX; i++) {
        struct child *c = &s->child[i];
        int status;
        if (c->pid == 0 || c->ended || waitpid(c->pid, &status, WNOHANG | WUNTRACED) != c->pid)
            continue;
        if (WIFSTOPPED(status)) {
            raise(SIGSTOP); /* the shell sees its job stopped, and continues it as a whole */
            kill(c->pid, SIGCONT);
            continue;
        }
        c->ended = true;
        c->status = status;
    }
}

static void read_signals(struct supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGCHLD)
            s->stop_signal = (int)info.ssi_signo;
    }
    read_children(s);
}

bool supervisor_wait(struct supervisor *s, int64_t wait_ms)
{
    enum { LONGEST_MS = 1 << 30 };
    struct pollfd fds[2] = {{.fd = s->signal_fd, .events = POLLIN}, {.fd = s->progress_fd, .events = POLLIN}};
    int limit = wait_ms < 0 ? -1 : wait_ms > LONGEST_MS ? LONGEST_MS : (int)wait_ms;
    int n = poll(fds, 2, limit);
    if (n > 0 && fds[1].revents != 0)
        read_progress(s);
    if (n > 0 && fds[0].revents != 0)
        read_signals(s);
    return n != 0;
}

void supervisor_end(struct supervisor *s, struct child *c, int64_t patience_ms)
{
    struct clock clock = clock_system();
    int64_t until = clock_mono_ms(&clock) + patience_ms;
    if (c->pid == 0 || c->ended)
        return;
    kill(c->pid, SIGTERM);
    while (!c->ended) {
        int64_t left = until - clock_mono_ms(&clock);
        if (left <= 0) {
            kill(c->pid, SIGKILL);
            left = -1;
        }
        supervisor_wait(s, left);
    }
}
