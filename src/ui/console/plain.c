/* SPDX-License-Identifier: MIT */
#include "ui/console/plain.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/timefmt.h"
#include "ui/console/pace.h"
#include "ui/console/plain_state.h"
#include "ui/console/signals.h"

enum { ARENA_MAX = 256 << 20 };
static const int64_t hour_ms = 3600000;

enum err plain_open(struct plain *p, const struct console_options *opt, const struct clock *clock, FILE *out, struct errctx *ctx)
{
    bool found;
    p->opt = opt;
    p->clock = *clock;
    p->out = out;
    arena_init(&p->arena, ARENA_MAX);
    p->now_ms = clock_wall_ms(&p->clock);
    p->said_day_ms = INT64_MIN;
    p->line_mono_ms = clock_mono_ms(&p->clock);
    enum err e = config_load(opt->config_path, &p->cfg, &found, ctx);
    if (e != ERR_OK)
        return e;
    const char *store = opt->store_path != NULL ? opt->store_path : p->cfg.store;
    if (!str_copy(p->store_path, sizeof p->store_path, str_of(store)))
        return errctx_set(ctx, ERR_CONFIG, "store: the path is longer than %zu bytes", sizeof p->store_path - 1);
    return ERR_OK;
}

void plain_close(struct plain *p)
{
    free(p->said.source);
    store_close(p->st);
    arena_fini(&p->arena);
    config_fini(&p->cfg);
}

/* ---- reading ---- */

static enum err read_params(struct plain *p, struct view_params *ret, struct errctx *ctx)
{
    struct store_filter f;
    p->now_ms = view_now(p->st, clock_wall_ms(&p->clock), &p->ended);
    *ret = (struct view_params){.window_ms = hour_ms,
                                .columns = VIEW_COLUMNS,
                                .now_window_ms = VIEW_NOW_WINDOW_MS,
                                .compare_ms = VIEW_COMPARE_MS,
                                .group = DIM_MODEL,
                                .filter = p->opt->filter};
    enum err e = view_params_at(ret, p->opt->at, p->now_ms, ctx);
    return e == ERR_OK ? view_filter_parse(p->opt->filter, p->st, &p->arena, &f, ctx) : e;
}

/* The overview holds the timeline of the newest open incident; those of others are read one by one. */
static enum err load_timelines(const struct view_loader *l, const struct view_params *params, struct plain_look *k, struct errctx *ctx)
{
    struct view_incidents detail;
    int64_t newest = k->overview.timeline_count > 0 ? k->overview.timeline[0].incident : 0;
    k->timeline[0].list = k->overview.timeline;
    k->timeline[0].count = k->overview.timeline_count;
    k->timeline_count = newest != 0; /* without entries it takes no place */
    for (size_t i = 0; i < k->incidents.count && k->timeline_count < PLAIN_OPEN_MAX; i++) {
        const struct incident *in = &k->incidents.list[i].in;
        if (in->state == INCIDENT_RESOLVED || in->id == newest)
            continue;
        enum err e = view_load_incidents(l, params, in->id, &detail, ctx);
        if (e != ERR_OK)
            return e;
        k->timeline[k->timeline_count].list = detail.timeline;
        k->timeline[k->timeline_count++].count = detail.timeline_count;
    }
    return ERR_OK;
}

static enum err load_views(const struct view_loader *l, const struct view_params *params, struct plain_look *k, struct errctx *ctx)
{
    enum err e = view_load_frame(l, params, &k->frame, ctx);
    if (e == ERR_OK)
        e = view_load_overview(l, params, &k->overview, ctx);
    if (e == ERR_OK)
        e = view_load_events(l, params, &k->events, ctx);
    if (e == ERR_OK)
        e = view_load_incidents(l, params, 0, &k->incidents, ctx);
    return e == ERR_OK ? load_timelines(l, params, k, ctx) : e;
}

