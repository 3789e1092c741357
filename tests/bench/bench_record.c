/* SPDX-License-Identifier: MIT */
/* The recorder's cost: CPU per poll of a LiteLLM-shaped page over HTTP, from socket to durable store, beside a floor measured in the
 * same run: receiving the same bytes and counting their lines. Its memory beside that of the empty process.
 *
 * usage: bench_record [SERIES [POLLS [RULES]]]; 10,000 series, 300 polls and no rule of one's own by default. The server is a child
 * process, so that its time does not count. At a refresh of 1 s, milliseconds per poll are tenths of a percent of a core. */
#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "record/loop.h"
#include "support/tmpdir.h"

enum { BUCKETS = 18, PAGE_MAX = 64 << 20, VARIANTS = 8 };

static const char *const bounds[BUCKETS] = {"0.005", "0.01", "0.025", "0.05", "0.1",   "0.25",  "0.5",   "1.0",   "2.0",
                                            "5.0",   "10.0", "30.0",  "60.0", "120.0", "300.0", "420.0", "600.0", "+Inf"};

static _Noreturn void die(const char *what, const struct errctx *ctx)
{
    fprintf(stderr, "bench_record: %s: %s\n", what, ctx != NULL ? ctx->text : "failed");
    exit(1);
}

/* Half counters, half histograms; in each poll one label set in eight has moved, as keys and models of a real gateway do. */
static size_t make_page(char *out, int series, long poll)
{
    static const char labels[] = "api_key_alias=\"key-%d\",api_provider=\"openai\",end_user=\"None\",hashed_api_key="
                                 "\"88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b\","
                                 "model=\"gpt-x\",model_id=\"gpt-x-eu%d\",requested_model=\"gpt-x\",team=\"f1f5b1d7\",team_alias=\"team-%"
                                 "d\",user=\"default_user_id\"";
    char text[600];
    size_t n = 0;
    int made = 0;
    n += (size_t)sprintf(out + n, "# HELP litellm_spend_metric_total Total spend\n# TYPE litellm_spend_metric_total counter\n");
    for (int i = 0; made < series / 2; i++, made++) {
        snprintf(text, sizeof text, labels, i, i % 3, i % 40);
        n += (size_t)sprintf(out + n, "litellm_spend_metric_total{%s} %.6f\n", text, 10.0 + (double)((poll + i) / 8) * 0.001234);
    }
    n += (size_t)sprintf(out + n,
                         "# HELP litellm_request_total_latency_metric Latency\n# TYPE litellm_request_total_latency_metric histogram\n");
    for (int i = 0; made < series; i++, made += BUCKETS + 2) {
        long moved = (poll + i) / 8;
        snprintf(text, sizeof text, labels, i, i, i % 40);
        for (int b = 0; b < BUCKETS; b++)
            n += (size_t)sprintf(out + n, "litellm_request_total_latency_metric_bucket{%s,le=\"%s\"} %.1f\n", text, bounds[b],
                                 (double)(moved * (b + 1) / 4));
        n += (size_t)sprintf(out + n, "litellm_request_total_latency_metric_count{%s} %.1f\n", text, (double)(moved * BUCKETS / 4));
        n += (size_t)sprintf(out + n, "litellm_request_total_latency_metric_sum{%s} %.6f\n", text, (double)moved * 3.125);
    }
    return n;
}

static void send_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        if (sent <= 0)
            exit(0);
        p += sent;
        n -= (size_t)sent;
    }
}

