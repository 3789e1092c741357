/* SPDX-License-Identifier: MIT */
/* POSIX extended regular expressions from a configuration, held against text from outside, in time that is bounded by their sizes.
 *
 * regexec of glibc keeps a state for every set of places in the pattern that a text leads it to: `(a|b)*a(a|b){60}$` on 8 KB took 50 s
 * and 680 MB. Here all places are followed side by side (Thompson, 1968), which is enough for whether there is a match, and needs no
 * more than one pass. By bytes: . is one byte, whatever it is, and so is a member of [ ]. ^ and $ are the ends of the text. Not taken:
 * back-references (no bound is known), \d and the like (no POSIX), [.x.] and [=x=]. */
#ifndef GWTOP_BASE_ERE_H
#define GWTOP_BASE_ERE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/* A repetition counts as often as it may be taken. */
enum { ERE_PATTERN_MAX = 500, ERE_PLACES_MAX = 1000, ERE_DEPTH_MAX = 20 };

struct ere;

/* Errors: ERR_CONFIG (not an expression, or past a bound: the sentence says which), ERR_NOMEM. */
enum err ere_new(const char *pattern, struct ere **ret, struct errctx *ctx) GW_MUST_USE;
void ere_free(struct ere *e);
/* Whether it matches anywhere in the text. Cost: O(places * n). */
bool ere_found(struct ere *e, struct str text);

#endif
