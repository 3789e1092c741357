/* SPDX-License-Identifier: MIT */
/* The recorder against a server that does everything wrong: each source shows its state and reason, the others go on, memory stays
 * bounded, and no key goes anywhere it should not. */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "faults/fault_server.h"
#include "model/outside.h"
#include "record/loop.h"
#include "support/tmpdir.h"

#define CANARY "sk-canary-3f9a1c77"

struct world {
    char dir[128], store_path[200], log_path[200], token_path[200];
    struct fault_server *server, *other;
    char yaml[16384];
    struct config cfg;
    struct arena arena;
    struct profiles profiles;
    struct clock_manual manual;
    struct clock clock;
    struct store *store;
    struct recorder *recorder;
    struct loop *loop;
    struct log log;
    int64_t from_ms;
    struct errctx ctx;
};

static struct world w;

static void add(const char *format, ...) GW_PRINTF(1, 2);
static void add(const char *format, ...)
{
    size_t n = strlen(w.yaml);
    va_list ap;
    va_start(ap, format);
    int got = vsnprintf(w.yaml + n, sizeof w.yaml - n, format, ap);
    va_end(ap);
    ck_assert_int_lt(got, (int)(sizeof w.yaml - n));
}

/* A source of the hostile server's path. */
static void source(const char *name, const char *path, const char *more)
{
    add("  - name: %s\n    metrics: http://127.0.0.1:%d%s\n    timeout: %s\n%s", name, fault_server_port(w.server), path,
        strcmp(path, "/million") == 0 ? "60s" : "2s", more);
}

static void setup(void)
{
    memset(&w, 0, sizeof w);
    ck_assert(tmpdir_make(w.dir, sizeof w.dir));
    snprintf(w.store_path, sizeof w.store_path, "%s/t.db", w.dir);
    snprintf(w.log_path, sizeof w.log_path, "%s/log", w.dir);
    snprintf(w.token_path, sizeof w.token_path, "%s/token", w.dir);
    int fd = open(w.token_path, O_WRONLY | O_CREAT, 0600);
    ck_assert(fd >= 0 && write(fd, CANARY "\n", strlen(CANARY) + 1) == (ssize_t)strlen(CANARY) + 1);
    close(fd);
    ck_assert_ptr_nonnull(w.other = fault_server_start(0));
    ck_assert_ptr_nonnull(w.server = fault_server_start(fault_server_port(w.other)));
    add("gateway: g\nsources:\n");
    w.from_ms = w.manual.wall_ms = INT64_C(1800000000000);
    w.clock = clock_manual(&w.manual);
    w.log = (struct log){open(w.log_path, O_WRONLY | O_CREAT | O_APPEND, 0600), LOG_LEVEL_INFO};
    arena_init(&w.arena, 16 << 20);
}

