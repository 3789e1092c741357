/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <check.h>

Suite *suite_clock(void);

START_TEST(manual_clock_moves_by_hand)
{
    struct clock_manual m = {.wall_ms = 1000, .mono_ms = 5};
    struct clock c = clock_manual(&m);
    ck_assert_int_eq(clock_wall_ms(&c), 1000);
    ck_assert_int_eq(clock_mono_ms(&c), 5);
    clock_manual_advance(&m, 250);
    ck_assert_int_eq(clock_wall_ms(&c), 1250);
    ck_assert_int_eq(clock_mono_ms(&c), 255);
    m.wall_ms = 10; /* the wall clock may step, the other does not */
    ck_assert_int_eq(clock_wall_ms(&c), 10);
    ck_assert_int_eq(clock_mono_ms(&c), 255);
}
END_TEST

START_TEST(system_clock_is_plausible)
{
    struct clock c = clock_system();
    int64_t mono = clock_mono_ms(&c);
    ck_assert_int_gt(clock_wall_ms(&c), INT64_C(1700000000000)); /* after 2023: milliseconds, not seconds */
    ck_assert_int_ge(clock_mono_ms(&c), mono);
}
END_TEST

/* The scaled clock is read between two readings of the system's, so that no time needs to be assumed. */
START_TEST(scaled_clock_runs_from_its_origin)
{
    struct clock system = clock_system();
    struct clock_scaled s = {.origin_system_ms = clock_wall_ms(&system) - 1000, .origin_wall_ms = INT64_C(1000000), .speed = 60};
    struct clock c = clock_scaled(&s);
    int64_t before = clock_wall_ms(&system), mono_before = clock_mono_ms(&system);
    int64_t wall = clock_wall_ms(&c), mono = clock_mono_ms(&c);
    int64_t after = clock_wall_ms(&system), mono_after = clock_mono_ms(&system);
    ck_assert_int_ge(wall, 1000000 + (before - s.origin_system_ms) * 60);
    ck_assert_int_le(wall, 1000000 + (after - s.origin_system_ms) * 60);
    ck_assert_int_ge(wall, 1000000 + 1000 * 60);
    ck_assert_int_ge(mono, mono_before * 60);
    ck_assert_int_le(mono, mono_after * 60);
}
END_TEST

Suite *suite_clock(void)
{
    Suite *suite = suite_create("clock");
    TCase *t = tcase_create("clock");
    tcase_add_test(t, manual_clock_moves_by_hand);
    tcase_add_test(t, system_clock_is_plausible);
    tcase_add_test(t, scaled_clock_runs_from_its_origin);
    suite_add_tcase(suite, t);
    return suite;
}
