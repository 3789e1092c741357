/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* readlink of /proc/self/exe is Linux's */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "ui/console/console.h"
#include "ui/console/plain.h"

/* Commands that are other programs, as git runs its own: found beside this one (build tree, tarball) or in libexec. word: the second word
 * that makes it so, NULL = the command whatever follows. */
static const struct {
    const char *name, *word, *program, *arguments, *help;
} others[] = {
    {"demo", NULL, "gwtop-sim", "[--scenario NAMES] [--seed N] [--speed X] [--plain | --headless --for DURATION --store FILE]",
     "the console on a simulated gateway"},
    {"drill", NULL, "gwtop-sim", "[--scenario NAME | random] [--seed N] [--speed X] [--plain] [--json] [--store FILE] | --list [--json]",
     "an exercise: the simulated gateway with an incident soon, and a score at the end"},
    {"record", NULL, "gwtop-recorder", "[--foreground | --stop | --status [--json]]", "record what the configuration names"},
    {"probe", NULL, "gwtop-recorder", "URL | FILE | SOURCE [--json]", "what gwtop would understand of an endpoint"},
    {"canary", NULL, "gwtop-recorder", "run NAME [--dry-run] [--json]",
     "a canary's prompts to its endpoint, once, at the price that is said first; it costs money"},
    {"page", NULL, "gwtop-recorder", "--test [NAME]", "a test document to the commands and webhooks that are told of pages"},
    {"silence", NULL, "gwtop-recorder", "ALERT DURATION REASON [--source NAME] [--dry-run] [--json]",
     "make a silence in an Alertmanager, where its source has `silences: true`"},
    {"prices", "update", "gwtop-recorder", "update --from FILE|URL [--to FILE] [--date DAY] [--keep]",
     "a public price list as gwtop's own"},
};

static bool own_dir(char *out, size_t cap)
{
    ssize_t n = readlink("/proc/self/exe", out, cap - 1);
    if (n <= 0)
        return false;
    out[n] = '\0';
    char *slash = strrchr(out, '/');
    if (slash == NULL)
        return false;
    *slash = '\0';
    return true;
}

static bool find_program(const char *name, char *out, size_t cap)
{
    static const char *const places[] = {"", "/../libexec/gwtop", ("/../" GWTOP_LIBEXEC)};
    char dir[3072];
    if (!own_dir(dir, sizeof dir))
        return false;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (str_format(out, cap, "%s%s/%s", dir, places[i], name) && access(out, X_OK) == 0)
            return true;
    return false;
}

static int run_other(const char *program, char **argv)
{
    char path[4096], self[4096], dir[3072];
    if (!find_program(program, path, sizeof path)) {
        fprintf(stderr, "gwtop: the program %s is not beside gwtop nor in its libexec folder; install gwtop whole\n", program);
        return EXIT_FAILED;
    }
    if (own_dir(dir, sizeof dir) && str_format(self, sizeof self, "%s/gwtop", dir))
        setenv("GWTOP_BIN", self, 1);
    execv(path, argv);
    fprintf(stderr, "gwtop: cannot run %s: %s\n", path, strerror(errno));
    return EXIT_FAILED;
}

static void print_help(const struct cli_option *console_options)
{
    printf("gwtop: top for LLM gateways, with a flight recorder\n\n  gwtop [OPTIONS]\n      the console\n\n");
    cli_print_options(stdout, console_options);
    putchar('\n');
    for (const struct cli_command *c = cli_commands(); c->name != NULL; c++)
        printf("  gwtop %s%s%s\n      %s\n", c->name, c->arguments[0] != '\0' ? " " : "", c->arguments, c->help);
    printf("  gwtop open FILE [OPTIONS]\n      the console on a snapshot\n");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        printf("  gwtop %s %s\n      %s\n", others[i].name, others[i].arguments, others[i].help);
    printf("\nWhat reads a store takes --store FILE and --config FILE. `gwtop COMMAND --help` has the rest, gwtop(1) everything.\n");
}

/* What was printed may not have been written: a full disk, a closed descriptor. That who read it is gone is no failure. */
static int finish(int status, int failed)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    if (errno == EPIPE)
        return status;
    fprintf(stderr, "gwtop: cannot write what is to be printed%s%s\n", errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
    return failed;
}

static int run_console(struct console_options opt, bool plain)
{
    const struct cli_io io = {.out = stdout, .err = stderr};
    char recorder[4096] = "", farewell[CONSOLE_FAREWELL_MAX];
    struct errctx ctx = {.text = ""};
    if (!find_program("gwtop-recorder", recorder, sizeof recorder))
        opt.no_recorder = true;
    opt.recorder_program = recorder;
    enum err e = plain ? plain_run(&opt, farewell, &ctx) : console_run(&opt, farewell, &ctx);
    if (farewell[0] != '\0')
        puts(farewell);
    return e == ERR_OK ? EXIT_OK : cli_fail(&io, e, &ctx);
}

