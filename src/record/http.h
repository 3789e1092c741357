/* SPDX-License-Identifier: MIT */
/* HTTP for the recorder: GETs (and POSTs) of many servers at once, none of which is trusted. The only includer of libcurl.
 *
 * One connection object per source lives as long as the source, so that its TCP and TLS sessions do. Every transfer has a cap on time
 * (connecting, in all, without progress), on header bytes and on body bytes; bodies are handed on as they come, never kept. Only
 * http and https; no proxy and no .netrc from the environment; no content coding (so that no small answer becomes a large one);
 * TLS 1.2 at least, verified unless the source says otherwise.
 * Redirects: within one origin (scheme, host, port) up to HTTP_REDIRECTS_MAX are followed, with credentials, since these see nobody new.
 * To another origin: never with credentials; without them only on the same host. What is not followed is an error that names where.
 * Not for several threads. */
#ifndef GWTOP_RECORD_HTTP_H
#define GWTOP_RECORD_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "record/secret.h"

enum {
    HTTP_REDIRECTS_MAX = 3,
    HTTP_HEADERS_MAX = 16,
    HTTP_URL_MAX = 1024,
    HTTP_HEADER_BYTES_MAX = 64 * 1024,
    HTTP_ETAG_MAX = 128,
    HTTP_NOT_MODIFIED = 304
};

/* The road of a request, in order; a result names the step that failed. */
enum http_step { HTTP_DONE, HTTP_DNS, HTTP_TCP, HTTP_TLS, HTTP_SEND, HTTP_REDIRECT, HTTP_STATUS, HTTP_CONTENT, HTTP_BODY, HTTP_TIME };
const char *http_step_name(enum http_step s); /* "DNS", "TCP", "TLS", ... */

struct http_options {
    const char *url;
    int64_t connect_ms, total_ms; /* caps; 0 = 5 s and 10 s */
    int64_t stall_ms;             /* without one byte per second for this long: given up. 0 = total_ms */
    size_t max_body_bytes;
    struct str bearer;        /* n 0 = none */
    struct str authorization; /* the header's whole value, in place of a bearer token; n 0 = none */
    struct {
        const char *name;
        struct str value;
    } header[HTTP_HEADERS_MAX];
    size_t header_count;
    const char *accept;    /* of the Accept header */
    const char *post_type; /* Content-Type of what it posts; NULL = a form */
    bool once;             /* it costs money or makes something: nothing is sent twice, no connection reused, no redirect followed */
    bool secret_path;      /* what follows the host is a secret (a webhook's): results and reasons name scheme and host alone */
    const char *ca_file;   /* NULL = the system's; read again for every connection */
    bool insecure_tls, allow_plaintext_token;
};

struct http_result {
    enum http_step failed; /* HTTP_DONE = a complete answer with status 200 was handed on, or that it is the same (304) */
    int status;            /* 0 = none came */
    int64_t bytes;         /* of the body */
    int64_t dns_ms, tcp_ms, tls_ms, first_byte_ms, total_ms; /* since the start; -1 = not reached, failed, or the connection was reused */
    int redirects;
    char url[HTTP_URL_MAX];                      /* that answered, without its query */
    char redirect_to[HTTP_URL_MAX];              /* HTTP_REDIRECT: where, else the URL that redirects led to, "" = none */
    char content_type[128], etag[HTTP_ETAG_MAX]; /* etag: of the answer, "" = none, or longer than it may be */
    int64_t cert_expiry_ms;                      /* 0 = no TLS, or not told */
    bool unverified;                             /* its certificate was not checked, as insecure_tls wants it */
    int64_t date_ms;                             /* the server's Date header, 0 = none */
    int64_t
        retry_after_ms; /* how long it wants to be left alone (403, 429, 503; Retry-After, or X-RateLimit-Reset where nothing is left), 0 =
                         * not said */
    bool open_ended;    /* neither a length nor chunks: that the body is whole cannot be told */
    char excerpt[400];  /* beginning of the body of another status than 200, safe and without secrets */
    char reason[512];   /* "" = good: what failed, on which thing, what to do */
    const char *advice; /* what to do; HTTP_TLS: also at the end of the reason. Static, NULL = nothing known */
};

/* Called from http_step alone. on_head and on_body return false to stop (HTTP_CONTENT, with *reason when they set it). */
struct http_handler {
    bool (*on_head)(void *ctx, const struct http_result *so_far, struct errctx *reason); /* status 200, before any byte, or 304 */
    bool (*on_body)(void *ctx, const void *bytes, size_t n, struct errctx *reason);
    void (*on_done)(void *ctx, const struct http_result *r);
    void *ctx;
};

struct http;
struct http_conn;

/* redact (borrowed, may be NULL) knows what must not be shown; user_agent is borrowed. Errors: ERR_NOMEM, ERR_UNSUPPORTED (a libcurl
 * that resolves names blockingly). */
enum err http_open(const struct secrets *redact, const char *user_agent, struct http **ret, struct errctx *ctx) GW_MUST_USE;
void http_close(struct http *h);
/* Errors: ERR_CONFIG (not http(s), user information in the URL, a token over plain http to another host), ERR_NOMEM. */
enum err http_add(struct http *h, const struct http_options *opt, struct http_conn **ret, struct errctx *ctx) GW_MUST_USE;
void http_remove(struct http_conn *c);

struct http_request {
    const char *url;    /* NULL = the connection's own; otherwise of the same origin */
    struct str body;    /* n > 0: POST this (borrowed until on_done) */
    int64_t virtual_ms; /* the instant a replay asks about, sent as Gwtop-Time; 0 = none */
    const char *etag;   /* If-None-Match, so that the same is answered by 304 and no bytes; NULL = not */
};
/* Begins a transfer; one at a time per connection. on_done is called exactly once. */
enum err http_start(struct http_conn *c, const struct http_request *rq, const struct http_handler *on, struct errctx *ctx) GW_MUST_USE;
bool http_is_busy(const struct http_conn *c);
/* Waits up to max_wait_ms for something to happen (or until fd, -1 = none, is readable) and does it. *ret_running: transfers left. */
enum err http_wait(struct http *h, int64_t max_wait_ms, int fd, int *ret_running, struct errctx *ctx) GW_MUST_USE;

/* What is asked of URLs before one is trusted with a request, by libcurl's own parser, so that the check and the transfer can't disagree
 * about a host. http_url_check: http or https with a host and no user information. Errors: ERR_CONFIG. */
enum err http_url_check(const char *url, struct errctx *ctx) GW_MUST_USE;
bool http_url_is_loopback(const char *url); /* localhost, 127.0.0.0/8, ::1 */
/* The URL without user information and query, for showing. */
void http_url_public(const char *url, char out[HTTP_URL_MAX]);

#endif
