/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <string.h>

/* Every option of gwtop, whichever command takes it: one name means one thing. gwtop(1) and the completion have the same names
 * (tests/checks/tables.py). */
static const struct {
    const char *name, *argument, *help;
} words[] = {
    {"--store", "FILE", "the store to read; the configuration's otherwise"},
    {"--config", "FILE", "the configuration; else $GWTOP_CONFIG, ~/.config/gwtop/gwtop.yaml, /etc/gwtop/gwtop.yaml"},
    {"--at", "TIME",
     "as known at a past moment: 3h ago, 2 days ago, 02:58, yesterday 14:00, 2026-11-24T02:58:10Z; score: when it was given; mark: when it "
     "was so"},
    {"--filter", "FILTER", "only what has these dimensions: team=search model=gpt-x,c-l"},
    {"--window", "DURATION", "length of the time axis (1h)"},
    {"--pane", "NAME", "overview, traffic, latency, cost, quality, incidents, events or sources"},
    {"--theme", "NAME", "default, light, dark, high-contrast, mono, blue-orange, or a file"},
    {"--glyphs", "RUNG", "ascii, box, block, braille or auto"},
    {"--no-color", NULL, "no hue, as with NO_COLOR"},
    {"--no-recorder", NULL, "do not start a recorder"},
    {"--plain", NULL, "lines of text instead of a screen: the moment, then a line per change; with --at that moment alone"},
    {"--since", "TIME", "what the table covers: a duration like 3h, or a time to begin at (1h; differs: the trouble)"},
    {"--shift", "DURATION", "how long the shift was that ends now, or at --at (12h)"},
    {"--baking", "DURATION", "how young a change must be to be told (24h)"},
    {"--all", NULL, "every incident that is open"},
    {"--by", "DIMENSION",
     "what the table is grouped by: team, model, provider, deployment, region, key, route (team); cost: several, by commas"},
    {"--max", "RATE", "exit 2 when more than that is spent now, 3 when that is not known: 500/h"},
    {"--base", "BASE", "what it is compared with: before, yesterday, last-week, incident or a time (as the moment suggests)"},
    {"--q", "PERCENTS", "which quantiles: 50,95,99.9 (50,95,99)"},
    {"--signal", "SIGNAL",
     "which latency: ttft, tpot, itl, e2e, provider_latency, queue_time, engine_queue, overhead, stage_latency, upstream_connect (ttft)"},
    {"--from", "MODEL | TIME", "whatif: the model whose requests move; snapshot: a time to begin at"},
    {"--to", "MODEL | TIME", "whatif: the model that they move to; snapshot: a time to end at (now)"},
    {"--incident", "ID", "the incident whose time it is"},
    {"-o", "FILE", "the file that is written; there must be none of that name"},
    {"--mask", NULL, "names of teams, keys and users by pseudonyms that are this file's alone"},
    {"--share", "PERCENT", "how many of them: 30%"},
    {"--model", "MODEL", "whatif: the model whose prompts are cached; score: the model that was scored"},
    {"--judge", "JUDGE", "version of the judge that gave the score; another one is an event"},
    {"--id", "ID", "of the score: handed in again, it counts once, and its last value holds"},
    {"--cache-share", "PERCENT", "how much of its input is read from the provider's cache then: 50%"},
    {"--input", "N | FILE",
     "prices: input tokens, those cached or written to the cache among them; detect: the series as CSV, - for standard input"},
    {"--kind", "KIND",
     "detect: what its values are, binary (1 = bad), score (0 to 1) or metric (binary when all are 0 or 1, else metric); mark: deploy, "
     "config, "
     "model, price, silence or note (note)"},
    {"--scope", "SCOPE", "what the change is of: model=gpt-x team=search (everything)"},
    {"--head", "ID:HASH", "what gwtop audit head printed earlier: that end must still be there, unchanged"},
    {"--arl", "SAMPLES", "at most one false alarm in so many on average (10000); not of metrics"},
    {"--onsets", NULL, "its change points instead: offline, with what came after"},
    {"--scores", NULL, "a score per row instead: 1 and more is an alarm"},
    {"--cached", "N", "input tokens that were read from the provider's cache"},
    {"--cache-write", "N", "input tokens that were written to it"},
    {"--cache-write-1h", "N", "input tokens that were written to it for an hour"},
    {"--audio-input", "N", "input tokens of audio"},
    {"--output", "N", "output tokens, reasoning among them"},
    {"--reasoning", "N", "output tokens of reasoning"},
    {"--audio-output", "N", "output tokens of audio"},
    {"--requests", "N", "requests, where each has a price (1)"},
    {"--queries", "N", "search units of a reranker (1)"},
    {"--service", "NAME", "standard, batch, flex or priority (standard)"},
    {"--region", "NAME", "processed in a region with an uplift: eu, us"},
    {"--provider", "NAME", "who serves the model, where its name does not tell"},
    {"--prices", "FILE", "a price list instead of the configured one: gwtop's, LiteLLM's, models.dev's, Portkey's"},
    {"--slo", NULL, "propose objectives"},
    {"--end", NULL, "the score of a drill, as of now; whoever quits its console sees it, too"},
    {"--line", NULL, "one line, for a status bar"},
    {"--json", NULL, "as JSON"},
    {"--csv", NULL, "the table as CSV"},
    {"--markdown", NULL, "as Markdown"},
    {"--focus", NULL, "charges by day in the columns of the FinOps specification FOCUS, as CSV"},
    {"--version", NULL, "the version"},
    {"--help", NULL, "this text"},
};

