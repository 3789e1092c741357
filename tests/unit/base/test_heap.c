/* SPDX-License-Identifier: MIT */
#include "base/heap.h"

#include <check.h>
#include <stdlib.h>

#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
#include <malloc.h>
#endif

Suite *suite_heap(void);

/* glibc would keep the second block, for it learns from the first one that such blocks come and go. */
START_TEST(a_large_block_goes_back_each_time)
{
#ifdef M_MMAP_THRESHOLD
    heap_give_back();
    void *volatile p = malloc(1 << 20);
    free(p);
    const size_t before = mallinfo2().hblkhd; /* bytes that are mapped for blocks of their own */
    p = malloc(1 << 19);
    ck_assert_ptr_nonnull(p);
    ck_assert_uint_ge(mallinfo2().hblkhd, before + (1 << 19));
    free(p);
    ck_assert_uint_eq(mallinfo2().hblkhd, before);
#endif
}
END_TEST

Suite *suite_heap(void)
{
    Suite *suite = suite_create("heap");
    TCase *t = tcase_create("heap");
    tcase_add_test(t, a_large_block_goes_back_each_time);
    suite_add_tcase(suite, t);
    return suite;
}
