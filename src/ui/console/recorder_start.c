/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* futimens with O_NOFOLLOW, and posix_spawn's signal attributes */
#include "ui/console/state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The recorder stays some time after the last console; this file's time tells it when that was. */
static void tell_seen(struct console *c)
{
    char path[STORE_PATH_MAX + 8];
    if (!str_format(path, sizeof path, "%s.seen", c->store_path))
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0660);
    if (fd < 0)
        return; /* a reader of somebody else's store: its recorder is not ours to keep */
    futimens(fd, NULL);
    close(fd);
}

/* The recorder outlives the terminal, so it starts with neither its file descriptors nor its signals. */
static int spawn(struct console *c, char **argv)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t all, none;

    if (posix_spawn_file_actions_init(&files) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attr) != 0) {
        posix_spawn_file_actions_destroy(&files);
        return ENOMEM;
    }
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    int e = posix_spawn(&c->recorder_child, argv[0], &files, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return e;
}

static void start(struct console *c)
{
    union { const char *in; char *out; } program = {c->opt->recorder_program}, config_path = {c->cfg.path}; /* argv is not written to */
    char config[] = "--config", store[] = "--store", record[] = "record";
    char *argv[] = {program.out, record, store, c->store_path, c->cfg.path != NULL ? config : NULL, config_path.out, NULL};
    int e = spawn(c, argv);
    if (e == 0)
        return;
    c->recorder_child = 0;
    console_say(c, FRAME_MESSAGE_ERROR, "cannot start the recorder %s: %s", argv[0], strerror(e));
}

/* It detaches by itself and ends soon; what it has to say is in its log beside the store. The screen does not wait for it. */
static void look_after_child(struct console *c)
{
    int status;
    if (c->recorder_child == 0)
        return;
    pid_t got = waitpid(c->recorder_child, &status, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR))
        return;
    c->recorder_child = 0;
    if (got > 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
        console_say(c, FRAME_MESSAGE_ERROR, "the recorder did not start; `gwtop record --foreground` says why");
}

void console_keep_recorder(struct console *c)
{
    static const int64_t seen_every_ms = 60000, first_wait_ms = 1000, longest_wait_ms = 300000;
    int64_t mono = clock_mono_ms(&c->clock), wait = first_wait_ms;

    look_after_child(c);
    if (c->opt->no_recorder || c->ended || c->cfg.source_count == 0)
        return;
    if (c->seen_mono_ms == 0 || mono - c->seen_mono_ms >= seen_every_ms) {
        c->seen_mono_ms = mono;
        tell_seen(c);
    }
    for (int i = 0; i < c->recorder_tries && wait < longest_wait_ms; i++)
        wait *= 2;
    if (c->recorder_child != 0 || (c->recorder_try_mono_ms != 0 && mono - c->recorder_try_mono_ms < wait))
        return;
    c->recorder_try_mono_ms = mono;
    if (store_recorder_pid(c->store_path) != 0) { /* running, or not ours to tell */
        c->recorder_tries = 0;
        return;
    }
    c->recorder_tries++;
    start(c);
}
