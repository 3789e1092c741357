/* SPDX-License-Identifier: MIT */
/* Shared by lacks.c (what is missed), lacks_start.c (what a run misses from its first poll on), lacks_back.c (what it counted once it is
 * back) and lacks_tell.c (what is said of it, and kept for a later run). */
#ifndef GWTOP_RECORD_LACKS_INT_H
#define GWTOP_RECORD_LACKS_INT_H

#include "record/normalise_int.h"

enum {
    LACKS_LATELY_MS = 4 * 60 * 1000,     /* less than exporters wait that forget idle series: OpenTelemetry's metric_expiration is 5 min */
    LACKS_REMOVED_MS = 10 * 60 * 1000,   /* a thing that was in use is taken for removed when nothing of it came back in that time */
    LACKS_WAIT_MS = 24 * 60 * 60 * 1000, /* for a series of a metric that shows others: who forgets it on purpose has done so by then */
};

/* The first feed of a slot that counts, NULL = none does. Native histograms are a Prometheus', which tells by itself what is gone. */
const struct feed *lacks_feed(const struct normaliser *n, const struct slot *s);
struct lack_group *lacks_group(const struct normaliser *n, const struct slot *s, const struct feed *f);
/* All that was there of a group, or all that moved. */
bool lacks_is_whole(const struct lack_group *g);
/* Counts the slots of all groups; returns how many left with this poll. */
uint32_t lacks_survey(struct normaliser *n);
void lacks_let_go(struct slot *s);
void lacks_let_all_go(struct normaliser *n);
/* What an earlier run missed is of no interest any more; what it counted is not known. */
void lacks_forget_earlier(struct lacks *k);
const struct series *lacks_series(const struct normaliser *n, const struct feed *f);
bool lacks_is_failure(const struct normaliser *n, const struct series *s);
/* Which dimensions have a value on the page: DIM_BIT()s by the value's id. NULL without memory: then nothing counts as removed. */
uint32_t *lacks_values_shown(const struct normaliser *n);
/* What a class says is the page's own: that no failure is left is no sign that something was removed. */
bool lacks_is_removed(const uint32_t *shown, const struct series *s);

/* ---- lacks_start.c ---- */

/* At the first poll: what was in use before it is expected. Cost: one pass over ten minutes of the source's data. */
void lacks_expect(struct normaliser *n);
bool lacks_expects(const struct normaliser *n, const struct series *s);
void lacks_expect_nothing(struct lacks *k);
/* After the poll was accounted: adds what is still missed to *ret, and a sentence about it; false when nothing is. */
bool lacks_tell_expected(struct normaliser *n, struct source_lack *ret, char text[LACKS_TEXT_MAX]);

#endif
