/* SPDX-License-Identifier: MIT */
/* Shared by lacks.c (what is missed), lacks_back.c (what it counted once it is back) and lacks_tell.c (what is said of it, and kept for a later run). */
#ifndef GWTOP_RECORD_LACKS_INT_H
#define GWTOP_RECORD_LACKS_INT_H

#include "record/normalise_int.h"

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

#endif
