/* SPDX-License-Identifier: MIT */
/* A recorder behind whoever shows its store: starts one, detached, when none is running, again with back-off after a crash, and tells a
 * running one that somebody looks.
 *
 * It never waits; a turn costs one fcntl, and once a minute the touch of a file. */
#ifndef GWTOP_UI_CONSOLE_RECORDER_KEEP_H
#define GWTOP_UI_CONSOLE_RECORDER_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct recorder_keep { /* zeroed memory is its beginning */
    int64_t try_mono_ms, seen_mono_ms;
    int tries;
    pid_t child; /* started, and not yet detached; 0 = none */
};

/* What to start: gwtop-recorder's path, a configuration (NULL: the usual places), a store. */
struct recorder_wanted {
    const char *program, *config_path, *store_path;
};

/* A recorder that was started: true, and why in why, once it is known that it did not start. */
bool recorder_keep_failed(struct recorder_keep *k, char *why, size_t cap);
/* Starts one where none runs and its time has come; true, and why in why, when the system would not let it. */
bool recorder_keep_turn(struct recorder_keep *k, const struct recorder_wanted *what, int64_t mono_ms, char *why, size_t cap);

/* The flight recorder outlives whoever looked: a line that says so to somebody who leaves, "" where none goes on or it is not theirs to
 * end. */
void recorder_keep_farewell(const char *store_path, int64_t linger_ms, char *out, size_t cap);

#endif
