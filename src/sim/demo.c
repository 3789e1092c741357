/* SPDX-License-Identifier: MIT */
/* How this works: the server thread answers whoever asks; the main thread starts the recorder, shows its progress until it is live,
 * starts the console in the foreground, and waits for whichever ends first. */
#include "sim/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/rng.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "sim/demo_files.h"
#include "sim/process.h"
#include "sim/progress.h"
#include "sim/scenario.h"
#include "sim/serve.h"
#include "sim/server.h"
#include "sim/sim.h"
#include "sim/supervisor.h"

enum {
    ONSET_MS = 7 * 60 * 1000, /* before the first screen, or the last instant */
    STOP_PATIENCE_MS = 10000, /* a recorder closes its store within */
    REST_MS = 1000,           /* before a recorder that died is started again, doubling */
    REST_MAX_MS = 60 * 1000,
    ARGUMENTS_MAX = 24,
    SOON_MS = 60 * 1000,
    SOON_MAX_MS = 6 * 60 * 1000, /* after a drill begins its incident does, in simulated time */
    TRUTH_MAX = 1 << 20
};

enum { RECORDER, CONSOLE, TELLER }; /* the last: a command that says something, or the score of a drill */

struct demo {
    const struct sim_options *o;
    struct demo_files files;
    struct supervisor sup;
    struct sim_config config;
    struct clock_scaled scaled;
    struct clock clock;
    struct sim *sim;
    struct server *server;
    int64_t until_ms; /* headless and unpaced: the last instant; else 0 */
    int64_t again_ms; /* when the recorder that died is started again, 0 = none did */
    int64_t rest_ms;  /* how long that will be */
    bool on_screen;   /* somebody watches: the recorder's messages go to a file, not between the lines of the screen */
    bool told;        /* the deploy pipeline has spoken */
    uint64_t seed;
    char folder[PROCESS_PATH_MAX], console[PROCESS_PATH_MAX];
};

static bool paced(const struct sim_options *o)
{
    return !o->headless || o->speed > 0;
}

static bool is_drill(const struct sim_options *o)
{
    return o->command == COMMAND_DRILL;
}

/* What breaks, unless that is said, and when: soon, and nobody knows. */
static void plan_drill(struct demo *d)
{
    struct rng dice;
    rng_seed(&dice, d->seed ^ UINT64_C(0x6472696c6c));
    if (d->o->scenarios == NULL || strcmp(d->o->scenarios, "random") == 0)
        d->config.scenarios = scenario_random(&dice)->name;
    d->config.onset_ms = d->config.live_ms + SOON_MS + (int64_t)rng_below(&dice, SOON_MAX_MS - SOON_MS);
    d->config.onset_ms = instant_floor(d->config.onset_ms, 1000);
}

/* Where the timeline lies: see demo.h. */
static enum err plan(struct demo *d, struct errctx *ctx)
{
    const struct sim_options *o = d->o;
    struct clock system = clock_system();
    int64_t now_ms = clock_wall_ms(&system);
    if (o->end != NULL && instant_parse(str_of(o->end), now_ms, &now_ms, ctx) != ERR_OK)
        return errctx_set(ctx, ERR_USAGE, "--end: not an instant such as 2026-11-17T14:00:00Z or 3h ago: %s", o->end);
    int64_t last_ms = instant_floor(now_ms, 1000);
    int64_t for_ms = paced(o) || o->for_ms < 0 ? 0 : o->for_ms;
    int64_t live_ms = instant_floor(last_ms - for_ms, 1000);
    d->config = (struct sim_config){.seed = d->seed,
                                    .scenarios = o->scenarios != NULL ? o->scenarios : "brownout",
                                    .start_ms = live_ms - (o->history_ms > 0 ? o->history_ms : SIM_HISTORY_MS),
                                    .live_ms = live_ms,
                                    .onset_ms = last_ms - ONSET_MS};
    d->until_ms = paced(o) ? 0 : last_ms;
    d->scaled = (struct clock_scaled){.origin_system_ms = now_ms, .origin_wall_ms = now_ms, .speed = o->speed > 0 ? o->speed : 1};
    d->clock = clock_scaled(&d->scaled);
    if (is_drill(o))
        plan_drill(d);
    return o->onset != NULL ? options_onset(o->onset, live_ms, false, &d->config.onset_ms, ctx) : ERR_OK;
}

