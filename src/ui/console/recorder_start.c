/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* utimensat's UTIME_NOW with O_NOFOLLOW */
#include "ui/console/state.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The recorder stays some time after the last console; this file's time tells it when that was. */
static void tell_seen(struct console *c)
{
    char path[sizeof c->store_path + 8];
    if (!str_format(path, sizeof path, "%s.seen", c->store_path))
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return; /* a reader of somebody else's store: its recorder is not ours to keep */
    futimens(fd, NULL);
    close(fd);
}

static void start(struct console *c)
{
    char config[] = "--config", store[] = "--store", record[] = "record";
    char *argv[] = {(char *)(uintptr_t)c->opt->recorder_program, record, store, c->store_path, c->cfg.path != NULL ? config : NULL, (char *)(uintptr_t)c->cfg.path, NULL};
    posix_spawn_file_actions_t files;
    pid_t pid;
    int status;

    if (posix_spawn_file_actions_init(&files) != 0)
        return;
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int e = posix_spawn(&pid, argv[0], &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    if (e != 0) {
        console_say(c, FRAME_MESSAGE_ERROR, "cannot start the recorder %s: %s", argv[0], strerror(e));
        return;
    }
    /* It detaches by itself and returns at once; what it has to say is in its log beside the store. */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        console_say(c, FRAME_MESSAGE_ERROR, "the recorder did not start; run `gwtop record --foreground` to see why");
}

void console_keep_recorder(struct console *c)
{
    static const int64_t seen_every_ms = 60000, first_wait_ms = 1000, longest_wait_ms = 300000;
    int64_t mono = clock_mono_ms(&c->clock), wait = first_wait_ms;

    if (c->seen_mono_ms == 0 || mono - c->seen_mono_ms >= seen_every_ms) {
        c->seen_mono_ms = mono;
        tell_seen(c);
    }
    if (c->opt->no_recorder || c->ended || c->cfg.source_count == 0)
        return;
    for (int i = 0; i < c->recorder_tries && wait < longest_wait_ms; i++)
        wait *= 2;
    if (c->recorder_try_mono_ms != 0 && mono - c->recorder_try_mono_ms < wait)
        return;
    c->recorder_try_mono_ms = mono;
    if (store_recorder_pid(c->store_path) != 0) { /* running, or not ours to tell */
        c->recorder_tries = 0;
        return;
    }
    c->recorder_tries++;
    start(c);
}
