/* SPDX-License-Identifier: MIT */
#include "netcli/record_run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/heap.h"
#include "record/loop.h"
#include "record/secret.h"

enum { PROFILES_BYTES_MAX = 16 << 20 };

/* The clock that store, recorder and loop see. A replay moves it by hand and then hands over to a scaled one. */
struct relay {
    struct clock now;
    struct clock_manual manual;
    struct clock_scaled scaled;
};

static int64_t relay_wall(void *ctx)
{
    const struct relay *r = ctx;
    return clock_wall_ms(&r->now);
}

static int64_t relay_mono(void *ctx)
{
    const struct relay *r = ctx;
    return clock_mono_ms(&r->now);
}

struct session {
    const struct record_run *run;
    struct relay relay;
    struct clock clock;
    struct arena arena; /* profiles */
    struct profiles profiles;
    struct store *store;
    struct recorder *recorder;
    struct loop *loop;
    int stop_fd;
    int64_t until_ms; /* of the replay under way, for its progress */
};

struct store_options record_run_store(const struct config *cfg, const char *path)
{
    return (struct store_options){
        .max_bytes = cfg->max_store_bytes,
        .keep_raw_ms = cfg->keep_raw_ms,
        .keep_5m_ms = cfg->keep_5m_ms,
        .keep_1h_ms = cfg->keep_1h_ms,
        .keep_1d_ms = cfg->keep_1d_ms,
        .keep_facts_ms = {[STORE_EVENTS] = cfg->keep_events_ms,
                          [STORE_ALERTS] = cfg->keep_alerts_ms,
                          [STORE_INCIDENTS] = cfg->keep_incidents_ms,
                          [STORE_NOTES] = cfg->keep_notes_ms,
                          [STORE_ACTS] = cfg->keep_acts_ms},
        .private_files =
            strncmp(path, "/var/lib/", 9) != 0, /* there the administrator's group may read; anywhere else it is its owner's alone */
    };
}

static enum err open_store(struct session *s, struct errctx *ctx)
{
    const char *ring = getenv("RUNTIME_DIRECTORY"); /* systemd's; a user's session has the other */
    if (ring == NULL || ring[0] != '/')
        ring = getenv("XDG_RUNTIME_DIR");
    struct store_options opt = record_run_store(s->run->cfg, s->run->store);
    opt.ring_dir = ring != NULL && ring[0] == '/' && s->run->replay_from_ms == 0 ? ring : NULL;
    return store_open_writer(s->run->store, &opt, &s->clock, &s->store, ctx);
}

static enum err open_all(struct session *s, struct errctx *ctx)
{
    const struct record_run *run = s->run;
    const struct recorder_options ro = {run->cfg, &s->profiles, run->log};
    struct loop_options lo = {
        .cfg = run->cfg,
        .log = run->log,
        .clock = &s->clock,
        .user_agent = run->user_agent,
        .speed = 1,
        .send_time = run->replay_from_ms != 0,
        .stop_fd = s->stop_fd,
        .seen_store = run->linger ? run->store : NULL,
        .seed = (uint64_t)clock_mono_ms(&s->clock) * 1000003 + (uint64_t)getpid(),
    };
    enum err e = profiles_load(run->cfg->profile_dir, &s->arena, &s->profiles, ctx);
    if (e == ERR_OK)
        e = open_store(s, ctx);
    if (e == ERR_OK)
        e = recorder_open(s->store, &ro, clock_wall_ms(&s->clock), &s->recorder, ctx);
    lo.store = s->store;
    return e == ERR_OK ? loop_open(s->recorder, &lo, &s->loop, ctx) : e;
}

static void close_all(struct session *s, const char *why)
{
    loop_close(s->loop);
    recorder_close(s->recorder, clock_wall_ms(&s->clock), why);
    store_close(s->store);
    arena_fini(&s->arena);
    if (s->stop_fd >= 0)
        close(s->stop_fd);
}

static enum err catch_signals(int *ret_fd, struct errctx *ctx)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || (*ret_fd = signalfd(-1, &set, SFD_CLOEXEC)) < 0)
        return errctx_set(ctx, ERR_IO, "cannot wait for signals: %s", strerror(errno));
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    return ERR_OK;
}

static void tell(const struct session *s, const char *line)
{
    if (s->run->progress_fd < 0)
        return;
    ssize_t wrote = write(s->run->progress_fd, line, strlen(line)); /* whoever watched may be gone */
    (void)wrote;
}

static void on_progress(void *ctx, double share)
{
    char line[32];
    snprintf(line, sizeof line, "progress %.4f\n", share);
    tell(ctx, line);
}

