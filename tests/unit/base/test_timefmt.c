/* SPDX-License-Identifier: MIT */
#include "base/timefmt.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/rng.h"

Suite *suite_timefmt(void);

#define SECONDS INT64_C(1000)
#define HOURS (3600 * SECONDS)
#define DAYS (24 * HOURS)

/* Tue 2026-11-24 03:14:22Z */
static const int64_t now = INT64_C(1795490062) * SECONDS;

static void set_zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

START_TEST(durations_are_read)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"1500ms", 1500},           {"15s", 15000},           {"5m", 300000}, {"1h30m", 5400000},
        {"2d", 2 * DAYS},           {"1w", 7 * DAYS},         {"0s", 0},      {"1w2d3h4m5s6ms", 7 * DAYS + 2 * DAYS + 3 * HOURS + 245006},
        {"90m", 90 * 60 * SECONDS}, {"36525d", 36525 * DAYS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = -1;
        ck_assert_msg(duration_parse(str_of(rows[i].text), &ms, NULL) == ERR_OK, "\"%s\"", rows[i].text);
        ck_assert_int_eq(ms, rows[i].ms);
    }
}
END_TEST

START_TEST(wrong_durations_say_what_was_expected)
{
    static const struct {
        const char *text, *says;
        enum err code;
    } rows[] = {
        {"", "empty", ERR_PARSE},
        {"15", "unit is missing after 15", ERR_PARSE},
        {"15x", "\"x\" is not a unit", ERR_PARSE},
        {"s", "expected numbers with units", ERR_PARSE},
        {"1m1h", "\"h\" is not a unit, or stands after a smaller one", ERR_PARSE},
        {"1h1h", "stands after", ERR_PARSE},
        {"1.5s", "unit is missing", ERR_PARSE},
        {"-5s", "expected numbers", ERR_PARSE},
        {"5 s", "unit is missing", ERR_PARSE},
        {"5s ", "expected numbers", ERR_PARSE},
        {"1M", "unit is missing", ERR_PARSE},
        {"36526d", "100 years", ERR_LIMIT},
        {"36525d1ms", "100 years", ERR_LIMIT},
        {"99999999999999999999999999w", "100 years", ERR_LIMIT},
        {"9223372036854775807ms", "100 years", ERR_LIMIT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = -1;
        struct errctx ctx = {""};
        ck_assert_msg(duration_parse(str_of(rows[i].text), &ms, &ctx) == rows[i].code, "\"%s\"", rows[i].text);
        ck_assert_msg(strstr(ctx.text, rows[i].says) != NULL, "\"%s\": %s", rows[i].text, ctx.text);
        ck_assert_int_eq(ms, -1);
    }
}
END_TEST

START_TEST(durations_are_written)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "0ms"},
        {850, "850ms"},
        {999, "999ms"},
        {1000, "1s"},
        {42999, "42s"},
        {60000, "1m"},
        {462000, "7m42s"},
        {3599999, "59m59s"},
        {3 * HOURS, "3h"},
        {3 * HOURS + 300000, "3h05m"},
        {2 * DAYS + 4 * HOURS, "2d04h"},
        {30 * DAYS, "30d"},
        {-462000, "-7m42s"},
        {-1, "-1ms"},
        {INT64_MAX, "106751991167d07h"},
        {INT64_MIN, "-106751991167d07h"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[TIMEFMT_MAX];
        duration_format(rows[i].ms, out);
        ck_assert_str_eq(out, rows[i].text);
    }
}
END_TEST

static void instant_is(const char *text, int64_t expected)
{
    int64_t at = -1;
    struct errctx ctx = {""};
    enum err e = instant_parse(str_of(text), now, &at, &ctx);
    ck_assert_msg(e == ERR_OK, "\"%s\": %s", text, ctx.text);
    ck_assert_msg(at == expected, "\"%s\" is %lld, not %lld", text, (long long)at, (long long)expected);
}

