/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "sim/demo_files.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "support/tmpdir.h"

Suite *suite_demo_files(void);

enum { PATH_ROOM = PROCESS_PATH_MAX + 16, TEXT_ROOM = 8192 };

static char folder[PATH_ROOM];

static void set_up(void)
{
    ck_assert(tmpdir_make(folder, sizeof folder - 64));
    ck_assert_int_eq(setenv("XDG_STATE_HOME", folder, 1), 0);
}

static void tear_down(void)
{
    ck_assert(tmpdir_remove(folder));
}

static const char *in_folder(const char *name)
{
    static char path[PATH_ROOM];
    ck_assert(str_format(path, sizeof path, "%s/%s", folder, name));
    return path;
}

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static struct demo_files open_files(const char *store)
{
    struct demo_files f = {.lock_fd = -1};
    struct errctx ctx = {""};
    enum err err = demo_files_open(store, "demo", &f, &ctx);
    ck_assert_msg(err == ERR_OK, "%s", ctx.text);
    return f;
}

START_TEST(the_own_folder_is_made_private)
{
    struct stat st;
    struct demo_files f = open_files(NULL);
    ck_assert_str_eq(f.store, in_folder("gwtop/demo/demo.db"));
    ck_assert_str_eq(f.config, in_folder("gwtop/demo/demo.yaml"));
    ck_assert_str_eq(f.truth, in_folder("gwtop/demo/demo-truth.json"));
    ck_assert_int_eq(stat(in_folder("gwtop/demo"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0700);
    demo_files_close(&f);
}
END_TEST

START_TEST(home_serves_where_no_state_folder_is_named)
{
    struct demo_files f = {.lock_fd = -1};
    ck_assert_int_eq(unsetenv("XDG_STATE_HOME"), 0);
    ck_assert_int_eq(setenv("HOME", folder, 1), 0);
    f = open_files(NULL);
    ck_assert_str_eq(f.store, in_folder(".local/state/gwtop/demo/demo.db"));
    demo_files_close(&f);
    struct errctx ctx = {""};
    ck_assert_int_eq(unsetenv("HOME"), 0);
    ck_assert_int_eq(demo_files_open(NULL, "demo", &f, &ctx), ERR_IO);
    ck_assert_ptr_nonnull(strstr(ctx.text, "--store"));
}
END_TEST

START_TEST(a_second_demo_takes_the_next_slot)
{
    struct demo_files a = open_files(NULL), b = open_files(NULL);
    ck_assert_str_eq(b.store, in_folder("gwtop/demo/2/demo.db"));
    demo_files_close(&a);
    struct demo_files c = open_files(NULL);
    ck_assert_str_eq(c.store, in_folder("gwtop/demo/demo.db"));
    demo_files_close(&b);
    demo_files_close(&c);
}
END_TEST

START_TEST(a_slot_that_a_recorder_still_writes_is_left_alone)
{
    struct demo_files a = open_files(NULL);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char path[PATH_ROOM];
    ck_assert(str_format(path, sizeof path, "%s.lock", a.store));
    put(path, "");
    put(a.store, "precious");
    demo_files_close(&a);
    int fd = open(path, O_RDWR);
    ck_assert_int_eq(fcntl(fd, F_OFD_SETLK, &lock), 0);
    struct demo_files b = open_files(NULL);
    ck_assert_str_eq(b.store, in_folder("gwtop/demo/2/demo.db"));
    ck_assert(exists(in_folder("gwtop/demo/demo.db")));
    close(fd);
    demo_files_close(&b);
}
END_TEST

START_TEST(only_an_earlier_demos_store_is_removed)
{
    char store[PATH_ROOM], beside[PATH_ROOM];
    struct errctx ctx = {""};
    ck_assert(str_format(store, sizeof store, "%s/mine.db", folder));
    ck_assert(str_format(beside, sizeof beside, "%s/mine.db-wal", folder));
    put(store, "somebody's");
    struct demo_files f = {.lock_fd = -1};
    ck_assert_int_eq(demo_files_open(store, "demo", &f, &ctx), ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(ctx.text, "was not made by a demo"));
    ck_assert(exists(store));
    put(in_folder("mine.demo.yaml"), "gateway: of somebody\n");
    ck_assert_int_eq(demo_files_open(store, "demo", &f, &ctx), ERR_USAGE);
    ck_assert(exists(store));
    ck_assert_int_eq(unlink(store), 0);
    f = open_files(store);
    ck_assert_str_eq(f.config, in_folder("mine.demo.yaml"));
    ck_assert_int_eq(demo_files_write_config(&f, "demo", "http://127.0.0.1:5", NULL), ERR_OK);
    put(store, "the demo's");
    put(beside, "the demo's");
    put(in_folder("other.db"), "somebody's");
    ck_assert_int_eq(demo_files_open(store, "demo", &f, &ctx), ERR_BUSY); /* that demo runs */
    ck_assert(exists(store));
    demo_files_close(&f);
    f = open_files(store);
    ck_assert(!exists(store) && !exists(beside));
    ck_assert(exists(in_folder("other.db")));
    demo_files_close(&f);
}
END_TEST

START_TEST(acts_of_an_earlier_demo_are_not_taken_in)
{
    struct demo_files f = open_files(NULL);
    demo_files_close(&f);
    ck_assert_int_eq(mkdir(in_folder("gwtop/demo/acts"), 0700), 0);
    put(in_folder("gwtop/demo/acts/1"), "ack");
    f = open_files(NULL);
    ck_assert(!exists(in_folder("gwtop/demo/acts/1")));
    demo_files_close(&f);
}
END_TEST

START_TEST(the_configuration_names_its_sources)
{
    static const char *const expected[] = {"gateway: demo\n",
                                           "    metrics: http://127.0.0.1:4711/metrics/\n",
                                           "    metrics: http://127.0.0.1:4711/vllm/qwen-72b/metrics\n",
                                           "    metrics: http://127.0.0.1:4711/vllm/llama-8b/metrics\n",
                                           "    metrics: http://127.0.0.1:4711/dcgm/qwen-72b/metrics\n",
                                           "    metrics: http://127.0.0.1:4711/dcgm/llama-8b/metrics\n",
                                           "    metrics: http://127.0.0.1:4711/otel/metrics\n",
                                           "    availability: 99.9%\n",
                                           "    latency: {signal: ttft, objective: 95%, threshold: 2s}\n",
                                           "    limit: 120000 USD\n",
                                           "  - {model: gpt-x-weu, from: 2020-01-01, input: 6 USD/M, cached: 3 USD/M, output: 24 USD/M}\n",
                                           "cached: 0.3 USD/M, cache_write: 3.75 USD/M, output: 15 USD/M}\n"};
    struct demo_files f = open_files(NULL);
    char text[TEXT_ROOM] = "";
    struct stat st;
    ck_assert_int_eq(demo_files_write_config(&f, "demo", "http://127.0.0.1:4711", NULL), ERR_OK);
    FILE *in = fopen(f.config, "r");
    ck_assert_ptr_nonnull(in);
    ck_assert_uint_gt(fread(text, 1, sizeof text - 1, in), 0);
    fclose(in);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        ck_assert_msg(strstr(text, expected[i]) != NULL, "no %s", expected[i]);
    ck_assert_int_eq(stat(f.config, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0077, 0);
    demo_files_close(&f);
}
END_TEST

Suite *suite_demo_files(void)
{
    Suite *suite = suite_create("demo_files");
    TCase *t = tcase_create("demo_files");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, the_own_folder_is_made_private);
    tcase_add_test(t, home_serves_where_no_state_folder_is_named);
    tcase_add_test(t, a_second_demo_takes_the_next_slot);
    tcase_add_test(t, a_slot_that_a_recorder_still_writes_is_left_alone);
    tcase_add_test(t, only_an_earlier_demos_store_is_removed);
    tcase_add_test(t, acts_of_an_earlier_demo_are_not_taken_in);
    tcase_add_test(t, the_configuration_names_its_sources);
    suite_add_tcase(suite, t);
    return suite;
}
