/* SPDX-License-Identifier: MIT */
#include "netcli/probe_print.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/timefmt.h"

enum { UNKNOWN_SHOWN = 40, SKEW_MS = 5000, LINE_COLUMNS = 100, CONFIGURATION_MAX = 16 * 1024 };

const char *probe_advice(const struct http_result *r)
{
    switch (r->failed) {
    case HTTP_DNS: return "check the spelling of the host, and that this machine can resolve it (getent hosts NAME)";
    case HTTP_TCP: return "check the port, that the server listens on this address, and firewalls in between";
    case HTTP_TLS: return r->advice == NULL ? "" : r->advice;
    case HTTP_REDIRECT: return "configure the address that it redirects to, if that is the right server";
    case HTTP_TIME: return "a page that takes this long is a load on the gateway, too; raise timeout only if that is accepted";
    case HTTP_STATUS:
        if (r->advice != NULL)
            return r->advice;
        if (r->status == 401 || r->status == 403)
            return "LiteLLM asks for a key at /metrics since 1.85 (require_auth_for_metrics_endpoint: false opens it): put any valid key "
                   "into a "
                   "file of mode 0600 and name it as bearer: {file: PATH} (probe: --bearer-file PATH)";
        if (r->status == 404)
            return "check the path; LiteLLM serves /metrics/ only with callbacks: [\"prometheus\"], vLLM serves /metrics";
        return "";
    case HTTP_CONTENT:
    case HTTP_BODY:
    case HTTP_SEND:
    case HTTP_DONE: return "";
    }
    return "";
}

static const char *tier_name(enum profile_tier t)
{
    return t == TIER_GATEWAY ? "gateway" : t == TIER_TELEMETRY ? "telemetry" : "engine";
}

/* The first failure sticks in *e. */
#define PUT(...)                                                                                                                           \
    do {                                                                                                                                   \
        if (*e == ERR_OK)                                                                                                                  \
            *e = buf_printf(out, __VA_ARGS__);                                                                                             \
    } while (0)

/* Why, and what to do, under the name of the step that failed. */
static void put_failure(const struct http_result *r, struct buf *out, enum err *e)
{
    PUT("  %-11s FAILED: %s\n", http_step_name(r->failed), r->reason);
    if (strstr(r->reason, probe_advice(r)) == NULL) /* "" is in all reasons */
        PUT("  %-11s %s\n", "what to do", probe_advice(r));
}

/* The steps to a connection, each once with what became of it: what comes after the one that failed was not reached. */
static void put_connection(const struct http_result *r, struct buf *out, enum err *e)
{
    const struct {
        enum http_step step;
        int64_t ms;
    } road[] = {{HTTP_DNS, r->dns_ms}, {HTTP_TCP, r->tcp_ms}, {HTTP_TLS, r->tls_ms}};
    const bool encrypted = strncmp(r->url, "https:", 6) == 0 || r->failed == HTTP_TLS;
    const bool no_answer = r->failed == HTTP_TIME && r->first_byte_ms < 0; /* it waited for one of them, or for the server */
    bool stopped = false;
    for (size_t i = 0; i < sizeof road / sizeof *road && (road[i].step != HTTP_TLS || encrypted); i++) {
        const char *name = http_step_name(road[i].step);
        if (r->failed == road[i].step)
            put_failure(r, out, e);
        else if (stopped)
            PUT("  %-11s not reached\n", name);
        else if (road[i].ms >= 0)
            PUT("  %-11s ok, %lld ms\n", name, (long long)road[i].ms);
        else if (r->failed == HTTP_TLS && road[i].step == HTTP_TCP) /* libcurl counts a connection only once TLS stands */
            PUT("  %-11s ok\n", name);
        else if (no_answer)
            PUT("  %-11s not completed in time\n", name);
        stopped = stopped || r->failed == road[i].step || (no_answer && road[i].ms < 0);
    }
    if (stopped)
        PUT("  %-11s not reached\n", "answer");
}

