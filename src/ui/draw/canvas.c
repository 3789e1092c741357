/* SPDX-License-Identifier: MIT */
#include "ui/draw/canvas.h"

#include <stdlib.h>
#include <string.h>

#include "base/safe_text.h"

void canvas_init(struct canvas *cv)
{
    memset(cv, 0, sizeof *cv);
}

void canvas_fini(struct canvas *cv)
{
    free(cv->cell);
    canvas_init(cv);
}

static int clamp_side(int n)
{
    return n < 0 ? 0 : n > CANVAS_SIDE_MAX ? CANVAS_SIDE_MAX : n;
}

enum err canvas_resize(struct canvas *cv, int cols, int rows)
{
    cols = clamp_side(cols);
    rows = clamp_side(rows);
    size_t need = (size_t)cols * (size_t)rows;
    if (need > cv->cap) {
        struct cell *grown = realloc(cv->cell, need * sizeof *grown);
        if (!grown) {
            return ERR_NOMEM;
        }
        cv->cell = grown;
        cv->cap = need;
    }
    cv->cols = cols;
    cv->rows = rows;
    canvas_clear(cv);
    return ERR_OK;
}

void canvas_clear(struct canvas *cv)
{
    size_t n = (size_t)cv->cols * (size_t)cv->rows;
    for (size_t i = 0; i < n; i++) {
        cv->cell[i] = (struct cell){.rune = ' ', .role = ROLE_TEXT, .ground = ROLE_TEXT, .width = 1};
    }
}

const struct cell *canvas_cell(const struct canvas *cv, int x, int y)
{
    if (x < 0 || y < 0 || x >= cv->cols || y >= cv->rows) {
        return NULL;
    }
    return &cv->cell[(size_t)y * (size_t)cv->cols + (size_t)x];
}

struct rect canvas_rect(const struct canvas *cv)
{
    return (struct rect){0, 0, cv->cols, cv->rows};
}

bool rect_is_empty(struct rect r)
{
    return r.w <= 0 || r.h <= 0;
}

struct rect rect_intersect(struct rect a, struct rect b)
{
    int x0 = a.x > b.x ? a.x : b.x;
    int y0 = a.y > b.y ? a.y : b.y;
    int x1 = a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w;
    int y1 = a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h;
    struct rect r = {x0, y0, x1 - x0, y1 - y0};
    if (rect_is_empty(r)) {
        r.w = r.h = 0;
    }
    return r;
}

/* Bytes of one cell on one plane. */
static size_t export_cell(const struct cell *c, enum canvas_plane plane, char out[(1 + CELL_MARKS) * 4])
{
    bool blank = c->rune == ' ' && !(c->attr & CELL_SOLID);
    size_t n = 0;
    switch (plane) {
    case CANVAS_GLYPHS:
        if (c->width == 0) {
            return 0;
        }
        n = utf8_encode(c->rune, out);
        for (int i = 0; i < CELL_MARKS && c->mark[i]; i++) {
            n += utf8_encode(c->mark[i], out + n);
        }
        return n;
    case CANVAS_ROLES:
        out[0] = blank && c->width && c->ground == ROLE_TEXT && (c->role < ROLE_HEAT0) ? ' ' : role_info((enum role)c->role)->letter;
        return 1;
    case CANVAS_GROUNDS: out[0] = c->ground == ROLE_TEXT ? ' ' : role_info((enum role)c->ground)->letter; return 1;
    }
    return 0;
}

enum err canvas_export(const struct canvas *cv, enum canvas_plane plane, struct buf *out)
{
    for (int y = 0; y < cv->rows; y++) {
        size_t line = out->len;
        size_t kept = line; /* end of the last byte that is not a trailing blank */
        for (int x = 0; x < cv->cols; x++) {
            char bytes[(1 + CELL_MARKS) * 4];
            size_t n = export_cell(canvas_cell(cv, x, y), plane, bytes);
            enum err e = buf_append(out, bytes, n);
            if (e) {
                return e;
            }
            if (n > 1 || (n == 1 && bytes[0] != ' ')) {
                kept = out->len;
            }
        }
        out->len = kept;
        enum err e = buf_append_char(out, '\n');
        if (e) {
            return e;
        }
    }
    return ERR_OK;
}
