/* SPDX-License-Identifier: MIT */
#include "record/clockwatch.h"

#include <check.h>

static const struct clockwatch begin = {.wall_ms = 1700000000000, .mono_ms = 5000, .system_ms = 9000};

/* The word after a turn by these differences. */
static enum clockwatch_word after(int64_t wall, int64_t mono, int64_t system)
{
    struct clockwatch w = {0};
    const struct clockwatch next = {begin.wall_ms + wall, begin.mono_ms + mono, begin.system_ms + system};
    ck_assert_int_eq(clockwatch_turn(&w, &begin), CLOCKWATCH_STEADY); /* whatever was before the first turn */
    enum clockwatch_word word = clockwatch_turn(&w, &next);
    ck_assert_int_eq(clockwatch_turn(&w, &next), CLOCKWATCH_STEADY); /* said once */
    return word;
}

START_TEST(turns_in_time_are_nothing)
{
    ck_assert_int_eq(after(1000, 1000, 1000), CLOCKWATCH_STEADY);
    ck_assert_int_eq(after(CLOCKWATCH_STALL_MS, CLOCKWATCH_STALL_MS, CLOCKWATCH_STALL_MS), CLOCKWATCH_STEADY);
    ck_assert_int_eq(after(60000, 60000, 1000), CLOCKWATCH_STEADY); /* a world that runs at sixty times the speed */
}
END_TEST

START_TEST(a_process_that_was_stopped_finds_both_clocks_moved_on)
{
    ck_assert_int_eq(after(62000, 62000, 62000), CLOCKWATCH_STALLED);
}
END_TEST

START_TEST(a_machine_that_slept_and_a_clock_that_was_set_part_the_clocks)
{
    ck_assert_int_eq(after(3600000, 1000, 1000), CLOCKWATCH_FORWARD);
    ck_assert_int_eq(after(-3600000, 1000, 1000), CLOCKWATCH_BACK);
    ck_assert_int_eq(after(3600000, 62000, 62000), CLOCKWATCH_FORWARD); /* it was stopped, too: the longer time covers that */
}
END_TEST

Suite *suite_clockwatch(void);
Suite *suite_clockwatch(void)
{
    Suite *s = suite_create("clockwatch");
    TCase *c = tcase_create("clockwatch");
    tcase_add_test(c, turns_in_time_are_nothing);
    tcase_add_test(c, a_process_that_was_stopped_finds_both_clocks_moved_on);
    tcase_add_test(c, a_machine_that_slept_and_a_clock_that_was_set_part_the_clocks);
    suite_add_tcase(s, c);
    return s;
}
