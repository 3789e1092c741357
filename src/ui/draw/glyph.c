/* SPDX-License-Identifier: MIT */
#include "ui/draw/glyph.h"

#include <assert.h>

static const char *const names[GLYPH_RUNG_COUNT] = {"ascii", "box", "block", "braille"};

const char *glyph_rung_name(enum glyph_rung r)
{
    assert(r < GLYPH_RUNG_COUNT);
    return names[r];
}

bool glyph_rung_by_name(struct str name, enum glyph_rung *ret)
{
    for (int r = 0; r < GLYPH_RUNG_COUNT; r++) {
        if (str_eq_z(name, names[r])) {
            *ret = (enum glyph_rung)r;
            return true;
        }
    }
    return false;
}

static const struct glyph_set sets[GLYPH_RUNG_COUNT] = {
    [GLYPH_ASCII] = {.hline = '-',
                     .vline = '|',
                     .cursor = '|',
                     .tick = '|',
                     .zero = '_',
                     .beyond = '^',
                     .gap = ':',
                     .threshold = '-',
                     .bar_start = '|',
                     .bar = '=',
                     .fill = '#',
                     .track = ' ',
                     .up = '^',
                     .down = 'v',
                     .corner = {'+', '+', '+', '+'},
                     .hollow = '(',
                     .onset = 'o'},
    [GLYPH_BOX] = {.hline = 0x2500,
                   .vline = 0x2502,
                   .cursor = 0x2502,
                   .tick = 0x2577,
                   .zero = '_',
                   .beyond = '^',
                   .gap = 0x250a,
                   .threshold = 0x2504,
                   .bar_start = 0x2523,
                   .bar = 0x2501,
                   .fill = '#',
                   .track = ' ',
                   .up = 0x2191,
                   .down = 0x2193,
                   .corner = {0x250c, 0x2510, 0x2514, 0x2518},
                   .hollow = '(',
                   .onset = 'o'},
    [GLYPH_BLOCK] = {.hline = 0x2500,
                     .vline = 0x2502,
                     .cursor = 0x2502,
                     .tick = 0x2577,
                     .zero = 0xb7,
                     .beyond = '^',
                     .gap = 0x250a,
                     .threshold = 0x2504,
                     .bar_start = 0x2523,
                     .bar = 0x2501,
                     .fill = 0x2588,
                     .track = ' ',
                     .up = 0x2191,
                     .down = 0x2193,
                     .corner = {0x250c, 0x2510, 0x2514, 0x2518},
                     .hollow = '(',
                     .onset = 'o'},
    [GLYPH_BRAILLE] = {.hline = 0x2500,
                       .vline = 0x2502,
                       .cursor = 0x2502,
                       .tick = 0x2577,
                       .zero = 0xb7,
                       .beyond = '^',
                       .gap = 0x250a,
                       .threshold = 0x2504,
                       .bar_start = 0x2523,
                       .bar = 0x2501,
                       .fill = 0x2588,
                       .track = ' ',
                       .up = 0x2191,
                       .down = 0x2193,
                       .corner = {0x250c, 0x2510, 0x2514, 0x2518},
                       .hollow = '(',
                       .onset = 'o'},
};

const struct glyph_set *glyph_set(enum glyph_rung r)
{
    assert(r < GLYPH_RUNG_COUNT);
    return &sets[r];
}

static int clamp(int v, int max)
{
    return v < 0 ? 0 : v > max ? max : v;
}

uint32_t glyph_eighths(enum glyph_rung r, int filled)
{
    filled = clamp(filled, 8);
    if (r >= GLYPH_BLOCK) {
        return filled ? 0x2580 + (uint32_t)filled : ' '; /* U+2581 one eighth .. U+2588 full */
    }
    return (uint32_t) " .-=+*#%@"[filled];
}

uint32_t glyph_braille(int left, int right)
{
    /* dot bits from the bottom row upwards: Unicode braille patterns, dots 7 3 2 1 on the left and 8 6 5 4 on the right */
    static const uint32_t bits_left[5] = {0, 0x40, 0x44, 0x46, 0x47};
    static const uint32_t bits_right[5] = {0, 0x80, 0xa0, 0xb0, 0xb8};
    uint32_t bits = bits_left[clamp(left, 4)] | bits_right[clamp(right, 4)];
    return bits ? 0x2800 | bits : ' ';
}

uint32_t glyph_bar_eighths(enum glyph_rung r, int filled)
{
    filled = clamp(filled, 8);
    if (r >= GLYPH_BLOCK) {
        return filled ? 0x2590 - (uint32_t)filled : ' '; /* U+258F one eighth .. U+2588 full */
    }
    return filled >= 4 ? '#' : filled ? '-' : ' ';
}

uint32_t glyph_heat(enum glyph_rung r, int step)
{
    static const uint32_t shades[9] = {0x2591, 0x2591, 0x2591, 0x2592, 0x2592, 0x2592, 0x2593, 0x2593, 0x2588};
    step = clamp(step, 8);
    return r >= GLYPH_BLOCK ? shades[step] : (uint32_t) ".:-=+*%#@"[step];
}
