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

/* Commands that are other programs, as git runs its own: found beside this one (build tree, tarball) or in libexec. */
static const struct { const char *name, *program, *arguments, *help; } others[] = {
    {"demo", "gwtop-sim", "[--scenario S] [--seed N] [--speed X] [--headless --for D --store FILE]", "the console on a simulated gateway"},
    {"record", "gwtop-recorder", "[--foreground] [--stop] [--status]", "record what the configuration names"},
    {"probe", "gwtop-recorder", "URL|FILE [--json]", "what gwtop would understand of an endpoint"},
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
    static const char *const places[] = {"", "/../libexec/gwtop", "/../" GWTOP_LIBEXEC};
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

static int help(FILE *out)
{
    fprintf(out, "gwtop: top for LLM gateways, with a flight recorder\n\n"
                 "  gwtop [--store FILE] [--config FILE] [--at TIME] [--window DURATION] [--pane NAME]\n"
                 "        [--filter F] [--theme NAME] [--glyphs RUNG] [--no-color] [--no-recorder]   the console\n");
    for (const struct cli_command *c = cli_commands(); c->name != NULL; c++)
        fprintf(out, "  gwtop %-10s %s\n                   %s\n", c->name, c->arguments, c->help);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        fprintf(out, "  gwtop %-10s %s\n                   %s\n", others[i].name, others[i].arguments, others[i].help);
    fprintf(out, "\nEvery reading command takes --store FILE and --config FILE. See gwtop(1).\n");
    return EXIT_OK;
}

static int console(int argc, char **argv)
{
    struct console_options opt = {.pane = PANE_OVERVIEW, .filter = ""};
    const struct cli_io io = {stdout, stderr};
    const char *pane = NULL;
    bool plain = false, want_help = false, version = false;
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &opt.config_path},
        {"--store", CLI_TEXT, &opt.store_path},
        {"--at", CLI_TEXT, &opt.at},
        {"--window", CLI_TEXT, &opt.window},
        {"--pane", CLI_TEXT, &pane},
        {"--filter", CLI_TEXT, &opt.filter},
        {"--theme", CLI_TEXT, &opt.theme},
        {"--glyphs", CLI_TEXT, &opt.glyphs},
        {"--no-color", CLI_FLAG, &opt.no_color},
        {"--no-recorder", CLI_FLAG, &opt.no_recorder},
        {"--plain", CLI_FLAG, &plain},
        {"--help", CLI_FLAG, &want_help},
        {"-h", CLI_FLAG, &want_help},
        {"--version", CLI_FLAG, &version},
        {NULL, CLI_FLAG, NULL},
    };
    char recorder[4096] = "", farewell[CONSOLE_FAREWELL_MAX];
    struct errctx ctx = {.text = ""};

    if (!cli_options(argc, argv, options, NULL, &io))
        return EXIT_USAGE;
    if (want_help)
        return help(stdout);
    if (version) {
        printf("gwtop %s\n", GWTOP_VERSION);
        return EXIT_OK;
    }
    if (pane != NULL && !pane_by_name(str_of(pane), &opt.pane)) {
        fprintf(stderr, "gwtop: there is no pane '%s'; there are overview, traffic, latency, cost, quality, incidents, events, sources\n", pane);
        return EXIT_USAGE;
    }
    if (plain && (pane != NULL || opt.window != NULL)) {
        fprintf(stderr, "gwtop: --plain says the overview's figures of the last 5 minutes; it takes no %s\n",
                pane != NULL ? "--pane" : "--window");
        return EXIT_USAGE;
    }
    if (!find_program("gwtop-recorder", recorder, sizeof recorder))
        opt.no_recorder = true;
    opt.recorder_program = recorder;
    enum err e = plain ? plain_run(&opt, farewell, &ctx) : console_run(&opt, farewell, &ctx);
    if (farewell[0] != '\0')
        puts(farewell);
    return e == ERR_OK ? EXIT_OK : cli_fail(&io, e, &ctx);
}

int main(int argc, char **argv)
{
    const struct cli_io io = {stdout, stderr};
    if (argc < 2 || argv[1][0] == '-')
        return console(argc, argv);
    if (strcmp(argv[1], "help") == 0)
        return help(stdout);
    for (const struct cli_command *c = cli_commands(); c->name != NULL; c++)
        if (strcmp(c->name, argv[1]) == 0)
            return c->run(argc - 1, argv + 1, &io);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i].name, argv[1]) == 0)
            return run_other(others[i].program, argv);
    fprintf(stderr, "gwtop: there is no command '%s'; `gwtop --help` lists them\n", argv[1]);
    return EXIT_USAGE;
}
