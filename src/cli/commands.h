/* SPDX-License-Identifier: MIT */
/* Internal to cli/: the entry of each command, one file each. Contract: struct cli_command. */
#ifndef GWTOP_CLI_COMMANDS_H
#define GWTOP_CLI_COMMANDS_H

#include "cli/cli.h"

int cmd_status(int argc, char **argv, const struct cli_io *io);
int cmd_cost(int argc, char **argv, const struct cli_io *io);
int cmd_differs(int argc, char **argv, const struct cli_io *io);
int cmd_latency(int argc, char **argv, const struct cli_io *io);
int cmd_slo(int argc, char **argv, const struct cli_io *io);
int cmd_quality(int argc, char **argv, const struct cli_io *io);
int cmd_alerts(int argc, char **argv, const struct cli_io *io);
int cmd_incidents(int argc, char **argv, const struct cli_io *io);
int cmd_report(int argc, char **argv, const struct cli_io *io);
int cmd_snapshot(int argc, char **argv, const struct cli_io *io);
int cmd_handoff(int argc, char **argv, const struct cli_io *io);
int cmd_say(int argc, char **argv, const struct cli_io *io);
int cmd_events(int argc, char **argv, const struct cli_io *io);
int cmd_mark(int argc, char **argv, const struct cli_io *io);
int cmd_act(int argc, char **argv, const struct cli_io *io);
int cmd_audit(int argc, char **argv, const struct cli_io *io);
int cmd_rules(int argc, char **argv, const struct cli_io *io);
int cmd_sources(int argc, char **argv, const struct cli_io *io);
int cmd_whatif(int argc, char **argv, const struct cli_io *io);
int cmd_hosting(int argc, char **argv, const struct cli_io *io);
int cmd_prices(int argc, char **argv, const struct cli_io *io);
int cmd_detect(int argc, char **argv, const struct cli_io *io);
int cmd_score(int argc, char **argv, const struct cli_io *io);
int cmd_check(int argc, char **argv, const struct cli_io *io);
int cmd_config(int argc, char **argv, const struct cli_io *io);
int cmd_drill(int argc, char **argv, const struct cli_io *io);
int cmd_init(int argc, char **argv, const struct cli_io *io);

#endif
