/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <check.h>
#include <string.h>

Suite *suite_buf(void);

START_TEST(grows_and_stays_a_string)
{
    struct buf b;
    buf_init(&b, 1000);
    ck_assert_uint_eq(buf_str(&b).n, 0);
    ck_assert_str_eq(buf_str(&b).p, "");
    ck_assert_int_eq(buf_append_z(&b, "ab"), ERR_OK);
    ck_assert_int_eq(buf_append_char(&b, 'c'), ERR_OK);
    ck_assert_int_eq(buf_printf(&b, "%03d", 7), ERR_OK);
    ck_assert_str_eq(b.data, "abc007");
    for (int i = 0; i < 900; i++)
        ck_assert_int_eq(buf_append(&b, "x", 1), ERR_OK);
    ck_assert_uint_eq(b.len, 906);
    ck_assert_uint_eq(strlen(b.data), 906);
    ck_assert_int_eq(buf_printf(&b, "%s", ""), ERR_OK);
    ck_assert_uint_eq(b.len, 906);
    ck_assert(b.len <= b.cap && b.cap <= b.max);
    buf_reset(&b);
    ck_assert_uint_eq(b.len, 0);
    ck_assert_str_eq(b.data, "");
    buf_fini(&b);
    buf_fini(&b);
    buf_fini(NULL);
}
END_TEST

START_TEST(growing_costs_few_allocations)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    size_t last = 0;
    int changes = 0;
    for (int i = 0; i < 1 << 20; i++) {
        if (buf_append_char(&b, 'x') != ERR_OK)
            ck_abort_msg("byte %d", i);
        changes += b.cap != last;
        last = b.cap;
    }
    ck_assert_int_le(changes, 20);
    buf_fini(&b);
}
END_TEST

START_TEST(the_maximum_holds_and_nothing_is_cut)
{
    struct buf b;
    buf_init(&b, 10);
    ck_assert_int_eq(buf_append(&b, "0123456789", 10), ERR_OK);
    ck_assert_int_eq(buf_append_char(&b, 'x'), ERR_LIMIT);
    ck_assert_int_eq(buf_printf(&b, "%d", 1), ERR_LIMIT);
    ck_assert_ptr_null(buf_reserve(&b, 1));
    ck_assert_int_eq(buf_append(&b, "", 0), ERR_OK);
    ck_assert_str_eq(b.data, "0123456789");
    buf_reset(&b);
    ck_assert_int_eq(buf_printf(&b, "%s", "01234567890"), ERR_LIMIT);
    ck_assert_uint_eq(b.len, 0);
    ck_assert_int_eq(buf_append(&b, "x", SIZE_MAX), ERR_LIMIT);
    buf_fini(&b);
    buf_init(&b, 0);
    ck_assert_int_eq(buf_append(&b, NULL, 0), ERR_OK);
    ck_assert_str_eq(buf_str(&b).p, "");
    ck_assert_int_eq(buf_append_char(&b, 'x'), ERR_LIMIT);
    buf_fini(&b);
}
END_TEST

START_TEST(reserved_bytes_become_content)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    char *p = buf_reserve(&b, 100);
    ck_assert_ptr_nonnull(p);
    ck_assert_str_eq(buf_str(&b).p, "");
    memset(p, 'y', 100);
    b.len += 100;
    ck_assert_int_eq(buf_append_z(&b, "z"), ERR_OK);
    ck_assert_uint_eq(b.len, 101);
    ck_assert_int_eq(b.data[100], 'z');
    ck_assert_ptr_eq(buf_reserve(&b, 5), b.data + 101);
    ck_assert_ptr_null(buf_reserve(&b, SIZE_MAX - 101)); /* no memory for that, and no overflow on the way */
    ck_assert_uint_eq(b.len, 101);
    buf_fini(&b);
}
END_TEST

Suite *suite_buf(void)
{
    Suite *suite = suite_create("buf");
    TCase *t = tcase_create("buf");
    tcase_add_test(t, grows_and_stays_a_string);
    tcase_add_test(t, growing_costs_few_allocations);
    tcase_add_test(t, the_maximum_holds_and_nothing_is_cut);
    tcase_add_test(t, reserved_bytes_become_content);
    suite_add_tcase(suite, t);
    return suite;
}
