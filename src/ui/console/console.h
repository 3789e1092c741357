/* SPDX-License-Identifier: MIT */
/* The console: one terminal, one store, one cursor in time.
 *
 * The first frame is painted before anything slow is opened. After that it draws once per turn, from state, when a key, a commit of the
 * recorder or the clock changed it. It never writes to the store: what an operator says is dropped as an act file. */
#ifndef GWTOP_UI_CONSOLE_CONSOLE_H
#define GWTOP_UI_CONSOLE_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ui/draw/pane.h"

struct console_options {
    const char *config_path; /* NULL: the usual places */
    const char *store_path;  /* NULL: the configuration's */
    const char *at;          /* open at this time; NULL = live */
    const char *window;      /* length of the time axis, "6h"; NULL = 1h */
    enum pane_id pane;
    bool has_pane;              /* somebody asked for it: a snapshot of an incident opens at that otherwise */
    const char *filter;         /* "" = all */
    const char *theme, *glyphs; /* NULL: the configuration's */
    bool no_color;
    bool no_recorder;             /* do not start one */
    const char *recorder_program; /* path of gwtop-recorder */
};

enum { CONSOLE_FAREWELL_MAX = 256 };

/* Runs until the user leaves. farewell: a line to print once the terminal is given back (what goes on without the console), or "".
 * Errors: ERR_UNSUPPORTED (no terminal), ERR_CONFIG, ERR_USAGE (at, window, filter), and the store's for a store that was named and
 * cannot be read; the terminal is restored before it returns. */
enum err console_run(const struct console_options *opt, char farewell[CONSOLE_FAREWELL_MAX], struct errctx *ctx) GW_MUST_USE;

#endif