START_TEST(instants_are_read)
{
    const int64_t day = INT64_C(1795478400) * SECONDS; /* 2026-11-24 */
    instant_is("now", now);
    instant_is("3h ago", now - 3 * HOURS);
    instant_is("1h30m ago", now - 90 * 60 * SECONDS);
    instant_is("-3h", now - 3 * HOURS);
    instant_is("2 days ago", now - 2 * DAYS);
    instant_is("1 day ago", now - DAYS);
    instant_is("5 min ago", now - 300 * SECONDS);
    instant_is("1 minute ago", now - 60 * SECONDS);
    instant_is("30 s ago", now - 30 * SECONDS);
    instant_is("90 seconds ago", now - 90 * SECONDS);
    instant_is("1 hour 30 min ago", now - 90 * 60 * SECONDS);
    instant_is("2 hrs ago", now - 2 * HOURS);
    instant_is("1 week 2 days ago", now - 9 * DAYS);
    instant_is("3weeks ago", now - 21 * DAYS);
    instant_is("02:58", day + 2 * HOURS + 58 * 60 * SECONDS);
    instant_is("02:58:10Z", day + 2 * HOURS + 58 * 60 * SECONDS + 10 * SECONDS);
    instant_is("02:58:10", day + 2 * HOURS + 58 * 60 * SECONDS + 10 * SECONDS);
    instant_is("03:14:22", now); /* not in the future */
    instant_is("03:14:23", now + SECONDS - DAYS);
    instant_is("23:00", day - HOURS);
    instant_is("yesterday 14:00", day - 10 * HOURS);
    instant_is("yesterday 00:00", day - DAYS);
    instant_is("2026-11-24", day);
    instant_is("2026-11-24 02:58", day + 2 * HOURS + 58 * 60 * SECONDS);
    instant_is("2026-11-24T02:58:10Z", day + 2 * HOURS + 58 * 60 * SECONDS + 10 * SECONDS);
    instant_is("2026-11-24T02:58:10.123Z", day + 2 * HOURS + 58 * 60 * SECONDS + 10123);
    instant_is("2026-11-24T02:58:10.123987Z", day + 2 * HOURS + 58 * 60 * SECONDS + 10123);
    instant_is("2026-11-24T02:58:10+01:00", day + HOURS + 58 * 60 * SECONDS + 10 * SECONDS);
    instant_is("2026-11-24 02:58-0530", day + 8 * HOURS + 28 * 60 * SECONDS);
    instant_is("01:30+02:00", day - HOURS + 30 * 60 * SECONDS); /* 2026-11-23T23:30Z */
    instant_is("@1763953090", INT64_C(1763953090) * SECONDS);
    instant_is("@1763953090.25", INT64_C(1763953090) * SECONDS + 250);
    instant_is("@0", 0);
    instant_is("@1.05", 1050);
    instant_is("19:09:59.905", day - DAYS + 19 * HOURS + 599905);
    instant_is("2027-01-01", INT64_C(1798761600) * SECONDS); /* a date may lie ahead */
}
END_TEST

START_TEST(calendar_edges)
{
    instant_is("1970-01-01", 0);
    instant_is("2024-02-29", INT64_C(1709164800) * SECONDS);
    instant_is("2000-02-29", INT64_C(951782400) * SECONDS);
    instant_is("2038-01-19T03:14:08Z", (INT64_C(1) << 31) * SECONDS);
    instant_is("2106-02-07T06:28:16Z", (INT64_C(1) << 32) * SECONDS);
    instant_is("9999-12-31T23:59:59Z", INT64_C(253402300799) * SECONDS);
}
END_TEST

