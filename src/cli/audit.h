/* SPDX-License-Identifier: MIT */
/* Internal to cli/: gwtop audit list. Returns the exit status. */
#ifndef GWTOP_CLI_AUDIT_H
#define GWTOP_CLI_AUDIT_H

#include "cli/cli.h"

int cli_audit_list(const struct cli_where *w, const struct cli_io *io);

#endif
