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
    ck_assert(!s.watch); /* its start time says what it is */
    ck_assert_int_eq(judge(&s, poll_at(3, 0, 0, 40, 1000020)), SAWTOOTH_CONTINUE);
    ck_assert(!s.on);
}
END_TEST

START_TEST(a_process_that_was_there_before_is_another_worker_once_it_comes_back)
{
    struct sawtooth s;
    sawtooth_init(&s);
    ck_assert_int_eq(judge(&s, poll_at(1, 0, 0, 0, 900000)), SAWTOOTH_CONTINUE);
    ck_assert_int_eq(judge(&s, poll_at(2, 3, 1, 0, 900300)), SAWTOOTH_UNKNOWN); /* a fail-over would look like this */
    ck_assert(!s.on);
    ck_assert_int_eq(judge(&s, poll_at(3, 0, 0, 0, 900000)), SAWTOOTH_UNKNOWN);
    ck_assert(s.on);
}
END_TEST

START_TEST(one_fall_by_little_is_a_new_baseline_and_no_saw)
{
    struct sawtooth s;
    sawtooth_init(&s);
    ck_assert_int_eq(judge(&s, poll_at(1, 0, 0, 0, NAN)), SAWTOOTH_CONTINUE);
    ck_assert_int_eq(judge(&s, poll_at(2, 60, 55, 0, NAN)), SAWTOOTH_UNKNOWN); /* how much was counted since nobody can say */
    for (int i = 3; i < 60; i++) {
        ck_assert_int_eq(judge(&s, poll_at(i, 0, 0, i % 7 == 0 ? 2 : 0, NAN)), SAWTOOTH_CONTINUE);
        ck_assert(!s.on);
    }
    ck_assert_int_eq(judge(&s, poll_at(60, 60, 55, 0, NAN)), SAWTOOTH_UNKNOWN); /* an hour later another restart */
    ck_assert(!s.on);
}
END_TEST

START_TEST(down_up_and_down_again_is_a_saw_and_no_flank_of_it_counts)
{
    struct sawtooth s;
    sawtooth_init(&s);
    ck_assert_int_eq(judge(&s, poll_at(1, 0, 0, 0, NAN)), SAWTOOTH_CONTINUE);
    ck_assert_int_eq(judge(&s, poll_at(2, 60, 55, 0, NAN)), SAWTOOTH_UNKNOWN);
    ck_assert(s.watch);
    ck_assert_int_eq(judge(&s, poll_at(3, 0, 0, 60, NAN)), SAWTOOTH_UNKNOWN);
    ck_assert(s.watch && !s.on);
    ck_assert_int_eq(judge(&s, poll_at(4, 60, 55, 0, NAN)), SAWTOOTH_UNKNOWN);
    ck_assert(s.on && !s.watch);
    ck_assert_uint_eq(sawtooth_doubt(&s), 2 + SAWTOOTH_WINDOW); /* the first fall was two polls ago */
}
END_TEST

START_TEST(restarts_in_a_row_that_never_climb_back_are_no_saw)
{
    struct sawtooth s;
    sawtooth_init(&s);
    for (int i = 1; i < 40; i++)
        ck_assert_int_eq(judge(&s, poll_at(i, i % 4 == 0 ? 90 : 0, 0, 0, NAN)), SAWTOOTH_CONTINUE);
    ck_assert(!s.on);
}
END_TEST

START_TEST(falls_to_nothing_without_a_start_time_are_a_restart_until_they_climb_back_again_and_again)
{
    struct sawtooth s;
    sawtooth_init(&s);
    ck_assert_int_eq(judge(&s, poll_at(1, 0, 0, 0, NAN)), SAWTOOTH_CONTINUE);
    ck_assert_int_eq(judge(&s, poll_at(2, 90, 5, 0, NAN)), SAWTOOTH_CONTINUE);
    ck_assert_int_eq(judge(&s, poll_at(3, 0, 0, 90, NAN)), SAWTOOTH_UNKNOWN);
    ck_assert_int_eq(judge(&s, poll_at(4, 90, 5, 0, NAN)), SAWTOOTH_UNKNOWN);
    ck_assert(s.on);
}
END_TEST

