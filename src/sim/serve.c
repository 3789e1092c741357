/* SPDX-License-Identifier: MIT */
#include "sim/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "sim/server.h"
#include "sim/sim.h"

enum { PATH_ROOM = 4096, TRUTH_MAX = 1 << 20, ONSET_BEFORE_LIVE_MS = 7 * 60 * 1000 };

enum err serve_write_file(const char *path, struct str text, struct errctx *ctx)
{
    char temporary[PATH_ROOM];
    if (!str_format(temporary, sizeof temporary, "%s.%ld", path, (long)getpid()))
        return errctx_set(ctx, ERR_IO, "cannot write %s: the path is too long", path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0;
    for (size_t at = 0; ok && at < text.n;) {
        ssize_t n = write(fd, text.p + at, text.n - at);
        ok = n > 0;
        at += n > 0 ? (size_t)n : 0;
    }
    ok = fd >= 0 && close(fd) == 0 && ok && rename(temporary, path) == 0;
    if (ok)
        return ERR_OK;
    int why = errno;
    unlink(temporary);
    return errctx_set(ctx, ERR_IO, "cannot write %s: %s", path, strerror(why));
}

static enum err write_outputs(const struct sim_options *o, const struct server *server, const struct sim *sim, struct errctx *ctx)
{
    char port[16];
    struct buf truth;
    buf_init(&truth, TRUTH_MAX);
    enum err err = o->truth != NULL ? sim_truth(sim, &truth) : ERR_OK;
    if (err != ERR_OK)
        errctx_set(ctx, err, "the truth could not be written: out of memory");
    if (err == ERR_OK && o->truth != NULL)
        err = serve_write_file(o->truth, buf_str(&truth), ctx);
    str_format(port, sizeof port, "%u\n", (unsigned)server_port(server));
    if (err == ERR_OK && o->port_file != NULL)
        err = serve_write_file(o->port_file, str_of(port), ctx);
    buf_fini(&truth);
    return err;
}

/* When the history begins and ends, where the own clock starts, and the onset. */
static enum err plan(const struct sim_options *o, int64_t now_ms, struct sim_config *ret, struct clock_scaled *ret_clock,
                     struct errctx *ctx)
{
    struct sim_config c = {.seed = o->seed, .scenarios = o->scenarios, .start_ms = now_ms - SIM_HISTORY_MS};
    struct errctx why = {""};
    enum err err = ERR_OK;
    if (o->start != NULL && instant_parse(str_of(o->start), now_ms, &c.start_ms, &why) != ERR_OK)
        return errctx_set(ctx, ERR_USAGE, "--start: %s", why.text);
    c.start_ms = instant_floor(c.start_ms, 1000);
    c.live_ms = c.start_ms + SIM_HISTORY_MS;
    c.onset_ms = c.live_ms - ONSET_BEFORE_LIVE_MS;
    if (o->onset != NULL)
        err = options_onset(o->onset, o->start != NULL ? c.start_ms : now_ms, true, &c.onset_ms, ctx);
    *ret = c;
    *ret_clock = (struct clock_scaled){
        .origin_system_ms = now_ms, .origin_wall_ms = o->start != NULL ? c.start_ms : now_ms, .speed = o->speed > 0 ? o->speed : 1};
    return err;
}

/* Waits for one of the signals, at most for_ms of simulated time (-1: for ever). */
static void wait_for_end(const sigset_t *signals, int64_t for_ms, double speed)
{
    if (for_ms < 0) {
        while (sigwaitinfo(signals, NULL) < 0 && errno == EINTR) {
        }
        return;
    }
    double seconds = (double)for_ms / 1000 / speed;
    struct timespec left = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (sigtimedwait(signals, NULL, &left) < 0 && errno == EINTR) {
    }
}

enum err serve_run(const struct sim_options *o, struct errctx *ctx)
{
    struct log log = {STDERR_FILENO, LOG_LEVEL_INFO};
    struct clock system = clock_system(), own;
    struct clock_scaled scaled;
    struct sim_config config;
    struct sim *sim = NULL;
    struct server *server = NULL;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    enum err err = plan(o, clock_wall_ms(&system), &config, &scaled, ctx);
    if (err == ERR_OK)
        err = sim_new(&config, &sim, ctx);
    own = clock_scaled(&scaled);
    if (err == ERR_OK)
        err = server_open(o->listen != NULL ? o->listen : "127.0.0.1:0", sim, &own, &server, ctx);
    if (err == ERR_OK) {
        server_go_live(server);
        err = write_outputs(o, server, sim, ctx);
    }
    if (err == ERR_OK) {
        log_line(&log, LOG_LEVEL_INFO, "sim", "serving %s/metrics/ (scenario %s, seed %llu)", server_url(server),
                 o->scenarios != NULL ? o->scenarios : "none", (unsigned long long)o->seed);
        wait_for_end(&signals, o->for_ms, scaled.speed);
    }
    server_close(server);
    sim_free(sim);
    return err;
}
