/* SPDX-License-Identifier: MIT */
/* Boxes over a pane: help, lists, evidence; and the screen that says how to start. Pure drawing; keys are the console's. */
#ifndef GWTOP_UI_DRAW_POPUP_H
#define GWTOP_UI_DRAW_POPUP_H

#include <stddef.h>

#include "ui/draw/pane.h"

/* One row of a list. heading: text alone, as a title between rows. figures: right is of numbers, for which left gives way, which is cut in
 * its middle; tail goes after it where there is room for that of every row. */
struct popup_row {
    const char *left, *right; /* "Ctrl-L", "redraw"; right may be NULL */
    bool heading;
    bool figures;
    const char *tail; /* " of change"; of rows with figures; NULL */
};

/* A titled box in the middle of screen, as small as its content allows; rows scroll so that ctx->selected is visible (selected < 0:
 * ctx->scroll counts). columns > 1 lays the rows out in that many columns where the box is wide enough. Fills ctx->out (rows, page, scroll,
 * list). */
void popup_list(struct canvas *cv, struct rect screen, const char *title, const char *hint, const struct popup_row *rows, size_t count,
                int columns, const struct draw_ctx *ctx);
/* The same for running text: lines separated by '\n', wrapped at blanks. Scrolls by ctx->scroll. */
void popup_text(struct canvas *cv, struct rect screen, const char *title, const char *hint, const char *text, const struct draw_ctx *ctx);

/* "How to start": the demo, or three lines of YAML. config_path: where the file is looked for; reason: why this is shown ("no configuration
 * found"), one sentence. */
void popup_start(struct canvas *cv, struct rect screen, const char *config_path, const char *reason, const struct draw_ctx *ctx);

#endif
