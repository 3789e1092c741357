/* SPDX-License-Identifier: MIT */
/* What a page lacks: series that it had, of a process that still runs, and that do not go away by themselves.
 *
 * A series that was on the last page and is not on this one is missed when it rose within the last minutes, or when it is one of all that a metric
 * has to say (all failures, all spend): exporters keep what was counted once, moving or not. With a series that is missed all that left in the
 * same poll are, gauges too. Not missed are series
 * - of a process that was restarted, or whose counters began anew: labels come back as they are used;
 * - that stood still for minutes, of a metric that still shows others or an exporter that forgets such (profile key expires);
 * - of a thing (a model, a key) of which nothing is left on the page: it was removed. Where that takes all of a metric that objectives,
 *   cost or latency read, it is missed all the same;
 * - that are gauges, while no counter is missed: what is finished has none.
 * A series is missed until it is back or the process is another. What it counted meanwhile is spread evenly over the polls that lacked it.
 * A histogram of which a part is missing is left out whole until all of it is back.
 * Source: docs/decisions/0006-who-counts-and-what-is-old.md. */
#ifndef GWTOP_RECORD_LACKS_H
#define GWTOP_RECORD_LACKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/facts.h"
#include "record/sawtooth.h"
#include "store/store.h"

/* Of a slot: nothing is missing; left together with others; is one of all that a metric has; rose lately. */
enum lack { LACK_NOT, LACK_ALONG, LACK_WHOLE, LACK_MOVED };

enum { LACKS_POLLS_MAX = 240, LACKS_TEXT_MAX = 256 };

/* The series of one metric that count failures, or all others of it. */
struct lack_group {
    uint32_t present, moving; /* on the page; of them, rose lately */
    uint32_t left;            /* were on the last page and are not on this one */
    uint32_t lacking, moved;  /* missed; of them, rose before they went */
};

struct lacks {
    int64_t since_ms;               /* the last poll that lacked nothing, 0 = nothing is missed */
    int64_t polls[LACKS_POLLS_MAX]; /* their ends since then, thinned out where there are more */
    uint32_t poll_count;
    uint32_t stride, skipped;  /* polls[] has every stride-th one */
    struct lack_group *groups; /* two per metric of the profile: failures at the odd ones */
};

struct normaliser;

/* Errors: ERR_NOMEM. */
enum err lacks_init(struct lacks *k, size_t metric_count) GW_MUST_USE;
void lacks_fini(struct lacks *k);

/* Looks at the staged page of a poll that is about to be accounted. May unstage parts of histograms. */
void lacks_judge(struct normaliser *n, enum sawtooth_verdict verdict);
/* Accounts for series that are back: their increments over the polls that lacked them, one batch a poll, in a. What remains for the poll at hand is
 * that of its own interval. Errors: ERR_NOMEM and the store's. */
enum err lacks_make_good(struct normaliser *n, struct arena *a, struct store_batch **ret, size_t *ret_count,
                         struct errctx *ctx) GW_MUST_USE;
/* After the poll was accounted: what is missing now, and a sentence about it in text. */
struct source_lack lacks_tell(struct normaliser *n, char text[LACKS_TEXT_MAX]);
/* The times of the polls mean nothing any more. */
void lacks_forget_times(struct lacks *k);

#endif
