/* SPDX-License-Identifier: MIT */
#include "source/prom_targets.h"
#include "unit/source/sink_log.h"

#define NOW INT64_C(1800000000000)

static struct arena arena;
static struct profiles profiles;
static struct config_source cfg;
static struct sink_log logged;
static struct source_sink sink;
static struct source *s;
static struct errctx ctx;
static char out[1 << 16];

static void open_source(void)
{
    sink = sink_log_sink(&logged);
    ck_assert_msg(source_prometheus.open(&cfg, &profiles, &sink, &s, &ctx) == ERR_OK, "%s", ctx.text);
}

static void setup(void)
{
    arena_init(&arena, 16 << 20);
    ck_assert_msg(profiles_load(NULL, &arena, &profiles, &ctx) == ERR_OK, "%s", ctx.text);
    cfg = (struct config_source){.name = "prom",
                                 .kind = SOURCE_PROMETHEUS,
                                 .url = "http://p:9090/",
                                 .gateway = "g",
                                 .interval_ms = 15000,
                                 .lag_ms = 30000,
                                 .backfill_ms = 60000,
                                 .max_body_bytes = 1 << 20,
                                 .match = "env=\"prod\""};
    open_source();
}

static void teardown(void)
{
    s->ops->close(s);
    buf_fini(&logged.text);
    arena_fini(&arena);
}

/* The next request, its form decoded enough to be read. */
static bool next(int64_t now, char *form, size_t cap)
{
    struct source_request rq;
    if (!s->ops->request(s, now, &rq))
        return false;
    size_t n = 0;
    n += (size_t)snprintf(form, cap, "%s ", rq.url);
    for (size_t i = 0; i < rq.form.n && n + 1 < cap; i++) {
        unsigned c = (unsigned char)rq.form.p[i];
        if (c == '%') {
            ck_assert_int_eq(sscanf(rq.form.p + i + 1, "%2x", &c), 1);
            i += 2;
        }
        form[n++] = (char)c;
    }
    form[n] = '\0';
    return true;
}

static enum err answer(const char *body)
{
    const struct source_answer head = {.content_type = "application/json", .open_ended = false};
    s->ops->begin(s, &head);
    enum err e = s->ops->feed(s, body, strlen(body), &ctx);
    return e == ERR_OK ? s->ops->finish(s, &ctx) : e;
}

#define VECTOR(...) "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[" __VA_ARGS__ "]}}"
#define MATRIX(...) "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" __VA_ARGS__ "]}}"
#define FOUND(name, job, instance)                                                                                                         \
    "{\"metric\":{\"__name__\":\"" name "\",\"job\":\"" job "\",\"instance\":\"" instance "\"},\"value\":[1,\"1\"]}"
#define SERIES(name, job, instance, points)                                                                                                \
    "{\"metric\":{\"__name__\":\"" name "\",\"job\":\"" job "\",\"instance\":\"" instance "\",\"engine\":\"0\"},\"values\":[" points "]}"

static void discover(void)
{
    char form[8192];
    ck_assert(next(NOW, form, sizeof form));
    ck_assert_int_eq(strncmp(form, "http://p:9090/api/v1/query query=count by (__name__,job,instance)({__name__=~\"", 70), 0);
    ck_assert_ptr_nonnull(strstr(form, "vllm:.*"));
    ck_assert_ptr_nonnull(strstr(form, "litellm_.*"));
    ck_assert_ptr_nonnull(strstr(form, ",env=\"prod\"})&time=1799999970.000"));
    ck_assert_int_eq(answer(VECTOR(FOUND("vllm:num_requests_running", "v", "h:1") "," FOUND("vllm:num_requests_waiting", "v", "h:1"))),
                     ERR_OK);
}

