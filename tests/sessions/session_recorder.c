/* SPDX-License-Identifier: MIT */
/* The recorder as a program: detached, refused a second time, stopped, killed. usage: session_recorder GWTOP_RECORDER
 *
 * Waits are for conditions: the store's WAL is watched, and the store asked after each change. */
#define _GNU_SOURCE /* syscall, for pidfd_open */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults/fault_server.h"
#include "store/store.h"
#include "support/tmpdir.h"

extern char **environ;

enum { PATIENCE_MS = 60000 };

static const char *program;
static char dir[128], db_path[200], config_path[200], output[1 << 16];
static struct fault_server *server;
static int watch = -1;

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static void setup(void)
{
    char yaml[500];
    ck_assert(tmpdir_make(dir, sizeof dir));
    snprintf(db_path, sizeof db_path, "%s/t.db", dir);
    snprintf(config_path, sizeof config_path, "%s/gwtop.yaml", dir);
    ck_assert_ptr_nonnull(server = fault_server_start(0));
    snprintf(yaml, sizeof yaml,
             "sources:\n  - name: good\n    metrics: http://127.0.0.1:%d/ok\n    interval: 1s\n"
             "  - name: dead\n    metrics: http://127.0.0.1:%d/\n    interval: 1s\n",
             fault_server_port(server), fault_closed_port());
    write_file(config_path, yaml);
    watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    ck_assert(watch >= 0 && inotify_add_watch(watch, dir, IN_CREATE | IN_MODIFY | IN_DELETE | IN_MOVED_TO) >= 0);
}

/* Runs the program with arguments (NULL-terminated) and returns its exit status; what it prints goes to output. */
static int run(const char *const *args)
{
    char *argv[16] = {(char *)(uintptr_t)program};
    int ends[2], n = 1, status;
    size_t got = 0;
    ssize_t r;
    pid_t pid;
    posix_spawn_file_actions_t files;
    for (; args[n - 1] != NULL; n++)
        argv[n] = (char *)(uintptr_t)args[n - 1];
    ck_assert_int_eq(pipe(ends), 0);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends[1], 1);
    posix_spawn_file_actions_adddup2(&files, ends[1], 2);
    ck_assert_int_eq(posix_spawn(&pid, program, &files, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&files);
    close(ends[1]);
    while (got < sizeof output - 1 && (r = read(ends[0], output + got, sizeof output - 1 - got)) > 0)
        got += (size_t)r;
    output[got] = '\0';
    close(ends[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int record(const char *option)
{
    const char *const args[] = {"record", "--config", config_path, "--store", db_path, option, NULL};
    return run(args);
}

/* Waits for the next change in the store's directory. */
static void await_change(void)
{
    char events[4096];
    struct pollfd p = {.fd = watch, .events = POLLIN};
    ck_assert_msg(poll(&p, 1, PATIENCE_MS) > 0, "the store did not change any more");
    while (read(watch, events, sizeof events) > 0) {
    }
}

static bool read_source(const char *name, struct source_status *ret, struct arena *a)
{
    struct errctx ctx = {""};
    struct store *st;
    struct source_status *list;
    size_t count = 0;
    bool found = false;
    if (store_open_reader(db_path, &st, &ctx) != ERR_OK)
        return false;
    if (store_sources(st, INT64_MAX / 2, a, &list, &count, &ctx) != ERR_OK)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].name, name) == 0) {
            *ret = list[i];
            found = true;
        }
    }
    store_close(st);
    return found;
}

/* Waits until a source was asked and its last good answer came after since_ms (state ok), or until it is in the state. */
static struct source_status await(const char *name, enum source_state state, int64_t since_ms, struct arena *a)
{
    struct source_status s;
    for (;;) {
        /* a source that answered seconds ago reads stale: what counts is when it did */
        if (read_source(name, &s, a) && (state == SOURCE_OK ? s.last_ok_ms > since_ms : s.state == state))
            return s;
        await_change();
    }
}

