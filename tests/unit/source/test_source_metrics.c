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
static enum err poll_at(int64_t at_ms, const char *page, size_t piece, bool open_ended)
{
    struct source_request rq = {.url = "unset"};
    const struct source_answer head = {.content_type = "text/plain", .open_ended = open_ended};
    ck_assert(s->ops->request(s, at_ms, &rq));
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
    ck_assert(!s->ops->request(s, at_ms, &rq));
    return e;
}

static enum err poll(const char *page, size_t piece, bool open_ended)
{
    return poll_at(1000, page, piece, open_ended);
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
    const struct source_answer head = {.content_type = "text/plain", .open_ended = false};
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

enum { LIVELY = 10 }; /* polls that differ, before sameness says anything (source/frozen.h) */

/* The answer of a process that has used so much CPU time; beside it a block's worth of what does not move. */
static const char *counting(int cpu_ms, bool counts_itself)
{
    static char text[8192];
    int n = snprintf(text, sizeof text, "%s# %04000d\n", page, 0);
    snprintf(text + n, sizeof text - (size_t)n, "%s %d.%03d\n", counts_itself ? "process_cpu_seconds_total" : "requests_served_total",
             cpu_ms / 1000, cpu_ms % 1000);
    return text;
}

/* Polls every half minute: `lively` that differ, then one page again and again. Returns after how many of the latter it is refused, 0 =
 * never. */
static int refused_after(int lively, bool counts_itself, int64_t *at_ms)
{
    for (int i = 1; i <= lively; i++, *at_ms += 30000)
        ck_assert_int_eq(poll_at(*at_ms, counting(i, counts_itself), 97 + (size_t)i, false), ERR_OK);
    for (int i = 1; i <= 20; i++, *at_ms += 30000)
        if (poll_at(*at_ms, counting(7777, counts_itself), 97 + (size_t)i, false) != ERR_OK)
            return i;
    return 0;
}

START_TEST(a_page_that_stands_still_though_it_cannot_is_no_answer)
{
    int64_t at_ms = INT64_C(1794916800000);                       /* 12:00 */
    ck_assert_int_eq(refused_after(LIVELY + 1, true, &at_ms), 5); /* two minutes after the first of them, however the bytes are cut */
    ck_assert_str_eq(ctx.text,
                     "its page has not changed since 12:05:30Z though it counts its own time: a cache before it, or a worker that "
                     "hangs; ask it past the cache, or restart it");
    ck_assert_int_eq(poll_at(at_ms, counting(7778, true), 100, false), ERR_OK);
    ck_assert_int_eq(poll_at(at_ms + 30000, counting(7778, true), 100, false), ERR_OK);
}
END_TEST

START_TEST(a_page_that_may_stand_still_is_an_answer)
{
    int64_t at_ms = INT64_C(1794916800000);
    ck_assert_int_eq(refused_after(LIVELY + 1, false, &at_ms), 0); /* counts nothing that moves by itself */
}
END_TEST

START_TEST(a_page_that_often_stood_still_is_an_answer)
{
    int64_t at_ms = INT64_C(1794916800000);
    ck_assert_int_eq(refused_after(LIVELY - 1, true, &at_ms), 0);
    ck_assert_int_eq(refused_after(LIVELY - 1, true, &at_ms), 0); /* what came before the standstill is not added */
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
    tcase_add_test(c, a_page_that_stands_still_though_it_cannot_is_no_answer);
    tcase_add_test(c, a_page_that_may_stand_still_is_an_answer);
    tcase_add_test(c, a_page_that_often_stood_still_is_an_answer);
    suite_add_tcase(suite, c);
    return suite;
}
