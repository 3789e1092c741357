/* SPDX-License-Identifier: MIT */
#include "ui/draw/area.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/safe_text.h"

struct area area_of(struct canvas *cv, struct rect r)
{
    if (rect_is_empty(r)) {
        r.w = r.h = 0;
    }
    return (struct area){.cv = cv, .r = r, .clip = rect_intersect(r, canvas_rect(cv)), .ground = ROLE_TEXT};
}

struct area area_sub(struct area a, int x, int y, int w, int h)
{
    struct rect r = {a.r.x + x, a.r.y + y, w < 0 ? 0 : w, h < 0 ? 0 : h};
    struct area s = a;
    s.r = r;
    s.clip = rect_intersect(r, a.clip);
    return s;
}

struct area area_row(struct area a, int y)
{
    return area_sub(a, 0, y, a.r.w, 1);
}

struct area area_on(struct area a, enum role ground)
{
    a.ground = (uint8_t)ground;
    return a;
}

/* The cell at a's x, y, or NULL where it may not be written. */
static struct cell *cell_at(struct area a, int x, int y)
{
    int cx = a.r.x + x;
    int cy = a.r.y + y;
    if (cx < a.clip.x || cy < a.clip.y || cx >= a.clip.x + a.clip.w || cy >= a.clip.y + a.clip.h) {
        return NULL;
    }
    return &a.cv->cell[(size_t)cy * (size_t)a.cv->cols + (size_t)cx];
}

static void blank_cell(struct cell *c)
{
    c->rune = ' ';
    c->width = 1;
    memset(c->mark, 0, sizeof c->mark);
}

/* Half of a wide rune that is overwritten leaves a blank where its other half was. */
static void release_cell(struct area a, int x, int y)
{
    int cx = a.r.x + x;
    int cy = a.r.y + y;
    struct cell *row = &a.cv->cell[(size_t)cy * (size_t)a.cv->cols];
    if (row[cx].width == 2 && cx + 1 < a.cv->cols) {
        blank_cell(&row[cx + 1]);
    } else if (row[cx].width == 0 && cx > 0) {
        blank_cell(&row[cx - 1]);
    }
}

static void set_cell(struct area a, struct cell *c, uint32_t rune, enum role role, uint8_t attr, uint8_t width)
{
    c->rune = rune;
    memset(c->mark, 0, sizeof c->mark);
    c->role = (uint8_t)role;
    c->ground = a.ground;
    c->attr = attr;
    c->width = width;
}

/* Writes one rune of the given width; returns whether it was written whole. */
static bool put_rune(struct area a, int x, int y, uint32_t rune, int width, enum role role, uint8_t attr)
{
    struct cell *first = cell_at(a, x, y);
    struct cell *second = width == 2 ? cell_at(a, x + 1, y) : NULL;
    if (!first || (width == 2 && !second)) {
        /* a wide rune of which one half is outside leaves a blank in the other half */
        struct cell *half = first ? first : second;
        if (half) {
            release_cell(a, first ? x : x + 1, y);
            set_cell(a, half, ' ', role, attr, 1);
        }
        return false;
    }
    release_cell(a, x, y);
    if (second) {
        release_cell(a, x + 1, y);
        set_cell(a, second, ' ', role, attr, 0);
    }
    set_cell(a, first, rune, role, attr, (uint8_t)width);
    return true;
}

static void add_mark(struct area a, int x, int y, uint32_t mark)
{
    struct cell *c = cell_at(a, x, y);
    if (c && c->width == 0) {
        c = cell_at(a, x - 1, y);
    }
    for (int i = 0; c && i < CELL_MARKS; i++) {
        if (!c->mark[i]) {
            c->mark[i] = mark;
            return;
        }
    }
}

/* The one loop over text: writes at most width columns, returns the columns that the text took. */
static int put_text(struct area a, int x, int y, int width, enum role role, uint8_t attr, struct str s)
{
    int col = 0;
    while (s.n > 0) {
        uint32_t rune;
        size_t n = utf8_decode(s, &rune);
        s.p += n;
        s.n -= n;
        int w = utf8_width(rune);
        if (w < 0) {
            rune = '?';
            w = 1;
        }
        if (w == 0) {
            if (col > 0) {
                add_mark(a, x + col - 1, y, rune);
            }
            continue;
        }
        if (col + w > width) {
            break;
        }
        (void)put_rune(a, x + col, y, rune, w, role, attr);
        col += w;
    }
    return col;
}

static int room(struct area a, int x)
{
    return a.r.w > x ? a.r.w - x : 0;
}

int area_put_attr(struct area a, int x, int y, enum role role, uint8_t attr, const char *text)
{
    return text ? put_text(a, x, y, room(a, x), role, attr, str_of(text)) : 0;
}

int area_put(struct area a, int x, int y, enum role role, const char *text)
{
    return area_put_attr(a, x, y, role, 0, text);
}

int area_putf(struct area a, int x, int y, enum role role, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return area_put(a, x, y, role, text);
}

int area_put_cut(struct area a, int x, int y, int width, enum role role, uint8_t attr, const char *text)
{
    if (!text || width <= 0) {
        return 0;
    }
    if (width > room(a, x)) {
        width = room(a, x);
    }
    struct str s = str_of(text);
    if (utf8_columns(s) <= (size_t)width) {
        return put_text(a, x, y, width, role, attr, s);
    }
    if (width <= 0) {
        return 0;
    }
    int used = put_text(a, x, y, width - 1, role, attr, s);
    (void)put_rune(a, x + used, y, '~', 1, role, attr);
    return used + 1;
}

