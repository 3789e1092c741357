/* SPDX-License-Identifier: MIT */
#include "sim/options.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/str.h"
#include "base/timefmt.h"

enum value { VALUE_NONE, VALUE_TEXT, VALUE_SEED, VALUE_SPEED, VALUE_DURATION };
enum { BOTH = COMMAND_SERVE | COMMAND_DEMO, ALL = BOTH | COMMAND_DRILL, SCREEN = COMMAND_DEMO | COMMAND_DRILL };

static const struct option {
    const char *name, *argument;
    int commands;
    enum value value;
    size_t field;
    const char *help;
} table[] = {
#define FIELD(f) offsetof(struct sim_options, f)
    {"listen", "ADDRESS:PORT", ALL, VALUE_TEXT, FIELD(listen), "loopback address to serve on; port 0, the default, takes a free one"},
    {"seed", "N", ALL, VALUE_SEED, FIELD(seed), "seed of the traffic; equal seeds give equal pages (1; drill: another each time)"},
    {"scenario", "NAMES", ALL, VALUE_TEXT, FIELD(scenarios),
     "none, or scenarios joined by commas; `gwtop drill --list` has them (serve: none, demo: brownout, drill: random, which is one of "
     "those "
     "that show within minutes)"},
    {"onset", "TIME", BOTH, VALUE_TEXT, FIELD(onset),
     "when the scenario begins; demo: -7m or +5m from the end of the day's history; serve: an instant, or from its own clock's start"},
    {"speed", "X", ALL, VALUE_SPEED, FIELD(speed), "virtual seconds per second while live (1)"},
    {"for", "DURATION", BOTH, VALUE_DURATION, FIELD(for_ms), "simulated time to run live; demo: with --headless only"},
    {"start", "TIME", COMMAND_SERVE, VALUE_TEXT, FIELD(start),
     "first instant that can be asked for, and of the own clock (24h20m ago, the own clock then being the real one)"},
    {"port-file", "FILE", COMMAND_SERVE, VALUE_TEXT, FIELD(port_file), "write the port there once it is open"},
    {"truth", "FILE", COMMAND_SERVE, VALUE_TEXT, FIELD(truth), "write the scripted incidents there as JSON"},
    {"history", "DURATION", SCREEN, VALUE_DURATION, FIELD(history_ms), "how much is recorded before it goes live (24h20m)"},
    {"end", "TIME", COMMAND_DEMO, VALUE_TEXT, FIELD(end), "with --headless and without --speed: where its time ends, in place of now"},
    {"list", NULL, COMMAND_DRILL, VALUE_NONE, FIELD(list), "what scenarios there are, by name and kind"},
    {"json", NULL, COMMAND_DRILL, VALUE_NONE, FIELD(json), "the list, or the score at the end, as JSON"},
    {"headless", NULL, COMMAND_DEMO, VALUE_NONE, FIELD(headless), "no console: record, leave the store, and end"},
    {"plain", NULL, SCREEN, VALUE_NONE, FIELD(plain), "the console as lines of text, as gwtop --plain prints them"},
    {"store", "FILE", SCREEN, VALUE_TEXT, FIELD(store), "the store to record into, in place of the demo's own"},
#undef FIELD
};
enum { OPTION_COUNT = sizeof table / sizeof table[0] };

static enum err set_value(struct sim_options *o, const struct option *row, const char *text, struct errctx *ctx)
{
    char *field = (char *)o + row->field;
    int64_t i = 0;
    double d = 0;
    struct errctx why = {""};
    switch (row->value) {
    case VALUE_NONE: *(bool *)field = true; return ERR_OK;
    case VALUE_TEXT: memcpy(field, &text, sizeof text); return ERR_OK;
    case VALUE_SEED:
        if (!str_to_i64(str_of(text), &i) || i < 0)
            return errctx_set(ctx, ERR_USAGE, "--%s \"%s\" is not a whole number of 0 or more", row->name, text);
        o->seed = (uint64_t)i;
        o->seeded = true;
        return ERR_OK;
    case VALUE_SPEED:
        if (!str_to_f64(str_of(text), &d) || !(d > 0) || d > 100000)
            return errctx_set(ctx, ERR_USAGE, "--%s \"%s\" is not a factor above 0 and up to 100000", row->name, text);
        o->speed = d;
        return ERR_OK;
    case VALUE_DURATION:
        if (duration_parse(str_of(text), &i, &why) != ERR_OK)
            return errctx_set(ctx, ERR_USAGE, "--%s: %s", row->name, why.text);
        memcpy(field, &i, sizeof i);
        return ERR_OK;
    }
    return errctx_set(ctx, ERR_USAGE, "--%s cannot be used", row->name);
}

/* The row of "--name" or "--name=value"; *ret_value is the text after '=', or NULL. */
static const struct option *find(const char *word, enum sim_command command, const char **ret_value)
{
    size_t n = strcspn(word, "=");
    *ret_value = word[n] == '=' ? word + n + 1 : NULL;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if ((table[i].commands & (int)command) != 0 && str_eq_z((struct str){word, n}, table[i].name))
            return &table[i];
    }
    return NULL;
}