static void begin(void)
{
    const struct store_options so = {.private_files = true};
    ck_assert_msg(config_parse(str_of(w.yaml), "test.yaml", &w.cfg, &w.ctx) == ERR_OK, "%s", w.ctx.text);
    ck_assert_msg(profiles_load(NULL, &w.arena, &w.profiles, &w.ctx) == ERR_OK, "%s", w.ctx.text);
    ck_assert_msg(store_open_writer(w.store_path, &so, &w.clock, &w.store, &w.ctx) == ERR_OK, "%s", w.ctx.text);
    const struct recorder_options ro = {&w.cfg, &w.profiles, &w.log};
    ck_assert_msg(recorder_open(w.store, &ro, w.from_ms, &w.recorder, &w.ctx) == ERR_OK, "%s", w.ctx.text);
    const struct loop_options lo = {
        .cfg = &w.cfg, .log = &w.log, .clock = &w.clock, .user_agent = "gwtop/test", .speed = 1, .send_time = true, .stop_fd = -1};
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

/* Asks every source so many times, 15 s apart on a clock of the test's own, and waits for each to answer or to be given up. */
static void polls(int n)
{
    bool stopped;
    const struct loop_replay rp = {w.from_ms, w.from_ms + n * 15000, 15000, on_instant, on_progress, NULL};
    ck_assert_msg(loop_replay(w.loop, &rp, &w.from_ms, &stopped, &w.ctx) == ERR_OK, "%s", w.ctx.text);
}

static void teardown(void)
{
    loop_close(w.loop);
    recorder_close(w.recorder, w.from_ms, "the test ended");
    store_close(w.store);
    config_fini(&w.cfg);
    arena_fini(&w.arena);
    fault_server_stop(w.server);
    fault_server_stop(w.other);
    close(w.log.fd);
    ck_assert(tmpdir_remove(w.dir));
}

static uint32_t index_of(const char *name)
{
    for (uint32_t i = 0; i < w.cfg.source_count; i++) {
        if (strcmp(w.cfg.sources[i].name, name) == 0)
            return i;
    }
    ck_abort_msg("no source %s", name);
}

static void expect(const char *name, enum source_state state, const char *reason)
{
    struct source_status s = recorder_status(w.recorder, index_of(name));
    ck_assert_msg(s.state == state && (reason[0] == '\0' ? s.reason[0] == '\0' : strstr(s.reason, reason) != NULL),
                  "%s: state %d, reason '%s'", name, s.state, s.reason);
}

/* Whether any file of the test's directory but the token itself holds the text. */
static bool on_disk(const char *text)
{
    DIR *d = opendir(w.dir);
    bool found = false;
    ck_assert_ptr_nonnull(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        char path[512], buf[1 << 16];
        snprintf(path, sizeof path, "%s/%s", w.dir, e->d_name);
        FILE *f = strcmp(path, w.token_path) == 0 ? NULL : fopen(path, "rb");
        size_t keep = 0, n;
        while (f != NULL && (n = fread(buf + keep, 1, sizeof buf - keep, f)) > 0) {
            n += keep;
            for (size_t i = 0; i + strlen(text) <= n && !found; i++)
                found = memcmp(buf + i, text, strlen(text)) == 0;
            keep = strlen(text) - 1 < n ? strlen(text) - 1 : n;
            memmove(buf, buf + n - keep, keep);
        }
        if (f != NULL)
            fclose(f);
    }
    closedir(d);
    return found;
}

START_TEST(every_fault_has_its_reason_and_the_others_go_on)
{
    source("good", "/ok", "");
    add("  - name: down\n    metrics: http://127.0.0.1:%d/metrics\n", fault_closed_port());
    add("  - name: nohost\n    metrics: http://no-such-host.invalid/metrics\n    timeout: 2s\n");
    source("slow", "/slow", "");
    source("hang", "/hang", "");
    source("loop", "/loop", "");
    source("same", "/same", "");
    source("host", "/host", "");
    source("file", "/file", "");
    source("html", "/html", "");
    source("json", "/json", "");
    source("text", "/text", "");
    source("gzip", "/gzip", "");
    source("endless", "/endless", "    max_body: 1MB\n");
    source("headers", "/headers", "");
    source("half", "/half", "");
    source("cut", "/cut", "");
    source("garbage", "/garbage", "");
    source("error", "/error", "");
    source("missing", "/nowhere", "");
    source("empty", "/empty", "");
    begin();
    polls(3);
    expect("good", SOURCE_OK, "");
    expect("same", SOURCE_OK, "");
    expect("empty", SOURCE_OK, "exposes nothing yet");
    expect("down", SOURCE_DOWN, "nobody answers there");
    expect("nohost", SOURCE_DOWN, "cannot be resolved");
    expect("slow", SOURCE_DOWN, "not complete after");
    expect("hang", SOURCE_DOWN, "no answer after");
    expect("loop", SOURCE_DOWN, "circle");
    expect("host", SOURCE_DOWN, "another host, http://localhost:1/elsewhere");
    expect("file", SOURCE_DOWN, "no usable http address");
    expect("html", SOURCE_DOWN, "HTML page");
    expect("json", SOURCE_DOWN, "JSON");
    expect("text", SOURCE_DOWN, "no exposition");
    expect("gzip", SOURCE_DOWN, "coding 'gzip'");
    expect("endless", SOURCE_DOWN, "longer than the");
    expect("headers", SOURCE_DOWN, "headers are longer than 64 KB");
    expect("half", SOURCE_DOWN, "broke off (");
    expect("cut", SOURCE_DOWN, "middle of line 2");
    expect("garbage", SOURCE_DOWN, "nothing that is HTTP came");
    expect("error", SOURCE_DOWN, "status 503: ^[]0;owned^Gupstream connect error");
    expect("missing", SOURCE_DOWN, "status 404");
    ck_assert_int_eq(fault_server_requests(w.server, "/ok"), 6); /* three of good, three of same, which remembers where it led */
    ck_assert_int_eq(fault_server_requests(w.server, "/same"), 1);
    ck_assert(!on_disk("\x1b]0;owned"));
}
END_TEST

static struct http_result finished;
static void on_finished(void *ctx, const struct http_result *r)
{
    (void)ctx;
    finished = *r;
}

/* Asks these connections at once, and waits for all. */
static void get(struct http *h, struct http_conn *const *conns, int count)
{
    const struct http_handler on = {.on_done = on_finished};
    const struct http_request rq = {.url = NULL};
    int running = count;
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(http_start(conns[i], &rq, &on, &w.ctx), ERR_OK);
    while (running > 0)
        ck_assert_int_eq(http_wait(h, 1000, -1, &running, &w.ctx), ERR_OK);
}

static struct http_conn *connection(struct http *h, const char *path)
{
    char url[100];
    struct http_conn *conn;
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", fault_server_port(w.server), path);
    const struct http_options o = {.url = url, .max_body_bytes = 1000};
    ck_assert_int_eq(http_add(h, &o, &conn, &w.ctx), ERR_OK);
    return conn;
}

/* Idle connections of other sources to the same server are no reason to ask it more than once. */
START_TEST(who_says_nothing_is_asked_once_per_poll)
{
    enum { OTHERS = 8 };
    struct http *h;
    struct http_conn *others[OTHERS], *silent;
    ck_assert_int_eq(http_open(NULL, "gwtop/test", &h, &w.ctx), ERR_OK);
    for (int i = 0; i < OTHERS; i++)
        others[i] = connection(h, "/ok");
    silent = connection(h, "/silent");
    for (int poll = 1; poll <= 3; poll++) {
        get(h, others, OTHERS);
        get(h, &silent, 1);
        ck_assert_int_eq(finished.failed, HTTP_BODY);
        ck_assert_msg(strstr(finished.reason, "nothing that is HTTP came (Empty reply from server)") != NULL, "%s", finished.reason);
        ck_assert_int_eq(fault_server_requests(w.server, "/silent"), poll);
    }
    for (int i = 0; i < OTHERS; i++)
        http_remove(others[i]);
    http_remove(silent);
    http_close(h);
}
END_TEST

START_TEST(who_wants_to_be_left_alone_says_for_how_long)
{
    struct http *h;
    ck_assert_int_eq(http_open(NULL, "gwtop/test", &h, &w.ctx), ERR_OK);
    struct http_conn *conn = connection(h, "/limited");
    get(h, &conn, 1);
    ck_assert_int_eq(finished.status, 429);
    ck_assert_int_eq(finished.retry_after_ms, 120000);
    ck_assert_ptr_nonnull(strstr(finished.reason, "too many requests"));
    http_remove(conn);
    http_close(h);
}
END_TEST

/* metrics: and prometheus: mixed up, and paths that are not there: the reason says what to write instead. */
START_TEST(the_wrong_kind_of_source_says_which_is_right)
{
    int port = fault_server_port(w.server);
    add("  - name: page\n    prometheus: http://127.0.0.1:%d/page\n", port);
    add("  - name: nothing\n    prometheus: http://127.0.0.1:%d/ok\n", port);
    add("  - name: api\n    metrics: http://127.0.0.1:%d/json\n", port);
    add("  - name: path\n    metrics: http://127.0.0.1:%d/nowhere\n", port);
    begin();
    polls(1);
    expect("page", SOURCE_DOWN, "a page is configured with metrics: instead of prometheus:");
    expect("nothing", SOURCE_DOWN, "status 404: no such fault; there is no Prometheus API; an exposition page is configured with metrics:");
    expect("api", SOURCE_DOWN, "a Prometheus API is configured with prometheus: instead of metrics:");
    expect("path", SOURCE_DOWN, "status 404: no such fault; check the path");
}
END_TEST

START_TEST(a_key_goes_to_its_own_server_and_nowhere_else)
{
    char bearer[300];
    snprintf(bearer, sizeof bearer, "    bearer: {file: %s}\n", w.token_path);
    source("good", "/ok", bearer);
    source("same", "/same", bearer);
    source("cross", "/cross", bearer);
    source("echo", "/echo", bearer);
    begin();
    polls(2);
    expect("good", SOURCE_OK, "");
    expect("same", SOURCE_OK, "");
    expect("cross", SOURCE_DOWN, "must not see the key");
    expect("echo", SOURCE_DOWN, "401");
    ck_assert(fault_server_saw(w.server, "Authorization: Bearer " CANARY));
    ck_assert_int_eq(fault_server_requests(w.other, NULL), 0);
    ck_assert(!on_disk(CANARY));
}
END_TEST

START_TEST(without_a_key_a_redirect_on_the_same_host_is_followed)
{
    source("cross", "/cross", "");
    begin();
    polls(2);
    expect("cross", SOURCE_OK, "");
    ck_assert_int_eq(fault_server_requests(w.other, "/stolen"), 2);
}
END_TEST

START_TEST(a_key_that_others_can_read_is_refused_and_the_source_says_so)
{
    char bearer[300];
    ck_assert_int_eq(chmod(w.token_path, 0644), 0);
    snprintf(bearer, sizeof bearer, "    bearer: {file: %s}\n", w.token_path);
    source("open", "/ok", bearer);
    source("good", "/same", "");
    begin();
    polls(1);
    expect("open", SOURCE_DOWN, "chmod 600");
    expect("good", SOURCE_OK, "");
    ck_assert(!fault_server_saw(w.server, CANARY));
}
END_TEST

START_TEST(a_key_that_was_renewed_is_read_again)
{
    char bearer[300];
    snprintf(bearer, sizeof bearer, "    bearer: {file: %s}\n", w.token_path);
    source("locked", "/locked", bearer);
    begin();
    polls(2);
    expect("locked", SOURCE_DOWN, "401, it wants another key");
    int fd = open(w.token_path, O_WRONLY | O_TRUNC);
    ck_assert(fd >= 0 && write(fd, "sk-renewed\n", 11) == 11);
    close(fd);
    polls(1); /* still with the old one, and told so */
    polls(1);
    expect("locked", SOURCE_OK, "");
}
END_TEST

START_TEST(a_failed_poll_is_a_gap_and_nothing_is_lost_or_invented)
{
    source("flaky", "/flaky", "");
    begin();
    polls(4);
    expect("flaky", SOURCE_OK, "");
    struct store_gap *gaps;
    size_t count;
    ck_assert_int_eq(store_gaps(w.store, 0, INT64_MAX, &w.arena, &gaps, &count, &w.ctx), ERR_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(gaps[0].t1_ms - gaps[0].t0_ms, 30000);
    ck_assert_ptr_nonnull(strstr(gaps[0].reason, "broke off"));
    const struct store_query q = {.signal = SIG_REQUESTS, .t0_ms = w.from_ms - 60000, .step_ms = 60000, .columns = 1};
    struct store_result r;
    ck_assert_msg(store_read(w.store, &q, 1, &w.arena, &r, &w.ctx) == ERR_OK, "%s", w.ctx.text);
    ck_assert_uint_eq(r.count, 1);
    ck_assert_int_eq(r.groups[0].cells[0].sum, 30); /* 110 at first, 140 at last */
    ck_assert_uint_eq(r.groups[0].cells[0].n, 2);
}
END_TEST

/* The one alert that an outside system told, among those that say which sources are down. */
static struct alert outside_alert(void)
{
    struct alert *list, one = {.state = ALERT_NO_DATA};
    size_t count, told = 0;
    ck_assert_int_eq(store_alerts(w.store, INT64_MAX, &w.arena, &list, &count, &w.ctx), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        if (!outside_is_rule(list[i].rule))
            continue;
        one = list[i];
        told++;
    }
    ck_assert_uint_eq(told, 1);
    return one;
}

/* An alert system that does everything wrong is down with a reason and ends nothing; of what it told nothing is known after three
 * intervals. */
START_TEST(an_alert_system_that_does_everything_wrong_ends_no_alert)
{
    static const struct {
        const char *path, *reason;
    } wrong[] = {{"hang", "no answer after"}, {"html", "HTML or XML page"}, {"json", "no list of silences"},
                 {"text", "no JSON"},         {"gzip", "coding 'gzip'"},    {"endless", "longer than"},
                 {"half", "broke off ("},     {"cut", "no JSON"},           {"garbage", "nothing that is HTTP"},
                 {"error", "status 503"},     {"nowhere", "status 404"},    {"empty", "it is empty"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        add("  - {name: %s, alertmanager: 'http://127.0.0.1:%d/%s', timeout: 2s, max_body: 1MB}\n", wrong[i].path,
            fault_server_port(w.server), wrong[i].path);
    add("  - {name: am, alertmanager: 'http://127.0.0.1:%d/am'}\n", fault_server_port(w.server));
    begin();
    polls(2);
    ck_assert_int_eq(outside_alert().state, ALERT_FIRING);
    polls(3); /* three answers that are none */
    ck_assert_int_eq(outside_alert().state, ALERT_FIRING);
    expect("am", SOURCE_DOWN, "no list of alerts");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect(wrong[i].path, SOURCE_DOWN, wrong[i].reason);
    polls(2);
    expect("am", SOURCE_OK, "");
    ck_assert_int_eq(outside_alert().state, ALERT_INACTIVE);
    ck_assert(!on_disk("\x1b]0;owned"));
}
END_TEST

START_TEST(a_million_series_are_capped_in_bounded_memory)
{
    struct rusage before, after;
    source("million", "/million", "    max_series: 1000\n    max_body: 100MB\n");
    source("good", "/ok", "");
    begin();
    getrusage(RUSAGE_SELF, &before);
    polls(2);
    getrusage(RUSAGE_SELF, &after);
    struct source_status s = recorder_status(w.recorder, index_of("million"));
    ck_assert_msg(s.state == SOURCE_OK, "%s", s.reason);
    ck_assert_uint_eq(s.series_seen, 1000000);
    ck_assert_uint_eq(s.series_kept, 1000);
    ck_assert_uint_eq(s.series_dropped, 999000);
    expect("good", SOURCE_OK, "");
#if !defined(__SANITIZE_ADDRESS__)
    ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 48 * 1024); /* KB; the page itself has 66 MB */
#endif
}
END_TEST

int main(void)
{
    Suite *s = suite_create("faults of servers");
    TCase *c = tcase_create("faults of servers");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, every_fault_has_its_reason_and_the_others_go_on);
    tcase_add_test(c, the_wrong_kind_of_source_says_which_is_right);
    tcase_add_test(c, who_says_nothing_is_asked_once_per_poll);
    tcase_add_test(c, who_wants_to_be_left_alone_says_for_how_long);
    tcase_add_test(c, a_key_goes_to_its_own_server_and_nowhere_else);
    tcase_add_test(c, without_a_key_a_redirect_on_the_same_host_is_followed);
    tcase_add_test(c, a_key_that_others_can_read_is_refused_and_the_source_says_so);
    tcase_add_test(c, a_key_that_was_renewed_is_read_again);
    tcase_add_test(c, a_failed_poll_is_a_gap_and_nothing_is_lost_or_invented);
    tcase_add_test(c, an_alert_system_that_does_everything_wrong_ends_no_alert);
    tcase_add_test(c, a_million_series_are_capped_in_bounded_memory);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
