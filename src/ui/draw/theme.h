/* SPDX-License-Identifier: MIT */
/* The colours of the roles, as plain data: filled from a theme file by the console, read by whatever turns cells into bytes.
 *
 * A theme file has one line per role: `page: 203/bright-red bold`. A style is up to one foreground, `on` and one background, and
 * attributes, in any order of attributes. A colour is default, one of the 16 ANSI names (black red green yellow blue magenta cyan
 * white, bright-red ..., grey = bright-black), a palette index 0..255, or #rrggbb; `A/B` means A where the terminal has colours enough
 * for it, else B. Attributes: bold dim italic underline reverse. A role that a file leaves out keeps what theme_mono gave it. */
#ifndef GWTOP_UI_DRAW_THEME_H
#define GWTOP_UI_DRAW_THEME_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ui/draw/canvas.h"
#include "ui/draw/role.h"

/* A colour: THEME_DEFAULT, a palette index 0..255, or THEME_RGB | 0xrrggbb. */
typedef int32_t theme_color;
#define THEME_DEFAULT ((theme_color)-1)
#define THEME_RGB ((theme_color)0x1000000)

struct style {
    theme_color fg, bg;
    theme_color fg_few, bg_few; /* for terminals with fewer colours; THEME_DEFAULT when the file names none */
    bool fg_has_few, bg_has_few;
    uint8_t attr; /* enum cell_attr */
};

enum { THEME_NAME_MAX = 32 };
struct theme {
    char name[THEME_NAME_MAX];
    struct style role[ROLE_COUNT];
};

/* The theme without any hue: bold, dim, underline and reverse only. What NO_COLOR shows, and what every theme file starts from. */
void theme_mono(struct theme *ret);

/* "203/bright-red on default bold" -> style. Errors: ERR_PARSE naming the word and what was expected. */
enum err theme_style_parse(struct str s, struct style *ret, struct errctx *ctx) GW_MUST_USE;

/* What the terminal is to do for one cell: fg, bg and attr with ground and solid areas resolved.
 * colors: what the terminal has: 0 or 2 (no hue at all), 8, 16, 256, or more (direct). */
struct style theme_cell_style(const struct theme *t, const struct cell *c, int32_t colors);

/* The nearest colour among the first `colors` of the xterm palette. THEME_DEFAULT stays. Source: xterm's 256-colour cube, 6x6x6 + 24
 * greys. */
theme_color theme_color_reduce(theme_color color, int32_t colors);

#endif
