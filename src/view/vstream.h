/* SPDX-License-Identifier: MIT */
/* Internal to view/: the streams that the recorder watches for drift (record/analyse_stream.h), counted again for a screen's windows:
 * scores of a judge, and shares of answers that need none (model/answers.h), of a model. A share is there where the last day told of it, a
 * score where one was told within a week. */
#ifndef GWTOP_VIEW_VSTREAM_H
#define GWTOP_VIEW_VSTREAM_H

#include "model/answers.h"
#include "view/vread.h"

struct vstream {
    const struct answer_share *share; /* NULL: a score */
    uint32_t name, judge, model;      /* of its series, 0 = not told */
    int64_t last_ms;   /* of a score: end of the six hours in which the newest of the week lies, the screen's now at the latest */
    const char *label; /* what findings, notes and drift_evidence call it: "json_valid@v2", "requests filtered" */
};

/* Of scores: how many, bad ones, their sum and that of their squares (0: not told); of answers sum is bad, and there is the time that some
 * group of what counts the whole, and of what counts the bad ones, covers. */
struct vcount {
    double n, bad, sum, sum_sq;
    int64_t whole_ms, bad_ms;
};

/* The windows that are read: up to each signal's now, and the screen's axis. */
enum vstream_window { VSTREAM_RECENT, VSTREAM_HOUR, VSTREAM_DAY, VSTREAM_AXIS, VSTREAM_WINDOWS };
enum { VSTREAM_HOUR_MS = 3600000, VSTREAM_DAY_MS = 24 * 3600000, VSTREAM_SIGNALS_MAX = 16 };
enum { VSTREAM_KEPT_DAYS = 7 }; /* a judge that told nothing for so long is no row any more */

struct vstreams {
    struct vread *vr;
    enum signal signal[VSTREAM_SIGNALS_MAX];
    size_t signal_count;
    size_t q[VSTREAM_WINDOWS][VSTREAM_SIGNALS_MAX]; /* queries of vr */
    size_t week;                                    /* the same of scores, by six hours */
    struct vstream *list;                           /* by share, name, judge and model */
    size_t count;
    struct vcount *counts[VSTREAM_WINDOWS]; /* [count][columns] */
};

/* Asks for all of them, before vread_run. recent_ms: of VSTREAM_RECENT. */
void vstreams_ask(struct vstreams *v, struct vread *vr, int64_t recent_ms, const struct view_axis *axis);
/* The same of the window alone that lasts recent_ms: all of VSTREAM_* are that. */
void vstreams_ask_window(struct vstreams *v, struct vread *vr, int64_t recent_ms);
/* Where a stream of another list is in this one. */
bool vstreams_find(const struct vstreams *v, const struct vstream *of, size_t *ret);
/* The query of a signal that shares are made of. */
size_t vstreams_query(const struct vstreams *v, enum signal s, enum vstream_window w);
/* After it: lists and counts. Errors: ERR_NOMEM. */
enum err vstreams_take(struct vstreams *v) GW_MUST_USE;

const struct vcount *vstream_count(const struct vstreams *v, size_t i, enum vstream_window w, uint32_t column);
/* The mean of scores, the share of bad answers, in percent; NaN of none. */
double vstream_percent(const struct vcount *c);
/* The same as a number, with what its sources allow to say of it. */
struct vnum vstream_num(const struct vstreams *v, size_t i, enum vstream_window w);

/* The share of answers that findings, notes and drift_evidence call so, NULL = none: of a score. */
const struct answer_share *vstream_share_of(const char *label);
/* What its findings are called: rule "quality:LABEL", scope "model=M" or "". NULL when the arena is full. */
const char *vstream_rule(struct arena *a, const struct vstream *s);
const char *vstream_scope(const struct vread *vr, const struct vstream *s);

#endif
