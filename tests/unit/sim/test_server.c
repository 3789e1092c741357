/* SPDX-License-Identifier: MIT */
#include "sim/server.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

Suite *suite_server(void);

enum { ANSWER_MAX = 16 << 20 };

static const int64_t start_ms = INT64_C(1794916800000);

struct fixture {
    struct sim *sim;
    struct clock_manual manual;
    struct clock clock;
    struct server *server;
    int fd;
    char *answer; /* of the last request: head and body */
    const char *body;
    size_t body_len;
};

static void set_up(struct fixture *f)
{
    struct sim_config c = {.seed = 1, .scenarios = "brownout", .start_ms = start_ms, .live_ms = start_ms, .onset_ms = start_ms};
    *f = (struct fixture){.manual = {.wall_ms = start_ms + 3600000}, .fd = -1, .answer = malloc(ANSWER_MAX)};
    f->clock = clock_manual(&f->manual);
    ck_assert_ptr_nonnull(f->answer);
    ck_assert_int_eq(sim_new(&c, &f->sim, NULL), ERR_OK);
    ck_assert_int_eq(server_open("127.0.0.1:0", f->sim, &f->clock, &f->server, NULL), ERR_OK);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(server_port(f->server)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    f->fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(f->fd, (struct sockaddr *)&a, sizeof a), 0);
}

static void tear_down(struct fixture *f)
{
    close(f->fd);
    server_close(f->server);
    sim_free(f->sim);
    free(f->answer);
}

/* One request on the kept connection; returns the status. headers end in CRLF each. */
static int ask(struct fixture *f, const char *method, const char *path, const char *headers)
{
    char request[512];
    int n = snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n", method, path, headers);
    ck_assert_int_eq(write(f->fd, request, (size_t)n), n);
    size_t have = 0, want = ANSWER_MAX - 1;
    while (have < want) {
        ssize_t got = read(f->fd, f->answer + have, want - have);
        ck_assert_int_gt(got, 0);
        have += (size_t)got;
        f->answer[have] = '\0';
        char *end = strstr(f->answer, "\r\n\r\n"), *length = strstr(f->answer, "Content-Length: ");
        if (end != NULL && want == ANSWER_MAX - 1) {
            ck_assert_ptr_nonnull(length);
            f->body = end + 4;
            f->body_len = strcmp(method, "HEAD") == 0 ? 0 : strtoul(length + 16, NULL, 10);
            want = (size_t)(f->body - f->answer) + f->body_len;
        }
    }
    return atoi(f->answer + strlen("HTTP/1.1 "));
}

static int get_at(struct fixture *f, const char *path, int64_t wall_ms)
{
    char header[64];
    snprintf(header, sizeof header, "Gwtop-Time: %lld\r\n", (long long)wall_ms);
    return ask(f, "GET", path, header);
}

