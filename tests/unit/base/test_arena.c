/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <check.h>
#include <stdint.h>
#include <string.h>

Suite *suite_arena(void);

START_TEST(memory_is_zeroed_aligned_and_apart)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    unsigned char *all[300];
    for (size_t i = 0; i < 300; i++) {
        all[i] = arena_alloc(&a, i);
        ck_assert_ptr_nonnull(all[i]);
        ck_assert_uint_eq((uintptr_t)all[i] % 16, 0);
        for (size_t k = 0; k < i; k++)
            if (all[i][k] != 0)
                ck_abort_msg("byte %zu of %zu is not zero", k, i);
        memset(all[i], (int)(i & 0xFF), i);
    }
    for (size_t i = 0; i < 300; i++)
        for (size_t k = 0; k < i; k++)
            if (all[i][k] != (i & 0xFF))
                ck_abort_msg("byte %zu of %zu was overwritten", k, i);
    arena_fini(&a);
    arena_fini(&a);
    arena_fini(NULL);
}
END_TEST

START_TEST(the_cap_holds)
{
    struct arena a;
    arena_init(&a, 160);
    for (int i = 0; i < 10; i++)
        ck_assert_ptr_nonnull(arena_alloc(&a, 16));
    ck_assert_ptr_null(arena_alloc(&a, 1));
    ck_assert_uint_eq(a.used, 160);
    arena_reset(&a);
    ck_assert_uint_eq(a.used, 0);
    ck_assert_ptr_nonnull(arena_alloc(&a, 160));
    ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX));
    ck_assert_ptr_null(arena_array(&a, SIZE_MAX / 2, 4));
    arena_reset(&a);
    ck_assert_ptr_null(arena_array(&a, SIZE_MAX / 4 + 1, 4)); /* the product is 0 in 64 bits */
    ck_assert_ptr_nonnull(arena_array(&a, 5, 16));
    ck_assert_uint_eq(a.used, 80);
    ck_assert_ptr_ne(arena_alloc(&a, 0), arena_alloc(&a, 0));
    arena_fini(&a);
    arena_init(&a, SIZE_MAX);
    ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX - 31));
    ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX - 4));
    ck_assert_ptr_nonnull(arena_array(&a, 0, 4));
    ck_assert_ptr_nonnull(arena_array(&a, 4, 0));
    arena_fini(&a);
}
END_TEST

/* The same requests find the same places: nothing was allocated in between. */
static void run_cycle(struct arena *a, void *places[], size_t count)
{
    arena_reset(a);
    for (size_t i = 0; i < count; i++) {
        places[i] = arena_alloc(a, i % 7 == 0 ? 70000 : 10 + i * 13 % 5000);
        ck_assert_ptr_nonnull(places[i]);
        memset(places[i], 0xFF, 10);
    }
}

START_TEST(a_steady_cycle_allocates_nothing)
{
    enum { COUNT = 200 };
    struct arena a;
    arena_init(&a, 1 << 26);
    void *first[COUNT], *again[COUNT];
    run_cycle(&a, first, COUNT);
    size_t used = a.used;
    for (int i = 0; i < 5; i++) {
        run_cycle(&a, again, COUNT);
        ck_assert_mem_eq(first, again, sizeof first);
        ck_assert_uint_eq(a.used, used);
    }
    run_cycle(&a, again, 10); /* a small cycle lets the rest go, and the next large one works as before */
    ck_assert_mem_eq(first, again, 10 * sizeof first[0]);
    run_cycle(&a, again, COUNT);
    ck_assert_uint_eq(a.used, used);
    arena_fini(&a);
}
END_TEST

START_TEST(a_request_larger_than_the_waiting_block_goes_before_it)
{
    struct arena a;
    arena_init(&a, 1 << 26);
    ck_assert_ptr_nonnull(arena_alloc(&a, 4096));
    void *second = arena_alloc(&a, 4096);
    arena_reset(&a);
    ck_assert_ptr_nonnull(arena_alloc(&a, 4096));
    char *large = arena_alloc(&a, 1 << 20);
    ck_assert_ptr_nonnull(large);
    memset(large, 1, 1 << 20);
    ck_assert_ptr_eq(arena_alloc(&a, 4096), second);
    arena_fini(&a);
}
END_TEST

START_TEST(strings)
{
    struct arena a;
    arena_init(&a, 4096);
    ck_assert_str_eq(arena_strdup(&a, (struct str){"hello", 4}), "hell");
    ck_assert_str_eq(arena_strdup(&a, (struct str){NULL, 0}), "");
    ck_assert_str_eq(arena_strdup(&a, str_of("x")), "x");
    size_t before = a.used;
    ck_assert_str_eq(arena_strdup(&a, str_of("fifteen letters")), "fifteen letters");
    ck_assert_uint_eq(a.used - before, 16);
    ck_assert_str_eq(arena_printf(&a, "%s-%d", "x", 12), "x-12");
    ck_assert_str_eq(arena_printf(&a, "%s", ""), "");
    ck_assert_ptr_null(arena_printf(&a, "%5000d", 1));
    arena_fini(&a);
}
END_TEST

Suite *suite_arena(void)
{
    Suite *suite = suite_create("arena");
    TCase *t = tcase_create("arena");
    tcase_add_test(t, memory_is_zeroed_aligned_and_apart);
    tcase_add_test(t, the_cap_holds);
    tcase_add_test(t, a_steady_cycle_allocates_nothing);
    tcase_add_test(t, a_request_larger_than_the_waiting_block_goes_before_it);
    tcase_add_test(t, strings);
    suite_add_tcase(suite, t);
    return suite;
}
