/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netcli/probe.h"
#include "netcli/probe_api.h"
#include "netcli/probe_print.h"

static struct arena arena;
static struct profiles profiles;
static struct errctx ctx;

static void setup(void)
{
    arena_init(&arena, 64 << 20);
    ck_assert_msg(profiles_load(NULL, &arena, &profiles, &ctx) == ERR_OK, "%s", ctx.text);
}

static void teardown(void)
{
    arena_fini(&arena);
}

static struct probe_report probe(const char *page)
{
    struct probe_report r;
    ck_assert_msg(probe_page(str_of(page), false, &profiles, NULL, &arena, &r, &ctx) == ERR_OK, "%s", ctx.text);
    return r;
}

static const struct probe_family *family(const struct probe_report *r, const char *name)
{
    for (size_t i = 0; i < r->family_count; i++) {
        if (strcmp(r->families[i].name, name) == 0)
            return &r->families[i];
    }
    ck_abort_msg("no family %s", name);
}

static const char page[] =
    "# TYPE litellm_proxy_total_requests_metric_total counter\n"
    "litellm_proxy_total_requests_metric_total{requested_model=\"m\",status_code=\"200\",route=\"/chat/completions\"} 5\n"
    "litellm_proxy_total_requests_metric_total{requested_model=\"m\",status_code=\"200\",route=\"/ui/settings\"} 5\n"
    "# TYPE litellm_proxy_total_requests_metric_created gauge\n"
    "litellm_proxy_total_requests_metric_created{requested_model=\"m\"} 1.7e9\n"
    "# TYPE litellm_request_total_latency_metric histogram\n"
    "litellm_request_total_latency_metric_bucket{le=\"1.0\",requested_model=\"m\"} 4\n"
    "litellm_request_total_latency_metric_bucket{le=\"+Inf\",requested_model=\"m\"} 5\n"
    "litellm_request_total_latency_metric_count{requested_model=\"m\"} 5\n"
    "litellm_request_total_latency_metric_sum{requested_model=\"m\"} 3.5\n"
    "# TYPE quite_something gauge\n"
    "quite_something{a=\"b\"} 1\n"
    "broken line here\n"
    "litellm_in_flight_requests 2\n";

START_TEST(a_page_is_told_apart_into_understood_left_out_and_unknown)
{
    struct probe_report r = probe(page);
    ck_assert_ptr_nonnull(r.profile);
    ck_assert_str_eq(r.profile->name, "litellm");
    ck_assert_uint_eq(r.series, 9);
    const struct probe_family *f = family(&r, "litellm_proxy_total_requests_metric_total");
    ck_assert_int_eq(f->fate, PROBE_UNDERSTOOD);
    ck_assert_uint_eq(f->series, 2);
    ck_assert_uint_eq(f->used, 1); /* the user interface's own requests are no inference */
    ck_assert_int_eq(f->signals[0], SIG_REQUESTS);
    ck_assert_int_eq(family(&r, "litellm_proxy_total_requests_metric_created")->fate, PROBE_LEFT_OUT);
    ck_assert_int_eq(family(&r, "quite_something")->fate, PROBE_UNKNOWN);
    ck_assert_uint_eq(family(&r, "litellm_request_total_latency_metric")->used, 4);
    ck_assert_uint_eq(r.warning_count, 1);
    ck_assert_uint_eq(r.warnings[0].line, 13);
}
END_TEST

START_TEST(buckets_that_do_not_rise_are_noted)
{
    const char *text = "litellm_request_total_latency_metric: le=\"+Inf\" holds less than the bucket below it: the lower one is believed";
    for (int inf = 3; inf <= 4; inf++) {
        char body[400];
        bool noted = false;
        ck_assert(str_format(body, sizeof body,
                             "litellm_request_total_latency_metric_bucket{le=\"1.0\",requested_model=\"m\"} 4\n"
                             "litellm_request_total_latency_metric_bucket{le=\"+Inf\",requested_model=\"m\"} %d\n"
                             "litellm_request_total_latency_metric_bucket{le=\"1.0\",requested_model=\"n\"} 1\n",
                             inf));
        struct probe_report r = probe(body);
        for (size_t i = 0; i < r.note_count; i++)
            noted = noted || strcmp(r.notes[i], text) == 0;
        ck_assert_int_eq(noted, inf < 4);
    }
}
END_TEST