/* Kills the store's recorder, if one runs, and waits for its end; its lock goes with it. */
static void kill_recorder(void)
{
    int64_t pid = store_recorder_pid(db_path);
    if (pid <= 0)
        return;
    int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    ck_assert(fd >= 0 && kill((pid_t)pid, SIGKILL) == 0);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ck_assert_int_gt(poll(&p, 1, PATIENCE_MS), 0);
    close(fd);
}

static void teardown(void)
{
    kill_recorder();
    close(watch);
    fault_server_stop(server);
    ck_assert(tmpdir_remove(dir));
}

START_TEST(it_detaches_refuses_a_second_one_and_stops)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    ck_assert_msg(record("--status") == 1, "%s", output);
    ck_assert_msg(record(NULL) == 0, "%s", output);
    ck_assert_str_eq(output, "");
    int64_t pid = store_recorder_pid(db_path);
    ck_assert_int_gt(pid, 0);
    ck_assert_int_ne(getsid((pid_t)pid), getsid(0)); /* a session of its own: the terminal's end is not for it */
    char text[32];
    snprintf(text, sizeof text, "pid %lld", (long long)pid);
    ck_assert_int_eq(record(NULL), 1);
    ck_assert_msg(strstr(output, text) != NULL, "%s", output);
    ck_assert_int_eq(record("--foreground"), 1);
    ck_assert_msg(strstr(output, text) != NULL, "%s", output);
    (void)await("good", SOURCE_OK, 0, &a);
    struct source_status dead = await("dead", SOURCE_DOWN, 0, &a);
    ck_assert_ptr_nonnull(strstr(dead.reason, "nobody answers there"));
    ck_assert_int_eq(record("--status"), 0);
    ck_assert_ptr_nonnull(strstr(output, "nobody answers there"));
    write_file(config_path, "sources: 5\n"); /* is of no concern to what runs */
    ck_assert_msg(record("--status") == 0, "%s", output);
    ck_assert_msg(record("--stop") == 0, "%s", output);
    ck_assert_int_eq(store_recorder_pid(db_path), 0);
    ck_assert_int_eq(await("good", SOURCE_STOPPED, 0, &a).state, SOURCE_STOPPED);
    ck_assert_int_eq(record("--stop"), 1);
    arena_fini(&a);
}
END_TEST

START_TEST(killed_it_leaves_a_store_that_the_next_one_goes_on_with)
{
    struct arena a;
    arena_init(&a, 1 << 22);
    ck_assert_msg(record(NULL) == 0, "%s", output);
    int64_t last = await("good", SOURCE_OK, 0, &a).last_ok_ms;
    last = await("good", SOURCE_OK, last, &a).last_ok_ms; /* two polls: one increment */
    kill_recorder();
    ck_assert_int_eq(store_recorder_pid(db_path), 0);
    ck_assert_msg(record(NULL) == 0, "%s", output);
    int64_t again = await("good", SOURCE_OK, last, &a).last_ok_ms;
    ck_assert_int_gt(again, last);
    ck_assert_int_eq(record("--stop"), 0);
    arena_fini(&a);
}
END_TEST

START_TEST(a_wrong_configuration_starts_nothing)
{
    write_file(config_path, "sources:\n  - name: a\n    metrics: http://127.0.0.1:1/\n    interval: 15\n");
    ck_assert_int_eq(record(NULL), 64);
    ck_assert_msg(strstr(output, ":4:15:") != NULL, "%s", output);
    write_file(config_path, "gateway: g\n");
    ck_assert_int_eq(record(NULL), 64);
    ck_assert_ptr_nonnull(strstr(output, "nothing to record"));
    write_file(
        config_path,
        "sources:\n  - name: a\n    metrics: http://127.0.0.1:1/\n  - name: b\n    metrics: http://127.0.0.1:2/\n    profile: litelm\n");
    ck_assert_int_eq(record(NULL), 64);
    ck_assert_msg(strstr(output, "gwtop.yaml:4:5: profile of source b: there is none named 'litelm'; there are ") != NULL &&
                      strstr(output, ", litellm, ") != NULL,
                  "%s", output);
    ck_assert_int_eq(access(db_path, F_OK), -1);
}
END_TEST

