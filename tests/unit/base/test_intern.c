/* SPDX-License-Identifier: MIT */
#include "base/intern.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *suite_intern(void);

static uint32_t add(struct intern *t, const char *z)
{
    uint32_t id = UINT32_MAX;
    ck_assert_int_eq(intern_add(t, str_of(z), &id), ERR_OK);
    return id;
}

START_TEST(equal_bytes_have_one_id)
{
    struct intern *t = intern_new(100);
    ck_assert_uint_eq(add(t, ""), 0);
    ck_assert_uint_eq(add(t, "a"), 1);
    ck_assert_uint_eq(add(t, "b"), 2);
    ck_assert_uint_eq(add(t, "a"), 1);
    ck_assert_uint_eq(intern_count(t), 3);
    ck_assert_str_eq(intern_text(t, 2), "b");
    ck_assert_str_eq(intern_text(t, 0), "");
    ck_assert_str_eq(intern_text(t, 3), "");
    ck_assert_str_eq(intern_text(t, UINT32_MAX), "");
    uint32_t id = 77;
    ck_assert(!intern_find(t, str_of("c"), &id));
    ck_assert_uint_eq(id, 77);
    ck_assert(intern_find(t, str_of("b"), &id));
    ck_assert_uint_eq(id, 2);
    ck_assert(intern_find(t, (struct str){NULL, 0}, &id));
    ck_assert_uint_eq(id, 0);
    uint32_t x, y;
    ck_assert_int_eq(intern_add(t, (struct str){"q\0r", 3}, &x), ERR_OK);
    ck_assert_int_eq(intern_add(t, (struct str){"q\0s", 3}, &y), ERR_OK);
    ck_assert_uint_ne(x, y);
    intern_free(t);
    intern_free(NULL);
}
END_TEST

START_TEST(grows_to_a_hundred_thousand)
{
    enum { COUNT = 100000 };
    struct intern *t = intern_new(COUNT);
    char text[32];
    const char *early = NULL;
    for (uint32_t i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "key-%u", i);
        uint32_t id = 0;
        if (intern_add(t, str_of(text), &id) != ERR_OK || id != i + 1)
            ck_abort_msg("%s got id %u", text, id);
        if (i == 5)
            early = intern_text(t, 6);
    }
    ck_assert_uint_eq(intern_count(t), COUNT + 1);
    ck_assert_ptr_eq(early, intern_text(t, 6)); /* a text never moves */
    for (uint32_t i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "key-%u", i);
        uint32_t id = 0;
        if (!intern_find(t, str_of(text), &id) || id != i + 1 || strcmp(intern_text(t, id), text) != 0)
            ck_abort_msg("%s has id %u", text, id);
    }
    uint32_t id = 7;
    ck_assert_int_eq(intern_add(t, str_of("one more"), &id), ERR_LIMIT);
    ck_assert_uint_eq(id, 7);
    ck_assert_uint_eq(add(t, "key-99"), 100); /* what is known is still found at the limit */
    intern_free(t);
}
END_TEST

START_TEST(long_texts)
{
    struct intern *t = intern_new(100);
    char *text = malloc(100000);
    memset(text, 'x', 100000);
    uint32_t ids[5];
    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(intern_add(t, (struct str){text, 99996 + i}, &ids[i]), ERR_OK);
    for (size_t i = 0; i < 5; i++)
        ck_assert_uint_eq(strlen(intern_text(t, ids[i])), 99996 + i);
    free(text);
    intern_free(t);
}
END_TEST

Suite *suite_intern(void)
{
    Suite *suite = suite_create("intern");
    TCase *t = tcase_create("intern");
    tcase_add_test(t, equal_bytes_have_one_id);
    tcase_add_test(t, grows_to_a_hundred_thousand);
    tcase_add_test(t, long_texts);
    suite_add_tcase(suite, t);
    return suite;
}
