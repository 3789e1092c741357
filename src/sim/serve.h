/* SPDX-License-Identifier: MIT */
/* `gwtop-sim serve`: the simulated gateway alone, for scripts and tests. */
#ifndef GWTOP_SIM_SERVE_H
#define GWTOP_SIM_SERVE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "sim/options.h"

/* Serves until SIGTERM, SIGINT, SIGHUP or the end of --for. Blocks these signals in the calling thread.
 * Errors: ERR_USAGE, ERR_NET, ERR_IO (a file cannot be written), ERR_NOMEM. */
enum err serve_run(const struct sim_options *o, struct errctx *ctx) GW_MUST_USE;

/* Writes a small file so that a reader sees all of it or nothing. Errors: ERR_IO. */
enum err serve_write_file(const char *path, struct str text, struct errctx *ctx) GW_MUST_USE;

#endif
