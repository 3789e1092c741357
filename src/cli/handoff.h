/* SPDX-License-Identifier: MIT */
/* Internal to cli/: the handover as JSON, with the numbers that its text has. Returns the exit status. */
#ifndef GWTOP_CLI_HANDOFF_H
#define GWTOP_CLI_HANDOFF_H

#include "cli/cli.h"
#include "view/view_handoff.h"

int cli_handoff_json(const struct view_handoff *v, const struct cli_store *s);

#endif
