/* SPDX-License-Identifier: MIT */
/* TLS as the recorder and probe meet it: whose certificate is accepted, why others are not, and that each refusal says what is wrong with
 * the certificate and what to do about that. usage: faults_tls PYTHON TLS_SERVER.PY */
#define _GNU_SOURCE /* open_memstream, pipe2 */
#include <check.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "netcli/netcli.h"
#include "record/loop.h"
#include "support/tmpdir.h"

extern char **environ;

static const char *python, *script;

static struct world {
    char dir[128], yaml[8192], config_path[200];
    pid_t server;
    int server_in;
    char ports[256]; /* "good 1234 other 1235 ..." */
    struct config cfg;
    struct arena arena;
    struct profiles profiles;
    struct clock_manual manual;
    struct clock clock;
    struct store *store;
    struct recorder *recorder;
    struct loop *loop;
    int64_t from_ms;
    struct errctx ctx;
} w;

/* The number after a word of the server's line. */
static long long told(const char *word)
{
    const char *at = strstr(w.ports, word);
    ck_assert_ptr_nonnull(at);
    return atoll(at + strlen(word));
}

static void start_server(void)
{
    int in[2], out[2];
    char *argv[] = {(char *)(uintptr_t)python, (char *)(uintptr_t)script, w.dir, NULL};
    posix_spawn_file_actions_t files;
    ck_assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in[0], 0);
    posix_spawn_file_actions_adddup2(&files, out[1], 1);
    ck_assert_int_eq(posix_spawnp(&w.server, python, &files, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&files);
    close(in[0]);
    close(out[1]);
    w.server_in = in[1];
    size_t got = 0;
    for (ssize_t n; memchr(w.ports, '\n', got) == NULL; got += (size_t)n) {
        n = read(out[0], w.ports + got, sizeof w.ports - 1 - got);
        ck_assert_msg(n > 0, "the TLS server ended before it served");
    }
    close(out[0]);
}

static void add(const char *name, const char *host, const char *port_of, const char *more)
{
    size_t n = strlen(w.yaml);
    char key[32];
    snprintf(key, sizeof key, "%s ", port_of);
    snprintf(w.yaml + n, sizeof w.yaml - n, "  - name: %s\n    metrics: https://%s:%lld/%s\n%s", name, host, told(key), name, more);
}

/* Sources of every sort. */
static void setup(void)
{
    char ca[200], stranger[200], missing[200], empty[200];
    memset(&w, 0, sizeof w);
    ck_assert(tmpdir_make(w.dir, sizeof w.dir));
    start_server();
    snprintf(ca, sizeof ca, "    ca_file: %s/ca.pem\n", w.dir);
    snprintf(stranger, sizeof stranger, "    ca_file: %s/stranger.pem\n", w.dir);
    snprintf(missing, sizeof missing, "    ca_file: %s/nowhere.pem\n", w.dir);
    snprintf(empty, sizeof empty, "    ca_file: %s/x.ext\n", w.dir);
    strcpy(w.yaml, "gateway: g\nsources:\n");
    add("good", "127.0.0.1", "good", ca);
    add("name", "localhost", "good", ca);
    add("system", "127.0.0.1", "good", "");
    add("stranger", "127.0.0.1", "good", stranger);
    add("host", "127.0.0.1", "other", ca);
    add("expired", "127.0.0.1", "expired", ca);
    add("early", "127.0.0.1", "early", ca);
    add("plain", "127.0.0.1", "plain", ca);
    add("old", "127.0.0.1", "old", ca);
    add("missing", "127.0.0.1", "good", missing);
    add("empty", "127.0.0.1", "good", empty);
    add("unchecked", "127.0.0.1", "other", "    insecure_tls: true\n");
    size_t n = strlen(w.yaml);
    snprintf(w.yaml + n, sizeof w.yaml - n, "  - name: forgotten\n    metrics: http://127.0.0.1:%lld/\n", told("good "));
    snprintf(w.config_path, sizeof w.config_path, "%s/gwtop.yaml", w.dir);
    int fd = open(w.config_path, O_WRONLY | O_CREAT, 0600);
    ck_assert(fd >= 0 && write(fd, w.yaml, strlen(w.yaml)) == (ssize_t)strlen(w.yaml));
    close(fd);
    w.from_ms = w.manual.wall_ms = INT64_C(1800000000000);
    w.clock = clock_manual(&w.manual);
    arena_init(&w.arena, 16 << 20);
}

static void teardown(void)
{
    loop_close(w.loop);
    recorder_close(w.recorder, w.from_ms, "the test ended");
    store_close(w.store);
    config_fini(&w.cfg);
    arena_fini(&w.arena);
    close(w.server_in);
    ck_assert_int_eq(waitpid(w.server, NULL, 0), w.server);
    ck_assert(tmpdir_remove(w.dir));
}

