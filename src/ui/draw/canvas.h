/* SPDX-License-Identifier: MIT */
/* A grid of cells that knows no terminal. Panes write through struct area (ui/draw/area.h), writers read cells.
 *
 * Invariant: a rune of width 2 at column x has a cell of width 0 at x + 1 in the same row; no rune is ever split by the right edge.
 * Memory is taken by canvas_resize alone, so that drawing a frame allocates nothing. */
#ifndef GWTOP_UI_DRAW_CANVAS_H
#define GWTOP_UI_DRAW_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "ui/draw/role.h"

enum cell_attr {
    CELL_BOLD = 1,
    CELL_DIM = 2,
    CELL_ITALIC = 4,
    CELL_UNDERLINE = 8,
    CELL_REVERSE = 16,
    CELL_SOLID = 32, /* the background is the ground role's foreground: two filled areas meet inside this cell */
};

enum { CELL_MARKS = 2 }; /* combining marks per base, as base/safe_text.h promises */

struct cell {
    uint32_t rune;             /* ' ' when empty; of no meaning where width is 0 */
    uint32_t mark[CELL_MARKS]; /* combining marks, 0 = none */
    uint8_t role;              /* enum role: foreground */
    uint8_t ground;            /* enum role whose background lies under it; ROLE_TEXT = none */
    uint8_t attr;              /* enum cell_attr */
    uint8_t width;             /* 1, 2, or 0 for the right half of the rune before it */
};

/* Half-open: columns x .. x+w-1, rows y .. y+h-1. w or h <= 0: empty. */
struct rect {
    int x, y, w, h;
};

enum { CANVAS_SIDE_MAX = 1000 }; /* cells; what a terminal reports beyond it is not believed */

struct canvas {
    struct cell *cell; /* rows * cols, row by row */
    int cols, rows;
    size_t cap; /* cells allocated */
};

void canvas_init(struct canvas *cv); /* 0 x 0, no memory */
void canvas_fini(struct canvas *cv);
/* Sets the size (sides are clamped to 0 .. CANVAS_SIDE_MAX) and clears. Allocates only when the grid has never been this large.
 * Errors: ERR_NOMEM (size and content stay). */
enum err canvas_resize(struct canvas *cv, int cols, int rows) GW_MUST_USE;
void canvas_clear(struct canvas *cv); /* all blank, ROLE_TEXT */

const struct cell *canvas_cell(const struct canvas *cv, int x, int y); /* NULL outside */
struct rect canvas_rect(const struct canvas *cv);
struct rect rect_intersect(struct rect a, struct rect b);
bool rect_is_empty(struct rect r);

/* The planes of a golden file, one line per row, trailing blanks cut. GLYPHS: the text as seen. ROLES: one role letter per column, ' '
 * where a blank cell has no ground. GROUNDS: the same of the grounds, ' ' where there is none. Attributes are in none of them. Errors: the
 * buffer's. */
enum canvas_plane { CANVAS_GLYPHS, CANVAS_ROLES, CANVAS_GROUNDS };
enum err canvas_export(const struct canvas *cv, enum canvas_plane plane, struct buf *out) GW_MUST_USE;

#endif
