/* SPDX-License-Identifier: MIT */
#include "netcli/probe_fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "record/schedule.h"
#include "record/secret.h"

enum { WAIT_MS = 1000 };

struct probe_fetch {
    const struct probe_fetch_options *opt;
    struct secrets *secrets;
    struct http *http;
    struct http_options http_options; /* of conn */
    struct http_conn *conn;
    struct schedule budget;
    struct http_result result;
    bool done;
    /* of the request at hand */
    struct buf *page;
    bool openmetrics;
    struct probe_api *api;
    struct source *adapter;
};

static enum err read_secrets(struct probe_fetch *f, struct http_options *o, struct errctx *ctx)
{
    const struct config_source *source = f->opt->source;
    const struct config_secret *bearer = secret_is_given(&f->opt->bearer) ? &f->opt->bearer : source != NULL ? &source->bearer : NULL;
    enum err e = ERR_OK;
    if (bearer != NULL && secret_is_given(bearer))
        e = secrets_read(f->secrets, bearer, "the bearer token", &o->bearer, ctx);
    if (e == ERR_OK && source != NULL && source->user != NULL) {
        struct str password;
        e = secrets_read(f->secrets, &source->password, "the password", &password, ctx);
        if (e == ERR_OK)
            e = secrets_basic(f->secrets, source->user, password, &source->password, "the password", &o->authorization, ctx);
    }
    for (uint32_t i = 0; source != NULL && i < source->header_count && e == ERR_OK; i++) {
        o->header[i].name = source->header[i].name;
        if (source->header[i].value != NULL)
            o->header[i].value = str_of(source->header[i].value);
        else
            e = secrets_read(f->secrets, &source->header[i].secret, source->header[i].name, &o->header[i].value, ctx);
        o->header_count = i + 1;
    }
    return e;
}

enum err probe_fetch_open(const struct probe_fetch_options *opt, struct probe_fetch **ret, struct errctx *ctx)
{
    struct probe_fetch *f = calloc(1, sizeof *f);
    struct clock system = clock_system();
    const struct config_source *source = opt->source;
    struct http_options o = {
        .url = opt->url,
        .total_ms = source != NULL ? source->timeout_ms : 0,
        .max_body_bytes = opt->max_body_bytes,
        .accept = "text/plain;version=0.0.4;q=1,*/*;q=0.1",
        .ca_file = opt->ca_file != NULL ? opt->ca_file
                   : source != NULL     ? source->ca_file
                                        : NULL,
        .insecure_tls = opt->insecure_tls || (source != NULL && source->insecure_tls),
        .allow_plaintext_token = source != NULL && source->allow_plaintext_token,
    };
    if (f == NULL || (f->secrets = secrets_new()) == NULL) {
        free(f);
        return errctx_set(ctx, ERR_NOMEM, "out of memory");
    }
    f->opt = opt;
    f->result = (struct http_result){.dns_ms = -1, .tcp_ms = -1, .tls_ms = -1};
    schedule_init(&f->budget, opt->cfg->requests_per_second, false, 0, clock_mono_ms(&system));
    enum err e = read_secrets(f, &o, ctx);
    secrets_harden_process();
    if (e == ERR_OK)
        e = http_open(f->secrets, opt->user_agent, &f->http, ctx);
    if (e == ERR_OK)
        e = http_add(f->http, &o, &f->conn, ctx);
    f->http_options = o;
    if (e != ERR_OK) {
        probe_fetch_close(f);
        return e;
    }
    *ret = f;
    return ERR_OK;
}

void probe_fetch_close(struct probe_fetch *f)
{
    if (f == NULL)
        return;
    http_remove(f->conn);
    http_close(f->http);
    secrets_free(f->secrets);
    schedule_fini(&f->budget);
    free(f);
}

static void on_done(void *ctx, const struct http_result *r)
{
    struct probe_fetch *f = ctx;
    struct http_result first = f->result;
    f->result = *r;
    bool connected = r->failed != HTTP_DNS && r->failed != HTTP_TCP && r->failed != HTTP_TLS;
    if (connected && r->tcp_ms < 0 && first.tcp_ms >= 0) { /* over the connection that an earlier question opened */
        f->result.dns_ms = first.dns_ms;
        f->result.tcp_ms = first.tcp_ms;
        f->result.tls_ms = first.tls_ms;
    }
    f->done = true;
}

