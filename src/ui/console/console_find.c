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

bool console_has_groups(const struct console *c)
{
    return c->pane == PANE_TRAFFIC || c->pane == PANE_LATENCY || c->pane == PANE_COST;
}

/* The dimension of a filter's word; DIM_COUNT where it is none. */
static enum dim dim_of(struct str word)
{
    enum dim d;
    size_t n = 0;
    while (n < word.n && word.p[n] != '=' && word.p[n] != ':')
        n++;
    return dim_by_name((struct str){word.p, n}, &d) ? d : DIM_COUNT;
}

/* What one asks about next: the first that the filter does not say yet. */
static enum dim dim_below(const char *filter, enum dim otherwise)
{
    static const enum dim road[] = {DIM_MODEL, DIM_PROVIDER, DIM_DEPLOYMENT, DIM_TEAM, DIM_KEY};
    for (size_t i = 0; i < sizeof road / sizeof *road; i++) {
        const char *p = filter;
        bool said = false;
        for (struct str word = view_filter_word(&p); word.n > 0; word = view_filter_word(&p))
            said = said || dim_of(word) == road[i];
        if (!said)
            return road[i];
    }
    return otherwise;
}

/* A filter with dim=value in place of whatever it said of dim. False: it cannot be said. */
static bool narrowed(const char *filter, enum dim dim, const char *value, char out[FILTER_MAX])
{
    size_t used = 0;
    bool fits = true;
    out[0] = '\0';
    for (struct str word = view_filter_word(&filter); word.n > 0; word = view_filter_word(&filter)) {
        if (dim_of(word) == dim)
            continue;
        fits = fits && str_format(out + used, FILTER_MAX - used, "%.*s ", (int)word.n, word.p);
        used = strlen(out);
    }
    return fits && view_filter_condition(dim, str_of(value), out + used, FILTER_MAX - used);
}

static unsigned narrow_to(struct console *c, bool fits, const char *text)
{
    if (!fits) {
        console_say(c, FRAME_MESSAGE_INFO, "a filter cannot hold more than %d bytes", FILTER_MAX - 1);
        return TURN_DRAW;
    }
    if (console_has_groups(c))
        c->ps[c->pane].group = dim_below(text, c->ps[c->pane].group);
    return console_set_filter(c, text);
}

unsigned console_narrow(struct console *c, enum dim dim, const char *value)
{
    char text[FILTER_MAX];
    return narrow_to(c, narrowed(c->filter, dim, value, text), text);
}

unsigned console_narrow_within(struct console *c, enum dim outer_dim, const char *outer, enum dim dim, const char *value)
{
    char wide[FILTER_MAX], text[FILTER_MAX];
    bool fits = narrowed(c->filter, outer_dim, outer, wide) && narrowed(wide, dim, value, text);
    return narrow_to(c, fits, text);
}

unsigned console_widen(struct console *c)
{
    char text[FILTER_MAX];
    struct str last = {c->filter, 0};
    const char *p = c->filter;
    for (struct str word = view_filter_word(&p); word.n > 0; word = view_filter_word(&p))
        last = word;
    enum dim dim = dim_of(last);
    size_t kept = (size_t)(last.p - c->filter);
    while (kept > 0 && c->filter[kept - 1] == ' ')
        kept--;
    (void)str_copy(text, sizeof text, (struct str){c->filter, kept});
    if (console_has_groups(c) && dim != DIM_COUNT)
        c->ps[c->pane].group = dim;
    return console_set_filter(c, text);
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