/* A page of an ok and a failed series. */
START_TEST(two_counters_are_enough)
{
    struct sawtooth s;
    sawtooth_init(&s);
    const struct sawtooth_poll up = {.counters = 2, .climbed = 2, .plain = 2, .plain_climbed = 2, .start_s = NAN},
                               down = {.counters = 2, .fell = 2, .plain = 2, .plain_fell = 2, .start_s = NAN};
    ck_assert_int_eq(judge(&s, down), SAWTOOTH_CONTINUE);
    ck_assert(s.hold);
    ck_assert_int_eq(judge(&s, up), SAWTOOTH_UNKNOWN);
    ck_assert(!s.hold && s.held == 0);
    ck_assert_int_eq(judge(&s, down), SAWTOOTH_UNKNOWN);
    ck_assert(s.on);
}
END_TEST

START_TEST(what_is_held_is_settled_once)
{
    struct sawtooth s;
    sawtooth_init(&s);
    ck_assert_int_eq(judge(&s, poll_at(1, 90, 2, 0, NAN)), SAWTOOTH_CONTINUE);
    ck_assert(s.hold);
    for (int i = 1; i <= 20; i++) {
        ck_assert_int_eq(judge(&s, poll_at(1 + i, 0, 0, i % 3 == 0 ? 2 : 0, NAN)), SAWTOOTH_CONTINUE); /* few go beyond where they were */
        ck_assert_int_eq(s.hold, i < SAWTOOTH_HOLD); /* what came after it waits with it */
        ck_assert_uint_eq(s.held, i < SAWTOOTH_HOLD ? (2u << i) - 1 : 0);
        ck_assert_uint_eq(s.counts, i == SAWTOOTH_HOLD ? ((2u << i) - 1) & ~1u : 0);
        ck_assert_int_eq(s.watch, i < SAWTOOTH_HOLD);
        ck_assert_int_eq(s.began_anew, i == SAWTOOTH_HOLD);
    }
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

START_TEST(calm_ends_it_after_a_bounded_number_of_polls)
{
    struct sawtooth s;
    sawtooth_init(&s);
    int i = 1;
    while (!s.on && i < 200) {
        (void)judge(&s, poll_at(i, i % 2 == 0 ? 60 : 0, 55, i % 2 == 0 ? 0 : 60, NAN));
        i++;
    }
    ck_assert_int_le(i, 6);
    for (int calm = 1; calm < SAWTOOTH_CALM; calm++)
        ck_assert_int_eq(judge(&s, poll_at(i++, 0, 0, 0, NAN)), SAWTOOTH_UNKNOWN);
    ck_assert(s.on);
    ck_assert_int_eq(judge(&s, poll_at(i++, 0, 0, 0, NAN)), SAWTOOTH_CONTINUE); /* against the baseline of the poll before */
    ck_assert(!s.on);
    ck_assert_int_eq(judge(&s, poll_at(i, 0, 0, 60, NAN)), SAWTOOTH_CONTINUE); /* what was before is forgotten */
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
    tcase_add_test(c, a_process_that_was_there_before_is_another_worker_once_it_comes_back);
    tcase_add_test(c, one_fall_by_little_is_a_new_baseline_and_no_saw);
    tcase_add_test(c, down_up_and_down_again_is_a_saw_and_no_flank_of_it_counts);
    tcase_add_test(c, restarts_in_a_row_that_never_climb_back_are_no_saw);
    tcase_add_test(c, falls_to_nothing_without_a_start_time_are_a_restart_until_they_climb_back_again_and_again);
    tcase_add_test(c, two_counters_are_enough);
    tcase_add_test(c, what_is_held_is_settled_once);
    tcase_add_test(c, single_counters_that_fall_are_resets_of_their_own);
    tcase_add_test(c, calm_ends_it_after_a_bounded_number_of_polls);
    tcase_add_test(c, a_start_time_that_trembles_is_the_same_process);
    suite_add_tcase(s, c);
    return s;
}
