/* SPDX-License-Identifier: MIT */
/* Classic histograms of a page: many raw series (one per le, a sum, a count) -> increments per bucket.
 *
 * A histogram is what shares a family and all labels but le, in any order. Its buckets are kept by the number that le stands for ("1",
 * "1.0" and "1e+00" are one). What was accounted is remembered per bucket rather than per poll, so that a page that was torn between
 * two buckets is made good by the next one, and increments over any time add up to last minus first.
 * Invariant: buckets of a histogram are in rising order of le, and +Inf, when there, is the last. */
#ifndef GWTOP_RECORD_BUCKETS_H
#define GWTOP_RECORD_BUCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/dims.h"
#include "record/slots.h"
#include "source/exposition.h"

struct bucket {
    double le;
    uint32_t slot;
    bool in;      /* part of the set of bounds in use */
    int64_t done; /* observations of this bucket alone that were handed on */
    double top;   /* in use: the most that it showed, those below it included */
};

/* A spelling of a bucket's le that the last page did not use. */
struct bucket_spare {
    double le;
    uint32_t slot;
};

/* Of family and labels, le left out; salt tells several uses of one family apart. */
struct buckets_id {
    uint64_t half[2];
};

struct buckets_hist {
    struct buckets_id id;
    struct series series; /* dims and signal; .bounds is set when bounds are chosen */
    uint32_t row;         /* of the profile */
    double factor;        /* le * factor is in seconds */
    double mult;          /* sum * mult is in the signal's fixed point */
    uint32_t sum_slot, count_slot;
    uint32_t out;       /* where its increments go, SLOT_NONE = bounds not chosen */
    uint32_t last_seen; /* poll number, 0 = never */
    struct bucket *list;
    uint32_t count, cap;
    struct bucket_spare *spares;
    uint32_t spare_count;
    uint32_t lacking;   /* polls in a row that lacked nothing but some of its finite buckets, and had no others in their place */
    uint32_t waited;    /* polls since a bucket went down of which nothing was taken */
    double count_top;   /* as a bucket's top, of _count */
    int64_t inf_done;   /* of the open bucket when the page has no +Inf */
    int64_t sum_done;   /* the sum that rises are taken from */
    int64_t sum_top;    /* the highest that was one */
    bool sum_based;     /* there is one */
    uint8_t sum_waited; /* polls since the sum could not be that of its observations */
    uint64_t unsummed;  /* observations handed on since it was last known */
    bool spread;        /* what was handed on last was a share of a rise that was spread over several polls */
    bool broken;        /* a bucket did not fit under the cap of series: never handed on */
};

struct buckets {
    struct buckets_hist *list;
    uint32_t count, cap;
    uint32_t *table; /* index + 1, 0 = free; at most half full */
    uint32_t mask;
    uint64_t key[2];
};

void buckets_init(struct buckets *b);
void buckets_fini(struct buckets *b);

struct buckets_id buckets_identity(const struct buckets *b, struct str family, const struct expo_label *labels, size_t count,
                                   uint64_t salt);
bool buckets_find(const struct buckets *b, const struct buckets_id *id, uint32_t *ret);
/* Adds a histogram that buckets_find did not find; series, factor, mult and row are the caller's to set. */
enum err buckets_make(struct buckets *b, const struct buckets_id *id, uint32_t *ret) GW_MUST_USE;
/* A second spelling of a bucket takes the place of the first one, unless poll, the one being staged, has shown that.
 * Errors: ERR_PARSE when le is no number or given twice, ERR_LIMIT past HIST_BOUNDS_MAX finite ones, ERR_NOMEM. */
enum err buckets_add(struct buckets_hist *h, struct str le, uint32_t slot, const struct slot *slots, uint32_t poll) GW_MUST_USE;
/* Before the page is judged: takes of each bucket the spelling that is there, and marks slots as replaced that nobody has to miss: another
 * spelling's, and those of buckets that are gone while the rest of the histogram is on the page, which then has a new set: at once where it
 * shows others, else after some patience (buckets_awaits). */
void buckets_settle(struct buckets_hist *h, struct slot *slots, uint32_t poll);
/* Whether the page lacks buckets of it that may be back with the next one. */
bool buckets_awaits(const struct buckets_hist *h);

/* One poll of one histogram. */
struct buckets_poll {
    const struct slot *slots;
    uint32_t poll;
    bool first;      /* the first poll of the page: what is there is the baseline */
    bool restarted;  /* every counter began at zero */
    uint32_t before; /* number of the poll before */
    uint32_t born;   /* number of the process' first poll: what is back and was not seen since began at zero */
    bool spread;     /* values are between those of two pages: of whole observations and a sum that is not theirs one by one */
};
struct buckets_delta {
    bool present;      /* any of it was on the page */
    bool known;        /* the counts below are increments; false: nothing can be said about this poll */
    bool bounds_moved; /* the set of le is not the one that was in use: the histogram's out is SLOT_NONE */
    bool reset, no_inf, no_sum, not_rising, vanished;
    bool split;      /* there are new bounds, and what they hold was counted above them before */
    bool fell;       /* buckets are lower than they were and the histogram as a whole is not: that is no restart */
    bool falls;      /* it happened just now */
    bool odd_sum;    /* the sum went down, or rose by less than the low edges of what was counted: it is not theirs */
    double fell_le;  /* the lowest of those that went down */
    double below_le; /* not_rising: the lowest that holds less than the one before it */
    bool no_bounds;  /* no finite le: how many and their sum is all there is */
    uint32_t count;  /* buckets, the open one included */
    uint64_t n;
    uint64_t summed; /* observations that sum_fixed is of: n and those that waited for it, or none */
    int64_t sum_fixed;
};
/* Computes increments into counts (room for HIST_BOUNDS_MAX + 1) and accounts for them. */
struct buckets_delta buckets_step(struct buckets_hist *h, const struct buckets_poll *p, uint64_t *counts);
/* Of one bucket, the rise from *done, what was handed on, to what is there now, and accounts for it; where that stands lower it waits until
 * it has caught up. baseline: nothing is handed on. Also of a native histogram's (native.h). */
uint64_t buckets_account(int64_t *done, int64_t now, bool baseline);
/* Accounts for what is there without handing it on: the increments of this poll mean nothing. */
void buckets_rebase(struct buckets_hist *h, const struct buckets_poll *p);
/* A bound in seconds: le * factor, exactly where the factor is one of a power of ten. */
double buckets_seconds(double le, double factor);
/* The finite bounds in use, in seconds; upper has room for HIST_BOUNDS_MAX. Returns how many. */
uint32_t buckets_bounds(const struct buckets_hist *h, double *upper);

/* Slot numbers changed (slots_sweep). Histograms without any slot left are forgotten; moved[old] is the new number of a histogram or
 * SLOT_NONE, with room for count entries. */
void buckets_remap(struct buckets *b, const uint32_t *remap, uint32_t *moved);

#endif