/* The child: one connection after the other; every request gets the next page. */
static _Noreturn void serve(int listener, int series)
{
    char *pages[VARIANTS], request[8192], head[200];
    size_t sizes[VARIANTS];
    long number = 0;
    for (int v = 0; v < VARIANTS; v++)
        pages[v] = malloc(PAGE_MAX);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        while (fd >= 0) {
            size_t n = 0;
            ssize_t got;
            while ((got = recv(fd, request + n, sizeof request - 1 - n, 0)) > 0) {
                n += (size_t)got;
                request[n] = '\0';
                if (strstr(request, "\r\n\r\n") != NULL)
                    break;
            }
            if (got <= 0)
                break;
            int v = (int)(number % VARIANTS);
            sizes[v] = make_page(pages[v], series, number++);
            int h = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: %zu\r\n\r\n",
                             sizes[v]);
            send_all(fd, head, (size_t)h);
            send_all(fd, pages[v], sizes[v]);
        }
        close(fd);
    }
}

static double cpu_ms(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e3 + (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e3;
}

static long rss_kb(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_maxrss;
}

/* Resident now, of it anonymous: what is not shared with other processes. */
static void resident(double *ret_mb, double *ret_own_mb)
{
    long pages = 0, all = 0, shared = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f == NULL || fscanf(f, "%ld %ld %ld", &all, &pages, &shared) != 3)
        die("/proc/self/statm", NULL);
    fclose(f);
    double page_mb = (double)sysconf(_SC_PAGESIZE) / (1024 * 1024);
    *ret_mb = (double)pages * page_mb;
    *ret_own_mb = (double)(pages - shared) * page_mb;
}

