/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "record/schedule.h"

static uint32_t add(struct schedule *s, int64_t interval, int64_t now)
{
    uint32_t i = UINT32_MAX;
    ck_assert_int_eq(schedule_add(s, interval, now, &i), ERR_OK);
    return i;
}

START_TEST(the_beat_holds_and_missed_beats_are_left_out)
{
    struct schedule s;
    uint32_t i;
    schedule_init(&s, 0, false, 1, 0);
    add(&s, 1000, 0);
    ck_assert(schedule_take(&s, 0, &i));
    schedule_done(&s, i, true, 300); /* a slow answer does not shift the next */
    ck_assert(!schedule_take(&s, 999, &i));
    ck_assert_int_eq(schedule_wait(&s, 300, 5000), 700);
    ck_assert(schedule_take(&s, 1000, &i));
    schedule_done(&s, i, true, 4500); /* 2000, 3000 and 4000 are gone */
    ck_assert(!schedule_take(&s, 4999, &i));
    ck_assert(schedule_take(&s, 5000, &i));
    schedule_fini(&s);
}
END_TEST

/* What may wait for ever never makes a source wait. */
START_TEST(a_spare_token_is_one_that_is_back_in_time)
{
    struct schedule s;
    uint32_t i;
    schedule_init(&s, 0, false, 1, 0);
    ck_assert(schedule_take_spare_token(&s, 0)); /* no budget */
    schedule_fini(&s);
    schedule_init(&s, 1, false, 1, 0); /* one request a second, one at a time */
    add(&s, 10000, 0);
    ck_assert(!schedule_take_spare_token(&s, 0)); /* a source is due */
    ck_assert(schedule_take(&s, 0, &i));
    ck_assert(!schedule_take_spare_token(&s, 500)); /* there is none */
    schedule_done(&s, i, true, 600);
    ck_assert(schedule_take_spare_token(&s, 1000));
    ck_assert(!schedule_take_spare_token(&s, 1500));
    ck_assert(schedule_take_spare_token(&s, 9000)); /* back at 10000, when the next is due */
    ck_assert(schedule_take(&s, 10000, &i));
    schedule_done(&s, i, true, 10000);
    ck_assert(!schedule_take_spare_token(&s, 19001)); /* it would be back at 20001 */
    ck_assert(schedule_take(&s, 20000, &i));
    schedule_fini(&s);
}
END_TEST

START_TEST(a_source_is_never_asked_twice_at_once)
{
    struct schedule s;
    uint32_t i;
    schedule_init(&s, 0, false, 1, 0);
    add(&s, 10, 0);
    ck_assert(schedule_take(&s, 0, &i));
    ck_assert(!schedule_take(&s, 1000000, &i));
    ck_assert_int_eq(schedule_wait(&s, 1000000, 777), 777);
    schedule_fini(&s);
}
END_TEST

START_TEST(failures_double_the_wait_up_to_a_bound)
{
    struct schedule s;
    uint32_t i;
    static const struct {
        int64_t interval, waits[6];
    } of[] = {{1000, {1000, 2000, 4000, 8000, 15000, 15000}},
              {2000, {2000, 4000, 8000, 15000, 15000, 15000}},
              {15000, {15000, 30000, 60000, 60000, 60000, 60000}},
              {120000, {120000, 240000, 300000, 300000, 300000, 300000}},
              {900000, {900000, 900000, 900000, 900000, 900000, 900000}}};
    for (size_t n = 0; n < sizeof of / sizeof *of; n++) {
        int64_t now = 0;
        schedule_init(&s, 0, false, 1, 0);
        add(&s, of[n].interval, 0);
        for (size_t k = 0; k < 6; k++) {
            ck_assert(schedule_take(&s, now, &i));
            schedule_done(&s, i, false, now);
            ck_assert(!schedule_take(&s, now + of[n].waits[k] - 1, &i));
            now += of[n].waits[k];
        }
        ck_assert(schedule_take(&s, now, &i));
        schedule_done(&s, i, true, now); /* one good answer ends it */
        ck_assert(schedule_take(&s, now + of[n].interval, &i));
        schedule_fini(&s);
    }
}
END_TEST

