/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sigaltstack, SIGWINCH and SA_ONSTACK are not in POSIX.1-2008's base */
#include "ui/console/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static const int crashing[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGSYS, SIGTRAP};
static const struct {
    int sig;
    unsigned flag;
} telling[] = {
    {SIGINT, SIGNALS_END},   {SIGTERM, SIGNALS_END},       {SIGHUP, SIGNALS_END},       /* ENDING of them */
    {SIGTSTP, SIGNALS_STOP}, {SIGCONT, SIGNALS_CONTINUED}, {SIGWINCH, SIGNALS_RESIZED}, /* these matter to a screen only */
};
enum { CRASHING = sizeof crashing / sizeof *crashing, TELLING = sizeof telling / sizeof *telling, ENDING = 3, STACK_BYTES = 64 * 1024 };

/* A signal handler is given nothing, so this is the program's one piece of shared state. */
static struct {
    volatile sig_atomic_t held; /* the terminal, which a crash gives back */
    size_t installed;           /* handlers of telling[] */
    volatile sig_atomic_t told[TELLING];
    int pipe[2];
    struct termios before;
    struct sigaction old[TELLING];
    char stack[STACK_BYTES]; /* a stack overflow gives the terminal back, too */
} state;

/* Mouse, bracketed paste and synchronized output off, colours reset, cursor on, keypad off, the alternate screen left. */
static const char restore_text[] = "\033[?1000;1002;1003;1006l\033[?2004l\033[?2026l\033[0m\033[?25h\033[?1l\033>\033[?1049l\r\n";

static void give_back(void)
{
    ssize_t n = write(STDOUT_FILENO, restore_text, sizeof restore_text - 1);
    (void)n; /* nothing is left to do about it */
    tcsetattr(STDIN_FILENO, TCSANOW, &state.before);
}

static void on_crash(int sig)
{
    if (state.held) {
        state.held = 0;
        give_back();
    }
    signal(sig, SIG_DFL);
    raise(sig);
}

static void on_told(int sig)
{
    int saved = errno;
    for (size_t i = 0; i < TELLING; i++) {
        if (telling[i].sig != sig)
            continue;
        if (telling[i].flag == SIGNALS_END && sig != SIGHUP && state.told[i])
            on_crash(sig); /* asked before, and still here; a lost connection may well be told twice */
        state.told[i] = 1;
    }
    ssize_t n = write(state.pipe[1], "", 1);
    (void)n; /* full: the loop is awake anyway */
    errno = saved;
}

static void handle(int sig, void (*fn)(int), int flags, struct sigaction *ret_old)
{
    struct sigaction sa;
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = fn;
    sa.sa_flags = flags;
    sigemptyset(&sa.sa_mask);
    sigaction(sig, &sa, ret_old);
}

static enum err open_pipe(struct errctx *ctx)
{
    if (pipe(state.pipe) != 0)
        return errctx_set(ctx, ERR_IO, "cannot make a pipe for signals: %s", strerror(errno));
    for (int i = 0; i < 2; i++) {
        fcntl(state.pipe[i], F_SETFL, O_NONBLOCK);
        fcntl(state.pipe[i], F_SETFD, FD_CLOEXEC);
    }
    return ERR_OK;
}

enum err signals_open(const struct termios *before, struct errctx *ctx)
{
    enum err e = open_pipe(ctx);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < TELLING; i++)
        state.told[i] = 0;
    if (before != NULL) {
        stack_t ss = {.ss_sp = state.stack, .ss_size = sizeof state.stack};
        sigaltstack(&ss, NULL);
        state.before = *before;
        state.held = 1;
        for (size_t i = 0; i < CRASHING; i++)
            handle(crashing[i], on_crash, SA_ONSTACK, NULL);
    }
    state.installed = before != NULL ? TELLING : ENDING;
    for (size_t i = 0; i < state.installed; i++) {
        handle(telling[i].sig, on_told, SA_RESTART, &state.old[i]);
        if (state.old[i].sa_handler == SIG_IGN)
            sigaction(telling[i].sig, &state.old[i], NULL);
    }
    signal(SIGPIPE, SIG_IGN);
    return ERR_OK;
}

void signals_close(void)
{
    if (state.installed == 0)
        return;
    for (size_t i = 0; i < CRASHING && state.held; i++)
        signal(crashing[i], SIG_DFL);
    for (size_t i = 0; i < state.installed; i++)
        sigaction(telling[i].sig, &state.old[i], NULL);
    state.held = 0;
    state.installed = 0;
    close(state.pipe[0]);
    close(state.pipe[1]);
}

int signals_fd(void)
{
    return state.pipe[0];
}

unsigned signals_take(void)
{
    char room[64];
    unsigned flags = 0;

    while (read(state.pipe[0], room, sizeof room) > 0) {
    }
    for (size_t i = 0; i < TELLING; i++) {
        if (!state.told[i])
            continue;
        flags |= telling[i].flag;
        if (telling[i].flag != SIGNALS_END)
            state.told[i] = 0;
    }
    return flags;
}

void signals_stop(void)
{
    struct sigaction ours;
    handle(SIGTSTP, SIG_DFL, 0, &ours);
    raise(SIGTSTP); /* comes back with SIGCONT */
    sigaction(SIGTSTP, &ours, NULL);
}
