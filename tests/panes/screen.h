/* SPDX-License-Identifier: MIT */
/* A whole screen of an invented view, as the console would compose it: frame, pane, popup. */
#ifndef GWTOP_TESTS_SCREEN_H
#define GWTOP_TESTS_SCREEN_H

#include "panes/fake_views.h"
#include "ui/draw/canvas.h"
#include "ui/draw/frame.h"

struct screen_spec {
    enum pane_id pane;
    enum fake_kind kind;
    int cols, rows;
    enum glyph_rung rung;
    bool colour, mask, zoom, detail, help, start;
    int selected; /* -1 = none */
    const char *search;
};

/* Sizes the canvas and draws. Aborts when out of memory. Returns what the pane told the console. */
struct draw_out screen_draw(struct canvas *cv, const struct screen_spec *spec);
/* The same into a canvas that has its size, from a view that is there: this is what must not allocate. */
struct draw_out screen_paint(struct canvas *cv, const struct screen_spec *spec, const struct fake *f);
uint32_t screen_columns(const struct screen_spec *spec); /* of the axis, as the console asks the loader */

#endif
