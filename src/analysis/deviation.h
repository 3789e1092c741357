/* SPDX-License-Identifier: MIT */
/* A metric of high volume (latency, rate, $ a minute) that leaves what it has been: alarms in either direction, O(1) a sample.
 *
 * Two short exponentially weighted means, each against a long one in units of its deviation:
 *   jump:  of the value itself, over some 3 samples;
 *   level: over some 40 samples, of its logarithm beyond what is usual at this hour: of the week once two weeks are known, of the day
 *   before that.
 * How far each has been in either direction is its record, which fades. The score is the distance over the record (or over 4 deviations,
 * whichever is more); 1 and more is an alarm: it is further out than anything remembered. Then it is quiet for 48 samples, while the record
 * takes it in. Such series are no independent samples, so this promises no rate of false alarms; bench_nab measures it on real ones.
 * Samples come at an even pace, minutes apart (the settings are in samples). One struct without pointers, kept as its bytes;
 * deviation_valid() tells whether bytes are one.
 * Source: docs/decisions/0013-detectors.md. */
#ifndef GWTOP_ANALYSIS_DEVIATION_H
#define GWTOP_ANALYSIS_DEVIATION_H

#include <stdbool.h>
#include <stdint.h>

enum deviation_part { DEVIATION_JUMP, DEVIATION_LEVEL, DEVIATION_PARTS };
enum { DEVIATION_HOLD = 48, DEVIATION_WARM_UP = 50 }; /* samples */
#define DEVIATION_NO_TIME INT64_MIN                   /* without a clock there are no hours, and level has no usual */

struct deviation_mean {
    uint64_t n;
    double near, far, var;      /* the short mean, the long one, and the variance around that */
    double z_sq, limit_sq;      /* the short mean's distance, in its own deviations, and what it was held against; both squared */
    double record_sq[2];        /* the furthest above, below; squared */
    int64_t since, since_apart; /* the caller's `at` from which on it has been on this side, and by a deviation and more */
    int32_t side, apart;        /* +1, -1; whether it is a deviation and more away */
};

/* What is usual at an hour. */
struct deviation_hour {
    double mean;
    uint32_t n, weeks; /* weeks: in which it was seen */
    int64_t week;      /* the last of them */
};

struct deviation {
    uint32_t version, hold;
    int64_t hour_ms; /* the beginning of the last sample's hour, and which of the week it is */
    int32_t of_week, unused;
    int64_t first_ms; /* of the first sample with a time; DEVIATION_NO_TIME = none */
    struct deviation_mean part[DEVIATION_PARTS];
    struct deviation_hour day[24], week[168];
};

void deviation_init(struct deviation *d);
bool deviation_valid(const struct deviation *d);

struct deviation_alarm {
    enum deviation_part part;
    bool is_rise;
    int64_t onset, onset_lo, onset_hi;
    double z, record;     /* deviations, and how many were the most so far (at least 4) */
    double before, after; /* the long mean and the short one: of the value, or of level's logarithm beyond the usual */
};
/* value: finite. at: the caller's row or time of it. wall_ms: UTC, never falling, or DEVIATION_NO_TIME. Returns the score:
 * 0 while it warms up and for DEVIATION_HOLD samples after an alarm, which is a score of 1 and more and fills *ret. Cost: some 30 ns. */
double deviation_feed(struct deviation *d, int64_t at, int64_t wall_ms, double value, struct deviation_alarm *ret);

#endif
