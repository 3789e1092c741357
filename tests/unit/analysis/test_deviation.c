/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <string.h>

#include "analysis/deviation.h"
#include "base/rng.h"

enum { STEP_MS = 300000, DAY = 288 }; /* five minutes */

/* A day's rhythm with noise; what is added from `from` on, and for how long. */
static double value(int i, int from, int until, double added, struct rng *r)
{
    return 100 + 40 * sin(2 * 3.14159265358979 * i / DAY) + 5 * rng_normal(r) + (i >= from && i < until ? added : 0);
}

struct seen {
    int alarms, first;
    struct deviation_alarm alarm; /* the first */
};

static struct seen run(struct deviation *d, int n, int from, int until, double added, bool timed)
{
    struct seen s = {.first = -1};
    struct rng r;
    rng_seed(&r, 3);
    for (int i = 0; i < n; i++) {
        struct deviation_alarm a;
        int64_t ms = timed ? INT64_C(1700000000000) + (int64_t)i * STEP_MS : DEVIATION_NO_TIME;
        double score = deviation_feed(d, i, ms, value(i, from, until, added, &r), &a);
        ck_assert(score >= 0 && isfinite(score));
        if (score >= 1 && i >= from) {
            s.alarm = s.alarms == 0 ? a : s.alarm;
            s.first = s.alarms == 0 ? i : s.first;
            s.alarms++;
        }
    }
    return s;
}

START_TEST(a_spike_is_a_jump)
{
    struct deviation d;
    deviation_init(&d);
    struct seen s = run(&d, 20 * DAY, 15 * DAY, 15 * DAY + 4, 300, true);
    ck_assert_int_ge(s.first, 15 * DAY);
    ck_assert_int_le(s.first, 15 * DAY + 1);
    ck_assert_int_eq(s.alarm.part, DEVIATION_JUMP);
    ck_assert(s.alarm.is_rise && s.alarm.z > 4 && s.alarm.z >= s.alarm.record);
    ck_assert(s.alarm.onset_lo <= 15 * DAY && s.alarm.onset_hi == s.first);
    ck_assert_int_le(s.alarms, 2); /* an event, not a row of them */
}
END_TEST

/* Within the day's range, so only the hour tells. */
START_TEST(a_quiet_noon_is_below_its_level)
{
    struct deviation d;
    deviation_init(&d);
    int noon = 15 * DAY + DAY / 8;
    struct seen s = run(&d, 16 * DAY, noon, noon + DAY / 4, -35, true);
    ck_assert_int_ge(s.first, noon);
    ck_assert_int_le(s.first, noon + 40);
    ck_assert_int_eq(s.alarm.part, DEVIATION_LEVEL);
    ck_assert(!s.alarm.is_rise);
    ck_assert_int_ge(s.alarm.onset, noon - 2);
    ck_assert_int_le(s.alarm.onset, s.first);
}
END_TEST

START_TEST(a_day_like_all_days_is_none)
{
    struct deviation d;
    deviation_init(&d);
    ck_assert_int_le(run(&d, 40 * DAY, 3 * DAY, 3 * DAY, 0, true).alarms, 2);
    deviation_init(&d);
    ck_assert_int_ge(run(&d, 20 * DAY, 15 * DAY, 15 * DAY + 4, 300, false).alarms, 1); /* without a clock it still sees spikes */
}
END_TEST

START_TEST(flat_and_huge)
{
    struct deviation d;
    struct deviation_alarm a;
    deviation_init(&d);
    for (int i = 0; i < 1000; i++)
        ck_assert(deviation_feed(&d, i, DEVIATION_NO_TIME, 0.1, &a) == 0);
    ck_assert(isfinite(deviation_feed(&d, 1000, DEVIATION_NO_TIME, 1e300, &a)));
    deviation_init(&d);
    for (int i = 0; i < 1000; i++)
        (void)deviation_feed(&d, i, i < 500 ? -1000 : INT64_C(999999999999999), i % 2 == 0 ? -1e12 : 1e12, &a);
    ck_assert(deviation_valid(&d));
}
END_TEST

START_TEST(bytes_are_the_state)
{
    struct deviation d, copy;
    struct deviation_alarm a;
    deviation_init(&d);
    (void)run(&d, 3 * DAY, 0, 0, 0, true);
    memcpy(&copy, &d, sizeof copy);
    ck_assert(deviation_valid(&copy));
    ck_assert(deviation_feed(&d, 0, INT64_C(1800000000000), 500, &a) == deviation_feed(&copy, 0, INT64_C(1800000000000), 500, &a));
    copy.version++;
    ck_assert(!deviation_valid(&copy));
    memset(&copy, 0xff, sizeof copy);
    ck_assert(!deviation_valid(&copy));
}
END_TEST

Suite *suite_deviation(void);
Suite *suite_deviation(void)
{
    Suite *s = suite_create("deviation");
    TCase *t = tcase_create("deviation");
    tcase_add_test(t, a_spike_is_a_jump);
    tcase_add_test(t, a_quiet_noon_is_below_its_level);
    tcase_add_test(t, a_day_like_all_days_is_none);
    tcase_add_test(t, flat_and_huge);
    tcase_add_test(t, bytes_are_the_state);
    suite_add_tcase(s, t);
    return s;
}
