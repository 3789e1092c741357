/* SPDX-License-Identifier: MIT */
/* How this works: one multi handle, one easy handle per connection. libcurl never follows a redirect itself: a finished transfer that is
 * a redirect is judged here and, when allowed, started again with the new URL, which is remembered until it fails. Reasons are written
 * where the failure is known best: in the callbacks when we stopped it, from libcurl's code otherwise. */
#include "record/http.h"

#include <assert.h>
#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/safe_text.h"
#include "record/http_text.h"

enum {
    CONNECT_MS = 5000,
    TOTAL_MS = 10000,
    RECEIVE_BUFFER = 256 * 1024, /* bytes per read: fewer system calls on pages of megabytes */
    TIME_HEADER_MAX = 48,
    RETRY_AFTER_MAX_S = 3600,
    EXCERPT_BYTES = 2048, /* an error page's title stands within */
};

struct http {
    CURLM *multi;
    const struct secrets *redact;
    const char *user_agent;
    int conns, running;
};

struct http_conn {
    struct http *h;
    CURL *easy;
    struct http_handler on;
    bool busy, authenticated;
    bool insecure_tls, once, secret_path;
    bool was_silent; /* the last transfer ended without an answer */
    size_t max_body;
    int64_t total_ms;
    char url[HTTP_URL_MAX];       /* as configured */
    char effective[HTTP_URL_MAX]; /* where its redirects led, "" = nowhere yet */
    bool own_url;                 /* the transfer is of the connection's own URL */
    struct curl_slist *headers;
    char *time_header, *etag_header; /* among the headers, rewritten in place; NULL when not used */
    bool conditional;                /* an etag was sent */
    bool none_left;                  /* of the requests that a server allows, and when there are new ones, 0 = not told */
    int64_t reset_s;
    char error[CURL_ERROR_SIZE];
    size_t header_bytes, body_bytes, excerpt_len;
    bool headed, told_head, encoded;
    char encoding[32];
    char excerpt[EXCERPT_BYTES]; /* beginning of the body of another status than 200, as it came */
    enum http_step stopped;      /* by us, HTTP_DONE = not */
    struct errctx why;
    struct http_result result;
};

