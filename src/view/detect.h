/* SPDX-License-Identifier: MIT */
/* The detectors over a series of one's own, without a store: what `gwtop detect` prints. */
#ifndef GWTOP_VIEW_DETECT_H
#define GWTOP_VIEW_DETECT_H

#include "analysis/csvseries.h"

enum { DETECT_ALARMS_MAX = 10000 };

struct detect_alarm {
    size_t at, onset, onset_lo, onset_hi; /* indices of series.rows: where it was raised, and since when the series is different */
    bool is_rise;
    uint64_t n;                         /* samples since the onset */
    double before, after;               /* means; is_level with a clock: before NAN, after in multiples of what is usual at the hour */
    bool is_level;                      /* of a metric: the last few dozen rows, not the last few */
    double spread_before, spread_after; /* of change points: standard deviations; else NaN */
    double distance, record;            /* of a metric: in deviations of its long mean; else NaN */
};

struct detect_result {
    struct detect_alarm *alarms; /* the first DETECT_ALARMS_MAX */
    size_t kept, count;          /* count: with those beyond */
    double *scores;              /* per row of the series: 1 and more is an alarm; NULL for change points */
    const char *test;
    bool thin;    /* in the end there was no baseline */
    double lacks; /* then: bad or good ones, or scores */
};

struct detect_ask {
    enum csvseries_kind kind;
    bool onsets; /* change points instead of alarms */
    double arl;  /* samples per false alarm, where the test has one */
};

/* Errors: ERR_NOMEM. The result is to be freed, whatever was returned. */
enum err detect_run(const struct csvseries *s, const struct detect_ask *ask, struct detect_result *ret, struct errctx *ctx) GW_MUST_USE;
void detect_free(struct detect_result *r);

#endif
