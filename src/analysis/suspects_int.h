/* SPDX-License-Identifier: MIT */
/* The inside of suspects: the ranking (suspects.c) and the sentences about what it found (suspects_text.c). */
#ifndef GWTOP_ANALYSIS_SUSPECTS_INT_H
#define GWTOP_ANALYSIS_SUSPECTS_INT_H

#include "analysis/suspects.h"

/* A cell's failures now and what its past lets expect; removed: explained by what was found before. */
struct weighed {
    const struct suspect_cell *cell;
    uint64_t bad;
    double expected;
    bool removed;
};
struct weighed_table {
    struct weighed *list;
    size_t count;
    uint32_t dims;
    double asked_excess; /* failures asked about, beyond the usual, removed or not */
    bool knows_asked;    /* can tell which they are */
};

/* The sentences of a named element. Errors: ERR_NOMEM. */
enum err suspects_describe(const struct suspects_input *in, const struct weighed_table *t, const struct differs_element *e, double share,
                           struct arena *a, struct suspect *ret) GW_MUST_USE;
/* The owner of the budget. Errors: ERR_NOMEM. */
enum err suspects_owner(const struct suspects_input *in, struct arena *a, struct suspect *ret) GW_MUST_USE;
/* Why no culprit is named: who is told apart and alike, and who is spared. NULL when the arena is full. */
const char *suspects_none(const struct intern *strings, const struct weighed_table *tables, size_t count, struct arena *a);
/* Adds changes shortly before the onset, strongest first. */
enum err suspects_changes(const struct suspects_input *in, struct arena *a, struct suspect *list, size_t *count) GW_MUST_USE;

#endif