static void put_http(const struct http_result *r, int64_t skew_ms, struct buf *out, enum err *e)
{
    put_connection(r, out, e);
    if (r->cert_expiry_ms > 0) {
        char day[TIMEFMT_MAX];
        instant_format_iso(r->cert_expiry_ms, day);
        PUT("  %-11s %sexpires %s\n", "certificate", r->unverified ? "NOT VERIFIED (insecure_tls), " : "", day);
    }
    if (r->redirects > 0 && r->redirect_to[0] != '\0')
        PUT("  %-11s to %s\n", "redirect", r->redirect_to);
    if (r->status > 0)
        PUT("  %-11s %d, %s, %lld bytes in %lld ms\n", "answer", r->status,
            r->content_type[0] != '\0' ? r->content_type : "no Content-Type", (long long)r->bytes, (long long)r->total_ms);
    if (skew_ms > SKEW_MS || skew_ms < -SKEW_MS) {
        char by[TIMEFMT_MAX];
        duration_format(llabs(skew_ms), by);
        PUT("  %-11s the server's clock is %s %s\n", "clock", by, skew_ms > 0 ? "ahead" : "behind");
    }
    if (r->failed != HTTP_DONE && r->failed != HTTP_DNS && r->failed != HTTP_TCP && r->failed != HTTP_TLS)
        put_failure(r, out, e);
}

static void put_understood(const struct probe_report *r, struct buf *out, enum err *e)
{
    PUT("\nunderstood\n");
    for (size_t i = 0; i < r->family_count; i++) {
        const struct probe_family *f = &r->families[i];
        if (f->fate != PROBE_UNDERSTOOD)
            continue;
        PUT("  %-52s %6u series  ->", f->name, f->used);
        for (uint32_t k = 0; k < f->signal_count; k++)
            PUT(" %s", signal_info(f->signals[k])->name);
        if (f->metric->note != NULL)
            PUT("  (%s)", f->metric->note);
        PUT("\n");
    }
}

static void put_unknown(const struct probe_report *r, struct buf *out, enum err *e)
{
    size_t count = 0, shown = 0;
    for (size_t i = 0; i < r->family_count; i++)
        count += r->families[i].fate == PROBE_UNKNOWN;
    if (count == 0)
        return;
    PUT("\nnot understood: %zu families\n", count);
    for (size_t i = 0; i < r->family_count && shown < UNKNOWN_SHOWN; i++) {
        const struct probe_family *f = &r->families[i];
        if (f->fate != PROBE_UNKNOWN)
            continue;
        shown++;
        PUT("  %-52s %6u series\n", f->name, f->series);
    }
    if (shown < count)
        PUT("  and %zu more\n", count - shown);
}

/* Families left out for one reason, as a wrapped list. why: one of the static sentences. */
static void put_reason(const struct probe_report *r, const char *why, struct buf *out, enum err *e)
{
    size_t count = 0, column = LINE_COLUMNS;
    for (size_t i = 0; i < r->family_count; i++)
        count += r->families[i].fate == PROBE_LEFT_OUT && r->families[i].why == why;
    PUT("  %s: %zu", why, count);
    for (size_t i = 0; i < r->family_count; i++) {
        const struct probe_family *f = &r->families[i];
        if (f->fate != PROBE_LEFT_OUT || f->why != why)
            continue;
        size_t n = strlen(f->name) + 2;
        if (column + n > LINE_COLUMNS)
            PUT("\n    %s", f->name);
        else
            PUT("  %s", f->name);
        column = column + n > LINE_COLUMNS ? n + 4 : column + n;
    }
    PUT("\n");
}

static void put_left_out(const struct probe_report *r, struct buf *out, enum err *e)
{
    bool begun = false;
    for (size_t i = 0; i < r->family_count; i++) {
        const char *why = r->families[i].fate == PROBE_LEFT_OUT ? r->families[i].why : NULL;
        for (size_t k = 0; k < i && why != NULL; k++) {
            if (r->families[k].fate == PROBE_LEFT_OUT && r->families[k].why == why)
                why = NULL; /* printed with the first of its kind */
        }
        if (why == NULL)
            continue;
        if (!begun)
            PUT("\nleft out\n");
        begun = true;
        put_reason(r, why, out, e);
    }
}

static void put_page(const struct probe_report *r, struct buf *out, enum err *e)
{
    if (r->is_html || r->is_json) {
        PUT("  %-11s FAILED: it is %s, not an exposition%s\n", "content", r->is_html ? "an HTML page" : "JSON",
            r->is_html ? " (a login or error page?)" : "; a Prometheus API is configured with prometheus: instead of metrics:");
        return;
    }
    PUT("  %-11s %zu series in %zu families, %s, %zu warning%s\n", "exposition", r->series, r->family_count,
        r->openmetrics ? "OpenMetrics" : "text 0.0.4", r->warning_count, r->warning_count == 1 ? "" : "s");
    if (r->profile == NULL)
        PUT("  %-11s none: no profile knows these families; see gwtop-profiles(5) for how to write one\n", "profile");
    else
        PUT("  %-11s %s (%s), tier %s; %zu of %zu series used\n", "profile", r->profile->name, r->profile->title,
            tier_name(r->profile->tier), r->used, r->series);
    if (r->profile != NULL && r->used > 0)
        put_understood(r, out, e);
    put_unknown(r, out, e);
    put_left_out(r, out, e);
    for (size_t i = 0; i < r->warning_count && i < PROBE_WARNINGS_MAX; i++)
        PUT("%sline %zu: %s: %s\n", i == 0 ? "\nwarnings\n  " : "  ", r->warnings[i].line, r->warnings[i].what, r->warnings[i].text);
    if (r->warning_count > PROBE_WARNINGS_MAX)
        PUT("  and %zu more\n", r->warning_count - PROBE_WARNINGS_MAX);
    for (size_t i = 0; i < r->note_count; i++)
        PUT("%s%s\n", i == 0 ? "\nnotes\n  " : "  ", r->notes[i]);
}