START_TEST(raw_samples_are_read_window_by_window_none_twice_and_none_left_out)
{
    char form[16384];
    discover();
    ck_assert(next(NOW, form, sizeof form)); /* 60 s of back-fill up to now - lag = 1799999970 */
    ck_assert_ptr_nonnull(strstr(form, "/api/v1/query query={__name__=~\"process_start_time_seconds|"));
    ck_assert_ptr_nonnull(strstr(form, "|vllm:time_to_first_token_seconds(_bucket|_sum|_count)?"));
    ck_assert_ptr_nonnull(strstr(form, "\",job=~\"v\",env=\"prod\"}[60000ms]&time=1799999970.000"));
    /* the first point is the end of a window before: Prometheus 2 gives it again */
    ck_assert_int_eq(
        answer(MATRIX(SERIES("vllm:num_requests_running", "v", "h:1",
                             "[1799999910,\"9\"],[1799999925.5,\"1\"],[1799999940.5,\"2\"]") "," SERIES("vllm:num_requests_waiting", "v",
                                                                                                        "h:1", "[1799999940.5,\"7\"]"))),
        ERR_OK);
    ck_assert_str_eq(sink_log_take(&logged, out, sizeof out),
                     "begin h:1 vllm 1799999925500\nsample vllm:num_requests_running{job=v,instance=h:1,engine=0} 1\nend\n"
                     "begin h:1 vllm 1799999940500\nsample vllm:num_requests_running{job=v,instance=h:1,engine=0} 2\n"
                     "sample vllm:num_requests_waiting{job=v,instance=h:1,engine=0} 7\nend\n");
    ck_assert(!next(NOW, form, sizeof form));
    ck_assert(next(NOW + 15000, form, sizeof form)); /* the next one begins where this one ended */
    ck_assert_ptr_nonnull(strstr(form, "[15000ms]&time=1799999985.000"));
}
END_TEST

START_TEST(back_fill_goes_from_old_to_new_and_is_marked)
{
    char form[16384];
    int64_t covered = NOW - 30000 - 3600000;
    int windows = 0;
    s->ops->close(s);
    buf_fini(&logged.text);
    cfg.backfill_ms = 3600000;
    open_source();
    discover();
    while (next(NOW, form, sizeof form)) {
        char body[600];
        long long width, at, ms;
        ck_assert_int_eq(sscanf(strstr(form, "}["), "}[%lldms]&time=%lld.%lld", &width, &at, &ms), 3);
        ck_assert_int_eq(at * 1000 + ms - width, covered);
        covered = at * 1000 + ms;
        snprintf(body, sizeof body, MATRIX(SERIES("vllm:num_requests_running", "v", "h:1", "[%lld,\"1\"]")), at);
        ck_assert_int_eq(answer(body), ERR_OK);
        bool past = strstr(sink_log_take(&logged, out, sizeof out), " past") != NULL;
        ck_assert(past == (covered < NOW - 30000 - 45000 - 60000));
        windows++;
    }
    ck_assert_int_eq(covered, NOW - 30000);
    ck_assert_int_lt(windows, 8); /* they grow while answers are small */
}
END_TEST

START_TEST(a_window_that_is_too_much_is_halved_and_at_last_read_in_steps)
{
    char form[16384];
    int shrunk = 0;
    s->ops->close(s);
    buf_fini(&logged.text);
    cfg.backfill_ms = 3600000;
    open_source();
    discover();
    long long last = 1000000;
    while (next(NOW, form, sizeof form) && strstr(form, "query_range") == NULL) {
        long long width;
        ck_assert_int_eq(sscanf(strstr(form, "}["), "}[%lld", &width), 1);
        ck_assert_int_lt(width, last);
        last = width;
        ck_assert(s->ops->fail(s, 422)); /* not a failure: the poll goes on */
        ck_assert_int_lt(++shrunk, 10);
    }
    ck_assert_ptr_nonnull(strstr(form, "&step=15.000"));
    ck_assert_ptr_nonnull(strstr(s->ops->remark(s), "query_range"));
    ck_assert(!s->ops->fail(s, 422)); /* now it is one */
    ck_assert(!next(NOW, form, sizeof form));
}
END_TEST

START_TEST(a_server_that_is_not_up_yet_is_left_alone_and_refuses_nothing)
{
    static const int not_up[] = {503, 503, 504};
    static const char *const asked[] = {"}[60000ms]", "}[30000ms]", "}[30000ms]"}; /* less each time, though not in the same poll */
    char form[16384];
    discover();
    for (int i = 0; i < 3; i++) {
        ck_assert(next(NOW + i * 15000, form, sizeof form));
        ck_assert_msg(strstr(form, asked[i]) != NULL, "%s", form);
        ck_assert(!s->ops->fail(s, not_up[i]));
        ck_assert(!next(NOW + i * 15000, form, sizeof form));
        ck_assert_ptr_null(s->ops->remark(s));
    }
}
END_TEST