START_TEST(wrong_instants_say_what_was_expected)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "expected now, 3h ago"},
        {"tomorrow", "expected now, 3h ago"},
        {"25:00", "hour 25 is not in 00..23"},
        {"02:60", "minute 60"},
        {"02:58:60", "second 60"},
        {"2:58", "expected now"},
        {"02:5", "two digits for the minute"},
        {"02:58 UTC", "left over"},
        {"02:58x", "left over"},
        {"2026-13-01", "month 13"},
        {"2026-02-29", "no such day"},
        {"2100-02-29", "no such day"},
        {"2026-00-10", "no such day"},
        {"2026-04-31", "no such day"},
        {"2026-11", "expected a day"},
        {"2026-11-24x", "blank or T"},
        {"2026-11-24T", "digits for the hour"},
        {"1969-12-31", "from 1970 on"},
        {"20x6-11-24", "year of four digits"},
        {"@", "after @"},
        {"@12x", "after @"},
        {"@1.", "after @"},
        {"@99999999999999", "after @"},
        {"3 ago", "2 days ago (weeks, days, hours, min, s)"},
        {" ago", "expected now"},
        {"-", "expected now"},
        {"--3h", "expected now"},
        {"2 dayss ago", "expected now"},
        {"2 da ago", "expected now"},
        {"two days ago", "expected now"},
        {"5 min 1 hour ago", "expected now"},
        {"yesterday", "expected now"},
        {"yesterday noon", "digits for the hour"},
        {"02:58Z local", "keep one"},
        {"9999999999999w ago", "100 years"},
        {"5219 weeks ago", "100 years"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t at = -1;
        struct errctx ctx = {""};
        ck_assert_msg(instant_parse(str_of(rows[i].text), now, &at, &ctx) == ERR_PARSE, "\"%s\"", rows[i].text);
        ck_assert_msg(strstr(ctx.text, rows[i].says) != NULL, "\"%s\": %s", rows[i].text, ctx.text);
        ck_assert_int_eq(at, -1);
    }
}
END_TEST

static int64_t local_instant(const char *text, int64_t at_now)
{
    int64_t at = -1;
    struct errctx ctx = {""};
    ck_assert_msg(instant_parse(str_of(text), at_now, &at, &ctx) == ERR_OK, "\"%s\": %s", text, ctx.text);
    return at;
}

START_TEST(local_time_over_both_changes)
{
    set_zone("CET-1CEST,M3.5.0,M10.5.0/3"); /* Berlin's rule, spelled out: no zone files are needed */
    ck_assert_int_eq(local_instant("2026-11-24 02:58 local", now), INT64_C(1795485480) * SECONDS);
    ck_assert_int_eq(local_instant("2026-07-01 12:00 local", now), INT64_C(1782900000) * SECONDS); /* 10:00Z */
    ck_assert_int_eq(local_instant("04:14 local", now), now - 22 * SECONDS);
    ck_assert_int_eq(local_instant("04:14:21.250 local", now), now - 750);
    ck_assert_int_eq(local_instant("04:15 local", now), now - 22 * SECONDS + 60 * SECONDS - DAYS);
    ck_assert_int_eq(local_instant("yesterday 14:00 local", now), INT64_C(1795438800) * SECONDS); /* 2026-11-23T13:00Z */
    /* 2026-03-29 02:00 -> 03:00: half past two was skipped */
    int64_t at = -1;
    struct errctx ctx = {""};
    ck_assert_int_eq(instant_parse(str_of("2026-03-29 02:30 local"), now, &at, &ctx), ERR_PARSE);
    ck_assert_ptr_nonnull(strstr(ctx.text, "put forward"));
    ck_assert_int_eq(at, -1);
    int64_t spring_noon = INT64_C(1774778400) * SECONDS;                                        /* 2026-03-29T10:00Z */
    ck_assert_int_eq(local_instant("02:30 local", spring_noon), INT64_C(1774661400) * SECONDS); /* the day before: 2026-03-28T01:30Z */
    ck_assert_int_eq(local_instant("2026-03-29 01:59 local", now), INT64_C(1774745940) * SECONDS);
    ck_assert_int_eq(local_instant("2026-03-29 03:00 local", now), INT64_C(1774746000) * SECONDS);
    /* 2026-10-25 03:00 -> 02:00: half past two came twice, at 00:30Z and 01:30Z */
    ck_assert_int_eq(local_instant("2026-10-25 02:30 local", now), INT64_C(1792891800) * SECONDS);
    ck_assert_int_eq(local_instant("2026-10-25 02:30 local", INT64_C(1792890000) * SECONDS),
                     INT64_C(1792888200) * SECONDS); /* between the two */
    ck_assert_int_eq(local_instant("02:30 local", INT64_C(1792890000) * SECONDS), INT64_C(1792888200) * SECONDS);
    set_zone("UTC");
}
END_TEST

