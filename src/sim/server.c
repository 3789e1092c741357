/* SPDX-License-Identifier: MIT */
/* How this works: libmicrohttpd's own thread calls answer() once a request's headers are there. A page is rendered into a sheet,
 * which stays taken until the last byte of the answer is sent; sheets are kept for the next answers. */
#include "sim/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum {
    CONNECTIONS_MAX = 64,
    IDLE_S = 300, /* a kept connection is closed after so long; longer than any scrape interval in use */
    SHEET_MAX = 32 << 20
};

struct sheet {
    struct buf buf;
    struct sheet *next; /* unused ones */
    struct server *owner;
};

struct server {
    struct sim *sim;
    const struct clock *clock;
    struct MHD_Daemon *daemon;
    struct sheet *unused;
    atomic_bool live;
    uint16_t port;
    char url[SERVER_URL_MAX];
};

static const struct route {
    const char *path;
    enum sim_page page;
} routes[] = {
    {"/metrics/", SIM_PAGE_LITELLM},
    {"/vllm/qwen-72b/metrics", SIM_PAGE_VLLM_QWEN},
    {"/vllm/llama-8b/metrics", SIM_PAGE_VLLM_LLAMA},
    {"/dcgm/qwen-72b/metrics", SIM_PAGE_DCGM_QWEN},
    {"/dcgm/llama-8b/metrics", SIM_PAGE_DCGM_LLAMA},
    {"/otel/metrics", SIM_PAGE_OTEL},
};

static const char plain[] = "text/plain; charset=utf-8";

static struct sheet *take_sheet(struct server *s)
{
    struct sheet *sheet = s->unused;
    if (sheet != NULL) {
        s->unused = sheet->next;
    } else {
        sheet = calloc(1, sizeof *sheet);
        if (sheet == NULL)
            return NULL;
        buf_init(&sheet->buf, SHEET_MAX);
    }
    sheet->owner = s;
    buf_reset(&sheet->buf);
    return sheet;
}

static void return_sheet(void *p)
{
    struct sheet *sheet = p;
    sheet->next = sheet->owner->unused;
    sheet->owner->unused = sheet;
}

/* Queues an answer and drops our hold on it. */
static enum MHD_Result queue(struct MHD_Connection *c, unsigned status, struct MHD_Response *r, const char *type)
{
    if (r == NULL)
        return MHD_NO;
    enum MHD_Result ok = MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    ok = ok == MHD_YES ? MHD_queue_response(c, status, r) : ok;
    MHD_destroy_response(r);
    return ok;
}

static enum MHD_Result say(struct MHD_Connection *c, unsigned status, const char *text)
{
    union {
        const char *in;
        void *out;
    } body = {text}; /* the library copies, but asks for a writable pointer */
    return queue(c, status, MHD_create_response_from_buffer(strlen(text), body.out, MHD_RESPMEM_MUST_COPY), plain);
}

static enum MHD_Result send_sheet(struct MHD_Connection *c, struct sheet *sheet, const char *type)
{
    struct MHD_Response *r = MHD_create_response_from_buffer_with_free_callback_cls(sheet->buf.len, sheet->buf.data, return_sheet, sheet);
    if (r == NULL)
        return_sheet(sheet);
    return queue(c, MHD_HTTP_OK, r, type);
}

/* Moves virtual time to where the request, or the running clock, says. Errors: ERR_PARSE, and as sim_advance. */
static enum err move_time(struct server *s, struct MHD_Connection *c, struct errctx *ctx)
{
    const char *header = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Gwtop-Time");
    int64_t wall_ms = 0;
    if (header != NULL && (!str_to_i64(str_of(header), &wall_ms) || wall_ms < 0))
        return errctx_set(ctx, ERR_PARSE, "the header Gwtop-Time is not a number of milliseconds since 1970: %s", header);
    if (header == NULL && atomic_load(&s->live))
        wall_ms = clock_wall_ms(s->clock);
    return sim_advance(s->sim, wall_ms, ctx);
}

static enum MHD_Result answer_page(struct server *s, struct MHD_Connection *c, enum sim_page page)
{
    struct errctx ctx = {""};
    enum err err = move_time(s, c, &ctx);
    if (err != ERR_OK)
        return say(c, err == ERR_NOMEM ? MHD_HTTP_INTERNAL_SERVER_ERROR : MHD_HTTP_BAD_REQUEST, ctx.text);
    struct sheet *sheet = take_sheet(s);
    if (sheet == NULL || sim_render(s->sim, page, &sheet->buf) != ERR_OK) {
        if (sheet != NULL)
            return_sheet(sheet);
        return say(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "the page could not be made: out of memory\n");
    }
    return send_sheet(c, sheet, "text/plain; version=0.0.4; charset=utf-8");
}

static enum MHD_Result answer_truth(struct server *s, struct MHD_Connection *c)
{
    struct sheet *sheet = take_sheet(s);
    if (sheet == NULL || sim_truth(s->sim, &sheet->buf) != ERR_OK) {
        if (sheet != NULL)
            return_sheet(sheet);
        return say(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "the truth could not be written: out of memory\n");
    }
    return send_sheet(c, sheet, "application/json");
}

