/* SPDX-License-Identifier: MIT */
/* Incidents with known causes, in the form of RobustSpot: a folder with anomaly.yaml (data, timestamp, cause: a mapping or a list of
 * mappings from column to value) and one CSV per incident (min or timestamp, value = failures, cnt = all; every other column is a
 * dimension). */
#ifndef GWTOP_BENCH_LOCALISE_DATA_H
#define GWTOP_BENCH_LOCALISE_DATA_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/intern.h"
#include "model/dims.h"

enum { LOCALISE_DIMS_MAX = 8, LOCALISE_CAUSES_MAX = 4 };

struct localise_leaf {
    uint32_t dim[DIM_COUNT];
    double n, bad, past_n, past_bad; /* of the incident's minute, and of all before it */
};
struct localise_cause {
    uint32_t dim[DIM_COUNT];
}; /* 0 = any */

struct localise_case {
    const char *name;
    struct localise_leaf *leaves;
    size_t count;
    uint32_t dims; /* DIM_BIT()s in use */
    struct localise_cause causes[LOCALISE_CAUSES_MAX];
    size_t cause_count;
};

/* Reads the folder and calls use for every incident that can be read. Returns how many there were; 0 when the folder holds none. */
size_t localise_each(const char *dir, struct intern *strings, void (*use)(void *ctx, const struct localise_case *c), void *ctx);

/* Whether these values, and no others, are one of the causes. */
bool localise_is_cause(const struct localise_case *c, const enum dim *dim, const uint32_t *id, uint32_t count);

#endif
