/* SPDX-License-Identifier: MIT */
/* How often a console that watches, whole or plain, reads the store when nobody asked for it. */
#ifndef GWTOP_UI_CONSOLE_PACE_H
#define GWTOP_UI_CONSOLE_PACE_H

#include <stdint.h>

/* Ages turn sources stale without any commit; a look every few seconds finds that. */
enum { PACE_RELOAD_MS = 5000 };

/* How long to rest after a reading that took cost_ms. Watching may cost a hundredth of a core: what took 40 ms to read is read again after
 * 4 s at the earliest, however often the recorder commits; after 15 s in any case. */
static inline int64_t pace_rest_ms(int64_t cost_ms)
{
    const int64_t longest_ms = 15000, rest_ms = 100 * cost_ms;
    return rest_ms < longest_ms ? rest_ms : longest_ms;
}

#endif
