/* SPDX-License-Identifier: MIT */
/* The ladder of glyphs: what charts, rules and marks are made of on terminals of different abilities.
 *
 * ascii: nothing beyond 7 bits. box: box-drawing lines, charts still ascii. block: eighth blocks and shades. braille: dots, two columns of
 * data per cell. All glyphs are one column wide and no emoji; those beyond ascii are of ambiguous width in East Asian legacy locales,
 * which is why the console's `auto` stays on ascii there. One data value is never drawn as another's glyph: gap, zero and beyond differ. */
#ifndef GWTOP_UI_DRAW_GLYPH_H
#define GWTOP_UI_DRAW_GLYPH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum glyph_rung { GLYPH_ASCII, GLYPH_BOX, GLYPH_BLOCK, GLYPH_BRAILLE, GLYPH_RUNG_COUNT };

const char *glyph_rung_name(enum glyph_rung r);                 /* "ascii" ... */
bool glyph_rung_by_name(struct str name, enum glyph_rung *ret); /* not "auto": that is the console's to resolve */

/* Lines and signs of one rung. */
struct glyph_set {
    uint32_t hline, vline, cursor; /* rule, separator, time cursor */
    uint32_t tick;                 /* on the time axis, left of its label */
    uint32_t zero, beyond;         /* in charts: a measured 0; past the last bucket */
    uint32_t gap;                  /* in heatmaps, where a blank is a measured 0 */
    uint32_t threshold;            /* horizontal line in charts taller than one row */
    uint32_t bar_start, bar;       /* incident bars */
    uint32_t fill, track;          /* bar in a cell, and the rest of its track */
    uint32_t up, down;             /* sort arrows */
    uint32_t corner[4];            /* box of a popup: top left, top right, bottom left, bottom right */
    uint32_t hollow;               /* stands left of nothing: the mark of an onset found later */
    uint32_t onset;                /* first column of a drift */
};
const struct glyph_set *glyph_set(enum glyph_rung r);

/* One cell of a bar chart, `filled` eighths (0..8) full from below. ascii and box: the ramp " .-=+*#%@". filled 0 gives ' '. */
uint32_t glyph_eighths(enum glyph_rung r, int filled);
/* One braille cell: left and right dot columns filled 0..4 from below. */
uint32_t glyph_braille(int left, int right);
/* The same from the left: a bar inside a table cell; filled 0..8 eighths. */
uint32_t glyph_bar_eighths(enum glyph_rung r, int filled);
/* A step (0..8) of a heat ramp for terminals without hue: " .:-=+*%#@" or shades. */
uint32_t glyph_heat(enum glyph_rung r, int step);

#endif
