/* SPDX-License-Identifier: MIT */
/* The simulated gateway without its server: virtual time, traffic, and the pages as text.
 *
 * Same seed, scenarios, instants and virtual time give byte-identical pages whoever asked before: traffic advances in fixed ticks
 * of one second. Not thread-safe. */
#ifndef GWTOP_SIM_SIM_H
#define GWTOP_SIM_SIM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "sim/scenario.h"

enum sim_page {
    SIM_PAGE_LITELLM,
    SIM_PAGE_VLLM_QWEN,
    SIM_PAGE_VLLM_LLAMA,
    SIM_PAGE_DCGM_QWEN,
    SIM_PAGE_DCGM_LLAMA,
    SIM_PAGE_OTEL,
    SIM_PAGE_COUNT
};

enum {
    SIM_HISTORY_MS = (24 * 60 + 20) * 60 * 1000, /* what a demo records before it goes live: a day, and what "1d ago" needs before it */
    SIM_PAST_MS = 15 * 3600 * 1000,              /* a history of so much contains the past incident, 14 h before its end */
    SIM_WARM_UP_MS = 3600 * 1000,                /* the gateway ran so long before start_ms */
    SIM_ADVANCE_MAX_MS = 8 * 24 * 3600 * 1000    /* one step: about 10 s of work */
};

struct sim_config {
    uint64_t seed;
    const char *scenarios; /* "none", "brownout", "brownout,drift"; NULL = none */
    int64_t start_ms;      /* the first instant that can be asked for */
    int64_t live_ms;       /* the end of the history: the past incident lies 14 h before it, where the history reaches so far */
    int64_t onset_ms;      /* of the scenarios */
};

struct sim;

/* Simulates the warm-up. Errors: ERR_USAGE (unknown scenario), ERR_NOMEM. */
enum err sim_new(const struct sim_config *c, struct sim **ret, struct errctx *ctx) GW_MUST_USE;
void sim_free(struct sim *s);

int64_t sim_now_ms(const struct sim *s);

/* Advances to the last whole second of wall_ms; an earlier instant changes nothing. Errors: ERR_LIMIT (further than
 * SIM_ADVANCE_MAX_MS ahead: nothing changed), ERR_NOMEM. Cost: about 1 us per request. */
enum err sim_advance(struct sim *s, int64_t wall_ms, struct errctx *ctx) GW_MUST_USE;

/* Appends the page as of now. Errors: ERR_NOMEM, ERR_LIMIT. Cost: about 30 ns per line. */
enum err sim_render(struct sim *s, enum sim_page page, struct buf *out) GW_MUST_USE;

/* Appends the scripted incidents as JSON. Errors: ERR_NOMEM, ERR_LIMIT. */
enum err sim_truth(const struct sim *s, struct buf *out) GW_MUST_USE;

/* Of which incident a deploy pipeline tells; NULL: none. Borrowed from s. */
const struct incident *sim_deploy(const struct sim *s);

size_t sim_series(const struct sim *s); /* sample lines of the LiteLLM page */

#endif
