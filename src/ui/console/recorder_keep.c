/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* futimens with O_NOFOLLOW, and posix_spawn's signal attributes */
#include "ui/console/recorder_keep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "store/store.h"

enum { PATH_BYTES_MAX = 4096 };

extern char **environ;

/* The recorder stays some time after the last console; this file's time tells it when that was. */
static void tell_seen(const char *store_path)
{
    char path[PATH_BYTES_MAX];
    if (!str_format(path, sizeof path, "%s.seen", store_path))
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0660);
    if (fd < 0)
        return; /* a reader of somebody else's store: its recorder is not ours to keep */
    futimens(fd, NULL);
    close(fd);
}

/* The recorder outlives the terminal, so it starts with neither its file descriptors nor its signals. */
static int spawn(pid_t *ret_pid, char **argv)
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
    int e = posix_spawn(ret_pid, argv[0], &files, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return e;
}

/* argv is not written to, whatever its type says. */
static char *argument(const char *text)
{
    union {
        const char *in;
        char *out;
    } same = {text};
    return same.out;
}

static bool start(struct recorder_keep *k, const struct recorder_wanted *what, char *why, size_t cap)
{
    char *argv[] = {argument(what->program),
                    argument("record"),
                    argument("--store"),
                    argument(what->store_path),
                    what->config_path != NULL ? argument("--config") : NULL,
                    argument(what->config_path),
                    NULL};
    int e = spawn(&k->child, argv);
    if (e == 0)
        return true;
    k->child = 0;
    (void)str_format(why, cap, "cannot start the recorder %s: %s", argv[0], strerror(e));
    return false;
}

/* It detaches by itself and ends soon; what it has to say is in its log beside the store. Nobody waits for it. */
bool recorder_keep_failed(struct recorder_keep *k, char *why, size_t cap)
{
    int status;
    if (k->child == 0)
        return false;
    pid_t got = waitpid(k->child, &status, WNOHANG);
    if (got == 0 || (got < 0 && errno == EINTR))
        return false;
    k->child = 0;
    if (got < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return false;
    (void)str_copy(why, cap, str_of("the recorder did not start; `gwtop record --foreground` says why"));
    return true;
}

bool recorder_keep_turn(struct recorder_keep *k, const struct recorder_wanted *what, int64_t mono_ms, char *why, size_t cap)
{
    static const int64_t seen_every_ms = 60000, first_wait_ms = 1000, longest_wait_ms = 300000;
    int64_t wait = first_wait_ms;

    if (k->seen_mono_ms == 0 || mono_ms - k->seen_mono_ms >= seen_every_ms) {
        k->seen_mono_ms = mono_ms;
        tell_seen(what->store_path);
    }
    for (int i = 0; i < k->tries && wait < longest_wait_ms; i++)
        wait *= 2;
    if (k->child != 0 || (k->try_mono_ms != 0 && mono_ms - k->try_mono_ms < wait))
        return false;
    k->try_mono_ms = mono_ms;
    if (store_recorder_pid(what->store_path) != 0) { /* running, or not ours to tell */
        k->tries = 0;
        return false;
    }
    k->tries++;
    return !start(k, what, why, cap);
}

void recorder_keep_farewell(const char *store_path, int64_t linger_ms, char *out, size_t cap)
{
    char lock[PATH_BYTES_MAX], stays[TIMEFMT_MAX];
    struct stat st;
    int64_t pid = linger_ms <= 0 ? 0 : store_recorder_pid(store_path);

    out[0] = '\0';
    if (pid <= 0 || !str_format(lock, sizeof lock, "%s.lock", store_path) || stat(lock, &st) != 0 || st.st_uid != geteuid())
        return;
    duration_format(linger_ms, stays);
    (void)str_format(out, cap, "gwtop: the recorder (pid %lld) goes on, %s after the last console at most; `gwtop record --stop` ends it",
                     (long long)pid, stays);
}
