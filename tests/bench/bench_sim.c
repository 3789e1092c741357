/* SPDX-License-Identifier: MIT */
/* A demo's history, a day and 20 minutes at 60 s steps, four pages each, three ways: simulated, simulated and rendered, and served over
 * loopback to a reader in another process. Times are processor time of the simulating process. The floor is memcpy of the rendered
 * bytes. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "sim/server.h"
#include "sim/sim.h"

enum { STEP_MS = 60000, STEPS = SIM_HISTORY_MS / STEP_MS, PAGE_MAX = 32 << 20, HEAD_MAX = 4096 };

static const int64_t start_ms = INT64_C(1794873600000); /* a Tuesday */
static const char *const paths[SIM_PAGE_COUNT] = {
    "/metrics/", "/vllm/qwen-72b/metrics", "/vllm/llama-8b/metrics", "/dcgm/qwen-72b/metrics", "/dcgm/llama-8b/metrics", "/otel/metrics"};

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench_sim: %s\n", what);
    exit(EXIT_FAILURE);
}

static struct sim *new_sim(void)
{
    struct sim_config c = {.seed = 1,
                           .scenarios = "brownout",
                           .start_ms = start_ms,
                           .live_ms = start_ms + SIM_HISTORY_MS,
                           .onset_ms = start_ms + SIM_HISTORY_MS - 7 * 60000};
    struct sim *s;
    if (sim_new(&c, &s, NULL) != ERR_OK)
        die("the simulator did not start");
    return s;
}

/* Requests that a page has counted. */
static double requests(const char *page)
{
    double sum = 0;
    const char *name = "\nlitellm_proxy_total_requests_metric_total{";
    for (const char *at = strstr(page, name); at != NULL; at = strstr(at + 1, name))
        sum += strtod(strstr(at, "} ") + 2, NULL);
    return sum;
}

struct figures {
    double simulate_ms, render_ms, copy_ms, requests, bytes;
    size_t series, last_bytes;
};

static struct figures in_process(void)
{
    struct figures f = {0};
    struct sim *s = new_sim();
    struct buf out;
    char *copy = malloc(PAGE_MAX);
    buf_init(&out, PAGE_MAX);
    if (copy == NULL)
        die("out of memory");
    for (int i = 0; i <= STEPS; i++) {
        double t0 = cpu_ms();
        if (sim_advance(s, start_ms + (int64_t)i * STEP_MS, NULL) != ERR_OK)
            die("time did not advance");
        double t1 = cpu_ms();
        buf_reset(&out);
        for (int p = SIM_PAGE_COUNT - 1; p >= 0; p--) {
            size_t before = out.len;
            if (sim_render(s, (enum sim_page)p, &out) != ERR_OK)
                die("a page could not be rendered");
            f.last_bytes = out.len - before;
        }
        double t2 = cpu_ms();
        memcpy(copy, out.data, out.len);
        f.copy_ms += cpu_ms() - t2;
        f.render_ms += t2 - t1;
        f.simulate_ms += t1 - t0;
        f.bytes += (double)out.len;
        f.requests = i == 0 ? -requests(out.data) : i == STEPS ? f.requests + requests(out.data) : f.requests;
    }
    f.series = sim_series(s);
    buf_fini(&out);
    free(copy);
    sim_free(s);
    return f;
}

/* Reads one answer; returns the length of its body. */
static size_t read_answer(int fd, char *room)
{
    size_t have = 0, body = 0;
    char *end = NULL;
    while (end == NULL) {
        ssize_t n = read(fd, room + have, HEAD_MAX - have);
        if (n <= 0)
            die("the server closed the connection");
        have += (size_t)n;
        room[have] = '\0';
        end = strstr(room, "\r\n\r\n");
    }
    const char *length = strstr(room, "Content-Length: ");
    if (length != NULL)
        body = strtoul(length + 16, NULL, 10);
    for (size_t got = have - (size_t)(end + 4 - room); got < body;) {
        ssize_t n = read(fd, room, PAGE_MAX - 1 < body - got ? PAGE_MAX - 1 : body - got);
        if (n <= 0)
            die("the answer was cut");
        got += (size_t)n;
    }
    return body;
}

static void read_history(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char *room = malloc(PAGE_MAX), request[256];
    if (room == NULL || fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
        die("cannot connect");
    for (int i = 0; i <= STEPS; i++) {
        for (int p = 0; p < SIM_PAGE_COUNT; p++) {
            int n = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\nGwtop-Time: %lld\r\n\r\n", paths[p],
                             (long long)(start_ms + (int64_t)i * STEP_MS));
            if (write(fd, request, (size_t)n) != n)
                die("cannot send");
            read_answer(fd, room);
        }
    }
    close(fd);
    free(room);
}

static double served(void)
{
    struct sim *s = new_sim();
    struct server *server;
    struct clock clock = clock_system();
    if (server_open("127.0.0.1:0", s, &clock, &server, NULL) != ERR_OK)
        die("the server did not start");
    double begin = cpu_ms();
    pid_t pid = fork();
    if (pid == 0) {
        read_history(server_port(server));
        _exit(EXIT_SUCCESS);
    }
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        die("the reader failed");
    double ms = cpu_ms() - begin;
    server_close(server);
    sim_free(s);
    return ms;
}

int main(void)
{
    struct figures f = in_process();
    double total = served(), scrapes = STEPS + 1;
    printf("%d steps of 60 s, seed 1, brownout: %.0f requests, %.0f MB of text, LiteLLM page at the end %zu series, %.2f MB\n", STEPS,
           f.requests, f.bytes / 1e6, f.series, (double)f.last_bytes / 1e6);
    printf("simulate  %7.1f ms  %6.3f us/request\n", f.simulate_ms, f.simulate_ms * 1e3 / f.requests);
    printf("render    %7.1f ms  %6.3f ms/scrape of 4 pages  %.2f GB/s, %.2f times the time of memcpy (%.1f ms)\n", f.render_ms,
           f.render_ms / scrapes, f.bytes / f.render_ms / 1e6, f.render_ms / f.copy_ms, f.copy_ms);
    printf("serve     %7.1f ms  %6.3f ms/scrape over loopback, all included (limit 4000 ms: ratio %.2f)\n", total, total / scrapes,
           total / 4000);
    return 0;
}
