/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem */
#include "faults/fault_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MAX = 65536, LOG_MAX = 4 << 20, CONNECTIONS_MAX = 512 };

struct connection {
    struct fault_server *s;
    int fd;
    pthread_t thread;
};

struct fault_server {
    int fd, port, other_port;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    bool stopping;
    char *log;
    size_t log_len;
    struct connection list[CONNECTIONS_MAX];
    int count;
};

struct call {
    struct fault_server *s;
    int fd;
    char request[REQUEST_MAX];
    int number; /* of requests of this path, from 1 */
};

static bool send_all(int fd, const void *p, size_t n)
{
    const char *at = p;
    while (n > 0) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool say(struct call *c, const char *text)
{
    return send_all(c->fd, text, strlen(text));
}

static bool answer(struct call *c, int status, const char *headers, const char *body)
{
    char head[1024];
    snprintf(head, sizeof head, "HTTP/1.1 %d Word\r\nContent-Length: %zu\r\n%s\r\n", status, strlen(body), headers);
    return say(c, head) && say(c, body);
}

/* A small honest page whose counter rises by 10 with each request. */
static void page(struct call *c, char out[1000])
{
    snprintf(out, 1000,
             "# TYPE litellm_proxy_total_requests_metric_total counter\n"
             "litellm_proxy_total_requests_metric_total{requested_model=\"m\",status_code=\"200\",route=\"/chat/completions\"} %d.0\n"
             "# TYPE litellm_in_flight_requests gauge\nlitellm_in_flight_requests 3.0\n",
             100 + 10 * c->number);
}

static bool serve_ok(struct call *c)
{
    char body[1000];
    page(c, body);
    return answer(c, 200, "Content-Type: text/plain; version=0.0.4\r\n", body);
}

/* One byte, and the next only when the client has gone. */
static bool serve_slow(struct call *c)
{
    struct pollfd p = {.fd = c->fd, .events = POLLRDHUP};
    if (!say(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n#"))
        return false;
    while (poll(&p, 1, 900) == 0) {
        if (!say(c, "#"))
            break;
    }
    return false;
}

static bool serve_hang(struct call *c)
{
    struct pollfd p = {.fd = c->fd, .events = POLLRDHUP};
    (void)poll(&p, 1, -1);
    return false;
}

static bool redirect(struct call *c, const char *to)
{
    char head[400];
    snprintf(head, sizeof head, "Location: %s\r\n", to);
    return answer(c, 307, head, "");
}

static bool serve_loop(struct call *c)
{
    return redirect(c, "/loop");
}

static bool serve_same(struct call *c)
{
    return redirect(c, "/ok");
}

static bool serve_cross(struct call *c)
{
    char to[100];
    snprintf(to, sizeof to, "http://127.0.0.1:%d/stolen", c->s->other_port != 0 ? c->s->other_port : c->s->port);
    return redirect(c, to);
}

static bool serve_host(struct call *c)
{
    return redirect(c, "http://localhost:1/elsewhere");
}

static bool serve_file(struct call *c)
{
    return redirect(c, "file:///etc/passwd");
}

/* An error page that echoes the request, as some proxies do: the key comes back. */
static bool serve_echo(struct call *c)
{
    return answer(c, 401, "Content-Type: text/plain\r\n", c->request);
}

static bool serve_html(struct call *c)
{
    return answer(c, 200, "Content-Type: text/html\r\n", "<!doctype html><html><body>Sign in</body></html>\n");
}

static bool serve_json(struct call *c)
{
    return answer(c, 200, "Content-Type: application/json\r\n", "{\"status\": \"ok\", \"models\": []}\n");
}

static bool serve_text(struct call *c)
{
    return answer(c, 200, "Content-Type: text/plain\r\n", "I'm alive!\nso alive that nothing else matters\n");
}

/* Says gzip; the bytes need not be. */
static bool serve_gzip(struct call *c)
{
    return answer(c, 200, "Content-Encoding: gzip\r\n", "\x1f\x8b\x08 and then two hundred megabytes of zeros");
}

static bool serve_endless(struct call *c)
{
    static char block[65536];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = i % 64 == 63 ? '\n' : '#';
    if (!say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"))
        return false;
    while (send_all(c->fd, block, sizeof block)) {
    }
    return false;
}

static bool serve_headers(struct call *c)
{
    if (!say(c, "HTTP/1.1 200 OK\r\n"))
        return false;
    while (say(c, "X-Padding: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")) {
    }
    return false;
}

static bool serve_half(struct call *c)
{
    char body[1000];
    page(c, body);
    (void)(say(c, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n") && say(c, body));
    return false;
}

/* No length at all, and the end in the middle of a line. */
static bool serve_cut(struct call *c)
{
    (void)say(c, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n# TYPE litellm_in_flight_requests gauge\nlitellm_in_flight_req");
    return false;
}

static bool serve_million(struct call *c)
{
    char chunk[64 * 1024], size[32];
    size_t used = 0;
    if (!say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"))
        return false;
    for (int i = 0; i <= 1000000; i++) {
        if (i < 1000000)
            used += (size_t)snprintf(chunk + used, 200, "litellm_spend_metric_total{team_alias=\"t%d\",api_key_alias=\"k\"} 1\n", i);
        if (used < sizeof chunk - 200 && i < 1000000)
            continue;
        snprintf(size, sizeof size, "%zx\r\n", used);
        if (!say(c, size) || !send_all(c->fd, chunk, used) || !say(c, "\r\n"))
            return false;
        used = 0;
    }
    return say(c, "0\r\n\r\n");
}

static bool serve_garbage(struct call *c)
{
    (void)say(c, "\x16\x03\x01 this is no HTTP\r\n\r\n");
    return false;
}

static bool serve_error(struct call *c)
{
    return answer(c, 503, "Content-Type: text/plain\r\n", "\x1b]0;owned\x07upstream connect error\n");
}

static bool serve_limited(struct call *c)
{
    return answer(c, 429, "Retry-After: 120\r\n", "slow down\n");
}

static bool serve_silent(struct call *c)
{
    (void)c;
    return false;
}

static bool serve_empty(struct call *c)
{
    return answer(c, 200, "Content-Type: text/plain\r\n", "");
}

/* Honest at first, then half a page, then honest again. */
static bool serve_flaky(struct call *c)
{
    return c->number == 2 ? serve_half(c) : serve_ok(c);
}

/* Takes one key only. */
static bool serve_locked(struct call *c)
{
    return strstr(c->request, "Authorization: Bearer sk-renewed\r\n") != NULL ? serve_ok(c) : answer(c, 401, "", "wrong key\n");
}

static bool answer_json(struct call *c, int status, const char *body)
{
    return answer(c, status, "Content-Type: application/json\r\n", body);
}

#define COUNTED(name, labels, n) "{\"metric\":{\"__name__\":\"" name "\"" labels "},\"value\":[1,\"" n "\"]}"
#define TARGET(job, instance) ",\"job\":\"" job "\",\"instance\":\"" instance "\""
#define VECTOR(series) "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[" series "]}}"

/* A Prometheus API that scrapes two LiteLLM and a vLLM, as far as probe asks it. */
static bool serve_api(struct call *c)
{
    if (strstr(c->request, "count%20by%20%28__name__%2Cjob%2Cinstance%29") != NULL)
        return answer_json(c, 200,
                           VECTOR(COUNTED("litellm_in_flight_requests", TARGET("litellm", "a:4000"), "1") "," COUNTED(
                               "litellm_in_flight_requests", TARGET("litellm", "b:4000"),
                               "1") "," COUNTED("vllm:num_requests_running", TARGET("vllm", "\\u001b[31mh:8000"), "1")));
    if (strstr(c->request, "count%20by%20%28__name__%29") == NULL)
        return answer_json(c, 400, "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"what?\"}");
    if (strstr(c->request, "job%3D~%22vllm%22") != NULL)
        return answer_json(c, 200, VECTOR(COUNTED("vllm:num_requests_running", "", "1")));
    return answer_json(c, 200,
                       VECTOR(COUNTED("litellm_request_total_latency_metric_bucket", "", "24") "," COUNTED(
                           "litellm_request_total_latency_metric_sum", "", "2") "," COUNTED("litellm_in_flight_requests", "", "2")));
}

/* One that answers the first question and finds the second too long. */
static bool serve_tight(struct call *c)
{
    return strstr(c->request, "count%20by%20%28__name__%29") == NULL
               ? serve_api(c)
               : answer_json(c, 422, "{\"status\":\"error\",\"errorType\":\"422\",\"error\":\"too long query\"}");
}

/* An Alertmanager whose third answer and those after it are none, until the sixth. */
static bool serve_alertmanager(struct call *c)
{
    static const char fires[] = "[{\"fingerprint\":\"f1\",\"labels\":{\"alertname\":\"Errors\",\"severity\":\"page\",\"model\":\"gpt-x\"},"
                                "\"annotations\":{\"summary\":\"\\u001b]0;owned\\u0007\"},\"status\":{\"state\":\"active\"}}]";
    if (strstr(c->request, "/api/v2/silences") != NULL)
        return answer_json(c, 200, "[]");
    switch (fault_server_requests(c->s, "/am/api/v2/alerts")) {
    case 1:
    case 2: return answer_json(c, 200, fires);
    case 3: return serve_half(c);
    case 4: return serve_html(c);
    case 5: return answer_json(c, 200, "null");
    default: return answer_json(c, 200, "[]");
    }
}

static const struct {
    const char *path;
    bool (*serve)(struct call *c); /* false: close the connection */
} paths[] = {
    {"/ok", serve_ok},
    {"/slow", serve_slow},
    {"/hang", serve_hang},
    {"/loop", serve_loop},
    {"/same", serve_same},
    {"/cross", serve_cross},
    {"/host", serve_host},
    {"/file", serve_file},
    {"/echo", serve_echo},
    {"/html", serve_html},
    {"/json", serve_json},
    {"/text", serve_text},
    {"/gzip", serve_gzip},
    {"/endless", serve_endless},
    {"/headers", serve_headers},
    {"/half", serve_half},
    {"/cut", serve_cut},
    {"/million", serve_million},
    {"/garbage", serve_garbage},
    {"/error", serve_error},
    {"/empty", serve_empty},
    {"/flaky", serve_flaky},
    {"/stolen", serve_ok},
    {"/locked", serve_locked},
    {"/limited", serve_limited},
    {"/silent", serve_silent},
    {"/prom", serve_html},
    {"/prom/graph", serve_html},
    {"/prom/api/v1/query", serve_api},
    {"/tight/api/v1/query", serve_tight},
    {"/page/api/v1/query", serve_ok},
    {"/page", serve_ok},
    {"/am", serve_alertmanager},
};

static void keep(struct fault_server *s, const char *request)
{
    size_t n = strlen(request) + 1;
    pthread_mutex_lock(&s->lock);
    if (s->log_len + n <= LOG_MAX) {
        memcpy(s->log + s->log_len, request, n);
        s->log_len += n;
    }
    pthread_mutex_unlock(&s->lock);
}

int fault_server_requests(struct fault_server *s, const char *path)
{
    int count = 0;
    pthread_mutex_lock(&s->lock);
    for (size_t at = 0; at < s->log_len; at += strlen(s->log + at) + 1) {
        const char *slash = strchr(s->log + at, ' ');
        count += path == NULL || (slash != NULL && strncmp(slash + 1, path, strlen(path)) == 0);
    }
    pthread_mutex_unlock(&s->lock);
    return count;
}

bool fault_server_saw(struct fault_server *s, const char *text)
{
    pthread_mutex_lock(&s->lock);
    bool saw = memmem(s->log, s->log_len, text, strlen(text)) != NULL;
    pthread_mutex_unlock(&s->lock);
    return saw;
}

static bool read_request(struct call *c)
{
    size_t n = 0;
    while (n + 1 < sizeof c->request) {
        ssize_t got = recv(c->fd, c->request + n, sizeof c->request - 1 - n, 0);
        if (got <= 0)
            return false;
        n += (size_t)got;
        c->request[n] = '\0';
        const char *end = strstr(c->request, "\r\n\r\n"), *length = strstr(c->request, "Content-Length: ");
        if (end != NULL && n >= (size_t)(end + 4 - c->request) + (length != NULL && length < end ? (size_t)atol(length + 16) : 0))
            return true;
    }
    return false;
}

static bool serve(struct call *c)
{
    char path[200] = "";
    (void)sscanf(c->request, "%*s %199s", path);
    path[strcspn(path, "?")] = '\0';
    char *api = strstr(path, "/api/v2/"); /* below any of the paths there is an Alertmanager's API */
    if (api != NULL)
        *api = '\0';
    c->number = fault_server_requests(c->s, path);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (strcmp(paths[i].path, path) == 0)
            return paths[i].serve(c);
    }
    return answer(c, 404, "", "no such fault\n");
}

static void *run_connection(void *arg)
{
    struct connection *conn = arg;
    struct call *c = calloc(1, sizeof *c);
    if (c != NULL) {
        c->s = conn->s;
        c->fd = conn->fd;
        while (read_request(c)) {
            keep(c->s, c->request);
            if (!serve(c))
                break;
        }
    }
    shutdown(conn->fd, SHUT_RDWR); /* closed by fault_server_stop, so that the number is not used again meanwhile */
    free(c);
    return NULL;
}

static void *run_accept(void *arg)
{
    struct fault_server *s = arg;
    for (;;) {
        int fd = accept(s->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        pthread_mutex_lock(&s->lock);
        bool room = !s->stopping && s->count < CONNECTIONS_MAX;
        struct connection *conn = &s->list[room ? s->count : 0];
        if (room) {
            *conn = (struct connection){.s = s, .fd = fd};
            room = pthread_create(&conn->thread, NULL, run_connection, conn) == 0;
            s->count += room;
        }
        pthread_mutex_unlock(&s->lock);
        if (!room)
            close(fd);
    }
}

static int listen_any(int *ret_port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || getsockname(fd, (struct sockaddr *)&a, &n) != 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *ret_port = ntohs(a.sin_port);
    return fd;
}

int fault_closed_port(void)
{
    int port = 1, fd = listen_any(&port); /* bound and never listened on; closed again, nobody else takes it at once */
    if (fd >= 0)
        close(fd);
    return port;
}

struct fault_server *fault_server_start(int other_port)
{
    struct fault_server *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->other_port = other_port;
    s->log = malloc(LOG_MAX);
    pthread_mutex_init(&s->lock, NULL);
    s->fd = listen_any(&s->port);
    if (s->log == NULL || s->fd < 0 || listen(s->fd, 128) != 0 || pthread_create(&s->thread, NULL, run_accept, s) != 0) {
        if (s->fd >= 0)
            close(s->fd);
        free(s->log);
        free(s);
        return NULL;
    }
    return s;
}

int fault_server_port(const struct fault_server *s)
{
    return s->port;
}

void fault_server_stop(struct fault_server *s)
{
    if (s == NULL)
        return;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_mutex_unlock(&s->lock);
    shutdown(s->fd, SHUT_RDWR); /* wakes accept */
    pthread_join(s->thread, NULL);
    close(s->fd);
    for (int i = 0; i < s->count; i++)
        shutdown(s->list[i].fd, SHUT_RDWR);
    for (int i = 0; i < s->count; i++) {
        pthread_join(s->list[i].thread, NULL);
        close(s->list[i].fd);
    }
    pthread_mutex_destroy(&s->lock);
    free(s->log);
    free(s);
}
