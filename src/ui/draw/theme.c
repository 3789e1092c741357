/* SPDX-License-Identifier: MIT */
#include "ui/draw/theme.h"

#include <assert.h>
#include <string.h>

static const struct style style_none = {.fg = THEME_DEFAULT, .bg = THEME_DEFAULT, .fg_few = THEME_DEFAULT, .bg_few = THEME_DEFAULT};

/* Attributes by which the theme without hue tells roles apart; a role that is not listed is plain text. */
static const uint8_t mono_attr[ROLE_COUNT] = {
    [ROLE_STRONG] = CELL_BOLD,
    [ROLE_DIM] = CELL_DIM,
    [ROLE_ACCENT] = CELL_BOLD,
    [ROLE_TITLE] = CELL_BOLD,
    [ROLE_RULE] = CELL_DIM,
    [ROLE_BAR] = CELL_REVERSE,
    [ROLE_TAB_ON] = CELL_REVERSE | CELL_BOLD,
    [ROLE_KEY] = CELL_BOLD,
    [ROLE_TICKET] = CELL_BOLD,
    [ROLE_PAGE] = CELL_BOLD,
    [ROLE_UNKNOWN] = CELL_UNDERLINE,
    [ROLE_STALE] = CELL_DIM,
    [ROLE_OK_BADGE] = CELL_BOLD,
    [ROLE_TICKET_BADGE] = CELL_REVERSE,
    [ROLE_PAGE_BADGE] = CELL_REVERSE | CELL_BOLD,
    [ROLE_UNKNOWN_BADGE] = CELL_REVERSE | CELL_UNDERLINE,
    [ROLE_MODE] = CELL_REVERSE | CELL_BOLD,
    [ROLE_PAST] = CELL_REVERSE | CELL_BOLD,
    [ROLE_SELECTION] = CELL_REVERSE,
    [ROLE_CURSOR] = CELL_REVERSE,
    [ROLE_AXIS] = CELL_DIM,
    [ROLE_GAP] = CELL_DIM,
    [ROLE_ZERO] = CELL_DIM,
    [ROLE_THRESHOLD] = CELL_DIM,
    [ROLE_STRIP_STALE] = CELL_DIM,
    [ROLE_MARK] = CELL_BOLD,
    [ROLE_MARK_HOLLOW] = CELL_UNDERLINE,
    [ROLE_POPUP_TITLE] = CELL_BOLD,
    [ROLE_INPUT] = CELL_BOLD,
    [ROLE_ERROR] = CELL_BOLD,
    [ROLE_MATCH] = CELL_UNDERLINE,
};

void theme_mono(struct theme *ret)
{
    memset(ret, 0, sizeof *ret);
    (void)str_copy(ret->name, sizeof ret->name, str_of("mono"));
    for (int r = 0; r < ROLE_COUNT; r++) {
        ret->role[r] = style_none;
        ret->role[r].attr = mono_attr[r];
    }
}

static const char *const ansi_name[8] = {"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};

static bool hex_color(struct str s, theme_color *ret)
{
    if (s.n != 7 || s.p[0] != '#') {
        return false;
    }
    int32_t rgb = 0;
    for (size_t i = 1; i < 7; i++) {
        char c = s.p[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) {
            return false;
        }
        rgb = rgb * 16 + digit;
    }
    *ret = THEME_RGB | rgb;
    return true;
}

static bool one_color(struct str s, theme_color *ret)
{
    if (str_eq_z(s, "default")) {
        *ret = THEME_DEFAULT;
        return true;
    }
    if (str_eq_z(s, "grey") || str_eq_z(s, "gray")) {
        *ret = 8;
        return true;
    }
    bool bright = str_has_prefix(s, "bright-");
    struct str base = bright ? (struct str){s.p + 7, s.n - 7} : s;
    for (int i = 0; i < 8; i++) {
        if (str_eq_z(base, ansi_name[i])) {
            *ret = i + (bright ? 8 : 0);
            return true;
        }
    }
    int64_t index;
    if (str_to_i64(s, &index) && index >= 0 && index <= 255) {
        *ret = (theme_color)index;
        return true;
    }
    return hex_color(s, ret);
}

struct color_pair {
    theme_color many, few;
    bool has_few;
};

/* "203/bright-red" */
static bool color_word(struct str s, struct color_pair *ret)
{
    const char *slash = memchr(s.p, '/', s.n);
    struct color_pair c = {THEME_DEFAULT, THEME_DEFAULT, slash != NULL};
    struct str first = slash ? (struct str){s.p, (size_t)(slash - s.p)} : s;
    if (!one_color(first, &c.many)) {
        return false;
    }
    if (slash && !one_color((struct str){slash + 1, s.n - first.n - 1}, &c.few)) {
        return false;
    }
    *ret = c;
    return true;
}

static bool attr_word(struct str s, uint8_t *attr)
{
    static const struct {
        const char *name;
        uint8_t bit;
    } words[] = {
        {"bold", CELL_BOLD}, {"dim", CELL_DIM}, {"italic", CELL_ITALIC}, {"underline", CELL_UNDERLINE}, {"reverse", CELL_REVERSE},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_eq_z(s, words[i].name)) {
            *attr |= words[i].bit;
            return true;
        }
    }
    return false;
}

static struct str next_word(struct str *s)
{
    while (s->n > 0 && (*s->p == ' ' || *s->p == '\t')) {
        s->p++;
        s->n--;
    }
    struct str word = {s->p, 0};
    while (s->n > 0 && *s->p != ' ' && *s->p != '\t') {
        s->p++;
        s->n--;
        word.n++;
    }
    return word;
}

