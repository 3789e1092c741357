/* SPDX-License-Identifier: MIT */
/* Runs of the simulated gateway, and what its pages say happened between two scrapes. */
#ifndef GWTOP_TESTS_SIM_RUNS_H
#define GWTOP_TESTS_SIM_RUNS_H

#include "sim/sim.h"
#include "unit/sim/samples.h"

/* Tuesday 2026-11-17, 12:00Z; the history is short, for the tests' sake: what is asked for begins an hour before the onset. */
static const int64_t onset = INT64_C(1794916800000), minute = 60000;

static const char requests[] = "litellm_proxy_total_requests_metric_total", answers[] = "litellm_requests_metric_total";

static inline struct sim *new_sim(uint64_t seed, const char *scenarios)
{
    struct sim_config c = {.seed = seed, .scenarios = scenarios, .start_ms = onset - 60 * minute, .live_ms = onset, .onset_ms = onset};
    struct sim *s = NULL;
    ck_assert_int_eq(sim_new(&c, &s, NULL), ERR_OK);
    return s;
}

static inline void advance(struct sim *s, int64_t wall_ms)
{
    ck_assert_int_eq(sim_advance(s, wall_ms, NULL), ERR_OK);
}

static inline struct samples at(struct sim *s, int64_t wall_ms, enum sim_page page)
{
    advance(s, wall_ms);
    return samples_render(s, page);
}

/* What a counter family grew by between two scrapes, over the series with up to two labels. */
static inline double grown2(const struct samples *a, const struct samples *b, const char *family, const char *n1, const char *v1,
                            const char *n2, const char *v2)
{
    return samples_sum2(b, family, n1, v1, n2, v2) - samples_sum2(a, family, n1, v1, n2, v2);
}

static inline double grown(const struct samples *a, const struct samples *b, const char *family, const char *name, const char *value)
{
    return grown2(a, b, family, name, value, NULL, NULL);
}

/* Share of a model's requests that failed by the provider's fault. */
static inline double fail_ratio(const struct samples *a, const struct samples *b, const char *model)
{
    static const char *const bad[] = {"429", "500", "503", "408"};
    double n = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        n += grown2(a, b, requests, "requested_model", model, "status_code", bad[i]);
    return n / grown(a, b, requests, "requested_model", model);
}

#endif
