/* SPDX-License-Identifier: MIT */
/* Exposition samples of one source -> items for the store: counters become increments, buckets increments per bucket, units base
 * units, labels the canonical dimensions.
 *
 * How a poll goes: normalise_begin, then per sample normalise_known / normalise_sample (they only stage values), then normalise_finish,
 * which judges the page as a whole (restart? several processes behind one port?) and only then accounts; normalise_abort forgets a poll
 * that broke off. Money, tokens and seconds are differences of fixed-point cumulative values, so increments over any window add up to
 * last minus first plus resets, whatever lies between.
 * First sight: on the first poll a cumulative value is the baseline; a series that appears later began since the last poll, so its whole
 * value is the increment. A value that fell was reset: the new value is the increment, which waits where no later start time says that the
 * process is a new one (record/sawtooth.h). A page that is a mix of processes gives none.
 * A counter of energy is the hardware's, and began neither with the process nor with its labels (a GPU's change with the pod that has it):
 * what it shows first is a baseline, and so is what a series shows again after others fed its output.
 * One normaliser per store source; not for several threads. */
#ifndef GWTOP_RECORD_NORMALISE_H
#define GWTOP_RECORD_NORMALISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/facts.h"
#include "source/exposition.h"
#include "source/profile.h"
#include "source/source.h"
#include "store/store.h"

struct normaliser;

struct normalise_options {
    uint32_t source;     /* the store's id */
    const char *gateway; /* DIM_GATEWAY of everything */
    uint32_t max_series; /* raw series kept; the rest is dropped and counted */
    bool scraped;        /* whole pages of one process come: what one lacks that it had is told (record/lacks.h) */
    int64_t stored_ms;   /* scraped: the last poll of an earlier run that lacked nothing which is told in no other way, 0 = none */
    const struct source_lack *lack; /* scraped: as an earlier run told it last, not kept; NULL = it lacked nothing */
};

/* What a poll showed, for the source's status. Texts are safe, NUL-terminated and live until the next poll. */
struct normalise_report {
    uint32_t seen, kept, dropped; /* raw series on the page; that feed a signal; refused by the cap */
    uint32_t families_unknown;    /* neither in the profile nor on its list of things to ignore */
    uint32_t resets;              /* counters that began anew */
    uint32_t warnings;
    const char *warning;  /* the first, "" = none */
    uint64_t odd_buckets; /* bit s: a histogram of signal s has a bucket that holds less than the one below it */
    bool first;           /* increments are not known yet */
    bool restarted;       /* the process is a new one */
    bool sawtooth;        /* several processes answer in turn: increments are not known */
    /* it just came to be known, and what was counted from then on until now is no count; 0 = nothing to be taken back */
    int64_t taken_back_ms;
    int64_t watch_ms; /* since when counters hint at a restart or at several processes, and the next polls must tell; 0 = they do not */
    uint64_t watch_signals; /* of which signals that is, bit s; 0 = of all */
    const char *watch_text; /* what they hint at, "" = nothing */
    int64_t began_t0_ms,
        began_t1_ms; /* the interval, some polls ago, in which it became a new one, as its counters alone tell; t1 0 = none */
    int64_t leapt_t0_ms, leapt_t1_ms; /* the interval, some polls ago, in which more was counted than ever, and not since; t1 0 = none */
    int64_t lost_t0_ms,
        lost_t1_ms;         /* until this poll or an earlier one some of what was counted is not known, or only a part of it; t1 0 = none */
    uint64_t lost_signals;  /* of these, bit s; 0 = of all */
    const char *lost_why;   /* static */
    bool lost_event;        /* and it is news: it is over, and no state of the source says it */
    int64_t waits_since_ms; /* the beginning of what waits until the next polls tell whether it counts, 0 = nothing does */
    double process_start_s; /* NaN = not exported */
    struct source_lack lack; /* metrics: until the next poll */
    bool lack_lost;          /* with this poll something ended to be missed, and what it counted meanwhile is not known */
    const char *lack_text;   /* "lacks 12 of 40 series of ... since 03:07:15Z", "" = it lacks nothing */
    /* What series that are back counted over polls that lacked them, and what waited until the next polls told that it counts: late samples
     * of the batch's source, to be stored with it. They live in the batch's arena. */
    const struct store_batch *made_good;
    size_t made_good_count;
};

/* Borrows st and p for its life. Errors: ERR_NOMEM and the store's. */
enum err normaliser_new(struct store *st, const struct profile *p, const struct normalise_options *opt, struct normaliser **ret,
                        struct errctx *ctx) GW_MUST_USE;
void normaliser_free(struct normaliser *n);

/* t_ms is later than the last poll's end, but after normalise_forget_time. */
void normalise_begin(struct normaliser *n, int64_t t_ms);
/* For expo_handler.on_known: whether the labels need not be split. The next normalise_sample is of this series. */
bool normalise_known(struct normaliser *n, struct str series);
/* Stages one sample. Errors: ERR_NOMEM and the store's when a new series could not be made; never because of what the page says. */
enum err normalise_sample(struct normaliser *n, const struct expo_sample *s, struct errctx *ctx) GW_MUST_USE;
/* Stages a native histogram. Errors: as above. */
enum err normalise_histogram(struct normaliser *n, const struct source_histogram *h, struct errctx *ctx) GW_MUST_USE;
void normalise_type(struct normaliser *n, struct str family, enum expo_type type);
void normalise_warning(struct normaliser *n, size_t line, const char *what, struct str text);
/* Ends the poll. The batch's items live in a. Errors: ERR_NOMEM and the store's; then what was counted since the last poll is not known,
 * and this one is the next one's baseline: normalise_forget_time is due. */
enum err normalise_finish(struct normaliser *n, struct arena *a, struct store_batch *ret, struct normalise_report *ret_report,
                          struct errctx *ctx) GW_MUST_USE;
void normalise_abort(struct normaliser *n);
/* As report.waits_since_ms. */
int64_t normalise_waits_since(const struct normaliser *n);
uint64_t normalise_waits_signals(const struct normaliser *n); /* bit s; 0 = of all, or nothing waits */
/* The end of the last finished poll, 0 = none. */
int64_t normalise_last_ms(const struct normaliser *n);
/* Nothing is known of the time since the last poll (the machine slept, the clock was set): the next batch has t0 0. */
void normalise_forget_time(struct normaliser *n);

/* Whether both show one and the same endpoint: nearly all counters of the smaller are in the other with nearly the same values.
 * Cost: O(series); false while either has fewer than a handful. */
bool normalise_is_same_page(const struct normaliser *a, const struct normaliser *b);

/* Which signals the last poll carried: bit s is signal s. */
uint64_t normalise_signals(const struct normaliser *n);

#endif