static enum err parse_command(const char *word, struct sim_options *o, struct errctx *ctx)
{
    static const struct {
        const char *word;
        enum sim_command command;
    } words[] = {{"serve", COMMAND_SERVE}, {"demo", COMMAND_DEMO}, {"drill", COMMAND_DRILL},      {"help", COMMAND_HELP},
                 {"--help", COMMAND_HELP}, {"-h", COMMAND_HELP},   {"--version", COMMAND_VERSION}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].word, word) == 0) {
            o->command = words[i].command;
            return ERR_OK;
        }
    }
    return errctx_set(ctx, ERR_USAGE, "there is no command \"%s\"; expected serve, demo or drill (gwtop-sim --help)", word);
}

static enum err check(const struct sim_options *o, struct errctx *ctx)
{
    if (o->command == COMMAND_DEMO && !o->headless && o->for_ms >= 0)
        return errctx_set(ctx, ERR_USAGE, "--for needs --headless: with a console the demo runs until you quit");
    if (o->end != NULL && (!o->headless || o->speed > 0))
        return errctx_set(ctx, ERR_USAGE, "--end needs --headless without --speed: what goes on live ends at the present");
    if (o->headless && o->plain)
        return errctx_set(ctx, ERR_USAGE, "--plain and --headless exclude each other: the latter has no console");
    return ERR_OK;
}

enum err options_parse(int argc, char *const *argv, struct sim_options *ret, struct errctx *ctx)
{
    struct sim_options o = {.seed = 1, .for_ms = -1};
    if (argc < 2)
        return errctx_set(ctx, ERR_USAGE, "a command is missing; expected serve, demo or drill (gwtop-sim --help)");
    enum err err = parse_command(argv[1], &o, ctx);
    for (int i = 2; err == ERR_OK && i < argc; i++) {
        const char *value = NULL, *word = argv[i];
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            o.command = COMMAND_HELP;
            break;
        }
        const struct option *row = strncmp(word, "--", 2) == 0 ? find(word + 2, o.command, &value) : NULL;
        if (row == NULL)
            return errctx_set(ctx, ERR_USAGE, "\"%s\" is not an option of %s; `gwtop %s --help` shows what it takes", word, argv[1],
                              argv[1]);
        if (row->value == VALUE_NONE && value != NULL)
            return errctx_set(ctx, ERR_USAGE, "--%s takes no value", row->name);
        if (row->value != VALUE_NONE && value == NULL && i + 1 == argc)
            return errctx_set(ctx, ERR_USAGE, "--%s needs a value (%s)", row->name, row->argument);
        if (row->value != VALUE_NONE && value == NULL)
            value = argv[++i];
        err = set_value(&o, row, value, ctx);
    }
    err = err == ERR_OK ? check(&o, ctx) : err;
    if (err == ERR_OK)
        *ret = o;
    return err;
}

enum err options_help(struct buf *out)
{
    static const struct {
        enum sim_command command;
        const char *usage;
    } sections[] = {
        {COMMAND_SERVE, "gwtop-sim serve [options]    serve the simulated gateway until SIGTERM or SIGINT"},
        {COMMAND_DEMO, "gwtop-sim demo [options]     record a day of it, then open the console on it"},
        {COMMAND_DRILL, "gwtop-sim drill [options]    the same as an exercise: something breaks soon, and at the end there is a score"}};
    enum err err = buf_append_z(out, "The simulated LLM gateway of gwtop.\n");
    for (size_t s = 0; s < sizeof sections / sizeof sections[0] && err == ERR_OK; s++) {
        err = buf_printf(out, "\n%s\n", sections[s].usage);
        for (size_t i = 0; i < OPTION_COUNT && err == ERR_OK; i++) {
            char name[48];
            const char *argument = table[i].argument != NULL ? table[i].argument : "";
            str_format(name, sizeof name, "--%s %s", table[i].name, argument);
            if ((table[i].commands & (int)sections[s].command) != 0)
                err = buf_printf(out, "  %-24s %s\n", name, table[i].help);
        }
    }
    return err;
}

enum err options_onset(const char *text, int64_t base_ms, bool may_be_absolute, int64_t *ret_ms, struct errctx *ctx)
{
    int64_t ms;
    bool negative = text[0] == '-';
    const char *duration = text[0] == '-' || text[0] == '+' ? text + 1 : text;
    struct errctx why = {""};
    if (duration_parse(str_of(duration), &ms, &why) == ERR_OK) {
        *ret_ms = base_ms + (negative ? -ms : ms);
        return ERR_OK;
    }
    if (may_be_absolute && instant_parse(str_of(text), base_ms, &ms, &why) == ERR_OK) {
        *ret_ms = ms;
        return ERR_OK;
    }
    return errctx_set(ctx, ERR_USAGE, "--onset: %s", why.text);
}
