/* SPDX-License-Identifier: MIT */
/* Starting the demo's other programs and waiting for them. */
#ifndef GWTOP_SIM_PROCESS_H
#define GWTOP_SIM_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

enum { PROCESS_PATH_MAX = 4096 };

struct process_spec {
    char *const *argv; /* argv[0] is the path */
    bool background;   /* own process group: the terminal's Ctrl-C and Ctrl-Z are not for it */
    int keep_fd;       /* a descriptor that stays open in it under its number, -1 = none */
    int stderr_fd;     /* becomes its standard error, -1 = ours */
    bool quiet;        /* what it prints goes nowhere */
};

/* Starts a program that ends when the calling thread's process does, with default signals. Safe beside other threads.
 * Errors: ERR_NOTFOUND (no such program), ERR_IO (it cannot be run). */
enum err process_start(const struct process_spec *s, pid_t *ret, struct errctx *ctx) GW_MUST_USE;

/* Whether path is a file that may be executed. */
bool process_is_program(const char *path);
/* The folder of the running program, without a slash at its end. Errors: ERR_IO. */
enum err process_own_folder(char ret[PROCESS_PATH_MAX], struct errctx *ctx) GW_MUST_USE;

#endif
