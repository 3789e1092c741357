/* SPDX-License-Identifier: MIT */
/* Reading and writing of instants and durations, the one place for both. UTC inside; local time only for display. */
#ifndef GWTOP_BASE_TIMEFMT_H
#define GWTOP_BASE_TIMEFMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { TIMEFMT_MAX = 48 }; /* bytes that hold any text written below */

/* "1500ms", "15s", "5m", "1h30m", "2d", "1w": at least one number with a unit, units in falling order, >= 0.
 * A bare number is refused (it names no unit). Errors: ERR_PARSE, ERR_LIMIT past 100 years. */
enum err duration_parse(struct str s, int64_t *ret_ms, struct errctx *ctx) GW_MUST_USE;
/* Shortest exact-enough form of at most two units: "42s", "7m42s", "3h05m", "2d04h", "850ms". */
void duration_format(int64_t ms, char out[TIMEFMT_MAX]);
/* How exactly a time is known: " +-48s", in whole seconds and never too small; "" where that was not told (0). */
void duration_format_error(int64_t error_ms, char out[TIMEFMT_MAX]);

/* An instant, relative to now_ms: "now", "3h ago", "2 days ago", "1 hour 30 min ago", "-3h", "02:58", "02:58:10Z", "yesterday 14:00",
 * "2026-11-24", "2026-11-24 02:58", "2026-11-24T02:58:10Z", "@1763953090". Clock times without a date are the latest such instant that is
 * not in the future. Times are UTC; with a trailing " local" they are read in the process' time zone. Errors: ERR_PARSE naming what was
 * expected. */
enum err instant_parse(struct str s, int64_t now_ms, int64_t *ret_wall_ms, struct errctx *ctx) GW_MUST_USE;

void instant_format_iso(int64_t wall_ms, char out[TIMEFMT_MAX]);   /* 2026-11-24T03:14:22Z (with .123 when not whole) */
void instant_format_clock(int64_t wall_ms, char out[TIMEFMT_MAX]); /* 03:14:22Z */
void instant_format_day(int64_t wall_ms, char out[TIMEFMT_MAX]);   /* Tue 24 Nov */
/* 03:14:22Z, or 24 Nov 03:14:22Z where the other that it is told with is of another day. */
void instant_format_beside(int64_t wall_ms, int64_t other_ms, char out[TIMEFMT_MAX]);
void instant_format_local(int64_t wall_ms, char out[TIMEFMT_MAX]); /* 04:14 in the process' time zone */

/* A moment that lies between two others. from_ms 0: these are not told, and it is known to within error_ms (0: nor is that). */
struct instant_between {
    int64_t at_ms, from_ms, to_ms, error_ms;
    int64_t limit_ms; /* it cannot have been later; 0 = that is not told */
};
/* Whether its sides are to be told apart: one is wider by a quarter of itself and by a minute, or the wider would reach beyond the
 * limit. */
bool instant_is_lopsided(const struct instant_between *b);
/* How exactly it is known, to stand behind it: " (02:09:10 to 02:31:40Z)" where it is lopsided, else as duration_format_error of the wider
 * side. Never beyond the limit; ends that are of two days with theirs. */
void instant_format_between(const struct instant_between *b, char out[TIMEFMT_MAX]);
/* Its ends, in numbers; false where they are not known. */
bool instant_between_ends(const struct instant_between *b, int64_t *ret_from_ms, int64_t *ret_to_ms);

int64_t instant_floor(int64_t wall_ms, int64_t step_ms); /* towards -inf; step_ms > 0 */
/* Of two instants, or lengths of time. */
static inline int64_t instant_earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}
static inline int64_t instant_later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

#endif
