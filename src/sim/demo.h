/* SPDX-License-Identifier: MIT */
/* `gwtop-sim demo`: the simulated gateway, a recorder that first takes in a day of it on an accelerated clock, and the console.
 *
 * With a console the history ends at the present and goes on live. Headless, the timeline is shifted so that it ends at the present
 * and everything is recorded as fast as it can be; with --speed it goes on live at that speed for --for, then ends. */
#ifndef GWTOP_SIM_DEMO_H
#define GWTOP_SIM_DEMO_H

#include "base/err.h"
#include "sim/options.h"

/* Runs until the console is left or the recording is complete. *ret_status: the console's exit status, 0 when headless.
 * Errors: ERR_USAGE, ERR_BUSY, ERR_NOTFOUND (a program of gwtop is missing), ERR_NET, ERR_IO (also: the recorder failed), ERR_NOMEM. */
enum err demo_run(const struct sim_options *o, int *ret_status, struct errctx *ctx) GW_MUST_USE;

#endif