START_TEST(what_is_no_exposition_is_named)
{
    ck_assert(probe("<!doctype html>\n<p>hello\n").is_html);
    ck_assert(probe("{\"a\": 1}\n").is_json);
    struct probe_report r = probe("something_else 1\n");
    ck_assert_ptr_null(r.profile);
    ck_assert_uint_eq(r.used, 0);
    ck_assert_uint_eq(family(&r, "something_else")->series, 1);
}
END_TEST

START_TEST(text_and_json_say_the_same)
{
    struct probe_report r = probe(page);
    struct http_result http = {.status = 200, .dns_ms = 1, .tcp_ms = 2, .tls_ms = -1, .total_ms = 9, .content_type = "text/plain"};
    const struct probe_outcome o = {.target = "http://x/", .http = &http, .page = &r, .skew_ms = -60000};
    struct buf text, json;
    buf_init(&text, 1 << 20);
    buf_init(&json, 1 << 20);
    ck_assert_int_eq(probe_print_text(&o, &text), ERR_OK);
    ck_assert_int_eq(probe_print_json(&o, &json), ERR_OK);
    static const char *const both[] = {
        "litellm_request_total_latency_metric", "quite_something", "litellm", "e2e", "http://x/", "broken line here"};
    for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
        ck_assert_msg(strstr(text.data, both[i]) != NULL, "text lacks %s", both[i]);
        ck_assert_msg(strstr(json.data, both[i]) != NULL, "json lacks %s", both[i]);
    }
    ck_assert_ptr_nonnull(strstr(text.data, "line 13"));
    ck_assert_ptr_nonnull(strstr(text.data, "1m behind"));
    buf_fini(&text);
    buf_fini(&json);
}
END_TEST

START_TEST(a_failed_step_says_what_to_do)
{
    static const struct {
        enum http_step step;
        int status;
        const char *word;
    } cases[] = {
        {HTTP_DNS, 0, "resolve"},
        {HTTP_TCP, 0, "port"},
        {HTTP_TLS, 0, "ca_file"},
        {HTTP_REDIRECT, 307, "redirects"},
        {HTTP_STATUS, 401, "bearer: {file"},
        {HTTP_STATUS, 404, "path"},
        {HTTP_TIME, 0, "timeout"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_result r = {
            .failed = cases[i].step, .status = cases[i].status, .dns_ms = -1, .tcp_ms = -1, .tls_ms = -1, .reason = "because"};
        if (cases[i].step == HTTP_TLS)
            r.advice = "a private authority's certificate goes into ca_file";
        struct buf out;
        const struct probe_outcome o = {.target = "http://x/", .http = &r};
        buf_init(&out, 1 << 16);
        ck_assert_int_eq(probe_print_text(&o, &out), ERR_OK);
        ck_assert_ptr_nonnull(strstr(out.data, "FAILED: because"));
        ck_assert_ptr_nonnull(strstr(out.data, http_step_name(cases[i].step)));
        ck_assert_ptr_nonnull(strstr(out.data, cases[i].word));
        buf_fini(&out);
    }
}
END_TEST

/* How often a text has a line that begins with the name of a step. */
static int lines_of(const char *text, const char *step)
{
    char begin[32];
    int n = 0;
    snprintf(begin, sizeof begin, "\n  %-11s ", step);
    for (const char *at = strstr(text, begin); at != NULL; at = strstr(at + 1, begin))
        n++;
    return n;
}

START_TEST(each_step_is_printed_once_with_what_became_of_it)
{
    static const struct {
        struct http_result r;
        const char *lines[5]; /* in this order, up to NULL */
    } cases[] = {
        {{.failed = HTTP_DNS, .url = "https://x/", .dns_ms = -1, .tcp_ms = -1, .tls_ms = -1, .first_byte_ms = -1, .reason = "because"},
         {"DNS         FAILED: because", "TCP         not reached", "TLS         not reached", "answer      not reached"}},
        {{.failed = HTTP_TCP, .url = "http://x/", .dns_ms = 3, .tcp_ms = -1, .tls_ms = -1, .first_byte_ms = -1, .reason = "because"},
         {"DNS         ok, 3 ms", "TCP         FAILED: because", "answer      not reached"}},
        {{.failed = HTTP_TLS, .url = "https://x/", .dns_ms = 3, .tcp_ms = -1, .tls_ms = -1, .first_byte_ms = -1, .reason = "because"},
         {"DNS         ok, 3 ms", "TCP         ok", "TLS         FAILED: because", "answer      not reached"}},
        {{.failed = HTTP_TIME, .url = "https://x/", .dns_ms = 3, .tcp_ms = -1, .tls_ms = -1, .first_byte_ms = -1, .reason = "because"},
         {"DNS         ok, 3 ms", "TCP         not completed in time", "TLS         not reached", "answer      not reached",
          "time        FAILED: because"}},
        {{.status = 200, .url = "https://x/", .dns_ms = 3, .tcp_ms = 4, .tls_ms = 5},
         {"DNS         ok, 3 ms", "TCP         ok, 4 ms", "TLS         ok, 5 ms", "answer      200"}},
    };
    static const char *const steps[] = {"DNS", "TCP", "TLS", "answer"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        const struct probe_outcome o = {.target = "http://x/", .http = &cases[i].r};
        buf_init(&out, 1 << 16);
        ck_assert_int_eq(probe_print_text(&o, &out), ERR_OK);
        const char *at = out.data;
        for (size_t k = 0; k < 5 && cases[i].lines[k] != NULL; k++) {
            at = strstr(at, cases[i].lines[k]);
            ck_assert_msg(at != NULL, "%s is not in its place in:\n%s", cases[i].lines[k], out.data);
        }
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++)
            ck_assert_msg(lines_of(out.data, steps[k]) <= 1, "%s stands there twice:\n%s", steps[k], out.data);
        buf_fini(&out);
    }
}
END_TEST

