/* SPDX-License-Identifier: MIT */
/* Internal to view/: what the recorder says of a stream at the cursor: what it is held against (model/drift.h), and how much speaks for a
 * drift of it. Nothing is judged here. */
#ifndef GWTOP_VIEW_VDRIFT_H
#define GWTOP_VIEW_VDRIFT_H

#include "analysis/edetect.h"
#include "base/timefmt.h"
#include "model/drift.h"
#include "view/vstream.h"

enum { VDRIFT_RECENT_MS = 15 * 60000 }; /* what counts as now of streams that are judged over hours */

/* drift_evidence of all streams, of the last 15 minutes and over the axis, by name and model. No filter applies: it is of all of a
 * stream. */
struct vdrifts {
    struct store_result recent, axis;
};
enum err vdrifts_read(const struct vread *vr, const struct view_axis *axis, struct vdrifts *ret, struct errctx *ctx) GW_MUST_USE;

/* The newest of the last 15 minutes, of what is called label; NaN where none was told. */
double vdrift_evidence(const struct vdrifts *d, const struct vread *vr, const char *label, uint32_t model);
/* What spoke for the worse, with the alarm line. Told once a minute, it stands until the next. Errors: ERR_NOMEM. */
enum err vdrift_strip(const struct vdrifts *d, const struct vread *vr, const char *label, uint32_t model, const struct view_axis *axis,
                      struct vstrip *ret) GW_MUST_USE;

/* The note of a finding's rule and scope as known at the cursor; *ret_found false where there is none that can be read. */
enum err vdrift_base(const struct view_loader *l, int64_t cursor_ms, const char *rule, const char *scope, struct drift_base *ret,
                     bool *ret_found, struct errctx *ctx) GW_MUST_USE;

/* The same of the note of where a finding is; *ret_found false where it is of another finding. */
enum err vdrift_found(const struct view_loader *l, int64_t cursor_ms, const struct alert *finding, struct drift_found *ret, bool *ret_found,
                      struct errctx *ctx) GW_MUST_USE;

/* Whether the bad ones are what a screen shows of it: shares of answers, and scores that are the lower the better. */
bool vdrift_shows_bad(const struct drift_base *b, const struct vstream *s);

/* How many an hour there are, of so many in the hour up to until_ms, or since the baseline's begin where that is where the stream began; 0
 * = that was less than a minute ago, which tells nothing. */
double vdrift_pace(const struct drift_base *b, double in_hour, int64_t until_ms);

/* What a thin baseline lacks, and how long that takes where so many come an hour (0 = not known): of fewer than five of a kind no more is
 * known than the least that it takes (95 %), which the text has and *ret_ms has not (0). NULL when the arena is full. */
const char *vdrift_lacks(const struct drift_base *b, double per_hour, struct arena *a, int64_t *ret_ms);

/* The change for the worse, in points of what is shown, that is noticed within n samples in about half of all cases, or in 90 %; NaN of
 * scores that are not 0 or 1, and where there is none. */
double vdrift_visible(const struct drift_base *b, bool shows_bad, double n, enum edetect_chance chance);

/* Between what 90 % of means of n samples are without a drift, in percent; the baseline's own error is in it. NaN while it is thin, or of
 * less than one. */
void vdrift_usual(const struct drift_base *b, double n, double *ret_lo, double *ret_hi);

/* "e-detector: on average at most 1 false alarm in 12M samples; 2 in 30 d over 38 streams", that its share is not known yet, "" where that
 * was not told; NULL when the arena is full. */
const char *vdrift_promise(double arl, double alarms, uint32_t streams, struct arena *a);
/* When a baseline that began anew did: an onset, between its sides where they are told. */
struct instant_between vdrift_begun(const struct drift_base *b);
/* "90.0 -> 98.4 %" of one that began as it is better, "" where that is not told; NULL when the arena is full. */
const char *vdrift_better(const struct drift_base *b, struct arena *a);
/* "baseline since 03:05:10Z: better since then"; "" where it began with the first sample. NULL when the arena is full. */
const char *vdrift_why(const struct drift_base *b, struct arena *a);

#endif
