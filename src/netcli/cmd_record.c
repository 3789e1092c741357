/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* syscall, for pidfd_open */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/timefmt.h"
#include "config/config.h"
#include "netcli/args.h"
#include "netcli/daemon.h"
#include "netcli/netcli.h"
#include "netcli/record_run.h"
#include "source/profile.h"
#include "store/store.h"

enum {
    PATH_BYTES = 4096,
    STOP_MS = 20 * 1000, /* a recorder commits and checkpoints before it ends */
    STATUS_BYTES = 4 << 20,
    PROFILES_BYTES = 16 << 20,
};

struct record_args {
    const char *config, *store;
    bool foreground, stop, status, json, help;
    int64_t replay_from, replay_until, replay_step, origin, progress_fd;
    double speed;
};

struct record_cmd {
    struct record_args args;
    struct config cfg;
    char store[PATH_BYTES];
    const struct netcli_io *io;
    struct daemon daemon;
};

static enum err read_args(int argc, char **argv, struct record_args *a, struct errctx *ctx)
{
    const struct arg table[] = {
        {"--config", ARG_TEXT, &a->config},
        {"--store", ARG_TEXT, &a->store},
        {"--foreground", ARG_FLAG, &a->foreground},
        {"--stop", ARG_FLAG, &a->stop},
        {"--status", ARG_FLAG, &a->status},
        {"--json", ARG_FLAG, &a->json},
        {"--replay-from", ARG_I64, &a->replay_from},
        {"--replay-until", ARG_I64, &a->replay_until},
        {"--replay-step", ARG_DURATION, &a->replay_step},
        {"--origin", ARG_I64, &a->origin},
        {"--progress-fd", ARG_I64, &a->progress_fd},
        {"--speed", ARG_NUMBER, &a->speed},
        {"--help", ARG_FLAG, &a->help},
        {"-h", ARG_FLAG, &a->help},
        {NULL, ARG_FLAG, NULL},
    };
    enum err e = args_read(argc, argv, table, NULL, ctx);
    if (e != ERR_OK)
        return e;
    if (a->speed <= 0 || a->replay_step <= 0)
        return errctx_set(ctx, ERR_USAGE, "--speed and --replay-step must be above zero");
    if (a->replay_from < 0 || (a->replay_until != 0 && a->replay_until <= a->replay_from))
        return errctx_set(ctx, ERR_USAGE, "--replay-until must come after --replay-from");
    return ERR_OK;
}

/* The store's path, absolute, since a detached recorder leaves this directory. */
static enum err find_store(struct record_cmd *c, struct errctx *ctx)
{
    char here[PATH_MAX], path[PATH_BYTES];
    const char *given = c->args.store != NULL ? c->args.store : c->cfg.store;
    if (given == NULL) {
        enum err e = config_default_store(path, sizeof path, ctx);
        if (e != ERR_OK)
            return e;
        given = path;
    }
    if (given[0] == '/')
        return str_copy(c->store, sizeof c->store, str_of(given)) ? ERR_OK
                                                                  : errctx_set(ctx, ERR_LIMIT, "the path of the store is too long");
    if (getcwd(here, sizeof here) == NULL)
        return errctx_set(ctx, ERR_IO, "the current directory cannot be read: %s", strerror(errno));
    return str_format(c->store, sizeof c->store, "%s/%s", here, given) ? ERR_OK
                                                                       : errctx_set(ctx, ERR_LIMIT, "the path of the store is too long");
}

static int stop(const struct record_cmd *c, struct errctx *ctx)
{
    int64_t pid = store_recorder_pid(c->store);
    if (pid == 0) {
        fprintf(c->io->err, "gwtop: no recorder runs on %s\n", c->store);
        return EXIT_BAD;
    }
    if (pid < 0)
        return netcli_fail(c->io, errctx_set(ctx, ERR_IO, "%s: whether a recorder runs there cannot be told from here", c->store), ctx);
    int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0); /* tells its end without polling, and never another process' */
    if (kill((pid_t)pid, SIGTERM) != 0) {
        int why = errno;
        if (fd >= 0)
            close(fd);
        return netcli_fail(c->io, errctx_set(ctx, ERR_IO, "the recorder (pid %lld) cannot be stopped: %s", (long long)pid, strerror(why)),
                           ctx);
    }
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int ended = fd >= 0 ? poll(&p, 1, STOP_MS) : 0;
    if (fd >= 0)
        close(fd);
    if (ended <= 0 && store_recorder_pid(c->store) == pid)
        return netcli_fail(c->io, errctx_set(ctx, ERR_BUSY, "the recorder (pid %lld) was told to stop and is still at it", (long long)pid),
                           ctx);
    fprintf(c->io->out, "recorder %lld on %s stopped\n", (long long)pid, c->store);
    return EXIT_GOOD;
}