static enum err write_truth(const struct demo *d, struct errctx *ctx)
{
    struct buf text;
    buf_init(&text, TRUTH_MAX);
    enum err err = sim_truth(d->sim, &text);
    err = err == ERR_OK ? serve_write_file(d->files.truth, buf_str(&text), ctx) : errctx_set(ctx, err, "out of memory");
    buf_fini(&text);
    return err;
}

/* Arguments in static or caller-held text, and numbers in a room of their own. */
struct arguments {
    char *at[ARGUMENTS_MAX + 1];
    char number[ARGUMENTS_MAX][32];
    int count;
};

static void argue(struct arguments *a, const char *text)
{
    union {
        const char *in;
        char *out;
    } same = {text}; /* execv takes char *const *, and changes nothing */
    if (a->count < ARGUMENTS_MAX)
        a->at[a->count++] = same.out;
}

static void argue_i64(struct arguments *a, const char *name, int64_t v)
{
    char *room = a->number[a->count < ARGUMENTS_MAX ? a->count : 0];
    str_format(room, sizeof a->number[0], "%lld", (long long)v);
    argue(a, name);
    argue(a, room);
}

/* --progress-fd N has to name the descriptor before the fork, so a pipe is made here; its other end is ours. */
static enum err start_recorder(struct demo *d, int64_t from_ms, struct errctx *ctx)
{
    char path[PROCESS_PATH_MAX], speed[32];
    struct arguments a = {.count = 0};
    int pipe_fds[2];
    if (!str_format(path, sizeof path, "%s/gwtop-recorder", d->folder) || !process_is_program(path))
        return errctx_set(ctx, ERR_NOTFOUND, "gwtop-recorder is not beside gwtop-sim in %s; build or install it", d->folder);
    if (pipe(pipe_fds) != 0)
        return errctx_set(ctx, ERR_IO, "cannot make a pipe: %s", strerror(errno));
    fcntl(pipe_fds[0], F_SETFD, FD_CLOEXEC);
    fcntl(pipe_fds[1], F_SETFD, FD_CLOEXEC);
    const char *const fixed[] = {path,      "record",       "--foreground",  "--config", d->files.config,
                                 "--store", d->files.store, "--replay-step", "60s"};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        argue(&a, fixed[i]);
    argue_i64(&a, "--replay-from", from_ms);
    argue_i64(&a, "--origin", d->scaled.origin_wall_ms);
    argue_i64(&a, "--progress-fd", pipe_fds[1]);
    if (d->until_ms > 0)
        argue_i64(&a, "--replay-until", d->until_ms);
    str_format(speed, sizeof speed, "%.17g", d->o->speed);
    if (d->o->speed > 0) {
        argue(&a, "--speed");
        argue(&a, speed);
    }
    int log_fd = !d->on_screen
                     ? -1
                     : open(d->files.log, O_WRONLY | O_CREAT | O_CLOEXEC | (from_ms == d->config.start_ms ? O_TRUNC : O_APPEND), 0600);
    struct process_spec spec = {.argv = a.at, .background = true, .keep_fd = pipe_fds[1], .stderr_fd = log_fd};
    d->sup.child[RECORDER] = (struct child){.pid = 0};
    enum err err = process_start(&spec, &d->sup.child[RECORDER].pid, ctx);
    close(pipe_fds[1]);
    if (log_fd >= 0)
        close(log_fd);
    if (d->sup.progress_fd >= 0)
        close(d->sup.progress_fd);
    d->sup.progress_fd = pipe_fds[0];
    return err;
}

