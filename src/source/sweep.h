/* SPDX-License-Identifier: MIT */
/* Which time of an evaluation system to read next: what is new, and again what may have changed. Pure.
 *
 * New time is read once, in stretches. The last quarter of an hour is read again every five minutes, for scores that came late, and
 * everything back to `revisit` every hour, for those that were revised. What is new goes first. A stretch is as long as it can be for a
 * number of pages. */
#ifndef GWTOP_SOURCE_SWEEP_H
#define GWTOP_SOURCE_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SWEEP_SLOT_MS = 10 * 1000, /* all stretches are of whole slots */
    SWEEP_POLL_PAGES = 100,    /* per poll; the next one goes on where this one ended */
    SWEEP_PAGES_MAX = 200,     /* of a stretch, before it is cut */
};

/* A reading again. */
struct sweep_pass {
    int64_t back_ms, every_ms;
    int64_t done_ms; /* when it was, 0 = not in this run */
    int64_t at_ms;   /* how far it has come, 0 = it is not under way */
};

struct sweep {
    int64_t window_ms;
    struct sweep_pass pass[2];
    int reading;            /* the stretch is new (SWEEP_NEW), of pass[reading], or there is none */
    int64_t from_ms, to_ms; /* [from, to) */
};
enum { SWEEP_NEW = -1, SWEEP_NOTHING = -2 };

void sweep_init(struct sweep *w, int64_t revisit_ms);
/* Nothing was ever read: what is new is all that there is. */
void sweep_first(struct sweep *w, int64_t end_ms);
/* end_ms: up to where scores are taken; mark_ms > 0 and floor_ms as the sink has them. False: there is nothing to read now. */
bool sweep_next(struct sweep *w, int64_t end_ms, int64_t mark_ms, int64_t floor_ms);
/* The stretch was read as a whole, in so many pages. */
void sweep_done(struct sweep *w, int64_t end_ms, uint32_t pages);
/* It has too many pages: the next stretch is shorter. False: it is a single slot already. */
bool sweep_cut(struct sweep *w);

#endif