static void status_json(const struct record_cmd *c, int64_t pid, const struct source_status *list, size_t count)
{
    struct buf out;
    struct json w;
    buf_init(&out, STATUS_BYTES);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    json_string(&w, "store", c->store);
    if (pid > 0)
        json_i64(&w, "pid", pid);
    else
        json_null(&w, "pid");
    json_array(&w, "sources");
    for (size_t i = 0; i < count; i++) {
        json_object(&w, NULL);
        json_string(&w, "name", list[i].name);
        json_string(&w, "state", source_state_name(list[i].state));
        json_string(&w, "reason", list[i].reason);
        json_string(&w, "url", list[i].url);
        json_string(&w, "profile", list[i].profile);
        if (list[i].last_ok_ms > 0)
            json_i64(&w, "last_ok_ms", list[i].last_ok_ms);
        else
            json_null(&w, "last_ok_ms");
        json_i64(&w, "series", list[i].series_kept);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    fprintf(c->io->out, "%s\n", w.err == ERR_OK ? out.data : "null");
    buf_fini(&out);
}

static void status_text(const struct record_cmd *c, int64_t pid, int64_t now_ms, const struct source_status *list, size_t count)
{
    if (pid > 0)
        fprintf(c->io->out, "recorder %lld writes %s\n", (long long)pid, c->store);
    else
        fprintf(c->io->out, "%s %s\n", pid == 0 ? "no recorder runs on" : "whether a recorder runs cannot be told for", c->store);
    for (size_t i = 0; i < count; i++) {
        char age[TIMEFMT_MAX] = "never answered";
        if (list[i].last_ok_ms > 0)
            duration_format(now_ms > list[i].last_ok_ms ? now_ms - list[i].last_ok_ms : 0, age);
        fprintf(c->io->out, "  %-24s %-8s %-10s %6u series  %s\n", list[i].name, source_state_name(list[i].state), age, list[i].series_kept,
                list[i].reason);
    }
}

static int status(const struct record_cmd *c, struct errctx *ctx)
{
    struct clock system = clock_system();
    struct store *st = NULL;
    struct arena a;
    struct source_status *list = NULL;
    size_t count = 0;
    int64_t pid = store_recorder_pid(c->store);
    arena_init(&a, STATUS_BYTES);
    enum err e = store_open_reader(c->store, &st, ctx);
    int64_t now_ms = clock_wall_ms(&system);
    struct store_stats stats;
    if (e == ERR_OK)
        e = store_get_stats(st, &stats, ctx);
    if (e == ERR_OK && stats.last_ms > now_ms)
        now_ms = stats.last_ms; /* a demo's clock may run ahead */
    if (e == ERR_OK)
        e = store_sources(st, now_ms, &a, &list, &count, ctx);
    int code = pid > 0 ? EXIT_GOOD : EXIT_BAD;
    if (e != ERR_OK && e != ERR_NOTFOUND)
        code = netcli_fail(c->io, e, ctx);
    else if (c->args.json)
        status_json(c, pid, list, count);
    else
        status_text(c, pid, now_ms, list, count);
    store_close(st);
    arena_fini(&a);
    return code;
}

static void on_ready(void *ctx)
{
    struct record_cmd *c = ctx;
    daemon_report(&c->daemon, EXIT_GOOD, "");
}

static int run(struct record_cmd *c, struct errctx *ctx)
{
    const struct log log = {STDERR_FILENO, LOG_LEVEL_INFO};
    const struct record_run r = {
        .cfg = &c->cfg,
        .store = c->store,
        .user_agent = c->io->user_agent,
        .log = &log,
        .linger = !c->args.foreground,
        .replay_from_ms = c->args.replay_from,
        .replay_until_ms = c->args.replay_until,
        .replay_step_ms = c->args.replay_step,
        .origin_ms = c->args.origin,
        .speed = c->args.speed,
        .progress_fd = (int)c->args.progress_fd,
        .on_ready = on_ready,
        .ctx = c,
    };
    enum err e = record_run(&r, ctx);
    if (e == ERR_OK)
        return EXIT_GOOD;
    int code = netcli_fail(c->io, e, ctx);
    daemon_report(&c->daemon, code, ctx->text);
    return code;
}

/* "litellm, vllm": as many as there is room for. */
static void list_profiles(const struct profiles *ps, char *out, size_t cap)
{
    out[0] = '\0';
    for (size_t i = 0, n = 0; i < ps->count && str_format(out + n, cap - n, "%s%s", i == 0 ? "" : ", ", ps->list[i].name); i++)
        n = strlen(out);
}

/* Profiles are files, too, and what is wrong with them, or with a name of one, is said before anything is started. */
static enum err check_profiles(const struct config *cfg, struct errctx *ctx)
{
    struct arena a;
    struct profiles ps;
    char names[200];
    arena_init(&a, PROFILES_BYTES);
    enum err e = profiles_load(cfg->profile_dir, &a, &ps, ctx);
    for (uint32_t i = 0; e == ERR_OK && i < cfg->source_count; i++) {
        const struct config_source *s = &cfg->sources[i];
        if (s->profile == NULL || profiles_by_name(&ps, s->profile) != NULL)
            continue;
        list_profiles(&ps, names, sizeof names);
        e = errctx_set(ctx, ERR_CONFIG, "%s:%u:%u: profile of source %s: there is none named '%s'; there are %s", cfg->path, s->line,
                       s->column, s->name, s->profile, names);
    }
    arena_fini(&a);
    return e;
}

static int record(struct record_cmd *c, struct errctx *ctx)
{
    if (c->cfg.source_count == 0)
        return netcli_fail(c->io,
                           errctx_set(ctx, ERR_CONFIG, "%s: no sources, so there is nothing to record; name one under sources:",
                                      c->cfg.path != NULL ? c->cfg.path : "there is no gwtop.yaml"),
                           ctx);
    enum err e = check_profiles(&c->cfg, ctx);
    if (e != ERR_OK)
        return netcli_fail(c->io, e, ctx);
    int64_t pid = store_recorder_pid(c->store);
    if (pid > 0)
        return netcli_fail(c->io,
                           errctx_set(ctx, ERR_BUSY, "a recorder already writes %s (pid %lld); stop it with gwtop record --stop", c->store,
                                      (long long)pid),
                           ctx);
    if (c->args.foreground)
        return run(c, ctx);
    char log_path[PATH_BYTES];
    if (!str_format(log_path, sizeof log_path, "%s.log", c->store))
        return netcli_fail(c->io, errctx_set(ctx, ERR_LIMIT, "the path of the store is too long"), ctx);
    e = daemon_detach(log_path, &c->daemon, ctx);
    if (e != ERR_OK)
        return netcli_fail(c->io, e, ctx);
    return c->daemon.is_parent ? c->daemon.status : run(c, ctx);
}

static const char help_text[] =
    "gwtop record: record what the configuration names, detached from the terminal\n\n"
    "  --config FILE   configuration (default: gwtop.yaml, see gwtop.yaml(5))\n"
    "  --store FILE    store to write (default: the configuration's)\n"
    "  --foreground    stay in the foreground, log to standard error, never end by itself\n"
    "  --stop          end the recorder of the store\n"
    "  --status        whether one runs, and how its sources stand (--json)\n\n"
    "Replay of a simulated gateway (gwtop demo):\n"
    "  --replay-from MS --replay-step DURATION [--replay-until MS] [--origin MS] [--speed X] [--progress-fd N]\n";

int netcli_record(int argc, char **argv, const struct netcli_io *io)
{
    struct record_cmd c = {.args = {.speed = 1, .replay_step = 60000, .progress_fd = -1}, .io = io, .daemon = {.ready_fd = -1}};
    struct errctx ctx = {""};
    bool found = false;
    enum err e = read_args(argc, argv, &c.args, &ctx);
    if (e != ERR_OK)
        return netcli_fail(io, e, &ctx);
    if (c.args.help) {
        fputs(help_text, io->out);
        return EXIT_GOOD;
    }
    /* A recorder that runs can be looked at and stopped whatever has become of its configuration meanwhile. */
    bool needs_config = c.args.store == NULL || !(c.args.stop || c.args.status);
    e = needs_config ? config_load(c.args.config, &c.cfg, &found, &ctx) : ERR_OK;
    if (e != ERR_OK)
        return netcli_fail(io, e, &ctx);
    e = find_store(&c, &ctx);
    int code;
    if (e != ERR_OK)
        code = netcli_fail(io, e, &ctx);
    else if (c.args.stop)
        code = stop(&c, &ctx);
    else if (c.args.status)
        code = status(&c, &ctx);
    else
        code = record(&c, &ctx);
    config_fini(&c.cfg);
    return code;
}
