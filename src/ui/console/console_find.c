/* SPDX-License-Identifier: MIT */
/* `/`: conditions narrow what is loaded, a bare word is looked for in the rows as they are drawn, masked names and all. */
#include "ui/console/state.h"

#include <string.h>

#include "base/safe_text.h"

enum { ROWS_SEARCHED_MAX = 2000, ROW_BYTES_MAX = 4 * CANVAS_SIDE_MAX };

unsigned console_set_filter(struct console *c, const char *text)
{
    struct errctx ctx = {.text = ""};
    struct store_filter f;
    struct arena *a = &c->arena[1 - c->arena_on];
    if (c->st != NULL && (arena_reset(a), view_filter_parse(text, c->st, a, &f, &ctx)) != ERR_OK) {
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
        return TURN_DRAW;
    }
    (void)str_copy(c->filter, sizeof c->filter, str_of(text));
    c->search[0] = '\0';
    for (int p = 0; p < PANE_COUNT; p++)
        c->ps[p].selected = c->ps[p].scroll = 0;
    return TURN_LOAD;
}

unsigned console_find(struct console *c, const char *text)
{
    if (text[0] == '\0' || strpbrk(text, "=:") != NULL)
        return console_set_filter(c, text);
    (void)str_copy(c->search, sizeof c->search, str_of(text));
    c->pending |= TURN_DRAW;
    return console_find_next(c, 1);
}

static char lower(char ch)
{
    return ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
}

static bool contains(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (; *text != '\0'; text++) {
        size_t i = 0;
        while (i < n && lower(text[i]) == lower(word[i]))
            i++;
        if (i == n)
            return true;
    }
    return false;
}

/* The text of a row of the canvas between two columns. */
static void row_text(const struct canvas *cv, int x, int w, int y, char out[ROW_BYTES_MAX + 1])
{
    size_t n = 0;
    for (int i = x; i < x + w && n + 4 <= ROW_BYTES_MAX; i++) {
        const struct cell *cell = canvas_cell(cv, i, y);
        if (cell != NULL && cell->width > 0)
            n += utf8_encode(cell->rune, out + n);
    }
    out[n] = '\0';
}

static bool selected_matches(struct console *c)
{
    char text[ROW_BYTES_MAX + 1];
    const struct rect *r = &c->out.list;
    int selected = c->ps[c->pane].selected, end = draw_out_line_of(&c->out, selected + 1);
    for (int line = draw_out_line_of(&c->out, selected); line >= 0 && line < end && line < r->h; line++) {
        row_text(&c->cv, r->x, r->w, r->y + line, text);
        if (contains(text, c->search))
            return true;
    }
    return false;
}

/* Rows are drawn one after another until one matches: what is searched is what can be seen. */
unsigned console_find_next(struct console *c, int direction)
{
    struct pane_state *ps = &c->ps[c->pane];

    if (c->search[0] == '\0') {
        console_say(c, FRAME_MESSAGE_INFO, "nothing to look for: / and a word finds rows, / and team=search filters");
        return TURN_DRAW;
    }
    console_settle(c);
    struct pane_state before = *ps;
    int rows = c->out.rows < ROWS_SEARCHED_MAX ? c->out.rows : ROWS_SEARCHED_MAX;
    for (int i = 1; i <= rows; i++) {
        ps->selected = ((before.selected + direction * i) % rows + rows) % rows;
        console_compose(c);
        if (selected_matches(c))
            return TURN_DRAW;
    }
    *ps = before;
    console_compose(c);
    console_say(c, FRAME_MESSAGE_INFO, rows == 0 ? "this pane has no rows to search" : "no row holds '%s'", c->search);
    return TURN_DRAW;
}
