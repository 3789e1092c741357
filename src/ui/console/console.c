/* SPDX-License-Identifier: MIT */
#include "ui/console/console.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/timefmt.h"
#include "ui/console/state.h"
#include "ui/console/theme_file.h"

enum { POPUP_TEXT_MAX = 64 * 1024 };
static const int64_t first_window_ms = 3600000, shortest_window_ms = 60000;
/* A storm of resizes is over when none came for the first time; the second bounds how long it is waited for. */
static const int64_t resize_quiet_ms = 40, resize_longest_ms = 200;
/* How often a store that is not there yet is looked for. */
static const int reopen_every_ms = 200;

static bool wants_color(const struct console *c)
{
    const char *no_color = getenv("NO_COLOR"); /* https://no-color.org: any value but an empty one */
    return !c->opt->no_color && c->cfg.color && (no_color == NULL || no_color[0] == '\0');
}

static enum err bind_keys(struct console *c, struct errctx *ctx)
{
    keymap_init(&c->keymap);
    for (uint32_t i = 0; i < c->cfg.binding_count; i++) {
        enum err e = keymap_bind(&c->keymap, c->cfg.bindings[i].action, c->cfg.bindings[i].key, ctx);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static enum err choose_theme(struct console *c, struct errctx *ctx)
{
    const char *name = c->opt->theme != NULL ? c->opt->theme : c->cfg.theme;
    if (wants_color(c))
        return theme_load(name, &c->theme, ctx) == ERR_OK ? ERR_OK : ERR_CONFIG;
    theme_mono(&c->theme);
    return ERR_OK;
}

enum err console_open(struct console *c, const struct console_options *opt, const struct clock *clock, struct errctx *ctx)
{
    const char *store;
    c->opt = opt;
    c->clock = *clock;
    arena_init(&c->arena[0], CONSOLE_ARENA_MAX);
    arena_init(&c->arena[1], CONSOLE_ARENA_MAX);
    arena_init(&c->scratch, CONSOLE_ARENA_MAX);
    arena_init(&c->differs_arena, CONSOLE_ARENA_MAX);
    arena_init(&c->shift_arena, CONSOLE_ARENA_MAX);
    canvas_init(&c->cv);
    buf_init(&c->popup_text, POPUP_TEXT_MAX);
    enum err e = config_load(opt->config_path, &c->cfg, &c->has_config, ctx);
    if (e != ERR_OK)
        return e;
    store = opt->store_path != NULL ? opt->store_path : c->cfg.store;
    if (!str_copy(c->store_path, sizeof c->store_path, str_of(store)))
        return errctx_set(ctx, ERR_CONFIG, "store: the path is longer than %zu bytes", sizeof c->store_path - 1);
    c->now_ms = clock_wall_ms(&c->clock);
    c->window_ms = first_window_ms;
    if (opt->window != NULL && (duration_parse(str_of(opt->window), &c->window_ms, NULL) != ERR_OK || c->window_ms < shortest_window_ms))
        return errctx_set(ctx, ERR_USAGE, "--window: expected a duration of at least 1m, like 6h or 7d, got '%s'", opt->window);
    c->latency.signal = SIG_TTFT;
    c->pane = opt->pane;
    c->mask = c->cfg.mask_names;
    c->mouse = c->cfg.mouse;
    for (int p = 0; p < PANE_COUNT; p++)
        c->ps[p].group = p == PANE_COST ? DIM_TEAM : DIM_MODEL;
    e = bind_keys(c, ctx);
    if (e == ERR_OK)
        e = choose_theme(c, ctx);
    if (e == ERR_OK)
        e = terminal_open(&c->term, wants_color(c), ctx);
    return e;
}

/* A colleague who is sent an incident sees that, and not the hour after it. */
static void open_at_incident(struct console *c)
{
    struct vsnapshot of;
    if (!view_snapshot(c->st, &c->arena[1], &of) || of.incident == 0)
        return;
    console_go(c, view_snapshot_moment(c->st, &c->arena[1], &of));
    if (!c->opt->has_pane) {
        c->pane = PANE_INCIDENTS;
        c->ps[PANE_INCIDENTS].opened = of.incident;
    }
}

/* What the command line says in words of the store: its clock, its names. */
static enum err place_cursor(struct console *c, struct errctx *ctx)
{
    struct errctx why = {.text = ""};
    struct store_filter f;
    int64_t at;

    if (c->st != NULL) {
        if (store_refresh(c->st, ctx) == ERR_OK && view_filter_parse(c->opt->filter, c->st, &c->arena[1], &f, ctx) == ERR_USAGE)
            return ERR_USAGE;
        c->now_ms = view_now(c->st, clock_wall_ms(&c->clock), &c->ended);
    }
    (void)str_copy(c->filter, sizeof c->filter, str_of(c->opt->filter));
    if (c->opt->at == NULL) {
        if (c->st != NULL)
            open_at_incident(c);
        return ERR_OK;
    }
    if (instant_parse(str_of(c->opt->at), c->now_ms, &at, &why) != ERR_OK)
        return errctx_set(ctx, ERR_USAGE, "--at: %s", why.text);
    console_go(c, at);
    return ERR_OK;
}

/* Where the configuration names sources, there is a recorder as long as somebody looks. That of a demo is the demo's own: it ends with
 * it. */
static void keep_recorder(struct console *c)
{
    const struct recorder_wanted what = {c->opt->recorder_program, c->cfg.path, c->store_path};
    char why[MESSAGE_MAX];
    bool wanted = !c->opt->no_recorder && !c->ended && !(c->has_frame && c->frame.demo) && c->cfg.source_count > 0;

    if (recorder_keep_failed(&c->recorder, why, sizeof why) ||
        (wanted && recorder_keep_turn(&c->recorder, &what, clock_mono_ms(&c->clock), why, sizeof why)))
        console_say(c, FRAME_MESSAGE_ERROR, "%s", why);
}

enum err console_begin(struct console *c, struct errctx *ctx)
{
    enum err e = console_set_glyphs(c, c->opt->glyphs != NULL ? c->opt->glyphs : c->cfg.glyphs, ctx);
    if (e != ERR_OK)
        return e;
    console_set_hue(c);
    terminal_set_mouse(c->term, c->mouse);
    console_draw(c); /* the first frame, before the store is touched */
    if (!console_open_store(c) && c->opt->store_path != NULL && c->cfg.source_count == 0)
        return errctx_set(ctx, ERR_NOTFOUND, "%s: %s", c->store_path, c->load_error);
    e = place_cursor(c, ctx);
    if (e != ERR_OK)
        return e;
    console_load(c);
    keep_recorder(c);
    console_draw(c);
    return ERR_OK;
}

void console_close(struct console *c)
{
    terminal_close(c->term);
    store_close(c->st);
    canvas_fini(&c->cv);
    buf_fini(&c->popup_text);
    arena_fini(&c->arena[0]);
    arena_fini(&c->arena[1]);
    arena_fini(&c->scratch);
    arena_fini(&c->differs_arena);
    arena_fini(&c->shift_arena);
    config_fini(&c->cfg);
}

void console_settle(struct console *c)
{
    if (c->pending == TURN_NOTHING)
        return;
    if (c->pending & TURN_LOAD)
        console_load(c);
    c->pending = TURN_DRAW; /* it is still to be shown */
    console_compose(c);
}

static bool take_keys(struct console *c)
{
    uint32_t key;
    while ((key = terminal_key(c->term)) != KEY_NONE) {
        unsigned turn = console_key(c, key);
        if (turn & TURN_QUIT)
            return false;
        c->pending |= turn;
    }
    return true;
}

/* Milliseconds until a storm of resizes counts as over; -1 when there is none. */
static int64_t resize_rest_ms(struct console *c)
{
    int64_t mono = clock_mono_ms(&c->clock);
    if (c->resized_first_mono_ms == 0)
        return -1;
    int64_t quiet = c->resized_last_mono_ms + resize_quiet_ms - mono, longest = c->resized_first_mono_ms + resize_longest_ms - mono;
    int64_t rest = quiet < longest ? quiet : longest;
    return rest > 0 ? rest : 0;
}

bool console_turn(struct console *c)
{
    if (!take_keys(c))
        return false;
    int64_t rest = resize_rest_ms(c);
    if (rest > 0)
        return true; /* what is drawn now would be wrong when it arrives */
    if (rest == 0) {
        c->resized_first_mono_ms = 0;
        terminal_resize(c->term);
        c->pending |= TURN_LOAD;
    }
    keep_recorder(c);
    console_age(c);
    console_message_age(c);
    if ((c->pending & TURN_LOAD) || console_load_is_due(c))
        console_load(c);
    console_draw(c);
    c->pending = TURN_NOTHING;
    return true;
}

/* Waits for a key, a signal, the end of a storm of resizes, or the next whole second. */
static void wait_turn(struct console *c)
{
    struct pollfd fds[2] = {{.fd = terminal_fd(c->term), .events = POLLIN}, {.fd = terminal_signal_fd(c->term), .events = POLLIN}};
    int64_t wait = 1000 - clock_wall_ms(&c->clock) % 1000, storm = resize_rest_ms(c);
    if (c->st == NULL && wait > reopen_every_ms)
        wait = reopen_every_ms;
    if (storm >= 0 && storm < wait)
        wait = storm;
    (void)poll(fds, 2, (int)wait);
}

enum err console_run(const struct console_options *opt, char farewell[CONSOLE_FAREWELL_MAX], struct errctx *ctx)
{
    struct clock clock = clock_system();
    struct console *c = calloc(1, sizeof *c);

    farewell[0] = '\0';
    heap_give_back();
    if (c == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory");
    enum err e = console_open(c, opt, &clock, ctx);
    if (e == ERR_OK)
        e = console_begin(c, ctx);
    if (e == ERR_OK) {
        do
            wait_turn(c);
        while (console_turn(c));
        if (!opt->no_recorder && !c->frame.demo) /* a demo ends its recorder itself */
            recorder_keep_farewell(c->store_path, c->cfg.linger_ms, farewell, CONSOLE_FAREWELL_MAX);
    }
    console_close(c);
    free(c);
    return e;
}