void cli_print_options(FILE *out, const struct cli_option *options)
{
    char text[64];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        bool taken = strcmp(words[i].name, "--help") == 0;
        for (const struct cli_option *o = options; o->name != NULL; o++)
            taken = taken || strcmp(o->name, words[i].name) == 0;
        if (!taken)
            continue;
        (void)str_format(text, sizeof text, "%s%s%s", words[i].name, words[i].argument != NULL ? " " : "",
                         words[i].argument != NULL ? words[i].argument : "");
        fprintf(out, "  %-20s  %s\n", text, words[i].help);
    }
}

static int print_help(const char *command, const struct cli_option *options, FILE *out)
{
    for (const struct cli_command *c = cli_commands(); c->name != NULL; c++)
        if (strcmp(c->name, command) == 0)
            fprintf(out, "usage: gwtop %s%s%s\n%s\n\n", c->name, c->arguments[0] != '\0' ? " " : "", c->arguments, c->help);
    cli_print_options(out, options);
    return EXIT_OK;
}

/* "--since=1h" and "--since 1h" are the same. */
static const struct cli_option *find(const struct cli_option *options, const char *word, const char **ret_inline)
{
    size_t n = strcspn(word, "=");
    for (; options->name != NULL; options++) {
        if (strlen(options->name) == n && memcmp(options->name, word, n) == 0) {
            *ret_inline = word[n] == '=' ? word + n + 1 : NULL;
            return options;
        }
    }
    return NULL;
}

struct reading {
    const char *command;
    int argc;
    char **argv;
    const struct cli_option *options;
    const struct cli_io *io;
};

/* "gwtop cost: --since needs a value; `gwtop cost --help` shows what it takes" */
static bool refuse(const struct reading *r, const char *what, const char *why)
{
    const char *blank = r->command != NULL ? " " : "", *command = r->command != NULL ? r->command : "";
    fprintf(r->io->err, "gwtop%s%s: %s%s; `gwtop%s%s --help` shows what it takes\n", blank, command, what, why, blank, command);
    return false;
}

/* Takes argv[*i], and its value where that is the next word. */
static bool take_option(const struct reading *r, int *i)
{
    char what[256];
    const char *value = NULL;
    const struct cli_option *o = find(r->options, r->argv[*i], &value);

    (void)str_format(what, sizeof what, "%s", o != NULL ? o->name : r->argv[*i]);
    if (o == NULL)
        return refuse(r, "there is no option ", what);
    if (o->kind == CLI_FLAG) {
        *(bool *)o->value = true;
        return value == NULL || refuse(r, what, " takes no value");
    }
    if (value == NULL && *i + 1 < r->argc)
        value = r->argv[++*i];
    if (value == NULL || (value[0] == '\0' && o->kind != CLI_TEXT_OR_EMPTY))
        return refuse(r, what, " needs a value");
    *(const char **)o->value = value;
    return true;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int cli_options(const char *command, int argc, char **argv, const struct cli_option *options, struct cli_words *ret_words,
                const struct cli_io *io)
{
    const struct reading r = {command, argc, argv, options, io};
    char what[256];

    for (int i = 1; i < argc; i++) {
        if (command != NULL && asks_for_help(argv[i]))
            return print_help(command, options, io->out);
        if (argv[i][0] == '-' && argv[i][1] != '\0') {
            if (!take_option(&r, &i))
                return EXIT_USAGE;
            continue;
        }
        (void)str_format(what, sizeof what, "unexpected argument '%s'", argv[i]);
        if (ret_words == NULL || ret_words->count == ret_words->max) {
            (void)refuse(&r, what, "");
            return EXIT_USAGE;
        }
        ret_words->at[ret_words->count++] = argv[i];
    }
    return CLI_GO_ON;
}

int cli_options_exclude(const char *command, const char *a, bool has_a, const char *b, bool has_b, const struct cli_io *io)
{
    if (!has_a || !has_b)
        return CLI_GO_ON;
    fprintf(io->err, "gwtop %s: %s and %s exclude each other\n", command, a, b);
    return EXIT_USAGE;
}
