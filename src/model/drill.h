/* SPDX-License-Identifier: MIT */
/* The score of an exercise: what gwtop saw, what people said and did, and when, against what was really broken. Pure.
 *
 * Ten points: an acknowledgement 2 (within five minutes of the first sign; else 1), somebody who owns it 1, the true component named in
 * anything that was said 3 (within a quarter of an hour; else 2), a next step 1, a note for the others 1, a mitigation 2: 1 where it, or
 * what was said before it, names what was hit and it says what was done, 1 where it was true, said when the trouble was over; one more for
 * an incident that is resolved once it is. What can't be true yet, since the trouble goes on, is asked of nobody, but whoever resolved it
 * all the same has none of one.
 *
 * The clock is that of the first sign, which is when gwtop paged; what paged nobody counts where it is of what was broken, for something
 * else may fire in that minute. Times are what response guides ask for (Google SRE workbook, chapter 9: acknowledge within minutes, state
 * an owner, keep a record). What was said before the onset does not count. */
#ifndef GWTOP_MODEL_DRILL_H
#define GWTOP_MODEL_DRILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/act.h"

enum { DRILL_ALIASES = 4, DRILL_NOTE_MAX = 200 };

/* Texts are borrowed. */
struct drill_truth {
    const char *scenario, *what, *scope;
    const char *component[DRILL_ALIASES]; /* "dimension=value", each a right name of it; NULL ends them */
    int64_t onset_ms, ended_ms;           /* ended 0: it does not end by itself */
};
/* Something that gwtop told: it paged, a ticket fired, something was found, a source went silent. */
struct drill_sign {
    int64_t known_ms;
    const char *scope; /* or what was said */
    bool pages;
};
struct drill_act {
    enum act_verb verb;
    int64_t at_ms;
    const char *author, *text;
};

enum drill_step { DRILL_SEEN, DRILL_ACK, DRILL_OWNER, DRILL_NAMED, DRILL_NEXT, DRILL_NOTE, DRILL_MITIGATED, DRILL_RESOLVED, DRILL_STEPS };
struct drill_line {
    const char *what; /* "acknowledged" */
    int64_t at_ms;    /* 0 = never */
    unsigned points, out_of;
    char note[DRILL_NOTE_MAX]; /* by whom, or what is missing; "" */
};
struct drill_score {
    struct drill_line line[DRILL_STEPS];
    unsigned points, out_of;
};

/* As of now_ms: nothing later is looked at. Lists are in any order. Cost: O(acts * names). */
void drill_score(const struct drill_truth *t, const struct drill_sign *signs, size_t sign_count, const struct drill_act *acts,
                 size_t act_count, int64_t now_ms, struct drill_score *ret);
/* Whether a text names "dimension=value": the value as a word of its own, whatever its case. */
bool drill_names(const char *text, const char *component);

#endif
