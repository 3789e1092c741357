/* SPDX-License-Identifier: MIT */
#include "ui/console/state.h"

#include <string.h>

#include "ui/console/pace.h"

static const int64_t reopen_ms = 200;

bool console_is_live(const struct console *c)
{
    return c->cursor_ms == 0;
}

int64_t console_cursor(const struct console *c)
{
    if (c->cursor_ms != 0)
        return c->cursor_ms;
    return c->frozen_since_ms != 0 ? c->frozen_since_ms : c->now_ms;
}

struct view_params console_params(const struct console *c)
{
    const struct pane_state *ps = &c->ps[c->pane];
    int cols, rows;
    terminal_size(c->term, &cols, &rows);
    return (struct view_params){
        .now_ms = c->now_ms,
        .cursor_ms = console_cursor(c),
        .live = console_is_live(c),
        .window_ms = c->window_ms,
        .columns = draw_axis_columns(cols, rows, c->pane, c->zoom, c->rung),
        .now_window_ms = VIEW_NOW_WINDOW_MS,
        .compare_ms = VIEW_COMPARE_MS,
        .group = ps->group,
        .filter = c->filter,
        .sort = ps->sort,
    };
}

static bool shows_detail(const struct console *c)
{
    int cols, rows;
    terminal_size(c->term, &cols, &rows);
    return c->ps[PANE_INCIDENTS].opened == 0 && draw_shows_detail(cols, rows, c->pane, c->zoom);
}

static enum err load_incidents(struct console *c, const struct view_loader *l, const struct view_params *p, struct view_incidents *v,
                               struct errctx *ctx)
{
    const struct pane_state *ps = &c->ps[PANE_INCIDENTS];
    if (shows_detail(c))
        return view_load_incidents_row(l, p, (size_t)ps->selected, v, ctx);
    return view_load_incidents(l, p, ps->opened, v, ctx);
}

static enum err load_view(struct console *c, const struct view_loader *l, const struct view_params *p, union pane_view *v,
                          struct errctx *ctx)
{
    switch (c->pane) {
    case PANE_OVERVIEW: return view_load_overview(l, p, &v->overview, ctx);
    case PANE_TRAFFIC: return view_load_traffic(l, p, &v->traffic, ctx);
    case PANE_LATENCY: return view_load_latency(l, p, &c->latency, &v->latency, ctx);
    case PANE_COST: return view_load_cost(l, p, &v->cost, ctx);
    case PANE_QUALITY: return view_load_quality(l, p, &v->quality, ctx);
    case PANE_INCIDENTS: return load_incidents(c, l, p, &v->incidents, ctx);
    case PANE_EVENTS: return view_load_events(l, p, &v->events, ctx);
    case PANE_SOURCES: return view_load_sources(l, p, &v->sources, ctx);
    case PANE_COUNT: break;
    }
    return ERR_UNSUPPORTED;
}

/* Puts st in place of the store that is open. What is on screen points into that one, so it goes, too. */
static void take_store(struct console *c, struct store *st)
{
    store_close(c->st);
    c->st = st;
    c->has_frame = c->has_view = false;
    c->out = draw_out_none();
}

/* The store appears when the recorder makes it; until then this is tried again and again. When its file can no longer be written, the ring
 * store takes its place, and gives it back. */
bool console_open_store(struct console *c)
{
    struct errctx ctx = {.text = ""};
    struct store *st;
    int64_t mono = clock_mono_ms(&c->clock);

    if (c->st != NULL && view_store_is_current(c->st, c->store_path))
        return true;
    if (c->opened_try_mono_ms != 0 && mono - c->opened_try_mono_ms < reopen_ms)
        return c->st != NULL;
    c->opened_try_mono_ms = mono;
    enum err e = view_open_store(c->store_path, &st, &ctx);
    if (e == ERR_OK) {
        view_take_config(st, &c->cfg);
        take_store(c, st);
    } else if (c->st == NULL) {
        (void)str_copy(c->load_error, sizeof c->load_error,
                       str_of(e == ERR_NOTFOUND ? "nothing recorded yet: waiting for the recorder" : ctx.text));
    }
    return c->st != NULL;
}

