/* SPDX-License-Identifier: MIT */
#include "support/tmpdir.h"

#include <check.h>

Suite *suite_tmpdir(void);

static void write_file(const char *dir, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fclose(f);
}

START_TEST(is_private_and_removed_whole)
{
    char outside[200], dir[200], path[512];
    ck_assert(tmpdir_make(outside, sizeof outside));
    ck_assert(tmpdir_make(dir, sizeof dir));
    ck_assert_str_ne(outside, dir);
    struct stat st;
    ck_assert_int_eq(stat(dir, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0700);
    write_file(dir, "a");
    write_file(outside, "kept");
    snprintf(path, sizeof path, "%s/link", dir);
    ck_assert_int_eq(symlink(outside, path), 0);
    snprintf(path, sizeof path, "%s/sub", dir);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    write_file(path, "b");
    ck_assert_int_eq(chmod(path, 0500), 0);
    ck_assert(tmpdir_remove(dir));
    ck_assert_int_ne(stat(dir, &st), 0);
    snprintf(path, sizeof path, "%s/kept", outside);
    ck_assert_int_eq(stat(path, &st), 0); /* the link was removed, not followed */
    ck_assert(tmpdir_remove(outside));
    ck_assert(!tmpdir_remove(outside));
    char small[8];
    ck_assert(!tmpdir_make(small, sizeof small));
}
END_TEST

Suite *suite_tmpdir(void)
{
    Suite *suite = suite_create("tmpdir");
    TCase *t = tcase_create("tmpdir");
    tcase_add_test(t, is_private_and_removed_whole);
    suite_add_tcase(suite, t);
    return suite;
}
