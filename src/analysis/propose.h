/* SPDX-License-Identifier: MIT */
/* Objectives for `gwtop init --slo`, from what was recorded: the strictest that the service's ordinary hours keep with room to
 * spare, and how often the alert rules would have fired over the recorded time, found by replaying it through slo.c. Pure.
 *
 * What is ordinary is the median hour, so that an incident in the record neither loosens the objective nor hides: it shows as
 * the pages it would have caused. Where there is too little traffic nothing is proposed, and the reason says what is missing. */
#ifndef GWTOP_ANALYSIS_PROPOSE_H
#define GWTOP_ANALYSIS_PROPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/slo.h"
#include "base/arena.h"
#include "base/err.h"
#include "model/facts.h"
#include "model/histogram.h"

/* Consecutive columns of a recording, as store_read gives them: column i covers (t0 + i * step, t0 + (i + 1) * step].
 * step_ms: a minute is exact, five minutes are near enough for days. observed_ms 0: a gap. */
struct propose_input {
    const char *name;        /* "gpt-x"; of the proposal, too */
    const struct slo *scope; /* its conditions are copied; NULL = all traffic */
    int64_t t0_ms, step_ms;
    size_t count;
    const struct slo_count *counts; /* availability: ok and failed; latency: only observed_ms is read */
    const struct hist_set *hists;   /* latency, else NULL */
    enum signal signal;             /* latency */
};

struct proposal {
    bool possible;
    struct slo slo;      /* when possible; name and values live as long as the input and the arena */
    uint64_t total, bad; /* over the recorded time, as the proposed objective counts them */
    int64_t observed_ms;
    double usual_ratio;       /* bad share of the median hour */
    uint32_t pages, tickets;  /* times that any page rule, any ticket rule, would have begun to fire */
    struct slo_budget budget; /* what would be left of it */
    const char *reason;       /* one sentence: on what it rests, or why there is none */
};

/* Errors: ERR_NOMEM. Cost: some 100 ns per column. */
enum err propose_availability(const struct propose_input *in, struct arena *a, struct proposal *ret) GW_MUST_USE;
/* Proposes a threshold on a bucket's edge, so that what is good is known and not estimated. */
enum err propose_latency(const struct propose_input *in, struct arena *a, struct proposal *ret) GW_MUST_USE;

#endif
