/* SPDX-License-Identifier: MIT */
/* The recorder's loop: asks the sources that are due over HTTP, hands answers to the recorder, commits what is finished.
 *
 * One thread. Finished polls wait at most GROUP_MS for others, so that many sources share one transaction. A source in trouble delays
 * nobody. Replay asks all sources at each instant of a virtual clock, as fast as they answer. */
#ifndef GWTOP_RECORD_LOOP_H
#define GWTOP_RECORD_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "record/recorder.h"

struct loop;

struct loop_options {
    const struct config *cfg;
    const struct log *log;
    const struct clock *clock; /* the time that samples stand for */
    const char *user_agent;
    double speed;           /* of that clock against the system's, for waiting; 1 for the system's own */
    bool send_time;         /* every request carries its instant as Gwtop-Time */
    int stop_fd;            /* readable = stop, -1 = never */
    const char *seen_store; /* path whose presence file decides when to end; NULL = never */
    uint64_t seed;          /* of the jitter */
    struct store *store;    /* the recorder's, for canaries; they run live alone, never in a replay */
};

/* Reads the secrets and opens the connections; a source whose secret cannot be read is marked down, the others go on.
 * Everything is borrowed for its life. Errors: ERR_CONFIG (a URL that may not be used), ERR_NOMEM, ERR_UNSUPPORTED. */
enum err loop_open(struct recorder *r, const struct loop_options *opt, struct loop **ret, struct errctx *ctx) GW_MUST_USE;
void loop_close(struct loop *l);

/* Polls until told to stop, or until nobody has looked for cfg->linger_ms. *ret_why: static, for the log and the store. */
enum err loop_run(struct loop *l, const char **ret_why, struct errctx *ctx) GW_MUST_USE;

/* Asks every source once per step_ms of (from_ms, until_ms], the clock given at loop_open not being used. instant is called as each
 * begins, progress after each commit with a share in (0, 1]. *ret_end: the last instant asked about. Stops early, with ERR_OK and
 * *ret_stopped, when told to. */
struct loop_replay {
    int64_t from_ms, until_ms, step_ms;
    void (*instant)(void *ctx, int64_t t_ms);
    void (*progress)(void *ctx, double share);
    void *ctx;
};
enum err loop_replay(struct loop *l, const struct loop_replay *replay, int64_t *ret_end, bool *ret_stopped, struct errctx *ctx) GW_MUST_USE;
/* From now on the loop follows this clock (replay ended, live begins). */
void loop_set_clock(struct loop *l, const struct clock *clock, double speed);

#endif
