/* SPDX-License-Identifier: MIT */
#include "sim/supervisor.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/process.h"

Suite *suite_supervisor(void);

static pid_t start(const char *script, int keep_fd)
{
    char shell[] = "/bin/sh", flag[] = "-c", text[512];
    char *argv[] = {shell, flag, text, NULL};
    struct process_spec spec = {.argv = argv, .background = true, .keep_fd = keep_fd, .stderr_fd = -1};
    pid_t pid = 0;
    ck_assert_uint_lt(strlen(script), sizeof text);
    memcpy(text, script, strlen(script) + 1);
    ck_assert_int_eq(process_start(&spec, &pid, NULL), ERR_OK);
    return pid;
}

START_TEST(progress_is_read_line_by_line_and_byte_by_byte)
{
    static const char stream[] = "progress 0.25\nprogress 7\nnonsense\nprogress 0.5\nprogress x\n"
                                 "a line that is far longer than any line that the recorder would ever write to its progress\nlive\n";
    struct supervisor s = {.signal_fd = -1, .progress_fd = -1};
    supervisor_progress(&s, stream, strlen("progress 0.25\n"));
    ck_assert_double_eq(s.progress, .25);
    for (size_t i = strlen("progress 0.25\n"); i < sizeof stream - 1; i++) {
        ck_assert(!s.live);
        supervisor_progress(&s, stream + i, 1);
    }
    ck_assert_double_eq(s.progress, .5);
    ck_assert(s.live);
}
END_TEST

START_TEST(a_child_reports_and_ends)
{
    struct supervisor s;
    int fds[2];
    char script[64];
    ck_assert_int_eq(supervisor_open(&s, NULL), ERR_OK);
    ck_assert_int_eq(pipe(fds), 0);
    fcntl(fds[1], F_SETFD, FD_CLOEXEC);
    snprintf(script, sizeof script, "echo progress 0.75 >&%d; exit 3", fds[1]);
    s.child[0].pid = start(script, fds[1]);
    close(fds[1]);
    s.progress_fd = fds[0];
    while (!s.child[0].ended || s.progress_fd >= 0)
        ck_assert(supervisor_wait(&s, -1));
    ck_assert_double_eq(s.progress, .75);
    ck_assert(s.live); /* the end of the stream counts as well */
    ck_assert(WIFEXITED(s.child[0].status));
    ck_assert_int_eq(WEXITSTATUS(s.child[0].status), 3);
    supervisor_close(&s);
}
END_TEST

START_TEST(a_child_is_asked_to_end_and_killed_if_it_will_not)
{
    struct supervisor s;
    char byte;
    int fds[2];
    ck_assert_int_eq(supervisor_open(&s, NULL), ERR_OK);
    ck_assert_int_eq(pipe(fds), 0);
    fcntl(fds[1], F_SETFD, FD_CLOEXEC);
    char script[128];
    snprintf(script, sizeof script, "echo r >&%d; exec tail -f /dev/null", fds[1]);
    s.child[0].pid = start(script, fds[1]);
    ck_assert_int_eq(read(fds[0], &byte, 1), 1);
    supervisor_end(&s, &s.child[0], 60000);
    ck_assert(s.child[0].ended && WIFSIGNALED(s.child[0].status));
    ck_assert_int_eq(WTERMSIG(s.child[0].status), SIGTERM);
    snprintf(script, sizeof script, "trap '' TERM; echo r >&%d; exec tail -f /dev/null", fds[1]);
    s.child[1].pid = start(script, fds[1]);
    ck_assert_int_eq(read(fds[0], &byte, 1), 1); /* the newline of the first */
    ck_assert_int_eq(read(fds[0], &byte, 1), 1);
    supervisor_end(&s, &s.child[1], 0);
    ck_assert(s.child[1].ended && WIFSIGNALED(s.child[1].status));
    ck_assert_int_eq(WTERMSIG(s.child[1].status), SIGKILL);
    close(fds[0]);
    close(fds[1]);
    supervisor_close(&s);
}
END_TEST

START_TEST(signals_are_seen_and_the_mask_comes_back)
{
    struct supervisor s;
    sigset_t before, after;
    sigprocmask(SIG_SETMASK, NULL, &before);
    ck_assert_int_eq(supervisor_open(&s, NULL), ERR_OK);
    ck_assert(!supervisor_wait(&s, 0));
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert(supervisor_wait(&s, -1));
    ck_assert_int_eq(s.stop_signal, SIGTERM);
    supervisor_close(&s);
    sigprocmask(SIG_SETMASK, NULL, &after);
    for (int sig = 1; sig < 32; sig++)
        ck_assert_int_eq(sigismember(&before, sig), sigismember(&after, sig));
}
END_TEST

/* As a shell sees it: the job stops with its child, and goes on with it. */
START_TEST(a_stopped_child_stops_its_parent_too)
{
    int status;
    pid_t job = fork();
    if (job == 0) {
        struct supervisor s;
        if (supervisor_open(&s, NULL) != ERR_OK)
            _exit(1);
        raise(SIGTSTP); /* the terminal's, for all: not yet ours to obey */
        s.child[0].pid = start("kill -STOP $$; exit 5", -1);
        while (!s.child[0].ended)
            supervisor_wait(&s, -1);
        _exit(WIFEXITED(s.child[0].status) ? WEXITSTATUS(s.child[0].status) : 1);
    }
    ck_assert_int_eq(waitpid(job, &status, WUNTRACED), job);
    ck_assert(WIFSTOPPED(status));
    ck_assert_int_eq(WSTOPSIG(status), SIGSTOP);
    ck_assert_int_eq(kill(job, SIGCONT), 0);
    ck_assert_int_eq(waitpid(job, &status, WUNTRACED), job);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 5);
}
END_TEST

START_TEST(a_missing_program_is_said)
{
    char path[] = "/nonexistent/gwtop-recorder";
    char *argv[] = {path, NULL};
    struct process_spec spec = {.argv = argv, .keep_fd = -1, .stderr_fd = -1};
    struct errctx ctx = {""};
    pid_t pid = 77;
    ck_assert_int_eq(process_start(&spec, &pid, &ctx), ERR_NOTFOUND);
    ck_assert_int_eq(pid, 77);
    ck_assert_ptr_nonnull(strstr(ctx.text, path));
    ck_assert(!process_is_program(path));
    ck_assert(!process_is_program("/tmp"));
    ck_assert(process_is_program("/bin/sh"));
}
END_TEST

START_TEST(a_program_starts_with_ordinary_signals)
{
    struct supervisor s;
    ck_assert_int_eq(supervisor_open(&s, NULL), ERR_OK); /* blocks some */
    s.child[0].pid = start("kill -TERM $$; exit 9", -1);
    while (!s.child[0].ended)
        supervisor_wait(&s, -1);
    ck_assert(WIFSIGNALED(s.child[0].status));
    supervisor_close(&s);
}
END_TEST

Suite *suite_supervisor(void)
{
    Suite *suite = suite_create("supervisor");
    TCase *t = tcase_create("supervisor");
    tcase_add_test(t, progress_is_read_line_by_line_and_byte_by_byte);
    tcase_add_test(t, a_child_reports_and_ends);
    tcase_add_test(t, a_child_is_asked_to_end_and_killed_if_it_will_not);
    tcase_add_test(t, signals_are_seen_and_the_mask_comes_back);
    tcase_add_test(t, a_stopped_child_stops_its_parent_too);
    tcase_add_test(t, a_missing_program_is_said);
    tcase_add_test(t, a_program_starts_with_ordinary_signals);
    suite_add_tcase(suite, t);
    return suite;
}