enum err theme_style_parse(struct str s, struct style *ret, struct errctx *ctx)
{
    struct style st = style_none;
    bool have_fg = false, have_bg = false, after_on = false;
    for (struct str word = next_word(&s); word.n > 0; word = next_word(&s)) {
        struct color_pair c;
        if (after_on && !have_bg && color_word(word, &c)) {
            st.bg = c.many;
            st.bg_few = c.few;
            st.bg_has_few = c.has_few;
            have_bg = true;
        } else if (after_on && !have_bg) {
            return errctx_set(ctx, ERR_PARSE, "expected a colour after 'on', got '%.*s'", (int)word.n, word.p);
        } else if (str_eq_z(word, "on") && !after_on) {
            after_on = true;
        } else if (attr_word(word, &st.attr)) {
            continue;
        } else if (!have_fg && !after_on && color_word(word, &c)) {
            st.fg = c.many;
            st.fg_few = c.few;
            st.fg_has_few = c.has_few;
            have_fg = true;
        } else {
            return errctx_set(
                ctx, ERR_PARSE,
                "expected a colour (default, red, bright-red, 0..255, #rrggbb), 'on', or bold, dim, italic, underline, reverse; got '%.*s'",
                (int)word.n, word.p);
        }
    }
    if (after_on && !have_bg) {
        return errctx_set(ctx, ERR_PARSE, "expected a colour after 'on', got nothing");
    }
    *ret = st;
    return ERR_OK;
}

/* xterm's first sixteen, as most terminals ship them. */
static const int32_t ansi_rgb[16] = {
    0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
    0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
};

static int32_t palette_rgb(int32_t index)
{
    static const int32_t level[6] = {0, 95, 135, 175, 215, 255};
    if (index < 16) {
        return ansi_rgb[index];
    }
    if (index < 232) {
        index -= 16;
        return level[index / 36] << 16 | level[index / 6 % 6] << 8 | level[index % 6];
    }
    int32_t grey = 8 + 10 * (index - 232);
    return grey << 16 | grey << 8 | grey;
}

static int32_t distance(int32_t a, int32_t b)
{
    int32_t r = (a >> 16 & 255) - (b >> 16 & 255);
    int32_t g = (a >> 8 & 255) - (b >> 8 & 255);
    int32_t l = (a & 255) - (b & 255);
    return 3 * r * r + 6 * g * g + l * l; /* weights: how much the eye makes of each primary */
}

theme_color theme_color_reduce(theme_color color, int32_t colors)
{
    if (color == THEME_DEFAULT || colors > 256) {
        return color;
    }
    if (colors < 8) {
        return THEME_DEFAULT;
    }
    bool direct = color >= THEME_RGB;
    if (!direct && color < colors) {
        return color;
    }
    if (!direct && color < 16 && colors == 8) {
        return color - 8; /* bright-red is red where there is no brighter one */
    }
    int32_t rgb = direct ? color & 0xffffff : palette_rgb(color);
    int32_t limit = colors < 256 ? colors : 256;
    int32_t best = limit == 256 ? 16 : 0; /* of 256, skip the sixteen that users redefine */
    for (int32_t i = best + 1; i < limit; i++) {
        if (distance(palette_rgb(i), rgb) < distance(palette_rgb(best), rgb)) {
            best = i;
        }
    }
    return best;
}

static theme_color pick(theme_color many, theme_color few, bool has_few, int32_t colors)
{
    bool enough = many == THEME_DEFAULT || many < colors || (many >= THEME_RGB && colors > 256);
    return theme_color_reduce(!enough && has_few ? few : many, colors);
}

/* Filled from the left or from below. */
static bool is_bar(uint32_t rune)
{
    return rune >= 0x2581 && rune <= 0x258f;
}

struct style theme_cell_style(const struct theme *t, const struct cell *c, int32_t colors)
{
    assert(c->role < ROLE_COUNT && c->ground < ROLE_COUNT);
    const struct style *own = &t->role[c->role];
    const struct style *under = &t->role[c->ground];
    struct style out = style_none;
    out.fg = pick(own->fg, own->fg_few, own->fg_has_few, colors);
    out.bg = pick(own->bg, own->bg_few, own->bg_has_few, colors);
    out.attr = own->attr | (c->attr & (uint8_t)~CELL_SOLID);
    if (c->ground == ROLE_TEXT) {
        return out;
    }
    if (c->attr & CELL_SOLID) {
        out.bg = pick(under->fg, under->fg_few, under->fg_has_few, colors);
        return out;
    }
    if (under->attr & CELL_REVERSE) {
        /* reversing each role by itself would make a patchwork of grounds: one ground for all, weight is what stays */
        out.fg = pick(under->fg, under->fg_few, under->fg_has_few, colors);
        out.bg = pick(under->bg, under->bg_few, under->bg_has_few, colors);
        uint8_t badge = own->attr & CELL_REVERSE;
        if (is_bar(c->rune) && !badge) { /* in the ground's own foreground it would be a hole in it; reversed, its hue is the background */
            out.bg = pick(own->fg, own->fg_few, own->fg_has_few, colors);
        }
        out.attr = (uint8_t)((out.attr & (CELL_BOLD | CELL_UNDERLINE | CELL_ITALIC)) | (badge ? 0 : CELL_REVERSE));
        return out;
    }
    if (own->bg == THEME_DEFAULT && !(own->attr & CELL_REVERSE)) {
        out.bg = pick(under->bg, under->bg_few, under->bg_has_few, colors);
    }
    return out;
}
