/* SPDX-License-Identifier: MIT */
/* What is measured: the canonical signals with kind and unit, and the fixed-point scale that keeps sums exact.
 *
 * Increments, histogram sums and scores are int64 in 1/scale of the unit (nano-USD, nanoseconds, whole tokens), so that adding
 * them in any order gives the same number and last-minus-first telescopes. Gauges are double; NaN is "not known". */
#ifndef GWTOP_MODEL_SIGNAL_H
#define GWTOP_MODEL_SIGNAL_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum signal {
#define SIGNAL(id, name, kind, unit, merge, help) SIG_##id,
#include "model/signals.def"
#undef SIGNAL
    SIG_COUNT
};

enum signal_kind { KIND_INCREMENT, KIND_GAUGE, KIND_HISTOGRAM, KIND_SCORE };
enum unit { UNIT_COUNT, UNIT_TOKENS, UNIT_SECONDS, UNIT_USD, UNIT_RATIO, UNIT_WATTS, UNIT_JOULES, UNIT_GRAMS_PER_KWH };
/* What gauges of several series read together. Everything else is added. */
enum merge { MERGE_SUM, MERGE_MIN, MERGE_MAX };

struct signal_info {
    const char *name, *help;
    enum signal_kind kind;
    enum unit unit;
    enum merge merge;
};

const struct signal_info *signal_info(enum signal s); /* s < SIG_COUNT */
bool signal_by_name(struct str name, enum signal *ret);

/* Two readings of a gauge as one. NaN, which is not known, gives way to the other. */
static inline double merge_gauge(enum merge m, double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) ? b : a;
    return m == MERGE_SUM ? a + b : (m == MERGE_MIN) == (a < b) ? a : b;
}

int64_t unit_scale(enum unit u);    /* 1e9 for seconds, USD, ratio; 1e6 for joules; 1 otherwise */
const char *unit_name(enum unit u); /* "s", "USD", "tokens", "", ... */

/* value in the unit -> fixed point, rounded half away from zero. Returns false (ret untouched) for NaN, infinities and what does not
 * fit. */
bool unit_to_fixed(enum unit u, double value, int64_t *ret);
double unit_from_fixed(enum unit u, int64_t fixed);

#endif