START_TEST(local_time_elsewhere)
{
    set_zone("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"); /* Lord Howe: summer time is half an hour */
    ck_assert_int_eq(local_instant("2026-01-01 00:00 local", now), INT64_C(1767186000) * SECONDS); /* 13:00Z the day before */
    ck_assert_int_eq(local_instant("2026-07-01 00:00 local", now), INT64_C(1782826200) * SECONDS); /* 13:30Z the day before */
    char out[TIMEFMT_MAX];
    instant_format_local(INT64_C(1782826200) * SECONDS, out);
    ck_assert_str_eq(out, "00:00");
    set_zone("EST5");
    instant_format_local(now, out);
    ck_assert_str_eq(out, "22:14");
    ck_assert_int_eq(local_instant("22:14:22 local", now), now);
    set_zone("UTC");
    ck_assert_int_eq(local_instant("02:58 local", now), local_instant("02:58", now));
}
END_TEST

START_TEST(instants_are_written)
{
    static const struct {
        int64_t ms;
        const char *iso, *clock, *day;
    } rows[] = {
        {INT64_C(1795490062) * SECONDS, "2026-11-24T03:14:22Z", "03:14:22Z", "Tue 24 Nov"},
        {INT64_C(1795490062) * SECONDS + 7, "2026-11-24T03:14:22.007Z", "03:14:22Z", "Tue 24 Nov"},
        {0, "1970-01-01T00:00:00Z", "00:00:00Z", "Thu 1 Jan"},
        {-1, "1969-12-31T23:59:59.999Z", "23:59:59Z", "Wed 31 Dec"},
        {(INT64_C(1) << 31) * SECONDS, "2038-01-19T03:14:08Z", "03:14:08Z", "Tue 19 Jan"},
        {INT64_C(1709208000) * SECONDS, "2024-02-29T12:00:00Z", "12:00:00Z", "Thu 29 Feb"},
        {INT64_C(951868799) * SECONDS, "2000-02-29T23:59:59Z", "23:59:59Z", "Tue 29 Feb"},
        {INT64_MAX, "292278994-08-17T07:12:55.807Z", "07:12:55Z", "Sun 17 Aug"},
        {INT64_MIN, "-292275055-05-16T16:47:04.192Z", "16:47:04Z", "Sun 16 May"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[TIMEFMT_MAX];
        instant_format_iso(rows[i].ms, out);
        ck_assert_str_eq(out, rows[i].iso);
        instant_format_clock(rows[i].ms, out);
        ck_assert_str_eq(out, rows[i].clock);
        instant_format_day(rows[i].ms, out);
        ck_assert_str_eq(out, rows[i].day);
    }
}
END_TEST

/* The calendar against the C library's, and both directions against each other. */
START_TEST(calendar_agrees_with_the_library)
{
    struct rng r;
    rng_seed(&r, 10);
    for (int i = 0; i < 20000; i++) {
        int64_t seconds = (int64_t)rng_below(&r, UINT64_C(253402300800));
        time_t t = (time_t)seconds;
        struct tm tm;
        gmtime_r(&t, &tm);
        char expected[64], out[TIMEFMT_MAX];
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &tm);
        instant_format_iso(seconds * 1000, out);
        ck_assert_str_eq(out, expected);
        int64_t back;
        ck_assert_int_eq(instant_parse(str_of(out), now, &back, NULL), ERR_OK);
        ck_assert_int_eq(back, seconds * 1000);
    }
}
END_TEST

START_TEST(floors_towards_the_past)
{
    ck_assert_int_eq(instant_floor(59999, 60000), 0);
    ck_assert_int_eq(instant_floor(60000, 60000), 60000);
    ck_assert_int_eq(instant_floor(-1, 60000), -60000);
    ck_assert_int_eq(instant_floor(-60000, 60000), -60000);
    ck_assert_int_eq(instant_floor(INT64_MAX, 1), INT64_MAX);
    ck_assert_int_eq(instant_floor(INT64_MIN, 1), INT64_MIN);
    ck_assert_int_eq(instant_floor(INT64_MIN + 5, 60000), INT64_MIN);
}
END_TEST

