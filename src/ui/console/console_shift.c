/* SPDX-License-Identifier: MIT */
/* `:shift`: what `gwtop handoff` prints, as a list over the pane. Enter moves the cursor of all panes to what a row is about, and opens an
 * incident; the key of acknowledging takes an incident over. The rows are read once: the list stands still while it is open. */
#include "ui/console/state.h"

#include <string.h>

#include "base/safe_text.h"
#include "base/timefmt.h"
#include "ui/draw/mask.h"
#include "ui/draw/part.h"

enum { LINES_MAX = 12, HEAD_COLUMNS_MAX = 30, BOX_COLUMNS = 10, TEXT_MAX = 2048, LEAST_COLUMNS = 20 };
static const int64_t shift_ms = 12 * 3600000, baking_ms = 24 * 3600000, shift_most_ms = 31 * (int64_t)86400000;

/* Bytes of text that fit into columns, up to a blank where there is one. */
static size_t line_bytes(const char *text, size_t columns)
{
    size_t n = 0, used = 0, blank = 0;
    while (text[n] != '\0') {
        uint32_t rune;
        const size_t length = utf8_decode(str_of(text + n), &rune);
        const int width = utf8_width(rune);
        used += width > 0 ? (size_t)width : 0;
        if (used > columns)
            return blank > 0 ? blank : n;
        if (text[n] == ' ')
            blank = n;
        n += length;
    }
    return n;
}

struct rows {
    struct arena *a;
    struct popup_row *row;
    int64_t *at_ms, *incident; /* what Enter does with a row; 0 and 0: it is passed over */
    size_t count;
    size_t columns; /* for a text */
};

static bool add(struct rows *r, struct popup_row row, int64_t at_ms, int64_t incident)
{
    if (row.left == NULL || (!row.heading && row.right == NULL))
        return false;
    r->row[r->count] = row;
    r->at_ms[r->count] = at_ms;
    r->incident[r->count++] = incident;
    return true;
}

/* Its text in as many lines as it takes. */
static bool add_wrapped(struct rows *r, const struct console *c, const struct vhandoff_row *v)
{
    char text[TEXT_MAX], head[TEXT_MAX], cut[PART_NAME_MAX];
    const char *at = mask_text(c->mask, v->text, text, sizeof text), *name = mask_text(c->mask, v->head, head, sizeof head);
    const char *left = arena_strdup(r->a, str_of(part_name_cut(name, HEAD_COLUMNS_MAX, NULL, cut)));
    bool ok = true;
    for (int line = 0; ok && line < LINES_MAX && *at != '\0'; line++) {
        const size_t n = line_bytes(at, r->columns);
        ok = add(r, (struct popup_row){.left = line == 0 ? left : "", .right = arena_strdup(r->a, (struct str){at, n})},
                 line == 0 ? v->at_ms : 0, line == 0 ? v->incident : 0);
        at += n;
        at += strspn(at, " ");
    }
    return ok;
}

static enum err make_rows(struct console *c, const struct view_handoff *v, struct errctx *ctx)
{
    struct arena *a = &c->shift_arena;
    const size_t most = v->row_count * LINES_MAX + 3 * VHANDOFF_PARTS + 1;
    const int columns = c->cv.cols - BOX_COLUMNS - HEAD_COLUMNS_MAX;
    struct rows r = {.a = a,
                     .row = arena_array(a, most, sizeof *r.row),
                     .at_ms = arena_array(a, most, sizeof *r.at_ms),
                     .incident = arena_array(a, most, sizeof *r.incident),
                     .columns = columns > LEAST_COLUMNS ? (size_t)columns : LEAST_COLUMNS};
    bool ok = r.row != NULL && r.at_ms != NULL && r.incident != NULL;
    size_t at = 0;

    for (int part = 0; ok && part < VHANDOFF_PARTS; part++) {
        ok = add(&r, (struct popup_row){.left = arena_strdup(a, str_of(v->parts[part].title)), .heading = true}, 0, 0);
        if (ok && (at == v->row_count || (int)v->rows[at].part != part))
            ok = add(&r, (struct popup_row){.left = "", .right = arena_strdup(a, str_of(v->parts[part].none))}, 0, 0);
        for (; ok && at < v->row_count && (int)v->rows[at].part == part; at++)
            ok = add_wrapped(&r, c, &v->rows[at]);
        if (ok && v->parts[part].more > 0)
            ok = add(&r, (struct popup_row){.left = "", .right = arena_printf(a, "and %u more", (unsigned)v->parts[part].more)}, 0, 0);
    }
    if (!ok)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing the handover");
    c->shift_rows = r.row;
    c->shift_at_ms = r.at_ms;
    c->shift_incident = r.incident;
    c->shift_count = r.count;
    return ERR_OK;
}