/* What to write into the configuration. */
static void put_source(const struct probe_outcome *o, const char *indent, struct buf *out, enum err *e)
{
    PUT("%ssources:\n%s  - name: prometheus\n%s    prometheus: %s\n", indent, indent, indent, o->api->base);
    if (o->bearer_file != NULL)
        PUT("%s    bearer: {file: %s}\n", indent, o->bearer_file);
    if (o->ca_file != NULL)
        PUT("%s    ca_file: %s\n", indent, o->ca_file);
}

static void put_api_profile(const struct probe_api_profile *p, struct buf *out, enum err *e)
{
    size_t column = LINE_COLUMNS;
    PUT("\n  %-11s %llu series of %zu families in %u target%s (", p->profile->name, (unsigned long long)p->series, p->family_count,
        p->targets, p->targets == 1 ? "" : "s");
    for (size_t i = 0; i < PROBE_API_EXAMPLES && p->example[i] != NULL; i++)
        PUT("%s%s", i == 0 ? "" : ", ", p->example[i]);
    PUT("%s)", p->targets > PROBE_API_EXAMPLES ? ", ..." : "");
    for (size_t i = 0; i < p->family_count; i++) {
        size_t n = strlen(p->families[i]) + 2;
        PUT("%s%s", column + n > LINE_COLUMNS ? "\n    " : "  ", p->families[i]);
        column = column + n > LINE_COLUMNS ? n + 4 : column + n;
    }
    PUT("\n");
}

static void put_api(const struct probe_outcome *o, struct buf *out, enum err *e)
{
    const struct probe_api_report *r = o->api;
    PUT("  %-11s a Prometheus-compatible API answers at %s\n", "API", r->base);
    if (r->targets == 0)
        PUT("  %-11s nothing that a profile knows has series there now\n", "profiles");
    else
        PUT("  %-11s %u target%s that a profile knows\n", "profiles", r->targets, r->targets == 1 ? "" : "s");
    if (r->warning != NULL)
        PUT("  %-11s %s\n", "it says", r->warning);
    for (size_t i = 0; i < r->profile_count; i++)
        put_api_profile(&r->profiles[i], out, e);
    if (o->configured)
        return;
    PUT("\nto use it\n");
    put_source(o, "  ", out, e);
}

static const char *kind_name(enum score_kind k)
{
    return k == SCORE_NUMBER ? "number" : k == SCORE_BOOL ? "boolean" : "label";
}

static void put_scores(const struct probe_scores *p, struct buf *out, enum err *e)
{
    PUT("  %-11s %zu score%s in the last hour%s\n", "scores", p->total, p->total == 1 ? "" : "s",
        p->whole ? "" : ", and more: only some pages were read");
    if (p->remark != NULL)
        PUT("  %-11s %s\n", "remark", p->remark);
    if (p->warning_count > 0)
        PUT("  %-11s %zu: %s\n", "left out", p->warning_count, p->warning);
    for (size_t i = 0; i < p->name_count; i++) {
        const struct probe_score_name *n = &p->names[i];
        PUT("%s  %-32s %6zu %s%s, %zu bad%s%s\n", i == 0 ? "\nunderstood\n" : "", n->name, n->n, kind_name(n->kind), n->n == 1 ? "" : "s",
            n->bad, n->has_model ? ", with model" : "", n->has_judge ? ", with judge" : "");
        if (n->refused > 0)
            PUT("  %-32s %6zu of them left out: %s\n", "", n->refused, n->why);
    }
}