static int terminal_columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static void show_progress(struct progress *p, double share, int64_t elapsed_ms, bool last)
{
    char text[PROGRESS_MAX];
    p->columns = p->in_place ? terminal_columns() : 0;
    (void)progress_text(p, share, elapsed_ms, last, text);
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

static const char *how_it_ended(int status, char room[64])
{
    if (WIFSIGNALED(status))
        str_format(room, 64, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        str_format(room, 64, "exit status %d", WEXITSTATUS(status));
    return room;
}

static enum err recorder_failed(const struct demo *d, struct errctx *ctx)
{
    char room[64];
    const char *how = how_it_ended(d->sup.child[RECORDER].status, room);
    if (!d->on_screen)
        return errctx_set(ctx, ERR_IO, "the recorder ended with %s; its messages stand above", how);
    return errctx_set(ctx, ERR_IO, "the recorder ended with %s; its messages are in %s", how, d->files.log);
}

/* Until the history is in the store. Unpaced, that is also the recorder's end. */
static enum err wait_for_history(struct demo *d, struct errctx *ctx)
{
    struct supervisor *s = &d->sup;
    struct child *recorder = &s->child[RECORDER];
    struct clock system = clock_system();
    int64_t begin_ms = clock_mono_ms(&system);
    bool to_the_end = !paced(d->o);
    struct progress p = {.in_place = !d->o->plain && isatty(STDERR_FILENO)};
    while (s->stop_signal == 0 && !recorder->ended && !(s->live && !to_the_end)) {
        show_progress(&p, s->progress, clock_mono_ms(&system) - begin_ms, false);
        supervisor_wait(s, -1);
    }
    if (s->stop_signal != 0)
        return ERR_OK;
    bool ok = !recorder->ended || (to_the_end && WIFEXITED(recorder->status) && WEXITSTATUS(recorder->status) == 0);
    show_progress(&p, ok ? 1 : s->progress, clock_mono_ms(&system) - begin_ms, true);
    return ok ? ERR_OK : recorder_failed(d, ctx);
}

/* $GWTOP_BIN, then beside us, then where an installation has it from libexec, then PATH. */
static bool find_console(const struct demo *d, char ret[PROCESS_PATH_MAX])
{
    static const char *const relative[] = {"", "/../bin", "/../../bin"};
    const char *given = getenv("GWTOP_BIN"), *path = getenv("PATH");
    if (given != NULL && given[0] != '\0')
        return str_format(ret, PROCESS_PATH_MAX, "%s", given);
    for (size_t i = 0; i < sizeof relative / sizeof relative[0]; i++) {
        if (str_format(ret, PROCESS_PATH_MAX, "%s%s/gwtop", d->folder, relative[i]) && process_is_program(ret))
            return true;
    }
    for (const char *at = path; at != NULL && *at != '\0';) {
        size_t n = strcspn(at, ":");
        if (n > 0 && str_format(ret, PROCESS_PATH_MAX, "%.*s/gwtop", (int)n, at) && process_is_program(ret))
            return true;
        at += n + (at[n] == ':' ? 1 : 0);
    }
    return false;
}

/* A recorder that died is started again, later each time, and goes on from the present: one that somebody else started would poll this
 * demo's gateway for ever. Returns how long to wait until there is more to do, -1 = for as long as nothing happens. */
static int64_t keep_recorder(struct demo *d)
{
    struct clock system = clock_system();
    int64_t now_ms = clock_mono_ms(&system);
    struct errctx why = {""};
    const struct child *recorder = &d->sup.child[RECORDER];
    bool was_stopped = recorder->ended && WIFEXITED(recorder->status) && WEXITSTATUS(recorder->status) == 0; /* gwtop record --stop */
    if (!recorder->ended || was_stopped)
        return -1;
    if (d->again_ms == 0) {
        d->again_ms = now_ms + d->rest_ms;
        d->rest_ms = d->rest_ms * 2 < REST_MAX_MS ? d->rest_ms * 2 : REST_MAX_MS;
    }
    if (now_ms < d->again_ms)
        return d->again_ms - now_ms;
    d->again_ms = 0;
    if (start_recorder(d, clock_wall_ms(&d->clock), &why) == ERR_OK)
        return -1;
    d->sup.child[RECORDER] = (struct child){.ended = true, .status = SIGKILL}; /* to be tried again */
    return 0;
}

/* Starts a command of gwtop on the demo's store, with up to two words before and any options after them. */
static enum err start_gwtop(struct demo *d, int which, const char *const *words, bool quiet, struct errctx *ctx)
{
    struct arguments a = {.count = 0};
    argue(&a, d->console);
    for (; *words != NULL; words++)
        argue(&a, *words);
    const char *const where[] = {"--store", d->files.store, "--config", d->files.config};
    for (size_t i = 0; i < sizeof where / sizeof where[0]; i++)
        argue(&a, where[i]);
    if (which == CONSOLE && d->o->plain)
        argue(&a, "--plain");
    struct process_spec spec = {.argv = a.at, .background = quiet, .keep_fd = -1, .stderr_fd = -1, .quiet = quiet};
    d->sup.child[which] = (struct child){.pid = 0};
    return process_start(&spec, &d->sup.child[which].pid, ctx);
}

/* Once the deploy is made, its pipeline tells of it. Returns how long until then, -1 = there is nothing to tell any more. */
static int64_t tell_deploy(struct demo *d)
{
    const struct incident *in = sim_deploy(d->sim); /* its script does not change, whatever the server's thread does */
    const int64_t now_ms = clock_wall_ms(&d->clock);
    if (in == NULL || d->told || in->onset_ms < d->config.live_ms)
        return -1;
    if (now_ms < in->onset_ms)
        return (int64_t)((double)(in->onset_ms - now_ms) / d->scaled.speed) + 1;
    char at[TIMEFMT_MAX];
    instant_format_iso(in->onset_ms, at);
    const char *const words[] = {"mark", in->scenario->deploy, "--kind", "deploy", "--scope", in->scenario->component, "--at", at, "--json",
                                 NULL};
    struct errctx why = {""};
    d->told = true;
    if (start_gwtop(d, TELLER, words, true, &why) != ERR_OK)
        d->sup.child[TELLER].ended = true; /* a pipeline that fails to tell is as usual as one that does */
    return -1;
}

/* The sooner of two waits, of which -1 is none. */
static int64_t sooner(int64_t a, int64_t b)
{
    return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static enum err run_console(struct demo *d, int *ret_status, struct errctx *ctx)
{
    struct child *console = &d->sup.child[CONSOLE];
    const char *const none[] = {NULL};
    if (!find_console(d, d->console))
        return errctx_set(ctx, ERR_NOTFOUND, "gwtop is neither beside gwtop-sim in %s nor in PATH; build or install it", d->folder);
    enum err err = start_gwtop(d, CONSOLE, none, false, ctx);
    while (err == ERR_OK && !console->ended) {
        supervisor_wait(&d->sup, sooner(keep_recorder(d), tell_deploy(d)));
        if (d->sup.stop_signal == SIGTERM || d->sup.stop_signal == SIGHUP)
            kill(console->pid, SIGTERM); /* Ctrl-C is the console's own business */
        d->sup.stop_signal = 0;
    }
    if (err == ERR_OK)
        *ret_status = WIFEXITED(console->status) ? WEXITSTATUS(console->status) : 128 + WTERMSIG(console->status);
    return err;
}

/* After the recorder has taken in what was said last. */
static enum err show_score(struct demo *d, int *ret_status, struct errctx *ctx)
{
    const char *const text[] = {"drill", "--end", NULL}, *const json[] = {"drill", "--end", "--json", NULL};
    struct child *score = &d->sup.child[TELLER];
    enum err err = start_gwtop(d, TELLER, d->o->json ? json : text, false, ctx);
    while (err == ERR_OK && !score->ended)
        supervisor_wait(&d->sup, -1);
    if (err == ERR_OK && WIFEXITED(score->status))
        *ret_status = WEXITSTATUS(score->status);
    return err;
}

/* Headless at a stated speed: live for --for of simulated time. */
static enum err run_paced(struct demo *d, struct errctx *ctx)
{
    struct clock system = clock_system();
    double ms = d->o->for_ms < 0 ? 0 : (double)d->o->for_ms / d->scaled.speed;
    int64_t until = clock_mono_ms(&system) + (int64_t)ms;
    while (d->sup.stop_signal == 0 && !d->sup.child[RECORDER].ended) {
        int64_t left = until - clock_mono_ms(&system);
        if (left <= 0)
            return ERR_OK;
        supervisor_wait(&d->sup, left);
    }
    return d->sup.stop_signal != 0 ? ERR_OK : recorder_failed(d, ctx);
}

static enum err open_all(struct demo *d, struct errctx *ctx)
{
    enum err err = plan(d, ctx);
    err = err == ERR_OK ? sim_new(&d->config, &d->sim, ctx) : err;
    err = err == ERR_OK ? process_own_folder(d->folder, ctx) : err;
    err = err == ERR_OK ? demo_files_open(d->o->store, is_drill(d->o) ? "drill" : "demo", &d->files, ctx) : err;
    if (err == ERR_OK)
        err = server_open(d->o->listen != NULL ? d->o->listen : "127.0.0.1:0", d->sim, &d->clock, &d->server, ctx);
    err = err == ERR_OK ? demo_files_write_config(&d->files, is_drill(d->o) ? "DRILL" : "demo", server_url(d->server), ctx) : err;
    return err == ERR_OK ? write_truth(d, ctx) : err;
}

static enum err run(struct demo *d, int *ret_status, struct errctx *ctx)
{
    enum err err = start_recorder(d, d->config.start_ms, ctx);
    err = err == ERR_OK ? wait_for_history(d, ctx) : err;
    if (err != ERR_OK || d->sup.stop_signal != 0 || !paced(d->o))
        return err;
    server_go_live(d->server);
    return d->o->headless ? run_paced(d, ctx) : run_console(d, ret_status, ctx);
}

/* A recorder that was asked to end must have closed its store. */
static enum err stop_recorder(struct demo *d, struct errctx *ctx)
{
    struct child *recorder = &d->sup.child[RECORDER];
    bool running = recorder->pid != 0 && !recorder->ended;
    supervisor_end(&d->sup, recorder, STOP_PATIENCE_MS);
    if (running && !(WIFEXITED(recorder->status) && WEXITSTATUS(recorder->status) == 0))
        return recorder_failed(d, ctx);
    return ERR_OK;
}

enum err demo_run(const struct sim_options *o, int *ret_status, struct errctx *ctx)
{
    struct demo *d = calloc(1, sizeof *d);
    int status = 0;
    if (d == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory");
    d->o = o;
    d->seed = is_drill(o) && !o->seeded ? hash_random_key() >> 1 : o->seed; /* the truth has it as a signed number */
    d->files.lock_fd = -1;
    d->rest_ms = REST_MS;
    d->on_screen = !o->headless || isatty(STDERR_FILENO);
    enum err err = supervisor_open(&d->sup, ctx);
    if (err != ERR_OK) {
        free(d);
        return err;
    }
    err = open_all(d, ctx);
    err = err == ERR_OK ? run(d, &status, ctx) : err;
    enum err stopped = stop_recorder(d, err == ERR_OK ? ctx : NULL);
    err = err == ERR_OK ? stopped : err;
    if (err == ERR_OK && is_drill(o) && d->sup.stop_signal == 0)
        err = show_score(d, &status, ctx);
    if (err == ERR_OK && d->sup.stop_signal != 0)
        status = 128 + d->sup.stop_signal;
    server_close(d->server);
    sim_free(d->sim);
    demo_files_close(&d->files);
    supervisor_close(&d->sup);
    free(d);
    if (err == ERR_OK)
        *ret_status = status;
    return err;
}
