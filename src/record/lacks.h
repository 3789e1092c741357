/* SPDX-License-Identifier: MIT */
/* What a page lacks: series that it had, of a process that still runs, and that do not go away by themselves.
 *
 * A series that was on the last page and is not on this one is missed when it rose within the last minutes, or when it is one of all that a
 * metric has to say (all failures, all spend): exporters keep what was counted once, moving or not. With a series that is missed all that
 * left in the same poll are, gauges too. Not missed are series
 * - of a process that was restarted, or whose counters began anew: labels come back as they are used;
 * - that stood still for minutes, of a metric that still shows others or an exporter that forgets such (profile key expires);
 * - of a thing (a model, a key) of which nothing is left on the page for ten minutes, while its metric shows others: it was removed;
 * - whose output series others feed: labels that no profile keeps (a pod, a session) were replaced;
 * - that are gauges, while no counter is missed: what is finished has none.
 * A series is missed until it is back or the process is another, and where its metric shows others for a day at most. What it counted
 * meanwhile is spread evenly over the polls that lacked it.
 * A histogram of which a part is missing is left out whole until all of it is back. Of buckets alone that is waited for some polls, of any
 * source: then it has a new set.
 * What rose in the ten minutes before an earlier run of the recorder ended is expected at the first poll of a later one, unless the process
 * is another by then. A later run of the recorder goes on with what an earlier one missed, by numbers of series per metric: it is over when
 * more than half of them are back, or the process is another. What they counted is not known then, and the first sight of such a series is
 * a baseline. Source: docs/decisions/0006-who-counts-and-what-is-old.md. */
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

enum { LACKS_POLLS_MAX = 240, LACKS_TEXT_MAX = 256, LACKS_METRICS_MAX = 1000 };

/* The series of one metric that count failures, or all others of it. */
struct lack_group {
    uint32_t present, moving; /* on the page; of them, rose lately */
    uint32_t left;            /* were on the last page and are not on this one */
    uint32_t lacking, moved;  /* missed; of them, rose before they went */
    uint32_t earlier, shown;  /* missed by an earlier run; how many it had beside these */
};

/* What a series of the store is of, whichever bounds it has. */
struct lack_output {
    uint32_t signal, dim[DIM_COUNT];
};

struct lacks {
    int64_t since_ms;               /* the last poll that lacked nothing, 0 = nothing is missed */
    int64_t polls[LACKS_POLLS_MAX]; /* their ends since then, thinned out where there are more */
    uint32_t poll_count;
    uint32_t stride, skipped;     /* polls[] has every stride-th one */
    struct lack_group *groups;    /* two per metric of the profile: failures at the odd ones */
    struct source_lack earlier;   /* what an earlier run missed, since_ms 0 = nothing */
    struct lack_output *expected; /* sorted: what rose when an earlier run saw the page last, and has not been seen since */
    uint32_t expected_count;
    int64_t expected_ms, asked_ms; /* when that was; this run's first poll, 0 = there was none yet */
    bool lost;                     /* since the last poll something ended to be missed, and what it counted is not known */
    char metrics[LACKS_METRICS_MAX];
};

struct normaliser;
struct slot;

/* Errors: ERR_NOMEM. */
enum err lacks_init(struct lacks *k, size_t metric_count) GW_MUST_USE;
void lacks_fini(struct lacks *k);

/* Goes on with what an earlier run told last. Of names that the profile does not know nothing is missed. */
void lacks_recall(struct normaliser *n, const struct source_lack *was);
/* Looks at the staged page of a poll that is about to be accounted. May unstage parts of histograms. */
void lacks_judge(struct normaliser *n, enum sawtooth_verdict verdict);
/* Accounts for series that are back: their increments over the polls that lacked them, one batch a poll, in a. What remains for the poll at
 * hand is that of its own interval. Errors: ERR_NOMEM and the store's; then some of it may be accounted for. */
enum err lacks_make_good(struct normaliser *n, struct arena *a, struct store_batch **ret, size_t *ret_count,
                         struct errctx *ctx) GW_MUST_USE;
/* What is on the staged page was not on the polls that ended at ends, the first of them after finished_ms: it is back. */
void lacks_miss_polls(struct normaliser *n, const int64_t *ends, uint32_t count);
/* After the poll was accounted: what is missing now, and a sentence about it in text. */
struct source_lack lacks_tell(struct normaliser *n, char text[LACKS_TEXT_MAX]);
/* Whether the slot is of those that an earlier run missed: what it shows first is no increment. */
bool lacks_awaits(const struct normaliser *n, const struct slot *s);
/* Of the polls since then it is not known which the store has. */
void lacks_forget_polls(struct lacks *k);
/* The clock was set back by about so much. */
void lacks_move_times(struct normaliser *n, int64_t by_ms);

#endif
