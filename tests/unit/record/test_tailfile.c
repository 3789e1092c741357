/* SPDX-License-Identifier: MIT */
/* Reading on in a file that grows, is renamed and begun anew, or cut. */
#include "record/tailfile.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "support/tmpdir.h"

static char dir[128], path[200], other[200];
static struct tailfile t;
static struct buf got;
static struct errctx ctx;
static bool refuse;

static void setup(void)
{
    ck_assert(tmpdir_make(dir, sizeof dir));
    snprintf(path, sizeof path, "%s/c.jsonl", dir);
    snprintf(other, sizeof other, "%s/c.jsonl.1", dir);
    buf_init(&got, 64 << 20);
    refuse = false;
}

static void teardown(void)
{
    tailfile_close(&t);
    buf_fini(&got);
    ck_assert(tmpdir_remove(dir));
}

static void put(const char *to, const char *mode, const char *text)
{
    FILE *f = fopen(to, mode);
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(text, 1, strlen(text), f), strlen(text));
    ck_assert_int_eq(fclose(f), 0);
}

static bool take(void *c, const void *p, size_t n)
{
    (void)c;
    ck_assert_int_eq(buf_append(&got, p, n), ERR_OK);
    return !refuse;
}

static enum err read_more(void)
{
    size_t n = 0;
    return tailfile_read(&t, path, take, NULL, &n, &ctx);
}

static const char *more(void)
{
    buf_reset(&got);
    ck_assert_msg(read_more() == ERR_OK, "%s", ctx.text);
    ck_assert_int_eq(buf_append_char(&got, '\0'), ERR_OK);
    return got.data;
}

START_TEST(what_is_appended_is_read_once)
{
    put(path, "w", "one\ntw");
    ck_assert_str_eq(more(), "one\ntw");
    ck_assert_str_eq(more(), "");
    put(path, "a", "o\n");
    ck_assert_str_eq(more(), "o\n");
}
END_TEST

START_TEST(a_file_that_was_renamed_is_read_to_its_end_before_the_next)
{
    put(path, "w", "one\n");
    ck_assert_str_eq(more(), "one\n");
    put(path, "a", "two\nthr");
    ck_assert_int_eq(rename(path, other), 0);
    ck_assert_str_eq(more(), "two\nthr"); /* there is no other yet */
    put(other, "a", "ee");
    put(path, "w", "four\n");
    ck_assert_str_eq(more(), "ee\nfour\n"); /* and the half of a line is one */
    put(path, "a", "five\n");
    ck_assert_str_eq(more(), "five\n");
}
END_TEST

START_TEST(a_file_that_was_cut_is_read_from_its_beginning)
{
    put(path, "w", "one\ntwo");
    ck_assert_str_eq(more(), "one\ntwo");
    put(path, "w", "3\n");
    ck_assert_str_eq(more(), "\n3\n");
}
END_TEST

START_TEST(of_a_long_file_the_end_is_read_from_a_line_on)
{
    static char line[102];
    memset(line, 'x', 100);
    line[100] = '\n';
    put(path, "w", "first\n");
    for (int i = 0; i < 20000; i++)
        put(path, "a", line);
    put(path, "a", "last\n");
    const char *text = more();
    ck_assert_uint_le(strlen(text), TAILFILE_FIRST_BYTES);
    ck_assert_uint_ge(strlen(text), TAILFILE_FIRST_BYTES - 101);
    ck_assert(strncmp(text, line, 101) == 0);
    ck_assert_str_eq(text + strlen(text) - 5, "last\n");
    tailfile_close(&t); /* again from there */
    ck_assert_uint_ge(strlen(more()), TAILFILE_FIRST_BYTES - 101);
}
END_TEST

START_TEST(what_cannot_be_read_is_named)
{
    ck_assert_int_eq(read_more(), ERR_IO);
    ck_assert_ptr_nonnull(strstr(ctx.text, "c.jsonl is not there"));
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(read_more(), ERR_IO); /* and nobody waits for a writer */
    ck_assert_ptr_nonnull(strstr(ctx.text, "no regular file"));
    ck_assert_int_eq(unlink(path), 0);
    put(path, "w", "one\n");
    refuse = true;
    ck_assert_int_eq(read_more(), ERR_LIMIT);
}
END_TEST

Suite *suite_tailfile(void);
Suite *suite_tailfile(void)
{
    Suite *suite = suite_create("tailfile");
    TCase *tc = tcase_create("tailfile");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, what_is_appended_is_read_once);
    tcase_add_test(tc, a_file_that_was_renamed_is_read_to_its_end_before_the_next);
    tcase_add_test(tc, a_file_that_was_cut_is_read_from_its_beginning);
    tcase_add_test(tc, of_a_long_file_the_end_is_read_from_a_line_on);
    tcase_add_test(tc, what_cannot_be_read_is_named);
    suite_add_tcase(suite, tc);
    return suite;
}