static enum err ask_over(struct probe_fetch *f, struct http_conn *conn, const struct http_request *rq, const struct http_handler *on,
                         struct errctx *ctx)
{
    struct clock system = clock_system();
    int running = 0;
    enum err e = ERR_OK;
    while (e == ERR_OK && !schedule_take_token(&f->budget, clock_mono_ms(&system)))
        e = http_wait(f->http, schedule_token_wait(&f->budget, clock_mono_ms(&system)), -1, &running, ctx);
    f->done = false;
    if (e == ERR_OK)
        e = http_start(conn, rq, on, ctx);
    while (e == ERR_OK && !f->done)
        e = http_wait(f->http, WAIT_MS, -1, &running, ctx);
    return e;
}

static enum err ask(struct probe_fetch *f, const struct http_request *rq, const struct http_handler *on, struct errctx *ctx)
{
    return ask_over(f, f->conn, rq, on, ctx);
}

/* ---- a page ---- */

static bool on_page_head(void *ctx, const struct http_result *so_far, struct errctx *reason)
{
    struct probe_fetch *f = ctx;
    (void)reason;
    f->openmetrics = str_has_prefix(str_of(so_far->content_type), "application/openmetrics-text");
    return true;
}

static bool on_page_body(void *ctx, const void *bytes, size_t n, struct errctx *reason)
{
    struct probe_fetch *f = ctx;
    if (buf_append(f->page, bytes, n) == ERR_OK)
        return true;
    errctx_set(reason, ERR_NOMEM, "out of memory for the page");
    return false;
}

enum err probe_fetch_page(struct probe_fetch *f, struct buf *page, bool *ret_openmetrics, struct http_result *ret, struct errctx *ctx)
{
    const struct http_handler on = {on_page_head, on_page_body, on_done, f};
    const struct http_request rq = {.url = NULL};
    buf_reset(page);
    f->page = page;
    f->openmetrics = false;
    enum err e = ask(f, &rq, &on, ctx);
    if (e != ERR_OK)
        return e;
    *ret_openmetrics = f->openmetrics;
    *ret = f->result;
    return ERR_OK;
}

/* ---- a Prometheus API ---- */

static bool on_api_body(void *ctx, const void *bytes, size_t n, struct errctx *reason)
{
    struct probe_fetch *f = ctx;
    enum err e = probe_api_feed(f->api, bytes, n);
    if (e == ERR_OK)
        return true;
    errctx_set(reason, e, e == ERR_PARSE ? "it answers with something that is no answer of the Prometheus API" : "its answer is too long");
    return false;
}

/* Asks until everything is known, or something fails. */
static enum err converse(struct probe_fetch *f, struct errctx *ctx)
{
    const struct http_handler on = {NULL, on_api_body, on_done, f};
    struct clock system = clock_system();
    struct source_request rq;
    struct errctx why = {""};
    while (probe_api_request(f->api, clock_wall_ms(&system), &rq)) {
        const struct http_request h = {.url = rq.url, .body = rq.form};
        enum err e = ask(f, &h, &on, ctx);
        if (e != ERR_OK)
            return e;
        if (f->result.failed != HTTP_DONE)
            return ERR_OK;
        if (probe_api_finish(f->api, &why) != ERR_OK) {
            struct errctx full;
            errctx_set(&full, ERR_NET, "%s: %s", f->result.url, why.text);
            f->result.failed = HTTP_CONTENT;
            memcpy(f->result.reason, full.text, sizeof f->result.reason);
            return ERR_OK;
        }
    }
    return ERR_OK;
}