static enum err load(struct plain *p, struct plain_look *k, struct errctx *ctx)
{
    struct view_loader l = {.st = p->st, .cfg = &p->cfg, .arena = &p->arena, .scratch = &p->arena};
    struct view_params params;

    arena_reset(&p->arena);
    memset(k, 0, sizeof *k);
    l.memo = arena_array(&p->arena, 1, sizeof *l.memo);
    p->data_version = store_data_version(p->st);
    enum err e = store_snapshot_begin(p->st, ctx);
    if (e != ERR_OK)
        return e;
    e = store_refresh(p->st, ctx);
    if (e == ERR_OK)
        e = read_params(p, &params, ctx);
    if (e == ERR_OK)
        e = load_views(&l, &params, k, ctx);
    store_snapshot_end(p->st);
    return e;
}

static bool look_is_due(const struct plain *p)
{
    int64_t since = clock_mono_ms(&p->clock) - p->looked_mono_ms;
    if (!p->begun)
        return true;
    if (since < p->rest_ms)
        return false;
    if (since >= PACE_RELOAD_MS)
        return true;
    /* Without a writer a read-only reader of a WAL builds its index anew for every look, and each look is told that something changed. */
    return p->recorder_running && store_data_version(p->st) != p->data_version;
}

/* ---- a turn ---- */

static bool is_silent(const struct plain *p)
{
    return clock_mono_ms(&p->clock) - p->line_mono_ms >= PLAIN_SILENCE_MS;
}

/* A trouble is said when it begins or becomes another, and again where nothing else would be said. */
static void say_trouble(struct plain *p, const char *text)
{
    bool same = strcmp(p->trouble, text) == 0, ended;
    if (same && !is_silent(p))
        return;
    p->now_ms = clock_wall_ms(&p->clock);
    if (p->st != NULL)
        p->now_ms = view_now(p->st, p->now_ms, &ended);
    plain_say(p, "%s%s", same ? "still: " : "", text);
    (void)str_copy(p->trouble, sizeof p->trouble, str_of(text));
}

static void say_end(struct plain *p, const struct view_frame *f)
{
    char at[TIMEFMT_MAX];
    instant_format_iso(instant_floor(f->ended_ms, 1000), at);
    plain_say(p, "the recording ended %s; nothing follows", at);
}

static void say_look(struct plain *p, const struct plain_look *k)
{
    char silence[TIMEFMT_MAX];
    bool goes_on = p->opt->at == NULL && !p->ended;
    if (p->trouble[0] != '\0' && p->begun)
        plain_say(p, "the store can be read again");
    if (p->begun) {
        plain_say_changes(p, k);
    } else {
        plain_say_moment(p, k);
        duration_format(PLAIN_SILENCE_MS, silence);
        if (goes_on)
            plain_say(p, "from here on a line per change, and one after %s without", silence);
    }
    if (p->ended && p->opt->at == NULL)
        say_end(p, &k->frame);
    else if (goes_on && is_silent(p))
        plain_say_heartbeat(p, &k->frame);
}

static enum err look(struct plain *p, bool *ret_end, struct errctx *ctx)
{
    struct plain_look k;
    int64_t begun = clock_mono_ms(&p->clock);
    enum err e = load(p, &k, ctx);

    p->looked_mono_ms = begun;
    p->rest_ms = pace_rest_ms(clock_mono_ms(&p->clock) - begun);
    if (e == ERR_OK && p->opt->at != NULL && k.frame.verdict.nothing)
        e = errctx_set(ctx, ERR_NODATA, "%s", k.frame.verdict.sentence); /* live, it may come yet */
    if (e != ERR_OK)
        return e;
    say_look(p, &k);
    e = plain_take(p, &k, ctx);
    p->trouble[0] = '\0';
    p->recorder_running = k.frame.recorder_running;
    p->demo = k.frame.demo;
    p->begun = true;
    *ret_end = p->ended || p->opt->at != NULL;
    return e;
}

