/* SPDX-License-Identifier: MIT */
/* The page of one self-hosted engine, in the shape of vLLM 0.29's /metrics: the same requests that the gateway books against it. */
#ifndef GWTOP_SIM_VLLM_H
#define GWTOP_SIM_VLLM_H

#include <stddef.h>

#include "base/buf.h"
#include "sim/request.h"
#include "sim/traffic.h"

struct vllm;

/* engine < ENGINE_COUNT; start_ms: when the process started. NULL when out of memory. */
struct vllm *vllm_new(unsigned engine, int64_t start_ms);
void vllm_free(struct vllm *v);

void vllm_book(struct vllm *v, const struct request *q); /* ignores what other deployments served */
/* Appends the page as of the traffic's last second. Errors: ERR_NOMEM, ERR_LIMIT. */
enum err vllm_render(struct vllm *v, const struct traffic *t, struct buf *out) GW_MUST_USE;

#endif