enum err probe_fetch_api(struct probe_fetch *f, const char *base, const struct profiles *ps, struct arena *a,
                         const struct probe_api_report **ret, struct http_result *ret_http, struct errctx *ctx)
{
    const struct config_source *source = f->opt->source;
    enum err e = probe_api_new(base, ps, source != NULL ? source->match : NULL, a, &f->api, ctx);
    if (e == ERR_OK)
        e = converse(f, ctx);
    struct probe_api_report *r = e == ERR_OK && probe_api_has_answered(f->api) ? arena_alloc(a, sizeof *r) : NULL;
    if (r != NULL) {
        *r = *probe_api_report(f->api);
        if (f->result.failed != HTTP_DONE && r->warning == NULL)
            r->warning = arena_strdup(a, str_of(f->result.reason));
    }
    if (e == ERR_OK) {
        *ret = r;
        *ret_http = f->result;
    }
    probe_api_free(f->api);
    f->api = NULL;
    return e;
}

/* ---- by a source's own adapter ---- */

static bool on_source_head(void *ctx, const struct http_result *so_far, struct errctx *reason)
{
    struct probe_fetch *f = ctx;
    const struct source_answer head = {.content_type = so_far->content_type, .open_ended = so_far->open_ended};
    (void)reason;
    f->adapter->ops->begin(f->adapter, &head);
    return true;
}

static bool on_source_body(void *ctx, const void *bytes, size_t n, struct errctx *reason)
{
    struct probe_fetch *f = ctx;
    return f->adapter->ops->feed(f->adapter, bytes, n, reason) == ERR_OK;
}

/* One answer, good or bad. False: there is no more to be asked. */
static bool take_answer(struct probe_fetch *f)
{
    struct source *s = f->adapter;
    struct errctx why = {""}, full;
    if (f->result.failed != HTTP_DONE) {
        const bool go_on = s->ops->fail(s, f->result.status);
        const char *hint = s->ops->hint(s, f->result.status);
        if (f->result.failed == HTTP_STATUS)
            f->result.advice = hint != NULL ? hint : "";
        return go_on;
    }
    if (s->ops->finish(s, &why) != ERR_OK) {
        errctx_set(&full, ERR_NET, "%s: %s", f->result.url, why.text);
        f->result.failed = HTTP_CONTENT;
        memcpy(f->result.reason, full.text, sizeof f->result.reason);
        return false;
    }
    return true;
}

enum err probe_fetch_source(struct probe_fetch *f, const struct config_source *source, const struct source_sink *sink, uint32_t answers_max,
                            const char **ret_remark, struct http_result *ret_http, struct errctx *ctx)
{
    const struct http_handler on = {on_source_head, on_source_body, on_done, f};
    const struct source_ops *ops = source_ops_of(source->kind);
    struct clock system = clock_system();
    const int64_t now_ms = clock_wall_ms(&system);
    struct source_request rq;
    enum err e = ops->open(source, NULL, sink, &f->adapter, ctx);
    bool more = e == ERR_OK;
    for (uint32_t n = 0; e == ERR_OK && more && n < answers_max && ops->request(f->adapter, now_ms, &rq); n++) {
        const struct http_request h = {.url = rq.url, .body = rq.form};
        e = ask(f, &h, &on, ctx);
        more = e == ERR_OK && take_answer(f);
    }
    if (e == ERR_OK) {
        *ret_remark = ops->remark(f->adapter);
        *ret_http = f->result;
    }
    if (f->adapter != NULL)
        ops->close(f->adapter);
    f->adapter = NULL;
    return e;
}

/* ---- what makes something ---- */

enum err probe_fetch_post(struct probe_fetch *f, const char *url, struct str json, struct buf *answer, struct http_result *ret,
                          struct errctx *ctx)
{
    const struct http_handler on = {NULL, on_page_body, on_done, f};
    const struct http_request rq = {.url = NULL, .body = json};
    struct http_options o = f->http_options;
    struct http_conn *conn = NULL;
    o.url = url;
    o.accept = "application/json";
    o.post_type = "application/json";
    o.once = true;
    buf_reset(answer);
    f->page = answer;
    f->result = (struct http_result){.dns_ms = -1, .tcp_ms = -1, .tls_ms = -1};
    enum err e = http_add(f->http, &o, &conn, ctx);
    if (e == ERR_OK)
        e = ask_over(f, conn, &rq, &on, ctx);
    if (e == ERR_OK)
        *ret = f->result;
    http_remove(conn);
    return e;
}