static void begin(void)
{
    char path[200];
    const struct store_options so = {.private_files = true};
    snprintf(path, sizeof path, "%s/t.db", w.dir);
    ck_assert_msg(config_parse(str_of(w.yaml), "test.yaml", &w.cfg, &w.ctx) == ERR_OK, "%s", w.ctx.text);
    ck_assert_msg(profiles_load(NULL, &w.arena, &w.profiles, &w.ctx) == ERR_OK, "%s", w.ctx.text);
    ck_assert_msg(store_open_writer(path, &so, &w.clock, &w.store, &w.ctx) == ERR_OK, "%s", w.ctx.text);
    const struct recorder_options ro = {&w.cfg, &w.profiles, NULL};
    ck_assert_msg(recorder_open(w.store, &ro, w.from_ms, &w.recorder, &w.ctx) == ERR_OK, "%s", w.ctx.text);
    const struct loop_options lo = {
        .cfg = &w.cfg, .clock = &w.clock, .user_agent = "gwtop/test", .speed = 1, .send_time = true, .stop_fd = -1};
    ck_assert_msg(loop_open(w.recorder, &lo, &w.loop, &w.ctx) == ERR_OK, "%s", w.ctx.text);
}

static void on_instant(void *ctx, int64_t t_ms)
{
    (void)ctx;
    w.manual.wall_ms = t_ms;
}

static void on_progress(void *ctx, double share)
{
    (void)ctx;
    (void)share;
}

static void polls(int n)
{
    bool stopped;
    const struct loop_replay rp = {w.from_ms, w.from_ms + n * 15000, 15000, on_instant, on_progress, NULL};
    ck_assert_msg(loop_replay(w.loop, &rp, &w.from_ms, &stopped, &w.ctx) == ERR_OK, "%s", w.ctx.text);
}

/* What a console reads about a source. */
static struct source_status status(const char *name)
{
    struct source_status *list;
    size_t count;
    ck_assert_msg(store_sources(w.store, w.from_ms, &w.arena, &list, &count, &w.ctx) == ERR_OK, "%s", w.ctx.text);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].name, name) == 0)
            return list[i];
    }
    ck_abort_msg("no source %s", name);
}

static void expect_down(const char *name, const char *what, const char *advice)
{
    struct source_status s = status(name);
    ck_assert_msg(s.state == SOURCE_DOWN && strstr(s.reason, what) != NULL && strstr(s.reason, advice) != NULL, "%s: state %d, reason '%s'",
                  name, s.state, s.reason);
}

START_TEST(a_certificate_is_accepted_or_refused_for_a_reason)
{
    begin();
    polls(2);
    static const char *const accepted[] = {"good", "name", "unchecked"};
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        struct source_status s = status(accepted[i]);
        ck_assert_msg(s.state == SOURCE_OK, "%s: %s", s.name, s.reason);
        ck_assert_int_eq(s.cert_expiry_ms, told("until ") * 1000); /* also at the second poll, for which no handshake was needed */
    }
    ck_assert_str_eq(status("good").reason, "");
    ck_assert_ptr_nonnull(strstr(status("unchecked").reason, "not verified (insecure_tls)")); /* and stays on the screen */
    expect_down("system", "no authority trusted here has signed", "goes into ca_file");
    expect_down("stranger", "no authority trusted here has signed", "goes into ca_file");
    expect_down("host", "for another host", "a name that stands in the certificate");
    expect_down("expired", "has expired", "have it renewed");
    expect_down("early", "not valid yet", "check the clocks");
    expect_down("plain", "does not speak TLS", "http:// or another port");
    expect_down("old", "no TLS from 1.2 on", "brought up to date");
    expect_down("missing", "nowhere.pem", "name a readable file");
    expect_down("empty", "ca_file cannot be read, or holds no certificate", "name a readable file");
    expect_down("forgotten", "nothing that is HTTP came", "begins with https://");
}
END_TEST

/* The authority's file is exchanged while the recorder runs, which libcurl's cache would hide for a day: it holds one file, so there is one
 * source. */
START_TEST(a_renewed_ca_file_is_seen)
{
    char from[200], to[200];
    snprintf(from, sizeof from, "    ca_file: %s/stranger.pem\n", w.dir);
    strcpy(w.yaml, "gateway: g\nsources:\n");
    add("stranger", "127.0.0.1", "good", from);
    begin();
    polls(1);
    expect_down("stranger", "no authority trusted here has signed", "ca_file");
    snprintf(from, sizeof from, "%s/ca.pem", w.dir);
    snprintf(to, sizeof to, "%s/stranger.pem", w.dir);
    ck_assert_int_eq(rename(from, to), 0);
    polls(1);
    ck_assert_msg(status("stranger").state == SOURCE_OK, "%s", status("stranger").reason);
}
END_TEST

