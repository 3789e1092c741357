/* SPDX-License-Identifier: MIT */
/* Numbers as people read them: three significant digits, a unit, a constant width; the same on the screen and in printed reports.
 *
 * Every function writes a NUL-terminated ASCII text into out and returns out. NaN never becomes a number: it is the given word for absence.
 * Nothing here knows a locale: the decimal mark is '.', thousands are grouped by ','. Cost: O(1). */
#ifndef GWTOP_UI_DRAW_NUMFMT_H
#define GWTOP_UI_DRAW_NUMFMT_H

#include <stdbool.h>
#include <stdint.h>

#include "model/histogram.h"
#include "view/view.h"

enum { NUMFMT_MAX = 32 }; /* bytes that hold any text written here */

/* Words for absence. */
#define NUMFMT_UNKNOWN "?"        /* should be known, is not: the source is silent */
#define NUMFMT_NONE "-"           /* nothing was observed in the window */
#define NUMFMT_NOT_REPORTED "n/a" /* this kind of thing does not report it */
#define NUMFMT_UNSPLIT "n/s"      /* no source splits it by what the filter names */

/* At most five columns: 0, 0.03, 0.94, 2.90, 42.3, 412, 1.04k, 12.7k, 3.10M, 12G; below 0.01 "0.004", below 0.0005 "<.001"; >= 1e15
 * ">999T". Negative with '-' in front. +inf gives "inf". */
const char *numfmt_sig3(double v, char out[NUMFMT_MAX]);
/* Numbers of observations, where the order is enough: "96", "812", "5.2k", "12.7k", "118k", "1.2M". */
const char *numfmt_n(uint64_t n, char out[NUMFMT_MAX]);
const char *numfmt_n_marked(uint64_t n, enum exactness e, char out[NUMFMT_MAX]); /* ">=12.7k"; NONE where it is 0 */
/* Times of something, as exact_times; NaN: UNKNOWN. */
const char *numfmt_times(double v, char out[NUMFMT_MAX]);
/* A bucket's bound or another configured number: no zeros that say nothing: "82", "2.5", "0.05". */
const char *numfmt_bound(double v, char out[NUMFMT_MAX]);
/* Whole numbers: "0", "812", "1,468", "99,999", then as sig3. */
const char *numfmt_count(double v, char out[NUMFMT_MAX]);
/* Its mark, then sig3; NaN gives UNSPLIT where the filter does not reach, its word where it has one, UNKNOWN when the value is stale, NONE
 * when n is 0, else UNKNOWN. */
const char *numfmt_vnum(const struct vnum *v, char out[NUMFMT_MAX]);
const char *numfmt_unknown(bool split); /* UNKNOWN, or UNSPLIT where the filter does not reach it */

/* With their units. */
const char *numfmt_seconds(double s, char out[NUMFMT_MAX]); /* "850us" "38 ms" "0.94 s" "2.90 s" "82.0 s" "412 s" "1h10m" */
const char *numfmt_usd(double usd, char out[NUMFMT_MAX]);   /* as money_format: "$0.0042" "$4.20" "$12.3k" "-$3.10"; "<$.0001" */
const char *numfmt_usd_nano(int64_t nusd, char out[NUMFMT_MAX]);
const char *numfmt_percent(double ratio, char out[NUMFMT_MAX]); /* 0.156 -> "15.6%", 1 -> "100%", 0.0003 -> "0.03%" */
const char *numfmt_share(double ratio, char out[NUMFMT_MAX]);   /* as exact_share */
const char *numfmt_bytes(double bytes, char out[NUMFMT_MAX]);   /* "21 B" "1.20 KB" "34.5 MB", steps of 1,000 */

/* Ages: one unit, at most three columns: "4s" "9m" "16h" "3d" "12w"; negative: "never". */
const char *numfmt_age(int64_t ms, char out[NUMFMT_MAX]);
/* How exactly a time is known, as an age, and never too small: "6h" of 5h41m. */
const char *numfmt_error(int64_t ms, char out[NUMFMT_MAX]);
/* At most two units: "7m42s"; "" for negative. */
const char *numfmt_duration(int64_t ms, char out[NUMFMT_MAX]);

/* Deltas. */
const char *numfmt_ratio(const struct vnum *now, const struct vnum *then,
                         char out[NUMFMT_MAX]);                           /* as change_text: "~3.1x" ">=1.6x" "new" "-" */
const char *numfmt_points(double now, double then, char out[NUMFMT_MAX]); /* difference of two percentages: "-4.8pp" "+0.3pp" "0.0pp" */

struct vquality_row;
const char *numfmt_quality_delta(const struct vquality_row *r,
                                 char out[NUMFMT_MAX]); /* points of shares, times of tokens: "-4.8pp" "1.4x" */

/* A quantile in seconds: "2.90 s", "~7.8 s" when it is interpolated, ">82 s" in the open bucket, "<5 ms" in the
 * first, "thin" when n cannot carry the rank, "avg only" when no more than their mean is known,
 * "-" without observations. about: it was read from some of its sources only. */
const char *numfmt_quantile(const struct quantile *q, bool about, char out[NUMFMT_MAX]);
const char *numfmt_latency(const struct vnum *v, char out[NUMFMT_MAX]); /* the same of one that was read already, seconds */
/* A mean in seconds; "-" when it is not known. about: as above, "~2.90 s". */
const char *numfmt_mean(double s, bool about, char out[NUMFMT_MAX]);
/* "(2.5,5]": the bucket that holds it, seconds; "" without one, or for too few. */
const char *numfmt_quantile_interval(const struct quantile *q, char out[NUMFMT_MAX]);
/* "(1,5]": its 95 % confidence interval, seconds, bucket edges included; for too few, too. "" without observations. */
const char *numfmt_quantile_ci(const struct quantile *q, char out[NUMFMT_MAX]);

/* The columns of a signal row, as the overview and `gwtop status` show them. */
const char *numfmt_row_now(const struct vrow *r, char out[NUMFMT_MAX]); /* "42.3", "~2.90", ">82", ">=412", "?" */
const char *numfmt_row_then(const struct vrow *r, char out[NUMFMT_MAX]);
const char *numfmt_row_over(const struct vrow *r, char out[NUMFMT_MAX]); /* "3.1" (times), "-4.8pp", "~1.7", ">3.8", "STALE", "new", "-" */
const char *numfmt_row_n(const struct vrow *r, char out[NUMFMT_MAX]);

#endif