enum err console_read_begin(struct console *c, struct arena *a, struct view_loader *ret, struct errctx *ctx)
{
    arena_reset(a);
    *ret =
        (struct view_loader){.st = c->st, .cfg = &c->cfg, .arena = a, .scratch = &c->scratch, .memo = arena_array(a, 1, sizeof *ret->memo)};
    return store_snapshot_begin(c->st, ctx);
}

void console_read_end(struct console *c)
{
    store_snapshot_end(c->st);
    arena_fini(&c->scratch); /* megabytes that would lie idle until the next time */
}

static enum err load_all(struct console *c, struct arena *a, struct view_frame *frame, union pane_view *view, struct errctx *ctx)
{
    struct view_loader l;
    enum err e = console_read_begin(c, a, &l, ctx);
    if (e != ERR_OK)
        return e;
    e = store_refresh(c->st, ctx);
    c->now_ms = view_now(c->st, clock_wall_ms(&c->clock), &c->ended);
    struct view_params p = console_params(c);
    if (e == ERR_OK)
        e = view_load_frame(&l, &p, frame, ctx);
    if (e == ERR_OK)
        e = load_view(c, &l, &p, view, ctx);
    console_read_end(c);
    return e;
}

void console_load(struct console *c)
{
    struct errctx ctx = {.text = ""};
    struct view_frame frame;
    union pane_view view;

    int64_t begun = clock_mono_ms(&c->clock);

    c->loaded_mono_ms = begun;
    c->rest_ms = 0;
    if (!console_open_store(c))
        return;
    struct arena *a = &c->arena[1 - c->arena_on];
    memset(&view, 0, sizeof view);
    c->data_version = store_data_version(c->st);
    enum err e = load_all(c, a, &frame, &view, &ctx);
    if (e != ERR_OK) { /* what is on screen stays, with the reason and its age beside it */
        (void)str_copy(c->load_error, sizeof c->load_error, str_of(errctx_text(&ctx, e)));
        return;
    }
    c->load_error[0] = '\0';
    c->arena_on = 1 - c->arena_on;
    c->frame = frame;
    c->view = view;
    c->has_frame = c->has_view = true;
    c->rest_ms = pace_rest_ms(clock_mono_ms(&c->clock) - begun); /* ages go on meanwhile, and a key reads at once */
}

/* The selection moved since the detail below the list was loaded. */
static bool detail_is_due(const struct console *c)
{
    const struct view_incidents *v = &c->view.incidents;
    if (c->pane != PANE_INCIDENTS || !c->has_view || v->count == 0 || !shows_detail(c))
        return false;
    size_t row = (size_t)c->ps[PANE_INCIDENTS].selected;
    return v->selected != v->list[row < v->count ? row : v->count - 1].in.id;
}

bool console_load_is_due(struct console *c)
{
    int64_t mono = clock_mono_ms(&c->clock);
    if (c->st == NULL)
        return mono - c->opened_try_mono_ms >= reopen_ms;
    if (detail_is_due(c))
        return true;
    if (!console_is_live(c) || c->frozen_since_ms != 0 || c->ended)
        return false;
    if (mono - c->loaded_mono_ms < c->rest_ms)
        return false;
    if (mono - c->loaded_mono_ms >= PACE_RELOAD_MS)
        return true;
    /* Without a writer a read-only reader of a WAL builds its index anew for every look, and each look is told that something changed. */
    return c->frame.recorder_running && store_data_version(c->st) != c->data_version;
}

/* A screen that stands still, frozen or in the past, still says whether anybody records. */
static void age_recorder(struct console *c)
{
    static const int64_t look_ms = 2000;
    int64_t mono = clock_mono_ms(&c->clock);
    if (c->st == NULL || !c->has_frame || mono - c->recorder_mono_ms < look_ms)
        return;
    c->recorder_mono_ms = mono;
    view_recorder(c->st, c->now_ms, &c->frame);
}

void console_age(struct console *c)
{
    int64_t before = c->now_ms;
    if (c->st == NULL)
        c->now_ms = clock_wall_ms(&c->clock);
    else if (!c->ended)
        c->now_ms = view_now(c->st, clock_wall_ms(&c->clock), &c->ended);
    c->frame.now_ms = c->now_ms;
    age_recorder(c);
    if (!console_is_live(c) || c->frozen_since_ms != 0 || !c->has_frame)
        return;
    c->frame.cursor_ms = c->now_ms;
    if (c->frame.data_age_ms >= 0)
        c->frame.data_age_ms += c->now_ms - before;
}
