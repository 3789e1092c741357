/* SPDX-License-Identifier: MIT */
#include "record/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void redirect(posix_spawn_file_actions_t *actions, int fd, int to)
{
    if (fd < 0)
        posix_spawn_file_actions_addopen(actions, to, "/dev/null", to == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
    else
        posix_spawn_file_actions_adddup2(actions, fd, to);
}

int child_start(const char *const *argv, const struct child_io *io, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, pipe_alone;
    sigemptyset(&none);
    sigemptyset(&pipe_alone);
    sigaddset(&pipe_alone, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    redirect(&actions, io->in, STDIN_FILENO);
    redirect(&actions, io->out, STDOUT_FILENO);
    if (io->err != CHILD_SHARED)
        redirect(&actions, io->err, STDERR_FILENO);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &pipe_alone);
    posix_spawnattr_setpgroup(&attr, 0);
    char *const *env = io->env != NULL ? (char *const *)(uintptr_t)io->env : environ;
    int failed = posix_spawnp(ret, argv[0], &actions, &attr, (char *const *)(uintptr_t)argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

int child_end(pid_t pid, bool kill_it)
{
    int status = 0;
    if (kill_it)
        kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

bool child_has_ended(pid_t pid, int *ret_status)
{
    siginfo_t how = {.si_pid = 0};
    if (waitid(P_PID, (id_t)pid, &how, WEXITED | WNOHANG | WNOWAIT) != 0 || how.si_pid != pid)
        return false;
    *ret_status = child_end(pid, true); /* before it is reaped: until then nobody else's group has its number */
    return true;
}
