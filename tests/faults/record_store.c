/* SPDX-License-Identifier: MIT */
/* The recorder while its store cannot be written: nobody is asked anything here, answers are handed in. */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "faults/store_vfs.h"
#include "record/recorder.h"
#include "support/tmpdir.h"

static char dir[128], path[200];
static struct clock_manual manual;
static struct config cfg;
static struct arena arena;
static struct profiles profiles;
static struct store *st;
static struct recorder *r;
static struct errctx ctx;

static void setup(void)
{
    static const char yaml[] =
        "gateway: g\nsources:\n  - name: a\n    metrics: http://127.0.0.1:1/a\n  - name: b\n    metrics: http://127.0.0.1:1/b\n";
    const struct store_options so = {.private_files = true};
    const struct recorder_options ro = {&cfg, &profiles, NULL};
    ck_assert(tmpdir_make(dir, sizeof dir));
    snprintf(path, sizeof path, "%s/t.db", dir);
    manual = (struct clock_manual){.wall_ms = INT64_C(1800000000000), .mono_ms = 1};
    const struct clock clock = clock_manual(&manual);
    arena_init(&arena, 64 << 20);
    store_vfs_install(path);
    ck_assert_msg(profiles_load(NULL, &arena, &profiles, &ctx) == ERR_OK, "%s", ctx.text);
    ck_assert_msg(config_parse(str_of(yaml), "test.yaml", &cfg, &ctx) == ERR_OK, "%s", ctx.text);
    ck_assert_msg(store_open_writer(path, &so, &clock, &st, &ctx) == ERR_OK, "%s", ctx.text);
    ck_assert_msg(recorder_open(st, &ro, manual.wall_ms, &r, &ctx) == ERR_OK, "%s", ctx.text);
}

static void teardown(void)
{
    store_vfs_heal();
    recorder_close(r, manual.wall_ms, "the test ended");
    store_close(st);
    config_fini(&cfg);
    arena_fini(&arena);
    ck_assert(tmpdir_remove(dir));
}

/* Source i answers with so many requests since its beginning. */
static void poll(uint32_t i, int n)
{
    char page[300];
    struct source_request rq;
    const struct source_answer head = {.content_type = "text/plain", .open_ended = false};
    const struct http_result res = {.status = 200, .url = "http://x/"};
    snprintf(page, sizeof page,
             "litellm_proxy_total_requests_metric_total{requested_model=\"m\",status_code=\"200\",route=\"/chat/completions\"} %d\n", n);
    ck_assert(recorder_request(r, i, manual.wall_ms, &rq));
    recorder_head(r, i, &head);
    ck_assert(recorder_body(r, i, page, strlen(page), &ctx));
    ck_assert(recorder_done(r, i, &res, manual.wall_ms));
    ck_assert(!recorder_request(r, i, manual.wall_ms, &rq));
}

/* A round of both sources, n-th of its kind. */
static enum err round_of_polls(int n)
{
    manual.wall_ms += 15000;
    manual.mono_ms += 15000;
    poll(0, 100 + n);
    poll(1, 500 + n);
    return recorder_commit(r, manual.wall_ms, &ctx);
}

START_TEST(an_outage_of_the_disk_is_one_gap_per_source)
{
    enum { OUT = 40 };
    struct store_gap *g;
    size_t count;
    int n = 0;
    ck_assert_int_eq(round_of_polls(n++), ERR_OK);
    ck_assert_int_eq(round_of_polls(n++), ERR_OK);
    int64_t from = manual.wall_ms;
    store_vfs_fail(STORE_VFS_WRITE, 0, SQLITE_FULL);
    for (int i = 0; i < OUT; i++)
        ck_assert_int_eq(round_of_polls(n++), ERR_FULL);
    store_vfs_heal();
    ck_assert_int_eq(round_of_polls(n++), ERR_OK);
    int64_t until = manual.wall_ms;
    ck_assert_int_eq(round_of_polls(n++), ERR_OK);
    ck_assert_int_eq(store_gaps(st, 0, INT64_MAX, &arena, &g, &count, &ctx), ERR_OK);
    ck_assert_uint_eq(count, 2);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(g[i].t0_ms, from);
        ck_assert_int_eq(g[i].t1_ms, until);
        ck_assert_str_eq(g[i].reason, "the store could not be written");
    }
    /* What was counted meanwhile is lost, and not made up for: one increment before, two after. */
    const struct store_query q = {.signal = SIG_REQUESTS, .t0_ms = from - 3600000, .step_ms = 86400000, .columns = 1};
    struct store_result res;
    ck_assert_msg(store_read(st, &q, 1, &arena, &res, &ctx) == ERR_OK, "%s", ctx.text);
    ck_assert_int_eq(res.groups[0].cells[0].sum, 2 * 3);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("the recorder without its store");
    TCase *c = tcase_create("disk");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, an_outage_of_the_disk_is_one_gap_per_source);
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