/* To the next row in that direction on which Enter does something; stays where there is none. */
static void move(struct console *c, int from, int step)
{
    for (int i = from; i >= 0 && i < (int)c->shift_count; i += step)
        if (c->shift_at_ms[i] != 0 || c->shift_incident[i] != 0) {
            c->popup_selected = i;
            return;
        }
}

static enum err read_shift(struct console *c, struct errctx *ctx)
{
    struct view_loader l;
    struct view_handoff v;
    struct view_params p = console_params(c);
    char length[TIMEFMT_MAX];

    p.window_ms = c->shift_ms;
    p.group = DIM_TEAM;
    enum err e = console_read_begin(c, &c->shift_arena, &l, ctx);
    if (e != ERR_OK)
        return e;
    e = view_load_handoff(&l, &p, baking_ms, &v, ctx);
    console_read_end(c);
    if (e == ERR_OK)
        e = make_rows(c, &v, ctx);
    if (e != ERR_OK)
        return e;
    duration_format(c->shift_ms, length);
    (void)str_format(c->popup_title, sizeof c->popup_title, "shift of %s: %s", length, v.sentence);
    return ERR_OK;
}

static unsigned open_list(struct console *c)
{
    struct errctx ctx = {.text = ""};
    char key[32];

    if (read_shift(c, &ctx) != ERR_OK) {
        c->popup = POPUP_NONE;
        console_say(c, FRAME_MESSAGE_ERROR, "%s", ctx.text);
        return TURN_DRAW;
    }
    keymap_keys_of(&c->keymap, ACTION_ACK, key, sizeof key);
    (void)str_format(c->popup_hint, sizeof c->popup_hint, "Enter goes there, %.*s takes an incident, Esc closes", (int)strcspn(key, " "),
                     key);
    c->popup = POPUP_SHIFT;
    return TURN_DRAW;
}

unsigned console_shift(struct console *c, const char *length)
{
    c->shift_ms = shift_ms;
    if (length[0] != '\0' &&
        (duration_parse(str_of(length), &c->shift_ms, NULL) != ERR_OK || c->shift_ms <= 0 || c->shift_ms > shift_most_ms)) {
        console_say(c, FRAME_MESSAGE_ERROR, "shift: expected a duration like 12h, at most 31d, got '%s'", length);
        return TURN_DRAW;
    }
    if (console_nothing_read(c))
        return TURN_DRAW;
    console_settle(c);
    c->popup_selected = c->popup_scroll = 0;
    const unsigned turn = open_list(c);
    if (c->popup == POPUP_SHIFT)
        move(c, 0, 1);
    return turn;
}

static unsigned go(struct console *c)
{
    const int64_t at_ms = c->shift_at_ms[c->popup_selected], id = c->shift_incident[c->popup_selected];

    if (at_ms == 0 && id == 0)
        return TURN_NOTHING;
    c->popup = POPUP_NONE;
    if (at_ms != 0)
        console_go(c, at_ms);
    if (id == 0)
        return TURN_LOAD;
    console_open_incident(c, id);
    return TURN_LOAD | console_show_pane(c, PANE_INCIDENTS);
}

static unsigned take(struct console *c)
{
    const int64_t id = c->shift_incident[c->popup_selected];
    unsigned turn;

    if (id == 0)
        return TURN_NOTHING;
    turn = console_take(c, id);
    return turn | open_list(c);
}

unsigned console_shift_key(struct console *c, uint32_t key)
{
    enum action a;

    if (!keymap_find(&c->keymap, key, &a))
        return TURN_NOTHING;
    switch (a) {
    case ACTION_ENTER: return go(c);
    case ACTION_ACK: return take(c);
    case ACTION_LEAVE:
    case ACTION_QUIT: c->popup = POPUP_NONE; break;
    case ACTION_DOWN: move(c, c->popup_selected + 1, 1); break;
    case ACTION_UP: move(c, c->popup_selected - 1, -1); break;
    case ACTION_TOP: move(c, 0, 1); break;
    case ACTION_BOTTOM: move(c, (int)c->shift_count - 1, -1); break;
    default: return TURN_NOTHING;
    }
    return TURN_DRAW;
}
