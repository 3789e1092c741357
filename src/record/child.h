/* SPDX-License-Identifier: MIT */
/* A program that the configuration names, run beside the recorder: with a session's signals, which the recorder blocks or ignores for
 * itself, and in a process group of its own, so that what it starts in turn ends with it. Nobody waits for it here. */
#ifndef GWTOP_RECORD_CHILD_H
#define GWTOP_RECORD_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/* Its standard input, output and error; -1 = /dev/null. */
enum { CHILD_SHARED = -2 /* err: the recorder's own */ };
struct child_io {
    int in, out, err;
    const char *const *env; /* "NAME=value", ended by NULL; NULL = the recorder's environment */
};
/* argv[0] is looked up in PATH (the recorder's) when it holds no slash; there is no shell. Returns 0 or an errno. */
int child_start(const char *const *argv, const struct child_io *io, pid_t *ret);
/* Ends it, unless it has ended, with everything it started; its wait status. */
int child_end(pid_t pid, bool kill_it);
/* Whether it has ended; it is then no more, nor is what it left running. */
bool child_has_ended(pid_t pid, int *ret_status);

#endif
