/* SPDX-License-Identifier: MIT */
#include "record/page_post.h"

enum { ANSWER_BYTES_MAX = 1 << 20 };

enum err page_post_open(const struct config_post *p, int64_t timeout_ms, struct http *h, struct secrets *s, const char *what,
                        struct http_conn **ret, struct errctx *ctx)
{
    char of[300];
    struct http_options o = {
        .url = p->url,
        .total_ms = timeout_ms,
        .max_body_bytes = ANSWER_BYTES_MAX,
        .post_type = "application/json",
        .once = true,
        .secret_path = true,
        .ca_file = p->ca_file,
        .insecure_tls = p->insecure_tls,
        .allow_plaintext_token = p->allow_plaintext_token,
    };
    enum err e = secrets_add_url(s, p->url, ctx);
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