static void put_changes(const struct probe_changes *p, struct buf *out, enum err *e)
{
    char at[TIMEFMT_MAX];
    if (p->is_page)
        PUT("  %-11s %s%s\n", "page", p->said, p->posted > 1 ? ", and more" : "");
    PUT("  %-11s %zu change%s\n", "told", p->total, p->total == 1 ? "" : "s");
    if (p->remark != NULL)
        PUT("  %-11s %s\n", "remark", p->remark);
    if (p->warning_count > 0)
        PUT("  %-11s %zu: %s\n", "left out", p->warning_count, p->warning);
    for (size_t i = 0; i < p->count; i++) {
        const struct probe_change *c = &p->list[i];
        instant_format_iso(c->at_ms, at);
        PUT("%s  %s %s%s%s: %s\n", i == 0 ? "\nunderstood\n" : "", at, event_kind_name(c->kind), c->scope[0] != '\0' ? " of " : "",
            c->scope, c->text);
    }
    if (p->total > p->count)
        PUT("  and %zu more\n", p->total - p->count);
}

enum err probe_print_text(const struct probe_outcome *o, struct buf *out)
{
    enum err err = ERR_OK, *e = &err;
    PUT("%s\n", o->target);
    if (o->file_error != NULL)
        PUT("  %-11s FAILED: %s\n", "file", o->file_error);
    if (o->file_advice != NULL)
        PUT("  %-11s %s\n", "what to do", o->file_advice);
    if (o->http != NULL)
        put_http(o->http, o->skew_ms, out, e);
    if (o->api != NULL)
        put_api(o, out, e);
    if (o->scores != NULL)
        put_scores(o->scores, out, e);
    if (o->changes != NULL)
        put_changes(o->changes, out, e);
    if (o->page != NULL)
        put_page(o->page, out, e);
    return err;
}

static void json_time(struct json *w, const char *name, int64_t ms)
{
    if (ms >= 0)
        json_i64(w, name, ms);
    else
        json_null(w, name);
}

static void json_http(struct json *w, const struct http_result *r, int64_t skew_ms)
{
    json_object(w, "http");
    json_string(w, "url", r->url);
    json_time(w, "dns_ms", r->dns_ms);
    json_time(w, "tcp_ms", r->tcp_ms);
    json_time(w, "tls_ms", r->tls_ms);
    json_i64(w, "redirects", r->redirects);
    json_string(w, "redirect_to", r->redirect_to[0] != '\0' ? r->redirect_to : NULL);
    if (r->status > 0)
        json_i64(w, "status", r->status);
    else
        json_null(w, "status");
    json_string(w, "content_type", r->content_type);
    json_i64(w, "bytes", r->bytes);
    json_time(w, "total_ms", r->total_ms);
    if (r->date_ms > 0)
        json_i64(w, "clock_skew_ms", skew_ms);
    else
        json_null(w, "clock_skew_ms");
    if (r->cert_expiry_ms > 0)
        json_i64(w, "certificate_expiry_ms", r->cert_expiry_ms);
    else
        json_null(w, "certificate_expiry_ms");
    if (r->cert_expiry_ms > 0)
        json_bool(w, "certificate_verified", !r->unverified && r->failed != HTTP_TLS);
    else
        json_null(w, "certificate_verified");
    json_end(w);
}

static void json_family(struct json *w, const struct probe_family *f)
{
    static const char *const fates[] = {"understood", "left_out", "unknown"};
    json_object(w, NULL);
    json_string(w, "name", f->name);
    json_string(w, "fate", fates[f->fate]);
    json_i64(w, "series", f->series);
    json_i64(w, "used", f->used);
    json_array(w, "signals");
    for (uint32_t k = 0; k < f->signal_count; k++)
        json_string(w, NULL, signal_info(f->signals[k])->name);
    json_end(w);
    if (f->why != NULL)
        json_string(w, "why", f->why);
    json_end(w);
}

static void json_page(struct json *w, const struct probe_report *r)
{
    json_object(w, "page");
    json_string(w, "format", r->is_html ? "html" : r->is_json ? "json" : r->openmetrics ? "openmetrics" : "text");
    json_i64(w, "series", (int64_t)r->series);
    json_i64(w, "used", (int64_t)r->used);
    json_string(w, "profile", r->profile == NULL ? NULL : r->profile->name);
    json_array(w, "families");
    for (size_t i = 0; i < r->family_count; i++)
        json_family(w, &r->families[i]);
    json_end(w);
    json_i64(w, "warning_count", (int64_t)r->warning_count);
    json_array(w, "warnings");
    for (size_t i = 0; i < r->warning_count && i < PROBE_WARNINGS_MAX; i++) {
        json_object(w, NULL);
        json_i64(w, "line", (int64_t)r->warnings[i].line);
        json_string(w, "what", r->warnings[i].what);
        json_string(w, "text", r->warnings[i].text);
        json_end(w);
    }
    json_end(w);
    json_array(w, "notes");
    for (size_t i = 0; i < r->note_count; i++)
        json_string(w, NULL, r->notes[i]);
    json_end(w);
    json_end(w);
}

