/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"

#include <stddef.h>

const struct cli_command *cli_commands(void)
{
    static const struct cli_command table[] = {
        {"status", "[--line|--json] [--at TIME] [--filter F]", "the verdict; exit 0 ok, 1 ticket, 2 page, 3 unknown or no rules", cmd_status},
        {"cost", "[--since 1h] [--by team] [--json|--csv] [--at TIME]", "how much, why, until when", cmd_cost},
        {"incidents", "[show ID] [--json] [--at TIME]", "open and past incidents", cmd_incidents},
        {"sources", "[--json] [--at TIME]", "what is watched, and how fresh it is", cmd_sources},
        {"check", "[FILE] [--json]", "the configuration, with line and column of what is wrong", cmd_check},
        {"config", "", "every option of gwtop.yaml with its type, range and default", cmd_config},
        {"init", "--slo [--json]", "objectives proposed from what was recorded, and how often each would have paged", cmd_init},
        {NULL, NULL, NULL, NULL},
    };
    return table;
}
