/* SPDX-License-Identifier: MIT */
/* Recording itself: store, profiles, recorder and loop put together, live or as a replay that goes live. */
#ifndef GWTOP_NETCLI_RECORD_RUN_H
#define GWTOP_NETCLI_RECORD_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "config/config.h"
#include "store/store.h"

struct record_run {
    const struct config *cfg;
    const char *store, *user_agent;
    const struct log *log;
    bool linger;             /* end some hours after the last console */
    int64_t replay_from_ms;  /* 0 = no replay */
    int64_t replay_until_ms; /* 0 = go live afterwards */
    int64_t replay_step_ms;
    int64_t origin_ms;           /* when the live clock after a replay reads what the system's does; 0 = as the replay begins */
    double speed;                /* of that clock */
    int progress_fd;             /* -1 = none */
    void (*on_ready)(void *ctx); /* the store is open and sources are known; MAY be NULL */
    void *ctx;
};

/* Blocks SIGTERM, SIGINT and SIGHUP in the calling thread and ends cleanly on any of them.
 * Errors: ERR_BUSY (another recorder, with its pid), those of the store, of profiles and of the loop. */
enum err record_run(const struct record_run *run, struct errctx *ctx) GW_MUST_USE;

/* How a recording's store is opened; ring_dir is left out. */
struct store_options record_run_store(const struct config *cfg, const char *path);

#endif