int area_put_right(struct area a, int x, int y, int width, enum role role, uint8_t attr, const char *text)
{
    if (!text || width <= 0) {
        return 0;
    }
    size_t columns = utf8_columns(str_of(text));
    int pad = columns < (size_t)width ? width - (int)columns : 0;
    (void)area_put_cut(a, x + pad, y, width - pad, role, attr, text);
    return width;
}

void area_rune(struct area a, int x, int y, enum role role, uint8_t attr, uint32_t rune)
{
    (void)put_rune(a, x, y, rune, 1, role, attr);
}

void area_rune_over(struct area a, int x, int y, enum role role, enum role under, uint32_t rune)
{
    (void)put_rune(area_on(a, under), x, y, rune, 1, role, CELL_SOLID);
}

void area_fill(struct area a, enum role role, uint32_t rune)
{
    for (int y = 0; y < a.r.h; y++) {
        for (int x = 0; x < a.r.w; x++) {
            (void)put_rune(a, x, y, rune, 1, role, 0);
        }
    }
}

void area_ground(struct area a, enum role ground)
{
    for (int y = 0; y < a.r.h; y++) {
        for (int x = 0; x < a.r.w; x++) {
            struct cell *c = cell_at(a, x, y);
            if (c) {
                c->ground = (uint8_t)ground;
                c->attr &= (uint8_t)~CELL_SOLID;
            }
        }
    }
}

void area_role(struct area a, enum role role)
{
    for (int y = 0; y < a.r.h; y++) {
        for (int x = 0; x < a.r.w; x++) {
            struct cell *c = cell_at(a, x, y);
            if (c) {
                c->role = (uint8_t)role;
                c->attr &= (uint8_t)~CELL_SOLID;
            }
        }
    }
}

void area_replace(struct area a, enum role from, enum role to)
{
    for (int y = 0; y < a.r.h; y++) {
        for (int x = 0; x < a.r.w; x++) {
            struct cell *c = cell_at(a, x, y);
            if (c && c->role == from) {
                c->role = (uint8_t)to;
            }
        }
    }
}

static uint32_t fold_case(uint32_t rune)
{
    return rune >= 'A' && rune <= 'Z' ? rune + ('a' - 'A') : rune;
}

/* Cells from x on that spell text; 0 when they do not. */
static int match_length(struct area a, int x, int y, struct str text)
{
    int at = x;
    while (text.n > 0) {
        uint32_t rune;
        size_t n = utf8_decode(text, &rune);
        const struct cell *c = cell_at(a, at, y);
        if (!c || c->width == 0 || fold_case(c->rune) != fold_case(rune)) {
            return 0;
        }
        at += c->width;
        text.p += n;
        text.n -= n;
    }
    return at - x;
}

void area_highlight(struct area a, enum role role, const char *text)
{
    if (!text || !*text) {
        return;
    }
    for (int y = 0; y < a.r.h; y++) {
        for (int x = 0; x < a.r.w; x++) {
            int n = match_length(a, x, y, str_of(text));
            for (int i = 0; i < n; i++) {
                struct cell *c = cell_at(a, x + i, y);
                if (c) {
                    c->role = (uint8_t)role;
                }
            }
            x += n > 0 ? n - 1 : 0;
        }
    }
}

/* Bytes of the longest beginning of s that fits width columns and ends at a blank, or at a rune when there is no blank. */
static size_t wrap_length(struct str s, int width)
{
    int col = 0;
    size_t at = 0, last_blank = 0;
    while (at < s.n) {
        uint32_t rune;
        struct str rest = {s.p + at, s.n - at};
        size_t n = utf8_decode(rest, &rune);
        if (rune == '\n') {
            return at;
        }
        int w = utf8_width(rune);
        w = w < 0 ? 1 : w;
        if (rune == ' ') {
            last_blank = at; /* also the one just past the edge */
        }
        if (col + w > width) {
            return last_blank ? last_blank : at;
        }
        col += w;
        at += n;
    }
    return at;
}

/* Cuts the next row off *s. Never empty-handed: where not even one rune fits, the rest goes, so that loops end. */
static struct str next_row(struct str *s, int width)
{
    size_t n = wrap_length(*s, width);
    if (n == 0 && s->p[0] != '\n') {
        n = s->n;
    }
    struct str row = {s->p, n};
    n += n < s->n && (s->p[n] == ' ' || s->p[n] == '\n') ? 1 : 0;
    s->p += n;
    s->n -= n;
    return row;
}

size_t area_row_bytes(int width, const char *text)
{
    struct str s = str_of(text);
    return s.n > 0 && width > 0 ? next_row(&s, width).n : 0;
}

int area_wrap_rows(int width, const char *text)
{
    int rows = 0;
    struct str s = str_of(text ? text : "");
    while (s.n > 0 && width > 0 && rows < CANVAS_SIDE_MAX) {
        (void)next_row(&s, width);
        rows++;
    }
    return rows;
}

int area_wrap(struct area a, int x, int y, enum role role, const char *text)
{
    int width = room(a, x);
    struct str s = str_of(text ? text : "");
    int used = 0;
    while (s.n > 0 && width > 0 && y + used < a.r.h) {
        int col = put_text(a, x, y + used, width, role, 0, next_row(&s, width));
        used++;
        if (s.n > 0 && y + used >= a.r.h) {
            (void)put_rune(a, x + (col < width ? col : width - 1), y + used - 1, '~', 1, role, 0);
        }
    }
    return used;
}
