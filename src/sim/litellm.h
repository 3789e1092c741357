/* SPDX-License-Identifier: MIT */
/* The gateway's own page, in the shape of LiteLLM's /metrics/: its families, label names and order, "None" for what is not there,
 * floats as Python prints them, _created families, a NaN, +Inf for keys without a budget, deprecated twins, sticky states.
 *
 * As in a fleet whose operators use prometheus_metrics_config, the latency families that need no key (provider latency, first token,
 * time per output token, queue, overhead) carry fewer labels, which keeps the page under 2 MB; request_total_latency has them all.
 * Source: LiteLLM v1.101's documentation and a scrape of the real proxy. */
#ifndef GWTOP_SIM_LITELLM_H
#define GWTOP_SIM_LITELLM_H

#include <stdint.h>

#include "base/buf.h"
#include "sim/request.h"
#include "sim/traffic.h"

struct litellm;

/* start_ms: when the process started. NULL when out of memory. */
struct litellm *litellm_new(int64_t start_ms);
void litellm_free(struct litellm *l);

/* Leaves of a key's budget about what it will have spent by then. Before the first booking. */
void litellm_drain(struct litellm *l, unsigned key, int64_t until_ms);

/* Books an ended request. Cost: about 0.3 us. */
void litellm_book(struct litellm *l, const struct request *q, const struct road *road);
/* What happens beside the models' traffic in one second: the admin pages' refused requests, the month's end. */
void litellm_tick(struct litellm *l, int64_t now_s);
/* Appends the page as of the traffic's last second. Errors: ERR_NOMEM, ERR_LIMIT. */
enum err litellm_render(struct litellm *l, const struct traffic *t, struct buf *out) GW_MUST_USE;
size_t litellm_series(const struct litellm *l);

#endif
