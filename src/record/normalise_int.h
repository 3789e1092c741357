/* SPDX-License-Identifier: MIT */
/* The inside of a normaliser, shared by normalise.c (staging and accounting) and normalise_series.c (what a new series feeds). */
#ifndef GWTOP_RECORD_NORMALISE_INT_H
#define GWTOP_RECORD_NORMALISE_INT_H

#include "base/intern.h"
#include "record/buckets.h"
#include "record/dip.h"
#include "record/held.h"
#include "record/lacks.h"
#include "record/native.h"
#include "record/normalise.h"
#include "record/outs.h"
#include "record/sawtooth.h"
#include "record/slots.h"

enum feed_role { FEED_COUNTER, FEED_GAUGE, FEED_N, FEED_SUM, FEED_BAD, FEED_HISTOGRAM, FEED_NATIVE };

/* One use of a raw series: a row of the profile, and the output it goes to. A series may feed several rows. */
struct feed {
    uint32_t out;  /* of outs; FEED_HISTOGRAM, FEED_NATIVE: the histogram's number */
    uint32_t next; /* SLOT_NONE = the last */
    uint16_t row;
    uint8_t role;
};

/* What a metric name is, found out once. */
struct name {
    const struct profile_metric *metric; /* first row, NULL = it feeds nothing */
    bool left_out;                       /* looked at, and it feeds nothing */
    enum profile_sample sample;
    enum expo_type type;
    bool is_start; /* process_start_time_seconds: tells restarts */
};

enum { NAMES_MAX = 20000, NAMES_FIRST = 256, FAMILY_TEXT_MAX = 256, WARNING_TEXT_MAX = 256, WHICH_MAX = 200, WATCH_TEXT_MAX = 512 };

struct normaliser {
    struct store *st;
    const struct profile *p;
    struct normalise_options opt;
    uint32_t gateway;

    struct slots slots;
    uint32_t kept, left_out; /* slots that feed something, and that do not */
    uint32_t current;        /* what normalise_known found, SLOT_NONE = nothing */
    struct feed *feeds;
    uint32_t feed_count, feed_cap;
    struct buckets buckets;
    struct native_list natives;
    struct outs outs;
    struct sawtooth sawtooth;
    struct lacks lacks;
    struct held held;
    struct dip dip;
    int64_t ends[SAWTOOTH_DOUBT]; /* of the last polls, the newest first */
    uint32_t end_count;
    int64_t watch_ms;           /* since when what is counted is not sure, 0 = it is */
    uint64_t fell;              /* signals, bit s: of counters that began anew by themselves in this poll */
    uint64_t odd;               /* and of those that stand elsewhere, and nobody knows what they counted */
    char fell_first[WHICH_MAX]; /* of the counters that began anew by themselves and wait */
    uint32_t fell_count;

    struct intern *name_ids, *unknown; /* names of samples; families that nobody knows */
    struct name *names;                /* by id; 0 stands for those past NAMES_MAX */
    uint32_t name_cap;
    double *mult;  /* per row of the profile: raw value * mult is fixed point (gauges: the unit) */
    uint8_t *best; /* per group of spellings: the lowest rank exposed, UINT8_MAX = none yet */

    uint32_t poll;     /* number of the one being staged, from 1 */
    uint32_t finished; /* number of the last one that showed something and was accounted, and its end */
    int64_t finished_ms;
    uint32_t born; /* number of the first one of the process at hand, 0 = of the first of all */
    uint32_t had;  /* counters above zero on the last page */
    uint32_t done; /* polls finished since the last baseline */
    bool spread;   /* what is accounted for now are shares of what series that are back counted (lacks_back.c) */
    int64_t t_ms, last_ms;
    struct sawtooth_poll judged; /* what the staged values show */
    uint32_t seen, seen_kept, dropped;
    uint64_t signals;
    char family[FAMILY_TEXT_MAX]; /* of the last # TYPE line */
    size_t family_len;
    enum expo_type family_type;
    uint32_t warnings;
    char warning[WARNING_TEXT_MAX];
    int64_t lost_t0_ms, lost_t1_ms; /* the latest time of which it is not known what was counted; t1 0 = none */
    uint64_t lost_signals;          /* in it, of these; 0 = of all */
    char lack[LACKS_TEXT_MAX];
    char watch[WATCH_TEXT_MAX];
};

/* Finds out what a series feeds and adds its slot. *ret SLOT_NONE: there is no room for it, and that was counted.
 * Errors: the store's, ERR_NOMEM. */
enum err normalise_add_series(struct normaliser *n, const struct expo_sample *s, uint32_t *ret, struct errctx *ctx) GW_MUST_USE;

/* The same of a native histogram. */
enum err normalise_add_native(struct normaliser *n, const struct source_histogram *h, uint32_t *ret, struct errctx *ctx) GW_MUST_USE;

/* Of several spellings of one quantity only the best that the endpoint exposes counts: whether this row is not it. */
bool normalise_is_spoken_for(const struct normaliser *n, uint32_t row);
/* A series by the name of its metric and what the store knows it by: gw_ttft{model="m"}. */
const char *normalise_which(const struct normaliser *n, uint32_t row, const struct series *s, char out[WHICH_MAX]);
/* Accounts for every histogram that the poll showed. Errors: the store's. */
enum err normalise_step_histograms(struct normaliser *n, enum sawtooth_verdict verdict, struct normalise_report *r,
                                   struct errctx *ctx) GW_MUST_USE;

/* ---- normalise_tally.c ---- */

/* Exporters write a huge number where they could not read one; between it and a real one nothing was counted. v: what the slot shows
 * now. */
bool normalise_is_blank(const struct normaliser *n, const struct feed *f, const struct slot *s, double v);
/* Whether it is at least where it was before it fell, without having gone there step by step. */
bool normalise_is_back(const struct slot *s, double v);
/* What the move of one counter that was seen before says of the page. */
void normalise_tally(struct normaliser *n, const struct slot *s, double v);
/* What its value did, for the polls to come; before it is the last one. */
void normalise_learn(const struct normaliser *n, struct slot *s);
/* A counter began anew by itself, which feeds f: one of those that wait is named. */
void normalise_note_fall(struct normaliser *n, const struct feed *f);
/* Why the page is watched, and what waits for that; "" = it is not. Until the next poll. */
const char *normalise_watch_text(struct normaliser *n);

/* Accounts for what carries the poll's number into ret's items. Errors: ERR_NOMEM and the store's. */
enum err normalise_account(struct normaliser *n, enum sawtooth_verdict verdict, struct arena *a, struct store_batch *ret,
                           struct normalise_report *r, struct errctx *ctx) GW_MUST_USE;

void normalise_warn(struct normaliser *n, const char *fmt, ...) GW_PRINTF(2, 3);

#endif
