/* SPDX-License-Identifier: MIT */
/* Drift of a rare yes/no signal, or of a score between 0 and 1, with a stated rate of false alarms.
 *
 * While the mean is what the baseline says, an alarm comes at most once in `arl` samples on average (both directions together), and by any
 * t samples with a chance of at most t / arl. Nothing is assumed of the scores' distribution, nor that samples are independent: only that
 * the mean, given what came before, is not beyond the baseline's bound. What comes in clusters (the answers of one conversation) is counted
 * once. The baseline is an estimate, so samples are held against the 90 % bound of its mean on the side of the alarm. Until it holds 20 bad
 * ones and 20 good ones (or 300 scores that add up to as much of either) it is thin: no alarm is raised.
 *
 * How: every sample begins an e-process, a bet against the baseline. Their sum R grows by one a sample while all is well (R - t is a
 * martingale), and exponentially once the mean has moved. By how much is not known, so a mixture of alternatives is kept.
 * One struct without pointers: it is kept as its bytes, and edetect_valid() tells whether bytes read back are one.
 * Source: Shin, Ramdas, Rinaldo, "E-detectors" (2022); docs/decisions/0013-detectors.md. */
#ifndef GWTOP_ANALYSIS_EDETECT_H
#define GWTOP_ANALYSIS_EDETECT_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/betting.h"

enum edetect_kind { EDETECT_BINARY, EDETECT_SCORE };
enum edetect_side { EDETECT_RISE, EDETECT_FALL, EDETECT_SIDES };
enum edetect_state { EDETECT_THIN, EDETECT_WATCHING, EDETECT_DRIFT };

enum {
    EDETECT_LEAST = 20,             /* bad ones, and good ones, of a baseline */
    EDETECT_LEAST_SCORES = 300,     /* samples of one of scores: by then its bound is some quarter of a deviation off */
    EDETECT_ALTERNATIVES = 12,      /* yes/no: odds 1.3 * 1.35^k times the bound's, up to 35 times */
    EDETECT_ALTERNATIVES_SCORE = 8, /* 1 / 2^k of the largest bet */
    EDETECT_MARKS = 192,
};

#define EDETECT_BOUND_CHANCE 0.10 /* that the baseline's mean is beyond its bound, on each side */

struct edetect_count {
    uint64_t n;
    double sum;    /* bad ones, or the scores' sum */
    double sum_sq; /* of scores, of their squares: at most */
};

/* Where a change may have begun: what had been counted by then. */
struct edetect_mark {
    int64_t at, since; /* since: when the samples before them were fed; INT64_MIN = not known */
    struct edetect_count before;
};

struct edetect {
    uint32_t version, kind;
    double arl;
    struct edetect_count base, all; /* all: fed so far, the baseline's too when it was taken from the samples */
    double base_mean, base_var;     /* of one sample; NaN while thin */
    double bound[EDETECT_SIDES];    /* of the baseline's mean; NaN while thin */
    double nats_bad[EDETECT_SIDES][EDETECT_ALTERNATIVES], nats_good[EDETECT_SIDES][EDETECT_ALTERNATIVES]; /* of one yes/no outcome */
    double r[EDETECT_SIDES][EDETECT_ALTERNATIVES];
    struct mean_bound own; /* of all scores fed */
    uint32_t own_base, alarmed;
    uint32_t mark_count, unused;
    int64_t begun_at; /* of the newest samples that were fed before the first mark, INT64_MIN = none */
    int64_t fed_at;   /* of the newest of all */
    struct edetect_mark marks[EDETECT_MARKS];
};

/* arl: samples per false alarm, at least 1. The baseline is the first samples, until it is thin no more; while nothing is suspected it is
 * taken again whenever there are twice as many. Restarts everything. */