/* Secrets are named relative to the configuration, which is itself named relative to where the user stands; the recorder leaves that
 * place. */
START_TEST(relative_paths_hold_after_detaching)
{
    char here[500], yaml[500], name[300];
    struct arena a;
    arena_init(&a, 1 << 22);
    snprintf(yaml, sizeof yaml,
             "sources:\n  - name: good\n    metrics: http://127.0.0.1:%d/locked\n    interval: 1s\n    bearer: {file: key}\n",
             fault_server_port(server));
    write_file(config_path, yaml);
    snprintf(name, sizeof name, "%s/key", dir);
    write_file(name, "sk-renewed\n");
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    ck_assert_int_eq(chdir(dir), 0);
    ck_assert_msg(run((const char *const[]){"record", "--config", "gwtop.yaml", "--store", "t.db", NULL}) == 0, "%s", output);
    ck_assert_int_eq(chdir(here), 0);
    (void)await("good", SOURCE_OK, 0, &a);
    ck_assert_int_eq(record("--stop"), 0);
    arena_fini(&a);
}
END_TEST

START_TEST(probe_tells_understood_from_not_and_from_no_answer)
{
    char url[100], closed[100];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/same", fault_server_port(server));
    snprintf(closed, sizeof closed, "http://127.0.0.1:%d/metrics", fault_closed_port());
    ck_assert_msg(run((const char *const[]){"probe", url, NULL}) == 0, "%s", output);
    ck_assert_ptr_nonnull(strstr(output, "redirect"));
    ck_assert_ptr_nonnull(strstr(output, "-> requests"));
    ck_assert_int_eq(run((const char *const[]){"probe", closed, NULL}), 2);
    ck_assert_ptr_nonnull(strstr(output, "TCP"));
    ck_assert_int_eq(run((const char *const[]){"probe", "--json", closed, NULL}), 2);
    ck_assert_ptr_nonnull(strstr(output, "\"failed_step\": \"TCP\""));
    ck_assert_int_eq(run((const char *const[]){"probe", config_path, NULL}), 1);
    ck_assert_int_eq(run((const char *const[]){"probe", "/no/such/file", NULL}), 2);
    ck_assert_int_eq(run((const char *const[]){"probe", NULL}), 64);
    ck_assert_int_eq(run((const char *const[]){"probe", "--nothing", url, NULL}), 64);
}
END_TEST

/* A command that yields a key and takes its time keeps nobody waiting but its own source. */
START_TEST(a_slow_key_delays_nobody_else)
{
    char yaml[700], fifo[300];
    struct arena a;
    arena_init(&a, 1 << 22);
    snprintf(fifo, sizeof fifo, "%s/fifo", dir);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    snprintf(yaml, sizeof yaml,
             "sources:\n  - name: slow\n    metrics: http://127.0.0.1:%d/locked\n    interval: 1h\n    bearer: {command: \"cat %s\"}\n"
             "  - name: good\n    metrics: http://127.0.0.1:%d/ok\n    interval: 1s\n",
             fault_server_port(server), fifo, fault_server_port(server));
    write_file(config_path, yaml);
    ck_assert_msg(record(NULL) == 0, "%s", output);
    int64_t last = await("good", SOURCE_OK, 0, &a).last_ok_ms;
    (void)await("good", SOURCE_OK, last, &a);
    ck_assert_int_eq(fault_server_requests(server, "/locked"), 0);
    int fd = open(fifo, O_WRONLY | O_CLOEXEC);
    ck_assert(fd >= 0 && write(fd, "sk-renewed\n", 11) == 11);
    close(fd);
    (void)await("slow", SOURCE_OK, 0, &a); /* at once, not at its next beat, which is an hour away */
    ck_assert_int_eq(record("--stop"), 0);
    arena_fini(&a);
}
END_TEST

