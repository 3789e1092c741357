/* SPDX-License-Identifier: MIT */
/* What the system tells the program while it runs, as flags that the loop takes when it is ready.
 *
 * Invariant: a handler only sets a flag and wakes the loop, except for a crash, which gives the terminal back by one write(2) and one
 * tcsetattr, and then lets the signal end the program. A second request to end does the same, for a loop that hangs.
 * There is one per process, as there is one terminal and one set of handlers. */
#ifndef GWTOP_UI_CONSOLE_SIGNALS_H
#define GWTOP_UI_CONSOLE_SIGNALS_H

#include <termios.h>

#include "base/err.h"

enum signals_flag {
    SIGNALS_END = 1,       /* INT, TERM or HUP: leave */
    SIGNALS_STOP = 2,      /* TSTP: give the terminal back, then signals_stop */
    SIGNALS_CONTINUED = 4, /* CONT: the screen may hold anything */
    SIGNALS_RESIZED = 8,   /* WINCH */
};

/* Installs the handlers. before: the modes a crash restores; NULL: no terminal is held, so a crash has nothing to give back, and only the
 * requests to end are told. A signal that was ignored when the program began stays so (nohup). SIGPIPE is ignored from then on.
 * Errors: ERR_IO when no pipe can be had. */
enum err signals_open(const struct termios *before, struct errctx *ctx) GW_MUST_USE;
void signals_close(void); /* puts the handlers back; fine when signals_open failed or never ran */

int signals_fd(void);        /* readable while flags wait */
unsigned signals_take(void); /* the flags since the last call; SIGNALS_END stays set */
void signals_stop(void);     /* stops the program, as Ctrl-Z does where nobody catches it; returns when it is continued */

#endif
