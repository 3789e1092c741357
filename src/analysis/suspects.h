/* SPDX-License-Identifier: MIT */
/* Where failures point: which value of which dimension (provider, deployment, model, region, route, team, key), or which together,
 * explains best that more fail than usual, and what changed shortly before. Pure.
 *
 * How it ranks: as what differs does (analysis/differs), over the failures of each table. The best that rises is taken, its failures are
 * set aside in all tables, and the rest is ranked again, so that those who are merely hit by it are not named as well. A value must also
 * stand out of the others: where failures rose alike for all nothing is named; and whoever is not told from one that is named but by luck
 * is named with it. It is a rank, not a probability, and abstaining is an
 * answer.
 *
 * Whose failures are asked about (those of a model that pages, say) does not narrow what is compared: one who fails wholly stands out
 * only of those who do not. It narrows what is named, to what holds some of the failures asked about.
 * Source: docs/decisions/0005-what-differs.md; tests/bench/bench_suspects measures it on real incidents. */
#ifndef GWTOP_ANALYSIS_SUSPECTS_H
#define GWTOP_ANALYSIS_SUSPECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/differs.h"
#include "base/arena.h"
#include "base/intern.h"
#include "model/dims.h"
#include "model/facts.h"

enum { SUSPECTS_MAX = 5, SUSPECT_TABLES_MAX = 4, SUSPECT_CELLS_MAX = DIFFERS_LEAVES_MAX };

/* Counts of one combination of values. Ids are of the interned strings, 0 = not given. */
struct suspect_cell {
    uint32_t dim[DIM_COUNT];
    uint64_t by_class[OUTCOME_COUNT]; /* now: what failed, by class; OUTCOME_OK and the client's own are ignored */
    uint64_t n;                       /* now: ok and failed */
    uint64_t past_n, past_bad;        /* the same over the time it is compared with */
    bool asked;                       /* its failures are asked about */
};

/* Cells that were counted together, e.g. of requests by model, team and key, or of attempts by provider and deployment. One
 * observation is in one cell of a table; several tables see the same traffic from several sides. */
struct suspect_table {
    const struct suspect_cell *cells;
    size_t count;
    uint32_t dims; /* DIM_BIT()s that are looked at for a cause; cells may be told apart by more */
};

struct suspects_input {
    struct suspect_table table[SUSPECT_TABLES_MAX]; /* of equal explanations that of the first stands */
    size_t table_count;
    const struct intern *strings;
    int64_t onset_ms, onset_error_ms; /* of the failures, 0 = not known; a change within the error is at the onset */
    int64_t onset_wide_ms;            /* how exactly it is known where that is worth saying, else 0 */
    const struct event *events;
    size_t event_count; /* around the onset, any order */
    /* Whose budget the trouble is of, where it has one owner: named where nobody else is, for what others spend doesn't count against it.
     * id 0: nobody's. */
    enum dim owner_dim;
    uint32_t owner_id;
};

struct suspect {
    const char *title;   /* "provider openai", "config change 03:02:10Z" */
    const char *reason;  /* "5xx since 03:06:40Z on 2 of its 3 deployments; 97 % of what fails beyond the usual" */
    const char *reason2; /* "azure, same model: healthy (0.1 % of 1,204)", or "" */
    bool weak;           /* explains less than half, or changed long before */
    bool is_event;
    int64_t at_ms;      /* of an event; else 0 */
    double score;       /* nats, as of what differs; events: weight; only to be compared within one kind */
    uint32_t dim_count; /* 0 for events */
    enum dim dim[DIFFERS_DEPTH];
    uint32_t id[DIFFERS_DEPTH];
};

/* What a change is worth by its kind and its distance before the onset (0 = not known), in [0, 2]; 0 where it is no candidate: a symptom,
 * or more than half an hour before or two minutes after. */
double suspects_change_weight(enum event_kind kind, int64_t at_ms, int64_t onset_ms);
/* Whether it tells of an end: what a status page posted is over. That changes nothing, and is never suspected. */
bool suspects_is_end(const struct event *ev);

/* At most SUSPECTS_MAX, the strongest first, changes after culprits. *ret_note says why no culprit is named, "" otherwise. Memory from a.
 * Errors: ERR_NOMEM, ERR_LIMIT past SUSPECT_CELLS_MAX cells. Cost: that of differs_rank for each table and each that is set aside. */
enum err suspects_rank(const struct suspects_input *in, struct arena *a, struct suspect **ret, size_t *ret_count,
                       const char **ret_note) GW_MUST_USE;

#endif
