/* SPDX-License-Identifier: MIT */
/* The panes: each turns one view into cells. One file and one row of pane_table per pane.
 *
 * A draw function MUST write through areas of its rectangle only, MUST NOT allocate, read a clock or keep anything, and MUST fill ctx->out.
 * It MAY be given any rectangle, empty ones included, and any view, one that is all zeros included. view NULL: still loading. */
#ifndef GWTOP_UI_DRAW_PANE_H
#define GWTOP_UI_DRAW_PANE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "ui/draw/canvas.h"
#include "ui/draw/glyph.h"
#include "view/view.h"

enum pane_id { PANE_OVERVIEW, PANE_TRAFFIC, PANE_LATENCY, PANE_COST, PANE_QUALITY, PANE_INCIDENTS, PANE_EVENTS, PANE_SOURCES, PANE_COUNT };

enum { DRAW_LINES_MAX = 64 };

/* What the console learns from a drawn pane. Set to draw_out_none before drawing. */
struct draw_out {
    int rows;          /* rows that can be selected, over all pages; 0 = none */
    int page;          /* of them visible at once: what PgDn moves by */
    int scroll;        /* first visible row as drawn: keep it for the next frame */
    int64_t at_ms;     /* instant the selected row stands for, 0 = none */
    int64_t id;        /* its incident, event or source id, 0 = none */
    const char *entry; /* of an opened incident, the selected entry of its timeline, "t12"; NULL or "": none to correct or pin */
    const char *name;  /* its value of dimension `dim` (a team, a model), for filtering by Enter; unmasked, borrowed from the view; NULL */
    enum dim dim;
    const char *within; /* a value of within_dim that the row is a part of (a provider of one model); NULL */
    enum dim within_dim;
    struct rect list;              /* where the rows were drawn, for the mouse */
    uint8_t lines[DRAW_LINES_MAX]; /* that each visible row takes on the screen; all 0 where none takes more than one */
};
struct draw_out draw_out_none(void);
/* Between rows and the lines of the list, both 0-based: the row on a line (past the last: the one after it), and the first line of a
 * row. */
int draw_out_row_at(const struct draw_out *out, int line);
int draw_out_line_of(const struct draw_out *out, int row);

/* How to draw. All zeros but out is usable: ascii, no hue. */
struct draw_ctx {
    enum glyph_rung rung;
    bool colour;        /* false: hue says nothing here; charts use glyphs to tell series apart */
    bool mask;          /* names of keys, users and teams are replaced (ui/draw/mask.h) */
    bool focus;         /* the pane has the keyboard: its selection is shown */
    bool zoom;          /* the pane has the whole screen */
    bool opened;        /* incidents: the detail has the pane to itself; else it stands below the list, where there is room */
    int selected;       /* row, 0-based; -1 = none */
    int scroll;         /* first visible row of the last frame */
    int sort;           /* as in view_params: column 1.., negative = descending, 0 = the view's own order */
    enum dim group;     /* as in view_params: what the pane's table is grouped by */
    const char *search; /* text to highlight, "" or NULL = none */
    int64_t now_ms, cursor_ms;
    const struct view_frame *frame; /* NULL while nothing is loaded */
    struct draw_out *out;           /* never NULL */
};

struct pane {
    const char *name;  /* in commands: "overview" */
    const char *title; /* in the tab row: "Overview" */
    const char *view;  /* which struct the view pointer is: "struct view_overview" */
    void (*draw)(struct canvas *cv, struct rect r, const void *view, const struct draw_ctx *ctx);
    const char *const *sorts; /* names of the sort columns, NULL-terminated, first = column 1; NULL: cannot be sorted */
    const char *help;         /* one sentence */
};

const struct pane *pane_get(enum pane_id id);          /* id < PANE_COUNT; static storage */
bool pane_by_name(struct str name, enum pane_id *ret); /* "overview", "1", or an unambiguous beginning */

/* How many columns of the shared time axis this pane wants, so that the loader can be asked for exactly those (view_params.columns).
 * Always 1..2000. Pure. */
uint32_t draw_axis_columns(int cols, int rows, enum pane_id pane, bool zoom, enum glyph_rung rung);

/* Whether the pane has room for the detail of its selected row below the list, so that the loader can be asked for it. Pure. */
bool draw_shows_detail(int cols, int rows, enum pane_id pane, bool zoom);

#endif
