/* SPDX-License-Identifier: MIT */
#include "ui/draw/numfmt.h"
#include "view/view_quality.h"

#include <check.h>
#include <math.h>
#include <string.h>

static char out[NUMFMT_MAX];

#define SAYS(call, text) ck_assert_str_eq(call, text)

START_TEST(test_sig3)
{
    static const struct {
        double v;
        const char *text;
    } t[] = {
        {0, "0"},        {0.0001, "<.001"}, {-0.0001, "-<.001"}, {0.004, "0.004"}, {0.00994, "0.010"}, {0.0312, "0.03"},  {0.94, "0.94"},
        {2.9, "2.90"},   {9.994, "9.99"},   {9.996, "10.0"},     {42.34, "42.3"},  {99.94, "99.9"},    {99.96, "100"},    {412.4, "412"},
        {999.4, "999"},  {999.6, "1.00k"},  {1040, "1.04k"},     {12700, "12.7k"}, {999499, "999k"},   {999501, "1.00M"}, {3.1e6, "3.10M"},
        {12e9, "12.0G"}, {5e12, "5.00T"},   {1e15, ">999T"},     {-4.8, "-4.80"},  {-12700, "-12.7k"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        SAYS(numfmt_sig3(t[i].v, out), t[i].text);
        ck_assert_uint_le(strlen(out), 6 + (t[i].v < 0));
    }
    SAYS(numfmt_sig3((double)NAN, out), "?");
    SAYS(numfmt_sig3((double)INFINITY, out), "inf");
    SAYS(numfmt_sig3((double)-INFINITY, out), "-inf");
}
END_TEST

START_TEST(test_counts)
{
    SAYS(numfmt_count(0, out), "0");
    SAYS(numfmt_count(812, out), "812");
    SAYS(numfmt_count(1468, out), "1,468");
    SAYS(numfmt_count(-1005, out), "-1,005");
    SAYS(numfmt_count(99999, out), "99,999");
    SAYS(numfmt_count(100000, out), "100k");
    SAYS(numfmt_count((double)NAN, out), "?");
    SAYS(numfmt_n(0, out), "0");
    SAYS(numfmt_n(96, out), "96");
    SAYS(numfmt_n(999, out), "999");
    SAYS(numfmt_n(5200, out), "5.2k");
    SAYS(numfmt_n(12700, out), "12.7k");
    SAYS(numfmt_n(118000, out), "118k");
    SAYS(numfmt_n(1234567, out), "1.2M");
    SAYS(numfmt_n(UINT64_MAX, out), "18446744074G");
}
END_TEST

START_TEST(test_units)
{
    SAYS(numfmt_mean(2.9, false, out), "2.90 s");
    SAYS(numfmt_mean(2.9, true, out), "~2.90 s");
    SAYS(numfmt_mean((double)NAN, true, out), "-");
    SAYS(numfmt_seconds(0, out), "0 s");
    SAYS(numfmt_seconds(0.00085, out), "850 us");
    SAYS(numfmt_seconds(0.0042, out), "4.2 ms");
    SAYS(numfmt_seconds(0.038, out), "38 ms");
    SAYS(numfmt_seconds(0.0999, out), "0.10 s");
    SAYS(numfmt_seconds(2.9, out), "2.90 s");
    SAYS(numfmt_seconds(82, out), "82.0 s");
    SAYS(numfmt_seconds(4200, out), "1h10m");
    SAYS(numfmt_seconds((double)NAN, out), "?");
    SAYS(numfmt_seconds((double)INFINITY, out), "inf");
    SAYS(numfmt_usd(0, out), "$0");
    SAYS(numfmt_usd(0.0042, out), "$0.0042");
    SAYS(numfmt_usd(0.0194, out), "$0.0194"); /* the same in a cell as in a sentence */
    SAYS(numfmt_usd(0.00249, out), "$0.00249");
    SAYS(numfmt_usd(-0.00131, out), "-$0.00131");
    SAYS(numfmt_usd(0.00001, out), "<$.0001");
    SAYS(numfmt_usd(4.2, out), "$4.20");
    SAYS(numfmt_usd(12345, out), "$12.3k");
    SAYS(numfmt_usd(-3.1, out), "-$3.10");
    SAYS(numfmt_usd((double)NAN, out), "?");
    SAYS(numfmt_usd_nano(INT64_C(412000000000), out), "$412");
    SAYS(numfmt_percent(0.156, out), "15.6%");
    SAYS(numfmt_percent(0.0003, out), "0.03%");
    SAYS(numfmt_percent(0.00001, out), "<.01%");
    SAYS(numfmt_percent(0, out), "0%");
    SAYS(numfmt_percent(1, out), "100%");
    SAYS(numfmt_share(0.001, out), "<1%"); /* a trace is not nothing */
    SAYS(numfmt_share(0, out), "0%");
    SAYS(numfmt_share(0.744, out), "74%");
    SAYS(numfmt_share(0.999, out), ">99%");
    SAYS(numfmt_share(1, out), "100%");
    SAYS(numfmt_share((double)NAN, out), "?");
    SAYS(numfmt_bytes(21, out), "21 B");
    SAYS(numfmt_bytes(1200, out), "1.20 KB");
    SAYS(numfmt_bytes(34.5e6, out), "34.5 MB");
}
END_TEST

START_TEST(test_times)
{
    SAYS(numfmt_age(-1, out), "never");
    SAYS(numfmt_age(0, out), "0s");
    SAYS(numfmt_age(99999, out), "99s");
    SAYS(numfmt_age(100000, out), "1m");
    SAYS(numfmt_age(540000, out), "9m");
    SAYS(numfmt_age(INT64_C(3600000) * 16, out), "16h");
    SAYS(numfmt_age(INT64_C(86400000) * 3, out), "3d");
    SAYS(numfmt_age(INT64_C(86400000) * 100, out), "14w");
    SAYS(numfmt_error(0, out), "0s");
    SAYS(numfmt_error(20 * 60000 + 30000, out), "21m"); /* never too small */
    SAYS(numfmt_error(INT64_C(341) * 60000, out), "6h");
    SAYS(numfmt_error(99500, out), "2m"); /* nor of four columns */
    SAYS(numfmt_error(60000, out), "60s");
    for (int64_t ms = 0; ms < INT64_C(31536000000); ms = ms * 3 / 2 + 7) {
        ck_assert_uint_le(strlen(numfmt_age(ms, out)), 3);
    }
    SAYS(numfmt_duration(462000, out), "7m42s");
    SAYS(numfmt_duration(-1, out), "");
}
END_TEST

START_TEST(test_deltas)
{
    const struct vnum now = {.v = 168, .exact = AT_LEAST}, then = {.v = 105}, unknown = {.v = (double)NAN};
    SAYS(numfmt_ratio(&now, &then, out), ">=1.6x");
    SAYS(numfmt_ratio(&then, &unknown, out), "-");
    SAYS(numfmt_points(94.1, 98.9, out), "-4.8pp");
    SAYS(numfmt_points(2.1, 1.8, out), "+0.3pp");
    SAYS(numfmt_points(1, 1.01, out), "0.0pp"); /* no sign on what rounds to nothing */
    struct vquality_row rare = {.unit = QUALITY_PERCENT, .now = {.v = 0.04}, .base = {.v = 0.09}};
    SAYS(numfmt_quality_delta(&rare, out), "-0.05pp"); /* no 0.0 */
    rare.now.v = NAN;
    SAYS(numfmt_quality_delta(&rare, out), "-");
    rare.now.v = rare.base.v = 2;
    SAYS(numfmt_quality_delta(&rare, out), "0.0pp");
    SAYS(numfmt_points(90, 10, out), "+80pp");
    SAYS(numfmt_points(1e6, 0, out), "+1.00Mpp");
    SAYS(numfmt_times(8.2, out), "8.2x");
    SAYS(numfmt_times(380.4, out), "380x");
}
END_TEST

START_TEST(test_absence_is_no_number)
{
    struct vnum v = {.v = (double)NAN};
    SAYS(numfmt_vnum(&v, out), "-"); /* nothing observed */
    v.unsplit = DIM_BIT(DIM_TEAM);
    SAYS(numfmt_vnum(&v, out), "n/s"); /* nothing that the filter reaches */
    v.unsplit = 0;
    v.stale = true;
    SAYS(numfmt_vnum(&v, out), "?"); /* it should be there, its source is silent */
    v = (struct vnum){.v = 412, .exact = AT_LEAST};
    SAYS(numfmt_vnum(&v, out), ">=412");
    v = (struct vnum){.v = 0, .n = 9};
    SAYS(numfmt_vnum(&v, out), "0"); /* a measured zero */
}
END_TEST

START_TEST(test_quantiles)
{
    struct quantile q = {.n = 0};
    SAYS(numfmt_quantile(&q, false, out), "-");
    SAYS(numfmt_quantile_interval(&q, out), "");
    q = (struct quantile){.n = 9800, .value = 2.9, .lo = 2.87, .hi = 2.93};
    SAYS(numfmt_quantile(&q, false, out), "2.90 s"); /* of an exponential bucket: 1 % off at most */
    SAYS(numfmt_quantile(&q, true, out), "~2.90 s"); /* of some of its sources only */
    SAYS(numfmt_quantile_interval(&q, out), "(2.87,2.93]");
    q = (struct quantile){.n = 9800, .value = 18.5, .lo = 15, .hi = 20};
    SAYS(numfmt_quantile(&q, false, out), "~18.5 s"); /* interpolated */
    ck_assert_str_eq(quantile_is_name(quantile_read(&q, false).is), "about");
    q = (struct quantile){.n = 100, .above_last = true, .lo = 82, .hi = (double)INFINITY};
    SAYS(numfmt_quantile(&q, false, out), ">82 s");
    SAYS(numfmt_quantile_interval(&q, out), "(82,inf]");
    q = (struct quantile){.n = 100, .below_first = true, .hi = 0.005};
    SAYS(numfmt_quantile(&q, false, out), "<5.0 ms");
    q.thin = true;
    SAYS(numfmt_quantile(&q, false, out), "thin");
}
END_TEST

/* The same numbers, read already: they carry the same marks and words. */
START_TEST(test_latencies)
{
    struct vnum v = {.v = 18.5, .n = 9800, .exact = ABOUT};
    SAYS(numfmt_latency(&v, out), "~18.5 s");
    SAYS(numfmt_vnum(&v, out), "~18.5");
    v = (struct vnum){.v = 82, .n = 100, .exact = ABOVE};
    SAYS(numfmt_latency(&v, out), ">82 s");
    SAYS(numfmt_vnum(&v, out), ">82");
    v = (struct vnum){.v = 0.3, .n = 100, .exact = BELOW};
    SAYS(numfmt_latency(&v, out), "<0.30 s");
    SAYS(numfmt_vnum(&v, out), "<0.30");
    v = (struct vnum){.v = (double)NAN, .n = 100, .word = "thin"};
    SAYS(numfmt_latency(&v, out), "thin");
    v.stale = true;
    SAYS(numfmt_vnum(&v, out), "thin");
    v.unsplit = 1;
    SAYS(numfmt_vnum(&v, out), "n/s");
}
END_TEST

START_TEST(test_rows)
{
    struct vrow r = {
        .label = "e2e p99", .unit = "s", .now = {.v = 82, .n = 10700, .exact = ABOVE}, .then = {.v = 21.4, .n = 9, .exact = ABOUT}};
    r.change = (struct change){3.8, ABOVE};
    SAYS(numfmt_row_now(&r, out), ">82");
    SAYS(numfmt_row_then(&r, out), "~21.4");
    SAYS(numfmt_row_over(&r, out), ">3.8");
    SAYS(numfmt_row_n(&r, out), "10.7k");
    r = (struct vrow){.unit = "%", .now = {.v = 94.1, .n = 812}, .then = {.v = 98.9, .n = 1}, .difference = true};
    r.change = change_points(94.1, EXACT, 98.9, EXACT);
    SAYS(numfmt_row_over(&r, out), "-4.8pp");
    r.change.exact = ABOUT;
    SAYS(numfmt_row_over(&r, out), "~-4.8pp");
    r.now.stale = true;
    SAYS(numfmt_row_over(&r, out), "STALE");
    r = (struct vrow){.unit = "", .now = {.v = 6, .n = 2}, .then = {.v = 5, .n = 2}, .change = {1.2, EXACT}, .n_text = "2 eng"};
    SAYS(numfmt_row_now(&r, out), "6"); /* things are counted in whole numbers */
    SAYS(numfmt_row_over(&r, out), "1.2");
    SAYS(numfmt_row_n(&r, out), "2 eng");
    r.then.v = 5.5;
    SAYS(numfmt_row_now(&r, out), "6.00");
    r = (struct vrow){.now = {.v = (double)NAN}, .then = {.v = (double)NAN}, .change = {(double)NAN, EXACT}};
    SAYS(numfmt_row_now(&r, out), "-");
    SAYS(numfmt_row_then(&r, out), "-");
    SAYS(numfmt_row_over(&r, out), "-");
    SAYS(numfmt_row_n(&r, out), "");
}
END_TEST

Suite *suite_numfmt(void);
Suite *suite_numfmt(void)
{
    Suite *s = suite_create("numfmt");
    TCase *t = tcase_create("numfmt");
    tcase_add_test(t, test_sig3);
    tcase_add_test(t, test_counts);
    tcase_add_test(t, test_units);
    tcase_add_test(t, test_times);
    tcase_add_test(t, test_deltas);
    tcase_add_test(t, test_absence_is_no_number);
    tcase_add_test(t, test_quantiles);
    tcase_add_test(t, test_latencies);
    tcase_add_test(t, test_rows);
    suite_add_tcase(s, t);
    return s;
}
