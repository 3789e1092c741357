/* SPDX-License-Identifier: MIT */
/* gwtop --plain as a program: how it ends, and that it sends text alone. */
#define _GNU_SOURCE /* pipe2 */
#include "sessions/plain_world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static const char *program;

struct running {
    pid_t pid;
    int out;
    char text[16384];
    size_t len;
};

/* words: what follows the program's name, ended by NULL. */
static struct running start_with(const char *const words[])
{
    struct running r = {.pid = -1};
    char *argv[16] = {NULL};
    int fds[2];
    argv[0] = strdup(program);
    for (size_t i = 0; words[i] != NULL && i + 2 < sizeof argv / sizeof *argv; i++)
        argv[i + 1] = strdup(words[i]);
    ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
    r.pid = fork();
    ck_assert_int_ge(r.pid, 0);
    if (r.pid == 0) {
        signal(SIGPIPE, SIG_DFL);
        dup2(fds[1], STDOUT_FILENO);
        execv(program, argv);
        _exit(127);
    }
    for (size_t i = 0; argv[i] != NULL; i++)
        free(argv[i]);
    close(fds[1]);
    r.out = fds[0];
    return r;
}

static struct running start(const struct plain_world *w, const char *option)
{
    return start_with((const char *const[]){"--plain", "--no-recorder", "--store", w->f.path, "--config", w->config, option, NULL});
}

/* Reads until the text holds what is waited for; NULL: to the end. */
static void hear(struct running *r, const char *what)
{
    while (what == NULL || strstr(r->text, what) == NULL) {
        ssize_t n = read(r->out, r->text + r->len, sizeof r->text - 1 - r->len);
        if (n == 0 && what == NULL)
            return;
        ck_assert_msg(n > 0, "'%s' was not said:\n%s", what != NULL ? what : "the end", r->text);
        r->len += (size_t)n;
        r->text[r->len] = '\0';
    }
}

static int ended(struct running *r)
{
    int status;
    ck_assert_int_eq(waitpid(r->pid, &status, 0), r->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

START_TEST(a_signal_ends_it_with_0_and_nothing_was_sent_but_text)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct plain_world w;
    plain_world_record(&w);
    struct running r = start(&w, NULL);
    hear(&r, "from here on");
    kill(r.pid, signals[_i]);
    hear(&r, NULL);
    ck_assert_int_eq(ended(&r), 0);
    for (size_t i = 0; i < r.len; i++)
        ck_assert_msg(r.text[i] == '\n' || (unsigned char)r.text[i] >= ' ', "byte %d", r.text[i]);
    close(r.out);
    plain_world_close(&w);
}
END_TEST

/* Nothing is written meanwhile: that the other side is gone is noticed all the same. */
START_TEST(output_that_is_closed_from_the_other_side_ends_it_quietly)
{
    struct plain_world w;
    plain_world_record(&w);
    struct running r = start(&w, NULL);
    hear(&r, "from here on");
    close(r.out);
    ck_assert_int_eq(ended(&r), 0);
    plain_world_close(&w);
}
END_TEST

START_TEST(a_moment_ends_by_itself)
{
    struct plain_world w;
    plain_world_record(&w);
    struct running r = start(&w, "--at=2026-11-23T15:30:00Z");
    hear(&r, NULL);
    ck_assert_int_eq(ended(&r), 0);
    ck_assert_ptr_nonnull(strstr(r.text, "at 2026-11-23T15:30:00Z"));
    ck_assert_ptr_null(strstr(r.text, "from here on"));
    close(r.out);
    plain_world_close(&w);
}
END_TEST

START_TEST(a_moment_of_which_nothing_was_recorded_is_unknown)
{
    static const char *const words[][2] = {{"--at=2026-11-20T15:30:00Z", NULL}, {"--at=2026-11-23T15:30:00Z", "--filter=team=nobody"}};
    struct plain_world w;
    plain_world_record(&w);
    struct running r = start_with(
        (const char *const[]){"--plain", "--no-recorder", "--store", w.f.path, "--config", w.config, words[_i][0], words[_i][1], NULL});
    hear(&r, NULL);
    ck_assert_int_eq(ended(&r), 3);
    ck_assert_str_eq(r.text, ""); /* the one line is an error's */
    close(r.out);
    plain_world_close(&w);
}
END_TEST

START_TEST(what_it_cannot_say_is_a_usage_error)
{
    static const char *const wrong[] = {"--pane=cost", "--window=6h", "--at=sometime", "--filter=colour=red"};
    struct plain_world w;
    plain_world_record(&w);
    struct running r = start(&w, wrong[_i]);
    hear(&r, NULL);
    ck_assert_int_eq(ended(&r), 64);
    ck_assert_str_eq(r.text, "");
    close(r.out);
    plain_world_close(&w);
}
END_TEST

/* Nobody answers the source: what is waited for is the store, and the recorder behind it. */
START_TEST(it_starts_a_recorder_that_goes_on_and_says_so)
{
    struct plain_world w;
    char store[600];
    memset(&w, 0, sizeof w);
    fixture_open(&w.f);
    ck_assert(str_format(store, sizeof store, "%s/own.db", w.f.dir));
    ck_assert(str_format(w.config, sizeof w.config, "%s/gwtop.yaml", w.f.dir));
    plain_write_config(&w, "sources:\n  - {name: gw, metrics: 'http://127.0.0.1:9/metrics'}\n");
    struct running r = start_with((const char *const[]){"--plain", "--store", store, "--config", w.config, NULL});
    hear(&r, "nothing recorded yet: waiting for the recorder\n");
    hear(&r, "from here on");
    ck_assert_int_gt(store_recorder_pid(store), 0);
    kill(r.pid, SIGINT);
    hear(&r, "`gwtop record --stop` ends it\n");
    ck_assert_int_eq(ended(&r), 0);
    ck_assert_int_gt(store_recorder_pid(store), 0);
    close(r.out);
    struct running stop = start_with((const char *const[]){"record", "--stop", "--store", store, "--config", w.config, NULL});
    hear(&stop, NULL);
    ck_assert_int_eq(ended(&stop), 0);
    ck_assert_int_eq(store_recorder_pid(store), 0);
    close(stop.out);
    fixture_close(&w.f);
}
END_TEST

Suite *suite_plain_program(const char *gwtop)
{
    program = gwtop;
    Suite *s = suite_create("session: plain, the program");
    TCase *c = tcase_create("program");
    tcase_add_loop_test(c, a_signal_ends_it_with_0_and_nothing_was_sent_but_text, 0, 3);
    tcase_add_test(c, output_that_is_closed_from_the_other_side_ends_it_quietly);
    tcase_add_test(c, a_moment_ends_by_itself);
    tcase_add_loop_test(c, a_moment_of_which_nothing_was_recorded_is_unknown, 0, 2);
    tcase_add_test(c, it_starts_a_recorder_that_goes_on_and_says_so);
    tcase_add_loop_test(c, what_it_cannot_say_is_a_usage_error, 0, 4);
    suite_add_tcase(s, c);
    return s;
}