START_TEST(steps_are_said_while_they_serve_and_samples_asked_for_after_each_discovery)
{
    char form[16384];
    int64_t t = NOW;
    discover();
    ck_assert(next(t, form, sizeof form));
    ck_assert(s->ops->fail(s, 422)); /* 60 s, then 30 s, the smallest */
    ck_assert(next(t, form, sizeof form));
    ck_assert(s->ops->fail(s, 422));
    for (int round = 0; round < 2; round++) { /* refused after a discovery, then taken */
        while (next(t, form, sizeof form)) {
            ck_assert_ptr_nonnull(strstr(form, "query_range"));
            ck_assert_int_eq(answer(MATRIX(SERIES("vllm:num_requests_running", "v", "h:1", "[1799999940,\"1\"]"))), ERR_OK);
        }
        ck_assert_ptr_nonnull(strstr(s->ops->remark(s), "query_range"));
        t += 300000;
        ck_assert(next(t, form, sizeof form));
        ck_assert_ptr_nonnull(strstr(form, "count by"));
        ck_assert_int_eq(answer(VECTOR(FOUND("vllm:num_requests_running", "v", "h:1"))), ERR_OK);
        ck_assert_ptr_nonnull(strstr(s->ops->remark(s), "query_range"));
        ck_assert(next(t, form, sizeof form));
        ck_assert_ptr_null(strstr(form, "query_range"));
        if (round == 0)
            ck_assert(s->ops->fail(s, 422));
    }
    ck_assert_int_eq(answer(MATRIX(SERIES("vllm:num_requests_running", "v", "h:1", "[1800000540,\"1\"]"))), ERR_OK);
    ck_assert_ptr_null(s->ops->remark(s));
}
END_TEST

START_TEST(a_window_without_a_sample_is_read)
{
    char form[16384];
    discover();
    ck_assert(next(NOW, form, sizeof form));
    ck_assert_int_eq(answer(MATRIX("")), ERR_OK);
    ck_assert_str_eq(sink_log_take(&logged, out, sizeof out), "");
    ck_assert(!next(NOW, form, sizeof form));
    ck_assert(next(NOW + 15000, form, sizeof form));
    ck_assert_ptr_nonnull(strstr(form, "[15000ms]&time=1799999985.000"));
}
END_TEST

START_TEST(a_failure_leaves_the_mark_where_it_was)
{
    char form[16384];
    discover();
    ck_assert(next(NOW, form, sizeof form));
    ck_assert(!s->ops->fail(s, 0));
    ck_assert(!next(NOW, form, sizeof form));
    ck_assert(next(NOW + 15000, form, sizeof form));
    ck_assert_ptr_nonnull(strstr(form, "[75000ms]&time=1799999985.000"));
}
END_TEST

START_TEST(the_servers_own_error_is_the_reason)
{
    char form[16384];
    discover();
    ck_assert(next(NOW, form, sizeof form));
    ck_assert_int_ne(answer("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"no such thing\"}"), ERR_OK);
    ck_assert_ptr_nonnull(strstr(ctx.text, "no such thing"));
    ck_assert(!next(NOW, form, sizeof form));
}
END_TEST

START_TEST(an_answer_that_is_none_is_told_apart)
{
    static const struct {
        const char *body, *reason;
    } cases[] = {
        {"# TYPE a counter\na 1\n", "a page is configured with metrics: instead of prometheus:"},
        {"\n a_total 1\n", "a page is configured with metrics: instead of prometheus:"},
        {"<html><title>Sign in</title></html>", "an HTML page"},
        {"[1]", "no answer of the Prometheus API"},
        {"{\"status\":\"maybe\"}", "query answer, byte 10: status is neither success nor error"},
    };
    char form[16384];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert(next(NOW + (int64_t)i * 15000, form, sizeof form));
        ck_assert_int_ne(answer(cases[i].body), ERR_OK);
        ck_assert_msg(strstr(ctx.text, cases[i].reason) != NULL, "%s", ctx.text);
        ck_assert(!s->ops->fail(s, 200));
        ck_assert(!next(NOW, form, sizeof form));
    }
}
END_TEST

START_TEST(partial_answers_are_a_warning_of_their_polls)
{
    char form[16384];
    discover();
    ck_assert(next(NOW, form, sizeof form));
    ck_assert_int_eq(
        answer("{\"status\":\"success\",\"warnings\":[\"a store is gone\"],\"data\":{\"resultType\":\"matrix\",\"result\":[" SERIES(
            "vllm:num_requests_running", "v", "h:1", "[1799999940,\"2\"]") "]}}"),
        ERR_OK);
    ck_assert_ptr_nonnull(strstr(sink_log_take(&logged, out, sizeof out), "warn 0 the server says: a store is gone"));
}
END_TEST