START_TEST(who_wants_to_be_left_alone_is)
{
    struct schedule s;
    uint32_t i;
    schedule_init(&s, 0, false, 1, 0);
    add(&s, 1000, 0);
    ck_assert(schedule_take(&s, 0, &i));
    schedule_done(&s, i, false, 10);
    schedule_hold(&s, i, 120000, 10);
    ck_assert(!schedule_take(&s, 120009, &i));
    ck_assert(schedule_take(&s, 120010, &i));
    schedule_done(&s, i, false, 120010);
    schedule_hold(&s, i, 0, 120010); /* nothing wanted: as any failure */
    ck_assert(!schedule_take(&s, 121999, &i));
    ck_assert(schedule_take(&s, 122010, &i));
    schedule_fini(&s);
}
END_TEST

START_TEST(a_long_interval_is_not_shortened_by_back_off)
{
    struct schedule s;
    uint32_t i;
    schedule_init(&s, 0, false, 1, 0);
    add(&s, 3600000, 0);
    for (int k = 0; k < 4; k++) {
        ck_assert(schedule_take(&s, k * INT64_C(3600000), &i));
        schedule_done(&s, i, false, k * INT64_C(3600000));
        ck_assert(!schedule_take(&s, (k + 1) * INT64_C(3600000) - 1, &i));
    }
    schedule_fini(&s);
}
END_TEST

START_TEST(jitter_spreads_starts_and_repeats_with_its_seed)
{
    struct schedule a, b;
    schedule_init(&a, 0, true, 7, 0);
    schedule_init(&b, 0, true, 7, 0);
    int64_t least = INT64_MAX, most = 0;
    for (int k = 0; k < 100; k++) {
        uint32_t x = add(&a, 15000, 0), y = add(&b, 15000, 0);
        ck_assert_int_eq(a.list[x].due_ms, b.list[y].due_ms);
        ck_assert_int_ge(a.list[x].due_ms, 0);
        ck_assert_int_lt(a.list[x].due_ms, SCHEDULE_SPREAD_MS);
        least = a.list[x].due_ms < least ? a.list[x].due_ms : least;
        most = a.list[x].due_ms > most ? a.list[x].due_ms : most;
    }
    ck_assert_int_gt(most - least, SCHEDULE_SPREAD_MS / 2);
    schedule_fini(&a);
    schedule_fini(&b);
}
END_TEST

START_TEST(the_budget_holds_over_all_sources)
{
    struct schedule s;
    uint32_t i;
    int taken = 0;
    schedule_init(&s, 5, false, 1, 0);
    for (int k = 0; k < 100; k++)
        add(&s, 1000, 0);
    for (int64_t now = 0; now <= 10000; now += 10) {
        while (schedule_take(&s, now, &i)) {
            taken++;
            schedule_done(&s, i, true, now);
        }
    }
    ck_assert_int_ge(taken, 50);
    ck_assert_int_le(taken, 55); /* five a second, and the bucket's five at the beginning */
    ck_assert_int_gt(schedule_wait(&s, 10000, 5000), 0);
    schedule_fini(&s);
}
END_TEST

START_TEST(who_waited_longest_goes_first)
{
    struct schedule s;
    uint32_t i;
    schedule_init(&s, 0, false, 1, 0);
    uint32_t late = add(&s, 1000, 50), early = add(&s, 1000, 10);
    ck_assert(schedule_take(&s, 100, &i));
    ck_assert_uint_eq(i, early);
    ck_assert(schedule_take(&s, 100, &i));
    ck_assert_uint_eq(i, late);
    schedule_fini(&s);
}
END_TEST

Suite *suite_schedule(void);
Suite *suite_schedule(void)
{
    Suite *s = suite_create("schedule");
    TCase *c = tcase_create("schedule");
    tcase_add_test(c, the_beat_holds_and_missed_beats_are_left_out);
    tcase_add_test(c, a_spare_token_is_one_that_is_back_in_time);
    tcase_add_test(c, a_source_is_never_asked_twice_at_once);
    tcase_add_test(c, failures_double_the_wait_up_to_a_bound);
    tcase_add_test(c, who_wants_to_be_left_alone_is);
    tcase_add_test(c, a_long_interval_is_not_shortened_by_back_off);
    tcase_add_test(c, jitter_spreads_starts_and_repeats_with_its_seed);
    tcase_add_test(c, the_budget_holds_over_all_sources);
    tcase_add_test(c, who_waited_longest_goes_first);
    suite_add_tcase(s, c);
    return s;
}
