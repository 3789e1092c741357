/* SPDX-License-Identifier: MIT */
/* How far the recorder is with the demo's history, as one line of a terminal or as lines of a log. */
#ifndef GWTOP_SIM_PROGRESS_H
#define GWTOP_SIM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

enum { PROGRESS_MAX = 160 };

struct progress {
    bool in_place; /* a terminal: one line, rewritten; else a line at the beginning and one per quarter */
    int columns;   /* of it; <= 0: not known, taken to be 80 */
    int lines;     /* that were due so far; 0 at first */
};

/* What to write now, "" for nothing. share: 0 to 1; last: nothing comes after it. In place it begins with '\r', takes less than columns, so
 * that no terminal wraps it, and ends the line when it is the last. Returns out. */
const char *progress_text(struct progress *p, double share, int64_t elapsed_ms, bool last, char out[PROGRESS_MAX]);

#endif
