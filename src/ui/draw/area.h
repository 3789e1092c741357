/* SPDX-License-Identifier: MIT */
/* A window into a canvas: coordinates are relative to it and a write outside it is impossible, whatever the caller asks for.
 *
 * Passed by value. Text is safe text (base/safe_text.h); anything that is not printable is shown as '?' all the same. Columns are counted
 * with base/safe_text.h's table, never with the locale's. */
#ifndef GWTOP_UI_DRAW_AREA_H
#define GWTOP_UI_DRAW_AREA_H

#include "base/err.h"
#include "ui/draw/canvas.h"
#include "ui/draw/role.h"

struct area {
    struct canvas *cv;
    struct rect r;    /* where 0,0 is, and the nominal size: layout counts with these */
    struct rect clip; /* what of it may be written; lies inside the canvas */
    uint8_t ground;   /* ROLE_TEXT = none; given to every cell that is written */
};

struct area area_of(struct canvas *cv, struct rect r);
/* A part of a, in a's coordinates; whatever of it lies outside of a is clipped away. */
struct area area_sub(struct area a, int x, int y, int w, int h);
struct area area_row(struct area a, int y);           /* one row of a */
struct area area_on(struct area a, enum role ground); /* the same window, other ground */

/* Each put returns the columns it took (what was clipped does not count). attr: enum cell_attr bits. */
int area_put(struct area a, int x, int y, enum role role, const char *text);
int area_put_attr(struct area a, int x, int y, enum role role, uint8_t attr, const char *text);
int area_putf(struct area a, int x, int y, enum role role, const char *fmt, ...) GW_PRINTF(5, 6); /* at most 511 bytes */
/* In width columns from x: cut with '~' in the last column when it is too long; right-aligned by the second. */
int area_put_cut(struct area a, int x, int y, int width, enum role role, uint8_t attr, const char *text);
int area_put_right(struct area a, int x, int y, int width, enum role role, uint8_t attr, const char *text);
void area_rune(struct area a, int x, int y, enum role role, uint8_t attr, uint32_t rune); /* width 1 only */
/* A cell whose background is the foreground of `under` (two solid areas in one cell). */
void area_rune_over(struct area a, int x, int y, enum role role, enum role under, uint32_t rune);

void area_fill(struct area a, enum role role, uint32_t rune);   /* the whole window */
void area_ground(struct area a, enum role ground);              /* changes the ground under what is there */
void area_role(struct area a, enum role role);                  /* changes the role of what is there (dim a whole pane) */
void area_replace(struct area a, enum role from, enum role to); /* changes the role of the cells that have `from` */
/* Gives role to every occurrence of text (ASCII letters in either case) in the rows of a. NULL or "": nothing. */
void area_highlight(struct area a, enum role role, const char *text);

/* Text broken at blanks into at most a.r.h rows; the last row ends in '~' when there was more. Returns the rows used. */
int area_wrap(struct area a, int x, int y, enum role role, const char *text);
/* Bytes of the beginning of text that fits one row of width columns and ends at a blank; the blank after it is not among them. */
size_t area_row_bytes(int width, const char *text);
int area_wrap_rows(int width, const char *text); /* rows that the whole text takes in width columns; at most 1,000 */

#endif
