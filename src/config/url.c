/* SPDX-License-Identifier: MIT */
/* What an address in the configuration must be before libcurl ever sees it. Source: RFC 3986, narrowed to what a scrape needs. */
#include <string.h>

#include "config/reader.h"

enum { URL_MAX = 2048 };

struct url_parts {
    bool tls;
    struct str authority, host, port;
};

static const char *split(struct str url, struct url_parts *ret)
{
    struct url_parts u = {0};
    if (str_has_prefix(url, "https://"))
        u.tls = true;
    else if (!str_has_prefix(url, "http://"))
        return "it must begin with http:// or https://";
    const char *start = url.p + (u.tls ? 8 : 7), *end = url.p + url.n, *p = start;
    while (p < end && *p != '/' && *p != '?' && *p != '#')
        p++;
    u.authority = (struct str){start, (size_t)(p - start)};
    if (u.authority.n != 0 && memchr(u.authority.p, '@', u.authority.n) != NULL)
        return "a user or password in the address is not allowed; use bearer or headers";
    u.host = u.authority;
    if (u.authority.n != 0 && u.authority.p[0] == '[') { /* an IPv6 literal has colons of its own */
        const char *close = memchr(u.authority.p, ']', u.authority.n);
        if (close == NULL)
            return "the [ of its IPv6 host is not closed";
        u.host.n = (size_t)(close + 1 - u.authority.p);
    } else if (u.authority.n != 0) {
        const char *colon = memchr(u.authority.p, ':', u.authority.n);
        if (colon != NULL)
            u.host.n = (size_t)(colon - u.authority.p);
    }
    u.port = (struct str){u.authority.p + u.host.n, u.authority.n - u.host.n};
    *ret = u;
    return NULL;
}

const char *url_fault(struct str url)
{
    struct url_parts u;
    if (url.n > URL_MAX)
        return "it is longer than 2048 bytes";
    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.p[i] <= 0x20 || (unsigned char)url.p[i] >= 0x7f)
            return "it holds a blank, a control byte or a byte beyond ASCII; write it percent-encoded";
    const char *fault = split(url, &u);
    if (fault != NULL)
        return fault;
    if (u.host.n == 0)
        return "it names no host";
    if (memchr(url.p, '#', url.n) != NULL)
        return "a #fragment means nothing to a server";
    for (size_t i = 0; i < u.host.n; i++)
        if (strchr("\"'<>\\^`{|}", u.host.p[i]) != NULL)
            return "its host holds a character that no host has";
    int64_t port;
    if (u.port.n != 0 && (u.port.p[0] != ':' || !str_to_i64((struct str){u.port.p + 1, u.port.n - 1}, &port) || port < 1 || port > 65535))
        return "its port is not a number from 1 to 65535";
    return NULL;
}

bool url_is_plaintext_remote(const char *url)
{
    struct url_parts u;
    if (split(str_of(url), &u) != NULL || u.tls)
        return false;
    return !str_eq_z(u.host, "localhost") && !str_eq_z(u.host, "[::1]") && !str_has_prefix(u.host, "127.");
}
