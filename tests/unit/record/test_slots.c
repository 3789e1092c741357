/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "record/slots.h"

static struct str key(char buf[32], int i)
{
    int n = snprintf(buf, 32, "series{i=\"%d\"}", i);
    return (struct str){buf, (size_t)n};
}

START_TEST(equal_keys_have_one_slot)
{
    struct slots t;
    char buf[32];
    uint32_t a, b;
    slots_init(&t, 1000);
    for (int i = 0; i < 500; i++) {
        ck_assert(!slots_find(&t, key(buf, i), &a));
        ck_assert_int_eq(slots_add(&t, key(buf, i), &a), ERR_OK);
        ck_assert_uint_eq(a, (uint32_t)i);
    }
    for (int i = 499; i >= 0; i--) { /* against the grain: every guess is wrong */
        ck_assert(slots_find(&t, key(buf, i), &b));
        ck_assert_uint_eq(b, (uint32_t)i);
        ck_assert(str_eq(slots_key(&t, b), key(buf, i)));
    }
    slots_fini(&t);
}
END_TEST

START_TEST(the_order_of_the_page_is_learnt)
{
    static const int order[] = {3, 1, 4, 0, 2};
    struct slots t;
    char buf[32];
    uint32_t a;
    slots_init(&t, 10);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(slots_add(&t, key(buf, i), &a), ERR_OK);
    for (int round = 0; round < 2; round++) {
        slots_rewind(&t);
        for (int i = 0; i < 5; i++) {
            uint32_t guess = t.prev == SLOT_NONE ? t.first : t.list[t.prev].next;
            ck_assert(slots_find(&t, key(buf, order[i]), &a));
            if (round == 1)
                ck_assert_uint_eq(guess, a);
        }
    }
    slots_fini(&t);
}
END_TEST

START_TEST(the_cap_refuses)
{
    struct slots t;
    char buf[32];
    uint32_t a;
    slots_init(&t, 3);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(slots_add(&t, key(buf, i), &a), ERR_OK);
    ck_assert_int_eq(slots_add(&t, key(buf, 3), &a), ERR_LIMIT);
    ck_assert(slots_find(&t, key(buf, 2), &a));
    slots_fini(&t);
}
END_TEST

START_TEST(a_sweep_forgets_the_old_and_keeps_the_rest)
{
    struct slots t;
    char buf[32];
    uint32_t a, remap[300];
    slots_init(&t, 1000);
    for (int i = 0; i < 300; i++) {
        ck_assert_int_eq(slots_add(&t, key(buf, i), &a), ERR_OK);
        t.list[a].last_seen = i % 3 == 0 ? 1 : 100;
        t.list[a].last = i;
    }
    slots_sweep(&t, 50, remap);
    ck_assert_uint_eq(t.count, 200);
    for (int i = 0; i < 300; i++) {
        bool found = slots_find(&t, key(buf, i), &a);
        ck_assert(found == (i % 3 != 0));
        if (found) {
            ck_assert_uint_eq(remap[i], a);
            ck_assert_double_eq(t.list[a].last, i);
        } else {
            ck_assert_uint_eq(remap[i], SLOT_NONE);
        }
    }
    ck_assert_int_eq(slots_add(&t, key(buf, 0), &a), ERR_OK);
    slots_fini(&t);
}
END_TEST

Suite *suite_slots(void);
Suite *suite_slots(void)
{
    Suite *s = suite_create("slots");
    TCase *c = tcase_create("slots");
    tcase_add_test(c, equal_keys_have_one_slot);
    tcase_add_test(c, the_order_of_the_page_is_learnt);
    tcase_add_test(c, the_cap_refuses);
    tcase_add_test(c, a_sweep_forgets_the_old_and_keeps_the_rest);
    suite_add_tcase(s, c);
    return s;
}
