/* SPDX-License-Identifier: MIT */
/* gwtop --plain: the console as lines, for screen readers, pipes and bad links. First the moment (header, verdict, what it rests on, the
 * overview's figures), then a line per change, and at least one every few minutes, so that silence is never mistaken for health.
 *
 * It reads the views that the screen draws, and prints text alone: no escape sequences, no colour, no alignment. */
#ifndef GWTOP_UI_CONSOLE_PLAIN_H
#define GWTOP_UI_CONSOLE_PLAIN_H

#include "ui/console/console.h"

/* Runs until it is asked to end (INT, TERM, HUP), its output is closed from the other side, or the recording has ended. With opt->at:
 * prints that moment, and ends; no recorder is started then. Looks, panes and window of opt are not used.
 * farewell: as for console_run.
 * Errors: ERR_CONFIG, ERR_USAGE (at, filter), ERR_IO for output that cannot be written, and the store's for one that cannot be read. */
enum err plain_run(const struct console_options *opt, char farewell[CONSOLE_FAREWELL_MAX], struct errctx *ctx) GW_MUST_USE;

#endif
