/* SPDX-License-Identifier: MIT */
#include "record/http_text.h"

#include <string.h>
#include <strings.h>

#include "base/safe_text.h"
#include "base/timefmt.h"

enum { SAID_MAX = 300 }; /* bytes of the library's own words */

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

/* libcurl's words without its stopwatch ("... after 3 ms: ..."): a reason that stays the same is one state, not a new one each time. */
static void without_time(const char *said, char out[SAID_MAX])
{
    str_copy(out, SAID_MAX, str_of(said));
    char *from = strstr(out, " after "), *to = from == NULL ? NULL : strstr(from, " ms");
    if (to != NULL && strspn(from + 7, "0123456789") == (size_t)(to - from - 7))
        memmove(from, to + 3, strlen(to + 3) + 1);
}

/* What a failed handshake means, by libcurl's and OpenSSL's words for it. */
static const struct tls_fault {
    const char *words, *what, *advice;
} tls_faults[] = {
    {"has expired", "its certificate has expired", "have it renewed on the server, or set this machine's clock"},
    {"not yet valid", "its certificate is not valid yet", "check the clocks of this machine and of the one that made the certificate"},
    {"subject name", "its certificate is for another host", "use a name that stands in the certificate, or have one made for this name"},
    {"setting certificate file", "its ca_file cannot be read, or holds no certificate", "name a readable file of PEM certificates"},
    {"first certificate", "it does not send the whole chain of its certificate", "have the intermediate ones added there, or to ca_file"},
    {"issuer certificate", "no authority trusted here has signed its certificate", "a private authority's certificate goes into ca_file"},
    {"self-signed", "no authority trusted here has signed its certificate", "that certificate, or its authority's, goes into ca_file"},
    {"wrong version number", "what answers there does not speak TLS", "try http:// or another port"},
    {"packet length too long", "what answers there does not speak TLS", "try http:// or another port"},
    {"protocol version", "it speaks no TLS from 1.2 on", "have the server's TLS brought up to date"},
    {"unsupported protocol", "it speaks no TLS from 1.2 on", "have the server's TLS brought up to date"},
    {"", "the handshake failed", "a private authority's certificate goes into ca_file"},
};

static void tls_failure(struct http_result *r, const char *words, struct errctx *why)
{
    const struct tls_fault *f = tls_faults;
    while (strstr(words, f->words) == NULL) /* the last is in all words */
        f++;
    r->advice = f->advice;
    errctx_set(why, ERR_NET, "%s: TLS failed, %s (%s); %s", r->url, f->what, words, f->advice);
}

void http_text_failure(struct http_result *r, const char *said)
{
    struct errctx why = {""};
    char words[SAID_MAX], after[TIMEFMT_MAX];
    const char *url = r->url;
    without_time(said, words);
    duration_format(r->total_ms < 1000 ? (r->total_ms + 50) / 100 * 100 : (r->total_ms + 500) / 1000 * 1000, after);
    switch (r->failed) {
    case HTTP_DNS: errctx_set(&why, ERR_NET, "%s: the host name cannot be resolved (%s)", url, words); break;
    case HTTP_TCP: errctx_set(&why, ERR_NET, "%s: nobody answers there (%s)", url, words); break;
    case HTTP_TLS: tls_failure(r, words, &why); break;
    case HTTP_TIME:
        if (r->first_byte_ms >= 0)
            errctx_set(&why, ERR_NET, "%s: not complete after %s; raise timeout if it needs longer", url, after);
        else
            errctx_set(&why, ERR_NET, "%s: no answer after %s", url, after);
        break;
    default:
        if (r->status == 0 && strncmp(url, "http://", 7) == 0)
            errctx_set(&why, ERR_NET, "%s: nothing that is HTTP came (%s); if TLS is spoken there, the address begins with https://", url,
                       words);
        else
            errctx_set(&why, ERR_NET, "%s: the answer broke off (%s)", url, words);
        break;
    }
    put(r, &why);
}

static struct str title_of(struct str html)
{
    static const char open[] = "<title";
    for (size_t i = 0; i + sizeof open - 1 < html.n; i++) {
        if (strncasecmp(html.p + i, open, sizeof open - 1) != 0)
            continue;
        const char *from = memchr(html.p + i, '>', html.n - i), *end = html.p + html.n;
        const char *to = from == NULL ? NULL : memchr(from, '<', (size_t)(end - from));
        return to == NULL ? (struct str){"", 0} : (struct str){from + 1, (size_t)(to - from - 1)};
    }
    return (struct str){"", 0};
}

void http_text_excerpt(struct http_result *r, struct str body)
{
    char text[sizeof r->excerpt / 2]; /* made safe, a byte may take more than one */
    size_t n = 0;
    bool tag = false, gap = false;
    while (body.n > 0 && strchr(" \t\r\n", body.p[0]) != NULL && body.p[0] != '\0')
        body.p++, body.n--;
    bool html = body.n > 0 && body.p[0] == '<';
    struct str title = html ? title_of(body) : (struct str){"", 0}, from = title.n > 0 ? title : body;
    for (size_t i = 0; i < from.n && n + 1 < sizeof text; i++) {
        char ch = from.p[i];
        bool space = ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n' || (html && (ch == '<' || ch == '>'));
        tag = html && ch != '>' && (tag || ch == '<');
        if (!space && !tag) {
            if (gap && n > 0 && n + 2 < sizeof text)
                text[n++] = ' ';
            text[n++] = ch;
        }
        gap = space || (gap && tag);
    }
    safe_text(r->excerpt, sizeof r->excerpt, (struct str){text, n});
}

void http_text_status(struct http_result *r, bool authenticated)
{
    struct errctx why = {""};
    if (r->status == 429)
        errctx_set(&why, ERR_NET,
                   "%s: too many requests, it says (429); it is left alone for as long as it wants, and a longer interval helps", r->url);
    else if (r->status == 401 || r->status == 403)
        errctx_set(&why, ERR_NET, "%s: %d, it wants %s key; give the source a bearer token (LiteLLM asks for one since 1.85)", r->url,
                   r->status, authenticated ? "another" : "a");
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
        errctx_set(&why, ERR_NET, "%s: it redirects in a circle, or more than %d times (last to %s)", r->url, HTTP_REDIRECTS_MAX,
                   r->redirect_to);
        break;
    case REDIRECT_KEY:
        errctx_set(&why, ERR_NET, "%s: it redirects to %s, which must not see the key; configure that address if it is the right one",
                   r->url, r->redirect_to);
        break;
    case REDIRECT_HOST:
        errctx_set(&why, ERR_NET, "%s: it redirects to another host, %s; configure that address if it is the right one", r->url,
                   r->redirect_to);
        break;
    case REDIRECT_ONCE:
        errctx_set(&why, ERR_NET,
                   "%s: it redirects to %s, and what is asked once is not asked again there; configure that address if it is the right one",
                   r->url, r->redirect_to);
        break;
    case REDIRECT_FINE: return;
    }
    put(r, &why);
}
