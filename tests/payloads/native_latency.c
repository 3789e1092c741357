/* SPDX-License-Identifier: MIT */
/* Native histograms all the way: from what a Prometheus answers to what `gwtop latency` prints of it, with its quantiles and how exact they
 * are. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "record/recorder_int.h"
#include "support/tmpdir.h"

enum { BODY_MAX = 1 << 16, STEP_MS = 15000 };

static const char yaml[] =
    "gateway: g\nsources:\n  - {name: p, prometheus: \"http://127.0.0.1:1\", interval: 15s, lag: 0s, backfill: 1m}\n";

static char dir[128], path[200], config_path[200], *out, *err;
static struct clock_manual manual;
static struct clock clk;
static struct config cfg;
static struct arena arena;
static struct profiles profiles;
static struct store *st;
static struct recorder *r;
static struct errctx ctx;

static void setup(void)
{
    const struct store_options so = {.private_files = true};
    ck_assert(tmpdir_make(dir, sizeof dir));
    ck_assert(str_format(path, sizeof path, "%s/t.db", dir) && str_format(config_path, sizeof config_path, "%s/gwtop.yaml", dir));
    FILE *file = fopen(config_path, "w");
    ck_assert(file != NULL && fputs(yaml, file) >= 0 && fclose(file) == 0 && chmod(config_path, 0600) == 0);
    manual.wall_ms = INT64_C(1800000000000);
    clk = clock_manual(&manual);
    arena_init(&arena, 64 << 20);
    ck_assert_msg(profiles_load(NULL, &arena, &profiles, &ctx) == ERR_OK, "%s", ctx.text);
    ck_assert_msg(config_parse(str_of(yaml), "test.yaml", &cfg, &ctx) == ERR_OK, "%s", ctx.text);
    ck_assert_msg(store_open_writer(path, &so, &clk, &st, &ctx) == ERR_OK, "%s", ctx.text);
    const struct recorder_options ro = {&cfg, &profiles, NULL};
    ck_assert_msg(recorder_open(st, &ro, manual.wall_ms, &r, &ctx) == ERR_OK, "%s", ctx.text);
}

static void teardown(void)
{
    recorder_close(r, manual.wall_ms, "the recorder was stopped");
    store_close(st);
    config_fini(&cfg);
    arena_fini(&arena);
    free(out);
    free(err);
    out = err = NULL;
    ck_assert(tmpdir_remove(dir));
}

static void answer(const char *body)
{
    const struct source_answer head = {.content_type = "application/json", .open_ended = false};
    const struct http_result res = {.status = 200, .bytes = (int64_t)strlen(body), .url = "http://x/"};
    struct errctx why = {""};
    recorder_head(r, 0, &head);
    ck_assert_msg(recorder_body(r, 0, body, strlen(body), &why), "%s", why.text);
    ck_assert(recorder_done(r, 0, &res, manual.wall_ms));
}

/* A poll of a Prometheus that scrapes one vLLM; histogram: its native one of ttft, as the API writes it. */
static void poll(const char *histogram)
{
    static char body[BODY_MAX], form[BODY_MAX];
    struct source_request rq;
    while (recorder_request(r, 0, manual.wall_ms, &rq)) {
        ck_assert(str_format(form, sizeof form, "%.*s", (int)rq.form.n, rq.form.p));
        bool discovery = strstr(form, "instance") != NULL;
        ck_assert(str_format(body, sizeof body,
                             "{\"status\":\"success\",\"data\":{\"resultType\":\"%s\",\"result\":[{\"metric\":{\"__name__\":"
                             "\"vllm:time_to_first_token_seconds\",\"job\":\"j\",\"instance\":\"v:1\",\"model_name\":\"m\"},",
                             discovery ? "vector" : "matrix"));
        size_t used = strlen(body);
        ck_assert(discovery ? str_format(body + used, sizeof body - used, "\"value\":[1,\"1\"]}]}}")
                            : str_format(body + used, sizeof body - used, "\"histograms\":[[%lld,%s]]}]}}",
                                         (long long)(manual.wall_ms / 1000 - 5), histogram));
        answer(body);
    }
    ck_assert_msg(recorder_commit(r, manual.wall_ms, &ctx) == ERR_OK, "%s", ctx.text);
    manual.wall_ms += STEP_MS;
}

