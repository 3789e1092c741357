/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "record/page_post.h"

#include <string.h>
#include <strings.h>

enum { ANSWER_BYTES_MAX = 1 << 20 };

/* The address, from where the configuration says, checked as one in the file is; no sentence holds it. */
static enum err read_url(const struct config_post *p, struct secrets *s, const char *what, char out[HTTP_URL_MAX], struct errctx *ctx)
{
    char of[300];
    struct str text;
    struct errctx fault;
    (void)str_format(of, sizeof of, "url of %s", what);
    if (p->url != NULL)
        return str_copy(out, HTTP_URL_MAX, str_of(p->url)) ? ERR_OK : errctx_set(ctx, ERR_CONFIG, "%s is too long", of);
    enum err e = secrets_try(s, &p->url_secret, of, &text, ctx);
    if (e != ERR_OK)
        return e;
    if (!str_copy(out, HTTP_URL_MAX, text) || http_url_check(out, &fault) != ERR_OK)
        return errctx_set(ctx, ERR_CONFIG, "%s is no http:// or https:// address of at most %d bytes without a user in it", of,
                          HTTP_URL_MAX - 1);
    if (strncasecmp(out, "http:", 5) == 0 && !http_url_is_loopback(out) && !p->allow_plaintext_token)
        return errctx_set(ctx, ERR_CONFIG,
                          "%s is a secret that would cross the network in clear text; use https, or allow_plaintext_token: true", of);
    return ERR_OK;
}

static enum err open_at(const struct config_post *p, const char *url, int64_t timeout_ms, struct http *h, struct secrets *s,
                        const char *what, struct http_conn **ret, struct errctx *ctx)
{
    char of[300];
    struct http_options o = {
        .url = url,
        .total_ms = timeout_ms,
        .max_body_bytes = ANSWER_BYTES_MAX,
        .post_type = "application/json",
        .once = true,
        .secret_path = true,
        .ca_file = p->ca_file,
        .insecure_tls = p->insecure_tls,
        .allow_plaintext_token = p->allow_plaintext_token,
    };
    enum err e = secrets_add_url(s, url, ctx);
    for (uint32_t i = 0; i < p->header_count && e == ERR_OK; i++) {
        (void)str_format(of, sizeof of, "header %s of %s", p->header[i].name, what);
        o.header[i].name = p->header[i].name;
        if (p->header[i].value != NULL)
            o.header[i].value = str_of(p->header[i].value);
        else
            e = secrets_try(s, &p->header[i].secret, of, &o.header[i].value, ctx);
        o.header_count = i + 1;
    }
    return e == ERR_OK ? http_add(h, &o, ret, ctx) : e;
}

enum err page_post_open(const struct config_post *p, int64_t timeout_ms, struct http *h, struct secrets *s, const char *what,
                        struct http_conn **ret, struct errctx *ctx)
{
    char url[HTTP_URL_MAX];
    enum err e = read_url(p, s, what, url, ctx);
    if (e == ERR_OK)
        e = open_at(p, url, timeout_ms, h, s, what, ret, ctx);
    explicit_bzero(url, sizeof url);
    return e;
}

bool page_post_is_good(const struct http_result *r)
{
    return r->status >= 200 && r->status < 300;
}

void page_post_say(const struct http_result *r, char *out, size_t cap)
{
    if (page_post_is_good(r))
        (void)str_format(out, cap, "status %d", r->status);
    else
        (void)str_copy(out, cap, str_of(r->reason));
}
