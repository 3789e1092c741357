/* SPDX-License-Identifier: MIT */
/* Where things are: a pure function from the size of the screen to rectangles.
 *
 * Invariant, tested over every size from 1x1 to 200x60: rectangles lie inside the screen and never overlap; what does not fit is empty;
 * the verdict is the last thing to go. */
#ifndef GWTOP_UI_DRAW_LAYOUT_H
#define GWTOP_UI_DRAW_LAYOUT_H

#include "ui/draw/pane.h"

/* The smallest screen on which panes are drawn; below it only the verdict is. */
enum { LAYOUT_MIN_COLS = 40, LAYOUT_MIN_ROWS = 10 };
/* Rows of a body that holds a list and a detail below it: what a screen of 30 rows leaves. */
enum { LAYOUT_DETAIL_ROWS = 25 };
/* And of one that holds a short list and what its selected row did: what a screen of 24 rows leaves. */
enum { LAYOUT_GIST_ROWS = 18 };

struct layout {
    struct rect screen;
    struct rect header, verdict, reality, tabs; /* rows 1 to 4 */
    struct rect body;                           /* the pane */
    struct rect footer;                         /* keys, message or prompt */
    bool too_small;                             /* verdict takes what there is; body is empty */
};
struct layout layout_screen(int cols, int rows, bool zoom);

/* The overview's table: columns of text to the left of the strips, the strips, and the incident column on the right (empty when the screen
 * is narrower than LAYOUT_SIDE_COLS). All relative to the body. Other panes use the same left edge of the strips, so that the time axis
 * stands still when the pane is changed. */
enum { LAYOUT_SIDE_COLS = 140 };
/* What Quality has more to the left of the strips: when drifts began, in so many columns with the blank before them: "18:26Z", "18:26Z
 * +-29m" on a screen of LAYOUT_ONSET_LEAST, "29 Nov 23:46-30 23:50" where there is room for days. From LAYOUT_ONSET_LEAST on longer names
 * as well, while the strips have two fifths of the screen. */
enum { LAYOUT_ONSET_LEAST = 110, LAYOUT_ONSET_DAYS_LEAST = 140 };
enum { LAYOUT_ONSET_SHORT_COLS = 7, LAYOUT_ONSET_COLS = 13, LAYOUT_ONSET_DAYS_COLS = 22 };
struct layout_grid {
    int label_w, now_w, then_w, over_w, n_w; /* columns of the signal table, each followed by a blank */
    int strip_x, strip_w;                    /* of the time axis */
    int main_w;                              /* label to the end of the strips */
    int side_x, side_w;                      /* 0 wide when there is none */
    int onset_w;                             /* of Quality, with a blank; 0 = there is none */
};
struct layout_grid layout_grid(int cols, enum pane_id pane);

#endif