/* k observations in each of the buckets first to last of that schema, and zeros in the zero bucket. */
static const char *native(int schema, int first, int last, int k, int zeros, const char *sum)
{
    static char text[BODY_MAX];
    double each = exp2(-schema);
    ck_assert(str_format(text, sizeof text, "{\"count\":\"%d\",\"sum\":\"%s\",\"buckets\":[[3,\"-1e-128\",\"1e-128\",\"%d\"]",
                         (last - first + 1) * k + zeros, sum, zeros));
    for (int i = first; i <= last; i++) {
        size_t used = strlen(text);
        ck_assert(str_format(text + used, sizeof text - used, ",[0,\"%.17g\",\"%.17g\",\"%d\"]", exp2((i - 1) * each), exp2(i * each), k));
    }
    ck_assert(str_format(text + strlen(text), sizeof text - strlen(text), "]}"));
    return text;
}

static void latency(const char *q, const char *form)
{
    char line[600], ended[32], *argv[10], *save = NULL;
    int argc = 0;
    size_t n;
    free(out);
    free(err);
    ck_assert(str_format(ended, sizeof ended, "%lld", (long long)(manual.wall_ms - STEP_MS)));
    ck_assert_int_eq(store_put_note(st, "ended", manual.wall_ms, str_of(ended), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(st, NULL), ERR_OK);
    ck_assert(str_format(line, sizeof line, "latency --store %s --config %s --q %s %s", path, config_path, q, form));
    for (char *word = strtok_r(line, " ", &save); word != NULL && argc + 1 < 10; word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    argv[argc] = NULL;
    struct cli_io io = {.out = open_memstream(&out, &n), .err = open_memstream(&err, &n)};
    for (const struct cli_command *c = cli_commands(); c->name != NULL; c++)
        if (strcmp(c->name, argv[0]) == 0)
            ck_assert_int_eq(c->run(argc, argv, &io), 0);
    fclose(io.out);
    fclose(io.err);
}

#define says(text) ck_assert_msg(strstr(out, text) != NULL, "'%s' is not in:\n%s%s", text, out, err)

/* Of the first row of the JSON. */
static double number(const char *key)
{
    const char *rows = strstr(out, "\"rows\": "), *at = rows != NULL ? strstr(rows, key) : NULL;
    ck_assert_msg(at != NULL, "%s is not in:\n%s", key, out);
    return strtod(at + strlen(key), NULL);
}

/* 1,000 observations, 10 in each of 100 buckets: the p95 is in the 95th, known to 1.09 %. */
static void check_schema_5(void)
{
    const double lo = exp2(94.0 / 32), hi = exp2(95.0 / 32);
    says("\"is\": \"value\"");
    ck_assert_double_eq(number("\"mean_n\": "), 1000);
    ck_assert_double_eq_tol(number("\"mean_s\": "), 3.56, 1e-9);
    ck_assert_double_eq_tol(number("\"bucket_lo\": "), lo, 1e-6);
    ck_assert_double_eq_tol(number("\"bucket_hi\": "), hi, 1e-6);
    ck_assert_double_le(fabs(number("\"value\": ") / lo - 1), 0.02193);
    ck_assert_double_le(number("\"value\": ") / lo - 1, 0.0109);
    ck_assert_double_le(1 - number("\"value\": ") / hi, 0.0109);
    ck_assert_double_le(number("\"ci95_lo\": "), lo);
    ck_assert_double_ge(number("\"ci95_hi\": "), hi);
}

START_TEST(schema_5_reaches_the_report_with_its_quantiles_and_error)
{
    poll(native(5, 1, 100, 0, 0, "0"));
    poll(native(5, 1, 100, 10, 0, "3560"));
    latency("95", "--json");
    check_schema_5();
    ck_assert_int_eq(store_seal_all(st, NULL), ERR_OK); /* the same from chunks */
    latency("95", "--json");
    check_schema_5();
    latency("95", "");
    says("  7.74 s  (7.66,7.83] ci (7.5,8.18]  3.56 s  1,000");
}
END_TEST

START_TEST(finer_ones_fold_and_what_took_nothing_counts)
{
    poll(native(7, 1, 400, 0, 0, "0"));
    poll(native(7, 1, 400, 2, 200, "3000")); /* eight of schema 7 to one of schema 5's four */
    latency("95", "--json");
    ck_assert_double_eq(number("\"mean_n\": "), 1000);
    ck_assert_double_eq_tol(number("\"mean_s\": "), 3, 1e-9);
    /* the 950th is the 750th above zero, in bucket 375 of schema 7 and 94 of schema 5 */
    ck_assert_double_eq_tol(number("\"bucket_hi\": "), exp2(94.0 / 32), 1e-6);
    latency("10", "--csv");
    says(",0,value,0,0,0,0,");
}
END_TEST

/* A NaN among the observations leaves the sum NaN until the process begins anew; the quantiles are known. */
START_TEST(a_sum_that_is_no_number_leaves_quantiles_and_no_mean)
{
    poll(native(5, 1, 100, 0, 0, "0"));
    poll(native(5, 1, 100, 10, 200, "NaN"));
    latency("95", "--json");
    says("\"mean_s\": null");
    ck_assert_double_eq(number("\"mean_n\": "), 0);
    says("\"n\": 1200,");
    poll(native(5, 1, 100, 1, 0, "360"));
    latency("95", "--json");
    ck_assert_double_eq_tol(number("\"mean_s\": "), 3.6, 1e-9);
    ck_assert_double_eq(number("\"mean_n\": "), 100);
    says("\"n\": 1300,");
}
END_TEST

START_TEST(coarser_ones_are_classic_and_say_how_wide_they_are)
{
    poll(native(0, 1, 4, 0, 0, "0"));
    poll(native(0, 1, 4, 250, 0, "3500"));
    latency("50", "--json");
    says("\"is\": \"about\"");
    says("\"bucket_lo\": 2,\n          \"bucket_hi\": 4,");
}
END_TEST

/* As a Prometheus writes one of schema -53: a classic histogram that it keeps as a native one. */
START_TEST(custom_bounds_are_those_of_the_report)
{
    poll("{\"count\":\"0\",\"sum\":\"0\"}");
    poll("{\"count\":\"400\",\"sum\":\"100\",\"buckets\":[[3,\"-Inf\",\"0.25\",\"100\"],[0,\"0.25\",\"0.3\",\"300\"]]}");
    poll("{\"count\":\"1000\",\"sum\":\"700\",\"buckets\":[[3,\"-Inf\",\"0.25\",\"200\"],[0,\"0.25\",\"0.3\",\"500\"],"
         "[0,\"0.7\",\"1.5\",\"290\"],[0,\"4\",\"+Inf\",\"10\"]]}");
    latency("95", "--json");
    says("\"is\": \"about\"");
    ck_assert_double_eq(number("\"bucket_lo\": "), 0.7);
    ck_assert_double_eq(number("\"bucket_hi\": "), 1.5);
    ck_assert_double_eq(number("\"mean_n\": "), 1000);
    ck_assert_double_eq_tol(number("\"mean_s\": "), 0.7, 1e-9);
    latency("99.5", "");
    says(">4");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("native");
    TCase *c = tcase_create("native");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, schema_5_reaches_the_report_with_its_quantiles_and_error);
    tcase_add_test(c, finer_ones_fold_and_what_took_nothing_counts);
    tcase_add_test(c, a_sum_that_is_no_number_leaves_quantiles_and_no_mean);
    tcase_add_test(c, coarser_ones_are_classic_and_say_how_wide_they_are);
    tcase_add_test(c, custom_bounds_are_those_of_the_report);
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
