/* SPDX-License-Identifier: MIT */
/* Time as a parameter. Everything that needs "now" is given a struct clock, so that live use, replay, the accelerated demo and
 * tests are the same code.
 *
 * wall_ms: milliseconds since 1970 UTC, for labels and event time. mono_ms: never steps, for intervals. */
#ifndef GWTOP_BASE_CLOCK_H
#define GWTOP_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
    int64_t (*wall_ms)(void *ctx);
    int64_t (*mono_ms)(void *ctx);
    void *ctx;
};

struct clock clock_system(void);

/* A clock that a test or the demo moves by hand. */
struct clock_manual {
    int64_t wall_ms, mono_ms;
};
struct clock clock_manual(struct clock_manual *m); /* m is kept */
void clock_manual_advance(struct clock_manual *m, int64_t delta_ms);

/* A clock that runs `speed` times as fast as the system's, from wall time origin_wall_ms at the system's wall time
 * origin_system_ms. Its monotonic time is the system's, times speed. */
struct clock_scaled {
    int64_t origin_system_ms, origin_wall_ms;
    double speed; /* > 0 */
};
struct clock clock_scaled(struct clock_scaled *s); /* s is kept */

int64_t clock_wall_ms(const struct clock *c);
int64_t clock_mono_ms(const struct clock *c);

#endif