/* One part of a URL in lower case; "" when there is none. */
static void url_part(const char *url, CURLUPart part, char out[HTTP_URL_MAX])
{
    out[0] = '\0';
    CURLU *u = curl_url();
    char *text = NULL;
    if (u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK && curl_url_get(u, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK) {
        str_copy(out, HTTP_URL_MAX, str_of(text));
        for (char *p = out; *p != '\0'; p++)
            *p = (char)tolower((unsigned char)*p);
    }
    curl_free(text);
    curl_url_cleanup(u);
}

static bool same_part(const char *a, const char *b, CURLUPart part)
{
    char x[HTTP_URL_MAX], y[HTTP_URL_MAX];
    url_part(a, part, x);
    url_part(b, part, y);
    return x[0] != '\0' && strcmp(x, y) == 0;
}

static bool same_host(const char *a, const char *b)
{
    return same_part(a, b, CURLUPART_HOST);
}

static bool same_origin(const char *a, const char *b)
{
    return same_host(a, b) && same_part(a, b, CURLUPART_SCHEME) && same_part(a, b, CURLUPART_PORT);
}

enum err http_url_check(const char *url, struct errctx *ctx)
{
    char part[HTTP_URL_MAX];
    if (strlen(url) >= HTTP_URL_MAX)
        return errctx_set(ctx, ERR_CONFIG, "a URL is longer than %d bytes", HTTP_URL_MAX - 1);
    url_part(url, CURLUPART_USER, part);
    if (part[0] != '\0')
        return errctx_set(ctx, ERR_CONFIG, "a URL holds a user name or password; use bearer or headers instead");
    url_part(url, CURLUPART_SCHEME, part);
    if (strcmp(part, "http") != 0 && strcmp(part, "https") != 0)
        return errctx_set(ctx, ERR_CONFIG, "'%s' is not an http:// or https:// address", url);
    url_part(url, CURLUPART_HOST, part);
    if (part[0] == '\0')
        return errctx_set(ctx, ERR_CONFIG, "'%s' names no host", url);
    return ERR_OK;
}

bool http_url_is_loopback(const char *url)
{
    char host[HTTP_URL_MAX];
    url_part(url, CURLUPART_HOST, host);
    unsigned a, b, c, d;
    char rest;
    if (sscanf(host, "%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &rest) == 4) /* a name that only begins so has a rest */
        return a == 127;
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

enum err http_open(const struct secrets *redact, const char *user_agent, struct http **ret, struct errctx *ctx)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return errctx_set(ctx, ERR_NOMEM, "libcurl could not be initialised");
    struct http *h = calloc(1, sizeof *h);
    if (h == NULL || (h->multi = curl_multi_init()) == NULL) {
        free(h);
        curl_global_cleanup();
        return errctx_set(ctx, ERR_NOMEM, "out of memory for HTTP");
    }
    if ((curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_ASYNCHDNS) == 0) {
        http_close(h);
        return errctx_set(ctx, ERR_UNSUPPORTED,
                          "this libcurl resolves host names blockingly: one dead name server would stop every source");
    }
    h->redact = redact;
    h->user_agent = user_agent;
    *ret = h;
    return ERR_OK;
}

void http_close(struct http *h)
{
    if (h == NULL)
        return;
    assert(h->conns == 0);
    curl_multi_cleanup(h->multi);
    free(h);
    curl_global_cleanup();
}

static size_t stop(struct http_conn *c, enum http_step step)
{
    c->stopped = step;
    return 0; /* a short count makes libcurl end the transfer */
}

/* The value of a header, where the line is one of that name ("etag:"); else p is NULL. */
static struct str header_value(struct str line, const char *name)
{
    const size_t n = strlen(name);
    if (line.n <= n || strncasecmp(line.p, name, n) != 0)
        return (struct str){NULL, 0};
    struct str v = {line.p + n, line.n - n};
    while (v.n > 0 && (v.p[0] == ' ' || v.p[0] == '\t'))
        v.p++, v.n--;
    while (v.n > 0 && (unsigned char)v.p[v.n - 1] <= ' ')
        v.n--;
    return v;
}

static void on_header_line(struct http_conn *c, struct str line)
{
    const struct str encoding = header_value(line, "content-encoding:"), date = header_value(line, "date:"),
                     etag = header_value(line, "etag:"), left = header_value(line, "x-ratelimit-remaining:"),
                     reset = header_value(line, "x-ratelimit-reset:");
    char text[64];
    int64_t v;
    if (encoding.p != NULL) {
        c->encoded = encoding.n > 0 && !(encoding.n == 8 && strncasecmp(encoding.p, "identity", 8) == 0);
        safe_text(c->encoding, sizeof c->encoding, encoding);
    } else if (date.p != NULL) {
        str_copy(text, sizeof text, date);
        time_t at = curl_getdate(text, NULL);
        c->result.date_ms = at > 0 ? (int64_t)at * 1000 : 0;
    } else if (etag.p != NULL) {
        if (!str_copy(c->result.etag, sizeof c->result.etag, etag))
            c->result.etag[0] = '\0';
    } else if (left.p != NULL && str_to_i64(left, &v)) {
        c->none_left = v == 0;
    } else if (reset.p != NULL && str_to_i64(reset, &v)) {
        c->reset_s = v;
    } else if (line.n > 5 && strncasecmp(line.p, "http/", 5) == 0) { /* a new answer begins: what an interim one said is void */
        c->encoded = c->none_left = false;
        c->result.etag[0] = '\0';
        c->reset_s = 0;
    }
}

static size_t header_cb(char *p, size_t size, size_t n, void *user)
{
    struct http_conn *c = user;
    n *= size;
    c->header_bytes += n;
    if (c->header_bytes > HTTP_HEADER_BYTES_MAX) {
        errctx_set(&c->why, ERR_LIMIT, "its headers are longer than %d KB", HTTP_HEADER_BYTES_MAX / 1024);
        return stop(c, HTTP_CONTENT);
    }
    on_header_line(c, (struct str){p, n});
    return n;
}

static void note_head(struct http_conn *c)
{
    c->headed = true;
    long status = 0;
    const char *type = NULL;
    curl_off_t length = -1;
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c->easy, CURLINFO_CONTENT_TYPE, &type);
    curl_easy_getinfo(c->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    c->result.status = (int)status;
    safe_text(c->result.content_type, sizeof c->result.content_type, str_of(type == NULL ? "" : type));
    struct curl_header *transfer = NULL;
    bool chunked = curl_easy_header(c->easy, "Transfer-Encoding", 0, CURLH_HEADER, -1, &transfer) == CURLHE_OK;
    c->result.open_ended = length < 0 && !chunked;
}

static bool begin_body(struct http_conn *c)
{
    c->told_head = true;
    if (c->encoded) {
        errctx_set(&c->why, ERR_UNSUPPORTED,
                   "it answers in the coding '%s' although none was accepted; switch compression off for this path", c->encoding);
        return false;
    }
    return c->on.on_head == NULL || c->on.on_head(c->on.ctx, &c->result, &c->why);
}

static size_t body_cb(char *p, size_t size, size_t n, void *user)
{
    struct http_conn *c = user;
    n *= size;
    if (!c->headed)
        note_head(c);
    if (c->result.status != 200) { /* only its beginning is of interest, for the sentence */
        size_t room = sizeof c->excerpt - c->excerpt_len, take = n < room ? n : room;
        memcpy(c->excerpt + c->excerpt_len, p, take);
        c->excerpt_len += take;
        c->body_bytes += n;
        return c->body_bytes > c->max_body ? stop(c, HTTP_STATUS) : n;
    }
    c->body_bytes += n;
    if (c->body_bytes > c->max_body) {
        errctx_set(&c->why, ERR_LIMIT, "its answer is longer than the %zu MB allowed (max_body of the source)", c->max_body / 1000000);
        return stop(c, HTTP_BODY);
    }
    if (!c->told_head && !begin_body(c))
        return stop(c, HTTP_CONTENT);
    if (c->on.on_body != NULL && !c->on.on_body(c->on.ctx, p, n, &c->why))
        return stop(c, HTTP_CONTENT);
    return n;
}

static enum err add_header(struct http_conn *c, const char *name, struct str value)
{
    char *line = malloc(strlen(name) + value.n + 4);
    if (line == NULL)
        return ERR_NOMEM;
    int n = sprintf(line, "%s: ", name);
    memcpy(line + n, value.p, value.n);
    line[(size_t)n + value.n] = '\0';
    struct curl_slist *list = curl_slist_append(c->headers, line);
    memset(line, 0, (size_t)n + value.n);
    free(line);
    if (list == NULL)
        return ERR_NOMEM;
    c->headers = list;
    return ERR_OK;
}

static bool sends_credentials(const struct http_options *opt)
{
    return opt->bearer.n > 0 || opt->authorization.n > 0 || opt->header_count > 0;
}

static enum err add_headers(struct http_conn *c, const struct http_options *opt)
{
    enum err e = add_header(c, "Accept", str_of(opt->accept == NULL ? "*/*" : opt->accept));
    if (e == ERR_OK && opt->bearer.n > 0) {
        char text[SECRET_MAX + 16];
        int n = snprintf(text, sizeof text, "Bearer %.*s", (int)opt->bearer.n, opt->bearer.p);
        e = add_header(c, "Authorization", (struct str){text, (size_t)n});
        memset(text, 0, sizeof text);
    }
    if (e == ERR_OK && opt->authorization.n > 0)
        e = add_header(c, "Authorization", opt->authorization);
    for (size_t i = 0; i < opt->header_count && e == ERR_OK; i++)
        e = add_header(c, opt->header[i].name, opt->header[i].value);
    if (e == ERR_OK && opt->post_type != NULL)
        e = add_header(c, "Content-Type", str_of(opt->post_type));
    if (e == ERR_OK) { /* no waiting for "100 Continue" before a body */
        struct curl_slist *list = curl_slist_append(c->headers, "Expect:");
        e = list == NULL ? ERR_NOMEM : ERR_OK;
        c->headers = list == NULL ? c->headers : list;
    }
    c->authenticated = sends_credentials(opt);
    return e;
}

static void set_options(struct http_conn *c, const struct http_options *opt)
{
    CURL *z = c->easy;
    c->total_ms = opt->total_ms > 0 ? opt->total_ms : TOTAL_MS;
    c->insecure_tls = opt->insecure_tls;
    c->once = opt->once;
    c->secret_path = opt->secret_path;
    int64_t stall = opt->stall_ms > 0 ? opt->stall_ms : c->total_ms;
    curl_easy_setopt(z, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(z, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(z, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(z, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(z, CURLOPT_PROXY, "");
    curl_easy_setopt(z, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(z, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(z, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(opt->connect_ms > 0        ? opt->connect_ms
                            : c->total_ms < CONNECT_MS ? c->total_ms
                                                       : CONNECT_MS));
    curl_easy_setopt(z, CURLOPT_TIMEOUT_MS, (long)c->total_ms);
    curl_easy_setopt(z, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(z, CURLOPT_LOW_SPEED_TIME, (long)((stall + 999) / 1000));
    curl_easy_setopt(z, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(z, CURLOPT_SSL_VERIFYPEER, opt->insecure_tls ? 0L : 1L);
    curl_easy_setopt(z, CURLOPT_SSL_VERIFYHOST, opt->insecure_tls ? 0L : 2L);
    curl_easy_setopt(z, CURLOPT_CERTINFO, 1L);
    if (opt->ca_file != NULL) {
        curl_easy_setopt(z, CURLOPT_CAINFO, opt->ca_file);
        curl_easy_setopt(z, CURLOPT_CAPATH, NULL); /* it stands in place of the system's, of which Debian's libcurl has a folder, too */
        curl_easy_setopt(z, CURLOPT_CA_CACHE_TIMEOUT, 0L); /* else a renewed file is not seen for a day */
    }
    curl_easy_setopt(z, CURLOPT_USERAGENT, c->h->user_agent);
    curl_easy_setopt(z, CURLOPT_FORBID_REUSE, opt->once ? 1L : 0L);
    curl_easy_setopt(z, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
    curl_easy_setopt(z, CURLOPT_ERRORBUFFER, c->error);
    curl_easy_setopt(z, CURLOPT_HEADERFUNCTION, header_cb);
    curl_easy_setopt(z, CURLOPT_HEADERDATA, c);
    curl_easy_setopt(z, CURLOPT_WRITEFUNCTION, body_cb);
    curl_easy_setopt(z, CURLOPT_WRITEDATA, c);
    curl_easy_setopt(z, CURLOPT_PRIVATE, c);
}

enum err http_add(struct http *h, const struct http_options *opt, struct http_conn **ret, struct errctx *ctx)
{
    enum err e = http_url_check(opt->url, ctx);
    if (e != ERR_OK)
        return e;
    if (sends_credentials(opt) && !opt->allow_plaintext_token && strncasecmp(opt->url, "http:", 5) == 0 && !http_url_is_loopback(opt->url))
        return errctx_set(ctx, ERR_CONFIG, "%s: a token would cross the network in clear text; use https, or allow_plaintext_token: true",
                          opt->url);
    struct http_conn *c = calloc(1, sizeof *c);
    if (c == NULL || (c->easy = curl_easy_init()) == NULL) {
        free(c);
        return errctx_set(ctx, ERR_NOMEM, "out of memory for a connection");
    }
    c->h = h;
    c->max_body = opt->max_body_bytes;
    c->was_silent = true; /* nothing is known about it yet */
    str_copy(c->url, sizeof c->url, str_of(opt->url));
    h->conns++;
    e = add_headers(c, opt);
    if (e != ERR_OK) {
        http_remove(c);
        return errctx_set(ctx, e, "out of memory for a connection");
    }
    set_options(c, opt);
    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)h->conns + 10); /* else libcurl closes and reopens */
    *ret = c;
    return ERR_OK;
}

void http_remove(struct http_conn *c)
{
    if (c == NULL)
        return;
    if (c->busy)
        curl_multi_remove_handle(c->h->multi, c->easy);
    curl_easy_cleanup(c->easy);
    for (struct curl_slist *s = c->headers; s != NULL; s = s->next)
        memset(s->data, 0, strlen(s->data));
    curl_slist_free_all(c->headers);
    c->h->conns--;
    free(c);
}

static enum err set_time_header(struct http_conn *c, int64_t virtual_ms)
{
    if (c->time_header == NULL) {
        struct curl_slist *list = curl_slist_append(c->headers, "Gwtop-Time: 00000000000000000000");
        if (list == NULL)
            return ERR_NOMEM;
        c->headers = list;
        while (list->next != NULL)
            list = list->next;
        c->time_header = list->data;
    }
    snprintf(c->time_header, sizeof "Gwtop-Time: 00000000000000000000", "Gwtop-Time: %lld", (long long)virtual_ms);
    return ERR_OK;
}

static enum err set_etag(struct http_conn *c, const char *etag)
{
    static const char name[] = "If-None-Match:";
    enum { LINE = sizeof name + 1 + HTTP_ETAG_MAX };
    if (c->etag_header == NULL && etag == NULL)
        return ERR_OK;
    if (c->etag_header == NULL) { /* room for any */
        char room[LINE];
        memset(room, ' ', sizeof room - 1);
        room[sizeof room - 1] = '\0';
        struct curl_slist *list = curl_slist_append(c->headers, room);
        if (list == NULL)
            return ERR_NOMEM;
        c->headers = list;
        while (list->next != NULL)
            list = list->next;
        c->etag_header = list->data;
    }
    (void)str_format(c->etag_header, LINE, "%s%s%s", name, etag != NULL ? " " : "",
                     etag != NULL ? etag : ""); /* without a value: not sent */
    return ERR_OK;
}

/* One transfer of the road; a redirect makes several. */
static enum err go(struct http_conn *c, const char *url)
{
    c->header_bytes = c->body_bytes = c->excerpt_len = 0;
    c->headed = c->told_head = c->encoded = false;
    c->stopped = HTTP_DONE;
    c->error[0] = c->why.text[0] = '\0';
    curl_easy_setopt(c->easy, CURLOPT_URL, url);
    /* After silence a new connection: over old ones libcurl would ask again and again, up to five times. */
    curl_easy_setopt(c->easy, CURLOPT_FRESH_CONNECT, c->was_silent || c->once ? 1L : 0L);
    curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    return curl_multi_add_handle(c->h->multi, c->easy) == CURLM_OK ? ERR_OK : ERR_NOMEM;
}

enum err http_start(struct http_conn *c, const struct http_request *rq, const struct http_handler *on, struct errctx *ctx)
{
    assert(!c->busy);
    if (rq->url != NULL && !same_origin(rq->url, c->url))
        return errctx_set(ctx, ERR_CONFIG, "%s is not of the origin of %s", rq->url, c->url);
    if (rq->virtual_ms > 0 && set_time_header(c, rq->virtual_ms) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for a request");
    if (set_etag(c, rq->etag) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for a request");
    c->conditional = rq->etag != NULL;
    if (rq->body.n > 0) {
        curl_easy_setopt(c->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, rq->body.p);
        curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)rq->body.n);
    } else {
        curl_easy_setopt(c->easy, CURLOPT_HTTPGET, 1L);
    }
    int64_t expiry = c->result.cert_expiry_ms; /* libcurl tells it when it connects, not when it reuses a connection */
    memset(&c->result, 0, sizeof c->result);
    c->result.cert_expiry_ms = expiry;
    c->on = *on;
    c->own_url = rq->url == NULL;
    const char *url = rq->url != NULL ? rq->url : c->effective[0] != '\0' ? c->effective : c->url;
    if (go(c, url) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for a request");
    c->busy = true;
    c->h->running++;
    return ERR_OK;
}

bool http_is_busy(const struct http_conn *c)
{
    return c->busy;
}

static int64_t info_ms(struct http_conn *c, CURLINFO what)
{
    curl_off_t us = 0;
    curl_easy_getinfo(c->easy, what, &us);
    return us > 0 ? (int64_t)(us + 500) / 1000 : -1;
}

static void note_certificate(struct http_conn *c)
{
    struct curl_certinfo *info = NULL;
    if (curl_easy_getinfo(c->easy, CURLINFO_CERTINFO, &info) != CURLE_OK || info == NULL || info->num_of_certs < 1)
        return;
    for (const struct curl_slist *s = info->certinfo[0]; s != NULL; s = s->next) {
        static const char name[] = "Expire date:";
        time_t at = strncmp(s->data, name, sizeof name - 1) == 0 ? curl_getdate(s->data + sizeof name - 1, NULL) : -1;
        if (at > 0)
            c->result.cert_expiry_ms = (int64_t)at * 1000;
    }
}

static enum http_step step_of(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return HTTP_DNS;
    case CURLE_COULDNT_CONNECT: return HTTP_TCP;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR: return HTTP_TLS;
    case CURLE_OPERATION_TIMEDOUT: return HTTP_TIME;
    case CURLE_SEND_ERROR: return HTTP_SEND;
    default: return HTTP_BODY;
    }
}

static enum http_redirect_fault judge_redirect(const struct http_conn *c, const char *from, const char *to)
{
    if (c->once)
        return REDIRECT_ONCE;
    if (c->result.redirects >= HTTP_REDIRECTS_MAX)
        return REDIRECT_CIRCLE;
    if (c->authenticated && !same_origin(from, to))
        return REDIRECT_KEY;
    return same_host(from, to) ? REDIRECT_FINE : REDIRECT_HOST;
}

static void without_path(char *url)
{
    char *host = strstr(url, "://");
    if (host != NULL)
        host[3 + strcspn(host + 3, "/")] = '\0';
}

/* Decides about a redirect. True: followed, the transfer goes on. */
static bool follow(struct http_conn *c)
{
    struct http_result *r = &c->result;
    const char *from = NULL, *to = NULL;
    char next[HTTP_URL_MAX];
    enum http_redirect_fault fault = REDIRECT_NOWHERE;
    curl_easy_getinfo(c->easy, CURLINFO_EFFECTIVE_URL, &from);
    curl_easy_getinfo(c->easy, CURLINFO_REDIRECT_URL, &to);
    if (to != NULL && str_copy(next, sizeof next, str_of(to)) && http_url_check(next, NULL) == ERR_OK) {
        http_url_public(next, r->redirect_to);
        if (c->secret_path)
            without_path(r->redirect_to);
        fault = judge_redirect(c, from, next);
    }
    if (fault != REDIRECT_FINE) {
        r->failed = HTTP_REDIRECT;
        http_text_redirect(r, fault);
        return false;
    }
    r->redirects++;
    if (c->own_url)
        memcpy(c->effective, next, sizeof c->effective);
    return go(c, next) == ERR_OK;
}

static void finish(struct http_conn *c)
{
    struct http_result *r = &c->result;
    if (r->failed != HTTP_DONE)
        c->effective[0] = '\0'; /* what a redirect said may not hold any more */
    c->was_silent = r->status == 0;
    if (c->h->redact != NULL)
        secrets_redact(c->h->redact, r->reason, strlen(r->reason));
    c->busy = false;
    c->h->running--;
    if (c->on.on_done != NULL)
        c->on.on_done(c->on.ctx, r);
}

/* By Retry-After; else, where no request is left, by the time when there are new ones, as the server's clock has it. */
static int64_t retry_after_ms(struct http_conn *c)
{
    const int status = c->result.status;
    curl_off_t retry_s = 0;
    if (status != 403 && status != 429 && status != 503)
        return 0;
    if (curl_easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &retry_s) != CURLE_OK)
        retry_s = 0;
    if (retry_s == 0 && c->none_left && c->result.date_ms > 0)
        retry_s = (curl_off_t)(c->reset_s - c->result.date_ms / 1000);
    return retry_s <= 0 ? 0 : (retry_s < RETRY_AFTER_MAX_S ? retry_s : RETRY_AFTER_MAX_S) * 1000;
}

static void measure(struct http_conn *c)
{
    struct http_result *r = &c->result;
    const char *url = NULL;
    note_head(c);
    note_certificate(c);
    curl_easy_getinfo(c->easy, CURLINFO_EFFECTIVE_URL, &url);
    http_url_public(url == NULL ? c->url : url, r->url);
    if (c->secret_path)
        without_path(r->url);
    r->bytes = (int64_t)c->body_bytes;
    r->retry_after_ms = retry_after_ms(c);
    r->dns_ms = info_ms(c, CURLINFO_NAMELOOKUP_TIME_T);
    r->tcp_ms = info_ms(c, CURLINFO_CONNECT_TIME_T);
    r->tls_ms =
        strncmp(r->url, "https:", 6) == 0 ? info_ms(c, CURLINFO_APPCONNECT_TIME_T) : -1; /* libcurl sets it for reused plain ones, too */
    r->first_byte_ms = info_ms(c, CURLINFO_STARTTRANSFER_TIME_T);
    r->total_ms = info_ms(c, CURLINFO_TOTAL_TIME_T);
    r->unverified = c->insecure_tls && r->cert_expiry_ms > 0;
    if (c->h->redact != NULL)
        secrets_redact(c->h->redact, c->excerpt, c->excerpt_len);
    http_text_excerpt(r, (struct str){c->excerpt, c->excerpt_len});
}

/* libcurl sets the time of a step that failed, too. */
static void forget_unreached(struct http_result *r)
{
    if (r->failed == HTTP_DNS)
        r->dns_ms = -1;
    if (r->failed == HTTP_DNS || r->failed == HTTP_TCP)
        r->tcp_ms = -1;
    if (r->failed == HTTP_DNS || r->failed == HTTP_TCP || r->failed == HTTP_TLS)
        r->tls_ms = r->first_byte_ms = -1;
}

static void complete(struct http_conn *c, CURLcode code)
{
    struct http_result *r = &c->result;
    measure(c);
    curl_multi_remove_handle(c->h->multi, c->easy);
    bool redirect = r->status == 301 || r->status == 302 || r->status == 303 || r->status == 307 || r->status == 308;
    if (code == CURLE_OK && redirect && follow(c))
        return;
    if (c->stopped != HTTP_DONE && c->stopped != HTTP_STATUS) {
        r->failed = c->stopped;
        str_format(r->reason, sizeof r->reason, "%s: %s", r->url, c->why.text[0] != '\0' ? c->why.text : "the answer was refused");
    } else if (code != CURLE_OK && c->stopped == HTTP_DONE) {
        r->failed = step_of(code);
        forget_unreached(r);
        http_text_failure(r, c->error[0] != '\0' ? c->error : curl_easy_strerror(code));
    } else if (r->status == HTTP_NOT_MODIFIED && c->conditional) {
        if (c->on.on_head != NULL)
            (void)c->on.on_head(c->on.ctx, r, &c->why);
    } else if (r->status != 200 && r->failed == HTTP_DONE) {
        r->failed = HTTP_STATUS;
        http_text_status(r, c->authenticated);
    } else if (r->status == 200 && !c->told_head && !begin_body(c)) { /* an empty body */
        r->failed = HTTP_CONTENT;
        str_format(r->reason, sizeof r->reason, "%s: %s", r->url, c->why.text);
    }
    finish(c);
}

/* Takes in the transfers that are finished. */
static bool complete_all(struct http *h)
{
    bool any = false;
    int left = 0;
    for (struct CURLMsg *m = curl_multi_info_read(h->multi, &left); m != NULL; m = curl_multi_info_read(h->multi, &left)) {
        if (m->msg != CURLMSG_DONE)
            continue;
        struct http_conn *c = NULL;
        CURLcode code = m->data.result; /* m is gone once the handle is removed */
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&c);
        complete(c, code);
        any = true;
    }
    return any;
}

enum err http_wait(struct http *h, int64_t max_wait_ms, int fd, int *ret_running, struct errctx *ctx)
{
    struct curl_waitfd extra = {.fd = fd, .events = CURL_WAIT_POLLIN};
    int left = 0;
    CURLMcode code = curl_multi_perform(h->multi, &left);
    if (code == CURLM_OK && !complete_all(h) && max_wait_ms > 0) {
        code = curl_multi_poll(h->multi, fd >= 0 ? &extra : NULL, fd >= 0 ? 1 : 0, (int)max_wait_ms, NULL);
        if (code == CURLM_OK)
            code = curl_multi_perform(h->multi, &left);
        if (code == CURLM_OK)
            (void)complete_all(h);
    }
    if (code != CURLM_OK)
        return errctx_set(ctx, ERR_NET, "HTTP: %s", curl_multi_strerror(code));
    *ret_running = h->running;
    return ERR_OK;
}
