/* SPDX-License-Identifier: MIT */
/* The inside of canaries, shared by canary.c (runs) and canary_keep.c (what the store knows of them). */
#ifndef GWTOP_RECORD_CANARY_INT_H
#define GWTOP_RECORD_CANARY_INT_H

#include "analysis/canary_price.h"
#include "model/canary_state.h"
#include "record/canary.h"
#include "record/canary_drift.h"
#include "record/canary_judge.h"

enum { CANARY_WHY_MAX = 400 };

enum run_phase { RUN_IDLE, RUN_WANTS_TOKEN, RUN_ASKING, RUN_ANSWERED, RUN_CHECKING };

/* One canary. */
struct run {
    struct canaries *all;
    const struct config_canary *cfg;
    struct canary_state st; /* its texts point into cfg and the array below */
    char why[CANARY_WHY_MAX];
    char url[HTTP_URL_MAX]; /* without its query */
    bool ordered;           /* to run though it is not due */
    int64_t ordered_ms;     /* by an order of then; it becomes st.order_ms with the word about what came of it */
    uint32_t source;
    struct canary_drift *drift; /* NULL = what its runs mean is not judged: one by hand, without a recorder */

    /* while it runs */
    enum run_phase phase;
    struct http_conn *conn;
    struct http_result result;
    struct buf body, answer;
    uint32_t item, in_a_row; /* in_a_row: failures */
    struct canary_result *results;
    struct canary_price price;
    struct price_found model_price;
    int64_t began_ms, reserved_day_ms, reserved_nusd, settled_nusd;
    pid_t child;
    int64_t child_since_ms;
    char (*whys)[200];          /* one per item */
    char first[CANARY_WHY_MAX]; /* the first failure */
};

struct canaries {
    struct canaries_options opt;
    struct run *runs;
    uint32_t count;
    struct canary_state *others; /* that are not configured any more, and spent something today */
    size_t other_count;
    struct arena arena;   /* texts of others */
    struct arena scratch; /* of one answer, or one note */
    int64_t order_ms;     /* the newest act that was looked at */
};

/* Reads what is known of all of them. Errors: ERR_NOMEM, the store's. */
enum err canary_keep_open(struct canaries *c, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* Makes how they stand durable, with the batch (NULL = none) and what else was put. Errors: the store's, ERR_IO where only the ring
 * store took it. */
enum err canary_keep(struct canaries *c, const struct store_batch *batch, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;
/* The scores of a run that ended, with canary_keep's. */
enum err canary_keep_run(struct run *r, int64_t now_ms, struct errctx *ctx) GW_MUST_USE;

/* A line of the log. */
void canary_tell(const struct run *r, enum log_level level, const char *text);

/* Commits what others have pending. */
enum err canary_flush(struct canaries *c, int64_t now_ms, struct errctx *why) GW_MUST_USE;
/* What a run costs at most, as it is reserved and shown, with what the endpoint has shown to add. Errors: those of canary_price_make. */
enum err canary_price_run(struct run *r, int64_t now_ms, struct errctx *why) GW_MUST_USE;
/* The order, if there was one, has come to something. */
void canary_take_order(struct run *r);
/* Takes a whole run off the cap, and makes that durable. Errors: ERR_LIMIT, ERR_IO and the store's; nothing is taken then. */
enum err canary_begin(struct run *r, int64_t now_ms, struct errctx *why) GW_MUST_USE;
/* Whether what is left of the run is taken off the cap of today, after what is missing was; false: it does not fit, or could not be
 * written. */
bool canary_holds(struct run *r, int64_t now_ms, struct errctx *why) GW_MUST_USE;
/* An answer came: by what the endpoint counted; where it did not, at the most. */
void canary_settle_item(struct run *r, const struct canary_answer *a);
/* Why a run does not fit. */
void canary_say_cap(const struct run *r, int64_t now_ms, char *text, size_t cap_bytes);

#endif
