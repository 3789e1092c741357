/* SPDX-License-Identifier: MIT */
/* The command line of gwtop-sim: one table of options, from which the help text comes too. */
#ifndef GWTOP_SIM_OPTIONS_H
#define GWTOP_SIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum sim_command { COMMAND_SERVE = 1, COMMAND_DEMO = 2, COMMAND_HELP = 4, COMMAND_VERSION = 8, COMMAND_DRILL = 16 };

/* Texts are borrowed from argv; NULL = not given. */
struct sim_options {
    enum sim_command command;
    const char *listen, *scenarios, *onset, *start, *port_file, *truth, *store, *end;
    uint64_t seed;
    bool seeded;        /* seed was given */
    double speed;       /* 0 = not given */
    int64_t for_ms;     /* -1 = not given */
    int64_t history_ms; /* 0 = not given */
    bool headless, plain, list, json;
};

/* Errors: ERR_USAGE: an unknown command or option, a missing or malformed value. */
enum err options_parse(int argc, char *const *argv, struct sim_options *ret, struct errctx *ctx) GW_MUST_USE;

/* Appends the help text. Errors: ERR_NOMEM. */
enum err options_help(struct buf *out) GW_MUST_USE;

/* An onset, relative to base_ms: "+5m", "-7m", "7m" (after); absolute forms as base/timefmt.h reads them when may_be_absolute.
 * Errors: ERR_USAGE. */
enum err options_onset(const char *text, int64_t base_ms, bool may_be_absolute, int64_t *ret_ms, struct errctx *ctx) GW_MUST_USE;

#endif
