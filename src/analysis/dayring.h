/* SPDX-License-Identifier: MIT */
/* What was counted lately against what is usual: the last 15 minutes by the minute, and the 24 hours before those by five minutes.
 *
 * Pure and of fixed size (5 KB). Counts are (n, bad) with the time that observations cover; a gap is a gap. What leaves the 15 minutes
 * becomes part of the day, so the two never share an observation. Of graded scores bad is a sum that need not be whole. */
#ifndef GWTOP_ANALYSIS_DAYRING_H
#define GWTOP_ANALYSIS_DAYRING_H

#include <stdbool.h>
#include <stdint.h>

enum { DAYRING_MINUTES = 15, DAYRING_FIVES = 288 };

struct daycount {
    uint64_t n, bad; /* bad: whole ones */
    int64_t observed_ms;
    uint64_t parts; /* and what there is beyond them, in 1 / 2^32 */
};
struct daycell {
    uint32_t n, bad, observed_ms, parts;
};
double daycount_bad(const struct daycount *c);                            /* with what is beyond whole ones */
struct daycount daycount_of(uint64_t n, double bad, int64_t observed_ms); /* 0 <= bad <= n */

/* What the intervals that were counted in a minute cover: they end in it and may begin before it. */
struct dayspan {
    int64_t t0_ms, t1_ms;
};

struct dayring {
    int64_t now_ms;       /* end of the newest interval */
    int64_t minute, five; /* number of the newest minute and of the newest five minutes of the day, -1 = none */
    struct daycount day;
    struct daycell recent[DAYRING_MINUTES];
    struct dayspan spans[DAYRING_MINUTES];
    struct daycell fives[DAYRING_FIVES];
};

void dayring_init(struct dayring *r);
/* Counts the interval (t0_ms, t1_ms] in the minute its end lies in; what comes more than 15 minutes late in those five of the day. What is
 * older than both, or has no beginning (t0_ms 0), is left out. Time that several intervals cover, of several sources, was observed once. */
void dayring_add(struct dayring *r, int64_t t0_ms, int64_t t1_ms, uint64_t n, uint64_t bad);
void dayring_add_sum(struct dayring *r, int64_t t0_ms, int64_t t1_ms, uint64_t n, double bad); /* of graded scores: 0 <= bad <= n */

/* Of what was counted in the minute, or in the five of the day, that an interval's end lies in, some is otherwise: by so much. */
void dayring_correct(struct dayring *r, int64_t t1_ms, int64_t n, double bad);

struct daycount dayring_recent(const struct dayring *r, int minutes); /* the newest; 1 .. 15 */
struct daycount dayring_day(const struct dayring *r);
/* The same cut elsewhere: now = the 15 minutes and the newest `fives` five minutes of the day, before = the rest of the day. */
void dayring_split(const struct dayring *r, int fives, struct daycount *ret_now, struct daycount *ret_before);
/* What was counted in whole minutes, and of the day in whole five minutes, that ended by t_ms. */
struct daycount dayring_until(const struct dayring *r, int64_t t_ms);
struct daycount dayring_from(const struct dayring *r, int64_t t_ms);  /* the same of those that began at t_ms or later */
struct daycount dayring_since(const struct dayring *r, int64_t t_ms); /* of the 15 minutes, in those that ended after t_ms */
/* Whether a share that rose at the onset from `was` to `is`, as it was found (0 < was < is < 1), is back at what it was, and since when:
 * the odds that it ended at some moment, one end a day expected beforehand and none likelier than another, against that it lasts, at
 * whatever level from a tenth of the rise on, or became less at some moment and two fifths of it or more are left. false: no moment is
 * likelier. Where it lasts, odds of k to one come up within a day with a chance of about 1 in k. weight >= 1: how much more one count tells
 * than a yes/no outcome, as scores do that vary less. Cost: O(DAYRING_FIVES). */
struct dayring_back {
    double nats;             /* the logarithm of the odds */
    int64_t at_ms, error_ms; /* the likeliest moment; 95 % of the chance is no further from it */
};
bool dayring_back(const struct dayring *r, int64_t onset_ms, double was, double is, double weight, struct dayring_back *ret);
/* What was not bad is, and the other way round. */
void dayring_turn(struct dayring *r);
/* Empties what began before t_ms, by the same cells. */
void dayring_forget(struct dayring *r, int64_t t_ms);

/* Where `bad` began to exceed what is allowed per n, when the new level brings so much evidence (see cusum.h). */
struct dayring_rise {
    double per_n, nats_per_s;
};
/* From a share p0 of n to p1 where n_per_s come. */
struct dayring_rise dayring_share_rise(double p0, double p1, double n_per_s);
/* The error is no smaller than the intervals that the minute of the onset was told by. */
bool dayring_onset(const struct dayring *r, const struct dayring_rise *rise, int64_t *ret_ms, int64_t *ret_error_ms);
/* The newest minutes in none of which `bad` exceeds what is allowed, and when they began, by an error as above. n 0: the newest one exceeds
 * it. */
struct daycount dayring_calm(const struct dayring *r, double per_n, int64_t *ret_ms, int64_t *ret_error_ms);

#endif
