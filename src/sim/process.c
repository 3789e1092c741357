/* SPDX-License-Identifier: MIT */
#include "sim/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child, between fork and exec: only what is safe there. Reports errno through report_fd. */
static void become(const struct process_spec *s, pid_t parent, int report_fd)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t none;
    for (int sig = 1; sig < 32; sig++)
        sigaction(sig, &standard, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* nobody is left behind when the demo is killed */
    if (s->background)
        setpgid(0, 0);
    if (s->stderr_fd >= 0)
        dup2(s->stderr_fd, STDERR_FILENO);
    const int nowhere = s->quiet ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    if (nowhere >= 0) {
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
    }
    if (s->keep_fd >= 0)
        fcntl(s->keep_fd, F_SETFD, 0);
    if (getppid() == parent)
        execv(s->argv[0], s->argv);
    int why = errno;
    ssize_t ignored = write(report_fd, &why, sizeof why);
    (void)ignored;
    _exit(127);
}

enum err process_start(const struct process_spec *s, pid_t *ret, struct errctx *ctx)
{
    int report[2], why = 0;
    if (pipe(report) != 0)
        return errctx_set(ctx, ERR_IO, "cannot start %s: %s", s->argv[0], strerror(errno));
    fcntl(report[0], F_SETFD, FD_CLOEXEC);
    fcntl(report[1], F_SETFD, FD_CLOEXEC);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become(s, parent, report[1]);
    int fork_errno = errno;
    close(report[1]);
    ssize_t n = pid > 0 ? read(report[0], &why, sizeof why) : 0; /* the end of file means that exec succeeded */
    close(report[0]);
    if (pid < 0)
        return errctx_set(ctx, ERR_IO, "cannot start %s: %s", s->argv[0], strerror(fork_errno));
    if (n == (ssize_t)sizeof why) {
        waitpid(pid, NULL, 0);
        return errctx_set(ctx, why == ENOENT ? ERR_NOTFOUND : ERR_IO, "cannot start %s: %s", s->argv[0], strerror(why));
    }
    *ret = pid;
    return ERR_OK;
}

bool process_is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

enum err process_own_folder(char ret[PROCESS_PATH_MAX], struct errctx *ctx)
{
    char path[PROCESS_PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0)
        return errctx_set(ctx, ERR_IO, "cannot read /proc/self/exe: %s", strerror(errno));
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        return errctx_set(ctx, ERR_IO, "cannot tell where this program lies: /proc/self/exe reads %s", path);
    *slash = '\0';
    memcpy(ret, path, strlen(path) + 1);
    return ERR_OK;
}
