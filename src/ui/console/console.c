/* SPDX-License-Identifier: MIT */
#include "ui/console/console.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "ui/console/state.h"
#include "ui/console/theme_file.h"

enum { VIEW_ARENA_MAX = 256 << 20 };
static const int64_t first_window_ms = 3600000;

static enum err choose_look(struct console *c, struct errctx *ctx)
{
    const char *theme = c->opt->theme != NULL ? c->opt->theme : c->cfg.theme, *glyphs = c->opt->glyphs != NULL ? c->opt->glyphs : c->cfg.glyphs;
    const char *no_color = getenv("NO_COLOR");

    if (c->opt->no_color || !c->cfg.color || (no_color != NULL && no_color[0] != '\0'))
        theme_mono(&c->theme);
    else if (theme_load(theme, &c->theme, ctx) != ERR_OK)
        return ERR_CONFIG;
    c->rung = c->term != NULL && terminal_is_utf8(c->term) ? GLYPH_BLOCK : GLYPH_ASCII;
    if (strcmp(glyphs, "auto") != 0 && !glyph_rung_by_name(str_of(glyphs), &c->rung))
        return errctx_set(ctx, ERR_CONFIG, "glyphs: expected auto, ascii, box, block or braille, got '%s'", glyphs);
    keymap_init(&c->keymap);
    for (uint32_t i = 0; i < c->cfg.binding_count; i++) {
        enum err e = keymap_bind(&c->keymap, c->cfg.bindings[i].action, c->cfg.bindings[i].key, ctx);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static enum err prepare(struct console *c, struct errctx *ctx)
{
    enum err e = config_load(c->opt->config_path, &c->cfg, &c->has_config, ctx);
    if (e != ERR_OK)
        return e;
    if (!str_copy(c->store_path, sizeof c->store_path, str_of(c->opt->store_path != NULL ? c->opt->store_path : c->cfg.store)))
        return errctx_set(ctx, ERR_CONFIG, "store: the path is longer than %zu bytes", sizeof c->store_path - 1);
    c->clock = clock_system();
    c->now_ms = clock_wall_ms(&c->clock);
    c->window_ms = first_window_ms;
    c->latency_signal = SIG_TTFT;
    c->pane = c->opt->pane;
    c->mask = c->cfg.mask_names;
    c->mouse = c->cfg.mouse;
    for (int p = 0; p < PANE_COUNT; p++)
        c->ps[p].group = p == PANE_COST ? DIM_TEAM : DIM_MODEL;
    (void)str_copy(c->filter, sizeof c->filter, str_of(c->opt->filter != NULL ? c->opt->filter : ""));
    arena_init(&c->arena[0], VIEW_ARENA_MAX);
    arena_init(&c->arena[1], VIEW_ARENA_MAX);
    canvas_init(&c->cv);
    return ERR_OK;
}

/* A time to open at may be relative to the store's own clock, so it is read after the first look into the store. */
static enum err open_at(struct console *c, struct errctx *ctx)
{
    int64_t at;
    if (c->opt->at == NULL)
        return ERR_OK;
    enum err e = instant_parse(str_of(c->opt->at), c->now_ms, &at, ctx);
    if (e != ERR_OK)
        return ERR_USAGE;
    console_go(c, at);
    console_load(c);
    return ERR_OK;
}

/* Waits for a key, a signal or the next whole second. Resizes come as an interrupted poll and are read as a key. */
static void wait_turn(struct console *c)
{
    struct pollfd fds[2] = {{.fd = terminal_fd(c->term), .events = POLLIN}, {.fd = terminal_signal_fd(c->term), .events = POLLIN}};
    int64_t rest = 1000 - clock_wall_ms(&c->clock) % 1000;
    (void)poll(fds, 2, (int)rest);
}

static unsigned take_keys(struct console *c)
{
    unsigned turn = TURN_NOTHING;
    uint32_t key;
    while (!(turn & TURN_QUIT) && (key = terminal_key(c->term)) != KEY_NONE)
        turn |= console_key(c, key);
    return turn;
}

static enum err loop(struct console *c, struct errctx *ctx)
{
    console_load(c);
    if (c->st == NULL && c->opt->store_path != NULL && c->cfg.source_count == 0)
        return errctx_set(ctx, ERR_NOTFOUND, "%s: %s", c->store_path, c->load_error);
    enum err e = open_at(c, ctx);
    if (e != ERR_OK)
        return e;
    console_draw(c);
    for (;;) {
        wait_turn(c);
        unsigned turn = take_keys(c);
        if (turn & TURN_QUIT)
            return ERR_OK;
        console_keep_recorder(c);
        console_age(c);
        if ((turn & TURN_LOAD) || console_load_is_due(c))
            console_load(c);
        console_draw(c);
    }
}

enum err console_run(const struct console_options *opt, struct errctx *ctx)
{
    struct console *c = calloc(1, sizeof *c);
    if (c == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory");
    c->opt = opt;
    enum err e = prepare(c, ctx);
    if (e == ERR_OK)
        e = terminal_open(&c->term, ctx);
    if (e == ERR_OK)
        e = choose_look(c, ctx);
    if (e == ERR_OK) {
        terminal_set_mouse(c->term, c->mouse);
        console_draw(c); /* the first frame, before the store is touched */
        e = loop(c, ctx);
    }
    terminal_close(c->term);
    store_close(c->st);
    canvas_fini(&c->cv);
    arena_fini(&c->arena[0]);
    arena_fini(&c->arena[1]);
    config_fini(&c->cfg);
    free(c);
    return e;
}