START_TEST(where_an_api_may_begin)
{
    static const struct {
        const char *url, *places[4];
    } cases[] = {
        {"http://p:9090", {"http://p:9090", NULL}},
        {"http://p:9090/", {"http://p:9090", NULL}},
        {"http://p:9090/graph?g0.expr=up#x", {"http://p:9090/graph", "http://p:9090", NULL}},
        {"http://p/a/b//", {"http://p/a/b", "http://p/a", "http://p", NULL}},
        {"http://p/select/0/prometheus/api/v1/query?query=/api/v1",
         {"http://p/select/0/prometheus", "http://p/select/0", "http://p/select"}},
        {"http://[::1]:9090/api/v1/", {"http://[::1]:9090", NULL}},
        {"no URL", {NULL}},
        {"https://", {"https://", NULL}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char base[PROBE_API_URL_MAX];
        for (unsigned k = 0; k < 3; k++) {
            bool found = probe_api_base(cases[i].url, k, base);
            ck_assert_msg(found == (cases[i].places[k] != NULL), "%s, place %u: %s", cases[i].url, k, found ? base : "none");
            if (!found)
                break;
            ck_assert_str_eq(base, cases[i].places[k]);
        }
    }
}
END_TEST

/* What an answer of something else does to it; that of an API is probed over HTTP in tests/sessions. */
START_TEST(what_is_no_api_is_not_taken_for_one)
{
    static const char *const bodies[] = {"<html></html>",
                                         "# TYPE a counter\na 1\n",
                                         "{\"detail\":\"Not Found\"}",
                                         "{\"status\":\"ok\"}",
                                         "[]",
                                         "",
                                         "{\"status\":\"success\",\"data\":{}}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct probe_api *api;
        struct source_request rq;
        ck_assert_int_eq(probe_api_new("http://p", &profiles, NULL, &arena, &api, &ctx), ERR_OK);
        ck_assert(probe_api_request(api, 1, &rq));
        ck_assert_str_eq(rq.url, "http://p/api/v1/query");
        enum err e = probe_api_feed(api, bodies[i], strlen(bodies[i]));
        if (e == ERR_OK)
            e = probe_api_finish(api, &ctx);
        ck_assert_msg(e == ERR_PARSE && !probe_api_has_answered(api), "%s: %s", bodies[i], err_name(e));
        probe_api_free(api);
    }
}
END_TEST

Suite *suite_probe(void);
Suite *suite_probe(void)
{
    Suite *s = suite_create("probe");
    TCase *c = tcase_create("probe");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, a_page_is_told_apart_into_understood_left_out_and_unknown);
    tcase_add_test(c, buckets_that_do_not_rise_are_noted);
    tcase_add_test(c, what_is_no_exposition_is_named);
    tcase_add_test(c, text_and_json_say_the_same);
    tcase_add_test(c, a_failed_step_says_what_to_do);
    tcase_add_test(c, each_step_is_printed_once_with_what_became_of_it);
    tcase_add_test(c, where_an_api_may_begin);
    tcase_add_test(c, what_is_no_api_is_not_taken_for_one);
    suite_add_tcase(s, c);
    return s;
}
