/* SPDX-License-Identifier: MIT */
/* The two notes of paging survive being written and read; what is wrong reads as one sentence. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "model/paging.h"

Suite *suite_paging(void);

START_TEST(the_log_is_read_back_and_keeps_the_newest)
{
    struct page_log *log = calloc(1, sizeof *log), *back = calloc(1, sizeof *back);
    struct page_told p = {.on = PAGE_RESOLVED, .severity = SEV_PAGE, .incident = 7, .at_ms = 11, .since_ms = 5, .known_ms = 12};
    struct arena a;
    struct buf out;
    ck_assert(log != NULL && back != NULL);
    arena_init(&a, 4 << 20);
    buf_init(&out, PAGING_NOTE_MAX_BYTES);
    strcpy(p.title, "a \"title\"\\ with é");
    strcpy(p.text, "x");
    for (int i = 0; i < PAGES_KEPT + 3; i++)
        page_log_add(log, &p);
    ck_assert_uint_eq(log->count, PAGES_KEPT);
    ck_assert_ptr_null(page_log_find(log, 3));
    ck_assert_ptr_nonnull(page_log_find(log, 4));
    ck_assert_int_eq(page_log_write(log, &out), ERR_OK);
    ck_assert_int_eq(page_log_read(buf_str(&out), &a, back, NULL), ERR_OK);
    ck_assert_int_eq(back->last_seq, PAGES_KEPT + 3);
    ck_assert_uint_eq(back->count, PAGES_KEPT);
    const struct page_told *last = page_log_find(back, PAGES_KEPT + 3);
    ck_assert_ptr_nonnull(last);
    ck_assert_str_eq(last->title, p.title);
    ck_assert_int_eq(last->on, PAGE_RESOLVED);
    ck_assert(last->severity == SEV_PAGE && last->incident == 7 && last->at_ms == 11 && last->since_ms == 5 && last->known_ms == 12);
    buf_fini(&out);
    arena_fini(&a);
    free(log);
    free(back);
}
END_TEST

START_TEST(targets_are_read_back)
{
    struct paging_target *list = calloc(2, sizeof *list), *back;
    struct arena a;
    struct buf out;
    uint32_t count;
    ck_assert_ptr_nonnull(list);
    arena_init(&a, 4 << 20);
    buf_init(&out, PAGING_NOTE_MAX_BYTES);
    strcpy(list[0].name, "phone");
    strcpy(list[0].why, "exit 3: \"no\"");
    list[0].identity = UINT64_C(0xfedcba9876543210);
    list[0].seen_seq = 9;
    list[0].failed_count = 2;
    list[0].failed[0] = 7;
    list[0].failed[1] = 8;
    list[0].failing_since_ms = 1000;
    list[0].owed_count = 1;
    list[0].owed[0] = (struct paging_owed){.seq = 9, .next_ms = 77, .tries = 2};
    list[0].told_count = 2;
    list[0].told[1] = 42;
    strcpy(list[1].name, "url");
    list[1].heartbeat = true;
    ck_assert_int_eq(paging_write(list, 2, &out), ERR_OK);
    ck_assert_int_eq(paging_read(buf_str(&out), &a, &back, &count, NULL), ERR_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(memcmp(&list[0], &back[0], sizeof list[0]), 0);
    ck_assert(back[1].heartbeat && back[1].failing_since_ms == 0);
    buf_fini(&out);
    arena_fini(&a);
    free(list);
}
END_TEST

START_TEST(a_page_is_told_before_a_heartbeat)
{
    struct paging_target *list = calloc(3, sizeof *list);
    char text[300];
    ck_assert_ptr_nonnull(list);
    strcpy(list[0].name, "url");
    list[0].heartbeat = true;
    strcpy(list[1].name, "phone");
    paging_trouble(list, 3, text, sizeof text);
    ck_assert_str_eq(text, "");
    list[0].failing_since_ms = 1000;
    strcpy(list[0].why, "status 500");
    paging_trouble(list, 3, text, sizeof text);
    ck_assert_str_eq(text, "HEARTBEAT NOT SENT: url: status 500, since 00:00:01Z");
    list[1].failing_since_ms = 2000;
    strcpy(list[1].why, "exit 3");
    paging_trouble(list, 3, text, sizeof text);
    ck_assert_str_eq(text, "PAGE NOT DELIVERED: phone: exit 3, since 00:00:02Z (+1 more)");
    free(list);
}
END_TEST

Suite *suite_paging(void)
{
    Suite *s = suite_create("paging");
    TCase *t = tcase_create("all");
    tcase_add_test(t, the_log_is_read_back_and_keeps_the_newest);
    tcase_add_test(t, targets_are_read_back);
    tcase_add_test(t, a_page_is_told_before_a_heartbeat);
    suite_add_tcase(s, t);
    return s;
}