/* Runs probe and returns its exit code and what it prints, which is freed by the next call. */
static char *printed;
static int probe(const char *const *args)
{
    char name[] = "probe", *argv[16] = {name};
    size_t n = 0;
    int argc = 1;
    free(printed);
    printed = NULL;
    FILE *out = open_memstream(&printed, &n);
    ck_assert_ptr_nonnull(out);
    const struct netcli_io io = {.out = out, .err = out, .user_agent = "gwtop/test"};
    for (; args[argc - 1] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)args[argc - 1];
    int code = netcli_probe(argc, argv, &io);
    fclose(out);
    return code;
}

START_TEST(probe_names_tls_and_what_to_do)
{
    static const struct {
        const char *source, *what, *advice;
    } cases[] = {
        {"system", "no authority trusted here has signed its certificate", "goes into ca_file"},
        {"host", "its certificate is for another host", "use a name that stands in the certificate"},
        {"expired", "its certificate has expired", "have it renewed on the server"},
        {"plain", "does not speak TLS", "try http:// or another port"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_int_eq(probe((const char *const[]){cases[i].source, "--config", w.config_path, NULL}), 2);
        const char *failed = strstr(printed, "TLS         FAILED: ");
        ck_assert_msg(failed != NULL && strstr(failed, cases[i].what) != NULL && strstr(failed, cases[i].advice) != NULL, "%s", printed);
        ck_assert_int_eq(probe((const char *const[]){cases[i].source, "--json", "--config", w.config_path, NULL}), 2);
        const char *advice = strstr(printed, "\"what_to_do\": \"");
        ck_assert_msg(strstr(printed, "\"failed_step\": \"TLS\"") != NULL, "%s", printed);
        ck_assert_msg(advice != NULL && strstr(advice, cases[i].advice) != NULL, "%s", printed);
    }
}
END_TEST

START_TEST(probe_says_of_a_refused_connection_only_that)
{
    ck_assert_int_eq(probe((const char *const[]){"https://127.0.0.1:1/metrics", "--config", w.config_path, NULL}), 2);
    ck_assert_msg(strstr(printed, "TCP         FAILED: ") != NULL && strstr(printed, "TCP         ok") == NULL, "%s", printed);
    ck_assert_msg(strstr(printed, "TLS         not reached") != NULL, "%s", printed);
    ck_assert_int_eq(probe((const char *const[]){"https://127.0.0.1:1/metrics", "--json", "--config", w.config_path, NULL}), 2);
    ck_assert_msg(strstr(printed, "\"tcp_ms\": null") != NULL && strstr(printed, "\"tls_ms\": null") != NULL, "%s", printed);
}
END_TEST

START_TEST(probe_asks_for_the_scheme_of_what_is_no_file)
{
    ck_assert_int_eq(probe((const char *const[]){"127.0.0.1:4000/metrics", "--config", w.config_path, NULL}), 2);
    ck_assert_msg(strstr(printed, "gwtop probe http://127.0.0.1:4000/metrics") != NULL, "%s", printed);
    ck_assert_int_eq(probe((const char *const[]){"litelm", "--json", "--config", w.config_path, NULL}), 2);
    ck_assert_msg(strstr(printed, "\"what_to_do\": \"no source of that name is configured either") != NULL, "%s", printed);
}
END_TEST

START_TEST(probe_shows_until_when_the_certificate_is_valid)
{
    char url[100], ca[200], until[100];
    snprintf(url, sizeof url, "https://localhost:%lld/metrics", told("good "));
    snprintf(ca, sizeof ca, "%s/ca.pem", w.dir);
    ck_assert_int_eq(probe((const char *const[]){url, "--ca-file", ca, "--config", w.config_path, NULL}), 0);
    ck_assert_msg(strstr(printed, "certificate expires 20") != NULL, "%s", printed);
    ck_assert_int_eq(probe((const char *const[]){url, "--ca-file", ca, "--json", "--config", w.config_path, NULL}), 0);
    snprintf(until, sizeof until, "\"certificate_expiry_ms\": %lld000", told("until "));
    ck_assert_msg(strstr(printed, until) != NULL && strstr(printed, "\"certificate_verified\": true") != NULL, "%s", printed);
    snprintf(url, sizeof url, "https://127.0.0.1:%lld/metrics", told("other "));
    ck_assert_int_eq(probe((const char *const[]){url, "--insecure", "--config", w.config_path, NULL}), 0);
    ck_assert_msg(strstr(printed, "certificate NOT VERIFIED (insecure_tls), expires 20") != NULL, "%s", printed);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: faults_tls PYTHON TLS_SERVER.PY\n", stderr);
        return EXIT_FAILURE;
    }
    python = argv[1];
    script = argv[2];
    Suite *s = suite_create("TLS");
    TCase *c = tcase_create("TLS");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, a_certificate_is_accepted_or_refused_for_a_reason);
    tcase_add_test(c, a_renewed_ca_file_is_seen);
    tcase_add_test(c, probe_names_tls_and_what_to_do);
    tcase_add_test(c, probe_says_of_a_refused_connection_only_that);
    tcase_add_test(c, probe_asks_for_the_scheme_of_what_is_no_file);
    tcase_add_test(c, probe_shows_until_when_the_certificate_is_valid);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
