/* SPDX-License-Identifier: MIT */
#include "sim/page.h"

#include <check.h>
#include <string.h>

#include "sim/number.h"

Suite *suite_page(void);

enum { ROOM = 1 << 20 };

#define LABELS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const int64_t bounds[] = {5000, 1000000};
static const struct page_family requests = {
    .name = "requests_total", .help = "Requests.", .type = PAGE_COUNTER, .labels = LABELS("key", "model")};
static const struct page_family latency = {.name = "latency",
                                           .help = "Latency.",
                                           .type = PAGE_HISTOGRAM,
                                           .decimals = 6,
                                           .labels = LABELS("key", "model"),
                                           .bounds = bounds,
                                           .bound_count = 2};
static const struct page_family left = {.name = "left", .help = "Left.", .type = PAGE_GAUGE, .decimals = 2};

static void render(struct page *p, struct buf *out)
{
    buf_reset(out);
    ck_assert_int_eq(page_render(p, out), ERR_OK);
    ck_assert_uint_eq(strlen(out->data), out->len);
}

START_TEST(a_python_page_reads_as_the_real_client_writes_it)
{
    struct page *p = page_new(PAGE_PYTHON);
    struct buf out;
    buf_init(&out, ROOM);
    uint32_t f_requests = page_declare(p, &requests), f_latency = page_declare(p, &latency), f_left = page_declare(p, &left);
    page_child a = page_add(p, f_requests, LABELS("a\"\\\n", "m"), 1791036560690);
    page_child h = page_add(p, f_latency, LABELS("k", "m"), 2000);
    page_child g = page_add(p, f_left, NULL, 0);
    page_increment(p, a, 3);
    page_observe(p, h, 5000, 1);
    page_observe(p, h, 5001, 2);
    page_observe(p, h, 7000000, 1);
    page_set(p, g, NUMBER_INF);
    render(p, &out);
    ck_assert_str_eq(out.data, "# HELP requests_total Requests.\n# TYPE requests_total counter\n"
                               "requests_total{key=\"a\\\"\\\\\\n\",model=\"m\"} 3.0\n"
                               "# HELP requests_created Requests.\n# TYPE requests_created gauge\n"
                               "requests_created{key=\"a\\\"\\\\\\n\",model=\"m\"} 1.79103656069e+09\n"
                               "# HELP latency Latency.\n# TYPE latency histogram\n"
                               "latency_bucket{key=\"k\",le=\"0.005\",model=\"m\"} 1.0\n"
                               "latency_bucket{key=\"k\",le=\"1.0\",model=\"m\"} 3.0\n"
                               "latency_bucket{key=\"k\",le=\"+Inf\",model=\"m\"} 4.0\n"
                               "latency_count{key=\"k\",model=\"m\"} 4.0\n"
                               "latency_sum{key=\"k\",model=\"m\"} 7.015002\n"
                               "# HELP latency_created Latency.\n# TYPE latency_created gauge\n"
                               "latency_created{key=\"k\",model=\"m\"} 2.0\n"
                               "# HELP left Left.\n# TYPE left gauge\n"
                               "left +Inf\n");
    ck_assert_uint_eq(page_series(p), 9);
    buf_fini(&out);
    page_free(p);
}
END_TEST

START_TEST(a_go_page_reads_as_the_collector_writes_it)
{
    struct page *p = page_new(PAGE_GO);
    struct buf out;
    buf_init(&out, ROOM);
    page_declare(p, &requests); /* no sample: left out */
    uint32_t f_latency = page_declare(p, &latency);
    page_observe(p, page_add(p, f_latency, LABELS("k", "m"), 2000), 1000000, 2);
    render(p, &out);
    ck_assert_str_eq(out.data, "# HELP latency Latency.\n# TYPE latency histogram\n"
                               "latency_bucket{key=\"k\",model=\"m\",le=\"0.005\"} 0\n"
                               "latency_bucket{key=\"k\",model=\"m\",le=\"1\"} 2\n"
                               "latency_bucket{key=\"k\",model=\"m\",le=\"+Inf\"} 2\n"
                               "latency_sum{key=\"k\",model=\"m\"} 2\n"
                               "latency_count{key=\"k\",model=\"m\"} 2\n");
    buf_fini(&out);
    page_free(p);
}
END_TEST

START_TEST(a_page_is_rendered_again_with_what_changed)
{
    struct page *p = page_new(PAGE_PYTHON);
    struct buf out;
    buf_init(&out, ROOM);
    uint32_t f = page_declare(p, &left);
    page_child g = page_add(p, f, NULL, 0);
    static const struct {
        int64_t value;
        const char *line;
    } steps[] = {{0, "left 0.0\n"}, {-1, "left -0.01\n"}, {1234567, "left 12345.67\n"}, {0, "left 0.0\n"}, {NUMBER_NAN, "left NaN\n"}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        page_set(p, g, steps[i].value);
        render(p, &out);
        ck_assert_str_eq(strrchr(out.data, '#') + sizeof "# TYPE left gauge", steps[i].line);
    }
    buf_fini(&out);
    page_free(p);
}
END_TEST

START_TEST(what_does_not_fit_is_refused_and_stays_refused)
{
    static char long_value[8192];
    struct page *p = page_new(PAGE_PYTHON);
    struct buf out;
    buf_init(&out, ROOM);
    uint32_t f = page_declare(p, &requests);
    memset(long_value, 'x', sizeof long_value - 1);
    page_add(p, f, LABELS(long_value, "m"), 0);
    ck_assert_int_eq(page_render(p, &out), ERR_LIMIT);
    ck_assert_uint_eq(out.len, 0);
    ck_assert_uint_eq(page_add(p, f, LABELS("a", "m"), 0), 0);
    page_increment(p, 0, 1); /* child 0 is nobody: harmless */
    ck_assert_int_eq(page_render(p, &out), ERR_LIMIT);
    buf_fini(&out);
    page_free(p);
}
END_TEST

START_TEST(a_page_larger_than_the_buffer_is_refused_whole)
{
    struct page *p = page_new(PAGE_GO);
    struct buf out;
    buf_init(&out, 40);
    page_add(p, page_declare(p, &left), NULL, 0);
    ck_assert_int_eq(page_render(p, &out), ERR_LIMIT);
    ck_assert_uint_eq(out.len, 0);
    buf_fini(&out);
    page_free(p);
}
END_TEST

Suite *suite_page(void)
{
    Suite *suite = suite_create("page");
    TCase *t = tcase_create("page");
    tcase_add_test(t, a_python_page_reads_as_the_real_client_writes_it);
    tcase_add_test(t, a_go_page_reads_as_the_collector_writes_it);
    tcase_add_test(t, a_page_is_rendered_again_with_what_changed);
    tcase_add_test(t, what_does_not_fit_is_refused_and_stays_refused);
    tcase_add_test(t, a_page_larger_than_the_buffer_is_refused_whole);
    suite_add_tcase(suite, t);
    return suite;
}
