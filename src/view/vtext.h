/* SPDX-License-Identifier: MIT */
/* Internal to view/: numbers inside sentences. Cells of tables are the pane's business (ui/draw/numfmt.h). */
#ifndef GWTOP_VIEW_VTEXT_H
#define GWTOP_VIEW_VTEXT_H

#include "base/arena.h"
#include "model/facts.h"
#include "model/histogram.h"
#include "view/view.h"

enum { VTEXT_MAX = 40 };

void vtext_count(uint64_t n, char out[VTEXT_MAX]);       /* "812", "3.1k", "12.7M" */
void vtext_number(double v, char out[VTEXT_MAX]);        /* three digits, never an exponent: "0.0417", "41.3", "1.23k" */
void vtext_percent(double percent, char out[VTEXT_MAX]); /* "38%", "0.04%", "99.9%", "?" */
void vtext_seconds(double s, char out[VTEXT_MAX]);       /* "850 ms", "2.9 s", "82 s" */
void vtext_usd(double usd, char out[VTEXT_MAX]);         /* as money_format; "$?" */
void vtext_usd_per_h(double usd, char out[VTEXT_MAX]);   /* "$412/h", "$0.42/h" */
/* As quantile_read has it: "6.1 s", "~6.1 s", ">82 s", "<0.3 s", "thin", "?" */
void vtext_quantile(const struct quantile *q, bool about, char out[VTEXT_MAX]);
void vtext_age(int64_t ms, char out[VTEXT_MAX]); /* whole seconds at least: "0s", "4s", "9m" */
/* "last 5m": the now window in a sentence. */
void vtext_last(int64_t window_ms, char out[VTEXT_MAX]);
/* "18:49:10Z", with its day where the clock alone would not tell it. NULL when the arena is full. */
const char *vtext_instant(struct arena *a, int64_t at_ms, bool with_day);
/* "29 Nov 12:45Z"; NULL when the arena is full. */
const char *vtext_moment(struct arena *a, int64_t at_ms);
/* " +-48s", "" where how exact a time is was not told (0); NULL when the arena is full. */
const char *vtext_error(struct arena *a, int64_t error_ms);
/* "18:39:24-18:40:55Z" */
void vtext_span(int64_t from_ms, int64_t to_ms, char out[VTEXT_MAX]);
/* " since 03:06:40Z (7m42s)", " since 03:06:40Z +-48s (7m42s)" with an error, "" when it is not known (0); NULL when the arena is full. */
const char *vtext_since(struct arena *a, int64_t since_ms, int64_t error_ms, int64_t cursor_ms);
/* How exactly the onset of what was found is known: " +-3m", " (11:58:10 to 12:20:44Z)" (base/timefmt.h), ""; NULL when the arena is
 * full. */
const char *vtext_onset_error(struct arena *a, const struct alert *al);
/* Of what was found: as vtext_since(), " since 03:06:40Z (03:01:10 to 03:20:00Z), for 7m42s" where the sides of its onset are told apart,
 * or where it is over " from 01:26:32Z +-1m to 01:52:02Z +-1m, back for 6m58s". Where its stream fell silent how long it lasts is not told:
 * " since 12:00:44Z +-3m, " and vtext_silent(). NULL when the arena is full. */
const char *vtext_found_since(struct arena *a, const struct alert *al, int64_t cursor_ms);
/* Of an open drift that is likelier to be over than not: "back at its baseline for 40m, not confirmed yet". NULL when the arena is full. */
const char *vtext_back(struct arena *a, const struct alert *al, int64_t cursor_ms);
/* "no score since 13:40:00Z (2h), whether it lasts is not known", "no score within a day, ...", "whether it lasts was not looked at" of a
 * finding whose stream fell silent or was not asked, else ""; NULL when the arena is full. */
const char *vtext_silent(struct arena *a, const struct alert *al, int64_t cursor_ms);
/* "requests +1" of bits of signals, "" of none; NULL when the arena is full. */
const char *vtext_signals(struct arena *a, uint64_t signals);
/* "gpt-x" for model=gpt-x, "all requests" without a scope; NULL when the arena is full. */
const char *vtext_scope(struct arena *a, const struct slo *s);

#endif
