/* SPDX-License-Identifier: MIT */
/* How alike two incidents are: which rules fired, whose values they were of, who was suspected, and how it went. Pure.
 *
 * Each of the four is the share of what both have of what either has. Rules say most, and after them whose they are: what fires again for
 * the same model is mostly the same again. What is not known of one of them does not count, neither for nor against. It is a rank and no
 * probability. Source: docs/decisions/0020-topology.md. */
#ifndef GWTOP_ANALYSIS_SIMILAR_H
#define GWTOP_ANALYSIS_SIMILAR_H

#include <stddef.h>

/* Of less than this nobody is told. */
#define SIMILAR_LEAST 0.5

/* Lists of words, each word once, in any order; borrowed. */
struct similar_words {
    const char *const *list;
    size_t count; /* 0 = not known */
};

struct similar_incident {
    struct similar_words rules;    /* "slo:gpt-x availability", without their windows */
    struct similar_words values;   /* of its alerts' scopes: "model=gpt-x" */
    struct similar_words suspects; /* "provider openai" */
    struct similar_words shape;    /* what its timeline tells, by letter: "E", "f", "P" */
};

/* 0 (nothing in common) to 1; 0 too where nothing is known of both. Cost: O(words * words). */
double similar_score(const struct similar_incident *a, const struct similar_incident *b);

#endif