/* A Prometheus API is found from its pages as well as from its own address, and told from what is none. */
START_TEST(probe_finds_a_prometheus_api)
{
    static const char *const at[] = {"/prom", "/prom/", "/prom/graph", "/prom/api/v1", "/prom/api/v1/query?query=up"};
    char url[100], line[200];
    snprintf(line, sizeof line, "\n  sources:\n    - name: prometheus\n      prometheus: http://127.0.0.1:%d/prom\n",
             fault_server_port(server));
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        int before = fault_server_requests(server, NULL);
        snprintf(url, sizeof url, "http://127.0.0.1:%d%s", fault_server_port(server), at[i]);
        ck_assert_msg(run((const char *const[]){"probe", url, NULL}) == 0, "%s", output);
        ck_assert_msg(strstr(output, line) != NULL, "%s", output);
        ck_assert_msg(strstr(output, "litellm     28 series of 2 families in 2 targets (a:4000, b:4000)\n") != NULL, "%s", output);
        ck_assert_msg(strstr(output, "vllm        1 series of 1 families in 1 target (^[[31mh:8000)\n") != NULL, "%s", output);
        ck_assert_int_le(fault_server_requests(server, NULL) - before, 5);
    }
    ck_assert_int_eq(run((const char *const[]){"probe", "--json", url, NULL}), 0);
    snprintf(line, sizeof line, "\"configuration\": \"sources:\\n  - name: prometheus\\n    prometheus: http://127.0.0.1:%d/prom\\n\"",
             fault_server_port(server));
    ck_assert_msg(strstr(output, line) != NULL, "%s", output);
    ck_assert_ptr_nonnull(strstr(output, "\"litellm_request_total_latency_metric\""));
    snprintf(url, sizeof url, "http://127.0.0.1:%d/tight/api/v1", fault_server_port(server));
    ck_assert_int_eq(run((const char *const[]){"probe", url, NULL}), 0);
    ck_assert_msg(strstr(output, "too long query") != NULL && strstr(output, "in 2 targets") != NULL, "%s", output);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/html", fault_server_port(server));
    ck_assert_int_eq(run((const char *const[]){"probe", url, NULL}), 1);
    ck_assert_msg(strstr(output, "an HTML page, not an exposition") != NULL, "%s", output);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/nowhere/api/v1", fault_server_port(server));
    ck_assert_int_eq(run((const char *const[]){"probe", url, NULL}), 2);
    ck_assert_msg(strstr(output, "status 404") != NULL, "%s", output);
}
END_TEST

START_TEST(probe_tells_when_a_prometheus_source_is_a_page)
{
    char yaml[300];
    snprintf(yaml, sizeof yaml, "sources:\n  - name: p\n    prometheus: http://127.0.0.1:%d/page\n", fault_server_port(server));
    write_file(config_path, yaml);
    ck_assert_msg(run((const char *const[]){"probe", "p", "--config", config_path, NULL}) == 0, "%s", output);
    ck_assert_msg(strstr(output, "configure it as metrics:, not as prometheus:") != NULL, "%s", output);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: session_recorder GWTOP_RECORDER\n");
        return 64;
    }
    program = argv[1];
    Suite *s = suite_create("session: recorder");
    TCase *c = tcase_create("recorder");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, it_detaches_refuses_a_second_one_and_stops);
    tcase_add_test(c, killed_it_leaves_a_store_that_the_next_one_goes_on_with);
    tcase_add_test(c, a_wrong_configuration_starts_nothing);
    tcase_add_test(c, relative_paths_hold_after_detaching);
    tcase_add_test(c, probe_tells_understood_from_not_and_from_no_answer);
    tcase_add_test(c, a_slow_key_delays_nobody_else);
    tcase_add_test(c, probe_finds_a_prometheus_api);
    tcase_add_test(c, probe_tells_when_a_prometheus_source_is_a_page);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
