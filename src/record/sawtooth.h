/* SPDX-License-Identifier: MIT */
/* Tells a restarted process from several workers that answer in turn behind one port.
 *
 * Both make counters fall. After a restart everything begins near zero and the process' start time lies after the poll before.
 * Workers that share a port (a server without PROMETHEUS_MULTIPROC_DIR, a load balancer) show another process that was there all along:
 * counters fall by a little, climb back at once, and start times jump between old values. Increments of such a page mean nothing.
 *
 * One turn is no saw. A turn is a poll at which many counters fell together, or whose start time is that of another process that was
 * there before. Within SAWTOOTH_WINDOW polls a saw needs two turns, and between them many counters that climbed back over where they had
 * been, or start times that went to an old process twice. A single turn (a restart of a server that exports no start time, a fail-over)
 * is a reset: falls to less than half are counted from zero; after falls by less nobody can say how much was counted since, so that this
 * one poll is not known and is the new baseline. So is a poll at which many climb back soon after a turn, which may be the saw's other
 * flank.
 * A page that was judged a saw is believed again after SAWTOOTH_CALM polls without a turn or a climb: 3 min at 15 s. Two workers that
 * answer at random look like that once in 4,096 polls, and the next two turns tell.
 * Pure: it sees per poll how many counters fell, and by how much. */
#ifndef GWTOP_RECORD_SAWTOOTH_H
#define GWTOP_RECORD_SAWTOOTH_H

#include <stdbool.h>
#include <stdint.h>

enum { SAWTOOTH_WINDOW = 16, SAWTOOTH_CALM = 12 }; /* polls */

struct sawtooth {
    bool on;                        /* the page is a mix of several processes */
    uint32_t calm;                  /* polls since the last sign of it */
    uint32_t turns, others, climbs; /* one bit per poll, newest lowest: see above; others: turns to a process that was there before */
    double start_s;                 /* the process' start time at the last poll, NaN = not exported */
};

/* What one poll showed, over counters that were above zero before. */
struct sawtooth_poll {
    uint32_t counters;    /* seen now and before */
    uint32_t fell;        /* of them, now below their last value */
    uint32_t fell_half;   /* of those, still at half of it or more */
    uint32_t climbed;     /* fell before, and now for the first time at least where they were then */
    double start_s;       /* process_start_time_seconds, NaN = not exported */
    int64_t t0_ms, t1_ms; /* this poll and the one before */
};

enum sawtooth_verdict {
    SAWTOOTH_CONTINUE,  /* the same process: a counter that fell was reset by itself */
    SAWTOOTH_RESTARTED, /* a new process: every counter began at zero */
    SAWTOOTH_UNKNOWN,   /* the increments of this poll mean nothing; it is the baseline of the next */
};

void sawtooth_init(struct sawtooth *s);
enum sawtooth_verdict sawtooth_judge(struct sawtooth *s, const struct sawtooth_poll *p);

#endif
