/* SPDX-License-Identifier: MIT */
/* The company's requests through one day after another, in ticks of one virtual second.
 *
 * Invariant: the state after a tick depends on the seed, the script and the number of ticks alone, never on who asked when. */
#ifndef GWTOP_SIM_TRAFFIC_H
#define GWTOP_SIM_TRAFFIC_H

#include <stdint.h>

#include "base/err.h"
#include "sim/request.h"
#include "sim/road.h"
#include "sim/scenario.h"

/* Who is told. q is valid during the call only. */
struct traffic_observer {
    void *ctx;
    void (*ended)(void *ctx, const struct request *q); /* at the second in which a request ended */
};

struct traffic;

/* s is copied. NULL when out of memory. */
struct traffic *traffic_new(uint64_t seed, const struct script *s, int64_t start_s, struct traffic_observer o);
void traffic_free(struct traffic *t);

/* Simulates one second. Errors: ERR_NOMEM. Cost: about 1 us per request, observer included. */
enum err traffic_tick(struct traffic *t) GW_MUST_USE;

int64_t traffic_now_s(const struct traffic *t); /* every earlier second has been simulated */
int64_t traffic_in_flight(const struct traffic *t);
int64_t traffic_refused(const struct traffic *t); /* requests that found the gateway full */
const struct road *traffic_road(const struct traffic *t);

#endif