/* Absolute, as the real one answers. */
static enum MHD_Result redirect(struct server *s, struct MHD_Connection *c)
{
    char location[SERVER_URL_MAX + 16];
    struct MHD_Response *r = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    str_format(location, sizeof location, "%s/metrics/", s->url);
    if (r != NULL && MHD_add_response_header(r, MHD_HTTP_HEADER_LOCATION, location) != MHD_YES) {
        MHD_destroy_response(r);
        return MHD_NO;
    }
    return queue(c, MHD_HTTP_TEMPORARY_REDIRECT, r, plain);
}

static enum MHD_Result answer(void *cls, struct MHD_Connection *c, const char *url, const char *method, const char *version,
                              const char *upload, size_t *upload_size, void **request_ctx)
{
    struct server *s = cls;
    (void)version;
    (void)upload;
    if (*request_ctx == NULL) { /* the first call has the headers only; an answer now would close the connection */
        *request_ctx = s;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return say(c, MHD_HTTP_METHOD_NOT_ALLOWED, "this simulated gateway answers GET only\n");
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (strcmp(url, routes[i].path) == 0)
            return answer_page(s, c, routes[i].page);
    }
    if (strcmp(url, "/metrics") == 0)
        return redirect(s, c);
    if (strcmp(url, "/truth") == 0)
        return answer_truth(s, c);
    if (strcmp(url, "/healthz") == 0)
        return say(c, MHD_HTTP_OK, "ok\n");
    return say(c, MHD_HTTP_NOT_FOUND,
               "there is nothing here; see /metrics/, /vllm/qwen-72b/metrics, /vllm/llama-8b/metrics, "
               "/dcgm/qwen-72b/metrics, /dcgm/llama-8b/metrics, /otel/metrics, /truth\n");
}

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* "127.0.0.1:4000" or "[::1]:4000": loopback alone, for simulated figures have no business on a network. */
static bool parse_address(struct str text, union address *ret)
{
    char host[INET6_ADDRSTRLEN];
    int64_t port;
    size_t colon = text.n;
    while (colon > 0 && text.p[colon - 1] != ':')
        colon--;
    if (colon == 0 || !str_to_i64((struct str){text.p + colon, text.n - colon}, &port) || port < 0 || port > 65535)
        return false;
    struct str name = {text.p, colon - 1};
    memset(ret, 0, sizeof *ret);
    if (name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']') {
        ret->v6.sin6_family = AF_INET6;
        ret->v6.sin6_port = htons((uint16_t)port);
        return str_copy(host, sizeof host, (struct str){name.p + 1, name.n - 2}) && inet_pton(AF_INET6, host, &ret->v6.sin6_addr) == 1 &&
               IN6_IS_ADDR_LOOPBACK(&ret->v6.sin6_addr);
    }
    ret->v4.sin_family = AF_INET;
    ret->v4.sin_port = htons((uint16_t)port);
    return str_copy(host, sizeof host, name) && inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1 &&
           ntohl(ret->v4.sin_addr.s_addr) >> 24 == 127;
}

static void write_url(struct server *s, const union address *a)
{
    char host[INET6_ADDRSTRLEN];
    bool v6 = a->any.sa_family == AF_INET6;
    const void *bytes = v6 ? (const void *)&a->v6.sin6_addr : (const void *)&a->v4.sin_addr;
    if (inet_ntop(a->any.sa_family, bytes, host, sizeof host) == NULL)
        host[0] = '\0'; /* cannot be: the room is large enough and the family one of the two */
    str_format(s->url, sizeof s->url, v6 ? "http://[%s]:%u" : "http://%s:%u", host, (unsigned)s->port);
}

static enum err start(struct server *s, const char *listen, const union address *a, struct errctx *ctx)
{
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | (a->any.sa_family == AF_INET6 ? MHD_USE_IPv6 : 0);
    s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, answer, s, MHD_OPTION_SOCK_ADDR, &a->any, MHD_OPTION_CONNECTION_LIMIT,
                                 (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_END);
    if (s->daemon == NULL)
        return errctx_set(ctx, ERR_NET, "cannot listen on %s: %s", listen, strerror(errno));
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
    s->port = info != NULL ? info->port : 0;
    write_url(s, a);
    return ERR_OK;
}

enum err server_open(const char *listen, struct sim *sim, const struct clock *clock, struct server **ret, struct errctx *ctx)
{
    union address a;
    if (!parse_address(str_of(listen), &a))
        return errctx_set(ctx, ERR_USAGE, "--listen \"%s\" is not a loopback address with a port, such as 127.0.0.1:0 (any free port)",
                          listen);
    struct server *s = calloc(1, sizeof *s);
    if (s == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory");
    s->sim = sim;
    s->clock = clock;
    enum err err = start(s, listen, &a, ctx);
    if (err != ERR_OK) {
        free(s);
        return err;
    }
    *ret = s;
    return ERR_OK;
}

void server_close(struct server *s)
{
    if (s == NULL)
        return;
    MHD_stop_daemon(s->daemon);
    while (s->unused != NULL) {
        struct sheet *next = s->unused->next;
        buf_fini(&s->unused->buf);
        free(s->unused);
        s->unused = next;
    }
    free(s);
}

uint16_t server_port(const struct server *s)
{
    return s->port;
}

const char *server_url(const struct server *s)
{
    return s->url;
}

void server_go_live(struct server *s)
{
    atomic_store(&s->live, true);
}
