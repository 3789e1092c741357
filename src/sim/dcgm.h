/* SPDX-License-Identifier: MIT */
/* The page of one host's GPUs, in the shape of NVIDIA's DCGM exporter 4: what those of a self-hosted engine draw while it serves. */
#ifndef GWTOP_SIM_DCGM_H
#define GWTOP_SIM_DCGM_H

#include "base/buf.h"
#include "sim/traffic.h"

struct dcgm;

/* engine < ENGINE_COUNT; start_ms: when the driver was loaded. NULL when out of memory. */
struct dcgm *dcgm_new(unsigned engine, int64_t start_ms);
void dcgm_free(struct dcgm *d);

void dcgm_tick(struct dcgm *d, const struct traffic *t); /* counts the energy of one second; O(1) */
/* Appends the page as of the traffic's last second. Errors: ERR_NOMEM, ERR_LIMIT. */
enum err dcgm_render(struct dcgm *d, struct buf *out) GW_MUST_USE;

#endif
