/* SPDX-License-Identifier: MIT */
/* Waiting for several things at once: the demo's programs, signals, the recorder's progress, and the end of the time allowed.
 *
 * SIGINT, SIGTERM, SIGHUP and SIGCHLD are blocked and read from a descriptor; whoever starts threads does so after supervisor_open.
 * SIGTSTP is ignored: the terminal sends it to all, but only once the child has stopped may we, or its stop would be seen after ours
 * and stop us again. */
#ifndef GWTOP_SIM_SUPERVISOR_H
#define GWTOP_SIM_SUPERVISOR_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { CHILDREN_MAX = 3 };

struct child {
    pid_t pid; /* 0 = not started */
    bool ended;
    int status; /* as waitpid gives it */
};

struct supervisor {
    int signal_fd;
    sigset_t before;          /* the signal mask to restore */
    struct sigaction suspend; /* what SIGTSTP did before */
    int progress_fd;          /* -1 = closed */
    char line[64];            /* of progress, until its newline */
    uint32_t line_len;
    double progress; /* 0..1 */
    bool live;       /* the recorder said so, or closed its end */
    int stop_signal; /* SIGINT, SIGTERM or SIGHUP once received, else 0 */
    struct child child[CHILDREN_MAX];
};

enum err supervisor_open(struct supervisor *s, struct errctx *ctx) GW_MUST_USE;
void supervisor_close(struct supervisor *s); /* does not end children */

/* Waits until something happened, at most wait_ms (-1: no limit); false when the time passed and nothing did. A child that stopped
 * (Ctrl-Z) stops this process with it, and goes on with it. */
bool supervisor_wait(struct supervisor *s, int64_t wait_ms);

/* Asks a child to end and waits for it; it is killed after patience_ms. */
void supervisor_end(struct supervisor *s, struct child *c, int64_t patience_ms);

/* Takes in bytes of the recorder's progress: lines "progress 0.37", then "live". */
void supervisor_progress(struct supervisor *s, const char *bytes, size_t n);

#endif