/* The store appears when the recorder makes it. */
static enum err open_store(struct plain *p, struct errctx *ctx)
{
    bool first = !p->tried, waits = p->opt->at == NULL && p->cfg.source_count > 0;
    if (p->st != NULL && view_store_is_current(p->st, p->store_path))
        return ERR_OK;
    p->tried = true;
    struct store *st;
    enum err e = view_open_store(p->store_path, &st, ctx);
    if (e == ERR_OK) {
        view_take_config(st, &p->cfg);
        store_close(p->st);
        p->st = st;
    } else if (p->st != NULL) {
        return ERR_OK;
    }
    if (e == ERR_NOTFOUND && p->opt->store_path == NULL && p->cfg.source_count == 0)
        return view_nothing_recorded(p->store_path, ctx);
    if (e == ERR_OK || !waits || (first && e != ERR_NOTFOUND))
        return e;
    say_trouble(p, e == ERR_NOTFOUND ? "nothing recorded yet: waiting for the recorder" : ctx->text);
    return ERR_OK;
}

static void keep_recorder(struct plain *p)
{
    const struct recorder_wanted what = {p->opt->recorder_program, p->cfg.path, p->store_path};
    char why[PLAIN_TEXT_MAX];
    bool wanted = !p->opt->no_recorder && p->opt->at == NULL && !p->ended && !p->demo && p->cfg.source_count > 0;
    if (recorder_keep_failed(&p->recorder, why, sizeof why) ||
        (wanted && recorder_keep_turn(&p->recorder, &what, clock_mono_ms(&p->clock), why, sizeof why)))
        plain_say(p, "%s", why);
}

enum err plain_turn(struct plain *p, bool *ret_end, struct errctx *ctx)
{
    struct errctx why = {.text = ""};

    *ret_end = false;
    enum err e = open_store(p, &why);
    if (e == ERR_OK && p->st != NULL && look_is_due(p))
        e = look(p, ret_end, &why);
    const char *text = errctx_text(&why, e);
    if (e != ERR_OK && !p->begun)
        return errctx_set(ctx, e, "%s", text);
    if (e != ERR_OK)
        say_trouble(p, text); /* what was said stays said */
    keep_recorder(p);
    if (p->write_errno != 0 && p->write_errno != EPIPE)
        return errctx_set(ctx, ERR_IO, "cannot write the lines: %s", strerror(p->write_errno));
    *ret_end = *ret_end || p->write_errno != 0; /* nobody reads them any more */
    return ERR_OK;
}

/* Waits for the next look, a request to end, or the other side of the output to go away; false: leave. */
static bool wait_turn(void)
{
    struct pollfd fds[2] = {{.fd = STDOUT_FILENO}, {.fd = signals_fd(), .events = POLLIN}};
    (void)poll(fds, 2, PLAIN_LOOK_MS);
    return !(fds[0].revents & (POLLERR | POLLHUP | POLLNVAL)) && !(signals_take() & SIGNALS_END);
}

enum err plain_run(const struct console_options *opt, char farewell[CONSOLE_FAREWELL_MAX], struct errctx *ctx)
{
    struct clock clock = clock_system();
    struct plain *p = calloc(1, sizeof *p);
    bool end = false, gone = false;

    farewell[0] = '\0';
    if (p == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory");
    enum err e = plain_open(p, opt, &clock, stdout, ctx);
    if (e == ERR_OK)
        e = signals_open(NULL, ctx);
    while (e == ERR_OK && !end && !gone) {
        e = plain_turn(p, &end, ctx);
        gone = e == ERR_OK && !end && !wait_turn();
    }
    if (gone && p->write_errno == 0 && !opt->no_recorder && !p->demo) /* a demo ends its recorder itself */
        recorder_keep_farewell(p->store_path, p->cfg.linger_ms, farewell, CONSOLE_FAREWELL_MAX);
    signals_close();
    plain_close(p);
    free(p);
    return e;
}
