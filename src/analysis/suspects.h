/* SPDX-License-Identifier: MIT */
/* Where failures point: which value of which dimension (provider, deployment, model, region, route, team, key), or which
 * two together, explains best that more fail than usual, and what changed shortly before. Pure.
 *
 * How it ranks: every cell of counts has an expectation from its own past; for each value the Poisson log-likelihood ratio of
 * the failures it has against those expected of it (a scan statistic over all single values and pairs). The best is named, its
 * failures are set aside, and the rest is scanned again, so that those who are merely hit by it are not named as well. Where
 * failures rose alike for all values nothing is named: it is a rank, not a probability, and abstaining is an answer.
 * Source: docs/decisions/0002-burn-rate.md, "Suspects"; tests/bench/bench_suspects measures it on real incidents. */
#ifndef GWTOP_ANALYSIS_SUSPECTS_H
#define GWTOP_ANALYSIS_SUSPECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/intern.h"
#include "model/dims.h"
#include "model/facts.h"

enum { SUSPECTS_MAX = 5, SUSPECT_TABLES_MAX = 4, SUSPECT_CELLS_MAX = 20000 };

/* Counts of one combination of values. Ids are of the interned strings, 0 = not given. */
struct suspect_cell {
    uint32_t dim[DIM_COUNT];
    uint64_t by_class[OUTCOME_COUNT]; /* now: what failed, by class; OUTCOME_OK and the client's own are ignored */
    uint64_t n;                       /* now: ok and failed */
    uint64_t past_n, past_bad;        /* the same over the time it is compared with */
};

/* Cells that were counted together, e.g. of requests by model, team and key, or of attempts by provider and deployment. One
 * observation is in one cell of a table; several tables see the same traffic from several sides. */
struct suspect_table {
    const struct suspect_cell *cells;
    size_t count;
    uint32_t dims; /* DIM_BIT()s that its cells are told apart by */
};

struct suspects_input {
    struct suspect_table table[SUSPECT_TABLES_MAX];
    size_t table_count;
    const struct intern *strings;
    int64_t onset_ms, onset_error_ms; /* of the failures, 0 = not known */
    const struct event *events;
    size_t event_count; /* around the onset, any order */
};

struct suspect {
    const char *title;   /* "provider openai", "config change 03:02:10Z" */
    const char *reason;  /* "5xx since 03:06:40Z on both its deployments; 97 % of what fails" */
    const char *reason2; /* "azure, same model: healthy (0.1 % of 1,204)", or "" */
    bool weak;           /* explains less than half, or changed long before */
    bool is_event;
    double score;       /* log-likelihood ratio in nats; events: weight; only to be compared within one kind */
    uint32_t dim_count; /* 0 for events */
    enum dim dim[2];
    uint32_t id[2];
};

/* At most SUSPECTS_MAX, the strongest first, changes after culprits. *ret_note says why there are none, "" otherwise. Memory from a.
 * Errors: ERR_NOMEM, ERR_LIMIT past SUSPECT_CELLS_MAX cells. Cost: O(cells * pairs of dims), some 10 ms at 20,000 cells. */
enum err suspects_rank(const struct suspects_input *in, struct arena *a, struct suspect **ret, size_t *ret_count,
                       const char **ret_note) GW_MUST_USE;

#endif