START_TEST(metrics_redirects_as_the_real_one_does)
{
    struct fixture f;
    char location[128];
    set_up(&f);
    ck_assert_int_eq(ask(&f, "GET", "/metrics", ""), 307);
    snprintf(location, sizeof location, "Location: http://127.0.0.1:%u/metrics/\r\n", (unsigned)server_port(f.server));
    ck_assert_ptr_nonnull(strstr(f.answer, location));
    ck_assert_uint_eq(f.body_len, 0);
    ck_assert_int_eq(ask(&f, "GET", "/metrics/", ""), 200);
    ck_assert_ptr_nonnull(strstr(f.answer, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    tear_down(&f);
}
END_TEST

START_TEST(one_kept_connection_gets_the_pages_as_they_are_rendered)
{
    static const struct {
        const char *path;
        enum sim_page page;
    } pages[] = {{"/metrics/", SIM_PAGE_LITELLM},
                 {"/vllm/qwen-72b/metrics", SIM_PAGE_VLLM_QWEN},
                 {"/vllm/llama-8b/metrics", SIM_PAGE_VLLM_LLAMA},
                 {"/dcgm/qwen-72b/metrics", SIM_PAGE_DCGM_QWEN},
                 {"/dcgm/llama-8b/metrics", SIM_PAGE_DCGM_LLAMA},
                 {"/otel/metrics", SIM_PAGE_OTEL}};
    struct fixture f;
    struct sim_config c = {.seed = 1, .scenarios = "brownout", .start_ms = start_ms, .live_ms = start_ms, .onset_ms = start_ms};
    struct sim *same;
    struct buf text;
    set_up(&f);
    buf_init(&text, ANSWER_MAX);
    ck_assert_int_eq(sim_new(&c, &same, NULL), ERR_OK);
    for (int64_t t = start_ms + 1500; t < start_ms + 300000; t += 60000) {
        ck_assert_int_eq(sim_advance(same, t, NULL), ERR_OK);
        for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
            buf_reset(&text);
            ck_assert_int_eq(sim_render(same, pages[i].page, &text), ERR_OK);
            ck_assert_int_eq(get_at(&f, pages[i].path, t), 200);
            ck_assert_uint_eq(f.body_len, text.len);
            ck_assert_mem_eq(f.body, text.data, text.len);
        }
    }
    buf_fini(&text);
    sim_free(same);
    tear_down(&f);
}
END_TEST

static int64_t counted(const struct fixture *f)
{
    const char *name = "\nlitellm_proxy_total_requests_metric_total{";
    double sum = 0;
    for (const char *at = strstr(f->body, name); at != NULL; at = strstr(at + 1, name))
        sum += strtod(strstr(at, "} ") + 2, NULL);
    return (int64_t)sum;
}

START_TEST(time_follows_the_header_then_the_clock_and_never_goes_back)
{
    struct fixture f;
    set_up(&f);
    ck_assert_int_eq(ask(&f, "GET", "/metrics/", ""), 200); /* not live yet: the clock is an hour ahead and is not asked */
    int64_t at_start = counted(&f);
    ck_assert_int_eq(get_at(&f, "/metrics/", start_ms + 600000), 200);
    int64_t later = counted(&f);
    ck_assert_int_gt(later, at_start + 3000);
    ck_assert_int_eq(get_at(&f, "/metrics/", start_ms), 200); /* the past is gone */
    ck_assert_int_eq(counted(&f), later);
    ck_assert_int_eq(ask(&f, "GET", "/metrics/", ""), 200);
    ck_assert_int_eq(counted(&f), later);
    server_go_live(f.server);
    ck_assert_int_eq(ask(&f, "GET", "/metrics/", ""), 200);
    ck_assert_int_gt(counted(&f), later + 20000);
    tear_down(&f);
}
END_TEST

START_TEST(wrong_requests_are_answered_with_what_is_wrong)
{
    static const struct {
        const char *method, *path, *headers;
        int status;
        const char *says;
    } asks[] = {
        {"GET", "/metrics/", "Gwtop-Time: tomorrow\r\n", 400, "Gwtop-Time"},
        {"GET", "/metrics/", "Gwtop-Time: -5\r\n", 400, "Gwtop-Time"},
        {"GET", "/metrics/", "Gwtop-Time: 9223372036854775807\r\n", 400, "8 days"},
        {"GET", "/nowhere", "", 404, "/truth"},
        {"DELETE", "/metrics/", "", 405, "GET only"},
    };
    struct fixture f;
    set_up(&f);
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        ck_assert_int_eq(ask(&f, asks[i].method, asks[i].path, asks[i].headers), asks[i].status);
        ck_assert_ptr_nonnull(strstr(f.body, asks[i].says));
    }
    ck_assert_int_eq(ask(&f, "HEAD", "/metrics/", ""), 200);
    ck_assert_int_eq(ask(&f, "GET", "/healthz", ""), 200);
    ck_assert_str_eq(f.body, "ok\n");
    tear_down(&f);
}
END_TEST

START_TEST(the_truth_is_served)
{
    struct fixture f;
    struct buf text;
    set_up(&f);
    buf_init(&text, 1 << 20);
    ck_assert_int_eq(sim_truth(f.sim, &text), ERR_OK);
    ck_assert_int_eq(ask(&f, "GET", "/truth", ""), 200);
    ck_assert_ptr_nonnull(strstr(f.answer, "Content-Type: application/json\r\n"));
    ck_assert_str_eq(f.body, text.data);
    buf_fini(&text);
    tear_down(&f);
}
END_TEST

static const char *const wrong_addresses[] = {"",          "4000",       ":4000",       "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000",
                                              "0.0.0.0:0", "10.0.0.1:0", "localhost:0", "[::]:0",    "[::1:0",      "127.0.0.1.5:0"};

START_TEST(only_loopback_is_served)
{
    struct server *server = NULL;
    struct errctx ctx = {""};
    ck_assert_int_eq(server_open(wrong_addresses[_i], NULL, NULL, &server, &ctx), ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(ctx.text, "loopback"));
    ck_assert_ptr_null(server);
}
END_TEST

START_TEST(a_taken_port_is_said)
{
    struct fixture f;
    char address[64];
    struct server *second = NULL;
    struct errctx ctx = {""};
    set_up(&f);
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)server_port(f.server));
    ck_assert_int_eq(server_open(address, f.sim, &f.clock, &second, &ctx), ERR_NET);
    ck_assert_ptr_nonnull(strstr(ctx.text, address));
    tear_down(&f);
}
END_TEST

Suite *suite_server(void)
{
    Suite *suite = suite_create("server");
    TCase *t = tcase_create("server");
    tcase_add_test(t, metrics_redirects_as_the_real_one_does);
    tcase_add_test(t, one_kept_connection_gets_the_pages_as_they_are_rendered);
    tcase_add_test(t, time_follows_the_header_then_the_clock_and_never_goes_back);
    tcase_add_test(t, wrong_requests_are_answered_with_what_is_wrong);
    tcase_add_test(t, the_truth_is_served);
    tcase_add_loop_test(t, only_loopback_is_served, 0, sizeof wrong_addresses / sizeof wrong_addresses[0]);
    tcase_add_test(t, a_taken_port_is_said);
    suite_add_tcase(suite, t);
    return suite;
}