START_TEST(two_jobs_on_one_instance_are_two_targets)
{
    char form[16384];
    ck_assert(next(NOW, form, sizeof form));
    ck_assert_int_eq(answer(VECTOR(FOUND("vllm:num_requests_running", "a", "h:1") "," FOUND("vllm:num_requests_running", "b", "h:1"))),
                     ERR_OK);
    ck_assert(next(NOW, form, sizeof form));
    ck_assert_ptr_nonnull(strstr(form, "job=~\"a|b\""));
    ck_assert_int_eq(answer(MATRIX(SERIES("vllm:num_requests_running", "a", "h:1", "[1799999940,\"1\"]") "," SERIES(
                         "vllm:num_requests_running", "b", "h:1", "[1799999940,\"2\"]") "," SERIES("vllm:num_requests_running", "c", "h:1",
                                                                                                   "[1799999940,\"3\"]"))),
                     ERR_OK);
    ck_assert_str_eq(sink_log_take(&logged, out, sizeof out),
                     "begin h:1 vllm 1799999940000\nsample vllm:num_requests_running{job=a,instance=h:1,engine=0} 1\nend\n"
                     "begin b/h:1 vllm 1799999940000\nsample vllm:num_requests_running{job=b,instance=h:1,engine=0} 2\nend\n");
}
END_TEST

/* A discovery that shows `count` instances from number `from` on; returns how many were refused. */
static unsigned vote(struct prom_targets *t, unsigned from, unsigned count)
{
    unsigned refused = 0;
    for (unsigned i = from; i < from + count; i++) {
        char instance[20];
        snprintf(instance, sizeof instance, "i%u", i);
        refused += prom_targets_vote(t, str_of("j"), str_of(instance), str_of("vllm:num_requests_running")) == ERR_LIMIT;
    }
    prom_targets_elect(t);
    return refused;
}

START_TEST(targets_that_are_shown_no_more_make_room_for_new_ones)
{
    struct prom_targets t;
    uint32_t i = 0, k = 0;
    prom_targets_init(&t, &profiles);
    ck_assert_uint_eq(vote(&t, 0, PROM_TARGETS_MAX), 0);
    ck_assert_uint_eq(vote(&t, 10, PROM_TARGETS_MAX), 10); /* the first ten may be late */
    ck_assert_uint_eq(vote(&t, 10, PROM_TARGETS_MAX), 0);
    ck_assert_uint_eq(t.count, PROM_TARGETS_MAX);
    ck_assert(!prom_targets_find(&t, str_of("j"), str_of("i0"), &i));
    ck_assert(prom_targets_find(&t, str_of("j"), str_of("i10"), &i) && prom_targets_find(&t, str_of("j"), str_of("i2009"), &k));
    ck_assert_str_eq(t.list[i].key, "i10");
    ck_assert_str_eq(t.list[k].key, "i2009");
    ck_assert_int_ne(t.list[k].profile, PROM_NO_PROFILE);
    prom_targets_fini(&t);
}
END_TEST

START_TEST(series_with_instants_of_their_own_are_put_on_the_grid)
{
    char form[16384];
    s->ops->close(s);
    buf_fini(&logged.text);
    cfg.backfill_ms = 90000;
    open_source();
    discover();
    ck_assert(next(NOW, form, sizeof form));
    ck_assert_int_eq(
        answer(
            MATRIX(SERIES("vllm:num_requests_running", "v", "h:1", "[1799999901,\"1\"],[1799999916,\"2\"],[1799999931,\"3\"]") "," SERIES(
                "vllm:num_requests_waiting", "v", "h:1",
                "[1799999905,\"4\"],[1799999920,\"5\"],[1799999935,\"6\"]") "," SERIES("vllm:kv_cache_usage_perc", "v", "h:1",
                                                                                       "[1799999909,\"0.1\"],[1799999910,\"0.2\"],["
                                                                                       "1799999939,\"0.3\"]"))),
        ERR_OK);
    ck_assert_str_eq(sink_log_take(&logged, out, sizeof out),
                     "begin h:1 vllm 1799999910000\nsample vllm:num_requests_running{job=v,instance=h:1,engine=0} 1\n"
                     "sample vllm:num_requests_waiting{job=v,instance=h:1,engine=0} 4\nsample "
                     "vllm:kv_cache_usage_perc{job=v,instance=h:1,engine=0} 0.2\nend\n"
                     "begin h:1 vllm 1799999925000\nsample vllm:num_requests_running{job=v,instance=h:1,engine=0} 2\n"
                     "sample vllm:num_requests_waiting{job=v,instance=h:1,engine=0} 5\nend\n"
                     "begin h:1 vllm 1799999940000\nsample vllm:num_requests_running{job=v,instance=h:1,engine=0} 3\n"
                     "sample vllm:num_requests_waiting{job=v,instance=h:1,engine=0} 6\nsample "
                     "vllm:kv_cache_usage_perc{job=v,instance=h:1,engine=0} 0.3\nend\n");
}
END_TEST