static int console(int argc, char **argv)
{
    struct console_options opt = {.pane = PANE_OVERVIEW, .filter = ""};
    const struct cli_io io = {.out = stdout, .err = stderr};
    const char *pane = NULL;
    bool plain = false, help = false, version = false;
    const struct cli_option options[] = {
        {"--store", CLI_TEXT, &opt.store_path},
        {"--config", CLI_TEXT, &opt.config_path},
        {"--at", CLI_TEXT, &opt.at},
        {"--window", CLI_TEXT, &opt.window},
        {"--pane", CLI_TEXT, &pane},
        {"--filter", CLI_TEXT_OR_EMPTY, &opt.filter},
        {"--theme", CLI_TEXT, &opt.theme},
        {"--glyphs", CLI_TEXT, &opt.glyphs},
        {"--no-color", CLI_FLAG, &opt.no_color},
        {"--no-recorder", CLI_FLAG, &opt.no_recorder},
        {"--plain", CLI_FLAG, &plain},
        {"--help", CLI_FLAG, &help},
        {"-h", CLI_FLAG, &help},
        {"--version", CLI_FLAG, &version},
        {NULL, CLI_FLAG, NULL},
    };

    int status = cli_options(NULL, argc, argv, options, NULL, &io);
    if (status != CLI_GO_ON)
        return status;
    if (help)
        print_help(options);
    else if (version)
        printf("gwtop %s\n", GWTOP_VERSION);
    if (help || version)
        return finish(EXIT_OK, EXIT_FAILED);
    if (pane != NULL && !pane_by_name(str_of(pane), &opt.pane)) {
        fprintf(stderr, "gwtop: there is no pane '%s'; there are overview, traffic, latency, cost, quality, incidents, events, sources\n",
                pane);
        return EXIT_USAGE;
    }
    opt.has_pane = pane != NULL;
    if (plain && (pane != NULL || opt.window != NULL)) {
        fprintf(stderr, "gwtop: --plain says the overview's figures of the last 5 minutes; it takes no %s\n",
                pane != NULL ? "--pane" : "--window");
        return EXIT_USAGE;
    }
    return run_console(opt, plain);
}

/* The score of a drill is read from its store, as all reports are; the drill itself is the simulator's. */
static bool is_score(int argc, char **argv)
{
    bool end = false;
    for (int i = 2; i < argc; i++)
        end = end || strcmp(argv[i], "--end") == 0;
    return end && strcmp(argv[1], "drill") == 0;
}

/* `gwtop open FILE ...` is `gwtop --no-recorder --store FILE ...`. */
static int open_snapshot(int argc, char **argv)
{
    enum { WORDS_MAX = 32 };
    static char no_recorder[] = "--no-recorder", store[] = "--store";
    char *words[WORDS_MAX + 1] = {argv[0], no_recorder, store};
    int n = 3;
    if (argc < 3 || argv[2][0] == '-' || argc > WORDS_MAX - 2) {
        fprintf(stderr, "gwtop open: expected a file, as `gwtop snapshot` writes it; what `gwtop --help` has of options goes behind it\n");
        return EXIT_USAGE;
    }
    for (int i = 2; i < argc; i++)
        words[n++] = argv[i];
    return console(n, words);
}

static int command(int argc, char **argv)
{
    const struct cli_io io = {.out = stdout, .err = stderr};
    const char *name = argv[1];
    if (strcmp(name, "open") == 0)
        return open_snapshot(argc, argv);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i].name, name) == 0 && !is_score(argc, argv) &&
            (others[i].word == NULL || (argc > 2 && strcmp(argv[2], others[i].word) == 0)))
            return run_other(others[i].program, argv);
    for (const struct cli_command *c = cli_commands(); c->name != NULL; c++)
        if (strcmp(c->name, name) == 0) {
            cli_heap_begin();
            return finish(c->run(argc - 1, argv + 1, &io), c->failed);
        }
    fprintf(stderr, "gwtop: there is no command '%s'; `gwtop --help` lists them\n", name);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    static char ask[] = "--help";
    if (argc > 1 && strcmp(argv[1], "help") == 0) {
        char *words[] = {argv[0], argc > 2 ? argv[2] : ask, ask, NULL};
        return argc > 2 ? command(3, words) : console(2, words);
    }
    if (argc < 2 || argv[1][0] == '-')
        return console(argc, argv);
    return command(argc, argv);
}
