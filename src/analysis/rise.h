/* SPDX-License-Identifier: MIT */
/* When a rate began to rise above what is usual.
 *
 * It was at its usual level, began to rise at some time, and rose evenly for none to a few minutes to what it is now. How likely what was
 * seen is under each begin is told in nats; every part of a cell in which one is less than 4 from the likeliest may hold it.
 * Source: docs/decisions/0010-money-analysis.md. */
#ifndef GWTOP_ANALYSIS_RISE_H
#define GWTOP_ANALYSIS_RISE_H

#include <stddef.h>
#include <stdint.h>

enum { RISE_CELLS_MAX = 512 };

/* What was seen in a time, and what is usual for it, as numbers of independent events. */
struct rise_cell {
    int64_t t0_ms, t1_ms;
    double n, usual; /* usual > 0 */
};
struct rise {
    int64_t begin_ms, error_ms; /* in whole seconds, as it is told; half a cell at least */
    double nats;                /* evidence for it against none */
};
/* cells: the oldest first, at most RISE_CELLS_MAX. What happened between two of them was observed by nobody: the begin may lie there as
 * well. Cost: O(count^2). */
struct rise rise_find(const struct rise_cell *cells, size_t count);

#endif