START_TEST(native_histograms_are_handed_on_with_their_buckets)
{
    char form[16384];
    discover();
    ck_assert(next(NOW, form, sizeof form));
    ck_assert_int_eq(answer(MATRIX("{\"metric\":{\"__name__\":\"vllm:time_to_first_token_seconds\",\"job\":\"v\",\"instance\":\"h:1\"},"
                                   "\"histograms\":[[1799999940,{\"count\":\"3\",\"sum\":\"2.5\",\"buckets\":[[0,\"0.5\",\"1\",\"2\"],[0,"
                                   "\"1\",\"2\",\"1\"]]}]]}")),
                     ERR_OK);
    ck_assert_str_eq(sink_log_take(&logged, out, sizeof out),
                     "begin h:1 vllm 1799999940000\nhistogram vllm:time_to_first_token_seconds 3 2.5 (0.5,1]=2 (1,2]=1\nend\n");
}
END_TEST

START_TEST(nothing_to_read_is_said_and_looked_for_again)
{
    char form[16384];
    ck_assert(next(NOW, form, sizeof form));
    ck_assert_int_eq(answer(VECTOR("")), ERR_OK);
    ck_assert(!next(NOW, form, sizeof form));
    ck_assert_ptr_nonnull(strstr(s->ops->remark(s), "nothing that a profile knows"));
    ck_assert(next(NOW + 15000, form, sizeof form));
    ck_assert_ptr_nonnull(strstr(form, "count by"));
}
END_TEST

START_TEST(a_resumed_source_begins_behind_what_is_stored)
{
    char form[16384];
    s->ops->close(s);
    buf_fini(&logged.text);
    cfg.backfill_ms = 86400000;
    open_source();
    s->ops->resume(s, NOW - 600000);
    discover();
    ck_assert(next(NOW, form, sizeof form));
    ck_assert_ptr_nonnull(strstr(form, "[300000ms]&time=1799999400.000")); /* five minutes before, for the baseline */
}
END_TEST

START_TEST(names_that_mean_something_to_an_expression_mean_themselves)
{
    char form[16384];
    ck_assert(next(NOW, form, sizeof form));
    ck_assert_int_eq(answer(VECTOR(FOUND("vllm:num_requests_running", "a.b|c\\\"d\\\\", "h:1"))), ERR_OK);
    ck_assert(next(NOW, form, sizeof form));
    ck_assert_ptr_nonnull(strstr(form, "job=~\"a[.]b[|]c\\\"d\\\\\\\\\""));
}
END_TEST

Suite *suite_source_prometheus(void);
Suite *suite_source_prometheus(void)
{
    Suite *suite = suite_create("source_prometheus");
    TCase *c = tcase_create("source_prometheus");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, raw_samples_are_read_window_by_window_none_twice_and_none_left_out);
    tcase_add_test(c, back_fill_goes_from_old_to_new_and_is_marked);
    tcase_add_test(c, a_window_that_is_too_much_is_halved_and_at_last_read_in_steps);
    tcase_add_test(c, a_server_that_is_not_up_yet_is_left_alone_and_refuses_nothing);
    tcase_add_test(c, steps_are_said_while_they_serve_and_samples_asked_for_after_each_discovery);
    tcase_add_test(c, a_window_without_a_sample_is_read);
    tcase_add_test(c, a_failure_leaves_the_mark_where_it_was);
    tcase_add_test(c, the_servers_own_error_is_the_reason);
    tcase_add_test(c, an_answer_that_is_none_is_told_apart);
    tcase_add_test(c, partial_answers_are_a_warning_of_their_polls);
    tcase_add_test(c, two_jobs_on_one_instance_are_two_targets);
    tcase_add_test(c, targets_that_are_shown_no_more_make_room_for_new_ones);
    tcase_add_test(c, series_with_instants_of_their_own_are_put_on_the_grid);
    tcase_add_test(c, native_histograms_are_handed_on_with_their_buckets);
    tcase_add_test(c, nothing_to_read_is_said_and_looked_for_again);
    tcase_add_test(c, a_resumed_source_begins_behind_what_is_stored);
    tcase_add_test(c, names_that_mean_something_to_an_expression_mean_themselves);
    suite_add_tcase(suite, c);
    return suite;
}
