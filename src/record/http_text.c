/* SPDX-License-Identifier: MIT */
#include "record/http_text.h"

#include <string.h>

#include "base/safe_text.h"

const char *http_step_name(enum http_step s)
{
    static const char *const names[] = {"done", "DNS", "TCP", "TLS", "request", "redirect", "status", "content", "body", "time"};
    return (size_t)s < sizeof names / sizeof *names ? names[s] : "?";
}

void http_url_public(const char *url, char out[HTTP_URL_MAX])
{
    char raw[HTTP_URL_MAX];
    str_copy(raw, sizeof raw, str_of(url));
    raw[strcspn(raw, "?#")] = '\0';
    char *host = strstr(raw, "://"), *at = host == NULL ? NULL : strchr(host + 3, '@');
    char *slash = host == NULL ? NULL : strchr(host + 3, '/');
    if (at != NULL && (slash == NULL || at < slash))
        memmove(host + 3, at + 1, strlen(at + 1) + 1);
    safe_text(out, HTTP_URL_MAX, str_of(raw));
}

static void put(struct http_result *r, const struct errctx *why)
{
    _Static_assert(sizeof r->reason == sizeof why->text, "a reason is an error's sentence");
    memcpy(r->reason, why->text, sizeof r->reason);
}

void http_text_failure(struct http_result *r, const char *said)
{
    struct errctx why = {""};
    const char *url = r->url;
    switch (r->failed) {
    case HTTP_DNS: errctx_set(&why, ERR_NET, "%s: the host name cannot be resolved (%s)", url, said); break;
    case HTTP_TCP: errctx_set(&why, ERR_NET, "%s: nobody answers there (%s)", url, said); break;
    case HTTP_TLS: errctx_set(&why, ERR_NET, "%s: TLS failed (%s); a private authority's certificate goes into ca_file", url, said); break;
    case HTTP_TIME:
        if (r->first_byte_ms >= 0)
            errctx_set(&why, ERR_NET, "%s: not complete after %lld ms (%lld bytes came); raise timeout if it needs longer", url,
                       (long long)r->total_ms, (long long)r->bytes);
        else
            errctx_set(&why, ERR_NET, "%s: no answer after %lld ms", url, (long long)r->total_ms);
        break;
    default: errctx_set(&why, ERR_NET, "%s: the answer broke off after %lld bytes (%s)", url, (long long)r->bytes, said); break;
    }
    put(r, &why);
}

void http_text_status(struct http_result *r, bool authenticated)
{
    struct errctx why = {""};
    if (r->status == 401 || r->status == 403)
        errctx_set(&why, ERR_NET, "%s: %d, it wants %s key; give the source a bearer token (LiteLLM asks for one since 1.85)", r->url, r->status,
                   authenticated ? "another" : "a");
    else
        errctx_set(&why, ERR_NET, "%s: it answered with status %d%s%s", r->url, r->status, r->excerpt[0] != '\0' ? ": " : "", r->excerpt);
    put(r, &why);
}

void http_text_redirect(struct http_result *r, enum http_redirect_fault fault)
{
    struct errctx why = {""};
    switch (fault) {
    case REDIRECT_NOWHERE: errctx_set(&why, ERR_NET, "%s: it redirects (%d) to no usable http address", r->url, r->status); break;
    case REDIRECT_CIRCLE:
        errctx_set(&why, ERR_NET, "%s: it redirects in a circle, or more than %d times (last to %s)", r->url, HTTP_REDIRECTS_MAX, r->redirect_to);
        break;
    case REDIRECT_KEY:
        errctx_set(&why, ERR_NET, "%s: it redirects to %s, which must not see the key; configure that address if it is the right one", r->url,
                   r->redirect_to);
        break;
    case REDIRECT_HOST:
        errctx_set(&why, ERR_NET, "%s: it redirects to another host, %s; configure that address if it is the right one", r->url, r->redirect_to);
        break;
    case REDIRECT_FINE: return;
    }
    put(r, &why);
}
