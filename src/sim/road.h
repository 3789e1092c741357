/* SPDX-License-Identifier: MIT */
/* The road of one request: client, gateway, guardrails, router, provider or engine, and what it costs. Decides everything about a
 * request at its arrival, by seeded dice; the calendar in traffic.c lets it take its time.
 *
 * Router: a deployment that fails more than 80 % of at least 5 attempts of a minute is out of rotation for 5 s, unless it is the
 * last one. A failed attempt is repeated once, on another deployment when the model has one that is in rotation, on the same one
 * when the model has only one; then the model's fallback is asked, unless the request forbids it. Where a scenario lets requests go
 * astray, a share of them is sent to another model's deployment first. */
#ifndef GWTOP_SIM_ROAD_H
#define GWTOP_SIM_ROAD_H

#include <stdint.h>

#include "base/rng.h"
#include "sim/request.h"
#include "sim/scenario.h"

enum { ENGINE_SLOTS_MAX = 64 };

/* A self-hosted engine: as many servers as it has slots, first come first served. free_us is a binary heap of when they are free. */
struct engine_state {
    int64_t free_us[ENGINE_SLOTS_MAX];
    int64_t running, waiting, tokens_held, preemptions;
};

struct deployment_state {
    int64_t minute; /* the minute that the counts are about */
    int64_t asked, failed, tokens;
    int64_t cooled_until_ms;
};

struct road {
    struct rng rng;
    struct rng aside; /* dice for what decides nothing else, so that the other decisions are the same with and without it */
    struct effects fx;
    struct deployment_state deployment[DEPLOYMENT_COUNT];
    struct engine_state engine[ENGINE_COUNT];
};

void road_init(struct road *r, uint64_t seed);

/* Decides the rest of a request of which arrival_ms, key, model and tries are set, and of a client's repetition the task. Cost: about 0.5
 * us. */
void road_travel(struct road *r, struct request *q);

#endif