static const int64_t two = INT64_C(1795400045000); /* 2026-11-23T02:14:05Z */

START_TEST(what_lies_between_is_told_by_its_sides)
{
    enum { MIN = 60000 };
    static const struct {
        struct instant_between b;
        const char *text;
    } cases[] = {
        {{.at_ms = two}, ""},
        {{.at_ms = two, .error_ms = 4 * MIN}, " +-4m"},
        {{.at_ms = two, .from_ms = two - 4 * MIN, .to_ms = two + 4 * MIN, .error_ms = 9}, " +-4m"},
        {{.at_ms = two, .from_ms = two - 5 * MIN, .to_ms = two + 17 * MIN}, " (02:09:05 to 02:31:05Z)"},
        {{.at_ms = two, .from_ms = two - 40 * MIN, .to_ms = two + 31 * MIN}, " +-40m"}, /* less than a quarter */
        {{.at_ms = two, .from_ms = two - 40000, .to_ms = two + 1000}, " +-40s"},        /* less than a minute */
        {{.at_ms = two, .from_ms = two - 4 * MIN, .to_ms = two + 200000, .limit_ms = two + 4 * MIN}, " +-4m"},
        {{.at_ms = two, .from_ms = two - 4 * MIN, .to_ms = two + 200000, .limit_ms = two + 239999}, " (02:10:05 to 02:17:25Z)"},
        {{.at_ms = two, .from_ms = two - 4 * MIN, .to_ms = two}, " (02:10:05 to 02:14:05Z)"},
        {{.at_ms = two, .from_ms = two - 4 * MIN, .to_ms = two + 9 * MIN, .limit_ms = two + 2 * MIN}, " (02:10:05 to 02:16:05Z)"},
        {{.at_ms = two, .from_ms = two - 4 * MIN, .to_ms = two + 270000, .limit_ms = two + 4 * MIN}, " +-4m"},
        {{.at_ms = two, .error_ms = 9 * MIN, .limit_ms = two + 3 * MIN}, " (02:05:05 to 02:17:05Z)"},
        {{.at_ms = two, .from_ms = two - 180 * MIN, .to_ms = two}, " (22 Nov 23:14:05 to 23 Nov 02:14:05Z)"},
    };
    char out[TIMEFMT_MAX];
    int64_t from, to;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        instant_format_between(&cases[i].b, out);
        ck_assert_str_eq(out, cases[i].text);
    }
    ck_assert(!instant_between_ends(&cases[0].b, &from, &to));
    ck_assert(instant_between_ends(&cases[3].b, &from, &to) && from == two - 5 * MIN && to == two + 17 * MIN);
    const struct instant_between wide = {.at_ms = two, .error_ms = 9 * MIN, .limit_ms = two + 3 * MIN};
    ck_assert(instant_between_ends(&wide, &from, &to) && from == two - 9 * MIN && to == two + 3 * MIN);
}
END_TEST

Suite *suite_timefmt(void)
{
    Suite *suite = suite_create("timefmt");
    TCase *t = tcase_create("timefmt");
    tcase_add_test(t, durations_are_read);
    tcase_add_test(t, wrong_durations_say_what_was_expected);
    tcase_add_test(t, durations_are_written);
    tcase_add_test(t, instants_are_read);
    tcase_add_test(t, calendar_edges);
    tcase_add_test(t, wrong_instants_say_what_was_expected);
    tcase_add_test(t, local_time_over_both_changes);
    tcase_add_test(t, local_time_elsewhere);
    tcase_add_test(t, what_lies_between_is_told_by_its_sides);
    tcase_add_test(t, instants_are_written);
    tcase_add_test(t, calendar_agrees_with_the_library);
    tcase_add_test(t, floors_towards_the_past);
    suite_add_tcase(suite, t);
    return suite;
}
