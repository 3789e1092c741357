/* SPDX-License-Identifier: MIT */
/* Which component of a system the trouble comes from: who moved, by how much, and who of them is merely waiting for another. Pure.
 *
 * Where suspects (analysis/suspects) ask which part of the traffic fails, by counts of one table, this asks which of the things that the
 * traffic passes through (balancer, gateway, guardrail, engine, GPU) moved, by their own series and by who calls whom.
 *
 * How it ranks: of each series the medians before and after the onset are compared, in units of its usual spread. With a target (whose
 * latency or failures are asked about) what it lost, in seconds or failed calls, is handed down the calls: a component keeps of it what its
 * callees did not lose as well (its own time), and the rest goes to them in proportion to what they lost. Without a target every component
 * that moved starts with its own move, and one whose callee moved as far passes it on. A change shortly before the onset makes its
 * component likelier. It is a rank and never called the cause; where nothing moved beyond its usual there are no suspects, and why is said.
 * Source: docs/decisions/0016-root-cause.md; tests/bench/bench_suspects measures it on real incidents. */
#ifndef GWTOP_ANALYSIS_ROOTRANK_H
#define GWTOP_ANALYSIS_ROOTRANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/facts.h"

enum { ROOTRANK_COMPONENTS_MAX = 4096, ROOTRANK_SERIES_MAX = 16384, ROOTRANK_EDGES_MAX = 16384, ROOTRANK_SAMPLES_MAX = 65536 };
enum { ROOTRANK_SUSPECTS_MAX = 5, ROOTRANK_NAMED_MAX = 3 };
enum { ROOTRANK_LEAST_BEFORE = 10 }; /* samples before the onset; of a series with fewer nothing is said */
/* Who moved by less (in usual spreads), or holds less of what was lost, is no suspect. */
#define ROOTRANK_LEAST_SHIFT 4.0
#define ROOTRANK_LEAST_SHARE 0.05
#define ROOTRANK_NO_TARGET UINT32_MAX

enum rootrank_kind {
    ROOTRANK_TIME,     /* what a call takes, any unit: holds what its callees take. More is worse */
    ROOTRANK_FAILURES, /* share of the calls that fail, in [0, 1]: holds what its callees fail. More is worse */
    ROOTRANK_LEVEL     /* of the component alone: CPU, memory, a queue. Moves either way */
};

/* Samples in order of time, NaN = missing. calls: how many calls a sample is of; NULL = not counted, and then none is for the ranking. */
struct rootrank_series {
    uint32_t component;
    enum rootrank_kind kind;
    const char *name; /* "latency", "cpu"; safe text */
    const char *unit; /* after its numbers: " s"; NULL = none */
    const double *before, *before_calls;
    size_t before_count;
    const double *after, *after_calls;
    size_t after_count;
};

struct rootrank_edge {
    uint32_t caller, callee;
};

struct rootrank_change {
    uint32_t component;
    enum event_kind kind;
    int64_t at_ms;
    const char *text; /* safe text */
};

struct rootrank_input {
    const char *const *components; /* names, safe text */
    size_t component_count;
    const struct rootrank_series *series; /* of several of one component and kind the first speaks for what is handed down */
    size_t series_count;
    const struct rootrank_edge *edges; /* may hold circles; each once */
    size_t edge_count;
    uint32_t target;            /* ROOTRANK_NO_TARGET: nobody's trouble in particular */
    enum rootrank_kind symptom; /* of the target; not ROOTRANK_LEVEL */
    size_t recent;              /* the last so many samples before are those right before the onset; 0 = all are alike. A level that was
                                 * there already then has not moved, whatever was usual long ago */
    const struct rootrank_change *changes;
    size_t change_count;
    int64_t onset_ms; /* 0 = not known: changes do not count */
};

struct rootrank_suspect {
    uint32_t component;
    double
        share; /* of what was lost (without a target: of all moves) what is its own, changes weighed in; (0, 1]. A rank, no probability */
    double shift;                                    /* of the series that moved farthest, in usual spreads; >= ROOTRANK_LEAST_SHIFT */
    bool weak;                                       /* less than half of it */
    size_t series_count, series[ROOTRANK_NAMED_MAX]; /* which of its series moved, the farthest out of its own usual range first */
    const char *title;                               /* its name */
    const char *reason;  /* "latency 0.0134 to 0.176, 98 times its usual spread; 80 % of what frontend lost is its own" */
    const char *reason2; /* who of its callees moved less; what changed there shortly before; "" where neither is known */
};

/* The strongest first, at most ROOTRANK_SUSPECTS_MAX. *ret_note says why there is none, "" otherwise. Memory from a. Components of series,
 * edges, changes and the target are < component_count. Errors: ERR_NOMEM; ERR_LIMIT past a *_MAX above.
 * Cost: O(samples log samples) for each series and O(edges) for each step down the calls, at most 512 of them where there are circles. */
enum err rootrank_suspects(const struct rootrank_input *in, struct arena *a, struct rootrank_suspect **ret, size_t *ret_count,
                           const char **ret_note) GW_MUST_USE;

#endif
