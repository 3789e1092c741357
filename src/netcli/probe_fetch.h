/* SPDX-License-Identifier: MIT */
/* The network part of probe and silence: one server, asked one thing after the other within the configuration's request budget. */
#ifndef GWTOP_NETCLI_PROBE_FETCH_H
#define GWTOP_NETCLI_PROBE_FETCH_H

#include "base/arena.h"
#include "base/buf.h"
#include "config/config.h"
#include "netcli/probe_api.h"
#include "record/http.h"

struct probe_fetch_options {
    const char *url;
    const struct config *cfg;
    const struct config_source *source; /* the configured one that is meant: its key, certificate and caps count. NULL = none */
    struct config_secret bearer;        /* in place of the source's, when given */
    const char *ca_file;
    bool insecure_tls;
    size_t max_body_bytes;
    const char *user_agent;
};

struct probe_fetch;
/* All borrowed. Errors: ERR_CONFIG (a URL or a key that may not be used), ERR_NOMEM, ERR_UNSUPPORTED, those of the key's file. */
enum err probe_fetch_open(const struct probe_fetch_options *opt, struct probe_fetch **ret, struct errctx *ctx) GW_MUST_USE;
void probe_fetch_close(struct probe_fetch *f);

/* GETs the URL into page. What became of it is in *ret. Errors: ERR_NOMEM, ERR_NET (of the library, not of the server). */
enum err probe_fetch_page(struct probe_fetch *f, struct buf *page, bool *ret_openmetrics, struct http_result *ret,
                          struct errctx *ctx) GW_MUST_USE;
/* Asks for a Prometheus API below base (of the URL's origin). *ret: what it has, NULL when none answers there; then ret_http says why.
 * Memory from a. Errors: as above. */
enum err probe_fetch_api(struct probe_fetch *f, const char *base, const struct profiles *ps, struct arena *a,
                         const struct probe_api_report **ret, struct http_result *ret_http, struct errctx *ctx) GW_MUST_USE;

/* One poll of a source by its own adapter, of at most so many answers, into the sink. *ret_remark: the adapter's, NULL = none. *ret_http:
 * of the last request. Errors: ERR_NOMEM, ERR_CONFIG. */
enum err probe_fetch_source(struct probe_fetch *f, const struct config_source *source, const struct source_sink *sink, uint32_t answers_max,
                            const char **ret_remark, struct http_result *ret_http, struct errctx *ctx) GW_MUST_USE;

/* POSTs a JSON text to url (of the URL's origin) over a connection of its own, once: never again and to nowhere else, whatever becomes of
 * it. The answer's body goes into answer, up to that buffer's limit. *ret: as of the first request, so that tcp_ms or tls_ms -1 tells that
 * nothing was sent. Errors: as above, ERR_CONFIG. */
enum err probe_fetch_post(struct probe_fetch *f, const char *url, struct str json, struct buf *answer, struct http_result *ret,
                          struct errctx *ctx) GW_MUST_USE;

#endif
