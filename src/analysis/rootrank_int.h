/* SPDX-License-Identifier: MIT */
/* The inside of rootrank: how far a series moved (rootrank_move.c), who of those that moved is waiting for whom (rootrank.c), and the
 * sentences (rootrank_text.c). */
#ifndef GWTOP_ANALYSIS_ROOTRANK_INT_H
#define GWTOP_ANALYSIS_ROOTRANK_INT_H

#include "analysis/rootrank.h"

/* How far a series moved. */
struct rootrank_move {
    bool is_known;        /* enough was measured before, and something after */
    double before, after; /* medians */
    double beyond;    /* by how much after lies past the median before and past that right before the onset; > 0 up, < 0 down, 0 = it does
                           * not, or for the better */
    double shift;     /* that in usual spreads, of failures also by how unlikely so many are of so few calls; >= 0 */
    double own_range; /* that by the series' own range alone: to compare the series of one component */
    double calls;     /* mean of a sample after; 1 where they are not counted */
};

/* scratch: room for twice the longer of before and after. Cost: O(samples log samples). */
void rootrank_measure(const struct rootrank_series *s, size_t recent, double *scratch, struct rootrank_move *ret);

enum { ROOTRANK_NO_SERIES = -1 };
/* What is known of a component. */
struct rootrank_part {
    int32_t judged_by; /* the series: that of the symptom where it tells one, else the one that moved farthest; ROOTRANK_NO_SERIES: none is
                    * known */
    bool tells;        /* that is of the symptom */
    double lost;       /* target's unit: seconds or failed calls of a sample beyond the usual */
    double own;        /* share of what was handed down that stays here */
    double likelihood; /* own, changes weighed in */
    const struct rootrank_change *change; /* the one that weighs most; NULL = none */
    double change_weight;
};

struct rootrank_work {
    const struct rootrank_input *in;
    const struct rootrank_move *moves; /* of each series */
    struct rootrank_part *parts;       /* of each component */
};

/* How far it moved, by the series that it is judged by; 0 when nothing is known. */
double rootrank_shift_of(const struct rootrank_work *w, uint32_t component);

/* Fills title and reasons; share and series must be set. Errors: ERR_NOMEM. */
enum err rootrank_describe(const struct rootrank_work *w, struct arena *a, struct rootrank_suspect *s) GW_MUST_USE;
/* Why nobody is suspected; NULL when the arena is full. */
const char *rootrank_none(const struct rootrank_work *w, struct arena *a);

#endif
