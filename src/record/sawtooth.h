/* SPDX-License-Identifier: MIT */
/* Tells a restarted process from several workers that answer in turn behind one port.
 *
 * Both make counters fall. After a restart everything begins near zero and the process' start time lies after the poll before.
 * Workers that share a port (a server without PROMETHEUS_MULTIPROC_DIR, a load balancer) show another process that was there all along:
 * counters fall by a little, climb back at once, and start times jump between old values. Increments of such a page mean nothing.
 * Pure: it sees per poll how many counters fell, and by how much. */
#ifndef GWTOP_RECORD_SAWTOOTH_H
#define GWTOP_RECORD_SAWTOOTH_H

#include <stdbool.h>
#include <stdint.h>

struct sawtooth {
    bool on;                /* the page is a mix of several processes */
    uint32_t calm;          /* polls since the last sign of it */
    uint32_t drops, climbs; /* one bit per poll, newest lowest: many counters fell; many climbed back over where they had been */
    double start_s;         /* the process' start time at the last poll, NaN = not exported */
};

/* What one poll showed, over counters that were above zero before. */
struct sawtooth_poll {
    uint32_t counters;    /* seen now and before */
    uint32_t fell;        /* of them, now below their last value */
    uint32_t fell_half;   /* of those, still at half of it or more */
    uint32_t climbed;     /* fell within the last polls, and now at least where they were before */
    double start_s;       /* process_start_time_seconds, NaN = not exported */
    int64_t t0_ms, t1_ms; /* this poll and the one before */
};

enum sawtooth_verdict {
    SAWTOOTH_CONTINUE,  /* the same process: a counter that fell was reset by itself */
    SAWTOOTH_RESTARTED, /* a new process: every counter began at zero */
    SAWTOOTH_UNKNOWN,   /* the increments of this poll mean nothing */
};

void sawtooth_init(struct sawtooth *s);
enum sawtooth_verdict sawtooth_judge(struct sawtooth *s, const struct sawtooth_poll *p);

#endif
