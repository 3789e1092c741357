/* SPDX-License-Identifier: MIT */
/* Internal to cli/: the report on an incident as JSON, with the numbers that its text has. Returns the exit status. */
#ifndef GWTOP_CLI_REPORT_H
#define GWTOP_CLI_REPORT_H

#include "cli/cli.h"
#include "view/view_report.h"

int cli_report_json(const struct view_report *v, const struct cli_store *s);

#endif
