/* SPDX-License-Identifier: MIT */
/* The parts of bench_suspects. Each prints its figures. */
#ifndef GWTOP_BENCH_SUSPECTS_H
#define GWTOP_BENCH_SUSPECTS_H

#include <stdbool.h>

#include "bench/rootrank_data.h"

/* Which part of the traffic (analysis/suspects): a folder as in localise_data.h. False when it holds no incident. */
bool suspects_traffic(const char *dir, bool verbose);

/* What there is beside rootrank: the published baseline of PetShop. Anomalous is who lies more than five median deviations off at the third
 * row (or at the first after it at which the target does); suspects are those with no anomalous callee and an anomalous way to the target,
 * by the sum of the deviations on it. Returns how many; ret: the best first, at most max. */
size_t suspects_peer(const struct rootrank_input *in, uint32_t *ret, size_t max);

/* Generated systems with one fault each, and as many without: what a test can hold to without any data. False when a figure is missed. */
bool suspects_generated(int runs, bool verbose);

#endif
