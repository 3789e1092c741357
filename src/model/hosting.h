/* SPDX-License-Identifier: MIT */
/* Models on GPUs of one's own: what the configuration says of them, and what their electricity costs. Plain data and pure functions.
 *
 * Money is nano-USD, energy microjoules (SIG_ENERGY's fixed point). Hours are UTC. Source: docs/decisions/0011-self-hosted.md. */
#ifndef GWTOP_MODEL_HOSTING_H
#define GWTOP_MODEL_HOSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/facts.h"

/* GPUs that serve a part of the traffic, from an instant on. Those of one name are one pool, whose newest entry holds. */
struct hosting {
    const char *name;
    int64_t from_ms; /* INT64_MIN = always */
    uint32_t gpus;
    int64_t gpu_hour_nusd;    /* of one GPU */
    double full_tokens_per_s; /* input and output at full batches, 0 = not said */
    const char *power;        /* the source that measures its GPUs; NULL = whatever measures power */
    uint32_t scope_count;     /* the traffic that they serve; all parts must hold */
    struct scope_part scope[SCOPE_PARTS_MAX];
};

/* The price of a kilowatt-hour from an instant on, in the hours [from_hour, to_hour) of the day; from_hour > to_hour goes over midnight. */
struct tariff {
    int64_t from_ms; /* INT64_MIN = always */
    int64_t kwh_nusd;
    uint8_t from_hour, to_hour; /* 0 to 24; 0 and 24: the whole day */
};

bool tariff_is_whole_day(const struct tariff *t);
/* Whether two prices hold for one instant, neither being the newer or the more special one. */
bool tariff_collides(const struct tariff *a, const struct tariff *b);
/* The one that holds at an instant: one with hours before one for the whole day, then the newest. NULL when there is none. */
const struct tariff *tariff_at(const struct tariff *list, size_t count, int64_t at_ms);

/* The entry of a pool that holds at an instant, NULL before its first. */
const struct hosting *hosting_at(const struct hosting *list, size_t count, const char *name, int64_t at_ms);

#define KWH_MAX_NUSD INT64_C(100000000000)
/* What electricity costs: microjoules at the meter of the GPUs, times the site's power usage effectiveness in thousandths (at most
 * 5,000), at a price (at most KWH_MAX_NUSD either way). Rounded half away from zero. */
int64_t energy_cost(int64_t microjoules, int64_t pue_milli, int64_t kwh_nusd);

#endif
