/* SPDX-License-Identifier: MIT */
/* The demo's files: its private folder, the store it may replace, the configuration and the truth beside it.
 *
 * A running demo holds a lock on its slot, so that a second one takes the next: demo.db, 2/demo.db, ... */
#ifndef GWTOP_SIM_DEMO_FILES_H
#define GWTOP_SIM_DEMO_FILES_H

#include "base/err.h"
#include "sim/process.h"

struct demo_files {
    char store[PROCESS_PATH_MAX], config[PROCESS_PATH_MAX], truth[PROCESS_PATH_MAX], log[PROCESS_PATH_MAX];
    int lock_fd;
};

/* Chooses the files, takes the lock, and removes what an earlier demo left there. store NULL: a folder of its own,
 * $XDG_STATE_HOME/gwtop/demo, or what kind names ("demo", "drill"). Errors: ERR_IO (a folder or file cannot be made), ERR_BUSY (another
 * demo has this store; 16 demos run), ERR_USAGE (store exists and no demo made it). */
enum err demo_files_open(const char *store, const char *kind, struct demo_files *ret, struct errctx *ctx) GW_MUST_USE;
void demo_files_close(struct demo_files *f); /* releases the lock; the files stay */

/* Writes the configuration for a gateway of that name at url ("http://127.0.0.1:40001"). Errors: ERR_IO, ERR_NOMEM. */
enum err demo_files_write_config(const struct demo_files *f, const char *gateway, const char *url, struct errctx *ctx) GW_MUST_USE;

#endif
