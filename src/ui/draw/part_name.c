/* SPDX-License-Identifier: MIT */
/* Names that do not fit. Models and keys that belong together begin alike and often end alike: the end is kept with the beginning ("fail
 * %~x-mini" is not gpt-x), and where two names of a column would still be cut to the same text, the cut moves until it shows where they
 * differ. */
#include "ui/draw/part.h"

#include <string.h>

#include "base/safe_text.h"
#include "base/str.h"

enum { HEAD_LEAST = 4 }; /* fewer letters before a last word that is whole say nothing */

/* Bytes of s up to which it takes at most so many columns, marks that belong to the last rune included. */
static size_t bytes_of(struct str s, int columns)
{
    size_t at = 0;
    for (int x = 0; at < s.n;) {
        uint32_t rune;
        size_t n = utf8_decode((struct str){s.p + at, s.n - at}, &rune);
        int w = utf8_width(rune);
        x += w < 0 ? 1 : w;
        if (x > columns) {
            break;
        }
        at += n;
    }
    return at;
}

/* The first `head` columns, '~', and as much of the end as width holds. */
static void cut_at(const char *name, int width, int head, char out[PART_NAME_MAX])
{
    struct str s = str_of(name);
    int all = (int)utf8_columns(s);
    if (all <= width) {
        (void)str_copy(out, PART_NAME_MAX, s);
        return;
    }
    int tail = width - 1 - head;
    size_t from = bytes_of(s, all - tail);
    if ((int)utf8_columns(str_of(name + from)) > tail) { /* a wide rune that begins before it */
        from = bytes_of(s, all - tail + 1);
    }
    (void)str_format(out, PART_NAME_MAX, "%.*s~%s", (int)bytes_of(s, head), name, name + from);
}

static int usual_head(const char *name, int width)
{
    const char *space = strrchr(name, ' ');
    int word = space ? (int)utf8_columns(str_of(space + 1)) : width;
    return width - 1 - word >= HEAD_LEAST ? width - 1 - word : (width - 1) / 2;
}

/* Whether another name of the column is cut to the same text. */
static bool is_taken(const char *name, int width, int head, const struct part_names *among)
{
    char own[PART_NAME_MAX], text[PART_NAME_MAX], other[PART_NAME_MAX];
    cut_at(name, width, head, own);
    for (size_t i = 0; i < among->count; i++) {
        const char *at = among->at(among, i, other, sizeof other);
        cut_at(at, width, head, text);
        if (strcmp(text, own) == 0 && strcmp(at, name) != 0) {
            return true;
        }
    }
    return false;
}

static size_t row_of(const char *name, const struct part_names *among)
{
    char other[PART_NAME_MAX];
    size_t i = 0;
    while (i < among->count && strcmp(among->at(among, i, other, sizeof other), name) != 0) {
        i++;
    }
    return i;
}

const char *part_name_cut(const char *name, int width, const struct part_names *among, char out[PART_NAME_MAX])
{
    int usual = usual_head(name, width), away = 0, head = usual;
    bool chooses = among && width > 1 && (int)utf8_columns(str_of(name)) > width;
    while (chooses && away <= 2 * width && (head < 0 || head >= width || is_taken(name, width, head, among))) {
        away++; /* one column to the left, one to the right, two to the left */
        head = usual + (away % 2 != 0 ? -(away + 1) / 2 : away / 2);
    }
    if (away > 2 * width) { /* they differ where no cut shows it: by their rows */
        char number[24];
        (void)str_format(number, sizeof number, "#%zu", 1 + row_of(name, among));
        int room = width - (int)strlen(number);
        (void)str_format(out, PART_NAME_MAX, "%.*s%s", (int)bytes_of(str_of(name), room > 0 ? room : 0), name, number);
        return out;
    }
    cut_at(name, width, head, out);
    return out;
}

void part_put_name(struct area row, int x, int width, enum role role, uint8_t attr, const char *name, const struct part_names *among)
{
    char text[PART_NAME_MAX];
    (void)area_put_cut(row, x, 0, width, role, attr, part_name_cut(name, width, among, text));
}