static void on_instant(void *ctx, int64_t t_ms)
{
    struct session *s = ctx;
    s->relay.manual.wall_ms = t_ms;
}

/* Consoles compute the store's "now" from this note (view/load.h). */
static enum err put_clock(struct session *s, struct errctx *ctx)
{
    char text[200];
    const struct clock_scaled *c = &s->relay.scaled;
    str_format(text, sizeof text, "{\"origin_system_ms\":%lld,\"origin_wall_ms\":%lld,\"speed\":%.17g,\"demo\":true}",
               (long long)c->origin_system_ms, (long long)c->origin_wall_ms, c->speed);
    return store_put_note(s->store, "clock", s->run->replay_from_ms, str_of(text), ctx);
}

static enum err put_ended(struct session *s, int64_t at_ms, struct errctx *ctx)
{
    char text[32];
    str_format(text, sizeof text, "%lld", (long long)at_ms);
    enum err e = store_put_note(s->store, "ended", at_ms, str_of(text), ctx);
    if (e == ERR_OK)
        e = store_commit(s->store, ctx);
    return e == ERR_OK ? store_seal_all(s->store, ctx) : e;
}

static enum err replay(struct session *s, bool *ret_live, struct errctx *ctx)
{
    const struct record_run *run = s->run;
    struct clock system = clock_system();
    int64_t origin_ms = run->origin_ms != 0 ? run->origin_ms : clock_wall_ms(&system);
    s->relay.scaled = (struct clock_scaled){origin_ms, origin_ms, run->speed};
    if (run->replay_until_ms != 0) /* it will stand still there */
        s->relay.scaled.origin_wall_ms = run->replay_until_ms;
    struct clock scaled = clock_scaled(&s->relay.scaled);
    struct loop_replay rp = {
        .from_ms = run->replay_from_ms, .step_ms = run->replay_step_ms, .instant = on_instant, .progress = on_progress, .ctx = s};
    enum err e = put_clock(s, ctx);
    bool stopped = false;
    while (e == ERR_OK && !stopped) {
        rp.until_ms = run->replay_until_ms != 0 ? run->replay_until_ms : clock_wall_ms(&scaled);
        if (rp.until_ms - rp.from_ms < rp.step_ms)
            break;
        e = loop_replay(s->loop, &rp, &rp.from_ms, &stopped, ctx); /* while it ran, a live clock moved on */
    }
    *ret_live = e == ERR_OK && !stopped && run->replay_until_ms == 0;
    if (e == ERR_OK && run->replay_until_ms != 0)
        e = put_ended(s, rp.from_ms, ctx);
    if (*ret_live) {
        tell(s, "live\n");
        s->relay.now = scaled;
        loop_set_clock(s->loop, &s->clock, run->speed);
    }
    return e;
}

enum err record_run(const struct record_run *run, struct errctx *ctx)
{
    struct session s = {.run = run, .stop_fd = -1};
    bool live = true;
    const char *why = "the recorder was stopped";
    arena_init(&s.arena, PROFILES_BYTES_MAX);
    s.relay.now = clock_system();
    if (run->replay_from_ms != 0) {
        s.relay.manual.wall_ms = run->replay_from_ms;
        s.relay.now = clock_manual(&s.relay.manual);
    }
    s.clock = (struct clock){relay_wall, relay_mono, &s.relay};
    secrets_harden_process();
    heap_give_back();
    enum err e = catch_signals(&s.stop_fd, ctx);
    if (e == ERR_OK)
        e = open_all(&s, ctx);
    if (e == ERR_OK && run->log != NULL)
        log_line(run->log, store_is_ring(s.store) ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "recorder", "pid %d records %u sources into %s%s",
                 (int)getpid(), run->cfg->source_count, run->store,
                 store_is_ring(s.store) ? ", which cannot be written: only the last minutes are kept, elsewhere" : "");
    if (e == ERR_OK && run->on_ready != NULL)
        run->on_ready(run->ctx);
    if (e == ERR_OK && run->replay_from_ms != 0)
        e = replay(&s, &live, ctx);
    if (e == ERR_OK && live)
        e = loop_run(s.loop, &why, ctx);
    bool ended = e == ERR_OK && !live && run->replay_until_ms != 0;
    if (e == ERR_OK && !ended && run->log != NULL)
        log_line(run->log, LOG_LEVEL_INFO, "recorder", "%s", why);
    if (e != ERR_OK)
        why = ctx != NULL && ctx->text[0] != '\0' ? ctx->text : "the recorder failed";
    /* What ended as asked stands at its end: its sources were well then, and the store says so. */
    close_all(&s, ended ? NULL : why);
    return e;
}
