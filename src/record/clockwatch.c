/* SPDX-License-Identifier: MIT */
#include "record/clockwatch.h"

enum clockwatch_word clockwatch_turn(struct clockwatch *w, const struct clockwatch *now)
{
    const struct clockwatch before = *w;
    int64_t jump = (now->wall_ms - before.wall_ms) - (now->mono_ms - before.mono_ms);

    *w = *now;
    if (before.wall_ms == 0)
        return CLOCKWATCH_STEADY;
    if (jump > CLOCKWATCH_STEP_MS)
        return CLOCKWATCH_FORWARD;
    if (jump < -CLOCKWATCH_STEP_MS)
        return CLOCKWATCH_BACK;
    return now->system_ms - before.system_ms > CLOCKWATCH_STALL_MS ? CLOCKWATCH_STALLED : CLOCKWATCH_STEADY;
}
