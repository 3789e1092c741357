/* SPDX-License-Identifier: MIT */
/* Scores of one source -> items for the store, each of them once, however often it is told.
 *
 * How this works: what is told is only set aside (scores_add) until a whole stretch of time has been told (scores_finish). Then each score
 * is looked up by the hash of its id among those that were counted: one that is new counts at its own time; one that is told as before
 * counts nothing; of one that was revised the old contribution is taken back at the old time, and the new one counts at the new one.
 * Contributions are summed per slot of 10 s, so that a day costs no more rows than a source that is polled every 10 s. What is remembered
 * goes to the store in the transaction of the samples. docs/decisions/0014-scores.md. One per store source; not for several threads. */
#ifndef GWTOP_RECORD_SCORES_H
#define GWTOP_RECORD_SCORES_H

#include "model/score.h"
#include "store/store.h"

struct scores;

enum { SCORES_IDS_MAX = 1000 * 1000, SCORES_STAGED_MAX = 50 * 1000 };

struct scores_options {
    uint32_t source;     /* the store's id */
    const char *gateway; /* DIM_GATEWAY of everything */
    const struct score_rule *rules;
    size_t rule_count;
    uint32_t max_series;
    int64_t keep_ms; /* how long before the newest mark ids are remembered */
    size_t ids_max;  /* and how many; 0 = SCORES_IDS_MAX */
};

/* Reads what an earlier run remembered. Borrows st, gateway and rules for its life. Errors: ERR_NOMEM and the store's. */
enum err scores_open(struct store *st, const struct scores_options *opt, struct scores **ret, struct errctx *ctx) GW_MUST_USE;
void scores_close(struct scores *s);
/* Everything up to *ret_mark_ms was read, 0 = nothing yet; what is not later than *ret_floor_ms is not remembered, so it must not be asked
 * for again. */
void scores_span(const struct scores *s, int64_t *ret_mark_ms, int64_t *ret_floor_ms);

/* Nothing was read yet: what is to be read begins at the mark, and what may be told at the floor. Whole slots. */
void scores_start(struct scores *s, int64_t mark_ms, int64_t floor_ms);

/* Sets one aside. now_ms: wall time. What counts as nothing is warned of. Errors: ERR_NOMEM, and ERR_LIMIT past SCORES_STAGED_MAX:
 * scores_finish is due. */
enum err scores_add(struct scores *s, const struct score_told *score, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* Something of the source that is worth a warning. what: static. */
void scores_warn(struct scores *s, int64_t now_ms, const char *what, struct str text);

struct scores_result {
    const struct store_batch *batches; /* in time order; they and their items live in the arena */
    size_t count;
    size_t added, revised;
    int64_t changed_t0_ms, changed_t1_ms; /* of what counts otherwise than before in time that had been read; t1 0 = nothing */
};
/* What was set aside is accounted for. read_to_ms > mark: all of (mark, read_to_ms] was told for the first time, and time without scores in
 * it is then known to have none. file: as of struct store_scores, or NULL. The batches must go into the next store_append, and what is
 * remembered with them is put (store_put_scores). Errors: ERR_NOMEM and the store's; scores_reload is due. */
enum err scores_finish(struct scores *s, int64_t read_to_ms, const char *file, struct arena *a, struct scores_result *ret,
                       struct errctx *ctx) GW_MUST_USE;
/* What was accounted for since the last commit did not reach the store, or another store took its place: forgets everything, and reads it
 * again. */
enum err scores_reload(struct scores *s, struct errctx *ctx) GW_MUST_USE;

/* For the status. warning: safe, "" = none within the last hour. */
struct scores_status {
    uint32_t series, dropped, warnings;
    size_t ids;
    const char *warning;
};
struct scores_status scores_status(struct scores *s, int64_t now_ms);

#endif
