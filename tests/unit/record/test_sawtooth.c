/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>

#include "record/sawtooth.h"

/* One poll every 15 s. */
static struct sawtooth_poll poll_at(int i, uint32_t fell, uint32_t half, uint32_t climbed, double start_s)
{
    return (struct sawtooth_poll){.counters = 100,
                                  .fell = fell,
                                  .fell_half = half,
                                  .climbed = climbed,
                                  .start_s = start_s,
                                  .t0_ms = 1000000000 + (i - 1) * 15000,
                                  .t1_ms = 1000000000 + i * 15000};
}

static enum sawtooth_verdict judge(struct sawtooth *s, struct sawtooth_poll p)
{
    return sawtooth_judge(s, &p);
}

START_TEST(a_new_process_is_a_restart)
{
    struct sawtooth s;
    sawtooth_init(&s);
    ck_assert_int_eq(judge(&s, poll_at(1, 0, 0, 0, 900000)), SAWTOOTH_CONTINUE);
    ck_assert_int_eq(judge(&s, poll_at(2, 90, 2, 0, 1000020)), SAWTOOTH_RESTARTED);
    ck_assert_int_eq(judge(&s, poll_at(3, 0, 0, 40, 1000020)), SAWTOOTH_CONTINUE);
    ck_assert(!s.on);
}
END_TEST

START_TEST(a_process_that_was_there_before_is_another_worker)
{
    struct sawtooth s;
    sawtooth_init(&s);
    ck_assert_int_eq(judge(&s, poll_at(1, 0, 0, 0, 900000)), SAWTOOTH_CONTINUE);
    ck_assert_int_eq(judge(&s, poll_at(2, 3, 1, 0, 900300)), SAWTOOTH_UNKNOWN);
    ck_assert(s.on);
    ck_assert_int_eq(judge(&s, poll_at(3, 60, 50, 0, 900000)), SAWTOOTH_UNKNOWN);
}
END_TEST

START_TEST(many_small_falls_without_a_start_time_are_workers)
{
    struct sawtooth s;
    sawtooth_init(&s);
    ck_assert_int_eq(judge(&s, poll_at(1, 0, 0, 0, NAN)), SAWTOOTH_CONTINUE);
    ck_assert_int_eq(judge(&s, poll_at(2, 60, 55, 0, NAN)), SAWTOOTH_UNKNOWN);
}
END_TEST

START_TEST(falls_to_nothing_without_a_start_time_are_a_restart_until_they_climb_back_again_and_again)
{
    struct sawtooth s;
    sawtooth_init(&s);
    ck_assert_int_eq(judge(&s, poll_at(1, 0, 0, 0, NAN)), SAWTOOTH_CONTINUE);
    ck_assert_int_eq(judge(&s, poll_at(2, 90, 5, 0, NAN)), SAWTOOTH_CONTINUE);
    ck_assert_int_eq(judge(&s, poll_at(3, 0, 0, 90, NAN)), SAWTOOTH_CONTINUE);
    ck_assert_int_eq(judge(&s, poll_at(4, 90, 5, 0, NAN)), SAWTOOTH_UNKNOWN);
    ck_assert(s.on);
}
END_TEST

START_TEST(single_counters_that_fall_are_resets_of_their_own)
{
    struct sawtooth s;
    sawtooth_init(&s);
    for (int i = 1; i < 50; i++)
        ck_assert_int_eq(judge(&s, poll_at(i, 2, 2, 0, i % 2 != 0 ? NAN : 900000)), SAWTOOTH_CONTINUE);
}
END_TEST

START_TEST(calm_ends_it_with_a_new_baseline)
{
    struct sawtooth s;
    sawtooth_init(&s);
    (void)judge(&s, poll_at(1, 60, 55, 0, NAN));
    int i = 2;
    while (s.on && i < 200)
        ck_assert_int_eq(judge(&s, poll_at(i++, 0, 0, 0, NAN)), SAWTOOTH_UNKNOWN);
    ck_assert_int_eq(i, 62);
    ck_assert_int_eq(judge(&s, poll_at(i, 0, 0, 0, NAN)), SAWTOOTH_CONTINUE);
}
END_TEST

START_TEST(a_start_time_that_trembles_is_the_same_process)
{
    struct sawtooth s;
    sawtooth_init(&s);
    for (int i = 1; i < 20; i++)
        ck_assert_int_eq(judge(&s, poll_at(i, 0, 0, 0, 900000 + (i % 2) * 1.5)), SAWTOOTH_CONTINUE);
}
END_TEST

Suite *suite_sawtooth(void);
Suite *suite_sawtooth(void)
{
    Suite *s = suite_create("sawtooth");
    TCase *c = tcase_create("sawtooth");
    tcase_add_test(c, a_new_process_is_a_restart);
    tcase_add_test(c, a_process_that_was_there_before_is_another_worker);
    tcase_add_test(c, many_small_falls_without_a_start_time_are_workers);
    tcase_add_test(c, falls_to_nothing_without_a_start_time_are_a_restart_until_they_climb_back_again_and_again);
    tcase_add_test(c, single_counters_that_fall_are_resets_of_their_own);
    tcase_add_test(c, calm_ends_it_with_a_new_baseline);
    tcase_add_test(c, a_start_time_that_trembles_is_the_same_process);
    suite_add_tcase(s, c);
    return s;
}