static void json_api(struct json *w, const struct probe_outcome *o)
{
    const struct probe_api_report *r = o->api;
    struct buf text;
    enum err e = ERR_OK;
    json_object(w, "prometheus_api");
    json_string(w, "url", r->base);
    json_i64(w, "targets", r->targets);
    json_array(w, "profiles");
    for (size_t i = 0; i < r->profile_count; i++) {
        const struct probe_api_profile *p = &r->profiles[i];
        json_object(w, NULL);
        json_string(w, "profile", p->profile->name);
        json_i64(w, "targets", p->targets);
        json_i64(w, "series", (int64_t)p->series);
        json_array(w, "families");
        for (size_t k = 0; k < p->family_count; k++)
            json_string(w, NULL, p->families[k]);
        json_end(w);
        json_end(w);
    }
    json_end(w);
    json_string(w, "warning", r->warning);
    buf_init(&text, CONFIGURATION_MAX);
    put_source(o, "", &text, &e);
    json_string(w, "configuration", o->configured || e != ERR_OK ? NULL : text.data);
    buf_fini(&text);
    json_end(w);
}

static void json_scores(struct json *w, const struct probe_scores *p)
{
    json_object(w, "scores");
    json_i64(w, "total", (int64_t)p->total);
    json_bool(w, "whole", p->whole);
    json_i64(w, "warning_count", (int64_t)p->warning_count);
    json_string(w, "warning", p->warning_count > 0 ? p->warning : NULL);
    json_string(w, "remark", p->remark);
    json_array(w, "names");
    for (size_t i = 0; i < p->name_count; i++) {
        const struct probe_score_name *n = &p->names[i];
        json_object(w, NULL);
        json_string(w, "name", n->name);
        json_string(w, "kind", kind_name(n->kind));
        json_i64(w, "n", (int64_t)n->n);
        json_i64(w, "bad", (int64_t)n->bad);
        json_i64(w, "left_out", (int64_t)n->refused);
        json_string(w, "why", n->refused > 0 ? n->why : NULL);
        json_bool(w, "has_model", n->has_model);
        json_bool(w, "has_judge", n->has_judge);
        json_end(w);
    }
    json_end(w);
    json_end(w);
}

static void json_changes(struct json *w, const struct probe_changes *p)
{
    char at[TIMEFMT_MAX];
    json_object(w, "changes");
    json_string(w, "page", p->is_page ? p->said : NULL);
    json_i64(w, "total", (int64_t)p->total);
    json_i64(w, "warning_count", (int64_t)p->warning_count);
    json_string(w, "warning", p->warning_count > 0 ? p->warning : NULL);
    json_string(w, "remark", p->remark);
    json_array(w, "first");
    for (size_t i = 0; i < p->count; i++) {
        instant_format_iso(p->list[i].at_ms, at);
        json_object(w, NULL);
        json_string(w, "at", at);
        json_string(w, "kind", event_kind_name(p->list[i].kind));
        json_string(w, "scope", p->list[i].scope);
        json_string(w, "text", p->list[i].text);
        json_end(w);
    }
    json_end(w);
    json_end(w);
}

enum err probe_print_json(const struct probe_outcome *o, struct buf *out)
{
    struct json w;
    json_begin(&w, out, true);
    json_object(&w, NULL);
    json_string(&w, "target", o->target);
    bool failed = o->http != NULL && o->http->failed != HTTP_DONE;
    json_string(&w, "failed_step", o->file_error != NULL ? "file" : failed ? http_step_name(o->http->failed) : NULL);
    json_string(&w, "reason", o->file_error != NULL ? o->file_error : failed ? o->http->reason : NULL);
    const char *advice = o->file_advice != NULL ? o->file_advice : failed ? probe_advice(o->http) : "";
    json_string(&w, "what_to_do", advice[0] != '\0' ? advice : NULL);
    if (o->http != NULL)
        json_http(&w, o->http, o->skew_ms);
    if (o->api != NULL)
        json_api(&w, o);
    if (o->scores != NULL)
        json_scores(&w, o->scores);
    if (o->changes != NULL)
        json_changes(&w, o->changes);
    if (o->page != NULL)
        json_page(&w, o->page);
    json_end(&w);
    return w.err == ERR_OK ? buf_append_char(out, '\n') : w.err;
}
