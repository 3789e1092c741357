/* SPDX-License-Identifier: MIT */
/* Leaving the terminal: a recorder must outlive the SSH session that started it.
 *
 * The caller's process waits until the detached one says that it records, or why it does not, so that `gwtop record` fails visibly. */
#ifndef GWTOP_NETCLI_DAEMON_H
#define GWTOP_NETCLI_DAEMON_H

#include <stdbool.h>

#include "base/err.h"

struct daemon {
    bool is_parent; /* this is still the caller's process: exit with `status` */
    int status;
    int ready_fd; /* the detached process: where it reports, -1 after that */
};

/* Forks twice, in a session of its own, standard input closed, output into log_path (created 0600 and its folders 0700, appended; one
 * past 8 MB is first moved to log_path.1). In the parent it returns when the child has reported or died; a message goes to standard error.
 * Errors: ERR_IO. */
enum err daemon_detach(const char *log_path, struct daemon *ret, struct errctx *ctx) GW_MUST_USE;
/* Tells the parent: status 0 = records; otherwise the exit status and a sentence. */
void daemon_report(struct daemon *d, int status, const char *text);

/* Makes the folders above path, 0700. What cannot be made shows when the file is opened. */
void daemon_make_folders(const char *path);

#endif
