/* SPDX-License-Identifier: MIT */
#include "unit/source/sink_log.h"

static struct arena arena;
static struct profiles profiles;
static struct config_source cfg;
static struct sink_log logged;
static struct source_sink sink;
static struct source *s;
static struct errctx ctx;
static char out[1 << 16];

static void open_source(const char *profile)
{
    cfg = (struct config_source){
        .name = "a", .url = "http://x/", .gateway = "g", .profile = profile, .interval_ms = 15000, .max_body_bytes = 1 << 20};
    sink = sink_log_sink(&logged);
    ck_assert_msg(source_metrics.open(&cfg, &profiles, &sink, &s, &ctx) == ERR_OK, "%s", ctx.text);
}

static void setup(void)
{
    arena_init(&arena, 16 << 20);
    ck_assert_msg(profiles_load(NULL, &arena, &profiles, &ctx) == ERR_OK, "%s", ctx.text);
    open_source(NULL);
}

static void teardown(void)
{
    s->ops->close(s);
    buf_fini(&logged.text);
    arena_fini(&arena);
}

/* One poll; the page arrives in pieces of so many bytes. */
static enum err poll(const char *page, size_t piece, bool open_ended)
{
    struct source_request rq = {.url = "unset"};
    const struct source_answer head = {"text/plain", open_ended};
    ck_assert(s->ops->request(s, 1000, &rq));
    ck_assert_ptr_null(rq.url);
    ck_assert_uint_eq(rq.form.n, 0);
    s->ops->begin(s, &head);
    enum err e = ERR_OK;
    for (size_t at = 0, n = strlen(page); at < n && e == ERR_OK; at += piece)
        e = s->ops->feed(s, page + at, n - at < piece ? n - at : piece, &ctx);
    if (e == ERR_OK)
        e = s->ops->finish(s, &ctx);
    else
        s->ops->fail(s, 200);
    ck_assert(!s->ops->request(s, 1000, &rq));
    return e;
}

static const char page[] = "# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running{engine=\"0\"} 2.0\n";

START_TEST(the_first_page_is_recognised_and_counts)
{
    for (size_t piece = 1; piece < 40; piece += 7) {
        ck_assert_int_eq(poll(page, piece, false), ERR_OK);
        ck_assert_str_eq(sink_log_take(&logged, out, sizeof out),
                         "begin  vllm 0\ntype vllm:num_requests_running 2\nsample vllm:num_requests_running{engine=0} 2\nend\n");
    }
    ck_assert_ptr_null(s->ops->remark(s));
}
END_TEST

START_TEST(an_unknown_page_is_looked_at_again)
{
    ck_assert_int_eq(poll("foo 1\nbar 2\nbaz 3\nqux 4\n", 100, false), ERR_OK);
    ck_assert_str_eq(sink_log_take(&logged, out, sizeof out), "");
    ck_assert_str_eq(s->ops->remark(s), "no profile knows what it exposes (foo, bar, baz, ...); name one with profile:");
    ck_assert_int_eq(poll("", 100, false), ERR_OK);
    ck_assert_str_eq(s->ops->remark(s), "no profile knows what it exposes (foo, bar, baz, ...); name one with profile:");
    ck_assert_int_eq(poll(page, 100, false), ERR_OK);
    ck_assert_ptr_nonnull(strstr(sink_log_take(&logged, out, sizeof out), "begin  vllm 0"));
}
END_TEST

START_TEST(a_broken_poll_is_taken_back)
{
    struct source_request rq;
    const struct source_answer head = {"text/plain", false};
    ck_assert_int_eq(poll(page, 100, false), ERR_OK);
    sink_log_take(&logged, out, sizeof out);
    ck_assert(s->ops->request(s, 1000, &rq));
    s->ops->begin(s, &head);
    ck_assert_int_eq(s->ops->feed(s, page, 60, &ctx), ERR_OK);
    ck_assert(!s->ops->fail(s, 200));
    ck_assert(!s->ops->request(s, 1000, &rq));
    ck_assert_str_eq(sink_log_take(&logged, out, sizeof out), "begin  vllm 0\ntype vllm:num_requests_running 2\nabort\n");
}
END_TEST

static void refuses(const char *body, const char *sentence)
{
    ctx.text[0] = '\0';
    ck_assert_int_ne(poll(body, 1000, true), ERR_OK);
    ck_assert_msg(strstr(ctx.text, sentence) != NULL, "'%s'", ctx.text);
    sink_log_take(&logged, out, sizeof out);
    ck_assert(strstr(out, "\nend\n") == NULL);
}

START_TEST(what_is_no_page_is_refused_with_a_sentence_recognised_or_not)
{
    for (int i = 0; i < 2; i++) {
        refuses("<html><body>Sign in</body></html>\n", "HTML");
        refuses("{\"status\":\"success\"}\n", "JSON");
        refuses("hello there, friend\n", "no exposition");
        refuses("vllm:num_requests_running 1\nvllm:num_req", "middle of line 2");
        ck_assert_int_eq(poll(page, 100, false), ERR_OK);
        sink_log_take(&logged, out, sizeof out);
    }
}
END_TEST

START_TEST(a_page_past_the_cap_is_refused)
{
    static char big[2 << 20];
    memset(big, '#', sizeof big - 1);
    for (size_t i = 99; i < sizeof big - 1; i += 100)
        big[i] = '\n';
    refuses(big, "longer than 1 MB");
}
END_TEST

START_TEST(a_named_profile_needs_no_recognition)
{
    s->ops->close(s);
    buf_fini(&logged.text);
    open_source("litellm");
    ck_assert_int_eq(poll("something_else 1\n", 5, false), ERR_OK);
    ck_assert_str_eq(sink_log_take(&logged, out, sizeof out), "begin  litellm 0\nsample something_else{} 1\nend\n");
}
END_TEST

START_TEST(an_empty_page_of_a_known_source_is_a_poll_without_samples)
{
    ck_assert_int_eq(poll(page, 100, false), ERR_OK);
    sink_log_take(&logged, out, sizeof out);
    ck_assert_int_eq(poll("", 100, false), ERR_OK);
    ck_assert_str_eq(sink_log_take(&logged, out, sizeof out), "begin  vllm 0\nend\n");
}
END_TEST

Suite *suite_source_metrics(void);
Suite *suite_source_metrics(void)
{
    Suite *suite = suite_create("source_metrics");
    TCase *c = tcase_create("source_metrics");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, the_first_page_is_recognised_and_counts);
    tcase_add_test(c, an_unknown_page_is_looked_at_again);
    tcase_add_test(c, a_broken_poll_is_taken_back);
    tcase_add_test(c, what_is_no_page_is_refused_with_a_sentence_recognised_or_not);
    tcase_add_test(c, a_page_past_the_cap_is_refused);
    tcase_add_test(c, a_named_profile_needs_no_recognition);
    tcase_add_test(c, an_empty_page_of_a_known_source_is_a_poll_without_samples);
    suite_add_tcase(suite, c);
    return suite;
}
