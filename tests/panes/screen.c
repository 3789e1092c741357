/* SPDX-License-Identifier: MIT */
#include "panes/screen.h"

#include <stdlib.h>

#include "ui/draw/popup.h"

static const struct frame_key keys[] = {
    {"?", "help"},    {":", "command"}, {"/", "filter"}, {", .", "time"},  {"0", "live"}, {"t", "go to"}, {"e", "event"},
    {"w", "differs"}, {"a", "ack"},     {"m", "mark"},   {"o", "runbook"}, {"y", "copy"}, {"z", "zoom"},  {"q", "quit"},
};

static const struct popup_row help[] = {
    {.left = "Move", .heading = true},
    {.left = "j k", .right = "one row down, up"},
    {.left = "1 - 8", .right = "show a pane"},
    {.left = "Tab", .right = "next pane"},
    {.left = "Enter", .right = "into the selected row"},
    {.left = "Esc", .right = "back"},
    {.left = "Time", .heading = true},
    {.left = ", .", .right = "one step back, forward"},
    {.left = "{ }", .right = "a longer step"},
    {.left = "0", .right = "back to live"},
    {.left = "t", .right = "go to a time: 3h ago, 02:58, yesterday 14:00"},
    {.left = "e E", .right = "next, previous event"},
    {.left = "+ -", .right = "zoom the time axis"},
    {.left = "Acts", .heading = true},
    {.left = "a", .right = "acknowledge the incident"},
    {.left = "m", .right = "set a mark"},
    {.left = "y Y", .right = "copy the row, copy the command that reopens this view"},
    {.left = "q", .right = "back, then quit"},
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
