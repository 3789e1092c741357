/* SPDX-License-Identifier: MIT */
/* How a canary stands, and what it has spent of its cap: what the recorder writes down (the note "canaries") before it sends anything,
 * and screens read.
 *
 * A run's price is taken off the day's cap before its first request, at the most it can cost, and the note is durable before that
 * request is sent. So a crash, a kill or an answer that never came leaves too much counted, never too little. Days are UTC's; a clock
 * set back does not bring one back. */
#ifndef GWTOP_MODEL_CANARY_STATE_H
#define GWTOP_MODEL_CANARY_STATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define CANARY_NOTE "canaries"

/* Why a prompt has neither passed nor failed. */
enum canary_failure { CANARY_LIMITED, CANARY_5XX, CANARY_TIMEOUT, CANARY_NO_ANSWER, CANARY_NO_VERDICT, CANARY_NOT_ASKED, CANARY_FAILURES };
const char *canary_failure_name(enum canary_failure f); /* "429", "5xx", "timeout", "no answer", "not judged", "not asked" */

/* Texts are borrowed. */
struct canary_state {
    const char *name, *model, *url;
    int64_t interval_ms, cap_nusd;
    int64_t run_nusd, day_nusd;       /* the most a run and a day cost; -1 = not known */
    int64_t extra_nusd;               /* what a request has cost beyond the most that its prompt can: the endpoint adds one of its own */
    int64_t spent_day_ms, spent_nusd; /* of the day that began then, 0 = none */
    int64_t last_ms, ended_ms, next_ms, order_ms; /* last_ms: begin of the last run, 0 = none; order_ms: the newest order that was heard */
    bool running;
    uint32_t passed, bad, failed[CANARY_FAILURES]; /* of the last run that ended */
    const char *why;                               /* why it does not run, or what its last run lacks; "" = all is well */
};

int64_t canary_day(int64_t now_ms); /* when the UTC day began */
/* What was spent on the day of now, by what is known. */
int64_t canary_spent(const struct canary_state *s, int64_t now_ms);
/* Takes amount off the cap of the day of now; false, and nothing is taken, where it does not fit. */
bool canary_reserve(struct canary_state *s, int64_t amount_nusd, int64_t now_ms) GW_MUST_USE;
/* Of what was reserved on the day that began at day_ms, other was spent. */
void canary_settle(struct canary_state *s, int64_t day_ms, int64_t reserved_nusd, int64_t spent_nusd);
/* When the next run begins: an interval after the last one began, now when that is missed or there was none, never later than an
 * interval from now. */
int64_t canary_next(const struct canary_state *s, int64_t now_ms);

/* As JSON: [{"name", "model", ...}]. Errors: the buffer's. */
enum err canary_states_write(const struct canary_state *list, size_t count, struct buf *out) GW_MUST_USE;
/* Errors: ERR_PARSE, ERR_NOMEM. */
enum err canary_states_read(struct str text, struct arena *a, struct canary_state **ret, size_t *ret_count, struct errctx *ctx) GW_MUST_USE;

/* A prompt of the last run that ended, in the note CANARY_RUN_NOTE with the canary's name. */
#define CANARY_RUN_NOTE "canary_run:%s"
enum canary_outcome { CANARY_PASSED, CANARY_BAD, CANARY_FAILED };
struct canary_result {
    const char *id;
    uint64_t hash;
    enum canary_outcome outcome;
    enum canary_failure failure; /* CANARY_FAILED */
    double logprob;              /* NaN = not asked, not told */
    const char *why;             /* of what did not pass, without anything of the answer; "" */
};
enum err canary_run_write(int64_t began_ms, const struct canary_result *list, size_t count, struct buf *out) GW_MUST_USE;
enum err canary_run_read(struct str text, struct arena *a, int64_t *ret_began_ms, struct canary_result **ret, size_t *ret_count,
                         struct errctx *ctx) GW_MUST_USE;

#endif
