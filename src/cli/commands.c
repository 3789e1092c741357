/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"

#include <stddef.h>

const struct cli_command *cli_commands(void)
{
    static const struct cli_command table[] = {
        {"status", "[--line | --json] [--at TIME] [--filter FILTER]", "the verdict; exit 0 ok, 1 ticket, 2 page, 3 unknown or no rules",
         cmd_status, EXIT_UNKNOWN},
        {"cost", "[--since TIME] [--by DIMENSION[,...]] [--max RATE] [--json | --csv | --focus] [--at TIME] [--filter FILTER]",
         "how much, why, until when; with --max exit 2 above that rate, 3 unknown", cmd_cost, EXIT_FAILED},
        {"latency", "[--since TIME] [--by DIMENSION] [--q PERCENTS] [--signal SIGNAL] [--json | --csv] [--at TIME] [--filter FILTER]",
         "quantiles of a latency with their intervals and n", cmd_latency, EXIT_FAILED},
        {"slo", "[--json | --csv] [--at TIME] [--filter FILTER]", "the objectives: how fast their budgets burn, what is left, until when",
         cmd_slo, EXIT_FAILED},
        {"quality", "[--json | --csv] [--at TIME] [--filter FILTER]",
         "scores, shares of answers and canaries: what drifts since when, against what, and how often that may be wrong", cmd_quality,
         EXIT_FAILED},
        {"differs", "[--since TIME] [--base BASE] [--json | --csv] [--at TIME] [--filter FILTER]",
         "which provider, deployment, team or key explains a change", cmd_differs, EXIT_FAILED},
        {"alerts", "[--json] [--at TIME] [--filter FILTER]",
         "gwtop's own rules and what outside systems tell: what fires, is silenced, flaps", cmd_alerts, EXIT_FAILED},
        {"incidents", "[show ID | --since TIME] [--json] [--at TIME] [--filter FILTER]",
         "open and past incidents, or one with its timeline", cmd_incidents, EXIT_FAILED},
        {"report", "ID [--markdown | --json] [--at TIME] [--filter FILTER]",
         "the post-mortem of an incident as far as it was recorded, and what a person must add", cmd_report, EXIT_FAILED},
        {"handoff",
         "[--shift DURATION] [--baking DURATION] [--markdown | --json] [--at TIME] [--filter FILTER] | accept ID... | accept --all "
         "[--json]",
         "what who comes must know of a shift; accept: takes incidents over", cmd_handoff, EXIT_FAILED},
        {"snapshot", "--incident ID | --from TIME [--to TIME] -o FILE [--mask] [--json]",
         "that time as a file that opens elsewhere: gwtop open FILE", cmd_snapshot, EXIT_FAILED},
        {"say", "ID [--json] [--at TIME]", "a status update on an incident, to be pasted", cmd_say, EXIT_FAILED},
        {"events", "[--since TIME] [--json] [--at TIME] [--filter FILTER]", "what changed: deploys, restarts, prices, marks of operators",
         cmd_events, EXIT_FAILED},
        {"mark", "TEXT [--kind KIND] [--scope SCOPE] [--at TIME] [--json]",
         "tell of a change, as a deploy does: suspects and onsets see it", cmd_mark, EXIT_FAILED},
        {"ack", "ID [--json]", "take an incident: who does so first owns it", cmd_act, EXIT_FAILED},
        {"note", "ID TEXT [--json]", "write a note on an incident", cmd_act, EXIT_FAILED},
        {"assign", "ID NAME [--json]", "give an incident to somebody", cmd_act, EXIT_FAILED},
        {"next", "ID TEXT [--json]", "say an incident's next step", cmd_act, EXIT_FAILED},
        {"mitigate", "ID [TEXT] [--json]", "an incident does no more harm, and is not over", cmd_act, EXIT_FAILED},
        {"resolve", "ID [TEXT] [--json]", "an incident is over, until one of its rules fires anew", cmd_act, EXIT_FAILED},
        {"snooze", "ID DURATION REASON [--json]", "put an incident off, at most 30 days; 0s ends that", cmd_act, EXIT_FAILED},
        {"correct", "ID ENTRY TEXT [--json]", "say what an entry of an incident's timeline should read; it stays", cmd_act, EXIT_FAILED},
        {"pin", "ID ENTRY [off] [--json]", "keep an entry of an incident's timeline in view", cmd_act, EXIT_FAILED},
        {"audit", "list [--since TIME] [--at TIME] [--json] | verify [--head ID:HASH] [--json] | head [--json]",
         "what operators said and what it changed; verify: whether it is what was taken in, exit 2 when not, 3 when its end cannot be "
         "told; head: what to "
         "keep elsewhere",
         cmd_audit, EXIT_FAILED},
        {"rules", "[--json] [--at TIME]",
         "every rule, how it stands, and its record: how often it fired, was acted on and flapped, and its noise", cmd_rules, EXIT_FAILED},
        {"sources", "[--json] [--at TIME]", "what is watched, and how fresh it is", cmd_sources, EXIT_FAILED},
        {"whatif",
         "--from MODEL --to MODEL --share PERCENT | --model MODEL --cache-share PERCENT [--since TIME] [--json] [--at TIME] "
         "[--filter FILTER]",
         "$/h and latency, were a share of a model's requests another's, or more of its prompts cached", cmd_whatif, EXIT_FAILED},
        {"hosting", "[--since TIME] [--json | --csv] [--at TIME]",
         "GPUs of your own: what a million tokens costs there, in dollars, energy and CO2", cmd_hosting, EXIT_FAILED},
        {"prices",
         "show MODEL | cost MODEL [--input N] [--cached N] [--cache-write N] [--cache-write-1h N] [--audio-input N] [--output N] "
         "[--reasoning N] [--audio-output N] [--requests N] [--queries N] [--service NAME] [--region NAME] [--provider NAME] "
         "[--prices FILE] [--at TIME] [--json]",
         "what a model costs, and what counted tokens cost, exactly; `gwtop prices update --help`: taking a public list", cmd_prices,
         EXIT_FAILED},
        {"detect", "--input FILE [--kind KIND] [--arl SAMPLES] [--onsets | --scores] [--json]",
         "alarms with their onset, change points, or a score per row, of a series of your own", cmd_detect, EXIT_FAILED},
        {"score", "NAME VALUE | - [--model MODEL] [--judge JUDGE] [--at TIME] [--id ID]",
         "hand in evaluation scores: one, or with - JSON lines from standard input", cmd_score, EXIT_FAILED},
        {"check", "[FILE] [--json]", "the configuration, with line and column of what is wrong", cmd_check, EXIT_FAILED},
        {"config", "", "every option of gwtop.yaml with its type, range and default", cmd_config, EXIT_FAILED},
        {"init", "--slo [--json] [--at TIME]", "objectives proposed from what was recorded, and how often each would have paged", cmd_init,
         EXIT_FAILED},
        {"drill", "--end [--json] [--at TIME]", "what a drill came to: what was seen, said and done, when, against what was broken",
         cmd_drill, EXIT_FAILED},
        {NULL, NULL, NULL, NULL, 0},
    };
    return table;
}