void edetect_init(struct edetect *d, enum edetect_kind kind, double arl);
/* The same, and the first samples are n of which only these sums are known, fed at once: of yes/no outcomes sum are bad. Cost: O(log n). */
void edetect_init_with(struct edetect *d, enum edetect_kind kind, double arl, int64_t at, const struct edetect_count *c);
/* Restarts everything but the baseline and the share of the budget; of its samples `again` are fed once more from here on, so that they are
 * not counted twice. at: of the newest before them. Cost: O(log n). */
void edetect_init_again(struct edetect *d, int64_t at, const struct edetect_count *again);
/* The baseline is another's: bad <= n of yes/no outcomes. Nothing is watched while it is thin. For EDETECT_BINARY, before anything is fed.
 * */
void edetect_base_binary(struct edetect *d, uint64_t n, uint64_t bad);
bool edetect_valid(const struct edetect *d);
/* Another share of the budget from here on, when the traffic or the fleet has become another. */
void edetect_set_arl(struct edetect *d, double arl);

/* The share of a fleet's budget: one of `streams`, with so many samples in the period in which all may raise so many false alarms. */
double edetect_arl(double streams, double samples, double alarms);

/* n outcomes of which bad <= n were bad; at: the caller's row or time of them, never falling. After an alarm nothing is counted.
 * Cost: O(EDETECT_ALTERNATIVES), and now and then O(EDETECT_MARKS). */
void edetect_feed_binary(struct edetect *d, int64_t at, uint64_t n, uint64_t bad);
void edetect_feed_score(struct edetect *d, int64_t at, double score); /* in [0, 1] */
/* n scores of which only the sum is known, and that of their squares (sum_sq <= sum <= n; where that is not told, the sum is the most that
 * it can be). Promises the same as one by one and needs some more of them, as the worst that they can have been is taken. */
void edetect_feed_scores(struct edetect *d, int64_t at, uint64_t n, double sum, double sum_sq);

enum edetect_state edetect_state(const struct edetect *d);
/* How many bad and good ones the baseline still lacks, or how many scores at least; 0 = none. */
double edetect_lacks(const struct edetect *d);
double edetect_lacks_of(enum edetect_kind kind, const struct edetect_count *c); /* the same of a baseline of these */
/* Evidence on the scale of the alarm line: log R / log (alarm level); 1 and more is an alarm, 0 nothing. */
double edetect_evidence(const struct edetect *d, enum edetect_side side);

struct edetect_alarm {
    enum edetect_side side;
    int64_t onset, onset_lo, onset_hi; /* of the callers' `at`: the first changed one, and between which it lies in 95 % of changes */
    /* Where samples come in batches, told by their ends: when what came before the onset's was fed, and the same of onset_lo, since which
     * the change may have come; their own where that is not known. */
    int64_t onset_after, onset_lo_after;
    struct edetect_count since; /* since the onset */
    double before, after;       /* means: the baseline's, and since the onset */
};
/* False before EDETECT_DRIFT, which stays until the detector is started again. Cost: O(EDETECT_MARKS). */
bool edetect_alarm(const struct edetect *d, struct edetect_alarm *ret);

/* How likely the change came with the samples at `at` or the next ones that were marked, as the logarithm of that over the likeliest's;
 * -infinity before an alarm, and of what lies in the baseline. Cost: O(EDETECT_MARKS). */
double edetect_onset_nats(const struct edetect *d, int64_t at);

/* Of an alarm: takes `at` for its onset, with what was counted since. */
void edetect_alarm_from(const struct edetect *d, int64_t at, struct edetect_alarm *al);

/* The share of bad ones nearest to the baseline that is noticed within n more samples with a chance of 50 or 90 % at least: samples of it
 * bring log (alarm level) nats on average, of 90 % by that much more than their sum varies (normal). NaN while thin, of scores, and where
 * there is none. */
enum edetect_chance { EDETECT_HALF, EDETECT_MOST };
double edetect_visible(const struct edetect *d, enum edetect_side side, double n, enum edetect_chance chance);

#endif
