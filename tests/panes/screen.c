/* SPDX-License-Identifier: MIT */
#include "panes/screen.h"

#include <stdlib.h>

#include "ui/draw/popup.h"

static const struct frame_key keys[] = {
    {"?", "help"},    {":", "command"}, {"/", "filter"}, {", .", "time"},  {"0", "live"}, {"t", "go to"}, {"e", "event"},
    {"w", "differs"}, {"a", "ack"},     {"m", "mark"},   {"o", "runbook"}, {"y", "copy"}, {"z", "zoom"},  {"q", "quit"},
};

static const struct popup_row help[] = {
    {"Move", NULL, true},
    {"j k", "one row down, up", false},
    {"1 - 8", "show a pane", false},
    {"Tab", "next pane", false},
    {"Enter", "into the selected row", false},
    {"Esc", "back", false},
    {"Time", NULL, true},
    {", .", "one step back, forward", false},
    {"{ }", "a longer step", false},
    {"0", "back to live", false},
    {"t", "go to a time: 3h ago, 02:58, yesterday 14:00", false},
    {"e E", "next, previous event", false},
    {"+ -", "zoom the time axis", false},
    {"Acts", NULL, true},
    {"a", "acknowledge the incident", false},
    {"m", "set a mark", false},
    {"y Y", "copy the row, copy the command that reopens this view", false},
    {"q", "back, then quit", false},
};

uint32_t screen_columns(const struct screen_spec *spec)
{
    return draw_axis_columns(spec->cols, spec->rows, spec->pane, spec->zoom, spec->rung);
}

struct draw_out screen_paint(struct canvas *cv, const struct screen_spec *spec, const struct fake *f)
{
    struct draw_out out = draw_out_none(), popup_out = draw_out_none();
    static const enum dim groups[PANE_COUNT] = {DIM_MODEL, DIM_PROVIDER, DIM_MODEL, DIM_TEAM, DIM_MODEL, DIM_MODEL, DIM_MODEL, DIM_MODEL};
    struct draw_ctx ctx = {.rung = spec->rung,
                           .colour = spec->colour,
                           .mask = spec->mask,
                           .focus = true,
                           .zoom = spec->zoom,
                           .opened = spec->detail,
                           .selected = spec->selected,
                           .sort = -4,
                           .group = groups[spec->pane],
                           .search = spec->search,
                           .now_ms = f->now_ms,
                           .cursor_ms = f->cursor_ms,
                           .frame = &f->frame,
                           .out = &out};
    bool paging = f->kind == FAKE_INCIDENT;
    struct frame_in in = {.view = &f->frame,
                          .pane = spec->pane,
                          .keys = keys,
                          .key_count = sizeof keys / sizeof *keys,
                          .window_ms = 3600000,
                          .pager = paging ? "PagerDuty UNACKED since 03:09" : ""};
    struct layout l = layout_screen(spec->cols, spec->rows, spec->zoom);
    canvas_clear(cv);
    if (spec->start) {
        popup_start(cv, canvas_rect(cv), "~/.config/gwtop/gwtop.yaml", "no configuration found", &ctx);
        return out;
    }
    bool detail = spec->detail || draw_shows_detail(spec->cols, spec->rows, spec->pane, spec->zoom);
    pane_get(spec->pane)->draw(cv, l.body, fake_view(f, spec->pane, detail), &ctx);
    (void)frame_draw(cv, &l, &in, &ctx);
    if (spec->help) {
        ctx.out = &popup_out;
        ctx.selected = -1;
        popup_list(cv, canvas_rect(cv), "gwtop: keys in force", "Esc closes", help, sizeof help / sizeof *help, 2, &ctx);
    }
    return out;
}

struct draw_out screen_draw(struct canvas *cv, const struct screen_spec *spec)
{
    struct fake *f = malloc(sizeof *f);
    if (!f || canvas_resize(cv, spec->cols, spec->rows)) {
        abort();
    }
    fake_init(f, spec->kind, screen_columns(spec));
    struct draw_out out = screen_paint(cv, spec, f);
    out.name = NULL; /* borrowed from the view that ends here */
    fake_fini(f);
    free(f);
    return out;
}