/* The floor: the same requests, and nothing done with the bytes but finding the ends of lines. */
static double floor_ms(int port, int polls, size_t *ret_bytes)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char *buf = malloc(256 * 1024);
    if (fd < 0 || buf == NULL || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
        die("the floor", NULL);
    size_t lines = 0, all = 0;
    double before = cpu_ms();
    for (int i = 0; i < polls; i++) {
        static const char request[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
        send_all(fd, request, sizeof request - 1);
        size_t want = 0, got = 0;
        while (want == 0 || got < want) {
            ssize_t n = recv(fd, buf, 256 * 1024, 0);
            if (n <= 0)
                die("the floor", NULL);
            if (want == 0) {
                const char *length = strstr(buf, "Content-Length: "), *end = strstr(buf, "\r\n\r\n");
                want = (size_t)atoll(length + 16) + (size_t)(end + 4 - buf);
            }
            for (const char *p = buf; (p = memchr(p, '\n', (size_t)(buf + n - p))) != NULL; p++)
                lines++;
            got += (size_t)n;
        }
        all += got;
    }
    double ms = (cpu_ms() - before) / polls;
    close(fd);
    free(buf);
    *ret_bytes = all / (size_t)polls;
    return lines > 0 ? ms : 0;
}

struct bench {
    struct clock_manual manual;
    double first_cpu_ms; /* after the warm-up */
};

static void on_instant(void *ctx, int64_t t_ms)
{
    struct bench *b = ctx;
    b->manual.wall_ms = t_ms;
}

static void on_progress(void *ctx, double share)
{
    (void)ctx;
    (void)share;
}

/* Milliseconds of CPU per poll, from socket to durable store, after ten polls of warm-up. */
static double recorder_ms(int port, int polls, int rules, const char *dir)
{
    static struct bench b;
    struct errctx ctx = {""};
    struct config cfg;
    struct arena arena;
    struct profiles profiles;
    struct store *st;
    struct recorder *r;
    struct loop *l;
    static char yaml[64 * 1024];
    char path[300];
    snprintf(path, sizeof path, "%s/t.db", dir);
    snprintf(yaml, sizeof yaml, "sources:\n  - name: gateway\n    metrics: http://127.0.0.1:%d/metrics\n    interval: 1s\n%s", port,
             rules > 0 ? "rules:\n" : "");
    for (int i = 0; i < rules && i < 100; i++) { /* of the three costly kinds in turn, each over all of its signal's series */
        static const char *const exprs[] = {"quantile(e2e, 0.95, 5m) > 100s and rate(requests, 5m) > 1M",
                                            "ratio(requests{class=\"5xx|timeout\"}, requests, 10m) > 2",
                                            "rate(tokens_output, 1h) + rate(cost, 1h) > 1G"};
        const size_t n = strlen(yaml);
        snprintf(yaml + n, sizeof yaml - n, "  - {name: r%d, expr: '%s'}\n", i, exprs[i % 3]);
    }
    b.manual.wall_ms = INT64_C(1800000000000);
    struct clock clock = clock_manual(&b.manual);
    const struct store_options so = {.private_files = true};
    arena_init(&arena, 16 << 20);
    if (config_parse(str_of(yaml), "bench.yaml", &cfg, &ctx) != ERR_OK || profiles_load(NULL, &arena, &profiles, &ctx) != ERR_OK ||
        store_open_writer(path, &so, &clock, &st, &ctx) != ERR_OK)
        die("set-up", &ctx);
    const struct recorder_options ro = {&cfg, &profiles, NULL};
    const struct loop_options lo = {
        .cfg = &cfg, .clock = &clock, .user_agent = "gwtop/bench", .speed = 1, .send_time = true, .stop_fd = -1};
    if (recorder_open(st, &ro, b.manual.wall_ms, &r, &ctx) != ERR_OK || loop_open(r, &lo, &l, &ctx) != ERR_OK)
        die("set-up", &ctx);
    int64_t from = b.manual.wall_ms;
    double before = 0;
    for (int i = 0; i < polls + 10; i++) { /* one instant each, so that each poll is a transaction of its own */
        bool stopped;
        const struct loop_replay rp = {from, from + 1000, 1000, on_instant, on_progress, &b};
        if (loop_replay(l, &rp, &from, &stopped, &ctx) != ERR_OK)
            die("a poll", &ctx);
        if (i == 9)
            before = cpu_ms();
    }
    double ms = (cpu_ms() - before) / polls;
    struct source_status s = recorder_status(r, 0);
    double mb, own_mb;
    malloc_trim(0); /* as the recorder does once a minute */
    resident(&mb, &own_mb);
    printf("memory %.1f MB resident, %.1f MB of it its own\n", mb, own_mb);
    printf("state %s, %u series kept, %u dropped\n", s.state == SOURCE_OK ? "ok" : s.reason, s.series_kept, s.series_dropped);
    loop_close(l);
    recorder_close(r, from, "done");
    store_close(st);
    config_fini(&cfg);
    arena_fini(&arena);
    return ms;
}

int main(int argc, char **argv)
{
    int series = argc > 1 ? atoi(argv[1]) : 10000, polls = argc > 2 ? atoi(argv[2]) : 300, rules = argc > 3 ? atoi(argv[3]) : 0;
    char dir[128];
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (series < 100 || polls < 1 || !tmpdir_make(dir, sizeof dir) || listener < 0 ||
        bind(listener, (struct sockaddr *)&a, sizeof a) != 0 || listen(listener, 8) != 0 ||
        getsockname(listener, (struct sockaddr *)&a, &size) != 0)
        die("set-up", NULL);
    pid_t child = fork();
    if (child == 0)
        serve(listener, series);
    close(listener);
    long empty_kb = rss_kb();
    size_t bytes = 0;
    double least = floor_ms(ntohs(a.sin_port), polls, &bytes);
    double ms = recorder_ms(ntohs(a.sin_port), polls, rules, dir);
    printf("%d series, %.2f MB a page, %d polls, %d rules of one's own\n", series, (double)bytes / 1e6, polls, rules);
    printf("recorder      %6.2f ms of CPU per poll = %.2f %% of a core at 1 s refresh\n", ms, ms / 10);
    printf("floor         %6.2f ms (receive the bytes, find the ends of lines)\n", least);
    printf("ratio         %6.2f\n", ms / least);
    printf("peak memory   %6.1f MB (%.1f MB before)\n", (double)rss_kb() / 1024, (double)empty_kb / 1024);
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
    return tmpdir_remove(dir) ? 0 : 1;
}
