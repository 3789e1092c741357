/* SPDX-License-Identifier: MIT */
/* Whether time went by unnoticed between two turns of a loop: the machine slept, a clock was set, or the process itself did not run.
 *
 * The monotonic clock stands still while the machine sleeps, and the wall clock can be set: either way both drift apart. A process that was
 * stopped, or hung in the disk, finds both moved on by more than a turn takes. Pure. */
#ifndef GWTOP_RECORD_CLOCKWATCH_H
#define GWTOP_RECORD_CLOCKWATCH_H

#include <stdint.h>

enum { CLOCKWATCH_STEP_MS = 2000, CLOCKWATCH_STALL_MS = 5000 /* a turn waits for a second at most */ };

/* The readings of a turn: the wall and the monotonic clock that samples stand for, and the system's monotonic clock, which is another one
 * in a replay. Zeroed memory is the beginning. */
struct clockwatch {
    int64_t wall_ms, mono_ms, system_ms;
};

enum clockwatch_word { CLOCKWATCH_STEADY, CLOCKWATCH_FORWARD, CLOCKWATCH_BACK, CLOCKWATCH_STALLED };

/* What happened since the turn before, which `now` replaces. */
enum clockwatch_word clockwatch_turn(struct clockwatch *w, const struct clockwatch *now);

#endif
